"""Photons and electrons at one site."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.mixed import detect
from rtcode.features.types import MixedSiteFeature
from rtcode.plan.joining import join
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import EvidenceKind, Truth
from tests.factory import UID, beam, dose_reference, group, plan, session
from tests.features.geometric import all_facts, settings

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
TARGET = f"{UID}.9.1"


def found(of: TreatmentSession, **values: Any) -> MixedSiteFeature:
    return detect(of, all_facts(of), settings(**values))


def pair(electron: Any = (0.0, 0.0, 0.0), photon: Any = (0.0, 0.0, 0.0), **fields: Any) -> TreatmentSession:
    return session(beam(1, isocenter=photon), beam(2, radiation="ELECTRON", isocenter=electron), **fields)


def sharing(**fields: Any) -> dict[str, Any]:
    """Both beams refer to one dose reference."""
    return {
        "groups": [group(1, (1, 2), dose_reference_uid=TARGET)],
        "dose_references": (dose_reference(1, **fields),),
    }


@pytest.mark.parametrize(
    ("z", "truth"), [(0.0, MET), (60.0, MET), (150.0, MET), (150.1, NOT_MET), (600.0, NOT_MET)]
)  # fmt: skip
def test_distance(z: float, truth: Truth) -> None:
    feature = found(pair((0.0, 0.0, z)))
    assert (feature.same_site, feature.distance_mm) == (truth, pytest.approx(z))
    assert [e.kind for e in feature.evidence] == [EvidenceKind.GEOMETRIC] * 3


def test_distance_is_a_setting() -> None:
    assert found(pair((0.0, 0.0, 160.0)), same_site_mm=200.0).same_site is MET


def test_nearest_of_all_beams_counts() -> None:
    of = session(
        beam(1), beam(2, isocenter=(0.0, 0.0, 500.0)),
        beam(3, radiation="ELECTRON", isocenter=(0.0, 0.0, -400.0)),
        beam(4, radiation="ELECTRON", isocenter=(0.0, 0.0, 560.0)),
    )  # fmt: skip
    feature = found(of)
    assert (feature.same_site, feature.distance_mm) == (MET, pytest.approx(60.0))
    assert "BeamSequence[1]" in feature.evidence[0].where and "BeamSequence[3]" in feature.evidence[1].where


def test_entry_points_count_too() -> None:
    of = session(
        beam(1, isocenter=(0.0, 100.0, 0.0), entry=(0.0, -90.0, 0.0)),
        beam(2, radiation="ELECTRON", isocenter=(0.0, -100.0, 0.0)),
    )
    feature = found(of)
    assert (feature.same_site, feature.distance_mm) == (MET, pytest.approx(10.0))
    assert "SurfaceEntryPoint (300A,012E)" in feature.evidence[0].where


@pytest.mark.parametrize(
    ("references", "electron", "truth", "why"),
    [
        (sharing(), None, MET, "one target volume, no point to compare"),
        (sharing(), (0.0, 0.0, 400.0), MET, "a long target volume is still one volume"),
        (sharing(structure_type="SITE"), None, MET, "one target, nothing against it"),
        (sharing(structure_type="SITE"), (0.0, 0.0, 400.0), UNKNOWN, "a primary reference point for everything"),
        (sharing(kind="ORGAN_AT_RISK"), (0.0, 0.0, 400.0), NOT_MET, "a dose point is no target"),
        (sharing(kind="ORGAN_AT_RISK"), None, UNKNOWN, "a dose point is no target, no point to compare"),
        ({"dose_references": (dose_reference(1),)}, None, UNKNOWN, "a target that no beam refers to proves nothing"),
        ({"groups": [group(1, (1, 2), dose_reference_uid="9.9")]}, None, UNKNOWN, "refers to nothing"),
    ],
)
def test_target_references(references: dict[str, Any], electron: Any, truth: Truth, why: str) -> None:
    assert found(pair(electron, **references)).same_site is truth, why


def test_shared_target_is_shown() -> None:
    evidence = found(pair(None, **sharing())).evidence
    assert [e.where for e in evidence] == [
        f"FractionGroupSequence[0].ReferencedBeamSequence[{i}].ReferencedDoseReferenceUID (300A,0083)" for i in (0, 1)
    ]


def test_shared_target_across_plans() -> None:
    plans = [
        plan(
            beam(1, radiation=kind, isocenter=None), sop_instance_uid=f"1.{kind}",
            groups=[group(1, (1,), dose_reference_uid=TARGET)], dose_references=(dose_reference(1),),
        )
        for kind in ("PHOTON", "ELECTRON")
    ]  # fmt: skip
    assert found(join([s for p in plans for s in sessions_of(p)], by="request")).same_site is MET


def test_points_missing_or_not_comparable() -> None:
    assert found(pair(None)).same_site is UNKNOWN
    assert found(pair((0.0, 0.0, 10.0), geometry="TREATMENT_DEVICE")).same_site is UNKNOWN
    of = session(
        beam(1), beam(2, isocenter=None), beam(3, radiation="ELECTRON", isocenter=(0.0, 0.0, 600.0))
    )  # fmt: skip
    assert (found(of).same_site, found(of).distance_mm) == (UNKNOWN, pytest.approx(600.0))


def test_different_frames_are_not_compared() -> None:
    plans = [
        plan(beam(1, radiation=kind), sop_instance_uid=f"1.{kind}", frame_of_reference_uid=f"2.{kind}")
        for kind in ("PHOTON", "ELECTRON")
    ]
    feature = found(join([s for p in plans for s in sessions_of(p)], by="request"))
    assert (feature.same_site, feature.distance_mm) == (UNKNOWN, None)


def test_one_kind_only() -> None:
    for kind in ("PHOTON", "ELECTRON"):
        assert found(session(beam(1, radiation=kind))).same_site is UNKNOWN
    setup_field = session(beam(1, delivery_type="SETUP"), beam(2, radiation="ELECTRON"))
    assert found(setup_field).evidence == ()


@pytest.mark.parametrize(("z", "truth"), [(100.0, MET), (600.0, UNKNOWN)])
def test_of_very_many_points_nearness_is_seen_and_distance_is_not_claimed(z: float, truth: Truth) -> None:
    places = [(i * 0.1, 0.0, 0.0) for i in range(2_001)]
    of = session(
        beam(1, isocenter=places, weights=[i / 2_000 for i in range(2_001)]),
        beam(2, radiation="ELECTRON", isocenter=(0.0, 0.0, z)),
    )
    assert found(of).same_site is truth
