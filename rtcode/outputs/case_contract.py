"""The lines of ``rtcode cases`` (``rtcode.case/1``): a header, cases, what could not be judged, and a summary.

A case is a group of one patient's plans that may be one treatment session and, taken as one, would be something else
than the highest of them alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract import CodeSetRef, PolicyRef, QuestionDict
from rtcode.outputs.contract_values import IdentifierLevel, StatusWord

#: Why plans are looked at together.
CaseReason = Literal["concurrent", "photons_and_electrons", "parts", "isocenters"]


class CaseHeaderLine(TypedDict):
    """The first line: what the dataset was scanned with; ``days`` is how many may lie between the plans' dates."""

    type: Literal["header"]
    schema: Literal["rtcode.case/1"]
    tool_version: str
    code_set: CodeSetRef
    policy: PolicyRef | None
    identifiers: IdentifierLevel
    date_of_service: str | None
    answers: dict[str, str]
    days: int


class CaseSessionDict(TypedDict):
    """A member's session as the scan has it, judged alone; ``questions`` are ids."""

    id: str
    fraction_group: int | None
    fractions: int | None
    radiations: list[str]
    status: StatusWord
    level: int | None
    floor: int | None
    ceiling: int | None
    questions: list[str]


class CaseMemberDict(TypedDict):
    """A plan of a case, its values as the scan's tables show them.

    ``versions`` are paths of other plans that seem to be versions of this one (its label or isocenters, beam numbers,
    fractions and frame of reference): the approved or newest one stands for them.
    """

    path: str
    sha256: str
    sop_instance_uid: str | None
    label: str | None
    date: str | None
    machines: list[str]
    approval: str | None
    sessions: list[CaseSessionDict]
    versions: list[str]


class CaseTogetherDict(TypedDict):
    """What the members' sessions become as one: ``sessions`` are the ids of those that are in it."""

    id: str
    sessions: list[str]
    status: StatusWord
    level: int | None
    code: str | None
    floor: int | None
    ceiling: int | None
    reason: str
    decided_by: list[str]
    questions: list[QuestionDict]


class CaseDifferenceDict(TypedDict):
    """The highest level alone and together, with the status that goes with each.

    ``change`` is ``higher`` or ``lower`` for the level, ``out`` where together there is none, ``status`` where only
    the status differs.
    """

    level_alone: int
    status_alone: StatusWord
    level_together: int | None
    status_together: StatusWord
    change: Literal["higher", "lower", "out", "status"]


class CaseLine(TypedDict):
    """A group of plans to look at.

    ``joined_by`` is how they were judged as one: ``concurrent`` as the plans say themselves, ``request`` as with
    ``--same-session``. ``same_day`` says whether they can be given on one day: ``named`` (the plans say so),
    ``possible``, or ``unlikely``: fraction counts, a word for a phase (boost), the days of the week or a plan that
    replaces another speak against it. ``days_apart`` lie between the dates of the plans.
    """

    type: Literal["case"]
    id: str
    patient: str | None
    reasons: list[CaseReason]
    joined_by: Literal["concurrent", "request"]
    same_day: Literal["named", "possible", "unlikely"]
    days_apart: int | None
    members: list[CaseMemberDict]
    together: list[CaseTogetherDict]
    difference: CaseDifferenceDict


class NotJudgedLine(TypedDict):
    """Plans that would have been looked at together and could not be.

    ``code`` is ``too_many_plans`` (``plans`` of them, ``paths`` names the first), ``not_kept`` (the dataset lacks
    one's content), ``other_version`` (another version of rtcode kept it) or ``defect``.
    """

    type: Literal["not_judged"]
    code: Literal["too_many_plans", "not_kept", "other_version", "defect"]
    patient: str | None
    reasons: list[CaseReason]
    plans: int
    paths: list[str]


class CaseSummaryLine(TypedDict):
    """The last line; a stream without it was cut short.

    ``groups`` were judged together, ``cases`` of them came out different, ``not_judged`` could not be. ``patients``
    have several plans; plans without PatientID count as one patient's where they share a study or frame of reference.
    """

    type: Literal["summary"]
    plans: int
    patients: int
    groups: int
    cases: int
    not_judged: int
    by_reason: dict[str, int]
    by_same_day: dict[str, int]
    by_change: dict[str, int]


class CasesDict(TypedDict):
    """The document of ``--format json``: the lines by their kinds."""

    header: CaseHeaderLine
    cases: list[CaseLine]
    not_judged: list[NotJudgedLine]
    summary: CaseSummaryLine


CasesLine = CaseHeaderLine | CaseLine | NotJudgedLine | CaseSummaryLine


def cases_dict(lines: Iterable[CasesLine]) -> CasesDict:
    """The lines as one document."""
    header: CaseHeaderLine | None = None
    summary: CaseSummaryLine | None = None
    cases: list[CaseLine] = []
    not_judged: list[NotJudgedLine] = []
    for line in lines:
        if line["type"] == "header":
            header = line
        elif line["type"] == "case":
            cases.append(line)
        elif line["type"] == "not_judged":
            not_judged.append(line)
        else:
            summary = line
    assert header is not None and summary is not None
    return {"header": header, "cases": cases, "not_judged": not_judged, "summary": summary}
