"""How a beam is delivered: MU per Gy, aperture areas and gaps, and estimated times, speeds and dose rates.

Areas and gaps are those of `rtcode.metrics.apertures` at the control points that bound a delivering segment, each with
half the meterset of the segments beside it; without an MLC the area is that of the jaws. Blocks and applicators are not
part of it. Times are those of `rtcode.metrics.timing`: what the machine needs at least, not what it took. Speeds and
dose rates follow from them, for delivering segments only.

A value that needs something unknown is ``None``. 0 is a value: the gantry speed of a static beam, the leaf speed of one
whose leaves stand still.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from rtcode.metrics.apertures import Apertures, BeamApertures, NoApertures
from rtcode.metrics.machines import MachineLimits
from rtcode.metrics.timing import SegmentTimes, beam_meterset_mu, segment_times
from rtcode.plan.delivery import STILL_DEG
from rtcode.plan.doses import beam_dose_meanings, dose_per_fraction
from rtcode.plan.model import FloatArray, known
from rtcode.plan.sessions import PlannedBeam, SessionPart, TreatmentSession
from rtcode.records import record

NAMES = (
    "mu_per_gy",
    "mean_area_mm2",
    "min_area_mm2",
    "max_area_mm2",
    "mean_gap_mm",
    "smallest_gap_mm",
    "mean_leaf_speed_mm_s",
    "max_leaf_speed_mm_s",
    "mean_gantry_speed_deg_s",
    "max_gantry_speed_deg_s",
    "mean_dose_rate_mu_min",
    "max_dose_rate_mu_min",
    "dose_rate_variation",
    "min_mu_per_deg",
    "max_mu_per_deg",
    "arc_deg",
    "beam_on_s",
)


@record(eq=False)
class MotionSeries:
    """What happens in each of the ``n - 1`` segments of a beam, for pictures. NaN where unknown or not applicable.

    Attributes
    ----------
    delivering
        ``(n - 1,)`` which segments deliver; in the others speeds and dose rates are NaN.
    durations_s
        Estimated time of each segment.
    meterset_mu
        MU of each segment.
    gantry_deg
        ``(n,)`` gantry angle at each control point as planned, NaN where not recorded.
    gantry_steps_deg
        Signed travel of the gantry, clockwise positive.
    gantry_speed_deg_s, dose_rate_mu_min, max_leaf_speed_mm_s, mean_leaf_speed_mm_s
        Of each segment, without sign; leaf speeds are NaN without an MLC. The mean is over leaf ends that move in it.
    meterset_per_deg
        MU per degree of gantry rotation; NaN where the gantry stands still.
    times
        The times with the assumptions that they rest on.
    """

    delivering: npt.NDArray[np.bool_]
    durations_s: FloatArray
    meterset_mu: FloatArray
    gantry_deg: FloatArray
    gantry_steps_deg: FloatArray
    gantry_speed_deg_s: FloatArray
    dose_rate_mu_min: FloatArray
    meterset_per_deg: FloatArray
    max_leaf_speed_mm_s: FloatArray
    mean_leaf_speed_mm_s: FloatArray
    times: SegmentTimes


def motion_series(planned: PlannedBeam, limits: MachineLimits) -> MotionSeries | None:
    """Speeds and dose rates segment by segment; ``None`` without a meterset in MU or usable weights."""
    times = segment_times(planned, limits)
    return None if times is None else series_of(planned, times)


def series_of(planned: PlannedBeam, times: SegmentTimes) -> MotionSeries:
    """As `motion_series`, from times that are known already."""
    points = planned.beam.control_points
    on = times.delivering
    t = np.where(on, times.durations_s, np.nan)
    turned = np.abs(times.gantry_steps_deg)
    with np.errstate(invalid="ignore", divide="ignore"):
        rotates = on & (turned > STILL_DEG)
        per_degree = np.where(rotates, times.meterset_mu / turned, np.nan)
    leaves = times.leaf_steps_mm
    farthest: FloatArray = np.full(len(t), np.nan)
    mean = farthest
    if leaves is not None:
        farthest = leaves.max(axis=1)
        moving = np.count_nonzero(leaves, axis=1)
        mean = leaves.sum(axis=1) / np.maximum(moving, 1)
    return MotionSeries(
        delivering=on,
        durations_s=times.durations_s,
        meterset_mu=times.meterset_mu,
        gantry_deg=np.full(points.count, np.nan) if points.gantry_deg is None else points.gantry_deg.values,
        gantry_steps_deg=times.gantry_steps_deg,
        gantry_speed_deg_s=turned / t,
        dose_rate_mu_min=times.meterset_mu / t * 60.0,
        meterset_per_deg=per_degree,
        max_leaf_speed_mm_s=farthest / t,
        mean_leaf_speed_mm_s=mean / t,
        times=times,
    )


def delivery_metrics(planned: PlannedBeam, apertures: Apertures, times: SegmentTimes | None) -> dict[str, float | None]:
    """The profile ``delivery`` of a beam, by `NAMES`.

    Parameters
    ----------
    planned
        A beam of a fraction group.
    apertures
        Of the beam (`rtcode.metrics.apertures.apertures_of`).
    times
        Of its segments.
    """
    values: dict[str, float | None] = dict.fromkeys(NAMES)
    values["mu_per_gy"] = _mu_per_gy(planned)
    _apertures(planned, apertures, values)
    gantry = planned.delivery.gantry
    values["arc_deg"] = None if gantry is None else gantry.arc_deg
    if times is not None:
        _motion(times, values)
    return values


def group_mu_per_gy(part: SessionPart) -> float | None:
    """MU per Gy of a fraction group: meterset of its treatment beams over the dose of one fraction.

    ``None`` where a meterset or the dose (`rtcode.plan.doses.dose_per_fraction`) is not known.
    """
    dose, _ = dose_per_fraction(part)
    metersets = [beam_meterset_mu(planned) for planned in part.treatment_beams]
    if dose is None or not metersets or None in metersets:
        return None
    return sum(one for one in metersets if one is not None) / dose


def plan_mu_per_gy(sessions: Iterable[TreatmentSession]) -> float | None:
    """MU per Gy of a plan: that of its fraction group, where only one has photon treatment beams and no others treat.

    Parameters
    ----------
    sessions
        The plan's own sessions.
    """
    parts = [part for session in sessions for part in session.parts if part.treatment_beams]
    if len(parts) != 1:
        return None
    kinds = {(planned.beam.radiation_type or "").strip().upper() for planned in parts[0].treatment_beams}
    return group_mu_per_gy(parts[0]) if kinds == {"PHOTON"} else None


def _mu_per_gy(planned: PlannedBeam) -> float | None:
    """Of the beam: BeamMeterset over BeamDose, unless that dose is a nominal share of the fraction's."""
    meterset = beam_meterset_mu(planned)
    dose = None if planned.reference is None else known(planned.reference.dose_gy)
    nominal = planned.group is not None and "FRACTION_LEVEL" in beam_dose_meanings(planned.group.beam_dose_meaning)
    return None if meterset is None or dose is None or dose <= 0 or nominal else meterset / dose


