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

from rtcode.metrics.apertures import Apertures, BeamApertures, NoApertures, point_shares
from rtcode.metrics.catalog import names_of
from rtcode.metrics.timing import SegmentTimes, beam_meterset_mu
from rtcode.plan.doses import dose_per_fraction
from rtcode.plan.model import FloatArray, terms
from rtcode.plan.sessions import PlannedBeam, SessionPart, TreatmentSession

NAMES = names_of("delivery")


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
    values["mu_per_gy"] = beam_mu_per_gy(planned)
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
    return group_mu_per_gy(parts[0]) if all(map(gives_photons, parts[0].treatment_beams)) else None


def gives_photons(planned: PlannedBeam) -> bool:
    """Whether RadiationType (300A,00C6) says PHOTON."""
    return (planned.beam.radiation_type or "").strip().upper() == "PHOTON"


def beam_mu_per_gy(planned: PlannedBeam) -> float | None:
    """MU per Gy of a beam: BeamMeterset over BeamDose, unknown where that dose is a nominal share of the fraction's."""
    meterset = beam_meterset_mu(planned)
    dose = planned.dose_gy
    nominal = planned.group is not None and "FRACTION_LEVEL" in terms(planned.group.beam_dose_meaning)
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
        shares = planned.delivery.shares
        if jaws.jaws_x is None or jaws.jaws_y is None or shares is None:
            return
        rows = planned.delivery.bounding
        sides = [np.maximum(np.diff(window[rows], axis=1)[:, 0], 0.0) for window in (jaws.jaws_x, jaws.jaws_y)]
        area, weights = sides[0] * sides[1], point_shares(shares)[rows]
    else:
        return
    if np.isfinite(area).all() and area.any():
        values["mean_area_mm2"] = float(np.dot(area, weights))
        values["min_area_mm2"] = float(area.min())
        values["max_area_mm2"] = float(area.max())


def _motion(times: SegmentTimes, values: dict[str, float | None]) -> None:
    on = times.delivering
    arc = values["arc_deg"]
    if arc is not None:
        values["min_mu_per_deg"], values["max_mu_per_deg"] = _least_and_most(times.meterset_per_deg)
    t = times.durations_s[on]
    if np.isnan(t).any():
        return
    total = float(t.sum())
    values["beam_on_s"] = total
    rate = times.dose_rate_mu_min[on]
    mean = float(times.meterset_mu[on].sum()) / total * 60.0
    values["mean_dose_rate_mu_min"] = mean
    values["max_dose_rate_mu_min"] = float(rate.max())
    variation = float(np.sqrt(np.dot((rate - mean) ** 2, t) / total)) / mean
    # what is left of a constant rate are rounding errors
    values["dose_rate_variation"] = variation if variation > 1e-9 else 0.0
    if arc is not None:
        values["mean_gantry_speed_deg_s"] = arc / total
        values["max_gantry_speed_deg_s"] = float(times.gantry_speed_deg_s[on].max())
    if times.leaf_steps_mm is not None:
        travel = times.leaf_steps_mm[on]
        moving = int(np.count_nonzero(travel.any(axis=0)))
        values["mean_leaf_speed_mm_s"] = float(travel.sum()) / total / max(moving, 1)
        values["max_leaf_speed_mm_s"] = float(times.leaf_speed_mm_s[on].max())


def _least_and_most(values: FloatArray) -> tuple[float, float] | tuple[None, None]:
    """Of those that are known."""
    there = values[~np.isnan(values)]
    return (float(there.min()), float(there.max())) if there.size else (None, None)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
