"""The catalog against what is computed, and plans from their beams."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from typing import Any

import pytest

from rtcode.metrics import beam_metrics, beams_without, plan_metrics
from rtcode.metrics.catalog import CATALOG, Combination, Sense, names_of, profiles
from rtcode.metrics.machines import Machines
from rtcode.metrics.types import BeamMetrics
from rtcode.plan.model import Beam, Missing
from tests import factory as f
from tests.conftest import ROOT
from tests.metrics import example

SQUARE, SLIT = f.rectangle(-50, 50, -50, 50), f.rectangle(-10, 10, -50, 50)
#: units that end a name
UNITS = {
    "mm": "mm", "mm2": "mm2", "per_mm": "1/mm", "mm_s": "mm/s", "deg_s": "deg/s", "mu_min": "MU/min",
    "mu_per_deg": "MU/deg", "mu_per_gy": "MU/Gy", "deg": "deg", "s": "s",
}  # fmt: skip


def of(*beams: Beam, **plan: Any) -> list[BeamMetrics | None]:
    planned = f.session(*beams, **plan).beams
    return [beam_metrics(one, Machines().limits_of(one.beam)) for one in planned]


def test_every_value_has_its_entry() -> None:
    for beam in (f.beam(leaves=SQUARE), f.beam(), f.beam(leaves=[SQUARE, SLIT], gantry=[0, 90], direction="CW")):
        (found,) = of(beam)
        assert found is not None
        assert tuple(found.values) == profiles()
        for profile, group in found.values.items():
            assert tuple(group) == names_of(profile)


def test_entries_are_complete() -> None:
    assert max(Counter((one.profile, one.name) for one in CATALOG).values()) == 1
    in_plan = Counter((one.profile, one.in_plan) for one in CATALOG if one.in_plan is not None)
    assert max(in_plan.values()) == 1
    for one in CATALOG:
        assert one.label
        assert one.text
        assert one.sampling
        assert isinstance(one.sense, Sense)
        # MU per Gy of a plan comes from its dose, not from its beams.
        alone = one.combination is Combination.NONE and one.name != "mu_per_gy"
        assert (one.in_plan is None) == alone, one
        # a paper is named with its DOI
        if re.search(r"\d{4}", one.profile):
            assert "doi:10." in one.source, one
        for name in (one.name, one.in_plan or one.name):
            ending = max((u for u in UNITS if name == u or name.endswith(f"_{u}")), key=len, default=None)
            size = re.search(r"_\d+mm$", name) is not None  # sas_2mm: a size, not a unit
            assert one.unit == ("" if ending is None or size else UNITS[ending]), one


def test_page_has_the_catalog() -> None:
    spec = importlib.util.spec_from_file_location("metrics_table", ROOT / "docs" / "metrics_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.PAGE.read_text("utf-8")
    assert page == module.with_table(page), "run python docs/metrics_table.py"
    for one in CATALOG:
        assert f"| `{one.name}` | {one.label} |" in page, one


def test_page_has_the_numbers_of_its_example() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    for what, value in example.numbers().items():
        assert example.row(what, value) in page
    assert page.count(" mm |\n") + page.count(" /mm |\n") > 5


@pytest.mark.parametrize(
    "fields",
    [
        {"radiation": "ELECTRON"},
        {"radiation": "PROTON"},
        {"radiation": ""},
        {"radiation": None},
        {"delivery_type": "SETUP"},
        {"delivery_type": "OPEN_PORTFILM"},
    ],
)
def test_only_photon_treatment_beams(fields: dict[str, Any]) -> None:
    assert of(f.beam(leaves=SQUARE, **fields)) == [None]


def test_why_a_beam_is_unknown() -> None:
    for beam, reason in (
        (f.beam(leaves=SQUARE), None),
        (f.beam(), "no MLC"),
        (f.beam(leaves=[SQUARE, Missing.INVALID]), "leaf positions"),
        (f.beam(leaves=SQUARE, jaws_x=[Missing.EMPTY]), "jaw"),
        (f.beam(leaves=SQUARE, weights=[1.0, 0.0]), "weights"),
        (f.beam(leaves=f.rectangle(0, 0, -50, 50)), "open"),
    ):
        (found,) = of(beam)
        assert found is not None
        assert (found.unknown is None) if reason is None else (reason in (found.unknown or ""))
        assert (found.values["du2014"]["bi"] is None) == (reason is not None)


def test_a_plan_is_the_mean_by_meterset() -> None:
    square, slit = f.beam(1, leaves=SQUARE), f.beam(2, leaves=SLIT)
    scheme = (f.group(1, [1, 2], metersets={1: 50.0, 2: 150.0}),)
    plan = plan_metrics(of(square, slit, groups=scheme))
    assert plan.values["du2014"] == pytest.approx(
        {"pa_mm2": 0.25 * 1e4 + 0.75 * 2e3, "pi": (0.25 * 400**2 / 1e4 + 0.75 * 240**2 / 2e3) / (4 * 3.141592653589793),
         "pm": 0}
    )  # fmt: skip
    assert plan.values["mcniven2010"] == pytest.approx({"lsv": 1, "aav": 1, "mcs": 1})
    assert beams_without(plan, "du2014", "pm") == ()


def test_one_unknown_beam_makes_the_plan_unknown() -> None:
    known, jaws_only, electrons = f.beam(1, leaves=SQUARE), f.beam(2), f.beam(3, radiation="ELECTRON")
    plan = plan_metrics(of(electrons, known, jaws_only))
    assert plan.beams[0] is None
    assert plan.values["du2014"] == {"pa_mm2": None, "pi": None, "pm": None}
    assert beams_without(plan, "du2014", "pm") == (2,)
    assert beams_without(plan, "mcniven2010", "mcs") == (2,)
    # Electrons are no part of it.
    assert plan_metrics(of(electrons, known)).values["du2014"]["pm"] == 0


def test_without_a_meterset_several_beams_have_no_mean() -> None:
    beams = (f.beam(1, leaves=SQUARE), f.beam(2, leaves=SLIT))
    some = (f.group(1, [1, 2], metersets={1: 50.0, 2: Missing.INVALID}),)
    plan = plan_metrics(of(*beams, groups=some))
    assert plan.values["du2014"]["pm"] is None
    assert beams_without(plan, "du2014", "pm") == ()
    # One beam needs no weight.
    alone = plan_metrics(of(beams[0], groups=None))
    assert alone.values["du2014"]["pa_mm2"] == pytest.approx(1e4)


def test_a_plan_without_photon_beams_has_no_values() -> None:
    plan = plan_metrics(of(f.beam(radiation="ELECTRON")))
    assert {value for group in plan.values.values() for value in group.values()} == {None}
