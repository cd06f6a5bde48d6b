"""Attributes of control points compared over two beams that correspond (`rtcode.comparison.alignment`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtcode.comparison.alignment import Alignment, known_values, unwrapped
from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.recorder import Recorder, one_sided
from rtcode.comparison.tolerances import NOISE, turn, within
from rtcode.comparison.types import Presence, Value
from rtcode.plan.delivery import STILL_DEG
from rtcode.plan.model import Column, Direction, FloatArray, State, WedgeState
from rtcode.plan.sessions import PlannedBeam

_DIRECTIONS = {Direction.CLOCKWISE: "CW", Direction.COUNTER_CLOCKWISE: "CC", Direction.NONE: "NONE"}


def compare_angles(record: Recorder, attribute: str, old: Column | None, new: Column | None, at: Alignment) -> None:
    """An angle at every place, on the circle."""
    if _nowhere(record, attribute, old, new):
        return
    a, b = _two(old, new, at, unwrap=True)
    compare_values(record, attribute, a, b, at, old, new)


def compare_gantry(record: Recorder, old: PlannedBeam, new: PlannedBeam, at: Alignment) -> None:
    """Gantry angles along the way that the gantry turns, and which way that is."""
    columns = old.beam.control_points.gantry_deg, new.beam.control_points.gantry_deg
    if _nowhere(record, "gantry_angle", *columns):
        return
    a, b = at.old(_gantry_way(old)), at.new(_gantry_way(new))
    compare_values(record, "gantry_angle", a, b, at, *columns)
    _directions(record, old, new, at)


def compare_lengths(record: Recorder, attribute: str, old: Column | None, new: Column | None, at: Alignment) -> None:
    """A length or another number that is interpolated between control points."""
    if _nowhere(record, attribute, old, new):
        return
    a, b = _two(old, new, at)
    compare_values(record, attribute, a, b, at, old, new)


def compare_steps(record: Recorder, attribute: str, old: Column | None, new: Column | None, at: Alignment) -> None:
    """A number that holds from a control point to the next (energy, dose rate)."""
    if _nowhere(record, attribute, old, new):
        return
    a, b = at.old_steps(known_values(old, at.old_count)), at.new_steps(known_values(new, at.new_count))
    compare_values(record, attribute, a, b, at, old, new)


def compare_points(record: Recorder, attribute: str, old: Column | None, new: Column | None, at: Alignment) -> None:
    """A point in patient coordinates (LPS): its shift as a vector and its length."""
    if _nowhere(record, attribute, old, new):
        return
    a, b = at.old(known_values(old, at.old_count, 3)), at.new(known_values(new, at.new_count, 3))
    shift = b - a
    length = np.sqrt((shift**2).sum(axis=1))
    if _unknown_on_one_side(record, attribute, a, b, at, old, new):
        return
    if not (length > NOISE).any():
        return
    place = int(np.nanargmax(length))
    limit = record.limit(attribute)
    largest = float(length[place])
    steady = bool(np.nanmax(np.abs(shift - shift[place])) <= limit)
    note = "" if steady else f"largest {at.place(place)}; {_changed(length, limit, at)} differ"
    x, y, z = (float(value) for value in shift[place])
    record.add(
        attribute,
        _point(a[place]),
        _point(b[place]),
        within=within(largest, limit),
        amount=largest,
        note=note,
        details={"shift_lps_mm": (x, y, z), "steady": steady},
        where=_where(record, attribute, at, place),
    )


def compare_directions(
    record: Recorder,
    attribute: str,
    directions: Sequence[Column | None],
    angles: Sequence[Column | None],
    at: Alignment,
) -> None:
    """Which way a collimator or couch turns, where it turns; one that stands has no direction, whatever is written."""
    if at.old_count < 2 or at.new_count < 2:
        return
    counts = at.old_count, at.new_count
    a, b = (known_values(column, n) for column, n in zip(directions, counts, strict=True))
    turns = [
        np.append(np.abs(np.diff(known_values(column, n))) > STILL_DEG, False).astype(np.float64)
        for column, n in zip(angles, counts, strict=True)
    ]
    turning = (at.old_steps(turns[0]) > 0) & (at.new_steps(turns[1]) > 0)
    a, b = at.old_steps(a), at.new_steps(b)
    unlike = np.flatnonzero(turning & (a != b) & ~(np.isnan(a) & np.isnan(b)))
    if unlike.size:
        first = int(unlike[0])
        known = [not np.isnan(values[first]) for values in (a, b)]
        presence = tuple(Presence.GIVEN if yes else Presence.ABSENT for yes in known)
        words = [
            _DIRECTIONS.get(Direction(int(values[first])), "not readable") if yes else None
            for values, yes in zip((a, b), known, strict=True)
        ]
        record.add(attribute, words[0], words[1], presence=(presence[0], presence[1]), note=f"first {at.place(first)}")


def compare_wedge_positions(record: Recorder, old: PlannedBeam, new: PlannedBeam, at: Alignment) -> None:
    """Whether each wedge is in the beam, place by place."""
    words = {WedgeState.UNKNOWN: "unknown", WedgeState.OUT: "OUT", WedgeState.IN: "IN"}
    by_number = [
        {w.number: w.states.astype(np.float64) for w in planned.beam.control_points.wedges} for planned in (old, new)
    ]
    for number in dict.fromkeys([*by_number[0], *by_number[1]]):
        given = by_number[0].get(number), by_number[1].get(number)
        a, b = (
            np.full(planned.beam.control_points.count, float(WedgeState.UNKNOWN)) if states is None else states
            for planned, states in zip((old, new), given, strict=True)
        )
        a, b = at.old_steps(a), at.new_steps(b)
        unlike = np.flatnonzero(a != b)
        if unlike.size:
            first = int(unlike[0])
            record.add(
                "wedge_position",
                words[WedgeState(int(a[first]))],
                words[WedgeState(int(b[first]))],
                note=f"first {at.place(first)}; {at.how_many(unlike.size)} differ",
            )


# ------------------------------------------------------------------------------------------------------------- gantry


def _gantry_way(planned: PlannedBeam) -> FloatArray:
    """Angles along the way, without jumps: the first angle and the travel of each segment."""
    points = planned.beam.control_points
    values = known_values(points.gantry_deg, points.count)
    travel = planned.delivery.gantry
    if travel is None or np.isnan(values).any() or np.isnan(travel.steps_deg).any() or not values.size:
        return values
    result: FloatArray = values[0] + np.concatenate([[0.0], np.cumsum(travel.steps_deg)])
    return result


def _directions(record: Recorder, old: PlannedBeam, new: PlannedBeam, at: Alignment) -> None:
    """Which way the gantry turns; a gantry that stands has no direction, whatever is written."""
    a, b = _turning(old), _turning(new)
    if a is None or b is None:
        return
    if at.shares is not None:
        a, b = at.old_steps(np.append(a, 0.0)), at.new_steps(np.append(b, 0.0))
    unlike = np.flatnonzero(np.sign(a) * np.sign(b) < 0)
    if unlike.size:
        first = int(unlike[0])
        words = tuple(_DIRECTIONS[Direction(int(np.sign(one[first])))] for one in (a, b))
        record.add("gantry_direction", words[0], words[1], note=f"first {at.place(first)}")
        return
    assumed = [bool(planned.delivery.gantry and planned.delivery.gantry.assumed) for planned in (old, new)]
    if assumed[0] != assumed[1]:
        presence = one_sided(new=assumed[0])
        side = "OLD" if assumed[0] else "NEW"
        note = f"{side} does not give a usable direction; the shorter way, which is taken then, is the same"
        written = next((_DIRECTIONS[Direction(int(s))] for s in np.sign(a) if s), "NONE")
        record.add("gantry_direction", written, written, presence=presence, note=note)


def _turning(planned: PlannedBeam) -> FloatArray | None:
    """Signed travel of each segment, ``(n - 1,)``; 0 where the gantry stands."""
    travel = planned.delivery.gantry
    if travel is None:
        return None
    steps = np.nan_to_num(travel.steps_deg)
    result: FloatArray = np.where(np.abs(steps) > STILL_DEG, steps, 0.0)
    return result


# -------------------------------------------------------------------------------------------------------------- common


def _nowhere(record: Recorder, attribute: str, old: Column | None, new: Column | None) -> bool:
    """Whether neither beam has a known value; records where that leaves something open."""
    if _any_known(old) or _any_known(new):
        return False
    states = [_missing_state(old), _missing_state(new)]
    if states[0] is states[1] is Presence.INVALID:
        record.cannot(attribute, "it cannot be read in either plan")
    elif states[0] is not states[1]:
        record.add(attribute, None, None, presence=(states[0], states[1]), counts=Presence.INVALID in states)
    return True


def _any_known(column: Column | None) -> bool:
    return column is not None and column.first_known() is not None


def _missing_state(column: Column | None) -> Presence:
    """Why a column has no known value anywhere."""
    if column is None or not column.state.size:
        return Presence.ABSENT
    if (column.state == State.INVALID).any():
        return Presence.INVALID
    return Presence.EMPTY if (column.state == State.EMPTY).any() else Presence.ABSENT


def _two(
    old: Column | None, new: Column | None, at: Alignment, *, unwrap: bool = False
) -> tuple[FloatArray, FloatArray]:
    a, b = known_values(old, at.old_count), known_values(new, at.new_count)
    if unwrap and at.shares is not None:
        a, b = unwrapped(a), unwrapped(b)
    return at.old(a), at.new(b)


def compare_values(
    record: Recorder,
    attribute: str,
    a: FloatArray,
    b: FloatArray,
    at: Alignment,
    old: Column | None,
    new: Column | None,
) -> None:
    """The largest difference of two arrays of numbers, ``(m,)``, and how much else differs."""
    if _unknown_on_one_side(record, attribute, a, b, at, old, new):
        return
    unit = ATTRIBUTES[attribute].unit
    amounts = np.abs(turn(a, b) if unit == "deg" else b - a)
    if not amounts.size or not (amounts > NOISE).any():
        return
    place = int(np.nanargmax(amounts))
    limit = record.limit(attribute)
    largest = float(amounts[place])
    everywhere = bool((a == a[0]).all() and (b == b[0]).all()) or a.size == 1
    note = "" if everywhere else f"largest {at.place(place)}; {_changed(amounts, limit, at)} differ"
    before, after = float(a[place]), float(b[place])
    record.add(
        attribute,
        _angle(before) if unit == "deg" else before,
        _angle(after) if unit == "deg" else after,
        within=within(largest, limit),
        amount=largest,
        note=note,
        where=_where(record, attribute, at, place),
    )


def _angle(value: float) -> float:
    """An angle as people read it: along its way it may have gone beyond a turn."""
    return value if 0.0 <= value <= 360.0 else value % 360.0


def _changed(amounts: FloatArray, limit: float, at: Alignment) -> str:
    beyond = int((amounts > max(limit, NOISE) * (1 + 1e-9)).sum())
    return at.how_many(beyond if beyond else int((amounts > NOISE).sum()))


def _unknown_on_one_side(
    record: Recorder,
    attribute: str,
    a: FloatArray,
    b: FloatArray,
    at: Alignment,
    old: Column | None,
    new: Column | None,
) -> bool:
    """Records where one plan has a value and the other none; True where no place can be compared any more."""
    a_known, b_known = (~np.isnan(one if one.ndim == 1 else one.sum(axis=1)) for one in (a, b))
    if (~a_known & ~b_known).any() and _missing_state(old) is _missing_state(new) is Presence.INVALID:
        record.cannot(attribute, "it cannot be read in either plan at some control points")
    for side, only, values, other in (("NEW", a_known & ~b_known, a, new), ("OLD", b_known & ~a_known, b, old)):
        places = np.flatnonzero(only)
        if not places.size:
            continue
        first = int(places[0])
        value: Value = _point(values[first]) if values.ndim == 2 else float(values[first])
        presence = one_sided(new=side == "OLD", other=_missing_state(other))
        whole = places.size == at.count
        note = "" if whole else f"not known in {side} {at.place(first)}; {at.how_many(places.size)}"
        record.add(attribute, value, value, presence=presence, note=note, where=_where(record, attribute, at, first))
    return not (a_known & b_known).any()


def _where(record: Recorder, attribute: str, at: Alignment, place: int) -> str:
    if at.shares is not None or not ATTRIBUTES[attribute].keyword:
        return record.where(attribute)
    return record.where(attribute, within=f"ControlPointSequence[{place}]")


def _point(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
