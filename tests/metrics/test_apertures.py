"""Areas, outlines and unions against shapely, and what makes apertures unknown."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import shapely

from rtcode.metrics.apertures import BeamApertures, NoApertures, apertures_of
from rtcode.plan.model import Beam, Missing
from rtcode.plan.sessions import PlannedBeam
from tests import factory as f
from tests.metrics.shapes import KINDS, edges_mm, outlines, polygon, random_beam

SEEDS = 40
WIDE, NARROW = f.rectangle(-40, 40, -40, 40), f.rectangle(-20, 20, -40, 40)
#: one pair with its leaves exchanged; all pairs with their two leaves side by side, as some systems write them
CROSSED = WIDE.copy()
CROSSED[[20, 60]] = CROSSED[[60, 20]]
PAIR_BY_PAIR = WIDE.reshape(2, 40).T.ravel()


def planned(beam: Beam) -> PlannedBeam:
    return f.session(beam).beams[0]


def known(beam: Beam) -> BeamApertures:
    found = apertures_of(planned(beam))
    assert isinstance(found, BeamApertures)
    return found


def cases(kind: str, seeds: int = SEEDS) -> list[Beam]:
    made = (random_beam(np.random.default_rng([seed, KINDS.index(kind)]), kind) for seed in range(seeds))
    open_ones = [beam for beam in made if any(shape.area for shape, _ in outlines(beam))]
    assert len(open_ones) > seeds / 2
    return open_ones


@pytest.mark.parametrize("kind", KINDS)
def test_areas_and_outlines_are_those_of_the_polygons(kind: str) -> None:
    for beam in cases(kind):
        found = known(beam)
        shapes = [polygon(beam, int(i)) for i in found.control_points]
        area, length = [s.area for s in shapes], [s.length for s in shapes]
        assert found.points.area_mm2 == pytest.approx(area, abs=1e-6)
        assert found.points.perimeter_mm == pytest.approx(length, abs=1e-6)
        assert found.points.is_open.tolist() == [a > 0 for a in area]
        if kind == "crossed":
            assert found.points.side_edges_mm is found.points.strips is None
            continue
        along = [edges_mm(s)[1 if kind == "MLCY" else 0] for s in shapes]
        assert found.points.side_edges_mm == pytest.approx(along, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_union_is_that_of_the_polygons(kind: str) -> None:
    for beam in cases(kind):
        union = shapely.unary_union([shape for shape, _ in outlines(beam)])
        assert known(beam).points.union_area_mm2 == pytest.approx(union.area, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_control_points_and_weights(kind: str) -> None:
    """Only control points that bound a delivering segment; each has half of the segments beside it.

    Where all stands still, one for each segment with its meterset.
    """
    for beam in cases(kind, 10):
        found = known(beam)
        column = beam.control_points.meterset_weight
        assert column is not None
        steps = np.diff(column.values)
        delivering = np.flatnonzero(steps > 0)
        assert found.shares == pytest.approx(steps[delivering] / steps.sum())
        assert found.control_points[found.first].tolist() == delivering.tolist()
        assert found.arcs.weights is found.shares
        if (found.first == found.second).all():
            assert all(polygon(beam, i).equals(polygon(beam, i + 1)) for i in delivering.tolist())
            assert found.points is found.arcs
            continue
        assert found.control_points.tolist() == sorted({*delivering.tolist(), *(delivering + 1).tolist()})
        assert found.control_points[found.second].tolist() == (delivering + 1).tolist()
        assert found.points.weights == pytest.approx([weight for _, weight in outlines(beam)])


def test_what_stands_still_is_there_once() -> None:
    step = {"leaves": [WIDE, WIDE, NARROW, NARROW], "weights": [0.0, 0.25, 0.25, 1.0]}
    found = known(f.beam(**step))
    assert found.control_points.tolist() == [0, 2]
    assert found.points.weights == pytest.approx([0.25, 0.75])
    for moving in ({"jaws_x": [(-50, 50), (-45, 50), (-45, 50), (-45, 50)]}, {"weights": [0.0, 0.25, 0.5, 1.0]}):
        assert known(f.beam(**{**step, **moving})).control_points.tolist() == [0, 1, 2, 3]


def test_middle_of_a_segment_is_the_mean_of_ends_and_jaws() -> None:
    rng = np.random.default_rng(5)
    ends, jaws = np.sort(rng.normal(0, 20, (3, 2, 8)), axis=1), np.sort(rng.normal(0, 15, (3, 2)), axis=1)
    weights = [0.0, 1.0, 4.0]
    beam = f.beam(weights=weights, final=4.0, leaves=[e.ravel() for e in ends], jaws_y=[tuple(j) for j in jaws])
    middles = [(e + g) / 2 for e, g in itertools.pairwise(ends)]
    between = [tuple((j + k) / 2) for j, k in itertools.pairwise(jaws)]
    still = f.beam(weights=weights[:2], leaves=[m.ravel() for m in middles], jaws_y=between)
    found = known(beam).arcs
    assert found.weights == pytest.approx([0.25, 0.75])
    assert found.area_mm2 == pytest.approx([polygon(still, i).area for i in (0, 1)])
    assert found.perimeter_mm == pytest.approx([polygon(still, i).length for i in (0, 1)])


def test_leaf_widths_may_differ_and_order_may_be_reversed() -> None:
    edges = np.array([-30.0, -20.0, -10.0, -5.0, 0.0, 5.0, 10.0, 30.0])
    rng = np.random.default_rng(7)
    entries = [np.sort(rng.normal(0, 20, (2, 7)), axis=0).ravel() for _ in range(4)]
    flipped = [e.reshape(2, 7)[:, ::-1].ravel() for e in entries]
    weights = [0.0, 1.0, 2.0, 3.0]
    fields: dict[str, Any] = {"weights": weights, "final": 3.0, "jaws_y": (-22.0, 28.0)}
    beam = f.beam(**fields, more_devices=[("MLCX", entries, edges)])
    same = f.beam(**fields, more_devices=[("MLCX", flipped, edges[::-1])])
    for one in (known(beam), known(same)):
        assert one.points.area_mm2 == pytest.approx([polygon(beam, i).area for i in range(4)])
        assert one.points.perimeter_mm == pytest.approx([polygon(beam, i).length for i in range(4)])
        union = shapely.unary_union([polygon(beam, i) for i in range(4)])
        assert one.points.union_area_mm2 == pytest.approx(union.area)


def test_gaps_far_below_a_millimeter_are_open() -> None:
    found = known(f.beam(leaves=f.rectangle(0.0, 0.05, -40, 40)))
    assert found.points.area_mm2 == pytest.approx([80 * 0.05])


def test_binary_noise_is_neither_a_gap_nor_a_width() -> None:
    noisy = WIDE.copy()
    closed = np.flatnonzero(WIDE[:40] == WIDE[40:])
    noisy[closed + 40] += 1e-9
    found = known(f.beam(leaves=noisy, jaws_y=(-90.0, 40.0 + 1e-9)))
    assert found.points.strips is not None
    assert found.points.strips.is_open.sum(axis=1).tolist() == [16]
    assert found.points.perimeter_mm == pytest.approx([320.0])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, NoApertures.NO_MLC),
        ({"more_devices": [("MLCX", None, f.boundaries())]}, NoApertures.LEAVES_UNKNOWN),
        ({"leaves": WIDE, "more_devices": [("MLCY", None, f.boundaries())]}, NoApertures.LEAVES_UNKNOWN),
        ({"more_devices": [("MLCX", [WIDE], [])]}, NoApertures.LEAVES_UNKNOWN),
        ({"leaves": [WIDE, Missing.INVALID]}, NoApertures.LEAVES_UNKNOWN),
        ({"leaves": [Missing.EMPTY, WIDE]}, NoApertures.LEAVES_UNKNOWN),
        ({"leaves": [WIDE, np.where(np.arange(80) == 20, np.nan, WIDE)]}, NoApertures.LEAVES_UNKNOWN),
        # hidden where it is not known, but not at the other end
        (
            {"leaves": [WIDE, np.where(np.arange(80) == 20, np.nan, WIDE)], "jaws_y": [(-50, 50), (-50, -30)]},
            NoApertures.LEAVES_UNKNOWN,
        ),
        ({"leaves": CROSSED}, NoApertures.LEAVES_CROSS),
        ({"leaves": PAIR_BY_PAIR}, NoApertures.LEAVES_CROSS),
        ({"leaves": WIDE, "jaws_x": [(-50, 50), Missing.INVALID]}, NoApertures.JAWS_UNKNOWN),
        ({"leaves": WIDE, "jaws_y": [Missing.EMPTY, (-50, 50)]}, NoApertures.JAWS_UNKNOWN),
        ({"leaves": WIDE, "weights": None, "count": 2}, NoApertures.WEIGHTS_UNUSABLE),
        ({"leaves": [WIDE, NARROW, WIDE], "weights": [0.0, 0.6, 0.5]}, NoApertures.WEIGHTS_UNUSABLE),
        ({"leaves": np.zeros(80)}, NoApertures.CLOSED),
        ({"leaves": f.rectangle(60, 70, -40, 40)}, NoApertures.CLOSED),
        ({"leaves": f.rectangle(-40, 40, 60, 80)}, NoApertures.CLOSED),
        ({"leaves": WIDE, "jaws_y": (10, 10)}, NoApertures.CLOSED),
    ],
)
def test_unknown(fields: dict[str, Any], reason: NoApertures) -> None:
    assert apertures_of(planned(f.beam(**fields))) is reason


@pytest.mark.parametrize(
    "fields",
    [
        # not known where nothing delivers
        {"leaves": [WIDE, WIDE, Missing.INVALID], "weights": [0.0, 1.0, 1.0]},
        {"leaves": WIDE, "jaws_x": [(-50, 50), (-50, 50), Missing.INVALID], "weights": [0.0, 1.0, 1.0]},
        # leaves that cross where nothing delivers, and banks that are exchanged as a whole
        {"leaves": [WIDE, WIDE, CROSSED], "weights": [0.0, 1.0, 1.0]},
        {"leaves": np.concatenate([WIDE[40:], WIDE[:40]])},
        # not known behind jaws
        {"leaves": np.where(np.arange(80) % 40 == 0, np.nan, WIDE)},
        # another shape where nothing delivers
        {"leaves": [WIDE, WIDE, NARROW, f.rectangle(-60, 60, -60, 60)], "weights": [0.0, 1.0, 1.0, 1.0]},
    ],
)
def test_what_delivers_nothing_changes_nothing(fields: dict[str, Any]) -> None:
    found = known(f.beam(**fields))
    assert found.points.area_mm2 == pytest.approx([6400.0])
    assert found.points.union_area_mm2 == pytest.approx(6400.0)
    assert found.points.perimeter_mm == pytest.approx([320.0])


@pytest.mark.parametrize(
    ("gantry", "direction", "weights", "turns"),
    [
        (0.0, None, [0, 1, 2, 3], None),
        ([0, 20, 40, 60], "CW", [0, 1, 2, 3], [0, 0, 0]),
        ([0, 20, 0, 20], ["CW", "CC", "CW", "NONE"], [0, 1, 2, 3], [0, 1, 2]),
        ([0, 20, 20, 0], ["CW", "NONE", "CC", "NONE"], [0, 1, 2, 3], [0, 0, 1]),
        ([0, 0, 20, 0], ["NONE", "CW", "CC", "NONE"], [0, 1, 2, 3], [0, 0, 1]),
        # what turns with the beam off is no arc
        ([0, 20, 0, 20], ["CW", "CC", "CW", "NONE"], [0, 1, 1, 2], [0, 0]),
        ([0, 0, 20, 20], ["NONE", "CW", "NONE", "NONE"], [0, 1, 1, 2], None),
        (None, None, [0, 1, 2, 3], None),
    ],
)
def test_arcs_of_a_beam(gantry: Any, direction: Any, weights: list[float], turns: list[int] | None) -> None:
    beam = f.beam(leaves=WIDE, gantry=gantry, direction=direction, weights=weights, final=float(weights[-1]))
    found = known(beam).turns
    assert (None if found is None else found.tolist()) == turns
