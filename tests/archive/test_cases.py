"""Cases: which plans of one patient are found, which are not, and that what they become is what `analyze` says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydantic import TypeAdapter
from pydicom.dataset import Dataset as Dicom
from pydicom.uid import generate_uid

from rtcode import analyze
from rtcode.archive.candidates import DAYS, MOST_TOGETHER
from rtcode.archive.cases import case_lines
from rtcode.archive.database import connect
from rtcode.archive.dataset import open_all, store_path
from rtcode.archive.links import label_stem
from rtcode.archive.patients import MOST_PLANS
from rtcode.errors import UsageError
from rtcode.outputs.case_contract import CaseLine, CasesLine, cases_dict
from rtcode.outputs.case_text import render_cases_text
from rtcode.outputs.layout import WIDTH
from tests.archive.support import everything_below, image, scan
from tests.conftest import PLANS

LEVELS = ("none", "uid", "full")
FRAME, STUDY = "1.2.3.4.1", "1.2.3.4.2"
SINGLE = "V11_lumbar_open"
PHOTONS, ELECTRONS, VMAT = "V29_breast_tangents_wedge", "V05_electron_boost", "V24_prostate_vmat"


def plan(
    folder: Path,
    name: str,
    fixture: str,
    change: Callable[[Dicom], object] = lambda data: None,
    *,
    patient: str = "CANARY-PATIENT",
    date: str = "20260302",
    label: str | None = None,
    fractions: int | None = None,
    frame: str = FRAME,
    study: str = STUDY,
    shift: tuple[float, float, float] | None = None,
) -> Path:
    """A plan made from a fixture.

    Parameters
    ----------
    shift
        Where all isocenters are (mm).
    """
    data = pydicom.dcmread(PLANS / f"{fixture}.dcm")
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[name])
    data.PatientID, data.RTPlanDate = patient, date
    data.FrameOfReferenceUID, data.StudyInstanceUID = frame, study
    if label is not None:
        data.RTPlanLabel = label
    if fractions is not None:
        for group in data.FractionGroupSequence:
            group.NumberOfFractionsPlanned = fractions
    if shift is not None:
        for beam in data.BeamSequence:
            for point in beam.ControlPointSequence:
                if "IsocenterPosition" in point:
                    point.IsocenterPosition = list(shift)
    change(data)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.dcm"
    data.save_as(path)
    return path


def numbered_from(first: int) -> Callable[[Dicom], object]:
    """Beams numbered from there on, as where one plan goes on in another file."""

    def change(data: Dicom) -> None:
        new = {int(beam.BeamNumber): first + place for place, beam in enumerate(data.BeamSequence)}
        for beam in data.BeamSequence:
            beam.BeamNumber = new[int(beam.BeamNumber)]
        for group in data.FractionGroupSequence:
            for reference in group.ReferencedBeamSequence:
                reference.ReferencedBeamNumber = new[int(reference.ReferencedBeamNumber)]

    return change


def relates(path: Path, other: Path, relationship: str) -> None:
    """Have a plan name another."""
    data, named = pydicom.dcmread(path), pydicom.dcmread(other)
    item = Dicom()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = named.SOPClassUID, named.SOPInstanceUID
    item.RTPlanRelationship = relationship
    data.ReferencedRTPlanSequence = [item]
    data.save_as(path)


def found(*folders: Path, days: int = DAYS, workers: int = 0) -> list[CasesLine]:
    with ExitStack() as stack:
        datasets = [stack.enter_context(closing(one)) for folder in folders for one in open_all(folder)]
        lines = list(case_lines(datasets, days=days, workers=workers))
    assert lines[0]["type"] == "header" and lines[-1]["type"] == "summary"
    return lines


def cases(tmp_path: Path, source: Path, **options: Any) -> list[CaseLine]:
    """Cases of a scan, made anew."""
    shutil.rmtree(tmp_path / "ds", ignore_errors=True)
    scan(tmp_path / "ds", source, **options)
    return [line for line in found(tmp_path / "ds") if line["type"] == "case"]


def names(case: CaseLine) -> list[str]:
    return [Path(member["path"]).stem for member in case["members"]]


def agrees(case: CaseLine) -> None:
    """What a case becomes is what `analyze` says of its members' files."""
    paths = [member["path"] for member in case["members"]]
    results = analyze(paths, same_session=case["joined_by"] == "request").results
    joined = {d.session.id: d.suggestion for d in results.sessions if d.session.joined_by}
    assert len(case["together"]) == len(joined) > 0
    for together in case["together"]:
        said = joined[together["id"]]
        assert (together["status"], together["level"], together["floor"], together["ceiling"]) == (
            (said.status.value, said.level, said.floor, said.ceiling)
        )
        assert [question["id"] for question in together["questions"]] == [question.id for question in said.questions]
        assert together["decided_by"] == list(said.decided_by)
    alone = {d.session.id: d.suggestion for path in paths for d in analyze(path).results.sessions}
    for member in case["members"]:
        for session in member["sessions"]:
            assert (session["status"], session["level"]) == (
                alone[session["id"]].status.value,
                alone[session["id"]].level,
            )


