"""``rtcode redecide``: a scanned archive under other rules, without reading a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rtcode.cli.calls import answer_of
from rtcode.cli.options import Answer, DateOfService, NoColor, Policy, Quiet, Version, Workers
from rtcode.cli.scan import TableFormat, dataset_folder, scan_progress, table_formats
from rtcode.cli.streams import write
from rtcode.errors import ExitCode, UsageError, exit_code_of


def redecide(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", show_default=False, help="Folder of a scan.")],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="DIR", show_default=False, help="Folder of the new dataset."),
    ] = None,
    code_set: Annotated[
        str | None,
        typer.Option("--code-set", metavar="ID", help="Code set that decides, or its file (default: as it was)."),
    ] = None,
    date_of_service: DateOfService = None,
    answer: Answer = None,
    policy: Policy = None,
    format: Annotated[
        list[TableFormat] | None,
        typer.Option("--format", show_default=False, help="Tables to write; repeatable (default: all that can be)."),
    ] = None,
    workers: Workers = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> int:
    """Decide a scanned archive again under other rules, from what the dataset keeps; no plan is read.

    Examples:

    \b
      rtcode redecide dataset --policy site.toml -o dataset-site
      rtcode redecide dataset --code-set codes-2027.toml -o dataset-2027
    """
    from rtcode.archive.dataset import folders_of, open_all
    from rtcode.archive.redecide import redecide as run
    from rtcode.archive.report import redecided_text
    from rtcode.archive.settings import header_again, job_again

    if output is None:
        raise UsageError("no folder for the new dataset is given", "name one after --output")
    answers = [answer_of(text) for text in answer or []]
    formats = table_formats(format)
    code = ExitCode.DONE
    said = []
    for source, opened in zip(folders_of(Path(dataset)), open_all(Path(dataset)), strict=True):
        part = "" if source == Path(dataset) else source.name
        folder = dataset_folder(output, part)
        job = job_again(
            opened, code_set=code_set, policy=policy, date_of_service=date_of_service, answers=answers
        )  # fmt: skip
        header = header_again(opened, job)
        opened.close()
        with scan_progress(quiet) as progress:
            done = run(source, folder, job, header, formats, progress, workers)
        said.append(redecided_text(done, folder))
        code = max([code, *map(exit_code_of, done.counts.by_failure)])
    write("\n".join(said), None, terminal=True)
    return int(code)
