"""Beam's-eye view of one control point: jaws, leaves, blocks, applicator, wedge and what they leave open."""

from __future__ import annotations

import math

import numpy as np

from rtcode.features.wedges import track_of
from rtcode.outputs.pictures.outlines import (
    Opening,
    applicator_outline,
    block_type,
    blocks_in_beam,
    has_outline,
    jaws_sweep,
    opening_of,
    wedge_type,
)
from rtcode.outputs.pictures.plane import BELOW_AXES, FRAME, Plane, angle_text, half_width_mm, meterset_unit
from rtcode.outputs.pictures.svg import Svg, capital, number, polygon, rectangle, text_width, wrapped
from rtcode.plan.apertures import Bank
from rtcode.plan.geometry import collimator_to_patient
from rtcode.plan.model import FloatArray, Wedge, WedgeState, known, known_int
from rtcode.plan.placement import comparable_frame, known_at
from rtcode.plan.sessions import PlannedBeam

_WIDTH, _LEFT, _TOP, _SIDE = 220.0, 36.0, 32.0, 176.0
_SMALL = 8.5


def beams_eye_view(planned: PlannedBeam, control_point: int) -> str:
    """What limits a beam at one control point, seen from the source.

    X of the beam limiting device frame (IEC 61217) to the right, Y up, in mm at the isocenter plane. Leaves are drawn
    from their ends outward, each layer by itself; jaws lie over them. The opening is filled where it is known, that
    is what `Collimation.shape` gives, less blocks; where it is not known, the picture says why and fills nothing.

    Parameters
    ----------
    control_point
        Index from 0.

    Returns
    -------
    An SVG element.

    Raises
    ------
    IndexError
        The beam has no such control point.
    """
    return _draw(planned, control_point, notes_inside=True)[0]


def view_and_notes(planned: PlannedBeam, control_point: int) -> tuple[str, str]:
    """The same picture without its sentences, and the sentences: for a page that sets them below the picture."""
    return _draw(planned, control_point, notes_inside=False)


def _draw(planned: PlannedBeam, control_point: int, *, notes_inside: bool) -> tuple[str, str]:
    count = planned.delivery.control_points
    if not 0 <= control_point < count:
        raise IndexError(f"control point {control_point} of {count}")
    plane = Plane(half_width_mm(planned), _LEFT, _TOP, _SIDE)
    opening = opening_of(planned, control_point)
    short = f"{capital(planned.label)}, control point {control_point}"
    where = f"{short} (0 to {count - 1})"
    svg = Svg(_WIDTH, f"Beam's-eye view: {where}")
    plane.ground(svg)
    svg.begin(plane.transform)
    if isinstance(opening, Opening):
        rings = "".join(polygon(ring) for ring in _inside(opening.rings, plane.half_mm))
        svg.path(rings, "rtp-open", width=plane.width(0.8))
    layers = planned.delivery.collimation.layers
    for place, layer in enumerate(layers):
        svg.path(_leaves(layer, control_point, plane.half_mm), f"rtp-leaf-{place % 2}", width=plane.width(0.35))
    edges = _jaws(svg, planned, control_point, plane)
    _blocks(svg, planned, plane, edges)
    svg.end()
    if isinstance(opening, str):
        _unknown(svg, plane, edges)
    plane.axes(svg)
    _patient_directions(svg, planned, control_point, plane)
    notes = [*_devices(planned, control_point, layers, opening), *_wedges(svg, planned, control_point, plane)]
    meterset = _next_segment(planned, control_point)
    notes += [meterset] if meterset else []
    if len(layers) > 1:
        _key(svg, len(layers))
    top = _TOP + _SIDE + BELOW_AXES + (12.0 if len(layers) > 1 else 0.0)
    drawn = _finish(svg, planned, control_point, (where, short), opening, notes, top, notes_inside)
    return drawn, " ".join(notes)


def _inside(rings: list[FloatArray], half: float) -> list[FloatArray]:
    return [np.clip(ring, -half, half) for ring in rings]


def _leaves(layer: Bank, index: int, half: float) -> str:
    """Each leaf as a rectangle from its end outward, inside the drawn part."""
    parts = []
    for (near, far), low, high in zip(layer.edges, layer.low[index], layer.high[index], strict=True):
        near, far = max(near, -half), min(far, half)
        if not far > near:  # outside the drawn part, or not known
            continue
        for start, end in ((-half, min(low, half)), (max(high, -half), half)):
            if end > start:
                parts.append(
                    rectangle(start, end, near, far) if layer.axis == "X" else rectangle(near, far, start, end)
                )
    return "".join(parts)


