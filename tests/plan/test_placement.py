"""What a beam's control points say about its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rtcode.plan.model import Missing
from rtcode.plan.placement import (
    central_axes,
    comparable_frame,
    entry_point,
    gantry_moves,
    is_path,
    isocenters,
    path_length_mm,
    span_in_patient,
    ssd_setup,
)
from rtcode.plan.units import looks_like_centimeters
from tests.factory import beam, device, plan, planned, setup

A, B, C = (0.0, 0.0, 0.0), (50.0, 0.0, 0.0), (0.0, 80.0, 0.0)


@pytest.mark.parametrize(
    ("values", "weights", "expected", "why"),
    [
        (A, (0, 1), [A], "written once, inherited"),
        ([A, A, B, B], (0, 0.5, 0.5, 1), [A, B], "two points, moved with the beam off"),
        ([C, A, B], (0, 0, 1), [A, B], "a point before the beam is on does not count"),
        ([A, B, A], (0, 0.5, 1), [A, B], "back to the first"),
        ([A, (0.001, 0.0, 0.0)], (0, 1), [A], "noise"),
        ([(2e-14, 0, 0), None], (0, 1), [(2e-14, 0.0, 0.0)], "a value of the file, not a rounded one"),
        ([A, None, B, None], None, [A, B], "without weights all points count"),
        (None, (0, 1), [], "absent"),
        ([Missing.EMPTY, None], (0, 1), [], "empty is not the origin"),
        ([(0.0, 5001.0, 0.0), None], (0, 1), [], "no such place in a room"),
        ([Missing.INVALID, None], (0, 1), [], "not readable"),
    ],
)
def test_isocenters(values: Any, weights: Any, expected: list[Any], why: str) -> None:
    made = planned(isocenter=values, weights=weights, count=4 if weights is None else None)
    assert list(isocenters(made).points) == expected, why


def test_isocenter_says_where_it_was_written() -> None:
    found = isocenters(planned(isocenter=[A, None, B, None], weights=(0, 0.5, 0.5, 1)))
    assert found.control_points == (0, 2)
    assert found.complete
    assert not found.moving


def test_empty_later_is_unknown_not_as_before() -> None:
    found = isocenters(planned(isocenter=[A, Missing.EMPTY], weights=(0, 1)))
    assert found.points == (A,)
    assert not found.complete


@pytest.mark.parametrize(
    ("fields", "moves"),
    [
        ({"gantry": 10.0}, False),
        ({"gantry": [10.0, 50.0]}, True),
        ({"gantry": [5.0, 5.0], "direction": ["CW", "NONE"], "beam_type": "DYNAMIC"}, True),
        ({"gantry": [5.0, 5.0], "direction": ["NONE", "CW"], "beam_type": "DYNAMIC"}, False),
        ({"gantry": [0.0, 90.0, 90.0], "weights": (0.0, 0.0, 1.0)}, False),
        ({"gantry": [10.0, 10.001]}, False),
        ({"gantry": [10.0, 50.0], "weights": None}, True),
    ],
)
def test_gantry_moves(fields: dict[str, Any], moves: bool) -> None:
    assert gantry_moves(planned(**fields)) is moves


def helix(count: int, step: float = 2.0) -> dict[str, Any]:
    return {
        "weights": tuple(np.linspace(0, 1, count)),
        "isocenter": [(0.0, 0.0, -step * i) for i in range(count)],
        "gantry": [float(7 * i % 360) for i in range(count)],
    }


@pytest.mark.parametrize(
    ("fields", "helical", "path", "why"),
    [
        ({}, False, False, "one point"),
        ({}, True, True, "named helical, one point in the file"),
        ({"private_creators": ("TOMO_HA_01",)}, False, True, "tomotherapy by its private creator"),
        (helix(50), False, True, "a point a control point"),
        ({"isocenter": [A, B]}, False, True, "the table moves while the beam is on"),
        ({"isocenter": [A, None, B, None], "weights": (0, 0.5, 0.5, 1)}, False, False, "moved with the beam off"),
    ],
)
def test_is_path(fields: dict[str, Any], helical: bool, path: bool, why: str) -> None:
    made = planned(**fields)
    assert is_path(made, isocenters(made), helical=helical) is path, why


def test_path_length_from_points_and_from_the_table() -> None:
    made = planned(**helix(50))
    found = path_length_mm(made, isocenters(made))
    assert found is not None and found[0] == pytest.approx(98.0)
    made = planned(points={"table_longitudinal_mm": [100.0, 350.0]})
    found = path_length_mm(made, isocenters(made))
    assert found is not None and found[0] == pytest.approx(250.0)
    assert "TableTopLongitudinalPosition (300A,0129)" in found[1].where
    made = planned()
    assert path_length_mm(made, isocenters(made)) is None


@pytest.mark.parametrize(
    ("fields", "technique", "word"),
    [
        ({"ssd": 900.0}, "ISOCENTRIC", None),
        ({"ssd": 900.0}, "FIXED_SSD", "set-up technique"),
        ({"ssd": 900.0}, "skin_apposition", "set-up technique"),
        ({"ssd": 1000.0}, "ISOCENTRIC", "on the skin"),
        ({"ssd": 995.0}, "ISOCENTRIC", "on the skin"),
        ({"ssd": 994.9}, "ISOCENTRIC", None),
        ({"ssd": 1100.0}, "ISOCENTRIC", "longer"),
        ({"ssd": None, "entry": (0.0, -3.0, 0.0)}, "ISOCENTRIC", "entry point"),
        ({"ssd": None, "entry": (0.0, -60.0, 0.0)}, "ISOCENTRIC", None),
        ({"ssd": None}, None, None),
        # the source-axis distance decides, not 1000 mm
        ({"ssd": 900.0, "source_axis_distance_mm": 900.0}, "ISOCENTRIC", "on the skin"),
        ({"ssd": 1000.0, "source_axis_distance_mm": Missing.ABSENT}, "ISOCENTRIC", None),
        # a gantry that turns turns about an isocenter
        ({"ssd": 1000.0, "gantry": [181.0, 179.0]}, "FIXED_SSD", None),
    ],
)
def test_ssd_setup(fields: dict[str, Any], technique: str | None, word: str | None) -> None:
    made = planned(**fields, plan_fields={"setups": (setup(technique=technique),)})
    found = ssd_setup(made, isocenters(made))
    if word is None:
        assert found is None
    else:
        assert found is not None and word in found.reason
        assert found.on_skin is (word in ("on the skin", "entry point"))


def test_axis_of_a_fixed_field() -> None:
    found = central_axes(planned(gantry=90.0, isocenter=B))
    assert found is not None and len(found) == 1
    np.testing.assert_allclose(found[0].direction, (-1.0, 0.0, 0.0), atol=1e-12)
    np.testing.assert_array_equal(found[0].origin, B)
    assert not found[0].couch_assumed and not found[0].position_assumed


def test_axes_of_a_beam_that_turns_with_the_beam_off() -> None:
    found = central_axes(planned(gantry=[0.0, 0.0, 90.0, 90.0], weights=(0, 0.5, 0.5, 1)))
    assert found is not None and len(found) == 2


@pytest.mark.parametrize(
    "fields", [{"gantry": None}, {"gantry": [0.0, 90.0]}, {"gantry": Missing.INVALID}, {"gantry": [Missing.EMPTY, 0.0]}]
)
def test_no_axis_without_a_standing_gantry(fields: dict[str, Any]) -> None:
    if fields == {"gantry": Missing.INVALID}:
        fields = {"gantry": [Missing.INVALID]}
    assert central_axes(planned(**fields)) is None


def test_axis_tells_what_was_assumed() -> None:
    found = central_axes(planned(couch=None, plan_fields={"setups": ()}))
    assert found is not None and found[0].couch_assumed and found[0].position_assumed
    assert central_axes(planned(plan_fields={"setups": (setup(position="SITTING"),)})) is None


def test_span_reaches_from_skin_or_point_into_the_patient() -> None:
    assert span_in_patient(planned(ssd=900.0)) == (-100.0, 600.0)
    assert span_in_patient(planned(ssd=1100.0)) == (0.0, 700.0)
    assert span_in_patient(planned(ssd=None)) == (0.0, 600.0)


def test_entry_point() -> None:
    assert entry_point(planned(entry=(1.0, 2.0, 3.0))) == (1.0, 2.0, 3.0)
    assert entry_point(planned()) is None
    assert entry_point(planned(entry=[Missing.EMPTY, None])) is None


def test_frames() -> None:
    one = plan(beam())
    assert comparable_frame(one) == one.frame_of_reference_uid
    assert comparable_frame(plan(beam(), geometry="treatment_device ")) is None
    without = plan(beam(), frame_of_reference_uid=None, sop_instance_uid="1.1")
    other = plan(beam(), frame_of_reference_uid="", sop_instance_uid="1.2")
    assert comparable_frame(without) is not None
    assert comparable_frame(without) != comparable_frame(other)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"source_axis_distance_mm": 100.0}, True),
        ({"source_axis_distance_mm": 850.0}, False),
        ({"source_axis_distance_mm": Missing.ABSENT}, False),
    ],
)
def test_centimeters_by_distance(fields: dict[str, Any], expected: bool) -> None:
    assert looks_like_centimeters(beam(**fields)) is expected


def test_centimeters_by_leaves_whatever_the_distance_says() -> None:
    """A file that gives a distance of 1000 and leaves within 30 mm of the axis was converted in part."""
    leaves = ("MLCX", None, np.linspace(-20, 20, 41))
    assert looks_like_centimeters(beam(source_axis_distance_mm=Missing.ABSENT, more_devices=[leaves]))
    assert looks_like_centimeters(beam(more_devices=[leaves]))
    wide = ("MLCX", None, np.linspace(-50, 50, 41))
    assert not looks_like_centimeters(beam(more_devices=[wide]))
    # One device that can only be in millimeters is enough.
    assert not looks_like_centimeters(beam(more_devices=[leaves, wide]))
    assert device("MLCX", 40, np.linspace(-20, 20, 41)).boundaries_mm.size == 41
