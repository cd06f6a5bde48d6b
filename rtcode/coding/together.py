"""The other sessions of the same patient in a call: which may share a day, and what they would reach together.

Different numbers of fractions do not prove that groups follow one another: 13 + 12 fractions beside 25 are pairs that
share every day. Equal or unknown counts, and counts that add up to one another, may share a day; a word for a phase
(boost, initial, twice a day) speaks against it, and so does one plan that names the other as the one it replaces, or a
pair of weekly patterns without a common day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import lcm

from rtcode.coding.case import Case
from rtcode.plan.joining import same_patient
from rtcode.plan.model import known_int
from rtcode.records import record

#: With more sessions than this, sums of fraction counts are not searched; equal counts still are.
_MOST_FOR_SUMS = 10
#: Longer patterns of treatment days (characters) are no calendar.
_LONGEST_PATTERN = 1024


@record
class Together:
    """A session's place among the patient's others.

    Attributes
    ----------
    others
        Indices of the patient's other sessions in the call that are in scope and can be judged.
    all_together
        The case of this session and all others as one, or ``None`` without others.
    same_day
        The case of this session and those others that may share its day (no word for a phase), or ``None``.
    """

    others: tuple[int, ...] = ()
    all_together: Case | None = None
    same_day: Case | None = None


def relate(
    index: int, cases: Sequence[Case], in_scope: Sequence[bool], combine: Callable[[tuple[int, ...]], Case]
) -> Together:
    """Relate session ``index`` to the patient's others.

    Parameters
    ----------
    in_scope
        For each case whether it has a level of its own; others are left out.
    combine
        Gives the case of several sessions taken as one.
    """
    if not in_scope[index]:
        return Together()
    own = cases[index].session.plans[0]
    others = tuple(
        i
        for i, case in enumerate(cases)
        if i != index and in_scope[i] and same_patient(own, case.session.plans[0])
    )  # fmt: skip
    if not others:
        return Together()
    members = (index, *others)
    counts = {i: cases[i].session.fractions for i in members}
    partners = [
        other
        for other in others
        if not _names_phase(cases[index])
        and not _names_phase(cases[other])
        and not _replaces(cases[index], cases[other])
        and not _on_other_days(cases[index], cases[other])
        and _may_share_day(index, other, counts)
    ]
    return Together(
        others,
        combine(tuple(sorted(members))),
        combine(tuple(sorted((index, *partners)))) if partners else None,
    )


#: RTPlanRelationship (PS3.3 C.8.8.9) of plans that are not given beside one another.
_INSTEAD_OF = frozenset({"PRIOR", "ALTERNATIVE", "PREDECESSOR"})


def _replaces(a: Case, b: Case) -> bool:
    """Whether a plan of one case names a plan of the other as its predecessor or alternative."""
    for first, second in ((a, b), (b, a)):
        uids = {plan.sop_instance_uid for plan in second.session.plans if plan.sop_instance_uid}
        for plan in first.session.plans:
            for related in plan.related_plans:
                word = (related.relationship or "").strip().upper()
                if word in _INSTEAD_OF and related.sop_instance_uid in uids:
                    return True
    return False


def _on_other_days(a: Case, b: Case) -> bool:
    """Whether both have a pattern of treatment days (FractionPattern, PS3.3 C.8.8.13) and no day is in both."""
    first, second = _treatment_days(a), _treatment_days(b)
    if not first or not second:
        return False
    length = lcm(len(first), len(second))
    return not any(first[day % len(first)] and second[day % len(second)] for day in range(length))


def _treatment_days(case: Case) -> tuple[bool, ...]:
    """One entry for each day of the pattern's weeks, from Monday; empty without a pattern that says so plainly."""
    (part, *others) = case.session.parts
    group = part.group
    if others or group is None or not group.pattern:
        return ()
    digits = known_int(group.digits_per_day)
    pattern = group.pattern.strip()
    whole_weeks = digits is not None and digits > 0 and len(pattern) % (7 * digits) == 0
    if digits is None or not whole_weeks or not pattern or len(pattern) > _LONGEST_PATTERN or set(pattern) - {"0", "1"}:
        return ()
    return tuple("1" in pattern[i : i + digits] for i in range(0, len(pattern), digits))


def _names_phase(case: Case) -> bool:
    return bool(case.features.phase.words)


def _may_share_day(index: int, other: int, counts: dict[int, int | None]) -> bool:
    own, theirs = counts[index], counts[other]
    if own is None or theirs is None or own == theirs:
        return True
    if len(counts) > _MOST_FOR_SUMS:
        return False
    # Two groups whose fractions add up to a third's alternate beside it: each shares days with the third.
    long, short = (index, other) if own > theirs else (other, index)
    rest = [i for i in counts if i not in (long, short) and counts[i] is not None]
    wanted = (counts[long] or 0) - (counts[short] or 0)
    return any(
        sum(counts[i] or 0 for i in chosen) == wanted
        for size in range(1, len(rest) + 1)
        for chosen in combinations(rest, size)
    )
