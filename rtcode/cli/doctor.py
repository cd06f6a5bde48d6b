"""``rtcode doctor``: what is installed, writable and covered."""

from __future__ import annotations

import os
import platform
import re
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rtcode.cli.options import NoColor, Output, Quiet, Version
from rtcode.cli.streams import check_output, write
from rtcode.errors import ExitCode
from rtcode.records import record


class DoctorFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


@record
class Check:
    """One thing looked at: ``ok``, ``note`` (fine, but worth knowing) or ``bad`` (rtcode will not work)."""

    name: str
    state: str
    detail: str


def doctor(
    format: Annotated[DoctorFormat, typer.Option("--format", help="Form of the output.")] = DoctorFormat.TEXT,
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> int:
    """Show versions, extras, code sets and whether outputs can be written; exit code 2 where something is broken.

    Example: rtcode doctor
    """
    check_output(output)
    checks = [_python(), *_packages(), *_code_sets(date.today()), *_folders(), _terminal()]
    healthy = all(check.state != "bad" for check in checks)
    if format is DoctorFormat.JSON:
        from rtcode.outputs.json import dumps

        data = {
            "schema": "rtcode.doctor/1",
            "healthy": healthy,
            "checks": [{"name": c.name, "state": c.state, "detail": c.detail} for c in checks],
        }
        write(dumps(data, indent=2) + "\n", output)
    else:
        from rtcode.outputs.layout import columns_of

        rows = [[check.state, check.name, check.detail] for check in checks]
        lines = columns_of(rows, [4, 24, 200])
        closing = (
            "Everything that rtcode needs is there." if healthy else "Something is broken: see what is marked bad."
        )
        write("\n".join([*lines, closing]) + "\n", output, terminal=True)
    return ExitCode.DONE if healthy else ExitCode.USAGE


def _python() -> Check:
    state = "ok" if sys.version_info >= (3, 11) else "bad"
    return Check("python", state, f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _packages() -> list[Check]:
    """rtcode and what its metadata asks for, without importing any of it."""
    from importlib import metadata

    from rtcode import __version__

    checks = [Check("rtcode", "ok", __version__)]
    try:
        requirements = metadata.requires("rtcode") or []
    except metadata.PackageNotFoundError:
        return [
            *checks,
            Check("installation", "note", "rtcode runs from its source folder, it is not installed"),
        ]
    for requirement in requirements:
        found = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement)
        if found is None or (extra is not None and extra.group(1) in ("test", "bench")):
            continue
        name = found.group()
        wanted = requirement.split(";")[0].strip()
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            if extra is None:
                checks.append(Check(name, "bad", f"missing; {wanted} is needed"))
            else:
                checks.append(Check(name, "note", f"not installed; pip install 'rtcode[{extra.group(1)}]' adds it"))
            continue
        checks.append(Check(name, "ok", version if extra is None else f"{version} (extra {extra.group(1)})"))
    return checks


def _code_sets(today: date) -> list[Check]:
    from rtcode.coding.codeset import shipped

    sets = shipped()
    checks = [
        Check(
            f"code set {rules.id}",
            "ok",
            f"revision {rules.revision}, {rules.effective_from} to {rules.effective_through}",
        )
        for rules in sets
    ]
    covering = [rules.id for rules in sets if rules.covers(today)]
    if covering:
        checks.append(Check("today", "ok", f"{today} is covered by {', '.join(covering)}"))
    else:
        checks.append(Check("today", "note", f"{today} is covered by no code set; a newer rtcode may have one"))
    return checks


def _folders() -> list[Check]:
    import tempfile

    return [_writable("temporary folder", tempfile.gettempdir, "bad"), _writable("current folder", os.getcwd, "note")]


def _writable(name: str, where: object, otherwise: str) -> Check:
    import tempfile

    try:
        folder = where()  # type: ignore[operator]
        with tempfile.NamedTemporaryFile(prefix=".rtcode-", dir=folder):
            pass
    except OSError as error:
        return Check(name, otherwise, f"nothing can be written there ({type(error).__name__})")
    return Check(name, "ok", f"{Path(folder)} can be written")


def _terminal() -> Check:
    encoding = sys.stdout.encoding or "unknown"
    kind = "a terminal" if sys.stdout.isatty() else "no terminal"
    color = "no colors (NO_COLOR)" if os.environ.get("NO_COLOR") else "colors on a terminal"
    return Check("standard output", "ok", f"{kind}, {encoding}, {color}")
