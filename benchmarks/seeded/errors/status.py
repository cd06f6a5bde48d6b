"""Approval, intent, dates, machine, frames, structure sets."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.seeded.draft import Draft, Unfit, number_of, uid_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes


def unapproved(draft: Draft) -> Mark:
    if draft.ds.get("ApprovalStatus") != "APPROVED":
        raise Unfit
    draft.ds.ApprovalStatus = "UNAPPROVED"
    for keyword in ("ReviewDate", "ReviewTime", "ReviewerName"):
        if keyword in draft.ds:
            del draft.ds[keyword]
    return Mark((), "unapproved")


def rejected(draft: Draft) -> Mark:
    if draft.ds.get("ApprovalStatus") == "REJECTED":
        raise Unfit
    draft.ds.ApprovalStatus = "REJECTED"
    return Mark((), "rejected")


def approval_lost(draft: Draft) -> Mark:
    if "ApprovalStatus" not in draft.ds:
        raise Unfit
    del draft.ds.ApprovalStatus
    return Mark((), "approval status gone")


def _intent(value: str) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        if draft.ds.get("PlanIntent") in ("VERIFICATION", "MACHINE_QA", "SERVICE"):
            raise Unfit
        draft.ds.PlanIntent = value
        return Mark((), f"intent {value}")

    return plant


def date_future(draft: Draft) -> Mark:
    if not draft.ds.get("RTPlanDate"):
        raise Unfit
    draft.ds.RTPlanDate = "20620302"
    return Mark((), "plan date in 2062")


def date_before_birth(draft: Draft) -> Mark:
    if not draft.ds.get("RTPlanDate") or not draft.ds.get("PatientBirthDate"):
        raise Unfit
    draft.ds.PatientBirthDate = "20270101"
    draft.ds.RTPlanDate = "20260302"
    return Mark((), "birth after the plan")


def review_before_plan(draft: Draft) -> Mark:
    if not draft.ds.get("RTPlanDate") or draft.ds.get("ApprovalStatus") != "APPROVED":
        raise Unfit
    plan = str(draft.ds.RTPlanDate)
    if not plan[:4].isdigit():
        raise Unfit
    draft.ds.ReviewDate = f"{int(plan[:4]) - 1}{plan[4:]}"
    return Mark((), "approved a year before the plan's date")


def date_malformed(draft: Draft) -> Mark:
    draft.ds.RTPlanDate = "20261341"
    return Mark((), "13th month")


def machine_of_one(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("TreatmentMachineName")], at_least=2)
    beam.TreatmentMachineName = "LINAC_9"
    return Mark((number_of(beam),), "another machine for one beam")


def machine_of_all(draft: Draft) -> Mark:
    for beam in draft.beams:
        beam.TreatmentMachineName = "LINAC_9"
    return Mark(tuple(number_of(b) for b in draft.treatment), "another machine for all beams")


def machine_empty(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("TreatmentMachineName")], at_least=2)
    beam.TreatmentMachineName = ""
    return Mark((number_of(beam),), "machine of one beam empty")


def frame_other(draft: Draft) -> Mark:
    if not draft.ds.get("FrameOfReferenceUID"):
        raise Unfit
    draft.ds.FrameOfReferenceUID = uid_of("frame", draft.ds.SOPInstanceUID)
    return Mark((), "another frame of reference")


def frame_lost(draft: Draft) -> Mark:
    if not draft.ds.get("FrameOfReferenceUID") or draft.ds.get("RTPlanGeometry") != "PATIENT":
        raise Unfit
    del draft.ds.FrameOfReferenceUID
    return Mark((), "frame of reference gone")


def structures_other(draft: Draft) -> Mark:
    items = draft.ds.get("ReferencedStructureSetSequence")
    if not items:
        raise Unfit
    items[0].ReferencedSOPInstanceUID = uid_of("other structures", draft.ds.SOPInstanceUID)
    return Mark((), "another structure set")


def structures_lost(draft: Draft) -> Mark:
    if not draft.ds.get("ReferencedStructureSetSequence") or draft.ds.get("RTPlanGeometry") != "PATIENT":
        raise Unfit
    del draft.ds.ReferencedStructureSetSequence
    return Mark((), "structure set gone")


def device_geometry(draft: Draft) -> Mark:
    if draft.ds.get("RTPlanGeometry") != "PATIENT" or not draft.ds.get("ReferencedStructureSetSequence"):
        raise Unfit
    draft.one_isocenter()
    draft.collimated()
    draft.ds.RTPlanGeometry = "TREATMENT_DEVICE"
    return Mark((), "geometry of the device, structure set as before")


KINDS = (
    Kind(
        id="unapproved",
        family="approval",
        harm=Harm.MINOR,
        notice="the plan is not approved",
        topics=topics("approval"),
        integrity=yes("a chart check looks at it first"),
        analyze=yes("an unapproved plan is flagged"),
        plant=unapproved,
    ),
    Kind(
        id="rejected",
        family="approval",
        harm=Harm.SERIOUS,
        notice="the plan is rejected",
        topics=topics("approval"),
        integrity=yes("a rejected plan is not to be treated"),
        analyze=yes("a rejected plan is not for treatment"),
        plant=rejected,
    ),
    Kind(
        id="approval_lost",
        family="approval",
        harm=Harm.MINOR,
        notice="the plan does not say whether it is approved",
        topics=topics("approval"),
        integrity=yes("not known to be approved is as good as unapproved"),
        plant=approval_lost,
    ),
    Kind(
        id="intent_verification",
        family="intent",
        harm=Harm.STOPS,
        notice="the plan is for verification, not for the patient",
        topics=topics("intent"),
        integrity=yes("the intent is not treatment"),
        analyze=yes("a verification plan is out of scope"),
        plant=_intent("VERIFICATION"),
    ),
    Kind(
        id="intent_machine_qa",
        family="intent",
        harm=Harm.STOPS,
        notice="the plan is for machine QA",
        topics=topics("intent"),
        integrity=yes("the intent is not treatment"),
        analyze=yes("a QA plan is out of scope"),
        plant=_intent("MACHINE_QA"),
    ),
    Kind(
        id="plan_date_in_future",
        family="dates",
        harm=Harm.MINOR,
        notice="the plan is from the future",
        topics=topics("dates"),
        integrity=yes("no plan is"),
        plant=date_future,
    ),
    Kind(
        id="birth_after_plan",
        family="dates",
        harm=Harm.MINOR,
        notice="the patient was born after the plan was made",
        topics=topics("dates", "identity"),
        integrity=yes("the dates contradict one another"),
        plant=date_before_birth,
    ),
    Kind(
        id="approved_before_made",
        family="dates",
        harm=Harm.MODERATE,
        notice="the plan was changed after it had been approved",
        topics=topics("dates", "approval"),
        integrity=yes("the dates contradict one another"),
        plant=review_before_plan,
    ),
    Kind(
        id="plan_date_malformed",
        family="dates",
        harm=Harm.MINOR,
        notice="the plan date is no date",
        topics=topics("dates"),
        integrity=yes("there is no thirteenth month"),
        plant=date_malformed,
    ),
    Kind(
        id="machine_one_beam",
        family="machine",
        harm=Harm.STOPS,
        notice="one beam is for another machine",
        topics=topics("machine"),
        integrity=yes("a session on two machines is hardly ever meant"),
        plant=machine_of_one,
    ),
    Kind(
        id="machine_all_beams",
        family="machine",
        harm=Harm.MODERATE,
        notice="the plan is for another machine than planned",
        topics=topics("machine"),
        integrity=no("any machine is possible"),
        plant=machine_of_all,
    ),
    Kind(
        id="machine_empty",
        family="machine",
        harm=Harm.STOPS,
        notice="one beam has no machine",
        topics=topics("machine"),
        integrity=yes("its neighbors have one"),
        plant=machine_empty,
    ),
    Kind(
        id="frame_of_reference_other",
        family="frame",
        harm=Harm.SERIOUS,
        notice="the plan is on another image set",
        topics=topics("frame"),
        integrity=no("a UID alone says nothing"),
        plant=frame_other,
    ),
    Kind(
        id="frame_of_reference_lost",
        family="frame",
        harm=Harm.MODERATE,
        notice="the plan is in patient coordinates of no frame",
        topics=topics("frame"),
        integrity=yes("patient coordinates need a frame of reference"),
        plant=frame_lost,
    ),
    Kind(
        id="structure_set_other",
        family="frame",
        harm=Harm.MODERATE,
        notice="the plan refers to another structure set",
        topics=topics("structure_set"),
        integrity=no("a UID alone says nothing"),
        plant=structures_other,
    ),
    Kind(
        id="structure_set_lost",
        family="frame",
        harm=Harm.MODERATE,
        notice="a plan in patient geometry refers to no structure set",
        topics=topics("structure_set", "references", "frame"),
        integrity=yes("patient geometry means that there is one"),
        plant=structures_lost,
    ),
    Kind(
        id="geometry_of_device",
        family="frame",
        harm=Harm.MODERATE,
        notice="the plan says device geometry and refers to a patient's structures",
        topics=topics("geometry", "structure_set", "frame"),
        integrity=yes("device geometry means that there is none"),
        analyze=yes("isocenters of a device geometry cannot be compared, so the criterion is open"),
        plant=device_geometry,
    ),
)
