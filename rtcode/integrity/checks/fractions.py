"""Numbers of fractions, their pattern, and the doses of one fraction and of the course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rtcode.integrity.checks.groups import group_label, prescriptions_of, total_of, treating_parts
from rtcode.integrity.checks.shared import EXTERNAL, numbers, text
from rtcode.integrity.checks.words import count, short
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import Missing, known_int
from rtcode.plan.sessions import is_remaining_fractions
from rtcode.plan.tags import at


class FractionsMissing(Check):
    id = "fractions_missing"
    title = "number of fractions missing"
    severity = Severity.WARNING
    explanation = "NumberOfFractionsPlanned (300A,0078) is empty: how often the beams are given is not in the plan."
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part, group in treating_parts(case):
            if isinstance(group.fractions_planned, Missing):
                what = "an unreadable" if group.fractions_planned is Missing.INVALID else "no"
                yield Found(
                    f"{group_label(group)} has {what} number of fractions",
                    (at(group.path, "NumberOfFractionsPlanned"),),
                    numbers(part.treatment_beams),
                )


class FractionsZero(Check):
    id = "fractions_zero"
    title = "no fractions planned"
    severity = Severity.ERROR
    explanation = (
        "The fraction group has beams and is given 0 times. Plans of Ethos, which count the fractions that remain, are"
        " left out."
    )
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        if is_remaining_fractions(case.plan):
            return
        for part, group in treating_parts(case):
            if (known_int(group.fractions_planned) or 0) <= 0 and not isinstance(group.fractions_planned, Missing):
                yield Found(
                    f"{group_label(group)} has {known_int(group.fractions_planned)} fractions",
                    (at(group.path, "NumberOfFractionsPlanned"),),
                    numbers(part.treatment_beams),
                )


class FractionsMany(Check):
    id = "fractions_many"
    title = "very many fractions"
    severity = Severity.WARNING
    explanation = "More fractions than a course has; the number of fractions or of sessions a day may be wrong."
    limits: ClassVar = {
        "fractions": Limit(
            50.0, "", "largest number of fractions", "long courses have 45, twice a day up to 70", minimum=1.0
        )
    }
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part, group in treating_parts(case):
            fractions = known_int(group.fractions_planned)
            if fractions is not None and fractions > case.limits["fractions"]:
                yield Found(
                    f"{group_label(group)} has {fractions} fractions, more than {short(case.limits['fractions'])}",
                    (at(group.path, "NumberOfFractionsPlanned"),),
                    numbers(part.treatment_beams),
                    {"fractions": fractions, "limit": case.limits["fractions"]},
                )


class FractionPattern(Check):
    id = "fraction_pattern"
    title = "fraction pattern that contradicts its numbers"
    severity = Severity.WARNING
    explanation = (
        "FractionPattern (300A,007B) has one digit, 0 or 1, for each possible fraction of a cycle: 7 days times digits"
        " a day times weeks (PS3.3 C.8.8.13). What does not fit is read differently by different systems."
    )
    cannot_see = "anything where the pattern is absent, as in nearly every plan."
    kinds = EXTERNAL

    def find(self, case: CheckCase) -> Iterator[Found | Unknown]:
        for _, group in treating_parts(case):
            pattern = "".join((group.pattern or "").split())
            if not pattern:
                continue
            where = (at(group.path, "FractionPattern"),)
            label = group_label(group)
            if set(pattern) - {"0", "1"}:
                yield Found(f"the fraction pattern of {label} has other characters than 0 and 1", where)
                continue
            if "1" not in pattern:
                yield Found(f"the fraction pattern of {label} has no fraction in it", where)
            digits, weeks = known_int(group.digits_per_day), known_int(group.cycle_length_weeks)
            if digits is None or weeks is None:
                yield Unknown(f"digits a day or weeks of the fraction pattern of {label} are not known", where)
            elif len(pattern) != 7 * digits * weeks:
                yield Found(
                    f"the fraction pattern of {label} has {len(pattern)} digits, where {digits} a day and "
                    f"{count(weeks, 'week')} make {7 * digits * weeks}",
                    where,
                    values={"digits": len(pattern), "expected_digits": 7 * digits * weeks},
                )


class FractionDoseLarge(Check):
    id = "fraction_dose_large"
    title = "very large dose in one fraction"
    severity = Severity.WARNING
    explanation = (
        "The beams of one fraction, or the prescription divided by the fractions, give more than the site's limit."
        " Beside a wrong number of fractions, radiosurgery is the reason."
    )
    limits: ClassVar = {
        "fraction_gy": Limit(
            25.0, "Gy", "largest dose of a fraction", "radiosurgery of metastases prescribes up to 24 Gy", minimum=0.1
        )
    }

    def find(self, case: CheckCase) -> Iterator[Found]:
        limit = case.limits["fraction_gy"]
        parts = list(treating_parts(case))
        for part, group in parts:
            fractions = known_int(group.fractions_planned) or 0
            prescribed = [
                dose / fractions for _, dose in prescriptions_of(case.plan) if fractions > 0 and len(parts) == 1
            ]
            given = sum(b.dose_gy or 0.0 for b in part.treatment_beams)
            most = max(given, *prescribed) if prescribed else given
            if most > limit:
                what = "the beams give" if most == given else "the prescription gives"
                yield Found(
                    f"{group_label(group)}: {what} {text(most, 2)} Gy in a fraction, more than {short(limit)} Gy",
                    (at(group.path, "NumberOfFractionsPlanned"),),
                    numbers(part.treatment_beams),
                    {"fraction_gy": round(most, 4), "limit_gy": limit},
                )


class TotalDoseLarge(Check):
    id = "total_dose_large"
    title = "very large total dose"
    severity = Severity.WARNING
    explanation = "The prescription, or the beam doses times the fractions, is more than a course gives."
    limits: ClassVar = {
        "total_gy": Limit(90.0, "Gy", "largest total dose", "dose-escalated courses reach 81 to 86.4 Gy", minimum=0.1)
    }

    def find(self, case: CheckCase) -> Iterator[Found]:
        limit = case.limits["total_gy"]
        for reference, dose in prescriptions_of(case.plan):
            if dose > limit:
                yield Found(
                    f"{text(dose, 2)} Gy are prescribed, more than {short(limit)} Gy",
                    (at(reference.path, "TargetPrescriptionDose"),),
                    values={"prescription_gy": dose, "limit_gy": limit},
                )
        for part, group in treating_parts(case):
            total = total_of(part, group)
            if isinstance(total, float) and total > limit:
                yield Found(
                    f"{group_label(group)}: the beam doses add up to {text(total, 2)} Gy, more than {short(limit)} Gy",
                    (at(group.path, "NumberOfFractionsPlanned"),),
                    numbers(part.treatment_beams),
                    {"sum_gy": round(total, 4), "limit_gy": limit},
                )


CHECKS: tuple[type[Check], ...] = (
    FractionsMissing,
    FractionsZero,
    FractionsMany,
    FractionPattern,
    FractionDoseLarge,
    TotalDoseLarge,
)
