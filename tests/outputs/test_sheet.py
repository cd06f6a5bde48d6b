"""The sheet: it says what the data says and nothing else, it is well formed, self-contained and harmless."""

from __future__ import annotations

import hashlib
import html
import json
import math
import re
import shutil
import statistics
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pydicom
import pytest

from rtcode import analyze
from rtcode.coding.results import Results
from rtcode.errors import UsageError
from rtcode.metrics.catalog import CATALOG
from rtcode.outputs.json import analysis_dict
from rtcode.outputs.ndjson import render_ndjson
from rtcode.outputs.pictures import isocenter_marks
from rtcode.outputs.sheet import beams as beams_table
from rtcode.outputs.sheet import checks, drawings, evidence, render_html, render_pdf
from rtcode.outputs.sheet import distribution as distributions
from rtcode.outputs.sheet.distribution import FEWEST, Distribution, read_table
from rtcode.outputs.sheet.figures import significant, total, trimmed
from rtcode.outputs.sheet.metrics import _ALWAYS_DRAWN
from rtcode.outputs.sheet.render import css_string
from rtcode.outputs.text import render_text
from rtcode.outputs.tree import floor_and_ceiling, integrity_counts, oddities
from rtcode.outputs.words import kind_and_energy, level_word, value_word
from rtcode.plan.model import known
from tests.conftest import PLANS
from tests.support import needs_weasyprint
from tests.test_privacy import assert_hidden, talkative

#: Plans of every kind: photons, wedges, arcs, electrons, mixed, several groups, ions, brachytherapy, defects.
VARIED = sorted(PLANS.rglob("*.dcm"))[::6]
#: One electron beam: a sheet that is quick to set.
SMALL = PLANS / "V06_electron_bolus.dcm"
_VOID = frozenset(["br", "col", "hr", "img", "input", "link", "meta", "wbr"])


