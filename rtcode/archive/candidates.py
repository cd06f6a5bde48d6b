"""Which plans of one patient may be one treatment session, told by what their sessions' lines say; nothing is unpacked.

Re-plans, versions and boosts are what a patient normally has, so each rule asks for more than two plans: that they name
one another, photons beside electrons, parts of one export, or isocenters of plans that were made for the same days.
Plans are grouped, never paired off: what is looked at together is bounded by the number of plans.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from rtcode.archive.patients import PlanRow
from rtcode.records import record

if TYPE_CHECKING:
    from rtcode.outputs.case_contract import CaseReason, CaseSessionDict
    from rtcode.outputs.scan_contract import ScanPlanDict, ScanSessionLine

#: Days between the dates of a photon and an electron plan: both are made from one simulation before the first
#: fraction, and that is seldom more than two weeks later. An electron plan that is made later is a boost that follows.
DAYS = 14
#: More plans are no one session.
MOST_TOGETHER = 12
#: Plans of one day that are compared with one another.
_MOST_OF_A_DAY = 64


_Pair = tuple["CaseReason", tuple[int, int]]


@record
class Member:
    """A plan with what its sessions' lines say.

    Attributes
    ----------
    sessions
        All of them; of their lines, which are large, only what a case says.
    radiations
        Of its sessions that have a level; without one the plan is compared with no other.
    fractions
        Their fractions, ``None`` where unknown.
    groups, beams
        Numbers of their fraction groups and of their treatment beams.
    isocenters_mm
        Of their photon beams.
    """

    row: PlanRow
    path: str
    plan: ScanPlanDict
    sessions: tuple[CaseSessionDict, ...]
    radiations: frozenset[str]
    fractions: frozenset[int | None]
    groups: frozenset[int]
    beams: frozenset[int]
    isocenters_mm: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, row: PlanRow, path: str, lines: Sequence[ScanSessionLine]) -> Member:
        judged = [line for line in lines if line["suggestion"]["level"] is not None]
        features = [line["features"] for line in judged]
        return cls(
            row=row,
            path=path,
            plan=lines[0]["plan"],
            sessions=tuple(map(_session, lines)),
            radiations=frozenset(kind for one in features for kind in one["radiations"]),
            fractions=frozenset(one["fractions"] for one in features),
            groups=frozenset(
                number for line in judged for part in line["parts"] if (number := part["fraction_group"]) is not None
            ),
            beams=frozenset(_numbers(judged)),
            isocenters_mm=tuple(
                tuple(point) for one in features for point in one["isocenters"]["positions_mm"] if len(point) == 3
            ),
        )


@record
class Candidate:
    """Plans to be judged together, by their places, and why; each with the versions of it that it stands for."""

    members: tuple[int, ...]
    reasons: tuple[CaseReason, ...]

    @property
    def named(self) -> bool:
        """The plans themselves say that they belong together."""
        return "concurrent" in self.reasons


def candidates(
    members: Sequence[Member], versions: dict[int, list[int]], days: int, same_isocenter_mm: float
) -> list[Candidate]:
    """Groups of a patient's plans.

    Parameters
    ----------
    versions
        Of `newest`.
    days
        At most so many lie between the dates of a photon and an electron plan.
    same_isocenter_mm
        Isocenters that are no further apart are one.
    """
    named = components(_named(members))
    found: dict[tuple[int, ...], list[CaseReason]] = {group: ["concurrent"] for group in named}
    compared = [place for place in versions if members[place].radiations]
    mixed: list[_Pair] = [("photons_and_electrons", pair) for pair in _mixed(members, compared, days)]
    for pairs in (mixed, list(_of_a_day(members, compared, same_isocenter_mm))):
        for group in components(pair for _, pair in pairs):
            reasons = sorted({reason for reason, (place, _) in pairs if place in group}, reverse=True)
            # What the plans say themselves needs no guess about some of them.
            known = next((one for one in named if set(group) <= set(one)), group)
            if len(known) == len(group):
                found.setdefault(known, []).extend(reasons)
    return [Candidate(group, tuple(reasons)) for group, reasons in sorted(found.items())]


def newest(members: Sequence[Member], same_isocenter_mm: float) -> dict[int, list[int]]:
    """Plans by place, each with the places of those that seem to be versions of it: the approved or newest is told.

    A version has the beam numbers, fractions, kinds of radiation and frame of reference of the other, and its label or
    its isocenters.
    """
    groups: dict[object, list[list[int]]] = {}
    for place, one in enumerate(members):
        alike = groups.setdefault((one.row.frame, one.radiations, one.fractions, one.beams), [])
        for group in alike:
            if _version(members[group[0]], one, same_isocenter_mm):
                group.append(place)
                break
        else:
            alike.append([place])
    result: dict[int, list[int]] = {}
    for group in (group for alike in groups.values() for group in alike):
        best = max(group, key=lambda place: _standing(members[place]))
        result[best] = [place for place in group if place != best]
    return dict(sorted(result.items()))


def _version(a: Member, b: Member, same_mm: float) -> bool:
    if (a.row.part and b.row.part) or not a.beams:
        return False
    if a.row.label is not None and a.row.label == b.row.label:
        return True
    return bool(a.isocenters_mm) and not _distinct(a, b, same_mm)


def _standing(one: Member) -> tuple[bool, int, str]:
    return (one.plan["approval"] == "APPROVED", one.row.day or 0, one.row.sha256)


def _numbers(lines: Iterable[ScanSessionLine]) -> Iterable[int]:
    """Numbers of treatment beams; a beam without one has none, and then the lists differ in length."""
    for line in lines:
        for part in line["parts"]:
            if len(part["beams"]) == len(part["roles"]):
                yield from (n for n, role in zip(part["beams"], part["roles"], strict=True) if role == "treatment")


def _session(line: ScanSessionLine) -> CaseSessionDict:
    said, features = line["suggestion"], line["features"]
    return {
        "id": line["id"],
        "fraction_group": line["parts"][0]["fraction_group"],
        "fractions": features["fractions"],
        "radiations": features["radiations"],
        "status": said["status"],
        "level": said["level"],
        "floor": said["floor"],
        "ceiling": said["ceiling"],
        "questions": [question["id"] for question in said["questions"]],
    }


# ---------------------------------------------------------------------------------------------------------------- rules


def _named(members: Sequence[Member]) -> Iterable[tuple[int, int]]:
    places = {one.row.uid: place for place, one in enumerate(members) if one.row.uid}
    for place, one in enumerate(members):
        for uid in one.row.concurrent:
            if places.get(uid, place) != place:
                yield place, places[uid]


def _mixed(members: Sequence[Member], compared: Sequence[int], days: int) -> Iterable[tuple[int, int]]:
    """Each electron plan with the photon plans of the nearest date."""
    photons = [place for place in compared if _only(members[place], "photon", "electron")]
    electrons = [place for place in compared if _only(members[place], "electron", "photon")]
    for place in electrons:
        one = members[place]
        near = [
            (_days(one, members[other], days), other) for other in photons if _may_be_one_place(one, members[other])
        ]
        nearest = min((gap for gap, _ in near), default=days + 1)
        if nearest <= days:
            yield from ((place, other) for gap, other in near if gap == nearest)


def _only(one: Member, this: str, other: str) -> bool:
    return this in one.radiations and other not in one.radiations


def _days(a: Member, b: Member, days: int) -> int:
    """Days between two plans; with a date unknown they are near where they share a study or a frame, else too far."""
    if a.row.day is not None and b.row.day is not None:
        return abs(a.row.day - b.row.day)
    return days if _linked(a, b) else days + 1


def _linked(a: Member, b: Member) -> bool:
    same_study = a.row.study is not None and a.row.study == b.row.study
    return same_study or (a.row.frame is not None and a.row.frame == b.row.frame)


def _may_be_one_place(a: Member, b: Member) -> bool:
    """Not planned on different images; a set-up without images has a frame of reference of its own."""
    planned = a.plan["geometry"] == b.plan["geometry"] == "PATIENT"
    return not (planned and a.row.frame and b.row.frame and a.row.frame != b.row.frame)


def _of_a_day(members: Sequence[Member], compared: Sequence[int], same_mm: float) -> Iterable[_Pair]:
    """Plans of one date and machine: parts of one, or with other isocenters; if they can share days is asked later."""
    days: dict[object, list[int]] = {}
    for place in compared:
        row = members[place].row
        days.setdefault(row.day if row.day is not None else row.frame or row.study or place, []).append(place)
    for places in days.values():
        if len(places) > _MOST_OF_A_DAY:
            # one group, which is too large to be judged, and told as that
            yield from (("isocenters", pair) for pair in pairwise(places))
            continue
        for pair in combinations(places, 2):
            a, b = (members[place] for place in pair)
            if not _on_one_machine(a, b):
                continue
            if _parts(a, b):
                yield "parts", pair
            if _apart(a, b, same_mm):
                yield "isocenters", pair


def _on_one_machine(a: Member, b: Member) -> bool:
    machines = set(a.plan["machines"]), set(b.plan["machines"])
    return not all(machines) or bool(machines[0] & machines[1])


def _parts(a: Member, b: Member) -> bool:
    """Files of one plan: beams of the one are none of the other, and so are their fraction groups, or the label is one.

    A plan that was made by itself begins to count anew. Labels that tell parts in words need no numbers.
    """
    if not _may_be_one_place(a, b):
        return False
    one_label = a.row.label is not None and a.row.label == b.row.label
    if one_label and a.row.part and b.row.part:
        return True
    goes_on = bool(a.beams and b.beams) and not a.beams & b.beams
    return goes_on and (one_label or (bool(a.groups and b.groups) and not a.groups & b.groups))


def _apart(a: Member, b: Member, same_mm: float) -> bool:
    """Photon plans with other isocenters, or whose isocenters cannot be compared."""
    if not (a.isocenters_mm and b.isocenters_mm):
        return False
    return not _may_be_one_place(a, b) or _distinct(a, b, same_mm)


def _distinct(a: Member, b: Member, same_mm: float) -> bool:
    """Whether an isocenter of either is none of the other's."""
    return any(
        min(math.dist(point, other) for other in others) > same_mm
        for points, others in ((a.isocenters_mm, b.isocenters_mm), (b.isocenters_mm, a.isocenters_mm))
        for point in points
        if others
    )


def components(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Places that pairs connect, each group once and in order."""
    group_of: dict[int, list[int]] = {}
    for a, b in pairs:
        first, second = group_of.setdefault(a, [a]), group_of.setdefault(b, [b])
        if first is not second:
            first += second
            for place in second:
                group_of[place] = first
    return sorted({tuple(sorted(group)) for group in group_of.values()})
