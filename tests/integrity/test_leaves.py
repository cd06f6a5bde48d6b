"""Worked cases of the checks in `rtcode.integrity.checks.leaves`: what each finds and leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from rtcode.integrity.checks import leaves
from rtcode.integrity.types import Found
from rtcode.truth import PlanWarning
from tests import factory as f
from tests.integrity.support import Case, check_case, holds

OPEN = f.rectangle(-40.0, 40.0, -40.0, 40.0)


def moved(pair: int, bank: int, position_mm: float, shape: np.ndarray = OPEN) -> np.ndarray:
    """A shape with one leaf elsewhere; pairs and banks counted from 1."""
    result = shape.copy()
    result[(bank - 1) * (len(shape) // 2) + pair - 1] = position_mm
    return result


def shaped(shape: np.ndarray, **fields):
    return f.plan(f.beam(1, leaves=shape, **fields))


def warned(code: str, place: str):
    """A plan of whose beam a reader warned."""
    return f.plan(f.beam(1, leaves=OPEN), f.beam(2, leaves=OPEN), warnings=(PlanWarning(code, "x", place),))


def declaring(edges, pairs: int = 4):
    """A beam with one MLC of some pairs and these boundaries."""
    shape = np.concatenate([np.full(pairs, -10.0), np.full(pairs, 10.0)])
    return f.plan(f.beam(1, more_devices=[("MLCX", [shape], np.asarray(edges, dtype=float))]))


#: Positions written pair by pair, as no standard has it: closed, open, open, closed.
BY_PAIR = np.array([90.0, 90.0, -20.0, 15.0, -10.0, 25.0, -90.0, -90.0])

CASES = (
    Case(
        "leaves_cross",
        shaped(moved(20, 1, 45.0)),
        True,
        "one leaf beyond its opposite",
        ("pair 20", "5 mm", "control point 0", "1 of 40 pairs"),
        (1,),
    ),
    Case("leaves_cross", shaped([OPEN, moved(20, 1, 45.0)]), True, "only at the last control point", ("point 1",)),
    Case("leaves_cross", shaped(np.concatenate([OPEN[40:], OPEN[:40]])), True, "banks exchanged", ("80 mm",)),
    Case("leaves_cross", shaped(BY_PAIR), True, "written pair by pair", ("pair by pair",)),
    Case(
        "leaves_cross",
        f.plan(f.beam(1, leaves=BY_PAIR), f.beam(2, leaves=OPEN), f.beam(3, leaves=BY_PAIR)),
        True,
        "a plan written pair by pair is one finding",
        ("beams 1 and 3: leaves overlap by up to", "pair by pair none would"),
        (1, 3),
    ),
    Case("leaves_cross", shaped(OPEN), False, "a plain aperture with closed pairs"),
    Case("leaves_cross", shaped(moved(1, 1, 0.05)), False, "a closed pair overlaps by rounding"),
    Case("leaves_cross", shaped(moved(1, 1, 0.05)), True, "a stricter site", limits={"overlap_mm": 0.01}),
    Case(
        "leaves_cross",
        f.plan(f.beam(1, more_devices=[("MLCX", None, f.boundaries(40))])),
        None,
        "an MLC without positions",
    ),
    Case("jaws_cross", f.plan(f.beam(1, jaws_x=(50.0, -50.0))), True, "signs exchanged", ("X jaws", "100 mm"), (1,)),
    Case("jaws_cross", f.plan(f.beam(1, jaws_y=[(-50.0, 50.0), (10.0, 0.0)])), True, "later on", ("Y", "point 1")),
    Case("jaws_cross", f.plan(f.beam(1, jaws_x=(20.0, 50.0))), False, "both on one side of the axis"),
    Case("jaws_cross", f.plan(f.beam(1, jaws_x=(0.0, 0.0))), False, "closed is not crossed"),
    # travel
    Case(
        "leaf_travel", shaped(moved(20, 2, 230.0)), True, "beyond the carriage", ("leaf 20 of bank 2", "230 mm"), (1,)
    ),
    Case(
        "leaf_travel",
        shaped(f.rectangle(-40.0, 40.0, -40.0, 40.0, park=170.0)),
        True,
        "too far past the axis",
        ("170 mm", "150 mm past the axis"),
        machine={"leaf_overtravel_mm": 150.0},
    ),
    Case("leaf_travel", shaped(moved(20, 2, 210.0)), False, "none known", machine={"leaf_travel_mm": None}),
    Case("leaf_travel", shaped(moved(20, 2, 230.0)), True, "beyond any MLC", machine={"leaf_travel_mm": None}),
    Case("leaf_travel", shaped(OPEN), False, "well inside"),
    Case("leaf_travel", shaped(moved(20, 2, 200.3)), False, "rounding at the end of the travel"),
    Case(
        "leaf_travel",
        f.plan(f.beam(1, more_devices=[("MLCX", None, f.boundaries(40))])),
        None,
        "an MLC without positions",
    ),
    Case("jaw_travel", f.plan(f.beam(1, jaws_x=(-50.0, 250.0))), True, "too far out", ("X jaw 2", "250 mm"), (1,)),
    Case(
        "jaw_travel",
        f.plan(f.beam(1, jaws_x=(30.0, 60.0))),
        True,
        "too far past the axis",
        ("X jaw 1", "20 mm past"),
        machine={"jaw_overtravel_x_mm": 20.0},
    ),
    Case("jaw_travel", f.plan(f.beam(1, jaws_x=(-200.0, 200.0))), False, "the widest field"),
    Case(
        "jaw_travel",
        f.plan(f.beam(1, jaws_y=(30.0, 60.0))),
        False,
        "the other axis has another limit",
        machine={"jaw_overtravel_x_mm": 20.0, "jaw_overtravel_y_mm": 100.0},
    ),
    Case(
        "jaw_travel",
        f.plan(f.beam(1, jaws_x=(-50.0, 250.0))),
        True,
        "limits unknown",
        machine={"jaw_travel_x_mm": None},
    ),
    Case(
        "leaf_span",
        shaped(moved(20, 1, -170.0)),
        True,
        "more than the carriage allows",
        ("170 mm", "bank 1", "150 mm"),
        machine={"leaf_span_mm": 150.0},
    ),
    Case("leaf_span", shaped(moved(20, 1, -149.0)), False, "within", machine={"leaf_span_mm": 150.0}),
    Case("leaf_span", shaped(moved(20, 1, -170.0)), False, "a machine without that limit"),
    # description
    Case(
        "leaf_positions_count",
        warned("device_positions_count", "BeamSequence[1].ControlPointSequence[0].x"),
        True,
        "a reader's warning",
        ("beam 2", "does not fit"),
        (2,),
    ),
    Case(
        "leaf_positions_count",
        warned("device_positions_empty", "BeamSequence[0].ControlPointSequence[3].x"),
        True,
        "empty positions",
        ("beam 1", "empty"),
        (1,),
    ),
    Case("leaf_positions_count", warned("number_long", "BeamSequence[0].x"), False, "another warning"),
    Case("leaf_boundaries", declaring([-20.0, -10.0, 0.0, 5.0, 20.0]), False, "of unequal widths"),
    Case("leaf_boundaries", declaring([20.0, 10.0, 0.0, -5.0, -20.0]), False, "falling throughout"),
    Case("leaf_boundaries", declaring([-20.0, -10.0, -15.0, 5.0, 20.0]), True, "one out of order", ("leaf 2", "-15")),
    Case("leaf_boundaries", f.plan(f.beam(1)), False, "jaws have none"),
    Case(
        "leaf_boundaries",
        f.plan(f.replace(f.beam(1), devices=(f.device("MLCX", 4, []),))),
        True,
        "none at all",
        ("4 pairs without",),
    ),
    Case(
        "leaf_boundaries",
        f.plan(f.replace(f.beam(1), devices=(f.device("MLCX", 4, [0.0, 1.0, 2.0]),))),
        True,
        "too few",
        ("3 leaf boundaries instead of 5",),
    ),
    Case(
        "device_undeclared",
        f.plan(f.beam(1, jaws_y=None, more_devices=[("ASYMY", [(-50.0, 50.0)], "undeclared")])),
        True,
        "jaw positions without a declaration",
        ("jaw positions",),
    ),
    Case(
        "device_undeclared",
        f.plan(f.beam(1, more_devices=[("MLCX", [OPEN], "undeclared")])),
        True,
        "leaves without a declaration beside declared jaws of their axis",
        ("leaf positions",),
    ),
    Case(
        "device_undeclared",
        f.plan(f.beam(1, more_devices=[("MLCX", None, f.boundaries(40))])),
        True,
        "an MLC without positions",
        ("MLC",),
    ),
    Case("device_undeclared", shaped(OPEN), False, "all there"),
    Case(
        "device_undeclared",
        f.plan(f.beam(1, jaws_y=None, more_devices=[("ASYMY", None, []), ("Y", [(-50.0, 50.0)], "undeclared")])),
        False,
        "one axis by another name is ordinary",
    ),
)


def test_a_plan_written_pair_by_pair_is_one_finding() -> None:
    plan = f.plan(*(f.beam(n, leaves=BY_PAIR) for n in (1, 2, 3)))
    (one,) = leaves.LeavesCross().find(check_case(plan, leaves.LeavesCross))
    assert isinstance(one, Found) and len(one.where) == 3
    mixed = f.plan(*(f.beam(n, leaves=BY_PAIR) for n in (1, 2)), f.beam(3, leaves=moved(20, 1, 45.0)))
    beams = [one.beams for one in leaves.LeavesCross().find(check_case(mixed, leaves.LeavesCross))]
    assert beams == [(1, 2), (3,)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, leaves.CHECKS)
