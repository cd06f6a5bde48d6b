"""Where a planned beam is placed: its isocenters while it delivers, its central axis, and whether it is an SSD set-up.

What several detectors need and no single one owns (docs/plans.md 2.1, steps 4 to 6). Only control points that bound a
segment with meterset count; where the weights are unusable, all control points do.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from rtcode.plan.delivery import Part
from rtcode.plan.geometry import NOISE, beam_axis
from rtcode.plan.model import Beam, Column, FloatArray, RTPlan, known
from rtcode.plan.sessions import PlannedBeam, once_a_beam
from rtcode.plan.tags import at
from rtcode.plan.units import FARTHEST_MM
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind

Point: TypeAlias = tuple[float, float, float]

#: Changes below these are binary noise of exports (docs/plans.md 2.3).
_STILL_MM = 0.01
#: More distinct points than this in one beam are a path, not set-ups (docs/plans.md 2.1, step 4).
_PATH_POINTS = 20
#: |SSD - SAD| and |isocenter - entry point| up to which the point is the skin (docs/plans.md 2.1, step 6).
_SKIN_MM = 5.0
#: Beyond this depth under the skin an axis has left any patient.
_DEPTH_MM = 600.0
#: More axes than this in one beam are not told apart.
_MANY_AXES = 200
_TOMO_CREATOR = "TOMO"
_SSD_TECHNIQUES = frozenset({"FIXED_SSD", "SKIN_APPOSITION"})


@record(eq=False)
class Isocenters:
    """The isocenters of one beam at control points that deliver.

    Attributes
    ----------
    points
        Distinct points in the order they occur (LPS, mm); points less than 0.01 mm apart are one.
    control_points
        For each point the control point at which it was written.
    complete
        False where a delivering control point has no readable position.
    moving
        The point moves while meterset accrues (with unusable weights: it moves at all).
    """

    points: tuple[Point, ...]
    control_points: tuple[int, ...]
    complete: bool
    moving: bool

    @property
    def length_mm(self) -> float:
        """Extent of the points: diagonal of their bounding box."""
        return math.hypot(*(max(axis) - min(axis) for axis in zip(*self.points, strict=True))) if self.points else 0.0


@record
class SsdSetup:
    """Why a photon beam counts as set up by its SSD; ``on_skin`` where only numbers say so: its point is the skin."""

    reason: str
    evidence: Evidence
    on_skin: bool = False


@record(eq=False)
class CentralAxis:
    """Central axis of a beam whose gantry stands still while it delivers.

    Attributes
    ----------
    direction
        Unit vector from the source to the isocenter in patient coordinates.
    origin
        The isocenter, or ``None`` where it is not known.
    couch_assumed
        PatientSupportAngle is not recorded and was taken as 0.
    position_assumed
        PatientPosition is not recorded and was taken as HFS: angles between such beams hold, places do not.
    """

    direction: FloatArray
    origin: FloatArray | None
    couch_assumed: bool
    position_assumed: bool


def known_at(column: Column | None, index: int) -> float | None:
    """A column's number at a control point, or ``None`` where it is not known there."""
    if column is None or not 0 <= index < len(column.values):
        return None
    value = float(column.values[index])
    return value if math.isfinite(value) else None


def first_delivering(planned: PlannedBeam) -> int:
    """The first control point that delivers (0 where there is none)."""
    indices = planned.delivery.bounding
    return int(indices[0]) if indices.size else 0


@once_a_beam
def isocenters(planned: PlannedBeam) -> Isocenters:
    """The isocenters of one beam, see `Isocenters`."""
    column = planned.beam.control_points.isocenter_mm
    indices = planned.delivery.bounding
    if column is None or not indices.size:
        return Isocenters((), (), False, False)
    if column.is_constant():
        point, index = _point(column.values[0]), int(indices[0])
        source = column.source(index)
        if not _in_room(point):
            return Isocenters((), (), False, False)
        return Isocenters((point,), (index if source is None else source,), True, False)
    values = column.values[indices]
    readable = (np.abs(values) <= FARTHEST_MM).all(axis=1)  # NaN is not readable either
    kept, values = indices[readable], values[readable]
    # The last control point that wrote a position, for each.
    written_at = np.maximum.accumulate(np.where(column.is_given(), np.arange(len(column.values)), -1)).tolist()
    points: list[Point] = []
    sources: list[int] = []
    last: Point | None = None
    changed = np.ones(len(values), dtype=np.bool_)
    changed[1:] = (values[1:] != values[:-1]).any(axis=1)
    for index, (x, y, z) in zip(kept[changed].tolist(), values[changed].tolist(), strict=True):
        point = (x, y, z)
        if last is not None and math.dist(point, last) < _STILL_MM:
            continue
        last = point
        # Along a path every point is new; only a beam with few points can come back to one.
        if len(points) > _PATH_POINTS or all(math.dist(point, p) >= _STILL_MM for p in points):
            points.append(point)
            sources.append(written_at[index] if written_at[index] >= 0 else index)
    return Isocenters(tuple(points), tuple(sources), bool(readable.all()), _moves(planned, Part.ISOCENTER))


