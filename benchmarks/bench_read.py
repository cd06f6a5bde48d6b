"""Reading plans: rtcode against pydicom and GDCM, in one run on one machine.

    python benchmarks/bench_read.py [--runs 15]

From the bytes (GDCM: from a file, it takes nothing else) to numbers: rtcode builds its whole `RTPlan`, the peers parse
the file and convert every leaf and jaw position to a float, and nothing else.

So that ratios do not move with what else the machine does:

- all take turns in one process. In each of ``--runs`` rounds every contender has one turn with every file, in an order
  that is reversed from round to round, so that a slow while hits all alike;
- a turn lasts as long for everybody: the file is read again and again for a tenth of a second (at least once), and the
  time of a read is the turn's time by the number of reads. Nobody profits from being short enough to slip between
  disturbances, and nobody pays for the processor's memory that the one before has filled;
- milliseconds are those of the best turn, which the machine disturbed least. A ratio is the median of the rounds'
  ratios, each of two turns that came one after the other; behind it stand the least and the greatest.

Memory is the peak that Python's allocator sees during one read, as a multiple of the file; GDCM allocates elsewhere.
"""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pydicom
from make_vmat import ENCODINGS, encode, make_plan

from rtcode.dicom import read_plan
from rtcode.errors import InputError

try:
    import gdcm
except ImportError:
    gdcm = None

REAL = Path(__file__).resolve().parents[2] / "shared" / "realplans" / "plans"
Job = Callable[[], object]
#: How long a turn lasts at least.
TURN_S = 0.1


def with_rtcode(data: bytes) -> float:
    """Sum of all positions, from the finished plan."""
    plan = read_plan(data)
    total = 0.0
    for beam in plan.beams or ():
        for device in beam.control_points.devices:
            total += float(device.rows.sum())
    return total


def with_pydicom(data: bytes) -> float:
    total = 0.0
    for beam in pydicom.dcmread(BytesIO(data), force=True).get("BeamSequence", ()):
        for point in beam.get("ControlPointSequence", ()):
            for device in point.get("BeamLimitingDevicePositionSequence", ()):
                for value in device.LeafJawPositions:
                    total += float(value)
    return total


def with_gdcm(path: str) -> float:
    reader = gdcm.Reader()
    reader.SetFileName(path)
    if not reader.Read():
        raise ValueError("GDCM cannot read this file")
    total = 0.0
    beams = _sequence(reader.GetFile().GetDataSet(), 0x300A, 0x00B0)
    # Items live in their sequence: each sequence has to stay in a variable while its items are used.
    for b in range(beams.GetNumberOfItems()):
        points = _sequence(beams.GetItem(b + 1).GetNestedDataSet(), 0x300A, 0x0111)
        for p in range(points.GetNumberOfItems()):
            point = points.GetItem(p + 1).GetNestedDataSet()
            if not point.FindDataElement(gdcm.Tag(0x300A, 0x011A)):
                continue
            devices = _sequence(point, 0x300A, 0x011A)
            for d in range(devices.GetNumberOfItems()):
                device = devices.GetItem(d + 1).GetNestedDataSet()
                for value in str(device.GetDataElement(gdcm.Tag(0x300A, 0x011C)).GetValue()).split("\\"):
                    total += float(value)
    return total


def _sequence(data_set: Any, group: int, element: int) -> Any:
    return data_set.GetDataElement(gdcm.Tag(group, element)).GetValueAsSQ()


def turn_ms(job: Job) -> float:
    """Time of one run of the job, on average over a turn."""
    gc.collect()
    count = 0
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < TURN_S or not count:
        job()
        count += 1
    return 1e3 * elapsed / count


def take_turns(contests: list[list[Job]], rounds: int) -> list[list[list[float]]]:
    """Milliseconds of each job of each contest in each round."""
    times: list[list[list[float]]] = [[[] for _ in jobs] for jobs in contests]
    for number in range(rounds):
        step = -1 if number % 2 else 1
        for jobs, seen in list(zip(contests, times, strict=True))[::step]:
            for job, taken in list(zip(jobs, seen, strict=True))[::step]:
                taken.append(turn_ms(job))
    return times


def ratio(theirs: list[float], ours: list[float]) -> str:
    """Median of the rounds' ratios, with the least and the greatest."""
    ratios = sorted(t / o for t, o in zip(theirs, ours, strict=True))
    return f"{statistics.median(ratios):.1f} ({ratios[0]:.1f}-{ratios[-1]:.1f})"


def peak(job: Job) -> int:
    gc.collect()
    tracemalloc.start()
    job()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def contenders(data: bytes, path: Path) -> list[Job]:
    jobs: list[Job] = [lambda: with_rtcode(data), lambda: with_pydicom(data)]
    if gdcm is not None:
        path.write_bytes(data)
        jobs.append(lambda: with_gdcm(str(path)))
    # All read the same.
    sums = [cast(float, job()) for job in jobs]
    assert all(abs(total - sums[1]) < 1e-6 * max(1.0, abs(sums[1])) for total in sums), sums
    return jobs


def synthetic_plans(rounds: int) -> None:
    files = [(encoding.name, encode(make_plan(), encoding)) for encoding in ENCODINGS]
    files.append(("implicit, 16 characters a number", encode(make_plan(long_decimals=True), ENCODINGS[0])))
    with tempfile.TemporaryDirectory() as folder:
        contests = [contenders(data, Path(folder) / f"{i}.dcm") for i, (_, data) in enumerate(files)]
        times = take_turns(contests, rounds)
    none = [] if gdcm is not None else ["-"]
    for (name, data), jobs, taken in zip(files, contests, times, strict=True):
        best = [f"{min(one):.2f}" for one in taken] + none
        ratios = [ratio(one, taken[0]) for one in taken[1:]] + none
        memory = [f"{peak(job) / len(data):.1f}" for job in jobs[:2]]
        print("| " + " | ".join([name, f"{len(data) / 1e3:.0f}", *best, *ratios, *memory]) + " |", flush=True)


def real_plans(rounds: int) -> None:
    if not REAL.is_dir():
        print(f"\n{REAL.parent.name} is not here: no real plans measured.")
        return
    files = []
    for path in sorted(REAL.glob("*.dcm")):
        data = path.read_bytes()
        try:
            read_plan(data)
            files.append(data)
        except InputError:
            continue
    size = sum(map(len, files))

    def all_of(read: Callable[[bytes], object]) -> Job:
        return lambda: [read(data) for data in files]

    ((ours, theirs),) = take_turns([[all_of(read_plan), all_of(with_pydicom)]], rounds)
    print(
        f"\n{len(files)} real plans, {size / 1e6:.1f} MB: rtcode {min(ours):.0f} ms "
        f"({1e3 * len(files) / min(ours):.0f} plans a second, {size / min(ours) / 1e3:.0f} MB/s), "
        f"pydicom {min(theirs):.0f} ms, ratio {ratio(theirs, ours)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15, help="rounds; a fifth of them for the real plans")
    rounds = parser.parse_args().runs
    gdcm_version = gdcm.Version.GetVersion() if gdcm is not None else "not installed"
    print(f"Python {platform.python_version()}, pydicom {pydicom.__version__}, GDCM {gdcm_version}\n")
    print(
        "| two-arc VMAT, 356 control points, 42 720 leaf positions | kB | rtcode ms | pydicom ms | GDCM ms "
        "| pydicom / rtcode | GDCM / rtcode | rtcode memory / file | pydicom memory / file |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    synthetic_plans(rounds)
    real_plans(max(3, rounds // 5))


if __name__ == "__main__":
    main()
