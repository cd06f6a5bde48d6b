"""Whether leaves that moved let anything through: behind the jaws nothing does, closed ones only where they meet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rtcode.comparison.alignment import Alignment
from rtcode.plan.apertures import CLOSED_MM, STILL_MM
from rtcode.plan.collimation import axis_of, leaf_edges
from rtcode.plan.model import DevicePositions, FloatArray
from rtcode.plan.sessions import PlannedBeam

BoolArray = npt.NDArray[np.bool_]


def behind_jaws(
    planned: tuple[PlannedBeam, PlannedBeam],
    devices: tuple[DevicePositions, DevicePositions],
    positions: tuple[FloatArray, FloatArray],
    at: Alignment,
) -> BoolArray:
    """Which leaf ends lie behind the jaws in both plans, ``(m, 2 pairs)``: their strip, or the end itself on one side.

    Parameters
    ----------
    positions
        ``(m, 2 pairs)`` leaf ends of each plan at the places that are compared, mm.
    """
    hidden = [_behind(*of) for of in zip(planned, devices, positions, _windows(planned, at), strict=True)]
    result: BoolArray = np.any([a & b for a, b in zip(*hidden, strict=True)], axis=0)
    return result


def closed(positions: tuple[FloatArray, FloatArray]) -> BoolArray:
    """Which leaf ends belong to pairs that are closed in both plans, ``(m, 2 pairs)``."""
    gaps = [np.abs(one[:, : one.shape[1] // 2] - one[:, one.shape[1] // 2 :]) for one in positions]
    both = (gaps[0] <= CLOSED_MM) & (gaps[1] <= CLOSED_MM)
    return np.concatenate([both, both], axis=1)


Window = tuple[FloatArray | None, FloatArray | None]


def _windows(planned: tuple[PlannedBeam, PlannedBeam], at: Alignment) -> tuple[Window, Window]:
    """Jaws along X and Y at the places that are compared, each ``(m, 2)``; ``None`` where there are none."""
    old, new = (one.delivery.collimation for one in planned)
    return (
        (None if old.jaws_x is None else at.old(old.jaws_x), None if old.jaws_y is None else at.old(old.jaws_y)),
        (None if new.jaws_x is None else at.new(new.jaws_x), None if new.jaws_y is None else at.new(new.jaws_y)),
    )


def _behind(
    planned: PlannedBeam, device: DevicePositions, positions: FloatArray, window: Window
) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Ends whose strip the jaws cover, that lie beyond the low jaw, and beyond the high one; all ``(m, 2 pairs)``."""
    along, across = window if axis_of(device.type) == "X" else window[::-1]
    nowhere = np.zeros(positions.shape, dtype=np.bool_)
    strip, low, high = nowhere, nowhere, nowhere
    if across is not None:
        # NaN where boundaries are not recorded: nothing is known to be outside. Rounding of boundaries and jaws is no
        # opening.
        edges = leaf_edges(planned.beam, device)
        open_mm = np.minimum(edges[:, 1], across[:, 1:]) - np.maximum(edges[:, 0], across[:, :1])
        outside = open_mm <= STILL_MM
        strip = np.concatenate([outside, outside], axis=1)
    if along is not None and axis_of(device.type):
        low, high = positions <= along[:, :1], positions >= along[:, 1:]
    return strip, low, high
