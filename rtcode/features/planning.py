"""Evidence for and against three-dimensional planning: a genuine constraint, images, and the plain 2D set-up.

How. A dose reference typed ORGAN_AT_RISK is a constraint only when it is a VOLUME with a ROI number, its name is no
word for a target, an isocenter or a point, and it has a limit of its own: a positive dose that is neither the
prescription nor a delivery limit. In real files nearly all such items are dose-tracking points with the prescription
as "limit"; those are listed as false friends. The 2D proxy is device geometry, no structure set, and at most two
photon beams, all of them static and open without wedge, block, compensator or second shape, and no constraint.

Source: docs/plans.md 1.1, 1.2, 2.6; docs/rules.md L1-D, L2-E, 1.5; PS3.3 C.8.8.9, C.8.8.10.

What it cannot see: the objectives and the dose-volume histogram of the planning system. That no constraint is written
proves nothing, so the constraint is MET or UNKNOWN.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, PlanningFeature, Radiation, Technique
from rtcode.plan.model import DoseReference, RTPlan, known, known_int
from rtcode.plan.roles import Role
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import TextItem, TextScope, find_matches, plain
from rtcode.truth import Evidence, EvidenceKind, Truth

#: Doses nearer than this are one dose written twice (Gy).
_SAME_DOSE_GY = 0.01
_MOST_BEAMS = 2
#: "Lungs-GTV" spares what is left of the lungs: a target word after one of these, or a dash, is what was cut out.
TEXT_WORDS = ("minus", "sub", "excl", "outside", "without", "no")
SUBTRACTED = re.compile(rf"[A-Za-z]{{3}}[\s_]*(?:-|–|\b(?:{'|'.join(TEXT_WORDS)})\b)[\s_]*$", re.I)
#: Characters before a target word in which that is looked for.
SUBTRACTED_REACH = 40


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> PlanningFeature:
    """Planning evidence of a session.

    Parameters
    ----------
    beams
        Facts of the session's beams; the photon treatment beams among them make up the 2D proxy.
    """
    genuine: list[Evidence] = []
    false_friends: list[Evidence] = []
    for plan in session.plans:
        targets = _target_doses(plan)
        for reference in plan.dose_references:
            if (reference.type or "").strip().upper() != "ORGAN_AT_RISK":
                continue
            limits = _own_limits(reference, targets, plan.sop_instance_uid, settings)
            genuine.extend(limits)
            if not limits:
                where = at(reference.path, "DoseReferenceType")
                false_friends.append(Evidence(EvidenceKind.CODED, where, reference.type, plan.sop_instance_uid))
    constraint = Truth.MET if genuine else Truth.UNKNOWN
    simple, simple_evidence = _simple_2d_setup(session, beams, constraint)
    return PlanningFeature(
        normal_tissue_constraint=constraint,
        constraint_evidence=tuple(genuine),
        false_friends=tuple(false_friends),
        structure_set=Truth.any(_structure_set(plan) for plan in session.plans),
        patient_geometry=Truth.any(_patient_geometry(plan) for plan in session.plans),
        simple_2d_setup=simple,
        simple_2d_evidence=simple_evidence,
    )


def _target_doses(plan: RTPlan) -> tuple[float, ...]:
    """Doses that a plan prescribes, and the maxima of its targets, ascending: planning systems copy them elsewhere."""
    found: set[float | None] = set()
    for reference in plan.dose_references:
        found.add(known(reference.target_prescription_gy))
        if (reference.type or "").strip().upper() == "TARGET":
            found.add(known(reference.delivery_maximum_gy))
    return tuple(sorted(dose for dose in found if dose is not None))


def _own_limits(
    reference: DoseReference, targets: tuple[float, ...], uid: str | None, settings: DetectorSettings
) -> tuple[Evidence, ...]:
    """The limits that make a dose reference a constraint, with the ROI number first; empty where it is none."""
    roi = known_int(reference.roi_number)
    if (reference.structure_type or "").strip().upper() != "VOLUME" or roi is None:
        return ()
    if _names_target(reference, settings.target_words):
        return ()
    maximum = known(reference.delivery_maximum_gy)
    limits = tuple(
        Evidence(EvidenceKind.CODED, at(reference.path, keyword), value, uid)
        for keyword, value in (
            ("OrganAtRiskFullVolumeDose", known(reference.oar_full_volume_gy)),
            ("OrganAtRiskLimitDose", known(reference.oar_limit_gy)),
            ("OrganAtRiskMaximumDose", known(reference.oar_maximum_gy)),
        )
        if value is not None and value > 0 and not _is_copied(value, maximum, targets)
    )
    if not limits:
        return ()
    return (Evidence(EvidenceKind.CODED, at(reference.path, "ReferencedROINumber"), roi, uid), *limits)


def _is_copied(limit: float, maximum: float | None, targets: tuple[float, ...]) -> bool:
    """Whether a limit only repeats the reference's own maximum or a dose of a target."""
    if maximum is not None and abs(limit - maximum) <= _SAME_DOSE_GY:
        return True
    place = bisect_left(targets, limit)
    return any(abs(limit - dose) <= _SAME_DOSE_GY for dose in targets[max(0, place - 1) : place + 1])


