"""The synthetic plans themselves: reproducible, valid, complete, and free of billing codes."""

from __future__ import annotations

import json
import math
import re
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from fixtures.build import ROOT, build, stale, vignette_paths
from fixtures.rows.base import NAMED_FLAGS, Vignette
from fixtures.styles import RT_ION_PLAN, RT_PLAN, VARIAN_PLAN, VIEWRAY_PLAN
from fixtures.variants import build_variant
from fixtures.vignettes import BY_ID, VIGNETTES

FILES = build()
PLANS = sorted(name for name in FILES if name.endswith(".dcm"))
EXPECTED = json.loads(FILES["expected.json"])
#: five-digit delivery codes and their older relatives, as whole words
BILLING = re.compile(rb"(?<![\d.])(?:77[345]\d\d|7742[45]|G60[01]\d|G03[34]\d)(?![\d.])")


def parse(data: bytes) -> Dataset:
    """Force only where there is no preamble: those files are bare data sets."""
    return pydicom.dcmread(BytesIO(data), force=data[128:132] != b"DICM")


def test_committed_files_are_what_the_script_writes() -> None:
    assert stale(FILES) == []


def test_building_twice_gives_the_same_bytes() -> None:
    assert build() == FILES


def test_fixtures_stay_small() -> None:
    assert sum(map(len, FILES.values())) < 1_500_000


def test_every_row_is_there_once() -> None:
    assert [v.id for v in VIGNETTES] == [f"V{i:02d}" for i in range(1, 109)]
    named = [name.removeprefix("plans/") for row in EXPECTED["vignettes"] for name in row["files"]]
    assert len(named) == len(set(named))
    assert {f"plans/{n}" for n in named} | {"plans/example.dcm", "plans/example_prostate_vmat.dcm"} == set(PLANS)


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v.id)
def test_expectations_agree_with_the_contract(vignette: Vignette) -> None:
    for expected in vignette.sessions.values():
        assert expected.flags <= NAMED_FLAGS
        if expected.status == "out_of_scope":
            assert (expected.level, expected.floor, expected.ceiling) == (None, None, None)
            continue
        assert expected.level == expected.floor
        assert expected.floor is not None and expected.ceiling is not None and expected.floor <= expected.ceiling
        if expected.status == "provisional":
            assert expected.floor < expected.ceiling
            assert expected.asked, "a doubt is always asked about"
        if expected.ceiling == expected.floor and expected.floor < 3:
            assert not expected.asked


@pytest.mark.parametrize("name", PLANS)
def test_plan_is_valid(name: str) -> None:
    check_plan(parse(FILES[name]))


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v.id)
def test_variants_are_valid_and_reproducible(vignette: Vignette) -> None:
    made = build_variant(vignette, 5)
    assert made == build_variant(vignette, 5)
    assert {stem for stem, _ in made.files} == set(vignette.stems)
    for stem, data in made.files:
        ds = parse(data)
        check_plan(ds)
        groups = {int(g.FractionGroupNumber) for g in ds.FractionGroupSequence}
        assert groups == {number for s, number in vignette.sessions if s == stem}


def test_seeds_differ() -> None:
    row = VIGNETTES[28]
    assert len({build_variant(row, seed).files for seed in range(6)}) == 6


def test_no_billing_code_anywhere() -> None:
    sources = {p.name: p.read_bytes() for p in Path(ROOT).rglob("*.py")}
    for name, data in {**FILES, **sources}.items():
        assert not BILLING.search(data), name


