"""Runs the integrity checks over one plan and collects what they say.

A built-in check that raises is a defect of rtcode and is let through: the analysis makes a failure of that plan, and
the others keep their answers. A check of a plug-in is a stranger's: whatever it does wrong costs only itself, and its
exception is told by kind, since its text may hold a value from the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rtcode.features.types import BeamFacts
from rtcode.integrity.plugins import Plugin
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
    from rtcode.metrics.machines import Machines

#: Findings of one check (and places of one finding) that are listed one by one; plans that people made stay below it.
MOST = 100
#: What a plug-in's check may yield before it is stopped: it may never end.
_MOST_OF_A_PLUGIN = 10_000

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
    findings: list[Finding] = []
    not_assessed: list[NotAssessed] = []
    passed: list[str] = []
    off: list[str] = []
    limits = tuple(machines.limits_of(facts.planned.beam) for facts in beams)
    listed: list[tuple[str, type[Check], str | None]] = [(check.id, check, None) for check in checks]
    listed += [(id, check, plugin.ref.name) for plugin in plugins for id, check in plugin.checks]
    for id, check, plugin_name in listed:
        severity = settings.severity_of(id, check)
        if severity is Severity.OFF:
            off.append(id)
            continue
        if plan.kind not in check.kinds:
            continue
        case = CheckCase(plan, beams, sessions, settings.limits_of(id, check), limits, date_of_service)
        failure: str | None = None
        if plugin_name is None:
            yielded = list(check().find(case))
        else:
            yielded, failure = _of_a_plugin(check, case)
        found = _listed([one for one in yielded if isinstance(one, Found)])
        unknown = _listed_unknown([one for one in yielded if isinstance(one, Unknown)])
        findings += [Finding(id, severity, one, check.explanation, plugin_name) for one in found]
        not_assessed += [NotAssessed(id, one.reason, one.where, one.beams, plugin_name) for one in unknown]
        if failure is not None:
            not_assessed.append(NotAssessed(id, failure, plugin=plugin_name))
        if not yielded and failure is None:
            passed.append(id)
    findings.sort(key=lambda finding: _ORDER[finding.severity])
    return IntegrityReport(tuple(findings), tuple(not_assessed), tuple(passed), tuple(off))


def _of_a_plugin(check: type[Check], case: CheckCase) -> tuple[list[Found | Unknown], str | None]:
    """What a stranger's check yields, and what it did wrong; what it had found before that stays."""
    yielded: list[Found | Unknown] = []
    try:
        for one in check().find(case):
            if not _is_sound(one):
                return yielded, "the plug-in's check yields something that is no finding"
            if len(yielded) == _MOST_OF_A_PLUGIN:
                return yielded, f"the plug-in's check was stopped after {_MOST_OF_A_PLUGIN} findings"
            yielded.append(one)
    except (Exception, SystemExit) as error:  # noqa: BLE001  (it may raise anything, and may not end the process)
        return yielded, f"the plug-in's check failed ({type(error).__name__})"
    return yielded, None


def _is_sound(one: object) -> bool:
    """Whether outputs can show it: the right record, and values of the types that it declares."""
    if isinstance(one, Found):
        values_sound = isinstance(one.values, Mapping) and all(
            isinstance(name, str) and _is_value(value) for name, value in one.values.items()
        )
        return isinstance(one.message, str) and values_sound and _places_sound(one.where, one.beams)
    return isinstance(one, Unknown) and isinstance(one.reason, str) and _places_sound(one.where, one.beams)


def _is_value(value: object) -> bool:
    if isinstance(value, tuple):
        return all(type(entry) in (int, float) for entry in value) or all(isinstance(entry, str) for entry in value)
    return value is None or type(value) in (str, int, float, bool)


def _places_sound(where: object, beams: object) -> bool:
    return (
        isinstance(where, tuple)
        and isinstance(beams, tuple)
        and all(isinstance(place, str) for place in where)
        and all(type(number) is int for number in beams)
    )


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
