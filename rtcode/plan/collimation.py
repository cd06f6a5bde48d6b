"""From a beam's devices to its jaws and leaves at every control point.

Devices are told apart by what they have, not by their type alone: a device with one pair is a pair of jaws, one with
more is an MLC; its axis is the letter in its type (``ASYMX``, ``MLCX1``). Several layers (Halcyon's ``MLCX1`` and
``MLCX2``, MRIdian's two ``MLCX``) limit one beam together: what is open is what every layer leaves open, on the
strips that all leaf edges cut. Halcyon's ``X`` and ``Y`` entries beside numbered layers are fixed frames and no jaws
(docs/plans.md 2.3).
"""

from __future__ import annotations

import numpy as np

from rtcode.plan.apertures import STILL_MM, Bank, Collimation, LeafData
from rtcode.plan.model import Beam, DevicePositions, FloatArray, LimitingDevice, Missing


def collimation_of(beam: Beam) -> Collimation:
    """Jaws and leaves of a beam from its control points."""
    points = beam.control_points
    leaves = _leaf_devices(beam)
    declared = [d for d in beam.devices if _may_have_leaves(d)]
    numbered = any(t[-1:].isdigit() for t in [d.type for d in leaves] + [d.type for d in declared])
    jaws: dict[str, FloatArray | None] = {"X": None, "Y": None}
    for device in points.devices:
        axis = axis_of(device.type)
        if device in leaves or not axis or (numbered and device.type in ("X", "Y")):
            continue
        low, high = _ordered(_positions(device, points.count))
        window = np.stack([low[:, 0], high[:, 0]], axis=1)
        known = jaws[axis]
        jaws[axis] = window if known is None else _narrower(known, window)
    banks = tuple(bank for axis in ("X", "Y") if (bank := _bank(beam, leaves, axis)) is not None)
    placed = {device.declared for device in leaves}
    usable = all(device.pairs > 0 and device.rows.size and axis_of(device.type) for device in leaves)
    missing = any(_may_have_leaves(d) and i not in placed for i, d in enumerate(beam.devices))
    # Positions that belong to no declaration may be those of the one that has none.
    if missing and len(declared) == len(leaves) and all(device.declared is None for device in leaves):
        missing = False
    if not leaves and not declared:
        state = LeafData.UNKNOWN if beam.enhanced_encoding and not points.devices else LeafData.NONE
    else:
        state = LeafData.KNOWN if leaves and usable and not missing else LeafData.UNKNOWN
    return Collimation(points.count, jaws["X"], jaws["Y"], banks, state)


def layers_of(beam: Beam) -> tuple[Bank, ...]:
    """The leaf layers of a beam one by one, as `collimation_of` lays them over one another; for pictures.

    Layers without positions, or of which the axis is not known, are left out.
    """
    count = beam.control_points.count
    return tuple(
        Bank(axis_of(device.type), _edges(beam, device), *_ordered(_positions(device, count)))
        for device in _leaf_devices(beam)
        if axis_of(device.type) and device.rows.size
    )


def axis_of(device_type: str) -> str:
    """``X`` or ``Y`` for a jaw or MLC type, standard or a vendor's (``MLCX1``); empty where the type does not say."""
    stem = device_type.upper().removeprefix("ASYM").removeprefix("MLC")
    return stem[:1] if stem[:1] in ("X", "Y") else ""


def _leaf_devices(beam: Beam) -> list[DevicePositions]:
    return [device for device in beam.control_points.devices if device.pairs > 1 or _is_mlc(device.type)]


def _is_mlc(device_type: str) -> bool:
    return device_type.upper().startswith("MLC")


def _may_have_leaves(device: LimitingDevice) -> bool:
    """A declared MLC, or an enhanced device that no axis could be found for: it limits the beam in some way."""
    several = not isinstance(device.pairs, Missing) and device.pairs > 1
    return several or _is_mlc(device.type) or (device.enhanced and not axis_of(device.type))


def _positions(device: DevicePositions, count: int) -> FloatArray:
    """``(n, 2, pairs)`` positions, NaN where unknown."""
    if not device.rows.size:
        return np.full((count, 2, max(device.pairs, 1)), np.nan)
    result: FloatArray = device.rows[device.index].reshape(count, 2, device.pairs)
    if device.index.size and device.index.min() < 0:
        result[device.index < 0] = np.nan
    return result


def _ordered(positions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Low and high end of each pair, ``(n, pairs)``, whichever bank is written first."""
    low, high = positions[:, 0], positions[:, 1]
    if (low > high).any():
        return np.minimum(low, high), np.maximum(low, high)
    return low, high


def _narrower(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.stack([np.maximum(a[:, 0], b[:, 0]), np.minimum(a[:, 1], b[:, 1])], axis=1)


def _bank(beam: Beam, leaves: list[DevicePositions], axis: str) -> Bank | None:
    """All layers of one axis as one bank on common strips."""
    count = beam.control_points.count
    layers = []
    for device in leaves:
        if axis_of(device.type) != axis or not device.rows.size:
            continue
        layers.append((_edges(beam, device), *_ordered(_positions(device, count))))
    if not layers:
        return None
    if len(layers) == 1:
        edges, low, high = layers[0]
        return Bank(axis, edges, low, high)
    if any(np.isnan(edges).any() for edges, _, _ in layers):
        # Without boundaries the layers cannot be laid over one another; side by side they still show what moves.
        return Bank(
            axis,
            np.concatenate([np.full_like(edges, np.nan) for edges, _, _ in layers]),
            np.concatenate([low for _, low, _ in layers], axis=1),
            np.concatenate([high for _, _, high in layers], axis=1),
        )
    cuts = np.unique(np.concatenate([edges.ravel() for edges, _, _ in layers]))
    cuts = cuts[np.concatenate([[True], np.diff(cuts) > STILL_MM])]
    middles = (cuts[:-1] + cuts[1:]) / 2
    low = np.full((count, len(middles)), -np.inf)
    high = np.full((count, len(middles)), np.inf)
    for edges, layer_low, layer_high in layers:
        inside = (middles[:, None] > edges[None, :, 0]) & (middles[:, None] < edges[None, :, 1])
        covered, leaf = inside.any(axis=1), inside.argmax(axis=1)
        # Beside the outermost leaf of a layer nothing is open.
        low = np.maximum(low, np.where(covered, layer_low[:, leaf], 0.0))
        high = np.minimum(high, np.where(covered, layer_high[:, leaf], 0.0))
    return Bank(axis, np.stack([cuts[:-1], cuts[1:]], axis=1), low, np.maximum(high, low))


def _edges(beam: Beam, device: DevicePositions) -> FloatArray:
    """``(pairs, 2)`` edges of the leaves, NaN where their boundaries are not recorded."""
    candidates = []
    if device.declared is not None:
        candidates = [beam.devices[device.declared]]
    else:
        axis = axis_of(device.type)
        candidates = [d for d in beam.devices if axis_of(d.type) == axis and d.boundaries_mm.size == device.pairs + 1]
    for declared in candidates[:1]:
        boundaries = declared.boundaries_mm
        if boundaries.size == device.pairs + 1 and np.all(np.isfinite(boundaries)):
            pairs = np.stack([boundaries[:-1], boundaries[1:]], axis=1)
            return np.sort(pairs, axis=1)
    return np.full((device.pairs, 2), np.nan)
