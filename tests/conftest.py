"""What several tests share: the command line as a process and in the process, and the folders with plans."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).resolve().parent.parent
PLANS = ROOT / "fixtures" / "plans"


#: The help that rtcode keeps ready is that of these releases of typer; older ones lay it out differently.
CURRENT_TYPER = tuple(int(part) for part in typer.__version__.split(".")[:2]) >= (0, 29)


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


Runner = Callable[..., Ran]


def run_process(
    *arguments: str | os.PathLike[str],
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Ran:
    """``rtcode`` as a process of its own, as a user starts it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **(env or {})}
    done = subprocess.run(
        [sys.executable, "-m", "rtcode", *map(os.fspath, arguments)],
        input=b"" if stdin is None else stdin,
        capture_output=True,
        env=environment,
        cwd=cwd or ROOT,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@pytest.fixture
def rtcode_process() -> Runner:
    return run_process


@pytest.fixture
def rtcode(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """``rtcode`` within this process: the same command line, without the cost of starting Python."""
    from rtcode.cli.app import run

    for name in ("NO_COLOR", "RTCODE_SITE_KEY", "RTCODE_SITE_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)

    def runner(*arguments: str | os.PathLike[str]) -> Ran:
        capfdbinary.readouterr()
        code = run([os.fspath(argument) for argument in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return Ran(code, out.decode("utf-8"), err.decode("utf-8"))

    return runner


@pytest.fixture(scope="session")
def real_plans_dir() -> Path:
    """Real plans, which are not part of the project; tests that want them are skipped without them."""
    for folder in (ROOT.parent / "shared" / "realplans" / "plans", ROOT / ".." / "shared" / "realplans"):
        if folder.is_dir():
            return folder
    pytest.skip("the folder of real plans is not here")
