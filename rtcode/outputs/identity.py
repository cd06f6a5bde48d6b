"""Finds where a text repeats a patient's name, ID or birth date, however it is written there.

Texts and names are compared without case, accents and width (``Müller`` is ``muller``; ``mueller`` is looked for too)
and without what stands between letters (``O'Brien``, ``OBRIEN``, ``O Brien``). What is looked for is kept by its first
characters, so that a text is searched in one pass however many patients a call has.

- A part of a name of four letters or more is found anywhere, also inside a word (``SmithJ2``); two or three letters
  only as a word of their own (``Wu``, not ``Wurst``), two parts together anywhere (``WuLi``). Chinese, Japanese and
  Korean parts are found anywhere, whatever their length.
- An ID is found with or without leading zeros and with letters before it; a long number that contains it is another.
- A birth date is found in the usual orders, with or without separators, and with an English month.

An ordinary word of the field that merely contains a name ("planned" for Anne) is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, permutations

from rtcode.plan.model import PatientIdentity

#: Letters that have no decomposition, as they are read without accents.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
#: How the same letters are written out where there are no accents.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_WRITTEN_TOGETHER = re.compile(r"([aou])e|aa")

#: Parts of fewer letters than this are looked for as words of their own.
_ANYWHERE = 4
_KEY = 4
#: Longer names and IDs than the standard allows are looked for by their beginning, and by this many words; so many of
#: a name are also looked for in pairs.
_LONGEST = 64
_MOST_WORDS = 40
_MOST_PAIRED = 12

#: Ordinary words of plans in which a name may hide.
_ORDINARY_TEXT = """
    abdomen abdominal accelerator adaptive anterior approved arrangement axilla biological bladder boost breast
    breath breathing cancer caudal central cerebellum cerebral cervical cervix change changed channel chest
    clavicle clinical collimator combined conformal control coplanar cranial cranium curative daily delivery
    diagnostic distance electron electrons elements energy esophagus expiration external femoral femur field
    fields flattening forward fraction fractions gantry gating general glands hippocampal hypofractionated
    imaging inferior inguinal inhale inspiration integrated intensity internal inverse isocenter isocentre
    kidney laryngeal larynx lateral machine management mandible manual margin marker mechanical medial
    mediastinal mediastinum modulated monitor nasopharynx nodal normal oblique oesophagus orbital organ original
    oropharynx palliative pancreas paranasal parotid partial patella patient pelvic pelvis pharynx phantom
    photon photons planned planning plane planar position posterior prescription primary prone prostate
    prostatic radiation rectal rectum regional replan research respiratory restart retreatment sacrum scanner
    scapula seminal sequential series shoulder simulation simultaneous single spinal splenic standard static
    stereotactic sternal sternum stomach superior supine supraclavicular surface tangent tangential tangents
    target technique thoracic thorax thyroid tracking transfer treatment tumor tumour unapproved uterine uterus
    vaginal verification vertebra vertebral volume wedge whole
