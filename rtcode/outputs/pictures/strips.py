"""Strips along a beam's delivery: meterset per degree, leaf and gantry speed, dose rate, or open area by meterset.

Speeds are those of `rtcode.metrics.timing`: each segment as fast as the machine's limits allow, which is what a plan
can say; the machine may take longer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtcode.metrics.machines import MachineLimits
from rtcode.metrics.timing import SegmentTimes, segment_times
from rtcode.outputs.pictures.outlines import why_not_drawn
from rtcode.outputs.pictures.svg import Svg, capital, number, rectangle, text_width, tick_step, ticks, wrapped
from rtcode.plan.apertures import BoolArray
from rtcode.plan.delivery import STILL_DEG
from rtcode.plan.model import FloatArray
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import record

_WIDTH, _LEFT, _RIGHT, _TOP = 420.0, 40.0, 412.0, 24.0
_ROW, _BETWEEN, _SMALL = 38.0, 17.0, 9.0
#: Less gantry travel than this while the beam is on is no arc.
_ARC_DEG = 1.0
#: Angles that may be marked, the first that leaves room is taken.
_ANGLE_STEPS = (10.0, 15.0, 30.0, 45.0, 90.0, 180.0)


@record(eq=False)
class Row:
    """One strip: a value for each segment, NaN where there is none."""

    label: str
    unit: str
    values: FloatArray
    limit: float | None = None
    filled: bool = False
    #: values at the end of each segment, where they differ from those at its start
    ends: FloatArray | None = None


def arc_strip(planned: PlannedBeam, limits: MachineLimits) -> str | None:
    """How meterset, speeds and dose rate go along a beam.

    Over the gantry's way where it turns while the beam is on: degrees passed, so that both ways of an arc that turns
    back stand side by side; else over the cumulative meterset.

    Parameters
    ----------
    limits
        Of the machine; drawn as dashed lines.

    Returns
    -------
    An SVG element, or ``None`` where segments have no known meterset, or nothing changes along the beam.
    """
    times = segment_times(planned, limits)
    if times is None or not times.delivering.any():
        return None
    turned = np.abs(times.gantry_steps_deg)
    gantry = planned.beam.control_points.gantry_deg
    if gantry is not None and np.isfinite(gantry.values).all() and float(turned[times.delivering].sum()) > _ARC_DEG:
        return _along_gantry(planned, times, limits, gantry.values)
    return _along_meterset(planned, times, limits)


def _along_gantry(planned: PlannedBeam, times: SegmentTimes, limits: MachineLimits, gantry_deg: FloatArray) -> str:
    steps = times.gantry_steps_deg
    places = np.concatenate([[0.0], np.cumsum(np.abs(steps))])
    rows = [
        Row("Meterset", "MU/°", times.meterset_per_deg, filled=True),
        Row("Largest leaf speed", "mm/s", times.leaf_speed_mm_s, limits.leaf_speed_mm_s),
        Row("Gantry speed", "°/s", times.gantry_speed_deg_s, limits.gantry_speed_deg_s),
        Row("Dose rate", "MU/min", times.dose_rate_mu_min, times.largest_dose_rate_mu_min),
    ]
    turns = _turns(steps)
    start, stop = float(gantry_deg[0]) % 360.0, float(gantry_deg[-1]) % 360.0
    way = (
        f"gantry {number(round(start, 1))}° to {number(round(stop, 1))}°, {number(round(float(places[-1]), 1))}° in all"
    )
    if turns:
        way += f", turning back {len(turns)} time{'s' if len(turns) > 1 else ''}"
    standing = float(times.meterset_mu[times.delivering & (np.abs(steps) <= STILL_DEG)].sum())
    notes = [f"{number(standing)} MU with the gantry standing are not in the first strip."] if standing > 0 else []
    marks = _angles(places, steps, float(gantry_deg[0]))
    return _draw(
        planned, limits, times, rows, places, marks, [float(places[t]) for t in turns], way, notes, "Gantry (°)"
    )


def _along_meterset(planned: PlannedBeam, times: SegmentTimes, limits: MachineLimits) -> str | None:
    on = times.delivering
    changed = planned.delivery.changes
    if int(on.sum()) < 2 and not changed:
        return None
    places = np.concatenate([[0.0], np.cumsum(np.where(on, times.meterset_mu, 0.0))])
    notes = []
    rows = []
    areas = _areas(planned, on)
    if areas is None:
        notes.append("Open area is not known.")
    else:
        rows.append(Row("Open area", "cm²", areas[0], filled=True, ends=areas[1]))
    if np.nan_to_num(times.leaf_speed_mm_s[on]).max() > 0:
        rows.append(Row("Largest leaf speed", "mm/s", times.leaf_speed_mm_s, limits.leaf_speed_mm_s))
        rows.append(Row("Dose rate", "MU/min", times.dose_rate_mu_min, times.largest_dose_rate_mu_min))
    elif np.isfinite(times.leaf_speed_mm_s[on]).all():
        notes.append("Leaves stand still while the beam is on.")
    if not rows:
        return None
    total = float(places[-1])
    marks = [(m, number(m)) for m in ticks(0.0, total, tick_step(total, 12))]
    way = f"{int(on.sum())} segments, {number(total)} MU"
    return _draw(planned, limits, times, rows, places, marks, [], way, notes, "Meterset (MU)")


def _areas(planned: PlannedBeam, on: BoolArray) -> tuple[FloatArray, FloatArray] | None:
    """Open area in cm² at start and end of each delivering segment, NaN for the others."""
    delivery = planned.delivery
    first, last = np.full(len(on), np.nan), np.full(len(on), np.nan)
    moving = delivery.leaves_moving | delivery.jaws_moving
    for segment in np.flatnonzero(on).tolist():
        for index, column in ((segment, first), (segment + 1, last)):
            if index == segment + 1 and not moving[segment]:
                column[segment] = first[segment]
                continue
            area = None if why_not_drawn(planned, index) else delivery.collimation.shape(index).area_mm2
            if area is None:
                return None
            column[segment] = area / 100.0
    return first, last


def _turns(steps: FloatArray) -> list[int]:
    """Control points at which the gantry turns back."""
    moved = np.flatnonzero(np.abs(steps) > STILL_DEG)
    signs = np.sign(steps[moved])
    return [int(moved[i + 1]) for i in np.flatnonzero(signs[1:] != signs[:-1])]


def _angles(places: FloatArray, steps: FloatArray, start_deg: float) -> list[tuple[float, str]]:
    """Where along the gantry's way round angles are passed, with the angle."""
    unwrapped = np.concatenate([[0.0], np.cumsum(steps)]) + start_deg
    for step in _ANGLE_STEPS:
        passed = sorted(
            (float(places[i]) + abs(angle - float(unwrapped[i])), number(round(angle, 3) % 360.0))
            for i in np.flatnonzero(np.abs(steps) > STILL_DEG).tolist()
            for angle in ticks(float(unwrapped[i : i + 2].min()), float(unwrapped[i : i + 2].max()), step)
        )
        # An angle at which a segment ends is the next one's start.
        found = [mark for k, mark in enumerate(passed) if not k or mark[0] - passed[k - 1][0] > 1e-6]
        if len(found) < 2 or (_RIGHT - _LEFT) / (len(found) - 1) >= 24.0:
            return found
    return found


