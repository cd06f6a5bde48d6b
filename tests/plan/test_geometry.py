"""Frames of IEC 61217, closest approach and clustering."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.plan.geometry import (
    angle_between_deg,
    axis_distance,
    beam_axis,
    center_of,
    cluster_points,
    collimator_to_patient,
    complete_linkage,
    pairwise_distances,
    place_outline,
    point_axis_distance,
    project_on_plane,
    table_to_patient,
)

LEFT, POSTERIOR, HEAD = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def opposite(v: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(-x for x in v)


RIGHT, ANTERIOR, FEET = opposite(LEFT), opposite(POSTERIOR), opposite(HEAD)
POSITIONS = ("HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL")

angles = st.floats(0.0, 360.0)
coordinates = st.floats(-500.0, 500.0)
points = st.tuples(coordinates, coordinates, coordinates)


def rotation(a: float, b: float, c: float) -> np.ndarray:
    frame = collimator_to_patient(a, b, c, "HFS")
    assert frame is not None
    return frame


# ------------------------------------------------------------------------------------------------ frames


@pytest.mark.parametrize(
    ("gantry", "couch", "position", "source"),
    [
        (0, 0, "HFS", ANTERIOR),
        (180, 0, "HFS", POSTERIOR),
        (90, 0, "HFS", LEFT),
        (270, 0, "HFS", RIGHT),
        (0, 0, "HFP", POSTERIOR),
        (90, 0, "HFP", RIGHT),
        (90, 0, "FFS", RIGHT),
        (0, 0, "FFS", ANTERIOR),
        (90, 0, "FFP", LEFT),
        (0, 0, "FFP", POSTERIOR),
        # lying on the right side the left side is up
        (0, 0, "HFDR", LEFT),
        (0, 0, "HFDL", RIGHT),
        (0, 0, "FFDR", LEFT),
        (0, 0, "FFDL", RIGHT),
        # lying on the right side, head to the gantry, the back is at the right of somebody who faces the gantry
        (90, 0, "HFDR", POSTERIOR),
        (90, 0, "HFDL", ANTERIOR),
        (90, 0, "FFDR", ANTERIOR),
        (90, 0, "FFDL", POSTERIOR),
        # couch at 90: the table top turns counter-clockwise from above, the head comes to the left of the room
        (90, 90, "HFS", FEET),
        (270, 90, "HFS", HEAD),
        (90, 270, "HFS", HEAD),
        (0, 90, "HFS", ANTERIOR),
    ],
)
def test_source_side(gantry: float, couch: float, position: str, source: tuple[float, ...]) -> None:
    axis = beam_axis(gantry, couch, position)
    assert axis is not None
    np.testing.assert_array_equal(axis, opposite(source))


def test_collimator_axes_at_zero_follow_the_table() -> None:
    frame = rotation(0, 0, 0)
    np.testing.assert_array_equal(frame[:, 0], LEFT)
    np.testing.assert_array_equal(frame[:, 1], HEAD)


def test_collimator_turns_counter_clockwise_seen_from_the_source() -> None:
    # seen from the source over a supine patient, with the head up in the view, the left side is at the viewer's right
    np.testing.assert_allclose(rotation(0, 90, 0)[:, 0], HEAD, atol=1e-15)
    np.testing.assert_allclose(rotation(0, 90, 0)[:, 1], RIGHT, atol=1e-15)


@pytest.mark.parametrize("position", POSITIONS)
def test_table_to_patient_is_a_rotation(position: str) -> None:
    matrix = table_to_patient(position)
    assert matrix is not None
    np.testing.assert_array_equal(matrix @ matrix.T, np.eye(3))
    assert np.linalg.det(matrix) == pytest.approx(1.0)


@pytest.mark.parametrize("position", ["SITTING", "", None, "HFX"])
def test_no_frame_without_a_known_position(position: str | None) -> None:
    assert table_to_patient(position) is None
    assert beam_axis(0, 0, position) is None


def test_position_may_be_padded_or_lower_case() -> None:
    np.testing.assert_array_equal(table_to_patient(" hfs "), table_to_patient("HFS"))


@given(angles, angles, angles, st.sampled_from(POSITIONS))
def test_frames_stay_orthonormal(gantry: float, collimator: float, couch: float, position: str) -> None:
    frame = collimator_to_patient(gantry, collimator, couch, position, eccentric_deg=3, pitch_deg=1, roll_deg=-2)
    assert frame is not None
    np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1.0)


@given(angles, angles, angles, angles, st.sampled_from(POSITIONS))
def test_angle_between_beams_does_not_depend_on_patient_position(
    gantry: float, couch: float, other_gantry: float, other_couch: float, position: str
) -> None:
    def angle(name: str) -> float:
        a, b = beam_axis(gantry, couch, name), beam_axis(other_gantry, other_couch, name)
        assert a is not None and b is not None
        return angle_between_deg(a, b)

    assert angle(position) == pytest.approx(angle("HFS"), abs=1e-6)


@given(angles, angles)
def test_gantry_and_half_a_turn_are_opposed(gantry: float, couch: float) -> None:
    a, b = beam_axis(gantry, couch, "HFS"), beam_axis(gantry + 180, couch, "HFS")
    assert a is not None and b is not None
    assert angle_between_deg(a, b) == pytest.approx(180.0, abs=1e-9)


def test_angle_is_exact_where_an_arc_cosine_is_not() -> None:
    a = np.array([1.0, 0.0, 0.0])
    b = np.array([math.cos(1e-9), math.sin(1e-9), 0.0])
    assert angle_between_deg(a, b) == pytest.approx(math.degrees(1e-9), rel=1e-6)
    assert angle_between_deg(a, -b) == pytest.approx(180.0)


def test_pitch_lifts_the_head_side() -> None:
    # a table pitched about the x axis turns the vertical axis toward the head or feet, never sideways
    axis = beam_axis(0, 0, "HFS", pitch_deg=10)
    assert axis is not None
    assert axis[0] == pytest.approx(0.0)
    assert abs(axis[2]) == pytest.approx(math.sin(math.radians(10)))


# ------------------------------------------------------------------------------------------------ outlines


@given(angles, angles, angles, points)
def test_outline_lies_in_the_plane_across_the_axis(
    gantry: float, collimator: float, couch: float, center: tuple[float, float, float]
) -> None:
    frame = rotation(gantry, collimator, couch)
    outline = np.array([[-30.0, -20.0], [30.0, -20.0], [30.0, 20.0], [-30.0, 20.0]])
    placed = place_outline(outline, frame, np.array(center), scale=1.1)
    np.testing.assert_allclose((placed - center) @ frame[:, 2], 0.0, atol=1e-9)
    sides = np.linalg.norm(np.diff(placed, axis=0), axis=1)
    np.testing.assert_allclose(sides, [66.0, 44.0, 66.0], rtol=1e-9)
    flat = project_on_plane(placed, np.array(center), frame[:, 2])
    np.testing.assert_allclose(np.linalg.norm(np.diff(flat, axis=0), axis=1), sides, rtol=1e-9)


def test_projection_shortens_what_is_tilted() -> None:
    tilted = np.array([[0.0, 0.0, 0.0], [math.cos(math.radians(60)), 0.0, math.sin(math.radians(60))]])
    flat = project_on_plane(tilted, np.zeros(3), np.array([0.0, 0.0, 1.0]))
    assert np.linalg.norm(flat[1] - flat[0]) == pytest.approx(0.5)


# ------------------------------------------------------------------------------------------------ axes

X, Y, Z = np.eye(3)


@pytest.mark.parametrize(
    ("a", "da", "b", "db", "spans", "distance"),
    [
        # crossing, skew, parallel, opposed on one line
        ((0, 0, 0), X, (5, 0, 0), Y, {}, 0.0),
        ((0, 0, 0), X, (5, 3, 7), Y, {}, 7.0),
        ((0, 0, 0), X, (100, 3, 4), X, {}, 5.0),
        ((0, 0, 0), X, (100, 0, 0), -X, {}, 0.0),
        # they cross behind the first one's start
        ((0, 0, 0), X, (-30, -40, 0), Y, {"span_a": (0.0, 600.0), "span_b": (0.0, 600.0)}, 30.0),
        # they cross further than either reaches
        ((0, 0, 0), X, (100, 0, 0), X, {"span_a": (0.0, 40.0), "span_b": (0.0, 40.0)}, 60.0),
        # end to end
        ((0, 0, 0), X, (100, 30, 0), Y, {"span_a": (0.0, 60.0), "span_b": (0.0, 60.0)}, 50.0),
        # parallel, overlapping
        ((0, 0, 0), X, (10, 8, 0), X, {"span_a": (0.0, 40.0), "span_b": (0.0, 40.0)}, 8.0),
        # one without ends
        ((0, 0, 0), X, (100, 0, 9), X, {"span_a": (0.0, 40.0)}, 9.0),
    ],
)
def test_axis_distance(a, da, b, db, spans, distance) -> None:  # type: ignore[no-untyped-def]
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    assert axis_distance(a, da, b, db, **spans) == pytest.approx(distance)
    swapped = {
        "span_a": spans.get("span_b", (-math.inf, math.inf)),
        "span_b": spans.get("span_a", (-math.inf, math.inf)),
    }
    assert axis_distance(b, db, a, da, **swapped) == pytest.approx(distance)


@given(points, points, angles, angles, angles, angles)
def test_axis_distance_is_the_smallest_of_many_pairs(p, q, g1, t1, g2, t2) -> None:  # type: ignore[no-untyped-def]
    a, b = np.array(p), np.array(q)
    da, db = beam_axis(g1, t1, "HFS"), beam_axis(g2, t2, "HFS")
    assert da is not None and db is not None
    span = (0.0, 600.0)
    found = axis_distance(a, da, b, db, span_a=span, span_b=span)
    steps = np.linspace(0.0, 600.0, 61)
    on_a, on_b = a + steps[:, None] * da, b + steps[:, None] * db
    sampled = float(np.min(np.linalg.norm(on_a[:, None] - on_b[None], axis=2)))
    assert found <= sampled + 1e-6
    # samples 10 mm apart on both axes miss the nearest points by at most 5 mm each
    assert sampled <= found + 10.0 + 1e-6


def test_point_axis_distance_respects_the_span() -> None:
    assert point_axis_distance(np.array([5.0, 3.0, 4.0]), np.zeros(3), X) == pytest.approx(5.0)
    assert point_axis_distance(np.array([-12.0, 3.0, 4.0]), np.zeros(3), X, (0.0, 10.0)) == pytest.approx(13.0)


# ------------------------------------------------------------------------------------------------ clusters


def on_a_line(*positions: float) -> list[tuple[float, float, float]]:
    return [(x, 0.0, 0.0) for x in positions]


@pytest.mark.parametrize(
    ("positions", "groups", "why"),
    [
        ((0.0, 0.4), [(0, 1)], "noise of one point"),
        ((0.0, 1.0), [(0, 1)], "the limit is included"),
        ((20.3, 19.3), [(0, 1)], "exactly at the limit in decimals, not in binary"),
        ((0.0, 1.001), [(0,), (1,)], "just beyond"),
        ((10.499, 10.501), [(0, 1)], "what rounding would split"),
        ((0.0, 0.8, 1.6), [(0, 1), (2,)], "a chain does not become one point"),
        ((0.0, 0.8, 1.6, 2.4), [(0, 1), (2, 3)], "a chain of equal steps is cut from its ends"),
        ((0.0, 0.9, 1.7, 2.6), [(0,), (1, 2), (3,)], "the nearest pair merges first"),
        ((5.0, 0.0, 5.0, 0.0), [(0, 2), (1, 3)], "copies belong together, order of the first member"),
    ],
)
def test_complete_linkage_on_a_line(positions: tuple[float, ...], groups: list[tuple[int, ...]], why: str) -> None:
    assert list(cluster_points(on_a_line(*positions), 1.0)) == groups, why


def test_no_points_no_clusters() -> None:
    assert cluster_points([], 1.0) == ()


def test_unknown_distances_never_merge() -> None:
    distances = np.array([[0.0, np.nan, 0.5], [np.nan, 0.0, np.inf], [0.5, np.inf, 0.0]])
    assert complete_linkage(distances, 1.0) == ((0, 2), (1,))


def naive(distances: np.ndarray, limit: float) -> set[frozenset[int]]:
    """Complete linkage as the textbook has it, for configurations without ties."""
    clusters = [frozenset([i]) for i in range(len(distances))]
    while len(clusters) > 1:
        gap, a, b = min(
            (max(distances[i, j] for i in a for j in b), ia, ib)
            for (ia, a), (ib, b) in itertools.combinations(enumerate(clusters), 2)
        )
        if gap > limit:
            break
        merged = clusters[a] | clusters[b]
        clusters = [c for i, c in enumerate(clusters) if i not in (a, b)] + [merged]
    return set(clusters)


small = st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=9, unique=True)


def apart(distances: np.ndarray, *limits: float) -> bool:
    """No two distances so near to one another (or to a limit) that noise could swap them."""
    values = sorted([*distances[np.triu_indices(len(distances), k=1)].tolist(), *limits])
    return all(b - a > 1e-5 for a, b in itertools.pairwise(values))


@given(small)
def test_agrees_with_the_textbook(cloud: list[tuple[float, float, float]]) -> None:
    distances = pairwise_distances(np.array(cloud))
    if apart(distances, 1.0):
        assert {frozenset(c) for c in complete_linkage(distances, 1.0)} == naive(distances, 1.0)


@given(small)
def test_no_cluster_is_wider_than_the_limit_and_no_two_could_merge(cloud: list[tuple[float, float, float]]) -> None:
    distances = pairwise_distances(np.array(cloud))
    groups = cluster_points(cloud, 1.0)
    assert sorted(i for g in groups for i in g) == list(range(len(cloud)))
    for group in groups:
        assert max(distances[i, j] for i in group for j in group) <= 1.0 + 2e-6
    for a, b in itertools.combinations(groups, 2):
        assert max(distances[i, j] for i in a for j in b) > 1.0


@given(small, st.randoms(use_true_random=False))
def test_order_does_not_matter(cloud: list[tuple[float, float, float]], random) -> None:  # type: ignore[no-untyped-def]
    def partition(of: list[tuple[float, float, float]]) -> set[frozenset[tuple[float, float, float]]]:
        return {frozenset(of[i] for i in group) for group in cluster_points(of, 1.0)}

    shuffled = list(cloud)
    random.shuffle(shuffled)
    assert partition(shuffled) == partition(cloud)
    assert center_of(shuffled) == center_of(cloud)


@given(small, points, angles, angles, angles)
def test_moving_the_patient_does_not_matter(cloud, offset, a, b, c) -> None:  # type: ignore[no-untyped-def]
    original = np.array(cloud)
    if not apart(pairwise_distances(original), 1.0):
        return
    moved = original @ rotation(a, b, c).T + np.array(offset)
    there = [tuple(map(float, p)) for p in moved]
    assert cluster_points(there, 1.0) == cluster_points(cloud, 1.0)
    expected = np.array(center_of(cloud)) @ rotation(a, b, c).T + np.array(offset)
    np.testing.assert_allclose(center_of(there), expected, atol=1e-5)


@pytest.mark.parametrize("turn", [(0, 0, 0), (90, 0, 0), (180, 0, 0), (17, 33, 251), (123, 4, 5)])
def test_equal_steps_are_cut_alike_whatever_the_axes(turn: tuple[float, float, float]) -> None:
    chain = np.array(on_a_line(0.0, 0.8, 1.6, 2.4)) @ rotation(*turn).T
    assert cluster_points([tuple(map(float, p)) for p in chain], 1.0) == ((0, 1), (2, 3))


def test_center_of_equal_points_is_a_value_of_the_file() -> None:
    assert center_of([(0.1, 0.2, 0.3), (0.1, 0.2, 0.3)]) == (0.1, 0.2, 0.3)
    assert center_of([(0.0, 0.0, 0.0), (2e-14, 0.0, 0.0)]) == (0.0, 0.0, 0.0)
    assert center_of([(0.0, 0.0, 0.0), (0.4, 0.0, 0.0)]) == (0.2, 0.0, 0.0)
