"""Every kind of change, planted alone: it is found, named rightly, and nothing else is reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.types import Comparison, Kind, Verdict
from rtcode.plan.model import Accessory, Missing, RelatedPlan, ToleranceTable
from tests.comparison.support import BASE, METERSETS, base, compared, found
from tests.factory import applicator, block, code, compensator, dose_reference, group, motion, rectangle, setup, wedge


def moved_leaf(by: float, pair: int = 20, point: int = 2) -> list[Any]:
    leaves = [np.array(one) for one in BASE[3]["leaves"]]
    leaves[point][pair] += by
    return leaves


SQUARE = [(-30, -30), (30, -30), (30, 30), (-30, 30)]
LARGER = [(-30, -30), (35, -30), (35, 30), (-30, 30)]


@dataclass(frozen=True)
class Case:
    """``new`` against ``old`` (keywords of `support.base`); ``told`` are the ids beyond tolerance."""

    name: str
    new: dict[str, Any]
    told: frozenset[str]
    matters: bool = True
    old: dict[str, Any] = field(default_factory=dict)
    beams: tuple[int, ...] | None = None


def case(name: str, new: dict[str, Any], *told: str, **more: Any) -> Case:
    return Case(name, new, frozenset(told), **more)


def beam_1(**fields: Any) -> dict[str, Any]:
    return {"changes": {1: fields}}


CASES = [
    # the beam as delivered
    case("energy", beam_1(energy=10.0), "energy", beams=(0,)),
    case("radiation", beam_1(radiation="ELECTRON"), "radiation_type", "technique"),
    case("fluence", beam_1(fluence_modes=(("NON_STANDARD", "FFF"),)), "fluence_mode", "fluence_mode_id"),
    case("machine", beam_1(machine_name="LA2"), "machine"),
    case("delivery type", beam_1(delivery_type="SETUP"), "delivery_type", "role", "technique"),
    case("gantry", beam_1(gantry=5.0), "gantry_angle"),
    case("collimator", beam_1(collimator=15.0), "collimator_angle"),
    case("couch", beam_1(couch=350.0), "couch_angle"),
    case("ssd", beam_1(ssd=905.0), "ssd"),
    case("ssd lost", beam_1(ssd=None), "ssd"),
    case("isocenter of one beam", beam_1(isocenter=(0.0, 2.0, 0.0)), "isocenter", beams=(0,)),
    case("jaw", beam_1(jaws_x=(-50.0, 45.0)), "jaws"),
    case("leaf", {"changes": {3: {"leaves": moved_leaf(-3.0)}}}, "leaves", beams=(2,)),
    case("dose rate", beam_1(points={"dose_rate": 400.0}), "dose_rate", old=beam_1(points={"dose_rate": 600.0})),
    case("weights", {"changes": {3: {"weights": (0.0, 0.3, 0.5, 0.8, 1.0)}}}, "meterset_weight"),
    case("boundaries", beam_1(leaf_mm=10.0), "leaf_boundaries"),
    case("no MLC", beam_1(leaves=None), "mlc_removed", "technique"),
    case("unit", beam_1(dosimeter_unit="MINUTE"), "dosimeter_unit", old=beam_1(dosimeter_unit="MU")),
    case("bolus", beam_1(boluses=1, number_of_boli=1), "bolus"),
    case("compensator", beam_1(compensators=(compensator(),), number_of_compensators=1), "compensators"),
    case("applicator", beam_1(applicators=(applicator(),)), "applicator_added"),
    case(
        "applicator ID",
        beam_1(applicators=(applicator(id="A15"),)),
        "applicator_id",
        old=beam_1(applicators=(applicator(),)),
    ),
    case("accessory", beam_1(accessories=(Accessory("x", "TRAY 1", "TRAY"),)), "accessories"),
    case("wedge", beam_1(wedges=(wedge(),)), "wedge_added"),
    case("wedge angle", beam_1(wedges=(wedge(angle=45.0),)), "wedge_angle", old=beam_1(wedges=(wedge(),))),
    case(
        "wedge turned",
        beam_1(wedges=(wedge(orientation_deg=180.0),)),
        "wedge_orientation",
        old=beam_1(wedges=(wedge(),)),
    ),
    case(
        "wedge out",
        beam_1(wedges=(wedge(),), wedge_positions={1: ["OUT", None]}),
        "wedge_position",
        old=beam_1(wedges=(wedge(),), wedge_positions={1: ["IN", None]}),
    ),
    case("block", beam_1(blocks=(block(outline=SQUARE),), number_of_blocks=1), "block_added"),
    case(
        "block outline",
        beam_1(blocks=(block(outline=LARGER),), number_of_blocks=1),
        "block_outline",
        old=beam_1(blocks=(block(outline=SQUARE),), number_of_blocks=1),
    ),
    case("blocks declared", beam_1(number_of_blocks=1), "block_count"),
    case("beam renamed", beam_1(name="PA"), "beam_name", matters=False),
    case("description", beam_1(description="note"), "beam_description", matters=False, old=beam_1(description="old")),
    case("technique code", beam_1(technique_codes=(code("130815", "VMAT"),)), "technique_codes"),
    case("private sign", beam_1(private_signs=(("GEOMETRY", "HELICAL"),)), "private_signs"),
    # prescription and fractions
    case("meterset", {"group_fields": {"metersets": METERSETS | {2: 130.0}}}, "meterset", beams=(1,)),
    case("meterset lost", {"group_fields": {"metersets": METERSETS | {2: Missing.INVALID}}}, "meterset"),
    case("beam dose", {"group_fields": {"dose_gy": 0.8}}, "beam_dose", beams=(0, 1, 2)),
    case("fractions", {"group_fields": {"fractions": 20}}, "fractions"),
    case("fraction pattern", {"group_fields": {"pattern": "1" * 7}}, "fraction_pattern"),
    case("declared beams", {"group_fields": {"declared_beams": 4}}, "declared_beams"),
    case("target dose", {"dose_references": (dose_reference(target_prescription_gy=45.0),)}, "target_prescription"),
    case("no target", {"dose_references": ()}, "dose_reference_removed"),
    case(
        "organ limit",
        {"dose_references": (dose_reference(target_prescription_gy=50.0, oar_maximum_gy=30.0),)},
        "oar_maximum",
        matters=False,
    ),
    case("second group", {"groups": (group(1, (1, 2, 3), metersets=METERSETS, dose_gy=0.7), group(2, (1,)))},
         "fraction_group_added"),
    case(
        "beam no longer given",
        {"groups": (group(1, (1, 2), metersets=METERSETS, dose_gy=0.7),)},
        "group_beam_removed",
        "role",
    ),
    case("beam that is not there", {"groups": (group(1, (1, 2, 3, 9), metersets=METERSETS, dose_gy=0.7),)},
         "dangling_beams"),
    # set-up
    case("prone", {"setups": (setup(position="HFP"),)}, "patient_position"),
    case("set-up technique", {"setups": (setup(technique="FIXED_SSD"),)}, "setup_technique"),
    case("motion", {"setups": (setup(motion=(motion("GATING"),)),)}, "motion"),
    case(
        "motion lost",
        {},
        "motion",
        "motion_signal",
        old={"setups": (setup(motion=(motion("GATING", "EXTERNAL_MARKER"),)),)},
    ),
    case("displacement", {"setups": (setup(vertical_displacement_mm=12.0),)}, "displacement_vertical"),
    case("set-up gone", {"setups": ()}, "setup_removed"),
    case(
        "tolerance table",
        {"tolerance_tables": (ToleranceTable("t", 1, "SRS"),)} | beam_1(tolerance_table_number=1),
        "tolerance_table",
        matters=False,
        old={"tolerance_tables": (ToleranceTable("t", 1, "T1"),)} | beam_1(tolerance_table_number=1),
    ),
    case("table", beam_1(points={"table_vertical_mm": -100.0}), "table_vertical"),
    # the plan
    case("approval", {"approval": "UNAPPROVED"}, "approval", matters=False),
    case("label", {"label": "OTHER"}, "label", matters=False),
    case("date", {"date": "20260202"}, "date", matters=False),
    case("structure set", {"structure_set_uid": "1.2.3.4.99"}, "structure_set"),
    case("frame", {"frame_of_reference_uid": "1.2.3.4.98"}, "frame_of_reference"),
    case("software", {"software_versions": ("2.0",)}, "software_versions", matters=False),
    case("related", {"related_plans": (RelatedPlan("r", "1.2.3.4.1", "PREDECESSOR"),)}, "related_plans", matters=False),
    case("intent", {"intent": "PALLIATIVE"}, "intent", matters=False),
    # beams as wholes
    case("beam removed", {"without": (2,)}, "beam_removed", beams=None),
    case("beam added", {"more": {4: {"name": "PA", "gantry": 180.0, "machine_name": "LA1"}}}, "beam_added"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_a_single_change_is_found_and_nothing_else(one: Case) -> None:
    comparison = compared(base(**one.old), base(**one.new))
    assert found(comparison) == one.told
    assert comparison.verdict is Verdict.DIFFERENT
    assert comparison.matters is one.matters
    if one.beams is not None:
        assert {d.beams for d in comparison.beyond} == {one.beams}


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_the_other_way_round_the_same_is_found(one: Case) -> None:
    def turned(word: str) -> str:
        swap = {"added": "removed", "removed": "added"}
        head, mark, tail = word.rpartition("_")
        return f"{head}{mark}{swap.get(tail, tail)}"

    forward = compared(base(**one.old), base(**one.new))
    back = compared(base(**one.new), base(**one.old))
    assert found(back) == {turned(word) for word in found(forward)}
    assert back.verdict is forward.verdict and back.touched is forward.touched
    sizes = [sorted((d.amount or 0.0) for d in c.beyond) for c in (forward, back)]
    assert sizes[0] == pytest.approx(sizes[1])


def test_every_id_that_a_case_names_exists() -> None:
    assert all(one.told <= set(ATTRIBUTES) for one in CASES)


# ------------------------------------------------------------------------------------------------------- what is told


def difference(name: str, new: dict[str, Any], **old: Any) -> Any:
    (one,) = [d for d in compared(base(**old), base(**new)).differences if d.attribute == name]
    return one


def test_a_leaf_is_told_by_its_place_and_size() -> None:
    one = difference("leaves", {"changes": {3: {"leaves": moved_leaf(-3.0, pair=19, point=2)}}})
    assert (one.old, one.new, one.amount) == (-20.0, -23.0, 3.0)
    assert one.details["pair"] == 20 and one.details["bank"] == 1 and one.details["control_point"] == 2
    assert one.details["mean_mm"] == pytest.approx(3.0 / (5 * 80))
    assert "BeamSequence[2].ControlPointSequence[2]" in one.where


def static_leaves(pair: int, by: tuple[float, float], **fields: Any) -> Comparison:
    """The first beam (jaws and leaves open to 30 or 50 mm) with one pair moved."""
    leaves = np.array(BASE[1]["leaves"])
    leaves[[pair, 40 + pair]] += by
    return compared(base({1: fields}), base({1: {"leaves": leaves, **fields}}))


@pytest.mark.parametrize(
    ("pair", "by", "fields", "behind", "shut"),
    [
        # strips of 5 mm from -100 mm on; the jaws end at 50 mm
        (9, (7.0, 7.0), {}, True, True),
        (9, (-20.0, 30.0), {}, True, True),
        (30, (7.0, 7.0), {}, True, True),
        (30, (7.0, 7.0), {"jaws_y": (-50.0, 60.0)}, False, True),
        (30, (-7.0, 7.0), {"jaws_y": (-50.0, 60.0)}, False, False),
        (30, (7.0, 7.0), {"jaws_y": None}, False, True),
        # a leaf end of an open pair, moved behind the jaw that stands before it
        (20, (-8.0, 0.0), {"jaws_x": (-30.0, 20.0)}, True, True),
        (20, (0.0, 8.0), {"jaws_x": (-30.0, 20.0)}, True, True),
        (20, (-8.0, 8.0), {"jaws_x": (-30.0, 40.0)}, False, False),
        # from one side of the window to the other
        (20, (90.0, 0.0), {"jaws_x": (-30.0, 20.0)}, False, False),
        (20, (8.0, 0.0), {}, False, False),
    ],
)
def test_leaves_behind_the_jaws_and_closed_ones(
    pair: int, by: tuple[float, float], fields: dict[str, Any], behind: bool, shut: bool
) -> None:
    comparison = static_leaves(pair, by, **fields)
    (one,) = [d for d in comparison.beyond if d.attribute == "leaves"]
    assert (one.details["behind_jaws"], one.details["closed"]) == (behind, shut)
    assert one.matters is not behind and comparison.verdict is Verdict.DIFFERENT
    assert ("behind the jaws" in one.note) is behind and ("closed in both" in one.note) is (shut and not behind)


def test_a_leaf_that_jaws_uncover_is_not_behind_them() -> None:
    leaves = np.array(BASE[1]["leaves"])
    leaves[9] -= 7.0
    comparison = compared(base(), base({1: {"leaves": leaves, "jaws_y": (-60.0, 50.0)}}))
    (one,) = [d for d in comparison.beyond if d.attribute == "leaves"]
    assert not one.details["behind_jaws"] and one.matters


def test_a_jaw_is_told_by_its_side() -> None:
    one = difference("jaws", beam_1(jaws_x=(-50.0, 45.0)))
    assert (one.old, one.new, one.amount, one.details["move_1_mm"]) == (50.0, 45.0, 5.0, 0.0)


def test_a_shift_of_all_beams_is_one_difference() -> None:
    new = base({n: {"isocenter": (3.0, 0.0, -4.0)} for n in BASE})
    comparison = compared(base(), new)
    (one,) = comparison.beyond
    assert one.attribute == "isocenter" and one.beams == (0, 1, 2)
    assert one.amount == pytest.approx(5.0) and one.details["shift_lps_mm"] == pytest.approx((3.0, 0.0, -4.0))
    assert any(text.startswith("The whole plan moved by (3.00, 0.00, -4.00) mm") for text in comparison.remarks)


def test_a_shift_between_two_frames_of_reference_is_told_with_care() -> None:
    new = base({n: {"isocenter": (3.0, 0.0, -4.0)} for n in BASE}, frame_of_reference_uid="1.2.3.4.98")
    assert any("need be no shift in the patient" in text for text in compared(base(), new).remarks)


def test_scaled_metersets_are_told_as_one_factor() -> None:
    new = base(group_fields={"metersets": {n: v * 1.1 for n, v in METERSETS.items()}})
    comparison = compared(base(), new)
    assert found(comparison) == {"meterset"} and len(comparison.beyond) == 3
    assert comparison.remarks == ("All metersets are scaled by the same factor, 1.1000.",)


def test_angles_wrap() -> None:
    assert not compared(base(beam_1(couch=0.0)["changes"]), base(beam_1(couch=360.0)["changes"])).differences
    one = difference("gantry_angle", beam_1(gantry=359.0))
    assert one.amount == pytest.approx(1.0)


def test_an_arc_the_other_way_round() -> None:
    back = {"gantry": [181.0, 179.0], "direction": ["CC", "NONE"], "weights": (0.0, 1.0)}
    there = {**back, "direction": ["CW", "NONE"]}
    leaves = {"leaves": rectangle(-10, 10, -20, 20)}
    comparison = compared(base({3: {**there, **leaves}}), base({3: {**back, **leaves}}))
    assert {"gantry_direction"} <= found(comparison)


def test_more_control_points_of_the_same_delivery_are_compared_at_equal_shares() -> None:
    """An arc sampled twice as finely is the same delivery; a leaf that moves in between is found."""
    weights, angles, leaves = BASE[3]["weights"], [-179.0, -90.0, 0.0, 90.0, 179.0], BASE[3]["leaves"]
    fine = np.interp(np.arange(9) / 2, np.arange(5), weights)
    turn = np.interp(fine, weights, angles)
    rows = [np.array([np.interp(w, weights, [row[i] for row in leaves]) for i in range(80)]) for w in fine]
    new = {
        "weights": tuple(fine), "gantry": [float(a % 360.0) for a in turn],
        "direction": ["CW"] * 8 + ["NONE"], "leaves": rows,
    }  # fmt: skip
    comparison = compared(base(), base({3: new}))
    assert found(comparison) == {"control_points"} and not comparison.matters
    rows[3] = rows[3] + 4.0
    comparison = compared(base(), base({3: {**new, "leaves": rows}}))
    assert found(comparison) == {"control_points", "leaves"} and comparison.matters
    (moved,) = [d for d in comparison.beyond if d.attribute == "leaves"]
    assert moved.amount == pytest.approx(4.0, abs=0.05) and "% of the meterset" in moved.note


def test_control_points_that_nothing_relates_are_not_compared() -> None:
    new = {"weights": None, "count": 4, "leaves": BASE[3]["leaves"][:4], "gantry": 0.0, "direction": None}
    comparison = compared(base(), base({3: new}))
    assert "control_points" in found(comparison) and comparison.matters
    assert [n.what for n in comparison.not_compared] == ["number of control points"]


def test_unknown_on_both_sides_is_said() -> None:
    both = {"changes": {1: {"ssd": Missing.INVALID}}}
    comparison = compared(base(**both), base(**both))
    assert comparison.verdict is Verdict.SAME_CONTENT
    assert [n.what for n in comparison.not_compared] == ["source to surface distance"]


@pytest.mark.parametrize("states", [(Missing.ABSENT, 0.0), (Missing.EMPTY, 0.0), (Missing.INVALID, Missing.EMPTY)])
def test_missing_is_never_zero(states: tuple[Any, Any]) -> None:
    old, new = ({"setups": (setup(vertical_displacement_mm=state),)} for state in states)
    comparison = compared(base(**old), base(**new))
    assert found(comparison) == {"displacement_vertical"}


def test_absent_and_empty_are_the_same_in_meaning_and_told() -> None:
    old, new = ({"setups": (setup(vertical_displacement_mm=s),)} for s in (Missing.ABSENT, Missing.EMPTY))
    comparison = compared(base(**old), base(**new))
    assert comparison.verdict is Verdict.SAME_CONTENT
    assert [(d.attribute, d.counts) for d in comparison.differences] == [("displacement_vertical", False)]


def test_what_only_a_setup_beam_has_does_not_matter_for_delivery() -> None:
    kv = {"name": "KV", "gantry": 270.0, "delivery_type": "SETUP", "machine_name": "LA1"}
    old = base(more={4: kv}, group_fields={"metersets": METERSETS | {4: Missing.ABSENT}})
    new = base(more={4: {**kv, "gantry": 0.0}}, group_fields={"metersets": METERSETS | {4: Missing.ABSENT}})
    (one,) = compared(old, new).beyond
    assert (one.attribute, one.kind, one.matters) == ("gantry_angle", Kind.SETUP, False)


def test_what_matters_comes_first() -> None:
    new = base(beam_1(energy=10.0, description="x")["changes"], label="OTHER", sop_instance_uid="1.2.3.4.77")
    told = [d.attribute for d in compared(base(), new).differences]
    assert told == ["energy", "label", "beam_description", "sop_instance_uid"]
