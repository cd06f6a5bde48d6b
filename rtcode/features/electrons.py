"""Detector: electron fields of one session that touch.

What it does (docs/plans.md 2.8, docs/rules.md G4). Each electron field is placed in the patient: its cut-out (BlockData
of an APERTURE block, given at the isocenter plane) is turned by collimator, gantry, couch and patient position,
scaled to the skin by SSD over SAD, and set where the central axis meets the skin. Two fields are compared on the
plane through their midpoint, normal to their mean axis: a gap up to ``touching_gap_mm`` (or an overlap) touches, up
to ``close_gap_mm`` it is close. Fields whose axes differ by more than ``abutting_axis_deg`` have no common plane and
are not compared.

Without a cut-out the field is a circle around the applicator's opening (its geometry, else the size in its ID, else the
jaws). That circle is larger than the field: "does not touch" holds, "touches" is a hint only. Then ``touching`` stays
unknown and ``close`` is met, so that a human looks. One place and one outline treated with two energies is one field.

What it cannot see: the skin between two fields (curved surfaces, gaps set on the skin), shielding laid on the
patient, and fields of other plans. Plans in different frames of reference, and device geometry, are not compared.
"""

from __future__ import annotations

import math
import re
from itertools import combinations
from typing import Any

import numpy as np

from rtcode.features.selection import name_beams, treatment_beams
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, ElectronFieldsFeature, Radiation
from rtcode.plan.geometry import NOISE, angle_between_deg, collimator_to_patient, place_outline, project_on_plane
from rtcode.plan.model import Applicator, FloatArray, known
from rtcode.plan.placement import (
    comparable_frame,
    first_delivering,
    isocenter_path,
    isocenters,
    known_at,
    ssd_mm,
)
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.units import looks_like_centimeters
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind, Truth

#: Fields compared pair by pair; a session with more is not compared.
_MANY_FIELDS = 60
#: Points of all cut-outs of a session that are compared, each with each; a cut-out has some hundred at most.
_MANY_CORNERS = 10_000
#: Outlines that differ by no more than this are the same field (mm).
_SAME_OUTLINE_MM = 1.0
#: Corners of the polygon that stands for a circle; drawn around it, so that the circle lies inside.
_CIRCLE_CORNERS = 64
#: "10x10", "6 X 6", "A06x10": sides in centimeters, or in millimeters where they are too long for that.
_SIDES = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*[xX×*/]\s*(\d{1,3}(?:\.\d+)?)")
_SIDE = re.compile(r"(?<!\d)(?<!\d\.)(\d{1,3}(?:\.\d+)?)(?!\.?\d)")
_LONGEST_CM = 40.0


@record(eq=False)
class _Outline:
    """An aperture at the isocenter plane: vertices ``(m, 2)``; ``exact`` for a cut-out, else an upper bound."""

    vertices_mm: FloatArray
    exact: bool
    evidence: Evidence


@record(eq=False)
class _Placed:
    """A field in the patient."""

    planned: PlannedBeam
    frame_key: str
    skin_mm: FloatArray
    axis: FloatArray
    vertices_mm: FloatArray
    outline: _Outline
    where: str

    @property
    def reach_mm(self) -> float:
        """Radius of the field around its skin point."""
        return float(np.max(np.linalg.norm(self.vertices_mm - self.skin_mm, axis=1)))


@record(eq=False)
class _Pair:
    touching: Truth
    close: Truth
    gap_mm: float | None
    reason: str
    evidence: tuple[Evidence, ...] = ()


def detect(
    session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings
) -> ElectronFieldsFeature:  # fmt: skip
    """Whether electron fields of one session touch.

    Parameters
    ----------
    beams
        Facts of all beams of the session; only electron treatment beams are compared.
    """
    fields = [b.planned for b in treatment_beams(session, beams, Radiation.ELECTRON)]
    if len(fields) < 2:
        reason = "one electron field" if fields else "no electron treatment beam"
        return ElectronFieldsFeature(Truth.NOT_MET, Truth.NOT_MET, None, reason, ())
    if len(fields) > _MANY_FIELDS:
        reason = f"more than {_MANY_FIELDS} electron fields, not compared"
        return ElectronFieldsFeature(Truth.UNKNOWN, Truth.UNKNOWN, None, reason, ())
    if sum(len(block.outline_mm) for field in fields for block in field.beam.blocks) > _MANY_CORNERS:
        reason = f"cut-outs of more than {_MANY_CORNERS} points, not compared"
        return ElectronFieldsFeature(Truth.UNKNOWN, Truth.UNKNOWN, None, reason, ())
    placed = {id(field): _place(field) for field in fields}
    pairs = [
        _compare(a, placed[id(a)], b, placed[id(b)], settings) for a, b in combinations(fields, 2)
    ]  # fmt: skip
    touching = Truth.any(p.touching for p in pairs)
    close = Truth.any(p.close for p in pairs)
    telling = [p for p in pairs if p.touching is Truth.MET] or [p for p in pairs if p.close is Truth.MET]
    telling = telling or [p for p in pairs if p.touching is touching]
    gaps = [p.gap_mm for p in pairs if p.gap_mm is not None]
    first = min(telling, key=lambda p: math.inf if p.gap_mm is None else p.gap_mm)
    evidence = tuple(dict.fromkeys(e for p in telling[:10] for e in p.evidence))
    return ElectronFieldsFeature(touching, close, min(gaps, default=None), first.reason, evidence)


