"""Modulation indices of moving leaves: MIs (speed), MIa (speed or acceleration), MIt (with gantry and dose rate).

Source: Park JM, Park SY, Kim H, Kim JH, Carlson J, Ye SJ. Modulation indices for volumetric modulated arc therapy.
Phys Med Biol 2014;59:7315-7340, doi:10.1088/0031-9155/59/23/7315.

For each leaf end ``l`` and segment ``i`` of duration ``t`` (`rtcode.metrics.timing`)::

    v = |change of position| / t            a = |change of v| / t of the later segment
    z_s(f) = #(v > f sigma_v) / (N_CP - 1)
    z_a(f) = #(v > f sigma_v or a > alpha f sigma_a) / (N_CP - 2),   alpha = 1 / mean t
    z_t(f) = as z_a, each count times W(gantry acceleration) W(dose-rate change),   W(x) = 2 / (1 + exp(-x / 2))
    MI = integral of z(f) from 0 to k

``sigma`` is the standard deviation of the leaf's own values. As a function of ``f`` a term counts up to
``f = v / sigma_v`` (or ``a / (alpha sigma_a)``, whichever is larger), so the integral needs no steps: it is the sum of
``min(k, ratio)``, exactly.

What the formulas leave open, and what is done here:

- Counts are summed over all leaf ends of all MLC devices, as public implementations do, so values grow with the number
  of leaves that move. ``park2014_mean`` divides by that number and can be compared between collimators.
- All leaves count, also those behind jaws; one that never moves adds nothing. ``park2014_in_field`` takes only pairs
  that reach into the jaws at some control point and open there.
- ``sigma`` is the sample's (N - 1), as in public implementations. A leaf with one speed throughout has none, and counts
  with k in each segment.
- The dose rate's change is in MU/s, the gantry's acceleration in degrees/s2.
- Only segments with an acceleration (all but the first) count in MIa and MIt, N_CP - 2 of them. Public implementations
  let the first one count in MIa as well, by its speed.
- Segments before the first and after the last meterset are left out; one without meterset in between takes the time of
  its travel. Segments that take no time are left out.
- A beam whose gantry turns back is split there, and its parts are weighted by meterset (sigma, alpha and N_CP are each
  part's own).

Applies to beams whose leaves move while meterset accrues. Unknown where a leaf position or a time is, and where fewer
than three segments are left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtcode.metrics.timing import SegmentTimes
from rtcode.plan.apertures import STILL_MM, BoolArray, LeafData, clip, other_axis, reaches_into
from rtcode.plan.delivery import STILL_DEG, Part
from rtcode.plan.leaf_order import leaves_cross
from rtcode.plan.model import FloatArray, IntArray
from rtcode.plan.sessions import PlannedBeam

#: Upper limits of the integral in use: 0.02 in public implementations, 0.2 to 2 in the literature.
K_VALUES = (0.02, 0.2, 0.5, 1.0, 2.0)
#: Speeds that differ by less, relative to the leaf's largest, are the same: what is left are rounding errors.
_SAME = 1e-9


def metric_names(ks: Sequence[float] = K_VALUES) -> tuple[str, ...]:
    """Names of the values, as in `park2014`: ``mis_k0_02`` ... ``mit_k2``."""
    return tuple(f"{index}_k{_written(k)}" for index in ("mis", "mia", "mit") for k in ks)


def park2014(
    planned: PlannedBeam, times: SegmentTimes | None, ks: Sequence[float] = K_VALUES
) -> dict[str, dict[str, float | None]]:
    """The three profiles of a beam: ``park2014``, ``park2014_mean`` and ``park2014_in_field``.

    Parameters
    ----------
    planned
        A beam of a fraction group.
    times
        Of its segments.
    ks
        Upper limits of the integral.

    Returns
    -------
    dict
        By profile, then by name (`metric_names`); all ``None`` where leaves do not move while meterset accrues, or
        something is unknown.
    """
    names = _NAMES if ks is K_VALUES else metric_names(ks)
    profiles = ("park2014", "park2014_mean", "park2014_in_field")
    unknown: dict[str, dict[str, float | None]] = {profile: dict.fromkeys(names) for profile in profiles}
    if times is None or times.leaf_steps_mm is None or planned.delivery.collimation.leaf_data is not LeafData.KNOWN:
        return unknown
    if Part.MLC not in planned.delivery.on:
        return unknown
    parts = _parts(times)
    moving = times.leaf_steps_mm.any(axis=0)
    if parts is None or not moving.any():
        return unknown
    inside = _in_field(planned)
    columns = np.flatnonzero(moving)
    weights = [float(times.meterset_mu[part].sum()) for part in parts]
    # (3, k, leaf ends): parts weighted by meterset
    of_leaves = np.zeros((3, len(ks), len(columns)))
    for weight, part in zip(weights, parts, strict=True):
        of_leaves += weight / sum(weights) * _indices(times, part, columns, ks)
    total = of_leaves.sum(axis=2).ravel()
    result = {
        "park2014": dict(zip(names, total.tolist(), strict=True)),
        "park2014_mean": dict(zip(names, (total / len(columns)).tolist(), strict=True)),
        "park2014_in_field": unknown["park2014_in_field"],
    }
    if inside is not None:
        field = (of_leaves @ inside[columns]).ravel()
        result["park2014_in_field"] = dict(zip(names, field.tolist(), strict=True))
    return result


def _parts(times: SegmentTimes) -> list[IntArray] | None:
    """Segments of each part of a beam between which the gantry turns back; ``None`` where they cannot be used."""
    delivering = np.flatnonzero(times.delivering)
    if not delivering.size:
        return None
    span = np.arange(delivering[0], delivering[-1] + 1)
    durations = times.durations_s[span]
    if np.isnan(durations).any() or np.isnan(times.gantry_steps_deg[span]).any():
        return None
    span = span[durations > 0]
    turned = times.gantry_steps_deg[span]
    signs = np.where(np.abs(turned) > STILL_DEG, np.sign(turned), 0.0)
    # a pause belongs to what comes before it
    last = np.maximum.accumulate(np.where(signs != 0, np.arange(len(signs)), -1))
    held = np.where(last >= 0, signs[np.maximum(last, 0)], 0.0)
    cuts = np.flatnonzero((held[1:] != held[:-1]) & (held[:-1] != 0)) + 1
    parts = [part for part in np.split(span, cuts) if times.meterset_mu[part].any()]
    # sigma of an acceleration needs two of them
    return parts if parts and min(map(len, parts)) >= 3 else None


def _indices(times: SegmentTimes, part: IntArray, columns: IntArray, ks: Sequence[float]) -> FloatArray:
    """MIs, MIa and MIt of one part for each limit and leaf end, ``(3, k, m)``."""
    assert times.leaf_steps_mm is not None
    t = times.durations_s[part]
    v = times.leaf_steps_mm[np.ix_(part, columns)] / t[:, None]
    largest = v.max(axis=0)
    a = np.abs(np.diff(v, axis=0)) / t[1:, None]
    alpha = 1.0 / float(t.mean())
    of_speed = _ratio(v, v.std(axis=0, ddof=1), largest)
    of_acceleration = _ratio(a, alpha * a.std(axis=0, ddof=1), alpha * a.max(axis=0))
    either = np.maximum(of_speed[1:], of_acceleration)
    gantry = np.abs(np.diff(np.abs(times.gantry_steps_deg[part]) / t)) / t[1:]
    rate = np.abs(np.diff(times.meterset_mu[part] / t))
    weight = _weight(gantry) * _weight(rate)
    limits = np.array(ks)[:, None, None]
    # (k, segments, leaf ends)
    capped = np.minimum(either, limits)
    result = np.empty((3, len(ks), len(columns)))
    result[0] = np.minimum(of_speed, limits).sum(axis=1) / len(part)
    result[1] = capped.sum(axis=1) / (len(part) - 1)
    result[2] = weight @ capped / (len(part) - 1)
    return result


def _ratio(values: FloatArray, sigma: FloatArray, largest: FloatArray) -> FloatArray:
    """Up to which f each value is counted: infinite where it is above 0 and its leaf's values are all the same."""
    varies = sigma > _SAME * largest
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values / np.where(varies, sigma, 0.0)
    ratio[values == 0] = 0.0
    return ratio


def _weight(change: FloatArray) -> FloatArray:
    """1 where nothing changes, toward 2 for large changes."""
    result: FloatArray = 2.0 / (1.0 + np.exp(-change / 2.0))
    return result


def _in_field(planned: PlannedBeam) -> BoolArray | None:
    """Which leaf ends are of pairs that reach into the jaws and are open there, in the order of `leaf_steps`.

    ``None`` without leaf boundaries, and where leaves of a pair cross.
    """
    collimation, bounding = planned.delivery.collimation, planned.delivery.bounding
    if leaves_cross(planned.beam, bounding) or any(np.isnan(layer.edges).any() for layer in collimation.layers):
        return None
    found = []
    for layer in collimation.layers:
        along = collimation.window(layer.axis)[bounding]
        across = collimation.window(other_axis(layer.axis))[bounding]
        gap = clip(layer.high[bounding], along) - clip(layer.low[bounding], along)
        inside = (reaches_into(layer.edges, across) & (gap > STILL_MM)).any(axis=0)
        found += [inside, inside]
    return np.concatenate(found)


def _written(k: float) -> str:
    return f"{k:g}".replace(".", "_")


_NAMES = metric_names()
