"""Electron fields that touch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rtcode.features.electrons import detect
from rtcode.features.types import ElectronFieldsFeature
from rtcode.plan.geometry import beam_axis, collimator_to_patient
from rtcode.plan.joining import join
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import EvidenceKind, Truth
from tests.factory import applicator, beam, block, plan, session, setup
from tests.features.geometric import all_facts, settings

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def found(of: TreatmentSession, **values: Any) -> ElectronFieldsFeature:
    return detect(of, all_facts(of), settings(**values))


def square(half: float) -> list[tuple[float, float]]:
    return [(-half, -half), (half, -half), (half, half), (-half, half)]


def electron(number: int, point: Any, outline: Any = None, cone: str | None = None, **fields: Any) -> Any:
    values: dict[str, Any] = {"ssd": 1000.0, "jaws_x": None, "jaws_y": None}
    values.update(fields)
    return beam(
        number,
        radiation="ELECTRON",
        isocenter=point,
        blocks=() if outline is None else (block("APERTURE", outline),),
        applicators=() if cone is None else (applicator(id=cone),),
        **values,
    )


def pair(distance: float, **fields: Any) -> TreatmentSession:
    """Two vertical fields, the second further to the head."""
    return session(*(electron(i, (0.0, -100.0, distance * (i - 1)), **fields) for i in (1, 2)))


@pytest.mark.parametrize(
    ("distance", "touching", "close", "gap"),
    [
        (60.0, MET, NOT_MET, 0.0),  # overlap
        (100.0, MET, NOT_MET, 0.0),  # V04: edge to edge
        (105.0, MET, NOT_MET, 5.0),
        (105.1, NOT_MET, MET, 5.1),
        (120.0, NOT_MET, MET, 20.0),
        (120.1, NOT_MET, NOT_MET, 20.1),
        (180.0, NOT_MET, NOT_MET, 80.0),  # V02
    ],
)
def test_cutouts(distance: float, touching: Truth, close: Truth, gap: float) -> None:
    feature = found(pair(distance, outline=square(50.0)))
    assert (feature.touching, feature.close) == (touching, close)
    assert feature.gap_mm == pytest.approx(gap)
    assert any("BlockData (300A,0106)" in e.where for e in feature.evidence)
    assert any("gap of the fields" in e.where and e.value == pytest.approx(gap) for e in feature.evidence)


def test_distances_are_settings() -> None:
    assert found(pair(108.0, outline=square(50.0)), touching_gap_mm=10.0).touching is MET


@pytest.mark.parametrize(
    "cone",
    ["10x10", "A10", "Tubus 10x10", "10 X 10", "10", "Appl.10", "A10X10", "100x100"],
)
def test_cone_alone_is_a_hint_only(cone: str) -> None:
    """V04 without cut-outs: a human looks, but nothing is claimed."""
    feature = found(pair(100.0, cone=cone))
    assert (feature.touching, feature.close) == (UNKNOWN, MET)
    assert "may touch" in feature.reason
    assert any(e.kind is EvidenceKind.TEXT and e.value == cone for e in feature.evidence)


@pytest.mark.parametrize(
    ("distance", "close"), [(161.0, MET), (162.0, NOT_MET), (180.0, NOT_MET)]
)  # fmt: skip
def test_cone_far_enough_is_safe(distance: float, close: Truth) -> None:
    """Circles of 70.7 mm around two 10x10 cones, and the 20 mm of the close band."""
    feature = found(pair(distance, cone="10x10"))
    assert feature.close is close
    assert feature.touching is (UNKNOWN if close is MET else NOT_MET)


def test_opening_of_the_applicator_beats_its_name() -> None:
    wide = applicator(id="6x6", opening_mm=250.0, aperture_shape="SYM_SQUARE")
    of = session(
        beam(1, radiation="ELECTRON", ssd=1000.0, applicators=(wide,)),
        beam(2, radiation="ELECTRON", ssd=1000.0, isocenter=(0.0, 0.0, 200.0), applicators=(wide,)),
    )
    assert found(of).close is MET
    round_ = applicator(id="x", opening_mm=100.0, aperture_shape="CIRCULAR")
    of = session(
        beam(1, radiation="ELECTRON", ssd=1000.0, applicators=(round_,)),
        beam(2, radiation="ELECTRON", ssd=1000.0, isocenter=(0.0, 0.0, 121.0), applicators=(round_,)),
    )
    assert found(of).close is NOT_MET


def test_jaws_are_the_last_resort() -> None:
    jaws = {"jaws_x": (-50.0, 50.0), "jaws_y": (-50.0, 50.0)}
    assert found(pair(100.0, **jaws)).close is MET
    assert found(pair(170.0, **jaws)).touching is NOT_MET
    assert found(pair(170.0, cone="CONE-A", **jaws)).touching is NOT_MET  # no size in the name


def test_nothing_known_of_the_size() -> None:
    feature = found(pair(180.0))
    assert (feature.touching, feature.close, feature.gap_mm) == (UNKNOWN, UNKNOWN, None)


def test_one_field_and_none() -> None:
    assert found(session(electron(1, (0.0, 0.0, 0.0)))).touching is NOT_MET
    assert found(session(beam(1))).touching is NOT_MET
    of = session(electron(1, (0.0, 0.0, 0.0), square(30)), beam(2))
    assert found(of).touching is NOT_MET


def test_two_energies_of_one_field() -> None:
    of = session(*(electron(i, (0.0, 0.0, 0.0), square(30), energy=e) for i, e in ((1, 6.0), (2, 12.0))))
    assert (found(of).touching, found(of).close) == (NOT_MET, NOT_MET)
    assert "one field" in found(of).reason
    smaller = session(electron(1, (0.0, 0.0, 0.0), square(30)), electron(2, (0.0, 0.0, 0.0), square(20)))
    assert found(smaller).touching is MET


def test_axes_too_far_apart_are_not_compared() -> None:
    def two(gantry: float, z: float) -> ElectronFieldsFeature:
        a, b = electron(1, (0.0, 0.0, 0.0), square(40)), electron(2, (0.0, 0.0, z), square(40), gantry=gantry)
        return found(session(a, b))

    assert two(30.0, 60.0).touching is MET
    assert two(31.0, 60.0).touching is UNKNOWN
    assert two(31.0, 60.0).gap_mm is None
    assert two(90.0, 500.0).touching is NOT_MET  # too far for any angle


def test_collimator_turns_the_outline() -> None:
    """A strip 20 mm wide and 200 mm long, once along and once across the line that joins the fields."""
    strip = [(-10.0, -100.0), (10.0, -100.0), (10.0, 100.0), (-10.0, 100.0)]
    along = found(pair(150.0, outline=strip))
    across = found(pair(150.0, outline=strip, collimator=90.0))
    assert along.touching is MET
    assert across.gap_mm == pytest.approx(130.0)


def test_extended_distance_widens_the_field() -> None:
    """At SSD 1100 the field on the skin is a tenth wider than at the isocenter plane."""
    assert found(pair(110.0, outline=square(50.0), ssd=1100.0)).gap_mm == pytest.approx(0.0)
    assert found(pair(130.0, outline=square(50.0), ssd=1100.0)).gap_mm == pytest.approx(20.0)


def test_oblique_fields_around_a_chest_wall() -> None:
    """Two fields of 20 mm width on a cylinder of 150 mm radius, tilted to one another by 20 degrees."""
    beams = []
    for i, gantry in ((1, 340.0), (2, 0.0)):
        axis = beam_axis(gantry, 0.0, "HFS")
        assert axis is not None
        beams.append(electron(i, tuple((-150.0 * axis).tolist()), square(10.0), gantry=gantry))
    chord = 2 * 150.0 * math.sin(math.radians(10.0))
    expected = chord - 20.0 * math.cos(math.radians(10.0))
    assert found(session(*beams)).gap_mm == pytest.approx(expected)


def test_self_crossing_and_degenerate_outlines_do_not_fail() -> None:
    bow = [(-30.0, -30.0), (30.0, 30.0), (30.0, -30.0), (-30.0, 30.0)]
    assert found(pair(55.0, outline=bow)).touching is MET
    line = [(0.0, -30.0), (0.0, 0.0), (0.0, 30.0)]
    assert found(pair(100.0, outline=line)).gap_mm == pytest.approx(40.0)


@pytest.mark.parametrize(
    "plan_fields",
    [{"geometry": "TREATMENT_DEVICE"}, {"setups": ()}, {"setups": (setup(position="SITTING"),)}],
)
def test_what_cannot_be_placed(plan_fields: dict[str, Any]) -> None:
    of = session(*(electron(i, (0.0, 0.0, 100.0 * i), square(50.0)) for i in (1, 2)), **plan_fields)
    assert (found(of).touching, found(of).close) == (UNKNOWN, UNKNOWN)


@pytest.mark.parametrize("lost", ["isocenter", "gantry", "couch", "collimator"])
def test_missing_value(lost: str) -> None:
    fields: dict[str, Any] = {lost: None} if lost != "isocenter" else {}
    point = None if lost == "isocenter" else (0.0, 0.0, 100.0)
    of = session(electron(1, (0.0, 0.0, 0.0), square(50.0)), electron(2, point, square(50.0), **fields))
    assert found(of).touching is UNKNOWN


def test_frames_are_not_mixed() -> None:
    plans = [
        plan(electron(1, (0.0, 0.0, 0.0), square(50.0)), sop_instance_uid=f"1.{i}", frame_of_reference_uid=f"2.{i}")
        for i in (1, 2)
    ]
    of = join([s for p in plans for s in sessions_of(p)], by="request")
    assert found(of).touching is UNKNOWN


def test_many_fields_are_not_compared() -> None:
    of = session(*(electron(i, (0.0, 0.0, 200.0 * i), square(10.0)) for i in range(1, 70)))
    assert found(of).touching is UNKNOWN


@hypothesis_settings(max_examples=30, deadline=None)
@given(
    st.floats(0, 360), st.floats(0, 360), st.floats(0, 360), st.floats(101, 300),
    st.sampled_from(["HFS", "HFP", "FFS", "HFDR"]),
)  # fmt: skip
def test_gap_does_not_depend_on_how_the_patient_lies(
    gantry: float, collimator: float, couch: float, distance: float, position: str
) -> None:
    frame = collimator_to_patient(gantry, collimator, couch, position)
    assert frame is not None
    second = tuple((distance * frame[:, 1]).tolist())
    of = session(
        *(
            electron(i, p, square(50.0), gantry=gantry, collimator=collimator, couch=couch)
            for i, p in ((1, (0.0, 0.0, 0.0)), (2, second))
        ),
        setups=(setup(position=position),),
    )
    assert found(of).gap_mm == pytest.approx(distance - 100.0, abs=1e-6)


def test_shapely_is_loaded_only_for_two_fields() -> None:
    import subprocess
    import sys

    code = "import sys, rtcode.features.electrons, rtcode.plan.geometry; sys.exit('shapely' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert np.isfinite(found(pair(300.0, outline=square(10.0))).gap_mm or math.nan)


@pytest.mark.parametrize(("corners", "compared"), [(4_900, True), (5_100, False)])
def test_cut_outs_of_very_many_points_are_not_compared(corners: int, compared: bool) -> None:
    angles = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
    outline = 50.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    feature = found(pair(500.0, outline=outline))
    assert feature.touching is (NOT_MET if compared else UNKNOWN)
    assert ("not compared" in feature.reason) is not compared
