"""A manifest: the listing of an archive as a file, made apart from the scan and by parts.

One JSON object a line: a header with the sources, the chunks of their folders, problems, the end of each source, and a
summary. Under its name a manifest is whole; while it is made it has ``.part`` behind its name, and making it again goes
on from there. Paths are as the operating system has them, so that a manifest is as private as the archive.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from rtcode.archive.listing import Chunk, Listed, Problem
from rtcode.errors import NotAPlanError, RtcodeError, SourceError, UnreadableError, UsageError
from rtcode.records import record, replace

SCHEMA = "rtcode.manifest/1"

Listing = tuple[str, Iterable[Chunk | Problem]]
Lister = Callable[[str, frozenset[str]], Iterable[Chunk | Problem]]


@record
class Manifest:
    """A whole manifest: its sources, its number of files, and what it lists."""

    path: Path
    sources: tuple[str, ...]
    files: int

    def listings(self) -> Iterator[Listing]:
        """Each source with its chunks; to be used one after the other, each to its end."""
        with _opened(self.path) as stream:
            next(stream)
            for source in self.sources:
                yield source, _until_end(stream)


def _until_end(stream: Iterable[bytes]) -> Iterator[Chunk | Problem]:
    for line in stream:
        one = json.loads(line)
        if one["type"] == "end":
            return
        yield _read_one(one)


def load(path: Path) -> Manifest:
    """A whole manifest.

    Raises
    ------
    UsageError
        It cannot be read, is none, or is not whole.
    """
    try:
        with _opened(path) as stream:
            header = json.loads(stream.readline())
            stream.seek(0, os.SEEK_END)
            size = stream.tell()
            stream.seek(max(0, size - 4096))
            summary = json.loads(stream.read().splitlines()[-1])
        if header["schema"] != SCHEMA or summary["type"] != "summary":
            raise ValueError
        return Manifest(path, tuple(header["sources"]), int(summary["files"]))
    except (ValueError, KeyError, IndexError, TypeError):
        raise UsageError("this is no whole manifest", "make it with `rtcode scan SOURCE --manifest FILE`") from None


def make(path: Path, sources: Sequence[str], list_of: Lister) -> Manifest:
    """List sources into a manifest; what an earlier call of the same sources began is gone on with.

    Parameters
    ----------
    list_of
        Lists a source by its name, without the folders that were listed already.

    Raises
    ------
    UsageError
        The manifest cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        begun = _begun(part, sources)
        with part.open("r+b" if begun.size else "wb") as stream:
            stream.truncate(begun.size)
            stream.seek(begun.size)
            if not begun.size:
                _write(stream, {"type": "header", "schema": SCHEMA, "sources": list(sources)})
            files, folders = begun.files, begun.folders
            for source in sources[begun.ended :]:
                for one in _but(list_of(source, folders), path, part):
                    files += len(one.files) if isinstance(one, Chunk) else 0
                    _write(stream, _written(one))
                _write(stream, {"type": "end"})
                folders = frozenset()
            _write(stream, {"type": "summary", "files": files})
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise UsageError(
            f"the manifest cannot be written ({type(error).__name__}, errno {error.errno})",
            "check its folder and the free space",
        ) from None
    return Manifest(path, tuple(sources), files)


def _but(found: Iterable[Chunk | Problem], *paths: Path) -> Iterator[Chunk | Problem]:
    """The same without some files: the manifest may lie in what it lists."""
    folder = str(paths[0].absolute().parent)
    names = {path.name for path in paths}
    for one in found:
        if isinstance(one, Chunk) and one.folder == folder:
            yield replace(one, files=tuple(file for file in one.files if file.name not in names))
        else:
            yield one


@record
class _Begun:
    """What of a manifest is there: bytes that count, sources that ended, folders that are listed, and their files."""

    size: int
    ended: int
    folders: frozenset[str]
    files: int


def _begun(part: Path, sources: Sequence[str]) -> _Begun:
    nothing = _Begun(0, 0, frozenset(), 0)
    if not part.exists():
        return nothing
    folders: set[str] = set()
    size = ended = files = 0
    # Of a folder that was not listed to its end nothing counts.
    open_files = 0
    with part.open("rb") as stream:
        at = 0
        for line in stream:
            try:
                one = json.loads(line)
            except ValueError:
                break
            at += len(line)
            if one["type"] == "header":
                if one != {"type": "header", "schema": SCHEMA, "sources": list(sources)}:
                    return nothing
            elif one["type"] == "files":
                open_files = (0 if one["first"] else open_files) + len(one["files"])
                if not one["last"]:
                    continue
                folders.add(one["folder"])
                files += open_files
            elif one["type"] == "end":
                ended += 1
                folders.clear()
            elif one["type"] == "summary":
                continue
            size = at
    return _Begun(size, ended, frozenset(folders), files)


def divided(listing: Iterable[Chunk | Problem], number: int, count: int) -> Iterator[Chunk | Problem]:
    """The files of a listing that fall to one of ``count`` shards, by their addresses: the same for every call.

    Problems and empty folders fall to the first shard.
    """
    for one in listing:
        if isinstance(one, Problem):
            if number == 1:
                yield one
            continue
        files = tuple(file for file in one.files if _shard_of(one.address(file.name), count) == number)
        yield replace(one, files=files)


def _shard_of(address: str, count: int) -> int:
    return zlib.crc32(os.fsencode(address)) % count + 1


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"the manifest cannot be read ({type(error).__name__})", "check its path") from None


def _write(stream: IO[bytes], value: dict[str, Any]) -> None:
    # ASCII, so that names that are no UTF-8 come back as they were.
    stream.write(json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n")


def _written(one: Chunk | Problem) -> dict[str, Any]:
    place = {"root": one.root, "folder": one.folder, "label": one.label}
    if isinstance(one, Problem):
        said = {"code": one.error.code, "message": one.error.message, "hint": one.error.hint}
        return {"type": "problem", **place, **said}
    return {
        "type": "files",
        **place,
        "first": one.first,
        "last": one.last,
        "partial": one.partial,
        "named": one.named,
        "files": [[file.name, file.size, file.stamp] for file in one.files],
    }


def _read_one(one: dict[str, Any]) -> Chunk | Problem:
    place = one["root"], one["folder"], one["label"]
    if one["type"] == "problem":
        kinds: dict[str, type[RtcodeError]] = {kind.code: kind for kind in (NotAPlanError, SourceError)}
        error = kinds.get(one["code"], UnreadableError)(one["message"], one["hint"])
        return Problem(*place, error)
    files = tuple(Listed(*file) for file in one["files"])
    return Chunk(*place, files, one["first"], one["last"], one["partial"], one["named"])
