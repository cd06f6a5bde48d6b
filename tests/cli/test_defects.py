"""A defect in rtcode costs the input that it happens on, not the other inputs of the call."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import rtcode.analysis
import rtcode.features.site
from rtcode import analyze
from rtcode.errors import DefectError, ExitCode
from rtcode.outputs.schema import json_schema
from tests.conftest import PLANS, Ran, Runner

GOOD = PLANS / "example_prostate_vmat.dcm"
BAD = PLANS / "example.dcm"
SECRET = "CANARY^Patient"


def uid_of(path: Path) -> str:
    return str(rtcode.read_plan(path).sop_instance_uid)


def failing(where: Callable[..., Any], hits: Callable[..., bool]) -> Callable[..., Any]:
    """The function, but for the arguments that are hit it raises what no code of ours expects."""

    def replacement(*arguments: Any, **keywords: Any) -> Any:
        if hits(*arguments):
            raise LookupError(SECRET)
        return where(*arguments, **keywords)

    return replacement


@pytest.fixture(params=["reading", "a beam", "a detector", "the output"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """rtcode with a defect that one plan meets, at one of the steps of its way."""
    bad = uid_of(BAD)
    data = BAD.read_bytes()
    import rtcode.outputs.json

    places: dict[str, tuple[Any, str, Callable[..., bool]]] = {
        "reading": (rtcode.analysis, "read_plan", lambda source, *rest: source == data),
        "a beam": (rtcode.analysis, "describe", lambda beam, *rest: beam.plan.sop_instance_uid == bad),
        "a detector": (
            rtcode.features.site,
            "detect",
            lambda session, *rest: any(plan.sop_instance_uid == bad for plan in session.plans),
        ),
        "the output": (rtcode.outputs.json, "_plan", lambda report, *rest: report.plan.sop_instance_uid == bad),
    }
    module, name, hits = places[request.param]
    monkeypatch.setattr(module, name, failing(getattr(module, name), hits))
    return str(request.param)


def assert_told(ran: Ran) -> None:
    assert ran.code == ExitCode.DEFECT
    (line,) = ran.err.splitlines()
    assert line.startswith(f"rtcode: defect: {BAD}: LookupError at ")
    assert SECRET not in ran.out + ran.err and "Traceback" not in ran.out + ran.err


def test_json(rtcode: Runner, broken: str) -> None:
    ran = rtcode("analyze", BAD, GOOD, "--format", "json")
    assert_told(ran)
    data = json.loads(ran.out)
    jsonschema.Draft202012Validator(json_schema("analysis")).validate(data)
    assert [plan["path"] for plan in data["plans"]] == [str(GOOD)]
    assert [session["suggestion"]["level"] for session in data["sessions"]] == [2]
    assert [(failure["path"], failure["code"]) for failure in data["failures"]] == [(str(BAD), "defect")]


def test_text(rtcode: Runner, broken: str) -> None:
    ran = rtcode("analyze", GOOD, BAD)
    assert_told(ran)
    assert ran.out.splitlines()[0].startswith("Level 2 ") and "[defect]" in ran.out


def test_ndjson(rtcode: Runner, broken: str) -> None:
    ran = rtcode("analyze", BAD, GOOD, "--format", "ndjson")
    assert_told(ran)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["type"] for line in lines] == ["header", "session", "failure", "summary"]
    assert lines[2]["code"] == "defect"


def test_csv(rtcode: Runner, broken: str) -> None:
    ran = rtcode("analyze", BAD, GOOD, "--format", "csv")
    assert_told(ran)
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["type"], row["path"], row["error_code"]) for row in rows] == [
        ("session", str(GOOD), ""),
        ("failure", str(BAD), "defect"),
    ]


def test_alone(rtcode: Runner, broken: str) -> None:
    ran = rtcode("analyze", BAD, "--format", "json")
    assert_told(ran)
    assert json.loads(ran.out)["sessions"] == []


def test_the_others_answers_are_those_of_a_call_without_it(rtcode: Runner, broken: str) -> None:
    others = [GOOD, PLANS / "V40_pelvis_two_groups.dcm"]
    with_it = json.loads(rtcode("analyze", others[0], BAD, others[1], "--format", "json").out)
    without = json.loads(rtcode("analyze", *others, "--format", "json").out)
    assert with_it["sessions"] == without["sessions"] and with_it["plans"] == without["plans"]


def test_other_failures_keep_their_codes(rtcode: Runner, broken: str, tmp_path: Path) -> None:
    (tmp_path / "empty.dcm").write_bytes(b"")
    ran = rtcode("analyze", tmp_path / "empty.dcm", BAD, GOOD, "--format", "json")
    assert ran.code == ExitCode.DEFECT
    assert {failure["code"] for failure in json.loads(ran.out)["failures"]} == {"empty_file", "defect"}


def test_plans_that_fail_only_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of one patient are also taken as one: a defect there shows with both plans only."""
    first, second = sorted((PLANS / "V87").iterdir())[:2]
    hits = lambda session, *rest: len(session.plans) > 1  # noqa: E731
    monkeypatch.setattr("rtcode.features.site.detect", failing(rtcode.features.site.detect, hits))
    others = [PLANS / "V13_pelvis_shaped.dcm", PLANS / "V40_pelvis_two_groups.dcm"]
    done = analyze([others[0], first, second, others[1]])
    assert done.exit_code == ExitCode.DEFECT
    assert [report.plan.source.path for report in done.results.plans] == [str(p) for p in (others[0], first, others[1])]
    assert [(f.path, f.code) for f in done.results.failures] == [(str(second), "defect")]


