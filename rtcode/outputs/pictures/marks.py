"""The points that the picture of isocenters shows: where the beams of a session are set up in the patient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from rtcode.features.isocenter_groups import Placed, clusters_of, place, turns_about_the_skin
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Point, Radiation, Technique
from rtcode.plan.geometry import center_of, cluster_points
from rtcode.plan.placement import comparable_frame
from rtcode.plan.roles import Role
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.units import looks_like_centimeters
from rtcode.records import record, replace

#: Up to so many points every distance is told; of more the nearest and the farthest.
ALL_PAIRS = 6
#: More points than this are not drawn: paths have hundreds.
_MOST_POINTS = 40


@record
class Mark:
    """A point of the picture.

    Attributes
    ----------
    number
        As it stands beside the point, from 1.
    kind
        ``photon``, ``surface`` (photons set up by SSD: a point of the skin), ``electron``, ``other`` (radiation not
        known), ``start`` or ``end`` of a path.
    beams
        Labels of the beams.
    """

    number: int
    kind: str
    point: Point
    beams: tuple[str, ...]


def isocenter_marks(
    session: TreatmentSession, beams: Sequence[BeamFacts], settings: DetectorSettings
) -> tuple[Mark, ...] | None:
    """Points of a session's treatment beams in the patient (LPS, mm), as the isocenter detector groups them.

    Returns
    -------
    ``None`` where a point is missing or cannot be compared: device geometry, several frames of reference, lengths that
    look like centimeters, nodes of a robot, no treatment beam; or where there are too many points to draw.
    """
    same_mm = settings.same_isocenter_mm
    ours = {id(planned) for planned in session.treatment_beams}
    treating = [b for b in beams if id(b.planned) in ours and b.planned.role is Role.TREATMENT]
    frames = {comparable_frame(b.planned.plan) for b in treating}
    if not treating or len(treating) < len(ours) or None in frames or len(frames) > 1:
        return None
    if any(looks_like_centimeters(b.planned.beam) for b in treating):
        return None
    if any(b.technique.technique is Technique.ROBOTIC for b in treating):
        return None
    placed = [place(b) for b in treating]
    if any(p.missing for p in placed):
        return None
    found: list[tuple[str, Point, tuple[str, ...]]] = []
    photons = [p for p in placed if p.facts.radiation.radiation is Radiation.PHOTON]
    electrons = [p for p in placed if p.facts.radiation.radiation is Radiation.ELECTRON]
    rest = [p for p in placed if p.facts.radiation.radiation not in (Radiation.PHOTON, Radiation.ELECTRON)]
    if turns_about_the_skin(photons, settings):
        photons = [replace(p, ssd=None) for p in photons]
    if sum(len(p.found.points) for p in placed if not p.path) > _MOST_POINTS * 10:
        return None
    for cluster in clusters_of([p for p in photons if p.isocentric], same_mm):
        found.append(("photon", cluster.center, tuple(m.planned.label for m in cluster.members)))
    found += _grouped("surface", [p for p in photons if p.ssd is not None], same_mm)
    found += _grouped("electron", [p for p in electrons if not p.path], same_mm)
    found += _grouped("other", [p for p in rest if not p.path], same_mm)
    for p in (p for p in placed if p.path):
        found.append(("start", p.found.points[0], (p.planned.label,)))
        if math.dist(p.found.points[0], p.found.points[-1]) > same_mm:
            found.append(("end", p.found.points[-1], (p.planned.label,)))
    if not found or len(found) > _MOST_POINTS:
        return None
    return tuple(Mark(i + 1, *entry) for i, entry in enumerate(found))


def _grouped(kind: str, placed: list[Placed], same_mm: float) -> list[tuple[str, Point, tuple[str, ...]]]:
    entries = [(point, p.planned.label) for p in placed for point in p.found.points]
    result = []
    for group in cluster_points([point for point, _ in entries], same_mm):
        labels = tuple(dict.fromkeys(entries[i][1] for i in group))
        result.append((kind, center_of([entries[i][0] for i in group]), labels))
    return result


def told_distances(marks: Sequence[Mark]) -> list[tuple[float, Mark, Mark]]:
    """Distances between points, mm: of all pairs up to `ALL_PAIRS` points, else the nearest and the farthest pair."""
    pairs = [(math.dist(a.point, b.point), a, b) for a, b in combinations(marks, 2)]
    if len(marks) <= ALL_PAIRS:
        return pairs
    return [min(pairs, key=lambda pair: pair[0]), max(pairs, key=lambda pair: pair[0])]
