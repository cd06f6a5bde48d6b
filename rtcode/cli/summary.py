"""``rtcode summary``: what an archive holds."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcode.cli.options import NoColor, Output, Quiet, Version
from rtcode.cli.streams import check_output, colors, write
from rtcode.errors import UsageError

if TYPE_CHECKING:
    from rtcode.outputs.summary_contract import SummaryDict


class SummaryFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"


def summary(
    dataset: Annotated[
        str | None,
        typer.Argument(metavar="DATASET", show_default=False, help="Folder that `rtcode scan` has made."),
    ] = None,
    format: Annotated[SummaryFormat, typer.Option("--format", help="Form of the output.")] = SummaryFormat.TEXT,
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """Say what an archive holds: files in and out, levels, open questions, and what to look at first.

    Examples:

    \b
      rtcode summary dataset
      rtcode summary dataset --format html -o archive.html
      rtcode summary dataset --format json | jq .by_level
    """
    if not dataset:
        raise UsageError("no dataset is named", "name the folder that `rtcode scan SOURCE --output DIR` has made")
    folder = Path(dataset)
    check_output(output)
    _spare_dataset(folder, output)
    color = format is SummaryFormat.TEXT and colors(no_color=no_color, output=output)

    from rtcode.archive.summary import summarize

    write(_render(summarize(folder), format, color=color), output, terminal=format is SummaryFormat.TEXT)


def _spare_dataset(folder: Path, output: str | None) -> None:
    """Refuse an output that would replace a part of the dataset itself.

    Raises
    ------
    UsageError
        It is one of its tables, or lies in its private folder.
    """
    if output in (None, "-"):
        return
    from rtcode.archive.dataset import PRIVATE
    from rtcode.archive.tables import NAMES

    try:
        path, root = Path(output or "").resolve(), folder.resolve()
    except (OSError, ValueError):
        return
    if path.is_relative_to(root) and (path.name in NAMES or PRIVATE in path.relative_to(root).parts):
        raise UsageError("the output would replace a part of the dataset", "give another name after --output")


def _render(data: SummaryDict, format: SummaryFormat, *, color: bool) -> str:
    if format is SummaryFormat.JSON:
        from rtcode.outputs.json import dumps

        return dumps(data, indent=2) + "\n"
    if format is SummaryFormat.HTML:
        from rtcode.outputs.summary_html import render_summary_html

        return render_summary_html(data)
    from rtcode.outputs.summary_text import render_summary_text

    return render_summary_text(data, color=color)
