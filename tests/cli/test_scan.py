"""``rtcode scan`` as a user calls it: lists, manifests, shards, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.archive.support import FILES, PLANS_IN, SESSIONS, archive, lines, rows
from tests.conftest import PLANS, Ran, Runner, run_process

HERE = ("--workers", "0", "--format", "ndjson")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return archive(tmp_path / "archive")


@pytest.fixture(autouse=True)
def key(rtcode: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTCODE_SITE_KEY", "a key")


def refused(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(("rtcode: usage: ", "rtcode: invalid_")), line
    return line


def body(output: Path) -> list[dict[str, Any]]:
    """All lines but the header and the summary, in an order that does not depend on shards."""
    return sorted(lines(output)[1:-1], key=lambda line: json.dumps(line, sort_keys=True))


# ------------------------------------------------------------------------------------------------------------ the plain


def test_what_it_says(rtcode: Runner, folder: Path) -> None:
    ran = rtcode("scan", "archive", "-o", "ds", *HERE)
    assert (ran.code, ran.err) == (3, "")
    assert f"{FILES} files: {PLANS_IN} plans, 1 copies, 15 other objects, 5 failures" in ran.out
    assert f"{SESSIONS} treatment sessions" in ran.out
    assert "a human confirms" in ran.out and "ds/scan.ndjson" in ran.out
    again = rtcode("scan", "archive", "-o", "ds", *HERE)
    assert "In this run 0 were read; 25 were as they had been." in again.out


def test_a_folder_without_trouble_is_0(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    shutil.copy(PLANS / "example.dcm", tmp_path / "d")
    ran = rtcode("scan", tmp_path / "d", "-o", tmp_path / "ds", *HERE)
    assert (ran.code, ran.err) == (0, "")


def test_gates(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    shutil.copy(PLANS / "V26_prostate_calypso.dcm", tmp_path / "d")
    call = ("scan", tmp_path / "d", "-o", tmp_path / "ds", *HERE)
    (line,) = [
        json.loads(text) for text in rtcode("analyze", tmp_path / "d", "--format", "ndjson").out.splitlines()[1:2]
    ]
    status = line["suggestion"]["status"]
    assert rtcode(*call).code == 0
    assert rtcode(*call, "--fail-on", status).code == 1
    others = {"provisional", "out_of_scope", "not_assessable"} - {status}
    assert rtcode(*call, "--fail-on", ",".join(others)).code == 0


def test_images_only_are_noted(rtcode: Runner, folder: Path) -> None:
    (folder / "a" / "conflict.dcm").unlink()
    ran = rtcode("scan", "archive/a", "-o", "ds", *HERE)
    assert (ran.code, ran.err) == (0, "rtcode: note: there is no RT Plan among the sources\n")
    assert rtcode("scan", "archive/a", "-o", "ds", *HERE, "--quiet").err == ""


def test_rules_and_answers_hold_for_all(rtcode: Runner, folder: Path) -> None:
    Path("site.toml").write_text('name = "Site"\n[values]\nsame_isocenter_mm = 2.0\n')
    options = ("--policy", "site.toml", "--answer", "motion_management=yes", "--date-of-service", "2026-03-02")
    assert rtcode("scan", "archive", "-o", "ds", *HERE, *options).code == 3
    header = lines(Path("ds"))[0]
    assert header["policy"]["name"] == "Site"
    assert (header["answers"], header["date_of_service"]) == ({"motion_management": "yes"}, "2026-03-02")
    for line in rows(Path("ds"), "session"):
        path = line["plan"]["path"].partition("!")[0]
        alone = json.loads(rtcode("analyze", path, *options, "--format", "json", "--no-metrics").out)
        assert line["suggestion"] in [session["suggestion"] for session in alone["sessions"]]


# ------------------------------------------------------------------------------------------------------------ the lists


def test_lists_of_paths(folder: Path) -> None:
    found = [str(path) for path in sorted(folder.rglob("*")) if path.is_file()]
    Path("list.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*found, "", found[0]]).encode())
    whole = run_process("scan", "archive", "-o", "whole", *HERE, cwd=Path.cwd())
    assert whole.code == 3
    expected = body(Path("whole"))
    for name, arguments, stdin in (
        ("at", ["@list.txt"], b""),
        ("from", ["--files-from", "list.txt"], b""),
        ("stdin", ["--files-from", "-"], "\n".join(found).encode()),
        ("null", ["--files-from", "-0"], "\0".join(found).encode()),
        ("folder", ["--files-from", "-"], str(folder).encode()),
    ):
        ran = run_process("scan", *arguments, "-o", name, *HERE, cwd=Path.cwd(), stdin=stdin)
        assert (ran.code, ran.err) == (3, ""), name
        found_lines = json.loads(json.dumps(body(Path(name))).replace(str(folder), "archive"))
        assert [line.get("path") for line in found_lines] == [line.get("path") for line in expected], name


def test_a_path_of_a_list_that_is_gone_is_a_failure(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"{PLANS / 'example.dcm'}\n{tmp_path / 'gone.dcm'}\n")
    ran = rtcode("scan", f"@{tmp_path / 'list'}", "-o", tmp_path / "ds", *HERE)
    assert ran.code == 3
    (failure,) = rows(tmp_path / "ds", "failure")
    assert (failure["code"], failure["path"]) == ("unreadable", str(tmp_path / "gone.dcm"))


def test_what_left_the_list_leaves_the_dataset(rtcode: Runner, tmp_path: Path) -> None:
    names = ["example.dcm", "V10_single_pa.dcm", "V24_prostate_vmat.dcm"]
    listed = tmp_path / "list"
    listed.write_text("".join(f"{PLANS / name}\n" for name in names))
    rtcode("scan", f"@{listed}", "-o", tmp_path / "ds", *HERE)
    listed.write_text("".join(f"{PLANS / name}\n" for name in names[1:]))
    assert "2 files: 2 plans" in rtcode("scan", f"@{listed}", "-o", tmp_path / "ds", *HERE).out


# --------------------------------------------------------------------------------------------------- manifests, shards


def test_a_manifest_lists_and_is_scanned(rtcode: Runner, folder: Path) -> None:
    rtcode("scan", "archive", "-o", "whole", *HERE)
    ran = rtcode("scan", "archive", "--manifest", "m")
    assert (ran.code, ran.out) == (0, "25 files are listed in m\n")
    assert not Path("whole").samefile(folder) and not Path("m.part").exists()
    assert rtcode("scan", "--manifest", "m", "-o", "ds", *HERE).code == 3
    assert lines(Path("ds")) == lines(Path("whole"))
    assert "In this run 0 were read" in rtcode("scan", "--manifest", "m", "-o", "ds", *HERE).out
    assert rtcode("scan", "archive", "--manifest", "m2", "-o", "ds2", *HERE).code == 3
    assert lines(Path("ds2")) == lines(Path("whole"))


def test_a_listing_that_was_cut_goes_on(rtcode: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtcode.archive.listing.CHUNK", 3)
    rtcode("scan", "archive", "archive/b", "--manifest", "m")
    whole = Path("m").read_bytes()
    rng = random.Random(4)
    for cut in [0, 1, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(25))]:
        Path("m").unlink(missing_ok=True)
        Path("m.part").write_bytes(whole[:cut])
        assert rtcode("scan", "archive", "archive/b", "--manifest", "m").code == 0
        assert Path("m").read_bytes() == whole, cut
    # One that was begun for other sources does not count.
    Path("m.part").write_bytes(whole[: len(whole) // 2])
    rtcode("scan", "archive/a", "--manifest", "m")
    assert b"example.dcm" not in Path("m").read_bytes()


def test_shards_make_the_whole(rtcode: Runner, folder: Path) -> None:
    rtcode("scan", "archive", "-o", "whole", *HERE)
    rtcode("scan", "archive", "--manifest", "m")
    found: list[dict[str, Any]] = []
    for number in (2, 1, 3, 2):
        ran = rtcode("scan", "--manifest", "m", "-o", "ds", "--shard", f"{number}/3", *HERE)
        assert ran.code in (0, 3) and ran.err == "", ran.err
    for number in (1, 2, 3):
        shard = Path("ds") / f"shard-{number}-of-3"
        assert lines(shard)[0]["shard"] == f"{number}/3"
        found += lines(shard)[1:-1]
    said = sorted(line["plan"]["path"] if "plan" in line else line["path"] for line in found)
    whole = sorted(line["plan"]["path"] if "plan" in line else line["path"] for line in lines(Path("whole"))[1:-1])
    assert said == whole
    assert "In this run 0 were read" in rtcode("scan", "--manifest", "m", "-o", "ds", "--shard", "1/3", *HERE).out


def test_a_manifest_that_is_none(rtcode: Runner, folder: Path) -> None:
    for name, content in (("empty", b""), ("text", b"hello\n"), ("json", b"{}\n{}\n"), ("cut", b'{"schema":')):
        Path(name).write_bytes(content)
        assert "no whole manifest" in refused(rtcode("scan", "--manifest", name, "-o", "ds", *HERE))
    assert "cannot be read" in refused(rtcode("scan", "--manifest", "nowhere", "-o", "ds", *HERE))


# ------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["archive"], "no folder for the dataset"),
        (["-o", "ds"], "no source is given"),
        (["-", "-o", "ds"], "no plan from standard input"),
        (["", "-o", "ds"], "empty text"),
        (["archive", "-o", "ds", "--shard", "1/2"], "--shard divides a manifest"),
        (["archive", "--manifest", "m", "-o", "ds", "--shard", "3/2"], "write it as I/N"),
        (["archive", "--manifest", "m", "-o", "ds", "--shard", "half"], "write it as I/N"),
        (["archive", "-o", "ds", "--fail-on", "mismatch"], "for rtcode compare"),
        (["archive", "-o", "ds", "--workers", "2", "--scheduler", "tcp://x:1"], "give one of them"),
        (["archive", "-o", "ds", "--policy", "nowhere.toml"], "policy file cannot be read"),
        (["archive", "-o", "ds", "--date-of-service", "tomorrow"], "YYYY-MM-DD"),
        (["archive", "-o", "archive"], "holds other files"),
        (["archive", "-o", "archive/notes.txt"], "cannot be made"),
        (["@nowhere", "-o", "ds"], "list of sources cannot be read"),
        (["archive", "--manifest", "nowhere/m"], "manifest cannot be written"),
        (["nosuch://x/y", "-o", "ds"], "no kind of URL"),
    ],
)
def test_usage(rtcode: Runner, folder: Path, arguments: list[str], says: str) -> None:
    assert says in " ".join(refused(rtcode("scan", *arguments)).split())
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "notes.txt", "nothing"]


def test_no_pyarrow(rtcode: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "rtcode[parquet]" in refused(rtcode("scan", "archive", "-o", "ds", "--format", "parquet"))


def test_both_tables_by_default(rtcode: Runner, folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    rtcode("scan", "archive", "-o", "ds", "--workers", "0")
    assert sorted(path.name for path in Path("ds").iterdir()) == [
        "files.parquet",
        "private",
        "scan.ndjson",
        "sessions.parquet",
    ]
    assert parquet.read_metadata("ds/sessions.parquet").num_rows == SESSIONS
    assert parquet.read_metadata("ds/files.parquet").num_rows == FILES
    texts = [line.as_py() for line in parquet.read_table("ds/sessions.parquet").column("line")]
    assert [json.loads(text) for text in texts] == rows(Path("ds"), "session")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_private_folder_is_private(rtcode: Runner, folder: Path) -> None:
    rtcode("scan", "archive", "-o", "ds", *HERE)
    assert (Path("ds/private").stat().st_mode & 0o777) == 0o700


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_keeps_the_old_table(rtcode: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rtcode("scan", "archive", "-o", "ds", *HERE)
    before = Path("ds/scan.ndjson").read_bytes()
    (folder / "b" / "V10_single_pa.dcm").unlink()
    Path("ds/.scan.ndjson.part").symlink_to("/dev/full")
    assert "a table cannot be written" in refused(rtcode("scan", "archive", "-o", "ds", *HERE))
    assert Path("ds/scan.ndjson").read_bytes() == before
    rtcode("scan", "archive", "-o", "ds", *HERE)
    assert lines(Path("ds"))[-1]["plans"] == PLANS_IN - 1


def test_progress_on_a_terminal(folder: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    import subprocess
    import sys

    from tests.conftest import ROOT

    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "rtcode", "scan", "archive", "-o", "ds", *HERE],
        stdout=subprocess.DEVNULL,
        stderr=other,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )
    os.close(other)
    shown = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    process.wait()
    assert b"files/s" in shown and b"plans" in shown


def test_a_manifest_in_what_it_lists(rtcode: Runner, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    rtcode("scan", ".", "--manifest", "list")
    assert "25 files are listed" in rtcode("scan", ".", "--manifest", "list").out
