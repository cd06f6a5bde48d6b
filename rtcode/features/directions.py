"""Detector: from how many directions photon fields come to one isocenter.

What it does (docs/rules.md L2-F). Photon treatment beams whose gantry stands still are grouped by isocenter; in each
group their central axes are compared in patient coordinates, so that a couch kick is another direction and a gantry
angle written as 360 is the one written as 0. Three or more directions, two that are off parallel-opposed by more than
``opposed_deg``, or two half-beams with the edge on the axis, show three-dimensional planning; a plain opposed pair
does not. Fields from one direction (split carriages, segments in beams of their own) count once.

Beams are one group where the plan cannot tell them apart: without isocenters, in device geometry, and SSD set-ups whose
axes pass near one another. Beams whose gantry turns while they are on are left to the technique detector.

What it cannot see: whether the directions were chosen in three dimensions, and other plans of the same day. Where the
couch angle is not recorded, fields are taken as given at one couch angle; what then looks like an opposed pair is
unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from rtcode.features.selection import name_beams, treatment_beams
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, DirectionsFeature, Point, Radiation, Technique
from rtcode.plan.geometry import (
    NOISE,
    axis_distance,
    cluster_points,
    complete_linkage,
    pairwise_angles_deg,
    point_axis_distance,
)
from rtcode.plan.model import FloatArray
from rtcode.plan.placement import (
    CentralAxis,
    central_axes,
    comparable_frame,
    first_delivering,
    gantry_moves,
    isocenters,
    known_at,
    span_in_patient,
    ssd_setup,
)
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.units import looks_like_centimeters
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind, Truth

_ROTATING = frozenset(
    {Technique.STATIC_ARC, Technique.CONFORMAL_ARC, Technique.VMAT, Technique.HELICAL, Technique.ROBOTIC}
)
#: Beams compared one by one; a session with more has directions enough.
_MANY_BEAMS = 200
#: Directions at one place that are clustered (a gantry may stand at many with the beam off); of more, three are sought.
_MANY_DIRECTIONS = 500
_NO_PLACE = "with isocenters that cannot be told apart"


@record(eq=False)
class _Field:
    facts: BeamFacts
    #: empty where the direction is not known
    axes: tuple[CentralAxis, ...]

    @property
    def planned(self) -> PlannedBeam:
        return self.facts.planned


@record(eq=False)
class _Verdict:
    truth: Truth
    directions: int | None
    reason: str
    fields: tuple[_Field, ...]


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> DirectionsFeature:
    """Directions of the photon treatment beams at one isocenter.

    Parameters
    ----------
    beams
        Facts of all beams of the session; only photon treatment beams with a standing gantry are compared.
    """
    photons = treatment_beams(session, beams, Radiation.PHOTON)
    fixed = [b for b in photons if b.technique.technique not in _ROTATING and not gantry_moves(b.planned)]
    if not fixed:
        reason = "no photon beam with a standing gantry" if photons else "no photon treatment beam"
        return DirectionsFeature(Truth.NOT_MET, None, reason, ())
    fields = _fields(fixed[:_MANY_BEAMS])
    verdicts = [_judge(group, place, settings.opposed_deg) for group, place in _groups(fields, settings)]
    truth = Truth.any(v.truth for v in verdicts)
    if truth is Truth.NOT_MET and len(fixed) > _MANY_BEAMS:
        truth = Truth.UNKNOWN
    best = max(
        (v for v in verdicts if v.truth is truth), key=lambda v: (v.directions or 0, len(v.fields)), default=None
    )
    if best is None:
        return DirectionsFeature(truth, None, f"more than {_MANY_BEAMS} fields, not compared one by one", ())
    together = _judge(fields, "at one isocenter", settings.opposed_deg).truth
    return DirectionsFeature(truth, best.directions, best.reason, _evidence(best.fields), together)


def _fields(fixed: Sequence[BeamFacts]) -> list[_Field]:
    """The fields with their axes. Beams without a PatientPosition compare only with beams that have none either."""
    found = [(b, central_axes(b.planned) or ()) for b in fixed]
    recorded = any(not axis.position_assumed for _, axes in found for axis in axes)
    return [_Field(b, () if recorded and any(a.position_assumed for a in axes) else axes) for b, axes in found]


def _groups(fields: list[_Field], settings: DetectorSettings) -> list[tuple[list[_Field], str]]:
    """Fields that aim at one place, or that the plan cannot show to aim at different ones; and what place that is."""
    places: dict[int, tuple[str, Point]] = {}
    surface: list[int] = []
    for index, field in enumerate(fields):
        found = isocenters(field.planned)
        frame = comparable_frame(field.planned.plan)
        if frame is None or not found.points or looks_like_centimeters(field.planned.beam):
            continue
        if ssd_setup(field.planned, found) is not None and field.axes:
            surface.append(index)
        else:
            places[index] = (frame, found.points[0])
    groups: list[list[int]] = []
    for frame in dict.fromkeys(frame for frame, _ in places.values()):
        members = [i for i, (f, _) in places.items() if f == frame]
        # Points that are not shown to be distinct count as one place, as they do for the isocenters themselves.
        clusters = cluster_points([places[i][1] for i in members], settings.distinct_isocenter_mm)
        groups += [[members[i] for i in cluster] for cluster in clusters]
    groups, surface_left = _join_surface(fields, surface, groups, settings.ssd_axis_mm)
    named = [(group, "at one isocenter") for group in groups]
    named += [(g, "on one target") for g in _surface_groups(fields, surface_left, settings.ssd_axis_mm)]
    loose = [i for i in range(len(fields)) if i not in places and i not in surface]
    if loose and len(named) == 1:
        # Where all others are at one place, nothing shows that these are at another.
        named = [([*named[0][0], *loose], _NO_PLACE)]
    elif loose:
        named.append((loose, _NO_PLACE))
    return [([fields[i] for i in sorted(group)], place) for group, place in named]


def _join_surface(
    fields: list[_Field], surface: list[int], groups: list[list[int]], limit_mm: float
) -> tuple[list[list[int]], list[int]]:
    """SSD set-ups whose axis passes by the isocenter of a group join it; the others are left."""
    joined = [list(group) for group in groups]
    left = []
    for index in surface:
        planned, axis = fields[index].planned, fields[index].axes[0]
        span = span_in_patient(planned)
        for group, target in zip(groups, joined, strict=True):
            first = fields[group[0]].planned
            if comparable_frame(first.plan) != comparable_frame(planned.plan) or axis.origin is None:
                continue
            point = np.array(isocenters(first).points[0])
            if point_axis_distance(point, axis.origin, axis.direction, span) <= limit_mm + NOISE:
                target.append(index)
                break
        else:
            left.append(index)
    return joined, left


def _surface_groups(fields: list[_Field], surface: list[int], limit_mm: float) -> list[list[int]]:
    """SSD set-ups that aim at one target: central axes within the limit of one another."""
    count = len(surface)
    gaps = np.full((count, count), np.inf)
    spans = [span_in_patient(fields[i].planned) for i in surface]
    for a, b in combinations(range(count), 2):
        first, second = fields[surface[a]], fields[surface[b]]
        if comparable_frame(first.planned.plan) != comparable_frame(second.planned.plan):
            continue
        one, other = first.axes[0], second.axes[0]
        if one.origin is None or other.origin is None:
            continue
        gaps[a, b] = gaps[b, a] = axis_distance(
            one.origin,
            one.direction,
            other.origin,
            other.direction,
            span_a=spans[a],
            span_b=spans[b],
        )
    return [[surface[i] for i in cluster] for cluster in complete_linkage(gaps, limit_mm)]


def _judge(group: list[_Field], place: str, opposed_deg: float) -> _Verdict:
    """Three-dimensional or not, for fields that aim at one place."""
    entries = [(field, axis) for field in group for axis in field.axes]
    unknown = [field for field in group if not field.axes]
    fields = tuple(group)
    names = name_beams([f.planned for f in group])
    directions = np.array([axis.direction for _, axis in entries]).reshape(-1, 3)
    if len(entries) > _MANY_DIRECTIONS:
        truth = Truth.of(_three_apart(directions, opposed_deg) or None)
        return _Verdict(truth, None, f"more than {_MANY_DIRECTIONS} directions {place} ({names})", fields)
    angles = pairwise_angles_deg(directions)
    clusters = complete_linkage(angles, opposed_deg)
    count = len(clusters)
    number = None if unknown else count
    if count >= 3:
        return _Verdict(Truth.MET, number or count, f"{count} directions {place} ({names})", fields)
    if count == 2:
        off = 180.0 - float(np.max(angles[np.ix_(clusters[0], clusters[1])]))
        if off > opposed_deg + NOISE:
            return _Verdict(
                Truth.MET, number or count, f"two directions {place}, {off:.1f}° off opposed ({names})", fields
            )
        half = Truth.all(
            Truth.any(entries[i][0].facts.shaping.half_beam for i in cluster) for cluster in clusters
        )  # fmt: skip
        if half is Truth.MET:
            return _Verdict(Truth.MET, number or count, f"opposed half-beams, edge on the axis ({names})", fields)
        couch = any(axis.couch_assumed for _, axis in entries)
        if unknown or couch or half is Truth.UNKNOWN:
            why = (
                "a gantry angle is not readable" if unknown
                else "the couch angle is not recorded" if couch
                else "the field edges are not known"
            )  # fmt: skip
            return _Verdict(Truth.UNKNOWN, number, f"opposed pair as far as known, {why} ({names})", fields)
        return _Verdict(Truth.NOT_MET, number, f"parallel-opposed pair ({names})", fields)
    # One direction or none known: more are needed, so unread ones leave it open where there are enough of them.
    if count + len(unknown) >= 2:
        return _Verdict(Truth.UNKNOWN, None, f"directions are not known ({names})", fields)
    couch = len(entries) > 1 and any(axis.couch_assumed for _, axis in entries)
    if couch:
        return _Verdict(Truth.UNKNOWN, None, f"one gantry angle, the couch angle is not recorded ({names})", fields)
    return _Verdict(Truth.NOT_MET, number, f"one direction ({names})", fields)


def _three_apart(directions: FloatArray, limit_deg: float) -> bool:
    """Whether the first direction, the one farthest from it and some third are each further apart than the limit."""
    from_first = pairwise_angles_deg(directions, directions[:1])[:, 0]
    farthest = directions[[int(np.argmax(from_first))]]
    apart = (from_first > limit_deg + NOISE) & (pairwise_angles_deg(directions, farthest)[:, 0] > limit_deg + NOISE)
    return bool(from_first.max() > limit_deg + NOISE and apart.any())


def _evidence(fields: Sequence[_Field]) -> tuple[Evidence, ...]:
    """Gantry angles of the fields that decided, and couch angles other than 0."""
    evidence = []
    for field in fields:
        beam, uid = field.planned.beam, field.planned.plan.sop_instance_uid
        index = first_delivering(field.planned)
        path = f"{beam.path}.ControlPointSequence[{index}]"
        gantry = known_at(beam.control_points.gantry_deg, index)
        evidence.append(Evidence(EvidenceKind.GEOMETRIC, at(path, "GantryAngle"), gantry, uid))
        couch = known_at(beam.control_points.couch_deg, index)
        if couch is None or couch % 360.0 != 0.0:
            evidence.append(Evidence(EvidenceKind.GEOMETRIC, at(path, "PatientSupportAngle"), couch, uid))
        if field.facts.shaping.half_beam is Truth.MET:
            evidence += field.facts.shaping.half_beam_evidence
    return tuple(evidence)
