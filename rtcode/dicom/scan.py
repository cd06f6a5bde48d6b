"""Control points read side by side: the shortcut for the bulk of a plan.

Most of a modulated plan's bytes are control points, tens of thousands of data elements that one by one would take most
of the reading time. But the control points of a beam repeat one layout, or a few: the same attributes in the same
order, only the values differ. So the first header is read of all of them at once, then the second, and so on, with a
few array operations each. The first of them says what has to come; those that go on otherwise are put back, and read
later with others of their kind, rare ones by the walk (`rtcode.dicom.walk`). Every header is compared and every length
followed for each control point, as in the walk, so nothing is guessed; whatever does not fit (private attributes,
wedges, damage) is left to the walk altogether, which then also says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import error

import numpy as np
import numpy.typing as npt

from rtcode.dicom.framing import LONG_VR, SHORT_VR
from rtcode.dicom.headers import U64, UNDEFINED, ByteOrder, HeaderView
from rtcode.dicom.scanned import Collected, ScannedControlPoints, Spans, UnfitError
from rtcode.dicom.vocabulary import PRIVATE_GROUPS, TAGS, Item
from rtcode.errors import MalformedError, TruncatedError
from rtcode.plan.model import IntArray

#: Fewer control points, or fewer of one layout, are as fast by the walk.
WORTHWHILE = 12
#: So many layouts are looked for in a beam.
_LAYOUTS = 16
#: Items and sequences within one another, the control point included.
_DEPTH = 8
#: Bytes of an item's header, that of ControlPointIndex and its shortest value.
_OPENING_AND_INDEX = 18
#: How often every byte of a file may be searched for items; once or twice it is.
_SEARCHES = 8

_INDEX = TAGS["ControlPointIndex"]
_DEVICES = TAGS["BeamLimitingDevicePositionSequence"]
#: A sequence that is not read.
_UNREAD = 0

BoolArray = npt.NDArray[np.bool_]
#: Reads one item: where its content begins, and its length.
ReadItem = Callable[[int, int], tuple[Item, int]]


class Scanner:
    """Reads the control points of one data set."""

    def __init__(self, data: bytes, order: ByteOrder) -> None:
        self._data = data
        self._order = order
        self._headers = HeaderView(data, order)
        self._searchable = _SEARCHES * len(data)
        self._opening = order.pack(order.item, UNDEFINED) + order.pack(order.raw(_INDEX), 0)[:4]

    def control_points(
        self, start: int, stop: int | None, read: ReadItem, *, explicit: bool, most: int
    ) -> tuple[ScannedControlPoints, int] | None:
        """The items of the ControlPointSequence that begins at ``data[start]``, and where it ends.

        Parameters
        ----------
        stop
            End of the sequence, ``None`` for undefined length.
        read
            The walk, for a single control point.
        most
            More control points are left to the walk.

        Returns
        -------
        ``None`` where the shortcut does not apply.
        """
        try:
            begins, lengths = self._items(start, stop, most)
            if len(begins) < WORTHWHILE:
                return None
            columns, ends = self._contents(begins + 8, lengths, read, explicit)
            end = int(ends[-1])
            # Each control point ends where the next one begins, and the last one where the sequence ends.
            if (ends[:-1] != begins[1:]).any():
                return None
            if stop is None:
                if self._order.implicit(self._data, end)[0] != self._order.sequence_end:
                    return None
                return columns.finish(len(begins)), end + 8
            return (columns.finish(len(begins)), end) if end == stop else None
        except (UnfitError, IndexError, error, MalformedError, TruncatedError):
            # What is damaged or reaches beyond the data, the walk finds again, and says what and where it is.
            return None

    def _items(self, start: int, stop: int | None, most: int) -> tuple[IntArray, IntArray]:
        """Where the items probably begin, and the lengths that they give."""
        data, order = self._data, self._order
        limit = len(data) if stop is None else stop
        begins: list[int] = []
        lengths: list[int] = []
        position = start
        while position < limit and len(begins) <= most:
            raw, length = order.implicit(data, position)
            if raw != order.item:
                break
            if length == UNDEFINED:
                begins = self._open_items(start, limit, most)
                lengths = [UNDEFINED] * len(begins)
                break
            begins.append(position)
            lengths.append(length)
            position += 8 + length
        if len(begins) > most:
            raise UnfitError
        return np.array(begins, np.int64), np.array(lengths, np.int64)

    def _open_items(self, start: int, limit: int, most: int) -> list[int]:
        """Where items begin that end with a delimiter: found by their header and that of the index."""
        data, opening = self._data, self._opening
        # The next beam begins with the same index.
        restart = data.find(data[start : start + _OPENING_AND_INDEX], start + 8, limit)
        if restart >= 0:
            limit = restart
        # A hostile file may have many sequences that seem to go on to its end.
        self._searchable -= limit - start
        if self._searchable < 0:
            raise UnfitError
        begins: list[int] = []
        position = start
        while position >= 0 and len(begins) <= most:
            begins.append(position)
            position = data.find(opening, position + 8, limit)
        return begins

    def _contents(
        self, begins: IntArray, lengths: IntArray, read: ReadItem, explicit: bool
    ) -> tuple[Collected, IntArray]:
        """What stands in the items, and where they end."""
        columns = Collected(self._data, self._order)
        ends = np.empty(len(begins), np.int64)
        # The first one writes more than the others do.
        single: int | None = 0
        left = np.arange(1, len(begins))
        for _ in range(_LAYOUTS + WORTHWHILE):
            if single is not None:
                item, ends[single] = read(int(begins[single]), int(lengths[single]))
                columns.add_item(single, item)
                single = None
            if not left.size:
                return columns, ends
            if left.size >= WORTHWHILE:
                alike = _Alike(self._headers, self._order, left, begins[left], lengths[left], explicit)
                if alike.read():
                    columns.add_alike(alike.numbers, alike.values, alike.entries)
                    ends[alike.numbers] = alike.position
                    left = left[~np.isin(left, alike.numbers)] if len(alike.numbers) < len(left) else left[:0]
                    continue
            single, left = int(left[0]), left[1:]
        raise UnfitError


class _Alike:
    """Control points that are read side by side, header by header; those that go on otherwise drop out.

    Attributes
    ----------
    numbers
        The control points; all other arrays have one place for each of them.
    position
        Where they are at; in the end, behind them.
    values
        Attributes of the control points, and where their values stand.
    entries
        The same for each of their device entries.
    """

    def __init__(
        self,
        headers: HeaderView,
        order: ByteOrder,
        numbers: IntArray,
        begins: IntArray,
        lengths: IntArray,
        explicit: bool,
    ) -> None:
        self._headers = headers
        self._order = order
        self._explicit = explicit
        self.numbers = numbers
        self.position = begins
        self.values: Spans = {}
        self.entries: list[Spans] = []
        self._has_devices = False
        #: items and sequences that are open, by turns: which sequence, and where it ends if it has a length
        self._open: list[tuple[int, IntArray | None]] = []
        self._enter(_UNREAD, lengths)

    def read(self) -> bool:
        """Read to the end of the control points; False where too few are alike."""
        while self._open:
            end = self._open[-1][1]
            if end is not None and end[0] == self.position[0]:
                self._keep(end == self.position)
                self._open.pop()
            elif len(self._open) % 2:
                self._in_item()
            else:
                self._in_sequence()
            if len(self.numbers) < WORTHWHILE:
                return False
        return True

    def _in_sequence(self) -> None:
        """An item, or the delimiter that ends the sequence."""
        headers, tag = self._next()
        headers = self._keep_like_first(headers, 32)
        self.position = self.position + 8
        if tag == self._order.item:
            if len(self._open) == 2 and self._open[1][0] == _DEVICES:
                self.entries.append({})
            self._enter(_UNREAD, self._headers.lengths(headers, 32))
        else:
            self._leave(tag == self._order.sequence_end)

    def _in_item(self) -> None:
        """A data element, or the delimiter that ends the item."""
        headers, tag = self._next()
        if tag == self._order.item_end:
            self._keep_like_first(headers, 32)
            self.position = self.position + 8
            self._leave(True)
            return
        vr = self._headers.vr(int(headers[0])) if self._explicit else b""
        headers = self._keep_like_first(headers, 16 if vr else 32)
        if vr in LONG_VR:
            lengths = self._headers.lengths(self._headers.at(self.position + 4), 32)
            self.position = self.position + 12
        elif vr in SHORT_VR or not vr:
            lengths = self._headers.lengths(headers, 16 if vr else 32)
            self.position = self.position + 8
        else:
            raise UnfitError
        wanted = self._order.wanted.get(tag)
        if wanted is None:
            self._unread(tag, vr, lengths)
        elif wanted > 0:
            # Without a length it leads beyond the data.
            self._value(wanted, lengths)
        elif wanted == -_DEVICES and len(self._open) == 1 and vr in (b"SQ", b"") and not self._has_devices:
            self._has_devices = True
            self._enter(_DEVICES, lengths)
        else:
            raise UnfitError

    def _unread(self, tag: int, vr: bytes, lengths: IntArray) -> None:
        if self._order.raw(tag) >> 16 in PRIVATE_GROUPS:
            raise UnfitError
        if lengths[0] != UNDEFINED:
            self.position = self.position + lengths
        elif vr in (b"SQ", b""):
            self._enter(_UNREAD, lengths)
        else:
            raise UnfitError

    def _value(self, tag: int, lengths: IntArray) -> None:
        begin, self.position = self.position, self.position + lengths
        if len(self._open) == 1:
            found = self.values
        elif len(self._open) == 3 and self._open[1][0] == _DEVICES:
            found = self.entries[-1]
        else:
            return
        if tag in found:
            raise UnfitError
        found[tag] = begin, self.position

    # ------------------------------------------------------------------------------------------------------- steps

    def _next(self) -> tuple[U64, int]:
        """The headers that come next, and the tag's number of the first one."""
        headers = self._headers.at(self.position)
        return headers, self._headers.tag(int(headers[0]))

    def _enter(self, sequence: int, lengths: IntArray) -> None:
        """Into an item or a sequence."""
        if len(self._open) == _DEPTH:
            raise UnfitError
        if lengths[0] == UNDEFINED:
            self._open.append((sequence, None))
            self._keep(lengths == UNDEFINED)
        else:
            self._open.append((sequence, self.position + lengths))

    def _leave(self, fits: bool) -> None:
        """Out of what ends with a delimiter."""
        if not fits or self._open.pop()[1] is not None:
            raise UnfitError

    def _keep_like_first(self, headers: U64, bits: int) -> U64:
        kept = self._headers.like_first(headers, bits)
        self._keep(kept)
        return headers if len(self.numbers) == len(kept) else headers[kept]

    def _keep(self, kept: BoolArray) -> None:
        """Go on with some of the control points."""
        if kept.all():
            return
        self.numbers, self.position = self.numbers[kept], self.position[kept]
        self._open = [(sequence, None if end is None else end[kept]) for sequence, end in self._open]
        for found in (self.values, *self.entries):
            found.update({tag: (begin[kept], end[kept]) for tag, (begin, end) in found.items()})
