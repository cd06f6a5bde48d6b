"""Detector: distinct isocenters of the photon treatment beams of one session.

What it does (docs/plans.md 2.1, docs/rules.md L3-B, G17 and G18). Each photon treatment beam of the session gives its
isocenters at control points that deliver. Points are clustered by complete linkage, never rounded: points at most
``same_isocenter_mm`` apart are one, and these clusters are the count. Two clusters further apart than
``distinct_isocenter_mm`` are several isocenters; between the two distances a human is asked. A cluster stands at the
mean of its points, so that the outcome does not depend on the order of the beams or on the axes of the patient.

What is not an isocenter, and is therefore not counted: electron points (nominal skin points of a surface set-up),
photon SSD set-ups (their point lies on the skin or above it; axes that pass near one another aim at one target, axes
apart are a doubt; fields that turn about one such point are isocentric all the same), and robotic nodes. A helical or
moving-table beam has one trajectory, whatever number of points its file lists. Set-up and imaging beams never come
here, for they are no treatment beams.

What it cannot see: isocenters made by an undocumented couch shift, other plans or fraction groups of the same day, and
whether a second isocenter was necessary. Points of two frames of reference, and points in device geometry, are never
compared. A coordinate (0, 0, 0) is taken as it is; a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from rtcode.features.isocenter_groups import (
    SHOWN_DISTANCES,
    Cluster,
    Placed,
    clusters_of,
    distances_of,
    is_dynamic,
    place,
    ssd_axes,
    trajectory_starts,
    turns_about_the_skin,
)
from rtcode.features.selection import name_beams, treatment_beams
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, IsocenterDoubt, IsocenterFeature, Point, Radiation, Technique
from rtcode.plan.geometry import NOISE
from rtcode.plan.model import known
from rtcode.plan.placement import (
    comparable_frame,
    isocenter_evidence,
    isocenters,
    path_length_mm,
)
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import find_words, session_texts
from rtcode.plan.units import looks_like_centimeters
from rtcode.records import replace
from rtcode.truth import Evidence, EvidenceKind, Truth

__all__ = ["NOTE_IDS", "detect", "isocenters_of"]

#: Flag ids that `IsocenterFeature.notes` can carry.
NOTE_IDS = ("ssd_setups", "isocenter_note")

#: More distinct points in one session than any treatment has; they are then not clustered one by one.
_MANY_POINTS = 500


def isocenters_of(planned: PlannedBeam) -> tuple[Point, ...]:
    """Distinct isocenters of a beam at control points that deliver (LPS, mm), in the order they occur.

    A native helical plan has hundreds. Empty where the beam has none that is readable.
    """
    return isocenters(planned).points


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> IsocenterFeature:
    """Distinct photon isocenters of one session.

    Parameters
    ----------
    beams
        Facts of all beams of the session; only treatment beams of photons are counted.
    """
    photons = treatment_beams(session, beams, Radiation.PHOTON)
    if not photons:
        return _without_photons([b for b in beams if b.planned.role is Role.TREATMENT])
    counted = [place(b) for b in photons if b.technique.technique is not Technique.ROBOTIC]
    long_target, long_evidence = _long_target(session, counted, settings)
    if not counted:
        return IsocenterFeature(
            Truth.NOT_MET, None, (), None, None, False, (), Truth.NOT_MET,
            "robotic delivery: its nodes are not isocenters and are not counted", (),
        )  # fmt: skip
    usable = [p for p in counted if not _incomparable(p.planned)]
    result = _count(usable, settings) if usable else None
    if len(usable) < len(counted):
        result = _not_comparable(counted, [p for p in counted if _incomparable(p.planned)], result)
    assert result is not None  # there is a usable beam or one that is not
    return replace(result, long_target=long_target, evidence=(*result.evidence, *long_evidence))


def _incomparable(planned: PlannedBeam) -> bool:
    return comparable_frame(planned.plan) is None or looks_like_centimeters(planned.beam)


def _without_photons(treatment: Sequence[BeamFacts]) -> IsocenterFeature:
    kinds = {b.radiation.radiation for b in treatment}
    if kinds and kinds <= {Radiation.ELECTRON}:
        reason = "electrons only: their points are set-ups on the skin and are not counted"
    elif kinds & {Radiation.PHOTON, Radiation.UNKNOWN}:
        reason = "no photon beam that can be judged"
    else:
        reason = "no photon treatment beam"
    multiple = Truth.UNKNOWN if kinds & {Radiation.PHOTON, Radiation.UNKNOWN} else Truth.NOT_MET
    count = 0 if kinds == {Radiation.ELECTRON} else None
    return IsocenterFeature(multiple, count, (), None, None, True, (), Truth.NOT_MET, reason, ())


def _not_comparable(
    counted: list[Placed], incomparable: list[Placed], rest: IsocenterFeature | None
) -> IsocenterFeature:
    """The feature where some beams' points must not be compared; two isocenters among the others still count as two."""
    first = incomparable[0].planned
    uid = first.plan.sop_instance_uid
    if comparable_frame(first.plan) is None:
        why = "device geometry, not patient coordinates: isocenters cannot be compared"
        proof = Evidence(EvidenceKind.CODED, at("", "RTPlanGeometry"), first.plan.geometry, uid)
    else:
        why = "lengths look like centimeters: isocenters are not compared"
        sad = known(first.beam.source_axis_distance_mm)
        proof = Evidence(EvidenceKind.GEOMETRIC, at(first.beam.path, "SourceAxisDistance"), sad, uid)
    evidence = (proof, *(e for p in incomparable for e in isocenter_evidence(p.planned, p.found)))
    if rest is not None:
        return replace(
            rest,
            multiple=Truth.MET if rest.multiple is Truth.MET else Truth.UNKNOWN,
            count=None,
            comparable=False,
            doubts=(*rest.doubts, IsocenterDoubt.NOT_COMPARABLE),
            reason=f"{rest.reason}; {_names(incomparable)}: {why}",
            evidence=(*rest.evidence, *evidence),
        )
    # What cannot be compared matters only between two beams: a single one has one isocenter, wherever it is.
    several = len(counted) > 1
    return IsocenterFeature(
        multiple=Truth.UNKNOWN if several else Truth.NOT_MET,
        count=None,
        positions_mm=(),
        nearest_mm=None,
        farthest_mm=None,
        comparable=False,
        doubts=(IsocenterDoubt.NOT_COMPARABLE,) if several else (),
        long_target=Truth.NOT_MET,
        reason=why if several else f"one beam has no second isocenter ({why})",
        evidence=evidence,
    )


