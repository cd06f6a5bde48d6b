"""Meterset over the beam's-eye plane: against shapely, against areas of the analysis, and as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcode.outputs.pictures import map_and_notes
from rtcode.outputs.pictures.meterset import meterset_grid, why_no_grid
from rtcode.outputs.pictures.meterset_map import levels_of
from rtcode.outputs.pictures.style import LEVELS
from rtcode.plan.model import Missing
from rtcode.plan.sessions import PlannedBeam
from tests import factory
from tests.outputs.pictures.reading import Picture, read


def drawn(planned: PlannedBeam) -> Picture:
    found = map_and_notes(planned)
    assert found is not None
    return read(found[0])


def integral(found: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    x, y, grid = found
    assert grid.shape == (len(y) - 1, len(x) - 1)
    assert np.all(np.diff(x) > 0) and np.all(np.diff(y) > 0)
    return float(np.sum(grid * np.diff(x)[None, :] * np.diff(y)[:, None]))


def static(rng: np.random.Generator, mlc: str = "MLCX", shapes: int = 4, **fields: Any) -> PlannedBeam:
    """Step and shoot: each shape at two control points with meterset between, the next without."""
    leaves, weights, given_ = [], [], 0.0
    for _ in range(shapes):
        low = np.round(rng.uniform(-60, 30, 40), 2)
        shape = np.concatenate([low, low + rng.choice([0.0, 0.6, 1.0, 2.0, 17.3, 60.0], 40)])
        share = rng.uniform(0.1, 1.0)
        leaves += [shape, shape]
        weights += [given_, given_ + share]
        given_ += share
    return factory.planned(
        leaves=leaves, mlc=mlc, weights=tuple(weights), final=given_, plan_fields={}, **fields
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("mlc", ["MLCX", "MLCY"])
@pytest.mark.parametrize(
    "jaws",
    [
        {},
        {"jaws_x": (-33.3, 41.7), "jaws_y": (-48.2, 61.9)},
        {"jaws_x": [(-30.0, 40.0), None, (-50.0, 10.5), None, (-20.0, 60.0), None, (-5.0, 5.0), None]},
        {"jaws_x": None, "jaws_y": None},
    ],
)
def test_standing_shapes_give_meterset_times_area(seed: int, mlc: str, jaws: dict[str, Any]) -> None:
    planned = static(np.random.default_rng(seed), mlc, **jaws)
    found = meterset_grid(planned)
    delivery = planned.delivery
    assert found is not None and delivery.shapes is not None and delivery.shares is not None
    expected = sum(100.0 * share * (shape.area_mm2 or 0.0) for shape, share in delivery.shapes)
    assert integral(found) == pytest.approx(expected, rel=1e-9)


def test_each_cell_is_the_mean_of_what_is_open_there() -> None:
    planned = static(np.random.default_rng(11), jaws_x=(-33.3, 41.7), jaws_y=(-48.2, 61.9))
    found = meterset_grid(planned)
    assert found is not None and planned.delivery.shapes is not None
    x, y, grid = found
    cells = shapely.box(x[None, :-1], y[:-1, None], x[None, 1:], y[1:, None])
    expected = np.zeros(grid.shape)
    for shape, share in planned.delivery.shapes:
        strips = shape.strips[0][shape.strips[0][:, 1] > shape.strips[0][:, 0]]
        union = shapely.union_all(shapely.box(strips[:, 0], strips[:, 2], strips[:, 1], strips[:, 3]))
        expected += 100.0 * share * shapely.area(shapely.intersection(cells, union)) / shapely.area(cells)
    assert np.allclose(grid, expected, atol=1e-6)


def sampled(planned: PlannedBeam, x: np.ndarray, y: np.ndarray, steps: int) -> np.ndarray:
    """The same numbers by sampling: at many moments of each segment, shapely's area of what all devices leave open."""
    points, delivery = planned.beam.control_points, planned.delivery
    assert delivery.shares is not None
    cells = shapely.box(x[None, :-1], y[:-1, None], x[None, 1:], y[1:, None])
    total = np.zeros(cells.shape)
    for i in np.flatnonzero(delivery.shares).tolist():
        for t in (np.arange(steps) + 0.5) / steps:
            field: Any = shapely.box(-500, -500, 500, 500)
            for device in points.devices:
                rows = device.rows[device.index]
                low, high = ((1 - t) * rows[i] + t * rows[i + 1]).reshape(2, device.pairs)
                edges = planned.beam.devices[device.declared or 0].boundaries_mm
                near, far = (edges[:-1], edges[1:]) if device.pairs > 1 else (np.array([-500.0]), np.array([500.0]))
                boxes = shapely.box(low, near, high, far) if "X" in device.type else shapely.box(near, low, far, high)
                field = field.intersection(shapely.union_all(boxes[high > low]))
            share = shapely.area(shapely.intersection(cells, field)) / shapely.area(cells)
            total += 100.0 * delivery.shares[i] / steps * share
    return total


