"""What the metrics give: numbers by profile and name, unknown where the plan does not say enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rtcode.metrics.machines import MachineLimits
from rtcode.records import record

#: profile → metric → value; ``None`` is unknown, never 0. `rtcode.metrics.catalog` defines every one.
Values: TypeAlias = Mapping[str, Mapping[str, float | None]]


@record(eq=False)
class BeamMetrics:
    """Metrics of one photon treatment beam.

    Attributes
    ----------
    values
        By profile and name.
    limits
        Machine limits that speeds and segment times were worked out with.
    unknown
        Why values that need leaf data or usable weights are unknown; ``None`` where nothing is.
    meterset_mu
        Weight of the beam in its plan; ``None`` where it is not known in MU.
    """

    values: Values
    limits: MachineLimits
    unknown: str | None = None
    meterset_mu: float | None = None


@record(eq=False)
class PlanMetrics:
    """Metrics of a plan.

    Attributes
    ----------
    beams
        One an entry of the plan's beams in file order; ``None`` where a beam is no photon treatment beam.
    values
        Of the whole plan, weighted by meterset; unknown where that of one of its beams is.
    """

    beams: tuple[BeamMetrics | None, ...]
    values: Values
