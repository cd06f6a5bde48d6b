"""``rtcode analyze``: options, exit codes and errors as the contract has them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from rtcode.cli.analyze import Format
from rtcode.outputs.schema import json_schema
from tests.conftest import PLANS, ROOT, Ran, Runner

EXAMPLE = PLANS / "example.dcm"
VMAT = PLANS / "example_prostate_vmat.dcm"
PROTONS = PLANS / "V92_proton_plan.dcm"
CLOSING = "us-cms-2026 revision 1: suggestion, human confirms"


def other_object(path: Path, sop_class: str = "1.2.840.10008.5.1.4.1.1.2") -> Path:
    """A valid DICOM object that is no plan: a CT image by default."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    data = Dataset()
    data.file_meta = meta
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = sop_class, "1.2.3.4.5", "CT"
    data.PatientName = "CANARY^Other"
    data.save_as(path, enforce_file_format=True)
    return path


def document(ran: Ran) -> dict[str, Any]:
    data = json.loads(ran.out)
    jsonschema.Draft202012Validator(json_schema("analysis")).validate(data)
    return data  # type: ignore[no-any-return]


def one_error_line(ran: Ran, code: str) -> str:
    """Standard error as its only line, which has to have the contract's form."""
    (line,) = ran.err.splitlines()
    assert line.startswith(f"rtcode: {code}: "), line
    assert "Traceback" not in ran.err
    return line


# ------------------------------------------------------------------------------------------------------------ formats


def test_text_says_the_level_first_and_the_code_set_last(rtcode: Runner) -> None:
    ran = rtcode("analyze", EXAMPLE)
    lines = ran.out.splitlines()
    assert ran.code == 0 and ran.err == ""
    assert lines[0] == "Level 2 (77407): provisional"
    assert lines[-1] == CLOSING
    assert "--answer motion_management=yes  leads to level 3" in ran.out


def test_json(rtcode: Runner) -> None:
    data = document(rtcode("analyze", EXAMPLE, "--format", "json"))
    assert data["schema"] == "rtcode.analysis/1"
    cited = {key.partition(":")[0] for s in data["sessions"] for c in s["criteria"] for key in c["citations"]}
    assert cited <= set(data["code_set"].pop("sources"))
    assert data["code_set"] == {
        "id": "us-cms-2026",
        "revision": 1,
        "effective_from": "2026-01-01",
        "effective_through": "2026-12-31",
    }
    assert (data["identifiers"], data["date_of_service"], data["policy"], data["answers"]) == ("uid", None, None, {})
    (session,) = data["sessions"]
    assert session["suggestion"]["level"] == 2
    (plan,) = data["plans"]
    assert plan["path"] == str(EXAMPLE)
    assert [beam["role"] for beam in plan["beams"]].count("treatment") == 2


def test_ndjson_has_a_header_and_a_summary(rtcode: Runner, tmp_path: Path) -> None:
    other_object(tmp_path / "image.dcm")
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    (tmp_path / "broken.dcm").write_bytes(b"nothing")
    ran = rtcode("analyze", tmp_path, "--format", "ndjson")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    validator = jsonschema.Draft202012Validator(json_schema("stream"))
    for line in lines:
        validator.validate(line)
    assert [line["type"] for line in lines] == ["header", "session", "failure", "skipped", "summary"]
    summary = lines[-1]
    assert (summary["sessions"], summary["failures"], summary["skipped"]) == (1, 1, 1)
    assert summary["by_status"] == {"provisional": 1}
    assert summary["by_level"] == {"2": 1}
    assert lines[1]["plans"][0]["label"] == "L Brst DIBH"


