"""Plan reader, reference reader and an independent judge give the same plan, for every way to write one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from rtcode.dicom import DEFAULT_LIMITS, read_plan
from rtcode.dicom import scan as scan_module
from rtcode.dicom import walk as walk_module
from rtcode.dicom.framing import frame
from rtcode.dicom.headers import BIG, LITTLE
from rtcode.dicom.walk import Walk
from rtcode.plan.model import RTPlan
from tests.dicom.judge import disagreements, load
from tests.dicom.plans import (
    ENCODINGS,
    HALCYON,
    RT_PLAN,
    VIEWRAY,
    Encoding,
    beam,
    control_point,
    device,
    encode,
    first_point,
    group,
    item,
    name_of,
    plan,
    positions,
)
from tests.support import differences

SMALL = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def check(data: bytes) -> RTPlan:
    """All readers agree; returns the plan."""
    auto = read_plan(data)
    reference = read_plan(data, reader="reference")
    assert differences(auto, reference) == []
    assert disagreements(auto, load(data)) == []
    return auto


@pytest.fixture(params=[0, 1 << 40], ids=["shortcut", "walk"])
def shortcut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the shortcut for control points at any size, and without it."""
    monkeypatch.setattr(scan_module, "WORTHWHILE", request.param)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
@pytest.mark.usefixtures("shortcut")
def test_every_encoding(encoding: Encoding) -> None:
    data = encode(plan(), encoding)
    read = check(data)
    # The content is the same, however it is written.
    plain = read_plan(encode(plan()))
    ignore = frozenset({"plan.source", "plan.warnings"})
    assert differences(read, plain, ignore=ignore) == []
    assert read.source.reader == "plan"
    codes = {warning.code for warning in read.warnings}
    assert ("transfer_syntax_assumed" in codes) == (encoding.form == "bare")
    assert ("transfer_syntax_corrected" in codes) == (encoding.form == "wrong")
    assert ("preamble_missing" in codes) == (encoding.form == "meta")


@pytest.mark.slow
def test_every_real_plan(real_plans_dir: Path) -> None:
    paths = sorted(real_plans_dir.glob("*.dcm"))
    assert paths
    for path in paths:
        data = path.read_bytes()
        read = read_plan(data)
        assert read.source.reader == "plan", path.name
        assert differences(read, read_plan(data, reader="reference")) == [], path.name
        if len(data) < 60_000:
            # The judge takes its time; the others are judged below.
            assert disagreements(read, load(data)) == [], path.name


@pytest.mark.slow
def test_every_real_plan_is_judged(real_plans_dir: Path) -> None:
    for path in sorted(real_plans_dir.glob("*.dcm")):
        data = path.read_bytes()
        if len(data) >= 60_000:
            assert disagreements(read_plan(data), load(data)) == [], path.name


def test_real_plans_with_and_without_the_shortcut(real_plans_dir: Path) -> None:
    taken = 0
    for path in sorted(real_plans_dir.glob("*.dcm")):
        framed = frame(path.read_bytes(), DEFAULT_LIMITS)
        long = Walk(framed.data, DEFAULT_LIMITS, shortcut=False).read(framed.start, explicit=framed.explicit)
        short = Walk(framed.data, DEFAULT_LIMITS).read(framed.start, explicit=framed.explicit)
        assert {k: v for k, v in long.items() if isinstance(v, bytes)} == {
            k: v for k, v in short.items() if isinstance(v, bytes)
        }
        taken += any(
            not isinstance(beam_item.get(walk_module.CONTROL_POINTS, []), list)
            for beam_item in short.get(0x300A00B0, [])  # type: ignore[union-attr]
            if isinstance(beam_item, dict)
        )
    assert taken > 20


