"""Beam's-eye views: what is drawn, read back in mm, is what the beam's numbers are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcode.outputs.pictures import (
    beams_eye_view,
    chosen_control_points,
    map_and_notes,
    view_and_notes,
)
from rtcode.outputs.pictures.beams_eye import direction_letters, wedge_direction
from rtcode.plan.apertures import LeafData
from rtcode.plan.geometry import collimator_to_patient
from rtcode.plan.model import Missing
from rtcode.plan.sessions import PlannedBeam
from tests import factory
from tests.outputs.pictures.reading import read

CIRCLE = [(30 * np.cos(t), 20 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 24, endpoint=False)]


def drawn(planned: PlannedBeam, index: int = 0):
    return read(beams_eye_view(planned, index))


def test_jaws_and_leaves_stand_where_the_plan_says() -> None:
    planned = factory.planned(
        jaws_x=(-40.0, 50.0), jaws_y=(-35.0, 30.0), leaves=factory.rectangle(-22.5, 31.25, -20, 15, park=4.0)
    )
    picture = drawn(planned)
    half = max(x1 for _, x1, _, _ in picture.rectangles("rtp-jaw"))
    assert sorted(picture.rectangles("rtp-jaw")) == sorted(
        [(-half, -40, -half, half), (50, half, -half, half), (-half, half, -half, -35), (-half, half, 30, half)]
    )
    leaves = picture.rectangles("rtp-leaf-0")
    edges = factory.boundaries()
    for low, high in pairwise(edges):
        near, far = max(low, -half), min(high, half)
        if far <= near:
            continue
        strip = sorted((x0, x1) for x0, x1, y0, y1 in leaves if (y0, y1) == (near, far))
        inside = -20 < (low + high) / 2 < 15
        assert strip == [(-half, -22.5 if inside else 4.0), (31.25 if inside else 4.0, half)]


def test_a_millimeter_is_as_long_along_x_as_along_y_and_y_points_up() -> None:
    picture = drawn(factory.planned(jaws_x=(-100.0, 20.0)))
    plane = picture.plane
    assert plane.a > 0 and plane.d == -plane.a and plane.b == plane.c == 0
    # The ticks stand at that scale: those of X below the frame, those of Y left of it.
    texts = [t for t in picture.root.iter("{http://www.w3.org/2000/svg}text") if (t.text or "").lstrip("-").isdigit()]
    for text in texts:
        value, x, y = float(text.text or ""), float(text.attrib["x"]), float(text.attrib["y"])
        if text.attrib["text-anchor"] == "middle":
            assert x == pytest.approx(plane.e + plane.a * value, abs=0.02)
        else:
            assert y - 3.3 == pytest.approx(plane.f + plane.d * value, abs=0.02)
    assert len(texts) > 8


@pytest.mark.parametrize("mlc", ["MLCX", "MLCY"])
def test_what_is_open_is_what_the_analysis_has(mlc: str) -> None:
    planned = factory.planned(leaves=factory.rectangle(-22.5, 31.25, -20, 15), mlc=mlc)
    area = drawn(planned).area("rtp-open")
    expected = shapely.box(-22.5, -20, 31.25, 15) if mlc == "MLCX" else shapely.box(-20, -22.5, 15, 31.25)
    assert area.symmetric_difference(expected).area == pytest.approx(0, abs=1e-6)


@st.composite
def beams(draw: Any) -> PlannedBeam:
    pairs = draw(st.integers(4, 14))
    width = draw(st.sampled_from([2.5, 5.0, 10.0]))
    position = st.integers(-2400, 2400).map(lambda v: v / 40)
    low = np.array(draw(st.lists(position, min_size=pairs, max_size=pairs)))
    gap = np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 2.0, 9.975, 60.0]), min_size=pairs, max_size=pairs)))
    half = pairs * width / 2
    # Whole jaw positions in reach, or wide open.
    jaws_x = draw(st.sampled_from([(-30.0, 42.0), (-200.0, 200.0), (5.0, 40.0), None]))
    jaws_y = draw(st.sampled_from([(-half + 1, half), (-200.0, 200.0), (-3.0, 8.0), None]))
    more = []
    if draw(st.booleans()):
        other = np.array(draw(st.lists(position, min_size=pairs, max_size=pairs)))
        edges = factory.boundaries(pairs, width) + draw(st.sampled_from([0.0, width / 2]))
        more.append(("MLCX", [np.concatenate([other - 30, other + 30])], edges))
    elif draw(st.booleans()):
        other = np.array(draw(st.lists(position, min_size=pairs, max_size=pairs)))
        more.append(("MLCY", [np.concatenate([other - 30, other + 30])], factory.boundaries(pairs, width)))
    return factory.planned(
        leaves=np.concatenate([low, low + gap]),
        mlc=draw(st.sampled_from(["MLCX", "MLCY"])),
        leaf_mm=width,
        jaws_x=jaws_x,
        jaws_y=jaws_y,
        more_devices=more,
    )


@settings(max_examples=60, deadline=None)
@given(beams())
def test_open_area_of_any_aperture(planned: PlannedBeam) -> None:
    picture = drawn(planned)
    area = planned.delivery.collimation.shape(0).area_mm2
    assert area is not None
    # Corners are rounded to 0.01 mm: an end is off by 0.005 mm at most, over 28 leaves of 10 mm.
    assert picture.area("rtp-open").area == pytest.approx(area, abs=2.0)
    assert not picture.area("rtp-open").intersection(picture.area("rtp-jaw")).area > 3.0


def test_no_leaf_lies_in_what_is_open() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        low = np.round(rng.uniform(-40, 20, 40), 1)
        planned = factory.planned(leaves=np.concatenate([low, low + rng.choice([0.0, 2.0, 15.0, 30.0], 40)]))
        picture = drawn(planned)
        leaves = shapely.union_all([shapely.box(a, c, b, d) for a, b, c, d in picture.rectangles("rtp-leaf-0")])
        assert picture.area("rtp-open").intersection(leaves).area == pytest.approx(0, abs=1e-6)


def test_two_layers_are_told_apart() -> None:
    planned = factory.planned(
        leaves=factory.rectangle(-20, 20, -20, 20, pairs=28, leaf_mm=10.0),
        mlc="MLCX1",
        leaf_mm=10.0,
        jaws_x=None,
        jaws_y=None,
        more_devices=[
            ("MLCX2", [factory.rectangle(-10, 30, -25, 25, pairs=29, leaf_mm=10.0)], factory.boundaries(29, 10.0))
        ],
    )
    picture = drawn(planned)
    assert (-20.0 in {x1 for _, x1, _, _ in picture.rectangles("rtp-leaf-0")}) and (
        -10.0 in {x1 for _, x1, _, _ in picture.rectangles("rtp-leaf-1")}
    )
    assert picture.area("rtp-open").bounds[0] == -10.0 and picture.area("rtp-open").bounds[2] == 20.0
    assert {"layer 1", "layer 2"} <= set(picture.texts)
    assert "No jaws." in picture.description


#: why nothing may be filled, and what the picture then says
UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "declared, no positions": ({"more_devices": [("MLCX", None, factory.boundaries())]}, "Leaf positions unknown"),
    "empty from the second control point": (
        {"leaves": [factory.rectangle(-20, 20, -20, 20), Missing.EMPTY]},
        "Leaf positions unknown",
    ),
    "a leaf that is no number": (
        {"leaves": np.where(np.arange(80) == 7, np.nan, factory.rectangle(-20, 20, -20, 20))},
        "Leaf positions unknown",
    ),
    "no boundaries": (
        {"more_devices": [("MLCX", [factory.rectangle(-20, 20, -20, 20)], "undeclared")]},
        "leaf boundaries are not recorded",
    ),
    "jaw that is no number": ({"jaws_x": (-50.0, np.nan)}, "Jaw positions unknown"),
    "no jaw along X": ({"jaws_x": None}, "Nothing that is recorded limits one side"),
    "no devices": ({"jaws_x": None, "jaws_y": None}, "No jaws and no leaves are recorded"),
    "tomotherapy": (
        {"sinogram": [np.full(64, 0.5)] * 2, "private_creators": ("TOMO_HA_01",)},
        "binary leaves of tomotherapy",
    ),
    "block without an outline": (
        {"blocks": (factory.block("SHIELDING"),), "number_of_blocks": 1},
        "outline or kind of a block is not recorded",
    ),
    "block of no kind": ({"blocks": (factory.block(None, CIRCLE),), "number_of_blocks": 1}, "kind of a block"),
    "block that is only counted": ({"number_of_blocks": 2}, "A declared block is not described"),
    "two cut-outs": (
        {"blocks": (factory.block("APERTURE", CIRCLE), factory.block("APERTURE", CIRCLE)), "number_of_blocks": 2},
        "Several cut-outs",
    ),
    "applicator of unknown opening": (
        {"radiation": "ELECTRON", "applicators": (factory.applicator(),)},
        "opening of the applicator is not recorded",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_not_known_is_said_and_never_drawn_open(case: str) -> None:
    fields, words = UNKNOWN[case]
    planned = factory.planned(**fields)
    picture = drawn(planned, planned.delivery.control_points - 1)
    assert picture.paths("rtp-open") == []
    assert words in picture.description
    alert = " ".join(t.text or "" for t in picture.root.iter() if t.attrib.get("class") == "rtp-alert")
    assert words in alert
    assert "Open area" not in picture.description
    assert picture.paths("rtp-hatch", in_plane=False)


def test_shielding_is_taken_out_and_a_cut_out_is_the_field() -> None:
    shield = factory.planned(
        blocks=(factory.block("SHIELDING", [(-10, -10), (10, -10), (10, 10), (-10, 10)]),), number_of_blocks=1
    )
    picture = drawn(shield)
    assert picture.area("rtp-open").area == pytest.approx(100 * 100 - 20 * 20)
    assert picture.area("rtp-shield").equals(shapely.box(-10, -10, 10, 10))
    assert "Open area behind jaws and blocks: 96 cm²" in picture.description
    cutout = factory.planned(
        radiation="ELECTRON",
        applicators=(factory.applicator(),),
        blocks=(factory.block("APERTURE", CIRCLE),),
        number_of_blocks=1,
    )
    picture = drawn(cutout)
    assert picture.area("rtp-open").area == pytest.approx(shapely.Polygon(CIRCLE).area, rel=1e-3)
    assert picture.area("rtp-cutout-material").area == pytest.approx(1e4 - shapely.Polygon(CIRCLE).area, rel=1e-3)


@pytest.mark.parametrize(
    ("fields", "area"),
    [
        ({"opening_mm": 60.0, "kind": "ELECTRON_SQUARE"}, 3600.0),
        ({"opening_mm": 60.0, "kind": "ELECTRON_CIRC"}, np.pi * 900.0),
        ({"opening_x_mm": 40.0, "opening_y_mm": 30.0, "kind": "ELECTRON_RECT"}, 1200.0),
        # The applicator is wider than the jaws.
        ({"opening_mm": 150.0, "kind": "ELECTRON_SQUARE"}, 10_000.0),
    ],
)
def test_the_opening_of_an_applicator(fields: dict[str, Any], area: float) -> None:
    planned = factory.planned(radiation="ELECTRON", applicators=(factory.applicator(**fields),))
    assert drawn(planned).area("rtp-open").area == pytest.approx(area, rel=2e-3)


@pytest.mark.parametrize(("orientation", "toward"), [(0.0, (0, 1)), (90.0, (-1, 0)), (180.0, (0, -1)), (270.0, (1, 0))])
def test_the_wedge_points_from_thick_to_thin(orientation: float, toward: tuple[float, float]) -> None:
    assert wedge_direction(orientation) == pytest.approx(toward, abs=1e-12)
    planned = factory.planned(wedges=[factory.wedge(orientation_deg=orientation)], wedge_positions={1: ["IN", "IN"]})
    picture = drawn(planned)
    ((corners,),) = picture.paths("rtp-wedge", in_plane=False)
    heel = np.mean(corners[:2], axis=0)
    arrow = np.array(corners[2]) - heel
    assert arrow[0] == pytest.approx(32 * toward[0], abs=0.02)
    assert -arrow[1] == pytest.approx(32 * toward[1], abs=0.02)  # Y is down on paper
    assert "Wedge 30° in" in picture.description


@pytest.mark.parametrize(
    ("fields", "words", "arrow"),
    [
        ({"wedge_positions": {1: ["OUT", "OUT"]}}, "Wedge out", False),
        ({}, "whether it is in is unknown", False),
        ({"wedge_positions": {1: ["?", "?"]}}, "whether it is in is unknown", False),
        ({"wedges": [factory.wedge(kind="DYNAMIC")]}, "Its moving jaw is not in the plan", True),
        (
            {"wedges": [factory.wedge(orientation_deg=Missing.EMPTY)], "wedge_positions": {1: ["IN", "IN"]}},
            "its orientation is unknown",
            False,
        ),
        ({"number_of_wedges": 0, "wedge_positions": {1: ["IN", "IN"]}}, "", False),
    ],
)
def test_wedges_that_are_out_or_unknown(fields: dict[str, Any], words: str, arrow: bool) -> None:
    picture = drawn(factory.planned(**{"wedges": [factory.wedge()], **fields}))
    assert words in picture.description
    assert bool(picture.paths("rtp-wedge", in_plane=False)) is arrow
    assert words or "Wedge" not in picture.description


def test_a_dynamic_wedge_whose_jaw_is_written() -> None:
    planned = factory.planned(
        weights=(0.0, 0.5, 1.0),
        jaws_y=[(-60.0, 60.0), (0.0, 60.0), (50.0, 60.0)],
        wedges=[factory.wedge(kind="DYNAMIC")],
    )
    picture = drawn(planned)
    assert "Wedge 30° in" in picture.description and "moving jaw" not in picture.description
    assert "Not counted" not in (map_and_notes(planned) or ("", "Not counted"))[1]


def test_leaves_that_cross_leave_nothing_open() -> None:
    planned = factory.planned(leaves=factory.rectangle(30.0, -30.0, -20, 15))
    picture = drawn(planned)
    assert "Leaves of a pair cross" in picture.description
    assert not picture.paths("rtp-open") and picture.paths("rtp-hatch", in_plane=False)
    assert map_and_notes(planned) is None
    # Rounding is no crossing.
    assert drawn(factory.planned(leaves=factory.rectangle(0.04, -0.04, -20, 15))).paths("rtp-leaf-0")
    assert "cross" not in drawn(factory.planned(leaves=factory.rectangle(0.04, -0.04, -20, 15))).description


def test_sentences_can_stand_outside_of_the_picture() -> None:
    planned = factory.planned(jaws_x=(-40.0, 50.0), jaws_y=(-35.0, 30.0))
    svg, notes = view_and_notes(planned, 0)
    picture = read(svg)
    assert "Jaws: X -40 to 50, Y -35 to 30 mm." in notes and notes in picture.description
    assert not any("Jaws" in text for text in picture.texts)
    assert {"X (mm, IEC beam limiting device)", "Y (mm, IEC beam limiting device)"} <= set(picture.texts)
    assert picture.box[1] < read(beams_eye_view(planned, 0)).box[1]
    map_svg, map_notes = map_and_notes(planned) or ("", "")
    assert map_notes.startswith("Largest:") and map_notes in read(map_svg).description
    assert not any("Largest" in text for text in read(map_svg).texts)


def test_a_wedge_that_moves_out_is_drawn_where_it_is_in() -> None:
    planned = factory.planned(
        weights=(0.0, 0.5, 0.5, 1.0),
        wedges=[factory.wedge(kind="MOTORIZED", angle=60)],
        wedge_positions={1: ["IN", "IN", "OUT", "OUT"]},
    )
    assert drawn(planned, 0).paths("rtp-wedge", in_plane=False)
    assert not drawn(planned, 2).paths("rtp-wedge", in_plane=False)


@pytest.mark.parametrize(
    ("gantry", "collimator", "couch", "position", "right", "up"),
    [
        # At gantry 0 one looks down: to the right lies the fixed frame's +x, up on paper the gantry.
        (0.0, 0.0, 0.0, "HFS", "L", "H"),
        (180.0, 0.0, 0.0, "HFS", "R", "H"),
        (90.0, 0.0, 0.0, "HFS", "P", "H"),
        (270.0, 0.0, 0.0, "HFS", "A", "H"),
        # The collimator turns counter-clockwise seen from the source: its +X comes to the gantry.
        (0.0, 90.0, 0.0, "HFS", "H", "R"),
        (0.0, 270.0, 0.0, "HFS", "F", "L"),
        (90.0, 90.0, 0.0, "HFS", "H", "A"),
        # The table turns counter-clockwise seen from above: the head goes to -x, the left side to the gantry.
        (0.0, 0.0, 90.0, "HFS", "F", "L"),
        (0.0, 0.0, 270.0, "HFS", "H", "R"),
        (0.0, 90.0, 90.0, "HFS", "L", "H"),
        # Feet to the gantry, lying on the face, on the right or left side.
        (0.0, 0.0, 0.0, "FFS", "R", "F"),
        (0.0, 0.0, 0.0, "HFP", "R", "H"),
        (0.0, 0.0, 0.0, "FFP", "L", "F"),
        (0.0, 0.0, 0.0, "HFDR", "P", "H"),
        (0.0, 0.0, 0.0, "HFDL", "A", "H"),
        (0.0, 0.0, 0.0, "FFDR", "A", "F"),
        (0.0, 0.0, 0.0, "FFDL", "P", "F"),
        (90.0, 0.0, 0.0, "HFDR", "R", "H"),
        (90.0, 0.0, 0.0, "FFS", "P", "F"),
        (90.0, 0.0, 0.0, "HFP", "A", "H"),
    ],
)
def test_patient_directions(gantry: float, collimator: float, couch: float, position: str, right: str, up: str) -> None:
    planned = factory.planned(
        gantry=gantry, collimator=collimator, couch=couch, plan_fields={"setups": [factory.setup(position=position)]}
    )
    picture = drawn(planned)
    letters = {
        t.text: (float(t.attrib["x"]), float(t.attrib["y"]))
        for t in picture.root.iter("{http://www.w3.org/2000/svg}text")
        if t.text in set("LRAPHF")
    }
    assert max(letters, key=lambda k: letters[k][0]) == right
    assert min(letters, key=lambda k: letters[k][1]) == up
    frame = collimator_to_patient(gantry, collimator, couch, position)
    assert frame is not None and direction_letters(frame[:, 0]) == right


@pytest.mark.parametrize(
    "fields",
    [
        {"couch": Missing.EMPTY},
        {"collimator": None},
        {"plan_fields": {"setups": [factory.setup(position="SITTING")]}},
        {"plan_fields": {"geometry": "TREATMENT_DEVICE"}},
    ],
)
def test_no_patient_directions_where_something_is_missing(fields: dict[str, Any]) -> None:
    assert not set(drawn(factory.planned(**fields)).texts) & set("LRAPHF")


def test_angles_and_frame_are_said() -> None:
    picture = drawn(factory.planned(gantry=-10.0, couch=Missing.EMPTY, collimator=30.04))
    assert "gantry 350°, collimator 30°, couch unknown" in picture.description
    assert "IEC 61217 beam limiting device frame at the isocenter plane, mm" in picture.description
    assert "seen from the source" in picture.description
    assert any("IEC 61217" in text for text in picture.texts)


def test_plan_texts_stay_out() -> None:
    evil = "</title><script>alert(1)</script>"
    planned = factory.planned(
        name=evil, machine_name=evil, blocks=(factory.block(evil, CIRCLE),), number_of_blocks=1,
        applicators=(factory.applicator(id=evil),), wedges=[factory.wedge(id=evil, kind=evil)],
        dosimeter_unit=evil,
    )  # fmt: skip
    assert "script" not in beams_eye_view(planned, 0)


def test_same_bytes_every_time_and_no_large_picture() -> None:
    rng = np.random.default_rng(3)
    low = rng.uniform(-100, 50, 80)
    planned = factory.planned(leaves=np.concatenate([low, low + rng.uniform(0, 50, 80)]), leaf_mm=5.0)
    assert beams_eye_view(planned, 0) == beams_eye_view(planned, 0)
    assert len(beams_eye_view(planned, 0).encode()) < 15_000
    with pytest.raises(IndexError):
        beams_eye_view(planned, 2)


# --------------------------------------------------------------------------------------- which control points are shown


def test_each_shape_that_delivers_is_shown_once() -> None:
    a, b, c = (factory.rectangle(-x, x, -20, 20) for x in (10.0, 20.0, 30.0))
    planned = factory.planned(leaves=[a, a, b, b, a, a, c], weights=(0.0, 0.3, 0.3, 0.7, 0.7, 1.0, 1.0))
    # c never delivers; a comes twice.
    assert chosen_control_points(planned) == (0, 2)
    assert chosen_control_points(planned, most=1) == (0,)  # 0.6 of the meterset against 0.4


def test_an_arc_is_shown_evenly_by_meterset() -> None:
    count = 101
    weights = np.linspace(0, 1, count) ** 2
    planned = factory.planned(
        gantry=list(np.linspace(181, 359, count)),
        direction=["CW"] * (count - 1) + ["NONE"],
        weights=tuple(weights),
    )
    chosen = chosen_control_points(planned, most=5)
    assert chosen[0] == 0 and chosen[-1] == count - 1
    assert np.allclose(weights[list(chosen)], [0, 0.25, 0.5, 0.75, 1.0], atol=0.02)


def test_unusable_weights_show_the_first_control_point() -> None:
    assert chosen_control_points(factory.planned(weights=(0.0, Missing.INVALID))) == (0,)
    assert chosen_control_points(factory.planned(weights=(), count=0, jaws_x=None, jaws_y=None)) == ()


def test_leaf_data_is_known_in_the_plain_case() -> None:
    planned = factory.planned(leaves=factory.rectangle(-20, 20, -20, 20))
    assert planned.delivery.collimation.leaf_data is LeafData.KNOWN
