"""Reading plans: rtcode against pydicom and GDCM, in one run on one machine.

    python benchmarks/bench_read.py [--runs 15]

From the bytes (GDCM: from a file, it takes nothing else) to numbers: rtcode builds its whole `RTPlan`, the peers parse
the file and convert every leaf and jaw position to a float, and nothing else. The best of all runs counts for
everybody, and all take turns, so that a busy machine disturbs them alike. Memory is the peak that Python's allocator
sees during one read, as a multiple of the file; GDCM allocates elsewhere.
"""

from __future__ import annotations

import argparse
import gc
import platform
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

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


def best_ms(jobs: list[Job], runs: int) -> list[float]:
    """Best time of each job; they take turns."""
    best = [float("inf")] * len(jobs)
    for _ in range(runs):
        for i, job in enumerate(jobs):
            gc.collect()
            start = time.perf_counter()
            job()
            best[i] = min(best[i], 1e3 * (time.perf_counter() - start))
    return best


def peak(job: Job) -> int:
    gc.collect()
    tracemalloc.start()
    job()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def row(name: str, data: bytes, runs: int) -> None:
    with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
        file.write(data)
        file.flush()
        ours = lambda: with_rtcode(data)  # noqa: E731
        theirs = lambda: with_pydicom(data)  # noqa: E731
        jobs: list[Job] = [ours, theirs]
        if gdcm is not None:
            jobs.append(lambda: with_gdcm(file.name))
            assert abs(with_gdcm(file.name) - with_pydicom(data)) < 1e-6 * max(1.0, abs(with_pydicom(data)))
        times = best_ms(jobs, runs)
    cells = [f"{len(data) / 1e3:.0f}", *(f"{ms:.2f}" for ms in times), *([] if gdcm is not None else ["-"])]
    ratios = [f"{ms / times[0]:.1f}" for ms in times[1:]] + ([] if gdcm is not None else ["-"])
    memory = [f"{peak(job) / len(data):.1f}" for job in (ours, theirs)]
    print("| " + " | ".join([name, *cells, *ratios, *memory]) + " |", flush=True)


def real_plans(runs: int) -> None:
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

    ours, theirs = best_ms([all_of(read_plan), all_of(with_pydicom)], max(3, runs // 4))
    print(
        f"\n{len(files)} real plans, {size / 1e6:.1f} MB: rtcode {ours:.0f} ms ({1e3 * len(files) / ours:.0f} plans a "
        f"second, {size / ours / 1e3:.0f} MB/s), pydicom {theirs:.0f} ms, ratio {theirs / ours:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    gdcm_version = gdcm.Version.GetVersion() if gdcm is not None else "not installed"
    print(f"Python {platform.python_version()}, pydicom {pydicom.__version__}, GDCM {gdcm_version}\n")
    print(
        "| two-arc VMAT, 356 control points, 42 720 leaf positions | kB | rtcode ms | pydicom ms | GDCM ms "
        "| pydicom / rtcode | GDCM / rtcode | rtcode memory / file | pydicom memory / file |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for encoding in ENCODINGS:
        row(encoding.name, encode(make_plan(), encoding), runs)
    row("implicit, 16 characters a number", encode(make_plan(long_decimals=True), ENCODINGS[0]), runs)
    real_plans(runs)


if __name__ == "__main__":
    main()
