"""Where texts repeat a patient's name, ID or birth date, in the ways in which people write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.outputs.identity import IdentityFinder
from rtcode.plan.model import PatientIdentity


def without(text: str, *, name: str | None = None, id: str | None = None, born: str | None = None) -> str:
    """The text with ``#`` for what was found."""
    spans = IdentityFinder([PatientIdentity(id=id, name=name, birth_date=born)]).spans(text)
    for begin, end in reversed(spans):
        text = text[:begin] + "#" + text[end:]
    return text


@pytest.mark.parametrize(
    ("name", "text", "left", "why"),
    [
        ("SMITH^JOHN", "Smith DIBH", "# DIBH", "a part as a word"),
        ("SMITH^JOHN", "SmithJ2 Smith2 JSmith SmithBreast", "#J2 #2 J# #Breast", "four letters: inside a word too"),
        ("GARCIA MARQUEZ DE LA TORRE^ANA MARIA DEL PILAR", "PILAR field ana maria", "# field #", "nine words"),
        ("SMITH^JOHN", "JOHNSMITH johnsmith SmithJohn", "# # #", "all parts, in any order"),
        ("SMITH^JOHN", "Smith, John / John_Smith", "# / #", "and with something between"),
        ("Smith^John", "smi\u200bth Ｓｍｉｔｈ ſmith", "# # #", "invisible characters and other forms of letters"),
        ("WU^LI", "Wu Li DIBH", "# DIBH", "two letters: as words"),
        ("WU^LI", "WuLi2 LiWu li,wu", "#2 # #", "together they are four letters"),
        ("WU^LI", "Wurst Wurstli Liver Wu2", "Wurst Wurstli Liver #2", "inside a word two letters mean nothing"),
        ("LEE^A", "Lee sleeve LEE1 A", "# sleeve #1 A", "three letters: as a word; one letter: never"),
        ("O'Brien^Pat", "OBrien O'Brien O’Brien o brien Brien", "# # # # #", "with its apostrophe or without"),
        ("OBrien^Pat", "O'Brien", "#", "the other way round"),
        ("Müller", "Mueller Müller MULLER Mu\u0308ller", "# # # #", "umlauts in each form, written out or left out"),
        ("Mueller", "Müller Muller", "# #", "and written out in the name"),
        ("Großmann", "GROSSMANN", "#", "sharp s"),
        ("Sørensen", "Soerensen Sorensen", "# #", "o with stroke"),
        ("Núñez", "NUNEZ", "#", "accents"),
        ("Jean-Luc Dupont", "JeanLuc Luc Dupont", "# # #", "parts of a hyphenated name"),
        ("山田^太郎", "山田太郎 DIBH, 山田", "# DIBH, #", "Chinese characters anywhere"),
        ("Yamada^Taro=山田^太郎=やまだ^たろう", "左ヤマダ乳房 yamada", "左#乳房 #", "all writings of a name; katakana"),
        ("王^伟", "王DIBH", "#DIBH", "a single one too"),
        ("Kim^Chulsoo=김^철수", "김철수 DIBH", "# DIBH", "Korean syllables"),
        ("Anne", "planned plane LPlanned, for Anne", "planned plane LPlanned, for #", "an ordinary word is no name"),
        ("Rast^Ward", "Breast forward B.Rast", "Breast forward B.#", "nor is this one"),
        ("Breast", "L Breast", "L #", "but a name that is an ordinary word is one"),
        ("Smith^John", "pelvis mith, smi th, 4 mm", "pelvis mith, smi th, 4 mm", "letters of two words make no name"),
        ("Иванов^Иван", "ИВАНОВ ДИБХ", "# ДИБХ", "other alphabets"),
        ("", "anything", "anything", "no name"),
        ("^^^", "a^b", "a^b", "an empty name"),
    ],
)  # fmt: skip
def test_names(name: str, text: str, left: str, why: str) -> None:
    assert without(text, name=name) == left, why


