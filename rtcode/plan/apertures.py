"""What the beam limiting devices leave open: jaw windows, leaf openings and the area of an aperture.

All in the beam limiting device frame at the isocenter plane, mm. Where there are no jaws at all (MRIdian), the window
is unlimited. `rtcode.plan.collimation` makes a `Collimation` from a beam.

A number that is not known stays NaN and makes whatever depends on it unknown.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rtcode.plan.model import FloatArray, IntArray
from rtcode.records import record

BoolArray = npt.NDArray[np.bool_]

#: A pair whose leaves are at most this far apart is closed (docs/plans.md 2.3), as long as another pair is open.
CLOSED_MM = 1.0
#: A pair counts where its width reaches into the jaw window by more than this (docs/plans.md 2.3, parked leaves).
OVERLAP_MM = 0.5
#: Smaller changes are noise of the export (docs/plans.md 2.3).
STILL_MM = 0.01


class LeafData(StrEnum):
    """What a plan says about the leaves of a beam."""

    #: no MLC is declared or positioned
    NONE = "none"
    KNOWN = "known"
    #: an MLC is declared, but its positions (or those of some control points) are not known
    UNKNOWN = "unknown"


@record(eq=False)
class Bank:
    """Leaves that travel along one axis, at every control point: one layer, or all of them laid over one another.

    Attributes
    ----------
    axis
        ``X`` or ``Y``: where the leaves travel; strips lie side by side along the other axis.
    edges
        ``(m, 2)`` low and high edge of each strip, mm; NaN where the leaf boundaries are not recorded.
    low, high
        ``(n, m)`` ends of the opening between the two leaf banks, mm; NaN where unknown.
    """

    axis: str
    edges: FloatArray
    low: FloatArray
    high: FloatArray


@record(eq=False)
class Shape:
    """An aperture: for each bank the strips with something open, their ends clipped to the jaws.

    ``strips`` has one ``(m, 4)`` array a bank: low and high end along the travel, low and high edge across it. A closed
    strip is all zeros, so that equal apertures are equal arrays.
    """

    axes: tuple[str, ...]
    strips: tuple[FloatArray, ...]

    @property
    def area_mm2(self) -> float | None:
        """Open area, or ``None`` where an edge is not known or nothing limits one side."""
        if not all(np.all(np.isfinite(s)) for s in self.strips):
            return None
        across = [s for axis, s in zip(self.axes, self.strips, strict=True) if axis == "X"]
        along = [s for axis, s in zip(self.axes, self.strips, strict=True) if axis == "Y"]
        if not across or not along:
            return float(sum(np.sum((s[:, 1] - s[:, 0]) * (s[:, 3] - s[:, 2])) for s in self.strips))
        x, y = across[0], along[0]
        # A cell is a strip of leaves that travel along X crossed with one of those along Y; both have to leave it open.
        width = np.minimum(x[:, None, 1], y[None, :, 3]) - np.maximum(x[:, None, 0], y[None, :, 2])
        height = np.minimum(y[None, :, 1], x[:, None, 3]) - np.maximum(y[None, :, 0], x[:, None, 2])
        return float(np.sum(np.clip(width, 0.0, None) * np.clip(height, 0.0, None)))

    def within(self, other: Shape) -> Shape:
        """The part of this aperture that lies in another one of the same devices."""
        result = []
        for a, b in zip(self.strips, other.strips, strict=True):
            low, high = np.maximum(a[:, 0], b[:, 0]), np.minimum(a[:, 1], b[:, 1])
            near, far = np.maximum(a[:, 2], b[:, 2]), np.minimum(a[:, 3], b[:, 3])
            strips = np.stack([low, high, near, far], axis=1)
            strips[(high <= low) | (far <= near)] = 0.0
            result.append(strips)
        return Shape(self.axes, tuple(result))


@record(eq=False)
class Collimation:
    """Jaws and leaves of one beam at all ``n`` control points.

    Attributes
    ----------
    jaws_x, jaws_y
        ``(n, 2)`` low and high jaw; ``None`` where there is no such jaw.
    banks
        One or two `Bank`, none without an MLC or where its positions are unknown throughout.
    layers
        The leaf layers one by one, of which `banks` are made. Those without positions or a known axis are left out.
    leaf_data
        `LeafData.UNKNOWN` where a declared MLC has no usable positions. Unknown control points are NaN in `banks`.
    """

    count: int
    jaws_x: FloatArray | None
    jaws_y: FloatArray | None
    banks: tuple[Bank, ...]
    layers: tuple[Bank, ...]
    leaf_data: LeafData

    def window(self, axis: str) -> FloatArray:
        """Jaw window along an axis at every control point, ``(n, 2)``; unlimited where there is no jaw."""
        jaws = self.jaws_x if axis == "X" else self.jaws_y
        if jaws is not None:
            return jaws
        unlimited: FloatArray = np.broadcast_to(np.array([-np.inf, np.inf]), (self.count, 2))
        return unlimited

    @cached_property
    def shaped_banks(self) -> tuple[Bank, ...]:
        """The banks, or one endless strip where there are none: what the jaws alone leave open."""
        if self.banks:
            return self.banks
        low, high = np.full((self.count, 1), -np.inf), np.full((self.count, 1), np.inf)
        return (Bank("X", np.array([[-np.inf, np.inf]]), low, high),)

    def shape(self, index: int) -> Shape:
        """The aperture at a control point."""
        only = slice(index, index + 1)
        strips = tuple(self._strips(bank, only)[0] for bank in self.shaped_banks)
        return Shape(tuple(bank.axis for bank in self.shaped_banks), strips)

    def strips(self, indices: IntArray) -> tuple[FloatArray, ...]:
        """For each of the banks its strips at ``k`` control points as in `Shape`, ``(k, m, 4)``."""
        return tuple(self._strips(bank, indices) for bank in self.shaped_banks)

    def leaf_extent(self, indices: IntArray, axis: str) -> tuple[float, float] | None:
        """Outermost edges along an axis of what the leaves leave open at any of some control points.

        ``None`` where an edge is not known, or nothing is open.
        """
        low, high = np.inf, -np.inf
        for bank in self.banks:
            strips = self._strips(bank, indices)
            edges = strips[..., :2] if bank.axis == axis else strips[..., 2:]
            if np.isnan(edges).any():
                return None
            ends = edges[strips[..., 1] > strips[..., 0]]
            if ends.size:
                low, high = min(low, float(ends[:, 0].min())), max(high, float(ends[:, 1].max()))
        return (low, high) if low <= high else None

    def _strips(self, bank: Bank, indices: slice | IntArray) -> FloatArray:
        """Strips of one bank at ``k`` control points as in `Shape`, ``(k, m, 4)``."""
        travel, across = self.window(bank.axis)[indices], self.window(other_axis(bank.axis))[indices]
        low, high = clip(bank.low[indices], travel), clip(bank.high[indices], travel)
        strips = np.empty((*low.shape, 4))
        strips[..., 0], strips[..., 1] = low, high
        np.maximum(bank.edges[:, 0], across[:, :1], out=strips[..., 2])
        np.minimum(bank.edges[:, 1], across[:, 1:], out=strips[..., 3])
        gap = np.where(reaches_into(bank.edges, across), high - low, 0.0)
        strips[gap <= closed_limit(gap)] = 0.0
        return strips

    def jaws_move(self) -> tuple[BoolArray, BoolArray]:
        """For each segment whether a jaw moves, and whether that is unknown; both ``(n - 1,)``."""
        return _any_change([jaws for jaws in (self.jaws_x, self.jaws_y) if jaws is not None], self.count)

    def leaves_move(self) -> tuple[BoolArray, BoolArray]:
        """For each segment whether a leaf moves that limits the beam, and whether that is unknown; both ``(n - 1,)``.

        Pairs whose width lies outside the jaws at both ends of the segment do not count, nor do pairs that are closed
        at both, nor what happens behind the jaws along the travel.
        """
        steps = max(self.count - 1, 0)
        moves, unknown = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
        if self.leaf_data is LeafData.UNKNOWN:
            return moves, np.ones(steps, np.bool_)
        for bank in self.banks:
            travel, across = _joint(self.window(bank.axis)), _joint(self.window(other_axis(bank.axis)))
            counts = reaches_into(bank.edges, across)
            ever = counts.any(axis=0)
            counts = np.compress(ever, counts, axis=1)
            lows, highs = np.compress(ever, bank.low, axis=1), np.compress(ever, bank.high, axis=1)
            with np.errstate(invalid="ignore"):
                if len(travel) == 1:  # one window throughout: clip every control point once
                    low, high = clip(lows, travel), clip(highs, travel)
                    low0, high0, low1, high1 = low[:-1], high[:-1], low[1:], high[1:]
                else:
                    low0, high0 = clip(lows[:-1], travel), clip(highs[:-1], travel)
                    low1, high1 = clip(lows[1:], travel), clip(highs[1:], travel)
                gap = np.maximum(high0 - low0, high1 - low1)
                change = np.maximum(np.abs(low1 - low0), np.abs(high1 - high0))
                nan = np.isnan(gap)
                moving = counts & (change > STILL_MM) & (gap > closed_limit(np.where(counts, gap, 0.0)))
            moves |= moving.any(axis=1)
            if nan.any():
                unknown |= np.any(nan & counts, axis=1)
        return moves, unknown & ~moves

    def leaf_states(self, indices: IntArray) -> FloatArray:
        """What the leaves alone leave open at some control points, one row each, for telling shapes apart.

        Inside the widest jaw window of those control points, so that a jaw that moves makes no other leaf shape.
        """
        rows = []
        for bank in self.banks:
            travel = _widest(self.window(bank.axis)[indices])
            across = _widest(self.window(other_axis(bank.axis))[indices])
            counts = reaches_into(bank.edges, across[None, :])[0]
            low, high = np.clip(bank.low[indices], *travel), np.clip(bank.high[indices], *travel)
            gap = np.where(counts[None, :], high - low, 0.0)
            closed = gap <= closed_limit(gap)
            rows.append(np.where(closed, 0.0, low))
            rows.append(np.where(closed, 0.0, high))
        return np.concatenate(rows, axis=1) if rows else np.empty((len(indices), 0))

    def leaves_inside(self, index: int) -> bool:
        """Whether leaves lie inside the jaw window at a control point, so that they shape the field.

        Where there is no jaw along an axis, the leaves stand in for it: the window then is the widest that they open.
        """
        shape = self.shape(index)
        for bank, strips in zip(self.shaped_banks if self.banks else (), shape.strips, strict=False):
            is_open = strips[:, 1] > strips[:, 0]
            if not is_open.any():
                return True
            ends = strips[is_open]
            low, high = _limits(self.window(bank.axis)[index], ends[:, 0], ends[:, 1])
            if np.any(ends[:, 0] > low + OVERLAP_MM) or np.any(ends[:, 1] < high - OVERLAP_MM):
                return True
            near, far = _limits(self.window(other_axis(bank.axis))[index], ends[:, 2], ends[:, 3])
            if np.isfinite(bank.edges).all():
                near, far = max(near, float(bank.edges.min())), min(far, float(bank.edges.max()))
            # Closed pairs inside the window are missing from the width that is open.
            if float(np.sum(ends[:, 3] - ends[:, 2])) < far - near - 2 * OVERLAP_MM:
                return True
        return False


def first_alike(states: FloatArray, still: float) -> IntArray:
    """For each row of ``(k, m)`` states the first row that it is like, which may be itself, ``(k,)``.

    Alike are rows of which no number differs by more than ``still``; unknown is like unknown only.
    """
    first = np.arange(len(states))
    left = first.copy()
    while left.size:
        rest, one = states[left], states[left[0]]
        with np.errstate(invalid="ignore"):  # endless less endless
            differs = (np.abs(rest - one) > still) | (np.isnan(rest) != np.isnan(one))
        alike = ~differs.any(axis=1)
        first[left[alike]] = left[0]
        left = left[~alike]
    return first


def nesting(shapes: list[Shape], around: int) -> float | None:
    """Smallest share of an aperture's area that lies within one of them; ``None`` where an area is not known."""
    shares = []
    for shape in shapes:
        area, inside = shape.area_mm2, shape.within(shapes[around]).area_mm2
        if area is None or inside is None:
            return None
        if area > 0:
            shares.append(inside / area)
    return min(shares, default=None)


