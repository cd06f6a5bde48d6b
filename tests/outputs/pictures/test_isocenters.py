"""Isocenters in the patient: places and distances read back from the picture are the plan's numbers."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from rtcode.features.types import Technique
from rtcode.outputs.pictures import isocenter_marks, isocenter_views
from rtcode.outputs.pictures.marks import told_distances
from rtcode.plan.model import Missing
from tests import factory
from tests.features.geometric import SETTINGS, all_facts
from tests.outputs.pictures.reading import Picture, read

SVG = "{http://www.w3.org/2000/svg}"
LEFTS, SIDE, TOP = (34.0, 186.0, 338.0), 118.0, 32.0
#: which patient axes a view shows, and whether the vertical one rises on paper
VIEWS = ((0, 1, False), (0, 2, True), (1, 2, True))


def session_of(*points: Any, **fields: Any):
    return factory.session(*(factory.beam(i + 1, isocenter=p, gantry=30.0 * i, **fields) for i, p in enumerate(points)))


def picture_of(session: Any, **kinds: Any) -> Picture:
    marks = isocenter_marks(session, all_facts(session, **kinds), SETTINGS)
    assert marks is not None
    return read(isocenter_views(session, marks, SETTINGS.same_isocenter_mm))


def places(picture: Picture, view: int) -> list[tuple[float, float]]:
    """Points of one view in mm, from circles and the labels of its axes."""
    left = LEFTS[view]
    labels = [
        t
        for t in picture.root.iter(f"{SVG}text")
        if t.attrib.get("font-size") == "7" and (t.text or "").lstrip("-").replace(".", "").isdigit()
    ]
    xs = [(float(t.text or ""), float(t.attrib["x"])) for t in labels if t.attrib["text-anchor"] == "middle"]
    ys = [
        (float(t.text or ""), float(t.attrib["y"]) - 2.5)
        for t in labels
        if t.attrib["text-anchor"] == "end" and float(t.attrib["x"]) == left - 3
    ]
    xs = [(v, x) for v, x in xs if left <= x <= left + SIDE]
    slope_x = np.polyfit([x for _, x in xs], [v for v, _ in xs], 1)
    slope_y = np.polyfit([y for _, y in ys], [v for v, _ in ys], 1)
    assert abs(slope_x[0]) == pytest.approx(abs(slope_y[0]), rel=2e-3)  # one scale
    assert slope_x[0] > 0 and bool(slope_y[0] < 0) is VIEWS[view][2]
    return [
        (float(np.polyval(slope_x, float(c.attrib["cx"]))), float(np.polyval(slope_y, float(c.attrib["cy"]))))
        for c in picture.root.iter(f"{SVG}circle")
        if left <= float(c.attrib["cx"]) <= left + SIDE
    ]


POINTS = [(10.0, -220.0, 35.0), (-42.5, -180.0, 95.0), (60.0, -200.0, -14.0)]


def test_points_stand_at_their_coordinates_in_all_views() -> None:
    picture = picture_of(session_of(*POINTS))
    for view, (across, up, _) in enumerate(VIEWS):
        found = places(picture, view)
        assert len(found) == 3
        for point in POINTS:
            nearest = min(math.dist(p, (point[across], point[up])) for p in found)
            assert nearest < 0.2  # rounding of the picture's numbers


def test_distances_are_said_for_all_pairs() -> None:
    session = session_of(*POINTS)
    picture = picture_of(session)
    for (i, a), (k, b) in combinations(enumerate(POINTS, 1), 2):
        assert f"{i}–{k} {math.dist(a, b):.1f} mm" in picture.description
        assert any(f"{i}–{k} {math.dist(a, b):.1f} mm" in text for text in picture.texts)
    marks = isocenter_marks(session, all_facts(session), SETTINGS)
    assert marks is not None
    assert [m.beams for m in marks] == [("beam 1",), ("beam 2",), ("beam 3",)]


def test_of_many_points_the_nearest_and_the_farthest_are_said() -> None:
    points = [(40.0 * i + i * i, 0.0, 5.0 * i) for i in range(8)]
    session = session_of(*points)
    marks = isocenter_marks(session, all_facts(session), SETTINGS)
    assert marks is not None
    told = [d for d, _, _ in told_distances(marks)]
    every = [math.dist(a, b) for a, b in combinations(points, 2)]
    assert told == [min(every), max(every)]
    assert "Nearest and farthest" in picture_of(session).description


def test_points_within_the_tolerance_are_one() -> None:
    picture = picture_of(session_of((0.0, 0.0, 0.0), (0.6, 0.0, 0.0), (0.0, 30.0, 0.0)))
    assert "In the patient: 2 photon isocenters" in picture.description
    assert "1: photon isocenter (0.3, 0, 0), beams 1, 2." in picture.description
    assert picture.description.count("mm,") and "1–2" in picture.description


def test_one_isocenter() -> None:
    picture = picture_of(session_of((1.0, 2.0, 3.0)))
    assert "In the patient: 1 photon isocenter" in picture.description
    assert "Distances" not in picture.description
    assert [places(picture, view)[0] for view in range(3)] == [
        pytest.approx((1, 2), abs=0.1),
        pytest.approx((1, 3), abs=0.1),
        pytest.approx((2, 3), abs=0.1),
    ]


def test_electrons_and_skin_points_are_marked_as_such() -> None:
    session = factory.session(
        factory.beam(1, isocenter=(0.0, 0.0, 0.0)),
        factory.beam(2, isocenter=(50.0, 0.0, 0.0), radiation="ELECTRON", ssd=1000.0),
        factory.beam(3, isocenter=(0.0, 50.0, 0.0), ssd=1000.0),
    )
    picture = picture_of(session)
    assert "1 photon isocenter, 1 photon point of set-ups by SSD".replace("set-ups", "a set-up") in picture.description
    assert "1 electron set-up point" in picture.description
    kinds = {c.attrib["class"] for c in picture.root.iter(f"{SVG}circle")}
    assert kinds == {"rtp-photon", "rtp-surface"}
    assert picture.paths("rtp-electron", in_plane=False)


def test_letters_and_views() -> None:
    picture = picture_of(session_of((0.0, 0.0, 0.0)))
    assert "Axial, seen from the feet" in picture.texts
    letters = [
        (t.text, float(t.attrib["x"]), float(t.attrib["y"])) for t in picture.root.iter(f"{SVG}text")
        if t.attrib.get("font-size") == "8.5"
    ]  # fmt: skip
    for view, (left, right, top, bottom) in enumerate(("RLAP", "RLHF", "APHF")):
        here = [(text, x, y) for text, x, y in letters if LEFTS[view] <= x <= LEFTS[view] + SIDE]
        assert min(here, key=lambda e: e[1])[0] == left and max(here, key=lambda e: e[1])[0] == right
        assert min(here, key=lambda e: e[2])[0] == top and max(here, key=lambda e: e[2])[0] == bottom


@pytest.mark.parametrize(
    ("gantry", "position", "from_"),
    [
        (0.0, "HFS", (0, -1)),  # from anterior: above the point
        (90.0, "HFS", (1, 0)),  # from the left: right on paper
        (270.0, "HFS", (-1, 0)),
        (0.0, "HFP", (0, 1)),  # prone: from posterior
        (90.0, "FFS", (-1, 0)),
    ],
)
def test_arrows_come_from_the_source(gantry: float, position: str, from_: tuple[float, float]) -> None:
    session = factory.session(
        factory.beam(1, isocenter=(0.0, 0.0, 0.0), gantry=gantry), setups=[factory.setup(position=position)]
    )
    picture = picture_of(session)
    (((start, end),),) = picture.paths("rtp-arrow", in_plane=False)
    direction = np.array(start) - np.array(end)
    assert direction / np.linalg.norm(direction) == pytest.approx(from_, abs=1e-2)
    center = (LEFTS[0] + SIDE / 2, TOP + SIDE / 2)
    assert math.dist(end, center) < math.dist(start, center)


def test_an_arc_is_the_way_of_the_source() -> None:
    session = factory.session(
        factory.beam(1, gantry=[0.0, 45.0, 90.0], direction=["CW", "CW", "NONE"], weights=(0.0, 0.5, 1.0))
    )
    ((way,),) = picture_of(session).paths("rtp-arrow", in_plane=False)
    x, y = LEFTS[0] + SIDE / 2, TOP + SIDE / 2
    radius = math.dist(way[0], (x, y))
    assert way[0] == pytest.approx((x, y - radius), abs=0.02)  # anterior
    assert way[-1] == pytest.approx((x + radius, y), abs=0.02)  # left
    assert all(math.dist(place, (x, y)) == pytest.approx(radius, abs=0.02) for place in way)


def test_a_path_has_a_start_and_an_end() -> None:
    count = 60
    session = factory.session(
        factory.beam(
            1,
            isocenter=[(0.0, 0.0, 2.0 * i) for i in range(count)],
            weights=tuple(np.linspace(0, 1, count)),
            gantry=list((np.arange(count) * 7.0) % 360),
            direction=["CW"] * count,
        )
    )
    picture = picture_of(session, technique=Technique.HELICAL)
    assert "1 start of a path, 1 end of a path" in picture.description
    assert "1–2 118.0 mm" in picture.description


@pytest.mark.parametrize(
    ("beam", "plan"),
    [
        ({}, {"geometry": "TREATMENT_DEVICE"}),
        ({"isocenter": None}, {}),
        ({"isocenter": Missing.EMPTY}, {}),
        ({"source_axis_distance_mm": 100.0, "jaws_x": (-5.0, 5.0), "jaws_y": (-5.0, 5.0), "ssd": 90.0}, {}),
    ],
)
def test_none_where_points_are_missing_or_cannot_be_compared(beam: dict[str, Any], plan: dict[str, Any]) -> None:
    session = factory.session(factory.beam(1, **beam), **plan)
    assert isocenter_marks(session, all_facts(session), SETTINGS) is None


def test_none_for_robots_and_without_treatment() -> None:
    session = factory.session(factory.beam(1))
    assert isocenter_marks(session, all_facts(session, technique=Technique.ROBOTIC), SETTINGS) is None
    setup_only = factory.session(factory.beam(1, delivery_type="SETUP"))
    assert isocenter_marks(setup_only, all_facts(setup_only), SETTINGS) is None


def test_fields_that_turn_about_the_skin_share_an_isocenter() -> None:
    """SSD equals SAD on all of them, but they come to one point from directions that are not opposed."""
    point = (5.0, 6.0, 7.0)
    turning = session_of(point, point, point, ssd=1000.0)
    assert "1: photon isocenter (5, 6, 7), beams 1, 2, 3." in picture_of(turning).description
    single = factory.session(factory.beam(1, isocenter=point, ssd=1000.0))
    assert "1: photon point of a set-up by SSD (5, 6, 7), beam 1." in picture_of(single).description
