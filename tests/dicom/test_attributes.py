"""Attributes that only integrity checks and comparisons ask for: dates, tolerances, the target's maximum dose."""

from __future__ import annotations

import pytest

from rtcode.dicom import read_plan
from rtcode.plan.model import Missing, RTPlan
from tests.dicom.judge import disagreements, load
from tests.dicom.plans import ENCODINGS, Encoding, encode, item, name_of, plan


def written(encoding: Encoding | None = None, **more: object) -> tuple[bytes, RTPlan]:
    data = encode(plan(**more), encoding)
    return data, read_plan(data)


FULL = {
    "StudyDate": "20260301",
    "ReviewDate": "20260302",
    "ToleranceTableSequence": [
        item(
            ToleranceTableNumber=1,
            ToleranceTableLabel="T TREAT",
            GantryAngleTolerance="0.5",
            BeamLimitingDeviceAngleTolerance="1",
            PatientSupportAngleTolerance="2",
            TableTopVerticalPositionTolerance="10",
            TableTopLongitudinalPositionTolerance="20",
            TableTopLateralPositionTolerance="",
        ),
        item(ToleranceTableNumber=2),
    ],
    "DoseReferenceSequence": [
        item(
            DoseReferenceNumber=1,
            DoseReferenceStructureType="SITE",
            DoseReferenceType="TARGET",
            TargetPrescriptionDose="50",
            TargetMaximumDose="53.5",
        ),
        item(
            DoseReferenceNumber=2,
            DoseReferenceStructureType="SITE",
            DoseReferenceType="TARGET",
            TargetMaximumDose="5000",
        ),
    ],
}


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_they_are_read_as_written(encoding: Encoding) -> None:
    data, read = written(encoding, **FULL)
    assert (read.study_date, read.review_date) == ("20260301", "20260302")
    full, empty = read.tolerance_tables
    assert (full.gantry_deg, full.collimator_deg, full.couch_deg) == (0.5, 1.0, 2.0)
    assert (full.table_vertical_mm, full.table_longitudinal_mm, full.table_lateral_mm) == (10.0, 20.0, Missing.EMPTY)
    assert {empty.gantry_deg, empty.table_vertical_mm} == {Missing.ABSENT}
    assert [reference.target_maximum_gy for reference in read.dose_references] == [53.5, Missing.INVALID]
    if encoding.form == "file":
        assert not disagreements(read, load(data))


def test_they_may_be_absent_or_empty() -> None:
    _, absent = written()
    assert absent.study_date is None and absent.review_date is None
    _, empty = written(StudyDate="", ReviewDate="")
    assert empty.study_date == "" and empty.review_date == ""
