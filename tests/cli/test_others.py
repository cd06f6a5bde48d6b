"""``rtcode``, ``codeset``, ``schema`` and ``doctor``."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from rtcode import __version__
from rtcode.coding.codeset import shipped
from rtcode.outputs.schema import NAMES
from tests.conftest import CURRENT_TYPER, PLANS, ROOT, Runner

CODE_SETS = sorted((ROOT / "rtcode" / "coding" / "codesets").glob("us_*.toml"))


def test_version_names_the_code_sets(rtcode_process: Runner) -> None:
    ran = rtcode_process("--version")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == f"rtcode {__version__}"
    assert [line.split(",")[0] for line in ran.out.splitlines()[1:]] == [
        f"{rules.id} revision {rules.revision}" for rules in shipped()
    ]


def test_without_a_command(rtcode: Runner) -> None:
    ran = rtcode()
    assert ran.code == 2 and ran.err.startswith("rtcode: usage: ")


def test_a_mistyped_command_gets_a_hint(rtcode: Runner) -> None:
    ran = rtcode("analyse", "x.dcm")
    (line,) = ran.err.splitlines()
    assert ran.code == 2 and "'analyze'" in line


LEAVES = [
    ["analyze"],
    ["compare"],
    ["codeset", "list"],
    ["codeset", "show"],
    ["codeset", "check"],
    ["schema"],
    ["doctor"],
]
COMMANDS = [[], ["codeset"], *LEAVES]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help(rtcode: Runner, monkeypatch: pytest.MonkeyPatch, command: list[str], columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = rtcode(*command, "--help")
    assert ran.code == 0 and ran.out.startswith("Usage: rtcode") and ran.err == ""
    assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_version_is_known_everywhere(rtcode: Runner, command: list[str]) -> None:
    ran = rtcode(*command, "--version")
    assert (ran.code, ran.err) == (0, "") and ran.out == rtcode("--version").out


@pytest.mark.parametrize("command", LEAVES, ids=" ".join)
def test_the_same_options_are_known_everywhere(rtcode: Runner, command: list[str], tmp_path: Path) -> None:
    """The contract's options that mean the same everywhere and make sense for every command."""
    plan = PLANS / "example.dcm"
    sources = {"analyze": [plan], "compare": [plan, plan], "check": [CODE_SETS[0]]}.get(command[-1], [])
    plain = rtcode(*command, *sources)
    ran = rtcode(*command, *sources, "--quiet", "--no-color", "--output", tmp_path / "out")
    assert (ran.code, ran.out, ran.err) == (plain.code, "", "")
    assert (tmp_path / "out").read_text("utf-8") == plain.out
    assert rtcode(*command, *sources, "-q", "-o", "-").out == plain.out


def test_completion_knows_the_commands(rtcode_process: Runner) -> None:
    ran = rtcode_process(
        env={
            "_RTCODE_COMPLETE": "complete_bash",
            "COMP_WORDS": "rtcode ",
            "COMP_CWORD": "1",
            "_TYPER_COMPLETE_ARGS": "",
        }
    )
    assert {"analyze", "compare", "codeset", "schema", "doctor"} <= set(ran.out.split())


def test_codeset_list(rtcode: Runner) -> None:
    assert "us-cms-2026" in rtcode("codeset", "list").out
    data = json.loads(rtcode("codeset", "list", "--format", "json").out)
    assert [entry["id"] for entry in data] == [rules.id for rules in shipped()]


def test_codeset_show_names_everything_that_may_be_set(rtcode: Runner) -> None:
    rules = shipped()[-1]
    text = rtcode("codeset", "show", rules.id).out
    flat = " ".join(text.split())
    for name, value in rules.values.items():
        default = ", ".join(value.default) if isinstance(value.default, tuple) else str(value.default)
        assert f"{name} = {default}" in flat, name
    for name, reading in rules.readings.items():
        assert f'{name} = "{reading.default}"' in flat
        assert all(f"{choice}:" in flat for choice in reading.choices)
    for table in (rules.criteria, rules.scope, rules.questions, rules.flags, rules.doubts, rules.sources):
        assert all(name in flat for name in table)
    assert all(len(line) <= 80 for line in text.splitlines())


def test_codeset_show_as_data(rtcode: Runner) -> None:
    rules = shipped()[-1]
    data = json.loads(rtcode("codeset", "show", "--format", "json").out)
    assert set(data["values"]) == set(rules.values) == set(data["in_force"]["values"])
    assert data["questions"]["planning_2d_3d"]["values"] == ["3d", "2d"]
    assert data["levels"]["2"]["code"] == rules.levels[2].code


