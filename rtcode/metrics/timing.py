"""How long each segment of a beam takes, from what the plan says and what the machine can do.

A plan has no times. A segment takes as long as its slowest part: its meterset at the dose rate, the gantry's way, that
of the leaf and of the jaw that move farthest, each at full speed. The dose rate is DoseRateSet (300A,0115) where the
control point that begins the segment has one above 0 (Monaco writes 0 for "not planned"), else the machine's largest.
What a machine does beyond that is left out: times are lower bounds, since gantry and leaves have to accelerate, and
what actually turned or waited is not planned. Collimator and couch have no limits here: where one of them turns, the
segment's time stays unknown. Segments without meterset get the time of their travel.

An unknown position, speed or meterset makes the times that depend on it unknown, not 0.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from rtcode.metrics.leaves import jaw_steps, leaf_steps
from rtcode.metrics.machines import MachineLimits
from rtcode.plan.apertures import LeafData
from rtcode.plan.delivery import STILL_DEG, Part
from rtcode.plan.model import FloatArray
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import record


@record(eq=False)
class SegmentTimes:
    """Times of the ``n - 1`` segments of a beam, with the assumptions that they rest on.

    Attributes
    ----------
    durations_s
        ``(n - 1,)`` s; NaN where not known.
    meterset_mu
        ``(n - 1,)`` MU of each segment.
    delivering
        ``(n - 1,)`` which segments deliver.
    leaf_steps_mm
        ``(n - 1, m)`` travel of every leaf end (`rtcode.metrics.leaves.leaf_steps`), ``None`` without an MLC.
    gantry_steps_deg
        ``(n - 1,)`` travel with its sign, clockwise positive; 0 where no gantry angle is recorded.
    largest_dose_rate_mu_min
        Largest dose rate that the meterset of a delivering segment was divided by; ``None`` where one is not known.
    dose_rate_planned
        Every delivering segment has a DoseRateSet of its own.
    """

    durations_s: FloatArray
    meterset_mu: FloatArray
    delivering: npt.NDArray[np.bool_]
    leaf_steps_mm: FloatArray | None
    gantry_steps_deg: FloatArray
    largest_dose_rate_mu_min: float | None
    dose_rate_planned: bool

    @cached_property
    def gantry_speed_deg_s(self) -> FloatArray:
        """``(n - 1,)`` without sign; NaN while nothing is delivered."""
        return np.abs(self.gantry_steps_deg) / self._beam_on_s

    @cached_property
    def dose_rate_mu_min(self) -> FloatArray:
        """``(n - 1,)``; NaN while nothing is delivered."""
        return self.meterset_mu / self._beam_on_s * 60.0

    @cached_property
    def leaf_speed_mm_s(self) -> FloatArray:
        """``(n - 1,)`` of the leaf end that moves farthest; NaN without an MLC and while nothing is delivered."""
        return (
            np.nan * self._beam_on_s if self.leaf_steps_mm is None else self.leaf_steps_mm.max(axis=1) / self._beam_on_s
        )

    @cached_property
    def meterset_per_deg(self) -> FloatArray:
        """``(n - 1,)`` MU per degree of gantry rotation; NaN while the gantry stands still or nothing is delivered."""
        turned = np.abs(self.gantry_steps_deg)
        rotates = self.delivering & (turned > STILL_DEG)
        return np.where(rotates, self.meterset_mu / np.where(rotates, turned, 1.0), np.nan)

    @cached_property
    def _beam_on_s(self) -> FloatArray:
        return np.where(self.delivering, self.durations_s, np.nan)


def beam_meterset_mu(planned: PlannedBeam) -> float | None:
    """BeamMeterset (300A,0086) in MU, or ``None`` where it is unknown, not positive, or in another unit."""
    meterset = planned.meterset_mu
    return meterset if meterset is not None and meterset > 0 else None


def segment_times(planned: PlannedBeam, limits: MachineLimits) -> SegmentTimes | None:
    """Times of a beam's segments.

    Parameters
    ----------
    planned
        A beam of a fraction group.
    limits
        Of its machine (`rtcode.metrics.machines.Machines.limits_of`).

    Returns
    -------
    SegmentTimes or None
        ``None`` where the beam has no meterset in MU, or no usable weights.
    """
    delivery = planned.delivery
    total = beam_meterset_mu(planned)
    if total is None or delivery.shares is None or delivery.delivering is None:
        return None
    meterset = delivery.shares * total
    rate, planned_rate = _dose_rates(planned, limits)
    gantry = delivery.gantry
    turned: FloatArray = np.zeros(len(meterset)) if gantry is None else gantry.steps_deg
    leaves = None if delivery.collimation.leaf_data is LeafData.NONE else leaf_steps(planned)
    with np.errstate(invalid="ignore", divide="ignore"):
        durations = np.where(delivery.delivering, meterset / rate * 60.0, 0.0)
    durations = _longer(durations, np.abs(turned), limits.gantry_speed_deg_s)
    if leaves is not None:
        durations = _longer(durations, np.max(leaves, axis=1), limits.leaf_speed_mm_s)
    elif delivery.collimation.leaf_data is LeafData.UNKNOWN:
        durations = np.full_like(durations, np.nan)
    durations = _longer(durations, jaw_steps(planned), limits.jaw_speed_mm_s)
    stands = (planned.beam.beam_type or "").strip().upper() == "STATIC"
    if Part.GANTRY in delivery.unknown and gantry is None and not stands:
        durations = np.full_like(durations, np.nan)
    durations[_turns_unlimited(planned)] = np.nan
    used = rate[delivery.delivering]
    return SegmentTimes(
        durations_s=durations,
        meterset_mu=meterset,
        delivering=delivery.delivering,
        leaf_steps_mm=leaves,
        gantry_steps_deg=turned,
        largest_dose_rate_mu_min=float(used.max()) if used.size and np.isfinite(used).all() else None,
        dose_rate_planned=bool(np.all(planned_rate[delivery.delivering])),
    )


def _dose_rates(planned: PlannedBeam, limits: MachineLimits) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Dose rate of each segment, ``(n - 1,)`` MU/min, and whether the plan says so."""
    column = planned.beam.control_points.dose_rate
    steps = max(planned.beam.control_points.count - 1, 0)
    largest = np.nan if limits.dose_rate_mu_min is None else limits.dose_rate_mu_min
    if column is None:
        return np.full(steps, largest), np.zeros(steps, np.bool_)
    said = column.values[:-1] > 0  # NaN is not
    return np.where(said, column.values[:-1], largest), said


def _longer(durations: FloatArray, travel: FloatArray, speed: float | None) -> FloatArray:
    """Durations that leave time for a travel; unknown where there is a travel and no known speed."""
    if not travel.any():  # NaN is not 0
        return durations
    if speed is None:
        return np.where(travel != 0, np.nan, durations)
    return np.maximum(durations, travel / speed)


def _turns_unlimited(planned: PlannedBeam) -> npt.NDArray[np.bool_]:
    """Segments across which the collimator or the couch turns, which have no limits here, ``(n - 1,)``."""
    points = planned.beam.control_points
    turns = np.zeros(max(points.count - 1, 0), np.bool_)
    for column in (points.collimator_deg, points.couch_deg):
        if column is not None and not (column.values == column.values[0]).all():
            turned = (np.diff(column.values) + 180.0) % 360.0 - 180.0
            turns |= ~(np.abs(turned) <= STILL_DEG)
    return turns
