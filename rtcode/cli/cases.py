"""``rtcode cases``: plans of a scanned archive that together may be one session."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcode.cli.options import NoColor, Output, Quiet, Version, Workers
from rtcode.cli.streams import check_output, colors, write
from rtcode.errors import UsageError

if TYPE_CHECKING:
    from rtcode.outputs.case_contract import CasesLine


class CasesFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


def cases(
    dataset: Annotated[
        str | None,
        typer.Argument(metavar="DATASET", show_default=False, help="Folder that `rtcode scan` has made."),
    ] = None,
    format: Annotated[CasesFormat, typer.Option("--format", help="Form of the output.")] = CasesFormat.TEXT,
    output: Output = None,
    days: Annotated[
        int,
        typer.Option("--days", min=0, metavar="N", help="Most days between a photon and an electron plan."),
    ] = 14,
    workers: Workers = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """Find plans of one patient that together may be one treatment session, with what they would become.

    Examples:

    \b
      rtcode cases dataset
      rtcode cases dataset --format ndjson -o dataset/cases.ndjson
    """
    if not dataset:
        raise UsageError("no dataset is named", "name the folder that `rtcode scan SOURCE --output DIR` has made")
    from rtcode.archive.cases import case_lines
    from rtcode.archive.dataset import PRIVATE, folders_of, open_all
    from rtcode.archive.engines import processors
    from rtcode.archive.tables import NAMES

    folder = Path(dataset)
    folders = folders_of(folder)
    check_output(output)
    if output not in (None, "-") and _is_part(Path(output or ""), folders, PRIVATE, NAMES):
        raise UsageError("the output would replace a part of the dataset", "give another name after --output")
    color = format is CasesFormat.TEXT and colors(no_color=no_color, output=output)
    with ExitStack() as stack:
        datasets = [stack.enter_context(closing(one)) for one in open_all(folder)]
        lines = case_lines(datasets, days=days, workers=processors() if workers is None else workers)
        if format is CasesFormat.NDJSON:
            _write_lines(lines, output)
        elif format is CasesFormat.JSON:
            from rtcode.outputs.case_contract import cases_dict
            from rtcode.outputs.json import dumps

            write(dumps(cases_dict(lines), indent=2) + "\n", output)
        else:
            from rtcode.outputs.case_text import render_cases_text

            write(render_cases_text(lines, color=color), output, terminal=True)


def _is_part(path: Path, folders: Iterable[Path], private: str, tables: frozenset[str]) -> bool:
    """Whether a file is a table of a dataset, or lies in its private folder."""
    folder = path.resolve().parent
    return any(
        folder.is_relative_to((one / private).resolve()) or (folder == one.resolve() and path.name in tables)
        for one in folders
    )


def _write_lines(lines: Iterable[CasesLine], output: str | None) -> None:
    """Line by line: an archive may have more cases than fit into memory."""
    from rtcode.outputs.json import dumps

    texts = (dumps(line) + "\n" for line in lines)
    if output in (None, "-"):
        for text in texts:
            write(text, None)
        return
    path = Path(output or "")
    if path.exists() and not path.is_file():
        # a device or a pipe cannot be replaced
        write("".join(texts), output)
        return
    from rtcode.archive.tables import replacing

    with replacing(path) as stream:
        for text in texts:
            stream.write(text.encode())
