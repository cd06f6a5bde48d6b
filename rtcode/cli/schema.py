"""``rtcode schema``: JSON Schema of what rtcode reads and writes."""

from __future__ import annotations

from typing import Annotated

import typer

from rtcode.cli.options import NoColor, Output, Quiet, Version
from rtcode.cli.streams import check_output, write
from rtcode.errors import UsageError


def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", show_default=False, help="Which; without it the names are listed.")
    ] = None,
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """JSON Schema (2020-12) of an output or of a file that rtcode reads.

    Example: rtcode schema analysis
    """
    from rtcode.outputs.json import dumps
    from rtcode.outputs.schema import NAMES, json_schema

    check_output(output)
    if name is None:
        write("".join(f"{known}\n" for known in NAMES), output)
        return
    if name not in NAMES:
        raise UsageError("there is no schema of this name", f"the names are {', '.join(NAMES)}")
    write(dumps(json_schema(name), indent=2) + "\n", output)
