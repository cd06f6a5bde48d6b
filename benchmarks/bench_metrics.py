"""All metrics of a plan, alone and against ``rtplan-complexity``, in one process and one run.

    pip install rtplan-complexity        # best in an environment of its own, with `pip install -e .`
    OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/bench_metrics.py [--runs 9]

First a two-arc VMAT plan: what all metrics cost on one core, once it is read. Then the real plans that both tools read,
where they are beside the project: reading and metrics together, and metrics alone, plan by plan in turn. The peer's
numbers are not compared: its definitions differ, and it is known to be wrong on LSV and MCS. Neither tool is asked for
anything that needs structures. Plans cache what was computed about them, so each run of rtcode has a plan read anew.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from make_vmat import ENCODINGS, encode, make_plan

from rtcode import read_plan
from rtcode.errors import InputError
from rtcode.metrics import metrics_of
from rtcode.metrics.machines import Machines
from rtcode.plan.model import RTPlan
from rtcode.plan.sessions import planned_beams, sessions_of

REAL = Path(__file__).resolve().parents[2] / "shared" / "realplans" / "plans"


def all_metrics(plan: RTPlan) -> Any:
    """Every metric of every beam and of the plan, from a plan that was only read."""
    sessions = sessions_of(plan)
    return metrics_of(planned_beams(plan, sessions), sessions, Machines())


def seconds(job: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = job()
    return time.perf_counter() - start, result


def alone(runs: int) -> None:
    """What all metrics of a two-arc VMAT plan cost after reading it."""
    print("| two-arc VMAT | kB | read ms | all metrics ms (median) | least | most |\n|---|---|---|---|---|---|")
    data = encode(make_plan(), ENCODINGS[0])
    times = []
    for _ in range(runs):
        fresh = read_plan(data)
        times.append(1e3 * seconds(lambda plan=fresh: all_metrics(plan))[0])
    reading = statistics.median(1e3 * seconds(lambda: read_plan(data))[0] for _ in range(runs))
    print(
        f"| {ENCODINGS[0].name} | {len(data) / 1e3:.0f} | {reading:.2f} | {statistics.median(times):.2f} "
        f"| {min(times):.2f} | {max(times):.2f} |\n"
    )


def against_peer(runs: int) -> None:
    """rtplan-complexity and rtcode in turn, plan by plan."""
    try:
        from rtplan_complexity import calculate_plan_metrics, parse_rtplan
    except ImportError:
        print("rtplan-complexity is not installed: pip install rtplan-complexity")
        return
    both: list[tuple[str, list[float], list[float], list[float], list[float]]] = []
    only_rtcode = only_peer = 0
    for path in sorted(REAL.rglob("*")):
        if not path.is_file():
            continue
        try:
            ours = read_plan(path.read_bytes())
            values = all_metrics(ours).values
            known = any(value is not None for metrics in values.values() for value in metrics.values())
        except InputError:
            known = False
        try:
            peer = calculate_plan_metrics(parse_rtplan(str(path))) is not None
        except Exception:  # noqa: BLE001  (whatever it raises, it does not read that plan)
            peer = False
        only_rtcode += known and not peer
        only_peer += peer and not known
        if not (known and peer):
            continue
        row: tuple[list[float], ...] = ([], [], [], [])
        for _ in range(runs):
            took, plan = seconds(lambda p=path: read_plan(p.read_bytes()))
            row[0].append(took)
            row[1].append(seconds(lambda plan=plan: all_metrics(plan))[0])
            took, theirs = seconds(lambda p=path: parse_rtplan(str(p)))
            row[2].append(took)
            row[3].append(seconds(lambda plan=theirs: calculate_plan_metrics(plan))[0])
        both.append((path.name, *row))
    if not both:
        print("no plan that both tools read")
        return
    ours_read, ours_metrics, peer_read, peer_metrics = (
        [statistics.median(row[k]) for row in both] for k in range(1, 5)
    )
    whole = [(c + d) / (a + b) for a, b, c, d in zip(ours_read, ours_metrics, peer_read, peer_metrics, strict=True)]
    metrics = [d / b for b, d in zip(ours_metrics, peer_metrics, strict=True)]
    print(
        f"{len(both)} real plans that both read and give metrics for "
        f"({only_rtcode} more by rtcode alone, {only_peer} by the peer alone)\n\n"
        "| | rtcode s | rtplan-complexity s | ratio of the sums | ratio plan by plan: least | median | most |\n"
        "|---|---|---|---|---|---|---|"
    )
    for name, mine, theirs, ratios in (
        ("reading and metrics", sum(ours_read) + sum(ours_metrics), sum(peer_read) + sum(peer_metrics), whole),
        ("metrics alone", sum(ours_metrics), sum(peer_metrics), metrics),
    ):
        print(
            f"| {name} | {mine:.2f} | {theirs:.2f} | {theirs / mine:.1f} | {min(ratios):.1f} "
            f"| {statistics.median(ratios):.1f} | {max(ratios):.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    alone(runs)
    against_peer(max(3, runs // 3))


if __name__ == "__main__":
    main()