@pytest.mark.parametrize("bad", [{0}, {3}, {0, 1, 2, 3, 4, 5}, {1, 4}])
def test_any_number_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: set[int]) -> None:
    names = ["V01_", "V13_", "V40_", "V45_", "V90_", "V92_"]
    paths = [next(PLANS.glob(f"{name}*.dcm")) for name in names]
    uids = {uid_of(paths[i]) for i in bad}
    hits = lambda session, *rest: any(plan.sop_instance_uid in uids for plan in session.plans)  # noqa: E731
    monkeypatch.setattr("rtcode.features.site.detect", failing(rtcode.features.site.detect, hits))
    done = analyze(paths)
    assert [f.path for f in done.results.failures] == [str(paths[i]) for i in sorted(bad)]
    kept = [str(path) for i, path in enumerate(paths) if i not in bad]
    assert [report.plan.source.path for report in done.results.plans] == kept


def test_a_defect_while_a_source_is_opened(rtcode: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copy(BAD, tmp_path / "plan.dcm")
    import rtcode.sources.expand as expand

    hits = lambda path, *rest: path == tmp_path  # noqa: E731
    monkeypatch.setattr(expand, "_folder", failing(expand._folder, hits))
    ran = rtcode("analyze", tmp_path, GOOD, "--format", "json")
    data = json.loads(ran.out)
    assert ran.code == ExitCode.DEFECT and len(data["sessions"]) == 1
    assert [(f["path"], f["code"]) for f in data["failures"]] == [(str(tmp_path), "defect")]


def test_a_defect_that_is_no_plans_is_none(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **keywords: object) -> str:
        raise LookupError(SECRET)

    monkeypatch.setattr("rtcode.outputs.text.render_text", broken)
    ran = rtcode("analyze", GOOD, BAD)
    assert (ran.code, ran.out) == (ExitCode.DEFECT, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("rtcode: defect: LookupError at ") and SECRET not in line


def test_the_place_of_a_defect_is_the_innermost_in_rtcode() -> None:
    try:
        rtcode.analysis.day_of(5)  # type: ignore[arg-type]
    except TypeError as error:
        line = DefectError.of(error).line()
    assert line.startswith("defect: TypeError at rtcode.analysis:")
    assert "unknown place" in DefectError.of(ValueError(SECRET)).line()
