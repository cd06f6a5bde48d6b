"""Everything that has to hold before a change lands: style, types, layers, tests. One command for people and CI."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = (
    ("style", [sys.executable, "-m", "ruff", "check", "."]),
    ("format", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("types", [sys.executable, "-m", "mypy"]),
    ("layers", [str(Path(sys.executable).parent / "lint-imports")]),
    ("fixtures", [sys.executable, "fixtures/build.py", "--check"]),
    ("tests", [sys.executable, "-m", "pytest", "-n", "auto", *sys.argv[1:]]),
)


def main() -> int:
    for name, command in STEPS:
        print(f"== {name}", flush=True)
        if shutil.which(command[0]) is None:
            print(f"{command[0]} is missing: install the extra `test`", file=sys.stderr)
            return 1
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
