"""Leaf and jaw positions, for each device by itself, and the private sinogram of helical plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rtcode.dicom.decimal_batch import Batch
from rtcode.dicom.private import TOMO, TOMO_GROUP, TOMO_SINOGRAM, private_value
from rtcode.dicom.scanned import DeviceEntries
from rtcode.dicom.vocabulary import Item
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import DevicePositions, IntArray, LimitingDevice, Missing
from rtcode.plan.tags import at
from rtcode.records import record

_PADDING = b" \0"
#: Every so many characters of a long text tell nearly always whether it is another one.
_SAMPLED, _LONG = 16, 64
_SEQUENCE = "BeamLimitingDevicePositionSequence"


@record(eq=False)
class _Entries:
    """Some entries in their order: control points, places in their sequences, and which rows of the batch they are."""

    control_points: list[int]
    places: list[int]
    rows: Sequence[int]

    def some(self, chosen: list[int]) -> _Entries:
        return _Entries(
            [self.control_points[i] for i in chosen], [self.places[i] for i in chosen], [self.rows[i] for i in chosen]
        )


class _Slot:
    """One device while its positions are collected: the entries that write it, and whether their positions fit it."""

    __slots__ = ("declared", "ordinal", "pairs", "type", "written")

    def __init__(self, type: str, pairs: int, ordinal: int, declared: int | None) -> None:
        self.type = type
        self.pairs = pairs
        self.ordinal = ordinal
        self.declared = declared
        self.written: list[tuple[_Entries, bool]] = []

    def entries(self) -> _Entries:
        """All entries, with row -1 where the positions do not fit."""
        if len(self.written) == 1 and self.written[0][1]:
            return self.written[0][0]
        found = [
            (control_point, place, row if fits else -1)
            for entries, fits in self.written
            for control_point, place, row in zip(entries.control_points, entries.places, entries.rows, strict=True)
        ]
        control_points, places, rows = zip(*sorted(found), strict=True)
        return _Entries(list(control_points), list(places), rows)


def spread(count: int, given_at: Sequence[int], rows: Sequence[int] | IntArray) -> IntArray:
    """Row at every control point, inherited; -1 before the first and from an unknown one on."""
    if len(given_at) == 1:
        index = np.full(count, -1, np.int64)
        index[given_at[0] :] = rows[0]
        return index
    if len(given_at) == count and given_at == list(range(count)):
        return np.asarray(rows, np.int64)
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
        """Put the distinct positions of each type into the batch; ``place_of`` names a control point for warnings."""
        self._place_of = place_of
        #: type, first row in the batch, number of rows, entries
        self._collected: list[tuple[bytes, int, int, _Entries]] = []
        for type_, (control_points, places, texts) in entries.items():
            distinct, which = _distinct(texts)
            first = self._batch.add_rows(distinct)
            rows = range(first, first + len(distinct)) if which is None else [first + i for i in which]
            self._collected.append((type_, first, len(distinct), _Entries(control_points, places, rows)))

    def finish(self) -> tuple[DevicePositions, ...]:
        """The devices, after the batch was converted."""
        alike: list[tuple[bytes, int, int, _Entries]] = []
        for type_, first, count, entries in self._collected:
            counts = self._batch.counts(first, count)
            self._batch.note_long(first, count, lambda i: self._where(entries, entries.rows.index(first + i)))  # noqa: B023
            values = counts if isinstance(entries.rows, range) else [counts[row - first] for row in entries.rows]
            alike += [(type_, *one) for one in _alike(entries, values)]
        # Devices are listed in the order they are met.
        alike.sort(key=lambda one: (one[3].control_points[0], one[3].places[0]))
        for type_, number, ordinal, entries in alike:
            for slot in self._resolve(type_, number, ordinal, self._where(entries, 0)):
                fits = number == 2 * slot.pairs > 0
                slot.written.append((entries, fits))
                if number and not fits:
                    for i in range(len(entries.rows)):
                        self._notes.add("device_positions_count", self._where(entries, i))
        return tuple(self._positions(slot) for slot in self._slots.values())

    def _positions(self, slot: _Slot) -> DevicePositions:
        entries = slot.entries()
        given_at, rows = entries.control_points, entries.rows
        if isinstance(rows, range):
            distinct: Sequence[int] = rows
            index: Sequence[int] | IntArray = np.arange(len(rows))
        else:
            row_of = {row: i for i, row in enumerate(dict.fromkeys(row for row in rows if row >= 0))}
            distinct = list(row_of)
            index = [row_of.get(row, -1) for row in rows]
        values = self._batch.rows(distinct, 2 * slot.pairs, lambda i: self._where(entries, rows.index(distinct[i])))
        given = np.zeros(self._count, np.bool_)
        given[given_at] = True
        return DevicePositions(
            slot.type, slot.pairs, slot.ordinal, values, spread(self._count, given_at, index), given, slot.declared
        )

    def _where(self, entries: _Entries, i: int) -> str:
        place = f"{self._place_of(entries.control_points[i])}.{_SEQUENCE}[{entries.places[i]}]"
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


def _distinct(texts: list[bytes]) -> tuple[list[bytes], list[int] | None]:
    """The distinct texts in their order, and which of them each text is (``None``: all are distinct)."""
    # Where samples of them differ, all differ: looking at all characters of an arc takes a while.
    if len({text[:: _SAMPLED if len(text) > _LONG else 1] for text in texts}) == len(texts):
        return texts, None
    number_of: dict[bytes, int] = {}
    which = [number_of.setdefault(text, len(number_of)) for text in texts]
    return list(number_of), which


def _alike(entries: _Entries, values: list[int]) -> list[tuple[int, int, _Entries]]:
    """Entries of one type apart by number of values, and by their ordinal among such of the same control point."""
    result = []
    for number in dict.fromkeys(values):
        some = entries
        if values.count(number) < len(values):
            some = entries.some([i for i, other in enumerate(values) if other == number])
        if len(set(some.control_points)) == len(some.control_points):
            result.append((number, 0, some))
            continue
        by_ordinal: dict[int, list[int]] = {}
        seen: dict[int, int] = {}
        for i, control_point in enumerate(some.control_points):
            ordinal = seen[control_point] = seen.get(control_point, -1) + 1
            by_ordinal.setdefault(ordinal, []).append(i)
        result += [(number, ordinal, some.some(those)) for ordinal, those in by_ordinal.items()]
    return result


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
    first = batch.add_rows(texts)

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
