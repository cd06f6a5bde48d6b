"""Leaf pairs inside jaws: the strips that apertures are made of."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from rtcode.plan.apertures import BoolArray, clip
from rtcode.plan.model import FloatArray, IntArray
from rtcode.records import record

#: Smaller gaps, widths and ranges are noise of binary arithmetic, not of the machine.
NOISE_MM = 1e-6


@record(eq=False)
class Strips:
    """The leaf pairs of one bank at ``k`` apertures, those that the jaws ever uncover, ``m`` of them.

    Attributes
    ----------
    axis
        ``X`` or ``Y``: where the leaves travel.
    edges
        ``(m, 2)`` edges of the strips across the travel.
    low, high
        ``(k, m)`` leaf ends as planned, also behind jaws.
    travel, across
        ``(k, 2)`` jaws along the travel and across it, infinite where there are none.
    """

    axis: str
    edges: FloatArray
    low: FloatArray
    high: FloatArray
    travel: FloatArray
    across: FloatArray

    @cached_property
    def near(self) -> FloatArray:
        """``(k, m)`` lower edge of the part of each strip that the jaws leave visible."""
        return maximum(self.edges[:, 0], self.across[:, :1])

    @cached_property
    def far(self) -> FloatArray:
        """``(k, m)`` upper edge of the visible part; below `near` where nothing of the strip is visible."""
        return minimum(self.edges[:, 1], self.across[:, 1:])

    @cached_property
    def visible(self) -> BoolArray:
        """``(k, m)`` whether the jaws leave some of the strip's width uncovered."""
        result: BoolArray = self.far - self.near > NOISE_MM
        return result

    @cached_property
    def width_mm(self) -> FloatArray:
        """``(k, m)`` visible width of each strip, 0 where it is hidden."""
        return np.where(self.visible, self.far - self.near, 0.0)

    @cached_property
    def left(self) -> FloatArray:
        """``(k, m)`` lower ends, none beyond the jaws. For closed pairs too."""
        return clip(self.low, self.travel)

    @cached_property
    def right(self) -> FloatArray:
        """``(k, m)`` upper ends, none beyond the jaws. For closed pairs too."""
        return clip(self.high, self.travel)

    @cached_property
    def is_open(self) -> BoolArray:
        """``(k, m)`` whether beam passes: a gap between the leaves, not all of it behind jaws."""
        result: BoolArray = self.visible & (self.right - self.left > NOISE_MM)
        return result

    @cached_property
    def opening_mm(self) -> FloatArray:
        """``(k, m)`` length that is open along the travel, 0 where closed."""
        return np.where(self.is_open, self.right - self.left, 0.0)

    @cached_property
    def pairs_open(self) -> IntArray:
        """``(k,)`` number of open strips."""
        result: IntArray = np.count_nonzero(self.is_open, axis=1)
        return result

    @cached_property
    def cut(self) -> bool:
        """Whether a jaw along the travel covers some of an open strip's gap at any of the apertures."""
        return bool((self.is_open & ((self.left != self.low) | (self.right != self.high))).any())


def maximum(a: FloatArray, b: FloatArray) -> FloatArray:
    result: FloatArray = np.maximum(a, b)
    return result


def minimum(a: FloatArray, b: FloatArray) -> FloatArray:
    result: FloatArray = np.minimum(a, b)
    return result
