"""Worked cases of the checks in `rtcode.integrity.checks.setup`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import setup
from rtcode.plan.model import FixationDevice, Missing
from tests import factory as f
from tests.integrity.support import Case, holds


def beams(*setup_numbers, **fields):
    """Beams 1, 2, ... that name these setups."""
    return [f.beam(i, gantry=40.0 * i, setup_number=n, **fields) for i, n in enumerate(setup_numbers, 1)]


def setups(*fields: dict):
    """Setups 1, 2, ... with these fields."""
    return [f.setup(i, index=i - 1, **one) for i, one in enumerate(fields, 1)]


def two(first: dict, second: dict):
    """Two beams of one isocenter, each with a setup of its own."""
    return f.plan(*beams(1, 2), setups=setups(first, second))


def tables(*numbers, **fields):
    return f.plan(*[f.beam(i, tolerance_table_number=n, **fields) for i, n in enumerate(numbers, 1)])


MASK = FixationDevice("PatientSetupSequence[0].FixationDeviceSequence[0]", "MASK", "M1", None)
GATED = {"motion": (f.motion("GATING", "EXTERNAL_MARKER"),)}
HELD = {"motion": (f.motion("BREATH_HOLD"),)}

CASES = (
    Case("setup_unnamed", f.plan(*beams(1, Missing.ABSENT)), True, "one of two beams", ("beam 2",), (2,)),
    Case(
        "setup_unnamed",
        f.plan(*beams(Missing.ABSENT, Missing.ABSENT), setups=setups({}, {})),
        True,
        "two setups and no reference",
        ("beams 1 and 2",),
    ),
    Case("setup_unnamed", f.plan(*beams(Missing.ABSENT)), False, "one setup for all needs no reference"),
    Case("setup_unnamed", f.plan(*beams(1, 1)), False, "both named"),
    Case(
        "patient_position_differs",
        two({"position": "HFS"}, {"position": "FFS"}),
        True,
        "head and feet first",
        ("HFS for beam 1", "FFS for beam 2"),
        (1, 2),
    ),
    Case(
        "patient_position_differs",
        f.plan(f.beam(1), f.beam(2, setup_number=2, delivery_type="SETUP"), setups=setups({}, {"position": "HFP"})),
        True,
        "the set-up field prone",
        ("HFP for beam 2",),
    ),
    Case("patient_position_differs", two({}, {}), False, "all supine"),
    Case("patient_position_differs", two({}, {"position": ""}), None, "one empty", ("beam 2",)),
    Case(
        "patient_position_unusual",
        f.plan(f.beam(1), setups=setups({"position": "HFDR"})),
        True,
        "on the side",
        ("HFDR",),
    ),
    Case(
        "patient_position_unusual",
        f.plan(f.beam(1), setups=setups({"position": None})),
        True,
        "absent",
        ("no patient",),
    ),
    Case(
        "patient_position_unusual",
        f.plan(f.beam(1), setups=setups({"position": "UPRIGHT"})),
        True,
        "no DICOM term, which is not quoted",
        ("does not define",),
    ),
    Case("patient_position_unusual", f.plan(f.beam(1), setups=setups({"position": "FFP"})), False, "feet first prone"),
    Case(
        "patient_position_unusual",
        f.plan(f.beam(1), setups=setups({"position": None, "additional_position": "standing"})),
        False,
        "standing, in its own attribute",
    ),
    Case(
        "setup_displacement_differs",
        two({"vertical_displacement_mm": 0.0}, {"vertical_displacement_mm": 30.0}),
        True,
        "shifts of 0 and 30",
        ("0 and 30 mm", "vertical"),
        (1, 2),
    ),
    Case(
        "setup_displacement_differs",
        two({"lateral_displacement_mm": 5.0}, {"lateral_displacement_mm": 5.0}),
        False,
        "the same shift",
    ),
    Case(
        "setup_displacement_differs",
        f.plan(
            f.beam(1),
            f.beam(2, setup_number=2, isocenter=(0.0, 0.0, 150.0)),
            setups=setups({"longitudinal_displacement_mm": 0.0}, {"longitudinal_displacement_mm": 150.0}),
        ),
        False,
        "another isocenter needs another shift",
    ),
    Case("setup_displacement_differs", two({"vertical_displacement_mm": 0.0}, {}), False, "one is not written"),
    Case(
        "motion_on_some_beams", two(GATED, {}), True, "gating on one of two", ("beam 1 with", "beam 2 without"), (1, 2)
    ),
    Case(
        "motion_on_some_beams",
        two(GATED, {"motion": (f.motion("NONE"),)}),
        True,
        "an explicit NONE on the other",
        ("beam 2 without",),
    ),
    Case("motion_on_some_beams", two(GATED, GATED), False, "gating on both"),
    Case("motion_on_some_beams", two({}, {}), False, "on none"),
    Case(
        "motion_on_some_beams",
        f.plan(
            *beams(1, 2),
            setups=setups(GATED, {}),
            groups=[f.group(1, (1,)), f.group(2, (2,), index=1)],
        ),
        False,
        "in two sessions",
    ),
    Case("motion_on_some_beams", f.plan(*beams(1, 7), setups=setups(GATED)), None, "one setup unknown", ("beam 2",)),
    Case(
        "motion_technique_differs",
        two(GATED, HELD),
        True,
        "gating and breath-hold",
        ("GATING for beam 1", "BREATH_HOLD for beam 2"),
        (1, 2),
    ),
    Case(
        "motion_technique_differs",
        f.plan(f.beam(1), setups=setups({"motion": (f.motion("GATING"), f.motion("NONE", item=1))})),
        True,
        "gating and none in one setup",
        ("one setup", "NONE"),
    ),
    Case("motion_technique_differs", two(GATED, GATED), False, "the same"),
    Case("motion_technique_differs", two(GATED, {}), False, "lost on one beam is another check"),
    Case(
        "tolerance_table_differs",
        tables(1, 2),
        True,
        "two tables",
        ("table 1 for beam 1", "table 2 for beam 2"),
        (1, 2),
    ),
    Case("tolerance_table_differs", tables(1, 1, Missing.ABSENT), True, "one without", ("beam 3 without",), (3,)),
    Case("tolerance_table_differs", tables(1, 1), False, "one table"),
    Case("tolerance_table_differs", tables(Missing.ABSENT, Missing.ABSENT), False, "a system that writes none"),
    Case(
        "tolerance_table_differs",
        f.plan(
            f.beam(1, tolerance_table_number=1),
            f.beam(2, tolerance_table_number=2, radiation="ELECTRON", energy=9.0),
        ),
        False,
        "electrons have tables of their own",
    ),
    Case(
        "setup_technique_differs",
        two({}, {"technique": "FIXED_SSD"}),
        True,
        "isocentric and fixed SSD",
        ("beams 1",),
        (1, 2),
    ),
    Case("setup_technique_differs", two({}, {}), False, "both isocentric"),
    Case("setup_technique_differs", two({}, {"technique": None}), False, "one does not say"),
    Case(
        "fixation_differs",
        two({"fixation_devices": (MASK,)}, {}),
        True,
        "a mask on one setup only",
        ("1 device for beam 1", "0 devices for beam 2"),
    ),
    Case(
        "fixation_differs",
        two({"fixation_devices": (MASK,)}, {"fixation_devices": (MASK,)}),
        False,
        "the same mask",
    ),
    Case("fixation_differs", two({}, {}), False, "none"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, setup.CHECKS)
