"""Edge metric and complexity index: Younge et al., Med Phys 2012;39:7160 (10.1118/1.4762566), JACMP 2016;17(4):124.

The length of an aperture's edges over its area, weighted by meterset::

    EM = (C1 x + C2 y) / A        x along leaf ends, y along leaf sides; the papers use C1 = 0, C2 = 1
    CI = sum MU EM / sum MU       1/mm; the more irregular, the larger

Assumed
    Edges are those of the outline of what is open: what two open neighbors share is no edge, and where a jaw cuts the
    field its edge counts as the leaf edge that it stands in for (a jaw across the travel as a leaf side), as in the
    authors' own program. Closed apertures have no value; the mean is over the meterset that has one.
    Dynamic beams: at control points, each with half the meterset of the segments beside it.

Printed under the same name elsewhere
    ``em_all_edges_per_mm`` (C1 = C2 = 1: circumference over area) and ``em_half_perimeter_per_mm`` (half of that).
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import BeamApertures, weighted_mean
from rtcode.plan.model import FloatArray


def younge2012(beam: BeamApertures) -> dict[str, float | None]:
    """``em_per_mm`` (leaf sides only), ``em_all_edges_per_mm``, ``em_half_perimeter_per_mm``."""
    points = beam.points
    sides = points.side_edges_mm
    edges = _over_area(points.perimeter_mm, points.area_mm2)
    around = weighted_mean(edges, points.weights)
    return {
        "em_per_mm": None if sides is None else weighted_mean(_over_area(sides, points.area_mm2), points.weights),
        "em_all_edges_per_mm": around,
        "em_half_perimeter_per_mm": None if around is None else around / 2,
    }


def _over_area(length_mm: FloatArray, area_mm2: FloatArray) -> FloatArray:
    is_open = area_mm2 > 0
    return np.where(is_open, length_mm / np.where(is_open, area_mm2, 1.0), np.nan)