def _names_target(reference: DoseReference, words: tuple[str, ...]) -> bool:
    name = plain(reference.description or "")
    item = TextItem(reference.path, name, TextScope.ORGAN_AT_RISK)
    return any(
        not SUBTRACTED.search(name, max(0, match.start - SUBTRACTED_REACH), match.start)
        for match in find_matches((item,), words)
    )


def _structure_set(plan: RTPlan) -> Truth:
    if plan.structure_set_uid is None:
        return Truth.NOT_MET
    return Truth.MET if plan.structure_set_uid else Truth.UNKNOWN


def _patient_geometry(plan: RTPlan) -> Truth:
    term = (plan.geometry or "").strip().upper().replace(" ", "_")
    return {"PATIENT": Truth.MET, "TREATMENT_DEVICE": Truth.NOT_MET}.get(term, Truth.UNKNOWN)


def _simple_2d_setup(
    session: TreatmentSession, beams: tuple[BeamFacts, ...], constraint: Truth
) -> tuple[Truth, tuple[Evidence, ...]]:
    treatment = [facts for facts in beams if facts.planned.role is Role.TREATMENT]
    photon = [facts for facts in treatment if facts.radiation.radiation is Radiation.PHOTON]
    if not photon or len(photon) > _MOST_BEAMS:
        return Truth.NOT_MET, ()
    unknown = any(facts.radiation.radiation is Radiation.UNKNOWN for facts in treatment)
    truth = Truth.all(
        (
            *(_not(_patient_geometry(plan)) for plan in session.plans),
            *(_not(_structure_set(plan)) for plan in session.plans),
            *(_plain_open(facts) for facts in photon),
            Truth.of(constraint is not Truth.MET),
            Truth.UNKNOWN if unknown else Truth.MET,
        )
    )
    if truth is not Truth.MET:
        return truth, ()
    evidence = [
        Evidence(EvidenceKind.CODED, at("", keyword), value, plan.sop_instance_uid)
        for plan in session.plans
        for keyword, value in (
            ("RTPlanGeometry", plan.geometry),
            ("ReferencedStructureSetSequence", plan.structure_set_uid),
        )
    ]
    return truth, (*evidence, *(entry for facts in photon for entry in facts.technique.evidence))


def _plain_open(facts: BeamFacts) -> Truth:
    """Static and open, without anything in the beam."""
    technique = facts.technique.technique
    static = Truth.UNKNOWN if technique is Technique.UNKNOWN else Truth.of(technique is Technique.STATIC_OPEN)
    shaping = facts.shaping
    return Truth.all(
        (
            static,
            _not(facts.wedge_used),
            _not(shaping.shaped),
            Truth.of(None if shaping.blocks is None else shaping.blocks == 0),
            Truth.of(None if shaping.compensators is None else shaping.compensators == 0),
        )
    )


def _not(truth: Truth) -> Truth:
    return {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET}.get(truth, Truth.UNKNOWN)
