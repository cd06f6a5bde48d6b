"""Changes that are no errors, and what a comparison may say of them."""

from __future__ import annotations

import copy
from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from benchmarks.seeded.draft import (
    Draft,
    Unfit,
    first,
    iso_of,
    number_of,
    positions,
    set_values,
    shaped_items,
    text_of,
    uid_of,
    values,
    written,
)
from benchmarks.seeded.encodings import encoded, exponents, fixed, has_meta, no_private
from benchmarks.seeded.kinds import Control, Mark, topics

NOTHING = Mark((), "nothing")


def untouched(draft: Draft) -> Mark:
    return NOTHING


def exported_again(draft: Draft) -> Mark:
    ds = draft.ds
    ds.SeriesInstanceUID = uid_of("series", ds.SOPInstanceUID)
    for keyword, value in (("InstanceCreationDate", "20260309"), ("ContentDate", "20260309"), ("SeriesNumber", "7")):
        if keyword in ds:
            setattr(ds, keyword, value)
    ds.OperatorsName = "OTHER^OPERATOR"
    ds.StationName = "OTHERSTN"
    return Mark((), "new UIDs, time and place of export")


def dose_reference_uids(draft: Draft) -> Mark:
    named = [r for r in draft.ds.get("DoseReferenceSequence") or [] if r.get("DoseReferenceUID")]
    if not named:
        raise Unfit
    for reference in named:
        old = reference.DoseReferenceUID
        reference.DoseReferenceUID = uid_of("again", old)
        for used in draft.references:
            if used.get("ReferencedDoseReferenceUID") == old:
                used.ReferencedDoseReferenceUID = reference.DoseReferenceUID
    return Mark((), "dose reference UIDs renewed")


def label(draft: Draft) -> Mark:
    draft.ds.RTPlanLabel = "Plan 2"
    return Mark((), "another label")


def beam_names(draft: Draft) -> Mark:
    for place, beam in enumerate(draft.beams, 1):
        beam.BeamName = f"Field {place}"
    return Mark((), "beams renamed")


def note(draft: Draft) -> Mark:
    if not draft.setups:
        raise Unfit
    for setup in draft.setups:
        setup.SetupTechniqueDescription = "Indexed at H2. Please use the long cushion."
    return Mark((), "set-up note")


def description(draft: Draft) -> Mark:
    draft.ds.RTPlanDescription = "second export for the record-and-verify system"
    return Mark((), "plan description")


def dates(draft: Draft) -> Mark:
    ds = draft.ds
    if ds.get("RTPlanDate") != "20260302":
        raise Unfit
    ds.RTPlanDate = "20260304"
    for keyword in ("ReviewDate", "InstanceCreationDate"):
        if keyword in ds:
            setattr(ds, keyword, "20260305")
    return Mark((), "plan and review two days later")


def software(draft: Draft) -> Mark:
    draft.ds.SoftwareVersions = ["99.1"]
    return Mark((), "software updated")


def rounded(draft: Draft) -> Mark:
    """Hundredths of a millimeter and of a degree, as a detour through another system leaves."""
    for beam in draft.treatment:
        for item in positions(beam, ""):
            item.LeafJawPositions = [text_of(round(v + 0.02 if abs(v) > 1 else v, 4)) for v in values(item)]
        for point in written(beam, "IsocenterPosition"):
            point.IsocenterPosition = [
                text_of(float(v) + (0.01 if abs(float(v)) > 1e-6 else 0)) for v in point.IsocenterPosition
            ]
        for point in written(beam, "GantryAngle"):
            point.GantryAngle = text_of((float(point.GantryAngle) + 0.01) % 360)
        reference = draft.reference(beam)
        reference.BeamMeterset = text_of(round(float(reference.BeamMeterset) * 1.0002, 4))
    return Mark((), "all within rounding")


def noise(draft: Draft) -> Mark:
    """Rounding of binary numbers, as some systems write it."""
    for beam in draft.beams:
        for point in written(beam, "IsocenterPosition"):
            point.IsocenterPosition = [
                "2.1316282073e-14" if float(v) == 0 else text_of(float(v)) for v in point.IsocenterPosition
            ]
        for point in written(beam, "BeamLimitingDeviceAngle"):
            if float(point.BeamLimitingDeviceAngle) == 0:
                point.BeamLimitingDeviceAngle = "7.1e-10"
    return Mark((), "noise in zeros")


def zero_or_full_circle(draft: Draft) -> Mark:
    found = False
    for beam in draft.beams:
        for keyword in ("GantryAngle", "BeamLimitingDeviceAngle", "PatientSupportAngle"):
            points = written(beam, keyword)
            if points and all(float(p.get(keyword)) == 0 for p in points):
                for point in points:
                    setattr(point, keyword, "360")
                found = True
    if not found:
        raise Unfit
    return Mark((), "360 degrees for 0")