def _apertures(planned: PlannedBeam, apertures: Apertures, values: dict[str, float | None]) -> None:
    if isinstance(apertures, BeamApertures):
        points = apertures.points
        area, weights = points.area_mm2, points.weights
        if points.strips is not None:
            opening, is_open = points.strips.opening_mm, points.strips.is_open
            count = points.strips.pairs_open
            has = count > 0
            mean = opening[has].sum(axis=1) / count[has]
            values["mean_gap_mm"] = _finite(float(mean.dot(weights[has]) / weights[has].sum()))
            values["smallest_gap_mm"] = _finite(float(opening[is_open].min()))
    elif apertures is NoApertures.NO_MLC:
        jaws = planned.delivery.collimation
        if jaws.jaws_x is None or jaws.jaws_y is None or planned.delivery.delivering is None:
            return
        rows = planned.delivery.bounding
        sides = [np.maximum(np.diff(window[rows], axis=1)[:, 0], 0.0) for window in (jaws.jaws_x, jaws.jaws_y)]
        area, weights = sides[0] * sides[1], _weights(planned, rows)
    else:
        return
    if np.isfinite(area).all() and area.any():
        values["mean_area_mm2"] = float(np.dot(area, weights))
        values["min_area_mm2"] = float(area.min())
        values["max_area_mm2"] = float(area.max())


def _weights(planned: PlannedBeam, rows: npt.NDArray[np.int64]) -> FloatArray:
    """Share of the meterset that each of the bounding control points stands for: half of the segments beside it."""
    shares = planned.delivery.shares
    assert shares is not None
    halves = np.zeros(planned.beam.control_points.count)
    halves[:-1] += shares / 2
    halves[1:] += shares / 2
    result: FloatArray = halves[rows]
    return result


def _motion(times: SegmentTimes, values: dict[str, float | None]) -> None:
    on = times.delivering
    arc = values["arc_deg"]
    t, meterset, turned = times.durations_s[on], times.meterset_mu[on], np.abs(times.gantry_steps_deg[on])
    rotates = turned > STILL_DEG
    if rotates.any() and arc is not None:
        per_degree = meterset[rotates] / turned[rotates]
        values["min_mu_per_deg"], values["max_mu_per_deg"] = float(per_degree.min()), float(per_degree.max())
    if np.isnan(t).any():
        return
    total = float(t.sum())
    values["beam_on_s"] = total
    rate = meterset / t * 60.0
    mean = float(meterset.sum()) / total * 60.0
    values["mean_dose_rate_mu_min"] = mean
    values["max_dose_rate_mu_min"] = float(rate.max())
    variation = float(np.sqrt(np.dot((rate - mean) ** 2, t) / total)) / mean
    # what is left of a constant rate are rounding errors
    values["dose_rate_variation"] = variation if variation > 1e-9 else 0.0
    if arc is not None:
        values["mean_gantry_speed_deg_s"] = arc / total
        values["max_gantry_speed_deg_s"] = float((turned / t).max())
    if times.leaf_steps_mm is not None:
        travel = times.leaf_steps_mm[on]
        moving = int(np.count_nonzero(travel.any(axis=0)))
        values["mean_leaf_speed_mm_s"] = float(travel.sum()) / total / max(moving, 1)
        values["max_leaf_speed_mm_s"] = float((travel.max(axis=1) / t).max())


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
