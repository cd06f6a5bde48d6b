"""Arrows and arcs in the axial view of the isocenters: where the beams of a session come from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from rtcode.outputs.pictures.svg import Svg, number, polygon
from rtcode.plan.geometry import beam_axis
from rtcode.plan.model import FloatArray
from rtcode.plan.placement import known_at
from rtcode.plan.sessions import PlannedBeam, TreatmentSession

#: From a point in the patient to a place in the picture.
At = Callable[[Sequence[float] | FloatArray], tuple[float, float]]
#: Most directions drawn in the axial view.
_MOST_ARROWS = 40


def draw_directions(svg: Svg, session: TreatmentSession, at: At, box: tuple[float, float, float, float]) -> None:
    """Central axes of the beams in the axial view, from the source toward their points."""
    drawn: set[str] = set()
    for planned in session.treatment_beams:
        found = _sources(planned)
        if found is None or len(drawn) >= _MOST_ARROWS:
            continue
        origin, sources = found
        x, y = at(origin)
        flat = [(float(s[0]), float(s[1])) for s in sources]  # axial: x to the right, posterior down
        if len(flat) > 1:
            room = min(x - box[0], box[1] - x, y - box[2], box[3] - y) - 3.0
            radius = max(min(36.0, room - 9.0) + 3.0 * (len(drawn) % 4), 9.0)
            way = [(x + radius * dx, y + radius * dy) for dx, dy in flat]
            shape = polygon(way, closed=False)
            if shape in drawn:
                continue
            drawn.add(shape)
            svg.path(shape, "rtp-arrow", width=1.1)
            _head(svg, way[-2], way[-1])
            continue
        dx, dy = flat[0]
        if math.hypot(dx, dy) < 0.1:  # along the patient: nothing to see in this view
            continue
        start, end = (x + 42 * dx, y + 42 * dy), (x + 10 * dx, y + 10 * dy)
        start = _cut(start, end, box)
        key = f"{number(start[0])} {number(start[1])} {number(end[0])} {number(end[1])}"
        if key in drawn:
            continue
        drawn.add(key)
        svg.line(*start, *end, "rtp-arrow", width=0.9)
        _head(svg, start, end)


def _cut(
    start: tuple[float, float], end: tuple[float, float], box: tuple[float, float, float, float]
) -> tuple[float, float]:
    """The start of an arrow, moved toward its end until it lies in the box."""
    share = 1.0
    for first, last, low, high in ((start[0], end[0], box[0], box[1]), (start[1], end[1], box[2], box[3])):
        if first > high and first > last:
            share = min(share, (high - last) / (first - last))
        elif first < low and first < last:
            share = min(share, (last - low) / (last - first))
    share = max(share, 0.0)
    return end[0] + share * (start[0] - end[0]), end[1] + share * (start[1] - end[1])


def _head(svg: Svg, start: tuple[float, float], end: tuple[float, float]) -> None:
    length = math.dist(start, end)
    if length < 1e-6:
        return
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    tip = (end[0] + 3 * dx, end[1] + 3 * dy)
    corners = [tip, (end[0] - 2 * dx - 2.4 * dy, end[1] - 2 * dy + 2.4 * dx)]
    corners.append((end[0] - 2 * dx + 2.4 * dy, end[1] - 2 * dy - 2.4 * dx))
    svg.path(polygon(corners), "rtp-arrow-head")


def _sources(planned: PlannedBeam) -> tuple[FloatArray, FloatArray] | None:
    """The point of a beam and where its source stands while it delivers, as unit vectors in the patient ``(k, 3)``.

    One vector where the gantry stands; along an arc one about every 5 degrees. ``None`` where angles, the patient
    position or the point are not known, or the beam moves along a path.
    """
    points = planned.beam.control_points
    delivery = planned.delivery
    column = points.isocenter_mm
    indices = delivery.bounding
    if column is None or not indices.size or points.gantry_deg is None or points.couch_deg is None:
        return None
    origin = column.values[indices[0]]
    position = None if planned.setup is None else planned.setup.position
    gantry, couch = points.gantry_deg.values[indices], points.couch_deg.values[indices]
    if not (np.isfinite(origin).all() and np.isfinite(gantry).all() and np.isfinite(couch).all()):
        return None
    if float(np.abs(column.values[indices] - origin).max()) > 1.0:
        return None
    angles = [(float(gantry[0]), float(couch[0]))]
    if delivery.gantry is not None and delivery.delivering is not None:
        steps = np.nan_to_num(delivery.gantry.steps_deg)
        way = np.concatenate([[0.0], np.cumsum(steps)]) + float(points.gantry_deg.values[0])
        way = way[indices[0] : indices[-1] + 1]
        turns = points.couch_deg.values[indices[0] : indices[-1] + 1]
        angles = [(float(way[0]), float(turns[0]))]
        for before, after, couch_angle in zip(way, way[1:], turns[1:], strict=False):
            cuts = max(1, math.ceil(abs(float(after - before)) / 5.0)) if abs(after - before) > 0.01 else 0
            angles += [(float(before + (after - before) * k / cuts), float(couch_angle)) for k in range(1, cuts + 1)]
    vectors = []
    for gantry_angle, couch_angle in angles:
        axis = beam_axis(
            gantry_angle,
            couch_angle,
            position,
            eccentric_deg=known_at(points.table_eccentric_deg, int(indices[0])) or 0.0,
            pitch_deg=known_at(points.table_pitch_deg, int(indices[0])) or 0.0,
            roll_deg=known_at(points.table_roll_deg, int(indices[0])) or 0.0,
        )
        if axis is None:
            return None
        vectors.append(-axis)
    return origin, np.array(vectors)
