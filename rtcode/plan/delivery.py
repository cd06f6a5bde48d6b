"""What moves while meterset accrues: segments of a beam, its gantry travel and apertures (docs/plans.md 1.7, 2.3).

Control points are boundaries; segments lie between them. A segment delivers when its step of CumulativeMetersetWeight
(300A,0134) is more than 1e-7 of the final weight; what changes across any other segment changes with the beam off.
Weights that are absent, unreadable, decreasing or never rise leave open which segments deliver (docs/plans.md 4, cases
27 and 28): everything that depends on it is then ``None``. BeamType (300A,00C4) hardly matters: files that say
DYNAMIC with nothing moving, and STATIC with fourteen apertures, are both real.

Rotation directions hold for the segment after their control point (PS3.3 C.8.8.14.8). Equal angles with a direction
are a full turn where that is all the gantry does and BeamType is not STATIC; in a beam whose angle changes elsewhere
they are a pause. A changing angle without a usable direction goes the shorter way, which is marked as assumed.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rtcode.plan.apertures import STILL_MM, Collimation, LeafData
from rtcode.plan.collimation import collimation_of
from rtcode.plan.model import Beam, Column, ControlPoints, Direction, FloatArray, IntArray
from rtcode.plan.shapes import Shape, first_alike
from rtcode.plan.weights import UNUSABLE, WEIGHT_STEP, WeightProblem, cumulative_weights
from rtcode.records import record

BoolArray: TypeAlias = npt.NDArray[np.bool_]

#: Angles that differ by less are equal (docs/plans.md 2.3).
STILL_DEG = 0.01
_STILL_MEV = 1e-3
#: Below this a shape that differs is not told from its neighbors by rounding alone.
_SAME_SHAPE_MM = STILL_MM


class Part(StrEnum):
    """What can move or change over a beam."""

    GANTRY = "gantry"
    COLLIMATOR = "collimator"
    COUCH = "couch"
    TABLE_TOP = "table_top"
    ISOCENTER = "isocenter"
    JAWS = "jaws"
    MLC = "mlc"
    WEDGE = "wedge"
    ENERGY = "energy"


@record(eq=False)
class GantryTravel:
    """Gantry rotation of a beam.

    Attributes
    ----------
    steps_deg
        ``(n - 1,)`` signed travel of every segment, clockwise positive; NaN where an angle is not known.
    arc_deg
        Travel while meterset accrues, absolute and summed; ``None`` where the weights or an angle are not known.
    signed_deg
        The same with its sign: smaller than `arc_deg` where the gantry turns back.
    turns_back
        How often the direction changes between delivering segments.
    assumed
        Some travel went the shorter way because no usable direction is recorded.
    """

    steps_deg: FloatArray
    arc_deg: float | None
    signed_deg: float | None
    turns_back: int
    assumed: bool


@record(eq=False)
class Delivery:
    """What changes between the ``n`` control points of one beam, and what of it while meterset accrues.

    Attributes
    ----------
    control_points
        ``n``.
    problems
        Defects of control points and weights, those that make the weights unusable first.
    shares
        ``(n - 1,)`` share of the beam's meterset that each segment delivers; ``None`` with unusable weights.
    delivering
        ``(n - 1,)`` which segments deliver; ``None`` with unusable weights.
    changes
        Everything that changes across some segment, delivering or not.
    on, off
        What changes across delivering segments, and across the others; both empty with unusable weights.
    unknown
        Parts whose value is not known at some control point that bounds a delivering segment (at any control point,
        with unusable weights). The gantry is unknown also where it is nowhere recorded.
    gantry
        Its travel, or ``None`` where no angle is recorded.
    collimation
        Jaws and leaves at every control point.
    leaves_moving
        ``(n - 1,)`` segments across which leaves move that limit the beam.
    mlc_apertures
        Leaf shapes that receive meterset, a segment in which leaves move being one. 0 without an MLC; ``None`` where
        leaf positions or weights are not known.
    """

    control_points: int
    problems: tuple[WeightProblem, ...]
    shares: FloatArray | None
    delivering: BoolArray | None
    changes: frozenset[Part]
    on: frozenset[Part]
    off: frozenset[Part]
    unknown: frozenset[Part]
    gantry: GantryTravel | None
    collimation: Collimation
    leaves_moving: BoolArray
    jaws_moving: BoolArray
    mlc_apertures: int | None

    @property
    def problem(self) -> WeightProblem | None:
        """Why it is not known which segments deliver, or ``None``."""
        return next((p for p in self.problems if p in UNUSABLE), None)

    @property
    def segments(self) -> int | None:
        """Number of delivering segments."""
        return None if self.delivering is None else int(self.delivering.sum())

    @cached_property
    def bounding(self) -> IntArray:
        """Control points that bound a delivering segment; all of them where the weights are unusable."""
        if self.delivering is None:
            return np.arange(self.control_points, dtype=np.int64)
        return _bounding(self.delivering, self.control_points)

    @cached_property
    def shapes(self) -> tuple[tuple[Shape, float], ...] | None:
        """Distinct apertures of leaves and jaws that stand still while they receive meterset, with their shares of it.

        In the order of delivery. ``None`` where weights, leaves or jaws are not known. Segments in which leaves or jaws
        move are not here.
        """
        found = self.standing
        if found is None or not self.positions_known:
            return None
        shapes = self.collimation.shapes(np.array([index for index, _ in found], np.int64))
        return tuple(zip(shapes, (share for _, share in found), strict=True))

    @cached_property
    def standing(self) -> tuple[tuple[int, float], ...] | None:
        """As `shapes`, each by the control point at which its first segment starts; also with unknown positions."""
        if self.delivering is None or self.shares is None:
            return None
        moving = self.leaves_moving | self.jaws_moving
        segments = (self.delivering & ~moving).nonzero()[0]
        # What is unknown may have moved.
        firsts, stretch = _stretches(segments, moving if self.positions_known else np.ones_like(moving))
        same = np.zeros(len(firsts), np.int64)
        if len(firsts) > 1:
            states = [one.reshape(len(firsts), 4 * one.shape[1]) for one in self.collimation.strips(firsts)]
            same = first_alike(np.concatenate(states, axis=1), _SAME_SHAPE_MM)
        shares = np.bincount(same[stretch], self.shares[segments], len(firsts))
        return tuple((int(firsts[k]), float(shares[k])) for k in _itself(same))

    @property
    def positions_known(self) -> bool:
        """Whether leaves and jaws are known wherever meterset is delivered."""
        return Part.MLC not in self.unknown and Part.JAWS not in self.unknown


def analyze_delivery(beam: Beam) -> Delivery:
    """What moves while meterset accrues.

    Parameters
    ----------
    beam
        A beam with its control points in order and inheritance done, as the readers give it.

    Returns
    -------
    Delivery
        Never raises: what a damaged beam does not tell is ``None`` or among `Delivery.unknown`.
    """
    points = beam.control_points
    n = points.count
    problems, weights = cumulative_weights(beam)
    shares: FloatArray | None = None
    delivering: BoolArray | None = None
    if weights is not None:
        # Shares are of what the control points deliver: all of the meterset where start and end are in order.
        shares = (weights[1:] - weights[:-1]) / (weights[-1] - weights[0])
        delivering = shares > WEIGHT_STEP
        shares = np.where(delivering, shares, 0.0)
    collimation = collimation_of(beam)
    leaves, leaves_unknown = collimation.leaves_move()
    jaws, jaws_unknown = collimation.jaws_move()
    gantry = _gantry(beam, delivering)
    moved = _columns_change(points)
    if not collimation.still or collimation.leaf_data is LeafData.UNKNOWN:
        moved |= {Part.JAWS: (jaws, jaws_unknown), Part.MLC: (leaves, leaves_unknown)}
    if points.wedges:
        moved[Part.WEDGE] = _wedges_change(points)
    if gantry is not None:
        open_ = np.isnan(gantry.steps_deg)
        moved[Part.GANTRY] = (np.abs(gantry.steps_deg) > STILL_DEG, open_)
    unknown = {
        part for part, (_, open_) in moved.items() if (open_ if delivering is None else open_ & delivering).any()
    }
    if gantry is None:
        unknown.add(Part.GANTRY)
    changes = {part: changed for part, (changed, _) in moved.items() if changed.any()}
    on, off = set(), set()
    if delivering is not None:
        on = {part for part, changed in changes.items() if (changed & delivering).any()}
        off = {part for part, changed in changes.items() if (changed & ~delivering).any()}
    return Delivery(
        control_points=n,
        problems=problems,
        shares=shares,
        delivering=delivering,
        changes=frozenset(changes),
        on=frozenset(on),
        off=frozenset(off),
        unknown=frozenset(unknown),
        gantry=gantry,
        collimation=collimation,
        leaves_moving=leaves,
        jaws_moving=jaws,
        mlc_apertures=_mlc_apertures(collimation, leaves, jaws, Part.MLC in unknown, delivering),
    )


def _bounding(delivering: BoolArray, count: int) -> IntArray:
    bounds = np.zeros(count, np.bool_)
    bounds[:-1] |= delivering
    bounds[1:] |= delivering
    return np.flatnonzero(bounds).astype(np.int64)


# ------------------------------------------------------------------------------------------------- what has changed

#: Columns of each part but the gantry, with the change that is noise.
_COLUMNS: dict[Part, tuple[tuple[str, float], ...]] = {
    Part.COLLIMATOR: (("collimator_deg", STILL_DEG),),
    Part.COUCH: (("couch_deg", STILL_DEG),),
    Part.TABLE_TOP: (
        ("table_eccentric_deg", STILL_DEG),
        ("table_pitch_deg", STILL_DEG),
        ("table_roll_deg", STILL_DEG),
        ("table_vertical_mm", STILL_MM),
        ("table_longitudinal_mm", STILL_MM),
        ("table_lateral_mm", STILL_MM),
    ),
    Part.ISOCENTER: (("isocenter_mm", STILL_MM),),
    Part.ENERGY: (("energy", _STILL_MEV),),
}


def _columns_change(points: ControlPoints) -> dict[Part, tuple[BoolArray, BoolArray]]:
    """For each part of which a column is not constant: at which segments it changes, and where that is unknown."""
    found: dict[Part, tuple[BoolArray, BoolArray]] = {}
    for part, columns in _COLUMNS.items():
        for name, still in columns:
            column: Column | None = getattr(points, name)
            if column is None or points.count < 2 or column.is_constant():
                continue
            difference = np.diff(column.values, axis=0)
            if name.endswith("_deg"):
                difference = _shorter_way(difference)
            if difference.ndim == 2:
                difference = np.max(np.abs(difference), axis=1)
            changed, unknown = np.abs(difference) > still, np.isnan(difference)
            if part in found:
                changed, unknown = changed | found[part][0], unknown | found[part][1]
            found[part] = (changed, unknown & ~changed)
    return found


def _wedges_change(points: ControlPoints) -> tuple[BoolArray, BoolArray]:
    steps = max(points.count - 1, 0)
    changed, unknown = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
    for wedge in points.wedges:
        open_ = (wedge.states[1:] < 0) | (wedge.states[:-1] < 0)
        changed |= (wedge.states[1:] != wedge.states[:-1]) & ~open_
        unknown |= open_
    return changed, unknown & ~changed


def _shorter_way(difference_deg: FloatArray) -> FloatArray:
    """Angle differences in [-180, 180)."""
    result: FloatArray = (difference_deg + 180.0) % 360.0 - 180.0
    return result


def _gantry(beam: Beam, delivering: BoolArray | None) -> GantryTravel | None:
    points = beam.control_points
    stands = (beam.beam_type or "").strip().upper() == "STATIC"
    column = points.gantry_deg
    if column is None or points.count < 2:
        return None
    clockwise = counter = written = np.zeros(points.count - 1, np.bool_)
    if points.gantry_direction is not None:
        direction = points.gantry_direction.values[:-1]
        clockwise, counter = direction == int(Direction.CLOCKWISE), direction == int(Direction.COUNTER_CLOCKWISE)
        written = points.gantry_direction.is_given()[:-1]
    if column.is_constant() and (stands or not (clockwise | counter).any()):
        still_deg = None if delivering is None else 0.0
        return GantryTravel(np.zeros(points.count - 1), still_deg, still_deg, 0, False)
    difference = np.diff(column.values)
    forward, shorter = difference % 360.0, _shorter_way(difference)
    still = np.abs(shorter) <= STILL_DEG
    travel = np.where(clockwise, forward, np.where(counter, forward - 360.0, shorter))
    travel[still] = 0.0
    travel[np.isnan(shorter)] = np.nan
    counted = np.ones(points.count - 1, np.bool_) if delivering is None else delivering
    if still.all() and not stands:
        # Only a direction that this control point writes itself: an inherited one may be left from before a pause.
        full = still & counted & written & (clockwise | counter)
        travel[full] = np.where(clockwise[full], 360.0, -360.0)
    assumed = bool((counted & ~still & ~np.isnan(shorter) & ~clockwise & ~counter).any())
    arc = signed = None
    turns = 0
    if delivering is not None:
        during = travel[delivering]
        if not np.isnan(during).any():
            arc, signed = float(np.sum(np.abs(during))), float(np.sum(during))
        signs = np.sign(during[np.abs(during) > STILL_DEG])
        turns = int(np.count_nonzero(signs[1:] != signs[:-1]))
    return GantryTravel(travel, arc, signed, turns, assumed)


# ------------------------------------------------------------------------------------------------------- leaf shapes


def _mlc_apertures(
    collimation: Collimation, moving: BoolArray, jaws: BoolArray, unknown: bool, delivering: BoolArray | None
) -> int | None:
    if collimation.leaf_data is LeafData.NONE:
        return 0
    if collimation.leaf_data is LeafData.UNKNOWN or unknown:
        return None
    if delivering is None:
        # Leaves that never move make one shape, whatever the weights are.
        return 1 if len(moving) and not moving.any() else None
    # A jaw that moves can uncover other leaves.
    firsts, _ = _stretches(np.flatnonzero(delivering & ~moving), moving | jaws)
    if len(firsts) > 1:
        same = first_alike(collimation.leaf_states(firsts), _SAME_SHAPE_MM)
        firsts = _itself(same)
    return int(np.count_nonzero(delivering & moving)) + len(firsts)


def _stretches(segments: IntArray, moving: BoolArray) -> tuple[IntArray, IntArray]:
    """The first segment of each stretch without movement, and for each segment which stretch it belongs to."""
    if not moving.any():
        return segments[:1], np.zeros(len(segments), np.int64)
    stretch = np.cumsum(moving)[segments]
    begins = np.ones(len(segments), np.bool_)
    begins[1:] = stretch[1:] != stretch[:-1]
    return segments[begins], np.cumsum(begins) - 1


def _itself(same: IntArray) -> IntArray:
    """Rows that are the first of their kind, from `first_alike`."""
    result: IntArray = np.flatnonzero(same == np.arange(len(same)))
    return result