# ------------------------------------------------------------------------------------------------------ drawing


def _draw(
    planned: PlannedBeam,
    limits: MachineLimits,
    times: SegmentTimes,
    rows: Sequence[Row],
    places: FloatArray,
    marks: Sequence[tuple[float, str]],
    turns: Sequence[float],
    way: str,
    notes: list[str],
    axis: str,
) -> str:
    name = capital(planned.label)
    svg = Svg(_WIDTH, f"Delivery strip: {name}")
    svg.text(6, 12, f"{name}: {way}", bold=True, size=11)
    scale = (_RIGHT - _LEFT) / float(places[-1])
    xs = _LEFT + scale * places
    off = _off(times.delivering, xs)
    y, said = _TOP + 6, []
    for row in rows:
        values = row.values[np.isfinite(row.values)]
        if not values.size:
            notes.append(f"{row.label}: unknown or not applicable.")
            continue
        span = f"{_short(float(values.min()))} to {_short(float(values.max()))} {row.unit}"
        bound = "" if row.limit is None else f", limit {_short(row.limit)}"
        said.append(f"{row.label} {span}{bound}.")
        _strip(svg, row, xs, y, off)
        svg.text(_LEFT, y - 3, f"{row.label} ({row.unit})", "rtp-text", size=_SMALL)
        svg.text(_RIGHT, y - 3, f"{span}{bound}", "rtp-muted", size=_SMALL, anchor="end")
        y += _ROW + _BETWEEN
    bottom = y - _BETWEEN
    for turn in turns:
        x = _LEFT + scale * turn
        svg.line(x, _TOP + 6, x, bottom, "rtp-axis", width=0.8, dash="1.5 1.5")
        svg.text(x + 2, _TOP + 13, "turns back", "rtp-muted", size=8.5)
    last = -100.0
    for place, label in marks:
        x = _LEFT + scale * place
        svg.path(f"M{number(x)} {number(bottom)}v3", "rtp-frame", width=0.7)
        if x - last >= text_width(label, 9) + 5:
            svg.text(x, bottom + 12, label, "rtp-muted", anchor="middle", size=9)
            last = x
    svg.text((_LEFT + _RIGHT) / 2, bottom + 23, axis, "rtp-muted", anchor="middle", size=9)
    y = bottom + 36
    if any(row.limit is not None and np.isfinite(row.values).any() for row in rows):
        whose = "assumed for this kind of machine" if limits.assumed else "of the site's policy"
        rate = "; dose rate as planned" if times.dose_rate_planned else ""
        notes.append(f"Estimates: each segment as fast as the limits allow (limits {whose}{rate}). Dashed: limit.")
    if off:
        notes.append("Grey: beam off.")
    for line in wrapped(" ".join(notes), _WIDTH - 12, _SMALL):
        svg.text(6, y, line, "rtp-muted", size=_SMALL)
        y += 11
    return svg.render(y, f"{name}: {way}. {' '.join(said)} {' '.join(notes)}")


