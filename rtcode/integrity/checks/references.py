"""Numbers by which the parts of a plan refer to one another.

A beam is joined with its fraction group, set-up, wedges, tolerance table and dose reference by numbers; where one leads
nowhere, or to two things, the plan has lost a part. Two beams with the same number are no finding: such a file is
refused on reading, since nothing in it can be joined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import ClassVar

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.groups import group_label
from rtcode.integrity.checks.shared import EXTERNAL, numbers
from rtcode.integrity.checks.words import count, listing
from rtcode.integrity.types import Check, CheckCase, Found, Severity
from rtcode.plan.model import FractionGroup, Missing, PlanKind, known_int
from rtcode.plan.references import ReferenceDefect, ReferenceProblem, reference_defects
from rtcode.plan.roles import types_as_treatment
from rtcode.plan.tags import at


def _groups(case: CheckCase) -> tuple[FractionGroup, ...]:
    return case.plan.fraction_groups or ()


def _beam_numbers(case: CheckCase) -> frozenset[int]:
    return frozenset(numbers(case.beams))


class BeamsMissing(Check):
    id = "beams_missing"
    title = "plan without beams"
    severity = Severity.ERROR
    explanation = "The beam sequence is absent or empty: there is nothing to deliver."
    cannot_see = "beams that neither the file nor a fraction group names."
    covers = frozenset({"beam_sequence_missing", "beam_sequence_empty"})
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        if not case.plan.beams:
            what = "no beam sequence" if case.plan.beams is None else "an empty beam sequence"
            if case.plan.kind is PlanKind.RT_ION_PLAN:
                what = "no ion beam sequence" if case.plan.beams is None else "an empty ion beam sequence"
            yield Found(f"the plan has {what}", (at("", "BeamSequence"),))


class FractionSchemeMissing(Check):
    id = "fraction_scheme_missing"
    title = "plan without a fraction group"
    severity = Severity.WARNING
    explanation = "Nothing says which beams are given together, how often, and with which metersets."
    covers = frozenset({"fraction_scheme_missing"})
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        if not _groups(case):
            yield Found("the plan has no fraction group", (at("", "FractionGroupSequence"),))


class BeamNumberMissing(Check):
    id = "beam_number_missing"
    title = "beam without a usable number"
    severity = Severity.ERROR
    explanation = "Nothing can refer to a beam without a number: no fraction group, and so no meterset."
    covers = frozenset({"beam_number_missing"})
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        for facts in case.beams:
            beam = facts.planned.beam
            if isinstance(beam.number, Missing):
                yield Found(f"the {facts.planned.label} has no usable number", (at(beam.path, "BeamNumber"),))


class _Reference(Check):
    """A check for one kind of defect of the references in a fraction group."""

    severity = Severity.ERROR
    problem: ClassVar[ReferenceProblem]
    #: what the group does, with the number that it gives
    says: ClassVar[str]
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        known = _beam_numbers(case)
        if self.problem is ReferenceProblem.DANGLING and not case.beams:
            return  # no beam at all is one finding of `beams_missing`, or of the object class
        for group in _groups(case):
            for defect in reference_defects(group, known):
                if defect.problem is self.problem:
                    yield self.found(group, defect)

    def found(self, group: FractionGroup, defect: ReferenceDefect) -> Found:
        message = f"{group_label(group)} {self.says.format(number=defect.number)}"
        return Found(message, (defect.where,), () if defect.number is None else (defect.number,))


class BeamsDeclared(_Reference):
    id = "beams_declared"
    title = "number of beams not as declared"
    explanation = (
        "NumberOfBeams (300A,0080) and the beams that the fraction group names differ: a beam was lost or added."
    )
    problem = ReferenceProblem.DECLARED
    covers = frozenset({"beams_declared"})

    def found(self, group: FractionGroup, defect: ReferenceDefect) -> Found:
        return Found(
            f"{group_label(group)} declares {count(defect.number or 0, 'beam')} and names {len(group.beams)}",
            (defect.where, at(group.path, "ReferencedBeamSequence")),
            values={"declared": defect.number, "named": len(group.beams)},
        )


class BeamReferenceDangling(_Reference):
    id = "beam_reference_dangling"
    title = "fraction group that names a beam which is not in the plan"
    explanation = "The beam is missing from the file: the plan is not complete and must not be treated like this."
    cannot_see = "a beam that was removed together with its reference and the count."
    problem = ReferenceProblem.DANGLING
    says = "names beam {number}, which is not in the plan"
    covers = frozenset({"beam_reference_dangling"})


class BeamReferenceRepeated(_Reference):
    id = "beam_reference_repeated"
    title = "fraction group that names a beam twice"
    explanation = "One of the two may stand for another beam; which meterset holds is not known."
    problem = ReferenceProblem.REPEATED
    says = "names beam {number} twice"
    covers = frozenset({"beam_reference_repeated"})


class BeamReferenceUnreadable(_Reference):
    id = "beam_reference_unreadable"
    title = "fraction group that names a beam without a usable number"
    explanation = "Which beam is meant is not known; one may be missing from the fraction."
    problem = ReferenceProblem.UNREADABLE
    says = "names a beam without a usable number"
    covers = frozenset({"beam_reference_unreadable"})


class BeamNotReferenced(Check):
    id = "beam_not_referenced"
    title = "treatment beam that no fraction group names"
    severity = Severity.WARNING
    explanation = (
        "The beam is in the plan and is never given. It may have been left over, or its reference lost with its"
        " meterset."
    )
    covers = frozenset({"beam_not_referenced"})
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        yield from _loose(case, lambda facts: types_as_treatment(facts.planned.beam))


class SetupBeamNotReferenced(Check):
    id = "setup_beam_not_referenced"
    title = "set-up or imaging beam that no fraction group names"
    severity = Severity.NOTE
    explanation = "The beam belongs to no fraction group, so that it is not clear with which beams it is used."
    covers = frozenset({"beam_not_referenced"})
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        yield from _loose(case, lambda facts: not types_as_treatment(facts.planned.beam))


def _loose(case: CheckCase, wanted: Callable[[BeamFacts], bool]) -> Iterator[Found]:
    if not _groups(case):
        return
    referenced = {known_int(reference.number) for group in _groups(case) for reference in group.beams}
    for facts in case.beams:
        beam = facts.planned.beam
        number = known_int(beam.number)
        if number is not None and number not in referenced and wanted(facts):
            yield Found(
                f"{facts.planned.label} is named by no fraction group", (at(beam.path, "BeamNumber"),), (number,)
            )


class BeamInSeveralGroups(Check):
    id = "beam_in_several_groups"
    title = "beam that several fraction groups name"
    severity = Severity.NOTE
    explanation = (
        "DICOM allows it. Make sure that the beam is meant in each of them, with the meterset that it has there."
    )

    def find(self, case: CheckCase) -> Iterator[Found]:
        groups: dict[int, list[FractionGroup]] = {}
        for group in _groups(case):
            for number in {known_int(reference.number) for reference in group.beams}:
                if number is not None:
                    groups.setdefault(number, []).append(group)
        for number, found in sorted(groups.items()):
            if len(found) > 1:
                yield Found(
                    f"beam {number} is named by {listing([group_label(group) for group in found])}",
                    tuple(at(group.path, "ReferencedBeamSequence") for group in found),
                    (number,),
                )


class SetupReferenceDangling(Check):
    id = "setup_reference_dangling"
    title = "beam that names a patient setup which is not in the plan"
    severity = Severity.ERROR
    explanation = (
        "The patient position and everything else of the set-up is unknown for this beam; the setup is missing, or its"
        " number stands for two."
    )
    covers = frozenset({"setup_reference_dangling"})

    def find(self, case: CheckCase) -> Iterator[Found]:
        there = Counter(known_int(setup.number) for setup in case.plan.setups)
        for facts in case.beams:
            beam = facts.planned.beam
            number = known_int(beam.setup_number)
            if number is not None and there[number] != 1:
                what = "which is not in the plan" if not there[number] else "which the plan has twice"
                yield Found(
                    f"{facts.planned.label} names patient setup {number}, {what}",
                    (at(beam.path, "ReferencedPatientSetupNumber"),),
                    numbers([facts]),
                )


class ToleranceTableDangling(Check):
    id = "tolerance_table_dangling"
    title = "beam that names a tolerance table which is not in the plan"
    severity = Severity.WARNING
    explanation = (
        "The machine then takes a default tolerance, or refuses the beam; the table may have been lost on export."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        there = {known_int(table.number) for table in case.plan.tolerance_tables}
        for facts in case.beams:
            beam = facts.planned.beam
            number = known_int(beam.tolerance_table_number)
            if number is not None and number not in there:
                yield Found(
                    f"{facts.planned.label} names tolerance table {number}, which is not in the plan",
                    (at(beam.path, "ReferencedToleranceTableNumber"),),
                    numbers([facts]),
                )


class WedgeReferenceDangling(Check):
    id = "wedge_reference_dangling"
    title = "control point that names a wedge which the beam does not describe"
    severity = Severity.ERROR
    explanation = "Which wedge is meant is not known: its description is missing from the beam."
    covers = frozenset({"wedge_reference_dangling"})

    def find(self, case: CheckCase) -> Iterator[Found]:
        for facts in case.beams:
            beam = facts.planned.beam
            described = {known_int(wedge.number) for wedge in beam.wedges} - {None}
            missing = [track.number for track in beam.control_points.wedges if known_int(track.number) not in described]
            if missing:
                shown = listing([str(n) for n in missing if not isinstance(n, Missing)])
                yield Found(
                    f"{facts.planned.label}: a control point names {f'wedge {shown}' if shown else 'a wedge'}, "
                    "which the beam does not describe",
                    (at(f"{beam.path}.ControlPointSequence[*].WedgePositionSequence[*]", "ReferencedWedgeNumber"),),
                    numbers([facts]),
                )


class DoseReferenceDangling(Check):
    id = "dose_reference_dangling"
    title = "beam dose for a dose reference which is not in the plan"
    severity = Severity.WARNING
    explanation = (
        "The dose of the beam is meant for a dose reference that the plan does not have; the prescription that it"
        " belongs to may be another plan's."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        there = {reference.uid for reference in case.plan.dose_references}
        for group in _groups(case):
            lost = [r for r in group.beams if r.dose_reference_uid and r.dose_reference_uid not in there]
            if lost:
                found = tuple(number for r in lost if (number := known_int(r.number)) is not None)
                yield Found(
                    f"{group_label(group)}: {count(len(lost), 'beam refers', 'beams refer')} to a dose reference which "
                    "is not in the plan",
                    tuple(at(r.path, "ReferencedDoseReferenceUID") for r in lost),
                    found,
                )


CHECKS: tuple[type[Check], ...] = (
    BeamsMissing,
    FractionSchemeMissing,
    BeamNumberMissing,
    BeamsDeclared,
    BeamReferenceDangling,
    BeamReferenceRepeated,
    BeamReferenceUnreadable,
    BeamNotReferenced,
    SetupBeamNotReferenced,
    BeamInSeveralGroups,
    SetupReferenceDangling,
    ToleranceTableDangling,
    WedgeReferenceDangling,
    DoseReferenceDangling,
)
