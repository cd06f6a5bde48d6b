"""``rtcode compare``: what it takes, what it says, how it ends."""

from __future__ import annotations

import json
import shutil
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pydicom
import pytest
from pydicom.uid import generate_uid

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.outputs.layout import width
from rtcode.outputs.schema import json_schema
from tests.conftest import PLANS, Runner, run_process

OLD = PLANS / "example_prostate_vmat.dcm"


def changed(target: Path, source: Path = OLD, **fields: Any) -> Path:
    """A copy of a fixture with attributes of the data set changed."""
    ds = pydicom.dcmread(source, force=True)
    for keyword, value in fields.items():
        setattr(ds, keyword, value)
    ds.save_as(target)
    return target


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Another meterset, another label with the patient's name in it."""
    ds = pydicom.dcmread(OLD)
    ds.SOPInstanceUID = generate_uid()
    reference = ds.FractionGroupSequence[0].ReferencedBeamSequence[0]
    reference.BeamMeterset = float(reference.BeamMeterset) + 25.0
    ds.RTPlanLabel = f"Plan of {str(ds.PatientName).split('^')[0]}"
    ds.save_as(tmp_path / "new.dcm")
    return tmp_path / "new.dcm"


def data(rtcode: Runner, *arguments: Any) -> dict[str, Any]:
    ran = rtcode("compare", *arguments, "--format", "json")
    result = json.loads(ran.out)
    jsonschema.validate(result, json_schema("comparison"))
    return result


def test_the_verdict_stands_first(rtcode: Runner, new: Path) -> None:
    ran = rtcode("compare", OLD, new)
    assert ran.code == 0 and ran.err == ""
    assert ran.out.startswith("Different: 1 change matters for the treatment (delivery); 1 other")
    assert "meterset:" in ran.out
    assert all(width(line) <= 80 for line in ran.out.splitlines())
    assert "private attributes" in ran.out, "what is not compared is always said"


def test_a_file_and_itself(rtcode: Runner, tmp_path: Path) -> None:
    copy = shutil.copy(OLD, tmp_path / "copy.dcm")
    ran = rtcode("compare", OLD, copy, "--fail-on", "mismatch")
    assert ran.code == 0 and ran.out.startswith("The same file: all bytes are equal.")
    assert data(rtcode, OLD, copy)["verdict"] == "identical"


def test_new_uids_are_the_same_content(rtcode: Runner, tmp_path: Path) -> None:
    other = changed(tmp_path / "x.dcm", SOPInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid())
    assert rtcode("compare", OLD, other, "--fail-on", "mismatch").code == 0
    found = data(rtcode, OLD, other)
    assert found["verdict"] == "same_content" and not found["suggestion"]["touched"]
    assert not found["confirmation"]["holds"]


def test_the_same_uid_with_other_bytes_is_no_conflict_here(rtcode: Runner, tmp_path: Path) -> None:
    other = changed(tmp_path / "x.dcm", RTPlanLabel="OTHER")
    found = data(rtcode, OLD, other)
    assert [d["attribute"] for d in found["differences"]] == ["label"]


@pytest.mark.parametrize(
    ("gates", "code"), [([], 0), (["mismatch"], 1), (["out_of_scope"], 0), (["mismatch,provisional"], 1)]
)
def test_fail_on(rtcode: Runner, new: Path, gates: list[str], code: int) -> None:
    assert rtcode("compare", OLD, new, *(word for gate in gates for word in ("--fail-on", gate))).code == code


def test_fail_on_speaks_of_new(rtcode: Runner) -> None:
    example = PLANS / "example.dcm"
    assert rtcode("compare", OLD, example, "--fail-on", "provisional").code == 1
    assert rtcode("compare", example, OLD, "--fail-on", "provisional").code == 0


def test_another_patient_is_the_first_and_loudest_line(rtcode: Runner, tmp_path: Path) -> None:
    other = changed(tmp_path / "x.dcm", PatientID="SOMEBODY", PatientName="Else^Somebody")
    ran = rtcode("compare", OLD, other, "--fail-on", "mismatch")
    assert ran.code == 1 and ran.out.splitlines()[0].startswith("NOT THE SAME PATIENT")
    found = data(rtcode, OLD, other)
    assert found["verdict"] == "different_patient" and found["differences"][0]["attribute"] == "patient_id"


@pytest.mark.parametrize("format", ["text", "json", "html"])
@pytest.mark.parametrize("level", ["none", "uid"])
def test_no_identity_is_shown(rtcode: Runner, tmp_path: Path, new: Path, format: str, level: str) -> None:
    other = changed(
        tmp_path / "x.dcm", new, PatientID="SECRET-9", PatientName="Lovelace^Ada", PatientBirthDate="18151210"
    )
    ran = rtcode("compare", OLD, other, "--format", format, "--identifiers", level)
    assert ran.code == 0
    for word in ("SECRET-9", "Lovelace", "18151210", "CANARY", str(pydicom.dcmread(OLD).PatientID)):
        assert word not in ran.out, word
    if level == "none":
        assert str(pydicom.dcmread(new).SOPInstanceUID) not in ran.out and "TB1" not in ran.out


