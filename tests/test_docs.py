"""The documentation is complete and true: compared with the command line, the errors and the code set, and executed."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import rtcode.errors
from rtcode.cli.analyze import Format
from rtcode.cli.app import build
from rtcode.cli.calls import FAIL_ON, IdentifierChoice
from rtcode.coding.codeset import shipped
from rtcode.dicom.limits import DEFAULT_LIMITS
from rtcode.errors import ExitCode, RtcodeError
from rtcode.outputs import contract
from rtcode.outputs.csv import COLUMNS
from rtcode.outputs.schema import NAMES
from tests.conftest import CURRENT_TYPER, ROOT, run_process

_SPEC = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
assert _SPEC is not None and _SPEC.loader is not None
_BUILD = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_BUILD)

README = (ROOT / "README.md").read_text("utf-8")
PAGES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
RULES = shipped()[-1]


def commands() -> Iterator[tuple[str, Any]]:
    """(name, command) of every command, ``codeset show`` included."""

    def walk(prefix: str, command: Any) -> Iterator[tuple[str, Any]]:
        for name, inner in getattr(command, "commands", {}).items():
            yield f"{prefix}{name}", inner
            yield from walk(f"{prefix}{name} ", inner)

    yield from walk("", typer.main.get_command(build()))


def errors(base: type[RtcodeError] = RtcodeError) -> Iterator[type[RtcodeError]]:
    yield base
    for inner in base.__subclasses__():
        if inner.__module__ == rtcode.errors.__name__:
            yield from errors(inner)


def test_generated_pages_are_up_to_date() -> None:
    stale = [path.name for path, text in _BUILD.pages().items() if path.read_text("utf-8") != text]
    if not CURRENT_TYPER:
        stale = [name for name in stale if name != "help_text.py"]
    assert not stale, "run python docs/build.py"


def test_every_page_is_linked() -> None:
    assert all(f"(docs/{name})" in README for name in PAGES)


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("module", _BUILD.detectors(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_detector_says_what_it_does_and_what_it_cannot_see(module: Any) -> None:
    paragraphs = [" ".join(part.split()) for part in (module.__doc__ or "").split("\n\n")]
    assert any(part.startswith(("What it does", "How.")) for part in paragraphs)
    (blind,) = [part for part in paragraphs if part.startswith("What it cannot see: ")]
    assert len(blind) > 60, "a sentence, not a placeholder"
    assert f"\n## {module.__name__.rpartition('.')[2]}\n" in PAGES["detectors.md"]


def test_references_to_pages_lead_to_a_section() -> None:
    """Docstrings cite "docs/plans.md 2.1" and "docs/rules.md L2-A": the section or the id has to be there."""
    names = ("plans.md", "rules.md")
    headings = {name: set(re.findall(r"^#+ ([\d.]*\d)\.? ", PAGES[name], re.MULTILINE)) for name in names}
    ids = set(re.findall(r"\b(?:S\d|L\d-[A-G]|G\d+)\b", PAGES["rules.md"]))
    cited = 0
    for path in (ROOT / "rtcode").rglob("*.py"):
        text = re.sub(r"\s+(?:#:? )?", " ", path.read_text("utf-8"))
        assert not re.search(r"field guide|coding rules|coding gap", text, re.IGNORECASE), path
        for page, number in re.findall(r"docs/(plans\.md|rules\.md) ([A-Z]?\d+(?:-[A-Z]|(?:\.\d+)*))", text):
            assert number in headings[page] | (ids if page == "rules.md" else set()), f"{path.name}: {page} {number}"
            cited += 1
    assert cited > 30


# --------------------------------------------------------------------------------------------------------- command line


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_documented(name: str, command: Any) -> None:
    page = PAGES["cli.md"]
    if not getattr(command, "commands", {}):
        assert f"`rtcode {name}" in page
    # What every command takes stands once, at the top of the page.
    section = page.split("\n## ")[0] + page.split(f"## rtcode {name.split()[0]}")[1].split("\n## ")[0]
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("-"):
                assert option in section, f"{name} {option}"
        assert parameter.param_type_name == "argument" or parameter.help, f"{name} {parameter.name} has no help"
    if not getattr(command, "commands", {}):
        assert "rtcode " in (command.help or ""), "the help has an example"


def test_choices_are_documented() -> None:
    page = PAGES["cli.md"]
    assert r"`--format " + r"\|".join(Format) + "`" in page
    assert all(f"`{gate}`" in page for gate in FAIL_ON)
    assert all(f"`{name}`" in page for name in NAMES)
    assert "\\|".join(IdentifierChoice) in page


def test_exit_codes_are_documented() -> None:
    rows = re.findall(r"^\| (\d+) \|", PAGES["cli.md"], re.MULTILINE)
    assert set(map(int, rows)) == {*map(int, ExitCode)} - {ExitCode.LEDGER} | {130}


def test_environment_is_documented() -> None:
    used = set()
    for path in (ROOT / "rtcode").rglob("*.py"):
        used |= set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", path.read_text("utf-8")))
    assert {"NO_COLOR", "RTCODE_SITE_KEY"} <= used
    assert all(f"`{name}" in PAGES["cli.md"] for name in used)


# ------------------------------------------------------------------------------------------------------- codes and ids


@pytest.mark.parametrize("error", list(errors()), ids=lambda e: e.__name__)
def test_every_error_code_is_documented_and_says_what_to_do(error: type[RtcodeError]) -> None:
    assert f"`{error.code}`" in PAGES["errors.md"]
    if not error.__subclasses__() and error is not RtcodeError:
        assert error.default_hint


def test_error_codes_of_the_contract() -> None:
    input_codes = {e.code for e in errors(rtcode.errors.InputError)} - {"error"}
    assert input_codes == {
        "empty_file",
        "not_dicom",
        "not_a_plan",
        "truncated",
        "malformed",
        "unsupported_transfer_syntax",
        "too_large",
        "unreadable",
        "duplicate_conflict",
    }


@pytest.mark.parametrize("table", ["values", "readings", "doubts", "questions", "criteria", "scope", "flags"])
def test_every_id_of_the_code_set_is_documented(table: str) -> None:
    page = PAGES["settings.md"]
    for name in getattr(RULES, table):
        assert f"| `{name}` |" in page, name


def test_every_key_of_the_output_is_documented() -> None:
    page = PAGES["output.md"]
    for name in ("AnalysisDict", "PlanDict", "BeamDict", "SuggestionDict", "PartDict", "SessionDict", "FeaturesDict"):
        for key in getattr(contract, name).__annotations__:
            assert f"`{key}`" in page, f"{name}.{key}"
    for column in COLUMNS:
        assert f"`{column}`" in page, column


def test_documentation_names_no_billing_codes() -> None:
    """They stand in the code set alone; the README shows them in an output."""
    numbers = {level.code for level in RULES.levels.values()} | set(RULES.related_codes)
    outside = {**PAGES, "README.md": README.split("```text")[0] + README.split("```text")[1].split("```", 1)[1]}
    for name, text in outside.items():
        assert not [n for n in numbers if re.search(rf"\b{n}\b", text)], name


# ------------------------------------------------------------------------------------------------------------- examples


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    parts = re.split(r"^```(.*)\n", README, flags=re.MULTILINE)
    return [body for tag, body in zip(parts[1::4], parts[2::4], strict=True) if tag == language]


def test_the_readmes_commands_run() -> None:
    lines = [line for block in blocks("") for line in block.splitlines() if "rtcode analyze " in line]
    assert len(lines) >= 2
    for line in lines:
        words = shlex.split(line.split("&&")[-1].strip())
        assert words[0] == ".venv/bin/rtcode"
        ran = run_process(*words[1:])
        assert ran.code == 0 and ran.err == ""
    assert run_process(*shlex.split(lines[0].split("rtcode ")[-1])).out == blocks("text")[0]


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    (command,) = [line for block in blocks("") for line in block.splitlines() if "tests/run.py" in line]
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_the_readmes_python_example_runs() -> None:
    (code,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "L Brst DIBH 3"
    assert lines[-1] == "rtcode.analysis/1 us-cms-2026"


def test_examples_of_the_command_page_are_valid_calls() -> None:
    for line in re.findall(r"^    (rtcode .*)$", PAGES["cli.md"], re.MULTILINE):
        words = shlex.split(line.split(" | ")[0])[1:]
        command = typer.main.get_command(build())
        context = command.make_context("rtcode", list(words), resilient_parsing=True)
        assert context is not None
        name, inner, rest = command.resolve_command(context, list(words))  # type: ignore[attr-defined]
        inner.make_context(name, list(rest), parent=context)


def test_the_policy_example_is_a_valid_policy(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGES["settings.md"], re.MULTILINE | re.DOTALL)
    (tmp_path / "policy.toml").write_text(text)
    ran = run_process("analyze", "fixtures/plans/example.dcm", "--policy", tmp_path / "policy.toml")
    assert ran.code == 0 and ran.err == ""


def test_limits_are_documented() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    limits = DEFAULT_LIMITS
    counts = (limits.beams, limits.entries, limits.references)
    assert set(counts) == {2_000}
    for value in (*counts, limits.control_points, limits.fraction_groups, limits.characters, limits.depth):
        assert f"| {value:,} | " in page
    assert f"| {limits.file_bytes >> 20} MiB | bytes of the file |" in page
    assert f"| {limits.inflated_bytes >> 20} MiB | " in page
    assert f"beyond {limits.inflation_floor_bytes >> 20} MiB also not more than {limits.inflation_ratio} times" in page
