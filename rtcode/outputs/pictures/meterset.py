"""Meterset that passes each place of the beam's-eye plane, as numbers.

For each segment that delivers, its meterset counts where the aperture is open. Leaf ends go from one control point to
the next in a straight line over the segment's meterset (PS3.3 C.8.8.14.1 gives nothing between control points, and
machines steer so): the time that a place is open follows in closed form, and the mean over each cell too, so nothing is
sampled along the travel. Where jaws move while the beam is on, or two layers of leaves move, the segment is cut into
steps in which no end moves by more than 1 mm (at most 16 steps): within a step jaws stand in the middle of their way,
and the nearer of two layers is taken at the step's ends.

Segments in which nothing moves are exact: the integral is their meterset times `Shape.area_mm2`. What a pair closed to
1 mm lets through counts as there, not at all, unless no pair is open wider.
"""

from __future__ import annotations

import numpy as np

from rtcode.outputs.pictures.outlines import why_not_drawn
from rtcode.plan.apertures import STILL_MM, BoolArray, Collimation, closed_limit, other_axis, reaches_into
from rtcode.plan.collimation import collimation_of, positions_of
from rtcode.plan.model import FloatArray, IntArray, known
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import record, replace

_STEP_MM, _MOST_STEPS = 1.0, 16
#: Cells along the travel: 1 mm, coarser where there were more than so many.
_MOST_CELLS = 220
#: Jaw positions across the travel that get rows of their own.
_MOST_CUTS = 12
#: Rows where no leaf edges make them.
_ROW_MM = 2.0


@record(eq=False)
class _Steps:
    """The delivering segments as steps: where each starts and ends, and its meterset."""

    collimation: Collimation
    starts: IntArray
    ends: IntArray
    meterset: FloatArray


def why_no_grid(planned: PlannedBeam) -> str | None:
    """Why the meterset cannot be laid over the plane, or ``None`` where it can."""
    delivery = planned.delivery
    if (planned.beam.radiation_type or "").strip().upper() == "ELECTRON":
        return "electrons: what passes the jaws says little about the field"
    if delivery.shares is None or delivery.delivering is None or not delivery.delivering.any():
        return "the weights do not say which segments deliver"
    if len(delivery.collimation.banks) > 1:
        return "leaves of two directions"
    for index in delivery.bounding.tolist():
        reason = why_not_drawn(planned, index)
        if reason is not None:
            return reason
    edges = delivery.collimation.shaped_banks[0].edges
    ordered = edges[np.argsort(edges[:, 0])]
    if np.any(ordered[1:, 0] < ordered[:-1, 1] - STILL_MM):
        return "leaf boundaries that lie over one another"
    return None


