"""Where the isocenters of a session lie in the patient: three projections, distances, directions of the beams."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from rtcode.features.isocenter_groups import Placed, clusters_of, place, turns_about_the_skin
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Point, Radiation, Technique
from rtcode.outputs.pictures.svg import Svg, number, polygon, rectangle, text_width, tick_step, ticks, wrapped
from rtcode.plan.geometry import beam_axis, center_of, cluster_points
from rtcode.plan.model import FloatArray
from rtcode.plan.placement import comparable_frame, known_at
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.units import looks_like_centimeters
from rtcode.records import record, replace

_WIDTH, _LEFT, _TOP, _SIDE, _GAP = 466.0, 34.0, 32.0, 118.0, 34.0
_SMALL = 7.2
#: Half of the smallest part of the patient that is drawn, mm; room around the outermost point.
_SMALLEST_MM, _ROOM = 60.0, 1.35
#: Up to so many points every distance is told; of more the nearest and the farthest.
_ALL_PAIRS = 6
#: More points than this are not drawn: paths have hundreds.
_MOST_POINTS = 40
#: Most directions drawn in the axial view.
_MOST_ARROWS = 40

#: name, horizontal and vertical axis of LPS with their sign on paper, letters left/right/top/bottom
_VIEWS = (
    ("Axial, seen from the feet", (0, 1.0), (1, -1.0), ("R", "L", "A", "P"), ("x", "y")),
    ("Coronal, seen from the front", (0, 1.0), (2, 1.0), ("R", "L", "H", "F"), ("x", "z")),
    ("Sagittal, seen from the left", (1, 1.0), (2, 1.0), ("A", "P", "H", "F"), ("y", "z")),
)


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


_WORDS = {
    "photon": "photon isocenter",
    "surface": "photon point of a set-up by SSD",
    "electron": "electron set-up point",
    "other": "point of a beam of unknown radiation",
    "start": "start of a path",
    "end": "end of a path",
}
_MANY = {
    "photon": "photon isocenters",
    "surface": "photon points of set-ups by SSD",
    "electron": "electron set-up points",
    "other": "points of beams of unknown radiation",
    "start": "starts of paths",
    "end": "ends of paths",
}
_CLASSES = {
    "photon": "rtp-photon",
    "surface": "rtp-surface",
    "electron": "rtp-electron",
    "other": "rtp-surface",
    "start": "rtp-photon",
    "end": "rtp-surface",
}


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
    """Distances between points, mm: of all pairs up to `_ALL_PAIRS` points, else the nearest and the farthest pair."""
    pairs = [(math.dist(a.point, b.point), a, b) for a, b in combinations(marks, 2)]
    if len(marks) <= _ALL_PAIRS:
        return pairs
    return [min(pairs, key=lambda pair: pair[0]), max(pairs, key=lambda pair: pair[0])]


def isocenter_views(
    session: TreatmentSession, beams: Sequence[BeamFacts], settings: DetectorSettings | None = None
) -> str | None:
    """Isocenters in patient coordinates (DICOM LPS, mm): axial, coronal and sagittal projection at one scale.

    Arrows in the axial view show the central axis from the source to its point where the gantry stands, arcs the way
    of the source where it turns (projected: with a turned couch they are foreshortened).

    Parameters
    ----------
    session, beams
        The session and the facts of its beams.
    settings
        Of the code set under its policy; without them those of the newest code set. Points at most
        ``same_isocenter_mm`` apart are one.

    Returns
    -------
    An SVG element, or ``None`` as `isocenter_marks`.
    """
    if settings is None:
        from rtcode.coding.codeset import choose

        settings = choose().settings
    same_mm = settings.same_isocenter_mm
    marks = isocenter_marks(session, beams, settings)
    if marks is None:
        return None
    points = np.array([mark.point for mark in marks])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    half = max(_SMALLEST_MM, float(np.ptp(points, axis=0).max()) / 2 * _ROOM + 15.0)
    svg = Svg(_WIDTH, "Isocenters in the patient")
    title = _title(marks)
    svg.text(6, 12, title, bold=True, size=9)
    scale = _SIDE / (2 * half)
    for place_, view in enumerate(_VIEWS):
        left = _LEFT + place_ * (_SIDE + _GAP)
        _view(svg, view, left, marks, middle, scale, session if place_ == 0 else None)
    y = _TOP + _SIDE + 32
    lines = [_told(mark) for mark in marks]
    distances = told_distances(marks)
    if len(marks) > 1:
        prefix = "Distances: " if len(marks) <= _ALL_PAIRS else "Nearest and farthest: "
        lines.append(prefix + ", ".join(f"{a.number}–{b.number} {d:.1f} mm" for d, a, b in distances) + ".")
    for text in lines:
        for line in wrapped(text, _WIDTH - 12, 8):
            svg.text(6, y, line, size=8)
            y += 10.5
    caption = (
        f"DICOM patient coordinates (LPS), mm, same scale in all views; points up to {number(same_mm)} mm apart are "
        "one. Axial: arrows from the source along the central axis, arcs show the way of the source."
    )
    for line in wrapped(caption, _WIDTH - 12, _SMALL):
        svg.text(6, y, line, "rtp-muted", size=_SMALL)
        y += 9.5
    return svg.render(y, f"{title}. {' '.join(lines)} {caption}")


def _title(marks: Sequence[Mark]) -> str:
    counts = {kind: sum(mark.kind == kind for mark in marks) for kind in _WORDS}
    told = [f"{n} {_WORDS[kind] if n == 1 else _MANY[kind]}" for kind, n in counts.items() if n]
    return f"In the patient: {', '.join(told)}"


def _told(mark: Mark) -> str:
    x, y, z = (number(round(v, 1)) for v in mark.point)
    numbers = [label.removeprefix("beam ") for label in mark.beams]
    beams = f"beam{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:12])}" + (
        " and more" if len(numbers) > 12 else ""
    )
    return f"{mark.number}: {_WORDS[mark.kind]} ({x}, {y}, {z}), {beams}."


#: From a point in the patient to a place in the picture.
_At = Callable[[Sequence[float] | FloatArray], tuple[float, float]]
_View = tuple[str, tuple[int, float], tuple[int, float], tuple[str, str, str, str], tuple[str, str]]


def _view(
    svg: Svg,
    view: _View,
    left: float,
    marks: Sequence[Mark],
    middle: FloatArray,
    scale: float,
    session: TreatmentSession | None,
) -> None:
    name, (across, sign_x), (up, sign_y), letters, axes = view
    right, bottom = left + _SIDE, _TOP + _SIDE
    x0, y0 = left + _SIDE / 2, _TOP + _SIDE / 2

    def at(point: Sequence[float] | FloatArray) -> tuple[float, float]:
        return (
            x0 + sign_x * scale * (float(point[across]) - float(middle[across])),
            y0 - sign_y * scale * (float(point[up]) - float(middle[up])),
        )

    svg.text(left, _TOP - 5, name, size=7.5, bold=True)
    svg.path(rectangle(left, right, _TOP, bottom), "rtp-ground")
    half = _SIDE / (2 * scale)
    step = tick_step(2 * half, 4)
    grid = []
    for mark in ticks(float(middle[across]) - half, float(middle[across]) + half, step):
        x = x0 + sign_x * scale * (mark - float(middle[across]))
        grid.append(f"M{number(x)} {number(_TOP)}V{number(bottom)}")
        svg.text(x, bottom + 10, f"{mark:g}", "rtp-muted", anchor="middle", size=7)
    for mark in ticks(float(middle[up]) - half, float(middle[up]) + half, step):
        y = y0 - sign_y * scale * (mark - float(middle[up]))
        grid.append(f"M{number(left)} {number(y)}H{number(right)}")
        svg.text(left - 3, y + 2.5, f"{mark:g}", "rtp-muted", anchor="end", size=7)
    svg.path("".join(grid), "rtp-grid", width=0.5)
    svg.text(x0, bottom + 20, f"{axes[0]} (mm)", "rtp-muted", anchor="middle", size=7)
    svg.text(left - 25, y0, f"{axes[1]} (mm)", "rtp-muted", anchor="middle", size=7, upright=False)
    if session is not None:
        _directions(svg, session, at, (left, right, _TOP, bottom))
    for _, a, b in told_distances(marks) if len(marks) > 1 else []:
        svg.line(*at(a.point), *at(b.point), "rtp-link", width=0.6, dash="2 1.5")
    _numbers(svg, marks, at)
    svg.path(rectangle(left, right, _TOP, bottom), "rtp-frame", width=0.7)
    for letter, x, y in (
        (letters[0], left + 7, y0 + 3),
        (letters[1], right - 7, y0 + 3),
        (letters[2], x0, _TOP + 10),
        (letters[3], x0, bottom - 4),
    ):
        svg.path(rectangle(x - 4.5, x + 4.5, y - 7.6, y + 2), "rtp-ground")
        svg.text(x, y, letter, anchor="middle", size=8.5, bold=True)


def _numbers(svg: Svg, marks: Sequence[Mark], at: _At) -> None:
    """Points with their numbers; points that fall together in a projection share one label."""
    together: list[tuple[tuple[float, float], list[int]]] = []
    for mark in reversed(marks):
        x, y = at(mark.point)
        if mark.kind == "electron":
            corners = [(x - 4, y + 3), (x + 4, y + 3), (x, y - 4.5)]
            svg.path(polygon(corners), _CLASSES[mark.kind], width=0.7)
        else:
            svg.circle(x, y, 3.4, _CLASSES[mark.kind])
    for mark in marks:
        x, y = at(mark.point)
        near = next((labels for place_, labels in together if math.dist(place_, (x, y)) < 9), None)
        if near is None:
            together.append(((x, y), [mark.number]))
        else:
            near.append(mark.number)
    for (x, y), labels in together:
        text = ", ".join(map(str, labels[:4])) + (" …" if len(labels) > 4 else "")
        wide = text_width(text, 8)
        svg.path(rectangle(x + 4.5, x + 6.5 + wide, y - 11, y - 2), "rtp-ground")
        svg.text(x + 5.5, y - 4, text, size=8, bold=True)


def _directions(svg: Svg, session: TreatmentSession, at: _At, box: tuple[float, float, float, float]) -> None:
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
