"""The same plan written in another way is the same; real plans, written anew, too."""

from __future__ import annotations

import warnings
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from rtcode.analysis import analyze
from rtcode.comparison.compare import compare
from rtcode.comparison.types import Comparison, PatientRelation, Verdict
from rtcode.dicom import read_plan
from rtcode.integrity.types import Finding, Found, Severity
from rtcode.plan.model import PatientIdentity, RTPlan
from tests.comparison.support import base, compared, found
from tests.conftest import PLANS
from tests.dicom.plans import ENCODINGS, beam, encode, name_of, plan

SMALL = sorted(p for p in PLANS.glob("V*.dcm"))[::9]


def of_bytes(old: bytes, new: bytes) -> Comparison:
    a, b = (analyze(read_plan(data, path=path)).results for data, path in ((old, "old"), (new, "new")))
    return compare(a.plans[0], b.plans[0], a.sessions, b.sessions)


def rewritten(path: Path, **changes: Any) -> bytes:
    """The file once more by pydicom, in explicit VR, with attributes of the data set changed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydicom.dcmread(path, force=True)
        for keyword, value in changes.items():
            setattr(ds, keyword, value)
        if not hasattr(ds, "file_meta"):
            ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        out = BytesIO()
        ds.save_as(out, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return out.getvalue()


@pytest.mark.parametrize("path", SMALL, ids=lambda p: p.stem)
def test_a_file_and_itself_are_identical(path: Path) -> None:
    data = path.read_bytes()
    comparison = of_bytes(data, data)
    assert comparison.verdict is Verdict.IDENTICAL
    assert not comparison.differences and not comparison.touched and comparison.confirmation.holds


@pytest.mark.parametrize("path", SMALL, ids=lambda p: p.stem)
def test_new_uids_and_another_transfer_syntax_are_the_same_content(path: Path) -> None:
    new = rewritten(path, SOPInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid())
    comparison = of_bytes(path.read_bytes(), new)
    assert comparison.verdict is Verdict.SAME_CONTENT
    assert {d.attribute for d in comparison.differences} == {"sop_instance_uid", "series_instance_uid"}
    assert not comparison.touched
    assert set(comparison.confirmation.broken_by) == {"bytes", "sop_instance_uid"}


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_the_encoding_means_nothing(encoding: Any) -> None:
    old, new = encode(plan([beam()])), encode(plan([beam()]), encoding)
    comparison = of_bytes(old, new)
    assert comparison.verdict is (Verdict.IDENTICAL if old == new else Verdict.SAME_CONTENT)
    if old != new:
        assert "everything that rtcode reads is equal" in comparison.remarks[0]


def test_other_number_texts_are_the_same() -> None:
    """The same values as ``1.25e+1``; rounded to fewer digits they are within tolerance."""
    ds = [plan([beam()]) for _ in range(3)]
    points = [one.BeamSequence[0].ControlPointSequence[0] for one in ds]
    points[0].IsocenterPosition = ["12.5", "-101.37", "-345.2"]
    points[1].IsocenterPosition = ["1.25e+1", "-1.0137e2", "-345.200"]
    points[2].IsocenterPosition = ["12.5", "-101.4", "-345.2"]
    data = [encode(one) for one in ds]
    assert of_bytes(data[0], data[1]).verdict is Verdict.SAME_CONTENT
    rounded = of_bytes(data[0], data[2])
    assert rounded.verdict is Verdict.WITHIN_TOLERANCE
    (one,) = rounded.within
    assert one.attribute == "isocenter" and one.amount == pytest.approx(0.03)


def test_a_private_attribute_is_outside_of_what_is_read_and_that_is_said() -> None:
    one, other = plan([beam()]), plan([beam()])
    other.add_new(0x30110010, "LO", "SOMEBODY")
    other.add_new(0x30111001, "LO", "something else")
    comparison = of_bytes(encode(one), encode(other))
    assert comparison.verdict is Verdict.SAME_CONTENT
    assert "outside of what rtcode reads" in comparison.remarks[0]
    assert any("private" in text for text in comparison.unread)


@pytest.mark.parametrize("name", ["sop_instance_uid", "series_instance_uid", "study_instance_uid"])
@pytest.mark.parametrize("value", ["", None])
def test_a_uid_that_is_lost_is_no_new_uid(name: str, value: str | None) -> None:
    given = base(**{name: "1.2.3.4.5"})
    for old, new in ((given, base(**{name: value})), (base(**{name: value}), given)):
        comparison = compared(old, new)
        assert comparison.verdict is Verdict.DIFFERENT and found(comparison) == {name} and not comparison.matters
    assert compared(given, base(**{name: "1.2.3.4.6"})).verdict is Verdict.SAME_CONTENT


# --------------------------------------------------------------------------------------- what else speaks of the plans


def with_finding(plan: RTPlan, severity: Severity, *, old: RTPlan) -> Comparison:
    """Compared where a check finds something in NEW alone."""
    found = Finding("site_check", severity, Found("something is odd", beams=(1,)), "")
    a = analyze(old).results
    b = analyze(replace(plan, source=replace(plan.source, sha256="f" * 64))).results
    before, after = a.plans[0], b.plans[0]
    assert after.integrity is not None
    after = replace(after, integrity=replace(after.integrity, findings=(*after.integrity.findings, found)))
    return compare(before, after, a.sessions, b.sessions)


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_plans_of_which_only_one_has_a_finding_are_not_the_same(severity: Severity) -> None:
    comparison = with_finding(base(), severity, old=base())
    assert comparison.verdict is Verdict.DIFFERENT and comparison.matters
    (one,) = comparison.beyond
    assert (one.attribute, one.new, one.note) == ("findings", ("site_check",), "in NEW only")


def test_a_note_leaves_the_verdict_alone_and_so_does_a_finding_beside_its_difference() -> None:
    assert with_finding(base(), Severity.NOTE, old=base()).verdict is Verdict.SAME_CONTENT
    assert found(with_finding(base(label="OTHER"), Severity.ERROR, old=base())) == {"label"}


def test_a_finding_about_several_beams_stays_where_one_of_them_is_gone() -> None:
    twins = {n: {"name": "FIELD"} for n in (1, 2, 3)}
    comparison = compared(base(twins), base(twins, without=(2,)))
    checks = [f.check for f in (*comparison.findings.appeared, *comparison.findings.disappeared)]
    assert "beam_name_repeated" not in checks
    comparison = compared(base(twins), base({1: {"name": "FIELD"}}))
    assert "beam_name_repeated" in [f.check for f in comparison.findings.disappeared]


def test_the_same_file_given_twice_is_told_as_that() -> None:
    one = base()
    assert compared(one, one).remarks == ("OLD and NEW were given under the same name: nothing could differ.",)
    other = compared(one, replace(one, source=replace(one.source, path="copy.dcm")))
    assert not any("same name" in text for text in other.remarks)


def test_a_value_that_only_one_plan_can_not_be_read_is_no_same_content() -> None:
    """A rotation direction that is no term, of a gantry that stands: no difference of the delivery tells it."""
    one, other = plan([beam()]), plan([beam()])
    one.BeamSequence[0].ControlPointSequence[0].GantryRotationDirection = "NONE"
    other.BeamSequence[0].ControlPointSequence[0].GantryRotationDirection = "LEFT"
    comparison = of_bytes(encode(one), encode(other))
    assert comparison.verdict is Verdict.DIFFERENT
    told = {d.attribute: d.new for d in comparison.beyond}
    assert told.pop("unreadable") == ("direction_unknown",) and told.keys() <= {"findings"}


# ------------------------------------------------------------------------------------------------------------- patients


def identity(**fields: str | None) -> PatientIdentity:
    return PatientIdentity(**{"id": "P1", "name": "Doe^Test", "birth_date": "19500101"} | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "relation", "told"),
    [
        (identity(id="P2"), PatientRelation.DIFFERENT, {"patient_id"}),
        (identity(id=" P1 "), PatientRelation.SAME, set()),
        (identity(id=""), PatientRelation.UNKNOWN, {"patient_id"}),
        (identity(name="DOE^TEST^^"), PatientRelation.SAME, set()),
        (identity(name="Roe^Test"), PatientRelation.SAME, {"patient_name"}),
        (identity(birth_date="19500102"), PatientRelation.SAME, {"patient_birth_date"}),
    ],
)
def test_whose_plans(new: PatientIdentity, relation: PatientRelation, told: set[str]) -> None:
    comparison = compared(base(), replace(base(), patient=new))
    assert comparison.patient is relation and found(comparison) == told
    assert (comparison.verdict is Verdict.DIFFERENT_PATIENT) is (relation is PatientRelation.DIFFERENT)
    if told:
        assert comparison.differences[0].attribute in told, "first of all"


def test_the_same_bytes_are_identical_whoever_they_belong_to() -> None:
    one = replace(base(), patient=identity(id=None))
    assert compared(one, one).verdict is Verdict.IDENTICAL


# ----------------------------------------------------------------------------------------------------------- real plans


@pytest.mark.slow
def test_real_plans_written_anew_are_the_same_content(real_plans_dir: Path) -> None:
    paths = sorted(real_plans_dir.rglob("*.dcm"))[::4]
    assert paths
    for path in paths:
        new = rewritten(path, SOPInstanceUID=generate_uid())
        comparison = of_bytes(path.read_bytes(), new)
        assert comparison.verdict is Verdict.SAME_CONTENT, path.name
        assert not comparison.touched, path.name


def test_different_real_plans_compare_both_ways(real_plans_dir: Path) -> None:
    paths = sorted(real_plans_dir.rglob("*.dcm"))[::5]
    results = [analyze(read_plan(path.read_bytes(), path=path.name)).results for path in paths]
    for a, b in pairwise(results):
        forward = compare(a.plans[0], b.plans[0], a.sessions, b.sessions)
        back = compare(b.plans[0], a.plans[0], b.sessions, a.sessions)
        assert forward.verdict is back.verdict
        assert len(forward.differences) == len(back.differences)
        assert {frozenset((id(p.old), id(p.new))) for p in forward.beams if p.old and p.new} == {
            frozenset((id(p.old), id(p.new))) for p in back.beams if p.old and p.new
        }
