"""What an archive holds, counted in one pass over a dataset: the result that all forms of ``rtcode summary`` show.

Where a dataset lies in parts (shards), a plan of which several parts hold copies is counted once, and plans of one UID
with different content in different parts are conflicts, as if the archive had been scanned as a whole.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.archive.database import connect, usage_errors
from rtcode.archive.dataset import folders_of, store_path
from rtcode.archive.summary_counts import LEVELS, MOST_OF_A_KIND, First, Groups, Session, most_first, session_of
from rtcode.archive.summary_store import Part, Settled, skipped_of
from rtcode.coding.codeset import choose
from rtcode.errors import (
    DuplicateConflictError,
    EmptyFileError,
    NoCodeSetError,
    NotAPlanError,
    NotDicomError,
    UsageError,
)

if TYPE_CHECKING:
    from rtcode.outputs.summary_contract import (
        ExpectedDict,
        FailedDict,
        FilesDict,
        LookDict,
        LookFirstDict,
        MixDict,
        ProvisionalDict,
        ShareDict,
        SummaryDict,
        SystemDict,
    )

#: Code set → level → the share that its source expects.
_EXPECTED: dict[str, dict[int, ExpectedDict]] = {
    "us-cms-2026": {
        1: {"text": "generally less than 5 %", "from_percent": 0.0, "to_percent": 5.0, "citation": "paper:62"},
        2: {"text": "more than 50 %", "from_percent": 50.0, "to_percent": 100.0, "citation": "paper:68"},
        3: {"text": "roughly 35 %", "from_percent": 35.0, "to_percent": 35.0, "citation": "paper:73"},
    }
}
_SHARES_DECIDE_NOTHING = (
    "Shares decide nothing for a single plan: what a session supports follows from its plan and its record alone."
)
_FLOORS = (
    "A suggestion whose questions are not answered is a floor: the level that the plan already supports. Only people "
    "can answer, above all on active motion management, which plans rarely show."
)
_OTHER_UNIT = (
    "The published expectations are of treatments that are delivered and reported. Here every plan of the archive "
    "counts, delivered or not: each session once or, by fractions, as often as it is planned to be given."
)
_CONFLICT = DuplicateConflictError("another file has the same SOPInstanceUID (0008,0018) and different content")
#: A file with one of these codes is no plan, or nothing of it is left.
_NO_PLAN = frozenset({EmptyFileError.code, NotAPlanError.code, NotDicomError.code})


def summarize(folder: Path) -> SummaryDict:
    """What the dataset in a folder holds, or that of its parts.

    Raises
    ------
    UsageError
        There is no dataset, it is damaged, or its parts were scanned under different rules.
    """
    try:
        folders = folders_of(folder)
    except (OSError, ValueError) as error:
        raise UsageError(f"the dataset cannot be read ({type(error).__name__})", "check the folder") from None
    with ExitStack() as closing, usage_errors():
        parts = []
        for one in folders:
            parts.append(Part(connect(store_path(one), write=False)))
            closing.callback(parts[-1].close)
        return _Summary(parts).result()


class _Summary:
    """Counts, filled by one pass over the sessions."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        self._header = parts[0].header
        _require_same_rules(parts)
        self._failures: dict[str, FailedDict] = {}
        self._decided: Counter[tuple[int | None, str]] = Counter()
        self._ceilings: Counter[int] = Counter()
        self._fractions: Counter[int | None] = Counter()
        self._changes: Counter[tuple[int | None, int | None]] = Counter()
        self._without_question = 0
        self._asked: dict[str, tuple[str, Counter[bool]]] = {}
        self._flags: Counter[str] = Counter()
        self._months, self._machines, self._systems, self._techniques = Groups(), Groups(), Groups(), Groups()
        self._look = [
            First("not_assessable"),
            First("provisional"),
            First("out_of_scope"),
            First("conflict"),
            First("failure"),
        ]
        self._settled = Settled(parts)
        for path in self._settled.conflicts:
            self._failed(path, _CONFLICT.code, _CONFLICT.message, _CONFLICT.hint)
        for part, left_out in zip(parts, self._settled.left_out, strict=True):
            for failure in part.failed():
                self._failed(*failure)
            for plan, line in part.sessions():
                if plan not in left_out:
                    self._session(part, plan, _session_of(line))

    # ------------------------------------------------------------------------------------------------------ the pass

    def _failed(self, path: str, code: str, message: str, hint: str) -> None:
        may_be = code not in _NO_PLAN
        told = self._failures.setdefault(
            code, {"code": code, "files": 0, "hint": hint, "example": path, "may_be_plan": may_be}
        )
        told["files"] += 1
        told["example"] = min(told["example"], path)
        if may_be:
            look = self._look[3 if code == DuplicateConflictError.code else 4]
            look.add((path,), lambda: _look_at(look, path, code=code, reason=message))

    def _session(self, part: Part, number: int, session: Session) -> None:
        found, plan = session.suggestion, session.plan
        status, level = found["status"], found["level"]
        provisional = status == "provisional"
        self._decided[level, status] += 1
        if level is not None:
            self._ceilings[found["ceiling"] or level] += 1
            self._fractions[level if session.fractions else None] += session.fractions or 1
        questions = found["questions"]
        for question in questions:
            if question["id"] not in self._asked:
                self._asked[question["id"]] = (question["text"], Counter())
            self._asked[question["id"]][1][provisional] += 1
        self._flags.update({flag["id"] for flag in found["flags"]})
        year = plan["year"]
        self._months.add(plan["month"] or (None if year is None else f"{year:04}"), level, provisional)
        self._systems.add((plan["manufacturer"], plan["model"]), level, provisional)
        for machine in plan["machines"] or (None,):
            self._machines.add(machine, level, provisional)
        for technique in session.techniques or (None,):
            self._techniques.add(technique, level, provisional)
        if status == "not_assessable":
            self._offer(self._look[0], part, number, session, 0)
        elif provisional:
            floor, ceiling = found["floor"], found["ceiling"]
            self._changes[floor, ceiling] += 1
            self._without_question += not questions
            self._offer(self._look[1], part, number, session, (ceiling or 0) - (floor or 0))
        elif status == "out_of_scope" and questions:
            self._offer(self._look[2], part, number, session, 0)

    def _offer(self, look: First, part: Part, number: int, session: Session, change: int) -> None:
        """The largest change first, then the newest plan; paths are looked up of those that are kept."""
        plan = session.plan
        newest = int((plan["date"] or str(plan["year"] or 0)).replace("-", "").ljust(8, "0"))
        reason = session.suggestion["reason"]
        look.add(
            (-change, -newest, session.id),
            lambda: _look_at(look, part.path_of(number) or "", session=session, reason=reason),
        )

    # ---------------------------------------------------------------------------------------------------- the result

    def result(self) -> SummaryDict:
        header = self._header
        statuses: Counter[str] = Counter()
        levels: Counter[int] = Counter()
        for (level, status), count in self._decided.items():
            statuses[status] += count
            if level is not None:
                levels[level] += count
        flag_texts = _flag_texts(header["code_set"])
        return {
            "schema": "rtcode.summary/1",
            "tool_version": header["tool_version"],
            "code_set": header["code_set"],
            "policy": header["policy"],
            "identifiers": header["identifiers"],
            "date_of_service": header["date_of_service"],
            "answers": header["answers"],
            **_parts(self._parts),
            "files": self._files_dict(),
            "sessions": self._decided.total(),
            "by_status": dict(sorted(statuses.items())),
            "by_level": {str(level): count for level, count in sorted(levels.items())},
            "by_level_and_status": [
                {"level": level, "status": status, "sessions": count}  # type: ignore[typeddict-item]
                for (level, status), count in sorted(self._decided.items(), key=lambda one: (one[0][0] or 9, one[0][1]))
            ],
            "mix": self._mix(levels),
            "provisional": self._provisional(statuses["provisional"]),
            "questions": sorted(
                (
                    {"id": name, "text": text, "provisional": counts[True], "others": counts[False]}
                    for name, (text, counts) in self._asked.items()
                ),
                key=lambda asked: (-asked["provisional"], -asked["others"], asked["id"]),
            ),
            "flags": [
                {"id": name, "text": flag_texts.get(name), "sessions": count}
                for name, count in sorted(self._flags.items(), key=lambda one: (-one[1], one[0]))
            ],
            "by_month": self._months.by_name(),
            "by_machine": self._machines.by_sessions(),
            "by_system": self._by_system(),
            "by_technique": self._techniques.by_sessions(),
            "failures": sorted(self._failures.values(), key=lambda one: (-one["files"], one["code"])),
            "look_first": self._look_first(),
        }

    def _files_dict(self) -> FilesDict:
        parts, settled = self._parts, self._settled
        counts = [part.counts() for part in parts]
        listed, files = sum(one.listed for one in counts), sum(one.files for one in counts)
        with_outcome = sum(part.met() for part in parts)
        skipped = skipped_of(parts, settled)
        plans = sum(part.plans() for part in parts) - sum(map(len, settled.left_out))
        failures = sum(failed["files"] for failed in self._failures.values())
        return {
            "listed": listed,
            "with_outcome": with_outcome,
            "files": files,
            "plans": plans,
            "failures": failures,
            "skipped": skipped.total(),
            "duplicates": skipped["duplicate"],
            "copies_across_parts": settled.copied_plans,
            "conflicts_across_parts": settled.across,
            "by_skipped": dict(sorted(skipped.items())),
            # each counted for itself
            "in_equals_out": files == plans + failures + skipped.total() and listed == with_outcome,
        }

    def _mix(self, levels: Counter[int]) -> MixDict:
        expected = _EXPECTED.get(self._header["code_set"]["id"], {})
        unknown = self._fractions[None]
        fractions = self._fractions.total() - unknown
        shares: list[ShareDict] = [
            {
                "level": level,
                "sessions": levels[level],
                "percent": percent(levels[level], levels.total()),
                "at_ceiling": self._ceilings[level],
                "percent_at_ceiling": percent(self._ceilings[level], levels.total()),
                "fractions": self._fractions[level],
                "percent_of_fractions": percent(self._fractions[level], fractions),
                "expected": expected.get(level),
            }
            for level in LEVELS
        ]
        notes = [_SHARES_DECIDE_NOTHING, _FLOORS, *([_OTHER_UNIT] if expected else [])]
        return {"levels": shares, "fractions_unknown": unknown, "notes": notes}

    def _provisional(self, sessions: int) -> ProvisionalDict:
        def widest_first(change: tuple[tuple[int | None, int | None], int]) -> tuple[int, int]:
            (floor, ceiling), _ = change
            return ((floor or 0) - (ceiling or 0), floor or 0)

        return {
            "sessions": sessions,
            "percent": percent(sessions, self._decided.total()),
            "without_question": self._without_question,
            "changes": [
                {"floor": floor, "ceiling": ceiling, "sessions": count}
                for (floor, ceiling), count in sorted(self._changes.items(), key=widest_first)
            ],
        }

    def _by_system(self) -> list[SystemDict]:
        systems: list[SystemDict] = []
        for name, group in self._systems.items():
            manufacturer, model = name if isinstance(name, tuple) else (None, name)
            whole = " ".join(word for word in (manufacturer, model) if word) or None
            systems.append({**group, "name": whole, "manufacturer": manufacturer, "model": model})
        return sorted(systems, key=most_first)

    def _look_first(self) -> LookFirstDict:
        listed = [(look, look.items()) for look in self._look]
        return {
            "most_of_a_kind": MOST_OF_A_KIND,
            "kinds": [{"kind": look.kind, "found": look.found, "listed": len(items)} for look, items in listed],
            "items": [item for _, items in listed for item in items],
        }


