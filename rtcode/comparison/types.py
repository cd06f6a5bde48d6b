"""What a comparison says, as records: differences, matched beams, what becomes of the suggestion.

Values are those of the plans. Free text and identity stand in `Difference.old` and `new` and nowhere else; `shown`
says what an output has to do with them, and notes hold numbers and rtcode's own words only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from rtcode.coding.decision import Decision
from rtcode.coding.results import PlanReport
from rtcode.comparison.tolerances import Tolerances
from rtcode.integrity.types import Finding
from rtcode.plan.model import PlanKind, known_int
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import record
from rtcode.truth import PlanWarning, Truth

Value: TypeAlias = str | int | float | bool | tuple[float, ...] | tuple[int, ...] | tuple[str, ...] | None


class Verdict(StrEnum):
    """How two plans relate, the first that applies."""

    #: the same bytes
    IDENTICAL = "identical"
    #: not the same patient, by PatientID
    DIFFERENT_PATIENT = "different_patient"
    #: something differs beyond its tolerance
    DIFFERENT = "different"
    #: numbers differ, none of them beyond its tolerance
    WITHIN_TOLERANCE = "within_tolerance"
    #: all that rtcode reads is equal; the bytes, or the object's own UIDs, are not
    SAME_CONTENT = "same_content"


class Kind(StrEnum):
    """What a difference is about, what matters most first."""

    IDENTITY = "identity"
    DELIVERY = "delivery"
    PRESCRIPTION = "prescription"
    SETUP = "setup"
    ADMINISTRATIVE = "administrative"


class Presence(StrEnum):
    """Whether a value is there. Absent, empty and invalid are not the same, and none of them is zero."""

    GIVEN = "given"
    ABSENT = "absent"
    EMPTY = "empty"
    INVALID = "invalid"


class Shown(StrEnum):
    """What an output may show of a difference's values."""

    #: numbers and rtcode's own words
    PLAIN = "plain"
    #: free text of the plan
    TEXT = "text"
    UID = "uid"
    #: a coded attribute: its defined terms are harmless, anything else is text
    TERM = "term"
    EQUIPMENT = "equipment"
    #: the patient's identity: never, except with ``--identifiers full``
    PATIENT = "patient"


@record(eq=False)
class Difference:
    """One thing that is not the same.

    Attributes
    ----------
    attribute
        Its id in `rtcode.comparison.attributes`.
    kind, matters
        What it is about, and whether it changes what is delivered, where, to whom or how often.
    counts
        False for what two exports of one plan may differ in: UIDs of the object itself, the order in the file.
    within
        Not beyond the tolerance.
    old, new, old_presence, new_presence
        The values, or for columns and devices those where the change is largest.
    amount, percent
        Size of the (largest) change in `unit`, and relative to the old value where that makes sense.
    unit
        ``mm``, ``deg``, ``MU``...; empty for what has none.
    where
        Path and tag in NEW, or in OLD where it is only there.
    note
        Where the change is largest and how much else changed; rtcode's own words.
    details
        Further numbers by name, the unit at the end of each name.
    beams
        Places in `Comparison.beams`; empty where it concerns the plan.
    keyword
        DICOM keyword, for defined terms.
    """

    attribute: str
    kind: Kind
    matters: bool
    counts: bool
    within: bool
    old: Value
    new: Value
    old_presence: Presence
    new_presence: Presence
    amount: float | None
    percent: float | None
    unit: str
    where: str
    note: str
    details: Mapping[str, Value]
    beams: tuple[int, ...]
    shown: Shown
    keyword: str


@record
class NotCompared:
    """What could not be compared and why: unreadable on both sides, or nothing says how control points correspond."""

    what: str
    reason: str
    where: str
    beams: tuple[int, ...] = ()


@record(eq=False)
class BeamPair:
    """A beam of OLD with its counterpart in NEW; one of them is ``None`` where a beam was removed or added.

    ``by`` says what agrees (``number``, ``name``, ``geometry``); ``similarity`` of the geometry is 0 to 1.
    """

    old: PlannedBeam | None
    new: PlannedBeam | None
    by: tuple[str, ...]
    similarity: float | None

    @property
    def treats(self) -> bool:
        """Whether it treats in one of the plans at least."""
        return any(one is not None and one.role is Role.TREATMENT for one in (self.old, self.new))


