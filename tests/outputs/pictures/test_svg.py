"""The writer: numbers, texts, ticks, colors."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.outputs.pictures import STYLE
from rtcode.outputs.pictures.style import CLASSES
from rtcode.outputs.pictures.svg import Svg, number, tick_step, ticks, wrapped
from tests.outputs.pictures.reading import read


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.001, "0"), (1.0, "1"), (-2.5, "-2.5"), (3.14159, "3.14"), (100.0, "100")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    svg = Svg(10_000_000, "t" + text)
    svg.text(0, 5, text or "x")
    picture = read(svg.render(10, "d" + text))
    allowed = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and ord(c) not in (0xFFFE, 0xFFFF)))
    shown = allowed.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert picture.texts == [shown if text else "x"]


@given(st.floats(1e-3, 1e5), st.integers(2, 12))
def test_steps_are_round_and_few(span: float, most: int) -> None:
    step = tick_step(span, most)
    assert span / step <= most
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9)) in (1, 2, 5)
    assert span / step > most / 3  # no coarser than it has to be


@pytest.mark.parametrize(
    ("low", "high", "step", "expected"),
    [(-25.0, 30.0, 10.0, [-20, -10, 0, 10, 20, 30]), (0.0, 1.0, 0.5, [0, 0.5, 1]), (181.0, 179.0, 10.0, [])],
)
def test_ticks(low: float, high: float, step: float, expected: list[float]) -> None:
    assert ticks(low, high, step) == expected


def test_wrapping_keeps_all_words() -> None:
    text = "one two three four five six seven eight nine ten"
    lines = wrapped(text, 60, 8)
    assert " ".join(lines) == text and len(lines) > 3


def _luminance(color: str) -> float:
    return sum(w * int(color[i : i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5)))


def test_levels_and_neighbors_differ_in_grey() -> None:
    for which in (0, 1):
        steps = [_luminance(CLASSES[f"rtp-level-{i}"][which]["fill"]) for i in range(12)]
        differences = [b - a for a, b in pairwise(steps)]
        assert all(d < -8 for d in differences) or all(d > 8 for d in differences)
    fill = {name: _luminance(CLASSES[name][0]["fill"]) for name in ("rtp-open", "rtp-leaf-0", "rtp-shield")}
    assert abs(fill["rtp-open"] - fill["rtp-leaf-0"]) > 30
    assert abs(fill["rtp-open"] - fill["rtp-shield"]) > 30


def test_style_sheet() -> None:
    assert STYLE.startswith(".rtp{") and STYLE.count("{") == STYLE.count("}")
    assert "@media screen and (prefers-color-scheme:dark)" in STYLE  # paper stays light
    assert "var(" not in STYLE and "url(" not in STYLE and "@import" not in STYLE and "<" not in STYLE
    assert set(re.findall(r"\.(rtp-[a-z0-9-]+)\{", STYLE)) == {n for n, (_, dark) in CLASSES.items() if dark}
    # All text is legible in the dark where the ground is.
    for name in ("rtp-text", "rtp-muted", "rtp-alert"):
        light, dark = CLASSES[name]
        ground_light, ground_dark = (c["fill"] for c in CLASSES["rtp-ground"])
        assert abs(_luminance(light["fill"]) - _luminance(ground_light)) > 100
        assert abs(_luminance(dark["fill"]) - _luminance(ground_dark)) > 100
