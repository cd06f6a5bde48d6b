"""Damaged and contradictory devices in the enhanced encoding (docs/plans.md 4, case 33): none makes an open field.

The encoding was met in no file, so these are made after the standard (PS3.3 C.8.8.14, C.36.2.2.19 and .20).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

import rtcode
from rtcode.dicom import read_plan
from rtcode.plan.apertures import LeafData
from rtcode.plan.collimation import collimation_of
from rtcode.plan.model import Beam, RTPlan
from tests.dicom.plans import Encoding, beam, data_set_bytes, encode, first_point, item, plan, positions
from tests.dicom.test_content import code, enhanced_device, opening
from tests.support import differences

JAW_PAIR, LEAF_PAIRS, SINGLE_LEAVES = "130330", "130331", "130332"
X, Y = "130334", "130335"


def point(index: int, weight: str, *openings: Dataset, **more: object) -> Dataset:
    return item(
        ControlPointIndex=index,
        CumulativeMetersetWeight=weight,
        EnhancedRTBeamLimitingOpeningSequence=list(openings),
        **more,
    )


def mlc(index: int = 1, pairs: int = 2, **more: object) -> Dataset:
    made = enhanced_device(index, LEAF_PAIRS, X, 0.0, pairs)
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def made_of(devices: list[Dataset] | None, points: list[Dataset], **more: object) -> RTPlan:
    """Read with both readers, which have to agree."""
    made = beam(1, points, **more)
    if "BeamLimitingDeviceSequence" not in more:
        del made.BeamLimitingDeviceSequence
    if devices is not None:
        made.EnhancedRTBeamLimitingDeviceSequence = devices
    data = encode(plan([made]))
    read = read_plan(data)
    assert differences(read, read_plan(data, reader="reference")) == []
    return read


def first(read: RTPlan) -> Beam:
    assert read.beams
    return read.beams[0]


def codes(read: RTPlan) -> list[str]:
    return [warning.code for warning in read.warnings if warning.code.startswith(("enhanced", "vector", "out_of"))]


GOOD = [-1.0, -2.0, 1.0, 2.0]
ROWS: list[tuple[str, list[Dataset] | None, list[Dataset], list[str]]] = [
    (
        "an opening of a device that is not declared",
        [mlc(1)],
        [point(0, "0", opening(1, GOOD), opening(9, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    (
        "an opening without an index",
        [mlc(1)],
        [point(0, "0", opening(1, GOOD), item(ParallelRTBeamDelimiterPositions=GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    (
        "openings, but no device",
        None,
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    ("an empty sequence of devices", [], [point(0, "0"), point(1, "1")], ["enhanced_devices"]),
    (
        "a device without an index",
        [item()],
        [point(0, "0"), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
    (
        "two devices of one index",
        [mlc(1), mlc(1, 3)],
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread", "enhanced_device_unread"],
    ),
    (
        "two openings of one device at one control point, differently",
        [mlc(1)],
        [point(0, "0", opening(1, GOOD), opening(1, [-9.0, -9.0, 9.0, 9.0])), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    (
        "an opening without positions",
        [mlc(1)],
        [point(0, "0", item(ReferencedDeviceIndex=1)), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    (
        "a position that is no number",
        [mlc(1)],
        [point(0, "0", opening(1, [-1.0, math.nan, 1.0, 2.0])), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    (
        "a position that no device can have",
        [mlc(1)],
        [point(0, "0", opening(1, [-1.0, -1e300, 1.0, 2.0])), point(1, "1")],
        ["enhanced_devices", "enhanced_opening_unread"],
    ),
    (
        "leaves that move by themselves",
        [enhanced_device(1, SINGLE_LEAVES, X, 0.0, 2)],
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
    (
        "an orientation that the label contradicts",
        [enhanced_device(1, LEAF_PAIRS, X, 90.0, 2)],
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
    (
        "an orientation that is not finite",
        [enhanced_device(1, LEAF_PAIRS, X, math.inf, 2)],
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
    (
        "a jaw pair of two pairs",
        [enhanced_device(1, JAW_PAIR, X, 0.0, 2)],
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
    (
        "two types at once",
        [mlc(1, DeviceTypeCodeSequence=[code(LEAF_PAIRS), code(JAW_PAIR)])],
        [point(0, "0", opening(1, GOOD)), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
    (
        "no leaf pairs",
        [enhanced_device(1, LEAF_PAIRS, X, 0.0, 0)],
        [point(0, "0", opening(1, [])), point(1, "1")],
        ["enhanced_devices", "enhanced_device_unread"],
    ),
]


@pytest.mark.parametrize(("devices", "points", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_cannot_be_read_is_unknown(
    devices: list[Dataset] | None, points: list[Dataset], expected: list[str]
) -> None:
    read = made_of(devices, points)
    assert codes(read) == expected
    assert first(read).enhanced_encoding
    # A claim about the aperture would be wrong: the leaves are unknown, not absent.
    found = collimation_of(first(read))
    assert found.leaf_data is not LeafData.NONE
    assert found.leaf_data is LeafData.UNKNOWN or all(np.isnan(bank.low).all() for bank in found.banks)


def test_a_beam_that_only_says_that_it_has_such_devices() -> None:
    points = [item(ControlPointIndex=i, CumulativeMetersetWeight=str(i)) for i in (0, 1)]
    read = made_of(None, points, EnhancedRTBeamLimitingDeviceDefinitionFlag="YES")
    assert first(read).enhanced_encoding
    assert collimation_of(first(read)).leaf_data is LeafData.UNKNOWN
    read = made_of(None, points, EnhancedRTBeamLimitingDeviceDefinitionFlag="NO")
    assert not first(read).enhanced_encoding
    assert codes(read) == []


def test_the_same_opening_twice_is_one() -> None:
    read = made_of([mlc(1)], [point(0, "0", opening(1, GOOD), opening(1, GOOD)), point(1, "1")])
    assert codes(read) == ["enhanced_devices"]
    assert first(read).control_points.devices[0].index.tolist() == [0, 0]


def test_an_unreadable_opening_holds_from_there_on() -> None:
    points = [
        point(0, "0", opening(1, GOOD)),
        point(1, "0.5", opening(1, [1.0])),
        point(2, "0.7"),
        point(3, "1", opening(1, GOOD)),
    ]
    device = first(made_of([mlc(1)], points)).control_points.devices[0]
    assert device.index.tolist() == [0, -1, -1, 0]
    assert device.given.tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("boundaries", "expected"),
    [([0.0, 1.0], "vector_length"), ([0.0, math.nan, 2.0], "vector_length"), ([0.0, 1.0, 1e9], "out_of_range")],
)
def test_boundaries_that_are_none(boundaries: list[float], expected: str) -> None:
    device = mlc(1)
    device.ParallelRTBeamDelimiterDeviceSequence[0].ParallelRTBeamDelimiterBoundaries = boundaries
    read = made_of([device], [point(0, "0", opening(1, GOOD)), point(1, "1")])
    assert codes(read) == [expected, "enhanced_devices"] or codes(read) == ["enhanced_devices", expected]
    assert first(read).devices[0].boundaries_mm.size == 0
    assert first(read).control_points.devices[0].index.tolist() == [0, 0]


def test_both_encodings_limit_the_beam_together() -> None:
    """They exclude one another in the standard; a file with both has what both leave open."""
    points = [
        first_point(
            BeamLimitingDevicePositionSequence=[positions("ASYMX", [-50, 50])],
            EnhancedRTBeamLimitingOpeningSequence=[opening(1, [-30.0, 60.0])],
        ),
        item(ControlPointIndex=1, CumulativeMetersetWeight="1"),
    ]
    declared = [item(RTBeamLimitingDeviceType="ASYMX", NumberOfLeafJawPairs=1)]
    read = made_of([enhanced_device(1, JAW_PAIR, X, 0.0, 1)], points, BeamLimitingDeviceSequence=declared)
    jaws = collimation_of(first(read)).jaws_x
    assert jaws is not None
    assert jaws.tolist() == [[-30, 50], [-30, 50]]


def test_many_control_points_take_no_shortcut_past_the_openings() -> None:
    points = [point(0, "0", opening(1, GOOD))]
    points += [item(ControlPointIndex=i, CumulativeMetersetWeight=str(i / 40)) for i in range(1, 40)]
    points.append(point(40, "1", opening(1, [-3.0, -4.0, 3.0, 4.0])))
    for encoding in (Encoding(), Encoding("explicit", undefined=True)):
        made = beam(1, points)
        del made.BeamLimitingDeviceSequence
        made.EnhancedRTBeamLimitingDeviceSequence = [mlc(1)]
        device = first(read_plan(encode(plan([made]), encoding))).control_points.devices[0]
        assert device.index.tolist() == [0] * 40 + [1]


def test_unknown_devices_leave_the_level_open(tmp_path: Path) -> None:
    """Two fields that could be plain or shaped: never a confident level 1."""

    def level(change: Callable[[Dataset], None]) -> tuple[str, int | None, int | None]:
        beams = []
        for number, gantry in ((1, "0"), (2, "180")):
            points = [
                first_point(
                    BeamLimitingDevicePositionSequence=[positions("ASYMX", [-50, 50]), positions("ASYMY", [-50, 50])],
                    GantryAngle=gantry,
                    GantryRotationDirection="NONE",
                ),
                item(ControlPointIndex=1, CumulativeMetersetWeight="1"),
            ]
            made = beam(number, points, BeamType="STATIC")
            del made.BeamLimitingDeviceSequence[2]
            change(made)
            beams.append(made)
        path = tmp_path / "plan.dcm"
        path.write_bytes(encode(plan(beams)))
        (session,) = rtcode.analyze([path]).to_dict()["sessions"]
        suggestion = session["suggestion"]
        return suggestion["status"], suggestion["level"], suggestion["ceiling"]

    def unread(made: Dataset) -> None:
        made.EnhancedRTBeamLimitingDeviceSequence = [item(DeviceIndex=1)]

    for change in (lambda made: None, unread):
        status, floor, ceiling = level(change)
        assert (status, floor) == ("provisional", 1)
        assert ceiling is not None
        assert ceiling >= 2


# ------------------------------------------------------------------------------------------------ DICOMDIR


def directory(*records: Dataset, **more: object) -> Dataset:
    return item(
        FileSetID="DISK",
        OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity=0,
        OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity=0,
        FileSetConsistencyFlag=0,
        DirectoryRecordSequence=list(records),
        **more,
    )


def record(**more: object) -> Dataset:
    return item(
        OffsetOfTheNextDirectoryRecord=0,
        RecordInUseFlag=65535,
        OffsetOfReferencedLowerLevelDirectoryEntity=0,
        DirectoryRecordType="PLAN",
        ReferencedFileID=["PLANS", "P1"],
        ReferencedSOPClassUIDInFile="1.2.840.10008.5.1.4.1.1.481.5",
        **more,
    )


DIRECTORY_CLASS = "1.2.840.10008.1.3.10"


@pytest.mark.parametrize(
    "made",
    [directory(record()), directory(), directory(*[record(RTPlanLabel="A") for _ in range(50)])],
    ids=["a plan listed", "empty", "many plans with labels"],
)
def test_a_directory_is_no_plan(made: Dataset) -> None:
    """It has no SOP class of its own in the data set: only the meta information names it."""
    with pytest.raises(rtcode.errors.NotAPlanError) as raised:
        read_plan(encode(made, Encoding("explicit"), meta_class=DIRECTORY_CLASS))
    assert raised.value.kind == "dicomdir"


def test_a_directory_beside_plans_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(encode(directory(record()), Encoding("explicit"), meta_class=DIRECTORY_CLASS))
    (tmp_path / "PLANS").mkdir()
    (tmp_path / "PLANS" / "P1").write_bytes(encode(plan()))
    found = rtcode.analyze([tmp_path]).to_dict()
    assert len(found["plans"]) == 1
    assert found["failures"] == []
    assert [entry["code"] for entry in found["skipped"]] == ["not_a_plan"]


def test_a_directory_without_meta_information_is_no_dicom() -> None:
    with pytest.raises(rtcode.errors.InputError) as raised:
        read_plan(data_set_bytes(directory(record())))
    assert raised.value.code in ("not_dicom", "not_a_plan")


def test_a_plan_in_a_file_that_says_directory_is_a_plan() -> None:
    read = read_plan(encode(plan(), meta_class=DIRECTORY_CLASS))
    assert "sop_class_mismatch" in {warning.code for warning in read.warnings}
    assert len(read.beams or ()) == 2
