"""Decimal and integer strings as numbers: strict about what is a number, exact, and fast for tens of thousands of them.

A value is accepted only where it is a decimal string by the letter (an optional sign, digits with at most one point, an
optional exponent) between padding blanks, and finite. So ``12,5``, ``66 .0``, ``1_0``, ``NaN`` and ``1e400`` are
unreadable, where Python's `float` would take some of them.

Leaf positions come in tens of thousands. They are converted together: the characters of each number are loaded as one
64-bit word (or two), turned into an integer with word arithmetic, and divided by a power of ten. Integer (below 2**53)
and power are exact doubles, so that one correctly rounded division gives exactly what `float` gives. What is no plain
number comes out as NaN, and whatever comes out as NaN, such as an exponent, goes through `float` one by one.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rtcode.plan.model import FloatArray, IntArray, Integer, Missing, Number
from rtcode.records import record

_DECIMAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?").fullmatch
_DECIMAL_CHARACTERS = b"0123456789+-.eE\\ "
_INTEGER = re.compile(rb"[+-]?\d+").fullmatch
_WHOLE_DECIMAL = re.compile(rb"([+-]?\d+)\.0*").fullmatch
_PADDING = b" \0"
#: Characters of a decimal string that the standard allows; longer ones are read, and noted.
LONGEST = 16
#: Digits of an integer string that are read (the standard has 32 bits).
_LONGEST_INTEGER = 18

U64 = npt.NDArray[np.uint64]
BoolArray = npt.NDArray[np.bool_]


def decimal(text: bytes) -> Number:
    """One decimal string; EMPTY for nothing but padding, INVALID where it is no finite decimal number."""
    text = text.strip(_PADDING)
    if not text:
        return Missing.EMPTY
    if _DECIMAL(text) is None:
        return Missing.INVALID
    value = float(text)
    return value if math.isfinite(value) else Missing.INVALID


def integer(text: bytes) -> tuple[Integer, bool]:
    """One integer string, and whether it was written with a point (``25.0``), which is read as well."""
    text = text.strip(_PADDING)
    if not text:
        return Missing.EMPTY, False
    if len(text) <= _LONGEST_INTEGER:
        if _INTEGER(text):
            return int(text), False
        if whole := _WHOLE_DECIMAL(text):
            return int(whole[1]), True
    return Missing.INVALID, False


def short_list(text: bytes) -> FloatArray | None:
    """The numbers of one multi-valued decimal string, ``None`` where one is unreadable or empty."""
    parts = text.split(b"\\")
    if not text.translate(None, _DECIMAL_CHARACTERS):
        try:
            numbers = np.fromiter(map(float, parts), np.float64, len(parts))
        except ValueError:
            return None
        return numbers if np.isfinite(numbers).all() else None
    values = [decimal(part) for part in parts]
    known = [value for value in values if not isinstance(value, Missing)]
    return np.array(known, np.float64) if len(known) == len(values) else None


@record(eq=False)
class Decimals:
    """The numbers of several decimal strings, one after the other.

    Attributes
    ----------
    values
        All numbers, NaN where unreadable or empty.
    starts
        Shape ``(n + 1,)``: the numbers of text ``i`` are ``values[starts[i]:starts[i + 1]]``.
    unreadable
        Indices of the texts in which a number is unreadable (or empty), ascending.
    long
        Index of the first text with a number of more than 16 characters, or ``None``.
    """

    values: FloatArray
    starts: IntArray
    unreadable: list[int]
    long: int | None

    def of(self, index: int) -> FloatArray:
        return self.values[self.starts[index] : self.starts[index + 1]]


# ---------------------------------------------------------------------------------------- many numbers at once

# Characters are kept as ``character ^ "0"``: digits become 0 to 9, and these are the others that matter. A word holds
# eight of them, the first one in its lowest byte.
_SEPARATOR, _POINT, _MINUS, _BLANK, _NUL = (np.array(ord(c) ^ ord("0"), np.uint8) for c in "\\.- \0")
_ZERO_CHARACTER = np.array(ord("0"), np.uint8)
#: Characters and numbers that are worked on at once: they stay in the processor's cache.
_CHARACTERS = 100_000
_BLOCK = 16_384
#: Characters of a number, without its sign, that go into one word and leave a byte free.
_SHORT = 7


def _u(value: int) -> U64:
    """A constant for words, as an array without dimensions: numpy takes those faster than scalars."""
    return np.array(value, np.uint64)


_0, _1, _8, _16, _32, _56, _64, _255 = (_u(n) for n in (0, 1, 8, 16, 32, 56, 64, 255))
_I1, _I3, _I7, _I56 = (np.array(n, np.int64) for n in (1, 3, 7, 56))
_POINT_DIGIT, _SEVEN_BYTES, _10E8, _EXACT = _u(int(_POINT)), _u((1 << 56) - 1), _u(100_000_000), _u(1 << 53)
#: Digits to pairs, pairs to fours, fours to a number: each is multiplied and added to its neighbor.
_10_AND_1, _100_AND_1, _10000_AND_1 = _u((10 << 8) + 1), _u((100 << 16) + 1), _u((10_000 << 32) + 1)
_PAIRS, _FOURS = _u(0x00FF00FF00FF00FF), _u(0x0000FFFF0000FFFF)
#: Times a word whose bytes are 0 or 1, this has these eight bits in its highest byte.
_BITS = _u(0x0102040810204080)


def _powers(digits_behind: int) -> FloatArray:
    """Power of ten by the bits that say which bytes are points; NaN for more than one.

    Parameters
    ----------
    digits_behind
        How many digits stand behind the last byte of the word.
    """
    powers = np.full(256, math.nan)
    powers[0] = 1.0
    for place in range(8):
        powers[1 << place] = 10.0 ** (digits_behind + 7 - place)
    return powers


_POWERS_FRONT, _POWERS_BACK = _powers(8), _powers(0)
#: In `_short` the last byte is no character, but says that the number is negative. A point behind all digits is left
#: to `float`: it may be all there is.
_POWERS_SHORT = _powers(0)
_POWERS_SHORT[1 << 6 :] = math.nan
_POWERS_SHORT[1 << 7 :] = -_POWERS_SHORT[: 1 << 7]


class _Scratch:
    """Memory for characters and intermediate results, kept for each thread.

    Getting it anew for each block would take more time than the arithmetic does. The rows are staggered, so that equal
    places of different rows do not compete for the same places in the processor's cache.
    """

    def __init__(self) -> None:
        memory = np.empty((7, _BLOCK + 8 * 13), np.uint64)
        self.begins, self.lengths, self.index = memory[:3].view(np.int64)
        self.digits, self.other = memory[3:5]
        self.powers = memory[5].view(np.float64)
        #: one for each character of the digits
        self.points = memory[6].view(np.bool_)
        self.first = np.empty(_BLOCK, np.uint8)
        self.negative = np.empty(_BLOCK, np.bool_)
        self._words = np.empty(_CHARACTERS // 7, np.uint64)
        self._flags = np.empty(8 * self._words.size, np.bool_)
        self._ends = np.empty(_CHARACTERS // 4, np.int64)

    def room(self, characters: int) -> tuple[U64, BoolArray]:
        """Words for so many characters and 16 more, and a flag for each character."""
        words = characters // 8 + 3
        if words <= self._words.size:
            return self._words[:words], self._flags[:characters]
        return np.empty(words, np.uint64), np.empty(characters, np.bool_)

    def ends(self, count: int) -> IntArray:
        return self._ends[:count] if count <= self._ends.size else np.empty(count, np.int64)


_KEPT = threading.local()


def _scratch() -> _Scratch:
    kept: _Scratch | None = getattr(_KEPT, "scratch", None)
    if kept is None:
        kept = _KEPT.scratch = _Scratch()
    return kept


def decimals(texts: Sequence[bytes]) -> Decimals:
    """The numbers of many (multi-valued) decimal strings.

    Bit for bit what `float` gives for each number that `decimal` accepts, NaN for all others.
    """
    values = np.empty(0)
    starts = np.zeros(len(texts) + 1, np.int64)
    unreadable: set[int] = set()
    long: int | None = None
    scratch = _scratch()
    # Where each text ends in all of them, a separator behind each.
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    begin = done = size = 0
    while begin < len(texts):
        end = min(int(np.searchsorted(ends, size + _CHARACTERS)) + 1, len(texts))
        chunk = _Chunk(texts[begin:end], ends[begin:end] - size, scratch)
        size = int(ends[end - 1])
        if done + chunk.count > values.size:
            # The rest probably has as many numbers for its size as what is known, or a few more.
            known = values[:done]
            values = np.empty((done + chunk.count) * int(ends[-1]) // size * 17 // 16 + 1)
            values[:done] = known
        chunk.convert(values[done : done + chunk.count])
        np.add(chunk.stops, done, out=starts[begin + 1 : end + 1])
        unreadable.update(begin + index for index in chunk.unreadable)
        if long is None and chunk.long is not None:
            long = begin + chunk.long
        done += chunk.count
        begin = end
    values.resize(done, refcheck=False)
    return Decimals(values, starts, sorted(unreadable), long)


class _Chunk:
    """Some of the texts: where their numbers are, and what is odd about them.

    ``stops`` has the number of numbers up to and with each text; ``unreadable`` and ``long`` are indices of texts.
    """

    def __init__(self, texts: Sequence[bytes], text_ends: IntArray, scratch: _Scratch) -> None:
        self._scratch = scratch
        # A number stands between one separator and the next.
        self._blob = blob = b"\\".join([b"", *texts, b""])
        # The first separator is put just before a word. Places are counted from that word on, so that a separator's
        # index in `characters` is the place of what stands behind it.
        memory, is_separator = scratch.room(len(blob))
        self._words = memory[1:]
        characters = memory.view(np.uint8)[7 : 7 + len(blob)]
        np.bitwise_xor(np.frombuffer(blob, np.uint8), _ZERO_CHARACTER, out=characters)
        separators = np.flatnonzero(np.equal(characters, _SEPARATOR, out=is_separator))
        self.count = separators.size - 1
        self._starts, self._ends = separators[:-1], np.subtract(separators[1:], _I1, out=scratch.ends(self.count))
        self.stops: IntArray = np.searchsorted(separators, text_ends)
        # A text of odd length is padded; padding at other places is left to `float`.
        last = characters.take(text_ends - 1)
        self._ends[self.stops - 1] -= (last == _BLANK) | (last == _NUL)
        self.unreadable: set[int] = set()
        self.long: int | None = None

    def convert(self, values: FloatArray) -> None:
        for start in range(0, self.count, _BLOCK):
            stop = min(start + _BLOCK, self.count)
            doubtful = _convert(
                self._words, self._starts[start:stop], self._ends[start:stop], values[start:stop], self._scratch
            )
            if doubtful.size:
                self._again(doubtful + start, values)

    def _again(self, doubtful: IntArray, values: FloatArray) -> None:
        """Numbers that do not fit into words: unreadable ones, exponents, long ones."""
        begins, ends = self._starts[doubtful] + 1, self._ends[doubtful] + 1
        texts = [self._blob[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        if self.long is None:
            for i in np.flatnonzero(ends - begins > LONGEST).tolist():
                if len(texts[i].strip(_PADDING)) > LONGEST:
                    self.long = self._text_of(int(doubtful[i]))
                    break
        if not self._blob.translate(None, _DECIMAL_CHARACTERS):
            # Of these characters, `float` takes nothing but decimal numbers.
            try:
                numbers = np.array(list(map(float, texts)))
            except ValueError:
                numbers = np.empty(0)
            if numbers.size and np.isfinite(numbers).all():
                values[doubtful] = numbers
                return
        for index, text in zip(doubtful.tolist(), texts, strict=True):
            value = decimal(text)
            if isinstance(value, Missing):
                values[index] = math.nan
                self.unreadable.add(self._text_of(index))
            else:
                values[index] = value

    def _text_of(self, index: int) -> int:
        return int(np.searchsorted(self.stops, index, "right"))


def _convert(words: U64, starts: IntArray, ends: IntArray, out: FloatArray, scratch: _Scratch) -> IntArray:
    """Numbers between places; returns the indices of those that `float` has to do."""
    n = len(starts)
    first, negative = scratch.first[:n], scratch.negative[:n]
    words.view(np.uint8).take(starts, out=first, mode="clip")
    np.equal(first, _MINUS, out=negative)
    begins = np.add(starts, negative, out=scratch.begins[:n])
    lengths = np.subtract(ends, begins, out=scratch.lengths[:n])
    shortest, longest = int(lengths.min()), int(lengths.max())
    if shortest <= _SHORT:
        _short(words, begins, lengths, negative, out, scratch)
    if longest > _SHORT:
        longer = np.flatnonzero(lengths > _SHORT)
        out[longer] = _medium(words, begins.take(longer), lengths.take(longer), negative.take(longer))
    if shortest == 0:
        out[lengths == 0] = math.nan
    return np.flatnonzero(np.isnan(out))


def _short(
    words: U64, begins: IntArray, lengths: IntArray, negative: BoolArray, out: FloatArray, scratch: _Scratch
) -> None:
    """Numbers of up to seven characters without their sign; NaN where it is none. Longer ones come out as anything.

    The same steps as `_medium` takes, which is easier to read: every line here works in place.
    """
    n = len(begins)
    digits, other, index, powers = scratch.digits[:n], scratch.other[:n], scratch.index[:n], scratch.powers[:n]
    # Eight characters from the beginning on, out of two aligned words.
    np.right_shift(begins, _I3, out=index)
    words.take(index, out=digits, mode="clip")
    words[1:].take(index, out=other, mode="clip")
    np.bitwise_and(begins, _I7, out=index)
    np.left_shift(index, _I3, out=index)
    shift: U64 = index.view(np.uint64)
    np.right_shift(digits, shift, out=digits)
    np.subtract(_64, shift, out=shift)
    np.left_shift(other, shift, out=other)
    np.bitwise_or(digits, other, out=digits)
    # The number's own characters into the first seven bytes, zeros before and behind them.
    np.left_shift(lengths, _I3, out=index)
    np.subtract(_I56, index, out=index)
    np.left_shift(digits, shift, out=digits)
    np.bitwise_and(digits, _SEVEN_BYTES, out=digits)
    # Where a point is: a one in its byte. The point becomes a zero.
    characters, points = digits.view(np.uint8), scratch.points[: 8 * n]
    np.equal(characters, _POINT, out=points)
    point: U64 = points.view(np.uint64)
    np.multiply(point, _POINT_DIGIT, out=other)
    np.bitwise_xor(digits, other, out=digits)
    wrong = np.flatnonzero((characters > 9).view(np.uint64)) if characters.max() > 9 else None
    # What stands before the point moves up by one byte, over the point. Without a point that is everything.
    np.subtract(point, _1, out=other)
    np.bitwise_and(digits, other, out=other)
    np.multiply(other, _255, out=other)
    np.add(digits, other, out=digits)
    # The digits' value.
    np.multiply(digits, _10_AND_1, out=digits)
    np.right_shift(digits, _8, out=digits)
    np.bitwise_and(digits, _PAIRS, out=digits)
    np.multiply(digits, _100_AND_1, out=digits)
    np.right_shift(digits, _16, out=digits)
    np.bitwise_and(digits, _FOURS, out=digits)
    np.multiply(digits, _10000_AND_1, out=digits)
    np.right_shift(digits, _32, out=digits)
    np.copyto(out, digits.view(np.int64))
    # The power of ten with the sign of the number.
    np.copyto(points[7::8], negative)
    np.multiply(point, _BITS, out=other)
    np.right_shift(other, _56, out=other)
    _POWERS_SHORT.take(other.view(np.int64), out=powers, mode="clip")
    np.divide(out, powers, out=out)
    if wrong is not None:
        out[wrong] = math.nan


def _medium(words: U64, begins: IntArray, lengths: IntArray, negative: BoolArray) -> FloatArray:
    """Numbers of 8 to 16 characters (8 to 15 with a sign); NaN where it is none.

    Up to eight characters are in ``front``, at its end, with zeros before them; the last eight are in ``back``.
    """
    front = _load(words, begins) << (128 - (lengths << 3)).view(np.uint64)
    back = _load(words, begins + lengths - 8)
    point_front = (front.view(np.uint8) == _POINT).view(np.uint64)
    point_back = (back.view(np.uint8) == _POINT).view(np.uint64)
    in_front, in_back = point_front != _0, point_back != _0
    front ^= point_front * _POINT_DIGIT
    back ^= point_back * _POINT_DIGIT
    wrong = (np.maximum(front.view(np.uint8), back.view(np.uint8)) > 9).view(np.uint64) != _0
    # What stands before the point moves up by one byte, over the point; a point in the back moves the whole front.
    back += (back & (point_back - in_back)) * _255 + np.where(in_back, front >> _56, _0)
    front = np.where(in_back, front << _8, front + (front & (point_front - in_front)) * _255)
    value = _eight_digits(front) * _10E8 + _eight_digits(back)
    powers = _POWERS_FRONT.take(((point_front * _BITS) >> _56).view(np.int64))
    powers *= _POWERS_BACK.take(((point_back * _BITS) >> _56).view(np.int64))
    result: FloatArray = value / powers
    np.negative(result, out=result, where=negative)
    result[wrong | (in_front & in_back) | (value >= _EXACT) | (lengths + negative > LONGEST)] = math.nan
    return result


def _load(words: U64, places: IntArray) -> U64:
    """Eight characters from any place on, out of two aligned words."""
    index = places >> 3
    shift = ((places & 7) << 3).view(np.uint64)
    # A shift by all 64 bits gives 0.
    return (words.take(index) >> shift) | (words.take(index + 1) << (_64 - shift))


def _eight_digits(digits: U64) -> U64:
    """The number that eight digits are."""
    pairs = (digits * _10_AND_1 >> _8) & _PAIRS
    fours = (pairs * _100_AND_1 >> _16) & _FOURS
    return fours * _10000_AND_1 >> _32
