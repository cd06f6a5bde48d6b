"""The site's own distribution of metrics, read from the stream of an earlier analysis or from a CSV table.

A beam is compared with beams of its technique, and never with itself: values of its own plan are left out, by the
SHA-256 of the plan's bytes. The table is read line by line. Of each technique at most `MOST_BEAMS` beams are kept,
those whose hashed identity is smallest: a sample that depends neither on the order of the table nor on chance.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rtcode.errors import UsageError
from rtcode.features.types import Technique
from rtcode.plan.model import FloatArray
from rtcode.records import record

#: Fewer values say too little about where one more stands.
FEWEST = 20
#: Beams that are kept of each technique.
MOST_BEAMS = 20_000
#: Shares of the distribution that are drawn.
SHARES = tuple(percent / 100 for percent in range(0, 101, 5))
#: No line of a table is longer.
_LONGEST_LINE = 256 << 20
_NAN = math.nan
_SCHEMA = "rtcode.analysis/1"
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
_TECHNIQUES = frozenset(technique.value for technique in Technique)


@record
class Place:
    """Where a value stands.

    Attributes
    ----------
    count
        Values that it is compared with.
    rank
        Percentage of them that are smaller, equal ones counted half; ``None`` where they are too few.
    quantiles
        Value by share, for `SHARES`; empty where they are too few.
    """

    value: float
    count: int
    rank: float | None
    quantiles: Mapping[float, float]


@record(eq=False)
class _Row:
    order: int
    plan: int
    values: array[float]


class Distribution:
    """Metrics of a site's beams by technique; filled by `read_table`."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}
        self._rows: dict[str, list[_Row]] = {}
        self._counts: dict[str, int] = {}
        self._plans: dict[str, Counter[int]] = {}
        self._pooled: dict[tuple[str, str], tuple[FloatArray, npt.NDArray[np.uint64]]] = {}

    def add(self, technique: str, metrics: dict[str, float], plan: str, beam: int) -> None:
        """One beam; ``metrics`` by ``profile.metric``, those that are unknown left out."""
        values = array("d", [_NAN]) * len(self._columns)
        for name, value in metrics.items():
            place = self._columns.setdefault(name, len(self._columns))
            if place >= len(values):
                values.extend([_NAN] * (place + 1 - len(values)))
            values[place] = value
        order = int.from_bytes(hashlib.blake2b(f"{plan}:{beam}".encode(), digest_size=8).digest(), "big")
        rows = self._rows.setdefault(technique, [])
        rows.append(_Row(order, _plan_key(plan), values))
        self._counts[technique] = self._counts.get(technique, 0) + 1
        if len(rows) >= 2 * MOST_BEAMS:
            self._prune(technique)

    def finish(self) -> None:
        """To be called when all beams are in."""
        for technique, rows in self._rows.items():
            self._prune(technique)
            self._plans[technique] = Counter(row.plan for row in rows)

    def _prune(self, technique: str) -> None:
        rows = self._rows[technique]
        rows.sort(key=lambda row: row.order)
        del rows[MOST_BEAMS:]

    def beams(self, technique: str, plan: str) -> tuple[int, int]:
        """Beams of this technique that are kept, without this plan's, and how many the table has of them."""
        kept = len(self._rows.get(technique, ()))
        own = self._plans[technique][_plan_key(plan)] if kept else 0
        return kept - own, self._counts.get(technique, 0) - own

    def place(self, technique: str, name: str, value: float, plan: str) -> Place:
        """Where a value of this plan stands among those of other plans' beams of the technique."""
        values, plans = self._values(technique, name)
        values = values[plans != _plan_key(plan)]
        count = len(values)
        if count < FEWEST:
            return Place(value, count, None, {})
        below, up_to = (int(np.searchsorted(values, value, side)) for side in _SIDES)
        quantiles = dict(zip(SHARES, np.quantile(values, SHARES).tolist(), strict=True))
        return Place(value, count, 50 * (below + up_to) / count, quantiles)

    def _values(self, technique: str, name: str) -> tuple[FloatArray, npt.NDArray[np.uint64]]:
        """The known values of one metric, ascending, and the plan of each."""
        key = (technique, name)
        if key not in self._pooled:
            column = self._columns.get(name, -1)
            found = [
                (row.values[column], row.plan)
                for row in self._rows.get(technique, ())
                if 0 <= column < len(row.values) and not math.isnan(row.values[column])
            ]
            found.sort()
            values = np.array([value for value, _ in found], dtype=np.float64)
            self._pooled[key] = (values, np.array([of_plan for _, of_plan in found], dtype=np.uint64))
        return self._pooled[key]


def _plan_key(sha256: str) -> int:
    """A plan's hash as a number of 64 bits."""
    try:
        return int(sha256[:16], 16)
    except ValueError:
        return 0


# ------------------------------------------------------------------------------------------------------------ reading


