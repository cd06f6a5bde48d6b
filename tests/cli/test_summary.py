"""``rtcode summary`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtcode.archive.dataset import store_path
from tests.archive.support import FILES, PLANS_IN, SESSIONS, archive, scan
from tests.conftest import Ran, Runner


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("summary")
    scan(folder / "ds", archive(folder / "archive"))
    return folder / "ds"


def refused(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("rtcode: usage: "), line
    return line


def test_text_is_the_default(rtcode: Runner, dataset: Path) -> None:
    ran = rtcode("summary", dataset)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{SESSIONS} treatment sessions in {PLANS_IN} plans, from {FILES} files\n")
    assert "Nothing was dropped" in ran.out and "generally less than 5 % (paper 62)" in ran.out
    assert "\x1b" not in ran.out and ran.out.endswith("a human confirms.\n")
    assert rtcode("summary", dataset, "--format", "text", "--no-color", "-q").out == ran.out


def test_json_and_html_into_files(rtcode: Runner, dataset: Path, tmp_path: Path) -> None:
    for form in ("json", "html"):
        ran = rtcode("summary", dataset, "--format", form, "-o", tmp_path / f"summary.{form}")
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    data = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert (data["schema"], data["sessions"]) == ("rtcode.summary/1", SESSIONS)
    assert json.loads(rtcode("summary", dataset, "--format", "json").out) == data
    page = (tmp_path / "summary.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")


def test_what_is_no_dataset(rtcode: Runner, dataset: Path, tmp_path: Path) -> None:
    assert "there is no dataset" in refused(rtcode("summary", tmp_path))
    assert "there is no dataset" in refused(rtcode("summary", tmp_path / "nowhere"))
    assert "no dataset is named" in refused(rtcode("summary"))
    assert "there is no dataset" in refused(rtcode("summary", dataset / "scan.ndjson"))
    refused(rtcode("summary", "a\0b"))


def test_a_store_that_is_none(rtcode: Runner, tmp_path: Path) -> None:
    store_path(tmp_path).parent.mkdir()
    store_path(tmp_path).write_bytes(b"no store at all" * 100)
    assert "damaged" in refused(rtcode("summary", tmp_path))


@pytest.mark.parametrize("name", ["scan.ndjson", "private/store.sqlite", "private/new", "sub/../scan.ndjson"])
def test_the_dataset_itself_is_not_overwritten(rtcode: Runner, dataset: Path, name: str) -> None:
    (dataset / "sub").mkdir(exist_ok=True)
    before = {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()}
    assert "part of the dataset" in refused(rtcode("summary", dataset, "-o", dataset / name))
    assert {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()} == before


def test_a_result_beside_the_tables_is_fine(rtcode: Runner, dataset: Path) -> None:
    for _ in range(2):
        assert rtcode("summary", dataset, "--format", "html", "-o", dataset / "summary.html").code == 0


def test_it_reads_only(rtcode: Runner, dataset: Path) -> None:
    before = store_path(dataset).read_bytes()
    assert rtcode("summary", dataset).code == 0
    assert store_path(dataset).read_bytes() == before
