"""What an archive holds: every count against a count by hand over the scan's own lines, parts, and the three forms."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pydicom
import pytest

from rtcode.archive import summary_store
from rtcode.archive.database import connect
from rtcode.archive.dataset import store_path
from rtcode.archive.engines import InProcess
from rtcode.archive.listing import list_source
from rtcode.archive.scan import Progress, fill
from rtcode.archive.settings import header_of, job_of
from rtcode.archive.summary import summarize
from rtcode.archive.summary_counts import MOST_NAMES, OTHERS, First, Groups, session_of
from rtcode.errors import UsageError
from rtcode.outputs.schema import json_schema
from rtcode.outputs.summary_html import render_summary_html
from rtcode.outputs.summary_text import render_summary_text
from rtcode.outputs.summary_words import looked_at, period_groups
from tests.archive.support import FILES, KEY, NDJSON, PLANS_IN, SESSIONS, archive, image, lines, rows, scan
from tests.conftest import PLANS
from tests.outputs.test_browser import CHROMIUM, measured


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan of all synthetic plans."""
    output = tmp_path_factory.mktemp("plans") / "ds"
    scan(output, PLANS)
    return output


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan of a mixed archive."""
    folder = tmp_path_factory.mktemp("mixed")
    scan(folder / "ds", archive(folder / "archive"))
    return folder / "ds"


def part(output: Path, number: int, of: int, *sources: Path, day: str | None = None) -> None:
    """A part of a scan that is divided."""
    folder = output / f"shard-{number}-of-{of}"
    folder.mkdir(parents=True)
    job = job_of(folder, code_set=None, date_of_service=day, answers=(), policy=None, identifiers="uid", site_key=KEY)
    listings = [(str(one), list_source(str(one))) for one in sources]
    fill(folder, listings, job, header_of(job, f"{number}/{of}"), InProcess(), Progress(), NDJSON)


def of_session(line: dict[str, Any]) -> tuple[int | None, str]:
    return line["suggestion"]["level"], line["suggestion"]["status"]


def by_hand(sessions: list[dict[str, Any]], names: Any) -> dict[str | None, dict[str, Any]]:
    """Sessions by names, as a reader of the table would count them."""
    found: dict[str | None, dict[str, Any]] = {}
    for line in sessions:
        level, status = of_session(line)
        for name in names(line) or [None]:
            group = found.setdefault(
                name, {"name": name, "sessions": 0, "levels": {"1": 0, "2": 0, "3": 0}, "no_level": 0, "provisional": 0}
            )
            group["sessions"] += 1
            group["provisional"] += status == "provisional"
            if level is None:
                group["no_level"] += 1
            else:
                group["levels"][str(level)] += 1
    return found


def named(groups: list[Any]) -> dict[str | None, dict[str, Any]]:
    assert len({group["name"] for group in groups}) == len(groups)
    return {group["name"]: group for group in groups}


# --------------------------------------------------------------------------------------------------------------- counts


def test_counts_are_those_of_the_table(plans: Path) -> None:
    sessions = rows(plans, "session")
    data = summarize(plans)
    assert data["sessions"] == len(sessions) > 100
    assert data["by_status"] == Counter(status for _, status in map(of_session, sessions))
    assert data["by_level"] == Counter(str(level) for level, _ in map(of_session, sessions) if level is not None)
    both = {(one["level"], one["status"]): one["sessions"] for one in data["by_level_and_status"]}
    assert both == Counter(map(of_session, sessions))
    flags = Counter(flag for line in sessions for flag in {one["id"] for one in line["suggestion"]["flags"]})
    assert {one["id"]: one["sessions"] for one in data["flags"]} == flags
    asked = Counter(
        (question["id"], line["suggestion"]["status"] == "provisional")
        for line in sessions
        for question in line["suggestion"]["questions"]
    )
    assert {one["id"] for one in data["questions"]} == {name for name, _ in asked}
    for one in data["questions"]:
        assert (one["provisional"], one["others"]) == (asked[one["id"], True], asked[one["id"], False])


def test_groups_are_those_of_the_table(plans: Path) -> None:
    sessions = rows(plans, "session")
    data = summarize(plans)
    assert named(data["by_month"]) == by_hand(sessions, lambda line: [line["plan"]["month"]])
    assert named(data["by_machine"]) == by_hand(sessions, lambda line: line["plan"]["machines"])
    assert named(data["by_technique"]) == by_hand(sessions, lambda line: line["features"]["techniques"])
    systems = by_hand(sessions, lambda line: [(line["plan"]["manufacturer"], line["plan"]["model"])])
    assert len(data["by_system"]) == len(systems)
    for system in data["by_system"]:
        counts = systems[system["manufacturer"], system["model"]]  # type: ignore[index]
        assert (system["sessions"], system["levels"]) == (counts["sessions"], counts["levels"])
    sizes = [group["sessions"] for group in data["by_machine"]]
    assert sizes == sorted(sizes, reverse=True)


def test_the_mix_of_levels(plans: Path) -> None:
    sessions = [line for line in rows(plans, "session") if line["suggestion"]["level"] is not None]
    mix = summarize(plans)["mix"]
    fractions = Counter[int]()
    for line in sessions:
        fractions[line["suggestion"]["level"]] += line["features"]["fractions"] or 0
    for share in mix["levels"]:
        at = [line for line in sessions if line["suggestion"]["level"] == share["level"]]
        assert share["sessions"] == len(at)
        assert share["percent"] == round(100 * len(at) / len(sessions), 1)
        assert share["at_ceiling"] == sum(line["suggestion"]["ceiling"] == share["level"] for line in sessions)
        assert share["fractions"] == fractions[share["level"]]
        assert share["percent_of_fractions"] == round(100 * fractions[share["level"]] / fractions.total(), 1)
    assert mix["fractions_unknown"] == sum(not line["features"]["fractions"] for line in sessions)
    expected = [share["expected"] for share in mix["levels"]]
    assert [one and one["citation"] for one in expected] == ["paper:62", "paper:68", "paper:73"]
    assert any("decide nothing for a single plan" in note for note in mix["notes"])
    assert any("is a floor" in note for note in mix["notes"])


def test_provisional_sessions(plans: Path) -> None:
    open_ones = [line["suggestion"] for line in rows(plans, "session") if line["suggestion"]["status"] == "provisional"]
    found = summarize(plans)["provisional"]
    assert found["sessions"] == len(open_ones) > 5
    assert found["without_question"] == sum(not one["questions"] for one in open_ones)
    changes = {(one["floor"], one["ceiling"]): one["sessions"] for one in found["changes"]}
    assert changes == Counter((one["floor"], one["ceiling"]) for one in open_ones)
    widths = [(one["ceiling"] or 0) - (one["floor"] or 0) for one in found["changes"]]
    assert widths == sorted(widths, reverse=True)


def test_files_in_are_files_out(mixed: Path) -> None:
    data = summarize(mixed)
    files = data["files"]
    assert (files["files"], files["plans"], data["sessions"]) == (FILES, PLANS_IN, SESSIONS)
    assert files["files"] == files["plans"] + files["failures"] + files["skipped"]
    assert files["in_equals_out"] and files["listed"] == files["with_outcome"] < files["files"]
    assert files["duplicates"] == files["by_skipped"]["duplicate"] == 1
    (_, *body, end) = lines(mixed)
    assert files["skipped"] == sum(files["by_skipped"].values()) == end["skipped"]
    failed = Counter(line["code"] for line in body if line["type"] == "failure")
    assert {one["code"]: one["files"] for one in data["failures"]} == failed == Counter(end["by_failure"])
    assert {one["code"] for one in data["failures"] if one["may_be_plan"]} == {"duplicate_conflict", "truncated"}


def test_a_file_that_got_lost_is_told(mixed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "ds"
    shutil.copytree(mixed, copy)
    with sqlite3.connect(store_path(copy)) as db:
        assert db.execute("DELETE FROM file WHERE CAST(name AS TEXT) LIKE '%CT3'").rowcount == 1
    data = summarize(copy)
    assert not data["files"]["in_equals_out"]
    assert "DO NOT ADD UP" in render_summary_text(data) and "do not add up" in render_summary_html(data)


def test_a_plan_without_its_file_does_not_count(mixed: Path, tmp_path: Path) -> None:
    """As an interrupted scan leaves it: the file is gone, its plan not yet forgotten."""
    copy = tmp_path / "ds"
    shutil.copytree(mixed, copy)
    with sqlite3.connect(store_path(copy)) as db:
        assert db.execute("DELETE FROM file WHERE CAST(name AS TEXT) LIKE '%V24_prostate_vmat.dcm'").rowcount == 1
        db.execute("UPDATE root SET listed = listed - 1")
    data = summarize(copy)
    assert (data["files"]["plans"], data["sessions"]) == (PLANS_IN - 1, SESSIONS - 1)
    assert data["files"]["in_equals_out"]


def test_what_is_taken_from_a_line_is_what_it_says(plans: Path, mixed: Path) -> None:
    for dataset in (plans, mixed):
        for text in (dataset / "scan.ndjson").read_text("utf-8").splitlines():
            line = json.loads(text)
            if line["type"] == "session":
                session = session_of(text)
                assert session.id == line["id"] and session.plan == line["plan"]
                assert session.techniques == line["features"]["techniques"]
                assert session.fractions == line["features"]["fractions"]
                assert session.suggestion == line["suggestion"]


# ------------------------------------------------------------------------------------------------ what to look at first


def test_what_to_look_at_first(plans: Path) -> None:
    sessions = {line["id"]: line for line in rows(plans, "session")}
    data = summarize(plans)
    items = data["look_first"]["items"]
    kinds = [kind["kind"] for kind in data["look_first"]["kinds"]]
    assert kinds == ["not_assessable", "provisional", "out_of_scope", "conflict", "failure"]
    assert [item["kind"] for item in items] == sorted((item["kind"] for item in items), key=kinds.index)
    wanted = {
        name
        for name, line in sessions.items()
        if line["suggestion"]["status"] in ("provisional", "not_assessable")
        or (line["suggestion"]["status"] == "out_of_scope" and line["suggestion"]["questions"])
    }
    assert {item["session"] for item in items if item["session"]} == wanted
    for item in items:
        if item["session"]:
            line = sessions[item["session"]]
            found = line["suggestion"]
            assert (item["path"], item["label"], item["reason"]) == (
                line["plan"]["path"],
                line["plan"]["label"],
                found["reason"],
            )
            assert (item["status"], item["floor"], item["ceiling"]) == (
                found["status"],
                found["floor"],
                found["ceiling"],
            )
            assert item["question"] == (found["questions"][0]["id"] if found["questions"] else None)
    changes = [(item["ceiling"] or 0) - (item["floor"] or 0) for item in items if item["kind"] == "provisional"]
    assert changes == sorted(changes, reverse=True) and changes[0] > changes[-1]


def test_conflicts_and_failures_that_may_be_plans_are_to_be_looked_at(mixed: Path) -> None:
    items = [item for item in summarize(mixed)["look_first"]["items"] if item["code"]]
    assert [(item["kind"], item["code"]) for item in items] == [
        ("conflict", "duplicate_conflict"),
        ("conflict", "duplicate_conflict"),
        ("failure", "truncated"),
    ]
    assert items[2]["path"].endswith("cut.dcm") and items[2]["session"] is None


def test_the_first_of_many_are_kept_and_no_more() -> None:
    made = []

    def item(number: int) -> Any:
        made.append(number)
        return {"path": f"{number:04}"}

    first = First("conflict", most=10)
    for number in (*range(500, 0, -1), *range(1000, 2000)):
        first.add((number,), lambda number=number: item(number))  # type: ignore[misc]
    assert [one["path"] for one in first.items()] == [f"{number:04}" for number in range(1, 11)]
    assert first.found == 1500 and not any(number >= 1000 for number in made)


def test_names_without_end_take_no_memory_without_end() -> None:
    groups = Groups()
    for number in range(MOST_NAMES + 500):
        groups.add(f"machine {number}", 2, False)
    found = named(groups.by_sessions())
    assert len(found) == MOST_NAMES + 1
    assert found[OTHERS]["sessions"] == 500


def test_no_kind_crowds_out_the_others() -> None:
    def items(kind: str, count: int) -> list[Any]:
        return [{"kind": kind, "path": f"{kind} {number}"} for number in range(count)]

    look: Any = {
        "most_of_a_kind": 1000,
        "kinds": [{"kind": kind} for kind in ("not_assessable", "provisional", "out_of_scope", "conflict", "failure")],
        "items": [*items("not_assessable", 2), *items("provisional", 900), *items("conflict", 7)],
    }
    shown = Counter(item["kind"] for item in looked_at(look, 20))
    assert shown == {"not_assessable": 2, "provisional": 14, "conflict": 4}
    assert len(looked_at(look, 10_000)) == 909


# ---------------------------------------------------------------------------------------------------------------- parts


@pytest.fixture
def divided(tmp_path: Path) -> tuple[Path, Path]:
    """An archive as a whole and in two parts, with a copy and a conflict across the parts."""
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    for name in ("V01_electron_cheek", "V24_prostate_vmat", "V40_pelvis_two_groups", "V30_breast_field_in_field"):
        shutil.copy(PLANS / f"{name}.dcm", a)
    for name in ("V10_single_pa", "V24_prostate_vmat", "V40_pelvis_two_groups"):
        shutil.copy(PLANS / f"{name}.dcm", b / f"copy of {name}.dcm")
    changed = pydicom.dcmread(PLANS / "V30_breast_field_in_field.dcm")
    changed.RTPlanLabel = "changed"
    changed.save_as(b / "conflict.dcm")
    image(b / "CT1")
    scan(tmp_path / "whole", a, b)
    part(tmp_path / "parts", 1, 2, a)
    part(tmp_path / "parts", 2, 2, b)
    return tmp_path / "whole", tmp_path / "parts"


def test_parts_are_counted_as_the_whole(divided: tuple[Path, Path]) -> None:
    whole, parts = map(summarize, divided)
    assert parts["parts"] == {"read": 2, "of": 2, "missing": []}
    assert parts["notes"] == []
    assert parts["files"]["copies_across_parts"] == 2
    assert parts["files"]["conflicts_across_parts"] == 2
    assert parts["files"]["in_equals_out"]
    assert whole["files"]["copies_across_parts"] == whole["files"]["conflicts_across_parts"] == 0
    for name in whole:
        if name not in ("parts", "files", "look_first"):
            assert parts[name] == whole[name], name  # type: ignore[literal-required]
    across = ("copies_across_parts", "conflicts_across_parts")
    assert {k: v for k, v in parts["files"].items() if k not in across} == {
        k: v for k, v in whole["files"].items() if k not in across
    }
    assert parts["look_first"]["kinds"] == whole["look_first"]["kinds"]
    conflicts = [item for item in parts["look_first"]["items"] if item["kind"] == "conflict"]
    assert [Path(item["path"]).name for item in conflicts] == ["V30_breast_field_in_field.dcm", "conflict.dcm"]
    assert "another file" in conflicts[0]["reason"]
    assert "2 of 2 parts" in render_summary_text(parts)


def test_a_conflict_within_a_part_is_one_for_a_copy_in_another(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    shutil.copy(PLANS / "V30_breast_field_in_field.dcm", a / "one.dcm")
    shutil.copy(PLANS / "V30_breast_field_in_field.dcm", b / "one again.dcm")
    changed = pydicom.dcmread(PLANS / "V30_breast_field_in_field.dcm")
    changed.RTPlanLabel = "changed"
    changed.save_as(a / "other.dcm")
    part(tmp_path / "parts", 1, 2, a)
    part(tmp_path / "parts", 2, 2, b)
    data = summarize(tmp_path / "parts")
    assert (data["sessions"], data["files"]["plans"], data["files"]["failures"]) == (0, 0, 3)
    assert data["files"]["conflicts_across_parts"] == 1


def test_a_part_that_is_missing_is_told(divided: tuple[Path, Path]) -> None:
    shutil.rmtree(divided[1] / "shard-2-of-2")
    data = summarize(divided[1])
    assert data["parts"] == {"read": 1, "of": 2, "missing": [2]}
    assert "1 of 2 parts of the archive are not here" in data["notes"][0]
    assert data["notes"][0] in render_summary_html(data)


def test_parts_under_different_rules_are_refused(tmp_path: Path) -> None:
    part(tmp_path, 1, 2, PLANS / "example.dcm")
    part(tmp_path, 2, 2, PLANS / "V10_single_pa.dcm", day="2026-03-02")
    with pytest.raises(UsageError, match="different rules"):
        summarize(tmp_path)


def test_parts_of_two_divisions_are_refused(tmp_path: Path) -> None:
    part(tmp_path, 1, 2, PLANS / "example.dcm")
    part(tmp_path, 2, 3, PLANS / "V10_single_pa.dcm")
    with pytest.raises(UsageError, match="different divisions"):
        summarize(tmp_path)


# ---------------------------------------------------------------------------------------------------------------- forms


def schema_of() -> Any:
    """The schema, closed: a key that the contract does not name would be noticed."""

    def closed(value: Any) -> Any:
        if isinstance(value, dict):
            made = {key: closed(inner) for key, inner in value.items()}
            return {**made, "additionalProperties": False} if "properties" in made else made
        return [closed(inner) for inner in value] if isinstance(value, list) else value

    return closed(json_schema("summary"))


def test_json_follows_its_schema(plans: Path, mixed: Path, divided: tuple[Path, Path]) -> None:
    validator = jsonschema.Draft202012Validator(schema_of())
    for dataset in (plans, mixed, divided[1]):
        validator.validate(json.loads(json.dumps(summarize(dataset))))


def test_an_archive_without_plans(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    image(tmp_path / "images" / "CT1")
    scan(tmp_path / "ds", tmp_path / "images")
    data = summarize(tmp_path / "ds")
    jsonschema.Draft202012Validator(schema_of()).validate(data)
    assert (data["sessions"], data["files"]["files"], data["files"]["skipped"]) == (0, 1, 1)
    assert data["provisional"]["percent"] is None and data["look_first"]["items"] == []
    text, page = render_summary_text(data), render_summary_html(data)
    for form in (text, page):
        assert "0 treatment sessions in 0 plans, from 1 file" in form
        assert "nothing that has to be looked at first" in form
    assert "Mix of levels" not in text and "<svg" not in page


def hostile(tmp_path: Path) -> Path:
    """A scan of a provisional plan whose texts would be markup."""
    plan = pydicom.dcmread(PLANS / "V11_lumbar_open.dcm")
    plan.RTPlanLabel = "<script>x"
    plan.Manufacturer = '"><img src=//evil>'
    for beam in plan.BeamSequence:
        beam.TreatmentMachineName = "</style><b>\x1b[31m"
    (tmp_path / "in").mkdir()
    plan.save_as(tmp_path / "in" / "a&b<i>.dcm")
    scan(tmp_path / "ds", tmp_path / "in")
    return tmp_path / "ds"


def test_texts_of_plans_are_no_markup(tmp_path: Path) -> None:
    data = summarize(hostile(tmp_path))
    assert data["look_first"]["items"][0]["label"] == "<script>x", "the plan is listed with its label"
    page = render_summary_html(data)
    assert "&lt;script&gt;x" in page and "a&amp;b&lt;i&gt;.dcm" in page
    for markup in ("<script", "<img", "<b>", "<i>", "\x1b"):
        assert markup not in page
    assert page.count("</style>") == 1
    text = render_summary_text(data)
    assert "\x1b" not in text and "\\x1b[31m" in text


def test_the_page_stands_alone(plans: Path) -> None:
    page = render_summary_html(summarize(plans))
    assert page.count("<svg") > 20
    assert "<script" not in page and "<link" not in page and "@import" not in page and "url(" not in page
    assert not re.search(r"\s(?:src|href|action|on\w+)\s*=\s*\"(?!#)", page)
    assert set(re.findall(r"https?://[^\s\"<]+", page)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, Debian's package chromium")
def test_the_page_fits_a_screen_and_a_tablet(plans: Path, tmp_path: Path) -> None:
    page = tmp_path / "summary.html"
    page.write_text(render_summary_html(summarize(plans)), "utf-8")
    for width in (1024, 820):
        found = measured(page, tmp_path / "profile", width)
        assert found["wide"] <= found["window"] and not found["cut"]


def test_the_text_is_80_columns_wide(plans: Path) -> None:
    assert all(len(line) <= 80 for line in render_summary_text(summarize(plans)).splitlines())


def test_a_doubt_that_no_question_settles_is_told(plans: Path) -> None:
    data = summarize(plans)
    assert "without a question" not in render_summary_text(data) + render_summary_html(data)
    data["provisional"]["without_question"] = 3
    for form in (render_summary_text(data), render_summary_html(data)):
        assert "3 provisional sessions without a question" in form


def test_many_months_become_years() -> None:
    def month(name: str | None) -> Any:
        return {"name": name, "sessions": 2, "levels": {"1": 1, "2": 0, "3": 0}, "no_level": 1, "provisional": 1}

    data: Any = {"by_month": [month("2024-11"), month("2024-12"), month("2025-01"), month(None)]}
    assert period_groups(data, 4) == ("month", data["by_month"])
    period, groups = period_groups(data, 3)
    assert (period, [(group["name"], group["sessions"]) for group in groups]) == (
        "year",
        [("2024", 4), ("2025", 2), (None, 2)],
    )
    assert groups[0]["levels"] == {"1": 2, "2": 0, "3": 0} and groups[0]["provisional"] == 2


# ---------------------------------------------------------------------------------------------------------- identifiers


def test_without_identifiers_nothing_of_a_plan_is_told(tmp_path: Path) -> None:
    plan = pydicom.dcmread(PLANS / "V11_lumbar_open.dcm")
    plan.PatientName, plan.PatientID, plan.RTPlanLabel = "CANARY^Name", "CANARY1", "CANARY label"
    plan.StationName = plan.Manufacturer = plan.ManufacturerModelName = "CANARY maker"
    plan.RTPlanDate = "20260317"
    for beam in plan.BeamSequence:
        beam.TreatmentMachineName, beam.BeamName = "CANARY machine", "CANARY beam"
    (tmp_path / "CANARY").mkdir()
    plan.save_as(tmp_path / "CANARY" / "CANARY.dcm")
    scan(tmp_path / "ds", tmp_path / "CANARY", identifiers="none")
    data = summarize(tmp_path / "ds")
    forms = (json.dumps(data), render_summary_text(data), render_summary_html(data))
    for form in forms:
        assert "CANARY" not in form and str(plan.SOPInstanceUID) not in form and "2026-03" not in form
    assert [group["name"] for group in data["by_month"]] == ["2026"], "a year where there are no months"
    assert data["by_machine"][0]["name"] and len(data["look_first"]["items"]) == 1
    assert "By year of the plan's date" in forms[1]


# --------------------------------------------------------------------------------------------------------------- errors


def test_a_damaged_store_is_a_usage_error(mixed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "ds"
    shutil.copytree(mixed, copy)
    with sqlite3.connect(store_path(copy)) as db:
        db.execute("UPDATE session SET line = x'00ff'")
    with pytest.raises(UsageError, match="damaged"):
        summarize(copy)
    store_path(copy).write_bytes(b"nothing" * 1000)
    with pytest.raises(UsageError, match="damaged"):
        summarize(copy)


def test_a_scan_can_write_while_sessions_are_read(plans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary_store, "PIECE", 7)
    copy = tmp_path / "ds"
    shutil.copytree(plans, copy)
    reading = summary_store.Part(connect(store_path(copy), write=False))
    sessions = reading.sessions()
    seen = [next(sessions) for _ in range(10)]
    with sqlite3.connect(store_path(copy), timeout=0) as db:
        db.execute("UPDATE root SET listed = listed + 0")
    seen += sessions
    reading.close()
    assert len(seen) == len(rows(plans, "session"))
    assert [plan for plan, _ in seen] == sorted(plan for plan, _ in seen)


def test_real_plans(real_plans_dir: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", real_plans_dir)
    data = summarize(tmp_path / "ds")
    assert data["files"]["in_equals_out"]
    assert data["by_level"] == lines(tmp_path / "ds")[-1]["by_level"]
    jsonschema.Draft202012Validator(schema_of()).validate(data)
