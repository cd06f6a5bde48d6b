"""Scanning archives with ``rtcode scan``: plans, a million files, an object store.

    python benchmarks/bench_scan.py plans [--plans 200] [--times 5] [--rounds 5] [--mlca PROGRAM]
    python benchmarks/bench_scan.py million [--entries 1000000]
    python benchmarks/bench_scan.py store [--images 2000] [--plans 100] [--delay-ms 0 20]

Every archive is made in a temporary folder (``--folder`` says where) and removed afterwards; making it is not measured.
Files are in the page cache, since they were just written. Run it on a quiet machine.

``plans``: whole commands in turn, in an order that is reversed from round to round, into a new dataset each time:
`rtcode scan` (worker processes, judging, store, NDJSON table) and pools of as many processes that read the same files
with pydicom, their positions into numpy arrays (`scanning/pool.py`), once as pydicom comes and once with its fastest
setting. Each is also timed on a quarter of the files: the difference of both has no start of processes in it. Two
archives: synthetic two-arc VMAT plans, each with positions of its own, in four encodings; and the real plans where
they are beside the project, several times, each copy with a UID of its own. Seconds and ratios are medians of the
rounds with the least and the greatest; a ratio is of two turns of one round.

With ``--mlca`` also DVHA-MLCA (PyPI), which computes a complexity score, in one process. It needs old packages, so it
gets an environment of its own, whose program `mlca` is named here:

    python -m venv mlca && mlca/bin/pip install dvha-mlca "pydicom<3" "shapely<2" "numpy<2"

``million``: small images, hard links of some dozen different ones, a thousand a folder, and a distinct VMAT plan in
each thousand. Scanned once, then again with nothing changed. The memory is the parent's, which reads no file itself.

``store``: a bucket of moto's server, which is a process of its own and slow (Python): its processor time tells when
it is the one who is waited for. With the requests under way that rtcode has, and with one at a time, each directly and
through a proxy that keeps every request back for so many ms.
"""

from __future__ import annotations

import argparse
import os

from scanning.commands import machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    plans = commands.add_parser("plans", help="plans a second against pydicom and DVHA-MLCA")
    plans.add_argument("--plans", type=int, default=200, help="synthetic VMAT plans")
    plans.add_argument("--times", type=int, default=5, help="copies of the real plans")
    plans.add_argument("--rounds", type=int, default=5)
    plans.add_argument("--mlca", metavar="PROGRAM", help="the program `mlca` of DVHA-MLCA's environment")
    plans.add_argument("--mlca-plans", type=int, default=20, help="VMAT plans for it, which takes seconds for each")
    million = commands.add_parser("million", help="a first and a second run over an archive of small files")
    million.add_argument("--entries", type=int, default=1_000_000)
    million.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    store = commands.add_parser("store", help="requests under way at a time to an object store")
    store.add_argument("--images", type=int, default=2_000)
    store.add_argument("--plans", type=int, default=100)
    store.add_argument("--delay-ms", type=float, nargs="+", default=[0, 20])
    store.add_argument("--rounds", type=int, default=3)
    store.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    for command in (plans, million, store):
        command.add_argument("--folder", help="where to put the files for the time of the run")
    options = parser.parse_args()
    print(machine(), flush=True)
    if options.command == "plans":
        from scanning.plans import measure

        measure(options.plans, options.times, options.rounds, options.mlca, options.mlca_plans, options.folder)
    elif options.command == "million":
        from scanning.million import measure as measure_million

        measure_million(options.entries, options.workers, options.folder)
    else:
        from scanning.store import measure as measure_store

        measure_store(options.images, options.plans, options.delay_ms, options.rounds, options.workers, options.folder)


if __name__ == "__main__":
    main()