def _session_of(line: str) -> Session:
    try:
        return session_of(line)
    except ValueError:
        raise UsageError("the dataset's store is damaged", "scan into a new folder") from None


def percent(part: int, whole: int) -> float | None:
    """With one decimal; unknown of nothing."""
    return round(100 * part / whole, 1) if whole else None


def _look_at(
    look: First, path: str, *, reason: str, session: Session | None = None, code: str | None = None
) -> LookDict:
    found: dict[str, Any] = {} if session is None else session.suggestion
    plan: dict[str, Any] = {} if session is None else session.plan
    question: dict[str, Any] = next(iter(found.get("questions", ())), {})
    return {
        "kind": look.kind,
        "path": path,
        "session": None if session is None else session.id,
        "label": plan.get("label"),
        "date": plan.get("date"),
        "status": found.get("status"),
        "floor": found.get("floor"),
        "ceiling": found.get("ceiling"),
        "question": question.get("id"),
        "question_text": question.get("text"),
        "code": code,
        "reason": reason,
    }


def _flag_texts(code_set: dict[str, Any]) -> dict[str, str]:
    """The flags' texts without what they say of single plans."""
    try:
        return {name: flag.text for name, flag in choose(code_set["id"]).flags.items()}
    except NoCodeSetError:
        return {}


