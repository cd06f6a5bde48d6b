"""The contract's JSON: units, unknown as null, gantry paths, rounding, and the schema for every fixture."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode import analyze
from rtcode.outputs.angles import gantry_path
from rtcode.outputs.identifiers import number
from rtcode.outputs.json import analysis_dict, dumps
from rtcode.outputs.schema import json_schema
from rtcode.plan.roles import Role
from tests.conftest import PLANS
from tests.factory import beam

FIXTURES = sorted(PLANS.rglob("*.dcm"))


def path(gantry: list[Any], direction: Any) -> list[float] | None:
    return gantry_path(beam(gantry=gantry, direction=direction, count=len(gantry)).control_points)


@pytest.mark.parametrize(
    ("gantry", "direction", "shown", "why"),
    [
        ([30.0, None], None, [30.0], "a gantry that stands"),
        ([180.1, 179.9], ["CW", "NONE"], [180.1, 179.9], "a full turn: the direction says so, not the difference"),
        ([179.9, 180.1], ["CC", "NONE"], [179.9, 180.1], "and back"),
        ([181.0, 270.0, 0.0, 179.0], ["CW", None, None, "NONE"], [181.0, 179.0], "an arc over zero"),
        ([181.0, 179.0, 181.0], ["CW", "CC", "NONE"], [181.0, 179.0, 181.0], "two arcs in one beam: it turns back"),
        ([10.0, 50.0, 30.0], None, [10.0, 50.0, 30.0], "no direction: the shorter way"),
        ([350.0, 10.0], None, [350.0, 10.0], "no direction: the shorter way over zero"),
        ([0.0, 0.01, 0.0], None, [0.0], "noise is no arc"),
    ],
)
def test_gantry_path(gantry: list[Any], direction: Any, shown: list[float], why: str) -> None:
    assert path(gantry, direction) == shown, why


def test_an_unknown_gantry_is_null() -> None:
    points = replace(beam(gantry=[30.0]).control_points, gantry_deg=None)
    assert gantry_path(points) is None


@given(st.floats())
def test_numbers_are_what_json_can_hold(value: float) -> None:
    shown = number(value)
    if not math.isfinite(value):
        assert shown is None
        return
    assert shown is not None and abs(shown - value) <= max(0.5e-4, abs(value) * 1e-15)
    assert math.copysign(1.0, shown) == 1.0 or shown < 0, "no negative zero"


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError):
        dumps({"x": math.nan})


def values(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        for value in data.values():
            yield from values(value)
    elif isinstance(data, list):
        for value in data:
            yield from values(value)
    else:
        yield data


@pytest.mark.parametrize("identifiers", ["none", "uid", "full"])
def test_every_fixture_follows_the_schema(identifiers: Any) -> None:
    validator = jsonschema.Draft202012Validator(json_schema("analysis"))
    for source in (PLANS, *FIXTURES[:20]):
        data = json.loads(dumps(analyze(source).to_dict(identifiers)))
        validator.validate(data)
        assert all(math.isfinite(v) for v in values(data) if isinstance(v, float))


def test_the_schema_names_what_the_contract_names() -> None:
    schema = json_schema("analysis")
    definitions = schema["$defs"]
    assert set(schema["required"]) >= {"schema", "tool_version", "code_set", "plans", "sessions", "failures", "skipped"}
    beam_keys = """number name role radiation energy_mev fff technique control_points meterset_mu gantry_deg
        collimator_deg couch_deg ssd_mm isocenters_mm mlc wedges blocks compensators boluses applicator motion
        metrics"""
    assert set(definitions["BeamDict"]["properties"]) >= set(beam_keys.split())
    suggestion = "status level code floor ceiling reason decided_by questions flags documentation"
    assert set(definitions["SuggestionDict"]["properties"]) >= set(suggestion.split())
    plan_keys = """path sha256 sop_class_uid sop_instance_uid kind label manufacturer model geometry intent
        approval fraction_groups beams warnings"""
    assert set(definitions["PlanDict"]["properties"]) >= set(plan_keys.split())
    assert set(definitions["SessionDict"]["properties"]) >= {"id", "parts", "features", "criteria", "suggestion"}


def test_unknown_is_null_and_never_zero() -> None:
    data = analyze(PLANS / "V107_isocenters_missing.dcm").to_dict()
    isocenters = data["sessions"][0]["features"]["isocenters"]
    assert isocenters["count"] is None and isocenters["nearest_mm"] is None and isocenters["positions_mm"] == []
    proton = analyze(PLANS / "V92_proton_plan.dcm").to_dict()["sessions"][0]["suggestion"]
    assert [proton[key] for key in ("level", "code", "floor", "ceiling")] == [None] * 4  # type: ignore[literal-required]


def test_electrons_have_no_photon_isocenters() -> None:
    data = analyze(PLANS / "V02_electrons_apart.dcm").to_dict()
    assert data["sessions"][0]["features"]["isocenters"]["count"] == 0


def test_a_beam_as_the_contract_shows_it() -> None:
    data = analyze(PLANS / "example.dcm").to_dict()
    first = next(b for b in data["plans"][0]["beams"] if b["role"] == "treatment")
    assert first["radiation"] == "photon" and first["energy_mev"] == [6.0]
    assert first["wedges"] == [{"type": "standard", "angle_deg": 30.0, "used": True}]
    assert first["mlc"] is not None and first["mlc"]["apertures"] == 1 and first["mlc"]["modulated"] is False
    assert first["gantry_deg"] is not None and len(first["gantry_deg"]) == 1
    assert first["meterset_mu"] == 100.0
    setup = next(b for b in data["plans"][0]["beams"] if b["role"] == "setup")
    assert setup["technique"] == "setup" and setup["meterset_mu"] in (None, 0.0)


def test_a_meterset_in_another_unit_is_no_monitor_unit() -> None:
    results = analyze(PLANS / "example.dcm", metrics=False).results
    report = results.plans[0]
    (facts, *_) = [f for f in report.beams if f.planned.role is Role.TREATMENT]
    minutes = replace(facts.planned, beam=replace(facts.planned.beam, dosimeter_unit="MINUTE"))
    changed = replace(report, beams=(replace(facts, planned=minutes),))
    shown = analysis_dict(replace(results, plans=(changed,)))["plans"][0]["beams"][0]
    assert shown["meterset_mu"] is None
    assert shown["meterset"]["unit"] == "MINUTE" and shown["meterset"]["value"] is not None


def test_the_same_call_gives_the_same_bytes() -> None:
    first, second = (dumps(analyze(PLANS / "example.dcm").to_dict()) for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_real_plans_follow_the_schema(real_plans_dir: Path) -> None:
    validator = jsonschema.Draft202012Validator(json_schema("analysis"))
    data = json.loads(dumps(analyze(real_plans_dir).to_dict()))
    validator.validate(data)
    assert len(data["plans"]) > 50
