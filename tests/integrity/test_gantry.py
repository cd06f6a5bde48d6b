"""Worked cases of the checks in `rtcode.integrity.checks.gantry`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import gantry
from tests import factory as f
from tests.integrity.support import Case, holds

RANGE = {"gantry_range_deg": (-185.0, 185.0)}


def arc(gantry: list, direction: list, **fields):
    """One arc with even weights."""
    n = len(gantry)
    weights = tuple(i / (n - 1) for i in range(n))
    return f.plan(f.beam(1, gantry=gantry, direction=direction, weights=weights, beam_type="DYNAMIC", **fields))


CASES = (
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
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, gantry.CHECKS)
