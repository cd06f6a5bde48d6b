"""From a case and its answers to a floor: scope gates first, then the highest level whose criterion is met."""

from __future__ import annotations

from rtcode.coding.case import Answers, Case
from rtcode.coding.codeset import CodeSet
from rtcode.coding.criteria import findings
from rtcode.coding.decision import Criterion, Outcome, Status
from rtcode.coding.scope import gates
from rtcode.plan.sessions import NoDelivery
from rtcode.records import record
from rtcode.truth import Truth

_NOT_ASSESSABLE: dict[NoDelivery, str] = {
    NoDelivery.NO_METERSET: "no beam of the fraction group has a meterset: there is no delivery data to judge",
    NoDelivery.MISSING_BEAMS: "beams that the fraction group counts or names are not in the file",
}


@record
class Evaluation:
    """What coded, geometric and attested evidence supports, before any question.

    ``level`` is ``None`` where the status is out of scope or not assessable; otherwise the status is left to the
    questions and stands here as supported.
    """

    status: Status
    level: int | None
    reason: str
    decided_by: tuple[str, ...]
    criteria: tuple[Criterion, ...]

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.level, self.status)


def out_of_scope(case: Case, answers: Answers, rules: CodeSet) -> bool:
    """Whether a scope gate is met: other codes apply, or nothing is treated."""
    return any(gate.status is Truth.MET for gate in gates(case, answers, rules))


def evaluate(case: Case, answers: Answers, rules: CodeSet) -> Evaluation:
    """Floor of one session under these answers. Pure: no clock, no disk, no environment."""
    scope = gates(case, answers, rules)
    met = [gate for gate in scope if gate.status is Truth.MET]
    if met:
        return Evaluation(Status.OUT_OF_SCOPE, None, met[0].reason, (met[0].id,), scope)
    nothing = case.session.no_delivery
    if nothing is not None:
        return Evaluation(Status.NOT_ASSESSABLE, None, _NOT_ASSESSABLE[nothing], (), scope)
    if not case.photons and not case.electrons:
        return Evaluation(Status.NOT_ASSESSABLE, None, "no treatment beam can be judged", (), scope)
    found = findings(case, answers, rules)
    floor = max(f.level for f in found if f.level is not None)
    deciding = [f.criterion for f in found if f.level == floor]
    return Evaluation(
        Status.SUPPORTED,
        floor,
        "; ".join(c.reason for c in deciding),
        tuple(c.id for c in deciding),
        (*(f.criterion for f in found), *scope),
    )
