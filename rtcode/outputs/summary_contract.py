"""The summary of an archive (``rtcode.summary/1``) as types.

Everywhere ``null`` is *unknown* or *not given*. Keys may be added within the schema number; none is renamed or removed.
"""

from __future__ import annotations

from typing import Literal

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract import CodeSetRef, PolicyRef
from rtcode.outputs.contract_values import IdentifierLevel, StatusWord

SCHEMA = "rtcode.summary/1"

#: Why a plan or a file is to be looked at, what matters most first.
LookKind = Literal["not_assessable", "provisional", "out_of_scope", "conflict", "failure"]


class PartsDict(TypedDict):
    """The parts (shards) of the dataset: how many were read, of how many, and which are not there.

    ``read`` is 1 and ``of`` null for a dataset that is not divided.
    """

    read: int
    of: int | None
    missing: list[int]


class FilesDict(TypedDict):
    """Files in and out: ``files`` is the sum of ``plans``, ``failures`` and ``skipped``.

    ``listed`` is what the listings met and ``with_outcome`` those of them that have an outcome; an archive counts once
    there, in ``files`` its members count. ``duplicates`` are those of the skipped that are further copies of a plan,
    ``copies_across_parts`` those of them whose plan is in another part, and ``conflicts_across_parts`` the failures
    of plans whose UID has other content in another part. ``in_equals_out`` says that all of this adds up.
    """

    listed: int
    with_outcome: int
    files: int
    plans: int
    failures: int
    skipped: int
    duplicates: int
    copies_across_parts: int
    conflicts_across_parts: int
    by_skipped: dict[str, int]
    in_equals_out: bool


class LevelStatusDict(TypedDict):
    level: int | None
    status: StatusWord
    sessions: int


class GroupDict(TypedDict):
    """Sessions that have something in common; ``name`` is null where the plans do not say it."""

    name: str | None
    sessions: int
    levels: dict[str, int]
    no_level: int
    provisional: int


class SystemDict(GroupDict):
    """Sessions of one planning system; ``name`` is both in one."""

    manufacturer: str | None
    model: str | None


class ChangeDict(TypedDict):
    """Provisional sessions by the level that is supported and the highest that an answer could lead to."""

    floor: int | None
    ceiling: int | None
    sessions: int


class AskedDict(TypedDict):
    """A question, with the provisional sessions that it is open for and the others that ask it."""

    id: str
    text: str
    provisional: int
    others: int


class ProvisionalDict(TypedDict):
    """``percent`` is of all sessions; ``without_question`` have a doubt that no answer settles."""

    sessions: int
    percent: float | None
    without_question: int
    changes: list[ChangeDict]


class FlaggedDict(TypedDict):
    """A flag and the sessions that have it; ``text`` is null where the code set is none that comes with rtcode."""

    id: str
    text: str | None
    sessions: int


class FailedDict(TypedDict):
    """Failures of one code; ``may_be_plan``: a plan may be among them. ``example`` is the path of one."""

    code: str
    files: int
    hint: str
    example: str
    may_be_plan: bool


class ExpectedDict(TypedDict):
    """A published expectation of a level's share; ``citation`` is a source of the code set and a place in it."""

    text: str
    from_percent: float
    to_percent: float
    citation: str


class ShareDict(TypedDict):
    """A level's share of what has a level.

    ``sessions`` counts each session at the level that is suggested for it, ``at_ceiling`` at the highest that an
    answer could lead to, ``fractions`` each session as often as it is planned to be given.
    """

    level: int
    sessions: int
    percent: float | None
    at_ceiling: int
    percent_at_ceiling: float | None
    fractions: int
    percent_of_fractions: float | None
    expected: ExpectedDict | None


class MixDict(TypedDict):
    """The mix of levels; ``fractions_unknown`` are sessions with a level whose number of fractions is not known."""

    levels: list[ShareDict]
    fractions_unknown: int
    notes: list[str]


class LookDict(TypedDict):
    """A plan or a file to look at; of a file that is no plan only ``path``, ``code`` and ``reason`` are known."""

    kind: LookKind
    path: str
    session: str | None
    label: str | None
    date: str | None
    status: StatusWord | None
    floor: int | None
    ceiling: int | None
    question: str | None
    question_text: str | None
    code: str | None
    reason: str


class LookKindDict(TypedDict):
    """How many there are of a kind, and how many of them are listed."""

    kind: LookKind
    found: int
    listed: int


class LookFirstDict(TypedDict):
    """What to look at first, in this order; of each kind at most ``most_of_a_kind`` are listed."""

    most_of_a_kind: int
    kinds: list[LookKindDict]
    items: list[LookDict]


class SummaryDict(TypedDict):
    """What an archive holds.

    ``by_month`` has years where the level of identifiers leaves no months. A session on several machines, or with
    several techniques, counts for each of them.
    """

    schema: Literal["rtcode.summary/1"]
    tool_version: str
    code_set: CodeSetRef
    policy: PolicyRef | None
    identifiers: IdentifierLevel
    date_of_service: str | None
    answers: dict[str, str]
    parts: PartsDict
    notes: list[str]
    files: FilesDict
    sessions: int
    by_status: dict[str, int]
    by_level: dict[str, int]
    by_level_and_status: list[LevelStatusDict]
    mix: MixDict
    provisional: ProvisionalDict
    questions: list[AskedDict]
    flags: list[FlaggedDict]
    by_month: list[GroupDict]
    by_machine: list[GroupDict]
    by_system: list[SystemDict]
    by_technique: list[GroupDict]
    failures: list[FailedDict]
    look_first: LookFirstDict
