"""Where words stand: the index against the plain definition, tried at every pair of offsets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.plan.spellings import PART, indexed, plain, runs, spelling_key, without_overlaps, word_list

WORDS = (
    "DIBH",
    "breath hold",
    "4D CT",
    "H & N",
    "lung",
    "RT",
    "no",
    "Brust",
    "Brustwand",
    "Lunge",
    "SRS",
    "a b c",
    "α",
)
PARTS = ["DIBH", "dibh", "Breath", "hold", "HOLD", "4D", "CT", "4", "H", "N", "RT", "Lung", "LUNG", "no", "Brustwand"]
PARTS += ["LT", "L", "R", "rt", "sbrt", "Rt", "SBRT"]
PARTS += ["Lunge", "Lungé", "SRS", "srs", "a", "B", "c", "α", "ß", "x", "1", "ABCD"]
GAPS = ["", "", " ", "_", "-", "  ", " - ", "     ", ".", ", ", "/", " & ", "\n", "(", ":", "—", "\u00a0"]
TEXTS = st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(GAPS)), max_size=8).map(
    lambda pairs: "".join(part + gap for part, gap in pairs)
)


def is_word(text: str, start: int, end: int) -> bool:
    """Whether a word may stand between two offsets: nothing of its own kind of letters goes on at either side."""
    return (start == 0 or _edge(text, start, start, end)) and (end == len(text) or _edge(text, end, start, end))


def _edge(text: str, index: int, start: int, end: int) -> bool:
    before, after = text[index - 1], text[index]
    if not (before.isalnum() and after.isalnum()):
        return True
    if before.isdigit() != after.isdigit() or before.isascii() != after.isascii() or is_joint(text, index):
        return True
    if before.isdigit():
        return False
    if before.islower():
        return after.isupper()
    acronym = index == end and end - start >= 3 and text[start:end].isupper()
    if before.isupper() and after.isupper():  # RTLung, DIBHBreast
        return text[index + 1 : index + 2].islower() and (index == start or acronym)
    if before.isupper() and after.islower():  # DIBHleft, SRSbrain
        behind = _capitals(text[max(0, index - 3) : index]) and re.match("[a-z]{4}", text[index:])
        return acronym or (index == start and bool(behind))
    return False


def _capitals(letters: str) -> bool:
    return len(letters) == 3 and letters.isalpha() and letters.isupper()


def is_joint(text: str, index: int) -> bool:
    """Whether a side or a mark ends or begins here in a run of letters: LT|LUNG, L|BRST, BREAST|R, BRST|DIBH."""
    before, behind = re.split("[^A-Za-z]", text[:index])[-1], re.split("[^A-Za-z]", text[index:])[0]
    if before.upper() in ("LT", "RT") and len(behind) >= 2:
        return True
    if before in ("L", "R") and len(behind) >= 4:
        return True
    if len(before) >= 4 and (behind.upper() in ("LT", "RT") or behind in ("L", "R")):
        return True
    run, at = before + behind, len(before)
    for mark in ("DIBH", "SBRT", "SGRT"):
        for start in range(len(run) - 3):
            stands = run[start : start + 4].upper() == mark and start != 1 and len(run) - start - 4 != 1
            if stands and at in (start, start + 4):
                return True
    return False


def by_definition(text: str, words: tuple[str, ...]) -> list[tuple[int, int, str]]:
    found = set()
    for word in words:
        spelled = r"[\s_\-–—./&+:'’]{0,4}".join(map(re.escape, re.findall(r"[^\W_]+", plain(word).lower())))
        for start in range(len(text)):
            for end in range(start + 1, len(text) + 1):
                if re.fullmatch(spelled, text[start:end].lower()) and is_word(text, start, end):
                    found.add((start, end, spelling_key(word)))
    return sorted(found, key=lambda place: (place[0], -place[1]))


@given(TEXTS)
def test_places_are_those_of_the_definition(text: str) -> None:
    listed = word_list(WORDS)
    places = listed.places(indexed(text, listed.longest))
    assert places == by_definition(plain(text), WORDS)


def test_long_phrases_are_found() -> None:
    """The index goes as far as the longest phrase of the list."""
    phrase = "a phrase of a site that is much longer than any phrase that anybody would ever put into a list of words"
    listed = word_list((phrase,))
    assert listed.places(indexed(f"x {phrase.upper()}.", listed.longest)) == [
        (2, 2 + len(phrase), spelling_key(phrase))
    ]


def test_long_texts_are_indexed_too() -> None:
    listed = word_list(("DIBH",))
    text = "word " * 2000 + "DIBH"
    assert listed.places(indexed(text, listed.longest)) == [(10000, 10004, "dibh")]


@pytest.mark.parametrize(
    ("places", "kept"),
    [
        ([(0, 5, "long"), (0, 2, "short"), (3, 5, "inner"), (5, 7, "next")], [(0, 5, "long"), (5, 7, "next")]),
        ([(0, 3, "first"), (2, 9, "later")], [(0, 3, "first")]),
        ([], []),
    ],
)
def test_from_left_to_right_without_overlaps(
    places: list[tuple[int, int, str]], kept: list[tuple[int, int, str]]
) -> None:
    assert list(without_overlaps(places)) == kept


@given(TEXTS, st.sets(st.sampled_from(["dibh", "breathhold", "4dcbct", "a", "no", "thoracicspine"]), min_size=1))
def test_runs_that_are_followed_only_where_a_key_can_follow(text: str, keys: set[str]) -> None:
    starts = frozenset(key[:length] for key in keys for length in range(1, len(key) + 1))
    pieces = [(found.start(), found.end(), True, True) for found in PART.finditer(text)]
    everything = runs(text, pieces, 20)
    followed = runs(text, pieces, 20, starts)
    assert {key: followed.get(key) for key in keys} == {key: everything.get(key) for key in keys}
    assert followed.keys() <= starts