def _count(counted: list[Placed], settings: DetectorSettings) -> IsocenterFeature:
    """The feature from beams whose points are in the patient; `detect` fills in ``long_target``."""
    evidence = [e for placed in counted for e in isocenter_evidence(placed.planned, placed.found)]
    notes = _notes(counted, settings)
    if turns_about_the_skin(counted, settings):
        counted = [replace(p, ssd=None) for p in counted]
        notes = (("isocenter_note", "the isocenter lies on the skin and fields turn about it"), *notes)
    fixed = [p for p in counted if p.isocentric]
    paths = [p for p in counted if p.path and p.found.points]
    surface = [p for p in counted if p.ssd is not None and p.found.points]
    missing = [p for p in counted if p.missing]
    if len({point for p in fixed for point in p.found.points}) > _MANY_POINTS:
        return _too_many(fixed, evidence, notes, settings)
    clusters = clusters_of(fixed, settings.same_isocenter_mm)
    distances = distances_of(clusters)
    frames = {comparable_frame(p.planned.plan) for p in counted if p.found.points}
    doubts: list[IsocenterDoubt] = []
    # Two clusters always hold points further apart than one point's tolerance, even where their centers are nearer.
    if any(d <= settings.distinct_isocenter_mm + NOISE for d, _, _ in distances):
        doubts.append(IsocenterDoubt.NEAR)
    if missing and len(counted) > 1:
        doubts.append(IsocenterDoubt.MISSING)
    if len(frames) > 1:
        doubts.append(IsocenterDoubt.DIFFERENT_FRAMES)
    apart, axis_evidence, targets = ssd_axes(surface, clusters, settings.ssd_axis_mm)
    if apart:
        doubts.append(IsocenterDoubt.SEPARATE_SSD_AXES)
    starts, start_evidence = trajectory_starts(paths, clusters, settings.distinct_isocenter_mm)
    if starts:
        doubts.append(IsocenterDoubt.TRAJECTORIES)
    evidence = [
        *evidence, *_distance_evidence(distances), *(p.ssd.evidence for p in surface if p.ssd), *axis_evidence,
        *start_evidence,
    ]  # fmt: skip
    several = any(d > settings.distinct_isocenter_mm + NOISE for d, _, _ in distances)
    multiple = Truth.MET if several else (Truth.UNKNOWN if doubts else Truth.NOT_MET)
    known_count = not missing and len(frames) <= 1 and bool(clusters or paths)
    count = (len(clusters) or 1) if known_count else None
    positions = tuple(c.center for c in clusters) or tuple(p.found.points[0] for p in paths[:1])
    if surface:
        notes = (("ssd_setups", _ssd_note(surface, targets)), *notes)
    return IsocenterFeature(
        multiple=multiple,
        count=count,
        positions_mm=positions,
        nearest_mm=min((d for d, _, _ in distances), default=None),
        farthest_mm=max((d for d, _, _ in distances), default=None),
        comparable=not missing and len(frames) <= 1,
        doubts=tuple(doubts),
        long_target=Truth.NOT_MET,
        reason=_reason(clusters, distances, paths, surface, missing, doubts, settings),
        evidence=tuple(evidence),
        notes=notes,
    )


