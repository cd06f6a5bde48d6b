"""Worked cases of the checks in `rtcode.integrity.checks.modifiers`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import modifiers
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, holds


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


def inserted(*blocks, **fields):
    return f.plan(electron(1, number_of_blocks=len(blocks), blocks=blocks, **fields))


CASES = (
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
