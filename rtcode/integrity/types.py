"""What an integrity check is and what it says.

A check looks at one plan and yields what it finds. It is a small class with a stable id, a severity that a site may
change, an explanation, and the limits that it compares with. The checks of a plug-in are written in the same way.
Checks never change a suggestion.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from rtcode.features.types import BeamFacts
from rtcode.metrics.machines import MachineLimits
from rtcode.plan.model import PlanKind, RTPlan
from rtcode.plan.roles import Role
from rtcode.plan.sessions import TreatmentSession
from rtcode.records import field, record
from rtcode.truth import EvidenceValue


class Severity(StrEnum):
    """How much a finding matters. ``OFF`` is a site's choice: the check is not run, and results say so."""

    #: the plan contradicts itself or cannot be delivered as written
    ERROR = "error"
    #: unusual enough that a person has to look before the first fraction
    WARNING = "warning"
    #: worth knowing; often right as it is
    NOTE = "note"
    OFF = "off"


@record
class Limit:
    """A number that a check compares with; a site may set it.

    ``basis`` says why the default is what it is.
    """

    default: float
    unit: str
    text: str
    basis: str
    minimum: float = 0.0
    maximum: float | None = None


@record
class Found:
    """One thing that a check found.

    Attributes
    ----------
    message
        What is wrong, with numbers and units. Names beams by number (`PlannedBeam.label`) and never quotes a text of
        the plan: a label may hold a patient's name.
    where
        Attribute paths (`rtcode.plan.tags.at`).
    beams
        Numbers of the beams concerned; a beam without a usable number is named in the message only.
    values
        The compared numbers by name, the unit at the end of each name.
    """

    message: str
    where: tuple[str, ...] = ()
    beams: tuple[int, ...] = ()
    values: Mapping[str, EvidenceValue] = field(default_factory=dict)


@record
class Unknown:
    """The check could not look: what is missing. Not the same as having found nothing."""

    reason: str
    where: tuple[str, ...] = ()
    beams: tuple[int, ...] = ()


@record(eq=False)
class CheckCase:
    """What a check is given.

    Attributes
    ----------
    plan
        The plan.
    beams
        Facts of every beam in file order (`facts.planned` has role, meterset, set-up and delivery).
    sessions
        The plan's own sessions, one a fraction group.
    limits
        The check's limits as they hold at this site.
    machines
        Limits of the machines by beam, in the order of `beams`.
    date_of_service
        The day for which the caller asks, or ``None``. There is no other clock.
    """

    plan: RTPlan
    beams: tuple[BeamFacts, ...]
    sessions: tuple[TreatmentSession, ...]
    limits: Mapping[str, float]
    machines: tuple[MachineLimits, ...]
    date_of_service: date | None = None

    @cached_property
    def treatment(self) -> tuple[BeamFacts, ...]:
        """The treatment beams, in file order."""
        return tuple([facts for facts in self.beams if facts.planned.role is Role.TREATMENT])


class Check(ABC):
    """Base of all checks: class attributes say what it is, `find` looks.

    Attributes
    ----------
    id
        Stable, lower case with underscores; what policies, outputs and documentation call it.
    title
        What is looked for, in a few words.
    severity
        Default severity of its findings.
    explanation
        Why it matters and what to do, in one to three sentences for a physicist.
    cannot_see
        What escapes it, where that is not plain.
    limits
        Numbers that it compares with, by id.
    covers
        Codes of reader warnings that say the same; texts for people then show the finding only.
    kinds
        Kinds of plan that it looks at.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity]
    explanation: ClassVar[str]
    cannot_see: ClassVar[str] = ""
    limits: ClassVar[Mapping[str, Limit]] = {}
    covers: ClassVar[frozenset[str]] = frozenset()
    kinds: ClassVar[frozenset[PlanKind]] = frozenset({PlanKind.RT_PLAN})

    @abstractmethod
    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        """What the plan shows. Nothing yielded: looked at, nothing found."""


@record
class Finding:
    """A finding as results hold it: what was found, by which check, at the severity that holds at this site."""

    check: str
    severity: Severity
    found: Found
    explanation: str
    plugin: str | None = None


@record
class NotAssessed:
    """A check that could not look at everything, or that failed (``plugin`` then names whose it is)."""

    check: str
    reason: str
    where: tuple[str, ...] = ()
    beams: tuple[int, ...] = ()
    plugin: str | None = None


@record
class IntegrityReport:
    """What the checks say of one plan.

    ``passed`` looked and found nothing, ``off`` are switched off, by the policy or until a policy sets a severity; each
    holds ids in the order in which the checks are listed.
    """

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...]
    passed: tuple[str, ...]
    off: tuple[str, ...]


@record
class PluginRef:
    """A plug-in that was used: its entry point, its distribution's version, and the ids of its checks."""

    name: str
    version: str | None
    checks: tuple[str, ...]