# ---------------------------------------------------------------------------------------------------------------- parts


def _require_same_rules(datasets: list[Part]) -> None:
    rules = [{name: value for name, value in one.header.items() if name != "shard"} for one in datasets]
    if any(one != rules[0] for one in rules):
        raise UsageError(
            "the parts of the dataset were scanned under different rules, or by different versions of rtcode",
            "scan them again with the same options",
        )


def _parts(datasets: list[Part]) -> Any:
    """``parts`` and ``notes`` of the result."""
    shards = [dataset.header["shard"] for dataset in datasets]
    places = {tuple(map(int, shard.split("/"))) for shard in shards if shard is not None}
    counts = {count for _, count in places}
    if len(counts) > 1:
        raise UsageError("the parts in this folder are of different divisions", "keep those of one division")
    of = next(iter(counts), None)
    missing = sorted(set(range(1, of + 1)) - {place for place, _ in places}) if of else []
    notes = []
    if missing:
        notes.append(f"{len(missing)} of {of} parts of the archive are not here: what they hold is not counted.")
    if datasets[0].header["identifiers"] == "none" and len({dataset.key for dataset in datasets}) > 1:
        notes.append(
            "The parts were scanned without a common site key: a machine counts once for each part, and conflicts"
            " between parts are not seen."
        )
    return {"parts": {"read": len(datasets), "of": of, "missing": missing}, "notes": notes}
