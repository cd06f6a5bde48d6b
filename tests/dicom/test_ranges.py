"""Numbers that are written correctly and cannot be: unknown, with a warning, and nothing falls over (plans.md 4)."""

from __future__ import annotations

import json
import math
import random
import struct
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

import rtcode
from rtcode.dicom import read_plan
from rtcode.dicom.ranges import RANGES, Range
from rtcode.errors import InputError
from rtcode.plan.model import Beam, Missing, RTPlan, State
from tests.conftest import PLANS
from tests.dicom.judge import disagreements, load
from tests.dicom.plans import beam, control_point, data_set_bytes, device, encode, first_point, item, plan, positions
from tests.support import differences


def read(made: Dataset) -> RTPlan:
    """Read with both readers, which have to agree, as has the judge."""
    data = encode(made)
    found = read_plan(data)
    assert differences(found, read_plan(data, reader="reference")) == []
    assert disagreements(found, load(data)) == []
    return found


def first(found: RTPlan) -> Beam:
    assert found.beams
    return found.beams[0]


def out_of_range(found: RTPlan) -> list[str]:
    return [warning.where for warning in found.warnings if warning.code == "out_of_range"]


POINT = "BeamSequence[0].ControlPointSequence[0]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1e-320", None), ("0", None), ("-1000", None), ("1e300", None), ("79.9", None), ("5001", None), ("1", None),
     ("80", 80.0), ("100", 100.0), ("850", 850.0), ("1435", 1435.0), ("5000", 5000.0)],
)  # fmt: skip
def test_source_axis_distance(value: str, expected: float | None) -> None:
    found = read(plan([beam(1, SourceAxisDistance=value)]))
    assert first(found).source_axis_distance_mm == (Missing.INVALID if expected is None else expected)
    assert out_of_range(found) == ([] if expected else ["BeamSequence[0].SourceAxisDistance (300A,00B4)"])


@pytest.mark.parametrize(
    ("keyword", "column", "value", "fine"),
    [
        ("GantryAngle", "gantry_deg", "1e6", "-3600"),
        ("GantryAngle", "gantry_deg", "36000", "720"),
        ("BeamLimitingDeviceAngle", "collimator_deg", "-3601", "7.1e-10"),
        ("PatientSupportAngle", "couch_deg", "1e300", "-90"),
        ("NominalBeamEnergy", "energy", "1e-320", "0"),
        ("NominalBeamEnergy", "energy", "-6", "0.005"),
        ("NominalBeamEnergy", "energy", "6e6", "400"),
        ("SourceToSurfaceDistance", "ssd_mm", "0", "29"),
        ("SourceToSurfaceDistance", "ssd_mm", "-900", "3800"),
        ("TableTopVerticalPosition", "table_vertical_mm", "5000.1", "-5000"),
        ("DoseRateSet", "dose_rate", "-1", "0"),
        ("CumulativeMetersetWeight", "meterset_weight", "1e300", "-1"),
    ],
)
def test_columns(keyword: str, column: str, value: str, fine: str) -> None:
    points = [first_point(**{keyword: value}), control_point(1, "1")]
    found = read(plan([beam(1, points)]))
    made = getattr(first(found).control_points, column)
    assert made.state[0] == State.INVALID
    assert math.isnan(made.values[0])
    # What is inherited from it is unknown too; weights are never inherited.
    assert made.state[1] == (State.GIVEN if column == "meterset_weight" else State.INVALID)
    assert [where.split(" ")[0] for where in out_of_range(found)] == [f"{POINT}.{keyword}"]
    kept = read(plan([beam(1, [first_point(**{keyword: fine}), control_point(1, "1")])]))
    assert getattr(first(kept).control_points, column).values[0] == float(fine)
    assert out_of_range(kept) == []


def test_one_number_among_others() -> None:
    points = [
        first_point(),
        control_point(1, "0.2", GantryAngle="1e9"),
        control_point(2, "0.4"),
        control_point(3, "0.6", GantryAngle="270"),
        control_point(4, "1"),
    ]
    found = read(plan([beam(1, points)]))
    column = first(found).control_points.gantry_deg
    assert column is not None
    assert column.state.tolist() == [State.GIVEN, State.INVALID, State.INVALID, State.GIVEN, State.INHERITED]
    assert out_of_range(found) == ["BeamSequence[0].ControlPointSequence[1].GantryAngle (300A,011E)"]


def test_leaf_positions_one_by_one() -> None:
    entry = positions("MLCX", [-20, "1e300", -22, 20, 21, "-1000.5"])
    points = [first_point(BeamLimitingDevicePositionSequence=[entry]), control_point(1, "1")]
    found = read(plan([beam(1, points)]))
    (mlc,) = first(found).control_points.devices
    assert np.isnan(mlc.rows).tolist() == [[False, True, False, False, False, True]]
    assert out_of_range(found) == [f"{POINT}.BeamLimitingDevicePositionSequence.LeafJawPositions (300A,011C)"]


@pytest.mark.parametrize("value", ["1e300", "-1001", "1e308"])
def test_lists_are_taken_whole_or_not_at_all(value: str) -> None:
    blocks = [item(BlockType="APERTURE", BlockData=["0", "0", value, "5", "5", "5"])]
    devices = [device("MLCX", 3, LeafPositionBoundaries=["-50", "0", "50", value])]
    found = read(plan([beam(1, NumberOfBlocks=1, BlockSequence=blocks, BeamLimitingDeviceSequence=devices)]))
    assert first(found).blocks[0].outline_mm.size == 0
    assert first(found).devices[0].boundaries_mm.size == 0
    assert len(out_of_range(found)) == 2