def beams_reordered(draft: Draft) -> Mark:
    if len(draft.beams) < 2:
        raise Unfit
    draft.ds.BeamSequence = Items(list(reversed(draft.beams)))
    for group in draft.groups:
        group.ReferencedBeamSequence = Items(list(reversed(group.ReferencedBeamSequence)))
    return Mark((), "beams in another order")


def setups_reordered(draft: Draft) -> Mark:
    if len(draft.setups) < 2:
        raise Unfit
    draft.ds.PatientSetupSequence = Items(list(reversed(draft.setups)))
    return Mark((), "set-ups in another order")


def setups_apart(draft: Draft) -> Mark:
    """One set-up for each beam instead of a shared one."""
    if len(draft.setups) != 1 or len(draft.beams) < 2:
        raise Unfit
    shared = draft.setups[0]
    made = []
    for place, beam in enumerate(draft.beams, 1):
        if not beam.get("ReferencedPatientSetupNumber"):
            raise Unfit
        own = copy.deepcopy(shared)
        own.PatientSetupNumber = str(place)
        beam.ReferencedPatientSetupNumber = str(place)
        made.append(own)
    draft.ds.PatientSetupSequence = Items(made)
    return Mark((), "one set-up for each beam")


REPEATED = ("NominalBeamEnergy", "DoseRateSet", "BeamLimitingDeviceAngle", "PatientSupportAngle", "IsocenterPosition")


def repeated(draft: Draft) -> Mark:
    """What does not change is written at every control point."""
    for beam in draft.beams:
        start = first(beam)
        for keyword in REPEATED:
            times = len(written(beam, keyword))
            if start.get(keyword) in (None, "") or times not in (1, len(beam.ControlPointSequence)):
                continue
            for point in list(beam.ControlPointSequence)[1:]:
                if keyword not in point:
                    setattr(point, keyword, start.get(keyword))
    return Mark((), "constant values at every control point")


def left_out(draft: Draft) -> Mark:
    """What does not change is written once."""
    found = False
    for beam in draft.beams:
        start = first(beam)
        for keyword in REPEATED:
            points = list(beam.ControlPointSequence)
            if len(points) > 2 and all(p.get(keyword) == start.get(keyword) for p in points):
                for point in points[1:]:
                    if keyword in point:
                        del point[keyword]
                        found = True
    if not found:
        raise Unfit
    return Mark((), "constant values once")


def weights_of_hundred(draft: Draft) -> Mark:
    for beam in draft.beams:
        if not beam.get("FinalCumulativeMetersetWeight"):
            raise Unfit
        beam.FinalCumulativeMetersetWeight = text_of(float(beam.FinalCumulativeMetersetWeight) * 100)
        for point in written(beam, "CumulativeMetersetWeight"):
            point.CumulativeMetersetWeight = text_of(float(point.CumulativeMetersetWeight) * 100)
    return Mark((), "weights up to 100")


def renumbered(draft: Draft) -> Mark:
    """Beams counted from 11, everywhere."""
    for beam in draft.beams:
        beam.BeamNumber = str(number_of(beam) + 10)
    for reference in draft.references:
        reference.ReferencedBeamNumber = str(int(reference.ReferencedBeamNumber) + 10)
    return Mark((), "beams counted from 11")


def setup_field_added(draft: Draft) -> Mark:
    """One more set-up field of the kind that there is, from another side."""
    treated = draft.points()
    beam = draft.one(
        [b for b in draft.setup_beams if first(b).get("GantryAngle") not in (None, "") and iso_of(b) in treated]
    )
    made = copy.deepcopy(beam)
    made.BeamNumber = str(draft.free_number())
    made.BeamName = "LAT SETUP"
    for point in written(made, "GantryAngle"):
        point.GantryAngle = text_of((float(point.GantryAngle) + 90) % 360)
    draft.add_beam(made, None, None)
    return Mark((number_of(made),), "one set-up field more")


def setup_field_fewer(draft: Draft) -> Mark:
    if len(draft.setup_beams) < 2:
        raise Unfit
    draft.drop_beam(draft.setup_beams[-1])
    return Mark((), "one set-up field fewer of several")


def unapprove(draft: Draft) -> None:
    draft.ds.ApprovalStatus = "UNAPPROVED"
    for keyword in ("ReviewDate", "ReviewTime", "ReviewerName"):
        if keyword in draft.ds:
            del draft.ds[keyword]


def approved(draft: Draft) -> Mark:
    if draft.ds.get("ApprovalStatus") != "APPROVED":
        raise Unfit
    return Mark((), "approved since")