def test_full_shows_both(rtcode: Runner, tmp_path: Path) -> None:
    other = changed(tmp_path / "x.dcm", PatientName="Lovelace^Ada")
    found = data(rtcode, OLD, other, "--identifiers", "full")
    assert found["new"]["patient"]["name"] == "Lovelace^Ada"
    assert [d["new"] for d in found["differences"]] == ["Lovelace^Ada"]


def test_tolerances(rtcode: Runner, tmp_path: Path) -> None:
    ds = pydicom.dcmread(OLD)
    for beam in ds.BeamSequence:
        for point in beam.ControlPointSequence:
            if "IsocenterPosition" in point:
                point.IsocenterPosition[0] = float(point.IsocenterPosition[0]) + 0.5
    ds.save_as(tmp_path / "x.dcm")
    assert data(rtcode, OLD, tmp_path / "x.dcm")["verdict"] == "different"
    found = data(rtcode, OLD, tmp_path / "x.dcm", "--tolerance", "isocenter_mm=0.5")
    assert found["verdict"] == "within_tolerance" and found["tolerances"]["isocenter_mm"] == 0.5
    (one,) = [d for d in found["differences"] if d["attribute"] == "isocenter"]
    assert one["within_tolerance"] and "0.5 mm" in one["text"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "two plans"),
        ([OLD], "two plans"),
        (["-", "-"], "named twice"),
        ([OLD, OLD, "--tolerance", "leaf_mm"], "NAME=VALUE"),
        ([OLD, OLD, "--tolerance", "leaf=1"], "isocenter_mm"),
        ([OLD, OLD, "--tolerance", "leaf_mm=many"], "leaf_mm"),
        ([OLD, OLD, "--fail-on", "nothing"], "mismatch"),
        ([OLD, OLD, "--answer", "motion_management"], "no value"),
        ([OLD, PLANS / "V14"], "NEW holds"),
    ],
)
def test_wrong_calls(rtcode: Runner, arguments: list[Any], words: str) -> None:
    ran = rtcode("compare", *arguments)
    (line,) = ran.err.splitlines()
    assert ran.code == 2 and ran.out == "" and words in line


def test_what_cannot_be_read(rtcode: Runner, tmp_path: Path) -> None:
    (tmp_path / "broken.dcm").write_bytes(OLD.read_bytes()[:2000])
    for side in ([OLD, tmp_path / "broken.dcm"], [tmp_path / "broken.dcm", OLD], [OLD, tmp_path / "gone.dcm"]):
        ran = rtcode("compare", *side)
        (line,) = ran.err.splitlines()
        assert ran.code == 3 and ran.out == "" and line.startswith("rtcode: ")
        assert ("NEW: " in line) is (side[0] == OLD)


