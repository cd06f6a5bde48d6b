"""The dates of a plan: those of its images, of itself, of its review and of the patient's birth, against one another.

Dates are compared and never shown where they are the patient's. There is no clock: how old a plan is can be judged only
where the caller gives a date of service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from rtcode.integrity.checks.shared import term
from rtcode.integrity.checks.words import count
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import PlanKind, Text
from rtcode.plan.tags import at

_EVERY_KIND = frozenset(PlanKind)


def day_of(text: Text) -> date | None:
    """A DICOM date (``YYYYMMDD``, in old files ``YYYY.MM.DD``), or ``None`` where it is absent, empty or no date."""
    written = (text or "").strip().replace(".", "")
    if not re.fullmatch("[0-9]{8}", written):
        return None
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return None


class ReviewDateMissing(Check):
    id = "review_date_missing"
    title = "approved or rejected without a date"
    severity = Severity.WARNING
    explanation = (
        "A plan that was reviewed has the day of its review (PS3.3 C.8.8.16). Without it the status may have been set"
        " by a program, or the plan edited."
    )
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        status = term(case.plan.approval)
        if status in ("APPROVED", "REJECTED") and day_of(case.plan.review_date) is None:
            what = "an unreadable" if term(case.plan.review_date) else "no"
            yield Found(f"the plan is {status} with {what} review date", (at("", "ReviewDate"),))


class ReviewBeforePlan(Check):
    id = "review_before_plan"
    title = "plan written after it was approved"
    severity = Severity.WARNING
    explanation = (
        "The review is older than the plan: what was approved may not be what is in this file. Compare it with the"
        " approved plan (`rtcode compare`)."
    )
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found | Unknown]:
        if term(case.plan.approval) != "APPROVED":
            return
        written, reviewed = day_of(case.plan.date), day_of(case.plan.review_date)
        if written is None or reviewed is None:
            yield Unknown("the plan's date or its review date is not known", (at("", "RTPlanDate"),))
        elif reviewed < written:
            days = (written - reviewed).days
            yield Found(
                f"the plan was approved {count(days, 'day')} before the day on which it was written",
                (at("", "ReviewDate"), at("", "RTPlanDate")),
                values={"days": days},
            )


class PlanDateMissing(Check):
    id = "plan_date_missing"
    title = "plan date missing or unreadable"
    severity = Severity.NOTE
    explanation = "Without its date a plan cannot be told from an older version by when it was made."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if day_of(case.plan.date) is None:
            what = "an unreadable date" if term(case.plan.date) else "no date"
            yield Found(f"the plan has {what}", (at("", "RTPlanDate"),))


class PlanDateImplausible(Check):
    id = "plan_date_implausible"
    title = "plan date in a far past"
    severity = Severity.NOTE
    explanation = (
        "No RT Plan file can be that old: DICOM has had them since 1997. Anonymization writes such dates; in a plan"
        " that is to be treated the clock of a system was wrong."
    )
    limits: ClassVar = {
        "earliest_year": Limit(
            1997.0, "year", "earliest year of a plan", "the RT Plan object was published in 1997", maximum=2100.0
        )
    }
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        written = day_of(case.plan.date)
        if written is not None and written.year < case.limits["earliest_year"]:
            yield Found(
                f"the plan's date is in the year {written.year}",
                (at("", "RTPlanDate"),),
                values={"year": written.year},
            )


class PlanDateFar(Check):
    id = "plan_date_far"
    title = "plan date years away from its images or its approval"
    severity = Severity.NOTE
    explanation = (
        "Images, plan and approval belong together within weeks. Years between them mean that one of the dates is wrong"
        " or was changed by anonymization."
    )
    limits: ClassVar = {
        "years": Limit(
            10.0,
            "years",
            "time between the dates",
            "chosen; 15 of 118 real plans are beyond it, three with images of 1900, so that it is a note",
        )
    }
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        written = day_of(case.plan.date)
        if written is None:
            return
        for first, second, keyword, what in (
            (day_of(case.plan.study_date), written, "StudyDate", "after the study that it was planned on"),
            (written, day_of(case.plan.review_date), "ReviewDate", "before it was reviewed"),
        ):
            if first is not None and second is not None and (second - first).days > 365.25 * case.limits["years"]:
                years = (second - first).days / 365.25
                yield Found(
                    f"the plan was written {years:.0f} years {what}",
                    (at("", "RTPlanDate"), at("", keyword)),
                    values={"years": round(years, 1), "limit_years": case.limits["years"]},
                )


class PlanBeforeStudy(Check):
    id = "plan_before_study"
    title = "plan older than its images"
    severity = Severity.WARNING
    explanation = (
        "The plan's date is before that of the study that it was planned on. The plan may have been copied to another"
        " image set, or belong to another one."
    )
    cannot_see = "a wrong image set of the same or an earlier day."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        written, study = day_of(case.plan.date), day_of(case.plan.study_date)
        # Where one of the two is unknown there is nothing to compare: many systems leave the study's date out.
        if written is not None and study is not None and written < study:
            days = (study - written).days
            yield Found(
                f"the plan was written {count(days, 'day')} before the study that it was planned on",
                (at("", "RTPlanDate"), at("", "StudyDate")),
                values={"days": days},
            )


class PlanBeforeBirth(Check):
    id = "plan_before_birth"
    title = "plan older than the patient"
    severity = Severity.ERROR
    explanation = "The plan's date is before the patient's date of birth: one of the two belongs to somebody else."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        written, born = day_of(case.plan.date), day_of(case.plan.patient.birth_date)
        if written is not None and born is not None and written < born:
            yield Found("the plan's date is before the patient's date of birth", (at("", "RTPlanDate"),))


class PlanAfterService(Check):
    id = "plan_after_service"
    title = "plan written after the date of service"
    severity = Severity.WARNING
    explanation = (
        "A plan cannot be treated before it exists: the date of service is wrong, or another version was treated."
    )
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found | Unknown]:
        if case.date_of_service is None:
            return
        written = day_of(case.plan.date)
        if written is None:
            yield Unknown("the plan has no readable date", (at("", "RTPlanDate"),))
        elif written > case.date_of_service:
            days = (written - case.date_of_service).days
            yield Found(
                f"the plan was written {count(days, 'day')} after the date of service",
                (at("", "RTPlanDate"),),
                values={"days": days},
            )


class PlanOld(Check):
    id = "plan_old"
    title = "plan written long before the date of service"
    severity = Severity.WARNING
    explanation = (
        "The anatomy may have changed since the plan was made, or the wrong plan was opened. Not looked at without a"
        " date of service."
    )
    limits: ClassVar = {
        "days": Limit(
            180.0,
            "days",
            "days from the plan to the date of service",
            "a course is planned weeks, not half a year, before its last fraction",
        )
    }
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        written = day_of(case.plan.date)
        if case.date_of_service is None or written is None:
            return
        days = (case.date_of_service - written).days
        if days > case.limits["days"]:
            yield Found(
                f"the plan was written {days} days before the date of service",
                (at("", "RTPlanDate"),),
                values={"days": days, "limit_days": case.limits["days"]},
            )


CHECKS: tuple[type[Check], ...] = (
    ReviewDateMissing,
    ReviewBeforePlan,
    PlanBeforeBirth,
    PlanBeforeStudy,
    PlanAfterService,
    PlanOld,
    PlanDateMissing,
    PlanDateImplausible,
    PlanDateFar,
)
