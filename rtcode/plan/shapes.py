"""Single apertures: their area, how they lie within one another, and which of many are alike.

In the beam limiting device frame at the isocenter plane, mm, as `rtcode.plan.apertures` makes them.
"""

from __future__ import annotations

import numpy as np

from rtcode.plan.model import FloatArray, IntArray
from rtcode.records import record


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


def first_alike(states: FloatArray, still: float) -> IntArray:
    """For each row of ``(k, m)`` states the first row that it is like, which may be itself, ``(k,)``.

    Alike are rows of which no number differs by more than ``still``; unknown is like unknown only.
    """
    first = np.arange(len(states))
    unknown = np.isnan(states)
    some_unknown = bool(unknown.any())
    # Rows that are alike are near one another along any direction, so that only those need to be compared that are.
    with np.errstate(invalid="ignore"):  # endless less endless
        along = states @ np.cos(np.arange(states.shape[1]))
        order = np.argsort(along)
        near = ~(np.diff(along[order]) > still * (states.shape[1] + 1))
    left = np.union1d(order[:-1][near], order[1:][near])
    while left.size:
        with np.errstate(invalid="ignore"):
            differs = np.abs(states[left] - states[left[0]]) > still
        if some_unknown:
            differs |= unknown[left] != unknown[left[0]]
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
