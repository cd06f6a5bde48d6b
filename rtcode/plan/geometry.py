"""Where a beam comes from and goes to, in the patient: rotations of IEC 61217, closest approach, clustering.

Chain of frames (IEC 61217): beam limiting device → gantry → fixed → patient support → table top, and from the table
top to the patient by PatientPosition (0018,5100). Patient coordinates are LPS: x to the patient's left, y to
posterior, z to the head (PS3.3 C.7.6.2.1.1). Fixed frame: x to the right of somebody who faces the gantry, y from the
isocenter to the gantry, z up. All rotations are right-handed about the axis that they name, so that at gantry 90 the
source stands at +x and that the table top turns counter-clockwise seen from above.

Only directions and offsets from the isocenter pass through the chain, so the unknown position of the table top and of
its eccentric axis does not matter: IsocenterPosition (300A,012C) already is in patient coordinates.

Points are clustered by complete linkage and never rounded: rounding splits 10.499 from 10.501 and merges what it likes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rtcode.plan.model import FloatArray

#: Decimal numbers of a file are inexact in binary: 20.3 mm - 10.3 mm is not 10 mm to the last bit. Distances and angles
#: that exceed a limit by no more than this are at the limit.
NOISE = 1e-6

#: Patient axes (rows: left, posterior, head) in the table-top frame. For HFS the head points to the gantry (+y) and
#: anterior is up (+z). SITTING has no fixed relation to the table top and is not here.
_PATIENT_AXES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]] = {
    "HFS": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "HFP": ((-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "HFDR": ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    "HFDL": ((0, 0, -1), (-1, 0, 0), (0, 1, 0)),
    "FFS": ((-1, 0, 0), (0, 0, -1), (0, -1, 0)),
    "FFP": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "FFDR": ((0, 0, 1), (-1, 0, 0), (0, -1, 0)),
    "FFDL": ((0, 0, -1), (1, 0, 0), (0, -1, 0)),
}


def _about_x(degrees: float) -> FloatArray:
    c, s = _cos_sin(degrees)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _about_y(degrees: float) -> FloatArray:
    c, s = _cos_sin(degrees)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def _about_z(degrees: float) -> FloatArray:
    c, s = _cos_sin(degrees)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _cos_sin(degrees: float) -> tuple[float, float]:
    """Exact at multiples of 90 degrees, where plans mostly are."""
    turn = degrees % 360.0
    exact = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}.get(turn)
    return exact if exact is not None else (math.cos(math.radians(turn)), math.sin(math.radians(turn)))


def table_to_patient(position: str | None) -> FloatArray | None:
    """Rotation from the table-top frame to patient coordinates.

    Parameters
    ----------
    position
        PatientPosition, any case and padding.

    Returns
    -------
    (3, 3) array, or ``None`` where the position is missing or has no fixed relation to the table top.
    """
    axes = _PATIENT_AXES.get((position or "").strip().upper())
    return None if axes is None else np.array(axes, dtype=np.float64)


def collimator_to_patient(
    gantry_deg: float,
    collimator_deg: float,
    couch_deg: float,
    position: str | None,
    *,
    eccentric_deg: float = 0.0,
    pitch_deg: float = 0.0,
    roll_deg: float = 0.0,
) -> FloatArray | None:
    """Rotation from the beam limiting device frame to patient coordinates.

    Column 2 points from the isocenter to the source; columns 0 and 1 are the device's x and y axes.

    Returns
    -------
    (3, 3) array, or ``None`` where `table_to_patient` has none.
    """
    patient = table_to_patient(position)
    if patient is None:
        return None
    to_fixed = _about_y(gantry_deg) @ _about_z(collimator_deg)
    table = _about_z(couch_deg + eccentric_deg) @ _about_x(pitch_deg) @ _about_y(roll_deg)
    result: FloatArray = patient @ table.T @ to_fixed
    return result


def beam_axis(
    gantry_deg: float,
    couch_deg: float,
    position: str | None,
    *,
    eccentric_deg: float = 0.0,
    pitch_deg: float = 0.0,
    roll_deg: float = 0.0,
) -> FloatArray | None:
    """Unit vector of the central axis in patient coordinates, from the source to the isocenter, shape ``(3,)``."""
    frame = collimator_to_patient(
        gantry_deg, 0.0, couch_deg, position, eccentric_deg=eccentric_deg, pitch_deg=pitch_deg, roll_deg=roll_deg
    )
    return None if frame is None else -frame[:, 2]


def place_outline(outline_mm: FloatArray, frame: FloatArray, center_mm: FloatArray, scale: float = 1.0) -> FloatArray:
    """An aperture outline in patient coordinates.

    Parameters
    ----------
    outline_mm
        Vertices ``(m, 2)`` in the beam limiting device frame, at the isocenter plane.
    frame
        Of `collimator_to_patient`.
    center_mm
        Where the central axis meets the plane that the outline is wanted in.
    scale
        Distance of that plane from the source over the source-axis distance.

    Returns
    -------
    ``(m, 3)`` vertices, mm.
    """
    placed: FloatArray = center_mm + scale * (outline_mm @ frame[:, :2].T)
    return placed


def project_on_plane(points_mm: FloatArray, origin_mm: FloatArray, normal: FloatArray) -> FloatArray:
    """Orthogonal projection of ``(m, 3)`` points on a plane, as ``(m, 2)`` coordinates in it."""
    axis = normal / np.linalg.norm(normal)
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    u = np.cross(axis, helper)
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    flat: FloatArray = (points_mm - origin_mm) @ np.stack([u, v], axis=1)
    return flat


def angle_between_deg(a: FloatArray, b: FloatArray) -> float:
    """Angle between two directions of any length, 0 to 180 degrees (see `pairwise_angles_deg`)."""
    return float(pairwise_angles_deg(np.stack([a, b]))[0, 1])


def pairwise_angles_deg(directions: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """Angles between ``(n, 3)`` directions, shape ``(n, n)``, or between them and ``(m, 3)`` others, shape ``(n, m)``.

    From the lengths of sum and difference of unit vectors: accurate near 0 and 180 degrees, where an arc cosine is not.
    """
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    other = unit if others is None else others / np.linalg.norm(others, axis=1, keepdims=True)
    difference = np.linalg.norm(unit[:, None] - other[None], axis=2)
    total = np.linalg.norm(unit[:, None] + other[None], axis=2)
    result: FloatArray = np.degrees(2.0 * np.arctan2(difference, total))
    return result


def axis_distance(
    point_a: FloatArray,
    direction_a: FloatArray,
    point_b: FloatArray,
    direction_b: FloatArray,
    *,
    span_a: tuple[float, float] = (-math.inf, math.inf),
    span_b: tuple[float, float] = (-math.inf, math.inf),
) -> float:
    """Closest approach of two axes, mm.

    Parameters
    ----------
    point_a, point_b
        A point on each axis, mm.
    direction_a, direction_b
        Unit vectors.
    span_a, span_b
        First and last position along each axis, mm from its point, between which it counts: two beams of one transverse
        plane always cross somewhere, often outside the patient.
    """
    offset = point_b - point_a
    across = float(np.dot(direction_a, direction_b))
    along_a, along_b = float(np.dot(offset, direction_a)), float(np.dot(offset, direction_b))
    slope = 1.0 - across * across
    candidates: list[tuple[float, float]] = []
    if slope > 1e-12:
        s = (along_a - across * along_b) / slope
        t = (across * along_a - along_b) / slope
        if span_a[0] <= s <= span_a[1] and span_b[0] <= t <= span_b[1]:
            return float(np.linalg.norm(offset + t * direction_b - s * direction_a))
    elif all(math.isinf(end) for end in (*span_a, *span_b)):
        return float(np.linalg.norm(offset - along_a * direction_a))
    # The nearest points lie at an end of one span: clamp the foot of each end on the other axis.
    for s in (end for end in span_a if math.isfinite(end)):
        candidates.append((s, _clamp(across * s - along_b, span_b)))
    for t in (end for end in span_b if math.isfinite(end)):
        candidates.append((_clamp(across * t + along_a, span_a), t))
    return min(float(np.linalg.norm(offset + t * direction_b - s * direction_a)) for s, t in candidates)


def _clamp(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])


def point_axis_distance(
    point: FloatArray, origin: FloatArray, direction: FloatArray, span: tuple[float, float] = (-math.inf, math.inf)
) -> float:
    """Distance of a point from an axis, mm; ``direction`` is a unit vector, ``span`` as in `axis_distance`."""
    offset = point - origin
    return float(np.linalg.norm(offset - _clamp(float(np.dot(offset, direction)), span) * direction))


def pairwise_distances(points: FloatArray) -> FloatArray:
    """Euclidean distances of ``(n, 3)`` points, shape ``(n, n)``."""
    result: FloatArray = np.sqrt(np.sum((points[:, None, :] - points[None, :, :]) ** 2, axis=2))
    return result


def complete_linkage(distances: FloatArray, limit: float) -> tuple[tuple[int, ...], ...]:
    """Clusters of which no two members are further apart than a limit.

    Agglomerative: the nearest two clusters merge first, their distance being that of their farthest members, until no
    two can merge. Of two pairs at equal distances the one that lies further out merges first, then the one with the
    smaller indices: the result depends on the distances, and on the order of the rows only between interchangeable
    pairs.

    Parameters
    ----------
    distances
        Symmetric ``(n, n)``, in any unit; NaN and infinity never merge.
    limit
        In the same unit, included (with `NOISE`).

    Returns
    -------
    Clusters of row indices; members ascending, clusters by their first member.
    """
    count = len(distances)
    if count == 1:
        return ((0,),)
    cluster_of = list(range(count))
    members: dict[int, list[int]] = {i: [i] for i in range(count)}
    outward = np.sum(np.where(np.isfinite(distances), distances, 0.0), axis=1)
    rows, columns = np.nonzero(np.triu(distances <= limit + NOISE, k=1))
    edges = sorted(
        zip(rows.tolist(), columns.tolist(), strict=True),
        key=lambda e: (round(float(distances[e]), 6), -round(float(outward[e[0]] + outward[e[1]]), 6), e),
    )
    # Two clusters may merge when every pair between them has been seen: their farthest pair is then the present one.
    seen: dict[tuple[int, int], int] = {}
    for row, column in edges:
        a, b = sorted((cluster_of[row], cluster_of[column]))
        if a == b:
            continue
        seen[a, b] = seen.get((a, b), 0) + 1
        if seen[a, b] < len(members[a]) * len(members[b]):
            continue
        for index in members[b]:
            cluster_of[index] = a
        members[a] += members.pop(b)
        for other in members:
            if other != a:
                key_a, key_b = (min(a, other), max(a, other)), (min(b, other), max(b, other))
                seen[key_a] = seen.get(key_a, 0) + seen.pop(key_b, 0)
    return tuple(sorted(tuple(sorted(group)) for group in members.values()))


def cluster_points(points: Sequence[tuple[float, float, float]], limit_mm: float) -> tuple[tuple[int, ...], ...]:
    """Clusters of points that are at most ``limit_mm`` apart (`complete_linkage`), as indices into ``points``.

    Points are compared in the order of their coordinates, so the clusters do not depend on the order they are given in.
    Clusters come in the order of their first member.
    """
    if not points:
        return ()
    distinct = sorted(set(points))
    if len(distinct) == 1:
        return (tuple(range(len(points))),)
    place = {point: i for i, point in enumerate(distinct)}
    groups = complete_linkage(pairwise_distances(np.array(distinct, dtype=np.float64)), limit_mm)
    group_of = {i: g for g, group in enumerate(groups) for i in group}
    result: dict[int, list[int]] = {}
    for index, point in enumerate(points):
        result.setdefault(group_of[place[point]], []).append(index)
    return tuple(tuple(group) for group in result.values())


def center_of(points: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Center of the distinct points: the point itself where they agree but for binary noise, else their mean.

    The mean moves with the points under translation and rotation, and does not depend on their order.
    """
    distinct = sorted(set(points))
    spread = max(max(axis) - min(axis) for axis in zip(*distinct, strict=True))
    if spread <= NOISE:
        return distinct[0]
    x, y, z = (math.fsum(axis) / len(distinct) for axis in zip(*distinct, strict=True))
    return (x, y, z)
