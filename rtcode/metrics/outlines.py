"""Areas, outlines and unions of apertures, vectorized over control points."""

from __future__ import annotations

import numpy as np

from rtcode.metrics.strips import NOISE_MM, Strips, maximum, minimum
from rtcode.plan.model import FloatArray
from rtcode.records import record


@record(eq=False)
class Outlines:
    """``(k,)`` areas, and the parts of the outlines across the travel of (X) leaves and along it."""

    area_mm2: FloatArray
    across_mm: FloatArray
    along_mm: FloatArray


def strip_outlines(strips: Strips) -> Outlines:
    opening, width, is_open = strips.opening_mm, strips.width_mm, strips.is_open
    area = np.einsum("km,km->k", opening, width)
    ends = 2.0 * np.einsum("km,km->k", is_open, width)
    # Every open strip has two sides; where two neighbors are open, what lies side by side is inside.
    left, right = strips.left, strips.right
    shared = np.minimum(right[:, 1:], right[:, :-1]) - np.maximum(left[:, 1:], left[:, :-1])
    shared[~(is_open[:, 1:] & is_open[:, :-1]) | (shared < 0)] = 0.0
    sides = 2.0 * (opening.sum(axis=1) - shared.sum(axis=1))
    return Outlines(area, ends, sides)


def union_area(strips: Strips) -> float:
    """Area of all apertures together: for each strip the union of intervals, times its width.

    A jaw that moves across the travel cuts a strip into bands, each of which is uncovered at its own control points.
    """
    is_open = strips.is_open
    used = np.flatnonzero(is_open.any(axis=0))
    is_open = is_open[:, used].T
    zero = np.zeros_like(is_open, dtype=np.float64)
    # A pair that is closed becomes an interval without length, which changes no union.
    left, right = np.where(is_open, strips.left[:, used].T, zero), np.where(is_open, strips.right[:, used].T, zero)
    near, far = strips.near[:, used].T, strips.far[:, used].T
    lowest = np.min(np.where(is_open, near, np.inf), axis=1)
    highest = np.max(np.where(is_open, far, -np.inf), axis=1)
    cut = np.any(is_open & ((near != lowest[:, None]) | (far != highest[:, None])), axis=1)
    whole = ~cut
    area = float(np.dot(_covered_length(left[whole], right[whole]), (highest - lowest)[whole]))
    for strip in np.flatnonzero(cut):
        at = is_open[strip]
        a, b, n, f = left[strip, at], right[strip, at], near[strip, at], far[strip, at]
        cuts = np.unique(np.concatenate([n, f]))
        middles = (cuts[:-1] + cuts[1:]) / 2
        inside = (n < middles[:, None]) & (f > middles[:, None])
        length = _covered_length(np.where(inside, a, 0.0), np.where(inside, b, 0.0))
        area += float(np.dot(length, np.diff(cuts)))
    return area


def _covered_length(left: FloatArray, right: FloatArray) -> FloatArray:
    """For each row of ``n`` intervals the length that at least one covers.

    Nothing is covered between the i-th smallest end and the next larger start, where that lies above it: just there as
    many intervals have ended as have begun.
    """
    if not left.size:
        return np.zeros(len(left))
    starts, stops = np.sort(left, axis=1), np.sort(right, axis=1)
    holes = np.maximum(starts[:, 1:] - stops[:, :-1], 0.0).sum(axis=1)
    result: FloatArray = stops[:, -1] - starts[:, 0] - holes
    return result


# ------------------------------------------------------------------------------------------- leaves along both axes


def cells(first: Strips, second: Strips) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Low x, high x, low y, high y of each cell, ``(k, m1, m2)``: a strip along X crossed with one along Y."""
    x, y = (first, second) if first.axis == "X" else (second, first)
    order_x, order_y = np.argsort(x.edges[:, 0]), np.argsort(y.edges[:, 0])

    def rows(values: FloatArray) -> FloatArray:
        return values[:, order_x, None]

    def columns(values: FloatArray) -> FloatArray:
        return values[:, None, order_y]

    low_x, high_x = maximum(rows(x.left), columns(y.near)), minimum(rows(x.right), columns(y.far))
    low_y, high_y = maximum(columns(y.left), rows(x.near)), minimum(columns(y.right), rows(x.far))
    is_open = (high_x - low_x > NOISE_MM) & (high_y - low_y > NOISE_MM)
    return tuple(np.where(is_open, v, 0.0) for v in (low_x, high_x, low_y, high_y))  # type: ignore[return-value]


def cell_outlines(low_x: FloatArray, high_x: FloatArray, low_y: FloatArray, high_y: FloatArray) -> Outlines:
    width, height = high_x - low_x, high_y - low_y
    area = np.einsum("kij,kij->k", width, height)
    # Neighbors that are both open reach the edge between them, and share what lies side by side there.
    over_x = np.minimum(high_x[:, 1:], high_x[:, :-1]) - np.maximum(low_x[:, 1:], low_x[:, :-1])
    along = 2.0 * (width.sum(axis=(1, 2)) - np.maximum(over_x, 0.0).sum(axis=(1, 2)))
    over_y = np.minimum(high_y[..., 1:], high_y[..., :-1]) - np.maximum(low_y[..., 1:], low_y[..., :-1])
    across = 2.0 * (height.sum(axis=(1, 2)) - np.maximum(over_y, 0.0).sum(axis=(1, 2)))
    return Outlines(area, across, along)


def union_area_crossed(low_x: FloatArray, high_x: FloatArray, low_y: FloatArray, high_y: FloatArray) -> float:
    # No machine in use has leaves along both axes, so this need not be fast, and shapely is imported when it is needed.
    from shapely import box, union_all

    is_open = high_x > low_x
    return float(union_all(box(low_x[is_open], low_y[is_open], high_x[is_open], high_y[is_open])).area)
