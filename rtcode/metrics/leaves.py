"""How far leaves and jaws move, device by device: what has to travel, whether or not it limits the beam.

`rtcode.plan.collimation` lays layers over one another and says what is open. Speeds need the leaves themselves: one
that moves behind a jaw or under another layer takes its time as well.
"""

from __future__ import annotations

import numpy as np

from rtcode.plan.apertures import STILL_MM
from rtcode.plan.collimation import has_leaves, positions_of
from rtcode.plan.model import DevicePositions, FloatArray
from rtcode.plan.sessions import PlannedBeam


def leaf_steps(planned: PlannedBeam) -> FloatArray | None:
    """How far each leaf end moves across each segment, without sign.

    Returns
    -------
    numpy.ndarray or None
        ``(n - 1, m)`` mm for the ``m`` leaf ends of all MLC devices, bank 1 then bank 2 of one device after another;
        changes of up to 0.01 mm are noise of the export and 0 here. NaN where a position is not known. ``None``
        without an MLC, or where positions are nowhere known.
    """
    devices = [device for device in planned.beam.control_points.devices if has_leaves(device) and device.rows.size]
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


def _steps(device: DevicePositions) -> FloatArray:
    count, rows = len(device.index), device.rows
    if len(rows) == 1 and (device.index == 0).all():
        still: FloatArray = np.zeros((max(count - 1, 0), rows.shape[1]))
        still[:, np.isnan(rows[0])] = np.nan
        return still
    steps = np.abs(np.diff(positions_of(device, count).reshape(count, -1), axis=0))
    steps[steps <= STILL_MM] = 0.0
    return steps
