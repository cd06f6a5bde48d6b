"""A plan as a pydicom data set that is about to be changed, with what the planting of errors needs to find its way."""

from __future__ import annotations

import copy
import hashlib
import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import pydicom
from pydicom.config import IGNORE, settings
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.uid import UID

Result = TypeVar("Result")

TREATS = {"TREATMENT", "CONTINUATION", ""}


class Unfit(Exception):
    """The plan gives no occasion for this change."""


def text_of(value: float) -> str:
    """A number as DS, at most 16 characters."""
    return f"{value:.8g}"


def uid_of(*parts: object) -> str:
    """A UID that depends on nothing but the parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()
    return f"2.25.{int(digest[:30], 16)}"


@contextmanager
def tolerant() -> Iterator[None]:
    """Values that are wrong on purpose are read and written as they are; pydicom's own settings come back after."""
    before = settings.reading_validation_mode, settings.writing_validation_mode
    settings.reading_validation_mode = settings.writing_validation_mode = IGNORE
    try:
        yield
    finally:
        settings.reading_validation_mode, settings.writing_validation_mode = before


class Draft:
    """One copy of a good plan, and a source of choices that depends on the seed, the kind and the plan only."""

    def __init__(self, data: bytes, rng: random.Random) -> None:
        self.ds = pydicom.dcmread(io.BytesIO(data), force=True)
        self.rng = rng

    def apply(self, change: Callable[[Draft], Result]) -> Result:
        """What the change says of the draft that it has changed."""
        with tolerant():
            return change(self)

    # -- looking

    @property
    def beams(self) -> list[Dataset]:
        return list(self.ds.get("BeamSequence") or [])

    @property
    def groups(self) -> list[Dataset]:
        return list(self.ds.get("FractionGroupSequence") or [])

    @property
    def setups(self) -> list[Dataset]:
        return list(self.ds.get("PatientSetupSequence") or [])

    @property
    def references(self) -> list[Dataset]:
        return [r for group in self.groups for r in group.get("ReferencedBeamSequence") or []]

    def reference(self, beam: Dataset) -> Dataset:
        """The first reference of a fraction group to the beam."""
        for found in self.references:
            if found.get("ReferencedBeamNumber") == beam.BeamNumber:
                return found
        raise Unfit

    def meterset(self, beam: Dataset) -> float:
        try:
            return float(self.reference(beam).get("BeamMeterset") or 0)
        except Unfit:
            return 0.0

    @property
    def treatment(self) -> list[Dataset]:
        """Beams that treat: typed so (or not typed) and with a meterset."""
        return [b for b in self.beams if (b.get("TreatmentDeliveryType") or "") in TREATS and self.meterset(b) > 0]

    @property
    def setup_beams(self) -> list[Dataset]:
        return [b for b in self.beams if b.get("TreatmentDeliveryType") == "SETUP"]

    def one(self, beams: Sequence[Dataset], *, at_least: int = 1) -> Dataset:
        if len(beams) < at_least:
            raise Unfit
        return self.rng.choice(beams)

    def a_beam(self, *, at_least: int = 1) -> Dataset:
        return self.one(self.treatment, at_least=at_least)

    def photons(self) -> list[Dataset]:
        return [b for b in self.treatment if b.get("RadiationType") == "PHOTON"]

    def arcs(self) -> list[Dataset]:
        return [b for b in self.treatment if moves(b, "GantryAngle") and leaves_written(b) > 2]

    def static(self) -> list[Dataset]:
        return [b for b in self.treatment if b.get("BeamType") == "STATIC" and not moves(b, "GantryAngle")]

    @property
    def prescribed(self) -> float | None:
        """The target dose, where one is given and the beam doses of all groups add up to it as they should."""
        targets = [
            float(r.TargetPrescriptionDose)
            for r in self.ds.get("DoseReferenceSequence") or []
            if r.get("TargetPrescriptionDose") and r.get("DoseReferenceType") == "TARGET"
        ]
        total = 0.0
        for group in self.groups:
            doses = [float(r.get("BeamDose") or 0) for r in group.get("ReferencedBeamSequence") or []]
            total += sum(doses) * int(group.get("NumberOfFractionsPlanned") or 0)
        return targets[0] if len(targets) == 1 and abs(total - targets[0]) < 0.02 * targets[0] else None

    def points(self) -> set[tuple[float, ...]]:
        """Isocenters of the beams that treat."""
        return {iso_of(b) for b in self.treatment}

    def one_isocenter(self) -> tuple[float, ...]:
        """The isocenter that all treated photon beams share, in a plan that gets a level."""
        self.leveled()
        found = {iso_of(b) for b in self.photons()}
        if len(found) != 1 or len(self.photons()) != len(self.treatment):
            raise Unfit
        return next(iter(found))

    def collimated(self) -> None:
        """No helical machine, whose isocenters are points of one trajectory."""
        if any(b.get("PrimaryDosimeterUnit") == "MINUTE" for b in self.treatment):
            raise Unfit

    def leveled(self) -> None:
        """The plan is of the kind that gets a level: for treatment, not few fractions of a stereotactic dose."""
        if self.ds.get("PlanIntent") in {"VERIFICATION", "MACHINE_QA", "SERVICE"}:
            raise Unfit
        for group in self.groups:
            fractions = int(group.get("NumberOfFractionsPlanned") or 0)
            doses = [float(r.get("BeamDose") or 0) for r in group.get("ReferencedBeamSequence") or []]
            if fractions <= 5 and (not sum(doses) or sum(doses) >= 5):
                raise Unfit

    # -- changing

    def add_beam(self, beam: Dataset, meterset: float | None, dose: float | None) -> None:
        """The beam at the end of the sequence and of the first fraction group, declared in full."""
        self.ds.BeamSequence = Items([*self.ds.BeamSequence, beam])
        group = self.groups[0]
        item = Dataset()
        item.ReferencedBeamNumber = str(beam.BeamNumber)
        if meterset is not None:
            item.BeamMeterset = text_of(meterset)
        if dose is not None:
            item.BeamDose = text_of(dose)
        group.ReferencedBeamSequence = Items([*group.ReferencedBeamSequence, item])
        group.NumberOfBeams = str(len(group.ReferencedBeamSequence))

    def drop_beam(self, beam: Dataset, *, reference: bool = True, declared: bool = True) -> None:
        self.ds.BeamSequence = Items([b for b in self.beams if b is not beam])
        if reference:
            self.drop_reference(beam, declared=declared)

    def drop_reference(self, beam: Dataset, *, declared: bool = True) -> None:
        for group in self.groups:
            kept = [r for r in group.ReferencedBeamSequence if r.ReferencedBeamNumber != beam.BeamNumber]
            if len(kept) < len(group.ReferencedBeamSequence):
                group.ReferencedBeamSequence = Items(kept)
                if declared:
                    group.NumberOfBeams = str(len(kept))

    def free_number(self) -> int:
        return max(int(b.BeamNumber) for b in self.beams) + 1

    # -- writing

    def renew(self, *key: object) -> None:
        """A new SOP Instance UID and time of creation, as an export gives them."""
        self.apply(lambda draft: draft._renew(*key))

    def _renew(self, *key: object) -> None:
        uid = UID(uid_of(*key))
        self.ds.SOPInstanceUID = uid
        meta = getattr(self.ds, "file_meta", None)
        if meta is not None and "MediaStorageSOPInstanceUID" in meta:
            meta.MediaStorageSOPInstanceUID = uid
        if "InstanceCreationTime" in self.ds:
            self.ds.InstanceCreationTime = "113000"

    def to_bytes(self) -> bytes:
        """The file in the encoding that it was read in."""
        return self.apply(Draft._to_bytes)

    def _to_bytes(self) -> bytes:
        out = io.BytesIO()
        meta = getattr(self.ds, "file_meta", None) or FileMetaDataset()
        if meta.get("TransferSyntaxUID"):
            self.ds.save_as(out, enforce_file_format=False)
        else:
            self.ds.save_as(out, implicit_vr=True, little_endian=True, enforce_file_format=False)
        return out.getvalue()


