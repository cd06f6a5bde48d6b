"""Worked cases of the checks in `rtcode.integrity.checks.delivery`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import delivery
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, holds

OPEN = f.rectangle(-40.0, 40.0, -40.0, 40.0)
NARROW = f.rectangle(-20.0, 20.0, -40.0, 40.0)
SEGMENTS = {"leaves": [OPEN, None, NARROW, None], "weights": (0.0, 0.5, 0.5, 1.0)}
ARC = {"gantry": [181.0, 179.0], "direction": ["CW", "NONE"]}


def coded(code: str, **fields):
    return f.plan(f.beam(1, technique_codes=(f.code(code),), **fields))


CASES = (
    Case("static_beam_moves", f.plan(f.beam(1, leaves=[OPEN, NARROW])), True, "leaves", ("leaves move",), (1,)),
    Case("static_beam_moves", f.plan(f.beam(1, **ARC)), True, "gantry", ("the gantry turns",)),
    Case(
        "static_beam_moves",
        f.plan(f.beam(1, leaves=[OPEN, NARROW], collimator=[0.0, 5.0])),
        True,
        "two things",
        ("the collimator turns and leaves move",),
    ),
    Case("static_beam_moves", f.plan(f.beam(1, **SEGMENTS)), False, "segments move with the beam off"),
    Case("static_beam_moves", f.plan(f.beam(1, leaves=[OPEN, NARROW], beam_type="DYNAMIC")), False, "called so"),
    Case("static_beam_moves", f.plan(f.beam(1, weights=(None, None))), None, "weights unknown"),
    Case("dynamic_beam_still", f.plan(f.beam(1, leaves=OPEN, beam_type="DYNAMIC")), True, "nothing moves", (), (1,)),
    Case("dynamic_beam_still", f.plan(f.beam(1, beam_type="DYNAMIC", **ARC)), False, "an arc"),
    Case(
        "dynamic_beam_still",
        f.plan(f.beam(1, beam_type="DYNAMIC", leaves=OPEN, points={"table_vertical_mm": [Missing.EMPTY] * 2})),
        True,
        "empty table positions are no movement",
    ),
    Case(
        "dynamic_beam_still",
        f.plan(f.beam(1, beam_type="DYNAMIC", wedges=(f.wedge(1, "DYNAMIC"),))),
        False,
        "a dynamic wedge, whose jaw is not in the file",
    ),
    Case("dynamic_beam_still", f.plan(f.beam(1, beam_type="DYNAMIC", weights=(None, None))), None, "weights unknown"),
    Case("beam_type_unknown", f.plan(f.beam(1, beam_type=None)), True, "absent", ("no beam type",), (1,)),
    Case("beam_type_unknown", f.plan(f.beam(1, beam_type="MOVING")), True, "no term", ("does not define",)),
    Case("beam_type_unknown", f.plan(f.beam(1, beam_type=" static")), False, "blanks and small letters"),
    Case(
        "technique_code_contradicts",
        coded("130107", leaves=OPEN),
        True,
        "VMAT that stands still",
        ("VMAT", "the gantry stands still and the leaves stand still"),
        (1,),
    ),
    Case(
        "technique_code_contradicts",
        coded("130102", beam_type="DYNAMIC", **ARC),
        True,
        "static that turns",
        ("static", "the gantry turns"),
    ),
    Case("technique_code_contradicts", coded("130105", **SEGMENTS), False, "step and shoot"),
    Case("technique_code_contradicts", coded("130103", beam_type="DYNAMIC", **ARC), False, "an arc"),
    Case("technique_code_contradicts", coded("1"), False, "a code of another kind"),
    Case("technique_code_contradicts", coded("130107", weights=(None, None)), None, "weights unknown"),
    Case(
        "electron_beam_modulated",
        f.plan(f.beam(1, radiation="ELECTRON", energy=9.0, leaves=[OPEN, NARROW], beam_type="DYNAMIC")),
        True,
        "leaves move",
        ("leaves move",),
        (1,),
    ),
    Case("electron_beam_modulated", f.plan(f.beam(1, radiation="ELECTRON", energy=9.0)), False, "stands still"),
    Case("electron_beam_modulated", f.plan(f.beam(1, leaves=[OPEN, NARROW])), False, "photons"),
    Case("radiation_type_missing", f.plan(f.beam(1, radiation="")), True, "empty", ("no radiation type",), (1,)),
    Case("radiation_type_missing", f.plan(f.beam(1, radiation="BOTH")), True, "no term", ("does not define",)),
    Case("radiation_type_missing", f.plan(f.beam(1, radiation="photon ")), False, "small letters"),
    Case("radiation_type_missing", f.plan(f.beam(1, radiation="CARBON")), False, "a particle is a type"),
    Case(
        "high_dose_technique_differs",
        f.plan(f.beam(1, high_dose_technique="TBI"), f.beam(2)),
        True,
        "one of two",
        ("beam 1 with", "beam 2 without"),
        (1, 2),
    ),
    Case("high_dose_technique_differs", f.plan(f.beam(1, high_dose_technique="OTHER")), True, "no term", ("define",)),
    Case("high_dose_technique_differs", f.plan(f.beam(1, high_dose_technique="TBI")), False, "all"),
    Case(
        "high_dose_technique_differs",
        f.plan(f.beam(1, high_dose_technique="NORMAL"), f.beam(2)),
        False,
        "NORMAL is none",
    ),
    Case(
        "setup_beam_meterset",
        f.plan(f.beam(1), f.beam(2, delivery_type="SETUP"), groups=[f.group(1, (1, 2), metersets={2: 5.0})]),
        True,
        "5 MU on a set-up field",
        ("meterset of 5",),
        (2,),
    ),
    Case(
        "setup_beam_meterset",
        f.plan(f.beam(1), f.beam(2, delivery_type="SETUP"), groups=[f.group(1, (1, 2), metersets={2: Missing.ABSENT})]),
        False,
        "none",
    ),
    Case(
        "setup_beam_meterset",
        f.plan(f.beam(1), f.beam(2, delivery_type="IMAGE_BEAM"), groups=[f.group(1, (1, 2), metersets={2: 1.0})]),
        False,
        "an imaging beam of its vendor",
    ),
    Case(
        "delivery_type_unusual",
        f.plan(f.beam(1, delivery_type="CONTINUATION")),
        True,
        "the rest",
        ("continuation",),
        (1,),
    ),
    Case(
        "delivery_type_unusual",
        f.plan(f.beam(1), f.beam(2, delivery_type=None)),
        True,
        "one without",
        ("no deliv",),
        (2,),
    ),
    Case(
        "delivery_type_unusual", f.plan(f.beam(1), f.beam(2, delivery_type="X")), True, "no term", ("does not define",)
    ),
    Case("delivery_type_unusual", f.plan(f.beam(1, delivery_type=None)), False, "a system that writes none"),
    Case("delivery_type_unusual", f.plan(f.beam(1), f.beam(2, delivery_type="SETUP")), False, "usual terms"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, delivery.CHECKS)