def replanned(draft: Draft) -> Mark:
    """Optimized again: other leaves, other metersets, the same dose and geometry; approved."""
    found = False
    for beam in draft.photons():
        try:
            items = shaped_items(beam)
        except Unfit:
            continue
        for item in items:
            numbers = values(item)
            half = len(numbers) // 2
            opens = [b - a > 6 for a, b in zip(numbers[:half], numbers[half:], strict=True)]
            numbers = [
                *(v + 1.0 if o else v for v, o in zip(numbers[:half], opens, strict=True)),
                *(v - 1.0 if o else v for v, o in zip(numbers[half:], opens, strict=True)),
            ]
            set_values(item, numbers)
        reference = draft.reference(beam)
        reference.BeamMeterset = text_of(round(float(reference.BeamMeterset) * 1.04, 2))
        found = True
    if not found:
        raise Unfit
    draft.ds.RTPlanLabel = f"{str(draft.ds.RTPlanLabel)[:14]}_2"
    return Mark((), "leaves 1 mm in, metersets 4 % up, label")


def tracking_reference(draft: Draft) -> Mark:
    """A point for counting dose, as one system adds to its plans."""
    references = list(draft.ds.get("DoseReferenceSequence") or [])
    if not references:
        raise Unfit
    point = Dataset()
    point.DoseReferenceNumber = str(max(int(r.DoseReferenceNumber) for r in references) + 1)
    point.DoseReferenceUID = uid_of("tracking", draft.ds.SOPInstanceUID)
    point.DoseReferenceStructureType = "SITE"
    point.DoseReferenceDescription = "iso"
    point.DoseReferenceType = "ORGAN_AT_RISK"
    draft.ds.DoseReferenceSequence = Items([*references, point])
    return Mark((), "a point for counting dose")


def characters(draft: Draft) -> Mark:
    if draft.ds.get("SpecificCharacterSet") != "ISO_IR 100":
        raise Unfit
    draft.ds.SpecificCharacterSet = "ISO_IR 192"
    return Mark((), "UTF-8")


def _encoding(id: str, what: str, syntax: UID, *, undefined: bool = False) -> Control:
    return Control(
        id=id,
        what=what,
        topics=frozenset(),
        change=has_meta,
        before=no_private,
        encode=encoded(syntax, undefined=undefined),
    )


def _control(
    id: str,
    what: str,
    change: Callable[[Draft], Mark],
    *told: str,
    may_move: bool = False,
    before: Callable[[Draft], None] | None = None,
) -> Control:
    return Control(
        id=id,
        what=what,
        topics=topics(*told),
        change=change,
        may_move=may_move,
        before=before,
    )


CONTROLS: tuple[Control, ...] = (
    _control("new_uid_only", "new SOP Instance UID", untouched),
    _control("exported_again", "new UIDs, times, operator, station", exported_again),
    _control("dose_reference_uids", "dose reference UIDs renewed, references with them", dose_reference_uids),
    _encoding("explicit_little_endian", "explicit little endian", ExplicitVRLittleEndian),
    _encoding("implicit_little_endian", "implicit little endian", ImplicitVRLittleEndian),
    _encoding("big_endian", "explicit big endian", ExplicitVRBigEndian),
    _encoding("deflated", "deflated", DeflatedExplicitVRLittleEndian),
    _encoding("undefined_lengths", "sequences of undefined length", ExplicitVRLittleEndian, undefined=True),
    _control("numbers_as_exponents", "decimal strings with exponents", exponents),
    _control("numbers_with_four_decimals", "decimal strings with four decimals", fixed),
    _control("utf8", "another character set", characters),
    _control("label", "plan relabeled", label, "names", "text"),
    _control("beam_names", "beams renamed", beam_names, "names", "text"),
    _control("setup_note", "another note for the therapists", note, "setup", "text"),
    _control("plan_description", "another description", description, "text"),
    _control("dates", "plan and review two days later", dates, "dates", "approval"),
    _control("software", "software updated", software, "software"),
    _control("rounded", "positions, angles and metersets within rounding", rounded),
    _control("noise", "noise of 1e-10 in zeros", noise),
    _control("full_circle", "360 degrees instead of 0", zero_or_full_circle),
    _control("beams_reordered", "beams in another order", beams_reordered),
    _control("setups_reordered", "set-ups in another order", setups_reordered),
    _control("setups_apart", "a set-up of its own for each beam", setups_apart),
    _control("repeated", "constant values at every control point", repeated),
    _control("left_out", "constant values once only", left_out),
    _control("weights_of_hundred", "weights scaled to 100", weights_of_hundred),
    Control(
        id="renumbered",
        what="beams counted from 11",
        topics=topics("names", "beams", "duplicates"),
        change=renumbered,
        renumbered=10,
    ),
    _control("setup_field_added", "one set-up field more", setup_field_added, "beams", "setup_beams"),
    _control("setup_field_fewer", "one set-up field fewer of several", setup_field_fewer, "beams", "setup_beams"),
    _control("approved", "approved since", approved, "approval", "dates", may_move=True, before=unapprove),
    _control("replanned", "optimized again and approved", replanned, "leaves", "meterset", "names", "text"),
    _control("tracking_reference", "a point for counting dose more", tracking_reference, "prescription"),
)