def _jaws(svg: Svg, planned: PlannedBeam, index: int, plane: Plane) -> tuple[float, float, float, float]:
    """Draw the jaws; the window that they leave inside the drawn part, ``(x0, x1, y0, y1)``."""
    half = plane.half_mm
    collimation = planned.delivery.collimation
    limits = []
    for axis in ("X", "Y"):
        low, high = (float(v) for v in collimation.window(axis)[index])
        low = -half if math.isnan(low) else min(max(low, -half), half)
        high = half if math.isnan(high) else min(max(high, -half), half)
        limits.append((low, high))
    (x0, x1), (y0, y1) = limits
    bodies = [
        rectangle(-half, x0, -half, half) if x0 > -half else "",
        rectangle(x1, half, -half, half) if x1 < half else "",
        rectangle(-half, half, -half, y0) if y0 > -half else "",
        rectangle(-half, half, y1, half) if y1 < half else "",
    ]
    for body in bodies:
        svg.path(body, "rtp-jaw")
    sides = [
        f"M{number(x0)} {number(-half)}V{number(half)}" if x0 > -half else "",
        f"M{number(x1)} {number(-half)}V{number(half)}" if x1 < half else "",
        f"M{number(-half)} {number(y0)}H{number(half)}" if y0 > -half else "",
        f"M{number(-half)} {number(y1)}H{number(half)}" if y1 < half else "",
    ]
    svg.path("".join(sides), "rtp-jaw-edge", width=plane.width(0.9))
    return x0, x1, y0, y1


def _blocks(svg: Svg, planned: PlannedBeam, plane: Plane, window: tuple[float, float, float, float]) -> None:
    x0, x1, y0, y1 = window
    for block in blocks_in_beam(planned):
        if not has_outline(block):
            continue
        shield = block_type(block) == "SHIELDING"
        if block_type(block) == "APERTURE":
            # The material of a cut-out is what lies outside of its outline.
            svg.path(rectangle(x0, x1, y0, y1) + polygon(block.outline_mm), "rtp-cutout-material")
        dash = None if shield or block_type(block) == "APERTURE" else _dash(plane, 2, 2)
        svg.path(
            polygon(block.outline_mm),
            "rtp-shield" if shield else "rtp-cutout",
            width=plane.width(0.6 if shield else 1.6),
            dash=dash,
        )
    opening = applicator_outline(planned)
    if opening is not None:
        svg.path(polygon(opening), "rtp-cutout", width=plane.width(1.0), dash=_dash(plane, 4, 2))


def _dash(plane: Plane, *lengths: float) -> str:
    return " ".join(number(plane.width(length)) for length in lengths)


def _unknown(svg: Svg, plane: Plane, window: tuple[float, float, float, float]) -> None:
    """Hatch what would be the opening."""
    x0, y1 = plane.place(window[0], window[2])
    x1, y0 = plane.place(window[1], window[3])
    if x1 <= x0 or y1 <= y0:
        return
    lines = []
    offset = x0 - (y1 - y0) + 8
    while offset < x1:
        # A line upward at 45 degrees from (offset, y1), cut to the window.
        start, end = max(offset, x0), min(offset + (y1 - y0), x1)
        if end > start:
            lines.append(
                f"M{number(start)} {number(y1 - (start - offset))}L{number(end)} {number(y1 - (end - offset))}"
            )
        offset += 8
    svg.path("".join(lines), "rtp-hatch", width=0.5)


#: Axes of patient coordinates (LPS) by component and sign.
_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))


def direction_letters(vector: FloatArray) -> str:
    """Where a direction points in the patient: one letter, or two or three where it is oblique, the largest first."""
    order = sorted(range(3), key=lambda axis: -abs(float(vector[axis])))
    return "".join(_LETTERS[axis][0 if vector[axis] > 0 else 1] for axis in order if abs(float(vector[axis])) > 0.38)


