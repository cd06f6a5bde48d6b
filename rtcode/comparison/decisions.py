"""What becomes of the suggestion: sessions of both plans side by side, and what a confirmation would still be worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rtcode.coding.decision import Criterion, Decision
from rtcode.comparison.prescription import GroupPair
from rtcode.comparison.types import Confirmation, CriterionChange, SessionChange
from rtcode.plan.model import FractionGroup, RTPlan, known_int


def compare_sessions(
    old: Sequence[Decision], new: Sequence[Decision], groups: Sequence[GroupPair]
) -> tuple[SessionChange, ...]:
    """Sessions by their fraction group; where there is none, in order."""
    by_group = [{_group(decision): decision for decision in side} for side in (old, new)]
    changes = []
    used: set[int] = set()
    for pair in groups:
        a = by_group[0].get(id(pair.old)) if pair.old is not None else None
        b = by_group[1].get(id(pair.new)) if pair.new is not None else None
        if a is not None or b is not None:
            changes.append(_session(a, b))
            used |= {id(decision) for decision in (a, b) if decision is not None}
    left_old, left_new = ([d for d in side if id(d) not in used] for side in (old, new))
    for place in range(max(len(left_old), len(left_new))):
        a = left_old[place] if place < len(left_old) else None
        b = left_new[place] if place < len(left_new) else None
        changes.append(_session(a, b))
    return tuple(changes)


def _group(decision: Decision) -> int | None:
    group: FractionGroup | None = decision.session.parts[0].group
    return None if group is None else id(group)


def _session(old: Decision | None, new: Decision | None) -> SessionChange:
    if old is None or new is None:
        gone = "the fraction group is only in NEW" if old is None else "the fraction group is only in OLD"
        one = new or old
        assert one is not None
        asked = tuple(question.id for question in one.suggestion.questions)
        flagged = tuple(flag.id for flag in one.suggestion.flags)
        none: tuple[str, ...] = ()
        return SessionChange(
            old=old,
            new=new,
            touched=True,
            why=(gone,),
            criteria=(),
            questions_added=asked if old is None else none,
            questions_removed=none if old is None else asked,
            questions_changed=none,
            flags_added=flagged if old is None else none,
            flags_removed=none if old is None else flagged,
        )
    a, b = old.suggestion, new.suggestion
    asked_old, asked_new = ({q.id: q for q in one.questions} for one in (a, b))
    changed = tuple(name for name, q in asked_new.items() if name in asked_old and q.answers != asked_old[name].answers)
    added = tuple(name for name in asked_new if name not in asked_old)
    removed = tuple(name for name in asked_old if name not in asked_new)
    why = []
    if (a.level, a.code) != (b.level, b.code):
        why.append("the suggested level changes")
    if a.status is not b.status:
        why.append("its status changes")
    if (a.floor, a.ceiling) != (b.floor, b.ceiling) and a.level == b.level:
        why.append("the highest level that an answer could lead to changes")
    if a.decided_by != b.decided_by:
        why.append("other criteria decide")
    if added or removed:
        why.append("other questions are open")
    if changed:
        why.append("answers lead elsewhere")
    return SessionChange(
        old=old,
        new=new,
        touched=bool(why),
        why=tuple(why),
        criteria=_criteria(old.criteria, new.criteria),
        questions_added=added,
        questions_removed=removed,
        questions_changed=changed,
        flags_added=tuple(f.id for f in b.flags if f.id not in {g.id for g in a.flags}),
        flags_removed=tuple(f.id for f in a.flags if f.id not in {g.id for g in b.flags}),
    )


def _criteria(old: Sequence[Criterion], new: Sequence[Criterion]) -> tuple[CriterionChange, ...]:
    a: Mapping[str, Criterion] = {c.id: c for c in old}
    b: Mapping[str, Criterion] = {c.id: c for c in new}
    changes = []
    for name in dict.fromkeys([*b, *a]):
        before, after = a.get(name), b.get(name)
        status = [None if c is None else c.status for c in (before, after)]
        if status[0] is not status[1]:
            one = after or before
            assert one is not None
            changes.append(CriterionChange(name, status[0], status[1], one.reason))
    return tuple(changes)


def confirmation(old: RTPlan, new: RTPlan, sessions: Sequence[SessionChange]) -> Confirmation:
    """What of the things that a confirmation is bound to is not the same.

    Both plans are judged in one call, so that code set, policy and version are the same here; a confirmation that was
    given under others does not hold because of those either.
    """
    broken = []
    if old.source.sha256 != new.source.sha256:
        broken.append("bytes")
    if old.sop_instance_uid != new.sop_instance_uid:
        broken.append("sop_instance_uid")
    if _groups(old) != _groups(new):
        broken.append("fraction_groups")
    if any(_decision(s.old) != _decision(s.new) for s in sessions):
        broken.append("decision")
    return Confirmation(not broken, tuple(broken))


def _groups(plan: RTPlan) -> list[int | None]:
    return [known_int(group.number) for group in plan.fraction_groups or ()]


def _decision(decision: Decision | None) -> object:
    """What a person confirmed: the suggestion with its criteria; evidence names the plan and is left out."""
    if decision is None:
        return None
    criteria = tuple((c.id, c.status, c.supports_level) for c in decision.criteria)
    return (decision.suggestion, criteria, decision.answers)
