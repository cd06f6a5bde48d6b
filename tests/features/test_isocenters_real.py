"""Isocenters of public plans against a census made without rtcode; skipped where the plans are not at hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rtcode.dicom import read_plan
from rtcode.features import describe
from rtcode.features.isocenters import detect
from rtcode.features.types import IsocenterDoubt, IsocenterFeature
from rtcode.plan.joining import sessions_of_call
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import Truth
from tests.features.geometric import SETTINGS

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "realplans"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of public plans is not there")

#: photon plans whose points are set-ups on the skin: the census counts them, the contract does not
SURFACE_ONLY = {"047"}


def rows() -> list[dict[str, str]]:
    if not FOLDER.is_dir():
        return []
    with (FOLDER / "CATALOG.csv").open(newline="") as table:
        found = list(csv.DictReader(table))
    return [r for r in found if r["RTPlanGeometry"] == "PATIENT" and "PHOTON" in r["radiation_types"]]


def photon_plans() -> list[dict[str, str]]:
    return [r for r in rows() if "PROTON" not in r["radiation_types"] and "ION" not in r["SOPClassUID"]]


def found(session: TreatmentSession) -> IsocenterFeature:
    return detect(session, tuple(describe(b, SETTINGS) for b in session.beams), SETTINGS)


@pytest.mark.parametrize("row", photon_plans(), ids=lambda r: Path(r["file"]).stem)
def test_count_is_the_census(row: dict[str, str]) -> None:
    plan = read_plan(FOLDER / row["file"])
    census = int(row["n_iso_trt_1mm"])
    for feature in map(found, sessions_of(plan)):
        if Path(row["file"]).stem[:3] in SURFACE_ONLY:
            assert (feature.count, feature.multiple) == (None, Truth.NOT_MET)
            continue
        assert feature.count == census
        assert feature.comparable
        assert feature.multiple is (Truth.MET if census > 1 else Truth.NOT_MET)
        assert feature.doubts == ()


def test_device_geometry_is_never_compared() -> None:
    with (FOLDER / "CATALOG.csv").open(newline="") as table:
        devices = [r for r in csv.DictReader(table) if r["RTPlanGeometry"] == "TREATMENT_DEVICE"]
    assert devices
    for row in devices:
        for feature in map(found, sessions_of(read_plan(FOLDER / row["file"]))):
            assert (feature.count, feature.comparable) == (None, False)
            assert feature.multiple is not Truth.MET
            assert set(feature.doubts) <= {IsocenterDoubt.NOT_COMPARABLE}


def test_one_treatment_in_five_files() -> None:
    """A system that writes one file an isocenter, each naming the others as concurrent."""
    plans = [read_plan(FOLDER / row["file"]) for row in rows()]
    joined = [s for s in sessions_of_call(plans) if s.joined_by == "concurrent"]
    counts = [found(s).count for s in joined]
    assert 5 in counts
    feature = found(joined[counts.index(5)])
    assert feature.multiple is Truth.MET
    assert len({e.plan_uid for e in feature.evidence}) == 5