def other_axis(axis: str) -> str:
    """The axis across a travel along one."""
    return "Y" if axis == "X" else "X"


def closed_limit(gap_mm: FloatArray) -> FloatArray:
    """Gap up to which a pair is closed, ``(k, 1)`` for ``(k, m)``, so also with more axes behind.

    Where no pair is open, slits are the aperture.
    """
    with np.errstate(invalid="ignore"):
        any_open = np.any(gap_mm > CLOSED_MM, axis=1, keepdims=True)
    return np.where(any_open, CLOSED_MM, STILL_MM)


def _limits(window: FloatArray, low: FloatArray, high: FloatArray) -> tuple[float, float]:
    """The window, or the outermost ends where it is unlimited."""
    return (
        float(window[0]) if np.isfinite(window[0]) else float(low.min()),
        float(window[1]) if np.isfinite(window[1]) else float(high.max()),
    )


def _joint(window: FloatArray) -> FloatArray:
    """Window that holds those of both ends of each segment, ``(n - 1, 2)``, or one row where it never changes.

    Unlimited where a jaw is unknown.
    """
    if len(window) > 1 and (window == window[0]).all():
        return window[:1]
    low, high = np.minimum(window[:-1, 0], window[1:, 0]), np.maximum(window[:-1, 1], window[1:, 1])
    return np.stack([np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)], axis=1)


