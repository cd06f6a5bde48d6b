"""Running whole commands, what they say of themselves, and the machine that they run on."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rtcode import __version__

RTCODE = str(Path(sys.executable).parent / "rtcode")
# Compiled files are part of any installation; a setting that forbids writing them would measure the compiler.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def scan_command(source: str, output: Path, workers: int) -> list[str]:
    """A scan that writes the table that needs no extra."""
    return [RTCODE, "scan", source, "-o", str(output), "--format", "ndjson", "--workers", str(workers), "--quiet"]


def timed(command: Sequence[str]) -> tuple[float, str]:
    """Seconds that a command took, and what it printed.

    Raises
    ------
    RuntimeError
        It did not end well.
    """
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def summary(output: Path) -> dict[str, Any]:
    """The last line of a scan's table: its counts."""
    with (output / "scan.ndjson").open("rb") as stream:
        stream.seek(-min(stream.seek(0, os.SEEK_END), 65_536), os.SEEK_END)
        line: dict[str, Any] = json.loads(stream.read().splitlines()[-1])
    assert line["type"] == "summary", line["type"]
    return line


def check(output: Path, files: int, plans: int) -> None:
    """Nobody is fast by leaving something out: every file is told, every plan is judged and kept."""
    said = summary(output)
    assert (said["files"], said["plans"]) == (files, plans), said
    db = sqlite3.connect(f"{(output.absolute() / 'private' / 'store.sqlite').as_uri()}?mode=ro", uri=True)
    (kept,) = db.execute("SELECT count(packed) FROM plan").fetchone()
    db.close()
    assert kept == plans, f"{kept} of {plans} plans are kept"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median, with the least and the greatest where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells: str) -> None:
    row(*cells)
    print("|" + "---|" * len(cells))


def machine() -> str:
    """What ran this, and how busy it was."""
    names = ("pydicom", "numpy")
    parts = [f"{os.cpu_count()} cores ({_processor()})", f"Python {platform.python_version()}", f"rtcode {__version__}"]
    parts += [f"{name} {version(name)}" for name in names]
    load = os.getloadavg()[0]
    return ", ".join([*parts, f"SQLite {sqlite3.sqlite_version}", f"load before the run {load:.1f}"])


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