def _point(values: FloatArray) -> Point:
    x, y, z = values.tolist()
    return x, y, z


def _in_room(point: Point) -> bool:
    """Whether all coordinates are known and none is too far for a place in a treatment room."""
    return all(abs(value) <= FARTHEST_MM for value in point)


def gantry_moves(planned: PlannedBeam) -> bool:
    """Whether the gantry turns while meterset accrues (with unusable weights: whether it turns at all)."""
    return _moves(planned, Part.GANTRY)


def _moves(planned: PlannedBeam, part: Part) -> bool:
    delivery = planned.delivery
    return part in (delivery.changes if delivery.delivering is None else delivery.on)


def is_serial(planned: PlannedBeam, found: Isocenters, *, helical: bool) -> bool:
    """Whether the beam treats along a path as tomotherapy does: named so, or with more points than set-ups could have.

    Parameters
    ----------
    helical
        The technique detector calls the beam helical.
    """
    tomo = any(_TOMO_CREATOR in creator.upper() for creator in planned.beam.private_creators)
    return helical or tomo or len(found.points) > _PATH_POINTS


def is_path(planned: PlannedBeam, found: Isocenters, *, helical: bool) -> bool:
    """Whether the beam has one trajectory rather than separate isocenters (docs/plans.md 2.1, step 4).

    True for serial delivery (`is_serial`) and where the point moves while the beam is on: the table then moves
    through it.
    """
    return is_serial(planned, found, helical=helical) or (found.moving and len(found.points) > 1)


def path_length_mm(planned: PlannedBeam, found: Isocenters) -> tuple[float, Evidence] | None:
    """Length that a helical or moving-table beam covers, with its evidence; ``None`` where the plan does not say.

    From the isocenters of its control points, else from the table's longitudinal travel.
    """
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    points = f"{beam.path}.ControlPointSequence[*]"
    if len(found.points) > 1:
        where = f"{at(points, 'IsocenterPosition')}: length of the path (mm)"
        return found.length_mm, Evidence(EvidenceKind.GEOMETRIC, where, round(found.length_mm, 3), uid)
    column = beam.control_points.table_longitudinal_mm
    if column is not None:
        values = column.values[planned.delivery.bounding]
        values = values[np.isfinite(values)]
        if values.size > 1 and float(np.ptp(values)) > _STILL_MM:
            travel = float(np.ptp(values))
            where = f"{at(points, 'TableTopLongitudinalPosition')}: travel (mm)"
            return travel, Evidence(EvidenceKind.GEOMETRIC, where, round(travel, 3), uid)
    return None


def isocenter_path(beam: Beam, control_point: int) -> str:
    """Evidence path of the isocenter written at a control point."""
    return at(f"{beam.path}.ControlPointSequence[{control_point}]", "IsocenterPosition")


def isocenter_evidence(planned: PlannedBeam, found: Isocenters, shown: int = 2) -> tuple[Evidence, ...]:
    """The beam's isocenters as evidence: the first ``shown`` points, or one entry that says that there is none."""
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    if not found.points:
        column = beam.control_points.isocenter_mm
        absent = column is None or not column.state.any()
        where = isocenter_path(beam, first_delivering(planned)) + ("" if absent else ": empty or not usable")
        return (Evidence(EvidenceKind.CODED, where, None, uid),)
    return tuple(
        Evidence(EvidenceKind.GEOMETRIC, isocenter_path(beam, index), point, uid)
        for point, index in list(zip(found.points, found.control_points, strict=True))[:shown]
    )


def entry_point(planned: PlannedBeam) -> Point | None:
    """SurfaceEntryPoint at the first control point that delivers."""
    column, index = planned.beam.control_points.surface_entry_mm, first_delivering(planned)
    if column is None or not len(column.values):
        return None
    point = _point(column.values[index])
    return point if _in_room(point) else None


def ssd_mm(planned: PlannedBeam) -> float | None:
    """SourceToSurfaceDistance at the first control point that delivers."""
    return known_at(planned.beam.control_points.ssd_mm, first_delivering(planned))