def _distance_evidence(distances: list[tuple[float, Cluster, Cluster]]) -> list[Evidence]:
    shown = distances if len(distances) <= SHOWN_DISTANCES else [*distances[: SHOWN_DISTANCES - 1], distances[-1]]
    return [
        Evidence(
            EvidenceKind.GEOMETRIC,
            f"{a.where} to {b.where}: distance (mm)",
            round(distance, 3),
            a.members[0].planned.plan.sop_instance_uid,
        )
        for distance, a, b in shown
    ]


def _long_target(
    session: TreatmentSession, counted: list[Placed], settings: DetectorSettings
) -> tuple[Truth, tuple[Evidence, ...]]:
    """Whether a helical target is longer than the limit, or is named craniospinal (docs/rules.md G17)."""
    helical = [p for p in counted if p.path or p.facts.technique.technique is Technique.HELICAL]
    if not helical:
        return Truth.NOT_MET, ()
    words = find_words(session_texts(session), settings.craniospinal_words)
    evidence = [hit.evidence for hit in words]
    truths = [Truth.of(True if words else None)] if words else []
    for placed in helical:
        length = path_length_mm(placed.planned, placed.found)
        if length is None:
            truths.append(Truth.UNKNOWN)
            continue
        truths.append(Truth.of(length[0] > settings.long_target_mm + NOISE))
        evidence.append(length[1])
    return Truth.any(truths), tuple(evidence)


def _notes(counted: list[Placed], settings: DetectorSettings) -> tuple[tuple[str, str], ...]:
    notes = []
    dynamic = [p for p in counted if is_dynamic(p)]
    if dynamic:
        notes.append(("isocenter_note", f"the isocenter changes within a beam: {_names(dynamic)}"))
    points = {point for p in counted for point in p.found.points}
    if points and all(math.dist(point, (0.0, 0.0, 0.0)) <= NOISE for point in points):
        notes.append(("isocenter_note", "every isocenter is at the origin (0, 0, 0)"))
    shifted = _table_shift(counted, settings.distinct_isocenter_mm)
    if shifted:
        notes.append(("isocenter_note", f"one isocenter, but different set-up shifts of the table: {_names(shifted)}"))
    return tuple(notes)


