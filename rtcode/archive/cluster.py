"""Many machines: batches run by dask.distributed, the same work with the same outcomes.

Dask runs a batch again where a worker died, and gives it up after several deaths; the files of such a batch are then
run one by one, and one that is given up again has killed its workers. Workers have to see the files under the same
paths, and need the same rtcode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from typing import Any

from rtcode import __version__
from rtcode.archive.engines import Batch, joined, killed
from rtcode.archive.work import Done, Item, Job, work
from rtcode.errors import SourceError, UsageError

#: Batches that are under way for each thread of the cluster.
_AHEAD = 3
#: How long a scheduler, and then its first worker, is waited for (s).
_PATIENCE_S = 20


class Cluster:
    """Workers of a dask scheduler.

    Parameters
    ----------
    address
        Of the scheduler (``tcp://host:8786``).

    Raises
    ------
    UsageError
        dask.distributed is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed  # type: ignore[import-not-found,import-untyped,unused-ignore]
        except ImportError:
            raise UsageError("--scheduler needs dask.distributed", "install rtcode[cluster]") from None
        self._distributed: Any = distributed
        self._address = address

    def run(self, job: Job, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Done]]:
        """As `rtcode.archive.engines.Engine`.

        Raises
        ------
        SourceError
            The scheduler cannot be reached, or has no workers.
        UsageError
            A worker has another version of rtcode.
        """
        client = self._client()
        try:
            self._check(client)
            yield from self._run(client, job, iter(batches))
        finally:
            client.close()

    def _client(self) -> Any:
        try:
            client = self._distributed.Client(self._address, timeout=_PATIENCE_S, set_as_default=False)
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise SourceError(
                f"the scheduler cannot be reached, or has no workers ({type(error).__name__})",
                "check the address after --scheduler, and that workers are running",
            ) from None
        return client

    def _check(self, client: Any) -> None:
        found = client.run(_version)
        if any(version != __version__ for version in found.values()):
            raise UsageError("a worker has another version of rtcode", f"install {__version__} on all of them")

    def _run(self, client: Any, job: Job, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Done]]:
        under_way: dict[Any, Batch] = {}
        finished = self._distributed.as_completed(loop=client.loop)
        more = True
        while more or under_way:
            room = max(1, sum(client.ncores().values())) * _AHEAD
            while more and len(under_way) < room:
                batch = next(batches, None)
                if batch is None:
                    more = False
                    break
                future = client.submit(work, job, batch.items, pure=False)
                under_way[future] = batch
                finished.add(future)
            if not under_way:
                break
            future = next(finished)
            batch = under_way.pop(future)
            yield batch, self._done(client, job, future, batch.items)

    def _done(self, client: Any, job: Job, future: Any, items: tuple[Item, ...]) -> Done:
        try:
            done: Done = future.result()
            return done
        except self._distributed.KilledWorker:
            if len(items) == 1:
                return killed()
        except (OSError, CancelledError) as error:
            raise SourceError(
                f"the scheduler went away ({type(error).__name__})",
                "start it, and the scan again: it goes on from there",
            ) from None
        # One after the other: a file that runs beside one that kills could be taken for it.
        alone = (client.submit(work, job, (item,), pure=False) for item in items)
        return joined(
            (place, self._done(client, job, future, items[place : place + 1])) for place, future in enumerate(alone)
        )


def _version() -> str:
    from rtcode import __version__ as version

    return version
