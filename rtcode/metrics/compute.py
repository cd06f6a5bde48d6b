"""All metrics of a beam, and those of a plan from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import mul

from rtcode.metrics.apertures import BeamApertures, apertures_of
from rtcode.metrics.catalog import CATALOG
from rtcode.metrics.definition import Combination
from rtcode.metrics.delivery import delivery_metrics, gives_photons, plan_mu_per_gy
from rtcode.metrics.machines import MachineLimits, Machines
from rtcode.metrics.park2014 import park2014
from rtcode.metrics.profiles import REASONS, aperture_values
from rtcode.metrics.timing import beam_meterset_mu, segment_times
from rtcode.metrics.types import BeamMetrics, PlanMetrics
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession

__all__ = ["beam_metrics", "beams_without", "metrics_of", "plan_metrics"]


def metrics_of(beams: Sequence[PlannedBeam], sessions: Sequence[TreatmentSession], machines: Machines) -> PlanMetrics:
    """Modulation metrics of a plan.

    Parameters
    ----------
    beams
        All its beams in file order (`rtcode.plan.sessions.planned_beams`).
    sessions
        Its own sessions.
    machines
        The site's machines; defaults are assumed for others.
    """
    found = [beam_metrics(planned, machines.limits_of(planned.beam)) for planned in beams]
    return plan_metrics(found, plan_mu_per_gy(sessions))


def beam_metrics(planned: PlannedBeam, limits: MachineLimits) -> BeamMetrics | None:
    """All metrics of one beam.

    Parameters
    ----------
    planned
        A beam as a fraction group plans it.
    limits
        Of its machine.

    Returns
    -------
    BeamMetrics or None
        ``None`` where the beam is no photon treatment beam. RadiationType (300A,00C6) has to say PHOTON.
    """
    if planned.role is not Role.TREATMENT or not gives_photons(planned):
        return None
    apertures = apertures_of(planned)
    times = segment_times(planned, limits)
    values: dict[str, dict[str, float | None]] = {
        **aperture_values(apertures),
        **park2014(planned, times),
        "delivery": delivery_metrics(planned, apertures, times),
    }
    unknown = None if isinstance(apertures, BeamApertures) else REASONS[apertures]
    return BeamMetrics(values, limits, unknown, beam_meterset_mu(planned))


def plan_metrics(beams: Iterable[BeamMetrics | None], mu_per_gy: float | None = None) -> PlanMetrics:
    """The metrics of a plan from those of its beams.

    Parameters
    ----------
    beams
        One an entry of the plan's beams in file order; ``None`` for those that are no photon treatment beams.
    mu_per_gy
        Of the plan (`rtcode.metrics.delivery.plan_mu_per_gy`), which those of its beams do not tell.

    Returns
    -------
    PlanMetrics
        Means are weighted by meterset. A value is unknown where that of one of the beams is (`beams_without` says
        which), or where metersets are needed and one is not known.
    """
    listed = tuple(beams)
    there = [beam for beam in listed if beam is not None]
    metersets = [beam.meterset_mu for beam in there]
    values: dict[str, dict[str, float | None]] = {}
    for one in CATALOG:
        if one.in_plan is not None:
            found = [beam.values[one.profile][one.name] for beam in there]
            values.setdefault(one.profile, {})[one.in_plan] = _combined(found, metersets, one.combination)
    values["delivery"]["mu_per_gy"] = mu_per_gy
    return PlanMetrics(listed, values)


def beams_without(plan: PlanMetrics, profile: str, name: str) -> tuple[int, ...]:
    """Places in `PlanMetrics.beams` of the photon treatment beams that make a value of the plan unknown.

    Parameters
    ----------
    profile, name
        As in `PlanMetrics.values`.
    """
    named = {one.name for one in CATALOG if one.profile == profile and one.in_plan == name}
    return tuple(
        place
        for place, beam in enumerate(plan.beams)
        if beam is not None and any(beam.values.get(profile, {}).get(one) is None for one in named)
    )


def _combined(found: list[float | None], metersets: list[float | None], combination: Combination) -> float | None:
    values = [value for value in found if value is not None]
    if not values or len(values) < len(found):
        return None
    if combination is Combination.MEAN:
        if len(values) == 1:
            return values[0]
        weights = [meterset for meterset in metersets if meterset is not None]
        if len(weights) < len(metersets):
            return None
        return float(sum(map(mul, values, weights))) / sum(weights)
    if combination is Combination.LARGEST:
        return max(values)
    if combination is Combination.SMALLEST:
        return min(values)
    return sum(values) if combination is Combination.SUM else None
