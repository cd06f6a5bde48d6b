"""Control points as columns, inheritance done (PS3.3 C.8.8.14.5, docs/plans.md 1.7).

A value that is not written at a control point is the one of the last control point that wrote it, for each attribute
by itself and for each beam limiting device by itself. One that is written but empty, or unreadable, is unknown from
there on. Only ControlPointIndex and CumulativeMetersetWeight are never inherited.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from rtcode.dicom.decimal_batch import Batch
from rtcode.dicom.elements import binary_float
from rtcode.dicom.numbers import LONGEST, decimal, integer
from rtcode.dicom.positions import DeviceTable, sinogram
from rtcode.dicom.private import TOMO_GROUP
from rtcode.dicom.scanned import DeviceEntries, ScannedControlPoints, Written, add_entry
from rtcode.dicom.vocabulary import BINARY_COLUMNS, DECIMAL_COLUMNS, TAGS, Item, Value
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import (
    Column,
    ControlPoints,
    Direction,
    FloatArray,
    Integer,
    LimitingDevice,
    Missing,
    Number,
    State,
    StateArray,
    WedgePositions,
    WedgeState,
)
from rtcode.plan.tags import at
from rtcode.plan.units import FARTHEST_MM

_INDEX = TAGS["ControlPointIndex"]
_WEIGHT = TAGS["CumulativeMetersetWeight"]
_DEVICE_POSITIONS = TAGS["BeamLimitingDevicePositionSequence"]
_WEDGE_POSITIONS = TAGS["WedgePositionSequence"]
_WEDGE_POSITION = TAGS["WedgePosition"]
_WEDGE_NUMBER = TAGS["ReferencedWedgeNumber"]

_VECTORS = {"isocenter_mm": "IsocenterPosition", "surface_entry_mm": "SurfaceEntryPoint"}
_DIRECTIONS = {
    "gantry_direction": "GantryRotationDirection",
    "collimator_direction": "BeamLimitingDeviceRotationDirection",
    "couch_direction": "PatientSupportRotationDirection",
}
_TERMS = {
    b"CW": Direction.CLOCKWISE,
    b"CC": Direction.COUNTER_CLOCKWISE,
    # not a defined term, but its meaning is plain (docs/plans.md 4, case 34)
    b"CCW": Direction.COUNTER_CLOCKWISE,
    b"NONE": Direction.NONE,
}
_PADDING = b" \0"
# As plain numbers: numpy takes those faster.
_ABSENT, _GIVEN, _INHERITED = int(State.ABSENT), int(State.GIVEN), int(State.INHERITED)


#: What ControlPointIndex usually is.
_COUNTING = [str(i).encode() for i in range(512)]


def sorted_control_points(
    items: list[Item] | ScannedControlPoints, path: str, notes: Notes
) -> list[Item] | ScannedControlPoints:
    """The control points by ControlPointIndex where that is a permutation, else as in the file, with a note."""
    if not isinstance(items, list):
        # The shortcut takes only control points that count.
        return items
    count = len(items)
    if count <= len(_COUNTING):
        written = [cast(bytes, item.get(_INDEX, b"")).strip(_PADDING) for item in items]
        if written == _COUNTING[:count]:
            return items
    numbers = [integer(cast(bytes, item.get(_INDEX, b"")))[0] for item in items]
    if numbers == list(range(count)):
        return items
    where = at(f"{path}.ControlPointSequence[0]", "ControlPointIndex")
    known = [number for number in numbers if isinstance(number, int)]
    if len(known) == count and sorted(known) == list(range(count)):
        notes.add("control_point_sorted", where)
        return [item for _, item in sorted(zip(known, items, strict=True), key=lambda pair: pair[0])]
    notes.add("control_point_order", where)
    return items


def collect_control_points(
    items: list[Item] | ScannedControlPoints, path: str, declared: Sequence[LimitingDevice], batch: Batch, notes: Notes
) -> Callable[[], ControlPoints]:
    """Put the decimal strings of one beam into the batch; what is returned makes the columns once it was converted.

    Parameters
    ----------
    items
        The raw attributes of the control points, in their order.
    path
        Path of the beam.
    declared
        The beam's declared beam limiting devices.
    """
    count = len(items)
    if not count:
        return lambda: ControlPoints(0)
    sequence = f"{path}.ControlPointSequence"
    table = _Table(items, sequence, notes) if isinstance(items, list) else _ScannedTable(items, sequence, notes)
    pending: dict[str, Callable[[], Column]] = {}
    for name, keyword in DECIMAL_COLUMNS.items():
        if (found := table.written(keyword)) is not None:
            pending[name] = _decimal_column(
                batch, table, keyword, found, 1, inherited=keyword != "CumulativeMetersetWeight"
            )
    for name, keyword in _VECTORS.items():
        if (found := table.written(keyword)) is not None:
            pending[name] = _decimal_column(batch, table, keyword, found, 3)
    devices = DeviceTable(count, declared, batch, notes)
    devices.collect(table.device_entries(), table.place)
    finish_sinogram = sinogram(table.private_items(), count, table.place, batch, notes)

    def finish() -> ControlPoints:
        columns = {name: make() for name, make in pending.items()}
        for name, keyword in BINARY_COLUMNS.items():
            if (found := table.written(keyword)) is not None:
                columns[name] = _each(table, keyword, found, binary_float, "number_unreadable")
        for name, keyword in _DIRECTIONS.items():
            if (found := table.written(keyword)) is not None:
                columns[name] = _each(table, keyword, found, _direction, "direction_unknown")
        if (found := table.written("ControlPointIndex")) is not None:
            columns["number"] = _numbers(table, found)
        return ControlPoints(
            count,
            **columns,
            devices=devices.finish(),
            wedges=_wedges(table, count, notes),
            sinogram=finish_sinogram(),
        )

    return finish


class _Table:
    """Which control point writes which attribute, from the items of the sequence."""

    def __init__(self, items: list[Item], path: str, notes: Notes) -> None:
        self.count = len(items)
        self.notes = notes
        self._path = path
        self._items = items
        written: dict[int, tuple[list[int], list[Value]]] = {}
        for control_point, item in enumerate(items):
            for tag, value in item.items():
                entry = written.get(tag)
                if entry is None:
                    written[tag] = ([control_point], [value])
                else:
                    entry[0].append(control_point)
                    entry[1].append(value)
        self._written = written

    def written(self, keyword: str) -> Written | None:
        return cast("Written | None", self._written.get(TAGS[keyword]))

    def wedge_entries(self) -> list[tuple[int, list[Item]]]:
        return self._sequences(_WEDGE_POSITIONS)

    def device_entries(self) -> DeviceEntries:
        found: DeviceEntries = {}
        for control_point, entries in self._sequences(_DEVICE_POSITIONS):
            for place, entry in enumerate(entries):
                add_entry(found, control_point, place, entry)
        return found

    def private_items(self) -> list[Item]:
        """The control points, where there is a private attribute among them."""
        return self._items if any(tag >> 16 == TOMO_GROUP for tag in self._written) else []

    def place(self, control_point: int) -> str:
        return f"{self._path}[{control_point}]"

    def warn(self, code: str, keyword: str, control_point: int) -> None:
        self.notes.add(code, at(self.place(control_point), keyword))

    def _sequences(self, tag: int) -> list[tuple[int, list[Item]]]:
        found = cast("tuple[list[int], list[list[Item]]] | None", self._written.get(tag))
        return [] if found is None else list(zip(*found, strict=True))


class _ScannedTable(_Table):
    """The same from control points that came sorted by attribute (without wedges and private attributes)."""

    def __init__(self, items: ScannedControlPoints, path: str, notes: Notes) -> None:
        super().__init__([], path, notes)
        self.count = items.count
        self._scanned = items

    def written(self, keyword: str) -> Written | None:
        return self._scanned.columns.get(TAGS[keyword])

    def device_entries(self) -> DeviceEntries:
        return self._scanned.devices


# -------------------------------------------------------------------------------------------------- one column each


def _inherit(count: int, given_at: Sequence[int], values: FloatArray, states: StateArray, *, inherited: bool) -> Column:
    """Spread what some control points write over all of them."""
    if len(given_at) == count:
        return Column(values, states)
    if len(given_at) == 1 and inherited:
        return _one_value(count, given_at[0], values, int(states[0]))
    shape = (count, *values.shape[1:])
    where = np.asarray(given_at, np.intp)
    full = np.full(shape, np.nan)
    full[where] = values
    written = np.zeros(count, np.uint8)
    written[where] = states
    if inherited:
        source = np.full(count, -1, np.int64)
        source[where] = where
        np.maximum.accumulate(source, out=source)
        behind = np.flatnonzero((source >= 0) & (written == _ABSENT))
        carried = written[source[behind]]
        carried[carried == _GIVEN] = _INHERITED
        written[behind] = carried
        full[behind] = full[source[behind]]
    return Column(full, written)


def _decimal_column(
    batch: Batch, table: _Table, keyword: str, found: Written, length: int, *, inherited: bool = True
) -> Callable[[], Column]:
    """A column of decimal strings with ``length`` values each; what it returns gives the column after the batch ran."""
    given_at, texts = found
    if len(texts) == 1 and length == 1 and inherited:
        return lambda: _one_number(table, keyword, given_at[0], texts[0])
    place = batch.add(texts)

    def where(i: int) -> str:
        return at(table.place(given_at[i]), keyword)

    def finish() -> Column:
        values, states = batch.vectors(place, len(texts), length, where)
        if length > 1 and (far := (np.abs(values) > FARTHEST_MM).any(axis=1)).any():
            for i in np.flatnonzero(far).tolist():
                table.notes.add("out_of_range", where(i))
            states[far] = State.INVALID
            values[far] = np.nan
        return _inherit(table.count, given_at, values if length > 1 else values[:, 0], states, inherited=inherited)

    return finish


def _one_number(table: _Table, keyword: str, given_at: int, text: bytes) -> Column:
    """A column that one control point writes, nearly always the first."""
    number = decimal(text)
    if isinstance(number, Missing):
        if number is Missing.INVALID:
            table.warn("number_unreadable" if b"\\" not in text else "vector_length", keyword, given_at)
        state = State.EMPTY if number is Missing.EMPTY else State.INVALID
        return _one_value(table.count, given_at, math.nan, state)
    if len(text.strip(_PADDING)) > LONGEST:
        table.notes.once("number_long", at(table.place(given_at), keyword))
    return _one_value(table.count, given_at, number, _GIVEN)


def _one_value(count: int, given_at: int, value: float | FloatArray, state: int) -> Column:
    """A value (shape ``(1,)``, ``(1, m)`` or none) that holds from one control point on."""
    values = np.empty(count if isinstance(value, float) else (count, *value.shape[1:]))
    values[given_at:] = value
    states = np.empty(count, np.uint8)
    states.fill(_INHERITED if state == _GIVEN else state)
    states[given_at] = state
    if given_at:
        values[:given_at] = math.nan
        states[:given_at] = _ABSENT
    return Column(values, states)


def _each(
    table: _Table,
    keyword: str,
    found: Written,
    read: Callable[[bytes], Number],
    code: str,
    *,
    inherited: bool = True,
) -> Column:
    """A column whose values are read one by one; equal bytes only once."""
    given_at, raw = found
    known = {value: read(value) for value in set(raw)}
    numbers = {value: math.nan if isinstance(number, Missing) else number for value, number in known.items()}
    values = np.fromiter(map(numbers.__getitem__, raw), np.float64, len(raw))
    states = np.full(len(raw), _GIVEN, np.uint8)
    if any(isinstance(number, Missing) for number in known.values()):
        for i, value in enumerate(raw):
            if known[value] is Missing.EMPTY:
                states[i] = State.EMPTY
            elif known[value] is Missing.INVALID:
                states[i] = State.INVALID
                table.warn(code, keyword, given_at[i])
    return _inherit(table.count, given_at, values, states, inherited=inherited)


def _direction(value: bytes) -> Number:
    value = value.strip(_PADDING)
    if not value:
        return Missing.EMPTY
    term = _TERMS.get(value.upper())
    return Missing.INVALID if term is None else float(term)


def _numbers(table: _Table, found: Written) -> Column:
    """ControlPointIndex as written, never inherited."""
    raw = found[1]
    # The shortcut takes only control points that count.
    if isinstance(table, _ScannedTable) or (
        len(raw) == table.count <= len(_COUNTING) and [v.strip(_PADDING) for v in raw] == _COUNTING[: table.count]
    ):
        return Column(np.arange(table.count, dtype=np.float64), np.full(table.count, _GIVEN, np.uint8))
    return _each(table, "ControlPointIndex", found, _index_number, "integer_unreadable", inherited=False)


def _index_number(value: bytes) -> Number:
    number = integer(value)[0]
    return number if isinstance(number, Missing) else float(number)


def _wedges(table: _Table, count: int, notes: Notes) -> tuple[WedgePositions, ...]:
    """Wedge positions by ReferencedWedgeNumber; those without a usable number by their place among such."""
    found: dict[tuple[Integer, int], tuple[list[int], list[int]]] = {}
    for control_point, entries in table.wedge_entries():
        ordinals: dict[Integer, int] = {}
        for i, entry in enumerate(entries):
            raw = entry.get(_WEDGE_NUMBER)
            number: Integer = Missing.ABSENT if raw is None else integer(cast(bytes, raw))[0]
            ordinal = ordinals.get(number, 0)
            ordinals[number] = ordinal + 1
            text = cast(bytes, entry.get(_WEDGE_POSITION, b"")).strip(_PADDING).upper()
            state = {b"IN": WedgeState.IN, b"OUT": WedgeState.OUT}.get(text, WedgeState.UNKNOWN)
            if text and state is WedgeState.UNKNOWN:
                place = f"{table.place(control_point)}.WedgePositionSequence[{i}]"
                notes.add("wedge_unknown", at(place, "WedgePosition"))
            given_at, states = found.setdefault((number, ordinal), ([], []))
            given_at.append(control_point)
            states.append(state)
    result = []
    for (number, _), (given_at, states) in found.items():
        column = np.full(count, WedgeState.UNKNOWN, np.int8)
        for begin, end, value in zip(given_at, [*given_at[1:], count], states, strict=True):
            column[begin:end] = value
        result.append(WedgePositions(number, column))
    return tuple(result)
