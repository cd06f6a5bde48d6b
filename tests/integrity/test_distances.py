"""Worked cases of the checks in `rtcode.integrity.checks.distances`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import distances
from tests import factory as f
from tests.integrity.support import Case, holds


def entry(**fields):
    """A beam whose entry point, SSD and isocenter agree: 100 mm deep under gantry 0 of a supine patient."""
    values = {"gantry": 0.0, "ssd": 900.0, "entry": (0.0, -100.0, 0.0), **fields}
    return f.beam(1, **values)


CASES = (
    Case(
        "source_axis_distance_differs",
        f.plan(f.beam(1), f.beam(2, source_axis_distance_mm=850.0)),
        True,
        "one beam for another machine",
        ("850 mm in beam 2", "1000 mm in beam 1"),
        (1, 2),
    ),
    Case("source_axis_distance_differs", f.plan(f.beam(1), f.beam(2)), False, "the same"),
    Case(
        "source_axis_distance_differs",
        f.plan(f.beam(1), f.beam(2, source_axis_distance_mm=f.Missing.EMPTY)),
        None,
        "one is empty",
        ("beam 2",),
    ),
    Case(
        "source_axis_distance_differs",
        f.plan(f.beam(1), f.beam(2, source_axis_distance_mm=1435.0, delivery_type="SETUP")),
        False,
        "a set-up field does not count",
    ),
    Case("ssd_implausible", f.plan(f.beam(1, ssd=90.0)), True, "centimeters", ("910 mm under",), (1,)),
    Case("ssd_implausible", f.plan(f.beam(1, ssd=1200.0)), True, "skin far behind", ("200 mm beyond",)),
    Case("ssd_implausible", f.plan(f.beam(1, ssd=700.0)), False, "a wide pelvis from the side"),
    Case("ssd_implausible", f.plan(f.beam(1, ssd=1100.0)), False, "an extended SSD"),
    Case("ssd_implausible", f.plan(f.beam(1, ssd=4000.0)), False, "total skin stands far away"),
    Case(
        "ssd_implausible",
        f.plan(f.beam(1, ssd=2000.0), setups=[f.setup(technique="TBI")]),
        False,
        "total body by its set-up technique",
    ),
    Case("ssd_implausible", f.plan(f.beam(1, ssd=None)), None, "not written", ("beam 1",)),
    Case("ssd_changes", f.plan(f.beam(1, ssd=[900.0, 905.0])), True, "in a fixed field", ("900 to 905",)),
    Case("ssd_changes", f.plan(f.beam(1, ssd=[900.0, 900.4])), False, "rounding"),
    Case(
        "ssd_changes",
        f.plan(f.beam(1, ssd=[900.0, 950.0], gantry=[0.0, 90.0], direction=["CW", "NONE"])),
        False,
        "an arc sees other skin",
    ),
    Case("ssd_missing", f.plan(f.beam(1), f.beam(2, ssd=None)), True, "on one of two", ("beam 2",), (2,)),
    Case("ssd_missing", f.plan(f.beam(1, ssd=None), f.beam(2, ssd=None)), False, "a system that writes none"),
    Case("ssd_missing", f.plan(f.beam(1), f.beam(2)), False, "on both"),
    Case("ssd_contradicts", f.plan(f.beam(1), f.beam(2, ssd=920.0)), True, "one direction", ("900 and 920",), (1, 2)),
    Case("ssd_contradicts", f.plan(f.beam(1, gantry=360.0), f.beam(2, ssd=920.0)), True, "360 is 0"),
    Case("ssd_contradicts", f.plan(f.beam(1), f.beam(2, ssd=920.0, gantry=180.0)), False, "the other side"),
    Case("ssd_contradicts", f.plan(f.beam(1), f.beam(2, ssd=920.0, couch=30.0)), False, "a couch kick"),
    Case(
        "ssd_contradicts",
        f.plan(f.beam(1), f.beam(2, ssd=920.0, isocenter=(0.0, 30.0, 0.0))),
        False,
        "another isocenter",
    ),
    Case("ssd_contradicts", f.plan(f.beam(1), f.beam(2, ssd=905.0)), False, "a bolus of 5 mm"),
    Case(
        "entry_point_contradicts", f.plan(entry(isocenter=(20.0, 0.0, 0.0))), True, "isocenter moved", ("20 mm beside",)
    ),
    Case("entry_point_contradicts", f.plan(entry(gantry=90.0)), True, "gantry turned", ("100 mm beside",), (1,)),
    Case("entry_point_contradicts", f.plan(entry(), setups=[f.setup(position="HFP")]), True, "prone, not supine"),
    Case("entry_point_contradicts", f.plan(entry(isocenter=(0.0, 20.0, 0.0))), True, "deeper", ("120", "100 mm")),
    Case("entry_point_contradicts", f.plan(entry(ssd=850.0)), True, "another SSD", ("150 mm",)),
    Case(
        "entry_point_contradicts",
        f.plan(entry(gantry=270.0, couch=270.0, entry=(0.0, 0.0, 100.0)), setups=[f.setup(position="HFS")]),
        True,
        "couch turned the other way",
    ),
    Case(
        "entry_point_contradicts",
        f.plan(entry(gantry=270.0, couch=90.0, entry=(0.0, 0.0, 100.0))),
        False,
        "from the head with the couch turned",
    ),
    Case("entry_point_contradicts", f.plan(entry()), False, "all agree"),
    Case(
        "entry_point_contradicts",
        f.plan(entry(gantry=90.0, entry=(100.0, 0.0, 0.0))),
        False,
        "from the left of a supine patient",
    ),
    Case(
        "entry_point_contradicts",
        f.plan(entry(gantry=0.0, entry=(0.0, 100.0, 0.0)), setups=[f.setup(position="HFP")]),
        False,
        "from the back of a prone patient",
    ),
    Case("entry_point_contradicts", f.plan(entry(isocenter=(3.0, 0.0, 0.0))), False, "within the limit"),
    Case(
        "entry_point_contradicts",
        f.plan(entry(isocenter=(3.0, 0.0, 0.0))),
        True,
        "a stricter site",
        limits={"off_axis_mm": 1.0},
    ),
    Case("entry_point_contradicts", f.plan(entry(entry=None)), None, "not written"),
    Case("entry_point_contradicts", f.plan(entry(), setups=[f.setup(position=None)]), None, "patient position unknown"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, distances.CHECKS)
