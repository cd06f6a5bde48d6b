"""MCSv, LT and LTMCS of arcs: Masi et al., Med Phys 2013;40:071718 (10.1118/1.4810969).

MCS for VMAT takes LSV and AAV (`mcniven2010`) between control points as the mean of those at both::

    MCSv = sum over segments (AAV_i + AAV_i+1) / 2 (LSV_i + LSV_i+1) / 2 MU_i,i+1 / MU
    LT = mean over the leaves that move in the field of their whole travel over the arc (mm)
    LTMCS = MCSv (1000 - LT) / 1000

Defined for one arc: the envelope of AAV and the travel are of that arc. A beam whose gantry turns back (Monaco
writes two arcs in one beam) is two; its values are the means over its arcs by meterset. A beam whose gantry stands
still while it delivers has none of these.

Assumed
    A leaf is in the field of an arc where its pair is open at some control point of the arc; with several layers, where
    it bounds a strip that is open, and the travel is that of the leaves of all layers. It moves where its travel is
    more than 0.01 mm. Travel is that of the leaf ends as planned, also behind jaws, over segments that deliver. Where
    one end of a segment is closed, the LSV of the other stands for both. An arc on which no leaf moves has an LT of 0.
    Travel of more than 1000 mm lies outside of what LTMCS is defined for (the more open the arc, the lower it would
    be): unknown.

Sampling
    A finer sampling of the same motion leaves LT as it is where leaves do not turn between control points; MCSv changes
    with the control points that are added (docs/metrics.md says by how much).
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import BeamApertures
from rtcode.metrics.strips import Strips
from rtcode.metrics.variability import aperture_area_variability
from rtcode.plan.apertures import STILL_MM, BoolArray
from rtcode.plan.model import FloatArray, IntArray

#: Travel at which LTMCS is 0.
_LONGEST_MM = 1000.0


def masi2013(beam: BeamApertures) -> dict[str, float | None]:
    """``mcsv``, ``lt_mm``, ``ltmcs``; ``None`` for a beam that is no arc, or whose leaves travel along both axes."""
    points, strips = beam.points, beam.points.strips
    if strips is None or points.variability is None or points.aav is None or beam.turns is None:
        return {"mcsv": None, "lt_mm": None, "ltmcs": None}
    lsv = points.variability.lsv
    arcs = int(beam.turns[-1]) + 1
    mcsv = lt_mm = ltmcs = 0.0
    for arc in range(arcs):
        segments = np.flatnonzero(beam.turns == arc)
        first, second = beam.first[segments], beam.second[segments]
        rows = np.zeros(len(lsv), np.bool_)
        rows[first] = rows[second] = True
        is_open: BoolArray = strips.is_open & rows[:, None]
        aav = points.aav if arcs == 1 else aperture_area_variability(is_open, strips.left, strips.right)
        between = (aav[first] + aav[second]) / 2 * _mean_of_known(lsv[first], lsv[second])
        shares = beam.shares[segments]
        score = float(np.dot(between, shares))
        in_field = np.flatnonzero(is_open.any(axis=0))
        length = _leaf_travel_mm(beam, strips, in_field, first, second)
        share = float(shares.sum())
        mcsv += score
        lt_mm += length * share
        ltmcs = np.nan if not length <= _LONGEST_MM else ltmcs + score * (_LONGEST_MM - length) / _LONGEST_MM
    return {
        "mcsv": mcsv,
        "lt_mm": None if np.isnan(lt_mm) else float(lt_mm),
        "ltmcs": None if np.isnan(ltmcs) else float(ltmcs),
    }


def _leaf_travel_mm(
    beam: BeamApertures, strips: Strips, in_field: IntArray, first: IntArray, second: IntArray
) -> float:
    """Mean travel over the leaves that move and bound one of the open strips; NaN where a position is not known."""
    if beam.layers:
        middles = strips.edges[in_field].mean(axis=1)
        ends = []
        for layer in beam.layers:
            beside = (layer.edges[:, :1] < middles) & (middles < layer.edges[:, 1:])
            ends += [one[:, beside.any(axis=1)] for one in (layer.low, layer.high)]
    else:
        ends = [strips.low[:, in_field], strips.high[:, in_field]]
    moved = np.concatenate([np.abs(one[second] - one[first]).sum(axis=0) for one in ends])
    moved = moved[~(moved <= STILL_MM)]
    return float(moved.mean()) if moved.size else 0.0


def _mean_of_known(a: FloatArray, b: FloatArray) -> FloatArray:
    """Mean of both, the one that is known, or 0: nothing is open at either end then, and AAV is 0."""
    a, b = np.where(np.isnan(a), b, a), np.where(np.isnan(b), a, b)
    mean: FloatArray = (a + b) / 2
    mean[np.isnan(mean)] = 0.0
    return mean
