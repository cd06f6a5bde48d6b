"""No output shows the patient unless it is asked to: canary names in, no canary out.

The fixtures' patients are called CANARY, and so are their IDs, physicians and institutions. The plans made here
also repeat them where people write them: in labels, beam names and notes.
"""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from rtcode import analyze, read_plan
from rtcode.errors import RtcodeError
from rtcode.outputs.contract_values import IdentifierLevel
from rtcode.outputs.csv import render_csv
from rtcode.outputs.identifiers import LONGEST_TEXT, REMOVED, Identifiers
from rtcode.outputs.json import analysis_dict, render_json
from rtcode.outputs.ndjson import render_ndjson
from rtcode.outputs.terms import is_equipment, is_term
from rtcode.outputs.text import render_text
from tests.conftest import PLANS, Ran, Runner

FIXTURES = sorted(PLANS.rglob("*.dcm"))
FORMATS = ("text", "json", "ndjson", "csv", "html")
BIRTH_DATE = "19510317"
SECRETS = ("CANARY", "Zzyzx", "MRN7731", BIRTH_DATE)


def talkative(tmp_path: Path, name: str = "talkative.dcm", **fields: Any) -> Path:
    """The example with the patient's identity repeated all over its texts."""
    data = pydicom.dcmread(PLANS / "example.dcm")
    data.PatientName = "Zzyzx^Canary^^Dr"
    data.PatientID = "MRN7731"
    data.PatientBirthDate = BIRTH_DATE
    data.RTPlanLabel = "ZZYZX DIBH"
    data.RTPlanName = "MRN7731 breast"
    data.RTPlanDescription = "for Zzyzx, born 19510317"
    data.PrescriptionDescription = "CANARY boost SBRT?"
    for number, beam in enumerate(data.BeamSequence):
        beam.BeamName = f"mrn7731_{number}"
        beam.BeamDescription = "Canary gated"
    for item in data.PatientSetupSequence:
        item.SetupTechniqueDescription = "Mrs Zzyzx DIBH with AlignRT"
    for key, value in fields.items():
        setattr(data, key, value)
    data.save_as(tmp_path / name)
    return tmp_path / name


def assert_hidden(text: str, source: object) -> None:
    lowered = text.lower()
    found = [secret for secret in SECRETS if secret.lower() in lowered]
    assert not found, f"{found} from {source}"


def everything(ran: Ran) -> str:
    return ran.out + ran.err


@pytest.mark.parametrize("identifiers", ["none", "uid"])
@pytest.mark.parametrize("format", FORMATS)
def test_no_fixture_gives_its_patient_away(rtcode: Runner, format: str, identifiers: str) -> None:
    ran = rtcode("analyze", PLANS, "--format", format, "--identifiers", identifiers)
    assert ran.code == 0 and len(ran.out) > 1000
    assert_hidden(everything(ran), PLANS)
    assert "19010203" not in ran.out, "the birth date of the fixtures"


@pytest.mark.parametrize("identifiers", ["none", "uid"])
@pytest.mark.parametrize("format", FORMATS)
def test_a_plan_that_repeats_its_patient(rtcode: Runner, tmp_path: Path, format: str, identifiers: str) -> None:
    path = talkative(tmp_path)
    output = tmp_path / "out.txt"
    assert_hidden(everything(rtcode("analyze", path, "--format", format, "--identifiers", identifiers)), format)
    ran = rtcode("analyze", path, "--format", format, "--identifiers", identifiers, "-o", output)
    assert_hidden(everything(ran) + output.read_text("utf-8"), format)


def test_what_is_removed_is_marked_and_the_rest_stays(rtcode: Runner, tmp_path: Path) -> None:
    data = json.loads(rtcode("analyze", talkative(tmp_path), "--format", "json").out)
    assert data["plans"][0]["label"] == f"{REMOVED} DIBH"
    hints = data["sessions"][0]["features"]["motion"]["hints"]
    assert {hint["word"] for hint in hints} >= {"DIBH"}


def test_full_shows_the_patient_and_nothing_is_removed(rtcode: Runner, tmp_path: Path) -> None:
    path = talkative(tmp_path)
    data = json.loads(rtcode("analyze", path, "--format", "json", "--identifiers", "full").out)
    assert data["plans"][0]["patient"] == {"id": "MRN7731", "name": "Zzyzx^Canary^^Dr", "birth_date": BIRTH_DATE}
    assert data["plans"][0]["label"] == "ZZYZX DIBH"
    for format in ("text", "csv", "ndjson"):
        assert "MRN7731" in rtcode("analyze", path, "--format", format, "--identifiers", "full").out


