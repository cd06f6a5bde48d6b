"""The plan reader's walk over the elements of a data set.

One pass, no dictionary of the whole standard: the attributes of `rtcode.dicom.vocabulary` are kept as raw bytes, all
others are skipped. Every length is checked against what encloses it, so that a file that was cut is noticed wherever
it was cut, and depth and number of elements are bounded, so that a hostile file costs little.
"""

from __future__ import annotations

from itertools import repeat
from struct import error
from typing import NoReturn

from rtcode.dicom.framing import LONG_VR, SHORT_VR
from rtcode.dicom.headers import LITTLE, UNDEFINED, ByteOrder, little_endian
from rtcode.dicom.limits import Limits
from rtcode.dicom.scan import Scanner
from rtcode.dicom.scanned import ScannedControlPoints
from rtcode.dicom.vocabulary import BINARY, PRIVATE_GROUPS, TAGS, Item
from rtcode.errors import MalformedError, TooLargeError, TruncatedError

CONTROL_POINTS = TAGS["ControlPointSequence"]
#: Their items stand in those of BeamSequence.
_CONTROL_POINT_DEPTH = 2

_TRUNCATED = "the file ends inside a data element"


class UnknownVRError(MalformedError):
    """An explicit VR that this walk does not know; another reader may."""


class Walk:
    """Reads the data set that begins at ``data[start]``.

    Raises
    ------
    TruncatedError
        The bytes end inside an element, an item or a sequence.
    MalformedError
        The structure contradicts itself, so that what follows cannot be read.
    TooLargeError
        More elements, items or nesting than the limits allow.
    """

    def __init__(
        self, data: bytes, limits: Limits, order: ByteOrder = LITTLE, *, lenient: bool = False, shortcut: bool = True
    ) -> None:
        self._data = data
        self._lenient = lenient
        self._order = order
        self._size = len(data)
        self._limits = limits
        self._budget = repeat(None, limits.elements)
        self._padding = -1
        self._items_left = limits.items_floor + len(data) // limits.item_bytes
        self._scanner = Scanner(data, order) if shortcut else None

    def read(self, start: int, *, explicit: bool) -> Item:
        read = self._explicit if explicit else self._implicit
        try:
            return read(start, self._size, 0, False)[0]
        except error:
            raise TruncatedError(_TRUNCATED) from None

    # ------------------------------------------------------------------------------------------------ data sets

    def _implicit(self, pos: int, end: int, depth: int, undefined: bool) -> tuple[Item, int]:
        data, order = self._data, self._order
        unpack, wanted = order.implicit, order.wanted.get
        item: Item = {}
        last = end - 8
        for _ in self._budget:
            if pos > last:
                break
            raw, length = unpack(data, pos)
            key = wanted(raw)
            if key is None:
                if raw == order.item_end:
                    if undefined:
                        return item, pos + 8
                    self._malformed()
                if length == UNDEFINED:
                    pos = self._skip(pos + 8, end, depth + 1, explicit=False)
                    continue
                if raw == 0 and depth == 0 and self._only_zeros(pos):
                    break
                pos += 8
                if (tag := order.raw(raw)) >> 16 in PRIVATE_GROUPS:
                    item[tag] = data[pos : pos + length]
                pos += length
            elif key > 0:
                pos += 8
                item[key] = data[pos : pos + length]
                pos += length
            else:
                if -key == CONTROL_POINTS and (found := self._scan(pos + 8, length, end, depth + 1, explicit=False)):
                    item[-key], pos = found
                    continue
                item[-key], pos = self._sequence(pos + 8, length, end, depth + 1, explicit=False)
        else:
            self._too_many_elements()
        if (undefined or pos != end) and not (depth == 0 and pos < end and self._only_zeros(pos)):
            self._overrun(pos, end)
        return item, pos

    def _explicit(self, pos: int, end: int, depth: int, undefined: bool) -> tuple[Item, int]:
        data, order, short = self._data, self._order, SHORT_VR
        unpack, wanted = order.explicit, order.wanted.get
        item: Item = {}
        last = end - 8
        for _ in self._budget:
            if pos > last:
                break
            raw, vr, length = unpack(data, pos)
            implicit = False
            if vr in short:
                pos += 8
            elif vr in LONG_VR:
                (length,) = order.long_length(data, pos + 8)
                pos += 12
            else:
                if raw == order.item_end:
                    if undefined:
                        return item, pos + 8
                    self._malformed()
                if raw == 0 and depth == 0 and self._only_zeros(pos):
                    break
                if b"AA" <= vr <= b"ZZ":
                    if not self._lenient:
                        raise UnknownVRError("a data element has an unknown value representation")
                    pos += 8
                else:
                    # Some writers switch to implicit VR inside an explicit data set.
                    implicit = True
                    raw, length = order.implicit(data, pos)
                    pos += 8
            key = wanted(raw)
            if key is None:
                if length == UNDEFINED:
                    pos = self._skip(pos, end, depth + 1, explicit=vr != b"UN" and not implicit)
                    continue
                if (tag := order.raw(raw)) >> 16 in PRIVATE_GROUPS and vr != b"SQ":
                    item[tag] = data[pos : pos + length]
                pos += length
            elif key > 0:
                if length == UNDEFINED:
                    self._malformed()
                item[key] = data[pos : pos + length]
                if not order.little and key in BINARY:
                    item[key] = little_endian(data[pos : pos + length], BINARY[key])
                pos += length
            else:
                # The content of a sequence that was written as UN is implicit VR (PS3.5 6.2.2).
                inner = vr == b"SQ"
                if not inner and vr != b"UN" and not implicit:
                    self._malformed()
                scan = inner and -key == CONTROL_POINTS
                if scan and (found := self._scan(pos, length, end, depth + 1, explicit=True)):
                    item[-key], pos = found
                    continue
                item[-key], pos = self._sequence(pos, length, end, depth + 1, explicit=inner)
        else:
            self._too_many_elements()
        if (undefined or pos != end) and not (depth == 0 and pos < end and self._only_zeros(pos)):
            self._overrun(pos, end)
        return item, pos

    # ------------------------------------------------------------------------------------------------ sequences

    def _sequence(self, pos: int, length: int, end: int, depth: int, *, explicit: bool) -> tuple[list[Item], int]:
        if depth > self._limits.depth:
            raise TooLargeError(f"sequences are nested more than {self._limits.depth} deep")
        data, order = self._data, self._order
        read = self._explicit if explicit else self._implicit
        undefined = length == UNDEFINED
        stop = end if undefined else pos + length
        if stop > end:
            self._overrun(stop, end)
        items: list[Item] = []
        last = stop - 8
        for _ in self._budget:
            if pos > last:
                break
            raw, length = order.implicit(data, pos)
            pos += 8
            if raw == order.item:
                if length == UNDEFINED:
                    item, pos = read(pos, stop, depth, True)
                else:
                    if pos + length > stop:
                        self._overrun(pos + length, stop)
                    item, pos = read(pos, pos + length, depth, False)
                items.append(item)
                self._items_left -= 1
                if self._items_left < 0 or len(items) > self._limits.items:
                    raise TooLargeError("the sequences have more items than those of a plan")
            elif raw == order.sequence_end and undefined:
                return items, pos
            else:
                self._malformed()
        else:
            self._too_many_elements()
        if undefined or pos != stop:
            self._overrun(pos, stop)
        return items, pos

    def _scan(
        self, pos: int, length: int, end: int, depth: int, *, explicit: bool
    ) -> tuple[ScannedControlPoints, int] | None:
        """The control points of a beam by the shortcut, where that applies."""
        stop = None if length == UNDEFINED else pos + length
        if self._scanner is None or depth != _CONTROL_POINT_DEPTH or (stop or 0) > end:
            return None
        read = self._explicit if explicit else self._implicit

        def one(at: int, size: int) -> tuple[Item, int]:
            undefined = size == UNDEFINED
            return read(at, end if undefined else at + size, depth, undefined)

        left = self._items_left
        found = self._scanner.control_points(pos, stop, one, explicit=explicit, most=min(self._limits.items, left))
        self._items_left = left
        return None if found is None or found[1] > end else found

    def _skip(self, pos: int, end: int, depth: int, *, explicit: bool) -> int:
        """Past a sequence of undefined length that nobody wants."""
        left = self._items_left
        pos = self._sequence(pos, UNDEFINED, end, depth, explicit=explicit)[1]
        self._items_left = left
        return pos

    # ------------------------------------------------------------------------------------------------ complaints

    def _only_zeros(self, pos: int) -> bool:
        """Zeros to the end of the file are padding to a block size, no data elements."""
        if self._padding < 0:
            self._padding = len(self._data.rstrip(b"\0"))
        return pos >= self._padding

    def _overrun(self, pos: int, end: int) -> NoReturn:
        """An element or sequence ends behind what encloses it, or its delimiter never came."""
        if end == self._size or pos > self._size:
            raise TruncatedError(_TRUNCATED)
        raise MalformedError("a data element reaches beyond the item or sequence that holds it")

    def _malformed(self) -> NoReturn:
        raise MalformedError("the structure of items and sequences cannot be followed")

    def _too_many_elements(self) -> NoReturn:
        raise TooLargeError(f"the data set has more than {self._limits.elements} data elements")
