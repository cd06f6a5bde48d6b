"""How messages write numbers and counts."""

from __future__ import annotations

from collections.abc import Sequence

#: Entries of a list, and beams of a finding, that one message names.
NAMED = 12


def listing(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; beyond a dozen the rest as a count."""
    if len(words) > NAMED:
        shown = ", ".join(words[: NAMED - 1])
        return f"{shown} and {len(words) - NAMED + 1} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 beam``, ``3 beams``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def short(value: float) -> str:
    """A number with five significant digits at most."""
    return f"{value:.5g}" if abs(value) < 1e5 else f"{value:.0f}"
