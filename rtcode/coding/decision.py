"""What the engine says about one treatment session: the contract's names as frozen data.

The criteria with their evidence are the trace of the decision; every output renders this one tree and none computes it
again.
"""

from __future__ import annotations

from enum import StrEnum

from rtcode.features.types import FeatureSet
from rtcode.plan.sessions import TreatmentSession
from rtcode.records import record
from rtcode.truth import Evidence, Truth


class Status(StrEnum):
    """How firm a suggestion is (contract)."""

    SUPPORTED = "supported"
    PROVISIONAL = "provisional"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_ASSESSABLE = "not_assessable"


@record
class Criterion:
    """One criterion or scope gate, as this session meets it.

    ``supports_level`` is ``None`` for scope gates. ``citations`` are keys into the code set's sources with a place.
    """

    id: str
    status: Truth
    supports_level: int | None
    reason: str
    evidence: tuple[Evidence, ...]
    citations: tuple[str, ...]


@record
class Outcome:
    """Where an answer would lead: a level, or ``None`` with the status that has none."""

    level: int | None
    status: Status


@record
class Question:
    """A question whose answers lead to different places. ``confirms`` marks one that can only lower or take back."""

    id: str
    text: str
    why: str
    answers: tuple[tuple[str, Outcome], ...]


@record
class Flag:
    """What deserves a look and does not move the level."""

    id: str
    text: str


@record
class Suggestion:
    """The suggested level of a session. ``level`` equals ``floor``; all three are ``None`` without a level."""

    status: Status
    level: int | None
    code: str | None
    floor: int | None
    ceiling: int | None
    reason: str
    decided_by: tuple[str, ...]
    questions: tuple[Question, ...]
    flags: tuple[Flag, ...]
    documentation: tuple[str, ...]


@record
class Decision:
    """A session with its features, its criteria and the suggestion that follows from them."""

    session: TreatmentSession
    features: FeatureSet
    criteria: tuple[Criterion, ...]
    suggestion: Suggestion
    #: answers that were taken into account, as ``(question, value)``
    answers: tuple[tuple[str, str], ...] = ()
    #: what would follow if this session and the patient's others of the call were one; ``None`` where there are none
    together: Outcome | None = None
    #: ids of those other sessions
    together_with: tuple[str, ...] = ()