def test_full_is_the_only_level_with_a_patient(rtcode: Runner) -> None:
    for identifiers, there in (("none", False), ("uid", False), ("full", True)):
        ran = rtcode("analyze", PLANS / "example.dcm", "--format", "json", "--identifiers", identifiers)
        data = json.loads(ran.out)
        assert ("patient" in data["plans"][0]) is there
        assert data["identifiers"] == identifiers


def test_none_leaves_out_free_text_and_replaces_uids_and_paths(rtcode: Runner, tmp_path: Path) -> None:
    path = talkative(tmp_path, SeriesDescription="words of a human")
    raw = pydicom.dcmread(path)
    ran = rtcode("analyze", path, tmp_path / "gone.dcm", "--format", "json", "--identifiers", "none")
    data = json.loads(ran.out)
    plan = data["plans"][0]
    assert plan["label"] is None and {beam["name"] for beam in plan["beams"]} == {None}
    assert re.fullmatch(r"[0-9a-f]{16}", plan["sop_instance_uid"])
    assert data["sessions"][0]["parts"][0]["sop_instance_uid"] == plan["sop_instance_uid"]
    for secret in (str(raw.SOPInstanceUID), str(path), str(tmp_path), "gone.dcm", "AlignRT", "DIBH with", "words of"):
        assert secret not in everything(ran), secret
    texts = [e for c in data["sessions"][0]["criteria"] for e in c["evidence"] if e["kind"] == "text"]
    assert texts and all(evidence["value"] is None for evidence in texts)
    coded = [e for c in data["sessions"][0]["criteria"] for e in c["evidence"] if e["kind"] == "coded"]
    assert "STANDARD" in {evidence["value"] for evidence in coded}, "defined terms stay"


