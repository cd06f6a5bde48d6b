"""Prescriptions, fractions, beam doses."""

from __future__ import annotations

import copy
from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, number_of, text_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

DOSES = topics("prescription", "fractions", "beam_dose")


def _adds_up(draft: Draft) -> None:
    if draft.prescribed is None:
        raise Unfit


def _does_not(draft: Draft) -> None:
    if draft.prescribed is not None:
        raise Unfit


def _fractions(check: Callable[[Draft], None], by: Callable[[int], int]) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        check(draft)
        group = draft.rng.choice(draft.groups)
        old = int(group.NumberOfFractionsPlanned or 0)
        if old < 5:
            raise Unfit
        group.NumberOfFractionsPlanned = str(by(old))
        return Mark((), f"fractions {old} to {by(old)}")

    return plant


def _set_fractions(value: str | None) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        if not draft.treatment:
            raise Unfit
        draft.groups[0].NumberOfFractionsPlanned = value
        return Mark((), f"fractions {'empty' if value is None else value}")

    return plant


def _targets(draft: Draft) -> list[Dataset]:
    return [r for r in draft.ds.get("DoseReferenceSequence") or [] if r.get("TargetPrescriptionDose")]


def target_changed(draft: Draft) -> Mark:
    _adds_up(draft)
    target = _targets(draft)[0]
    old = float(target.TargetPrescriptionDose)
    target.TargetPrescriptionDose = text_of(old + draft.rng.choice((-6, 4, 10)))
    return Mark((), "target dose changed, beams as before")


def target_in_centigray(draft: Draft) -> Mark:
    target = draft.one(_targets(draft))
    target.TargetPrescriptionDose = text_of(float(target.TargetPrescriptionDose) * 100)
    return Mark((), "target dose in cGy")


def target_lost(draft: Draft) -> Mark:
    target = draft.one(_targets(draft))
    del target.TargetPrescriptionDose
    return Mark((), "target dose gone")


def consistent(draft: Draft) -> Mark:
    """Five fractions more, and the prescription with them: another course, in itself in order."""
    _adds_up(draft)
    if len(draft.groups) != 1:
        raise Unfit
    group = draft.groups[0]
    old = int(group.NumberOfFractionsPlanned)
    if old < 8:
        raise Unfit
    target = _targets(draft)[0]
    target.TargetPrescriptionDose = text_of(float(target.TargetPrescriptionDose) * (old + 5) / old)
    group.NumberOfFractionsPlanned = str(old + 5)
    return Mark((), f"fractions {old} to {old + 5}, prescription with them")


def _dose(check: Callable[[Draft], None], factor: float) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        check(draft)
        beam = draft.one([b for b in draft.treatment if float(draft.reference(b).get("BeamDose") or 0) > 0])
        reference = draft.reference(beam)
        reference.BeamDose = text_of(float(reference.BeamDose) * factor)
        return Mark((number_of(beam),), f"beam dose times {factor:g}")

    return plant


def dose_negative(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if float(draft.reference(b).get("BeamDose") or 0) > 0])
    reference = draft.reference(beam)
    reference.BeamDose = text_of(-float(reference.BeamDose))
    return Mark((number_of(beam),), "beam dose negative")


def dose_lost(draft: Draft) -> Mark:
    _adds_up(draft)
    beam = draft.a_beam(at_least=2)
    del draft.reference(beam).BeamDose
    return Mark((number_of(beam),), "beam dose of one beam gone")


def group_twice(draft: Draft) -> Mark:
    _adds_up(draft)
    made = copy.deepcopy(draft.groups[0])
    made.FractionGroupNumber = str(max(int(g.FractionGroupNumber) for g in draft.groups) + 1)
    draft.ds.FractionGroupSequence = Items([*draft.groups, made])
    return Mark((), "a fraction group twice")


def hypofractionated(draft: Draft) -> Mark:
    """A course in five fractions, with the doses to match: what a wrong template would do."""
    _adds_up(draft)
    if len(draft.groups) != 1 or len(draft.photons()) != len(draft.treatment):
        raise Unfit
    group = draft.groups[0]
    total = draft.prescribed or 0.0
    old = int(group.NumberOfFractionsPlanned)
    if old < 10 or not 30 <= total <= 70 or len(draft.arcs()) < 2:
        raise Unfit
    group.NumberOfFractionsPlanned = "5"
    for reference in group.ReferencedBeamSequence:
        if reference.get("BeamDose"):
            reference.BeamDose = text_of(float(reference.BeamDose) * old / 5)
        if reference.get("BeamMeterset"):
            reference.BeamMeterset = text_of(float(reference.BeamMeterset) * old / 5)
    return Mark((), f"{old} fractions to 5, metersets and doses with them")


