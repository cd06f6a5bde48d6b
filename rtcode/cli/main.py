"""Where the process starts and ends: quickly, and without complaints about a closed pipe."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Entry point of the command ``rtcode``."""
    # Start-up makes many objects and no garbage; looking for some after every few hundred costs a tenth of the time.
    gc.set_threshold(200_000, 20, 20)
    # numpy starts a thread on every core for linear algebra when it is imported; there is none here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if hasattr(signal, "SIGPIPE"):
        # Else a closed pipe (`| head`) would look like an error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _replace_closed_streams()
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except OSError:
        code = _output_lost()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        code = max(code, _output_lost())
    sys.exit(code)


def _replace_closed_streams() -> None:
    """Stand-ins for streams that the caller closed (``>&-``): Python has ``None`` there, and a file that is opened
    later would get their number. Standard output is then one that refuses whatever is written to it."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _run(arguments: list[str]) -> int:
    if arguments in (["--help"], ["-h"]) and "_RTCODE_COMPLETE" not in os.environ and _columns() >= 80:
        # The text that the option parser would print, without loading it first.
        from rtcode.cli.help_text import TEXT

        sys.stdout.write(TEXT)
        return 0
    from rtcode.cli.app import run

    return run(arguments)


def _columns() -> int:
    """Width of the terminal, found as the option parser finds it; 80 where there is none."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
        return columns if columns > 0 else os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (ValueError, OSError):
        return 80


def _output_lost() -> int:
    from rtcode.cli.streams import drop_output, error_line
    from rtcode.errors import ExitCode

    error_line(drop_output().line())
    return ExitCode.USAGE
