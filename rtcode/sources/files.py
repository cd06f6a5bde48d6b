"""One file of a source, wherever its bytes are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rtcode.errors import InputError, NotAPlanError, NotDicomError, RtcodeError, TooLargeError, UnreadableError
from rtcode.records import record

#: More is never read from one file or archive member; no real plan comes near it.
MAX_FILE_BYTES = 256 * 1024 * 1024
#: What is kept of an archive member beyond that limit: enough to tell what kind of object it is.
HEAD_BYTES = 64 * 1024

#: Names that operating systems leave behind.
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".directory"})
#: Endings that say "another kind of file". Anything else that is no DICOM file is reported: it may be a broken plan.
_ENDINGS = (
    ".avi .bat .bmp .cfg .conf .css .csv .doc .docx .exe .gif .htm .html .ini .jpeg .jpg .js .json .log .lnk .md .mp4 "
    ".ndjson .odt .pdf .png .ppt .pptx .ps1 .py .rst .rtf .sh .sqlite .svg .tif .tiff .toml .tsv .txt .url .xls .xlsx "
    ".xml .yaml .yml"
)
_OTHER_KINDS = frozenset(_ENDINGS.split())


def shown(path: str | os.PathLike[str]) -> str:
    """A path as text that every output can encode: bytes that are no UTF-8 become ``\\xNN``."""
    try:
        data = os.fsencode(path)
    except UnicodeEncodeError:
        data = os.fspath(path).encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def names_another_kind(name: str) -> bool:
    """Whether a file's name alone says that it is no DICOM object (``README.txt``, ``Thumbs.db``, ``._plan.dcm``)."""
    base = name.replace("\\", "/").replace("!", "/").rsplit("/", 1)[-1].lower()
    ending = "." + base.rsplit(".", 1)[-1] if "." in base else ""
    return base in _LITTER or base.startswith("._") or ending in _OTHER_KINDS


@record
class SourceFile:
    """One file to look at.

    Attributes
    ----------
    label
        The path as outputs show it: what the caller wrote, ``archive.zip!inner/plan.dcm`` in an archive, ``-`` for
        standard input.
    named
        The caller named this very file, so that it has to be a plan.
    path
        The file on disk, or ``None`` where ``content`` holds the bytes.
    content
        The bytes of what is not on disk; only the first `HEAD_BYTES` where ``oversized``.
    error
        Why nothing can be read; then there is neither path nor content.
    """

    label: str
    named: bool
    path: Path | None = None
    content: bytes | None = None
    oversized: bool = False
    error: RtcodeError | None = None

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """The first bytes, at most ``size``.

        Raises
        ------
        UnreadableError
            The file cannot be opened or read.
        RtcodeError
            The `error` of this file.
        """
        if self.error is not None:
            raise self.error
        if self.content is not None:
            return self.content[:size]
        return _read(self._on_disk(), size)

    def read(self) -> bytes:
        """All bytes.

        Raises
        ------
        UnreadableError, TooLargeError
            The file cannot be read, or is larger than `MAX_FILE_BYTES`.
        RtcodeError
            The `error` of this file.
        """
        if self.error is not None:
            raise self.error
        data = b"" if self.oversized else self.content
        if data is None:
            data = _read(self._on_disk(), MAX_FILE_BYTES + 1)
        if self.oversized or len(data) > MAX_FILE_BYTES:
            raise TooLargeError(f"the file is larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB")
        return data

    def only_skipped(self, error: InputError) -> bool:
        """Whether an error of this file is no failure: it was only met on the way, and is of another kind.

        Another valid DICOM object is passed over, and so is a file whose name says that it is something else. A file
        without such a name that is no DICOM object is a failure even in a folder, for it may be a plan that broke.
        """
        if self.named:
            return False
        if isinstance(error, NotAPlanError):
            return True
        return names_another_kind(self.label) and not isinstance(error, UnreadableError | TooLargeError)

    def other_kind(self) -> bool:
        """Whether a file met on the way need not be read: its name says another kind, and its first bytes agree."""
        if self.named or self.error is not None or not names_another_kind(self.label):
            return False
        try:
            return self.head(132)[128:] != b"DICM"
        except RtcodeError:
            return False

    def _on_disk(self) -> Path:
        assert self.path is not None, "a source file has an error, a content or a path"
        return self.path


def not_dicom_by_name() -> NotDicomError:
    """The error of a file that is passed over because of `SourceFile.other_kind`."""
    return NotDicomError("the file's name says that it is no DICOM object")


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            # A pipe (process substitution) gives its bytes in pieces; read() collects them.
            return stream.read(size)
    except OSError as error:
        raise unreadable(error) from None


def unreadable(error: OSError | ValueError) -> UnreadableError:
    """An operating system's error in our words; its own message would repeat the path.

    ``ValueError`` is what Python raises for a path that no system can have, with a zero byte in it for example.
    """
    if isinstance(error, ValueError):
        return UnreadableError("this is no path that a file can have")
    if isinstance(error, FileNotFoundError):
        return UnreadableError("there is no such file or folder")
    if isinstance(error, PermissionError):
        return UnreadableError("permission denied")
    if isinstance(error, IsADirectoryError):
        return UnreadableError("it is a folder")
    return UnreadableError(f"the system could not read it ({type(error).__name__}, errno {error.errno})")


def or_empty(found: Iterator[SourceFile], label: str, what: str) -> Iterator[SourceFile]:
    """The files of a folder or archive, or the error that there is none in it."""
    first = next(found, None)
    if first is None:
        yield SourceFile(label, named=True, error=NotAPlanError(f"the {what} holds no files", "check the path"))
        return
    yield first
    # A member of an archive is in memory: not to be kept while the next one is unpacked.
    del first
    yield from found
