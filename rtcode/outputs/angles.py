"""How a beam's gantry travel is shown: one angle, or where it starts, turns back and ends."""

from __future__ import annotations

import numpy as np

from rtcode.outputs.identifiers import number
from rtcode.plan.model import ControlPoints, Direction, State

#: Gantry angles nearer than this are the same; machines write 180 as 179.9 or 180.1 to say which way they came.
_SAME_DEG = 0.05


def gantry_path(points: ControlPoints) -> list[float] | None:
    """``[angle]`` for a gantry that stands, ``[start, end]`` for an arc, with the turning points between.

    The rotation direction of each segment decides where an arc turns; where it is not given, the shorter way is taken.
    ``None`` where no control point has a known angle.
    """
    column = points.gantry_deg
    if column is None:
        return None
    known = np.flatnonzero((column.state == State.GIVEN) | (column.state == State.INHERITED))
    if not known.size:
        return None
    angles = [float(column.values[i]) for i in known]
    path = [angles[0]]
    last_sign = 0
    for before, after, index in zip(angles, angles[1:], known, strict=False):
        sign = _sign(before, after, _direction(points, int(index)))
        if sign == 0:
            continue
        if last_sign and sign != last_sign:
            path.append(before)
        last_sign = sign
    if last_sign:
        path.append(angles[-1])
    # Files may write any multiple of a turn (PS3.3 C.8.8.14.13): -10 is 350, 540 is 180.
    return [value for value in (number(angle % 360.0) for angle in path) if value is not None]


def _direction(points: ControlPoints, index: int) -> int:
    column = points.gantry_direction
    if column is None or column.state[index] not in (State.GIVEN, State.INHERITED):
        return int(Direction.UNKNOWN)
    value = float(column.values[index])
    return int(value) if np.isfinite(value) else int(Direction.UNKNOWN)


def _sign(before: float, after: float, direction: int) -> int:
    """+1 clockwise (rising angle), -1 counter-clockwise, 0 for no travel."""
    if after == before:
        return 0
    if direction in (Direction.CLOCKWISE, Direction.COUNTER_CLOCKWISE):
        return direction
    turn = (after - before + 180.0) % 360.0 - 180.0
    if abs(turn) <= _SAME_DEG:
        return 0
    return 1 if turn > 0 else -1
