"""Writes what the documentation takes from the program: ``python docs/build.py``; ``--check`` only compares.

- ``README.md``: the output of the example;
- ``rtcode/cli/help_text.py``: the help of ``rtcode``, which then needs no option parser to be shown;
- ``docs/settings.md``: what a policy may set, and the ids of criteria, scope gates, questions, doubts and flags;
- ``docs/detectors.md``: the docstrings of the detectors and of the types that they give;
- ``docs/integrity.md``, from its second part on: every integrity check with its limits;
- ``docs/metrics.md``: the table of the metrics;
- ``docs/archives.md``: the columns of a scan's tables.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
import typing
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs.metrics_table import with_table  # noqa: E402
from rtcode import analyze  # noqa: E402
from rtcode.archive.column_types import type_name  # noqa: E402
from rtcode.archive.columns import TABLES  # noqa: E402
from rtcode.coding.codeset import CodeSet, shipped  # noqa: E402
from rtcode.features import types as feature_types  # noqa: E402
from rtcode.integrity import ALL_CHECKS  # noqa: E402
from rtcode.integrity.types import Check, Limit, Severity  # noqa: E402
from rtcode.metrics.machines import MachineEntry  # noqa: E402
from rtcode.outputs.text import render_text  # noqa: E402
from rtcode.records import is_record  # noqa: E402

EXAMPLE = "fixtures/plans/example.dcm"
_BEGIN, _END = "```text\n", "```\n"
_CHECKS = "## The checks\n"
_BEGIN_COLUMNS, _END_COLUMNS = "<!-- begin: written by docs/build.py -->\n", "<!-- end -->\n"
#: What the fields of a machine mean; units are in their names.
_MACHINE = {
    "gantry_speed_deg_s": "largest gantry speed",
    "dose_rate_mu_min": "largest dose rate, where the plan does not say",
    "leaf_speed_mm_s": "largest leaf speed at the isocenter plane",
    "jaw_speed_mm_s": "largest jaw speed at the isocenter plane",
    "leaf_travel_mm": "lowest and highest position of a leaf end, as a list",
    "leaf_overtravel_mm": "how far a leaf end can pass the central axis",
    "leaf_span_mm": "largest distance between the leaves of a bank",
    "jaw_travel_x_mm": "lowest and highest position of an X jaw, as a list",
    "jaw_travel_y_mm": "lowest and highest position of a Y jaw, as a list",
    "jaw_overtravel_x_mm": "how far an X jaw can pass the central axis",
    "jaw_overtravel_y_mm": "how far a Y jaw can pass the central axis",
    "gantry_range_deg": "lowest and highest gantry position, counted from 0 and not wrapped (-185 to 185), as a list",
}


def example() -> str:
    """What the README's first command shows."""
    data = analyze(ROOT / EXAMPLE, metrics=False).to_dict()
    for plan in data["plans"]:
        plan["path"] = EXAMPLE
    return render_text(data)


def readme(current: str) -> str:
    """The README with the example's output as it is now."""
    begin = current.index(_BEGIN) + len(_BEGIN)
    end = current.index(_END, begin)
    return current[:begin] + example() + current[end:]