KINDS = (
    Kind(
        id="fractions_wrong_with_prescription",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="the beam doses times the fractions are not the prescription",
        topics=DOSES,
        integrity=yes("beam doses times fractions against the target dose"),
        plant=_fractions(_adds_up, lambda n: n + 5),
    ),
    Kind(
        id="fractions_digit_lost",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="a digit of the number of fractions is missing",
        topics=DOSES,
        integrity=yes("beam doses times fractions against the target dose"),
        plant=_fractions(_adds_up, lambda n: max(1, n // 10)),
    ),
    Kind(
        id="fractions_wrong_without_prescription",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="five fractions too many, in a plan that holds no target dose",
        topics=DOSES,
        integrity=no("nothing in the plan says how many there should be"),
        plant=_fractions(_does_not, lambda n: n + 5),
    ),
    Kind(
        id="fractions_zero",
        family="fractions",
        harm=Harm.STOPS,
        notice="0 fractions",
        topics=DOSES,
        integrity=yes("a plan with beams has at least one fraction"),
        plant=_set_fractions("0"),
    ),
    Kind(
        id="fractions_empty",
        family="fractions",
        harm=Harm.STOPS,
        notice="the number of fractions is empty",
        topics=DOSES,
        integrity=yes("the course has no length"),
        plant=_set_fractions(None),
    ),
    Kind(
        id="fractions_negative",
        family="fractions",
        harm=Harm.STOPS,
        notice="a negative number of fractions",
        topics=DOSES,
        integrity=yes("no such number of fractions"),
        plant=_set_fractions("-5"),
    ),
    Kind(
        id="fractions_and_prescription",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="a course five fractions longer, prescription and all",
        topics=DOSES,
        integrity=no("the plan agrees with itself; the order is elsewhere"),
        plant=consistent,
    ),
    Kind(
        id="course_in_five_fractions",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="a conventional course is in five fractions, doses to match",
        topics=topics("prescription", "fractions", "beam_dose", "meterset"),
        integrity=no("the plan agrees with itself"),
        analyze=yes("five fractions of 6 Gy and more by arcs belong to another code family or at least ask"),
        plant=hypofractionated,
    ),
    Kind(
        id="prescription_changed",
        family="prescription",
        harm=Harm.SERIOUS,
        notice="the target dose is not what the beams give",
        topics=DOSES,
        integrity=yes("beam doses times fractions against the target dose"),
        plant=target_changed,
    ),
    Kind(
        id="prescription_in_centigray",
        family="prescription",
        harm=Harm.STOPS,
        notice="the target dose is a hundred times too high",
        topics=DOSES,
        integrity=yes("no course has thousands of gray"),
        plant=target_in_centigray,
    ),
    Kind(
        id="prescription_lost",
        family="prescription",
        harm=Harm.MINOR,
        notice="the target dose is no longer in the plan",
        topics=DOSES,
        integrity=no("many systems never write it"),
        plant=target_lost,
    ),
    Kind(
        id="beam_dose_times_ten",
        family="prescription",
        harm=Harm.MODERATE,
        notice="a beam dose with the point shifted",
        topics=DOSES | topics("meterset"),
        integrity=yes("beam doses times fractions against the target dose"),
        plant=_dose(_adds_up, 10.0),
    ),
    Kind(
        id="beam_dose_wrong_without_prescription",
        family="prescription",
        harm=Harm.MODERATE,
        notice="a beam dose a quarter too high, in a plan that holds no target dose",
        topics=DOSES,
        integrity=no("nothing in the plan says what it should be"),
        plant=_dose(_does_not, 1.25),
    ),
    Kind(
        id="beam_dose_negative",
        family="prescription",
        harm=Harm.STOPS,
        notice="a beam dose below 0",
        topics=DOSES,
        integrity=yes("no dose is below 0"),
        plant=dose_negative,
    ),
    Kind(
        id="beam_dose_lost",
        family="prescription",
        harm=Harm.MINOR,
        notice="one beam has no dose, the others have",
        topics=DOSES,
        integrity=yes("the sum falls short, or cannot be formed where the others have theirs"),
        plant=dose_lost,
    ),
    Kind(
        id="fraction_group_twice",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="the same beams are in a second fraction group",
        topics=DOSES | topics("groups", "references"),
        integrity=yes("beams in two groups, and twice the prescription"),
        analyze=yes("a second session appears"),
        plant=group_twice,
    ),
)
