"""Features and decision against reading, in one process and one run.

    python benchmarks/bench_analyze.py [--runs 15]

For synthetic two-arc VMAT plans (356 control points, 60 leaf pairs) in every encoding, and for the real plans where
they are beside the project, prints the time to read, the time for all features and the decision, and their ratio; what
the integrity checks and the modulation metrics add to that; and the peak of memory that reading, features and decision
allocate, as a multiple of the file.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from make_vmat import ENCODINGS, encode, make_plan

from rtcode import analyze, read_plan
from rtcode.coding.codeset import choose
from rtcode.errors import InputError

REAL = Path(__file__).resolve().parents[2] / "shared" / "realplans" / "plans"


def median_ms(job: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


#: What `analyze` is asked for: features and decision alone, then with integrity checks, then with metrics, too.
STAGES: tuple[dict[str, bool], ...] = (
    {"integrity": False, "metrics": False},
    {"integrity": True, "metrics": False},
    {"integrity": True, "metrics": True},
)


def stages_ms(files: list[bytes], runs: int) -> list[float]:
    """Median time of each stage over all files."""
    medians = []
    for asked in STAGES:
        times = []
        for _ in range(runs):
            # Plans cache what was computed about them, so each run decides on plans that were read anew.
            fresh = [read_plan(data) for data in files]
            start = time.perf_counter()
            for plan in fresh:
                analyze(plan, **asked)
            times.append(1e3 * (time.perf_counter() - start))
        medians.append(statistics.median(times))
    return medians


def row(name: str, files: list[bytes], runs: int, *, memory: bool) -> None:
    size = sum(len(data) for data in files)
    reading = median_ms(lambda: [read_plan(data) for data in files], runs)
    deciding, checked, measured = stages_ms(files, runs)
    peak = ""
    if memory:
        tracemalloc.start()
        analyze(read_plan(files[0]), **STAGES[0])
        peak = f"{tracemalloc.get_traced_memory()[1] / size:.1f}"
        tracemalloc.stop()
    print(
        f"| {name} | {size / 1e3:.0f} | {reading:.2f} | {deciding:.2f} | {deciding / reading:.2f} "
        f"| {checked - deciding:.2f} | {measured - checked:.2f} | {peak} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    choose()
    print(
        "| plan | kB | read ms | features and decision ms | ratio | + checks ms | + metrics ms | peak memory / file |"
    )
    print("|" + "---|" * 8)
    for encoding in ENCODINGS:
        row(encoding.name, [encode(make_plan(), encoding)], runs, memory=True)
    if not REAL.is_dir():
        print(f"\n{REAL.parent.name} is not here: no real plans measured.")
        return
    usable = []
    for path in sorted(REAL.glob("*.dcm")):
        data = path.read_bytes()
        try:
            read_plan(data)
        except InputError:
            continue
        usable.append(data)
    row(f"{len(usable)} real plans", usable, 5, memory=False)


if __name__ == "__main__":
    main()
