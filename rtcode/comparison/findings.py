"""Findings of the integrity checks, oddities of the files and metrics: what appeared, what is gone, what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from rtcode.coding.results import PlanReport
from rtcode.comparison.recorder import Recorder
from rtcode.comparison.tolerances import equal
from rtcode.comparison.types import BeamPair, FindingChanges, MetricChange, numbers_in_new
from rtcode.integrity.types import Finding, Severity
from rtcode.truth import PlanWarning

Item = TypeVar("Item")

#: Warnings of the reader that leave a value unknown.
_UNREADABLE = frozenset(
    {
        "number_unreadable",
        "integer_unreadable",
        "vector_length",
        "out_of_range",
        "direction_unknown",
        "device_positions_count",
        "device_positions_empty",
        "wedge_unknown",
        "block_data_unreadable",
        "enhanced_device_unread",
        "enhanced_opening_unread",
        "sinogram_unreadable",
    }
)
#: Metrics that differ by less than this share are the same: rounding in positions leaves no more.
_SAME_METRIC = 1e-4


def compare_findings(old: PlanReport, new: PlanReport, beams: Sequence[BeamPair]) -> FindingChanges:
    """Findings by check, severity and beams (those of OLD under their numbers in NEW), oddities by code."""
    known = numbers_in_new(beams)

    def before(finding: Finding) -> Hashable:
        # A beam that is gone takes itself out of what is found of several.
        left = [known[n] for n in finding.found.beams if n in known]
        numbers = left or [-n - 1 for n in finding.found.beams]
        return (finding.check, finding.severity, tuple(sorted(numbers)))

    def after(finding: Finding) -> Hashable:
        return (finding.check, finding.severity, tuple(sorted(finding.found.beams)))

    warnings = old.plan.warnings, new.plan.warnings
    w_gone, w_new = _changes(*warnings, lambda w: (w.code, w.where), lambda w: (w.code, w.where))
    a, b = old.integrity, new.integrity
    if a is None or b is None:
        return FindingChanges(False, warnings_appeared=w_new, warnings_disappeared=w_gone)
    gone, appeared = _changes(a.findings, b.findings, before, after)
    return FindingChanges(True, appeared, gone, w_new, w_gone)


def contradictions(record: Recorder, findings: FindingChanges) -> None:
    """Where nothing differs beyond its tolerance, and yet a check or the reader says something of one plan only.

    Such plans are not the same, whatever of them is compared: a limit was crossed, or something is read that no
    difference tells. The finding itself is then the difference.
    """
    if any(d.counts and not d.within for d in record.differences):
        return
    checks = _loud(findings.disappeared), _loud(findings.appeared)
    if any(checks):
        record.add("findings", *checks, note=_only(checks))
    unread = _unreadable(findings.warnings_disappeared), _unreadable(findings.warnings_appeared)
    if unread[0] != unread[1]:
        record.add("unreadable", *unread, note=_only(unread))


def _loud(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Checks that find more than what is worth a note."""
    return tuple(dict.fromkeys(f.check for f in findings if f.severity in (Severity.ERROR, Severity.WARNING)))


def _unreadable(warnings: Sequence[PlanWarning]) -> tuple[str, ...]:
    """What leaves values unknown, whatever its place."""
    return tuple(sorted(warning.code for warning in warnings if warning.code in _UNREADABLE))


def _only(sides: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    return "" if all(sides) else f"in {'OLD' if sides[0] else 'NEW'} only"


def _changes(
    old: Sequence[Item], new: Sequence[Item], before: Callable[[Item], Hashable], after: Callable[[Item], Hashable]
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Items of OLD that NEW lacks, and those that only NEW has; the same one twice counts twice."""

    def lacking(items: Sequence[Item], key: Callable[[Item], Hashable], there: Counter[Hashable]) -> tuple[Item, ...]:
        found = []
        for item in items:
            if there[key(item)] > 0:
                there[key(item)] -= 1
            else:
                found.append(item)
        return tuple(found)

    return (
        lacking(old, before, Counter(map(after, new))),
        lacking(new, after, Counter(map(before, old))),
    )


def compare_metrics(old: PlanReport, new: PlanReport, beams: Sequence[BeamPair]) -> tuple[MetricChange, ...]:
    """Metrics of matched beams that changed, where both plans have them."""
    a, b = old.metrics, new.metrics
    if a is None or b is None:
        return ()
    changes = []
    for place, pair in enumerate(beams):
        if pair.old is None or pair.new is None:
            continue
        x, y = a.beams[pair.old.beam.index], b.beams[pair.new.beam.index]
        if x is None or y is None:
            continue
        for profile, values in y.values.items():
            for metric, value in values.items():
                before = x.values.get(profile, {}).get(metric)
                if not _same(before, value):
                    changes.append(MetricChange(place, profile, metric, before, value))
    return tuple(changes)


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return equal(a, b) or abs(a - b) <= _SAME_METRIC * max(abs(a), abs(b))