@pytest.mark.parametrize(
    ("id", "text", "left", "why"),
    [
        ("0012345", "0012345 12345 00012345", "# # #", "leading zeros do not matter"),
        ("0012345", "MRN0012345 MRN12345 x_12345_2", "MRN# MRN# x_#_2", "nor do letters before it"),
        ("0012345", "912345 123456 120345", "912345 123456 120345", "another number that contains it is another"),
        ("MRN7731", "mrn7731_0 7731 MRN-7731", "#_0 # MRN-#", "the number alone"),
        ("123-45-678", "12345678 123-45-678 123 45 678", "# # #", "without its separators, or with others"),
        ("A12", "a12 A123 BA12", "# A123 BA12", "three characters: as a word"),
        ("180", "G180 180 1801", "G180 # 1801", "three digits: as a number of their own"),
        ("12", "12 fields", "12 fields", "fewer mean nothing"),
        ("PHANTOM-77123", "phantom 77123", "#", "the whole"),
        ("PHANTOM-77123", "phantom", "phantom", "an ordinary word of an ID is none"),
    ],
)
def test_ids(id: str, text: str, left: str, why: str) -> None:
    assert without(text, id=id) == left, why


@pytest.mark.parametrize(
    "text",
    [
        *(
            "19470813",
            "1947-08-13",
            "1947/8/13",
            "1947.08.13",
            "1947_08_13",
            "1947 Aug 13",
            "1947年8月13",
            "１９４７0813",
        ),
        *("13.08.1947", "13.8.1947", "13. 8. 1947", "13/8/47", "13081947", "130847", "16 13.08.1947"),
        *("08/13/1947", "8/13/47", "08131947", "081347", "470813", "b19470813x"),
        *("13Aug1947", "13-AUG-47", "13 August 1947", "Aug13,1947", "August 13th, 1947"),
    ],
)
def test_birth_dates(text: str) -> None:
    left = without(text, born="19470813")
    assert "#" in left and "47" not in left and "13" not in left, text


@pytest.mark.parametrize(
    "text", ["14.08.1947", "19470814", "119470813", "1947", "13.08.1948", "13.09.47", "0813", "13 Sep 1947"]
)
def test_other_dates_stay(text: str) -> None:
    assert without(text, born="19470813") == text


def test_a_birth_date_that_is_no_date_is_looked_for_as_it_stands() -> None:
    assert without("about 1947.08 DIBH", born="1947.08") == "about # DIBH"


def test_everybody_of_a_call_is_looked_for() -> None:
    people = [PatientIdentity(id=f"ID{n:05}", name=f"Name{n:05}^X", birth_date=None) for n in range(300)]
    finder = IdentityFinder(people)
    assert finder.spans("Name00299") and finder.spans("id00007") and not finder.spans("Name99999")


@given(st.text(), st.text(max_size=20), st.text(max_size=12), st.text(max_size=12))
def test_spans_are_sorted_and_apart(text: str, name: str, id: str, born: str) -> None:
    spans = IdentityFinder([PatientIdentity(id=id, name=name, birth_date=born)]).spans(text)
    flat = [place for span in spans for place in span]
    assert flat == sorted(flat) and all(0 <= begin < end <= len(text) for begin, end in spans)


@given(st.text(st.characters(categories=["Lu", "Ll"]), min_size=4, max_size=20), st.text("ab 12_.", max_size=10))
def test_a_part_of_four_letters_is_always_found(name: str, around: str) -> None:
    text = f"{around} {name} {around}"
    spans = IdentityFinder([PatientIdentity(id=None, name=f"{name}^x", birth_date=None)]).spans(text)
    begin = len(around) + 1
    assert all(any(a <= i < b for a, b in spans) for i in range(begin, begin + len(name)))


@pytest.mark.parametrize("unit", ["A", "1 ", "smit", "'", "0", "1.1.", "S-", "山", "Jan1 "])
def test_time_grows_with_the_text_only(unit: str) -> None:
    people = [PatientIdentity(id=f"00{n}77", name=f"Smith{n}^Wu^山田", birth_date="19010101") for n in range(20)]
    finder = IdentityFinder(people)

    def seconds(count: int) -> float:
        text = unit * (count // len(unit))
        begin = time.process_time()
        finder.spans(text)
        return time.process_time() - begin

    seconds(1000)
    short, long = (min(seconds(size) for _ in range(3)) for size in (5_000, 40_000))
    assert long < 40 * short + 0.05, "eight times the text, not sixty-four times the time"
