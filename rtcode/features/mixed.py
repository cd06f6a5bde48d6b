"""Detector: whether photon and electron beams of one session treat the same site.

What it does (docs/rules.md L3-C and G11, docs/plans.md 2.2). Photons and electrons share a site where their beams refer
to the same target dose reference (ReferencedDoseReferenceUID of the fraction group's beams, listed as TARGET in the
plan), or where an electron point and a photon isocenter or entry point lie within ``same_site_mm``. They do not where
every electron point lies further from every photon point. A target that all beams of the plan simply have in common,
without being referred to, proves nothing: plans for two sites are often written with one prescription.

What it cannot see: the volumes themselves. The distance is between points that stand for fields, so a long target may
look like two sites, and two small targets side by side like one. Points in device geometry, or in different frames of
reference, are not compared; other plans of the same day are not seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtcode.features.selection import treatment_beams
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, MixedSiteFeature, Point, Radiation
from rtcode.plan.geometry import NOISE
from rtcode.plan.model import ReferencedBeam
from rtcode.plan.placement import (
    comparable_frame,
    entry_point,
    first_delivering,
    isocenter_path,
    isocenters,
)
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.units import looks_like_centimeters
from rtcode.truth import Evidence, EvidenceKind, Truth

#: Points of one kind of beams that are compared; with more, nothing is said to be far apart.
_MANY_POINTS = 2_000

_Spot = tuple[Point, str, str | None]


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> MixedSiteFeature:
    """Whether photons and electrons of one session treat the same site.

    Parameters
    ----------
    beams
        Facts of all beams of the session; photon and electron treatment beams are compared.
    """
    photons = [b.planned for b in treatment_beams(session, beams, Radiation.PHOTON)]
    electrons = [b.planned for b in treatment_beams(session, beams, Radiation.ELECTRON)]
    if not photons or not electrons:
        return MixedSiteFeature(Truth.UNKNOWN, None, ())
    volume, shared = _shared_target(photons, electrons)
    distance, measured, complete = _distance(photons, electrons)
    evidence = (*shared, *measured)
    near = distance is not None and distance <= settings.same_site_mm + NOISE
    far = distance is not None and not near and complete
    if near or volume or (shared and not far):
        return MixedSiteFeature(Truth.MET, distance, evidence)
    return MixedSiteFeature(Truth.NOT_MET if far and not shared else Truth.UNKNOWN, distance, evidence)


def _shared_target(
    photons: Sequence[PlannedBeam], electrons: Sequence[PlannedBeam]
) -> tuple[bool, tuple[Evidence, ...]]:
    """Whether the target that a photon and an electron beam both refer to is a volume, and the two references."""
    first = _targets(photons)
    common = [uid for uid in _targets(electrons) if uid in first]
    for uid in sorted(common, key=lambda uid: not _is_volume(photons, uid)):
        pair = (first[uid], _targets(electrons)[uid])
        return _is_volume(photons, uid), tuple(
            Evidence(
                EvidenceKind.CODED, at(found.path, "ReferencedDoseReferenceUID"), uid, owner.plan.sop_instance_uid
            )
            for owner, found in pair
        )  # fmt: skip
    return False, ()


def _is_volume(beams: Sequence[PlannedBeam], uid: str) -> bool:
    """Whether the plans describe a dose reference as a volume."""
    plans = {id(planned.plan): planned.plan for planned in beams}
    references = (d for plan in plans.values() for d in plan.dose_references if d.uid == uid)
    return any((d.structure_type or "").strip().upper() == "VOLUME" for d in references)


def _targets(beams: Sequence[PlannedBeam]) -> dict[str, tuple[PlannedBeam, ReferencedBeam]]:
    """UIDs of dose references typed TARGET that the beams' fraction group references name."""
    result: dict[str, tuple[PlannedBeam, ReferencedBeam]] = {}
    kinds: dict[tuple[int, str], set[str]] = {}
    for plan in {id(planned.plan): planned.plan for planned in beams}.values():
        for described in plan.dose_references:
            if described.uid:
                kinds.setdefault((id(plan), described.uid), set()).add((described.type or "").strip().upper())
    for planned in beams:
        reference = planned.reference
        if reference is None or not reference.dose_reference_uid:
            continue
        uid = reference.dose_reference_uid
        if kinds.get((id(planned.plan), uid)) == {"TARGET"}:
            result.setdefault(uid, (planned, reference))
    return result


def _distance(
    photons: Sequence[PlannedBeam], electrons: Sequence[PlannedBeam]
) -> tuple[float | None, tuple[Evidence, ...], bool]:
    """Smallest distance of an electron point from a photon point (mm), and whether all beams could be compared."""
    places = {True: _spots(photons), False: _spots(electrons)}
    frames = {key for spots, _ in places.values() for key in spots}
    best: tuple[float, _Spot, _Spot] | None = None
    for key in frames:
        near, far = places[False][0].get(key, [])[:_MANY_POINTS], places[True][0].get(key, [])[:_MANY_POINTS]
        if not near or not far:
            continue
        targets = np.array([spot[0] for spot in far])
        for spot in near:
            distances = np.linalg.norm(targets - np.array(spot[0]), axis=1)
            index = int(np.argmin(distances))
            if best is None or distances[index] < best[0]:
                best = (float(distances[index]), far[index], spot)
    if best is None:
        return None, (), False
    distance, photon, electron = best
    evidence = (
        Evidence(EvidenceKind.GEOMETRIC, photon[1], photon[0], photon[2]),
        Evidence(EvidenceKind.GEOMETRIC, electron[1], electron[0], electron[2]),
        Evidence(EvidenceKind.GEOMETRIC, f"{photon[1]} to {electron[1]}: distance (mm)", round(distance, 1), photon[2]),
    )
    some = all(len(points) <= _MANY_POINTS for found, _ in places.values() for points in found.values())
    return distance, evidence, some and places[True][1] and places[False][1] and len(frames) == 1


def _spots(beams: Sequence[PlannedBeam]) -> tuple[dict[str, list[_Spot]], bool]:
    """Points that stand for the beams, by frame of reference; and whether every beam has one."""
    result: dict[str, list[_Spot]] = {}
    complete = True
    for planned in beams:
        beam, uid = planned.beam, planned.plan.sop_instance_uid
        key = comparable_frame(planned.plan)
        if key is None or looks_like_centimeters(beam):
            complete = False
            continue
        found = isocenters(planned)
        spots: list[_Spot] = [
            (point, isocenter_path(beam, index), uid)
            for point, index in zip(found.points, found.control_points, strict=True)
        ]
        entry = entry_point(planned)
        if entry is not None:
            path = f"{beam.path}.ControlPointSequence[{first_delivering(planned)}]"
            spots.append((entry, at(path, "SurfaceEntryPoint"), uid))
        complete = complete and bool(spots)
        if spots:
            result.setdefault(key, []).extend(spots)
    return result, complete
