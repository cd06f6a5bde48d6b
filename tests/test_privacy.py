"""No output shows the patient unless it is asked to: canary names in, no canary out.

The fixtures' patients are called CANARY, and so are their IDs, physicians and institutions. The plans made here
also repeat them where people write them: in labels, beam names and notes.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from rtcode import analyze, read_plan
from rtcode.errors import RtcodeError
from rtcode.outputs.identifiers import REMOVED
from tests.conftest import PLANS, Ran, Runner

FIXTURES = sorted(PLANS.rglob("*.dcm"))
FORMATS = ("text", "json", "ndjson", "csv")
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
    assert rtcode("analyze", PLANS / "example.dcm").code == 2


def test_evidence_of_any_attribute_is_safe_under_none(tmp_path: Path) -> None:
    """Whatever stands in an attribute with defined terms: what does not look like a term is not shown."""
    path = tmp_path / "odd.dcm"
    data = pydicom.dcmread(PLANS / "example.dcm")
    with pydicom.config.disable_value_validation():
        data.PlanIntent = "see note of Dr Smith"
        data.ApprovalStatus = "ok by phone, Smith"
        data.BeamSequence[0].RadiationType = "Smith said photon"
        data.PatientSetupSequence[0].SetupTechnique = "Smith technique"
        data.save_as(path)
    text = json.dumps(analyze(path).to_dict("none"))
    assert "Smith" not in text


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