# ------------------------------------------------------------------------------------------------ one field


def _place(planned: PlannedBeam) -> _Placed | str:
    """The field in the patient, or why it cannot be placed."""
    beam = planned.beam
    frame_key = comparable_frame(planned.plan)
    if frame_key is None:
        return "device geometry is not in the patient"
    if looks_like_centimeters(beam):
        return "lengths look like centimeters"
    outline = _outline(planned)
    if outline is None:
        return "the size of the field is not known"
    found = isocenters(planned)
    index = first_delivering(planned)
    points = beam.control_points
    gantry, collimator = known_at(points.gantry_deg, index), known_at(points.collimator_deg, index)
    couch = known_at(points.couch_deg, index)
    if not found.points or gantry is None or couch is None:
        return "its place or its angles are not known"
    if collimator is None:
        if outline.exact:
            return "its collimator angle is not known"
        collimator = 0.0  # a circle looks the same at any collimator angle
    frame = collimator_to_patient(
        gantry,
        collimator,
        couch,
        None if planned.setup is None else planned.setup.position,
        eccentric_deg=known_at(points.table_eccentric_deg, index) or 0.0,
        pitch_deg=known_at(points.table_pitch_deg, index) or 0.0,
        roll_deg=known_at(points.table_roll_deg, index) or 0.0,
    )
    if frame is None:
        return "the patient position is not known"
    axis = -frame[:, 2]
    ssd, sad = ssd_mm(planned), known(beam.source_axis_distance_mm)
    skin, scale = np.array(found.points[0]), 1.0
    if ssd is not None and sad is not None and ssd > 0 and sad > 0:
        skin, scale = skin + (ssd - sad) * axis, ssd / sad
    vertices = place_outline(outline.vertices_mm, frame, skin, scale)
    return _Placed(planned, frame_key, skin, axis, vertices, outline, isocenter_path(beam, found.control_points[0]))


def _outline(planned: PlannedBeam) -> _Outline | None:
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    for block in beam.blocks:
        corners = block.outline_mm
        if (block.type or "").strip().upper() == "APERTURE" and len(corners) >= 3 and np.isfinite(corners).all():
            evidence = Evidence(EvidenceKind.GEOMETRIC, at(block.path, "BlockData"), f"{len(corners)} points", uid)
            return _Outline(corners, True, evidence)
    for applicator in beam.applicators:
        found = _applicator_radius(applicator)
        if found is not None:
            radius, keyword, kind, value = found
            where = at(applicator.path, keyword)
            return _Outline(_circle(radius), False, Evidence(kind, where, value, uid))
    return _jaw_outline(planned)


def _applicator_radius(applicator: Applicator) -> tuple[float, str, EvidenceKind, str | float] | None:
    """Radius of the circle around an applicator's opening, and where it is read."""
    width, height = known(applicator.opening_x_mm), known(applicator.opening_y_mm)
    opening = known(applicator.opening_mm)
    if width and height:
        return math.hypot(width, height) / 2, "ApplicatorOpeningX", EvidenceKind.GEOMETRIC, width
    if opening:
        circular = "CIRC" in (applicator.aperture_shape or applicator.type or "").upper()
        radius = opening / 2 if circular else opening / math.sqrt(2.0)
        return radius, "ApplicatorOpening", EvidenceKind.GEOMETRIC, opening
    text = applicator.id or ""
    sides = _SIDES.search(text)
    numbers = [float(v) for v in sides.groups()] if sides else [float(v) for v in _SIDE.findall(text)]
    if not sides and len(numbers) != 1:
        return None
    if max(numbers) > _LONGEST_CM:
        lengths = numbers
    else:
        lengths = [10.0 * v for v in numbers]
    if min(lengths) < 5.0 or max(lengths) > 10.0 * _LONGEST_CM:
        return None
    if len(lengths) == 1 and "CIRC" in (applicator.type or "").upper():
        return lengths[0] / 2, "ApplicatorID", EvidenceKind.TEXT, text
    return math.hypot(lengths[0], lengths[-1]) / 2, "ApplicatorID", EvidenceKind.TEXT, text