# ------------------------------------------------------------------------------------------------------ what is a case


def test_photons_and_an_electron_boost_of_one_day(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "photons", PHOTONS)
    plan(source, "electrons", ELECTRONS, shift=(85, -60, 15))
    (case,) = cases(tmp_path, source)
    assert names(case) == ["electrons", "photons"] and case["reasons"] == ["photons_and_electrons"]
    assert [session["level"] for member in case["members"] for session in member["sessions"]] == [1, 2]
    assert case["difference"] == {
        "level_alone": 2, "status_alone": "supported", "level_together": 3, "status_together": "supported",
        "change": "higher",
    }  # fmt: skip
    # 16 fractions and 4 of what calls itself a boost
    assert case["same_day"] == "unlikely" and case["days_apart"] == 0
    agrees(case)


def test_electrons_for_as_many_fractions_may_share_the_day(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "photons", PHOTONS)
    plan(source, "electrons", ELECTRONS, label="IMN", fractions=16, shift=(85, -60, 15), date="20260305")
    (case,) = cases(tmp_path, source)
    assert case["same_day"] == "possible" and case["days_apart"] == 3
    agrees(case)


def test_electrons_far_away_ask_about_the_volume(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "photons", PHOTONS)
    plan(source, "electrons", ELECTRONS, label="scalp", fractions=16, frame="", shift=(85, -60, 15))
    (case,) = cases(tmp_path, source)
    assert case["difference"]["change"] == "status" and case["together"][0]["ceiling"] == 3
    assert "same_volume" in [question["id"] for question in case["together"][0]["questions"]]
    agrees(case)


@pytest.mark.parametrize(("days", "count"), [(DAYS, 1), (DAYS + 1, 0)])
def test_electrons_that_are_planned_later_follow(tmp_path: Path, days: int, count: int) -> None:
    source = tmp_path / "in"
    plan(source, "photons", PHOTONS, date="20260302")
    plan(source, "electrons", ELECTRONS, shift=(85, -60, 15), date=f"202603{2 + days}")
    assert len(cases(tmp_path, source)) == count
    assert sum(line["type"] == "case" for line in found(tmp_path / "ds", days=days)) == 1


def test_electrons_on_other_images_are_no_case(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "photons", PHOTONS)
    plan(source, "electrons", ELECTRONS, frame="1.2.3.9")
    assert cases(tmp_path, source) == []


def test_concurrent_plans(tmp_path: Path) -> None:
    source = tmp_path / "in"
    one = plan(source, "one", VMAT)
    two = plan(source, "two", VMAT, shift=(2, 10, 200), date="20260401", frame=FRAME)
    relates(one, two, "CONCURRENT")
    (case,) = cases(tmp_path, source)
    assert (case["reasons"], case["same_day"], case["joined_by"]) == (["concurrent"], "named", "concurrent")
    assert case["difference"]["level_together"] == 3 and case["days_apart"] == 30
    agrees(case)


def test_a_concurrent_plan_that_is_there_settles_the_question(tmp_path: Path) -> None:
    """Alone each is provisional for want of the other."""
    source = tmp_path / "in"
    one, two = plan(source, "one", VMAT), plan(source, "two", VMAT, numbered_from(4))
    relates(one, two, "CONCURRENT")
    relates(two, one, "CONCURRENT")
    (case,) = cases(tmp_path, source)
    assert case["reasons"] == ["concurrent", "parts"]
    assert case["difference"] == {
        "level_alone": 2, "status_alone": "provisional", "level_together": 2, "status_together": "supported",
        "change": "status",
    }  # fmt: skip
    agrees(case)


