"""What the plan says of itself: approval, intent, dates, identity, and the images that it belongs to.

Dates are compared and never shown where they are the patient's. There is no clock: how old a plan is can be judged only
where the caller gives a date of service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from rtcode.integrity.checks.shared import term
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import PlanKind, Text
from rtcode.plan.tags import at

_EVERY_KIND = frozenset(PlanKind)
#: PlanIntent (300A,000A): intents of plans that treat a patient, and of those that do not.
_TREATING = frozenset({"CURATIVE", "PALLIATIVE", "PROPHYLACTIC"})
_NOT_TREATING = frozenset({"VERIFICATION", "MACHINE_QA", "RESEARCH", "SERVICE"})
_APPROVALS = frozenset({"APPROVED", "UNAPPROVED", "REJECTED"})
_GEOMETRIES = frozenset({"PATIENT", "TREATMENT_DEVICE"})


def day_of(text: Text) -> date | None:
    """A DICOM date (``YYYYMMDD``, in old files ``YYYY.MM.DD``), or ``None`` where it is absent, empty or no date."""
    written = (text or "").strip().replace(".", "")
    if not re.fullmatch("[0-9]{8}", written):
        return None
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return None


def _is_given(text: Text) -> bool:
    return bool((text or "").strip())


class Rejected(Check):
    id = "rejected"
    title = "plan that was rejected"
    severity = Severity.ERROR
    explanation = "The plan was reviewed and rejected; it must not be treated. Look for the plan that replaced it."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.approval) == "REJECTED":
            yield Found("the plan's approval status is REJECTED", (at("", "ApprovalStatus"),))


class Unapproved(Check):
    id = "unapproved"
    title = "plan that is not approved"
    severity = Severity.WARNING
    explanation = (
        "A plan has to be approved before it is treated. Exports for a second calculation are often made before that;"
        " check the approval in the treatment management system."
    )
    cannot_see = "an approval that the treatment management system keeps apart from the file."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.approval) == "UNAPPROVED":
            yield Found("the plan's approval status is UNAPPROVED", (at("", "ApprovalStatus"),))


class ApprovalUnknown(Check):
    id = "approval_unknown"
    title = "approval status missing or unknown"
    severity = Severity.NOTE
    explanation = "The file does not say whether the plan was approved; check it in the treatment management system."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.approval) not in _APPROVALS:
            what = "is none that DICOM defines" if _is_given(case.plan.approval) else "is not given"
            yield Found(f"the plan's approval status {what}", (at("", "ApprovalStatus"),))


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
            what = "an unreadable" if _is_given(case.plan.review_date) else "no"
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
                f"the plan was approved {days} day{'s' if days > 1 else ''} before the day on which it was written",
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
            what = "an unreadable date" if _is_given(case.plan.date) else "no date"
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
                f"the plan was written {days} day{'s' if days > 1 else ''} before the study that it was planned on",
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
                f"the plan was written {days} day{'s' if days > 1 else ''} after the date of service",
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


class NotForTreatment(Check):
    id = "not_for_treatment"
    title = "plan that is not meant for treating a patient"
    severity = Severity.WARNING
    explanation = (
        "The plan's intent, or its reference to a plan that it verifies, says that it is for measurements, research or"
        " service. Make sure that it is not the one that will be treated."
    )
    cannot_see = "a plan for measurements whose intent was left out, as in more than half of the plans that were met."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        intent = term(case.plan.intent).replace(" ", "_")
        if intent in _NOT_TREATING:
            yield Found(f"the plan's intent is {intent}", (at("", "PlanIntent"),))
        verified = [r for r in case.plan.related_plans if term(r.relationship) == "VERIFIED_PLAN"]
        if verified:
            yield Found(
                "the plan was made to verify another plan",
                tuple(at(related.path, "RTPlanRelationship") for related in verified),
            )


class IntentUnknown(Check):
    id = "intent_unknown"
    title = "plan intent that DICOM does not define"
    severity = Severity.NOTE
    explanation = "PlanIntent (300A,000A) is a word of a vendor or of a site; other systems will not understand it."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        intent = term(case.plan.intent)
        if intent and intent.replace(" ", "_") not in _TREATING | _NOT_TREATING:
            yield Found("the plan's intent is none that DICOM defines", (at("", "PlanIntent"),))


class PatientIdMissing(Check):
    id = "patient_id_missing"
    title = "patient without an identifier"
    severity = Severity.WARNING
    explanation = "Without PatientID (0010,0020) nothing ties the plan to a patient. Expected of anonymized plans only."
    cannot_see = "whether the identifier is the right patient's."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if not _is_given(case.plan.patient.id):
            yield Found("the patient has no identifier", (at("", "PatientID"),))


class StructureSetMissing(Check):
    id = "structure_set_missing"
    title = "plan in patient geometry that names no structure set"
    severity = Severity.WARNING
    explanation = (
        "RTPlanGeometry (300A,000C) PATIENT means that the plan refers to a structure set (PS3.3 C.8.8.9), and through"
        " it to images. Without it nothing says which images the isocenters belong to."
    )
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.geometry) == "PATIENT" and not _is_given(case.plan.structure_set_uid):
            yield Found(
                "the plan is in patient geometry and refers to no structure set",
                (at("", "ReferencedStructureSetSequence"),),
            )


class DeviceGeometry(Check):
    id = "device_geometry"
    title = "plan in the geometry of the treatment machine"
    severity = Severity.NOTE
    explanation = (
        "The plan refers to no patient images: phantom, machine QA and hand calculations are written like this. Its"
        " isocenters are no places in a patient."
    )
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.geometry) == "TREATMENT_DEVICE":
            yield Found("the plan's geometry is TREATMENT_DEVICE", (at("", "RTPlanGeometry"),))


class GeometryUnknown(Check):
    id = "geometry_unknown"
    title = "plan geometry missing or unknown"
    severity = Severity.WARNING
    explanation = "RTPlanGeometry (300A,000C) says whether the isocenters are places in a patient; DICOM requires it."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if term(case.plan.geometry) not in _GEOMETRIES:
            what = "is none that DICOM defines" if _is_given(case.plan.geometry) else "is not given"
            yield Found(f"the plan's geometry {what}", (at("", "RTPlanGeometry"),))


class SoftwareMissing(Check):
    id = "software_missing"
    title = "no software version"
    severity = Severity.NOTE
    explanation = "The file does not say which version of a planning system wrote it; conversions and scripts lose it."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if not case.plan.software_versions:
            yield Found("the plan names no software version", (at("", "SoftwareVersions"),))


class LabelMissing(Check):
    id = "label_missing"
    title = "plan without a label"
    severity = Severity.NOTE
    explanation = "RTPlanLabel (300A,0002) is what people call the plan by; DICOM requires it."
    kinds = _EVERY_KIND

    def find(self, case: CheckCase) -> Iterator[Found]:
        if not _is_given(case.plan.label):
            yield Found("the plan has no label", (at("", "RTPlanLabel"),))


CHECKS: tuple[type[Check], ...] = (
    Rejected,
    Unapproved,
    ApprovalUnknown,
    ReviewDateMissing,
    ReviewBeforePlan,
    NotForTreatment,
    IntentUnknown,
    PatientIdMissing,
    PlanBeforeBirth,
    PlanBeforeStudy,
    PlanAfterService,
    PlanOld,
    PlanDateMissing,
    PlanDateImplausible,
    PlanDateFar,
    StructureSetMissing,
    DeviceGeometry,
    GeometryUnknown,
    SoftwareMissing,
    LabelMissing,
)
