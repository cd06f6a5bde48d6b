"""The enhanced encoding of beam limiting devices (PS3.3 C.8.8.14, macros C.36.2.2.19 and .20).

A device is mapped to the ordinary model where it is a jaw pair or leaf pairs that move along X or Y of the beam
limiting device system, without offset: orientation label (CID 9547) and orientation angle have to agree. Whatever else
is declared (single leaves, circular collimators, oblique leaves) stays a declared device whose positions are unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from rtcode.dicom.elements import View
from rtcode.dicom.positions import spread
from rtcode.dicom.vocabulary import TAGS, Item
from rtcode.plan.model import (
    ControlPoints,
    DevicePositions,
    FloatArray,
    Integer,
    LimitingDevice,
    Missing,
)
from rtcode.records import replace

_DEVICES = TAGS["EnhancedRTBeamLimitingDeviceSequence"]
_OPENINGS = TAGS["EnhancedRTBeamLimitingOpeningSequence"]
_REFERENCE = TAGS["ReferencedDeviceIndex"]
_POSITIONS = TAGS["ParallelRTBeamDelimiterPositions"]
_OFFSET = TAGS["RTBeamLimitingDeviceOffset"]
#: DCM codes of CID 9540 and 9547.
_JAW_PAIR, _LEAF_PAIRS = "130330", "130331"
_AXES = {"130334": ("X", 0.0), "130335": ("Y", 90.0)}
_ANGLE_TOLERANCE_DEG = 0.01
#: How a device is called that cannot be mapped.
UNMAPPED = "ENHANCED"


def is_used(beam: Item, control_points: Sequence[Item]) -> bool:
    return _DEVICES in beam or any(_OPENINGS in item for item in control_points)


def read(
    beam: View, items: Sequence[Item], devices: tuple[LimitingDevice, ...], control_points: ControlPoints
) -> tuple[tuple[LimitingDevice, ...], ControlPoints]:
    """Add the enhanced devices and their positions to what the ordinary encoding gave."""
    beam.notes.add("enhanced_devices", beam.where("EnhancedRTBeamLimitingDeviceSequence"))
    mapped: dict[int, int] = {}
    added = list(devices)
    for view in beam.items("EnhancedRTBeamLimitingDeviceSequence"):
        device = _device(view)
        index = view.integer("DeviceIndex")
        if device.type == UNMAPPED or isinstance(index, Missing) or index in mapped:
            view.notes.add("enhanced_device_unread", view.path)
        else:
            mapped[index] = len(added)
        added.append(device)
    positions = [_positions(items, index, place, added[place], added) for index, place in mapped.items()]
    found = tuple(p for p in positions if p is not None)
    return tuple(added), replace(control_points, devices=(*control_points.devices, *found))


def _device(view: View) -> LimitingDevice:
    details = view.items("ParallelRTBeamDelimiterDeviceSequence")
    detail = details[0] if details else View({}, view.path, view.notes, view.decoder)
    pairs = detail.integer("NumberOfParallelRTBeamDelimiters")
    boundaries = _doubles(detail.raw("ParallelRTBeamDelimiterBoundaries"))
    if boundaries is None or (not isinstance(pairs, Missing) and boundaries.size != pairs + 1):
        boundaries = np.empty(0)
    kinds = [code.code().value for code in view.items("DeviceTypeCodeSequence")]
    labels = [
        code.code().value for code in detail.items("ParallelRTBeamDelimiterDeviceOrientationLabelCodeSequence")
    ]  # fmt: skip
    return LimitingDevice(
        path=view.path,
        type=_type(kinds, labels, _doubles(view.raw("BeamModifierOrientationAngle")), pairs),
        pairs=pairs,
        boundaries_mm=boundaries,
        source_distance_mm=Missing.ABSENT,
        enhanced=True,
    )


def _type(kinds: list[str | None], labels: list[str | None], angle: FloatArray | None, pairs: Integer) -> str:
    if len(kinds) != 1 or len(labels) != 1 or isinstance(pairs, Missing) or pairs < 1:
        return UNMAPPED
    axis, expected = _AXES.get(labels[0] or "", ("", 0.0))
    if not axis or angle is None or angle.size > 1:
        return UNMAPPED
    if angle.size and abs(float(angle[0]) - expected) > _ANGLE_TOLERANCE_DEG:
        return UNMAPPED
    if kinds[0] == _LEAF_PAIRS:
        return f"MLC{axis}"
    return f"ASYM{axis}" if kinds[0] == _JAW_PAIR and pairs == 1 else UNMAPPED


def _positions(
    items: Sequence[Item], index: int, place: int, device: LimitingDevice, devices: Sequence[LimitingDevice]
) -> DevicePositions | None:
    """The positions of one device over the control points; an unreadable opening is unknown from there on."""
    if isinstance(device.pairs, Missing):
        return None
    length = 2 * device.pairs
    given_at: list[int] = []
    chosen: list[int] = []
    rows: dict[bytes, int] = {}
    for control_point, item in enumerate(items):
        for opening in cast("list[Item]", item.get(_OPENINGS, [])):
            if cast(bytes, opening.get(_REFERENCE, b"")) != index.to_bytes(2, "little"):
                continue
            raw = cast(bytes, opening.get(_POSITIONS, b""))
            values, offset = _doubles(raw), _doubles(cast("bytes | None", opening.get(_OFFSET)))
            given_at.append(control_point)
            if values is None or values.size != length or offset is None or offset.any():
                chosen.append(-1)
            else:
                chosen.append(rows.setdefault(raw, len(rows)))
    given = np.zeros(len(items), np.bool_)
    given[given_at] = True
    ordinal = sum(d.type == device.type and d.pairs == device.pairs for d in devices[:place])
    return DevicePositions(
        type=device.type,
        pairs=device.pairs,
        ordinal=ordinal,
        rows=np.array([np.frombuffer(raw, "<f8") for raw in rows]).reshape(-1, length),
        index=spread(len(items), given_at, chosen),
        given=given,
        declared=place,
    )


def _doubles(raw: bytes | None) -> FloatArray | None:
    """FD values; none where absent, ``None`` where they are no finite doubles."""
    if not raw:
        return np.empty(0)
    if len(raw) % 8:
        return None
    values = np.frombuffer(raw, "<f8")
    return values if np.isfinite(values).all() else None
