"""What of a plan may be kept at a level of identifiers, so that it can be judged again without its file.

``full``
    Everything.
``uid``
    Without the patient's identity, which is also taken out of every text, as outputs do.
``none``
    Also UIDs and the path give way to pseudonyms, dates are left out, and of texts only what detection can see is kept
    (`rtcode.archive.wording`): words of the field at their places. Defined terms of coded attributes and names that
    consist of vendors' words stay.

Every text of the model is taken for free text unless the list here says what else it is, so that a field that is new
cannot be forgotten. What is kept is judged as the plan itself is, except where the patient's name is itself a word that
detection looks for; `same_reading` tells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rtcode.archive.wording import Wording, filler, masked, read_alike
from rtcode.dicom.triage import PLAN_CLASSES
from rtcode.outputs.identifiers import REMOVED, Identifiers
from rtcode.outputs.identity import IdentityFinder
from rtcode.outputs.terms import is_equipment, is_term
from rtcode.plan.model import PatientIdentity, RTPlan
from rtcode.plan.spellings import plain
from rtcode.records import fields, is_record, replace

if TYPE_CHECKING:
    from rtcode.outputs.contract_values import IdentifierLevel

_NOBODY = PatientIdentity(None, None, None)
#: Types of fields that hold no text; any other may.
_TEXTLESS = frozenset(
    {
        "bool",
        "int",
        "int | None",
        "Column | None",
        "FloatArray",
        "IntArray",
        "Integer",
        "Number",
        "PlanKind",
        "StateArray",
        "npt.NDArray[np.bool_]",
        "npt.NDArray[np.int8]",
    }
)
#: Fields that rtcode itself writes: places in the file, names of attributes, and what the reader says.
_OWN = frozenset(
    {
        *("Source.sha256", "Source.transfer_syntax", "Source.reader"),
        *("PlanWarning.code", "PlanWarning.message", "PlanWarning.where"),
    }
)
_UIDS = frozenset(
    {
        *("RTPlan.sop_instance_uid", "RTPlan.study_instance_uid", "RTPlan.series_instance_uid"),
        *("RTPlan.frame_of_reference_uid", "RTPlan.structure_set_uid", "RelatedPlan.sop_instance_uid"),
        *("DoseReference.uid", "ReferencedBeam.dose_reference_uid"),
    }
)
_DATES = frozenset({"RTPlan.date", "RTPlan.study_date", "RTPlan.review_date"})
#: Coded attributes, with the keywords under which `rtcode.outputs.terms` lists their terms.
_CODED = {
    "Accessory.type": ("GeneralAccessoryType",),
    "Applicator.aperture_shape": ("ApplicatorApertureShape",),
    "Applicator.type": ("ApplicatorType",),
    "Beam.beam_type": ("BeamType",),
    "Beam.delivery_type": ("TreatmentDeliveryType",),
    "Beam.dosimeter_unit": ("PrimaryDosimeterUnit",),
    "Beam.fluence_modes": ("FluenceMode", "FluenceModeID"),
    "Beam.high_dose_technique": ("HighDoseTechniqueType",),
    "Beam.radiation_type": ("RadiationType",),
    "Block.type": ("BlockType",),
    "Code.scheme": ("CodingSchemeDesignator",),
    "Code.value": ("CodeValue",),
    "Compensator.type": ("CompensatorType",),
    "DevicePositions.type": ("RTBeamLimitingDeviceType",),
    "DoseReference.structure_type": ("DoseReferenceStructureType",),
    "DoseReference.type": ("DoseReferenceType",),
    "FixationDevice.type": ("FixationDeviceType",),
    "FractionGroup.beam_dose_meaning": ("BeamDoseMeaning",),
    "LimitingDevice.type": ("RTBeamLimitingDeviceType",),
    "MotionSynchronization.signal": ("RespiratorySignalSource",),
    "MotionSynchronization.technique": ("RespiratoryMotionCompensationTechnique",),
    "PatientSetup.position": ("PatientPosition",),
    "PatientSetup.shielding_devices": ("ShieldingDeviceType",),
    "PatientSetup.technique": ("SetupTechnique",),
    "RelatedPlan.relationship": ("RTPlanRelationship",),
    "RTPlan.approval": ("ApprovalStatus",),
    "RTPlan.brachy_treatment_type": ("BrachyTreatmentType",),
    "RTPlan.geometry": ("RTPlanGeometry",),
    "RTPlan.intent": ("PlanIntent",),
    "RTPlan.modality": ("Modality",),
    "Wedge.type": ("WedgeType",),
}
_EQUIPMENT = frozenset({"Beam.manufacturer", "Beam.model", "RTPlan.manufacturer", "RTPlan.model"})
#: Of these it also matters how many different ones there are.
_POSITION = "PatientSetup.additional_position"
#: Other texts in which more than words is looked for.
_WORDINGS = {
    **dict.fromkeys((*_CODED, *_EQUIPMENT), Wording.TERMS),
    "Applicator.description": Wording.TERMS,
    "Applicator.id": Wording.SIZES,
    "Beam.machine_name": Wording.TERMS,
    "DevicePositions.type": Wording.DEVICE,
    "LimitingDevice.type": Wording.DEVICE,
    "Beam.modifier_details": Wording.SIZES,
    "Beam.private_creators": Wording.TERMS,
    "Beam.private_signs": Wording.SIZES,
    _POSITION: Wording.TERMS,
    "RTPlan.software_versions": Wording.TERMS,
}
#: Pairs of which the first is a name that rtcode gives, or an attribute's keyword.
_NAMED_PAIRS = frozenset({"Beam.modifier_details", "Beam.private_signs", "RTPlan.sites"})
#: FractionPattern, which has a digit for each day.
_PATTERN = "FractionGroup.pattern"
#: What tomotherapy's sinogram is called by the reader.
_SINOGRAM = "SINOGRAM"

_Change = Callable[[str, str], str | None]


def kept_plan(plan: RTPlan, level: IdentifierLevel, key: bytes | None = None) -> RTPlan:
    """A copy of the plan with what may be kept of it; numbers are the same objects.

    Parameters
    ----------
    level
        ``none``, ``uid`` or ``full``.
    key
        The site's key for pseudonyms; without one a new key is drawn, so that plans cannot be joined by them.
    """
    if level == "full":
        return plan
    change = _Cleaned(plan, level, key).change
    kept: RTPlan = _changed(replace(plan, patient=_NOBODY), change)
    return kept


def same_reading(plan: RTPlan, kept: RTPlan) -> bool:
    """Whether detection under the shipped code sets sees the same in what was kept of a plan as in the plan itself.

    Where it does not, the patient's name hid a word that detection looks for: the plan has to be read again.
    """
    for (where, text), (_, other) in zip(_texts(plan), _texts(kept), strict=True):
        if text == other or where in _UIDS or where in _DATES or where in _OWN:
            continue
        if where in ("RTPlan.sop_class_uid", "Source.path"):
            continue
        if not read_alike(text or "", other or "", _WORDINGS.get(where, Wording.FREE)):
            return False
    return _positions(plan) == _positions(kept)


def _positions(plan: RTPlan) -> int:
    """How many stances patients are set up in: total skin takes several."""
    return len({(setup.additional_position or "").strip().upper() for setup in plan.setups})


class _Cleaned:
    """What becomes of each text of a plan."""

    def __init__(self, plan: RTPlan, level: IdentifierLevel, key: bytes | None) -> None:
        self._finder = IdentityFinder([plan.patient])
        self._masks = level == "none"
        # pseudonyms need no patient to look for
        self._identifiers = Identifiers(level, () if self._masks else [plan], key)
        self._known: dict[tuple[Wording, str], str] = {}
        #: positions by what is kept of them
        self._positions: dict[str, list[str]] = {}

    def change(self, where: str, text: str) -> str | None:
        """The text of a field, named as ``Beam.name``, as it may be kept."""
        if where in _OWN or not text:
            return text
        if where == "Source.path":
            return self._identifiers.path(text)
        if where == "RTPlan.sop_class_uid":
            return text if text in PLAN_CLASSES else self._identifiers.sop_class(text)
        if where in _UIDS:
            return self._identifiers.uid(text)
        if where in _DATES and self._masks:
            return None
        if _is_public(where, text):
            return text
        wording = _WORDINGS.get(where, Wording.FREE)
        kept = self._known.get((wording, text))
        if kept is None:
            kept = masked(self._hidden(text), wording) if self._masks else self._without_identity(text, wording)
            self._known[wording, text] = kept
        return self._apart(text, kept) if where == _POSITION and self._masks else kept

    def _apart(self, position: str, kept: str) -> str:
        """Different positions stay different ("standing RAO", "standing LPO"): by dashes that no word contains."""
        known = self._positions.setdefault(kept, [])
        position = position.strip().upper()
        if position not in known:
            known.append(position)
        return kept + "_" * known.index(position)

    def _spans(self, text: str) -> tuple[str, list[tuple[int, int]]]:
        # composed, so that a Korean syllable is one character
        composed = text if text.isascii() else unicodedata.normalize("NFC", text)
        return composed, self._finder.spans(composed)

    def _hidden(self, text: str) -> str:
        """The text with other letters in the place of the patient's identity."""
        composed, spans = self._spans(text)
        return _replaced(composed, spans, lambda part: "".join(map(filler, plain(part)))) if spans else text

    def _without_identity(self, text: str, wording: Wording) -> str:
        """As outputs show it, or, where the mark would break a clause that detection reads, with other letters."""
        composed, spans = self._spans(text)
        if not spans:
            return text
        removed = _replaced(composed, spans, lambda part: REMOVED)
        return removed if read_alike(text, removed, wording) else self._hidden(text)


