"""Evidence lists of a readable length: the first entries, and how many more there are.

A detector lists what it saw, one entry a beam or a text. A plan may have thousands of either, and each entry stands in
the output several times: with its feature, with the criterion and with the question that it raises.
"""

from __future__ import annotations

from typing import Any, TypeVar

from rtcode.features.types import MotionFact, TextHit
from rtcode.records import is_record
from rtcode.truth import Evidence

#: Entries of one list. Plans that people made stay far below it.
MOST = 200

T = TypeVar("T")


def shortened(feature: T) -> T:
    """The same feature, or set of features, with long lists of evidence cut; what was concluded from them stays.

    The last entry of a list that was cut says how many are left out.
    """
    record: Any = feature
    values = [getattr(record, name) for name in record.__match_args__]
    short = [value if not value or isinstance(value, str) else _shortened(value) for value in values]
    if all(after is before for after, before in zip(short, values, strict=True)):
        return feature
    made: T = type(record)(*short)
    return made


def _shortened(found: Any) -> Any:
    if not isinstance(found, tuple):
        return shortened(found) if is_record(found) else found
    if found and isinstance(found[0], MotionFact):
        facts = tuple(shortened(fact) for fact in found[:MOST])
        return found if len(found) <= MOST and all(map(_is, facts, found)) else facts
    if len(found) <= MOST:
        return found
    first = found[MOST - 1]
    left = len(found) - MOST + 1
    if isinstance(first, Evidence):
        return (*found[: MOST - 1], _more(first, left))
    if isinstance(first, TextHit):
        return (*found[: MOST - 1], TextHit(first.word, _more(first.evidence, left)))
    if isinstance(first, tuple) and len(first) == 2 and isinstance(first[1], Evidence):
        return (*found[: MOST - 1], (first[0], _more(first[1], left)))
    return found  # positions and the like are no evidence


def _is(a: object, b: object) -> bool:
    return a is b


def _more(first: Evidence, left: int) -> Evidence:
    return Evidence(first.kind, f"and {left} more", None, first.plan_uid)
