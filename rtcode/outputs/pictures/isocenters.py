"""Where the isocenters of a session lie in the patient: three projections, distances, directions of the beams."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rtcode.outputs.pictures.beam_directions import At, draw_directions
from rtcode.outputs.pictures.marks import ALL_PAIRS, Mark, told_distances
from rtcode.outputs.pictures.svg import Svg, number, polygon, rectangle, text_width, tick_step, ticks, wrapped
from rtcode.plan.model import FloatArray
from rtcode.plan.sessions import TreatmentSession

_WIDTH, _LEFT, _TOP, _SIDE, _GAP = 466.0, 34.0, 32.0, 118.0, 34.0
_SMALL = 7.2
#: Half of the smallest part of the patient that is drawn, mm; room around the outermost point.
_SMALLEST_MM, _ROOM = 60.0, 1.35
#: name, horizontal and vertical axis of LPS with their sign on paper, letters left/right/top/bottom
_VIEWS = (
    ("Axial, seen from the feet", (0, 1.0), (1, -1.0), ("R", "L", "A", "P"), ("x", "y")),
    ("Coronal, seen from the front", (0, 1.0), (2, 1.0), ("R", "L", "H", "F"), ("x", "z")),
    ("Sagittal, seen from the left", (1, 1.0), (2, 1.0), ("A", "P", "H", "F"), ("y", "z")),
)


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


def isocenter_views(session: TreatmentSession, marks: Sequence[Mark], same_mm: float) -> str:
    """Isocenters in patient coordinates (DICOM LPS, mm): axial, coronal and sagittal projection at one scale.

    Arrows in the axial view show the central axis from the source to its point where the gantry stands, arcs the way
    of the source where it turns (projected: with a turned couch they are foreshortened).

    Parameters
    ----------
    marks
        The session's (`rtcode.outputs.pictures.marks`), at least one.
    same_mm
        Up to which distance points were taken for one.

    Returns
    -------
    An SVG element.
    """
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
        prefix = "Distances: " if len(marks) <= ALL_PAIRS else "Nearest and farthest: "
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
        draw_directions(svg, session, at, (left, right, _TOP, bottom))
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


def _numbers(svg: Svg, marks: Sequence[Mark], at: At) -> None:
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
