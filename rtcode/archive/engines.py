"""What runs the batches of a scan: this process, processes beside it, later machines beside this one.

An engine takes batches as it has room for them and gives back each with what came of it, in any order. A file that
kills its worker costs itself: batches that were under way when a worker died are run again, one by one and in halves,
until the file is found.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Protocol, TypeVar

from rtcode.archive.work import Done, Item, Job, Outcome, failure, work
from rtcode.errors import DefectError
from rtcode.records import record, replace

T = TypeVar("T")
B = TypeVar("B")
R = TypeVar("R")

#: Batches that wait for each worker, so that it never waits itself.
_AHEAD = 3


@record(eq=False)
class Batch:
    """Files for one worker; ``origin`` is whatever the scan needs to store what came of them."""

    items: tuple[Item, ...]
    origin: object


class Engine(Protocol):
    """Runs batches."""

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        """Each batch with what came of it; batches are asked for only as there is room."""
        ...


class InProcess:
    """One after the other, here: for a few files, and for looking for errors."""

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        for batch in batches:
            yield batch, work(job, batch.items)


class Processes:
    """Worker processes.

    Parameters
    ----------
    workers
        How many; as many as there are processors by default.
    work
        What they do with a batch.
    """

    def __init__(self, workers: int | None = None, work: Callable[[Job, tuple[Item, ...]], Done] = work) -> None:
        self.workers = workers or processors()
        self._work = work

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        waiting = iter(batches)
        pool = self._pool(self.workers)
        under_way: dict[Future[Done], Batch] = {}
        more = True
        try:
            while more or under_way:
                while more and len(under_way) < self.workers * _AHEAD:
                    batch = next(waiting, None)
                    if batch is None:
                        more = False
                        break
                    under_way[_submitted(pool, self._work, job, batch)] = batch
                finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
                broken = False
                for future in finished:
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool):
                        broken = True
                        continue
                    yield under_way.pop(future), future.result()
                if broken:
                    suspects = list(under_way.values())
                    under_way.clear()
                    pool.shutdown(wait=True, cancel_futures=True)
                    for suspect in suspects:
                        yield suspect, self._alone(job, suspect.items)
                    pool = self._pool(self.workers)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _alone(self, job: Job, items: tuple[Item, ...]) -> Done:
        """What came of files one of which may have killed its worker, found by halves."""
        with self._pool(1) as pool:
            try:
                return pool.submit(self._work, job, items).result()
            except BrokenProcessPool:
                pass
        if len(items) == 1:
            return killed()
        half = len(items) // 2
        return joined(((0, self._alone(job, items[:half])), (half, self._alone(job, items[half:]))))

    def _pool(self, workers: int) -> ProcessPoolExecutor:
        # Spawned on every system: a fork would carry the parent's threads and open store along.
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin)


def killed() -> Done:
    """What came of a single file that its worker did not survive."""
    error = DefectError("a worker died on this file", "please report it with `rtcode doctor`, without the plan")
    return Done((), (failure(0, "", error),))


def joined(parts: Iterable[tuple[int, Done]]) -> Done:
    """What came of parts of a batch, each with the place where it begins, as that of the whole."""
    passed_over: list[int] = []
    outcomes: list[Outcome] = []
    for begin, done in parts:
        passed_over += [place + begin for place in done.passed_over]
        outcomes += [replace(one, item=one.item + begin) for one in done.outcomes]
    return Done(tuple(passed_over), tuple(outcomes))


def in_order(run: Callable[[T, B], R], job: T, batches: Iterable[B], workers: int) -> Iterator[R]:
    """What becomes of each batch, in their order, by worker processes; with 0 workers in this one."""
    if workers == 0:
        for batch in batches:
            yield run(job, batch)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin) as pool:
        under_way: deque[Future[R]] = deque()
        for batch in batches:
            under_way.append(pool.submit(run, job, batch))
            if len(under_way) >= workers * _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _submitted(
    pool: ProcessPoolExecutor, work: Callable[[Job, tuple[Item, ...]], Done], job: Job, batch: Batch
) -> Future[Done]:
    try:
        return pool.submit(work, job, batch.items)
    except BrokenProcessPool as error:
        failed: Future[Done] = Future()
        failed.set_exception(error)
        return failed


def begin() -> None:
    """In each worker: leave interruptions to the parent, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
