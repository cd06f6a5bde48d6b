"""Runs the integrity checks over one plan and collects what they say.

A built-in check that raises is a defect of rtcode and is let through: the analysis makes a failure of that plan, and
the others keep their answers. Checks of plug-ins are run by `rtcode.integrity.guard`, after all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rtcode.features.types import BeamFacts
from rtcode.integrity.settings import CheckSettings
from rtcode.integrity.types import (
    Check,
    CheckCase,
    Finding,
    Found,
    IntegrityReport,
    NotAssessed,
    Severity,
    Unknown,
)
from rtcode.plan.model import RTPlan
from rtcode.plan.sessions import TreatmentSession
from rtcode.records import replace

if TYPE_CHECKING:
    from rtcode.integrity.plugins import Plugin
    from rtcode.metrics.machines import Machines

#: Findings of one check (and places of one finding) that are listed one by one; plans that people made stay below it.
MOST = 100

_ORDER = {severity: place for place, severity in enumerate(Severity)}


def run_checks(
    checks: Sequence[type[Check]],
    plan: RTPlan,
    beams: tuple[BeamFacts, ...],
    sessions: tuple[TreatmentSession, ...],
    settings: CheckSettings,
    machines: Machines,
    plugins: Sequence[Plugin] = (),
    date_of_service: date | None = None,
) -> IntegrityReport:
    """What the built-in checks, in their order, and those of the plug-ins say of a plan.

    A check that does not look at plans of this kind is in no list of the report.
    """
    of_beams = tuple([machines.limits_of(facts.planned.beam) for facts in beams])
    report = _Report()

    def cases(named: Iterable[tuple[str, type[Check]]]) -> Iterator[tuple[str, type[Check], Severity, CheckCase]]:
        """The checks that are run, each with a case of its own: what one works out of it or does to it stays there."""
        for id, check in named:
            severity = settings.severity_of(id, check)
            if severity is Severity.OFF:
                report.off.append(id)
            elif plan.kind in check.kinds:
                limits = settings.limits_of(id, check)
                yield id, check, severity, CheckCase(plan, beams, sessions, limits, of_beams, date_of_service)

    for id, check, severity, case in cases((check.id, check) for check in checks):
        report.add(id, severity, check, list(check().find(case)))
    if plugins:
        # Only who lets strangers in needs this, and pays for it.
        from rtcode.integrity.guard import found_by_stranger, freeze

        freeze(plan, beams, sessions)
        for plugin in plugins:
            for id, check, severity, case in cases(plugin.checks):
                yielded, failure = found_by_stranger(check, case)
                report.add(id, severity, check, yielded, plugin.ref.name, failure)
    return report.made()


class _Report:
    """A report in the making."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.not_assessed: list[NotAssessed] = []
        self.passed: list[str] = []
        self.off: list[str] = []

    def add(
        self,
        id: str,
        severity: Severity,
        check: type[Check],
        yielded: list[Found | Unknown],
        plugin: str | None = None,
        failure: str | None = None,
    ) -> None:
        """What one check yielded, and how it failed, if it did."""
        if not yielded and failure is None:
            self.passed.append(id)
            return
        for found in _listed([one for one in yielded if isinstance(one, Found)]):
            self.findings.append(Finding(id, severity, found, check.explanation, plugin))
        for one in _listed_unknown([one for one in yielded if isinstance(one, Unknown)]):
            self.not_assessed.append(NotAssessed(id, one.reason, one.where, one.beams, plugin))
        if failure is not None:
            self.not_assessed.append(NotAssessed(id, failure, plugin=plugin))

    def made(self) -> IntegrityReport:
        self.findings.sort(key=lambda finding: _ORDER[finding.severity])
        return IntegrityReport(tuple(self.findings), tuple(self.not_assessed), tuple(self.passed), tuple(self.off))


def _listed(found: list[Found]) -> Iterator[Found]:
    """The findings of one check in a number that can be read; the last says how many are left out."""
    for one in found[: MOST - 1] if len(found) > MOST else found:
        yield replace(one, where=one.where[:MOST]) if len(one.where) > MOST else one
    if len(found) > MOST:
        yield Found(f"and {len(found) - MOST + 1} more findings of this check")


def _listed_unknown(unknown: list[Unknown]) -> Iterator[Unknown]:
    yield from unknown[: MOST - 1] if len(unknown) > MOST else unknown
    if len(unknown) > MOST:
        yield Unknown(f"and {len(unknown) - MOST + 1} more that could not be looked at")