def test_pseudonyms_follow_the_sites_key(rtcode: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def pseudonym() -> str:
        ran = rtcode("analyze", PLANS / "example.dcm", "--format", "json", "--identifiers", "none")
        return str(json.loads(ran.out)["plans"][0]["sop_instance_uid"])

    assert pseudonym() != pseudonym(), "without a key, calls cannot be joined"
    monkeypatch.setenv("RTCODE_SITE_KEY", "our key")
    kept = pseudonym()
    assert pseudonym() == kept
    monkeypatch.delenv("RTCODE_SITE_KEY")
    (tmp_path / "key").write_text("our key\n")
    monkeypatch.setenv("RTCODE_SITE_KEY_FILE", str(tmp_path / "key"))
    assert pseudonym() == kept
    monkeypatch.setenv("RTCODE_SITE_KEY_FILE", str(tmp_path / "no key"))
    assert rtcode("analyze", PLANS / "example.dcm", "--identifiers", "none").code == 2


#: The attributes whose values are texts, of any kind; those that make the file a plan are left as they are.
TEXT_VRS = frozenset({"AE", "AS", "CS", "DA", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"})
FREE = "ZQFREE"
STRUCTURAL = frozenset({"SOPClassUID", "SpecificCharacterSet"})
#: Plans that together show evidence of every kind: set-ups, wedges, electrons, other code families, QA, relations.
VARIED = (
    "example.dcm",
    "V04_electrons_abutting.dcm",
    "V08_electron_gated.dcm",
    "V26_prostate_calypso.dcm",
    "V55_breast_breath_hold.dcm",
    "V59_liver_helical_tracking.dcm",
    "V69_pancreas_mr_linac.dcm",
    "V90_total_skin_geometry.dcm",
    "V92_proton_plan.dcm",
    "V96_external_and_brachytherapy.dcm",
    "V98_brain_srs.dcm",
    "V103_intraoperative.dcm",
    "V104_verification.dcm",
)


def text_keywords(data: Dataset) -> dict[str, str]:
    """The attributes of a data set that hold texts, at any depth, with their value representation."""
    found: dict[str, str] = {}
    data.walk(lambda _, element: found.setdefault(element.keyword, element.VR))
    return {k: vr for k, vr in found.items() if k and vr in TEXT_VRS and k not in STRUCTURAL}


def fill(data: Dataset, keywords: set[str], text: str) -> None:
    def set_text(_: Dataset, element: pydicom.DataElement) -> None:
        if element.keyword in keywords:
            element.value = text

    with pydicom.config.disable_value_validation():
        data.walk(set_text)


def shown_at_none(path: Path) -> str:
    data = analyze(path).to_dict("none")
    return "".join(render(data) for render in (render_text, render_json, render_ndjson, render_csv))


@pytest.mark.parametrize("name", VARIED)
def test_no_attribute_holds_free_text_under_none(tmp_path: Path, name: str) -> None:
    """A word in capitals looks like a defined term; only those that are terms may be shown."""
    path = tmp_path / "x.dcm"
    keywords = text_keywords(pydicom.dcmread(PLANS / name))
    assert len(keywords) > 15
    coded = [keyword for keyword, vr in keywords.items() if vr == "CS"]
    # One code alone too: with all of them the plan is nothing any more that detectors know.
    for chosen in [set(keywords), set(keywords) - set(coded), *({keyword} for keyword in coded)]:
        data = pydicom.dcmread(PLANS / name)
        fill(data, chosen, FREE)
        with pydicom.config.disable_value_validation():
            data.save_as(path)
        assert FREE not in shown_at_none(path).upper(), chosen
    data = pydicom.dcmread(PLANS / name)
    fill(data, set(keywords), "see note of Dr Zqfree")
    with pydicom.config.disable_value_validation():
        data.save_as(path)
    assert FREE not in shown_at_none(path).upper()


def test_defined_terms_and_vendors_stay_under_none() -> None:
    plan = analyze(PLANS / "example.dcm").to_dict("none")["plans"][0]
    assert plan["geometry"] == "PATIENT" and plan["approval"] == "APPROVED" and plan["intent"] == "CURATIVE"
    assert plan["manufacturer"] == "Varian Medical Systems" and plan["model"] == "ARIA RadOnc"
    assert plan["sop_class_uid"] == "1.2.840.10008.5.1.4.1.1.481.5"
    assert {beam["meterset"]["unit"] for beam in plan["beams"]} == {"MU"}


@pytest.mark.parametrize(
    ("keyword", "value", "shown"),
    [
        ("PlanIntent", "CURATIVE", True),
        ("PlanIntent", "MACHINE QA", True),
        ("PlanIntent", "SMITH", False),
        ("ApprovalStatus", "CURATIVE", False),
        ("RadiationType", "photon", True),
        ("FixationDeviceType", "MASK\\CAST", True),
        ("FixationDeviceType", "MASK\\SMITH", False),
        ("CodeValue", "121370", True),
        ("CodeValue", "12345", False),
        ("RTPlanLabel", "CURATIVE", False),
    ],
)
def test_terms(keyword: str, value: str, shown: bool) -> None:
    assert is_term(keyword, value) is shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Varian Medical Systems", True),
        ("VARIAN", True),
        ("CMS, Inc.", True),
        ("Eclipse 15.6", True),
        ("ARIA 8.1 - RT Chart", True),
        ("Hi-Art", True),
        ("Smith Medical Systems", False),
        ("Eclipse 19.47.08", False),
        ("19470813", False),
        ("Unity (Dr Smith)", False),
    ],
)
def test_equipment(name: str, shown: bool) -> None:
    assert is_equipment(name) is shown


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("fields", "label", "hidden"),
    [
        ({"PatientName": "Wu^Li"}, "Wu Li DIBH", ["Wu", "Li DIBH"]),
        ({"PatientName": "Smith^John"}, "SmithJ2 DIBH", ["Smith"]),
        ({"PatientName": "O'Brien^X"}, "OBrien DIBH", ["OBrien"]),
        ({"PatientName": "M\u00fcller^X"}, "Mueller DIBH", ["Mueller"]),
        ({"PatientName": "\u5c71\u7530^\u592a\u90ce"}, "\u5c71\u7530\u592a\u90ce DIBH", ["\u5c71", "\u592a"]),
        ({"PatientName": "Kim=\uae40"}, "\u1100\u1175\u11b7 DIBH", ["\u1100", "\uae40"]),
        ({"PatientID": "0012345"}, "MRN12345 DIBH", ["12345"]),
        ({"PatientBirthDate": "19470813"}, "1947-08-13", ["1947", "08-13"]),
    ],
)
def test_other_spellings_of_the_patient(
    rtcode: Runner, tmp_path: Path, format: str, fields: dict[str, str], label: str, hidden: list[str]
) -> None:
    path = talkative(tmp_path, SpecificCharacterSet="ISO_IR 192", RTPlanLabel=label, RTPlanDescription=label, **fields)
    shown = everything(rtcode("analyze", path, "--format", format))
    assert not [secret for secret in hidden if secret in shown]


def test_field_words_and_terms_survive_a_name_inside_them(tmp_path: Path) -> None:
    path = talkative(tmp_path, PatientName="Rast^Aria^Stan", RTPlanLabel="L Breast, Rast")
    data = analyze(path).to_dict()
    assert data["plans"][0]["label"] == f"L Breast, {REMOVED}"
    assert data["plans"][0]["manufacturer"] == "Varian Medical Systems"
    values = [e["value"] for c in data["sessions"][0]["criteria"] for e in c["evidence"]]
    assert "STANDARD" in values


