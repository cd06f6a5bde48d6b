"""What a policy sets for integrity checks and machines, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.coding.codeset import CodeSet, choose, parse_policy, with_policy
from rtcode.errors import PolicyError
from rtcode.integrity import ALL_CHECKS
from rtcode.integrity.types import Severity
from tests import factory as f
from tests.conftest import PLANS, Runner

CHECKS = {check.id: check for check in ALL_CHECKS}


def rules_under(text: str) -> CodeSet:
    rules = choose()
    policy = parse_policy(f'name = "Clinic"\n{text}'.encode(), rules, name="site.toml")
    return with_policy(rules, policy, name="site.toml")


def test_without_a_policy_the_defaults_hold() -> None:
    rules = choose()
    for id, check in CHECKS.items():
        assert rules.checks.severity_of(id, check) is check.severity
        assert dict(rules.checks.limits_of(id, check)) == {key: limit.default for key, limit in check.limits.items()}
    assert rules.plugins == ()
    assert dict(rules.machines.entries) == {}


def test_a_policy_sets_severities_and_limits() -> None:
    rules = rules_under(
        '[checks.unapproved]\nseverity = "off"\n[checks.prescription_sum]\ntolerance_percent = 1\n'
        '[checks.meterset_large]\nseverity = "error"\nbeam_mu = 1500.5\n'
    )
    assert rules.checks.severity_of("unapproved", CHECKS["unapproved"]) is Severity.OFF
    assert rules.checks.severity_of("meterset_large", CHECKS["meterset_large"]) is Severity.ERROR
    assert rules.checks.severity_of("prescription_sum", CHECKS["prescription_sum"]) is Severity.WARNING
    assert rules.checks.limits_of("meterset_large", CHECKS["meterset_large"]) == {"beam_mu": 1500.5}
    assert rules.checks.limits_of("prescription_sum", CHECKS["prescription_sum"]) == {
        "tolerance_percent": 1.0,
        "point_tolerance_percent": 20.0,
    }


def test_a_policy_names_machines() -> None:
    rules = rules_under(
        '[machines."TrueBeam 1"]\ngantry_speed_deg_s = 5\nleaf_travel_mm = [-150, 150.5]\n'
        "gantry_range_deg = [-180, 180]\n"
    )
    limits = rules.machines.limits_of(f.beam(1, machine_name="truebeam 1 "))
    assert limits.gantry_speed_deg_s == 5.0
    assert limits.leaf_travel_mm == (-150.0, 150.5)
    assert limits.source.startswith("policy")
    assert not rules.machines.limits_of(f.beam(1, machine_name="TB2")).source.startswith("policy")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[checks.unaproved]\nseverity = "off"\n', ("no integrity check 'unaproved'",)),
        ('[checks."clinic.x"]\nseverity = "off"\n', ("no integrity check 'clinic.x'", 'allow = ["clinic"]')),
        ('[checks.unapproved]\nseverity = "fatal"\n', ("checks.unapproved.severity", "error, warning, note, off")),
        ("[checks.unapproved]\nseverity = 1\n", ("checks.unapproved.severity",)),
        ("[checks.unapproved]\nlimit = 1\n", ("checks.unapproved", "'limit'", "it takes severity")),
        ("[checks.meterset_large]\nbeam = 1\n", ("'beam'", "it takes severity, beam_mu")),
        ('[checks.meterset_large]\nbeam_mu = "1"\n', ("checks.meterset_large.beam_mu must be a number (MU)",)),
        ("[checks.meterset_large]\nbeam_mu = true\n", ("must be a number",)),
        ("[checks.meterset_large]\nbeam_mu = 0\n", ("must be at least 1",)),
        ("[checks.meterset_large]\nbeam_mu = nan\n", ("must be at least 1",)),
        ("[checks.prescription_sum]\ntolerance_percent = 101\n", ("at least 0 and at most 100",)),
        ("[checks.meterset_large]\nbeam_mu = [1]\n", ("checks.meterset_large.beam_mu",)),
        ("[checks]\nunapproved = 1\n", ("checks.unapproved: must be a table",)),
        ("checks = 1\n", ("checks: must be a table",)),
        ('[machines."TB"]\nspeed = 1\n', ("machines.TB.speed: is not a known key",)),
        ('[machines."TB"]\nleaf_travel_mm = [1]\n', ('machines."TB".leaf_travel_mm', "two numbers")),
        ('[machines."TB"]\nleaf_travel_mm = [5, 1]\n', ('machines."TB".leaf_travel_mm',)),
        ('[machines."TB"]\ngantry_speed_deg_s = -1\n', ('machines."TB".gantry_speed_deg_s',)),
        ('[machines."TB"]\ngantry_speed_deg_s = "6"\n', ("machines.TB.gantry_speed_deg_s",)),
        ('[plugins]\nallowed = ["x"]\n', ("plugins.allowed: is not a known key",)),
        ('[plugins]\nallow = "x"\n', ("plugins.allow: must be a list",)),
        ('[plugins]\nallow = ["nobody_has_this"]\n', ("'nobody_has_this' is not installed", "install")),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text: str, says: tuple[str, ...]) -> None:
    with pytest.raises(PolicyError) as caught:
        rules_under(text)
    for part in ("site.toml", *says):
        assert part in caught.value.line()


def test_the_command_line_applies_them_and_shows_them(rtcode: Runner, tmp_path: Any) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text(
        'name = "Clinic"\n[checks.unapproved]\nseverity = "error"\n[checks.software_missing]\nseverity = "off"\n'
    )
    import json

    ran = rtcode("analyze", PLANS / "V106_unapproved.dcm", "--policy", policy, "--format", "json")
    (plan,) = json.loads(ran.out)["plans"]
    found = {finding["check"]: finding["severity"] for finding in plan["integrity"]["findings"]}
    assert found["unapproved"] == "error"
    assert "software_missing" in plan["integrity"]["off"]
    shown = json.loads(rtcode("codeset", "show", "--policy", policy, "--format", "json").out)
    assert shown["in_force"]["checks"]["unapproved"]["severity"] == "error"
    assert shown["checks"]["unapproved"]["severity"] == "warning"
    text = rtcode("codeset", "show", "--policy", policy).out
    for id in CHECKS:
        assert f"  {id} = " in text
    assert "set to error" in text
    policy.write_text('name = "Clinic"\n[checks.unapproved]\nseverity = "severe"\n')
    ran = rtcode("analyze", PLANS / "V106_unapproved.dcm", "--policy", policy)
    assert ran.code == 2
    assert "checks.unapproved.severity must be one of" in ran.err
