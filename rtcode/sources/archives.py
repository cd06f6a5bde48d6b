"""Archives: the members of zip and tar files as source files, without writing anything to disk.

An archive is data from outside, so what it may cost is bounded: the size of a member, the number of members, the sum of
what they unpack to, and the depth of archives in archives.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from rtcode.errors import RtcodeError, TooLargeError, UnreadableError
from rtcode.sources.files import HEAD_BYTES, MAX_FILE_BYTES, SourceFile, names_another_kind

MAX_MEMBERS = 1_000_000
#: An archive may unpack to this many times its size; the floor is always allowed. Plans shrink 5 to 30 times.
MAX_RATIO = 100
RATIO_FLOOR_BYTES = 1024 * 1024 * 1024
#: Archives in archives that are opened.
MAX_DEPTH = 2

#: How much of a member is unpacked at a time.
_PIECE_BYTES = 1024 * 1024

_TAR_NAMES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def kind_by_name(name: str) -> str | None:
    """``"zip"``, ``"tar"`` or ``None``, by the ending."""
    lower = name.lower()
    if lower.endswith(".zip"):
        return "zip"
    return "tar" if lower.endswith(_TAR_NAMES) else None


def kind_by_content(head: bytes) -> str | None:
    """``"zip"``, ``"tar"`` or ``None``, by the first bytes (at least 300); a DICOM preamble may look like anything."""
    if head[128:132] == b"DICM":
        return None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    return None


def kind_of(name: str, head: bytes) -> str | None:
    """``"zip"``, ``"tar"`` or ``None``: a compressed tar is told by its name, everything else by its content."""
    kind = kind_by_content(head)
    if kind is None and kind_by_name(name) == "tar" and head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        kind = "tar"
    return kind


class _Budget:
    """What the archive that the caller gave may still unpack to; archives within it draw on the same budget."""

    def __init__(self, size: int) -> None:
        self.members = MAX_MEMBERS
        self.bytes = max(RATIO_FLOOR_BYTES, MAX_RATIO * size)

    def take(self, size: int) -> None:
        self.members -= 1
        self.bytes -= size
        if self.members < 0 or self.bytes < 0:
            raise TooLargeError("the archive unpacks to more than is allowed", "unpack it and give the folder")


def members(stream: IO[bytes], label: str, kind: str, size: int) -> Iterator[SourceFile]:
    """The files in an archive, one at a time.

    Parameters
    ----------
    stream
        The archive, seekable.
    kind
        ``"zip"`` or ``"tar"``.
    size
        Bytes of the archive.
    """
    yield from _members(stream, label, kind, _Budget(size), depth=1)


def _members(stream: IO[bytes], label: str, kind: str, budget: _Budget, depth: int) -> Iterator[SourceFile]:
    damage = _damage()
    read = _zip_members if kind == "zip" else _tar_members
    try:
        for name, data in read(stream):
            inner = f"{label}!{_member_name(name)}"
            if isinstance(data, RtcodeError):
                yield SourceFile(inner, named=False, error=data)
                continue
            budget.take(len(data))
            inner_kind = kind_of(name, data) if kind_by_name(name) else None
            if inner_kind is None or len(data) > MAX_FILE_BYTES:
                yield _member(inner, data)
            elif depth >= MAX_DEPTH:
                error = UnreadableError(
                    "archives in archives are opened only one deep", "unpack it and give the folder"
                )
                yield SourceFile(inner, named=False, error=error)
            else:
                yield from _members(io.BytesIO(data), inner, inner_kind, budget, depth + 1)
            # One member is in memory at a time: the names here and in the readers below let go of it before the next.
            del data
    except TooLargeError as error:
        yield SourceFile(label, named=True, error=error)
    except damage:
        yield SourceFile(label, named=True, error=_damaged())


def _member(label: str, data: bytes) -> SourceFile:
    if len(data) > MAX_FILE_BYTES:
        return SourceFile(label, named=False, content=data[:HEAD_BYTES], oversized=True)
    return SourceFile(label, named=False, content=data)


def _damaged() -> UnreadableError:
    return UnreadableError("the archive is damaged or of an unknown kind", "copy it again, or unpack it yourself")


def _member_name(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _damage() -> tuple[type[Exception], ...]:
    """What the decompressors raise on damaged data, and zipfile for a password or an unknown method (both are a
    RuntimeError).

    The packages are imported here because few calls need them, and they take longer to load than a plan takes to read.
    """
    import lzma
    import tarfile
    import zipfile
    import zlib

    return (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    )


def _zip_members(stream: IO[bytes]) -> Iterator[tuple[str, bytes | RtcodeError]]:
    import zipfile

    damage = _damage()
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.is_dir() or _is_litter(info.filename):
                continue
            if info.flag_bits & 0x1:
                yield info.filename, UnreadableError("it is encrypted", "unpack it with its password; give the folder")
                continue
            try:
                with archive.open(info) as member:
                    data = _content(member)
            except damage:
                yield info.filename, _damaged()
                continue
            yield info.filename, data
            del data


def _tar_members(stream: IO[bytes]) -> Iterator[tuple[str, bytes | RtcodeError]]:
    import tarfile

    with tarfile.open(fileobj=stream, mode="r:*") as archive:
        for info in archive:
            # A link's target is a member of its own, or lies outside of the archive.
            if not info.isreg() or _is_litter(info.name):
                continue
            member = archive.extractfile(info)
            if member is not None:
                data = _content(member)
                if len(data) < min(info.size, MAX_FILE_BYTES):
                    raise EOFError
                yield info.name, data
                del data


def _content(member: IO[bytes]) -> bytes:
    """What a member unpacks to, at most one byte more than is allowed.

    Piece by piece, since zipfile copies all that it has so far for every few KiB that it unpacks.
    """
    collected = io.BytesIO()
    while (room := MAX_FILE_BYTES + 1 - collected.tell()) > 0:
        piece = member.read(min(_PIECE_BYTES, room))
        if not piece:
            break
        collected.write(piece)
    return collected.getvalue()


def _is_litter(name: str) -> bool:
    """macOS puts a shadow of every file into its zip files; nobody asked for those."""
    return name.startswith("__MACOSX/") and names_another_kind(name)
