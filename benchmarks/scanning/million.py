"""An archive of very many files: how fast, in how much memory, how soon the first row, and how fast again."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from scanning.archives import many
from scanning.commands import ENVIRONMENT, check, head, row, scan_command

#: Between two looks at the process.
LOOK_S = 0.05
#: Parts of a run by time, of which the memory is told.
PARTS = (0.1, 0.25, 0.5, 0.75, 1.0)
KB = 1024


@dataclass
class Watched:
    """What was seen of a run: seconds since its start, and memory in MB."""

    seconds: float = 0.0
    #: time and resident memory of the parent
    parent: list[tuple[float, float]] = field(default_factory=list)
    peak_mb: float = 0.0
    #: of the worker that had most
    worker_peak_mb: float = 0.0
    #: when a reader of the store first found a file, and a session
    first_file_s: float | None = None
    first_session_s: float | None = None

    def at(self, part: float) -> float:
        """The parent's memory when a part of the run's time was over."""
        return max(self.parent, key=lambda seen: (seen[0] <= part * self.seconds, seen[0]))[1]


def memory_mb(process: int, which: str) -> float | None:
    """A line of the process's status (``VmRSS``, ``VmHWM``); ``None`` when it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(which):
                return int(line.split()[1]) * KB / 1e6
    return None


def workers_of(process: int) -> list[int]:
    """The worker processes; a pool has other children, too."""
    found = []
    with suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


def has_row(store: Path, table: str) -> bool:
    """Whether another process that reads the store finds something in it."""
    if not store.exists():
        return False
    try:
        db = sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True, timeout=0)
        try:
            return db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
        finally:
            db.close()
    except sqlite3.Error:
        return False


def watched(command: list[str], store: Path) -> Watched:
    """Run a scan and look at it until it ends."""
    seen = Watched()
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=ENVIRONMENT)
        while process.poll() is None:
            now = time.perf_counter() - start
            if (resident := memory_mb(process.pid, "VmRSS")) is not None:
                seen.parent.append((now, resident))
            seen.peak_mb = max(seen.peak_mb, memory_mb(process.pid, "VmHWM") or 0)
            for child in workers_of(process.pid):
                seen.worker_peak_mb = max(seen.worker_peak_mb, memory_mb(child, "VmHWM") or 0)
            if seen.first_file_s is None and has_row(store, "file"):
                seen.first_file_s = now
            if seen.first_session_s is None and has_row(store, "session"):
                seen.first_session_s = now
            time.sleep(LOOK_S)
        seen.seconds = time.perf_counter() - start
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"the scan ended with {process.returncode}:\n{errors.read()[-2000:]}")
    return seen


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def measure(entries: int, workers: int, place: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=place) as name:
        archive, output = Path(name) / "archive", Path(name) / "dataset"
        start = time.perf_counter()
        plans = many(archive, entries)
        made_s = time.perf_counter() - start
        print(f"\n{entries:,} files, {plans:,} of them VMAT plans; made in {made_s:.0f} s. {workers} workers.\n")
        head(
            "run", "s", "files/s", *(f"parent MB at {part:.0%}" for part in PARTS), "parent's peak MB",
            "a worker's peak MB", "first file in the store s", "first session s", "store MB",
        )  # fmt: skip
        tables = []
        for run in ("first", "second, nothing changed"):
            store = output.absolute() / "private" / "store.sqlite"
            seen = watched(scan_command(str(archive), output, workers), store)
            check(output, entries, plans)
            tables.append(digest(output / "scan.ndjson"))
            # In a second run there are rows from the beginning.
            firsts = [seen.first_file_s, seen.first_session_s] if run == "first" else [None, None]
            row(
                run, f"{seen.seconds:.1f}", f"{entries / seen.seconds:,.0f}",
                *(f"{seen.at(part):.0f}" for part in PARTS), f"{seen.peak_mb:.0f}",
                f"{seen.worker_peak_mb:.0f}" if seen.worker_peak_mb else "-",
                *("-" if first is None else f"{first:.2f}" for first in firsts), f"{store.stat().st_size / 1e6:.0f}",
            )  # fmt: skip
        assert len(set(tables)) == 1, "the second run's table differs from the first one's"
