"""Whose plan, and which."""

from __future__ import annotations

from pydicom.uid import UID

from benchmarks.seeded.draft import Draft, Unfit, first, number_of, uid_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes


def other_patient(draft: Draft) -> Mark:
    if not draft.ds.get("PatientID"):
        raise Unfit
    draft.ds.PatientID = "SOMEBODY-ELSE"
    draft.ds.PatientName = "ELSE^SOMEBODY"
    return Mark((), "another patient")


def id_digit(draft: Draft) -> Mark:
    if not draft.ds.get("PatientID"):
        raise Unfit
    draft.ds.PatientID = f"{draft.ds.PatientID}1"
    return Mark((), "one digit more in the patient's ID")


def name_only(draft: Draft) -> Mark:
    if not draft.ds.get("PatientName"):
        raise Unfit
    draft.ds.PatientName = "ELSE^SOMEBODY"
    return Mark((), "another name with the same ID")


def id_lost(draft: Draft) -> Mark:
    if not draft.ds.get("PatientID"):
        raise Unfit
    draft.ds.PatientID = ""
    return Mark((), "patient ID empty")


def same_uid(draft: Draft) -> Mark:
    """The plan was changed and kept its UID: nobody downstream notices the new version."""
    beam = draft.a_beam()
    reference = draft.reference(beam)
    reference.BeamMeterset = f"{float(reference.BeamMeterset) * 1.1:.2f}"
    return Mark((number_of(beam),), "meterset 10 % more under the same SOP Instance UID")


def label_other_side(draft: Draft) -> Mark:
    label = str(draft.ds.get("RTPlanLabel") or "")
    for old, new in (("L ", "R "), ("R ", "L ")):
        if label.startswith(old):
            draft.ds.RTPlanLabel = new + label[2:]
            return Mark((), "label names the other side")
    raise Unfit


def uid_lost(draft: Draft) -> Mark:
    draft.ds.SOPInstanceUID = UID("")
    return Mark((), "no SOP Instance UID")


def study_other(draft: Draft) -> Mark:
    draft.ds.StudyInstanceUID = uid_of("study", draft.ds.SOPInstanceUID)
    draft.ds.FrameOfReferenceUID = uid_of("frame", draft.ds.SOPInstanceUID)
    return Mark((), "another study and frame")


def class_wrong(draft: Draft) -> Mark:
    first(draft.a_beam())
    draft.ds.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.481.8")
    return Mark((), "SOP class of an ion plan around photon beams")


KINDS = (
    Kind(
        id="patient_other",
        family="identity",
        harm=Harm.SERIOUS,
        notice="the plan is under another patient",
        topics=topics("identity"),
        integrity=no("a plan alone cannot know whose it should be"),
        plant=other_patient,
    ),
    Kind(
        id="patient_id_digit",
        family="identity",
        harm=Harm.SERIOUS,
        notice="one digit of the patient's ID is wrong",
        topics=topics("identity"),
        integrity=no("a plan alone cannot know whose it should be"),
        plant=id_digit,
    ),
    Kind(
        id="patient_name_only",
        family="identity",
        harm=Harm.MODERATE,
        notice="the ID is right and the name is another's",
        topics=topics("identity"),
        integrity=no("a plan alone cannot know whose it should be"),
        plant=name_only,
    ),
    Kind(
        id="patient_id_empty",
        family="identity",
        harm=Harm.STOPS,
        notice="the plan has no patient ID",
        topics=topics("identity"),
        integrity=yes("a plan for treatment belongs to a patient"),
        plant=id_lost,
    ),
    Kind(
        id="changed_under_same_uid",
        family="identity",
        harm=Harm.SERIOUS,
        notice="the content changed and the UID did not",
        topics=topics("meterset", "uid"),
        integrity=no("one plan alone does not show it"),
        analyze=yes("given together, two contents under one UID are a conflict"),
        plant=same_uid,
        same_uid=True,
        together=True,
    ),
    Kind(
        id="label_other_side",
        family="names",
        harm=Harm.MODERATE,
        notice="the label says right for left",
        topics=topics("names", "text"),
        integrity=no("free text"),
        plant=label_other_side,
    ),
    Kind(
        id="sop_instance_uid_empty",
        family="identity",
        harm=Harm.STOPS,
        notice="the plan has no SOP Instance UID",
        topics=topics("uid"),
        integrity=yes("nothing can refer to it"),
        plant=uid_lost,
        same_uid=True,
    ),
    Kind(
        id="study_and_frame_other",
        family="frame",
        harm=Harm.SERIOUS,
        notice="the plan belongs to another study and image set",
        topics=topics("frame"),
        integrity=no("UIDs alone say nothing"),
        plant=study_other,
    ),
    Kind(
        id="sop_class_of_ion_plan",
        family="identity",
        harm=Harm.STOPS,
        notice="the object says ion plan and holds photon beams",
        topics=topics("uid", "radiation", "class"),
        integrity=yes("class and content contradict one another"),
        plant=class_wrong,
    ),
)