"""
_ORDINARY = tuple(_ORDINARY_TEXT.split())

_MONTH_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS = {name: month for month, name in enumerate(_MONTH_NAMES.split("|"), 1)}
_SEPARATOR = r"[\s\-./_,年月]"
_YEAR_OR_DAY = r"(?:\d{4}|\d{1,2})"
_MONTH_NAME = rf"(?:{_MONTH_NAMES})[a-z]{{0,6}}"
#: Wherever a date may begin (dates may overlap: "16 13.08.1947"); all numbers are short, so that no search is long.
_DATE = rf"""(?=(?P<date>
        (?<!\d)(?P<run>\d{{8}}|\d{{6}})(?!\d)
      | (?<!\d)(?P<a>{_YEAR_OR_DAY}){_SEPARATOR}{{1,3}}(?P<b>\d{{1,2}}){_SEPARATOR}{{1,3}}(?P<c>{_YEAR_OR_DAY})(?!\d)
      | (?<!\d)(?P<d>{_YEAR_OR_DAY})(?:st|nd|rd|th)?{_SEPARATOR}{{0,3}}
        (?P<month>{_MONTH_NAME}){_SEPARATOR}{{0,3}}(?P<e>{_YEAR_OR_DAY})(?!\d)
      | (?P<first>{_MONTH_NAME}){_SEPARATOR}{{0,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_SEPARATOR}{{1,3}}
        (?P<year>{_YEAR_OR_DAY})(?!\d)
    ))"""
#: Fewer digits make no date.
_FEWEST_DIGITS = 3

_APOSTROPHES = frozenset("'`´‘’ʹʼʻ′＇")
#: Apostrophes that Unicode counts as letters.
_WORD_MARKS = {"ʹ": "'", "ʼ": "'", "ʻ": "'"}
_HYPHENS = frozenset("-‐‑‒–.·")
#: What lies between two letters of a text: nothing (or nothing visible), an apostrophe or hyphen, up to three other
#: characters, more.
_NOTHING, _MARK, _SHORT, _WIDE = range(4)
_SHORTEST_WIDE = 4

Span = tuple[int, int]
Birthday = tuple[int, int, int]


class IdentityFinder:
    """Finds the names, IDs and birth dates of a call's patients in texts."""

    def __init__(self, patients: Iterable[PatientIdentity]) -> None:
        #: by its first characters: what is looked for, the longest first
        self._index: dict[str, list[str]] = {}
        #: the places in what is looked for at which its parts meet
        self._joints: dict[str, set[int]] = {}
        #: ordinary words that contain it, and where in them it begins
        self._ordinary: dict[str, list[tuple[int, str]]] = {}
        self._birthdays: set[Birthday] = set()
        for patient in set(patients):
            self._add_name(patient.name or "")
            self._add_id(patient.id or "")
            self._add_birthday(patient.birth_date or "")
        for found in self._index.values():
            found.sort(key=lambda secret: (-len(secret), secret))
        self._key_lengths = sorted({len(key) for key in self._index}, reverse=True)

    def spans(self, text: str) -> list[Span]:
        """Where the text repeats a patient's identity: sorted, apart from one another; time linear in the text."""
        found = [*self._names_and_ids(text), *self._dates(text)]
        merged: list[Span] = []
        for begin, end in sorted(found):
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return merged

    # ------------------------------------------------------------------------------------------- what is looked for

    def _add_name(self, name: str) -> None:
        for group in name[: _LONGEST * 5].split("="):
            words = [word for word in re.split(r"[\^\\,;\s]+", group) if word][:_MOST_WORDS]
            for word in words:
                pieces = _pieces(word)
                self._add(pieces)
                for piece in pieces:
                    self._add([piece])
            for first, second in permutations(words[:_MOST_PAIRED], 2):
                self._add([*_pieces(first), *_pieces(second)], shortest=_ANYWHERE)

    def _add_id(self, number: str) -> None:
        pieces = _pieces(number[:_LONGEST])
        self._add(pieces, shortest=3)
        for piece in pieces:
            if piece.lower() not in _ORDINARY:
                self._add([piece], shortest=_ANYWHERE)
            for digits in re.findall(r"[0-9]+", _fold(piece)[0]):
                self._add([digits.lstrip("0")], shortest=_ANYWHERE)

    def _add_birthday(self, date: str) -> None:
        digits = "".join(_fold(date[:_LONGEST])[0].split())
        if len(digits) == 8 and digits.isdecimal():
            self._birthdays.add((int(digits[:4]), int(digits[4:6]), int(digits[6:])))
        else:
            self._add(_pieces(date[:_LONGEST]), shortest=_ANYWHERE)

    def _add(self, pieces: list[str], *, shortest: int = 2) -> None:
        """Look for these pieces written together or apart, in each way in which accents are written."""
        plain = [_fold(piece)[0] for piece in pieces]
        written_out = [_fold(unicodedata.normalize("NFC", p).lower().translate(_WRITTEN_OUT))[0] for p in pieces]
        together = [_WRITTEN_TOGETHER.sub(lambda m: m[1] or "a", piece) for piece in plain]
        for variant in (plain, written_out, together):
            secret = "".join(variant)[:_LONGEST]
            if len(secret) < (3 if secret.isdecimal() else shortest) and not _is_cjk(secret):
                continue
            joints = self._joints.get(secret)
            if joints is None:
                joints = self._joints[secret] = set()
                self._index.setdefault(secret[:_KEY], []).append(secret)
                if len(secret) >= _ANYWHERE and secret in _ORDINARY_TEXT:
                    hiding = [(word.index(secret), word) for word in _ORDINARY if secret in word and secret != word]
                    self._ordinary[secret] = hiding
            place = 0
            for piece in variant[:-1]:
                place += len(piece)
                joints.add(place)

    # -------------------------------------------------------------------------------------------------- names and IDs

    def _names_and_ids(self, text: str) -> Iterator[Span]:
        if not self._index:
            return
        letters, places = _fold(text)
        gaps = _gaps(text, places)
        at = 0
        while at < len(letters):
            end = self._match(letters, gaps, at)
            if end is None:
                at += 1
                continue
            begin = at
            while letters[at].isdecimal() and begin and letters[begin - 1] == "0" and gaps[begin] == _NOTHING:
                begin -= 1
            yield places[begin], _with_marks(text, places[end - 1] + 1)
            at = end

    def _match(self, letters: str, gaps: list[int], at: int) -> int | None:
        for length in self._key_lengths:
            for secret in self._index.get(letters[at : at + length], ()):
                if letters.startswith(secret, at) and self._is_meant(secret, letters, gaps, at):
                    return at + len(secret)
        return None

    def _is_meant(self, secret: str, letters: str, gaps: list[int], at: int) -> bool:
        """Whether the letters here are the secret, and not a part of something else."""
        end = at + len(secret)
        joints = self._joints[secret]
        for i in range(at + 1, end):
            allowed = _SHORT if i - at in joints else _MARK if (letters[i - 1] + letters[i]).isalpha() else _NOTHING
            if gaps[i] > allowed:
                return False
        if _is_cjk(secret):
            return True
        before = letters[at - 1] if at and gaps[at] == _NOTHING else ""
        after = letters[end] if end < len(letters) and gaps[end] == _NOTHING else ""
        if secret[-1].isdecimal() and after.isdecimal():
            return False
        if secret[0].isdecimal() and before.isdecimal():
            zeros = at
            while zeros and letters[zeros - 1] == "0" and gaps[zeros] == _NOTHING:
                zeros -= 1
            if zeros and letters[zeros - 1].isdecimal() and gaps[zeros] == _NOTHING:
                return False
        if len(secret) < _ANYWHERE:
            return not (before.isalpha() or after.isalpha())
        hiding = self._ordinary.get(secret, ())
        return not any(at >= offset and letters.startswith(word, at - offset) for offset, word in hiding)

    # ------------------------------------------------------------------------------------------------------ birth date

    def _dates(self, text: str) -> Iterator[Span]:
        if not self._birthdays or sum(map(str.isdecimal, text)) < _FEWEST_DIGITS:
            return
        for found in _date_pattern().finditer(text):
            if any(date in self._birthdays for date in self._readings(found)):
                yield found.span("date")

    def _readings(self, found: re.Match[str]) -> Iterator[Birthday]:
        """The dates that a text may mean."""
        run = found["run"]
        if run is not None:
            if len(run) == 8:
                yield from self._orders(run[:4], run[4:6], run[6:])
                yield from self._orders(run[:2], run[2:4], run[4:])
            else:
                yield from self._orders(run[:2], run[2:4], run[4:])
        elif found["a"] is not None:
            yield from self._orders(found["a"], found["b"], found["c"])
        elif found["month"] is not None:
            month = _MONTHS[found["month"][:3].lower()]
            yield from self._years(found["d"], month, found["e"])
            yield from self._years(found["e"], month, found["d"])
        else:
            yield from self._years(found["year"], _MONTHS[found["first"][:3].lower()], found["day"])

    def _orders(self, a: str, b: str, c: str) -> Iterator[Birthday]:
        yield from self._years(a, b, c)
        yield from self._years(c, b, a)
        yield from self._years(c, a, b)

    def _years(self, year: str, month: str | int, day: str) -> Iterator[Birthday]:
        """A date; a year of two digits is one of any century."""
        if len(day) > 2:
            return
        if len(year) == 4:
            yield int(year), int(month), int(day)
        else:
            yield from ((1800 + c + int(year), int(month), int(day)) for c in (0, 100, 200))


# -------------------------------------------------------------------------------------------------------------- letters


def _pieces(word: str) -> list[str]:
    """The runs of letters and digits of a word, with their accents."""
    composed = unicodedata.normalize("NFC", word)
    return re.findall(r"[^\W_]+", "".join(_WORD_MARKS.get(c, c) for c in composed if not unicodedata.combining(c)))


def _fold(text: str) -> tuple[str, list[int]]:
    """The text's letters and digits without case, accents and width, and for each its place in the text."""
    if text.isascii():
        kept = [(character, place) for place, character in enumerate(text.lower()) if character.isalnum()]
        return "".join(c for c, _ in kept), [place for _, place in kept]
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _letters(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=1)
def _date_pattern() -> re.Pattern[str]:
    """Compiled when it is needed first: most calls need it never, and it costs as much as reading a small plan."""
    return re.compile(_DATE, re.IGNORECASE | re.VERBOSE)


@lru_cache(maxsize=4096)
def _letters(character: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    # Composed again for Korean syllables, which a decomposition takes apart into letters.
    folded = unicodedata.normalize("NFC", bare).casefold()
    folded = "".join(_PLAIN.get(c, c) for c in folded)
    # Katakana as hiragana: the same name is written in both.
    kana = (chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in folded)
    return "".join(str(unicodedata.decimal(c, c)) for c in kana if c.isalnum() and c not in _WORD_MARKS)


def _gaps(text: str, places: list[int]) -> list[int]:
    """For each letter what lies between it and the one before."""
    gaps = [_WIDE] * min(1, len(places))
    for before, place in pairwise(places):
        if place <= before + 1:
            gaps.append(_NOTHING)
            continue
        worst, others = _NOTHING, 0
        for character in text[before + 1 : place]:
            if character in _APOSTROPHES or character in _HYPHENS:
                worst = max(worst, _MARK)
                others += 1
            elif not _is_invisible(character):
                worst = _SHORT
                others += 1
        gaps.append(_WIDE if others >= _SHORTEST_WIDE else worst)
    return gaps


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Cf")


def _with_marks(text: str, end: int) -> int:
    """The end moved behind the combining marks of the last letter."""
    while end < len(text) and _is_invisible(text[end]):
        end += 1
    return end


def _is_cjk(letters: str) -> bool:
    """Whether all letters are Chinese characters, kana or Korean syllables."""
    return bool(letters) and all(
        "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" or "\uf900" <= c <= "\ufaff"
        or "\U00020000" <= c <= "\U0003ffff"
        for c in letters
    )  # fmt: skip
