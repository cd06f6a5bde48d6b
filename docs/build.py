"""Writes what the documentation takes from the program: ``python docs/build.py``; ``--check`` only compares.

- ``README.md``: the output of the example;
- ``rtcode/cli/help_text.py``: the help of ``rtcode``, which then needs no option parser to be shown;
- ``docs/settings.md``: what a policy may set, and the ids of criteria, scope gates, questions, doubts and flags;
- ``docs/detectors.md``: the docstrings of the detectors and of the types that they give.
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

from rtcode import analyze  # noqa: E402
from rtcode.coding.codeset import CodeSet, shipped  # noqa: E402
from rtcode.features import types as feature_types  # noqa: E402
from rtcode.outputs.text import render_text  # noqa: E402
from rtcode.records import is_record  # noqa: E402

EXAMPLE = "fixtures/plans/example.dcm"
_BEGIN, _END = "```text\n", "```\n"


def example() -> str:
    """What the README's first command shows."""
    data = analyze(ROOT / EXAMPLE).to_dict()
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
