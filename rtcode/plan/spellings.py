"""Where the words of a list stand in a text, without a regular expression for each list.

A text is cut once into pieces at every place where a word may begin or end (`Piece`), and each run of pieces is kept
under its letters, in lower case and without what separates the parts of a phrase: "L_DIBH 4D-CT" gives ``l``, ``dibh``,
``ldibh``, ``4``, ``4d``, ``dct``... A word list is a dictionary of such keys, so that a list costs one lookup a text
and not one search: compiling the lists as alternatives took a tenth of a cold call, searching them half of a warm one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, KeysView, Sequence
from functools import lru_cache
from typing import TypeAlias

from rtcode.records import record

#: A letter or digit run: what a phrase's parts consist of.
PART = re.compile(r"[^\W_]+")
#: What may stand between the parts of a phrase: "breath hold", "breath-hold", "breathhold", "H & N", "QA: passed".
_GAP = "_-–—./&+:'’"
_LONGEST_GAP = 4
#: Pieces of the longest run: no phrase has so many, however its letters are cut ("4D-CBCT" has three).
_MOST_PIECES = 32
#: Letters of the longest word or phrase that lists usually have.
USUAL_LETTERS = 32
#: Texts up to this length are indexed once and kept; longer ones are few and their index is large.
_SHORT_TEXT = 400


#: A side written to a word without a boundary: "RTBREAST", "ltlung", "LBrst", "BREASTL". No word of the languages that
#: plans are written in begins with these two letters; a single letter counts only as a capital and beside four others.
_SIDE_FIRST = re.compile(r"(?<![A-Za-z])(?:[LR]T(?=[A-Z]{2})|(?-i:[LR])(?=[A-Z]{4}))", re.IGNORECASE | re.ASCII)
_SIDE_LAST = re.compile(r"(?<=[A-Z]{4})(?:[LR]T|(?-i:[LR]))(?![A-Za-z])", re.IGNORECASE | re.ASCII)
#: Letters that no word holds: they are a word of their own inside a run of letters too ("LUNGSBRT", "BRSTDIBH"), unless
#: only one letter goes on ("XDIBH").
_MARKS = re.compile(
    r"(?:(?<![A-Z])|(?<=[A-Z]{2}))(?:DIBH|SBRT|SGRT)(?:(?![A-Z])|(?=[A-Z]{2}))", re.IGNORECASE | re.ASCII
)
#: Kana and ideographs, which are written without blanks: a word may begin and end at each.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
#: An acronym that runs into another word ("SRSbrain", "DIBHBreast") has at least this many letters.
_SHORTEST_ACRONYM = 3
_LOWER_WORD = re.compile(r"[a-z]{4}")


#: A part of a text between two places where a word may begin or end: start, end, whether a word may begin at the start,
#: and whether one may end at the end (``None``: only an acronym).
Piece: TypeAlias = tuple[int, int, bool, bool | None]
#: A run of pieces: start, end, and the numbers of letters after which something separates two of them.
Span: TypeAlias = tuple[int, int, tuple[int, ...]]


@record(eq=False)
class IndexedText:
    """A text in plain form, and its runs of pieces by their letters."""

    plain: str
    spans: dict[str, list[Span]]


@record(eq=False)
class WordList:
    """Words and phrases by their keys (see `spelling_key`)."""

    #: key → the list's first spelling of it
    words: dict[str, str]
    #: key → for each spelling the numbers of letters after which a part ends
    breaks: dict[str, list[frozenset[int]]]
    keys: frozenset[str]
    #: letters of the longest key
    longest: int

    def places(self, text: IndexedText) -> list[tuple[int, int, str]]:
        """Start, end and key wherever a word stands, overlaps included; by start, the longest first."""
        # the keys of a dictionary and a set: Python walks through the shorter one
        if text.spans.keys().isdisjoint(self.keys):
            return []
        found = [
            (start, end, key)
            for key in self.keys & text.spans.keys()
            for start, end, breaks in text.spans[key]
            if any(parts.issuperset(breaks) for parts in self.breaks[key])
        ]
        return sorted(found, key=lambda place: (place[0], -place[1]))


@lru_cache(maxsize=1024)
def word_list(words: tuple[str, ...]) -> WordList:
    """The list, made once."""
    first: dict[str, str] = {}
    breaks: dict[str, list[frozenset[int]]] = {}
    for word in words:
        key, places = key_and_breaks(word)
        if key:
            first.setdefault(key, word)
            breaks.setdefault(key, []).append(places)
    return WordList(first, breaks, frozenset(first), max(map(len, first), default=0))


def key_and_breaks(phrase: str) -> tuple[str, frozenset[int]]:
    """The letters of a phrase, and after how many of them a part ends."""
    parts = PART.findall(plain(phrase).lower())
    places, letters = set(), 0
    for part in parts[:-1]:
        letters += len(part)
        places.add(letters)
    return "".join(parts), frozenset(places)


def without_overlaps(places: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The places from left to right, the longest where several begin, none inside one that came before."""
    free = 0
    for place in places:
        if place[0] >= free:
            free = place[1]
            yield place


