"""Numbers and short words as the sheet writes them. What is unknown is ``?``, what is not there a dash."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from rtcode.outputs.words import decimal

UNKNOWN = "?"
NONE = "\u2013"


def fixed(value: float | None, digits: int) -> str:
    """A number with so many decimals."""
    return UNKNOWN if value is None else f"{value + 0.0:.{digits}f}"


def trimmed(value: float | None, digits: int = 2) -> str:
    """A number with at most so many decimals, without trailing zeros."""
    return UNKNOWN if value is None else decimal(value, digits)


def significant(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, never in powers of ten."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    return f"{value:.{min(max(0, digits - 1 - exponent), 6)}f}"


def counted(count: int | None, word: str = "") -> str:
    """A count: a dash for none, ``?`` where it is not known."""
    if count is None:
        return UNKNOWN
    return f"{count}{word}" if count else NONE


def joined(parts: Iterable[str], by: str = ", ") -> str:
    """The parts that say something, or a dash."""
    return by.join(part for part in parts if part) or NONE


def text_or(value: str | None, otherwise: str = NONE) -> str:
    """A text of the plan, or what stands for none."""
    return value if value else otherwise


def words(term: str) -> str:
    """An id or a defined term in words."""
    return term.replace("_", " ")


def total(values: Iterable[float | None]) -> tuple[float | None, int, int]:
    """The sum of numbers, how many there are and how many are unknown; no sum where any is unknown or none is there."""
    found = list(values)
    unknown = sum(value is None for value in found)
    known = [value for value in found if value is not None]
    return (sum(known) if known and not unknown else None), len(found), unknown


Row = dict[str, Any]
