"""The JSON contract of ``rtcode compare`` as types: the one place that names its keys.

Everywhere ``None`` (JSON ``null``) is *unknown* or *not shown*, never zero and never "no". Keys may be added within a
schema number; none is renamed or removed.
"""

from __future__ import annotations

from typing import Literal, NotRequired

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract import CodeSetRef, FindingDict, PatientDict, PolicyRef, WarningDict
from rtcode.outputs.contract_values import IdentifierLevel, StatusWord, TruthWord

VerdictWord = Literal["identical", "same_content", "within_tolerance", "different", "different_patient"]
KindWord = Literal["identity", "delivery", "prescription", "setup", "administrative"]
PresenceWord = Literal["given", "absent", "empty", "invalid"]
ValueJson = str | int | float | bool | list[float | None] | list[str] | None


class ComparedPlanDict(TypedDict):
    """One of the two plans."""

    path: str
    sha256: str
    sop_instance_uid: str | None
    kind: Literal["rt_plan", "rt_ion_plan", "brachy"]
    label: str | None
    manufacturer: str | None
    model: str | None
    transfer_syntax: str | None
    reader: str
    beams: int
    patient: NotRequired[PatientDict]


class ComparedBeamDict(TypedDict):
    """A beam in one of the plans; ``index`` is its place in the file from 0."""

    number: int | None
    name: str | None
    index: int
    role: Literal["treatment", "setup", "portfilm", "unused"]


class BeamPairDict(TypedDict):
    """A beam of OLD with its counterpart in NEW; null where a beam was removed or added.

    ``by`` says what agrees; ``similarity`` of the geometry is 0 to 1. ``differences`` are places in the list of
    differences, ``delivery_changed`` whether one of them matters.
    """

    old: ComparedBeamDict | None
    new: ComparedBeamDict | None
    by: list[Literal["number", "name", "geometry"]]
    similarity: float | None
    differences: list[int]
    delivery_changed: bool


class DifferenceDict(TypedDict):
    """One thing that is not the same.

    ``matters``: it changes what is delivered, where, to whom or how often. ``counts`` is false for what two exports of
    one plan may differ in. ``old`` and ``new`` are null where there is none (``old_presence``, ``new_presence``), or
    where it is not shown at this level of identifiers. For control points and devices they are those of the largest
    change, whose size is ``amount``; ``details`` has further numbers. ``beams`` are places in the list of beams.
    """

    attribute: str
    title: str
    kind: KindWord
    matters: bool
    counts: bool
    within_tolerance: bool
    old: ValueJson
    new: ValueJson
    old_presence: PresenceWord
    new_presence: PresenceWord
    amount: float | None
    percent: float | None
    unit: str
    where: str
    note: str
    details: dict[str, ValueJson]
    beams: list[int]
    text: str


class NotComparedDict(TypedDict):
    what: str
    reason: str
    where: str
    beams: list[int]


class SuggestionSideDict(TypedDict):
    """What is suggested for a session in one of the plans."""

    session: str
    fraction_group: int | None
    status: StatusWord
    level: int | None
    code: str | None
    floor: int | None
    ceiling: int | None
    decided_by: list[str]
    reason: str


class CriterionChangeDict(TypedDict):
    id: str
    old: TruthWord | None
    new: TruthWord | None
    reason: str


class SessionChangeDict(TypedDict):
    """A treatment session before and after; null where the fraction group was removed or added."""

    old: SuggestionSideDict | None
    new: SuggestionSideDict | None
    touched: bool
    why: list[str]
    criteria: list[CriterionChangeDict]
    questions_added: list[str]
    questions_removed: list[str]
    questions_changed: list[str]
    flags_added: list[str]
    flags_removed: list[str]


class SuggestionChangeDict(TypedDict):
    """``touched``: the suggestion of a session, or what is asked about it, is not what it was."""

    touched: bool
    sessions: list[SessionChangeDict]


class ConfirmationDict(TypedDict):
    """Whether a confirmation of OLD would hold for NEW, and what of the things that it is bound to is not the same."""

    holds: bool
    broken_by: list[Literal["bytes", "sop_instance_uid", "fraction_groups", "decision"]]
    text: str


class FindingChangesDict(TypedDict):
    """``appeared`` and ``disappeared`` are null where the plans were not checked."""

    appeared: list[FindingDict] | None
    disappeared: list[FindingDict] | None
    warnings_appeared: list[WarningDict]
    warnings_disappeared: list[WarningDict]


class MetricChangeDict(TypedDict):
    beam: int
    profile: str
    metric: str
    old: float | None
    new: float | None


class ComparisonDict(TypedDict):
    """Everything that one call of ``rtcode compare`` found."""

    schema: Literal["rtcode.comparison/1"]
    tool_version: str
    code_set: CodeSetRef
    policy: PolicyRef | None
    identifiers: IdentifierLevel
    date_of_service: str | None
    answers: dict[str, str]
    old: ComparedPlanDict
    new: ComparedPlanDict
    verdict: VerdictWord
    headline: str
    delivery_changed: bool
    complete: bool
    patient: Literal["same", "different", "unknown"]
    suggestion: SuggestionChangeDict
    confirmation: ConfirmationDict
    remarks: list[str]
    differences: list[DifferenceDict]
    beams: list[BeamPairDict]
    integrity: FindingChangesDict
    metrics: list[MetricChangeDict]
    not_compared: list[NotComparedDict]
    not_read: list[str]
    tolerances: dict[str, float]