# -- looking into a beam


def number_of(beam: Dataset) -> int:
    return int(beam.BeamNumber)


def first(beam: Dataset) -> Dataset:
    points = beam.get("ControlPointSequence")
    if not points:
        raise Unfit
    return points[0]  # type: ignore[no-any-return]


def written(beam: Dataset, keyword: str) -> list[Dataset]:
    """Control points that hold a value of the attribute."""
    return [p for p in beam.ControlPointSequence if p.get(keyword) not in (None, "")]


def moves(beam: Dataset, keyword: str) -> bool:
    return len({float(p.get(keyword)) for p in written(beam, keyword)}) > 1


def put(beam: Dataset, keyword: str, value: object) -> None:
    """The value at every control point that writes the attribute."""
    points = written(beam, keyword)
    if not points:
        raise Unfit
    for point in points:
        setattr(point, keyword, value)


def shift(beam: Dataset, keyword: str, by: float) -> None:
    points = written(beam, keyword)
    if not points:
        raise Unfit
    for point in points:
        setattr(point, keyword, text_of((float(point.get(keyword)) + by) % 360))


def iso_of(beam: Dataset) -> tuple[float, ...]:
    value = first(beam).get("IsocenterPosition")
    if not value or len(value) != 3 or moves_iso(beam):
        raise Unfit
    return tuple(round(float(v), 3) for v in value)


