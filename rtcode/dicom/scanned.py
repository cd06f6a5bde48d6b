"""Control points sorted by attribute: what the shortcut (`rtcode.dicom.scan`) makes of them."""

from __future__ import annotations

from typing import cast

from rtcode.dicom.headers import ByteOrder, little_endian
from rtcode.dicom.vocabulary import BINARY, PRIVATE_GROUPS, TAGS, Item
from rtcode.plan.model import IntArray
from rtcode.records import record

_INDEX = TAGS["ControlPointIndex"]
_DEVICES = TAGS["BeamLimitingDevicePositionSequence"]
_TYPE = TAGS["RTBeamLimitingDeviceType"]
_LEAF_POSITIONS = TAGS["LeafJawPositions"]
#: ControlPointIndex as it is nearly always written.
_COUNTING = [text + b" " * (len(text) & 1) for text in (b"%d" % i for i in range(512))]
_PADDING = b" \0"

#: Control points that write an attribute, and what they write.
Written = tuple[list[int], list[bytes]]
#: By RTBeamLimitingDeviceType: control points, places in their sequences and LeafJawPositions of its entries, in order.
DeviceEntries = dict[bytes, tuple[list[int], list[int], list[bytes]]]
#: By tag: where the values of some control points begin and end.
Spans = dict[int, tuple[IntArray, IntArray]]


class UnfitError(Exception):
    """Something in these control points is left to the walk."""


@record(eq=False)
class ScannedControlPoints:
    """The control points of one beam, by attribute.

    Attributes
    ----------
    columns
        Tag to what was written.
    devices
        The items of BeamLimitingDevicePositionSequence.
    """

    count: int
    columns: dict[int, Written]
    devices: DeviceEntries

    def __len__(self) -> int:
        return self.count


def add_entry(entries: DeviceEntries, control_point: int, place: int, entry: Item) -> None:
    """One item of BeamLimitingDevicePositionSequence."""
    type_, text = (cast(bytes, entry.get(tag, b"")) for tag in (_TYPE, _LEAF_POSITIONS))
    control_points, places, texts = entries.setdefault(type_, ([], [], []))
    control_points.append(control_point)
    places.append(place)
    texts.append(text)


class Collected:
    """What control points write, taken in in any order."""

    def __init__(self, data: bytes, order: ByteOrder) -> None:
        self._data = data
        self._big_endian = not order.little
        self._columns: dict[int, Written] = {}
        self._devices: DeviceEntries = {}
        self._numbers: list[int] = []

    def add_item(self, number: int, item: Item) -> None:
        """One control point, read by the walk."""
        self._numbers.append(number)
        for tag, value in item.items():
            if isinstance(value, bytes) and tag >> 16 not in PRIVATE_GROUPS:
                self._add(tag, [number], [value])
            elif tag == _DEVICES and isinstance(value, list):
                for place, entry in enumerate(value):
                    add_entry(self._devices, number, place, entry)
            else:
                raise UnfitError

    def add_alike(self, alike: IntArray, values: Spans, entries: list[Spans]) -> None:
        """Control points that have the same attributes, and the same number of device entries."""
        numbers = alike.tolist()
        self._numbers += numbers
        for tag, (begins, ends) in values.items():
            texts = self._texts(begins, ends)
            if self._big_endian and tag in BINARY:
                texts = [little_endian(text, BINARY[tag]) for text in texts]
            self._add(tag, numbers, texts)
        nothing = alike, alike
        for place, entry in enumerate(entries):
            types = self._texts(*entry.get(_TYPE, nothing))
            positions = self._texts(*entry.get(_LEAF_POSITIONS, nothing))
            for type_ in dict.fromkeys(types):
                whose, texts = numbers, positions
                if types.count(type_) < len(types):
                    chosen = [i for i, other in enumerate(types) if other == type_]
                    whose, texts = [numbers[i] for i in chosen], [positions[i] for i in chosen]
                control_points, places, written = self._devices.setdefault(type_, ([], [], []))
                control_points += whose
                places += [place] * len(whose)
                written += texts

    def finish(self, count: int) -> ScannedControlPoints:
        """The columns in the order of the control points, whose indices count them."""
        if self._numbers != list(range(count)):
            for tag, (given_at, texts) in self._columns.items():
                order = sorted(range(len(given_at)), key=given_at.__getitem__)
                self._columns[tag] = [given_at[i] for i in order], [texts[i] for i in order]
        for type_, (given_at, places, texts) in self._devices.items():
            if given_at != sorted(given_at):
                entries = sorted(zip(given_at, places, texts, strict=True))
                self._devices[type_] = [e[0] for e in entries], [e[1] for e in entries], [e[2] for e in entries]
        given_at, texts = self._columns.get(_INDEX, ([], []))
        if len(given_at) != count or (
            texts != _COUNTING[:count] and [text.strip(_PADDING) for text in texts] != [b"%d" % i for i in range(count)]
        ):
            raise UnfitError
        return ScannedControlPoints(count, self._columns, self._devices)

    def _add(self, tag: int, numbers: list[int], texts: list[bytes]) -> None:
        given_at, written = self._columns.setdefault(tag, ([], []))
        given_at += numbers
        written += texts

    def _texts(self, begins: IntArray, ends: IntArray) -> list[bytes]:
        data = self._data
        return [data[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