def read_table(path: Path) -> Distribution:
    """Read a table of metrics: ``rtcode analyze --format ndjson``, or CSV with a header.

    A CSV table needs a column ``technique`` and one ``profile.metric`` at least; ``sha256`` names the plan of a row.

    Raises
    ------
    UsageError
        It cannot be read, a line is malformed (which is named), a stream was cut short, or there are no metrics in it.
    """
    found = Distribution()
    try:
        with path.open("rb") as stream:
            lines = _lines(stream)
            number, first = next(lines, (1, ""))
            if not first:
                raise UsageError("the archive table is empty", "give the output of rtcode analyze --format ndjson")
            if first.startswith("{"):
                _read_stream(first, lines, found)
            else:
                _read_csv(number, first, lines, found)
    except OSError as error:
        raise UsageError(f"the archive table cannot be read ({type(error).__name__})", "check its path") from None
    found.finish()
    return found


def _lines(stream: Any) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, blank ones left out."""
    number = 0
    while True:
        raw = stream.readline(_LONGEST_LINE + 1)
        if not raw:
            return
        number += 1
        if len(raw) > _LONGEST_LINE:
            raise _malformed(number, "is too long")
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            text = raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise _malformed(number, "is no UTF-8 text") from None
        if "\0" in text:
            raise _malformed(number, "is no text")
        if text:
            yield number, text


def _malformed(number: int, what: str) -> UsageError:
    return UsageError(
        f"line {number} of the archive table {what}",
        "give the output of rtcode analyze --format ndjson, or a CSV table as docs/output.md describes it",
    )


def _read_stream(first: str, lines: Iterator[tuple[int, str]], found: Distribution) -> None:
    header = _object(1, first)
    if header.get("type") != "header" or header.get("schema") != _SCHEMA:
        raise _malformed(1, f"is no header of the schema {_SCHEMA}")
    seen: set[int] = set()
    complete = False
    beams = 0
    last = 1
    for last, text in lines:
        if complete:
            raise _malformed(last, "stands behind the summary")
        line = _object(last, text)
        complete = line.get("type") == "summary"
        if line.get("type") != "session":
            continue
        try:
            for plan in line["plans"]:
                key = _plan_key(plan["sha256"])
                # A plan with several fraction groups stands on several lines.
                if key in seen:
                    continue
                seen.add(key)
                for beam in plan["beams"]:
                    if beam["role"] == "treatment" and beam["metrics"]:
                        found.add(beam["technique"], _flat(beam["metrics"]), plan["sha256"], beam["index"])
                        beams += 1
        except (KeyError, TypeError, AttributeError, ValueError):
            raise _malformed(last, "is no session as this version of rtcode writes it") from None
    if not complete:
        raise UsageError(
            f"the archive table has no summary after line {last}: it was cut short", "write it once more, to its end"
        )
    if not beams:
        raise UsageError("no beam of the archive table has metrics", "write it with this version of rtcode")


def _object(number: int, text: str) -> dict[str, Any]:
    import json

    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _malformed(number, "is no JSON object") from None
    if not isinstance(value, dict):
        raise _malformed(number, "is no JSON object")
    return value


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _flat(metrics: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Known values by ``profile.metric``; ``ValueError`` where one is no number."""
    found: dict[str, float] = {}
    for profile, values in metrics.items():
        for name, value in values.items():
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(name)
            found[f"{profile}.{name}"] = float(value)
    return found


def _read_csv(number: int, first: str, lines: Iterator[tuple[int, str]], found: Distribution) -> None:
    import csv

    def cells(at: int, text: str) -> list[str]:
        try:
            return [cell.strip() for cell in next(csv.reader([text], strict=True))]
        except (csv.Error, StopIteration):
            raise _malformed(at, "is no line of CSV") from None

    header = cells(number, first)
    metrics = [(place, name) for place, name in enumerate(header) if "." in name]
    if "technique" not in header or not metrics or len(set(header)) < len(header):
        raise _malformed(number, "has no column technique, no column profile.metric, or one twice")
    technique = header.index("technique")
    sha256 = header.index("sha256") if "sha256" in header else None
    beams = 0
    for at, text in lines:
        row = cells(at, text)
        if len(row) != len(header):
            raise _malformed(at, f"has {len(row)} cells and not {len(header)} as the header")
        if row[technique] not in _TECHNIQUES:
            raise _malformed(at, "has a technique that rtcode does not know")
        values: dict[str, float] = {}
        for place, name in metrics:
            if row[place]:
                values[name] = _number(at, row[place])
        found.add(row[technique], values, row[sha256] if sha256 is not None else "", at)
        beams += bool(values)
    if not beams:
        raise UsageError("no row of the archive table has metrics", "put the beams' metrics into it")


def _number(at: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = _NAN
    if not math.isfinite(value):
        raise _malformed(at, "has a cell that is no number")
    return value
