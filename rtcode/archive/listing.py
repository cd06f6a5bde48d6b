"""What files there are: folders, lists and addresses as chunks of names, in one order, with size and time.

Nothing is opened here, and nothing is remembered but the folders on the way, so that millions of files take no more
memory than thousands. The order is that of the names' bytes, folder by folder, so that what is known of an earlier run
can be laid beside it (`rtcode.archive.store.Store.compare`).
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from rtcode.errors import NotAPlanError, RtcodeError, SourceError, UsageError
from rtcode.records import record, replace
from rtcode.sources.expand import is_local, label_of, local_path
from rtcode.sources.files import shown, unreadable
from rtcode.sources.remote import filesystem_of

#: Files of one chunk.
CHUNK = 2_000

#: Sizes of what is no ordinary file.
SPECIAL, GONE = -1, -2
#: Size of what a list names elsewhere: nobody asked.
UNKNOWN = -3


@record
class Listed:
    """Name, size (bytes) and stamp of a file; a stamp that differs means that the file was written again.

    On disks it is the time of the last change (ns), in object stores a hash of what the store says of a version.
    """

    name: str
    size: int
    stamp: int


@record
class Chunk:
    """Consecutive files of one folder, by the bytes of their names.

    Attributes
    ----------
    root
        The source, as outputs show it.
    folder
        The folder's absolute path or its address.
    label
        The folder as outputs show it, without a separator at the end; ``""`` where only the name was given.
    first, last
        Whether the folder's files begin and end here.
    partial
        Files that were named or listed one by one; others may lie in the same folder.
    named
        The caller named these very files, so that they have to be plans.
    """

    root: str
    folder: str
    label: str
    files: tuple[Listed, ...]
    first: bool
    last: bool
    partial: bool = False
    named: bool = False

    def address(self, name: str) -> str:
        """What opens a file of the folder."""
        return join(self.folder, name)

    def shown(self, name: str) -> str:
        """A file as outputs show it."""
        return join(self.label, shown(name)) if self.label else shown(name)


@record
class Problem:
    """A source or folder that cannot be listed; what is known of it from earlier runs stays."""

    root: str
    folder: str
    label: str
    error: RtcodeError


def join(folder: str, name: str) -> str:
    """A name in a folder or below an address; in a chain (``zip://in::s3://bucket/a.zip``) the first part grows."""
    if "::" in folder:
        first, _, rest = folder.partition("::")
        return f"{first if first.endswith('/') else first + '/'}{name}::{rest}"
    if "://" in folder:
        return f"{folder.rstrip('/')}/{name}"
    return os.path.join(folder, name)  # noqa: PTH118  (a million times; Path takes ten times as long)


def list_source(
    source: str, beside: frozenset[tuple[int, int]] = frozenset(), without: frozenset[str] = frozenset()
) -> Iterator[Chunk | Problem]:
    """The files of one source: a folder and everything below it, one file, or an address.

    Parameters
    ----------
    beside
        Folders (device, inode) that are not entered: what the scan itself writes.
    without
        Folders (paths or addresses) whose own files are known; those below them are listed.

    Raises
    ------
    UsageError
        An address whose package is not installed, standard input, or an empty text.
    """
    if source == "-":
        raise UsageError("a scan reads no plan from standard input", "give files or folders; --files-from - for a list")
    if not source:
        raise UsageError("a source is an empty text", "name a folder, an archive or a list; . is this folder")
    if not is_local(source):
        yield from _remote(source, without)
        return
    path = os.path.abspath(local_path(source))  # noqa: PTH100  (resolves no links, as outputs show none)
    label = label_of(source)
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError) as error:
        yield Problem(label, path, label, unreadable(error))
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _or_empty(_folders(path, label, beside, without), path, label, without)
    else:
        folder, name = os.path.split(path)
        one = (_listed(folder, name),)
        yield Chunk(label, folder, os.path.dirname(label), one, True, True, partial=True, named=True)  # noqa: PTH120


def list_paths(paths: Iterable[str], label: str) -> Iterator[Chunk | Problem]:
    """The files of a list, each once; a folder in it stands for everything below it."""
    import sqlite3

    # Sorted on disk: a list may have millions of lines.
    connection = sqlite3.connect("")
    try:
        connection.execute("CREATE TABLE listed (folder BLOB, name BLOB, PRIMARY KEY (folder, name)) WITHOUT ROWID")
        folders: list[str] = []
        connection.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?)", _split(paths, folders))
        for folder in folders:
            yield from (replace(one, root=label) for one in list_source(folder))
        yield from _chunks(connection.execute("SELECT folder, name FROM listed ORDER BY folder, name"), label)
    finally:
        connection.close()


def _or_empty(
    found: Iterator[Chunk | Problem], path: str, label: str, without: frozenset[str]
) -> Iterator[Chunk | Problem]:
    """The same, and a problem where there are no files at all: hardly what was meant (a disk that is not there)."""
    empty = not without
    for one in found:
        empty = empty and isinstance(one, Chunk) and not one.files
        yield one
    if empty:
        yield Problem(label, path, label, NotAPlanError("the folder holds no files", "check the path"))


