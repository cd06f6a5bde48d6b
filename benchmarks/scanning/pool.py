"""The peer: a pool of processes that reads every plan below a folder with pydicom, its positions into numpy arrays.

    python benchmarks/scanning/pool.py FOLDER --workers N [--numpy]

Prints how many files had beams and how many positions there were. Nothing is judged and nothing is written, and only
the counts come back from the workers. With ``--numpy`` pydicom turns decimal strings into arrays itself
(``config.use_DS_numpy``), which is off by default and takes a third of the time.
"""

from __future__ import annotations

import argparse
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pydicom


def positions(path: str) -> int:
    """Leaf and jaw positions of a plan, all of which were in arrays."""
    arrays = [
        np.array(device.LeafJawPositions, dtype=np.float64)
        for beam in pydicom.dcmread(path, force=True).get("BeamSequence", ())
        for point in beam.get("ControlPointSequence", ())
        for device in point.get("BeamLimitingDevicePositionSequence", ())
    ]
    return sum(map(len, arrays))


def begin(numpy: bool) -> None:
    """In each worker."""
    warnings.simplefilter("ignore")
    pydicom.config.use_DS_numpy = numpy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--numpy", action="store_true", help="with pydicom.config.use_DS_numpy")
    options = parser.parse_args()
    paths = sorted(str(path) for path in Path(options.folder).rglob("*.dcm"))
    # Eight turns for each worker: little talk, and none is long done before the others.
    chunk = max(1, len(paths) // (8 * options.workers))
    with ProcessPoolExecutor(options.workers, initializer=begin, initargs=(options.numpy,)) as pool:
        counts = list(pool.map(positions, paths, chunksize=chunk))
    print(sum(count > 0 for count in counts), sum(counts))


if __name__ == "__main__":
    main()
