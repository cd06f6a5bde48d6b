"""A scan from end to end: list, compare, have the rest read, store, and write the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rtcode.archive.database import connect, lock
from rtcode.archive.dataset import Counts, Dataset, store_path
from rtcode.archive.engines import Batch, Engine
from rtcode.archive.listing import Chunk, Listed, Problem
from rtcode.archive.store import Store
from rtcode.archive.tables import write_tables
from rtcode.archive.work import Done, Item, Job, Outcome, failure
from rtcode.errors import DefectError
from rtcode.outputs.identifiers import Identifiers
from rtcode.records import record, replace

#: Files of the first batches, and of later ones: first rows soon, then little talk between processes.
_FIRST, _MOST = 8, 256
#: Bytes of a batch, since a worker has to read them if all are plans: large batches leave the last worker alone.
_MOST_BYTES = 8 * 1024 * 1024

Part = tuple[Chunk, tuple[Listed, ...]]


class Progress:
    """What a run has done so far; `tell` is called now and then."""

    def __init__(self, tell: Callable[[Progress], None] | None = None) -> None:
        self.listed = 0
        self.unchanged = 0
        self.done = 0
        self.plans = 0
        self.failures = 0
        #: files of the whole scan, ``None`` where nobody has counted them
        self.total: int | None = None
        self._tell = tell

    def told(self) -> None:
        if self._tell is not None:
            self._tell(self)


@record
class Scanned:
    """What a run did: the counts of the whole dataset, what of it was read in this run, and the tables."""

    counts: Counts
    read: int
    unchanged: int
    tables: tuple[Path, ...]


def fill(
    folder: Path,
    listings: Iterable[tuple[str, Iterable[Chunk | Problem]]],
    job: Job,
    header: dict[str, Any],
    engine: Engine,
    progress: Progress,
    formats: frozenset[str],
) -> Scanned:
    """Bring a dataset up to what the listings meet.

    Parameters
    ----------
    folder
        Of the dataset.
    listings
        Each source's name, as outputs show it, and its files.
    formats
        Tables to write (`rtcode.archive.tables.write_tables`).

    Raises
    ------
    UsageError
        The store cannot be written, is in use, or was made with another header.
    DefectError
        Files were lost: what was met is not what the store has.
    """
    private = store_path(folder).parent
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = lock(private)
    db = connect(store_path(folder), write=True)
    try:
        hidden = Identifiers("none", (), job.key).pseudonym if job.identifiers == "none" else None
        store = Store(db, header, hidden, job.policy)
        for batch, done in engine.run(job, _batches(store, listings, progress)):
            _store(store, batch, done, progress)
        store.end()
        dataset = Dataset(db)
        counts = dataset.counts()
        if counts.listed != dataset.met():
            raise DefectError(f"{counts.listed} files were listed, {dataset.met()} have an outcome")
        tables = write_tables(folder, db, formats)
        return Scanned(counts, progress.done, progress.unchanged, tuple(tables))
    finally:
        db.close()
        held.close()


def _store(store: Store, batch: Batch, done: Done, progress: Progress) -> None:
    parts: Sequence[Part] = batch.origin  # type: ignore[assignment]
    passed_over = sorted(done.passed_over)
    begin = 0
    for chunk, files in parts:
        end = begin + len(files)
        own = Done(
            tuple(place - begin for place in passed_over if begin <= place < end),
            tuple(_moved(outcome, begin) for outcome in done.outcomes if begin <= outcome.item < end),
        )
        store.put(chunk, files, own)
        begin = end
    progress.done += begin
    progress.plans += sum(outcome.plan is not None for outcome in done.outcomes)
    progress.failures += sum(outcome.failed for outcome in done.outcomes)
    progress.told()


def _moved(outcome: Outcome, begin: int) -> Outcome:
    return replace(outcome, item=outcome.item - begin) if begin else outcome


def _batches(
    store: Store, listings: Iterable[tuple[str, Iterable[Chunk | Problem]]], progress: Progress
) -> Iterator[Batch]:
    """Files that are new or changed, in batches that begin small."""
    parts: list[Part] = []
    count = size = 0
    most = _FIRST
    for root, found in listings:
        for one in found:
            if isinstance(one, Problem):
                store.fail_folder(root, one.folder, one.label, failure(0, "", one.error))
                progress.failures += 1
                continue
            changed = store.compare(one)
            if changed is None:
                continue
            progress.listed += len(one.files)
            progress.unchanged += len(one.files) - len(changed)
            progress.told()
            for some in _pieces(changed, most):
                parts.append((_bare(one), some))
                count += len(some)
                size += sum(max(file.size, 0) for file in some)
                if count >= most or size >= _MOST_BYTES:
                    yield _batch(parts)
                    parts, count, size = [], 0, 0
                    most = min(most * 2, _MOST)
        store.end_root(root)
    if parts:
        yield _batch(parts)


def _pieces(files: list[Listed], most: int) -> Iterator[tuple[Listed, ...]]:
    for start in range(0, len(files), most):
        yield tuple(files[start : start + most])


def _bare(chunk: Chunk) -> Chunk:
    """The chunk without its files: where they are, for those of a batch."""
    return replace(chunk, files=())


def _batch(parts: list[Part]) -> Batch:
    items = tuple(
        Item(chunk.address(file.name), chunk.shown(file.name), file.size, chunk.named)
        for chunk, files in parts
        for file in files
    )
    return Batch(items, tuple(parts))
