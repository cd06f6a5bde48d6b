"""Numbers and identifiers that have to be there once, and what all treatment beams should agree on."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.shared import EXTERNAL, named, numbers, term
from rtcode.integrity.types import Check, CheckCase, Found, Severity
from rtcode.plan.model import PlanKind, known_int
from rtcode.plan.tags import at


class BeamNameRepeated(Check):
    id = "beam_name_repeated"
    title = "treatment beams with the same name"
    severity = Severity.WARNING
    explanation = (
        "People tell beams apart by their names; two with the same one can be mixed up at the console and in the"
        " record."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        same: dict[str, list[BeamFacts]] = {}
        for facts in case.treatment:
            name = " ".join((facts.planned.beam.name or "").split()).casefold()
            if name:
                same.setdefault(name, []).append(facts)
        for found in same.values():
            if len(found) > 1:
                yield Found(
                    f"{named(found)} have the same name",
                    tuple(at(facts.planned.beam.path, "BeamName") for facts in found),
                    numbers(found),
                )


class GroupNumberRepeated(Check):
    id = "group_number_repeated"
    title = "fraction groups with the same number"
    severity = Severity.ERROR
    explanation = "A treatment record cannot say which of them it belongs to."
    kinds = frozenset(PlanKind)

    def find(self, case: CheckCase) -> Iterator[Found]:
        yield from _repeated(
            "fraction groups",
            "FractionGroupNumber",
            ((known_int(g.number), g.path) for g in case.plan.fraction_groups or ()),
        )


class SetupNumberRepeated(Check):
    id = "setup_number_repeated"
    title = "patient setups with the same number"
    severity = Severity.ERROR
    explanation = "Which of them a beam means is not known: position and shifts may be another beam's."
    kinds = frozenset(PlanKind)

    def find(self, case: CheckCase) -> Iterator[Found]:
        yield from _repeated(
            "patient setups", "PatientSetupNumber", ((known_int(s.number), s.path) for s in case.plan.setups)
        )


class ToleranceTableRepeated(Check):
    id = "tolerance_table_repeated"
    title = "tolerance tables with the same number"
    severity = Severity.WARNING
    explanation = "Which of them a beam means is not known; a machine may take the wrong tolerances."
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        tables = ((known_int(table.number), table.path) for table in case.plan.tolerance_tables)
        yield from _repeated("tolerance tables", "ToleranceTableNumber", tables)


class WedgeNumberRepeated(Check):
    id = "wedge_number_repeated"
    title = "wedges of one beam with the same number"
    severity = Severity.ERROR
    explanation = "Which of them is in the beam is not known."

    def find(self, case: CheckCase) -> Iterator[Found]:
        for facts in case.beams:
            wedges = ((known_int(wedge.number), wedge.path) for wedge in facts.planned.beam.wedges)
            what = f"wedges of {facts.planned.label}"
            yield from _repeated(what, "WedgeNumber", wedges, numbers([facts]))


class DoseReferenceRepeated(Check):
    id = "dose_reference_repeated"
    title = "dose references with the same number or UID"
    severity = Severity.WARNING
    explanation = "The dose of a beam cannot be counted for one of them; the plan may have been put together from two."
    kinds = frozenset(PlanKind)

    def find(self, case: CheckCase) -> Iterator[Found]:
        references = case.plan.dose_references
        yield from _repeated(
            "dose references", "DoseReferenceNumber", ((known_int(r.number), r.path) for r in references)
        )
        paths: dict[str, list[str]] = {}
        for reference in references:
            if reference.uid:
                paths.setdefault(reference.uid, []).append(reference.path)
        for same in paths.values():
            if len(same) > 1:
                yield Found(
                    f"{len(same)} dose references have the same UID",
                    tuple(at(path, "DoseReferenceUID") for path in same),
                )


def _repeated(
    what: str, keyword: str, numbered: Iterable[tuple[int | None, str]], beams: tuple[int, ...] = ()
) -> Iterator[Found]:
    """A finding for each number that several items have."""
    paths: dict[int, list[str]] = {}
    for number, path in numbered:
        if number is not None:
            paths.setdefault(number, []).append(path)
    for number, same in paths.items():
        if len(same) > 1:
            yield Found(
                f"{len(same)} {what} have the number {number}", tuple(at(path, keyword) for path in same), beams
            )


class _Mixed(Check):
    """A check that all treatment beams of the plan have the same of something."""

    keyword: ClassVar[str]
    what: ClassVar[str]
    kinds = EXTERNAL

    @abstractmethod
    def value(self, facts: BeamFacts) -> str | None:
        """What is compared; ``None`` where it is not given."""

    def find(self, case: CheckCase) -> Iterator[Found]:
        same: dict[str, list[BeamFacts]] = {}
        for facts in case.treatment:
            value = self.value(facts)
            if value is not None:
                same.setdefault(value, []).append(facts)
        if len(same) > 1:
            several = list(same.values())
            by_size = sorted(several, key=len, reverse=True)
            # The common one is first; in a tie either may be wrong.
            odd = by_size if len(by_size[0]) == len(by_size[1]) else by_size[1:]
            yield Found(
                f"the treatment beams have {len(same)} {self.what}: {self._sides(several)}",
                tuple(at(found[0].planned.beam.path, self.keyword) for found in several),
                numbers(facts for found in odd for facts in found),
                {"different": len(same)},
            )

    def _sides(self, several: Sequence[Sequence[BeamFacts]]) -> str:
        return " against ".join(named(found) for found in several[:4])


class MachinesMixed(_Mixed):
    id = "machines_mixed"
    title = "treatment beams for different machines"
    severity = Severity.WARNING
    explanation = (
        "The beams name more than one treatment machine: the patient cannot be given all of them at one. One beam may"
        " have been copied from a plan for another machine."
    )
    cannot_see = "one wrong machine that all beams name."
    keyword = "TreatmentMachineName"
    what = "machines"

    def value(self, facts: BeamFacts) -> str | None:
        return term(facts.planned.beam.machine_name) or None


class MakersMixed(_Mixed):
    id = "manufacturers_mixed"
    title = "treatment beams for machines of different makers or models"
    severity = Severity.WARNING
    explanation = "Manufacturer or model of the machine differ between beams, although one machine gives them all."
    keyword = "ManufacturerModelName"
    what = "makers or models of their machine"

    def value(self, facts: BeamFacts) -> str | None:
        beam = facts.planned.beam
        names = (term(beam.manufacturer), term(beam.model))
        return "\n".join(names) if any(names) else None


class DosimeterUnitsMixed(_Mixed):
    id = "dosimeter_units_mixed"
    title = "treatment beams with metersets in different units"
    severity = Severity.ERROR
    explanation = "One machine counts in monitor units or in minutes; metersets of the two cannot stand in one plan."
    keyword = "PrimaryDosimeterUnit"
    what = "units of meterset"

    def value(self, facts: BeamFacts) -> str | None:
        return term(facts.planned.beam.dosimeter_unit) or None


class MachineMissing(Check):
    id = "machine_missing"
    title = "treatment beam without a machine"
    severity = Severity.WARNING
    explanation = (
        "TreatmentMachineName (300A,00B2) is empty: which machine the beam was calculated for is not in the plan."
        " Anonymization may remove it."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        found = [facts for facts in case.treatment if not term(facts.planned.beam.machine_name)]
        if found:
            yield Found(
                f"{named(found)} {'names' if len(found) == 1 else 'name'} no treatment machine",
                tuple(at(facts.planned.beam.path, "TreatmentMachineName") for facts in found),
                numbers(found),
            )


class FrameOfReferenceMissing(Check):
    id = "frame_of_reference_missing"
    title = "plan in patient geometry without a frame of reference"
    severity = Severity.NOTE
    explanation = (
        "FrameOfReferenceUID (0020,0052) says in which images' coordinates the isocenters are given. Without it they"
        " are taken to be those of the structure set. A plan names one frame; whether its images share it cannot be"
        " seen in the plan."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.geometry) == "PATIENT" and not term(case.plan.frame_of_reference_uid):
            yield Found("the plan names no frame of reference", (at("", "FrameOfReferenceUID"),))


class IdentifierMalformed(Check):
    id = "identifier_malformed"
    title = "missing or malformed identifier of the plan"
    severity = Severity.WARNING
    explanation = (
        "A UID is digits and dots, 64 characters at most (PS3.5 9.1). Other systems refuse a plan without a proper one,"
        " or take two plans for one."
    )
    cannot_see = "a UID that another plan has too; that shows when both are given to one call."
    kinds = frozenset(PlanKind)

    def find(self, case: CheckCase) -> Iterator[Found]:
        plan = case.plan
        for uid, keyword, needed in (
            (plan.sop_instance_uid, "SOPInstanceUID", True),
            (plan.study_instance_uid, "StudyInstanceUID", True),
            (plan.series_instance_uid, "SeriesInstanceUID", True),
            (plan.frame_of_reference_uid, "FrameOfReferenceUID", False),
        ):
            if not uid and needed:
                yield Found(f"{keyword} is missing", (at("", keyword),))
            elif uid and (len(uid) > 64 or not re.fullmatch(r"[0-9]+(\.[0-9]+)*", uid)):
                yield Found(f"{keyword} is no UID", (at("", keyword),))


class ObjectClassContradicts(Check):
    id = "object_class_contradicts"
    title = "object classes that contradict one another or the content"
    severity = Severity.WARNING
    explanation = (
        "The file names a class of object, or a modality, that its content is not of; other systems go by the class and"
        " refuse the plan or read it as something else. It was converted or edited."
    )
    covers = frozenset({"sop_class_mismatch", "modality_unusual"})
    kinds = frozenset(PlanKind)

    def find(self, case: CheckCase) -> Iterator[Found]:
        names_beams = any(group.beams for group in case.plan.fraction_groups or ())
        if case.plan.kind is PlanKind.RT_ION_PLAN and not case.plan.beams and names_beams:
            message = "an ion plan by its object class, whose fraction groups name beams and which has no ion beams"
            yield Found(message, (at("", "SOPClassUID"),))
            return
        # Only the reader knows: the model has one class.
        for warning in case.plan.warnings:
            if warning.code in self.covers:
                yield Found(warning.message, (warning.where,))


class RelatedToItself(Check):
    id = "related_to_itself"
    title = "plan that refers to itself"
    severity = Severity.WARNING
    explanation = (
        "The plan names itself as the plan that it replaces, verifies or is given with; the reference to the other one"
        " is lost."
    )
    kinds = frozenset(PlanKind)

    def find(self, case: CheckCase) -> Iterator[Found]:
        for related in case.plan.related_plans:
            if related.sop_instance_uid and related.sop_instance_uid == case.plan.sop_instance_uid:
                yield Found("the plan refers to itself as a related plan", (at(related.path, "RTPlanRelationship"),))


CHECKS: tuple[type[Check], ...] = (
    GroupNumberRepeated,
    SetupNumberRepeated,
    WedgeNumberRepeated,
    ToleranceTableRepeated,
    DoseReferenceRepeated,
    BeamNameRepeated,
    MachineMissing,
    MachinesMixed,
    MakersMixed,
    DosimeterUnitsMixed,
    FrameOfReferenceMissing,
    IdentifierMalformed,
    ObjectClassContradicts,
    RelatedToItself,
)
