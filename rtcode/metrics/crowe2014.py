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

from rtcode.metrics.apertures import NOISE_MM, BeamApertures
from rtcode.plan.model import FloatArray

#: Gaps, mm.
SIZES_MM = (2, 5, 10, 20)
_NAMES = tuple(f"sas_{size}mm" for size in SIZES_MM)
#: ``(sizes, 1, 1)``; a gap of exactly the size is not smaller.
_LIMITS_MM = np.array(SIZES_MM)[:, None, None] - NOISE_MM


def crowe2014(beam: BeamApertures) -> dict[str, float | None]:
    """``sas_2mm``, ``sas_5mm``, ``sas_10mm``, ``sas_20mm``; ``None`` where leaves travel along both axes."""
    strips = beam.points.strips
    return _scores(beam, None if strips is None else strips.high - strips.low)


def crowe2014_visible(beam: BeamApertures) -> dict[str, float | None]:
    """The same of the part of each gap that the jaws leave open."""
    strips = beam.points.strips
    return _scores(beam, None if strips is None else strips.opening_mm)


def _scores(beam: BeamApertures, gap_mm: FloatArray | None) -> dict[str, float | None]:
    points, strips = beam.points, beam.points.strips
    if strips is None or gap_mm is None:
        return dict.fromkeys(_NAMES)
    small = np.count_nonzero(strips.is_open & (gap_mm < _LIMITS_MM), axis=2)
    pairs = strips.pairs_open
    there = pairs > 0
    weights = points.weights[there]
    shares = (small[:, there] / pairs[there]) @ weights / weights.sum()
    return dict(zip(_NAMES, shares.tolist(), strict=True))
