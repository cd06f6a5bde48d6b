"""What the plan says of itself: approval, intent, identity, and the images that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from rtcode.integrity.checks.shared import term
from rtcode.integrity.types import Check, CheckCase, Found, Severity
from rtcode.plan.model import PlanKind
from rtcode.plan.tags import at

_EVERY_KIND = frozenset(PlanKind)
#: PlanIntent (300A,000A): intents of plans that treat a patient, and of those that do not.
_TREATING = frozenset({"CURATIVE", "PALLIATIVE", "PROPHYLACTIC"})
_NOT_TREATING = frozenset({"VERIFICATION", "MACHINE_QA", "RESEARCH", "SERVICE"})
_APPROVALS = frozenset({"APPROVED", "UNAPPROVED", "REJECTED"})
_GEOMETRIES = frozenset({"PATIENT", "TREATMENT_DEVICE"})


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
            what = "is none that DICOM defines" if term(case.plan.approval) else "is not given"
            yield Found(f"the plan's approval status {what}", (at("", "ApprovalStatus"),))


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
        if not term(case.plan.patient.id):
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
        if term(case.plan.geometry) == "PATIENT" and not term(case.plan.structure_set_uid):
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
            what = "is none that DICOM defines" if term(case.plan.geometry) else "is not given"
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
        if not term(case.plan.label):
            yield Found("the plan has no label", (at("", "RTPlanLabel"),))


CHECKS: tuple[type[Check], ...] = (
    Rejected,
    Unapproved,
    ApprovalUnknown,
    NotForTreatment,
    IntentUnknown,
    PatientIdMissing,
    StructureSetMissing,
    DeviceGeometry,
    GeometryUnknown,
    SoftwareMissing,
    LabelMissing,
)
