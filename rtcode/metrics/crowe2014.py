"""Small aperture score: Crowe et al., Australas Phys Eng Sci Med 2014;37:475 (10.1007/s13246-014-0274-9).

The share of open pairs whose gap is less than ``x``, weighted by meterset, for x = 2, 5, 10, 20 mm::

    SAS(x) = sum MU #(0 < gap < x) / #(gap > 0) / sum MU        0 to 1; the more small gaps, the larger

Assumed
    Only pairs count, in both numbers, that the jaws leave partly visible. The gap is that between the leaves, as the
    authors' own program takes it, also where a jaw covers some of it. A closed aperture has no value; the mean is over
    the meterset that has one. Dynamic beams: at control points, each with half the meterset of the segments beside it.

Published otherwise
    ``crowe2014_visible``: the gap is what the jaws leave open of it. Others take the share of apertures that hold any
    small gap, or the share of all pairs of all apertures without weights.
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import NOISE_MM, BeamApertures, weighted_mean
from rtcode.plan.model import FloatArray

#: Gaps, mm.
SIZES_MM = (2, 5, 10, 20)


def crowe2014(beam: BeamApertures) -> dict[str, float | None]:
    """``sas_2mm``, ``sas_5mm``, ``sas_10mm``, ``sas_20mm``; ``None`` where leaves travel along both axes."""
    strips = beam.points.strips
    return _scores(beam, None if strips is None else strips.high - strips.low)


def crowe2014_visible(beam: BeamApertures) -> dict[str, float | None]:
    """The same of the part of each gap that the jaws leave open."""
    strips = beam.points.strips
    return _scores(beam, None if strips is None else strips.opening_mm)


def _scores(beam: BeamApertures, gap_mm: FloatArray | None) -> dict[str, float | None]:
    points = beam.points
    if points.strips is None or gap_mm is None:
        return {f"sas_{size}mm": None for size in SIZES_MM}
    is_open = points.strips.is_open
    pairs = is_open.sum(axis=1)
    scores: dict[str, float | None] = {}
    for size in SIZES_MM:
        small = np.sum(is_open & (gap_mm < size - NOISE_MM), axis=1)
        share = np.where(pairs > 0, small / np.maximum(pairs, 1), np.nan)
        scores[f"sas_{size}mm"] = weighted_mean(share, points.weights)
    return scores