def clip(values: FloatArray, window: FloatArray) -> FloatArray:
    """Each row of values inside its row of the window."""
    result: FloatArray = np.minimum(np.maximum(values, window[:, :1]), window[:, 1:])
    return result


def _widest(window: FloatArray) -> FloatArray:
    """Widest window of several control points; unlimited where one is unknown."""
    if not len(window) or np.isnan(window).any():
        return np.array([-np.inf, np.inf])
    return np.array([window[:, 0].min(), window[:, 1].max()])


def reaches_into(edges: FloatArray, window: FloatArray) -> BoolArray:
    """Which strips reach into each window, ``(k, m)``; where either is not known, they do."""
    inside = np.minimum(edges[None, :, 1], window[:, 1:]) - np.maximum(edges[None, :, 0], window[:, :1])
    wide_enough = np.minimum(OVERLAP_MM, (edges[:, 1] - edges[:, 0]) / 2)
    result: BoolArray = np.isnan(inside) | (inside > wide_enough[None, :])
    return result


def _any_change(columns: list[FloatArray], count: int) -> tuple[BoolArray, BoolArray]:
    steps = max(count - 1, 0)
    moves, unknown = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
    for values in columns:
        if len(values) > 1 and (values == values[0]).all():
            continue
        change = np.abs(np.diff(values, axis=0))
        moves |= np.any(change > STILL_MM, axis=1)
        unknown |= np.any(np.isnan(change), axis=1)
    return moves, unknown & ~moves