def _jaw_outline(planned: PlannedBeam) -> _Outline | None:
    """Circle around the axis that holds the jaw opening; behind an applicator the jaws are wider than the field."""
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    index = first_delivering(planned)
    sides: dict[str, float] = {}
    for device in beam.control_points.devices:
        axis = device.type.upper().removeprefix("ASYM")
        if axis in ("X", "Y") and device.pairs == 1:
            ends = device.at(index)
            if ends is not None and np.isfinite(ends).all():
                sides[axis] = float(np.max(np.abs(ends)))
    if len(sides) < 2:
        return None
    path = f"{beam.path}.ControlPointSequence[{index}].BeamLimitingDevicePositionSequence"
    evidence = Evidence(EvidenceKind.GEOMETRIC, at(path, "LeafJawPositions"), (sides["X"], sides["Y"]), uid)
    return _Outline(_circle(math.hypot(sides["X"], sides["Y"])), False, evidence)


def _circle(radius_mm: float) -> FloatArray:
    angles = 2 * np.pi * np.arange(_CIRCLE_CORNERS) / _CIRCLE_CORNERS
    outer = radius_mm / math.cos(math.pi / _CIRCLE_CORNERS)
    return outer * np.stack([np.cos(angles), np.sin(angles)], axis=1)


# ------------------------------------------------------------------------------------------------ two fields


def _compare(
    first: PlannedBeam, a: _Placed | str, second: PlannedBeam, b: _Placed | str, settings: DetectorSettings
) -> _Pair:
    names = name_beams([first, second])
    if isinstance(a, str) or isinstance(b, str):
        why = a if isinstance(a, str) else b
        return _Pair(Truth.UNKNOWN, Truth.UNKNOWN, None, f"{names} cannot be compared: {why}")
    if a.frame_key != b.frame_key:
        return _Pair(Truth.UNKNOWN, Truth.UNKNOWN, None, f"{names} are in different frames of reference")
    uid = first.plan.sop_instance_uid
    points = (
        Evidence(EvidenceKind.GEOMETRIC, a.where, _tuple(a.skin_mm), uid),
        Evidence(EvidenceKind.GEOMETRIC, b.where, _tuple(b.skin_mm), second.plan.sop_instance_uid),
        a.outline.evidence,
        b.outline.evidence,
    )
    room = float(np.linalg.norm(b.skin_mm - a.skin_mm)) - a.reach_mm - b.reach_mm
    angle = angle_between_deg(a.axis, b.axis)
    if angle > settings.abutting_axis_deg + NOISE:
        # No common plane; but balls around the fields that stay apart cannot hide fields that touch.
        if room > settings.close_gap_mm + NOISE:
            return _Pair(Truth.NOT_MET, Truth.NOT_MET, None, f"{names} lie at least {room:.0f} mm apart", points)
        reason = f"{names} are not compared: their axes differ by {angle:.0f}°"
        return _Pair(Truth.UNKNOWN, Truth.UNKNOWN, None, reason, points)
    gap, same = _gap(a, b)
    if same and math.dist(_tuple(a.skin_mm), _tuple(b.skin_mm)) <= settings.same_isocenter_mm + NOISE:
        return _Pair(Truth.NOT_MET, Truth.NOT_MET, None, f"{names} are one field, treated more than once", points)
    where = f"{a.where} to {b.where}: gap of the fields (mm)"
    evidence = (*points, Evidence(EvidenceKind.GEOMETRIC, where, round(gap, 2), uid))
    touches = gap <= settings.touching_gap_mm + NOISE
    near = gap <= settings.close_gap_mm + NOISE
    if a.outline.exact and b.outline.exact:
        word = "touch" if touches else "are close" if near else "do not touch"
        reason = f"{names} {word}: gap {gap:.1f} mm"
        return _Pair(Truth.of(touches), Truth.of(near and not touches), gap, reason, evidence)
    if not near:
        reason = f"{names} do not touch: circles around their openings are {gap:.0f} mm apart"
        return _Pair(Truth.NOT_MET, Truth.NOT_MET, gap, reason, evidence)
    reason = f"{names} may touch: without cut-outs, circles around their openings are {gap:.0f} mm apart"
    return _Pair(Truth.UNKNOWN, Truth.MET, gap, reason, evidence)


def _gap(a: _Placed, b: _Placed) -> tuple[float, bool]:
    """Gap of two fields on the plane between them (0 where they overlap), and whether they have the same outline."""
    from shapely import hausdorff_distance  # only two electron fields need it, and it costs more than reading a plan

    normal = a.axis + b.axis
    middle = (a.skin_mm + b.skin_mm) / 2
    shape_a, shape_b = (_polygon(project_on_plane(f.vertices_mm, middle, normal)) for f in (a, b))
    same = a.outline.exact is b.outline.exact and float(hausdorff_distance(shape_a, shape_b)) <= _SAME_OUTLINE_MM
    return float(shape_a.distance(shape_b)), same


def _polygon(vertices: FloatArray) -> Any:
    """A shapely geometry of the outline; a self-crossing outline is repaired, a degenerate one stays a line."""
    from shapely import make_valid
    from shapely.geometry import LineString, Polygon

    polygon = make_valid(Polygon(vertices))
    return LineString(vertices) if polygon.is_empty else polygon


def _tuple(point: FloatArray) -> tuple[float, float, float]:
    x, y, z = (round(float(v), 3) for v in point)
    return (x, y, z)
