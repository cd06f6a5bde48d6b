"""Prescription, beam doses and fractions: whether they add up.

Beam doses (300A,0084) times fractions should give the target's prescription. How exactly depends on the system: where
the dose of a beam is that at the prescription's own reference (Eclipse, iPlan) the two agree within 0.1 %; Monaco gives
it at a point of its own, which it lists as a second target dose reference, and plans of patients differ by up to 17 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rtcode.integrity.checks.groups import prescriptions_of, targets_of, total_of, treating_parts
from rtcode.integrity.checks.shared import EXTERNAL, numbers, term, text
from rtcode.integrity.checks.words import listing
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import DoseReference, FractionGroup, RTPlan, known, known_int, terms
from rtcode.plan.sessions import PlannedBeam, SessionPart, is_remaining_fractions
from rtcode.plan.tags import at
from rtcode.records import record

_POINTS = frozenset({"POINT", "COORDINATES"})


class PrescriptionSum(Check):
    id = "prescription_sum"
    title = "beam doses that do not add up to the prescription"
    severity = Severity.WARNING
    explanation = (
        "The doses of all beams times the fractions differ from the target's prescription. A beam, a number of"
        " fractions or the prescription may have been changed; a beam dose at a point away from where the prescription"
        " holds is the harmless reason."
    )
    cannot_see = (
        "a change that keeps the sum, such as dose moved from one beam to another; several fraction groups"
        " whose parts of the prescription are not linked to targets; systems that export no prescription."
    )
    limits: ClassVar = {
        "tolerance_percent": Limit(
            2.0,
            "%",
            "difference from the prescription",
            "Eclipse and iPlan agree within 0.1 %; one fraction of 35 more or less is 3 %",
            maximum=100.0,
        ),
        "point_tolerance_percent": Limit(
            20.0,
            "%",
            "difference where the plan lists another point for the beam doses",
            "four patients' plans of Monaco differ by 1, 9, 11 and 17 %",
            maximum=100.0,
        ),
    }

    def find(self, case: CheckCase) -> Iterator[Found | Unknown]:
        parts = list(treating_parts(case))
        if not parts:
            return
        prescribed = prescriptions_of(case.plan)
        if not prescribed:
            yield Unknown("the plan has no prescription for a target", (at("", "DoseReferenceSequence"),))
            return
        for part, group in parts:
            total = total_of(part, group)
            if isinstance(total, Unknown):
                yield total
                return
        where = tuple(at(reference.path, "TargetPrescriptionDose") for reference, _ in prescribed)
        wide = _has_dose_point(case.plan)
        percent = case.limits["point_tolerance_percent" if wide else "tolerance_percent"]
        # By target where each beam names one; else all together against any of the prescriptions.
        sums = _by_target(parts, prescribed) or [_Sum(tuple(dose for _, dose in prescribed), tuple(parts))]
        wrong = [one for one in sums if not one.fits(percent)]
        if not wrong:
            return
        if is_remaining_fractions(case.plan):
            # Those that remain give a part of the prescription, never more than it.
            above = [one for one in wrong if one.above()]
            yield from (one.found(where) for one in above)
            if len(above) < len(wrong):
                yield Unknown("the number of fractions is that of those which remain", where)
        elif any("BEAM_LEVEL" in terms(group.beam_dose_meaning) for _, group in parts):
            yield Unknown("the beam doses are not meant to be added", (at(parts[0][1].path, "BeamDoseMeaning"),))
        elif any(session.mixed_with_brachytherapy for session in case.sessions):
            yield Unknown("brachytherapy gives a part of the prescription", where)
        elif len(parts) > 1 and len(sums) == 1:
            yield Unknown("which fraction groups give which part of the prescription is not known", where)
        else:
            for one in wrong:
                yield one.found(where)


def _has_dose_point(plan: RTPlan) -> bool:
    """Whether a target point without prescription is listed: the one that the beam doses are given for."""
    return any(term(r.structure_type) in _POINTS and not known(r.target_prescription_gy) for r in targets_of(plan))


@record(eq=False)
class _Sum:
    """Beam doses that belong to one target, or to any of some, with what is prescribed."""

    prescriptions_gy: tuple[float, ...]
    parts: tuple[tuple[SessionPart, FractionGroup], ...]
    #: the beams of the parts that count; without it all
    uid: str | None = None

    def _beams(self, part: SessionPart) -> list[PlannedBeam]:
        return [
            b
            for b in part.treatment_beams
            if b.reference is not None and self.uid in (None, b.reference.dose_reference_uid)
        ]

    def _doses(self) -> list[float]:
        """Dose of each group: of one fraction times fractions."""
        return [
            (known_int(group.fractions_planned) or 0) * sum(b.dose_gy or 0.0 for b in self._beams(part))
            for part, group in self.parts
        ]

    def fits(self, percent: float) -> bool:
        """Whether the sum, or that of each group (one prescription a group), is as prescribed."""

        def near(dose: float) -> bool:
            return any(abs(dose - wanted) <= percent / 100.0 * wanted for wanted in self.prescriptions_gy)

        doses = self._doses()
        return near(sum(doses)) or (self.uid is None and all(near(dose) for dose in doses))

    def above(self) -> bool:
        """Whether the sum is more than every prescription."""
        return sum(self._doses()) > max(self.prescriptions_gy)

    def found(self, where: tuple[str, ...]) -> Found:
        doses = self._doses()
        total = sum(doses)
        nearest = min(self.prescriptions_gy, key=lambda dose: abs(dose - total))
        terms = []
        for (_, group), dose in zip(self.parts, doses, strict=True):
            fractions = known_int(group.fractions_planned) or 0
            if dose:
                terms.append(f"{text(dose / fractions, 3)} Gy x {fractions}")
        ratio = total / nearest
        if ratio >= 2.0:
            off = f"{text(ratio)} times as much"
        else:
            off = f"{text(abs(100.0 * (ratio - 1.0)))} % too {'much' if ratio > 1.0 else 'little'}"
        wanted = listing([f"{text(dose, 2)} Gy" for dose in sorted(set(self.prescriptions_gy), reverse=True)])
        return Found(
            f"the beam doses add up to {' + '.join(terms)} = {text(total, 2)} Gy, where {wanted} are prescribed: {off}",
            (*(at(group.path, "NumberOfFractionsPlanned") for _, group in self.parts), *where),
            numbers(b for part, _ in self.parts for b in self._beams(part)),
            {"sum_gy": round(total, 4), "prescription_gy": nearest},
        )


def _by_target(
    parts: list[tuple[SessionPart, FractionGroup]], prescribed: tuple[tuple[DoseReference, float], ...]
) -> list[_Sum]:
    """One sum a target, where every beam names a target with a prescription; else nothing."""
    doses = {reference.uid: dose for reference, dose in prescribed if reference.uid}
    beams = [b for part, _ in parts for b in part.treatment_beams]
    uids = [b.reference.dose_reference_uid or "" for b in beams if b.reference is not None]
    if not all(uid in doses for uid in uids):
        return []
    return [_Sum((doses[uid],), tuple(parts), uid) for uid in dict.fromkeys(uids)]


class PrescriptionAboveMaximum(Check):
    id = "prescription_above_maximum"
    title = "prescription above the maximum dose of its reference"
    severity = Severity.WARNING
    explanation = (
        "The prescribed dose is more than the dose reference allows (DeliveryMaximumDose or TargetMaximumDose): the"
        " treatment would be stopped before its end, or one of the two was changed."
    )
    cannot_see = "maxima that the system does not export, as most."
    limits: ClassVar = {
        "tolerance_percent": Limit(0.1, "%", "excess that is rounding", "doses are written to 0.01 Gy", maximum=100.0)
    }
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        share = 1.0 + case.limits["tolerance_percent"] / 100.0
        for reference, dose in prescriptions_of(case.plan):
            for maximum, keyword in (
                (known(reference.delivery_maximum_gy), "DeliveryMaximumDose"),
                (known(reference.target_maximum_gy), "TargetMaximumDose"),
            ):
                if maximum and dose > share * maximum:
                    yield Found(
                        f"{text(dose, 2)} Gy are prescribed where {keyword} is {text(maximum, 2)} Gy",
                        (at(reference.path, "TargetPrescriptionDose"), at(reference.path, keyword)),
                        values={"prescription_gy": dose, "maximum_gy": maximum},
                    )
                    break


class PrescriptionMissing(Check):
    id = "prescription_missing"
    title = "target without a prescribed dose"
    severity = Severity.WARNING
    explanation = "The plan names targets and prescribes a dose to none of them."
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        targets = targets_of(case.plan)
        if targets and not prescriptions_of(case.plan):
            yield Found(
                "no target dose reference has a prescribed dose",
                tuple(at(reference.path, "TargetPrescriptionDose") for reference in targets),
            )


class NoTarget(Check):
    id = "target_missing"
    title = "plan without a target dose reference"
    severity = Severity.NOTE
    explanation = (
        "No dose reference of type TARGET: the prescription is not in the file and has to be compared by hand. Pinnacle"
        " and most exports of RayStation are like this."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        if not targets_of(case.plan):
            yield Found("the plan has no dose reference for a target", (at("", "DoseReferenceSequence"),))


CHECKS: tuple[type[Check], ...] = (
    PrescriptionSum,
    PrescriptionAboveMaximum,
    PrescriptionMissing,
    NoTarget,
)
