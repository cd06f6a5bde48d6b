"""Plants single errors into good plans and scores what rtcode finds: ``python benchmarks/bench_seeded.py``.

The kinds of error, what each finder should find and why are in `benchmarks/seeded/errors`. The result depends on the
seed and on the plans only; real plans take part where their folder is at hand and are never copied.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.seeded import plans, report  # noqa: E402
from benchmarks.seeded.controls import CONTROLS  # noqa: E402
from benchmarks.seeded.errors import KINDS  # noqa: E402
from benchmarks.seeded.kinds import Finder  # noqa: E402
from benchmarks.seeded.score import Bench  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--synthetic", type=int, default=2, help="synthetic plans for each kind of error")
    parser.add_argument("--real", type=int, default=2, help="real plans for each kind of error")
    parser.add_argument("--only", default="", help="kinds of error whose id or class holds this")
    parser.add_argument("--list", action="store_true", help="only what each finder said of every error")
    options = parser.parse_args()
    goods = [*plans.synthetic(), *(plans.real() if options.real else [])]
    kinds = [k for k in KINDS if options.only in k.id or options.only in k.family]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(goods, Path(folder), options.seed)
        planted = list(bench.plant_all(synthetic=options.synthetic, real=options.real, kinds=kinds))
        if options.list:
            for p in planted:
                print(f"{p.kind.id} | {p.good.name} | {p.mark.what} {p.mark.beams or ''}")
                for finder in Finder:
                    claim = "should" if p.kind.claim(finder).should else "need not"
                    print(f"    {finder} {claim}: {p.hits[finder]} {', '.join(p.said[finder])}")
            return
        harmless = list(bench.change_all(synthetic=3, real=2 if options.real else 0))
        same = [(good, bench.unchanged(good)) for good in goods]
    took = time.perf_counter() - start
    synthetic = [p for p in planted if not p.good.real]
    real = [p for p in planted if p.good.real]
    blocks = [
        [
            f"Seed {options.seed}: {len(planted)} single errors of {len({p.kind.id for p in planted})} kinds in "
            f"{len({p.good.name for p in planted})} plans, {len(harmless)} harmless changes of {len(CONTROLS)} kinds; "
            f"{took:.0f} s."
        ],
        report.summary(planted),
        [report.one_plan_alone(planted)],
        [report.by_system(synthetic, "Synthetic plans"), *([report.by_system(real, "Real plans")] if real else [])],
        report.families(planted),
        ["Should have been found and was not:"],
        report.missed(planted),
        [report.no_longer_missed(planted)],
        [report.control_sum(harmless)],
        report.controls(harmless),
        ["Plans as they are:"],
        report.unchanged(same),
        ["Kinds that the plan alone does not show:"],
        report.invisible(planted),
    ]
    print("\n\n".join("\n".join(block) for block in blocks))


if __name__ == "__main__":
    main()