def test_a_split_export_with_two_isocenters(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "a", VMAT)
    plan(source, "b", VMAT, numbered_from(4), shift=(2, 10, 120))
    (case,) = cases(tmp_path, source)
    assert case["reasons"] == ["parts", "isocenters"] and case["same_day"] == "possible"
    assert case["difference"]["level_together"] == 3
    agrees(case)


def test_parts_that_only_their_labels_tell(tmp_path: Path) -> None:
    """Single fields of a plan, each in a file that counts its beams anew."""
    source = tmp_path / "in"
    for number in range(1, 4):
        plan(source, str(number), SINGLE, turned(number * 100.0), label=f"Spine {number}of3")
    (case,) = cases(tmp_path, source)
    assert case["reasons"] == ["parts"] and len(case["members"]) == 3
    assert (case["difference"]["level_alone"], case["difference"]["level_together"]) == (1, 2)
    agrees(case)


def turned(gantry: float) -> Callable[[Dicom], object]:
    """Only the first field, from there."""

    def change(data: Dicom) -> None:
        data.BeamSequence = data.BeamSequence[:1]
        (group,) = data.FractionGroupSequence
        group.ReferencedBeamSequence = group.ReferencedBeamSequence[:1]
        group.NumberOfBeams = 1
        for point in data.BeamSequence[0].ControlPointSequence:
            if "GantryAngle" in point:
                point.GantryAngle = gantry

    return change


def test_two_targets_of_one_day(tmp_path: Path) -> None:
    """Also on two image sets, where the isocenters cannot be compared."""
    source = tmp_path / "in"
    for name in ("brain", "lung"):
        shutil.copy(PLANS / "V75" / f"{name}.dcm", plan(source, name, VMAT))
    (case,) = cases(tmp_path, source)
    assert case["reasons"] == ["isocenters"] and case["difference"]["level_together"] == 3
    agrees(case)


# ---------------------------------------------------------------------------------------------------- what is no case


def test_a_re_plan_is_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "old", VMAT, label="Prostate")
    plan(source, "new", VMAT, label="Prostate:1", shift=(2, 30, -95))
    plan(source, "late", VMAT, label="Prostate new", shift=(2, 60, -95), date="20260320")
    assert cases(tmp_path, source) == []


def test_a_plan_that_names_the_one_that_it_replaces_is_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    old, new = plan(source, "old", VMAT), plan(source, "new", VMAT, label="B", shift=(2, 40, -95))
    assert len(cases(tmp_path, source)) == 1
    relates(new, old, "PRIOR")
    assert cases(tmp_path, source) == []
    assert found(tmp_path / "ds")[-1]["groups"] == 1  # type: ignore[typeddict-item]


def test_a_boost_is_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "initial", VMAT, label="Pelvis", fractions=25)
    plan(source, "boost", VMAT, label="Prostate boost", fractions=5, shift=(2, 40, -95))
    assert cases(tmp_path, source) == []


def test_other_machines_are_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "one", VMAT)
    plan(source, "two", VMAT, on("LINAC_Z"), label="B", shift=(2, 40, -95))
    assert cases(tmp_path, source) == []


def on(machine: str) -> Callable[[Dicom], object]:
    def change(data: Dicom) -> None:
        for beam in data.BeamSequence:
            beam.TreatmentMachineName = machine

    return change


def test_different_patients_with_one_label_are_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "one", VMAT)
    plan(source, "two", VMAT, patient="CANARY-OTHER", shift=(2, 40, -95))
    relates(source / "one.dcm", source / "two.dcm", "CONCURRENT")
    assert cases(tmp_path, source) == []
    assert found(tmp_path / "ds")[-1]["patients"] == 0  # type: ignore[typeddict-item]


