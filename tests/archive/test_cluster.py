"""Many machines: the same rows by dask's workers, and nothing lost where one dies."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from rtcode.archive.engines import Batch
from rtcode.archive.work import Done, Job
from rtcode.errors import SourceError
from tests.archive.support import FILES, KEY, PLANS_IN, archive, lines, rows, scan
from tests.conftest import PLANS, ROOT

distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
dask = pytest.importorskip("dask")

from rtcode.archive.cluster import Cluster  # noqa: E402

pytestmark = pytest.mark.slow


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}


class Started:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.address = f"tcp://127.0.0.1:{_port()}"
        self._folder = folder
        host, port = self.address.removeprefix("tcp://").split(":")
        self._scheduler = self._start("scheduler", "--host", host, "--port", port, "--no-dashboard")
        self.workers = [self.worker() for _ in range(2)]

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start(
            "worker", self.address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder)
        )

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self) -> None:
        for one in (*self.workers, self._scheduler):
            one.terminate()
        for one in (*self.workers, self._scheduler):
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    one = Started(tmp_path_factory.mktemp("dask"))
    yield one
    one.stop()


def test_the_same_rows_from_a_scheduler_and_workers(started: Started, tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    scan(tmp_path / "here", folder)
    scan(tmp_path / "there", folder, engine=Cluster(started.address))
    assert lines(tmp_path / "there") == lines(tmp_path / "here")


def test_by_the_command_line(started: Started, tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    command = [sys.executable, "-m", "rtcode", "scan", str(folder), "-o", str(tmp_path / "ds"), "--format", "ndjson"]
    done = subprocess.run(
        [*command, "--scheduler", started.address],
        env={**_environment(), "RTCODE_SITE_KEY": KEY.decode()},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, b"")
    scan(tmp_path / "here", folder)
    assert lines(tmp_path / "ds") == lines(tmp_path / "here")


def test_the_same_rows_from_a_local_cluster(tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        scan(tmp_path / "there", folder, engine=Cluster(cluster.scheduler_address))
    scan(tmp_path / "here", folder)
    assert lines(tmp_path / "there") == lines(tmp_path / "here")


class Killing(Cluster):
    """Kills a worker when some batches are done."""

    def __init__(self, address: str, kill: list[subprocess.Popen[bytes]]) -> None:
        super().__init__(address)
        self._kill = kill

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        for number, found in enumerate(super().run(job, batches)):
            if number == 2:
                for one in self._kill:
                    os.killpg(one.pid, 9)
            yield found


@pytest.mark.skipif(os.name == "nt", reason="kills a group of processes as POSIX does")
def test_a_worker_that_dies_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    for number in range(60):
        (folder / str(number)).mkdir(parents=True)
        for name in ("V24_prostate_vmat", "V01_electron_cheek", "example"):
            shutil.copy(PLANS / f"{name}.dcm", folder / str(number) / name)
    scan(tmp_path / "here", folder)
    own = Started(tmp_path / "dask")
    try:
        client = distributed.Client(own.address, set_as_default=False)
        client.wait_for_workers(2, timeout=30)
        client.close()
        scan(tmp_path / "there", folder, engine=Killing(own.address, own.workers[:1]))
        assert own.workers[0].wait(10) == -9
    finally:
        own.stop()
    assert lines(tmp_path / "there") == lines(tmp_path / "here")


def test_a_file_that_kills_workers_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.archive.test_scan import deadly

    folder = archive(tmp_path / "archive")
    monkeypatch.setattr("rtcode.archive.cluster.work", deadly)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        counts = scan(tmp_path / "ds", folder, engine=Cluster(cluster.scheduler_address)).counts
    killers = sorted(Path(line["path"]).name for line in rows(tmp_path / "ds", "failure") if line["code"] == "defect")
    assert killers == ["CT7", "V10_single_pa.dcm"]
    assert (counts.files, counts.plans) == (FILES, PLANS_IN - 1)


def test_no_scheduler_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtcode.archive.cluster._PATIENCE_S", 1)
    folder = archive(tmp_path / "archive")
    with pytest.raises(SourceError, match="cannot be reached"):
        scan(tmp_path / "ds", folder, engine=Cluster(f"tcp://127.0.0.1:{_port()}"))
    # Nothing is broken by that.
    scan(tmp_path / "ds", folder)


def test_workers_of_another_version_are_refused(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtcode.archive.cluster.__version__", "9.9")
    with pytest.raises(Exception, match="another version"):
        scan(tmp_path / "ds", archive(tmp_path / "archive"), engine=Cluster(started.address))