def _table_shift(counted: list[Placed], limit_mm: float) -> list[Placed]:
    """Beams of one isocenter whose set-up displacements differ: a second isocenter may hide behind a couch shift."""
    shifts: list[tuple[Point, Placed]] = []
    for placed in counted:
        setup = placed.planned.setup
        if setup is None or placed.path:
            continue
        values = [
            known(setup.lateral_displacement_mm),
            known(setup.longitudinal_displacement_mm),
            known(setup.vertical_displacement_mm),
        ]
        if all(v is not None for v in values):
            shifts.append(((values[0] or 0.0, values[1] or 0.0, values[2] or 0.0), placed))
    for (shift_a, a), (shift_b, b) in combinations(shifts[:100], 2):
        same = a.found.points[:1] == b.found.points[:1] and bool(a.found.points)
        if same and a.planned.plan is b.planned.plan and math.dist(shift_a, shift_b) > limit_mm + NOISE:
            return [a, b]
    return []


def _too_many(
    fixed: list[Placed],
    evidence: list[Evidence],
    notes: tuple[tuple[str, str], ...],
    settings: DetectorSettings,
) -> IsocenterFeature:
    """Hundreds of distinct points in one session: whether two are apart is still plain, the count is not."""
    by_frame: dict[str | None, list[Point]] = {}
    for placed in fixed:
        by_frame.setdefault(comparable_frame(placed.planned.plan), []).extend(placed.found.points)
    farthest = max(math.dist(points[0], point) for points in by_frame.values() for point in points)
    several = farthest > settings.distinct_isocenter_mm + NOISE
    return IsocenterFeature(
        Truth.MET if several else Truth.UNKNOWN, None, (), None, farthest, True,
        () if several else (IsocenterDoubt.NEAR,), Truth.NOT_MET,
        f"more than {_MANY_POINTS} distinct points, two of them {farthest:.1f} mm apart", tuple(evidence[:50]), notes,
    )  # fmt: skip


def _ssd_note(surface: list[Placed], targets: int | None) -> str:
    first = surface[0]
    why = "" if first.ssd is None else f"; {first.planned.label}: {first.ssd.reason}"
    aim = "" if targets is None else f", {targets} {'target' if targets == 1 else 'targets'}"
    return f"{_names(surface)}{aim}{why}"


def _names(placed: Sequence[Placed]) -> str:
    return name_beams([p.planned for p in placed])


def _reason(
    clusters: list[Cluster],
    distances: list[tuple[float, Cluster, Cluster]],
    paths: list[Placed],
    surface: list[Placed],
    missing: list[Placed],
    doubts: list[IsocenterDoubt],
    settings: DetectorSettings,
) -> str:
    parts = []
    if len(clusters) > 1 and distances:
        nearest, farthest = distances[0][0], distances[-1][0]
        span = f"{nearest:.1f} mm" if len(distances) == 1 else f"{nearest:.1f} to {farthest:.1f} mm"
        groups = "; ".join(_names(c.members) for c in clusters[:4])
        parts.append(f"{len(clusters)} photon isocenters, {span} apart ({groups})")
    elif len(clusters) > 1:
        parts.append(f"{len(clusters)} photon isocenters ({'; '.join(_names(c.members) for c in clusters[:4])})")
    elif clusters:
        parts.append(f"one photon isocenter ({_names(clusters[0].members)})")
    if paths:
        parts.append(f"one trajectory isocenter a beam ({_names(paths)})")
    if surface:
        parts.append(f"SSD set-ups, not counted as isocenters ({_names(surface)})")
    if missing:
        at_least = "at least 1: " if clusters or paths else ""
        parts.append(f"{at_least}no usable isocenter on {_names(missing)}")
    if IsocenterDoubt.NEAR in doubts:
        low, high = settings.same_isocenter_mm, settings.distinct_isocenter_mm
        parts.append(f"points {low:g} to {high:g} mm apart may be one or two isocenters")
    if IsocenterDoubt.DIFFERENT_FRAMES in doubts:
        parts.append("plans in different frames of reference cannot be compared")
    if IsocenterDoubt.SEPARATE_SSD_AXES in doubts:
        parts.append("their central axes do not meet at one target")
    if IsocenterDoubt.TRAJECTORIES in doubts:
        parts.append("the trajectories do not start at one place")
    return "; ".join(parts)