def test_csv_has_a_row_for_every_session_and_failure(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "broken.dcm").write_bytes(b"nothing")
    ran = rtcode("analyze", EXAMPLE, PROTONS, tmp_path / "broken.dcm", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [row["type"] for row in rows] == ["session", "session", "failure"]
    assert (rows[0]["level"], rows[0]["code"], rows[0]["status"]) == ("2", "77407", "provisional")
    assert (rows[1]["level"], rows[1]["code"], rows[1]["status"]) == ("", "", "out_of_scope")
    assert rows[2]["error_code"] == "not_dicom"
    assert ran.code == 3


def test_all_formats_agree(rtcode: Runner) -> None:
    source = PLANS / "V40_pelvis_two_groups.dcm"
    data = document(rtcode("analyze", source, "--format", "json"))
    wanted = [(s["id"], s["suggestion"]["level"], s["suggestion"]["ceiling"]) for s in data["sessions"]]
    rows = csv.DictReader(io.StringIO(rtcode("analyze", source, "--format", "csv").out))
    assert [(r["session"], int(r["level"]), int(r["ceiling"])) for r in rows] == wanted
    lines = map(json.loads, rtcode("analyze", source, "--format", "ndjson").out.splitlines())
    sessions = [line for line in lines if line["type"] == "session"]
    assert [(s["id"], s["suggestion"]["level"], s["suggestion"]["ceiling"]) for s in sessions] == wanted
    text = rtcode("analyze", source).out
    assert [int(line.split()[1]) for line in text.splitlines() if line.startswith("Level ")] == [w[1] for w in wanted]


@pytest.mark.parametrize("format", ["parquet", "xml", "HTML"])
def test_a_format_that_is_not_offered(rtcode: Runner, format: str) -> None:
    ran = rtcode("analyze", EXAMPLE, "--format", format)
    assert ran.code == 2 and ran.out == ""
    line = one_error_line(ran, "usage")
    assert all(offered in line for offered in Format)


# ------------------------------------------------------------------------------------------------- options and errors


def test_an_answer_moves_the_level(rtcode: Runner) -> None:
    data = document(rtcode("analyze", EXAMPLE, "--answer", "motion_management=yes", "--format", "json"))
    assert data["answers"] == {"motion_management": "yes"}
    assert data["sessions"][0]["suggestion"]["level"] == 3


def test_a_question_that_was_not_asked_may_be_answered(rtcode: Runner) -> None:
    ran = rtcode("analyze", VMAT, "--answer", "motion_management=yes", "--format", "json")
    assert document(ran)["sessions"][0]["suggestion"]["level"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "mentions"),
    [
        (["--answer", "motion=yes"], "invalid_answer", "motion_management"),
        (["--answer", "motion_management=perhaps"], "invalid_answer", "yes or no"),
        (["--answer", "planning_2d_3d=yes"], "invalid_answer", "3d or 2d"),
        (["--answer", "motion_management"], "invalid_answer", "QUESTION=VALUE"),
        (["--answer", "total_skin=yes", "--answer", "total_skin=no"], "invalid_answer", "twice"),
        (["--code-set", "us-cms-1999"], "no_code_set", "codeset list"),
        (["--date-of-service", "2031-01-01"], "no_code_set", "2031-01-01"),
        (["--code-set", "us-cms-2026", "--date-of-service", "2025-12-31"], "no_code_set", "2025-12-31"),
        (["--date-of-service", "01.02.2026"], "usage", "YYYY-MM-DD"),
        (["--date-of-service", "2026-02-30"], "usage", "YYYY-MM-DD"),
        (["--date-of-service", "2026-W10-1"], "usage", "YYYY-MM-DD"),
        (["--date-of-service", "20260302"], "usage", "YYYY-MM-DD"),
        (["--date-of-service", "２０２６-03-02"], "usage", "YYYY-MM-DD"),
        (["--date-of-service", ""], "usage", "YYYY-MM-DD"),
        (["--fail-on", "everything"], "usage", "not_assessable"),
        (["--fail-on", ""], "usage", "empty"),
        (["--fail-on", "provisional,"], "usage", "empty"),
        ([""], "usage", "empty"),
        (["--policy", "no-such-policy.toml"], "invalid_policy", "path"),
        (["--identifiers", "some"], "usage", "uid"),
        (["--nonsense"], "usage", "--help"),
        (["--output", "no/such/folder/x.json"], "usage", "folder"),
        (["--output", str(PLANS)], "usage", "folder"),
        (["--output", str(EXAMPLE)], "usage", "sources"),
    ],
)
def test_usage_errors_are_one_line_and_nothing_is_analyzed(
    rtcode: Runner, arguments: list[str], code: str, mentions: str
) -> None:
    before = EXAMPLE.read_bytes()
    ran = rtcode("analyze", EXAMPLE, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert mentions in one_error_line(ran, code)
    assert EXAMPLE.read_bytes() == before


def test_no_source_is_a_usage_error(rtcode: Runner) -> None:
    ran = rtcode("analyze")
    assert ran.code == 2
    one_error_line(ran, "usage")


def test_a_policy_is_named_in_the_output(rtcode: Runner, tmp_path: Path) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text('name = "Site"\n[values]\ndistinct_isocenter_mm = 5.0\n')
    source = PLANS / "V45_isocenters_8_mm.dcm"
    default = document(rtcode("analyze", source, "--format", "json"))
    changed = document(rtcode("analyze", source, "--policy", policy, "--format", "json"))
    assert default["sessions"][0]["suggestion"]["status"] == "provisional"
    assert changed["policy"]["name"] == "Site" and len(changed["policy"]["sha256"]) == 64
    assert changed["sessions"][0]["suggestion"]["level"] == 3
    assert "Policy Site" in rtcode("analyze", source, "--policy", policy).out


def test_a_policy_with_an_unknown_id(rtcode: Runner, tmp_path: Path) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text('name = "Site"\n[values]\nnot_a_value = 5.0\n')
    ran = rtcode("analyze", EXAMPLE, "--policy", policy)
    assert ran.code == 2
    assert "not_a_value" in one_error_line(ran, "invalid_policy")


def test_without_a_date_a_flag_says_so(rtcode: Runner) -> None:
    def flags(*arguments: str) -> set[str]:
        data = document(rtcode("analyze", EXAMPLE, "--format", "json", *arguments))
        return {flag["id"] for flag in data["sessions"][0]["suggestion"]["flags"]}

    assert "no_date_of_service" in flags()
    assert "no_date_of_service" not in flags("--date-of-service", "2026-03-02")


def test_same_session_joins_and_is_refused_across_patients(rtcode: Runner) -> None:
    folder = PLANS / "V87"
    assert len(document(rtcode("analyze", folder, "--format", "json"))["sessions"]) == 2
    joined = document(rtcode("analyze", folder, "--same-session", "--format", "json"))
    (session,) = joined["sessions"]
    assert session["joined_by"] == "request" and len(session["parts"]) == 2
    ran = rtcode("analyze", EXAMPLE, PROTONS, "--same-session")
    assert ran.code == 2
    one_error_line(ran, "cannot_join")


@pytest.mark.parametrize(
    ("gates", "source", "code"),
    [
        ([], EXAMPLE, 0),
        (["--fail-on", "provisional"], EXAMPLE, 1),
        (["--fail-on", "out_of_scope"], EXAMPLE, 0),
        (["--fail-on", "out_of_scope,provisional"], PROTONS, 1),
        (["--fail-on", "warning", "--fail-on", "mismatch"], EXAMPLE, 0),
        (["--fail-on", "provisional"], VMAT, 0),
    ],
)
def test_fail_on(rtcode: Runner, gates: list[str], source: Path, code: int) -> None:
    ran = rtcode("analyze", source, *gates)
    assert ran.code == code and ran.out.splitlines()[-1] == CLOSING


# -------------------------------------------------------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.dcm", b"", "empty_file"),
        ("letter.dcm", b"Dear colleague, this is no plan." * 20, "not_dicom"),
        ("half.dcm", EXAMPLE.read_bytes()[: EXAMPLE.stat().st_size // 2], "truncated"),
    ],
)
def test_an_input_that_cannot_be_used(rtcode: Runner, tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    ran = rtcode("analyze", EXAMPLE, tmp_path / name, "--format", "json")
    found = document(ran)
    assert ran.code == 3
    assert [(f["path"], f["code"]) for f in found["failures"]] == [(str(tmp_path / name), code)]
    assert len(found["sessions"]) == 1, "the other input still gets its answer"
    one_error_line(ran, code)


def test_another_object_is_a_failure_by_name_and_skipped_in_a_folder(rtcode: Runner, tmp_path: Path) -> None:
    image = other_object(tmp_path / "image.dcm")
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    named = rtcode("analyze", image, "--format", "json")
    assert named.code == 3
    assert [f["code"] for f in document(named)["failures"]] == ["not_a_plan"]
    met = rtcode("analyze", tmp_path, "--format", "json")
    assert met.code == 0 and met.err == ""
    assert document(met)["skipped"] == [{"path": str(image), "code": "not_a_plan"}]


def test_a_folder_with_other_objects_only(rtcode: Runner, tmp_path: Path) -> None:
    other_object(tmp_path / "image.dcm")
    ran = rtcode("analyze", tmp_path)
    assert ran.code == 0
    assert ran.out.startswith("No RT Plan among 1 object.")
    assert "no RT Plan" in ran.err
    assert rtcode("analyze", tmp_path, "--quiet").err == ""


def test_an_empty_folder(rtcode: Runner, tmp_path: Path) -> None:
    ran = rtcode("analyze", tmp_path)
    assert ran.code == 3
    assert "holds no files" in one_error_line(ran, "not_a_plan")


def test_a_missing_path(rtcode: Runner, tmp_path: Path) -> None:
    ran = rtcode("analyze", tmp_path / "gone.dcm")
    assert ran.code == 3
    one_error_line(ran, "unreadable")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_without_permission(rtcode: Runner, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    (tmp_path / "plan.dcm").chmod(0)
    ran = rtcode("analyze", tmp_path / "plan.dcm")
    assert ran.code == 3
    assert "permission" in one_error_line(ran, "unreadable")


def test_litter_in_a_folder_is_no_failure(rtcode: Runner, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    for name in ("Thumbs.db", "README.txt", "report.pdf"):
        (tmp_path / name).write_bytes(b"something else")
    ran = rtcode("analyze", tmp_path, "--format", "json")
    assert ran.code == 0
    assert {s["code"] for s in document(ran)["skipped"]} == {"not_a_plan"} and len(document(ran)["skipped"]) == 3


def test_a_broken_file_in_a_folder_is_a_failure(rtcode: Runner, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    (tmp_path / "RP.1.2.3").write_bytes(b"something else")
    ran = rtcode("analyze", tmp_path, "--format", "json")
    assert ran.code == 3 and [f["code"] for f in document(ran)["failures"]] == ["not_dicom"]


def test_the_same_plan_twice_is_judged_once(rtcode: Runner, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "copy.dcm")
    ran = rtcode("analyze", EXAMPLE, tmp_path / "copy.dcm", "--format", "json")
    data = document(ran)
    assert ran.code == 0 and len(data["sessions"]) == 1
    assert data["skipped"] == [{"path": str(tmp_path / "copy.dcm"), "code": "duplicate"}]


def test_one_uid_with_different_bytes_is_a_conflict(rtcode: Runner, tmp_path: Path) -> None:
    changed = pydicom.dcmread(EXAMPLE)
    changed.RTPlanLabel = "changed"
    changed.save_as(tmp_path / "changed.dcm")
    ran = rtcode("analyze", EXAMPLE, tmp_path / "changed.dcm", VMAT, "--format", "json")
    data = document(ran)
    assert ran.code == 3
    assert sorted((f["path"], f["code"]) for f in data["failures"]) == sorted(
        (str(path), "duplicate_conflict") for path in (EXAMPLE, tmp_path / "changed.dcm")
    )
    assert [plan["path"] for plan in data["plans"]] == [str(VMAT)]


def test_an_archive_and_a_member_in_it(rtcode: Runner, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(EXAMPLE, "inner/plan.dcm")
        archive.write(other_object(tmp_path / "image.dcm"), "inner/image.dcm")
    data = document(rtcode("analyze", tmp_path / "export.zip", "--format", "json"))
    label = str(tmp_path / "export.zip")
    assert [plan["path"] for plan in data["plans"]] == [f"{label}!inner/plan.dcm"]
    assert data["skipped"] == [{"path": f"{label}!inner/image.dcm", "code": "not_a_plan"}]


def test_standard_input(rtcode_process: Runner) -> None:
    ran = rtcode_process("analyze", "-", "--format", "json", stdin=EXAMPLE.read_bytes())
    assert ran.code == 0
    assert document(ran)["plans"][0]["path"] == "-"


def test_files_from(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{EXAMPLE}\n\n{VMAT}\n")
    data = document(rtcode("analyze", "--files-from", tmp_path / "list.txt", "--format", "json"))
    assert [plan["path"] for plan in data["plans"]] == [str(EXAMPLE), str(VMAT)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_files_from_with_a_byte_order_mark(rtcode: Runner, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.txt").write_text(f"{EXAMPLE}\r\n{VMAT}\r\n", encoding)
    data = document(rtcode("analyze", "--files-from", tmp_path / "list.txt", "--format", "json"))
    assert [plan["path"] for plan in data["plans"]] == [str(EXAMPLE), str(VMAT)]


def test_files_from_in_another_encoding_is_refused(rtcode: Runner, tmp_path: Path) -> None:
    """What ``>`` writes in an older PowerShell."""
    (tmp_path / "list.txt").write_text(f"{EXAMPLE}\n", "utf-16")
    ran = rtcode("analyze", "--files-from", tmp_path / "list.txt")
    assert ran.code == 2 and "UTF-16" in one_error_line(ran, "usage")


def test_a_line_that_is_no_path_costs_the_others_nothing(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"a\0b\n" + os.fsencode(EXAMPLE) + b"\n" + b"x" * 300 + b"\n")
    ran = rtcode("analyze", "--files-from", tmp_path / "list.txt", "--format", "json")
    data = document(ran)
    assert ran.code == 3 and len(data["sessions"]) == 1
    assert [failure["code"] for failure in data["failures"]] == ["unreadable", "unreadable"]


@pytest.mark.parametrize("name", ["export.zip", "plan.dcm", "letter.docx", "export"])
def test_an_archive_without_a_dicom_object_fails_whatever_its_name(rtcode: Runner, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    ran = rtcode("analyze", tmp_path / name, "--format", "json")
    data = document(ran)
    assert ran.code == 3
    assert [(f["path"], f["code"]) for f in data["failures"]] == [(str(tmp_path / name), "not_dicom")]
    assert [s["path"] for s in data["skipped"]] == [f"{tmp_path / name}!word/document.xml"]


@pytest.mark.parametrize("name", ["export.zip", "plan.dcm"])
def test_an_archive_with_other_dicom_objects_only(rtcode: Runner, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.write(other_object(tmp_path / "image"), "image.dcm")
        archive.writestr("README.txt", "hello")
    ran = rtcode("analyze", tmp_path / name, "--format", "json")
    assert ran.code == 0 and len(document(ran)["skipped"]) == 2
    assert ran.err == "rtcode: note: there is no RT Plan among the sources\n"


def test_a_folder_without_a_dicom_object(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("hello")
    ran = rtcode("analyze", tmp_path, EXAMPLE, "--format", "json")
    assert ran.code == 3
    assert [(f["path"], f["code"]) for f in document(ran)["failures"]] == [(str(tmp_path), "not_dicom")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe(rtcode: Runner, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    met = rtcode("analyze", tmp_path, "--format", "json")
    assert met.code == 0
    assert document(met)["skipped"] == [{"path": str(tmp_path / "pipe"), "code": "not_a_plan"}]
    named = rtcode("analyze", tmp_path / "pipe")
    assert named.code == 3 and "named pipe" in one_error_line(named, "unreadable")


def test_the_sites_key_is_read_only_for_pseudonyms(
    rtcode: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTCODE_SITE_KEY_FILE", str(tmp_path / "gone"))
    assert rtcode("analyze", EXAMPLE).code == 0
    assert rtcode("analyze", EXAMPLE, "--identifiers", "full").code == 0
    ran = rtcode("analyze", EXAMPLE, "--identifiers", "none")
    assert ran.code == 2
    one_error_line(ran, "usage")


def test_a_url_that_cannot_be_reached(rtcode: Runner) -> None:
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    ran = rtcode("analyze", EXAMPLE, "memory://rtcode-nowhere/plan.dcm", "--format", "json")
    assert ran.code == 4
    data = document(ran)
    assert [f["code"] for f in data["failures"]] == ["source_unavailable"] and len(data["sessions"]) == 1


def test_a_url_without_its_package(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    ran = rtcode("analyze", "s3://bucket/plan.dcm")
    assert ran.code == 2
    assert "rtcode[remote]" in one_error_line(ran, "usage")


# -------------------------------------------------------------------------------------------------------------- output


def test_output_is_written_whole_and_standard_output_stays_empty(rtcode: Runner, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    ran = rtcode("analyze", EXAMPLE, "--format", "json", "--output", target)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert json.loads(target.read_text("utf-8"))["schema"] == "rtcode.analysis/1"
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"], "no temporary file is left"


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_output_keeps_permissions_and_links(rtcode: Runner, tmp_path: Path) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(target)
    assert rtcode("analyze", EXAMPLE, "-o", tmp_path / "link.txt").code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert (tmp_path / "link.txt").is_symlink() and target.read_text("utf-8").splitlines()[-1] == CLOSING


def test_a_usage_error_leaves_the_output_as_it_was(rtcode: Runner, tmp_path: Path) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")
    assert rtcode("analyze", EXAMPLE, "-o", target, "--answer", "x=y").code == 2
    assert target.read_text() == "old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_no_defect(rtcode_process: Runner) -> None:
    ran = rtcode_process("analyze", EXAMPLE, "-o", "/dev/full")
    assert ran.code == 2
    one_error_line(ran, "usage")


def test_no_colors_where_nobody_sees_them(rtcode: Runner) -> None:
    assert "\x1b" not in rtcode("analyze", EXAMPLE).out


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no SIGPIPE here")
def test_a_closed_pipe_does_not_look_like_a_match() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rtcode", "analyze", str(PLANS), "--format", "ndjson"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == -signal.SIGPIPE


@pytest.mark.skipif(os.name == "nt", reason="no terminals like these on Windows")
@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        ([], {"TERM": "xterm"}, True),
        (["--no-color"], {"TERM": "xterm"}, False),
        ([], {"TERM": "xterm", "NO_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
    ],
)
def test_colors_on_a_terminal(arguments: list[str], env: dict[str, str], colored: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "rtcode", "analyze", str(EXAMPLE), *arguments],
        cwd=ROOT,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")} | env,
    )
    os.close(theirs)
    data = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        data += chunk
    os.close(ours)
    assert process.wait(60) == 0
    assert (b"\x1b[" in data) is colored


# ------------------------------------------------------------------------------------------------------------- defects


def test_a_defect_is_one_line_without_values(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **keywords: object) -> None:
        raise ValueError("CANARY^Patient")

    monkeypatch.setattr("rtcode.analysis.analyze", broken)
    ran = rtcode("analyze", EXAMPLE)
    assert ran.code == 70 and ran.out == ""
    assert "CANARY" not in one_error_line(ran, "defect")


def test_an_interruption(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **keywords: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rtcode.analysis.analyze", interrupted)
    ran = rtcode("analyze", EXAMPLE)
    assert ran.code == 130 and "Traceback" not in ran.err


def test_a_session_with_an_input_that_cannot_be_used_is_provisional(rtcode: Runner, tmp_path: Path) -> None:
    # What the lost plan would add is unknown: the others alone must not look settled.
    damaged = tmp_path / "damaged.dcm"
    damaged.write_bytes(b"not a plan")
    whole = next(PLANS.glob("V24*.dcm"))
    for options, expected in (((), ("supported", 2)), (("--same-session",), ("provisional", 2))):
        result = json.loads(rtcode("analyze", whole, damaged, "--format", "json", *options).out)
        (session,) = result["sessions"]
        assert (session["suggestion"]["status"], session["suggestion"]["level"]) == expected
        assert session["suggestion"]["ceiling"] == 3