def check_plan(ds: Dataset) -> None:
    """What any exported plan keeps: counts, weights, references, positions; and the patient is a canary."""
    assert ds.Modality == "RTPLAN"
    assert str(ds.PatientName) == "CANARY^NAME"
    assert ds.PatientID.startswith("CANARY-ID-V") or ds.PatientID.startswith("CANARY-ID-EXAMPLE")
    for keyword in ("OperatorsName", "InstitutionName", "ReferringPhysicianName"):
        assert "CANARY" in str(ds.get(keyword))
    assert (ds.RTPlanGeometry == "PATIENT") == ("ReferencedStructureSetSequence" in ds)
    beams = list(ds.get("BeamSequence", ())) + list(ds.get("IonBeamSequence", ()))
    numbers = [int(b.BeamNumber) for b in beams]
    assert len(numbers) == len(set(numbers))
    setups = {int(s.PatientSetupNumber) for s in ds.PatientSetupSequence}
    assert len(setups) == len(ds.PatientSetupSequence)
    for group in ds.FractionGroupSequence:
        referenced = group.get("ReferencedBeamSequence") or []
        assert int(group.NumberOfBeams) == len(referenced)
        assert {int(r.ReferencedBeamNumber) for r in referenced} <= set(numbers)
        assert int(group.NumberOfFractionsPlanned) > 0
        assert referenced or int(group.NumberOfBrachyApplicationSetups) > 0
    tolerances = {int(t.ToleranceTableNumber) for t in ds.get("ToleranceTableSequence", ())}
    for beam in beams:
        reference = beam.get("ReferencedPatientSetupNumber")
        assert reference is None or int(reference) in setups
        assert beam.get("ReferencedToleranceTableNumber") in {None, *tolerances}
        check_beam(beam)


def check_beam(beam: Dataset) -> None:
    points = beam.get("ControlPointSequence") or beam.IonControlPointSequence
    assert int(beam.NumberOfControlPoints) == len(points) >= 2
    weights = [float(p.CumulativeMetersetWeight) for p in points]
    assert weights[0] == 0
    assert weights == sorted(weights)
    assert weights[-1] == float(beam.FinalCumulativeMetersetWeight)
    assert [int(p.ControlPointIndex) for p in points] == list(range(len(points)))
    for count, sequence in (
        ("NumberOfWedges", "WedgeSequence"),
        ("NumberOfBlocks", "BlockSequence"),
        ("NumberOfCompensators", "CompensatorSequence"),
        ("NumberOfBoli", "ReferencedBolusSequence"),
    ):
        assert int(beam.get(count)) == len(beam.get(sequence, ()))
    for block in beam.get("BlockSequence", ()):
        assert len(block.BlockData) == 2 * int(block.BlockNumberOfPoints)
    pairs = [int(d.NumberOfLeafJawPairs) for d in beam.get("BeamLimitingDeviceSequence", ())]
    for device in beam.get("BeamLimitingDeviceSequence", ()):
        if int(device.NumberOfLeafJawPairs) > 1:
            assert len(device.LeafPositionBoundaries) == int(device.NumberOfLeafJawPairs) + 1
    for point in points:
        for position in point.get("BeamLimitingDevicePositionSequence", ()):
            values = [float(v) for v in position.LeafJawPositions]
            n = len(values) // 2
            assert len(values) == 2 * n
            assert n in pairs
            assert all(a <= b for a, b in zip(values[:n], values[n:], strict=True))


def treating(vignette: Vignette, stem: str, group: int) -> list[Dataset]:
    """Beams of a committed file that deliver something, by TreatmentDeliveryType and meterset alone."""
    ds = parse(FILES[f"plans/{vignette_paths(vignette)[stem]}"])
    (fraction_group,) = [g for g in ds.FractionGroupSequence if int(g.FractionGroupNumber) == group]
    given = {
        int(r.ReferencedBeamNumber)
        for r in fraction_group.get("ReferencedBeamSequence", ())
        if float(r.get("BeamMeterset") or 0) > 0
    }
    return [b for b in ds.get("BeamSequence", ()) if int(b.BeamNumber) in given and b.TreatmentDeliveryType != "SETUP"]


def points_of(beams: list[Dataset], radiation: str) -> list[tuple[float, ...]]:
    """First isocenters of beams of a kind; beams without one are left out."""
    firsts = [b.ControlPointSequence[0].get("IsocenterPosition") for b in beams if b.RadiationType == radiation]
    return [tuple(float(v) for v in point) for point in firsts if point]


