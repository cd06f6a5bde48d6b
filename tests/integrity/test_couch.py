"""Worked cases of the checks in `rtcode.integrity.checks.couch`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import couch
from tests import factory as f
from tests.integrity.support import Case, holds

TABLE = {"table_vertical_mm": -100.0, "table_longitudinal_mm": 500.0, "table_lateral_mm": 0.0}


def two(first: dict, second: dict):
    """Two beams at one isocenter with these table top values."""
    return f.plan(f.beam(1, points=first), f.beam(2, gantry=90.0, points=second))


CASES = (
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
    holds(case, couch.CHECKS)
