"""Runs the checks of plug-ins, which are strangers' code: whatever one does wrong costs only itself.

What can be prevented is: an exception, a generator that never ends, things that no output can show, changes to the
plan, text on standard output (results stand there), and the patient's name in a message. What cannot be prevented in
one process is said in docs/integrity.md.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout

import numpy as np

from rtcode.integrity.types import Check, CheckCase, Found, Unknown
from rtcode.plan.model import RTPlan
from rtcode.records import is_record
from rtcode.truth import EvidenceValue

#: What a plug-in's check may yield before it is stopped: it may never end.
MOST_YIELDED = 10_000
#: Characters of a text, and entries of a list or mapping, that are kept.
_LONGEST = 1_000
_MOST_ENTRIES = 1_000
#: Parts of a name or identifier that are shorter than this are parts of ordinary words and numbers, too.
_SHORTEST = 3


def freeze(*given: object) -> None:
    """Make the arrays of what checks are given read-only; everything else in it is immutable anyway."""
    waiting: list[object] = [*given]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            one.setflags(write=False)
        elif isinstance(one, tuple):
            waiting += one
        elif is_record(one):
            waiting += [getattr(one, name) for name in one.__match_args__]  # type: ignore[attr-defined]
            waiting += getattr(one, "__dict__", {}).values()


def found_by_stranger(check: type[Check], case: CheckCase) -> tuple[list[Found | Unknown], str | None]:
    """What a plug-in's check yields of a case of its own, and what it did wrong; what it had found before that stays.

    The exception is told by kind, since its text may hold a value from the plan.
    """
    yielded: list[Found | Unknown] = []
    hide = _hider(case.plan)
    try:
        with redirect_stdout(sys.stderr):
            for one in check().find(case):
                if not _is_sound(one):
                    return yielded, "the plug-in's check yields something that is no finding"
                if len(yielded) == MOST_YIELDED:
                    return yielded, f"the plug-in's check was stopped after {MOST_YIELDED} findings"
                yielded.append(_shown(one, hide))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (it may raise anything, and may not end the process)
        return yielded, f"the plug-in's check failed ({type(error).__name__})"
    return yielded, None


# ------------------------------------------------------------------------------------------------------- what is sound


def _is_sound(one: object) -> bool:
    """Whether outputs can show it: the right record, and values of the types that it declares."""
    if isinstance(one, Found):
        values_sound = isinstance(one.values, Mapping) and all(
            isinstance(name, str) and _is_value(value) for name, value in one.values.items()
        )
        said = isinstance(one.message, str) and bool(one.message.strip())
        return said and values_sound and _places_sound(one.where, one.beams)
    return isinstance(one, Unknown) and isinstance(one.reason, str) and _places_sound(one.where, one.beams)


def _is_value(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_is_number(entry) for entry in value) or all(isinstance(entry, str) for entry in value)
    return value is None or type(value) in (str, bool) or _is_number(value)


def _is_number(value: object) -> bool:
    """Not one that JSON cannot write."""
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _places_sound(where: object, beams: object) -> bool:
    return (
        isinstance(where, tuple)
        and isinstance(beams, tuple)
        and all(isinstance(place, str) for place in where)
        and all(type(number) is int for number in beams)
    )


# ------------------------------------------------------------------------------------------------------- what is shown


def _shown(one: object, hide: Callable[[str], str]) -> Found | Unknown:
    """A copy that the plug-in cannot change any more: of ordinary length, without line breaks and identity."""

    def text(written: str) -> str:
        printable = "".join(c if c.isprintable() else " " for c in str(written)[:_LONGEST])
        return hide(" ".join(printable.split()))

    def value(given: EvidenceValue) -> EvidenceValue:
        if isinstance(given, str):
            return text(given)
        if isinstance(given, tuple):
            return tuple([text(entry) if isinstance(entry, str) else entry for entry in given[:_MOST_ENTRIES]])  # type: ignore[return-value]
        return given

    if isinstance(one, Found):
        values = {text(name): value(given) for name, given in list(one.values.items())[:_MOST_ENTRIES]}
        return Found(text(one.message), _texts(one.where, text), one.beams[:_MOST_ENTRIES], values)
    assert isinstance(one, Unknown)
    return Unknown(text(one.reason), _texts(one.where, text), one.beams[:_MOST_ENTRIES])


def _texts(entries: Iterable[str], text: Callable[[str], str]) -> tuple[str, ...]:
    return tuple([text(entry) for entry in tuple(entries)[:_MOST_ENTRIES]])


def _hider(plan: RTPlan) -> Callable[[str], str]:
    """Takes the patient's name, identifier and date of birth out of a text, as whole words."""
    patient = plan.patient
    written = (patient.id, patient.birth_date, patient.name, *re.split(r"[\^=\s]+", patient.name or ""))
    words = sorted({one.strip() for one in written if one and len(one.strip()) >= _SHORTEST}, key=len, reverse=True)
    if not words:
        return str
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub("[patient]", text)
