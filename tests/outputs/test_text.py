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
#: what spreadsheets take for a formula, with blanks and invisible characters before it and in the wide form
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    "\u00a0=1",
    "\u200b=1",
    "＝1+1",
    "－1",
    "＋1",
    " ＠A",
]
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
    assert "does not rule it out" in motion({"coded": [], "hints": []}, ["photon"])[0]


@pytest.mark.parametrize("label", FORMULAS)
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


@pytest.mark.parametrize("label", ["L breast", "a=1", "\u200b", "", " -", "x-1"])
def test_csv_leaves_other_texts_alone(data: Any, label: str) -> None:
    changed = copy.deepcopy(data)
    changed["plans"][0]["label"] = label
    (row,) = csv.DictReader(io.StringIO(render_csv(changed)))
    assert row["plan_label"] == ("' -" if label == " -" else label)


# -------------------------------------------------------------------------------------------- what a reader stumbles on


def report(source: str) -> str:
    return render_text(analyze(PLANS / source).to_dict())


def section(text: str, heading: str) -> str:
    """One section of a report, its lines joined."""
    body = text.split(f"\n{heading}", 1)[1].split("\n\n", 1)[0]
    return " ".join(body.split())


def test_evidence_names_beams_as_the_table_does() -> None:
    changed = analyze(PLANS / "V13_pelvis_shaped.dcm").to_dict()
    changed["plans"][0]["beams"][1]["number"] = 18
    shown = section(render_text(changed), "Evidence")
    assert "beam 1, geometric: BeamSequence[0]" in shown
    assert "beam 18, geometric: BeamSequence[1]" in shown
    changed["plans"][0]["beams"][1]["number"] = None
    assert "beam PA, geometric: BeamSequence[1]" in section(render_text(changed), "Evidence")


def test_beams_of_several_plans_are_told_apart() -> None:
    both = analyze(PLANS / "V75", same_session=True).to_dict()
    text = render_text(both)
    assert re.search(r"^Plan 1 .*brain.dcm$", text, re.MULTILINE)
    assert re.search(r"^Plan 2 .*lung.dcm$", text, re.MULTILINE)
    assert re.search(r"^ +2/1  Arc 1 ", text, re.MULTILINE)
    assert "beam 1/2, geometric: BeamSequence[1]" in text and "beam 2/1, geometric: BeamSequence[0]" in text


def test_citations_have_a_key(data: Any) -> None:
    text = render_text(data)
    assert "source: paper 50, 64, 65, 68, 69, 89\n" in text
    assert "paper: Cureus 2026, doi:10.7759/cureus.102412; cited by line of its text" in section(text, "Sources")
    cited = {place.split(":")[0] for c in data["sessions"][0]["criteria"] for place in c["citations"]}
    assert cited <= set(data["code_set"]["sources"])


def test_modulated_beams_are_not_told_to_be_shaped() -> None:
    text = report("V24_prostate_vmat.dcm")
    assert "intensity modulated" in text
    assert "shaped fields" not in text and "leaf ends" not in text
    assert "shaped fields" in report("V13_pelvis_shaped.dcm")


def test_an_unknown_is_told_once() -> None:
    text = report("V19_whole_brain_open.dcm")
    assert "active_motion_management" not in text and "Motion      not recorded" in text
    shown = section(text, "What the plan cannot tell")
    assert "photon_3d_or_imrt:" in shown and "photon_2d:" not in shown
    asked = report("V56_breast_dibh_label.dcm")
    assert "active_motion_management" not in asked and "--answer motion_management=yes" in asked


def test_what_leads_out_of_scope_is_told_first(real_plans_dir: Path) -> None:
    (source,) = real_plans_dir.glob("047_*.dcm")
    head = " ".join(" ".join(render_text(analyze(source).to_dict()).splitlines()[:5]).split())
    assert "an answer to planning_2d_3d could lead to level 2; one to plan_status could lead out of these codes" in head


def test_an_answer_that_leads_out_alone_is_told(data: Any) -> None:
    changed = copy.deepcopy(data)
    found = changed["sessions"][0]["suggestion"]
    out = {"level": None, "status": "out_of_scope"}
    found["questions"] = [{"id": "stereotactic", "text": "?", "why": "", "answers": {"yes": out, "no": {"level": 2}}}]
    found["ceiling"] = 2
    assert "Floor 2, ceiling 2: an answer to stereotactic could lead out of these codes." in render_text(changed)


def test_documentation_fits_the_radiation() -> None:
    electrons = section(report("V02_electrons_apart.dcm"), "What the record should hold")
    assert "cone" in electrons and "photons" not in electrons and "by hand" not in electrons
    photons = section(report("V19_whole_brain_open.dcm"), "What the record should hold")
    assert "by hand" in photons and "cone" not in photons


def test_sessions_that_change_nothing_together_need_no_word() -> None:
    changed: Any = analyze(PLANS / "V75").to_dict()
    assert "\nTogether\n" in render_text(changed)
    for session in changed["sessions"]:
        found = session["suggestion"]
        session["together"] |= {"level": found["level"], "status": found["status"]}
    assert "\nTogether\n" not in render_text(changed)


def test_ion_beams_are_said_not_to_be_read() -> None:
    found = analyze(PLANS / "V92_proton_plan.dcm").to_dict()
    text = render_text(found)
    assert "The control points of ion beams are not read" in text
    assert re.search(r"proton +not read +not read", text)
    assert {beam["shaped"] for beam in found["plans"][0]["beams"]} == {"unknown"}


def test_flags_stand_by_themselves() -> None:
    for source in ("V18_whole_brain_shielded.dcm", "V20_brain_hippocampus.dcm", "V51_tbi_laterals.dcm"):
        assert "see the evidence" not in section(report(source), "Worth a look")


def test_long_texts_are_cut_with_a_mark(data: Any) -> None:
    changed = copy.deepcopy(data)
    changed["plans"][0]["label"] = "A" * 1024
    for beam in changed["plans"][0]["beams"]:
        beam["name"] = "B" * 1024
    for criterion in changed["sessions"][0]["criteria"]:
        for evidence in criterion["evidence"]:
            evidence["value"] = "C" * 1024
    text = render_text(changed)
    assert all(width(line) <= 80 for line in text.splitlines())
    assert "[cut]" in text and len(text) < 3 * len(render_text(data))


def test_long_lists_are_cut_with_a_count(data: Any) -> None:
    changed = copy.deepcopy(data)
    changed["plans"][0]["warnings"] = [{"code": f"w{n}", "message": "odd", "where": ""} for n in range(500)]
    hint = {"strength": "strong", "evidence": {"kind": "text", "value": "x", "plan": None}}
    changed["sessions"][0]["features"]["motion"]["hints"] = [
        hint | {"word": "DIBH", "evidence": hint["evidence"] | {"where": f"A[{n}]"}}  # type: ignore[operator]
        for n in range(500)
    ]
    text = render_text(changed)
    assert "and 488 more (--format json shows all)" in text
    assert "and 494 more (--format json shows all)" in text
