"""Checks of the angles of gantry and collimator, and of the way the gantry turns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.shared import (
    found,
    is_helical,
    known_by,
    point,
    text,
    treatment_machines,
    unknown,
    unknown_of,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.delivery import STILL_DEG, BoolArray, Part
from rtcode.plan.model import Direction, FloatArray
from rtcode.plan.placement import known_at
from rtcode.plan.tags import at

#: Angles of a control point: column, keyword, how messages call it.
_ANGLES = (
    ("gantry_deg", "GantryAngle", "gantry"),
    ("collimator_deg", "BeamLimitingDeviceAngle", "collimator"),
    ("couch_deg", "PatientSupportAngle", "couch"),
)


class AnglesOutsideCircle(Check):
    id = "angles_outside_circle"
    title = "angles below 0 or above 360 degrees"
    severity = Severity.WARNING
    explanation = (
        "DICOM does not restrict angles, but planning and treatment systems write 0 to 360 degrees; another number is"
        " mostly an edited or converted file, and each system makes its own of it. Compare the angle with the plan."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            if is_helical(facts):
                continue
            beam = facts.planned.beam
            for name, keyword, called in _ANGLES:
                column = getattr(beam.control_points, name)
                if column is None:
                    continue
                wrong = np.flatnonzero(np.abs(column.values - 180.0) > 180.0 + STILL_DEG)  # NaN is not
                if wrong.size:
                    first = int(wrong[0])
                    angle = float(column.values[first])
                    message = f"{called} angle is written as {text(angle, 2)} degrees"
                    yield found(facts, message, at(point(beam, first), keyword), angle_deg=angle)


class GantryDirectionMissing(Check):
    id = "gantry_direction_missing"
    title = "arcs without a rotation direction"
    severity = Severity.WARNING
    explanation = (
        "The gantry turns between control points, but the plan does not say which way; machines and planning systems "
        "may take different ways. Export the plan again, and look at the arc on the treatment console."
    )
    covers = frozenset({"direction_unknown"})

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            turning = _turning(facts)
            if turning is None:
                continue
            column, beam = facts.planned.beam.control_points.gantry_direction, facts.planned.beam
            if column is None:
                open_ = turning
            else:
                written = column.values[:-1]
                turns = (written == Direction.CLOCKWISE) | (written == Direction.COUNTER_CLOCKWISE)
                open_ = turning & ~(turns | (written == Direction.NONE))
            if open_.any():
                first = int(open_.argmax())
                message = f"the gantry turns after control point {first} without a rotation direction"
                yield found(facts, message, at(point(beam, first), "GantryRotationDirection"), control_point=first)


def _turning(facts: BeamFacts) -> BoolArray | None:
    """Segments with meterset (all, where the weights do not say which) across which the gantry angle changes."""
    delivery = facts.planned.delivery
    if delivery.gantry is None:
        return None
    result: BoolArray = np.abs(delivery.gantry.steps_deg) > STILL_DEG  # NaN is not
    return result if delivery.delivering is None else result & delivery.delivering


class GantryDirectionContradicts(Check):
    id = "gantry_direction_contradicts"
    title = "rotation direction that contradicts the gantry angles"
    severity = Severity.ERROR
    explanation = (
        "Read as written, the gantry goes the long way round between neighboring control points, or stands still "
        "while its angle changes. One direction or one angle is wrong: do not treat before the arc was checked."
    )
    limits: ClassVar = {
        "long_step_deg": Limit(
            180.0,
            "deg",
            "gantry travel between two control points of an arc that counts as the long way round",
            "arcs have control points a few degrees apart; the widest step between others that was met is 82.5 degrees",
            minimum=90.0,
            maximum=360.0,
        )
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        limit = case.limits["long_step_deg"]
        for facts in case.treatment:
            gantry, beam = facts.planned.delivery.gantry, facts.planned.beam
            column, turning = beam.control_points.gantry_direction, _turning(facts)
            if gantry is None or column is None or turning is None:
                continue
            steps = gantry.steps_deg
            stands = np.flatnonzero(turning & (column.values[:-1] == Direction.NONE))
            if stands.size:
                first = int(stands[0])
                message = (
                    f"rotation direction NONE at control point {first}, but the gantry angle changes by "
                    f"{text(abs(float(steps[first])), 2)} degrees to the next one"
                )
                where = at(point(beam, first), "GantryRotationDirection")
                yield found(facts, message, where, control_point=first, step_deg=float(steps[first]))
                continue
            # Two control points may be an arc of more than half a turn; full turns have a check of their own.
            if len(steps) < 2:
                continue
            long = np.flatnonzero((np.abs(steps) > limit) & (np.abs(steps) < 360.0 - STILL_DEG))
            if long.size:
                first = int(long[0])
                message = (
                    f"as its rotation direction says, the gantry travels {text(abs(float(steps[first])))} degrees from "
                    f"control point {first} to {first + 1}"
                )
                if long.size > 1:
                    message += f", and {long.size} such steps in all"
                where = at(point(beam, first), "GantryRotationDirection")
                yield found(
                    facts, message, where, control_point=first, step_deg=float(steps[first]), steps=int(long.size)
                )


class GantryFullTurn(Check):
    id = "gantry_full_turn"
    title = "full turn only by its rotation direction"
    severity = Severity.WARNING
    explanation = (
        "Two control points have one gantry angle and a rotation direction, which DICOM reads as a full turn. A left "
        "over direction on a fixed field looks the same: make sure that the turn is meant."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            gantry, beam = facts.planned.delivery.gantry, facts.planned.beam
            if gantry is None or is_helical(facts):
                continue
            full = np.flatnonzero(np.abs(gantry.steps_deg) >= 360.0 - STILL_DEG)
            if full.size:
                first = int(full[0])
                angle = known_at(beam.control_points.gantry_deg, first)
                shown = "" if angle is None else f" from {text(angle, 2)} degrees"
                message = f"equal gantry angles with a direction: a full turn{shown} after control point {first}"
                yield found(facts, message, at(point(beam, first), "GantryRotationDirection"), control_point=first)


class GantryRange(Check):
    id = "gantry_range"
    title = "gantry beyond the machine's range"
    severity = Severity.ERROR
    explanation = (
        "The gantry would have to stand at, or turn through, an angle that this machine cannot reach. Such a beam "
        "stops at the console; the direction or an angle is wrong, or the plan is for another machine."
    )
    limits: ClassVar = {
        "tolerance_deg": Limit(0.5, "deg", "how far beyond the stop counts as the stop", "angles are written to 0.1")
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        tolerance = case.limits["tolerance_deg"]
        # Rings have no stop; of a C-arm that nothing identifies it is not known where it is.
        open_ = [
            f for f, m in treatment_machines(case) if m.gantry_range_deg is None and m.kind in ("c_arm", "unknown")
        ]
        open_ = [f for f in open_ if not is_helical(f)]
        yield from unknown_of(open_, "the gantry range of the machine is not known; a policy can give it")
        for facts, machine in treatment_machines(case):
            beam, gantry = facts.planned.beam, facts.planned.delivery.gantry
            column = beam.control_points.gantry_deg
            if machine.gantry_range_deg is None or is_helical(facts):
                continue
            first = known_at(column, 0)
            if first is None or gantry is None or np.isnan(gantry.steps_deg).any():
                yield unknown(facts, "a gantry angle is not known", at(point(beam, 0), "GantryAngle"))
                continue
            low, high = machine.gantry_range_deg
            beyond, index = _beyond(first, gantry.steps_deg, low, high, tolerance)
            if beyond > tolerance:
                angle = known_at(column, index)
                message = (
                    f"the gantry passes the machine's stop by {text(beyond)} degrees, first at control point {index}"
                    if index
                    else f"gantry angle {text(first)} degrees is outside the machine's range"
                )
                message += f" (from {text(low)} to {text(high)} degrees, clockwise; {known_by(machine)})"
                yield found(
                    facts, message, at(point(beam, index), "GantryAngle"), gantry_deg=angle, beyond_deg=round(beyond, 3)
                )


def _beyond(
    first_deg: float, steps_deg: FloatArray, low_deg: float, high_deg: float, tolerance_deg: float
) -> tuple[float, int]:
    """How far a gantry path leaves a range, and the control point where it first does.

    The range is not wrapped, and more than a turn wide where the machine overlaps: an angle may then be reached from
    either side. Of the places where the first angle can be reached (of all, where it cannot) the best one counts.
    """
    if high_deg <= low_deg:
        high_deg += 360.0
    path = first_deg % 360.0 + np.concatenate([[0.0], np.cumsum(steps_deg)])
    best: tuple[bool, float, int] = (True, math.inf, 0)
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        beyond = np.maximum(low_deg - path - turn, path + turn - high_deg)
        place = (bool(beyond[0] > tolerance_deg), float(beyond.max()), int((beyond > tolerance_deg).argmax()))
        best = min(best, place)
    return best[1], best[2]


class ArcOverFullTurn(Check):
    id = "arc_over_full_turn"
    title = "arcs of more than a full turn one way"
    severity = Severity.WARNING
    explanation = (
        "Only ring gantries turn on past a full turn; a C-arm stops. Where this machine is a C-arm, a rotation "
        "direction or an angle is wrong."
    )
    limits: ClassVar = {
        "longest_deg": Limit(
            365.0,
            "deg",
            "gantry travel to one side within one beam",
            "C-arms reach a little past half a turn to both sides; the longest arc met is 360 degrees",
            minimum=180.0,
        )
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            gantry, beam = facts.planned.delivery.gantry, facts.planned.beam
            if gantry is None or is_helical(facts) or not len(gantry.steps_deg):
                continue
            if float(np.nansum(np.abs(gantry.steps_deg))) <= case.limits["longest_deg"]:
                continue
            path = np.nancumsum(gantry.steps_deg)
            span = max(0.0, float(path.max())) - min(0.0, float(path.min()))
            if span > case.limits["longest_deg"]:
                message = f"the gantry turns {text(span)} degrees from one end of its arc to the other"
                yield found(facts, message, at(f"{beam.path}.ControlPointSequence[*]", "GantryAngle"), span_deg=span)


class CollimatorTurns(Check):
    id = "collimator_turns_during_beam"
    title = "collimator that turns while the beam is on"
    severity = Severity.NOTE
    explanation = (
        "Some planning systems turn the collimator during arcs, and not every machine can do it. Right where it was "
        "planned so; a single other angle is an error."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            if Part.COLLIMATOR in facts.planned.delivery.on:
                column = facts.planned.beam.control_points.collimator_deg
                values = [] if column is None else column.values[np.isfinite(column.values)].tolist()
                where = at(f"{facts.planned.beam.path}.ControlPointSequence[*]", "BeamLimitingDeviceAngle")
                message = "the collimator turns while the beam is on"
                if values:
                    message += f" (written angles from {text(min(values))} to {text(max(values))} degrees)"
                yield found(facts, message, where)


CHECKS = (
    AnglesOutsideCircle,
    GantryDirectionMissing,
    GantryDirectionContradicts,
    GantryFullTurn,
    GantryRange,
    ArcOverFullTurn,
    CollimatorTurns,
)
