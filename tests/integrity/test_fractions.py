"""Worked cases of `rtcode.integrity.checks.fractions`."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.integrity.checks import fractions
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, good, holds


def group(number: Any = 25, **fields: Any) -> Any:
    return good(groups=(f.group(1, (1, 2), fractions=number, dose_gy=fields.pop("dose_gy", 1.0), **fields),))


def pattern(digits: str, per_day: Any = 1, weeks: Any = 1) -> Any:
    return group(pattern=digits, digits_per_day=per_day, cycle_length_weeks=weeks)


ETHOS = {"sop_class_uid": "1.2.246.352.70.1.70", "model": "Ethos"}

CASES = (
    Case("fractions_missing", group(Missing.EMPTY), True, "empty", ("fraction group 1", "no number"), (1, 2)),
    Case("fractions_missing", group(Missing.INVALID), True, "unreadable", ("unreadable",)),
    Case("fractions_missing", group(), False, "given"),
    Case("fractions_zero", group(0), True, "0", ("0 fractions",)),
    Case("fractions_zero", group(-1), True, "negative", ("-1 fractions",)),
    Case("fractions_zero", group(1), False, "one"),
    Case("fractions_zero", group(Missing.EMPTY), False, "missing is another check"),
    Case("fractions_zero", good(groups=(f.group(1, (1, 2), fractions=0),), **ETHOS), False, "none remains"),
    Case("fractions_many", group(70), True, "70", ("70 fractions",)),
    Case("fractions_many", group(45), False, "a long course"),
    Case("fractions_many", group(45), True, "a site's limit", limits={"fractions": 40.0}),
    Case("fraction_pattern", pattern("1111100"), False, "Monday to Friday"),
    Case("fraction_pattern", pattern("11111001010100", 1, 2), False, "two weeks"),
    Case("fraction_pattern", pattern("11001100110000", 2, 1), False, "twice a day"),
    Case("fraction_pattern", pattern("11111"), True, "five days", ("5 digits", "make 7")),
    Case("fraction_pattern", pattern("0000000"), True, "no fraction in it", ("no fraction",)),
    Case("fraction_pattern", pattern("MTWTF"), True, "letters", ("other characters",)),
    Case("fraction_pattern", pattern("1111100", Missing.ABSENT), None, "digits a day not known"),
    Case("fraction_pattern", group(), False, "absent, as nearly always"),
    Case("fraction_dose_large", group(dose_gy=15.0), True, "30 Gy by the beams", ("the beams give 30 Gy",), (1, 2)),
    Case("fraction_dose_large", group(1, dose_gy=1.0), True, "50 Gy in one", ("the prescription gives 50 Gy",)),
    Case("fraction_dose_large", group(dose_gy=10.0), False, "radiosurgery"),
    Case("fraction_dose_large", group(dose_gy=5.0), True, "a site without it", limits={"fraction_gy": 8.0}),
    Case(
        "total_dose_large",
        good(dose_references=(f.dose_reference(target_prescription_gy=120.0),)),
        True,
        "prescribed",
        ("120 Gy are prescribed",),
    ),
    Case("total_dose_large", group(50), True, "by the beams", ("100 Gy",), (1, 2)),
    Case("total_dose_large", group(40), False, "80 Gy"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, fractions.CHECKS)
