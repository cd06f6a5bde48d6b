"""Progress of a scan on a terminal: files, rate, and the time that is left where the number of files is known."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from rtcode.archive.scan import Progress


def count(progress: Progress, folders: Sequence[str]) -> None:
    """Find out beside the scan how many files there are, so that the time left can be told; folders on disks only."""

    def counted() -> None:
        progress.total = sum(len(names) for folder in folders for _, _, names in os.walk(folder, followlinks=False))

    if folders and all(Path(folder).is_dir() for folder in folders):
        threading.Thread(target=counted, daemon=True).start()


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """Gives what is to be called with each state; the line is gone at the end."""
    columns = (
        TextColumn("{task.fields[said]}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[rate]} files/s"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task("", total=None, said="listing", rate="-")

        def tell(progress: Progress) -> None:
            seen = progress.done + progress.unchanged
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(
                task,
                completed=seen,
                total=progress.total,
                said=f"{seen:,} of {progress.listed:,} files, {progress.plans:,} plans, {progress.failures:,} failures",
                rate=f"{seen / elapsed:,.0f}" if elapsed > 0 else "-",
            )

        yield tell
