"""Set-ups, patient positions, tolerance tables."""

from __future__ import annotations

import copy
from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, number_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

SETUP = topics("setup")
OPPOSITE = {"HFS": "FFS", "FFS": "HFS", "HFP": "FFP", "FFP": "HFP"}
PRONE = {"HFS": "HFP", "HFP": "HFS"}


def _position(setups: list[Dataset], others: dict[str, str]) -> None:
    for setup in setups:
        if setup.get("PatientPosition") not in others:
            raise Unfit
        setup.PatientPosition = others[setup.PatientPosition]


def _everywhere(others: dict[str, str], said: str) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        if not draft.setups:
            raise Unfit
        _position(draft.setups, others)
        return Mark((), said)

    return plant


def setups_of_treatment(draft: Draft) -> list[Dataset]:
    used = {b.get("ReferencedPatientSetupNumber") for b in draft.treatment}
    return [s for s in draft.setups if s.get("PatientSetupNumber") in used]


def position_of_one(draft: Draft) -> Mark:
    setup = draft.one(setups_of_treatment(draft), at_least=2)
    _position([setup], OPPOSITE)
    beams = [b for b in draft.beams if b.get("ReferencedPatientSetupNumber") == setup.PatientSetupNumber]
    return Mark(tuple(number_of(b) for b in beams), "patient position of one of the set-ups")


def position_lost(draft: Draft) -> Mark:
    setup = draft.one([s for s in setups_of_treatment(draft) if s.get("PatientPosition")])
    del setup.PatientPosition
    return Mark((), "patient position gone")


def reference_dangling(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("ReferencedPatientSetupNumber")])
    beam.ReferencedPatientSetupNumber = "99"
    return Mark((number_of(beam),), "set-up that there is not")


def reference_lost(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("ReferencedPatientSetupNumber")], at_least=2)
    del beam.ReferencedPatientSetupNumber
    return Mark((number_of(beam),), "a beam without set-up")


def number_twice(draft: Draft) -> Mark:
    setups = draft.setups
    if len(setups) < 2:
        raise Unfit
    setups[1].PatientSetupNumber = setups[0].PatientSetupNumber
    return Mark((), "two set-ups with one number")


def displacement(draft: Draft) -> Mark:
    setup = draft.one(setups_of_treatment(draft))
    setup.TableTopLateralSetupDisplacement = "35"
    return Mark((), "set-up displacement of 35 mm")


def technique(draft: Draft) -> Mark:
    setup = draft.one([s for s in setups_of_treatment(draft) if s.get("SetupTechnique") == "ISOCENTRIC"])
    setup.SetupTechnique = "FIXED_SSD"
    return Mark((), "FIXED_SSD instead of ISOCENTRIC")


def tolerance_table_lost(draft: Draft) -> Mark:
    if not draft.ds.get("ToleranceTableSequence"):
        raise Unfit
    used = [b for b in draft.treatment if b.get("ReferencedToleranceTableNumber")]
    if not used:
        raise Unfit
    del draft.ds.ToleranceTableSequence
    return Mark(tuple(number_of(b) for b in used), "tolerance table gone, references as before")


def tolerance_reference_lost(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("ReferencedToleranceTableNumber")], at_least=2)
    del beam.ReferencedToleranceTableNumber
    return Mark((number_of(beam),), "a beam without tolerance table")


def tolerance_other(draft: Draft) -> Mark:
    tables = draft.ds.get("ToleranceTableSequence") or []
    beams = [b for b in draft.treatment if b.get("ReferencedToleranceTableNumber")]
    if not tables or not beams:
        raise Unfit
    made = copy.deepcopy(tables[0])
    made.ToleranceTableNumber = str(max(int(t.ToleranceTableNumber) for t in tables) + 1)
    made.ToleranceTableLabel = "WIDE"
    draft.ds.ToleranceTableSequence = Items([*tables, made])
    for beam in beams:
        beam.ReferencedToleranceTableNumber = made.ToleranceTableNumber
    return Mark(tuple(number_of(b) for b in beams), "another, wider tolerance table")


KINDS = (
    Kind(
        id="patient_position_everywhere",
        family="patient position",
        harm=Harm.SERIOUS,
        notice="the patient lies feet first for head first",
        topics=topics("patient_position", "setup"),
        integrity=no("the plan agrees with itself; the images tell"),
        plant=_everywhere(OPPOSITE, "patient position of all set-ups"),
    ),
    Kind(
        id="patient_position_prone",
        family="patient position",
        harm=Harm.SERIOUS,
        notice="the patient lies prone for supine, or the other way round",
        topics=topics("patient_position", "setup"),
        integrity=no("the plan agrees with itself; the images tell"),
        plant=_everywhere(PRONE, "prone for supine or the other way round"),
    ),
    Kind(
        id="patient_position_one_setup",
        family="patient position",
        harm=Harm.SERIOUS,
        notice="one beam's set-up has the patient the other way round",
        topics=topics("patient_position", "setup"),
        integrity=yes("beams of one image set with two patient positions"),
        plant=position_of_one,
    ),
    Kind(
        id="patient_position_lost",
        family="patient position",
        harm=Harm.STOPS,
        notice="a set-up does not say how the patient lies",
        topics=topics("patient_position", "setup"),
        integrity=yes("a patient plan needs a patient position"),
        plant=position_lost,
    ),
    Kind(
        id="setup_reference_dangling",
        family="set-up",
        harm=Harm.STOPS,
        notice="a beam refers to a set-up that does not exist",
        topics=SETUP | topics("references", "motion"),
        integrity=yes("a reference to nothing"),
        plant=reference_dangling,
    ),
    Kind(
        id="setup_reference_lost",
        family="set-up",
        harm=Harm.MINOR,
        notice="a beam refers to no set-up, its neighbors do",
        topics=SETUP | topics("references", "motion"),
        integrity=yes("how the patient lies for this beam is not said"),
        plant=reference_lost,
    ),
    Kind(
        id="setup_number_twice",
        family="set-up",
        harm=Harm.STOPS,
        notice="two set-ups have the same number",
        topics=SETUP | topics("duplicates", "references"),
        integrity=yes("references to it are ambiguous"),
        plant=number_twice,
    ),
    Kind(
        id="setup_displacement",
        family="set-up",
        harm=Harm.SERIOUS,
        notice="the shift from the marks is 35 mm more",
        topics=SETUP | topics("tabletop"),
        integrity=no("shifts of this size are planned"),
        plant=displacement,
    ),
    Kind(
        id="setup_technique",
        family="set-up",
        harm=Harm.MODERATE,
        notice="a field that is set up by isocenter says FIXED_SSD",
        topics=SETUP,
        integrity=no("the attribute is known to be filled in carelessly"),
        plant=technique,
    ),
    Kind(
        id="tolerance_table_lost",
        family="tolerance tables",
        harm=Harm.MINOR,
        notice="the tolerance table that beams refer to is not there",
        topics=topics("tolerance", "references"),
        integrity=yes("a reference to nothing"),
        plant=tolerance_table_lost,
    ),
    Kind(
        id="tolerance_reference_lost",
        family="tolerance tables",
        harm=Harm.MINOR,
        notice="one beam has no tolerance table, its neighbors have",
        topics=topics("tolerance", "references"),
        integrity=yes("beams of one plan differ in what is checked before they run"),
        plant=tolerance_reference_lost,
    ),
    Kind(
        id="tolerance_table_other",
        family="tolerance tables",
        harm=Harm.MINOR,
        notice="another tolerance table",
        topics=topics("tolerance", "references"),
        integrity=no("any table is possible"),
        plant=tolerance_other,
    ),
)
