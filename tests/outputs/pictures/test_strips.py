"""Strips along a beam: heights read back from the picture are the series' numbers, at the right places."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from rtcode.metrics.machines import MachineLimits
from rtcode.metrics.timing import segment_times
from rtcode.outputs.pictures import arc_strip
from rtcode.plan.model import Missing
from rtcode.plan.sessions import PlannedBeam
from tests import factory
from tests.outputs.pictures.reading import Picture, read

SVG = "{http://www.w3.org/2000/svg}"
LEFT, WIDTH = 40.0, 372.0
LIMITS = MachineLimits(6.0, 600.0, 25.0, 20.0, (-200.0, 200.0), source="test")


def arc(count: int = 37, start: float = 182.0, stop: float = 538.0, **fields: Any) -> PlannedBeam:
    rng = np.random.default_rng(2)
    leaves = [factory.rectangle(-20 - d, 20 + d, -20, 20) for d in rng.uniform(0, 10, count)]
    steps = rng.uniform(0.5, 2.0, count - 1)
    weights = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()])
    values: dict[str, Any] = {
        "gantry": list(np.linspace(start, stop, count) % 360.0),
        "direction": ["CW"] * (count - 1) + ["NONE"],
        "leaves": leaves,
        "weights": tuple(weights),
        "beam_type": "DYNAMIC",
    }
    values.update(fields)
    return factory.planned(**values)


def scale_of(picture: Picture, row: int) -> tuple[float, float]:
    """Base line and height of one unit of a row, from the labels of its axis."""
    labels = [
        t for t in picture.root.iter(f"{SVG}text") if t.attrib.get("font-size") == "8.5" and t.text != "turns back"
    ]
    rows: list[list[tuple[float, float]]] = []
    for label in labels:
        value, y = float(label.text or ""), float(label.attrib["y"]) - 3
        if value == 0:
            rows.append([])
        rows[-1].append((value, y))
    (_, base), *others = rows[row]
    value, y = others[-1]
    return base, (base - y) / value


def levels(picture: Picture, name: str, row: int, place: int = 0) -> list[tuple[float, float, float]]:
    """``(x0, x1, value)`` of the horizontal parts of a stepped line."""
    base, unit = scale_of(picture, row)
    rings = picture.paths(name, in_plane=False)[place]
    found = []
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise(ring):
            if y0 == y1 and x1 > x0 and abs(y0 - base) > 0.006:
                found.append((x0, x1, (base - y0) / unit))
    return found


def test_an_arc_shows_meterset_per_degree_and_speeds() -> None:
    planned = arc()
    series = segment_times(planned, LIMITS)
    assert series is not None
    picture = read(arc_strip(planned, LIMITS) or "")
    for values, name, row, place in (
        (series.meterset_per_deg, "rtp-area", 0, 0),
        (series.leaf_speed_mm_s, "rtp-line", 1, 0),
        (series.gantry_speed_deg_s, "rtp-line", 2, 1),
        (series.dose_rate_mu_min, "rtp-line", 3, 2),
    ):
        drawn = levels(picture, name, row, place)
        # Segments that differ by less than a hundredth of the picture's unit are one line.
        width = sum(x1 - x0 for x0, x1, _ in drawn)
        assert width == pytest.approx(WIDTH, abs=0.1)
        for x0, x1, value in drawn:
            segment = int((x0 + 0.3 - LEFT) / WIDTH * 36)
            assert x1 > x0
            assert value == pytest.approx(values[segment], rel=0.02, abs=float(values.max()) * 0.01)
    assert "gantry 182° to 178°, 356° in all" in picture.description
    assert "limit 25" in picture.description and "limit 6" in picture.description
    assert "limits assumed for this kind of machine" in picture.description


@pytest.mark.parametrize(("count", "turn"), [(37, "CW"), (37, "CC"), (4, "CW"), (4, "CC")])
def test_angles_are_marked_where_the_gantry_passes_them(count: int, turn: str) -> None:
    start, stop = (182.0, 538.0) if turn == "CW" else (538.0, 182.0)
    planned = arc(count, start, stop, direction=[turn] * (count - 1) + ["NONE"])
    picture = read(arc_strip(planned, LIMITS) or "")
    marks = [
        (float(t.attrib["x"]), float(t.text or ""))
        for t in picture.root.iter(f"{SVG}text")
        if t.attrib.get("font-size") == "9" and (t.text or "").replace(".", "").isdigit()
    ]
    assert len(marks) == 11  # every 30 degrees from 210 to 510
    sign = 1 if turn == "CW" else -1
    for x, angle in marks:
        assert (start + sign * (x - LEFT) / WIDTH * 356) % 360 == pytest.approx(angle, abs=0.05)


def test_an_arc_that_turns_back_shows_both_ways() -> None:
    way = np.concatenate([np.linspace(200, 340, 15), np.linspace(340, 200, 15)[1:]])
    directions = ["CW"] * 14 + ["CC"] * 14 + ["NONE"]
    planned = arc(29, gantry=list(way), direction=directions)
    picture = read(arc_strip(planned, LIMITS) or "")
    assert "gantry 200° to 200°, 280° in all, turning back 1 time" in picture.description
    marks = [(float(t.attrib["x"]), t.text) for t in picture.root.iter(f"{SVG}text") if t.text in ("230", "270", "300")]
    places = sorted(x for x, text in marks if text == "300")
    assert places == pytest.approx([LEFT + WIDTH * 100 / 280, LEFT + WIDTH * 180 / 280], abs=0.02)
    (turn,) = [
        ring[0][0]
        for path in picture.paths("rtp-axis", in_plane=False)
        for ring in path
        if ring[0][0] == ring[1][0]
    ]  # fmt: skip
    assert turn == pytest.approx(LEFT + WIDTH / 2, abs=0.01)


def test_steps_without_meterset_are_shown_as_beam_off() -> None:
    weights = [0.0, 0.2, 0.2, 0.6, 1.0]
    planned = arc(5, gantry=[0.0, 10.0, 20.0, 30.0, 40.0], direction=["CW"] * 4 + ["NONE"], weights=tuple(weights))
    picture = read(arc_strip(planned, LIMITS) or "")
    off = {(min(x for x, _ in r), max(x for x, _ in r)) for p in picture.paths("rtp-jaw", in_plane=False) for r in p}
    assert off == {(LEFT + WIDTH / 4, LEFT + WIDTH / 2)}
    assert "Grey: beam off" in picture.description


def test_step_and_shoot_goes_by_meterset_and_shows_areas() -> None:
    a, b = factory.rectangle(-10, 10, -20, 20), factory.rectangle(-30, 30, -20, 20)
    planned = factory.planned(leaves=[a, a, b, b], weights=(0.0, 0.25, 0.25, 1.0))
    picture = read(arc_strip(planned, LIMITS) or "")
    drawn = levels(picture, "rtp-area", 0)
    assert [(round(x0), round(x1)) for x0, x1, _ in drawn] == [(40, 133), (133, 412)]
    assert [v for _, _, v in drawn] == pytest.approx([8.0, 24.0], rel=0.01)
    assert "Leaves stand still while the beam is on" in picture.description
    assert "2 segments, 100 MU" in picture.description


def test_sliding_window_shows_leaf_speed_by_meterset() -> None:
    planned = arc(10, gantry=0.0, direction=None)
    series = segment_times(planned, LIMITS)
    assert series is not None
    picture = read(arc_strip(planned, LIMITS) or "")
    assert "Meterset (MU)" in picture.texts
    fastest = max(v for _, _, v in levels(picture, "rtp-line", 1, 0))
    assert fastest == pytest.approx(np.nanmax(series.leaf_speed_mm_s), rel=0.02)


@pytest.mark.parametrize(
    "fields",
    [
        {},  # one segment, nothing changes
        {"weights": (0.0, Missing.INVALID)},
        {"dosimeter_unit": "MINUTE", "gantry": [0.0, 90.0], "direction": ["CW", "NONE"]},
    ],
)
def test_nothing_to_show(fields: dict[str, Any]) -> None:
    assert arc_strip(factory.planned(**fields), LIMITS) is None


def test_unknown_speeds_are_said_not_drawn_as_zero() -> None:
    nothing = MachineLimits(source="test")
    picture = read(arc_strip(arc(), nothing) or "")
    assert "Gantry speed: unknown or not applicable" in picture.description
    assert picture.paths("rtp-line", in_plane=False) == []
    assert picture.paths("rtp-area", in_plane=False) != []
    assert "Dashed" not in picture.description


def test_the_same_bytes_and_a_bounded_size() -> None:
    planned = arc(400)
    picture = arc_strip(planned, LIMITS) or ""
    assert picture == arc_strip(planned, LIMITS)
    assert len(picture.encode()) < 45_000
