"""Outlines in the beam's-eye plane: what is open at a control point, and why that is not known where it is not.

The strips come from `rtcode.plan.apertures`, so that a picture cannot show anything else than what is judged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rtcode.features.machines import is_tomo
from rtcode.plan.apertures import LeafData
from rtcode.plan.collimation import has_leaves
from rtcode.plan.leaf_order import crossing_devices
from rtcode.plan.model import Block, FloatArray, Wedge, known, known_int
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.shapes import Shape

#: Lengths below this are nothing at the scale of any picture (mm).
_NOTHING_MM = 1e-6


def why_not_drawn(planned: PlannedBeam, control_point: int) -> str | None:
    """Why the opening at a control point cannot be drawn, or ``None`` where it can."""
    collimation = planned.delivery.collimation
    if is_tomo(planned):
        return "leaf positions unknown: binary leaves of tomotherapy open by time, not by position"
    if collimation.leaf_data is LeafData.UNKNOWN:
        return "leaf positions unknown"
    if any(np.isnan(b.low[control_point]).any() or np.isnan(b.high[control_point]).any() for b in collimation.banks):
        return "leaf positions unknown at this control point"
    if any(np.isnan(bank.edges).any() for bank in collimation.banks):
        return "leaf positions unknown: leaf boundaries are not recorded"
    if any(np.isnan(collimation.window(axis)[control_point]).any() for axis in ("X", "Y")):
        return "jaw positions unknown at this control point"
    # In order, their ends may be no aperture: neither those of leaves nor those of jaws are drawn.
    for device, _ in crossing_devices(planned.beam, np.array([control_point])):
        crossing = "leaves" if has_leaves(device) else "jaws"
        return f"{crossing} of a pair cross: their positions as written cannot be those of a machine"
    if collimation.shape(control_point).area_mm2 is None:
        bare = collimation.jaws_x is None and collimation.jaws_y is None and not collimation.banks
        return "no jaws and no leaves are recorded" if bare else "nothing that is recorded limits one side"
    return None


def open_polygons(shape: Shape) -> list[FloatArray]:
    """What an aperture leaves open, as polygons ``(m, 2)`` that do not overlap (mm; X to the right, Y up).

    Neighboring strips whose openings touch make one polygon; a strip that opens elsewhere starts another.
    """
    if len(shape.axes) == 1:
        flip = shape.axes[0] == "Y"
        return [corners[:, ::-1] if flip else corners for corners in _runs(shape.strips[0])]
    along_x, along_y = (shape.strips[shape.axes.index(axis)] for axis in ("X", "Y"))
    result = []
    for low, high, near, far in along_x[along_x[:, 1] > along_x[:, 0]]:
        # Leaves that travel along Y lie side by side along X: each cuts a cell out of this strip.
        cells = np.stack(
            [
                np.maximum(along_y[:, 2], low),
                np.minimum(along_y[:, 3], high),
                np.maximum(along_y[:, 0], near),
                np.minimum(along_y[:, 1], far),
            ],
            axis=1,
        )
        for x0, x1, y0, y1 in cells[(cells[:, 1] > cells[:, 0]) & (cells[:, 3] > cells[:, 2])]:
            result.append(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    return result


def _runs(strips: FloatArray) -> list[FloatArray]:
    """Polygons of strips ``(m, 4)`` of one axis, with the travel as first coordinate."""
    ends = strips[strips[:, 1] > strips[:, 0]]
    ends = ends[np.argsort(ends[:, 2], kind="stable")]
    runs: list[list[FloatArray]] = []
    for strip in ends:
        last = runs[-1][-1] if runs else None
        joined = (
            last is not None
            and abs(float(strip[2] - last[3])) <= _NOTHING_MM
            and float(min(strip[1], last[1]) - max(strip[0], last[0])) > _NOTHING_MM
        )
        if joined:
            runs[-1].append(strip)
        else:
            runs.append([strip])
    result = []
    for run in runs:
        left = [corner for low, _, near, far in run for corner in ((low, near), (low, far))]
        right = [corner for _, high, near, far in run for corner in ((high, near), (high, far))]
        result.append(_without_repeats(np.array(left + right[::-1])))
    return result


def _without_repeats(corners: FloatArray) -> FloatArray:
    """Corners without those that lie on the line between their neighbors along an axis."""
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    straight = np.any((np.abs(corners - before) <= 0) & (np.abs(after - corners) <= 0), axis=1)
    kept: FloatArray = corners[~straight]
    return kept


def block_type(block: Block) -> str:
    """``APERTURE``, ``SHIELDING`` or another word, upper case."""
    return (block.type or "").strip().upper()


def wedge_type(wedge: Wedge) -> str:
    """``STANDARD``, ``MOTORIZED``, ``DYNAMIC`` or another word, upper case."""
    return (wedge.type or "").strip().upper()


def has_outline(block: Block) -> bool:
    corners = block.outline_mm
    return len(corners) >= 3 and bool(np.isfinite(corners).all())


def blocks_in_beam(planned: PlannedBeam) -> tuple[Block, ...]:
    """Blocks of a beam; none where it declares that it has none."""
    beam = planned.beam
    return () if known_int(beam.number_of_blocks) == 0 else beam.blocks


def jaws_sweep(planned: PlannedBeam) -> bool:
    """Whether jaws move while the beam is on, as those of a dynamic wedge do; most plans leave that to the machine."""
    delivery = planned.delivery
    return delivery.delivering is not None and bool(np.any(delivery.jaws_moving & delivery.delivering))


def applicator_outline(planned: PlannedBeam) -> FloatArray | None:
    """Opening of the applicator from its geometry, ``(m, 2)`` mm, or ``None`` where it is not recorded.

    From ApplicatorOpening (300A,0433) and the openings along X and Y; a size in the applicator's ID is not read.
    """
    for applicator in planned.beam.applicators:
        width, height = known(applicator.opening_x_mm), known(applicator.opening_y_mm)
        opening = known(applicator.opening_mm)
        if width and height and width > 0 and height > 0:
            return _rectangle(width / 2, height / 2)
        if opening and opening > 0:
            words = (applicator.aperture_shape or applicator.type or "").upper()
            if "CIRC" in words:
                turns = 2 * np.pi * np.arange(72) / 72
                return opening / 2 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
            if "SQUARE" in words:
                return _rectangle(opening / 2, opening / 2)
    return None


def _rectangle(x: float, y: float) -> FloatArray:
    return np.array([[-x, -y], [x, -y], [x, y], [-x, y]])


class Opening:
    """The open part of a picture: polygons with holes as rings, and its area.

    Attributes
    ----------
    rings
        Rings to fill by the even-odd rule, ``(m, 2)`` each.
    area_mm2
        Area of what is drawn.
    blocked
        A cut-out, an applicator or shielding makes the opening smaller than jaws and leaves do.
    """

    def __init__(self, rings: list[FloatArray], area_mm2: float, blocked: bool) -> None:
        self.rings = rings
        self.area_mm2 = area_mm2
        self.blocked = blocked


def opening_of(planned: PlannedBeam, control_point: int) -> Opening | str:
    """What is open at a control point, or why it cannot be drawn.

    What jaws and leaves leave open, inside the cut-out of an APERTURE block (else inside the applicator's opening) and
    outside SHIELDING blocks. The material of a block is taken as a wall: its transmission is not in a plan.
    """
    reason = why_not_drawn(planned, control_point)
    if reason is not None:
        return reason
    shape = planned.delivery.collimation.shape(control_point)
    polygons = open_polygons(shape)
    blocks = blocks_in_beam(planned)
    if len(blocks) < (known_int(planned.beam.number_of_blocks) or 0):
        return "a declared block is not described: open part not drawn"
    if any(not has_outline(b) or block_type(b) not in ("APERTURE", "SHIELDING") for b in blocks):
        return "the outline or kind of a block is not recorded: open part not drawn"
    cutouts = [block.outline_mm for block in blocks if block_type(block) == "APERTURE"]
    shields = [block.outline_mm for block in blocks if block_type(block) == "SHIELDING"]
    if len(cutouts) > 1:
        return "several cut-outs: how they lie over one another is not recorded, open part not drawn"
    if planned.beam.applicators and not cutouts:
        applicator = applicator_outline(planned)
        if applicator is None:
            return "the opening of the applicator is not recorded: open part not drawn"
        cutouts = [applicator]
    if not cutouts and not shields:
        return Opening(polygons, shape.area_mm2 or 0.0, False)
    return _behind(polygons, cutouts, shields)


def _behind(polygons: list[FloatArray], cutouts: list[FloatArray], shields: list[FloatArray]) -> Opening:
    import shapely  # only beams with blocks or applicators need it

    field: Any = shapely.union_all([shapely.Polygon(corners) for corners in polygons])
    for outline in cutouts:
        field = field.intersection(shapely.make_valid(shapely.Polygon(outline)))
    for outline in shields:
        field = field.difference(shapely.make_valid(shapely.Polygon(outline)))
    rings: list[FloatArray] = []
    for part in shapely.get_parts(field):
        if part.geom_type == "Polygon":
            rings += [np.asarray(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)]
    return Opening(rings, float(field.area), True)
