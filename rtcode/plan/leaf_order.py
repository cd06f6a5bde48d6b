"""Leaves and jaws that are written past one another.

No machine brings a leaf beyond its opposite one: such positions are not those of the leaves that they are written for
(a bank or a pair out of order, an edited number). `rtcode.plan.collimation` puts the ends of each pair in order, which
hides it; here they are as written. What metrics, pictures and checks make of crossing leaves rests on this module.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtcode.plan.collimation import has_leaves
from rtcode.plan.model import Beam, DevicePositions, FloatArray, IntArray

#: Overlap from which on a pair crosses (mm): closed ones may overlap by rounding.
CROSS_MM = 0.1


def overlaps_mm(device: DevicePositions, entries: IntArray | slice = slice(None)) -> FloatArray:
    """How far the first end of each pair lies beyond the second, ``(k, pairs)`` for ``k`` entries of a device.

    0 and less is in order, NaN is not known.
    """
    rows = device.rows[entries]
    overlap: FloatArray = rows[:, : device.pairs] - rows[:, device.pairs :]
    return overlap


def crossing_devices(beam: Beam, control_points: IntArray) -> Iterator[tuple[DevicePositions, bool]]:
    """Devices of which a pair crosses at one of the control points, and whether their banks are exchanged as a whole.

    They are where every pair that is not closed crosses.
    """
    for device in beam.control_points.devices:
        if device.rows.size:
            held = device.index[control_points]
            overlap = overlaps_mm(device, held[held >= 0])
            if (overlap > CROSS_MM).any():
                yield device, not (overlap < -CROSS_MM).any()


def leaves_cross(beam: Beam, control_points: IntArray) -> bool:
    """Whether leaves cross at some of the control points so that what they leave open is not known.

    Banks that are exchanged as a whole are no such doubt: in order, they are the aperture.
    """
    return any(has_leaves(device) and not exchanged for device, exchanged in crossing_devices(beam, control_points))
