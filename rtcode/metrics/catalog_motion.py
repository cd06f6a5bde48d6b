"""Definitions of the metrics of moving beams, for the catalog: profiles ``park2014``..., and ``delivery``.

What sampling does was measured on 192 beams of public plans by writing each with twice as many segments of the same
delivery (``benchmarks/bench_sampling.py``): the middle half of the changes, extremes in parentheses.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtcode.metrics.definition import Combination, Definition, Sense
from rtcode.metrics.park2014 import K_VALUES, metric_names

_PARK = "Park et al., Phys Med Biol 2014;59:7315, doi:10.1088/0031-9155/59/23/7315"
_INDICES = {
    "mis": ("MIs", "leaf speeds", "stays within 0.5 % up to k 1; 0.1 to 1.3 (0, 11) % at k 2"),
    "mia": ("MIa", "leaf speeds or accelerations", "falls: -22 to -1 (-44, 0.4) %"),
    "mit": (
        "MIt",
        "leaf speeds or accelerations, weighted by changes of gantry speed and dose rate",
        "falls: -27 to -7 (-57, -0.2) %",
    ),
}
_PARK_PROFILES = {
    "park2014": ("summed over all leaf ends", _PARK),
    "park2014_mean": ("mean over the leaf ends that move", f"rtcode's, after {_PARK}"),
    "park2014_in_field": ("summed over the leaf ends of pairs that open inside the jaws", f"rtcode's, after {_PARK}"),
}


def _park() -> Iterator[Definition]:
    for profile, (over, source) in _PARK_PROFILES.items():
        for name, k in zip(metric_names(), K_VALUES * len(_INDICES), strict=True):
            label, of, sampling = _INDICES[name[:3]]
            text = f"Modulation index of {of}, {over}, integrated to {k:g} standard deviations."
            label = f"{label} (k {k:g})"
            yield Definition(
                profile, name, label, "", text, source, Sense.HIGHER, sampling, Combination.MEAN, in_plan=name
            )


_NONE = "none"
_ESTIMATE = "estimated from machine limits (rtcode.metrics.timing)"
_GEOMETRY = "geometry"
#: name, label, unit, text, source, sense, sampling, combination
_DELIVERY: tuple[tuple[str, str, str, str, str, Sense, str, Combination], ...] = (
    (
        "mu_per_gy", "MU per Gy", "MU/Gy",
        "Meterset over dose: of a beam by its BeamDose, of a plan by the dose of one fraction of its group.",
        "BeamMeterset (300A,0086), BeamDose (300A,0084)", Sense.HIGHER, _NONE, Combination.NONE,
    ),
    (
        "mean_area_mm2", "Mean aperture area", "mm2", "Open area at control points, weighted by meterset.",
        _GEOMETRY, Sense.LOWER, "0 (-0.6, 0.3) %", Combination.MEAN,
    ),
    (
        "min_area_mm2", "Smallest aperture area", "mm2", "Smallest open area at a control point that delivers.",
        _GEOMETRY, Sense.LOWER, _NONE, Combination.SMALLEST,
    ),
    (
        "max_area_mm2", "Largest aperture area", "mm2", "Largest open area at a control point that delivers.",
        _GEOMETRY, Sense.LOWER, _NONE, Combination.LARGEST,
    ),
    (
        "mean_gap_mm", "Mean leaf gap", "mm", "Mean opening of the open pairs inside the jaws, weighted by meterset.",
        _GEOMETRY, Sense.LOWER, "-0.1 to 0 (-9.1, 0.2) %", Combination.MEAN,
    ),
    (
        "smallest_gap_mm", "Smallest leaf gap", "mm", "Smallest opening of an open pair inside the jaws.",
        _GEOMETRY, Sense.LOWER, "lower: a pair that opens is met half open", Combination.SMALLEST,
    ),
    (
        "mean_leaf_speed_mm_s", "Mean leaf speed", "mm/s",
        "Travel of all leaf ends while beam is on, over their number (those that move) and the time.",
        _ESTIMATE, Sense.HIGHER, _NONE, Combination.MEAN,
    ),
    (
        "max_leaf_speed_mm_s", "Largest leaf speed", "mm/s", "Largest speed of a leaf end while beam is on.",
        _ESTIMATE, Sense.HIGHER, _NONE, Combination.LARGEST,
    ),
    (
        "mean_gantry_speed_deg_s", "Mean gantry speed", "deg/s", "Arc length over beam-on time.",
        _ESTIMATE, Sense.NEITHER, _NONE, Combination.MEAN,
    ),
    (
        "max_gantry_speed_deg_s", "Largest gantry speed", "deg/s", "Largest gantry speed while beam is on.",
        _ESTIMATE, Sense.NEITHER, _NONE, Combination.LARGEST,
    ),
    (
        "mean_dose_rate_mu_min", "Mean dose rate", "MU/min", "Meterset over beam-on time.",
        _ESTIMATE, Sense.NEITHER, _NONE, Combination.MEAN,
    ),
    (
        "max_dose_rate_mu_min", "Largest dose rate", "MU/min", "Largest dose rate of a segment.",
        _ESTIMATE, Sense.NEITHER, _NONE, Combination.LARGEST,
    ),
    (
        "dose_rate_variation", "Dose-rate variation", "",
        "Standard deviation of the dose rate over time, over its mean.",
        _ESTIMATE, Sense.HIGHER, _NONE, Combination.MEAN,
    ),
    (
        "min_mu_per_deg", "Smallest meterset per degree", "MU/deg",
        "Smallest meterset per degree of a segment in which the gantry turns.",
        "meterset and gantry angles", Sense.NEITHER, _NONE, Combination.SMALLEST,
    ),
    (
        "max_mu_per_deg", "Largest meterset per degree", "MU/deg",
        "Largest meterset per degree of a segment in which the gantry turns.",
        "meterset and gantry angles", Sense.NEITHER, _NONE, Combination.LARGEST,
    ),
    (
        "arc_deg", "Arc length", "deg", "Way of the gantry while beam is on, turns back included.",
        "gantry angles and rotation directions", Sense.NEITHER, _NONE, Combination.SUM,
    ),
    (
        "beam_on_s", "Estimated beam-on time", "s",
        "Sum of the least times that segments with meterset take.",
        _ESTIMATE, Sense.HIGHER, _NONE, Combination.SUM,
    ),
)  # fmt: skip

#: In the order of the values.
MOTION_DEFINITIONS: tuple[Definition, ...] = (
    *_park(),
    *(
        Definition("delivery", name, label, unit, text, source, sense, sampling, combination, in_plan=name)
        for name, label, unit, text, source, sense, sampling, combination in _DELIVERY
    ),
)
