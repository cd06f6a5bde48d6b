"""Deciding again gives what a fresh scan under the same rules gives, and reads no plan."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import rtcode.archive.redecide
from rtcode.archive.database import connect
from rtcode.archive.dataset import Dataset, store_path
from rtcode.archive.redecide import redecide
from rtcode.archive.scan import Progress
from rtcode.archive.settings import header_again, job_again
from rtcode.errors import UsageError
from tests.archive.support import NDJSON, archive, lines, rows, scan
from tests.conftest import PLANS, ROOT, Runner

POLICIES = {
    "distances": "[values]\nsame_isocenter_mm = 0.5\ndistinct_isocenter_mm = 1\nshaped_leaf_mm = 40\nopposed_deg = 20",
    "stereotactic": "[values]\nstereotactic_fractions = 10\nstereotactic_doubt_gy = 1\nstereotactic_ask_gy = 1\n",
    "words": '[values]\nphantom_words = ["prostate", "pelvis"]\nmotion_words = ["oropharynx"]\n',
    "firm": 'not_provisional = ["motion_words", "planning_unknown"]\n',
}
#: Those that run also where time is short.
QUICK = (("none", "distances"), ("uid", "words"))


def again(source: Path, folder: Path, *, workers: int = 0, **rules: Any) -> None:
    opened = Dataset.open(source)
    job = job_again(opened, **rules)
    folder.mkdir(exist_ok=True)
    redecide(source, folder, job, header_again(opened, job), NDJSON, Progress(), workers)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All fixtures scanned at each level of identifiers."""
    found = {}
    for level in ("none", "uid", "full"):
        folder = tmp_path_factory.mktemp(level)
        scan(folder, PLANS, identifiers=level)
        found[level] = folder
    return found


@pytest.mark.parametrize("level", ["none", "uid", "full"])
def test_the_same_rules_give_the_same(everything: dict[str, Path], tmp_path: Path, level: str) -> None:
    again(everything[level], tmp_path / "again")
    assert lines(tmp_path / "again") == lines(everything[level])
    assert len(rows(tmp_path / "again", "session")) > 100


@pytest.mark.parametrize(
    ("level", "name"),
    [
        pytest.param(level, name, marks=[] if (level, name) in QUICK else [pytest.mark.slow])
        for level in ("none", "uid", "full")
        for name in POLICIES
    ],
)
def test_a_policy_gives_what_a_fresh_scan_gives(
    everything: dict[str, Path], tmp_path: Path, level: str, name: str
) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text(f'name = "{name}"\n{POLICIES[name]}')
    again(everything[level], tmp_path / "again", policy=str(policy))
    scan(tmp_path / "fresh", PLANS, identifiers=level, policy=str(policy))
    assert lines(tmp_path / "again") == lines(tmp_path / "fresh")
    assert lines(tmp_path / "again")[1:] != lines(everything[level])[1:], "a policy that changes nothing"


def test_words_that_were_not_kept_are_refused(everything: dict[str, Path], tmp_path: Path) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text('name = "words"\n[values]\nmotion_words = ["our own word"]\n')
    with pytest.raises(UsageError, match="adds words"):
        again(everything["none"], tmp_path / "again", policy=str(policy))


def test_real_plans(real_plans_dir: Path, tmp_path: Path) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text(f'name = "site"\n{POLICIES["distances"]}')
    for level in ("none", "uid"):
        scan(tmp_path / level, real_plans_dir, identifiers=level)
        again(tmp_path / level, tmp_path / f"{level}-again", policy=str(policy))
        scan(tmp_path / f"{level}-fresh", real_plans_dir, identifiers=level, policy=str(policy))
        assert lines(tmp_path / f"{level}-again") == lines(tmp_path / f"{level}-fresh")


