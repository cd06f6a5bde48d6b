"""Picture of the meterset that passes each place of the beam's-eye plane (`rtcode.outputs.pictures.meterset`)."""

from __future__ import annotations

import numpy as np

from rtcode.outputs.pictures.meterset import meterset_grid
from rtcode.outputs.pictures.outlines import block_type, blocks_in_beam, has_outline, jaws_sweep, wedge_type
from rtcode.outputs.pictures.plane import BELOW_AXES, FRAME, Plane, half_width_mm, meterset_unit
from rtcode.outputs.pictures.style import LEVELS
from rtcode.outputs.pictures.svg import Svg, capital, number, polygon, rectangle, tick_step, ticks
from rtcode.plan.apertures import BoolArray
from rtcode.plan.model import FloatArray, known, known_int
from rtcode.plan.sessions import PlannedBeam

_WIDTH, _LEFT, _TOP, _SIDE = 220.0, 36.0, 32.0, 176.0
#: Path data that may be drawn at most; above, the picture (not the numbers) gets coarser along the travel.
_MOST_BYTES = 45_000


def map_and_notes(planned: PlannedBeam) -> tuple[str, str] | None:
    """Meterset over the beam's-eye plane in `LEVELS` equal steps, with its scale, and sentences to stand below it.

    In MU (or the unit of the beam's dosimeter) per fraction, in percent of the beam's meterset where that is not known.

    Returns
    -------
    An SVG element and the sentences, or ``None`` where `meterset_grid` has no numbers.
    """
    meterset = known(planned.meterset)
    found = meterset_grid(planned, meterset if meterset is not None and meterset > 0 else 100.0)
    if found is None or not found[2].max() > 0:
        return None
    unit = meterset_unit(planned) if meterset is not None and meterset > 0 else "% of the beam's meterset"
    x_edges, y_edges, grid = found
    highest = float(grid.max())
    plane = Plane(half_width_mm(planned), _LEFT, _TOP, _SIDE)
    name = capital(planned.label)
    svg = Svg(_WIDTH, f"Meterset map: {name}")
    svg.text(6, 12, f"{name}: meterset by place", bold=True, size=11)
    plane.ground(svg)
    svg.begin(plane.transform)
    along_x = planned.delivery.collimation.shaped_banks[0].axis == "X"
    for level, data in enumerate(_level_paths(x_edges, y_edges, grid, along_x)):
        svg.path(data, f"rtp-level-{level}")
    for block in blocks_in_beam(planned):
        if has_outline(block):
            svg.path(polygon(block.outline_mm), "rtp-cutout", width=plane.width(1.2))
    svg.end()
    plane.axes(svg)
    y = _scale(svg, highest, unit, _TOP + _SIDE + BELOW_AXES)
    area = np.diff(x_edges)[None, :] * np.diff(y_edges)[:, None] / 100
    integral = float(np.sum(grid * area))
    notes = (
        f"Largest: {number(highest)} {unit}. Integral: {number(integral)} {unit} cm². "
        "Leaves and jaws move evenly between control points. "
        f"{_not_counted(planned)}"
    ).strip()
    caption = f"{FRAME}; seen from the source."
    return svg.render(y, f"{name}. {notes} {caption}"), notes


def _not_counted(planned: PlannedBeam) -> str:
    beam = planned.beam
    parts = []
    if any(has_outline(b) or block_type(b) for b in blocks_in_beam(planned)):
        parts.append("blocks")
    if beam.applicators:
        parts.append("applicators")
    # Where the jaw's way of a dynamic wedge is written, it is counted.
    written = jaws_sweep(planned) and all(wedge_type(wedge) == "DYNAMIC" for wedge in beam.wedges)
    if beam.wedges and known_int(beam.number_of_wedges) != 0 and not written:
        parts.append("wedges")
    if beam.compensators:
        parts.append("compensators")
    return f"Not counted: {', '.join(parts)}. " if parts else ""


def levels_of(grid: FloatArray) -> FloatArray:
    """Level of each cell: 0 for nothing, else 1 to `LEVELS` in equal steps up to the largest value."""
    highest = float(grid.max())
    share = grid / highest
    result: FloatArray = np.where(share > 1e-6, np.clip(np.ceil(share * LEVELS - 1e-9), 1, LEVELS), 0)
    return result


def _level_paths(x_edges: FloatArray, y_edges: FloatArray, grid: FloatArray, along_x: bool) -> list[str]:
    """Path data of each level: everything that has it or a higher one, so that no seams show between levels."""
    cells, rows, values = (x_edges, y_edges, grid) if along_x else (y_edges, x_edges, grid.T)
    while True:
        levels = levels_of(values)
        paths = [_runs(cells, rows, levels >= level, along_x) for level in range(1, LEVELS + 1)]
        if sum(map(len, paths)) <= _MOST_BYTES or len(cells) < 12:
            return paths
        cells, values = _coarser(cells, values)


def _coarser(cells: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    if (len(cells) - 1) % 2:
        cells = np.append(cells, 2 * cells[-1] - cells[-2])
        values = np.pad(values, ((0, 0), (0, 1)))
    return cells[::2], (values[:, ::2] + values[:, 1::2]) / 2


def _runs(cells: FloatArray, rows: FloatArray, wanted: BoolArray, along_x: bool) -> str:
    """Runs of wanted cells as rectangles; rows that are alike and touch are one."""
    parts: list[str] = []
    row = 0
    while row < len(wanted):
        last = row
        while last + 1 < len(wanted) and np.array_equal(wanted[last + 1], wanted[row]):
            last += 1
        edges = np.flatnonzero(np.diff(np.concatenate([[0], wanted[row].astype(np.int8), [0]])))
        near, height = float(rows[row]), float(rows[last + 1] - rows[row])
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            low, width = float(cells[start]), float(cells[end] - cells[start])
            x, y, w, h = (low, near, width, height) if along_x else (near, low, height, width)
            parts.append(f"M{number(x)} {number(y)}h{number(w)}v{number(h)}h{number(-w)}z")
        row = last + 1
    return "".join(parts)


def _scale(svg: Svg, highest: float, unit: str, top: float) -> float:
    """The color bar with its ticks; the place below it."""
    width = _SIDE / LEVELS
    for level in range(LEVELS):
        x = _LEFT + level * width
        svg.path(rectangle(x, x + width, top, top + 8), f"rtp-level-{level}")
    svg.path(rectangle(_LEFT, _LEFT + _SIDE, top, top + 8), "rtp-frame", width=0.6)
    for mark in ticks(0.0, highest, tick_step(highest, 5)):
        x = _LEFT + _SIDE * mark / highest
        svg.path(f"M{number(x)} {number(top + 8)}v2.5", "rtp-frame", width=0.6)
        svg.text(x, top + 19, f"{mark:g}", "rtp-muted", anchor="middle", size=9.5)
    svg.text(_LEFT - 5, top + 8, unit if len(unit) < 6 else "", "rtp-muted", anchor="end", size=9.5)
    if len(unit) >= 6:
        svg.text(_LEFT + _SIDE / 2, top + 30, unit, "rtp-muted", anchor="middle", size=9)
        return top + 34
    return top + 24