def moving(rng: np.random.Generator, **fields: Any) -> PlannedBeam:
    """A dynamic beam with few wide leaves; pairs stay more than 1 mm open."""
    pairs, count = 6, 4
    leaves = []
    for _ in range(count):
        low = rng.uniform(-30, 10, pairs)
        leaves.append(np.concatenate([low, low + rng.uniform(3, 25, pairs)]))
    return factory.planned(
        leaves=leaves, leaf_mm=10.0, weights=tuple(np.linspace(0, 1, count)), beam_type="DYNAMIC", **fields
    )


@pytest.mark.parametrize("seed", range(3))
def test_moving_leaves_against_sampling(seed: int) -> None:
    """Closed form: what differs is the sampling's own error, one part in the number of moments."""
    planned = moving(np.random.default_rng(seed), jaws_x=(-21.0, 18.0), jaws_y=(-22.0, 27.0))
    found = meterset_grid(planned)
    assert found is not None
    steps = 100
    reference = sampled(planned, found[0], found[1], steps)
    assert np.abs(found[2] - reference).max() < 100.0 / 3 / steps * 1.5
    assert integral(found) == pytest.approx(integral((found[0], found[1], reference)), rel=2e-3)


def test_moving_leaves_and_jaws_against_sampling() -> None:
    """Jaws that move are taken in steps of up to 1 mm: the integral holds to 1 %, cells to the jaw's step."""
    planned = moving(
        np.random.default_rng(7),
        jaws_x=[(-25.0, 18.0), (-20.0, 22.0), (-28.0, 15.0), (-10.0, 15.0)],
        jaws_y=[(-22.0, 27.0), (-25.0, 20.0), (-20.0, 20.0), (-20.0, 28.0)],
    )
    found = meterset_grid(planned)
    assert found is not None
    reference = sampled(planned, found[0], found[1], 60)
    assert integral(found) == pytest.approx(integral((found[0], found[1], reference)), rel=0.01)
    assert np.abs(found[2] - reference).max() < 5.0


def test_two_moving_layers_against_sampling() -> None:
    """The nearer of two layers is taken at ends of steps of up to 1 mm: the integral holds to 1 %."""
    rng = np.random.default_rng(9)
    second = []
    for _ in range(4):
        low = rng.uniform(-30, 10, 6)
        second.append(np.concatenate([low, low + rng.uniform(20, 35, 6)]))
    planned = moving(
        rng, mlc="MLCX1", jaws_x=None, jaws_y=None, more_devices=[("MLCX2", second, factory.boundaries(6, 10.0) + 5)]
    )
    found = meterset_grid(planned)
    assert found is not None
    reference = sampled(planned, found[0], found[1], 60)
    assert integral(found) == pytest.approx(integral((found[0], found[1], reference)), rel=0.01)


def test_a_slit_that_sweeps_the_field_gives_an_even_map() -> None:
    """10 mm wide, from -100 to +90 in one segment: each place is open for 10 / 190 of the meterset."""
    slit = [np.repeat([-100.0, -90.0], 40), np.repeat([90.0, 100.0], 40)]
    planned = factory.planned(leaves=slit, beam_type="DYNAMIC")
    found = meterset_grid(planned)
    assert found is not None
    x, y, grid = found
    assert (x[0], x[-1], y[0], y[-1]) == (-50.0, 50.0, -50.0, 50.0)
    assert np.allclose(grid, 100.0 * 10 / 190)


