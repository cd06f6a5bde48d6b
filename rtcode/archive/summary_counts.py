"""What a summary counts with while an archive's sessions pass by: memory does not grow with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rtcode.archive.work import LINE_START
from rtcode.records import record

if TYPE_CHECKING:
    from rtcode.outputs.summary_contract import GroupDict, LookDict, LookKind

LEVELS = (1, 2, 3)
#: Different names (of machines, systems, months) that are counted apart; what comes later is counted as `OTHERS`.
MOST_NAMES = 10_000
OTHERS = "other names"
#: Plans and files to look at, of each kind.
MOST_OF_A_KIND = 1000

_PLAN = LINE_START.index("{", 1)
_decoded: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().raw_decode


@record
class Session:
    """What a summary needs of a session's line."""

    id: str
    plan: dict[str, Any]
    techniques: list[str]
    fractions: int | None
    suggestion: dict[str, Any]


def session_of(line: str) -> Session:
    """The parts of a line that are counted: the rest, most of it evidence, is passed over, which takes a quarter of the
    time. A quote within a text is escaped, so that no text can look like a key with its value.
    """
    plan, end = _decoded(line, _PLAN)
    identity, end = _decoded(line, _behind(line, '"id":', end))
    techniques, end = _decoded(line, _behind(line, '"techniques":', end))
    fractions, end = _decoded(line, _behind(line, '"fractions":', end))
    suggestion, _ = _decoded(line, _behind(line, '"suggestion":', end))
    return Session(identity, plan, techniques, fractions, suggestion)


def _behind(line: str, key: str, start: int) -> int:
    return line.index(key, start) + len(key)


class Groups:
    """Sessions by a name: how many, their levels, and how many of them are provisional."""

    def __init__(self) -> None:
        self._counts: dict[Any, Counter[int | str]] = {}

    def add(self, name: Any, level: int | None, provisional: bool) -> None:
        """Count a session; ``name`` is a text, a tuple of texts, or ``None``."""
        counts = self._counts.get(name)
        if counts is None:
            if len(self._counts) >= MOST_NAMES:
                name = OTHERS
            counts = self._counts.setdefault(name, Counter())
        counts[level or 0] += 1
        if provisional:
            counts["provisional"] += 1

    def items(self) -> list[tuple[Any, GroupDict]]:
        """Each name with its counts, in no order."""
        return [(name, _group(name, counts)) for name, counts in self._counts.items()]

    def by_sessions(self) -> list[GroupDict]:
        """The most frequent first."""
        return sorted((group for _, group in self.items()), key=most_first)

    def by_name(self) -> list[GroupDict]:
        """In the order of names, what has none last."""
        return sorted((group for _, group in self.items()), key=lambda group: (group["name"] is None, group["name"]))


def most_first(group: GroupDict) -> tuple[int, bool, str]:
    return (-group["sessions"], group["name"] is None, group["name"] or "")


def _group(name: Any, counts: Counter[int | str]) -> GroupDict:
    levels = {str(level): counts[level] for level in LEVELS}
    return {
        "name": name if isinstance(name, str) else None,
        "sessions": sum(levels.values()) + counts[0],
        "levels": levels,
        "no_level": counts[0],
        "provisional": counts["provisional"],
    }


class First:
    """The first of many by a key, at most so many, and how many there were."""

    def __init__(self, kind: LookKind, most: int = MOST_OF_A_KIND) -> None:
        self.kind = kind
        self.found = 0
        self._most = most
        self._kept: list[tuple[tuple[Any, ...], LookDict]] = []
        self._last: tuple[Any, ...] | None = None

    def add(self, key: tuple[Any, ...], make: Callable[[], LookDict]) -> None:
        """Offer one; it is made only if it may be among the first."""
        self.found += 1
        if self._last is not None and key >= self._last:
            return
        self._kept.append((key, make()))
        if len(self._kept) >= 2 * self._most:
            self._cut()

    def items(self) -> list[LookDict]:
        """Those that are kept; where keys differ in their last part only, in the order of paths."""
        self._cut()
        return [item for _, item in sorted(self._kept, key=lambda one: (one[0][:-1], one[1]["path"], one[0][-1]))]

    def _cut(self) -> None:
        self._kept.sort(key=lambda pair: pair[0])
        del self._kept[self._most :]
        if len(self._kept) == self._most:
            self._last = self._kept[-1][0]