def test_the_judge_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that finds nothing wrong is only worth something when it finds what is."""
    data = encode(plan())
    read, data_set = read_plan(data), load(data)
    assert disagreements(read, data_set) == []
    assert disagreements(replace(read, label="other"), data_set)
    point = data_set.BeamSequence[1].ControlPointSequence[1]
    point.GantryAngle = "271"
    assert disagreements(read, data_set) == ["BeamSequence[1].gantry_deg[1]: 270.0, pydicom has 271.0"]
    point.GantryAngle = "270"
    point.BeamLimitingDevicePositionSequence[0].LeafJawPositions[2] = "-7.5"
    # It is inherited by the next control point.
    assert len(disagreements(read, data_set)) == 2


# -------------------------------------------------------------------------------------------------- generated plans

decimal_texts = st.one_of(
    st.floats(-2000, 2000, allow_nan=False).map(lambda x: f"{x:.2f}"),
    st.floats(-2000, 2000, allow_nan=False).map(lambda x: repr(x)[:16]).filter(lambda t: "e" not in t),
    st.floats(-2000, 2000, allow_nan=False).map(lambda x: f"{x:+.6e}"),
    st.integers(-2000, 2000).map(str),
    st.sampled_from(["0", "-0", "-0.0", "+1.5", ".5", "5.", "-.25", "007", "1E2", "1.0e0", " 3.25", "4.75 "]),
)
names = st.text(st.characters(codec="latin-1", exclude_characters="\\", exclude_categories=("Cc",)), max_size=20)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Absent (a marker), empty, or a value."""
    return st.one_of(st.just("absent"), st.none(), strategy)


@st.composite
def control_points(draw: st.DrawFn, kinds: list[tuple[str, int]], count: int) -> list[Dataset]:
    points = []
    for index in range(count):
        attributes: dict[str, Any] = {}
        for keyword in ("GantryAngle", "BeamLimitingDeviceAngle", "PatientSupportAngle", "NominalBeamEnergy"):
            attributes[keyword] = draw(maybe(decimal_texts))
        for keyword in ("TableTopVerticalPosition", "SourceToSurfaceDistance", "DoseRateSet"):
            attributes[keyword] = draw(maybe(decimal_texts))
        attributes["TableTopPitchAngle"] = draw(maybe(st.floats(-10, 10, width=32)))
        attributes["GantryRotationDirection"] = draw(maybe(st.sampled_from(["CW", "CC", "NONE", "cw", "CCW", "UP"])))
        attributes["IsocenterPosition"] = draw(maybe(st.lists(decimal_texts, min_size=1, max_size=4)))
        attributes["BeamLimitingDevicePositionSequence"] = draw(
            st.one_of(st.just("absent"), st.permutations(kinds).map(lambda chosen: chosen[: draw(st.integers(0, 3))]))
        )
        listed = attributes["BeamLimitingDevicePositionSequence"]
        if listed != "absent":
            attributes["BeamLimitingDevicePositionSequence"] = [
                positions(kind, draw(st.one_of(st.none(), st.lists(decimal_texts, min_size=2 * n, max_size=2 * n))))
                for kind, n in listed
            ]
        if draw(st.booleans()):
            attributes["ReferencedDoseReferenceSequence"] = [
                item(CumulativeDoseReferenceCoefficient=draw(decimal_texts), ReferencedDoseReferenceNumber=1)
            ]
        if draw(st.integers(0, 5)) == 0:
            attributes["WedgePositionSequence"] = [
                item(WedgePosition=draw(st.sampled_from(["IN", "OUT", ""])), ReferencedWedgeNumber=1)
            ]
        weight = draw(maybe(decimal_texts))
        attributes["CumulativeMetersetWeight"] = weight
        written = {k: v for k, v in attributes.items() if not (isinstance(v, str) and v == "absent")}
        points.append(item(ControlPointIndex=index, **written))
    if draw(st.integers(0, 3)) == 0:
        points = draw(st.permutations(points))
    return points


