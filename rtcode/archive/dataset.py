"""What a dataset says: its files, plans and sessions in the order of paths, and its counts.

What one file means for another is found here: the first of several copies of a plan is told as the plan, the others as
duplicates; files of one UID with different content are a conflict, and none of them is told as a plan.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.archive.database import FAILED, OPENED, PLAN, SKIPPED, connect, get_content, get_value, usage_errors
from rtcode.archive.listing import join
from rtcode.archive.work import LINE_START
from rtcode.errors import DuplicateConflictError, UsageError
from rtcode.records import record
from rtcode.sources.files import shown

if TYPE_CHECKING:
    from rtcode.outputs.scan_contract import ScanPlanDict

#: Stamps of disks are times in nanoseconds, those of object stores are hashes of 32 bits.
_FIRST_TIME = 2**32


#: The folder in a dataset's that holds plans, and is not to be given away.
PRIVATE = "private"


@record
class FileRow:
    """One file of the archive and what came of it, for the tables.

    Attributes
    ----------
    path
        As outputs show it.
    outcome
        ``plan``, ``duplicate``, ``skipped`` or ``failure``.
    code
        Of a failure or of what was passed over; ``None`` for a plan.
    stamp
        Time of the last change (ns since 1970) of a file on a disk; ``None`` elsewhere and for members of archives.
    sessions
        Sessions in the table that are this file's.
    """

    path: str
    outcome: str
    code: str | None
    message: str | None
    hint: str | None
    size: int | None
    stamp: int | None
    sha256: str | None
    uid: str | None
    sessions: int


@record
class Kept:
    """A plan as a dataset keeps it: its id there, its packed model, and what its sessions' lines say of it."""

    id: int
    packed: bytes
    plan: ScanPlanDict


@record
class Counts:
    """Counts of a whole dataset; ``listed`` is what the listings met, the rest what the store has."""

    listed: int
    files: int
    plans: int
    sessions: int
    failures: int
    skipped: int
    duplicates: int
    by_status: dict[str, int]
    by_level: dict[str, int]
    by_failure: dict[str, int]
    warned: int


