"""Leaf and jaw positions, for each device by itself, and the private sinogram of helical plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rtcode.dicom.decimal_batch import Batch
from rtcode.dicom.private import TOMO, TOMO_GROUP, TOMO_SINOGRAM, private_value
from rtcode.dicom.vocabulary import Item
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import DevicePositions, IntArray, LimitingDevice, Missing
from rtcode.plan.tags import at

_PADDING = b" \0"
#: Control points, places in their sequences, RTBeamLimitingDeviceType and LeafJawPositions of all entries in order.
DeviceEntries = tuple[Sequence[int], Sequence[int], Sequence[bytes], Sequence[bytes]]
_SEQUENCE = "BeamLimitingDevicePositionSequence"


class _Slot:
    """One device while its positions are collected: the entries that write it, and those whose positions fit it."""

    __slots__ = ("declared", "entries", "fitting", "ordinal", "pairs", "type")

    def __init__(self, type: str, pairs: int, ordinal: int, declared: int | None) -> None:
        self.type = type
        self.pairs = pairs
        self.ordinal = ordinal
        self.declared = declared
        self.entries: list[int] = []
        self.fitting: list[int] = []


def spread(count: int, given_at: Sequence[int], rows: Sequence[int]) -> IntArray:
    """Row at every control point, inherited; -1 before the first and from an unknown one on."""
    if len(given_at) == 1:
        index = np.full(count, -1, np.int64)
        index[given_at[0] :] = rows[0]
        return index
    if len(given_at) == count and given_at == list(range(count)):
        return np.array(rows, np.int64)
    index = np.full(count, -1, np.int64)
    source = np.full(count, -1, np.int64)
    where = np.asarray(given_at, np.intp)
    source[where] = np.arange(len(given_at))
    np.maximum.accumulate(source, out=source)
    behind = source >= 0
    index[behind] = np.asarray(rows, np.int64)[source[behind]]
    return index


class DeviceTable:
    """Collects the items of BeamLimitingDevicePositionSequence of one beam.

    An entry belongs to the declared device of its type and number of pairs. Where a type is declared with another
    number of pairs, its positions are unknown. A type that is not declared goes by axis and number of pairs (Monaco
    declares ``ASYMY`` and writes ``Y``). What belongs to nothing is kept as it is.
    """

    def __init__(self, count: int, declared: Sequence[LimitingDevice], batch: Batch, notes: Notes) -> None:
        self._count = count
        self._declared = declared
        self._batch = batch
        self._notes = notes
        self._slots: dict[tuple[str, int, int, int | None], _Slot] = {}

    def collect(self, entries: DeviceEntries, place_of: Callable[[int], str]) -> None:
        """Put the distinct positions of all entries into the batch; ``place_of`` names a control point for warnings."""
        self._place_of = place_of
        self._control_points, self._places, self._types, texts = entries
        texts = [text.rstrip(_PADDING) for text in texts]
        distinct = list(dict.fromkeys(texts))
        self._first = self._batch.add(distinct)
        self._distinct = distinct
        number_of = dict(zip(distinct, range(self._first, self._first + len(distinct)), strict=True))
        #: number in the batch of what each entry writes
        self._numbers = [number_of[text] for text in texts]

    def finish(self) -> tuple[DevicePositions, ...]:
        """The devices, after the batch was converted."""
        counts = self._batch.counts(self._first, len(self._distinct))
        values = [counts[number - self._first] for number in self._numbers]
        self._batch.note_long(self._first, len(self._distinct), self._where_first)
        for type_, number, ordinal, entries in self._alike(values):
            for slot in self._resolve(type_, number, ordinal, self._where(entries[0])):
                slot.entries += entries
                if number == 2 * slot.pairs > 0:
                    slot.fitting += entries
                elif number:
                    for entry in entries:
                        self._notes.add("device_positions_count", self._where(entry))
        return tuple(self._positions(slot) for slot in self._slots.values())

    def _alike(self, values: list[int]) -> list[tuple[bytes, int, int, list[int]]]:
        """Type, number of values, ordinal among such of the same control point, and the entries where these agree."""
        groups: dict[tuple[bytes, int], list[int]] = {}
        for entry, key in enumerate(zip(self._types, values, strict=True)):
            groups.setdefault(key, []).append(entry)
        result = []
        for (type_, number), entries in groups.items():
            by_ordinal: dict[int, list[int]] = {0: entries}
            if len({self._control_points[entry] for entry in entries}) < len(entries):
                by_ordinal = {}
                seen: dict[int, int] = {}
                for entry in entries:
                    control_point = self._control_points[entry]
                    ordinal = seen.get(control_point, 0)
                    seen[control_point] = ordinal + 1
                    by_ordinal.setdefault(ordinal, []).append(entry)
            result += [(type_, number, ordinal, those) for ordinal, those in by_ordinal.items()]
        # Devices are listed in the order they are met.
        return sorted(result, key=lambda group: group[3][0])

    def _positions(self, slot: _Slot) -> DevicePositions:
        entries, fitting = sorted(slot.entries), sorted(slot.fitting)
        numbers = [self._numbers[entry] for entry in fitting]
        rows = list(dict.fromkeys(numbers))
        values = self._batch.rows(rows, 2 * slot.pairs, lambda i: self._where(fitting[numbers.index(rows[i])]))
        row_of = dict(zip(rows, range(len(rows)), strict=True))
        if len(fitting) == len(entries):
            index = [row_of[number] for number in numbers]
        else:
            fits = set(fitting)
            index = [row_of[self._numbers[entry]] if entry in fits else -1 for entry in entries]
        given_at = [self._control_points[entry] for entry in entries]
        given = np.zeros(self._count, np.bool_)
        given[given_at] = True
        return DevicePositions(
            slot.type, slot.pairs, slot.ordinal, values, spread(self._count, given_at, index), given, slot.declared
        )

    def _where_first(self, i: int) -> str:
        """Where the i-th distinct text stands first."""
        return self._where(self._numbers.index(self._first + i))

    def _where(self, entry: int) -> str:
        place = f"{self._place_of(self._control_points[entry])}.{_SEQUENCE}[{self._places[entry]}]"
        return at(place, "LeafJawPositions")

    # ----------------------------------------------------------------------------------------- which device it is

    def _resolve(self, type_: bytes, values: int, ordinal: int, where: str) -> list[_Slot]:
        """The devices that an entry of this type, number of values and ordinal writes to."""
        name = type_.decode("latin-1").strip(" \0").upper()
        same_type = [i for i, device in enumerate(self._declared) if device.type == name]
        if not values:
            return [self._slot(name, self._pairs(i, 0), self._twins_before(i), i) for i in same_type] or [
                self._slot(name, 0, ordinal, None)
            ]
        if same_type:
            fitting = [i for i in same_type if self._pairs(i, values // 2) * 2 == values]
            if ordinal < len(fitting):
                return [self._slot(name, values // 2, ordinal, fitting[ordinal])]
            if fitting:
                self._notes.once("device_undeclared", where)
                return [self._slot(name, values // 2, ordinal, None)]
            return [self._slot(name, self._pairs(i, 0), self._twins_before(i), i) for i in same_type]
        axis = _axis(name)
        by_axis = [
            i
            for i, device in enumerate(self._declared)
            if axis and _axis(device.type) == axis and self._pairs(i, 0) * 2 == values
        ]
        if ordinal < len(by_axis):
            self._notes.once("device_mapped", where)
            return [self._slot(name, values // 2, ordinal, by_axis[ordinal])]
        self._notes.once("device_undeclared", where)
        return [self._slot(name, values // 2, ordinal, None)]

    def _pairs(self, index: int, otherwise: int) -> int:
        pairs = self._declared[index].pairs
        # A count below 1 describes no device: its positions fit nothing, and are reported so.
        return otherwise if isinstance(pairs, Missing) else max(pairs, 0)

    def _twins_before(self, index: int) -> int:
        device = self._declared[index]
        return sum(d.type == device.type and d.pairs == device.pairs for d in self._declared[:index])

    def _slot(self, name: str, pairs: int, ordinal: int, declared: int | None) -> _Slot:
        # A declared device is one device, whatever the entries of different control points call it.
        key = ("", 0, 0, declared) if declared is not None else (name, pairs, ordinal, None)
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = _Slot(name, pairs, ordinal, declared)
        return slot


def _axis(name: str) -> str:
    """``X`` or ``Y`` for a jaw or MLC type, standard or vendor (``MLCX1``); empty where the type does not say."""
    stem = name.removeprefix("ASYM").removeprefix("MLC")
    return stem[:1] if stem[:1] in ("X", "Y") else ""


def sinogram(
    items: list[Item], count: int, place: Callable[[int], str], batch: Batch, notes: Notes
) -> Callable[[], DevicePositions | None]:
    """The private sinogram (Accuray): ASCII numbers, one row for each control point that has one.

    Parameters
    ----------
    items
        The control points; none where there is no private attribute among them.
    """
    given_at: list[int] = []
    texts: list[bytes] = []
    for control_point, item in enumerate(items):
        text = private_value(item, TOMO_GROUP, TOMO, TOMO_SINOGRAM)
        if text is not None and (text := text.strip(_PADDING)):
            given_at.append(control_point)
            texts.append(text)
    if not texts:
        return lambda: None
    values = texts[0].count(b"\\") + 1
    if values % 2 or any(text.count(b"\\") + 1 != values for text in texts):
        notes.add("sinogram_unreadable", place(given_at[0]))
        return lambda: None
    first = batch.add(texts)

    def finish() -> DevicePositions:
        rows = batch.rows(
            range(first, first + len(texts)), values, lambda i: f"{place(given_at[i])} (private sinogram)"
        )
        given = np.zeros(count, np.bool_)
        given[given_at] = True
        index = np.full(count, -1, np.int64)
        index[given_at] = np.arange(len(given_at))
        return DevicePositions("SINOGRAM", values // 2, 0, rows, index, given)

    return finish
