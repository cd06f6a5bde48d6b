"""The tables of a scan's store, and opening it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rtcode.errors import UsageError

#: Rises with every change of the tables below.
VERSION = 2

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE root (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, listed INTEGER NOT NULL, whole INTEGER NOT NULL);
CREATE TABLE folder (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL, partial INTEGER NOT NULL, label TEXT NOT NULL, root INTEGER NOT NULL,
    run INTEGER NOT NULL, UNIQUE (path, partial)
);
CREATE TABLE file (
    folder INTEGER NOT NULL, name BLOB NOT NULL, member BLOB NOT NULL, size INTEGER NOT NULL, stamp INTEGER NOT NULL,
    outcome INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL, plan INTEGER,
    PRIMARY KEY (folder, name, member)
) WITHOUT ROWID;
CREATE INDEX file_plan ON file (plan) WHERE plan IS NOT NULL;
CREATE TABLE plan (
    id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, uid TEXT, patient TEXT, day INTEGER, study TEXT, frame TEXT,
    concurrent TEXT NOT NULL, label TEXT, part INTEGER NOT NULL, warned INTEGER NOT NULL, packed BLOB
);
CREATE INDEX plan_uid ON plan (uid) WHERE uid IS NOT NULL;
CREATE INDEX plan_patient ON plan (patient) WHERE patient IS NOT NULL;
CREATE TABLE session (
    plan INTEGER NOT NULL, ordinal INTEGER NOT NULL, status TEXT NOT NULL, level INTEGER, line BLOB NOT NULL,
    PRIMARY KEY (plan, ordinal)
) WITHOUT ROWID;
"""

#: What came of a file, in ``file.outcome``; an archive that was opened has members with outcomes of their own.
PLAN, SKIPPED, FAILED, OPENED = range(4)


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """The store's file, to write or only to read; a scan that fills it does not keep others from reading.

    Raises
    ------
    UsageError
        There is none, it is none, it is in use, or of another version.
    """
    with usage_errors():
        mode = "rwc" if write else "ro"
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=5.0)
        db.execute("PRAGMA cache_size = -65536")
        if write:
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in _TABLES.split(";"):
                    db.execute(statement)
                put_value(db, "version", VERSION)
            db.execute("COMMIT")
        version = get_value(db, "version")
        if version != VERSION:
            raise UsageError(f"the dataset is of version {version}, this rtcode reads {VERSION}", "scan anew")
        return db


def lock(folder: Path) -> sqlite3.Connection:
    """Keep others from filling the store in a folder, as long as the connection is open; a kill opens it, too.

    Raises
    ------
    UsageError
        Another scan fills it.
    """
    with usage_errors():
        db = sqlite3.connect(folder / "lock.sqlite", isolation_level=None, timeout=0.0)
        db.execute("BEGIN EXCLUSIVE")
        return db


def get_value(db: sqlite3.Connection, name: str) -> Any:
    """A value of the dataset, ``None`` where there is none."""
    found = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if found is None else json.loads(found[0])


def get_content(db: sqlite3.Connection, name: str) -> tuple[str, bytes] | None:
    """Name and content of a file that rules are made of."""
    found = get_value(db, name)
    return None if found is None else (str(found[0]), str(found[1]).encode("latin-1"))


def put_content(db: sqlite3.Connection, name: str, content: tuple[str, bytes] | None) -> None:
    put_value(db, name, None if content is None else [content[0], content[1].decode("latin-1")])


def put_value(db: sqlite3.Connection, name: str, value: Any) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))


@contextmanager
def usage_errors() -> Iterator[None]:
    """SQLite's errors in our words: its own may name a path."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise UsageError("the dataset is in use by another scan", "wait for it, or give another folder") from None
        raise UsageError(
            "the dataset's store cannot be read or written", "check its folder, your access to it and the free space"
        ) from None
    except sqlite3.DatabaseError:
        raise UsageError("the dataset's store is damaged or none", "scan into a new folder") from None
