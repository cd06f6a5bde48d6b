"""Data to standard output or a file, talk to standard error."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rtcode.errors import UnreadableError, UsageError


def error_line(text: str) -> None:
    """``rtcode: CODE: what is wrong and what to do`` on standard error."""
    from rtcode.outputs.layout import one_line

    try:
        _put(sys.stderr, f"rtcode: {one_line(text)}\n")
    except OSError:
        # Nobody is left to be told; the exit code stays.
        return


def colors(*, no_color: bool, output: str | None) -> bool:
    """Whether standard output is a terminal that wants colors."""
    if no_color or output not in (None, "-") or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def check_output(output: str | None, read: Sequence[str] = ()) -> None:
    """Refuse an output that cannot be written before any work is done, or that would replace an input.

    Parameters
    ----------
    read
        The sources of the call, and every other file that it reads.

    Raises
    ------
    UsageError
        There is no such folder, it is a folder itself, a DICOM object, or one of the files that are read.
    """
    if output in (None, "-"):
        return
    path = Path(output or "")
    try:
        if path.is_dir():
            raise UsageError("the output is a folder", "give the name of a file after --output")
        if not path.absolute().parent.is_dir():
            raise UsageError("the folder of the output does not exist", "create it first")
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the output is no path that can be written ({type(error).__name__})", "give another name after --output"
        ) from None
    if exists and read:
        from rtcode.sources.expand import reads

        if reads(read, path):
            raise UsageError(
                "the output would replace one of the sources, or another file that is read",
                "give another name after --output",
            )
    if exists and path.is_file():
        from rtcode.dicom.triage import ObjectKind, triage_file

        # Also one that no source names, or only by an address that leads nowhere: no report belongs there.
        with suppress(UnreadableError):
            if triage_file(path).kind not in (ObjectKind.NOT_DICOM, ObjectKind.EMPTY):
                raise UsageError("the output would replace a DICOM object", "give another name after --output")


def refuse_terminal(output: str | None) -> None:
    """Refuse to write what is no text to a terminal.

    Raises
    ------
    UsageError
        The output is standard output, and that is a terminal.
    """
    if output in (None, "-") and sys.stdout.isatty():
        raise UsageError("a terminal cannot show a PDF", "name a file after --output")


def write(data: str | bytes, output: str | None, *, terminal: bool = False) -> None:
    """Write data to standard output, or to a file that appears whole or not at all.

    Parameters
    ----------
    data
        Bytes are written as they are, a text in UTF-8.
    terminal
        The text is for people: on standard output it is encoded as the terminal wants. Otherwise it is UTF-8.

    Raises
    ------
    UsageError
        The file, or standard output, cannot be written.
    """
    if output in (None, "-"):
        try:
            if terminal and isinstance(data, str):
                _put(sys.stdout, data)
            else:
                sys.stdout.flush()
                sys.stdout.buffer.write(_bytes(data))
                sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError:
            raise drop_output() from None
        return
    try:
        _write_file(Path(output or ""), _bytes(data))
    except OSError as error:
        raise UsageError(
            f"the output cannot be written ({type(error).__name__}, errno {error.errno})",
            "check the folder and its free space",
        ) from None


def drop_output() -> UsageError:
    """The error of a standard output that takes nothing (closed, or its disk is full).

    What is left in its buffer goes nowhere, else Python would complain a second time when it closes the stream.
    """
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return UsageError("standard output cannot be written", "check where it goes")


def _put(stream: object, text: str) -> None:
    """Write to a text stream; what its encoding lacks becomes an escape."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(text)  # type: ignore[attr-defined]
        return
    buffer.write(text.encode(encoding, "backslashreplace"))
    buffer.flush()


def _bytes(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")


def _write_file(path: Path, data: bytes) -> None:
    import tempfile

    mode = path.stat().st_mode if path.exists() else None
    if mode is not None and not stat.S_ISREG(mode):
        # A device or a pipe cannot be replaced.
        with path.open("wb") as stream:
            stream.write(data)
        return
    target = Path(os.path.realpath(path))
    with _signals_held():
        handle, name = tempfile.mkstemp(prefix=".rtcode-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)  # there is none any more where it was put in place


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back the signals that end a process while a temporary file is there: they would leave it behind.

    They take effect right afterwards. Windows has no such thing.
    """
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