def test_codeset_show_under_a_policy(rtcode: Runner, tmp_path: Path) -> None:
    policy = tmp_path / "site.toml"
    policy.write_text('name = "Site"\n[readings]\nmultiple_isocenters_2d = "keep_3"\n[values]\nopposed_deg = 3.0\n')
    data = json.loads(rtcode("codeset", "show", "--policy", policy, "--format", "json").out)
    assert data["in_force"]["readings"]["multiple_isocenters_2d"] == "keep_3"
    assert data["in_force"]["values"]["opposed_deg"] == 3.0
    assert data["values"]["opposed_deg"]["default"] == 2.0
    text = rtcode("codeset", "show", "--policy", policy).out
    assert "* keep_3" in text and "set to 3.0" in text


def test_codeset_show_of_an_unknown_id(rtcode: Runner) -> None:
    ran = rtcode("codeset", "show", "nope")
    assert ran.code == 2 and ran.err.startswith("rtcode: no_code_set: ")


@pytest.mark.parametrize("path", CODE_SETS, ids=lambda path: path.name)
def test_codeset_check_of_a_good_file(rtcode: Runner, path: Path) -> None:
    ran = rtcode("codeset", "check", path)
    assert ran.code == 0 and "no mistake" in ran.out


@pytest.mark.parametrize("text", ["not toml [", 'id = "x"\n', "\x00"])
def test_codeset_check_of_a_bad_file(rtcode: Runner, tmp_path: Path, text: str) -> None:
    (tmp_path / "x.toml").write_text(text)
    ran = rtcode("codeset", "check", tmp_path / "x.toml")
    assert ran.code == 2 and len(ran.err.splitlines()) == 1
    assert ran.err.startswith("rtcode: invalid_code_set: ")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'id = "x"\nnot toml [\n', "line 2, column 5"),
        (b'id = "x"\n\ntitle = "\xff"\n', "line 3 "),
        (b'id = "x', "ends before"),
        (b"a = " + b"[" * 5000, "nested too deep"),
        (b'schema = "rtcode.codeset/1"\nid = 5\n', "id: must be text"),
        (b'\xef\xbb\xbfid = "x"\n', "schema: is missing"),
    ],
)
def test_the_first_mistake_is_named_with_its_place(rtcode: Runner, tmp_path: Path, data: bytes, place: str) -> None:
    (tmp_path / "x.toml").write_bytes(data)
    ran = rtcode("codeset", "check", tmp_path / "x.toml")
    assert place in ran.err and "codeset check" not in ran.err, "a command does not send to itself"


def test_a_policy_that_is_no_toml_is_named_with_its_place(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "Site"\n[values\n')
    ran = rtcode("analyze", PLANS / "example.dcm", "--policy", tmp_path / "x.toml")
    assert ran.code == 2 and ran.err.startswith("rtcode: invalid_policy: x.toml: line 2, column 8 ")


def test_codeset_check_of_nothing(rtcode: Runner, tmp_path: Path) -> None:
    assert rtcode("codeset", "check", tmp_path / "x.toml").err.startswith("rtcode: invalid_code_set: ")


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_valid_and_open(rtcode: Runner, name: str) -> None:
    schema = json.loads(rtcode("schema", name).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["$id"] == f"urn:rtcode:schema:{name}:1"
    if name in ("analysis", "stream", "comparison"):
        assert 'additionalProperties": false' not in json.dumps(schema)


def test_schema_names(rtcode: Runner) -> None:
    assert rtcode("schema").out.split() == list(NAMES)
    ran = rtcode("schema", "nope")
    assert ran.code == 2 and all(name in ran.err for name in NAMES)


def test_doctor(rtcode: Runner) -> None:
    ran = rtcode("doctor")
    assert ran.code == 0
    assert all(word in ran.out for word in ("python", "rtcode", "us-cms-2026", "temporary folder"))
    data = json.loads(rtcode("doctor", "--format", "json").out)
    assert data["healthy"] is True
    assert all(check["state"] in ("ok", "note", "bad") for check in data["checks"])


def test_doctor_says_what_is_broken(rtcode: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import tempfile

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        ran = rtcode("doctor")
    assert ran.code == 2
    assert [line.split()[0] for line in ran.out.splitlines() if "temporary folder" in line] == ["bad"]


@pytest.mark.skipif(not CURRENT_TYPER, reason="an older typer lays its help out differently")
@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_help_at_once_is_what_the_option_parser_prints(rtcode_process: Runner, rtcode: Runner, columns: str) -> None:
    quick = rtcode_process("--help", env={"COLUMNS": columns})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", columns)
        parsed = rtcode("--help")
    assert quick.out == parsed.out and quick.code == parsed.code == 0
