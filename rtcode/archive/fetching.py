"""Files from elsewhere, fetched ahead of the work on them: the first bytes of all, the rest only of what may be a plan.

Reading from an object store is waiting; a worker that has some dozen requests under way while it judges what is there
hardly waits at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from rtcode.dicom.reader import refusal
from rtcode.dicom.triage import FIRST_BYTES, may_be_plan, triage
from rtcode.sources.files import MAX_FILE_BYTES, SourceFile
from rtcode.sources.remote import CONNECTIONS, filesystem_of, unreachable

if TYPE_CHECKING:
    from rtcode.archive.work import Item

#: Requests of a worker that are under way at a time.
_AHEAD = CONNECTIONS


def fetched(items: Sequence[Item]) -> Iterator[SourceFile | None]:
    """Each item with its content, in order; ``None`` for other DICOM objects than plans, which are not fetched."""
    with ThreadPoolExecutor(_AHEAD) as pool:
        waiting = iter(items)
        under_way: deque[Future[SourceFile | None]] = deque(pool.submit(_fetch, one) for one in islice(waiting, _AHEAD))
        while under_way:
            found = under_way.popleft().result()
            following = next(waiting, None)
            if following is not None:
                under_way.append(pool.submit(_fetch, following))
            yield found
            # Only what is ahead is to be in memory.
            del found


def _fetch(item: Item) -> SourceFile | None:
    try:
        filesystem, path = filesystem_of(item.address)
        # A range of an empty object is an error.
        head = bytes(filesystem.cat_file(path, start=0, end=FIRST_BYTES)) if item.size else b""
        whole = len(head) < FIRST_BYTES
        kind = triage(head, complete=whole).kind
        if not may_be_plan(kind):
            return None if kind.is_dicom else SourceFile(item.label, named=False, error=refusal(kind))
        if item.size > MAX_FILE_BYTES:
            return SourceFile(item.label, named=False, content=head, oversized=True)
        content = head if whole else bytes(filesystem.cat_file(path))
        return SourceFile(item.label, named=False, content=content)
    except Exception as error:  # noqa: BLE001  (every back end has exceptions of its own)
        return SourceFile(item.label, named=False, error=unreachable(error))
