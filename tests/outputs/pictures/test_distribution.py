"""The place of a value in a sample."""

from __future__ import annotations

import pytest

from rtcode.outputs.pictures import place_in_distribution
from tests.outputs.pictures.reading import Picture, read

QUARTILES = {0.0: 10.0, 0.25: 20.0, 0.5: 30.0, 0.75: 50.0, 1.0: 90.0}


def drawn(value: float, percentile: float = 61.6, label: str = "LT", unit: str = "mm") -> Picture:
    return read(place_in_distribution(value, QUARTILES, label, unit, percentile))


def test_marker_box_and_words() -> None:
    picture = drawn(40.0)
    ((box,),) = picture.paths("rtp-box", in_plane=False)
    ((marker,),) = picture.paths("rtp-wedge", in_plane=False)
    at = lambda v: 14 + 272 * (v - 10) / 80  # noqa: E731
    assert (min(x for x, _ in box), max(x for x, _ in box)) == pytest.approx((at(20), at(50)), abs=0.01)
    assert marker[0][0] == pytest.approx(at(40), abs=0.01)
    median = picture.paths("rtp-line", in_plane=False)[-1][0]
    assert [x for x, _ in median] == pytest.approx([at(30)] * 2, abs=0.01)
    assert "LT: 40 mm" in picture.texts and "percentile 62" in picture.texts
    assert {"10", "90"} <= set(picture.texts)  # both ends
    assert "0 %: 10, 25 %: 20, 50 %: 30, 75 %: 50, 100 %: 90." in picture.description


@pytest.mark.parametrize(("value", "place", "ends"), [(5.0, 14.0, ("5", "90")), (100.0, 286.0, ("10", "100"))])
def test_a_value_outside_of_the_sample_widens_the_strip(value: float, place: float, ends: tuple[str, str]) -> None:
    picture = drawn(value)
    ((marker,),) = picture.paths("rtp-wedge", in_plane=False)
    assert marker[0][0] == pytest.approx(place, abs=0.01)
    assert set(ends) <= set(picture.texts)


def test_a_sample_of_one_value_stands_in_the_middle() -> None:
    picture = read(place_in_distribution(3.0, dict.fromkeys(QUARTILES, 3.0), "AAV", "", 50.0))
    ((marker,),) = picture.paths("rtp-wedge", in_plane=False)
    assert marker[0][0] == 150.0
    assert "AAV: 3" in picture.texts


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (12345.6, "12346"), (0.00001234, "1e-05"), (0.12346, "0.1235")]
)
def test_numbers_are_short(value: float, shown: str) -> None:
    assert f">LT: {shown}</text>" in place_in_distribution(value, QUARTILES, "LT", "", 50.0)


def test_labels_are_escaped() -> None:
    assert "<b>&\"': 30 mm²" in drawn(30.0, 50.0, "<b>&\"'\x00\x1f", "mm²").texts
