"""From how many directions photon fields come."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.directions import detect
from rtcode.features.types import DirectionsFeature, Technique
from rtcode.plan.joining import join
from rtcode.plan.model import Missing
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import Truth
from tests.factory import beam, plan, session, setup
from tests.features.geometric import SETTINGS, all_facts, facts, settings

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def found(of: TreatmentSession, **values: Any) -> DirectionsFeature:
    return detect(of, all_facts(of), settings(**values))


def fields(*angles: Any, **plan_fields: Any) -> TreatmentSession:
    """A beam for each gantry angle, or ``(gantry, couch)``."""
    beams = []
    for i, angle in enumerate(angles, 1):
        gantry, couch = angle if isinstance(angle, tuple) else (angle, 0.0)
        beams.append(beam(i, gantry=gantry, couch=couch))
    return session(*beams, **plan_fields)


@pytest.mark.parametrize(
    ("angles", "truth", "count", "why"),
    [
        ((0,), NOT_MET, 1, "V10: one field"),
        ((0, 180), NOT_MET, 2, "V11: AP/PA"),
        ((90, 270), NOT_MET, 2, "V19: laterals"),
        ((0, 182), NOT_MET, 2, "2 degrees off counts as opposed"),
        ((0, 182.1), MET, 2, "more than 2 degrees off"),
        ((300, 124), MET, 2, "breast tangents, 4 degrees off"),
        ((0, 90), MET, 2, "wedge pair"),
        ((150, 180, 210), MET, 3, "V22: posterior obliques"),
        ((0, 90, 180, 270), MET, 4, "V107: box"),
        ((0, 0), NOT_MET, 1, "V43: one direction twice"),
        ((0, 360), NOT_MET, 1, "360 is 0"),
        ((0, 0, 180, 180), NOT_MET, 2, "an opposed pair with split fields"),
        ((0, 1.5, 180), NOT_MET, 2, "nearly one direction, opposed within the limit"),
        (((0, 0), (0, 90)), NOT_MET, 1, "a couch kick under a vertical beam turns the field, not its direction"),
        (((90, 0), (90, 30)), MET, 2, "a couch kick is another direction"),
        (((90, 0), (270, 0), (90, 30), (270, 30)), MET, 4, "two opposed pairs at two couch angles"),
        (((90, 0), (90, 180)), NOT_MET, 2, "opposed by the couch"),
    ],
)
def test_directions(angles: tuple[Any, ...], truth: Truth, count: int, why: str) -> None:
    feature = found(fields(*angles))
    assert (feature.three_dimensional, feature.directions) == (truth, count), why
    assert feature.reason
    assert len(feature.evidence) >= len(angles)


def test_limit_is_a_setting() -> None:
    assert found(fields(0, 184), opposed_deg=5.0).three_dimensional is NOT_MET


def test_each_isocenter_on_its_own() -> None:
    """V17: both knees AP/PA; eight fields, no place has more than an opposed pair."""
    beams = [
        beam(i, gantry=g, isocenter=(x, 0.0, 0.0))
        for i, (g, x) in enumerate(((0, -125.0), (180, -125.0), (0, 125.0), (180, 125.0)), 1)
    ]
    assert found(session(*beams)).three_dimensional is NOT_MET
    crossed = [beam(1, gantry=0, isocenter=(-125.0, 0.0, 0.0)), beam(2, gantry=90, isocenter=(125.0, 0.0, 0.0))]
    assert found(session(*crossed)).three_dimensional is NOT_MET
    assert found(session(*crossed)).directions == 1


@pytest.mark.parametrize("fields_", [{"isocenter": None}, {"isocenter": [Missing.EMPTY]}])
def test_without_isocenters_beams_are_one_group(fields_: dict[str, Any]) -> None:
    of = session(*(beam(i, gantry=g, **fields_) for i, g in enumerate((0, 90, 180, 270), 1)))
    assert (found(of).three_dimensional, found(of).directions) == (MET, 4)


def test_beams_without_isocenter_join_the_only_place() -> None:
    of = session(beam(1, gantry=0), beam(2, gantry=100, isocenter=None))
    assert found(of).three_dimensional is MET


def test_device_geometry_is_one_group() -> None:
    """V12: AP/PA in device geometry."""
    assert found(fields(0, 180, geometry="TREATMENT_DEVICE")).three_dimensional is NOT_MET
    assert found(fields(0, 120, 240, geometry="TREATMENT_DEVICE")).three_dimensional is MET


def surface(*entries: tuple[float, tuple[float, float, float]]) -> TreatmentSession:
    return session(*(beam(i, gantry=g, ssd=1000.0, isocenter=p) for i, (g, p) in enumerate(entries, 1)))


def test_surface_fields_on_one_target_are_one_group() -> None:
    of = surface((0, (0.0, -80.0, 0.0)), (90, (80.0, 0.0, 0.0)), (270, (-80.0, 0.0, 0.0)))
    assert (found(of).three_dimensional, found(of).directions) == (MET, 3)


def test_surface_fields_on_separate_targets_are_not() -> None:
    of = surface((0, (0.0, -80.0, 0.0)), (90, (80.0, 0.0, 300.0)), (270, (-80.0, 0.0, 600.0)))
    assert (found(of).three_dimensional, found(of).directions) == (NOT_MET, 1)


def test_surface_field_through_an_isocenter_joins_it() -> None:
    of = session(beam(1, gantry=90), beam(2, gantry=270), beam(3, gantry=0, ssd=1000.0, isocenter=(0.0, -90.0, 0.0)))
    assert (found(of).three_dimensional, found(of).directions) == (MET, 3)


def test_opposed_half_beams() -> None:
    of = fields(60, 240)
    half = tuple(facts(b, half_beam=MET) for b in of.beams)
    assert detect(of, half, SETTINGS).three_dimensional is MET
    one = (facts(of.beams[0], half_beam=MET), facts(of.beams[1], half_beam=NOT_MET))
    assert detect(of, one, SETTINGS).three_dimensional is NOT_MET
    open_ = (facts(of.beams[0], half_beam=MET), facts(of.beams[1], half_beam=UNKNOWN))
    assert detect(of, open_, SETTINGS).three_dimensional is UNKNOWN


def test_arcs_are_left_to_the_technique() -> None:
    of = session(beam(1, gantry=[181.0, 179.0], direction=["CW"]), beam(2, gantry=[179.0, 181.0], direction=["CC"]))
    assert (found(of).three_dimensional, found(of).directions) == (NOT_MET, None)
    named = tuple(facts(b, technique=Technique.VMAT) for b in fields(0, 90, 180).beams)
    assert detect(fields(0, 90, 180), named, SETTINGS).three_dimensional is NOT_MET


def test_electrons_and_setup_fields_do_not_count() -> None:
    of = session(
        beam(1, gantry=0),
        beam(2, gantry=120, radiation="ELECTRON"),
        beam(3, gantry=240, delivery_type="SETUP"),
    )
    assert (found(of).three_dimensional, found(of).directions) == (NOT_MET, 1)
    assert found(session(beam(1, radiation="ELECTRON"))).directions is None


def test_unknown_angle() -> None:
    assert found(fields(None)).three_dimensional is NOT_MET  # one field has one direction, whichever
    assert found(fields(0, None)).three_dimensional is UNKNOWN
    assert found(fields(0, 180, None)).three_dimensional is UNKNOWN
    assert found(fields(0, 90, 180, None)).three_dimensional is MET


def test_couch_angle_not_recorded() -> None:
    """Gantry angles alone show directions; that a pair is opposed needs the couch."""
    assert found(fields((0, None), (120, None), (240, None))).three_dimensional is MET
    assert found(fields((90, None), (270, None))).three_dimensional is UNKNOWN
    assert found(fields((90, None))).three_dimensional is NOT_MET
    assert found(fields((90, None), (90, None))).three_dimensional is UNKNOWN


def test_patient_position_does_not_matter_where_it_is_one() -> None:
    for position in ("HFP", "FFS", "HFDL", None):
        assert found(fields(0, 180, setups=(setup(position=position),))).three_dimensional is NOT_MET
        assert found(fields(0, 90, setups=(setup(position=position),))).three_dimensional is MET


def test_turning_the_patient_is_another_direction() -> None:
    """Supine and prone under one gantry angle: from the front and from the back."""
    setups = [setup(1, position="HFS"), setup(2, index=1, position="HFP")]
    of = session(beam(1, gantry=45), beam(2, gantry=45, setup_number=2), setups=setups)
    assert found(of).directions == 2
    assert found(of).three_dimensional is NOT_MET  # opposed in the patient


def test_beam_without_position_is_not_compared_with_beams_that_have_one() -> None:
    setups = [setup(1, position="HFS"), setup(2, index=1, position=None)]
    of = session(beam(1, gantry=0), beam(2, gantry=90, setup_number=2), setups=setups)
    assert found(of).three_dimensional is UNKNOWN


def test_segments_of_one_beam_at_several_angles() -> None:
    of = session(beam(1, gantry=[0.0, 0.0, 90.0, 90.0, 200.0, 200.0], weights=(0, 0.3, 0.3, 0.6, 0.6, 1)))
    assert (found(of).three_dimensional, found(of).directions) == (MET, 3)


def test_plans_of_different_frames_are_not_put_together() -> None:
    plans = [
        plan(beam(1, gantry=g), sop_instance_uid=f"1.{g}", frame_of_reference_uid=f"1.2.{g}") for g in (0, 120, 240)
    ]
    of = join([s for p in plans for s in sessions_of(p)], by="request")
    assert (found(of).three_dimensional, found(of).directions) == (NOT_MET, 1)


@pytest.mark.parametrize(
    ("spread", "truth", "why"),
    [(120.0, MET, "three of them are plainly apart"), (1.0, UNKNOWN, "all about one direction: not compared")],
)
def test_more_directions_than_are_compared(spread: float, truth: Truth, why: str) -> None:
    """Gantries that stand at many angles with the beam off."""
    angles = 150
    beams = [
        beam(
            i,
            gantry=[angle for k in range(angles) for angle in ((k + i / 5) * spread / angles, None)],
            weights=[value for k in range(angles) for value in (k / angles, (k + 1) / angles)],
        )
        for i in range(1, 5)
    ]
    feature = found(session(*beams))
    assert feature.three_dimensional is truth, why
    assert "more than 500 directions" in feature.reason


def test_a_beam_with_more_axes_than_anybody_plans_has_no_known_direction() -> None:
    angles = 300
    wild = beam(
        1,
        gantry=[angle for k in range(angles) for angle in (k * 0.5, None)],
        weights=[value for k in range(angles) for value in (k / angles, (k + 1) / angles)],
    )
    assert found(session(wild, beam(2))).three_dimensional is UNKNOWN
