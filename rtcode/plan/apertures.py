"""What the beam limiting devices leave open: jaw windows, leaf openings and the area of an aperture.

All in the beam limiting device frame at the isocenter plane, mm. Where there are no jaws at all (MRIdian), the window
is unlimited. `rtcode.plan.collimation` makes a `Collimation` from a beam.

A number that is not known stays NaN and makes whatever depends on it unknown.
"""

from __future__ import annotations

import math
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rtcode.plan.model import FloatArray, IntArray, never_changes
from rtcode.plan.shapes import Shape
from rtcode.records import record

BoolArray = npt.NDArray[np.bool_]

#: A pair whose leaves are at most this far apart is closed (docs/plans.md 2.3), as long as another pair is open.
CLOSED_MM = 1.0
#: A pair counts where its width reaches into the jaw window by more than this (docs/plans.md 2.3, parked leaves).
OVERLAP_MM = 0.5
#: Smaller changes are noise of the export (docs/plans.md 2.3).
STILL_MM = 0.01
_AXES = ("X", "Y")


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
class Openings:
    """What one bank leaves open inside the jaws at ``k`` control points.

    Attributes
    ----------
    low, high
        ``(k, m)`` ends of each strip along the travel.
    near, far
        ``(k, m)`` edges of each strip across the travel, ``(1, m)`` where the jaws across keep their place.
    closed
        ``(k, m)``: nothing is open between the ends, or the strip lies outside the jaws.
    """

    low: FloatArray
    high: FloatArray
    near: FloatArray
    far: FloatArray
    closed: BoolArray

    @cached_property
    def is_open(self) -> BoolArray:
        """``(k, m)``: a strip known to be open."""
        result: BoolArray = ~self.closed & (self.high > self.low)
        return result

    @property
    def strips(self) -> FloatArray:
        """The same as in `Shape`, ``(k, m, 4)``."""
        strips = np.empty((*self.low.shape, 4))
        strips[..., 0], strips[..., 1] = self.low, self.high
        strips[..., 2], strips[..., 3] = self.near, self.far
        strips[self.closed] = 0.0
        return strips


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
        return self._unlimited if jaws is None else jaws

    @cached_property
    def _unlimited(self) -> FloatArray:
        unlimited: FloatArray = np.broadcast_to(np.array([-np.inf, np.inf]), (self.count, 2))
        return unlimited

    @cached_property
    def _fixed(self) -> dict[str, FloatArray]:
        """By axis the one window that is known to hold throughout, ``(1, 2)``; without an axis where it changes."""
        windows = {axis: self.window(axis) for axis in _AXES}
        return {axis: window[:1] for axis, window in windows.items() if never_changes(window)}

    def _window_at(self, axis: str, indices: IntArray) -> FloatArray:
        """The window at ``k`` control points, ``(k, 2)``, or ``(1, 2)`` where one holds throughout."""
        fixed = self._fixed.get(axis)
        return self.window(axis)[indices] if fixed is None else fixed

    @cached_property
    def still(self) -> bool:
        """Whether all jaws and leaves are known to keep their place from the first control point to the last."""
        return len(self._fixed) == len(_AXES) and all(
            never_changes(bank.low) and never_changes(bank.high) for bank in self.banks
        )

    def differing(self, indices: IntArray) -> IntArray:
        """Of some control points those whose apertures may differ: the first stands for all where nothing moves."""
        return indices[:1] if self.still else indices

    @cached_property
    def shaped_banks(self) -> tuple[Bank, ...]:
        """The banks, or one endless strip where there are none: what the jaws alone leave open."""
        if self.banks:
            return self.banks
        low, high = np.full((self.count, 1), -np.inf), np.full((self.count, 1), np.inf)
        return (Bank("X", np.array([[-np.inf, np.inf]]), low, high),)

    def shape(self, index: int) -> Shape:
        """The aperture at a control point."""
        return self.shapes(np.array([index]))[0]

    def shapes(self, indices: IntArray) -> list[Shape]:
        """The apertures at some control points."""
        axes = tuple(bank.axis for bank in self.shaped_banks)
        strips = self.strips(indices)
        return [Shape(axes, tuple(one[row] for one in strips)) for row in range(len(indices))]

    def strips(self, indices: IntArray) -> tuple[FloatArray, ...]:
        """For each of the banks its strips at ``k`` control points as in `Shape`, ``(k, m, 4)``."""
        if self.still:
            return tuple(one.repeat(len(indices), axis=0) for one in self._first_strips)
        return tuple(openings.strips for openings in self.openings(indices))

    @cached_property
    def _first_strips(self) -> tuple[FloatArray, ...]:
        return tuple(openings.strips for openings in self._first_openings)

    def openings(self, indices: IntArray) -> tuple[Openings, ...]:
        """For each of the banks what it leaves open at those control points that `differing` keeps."""
        if self.still and indices.size:
            return self._first_openings
        return tuple(self._openings(bank, indices) for bank in self.shaped_banks)

    @cached_property
    def _first_openings(self) -> tuple[Openings, ...]:
        return tuple(self._openings(bank, np.zeros(1, np.int64)) for bank in self.shaped_banks)

    def leaf_extent(self, indices: IntArray, axis: str) -> tuple[float, float] | None:
        """Outermost edges along an axis of what the leaves leave open at any of some control points.

        ``None`` where an edge is not known, or nothing is open.
        """
        return self.leaf_extents(indices)[axis]

    def leaf_extents(self, indices: IntArray) -> dict[str, tuple[float, float] | None]:
        """`leaf_extent` along both axes."""
        low, high = dict.fromkeys(_AXES, np.inf), dict.fromkeys(_AXES, -np.inf)
        unknown: set[str] = set()
        for bank, found in zip(self.banks, self.openings(indices), strict=False):
            sides = ((bank.axis, found.low, found.high), (other_axis(bank.axis), found.near, found.far))
            for axis, lower, upper in sides if indices.size else ():
                if ((np.isnan(lower) | np.isnan(upper)) & ~found.closed).any():
                    unknown.add(axis)
                low[axis] = min(low[axis], float(np.where(found.is_open, lower, np.inf).min()))
                high[axis] = max(high[axis], float(np.where(found.is_open, upper, -np.inf).max()))
        return {axis: None if axis in unknown or low[axis] > high[axis] else (low[axis], high[axis]) for axis in _AXES}

    def _openings(self, bank: Bank, indices: IntArray) -> Openings:
        travel, across = self._window_at(bank.axis, indices), self._window_at(other_axis(bank.axis), indices)
        low, high = clip(bank.low[indices], travel), clip(bank.high[indices], travel)
        near, far = np.maximum(bank.edges[:, 0], across[:, :1]), np.minimum(bank.edges[:, 1], across[:, 1:])
        gap = np.where(self._counted(bank, across), high - low, 0.0)
        return Openings(low, high, near, far, gap <= closed_limit(gap))

    def _counted(self, bank: Bank, across: FloatArray) -> BoolArray:
        """Which strips of a bank reach into each of some windows, see `reaches_into`."""
        if across is not self._fixed.get(other_axis(bank.axis)):
            return reaches_into(bank.edges, across)
        if bank not in self._kept_counts:
            self._kept_counts[bank] = reaches_into(bank.edges, across)
        return self._kept_counts[bank]

    @cached_property
    def _kept_counts(self) -> dict[Bank, BoolArray]:
        """By bank which strips reach into the window that holds throughout: several ask."""
        return {}

    def _joint(self, axis: str) -> FloatArray:
        """Window that holds those of both ends of each segment, ``(n - 1, 2)``, or one row where it never changes.

        Unlimited where a jaw is unknown.
        """
        fixed, window = self._fixed.get(axis), self.window(axis)
        if fixed is not None:
            return fixed
        low, high = np.minimum(window[:-1, 0], window[1:, 0]), np.maximum(window[:-1, 1], window[1:, 1])
        return np.stack([np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)], axis=1)

    def jaws_move(self) -> tuple[BoolArray, BoolArray]:
        """For each segment whether a jaw moves, and whether that is unknown; both ``(n - 1,)``."""
        steps = max(self.count - 1, 0)
        moves, unknown = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
        for axis in _AXES:
            if axis not in self._fixed:
                change = np.abs(np.diff(self.window(axis), axis=0))
                moves |= (change > STILL_MM).any(axis=1)
                unknown |= np.isnan(change).any(axis=1)
        return moves, unknown & ~moves

    def leaves_move(self) -> tuple[BoolArray, BoolArray]:
        """For each segment whether a leaf moves that limits the beam, and whether that is unknown; both ``(n - 1,)``.

        Pairs whose width lies outside the jaws at both ends of the segment do not count, nor do pairs that are closed
        at both, nor what happens behind the jaws along the travel.
        """
        steps = max(self.count - 1, 0)
        moves, unknown = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
        if self.leaf_data is LeafData.UNKNOWN:
            return moves, np.ones(steps, np.bool_)
        for bank in () if self.still else self.banks:
            travel, across = self._joint(bank.axis), self._joint(other_axis(bank.axis))
            counts = self._counted(bank, across)
            ever = counts.any(axis=0)
            lows, highs = bank.low, bank.high
            if not ever.all():
                counts, lows, highs = counts[:, ever], lows[:, ever], highs[:, ever]
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
                counted = gap if counts.all() else np.where(counts, gap, 0.0)
                moving = counts & (change > STILL_MM) & (gap > closed_limit(counted))
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
            travel = _widest(self._window_at(bank.axis, indices))
            across = _widest(self._window_at(other_axis(bank.axis), indices))
            counts = self._counted(bank, across)
            low, high = clip(bank.low[indices], travel), clip(bank.high[indices], travel)
            gap = np.where(counts, high - low, 0.0)
            closed = gap <= closed_limit(gap)
            rows.append(np.where(closed, 0.0, low))
            rows.append(np.where(closed, 0.0, high))
        return np.concatenate(rows, axis=1) if rows else np.empty((len(indices), 0))

    def leaves_inside(self, index: int) -> bool:
        """Whether leaves lie inside the jaw window at a control point, so that they shape the field.

        Where there is no jaw along an axis, the leaves stand in for it: the window then is the widest that they open.
        """
        for bank, found in zip(self.banks, self.openings(np.array([index])), strict=False):
            is_open = found.is_open[0]
            if not is_open.any():
                return True
            lows, highs = found.low[0, is_open], found.high[0, is_open]
            low, high = _limits(self.window(bank.axis)[index], lows, highs)
            if lows.max() > low + OVERLAP_MM or highs.min() < high - OVERLAP_MM:
                return True
            nears, fars = found.near[0, is_open], found.far[0, is_open]
            near, far = _limits(self.window(other_axis(bank.axis))[index], nears, fars)
            if np.isfinite(bank.edges).all():
                near, far = max(near, float(bank.edges.min())), min(far, float(bank.edges.max()))
            # Closed pairs inside the window are missing from the width that is open.
            if float((fars - nears).sum()) < far - near - 2 * OVERLAP_MM:
                return True
        return False


