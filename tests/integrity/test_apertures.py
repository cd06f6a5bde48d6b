"""Worked cases of the checks in `rtcode.integrity.checks.apertures`: what each finds and leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from rtcode.integrity.checks import apertures
from tests import factory as f
from tests.integrity.support import Case, holds

OPEN = f.rectangle(-40.0, 40.0, -40.0, 40.0)
CLOSED = f.rectangle(0.0, 0.0, -1.0, 1.0)


def moved(pair: int, bank: int, position_mm: float, shape: np.ndarray = OPEN) -> np.ndarray:
    """A shape with one leaf elsewhere; pairs and banks counted from 1."""
    result = shape.copy()
    result[(bank - 1) * 40 + pair - 1] = position_mm
    return result


def even(shapes: list[np.ndarray], **fields):
    """A beam through these shapes, with as much meterset between any two."""
    weights = tuple(i / (len(shapes) - 1) for i in range(len(shapes)))
    return f.plan(f.beam(1, leaves=shapes, weights=weights, beam_type="DYNAMIC", **fields))


#: A window of 80 mm that slides by 4 mm a control point.
SLIDING = [f.rectangle(-60.0 + 4.0 * i, 4.0 * i - 20.0, -40.0, 40.0) for i in range(10)]

CASES = (
    Case(
        "aperture_closed",
        f.plan(f.beam(1, leaves=CLOSED)),
        True,
        "leaves never open",
        ("nothing is open", "100 %"),
        (1,),
    ),
    Case("aperture_closed", f.plan(f.beam(1, jaws_x=(0.0, 0.0))), True, "jaws closed", ("nothing is open",)),
    Case(
        "aperture_closed",
        f.plan(f.beam(1, leaves=OPEN, jaws_x=(60.0, 100.0))),
        True,
        "all behind a jaw",
        ("behind the jaws",),
    ),
    Case(
        "aperture_closed",
        f.plan(f.beam(1, leaves=[OPEN, None, CLOSED, None], weights=(0.0, 0.8, 0.8, 1.0))),
        True,
        "one segment of two",
        ("20 %", "control point 2"),
    ),
    Case("aperture_closed", f.plan(f.beam(1, leaves=OPEN)), False, "open"),
    Case("aperture_closed", f.plan(f.beam(1)), False, "jaws alone"),
    Case(
        "aperture_closed",
        f.plan(f.beam(1, leaves=f.rectangle(-0.25, 0.25, -40.0, 40.0))),
        False,
        "a slit is an aperture where nothing else is open",
    ),
    Case(
        "aperture_closed",
        f.plan(f.beam(1, leaves=[CLOSED, CLOSED, OPEN, OPEN], weights=(0.0, 0.005, 0.005, 1.0))),
        False,
        "a window begins closed",
    ),
    Case("aperture_closed", even([CLOSED, OPEN, CLOSED]), False, "closed only at the ends of moving segments"),
    Case(
        "aperture_closed",
        f.plan(f.beam(1, leaves=[CLOSED, OPEN, OPEN, OPEN], weights=(0.0, 0.0, 0.5, 1.0))),
        False,
        "closed before the beam is on",
    ),
    Case("aperture_closed", f.plan(f.beam(1, leaves=CLOSED, weights=(None, None))), None, "weights unknown"),
    Case(
        "aperture_closed",
        f.plan(f.beam(1, more_devices=[("MLCX", None, f.boundaries(40))])),
        None,
        "leaf positions unknown",
    ),
    Case(
        "leaves_open_beyond_jaws",
        even([f.rectangle(-40.0 + i, 40.0, -95.0, 40.0) for i in range(3)]),
        True,
        "open far behind a Y jaw",
        ("2 leaf pairs", "100 %"),
        (1,),
    ),
    Case(
        "leaves_open_beyond_jaws",
        even([f.rectangle(-40.0 + i, 40.0, -70.0, 40.0) for i in range(3)]),
        False,
        "a few leaves of margin",
    ),
    Case(
        "leaves_open_beyond_jaws",
        f.plan(f.beam(1, leaves=f.rectangle(-40.0, 40.0, -95.0, 95.0))),
        False,
        "an open field with parked leaves",
    ),
    Case(
        "jaws_wide_of_leaves",
        f.plan(f.beam(1, leaves=OPEN, jaws_x=(-150.0, 40.0))),
        True,
        "one jaw far out",
        ("X jaws", "110 mm"),
        (1,),
    ),
    Case(
        "jaws_wide_of_leaves",
        f.plan(f.beam(1, leaves=f.rectangle(-40.0, 40.0, -20.0, 20.0), jaws_y=(-90.0, 90.0))),
        True,
        "across the leaves",
        ("Y jaws", "70 mm"),
    ),
    Case("jaws_wide_of_leaves", f.plan(f.beam(1, leaves=OPEN, jaws_x=(-60.0, 60.0))), False, "a margin"),
    Case(
        "jaws_wide_of_leaves",
        even([f.rectangle(-140.0, -60.0, -40.0, 40.0), f.rectangle(60.0, 140.0, -40.0, 40.0)], jaws_x=(-150.0, 150.0)),
        False,
        "the window comes to both jaws",
    ),
    Case("jaws_wide_of_leaves", f.plan(f.beam(1, jaws_x=(-150.0, 150.0))), False, "no leaves"),
    Case(
        "leaf_jumps",
        even([*SLIDING[:4], moved(20, 1, SLIDING[4][19] + 30.0, SLIDING[4]), *SLIDING[5:]]),
        True,
        "out and back at one control point",
        ("leaf 20 of bank 1", "control point 4"),
        (1,),
    ),
    Case("leaf_jumps", even(SLIDING), False, "a smooth window"),
    Case(
        "leaf_jumps",
        even([moved(20, 1, shape[19] + 20.0 * (i % 2), shape) for i, shape in enumerate(SLIDING)]),
        False,
        "a leaf that goes to and fro throughout",
    ),
    Case(
        "leaf_jumps",
        even([*SLIDING[:4], moved(20, 1, SLIDING[4][19] + 8.0, SLIDING[4]), *SLIDING[5:]]),
        False,
        "a small one",
    ),
    Case(
        "leaf_jumps",
        f.plan(
            f.beam(
                1,
                leaves=[OPEN, OPEN, moved(20, 1, 0.0), moved(20, 1, 0.0), OPEN, OPEN],
                weights=(0.0, 0.3, 0.3, 0.6, 0.6, 1.0),
            )
        ),
        False,
        "segments with the beam off between them",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, apertures.CHECKS)
