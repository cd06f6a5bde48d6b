"""Deciding again: a dataset's plans under other rules, from what the dataset keeps of them; no plan file is read.

The kept plans go the way of a scan: detectors, engine, lines. A new dataset comes out, as a scan of the same files
under the new rules would have made it.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.analysis import day_of, judge
from rtcode.archive.database import FAILED, PLAN, connect, get_value, lock, put_content, put_value, usage_errors
from rtcode.archive.dataset import PRIVATE, Dataset, Kept, plan_of, store_path
from rtcode.archive.engines import in_order, processors
from rtcode.archive.scan import Progress, Scanned
from rtcode.archive.tables import write_tables
from rtcode.archive.work import Job, decided_of, rules_of, stored
from rtcode.errors import UnreadableError, UsageError
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.json import session_dict
from rtcode.plan.packed import unpack
from rtcode.truth import Evidence

if TYPE_CHECKING:
    from rtcode.outputs.contract_values import IdentifierLevel
    from rtcode.outputs.scan_contract import ScanSessionLine

#: Plans of a batch.
_BATCH = 64
_PSEUDONYM = re.compile(r"[0-9a-f]{16}")


Decided = tuple[int, tuple[tuple[str, int | None, bytes], ...] | None]


class Again(Identifiers):
    """Shows values that were made fit for a level already: pseudonyms stay as they are."""

    def __init__(self, level: IdentifierLevel) -> None:
        super().__init__(level, ())

    def pseudonym(self, value: str) -> str:
        return value

    def _word(self, evidence: Evidence, value: str) -> str | None:
        if self.level == "none" and _PSEUDONYM.fullmatch(value):
            return value
        return super()._word(evidence, value)


def lines_again(kept: Kept, job: Job) -> list[ScanSessionLine]:
    """The lines of a kept plan's sessions under a job's rules.

    Raises
    ------
    PackedError
        The plan was kept by another version of rtcode, or is damaged.
    """
    rules, answers = rules_of(job)
    results = judge([unpack(kept.packed)], rules, answers, day_of(job.day))
    shown = Again(job.identifiers)
    return [{"type": "session", "plan": kept.plan, **session_dict(one, shown)} for one in results.sessions]


def kept_plans(db: sqlite3.Connection) -> Iterator[Kept]:
    """The plans of a dataset that can be decided again."""
    rows = db.execute(
        "SELECT plan.id, packed, line FROM plan JOIN session ON session.plan = plan.id AND ordinal = 0"
        " WHERE packed IS NOT NULL ORDER BY plan.id"
    )
    for number, packed, line in rows:
        yield Kept(number, packed, plan_of(line))


def redecide(
    source: Path, folder: Path, job: Job, header: dict[str, Any], formats: frozenset[str], progress: Progress,
    workers: int | None = None,
) -> Scanned:  # fmt: skip
    """Make a dataset of another one's plans under other rules.

    Parameters
    ----------
    source
        Folder of the dataset (not of shards).
    folder
        Of the new dataset: new or empty, or where this was interrupted.
    header
        Of `rtcode.archive.settings.header_of`.
    formats
        Tables to write.
    workers
        Processes; 0 works in this one.

    Raises
    ------
    UsageError
        A dataset cannot be read or written, or the new one is another.
    """
    private = folder / PRIVATE
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(lock(private)), usage_errors():
        if not store_path(folder).exists():
            _copy(source, folder, header)
        old, db = connect(store_path(source), write=False), connect(store_path(folder), write=True)
        with closing(old), closing(db):
            if get_value(db, "header") != header:
                raise UsageError("the folder of the new dataset holds another one", "give a new or empty folder")
            done = _decide(old, db, job, progress, processors() if workers is None else workers)
            counts = Dataset(db).counts()
            tables = write_tables(folder, db, formats)
            return Scanned(counts, done, 0, tuple(tables))


def _copy(source: Path, folder: Path, header: dict[str, Any]) -> None:
    """The store of another dataset with a new header and without its decisions."""
    part = store_path(folder).with_name("store.part")
    part.unlink(missing_ok=True)
    with closing(connect(store_path(source), write=False)) as old:
        old.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite3.connect(part, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("DELETE FROM session")
        put_value(db, "header", header)
        put_value(db, "written", {})
        db.execute("COMMIT")
    key = store_path(source).with_name("key")
    if key.exists():
        shutil.copy(key, store_path(folder).with_name("key"))
    part.replace(store_path(folder))


def _decide(old: sqlite3.Connection, db: sqlite3.Connection, job: Job, progress: Progress, workers: int) -> int:
    """Decide the plans that have no decision yet, and give their number."""
    put_content(db, "policy", job.policy)
    put_content(db, "code_set_file", job.code_set_file)
    run = int(get_value(db, "run")) + 1
    put_value(db, "run", run)
    put_value(db, "changed", run)
    known = {number for (number,) in db.execute("SELECT DISTINCT plan FROM session")}
    waiting = (kept for kept in kept_plans(old) if kept.id not in known)
    done = 0
    batches = iter(lambda: list(islice(waiting, _BATCH)), [])
    for some in in_order(decide_batch, job, batches, workers):
        db.execute("BEGIN")
        for number, sessions in some:
            if sessions is not None:
                db.executemany(
                    "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?)",
                    [(number, place, *one) for place, one in enumerate(sessions)],
                )
        db.execute("COMMIT")
        done += len(some)
        progress.done, progress.plans = done, done
        progress.told()
    _give_up(db)
    return done


def _give_up(db: sqlite3.Connection) -> None:
    """Plans that could not be decided again are failures, which a scan under the new rules reads."""
    error = UnreadableError("what the dataset keeps of it does not suffice", "scan it again under these rules")
    db.execute("BEGIN")
    db.execute(
        "UPDATE file SET outcome = ?, code = ?, message = ?, hint = ?, stamp = -1, plan = NULL"
        " WHERE outcome = ? AND plan NOT IN (SELECT plan FROM session)",
        (FAILED, error.code, error.message, error.hint, PLAN),
    )
    db.execute("DELETE FROM plan WHERE id NOT IN (SELECT plan FROM session)")
    db.execute("COMMIT")


def decide_batch(job: Job, batch: list[Kept]) -> list[Decided]:
    found: list[Decided] = []
    for kept in batch:
        try:
            lines = lines_again(kept, job)
        except Exception:  # noqa: BLE001  (a plan that fails costs itself)
            found.append((kept.id, None))
            continue
        found.append((kept.id, tuple((*decided_of(line), stored(line)) for line in lines)))
    return found
