"""Which places of two beams correspond: control points of the same place, or equal shares of the meterset.

Where two beams have the same number of control points, the control points are compared one by one. Where they do not
(segments were added, an arc was sampled more finely), both are resampled at equal shares of the meterset: inside each
interval between the shares that either beam has, at its ends and its middle, so that a jump with the beam off stays a
jump. That needs usable meterset weights in both beams; without them nothing says how they correspond.
"""

from __future__ import annotations

import numpy as np

from rtcode.plan.model import Column, FloatArray, IntArray, State
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.weights import cumulative_weights
from rtcode.records import record

#: Where inside an interval the beams are compared.
_INSIDE = np.array([1e-3, 0.5, 1.0 - 1e-3])
#: Beams of more intervals are compared at the middle of each only: no real beam has so many, and memory counts.
_MOST_INTERVALS = 10_000
#: Shares of the meterset nearer than this are one.
_SAME_SHARE = 1e-7


@record(eq=False)
class Alignment:
    """How places of two beams correspond.

    Attributes
    ----------
    shares
        ``(m,)`` shares of the meterset, 0 to 1, at which both beams are sampled, or ``None`` where control points
        correspond one by one.
    old_shares, new_shares
        Share of the meterset at each control point; only with ``shares``.
    count
        Places that are compared.
    """

    count: int
    shares: FloatArray | None = None
    old_shares: FloatArray | None = None
    new_shares: FloatArray | None = None

    @property
    def old_count(self) -> int:
        """Control points of OLD."""
        return self.count if self.old_shares is None else int(self.old_shares.size)

    @property
    def new_count(self) -> int:
        return self.count if self.new_shares is None else int(self.new_shares.size)

    def place(self, index: int) -> str:
        """A place in words: ``at control point 12``, ``at 37.5 % of the meterset``."""
        if self.shares is None:
            return f"at control point {index}"
        return f"at {100 * float(self.shares[index]):.1f} % of the meterset"

    def how_many(self, count: int) -> str:
        """``17 of 178 control points``, ``31 of 240 places``."""
        return f"{count} of {self.count} {'control points' if self.shares is None else 'compared places'}"

    def old(self, values: FloatArray) -> FloatArray:
        """Values at the control points of OLD, ``(n,)`` or ``(n, k)``, at the places that are compared."""
        return values if self.shares is None or self.old_shares is None else _at(self.shares, self.old_shares, values)

    def new(self, values: FloatArray) -> FloatArray:
        """The same for NEW."""
        return values if self.shares is None or self.new_shares is None else _at(self.shares, self.new_shares, values)

    def old_steps(self, values: FloatArray) -> FloatArray:
        """The same for what holds from a control point to the next and is not interpolated."""
        return values if self.shares is None or self.old_shares is None else _step(self.shares, self.old_shares, values)

    def new_steps(self, values: FloatArray) -> FloatArray:
        return values if self.shares is None or self.new_shares is None else _step(self.shares, self.new_shares, values)


def align(old: PlannedBeam, new: PlannedBeam) -> Alignment | None:
    """How the control points of two beams correspond, or ``None`` where nothing says."""
    n, m = old.beam.control_points.count, new.beam.control_points.count
    if n == m:
        return Alignment(n)
    a, b = shares_of(old), shares_of(new)
    if a is None or b is None:
        return None
    cuts = np.unique(np.concatenate([a, b]))
    cuts = cuts[np.concatenate([[True], np.diff(cuts) > _SAME_SHARE])]
    widths = np.diff(cuts)
    inside = _INSIDE if widths.size <= _MOST_INTERVALS else _INSIDE[1:2]
    places = (cuts[:-1, None] + widths[:, None] * inside[None, :]).ravel()
    return Alignment(places.size, places, a, b)


def shares_of(planned: PlannedBeam) -> FloatArray | None:
    """Share of the beam's meterset delivered up to each control point, ``(n,)`` from 0 to 1; ``None`` if unusable."""
    _, weights = cumulative_weights(planned.beam)
    if weights is None:
        return None
    risen: FloatArray = np.maximum.accumulate(weights)
    whole: FloatArray = (risen - risen[0]) / (risen[-1] - risen[0])
    return whole


def known_values(column: Column | None, count: int, width: int = 1) -> FloatArray:
    """Values of a column, NaN where not known; shape ``(n,)``, or ``(n, width)`` for points."""
    shape = (count,) if width == 1 else (count, width)
    if column is None:
        return np.full(shape, np.nan)
    known = (column.state == State.GIVEN) | (column.state == State.INHERITED)
    result: FloatArray = np.where(known if width == 1 else known[:, None], column.values, np.nan)
    return result


def unwrapped(values: FloatArray) -> FloatArray:
    """Angles without jumps of a full turn between known neighbors, for interpolation."""
    if np.isnan(values).any():
        return values
    result: FloatArray = np.unwrap(values, period=360.0)
    return result


def _at(shares: FloatArray, own: FloatArray, values: FloatArray) -> FloatArray:
    if values.ndim == 1:
        return np.interp(shares, own, values)
    segment = _segment(shares, own)
    low, high = own[segment], own[segment + 1]
    part = ((shares - low) / np.where(high > low, high - low, 1.0))[:, None]
    before, after = values[segment], values[segment + 1]
    # Equal ends stay equal, whatever the part: no rounding where nothing moves.
    result: FloatArray = np.where(before == after, before, before + (after - before) * part)
    return result


def _step(shares: FloatArray, own: FloatArray, values: FloatArray) -> FloatArray:
    result: FloatArray = values[_segment(shares, own)]
    return result


def _segment(shares: FloatArray, own: FloatArray) -> IntArray:
    """The segment of a beam that each place lies in."""
    place = np.searchsorted(own, shares, side="right") - 1
    return np.clip(place, 0, len(own) - 2)
