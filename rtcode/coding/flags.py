"""Flags: what deserves a look and does not move the level, each with its text in the code set."""

from __future__ import annotations

from rtcode.coding.case import Answers, Case, beam_names
from rtcode.coding.codeset import CodeSet
from rtcode.coding.criteria import shown_3d
from rtcode.coding.decision import Flag, Status
from rtcode.coding.evaluate import Evaluation
from rtcode.plan.sessions import NoDelivery, is_remaining_fractions
from rtcode.truth import Truth


def flags(
    case: Case, answers: Answers, evaluation: Evaluation, rules: CodeSet, *, date_given: bool
) -> tuple[Flag, ...]:
    """All flags of a session, each id once (isocenter notes may repeat with different texts)."""
    found: list[tuple[str, str]] = []
    if not date_given:
        found.append(("no_date_of_service", ""))
    found += _plan(case)
    if evaluation.status is Status.OUT_OF_SCOPE:
        if "intraoperative" in evaluation.decided_by:
            found.append(("intraoperative", ""))
    else:
        found += _beams(case)
        found += _level(case, answers)
        if evaluation.level is not None and evaluation.level < 3:
            found.append(("other_plans_not_seen", ""))
    found += _answers(case, answers)
    result: dict[tuple[str, str], Flag] = {}
    for name, detail in found:
        text = rules.flags[name].text
        result.setdefault((name, detail), Flag(name, f"{text} ({detail})" if detail else text))
    return tuple(result.values())


def _plan(case: Case) -> list[tuple[str, str]]:
    session = case.session
    found = []
    if case.features.purpose.unapproved:
        found.append(("unapproved", ""))
    if session.mixed_with_brachytherapy and session.no_delivery is not NoDelivery.BRACHYTHERAPY:
        found.append(("brachytherapy_separate", ""))
    if not session.fraction_scheme and case.features.treatment:
        found.append(("no_fraction_scheme", ""))
    if any(is_remaining_fractions(plan) for plan in session.plans):
        found.append(("remaining_fractions", ""))
    if case.features.imaging.seen is Truth.MET:
        found.append(("image_guidance", ""))
    return found


def _beams(case: Case) -> list[tuple[str, str]]:
    found = []
    assumed = tuple(b for b in case.features.treatment if b.planned.finding.delivery_type_assumed)
    if assumed:
        found.append(("delivery_type_assumed", beam_names(assumed)))
    if case.unjudged or case.doubtful:
        found.append(("beam_not_judged", beam_names((*case.unjudged, *case.doubtful))))
    if case.missing_beams:
        found.append(("beam_missing", ", ".join(dict.fromkeys(d.words for d in case.missing_beams[:6]))))
    found += list(case.features.isocenters.notes)
    return found


def _level(case: Case, answers: Answers) -> list[tuple[str, str]]:
    features = case.features
    found = []
    if case.photons and features.isocenters.multiple is Truth.MET and not shown_3d(case, answers):
        found.append(("multiple_isocenters_2d", ""))
    motion = features.motion
    planned = bool(case.photons) and (bool(shown_3d(case, answers)) or answers.says("planning_2d_3d", "3d"))
    if (motion.coded_photon or motion.coded_electron) and not (planned and motion.coded_photon):
        found.append(("coded_motion_not_decisive", ""))
    if (motion.coded_photon and motion.free_breathing) or (motion.coded_none and motion.strong):
        found.append(("motion_contradiction", ""))
    if case.electrons and not case.photons:
        fields = features.electron_fields
        if Truth.MET in (fields.touching, fields.close):
            found.append(("abutting_electrons", fields.reason))
        if features.planning.normal_tissue_constraint is Truth.MET:
            found.append(("electron_constraints", ""))
    return found


def _answers(case: Case, answers: Answers) -> list[tuple[str, str]]:
    found = []
    if answers.says("planning_2d_3d", "2d") and shown_3d(case, answers):
        found.append(("answer_contradicts_plan", "planning_2d_3d"))
    stereotactic = case.features.stereotactic
    if answers.says("stereotactic", "yes") and stereotactic.fractions is not None and stereotactic.fractions > 5:
        found.append(("answer_contradicts_plan", "stereotactic: more than five fractions"))
    boost = bool(case.electrons) and case.features.phase.boost is Truth.MET
    session = case.session
    joinable = session.joined_by is not None or session.missing_concurrent or not session.fraction_scheme
    without = {
        "same_session": joinable or boost or answers.says("same_session", "no"),
        "planning_2d_3d": bool(case.photons),
        "separate_isocenters": bool(case.photons),
        "same_volume": case.mixed,
        "total_skin": bool(case.electrons),
        "motion_management": bool(case.photons or case.electrons),
        "abutting_electrons": len(case.electrons) > 1 and not case.photons,
    }
    found += [
        ("answer_without_effect", name)
        for name, applies in without.items()
        if answers.get(name) is not None and not applies
    ]
    return found
