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
from rtcode.dicom.ranges import RANGES
from rtcode.dicom.vocabulary import TAGS, Item
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import (
    ControlPoints,
    DevicePositions,
    FloatArray,
    Integer,
    LimitingDevice,
    Missing,
    known_int,
)
from rtcode.records import record, replace

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


def is_used(beam: View, control_points: Sequence[Item]) -> bool:
    """Whether the beam has such devices or openings, or says that it has."""
    return _says_so(beam) or _DEVICES in beam.item or any(_OPENINGS in item for item in control_points)


def _says_so(beam: View) -> bool:
    return (beam.text("EnhancedRTBeamLimitingDeviceDefinitionFlag") or "").strip().upper() == "YES"


def read(
    beam: View, items: Sequence[Item], devices: tuple[LimitingDevice, ...], control_points: ControlPoints
) -> tuple[tuple[LimitingDevice, ...], ControlPoints]:
    """Add the enhanced devices and their positions to what the ordinary encoding gave.

    What limits the beam without being described (an opening of a device that is not declared, or no device at all where
    the beam says that there are some) is added as a device of unknown positions: the field is not taken as open.
    """
    beam.notes.add("enhanced_devices", beam.where("EnhancedRTBeamLimitingDeviceSequence"))
    views = beam.items("EnhancedRTBeamLimitingDeviceSequence")
    indices = [known_int(view.integer("DeviceIndex")) for view in views]
    mapped: dict[int, int] = {}
    added = list(devices)
    for view, index in zip(views, indices, strict=True):
        device = _device(view)
        # Two devices of one index: nothing says whose openings they are.
        if device.type == UNMAPPED or index is None or indices.count(index) > 1:
            view.notes.add("enhanced_device_unread", view.path)
        else:
            mapped[index] = len(added)
        added.append(device)
    openings = _openings(beam, items)
    strangers = [opening.path for opening in openings if opening.device is None or opening.device not in indices]
    for path in strangers:
        beam.notes.add("enhanced_opening_unread", path)
    if strangers or not views:
        added.append(_unknown(strangers[0] if strangers else beam.path))
    positions = tuple(
        _positions([o for o in openings if o.device == index], place, added, len(items), beam.notes)
        for index, place in mapped.items()
    )
    return tuple(added), replace(control_points, devices=(*control_points.devices, *positions))


def _unknown(path: str) -> LimitingDevice:
    return LimitingDevice(path, UNMAPPED, Missing.ABSENT, np.empty(0), Missing.ABSENT, enhanced=True)


@record(eq=False)
class _Opening:
    """An item of EnhancedRTBeamLimitingOpeningSequence: its control point, and the index of its device."""

    path: str
    control_point: int
    device: int | None
    positions: bytes
    offset: bytes | None


def _openings(beam: View, items: Sequence[Item]) -> list[_Opening]:
    found = []
    for control_point, item in enumerate(items):
        for i, opening in enumerate(cast("list[Item]", item.get(_OPENINGS, []))):
            path = f"{beam.path}.ControlPointSequence[{control_point}].EnhancedRTBeamLimitingOpeningSequence[{i}]"
            index = cast(bytes, opening.get(_REFERENCE, b""))
            device = int.from_bytes(index, "little") if len(index) == 2 else None
            positions = cast(bytes, opening.get(_POSITIONS, b""))
            found.append(_Opening(path, control_point, device, positions, cast("bytes | None", opening.get(_OFFSET))))
    return found


def _device(view: View) -> LimitingDevice:
    details = view.items("ParallelRTBeamDelimiterDeviceSequence")
    detail = details[0] if details else View({}, view.path, view.notes, view.decoder)
    pairs = detail.integer("NumberOfParallelRTBeamDelimiters")
    boundaries = _doubles(detail.raw("ParallelRTBeamDelimiterBoundaries"))
    if boundaries is None or (boundaries.size and not isinstance(pairs, Missing) and boundaries.size != pairs + 1):
        view.notes.add("vector_length", detail.where("ParallelRTBeamDelimiterBoundaries"))
        boundaries = np.empty(0)
    elif not RANGES["LeafPositionBoundaries"].of(boundaries).all():
        view.notes.add("out_of_range", detail.where("ParallelRTBeamDelimiterBoundaries"))
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
    openings: Sequence[_Opening], place: int, devices: Sequence[LimitingDevice], count: int, notes: Notes
) -> DevicePositions:
    """The positions of one device over the control points; an unreadable opening is unknown from there on."""
    device = devices[place]
    # A device without a usable number of leaf pairs is not mapped.
    pairs = known_int(device.pairs) or 0
    chosen: dict[int, int] = {}
    rows: dict[bytes, int] = {}
    for opening in openings:
        values, offset = _doubles(opening.positions), _doubles(opening.offset)
        row = -1
        fits = values is not None and values.size == 2 * pairs and bool(RANGES["LeafJawPositions"].of(values).all())
        if fits and offset is not None and not offset.any():
            row = rows.setdefault(opening.positions, len(rows))
        if row < 0 or chosen.get(opening.control_point, row) != row:
            # Not readable, or another one of the same device at the same control point.
            notes.add("enhanced_opening_unread", opening.path)
            row = -1
        chosen[opening.control_point] = row
    given = np.zeros(count, np.bool_)
    given[list(chosen)] = True
    ordinal = sum(d.type == device.type and d.pairs == device.pairs for d in devices[:place])
    return DevicePositions(
        type=device.type,
        pairs=pairs,
        ordinal=ordinal,
        rows=np.array([np.frombuffer(raw, "<f8") for raw in rows]).reshape(-1, 2 * pairs),
        index=spread(count, list(chosen), list(chosen.values())),
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
