"""Worked cases of the checks in `rtcode.integrity.checks.energy`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import energy
from rtcode.plan.model import Missing
from tests import factory as f
from tests.integrity.support import Case, holds

FFF = (("NON_STANDARD", "FFF"),)
STANDARD = (("STANDARD", None),)


def arc(number: int = 1, **fields):
    values = {
        "gantry": [181.0, 0.0, 179.0],
        "direction": ["CW", "CW", "NONE"],
        "weights": (0.0, 0.5, 1.0),
        "beam_type": "DYNAMIC",
        **fields,
    }
    return f.beam(number, **values)


def rated(value, **fields):
    return f.beam(1, points={"dose_rate": value}, **fields)


CASES = (
    Case("energy_changes", f.plan(f.beam(1, energy=[6.0, 10.0])), True, "6 and 10", ("6, 10 MV",), (1,)),
    Case("energy_changes", f.plan(f.beam(1, energy=[6.0, 6.0])), False, "written twice"),
    Case("energy_changes", f.plan(f.beam(1), f.beam(2, energy=10.0)), False, "two beams"),
    Case("energy_missing", f.plan(f.beam(1, energy=None)), True, "absent", ("no energy",), (1,)),
    Case("energy_missing", f.plan(f.beam(1, energy=[6.0, Missing.EMPTY])), True, "empty later", ("control point 1",)),
    Case("energy_missing", f.plan(f.beam(1, energy=0.0)), True, "0", ("no energy",)),
    Case("energy_missing", f.plan(f.beam(1, energy=[6.0, None])), False, "inherited"),
    Case("energy_missing", f.plan(f.beam(1), f.beam(2, energy=None, delivery_type="SETUP")), False, "a set-up field"),
    Case("energy_unusual", f.plan(f.beam(1, energy=60.0)), True, "60 MV", ("60 MV",)),
    Case("energy_unusual", f.plan(f.beam(1, energy=1.0, radiation="ELECTRON")), True, "1 MeV", ("1 MeV",)),
    Case("energy_unusual", f.plan(f.beam(1, energy=22.0, radiation="ELECTRON")), False, "the highest of a linac"),
    Case("energy_unusual", f.plan(f.beam(1, energy=0.12)), False, "kilovoltage is another machine"),
    Case(
        "energy_unusual",
        f.plan(f.beam(1, energy=18.0)),
        True,
        "a site with 6 and 10 MV only",
        limits={"photon_high_mv": 10.0},
    ),
    Case(
        "energy_differs_between_arcs",
        f.plan(arc(1), arc(2), arc(3, energy=10.0)),
        True,
        "one of three arcs",
        ("6 MV for beams 1 and 2", "10 MV for beam 3"),
        (1, 2, 3),
    ),
    Case("energy_differs_between_arcs", f.plan(arc(1), arc(2)), False, "the same"),
    Case(
        "energy_differs_between_arcs",
        f.plan(arc(1), arc(2, energy=10.0, isocenter=(0.0, 0.0, 200.0))),
        False,
        "another isocenter",
    ),
    Case("energy_differs_between_arcs", f.plan(f.beam(1), f.beam(2, energy=10.0)), False, "fixed fields are mixed"),
    Case(
        "energy_differs_between_arcs",
        f.plan(arc(1), arc(2, energy=10.0), groups=[f.group(1, (1,)), f.group(2, (2,), index=1)]),
        False,
        "a boost of its own",
    ),
    Case(
        "energy_differs_between_fields",
        f.plan(f.beam(1), f.beam(2, gantry=90.0, energy=18.0)),
        True,
        "6 and 18",
        ("6 MV for beam 1", "18 MV for beam 2"),
    ),
    Case("energy_differs_between_fields", f.plan(f.beam(1), f.beam(2)), False, "the same"),
    Case(
        "energy_differs_between_fields",
        f.plan(f.beam(1), f.beam(2, radiation="ELECTRON", energy=9.0)),
        False,
        "photons and electrons",
    ),
    Case(
        "fluence_contradicts",
        f.plan(f.beam(1, fluence_modes=(("NON_STANDARD", None),))),
        True,
        "not identified",
        ("not identified",),
        (1,),
    ),
    Case(
        "fluence_contradicts", f.plan(f.beam(1, fluence_modes=(("STANDARD", "FFF"),))), True, "a standard FFF", ("FFF",)
    ),
    Case("fluence_contradicts", f.plan(f.beam(1, fluence_modes=(*STANDARD, *FFF))), True, "two modes", ("several",)),
    Case("fluence_contradicts", f.plan(f.beam(1, fluence_modes=(("", ""),))), True, "empty", ("does not define",)),
    Case("fluence_contradicts", f.plan(f.beam(1, fluence_modes=FFF)), False, "FFF"),
    Case("fluence_contradicts", f.plan(f.beam(1)), False, "no mode is ordinary"),
    Case(
        "fluence_differs",
        f.plan(f.beam(1, fluence_modes=FFF), f.beam(2, fluence_modes=STANDARD)),
        True,
        "6 MV both ways",
        ("beam 1 without flattening filter", "beam 2"),
        (1, 2),
    ),
    Case(
        "fluence_differs",
        f.plan(f.beam(1, fluence_modes=FFF), f.beam(2)),
        True,
        "the mode lost on one",
        ("no fluence mode",),
    ),
    Case(
        "fluence_differs",
        f.plan(f.beam(1, fluence_modes=FFF), f.beam(2, fluence_modes=STANDARD, energy=10.0)),
        False,
        "another energy",
    ),
    Case("fluence_differs", f.plan(f.beam(1), f.beam(2)), False, "no modes"),
    Case(
        "dose_rate_changes",
        f.plan(rated([600.0, 400.0, None], weights=(0.0, 0.5, 1.0))),
        True,
        "fixed",
        ("400 to 600",),
    ),
    Case(
        "dose_rate_changes", f.plan(rated([0.0, 600.0, 600.0], weights=(0.0, 0.5, 1.0))), True, "0 at first", ("is 0",)
    ),
    Case("dose_rate_changes", f.plan(rated(0.0)), False, "0 throughout leaves it to the machine"),
    Case("dose_rate_changes", f.plan(rated([600.0, 0.0])), False, "0 after the last meterset"),
    Case(
        "dose_rate_changes",
        f.plan(arc(1, points={"dose_rate": [600.0, 400.0, 400.0]})),
        False,
        "arcs vary it",
    ),
    Case("dose_rate_changes", f.plan(rated(600.0)), False, "one"),
    Case("dose_rate_high", f.plan(rated(1400.0)), True, "no fluence mode", ("1400", "no fluence mode"), (1,)),
    Case("dose_rate_high", f.plan(rated(1400.0, fluence_modes=STANDARD)), True, "flattened", ("standard",)),
    Case("dose_rate_high", f.plan(rated(3000.0, fluence_modes=FFF)), True, "beyond any", ("3000",)),
    Case("dose_rate_high", f.plan(rated(1400.0, fluence_modes=FFF)), False, "FFF"),
    Case("dose_rate_high", f.plan(rated(600.0)), False, "ordinary"),
    Case(
        "dose_rate_high",
        f.plan(rated(600.0)),
        True,
        "the site's machine has less",
        ("at most 300",),
        machine={"dose_rate_mu_min": 300.0, "assumed": False},
    ),
    Case(
        "dose_rate_high",
        f.plan(rated(600.0)),
        False,
        "an assumed machine proves nothing",
        machine={"dose_rate_mu_min": 300.0},
    ),
    Case("dose_rate_high", f.plan(f.beam(1)), None, "not written"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, energy.CHECKS)
