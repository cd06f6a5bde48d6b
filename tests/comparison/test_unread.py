"""Every kind of attribute in a few plans changed alone: what a comparison passes over is listed here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from rtcode.analysis import analyze
from rtcode.coding.results import Results
from rtcode.comparison.compare import compare
from rtcode.comparison.types import Verdict
from rtcode.dicom import read_plan
from rtcode.errors import InputError
from tests.conftest import PLANS

PLANS_READ = ("V29", "V06", "V50", "V24")
#: Says who made the object, when and where; of the patient and the images what the plan's own references say.
ADMINISTRATION = {
    "AccessionNumber",
    "DeviceSerialNumber",
    "InstanceCreationDate",
    "InstanceCreationTime",
    "InstanceNumber",
    "InstitutionAddress",
    "InstitutionName",
    "InstitutionalDepartmentName",
    "OperatorsName",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientComments",
    "PatientSex",
    "PhysiciansOfRecord",
    "PositionReferenceIndicator",
    "RTPlanTime",
    "ReferencedSOPClassUID",
    "ReferringPhysicianName",
    "ReviewTime",
    "ReviewerName",
    "SeriesNumber",
    "SpecificCharacterSet",
    "StationName",
    "StudyDescription",
    "StudyID",
    "StudyTime",
}
#: Of the object itself, listed and not counted.
OWN = {"SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "DoseReferenceUID"}
#: Clinical, and named in docs/compare.md as not compared.
NOT_READ = {
    "BeamDosePointDepth",
    "BeamDosePointEquivalentDepth",
    "BeamDosePointSSD",
    "BeamDoseSpecificationPoint",
    "BlockNumber",
    "BlockNumberOfPoints",
    "CompensatorNumber",
    "CumulativeDoseReferenceCoefficient",
    "DoseReferencePointCoordinates",
    "GeneralAccessoryNumber",
    "ReferencedDoseReferenceNumber",
    "ReferencedDoseReferenceSequence",
    "ShieldingDeviceLabel",
    "TableTopEccentricRotationDirection",
    "TableTopPitchRotationDirection",
    "TableTopRollRotationDirection",
}


def elements(ds: Dataset, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], DataElement]]:
    for element in ds:
        if element.tag.is_private:
            continue
        here = (*path, element.keyword)
        yield here, element
        if element.VR == "SQ":
            for item in element.value:
                yield from elements(item, here)


def change(element: DataElement) -> bool:
    """Give the attribute another value; False where it has none to change."""
    value = element.value
    if element.VR == "SQ":
        if not value:
            return False
        del value[-1]
    elif element.VR in ("DS", "IS", "FL", "FD"):
        numbers = list(value) if element.VM > 1 else [value or 0]
        numbers[0] = float(numbers[0]) + 3
        element.value = numbers if element.VR in ("FL", "FD") else [f"{float(n):g}" for n in numbers]
    elif element.VR == "UI":
        element.value = "1.2.3.4.5.6.7"
    elif element.VR == "DA":
        element.value = "19990101"
    elif element.VR == "TM":
        element.value = "010203"
    else:
        element.value = "CHANGED"
    return True


def read(ds: Dataset) -> Results:
    out = BytesIO()
    ds.save_as(out)
    return analyze(read_plan(out.getvalue(), path="x.dcm")).results


@pytest.mark.parametrize("name", PLANS_READ)
def test_what_changes_is_told_or_listed(name: str) -> None:
    (path,) = PLANS.glob(f"{name}_*.dcm")
    passed = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = pydicom.dcmread(path)
        old = read(whole)
        kinds = list(dict.fromkeys(found for found, _ in elements(whole)))
        for kind in kinds:
            ds = pydicom.dcmread(path)
            element = next(e for found, e in elements(ds) if found == kind)
            if not change(element):
                continue
            try:
                new = read(ds)
            except InputError:
                continue
            if not new.plans:
                continue
            comparison = compare(old.plans[0], new.plans[0], old.sessions, new.sessions)
            if comparison.verdict is Verdict.SAME_CONTENT:
                passed.add(kind[-1])
    assert passed <= ADMINISTRATION | OWN | NOT_READ
    assert len(kinds) > 100


def test_what_is_not_read_is_documented() -> None:
    page = (PLANS.parents[1] / "docs" / "compare.md").read_text("utf-8")
    assert [keyword for keyword in sorted(NOT_READ | ADMINISTRATION) if f"`{keyword}`" not in page] == []