@pytest.mark.parametrize("value", [1e-45, -1.0, 0.5, 1001.0, 3e38])
def test_an_applicator_opening(value: float) -> None:
    applicator = item(
        ApplicatorID="A10",
        ApplicatorType="ELECTRON_SQUARE",
        ApplicatorGeometrySequence=[item(ApplicatorApertureShape="SYM_SQUARE", ApplicatorOpening=value)],
    )
    found = read(plan([beam(1, ApplicatorSequence=[applicator])]))
    assert first(found).applicators[0].opening_mm is Missing.INVALID


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1e-320", Missing.INVALID), ("1e300", Missing.INVALID), ("0", 0.0), ("-5", -5.0), ("0.000001", 1e-6)],
)
def test_metersets(value: str, expected: float | Missing) -> None:
    made = plan([beam(1)])
    made.FractionGroupSequence[0].ReferencedBeamSequence[0].BeamMeterset = value
    found = read(made)
    assert found.fraction_groups
    assert found.fraction_groups[0].beams[0].meterset == expected


@pytest.mark.parametrize(("value", "expected"), [(-5, Missing.INVALID), (0, 0), (35, 35), (1001, Missing.INVALID)])
def test_fractions(value: int, expected: int | Missing) -> None:
    made = plan()
    made.FractionGroupSequence[0].NumberOfFractionsPlanned = value
    found = read(made)
    assert found.fraction_groups
    assert found.fraction_groups[0].fractions_planned == expected


def test_ranges_make_sense() -> None:
    for keyword, limits in RANGES.items():
        assert limits.low < limits.high, keyword
        assert limits.least >= 0, keyword
    limits = Range(0.0, 10.0, least=1.0)
    values = np.array([0.0, 1.0, 10.0, 0.5, -1.0, 11.0, np.nan])
    assert limits.of(values).tolist() == [True, True, True, False, False, False, False]
    assert [value in limits for value in values.tolist()] == limits.of(values).tolist()
    # What lies between two numbers is not known to be plausible where it reaches below the least one.
    assert limits.spans(1.0, 10.0)
    assert not limits.spans(0.0, 10.0)
    assert limits.spans(math.nan, math.nan)


# ------------------------------------------------------------------------------------------------ nothing falls over

DECIMALS = [
    "0", "1e-320", "-1e-320", "1e-7", "-1", "-1000", "1e300", "-1e300", "1.7e308", "1e400", "NaN", "-inf", "5001",
    "36000", "1e6", "1e10", "99", "", "1\\2", "3601",
]  # fmt: skip
INTEGERS = ["-5", "-1", "0", "1", "2147483647", "99999999999999999", "abc", "", "1\\2", "7"]
FLOATS = [0.0, 1e-40, -1.0, 1e38, math.nan, math.inf, -3.4e38, 4000.0]


def nested(ds: Dataset) -> Iterator[Dataset]:
    yield ds
    for element in ds:
        if element.VR == "SQ":
            for inner in element.value:
                yield from nested(inner)


def spoil(rng: random.Random, ds: Dataset) -> None:
    """Other numbers for an attribute, in one place or everywhere."""
    found: dict[int, list[Dataset]] = {}
    for data_set in nested(ds):
        for tag in list(data_set.keys()):
            if data_set[tag].VR in ("DS", "IS", "FL", "FD"):
                found.setdefault(tag, []).append(data_set)
    tag = rng.choice(list(found))
    places = found[tag] if rng.random() < 0.5 else [rng.choice(found[tag])]
    kind, one = places[0][tag].VR, rng.random() < 0.5
    text = rng.choice(INTEGERS if kind == "IS" else DECIMALS)
    number = rng.choice(FLOATS)
    for data_set in places:
        old = data_set[tag].value
        if kind in ("FL", "FD"):
            value = struct.pack("<f" if kind == "FL" else "<d", number)
        elif isinstance(old, pydicom.multival.MultiValue):
            values = [str(v) for v in old] if one else [text] * len(old)
            values[rng.randrange(len(values))] = text
            value = "\\".join(values).encode()
        else:
            value = text.encode()
        value += b" " * (len(value) % 2)
        data_set._dict[tag] = RawDataElement(pydicom.tag.Tag(tag), kind, len(value), value, 0, True, True)


ORIGINALS = ("V01", "V02", "V04", "V13", "V72", "V82", "V89", "V90", "V97", "V98", "example.dcm")


@pytest.mark.parametrize("seed", range(4))
def test_no_number_makes_anything_fall_over(seed: int, tmp_path: Path) -> None:
    """With warnings as errors: numpy's would stand on standard error, between the lines of the program."""
    rng = random.Random(seed)
    originals = [next(PLANS.glob(f"{name}*")) for name in ORIGINALS]
    path = tmp_path / "plan.dcm"
    for round_ in range(40):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds = pydicom.dcmread(BytesIO(rng.choice(originals).read_bytes()), force=True)
            spoil(rng, ds)
            data = data_set_bytes(ds)
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = rtcode.analyze([path]).to_dict()
        assert [failure for failure in found["failures"] if failure["code"] == "defect"] == []
        json.dumps(found, allow_nan=False)
        if round_ % 4 == 0:
            try:
                one = read_plan(data)
            except InputError:
                continue
            assert differences(one, read_plan(data, reader="reference")) == []
