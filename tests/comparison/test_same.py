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
from rtcode.plan.model import PatientIdentity
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
