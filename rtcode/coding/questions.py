"""Which questions a session raises, and where each answer would lead.

A question is *open* when its answers lead to different places; the engine itself is run with each answer to find out.
Every open question is asked, except `motion_management`, which is asked only where the site moves with breathing, or
there is a sign, surface guidance named for set-up, or a coded entry other than NONE.
"""

from __future__ import annotations

from rtcode.coding.case import Answers, Case
from rtcode.coding.codeset import CodeSet
from rtcode.coding.criteria import motion_signs, shown_3d
from rtcode.coding.decision import Outcome, Status
from rtcode.coding.doubts import Doubt, doubts
from rtcode.coding.evaluate import Evaluation, evaluate
from rtcode.coding.together import Together
from rtcode.features.types import IsocenterDoubt
from rtcode.records import record
from rtcode.truth import Truth

#: What a plan or beam that is not seen, or cannot be judged, could lead to.
HIGHEST_LEVEL = 3


@record
class OpenQuestion:
    """An open question with where its answers lead.

    ``reach`` is the highest level that an answer can lead to. Joined sessions may still leave a question about their
    isocenters or volume open: that counts for whether they lead higher at all, and then for the reach.
    """

    id: str
    outcomes: tuple[tuple[str, Outcome], ...]
    reach: int | None
    asked: bool

    @property
    def leads_out(self) -> bool:
        return any(o.status is Status.OUT_OF_SCOPE for _, o in self.outcomes)


def session_under(case: Case, answers: Answers, together: Together) -> Case:
    """The case that answers speak about: all sessions as one, where a human attested that they are."""
    if answers.says("same_session", "yes") and together.all_together is not None:
        return together.all_together
    return case


def open_questions(
    case: Case, answers: Answers, evaluation: Evaluation, together: Together, rules: CodeSet
) -> tuple[OpenQuestion, ...]:
    """The open questions of a session, in the code set's order."""
    candidates = _candidates(case, answers, evaluation, together, rules)
    result = []
    for name, entry in rules.questions.items():
        if name not in candidates or answers.get(name) is not None:
            continue
        outcomes: list[tuple[str, Outcome]] = []
        reaches: list[int] = []
        for value in entry.values:
            given = answers.plus(name, value)
            subject = session_under(case, given, together)
            found = evaluate(subject, given, rules)
            outcome, reach = found.outcome, found.level
            if name == "same_session" and value == "yes":
                outcome, reach = joined_outcome(subject, given, found, evaluation.level or 0, rules)
            outcomes.append((value, outcome))
            if reach is not None:
                reaches.append(reach)
        if len({(o.level, o.status) for _, o in outcomes}) > 1:
            result.append(OpenQuestion(name, tuple(outcomes), max(reaches, default=None), candidates[name]))
    return tuple(result)


def joined_outcome(
    case: Case, answers: Answers, found: Evaluation, floor: int, rules: CodeSet
) -> tuple[Outcome, int | None]:
    """Where sessions taken as one stand, and the highest level that they can lead to.

    They are provisional where a question that only the joined session raises could lead higher, or where a plan that
    belongs to them is not given.
    """
    reach = joined_reach(case, answers, found, floor, rules)
    if found.level is None or reach is None:
        return found.outcome, None
    if case.session.missing_concurrent:
        reach = HIGHEST_LEVEL
    status = Status.PROVISIONAL if reach > found.level else found.status
    return Outcome(found.level, status), reach


def joined_reach(case: Case, answers: Answers, found: Evaluation, floor: int, rules: CodeSet) -> int | None:
    """The highest level that sessions taken as one can lead to, seen from a session whose own floor is ``floor``.

    A volume that may be shared always counts: photons and electrons together are what the question is about. Isocenters
    of different frames of reference (two CTs) count where the joined sessions would otherwise seem to change nothing.
    """
    if found.level is None:
        return None
    level = found.level
    open_now = {d.question for d in doubts(case, answers, found, Together(), rules)}
    further = []
    if "same_volume" in open_now:
        further.append("same_volume")
    frames = IsocenterDoubt.DIFFERENT_FRAMES in case.features.isocenters.doubts
    if "separate_isocenters" in open_now and frames and level <= floor:
        further.append("separate_isocenters")
    return max([level, *(evaluate(case, answers.plus(q, "yes"), rules).level or 0 for q in further)])


def _candidates(
    case: Case, answers: Answers, evaluation: Evaluation, together: Together, rules: CodeSet
) -> dict[str, bool]:
    """Questions that this session gives a reason for, each with whether it is asked when open."""
    found: dict[str, bool] = {}
    raised: dict[str, list[Doubt]] = {}
    for doubt in doubts(case, answers, evaluation, together, rules):
        if doubt.question is not None:
            raised.setdefault(doubt.question, []).append(doubt)
            found[doubt.question] = True
    _motion(case, answers, found)
    features = case.features
    isocenters = features.isocenters
    if case.photons and isocenters.long_target is Truth.MET and isocenters.multiple is not Truth.MET:
        found["separate_isocenters"] = True
    if case.photons and not shown_3d(case, answers):
        found["planning_2d_3d"] = True
    if case.mixed:
        found["same_volume"] = True
    if case.electrons and Truth.MET in (features.total_skin.text, features.total_skin.geometry):
        found["total_skin"] = True
    lone_boost = case.electrons and not case.photons and features.phase.boost is Truth.MET
    if together.all_together is not None or lone_boost:
        found["same_session"] = True
    stereotactic = features.stereotactic
    if stereotactic.signs or stereotactic.high_dose_shaped is Truth.MET or stereotactic.any_fractions:
        found["stereotactic"] = True
    if features.purpose.rejected:
        found["plan_status"] = True
    fields = features.electron_fields
    if len(case.electrons) > 1 and not case.photons and Truth.MET in (fields.touching, fields.close):
        found["abutting_electrons"] = True
    return found


def _motion(case: Case, answers: Answers, found: dict[str, bool]) -> None:
    """`motion_management` is open in every photon session that is shown or attested to be 3D or IMRT."""
    name = "motion_management"
    if name in found:
        return
    planned = bool(shown_3d(case, answers)) or answers.says("planning_2d_3d", "3d")
    if not (case.photons and planned):
        return
    motion = case.features.motion
    found[name] = bool(
        case.features.site.moves is Truth.MET or motion.setup_only or motion.coded_indecisive or motion_signs(case)
    )
