"""What a summary asks of a dataset's store, and what the parts of a divided one mean for one another.

Files are counted by the store and sessions read in the order in which they lie there, so that an archive of many images
costs little more than its plans. Which plans count is settled first: a plan of which another part has a copy, and those
of one UID with different content, do not.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from rtcode.archive.database import FAILED, SKIPPED
from rtcode.archive.dataset import Dataset
from rtcode.archive.work import LINE_START
from rtcode.errors import UsageError

#: Rows that are read at a time.
PIECE = 500


class Part(Dataset):
    """A dataset, or one of the parts of a divided one, to be counted."""

    def digests(self) -> Iterator[bytes]:
        """The plans' SHA-256, sorted."""
        for (digest,) in self._pieces("SELECT sha256 FROM plan WHERE sha256 > ? ORDER BY sha256", b""):
            yield digest

    def uids(self) -> Iterator[tuple[str, bytes]]:
        """UID and SHA-256 of the plans that have a UID, sorted by it."""
        # "IS NOT NULL" is what lets the index be used, which holds only these.
        query = "SELECT uid, id, sha256 FROM plan WHERE uid IS NOT NULL AND (uid, id) > (?, ?) ORDER BY uid, id"
        for uid, _, digest in self._pieces(query, "", -1):
            yield uid, digest

    def plan_of_digest(self, digest: bytes) -> int | None:
        found = self._db.execute("SELECT id FROM plan WHERE sha256 = ?", (digest,)).fetchone()
        return None if found is None else int(found[0])

    def plans_of_uid(self, uid: str) -> list[int]:
        return [int(plan) for (plan,) in self._db.execute("SELECT id FROM plan WHERE uid = ?", (uid,))]

    def paths_of(self, plan: int) -> list[str]:
        """All files of a plan."""
        found = self._db.execute(
            "SELECT label, name, member FROM file JOIN folder ON folder.id = file.folder WHERE file.plan = ?", (plan,)
        )
        return [self._path(*one) for one in found]

    def without_file(self) -> set[int]:
        """Plans whose files are gone: those that an interrupted scan has not yet forgotten."""
        gone = "SELECT id FROM plan WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.plan = plan.id)"
        return {int(plan) for (plan,) in self._db.execute(gone)}

    def plans(self) -> int:
        """How many different plans there are."""
        return self._number("SELECT count(*) FROM plan")

    def copies(self) -> Iterator[tuple[int, int]]:
        """Plans of which there are further copies, and how many."""
        yield from self._db.execute(
            "SELECT plan, count(*) - 1 FROM file WHERE plan IS NOT NULL GROUP BY plan HAVING count(*) > 1"
        )

    def skipped(self) -> dict[str, int]:
        """Files that were passed over, by code."""
        return dict(self._db.execute("SELECT code, count(*) FROM file WHERE outcome = ? GROUP BY code", (SKIPPED,)))

    def failed(self) -> Iterator[tuple[str, str, str, str]]:
        """Path, code, message and hint of every file that failed by itself."""
        for *place, code, message, hint in self._db.execute(
            "SELECT label, name, member, code, message, hint FROM file JOIN folder ON folder.id = file.folder"
            " WHERE outcome = ?",
            (FAILED,),
        ):
            yield self._path(*place), code, message, hint

    def sessions(self) -> Iterator[tuple[int, str]]:
        """Each session's plan and line, the line without the path."""
        query = "SELECT plan, ordinal, line FROM session WHERE (plan, ordinal) > (?, ?) ORDER BY plan, ordinal"
        for plan, _, line in self._pieces(query, -1, -1):
            try:
                text = zlib.decompress(line).decode()
            except (zlib.error, UnicodeDecodeError):
                text = ""
            if not text.startswith(LINE_START):
                raise UsageError("the dataset's store is damaged", "scan into a new folder")
            yield plan, text

    def _pieces(self, query: str, *last: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a query that begins behind ``last``, the values of its first columns, some at a time: a scan that
        writes into the store has to wait only for one piece, not for the whole.
        """
        while rows := self._db.execute(f"{query} LIMIT {PIECE}", last).fetchall():
            yield from rows
            last = rows[-1][: len(last)]


class Settled:
    """Which plans do not count, part by part, and why.

    Attributes
    ----------
    left_out
        Ids of these plans in each part.
    conflicts
        Path of every file whose plan has the UID of another one with different content.
    across
        Conflicts that are none within the file's own part.
    copied
        Files of plans that an earlier part tells.
    copied_plans
        How many plans these are.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.left_out = [part.without_file() for part in parts]
        self.conflicts: list[str] = []
        self.across = self.copied = self.copied_plans = 0
        uid_of = itemgetter(0)
        for uid, same in groupby(merge(*(part.uids() for part in parts), key=uid_of), key=uid_of):
            if len({digest for _, digest in same}) > 1:
                self._conflict(parts, uid)
        if len(parts) > 1:
            for digest, copies in groupby(merge(*(part.digests() for part in parts))):
                if sum(1 for _ in copies) > 1:
                    self._copied(parts, digest)

    def _conflict(self, parts: list[Part], uid: str) -> None:
        for part, left_out in zip(parts, self.left_out, strict=True):
            plans = part.plans_of_uid(uid)
            paths = [path for plan in plans for path in part.paths_of(plan)]
            left_out.update(plans)
            self.conflicts += paths
            self.across += len(paths) if len(plans) == 1 else 0

    def _copied(self, parts: list[Part], digest: bytes) -> None:
        told = False
        for part, left_out in zip(parts, self.left_out, strict=True):
            plan = part.plan_of_digest(digest)
            if plan is None or plan in left_out:
                continue
            if told:
                left_out.add(plan)
                self.copied += len(part.paths_of(plan))
                self.copied_plans += 1
            told = True


def skipped_of(parts: list[Part], settled: Settled) -> Counter[str]:
    """Files that were passed over, by code; further copies of a plan among them."""
    found = Counter[str]()
    for part, left_out in zip(parts, settled.left_out, strict=True):
        found.update(part.skipped())
        found["duplicate"] += sum(count for plan, count in part.copies() if plan not in left_out)
    found["duplicate"] += settled.copied
    return +found
