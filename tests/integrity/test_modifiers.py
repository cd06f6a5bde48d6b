"""Worked cases of the checks in `rtcode.integrity.checks.modifiers`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import modifiers
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, holds

STANDARD = f.wedge(1, "STANDARD", 30.0)


def wedged(positions: list, *wedges, weights=(0.0, 1.0), **fields):
    """A beam with wedge 1 at these positions."""
    return f.plan(f.beam(1, wedges=wedges or (STANDARD,), wedge_positions={1: positions}, weights=weights, **fields))


def electron(number: int = 1, **fields):
    values = {"radiation": "ELECTRON", "energy": 9.0, "applicators": (f.applicator(),), **fields}
    return f.beam(number, **values)


def blocked(outline, kind: str = "SHIELDING", **fields):
    return f.plan(f.beam(1, number_of_blocks=1, blocks=(f.block(kind, outline),), **fields))


def square(half_mm: float, x: float = 0.0, y: float = 0.0):
    return [
        (x - half_mm, y - half_mm),
        (x + half_mm, y - half_mm),
        (x + half_mm, y + half_mm),
        (x - half_mm, y + half_mm),
    ]


PARTIAL = (0.0, 0.4, 0.4, 1.0)

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
    Case(
        "modifiers_declared",
        f.plan(f.beam(1, number_of_boli=1)),
        True,
        "a bolus that is not described",
        ("declares 1 bolus and describes 0",),
        (1,),
    ),
    Case("modifiers_declared", f.plan(f.beam(1, blocks=(f.block(),))), True, "a block too many", ("0 blocks",)),
    Case("modifiers_declared", f.plan(f.beam(1, number_of_compensators=2)), True, "compensators", ("2 compensators",)),
    Case("modifiers_declared", f.plan(f.beam(1, number_of_boli=1, boluses=1)), False, "as declared"),
    Case("modifiers_declared", f.plan(f.beam(1, number_of_boli=Missing.ABSENT, boluses=1)), False, "not declared"),
    Case("block_outline", blocked([(0.0, 0.0), (10.0, 0.0)]), True, "two points", ("2 points",), (1,)),
    Case("block_outline", blocked([(0.0, 0.0), (10.0, 10.0), (20.0, 20.0)]), True, "a line", ("0 mm2",)),
    Case("block_outline", blocked(square(10.0, x=80.0)), True, "outside the jaws", ("20 mm outside",)),
    Case("block_outline", blocked(None, "APERTURE"), True, "an aperture without outline", ("0 points",)),
    Case("block_outline", blocked(square(10.0, x=30.0)), False, "a corner of the field"),
    Case("block_outline", blocked(square(10.0, x=55.0)), False, "partly behind a jaw"),
    Case("block_outline", blocked(None), None, "a shielding block without outline"),
    Case("electron_applicator_missing", f.plan(electron(applicators=())), True, "none", ("without applicator",), (1,)),
    Case("electron_applicator_missing", f.plan(electron()), False, "with one"),
    Case("electron_applicator_missing", f.plan(electron(applicators=(), ssd=3800.0)), False, "total skin"),
    Case("electron_applicator_missing", f.plan(f.beam(1)), False, "photons"),
    Case(
        "applicator_contradicts",
        f.plan(f.beam(1, applicators=(f.applicator(),))),
        True,
        "electron applicator on photons",
        ("photon beam",),
        (1,),
    ),
    Case(
        "applicator_contradicts",
        f.plan(electron(applicators=(f.applicator("PHOTON_CIRC"),))),
        True,
        "photon cone on electrons",
    ),
    Case(
        "applicator_contradicts",
        f.plan(electron(applicators=(f.applicator(), f.applicator()))),
        True,
        "two",
        ("2 app",),
    ),
    Case("applicator_contradicts", f.plan(electron()), False, "as it should be"),
    Case(
        "applicator_contradicts",
        f.plan(f.beam(1, applicators=(f.applicator("PHOTON_CIRC"),))),
        False,
        "a stereotactic cone",
    ),
    Case(
        "applicator_contradicts",
        f.plan(f.beam(1, applicators=(f.applicator(None),))),
        False,
        "a type that is not given",
    ),
    Case(
        "bolus_differs",
        f.plan(f.beam(1, number_of_boli=1, boluses=1), f.beam(2)),
        True,
        "one tangent of two",
        ("beam 1 with bolus", "beam 2"),
        (1, 2),
    ),
    Case(
        "bolus_differs",
        f.plan(*(f.beam(i, number_of_boli=1, boluses=1) for i in (1, 2))),
        False,
        "both",
    ),
    Case(
        "bolus_differs",
        f.plan(f.beam(1, number_of_boli=1, boluses=1), f.beam(2, isocenter=(0.0, 0.0, 100.0))),
        False,
        "another isocenter",
    ),
    Case(
        "bolus_differs",
        f.plan(f.beam(1, number_of_boli=1, boluses=1), f.beam(2), groups=[f.group(1, (1,)), f.group(2, (2,), index=1)]),
        False,
        "on other days",
    ),
    Case(
        "cutout_beyond_applicator",
        f.plan(
            electron(
                applicators=(f.applicator(opening_mm=60.0),),
                number_of_blocks=1,
                blocks=(f.block("APERTURE", square(45.0)),),
            )
        ),
        True,
        "cut for 100 mm, in one of 60 mm",
        ("15 mm beyond",),
    ),
    Case(
        "cutout_beyond_applicator",
        f.plan(
            electron(
                applicators=(f.applicator(opening_mm=100.0),),
                number_of_blocks=1,
                blocks=(f.block("APERTURE", square(45.0)),),
            )
        ),
        False,
        "fits",
    ),
)


def inserted(*blocks, **fields):
    return f.plan(electron(1, number_of_blocks=len(blocks), blocks=blocks, **fields))


CASES += (
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", 300.0)), True, "a digit", ("300 degrees",), (1,)),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", -30.0)), True, "negative", ("-30",)),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", 60.0)), False, "the largest"),
    Case("wedge_angle_unusual", wedged(["IN"], f.wedge(1, "STANDARD", Missing.ABSENT)), False, "no angle is another"),
    Case(
        "block_type_contradicts",
        inserted(f.block("SHIELDING", square(30.0, 5.0))),
        True,
        "an insert",
        ("SHIELDING", "axis"),
        (1,),
    ),
    Case("block_type_contradicts", inserted(f.block("APERTURE", square(30.0))), False, "an opening"),
    Case("block_type_contradicts", inserted(f.block("SHIELDING", square(10.0, 25.0))), False, "beside the axis"),
    Case(
        "block_type_contradicts",
        inserted(f.block("APERTURE", square(40.0)), f.block("SHIELDING", square(5.0))),
        False,
        "a shield within the opening",
    ),
    Case("block_type_contradicts", blocked(square(20.0)), False, "a photon block"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, modifiers.CHECKS)


def test_every_check_has_both_kinds_of_cases() -> None:
    for check in modifiers.CHECKS:
        found = {case.finds for case in CASES if case.id == check.id}
        assert {True, False} <= found, check.id