class Dataset:
    """A scan's store, to read."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        header: dict[str, Any] | None = get_value(db, "header")
        if header is None:
            raise UsageError("the dataset is empty: its first scan was interrupted", "start that scan again")
        #: what held for all files: `rtcode.outputs.scan_contract.ScanHeaderLine` without its type
        self.header = {name: value for name, value in header.items() if name != "key"}
        #: fingerprint of the key that pseudonyms are made with
        self.key: str = header["key"]
        #: name and content of the policy file, and of a code set file that does not come with rtcode
        self.policy = get_content(db, "policy")
        self.code_set_file = get_content(db, "code_set_file")

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """The dataset in a folder.

        Raises
        ------
        UsageError
            There is none, it is damaged, or of another version.
        """
        return cls(connect(store_path(folder), write=False))

    def counts(self) -> Counts:
        """Counts of everything that is in the store."""
        with usage_errors():
            kinds = dict(self._db.execute("SELECT outcome, count(*) FROM file GROUP BY outcome"))
            conflicts = _conflicts(self._db)
            in_conflict = self._number(f"SELECT count(*) FROM file WHERE plan IN ({conflicts})")
            plans = self._number(f"SELECT count(*) FROM plan WHERE id NOT IN ({conflicts})")
            duplicates = kinds.get(PLAN, 0) - in_conflict - plans
            apart = f"FROM session WHERE plan NOT IN ({conflicts})"
            by_status = dict(self._db.execute(f"SELECT status, count(*) {apart} GROUP BY status ORDER BY status"))
            by_level = dict(
                self._db.execute(
                    f"SELECT CAST(level AS TEXT), count(*) {apart} AND level IS NOT NULL GROUP BY level ORDER BY level"
                )
            )
            by_failure = dict(
                self._db.execute(
                    "SELECT code, count(*) FROM file WHERE outcome = ? GROUP BY code ORDER BY code", (FAILED,)
                )
            )
            if in_conflict:
                by_failure[DuplicateConflictError.code] = in_conflict
            return Counts(
                listed=self._number("SELECT coalesce(sum(listed), 0) FROM root"),
                files=kinds.get(PLAN, 0) + kinds.get(SKIPPED, 0) + kinds.get(FAILED, 0),
                plans=plans,
                sessions=sum(by_status.values()),
                failures=kinds.get(FAILED, 0) + in_conflict,
                skipped=kinds.get(SKIPPED, 0) + duplicates,
                duplicates=duplicates,
                by_status=by_status,
                by_level=by_level,
                by_failure=by_failure,
                warned=self._number(f"SELECT count(*) FROM plan WHERE warned AND id NOT IN ({conflicts})"),
            )

    def met(self) -> int:
        """Files that have an outcome, an archive counted once: what the listings met, if nothing was lost."""
        return self._number("SELECT count(*) FROM file WHERE member = x''")

    def rows(self) -> Iterator[tuple[FileRow, int | None]]:
        """Every file in the order of paths, with the id of its plan where its sessions belong to the table."""
        conflicts = {row[0] for row in self._db.execute(_conflicts(self._db))}
        same_uid = dict(self._db.execute(_FILES_OF_CONFLICTS)) if conflicts else {}
        told: set[int] = set()
        folders = self._db.execute("SELECT id, label FROM folder ORDER BY path, partial").fetchall()
        for folder, label in folders:
            files = self._db.execute(
                "SELECT name, member, size, stamp, outcome, code, message, hint, file.plan, sha256, uid,"
                " (SELECT count(*) FROM session WHERE session.plan = file.plan)"
                " FROM file LEFT JOIN plan ON plan.id = file.plan WHERE folder = ? ORDER BY name, member",
                (folder,),
            )
            for name, member, size, stamp, kind, code, message, hint, plan, digest, uid, sessions in files:
                if kind == OPENED:
                    continue
                outcome, said = ("plan", "skipped", "failure")[kind], code or None
                if plan in conflicts:
                    error = DuplicateConflictError(
                        f"{same_uid[plan]} files have the same SOPInstanceUID (0008,0018) and different content"
                    )
                    outcome, said, message, hint = "failure", error.code, error.message, error.hint
                elif plan is not None and plan in told:
                    outcome, said = "duplicate", "duplicate"
                own = plan if outcome == "plan" else None
                if own is not None:
                    told.add(own)
                row = FileRow(
                    path=self._path(label, name, member),
                    outcome=outcome,
                    code=said,
                    message=message or None,
                    hint=hint or None,
                    size=size if size >= 0 and not member else None,
                    stamp=stamp if stamp > _FIRST_TIME and not member else None,
                    sha256=None if digest is None else digest.hex(),
                    uid=uid,
                    sessions=sessions if own is not None else 0,
                )
                yield row, own

    def _path(self, label: str, name: bytes, member: bytes) -> str:
        if self.header["identifiers"] == "none":
            return name.decode() + (f"!{member.decode()}" if member else "")
        shown_name = shown(os.fsdecode(name))
        return (join(label, shown_name) if label and name else label or shown_name) + member.decode()

    def lines(self, plan: int, path: str) -> Iterator[str]:
        """The lines of a plan's sessions, with the path of the file that they are told of."""
        start = LINE_START[:-2] + json.dumps(path, ensure_ascii=False)
        for (line,) in self._db.execute("SELECT line FROM session WHERE plan = ? ORDER BY ordinal", (plan,)):
            yield start + zlib.decompress(line).decode()[len(LINE_START) :]

    def kept(self) -> Iterator[tuple[Kept, str]]:
        """Every plan of the table as it is kept, with its path; one that could not be kept has no packed model."""
        for row, plan in self.rows():
            if plan is not None:
                packed, line = self._db.execute(
                    "SELECT packed, line FROM plan JOIN session ON session.plan = plan.id AND ordinal = 0 WHERE id = ?",
                    (plan,),
                ).fetchone()
                yield Kept(plan, packed or b"", plan_of(line)), row.path

    def links(self) -> Iterator[tuple[Any, ...]]:
        """Id, SHA-256, UID, patient and `rtcode.archive.links.Links` of every plan whose sessions are in the table."""
        yield from self._db.execute(
            "SELECT id, sha256, uid, patient, day, study, frame, concurrent, label, part FROM plan"
            f" WHERE id NOT IN ({_conflicts(self._db)})"
        )

    def path_of(self, plan: int) -> str | None:
        """The file that a plan is told of: the first in the order of paths."""
        found = self._db.execute(
            "SELECT label, name, member FROM file JOIN folder ON folder.id = file.folder WHERE file.plan = ?"
            " ORDER BY folder.path, folder.partial, name, member LIMIT 1",
            (plan,),
        ).fetchone()
        return None if found is None else self._path(*found)

    def packed_of(self, plan: int) -> bytes | None:
        """A plan's packed model."""
        packed: bytes | None = self._db.execute("SELECT packed FROM plan WHERE id = ?", (plan,)).fetchone()[0]
        return packed

    def _number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])

    def close(self) -> None:
        self._db.close()


def plan_of(line: bytes) -> ScanPlanDict:
    """What a stored line says of its plan."""
    plan: ScanPlanDict = json.loads(zlib.decompress(line))["plan"]
    return plan


def store_path(folder: Path) -> Path:
    """Where a dataset's store is; the folder around it says that it is not to be given away."""
    return folder / PRIVATE / "store.sqlite"


def folders_of(folder: Path) -> tuple[Path, ...]:
    """The folder itself where it is that of a dataset, or those of its shards.

    Raises
    ------
    UsageError
        It is neither.
    """
    if store_path(folder).exists():
        return (folder,)
    shards = sorted(path.parent.parent for path in folder.glob(f"shard-*/{PRIVATE}/store.sqlite"))
    if not shards:
        raise UsageError("there is no dataset in this folder", "make one with `rtcode scan SOURCE --output DIR`")
    return tuple(shards)


def open_all(folder: Path) -> tuple[Dataset, ...]:
    """The dataset in a folder, or those of its shards.

    Raises
    ------
    UsageError
        There is none, one is damaged, or of another version.
    """
    return tuple(Dataset.open(one) for one in folders_of(folder))


def shard_name(number: int, count: int) -> str:
    """The folder of a shard's dataset in that of the whole."""
    return f"shard-{number}-of-{count}"


_FILES_OF_CONFLICTS = """
SELECT plan.id, (SELECT count(*) FROM file JOIN plan AS other ON other.id = file.plan WHERE other.uid = plan.uid)
FROM plan WHERE uid IN (SELECT uid FROM plan WHERE uid IS NOT NULL GROUP BY uid HAVING count(*) > 1)
"""


def _conflicts(db: sqlite3.Connection) -> str:
    """The ids of plans of which another one has the same UID, as a query."""
    return (
        "SELECT id FROM plan WHERE uid IN (SELECT uid FROM plan WHERE uid IS NOT NULL GROUP BY uid HAVING count(*) > 1)"
    )