def _split(paths: Iterable[str], folders: list[str]) -> Iterator[tuple[bytes, bytes]]:
    for path in paths:
        if not is_local(path):
            folder, _, name = path.rpartition("/")
            yield os.fsencode(folder), os.fsencode(name)
            continue
        absolute = os.path.abspath(local_path(path))  # noqa: PTH100
        if os.path.isdir(absolute):  # noqa: PTH112
            folders.append(path)
        else:
            folder, name = os.path.split(absolute)
            yield os.fsencode(folder), os.fsencode(name)


def _chunks(rows: Iterable[tuple[bytes, bytes]], root: str) -> Iterator[Chunk]:
    waiting: list[Listed] = []
    current: str | None = None
    first = True
    for raw_folder, raw_name in rows:
        folder, name = os.fsdecode(raw_folder), os.fsdecode(raw_name)
        if current is not None and (folder != current or len(waiting) >= CHUNK):
            yield Chunk(root, current, shown(current), tuple(waiting), first, folder != current, partial=True)
            first, waiting = folder != current, []
        current = folder
        waiting.append(_listed(folder, name) if "://" not in folder else Listed(name, UNKNOWN, 0))
    if current is not None:
        yield Chunk(root, current, shown(current), tuple(waiting), first, True, partial=True)


def _folders(
    path: str, label: str, beside: frozenset[tuple[int, int]], without: frozenset[str]
) -> Iterator[Chunk | Problem]:
    """A folder and those below it. Links are followed, no folder is entered twice."""
    seen: set[tuple[int, int]] = set(beside)
    waiting = [(path, label.rstrip("/\\") or label)]
    while waiting:
        folder, shown_as = waiting.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116
            if (status.st_dev, status.st_ino) in seen and status.st_ino:
                continue
            seen.add((status.st_dev, status.st_ino))
            names, below = _names(folder)
        except OSError as error:
            yield Problem(label, folder, shown_as, unreadable(error))
            continue
        waiting.extend((join(folder, name), join(shown_as, shown(name))) for name in reversed(below))
        if folder in without:
            continue
        for start in range(0, max(len(names), 1), CHUNK):
            files = tuple([_listed(folder, name) for name in names[start : start + CHUNK]])
            yield Chunk(label, folder, shown_as, files, start == 0, start + CHUNK >= len(names))


def _names(folder: str) -> tuple[list[str], list[str]]:
    files: list[str] = []
    folders: list[str] = []
    with os.scandir(folder) as found:
        for entry in found:
            (folders if _is_folder(entry) else files).append(entry.name)
    files.sort(key=os.fsencode)
    folders.sort(key=os.fsencode)
    return files, folders


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _listed(folder: str, name: str) -> Listed:
    try:
        status = os.stat(join(folder, name))  # noqa: PTH116
    except OSError:
        return Listed(name, GONE, 0)
    return Listed(name, status.st_size if stat.S_ISREG(status.st_mode) else SPECIAL, status.st_mtime_ns)


def _remote(url: str, without: frozenset[str]) -> Iterator[Chunk | Problem]:
    label = label_of(url)
    filesystem, path = filesystem_of(url)
    scheme = url.partition("://")[0]
    try:
        # What this process was told of a folder before may be old.
        filesystem.invalidate_cache()
        if filesystem.isfile(path):
            folder, _, name = url.rpartition("/")
            one = (_remote_listed(name, filesystem.info(path)),)
            yield Chunk(label, folder, label.rpartition("/")[0], one, True, True, partial=True, named=True)
            return
        below_label = label.rstrip("/")
        empty = not without
        for current, _, files in filesystem.walk(path, detail=True):
            empty = empty and not files
            below = current[len(path) :].strip("/") if current.startswith(path) else current
            folder = join(url, below) if below else url.rstrip("/")
            shown_as = join(below_label, shown(below)) if below else below_label
            if folder in without:
                continue
            # Some stores list a folder as an empty file in itself.
            names = sorted((name for name in files if name), key=os.fsencode)
            for start in range(0, max(len(names), 1), CHUNK):
                chunk = tuple([_remote_listed(name, files[name]) for name in names[start : start + CHUNK]])
                yield Chunk(label, folder, shown_as, chunk, start == 0, start + CHUNK >= len(names))
        if empty:
            yield Problem(label, url, label, SourceError("the folder is empty or there is none"))
    except Exception as error:  # noqa: BLE001  (every back end has exceptions of its own)
        what = "the source could not be listed"
        yield Problem(label, f"{scheme}://", label, SourceError(f"{what} ({type(error).__name__})"))


def _remote_listed(name: str, found: dict[str, Any]) -> Listed:
    versions = ("ETag", "etag", "LastModified", "last_modified", "mtime", "modified", "md5", "contentHash", "created")
    said = next((str(found[key]) for key in versions if found.get(key)), "")
    return Listed(name, int(found.get("size") or 0), zlib.crc32(said.encode()))
