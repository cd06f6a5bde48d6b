"""The decimal strings of all control points, collected first and converted in one go."""

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
    """Decimal strings under consecutive numbers; `convert` once, then ask for values.

    What is read as columns and what is read as rows is numbered apart: columns often have many digits, positions few,
    and alike numbers together are converted faster.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._texts: list[bytes] = []
        self._row_texts: list[bytes] = []
        self._numbers: Decimals | None = None

    def add(self, texts: Sequence[bytes]) -> int:
        """Take in some texts of a column, for `vectors`; returns the number of the first one."""
        first = len(self._texts)
        self._texts.extend(texts)
        return first

    def add_rows(self, texts: Sequence[bytes]) -> int:
        """Take in some texts for `rows`; returns the number of the first one."""
        first = len(self._row_texts)
        self._row_texts.extend(texts)
        return first

    def convert(self) -> None:
        self._rows_from = len(self._texts)
        self._texts += self._row_texts
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
        states = np.full(count, int(State.GIVEN), np.uint8)
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
        self._note_long(first, count, where)
        return values, states

    def _single(self, first: int, length: int, where: Where) -> tuple[FloatArray, StateArray]:
        done = self._done
        begin, end = int(done.starts[first]), int(done.starts[first + 1])
        self._note_long(first, 1, where)
        if end - begin == length and not self._unreadable(first, 1):
            return done.values[None, begin:end].copy(), np.full(1, int(State.GIVEN), np.uint8)
        state = self._complaint(first, end - begin != length, where, 0)
        return np.full((1, length), np.nan), np.full(1, state, np.uint8)

    def counts(self, first: int, count: int) -> list[int]:
        """How many values each of these rows has; none in an empty text."""
        first += self._rows_from
        starts = self._done.starts[first : first + count + 1]
        counts = starts[1:] - starts[:-1]
        for i in np.flatnonzero(counts == 1).tolist():
            if not self._texts[first + i].strip(_PADDING):
                counts[i] = 0
        return counts.tolist()  # type: ignore[no-any-return]

    def rows(self, numbers: Sequence[int], length: int, where: Where) -> FloatArray:
        """Rows of ``length`` values: shape ``(len(numbers), length)``, NaN where a number is unreadable."""
        done = self._done
        if not numbers:
            return np.empty((0, length))
        if done.unreadable:
            unreadable = set(done.unreadable)
            for i, number in enumerate(numbers):
                if number + self._rows_from in unreadable:
                    self._notes.add("number_unreadable", where(i))
        starts = done.starts[self._rows_from :]
        first, last = numbers[0], numbers[-1]
        if list(numbers) == list(range(first, last + 1)):
            # A view: nearly all numbers of a beam are in here, and nobody else keeps them.
            return done.values[starts[first] : starts[last + 1]].reshape(-1, length)
        places = starts[list(numbers)][:, None] + np.arange(length)
        return done.values.take(places)

    def note_long(self, first: int, count: int, where: Where) -> None:
        """Warn where one of these rows is the first text of all that has a number of too many characters."""
        self._note_long(self._rows_from + first, count, where)

    def _unreadable(self, first: int, count: int) -> list[int]:
        found = self._done.unreadable
        return found[bisect_left(found, first) : bisect_left(found, first + count)] if found else []

    def _complaint(self, number: int, wrong_length: bool, where: Where, place: int) -> State:
        if not self._texts[number].strip(_PADDING):
            return State.EMPTY
        self._notes.add("vector_length" if wrong_length else "number_unreadable", where(place))
        return State.INVALID

    def _note_long(self, first: int, count: int, where: Where) -> None:
        """Warn where one of these texts is the first of all that has a number of too many characters."""
        long = self._done.long
        if long is not None and first <= long < first + count:
            self._notes.once("number_long", where(long - first))
