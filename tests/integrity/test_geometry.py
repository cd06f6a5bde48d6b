"""Worked cases of the checks in `rtcode.integrity.checks.geometry`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import geometry
from tests import factory as f
from tests.integrity.support import Case, holds

ARC = {"gantry": [181.0, 0.0, 179.0], "weights": (0.0, 0.5, 1.0), "beam_type": "DYNAMIC"}
TABLE = {"table_vertical_mm": -100.0, "table_longitudinal_mm": 500.0, "table_lateral_mm": 0.0}
RANGE = {"gantry_range_deg": (-185.0, 185.0)}


def two(first: dict, second: dict):
    """Two beams at one isocenter with these table top values."""
    return f.plan(f.beam(1, points=first), f.beam(2, gantry=90.0, points=second))


def arc(gantry: list, direction: list, **fields):
    """One arc with even weights."""
    n = len(gantry)
    weights = tuple(i / (n - 1) for i in range(n))
    return f.plan(f.beam(1, gantry=gantry, direction=direction, weights=weights, beam_type="DYNAMIC", **fields))


CASES = (
    # angles as written
    Case("angles_outside_circle", f.plan(f.beam(1, gantry=-10.0)), True, "negative gantry angle", ("-10", "gantry")),
    Case("angles_outside_circle", f.plan(f.beam(1), f.beam(2, couch=540.0)), True, "couch at 540", ("540",), (2,)),
    Case("angles_outside_circle", f.plan(f.beam(1, collimator=365.0)), True, "collimator beyond a turn", ("365",)),
    Case("angles_outside_circle", f.plan(f.beam(1, gantry=360.0, collimator=-1e-9)), False, "360 and noise are usual"),
    Case(
        "angles_outside_circle",
        f.plan(f.beam(1), f.beam(2, gantry=-10.0, delivery_type="SETUP"), groups=[f.group(1, (1,))]),
        False,
        "a set-up field is not treated",
    ),
    # directions
    Case("gantry_direction_missing", arc([10.0, 50.0], [None, None]), True, "no direction at all", ("after control",)),
    Case(
        "gantry_direction_missing", arc([10.0, 50.0, 90.0], ["CW", "?", "NONE"]), True, "one unreadable", ("point 1",)
    ),
    Case("gantry_direction_missing", arc([10.0, 50.0, 90.0], ["CW", None, "NONE"]), False, "inherited"),
    Case("gantry_direction_missing", f.plan(f.beam(1, gantry=90.0)), False, "a fixed field needs none"),
    Case(
        "gantry_direction_missing",
        f.plan(f.beam(1, gantry=[0.0, 0.0, 90.0, 90.0], weights=(0.0, 0.5, 0.5, 1.0))),
        False,
        "turns only with the beam off",
    ),
    Case(
        "gantry_direction_contradicts",
        arc([181.0, 183.0, 185.0, 187.0], ["CC", "CC", "CC", "NONE"]),
        True,
        "clockwise angles called counter-clockwise",
        ("358 degrees", "3 such steps"),
        (1,),
    ),
    Case(
        "gantry_direction_contradicts",
        arc([10.0, 20.0, 30.0], ["CW", "NONE", "NONE"]),
        True,
        "NONE before a change of the angle",
        ("control point 1", "10 degrees"),
    ),
    Case("gantry_direction_contradicts", arc([10.0, 20.0, 30.0], ["CW", "CW", "NONE"]), False, "in order"),
    Case("gantry_direction_contradicts", arc([179.0, 181.0], ["CC", "NONE"]), False, "a nearly full arc in one step"),
    Case(
        "gantry_direction_contradicts",
        arc([181.0, 0.0, 179.0], ["CW", "CW", "NONE"]),
        False,
        "steps of 179 degrees are sparse, not wrong",
    ),
    Case("gantry_full_turn", arc([0.0, 0.0], ["CW", "NONE"]), True, "equal angles, a direction", ("from 0 degrees",)),
    Case("gantry_full_turn", f.plan(f.beam(1, direction=["CW", "NONE"])), False, "STATIC: a left over direction"),
    Case("gantry_full_turn", arc([181.0, 179.0], ["CW", "NONE"]), False, "358 degrees by angles"),
    # range of the machine
    Case(
        "gantry_range",
        arc([170.0, 200.0], ["CW", "NONE"]),
        True,
        "clockwise through the bottom",
        ("by 15 degrees", "control point 1"),
        machine=RANGE,
    ),
    Case(
        "gantry_range",
        f.plan(f.beam(1, gantry=150.0)),
        True,
        "a fixed angle that is not reached",
        ("150", "outside"),
        machine={"gantry_range_deg": (-100.0, 100.0)},
    ),
    Case("gantry_range", arc([181.0, 179.0], ["CW", "NONE"]), False, "over the top", machine=RANGE),
    Case("gantry_range", arc([179.0, 181.0], ["CC", "NONE"]), False, "over the top and back", machine=RANGE),
    Case("gantry_range", f.plan(f.beam(1, gantry=180.0)), False, "from either side", machine=RANGE),
    Case("gantry_range", arc([175.0, 185.0], ["CW", "NONE"]), False, "within the overlap", machine=RANGE),
    Case(
        "gantry_range",
        arc([174.0, 185.4], ["CW", "NONE"]),
        True,
        "a site has no tolerance",
        machine=RANGE,
        limits={"tolerance_deg": 0.0},
    ),
    Case(
        "gantry_range", f.plan(f.beam(1)), False, "a ring has no stop", machine={"gantry_range_deg": None, "kind": "x"}
    ),
    Case("gantry_range", f.plan(f.beam(1)), None, "an unknown C-arm", machine={"gantry_range_deg": None}),
    Case("gantry_range", f.plan(f.beam(1, gantry=None)), None, "no gantry angle", machine=RANGE),
    Case(
        "arc_over_full_turn",
        arc([0.0, 120.0, 240.0, 0.0, 120.0], ["CW", "CW", "CW", "CW", "NONE"]),
        True,
        "a turn and a third",
        ("480",),
    ),
    Case(
        "arc_over_full_turn",
        arc([181.0, 0.0, 179.0, 0.0, 181.0], ["CW", "CW", "CC", "CC", "NONE"]),
        False,
        "there and back is two arcs in one beam",
    ),
    # things that move
    Case(
        "couch_moves_during_beam",
        f.plan(f.beam(1, couch=[0.0, 10.0], beam_type="DYNAMIC")),
        True,
        "couch turns",
        ("the couch turns",),
    ),
    Case(
        "couch_moves_during_beam",
        f.plan(f.beam(1, points={"table_vertical_mm": [0.0, 5.0]})),
        True,
        "table moves",
        ("table top moves",),
    ),
    Case("couch_moves_during_beam", f.plan(f.beam(1, couch=30.0)), False, "a couch kick stands still"),
    Case(
        "couch_moves_during_beam",
        f.plan(f.beam(1, couch=[0.0, 0.0, 90.0, 90.0], weights=(0.0, 0.5, 0.5, 1.0))),
        False,
        "turns with the beam off",
    ),
    Case(
        "collimator_turns_during_beam",
        f.plan(f.beam(1, collimator=[0.0, 45.0], beam_type="DYNAMIC")),
        True,
        "turns during the beam",
        ("from 0 to 45",),
    ),
    Case("collimator_turns_during_beam", f.plan(f.beam(1, collimator=45.0)), False, "fixed"),
    Case(
        "collimator_turns_during_beam",
        f.plan(f.beam(1, collimator=[7e-10, 0.0])),
        False,
        "noise of an export is no turn",
    ),
    # table top
    Case("couch_differs", two(TABLE, {**TABLE, "table_vertical_mm": -90.0}), True, "10 mm higher", ("10 mm",), (1, 2)),
    Case("couch_differs", two({"table_pitch_deg": 359.0}, {"table_pitch_deg": 1.0}), True, "pitch", ("2 degrees",)),
    Case("couch_differs", two(TABLE, {**TABLE, "table_lateral_mm": 4.0}), False, "captured at treatment"),
    Case("couch_differs", two(TABLE, {**TABLE, "table_lateral_mm": 5.0}), True, "just as much as counts", ("5 mm",)),
    Case("couch_differs", two({"table_pitch_deg": 2.0}, {}), True, "one beam tilted", ("pitch", "beam 2"), (1,)),
    Case("couch_differs", two({"table_pitch_deg": 0.0}, {"table_roll_deg": 0.2}), False, "no tilt, written or not"),
    Case("couch_differs", two({"table_roll_deg": 359.9}, {"table_roll_deg": 0.1}), False, "angles are on a circle"),
    Case(
        "couch_differs",
        f.plan(
            f.beam(1, points=TABLE), f.beam(2, isocenter=(0.0, 0.0, 200.0), points={"table_longitudinal_mm": 300.0})
        ),
        False,
        "another isocenter is another place of the table",
    ),
    Case("couch_differs", two({}, {}), None, "not written"),
    Case("couch_differs", f.plan(f.beam(1)), False, "one beam alone"),
    Case(
        "couch_differs",
        two(TABLE, {**TABLE, "table_lateral_mm": 4.0}),
        True,
        "a stricter site",
        limits={"table_mm": 2.0},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, geometry.CHECKS)


def test_every_check_has_both_kinds_of_cases() -> None:
    for check in geometry.CHECKS:
        found = {case.finds for case in CASES if case.id == check.id}
        assert {True, False} <= found, check.id
