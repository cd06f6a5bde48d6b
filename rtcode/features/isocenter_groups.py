"""Photon beams of a session by what their place is, and the distances between them; used by the isocenter detector.

Each beam is isocentric, an SSD set-up, a path (helical, moving table), or has no usable position. Isocentric points
form clusters, SSD set-ups are compared by their central axes, paths by where they start (docs/plans.md 2.1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Point, Technique
from rtcode.plan.geometry import (
    NOISE,
    axis_distance,
    center_of,
    cluster_points,
    complete_linkage,
    pairwise_angles_deg,
    point_axis_distance,
)
from rtcode.plan.model import FloatArray
from rtcode.plan.placement import (
    CentralAxis,
    Isocenters,
    SsdSetup,
    central_axes,
    comparable_frame,
    is_path,
    is_serial,
    isocenter_path,
    isocenters,
    span_in_patient,
    ssd_setup,
)
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind

#: SSD set-ups whose axes are compared one by one; more are asked about.
MANY_SURFACE = 200
#: Directions that are compared each with each; fields that have more are left to be SSD set-ups, which are asked about.
MANY_DIRECTIONS = 500
#: Fixed isocenters that a path is compared with; no session of both has as many.
MANY_CLUSTERS = 20
#: Distances shown as evidence, nearest pairs first.
SHOWN_DISTANCES = 45


@record(eq=False)
class Placed:
    """One photon beam with what its placement is: exactly one of missing, path, SSD set-up or isocentric."""

    facts: BeamFacts
    found: Isocenters
    path: bool
    ssd: SsdSetup | None

    @property
    def planned(self) -> PlannedBeam:
        return self.facts.planned

    @property
    def missing(self) -> bool:
        return not self.found.complete or not self.found.points

    @property
    def isocentric(self) -> bool:
        return bool(self.found.points) and not self.path and self.ssd is None


@record(eq=False)
class Cluster:
    center: Point
    members: tuple[Placed, ...]
    #: evidence path of the first member's isocenter
    where: str
    frame: str


def place(facts: BeamFacts) -> Placed:
    planned = facts.planned
    found = isocenters(planned)
    path = is_path(planned, found, helical=facts.technique.technique is Technique.HELICAL)
    return Placed(facts, found, path, None if path else ssd_setup(planned, found))


def clusters_of(fixed: Sequence[Placed], limit_mm: float) -> list[Cluster]:
    """Clusters of isocentric points, frame by frame, in the order of the beams."""
    by_frame: dict[str, list[tuple[Point, Placed, str]]] = {}
    for placed in fixed:
        frame = comparable_frame(placed.planned.plan) or ""
        for point, index in zip(placed.found.points, placed.found.control_points, strict=True):
            where = isocenter_path(placed.planned.beam, index)
            by_frame.setdefault(frame, []).append((point, placed, where))
    result = []
    for frame, entries in by_frame.items():
        for group in cluster_points([e[0] for e in entries], limit_mm):
            members = {id(entries[i][1]): entries[i][1] for i in group}
            center = center_of([entries[i][0] for i in group])
            result.append(Cluster(center, tuple(members.values()), entries[group[0]][2], frame))
    return result


def distances_of(clusters: Sequence[Cluster]) -> list[tuple[float, Cluster, Cluster]]:
    """Distances of all pairs of clusters of one frame, nearest first."""
    pairs = [(math.dist(a.center, b.center), a, b) for a, b in combinations(clusters, 2) if a.frame == b.frame]
    return sorted(pairs, key=lambda pair: pair[0])


def turns_about_the_skin(counted: Sequence[Placed], settings: DetectorSettings) -> bool:
    """Whether fields that look like SSD set-ups by their numbers turn about one point.

    Set-ups by SSD have a skin point each. Where all fields of the session share one point, and come to it from
    directions that are neither parallel nor opposed, that point is the isocenter, though it lies on the skin (or the
    SSD is a number without meaning, as some exports for machines with a short source-axis distance have it).
    """
    surface = [p for p in counted if p.ssd is not None]
    if (
        len(surface) < 2
        or not all(p.ssd.on_skin for p in surface if p.ssd)
        or any(p.path or p.missing for p in counted)
    ):
        return False
    if len({comparable_frame(p.planned.plan) for p in counted}) > 1 or len(surface) > MANY_SURFACE:
        return False
    points = {point for p in counted for point in p.found.points}
    if len(points) > MANY_SURFACE or len(cluster_points(sorted(points), settings.same_isocenter_mm)) > 1:
        return False
    directions: list[FloatArray] = []
    for placed in surface:
        directions += [axis.direction for axis in central_axes(placed.planned) or ()]
        if len(directions) > MANY_DIRECTIONS:
            return False
    if len(directions) < 2:
        return False
    angles = pairwise_angles_deg(np.array(directions))
    return bool(np.any((angles > settings.opposed_deg + NOISE) & (angles < 180.0 - settings.opposed_deg - NOISE)))


def ssd_axes(
    surface: Sequence[Placed], clusters: Sequence[Cluster], limit_mm: float
) -> tuple[bool, list[Evidence], int | None]:
    """Whether SSD set-ups aim at separate targets: axes (and isocenters of the session) further apart than the limit.

    Returns
    -------
    apart, evidence of the widest distance, number of targets (``None`` where an axis is not known)
    """
    if not surface or len(surface) + len(clusters) < 2:
        return False, [], 1 if surface else None
    if len(surface) > MANY_SURFACE:
        return True, [], None
    axes: list[tuple[Placed, CentralAxis | None]] = []
    for placed in surface:
        found = central_axes(placed.planned)
        axes.append((placed, None if found is None or found[0].position_assumed else found[0]))
    widest: tuple[float, str] | None = None
    unknown = any(axis is None for _, axis in axes)
    count = len(axes)
    matrix = np.full((count, count), np.inf)
    for i, j in combinations(range(count), 2):
        distance = _axis_gap(axes[i], axes[j])
        matrix[i, j] = matrix[j, i] = np.inf if distance is None else distance
        if distance is not None and (widest is None or distance > widest[0]):
            places = (isocenter_path(axes[k][0].planned.beam, axes[k][0].found.control_points[0]) for k in (i, j))
            widest = (distance, " to ".join(places))
    for placed, axis in axes:
        if axis is None or axis.origin is None:
            continue
        frame, span = comparable_frame(placed.planned.plan), span_in_patient(placed.planned)
        for cluster in clusters:
            if cluster.frame != frame:
                continue
            distance = point_axis_distance(np.array(cluster.center), axis.origin, axis.direction, span)
            if widest is None or distance > widest[0]:
                where = isocenter_path(placed.planned.beam, placed.found.control_points[0])
                widest = (distance, f"{where} to {cluster.where}")
    evidence = []
    if widest is not None:
        uid = surface[0].planned.plan.sop_instance_uid
        where = f"{widest[1]}: closest approach of the central axes (mm)"
        evidence.append(Evidence(EvidenceKind.GEOMETRIC, where, round(widest[0], 3), uid))
    # Without the axes the points still say that one target is meant when they agree.
    same_point = len({p for placed in surface for p in placed.found.points} | {c.center for c in clusters}) == 1
    apart = (unknown and not same_point) or (widest is not None and widest[0] > limit_mm + NOISE)
    targets = None if unknown else len(complete_linkage(matrix, limit_mm))
    return apart, evidence, targets


def _axis_gap(a: tuple[Placed, CentralAxis | None], b: tuple[Placed, CentralAxis | None]) -> float | None:
    (placed_a, axis_a), (placed_b, axis_b) = a, b
    if axis_a is None or axis_b is None or axis_a.origin is None or axis_b.origin is None:
        return None
    if comparable_frame(placed_a.planned.plan) != comparable_frame(placed_b.planned.plan):
        return None
    return axis_distance(
        axis_a.origin,
        axis_a.direction,
        axis_b.origin,
        axis_b.direction,
        span_a=span_in_patient(placed_a.planned),
        span_b=span_in_patient(placed_b.planned),
    )


def trajectory_starts(
    paths: Sequence[Placed], clusters: Sequence[Cluster], limit_mm: float
) -> tuple[bool, list[Evidence]]:  # fmt: skip
    """Whether two trajectories start apart, or a fixed isocenter lies apart from every point of one."""
    evidence: list[Evidence] = []
    for a, b in _starts_apart(paths, limit_mm):
        places = (isocenter_path(p.planned.beam, p.found.control_points[0]) for p in (a, b))
        where = f"{' to '.join(places)}: distance of the starts (mm)"
        distance = math.dist(a.found.points[0], b.found.points[0])
        uid = a.planned.plan.sop_instance_uid
        evidence.append(Evidence(EvidenceKind.GEOMETRIC, where, round(distance, 3), uid))
        if len(evidence) == SHOWN_DISTANCES:
            break
    apart = bool(evidence) or any(
        comparable_frame(path.planned.plan) == cluster.frame
        and _distances(path.found.points, cluster.center).min() > limit_mm + NOISE
        for path in paths
        for cluster in clusters[:MANY_CLUSTERS]
    )
    # A C-arm beam whose point moves far while it is on is legal and never seen: a path, or two set-ups badly written.
    dynamic = [p for p in paths if is_dynamic(p) and p.found.length_mm > limit_mm + NOISE]
    return apart or bool(dynamic), evidence


def _starts_apart(paths: Sequence[Placed], limit_mm: float) -> Iterator[tuple[Placed, Placed]]:
    """Pairs of paths of one frame that start further apart than the limit."""
    starts = np.array([path.found.points[0] for path in paths]).reshape(-1, 3)
    keys: dict[str | None, int] = {}
    frames = np.array([keys.setdefault(comparable_frame(path.planned.plan), len(keys)) for path in paths])
    for i, path in enumerate(paths):
        distances = np.linalg.norm(starts[i + 1 :] - starts[i], axis=1)
        far = (distances > limit_mm + NOISE) & (frames[i + 1 :] == frames[i])
        for j in np.flatnonzero(far).tolist():
            yield path, paths[i + 1 + j]


def _distances(points: Sequence[Point], center: Point) -> FloatArray:
    result: FloatArray = np.linalg.norm(np.array(points) - np.array(center), axis=1)
    return result


def is_dynamic(placed: Placed) -> bool:
    """Several isocenters in a beam of a machine that normally has one."""
    return len(placed.found.points) > 1 and not is_serial(
        placed.planned, placed.found, helical=placed.facts.technique.technique is Technique.HELICAL
    )