def moves_iso(beam: Dataset) -> bool:
    return len({tuple(p.IsocenterPosition) for p in written(beam, "IsocenterPosition")}) > 1


def set_iso(beam: Dataset, point: Sequence[float]) -> None:
    put(beam, "IsocenterPosition", [text_of(v) for v in point])


def positions(beam: Dataset, prefix: str = "MLC", *, start: int = 0) -> Iterator[Dataset]:
    """Items of positions of the devices whose type begins like this, at every control point from ``start``."""
    for point in list(beam.ControlPointSequence)[start:]:
        for item in point.get("BeamLimitingDevicePositionSequence") or []:
            if str(item.get("RTBeamLimitingDeviceType") or "").startswith(prefix):
                yield item


def jaws(beam: Dataset, axis: str) -> list[Dataset]:
    found = [*positions(beam, axis), *positions(beam, f"ASYM{axis}")]
    if not found:
        raise Unfit
    return found


def values(item: Dataset) -> list[float]:
    return [float(v) for v in item.LeafJawPositions]


def set_values(item: Dataset, numbers: Sequence[float]) -> None:
    item.LeafJawPositions = [text_of(round(v, 4)) for v in numbers]


def leaves_written(beam: Dataset) -> int:
    return len({tuple(item.LeafJawPositions) for item in positions(beam)})


def open_pairs(numbers: Sequence[float], least: float = 2.0) -> list[int]:
    """Pairs that are open, without those that stand fully retracted."""
    half = len(numbers) // 2
    return [i for i in range(half) if least < numbers[half + i] - numbers[i] < 250]


def shaped_items(beam: Dataset) -> list[Dataset]:
    """Leaf positions of an aperture that leaves form (some pairs closed or unequal)."""
    found = []
    for item in positions(beam):
        numbers = values(item)
        if len(set(numbers[: len(numbers) // 2])) > 1 and len(open_pairs(numbers)) >= 3:
            found.append(item)
    if not found:
        raise Unfit
    return found


def copy_of(beam: Dataset, number: int, name: str) -> Dataset:
    made = copy.deepcopy(beam)
    made.BeamNumber = str(number)
    made.BeamName = name
    return made


def raw(holder: Dataset, keyword: str, vr: str, value: str) -> None:
    """A text that pydicom would not take for this attribute."""
    tag = Tag(pydicom.datadict.tag_for_keyword(keyword))  # type: ignore[arg-type]
    element = DataElement(tag, "LO", value)
    element.VR = vr
    holder[tag] = element
