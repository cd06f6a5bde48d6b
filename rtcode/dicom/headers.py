"""Headers of data elements, items and delimiters: one at a time, or at many places at once."""

from __future__ import annotations

from struct import Struct

import numpy as np
import numpy.typing as npt

from rtcode.dicom.vocabulary import SEQUENCES, VALUES
from rtcode.plan.model import IntArray

UNDEFINED = 0xFFFFFFFF

U64 = npt.NDArray[np.uint64]
# As arrays without dimensions: numpy takes those faster than scalars.
_SHIFT = {bits: np.array(bits, np.uint64) for bits in (0, 16, 32, 48)}
_MASK = {bits: np.array((1 << bits) - 1, np.uint64) for bits in (16, 32)}


class ByteOrder:
    """How headers look in one byte order. Tags are compared as the number that their four bytes give."""

    def __init__(self, mark: str) -> None:
        self.implicit = Struct(f"{mark}LL").unpack_from
        self.explicit = Struct(f"{mark}L2sH").unpack_from
        self.long_length = Struct(f"{mark}L").unpack_from
        self.pack = Struct(f"{mark}LL").pack
        self.little = mark == "<"
        self.item, self.item_end, self.sequence_end = map(self.raw, (0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD))
        #: from a tag's number to the tag: positive for values, negative for sequences
        self.wanted = {self.raw(tag): tag for tag in VALUES} | {self.raw(tag): -tag for tag in SEQUENCES}

    def raw(self, tag: int) -> int:
        """A tag as its bytes read as one number; the same the other way round."""
        return tag >> 16 | (tag & 0xFFFF) << 16 if self.little else tag


LITTLE = ByteOrder("<")
BIG = ByteOrder(">")


class HeaderView:
    """The eight bytes of a header at each of many places, as one number each.

    They end with a length: of 16 bits behind a tag and a VR, or of 32 bits behind a tag (implicit VR, items and
    delimiters).
    """

    def __init__(self, data: bytes, order: ByteOrder) -> None:
        # One number for each byte of the data, overlapping: nothing is copied.
        self._words = np.ndarray((max(0, len(data) - 7),), "<u8" if order.little else ">u8", data, strides=(1,))
        self._little = order.little

    def at(self, places: IntArray) -> U64:
        """The headers at these places; `IndexError` where one is cut by the end of the data."""
        headers: U64 = self._words[places]
        return headers if self._little else headers.astype(np.uint64)

    def tag(self, header: int) -> int:
        """The tag's number (`ByteOrder.raw`)."""
        return header & 0xFFFFFFFF if self._little else header >> 32

    def vr(self, header: int) -> bytes:
        return header.to_bytes(8, "little" if self._little else "big")[4:6]

    def lengths(self, headers: U64, bits: int) -> IntArray:
        lengths: U64 = headers >> _SHIFT[64 - bits] if self._little else headers & _MASK[bits]
        return lengths.view(np.int64)

    def like_first(self, headers: U64, bits: int) -> npt.NDArray[np.bool_]:
        """Which of them are as the first one but for the length."""
        differing: U64 = headers ^ headers[0]
        differing = differing << _SHIFT[bits] if self._little else differing >> _SHIFT[bits]
        like: npt.NDArray[np.bool_] = differing == _SHIFT[0]
        return like


def little_endian(value: bytes, size: int) -> bytes:
    """Big-endian numbers of so many bytes each, little endian; as it is where that does not go."""
    if len(value) % size:
        return value
    return b"".join(value[i : i + size][::-1] for i in range(0, len(value), size))
