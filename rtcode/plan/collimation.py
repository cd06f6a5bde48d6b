"""From a beam's devices to its jaws and leaves at every control point.

Devices are told apart by what they have, not by their type alone: a device with one pair is a pair of jaws, one with
more is an MLC; its axis is the letter in its type (``ASYMX``, ``MLCX1``). Several layers (Halcyon's ``MLCX1`` and
``MLCX2``, MRIdian's two ``MLCX``) limit one beam together: what is open is what every layer leaves open, on the
strips that all leaf edges cut. Halcyon's ``X`` and ``Y`` entries beside numbered layers are fixed frames and no jaws
(docs/plans.md 2.3).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rtcode.plan.apertures import STILL_MM, Bank, BoolArray, Collimation, LeafData
from rtcode.plan.model import Beam, DevicePositions, FloatArray, IntArray, LimitingDevice, Missing


def collimation_of(beam: Beam) -> Collimation:
    """Jaws and leaves of a beam from its control points."""
    points = beam.control_points
    leaves = [device for device in points.devices if has_leaves(device)]
    declared = [d for d in beam.devices if _may_have_leaves(d)]
    numbered = any(t[-1:].isdigit() for t in [d.type for d in leaves] + [d.type for d in declared])
    jaws: dict[str, FloatArray | None] = {"X": None, "Y": None}
    for device in points.devices:
        axis = axis_of(device.type)
        if device in leaves or not axis or (numbered and device.type in ("X", "Y")):
            continue
        window = positions_of(device, points.count)[:, :, 0]
        if (window[:, 0] > window[:, 1]).any():
            window = np.stack([window.min(axis=1), window.max(axis=1)], axis=1)
        known = jaws[axis]
        jaws[axis] = window if known is None else _narrower(known, window)
    layers = tuple(
        Bank(axis_of(device.type), leaf_edges(beam, device), *_ordered(positions_of(device, points.count)))
        for device in leaves
        if axis_of(device.type) and device.rows.size
    )
    banks = tuple(
        _laid_over([layer for layer in layers if layer.axis == axis])
        for axis in ("X", "Y")
        if any(layer.axis == axis for layer in layers)
    )
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
    return Collimation(points.count, jaws["X"], jaws["Y"], banks, layers, state)


@lru_cache(maxsize=64)
def axis_of(device_type: str) -> str:
    """``X`` or ``Y`` for a jaw or MLC type, standard or a vendor's (``MLCX1``); empty where the type does not say."""
    stem = device_type.upper().removeprefix("ASYM").removeprefix("MLC")
    return stem[:1] if stem[:1] in ("X", "Y") else ""


def has_leaves(device: DevicePositions) -> bool:
    """Whether positions are those of leaves: of several pairs, or of a device that is called an MLC."""
    return device.pairs > 1 or _is_mlc(device.type)


def _is_mlc(device_type: str) -> bool:
    return device_type.upper().startswith("MLC")


def _may_have_leaves(device: LimitingDevice) -> bool:
    """A declared MLC, or an enhanced device that no axis could be found for: it limits the beam in some way."""
    several = not isinstance(device.pairs, Missing) and device.pairs > 1
    return several or _is_mlc(device.type) or (device.enhanced and not axis_of(device.type))


def positions_of(device: DevicePositions, count: int) -> FloatArray:
    """``(n, 2, pairs)`` positions as written at all ``n`` control points, NaN where unknown."""
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


def _laid_over(layers: list[Bank]) -> Bank:
    """All layers of one axis as one bank on common strips."""
    if len(layers) == 1:
        return layers[0]
    axis = layers[0].axis
    if any(np.isnan(layer.edges).any() for layer in layers):
        # Without boundaries the layers cannot be laid over one another; side by side they still show what moves.
        return Bank(
            axis,
            np.concatenate([np.full_like(layer.edges, np.nan) for layer in layers]),
            np.concatenate([layer.low for layer in layers], axis=1),
            np.concatenate([layer.high for layer in layers], axis=1),
        )
    edges, leaves = _common_strips(tuple(layer.edges.tobytes() for layer in layers))
    low, high = np.array(-np.inf), np.array(np.inf)
    for layer, (covered, leaf) in zip(layers, leaves, strict=True):
        # Beside the outermost leaf of a layer nothing is open.
        low = np.maximum(low, np.where(covered, layer.low[:, leaf], 0.0))
        high = np.minimum(high, np.where(covered, layer.high[:, leaf], 0.0))
    return Bank(axis, edges, low, np.maximum(high, low))


@lru_cache(maxsize=64)
def _common_strips(layers: tuple[bytes, ...]) -> tuple[FloatArray, tuple[tuple[BoolArray, IntArray], ...]]:
    """Edges of the strips that the leaf edges of all layers cut, and for each layer which strips its leaves cover.

    All beams of all machines of one model have the same layers, so what depends on them alone is kept by their bytes.
    """
    bounds = [np.frombuffer(layer).reshape(-1, 2) for layer in layers]
    cuts = np.unique(np.concatenate([layer.ravel() for layer in bounds]))
    cuts = cuts[np.concatenate([[True], np.diff(cuts) > STILL_MM])]
    middles = (cuts[:-1] + cuts[1:]) / 2
    inside = [(middles[:, None] > layer[None, :, 0]) & (middles[:, None] < layer[None, :, 1]) for layer in bounds]
    edges = np.stack([cuts[:-1], cuts[1:]], axis=1)
    return edges, tuple((one.any(axis=1), one.argmax(axis=1)) for one in inside)


def leaf_edges(beam: Beam, device: DevicePositions) -> FloatArray:
    """``(pairs, 2)`` edges of the leaves, NaN where their boundaries are not recorded."""
    candidates = []
    if device.declared is not None:
        candidates = [beam.devices[device.declared]]
    else:
        axis = axis_of(device.type)
        candidates = [d for d in beam.devices if axis_of(d.type) == axis and d.boundaries_mm.size == device.pairs + 1]
    for declared in candidates[:1]:
        if declared.boundaries_mm.size == device.pairs + 1:
            return _between(declared.boundaries_mm.tobytes())
    return np.full((device.pairs, 2), np.nan)


@lru_cache(maxsize=64)
def _between(boundaries: bytes) -> FloatArray:
    """Low and high edge of each leaf between boundaries, NaN where one of them is; kept as `_common_strips` is."""
    bounds = np.frombuffer(boundaries)
    pairs = np.sort(np.stack([bounds[:-1], bounds[1:]], axis=1), axis=1)
    return pairs if np.isfinite(bounds).all() else np.full_like(pairs, np.nan)
