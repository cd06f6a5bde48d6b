"""Plans a second: the whole command against pools that read the same plans with pydicom, in turn."""

from __future__ import annotations

import csv
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import Process
from pathlib import Path

from scanning.archives import copies, real_plans, vmat_plans
from scanning.commands import check, head, row, scan_command, spread, timed

REAL = Path(__file__).resolve().parents[3] / "shared" / "realplans" / "plans"
POOL = Path(__file__).with_name("pool.py")
WORKERS = (1, 2)
#: Contenders: what the tables call them, and the pool's further arguments.
OURS, PLAIN, NUMPY = "rtcode", "pydicom", "pydicom, use_DS_numpy"
PEERS = {PLAIN: [], NUMPY: ["--numpy"]}
NAMES = (OURS, *PEERS)
#: The plans of an archive, or a part of them: the difference has no start in it.
SIZES = ("", "part")

#: Seconds of each round, by contender, workers and size.
Times = dict[tuple[str, int, str], list[float]]


def run(name: str, workers: int, source: Path, files: int) -> float:
    """Seconds of one whole command; both sides have to find every plan."""
    with tempfile.TemporaryDirectory(dir=source.parent) as output:
        if name == OURS:
            seconds, _ = timed(scan_command(str(source), Path(output) / "ds", workers))
            check(Path(output) / "ds", files, files)
        else:
            command = [sys.executable, str(POOL), str(source), "--workers", str(workers), *PEERS[name]]
            seconds, _ = timed(command)
    return seconds


def spin() -> None:
    total = 0
    for number in range(20_000_000):
        total += number & 7


def two_at_once() -> float:
    """How much more two processes of pure computation do at once than one: what this machine has to give."""

    def seconds(count: int) -> float:
        processes = [Process(target=spin) for _ in range(count)]
        start = time.perf_counter()
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return time.perf_counter() - start

    return 2 * seconds(1) / seconds(2)


def take_turns(archive: Path, rounds: int) -> tuple[Times, list[float]]:
    turns = [(name, workers, size) for size in SIZES for workers in WORKERS for name in NAMES]
    times: Times = {turn: [] for turn in turns}
    machine = []
    for number in range(rounds):
        for turn in turns[:: -1 if number % 2 else 1]:
            name, workers, size = turn
            times[turn].append(run(name, workers, archive / size, len(files_of(archive / size))))
        machine.append(two_at_once())
    return times, machine


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def without_start(times: Times, name: str, workers: int) -> list[float]:
    """Seconds of each round for the plans that the whole archive has beyond its part."""
    return [a - b for a, b in zip(times[name, workers, ""], times[name, workers, "part"], strict=True)]


def over(numerators: list[float], denominators: list[float]) -> str:
    """Ratios of the rounds; where another program has spoiled a difference, the cell says how many are left."""
    ratios = [n / d for n, d in zip(numerators, denominators, strict=True) if n > 0 and d > 0]
    if not ratios:
        return "-"
    left = "" if len(ratios) == len(numerators) else f" in {len(ratios)} of {len(numerators)} rounds"
    return spread(ratios) + left


def rate(count: int, seconds: list[float]) -> str:
    middle = statistics.median(seconds)
    return f"{count / middle:.1f}" if middle > 0 else "-"


def compare(title: str, archive: Path, rounds: int) -> None:
    """Two tables for an archive: against the peers, and two workers against one."""
    files = len(files_of(archive))
    beyond = files - len(files_of(archive / "part"))
    size = sum(path.stat().st_size for path in files_of(archive))
    times, machine = take_turns(archive, rounds)
    print(f"\n{title}: {files} plans, {size / 1e6:.0f} MB, {rounds} rounds\n")
    head("workers", "contender", "s", "plans/s", "its s / rtcode's", "without start: plans/s", "its s / rtcode's")
    for workers in WORKERS:
        for name in NAMES:
            whole, more = times[name, workers, ""], without_start(times, name, workers)
            ours, ours_more = times[OURS, workers, ""], without_start(times, OURS, workers)
            ratios = ("", "") if name == OURS else (over(whole, ours), over(more, ours_more))
            row(workers, name, spread(whole), rate(files, whole), ratios[0], rate(beyond, more), ratios[1])
    print()
    head("seconds of one worker / of two", "whole command", "without start")
    for name in NAMES:
        one, two = (without_start(times, name, workers) for workers in WORKERS)
        row(name, over(times[name, 1, ""], times[name, 2, ""]), over(one, two))
    row("pure computation, two processes at once", spread(machine), "")


def analyzer(title: str, archive: Path, most: int, mlca: str, folder: Path) -> None:
    """DVHA-MLCA in one process, and rtcode with one worker on the files that it reads."""
    chosen = list(evenly(files_of(archive), most))
    readable = scored(mlca, linked(chosen, folder / "all"), folder / "all.csv")
    usable = linked([path for path in chosen if path.name in readable], folder / "usable")
    theirs, _ = timed([mlca, str(usable), "-of", str(folder / "usable.csv")])
    ours = run(OURS, 1, usable, len(readable))
    row(
        title, len(chosen), len(chosen) - len(readable), f"{theirs:.1f}", f"{len(readable) / theirs:.2f}",
        f"{ours:.2f}", f"{len(readable) / ours:.1f}", f"{theirs / ours:.1f}",
    )  # fmt: skip


def scored(mlca: str, folder: Path, table: Path) -> set[str]:
    """Names of the files that DVHA-MLCA has scores for; the last column is the file."""
    timed([mlca, str(folder), "-of", str(table)])
    with table.open(newline="", encoding="utf-8") as stream:
        return {Path(line[-1]).name for line in list(csv.reader(stream))[1:]}


def evenly(paths: list[Path], most: int) -> Iterator[Path]:
    step = max(1, len(paths) // most)
    yield from paths[: step * most : step]


def linked(paths: list[Path], folder: Path) -> Path:
    folder.mkdir(parents=True)
    for path in paths:
        os.link(path, folder / path.name)
    return folder


def measure(plans: int, times: int, rounds: int, mlca: str | None, mlca_plans: int, place: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        archives = {"Two-arc VMAT": folder / "vmat"}
        vmat_plans(folder / "vmat", plans)
        real = real_plans(REAL) if REAL.is_dir() else []
        if real:
            copies(folder / "real", real, times)
            archives[f"Real plans, {times} times with UIDs of their own"] = folder / "real"
        for title, archive in archives.items():
            compare(title, archive, rounds)
        if not real:
            print(f"\n{REAL.parent.name} is not here: no real plans measured.")
        if mlca is None:
            return
        print("\nDVHA-MLCA, one process, against `--workers 1` on the files that it reads\n")
        head("plans", "files", "it cannot", "DVHA-MLCA s", "plans/s", "rtcode s", "plans/s", "ratio")
        analyzer("two-arc VMAT", folder / "vmat", mlca_plans, mlca, folder / "mlca-vmat")
        if real:
            copies(folder / "once", real, 1)
            analyzer("real", folder / "once", len(real), mlca, folder / "mlca-real")
            shutil.rmtree(folder / "once")
