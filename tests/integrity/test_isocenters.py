"""Worked cases of the checks in `rtcode.integrity.checks.isocenters`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import isocenters
from rtcode.integrity.types import Found
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, holds, run


def at(number: int, place, **fields):
    return f.beam(number, isocenter=place, gantry=40.0 * number, **fields)


def setup_field(number: int, place, **fields):
    return f.beam(number, isocenter=place, delivery_type="SETUP", **fields)


def with_setup(*beams, named: tuple[int, ...] = (1,), absent: tuple[int, ...] = (9,)):
    """A plan whose fraction group names these beams; the numbers of ``absent`` have no meterset."""
    return f.plan(*beams, groups=[f.group(1, named, metersets=dict.fromkeys(absent, Missing.ABSENT))])


HERE, THERE = (0.0, 10.0, 20.0), (0.0, 10.0, 220.0)

CASES = (
    Case(
        "isocenters_near",
        f.plan(at(1, HERE), at(2, HERE), at(3, (0.0, 10.0, 25.0))),
        True,
        "one beam moved by 5 mm",
        ("beams 1 and 2", "beam 3", "5 mm apart", "0, 0, 5"),
        (1, 2, 3),
    ),
    Case("isocenters_near", f.plan(at(1, HERE), at(2, (0.0, 10.0, 20.5))), True, "rounded for one beam", ("0.5 mm",)),
    Case(
        "isocenters_near",
        f.plan(at(1, HERE), at(2, (0.0, 12.0, 20.0)), groups=[f.group(1, (1,)), f.group(2, (2,), index=1)]),
        True,
        "in two groups of one plan",
    ),
    Case("isocenters_near", f.plan(at(1, HERE), at(2, THERE)), False, "two isocenters that are meant"),
    Case("isocenters_near", f.plan(at(1, HERE), at(2, (0.0, 10.0, 20.0001))), False, "noise of an export"),
    Case("isocenters_near", f.plan(at(1, HERE), at(2, (0.0, 10.0, 36.0))), False, "16 mm is a distance of its own"),
    Case(
        "isocenters_near",
        f.plan(at(1, HERE), at(2, (0.0, 10.0, 36.0))),
        True,
        "a site that never plans two so near",
        limits={"near_mm": 50.0},
    ),
    Case("isocenters_near", f.plan(at(1, HERE), at(2, None)), None, "one unknown", ("beam 2",)),
    Case(
        "isocenters_near",
        f.plan(at(1, HERE), at(2, (0.0, 10.0, 25.0), radiation="ELECTRON", energy=9.0)),
        False,
        "electron points lie on the skin",
    ),
    Case(
        "isocenters_near",
        f.plan(at(1, HERE, ssd=1000.0), at(2, (0.0, 10.0, 25.0), ssd=1000.0)),
        False,
        "set-ups by SSD have a point each",
    ),
    Case("isocenter_moves", f.plan(at(1, [HERE, (0.0, 10.0, 28.0)])), True, "within a beam", ("8 mm",), (1,)),
    Case("isocenter_moves", f.plan(at(1, HERE)), False, "written once"),
    Case("isocenter_moves", f.plan(at(1, [HERE, (0.0, 10.0, 20.0 + 2e-14)])), False, "noise"),
    Case("isocenter_missing", f.plan(at(1, HERE), at(2, None)), True, "absent", ("beam 2",), (2,)),
    Case("isocenter_missing", f.plan(at(1, [Missing.EMPTY])), True, "empty", ("no usable",)),
    Case(
        "isocenter_missing", f.plan(at(1, [HERE, Missing.INVALID])), True, "unreadable later", ("some control points",)
    ),
    Case("isocenter_missing", f.plan(at(1, None), geometry="TREATMENT_DEVICE"), False, "a test plan has none"),
    Case("isocenter_missing", f.plan(at(1, (0.0, 0.0, 0.0))), False, "zeros are a place"),
    Case("lengths_in_centimeters", f.plan(at(1, HERE, source_axis_distance_mm=100.0)), True, "SAD of 100", (), (1,)),
    Case(
        "lengths_in_centimeters",
        f.plan(f.beam(1, leaves=f.rectangle(-4.0, 4.0, -4.0, 4.0, leaf_mm=0.5), leaf_mm=0.5)),
        True,
        "leaves of half a millimeter",
    ),
    Case("lengths_in_centimeters", f.plan(at(1, HERE, source_axis_distance_mm=850.0)), False, "tomotherapy"),
    Case("isocenter_at_origin", f.plan(at(1, (0.0, 0.0, 0.0)), at(2, HERE)), True, "one of two", ("unlike",), (1,)),
    Case("isocenter_at_origin", f.plan(at(1, (0.0, 0.0, 1e-9))), False, "near it is no placeholder"),
    Case("isocenter_at_origin", f.plan(at(1, (0.0, 0.0, 0.0)), geometry="TREATMENT_DEVICE"), False, "a test plan"),
    # set-up fields
    Case(
        "setup_field_elsewhere",
        with_setup(at(1, HERE), setup_field(9, (0.0, 10.0, 30.0)), named=(1, 9)),
        True,
        "10 mm off",
        ("beam 9", "10 mm"),
        (9,),
    ),
    Case(
        "setup_field_elsewhere",
        with_setup(at(1, HERE), setup_field(9, THERE)),
        True,
        "in no fraction group",
        ("200 mm",),
    ),
    Case(
        "setup_field_elsewhere", with_setup(at(1, HERE), setup_field(9, HERE), named=(1, 9)), False, "at the isocenter"
    ),
    Case(
        "setup_field_elsewhere",
        f.plan(
            at(1, HERE),
            at(2, THERE),
            setup_field(9, THERE),
            groups=[f.group(1, (1, 9), metersets={9: Missing.ABSENT}), f.group(2, (2,), index=1)],
        ),
        False,
        "at an isocenter of another group",
    ),
    Case(
        "setup_field_elsewhere",
        with_setup(at(1, HERE), setup_field(9, None), named=(1, 9)),
        None,
        "without a place",
        ("beam 9",),
    ),
    Case(
        "setup_field_missing",
        with_setup(at(1, HERE), at(2, THERE), setup_field(9, HERE), named=(1, 2, 9)),
        True,
        "one isocenter of two",
        ("beam 2",),
        (2,),
    ),
    Case(
        "setup_field_missing",
        with_setup(
            at(1, HERE), at(2, THERE), setup_field(8, HERE), setup_field(9, THERE), named=(1, 2, 8, 9), absent=(8, 9)
        ),
        False,
        "both have one",
    ),
    Case("setup_field_missing", f.plan(at(1, HERE), at(2, THERE)), False, "none at all is another matter"),
    Case("setup_fields_none", f.plan(at(1, HERE)), True, "no set-up field"),
    Case("setup_fields_none", with_setup(at(1, HERE), setup_field(9, HERE), named=(1, 9)), False, "one is there"),
)


CASES += (
    Case("isocenter_far", f.plan(f.beam(1, isocenter=(10.0, -2030.0, 0.0))), True, "a digit", ("y = -2030 mm",), (1,)),
    Case("isocenter_far", f.plan(f.beam(1, isocenter=(300.0, -300.0, -1500.0))), False, "far along the table"),
    Case(
        "isocenter_far",
        f.plan(f.beam(1, isocenter=(900.0, 0.0, 0.0)), geometry="TREATMENT_DEVICE"),
        False,
        "no patient coordinates",
    ),
    Case("isocenter_far", f.plan(f.beam(1, isocenter=None)), False, "missing is another"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, isocenters.CHECKS)


def test_places_near_one_another_are_told_each_with_its_nearest() -> None:
    # z = 20, 20.5, 22, 24.5, 28: not every pair, which would be a quarter of a million lines of 700 places.
    plan = f.plan(*(at(i + 1, (0.0, 10.0, 20.0 + 0.5 * i * i)) for i in range(5)))
    found = run(Case("isocenters_near", plan, True, "a row of places"), isocenters.CHECKS)
    assert [one.beams for one in found if isinstance(one, Found)] == [(1, 2), (2, 3), (3, 4), (4, 5)]
