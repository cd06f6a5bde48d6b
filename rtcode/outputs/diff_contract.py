"""``rtcode codeset diff --format json``: what differs between two sets of rules, and what that changes."""

from __future__ import annotations

from typing import Any, Literal

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract_values import StatusWord


class RuleDifferenceDict(TypedDict):
    """A value of the rules (``values.distinct_isocenter_mm.default``) that differs; null is not there."""

    where: str
    before: Any
    after: Any


class OutcomeOfRulesDict(TypedDict):
    """What a session's suggestion comes to."""

    status: StatusWord
    level: int | None
    code: str | None
    floor: int | None
    ceiling: int | None
    questions: list[str]


class CriterionChangeDict(TypedDict):
    """A criterion of which the status changes; null is a criterion that the rules do not have."""

    id: str
    before: str | None
    after: str
    reason: str


class ChangeDict(TypedDict):
    """A session that changes, and why."""

    path: str
    session: str
    before: OutcomeOfRulesDict
    after: OutcomeOfRulesDict
    criteria: list[CriterionChangeDict]
    reason_before: str
    reason_after: str


#: ``from`` and ``to`` are outcomes in words.
WayDict = TypedDict("WayDict", {"from": str, "to": str, "sessions": int})


class DatasetDifferenceDict(TypedDict):
    """What the rules do to a dataset; ``changes`` has at most 1,000 of the changed sessions, ``changed`` counts all."""

    sessions: int
    changed: int
    undecided: int
    ways: list[WayDict]
    criteria: dict[str, int]
    changes: list[ChangeDict]


class RulesDict(TypedDict):
    """One of two sets of rules."""

    id: str
    revision: int
    policy: str | None


class CodeSetDiffDict(TypedDict):
    schema: Literal["rtcode.codeset-diff/1"]
    a: RulesDict
    b: RulesDict
    rules: list[RuleDifferenceDict]
    dataset: DatasetDifferenceDict | None