def meterset_grid(planned: PlannedBeam, total: float | None = None) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Meterset over the beam's-eye plane.

    Parameters
    ----------
    total
        Meterset of the beam; by default its BeamMeterset (300A,0086), per fraction.

    Returns
    -------
    ``(x_edges, y_edges, meterset)``: edges in mm (IEC 61217 beam limiting device frame at the isocenter plane), shapes
    ``(p + 1,)`` and ``(q + 1,)``; the mean meterset over each cell, ``(q, p)``, in the unit of ``total``. ``None``
    where the meterset is not known, or for what `why_no_grid` says.
    """
    meterset = known(planned.meterset) if total is None else total
    if meterset is None or not meterset > 0 or why_no_grid(planned) is not None:
        return None
    steps = _steps(planned, meterset)
    bank = steps.collimation.shaped_banks[0]
    travel = _middle(steps.collimation.window(bank.axis), steps)
    across = _middle(steps.collimation.window(other_axis(bank.axis)), steps)
    rows = _rows(bank.edges, across)
    low, high = _moving_ends(steps, travel, across)
    cells = _cells(low, high, travel)
    if rows is None or cells is None:
        return None
    grid = np.zeros((len(rows) - 1, len(cells) - 1))
    edges = bank.edges
    middles = (rows[:-1] + rows[1:]) / 2
    for strip in range(len(edges)):
        mine = np.flatnonzero((middles > edges[strip, 0]) & (middles < edges[strip, 1]))
        # Most strips are closed most of the time.
        live = np.flatnonzero((high[:, strip] > low[:, strip]).any(axis=1))
        if not mine.size or not live.size:
            continue
        near = np.maximum(rows[mine][None, :], np.maximum(across[live, :1], edges[strip, 0]))
        far = np.minimum(rows[mine + 1][None, :], np.minimum(across[live, 1:], edges[strip, 1]))
        covered = np.clip(far - near, 0.0, None) / np.diff(rows)[mine][None, :]
        opened = _open_share(low[live, strip], high[live, strip], travel[live], cells)
        grid[mine] += (covered * steps.meterset[live, None]).T @ opened
    grid[grid < meterset * 1e-12] = 0.0
    return (cells, rows, grid) if bank.axis == "X" else (rows, cells, grid.T)


def _middle(window: FloatArray, steps: _Steps) -> FloatArray:
    return (window[steps.starts] + window[steps.ends]) / 2


def _steps(planned: PlannedBeam, meterset: float) -> _Steps:
    delivery = planned.delivery
    assert delivery.shares is not None and delivery.delivering is not None  # why_no_grid
    places: list[FloatArray] = []
    starts: list[int] = []
    ends: list[int] = []
    metersets: list[float] = []
    count = delivery.control_points
    positions = [positions_of(device, count).reshape(count, -1) for device in planned.beam.control_points.devices]
    jaws = [p for p in positions if p.shape[1] == 2]
    leaves = [p for p in positions if p.shape[1] > 2]
    made = 0
    for segment in np.flatnonzero(delivery.delivering).tolist():
        way_of_jaws = max((_way(p, segment) for p in jaws), default=0.0)
        way_of_leaves = max((_way(p, segment) for p in leaves), default=0.0)
        share = meterset * float(delivery.shares[segment])
        if max(way_of_jaws, way_of_leaves) <= STILL_MM:
            places.append(np.array([segment], dtype=np.float64))
            starts.append(made)
            ends.append(made)
            metersets.append(share)
            made += 1
            continue
        way = max(way_of_jaws, way_of_leaves if len(leaves) > 1 else 0.0)
        cuts = int(np.clip(np.ceil(way / _STEP_MM), 1, _MOST_STEPS))
        places.append(segment + np.linspace(0.0, 1.0, cuts + 1))
        starts += range(made, made + cuts)
        ends += range(made + 1, made + cuts + 1)
        metersets += [share / cuts] * cuts
        made += cuts + 1
    collimation = _between(planned, positions, np.concatenate(places))
    return _Steps(collimation, np.array(starts), np.array(ends), np.array(metersets))


def _way(positions: FloatArray, segment: int) -> float:
    change = np.abs(positions[segment + 1] - positions[segment])
    return float(np.nanmax(change)) if np.isfinite(change).any() else 0.0


def _between(planned: PlannedBeam, positions: list[FloatArray], places: FloatArray) -> Collimation:
    """Jaws and leaves at places between control points (2.25: a quarter of the way from 2 to 3)."""
    points = planned.beam.control_points
    before = np.minimum(places.astype(np.int64), points.count - 1)
    after = np.minimum(before + 1, points.count - 1)
    along = (places - before)[:, None]
    devices = []
    for device, values in zip(points.devices, positions, strict=True):
        # Not a weighted sum at the ends: 0 times an unknown position would be unknown.
        rows = np.where(along > 0, values[before] + along * (values[after] - values[before]), values[before])
        index = np.arange(len(places))
        devices.append(replace(device, rows=rows, index=index, given=np.ones(len(places), np.bool_)))
    between = replace(points, count=len(places), devices=tuple(devices))
    return collimation_of(replace(planned.beam, control_points=between))


def _moving_ends(steps: _Steps, travel: FloatArray, across: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ends of each pair at start and end of each step, ``(s, m, 2)`` each; equal where the pair lets nothing through.

    Of a step in which nothing moves they are those of `Collimation.strips`, jaws included.
    """
    bank = steps.collimation.shaped_banks[0]
    low = np.stack([bank.low[steps.starts], bank.low[steps.ends]], axis=2)
    high = np.stack([bank.high[steps.starts], bank.high[steps.ends]], axis=2)
    # Endless where there are no leaves: the jaws stand in.
    low = np.maximum(low, np.where(np.isfinite(low), low, travel[:, :1, None]))
    high = np.minimum(high, np.where(np.isfinite(high), high, travel[:, 1:, None]))
    gap = np.where(reaches_into(bank.edges, across)[:, :, None], high - low, 0.0)
    closed: BoolArray = np.all(gap <= closed_limit(gap), axis=2)
    still = steps.starts == steps.ends
    strips = steps.collimation.strips(steps.starts[still])[0]
    closed[still] = strips[..., 1] <= strips[..., 0]
    high = np.where(closed[:, :, None], low, high)
    return low, high


