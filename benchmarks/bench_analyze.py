"""Features and decision against reading, in one process and one run.

    python benchmarks/bench_analyze.py [--runs 15]

For synthetic two-arc VMAT plans (356 control points, 60 leaf pairs) in every encoding, and for the real plans where
they are beside the project, prints the time to read, the time for all features and the decision, and their ratio; and
the peak of memory that both together allocate, as a multiple of the file.
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


def row(name: str, data: bytes, runs: int) -> None:
    plan = read_plan(data)
    reading = median_ms(lambda: read_plan(data), runs)
    # Plans cache what was computed about them, so each run decides on a plan that was read anew.
    times = []
    for _ in range(runs):
        fresh = read_plan(data)
        start = time.perf_counter()
        analyze(fresh)
        times.append(1e3 * (time.perf_counter() - start))
    deciding = statistics.median(times)
    tracemalloc.start()
    analyze(read_plan(data))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert plan is not None
    print(
        f"| {name} | {len(data) / 1e3:.0f} | {reading:.2f} | {deciding:.2f} | {deciding / reading:.2f} "
        f"| {peak / len(data):.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    choose()
    print("| plan | kB | read ms | features and decision ms | ratio | peak memory / file |")
    print("|---|---|---|---|---|---|")
    for encoding in ENCODINGS:
        row(encoding.name, encode(make_plan(), encoding), runs)
    if not REAL.is_dir():
        print(f"\n{REAL.parent.name} is not here: no real plans measured.")
        return
    files = [path.read_bytes() for path in sorted(REAL.glob("*.dcm"))]
    usable = []
    for data in files:
        try:
            usable.append((data, read_plan(data)))
        except InputError:
            continue
    reading = median_ms(lambda: [read_plan(data) for data, _ in usable], 5)
    deciding = []
    for _ in range(5):
        fresh = [read_plan(data) for data, _ in usable]
        start = time.perf_counter()
        for plan in fresh:
            analyze(plan)
        deciding.append(1e3 * (time.perf_counter() - start))
    total = statistics.median(deciding)
    size = sum(len(data) for data, _ in usable)
    print(f"| {len(usable)} real plans | {size / 1e3:.0f} | {reading:.1f} | {total:.1f} | {total / reading:.2f} | |")


if __name__ == "__main__":
    main()
