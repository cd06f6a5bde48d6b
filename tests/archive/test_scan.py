"""A scan from end to end: what comes out, what a second run reads, and what a kill leaves."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pydicom
import pytest

from rtcode import analyze
from rtcode.archive.database import connect, lock
from rtcode.archive.dataset import Dataset, store_path
from rtcode.archive.engines import Batch, InProcess, Processes
from rtcode.archive.work import Done, Item, Job, work
from rtcode.errors import UsageError
from tests.archive.support import (
    FILES,
    KEY,
    PLANS_IN,
    SESSIONS,
    archive,
    everything_below,
    image,
    labels,
    lines,
    rows,
    said,
    scan,
    touch,
)
from tests.conftest import PLANS, ROOT

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and links as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return archive(tmp_path / "archive")


# ------------------------------------------------------------------------------------------------------ what comes out


def test_every_file_has_one_row(folder: Path, tmp_path: Path) -> None:
    scanned = scan(tmp_path / "ds", folder)
    counts = scanned.counts
    assert (counts.files, counts.plans, counts.sessions) == (FILES, PLANS_IN, SESSIONS)
    assert counts.files == counts.plans + counts.failures + counts.skipped
    (header, *body, summary) = lines(tmp_path / "ds")
    assert (header["type"], header["schema"], summary["type"]) == ("header", "rtcode.scan/1", "summary")
    told = [line["plan"]["path"] if line["type"] == "session" else line["path"] for line in body]
    assert len(set(told)) == FILES == summary["files"]
    on_disk = {str(path) for path in folder.rglob("*") if path.is_file()}
    in_zip = {f"{folder / 'b' / 'more.zip'}!in/{name}" for name in ("V27.dcm", "CT0", "README.txt", "broken.dcm")}
    assert set(told) == (on_disk - {str(folder / "b" / "more.zip")}) | in_zip


def test_what_is_told_of_each_file(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    failures = {Path(line["path"]).name: line["code"] for line in rows(tmp_path / "ds", "failure")}
    assert failures == {
        "conflict.dcm": "duplicate_conflict",
        "V30_breast_field_in_field": "duplicate_conflict",
        "cut.dcm": "truncated",
        "empty.dcm": "empty_file",
        "broken.dcm": "not_dicom",
    }
    skipped = {Path(line["path"]).name: line["code"] for line in rows(tmp_path / "ds", "skipped")}
    assert skipped["copy of example.dcm"] == "not_a_plan" or skipped["copy of example.dcm"] == "duplicate"
    assert skipped["notes.txt"] == skipped["README.txt"] == skipped["CT0"] == "not_a_plan"


def test_the_same_decisions_as_analyze(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    compared = 0
    for line in rows(tmp_path / "ds", "session"):
        path = line["plan"]["path"]
        alone = analyze(path.partition("!")[0]).to_dict()
        (twin,) = [session for session in alone["sessions"] if session["id"] == line["id"]]
        assert said(line) == said(dict(twin))
        assert line["criteria"] == twin["criteria"] and line["features"] == twin["features"]
        compared += 1
    assert compared == SESSIONS


def test_real_plans_are_decided_as_by_analyze(real_plans_dir: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", real_plans_dir)
    found = rows(tmp_path / "ds", "session")
    assert len(found) > 100
    for line in found[::5]:
        alone = analyze(line["plan"]["path"], integrity=False, metrics=False).to_dict()
        (twin,) = [session for session in alone["sessions"] if session["id"] == line["id"]]
        assert line["suggestion"] == twin["suggestion"]


class Backwards:
    """An engine that gives everything back at the end, the last first."""

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        done = [(batch, work(job, batch.items)) for batch in batches]
        yield from reversed(done)


def test_the_order_of_workers_changes_nothing(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "forwards", folder)
    scan(tmp_path / "backwards", folder, engine=Backwards())
    assert lines(tmp_path / "forwards") == lines(tmp_path / "backwards")


def test_processes_give_the_same(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "here", folder)
    scan(tmp_path / "beside", folder, engine=Processes(2))
    assert lines(tmp_path / "here") == lines(tmp_path / "beside")


# --------------------------------------------------------------------------------------------------------- second runs


class Nothing:
    """An engine that must not get any work."""

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        for batch in batches:
            raise AssertionError([item.label for item in batch.items])
        yield from ()


def test_an_unchanged_archive_is_not_read_again(folder: Path, tmp_path: Path) -> None:
    first = scan(tmp_path / "ds", folder)
    written = (tmp_path / "ds" / "scan.ndjson").stat().st_mtime_ns
    second = scan(tmp_path / "ds", folder, engine=Nothing())
    assert (second.read, second.unchanged) == (0, FILES - 3)
    assert second.counts == first.counts
    assert (tmp_path / "ds" / "scan.ndjson").stat().st_mtime_ns == written


def test_what_is_new_changed_or_gone(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    (folder / "b" / "V10_single_pa.dcm").unlink()
    shutil.copy(PLANS / "V11_lumbar_open.dcm", folder / "b" / "new.dcm")
    replaced = folder / "b" / "V24_prostate_vmat.dcm"
    shutil.copy(PLANS / "V26_prostate_calypso.dcm", replaced)
    touch(replaced, 5)
    shutil.rmtree(folder / "a")
    second = scan(tmp_path / "ds", folder)
    assert second.read == 2
    scan(tmp_path / "fresh", folder)
    assert lines(tmp_path / "ds") == lines(tmp_path / "fresh")


def test_a_changed_archive_file_is_read_whole_again(folder: Path, tmp_path: Path) -> None:
    import zipfile

    scan(tmp_path / "ds", folder)
    with zipfile.ZipFile(folder / "b" / "more.zip", "w") as packed:
        packed.write(PLANS / "V11_lumbar_open.dcm", "other.dcm")
    scan(tmp_path / "ds", folder)
    scan(tmp_path / "fresh", folder)
    assert lines(tmp_path / "ds") == lines(tmp_path / "fresh")


def test_when_the_first_copy_goes_the_second_is_the_plan(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    (first,) = [one for one in labels(rows(tmp_path / "ds", "skipped")) if "example" in one]
    before = [line["plan"]["path"] for line in rows(tmp_path / "ds", "session") if "example" in line["plan"]["path"]]
    Path(before[0]).unlink()
    counts = scan(tmp_path / "ds", folder).counts
    after = [line["plan"]["path"] for line in rows(tmp_path / "ds", "session") if "example" in line["plan"]["path"]]
    assert (after, counts.duplicates, counts.plans) == ([first], 0, PLANS_IN)


def test_a_conflict_that_ends_gives_its_plan_back(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    (folder / "a" / "conflict.dcm").unlink()
    counts = scan(tmp_path / "ds", folder).counts
    assert counts.plans == PLANS_IN + 1
    assert "duplicate_conflict" not in counts.by_failure


def test_a_folder_that_is_a_source_twice_counts_once(folder: Path, tmp_path: Path) -> None:
    counts = scan(tmp_path / "ds", folder, folder / "b").counts
    assert counts.files == FILES


def test_other_sources_are_added_and_kept(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder / "a")
    counts = scan(tmp_path / "ds", folder / "b").counts
    assert counts.files == FILES - 1
    assert scan(tmp_path / "ds", folder / "b").counts == counts


def test_a_file_out_of_reach_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    link = tmp_path / "d" / "plan.dcm"
    link.symlink_to(tmp_path / "later.dcm")
    assert scan(tmp_path / "ds", tmp_path / "d").counts.by_failure == {"unreadable": 1}
    shutil.copy(PLANS / "example.dcm", tmp_path / "later.dcm")
    assert scan(tmp_path / "ds", tmp_path / "d").counts.plans == 1


def test_another_version_of_rtcode_reads_everything_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(tmp_path / "ds", folder)
    monkeypatch.setattr("rtcode.archive.settings.__version__", "0.2.0")
    assert scan(tmp_path / "ds", folder).read == FILES - 3
    assert lines(tmp_path / "ds")[0]["tool_version"] == "0.2.0"


def test_other_rules_are_refused(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    with pytest.raises(UsageError, match="other settings \\(answers\\)"):
        scan(tmp_path / "ds", folder, answers=[("motion_management", "no")])
    with pytest.raises(UsageError, match="other settings \\(identifiers\\)"):
        scan(tmp_path / "ds", folder, identifiers="full")
    assert scan(tmp_path / "ds", folder, engine=Nothing()).read == 0


def test_two_scans_of_one_dataset_do_not_mix(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    held = lock(store_path(tmp_path / "ds").parent)
    with pytest.raises(UsageError, match="in use by another scan"):
        scan(tmp_path / "ds", folder)
    held.close()
    scan(tmp_path / "ds", folder)


def test_a_store_that_is_none_is_told(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder)
    store_path(tmp_path / "ds").write_bytes(b"not a database, " * 1000)
    with pytest.raises(UsageError, match="damaged"):
        scan(tmp_path / "ds", folder)


def test_lost_files_are_a_defect(folder: Path, tmp_path: Path) -> None:
    class Forgetful(InProcess):
        def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
            for batch, done in super().run(job, batches):
                yield batch, Done(done.passed_over[1:], done.outcomes)

    with pytest.raises(Exception, match="have an outcome"):
        scan(tmp_path / "ds", folder, engine=Forgetful())


# ------------------------------------------------------------------------------------------------------- what is listed


@POSIX
def test_links_pipes_and_the_dataset_itself(tmp_path: Path) -> None:
    source = tmp_path / "d"
    source.mkdir()
    shutil.copy(PLANS / "example.dcm", source / "plan.dcm")
    (source / "again").symlink_to(source, target_is_directory=True)
    (source / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(source / "pipe")
    counts = scan(source / "out", source).counts
    assert (counts.files, counts.plans, counts.skipped, counts.by_failure) == (3, 1, 1, {"unreadable": 1})
    assert scan(source / "out", source).counts == counts


def test_names_that_are_no_text(tmp_path: Path) -> None:
    source = tmp_path / "d"
    source.mkdir()
    try:
        (source / os.fsdecode(b"pl\xe4n.dcm")).write_bytes((PLANS / "example.dcm").read_bytes())
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    counts = scan(tmp_path / "ds", source).counts
    assert (counts.plans, counts.failures) == (1, 0)
    assert scan(tmp_path / "ds", source, engine=Nothing()).counts == counts
    (line,) = rows(tmp_path / "ds", "session")
    assert line["plan"]["path"].endswith("pl\\xe4n.dcm")


def test_a_source_without_files_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    counts = scan(tmp_path / "ds", tmp_path / "empty", tmp_path / "missing").counts
    assert counts.by_failure == {"not_a_plan": 1, "unreadable": 1}


def test_a_named_image_is_a_failure_a_met_one_is_not(tmp_path: Path) -> None:
    named = image(tmp_path / "CT")
    assert scan(tmp_path / "ds", named).counts.by_failure == {"not_a_plan": 1}


# --------------------------------------------------------------------------------------------------------- identifiers


def test_none_leaves_nothing_to_know_anybody_by(folder: Path, tmp_path: Path) -> None:
    scan(tmp_path / "ds", folder, identifiers="none")
    uids = [str(pydicom.dcmread(path, force=True).get("SOPInstanceUID", "")) for path in folder.rglob("V*")]
    secrets = ["CANARY", str(folder), "V24_prostate", "more.zip", *filter(None, uids)]
    database = sqlite3.connect(store_path(tmp_path / "ds"))
    columns = list(database.execute("SELECT name, member FROM file"))
    columns += list(database.execute("SELECT path, label FROM folder"))
    columns += list(database.execute("SELECT label FROM root"))
    told = [line for (number,) in database.execute("SELECT id FROM plan").fetchall()
            for line in Dataset(connect(store_path(tmp_path / "ds"), write=False)).lines(number, "")]  # fmt: skip
    everything = (
        repr(columns) + "".join(told) + "".join(data.decode("latin-1") for _, data in everything_below(tmp_path / "ds"))
    )
    assert [secret for secret in secrets if secret in everything] == []
    assert scan(tmp_path / "ds", folder, identifiers="none", engine=Nothing()).read == 0
    keys = {line["plan"]["path"] for line in rows(tmp_path / "ds", "session")}
    assert keys and all(len(key.partition("!")[0]) == 16 for key in keys)


def test_pseudonyms_rest_on_the_key(folder: Path, tmp_path: Path) -> None:
    patients = []
    for name, key in (("one", KEY), ("two", b"another key")):
        (tmp_path / name).mkdir()
        from rtcode.archive.listing import list_source
        from rtcode.archive.scan import Progress, fill
        from rtcode.archive.settings import header_of, job_of

        job = job_of(tmp_path / name, code_set=None, date_of_service=None, answers=(), policy=None,
                     identifiers="none", site_key=key)  # fmt: skip
        listing = [("d", list_source(str(folder)))]
        fill(tmp_path / name, listing, job, header_of(job, None), InProcess(), Progress(), frozenset({"ndjson"}))
        patients.append({line["plan"]["patient"] for line in rows(tmp_path / name, "session")})
    assert patients[0] and patients[1] and not patients[0] & patients[1]


# ----------------------------------------------------------------------------------------------- workers and kills


def deadly(job: Job, items: tuple[Item, ...]) -> Done:
    """Work that some files do not let their worker survive."""
    if any("V10" in item.label or item.label.endswith("CT7") for item in items):
        os._exit(9)
    return work(job, items)


def test_a_file_that_kills_its_worker_costs_itself(folder: Path, tmp_path: Path) -> None:
    counts = scan(tmp_path / "ds", folder, engine=Processes(2, deadly)).counts
    killers = [line for line in rows(tmp_path / "ds", "failure") if line["code"] == "defect"]
    assert sorted(Path(line["path"]).name for line in killers) == ["CT7", "V10_single_pa.dcm"]
    assert (counts.files, counts.plans) == (FILES, PLANS_IN - 1)
    assert "a worker died on this file" in killers[0]["message"]


def _command(folder: Path, output: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "rtcode", "scan", str(folder), "-o", str(output), "--format", "ndjson", *more]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "RTCODE_SITE_KEY": KEY.decode()}


def _many(folder: Path, copies: int) -> Path:
    """An archive in which a scan takes a while: plans of different content in many folders."""
    for number in range(copies):
        below = folder / f"{number:03}"
        below.mkdir(parents=True)
        for name in ("V01_electron_cheek", "V24_prostate_vmat", "example"):
            data = pydicom.dcmread(PLANS / f"{name}.dcm")
            data.RTPlanLabel = f"{number}"
            data.SOPInstanceUID = f"{data.SOPInstanceUID}.{number}"
            data.save_as(below / f"{name}.dcm")
        shutil.copy(PLANS / "V10_single_pa.dcm", below / "copy.dcm")
        image(below / "CT")
    return folder


def _kill_and_finish(folder: Path, tmp_path: Path, kills: int, seed: int, undisturbed_s: float) -> int:
    """Scans that are killed at random moments, until one comes to its end; how many were killed."""
    rng = random.Random(seed)
    killed = 0
    output = tmp_path / f"killed-{seed}"
    for _ in range(kills):
        process = subprocess.Popen(
            _command(folder, output, "--workers", rng.choice(["0", "2"])),
            env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(rng.uniform(0.1, undisturbed_s))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
            process.wait()
    return killed


@POSIX
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_killed_at_any_moment_the_next_run_finishes(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _many(tmp_path / "archive", 20)
    start = time.monotonic()
    undisturbed = subprocess.run(
        _command(folder, tmp_path / "undisturbed"), env=_environment(), capture_output=True, check=False
    )
    assert undisturbed.returncode == 0, undisturbed.stderr
    took = time.monotonic() - start
    assert _kill_and_finish(folder, tmp_path, 6 if seed == 1 else 20, seed, took) >= 2
    finished = subprocess.run(
        _command(folder, tmp_path / f"killed-{seed}"), env=_environment(), capture_output=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert lines(tmp_path / f"killed-{seed}") == lines(tmp_path / "undisturbed")


@POSIX
def test_a_killed_parent_leaves_no_workers(tmp_path: Path) -> None:
    folder = _many(tmp_path / "archive", 20)
    process = subprocess.Popen(
        _command(folder, tmp_path / "ds", "--workers", "2"), env=_environment(), stdout=subprocess.DEVNULL
    )
    children: list[int] = []
    end = time.monotonic() + 20
    while len(children) < 2 and time.monotonic() < end:
        children = _children(process.pid)
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert children
    end = time.monotonic() + 10
    while any(map(_alive, children)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(_alive, children))


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    if not found.exists():
        pytest.skip("this system does not list the children of a process")
    return [int(one) for one in found.read_text().split()]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in ("Z", "X")
    except OSError:
        return False
