"""What detection can see of a text: to keep that and no more, and to tell whether two texts read the same.

`masked` keeps the words of the vocabulary: those that the shipped code sets list, those that detectors know by
themselves, and the small words on which negations depend. Every other letter and digit gives way to one of its kind
(``Smith-DIBH 12/44`` becomes ``Jjjjj-DIBH 99/99``): words keep their places, their length and their case, on which
word boundaries, clauses and reaches are found. Kept besides are single letters and digits, vertebral levels ("T12"),
the century of a year, and the ends of words that name operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from rtcode.coding.codeset import shipped
from rtcode.features import TEXT_PARTS, TEXT_WORDS, DetectorSettings
from rtcode.features.planning import SUBTRACTED, SUBTRACTED_REACH
from rtcode.outputs.terms import DEFINED_TERMS
from rtcode.plan.negations import CONTEXT_ENDINGS, CONTEXT_WORDS
from rtcode.plan.roles import IMAGING_TERMS, PLACEHOLDER_WORDS
from rtcode.plan.sessions import ETHOS
from rtcode.plan.spellings import WordList, indexed, plain, word_list
from rtcode.plan.texts import TextItem, TextScope, find_matches
from rtcode.records import fields


class Wording(Enum):
    """What else than words is looked for in a text."""

    #: nothing: labels, names, descriptions
    FREE = "free"
    #: defined terms, and parts of the names of equipment
    TERMS = "terms"
    #: the same, and numbers: sizes of applicators, percentages
    SIZES = "sizes"
    #: the axis of a jaw or MLC, in the beginning of its type
    DEVICE = "device"


#: Letters and digits that stand for those left out; no word of a vocabulary holds two of them in a row.
_UPPER, _LOWER, _DIGIT = "J", "j", "9"
_OTHER_UPPER, _OTHER_LOWER, _OTHER_LETTER, _OTHER_DIGIT = "\u046e", "\u046f", "\u01c2", "\u0669"
#: Of a script without blanks between words.
_IDEOGRAPH = "\u9fa5"
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
#: Words that are seen at the beginning and end of any word.
_SIDES = frozenset(("rt", "lt", "r", "l"))
#: Letters that are no ASCII and yet stand among them in words.
_DOTLESS = "\u0131"

_KEPT = re.compile(
    rf"""
      (?<![A-Za-z0-9])(?:[CTL]|Th)[0-9]{{1,2}}(?![A-Za-z0-9])
    | (?<![0-9])(?:19|20)(?=[0-9]{{2}}(?![0-9]))
    | (?:{"|".join(CONTEXT_ENDINGS)})(?!\w)
    | (?<![A-Za-z])[A-Za-z](?![A-Za-z])
    | (?<![0-9])[0-9](?![0-9])
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: How applicators and modes are typed, and parts of names; not kept of free text, where a name may hold them.
_PARTS = re.compile("|".join(("^PHOTON_", "^ELECTRON_", "CIRC", *map(re.escape, (ETHOS, *TEXT_PARTS)))), re.IGNORECASE)
_DEVICE = re.compile("^(?:ASYM|MLC)*[XY]?", re.IGNORECASE)
_SIZE = re.compile(r"(?<![0-9])[0-9]{1,3}(?:\.[0-9]{1,5})?(?![0-9])")
#: What else is looked for, and kept.
_BESIDES: dict[Wording, tuple[re.Pattern[str], ...]] = {
    Wording.FREE: (),
    Wording.TERMS: (_PARTS,),
    Wording.SIZES: (_PARTS, _SIZE),
    Wording.DEVICE: (_DEVICE,),
}
_PERCENT = re.compile(r"\d\s?%")
_LEVEL = re.compile(r"(?<![A-Za-z0-9.])(?:[CTL]|Th)\d{1,2}(?![A-Za-z0-9]|\.\d|[ _]?N\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
#: With more words a text tells a tale.
_FEW_WORDS = 3


def masked(text: str, wording: Wording = Wording.FREE) -> str:
    """The text in plain form (without accents) with nothing left but what detection can see."""
    simple = plain(text)
    kept = bytearray(len(simple))
    places = _places(simple, wording)
    spans = [(start, end) for start, end, key in places if key not in _SIDES]
    for pattern in (_KEPT, *_BESIDES[wording]):
        spans += [found.span() for found in pattern.finditer(simple)]
    for start, end in spans:
        kept[start:end] = b"\1" * (end - start)
    for start, end, key in places:
        if key in _SIDES and _stands(simple, kept, start, end):
            kept[start:end] = b"\1" * (end - start)
    return "".join([c if keep else filler(c) for c, keep in zip(simple, kept, strict=True)])


def _stands(text: str, kept: bytearray, start: int, end: int) -> bool:
    """Whether a side is a word of its own or written to one that is kept: that of "RTBREAST", not that of "Hubert"."""
    return all(
        kept[place] or not text[place].isalpha() for place in (start - 1, end) if 0 <= place < len(text)
    )  # fmt: skip


def filler(character: str) -> str:
    """A letter or digit of the same kind; what is neither stays."""
    if not character.isalnum() or character == _DOTLESS:
        return character
    if character.isascii():
        return _DIGIT if character.isdigit() else _UPPER if character.isupper() else _LOWER
    if _UNSPACED.match(character):
        return _IDEOGRAPH
    if not character.isalpha():
        return _OTHER_DIGIT
    return _OTHER_UPPER if character.isupper() else _OTHER_LOWER if character.islower() else _OTHER_LETTER


@lru_cache(maxsize=1024)
def read_alike(text: str, other: str, wording: Wording = Wording.FREE) -> bool:
    """Whether detection under the shipped code sets finds the same words in two texts, in like surroundings."""
    if text == other:
        return True
    if bool(text.strip()) is not bool(other.strip()):
        return False
    first, second = plain(text), plain(other)
    if _parts(first, wording) != _parts(second, wording):
        return False
    # the common case: a masked text, in which all words of the vocabulary are where they were
    if len(first) == len(second) and _sight(first, wording) == _sight(second, wording):
        return True
    return _hits(first) == _hits(second) and _overview(first, wording) == _overview(second, wording)


# ------------------------------------------------------------------------------------------------------- vocabulary


def lists_other_words(settings: DetectorSettings) -> bool:
    """Whether words are looked for that no shipped code set lists: masked texts may have held them."""
    known = {word for code_set in shipped() for listed in _lists(code_set.settings).values() for word in listed}
    return any(word not in known for listed in _lists(settings).values() for word in listed)


@lru_cache(maxsize=2)
def _vocabulary(terms: bool) -> WordList:
    """All words that are looked for; with ``terms`` those of coded attributes too."""
    words: dict[str, None] = dict.fromkeys((*TEXT_WORDS, *sorted(PLACEHOLDER_WORDS | CONTEXT_WORDS)))
    for code_set in shipped():
        for listed in _lists(code_set.settings).values():
            words |= dict.fromkeys(word.strip().strip("*").strip().rstrip(".-").strip() for word in listed)
    if terms:
        words |= dict.fromkeys(sorted(DEFINED_TERMS | IMAGING_TERMS))
        words |= dict.fromkeys(part for term in sorted(DEFINED_TERMS) for part in term.split("_"))
    return word_list(tuple(words))


def _lists(settings: DetectorSettings) -> dict[str, tuple[str, ...]]:
    """The word lists of a code set by name; of ``brst=breast`` the spelling."""
    values = {one.name: getattr(settings, one.name) for one in fields(DetectorSettings)}
    return {
        name: tuple(word.partition("=")[0].strip() for word in value)
        for name, value in values.items()
        if isinstance(value, tuple)
    }


def _places(simple: str, wording: Wording) -> list[tuple[int, int, str]]:
    listed = _vocabulary(wording is not Wording.FREE)
    return listed.places(indexed(simple, listed.longest))


# ---------------------------------------------------------------------------------------------------------- reading


def _sight(simple: str, wording: Wording) -> tuple[object, ...]:
    """Where everything stands that detection may look for."""
    return (
        [place for place in _places(simple, wording) if place[2] not in _SIDES],
        [found.span() for found in _KEPT.finditer(simple)],
        [(found.start(), found.group()) for found in _LEVEL.finditer(simple)],
        [found.start() for found in _PERCENT.finditer(simple)],
    )


def _overview(simple: str, wording: Wording) -> tuple[object, ...]:
    """The words of a text without their places, its vertebral levels, percentages, and whether its words are few."""
    return (
        sorted({key for _, _, key in _places(simple, wording)} & _listed_keys()),
        sorted(found.group().upper() for found in _LEVEL.finditer(simple)),
        bool(_PERCENT.search(simple)),
        len(_WORD.findall(simple)) > _FEW_WORDS,
    )


@lru_cache(maxsize=1)
def _listed_keys() -> frozenset[str]:
    """Keys of the words that are looked for as such: without those that only negations need."""
    words = [*TEXT_WORDS, *PLACEHOLDER_WORDS]
    for code_set in shipped():
        lists = _lists(code_set.settings)
        words += [word for name, listed in lists.items() if name not in _AROUND for word in listed]
    return word_list(tuple(words)).keys


_AROUND = ("negation_words", "elsewhere_words")


def _hits(simple: str) -> list[object]:
    """What every list of every code set finds in a text, with what else stands in clause and sentence."""
    found: list[object] = []
    for place, (listed, negations, elsewhere) in enumerate(_searched()):
        matches = list(_matches(simple, listed, (), ()))
        # Negations take matches away, they add none.
        if matches:
            modes = ((negations, ()), (negations, elsewhere))
            found.append((place, matches, *(list(_matches(simple, listed, *mode)) for mode in modes)))
    return found


@lru_cache(maxsize=1)
def _searched() -> tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]:
    """Every list of every code set, with its negations and what says that a word is about something else."""
    found = []
    for code_set in shipped():
        lists = _lists(code_set.settings)
        negations, elsewhere = (lists.pop(name) for name in _AROUND)
        found += [(listed, negations, elsewhere) for listed in (*lists.values(), *_unions(lists))]
    return tuple(found)


def _unions(lists: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Lists that detectors search together, so that a longer phrase of one hides a word of another."""
    for names in (
        ("motion_words", "surface_guidance_words", "four_d_cbct_words"),
        ("phase_words", "boost_words"),
        ("moving_site_words", "still_site_words"),
    ):
        yield tuple(dict.fromkeys(word for name in names for word in lists[name]))


def _matches(
    simple: str, words: tuple[str, ...], negations: tuple[str, ...], elsewhere: tuple[str, ...]
) -> Iterator[tuple[object, ...]]:
    item = TextItem("", simple, TextScope.PLAN)
    for match in find_matches((item,), words, negations=negations, elsewhere=elsewhere):
        cut_out = SUBTRACTED.search(simple, max(0, match.start - SUBTRACTED_REACH), match.start) is not None
        yield match.word, cut_out, _overview(match.clause, Wording.FREE), _overview(match.sentence, Wording.FREE)


def _parts(simple: str, wording: Wording) -> list[str]:
    """What is looked for besides words."""
    return [found.upper() for pattern in _BESIDES[wording] for found in pattern.findall(simple)]
