"""The decision: pure, from cases and answers to suggestions. Its trace (the criteria) is the explanation.

Floor: the highest level whose criterion is met by coded, geometric or attested evidence. Ceiling: the highest level
that one more answer could lead to. Status: provisional where a sign or doubt could raise the level or take the session
out of scope. Everything else is data in the code set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtcode.coding.case import Answers, Case
from rtcode.coding.codeset import CodeSet
from rtcode.coding.decision import Decision, Outcome, Question, Status, Suggestion
from rtcode.coding.doubts import Doubt, doubts
from rtcode.coding.evaluate import Evaluation, evaluate
from rtcode.coding.flags import flags
from rtcode.coding.questions import (
    HIGHEST_LEVEL,
    OpenQuestion,
    joined_outcome,
    joined_reach,
    open_questions,
    session_under,
)
from rtcode.coding.together import Together, relate


def decide(
    cases: Sequence[Case],
    answers: Answers,
    rules: CodeSet,
    combine: Callable[[tuple[int, ...]], Case],
    *,
    date_given: bool,
) -> tuple[Decision, ...]:
    """Decide every session of a call.

    Parameters
    ----------
    cases
        The sessions, in the order in which they are shown.
    combine
        Gives the case of several sessions, by index, taken as one.
    date_given
        Whether a date of service chose the code set; if not, a flag says so.
    """
    in_scope = [evaluate(case, answers, rules).level is not None for case in cases]
    return tuple(
        _decide_one(index, cases, answers, rules, relate(index, cases, in_scope, combine), date_given)
        for index in range(len(cases))
    )


def _decide_one(
    index: int, cases: Sequence[Case], answers: Answers, rules: CodeSet, together: Together, date_given: bool
) -> Decision:
    own = cases[index]
    case = session_under(own, answers, together)
    evaluation = evaluate(case, answers, rules)
    questions = open_questions(case, answers, evaluation, together, rules)
    raised = doubts(case, answers, evaluation, together, rules)
    suggestion = _suggestion(case, answers, evaluation, questions, raised, together, rules, date_given)
    joined: Outcome | None = None
    if together.all_together is not None:
        attested = answers.plus("same_session", "yes")
        found = evaluate(together.all_together, attested, rules)
        joined, _ = joined_outcome(together.all_together, attested, found, evaluation.level or 0, rules)
    return Decision(
        session=own.session,
        features=own.features,
        criteria=evaluation.criteria,
        suggestion=suggestion,
        answers=tuple(answers.given.items()),
        together=joined,
        together_with=tuple(cases[i].session.id for i in together.others),
    )


def _suggestion(
    case: Case,
    answers: Answers,
    evaluation: Evaluation,
    questions: tuple[OpenQuestion, ...],
    raised: tuple[Doubt, ...],
    together: Together,
    rules: CodeSet,
    date_given: bool,
) -> Suggestion:
    floor = evaluation.level
    asked = tuple(_question(q, raised, rules) for q in questions if q.asked)
    shown = flags(case, answers, evaluation, rules, date_given=date_given)
    if floor is None:
        return Suggestion(
            status=evaluation.status,
            level=None,
            code=None,
            floor=None,
            ceiling=None,
            reason=evaluation.reason,
            decided_by=evaluation.decided_by,
            questions=asked,
            flags=shown,
            documentation=(),
        )
    ceiling = max([floor, *(q.reach for q in questions if q.reach is not None)])
    if any(d.question is None for d in raised):
        ceiling = max(ceiling, HIGHEST_LEVEL)
    by_name = {q.id: q for q in questions}
    provisional = any(
        rules.makes_provisional(doubt.id) and _could_change(doubt, floor, by_name, together, answers, rules)
        for doubt in raised
    )
    documentation = [*rules.levels[floor].documentation]
    for name in evaluation.decided_by:
        documentation += rules.criteria[name].documentation
    return Suggestion(
        status=Status.PROVISIONAL if provisional else Status.SUPPORTED,
        level=floor,
        code=rules.levels[floor].code,
        floor=floor,
        ceiling=ceiling,
        reason=evaluation.reason,
        decided_by=evaluation.decided_by,
        questions=asked,
        flags=shown,
        documentation=tuple(documentation),
    )


def _could_change(
    doubt: Doubt,
    floor: int,
    questions: dict[str, OpenQuestion],
    together: Together,
    answers: Answers,
    rules: CodeSet,
) -> bool:
    """Whether this doubt could raise the level or take the session out of scope."""
    if doubt.question is None:
        return floor < HIGHEST_LEVEL
    question = questions.get(doubt.question)
    if question is None:
        return False
    if doubt.id == "same_session_possible":
        # Only the sessions that may share the day count here, not all that the question joins.
        if together.same_day is None:
            return False
        joined = answers.plus("same_session", "yes")
        found = evaluate(together.same_day, joined, rules)
        return (joined_reach(together.same_day, joined, found, floor, rules) or 0) > floor
    return question.leads_out or (question.reach is not None and question.reach > floor)


def _question(question: OpenQuestion, raised: tuple[Doubt, ...], rules: CodeSet) -> Question:
    entry = rules.questions[question.id]
    causes = [rules.doubts[d.id].text for d in raised if d.question == question.id]
    why = f"{entry.why} Here: {'; '.join(dict.fromkeys(causes))}." if causes else entry.why
    return Question(question.id, entry.text, why, question.outcomes)
