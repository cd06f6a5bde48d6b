"""Modulation and delivery metrics of photon beams and plans, one module a paper.

`apertures` is what the aperture metrics share, `timing` what the others do; `catalog` says what each number is. Metrics
are facts of physics: they decide nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["BeamMetrics", "PlanMetrics", "Values", "beam_metrics", "beams_without", "metrics_of", "plan_metrics"]

if TYPE_CHECKING:
    from rtcode.metrics.compute import beam_metrics, beams_without, metrics_of, plan_metrics
    from rtcode.metrics.types import BeamMetrics, PlanMetrics, Values

_HOMES = {
    "beam_metrics": "rtcode.metrics.compute",
    "beams_without": "rtcode.metrics.compute",
    "metrics_of": "rtcode.metrics.compute",
    "plan_metrics": "rtcode.metrics.compute",
    "BeamMetrics": "rtcode.metrics.types",
    "PlanMetrics": "rtcode.metrics.types",
    "Values": "rtcode.metrics.types",
}


def __getattr__(name: str) -> object:
    # Loaded when first used: a call that shows no metrics needs the machines and types of this package, and no more.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
