"""The place of a value in a sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.outputs.pictures import percentile_of, place_in_distribution
from tests.outputs.pictures.reading import read

QUARTILES = {0.0: 10.0, 0.25: 20.0, 0.5: 30.0, 0.75: 50.0, 1.0: 90.0}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (30.0, (50.0, 50.0)),
        (25.0, (37.5, 37.5)),
        (70.0, (87.5, 87.5)),
        (9.0, (0.0, 0.0)),
        (91.0, (100.0, 100.0)),
    ],
)
def test_between_quantiles_by_a_straight_line(value: float, place: tuple[float, float]) -> None:
    assert percentile_of(value, QUARTILES) == pytest.approx(place)


def test_ties_and_open_ends() -> None:
    assert percentile_of(5.0, {0.05: 5.0, 0.25: 5.0, 0.5: 5.0, 0.95: 7.0}) == (5.0, 50.0)
    assert percentile_of(4.0, {0.05: 5.0, 0.95: 7.0}) == (0.0, 5.0)
    assert percentile_of(8.0, {0.05: 5.0, 0.95: 7.0}) == (95.0, 100.0)


@pytest.mark.parametrize(
    "quantiles", [{}, {0.5: 1.0}, {0.0: 2.0, 1.0: 1.0}, {0.0: 1.0, 2.0: 3.0}, {0.0: 1.0, 1.0: float("nan")}]
)
def test_unusable_quantiles_place_nothing(quantiles: dict[float, float]) -> None:
    assert percentile_of(1.0, quantiles) is None
    picture = read(place_in_distribution(1.0, quantiles, "AAV"))
    assert "no distribution to compare with" in picture.texts
    assert not picture.paths("rtp-wedge", in_plane=False)


@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=60, unique=True), st.floats(0, 1))
def test_a_quantile_of_the_sample_lies_at_its_share(sample: list[int], share: float) -> None:
    shares = np.linspace(0, 1, len(sample))
    quantiles = dict(zip(shares.tolist(), map(float, sorted(sample)), strict=True))
    value = float(np.quantile(sample, share))  # straight lines between the sample's values
    place = percentile_of(value, quantiles)
    assert place is not None
    assert place == pytest.approx((100 * share, 100 * share), abs=1e-6)


def test_marker_box_and_words() -> None:
    picture = read(place_in_distribution(40.0, QUARTILES, "LT", "mm"))
    ((box,),) = picture.paths("rtp-box", in_plane=False)
    ((marker,),) = picture.paths("rtp-wedge", in_plane=False)
    at = lambda v: 14 + 272 * (v - 10) / 80  # noqa: E731
    assert (min(x for x, _ in box), max(x for x, _ in box)) == pytest.approx((at(20), at(50)), abs=0.01)
    assert marker[0][0] == pytest.approx(at(40), abs=0.01)
    assert "LT: 40 mm" in picture.texts and "percentile 62" in picture.texts
    assert "75 %: 50" in picture.description


@pytest.mark.parametrize(("value", "words"), [(5.0, "below all of the sample"), (100.0, "above all of the sample")])
def test_outside_of_the_sample(value: float, words: str) -> None:
    assert words in read(place_in_distribution(value, QUARTILES, "LT")).texts


def test_unknown_is_said() -> None:
    picture = read(place_in_distribution(None, QUARTILES, "LT"))
    assert "LT: unknown" in picture.texts
    assert not picture.paths("rtp-wedge", in_plane=False)
    assert read(place_in_distribution(float("nan"), QUARTILES, "LT")).texts == picture.texts


def test_small_strip_without_a_label() -> None:
    picture = read(place_in_distribution(3.0, (1.0, 2.0, 3.0, 4.0, 5.0), percentile=48.6))
    assert picture.texts == []
    assert "percentile 49" in picture.description and "50 %: 3" in picture.description
    assert picture.box[0] == 120
    assert read(place_in_distribution(3.0, ())).paths("rtp-box", in_plane=False) == []


def test_labels_are_escaped() -> None:
    picture = read(place_in_distribution(3.0, QUARTILES, "<b>&\"'\x00\x1f", "mm²"))
    assert "<b>&\"': 3 mm²" in picture.texts