def _rows(edges: FloatArray, across: FloatArray) -> FloatArray | None:
    """Edges of the grid across the travel: those of the leaves and of the jaws, where these take few positions."""
    near, far = float(across[:, 0].min()), float(across[:, 1].max())
    near, far = max(near, float(edges.min())), min(far, float(edges.max()))
    if not (np.isfinite(near) and np.isfinite(far) and far > near):
        return None
    cuts = np.unique(across)
    cuts = cuts if len(cuts) <= _MOST_CUTS else np.empty(0)
    inner = edges[np.isfinite(edges)]
    if not inner.size and not cuts.size:
        cuts = np.arange(near, far, _ROW_MM)
    every = np.unique(np.clip(np.concatenate([inner, cuts, [near, far]]), near, far))
    keep = np.concatenate([[True], np.diff(every) > STILL_MM])
    rows: FloatArray = every[keep]
    rows[-1] = far
    return rows if len(rows) > 1 else None


def _cells(low: FloatArray, high: FloatArray, travel: FloatArray) -> FloatArray | None:
    """Edges of the grid along the travel: whole millimeters around all that is ever open."""
    is_open = (high > low).any(axis=2)
    if not is_open.any():
        return None
    near = np.clip(low.min(axis=2), travel[:, :1], travel[:, 1:])[is_open].min()
    far = np.clip(high.max(axis=2), travel[:, :1], travel[:, 1:])[is_open].max()
    if not far > near:
        return None
    step = 1.0
    while (far - near) / step > _MOST_CELLS:
        step *= 2.0
    cells: FloatArray = step * np.arange(np.floor(near / step), np.ceil(far / step) + 1)
    return cells


def _open_share(low: FloatArray, high: FloatArray, travel: FloatArray, cells: FloatArray) -> FloatArray:
    """Share of each step's time, averaged over each cell, that a strip is open, ``(s, p)``; ends ``(s, 2)``."""
    places = np.clip(cells[None, :], travel[:, :1], travel[:, 1:])
    passed = _passed(places, low) - _passed(places, high)
    result: FloatArray = np.diff(passed, axis=1) / np.diff(cells)[None, :]
    return result


def _passed(places: FloatArray, ends: FloatArray) -> FloatArray:
    """Integral up to each place of the share of time that an end is at or before it.

    The share rises from 0 to 1 between the end's first and last position, evenly, since it moves evenly.
    """
    first, last = ends.min(axis=1)[:, None], ends.max(axis=1)[:, None]
    width = last - first
    beyond = places - first
    ramp = np.minimum(np.maximum(beyond, 0.0), width)
    result: FloatArray = ramp * ramp
    result /= 2 * np.where(width > 0, width, 1.0)
    # What lies beyond the last position counts whole.
    beyond -= width
    result += np.maximum(beyond, 0.0)
    return result
