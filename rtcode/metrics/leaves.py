"""Leaf ends as a plan writes them, device by device: what has to travel, whether or not it limits the beam.

`rtcode.plan.collimation` lays layers over one another and says what is open. Speeds need the leaves themselves: one
that moves behind a jaw or under another layer takes its time as well.
"""

from __future__ import annotations

import numpy as np

from rtcode.plan.apertures import STILL_MM
from rtcode.plan.collimation import axis_of
from rtcode.plan.model import Beam, DevicePositions, FloatArray, IntArray
from rtcode.plan.sessions import PlannedBeam

#: Closed leaves may overlap by rounding; as in the integrity check of crossing leaves.
_OVERLAP_MM = 0.1


def leaf_devices(beam: Beam) -> tuple[DevicePositions, ...]:
    """The MLCs of a beam that have positions, layers apart."""
    return tuple(
        device
        for device in beam.control_points.devices
        if (device.pairs > 1 or device.type.startswith("MLC")) and device.rows.size
    )


def leaf_steps(planned: PlannedBeam) -> FloatArray | None:
    """How far each leaf end moves across each segment, without sign.

    Returns
    -------
    numpy.ndarray or None
        ``(n - 1, m)`` mm for the ``m`` leaf ends of all MLC devices, bank 1 then bank 2 of one device after another;
        changes of up to 0.01 mm are noise of the export and 0 here. NaN where a position is not known. ``None``
        without an MLC, or where positions are nowhere known.
    """
    devices = leaf_devices(planned.beam)
    steps = [_steps(device) for device in devices]
    if not steps:
        return None
    return steps[0] if len(steps) == 1 else np.concatenate(steps, axis=1)


def jaw_steps(planned: PlannedBeam) -> FloatArray:
    """Largest move of a jaw across each segment, ``(n - 1,)`` mm; 0 without jaws, NaN where a position is not known.

    Entries of one pair that only repeat where the outermost leaves are (Pinnacle's jaws of an Agility) are jaws here.
    """
    count = planned.beam.control_points.count
    collimation = planned.delivery.collimation
    moved: FloatArray = np.zeros(max(count - 1, 0))
    for jaws in (collimation.jaws_x, collimation.jaws_y):
        if jaws is not None and not (jaws == jaws[:1]).all():
            step = np.max(np.abs(np.diff(jaws, axis=0)), axis=1)
            moved = np.maximum(moved, np.where(step <= STILL_MM, 0.0, step))
    return moved


def leaves_cross(beam: Beam, control_points: IntArray) -> bool:
    """Whether a leaf lies beyond its opposite one at some of the control points.

    No machine does that: the positions are then not those of the leaves that they are written for (a bank or a pair out
    of order, an edited number). Banks that are exchanged as a whole are no such doubt.
    """
    for device in leaf_devices(beam):
        overlap = device.rows[:, : device.pairs] - device.rows[:, device.pairs :]
        if (overlap > _OVERLAP_MM).any() and (overlap < -_OVERLAP_MM).any():
            held = device.index[control_points]
            overlap = overlap[held[held >= 0]]
            if (overlap > _OVERLAP_MM).any() and (overlap < -_OVERLAP_MM).any():
                return True
    return False


def leaf_edges(beam: Beam, device: DevicePositions) -> FloatArray | None:
    """``(pairs, 2)`` low and high edge of each pair of a device, or ``None`` where its boundaries are not recorded."""
    axis = axis_of(device.type)
    declared = (
        [beam.devices[device.declared]]
        if device.declared is not None
        else [one for one in beam.devices if axis_of(one.type) == axis]
    )
    for one in declared:
        bounds = one.boundaries_mm
        if bounds.size == device.pairs + 1 and np.isfinite(bounds).all():
            return np.sort(np.stack([bounds[:-1], bounds[1:]], axis=1), axis=1)
    return None


def _steps(device: DevicePositions) -> FloatArray:
    index = device.index
    rows = device.rows
    if len(rows) == 1 and (index == 0).all():
        still: FloatArray = np.zeros((max(len(index) - 1, 0), rows.shape[1]))
        still[:, np.isnan(rows[0])] = np.nan
        return still
    positions = rows[index]
    if (index < 0).any():
        positions[index < 0] = np.nan
    steps = np.abs(np.diff(positions, axis=0))
    steps[steps <= STILL_MM] = 0.0
    return steps