def plain(text: str) -> str:
    """The text without accents and ligatures, case kept: what words are matched on."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=4096)
def spelling_key(spelling: str) -> str:
    """One key for all ways to write a word: case, accents and what separates the parts of a phrase left out."""
    return "".join(char for char in plain(spelling).lower() if char.isalnum())


def indexed(text: str, longest: int) -> IndexedText:
    """The text with its runs of pieces, up to at least ``longest`` letters."""
    rounded = USUAL_LETTERS * -(-longest // USUAL_LETTERS)
    return _kept(text, rounded) if len(text) <= _SHORT_TEXT else _kept_long(text, rounded)


def usual_keys(text: str) -> KeysView[str]:
    """The letters of every run in a text that a word or phrase of up to `USUAL_LETTERS` could be."""
    return indexed(text, USUAL_LETTERS).spans.keys()


def _indexed(text: str, longest: int) -> IndexedText:
    simple = plain(text)
    pieces = [
        (found.start() + start, found.start() + end, begins, ends)
        for found in PART.finditer(simple)
        for start, end, begins, ends in _cut(found.group())
    ]
    return IndexedText(simple, runs(simple, pieces, longest))


_kept = lru_cache(maxsize=1024)(_indexed)
_kept_long = lru_cache(maxsize=8)(_indexed)


def runs(
    text: str, pieces: Sequence[Piece], longest: int, starts: frozenset[str] | None = None
) -> dict[str, list[Span]]:
    """All runs of pieces that may be a word or phrase, by their letters.

    Parameters
    ----------
    longest
        Letters of the longest run that is wanted.
    starts
        How the keys that are wanted begin: a run is followed no further than one of them could.
    """
    lower = _lower(text)
    letters = [lower[start:end] for start, end, _, _ in pieces]
    found: dict[str, list[Span]] = {}
    for first, (start, end, begins, _) in enumerate(pieces):
        if not begins or (starts is not None and letters[first] not in starts):
            continue
        key = ""
        breaks: tuple[int, ...] = ()
        for index in range(first, min(first + _MOST_PIECES, len(pieces))):
            begin, stop, _, ends = pieces[index]
            if begin > end:
                if begin - end > _LONGEST_GAP or not _is_gap(text[end:begin]):
                    break
                breaks = (*breaks, len(key))
            key += letters[index]
            if len(key) > longest or (starts is not None and key not in starts):
                break
            end = stop
            if ends or (ends is None and _is_acronym(text[start:end])):
                found.setdefault(key, []).append((start, end, breaks))
    return found


def _lower(text: str) -> str:
    """Lower case with the same offsets: a few letters have a lower case of two characters."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(char.lower()[0] for char in text)


def _is_gap(between: str) -> bool:
    return all(char in _GAP or char.isspace() for char in between)


@lru_cache(maxsize=4096)
def _cut(letters: str) -> tuple[Piece, ...]:
    """A run of letters and digits, cut wherever a word may begin or end inside it."""
    pieces: list[Piece] = []
    start, begins = 0, True
    joints = _joints(letters)
    for index in range(1, len(letters)):
        may_end, may_begin = (True, True) if index in joints else _boundary(letters, index)
        if may_begin or may_end is not False:
            pieces.append((start, index, begins, may_end))
            start, begins = index, may_begin
    pieces.append((start, len(letters), begins, True))
    return tuple(pieces)


def _joints(letters: str) -> set[int]:
    """Where words were written together: behind a side, before one, and at both ends of a mark."""
    joints = {found.end() for found in _SIDE_FIRST.finditer(letters)}
    joints |= {found.start() for found in _SIDE_LAST.finditer(letters)}
    for found in _MARKS.finditer(letters):
        joints |= {found.start(), found.end()}
    return joints


def _boundary(letters: str, index: int) -> tuple[bool | None, bool]:
    """Whether a word may end before ``index`` (``None``: only an acronym), and whether one may begin there."""
    before, after = letters[index - 1], letters[index]
    if before.isdigit() != after.isdigit() or before.isascii() != after.isascii():
        return True, True
    if _UNSPACED.match(before) or _UNSPACED.match(after):
        return True, True
    if before.isdigit():
        return False, False
    if before.islower() and after.isupper():
        return True, True
    if before.isupper() and after.isupper():
        # "RTLung", "DIBHBreast": a capital that begins a word in lower case
        return (None, True) if letters[index + 1 : index + 2].islower() else (False, False)
    if before.isupper() and after.islower():
        # "DIBHleft", "SRSbrain": an acronym that runs into lower case, and what may be a word behind it
        capitals = letters[max(0, index - _SHORTEST_ACRONYM) : index]
        return None, capitals.isalpha() and _is_acronym(capitals) and _LOWER_WORD.match(letters, index) is not None
    return False, False


def _is_acronym(word: str) -> bool:
    return len(word) >= _SHORTEST_ACRONYM and word.isupper()