def numbers_in_new(beams: Iterable[BeamPair]) -> dict[int, int]:
    """Numbers of matched beams in OLD → in NEW; those without a number are left out."""
    pairs = ((pair.old, pair.new) for pair in beams)
    numbers = (
        (known_int(old.beam.number), known_int(new.beam.number))
        for old, new in pairs
        if old is not None and new is not None
    )
    return {a: b for a, b in numbers if a is not None and b is not None}


class PatientRelation(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    #: at least one plan has no PatientID
    UNKNOWN = "unknown"


@record
class CriterionChange:
    """A criterion that is met, not met or unknown otherwise than before."""

    id: str
    old: Truth | None
    new: Truth | None
    reason: str


@record(eq=False)
class SessionChange:
    """A treatment session before and after; one of them is ``None`` where the fraction group was removed or added.

    ``touched``: level, status, range, deciding criteria or questions are not what they were; ``why`` says which.
    """

    old: Decision | None
    new: Decision | None
    touched: bool
    why: tuple[str, ...]
    criteria: tuple[CriterionChange, ...]
    questions_added: tuple[str, ...]
    questions_removed: tuple[str, ...]
    questions_changed: tuple[str, ...]
    flags_added: tuple[str, ...]
    flags_removed: tuple[str, ...]


@record
class Confirmation:
    """Whether a confirmation of OLD would hold for NEW; ``broken_by`` names what it is bound to and is not the same."""

    holds: bool
    broken_by: tuple[str, ...]


@record(eq=False)
class FindingChanges:
    """Findings of integrity checks, and oddities of the file, that are only in NEW or only in OLD.

    ``checked``: both plans were checked; without that nothing is known of findings.
    """

    checked: bool
    appeared: tuple[Finding, ...] = ()
    disappeared: tuple[Finding, ...] = ()
    warnings_appeared: tuple[PlanWarning, ...] = ()
    warnings_disappeared: tuple[PlanWarning, ...] = ()


@record
class MetricChange:
    """A modulation metric of a matched beam that changed; ``None`` is unknown."""

    beam: int
    profile: str
    metric: str
    old: float | None
    new: float | None


@record(eq=False)
class Comparison:
    """Everything that a comparison found.

    Attributes
    ----------
    differences
        What matters first; those within tolerance and those that do not count are among them.
    remarks
        What several differences have in common, and how the two files relate: rtcode's own words.
    unread
        Parts of these plans that rtcode does not read at all, so that nothing is known of them.
    """

    old: PlanReport
    new: PlanReport
    verdict: Verdict
    patient: PatientRelation
    tolerances: Tolerances
    beams: tuple[BeamPair, ...]
    differences: tuple[Difference, ...]
    not_compared: tuple[NotCompared, ...]
    unread: tuple[str, ...]
    remarks: tuple[str, ...]
    sessions: tuple[SessionChange, ...]
    confirmation: Confirmation
    findings: FindingChanges
    metrics: tuple[MetricChange, ...]

    @property
    def touched(self) -> bool:
        """Whether the suggestion of a session, or its questions, are not what they were."""
        return any(session.touched for session in self.sessions)

    @property
    def complete(self) -> bool:
        """Whether the delivery in both plans could be compared as a whole, as far as standard attributes hold it."""
        partly = any(r.plan.kind is not PlanKind.RT_PLAN or r.plan.brachy_setups for r in (self.old, self.new))
        return self.verdict is Verdict.IDENTICAL or not (partly or self.not_compared)

    @property
    def beyond(self) -> tuple[Difference, ...]:
        """The differences that make the plans different."""
        return tuple(d for d in self.differences if d.counts and not d.within)

    @property
    def within(self) -> tuple[Difference, ...]:
        """The differences that are no larger than their tolerance."""
        return tuple(d for d in self.differences if d.counts and d.within)

    @property
    def matters(self) -> bool:
        """Whether a difference changes what is delivered, where, to whom or how often."""
        return any(d.matters for d in self.beyond)
