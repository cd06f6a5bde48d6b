"""How many photon isocenters a session has, and when nobody can tell."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rtcode.features.isocenters import NOTE_IDS, detect, isocenters_of
from rtcode.features.types import IsocenterDoubt, IsocenterFeature, Technique
from rtcode.plan.geometry import collimator_to_patient
from rtcode.plan.joining import join
from rtcode.plan.model import Missing
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import EvidenceKind, Truth
from tests.factory import beam, group, plan, session, setup
from tests.features.geometric import SETTINGS, all_facts, facts, settings

NEAR, MISSING, NOT_COMPARABLE = IsocenterDoubt.NEAR, IsocenterDoubt.MISSING, IsocenterDoubt.NOT_COMPARABLE
AXES, FRAMES, TRAJECTORIES = (
    IsocenterDoubt.SEPARATE_SSD_AXES,
    IsocenterDoubt.DIFFERENT_FRAMES,
    IsocenterDoubt.TRAJECTORIES,
)
MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
SSD_SETUP = (setup(technique="FIXED_SSD"),)


def found(of: TreatmentSession, technique: Technique | None = None, **values: Any) -> IsocenterFeature:
    return detect(of, all_facts(of, technique=technique), settings(**values))


def at_points(*points: Any, **fields: Any) -> TreatmentSession:
    """One photon beam a point."""
    return session(*(beam(i, isocenter=p, gantry=10.0 * i) for i, p in enumerate(points, 1)), **fields)


def on_x(*positions: float) -> TreatmentSession:
    return at_points(*((x, 0.0, 0.0) for x in positions))


# ------------------------------------------------------------------------------------------------ counting


@pytest.mark.parametrize(
    ("positions", "multiple", "count", "nearest", "doubts", "why"),
    [
        ((0.0, 0.0, 0.0), NOT_MET, 1, None, (), "one point"),
        ((0.0, 0.4), NOT_MET, 1, None, (), "V44: 0.4 mm apart is one point"),
        ((0.0, 1.0), NOT_MET, 1, None, (), "at most 1 mm is one point"),
        ((0.0, 1.1), UNKNOWN, 2, 1.1, (NEAR,), "just beyond: asked, counted as two"),
        ((0.0, 8.0), UNKNOWN, 2, 8.0, (NEAR,), "V45: 8 mm apart is asked"),
        ((0.0, 10.0), UNKNOWN, 2, 10.0, (NEAR,), "10 mm is not more than 10 mm"),
        ((20.3, 10.3), UNKNOWN, 2, 10.0, (NEAR,), "10 mm in decimals, more in binary"),
        ((0.0, 10.1), MET, 2, 10.1, (), "more than 10 mm is several"),
        ((0.0, 250.0), MET, 2, 250.0, (), "V17"),
        ((-300.0, 0.0, 320.0), MET, 3, 300.0, (), "V72: craniospinal, three"),
        ((0.0, 8.0, 16.0), MET, 3, 8.0, (NEAR,), "the ends are apart, the neighbors near"),
        ((0.0, 0.8, 1.6), UNKNOWN, 2, 1.2, (NEAR,), "a chain is not one point; centers of clusters are compared"),
        ((10.499, 10.501), NOT_MET, 1, None, (), "what rounding would split"),
    ],
)
def test_points_on_a_line(
    positions: tuple[float, ...], multiple: Truth, count: int, nearest: float | None, doubts: Any, why: str
) -> None:
    feature = found(on_x(*positions))
    assert (feature.multiple, feature.count, feature.doubts) == (multiple, count, doubts), why
    assert feature.nearest_mm == (None if nearest is None else pytest.approx(nearest)), why
    assert len(feature.positions_mm) == count
    assert feature.comparable


def test_distances_are_settings() -> None:
    assert found(on_x(0.0, 8.0), distinct_isocenter_mm=5.0).multiple is MET
    assert found(on_x(0.0, 1.5), same_isocenter_mm=2.0).count == 1


def test_single_beam_has_one() -> None:
    feature = found(at_points((3.0, 4.0, 5.0)))
    assert (feature.multiple, feature.count, feature.positions_mm) == (NOT_MET, 1, ((3.0, 4.0, 5.0),))
    assert feature.farthest_mm is None


def test_evidence_has_every_beam_and_every_distance() -> None:
    feature = found(on_x(0.0, 40.0, 90.0))
    assert all(e.kind is EvidenceKind.GEOMETRIC for e in feature.evidence)
    points = [e for e in feature.evidence if isinstance(e.value, tuple)]
    assert [e.where for e in points] == [
        f"BeamSequence[{i}].ControlPointSequence[0].IsocenterPosition (300A,012C)" for i in range(3)
    ]
    distances = sorted(e.value for e in feature.evidence if "distance" in e.where)
    assert distances == [40.0, 50.0, 90.0]
    assert (feature.nearest_mm, feature.farthest_mm) == (40.0, 90.0)
    assert "beam 1" in feature.reason


coordinate = st.floats(-200, 200).map(lambda v: round(v, 2))
clouds = st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=1, max_size=6)
angle = st.floats(0, 360)


def robust(points: list[tuple[float, float, float]]) -> bool:
    """No distance near a limit, so that moving the patient cannot push it over."""
    array = np.array(points)
    distances = np.linalg.norm(array[:, None] - array[None], axis=2)[np.triu_indices(len(points), k=1)]
    return all(abs(d - limit) > 1e-3 for d in distances for limit in (1.0, 10.0))


@hypothesis_settings(max_examples=40, deadline=None)
@given(clouds, st.permutations(range(6)))
def test_order_of_beams_does_not_matter(points: list[tuple[float, float, float]], order: list[int]) -> None:
    shuffled = [points[i] for i in order if i < len(points)]
    one, other = found(at_points(*points)), found(at_points(*shuffled))
    assert (one.multiple, one.count, one.doubts) == (other.multiple, other.count, other.doubts)
    assert sorted(one.positions_mm) == sorted(other.positions_mm)
    assert (one.nearest_mm, one.farthest_mm) == (other.nearest_mm, other.farthest_mm)


@hypothesis_settings(max_examples=40, deadline=None)
@given(clouds, angle, angle, angle, st.tuples(coordinate, coordinate, coordinate))
def test_moving_the_patient_does_not_matter(points: Any, a: float, b: float, c: float, offset: Any) -> None:
    if not robust(points):
        return
    turn = collimator_to_patient(a, b, c, "HFS")
    assert turn is not None
    moved = [tuple(map(float, np.array(p) @ turn.T + np.array(offset))) for p in points]
    one, other = found(at_points(*points)), found(at_points(*moved))
    assert (one.multiple, one.count, one.doubts) == (other.multiple, other.count, other.doubts)
    assert one.nearest_mm == (None if other.nearest_mm is None else pytest.approx(other.nearest_mm, abs=1e-6))


@hypothesis_settings(max_examples=40, deadline=None)
@given(clouds)
def test_one_more_beam_at_a_known_place_changes_nothing(points: list[tuple[float, float, float]]) -> None:
    one, other = found(at_points(*points)), found(at_points(*points, points[0]))
    assert (one.multiple, one.count, one.positions_mm, one.doubts) == (
        other.multiple, other.count, other.positions_mm, other.doubts,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ which beams


def test_setup_beams_are_not_counted() -> None:
    """V46: the cone-beam field stands 50 mm away."""
    of = session(beam(1), beam(2, isocenter=(0.0, 0.0, 50.0), delivery_type="SETUP"))
    assert found(of).count == 1


def test_beams_without_meterset_are_not_counted() -> None:
    of = session(beam(1), beam(2, isocenter=(0.0, 0.0, 50.0)), groups=[group(1, (1, 2), metersets={2: 0.0})])
    assert found(of).count == 1


def test_beam_with_an_unusable_meterset_proves_nothing() -> None:
    of = session(beam(1), beam(2, isocenter=(0.0, 0.0, 50.0)), groups=[group(1, (1, 2), metersets={2: -5.0})])
    assert (found(of).count, found(of).multiple) == (1, NOT_MET)


def test_electron_points_are_not_counted() -> None:
    of = session(beam(1), beam(2, isocenter=(0.0, 0.0, 120.0), radiation="ELECTRON"))
    assert (found(of).count, found(of).multiple) == (1, NOT_MET)


def test_electrons_only_have_none() -> None:
    """V02: two skin lesions 180 mm apart."""
    of = session(*(beam(i, radiation="ELECTRON", isocenter=(0.0, 0.0, 180.0 * i)) for i in (1, 2)))
    feature = found(of)
    assert (feature.count, feature.multiple, feature.comparable, feature.positions_mm) == (0, NOT_MET, True, ())


def test_unknown_radiation_is_neither_counted_nor_none() -> None:
    feature = found(session(beam(1, radiation=None)))
    assert (feature.count, feature.multiple) == (None, UNKNOWN)
    assert found(session(beam(1), beam(2, radiation=None, isocenter=(99.0, 0.0, 0.0)))).count == 1


def test_second_group_is_another_session() -> None:
    """V40: the boost's isocenter is not the first phase's."""
    of = plan(
        beam(1), beam(2, isocenter=(0.0, 0.0, 60.0)),
        groups=[group(1, (1,)), group(2, (2,), index=1, fractions=5)],
    )  # fmt: skip
    assert [found(s).count for s in sessions_of(of)] == [1, 1]
    assert found(join(sessions_of(of), by="request")).multiple is MET


def test_robotic_nodes_are_not_isocenters() -> None:
    """V102: not counted, no doubt."""
    feature = found(on_x(0.0, 30.0, 80.0), Technique.ROBOTIC)
    assert (feature.count, feature.multiple, feature.doubts, feature.comparable) == (None, NOT_MET, (), False)


# --------------------------------------------------------------------------------- missing, not comparable


@pytest.mark.parametrize("value", [None, [Missing.EMPTY], [Missing.INVALID], (0.0, 0.0, 6000.0)])
def test_no_isocenter_at_all(value: Any) -> None:
    """V107: nothing is put in its place."""
    feature = found(at_points(value, value, value, value))
    assert (feature.count, feature.multiple, feature.doubts) == (None, UNKNOWN, (MISSING,))
    assert (feature.positions_mm, feature.nearest_mm, feature.comparable) == ((), None, False)


def test_one_missing_of_two() -> None:
    feature = found(at_points((1.0, 2.0, 3.0), None))
    assert (feature.count, feature.multiple, feature.doubts) == (None, UNKNOWN, (MISSING,))
    assert feature.positions_mm == ((1.0, 2.0, 3.0),)
    assert "at least 1" in feature.reason


def test_two_known_ones_apart_outweigh_a_missing_one() -> None:
    feature = found(at_points((0.0, 0.0, 0.0), (0.0, 0.0, 90.0), None))
    assert (feature.multiple, feature.count, feature.doubts) == (MET, None, (MISSING,))


def test_missing_on_a_single_beam_leaves_no_doubt() -> None:
    feature = found(at_points(None))
    assert (feature.count, feature.multiple, feature.doubts) == (None, NOT_MET, ())


def test_device_geometry_is_not_compared() -> None:
    feature = found(at_points((0.0, 0.0, 0.0), (0.0, 0.0, 250.0), geometry="TREATMENT_DEVICE"))
    assert (feature.count, feature.multiple, feature.doubts) == (None, UNKNOWN, (NOT_COMPARABLE,))
    assert not feature.comparable
    assert feature.evidence[0].where == "RTPlanGeometry (300A,000C)"


def test_device_geometry_of_a_single_beam() -> None:
    """V09: one field has one isocenter, wherever it is."""
    feature = found(at_points((0.0, 0.0, 0.0), geometry="TREATMENT_DEVICE"))
    assert (feature.count, feature.multiple, feature.doubts, feature.comparable) == (None, NOT_MET, (), False)


def test_centimeters_are_not_compared() -> None:
    of = session(*(beam(i, isocenter=(0.0, 0.0, 2.0 * i), source_axis_distance_mm=100.0, ssd=90.0) for i in (1, 2)))
    feature = found(of)
    assert (feature.count, feature.multiple, feature.doubts) == (None, UNKNOWN, (NOT_COMPARABLE,))


def two_plans(one: dict[str, Any], other: dict[str, Any]) -> TreatmentSession:
    plans = [
        plan(beam(1), sop_instance_uid="1.1", **one),
        plan(beam(1, isocenter=(0.0, 0.0, 70.0)), sop_instance_uid="1.2", **other),
    ]
    return join([s for p in plans for s in sessions_of(p)], by="concurrent")


def test_plans_of_one_frame_are_compared() -> None:
    """One treatment exported as one file an isocenter."""
    feature = found(two_plans({}, {}))
    assert (feature.count, feature.multiple, feature.nearest_mm) == (2, MET, 70.0)
    assert {e.plan_uid for e in feature.evidence} == {"1.1", "1.2"}


@pytest.mark.parametrize("uid", ["1.2.9", None, ""])
def test_plans_of_different_or_unknown_frames_are_not(uid: str | None) -> None:
    feature = found(two_plans({"frame_of_reference_uid": uid}, {"frame_of_reference_uid": uid and "1.2.8"}))
    assert (feature.count, feature.multiple, feature.doubts) == (None, UNKNOWN, (FRAMES,))
    assert (feature.nearest_mm, feature.comparable) == (None, False)


def test_two_isocenters_of_one_plan_beside_a_plan_in_device_geometry() -> None:
    first = plan(beam(1), beam(2, isocenter=(0.0, 0.0, 70.0)), sop_instance_uid="1.1")
    second = plan(beam(1), sop_instance_uid="1.2", geometry="TREATMENT_DEVICE")
    feature = found(join([*sessions_of(first), *sessions_of(second)], by="request"))
    assert (feature.multiple, feature.count, feature.comparable) == (MET, None, False)
    assert feature.doubts == (NOT_COMPARABLE,)


def test_origin_is_taken_and_remarked() -> None:
    feature = found(on_x(0.0, 0.0))
    assert feature.count == 1
    assert feature.notes == (("isocenter_note", "every isocenter is at the origin (0, 0, 0)"),)
    assert found(on_x(5.0, 5.0)).notes == ()


# ------------------------------------------------------------------------------------------------ SSD set-ups


def box(ssd: float = 1000.0, depth: float = 80.0, **fields: Any) -> TreatmentSession:
    """Four fields on one target, each with its point on the skin."""
    skins = {0: (0.0, -depth, 0.0), 90: (depth, 0.0, 0.0), 180: (0.0, depth, 0.0), 270: (-depth, 0.0, 0.0)}
    beams = [beam(i, gantry=float(g), ssd=ssd, isocenter=p) for i, (g, p) in enumerate(skins.items(), 1)]
    return session(*beams, **fields)


def test_four_surface_fields_on_one_target() -> None:
    feature = found(box())
    assert (feature.count, feature.multiple, feature.doubts) == (None, NOT_MET, ())
    assert feature.positions_mm == ()
    ((name, text),) = feature.notes
    assert name == "ssd_setups" and "1 target" in text
    assert any("closest approach" in e.where and e.value == 0.0 for e in feature.evidence)


def test_opposed_surface_fields() -> None:
    of = session(
        beam(1, gantry=0.0, isocenter=(0.0, -90.0, 0.0)), beam(2, gantry=180.0, isocenter=(0.0, 110.0, 0.0)),
        setups=SSD_SETUP,
    )  # fmt: skip
    assert (found(of).multiple, found(of).doubts) == (NOT_MET, ())


@pytest.mark.parametrize(("apart", "doubts"), [(9.0, ()), (10.0, ()), (10.1, (AXES,)), (200.0, (AXES,))])
def test_surface_fields_side_by_side(apart: float, doubts: Any) -> None:
    of = session(*(beam(i, isocenter=(0.0, -90.0, apart * i)) for i in (1, 2)), setups=SSD_SETUP)
    feature = found(of)
    assert (feature.count, feature.doubts) == (None, doubts)
    assert feature.multiple is (UNKNOWN if doubts else NOT_MET)


def test_axes_that_cross_outside_the_patient_are_separate() -> None:
    """Two fields of one transverse plane always cross somewhere."""
    of = session(
        beam(1, gantry=0.0, isocenter=(200.0, -60.0, 0.0)), beam(2, gantry=350.0, isocenter=(-200.0, -60.0, 0.0)),
        setups=SSD_SETUP,
    )  # fmt: skip
    assert found(of).doubts == (AXES,)


def test_long_distance_from_opposite_sides() -> None:
    """V51: total body laterals at 4 m, one isocenter."""
    of = session(*(beam(i, gantry=g, ssd=4000.0) for i, g in ((1, 90.0), (2, 270.0))), setups=(setup(technique="TBI"),))
    feature = found(of)
    assert (feature.count, feature.multiple, feature.doubts) == (None, NOT_MET, ())


@pytest.mark.parametrize(
    ("angles", "fields", "technique", "count", "why"),
    [
        ((0, 60, 120), {"ssd": 1000.0}, "ISOCENTRIC", 1, "set-ups by SSD do not share a point"),
        ((0, 60), {"ssd": 900.0, "source_axis_distance_mm": 900.0}, None, 1, "a machine with a short distance"),
        ((0, 60), {"ssd": None, "entry": (5.0, 0.0, 0.0)}, "ISOCENTRIC", 1, "the point is the entry point of all"),
        ((0, 180), {"ssd": 1000.0}, "ISOCENTRIC", None, "an opposed pair can be two set-ups"),
        ((0, 0), {"ssd": 1000.0}, "ISOCENTRIC", None, "one direction can be one set-up"),
        ((0, 60, 120), {"ssd": 1000.0}, "FIXED_SSD", None, "the set-up says so"),
        ((0, 60, 120), {"ssd": 1100.0}, "ISOCENTRIC", None, "nothing turns about a point in air"),
    ],
)
def test_fields_that_turn_about_a_point_on_the_skin(
    angles: tuple[int, ...], fields: dict[str, Any], technique: str | None, count: int | None, why: str
) -> None:
    beams = (beam(i, gantry=float(g), isocenter=(5.0, 0.0, 0.0), **fields) for i, g in enumerate(angles, 1))
    feature = found(session(*beams, setups=(setup(technique=technique),)))
    assert (feature.count, feature.multiple, feature.doubts) == (count, NOT_MET, ()), why


def test_isocentric_beams_are_counted_beside_surface_fields() -> None:
    of = session(
        beam(1, gantry=0.0), beam(2, gantry=180.0),
        beam(3, gantry=90.0, ssd=1000.0, isocenter=(120.0, 0.0, 0.0)),
    )  # fmt: skip
    feature = found(of)
    assert (feature.count, feature.positions_mm, feature.multiple) == (1, ((0.0, 0.0, 0.0),), NOT_MET)
    assert feature.doubts == ()


def test_surface_field_away_from_the_isocenter_is_a_doubt() -> None:
    of = session(beam(1), beam(2, gantry=0.0, ssd=1000.0, isocenter=(0.0, -90.0, 150.0)))
    assert (found(of).count, found(of).multiple, found(of).doubts) == (1, UNKNOWN, (AXES,))


def test_surface_fields_without_a_patient_position_are_a_doubt() -> None:
    of = session(
        *(beam(i, ssd=1000.0, isocenter=(0.0, 0.0, 30.0 * i)) for i in (1, 2)), setups=(setup(position=None),)
    )  # fmt: skip
    assert found(of).doubts == (AXES,)
    same = session(*(beam(i, ssd=1000.0) for i in (1, 2)), setups=(setup(position=None),))
    assert found(same).doubts == ()


def test_arc_to_a_shallow_target_is_isocentric() -> None:
    of = session(*(beam(i, gantry=[181.0, 179.0], direction=["CW"], ssd=1000.0) for i in (1, 2)))
    assert found(of, Technique.VMAT).count == 1


# ------------------------------------------------------------------------------------------------ paths


def helix(number: int, start: float = 0.0, length: float = 98.0, count: int = 50, **fields: Any) -> Any:
    z = np.linspace(start, start - length, count)
    return beam(
        number,
        weights=tuple(np.linspace(0, 1, count)),
        isocenter=[(0.0, 0.0, float(v)) for v in z],
        gantry=[float(7 * i % 360) for i in range(count)],
        source_axis_distance_mm=850.0,
        ssd=None,
        **fields,
    )


def test_a_point_a_control_point_is_one_trajectory() -> None:
    feature = found(session(helix(1)), Technique.HELICAL)
    assert (feature.count, feature.multiple, feature.doubts) == (1, NOT_MET, ())
    assert feature.positions_mm == ((0.0, 0.0, 0.0),)
    assert feature.long_target is NOT_MET
    assert len(feature.evidence) < 6


def test_trajectory_is_seen_without_the_technique() -> None:
    assert found(session(helix(1)), Technique.UNKNOWN).count == 1


@pytest.mark.parametrize(("start", "doubts"), [(0.0, ()), (10.0, ()), (-60.0, (TRAJECTORIES,))])
def test_two_trajectories(start: float, doubts: Any) -> None:
    feature = found(session(helix(1), helix(2, start)), Technique.HELICAL)
    assert (feature.count, feature.doubts) == (1, doubts)
    assert feature.multiple is (UNKNOWN if doubts else NOT_MET)


@pytest.mark.parametrize(
    ("length", "label", "truth"),
    [(399.0, "HN", NOT_MET), (400.0, "HN", NOT_MET), (401.0, "HN", MET), (300.0, "CSI", MET)],
)
def test_long_target(length: float, label: str, truth: Truth) -> None:
    """V47: asked, no doubt, one isocenter."""
    feature = found(session(helix(1, length=length), label=label), Technique.HELICAL)
    assert (feature.long_target, feature.multiple, feature.doubts) == (truth, NOT_MET, ())


def test_length_is_unknown_with_one_point() -> None:
    assert found(session(beam(1)), Technique.HELICAL).long_target is UNKNOWN
    assert found(session(beam(1), label="CSI"), Technique.HELICAL).long_target is MET


def test_words_alone_make_no_long_target() -> None:
    assert found(session(beam(1), label="CSI"), Technique.VMAT).long_target is NOT_MET


def test_point_that_moves_with_the_beam_on() -> None:
    """Legal on a C-arm machine and never seen: one path, asked where it is long."""
    moving = beam(1, isocenter=[(0.0, 0.0, 0.0), (0.0, 0.0, 80.0)])
    feature = found(session(moving, beam(2)))
    assert (feature.count, feature.multiple, feature.doubts) == (1, UNKNOWN, (TRAJECTORIES,))
    assert ("isocenter_note", "the isocenter changes within a beam: beam 1") in feature.notes


def test_point_that_moves_with_the_beam_off() -> None:
    points = [(0.0, 0.0, 0.0), None, (0.0, 0.0, 80.0), None]
    feature = found(session(beam(1, isocenter=points, weights=(0, 0.5, 0.5, 1))))
    assert (feature.count, feature.multiple) == (2, MET)
    assert ("isocenter_note", "the isocenter changes within a beam: beam 1") in feature.notes


# ------------------------------------------------------------------------------------------------ the rest


def test_setup_shift_behind_one_isocenter_is_remarked() -> None:
    shifts = {"lateral_displacement_mm": 0.0, "vertical_displacement_mm": 0.0}
    setups = [
        setup(1, longitudinal_displacement_mm=0.0, **shifts),
        setup(2, index=1, longitudinal_displacement_mm=150.0, **shifts),
    ]
    point = (1.0, 0.0, 0.0)
    of = session(beam(1, isocenter=point), beam(2, isocenter=point, setup_number=2), setups=setups)
    assert found(of).notes == (
        ("isocenter_note", "one isocenter, but different set-up shifts of the table: beams 1, 2"),
    )
    assert found(of).multiple is NOT_MET


def test_hundreds_of_points_are_not_clustered() -> None:
    of = session(*(beam(i, isocenter=(5.0 * i, 0.0, 0.0)) for i in range(1, 603)))
    feature = found(of)
    assert (feature.multiple, feature.count) == (MET, None)
    assert len(feature.evidence) <= 50


def test_notes_have_registered_names() -> None:
    sessions = [box(), on_x(0.0, 0.0)]
    assert {name for s in sessions for name, _ in found(s).notes} <= set(NOTE_IDS)


def test_isocenters_of_a_beam() -> None:
    of = session(beam(1, isocenter=[(0, 0, 0), None, (0, 0, 80), None], weights=(0, 0.5, 0.5, 1)))
    assert isocenters_of(of.beams[0]) == ((0.0, 0.0, 0.0), (0.0, 0.0, 80.0))
    assert facts(of.beams[0]).isocenters_mm == isocenters_of(of.beams[0])
    assert SETTINGS.same_isocenter_mm == 1.0


# ------------------------------------------------------------------------------------------------ many of them


@pytest.mark.parametrize(("count", "far"), [(3, 1), (30, 1), (30, 25), (30, 30)])
def test_trajectories_that_start_apart(count: int, far: int) -> None:
    """The evidence names the pairs in the order of the beams, up to a length."""
    beams = [
        beam(
            i,
            gantry=[181.0, 179.0],
            direction=["CW", "NONE"],
            isocenter=[(0.0, 0.0, 60.0 if i <= far else 0.0), (0.0, 0.0, 60.5 if i <= far else 0.5)],
        )
        for i in range(1, count + 1)
    ]
    feature = found(session(*beams))
    pairs = [(a, b) for a, b in combinations(range(1, count + 1), 2) if (a <= far) != (b <= far)]
    named = [e.where for e in feature.evidence if "distance of the starts" in e.where]
    assert (TRAJECTORIES in feature.doubts) is bool(pairs)
    assert len(named) == min(len(pairs), 45)
    for (a, b), where in zip(pairs, named, strict=False):
        assert where.startswith(f"BeamSequence[{a - 1}]") and f"to BeamSequence[{b - 1}]" in where


def test_fields_on_the_skin_with_too_many_directions_stay_set_ups() -> None:
    """One point and many angles is an isocenter, unless there are too many to compare: nothing is claimed."""
    for angles, turns in ((20, True), (200, False)):
        gantries = [angle for i in range(angles) for angle in (i * 90.0 / angles, None)]
        weights = [value for i in range(angles) for value in (i / angles, (i + 1) / angles)]
        beams = [beam(i, gantry=gantries, weights=weights, ssd=1000.0) for i in range(1, 5)]
        feature = found(session(*beams))
        assert any("fields turn about it" in text for _, text in feature.notes) is turns, angles
        assert any(name == "ssd_setups" for name, _ in feature.notes) is not turns, angles
        assert feature.multiple is not MET
