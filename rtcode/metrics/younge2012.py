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

from rtcode.metrics.apertures import BeamApertures


def younge2012(beam: BeamApertures) -> dict[str, float | None]:
    """``em_per_mm`` (leaf sides only), ``em_all_edges_per_mm``, ``em_half_perimeter_per_mm``."""
    points = beam.points
    there = points.area_mm2 > 0
    share_per_area = points.weights[there] / points.weights[there].sum() / points.area_mm2[there]
    around = float(np.dot(points.perimeter_mm[there], share_per_area))
    sides = points.side_edges_mm
    return {
        "em_per_mm": None if sides is None else float(np.dot(sides[there], share_per_area)),
        "em_all_edges_per_mm": around,
        "em_half_perimeter_per_mm": around / 2,
    }
