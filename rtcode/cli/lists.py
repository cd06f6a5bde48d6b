"""Lists of paths: ``--files-from`` and ``@FILE``, read piece by piece, since they may have millions of lines."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rtcode.errors import UsageError

_PIECE_BYTES = 1 << 20


def listed_paths(name: str) -> Iterator[str]:
    """The paths of a list, one a line: a file's name, ``-`` for standard input, ``-0`` for NUL between the paths there.

    Raises
    ------
    UsageError
        It cannot be read, or is written in UTF-16.
    """
    try:
        if name in ("-", "-0"):
            yield from _split(sys.stdin.buffer, null=name == "-0")
        else:
            with Path(name).open("rb") as stream:
                yield from _split(stream, null=False)
    except (OSError, AttributeError) as error:  # there is no standard input where the caller closed it
        raise UsageError(f"the list of sources cannot be read ({type(error).__name__})", "check its path") from None


def _split(stream: BinaryIO, *, null: bool) -> Iterator[str]:
    rest = stream.read(_PIECE_BYTES)
    if rest.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError("the list of sources is written in UTF-16", "save it as UTF-8")
    rest = rest.removeprefix(codecs.BOM_UTF8)
    while True:
        piece = stream.read(_PIECE_BYTES)
        # A line may end in \r\n, which two pieces may share.
        whole, rest = _lines(rest + piece, null=null, more=bool(piece))
        yield from (os.fsdecode(line) for line in whole if line.strip())
        if not piece:
            return


def _lines(data: bytes, *, null: bool, more: bool) -> tuple[list[bytes], bytes]:
    if null:
        lines = data.split(b"\0")
    else:
        lines = data.splitlines(keepends=True)
        if lines and (lines[-1].endswith(b"\n") or not more):
            lines.append(b"")
        lines = [line.rstrip(b"\r\n") if i < len(lines) - 1 else line for i, line in enumerate(lines)]
    if not more:
        return lines, b""
    return lines[:-1], lines[-1] if lines else b""
