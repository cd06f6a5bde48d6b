"""Signs and doubts that could raise a session's level or take it out of scope, each with its question.

A doubt makes a suggestion provisional when its question's answers can lead higher or out (docs/rules.md 1.8); the code
set lists them and a policy may take one off. What is merely asked or confirmed, without a doubt of its own, stands in
`questions`.
"""

from __future__ import annotations

from rtcode.coding.case import Answers, Case
from rtcode.coding.codeset import CodeSet
from rtcode.coding.criteria import shown_3d
from rtcode.coding.evaluate import Evaluation
from rtcode.coding.scope import gates
from rtcode.coding.together import Together
from rtcode.features.types import IsocenterDoubt
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind, Truth


@record
class Doubt:
    """A doubt by its id in the code set, with the question that would settle it and what raised it."""

    id: str
    question: str | None
    evidence: tuple[Evidence, ...] = ()


def doubts(
    case: Case, answers: Answers, evaluation: Evaluation, together: Together, rules: CodeSet
) -> tuple[Doubt, ...]:
    """All open doubts of a session; a doubt whose question is answered is settled."""
    found = [
        *_motion(case),
        *_planning(case, answers),
        *_isocenters(case, evaluation),
        *_mixed(case),
        *_total_skin(case),
        *_session(case, answers, together),
        *_scope(case, answers, rules),
        *_beams(case),
    ]
    return tuple(d for d in found if d.question is None or answers.get(d.question) is None)


def _motion(case: Case) -> list[Doubt]:
    motion = case.features.motion
    found = []
    words = [hit.evidence for hit in motion.strong]
    if case.features.site.moves is Truth.MET:
        words += [hit.evidence for hit in motion.weak]
    if words:
        found.append(Doubt("motion_words", "motion_management", tuple(words)))
    if motion.signs:
        found.append(Doubt("motion_coded_sign", "motion_management", tuple(e for _, e in motion.signs)))
    if motion.setup_missing:
        found.append(Doubt("motion_setup_missing", "motion_management", motion.setup_missing))
    coded = motion.coded_photon + motion.coded_electron
    if coded:
        evidence = tuple(e for item in coded for e in item.evidence)
        found.append(Doubt("motion_not_decisive", "motion_management", evidence))
    return found


def _planning(case: Case, answers: Answers) -> list[Doubt]:
    if case.photons and not shown_3d(case, answers) and case.features.planning.simple_2d_setup is not Truth.MET:
        return [Doubt("planning_unknown", "planning_2d_3d")]
    return []


_UNKNOWN_PLACES = frozenset(
    {
        IsocenterDoubt.MISSING,
        IsocenterDoubt.NOT_COMPARABLE,
        IsocenterDoubt.DIFFERENT_FRAMES,
        IsocenterDoubt.TRAJECTORIES,
    }
)


def _isocenters(case: Case, evaluation: Evaluation) -> list[Doubt]:
    feature = case.features.isocenters
    found = []
    if feature.multiple is Truth.MET:
        return []
    if IsocenterDoubt.NEAR in feature.doubts:
        found.append(Doubt("isocenters_near", "separate_isocenters", feature.evidence))
    # Missing or incomparable points raise a doubt only where several isocenters would raise a level that planning set.
    if evaluation.level == 2 and len(case.photons) >= 2:
        if _UNKNOWN_PLACES.intersection(feature.doubts):
            found.append(Doubt("isocenters_unknown", "separate_isocenters", feature.evidence))
        if IsocenterDoubt.SEPARATE_SSD_AXES in feature.doubts:
            found.append(Doubt("isocenters_ssd", "separate_isocenters", feature.evidence))
    return found


def _mixed(case: Case) -> list[Doubt]:
    if case.mixed and case.features.mixed_site.same_site is not Truth.MET:
        return [Doubt("mixed_volume_unknown", "same_volume", case.features.mixed_site.evidence)]
    return []


def _total_skin(case: Case) -> list[Doubt]:
    feature = case.features.total_skin
    signs = [feature.text is Truth.MET, feature.geometry is Truth.MET]
    if case.electrons and any(signs) and not all(signs):
        return [Doubt("total_skin_sign", "total_skin", (*feature.text_evidence, *feature.geometry_evidence))]
    return []


def _session(case: Case, answers: Answers, together: Together) -> list[Doubt]:
    found = []
    if together.same_day is not None:
        found.append(Doubt("same_session_possible", "same_session"))
    if case.session.missing_concurrent:
        # A yes does not settle this one: what the other plan would add is unknown until it is given.
        yes = answers.says("same_session", "yes")
        found.append(Doubt("concurrent_plan_missing", None if yes else "same_session"))
    if case.session.incomplete:
        found.append(Doubt("session_incomplete", None))
    several = case.features.isocenters.multiple is Truth.MET or case.mixed
    if not case.session.fraction_scheme and several:
        found.append(Doubt("no_fraction_scheme", "same_session"))
    return found


def _scope(case: Case, answers: Answers, rules: CodeSet) -> list[Doubt]:
    found = []
    for gate in gates(case, answers, rules):
        if gate.status is Truth.UNKNOWN and gate.id == "stereotactic":
            found.append(Doubt("stereotactic_possible", "stereotactic", gate.evidence))
        if gate.status is Truth.UNKNOWN and gate.id == "not_for_treatment":
            found.append(Doubt("plan_purpose", "plan_status", gate.evidence))
    return found


def _beams(case: Case) -> list[Doubt]:
    if not case.unjudged and not case.missing_beams and not case.doubtful:
        return []
    found = (*case.unjudged, *case.doubtful)
    evidence = [e for b in found for e in (b.planned.finding.evidence or b.radiation.evidence)[:2]]
    evidence += [Evidence(EvidenceKind.CODED, defect.where, defect.number) for defect in case.missing_beams]
    return [Doubt("beam_not_judged", None, tuple(evidence))]
