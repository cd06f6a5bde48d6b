"""Worked cases of the checks in `rtcode.integrity.checks.siblings`: what each finds and leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.integrity.checks import siblings
from tests import factory as f
from tests.integrity.support import Case, holds

SHAPES = [f.rectangle(-40, 40, -40, 40), f.rectangle(-20, 40, -40, 40), f.rectangle(-20, 10, -40, 40)]


def arc(number: int, **fields: Any) -> Any:
    values: dict[str, Any] = {
        "gantry": [181.0, 0.0, 179.0],
        "direction": ["CW", None, "NONE"],
        "weights": (0.0, 0.5, 1.0),
        "leaves": SHAPES,
        "beam_type": "DYNAMIC",
        "collimator": 10.0,
    }
    return f.beam(number, **{**values, **fields})


def moved(distance_mm: float) -> list[Any]:
    """The shapes with one leaf elsewhere at the last control point."""
    last = SHAPES[2].copy()
    last[19] += distance_mm
    return [*SHAPES[:2], last]


def window(number: int, half_x: float, half_y: float, **fields: Any) -> Any:
    """An open field by its jaws."""
    return f.beam(number, jaws_x=(-half_x, half_x), jaws_y=(-half_y, half_y), **fields)


def rated(*rates: Any) -> Any:
    return f.plan(*(f.beam(i + 1, points={"dose_rate": rate}) for i, rate in enumerate(rates)))


CASES = (
    Case("beams_alike", f.plan(arc(1), arc(2)), True, "an arc and its copy", ("beams 1 and 2", "control"), (1, 2)),
    Case("beams_alike", f.plan(arc(1), arc(2, collimator=350.0), arc(3)), True, "not neighbors", ("1 and 3",), (1, 3)),
    Case("beams_alike", f.plan(arc(1), arc(2, leaves=moved(0.5))), False, "one leaf of one control point"),
    Case("beams_alike", f.plan(arc(1), arc(2, collimator=350.0)), False, "another collimator angle"),
    Case("beams_alike", f.plan(arc(1), arc(2, energy=10.0)), False, "another energy"),
    Case("beams_alike", f.plan(arc(1), arc(2, isocenter=(0.0, 0.0, 40.0))), False, "another isocenter"),
    Case("beams_alike", f.plan(arc(1), arc(2, weights=(0.0, 0.4, 1.0))), False, "another course of the meterset"),
    Case("beams_alike", f.plan(arc(1), arc(2, boluses=1, number_of_boli=1)), False, "once with bolus"),
    Case("beams_alike", f.plan(arc(1), arc(2, jaws_y=(-50.0, 45.0))), False, "another jaw"),
    Case(
        "beams_alike",
        f.plan(arc(1), arc(2), groups=(f.group(1, (1,)), f.group(2, (2,), index=1))),
        False,
        "the arc of another fraction group",
    ),
    Case("beams_alike", f.plan(f.beam(1), f.beam(2)), False, "static fields are divided on purpose"),
    Case(
        "leaf_boundaries_differ",
        f.plan(*(f.beam(n, leaves=SHAPES[0]) for n in (1, 2)), f.beam(3, leaves=SHAPES[0], leaf_mm=4.0)),
        True,
        "other leaves in one beam",
        ("beams 1 and 2 against beam 3",),
        (3,),
    ),
    Case(
        "leaf_boundaries_differ",
        f.plan(f.beam(1, leaves=SHAPES[0]), f.beam(2, leaves=SHAPES[0], leaf_mm=4.0)),
        True,
        "of two either may be wrong",
        (),
        (1, 2),
    ),
    Case(
        "leaf_boundaries_differ",
        f.plan(f.beam(1, leaves=SHAPES[0]), f.beam(2, leaves=SHAPES[0], leaf_mm=4.0, machine_name="OTHER")),
        False,
        "another machine",
    ),
    Case("leaf_boundaries_differ", f.plan(f.beam(1, leaves=SHAPES[0]), f.beam(2)), False, "a beam by jaws alone"),
    Case("leaf_boundaries_differ", f.plan(arc(1), arc(2)), False, "the same"),
    Case(
        "aperture_of_other_scale",
        f.plan(window(1, 50.0, 60.0), window(2, 50.0, 60.0), window(3, 5.0, 6.0)),
        True,
        "centimeters",
        ("beam 3", "10 x 12 mm", "100 x 120 mm"),
        (3,),
    ),
    Case("aperture_of_other_scale", f.plan(window(1, 50.0, 60.0), window(2, 10.0, 6.0)), False, "a narrow boost"),
    Case("aperture_of_other_scale", f.plan(window(1, 50.0, 60.0), window(2, 5.0, 60.0)), False, "a slit"),
    Case(
        "aperture_of_other_scale",
        f.plan(window(1, 50.0, 60.0), window(2, 5.0, 6.0, isocenter=(0.0, 0.0, 60.0))),
        False,
        "another target",
    ),
    Case("aperture_of_other_scale", f.plan(window(1, 5.0, 6.0)), False, "alone"),
    Case("dose_rate_zero", rated(600.0, 600.0, 0.0), True, "lost in one beam", ("beam 3", "2 other beams"), (3,)),
    Case("dose_rate_zero", rated(0.0, 0.0), False, "left to the machine throughout"),
    Case("dose_rate_zero", rated(600.0, None), False, "not written is not 0"),
    Case("dose_rate_zero", rated(600.0, [600.0, 0.0]), False, "0 at the end of a beam"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, siblings.CHECKS)
