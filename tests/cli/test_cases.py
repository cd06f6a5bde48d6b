"""``rtcode cases`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.archive.test_cases import ELECTRONS, PHOTONS, plan
from tests.conftest import Runner

HERE = ("--workers", "0")


@pytest.fixture
def dataset(rtcode: Runner, tmp_path: Path) -> Path:
    plan(tmp_path / "in", "photons", PHOTONS)
    plan(tmp_path / "in", "electrons", ELECTRONS, shift=(85, -60, 15))
    ran = rtcode("scan", tmp_path / "in", "-o", tmp_path / "ds", "--format", "ndjson", *HERE)
    assert ran.code == 0
    return tmp_path / "ds"


def test_text(rtcode: Runner, dataset: Path) -> None:
    ran = rtcode("cases", dataset, *HERE)
    assert (ran.code, ran.err) == (0, "")
    assert "level 2 alone, level 3 together" in ran.out and "photons in one plan, electrons in another" in ran.out


def test_json_and_ndjson_hold_the_same(rtcode: Runner, dataset: Path) -> None:
    data = json.loads(rtcode("cases", dataset, "--format", "json", *HERE).out)
    ran = rtcode("cases", dataset, "--format", "ndjson", *HERE)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines == [data["header"], *data["cases"], *data["not_judged"], data["summary"]]
    output = dataset / "cases.ndjson"
    assert rtcode("cases", dataset, "--format", "ndjson", "-o", output, *HERE).out == ""
    assert output.read_text("utf-8") == ran.out


@pytest.mark.parametrize("name", ["private/key", "private/store.sqlite", "private/new", "scan.ndjson"])
def test_the_dataset_is_not_written_over(rtcode: Runner, dataset: Path, name: str) -> None:
    before = (dataset / name).read_bytes() if (dataset / name).exists() else None
    ran = rtcode("cases", dataset, "--format", "ndjson", "-o", dataset / name, *HERE)
    assert ran.code == 2 and "part of the dataset" in ran.err
    assert ((dataset / name).read_bytes() if (dataset / name).exists() else None) == before


def test_without_a_dataset(rtcode: Runner, tmp_path: Path) -> None:
    for arguments in ((), (tmp_path,)):
        ran = rtcode("cases", *arguments)
        assert ran.code == 2 and ran.err.startswith("rtcode: usage: ")
