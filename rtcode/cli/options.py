"""Options that mean the same for every command, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

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
