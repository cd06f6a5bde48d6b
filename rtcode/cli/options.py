"""Options that mean the same for several commands, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from rtcode.cli.calls import FAIL_ON, IdentifierChoice
from rtcode.cli.streams import write


def _version(wanted: bool) -> None:
    if not wanted:
        return
    from rtcode import __version__
    from rtcode.coding.codeset import shipped

    lines = [f"rtcode {__version__}"]
    lines += [f"{s.id} revision {s.revision}, {s.effective_from} to {s.effective_through}" for s in shipped()]
    write("\n".join(lines) + "\n", None, terminal=True)
    raise typer.Exit


Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colors, also on a terminal.")]
Version = Annotated[
    bool,
    typer.Option(
        "--version", help="Show the versions of rtcode and of its code sets.", callback=_version, is_eager=True
    ),
]

# Of the commands that analyze plans.
CodeSetId = Annotated[
    str | None, typer.Option("--code-set", metavar="ID", help="Code set that decides (default: the newest).")
]
DateOfService = Annotated[
    str | None,
    typer.Option("--date-of-service", metavar="DATE", help="YYYY-MM-DD; takes the code set that covers it."),
]
Answer = Annotated[
    list[str] | None,
    typer.Option(
        "--answer", metavar="QUESTION=VALUE", show_default=False, help="Your answer to a question; repeatable."
    ),
]
Policy = Annotated[
    str | None, typer.Option("--policy", metavar="FILE", help="TOML file that sets what the code set leaves open.")
]
Identifiers = Annotated[
    IdentifierChoice,
    typer.Option("--identifiers", help="none: pseudonyms, no free text; uid: no patient identity; full: all."),
]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on",
        metavar="WHAT",
        show_default=False,
        help=f"Exit with 1 where one of these is found: {', '.join(FAIL_ON)}; repeatable.",
    ),
]

# Of the commands that read or decide many plans.
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=0, metavar="N", help="Worker processes (default: one a core; 0: none)."),
]