def _patient_directions(svg: Svg, planned: PlannedBeam, index: int, plane: Plane) -> None:
    """Letters at the ends of the crosshair, where all angles and the patient position are recorded."""
    points = planned.beam.control_points
    angles = [known_at(c, index) for c in (points.gantry_deg, points.collimator_deg, points.couch_deg)]
    position = None if planned.setup is None else planned.setup.position
    if comparable_frame(planned.plan) is None or any(angle is None for angle in angles):
        return
    gantry, collimator, couch = (angle or 0.0 for angle in angles)
    frame = collimator_to_patient(
        gantry,
        collimator,
        couch,
        position,
        eccentric_deg=known_at(points.table_eccentric_deg, index) or 0.0,
        pitch_deg=known_at(points.table_pitch_deg, index) or 0.0,
        roll_deg=known_at(points.table_roll_deg, index) or 0.0,
    )
    if frame is None:
        return
    half, (x, y) = plane.side / 2, plane.center
    for vector, (dx, dy) in (
        (frame[:, 0], (half - 11, -5)),
        (-frame[:, 0], (11 - half, -5)),
        (frame[:, 1], (12, 12 - half)),
        (-frame[:, 1], (12, half - 5)),
    ):
        letters = direction_letters(vector)
        wide = text_width(letters, 11) + 4
        svg.path(rectangle(x + dx - wide / 2, x + dx + wide / 2, y + dy - 9.6, y + dy + 2.8), "rtp-ground")
        svg.text(x + dx, y + dy, letters, anchor="middle", size=11, bold=True)


def _devices(planned: PlannedBeam, index: int, layers: tuple[Bank, ...], opening: Opening | str) -> list[str]:
    """Sentences on jaws, leaves, blocks and applicators."""
    notes = []
    collimation = planned.delivery.collimation
    jaws = []
    for axis, window in (("X", collimation.jaws_x), ("Y", collimation.jaws_y)):
        if window is not None:
            low, high = (float(v) for v in window[index])
            known_jaw = math.isfinite(low) and math.isfinite(high)
            jaws.append(f"{axis} {number(low)} to {number(high)}" if known_jaw else f"{axis} unknown")
    notes.append(f"Jaws: {', '.join(jaws)} mm." if jaws else "No jaws." if layers else "No jaws are recorded.")
    if len(layers) > 1:
        pairs = ", ".join(
            f"layer {k + 1} {layer.low.shape[1]} pairs along {layer.axis}" for k, layer in enumerate(layers)
        )
        notes.append(f"Leaves: {pairs}.")
    elif layers:
        notes.append(f"Leaves: {layers[0].low.shape[1]} pairs along {layers[0].axis}.")
    blocks = blocks_in_beam(planned)
    declared = known_int(planned.beam.number_of_blocks)
    drawn = [block for block in blocks if has_outline(block)]
    if drawn:
        kinds = sorted({{"APERTURE": "cut-out", "SHIELDING": "shielding"}.get(block_type(b), "block") for b in drawn})
        notes.append(f"Block outlines drawn: {len(drawn)} ({', '.join(kinds)}).")
    missing = max(declared or 0, len(blocks)) - len(drawn)
    if missing > 0:
        notes.append(f"Blocks without an outline: {missing}.")
    if applicator_outline(planned) is not None:
        notes.append("Dashed: opening of the applicator as recorded.")
    if planned.beam.compensators:
        notes.append("Compensator not drawn.")
    if isinstance(opening, Opening):
        after = " behind jaws and blocks" if opening.blocked else ""
        notes.append(f"Open area{after}: {number(opening.area_mm2 / 100)} cm².")
    return notes


# ------------------------------------------------------------------------------------------------------- wedges


def _wedges(svg: Svg, planned: PlannedBeam, index: int, plane: Plane) -> list[str]:
    """Draw an arrow from thick to thin edge for each wedge that is in; a sentence for each wedge."""
    beam = planned.beam
    if known_int(beam.number_of_wedges) == 0:
        return []
    notes, shown = [], 0
    for wedge in beam.wedges:
        state = _wedge_state(planned, wedge, index)
        if state is WedgeState.OUT:
            notes.append("Wedge out.")
            continue
        angle = known(wedge.angle_deg) or known(wedge.effective_angle_deg)
        name = "Wedge" if angle is None else f"Wedge {number(angle)}°"
        orientation = known(wedge.orientation_deg)
        if state is WedgeState.UNKNOWN:
            notes.append(f"{name}: whether it is in is unknown.")
        elif orientation is None:
            notes.append(f"{name} in, its orientation is unknown.")
        else:
            hidden = wedge_type(wedge) == "DYNAMIC" and not jaws_sweep(planned)
            dynamic = " Its moving jaw is not in the plan." if hidden else ""
            notes.append(f"{name} in, orientation {number(orientation)}°: arrow from thick to thin edge.{dynamic}")
            _wedge_arrow(svg, plane, orientation, shown)
            shown += 1
    return notes