def other_axis(axis: str) -> str:
    """The axis across a travel along one."""
    return "Y" if axis == "X" else "X"


def closed_limit(gap_mm: FloatArray) -> FloatArray:
    """Gap up to which a pair is closed, ``(k, 1)`` for ``(k, m)``, so also with more axes behind.

    Where no pair is open, slits are the aperture.
    """
    with np.errstate(invalid="ignore"):
        any_open = (gap_mm > CLOSED_MM).any(axis=1, keepdims=True)
    return np.where(any_open, CLOSED_MM, STILL_MM)


def _limits(window: FloatArray, low: FloatArray, high: FloatArray) -> tuple[float, float]:
    """The window, or the outermost ends where it is unlimited."""
    first, last = window.tolist()
    return (
        first if math.isfinite(first) else float(low.min()),
        last if math.isfinite(last) else float(high.max()),
    )


def clip(values: FloatArray, window: FloatArray) -> FloatArray:
    """Each row of values inside its row of the window."""
    result: FloatArray = np.minimum(np.maximum(values, window[:, :1]), window[:, 1:])
    return result


def _widest(window: FloatArray) -> FloatArray:
    """Widest window of several control points, ``(1, 2)``; unlimited where one is unknown."""
    if len(window) == 1 and not np.isnan(window).any():
        return window
    if not len(window) or np.isnan(window).any():
        return np.array([[-np.inf, np.inf]])
    return np.array([[window[:, 0].min(), window[:, 1].max()]])


def reaches_into(edges: FloatArray, window: FloatArray) -> BoolArray:
    """Which strips reach into each window, ``(k, m)``; where either is not known, they do."""
    inside = np.minimum(edges[None, :, 1], window[:, 1:]) - np.maximum(edges[None, :, 0], window[:, :1])
    wide_enough = np.minimum(OVERLAP_MM, (edges[:, 1] - edges[:, 0]) / 2)
    result: BoolArray = np.isnan(inside) | (inside > wide_enough[None, :])
    return result
