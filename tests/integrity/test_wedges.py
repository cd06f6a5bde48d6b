"""Worked cases of the checks in `rtcode.integrity.checks.wedges`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import wedges
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, holds

STANDARD = f.wedge(1, "STANDARD", 30.0)
PARTIAL = (0.0, 0.4, 0.4, 1.0)


def wedged(positions: list, *wedges, weights=(0.0, 1.0), **fields):
    """A beam with wedge 1 at these positions."""
    return f.plan(f.beam(1, wedges=wedges or (STANDARD,), wedge_positions={1: positions}, weights=weights, **fields))


CASES = (
    Case(
        "wedges_declared",
        wedged(["IN", "IN"], number_of_wedges=0),
        True,
        "described beside a count of 0",
        ("declares 0 wedges and describes 1",),
        (1,),
    ),
    Case("wedges_declared", f.plan(f.beam(1, number_of_wedges=1)), True, "counted, not described", ("1 wedge and",)),
    Case("wedges_declared", wedged(["IN", "IN"]), False, "as declared"),
    Case("wedges_declared", f.plan(f.beam(1, number_of_wedges=Missing.ABSENT)), False, "not declared"),
    Case("wedge_position_unknown", wedged(["IN", "?"]), True, "an unknown term", ("control point 1",)),
    Case("wedge_position_unknown", wedged(["IN", None]), False, "inherited"),
    Case("wedge_not_used", wedged(["OUT", "OUT"]), True, "out throughout", ("wedge 1", "30 degrees"), (1,)),
    Case(
        "wedge_not_used",
        wedged(["OUT", "IN", "OUT", "OUT"], f.wedge(1, "MOTORIZED", 60.0), weights=(0.0, 0.4, 0.4, 1.0)),
        True,
        "in only with the beam off",
    ),
    Case(
        "wedge_not_used", wedged(["IN", "IN", "OUT", "OUT"], f.wedge(1, "MOTORIZED"), weights=PARTIAL), False, "a part"
    ),
    Case("wedge_not_used", wedged(["IN", "IN"]), False, "in"),
    Case("wedge_not_used", f.plan(f.beam(1, wedges=(f.wedge(1, "DYNAMIC"),))), False, "a dynamic one has no position"),
    Case("wedge_not_used", f.plan(f.beam(1, wedges=(f.wedge(1, None, 0.0),))), False, "a placeholder"),
    Case("wedge_not_used", f.plan(f.beam(1, wedges=(STANDARD,))), None, "a physical one without position"),
    Case("wedge_undescribed", wedged(["IN", "IN"], f.wedge(1, None)), True, "no type", ("without type",)),
    Case("wedge_undescribed", wedged(["IN", "IN"], f.wedge(1, None, 0.0)), True, "nothing", ("type and angle",)),
    Case("wedge_undescribed", wedged(["OUT", "OUT"], f.wedge(1, None)), False, "out"),
    Case(
        "wedge_undescribed",
        wedged(["IN", "IN"], f.wedge(1, "MOTORIZED", 0.0, effective_angle_deg=45.0)),
        False,
        "an effective angle is one",
    ),
    Case("wedge_moves", wedged(["IN", "OUT"]), True, "a physical wedge taken out", ("control point 1",), (1,)),
    Case("wedge_moves", wedged(["IN", "OUT"], f.wedge(1, "MOTORIZED", 60.0)), False, "a motorized one may"),
    Case("wedge_moves", wedged(["IN", None]), False, "stays"),
    Case(
        "wedges_together",
        f.plan(f.beam(1, wedges=(STANDARD, f.wedge(2, index=1)), wedge_positions={1: ["IN", "IN"], 2: ["IN", "IN"]})),
        True,
        "both in",
        ("2 wedges",),
    ),
    Case(
        "wedges_together",
        f.plan(f.beam(1, wedges=(STANDARD, f.wedge(2, index=1)), wedge_positions={1: ["IN", "IN"], 2: ["OUT", "OUT"]})),
        False,
        "one out",
    ),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", 300.0)), True, "a digit", ("300 degrees",), (1,)),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", -30.0)), True, "negative", ("-30",)),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", 60.0)), False, "the largest"),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", Missing.ABSENT)), False, "no angle is another"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, wedges.CHECKS)
