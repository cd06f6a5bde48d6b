"""Cold starts, whole processes in turn: ``rtcode --help``, ``rtcode analyze`` and ``python -c "import pydicom"``.

    python benchmarks/bench_start.py [--runs 15]

Prints a Markdown table of medians and ratios to ``import pydicom``. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def seconds(command: list[str]) -> float:
    # Compiled files are part of any installation; a setting that forbids writing them would measure the compiler.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    plan = str(ROOT / "fixtures" / "plans" / "example.dcm")
    program = str(Path(sys.executable).parent / "rtcode")
    commands = {
        'python -c "import pydicom"': [sys.executable, "-c", "import pydicom"],
        "rtcode --help": [program, "--help"],
        "rtcode analyze one.dcm": [program, "analyze", plan],
        "rtcode analyze one.dcm --format json": [program, "analyze", plan, "--format", "json"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        seconds(command)  # compiled files and disk caches
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    base = statistics.median(times['python -c "import pydicom"'])
    print("| command | median s | min s | of `import pydicom` |")
    print("|---|---|---|---|")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"| `{name}` | {median:.3f} | {min(values):.3f} | {median / base:.2f} |")


if __name__ == "__main__":
    main()
