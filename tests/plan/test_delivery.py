"""What moves while meterset accrues, on beams built in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.dicom.reader import read_plan
from rtcode.errors import RtcodeError
from rtcode.plan.apertures import LeafData
from rtcode.plan.collimation import collimation_of
from rtcode.plan.delivery import Delivery, Part, analyze_delivery
from rtcode.plan.model import Missing, PlanKind, State
from rtcode.plan.weights import WeightProblem
from tests import factory as f

WIDE, NARROW, LEFT = f.rectangle(-40, 40, -40, 40), f.rectangle(-20, 20, -40, 40), f.rectangle(-40, 0, -40, 40)


def delivery(**fields: Any) -> Delivery:
    return analyze_delivery(f.beam(**fields))


# ---------------------------------------------------------------------------------------------------------- weights


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"weights": None, "count": 2}, WeightProblem.ABSENT),
        ({"weights": [Missing.EMPTY, Missing.EMPTY]}, WeightProblem.ABSENT),
        ({"weights": [0.0, Missing.EMPTY, 1.0]}, WeightProblem.UNREADABLE),
        ({"weights": [0.0, Missing.INVALID]}, WeightProblem.UNREADABLE),
        ({"weights": [0.0, 0.6, 0.5, 1.0]}, WeightProblem.DECREASING),
        ({"weights": [1.0, 0.0]}, WeightProblem.DECREASING),
        ({"weights": [0.0, 0.0]}, WeightProblem.NEVER_RISE),
        ({"weights": [0.5, 0.5], "final": 0.5}, WeightProblem.NEVER_RISE),
        ({"weights": [0.0]}, WeightProblem.TOO_FEW_CONTROL_POINTS),
        ({"weights": []}, WeightProblem.TOO_FEW_CONTROL_POINTS),
        ({"weights": None, "count": 0}, WeightProblem.TOO_FEW_CONTROL_POINTS),
        ({"weights": [0.0, 1.0], "declared_control_points": 1}, WeightProblem.TOO_FEW_CONTROL_POINTS),
    ],
)
def test_unusable_weights(fields: dict[str, Any], problem: WeightProblem) -> None:
    found = delivery(**fields)
    assert found.problem is problem
    assert found.delivering is None
    assert found.segments is None
    assert found.shapes is None
    assert found.on == found.off == frozenset()
    # Without weights every control point could deliver.
    assert found.bounding.tolist() == list(range(found.control_points))


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"weights": [0.0, 0.5, 1.0]}, []),
        ({"weights": [0.0, 50.0, 100.0], "final": 100.0}, []),
        ({"weights": [0.0, 0.999999]}, []),
        ({"weights": [0.1, 1.0]}, [WeightProblem.START_NOT_ZERO]),
        ({"weights": [0.0, 0.9]}, [WeightProblem.END_NOT_FINAL]),
        ({"weights": [0.0, 1.1]}, [WeightProblem.END_NOT_FINAL]),
        ({"weights": [0.0, 1.0], "final": Missing.ABSENT}, [WeightProblem.FINAL_UNKNOWN]),
        ({"weights": [0.0, 1.0], "final": 0.0}, [WeightProblem.FINAL_UNKNOWN]),
        ({"weights": [0.0, 1.0], "declared_control_points": 3}, [WeightProblem.COUNT_MISMATCH]),
        ({"weights": [0.0, 1.0], "declared_control_points": Missing.ABSENT}, []),
        # Rounding on export may step back by less than any segment delivers.
        ({"weights": [0.0, 0.5, 0.5 - 1e-9, 1.0]}, []),
    ],
)
def test_usable_weights(fields: dict[str, Any], problems: list[WeightProblem]) -> None:
    found = delivery(**fields)
    assert list(found.problems) == problems
    assert found.problem is None
    assert found.shares is not None
    assert found.shares.sum() == pytest.approx(1.0)


def test_a_step_delivers_above_a_share_of_the_final_weight() -> None:
    found = delivery(weights=[0.0, 0.9e-5, 40.0, 40.0, 100.0], final=100.0)
    assert found.delivering is not None
    assert found.delivering.tolist() == [False, True, False, True]
    assert found.bounding.tolist() == [1, 2, 3, 4]
    assert found.shares is not None
    assert found.shares.tolist() == pytest.approx([0.0, 0.4, 0.0, 0.6], abs=1e-6)


# ------------------------------------------------------------------------------------------------------ what moves


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"collimator": [0.0, 5.0]}, Part.COLLIMATOR),
        ({"couch": [0.0, 350.0]}, Part.COUCH),
        ({"gantry": [10.0, 20.0], "direction": "CW"}, Part.GANTRY),
        ({"isocenter": [(0, 0, 0), (0, 0, 5)]}, Part.ISOCENTER),
        ({"energy": [6.0, 10.0]}, Part.ENERGY),
        ({"jaws_x": [(-50, 50), (-50, 40)]}, Part.JAWS),
        ({"jaws_y": [(-50, 50), (-50, 40)], "jaw_types": ("ASYMX", "Y")}, Part.JAWS),
        ({"leaves": [WIDE, NARROW]}, Part.MLC),
        ({"leaves": [WIDE, NARROW], "mlc": "MLCY"}, Part.MLC),
        ({"leaves": [WIDE, NARROW], "mlc": "MLCX1"}, Part.MLC),
        ({"wedges": [f.wedge()], "wedge_positions": {1: ["IN", "OUT"]}}, Part.WEDGE),
        ({"points": {"table_vertical_mm": [0.0, 1.0]}}, Part.TABLE_TOP),
        ({"points": {"table_longitudinal_mm": [0.0, 1.0]}}, Part.TABLE_TOP),
        ({"points": {"table_lateral_mm": [0.0, 1.0]}}, Part.TABLE_TOP),
        ({"points": {"table_pitch_deg": [0.0, 1.0]}}, Part.TABLE_TOP),
    ],
)
def test_each_part(fields: dict[str, Any], part: Part) -> None:
    on = delivery(**fields)
    assert on.on == on.changes == {part}
    assert on.off == frozenset()
    # The same change on a zero-weight step is one with the beam off.
    later = {
        key: [value[0], value[0], value[1], value[1]]
        for key, value in fields.items()
        if isinstance(value, list) and key not in ("wedges",)
    }
    if "points" in fields:
        later["points"] = {k: [v[0], v[0], v[1], v[1]] for k, v in fields["points"].items()}
    if "wedge_positions" in fields:
        later["wedge_positions"] = {1: ["IN", "IN", "OUT", "OUT"]}
    off = delivery(**{**fields, **later, "weights": [0.0, 0.5, 0.5, 1.0]})
    assert off.on == frozenset()
    assert off.off == off.changes == {part}


@pytest.mark.parametrize(
    "fields",
    [
        {"collimator": [0.0, 7.1e-10]},
        {"isocenter": [(0, 0, 0), (0, 0, 2.1e-14)]},
        {"collimator": [0.0, 360.0]},
        {"couch": [359.999, 0.001]},
        {"gantry": [180.0, 180.009], "direction": ["NONE", "NONE"]},
        {"jaws_x": [(-50.0, 50.0), (-50.0, 50.009)]},
        {"jaws_y": [(-50, 50), None]},
        {"leaves": [WIDE, WIDE + 0.009]},
    ],
)
def test_noise_is_no_motion(fields: dict[str, Any]) -> None:
    assert delivery(**fields).changes == frozenset()


def test_absent_and_empty_values() -> None:
    empty = delivery(collimator=[0.0, Missing.EMPTY], couch=None, points={"table_vertical_mm": [Missing.EMPTY]})
    assert empty.changes == frozenset()
    assert empty.unknown == {Part.COLLIMATOR, Part.TABLE_TOP}
    # Unknown only where meterset accrues.
    off = delivery(weights=[0.0, 1.0, 1.0], collimator=[0.0, None, Missing.EMPTY])
    assert off.unknown == frozenset()
    # A beam without any gantry angle has an unknown one; one without a couch angle is not said to move it.
    assert delivery(gantry=None).unknown == {Part.GANTRY}
    assert delivery(gantry=None).gantry is None


# --------------------------------------------------------------------------------------------------- gantry travel


@pytest.mark.parametrize(
    ("angles", "directions", "arc", "signed", "back", "assumed"),
    [
        ([181, 179], ["CW", "NONE"], 358, 358, 0, False),
        ([179, 181], ["CC", "NONE"], 358, -358, 0, False),
        ([181, 0, 179], ["CW", None, "NONE"], 358, 358, 0, False),
        ([10, 350], ["CC", "NONE"], 20, -20, 0, False),
        ([350, 370], ["CW", "NONE"], 20, 20, 0, False),
        ([-10, 10], ["CW", "NONE"], 20, 20, 0, False),
        # dual arcs in one beam (Monaco), and more than one turn
        ([181, 45, 181], ["CW", "CC", "NONE"], 448, 0, 1, False),
        ([180, 0, 180, 0, 180], ["CW", "CW", "CC", "CC", "NONE"], 720, 0, 1, False),
        ([0, 180, 0, 180], ["CW", None, None, "NONE"], 540, 540, 0, False),
        # 5 to 5: nothing with NONE, a full turn with a direction (PS3.3 C.8.8.14.8)
        ([5, 5], ["NONE", "NONE"], 0, 0, 0, False),
        ([5, 5], ["CW", "NONE"], 360, 360, 0, False),
        ([5, 5], ["CC", "NONE"], 360, -360, 0, False),
        ([5, 5, 5], ["CW", "CW", "NONE"], 720, 720, 0, False),
        # an inherited direction and a pause inside an arc are no turns
        ([5, 5, 5], ["NONE", None, None], 0, 0, 0, False),
        ([0, 90, 90, 180], ["CW", "CW", "CW", "NONE"], 180, 180, 0, False),
        # no usable direction: the shorter way
        ([350, 10], None, 20, 20, 0, True),
        ([10, 350], ["?", None], 20, -20, 0, True),
        ([10, 350], ["NONE", "NONE"], 20, -20, 0, True),
        ([10, 10], None, 0, 0, 0, False),
    ],
)
def test_gantry_travel(
    angles: list[float], directions: list[str] | None, arc: float, signed: float, back: int, assumed: bool
) -> None:
    n = len(angles)
    found = delivery(gantry=angles, direction=directions, weights=list(np.linspace(0, 1, n)), beam_type="DYNAMIC")
    assert found.gantry is not None
    assert found.gantry.arc_deg == pytest.approx(arc)
    assert found.gantry.signed_deg == pytest.approx(signed)
    assert found.gantry.turns_back == back
    assert found.gantry.assumed is assumed
    assert (Part.GANTRY in found.on) is (arc > 0)


def test_a_beam_that_calls_itself_static_makes_no_full_turn() -> None:
    found = delivery(gantry=[5, 5], direction=["CW", "NONE"], beam_type="STATIC")
    assert found.gantry is not None
    assert found.gantry.arc_deg == 0
    # What really changes is believed, whatever the type says.
    assert Part.GANTRY in delivery(gantry=[5, 50], direction=["CW", "NONE"], beam_type="STATIC").on


def test_a_direction_of_a_move_between_segments_is_no_turn() -> None:
    found = delivery(
        gantry=[10, 10, 20, 20], direction=["CW", "CW", "CW", "NONE"], weights=[0, 0.5, 0.5, 1], beam_type="DYNAMIC"
    )
    assert found.on == frozenset()
    assert found.off == {Part.GANTRY}


def test_only_delivering_travel_counts() -> None:
    found = delivery(
        gantry=[0, 90, 90, 180], direction=["CW", None, None, "NONE"], weights=[0, 0, 1, 1], jaws_x=(-50, 50)
    )
    assert found.gantry is not None
    assert found.gantry.arc_deg == 0
    assert found.on == frozenset()
    assert found.off == {Part.GANTRY}


def test_unreadable_angle_leaves_the_arc_unknown() -> None:
    found = delivery(gantry=[0, Missing.INVALID, 180], direction=["CW"], weights=[0, 0.5, 1])
    assert found.gantry is not None
    assert found.gantry.arc_deg is None
    assert found.gantry.signed_deg is None
    assert Part.GANTRY in found.unknown


@given(
    st.lists(st.floats(0, 359), min_size=2, max_size=20),
    st.sampled_from(["CW", "CC"]),
)
def test_arcs_add_up(angles: list[float], direction: str) -> None:
    """With one direction the absolute travel is the signed one, and ends where the angle says."""
    found = delivery(gantry=angles, direction=[direction], weights=list(range(len(angles))), final=len(angles) - 1.0)
    assert found.gantry is not None
    assert found.gantry.arc_deg is not None
    assert found.gantry.signed_deg is not None
    assert abs(found.gantry.signed_deg) == pytest.approx(found.gantry.arc_deg)
    off = (angles[0] + found.gantry.signed_deg - angles[-1] + 180) % 360 - 180
    # Steps within the tolerance count as none.
    assert abs(off) <= 0.01 * len(angles) + 1e-6
    assert found.gantry.turns_back == 0


# ------------------------------------------------------------------------------------------------------- leaf motion


def test_parked_leaves_do_not_count() -> None:
    twitch = WIDE.copy()
    twitch[[0, 1, 40, 41]] = 33.0  # pairs at y = -100..-90, outside the jaws
    assert delivery(leaves=[WIDE, twitch]).changes == frozenset()
    # The same twitch with the jaws wide open shows, where the pairs open.
    twitch[[40, 41]] = 36.0
    assert delivery(leaves=[WIDE, twitch], jaws_y=(-100, 100)).changes == {Part.MLC}


def test_closed_pairs_do_not_count() -> None:
    moved = WIDE.copy()
    closed = np.flatnonzero(WIDE[:40] == WIDE[40:])
    inside = [i for i in closed if i not in (0, 1)][5:8]
    moved[inside], moved[[i + 40 for i in inside]] = 10.0, 11.0  # a gap of 1 mm, elsewhere
    assert delivery(leaves=[WIDE, moved], jaws_y=(-100, 100)).changes == frozenset()
    moved[[i + 40 for i in inside]] = 11.1
    assert delivery(leaves=[WIDE, moved], jaws_y=(-100, 100)).changes == {Part.MLC}


def test_slits_count_where_nothing_else_is_open() -> None:
    """A picket fence of 1 mm: every pair is "closed", and the slit is the whole aperture."""
    slits = [f.rectangle(x, x + 1.0, -100, 100) for x in (-20, -20, 0, 0, 20, 20)]
    found = delivery(leaves=slits, weights=[0, 0.3, 0.3, 0.6, 0.6, 1.0])
    assert found.off == {Part.MLC}
    assert found.mlc_apertures == 3
    assert delivery(leaves=[slits[0], slits[2]]).on == {Part.MLC}


def test_leaves_behind_a_jaw_do_not_count() -> None:
    wider = f.rectangle(-60, 60, -40, 40)
    assert delivery(leaves=[wider, f.rectangle(-70, 80, -40, 40)]).changes == frozenset()
    assert delivery(leaves=[wider, f.rectangle(-70, 49, -40, 40)]).changes == {Part.MLC}


def test_without_jaws_every_pair_counts() -> None:
    moved = WIDE.copy()
    moved[[0, 40]] = -5.0, 5.0
    assert delivery(leaves=[WIDE, moved], jaws_x=None, jaws_y=None).changes == {Part.MLC}


def test_unknown_leaf_positions() -> None:
    lost = delivery(leaves=[WIDE, Missing.EMPTY, WIDE], weights=[0, 0.5, 1])
    assert Part.MLC in lost.unknown
    assert lost.mlc_apertures is None
    assert lost.shapes is None
    declared_only = delivery(more_devices=[("MLCX", None, f.boundaries())])
    assert declared_only.collimation.leaf_data is LeafData.UNKNOWN
    assert declared_only.mlc_apertures is None
    one = WIDE.copy()
    one[20] = np.nan
    assert Part.MLC in delivery(leaves=[one, one]).unknown
    parked = WIDE.copy()
    parked[0] = np.nan  # outside the jaws: nothing depends on it
    assert delivery(leaves=[parked, parked]).mlc_apertures == 1


# ---------------------------------------------------------------------------------------------------------- apertures


@pytest.mark.parametrize(
    ("leaves", "weights", "apertures"),
    [
        ([WIDE], [0, 1], 1),
        # step-and-shoot: a shape that comes back is the same
        ([WIDE, WIDE, NARROW, NARROW], [0, 0.5, 0.5, 1], 2),
        ([WIDE, WIDE, NARROW, NARROW, WIDE, WIDE], [0, 0.3, 0.3, 0.6, 0.6, 1], 2),
        ([WIDE, WIDE, NARROW, NARROW, LEFT, LEFT], [0, 0.3, 0.3, 0.6, 0.6, 1], 3),
        # a shape without meterset is none
        ([WIDE, WIDE, NARROW, LEFT, LEFT], [0, 0.3, 0.3, 0.3, 1], 2),
        # one for each step in which leaves move
        ([WIDE, NARROW, LEFT], [0, 0.5, 1], 2),
        ([WIDE, NARROW, NARROW, NARROW, LEFT], [0, 0.25, 0.5, 0.75, 1], 3),
    ],
)
def test_mlc_apertures(leaves: list[Any], weights: list[float], apertures: int) -> None:
    assert delivery(leaves=leaves, weights=weights).mlc_apertures == apertures


def test_no_mlc_has_no_apertures() -> None:
    found = delivery()
    assert found.mlc_apertures == 0
    assert found.collimation.leaf_data is LeafData.NONE


def test_still_leaves_are_one_aperture_whatever_the_weights() -> None:
    assert delivery(leaves=WIDE, weights=None, count=5).mlc_apertures == 1
    assert delivery(leaves=[WIDE, NARROW], weights=None, count=2).mlc_apertures is None


def test_jaws_make_no_leaf_shape() -> None:
    found = delivery(leaves=WIDE, jaws_x=[(-50, 50), (-50, 50), (-30, 30), None], weights=[0, 0.5, 0.5, 1])
    assert found.mlc_apertures == 1
    assert found.shapes is not None
    assert [round(share, 6) for _, share in found.shapes] == [0.5, 0.5]
    assert [shape.area_mm2 for shape, _ in found.shapes] == [80 * 80, 60 * 80]


def test_shapes_and_shares() -> None:
    found = delivery(
        leaves=[WIDE, WIDE, NARROW, NARROW, WIDE, WIDE], weights=[0, 0.5, 0.5, 0.7, 0.7, 1.0], jaws_y=(-30, 42)
    )
    assert found.shapes is not None
    (wide, share_wide), (narrow, share_narrow) = found.shapes
    # Leaf rows of 5 mm reach y = 40; the low jaw cuts at -30.
    assert wide.area_mm2 == pytest.approx(80 * 70)
    assert narrow.area_mm2 == pytest.approx(40 * 70)
    assert (share_wide, share_narrow) == (pytest.approx(0.8), pytest.approx(0.2))
    inside = narrow.within(wide)
    assert inside.area_mm2 == pytest.approx(narrow.area_mm2)
    assert wide.within(narrow).area_mm2 == pytest.approx(narrow.area_mm2)


def test_moving_segments_are_no_shape() -> None:
    found = delivery(leaves=[WIDE, NARROW, NARROW], weights=[0, 0.4, 1])
    assert found.shapes is not None
    assert [(round(s.area_mm2 or 0), round(w, 6)) for s, w in found.shapes] == [(40 * 80, 0.6)]


# -------------------------------------------------------------------------------------------------------- devices


def test_twin_layers_limit_together() -> None:
    """MRIdian: two MLCX with 34 and 35 pairs, half a leaf apart; what is open is what both leave open."""
    upper_edges = (np.arange(35) - 17) * 8.0
    lower_edges = (np.arange(36) - 17.5) * 8.0
    upper = np.concatenate([np.full(34, -30.0), np.full(34, 50.0)])
    lower = np.concatenate([np.full(35, -50.0), np.full(35, 20.0)])
    beam = f.beam(
        jaws_x=None, jaws_y=None, more_devices=[("MLCX", [upper], upper_edges), ("MLCX", [lower], lower_edges)]
    )
    found = analyze_delivery(beam)
    assert found.shapes is not None
    # Open from -30 to 20 over the height that both banks cover.
    assert found.shapes[0][0].area_mm2 == pytest.approx(50 * 34 * 8)
    moved = lower.copy()
    moved[35:] = 25.0
    hidden = lower.copy()
    hidden[:35] = -45.0  # behind the other layer
    for second, on in ((moved, {Part.MLC}), (hidden, frozenset())):
        beam = f.beam(
            jaws_x=None,
            jaws_y=None,
            more_devices=[("MLCX", [upper, upper], upper_edges), ("MLCX", [lower, second], lower_edges)],
        )
        assert analyze_delivery(beam).on == on


def test_halcyon_frames_are_no_jaws() -> None:
    layers = [("MLCX1", [np.repeat([-30.0, 30.0], 28)], (np.arange(29) - 14) * 10.0)]
    layers += [("MLCX2", [np.repeat([-30.0, 30.0], 29)], (np.arange(30) - 14.5) * 10.0)]
    beam = f.beam(jaws_x=(-140, 140), jaws_y=(-140, 140), jaw_types=("X", "Y"), more_devices=layers)
    found = collimation_of(beam)
    assert found.jaws_x is None
    assert found.jaws_y is None
    assert found.leaf_data is LeafData.KNOWN
    assert found.shape(0).area_mm2 == pytest.approx(60 * 280)


def test_crossed_mlcs() -> None:
    """An MLC along each axis: open where both are."""
    beam = f.beam(
        jaws_x=None,
        jaws_y=None,
        more_devices=[
            ("MLCX", [f.rectangle(-20, 20, -100, 100)], f.boundaries()),
            ("MLCY", [f.rectangle(-10, 30, -100, 100)], f.boundaries()),
        ],
    )
    assert collimation_of(beam).shape(0).area_mm2 == pytest.approx(40 * 40)


def test_positions_of_an_undeclared_type_are_jaws_too() -> None:
    beam = f.beam(jaws_y=None, more_devices=[("ASYMY", None, []), ("Y", [(-30, 30)], "undeclared")])
    found = collimation_of(beam)
    assert found.jaws_y is not None
    assert found.jaws_y[0].tolist() == [-30, 30]


def test_jaws_in_either_order() -> None:
    found = collimation_of(f.beam(jaws_x=(50, -30)))
    assert found.jaws_x is not None
    assert found.jaws_x[1].tolist() == [-30, 50]


def test_an_unmapped_enhanced_device_is_unknown() -> None:
    unmapped = f.LimitingDevice("BeamSequence[0].X", "ENHANCED", 1, np.empty(0), Missing.ABSENT, enhanced=True)
    assert collimation_of(replace(f.beam(), devices=(unmapped,))).leaf_data is LeafData.UNKNOWN


def test_missing_boundaries_still_show_motion() -> None:
    beam = f.beam(jaws_x=None, jaws_y=None, more_devices=[("MLCX", [WIDE, NARROW], [])])
    found = analyze_delivery(beam)
    assert found.on == {Part.MLC}
    still = f.beam(more_devices=[("MLCX", [WIDE, WIDE], [])])
    shapes = analyze_delivery(still).shapes
    assert shapes is not None
    assert shapes[0][0].area_mm2 is None


@given(
    st.lists(st.floats(-90, 90), min_size=4, max_size=4).map(sorted),
    st.lists(st.floats(-90, 90), min_size=2, max_size=2).map(sorted),
)
def test_area_is_inside_the_jaws(ends: list[float], jaw: list[float]) -> None:
    x1, x2 = ends[0], ends[3]
    leaves = f.rectangle(x1, x2, -100, 100)
    shape = collimation_of(f.beam(leaves=leaves, jaws_x=(ends[1], ends[2]), jaws_y=tuple(jaw))).shape(0)
    width, height = ends[2] - ends[1], jaw[1] - jaw[0]
    assert shape.area_mm2 is not None
    # Rows that the jaw reaches into by half a millimeter or less do not count.
    assert shape.area_mm2 <= width * height + 1e-6
    if width > 1:
        assert shape.area_mm2 >= width * max(height - 1.0, 0.0) - 1e-6


# ------------------------------------------------------------------------------------------------------- real plans


def test_real_plans_never_raise_and_keep_their_promises(real_plans_dir: Path) -> None:
    beams = 0
    for path in sorted(real_plans_dir.iterdir()):
        try:
            plan = read_plan(path)
        except RtcodeError:
            continue
        for beam in plan.beams or ():
            found = analyze_delivery(beam)
            if plan.kind is not PlanKind.RT_PLAN:
                continue
            beams += 1
            assert found.on <= found.changes
            assert found.off <= found.changes
            if found.delivering is not None:
                assert found.on | found.off == found.changes
            # 0 of 539 static beams of the docs/plans.md's corpus move during beam-on.
            if beam.beam_type == "STATIC":
                assert not found.on - {Part.WEDGE}, beam.path
    assert beams > 100


def test_factory_columns_inherit_like_the_readers() -> None:
    column = f.column([1.0, None, Missing.EMPTY, None, 2.0], 6)
    assert column is not None
    expected = [State.GIVEN, State.INHERITED, State.EMPTY, State.EMPTY, State.GIVEN, State.INHERITED]
    assert column.state.tolist() == expected
