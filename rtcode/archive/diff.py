"""What two sets of rules differ in, and what that does to the sessions of a dataset: which change, which way, why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rtcode.archive.dataset import Kept
from rtcode.archive.redecide import lines_again
from rtcode.archive.work import Job
from rtcode.outputs.scan_contract import ScanSessionLine
from rtcode.records import record

if TYPE_CHECKING:
    from rtcode.outputs.diff_contract import ChangeDict, OutcomeOfRulesDict

#: Changed sessions that are listed one by one; all are counted.
MOST_LISTED = 1_000


@record
class Differences:
    """What the rules do to a dataset.

    Attributes
    ----------
    sessions
        Sessions that were decided under both.
    ways
        How many sessions go from one outcome to another; outcomes are ``level 2``, ``level 2, provisional, up to 3``,
        ``out of scope``, ``not assessable``.
    reasons
        How many changed sessions have a criterion of which the status changed, by its id.
    changes
        The changed sessions, at most `MOST_LISTED`.
    undecided
        Plans that could not be decided from what is kept.
    """

    sessions: int
    ways: tuple[tuple[str, str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    changes: tuple[ChangeDict, ...]
    undecided: int


def differences(batches: Iterator[list[Pair]]) -> Differences:
    """Count and list what changes.

    Parameters
    ----------
    batches
        Of `decide_both`.
    """
    sessions = undecided = 0
    ways: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    listed: list[ChangeDict] = []
    for batch in batches:
        for count, changed in batch:
            if count is None:
                undecided += 1
                continue
            sessions += count
            for change in changed:
                ways[_outcome_text(change["before"]), _outcome_text(change["after"])] += 1
                reasons.update(why["id"] for why in change["criteria"])
                if len(listed) < MOST_LISTED:
                    listed.append(change)
    listed.sort(key=lambda change: (change["path"], change["session"]))
    return Differences(
        sessions,
        tuple((before, after, number) for (before, after), number in sorted(ways.items(), key=lambda one: -one[1])),
        tuple(reasons.most_common()),
        tuple(listed),
        undecided,
    )


#: Sessions of a plan, ``None`` where it cannot be decided; and those of them that change.
Pair = tuple[int | None, list["ChangeDict"]]


def decide_both(jobs: tuple[Job, Job], batch: list[tuple[Kept, str]]) -> list[Pair]:
    """Plans, each with its path, under two jobs."""
    found: list[Pair] = []
    for kept, path in batch:
        try:
            before, after = (lines_again(kept, job) for job in jobs)
        except Exception:  # noqa: BLE001  (a plan that fails costs itself)
            found.append((None, []))
            continue
        pairs = list(zip(before, after, strict=True))
        found.append((len(pairs), [change for a, b in pairs if (change := _change(path, a, b)) is not None]))
    return found


def _change(path: str, before: ScanSessionLine, after: ScanSessionLine) -> ChangeDict | None:
    a, b = _outcome(before), _outcome(after)
    if a == b:
        return None
    known = {one["id"]: one["status"] for one in before["criteria"]}
    criteria: list[Any] = [
        {"id": one["id"], "before": known.get(one["id"]), "after": one["status"], "reason": one["reason"]}
        for one in after["criteria"]
        if known.get(one["id"]) != one["status"]
    ]
    return {
        "path": path,
        "session": before["id"],
        "before": a,
        "after": b,
        "criteria": criteria,
        "reason_before": before["suggestion"]["reason"],
        "reason_after": after["suggestion"]["reason"],
    }


def _outcome(line: ScanSessionLine) -> OutcomeOfRulesDict:
    said = line["suggestion"]
    return {
        "status": said["status"],
        "level": said["level"],
        "code": said["code"],
        "floor": said["floor"],
        "ceiling": said["ceiling"],
        "questions": [question["id"] for question in said["questions"]],
    }


def _outcome_text(outcome: OutcomeOfRulesDict) -> str:
    if outcome["level"] is None:
        return outcome["status"].replace("_", " ")
    higher = outcome["ceiling"] is not None and outcome["ceiling"] > outcome["level"]
    may = f", up to {outcome['ceiling']}" if higher else ""
    return f"level {outcome['level']}{', provisional' if outcome['status'] == 'provisional' else ''}{may}"


def rule_differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two sets of rules, as plain data, differ: path, value before, value after; ``None`` is not there."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from rule_differences(before.get(name), after.get(name), f"{path}.{name}" if path else str(name))
    elif before != after:
        yield path, before, after


def shown_value(value: Any, longest: int = 60) -> str:
    """A value of the rules, short enough for a line."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = ", ".join(map(str, value))
    text = "none" if value is None else str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
