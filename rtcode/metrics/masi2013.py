"""MCSv, LT and LTMCS of arcs: Masi et al., Med Phys 2013;40:071718 (10.1118/1.4810969).

MCS for VMAT takes LSV and AAV (`mcniven2010`) between control points as the mean of those at both::

    MCSv = sum over segments (AAV_i + AAV_i+1) / 2 (LSV_i + LSV_i+1) / 2 MU_i,i+1 / MU
    LT = mean over the leaves that move in the field of their whole travel over the arc (mm)
    LTMCS = MCSv (1000 - LT) / 1000

Defined for one arc: the envelope of AAV and the travel are of that arc. A beam whose gantry turns back (Monaco
writes two arcs in one beam) is two; its values are the means over its arcs by meterset. A beam whose gantry stands
still while it delivers has none of these.

Assumed
    A leaf is in the field of an arc where its pair is open at some control point of the arc; it moves where its
    travel is more than 0.01 mm. Travel is that of the leaf ends as planned, also behind jaws, over segments that
    deliver. Where one end of a segment is closed, the LSV of the other stands for both. An arc on which no leaf moves
    has an LT of 0. Travel of more than 1000 mm lies outside of what LTMCS is defined for: unknown.

Sampling
    A finer sampling of the same motion leaves LT as it is where leaves do not turn between control points; MCSv changes
    with the control points that are added (docs/metrics.md says by how much).
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import BeamApertures
from rtcode.metrics.mcniven2010 import aperture_area_variability, leaf_sequence_variability
from rtcode.plan.apertures import STILL_MM
from rtcode.plan.model import FloatArray

#: Travel at which LTMCS is 0.
_LONGEST_MM = 1000.0


def masi2013(beam: BeamApertures) -> dict[str, float | None]:
    """``mcsv``, ``lt_mm``, ``ltmcs``; ``None`` for a beam that is no arc, or whose leaves travel along both axes."""
    strips = beam.points.strips
    if strips is None or beam.turns is None:
        return {"mcsv": None, "lt_mm": None, "ltmcs": None}
    lsv = leaf_sequence_variability(strips, strips.is_open)
    mcsv = lt_mm = ltmcs = 0.0
    for arc in range(int(beam.turns[-1]) + 1):
        segments = np.flatnonzero(beam.turns == arc)
        first = beam.starts[segments]
        second = first + 1
        rows = np.zeros(len(lsv), np.bool_)
        rows[first] = rows[second] = True
        aav = aperture_area_variability(strips, rows=rows)
        between = (aav[first] + aav[second]) / 2 * _mean_of_known(lsv[first], lsv[second])
        shares = beam.shares[segments]
        score = float(np.dot(between, shares))
        in_field = strips.is_open[rows].any(axis=0)
        travel = [
            np.abs(ends[np.ix_(second, in_field)] - ends[np.ix_(first, in_field)]).sum(axis=0)
            for ends in (strips.low, strips.high)
        ]
        moved = np.concatenate(travel)
        moved = moved[moved > STILL_MM]
        length = float(moved.mean()) if moved.size else 0.0
        share = float(shares.sum())
        mcsv += score
        lt_mm += length * share
        ltmcs = np.nan if length > _LONGEST_MM else ltmcs + score * (_LONGEST_MM - length) / _LONGEST_MM
    return {"mcsv": mcsv, "lt_mm": lt_mm, "ltmcs": None if np.isnan(ltmcs) else float(ltmcs)}


def _mean_of_known(a: FloatArray, b: FloatArray) -> FloatArray:
    """Mean of both, the one that is known, or 0: nothing is open at either end then, and AAV is 0."""
    a, b = np.where(np.isnan(a), b, a), np.where(np.isnan(b), a, b)
    return np.nan_to_num((a + b) / 2)
