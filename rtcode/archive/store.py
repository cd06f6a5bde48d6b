"""Filling a scan's store: what is known is laid beside the listing, and outcomes are stored batch by batch.

Every file that was met has a row with its size and stamp and what came of it, every distinct plan one with its packed
model and its sessions' lines. A batch is stored whole, so that a run can be killed at any moment; the next one finds
its rows and reads the rest. What one file means for others (copies, conflicts) is not stored but found when it is
asked (`rtcode.archive.dataset`).

The file holds plans and is private to the site, whatever the tables may show. Under ``none`` it has pseudonyms in place
of paths, too.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from rtcode.archive.database import FAILED, OPENED, PLAN, SKIPPED, get_value, put_content, put_value, usage_errors
from rtcode.archive.listing import Chunk, Listed
from rtcode.archive.work import Done, Judged, Outcome
from rtcode.errors import NotAPlanError, UsageError
from rtcode.sources.remote import without_secrets

#: Longest time that outcomes wait to be stored (s).
COMMIT_S = 2.0
#: Stamp of what is to be looked at again whatever the listing says.
_AGAIN = -1


class Store:
    """The store of one dataset, which this run fills.

    Parameters
    ----------
    db
        Of `rtcode.archive.database.connect`.
    header
        What has to be the same for all files of a dataset: rules, answers, level of identifiers.
    hidden
        Gives the pseudonym of a path; ``None`` where paths are kept as they are.
    policy
        Name and content of the policy file, which has to be at hand to decide again.

    Raises
    ------
    UsageError
        The dataset was made with another header.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        header: dict[str, Any],
        hidden: Callable[[str], str] | None = None,
        policy: tuple[str, bytes] | None = None,
    ) -> None:
        self._db = db
        self._hidden = hidden
        self._committed = time.monotonic()
        self._first = True
        self._changed = False
        self._roots: dict[str, int] = {}
        self._broken: set[str] = set()
        self._root = 0
        # Of the folder that is being listed: its id (none where it was listed before), and names that were met.
        self._folder: int | None = None
        self._folder_known = False
        self._seen: set[bytes] = set()
        with usage_errors():
            self._db.execute("BEGIN")
            self._check_header(header)
            put_content(db, "policy", policy)
            self.run = int(get_value(db, "run") or 0) + 1
            put_value(db, "run", self.run)
            self._commit()

    def _check_header(self, header: dict[str, Any]) -> None:
        kept = get_value(self._db, "header")
        if kept is None:
            put_value(self._db, "header", header)
            return
        other = sorted(name for name in {*kept, *header} if kept.get(name) != header.get(name))
        if other == ["tool_version"]:
            # Another version may read and judge differently: nothing that is known counts.
            self._db.execute("UPDATE file SET stamp = ?", (_AGAIN,))
            put_value(self._db, "header", header)
        elif other:
            self._db.execute("ROLLBACK")
            raise UsageError(
                f"the dataset was scanned with other settings ({', '.join(other).replace('_', ' ')})",
                "give the same, or another folder after --output",
            )

    def compare(self, chunk: Chunk) -> list[Listed] | None:
        """Files of a chunk that are new or changed; what is gone from a folder is forgotten at its last chunk.

        ``None`` where the folder was listed in this run already, under another source.
        """
        with usage_errors():
            if chunk.first and not self._enter(chunk):
                return None
            if self._folder is None:
                return None
            names = {self._name(chunk, one.name): one for one in chunk.files}
            self._seen.update(names)
            known = self._known(list(names)) if self._folder_known else {}
            changed = [one for name, one in names.items() if known.get(name) != (one.size, one.stamp)]
            self._db.execute("UPDATE root SET listed = listed + ? WHERE id = ?", (len(names), self._root))
            if chunk.last and self._folder_known:
                self._forget(self._folder, self._seen)
            self._stored()
            return changed

    def _enter(self, chunk: Chunk) -> bool:
        self._root = self._root_of(chunk.root)
        self._seen = set()
        path = self._folder_name(chunk)
        row = self._db.execute(
            "SELECT id, run FROM folder WHERE path = ? AND partial = ?", (path, int(chunk.partial))
        ).fetchone()
        label = self._hidden(chunk.label) if self._hidden else chunk.label
        self._folder_known = row is not None
        if row is None:
            self._folder = self._db.execute(
                "INSERT INTO folder (path, partial, label, root, run) VALUES (?, ?, ?, ?, ?)",
                (path, int(chunk.partial), label, self._root, self.run),
            ).lastrowid
            return True
        if row[1] == self.run:
            self._folder = None
            return False
        self._folder = int(row[0])
        self._db.execute(
            "UPDATE folder SET run = ?, root = ?, label = ? WHERE id = ?", (self.run, self._root, label, self._folder)
        )
        return True

    def _known(self, names: list[bytes]) -> dict[bytes, tuple[int, int]]:
        marks = ",".join("?" * len(names))
        rows = self._db.execute(
            f"SELECT name, size, stamp FROM file WHERE folder = ? AND member = x'' AND name IN ({marks})",
            (self._folder, *names),
        )
        return {name: (size, stamp) for name, size, stamp in rows}

    def _forget(self, folder: int, seen: set[bytes]) -> None:
        rows = self._db.execute("SELECT DISTINCT name FROM file WHERE folder = ?", (folder,))
        gone = [(folder, name) for (name,) in rows if name not in seen]
        self._changed = self._changed or bool(gone)
        self._db.executemany("DELETE FROM file WHERE folder = ? AND name = ?", gone)

    def _root_of(self, label: str) -> int:
        if label not in self._roots:
            hidden = self._hidden(label) if self._hidden else label
            self._db.execute(
                "INSERT INTO root (label, listed, whole) VALUES (?, 0, 0)"
                " ON CONFLICT (label) DO UPDATE SET listed = 0, whole = 0",
                (hidden,),
            )
            self._roots[label] = self._db.execute("SELECT id FROM root WHERE label = ?", (hidden,)).fetchone()[0]
        return self._roots[label]

    def put(self, chunk: Chunk, files: Sequence[Listed], done: Done) -> None:
        """Store what came of files of a chunk; `done` counts them by their places in ``files``."""
        with usage_errors():
            self._changed = True
            folder = self._folder_of(chunk)
            names = [self._name(chunk, one.name) for one in files]
            changed = [(folder, name) for name in names]
            self._db.executemany("DELETE FROM file WHERE folder = ? AND name = ?", changed)
            self._db.executemany(
                "INSERT INTO file VALUES (?, ?, x'', ?, ?, ?, ?, '', '', NULL)",
                [
                    (folder, names[place], files[place].size, files[place].stamp, SKIPPED, NotAPlanError.code)
                    for place in done.passed_over
                ],
            )
            for outcome in done.outcomes:
                one = files[outcome.item]
                self._put_outcome(folder, names[outcome.item], one, outcome)
            self._stored()

    def _put_outcome(self, folder: int, name: bytes, one: Listed, outcome: Outcome) -> None:
        if outcome.opened:
            kind = OPENED
        elif outcome.plan is not None:
            kind = PLAN
        else:
            kind = FAILED if outcome.failed else SKIPPED
        plan = None if outcome.plan is None else self._put_plan(outcome.plan)
        member = self._hidden(outcome.member) if outcome.member and self._hidden else outcome.member
        # A member has no size and time of its own: those of the archive say when it is read again.
        size, stamp = (0, 0) if outcome.member else (one.size, _AGAIN if outcome.passing else one.stamp)
        self._db.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                folder, name, member.encode(), size, stamp, kind, outcome.code, outcome.message, outcome.hint, plan,
            ),
        )  # fmt: skip

    def _put_plan(self, plan: Judged) -> int:
        digest, links = bytes.fromhex(plan.sha256), plan.links
        values = (
            *(plan.uid, plan.patient, plan.packed, int(plan.warned)),
            *(links.day, links.study, links.frame, links.concurrent, links.label, int(links.part)),
        )
        row = self._db.execute("SELECT id FROM plan WHERE sha256 = ?", (digest,)).fetchone()
        if row is None:
            added = self._db.execute(
                "INSERT INTO plan (sha256, uid, patient, packed, warned, day, study, frame, concurrent, label, part)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (digest, *values),
            ).lastrowid
            assert added is not None
            number = added
        else:
            number = int(row[0])
            self._db.execute(
                "UPDATE plan SET uid = ?, patient = ?, packed = ?, warned = ?, day = ?, study = ?, frame = ?,"
                " concurrent = ?, label = ?, part = ? WHERE id = ?",
                (*values, number),
            )
            self._db.execute("DELETE FROM session WHERE plan = ?", (number,))
        self._db.executemany(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
            [
                (number, place, status, level, line)
                for place, ((status, level), line) in enumerate(zip(plan.decided, plan.lines, strict=True))
            ],
        )
        return number

    def fail_folder(self, root: str, folder: str, label: str, outcome: Outcome) -> None:
        """Store that a folder or source could not be listed; what is known of its files stays, and its root's."""
        with usage_errors():
            chunk = Chunk(root, folder, label, (Listed("", 0, 0),), True, True, partial=True)
            self._broken.add(root)
            if self._enter(chunk):
                self._db.execute("UPDATE root SET listed = listed + 1 WHERE id = ?", (self._root,))
                self.put(chunk, chunk.files, Done((), (outcome,)))

    def end_root(self, root: str) -> None:
        """A source was listed to its end: folders of it that were not met any more are forgotten."""
        if root in self._broken:
            return
        with usage_errors():
            number = self._root_of(root)
            gone = [
                row[0]
                for row in self._db.execute(
                    "SELECT id FROM folder WHERE root = ? AND run < ?", (number, self.run)
                ).fetchall()
            ]
            self._changed = self._changed or bool(gone)
            for folder in gone:
                self._db.execute("DELETE FROM file WHERE folder = ?", (folder,))
                self._db.execute("DELETE FROM folder WHERE id = ?", (folder,))
            self._db.execute("UPDATE root SET whole = 1 WHERE id = ?", (number,))

    def end(self) -> None:
        """Forget plans of which no file is left, and store all."""
        with usage_errors():
            self._db.execute("DELETE FROM plan WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.plan = plan.id)")
            self._db.execute("DELETE FROM session WHERE plan NOT IN (SELECT id FROM plan)")
            self._commit()
            self._db.execute("COMMIT")

    def _stored(self) -> None:
        if self._changed and self._first:
            # Whoever looks at a new dataset sees that it fills.
            self._first = False
            self._commit()
        elif time.monotonic() - self._committed >= COMMIT_S:
            self._commit()

    def _commit(self) -> None:
        if self._changed:
            put_value(self._db, "changed", self.run)
            self._changed = False
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")
        self._committed = time.monotonic()

    def _folder_of(self, chunk: Chunk) -> int:
        found = self._db.execute(
            "SELECT id FROM folder WHERE path = ? AND partial = ?", (self._folder_name(chunk), int(chunk.partial))
        ).fetchone()
        return int(found[0])

    def _folder_name(self, chunk: Chunk) -> bytes:
        path = without_secrets(chunk.folder) if "://" in chunk.folder else chunk.folder
        return self._hidden(path).encode() if self._hidden else os.fsencode(path)

    def _name(self, chunk: Chunk, name: str) -> bytes:
        return self._hidden(chunk.shown(name)).encode() if self._hidden else os.fsencode(name)
