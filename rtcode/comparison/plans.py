"""The plans as wholes compared: whose they are, what they are called, what they refer to."""

from __future__ import annotations

from rtcode.comparison.recorder import Recorder
from rtcode.comparison.setups import code_text
from rtcode.comparison.types import PatientRelation, Presence
from rtcode.plan.model import PatientIdentity, PlanKind, RTPlan, Text


def patient_relation(old: PatientIdentity, new: PatientIdentity) -> PatientRelation:
    """By PatientID alone: names are written in many ways, and an ID that is missing says nothing."""
    a, b = ((one.id or "").strip() for one in (old, new))
    if not a or not b:
        return PatientRelation.UNKNOWN
    return PatientRelation.SAME if a == b else PatientRelation.DIFFERENT


def compare_plans(record: Recorder, old: RTPlan, new: RTPlan) -> None:
    """Everything that stands in the plans themselves."""
    _patients(record, old.patient, new.patient)
    record.plain("plan_kind", old.kind.value, new.kind.value)
    record.text("sop_class_uid", old.sop_class_uid, new.sop_class_uid)
    record.text("modality", old.modality, new.modality)
    for attribute in ("sop_instance_uid", "series_instance_uid", "study_instance_uid"):
        _uid(record, attribute, getattr(old, attribute), getattr(new, attribute))
    record.text("label", old.label, new.label)
    record.text("plan_name", old.name, new.name)
    record.text("plan_description", old.description, new.description)
    record.text("series_description", old.series_description, new.series_description)
    record.text("date", old.date, new.date)
    record.text("manufacturer", old.manufacturer, new.manufacturer)
    record.text("model", old.model, new.model)
    record.texts("software_versions", old.software_versions, new.software_versions)
    record.text("study_date", old.study_date, new.study_date)
    record.text("review_date", old.review_date, new.review_date)
    record.text("approval", old.approval, new.approval)
    record.text("intent", old.intent, new.intent)
    record.text("geometry", old.geometry, new.geometry)
    record.text("structure_set", old.structure_set_uid, new.structure_set_uid)
    record.text("frame_of_reference", old.frame_of_reference_uid, new.frame_of_reference_uid)
    record.texts("treatment_protocols", old.treatment_protocols, new.treatment_protocols)
    record.texts("sites", (text for _, text in old.sites), (text for _, text in new.sites))
    record.texts("site_codes", map(code_text, old.site_codes), map(code_text, new.site_codes))
    record.texts("related_plans", _relations(old), _relations(new))
    record.plain("brachy_setups", old.brachy_setups, new.brachy_setups)
    record.text("brachy_treatment_type", old.brachy_treatment_type, new.brachy_treatment_type)
    record.text("prescription_description", old.prescription_description, new.prescription_description)


def _uid(record: Recorder, attribute: str, old: Text, new: Text) -> None:
    """A UID of the object itself: another one means nothing, and one that is lost is none."""
    if bool(old) is bool(new):
        record.text(attribute, old, new)
        return
    presence = [Presence.GIVEN if one else Presence.EMPTY if one == "" else Presence.ABSENT for one in (old, new)]
    record.add(attribute, old, new, presence=(presence[0], presence[1]), counts=True)


def relation_to(old: RTPlan, new: RTPlan) -> str | None:
    """The relationship in which NEW names OLD (``PREDECESSOR``...), ``""`` where it names it without one."""
    uid = old.sop_instance_uid
    found = [plan.relationship or "" for plan in new.related_plans if uid and plan.sop_instance_uid == uid]
    return found[0] if found else None


def unread_parts(old: RTPlan, new: RTPlan) -> tuple[str, ...]:
    """What these plans may hold and rtcode does not read, so that a comparison says nothing of it."""
    kinds = {old.kind, new.kind}
    parts = []
    if PlanKind.RT_ION_PLAN in kinds:
        parts.append("the control points of ion beams: energies, spots, metersets and isocenters are not compared")
    if PlanKind.BRACHY in kinds or old.brachy_setups or new.brachy_setups:
        parts.append("brachytherapy: sources, channels and dwell times are not compared")
    return (
        *parts,
        "private attributes, but for the few that rtcode reads",
        "standard attributes that rtcode does not read (docs/compare.md lists those that it compares)",
    )


def _patients(record: Recorder, old: PatientIdentity, new: PatientIdentity) -> None:
    record.text("patient_id", _stripped(old.id), _stripped(new.id))
    if _name(old.name) != _name(new.name):
        record.text("patient_name", old.name, new.name)
    record.text("patient_birth_date", _stripped(old.birth_date), _stripped(new.birth_date))


def _stripped(text: Text) -> Text:
    return None if text is None else text.strip()


def _name(text: Text) -> str:
    """A name without regard to case and to empty components at its end."""
    return "=".join(group.strip().rstrip("^ ").casefold() for group in (text or "").split("=")).rstrip("=")


def _relations(plan: RTPlan) -> list[str]:
    """UID and relationship of each related plan, joined as several values of an attribute are."""
    return [f"{p.sop_instance_uid or ''}\\{(p.relationship or '').strip().upper()}" for p in plan.related_plans]
