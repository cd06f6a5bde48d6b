"""``rtcode analyze --format html|pdf``: options, outputs and refusals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import PLANS, Runner
from tests.support import needs_weasyprint
from tests.test_layers import modules_after

#: One electron beam: a sheet that is quick to set.
SMALL = PLANS / "V06_electron_bolus.dcm"
EXAMPLE = PLANS / "example.dcm"


def test_html_to_standard_output_and_to_a_file(rtcode: Runner, tmp_path: Path) -> None:
    shown = rtcode("analyze", EXAMPLE, "--format", "html")
    assert shown.code == 0 and shown.err == "" and shown.out.startswith("<!DOCTYPE html>")
    output = tmp_path / "sheet.html"
    assert rtcode("analyze", EXAMPLE, "--format", "html", "-o", output).out == ""
    assert output.read_text("utf-8") == shown.out
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.html"]


def test_pdf_to_a_file_and_a_pipe(rtcode: Runner, tmp_path: Path) -> None:
    needs_weasyprint()
    output = tmp_path / "sheet.pdf"
    ran = rtcode("analyze", SMALL, "--format", "pdf", "-o", output)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert output.read_bytes().startswith(b"%PDF-")
    letter = tmp_path / "letter.pdf"
    assert rtcode("analyze", SMALL, "--format", "pdf", "--paper", "letter", "-o", letter).code == 0
    assert letter.read_bytes() != output.read_bytes()


def test_a_terminal_gets_no_pdf(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    ran = rtcode("analyze", EXAMPLE, "--format", "pdf")
    assert ran.code == 2 and ran.out == "" and "-" in ran.err and "--output" in ran.err


def test_without_weasyprint_it_says_what_to_install(
    rtcode: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    ran = rtcode("analyze", EXAMPLE, "--format", "pdf", "-o", tmp_path / "x.pdf")
    assert ran.code == 2 and "rtcode[pdf]" in ran.err and ran.err.count("\n") == 1
    assert not list(tmp_path.iterdir())
    assert rtcode("analyze", EXAMPLE, "--format", "html").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "html", "--paper", "letter"],
        ["--paper", "letter"],
        ["--archive-table", "table.csv"],
        ["--format", "pdf", "--paper", "a5"],
        ["--format", "html", "--archive-table", "no such table.csv"],
        ["--format", "html", "--archive-table", str(EXAMPLE)],
    ],
)
def test_wrong_options(rtcode: Runner, arguments: list[str]) -> None:
    ran = rtcode("analyze", EXAMPLE, *arguments)
    assert ran.code == 2 and ran.out == "" and ran.err.startswith("rtcode: usage: ") and ran.err.count("\n") == 1


def test_an_archive_table_from_an_earlier_analysis(rtcode: Runner, tmp_path: Path) -> None:
    archive = tmp_path / "archive.ndjson"
    assert rtcode("analyze", PLANS, "--format", "ndjson", "-o", archive).code == 0
    if b'"mcs"' not in archive.read_bytes():
        pytest.skip("no metrics are computed")
    ran = rtcode("analyze", EXAMPLE, "--format", "html", "--archive-table", archive)
    assert ran.code == 0 and "Place in the site" in ran.out
    whole = archive.read_text("utf-8")
    archive.write_text(whole[: len(whole) // 2], "utf-8")
    ran = rtcode("analyze", EXAMPLE, "--format", "html", "--archive-table", archive)
    assert ran.code == 2 and ran.out == "" and "line " in ran.err


def test_the_table_is_not_overwritten(rtcode: Runner, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("technique,a.b\nvmat,1\n")
    ran = rtcode("analyze", EXAMPLE, "--format", "html", "--archive-table", table, "-o", table)
    assert ran.code == 2 and table.read_text().startswith("technique")


def test_failures_keep_their_exit_code(rtcode: Runner, tmp_path: Path) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"no plan")
    ran = rtcode("analyze", EXAMPLE, broken, "--format", "html")
    assert ran.code == 3 and "Could not be used" in ran.out and "broken.dcm" in ran.err


def test_a_failing_picture_costs_its_own_plan(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from rtcode.outputs import pictures
    from rtcode.plan.sessions import PlannedBeam

    draw = pictures.view_and_notes
    first = sorted((PLANS / "V75").iterdir())[0]

    def broken(planned: PlannedBeam, control_point: int) -> tuple[str, str]:
        if planned.plan.source.path == str(first):
            raise KeyError("CANARY")
        return draw(planned, control_point)

    monkeypatch.setattr(pictures, "view_and_notes", broken)
    ran = rtcode("analyze", PLANS / "V75", "--format", "html")
    assert ran.code == 70 and "CANARY" not in ran.out + ran.err
    assert "Level" in ran.out and "Could not be used" in ran.out


def test_a_plain_analysis_imports_nothing_of_the_sheet() -> None:
    loaded = modules_after("from rtcode.cli.app import run\nassert run(['analyze', 'fixtures/plans/example.dcm']) == 0")
    assert not {name for name in loaded if name.startswith(("jinja2", "weasyprint", "rtcode.outputs.sheet"))}
    assert not {name for name in loaded if name.startswith("rtcode.outputs.pictures")}
