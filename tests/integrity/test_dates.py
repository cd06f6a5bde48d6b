"""Worked cases of `rtcode.integrity.checks.dates`."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.integrity.checks import dates
from rtcode.plan.model import PatientIdentity, PlanKind
from tests.integrity.support import Case, check_case, good, holds

SERVICE = date(2026, 3, 2)


def born(day: str):
    return PatientIdentity("P1", "Doe^Test", day)


CASES = (
    Case("plan_date_far", good(date="20620302", study_date="20260301"), True, "a date in the future", ("36 years",)),
    Case("plan_date_far", good(date="20060101"), True, "approved twenty years later", ("20 years", "reviewed")),
    Case("plan_date_far", good(study_date="20201201"), False, "old images"),
    Case("plan_date_far", good(date=None), False, "no date"),
    Case("review_date_missing", good(review_date=None), True, "approved without a day", ("no review date",)),
    Case("review_date_missing", good(review_date="2026"), True, "no day", ("unreadable",)),
    Case("review_date_missing", good(review_date="20260230"), True, "no day of the calendar", ("unreadable",)),
    Case("review_date_missing", good(), False, "approved with a day"),
    Case("review_date_missing", good(approval="UNAPPROVED", review_date=None), False, "never reviewed"),
    Case("review_before_plan", good(date="20260105"), True, "written three days later", ("3 days",)),
    Case("review_before_plan", good(date="20260103"), True, "written the next day", ("1 day ",)),
    Case("review_before_plan", good(date="20260102"), False, "written and approved on one day"),
    Case("review_before_plan", good(date="20251230"), False, "approved later"),
    Case("review_before_plan", good(date=None), None, "no date to compare with"),
    Case("review_before_plan", good(approval="UNAPPROVED", review_date=None), False, "not approved"),
    Case("plan_before_birth", good(patient=born("20270101")), True, "born later"),
    Case("plan_before_birth", good(patient=born("20260101")), False, "born on the day"),
    Case("plan_before_birth", good(patient=born("")), False, "not known"),
    Case("plan_before_study", good(study_date="20260111"), True, "images of ten days later", ("10 days",)),
    Case("plan_before_study", good(study_date="20260101"), False, "images of the day"),
    Case("plan_before_study", good(study_date="2026.01.11"), True, "a date in the old form"),
    Case("plan_before_study", good(study_date=None), False, "not known"),
    Case("plan_after_service", good(date="20260303"), True, "written the next day", ("1 day ",), day=SERVICE),
    Case("plan_after_service", good(date="20260302"), False, "written on the day", day=SERVICE),
    Case("plan_after_service", good(date="20260303"), False, "no date of service"),
    Case("plan_after_service", good(date=None), None, "no date of the plan", day=SERVICE),
    Case("plan_old", good(date="20250801"), True, "seven months", ("213 days",), day=SERVICE),
    Case("plan_old", good(), False, "two months", day=SERVICE),
    Case("plan_old", good(date="20200101"), False, "no date of service"),
    Case("plan_old", good(), True, "a site that wants new plans", limits={"days": 30.0}, day=SERVICE),
    Case("plan_date_missing", good(date=""), True, "empty", ("no date",)),
    Case("plan_date_missing", good(date="01/02/2026"), True, "no DICOM date", ("unreadable",)),
    Case("plan_date_missing", good(), False, "given"),
    Case("plan_date_implausible", good(date="19010101"), True, "anonymized", ("1901",)),
    Case("plan_date_implausible", good(date="19970601"), False, "the first year"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, dates.CHECKS)


def test_a_date_of_birth_is_never_shown() -> None:
    plan = good(patient=born("20270809"))
    for check in dates.CHECKS:
        for one in check().find(check_case(plan, check, day=SERVICE)):
            assert "2027" not in str(one) and "Doe" not in str(one)


def test_other_kinds_of_plans_are_looked_at_too() -> None:
    assert all(check.kinds == frozenset(PlanKind) for check in dates.CHECKS)


@given(st.one_of(st.none(), st.text(max_size=12), st.dates().map(lambda day: day.strftime("%Y%m%d"))))
def test_any_text_is_a_day_or_none(text: str | None) -> None:
    found = dates.day_of(text)
    assert found is None or found.strftime("%Y%m%d").zfill(8) == (text or "").strip().replace(".", "")
