"""What is never harmed: sources, older outputs, and a caller who closes streams or ends the process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rtcode.cli.calls import MOST_ERROR_LINES
from tests.conftest import PLANS, ROOT, Ran, Runner

EXAMPLE = PLANS / "example.dcm"
NO_SHELL = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def refused(ran: Ran) -> str:
    """The only line of standard error of a call that is refused."""
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("rtcode: usage: "), line
    return line


# --------------------------------------------------------------------------------------------- sources stay as they are


@pytest.mark.parametrize(
    ("output", "arguments"),
    [
        ("d/plan.dcm", ["d"]),
        ("d/plan.dcm", ["nothing.dcm", "d"]),
        ("d/plan.dcm", ["--files-from", "list"]),
        ("list", ["--files-from", "list"]),
        ("hard", ["d"]),
        ("soft", ["d"]),
        ("d/plan.dcm", ["soft"]),
        ("site.toml", ["d", "--policy", "site.toml"]),
        ("URL", ["URL"]),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_nothing_that_is_read_is_overwritten(
    rtcode: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    plan = Path(shutil.copy(EXAMPLE, "d/plan.dcm"))
    Path("hard").hardlink_to(plan)
    Path("soft").symlink_to(plan)
    Path("list").write_text("d\n")
    Path("site.toml").write_text('name = "Site"\n')
    url = (tmp_path / plan).as_uri()
    arguments = [url if argument == "URL" else argument for argument in arguments]
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    line = refused(rtcode("analyze", *arguments, "-o", plan if output == "URL" else output))
    assert "replace" in line
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_result_of_an_earlier_call_may_be_replaced(rtcode: Runner, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    for _ in range(2):
        assert rtcode("analyze", tmp_path, "--format", "json", "-o", tmp_path / "result.json").code == 0


def test_other_commands_do_not_overwrite_what_they_read(rtcode: Runner, tmp_path: Path) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text('name = "Site"\n')
    refused(rtcode("codeset", "show", "--policy", policy, "-o", policy))
    refused(rtcode("codeset", "check", policy, "-o", policy))
    assert policy.read_text() == 'name = "Site"\n'


@NO_SHELL
def test_a_redirected_standard_input_is_a_source(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "plan.dcm")
    ran = shell("analyze - -o plan.dcm < plan.dcm", tmp_path)
    assert "replace" in refused(ran)
    assert (tmp_path / "plan.dcm").read_bytes() == EXAMPLE.read_bytes()


@pytest.mark.parametrize("output", ["x" * 300, "no/folder/x", ""])
def test_an_output_that_cannot_be(rtcode: Runner, output: str) -> None:
    refused(rtcode("analyze", EXAMPLE, "-o", output))
    refused(rtcode("schema", "-o", output))


# ----------------------------------------------------------------------------------------------------- standard streams


def shell(line: str, folder: Path = ROOT) -> Ran:
    """``rtcode`` in a shell, with the line's redirections."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$PYTHON" -m rtcode {line}'],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


LINES = [
    f"analyze {EXAMPLE}",
    f"analyze {EXAMPLE} --format json",
    "--help",
    "analyze --help",
    "codeset show --help",
    "--version",
    "analyze --version",
    "schema",
    "schema analysis",
    "codeset show",
    "doctor",
]


@NO_SHELL
@pytest.mark.parametrize("line", LINES)
def test_a_closed_standard_output(line: str) -> None:
    assert "standard output" in refused(shell(f"{line} >&-"))


@NO_SHELL
@FULL
@pytest.mark.parametrize("line", LINES)
def test_a_full_standard_output(line: str) -> None:
    assert "standard output" in refused(shell(f"{line} > /dev/full"))


@NO_SHELL
def test_who_needs_no_standard_output_may_close_it(tmp_path: Path) -> None:
    ran = shell(f"analyze {EXAMPLE} -o {tmp_path}/result.txt >&-")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "result.txt").read_text("utf-8").startswith("Level 2")


@NO_SHELL
@pytest.mark.parametrize("rest", ["2>&-", "2>/dev/full"])
def test_errors_that_nobody_can_read_keep_their_exit_code(rest: str) -> None:
    if "full" in rest and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    assert shell(f"analyze nothing.dcm -q > /dev/null {rest}").code == 3


@NO_SHELL
def test_a_closed_standard_input() -> None:
    assert shell("analyze - -q <&-").code == 3
    refused(shell("analyze --files-from - <&-"))


@NO_SHELL
def test_an_output_may_be_a_pipe() -> None:
    if not Path("/dev/stdout").exists():
        pytest.skip("needs /dev/stdout")
    ran = shell(f"analyze {EXAMPLE} -o /dev/stdout | cat")
    assert ran.code == 0 and ran.out.startswith("Level 2")


# -------------------------------------------------------------------------------------------------------------- signals

#: A call whose disk is slow: it says when it has come to the writing.
_SLOW = """
import os, sys, time
from rtcode.cli.main import main
whole = os.fsync
def slow(handle):
    print("writing", file=sys.stderr, flush=True)
    time.sleep(0.5)
    whole(handle)
os.fsync = slow
main()
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no signals to hold here")
@pytest.mark.parametrize(
    ("name", "code", "leaves"),
    [
        ("SIGINT", 130, 0),
        ("SIGTERM", -15, 0),
        ("SIGHUP", -1, 0),
        ("SIGKILL", -9, 1),  # nobody can clean up after this one
    ],
)
def test_a_signal_while_the_output_is_written(tmp_path: Path, name: str, code: int, leaves: int) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW, "analyze", str(EXAMPLE), "-o", str(target)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None and process.stderr.readline() == b"writing\n"
    time.sleep(0.1)
    process.send_signal(getattr(signal, name))
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == code and rest == b""
    text = target.read_text("utf-8")
    assert text == "old" or (name != "SIGKILL" and text.endswith("human confirms\n")), "whole or not at all"
    assert len(list(tmp_path.glob(".rtcode-*"))) == leaves


# --------------------------------------------------------------------------------------------------------- a calm talk


@pytest.mark.parametrize("count", [MOST_ERROR_LINES, MOST_ERROR_LINES + 1, MOST_ERROR_LINES + 30])
def test_many_broken_files_do_not_flood_standard_error(rtcode: Runner, tmp_path: Path, count: int) -> None:
    for i in range(count):
        (tmp_path / f"{i:03}.dcm").write_bytes(b"broken")
    ran = rtcode("analyze", tmp_path, "--format", "csv")
    lines = ran.err.splitlines()
    assert ran.code == 3 and len(ran.out.splitlines()) == 1 + count, "the output names all of them"
    if count <= MOST_ERROR_LINES + 1:
        assert len(lines) == count
    else:
        assert len(lines) == MOST_ERROR_LINES + 1
        assert lines[-1].startswith("rtcode: note: 30 more inputs could not be used")
    assert all(line.startswith("rtcode: not_dicom: ") for line in lines[:MOST_ERROR_LINES])


@pytest.mark.parametrize("source", ["elsewhere.dcm", "file:plan.txt", "."])
def test_no_dicom_object_is_replaced_even_if_no_source_names_it(
    rtcode: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(PLANS / "example.dcm", "elsewhere.dcm")
    # A folder passes such a name over, and the URL leads nowhere.
    plan = Path("plan.txt")
    plan.write_bytes((PLANS / "example.dcm").read_bytes())
    before = plan.read_bytes()
    ran = rtcode("analyze", source, "-o", "plan.txt")
    assert ran.code == 2
    assert "would replace" in ran.err
    assert plan.read_bytes() == before