def _short(value: float) -> str:
    return number(value) if abs(value) < 10 else number(round(value, 1)) if abs(value) < 1000 else number(round(value))


def _off(delivering: BoolArray, xs: FloatArray) -> list[tuple[float, float]]:
    """Stretches of the axis in which the beam is off."""
    found: list[tuple[float, float]] = []
    for i in np.flatnonzero(~delivering).tolist():
        if xs[i + 1] - xs[i] < 0.2:
            continue
        if found and abs(found[-1][1] - float(xs[i])) < 1e-9:
            found[-1] = (found[-1][0], float(xs[i + 1]))
        else:
            found.append((float(xs[i]), float(xs[i + 1])))
    return found


def _strip(svg: Svg, row: Row, xs: FloatArray, top: float, off: list[tuple[float, float]]) -> None:
    bottom = top + _ROW
    ends = row.values if row.ends is None else row.ends
    every = np.concatenate([row.values, ends])
    highest = max(float(np.nanmax(every)), row.limit or 0.0)
    # A limit far above everything would press the values flat; its number stands in the label.
    if row.limit is not None and row.limit > 4 * float(np.nanmax(every)) > 0:
        highest = float(np.nanmax(every))
    highest = highest * 1.06 if highest > 0 else 1.0
    svg.path(rectangle(_LEFT, _RIGHT, top, bottom), "rtp-ground")
    for start, end in off:
        svg.path(rectangle(start, end, top, bottom), "rtp-jaw")
    for mark in ticks(0.0, highest, tick_step(highest, 3)):
        y = bottom - _ROW * mark / highest
        svg.line(_LEFT, y, _RIGHT, y, "rtp-grid", width=0.5)
        svg.text(_LEFT - 4, y + 3, f"{mark:g}", "rtp-muted", anchor="end", size=8.5)
    svg.path(_steps(row.values, ends, xs, bottom, _ROW / highest, row.filled), _class(row), width=0.8)
    if row.limit is not None and row.limit <= highest:
        y = bottom - _ROW * row.limit / highest
        svg.line(_LEFT, y, _RIGHT, y, "rtp-limit", width=0.8, dash="4 2.5")
    svg.path(rectangle(_LEFT, _RIGHT, top, bottom), "rtp-frame", width=0.7)


def _class(row: Row) -> str:
    return "rtp-area" if row.filled else "rtp-line"


def _steps(values: FloatArray, ends: FloatArray, xs: FloatArray, bottom: float, scale: float, filled: bool) -> str:
    """Path data of a stepped line, broken where there is no value; closed to the base line where it is filled."""
    parts: list[str] = []
    drawing = False
    last_y = ""
    for i in range(len(values)):
        if not (np.isfinite(values[i]) and np.isfinite(ends[i])) or xs[i + 1] <= xs[i]:
            if drawing and xs[i + 1] > xs[i]:
                parts.append(f"V{number(bottom)}Z" if filled else "")
                drawing = False
            continue
        y, end = number(bottom - scale * float(values[i])), number(bottom - scale * float(ends[i]))
        x = number(float(xs[i]))
        if not drawing:
            parts.append(f"M{x} {number(bottom)}V{y}" if filled else f"M{x} {y}")
        elif y != last_y:
            parts.append(f"V{y}")
        parts.append(f"H{number(float(xs[i + 1]))}" if y == end else f"L{number(float(xs[i + 1]))} {end}")
        drawing, last_y = True, end
    if drawing and filled:
        parts.append(f"V{number(bottom)}Z")
    return "".join(parts)