@pytest.mark.parametrize("identifiers", ["uid", "full"])
@pytest.mark.parametrize("letter", ["A", "\x1b", "\u5c71"])
def test_texts_are_bounded(identifiers: IdentifierLevel, letter: str) -> None:
    results = analyze(PLANS / "example.dcm").results
    long = replace(results.plans[0], plan=replace(results.plans[0].plan, label=letter * 20_000_000))
    begin = time.process_time()
    data = analysis_dict(replace(results, plans=(long,)), identifiers=identifiers)
    text = render_text(data)
    assert time.process_time() - begin < 2
    assert data["plans"][0]["label"] == letter * LONGEST_TEXT + " [cut]"
    assert "[cut]" in text and len(text) < 10_000


def test_a_name_across_the_cut_is_removed_whole(tmp_path: Path) -> None:
    for before in range(LONGEST_TEXT - 10, LONGEST_TEXT + 2):
        plan = analyze(talkative(tmp_path)).results.plans[0].plan
        text = Identifiers("uid", [plan]).text("x " * (before // 2) + "Zzyzx and more" * 20)
        assert text is not None and text.endswith(" [cut]")
        assert not re.search("z", text, re.IGNORECASE)
        assert len(text) <= LONGEST_TEXT + len(REMOVED) + len(" [cut]")


def damaged(data: bytes, seed: int) -> bytes:
    """One of the ways in which files break."""
    rng = random.Random(seed)
    if seed % 3 == 0:
        return data[: rng.randrange(100, len(data))]
    broken = bytearray(data)
    for _ in range(rng.randrange(1, 60)):
        broken[rng.randrange(132, len(broken))] = rng.randrange(256)
    if seed % 3 == 1:
        del broken[rng.randrange(132, len(broken)) :][:7]
    return bytes(broken)


def test_damaged_files_give_nothing_away(rtcode: Runner, tmp_path: Path) -> None:
    whole = talkative(tmp_path).read_bytes()
    folder = tmp_path / "damaged"
    folder.mkdir()
    for seed in range(120):
        (folder / f"{seed:03}.dcm").write_bytes(damaged(whole, seed))
    for format in FORMATS:
        ran = rtcode("analyze", folder, "--format", format, "--identifiers", "none")
        assert ran.code in (0, 3)
        # A broken identity cannot be recognized in a text, so only the level without texts can promise this.
        assert_hidden(everything(ran), format)


def test_errors_of_the_python_interface_hold_no_values(tmp_path: Path) -> None:
    whole = talkative(tmp_path).read_bytes()
    for seed in range(200):
        try:
            plan = read_plan(damaged(whole, seed), path="x")
        except RtcodeError as error:
            assert_hidden(f"{error!r} {error} {error.hint} {error.__context__!r} {error.__cause__!r}", seed)
        else:
            assert_hidden(" ".join(f"{w.code} {w.message} {w.where}" for w in plan.warnings), seed)


def test_repr_leaves_the_identity_out() -> None:
    plan = read_plan((PLANS / "example.dcm").read_bytes(), path="example.dcm")
    assert plan.patient.name and "CANARY" in plan.patient.name
    assert_hidden(repr(plan.patient), "PatientIdentity")
    assert_hidden(repr(plan), "RTPlan")


def test_other_objects_give_nothing_away(rtcode: Runner, tmp_path: Path) -> None:
    data = pydicom.dcmread(PLANS / "example.dcm")
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    data.Modality = "RTSTRUCT"
    for keyword in ("BeamSequence", "FractionGroupSequence"):
        delattr(data, keyword)
    data.StructureSetLabel = "CANARY"
    data.save_as(tmp_path / "structures.dcm")
    for source in (tmp_path / "structures.dcm", tmp_path):
        for format in FORMATS:
            assert_hidden(everything(rtcode("analyze", source, "--format", format)), source)


def test_a_defect_gives_nothing_away(rtcode: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*arguments: object) -> Dataset:
        raise KeyError("CANARY^Zzyzx MRN7731")

    for place in ("rtcode.analysis.sessions_of_call", "rtcode.analysis.describe", "rtcode.outputs.text.render_text"):
        with monkeypatch.context() as patch:
            patch.setattr(place, broken)
            ran = rtcode("analyze", talkative(tmp_path))
        assert ran.code == 70 and "Traceback" not in ran.err
        assert_hidden(everything(ran), place)
