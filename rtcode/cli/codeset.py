"""``rtcode codeset``: the dated rule sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rtcode.cli.codeset_diff import diff
from rtcode.cli.options import NoColor, Output, Quiet, Version
from rtcode.cli.plain import PlainCommand, PlainGroup
from rtcode.cli.streams import check_output, write
from rtcode.errors import CodeSetError
from rtcode.records import fields, is_record

if TYPE_CHECKING:
    from rtcode.coding.codeset import CodeSet

app = typer.Typer(
    cls=PlainGroup, help="The dated rule sets: list, show, check, diff.", rich_markup_mode=None, no_args_is_help=False
)


class ListFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


_FORMAT = typer.Option("--format", help="Form of the output.")


@app.callback()
def codeset(version: Version = False) -> None:
    """The dated rule sets: list, show, check, diff."""


@app.command("list", cls=PlainCommand)
def list_(
    format: Annotated[ListFormat, _FORMAT] = ListFormat.TEXT,
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """List the code sets that come with this version.

    Example: rtcode codeset list
    """
    from rtcode.coding.codeset import shipped
    from rtcode.outputs.json import dumps
    from rtcode.outputs.layout import columns_of

    check_output(output)
    sets = shipped()
    if format is ListFormat.JSON:
        write(dumps([_head(rules) for rules in sets], indent=2) + "\n", output)
        return
    rows = [["id", "revision", "from", "through", "checked", "title"]]
    for rules in sets:
        days = (rules.effective_from, rules.effective_through, rules.checked_on)
        rows.append([rules.id, str(rules.revision), *map(str, days), rules.title])
    write("\n".join(columns_of(rows, [24, 8, 10, 10, 10, 60])) + "\n", output, terminal=True)


@app.command("show", cls=PlainCommand)
def show(
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", show_default=False, help="Which; without it the newest.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", metavar="FILE", help="Show what holds under this policy.")
    ] = None,
    format: Annotated[ListFormat, _FORMAT] = ListFormat.TEXT,
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """Show a code set: levels, criteria, questions, and everything that a policy may set.

    Example: rtcode codeset show us-cms-2026
    """
    from rtcode.coding.codeset import choose, load_policy
    from rtcode.outputs.json import dumps

    check_output(output, [policy] if policy else [])
    rules = choose(id)
    if policy is not None:
        rules = load_policy(Path(policy), rules)
    if format is ListFormat.JSON:
        write(dumps(as_data(rules), indent=2) + "\n", output)
        return
    from rtcode.outputs.rules import render_rules

    write(render_rules(rules), output, terminal=True)


@app.command("check", cls=PlainCommand)
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False, help="A code set file (TOML).")],
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """Check a code set file; the first mistake is named with its place.

    Example: rtcode codeset check my_codes.toml
    """
    from rtcode.coding.codeset import parse

    check_output(output, [file])
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CodeSetError(f"the file cannot be read ({type(error).__name__})", "check its path") from None
    rules = parse(data, name=path.name)
    write(
        f"{path.name}: {rules.id} revision {rules.revision}, {rules.effective_from} to {rules.effective_through}: "
        f"{len(rules.criteria)} criteria, {len(rules.scope)} scope gates, {len(rules.questions)} questions, "
        f"{len(rules.values)} values, {len(rules.readings)} readings; no mistake found\n",
        output,
        terminal=True,
    )


app.command("diff", cls=PlainCommand)(diff)


def _head(rules: CodeSet) -> dict[str, Any]:
    return {
        "id": rules.id,
        "revision": rules.revision,
        "title": rules.title,
        "effective_from": rules.effective_from.isoformat(),
        "effective_through": rules.effective_through.isoformat(),
        "checked_on": rules.checked_on.isoformat(),
        "sha256": rules.sha256,
    }


def as_data(rules: CodeSet) -> dict[str, Any]:
    """A code set as plain data. ``in_force`` gives what holds under the policy, if there is one."""
    data: dict[str, Any] = {"schema": "rtcode.codeset/1", **_head(rules)}
    for table in (
        "note",
        "sources",
        "levels",
        "criteria",
        "scope",
        "questions",
        "doubts",
        "flags",
        "values",
        "readings",
        "related_codes",
    ):
        data[table] = _plain(getattr(rules, table))
    from rtcode.integrity import all_checks

    checks = all_checks(rules.plugins)
    data["checks"] = {
        id: {
            "title": check.title,
            "severity": check.severity,
            "explanation": check.explanation,
            "limits": _plain(check.limits),
        }
        for id, check in checks
    }
    data["policy"] = None if rules.policy is None else _plain(rules.policy)
    data["in_force"] = {
        "values": _plain(rules.settings),
        "readings": {name: rules.reading(name) for name in rules.readings},
        "not_provisional": [name for name in rules.doubts if not rules.makes_provisional(name)],
        "checks": {
            id: {"severity": rules.checks.severity_of(id, check), "limits": dict(rules.checks.limits_of(id, check))}
            for id, check in checks
        },
        "machines": _plain(rules.machines.entries),
        "plugins": [_plain(plugin.ref) for plugin in rules.plugins],
    }
    return data


def _plain(value: Any) -> Any:
    if is_record(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
