"""The beam's-eye plane on paper: which part of it is drawn, at what scale, with axes in mm.

Seen from the source: X of the beam limiting device frame (IEC 61217) to the right, Y up, at the isocenter plane.
"""

from __future__ import annotations

import numpy as np

from rtcode.outputs.pictures.outlines import applicator_outline, blocks_in_beam, has_outline
from rtcode.outputs.pictures.svg import Svg, number, rectangle, tick_step, ticks
from rtcode.plan.model import Column, FloatArray
from rtcode.plan.placement import known_at
from rtcode.plan.sessions import PlannedBeam

#: What every picture of this plane says about its coordinates.
FRAME = "X, Y: IEC 61217 beam limiting device frame at the isocenter plane, mm"
_SHORT_FRAME = "IEC beam limiting device"
#: Half of the smallest and of the largest part that is drawn (mm).
_SMALLEST_MM, _LARGEST_MM = 25.0, 500.0
#: Jaws further out than this share of the opening are not worth the room; their numbers stand in the text.
_WORTH = 1.6
#: Below the plane: where what follows its axes may start.
BELOW_AXES = 28.0


class Plane:
    """A square part of the plane, ``half_mm`` to each side of the central axis, in a square of the picture."""

    def __init__(self, half_mm: float, left: float, top: float, side: float) -> None:
        self.half_mm, self.left, self.top, self.side = half_mm, left, top, side
        #: units of the picture a mm, the same along X and Y
        self.scale = round(side / (2 * half_mm), 6)
        self.center = (left + side / 2, top + side / 2)

    @property
    def transform(self) -> str:
        """Of a group whose coordinates are mm with Y up."""
        return f"matrix({self.scale:.6f} 0 0 {-self.scale:.6f} {number(self.center[0])} {number(self.center[1])})"

    def place(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        return self.center[0] + self.scale * x_mm, self.center[1] - self.scale * y_mm

    def width(self, units: float) -> float:
        """A stroke of so many units of the picture, in mm."""
        return units / self.scale

    def ground(self, svg: Svg) -> None:
        low, high = self.left, self.left + self.side
        svg.path(rectangle(low, high, self.top, self.top + self.side), "rtp-ground")

    def axes(self, svg: Svg) -> None:
        """Frame, ticks in mm, and a crosshair at the central axis with the same ticks."""
        right, bottom = self.left + self.side, self.top + self.side
        x0, y0 = self.center
        step = tick_step(2 * self.half_mm)
        marks = ticks(-self.half_mm, self.half_mm, step)
        small = "".join(
            f"M{number(x0 + self.scale * m)} {number(y0 - 2)}v4M{number(x0 - 2)} {number(y0 - self.scale * m)}h4"
            for m in marks
            if m
        )
        lines = f"M{number(self.left)} {number(y0)}H{number(right)}M{number(x0)} {number(self.top)}V{number(bottom)}"
        svg.path(lines + small, "rtp-axis", width=0.5)
        svg.path(rectangle(self.left, right, self.top, bottom), "rtp-frame", width=0.8)
        for mark in marks:
            x, y = self.place(mark, mark)
            svg.path(f"M{number(x)} {number(bottom)}v3M{number(self.left)} {number(y)}h-3", "rtp-frame", width=0.8)
            svg.text(x, bottom + 12, number(mark), "rtp-muted", anchor="middle", size=9.5)
            svg.text(self.left - 5, y + 3.3, number(mark), "rtp-muted", anchor="end", size=9.5)
        svg.text(x0, bottom + 23, f"X (mm, {_SHORT_FRAME})", "rtp-muted", anchor="middle", size=9)
        svg.text(self.left - 27, y0, f"Y (mm, {_SHORT_FRAME})", "rtp-muted", anchor="middle", size=9, upright=False)


def half_width_mm(planned: PlannedBeam) -> float:
    """Half of the part of the plane that shows everything of a beam, the same for all of its control points."""
    collimation, points = planned.delivery.collimation, planned.delivery.bounding
    reach = 0.0
    for axis in ("X", "Y"):
        extent = collimation.leaf_extent(points, axis)
        jaws = _finite(collimation.window(axis)[points])
        if extent is not None:
            reach = max(reach, *(abs(v) for v in extent if np.isfinite(v)), 0.0)
        elif jaws.size:
            reach = max(reach, float(np.abs(jaws).max()))
    for outline in _outlines(planned):
        reach = max(reach, float(np.abs(outline).max()))
    worth = max(_WORTH * reach, reach + 20.0)
    for axis in ("X", "Y"):
        jaws = np.abs(_finite(collimation.window(axis)[points]))
        near = jaws[jaws <= worth]
        reach = max(reach, float(near.max()) if near.size else 0.0)
    wanted = reach * 1.12 + 3.0 if reach > 0 else 100.0
    return float(np.ceil(min(max(wanted, _SMALLEST_MM), _LARGEST_MM)))


def _outlines(planned: PlannedBeam) -> list[FloatArray]:
    found = [block.outline_mm for block in blocks_in_beam(planned) if has_outline(block)]
    applicator = applicator_outline(planned)
    return found if applicator is None else [*found, applicator]


def _finite(values: FloatArray) -> FloatArray:
    return values[np.isfinite(values)]


def angle_text(column: Column | None, index: int, name: str) -> str:
    """``gantry 181.0°``, or that the angle is not recorded."""
    value = known_at(column, index)
    return f"{name} unknown" if value is None else f"{name} {number(round(value % 360.0, 1) % 360.0)}°"


def meterset_unit(planned: PlannedBeam) -> str:
    """Unit of BeamMeterset as a word."""
    unit = (planned.beam.dosimeter_unit or "MU").strip().upper()
    return {"MU": "MU", "MINUTE": "min"}.get(unit, "units of the dosimeter")


def chosen_control_points(planned: PlannedBeam, most: int = 6) -> tuple[int, ...]:
    """Control points that are worth a beam's-eye view, in the order of delivery.

    Where leaves and jaws stand still while the beam is on: the first control point of each distinct shape (of the
    ``most`` with the largest meterset). Where they move, or the gantry turns: evenly by meterset, first and last
    included. Where the weights are unusable: the first control point.
    """
    delivery = planned.delivery
    if not delivery.control_points or most < 1:
        return ()
    if delivery.delivering is None or delivery.shares is None or not delivery.delivering.any():
        return (0,)
    turning = delivery.gantry is not None and bool(
        np.any(np.abs(np.nan_to_num(delivery.gantry.steps_deg[delivery.delivering])) > 1.0)
    )
    moving = bool(np.any((delivery.leaves_moving | delivery.jaws_moving) & delivery.delivering))
    if not moving and not turning:
        largest = sorted(delivery.standing or (), key=lambda entry: -entry[1])[:most]
        return tuple(sorted(index for index, _ in largest))
    passed = np.concatenate([[0.0], np.cumsum(delivery.shares)])
    bounding = delivery.bounding
    wanted = np.linspace(0.0, float(passed[-1]), most) if most > 1 else np.array([float(passed[-1]) / 2])
    nearest = {int(bounding[int(np.argmin(np.abs(passed[bounding] - share)))]) for share in wanted}
    return tuple(sorted(nearest))
