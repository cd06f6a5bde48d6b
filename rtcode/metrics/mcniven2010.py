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

from rtcode.metrics.apertures import NOISE_MM, ApertureSet, BeamApertures, Strips, weighted_mean
from rtcode.plan.apertures import BoolArray
from rtcode.plan.model import FloatArray


def mcniven2010(beam: BeamApertures) -> dict[str, float | None]:
    """``lsv``, ``aav``, ``mcs`` at control points; ``None`` where leaves travel along both axes."""
    return _scores(beam.points)


def mcniven2010_arcs(beam: BeamApertures) -> dict[str, float | None]:
    """``lsv``, ``aav``, ``mcs`` at the middle of control arcs; ``None`` where leaves travel along both axes."""
    return _scores(beam.arcs)


def mcniven2010_n(beam: BeamApertures) -> dict[str, float | None]:
    """``lsv``, ``mcs`` with the sum divided by N; AAV is that of `mcniven2010`."""
    return _without_aav(_scores(beam.points, one_less=False))


def mcniven2010_all(beam: BeamApertures) -> dict[str, float | None]:
    """``lsv``, ``mcs`` over all pairs that the jaws leave visible, open or closed; AAV is that of `mcniven2010`."""
    return _without_aav(_scores(beam.points, closed_too=True))


def _scores(apertures: ApertureSet, *, one_less: bool = True, closed_too: bool = False) -> dict[str, float | None]:
    strips = apertures.strips
    if strips is None:
        return {"lsv": None, "aav": None, "mcs": None}
    lsv = leaf_sequence_variability(strips, strips.visible if closed_too else strips.is_open, one_less=one_less)
    aav = aperture_area_variability(strips)
    return {
        "lsv": weighted_mean(lsv, apertures.weights),
        "aav": weighted_mean(aav, apertures.weights),
        # Where nothing is open there is no LSV, and an AAV of 0 makes the product 0.
        "mcs": weighted_mean(np.nan_to_num(lsv) * aav, apertures.weights),
    }


def _without_aav(scores: dict[str, float | None]) -> dict[str, float | None]:
    return {"lsv": scores["lsv"], "mcs": scores["mcs"]}


def leaf_sequence_variability(strips: Strips, counted: BoolArray, *, one_less: bool = True) -> FloatArray:
    """LSV of each aperture, both banks, ``(k,)``.

    Parameters
    ----------
    strips
        ``m`` pairs at ``k`` apertures.
    counted
        ``(k, m)`` the pairs that count.
    one_less
        Divide by N - 1 rather than by N.

    Returns
    -------
    NaN where no pair counts.
    """
    rows, columns = np.nonzero(counted)
    if not rows.size:
        return np.full(len(counted), np.nan)
    first = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    there = rows[first]
    number = np.diff(np.concatenate([first, [rows.size]]))
    result = np.full(len(counted), np.nan)
    result[there] = 1.0
    for ends in (strips.left, strips.right):
        positions = ends[rows, columns]
        extent = np.maximum.reduceat(positions, first) - np.minimum.reduceat(positions, first)
        steps = np.abs(np.diff(positions, prepend=positions[0]))
        steps[first] = 0.0  # between apertures there is no step
        total = (number - 1) * extent - np.add.reduceat(steps, first)
        flat = extent <= NOISE_MM
        divisor = np.where(flat, 1.0, (number - 1 if one_less else number) * extent)
        result[there] *= np.where(flat, 1.0, total / divisor)
    return result


def aperture_area_variability(strips: Strips, *, rows: BoolArray | None = None) -> FloatArray:
    """AAV of each aperture, ``(k,)``: its openings against the envelope of all apertures of the beam.

    Parameters
    ----------
    rows
        ``(k,)`` apertures that make the envelope; all of them by default.
    """
    counted = strips.is_open if rows is None else strips.is_open & rows[:, None]
    left = np.min(np.where(counted, strips.left, np.inf), axis=0)
    right = np.max(np.where(counted, strips.right, -np.inf), axis=0)
    used = counted.any(axis=0)
    envelope = float(np.sum(right[used] - left[used]))
    if envelope <= 0:
        return np.zeros(len(strips.is_open))
    result: FloatArray = strips.opening_mm.sum(axis=1) / envelope
    return result