def test_no_plan_is_read(tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    scan(tmp_path / "ds", folder)
    shutil.rmtree(folder)
    again(tmp_path / "ds", tmp_path / "again", answers=[("motion_management", "yes")], workers=2)
    assert lines(tmp_path / "again")[0]["answers"] == {"motion_management": "yes"}
    levels = {line["suggestion"]["level"] for line in rows(tmp_path / "again", "session")}
    assert 3 in levels
    assert [line for line in lines(tmp_path / "again") if line["type"] in ("failure", "skipped")] == [
        line for line in lines(tmp_path / "ds") if line["type"] in ("failure", "skipped")
    ]


def test_another_code_set(tmp_path: Path) -> None:
    """Next year's codes: the same file under another id, in which simple photons count as 3D."""
    text = (ROOT / "rtcode" / "coding" / "codesets" / "us_cms_2026.toml").read_text("utf-8")
    changed = text.replace("us-cms-2026", "us-cms-2027").replace('"77407"', '"99407"')
    assert changed != text
    (tmp_path / "codes.toml").write_text(changed)
    scan(tmp_path / "ds", archive(tmp_path / "archive"))
    again(tmp_path / "ds", tmp_path / "again", code_set=str(tmp_path / "codes.toml"))
    assert lines(tmp_path / "again")[0]["code_set"]["id"] == "us-cms-2027"
    codes = {line["suggestion"]["code"] for line in rows(tmp_path / "again", "session")}
    assert "99407" in codes and "77407" not in codes
    # What was decided by a file can be decided again, too: the dataset has the file.
    (tmp_path / "codes.toml").unlink()
    again(tmp_path / "again", tmp_path / "answered", answers=[("motion_management", "yes")])
    assert {line["suggestion"]["code"] for line in rows(tmp_path / "answered", "session")} >= {"77412"}
    again(tmp_path / "again", tmp_path / "back", code_set="us-cms-2026")
    assert lines(tmp_path / "back") == lines(tmp_path / "ds")


def test_interrupted_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(tmp_path / "ds", archive(tmp_path / "archive"))
    monkeypatch.setattr(rtcode.archive.redecide, "_BATCH", 2)
    real = rtcode.archive.redecide.decide_batch
    calls: list[int] = []

    def failing(job: Any, batch: Any) -> Any:
        calls.append(len(batch))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(job, batch)

    monkeypatch.setattr(rtcode.archive.redecide, "decide_batch", failing)
    with pytest.raises(KeyboardInterrupt):
        again(tmp_path / "ds", tmp_path / "again")
    assert not (tmp_path / "again" / "scan.ndjson").exists()
    again(tmp_path / "ds", tmp_path / "again")
    assert sum(calls) < 2 * 9
    assert lines(tmp_path / "again") == lines(tmp_path / "ds")


def test_another_dataset_is_not_overwritten(tmp_path: Path) -> None:
    scan(tmp_path / "ds", archive(tmp_path / "archive"))
    scan(tmp_path / "other", PLANS / "example.dcm")
    with pytest.raises(UsageError, match="holds another one"):
        again(tmp_path / "ds", tmp_path / "other", answers=[("motion_management", "yes")])


def test_what_cannot_be_decided_again_is_told_and_scanned(tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    scan(tmp_path / "ds", folder)
    db = connect(store_path(tmp_path / "ds"), write=True)
    db.execute("UPDATE plan SET packed = NULL WHERE id = 1")
    db.execute("UPDATE plan SET packed = x'00ff' WHERE id = 2")
    db.close()
    again(tmp_path / "ds", tmp_path / "again")
    failed = [line for line in rows(tmp_path / "again", "failure") if "does not suffice" in line["message"]]
    assert len(failed) == 2
    # The dataset is one like any other: a scan under the same rules brings it up to date.
    assert scan(tmp_path / "again", folder).read == 2
    assert lines(tmp_path / "again") == lines(tmp_path / "ds")


def test_by_the_command_line(rtcode: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    archive(tmp_path / "archive")
    rtcode("scan", "archive", "--manifest", "m")
    for part in ("1/2", "2/2"):
        rtcode("scan", "--manifest", "m", "-o", "ds", "--shard", part, "--workers", "0", "--format", "ndjson")
    ran = rtcode("redecide", "ds", "-o", "new", "--answer", "motion_management=yes", "--workers", "0",
                 "--format", "ndjson")  # fmt: skip
    assert (ran.code, ran.err) == (3, "")
    assert "plans were decided again; none was read" in ran.out
    assert sorted(path.name for path in Path("new").iterdir()) == ["shard-1-of-2", "shard-2-of-2"]
    (header, *_) = (json.loads(line) for line in Path("new/shard-1-of-2/scan.ndjson").read_text().splitlines())
    assert header["answers"] == {"motion_management": "yes"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ds"], "no folder for the new dataset"),
        (["nowhere", "-o", "new"], "no dataset in this folder"),
        (["ds", "-o", "new", "--code-set", "us-cms-1999"], "no code set with this id"),
        (["ds", "-o", "new", "--code-set", "nowhere.toml"], "code set file cannot be read"),
        (["ds", "-o", "new", "--policy", "nowhere.toml"], "policy file cannot be read"),
        (["ds", "-o", "new", "--answer", "motion_management=maybe"], "no answer to motion_management"),
    ],
)
def test_usage(
    rtcode: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path / "ds", PLANS / "example.dcm")
    ran = rtcode("redecide", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
