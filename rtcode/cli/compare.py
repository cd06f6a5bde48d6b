"""``rtcode compare``: what changed between two versions of a plan."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rtcode.cli.calls import IdentifierChoice, answer_of, gates_of, matches, site_key, tell_failures
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
from rtcode.cli.streams import check_output, colors, error_line, write
from rtcode.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rtcode.analysis import Analysis
    from rtcode.comparison.types import Comparison
    from rtcode.outputs.comparison_contract import ComparisonDict
    from rtcode.outputs.contract_values import IdentifierLevel


class CompareFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"


def compare(
    old: Annotated[
        str | None,
        typer.Argument(metavar="OLD", show_default=False, help="The plan as it was: a file, or what holds one plan."),
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", show_default=False, help="The plan as it is now.")] = None,
    format: Annotated[CompareFormat, typer.Option("--format", help="Form of the output.")] = CompareFormat.TEXT,
    output: Output = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            "--tolerance",
            metavar="NAME=VALUE",
            show_default=False,
            help="Up to where numbers count as the same (leaf_mm=0.5); repeatable.",
        ),
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
    """Say exactly what changed between two versions of a plan, and whether it touches the suggestion.

    Examples:

    \b
      rtcode compare old.dcm new.dcm
      rtcode compare old.dcm new.dcm --fail-on mismatch
      rtcode compare old.dcm - --format html -o changes.html < new.dcm
      rtcode compare old.dcm new.dcm --tolerance leaf_mm=0.5
    """
    gates = gates_of(fail_on or [])
    answers = [answer_of(text) for text in answer or []]
    if not old or not new:
        raise UsageError("two plans are to be named", "write rtcode compare OLD NEW")
    if old == new == "-":
        raise UsageError("standard input is named twice", "it can be read only once")
    key = site_key() if identifiers is IdentifierChoice.NONE else None
    others = (policy, os.environ.get("RTCODE_SITE_KEY_FILE"))
    check_output(output, [old, new, *(path for path in others if path)])
    color = format is CompareFormat.TEXT and colors(no_color=no_color, output=output)
    settings = [_setting(text) for text in tolerance or []]

    from rtcode.analysis import analyze
    from rtcode.comparison.compare import compare as compare_plans
    from rtcode.comparison.tolerances import tolerances_from
    from rtcode.outputs.comparison import comparison_dict

    tolerances = tolerances_from(settings)
    # One after the other: one UID with other bytes would be a conflict within one call.
    sides = [
        analyze(source, code_set=code_set, date_of_service=date_of_service, answers=answers, policy=policy)
        for source in (old, new)
    ]
    code = max(_told(name, side, identifiers.value, key) for name, side in zip(("OLD", "NEW"), sides, strict=True))
    if any(not side.results.plans for side in sides):
        return int(code)
    a, b = (side.results for side in sides)
    comparison = compare_plans(a.plans[0], b.plans[0], a.sessions, b.sessions, tolerances)
    data = comparison_dict(comparison, b, identifiers=identifiers.value, key=key)
    write(_render(data, comparison, format, color=color), output, terminal=format is CompareFormat.TEXT)
    matched = matches(b, gates) or ("mismatch" in gates and _mismatch(comparison))
    return int(max(code, ExitCode.MATCHED if matched else ExitCode.DONE))


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError("a tolerance has no value", "write --tolerance NAME=VALUE")
    return name.strip(), value.strip()


def _told(name: str, side: Analysis, identifiers: IdentifierLevel, key: bytes | None) -> ExitCode:
    """The exit code of one side, whose inputs that could not be used are told on standard error.

    Raises
    ------
    UsageError
        It holds several plans.
    """
    results = side.results
    if len(results.plans) > 1:
        raise UsageError(f"{name} holds {len(results.plans)} plans", "name the one that is to be compared")
    if results.failures:
        from rtcode.outputs.identifiers import Identifiers as Shown
        from rtcode.outputs.json import failure_dict

        shown = Shown(identifiers, (), key)
        tell_failures([failure_dict(failure, shown) for failure in results.failures], name)
    if results.plans or results.failures:
        return side.exit_code
    error_line(f"not_a_plan: {name} holds no RT Plan; give the plan that is to be compared")
    return ExitCode.INPUT


def _render(data: ComparisonDict, comparison: Comparison, format: CompareFormat, *, color: bool) -> str:
    if format is CompareFormat.JSON:
        from rtcode.outputs.json import dumps

        return dumps(data, indent=2) + "\n"
    if format is CompareFormat.HTML:
        from rtcode.outputs.comparison_html import render_comparison_html

        return render_comparison_html(data, comparison)
    from rtcode.outputs.comparison_text import render_comparison_text

    return render_comparison_text(data, color=color)


def _mismatch(comparison: Comparison) -> bool:
    from rtcode.comparison.types import Verdict

    # What could not be compared may differ: a gate does not pass for want of knowledge.
    return comparison.verdict in (Verdict.DIFFERENT, Verdict.DIFFERENT_PATIENT) or not comparison.complete
