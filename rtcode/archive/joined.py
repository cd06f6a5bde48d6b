"""Judging plans of one patient as one session, from what a dataset keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from rtcode.analysis import day_of, judge
from rtcode.archive.candidates import components
from rtcode.archive.work import Job, rules_of
from rtcode.coding.case import Case
from rtcode.coding.results import Results
from rtcode.coding.together import relate
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.json import session_dict
from rtcode.plan.model import PatientIdentity, RTPlan
from rtcode.plan.packed import PackedVersionError, unpack
from rtcode.plan.sessions import SessionPart, sessions_of
from rtcode.records import record, replace

if TYPE_CHECKING:
    from rtcode.outputs.case_contract import CaseTogetherDict

#: Why plans could not be judged together.
Problem = Literal["too_many_plans", "not_kept", "other_version", "defect"]
SameDay = Literal["named", "possible", "unlikely"]


@record
class Group:
    """Plans to be judged together, as a worker gets them."""

    job: Job
    packed: tuple[bytes, ...]
    #: they name one another as CONCURRENT
    named: bool
    #: told also where it is unlikely that they share a day
    mixed: bool


@record
class Verdict:
    """What plans of a group, by their places in it, become as one."""

    members: tuple[int, ...]
    same_day: SameDay
    together: tuple[CaseTogetherDict, ...]


def look(group: Group) -> tuple[Verdict, ...] | Problem:
    """What a group's plans become as one, as `rtcode.analyze` would have it of their files."""
    try:
        # What is kept of a plan may have no patient any more: that the group is one patient's was found before.
        one_patient = PatientIdentity("one patient", None, None)
        plans = [replace(unpack(packed), patient=one_patient) for packed in group.packed]
        return tuple(_verdicts(plans, group))
    except PackedVersionError:
        return "other_version"
    except Exception:  # noqa: BLE001  (a defect costs its own group)
        return "defect"


def _verdicts(plans: list[RTPlan], group: Group) -> Iterator[Verdict]:
    rules, answers = rules_of(group.job)
    day = day_of(group.job.day)
    results = judge(plans, rules, answers, day)
    every = tuple(range(len(plans)))
    if group.named:
        yield Verdict(every, "named", _together(results, plans))
        return
    sharing = _sharing_a_day(results, plans)
    whole = sharing == [every]
    for members in [every] if group.mixed else sharing:
        some = [plans[place] for place in members]
        joined = judge(some, rules, answers, day, same_session=True)
        yield Verdict(members, "possible" if whole or not group.mixed else "unlikely", _together(joined, some))


def _sharing_a_day(results: Results, plans: Sequence[RTPlan]) -> list[tuple[int, ...]]:
    """Groups of plans that the engine holds may share a day, by place."""
    places = {id(plan): place for place, plan in enumerate(plans)}
    cases = [Case.of(decision.session, decision.features) for decision in results.sessions]
    in_scope = [decision.suggestion.level is not None for decision in results.sessions]
    of_case = [places[id(case.session.plans[0])] for case in cases]
    pairs: list[tuple[int, int]] = []
    for index in range(len(cases)):
        asked: list[tuple[int, ...]] = []

        def combine(members: tuple[int, ...], asked: list[tuple[int, ...]] = asked) -> Case:
            asked.append(members)
            return cases[members[0]]

        if relate(index, cases, in_scope, combine).same_day is not None:
            pairs += [(of_case[index], of_case[other]) for other in asked[-1]]
    return [group for group in components(pairs) if len(group) > 1]


def _together(results: Results, plans: Sequence[RTPlan]) -> tuple[CaseTogetherDict, ...]:
    """Sessions of several plans, as lines have them."""
    own = {_part_key(part): one.id for plan in plans for one in sessions_of(plan) for part in one.parts}
    nothing = Identifiers("none", ())
    found: list[CaseTogetherDict] = []
    for decision in results.sessions:
        if len(decision.session.plans) < 2:
            continue
        said = session_dict(decision, nothing)["suggestion"]
        found.append(
            {
                "id": decision.session.id,
                "sessions": [own[_part_key(part)] for part in decision.session.parts],
                "status": said["status"],
                "level": said["level"],
                "code": said["code"],
                "floor": said["floor"],
                "ceiling": said["ceiling"],
                "reason": said["reason"],
                "decided_by": said["decided_by"],
                "questions": said["questions"],
            }
        )
    return tuple(found)


def _part_key(part: SessionPart) -> tuple[str, int | None]:
    return part.plan.source.sha256, None if part.group is None else part.group.index
