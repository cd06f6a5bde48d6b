"""``rtcode scan``: an archive in, one table out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcode.cli.calls import FAIL_ON, IdentifierChoice, answer_of, gates_of, site_key
from rtcode.cli.options import (
    Answer,
    CodeSetId,
    DateOfService,
    FailOn,
    Identifiers,
    NoColor,
    Policy,
    Quiet,
    Version,
    Workers,
)
from rtcode.cli.streams import error_line, write
from rtcode.errors import ExitCode, UsageError, exit_code_of

if TYPE_CHECKING:
    from rtcode.archive.engines import Engine
    from rtcode.archive.listing import Chunk, Problem
    from rtcode.archive.manifest import Listing
    from rtcode.archive.scan import Progress


class TableFormat(StrEnum):
    NDJSON = "ndjson"
    PARQUET = "parquet"


def scan(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...",
            help="Folders, archives, plans, URLs, or @FILE, a list of paths.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="DIR", show_default=False, help="Folder of the dataset."),
    ] = None,
    format: Annotated[
        list[TableFormat] | None,
        typer.Option("--format", show_default=False, help="Tables to write; repeatable (default: all that can be)."),
    ] = None,
    files_from: Annotated[
        str | None,
        typer.Option(
            "--files-from", metavar="FILE", help="Paths from FILE, one a line (- for stdin; -0: stdin, NUL between)."
        ),
    ] = None,
    manifest: Annotated[
        str | None,
        typer.Option(
            "--manifest",
            metavar="FILE",
            help="List the sources into FILE, or scan what it lists.",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="I/N", show_default=False, help="Only part I of N of the manifest's files."),
    ] = None,
    workers: Workers = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Have the workers of a dask scheduler do the work."),
    ] = None,
    code_set: CodeSetId = None,
    date_of_service: DateOfService = None,
    answer: Answer = None,
    policy: Policy = None,
    identifiers: Identifiers = IdentifierChoice.UID,
    fail_on: FailOn = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> int:
    """Read an archive into one table: a row for every treatment session and for every file that could not be used.

    Killed at any moment, the next run goes on; run again, it reads what is new or changed.

    Examples:

    \b
      rtcode scan /archive -o dataset
      rtcode scan export.zip s3://bucket/plans -o dataset --format parquet
      find /archive -name '*.dcm' -print0 | rtcode scan --files-from -0 -o dataset
    """
    gates = gates_of(fail_on or [])
    if "mismatch" in gates:
        raise UsageError("--fail-on mismatch is for rtcode compare", f"here it is one of {', '.join(FAIL_ON[:-1])}")
    answers = [answer_of(text) for text in answer or []]
    if shard is not None and manifest is None:
        raise UsageError("--shard divides a manifest", "make one with `rtcode scan SOURCE --manifest FILE`")
    if scheduler is not None and workers is not None:
        raise UsageError("--workers is for this machine, --scheduler for others", "give one of them")
    part = None if shard is None else _shard(shard)
    names = [*dict.fromkeys(sources or []), *([f"@{files_from}"] if files_from is not None else [])]
    if not names and manifest is None:
        raise UsageError("no source is given", "name a folder, an archive or a list")
    from rtcode.archive.dataset import shard_name
    from rtcode.archive.manifest import divided, load, make

    if output is None:
        if manifest is None or not names:
            raise UsageError("no folder for the dataset is given", "name one after --output")
        files = make(Path(manifest), names, _listing).files
        write(f"{files:,} files are listed in {manifest}\n", None, terminal=True)
        return int(ExitCode.DONE)
    folder = dataset_folder(output, "" if part is None else shard_name(*part))
    formats = table_formats(format)

    from rtcode.archive.engines import InProcess, Processes
    from rtcode.archive.scan import fill
    from rtcode.archive.settings import header_of, job_of

    job = job_of(
        folder,
        code_set=code_set,
        date_of_service=date_of_service,
        answers=answers,
        policy=policy,
        identifiers=identifiers.value,
        site_key=site_key(),
    )
    engine: Engine = InProcess() if workers == 0 else Processes(workers)
    if scheduler is not None:
        from rtcode.archive.cluster import Cluster

        engine = Cluster(scheduler)
    with scan_progress(quiet, names if manifest is None else ()) as progress:
        listings: Iterable[Listing] = [(_label(name), _listing(name, beside=folder)) for name in names]
        if manifest is not None:
            whole = make(Path(manifest), names, _listing) if names else load(Path(manifest))
            listings = whole.listings()
            if part is not None:
                listings = ((root, divided(found, *part)) for root, found in listings)
            else:
                progress.total = whole.files
        scanned = fill(folder, listings, job, header_of(job, shard), engine, progress, formats)
    counts = scanned.counts
    if not quiet and part is None and not counts.plans and not counts.failures:
        error_line("note: there is no RT Plan among the sources")
    from rtcode.archive.report import scan_text

    write(scan_text(scanned, folder), None, terminal=True)
    matched = gates & {*counts.by_status, *(["warning"] if counts.warned else [])}
    codes = [exit_code_of(code) for code in counts.by_failure]
    return int(max([ExitCode.MATCHED if matched else ExitCode.DONE, *codes]))


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise UsageError("--shard is no part of a whole", "write it as I/N, 3/64 for the third of 64")
    return int(number), int(count)


def dataset_folder(output: str, part: str) -> Path:
    """The folder of a dataset, made where it is not there; that of a shard lies in it."""
    from rtcode.archive.dataset import PRIVATE
    from rtcode.archive.tables import NAMES

    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = {one.name for one in folder.iterdir()} - NAMES
        if not (folder / PRIVATE).is_dir() and any(not name.startswith("shard-") for name in others):
            raise UsageError(
                "the folder of the dataset holds other files", "give an empty folder, or an earlier scan's"
            )
        if part:
            folder = folder / part
            folder.mkdir(exist_ok=True)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the folder of the dataset cannot be made ({type(error).__name__})", "give another name after --output"
        ) from None
    return folder


def table_formats(asked: list[TableFormat] | None) -> frozenset[str]:
    """The tables to write: those asked for, or all that can be written here."""
    if asked:
        if TableFormat.PARQUET in asked:
            from rtcode.archive.parquet import require_pyarrow

            require_pyarrow()
        return frozenset(one.value for one in asked)
    # Without a wish: whatever can be written here.
    return frozenset({"ndjson", "parquet"} if find_spec("pyarrow") else {"ndjson"})


def _label(name: str) -> str:
    from rtcode.sources.expand import label_of

    return name if name.startswith("@") else label_of(name)


def _listing(
    name: str, without: frozenset[str] = frozenset(), *, beside: Path | None = None
) -> Iterable[Chunk | Problem]:
    """The files of a source, or of a list of paths (``@FILE``)."""
    from rtcode.archive.listing import list_paths, list_source
    from rtcode.cli.lists import listed_paths

    if name.startswith("@"):
        return list_paths(listed_paths(name[1:]), name)
    status = None if beside is None else beside.stat()
    return list_source(name, frozenset({(status.st_dev, status.st_ino)} if status else ()), without)


@contextmanager
def scan_progress(quiet: bool, folders: Sequence[str] = ()) -> Iterator[Progress]:
    """Progress on a terminal, with the time left where the files of folders can be counted; nothing elsewhere."""
    from rtcode.archive.scan import Progress

    if quiet or not sys.stderr.isatty():
        yield Progress()
        return
    from rtcode.cli.progress import count, shown

    with shown() as tell:
        progress = Progress(tell)
        count(progress, folders)
        yield progress