def _wedge_state(planned: PlannedBeam, wedge: Wedge, index: int) -> WedgeState:
    """As the wedge detector reads it: a dynamic wedge without positions is in."""
    track = track_of(planned, wedge)
    if track is not None:
        return WedgeState(int(track.states[index]))
    return WedgeState.IN if wedge_type(wedge) == "DYNAMIC" else WedgeState.UNKNOWN


def wedge_direction(orientation_deg: float) -> tuple[float, float]:
    """Direction from thick to thin edge in the beam limiting device frame: its +Y, turned by WedgeOrientation.

    PS3.3 C.36.2.2.10: from thick to thin is along the positive y axis of the wedge's own frame, and that frame turns
    right-handed about the axis to the source (counter-clockwise seen from there).
    """
    turn = math.radians(orientation_deg)
    return -math.sin(turn), math.cos(turn)


def _wedge_arrow(svg: Svg, plane: Plane, orientation: float, place: int) -> None:
    dx, dy = wedge_direction(orientation)
    dy = -dy  # Y is down on paper
    x, y = plane.left + plane.side - 22, plane.top + plane.side - 22 - 36 * place
    along, across = 16.0, 5.5
    heel, toe = (x - along * dx, y - along * dy), (x + along * dx, y + along * dy)
    svg.path(
        polygon([(heel[0] - across * dy, heel[1] + across * dx), (heel[0] + across * dy, heel[1] - across * dx), toe]),
        "rtp-wedge",
        width=0.6,
    )


# ------------------------------------------------------------------------------------------------------- texts


def _finish(
    svg: Svg,
    planned: PlannedBeam,
    index: int,
    names: tuple[str, str],
    opening: Opening | str,
    notes: list[str],
    top: float,
    notes_inside: bool,
) -> str:
    """Title, angles and sentences from ``top`` on; the element."""
    points = planned.beam.control_points
    where, short = names
    angles = ", ".join(
        angle_text(column, index, name)
        for column, name in (
            (points.gantry_deg, "gantry"),
            (points.collimator_deg, "collimator"),
            (points.couch_deg, "couch"),
        )
    )
    svg.text(6, 12, where if text_width(where, 11) < _WIDTH - 10 else short, bold=True, size=11)
    svg.text(6, 25, capital(angles), "rtp-muted", size=10)
    y = top
    if isinstance(opening, str):
        y += 8
        text = f"{capital(opening)}."
        for line in wrapped(text, _WIDTH - 16, 9.5):
            svg.text(6, y, line, "rtp-alert", bold=True, size=9.5)
            y += 11.5
    caption = f"{FRAME}; seen from the source."
    if notes_inside:
        y += 8
        for name, text in (("rtp-text", " ".join(notes)), ("rtp-muted", caption)):
            for line in wrapped(text, _WIDTH - 12, _SMALL):
                svg.text(6, y, line, name, size=_SMALL)
                y += 10.5
    said = "" if isinstance(opening, Opening) else f" {capital(opening)}."
    return svg.render(y, f"{where}: {angles}.{said} {' '.join(notes)} {caption}")


def _key(svg: Svg, layers: int) -> None:
    """Which color is which layer of leaves."""
    key = _TOP + _SIDE + BELOW_AXES
    for place in range(layers):
        x = _LEFT + (_SIDE - 40) * place / (layers - 1)
        svg.path(rectangle(x, x + 8, key, key + 7), f"rtp-leaf-{place % 2}", width=0.5)
        svg.text(x + 11, key + 7, f"layer {place + 1}", "rtp-muted", size=9)


def _next_segment(planned: PlannedBeam, index: int) -> str | None:
    """What the segment after the control point delivers."""
    shares, meterset = planned.delivery.shares, known(planned.meterset)
    if shares is None or index >= len(shares):
        return None
    if meterset is None:
        return f"To the next control point: {number(100 * float(shares[index]))} % of the meterset."
    return f"To the next control point: {number(meterset * float(shares[index]))} {meterset_unit(planned)}."
