"""From what the caller wrote to the files to look at.

A SOURCE is a file, a folder, a ``.zip`` or ``.tar`` archive, ``-`` for standard input, or a URL.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rtcode.errors import NotAPlanError, UnreadableError, UsageError
from rtcode.sources.archives import kind_by_name, kind_of, members
from rtcode.sources.files import HEAD_BYTES, MAX_FILE_BYTES, SourceFile, or_empty, shown, unreadable
from rtcode.sources.remote import expand_url, is_url, without_secrets

__all__ = ["SourceFile", "expand", "is_local", "label_of", "local_file", "local_path", "reads"]

#: What this process has open already, by name: standard input, and the shell's process substitution ``<(...)``.
_DESCRIPTOR = re.compile(r"/dev/stdin|/dev/fd/[0-9]+|/proc/self/fd/[0-9]+")


def expand(sources: Iterable[str | os.PathLike[str]]) -> Iterator[SourceFile]:
    """The files of all sources, one at a time, in the order given; folders and archives in the order of their names.

    Whatever cannot be opened is one `SourceFile` with its ``error``, so that the others still get their answers. A
    folder or archive in which there is no file at all is reported as such.

    Raises
    ------
    UsageError
        A source that is an empty text, or a URL whose package is not installed.
    """
    for source in sources:
        text = os.fspath(source)
        if text == "-" and isinstance(source, str):
            yield from _standard_input()
        elif not text:
            # As a path this would be the current folder; it comes from a variable that is not set.
            raise UsageError("a source is an empty text", "name a plan, a folder or an archive; . is this folder")
        elif _is_file_url(text):
            yield from _file_url(text)
        elif is_url(text):
            yield from expand_url(text)
        else:
            yield from _local(Path(source), shown(text))


def is_local(source: str) -> bool:
    """Whether a source is a path, or a ``file://`` URL, and no address elsewhere."""
    return not is_url(source) or _is_file_url(source)


def local_path(source: str) -> str:
    """The path of a source that `is_local`.

    Raises
    ------
    UsageError
        A ``file://`` URL of another computer.
    """
    if not _is_file_url(source):
        return source
    try:
        return str(_path_of(source))
    except ValueError:
        raise UsageError("this is no file:// URL of this computer", "give the path itself") from None


def label_of(source: str | os.PathLike[str]) -> str:
    """How outputs show a source as a whole."""
    text = os.fspath(source)
    return shown(without_secrets(text) if is_url(text) and not _is_file_url(text) else text)


def reads(sources: Iterable[str | os.PathLike[str]], target: Path) -> bool:
    """Whether `expand` would read the file ``target``, under this name or another, as a plan or an archive.

    Links of both kinds, folders, ``file://`` URLs and a redirected standard input count. A file that is met on the way
    and passed over because of its name (``result.json`` of an earlier call) does not.
    """
    own = _identity(target)
    if own is None:
        return False
    for source in sources:
        text = os.fspath(source)
        path = 0 if text == "-" and isinstance(source, str) else _on_disk(text)
        if path is None or not text:
            continue
        if _identity(path) == own:
            return True
        if isinstance(path, Path):
            for found, _ in _walk(path, "", []):
                if _identity(found) == own and not SourceFile(str(found), named=False, path=found).other_kind():
                    return True
    return False


def _identity(path: Path | int) -> tuple[int, int] | None:
    """Which ordinary file a path or a descriptor leads to, ``None`` for everything else."""
    try:
        status = os.stat(path)  # noqa: PTH116  (a descriptor is no Path)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _on_disk(source: str) -> Path | None:
    """The path on this computer behind a source, ``None`` where it is elsewhere. Chained URLs end with theirs."""
    if _is_file_url(source):
        try:
            return _path_of(source)
        except ValueError:
            return None
    if not is_url(source):
        return Path(source)
    last = source.rsplit("::", 1)[-1]
    scheme, mark, rest = last.partition("://")
    if not mark:
        return Path(last)
    return Path(rest) if scheme.lower() in ("file", "local") else None


