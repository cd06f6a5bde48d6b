"""Control points read as a whole: the shortcut for the bulk of a plan.

Most of a modulated plan's bytes are control points, tens of thousands of data elements that one by one would take most
of the reading time. Here all places that can be the header of an element (its group says so) are found at once, and
the lengths then tell whether they are: starting at the first item, every header must stand exactly where the one
before ends, every item and sequence must end where another begins. That is the same check that `rtcode.dicom.walk`
makes step by step, so nothing is guessed; whatever does not fit (another group, a stray header in a value, a sequence
in a sequence, damage) is left to that walk, which then also says what is wrong.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rtcode.dicom.framing import LONG_VR, SHORT_VR
from rtcode.dicom.vocabulary import SEQUENCES, TAGS, VALUES
from rtcode.plan.model import IntArray
from rtcode.records import record

#: Below this size a walk is as fast.
WORTHWHILE_BYTES = 6_000
#: Above this size of a file the memory for the search would be too much.
_LARGEST_BYTES = 64 * 1024 * 1024

_GROUPS = (0x300A, 0x300C, 0xFFFE)
_UNDEFINED = 0xFFFFFFFF
#: ReferencedDoseReferenceSequence: not read, but in most control points.
_DOSE_COEFFICIENTS = 0x300C0050
_PADDING = b" \0"
_FIRST_WINDOW = 4096


#: ControlPointIndex as it is nearly always written.
_COUNTING = [text + b" " * (len(text) & 1) for text in (b"%d" % i for i in range(1024))]

# Classes of headers.
_IS_UNREAD, _IS_DEVICES, _IS_SEQUENCE, _IS_READ_ELSEWHERE = 0, 1, 2, 3
_IS_ITEM, _IS_ITEM_END, _IS_SEQUENCE_END, _IS_NOTHING = 4, 5, 6, 7
#: Classes from here on are values that are read, one class an attribute.
_IS_VALUE = 8
_READ = sorted(tag for tag in VALUES if tag >> 16 in _GROUPS)
_TYPE, _LEAF_POSITIONS, _INDEX = (
    _IS_VALUE + _READ.index(TAGS[keyword])
    for keyword in ("RTBeamLimitingDeviceType", "LeafJawPositions", "ControlPointIndex")
)


def _class_table() -> npt.NDArray[np.uint8]:
    """Class by place of the group in `_GROUPS` and element number."""
    table = np.zeros((len(_GROUPS), 1 << 16), np.uint8)
    table[2] = _IS_NOTHING
    for number, tag in enumerate(_READ):
        table[_GROUPS.index(tag >> 16), tag & 0xFFFF] = _IS_VALUE + number
    for tag in SEQUENCES:
        if tag >> 16 in _GROUPS:
            table[_GROUPS.index(tag >> 16), tag & 0xFFFF] = _IS_READ_ELSEWHERE
    for tag, kind in (
        (TAGS["BeamLimitingDevicePositionSequence"], _IS_DEVICES),
        (_DOSE_COEFFICIENTS, _IS_SEQUENCE),
        (0xFFFEE000, _IS_ITEM),
        (0xFFFEE00D, _IS_ITEM_END),
        (0xFFFEE0DD, _IS_SEQUENCE_END),
    ):
        table[_GROUPS.index(tag >> 16), tag & 0xFFFF] = kind
    return table.ravel()


def _vr_table() -> npt.NDArray[np.uint8]:
    """Header length in half words by VR as a number: 0 unknown, 4 short, 6 long."""
    table = np.zeros(1 << 16, np.uint8)
    for known, size in ((SHORT_VR, 4), (LONG_VR, 6)):
        for vr in known:
            table[vr[0] | vr[1] << 8] = size
    return table


_CLASS = _class_table()
_VR = _vr_table()
_SQ = ord("S") | ord("Q") << 8

#: Control points that write an attribute, and what they write.
Written = tuple[list[int], list[bytes]]


@record
class ScannedControlPoints:
    """The control points of one beam, by attribute.

    Attributes
    ----------
    columns
        Tag to what was written.
    devices
        Control points, places in their sequences, RTBeamLimitingDeviceType and LeafJawPositions of all entries.
    """

    count: int
    columns: dict[int, Written]
    devices: tuple[list[int], list[int], list[bytes], list[bytes]]

    def __len__(self) -> int:
        return self.count


class Scanner:
    """Finds the control points of one data set (little endian)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._half_words: npt.NDArray[np.uint16] | None = None
        self._candidates: IntArray = np.empty(0, np.int64)

    def control_points(
        self, start: int, stop: int | None, *, explicit: bool
    ) -> tuple[ScannedControlPoints, int] | None:
        """The items of the ControlPointSequence that begins at ``data[start]``, and where it ends.

        Parameters
        ----------
        stop
            End of the sequence, ``None`` for undefined length.

        Returns
        -------
        ``None`` where the shortcut does not apply.
        """
        if start & 1 or len(self._data) > _LARGEST_BYTES:
            return None
        if self._half_words is None:
            self._search()
        begin = int(np.searchsorted(self._candidates, start >> 1))
        if stop is not None:
            end = int(np.searchsorted(self._candidates, stop >> 1))
            tokens = self._tokens(begin, end, explicit)
            return None if tokens is None or stop & 1 else tokens.read(start >> 1, stop >> 1, self._data)
        window = _FIRST_WINDOW
        while True:
            end = min(begin + window, self._candidates.size)
            tokens = self._tokens(begin, end, explicit)
            if tokens is None:
                return None
            if (closed := tokens.closed()) is not None:
                return closed.read(start >> 1, None, self._data)
            if end == self._candidates.size:
                return None
            window *= 4

    def _search(self) -> None:
        words = np.frombuffer(self._data, "<u2", len(self._data) // 2)
        found = words == _GROUPS[0]
        for group in _GROUPS[1:]:
            found |= words == group
        # Headers reach up to five half words beyond the group.
        self._candidates = np.flatnonzero(found[: max(0, words.size - 5)])
        self._half_words = words

    def _tokens(self, begin: int, end: int, explicit: bool) -> _Tokens | None:
        words, position = self._half_words, self._candidates[begin:end]
        assert words is not None
        if position.size < 2:
            return None
        group = words.take(position)
        third, fourth = words.take(position + 2), words.take(position + 3).astype(np.int64)
        kind = (group == _GROUPS[1]).astype(np.int64)
        kind += 2 * (group == _GROUPS[2])
        kind <<= 16
        kind += words.take(position + 1)
        kind = _CLASS.take(kind)
        length = fourth << 16 | third
        header: IntArray | int = 4
        if explicit:
            size = _VR.take(third)
            delimiter = (kind >= _IS_ITEM) & (kind <= _IS_NOTHING)
            size[delimiter] = 4
            header = size.astype(np.int64)
            long = words.take(position + 5).astype(np.int64) << 16 | words.take(position + 4)
            length = np.where(delimiter, length, np.where(size == 4, fourth, long))
            is_sq = (third == _SQ) & ~delimiter
            # Unknown representations, sequences written as something else, and other things that are sequences.
            wanted = (kind >= _IS_DEVICES) & (kind <= _IS_READ_ELSEWHERE)
            strange = (size == 0) | (wanted & ~is_sq) | ((kind >= _IS_VALUE) & is_sq)
            strange |= (length == _UNDEFINED) & ~is_sq & (kind != _IS_ITEM)
            kind[is_sq & (kind == _IS_UNREAD)] = _IS_SEQUENCE
            kind[strange] = _IS_READ_ELSEWHERE
        else:
            undefined = length == _UNDEFINED
            kind[undefined & (kind == _IS_UNREAD)] = _IS_SEQUENCE
            kind[undefined & (kind >= _IS_VALUE)] = _IS_READ_ELSEWHERE
        body = position + header
        entered = (kind >= _IS_DEVICES) & (kind <= _IS_NOTHING)
        following = body + np.where(entered, 0, length >> 1)
        # Without what stands inside the value of another element.
        reach = np.maximum.accumulate(following)
        inside = position[1:] < reach[:-1]
        if inside.any():
            kept = np.flatnonzero(~np.concatenate(([False], inside)))
            return _Tokens(position, body, following, kind, length).take(kept)
        return _Tokens(position, body, following, kind, length)


@record(eq=False)
class _Tokens:
    """Headers of elements, items and delimiters in order, with their classes. Positions are in half words.

    ``body`` is where the value or content begins, ``following`` where the next header has to stand.
    """

    position: IntArray
    body: IntArray
    following: IntArray
    kind: npt.NDArray[np.uint8]
    length: IntArray

    def closed(self) -> _Tokens | None:
        """The tokens up to the delimiter that closes a sequence of undefined length, or ``None`` where none does."""
        kind = self.kind
        opens = (self.length == _UNDEFINED) & (kind >= _IS_DEVICES) & (kind <= _IS_ITEM)
        depth = np.cumsum(opens.astype(np.int64) - ((kind == _IS_ITEM_END) | (kind == _IS_SEQUENCE_END)))
        closing = np.flatnonzero(depth == -1)
        if not closing.size:
            return None
        return self.take(slice(0, int(closing[0]) + 1))

    def take(self, chosen: IntArray | slice) -> _Tokens:
        return _Tokens(
            self.position[chosen], self.body[chosen], self.following[chosen], self.kind[chosen], self.length[chosen]
        )

    def read(self, start: int, stop: int | None, data: bytes) -> tuple[ScannedControlPoints, int] | None:
        """Check that the tokens are one sequence from ``start`` to its end, and sort out what they hold."""
        position, kind, length = self.position, self.kind, self.length
        if stop is None:
            if kind[-1] != _IS_SEQUENCE_END:
                return None
            content_end, end = int(position[-1]), int(position[-1]) + 4
        else:
            content_end = end = stop
        delimiter = (kind == _IS_ITEM_END) | (kind == _IS_SEQUENCE_END)
        # The odd length of "undefined" is the only one that counts as even.
        odd = ((length & 1) != 0) & (length != _UNDEFINED)
        if (
            position[0] != start
            or self.following[-1] != end
            or (self.following[:-1] != position[1:]).any()
            or ((kind == _IS_READ_ELSEWHERE) | (kind == _IS_NOTHING) | odd | (delimiter & (length != 0))).any()
        ):
            return None
        # Sequences in control points, none in another one; which tokens are in one of them.
        is_sequence = (kind == _IS_DEVICES) | (kind == _IS_SEQUENCE)
        sequences = np.flatnonzero(is_sequence)
        ends = self._sequence_ends(sequences, expected=0 if stop is not None else 1, end=end)
        if ends is None:
            return None
        content_ends, sequence_ends = ends
        sequence = np.cumsum(is_sequence) - 1
        inside = sequence >= 0
        if sequences.size:
            inside &= position < sequence_ends.take(sequence)
        is_item = kind == _IS_ITEM
        control_points, inner = np.flatnonzero(is_item & ~inside), np.flatnonzero(is_item & inside)
        item_ends = self._item_ends(control_points, ~inside)
        inner_ends = self._item_ends(inner, inside)
        if item_ends is None or inner_ends is None or not control_points.size:
            return None
        if (
            position[control_points[0]] != start
            or (position[control_points[1:]] != item_ends[:-1]).any()
            or item_ends[-1] != content_end
        ):
            return None
        # The items of each sequence follow one another from its header to its end.
        owner = sequence[inner]
        first = np.ones(inner.size, np.bool_)
        first[1:] = owner[1:] != owner[:-1]
        last = np.ones(inner.size, np.bool_)
        last[:-1] = first[1:]
        bodies = self.body[sequences]
        filled = np.zeros(sequences.size, np.bool_)
        filled[owner] = True
        if (
            (position[inner[first]] != bodies[owner[first]]).any()
            or (position[inner[1:]] != inner_ends[:-1])[~first[1:]].any()
            or (inner_ends[last] != content_ends[owner[last]]).any()
            or (bodies != content_ends)[~filled].any()
        ):
            return None
        control_point = np.cumsum(is_item & ~inside) - 1
        columns = self._columns(control_point, inside, control_points.size, data)
        devices = self._devices(np.flatnonzero(inside), control_point, inner, kind[sequences[owner]], data)
        if columns is None or devices is None:
            return None
        return ScannedControlPoints(control_points.size, columns, devices), end << 1

    def _sequence_ends(self, sequences: IntArray, expected: int, end: int) -> tuple[IntArray, IntArray] | None:
        """Where the content of each sequence ends, and the sequence; ``None`` where that does not add up.

        Parameters
        ----------
        expected
            Number of sequence delimiters that belong to no sequence in a control point.
        """
        length = self.length[sequences]
        content_ends = self.body[sequences] + (length >> 1)
        sequence_ends = content_ends
        undefined = np.flatnonzero(length == _UNDEFINED)
        delimiters = np.flatnonzero(self.kind == _IS_SEQUENCE_END)
        if delimiters.size != undefined.size + expected:
            return None
        if undefined.size:
            matching = np.searchsorted(delimiters, sequences[undefined])
            if matching[-1] >= delimiters.size:
                return None
            content_ends[undefined] = self.position[delimiters[matching]]
            sequence_ends = content_ends.copy()
            sequence_ends[undefined] += 4
        # None in another one, and each ends where a header stands.
        place = np.minimum(np.searchsorted(self.position, sequence_ends), self.position.size - 1)
        reached = (self.position[place] == sequence_ends) | (sequence_ends == end)
        if (self.position[sequences[1:]] < sequence_ends[:-1]).any() or not reached.all():
            return None
        return content_ends, sequence_ends

    def _item_ends(self, items: IntArray, level: npt.NDArray[np.bool_]) -> IntArray | None:
        """Where items of one level end; ``None`` where items and item delimiters do not alternate."""
        length = self.length[items]
        ends = self.body[items] + (length >> 1)
        opened = np.flatnonzero(length == _UNDEFINED)
        delimiters = np.flatnonzero((self.kind == _IS_ITEM_END) & level)
        if opened.size != delimiters.size:
            return None
        if opened.size:
            if (delimiters < items[opened]).any() or (items[opened[1:]] < delimiters[:-1]).any():
                return None
            ends[opened] = self.position[delimiters] + 4
        return ends

    def _columns(
        self, control_point: IntArray, inside: npt.NDArray[np.bool_], count: int, data: bytes
    ) -> dict[int, Written] | None:
        """What is written of each attribute; ``None`` where one is written twice, or indices do not count."""
        chosen = np.flatnonzero((self.kind >= _IS_VALUE) & ~inside)
        order = np.argsort(self.kind[chosen], kind="stable")
        chosen = chosen[order]
        kind, at = self.kind[chosen], control_point[chosen]
        if ((kind[1:] == kind[:-1]) & (at[1:] == at[:-1])).any():
            return None
        borders = [0, *(np.flatnonzero(kind[1:] != kind[:-1]) + 1).tolist(), chosen.size]
        given_at, texts = at.tolist(), self._texts(chosen, data)
        result: dict[int, Written] = {}
        for begin, end in pairwise(borders):
            if begin < end:
                result[_READ[int(kind[begin]) - _IS_VALUE]] = (given_at[begin:end], texts[begin:end])
        index = result.get(_READ[_INDEX - _IS_VALUE])
        if index is None or len(index[0]) != count:
            return None
        texts = index[1]
        if texts != _COUNTING[:count]:
            numbers = [b"%d" % i for i in range(count)]
            if [text.rstrip(_PADDING) for text in texts] != numbers:
                return None
        return result

    def _devices(
        self,
        inside: IntArray,
        control_point: IntArray,
        inner: IntArray,
        sequence_kind: npt.NDArray[np.uint8],
        data: bytes,
    ) -> tuple[list[int], list[int], list[bytes], list[bytes]] | None:
        """The entries of BeamLimitingDevicePositionSequence, ``None`` where one has not one type and one list."""
        kind = self.kind[inside]
        types, positions = inside[kind == _TYPE], inside[kind == _LEAF_POSITIONS]
        entry = np.flatnonzero(sequence_kind == _IS_DEVICES)
        if not types.size == positions.size == entry.size:
            return None
        for values in (types, positions):
            if (np.searchsorted(inner, values) - 1 != entry).any():
                return None
        at = control_point[inner[entry]]
        place = np.arange(entry.size)
        repeated = at[1:] == at[:-1]
        place[1:] -= np.maximum.accumulate(np.where(repeated, 0, place[1:]))
        return at.tolist(), place.tolist(), self._texts(types, data), self._texts(positions, data)

    def _texts(self, chosen: IntArray, data: bytes) -> list[bytes]:
        begin = self.body[chosen] << 1
        end = begin + self.length[chosen]
        return [data[b:e] for b, e in zip(begin.tolist(), end.tolist(), strict=True)]