def test_a_jaw_that_closes_over_an_open_field_gives_a_ramp() -> None:
    planned = factory.planned(jaws_y=[(-50.0, 50.0), (50.0, 50.0)], beam_type="DYNAMIC")
    found = meterset_grid(planned)
    assert found is not None
    assert integral(found) == pytest.approx(100.0 * 10_000 / 2, rel=0.01)
    assert np.all(np.diff(found[2].mean(axis=1)) >= 0)


#: why there is no map
NONE: dict[str, tuple[dict[str, Any], str]] = {
    "electrons": ({"radiation": "ELECTRON"}, "electrons"),
    "weights": ({"weights": (0.0, Missing.INVALID)}, "weights"),
    "leaves": ({"more_devices": [("MLCX", None, factory.boundaries())]}, "leaf positions unknown"),
    "tomotherapy": ({"sinogram": [np.full(64, 0.5)] * 2}, "binary leaves"),
    "no jaw": ({"jaws_x": None}, "limits one side"),
    "two directions": (
        {
            "leaves": factory.rectangle(-20, 20, -20, 20),
            "more_devices": [("MLCY", [factory.rectangle(-20, 20, -20, 20)], factory.boundaries())],
        },
        "two directions",
    ),
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_not_known_gives_no_map(case: str) -> None:
    fields, words = NONE[case]
    planned = factory.planned(**fields)
    assert words in (why_no_grid(planned) or "")
    assert meterset_grid(planned) is None
    assert map_and_notes(planned) is None


def test_without_a_meterset_the_map_is_in_percent() -> None:
    planned = factory.session(factory.beam(leaves=factory.rectangle(-20, 20, -20, 20)), groups=None).beams[0]
    assert meterset_grid(planned) is None
    picture = drawn(planned)
    assert "Largest: 100 % of the beam's meterset" in picture.description


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["MLCX", "MLCY"]))
def test_the_picture_shows_the_numbers(seed: int, mlc: str) -> None:
    planned = static(np.random.default_rng(seed), mlc, jaws_x=(-40.0, 45.0), jaws_y=(-52.0, 60.0))
    found = meterset_grid(planned)
    assert found is not None
    x, y, grid = found
    picture = drawn(planned)
    levels = levels_of(grid)
    cells = np.diff(x)[None, :] * np.diff(y)[:, None]
    for level in range(1, LEVELS + 1):
        shown = picture.area(f"rtp-level-{level - 1}")
        # Edges of cells are rounded to 0.01 mm.
        assert shown.area == pytest.approx(float(cells[levels >= level].sum()), rel=1e-3, abs=1.0)
        if not shown.is_empty:
            some = np.argwhere(levels >= level)[:: max(1, int((levels >= level).sum()) // 20)]
            for row, place in some:
                middle = shapely.Point((x[place] + x[place + 1]) / 2, (y[row] + y[row + 1]) / 2)
                assert shown.buffer(0.02).contains(middle)
    assert f"Largest: {grid.max():.2f}".rstrip("0").rstrip(".") in picture.description


def test_levels() -> None:
    grid = np.array([[0.0, 1e-9, 1.0, LEVELS / 2, LEVELS - 0.5, LEVELS]])
    assert levels_of(grid).tolist() == [[0, 0, 1, LEVELS / 2, LEVELS, LEVELS]]


def test_the_worst_map_stays_small() -> None:
    rng = np.random.default_rng(1)
    leaves = []
    for _ in range(180):
        low = rng.uniform(-150, 100, 120 // 2)
        leaves.append(np.concatenate([low, low + rng.uniform(0, 50, 60)]))
    planned = factory.planned(
        leaves=leaves,
        jaws_x=(-200.0, 200.0),
        jaws_y=(-150.0, 150.0),
        weights=tuple(np.linspace(0, 1, 180)),
        beam_type="DYNAMIC",
    )
    picture, notes = map_and_notes(planned) or ("", "")
    assert 5_000 < len(picture.encode()) < 60_000
    assert (picture, notes) == map_and_notes(planned)


def test_blocks_and_wedges_are_not_counted_and_said() -> None:
    planned = factory.planned(
        blocks=(factory.block("SHIELDING", [(-10, -10), (10, -10), (10, 10)]),),
        number_of_blocks=1,
        wedges=[factory.wedge()],
    )
    picture = drawn(planned)
    assert "Not counted: blocks, wedges." in picture.description
    assert len(picture.paths("rtp-cutout")) == 1