def settings(rules: CodeSet) -> str:
    """The page of everything in a code set that has an id."""
    lines = [
        "# Settings, criteria, questions and flags",
        "",
        f"Code set `{rules.id}` revision {rules.revision}, in force from {rules.effective_from}",
        f"to {rules.effective_through}.",
        "`rtcode codeset show` prints the same with sources. This page is written by `docs/build.py`.",
        "",
        "Rules (L2-D) and gaps (G18) are those of [rules.md](rules.md); V53 and the like are the synthetic plans in",
        '`fixtures/plans` that show a case; "paper, line 74" is a line of the paper that rules.md names.',
        "",
        "## What a policy may set",
        "",
        "A policy is a TOML file that `--policy` names. It has a `name` and may hold any of the tables below; an id",
        "that the code set does not mark as open is an error. The policy's name and the SHA-256 of its bytes stand in",
        "every output.",
        "",
        "```toml",
        'name = "General Hospital, 2026"',
        f'not_provisional = ["{next(iter(rules.doubts))}"]',
        "",
        "[readings]",
        *(f'{name} = "{entry.default}"' for name, entry in list(rules.readings.items())[:1]),
        "",
        "[values]",
        f"distinct_isocenter_mm = {rules.settings.distinct_isocenter_mm:g}",
        "",
        "[checks.prescription_sum]",
        'severity = "error"',
        "tolerance_percent = 1.0",
        "",
        '[machines."TrueBeam 1"]',
        "gantry_range_deg = [-180, 180]",
        "```",
        "",
        "### `[readings]`: how gaps in the sources are read",
        "",
        "| id | choices (default first) | what it is about |",
        "|---|---|---|",
    ]
    for name, reading in rules.readings.items():
        default = str(reading.default)
        choices = [default, *(choice for choice in reading.choices if choice != default)]
        shown = "<br>".join(f"`{choice}`: {_cell(reading.choices[choice])}" for choice in choices)
        lines.append(f"| `{name}` | {shown} | {_cell(reading.text)} |")
    lines += ["", "### `[values]`: distances, angles, doses and word lists", ""]
    lines += ["| id | default | unit | what it does | why |", "|---|---|---|---|---|"]
    for name, value in rules.values.items():
        default = ", ".join(value.default) if isinstance(value.default, tuple) else str(value.default)
        lines.append(f"| `{name}` | {_cell(default)} | {value.unit} | {_cell(value.text)} | {_cell(value.basis)} |")
    lines += ["", "### `not_provisional`: signs and doubts that make a suggestion provisional", ""]
    lines += [
        "A policy takes one off by its id. The question stays.",
        "",
        "| id | asks | what it is |",
        "|---|---|---|",
    ]
    for name, doubt in rules.doubts.items():
        lines.append(f"| `{name}` | {f'`{doubt.question}`' if doubt.question else ''} | {_cell(doubt.text)} |")
    lines += ["", "### `[checks.<id>]`: severity and limits of integrity checks", ""]
    lines += [
        f"`severity` is one of {', '.join(f'`{severity}`' for severity in Severity)}; a check that is off is not run,",
        "and results say so. The ids and the limits of each check are in [integrity.md](integrity.md); a check of a",
        'plug-in is named in quotes, `[checks."clinic.couch_inserted"]`.',
        "",
        '### `[machines."NAME"]`: what a machine can do',
        "",
        "NAME is TreatmentMachineName (300A,00B2); capitals do not matter. Without an entry, and for what an entry",
        "leaves out, a default is taken by what the beam shows.",
        "",
        "| field | what it is |",
        "|---|---|",
        *(f"| `{name}` | {_MACHINE[name]} |" for name in MachineEntry.__match_args__),  # type: ignore[attr-defined]
        "",
        "### `[plugins]`: checks of your own",
        "",
        '`allow = ["clinic"]` names the entry points whose checks are run; see [integrity.md](integrity.md).',
    ]
    lines += ["", "## Questions", "", "| id | answers | question |", "|---|---|---|"]
    for name, question in rules.questions.items():
        answers = ", ".join(f"`{value}`" for value in question.values)
        lines.append(f"| `{name}` | {answers} | {_cell(question.text)} |")
    lines += ["", "## Criteria", "", "| id | level | criterion | what a plan cannot show |", "|---|---|---|---|"]
    for name, criterion in rules.criteria.items():
        lines.append(
            f"| `{name}` | {criterion.supports_level} | {_cell(criterion.text)} | {_cell(criterion.cannot_see)} |"
        )
    lines += ["", "## Scope: what takes a session out of these codes", "", "| id | gate |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(gate.text)} |" for name, gate in rules.scope.items()]
    lines += ["", "## Flags", "", "| id | text |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(flag.text)} |" for name, flag in rules.flags.items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def detectors() -> list[ModuleType]:
    """The modules that `rtcode.features` lists, in its order."""
    package = ast.parse((ROOT / "rtcode" / "features" / "__init__.py").read_text("utf-8"))
    return [
        importlib.import_module(f"rtcode.features.{alias.name}")
        for node in ast.walk(package)
        if isinstance(node, ast.ImportFrom) and node.module == "rtcode.features"
        for alias in node.names
    ]


def detector_page(modules: list[ModuleType]) -> str:
    """The page of the detectors: what each does, what it cannot see, and what it gives."""
    lines = [
        "# Detectors",
        "",
        "A detector finds facts of physics about a beam or a treatment session, with evidence, and knows no code and",
        "no payer. Truths have three values: `met`, `not_met`, `unknown`. What a fact is worth is decided by",
        "[rules.md](rules.md). Values such as `opposed_deg` are those of [settings.md](settings.md).",
        "This page is written by `docs/build.py` from the docstrings in `rtcode/features`.",
        "",
        "| detector | looks for |",
        "|---|---|",
    ]
    lines += [f"| [{_name(module)}](#{_name(module)}) | {_title(module)} |" for module in modules]
    for module in modules:
        _, *paragraphs = (inspect.getdoc(module) or "").split("\n\n")
        lines += ["", f"## {_name(module)}", "", f"{_title(module)}."]
        for paragraph in paragraphs:
            lines += ["", _markdown(paragraph)]
        for given in _gives(module):
            lines += ["", _markdown(f"**Gives** ``{given.__name__}``: {_fields(given)}.")]
            if given.__doc__:
                lines += ["", _markdown(_attributes(inspect.cleandoc(given.__doc__)))]
    return "\n".join(lines) + "\n"


def integrity_page(current: str) -> str:
    """The page of the integrity checks: what stands before them as it is, and every check as it is now."""
    lines = [current[: current.index(_CHECKS)] + _CHECKS]
    lines += [f"{len(ALL_CHECKS)} checks, in the order in which results list them. This part is written by"]
    lines += ["`docs/build.py` from the classes in `rtcode/integrity/checks`.", ""]
    modules: dict[str, list[type[Check]]] = {}
    for check in ALL_CHECKS:
        modules.setdefault(check.__module__, []).append(check)
    for name, checks in modules.items():
        module = importlib.import_module(name)
        lines += [f"### {_name(module).capitalize()}", ""]
        lines += [_markdown(part) + "\n" for part in (inspect.getdoc(module) or "").split("\n\n")]
        lines += ["| id | looks for | severity |", "|---|---|---|"]
        lines += [f"| [`{c.id}`](#{c.id}) | {_cell(c.title)} | {c.severity} |" for c in checks]
        lines += [""]
        for check in checks:
            lines += [f"#### {check.id}", "", f"{check.severity}: {check.title}.", "", check.explanation, ""]
            if check.cannot_see:
                lines += [f"**What it cannot see:** {check.cannot_see}", ""]
            if check.limits:
                lines += ["| limit | default | what it is | why |", "|---|---|---|---|"]
                lines += [_limit(key, limit) for key, limit in check.limits.items()] + [""]
    return "\n".join(lines).rstrip() + "\n"


def archives_page(current: str) -> str:
    """The page of archives with the columns as they are now."""
    lines: list[str] = []
    for table, columns in TABLES.items():
        lines += [f"### `{table}`", "", "| column | type | unit | null | what it is |", "|---|---|---|---|---|"]
        for column in columns:
            null = "yes" if column.nullable else ""
            kind = type_name(column.type)
            lines.append(f"| `{column.name}` | `{kind}` | {column.unit} | {null} | {_cell(column.meaning)} |")
        lines.append("")
    begin = current.index(_BEGIN_COLUMNS) + len(_BEGIN_COLUMNS)
    return current[:begin] + "\n".join(lines) + "\n" + current[current.index(_END_COLUMNS) :]


def _limit(key: str, limit: Limit) -> str:
    return f"| `{key}` | {limit.default:g} {limit.unit} | {_cell(limit.text)} | {_cell(limit.basis)} |".replace(
        "  ", " "
    )


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _title(module: ModuleType) -> str:
    first = " ".join((inspect.getdoc(module) or "").split("\n\n")[0].split())
    first = first.removeprefix("Detector: ").removesuffix(".")
    return first[:1].upper() + first[1:]


def _gives(module: ModuleType) -> list[type]:
    """The types of `rtcode.features.types` that the module's public functions return, those of beams first."""
    found: dict[type, None] = {}
    for name, function in vars(module).items():
        if not name.startswith("_") and inspect.isfunction(function) and function.__module__ == module.__name__:
            returned = typing.get_type_hints(function)["return"]
            for kind in typing.get_args(returned) or (returned,):
                if getattr(kind, "__module__", "") == feature_types.__name__ and is_record(kind):
                    found[kind] = None
    return list(found)


def _fields(kind: type) -> str:
    return ", ".join(f"``{name}``" for name in kind.__match_args__)  # type: ignore[attr-defined]


def _attributes(doc: str) -> str:
    """A numpydoc ``Attributes`` section as a list."""
    text, _, section = doc.partition("\nAttributes\n----------\n")
    if not section:
        return doc
    items = re.findall(r"^(\S.*)\n((?: .*(?:\n|$))+)", section, re.MULTILINE)
    lines = [f"- ``{name.replace(', ', '``, ``')}``: {' '.join(about.split())}" for name, about in items]
    return "\n".join([text.strip(), "", *lines])


def _markdown(text: str) -> str:
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = re.sub(r"^(What it cannot see):", r"**\1:**", text)
    text = re.sub(r"^(What it does|How)( \([^)]*\))?\.", r"**\1**\2.", text)
    return re.sub(r"\bdocs/(plans|rules)\.md", r"[\1.md](\1.md)", text)


def help_text() -> str:
    """The module that holds what ``rtcode --help`` prints at 80 columns."""
    environment = {**os.environ, "COLUMNS": "80"}
    script = "from rtcode.cli.app import run; run(['--help'])"
    command = [sys.executable, "-c", script]
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    return f'"""The help of ``rtcode``, written by ``docs/build.py``."""\n\nTEXT = """\\\n{shown}"""\n'


def pages() -> dict[Path, str]:
    """Every generated file with its content."""
    return {
        ROOT / "README.md": readme((ROOT / "README.md").read_text("utf-8")),
        ROOT / "rtcode" / "cli" / "help_text.py": help_text(),
        ROOT / "docs" / "settings.md": settings(shipped()[-1]),
        ROOT / "docs" / "detectors.md": detector_page(detectors()),
        ROOT / "docs" / "metrics.md": with_table((ROOT / "docs" / "metrics.md").read_text("utf-8")),
        ROOT / "docs" / "integrity.md": integrity_page((ROOT / "docs" / "integrity.md").read_text("utf-8")),
        ROOT / "docs" / "archives.md": archives_page((ROOT / "docs" / "archives.md").read_text("utf-8")),
    }


def main() -> int:
    wrong = {p: t for p, t in pages().items() if not p.is_file() or p.read_text("utf-8") != t}
    for path, text in wrong.items():
        if "--check" in sys.argv:
            print(f"out of date: {path.relative_to(ROOT)}", file=sys.stderr)
        else:
            path.write_text(text, "utf-8")
    return 1 if wrong and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