def _replaced(text: str, spans: list[tuple[int, int]], by: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for begin, end in spans:
        parts += (text[at:begin], by(text[begin:end]))
        at = end
    return "".join((*parts, text[at:]))


def _is_public(where: str, text: str) -> bool:
    """Whether a text names nobody: a defined term, a name of vendors' words, a pattern of days."""
    if where in _CODED:
        return text == _SINOGRAM or any(is_term(keyword, text) for keyword in _CODED[where])
    if where in _EQUIPMENT:
        return is_equipment(text)
    return where == _PATTERN and set(text) <= set("01 ")


# ------------------------------------------------------------------------------------------------------ all texts


@lru_cache(maxsize=64)
def _fields_with_text(cls: type) -> tuple[tuple[str, str], ...]:
    """Fields that may hold texts, or records that do: the name, and with the class's name before it."""
    return tuple(
        (one.name, f"{cls.__name__}.{one.name}")
        for one in fields(cls)
        if str(one.type) not in _TEXTLESS and (one.name != "path" or cls.__name__ == "Source")
    )


def _changed(value: Any, change: _Change, where: str = "") -> Any:
    """The value with every text in it changed; the same object where none is."""
    if isinstance(value, str):
        return change(where, value)
    if type(value) is tuple:
        if where in _NAMED_PAIRS and len(value) == 2 and isinstance(value[0], str):
            return (value[0], change(where, value[1]))
        parts = tuple([_changed(one, change, where) for one in value])
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    if not is_record(value):
        return value
    cls: type = type(value)
    changes: dict[str, Any] = {}
    for name, place in _fields_with_text(cls):
        before = getattr(value, name)
        after = _changed(before, change, place)
        if after is not before:
            changes[name] = after
    return replace(value, **changes) if changes else value


def _texts(value: Any, where: str = "") -> Iterator[tuple[str, str | None]]:
    """Every text with its field, absent ones included."""
    if value is None or isinstance(value, str):
        yield where, value
    elif type(value) is tuple:
        for one in value:
            yield from _texts(one, where)
    elif is_record(value):
        cls: type = type(value)
        for name, place in _fields_with_text(cls):
            if place != "RTPlan.patient":
                yield from _texts(getattr(value, name), place)
