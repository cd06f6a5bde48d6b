"""Checks of wedges: their number, position, description and movement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from rtcode.integrity.checks.shared import found, point, term, text, unknown
from rtcode.integrity.checks.words import count
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import Missing, Wedge, WedgePositions, WedgeState, known, known_int
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.tags import at


class WedgesDeclared(Check):
    id = "wedges_declared"
    title = "number of wedges that differs from what is described"
    severity = Severity.ERROR
    explanation = (
        "The beam counts another number of wedges than it describes. One system will read a wedge that another drops,"
        " and the dose differs by a factor of two or more: export the plan again."
    )
    covers = frozenset({"wedges_declared"})

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            declared, described = known_int(beam.number_of_wedges), len(beam.wedges)
            if declared is not None and declared != described:
                message = f"declares {count(declared, 'wedge')} and describes {described}"
                yield found(facts, message, at(beam.path, "NumberOfWedges"), declared=declared, described=described)


class WedgePositionUnknown(Check):
    id = "wedge_position_unknown"
    title = "wedge that is neither in nor out"
    severity = Severity.ERROR
    explanation = (
        "The position of a wedge is no DICOM term, or missing at some control points: whether it is used is open."
    )
    covers = frozenset({"wedge_unknown"})

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            for track in beam.control_points.wedges:
                number = known_int(track.number)
                if number is not None and (track.states == WedgeState.UNKNOWN).any():
                    index = int((track.states == WedgeState.UNKNOWN).argmax())
                    message = f"wedge {number} is neither in nor out at control point {index}"
                    yield found(facts, message, at(point(beam, index), "WedgePosition"), control_point=index)


class WedgeNotUsed(Check):
    id = "wedge_not_used"
    title = "wedge described and never in the beam"
    severity = Severity.WARNING
    explanation = (
        "The beam describes a wedge that is out, or moves in only with the beam off, for its whole meterset. Either "
        "the wedge was lost from the plan, or a leftover of an earlier version may be mounted by mistake."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            for wedge in beam.wedges:
                track = _track(facts.planned, wedge)
                delivery = facts.planned.delivery
                if not term(wedge.type) and not known(wedge.angle_deg):
                    continue  # a placeholder, which `wedge_undescribed` looks at where it is in the beam
                if track is None:
                    if term(wedge.type) != "DYNAMIC":
                        where = at(point(beam, 0), "WedgePosition")
                        yield unknown(facts, f"{_which(wedge)} has no position", where)
                    continue
                starts = track.states[:-1] if delivery.delivering is None else track.states[:-1][delivery.delivering]
                if starts.size and (starts == WedgeState.OUT).all():
                    angle = known(wedge.angle_deg)
                    size = "" if angle is None else f" ({text(angle)} degrees)"
                    message = f"{_which(wedge)}{size} is described and never in the beam"
                    yield found(facts, message, at(wedge.path, "WedgeNumber"), angle_deg=angle)


class WedgeUndescribed(Check):
    id = "wedge_undescribed"
    title = "wedge in the beam without type, angle or identification"
    severity = Severity.WARNING
    explanation = (
        "A wedge is in the beam, but the plan does not say what it is, so that nobody can check that the right one is"
        " mounted or chosen."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            for wedge in facts.planned.beam.wedges:
                track = _track(facts.planned, wedge)
                if track is None or not (track.states == WedgeState.IN).any():
                    continue
                angle = known(wedge.angle_deg) or known(wedge.effective_angle_deg)
                lacks = [what for what, missing in (("type", not term(wedge.type)), ("angle", not angle)) if missing]
                if lacks:
                    message = f"{_which(wedge)} is in the beam without {' and '.join(lacks)}"
                    yield found(facts, message, at(wedge.path, "WedgeType" if lacks[0] == "type" else "WedgeAngle"))


class WedgeAngleUnusual(Check):
    id = "wedge_angle_unusual"
    title = "wedge angle that no wedge has"
    severity = Severity.WARNING
    explanation = (
        "Wedges, mounted, motorized or made by a moving jaw, are built for up to 60 degrees. Another number is mostly "
        "an orientation or a factor that stands in the wrong attribute, or a digit too many."
    )
    limits: ClassVar = {"largest_deg": Limit(60.0, "deg", "largest wedge angle", "the largest of all makers")}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            for wedge in facts.planned.beam.wedges:
                angle = known(wedge.angle_deg)
                if angle is not None and not 0.0 <= angle <= case.limits["largest_deg"] + 0.5:
                    message = f"{_which(wedge)} has an angle of {text(angle)} degrees"
                    yield found(facts, message, at(wedge.path, "WedgeAngle"), angle_deg=angle)


class WedgeMoves(Check):
    id = "wedge_moves"
    title = "wedge that moves within the beam although it is no motorized one"
    severity = Severity.ERROR
    explanation = (
        "Only motorized wedges move in and out within a beam. A wedge that is mounted by hand, or made by a moving "
        "jaw, is in for the whole beam or not at all: one of its positions is wrong."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            for wedge in beam.wedges:
                track = _track(facts.planned, wedge)
                if track is None or term(wedge.type) not in ("STANDARD", "DYNAMIC"):
                    continue
                known_states = track.states[track.states != WedgeState.UNKNOWN]
                if np.unique(known_states).size > 1:
                    index = int((track.states != track.states[0]).argmax())
                    message = f"{_which(wedge)} changes its position at control point {index}, but is not motorized"
                    yield found(facts, message, at(point(beam, index), "WedgePosition"), control_point=index)


class WedgesTogether(Check):
    id = "wedges_together"
    title = "several wedges in the beam at once"
    severity = Severity.WARNING
    explanation = (
        "Two wedges are in the beam at the same time. Few machines allow it, and dose calculations rarely model it: "
        "one of them is probably meant to be out."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            tracks = [t for wedge in beam.wedges if (t := _track(facts.planned, wedge)) is not None]
            inside = np.array([track.states == WedgeState.IN for track in tracks])
            if len(tracks) > 1 and (inside.sum(axis=0) > 1).any():
                index = int((inside.sum(axis=0) > 1).argmax())
                message = f"{int(inside[:, index].sum())} wedges are in the beam at control point {index}"
                yield found(facts, message, at(point(beam, index), "WedgePosition"), control_point=index)


def _track(planned: PlannedBeam, wedge: Wedge) -> WedgePositions | None:
    if isinstance(wedge.number, Missing):
        return None
    return next((t for t in planned.beam.control_points.wedges if t.number == wedge.number), None)


def _which(wedge: Wedge) -> str:
    number = known_int(wedge.number)
    return "a wedge" if number is None else f"wedge {number}"


CHECKS = (
    WedgesDeclared,
    WedgePositionUnknown,
    WedgeNotUsed,
    WedgeUndescribed,
    WedgeAngleUnusual,
    WedgeMoves,
    WedgesTogether,
)
