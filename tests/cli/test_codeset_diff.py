"""``rtcode codeset diff``: what differs, and what that does to a scanned archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rtcode.archive.database import connect
from rtcode.archive.dataset import store_path
from rtcode.outputs.schema import json_schema
from tests.archive.support import rows, said, scan
from tests.conftest import PLANS, ROOT, Runner

CODES = ROOT / "rtcode" / "coding" / "codesets" / "us_cms_2026.toml"
POLICY = 'name = "Site"\n[values]\ndistinct_isocenter_mm = 100\nstereotactic_fractions = 1\n'


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("site.toml").write_text(POLICY)
    Path("codes.toml").write_text(
        CODES.read_text("utf-8").replace("us-cms-2026", "us-cms-2027").replace("77402", "99402")
    )
    scan(Path("ds"), PLANS)
    return Path("ds")


def diff(rtcode: Runner, *arguments: str) -> dict[str, Any]:
    ran = rtcode("codeset", "diff", *arguments, "--format", "json", "--workers", "0")
    assert (ran.code, ran.err) == (0, "")
    data: dict[str, Any] = json.loads(ran.out)
    jsonschema.validate(data, json_schema("codeset-diff"))
    return data


def test_the_changes_are_those_of_two_scans(rtcode: Runner, dataset: Path) -> None:
    found = diff(rtcode, "us-cms-2026", "site.toml", "ds")["dataset"]
    scan(Path("fresh"), PLANS, policy="site.toml")
    before = {line["id"]: line for line in rows(dataset, "session")}
    after = {line["id"]: line for line in rows(Path("fresh"), "session")}

    def outcome(line: dict[str, Any]) -> tuple[Any, ...]:
        return said(line)[:5]

    changed = {name for name in before if outcome(before[name]) != outcome(after[name])}
    assert len(changed) > 3
    assert {change["session"] for change in found["changes"]} == changed
    assert (found["sessions"], found["changed"], found["undecided"]) == (len(before), len(changed), 0)
    assert sum(way["sessions"] for way in found["ways"]) == len(changed)
    for change in found["changes"]:
        line = after[change["session"]]
        assert change["after"]["level"] == line["suggestion"]["level"]
        assert change["path"] == line["plan"]["path"]
        other = {one["id"]: one["status"] for one in before[change["session"]]["criteria"]}
        assert {one["id"]: one["after"] for one in change["criteria"]} == {
            one["id"]: one["status"] for one in line["criteria"] if other.get(one["id"]) != one["status"]
        }


def test_the_rules_that_differ(rtcode: Runner, dataset: Path) -> None:
    data = diff(rtcode, "us-cms-2026", "site.toml")
    assert data["dataset"] is None
    assert {one["where"]: (one["before"], one["after"]) for one in data["rules"]} == {
        "in_force.values.distinct_isocenter_mm": (10.0, 100.0),
        "in_force.values.stereotactic_fractions": (5, 1),
    }
    assert diff(rtcode, "us-cms-2026", "us-cms-2026", "ds")["dataset"]["changed"] == 0


def test_next_years_codes_from_a_file(rtcode: Runner, dataset: Path) -> None:
    data = diff(rtcode, "us-cms-2026", "codes.toml", "ds")
    assert data["b"]["id"] == "us-cms-2027"
    codes = {(one["before"]["code"], one["after"]["code"]) for one in data["dataset"]["changes"]}
    assert codes == {("77402", "99402")}


def test_the_policy_of_the_dataset_does_not_count(rtcode: Runner, dataset: Path) -> None:
    scan(Path("under"), PLANS, policy="site.toml")
    assert diff(rtcode, "us-cms-2026", "site.toml", "under")["dataset"]["changed"] > 3
    assert diff(rtcode, "site.toml", "site.toml", "under")["dataset"]["changed"] == 0


def test_as_text(rtcode: Runner, dataset: Path) -> None:
    ran = rtcode("codeset", "diff", "us-cms-2026", "site.toml", "ds", "--workers", "2")
    assert (ran.code, ran.err) == (0, "")
    assert "in_force.values.distinct_isocenter_mm: 10.0 -> 100.0" in ran.out
    assert "sessions change" in ran.out and "V101_robotic_prostate.dcm" in ran.out
    assert "a human confirms" in ran.out


def test_what_cannot_be_decided_is_counted(rtcode: Runner, dataset: Path) -> None:
    db = connect(store_path(dataset), write=True)
    db.execute("UPDATE plan SET packed = NULL WHERE id < 4")
    db.close()
    assert diff(rtcode, "us-cms-2026", "site.toml", "ds")["dataset"]["undecided"] == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["us-cms-2026", "us-cms-1999"], "no code set with this id"),
        (["us-cms-2026", "nowhere.toml"], "cannot be read"),
        (["us-cms-2026", "site.toml", "nowhere"], "no dataset in this folder"),
        (["us-cms-2026", "broken.toml"], "broken.toml"),
    ],
)
def test_usage(rtcode: Runner, dataset: Path, arguments: list[str], says: str) -> None:
    Path("broken.toml").write_text("= nothing")
    ran = rtcode("codeset", "diff", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
