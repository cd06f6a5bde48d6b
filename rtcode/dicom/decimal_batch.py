"""Many decimal strings of one beam, collected first and converted in one go."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np

from rtcode.dicom.numbers import Decimals, decimals
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import FloatArray, State, StateArray

Where = Callable[[int], str]
_PADDING = b" \0"


class Batch:
    """Decimal strings under consecutive numbers; `convert` once, then ask for values."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._texts: list[bytes] = []
        self._numbers: Decimals | None = None

    def add(self, texts: Sequence[bytes]) -> int:
        """Take some texts in; returns the number of the first one."""
        first = len(self._texts)
        self._texts.extend(texts)
        return first

    def convert(self) -> None:
        self._numbers = decimals(self._texts)

    @property
    def _done(self) -> Decimals:
        assert self._numbers is not None
        return self._numbers

    def vectors(self, first: int, count: int, length: int, where: Where) -> tuple[FloatArray, StateArray]:
        """``length`` values each: shape ``(count, length)``; a text with another number of values is INVALID.

        Parameters
        ----------
        where
            Names the place of the i-th of these texts, for warnings.
        """
        done = self._done
        if count == 1:
            return self._single(first, length, where)
        starts = done.starts[first : first + count + 1]
        states = np.full(count, State.GIVEN, np.uint8)
        wrong = starts[1:] - starts[:-1] != length
        bad = self._unreadable(first, count)
        if wrong.any():
            values = np.full((count, length), np.nan)
            right = np.flatnonzero(~wrong)
            values[right] = done.values[starts[right][:, None] + np.arange(length)]
            bad = sorted({*bad, *(np.flatnonzero(wrong) + first).tolist()})
        else:
            values = done.values[starts[0] : starts[-1]].reshape(count, length).copy()
        for i in bad:
            states[i - first] = self._complaint(i, bool(wrong[i - first]), where, i - first)
            values[i - first] = np.nan
        self.note_long(first, count, where)
        return values, states

    def _single(self, first: int, length: int, where: Where) -> tuple[FloatArray, StateArray]:
        done = self._done
        begin, end = int(done.starts[first]), int(done.starts[first + 1])
        self.note_long(first, 1, where)
        if end - begin == length and not self._unreadable(first, 1):
            return done.values[None, begin:end].copy(), np.full(1, State.GIVEN, np.uint8)
        state = self._complaint(first, end - begin != length, where, 0)
        return np.full((1, length), np.nan), np.full(1, state, np.uint8)

    def counts(self, first: int, count: int) -> list[int]:
        """How many values each of these texts has; none in an empty text."""
        starts = self._done.starts[first : first + count + 1]
        counts: list[int] = (starts[1:] - starts[:-1]).tolist()
        texts = self._texts[first : first + count]
        return [number if text else 0 for number, text in zip(counts, texts, strict=True)] if b"" in texts else counts

    def rows(self, numbers: Sequence[int], length: int, where: Where) -> FloatArray:
        """Texts of ``length`` values as rows: shape ``(len(numbers), length)``, NaN where a number is unreadable."""
        done = self._done
        if not numbers:
            return np.empty((0, length))
        first, last = numbers[0], numbers[-1]
        if done.unreadable:
            unreadable = set(done.unreadable)
            for i, number in enumerate(numbers):
                if number in unreadable:
                    self._notes.add("number_unreadable", where(i))
        if list(numbers) == list(range(first, last + 1)):
            # A view: nearly all numbers of a beam are in here, and nobody else keeps them.
            return done.values[done.starts[first] : done.starts[last + 1]].reshape(-1, length)
        places = done.starts[list(numbers)][:, None] + np.arange(length)
        return done.values.take(places)

    def _unreadable(self, first: int, count: int) -> list[int]:
        found = self._done.unreadable
        return found[bisect_left(found, first) : bisect_left(found, first + count)] if found else []

    def _complaint(self, number: int, wrong_length: bool, where: Where, place: int) -> State:
        if not self._texts[number].strip(_PADDING):
            return State.EMPTY
        self._notes.add("vector_length" if wrong_length else "number_unreadable", where(place))
        return State.INVALID

    def note_long(self, first: int, count: int, where: Where) -> None:
        """Warn where one of these texts is the first of all that has a number of too many characters."""
        long = self._done.long
        if long is not None and first <= long < first + count:
            self._notes.once("number_long", where(long - first))
