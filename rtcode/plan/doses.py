"""The dose that a fraction group gives in one fraction, where the plan says it.

It is the sum of BeamDose (300A,0084) of a group's treatment beams, target by target where the plan links them
(ReferencedDoseReferenceUID), the largest of these; where the beam doses are not meant to be added (BeamDoseMeaning
BEAM_LEVEL) or not written, the target prescription (300A,0026) over the fractions of a plan with a single fraction
group. Otherwise it stays unknown. Source: docs/plans.md 1.2, 1.5; PS3.3 C.8.8.10, C.8.8.13.
"""

from __future__ import annotations

from rtcode.plan.model import known, terms
from rtcode.plan.sessions import SessionPart
from rtcode.plan.tags import at


def dose_per_fraction(part: SessionPart) -> tuple[float | None, str]:
    """Dose of one fraction of a group (Gy), ``None`` where unknown, and the attribute that says so."""
    dose, where = _sum_of_beam_doses(part)
    return _prescribed(part) if dose is None else (dose, where)


def _sum_of_beam_doses(part: SessionPart) -> tuple[float | None, str]:
    if part.group is None or "BEAM_LEVEL" in terms(part.group.beam_dose_meaning):
        return None, ""
    unlinked = 0.0
    by_target: dict[str, float] = {}
    for planned in part.treatment_beams:
        reference, dose = planned.reference, planned.dose_gy
        if reference is None or dose is None or dose < 0:
            return None, ""
        if reference.dose_reference_uid:
            by_target[reference.dose_reference_uid] = by_target.get(reference.dose_reference_uid, 0.0) + dose
        else:
            unlinked += dose
    largest = unlinked + max(by_target.values(), default=0.0)
    return (largest if largest > 0 else None), at(f"{part.group.path}.ReferencedBeamSequence", "BeamDose")


def _prescribed(part: SessionPart) -> tuple[float | None, str]:
    """Target prescription over fractions, only where the plan has one fraction group (a prescription is the plan's)."""
    plan = part.plan
    if part.group is None or len(plan.fraction_groups or ()) != 1:
        return None, ""
    fractions = known(part.group.fractions_planned)
    targets = [
        (dose, reference.path)
        for reference in plan.dose_references
        if (reference.type or "").strip().upper() == "TARGET"
        and (dose := known(reference.target_prescription_gy)) is not None
        and dose > 0
    ]
    if not fractions or fractions < 0 or not targets:
        return None, ""
    dose, path = max(targets)
    return dose / fractions, at(path, "TargetPrescriptionDose")