def leaf_spread(beam: Dataset) -> float:
    """How far leaf ends of one bank differ inside the jaws at the first control point (mm); 0 where all are outside."""
    boundaries = {d.RTBeamLimitingDeviceType: d for d in beam.get("BeamLimitingDeviceSequence", ())}
    positions = {
        p.RTBeamLimitingDeviceType: [float(v) for v in p.LeafJawPositions]
        for p in beam.ControlPointSequence[0].BeamLimitingDevicePositionSequence
    }
    jaw_x = next(v for k, v in positions.items() if k in {"X", "ASYMX"})
    jaw_y = next(v for k, v in positions.items() if k in {"Y", "ASYMY"})
    spread = 0.0
    for name, values in positions.items():
        if not name.startswith("MLC"):
            continue
        n, edges = len(values) // 2, [float(v) for v in boundaries[name].LeafPositionBoundaries]
        inside = [i for i in range(n) if edges[i + 1] > jaw_y[0] and edges[i] < jaw_y[1]]
        for bank in (values[:n], values[n:]):
            ends = [min(max(bank[i], jaw_x[0]), jaw_x[1]) for i in inside]
            spread = max(spread, max(ends) - min(ends))
    return spread


#: photon isocenters that a row names: (row, file, group) → largest distance between two (mm)
DISTANCES = {
    ("V17", "knees_two_isocenters", 1): 250.0,
    ("V24", "prostate_vmat", 1): 0.0,
    ("V31", "breast_scv_one_isocenter", 1): 0.0,
    ("V44", "isocenters_0p4_mm", 1): 0.4,
    ("V45", "isocenters_8_mm", 1): 8.0,
    ("V46", "imaging_isocenter", 1): 0.0,
    ("V52", "tbi_vmat", 1): 750.0,
    ("V78", "bilateral_vmat", 1): 0.0,
    ("V80", "groups_same_count", 1): 0.0,
    ("V80", "groups_same_count", 2): 0.0,
}


@pytest.mark.parametrize(("key", "distance"), DISTANCES.items(), ids=lambda v: v[0] if isinstance(v, tuple) else "")
def test_isocenters_are_as_far_apart_as_the_row_says(key: tuple[str, str, int], distance: float) -> None:
    row, stem, group = key
    points = points_of(treating(BY_ID[row], stem, group), "PHOTON")
    assert points
    assert max(math.dist(a, b) for a in points for b in points) == pytest.approx(distance, abs=1e-3)


#: rows whose photon fields are rectangles, and rows whose static fields are all shaped
OPEN = ("V09", "V10", "V11", "V12", "V15", "V16", "V17", "V19", "V21", "V22", "V23", "V51", "V68", "V71")
SHAPED = ("V13", "V18", "V29", "V39", "V54", "V74", "V76", "V77", "V107", "V108")


@pytest.mark.parametrize("row", OPEN)
def test_open_fields_are_rectangles(row: str) -> None:
    vignette = BY_ID[row]
    assert all(leaf_spread(b) == 0 for b in treating(vignette, vignette.stems[0], 1))


@pytest.mark.parametrize("row", SHAPED)
def test_shaped_fields_are_irregular(row: str) -> None:
    vignette = BY_ID[row]
    assert all(leaf_spread(b) > 10 for b in treating(vignette, vignette.stems[0], 1))


@pytest.mark.parametrize(
    ("row", "stem", "near"),
    [
        ("V82", "chest_wall_mixed", True),
        ("V83", "fungating_breast_mixed", True),
        ("V84", "neck_mixed", True),
        ("V88", "scalp_mixed", True),
        ("V86", "lung_and_forehead", False),
    ],
)
def test_photon_and_electron_points(row: str, stem: str, near: bool) -> None:
    beams = treating(BY_ID[row], stem, 1)
    photons, electrons = points_of(beams, "PHOTON"), points_of(beams, "ELECTRON")
    assert photons and electrons
    distance = min(math.dist(p, e) for p in photons for e in electrons)
    assert (distance < 140) if near else (distance > 300)


def test_styles_all_occur() -> None:
    written = {parse(FILES[name]).ManufacturerModelName for name in PLANS}
    assert {"ARIA RadOnc", "Aria RadOnc", "Pinnacle3", "Monaco", "RayStation", "Oncentra", "MRIdian"} <= written
    assert any(FILES[name][128:132] != b"DICM" for name in PLANS)
    assert {str(parse(FILES[n]).SOPClassUID) for n in PLANS} >= {RT_PLAN, RT_ION_PLAN, VARIAN_PLAN, VIEWRAY_PLAN}
