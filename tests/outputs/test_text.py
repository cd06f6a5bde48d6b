"""The report for people: order, width, wording, and that text from a file cannot do harm."""

from __future__ import annotations

import copy
import csv
import io
import re
from pathlib import Path
from typing import Any

import pydicom
import pytest

from rtcode import analyze
from rtcode.outputs.csv import COLUMNS, render_csv
from rtcode.outputs.layout import width
from rtcode.outputs.text import CLOSING, render_text
from rtcode.outputs.words import beam_marks, gantry, kind_and_energy, motion, short_path, value_word
from tests.conftest import PLANS

FIXTURES = sorted(PLANS.rglob("*.dcm"))
#: what a suggestion never claims
FORBIDDEN = re.compile(r"\b(must bill|billed|bill it|final|payable|approved for billing|guarantee)", re.IGNORECASE)


@pytest.fixture(scope="module")
def data() -> Any:
    return analyze(PLANS / "example.dcm").to_dict()


@pytest.mark.parametrize("source", FIXTURES, ids=lambda p: p.stem)
def test_every_report(source: Path) -> None:
    found = analyze(source).to_dict()
    text = render_text(found)
    lines = text.splitlines()
    assert all(width(line) <= 80 and line == line.rstrip() for line in lines)
    assert lines[-1] == f"us-cms-2026 revision 1: {CLOSING}"
    assert not FORBIDDEN.search(text)
    assert "\x1b" not in text
    for session in found["sessions"]:
        suggestion = session["suggestion"]
        for question in suggestion["questions"]:
            assert all(f"--answer {question['id']}={value} " in text for value in question["answers"])
        assert all(f"[{flag['id']}]" in text for flag in suggestion["flags"])
        assert all(name in text for name in suggestion["decided_by"])
        if suggestion["level"] is not None:
            assert f"Floor {suggestion['floor']}, ceiling {suggestion['ceiling']}" in text
    if len(found["sessions"]) == 1:
        head = " ".join(lines[:3])
        wanted = found["sessions"][0]["suggestion"]
        assert wanted["status"].replace("_", " ") in head
        assert " ".join(wanted["reason"].split())[:40] in " ".join(head.split())


def test_several_sessions_are_listed_first() -> None:
    text = render_text(analyze(PLANS / "V75").to_dict())
    assert text.startswith("2 plans, 2 sessions\n")
    assert "Session 1 of 2" in text and "Session 2 of 2" in text
    assert "One session with session 2 leads to level 3 (--same-session judges it so)." in text


def test_failures_and_skipped_inputs_are_named(data: Any) -> None:
    changed = copy.deepcopy(data)
    changed["failures"] = [{"path": "x.dcm", "code": "truncated", "message": "it ends early", "hint": "copy it again"}]
    changed["skipped"] = [{"path": "ct.dcm", "code": "not_a_plan"}]
    text = render_text(changed)
    assert "x.dcm: it ends early; copy it again [truncated]" in text
    assert "ct.dcm [not_a_plan]" in text


def test_text_from_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    plan = pydicom.dcmread(PLANS / "example.dcm")
    plan.RTPlanLabel = "\x1b]0;pwned\x07DIBH\u202e"
    plan.BeamSequence[1].BeamName = "a\x1b[2Jb"
    plan.SpecificCharacterSet = "ISO_IR 192"
    plan.save_as(tmp_path / "x.dcm")
    text = render_text(analyze(tmp_path / "x.dcm").to_dict())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "\\x1b" in text


def test_wide_characters_keep_the_columns(data: Any) -> None:
    changed = copy.deepcopy(data)
    for beam, name in zip(changed["plans"][0]["beams"], ("左胸内側接線照射野一番", "ü" * 30, "x"), strict=True):
        beam["name"] = name
    assert all(width(line) <= 80 for line in render_text(changed).splitlines())


def test_colors_change_no_words(data: Any) -> None:
    colored = render_text(data, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render_text(data)


def test_unknown_is_said_and_never_zero(data: Any) -> None:
    changed = copy.deepcopy(data)
    part = changed["sessions"][0]["parts"][0]
    part["metersets_mu"] = [None] * len(part["metersets_mu"])
    for beam in changed["plans"][0]["beams"]:
        beam["gantry_deg"], beam["energy_mev"] = None, None
    rows = [line.split() for line in render_text(changed).splitlines() if "static, shaped" in line]
    assert rows and all(row.count("?") == 3 for row in rows)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "6 MV"),
        ({"fff": True}, "6 MV FFF"),
        ({"energy_mev": [6.0, 10.0]}, "6/10 MV"),
        ({"radiation": "electron", "energy_mev": [9.0]}, "9 MeV e"),
        ({"radiation": "electron", "energy_mev": None}, "electron ?"),
        ({"radiation": "unknown", "energy_mev": None}, "unknown"),
    ],
)
def test_kind_and_energy(data: Any, changes: dict[str, Any], shown: str) -> None:
    beam = next(b for b in data["plans"][0]["beams"] if b["role"] == "treatment")
    assert kind_and_energy({**beam, **changes}) == shown


def test_marks(data: Any) -> None:
    beam = next(b for b in data["plans"][0]["beams"] if b["role"] == "treatment")
    assert beam_marks(beam) == "wedge 30"
    marked = {**beam, "wedges": [], "blocks": 2, "boluses": 1, "couch_deg": 90.0, "applicator": "A10"}
    assert beam_marks(marked) == "2 blocks, bolus, A10, couch 90"
    unsure = {**beam, "wedges": [{"type": "unknown", "angle_deg": None, "used": None}]}
    assert beam_marks(unsure) == "wedge?"


def test_short_words() -> None:
    assert gantry([181.0, 179.0, 181.0]) == "181 to 179 to 181"
    assert gantry([1.0, 2.0, 1.0, 2.0]) == "1 .. 2"
    assert gantry(None) == "?"
    assert short_path("A[0].B[1].C (300A,0001): what") == "A[0]..C (300A,0001): what"
    assert short_path("A[0].B (300A,0001)") == "A[0].B (300A,0001)"
    assert [value_word(v) for v in (None, True, 0, 0.0, 12345.5, "", [1.0, None])] == [
        "not given", "yes", "0", "0", "12345.5", "empty", "1, not given",
    ]  # fmt: skip
    assert motion({"coded": [], "hints": []}, []) == []
    assert "no plan can rule it out" in motion({"coded": [], "hints": []}, ["photon"])[0]


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_holds_no_formulas(data: Any, label: str) -> None:
    changed = copy.deepcopy(data)
    changed["plans"][0]["label"] = label
    (row,) = csv.DictReader(io.StringIO(render_csv(changed)))
    assert row["plan_label"].startswith("'")
    assert not any(c in row["plan_label"] for c in "\t\r\n")


def test_csv_columns(data: Any) -> None:
    header = render_csv(data).splitlines()[0].split(",")
    assert header == list(COLUMNS[:-3])
    assert len(set(COLUMNS)) == len(COLUMNS)
