"""The tables of a dataset: written anew from its store, whole or not at all, and only where the store has changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from rtcode.archive.database import get_value, put_value
from rtcode.archive.dataset import Dataset, FileRow
from rtcode.errors import UsageError
from rtcode.outputs.json import dumps

NDJSON = "scan.ndjson"
SESSIONS, FILES = "sessions.parquet", "files.parquet"
NAMES = frozenset({NDJSON, SESSIONS, FILES})


def write_tables(folder: Path, db: sqlite3.Connection, formats: frozenset[str]) -> list[Path]:
    """Write the tables of a dataset in these formats (``ndjson``, ``parquet``), and give their paths.

    Raises
    ------
    UsageError
        A table cannot be written, or pyarrow is missing.
    """
    dataset = Dataset(db)
    changed = get_value(db, "changed")
    written: dict[str, int] = get_value(db, "written") or {}
    makers: dict[str, Callable[[Path], None]] = {}
    if "ndjson" in formats:
        makers[NDJSON] = lambda path: _write_ndjson(path, dataset)
    if "parquet" in formats:
        from rtcode.archive.parquet import write_files, write_sessions

        makers[SESSIONS] = lambda path: write_sessions(path, _sessions(dataset), dataset.header)
        makers[FILES] = lambda path: write_files(path, (row for row, _ in dataset.rows()), dataset.header)
    for name, make in makers.items():
        path = folder / name
        if written.get(name) != changed or not path.exists():
            make(path)
            written[name] = changed
            put_value(db, "written", written)
    return [folder / name for name in makers]


def _sessions(dataset: Dataset) -> Iterator[str]:
    for row, plan in dataset.rows():
        if plan is not None:
            yield from dataset.lines(plan, row.path)


def _write_ndjson(path: Path, dataset: Dataset) -> None:
    with replacing(path) as stream:
        for line in _lines(dataset):
            stream.write(line.encode() + b"\n")


def _lines(dataset: Dataset) -> Iterator[str]:
    yield dumps({"type": "header", **dataset.header})
    for row, plan in dataset.rows():
        if plan is not None:
            yield from dataset.lines(plan, row.path)
        else:
            yield dumps(_file_line(row))
    yield dumps({"type": "summary", **summary_dict(dataset)})


def _file_line(row: FileRow) -> dict[str, Any]:
    if row.outcome == "failure":
        said = {"code": row.code, "message": row.message or "", "hint": row.hint or ""}
        return {"type": "failure", "path": row.path, **said}
    return {"type": "skipped", "path": row.path, "code": row.code}


def summary_dict(dataset: Dataset) -> dict[str, Any]:
    """The counts of a dataset (`rtcode.outputs.scan_contract.ScanSummaryLine` without its type)."""
    counts = dataset.counts()
    return {
        "files": counts.files,
        "plans": counts.plans,
        "sessions": counts.sessions,
        "failures": counts.failures,
        "skipped": counts.skipped,
        "duplicates": counts.duplicates,
        "by_status": counts.by_status,
        "by_level": counts.by_level,
        "by_failure": counts.by_failure,
    }


class replacing:
    """A file that takes the place of another when it is complete, and is on the disk then.

    Raises
    ------
    UsageError
        It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")

    def __enter__(self) -> IO[bytes]:
        try:
            self._stream = self._part.open("wb")
        except OSError as error:
            raise _cannot_write(error) from None
        return self._stream

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._stream.flush()
                os.fsync(self._stream.fileno())
            self._stream.close()
            if kind is None:
                self._part.replace(self._path)
                _keep(self._path.parent)
        except OSError as problem:
            error = problem
        if error is not None:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot_write(error) from None


def _keep(folder: Path) -> None:
    """Have the folder's entries on the disk, too; Windows opens no folders, and needs it less."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(error: OSError) -> UsageError:
    what = f"a table cannot be written ({type(error).__name__}, errno {error.errno})"
    return UsageError(what, "check the folder and its free space")
