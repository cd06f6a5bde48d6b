"""From what the caller wrote to the files to look at.

A SOURCE is a file, a folder, a ``.zip`` or ``.tar`` archive, ``-`` for standard input, or a URL.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from rtcode.errors import NotAPlanError, UnreadableError
from rtcode.sources.archives import kind_by_name, kind_of, members
from rtcode.sources.files import HEAD_BYTES, MAX_FILE_BYTES, SourceFile, is_regular, shown, unreadable
from rtcode.sources.remote import expand_url, is_url

__all__ = ["SourceFile", "expand"]


def expand(sources: Iterable[str | os.PathLike[str]]) -> Iterator[SourceFile]:
    """The files of all sources, one at a time, in the order given; folders and archives in the order of their names.

    Whatever cannot be opened is one `SourceFile` with its ``error``, so that the others still get their answers. A
    folder or archive in which there is no file at all is reported as such.

    Raises
    ------
    UsageError
        A URL whose package is not installed.
    """
    for source in sources:
        text = os.fspath(source)
        if text == "-" and isinstance(source, str):
            yield from _standard_input()
        elif text.lower().startswith("file://"):
            yield from _local(_path_of(text), shown(text))
        elif is_url(text):
            yield from expand_url(text)
        else:
            yield from _local(Path(source), shown(text))


def _path_of(url: str) -> Path:
    # Imported here: these two take longer to load than a plan takes to read.
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return Path(url2pathname(urlsplit(url).path))


def _standard_input() -> Iterator[SourceFile]:
    try:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    except (OSError, AttributeError):
        yield SourceFile("-", named=True, error=UnreadableError("standard input cannot be read"))
        return
    oversized = len(data) > MAX_FILE_BYTES
    kind = None if oversized else kind_of("-", data[:HEAD_BYTES])
    if kind is not None:
        yield from _or_empty(members(io.BytesIO(data), "-", kind, len(data)), "-", "archive")
        return
    yield SourceFile("-", named=True, content=data[:HEAD_BYTES] if oversized else data, oversized=oversized)


def _local(path: Path, label: str) -> Iterator[SourceFile]:
    if path.is_dir():
        yield from _or_empty(_folder(path, label), label, "folder")
    else:
        yield from _file(path, label, named=True)


def _or_empty(found: Iterator[SourceFile], label: str, what: str) -> Iterator[SourceFile]:
    empty = True
    for file in found:
        empty = False
        yield file
    if empty:
        yield SourceFile(label, named=True, error=NotAPlanError(f"the {what} holds no files", "check the path"))


def _folder(folder: Path, label: str) -> Iterator[SourceFile]:
    """All files below a folder. Links are followed, but no folder is entered twice."""
    problems: list[OSError] = []
    seen: set[tuple[int, int]] = set()
    root = str(folder)
    for current, folders, names in os.walk(folder, onerror=problems.append, followlinks=True):
        try:
            status = Path(current).stat()
        except OSError as error:
            problems.append(error)
            folders.clear()
            continue
        if (status.st_dev, status.st_ino) in seen and status.st_ino:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()
        below = os.path.relpath(current, root)
        inner = label.rstrip("/\\") + ("" if below == "." else os.sep + shown(below))
        for name in sorted(names):
            path = Path(current, name)
            # Sockets and devices are no files; a link to nothing is reported when it is read.
            if path.exists() and not is_regular(path):
                continue
            yield from _file(path, inner + os.sep + shown(name), named=False)
    for problem in problems:
        where = shown(problem.filename) if problem.filename else label
        yield SourceFile(where, named=True, error=unreadable(problem))


def _file(path: Path, label: str, *, named: bool) -> Iterator[SourceFile]:
    """A file as itself, or its members where it is an archive.

    In a folder only the name makes an archive (word processors' files are zip archives too), and its content then has
    to agree.
    """
    if is_regular(path) and (named or kind_by_name(path.name)):
        try:
            with path.open("rb") as stream:
                kind = kind_of(path.name, stream.read(512))
                if kind is not None:
                    stream.seek(0)
                    size = os.fstat(stream.fileno()).st_size
                    yield from _or_empty(members(stream, label, kind, size), label, "archive")
                    return
        except OSError as error:
            yield SourceFile(label, named=named, error=unreadable(error))
            return
    yield SourceFile(label, named=named, path=path)
