"""Moving beams for the tests of motion metrics, and a judge that works out the same with loops and plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rtcode.metrics.machines import MachineLimits
from rtcode.plan.model import Beam
from rtcode.plan.sessions import PlannedBeam
from tests import factory as f

#: Round numbers, so that times follow by head.
LIMITS = MachineLimits(6.0, 600.0, 25.0, 50.0, source="test")


def arc(
    ends: Sequence[Any],
    *,
    gantry: Sequence[float],
    weights: Sequence[float] | None = None,
    meterset: Any = 100.0,
    direction: Sequence[str | None] | None = None,
    dose_rate: Any = None,
    **fields: Any,
) -> PlannedBeam:
    """A beam whose leaves are ``ends`` (bank 1, then bank 2) at each control point, clockwise unless told."""
    n = len(ends)
    shares = np.linspace(0.0, 1.0, n) if weights is None else np.asarray(weights, dtype=float)
    way = list(direction) if direction is not None else ["CW"] + [None] * (n - 2) + ["NONE"]
    points = {} if dose_rate is None else {"dose_rate": dose_rate}
    return f.planned(
        weights=shares.tolist(),
        final=float(shares[-1]),
        gantry=list(gantry),
        direction=way,
        leaves=[np.asarray(one, dtype=float) for one in ends],
        beam_type="DYNAMIC",
        points=points,
        plan_fields={"groups": (f.group(1, [1], meterset=meterset),)},
        **fields,
    )


def sliding(ends: Sequence[Any], **fields: Any) -> PlannedBeam:
    """The same with a gantry that stands still."""
    return arc(ends, gantry=[0.0] * len(ends), direction=["NONE"] + [None] * (len(ends) - 1), **fields)


def random_arc(rng: np.random.Generator, n: int = 20, pairs: int = 6, **fields: Any) -> PlannedBeam:
    """Leaves that wander, some parked, and meterset that varies, some segments without."""
    low = rng.uniform(-40, 0, (n, pairs))
    high = low + rng.uniform(0.0, 40, (n, pairs))
    low[:, -1], high[:, -1] = -5.0, -5.0
    steps = rng.uniform(0.2, 3.0, n - 1)
    steps[rng.random(n - 1) < 0.1] = 0.0
    steps[[0, -1]] = 1.0
    gantry = (181.0 + np.concatenate([[0.0], np.cumsum(rng.uniform(0.5, 4.0, n - 1))])) % 360.0
    fields.setdefault("leaf_mm", 10.0)
    return arc(
        np.concatenate([low, high], axis=1).round(1),
        gantry=gantry.tolist(),
        weights=np.concatenate([[0.0], np.cumsum(steps)]),
        meterset=float(rng.uniform(50, 400)),
        **fields,
    )


def with_beam(planned: PlannedBeam, beam: Beam) -> PlannedBeam:
    return PlannedBeam(planned.plan, beam, planned.finding, planned.group, planned.reference)


def moved(planned: PlannedBeam, *, shift_mm: float = 0.0, mirror: bool = False) -> PlannedBeam:
    """Leaves and jaws along X shifted, or mirrored at the central axis."""
    points = planned.beam.control_points
    devices = []
    for device in points.devices:
        rows = device.rows.copy()
        if device.type.endswith("X"):
            rows = rows + shift_mm
            if mirror:
                rows = -np.concatenate([rows[:, device.pairs :], rows[:, : device.pairs]], axis=1)
        devices.append(replace(device, rows=rows))
    return with_beam(planned, replace(planned.beam, control_points=replace(points, devices=tuple(devices))))


# ------------------------------------------------------------------------------------------------------- the judge


def judge_times(planned: PlannedBeam, limits: MachineLimits) -> list[float]:
    """Seconds of each segment of a beam of `random_arc`."""
    points = planned.beam.control_points
    weights, gantry = points.meterset_weight, points.gantry_deg
    assert weights is not None and gantry is not None and points.dose_rate is None
    total = float(planned.meterset)
    leaves = next(d for d in points.devices if d.type.startswith("MLC"))
    result = []
    for i in range(points.count - 1):
        share = (weights.values[i + 1] - weights.values[i]) / (weights.values[-1] - weights.values[0])
        candidates = [share * total / limits.dose_rate_mu_min * 60.0]
        candidates.append((gantry.values[i + 1] - gantry.values[i]) % 360.0 / limits.gantry_speed_deg_s)
        before, after = leaves.rows[leaves.index[i]], leaves.rows[leaves.index[i + 1]]
        candidates.extend(abs(b - a) / limits.leaf_speed_mm_s for a, b in zip(before, after, strict=True))
        result.append(max(candidates))
    return result


def judge_park(planned: PlannedBeam, limits: MachineLimits, k: float, steps: int = 1000) -> tuple[float, float, float]:
    """MIs, MIa, MIt of a beam of `random_arc` by counting at many f and adding up (midpoint rule)."""
    points = planned.beam.control_points
    t = judge_times(planned, limits)
    n = len(t)
    leaves = next(d for d in points.devices if d.type.startswith("MLC"))
    weights, gantry = points.meterset_weight, points.gantry_deg
    assert weights is not None and gantry is not None
    mu = [
        float(planned.meterset) * (b - a) / (weights.values[-1] - weights.values[0])
        for a, b in zip(weights.values[:-1], weights.values[1:], strict=True)
    ]
    turn = [(b - a) % 360.0 / s for a, b, s in zip(gantry.values[:-1], gantry.values[1:], t, strict=True)]
    weight = []
    for i in range(1, n):
        gantry_change = abs(turn[i] - turn[i - 1]) / t[i]
        rate_change = abs(mu[i] / t[i] - mu[i - 1] / t[i - 1])
        weight.append(2 / (1 + math.exp(-gantry_change / 2)) * 2 / (1 + math.exp(-rate_change / 2)))
    speeds, accelerations = [], []
    for end in range(leaves.rows.shape[1]):
        p = [float(leaves.rows[leaves.index[i]][end]) for i in range(n + 1)]
        v = [abs(p[i + 1] - p[i]) / t[i] for i in range(n)]
        speeds.append(v)
        accelerations.append([abs(v[i] - v[i - 1]) / t[i] for i in range(1, n)])
    alpha = 1 / (sum(t) / n)
    mis = mia = mit = 0.0
    width = k / steps
    sigmas = [(deviation(v), deviation(a)) for v, a in zip(speeds, accelerations, strict=True)]
    for s in range(steps):
        at = (s + 0.5) * width
        for v, a, (sigma_v, sigma_a) in zip(speeds, accelerations, sigmas, strict=True):
            mis += sum(one > at * sigma_v for one in v) / n * width
            for i in range(1, n):
                if v[i] > at * sigma_v or a[i - 1] > alpha * at * sigma_a:
                    mia += width / (n - 1)
                    mit += width / (n - 1) * weight[i - 1]
    return mis, mia, mit


def deviation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((one - mean) ** 2 for one in values) / (len(values) - 1))
