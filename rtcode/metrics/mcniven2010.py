"""LSV, AAV and MCS: McNiven, Sharpe, Purdie, Med Phys 2010;37:505 (10.1118/1.3276775).

For the ``N`` open pairs of an aperture in their order, with the positions ``p`` of one leaf bank and their range
``R = max p - min p``::

    LSV_bank = sum over neighbors (R - |p_n - p_n+1|) / ((N - 1) R)        1 where R = 0 or N = 1
    LSV = LSV_left LSV_right
    AAV = sum of the openings / sum over pairs of (largest right end - smallest left end of all apertures)
    MCS = sum MU LSV AAV / sum MU

1 is an open rectangle; the more modulated, the smaller.

Assumed
    A pair is open where its gap is more than 0 and the jaws leave some of it visible, its ends are no further out
    than the jaws (what a jaw covers shapes nothing), and neighbors are the next open pairs, also across closed ones.
    Openings are not weighted by leaf width, as in the paper. A pair's ends enter the envelope where the pair is open.
    An aperture that is closed has an AAV of 0 and no LSV; the beam's LSV is the mean over the meterset that has one.
    Dynamic beams: at control points, each with half the meterset of the segments beside it.

Why the ends are cut at the jaws
    The paper leaves out leaves that are positioned under the jaws, and takes 1 for an open rectangle. A rectangle that
    the jaws make of leaves which end behind them has 1 only with the jaw for the hidden end, and the area that AAV
    compares is open there and not where the leaves are. ``mcniven2010_raw`` takes the positions as planned for the same
    pairs.

Published otherwise
    - ``mcniven2010_n``: the sum divided by ``N``, as some texts print it: smaller by the factor ((N - 1) / N)^2, unless
      an edge is straight.
    - ``mcniven2010_all``: all pairs that the jaws leave visible count, also closed ones, with the positions at which
      they are closed.
    - ``mcniven2010_arcs``: at the middle of each control arc, with its meterset.
    Some programs leave out the absolute value; the steps then add up to the difference between the last and the first
    leaf, and LSV says nothing of what lies between. Some take for R the largest step (`rtplan_complexity`).
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import ApertureSet, BeamApertures, weighted_mean
from rtcode.metrics.variability import aperture_area_variability, leaf_sequence_variability
from rtcode.plan.model import FloatArray

Scores = dict[str, float | None]


def mcniven2010(beam: BeamApertures) -> Scores:
    """``lsv``, ``aav``, ``mcs`` at control points; ``None`` where leaves travel along both axes."""
    return _scores(beam.points)


def mcniven2010_arcs(beam: BeamApertures) -> Scores:
    """``lsv``, ``aav``, ``mcs`` at the middle of control arcs; ``None`` where leaves travel along both axes."""
    return _scores(beam.arcs)


def mcniven2010_raw(beam: BeamApertures) -> Scores:
    """``lsv``, ``aav``, ``mcs`` at control points, of ends as planned; ``None`` where leaves travel along both axes."""
    points, strips = beam.points, beam.points.strips
    if strips is None or not strips.cut:
        return _scores(points)
    lsv = leaf_sequence_variability(strips.is_open, strips.low, strips.high).lsv
    return _of(lsv, aperture_area_variability(strips.is_open, strips.low, strips.high), points.weights)


def mcniven2010_n(beam: BeamApertures) -> Scores:
    """``lsv``, ``mcs`` with the sum divided by N; AAV is that of `mcniven2010`."""
    points = beam.points
    if points.variability is None or points.aav is None:
        return {"lsv": None, "mcs": None}
    return _without_aav(_of(points.variability.lsv_n, points.aav, points.weights))


def mcniven2010_all(beam: BeamApertures) -> Scores:
    """``lsv``, ``mcs`` over all pairs that the jaws leave visible, open or closed; AAV is that of `mcniven2010`."""
    points, strips = beam.points, beam.points.strips
    if strips is None or points.aav is None:
        return {"lsv": None, "mcs": None}
    if np.array_equal(strips.visible, strips.is_open):
        return _without_aav(_scores(points))
    lsv = leaf_sequence_variability(strips.visible, strips.left, strips.right).lsv
    return _without_aav(_of(lsv, points.aav, points.weights))


def _scores(apertures: ApertureSet) -> Scores:
    if apertures.variability is None or apertures.aav is None:
        return {"lsv": None, "aav": None, "mcs": None}
    return _of(apertures.variability.lsv, apertures.aav, apertures.weights)


def _of(lsv: FloatArray, aav: FloatArray, weights: FloatArray) -> Scores:
    # Where nothing is open there is no LSV, and an AAV of 0 makes the product 0.
    product = np.where(aav > 0, lsv, 0.0) * aav
    return {
        "lsv": weighted_mean(lsv, weights),
        "aav": weighted_mean(aav, weights),
        "mcs": weighted_mean(product, weights),
    }


def _without_aav(scores: Scores) -> Scores:
    return {"lsv": scores["lsv"], "mcs": scores["mcs"]}
