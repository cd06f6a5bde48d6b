"""What checks ask of fraction groups and prescriptions."""

from __future__ import annotations

from collections.abc import Iterator

from rtcode.integrity.checks.shared import named, numbers, term
from rtcode.integrity.types import CheckCase, Unknown
from rtcode.plan.model import DoseReference, FractionGroup, RTPlan, known, known_int
from rtcode.plan.sessions import SessionPart
from rtcode.plan.tags import at


def group_label(group: FractionGroup) -> str:
    """A fraction group by its number, else by its place in the file."""
    number = known_int(group.number)
    return f"fraction group {number}" if number is not None else f"the fraction group at position {group.index + 1}"


def targets_of(plan: RTPlan) -> tuple[DoseReference, ...]:
    return tuple(r for r in plan.dose_references if term(r.type) == "TARGET")


def prescriptions_of(plan: RTPlan) -> tuple[tuple[DoseReference, float], ...]:
    """Target dose references with a prescription; a dose of 0 is one that was not filled in."""
    doses = ((reference, known(reference.target_prescription_gy)) for reference in targets_of(plan))
    return tuple((reference, dose) for reference, dose in doses if dose)


def treating_parts(case: CheckCase) -> Iterator[tuple[SessionPart, FractionGroup]]:
    """The fraction groups that treat with beams."""
    for session in case.sessions:
        for part in session.parts:
            if part.group is not None and part.treatment_beams:
                yield part, part.group


def total_of(part: SessionPart, group: FractionGroup) -> float | Unknown:
    """Beam doses times fractions, or what is missing."""
    fractions = known_int(group.fractions_planned)
    if not fractions:
        return Unknown(
            f"{group_label(group)} has no number of fractions", (at(group.path, "NumberOfFractionsPlanned"),)
        )
    doses = [b.dose_gy for b in part.treatment_beams]
    without = [b for b, dose in zip(part.treatment_beams, doses, strict=True) if not dose]
    if without:
        return Unknown(
            f"{named(without)} {'has' if len(without) == 1 else 'have'} no dose",
            tuple(at(b.reference.path, "BeamDose") for b in without if b.reference is not None),
            numbers(without),
        )
    return fractions * sum(dose for dose in doses if dose is not None)