class Page(HTMLParser):
    """Checks that elements are closed in order, and collects what the tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.headings: list[int] = []
        self.rows: list[list[str]] = []
        self.svgs = self.titled = 0
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        if tag == "title" and self.open and self.open[-1] == "svg":
            self.titled += 1
        self.svgs += tag == "svg"
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self.open, f"<{tag}/> is no way to close an HTML element"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)
        if self.open and {"td", "th"} & set(self.open):
            self.rows[-1][-1] = " ".join(f"{self.rows[-1][-1]} {data}".split())

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def made(*sources: Path, identifiers: Any = "uid", **options: Any) -> tuple[Results, Any, str]:
    results = analyze(list(sources), **options).results
    data = analysis_dict(results, identifiers=identifiers, key=b"key")
    return results, data, render_html(results, data)


@cache
def varied(source: Path) -> tuple[Results, Any, str]:
    return made(source)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("source", VARIED, ids=lambda p: p.stem)
def test_every_sheet(source: Path) -> None:
    _, data, text = varied(source)
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>\n") and ("html", {"lang": "en"}) in page.elements
    # Self-contained, and nothing that runs.
    tags = [tag for tag, _ in page.elements]
    assert not set(tags) & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "foreignobject"}
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src", "xlink:href", "action"):
                assert (value or "").startswith("#"), (tag, name, value)
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    assert "@import" not in style and "url(" not in text and "@font-face" not in style
    # Accessible.
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert all(attributes.get("scope") for tag, attributes in page.elements if tag == "th")
    assert page.titled == page.svgs
    identities = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(identities) == len(set(identities))
    for session in data["sessions"]:
        assert_said(page.text, session, data)


@pytest.mark.parametrize("source", VARIED, ids=lambda p: p.stem)
def test_the_tables_hold_the_numbers_of_the_data(source: Path) -> None:
    results, data, text = varied(source)
    rows = Page(text).rows
    by_hash = {plan["sha256"]: plan for plan in data["plans"]}
    for session, decision in zip(data["sessions"], results.sessions, strict=True):
        several = len({part["sha256"] for part in session["parts"]}) > 1
        for part, whole in zip(session["parts"], decision.session.parts, strict=True):
            plan = by_hash[part["sha256"]]
            metersets = []
            beams = zip(part["beam_indexes"], part["roles"], part["metersets_mu"], strict=True)
            for index, role, meterset in beams:
                beam = next(beam for beam in plan["beams"] if beam["index"] == index)
                number = "?" if beam["number"] is None else str(beam["number"])
                mine = [row for row in rows if row and (row[0] == number or row[0].endswith(f"/{number}"))]
                if role != "treatment":
                    assert any(role in row for row in mine)
                    continue
                metersets.append(meterset)
                mu = "?" if meterset is None else f"{meterset:.1f}"
                kind = beam["radiation"] if plan["kind"] == "rt_ion_plan" else kind_and_energy(beam)
                wanted = {mu, kind, trimmed(beam["couch_deg"], 1), trimmed(beam["ssd_mm"], 1), beam["name"] or "\u2013"}
                assert any(wanted <= set(row) for row in mine), wanted
                assert several or any(row[0] == number for row in mine)
            if metersets and None not in metersets:
                assert any(
                    row[:1] == ["Metersets, sum for one fraction"] and f"{sum(metersets):.1f} MU" in row[1]
                    for row in rows
                )
            for reference in whole.plan.dose_references:
                dose = known(reference.target_prescription_gy)
                assert dose is None or any(f"prescribed {trimmed(dose, 4)} Gy" in cell for row in rows for cell in row)


def test_metrics_are_those_of_the_data() -> None:
    _, data, text = made(PLANS / "example.dcm")
    rows = Page(text).rows
    beams = [beam for beam in data["plans"][0]["beams"] if beam["metrics"]]
    assert len(beams) == 2
    found = [beam["metrics"]["mcniven2010"]["mcs"] for beam in beams]
    of_plan = data["plans"][0]["metrics"]["mcniven2010"]["mcs"]
    assert ["MCS", *(significant(value) for value in (*found, of_plan))] in rows
    areas = [beam["metrics"]["delivery"]["mean_area_mm2"] for beam in beams]
    assert any(
        row[0] == "Mean aperture area (mm\u00b2)" and row[1:3] == [significant(value) for value in areas]
        for row in rows
    )


def test_isocenters_are_numbered_as_in_the_picture() -> None:
    results, data, text = made(PLANS / "V75")
    marks = isocenter_marks(
        results.sessions[0].session, results.sessions[0].features.treatment, results.code_set.settings
    )
    assert marks is not None
    page = Page(text).text
    for mark in marks:
        point = ", ".join(trimmed(value, 1) for value in mark.point)
        assert re.search(rf"\b{mark.number}: photon isocenter \({re.escape(point)}\), beam", page)
    assert data["sessions"][0]["features"]["isocenters"]["positions_mm"]


def assert_said(text: str, session: Any, data: Any) -> None:
    found = session["suggestion"]
    assert f"{level_word(found)} {value_word(found['status'])}" in text
    assert flat(found["reason"]) in text
    assert floor_and_ceiling(found) in text
    for criterion in session["criteria"]:
        assert criterion["id"] in text and flat(criterion["reason"]) in text
        shown = criterion["evidence"][: 2 if criterion["status"] == "not_met" else 6]
        assert all(value_word(e["value"]).split(" ")[0] in text for e in shown)
    for question in found["questions"]:
        assert question["id"] in text and flat(question["text"]) in text and flat(question["why"]) in text
        assert all(f"--answer {question['id']}={value}" in text for value in question["answers"])
    assert all(flag["id"] in text and flat(flag["text"]) in text for flag in found["flags"])
    assert all(flat(item) in text for item in found["documentation"])
    hashes = {part["sha256"] for part in session["parts"]}
    for plan in data["plans"]:
        if plan["sha256"] not in hashes:
            continue
        assert plan["sha256"][:16] in text and (plan["sop_instance_uid"] or "") in text
        assert all(warning["code"] in text for warning in oddities(plan))
        if plan["integrity"] is not None:
            for finding in plan["integrity"]["findings"]:
                assert finding["check"] in text and flat(finding["message"])[1:] in text
            assert f"{len(plan['integrity']['passed'])} checks passed" in text
            assert all(entry["check"] in text for entry in plan["integrity"]["not_assessed"])
    assert "Signature" in text and "Level confirmed" in text


def test_the_sheet_and_the_text_say_the_same() -> None:
    _, data, page = made(PLANS / "example.dcm")
    report, text = flat(render_text(data)), Page(page).text
    found = data["sessions"][0]["suggestion"]
    for sentence in (found["reason"], floor_and_ceiling(found), *(flag["text"] for flag in found["flags"])):
        assert flat(sentence) in report.replace("- ", "") and flat(sentence) in text
    assert "wedge" in text and "suggestion, human confirms" in text


def test_several_sessions_have_contents_and_failures_stand_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "broken.dcm").write_bytes(b"no plan")
    _, data, text = made(PLANS / "V75", tmp_path / "broken.dcm")
    page = Page(text)
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    identities = {a.get("id") for _, a in page.elements}
    assert len(data["sessions"]) == 2 and len(links) == 4
    assert all(link[1:] in identities for link in links if link)
    assert "2 plans, 2 sessions, 1 input that could not be used" in page.text
    assert page.text.index("Could not be used") > page.text.rindex("Signature")
    assert "not_dicom" in page.text
    assert "One session with session 2 leads to level 3" in page.text
    assert "@page sheet1" in text and "@page sheet2" in text


def test_nothing_at_all() -> None:
    results, _, text = made(PLANS.parent / "text.py")
    assert not results.plans and "No plan could be read." in Page(text).text


def hostile(path: Path, text: str) -> Path:
    data = pydicom.dcmread(PLANS / "example.dcm")
    data.SpecificCharacterSet = "ISO_IR 192"
    data.RTPlanLabel = data.RTPlanName = data.PrescriptionDescription = data.RTPlanDescription = text
    for beam in data.BeamSequence:
        beam.BeamName = text
        beam.TreatmentMachineName = text
    data.DoseReferenceSequence[0].DoseReferenceDescription = text
    data.save_as(path)
    return path


@pytest.mark.filterwarnings("ignore:The value length:UserWarning")
@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "{{ 7*7 }}{% raw %}",
        "-->]]><!--",
        "a&lt;b&amp;",
        "DIBH\u202e evil\u200b",
    ],
)
def test_texts_of_a_plan_are_harmless(tmp_path: Path, label: str) -> None:
    _, _, clean = made(PLANS / "example.dcm")
    _, _, text = made(hostile(tmp_path / "x.dcm", label))
    page, before = Page(text), Page(clean)
    tags = [tag for tag, _ in page.elements]
    assert "script" not in tags and "img" not in tags
    assert tags.count("style") == before_count(before, "style") and "<!--" not in text
    assert "\u202e" not in text and "\u200b" not in text
    if label.isascii():
        assert page.text.count(label) >= 4, "shown as it is"
        assert html.escape(label, quote=False).replace("'", "&#39;").replace('"', "&#34;") in text


def before_count(page: Page, tag: str) -> int:
    return [name for name, _ in page.elements].count(tag)


@pytest.mark.parametrize("text", ['"', "\\", "</style>", "}", "a\nb", "\u00e4\u5c71", "plain"])
def test_css_strings_cannot_be_left(text: str) -> None:
    written = css_string(text)
    assert re.fullmatch(r'"([A-Za-z0-9]|\\[0-9a-f]{6})*"', written)
    back = re.sub(r"\\([0-9a-f]{6})", lambda found: chr(int(found[1], 16)), written[1:-1])
    assert back == " ".join(text.split())


def test_a_long_label_leaves_the_foot_of_the_page_free(tmp_path: Path) -> None:
    _, _, text = made(hostile(tmp_path / "x.dcm", "Long" * 60))
    (label,) = re.findall(r"@page sheet1 \{ @bottom-left \{ content: \"(.*?)\"", text)
    assert label.startswith("LongLong") and len(label) < 60


def test_the_same_input_gives_the_same_page() -> None:
    assert made(PLANS / "example.dcm")[2] == made(PLANS / "example.dcm")[2]


@pytest.mark.parametrize("identifiers", ["none", "uid"])
def test_the_patient_is_not_shown(tmp_path: Path, identifiers: str) -> None:
    path = talkative(tmp_path)
    data = pydicom.dcmread(path)
    for beam in data.BeamSequence:
        beam.TreatmentMachineName = "CANARY1"
    data.DoseReferenceSequence[0].DoseReferenceDescription = "Zzyzx PTV"
    data.save_as(path)
    _, _, text = made(path, identifiers=identifiers)
    assert_hidden(text, identifiers)
    assert "Patient</th>" not in text


def test_none_leaves_texts_out(tmp_path: Path) -> None:
    _, data, text = made(hostile(tmp_path / "x.dcm", "Words of a human"), identifiers="none")
    assert "Words of" not in text and "57 6f 72" not in text
    assert str(tmp_path) not in text and data["plans"][0]["sop_instance_uid"] in text


def test_full_shows_the_patient(tmp_path: Path) -> None:
    _, _, text = made(talkative(tmp_path), identifiers="full")
    assert "MRN7731" in text and "19510317" in text
    signed = Page(text).text.split("Confirmation")[1]
    assert "MRN7731" in signed and "19510317" in signed, "beside the signature too"


def test_a_sheet_without_a_name_has_room_for_one_and_an_id_on_each_page(tmp_path: Path) -> None:
    _, data, text = made(talkative(tmp_path), identifiers="none")
    assert re.search(r"Confirmation .* Patient Answers to the questions", Page(text).text)
    (label,) = re.findall(r"@page sheet1 \{ @bottom-left \{ content: \"(.*?)\"", text)
    assert re.sub(r"\\([0-9a-f]{6})", lambda found: chr(int(found[1], 16)), label) == data["sessions"][0]["id"]


def test_the_first_lines_say_what_is_open_and_what_the_checks_found(tmp_path: Path) -> None:
    _, _, text = made(PLANS / "V17_knees_two_isocenters.dcm")
    head = Page(text).text.split("File /")[0]
    assert "Open: planning_2d_3d" in head and "Checks: 2 notes; " in head
    plan = pydicom.dcmread(PLANS / "example.dcm")
    plan.ApprovalStatus = "UNAPPROVED"
    plan.save_as(tmp_path / "x.dcm")
    head = Page(made(tmp_path / "x.dcm")[2]).text.split("File /")[0]
    assert "Warning The plan's approval status is UNAPPROVED." in head


def test_plans_of_one_session_stand_in_a_table_and_what_checks_say_alike_is_said_once() -> None:
    _, data, text = made(PLANS / "V75", same_session=True)
    page = Page(text)
    assert len(data["sessions"]) == 1 and len(data["plans"]) == 2
    for place, plan in enumerate(data["plans"], 1):
        (row,) = [row for row in page.rows if row[:2] == [str(place), plan["path"]]]
        assert plan["sop_instance_uid"] in row and plan["sha256"][:16] in row
    counts = {f"{integrity_counts(plan)}" for plan in data["plans"]}
    if len(counts) == 1:
        assert "Plans 1, 2: Checks:" in page.text


def finding(check: str, message: str, beams: list[int], severity: str = "error") -> Any:
    where = [f"BeamSequence[{beam}].X" for beam in beams]
    return {
        "check": check,
        "severity": severity,
        "message": message,
        "explanation": f"why {check}",
        "where": where,
        "beams": beams,
        "values": {},
        "plugin": None,
    }


def test_findings_of_one_check_are_one_row() -> None:
    plan: Any = {
        "integrity": {
            "findings": [
                *(finding("leaves_cross", f"beam {i} crosses", [i]) for i in range(1, 24)),
                finding("unapproved", "not approved", [], "warning"),
            ],
            "not_assessed": [],
            "passed": ["a", "b"],
            "off": [],
        }
    }
    row, other = checks.integrity(plan)["findings"]  # type: ignore[index]
    assert [one["message"] for one in row["found"]] == [f"Beam {i} crosses." for i in range(1, 5)]
    assert row["more"] == f"And 19 more: beams {', '.join(map(str, range(5, 24)))}."
    assert (other["severity"], other["more"]) == ("warning", "")
    assert checks.told_first(plan) == ("error", ["Beam 1 crosses.", "And 22 more."])


def test_evidence_that_beams_have_alike_is_one_line() -> None:
    def piece(beam: int, value: Any, kind: str = "coded") -> Any:
        where = f"BeamSequence[{beam}].ControlPointSequence[0].GantryAngle (300A,011E)"
        return {"where": where, "value": value, "kind": kind, "plan": "1.2"}

    plan: Any = {"sop_instance_uid": "1.2", "beams": [{"index": i, "number": 10 * i, "name": None} for i in range(4)]}
    found = [piece(0, 5.0), piece(1, 5.0), piece(2, 7.0), piece(3, 5.0), piece(0, 5.0, "text")]
    rows, more = evidence.rows(found, [plan], 2)
    assert [(row["head"], row["where"], row["value"]) for row in rows] == [
        ("beams 0, 10, 30, coded", "BeamSequence[0, 1, 3]..GantryAngle (300A,011E)", "5"),
        ("beam 20, coded", "BeamSequence[2]..GantryAngle (300A,011E)", "7"),
    ]
    assert more == 1
    bare = {"where": "RTPlanLabel (300A,0002)", "value": "x", "kind": "text", "plan": "1.2"}
    assert len(evidence.alike([bare, dict(bare)])) == 2  # type: ignore[list-item]


def test_columns_that_no_beam_needs_are_said_in_a_line() -> None:
    keys = [key for key, _, _ in (*beams_table._DELIVERED, *beams_table._THROUGH)]
    row = dict.fromkeys(keys, "1") | {"blocks": "\u2013", "wedges": "\u2013", "ssd": "?", "setup_words": "HFS"}
    tables, lines = beams_table.columns([row, {**row, "wedges": "?"}])
    shown = {column["key"] for table in tables for column in table}
    assert shown == set(keys) - {"blocks", "ssd", "setup", "machine"}
    assert lines == ["Set-up of all beams: HFS.", "None planned: blocks.", "Not recorded: SSD."]
    _, lines = beams_table.columns([row, {**row, "setup_words": "?", "machine": "2", "ssd": "900"}])
    assert lines == ["None planned: wedges, blocks."]


def test_isocenters_on_a_device_are_not_called_places_in_a_patient() -> None:
    _, _, text = made(PLANS / "V12_lumbar_device_geometry.dcm")
    page = Page(text)
    assert "Patient coordinates" not in page.text and "(LPS)" not in page.text
    assert ["No.", "Coordinates as written, in mm (not of a patient)"] in page.rows


def test_pictures_are_capped_with_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawings, "MOST_DRAWN", 1)
    _, _, text = made(PLANS / "example.dcm")
    assert text.count("Beam's-eye view: ") <= 3 and "Drawn are the first 1 of 2 treatment beams." in text


def test_unknown_is_never_zero(tmp_path: Path) -> None:
    data = pydicom.dcmread(PLANS / "example.dcm")
    del data.FractionGroupSequence[0].ReferencedBeamSequence[0].BeamDose
    data.save_as(tmp_path / "x.dcm")
    _, _, text = made(tmp_path / "x.dcm")
    words = Page(text).text
    assert re.search(r"Beam doses, sum for one fraction unknown: 1 of \d beams has none", words)
    assert "Beam doses, sum for 16" not in words


def test_doses_of_a_reference_stand_apart(tmp_path: Path) -> None:
    data = pydicom.dcmread(PLANS / "example.dcm")
    data.DoseReferenceSequence[0].DeliveryMaximumDose = "45.5"
    data.save_as(tmp_path / "x.dcm")
    assert "prescribed 42.56 Gy, at most 45.5 Gy" in Page(made(tmp_path / "x.dcm")[2]).text


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([1.0, 2.0], (3.0, 2, 0)), ([1.0, None], (None, 2, 1)), ([], (None, 0, 0)), ([None], (None, 1, 1))],
)
def test_no_sum_where_one_is_unknown(values: list[float | None], wanted: tuple[float | None, int, int]) -> None:
    assert total(values) == wanted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "?"),
        (0.0, "0"),
        (0.01234, "0.0123"),
        (12.345, "12.3"),
        (1234.5, "1234"),
        (0.9999, "1.00"),
        (1e-7, "0.000000"),
    ],
)
def test_significant(value: float | None, text: str) -> None:
    assert significant(value) in (text, "1.000")


@pytest.mark.parametrize(("value", "text"), [(None, "?"), (2.50, "2.5"), (100.0, "100"), (-0.0, "0"), (1.005, "1")])
def test_trimmed(value: float | None, text: str) -> None:
    assert trimmed(value) == text


# ------------------------------------------------------------------------------------------------------ distributions


def sha(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def filled(values: list[float], technique: str = "vmat") -> Distribution:
    found = Distribution()
    for place, value in enumerate(values):
        found.add(technique, {"mcniven2010.mcs": value}, sha(place), 0)
    found.finish()
    return found


def test_a_place_is_the_share_of_smaller_values() -> None:
    values = [math.sin(i * 7.0) for i in range(57)]
    place = filled(values).place("vmat", "mcniven2010.mcs", 0.3, "f" * 64)
    assert place.count == 57
    assert place.rank == pytest.approx(100 * sum(v < 0.3 for v in values) / 57)
    assert place.quantiles[0.5] == pytest.approx(statistics.median(values))
    assert list(place.quantiles.values()) == sorted(place.quantiles.values())


def test_equal_values_count_half() -> None:
    place = filled([0.0] * 10 + [1.0] * 20 + [2.0] * 10).place("vmat", "mcniven2010.mcs", 1.0, "f" * 64)
    assert place.rank == 50


def test_a_plan_is_not_compared_with_itself() -> None:
    found = filled([float(i) for i in range(FEWEST + 1)])
    own = sha(0)
    place = found.place("vmat", "mcniven2010.mcs", 0.0, own)
    assert place.count == FEWEST and place.rank == 0
    assert found.beams("vmat", own) == (FEWEST, FEWEST)
    assert found.beams("vmat", "f" * 64) == (FEWEST + 1, FEWEST + 1)


def test_too_few_are_not_compared() -> None:
    found = filled([1.0] * (FEWEST - 1))
    assert found.place("vmat", "mcniven2010.mcs", 1.0, "f" * 64).rank is None
    assert found.place("conformal_arc", "mcniven2010.mcs", 1.0, "f" * 64).count == 0
    assert found.place("vmat", "masi2013.mcsv", 1.0, "f" * 64).count == 0


def test_a_large_table_is_sampled_without_regard_to_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributions, "MOST_BEAMS", 50)
    entries = [(float(i), sha(i)) for i in range(400)]

    def sample(order: list[tuple[float, str]]) -> Any:
        found = Distribution()
        for value, plan in order:
            found.add("vmat", {"a.b": value}, plan, 0)
            assert len(found._rows["vmat"]) <= 100
        found.finish()
        return found.place("vmat", "a.b", 200.0, "f" * 64), found.beams("vmat", "f" * 64)

    forth, back = sample(entries), sample(entries[::-1])
    assert forth == back
    assert forth[1] == (50, 400) and 25 < forth[0].rank < 75


def stream(tmp_path: Path, values: list[float], *, change: Any = None) -> Path:
    """An earlier analysis of so many VMAT plans, as far as the table is concerned."""
    lines: list[dict[str, Any]] = [{"type": "header", "schema": "rtcode.analysis/1"}]
    for place, value in enumerate(values):
        beam = {"index": 0, "role": "treatment", "technique": "vmat", "metrics": {"a": {"b": value, "c": None}}}
        setup = {"index": 1, "role": "setup", "technique": "setup", "metrics": None}
        lines.append({"type": "session", "plans": [{"sha256": sha(place), "beams": [beam, setup]}]})
    lines += [{"type": "failure"}, {"type": "summary"}]
    texts = [json.dumps(line) for line in lines]
    if change is not None:
        change(texts)
    path = tmp_path / "table.ndjson"
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path


def test_a_stream_is_read(tmp_path: Path) -> None:
    found = read_table(stream(tmp_path, [float(i) for i in range(40)]))
    assert found.beams("vmat", "f" * 64) == (40, 40)
    assert found.place("vmat", "a.b", 19.5, "f" * 64).rank == 50
    assert found.place("vmat", "a.c", 0.0, "f" * 64).count == 0, "unknown is no value"


def test_a_plan_on_several_lines_counts_once(tmp_path: Path) -> None:
    path = stream(tmp_path, [1.0] * 30, change=lambda texts: texts.insert(2, texts[1]))
    assert read_table(path).beams("vmat", "f" * 64) == (30, 30)


def test_the_real_stream_is_read(tmp_path: Path) -> None:
    data = analyze(PLANS).to_dict()
    if not any(beam["metrics"] for plan in data["plans"] for beam in plan["beams"]):
        pytest.skip("no metrics are computed")
    path = tmp_path / "archive.ndjson"
    path.write_text(render_ndjson(data), "utf-8")
    found = read_table(path)
    counted = sum(
        beam["metrics"] is not None and beam["technique"] == "static_shaped" and beam["role"] == "treatment"
        for plan in data["plans"]
        for beam in plan["beams"]
    )
    assert found.beams("static_shaped", "f" * 64)[1] == counted > FEWEST


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.__setitem__(3, t[3][:40]), "line 4 of the archive table is no JSON object"),
        (lambda t: t.__setitem__(3, "[1]"), "line 4 of the archive table is no JSON object"),
        (lambda t: t.__setitem__(3, '{"type": "session", "plans": [{}]}'), "line 4 of the archive table is no session"),
        (lambda t: t.__setitem__(3, t[3].replace("1.0", "NaN")), "line 4 of the archive table is no JSON object"),
        (lambda t: t.__setitem__(3, t[3].replace("1.0", '"x"')), "line 4 of the archive table is no session"),
        (lambda t: t.pop(), "no summary after line 22: it was cut short"),
        (lambda t: t.append(t[1]), "line 24 of the archive table stands behind the summary"),
        (lambda t: t.__setitem__(0, "{}"), "line 1 of the archive table is no header"),
        (lambda t: t.__delitem__(slice(1, 21)), "no beam of the archive table has metrics"),
        (lambda t: t.clear(), "the archive table is empty"),
    ],
)
def test_a_damaged_stream_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    path = stream(tmp_path, [1.0] * 20, change=change)
    with pytest.raises(UsageError, match=re.escape(message)):
        read_table(path)


def table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_is_read(tmp_path: Path) -> None:
    rows = [f"vmat,{i},{'' if i % 2 else i},{sha(i)},note" for i in range(50)]
    text = "\ufefftechnique,a.b,a.c,sha256,remark\r\n" + "\r\n".join(rows) + "\r\n\r\n"
    found = read_table(table(tmp_path, text))
    assert found.place("vmat", "a.b", 24.5, "f" * 64).rank == 50
    assert found.place("vmat", "a.c", 0.0, "f" * 64).count == 25
    assert found.place("vmat", "a.b", 24.5, sha(0)).count == 49


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.b,c\n1,2\n", "line 1 of the archive table has no column technique"),
        ("technique,b\nvmat,2\n", "no column profile.metric"),
        ("technique,a.b,a.b\nvmat,2,2\n", "or one twice"),
        ("technique,a.b\nvmat,1\nvmat,x\n", "line 3 of the archive table has a cell that is no number"),
        ("technique,a.b\nvmat,inf\n", "line 2 of the archive table has a cell that is no number"),
        ("technique,a.b\nvmat\n", "line 2 of the archive table has 1 cells and not 2"),
        ("technique,a.b\nVMAT,1\n", "line 2 of the archive table has a technique"),
        ('technique,a.b\n"vmat,1\n', "line 2 of the archive table is no line of CSV"),
        ("technique,a.b\nvmat,\n", "no row of the archive table has metrics"),
        ("technique,a.b\n", "no row of the archive table has metrics"),
        (b"technique,a.b\nvm\xff,1\n", "line 2 of the archive table is no UTF-8"),
        (b"\0\0DICM", "line 1 of the archive table is no text"),
        ("", "the archive table is empty"),
    ],
)
def test_a_damaged_csv_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        read_table(table(tmp_path, content))


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_table(tmp_path / "none.csv")


def test_metrics_stand_in_the_sites_distribution() -> None:
    results = analyze(PLANS / "example.dcm").results
    data = analysis_dict(results)
    beams = [beam for plan in data["plans"] for beam in plan["beams"] if beam["metrics"]]
    if not beams:
        pytest.skip("no metrics are computed")
    found = Distribution()
    for place in range(50):
        found.add(beams[0]["technique"], {"mcniven2010.mcs": place / 50, "mcniven2010.lsv": 0.5}, sha(place), 0)
    found.finish()
    text = render_html(results, data, distribution=found)
    page = Page(text)
    rank = found.place(
        beams[0]["technique"], "mcniven2010.mcs", beams[0]["metrics"]["mcniven2010"]["mcs"], "f" * 64
    ).rank
    assert "50 other beams" in page.text and f"{rank:.0f} %" in page.text
    (drawn,) = re.findall(rf"<title>Beam {beams[0]['number']}, MCS: .*?</title><desc>(percentile \d+)", text)
    assert drawn == f"percentile {rank:.0f}", "the table and the picture say the same"
    few = Distribution()
    few.finish()
    assert "Too few beams" in Page(render_html(results, data, distribution=few)).text


def test_what_is_drawn_in_a_distribution_is_in_the_catalog() -> None:
    assert {(one.profile, one.name) for one in CATALOG} >= _ALWAYS_DRAWN


# --------------------------------------------------------------------------------------------------------------- PDF


def pdf(tmp_path: Path, source: Path, *, identifiers: Any = "uid", paper: Any = "a4") -> tuple[Path, bytes]:
    needs_weasyprint()
    results = analyze(source).results
    written = render_pdf(results, analysis_dict(results, identifiers=identifiers, key=b"key"), paper=paper)
    path = tmp_path / f"{paper}.pdf"
    path.write_bytes(written)
    return path, written


def told(tool: str, path: Path, *arguments: str) -> str:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    return subprocess.run([tool, str(path), *arguments], capture_output=True, text=True, check=True).stdout


def test_pdf_is_written_the_same_each_time(tmp_path: Path) -> None:
    _, first = pdf(tmp_path, SMALL)
    _, second = pdf(tmp_path, SMALL)
    assert first.startswith(b"%PDF-") and first == second
    assert b"CreationDate" not in first and b"ModDate" not in first


@pytest.mark.parametrize(
    ("paper", "size", "source", "most"),
    [("a4", "595.276 x 841.89", "example.dcm", 3), ("letter", "612 x 792", "V06_electron_bolus.dcm", 2)],
)
def test_pdf_paper_and_text(tmp_path: Path, paper: str, size: str, source: str, most: int) -> None:
    path, _ = pdf(tmp_path, PLANS / source, paper=paper)
    facts = told("pdfinfo", path)
    assert size in facts and re.search(r"Tagged:\s+yes", facts)
    pages = int(re.search(r"Pages:\s+(\d+)", facts)[1])  # type: ignore[index]
    text = flat(told("pdftotext", path, "-layout", "-"))
    assert 2 <= pages <= most, "a plain plan stands on few pages"
    last = flat(told("pdftotext", path, "-layout", "-f", str(pages), "-"))
    assert "Signature" in last and "Beams are named by their number" in last, "no page for the signature alone"
    assert all(f"page {page} of {pages}" in text for page in range(1, pages + 1))
    assert text.count("us-cms-2026 revision 1: suggestion, human confirms") >= pages
    first = flat(told("pdftotext", path, "-layout", "-l", "1", "-"))
    assert re.search(r"Level [12] \(", first) and "checks passed" in first and "Criteria and evidence" in first


def test_pdf_does_not_show_the_patient(tmp_path: Path) -> None:
    # It is set from the page, which is tested at both levels; here for what a PDF holds besides.
    path, written = pdf(tmp_path, talkative(tmp_path), identifiers="none")
    assert_hidden(told("pdftotext", path, "-") + told("pdfinfo", path), "none")
    assert_hidden(written.decode("latin-1"), "none")