def test_a_folder_or_an_archive_with_one_plan(rtcode: Runner, new: Path, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    shutil.copy(OLD, tmp_path / "old" / "plan.dcm")
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as archive:
        archive.write(new, "plan.dcm")
    found = data(rtcode, tmp_path / "old", tmp_path / "new.zip")
    assert found["verdict"] == "different" and found["new"]["path"].endswith("new.zip!plan.dcm")


def test_standard_input(new: Path) -> None:
    ran = run_process("compare", OLD, "-", stdin=new.read_bytes())
    assert ran.code == 0 and ran.out.startswith("Different")


def test_answers_hold_for_both(rtcode: Runner, tmp_path: Path) -> None:
    example = PLANS / "example.dcm"
    other = changed(tmp_path / "x.dcm", example, RTPlanLabel="L breast")
    asked = data(rtcode, example, other)
    assert asked["suggestion"]["touched"]
    answered = data(rtcode, example, other, "--answer", "motion_management=yes")
    levels = [answered["suggestion"]["sessions"][0][side]["level"] for side in ("old", "new")]
    assert levels == [3, 3] and answered["answers"] == {"motion_management": "yes"}


def test_the_page_is_whole(rtcode: Runner, tmp_path: Path) -> None:
    ds = pydicom.dcmread(OLD)
    for device in ds.BeamSequence[0].ControlPointSequence[1].BeamLimitingDevicePositionSequence:
        values = [float(v) for v in device.LeafJawPositions]
        if len(values) > 2:
            values[len(values) // 4] -= 12.5
            device.LeafJawPositions = [f"{v:g}" for v in values]
    ds.RTPlanLabel = "<script>x"
    ds.save_as(tmp_path / "x.dcm")
    ran = rtcode("compare", OLD, tmp_path / "x.dcm", "--format", "html")
    assert ran.code == 0 and ran.out.startswith("<!DOCTYPE html>") and ran.out.rstrip().endswith("</html>")
    assert "<script" not in ran.out and "http" not in ran.out.replace("http://www.w3.org/2000/svg", "")
    assert ran.out.count("<svg") == 2 and "largest 12.5 mm" in ran.out


@pytest.mark.parametrize("name", ["V92_proton_plan.dcm", "V95_brachytherapy.dcm"])
def test_plans_that_are_read_in_part_say_so(rtcode: Runner, tmp_path: Path, name: str) -> None:
    other = changed(tmp_path / "x.dcm", PLANS / name, SOPInstanceUID=generate_uid())
    found = data(rtcode, PLANS / name, other)
    assert found["verdict"] == "same_content"
    assert any("not compared" in text for text in found["not_read"]) and not found["complete"]
    assert "could be compared" in found["headline"]
    assert all("geometry" not in pair["by"] for pair in found["beams"] if name.startswith("V92"))
    assert rtcode("compare", PLANS / name, other, "--fail-on", "mismatch").code == 1, "nothing rules a mismatch out"
    assert rtcode("compare", PLANS / name, PLANS / name, "--fail-on", "mismatch").code == 0
    assert rtcode("compare", PLANS / name, OLD).code == 0


def test_every_difference_has_its_words(rtcode: Runner) -> None:
    for one, other in [("V28_oropharynx_sgrt", "V82_chest_wall_mixed"), ("V92_proton_plan", "V95_brachytherapy")]:
        for difference in data(rtcode, PLANS / f"{one}.dcm", PLANS / f"{other}.dcm")["differences"]:
            assert difference["text"].startswith(ATTRIBUTES[difference["attribute"]].title)


def test_it_writes_a_file(rtcode: Runner, new: Path, tmp_path: Path) -> None:
    plain = rtcode("compare", OLD, new)
    ran = rtcode("compare", OLD, new, "-o", tmp_path / "out.txt", "--quiet", "--no-color")
    assert (ran.code, ran.out) == (0, "") and (tmp_path / "out.txt").read_text("utf-8") == plain.out
    refused = rtcode("compare", OLD, new, "-o", new)
    assert refused.code == 2


def test_a_finding_hides_the_warning_of_the_same_matter(rtcode: Runner, tmp_path: Path) -> None:
    """People read it once, with its cause beside it; JSON has both."""
    ds = pydicom.dcmread(OLD)
    ds.BeamSequence[0].FinalCumulativeMetersetWeight = "250"
    ds.save_as(tmp_path / "x.dcm")
    found = data(rtcode, OLD, tmp_path / "x.dcm")["integrity"]
    assert "weights_irregular" in [w["code"] for w in found["warnings_appeared"]]
    for form in ("text", "html"):
        out = rtcode("compare", OLD, tmp_path / "x.dcm", "--format", form).out
        assert "weights_end" in out and "weights_irregular" not in out
        assert "final meterset weight" in out


def test_metrics_that_changed_most_stand_first(rtcode: Runner, tmp_path: Path) -> None:
    ds = pydicom.dcmread(OLD)
    for device in ds.BeamSequence[0].ControlPointSequence[1].BeamLimitingDevicePositionSequence:
        values = [float(v) for v in device.LeafJawPositions]
        if len(values) > 2:
            values[len(values) // 4] -= 12.5
            device.LeafJawPositions = [f"{v:g}" for v in values]
    ds.save_as(tmp_path / "x.dcm")
    listed = rtcode("compare", OLD, tmp_path / "x.dcm").out.partition("Modulation metrics")[2].splitlines()[2:8]
    shares = [abs(b - a) / max(abs(a), abs(b)) for a, b in ([float(w) for w in line.split()[-2:]] for line in listed)]
    assert len(shares) == 6
    assert all(a > b - 1e-3 for a, b in pairwise(shares)), "four digits are shown"
    assert shares[0] > 2 * shares[-1]


def test_the_areas_of_a_block_are_areas(rtcode: Runner, tmp_path: Path) -> None:
    plan = PLANS / "V06_electron_bolus.dcm"
    ds = pydicom.dcmread(plan)
    block = ds.BeamSequence[0].BlockSequence[0]
    block.BlockData = [float(block.BlockData[0]) + 4, *block.BlockData[1:]]
    block.MaterialID = "LEAD"
    ds.BeamSequence[0].ReferencedBolusSequence[0].ReferencedROINumber = 99
    ds.save_as(tmp_path / "x.dcm")
    page = rtcode("compare", plan, tmp_path / "x.dcm", "--format", "html").out
    assert page.count(" mm2</td>") == 2 and "4 mm; area" in page
    told = {d["attribute"]: d["text"] for d in data(rtcode, plan, tmp_path / "x.dcm")["differences"]}
    assert told["block_details"].endswith("to LEAD (MaterialID)")
    assert told["bolus_details"].endswith("to 99 (ReferencedROINumber)")
