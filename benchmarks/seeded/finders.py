"""Runs rtcode on a version of a plan and on a pair of versions, through its public functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import rtcode
from benchmarks.seeded import topics
from rtcode.coding.decision import Decision
from rtcode.coding.results import PlanReport
from rtcode.comparison.compare import compare
from rtcode.comparison.types import Verdict


@dataclass(frozen=True)
class Alarm:
    """One finding of an integrity check, or one difference of a comparison."""

    id: str
    beams: frozenset[int]
    severity: str
    topics: frozenset[str]


@dataclass(frozen=True)
class Looked:
    """What rtcode says of one version. ``refused`` is the code of the failure where it does not take the plan."""

    refused: str | None
    report: PlanReport | None
    decisions: tuple[Decision, ...]
    alarms: tuple[Alarm, ...]
    #: what the suggestion rests on, by session, to be compared for equality
    state: tuple[tuple[str, object], ...]
    warnings: frozenset[str]


@dataclass(frozen=True)
class Compared:
    verdict: str
    differences: tuple[Alarm, ...]
    #: findings of integrity checks that the comparison reports as new
    appeared: tuple[Alarm, ...] = ()


def look(path: Path) -> Looked:
    results = rtcode.analyze(path).results
    if results.failures or not results.plans:
        code = results.failures[0].code if results.failures else "nothing"
        return Looked(code, None, (), (), (("refused", code),), frozenset())
    (report,) = results.plans
    if report.integrity is None:
        raise RuntimeError("the analysis has run no integrity checks")
    alarms = tuple(
        Alarm(f.check, frozenset(f.found.beams), str(f.severity), topics.CHECKS.get(f.check, frozenset()))
        for f in report.integrity.findings
    )
    warnings = frozenset(w.code for w in report.plan.warnings)
    return Looked(None, report, results.sessions, alarms, _state(results.sessions), warnings)


def _state(sessions: tuple[Decision, ...]) -> tuple[tuple[str, object], ...]:
    """Everything of a decision that a person would call another answer; texts and evidence are not part of it."""
    found: list[tuple[str, object]] = [("sessions", len(sessions))]
    for place, decision in enumerate(sessions):
        said = decision.suggestion
        found += [
            (f"{place}.suggestion", (said.status, said.level, said.floor, said.ceiling, said.code)),
            (f"{place}.decided_by", tuple(sorted(said.decided_by))),
            (f"{place}.questions", tuple(sorted((q.id, q.answers) for q in said.questions))),
            (f"{place}.flags", tuple(sorted(f.id for f in said.flags))),
            (f"{place}.criteria", tuple(sorted((c.id, str(c.status)) for c in decision.criteria))),
        ]
    return tuple(found)


def moved(old: Looked, new: Looked) -> tuple[str, ...]:
    """What of the suggestion is not what it was, by name, each once."""
    before, after = dict(old.state), dict(new.state)
    names = [key.split(".")[-1] for key in {**before, **after} if before.get(key) != after.get(key)]
    return tuple(dict.fromkeys(names))


def new_alarms(old: Looked, new: Looked, *, renumbered: int = 0) -> tuple[Alarm, ...]:
    """Findings of the new version beyond those of the old one: the same check on the same beams is no news."""
    known = Counter((a.id, frozenset(n + renumbered for n in a.beams)) for a in old.alarms)
    fresh = []
    for alarm in new.alarms:
        key = (alarm.id, alarm.beams)
        if known[key]:
            known[key] -= 1
        else:
            fresh.append(alarm)
    return tuple(fresh)


def conflict(old: Path, new: Path) -> bool:
    """Whether rtcode refuses the two versions when it is given both."""
    return any(f.code == "duplicate_conflict" for f in rtcode.analyze([old, new]).results.failures)


def differences(old: Looked, new: Looked) -> Compared:
    if old.report is None or new.report is None:
        return Compared("refused", ())
    said = compare(old.report, new.report, old.decisions, new.decisions)
    numbers = []
    for pair in said.beams:
        both = {p.beam.number for p in (pair.old, pair.new) if p is not None}
        numbers.append(frozenset(n for n in both if isinstance(n, int)))
    found = tuple(
        Alarm(
            d.attribute,
            frozenset(n for place in d.beams for n in numbers[place]),
            "matters" if d.matters else "other",
            topics.ATTRIBUTES.get(d.attribute, frozenset()),
        )
        for d in said.beyond
    )
    # What is not counted is still shown to the user; only where a kind is about it does that help.
    found += tuple(
        Alarm(d.attribute, frozenset(), "not counted", topics.ATTRIBUTES.get(d.attribute, frozenset()))
        for d in said.differences
        if not d.counts
    )
    appeared = tuple(
        Alarm(f.check, frozenset(f.found.beams), str(f.severity), topics.CHECKS.get(f.check, frozenset()))
        for f in said.findings.appeared
    )
    return Compared(str(said.verdict), found, appeared)


SAME = {str(Verdict.IDENTICAL), str(Verdict.SAME_CONTENT), str(Verdict.WITHIN_TOLERANCE)}
