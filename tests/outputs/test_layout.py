"""Plain text: what a terminal shows is what was meant, in 80 columns."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.outputs.layout import columns_of, cut, pad, safe, shorten, style, width, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Brüder, 肺, ü", "Brüder, 肺, ü"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd"),
        ("\x07\x00\x7f\x9b", "\\x07\\x00\\x7f\\x9b"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028line", "\\u2028line"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("A\u200dB\u200c", "A\\u200dB\\u200c"),
        ("a\u034fb\u3164\uffa0\u115f", "a\\u034fb\\u3164\\uffa0\\u115f"),
        ("x\ufe0f\U000e0100\u2800", "x\\ufe0f\\U000e0100\\u2800"),
    ],
)
def test_nothing_steers_the_terminal(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_safe_text_is_printable(text: str) -> None:
    assert all(c.isprintable() or c.isspace() for c in safe(text))
    assert not any(unicodedata.category(c) == "Cf" for c in safe(text))
    assert not set(safe(text)) & set(map(chr, range(32)))


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("肺がん", 6), ("e\u0301", 1), ("", 0), ("ｶﾞ", 2)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_wrap_indents_and_breaks_paths_behind_separators() -> None:
    assert wrap("one two three", first="- ", columns=9) == ["- one two", "  three"]
    assert wrap("/very/long/path/name.dcm", columns=12) == ["/very/long/", "path/", "name.dcm"]
    assert wrap("", first="Label ") == ["Label"]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(12, 100))
def test_wrapped_lines_fit_and_nothing_is_lost(text: str, columns: int) -> None:
    lines = wrap(text, first="ab  ", columns=columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(line[4:] for line in lines).split()) == "".join(safe(text).split())


@given(st.text(st.characters(exclude_categories=["Cs", "Mn", "Me"])), st.integers(3, 30))
def test_shortened_text_fits(text: str, columns: int) -> None:
    assert width(shorten(text, columns)) <= columns
    if width(text) <= columns:
        assert shorten(text, columns) == text


def test_columns_are_aligned_by_width() -> None:
    lines = columns_of([["肺", "1"], ["abc", "22"]], [10, 10], right=(1,))
    assert lines == ["肺    1", "abc  22"]
    assert pad("肺", 4) == "肺  "


def test_style_only_with_colors() -> None:
    assert style("x", "strong", color=False) == "x"
    assert style("x", "strong", color=True) == "\x1b[1mx\x1b[0m"


@pytest.mark.parametrize("work", [wrap, lambda text: shorten(text, 20)], ids=["wrap", "shorten"])
@pytest.mark.parametrize("unit", ["A", "A/", "\u0301", "肺", "a ", "\x1b"])
def test_time_grows_with_the_text_only(work: Callable[[str], object], unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * (count // len(unit))
        begin = time.process_time()
        work(text)
        return time.process_time() - begin

    short, long = (min(seconds(size) for _ in range(3)) for size in (10_000, 160_000))
    assert long < 60 * short + 0.05, "sixteen times the text, not 256 times the time"


def test_cut_marks_what_is_missing() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "abc [cut]"
