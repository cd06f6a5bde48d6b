"""``rtcode analyze``: the main job."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcode.cli.calls import IdentifierChoice, answer_of, gates_of, matches, site_key, tell_failures
from rtcode.cli.lists import listed_paths
from rtcode.cli.options import (
    Answer,
    CodeSetId,
    DateOfService,
    FailOn,
    Identifiers,
    NoColor,
    Output,
    Policy,
    Quiet,
    Version,
)
from rtcode.cli.streams import check_output, colors, error_line, refuse_terminal, write
from rtcode.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rtcode.coding.results import Results
    from rtcode.outputs.contract import AnalysisDict
    from rtcode.outputs.sheet.distribution import Distribution


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"


class Paper(StrEnum):
    A4 = "a4"
    LETTER = "letter"


#: Formats for people to sign, which show pictures.
_SHEETS = (Format.HTML, Format.PDF)


def analyze(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            show_default=False,
            help="File, folder, .zip or .tar archive, - for standard input, or a URL (s3://...).",
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Form of the output.")] = Format.TEXT,
    output: Output = None,
    code_set: CodeSetId = None,
    date_of_service: DateOfService = None,
    answer: Answer = None,
    same_session: Annotated[
        bool, typer.Option("--same-session", help="Judge everything given as one treatment session of one patient.")
    ] = False,
    policy: Policy = None,
    identifiers: Identifiers = IdentifierChoice.UID,
    fail_on: FailOn = None,
    files_from: Annotated[
        str | None,
        typer.Option("--files-from", metavar="FILE", help="Read further sources from FILE, one a line (- for stdin)."),
    ] = None,
    metrics: Annotated[
        bool | None,
        typer.Option(
            "--metrics/--no-metrics",
            show_default=False,
            help="Compute modulation metrics (default: yes for json, ndjson, html and pdf).",
        ),
    ] = None,
    paper: Annotated[Paper, typer.Option("--paper", help="Paper of --format pdf.")] = Paper.A4,
    archive_table: Annotated[
        str | None,
        typer.Option(
            "--archive-table",
            metavar="FILE",
            help="Compare metrics of html and pdf with the beams of an earlier analysis (ndjson) or a CSV table.",
        ),
    ] = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> int:
    """Read plans; show what was found, the suggested level, the evidence and the open questions.

    Examples:

    \b
      rtcode analyze plan.dcm
      rtcode analyze export/ --format json -o result.json
      rtcode analyze plan.dcm --answer motion_management=yes
      rtcode analyze plan.dcm --date-of-service 2026-03-02
      rtcode analyze plan.dcm --format pdf -o sheet.pdf
    """
    gates = gates_of(fail_on or [])
    answers = [answer_of(text) for text in answer or []]
    given = [*(sources or []), *(listed_paths(files_from) if files_from is not None else [])]
    if not given:
        raise UsageError("no source is given", "name a plan, a folder or an archive, or - for standard input")
    if given.count("-") + (files_from == "-") > 1:
        raise UsageError("standard input is named twice", "it can be read only once")
    # Pseudonyms alone need the key.
    key = site_key() if identifiers is IdentifierChoice.NONE else None
    others = (policy, files_from, archive_table, os.environ.get("RTCODE_SITE_KEY_FILE"))
    check_output(output, [*given, *(path for path in others if path)])
    color = format is Format.TEXT and colors(no_color=no_color, output=output)
    distribution = _sheet_inputs(format, output, paper, archive_table)

    from rtcode.analysis import analyze as run_analysis
    from rtcode.outputs.json import analysis_dict

    made: list[tuple[AnalysisDict, str | bytes]] = []

    def make_output(results: Results) -> None:
        data = analysis_dict(results, identifiers=identifiers.value, key=key)
        if format in _SHEETS:
            made[:] = [(data, _sheet(results, data, format, paper, distribution))]
        else:
            made[:] = [(data, render(data, format, color=color))]

    analysis = run_analysis(
        given,
        code_set=code_set,
        date_of_service=date_of_service,
        answers=answers,
        same_session=same_session,
        policy=policy,
        metrics=_wants_metrics(format, metrics),
        probe=make_output,
    )
    ((data, text),) = made
    tell_failures(data["failures"])
    if not quiet and not data["plans"] and not data["failures"]:
        error_line("note: there is no RT Plan among the sources")
    write(text, output, terminal=format is Format.TEXT)
    code = max(analysis.exit_code, ExitCode.MATCHED if matches(analysis.results, gates) else ExitCode.DONE)
    return int(code)


def render(data: AnalysisDict, format: Format, *, color: bool = False) -> str:
    """The output in one of the formats that are written from the data alone."""
    if format is Format.JSON:
        from rtcode.outputs.json import render_json

        return render_json(data)
    if format is Format.NDJSON:
        from rtcode.outputs.ndjson import render_ndjson

        return render_ndjson(data)
    if format is Format.CSV:
        from rtcode.outputs.csv import render_csv

        return render_csv(data)
    from rtcode.outputs.text import render_text

    return render_text(data, color=color)


def _wants_metrics(format: Format, asked: bool | None) -> bool:
    """Whether metrics are computed: where they are shown without asking, or asked for."""
    if asked and format is Format.CSV:
        raise UsageError("--metrics shows nothing in csv", "its rows are sessions; take json or ndjson")
    return format not in (Format.TEXT, Format.CSV) if asked is None else asked


def _sheet_inputs(format: Format, output: str | None, paper: Paper, archive_table: str | None) -> Distribution | None:
    """Refuse what a sheet cannot be made of before any work is done, and read the table that it compares with."""
    if format is not Format.PDF and paper is not Paper.A4:
        raise UsageError("--paper is for --format pdf", "a browser asks for the paper when it prints")
    if archive_table is not None and format not in _SHEETS:
        raise UsageError("--archive-table is for --format html and pdf", "the other formats compare nothing")
    if format is Format.PDF:
        refuse_terminal(output)
        from rtcode.outputs.sheet.pdf import require_weasyprint

        require_weasyprint()
    if archive_table is None:
        return None
    from rtcode.outputs.sheet.distribution import read_table

    return read_table(Path(archive_table))


def _sheet(
    results: Results, data: AnalysisDict, format: Format, paper: Paper, distribution: Distribution | None
) -> str | bytes:
    from rtcode.outputs.sheet import render_html, render_pdf

    if format is Format.HTML:
        return render_html(results, data, distribution=distribution)
    return render_pdf(results, data, distribution=distribution, paper=paper.value)