def ssd_setup(planned: PlannedBeam, found: Isocenters) -> SsdSetup | None:
    """Why a photon beam is not isocentric, or ``None`` where nothing says so (docs/plans.md 2.1, step 6).

    SetupTechnique alone is not trusted to call a beam isocentric: real plans mark SSD 1000 and SSD 1100 beams so. A
    gantry that turns while the beam is on turns about an isocenter, whatever the set-up says.
    """
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    if gantry_moves(planned):
        return None
    index = first_delivering(planned)
    where = f"{beam.path}.ControlPointSequence[{index}]"
    setup = planned.setup
    if setup is not None and (setup.technique or "").strip().upper() in _SSD_TECHNIQUES:
        evidence = Evidence(EvidenceKind.CODED, at(setup.path, "SetupTechnique"), setup.technique, uid)
        return SsdSetup("its set-up technique is a fixed SSD", evidence)
    ssd, sad = ssd_mm(planned), known(beam.source_axis_distance_mm)
    if ssd is not None and sad is not None:
        evidence = Evidence(EvidenceKind.GEOMETRIC, at(where, "SourceToSurfaceDistance"), ssd, uid)
        if abs(ssd - sad) <= _SKIN_MM + NOISE:
            return SsdSetup("its isocenter lies on the skin (SSD equals SAD)", evidence, on_skin=True)
        if ssd > sad:
            return SsdSetup("its SSD is longer than the source-axis distance", evidence)
    entry = entry_point(planned)
    if entry is not None and found.points and math.dist(entry, found.points[0]) <= _SKIN_MM + NOISE:
        evidence = Evidence(EvidenceKind.GEOMETRIC, at(where, "SurfaceEntryPoint"), entry, uid)
        return SsdSetup("its isocenter equals the entry point", evidence, on_skin=True)
    return None


@once_a_beam
def central_axes(planned: PlannedBeam) -> tuple[CentralAxis, ...] | None:
    """Distinct central axes of a beam at the control points where its segments start.

    Returns
    -------
    Usually one axis; several where the gantry or couch moves with the beam off. ``None`` where the gantry turns while
    the beam is on, where an angle that is needed is not readable, or where there are more than anybody would plan.
    """
    beam = planned.beam
    points = beam.control_points
    if gantry_moves(planned) or points.gantry_deg is None:
        return None
    position = None if planned.setup is None else planned.setup.position
    position_assumed = not (position or "").strip()
    origin_points = isocenters(planned)
    origin = np.array(origin_points.points[0]) if origin_points.points else None
    found = _angles(planned)
    if found is None or len(found) > _MANY_AXES:
        return None
    result = []
    for gantry, couch, eccentric, pitch, roll, recorded in found:
        axis = beam_axis(
            gantry,
            couch,
            "HFS" if position_assumed else position,
            eccentric_deg=eccentric,
            pitch_deg=pitch,
            roll_deg=roll,
        )
        if axis is None:
            return None
        result.append(CentralAxis(axis, origin, not recorded, position_assumed))
    return tuple(result) or None


def _angles(planned: PlannedBeam) -> list[tuple[float, float, float, float, float, bool]] | None:
    """Gantry, couch, eccentric, pitch and roll angle where segments start, each set of them once, ascending.

    The last entry is whether the couch angle is known: what is not known is taken as 0. ``None`` where a gantry angle
    is not known.
    """
    points, steps = planned.beam.control_points, planned.delivery.delivering
    starts = planned.delivery.bounding if steps is None else np.flatnonzero(steps)
    columns = (
        points.gantry_deg,
        points.couch_deg,
        points.table_eccentric_deg,
        points.table_pitch_deg,
        points.table_roll_deg,
    )
    if all(column is None or column.is_constant() for column in columns):
        starts = starts[:1]
    found = set()
    for index in starts.tolist():
        known_angles = [known_at(column, index) for column in columns]
        if known_angles[0] is None:
            return None
        gantry, couch, eccentric, pitch, roll = ((angle or 0.0) % 360.0 for angle in known_angles)
        found.add((gantry, couch, eccentric, pitch, roll, known_angles[1] is not None))
    return sorted(found)


def span_in_patient(planned: PlannedBeam) -> tuple[float, float]:
    """Part of the central axis that can lie in the patient: positions along it from the isocenter, mm.

    From the skin (or the isocenter, where that lies higher) to a depth that no patient exceeds.
    """
    ssd, sad = ssd_mm(planned), known(planned.beam.source_axis_distance_mm)
    skin = ssd - sad if ssd is not None and sad is not None else 0.0
    return min(0.0, skin), max(0.0, skin) + _DEPTH_MM


def comparable_frame(plan: RTPlan) -> str | None:
    """Key of the frame in which a plan's positions may be compared with others of the same key.

    ``None`` for device geometry, whose points are not in the patient. A plan without FrameOfReferenceUID has a frame of
    its own: points within it compare, points of two such plans do not (docs/plans.md 1.8).
    """
    if (plan.geometry or "").strip().upper() == "TREATMENT_DEVICE":
        return None
    return plan.frame_of_reference_uid or f"plan {plan.source.sha256}"
