"""Beam area, irregularity and modulation: Du et al., Med Phys 2014;41:021716 (10.1118/1.4861821).

For an aperture of area ``A`` and full perimeter ``P``, with the area ``U`` that is open in at least one aperture::

    AI = P^2 / (4 pi A)                   1 for a circle, 1.273 for a square
    BA = sum MU A / sum MU                mm2
    BI = sum MU AI / sum MU
    BM = 1 - sum MU A / (U sum MU)        0 where every aperture is the same
    PA, PI, PM: means of BA, BI, BM over the beams by meterset

Assumed
    U is the exact union, also where jaws move. A closed aperture has an area of 0 and no AI; BI is the mean over the
    meterset that has one. Dynamic beams: at control points, each with half the meterset of the segments beside it, and
    the union of the apertures at control points.

Elsewhere
    Some programs take for U the sum of each pair's largest opening. Where openings lie beside one another (a sliding
    window) that is far less than the union, and BM comes out too small.
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import BeamApertures


def du2014(beam: BeamApertures) -> dict[str, float | None]:
    """``ba_mm2``, ``bi``, ``bm`` and the union ``union_mm2``."""
    points = beam.points
    area, union = points.area_mm2, points.union_area_mm2
    there = area > 0
    weights = points.weights[there]
    irregularity = points.perimeter_mm[there] ** 2 / area[there] / (4 * np.pi)
    mean = float(np.dot(area, points.weights))
    return {
        "ba_mm2": mean,
        "bi": float(np.dot(irregularity, weights) / weights.sum()),
        # Rounding could bring one that is 0 to -1e-16.
        "bm": max(0.0, 1.0 - mean / union),
        "union_mm2": union,
    }
