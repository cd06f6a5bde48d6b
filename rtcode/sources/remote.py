"""URLs that fsspec understands (``s3://``, ``https://``, ``sftp://``, ``smb://``…); fsspec is optional."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from rtcode.errors import RtcodeError, SourceError, UsageError
from rtcode.sources.archives import kind_by_name, kind_of, members
from rtcode.sources.files import HEAD_BYTES, MAX_FILE_BYTES, SourceFile, or_empty, shown

#: Two letters at least: ``C://`` is a drive.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::[A-Za-z][A-Za-z0-9+.-]+)*://")
#: Requests of a scan's worker that are under way at a time, which botocore bounds to 10.
CONNECTIONS = 32
_S3 = {"config_kwargs": {"max_pool_connections": CONNECTIONS}}
_OPTIONS: dict[str, dict[str, Any]] = {"s3": _S3, "s3a": _S3}
_USER = re.compile(r"(?<=://)[^/@\s]*@")


def is_url(source: str) -> bool:
    return _URL.match(source) is not None


def without_secrets(url: str) -> str:
    """The URL without a user's name and password and without a query, which may be a signature."""
    return _USER.sub("", url).split("?", 1)[0]


def filesystem_of(url: str) -> tuple[Any, str]:
    """fsspec's file system behind a URL, and the path in it.

    Raises
    ------
    UsageError
        fsspec or the package for this kind of URL is not installed.
    Exception
        Whatever the back end raises where it cannot be reached.
    """
    try:
        import fsspec  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise UsageError(
            "a URL as a source needs the package fsspec", "install rtcode[remote], or give a file or folder"
        ) from None
    scheme = url.split("://", 1)[0].split("::")[-1]
    if scheme.lower() not in fsspec.available_protocols():
        raise UsageError(f"{scheme}:// is no kind of URL that fsspec knows", "give a file, a folder or another URL")
    try:
        filesystem, path = fsspec.core.url_to_fs(url, **_OPTIONS.get(scheme.lower(), {}))
    except ImportError:
        raise UsageError(
            f"{scheme}:// needs a further package beside fsspec", "fsspec's list of known implementations names it"
        ) from None
    return filesystem, path


def expand_url(url: str) -> Iterator[SourceFile]:
    """The files behind a URL.

    Raises
    ------
    UsageError
        fsspec or the package for this kind of URL is not installed.
    """
    label = shown(without_secrets(url))
    try:
        filesystem, path = filesystem_of(url)
        folder = not filesystem.isfile(path) and filesystem.isdir(path)
        paths = sorted(filesystem.find(path)) if folder else [path]
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001  (every back end has exceptions of its own)
        yield SourceFile(label, named=True, error=unreachable(error))
        return
    if folder and not paths:
        yield SourceFile(label, named=True, error=SourceError("the folder is empty or there is none"))
    for one in paths:
        own = label.rstrip("/") + shown(one)[len(shown(path).rstrip("/")) :] if folder else label
        yield from remote_file(filesystem, one, own, named=not folder)


def remote_file(filesystem: Any, path: str, label: str, *, named: bool) -> Iterator[SourceFile]:
    """A file as itself, or its members where it is an archive."""
    try:
        with filesystem.open(path, "rb") as stream:
            data: bytes = stream.read(MAX_FILE_BYTES + 1)
    except Exception as error:  # noqa: BLE001  (every back end has exceptions of its own)
        yield SourceFile(label, named=named, error=unreachable(error))
        return
    oversized = len(data) > MAX_FILE_BYTES
    kind = None if oversized or not (named or kind_by_name(path)) else kind_of(path, data[:HEAD_BYTES])
    if kind is not None:
        found = members(io.BytesIO(data), label, kind, len(data))
        yield from or_empty(found, label, "archive")
        return
    yield SourceFile(label, named=named, content=data[:HEAD_BYTES] if oversized else data, oversized=oversized)


def unreachable(error: Exception) -> RtcodeError:
    """Only the kind of the error: its text may hold an address with a password, or a file's name."""
    if isinstance(error, FileNotFoundError):
        return SourceError("there is nothing at this address")
    return SourceError(f"the source could not be read ({type(error).__name__})")