def test_an_electron_plan_goes_with_the_version_that_stands(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for number in range(3):
        plan(source, f"photons{number}", PHOTONS, label=f"Breast:{number}", date=f"2026030{number + 1}")
    plan(source, "electrons", ELECTRONS, shift=(85, -60, 15))
    (case,) = cases(tmp_path, source)
    assert names(case) == ["electrons", "photons2"]
    assert [Path(path).stem for path in case["members"][1]["versions"]] == ["photons0", "photons1"]


# ------------------------------------------------------------------------------------------------------ many and large


def test_a_patient_with_thirty_plans(tmp_path: Path) -> None:
    """Work is bounded by groups, not by pairs."""
    source = tmp_path / "in"
    for number in range(14):
        plan(source, f"re{number}", VMAT, label=f"Prostate v{number}")
    for number in range(14):
        plan(source, f"later{number}", PHOTONS, label=f"site {number}", date=f"2025{number % 12 + 1:02}{number + 1:02}")
    plan(source, "x", PHOTONS, date="20260401")
    plan(source, "y", ELECTRONS, date="20260402", shift=(85, -60, 15))
    (case,) = cases(tmp_path, source)
    assert names(case) == ["x", "y"]
    summary = found(tmp_path / "ds")[-1]
    assert summary["type"] == "summary" and (summary["plans"], summary["patients"]) == (30, 1)
    assert summary["groups"] <= 3 and summary["not_judged"] == 0


def test_more_plans_than_a_session_has_are_told_and_not_judged(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for number in range(MOST_TOGETHER + 1):
        plan(source, f"p{number:02}", VMAT, label=f"target {number}.", shift=(2, 10, 40.0 * number))
    scan(tmp_path / "ds", source)
    (line,) = found(tmp_path / "ds")[1:-1]
    assert line["type"] == "not_judged" and line["code"] == "too_many_plans" and line["plans"] == MOST_TOGETHER + 1
    assert "target" not in json.dumps(line)


def test_an_id_that_many_share_is_no_patient(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "one", VMAT)
    scan(tmp_path / "ds", source)
    with closing(connect(store_path(tmp_path / "ds"), write=True)) as db:
        db.executemany(
            "INSERT INTO plan (sha256, uid, patient, concurrent, part, warned) SELECT ?, ?, patient, '', 0, 0 FROM plan"
            " LIMIT 1",
            [(number.to_bytes(32, "big"), f"1.9.{number}") for number in range(MOST_PLANS)],
        )
    (line,) = found(tmp_path / "ds")[1:-1]
    assert line["type"] == "not_judged" and line["plans"] == MOST_PLANS + 1


def test_a_plan_whose_content_is_not_kept(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "one", VMAT)
    plan(source, "two", VMAT, label="B", shift=(2, 40, -95))
    scan(tmp_path / "ds", source)
    with closing(connect(store_path(tmp_path / "ds"), write=True)) as db:
        db.execute("UPDATE plan SET packed = NULL WHERE id = 1")
    (line,) = found(tmp_path / "ds")[1:-1]
    assert line["type"] == "not_judged" and line["code"] == "not_kept" and len(line["paths"]) == 2


# -------------------------------------------------------------------------------------------- identity and identifiers


def test_plans_without_a_patient_id(tmp_path: Path) -> None:
    """Of one patient by their study or frame of reference; of two patients' frames none is chosen."""
    source = tmp_path / "in"
    plan(source, "one", VMAT, patient="")
    plan(source, "two", VMAT, patient="", label="B", shift=(2, 40, -95), study="1.2.3.8")
    plan(source, "other", VMAT, patient="", label="C", shift=(2, 80, -95), study="1.2.3.8.1", frame="1.2.3.8.2")
    (case,) = cases(tmp_path, source)
    assert names(case) == ["one", "two"] and case["patient"] is None
    agrees(case)
    plan(source, "named", VMAT, label="D", shift=(2, 120, -95), study="1.2.3.7")
    (case,) = cases(tmp_path, source)
    assert names(case) == ["named", "one", "two"] and case["patient"]
    plan(source, "also", VMAT, patient="CANARY-OTHER", label="E", shift=(2, 160, -95), study="1.2.3.6")
    (case,) = cases(tmp_path, source)
    assert names(case) == ["one", "two"] and case["patient"] is None


def mixed_archive(source: Path) -> None:
    for patient in ("CANARY-A", "CANARY-B"):
        plan(source, f"{patient}1", PHOTONS, patient=patient)
        plan(source, f"{patient}2", ELECTRONS, patient=patient, shift=(85, -60, 15), date="20260310")
    plan(source, "far", ELECTRONS, patient="CANARY-B", label="late", shift=(85, -60, 15), date="20260601")
    one, two = plan(source, "c1", VMAT), plan(source, "c2", VMAT, label="B", shift=(2, 40, -95))
    relates(one, two, "CONCURRENT")
    for number in (1, 2):
        plan(source, f"d{number}", VMAT, numbered_from(4 * number), patient="CANARY-D", shift=(2, 10, 90.0 * number))
    for number in range(1, 4):
        label = f"Spine {number}of3"
        plan(source, f"e{number}", SINGLE, turned(number * 100.0), patient="CANARY-E", label=label)
    plan(source, "f1", VMAT, patient="")
    plan(source, "f2", VMAT, patient="", label="B", shift=(2, 40, -95))


def test_every_level_of_identifiers_gives_the_same_cases(tmp_path: Path) -> None:
    source = tmp_path / "in"
    mixed_archive(source)
    said = []
    for level in LEVELS:
        of_level = cases(tmp_path, source, identifiers=level)
        said.append(
            sorted(
                (
                    case["id"], case["patient"], case["reasons"], case["same_day"], case["days_apart"],
                    case["together"], case["difference"], sorted(member["sha256"] for member in case["members"]),
                )
                for case in of_level
            )
        )  # fmt: skip
        text = json.dumps(of_level)
        assert "CANARY" not in text.replace("/in/CANARY", "")
        if level == "none":
            assert all(m["label"] is None and m["date"] is None for case in of_level for m in case["members"])
            assert str(tmp_path) not in text and "1.2.3.4" not in text
    # without a PatientID the frame of f1 and f2, which is that of several patients, joins them alone
    assert len(said[0]) == 6
    # a plan without PatientID has no date under `none`
    assert [one[:4] + one[5:] for one in said[0]] == [one[:4] + one[5:] for one in said[1]]
    assert said[1] == said[2]


def test_dates_are_not_kept_under_none(tmp_path: Path) -> None:
    """The days of a patient are moved, and other patients' by another number."""
    source = tmp_path / "in"
    plan(source, "a1", VMAT, patient="CANARY-A")
    plan(source, "a2", VMAT, patient="CANARY-A", date="20260309")
    plan(source, "b1", VMAT, patient="CANARY-B")
    days = {}
    for level in LEVELS:
        scan(tmp_path / level, source, identifiers=level)
        with closing(connect(store_path(tmp_path / level), write=False)) as db:
            days[level] = [day for (day,) in db.execute("SELECT day FROM plan ORDER BY sha256")]
    assert days["uid"] == days["full"] and sorted(days["uid"])[2] - sorted(days["uid"])[0] == 7
    assert not set(days["none"]) & set(days["uid"])
    moved = [a - b for a, b in zip(days["none"], days["uid"], strict=True)]
    assert len(set(moved)) == 2
    for path, content in everything_below(tmp_path / "none"):
        assert b"CANARY" not in content, path.name


def test_a_key_of_its_own_for_each_shard_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in"
    plan(source, "one", VMAT)
    for name in ("shard-1-of-2", "shard-2-of-2"):
        scan(tmp_path / "ds" / name, source)
    assert found(tmp_path / "ds")[-1]["plans"] == 1  # type: ignore[typeddict-item]
    with closing(connect(store_path(tmp_path / "ds" / "shard-1-of-2"), write=True)) as db:
        header = json.loads(db.execute("SELECT value FROM meta WHERE name = 'header'").fetchone()[0])
        db.execute("UPDATE meta SET value = ? WHERE name = 'header'", (json.dumps({**header, "key": "other"}),))
    with pytest.raises(UsageError, match="different keys"):
        found(tmp_path / "ds")


def test_cases_reach_across_shards(tmp_path: Path) -> None:
    plan(tmp_path / "in1", "photons", PHOTONS)
    plan(tmp_path / "in2", "electrons", ELECTRONS, shift=(85, -60, 15))
    for number in (1, 2):
        scan(tmp_path / "ds" / f"shard-{number}-of-2", tmp_path / f"in{number}")
    (_, case, _) = found(tmp_path / "ds")
    assert case["type"] == "case" and names(case) == ["photons", "electrons"]


# ------------------------------------------------------------------------------------------------------------ and so on


def test_copies_conflicts_and_failures_are_no_members(tmp_path: Path) -> None:
    source = tmp_path / "in"
    one = plan(source, "one", VMAT)
    shutil.copy(one, source / "a copy.dcm")
    two = plan(source, "two", VMAT, label="B", shift=(2, 40, -95))
    image(source / "CT1")
    (case,) = cases(tmp_path, source)
    assert names(case) == ["a copy", "two"]
    data = pydicom.dcmread(two)
    data.RTPlanLabel = "changed"
    data.save_as(source / "conflict.dcm")
    assert cases(tmp_path, source) == []


def test_the_datasets_rules_hold(tmp_path: Path) -> None:
    """Policy and answers are those that the dataset was scanned with."""
    source = tmp_path / "in"
    plan(source, "photons", PHOTONS)
    plan(source, "electrons", ELECTRONS, shift=(85, 60, 15))
    policy = tmp_path / "site.toml"
    policy.write_text('name = "site"\n[values]\nsame_site_mm = 50\n')
    (case,) = cases(tmp_path, source)
    assert case["difference"]["level_together"] == 3
    (case,) = cases(tmp_path, source, policy=str(policy))
    assert (case["difference"]["level_together"], case["difference"]["change"]) == (2, "status")
    policy.unlink()
    assert any(line["type"] == "case" for line in found(tmp_path / "ds"))
    (case,) = cases(tmp_path, source, answers=[("same_volume", "no")]) or [None]  # type: ignore[list-item]
    assert case is None


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(tmp_path / "in", "one", VMAT)
    scan(tmp_path / "ds", tmp_path / "in")
    monkeypatch.setattr("rtcode.archive.cases.__version__", "9.9")
    with pytest.raises(UsageError, match="another version"):
        found(tmp_path / "ds")


def test_workers_give_the_same(tmp_path: Path) -> None:
    mixed_archive(tmp_path / "in")
    scan(tmp_path / "ds", tmp_path / "in")
    assert found(tmp_path / "ds", workers=1) == found(tmp_path / "ds")


def test_the_forms_of_the_output(tmp_path: Path) -> None:
    mixed_archive(tmp_path / "in")
    scan(tmp_path / "ds", tmp_path / "in")
    lines = found(tmp_path / "ds")
    for line in lines:
        TypeAdapter(CasesLine).validate_python(line)
    data = cases_dict(lines)
    assert len(data["cases"]) == data["summary"]["cases"] == 6
    text = render_cases_text(lines)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.index("given together, as the plans say") < text.index("Case ") and "confirms" in text
    # what the plans say comes first, what is unlikely last
    order = [
        case["id"] for word in ("named", "possible", "unlikely") for case in data["cases"] if case["same_day"] == word
    ]
    assert [word.rstrip(":") for word in text.split() if word.rstrip(":") in order] == order


@pytest.mark.parametrize(
    ("label", "stem", "part"),
    [
        ("Breast", "BREAST", False),
        ("Breast 1of2", "BREAST", True),
        ("breast (2/2)", "BREAST", True),
        ("CSI part 2", "CSI", True),
        ("CSI_Teil1", "CSI", True),
        ("Breast 12/26", "BREAST 12/26", False),
        ("Breast:12", "BREAST", False),
        ("Pelvis rev2", "PELVIS", False),
        ("Lung_v3", "LUNG", False),
        ("Brain_1", "BRAIN_1", False),
        ("Lt 3", "LT 3", False),
        ("1of2", "1OF2", False),
        ("", "", False),
    ],
)
def test_labels(label: str, stem: str, part: bool) -> None:
    assert label_stem(label) == (stem, part)


def test_real_plans(tmp_path: Path, real_plans_dir: Path) -> None:
    """One treatment of five isocenters in five files that name one another, and one phantom plan in six files."""
    of_all = cases(tmp_path, real_plans_dir)
    assert sorted((case["same_day"], len(case["members"])) for case in of_all) == [("named", 5), ("possible", 6)]
    for case in of_all:
        assert case["difference"]["level_together"] == 3
        agrees(case)