def _is_file_url(source: str) -> bool:
    return source.lower().startswith("file://")


def _path_of(url: str) -> Path:
    """The path that a ``file://`` URL names; ``ValueError`` where it names none, or one of another computer."""
    # Imported here: these two take longer to load than a plan takes to read.
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(url)
    if parts.netloc.lower() not in ("", "localhost"):
        raise ValueError
    return Path(url2pathname(parts.path))


def _file_url(url: str) -> Iterator[SourceFile]:
    try:
        path = _path_of(url)
    except ValueError:
        error = UnreadableError("this is no file:// URL of this computer", "give the path itself")
        yield SourceFile(shown(url), named=True, error=error)
        return
    yield from _local(path, shown(url))


def _standard_input() -> Iterator[SourceFile]:
    def read(size: int) -> bytes:
        if sys.stdin is None:  # closed by the caller
            raise OSError
        return sys.stdin.buffer.read(size)

    yield from _stream(read, "-")


def _stream(read: Callable[[int], bytes], label: str) -> Iterator[SourceFile]:
    """One plan, or an archive, that comes in one piece and can be read only once."""
    try:
        data = read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError):
        what = "standard input" if label == "-" else "what is open there"
        yield SourceFile(label, named=True, error=UnreadableError(f"{what} cannot be read"))
        return
    oversized = len(data) > MAX_FILE_BYTES
    kind = None if oversized else kind_of(label, data[:HEAD_BYTES])
    if kind is not None:
        yield from or_empty(members(io.BytesIO(data), label, kind, len(data)), label, "archive")
        return
    yield SourceFile(label, named=True, content=data[:HEAD_BYTES] if oversized else data, oversized=oversized)


def _local(path: Path, label: str) -> Iterator[SourceFile]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield SourceFile(label, named=True, error=unreadable(error))
        return
    if stat.S_ISDIR(mode):
        yield from or_empty(_folder(path, label), label, "folder")
    elif stat.S_ISREG(mode):
        yield from local_file(path, label, named=True)
    elif _DESCRIPTOR.fullmatch(str(path)):
        yield from _stream(lambda size: _read_once(path, size), label)
    else:
        # Opening a named pipe waits until somebody writes to it, and a device may never end.
        hint = "give what it holds as standard input: rtcode analyze - < PIPE"
        yield SourceFile(label, named=True, error=UnreadableError(f"it is {_special(mode)}, no file", hint))


def _read_once(path: Path, size: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(size)


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _walk(folder: Path, label: str, problems: list[OSError]) -> Iterator[tuple[Path, str]]:
    """Path and label of everything below a folder that is none. Links are followed, no folder is entered twice."""
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
            yield Path(current, name), inner + os.sep + shown(name)


def _folder(folder: Path, label: str) -> Iterator[SourceFile]:
    problems: list[OSError] = []
    for path, inner in _walk(folder, label, problems):
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield SourceFile(inner, named=False, error=unreadable(error))
            continue
        if stat.S_ISREG(mode):
            yield from local_file(path, inner, named=False)
        else:
            yield SourceFile(inner, named=False, error=NotAPlanError(f"it is {_special(mode)}, no file"))
    for problem in problems:
        where = shown(problem.filename) if problem.filename else label
        yield SourceFile(where, named=True, error=unreadable(problem))


def local_file(path: Path, label: str, *, named: bool) -> Iterator[SourceFile]:
    """A file as itself, or its members where it is an archive.

    In a folder only the name makes an archive (word processors' files are zip archives too), and its content then has
    to agree.
    """
    if named or kind_by_name(path.name):
        try:
            with path.open("rb") as stream:
                kind = kind_of(path.name, stream.read(512))
                if kind is not None:
                    stream.seek(0)
                    size = os.fstat(stream.fileno()).st_size
                    yield from or_empty(members(stream, label, kind, size), label, "archive")
                    return
        except OSError as error:
            yield SourceFile(label, named=named, error=unreadable(error))
            return
    yield SourceFile(label, named=named, path=path)