@st.composite
def beams(draw: st.DrawFn, number: int) -> Dataset:
    kinds = draw(
        st.sampled_from(
            [
                [("ASYMX", 1), ("ASYMY", 1), ("MLCX", 4)],
                [("X", 1), ("Y", 1), ("MLCX1", 3), ("MLCX2", 4)],
                [("ASYMX", 1), ("MLCY", 2)],
                [("X", 1)],
            ]
        )
    )
    points = draw(control_points(kinds, draw(st.integers(2, 7))))
    attributes: dict[str, Any] = {
        "BeamName": draw(maybe(names)),
        "BeamDescription": draw(maybe(names)),
        "RadiationType": draw(maybe(st.sampled_from(["PHOTON", "ELECTRON", "photon"]))),
        "TreatmentDeliveryType": draw(maybe(st.sampled_from(["TREATMENT", "SETUP"]))),
        "SourceAxisDistance": draw(maybe(decimal_texts)),
        "FinalCumulativeMetersetWeight": draw(maybe(decimal_texts)),
        "NumberOfBlocks": draw(maybe(st.integers(0, 3))),
        "ReferencedPatientSetupNumber": draw(maybe(st.integers(0, 3))),
    }
    made = beam(number, points, **{k: v for k, v in attributes.items() if v != "absent"})
    for keyword, value in attributes.items():
        if value == "absent" and keyword in made:
            delattr(made, keyword)
    made.BeamLimitingDeviceSequence = [device(kind, pairs) for kind, pairs in kinds]
    if draw(st.booleans()):
        block = made.private_block(0x3253, "Varian Medical Systems VISION 3253", create=True)
        block.add_new(0x00, "UN", b"<xml>\n0 not a header, \n0 but it looks like one</xml>")
    if draw(st.booleans()):
        inner = item(BeamName="not a beam", ControlPointIndex=9)
        block = made.private_block(0x300B, "SOME VENDOR", create=True)
        block.add_new(0x01, "SQ", [inner, item()])
    return made


@st.composite
def plans(draw: st.DrawFn) -> Dataset:
    numbers = draw(st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True))
    made = plan(
        [draw(beams(number)) for number in numbers],
        SOPClassUID=draw(st.sampled_from([RT_PLAN, HALCYON, VIEWRAY])),
        RTPlanLabel=draw(st.one_of(st.none(), names.map(lambda t: t[:16]))),
        FractionGroupSequence=draw(st.sampled_from([[], [group(numbers)], [group(numbers), group(numbers[:1])]])),
    )
    for keyword in draw(
        st.sets(st.sampled_from(["FractionGroupSequence", "PatientSetupSequence", "RTPlanGeometry", "PatientID"]))
    ):
        delattr(made, keyword)
    return made


@SMALL
@given(plans(), st.sampled_from(ENCODINGS), st.booleans())
def test_generated_plans(made: Dataset, encoding: Encoding, shortcut: bool) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scan_module, "WORTHWHILE", 0 if shortcut else 1 << 40)
        check(encode(made, encoding))


def test_control_points_that_the_shortcut_takes() -> None:
    """An ordinary beam is taken, in every encoding; wedges and private attributes are left to the walk."""
    for encoding in ENCODINGS:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(scan_module, "WORTHWHILE", 0)
            framed = frame(encode(plan(), encoding), DEFAULT_LIMITS)
            order = BIG if framed.big_endian else LITTLE
            found = Walk(framed.data, DEFAULT_LIMITS, order).read(framed.start, explicit=framed.explicit)
        for beam_item in found[0x300A00B0]:
            assert isinstance(beam_item, dict)
            assert not isinstance(beam_item[walk_module.CONTROL_POINTS], (bytes, list)), name_of(encoding)


def test_twins_keep_apart() -> None:
    """Two devices of one type: by number of pairs, and by their order where that is equal too (MRIdian)."""
    kinds = [device("MLCX", 3), device("MLCX", 2), device("MLCX", 2)]
    first = first_point(
        BeamLimitingDevicePositionSequence=[
            positions("MLCX", [-1, -2, -3, 1, 2, 3]),
            positions("MLCX", [-4, -5, 4, 5]),
            positions("MLCX", [-6, -7, 6, 7]),
        ]
    )
    second = control_point(1, "1", BeamLimitingDevicePositionSequence=[positions("MLCX", [-8, -9, 8, 9])])
    read = check(encode(plan([beam(1, [first, second], BeamLimitingDeviceSequence=kinds)])))
    assert read.beams is not None
    devices = read.beams[0].control_points.devices
    assert [(d.type, d.pairs, d.ordinal, d.declared) for d in devices] == [
        ("MLCX", 3, 0, 0),
        ("MLCX", 2, 0, 1),
        ("MLCX", 2, 1, 2),
    ]
    second_bank = devices[1].at(1)
    assert second_bank is not None
    assert second_bank.tolist() == [[-8, -9], [8, 9]]
    unchanged = devices[2].at(1)
    assert unchanged is not None
    assert unchanged.tolist() == [[-6, -7], [6, 7]]
