"""Leaf sequence variability and aperture area variability of apertures, which McNiven's and Masi's scores share."""

from __future__ import annotations

import numpy as np

from rtcode.metrics.strips import NOISE_MM
from rtcode.plan.apertures import BoolArray
from rtcode.plan.model import FloatArray
from rtcode.records import record


@record(eq=False)
class Variability:
    """LSV of ``k`` apertures, both banks, ``(k,)``; NaN where no pair counts.

    Attributes
    ----------
    lsv
        The sum over neighbors divided by N - 1.
    lsv_n
        Divided by N.
    """

    lsv: FloatArray
    lsv_n: FloatArray


def leaf_sequence_variability(counted: BoolArray, low: FloatArray, high: FloatArray) -> Variability:
    """LSV of each aperture (`rtcode.metrics.mcniven2010` has the formula).

    Parameters
    ----------
    counted
        ``(k, m)`` the pairs that count.
    low, high
        ``(k, m)`` their ends.
    """
    number = np.count_nonzero(counted, axis=1)
    there = number > 0
    number = number[there]
    lsv = np.full(len(counted), np.nan)
    lsv_n = lsv.copy()
    if number.size:
        places = np.flatnonzero(counted)
        ends = np.empty((2, len(places)))
        np.take(low, places, out=ends[0])
        np.take(high, places, out=ends[1])
        first = np.cumsum(number) - number
        extent = np.maximum.reduceat(ends, first, axis=1) - np.minimum.reduceat(ends, first, axis=1)
        steps = np.zeros_like(ends)
        np.abs(ends[:, 1:] - ends[:, :-1], out=steps[:, 1:])
        steps[:, first] = 0.0  # between apertures there is no step
        straight = extent <= NOISE_MM
        # What the steps leave of the range, in ranges: N - 1 for no step at all.
        left = (number - 1) - np.add.reduceat(steps, first, axis=1) / np.where(straight, 1.0, extent)
        lsv[there] = np.where(straight, 1.0, left / np.maximum(number - 1, 1)).prod(axis=0)
        lsv_n[there] = np.where(straight, 1.0, left / number).prod(axis=0)
    return Variability(lsv, lsv_n)


def aperture_area_variability(is_open: BoolArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """AAV of each aperture, ``(k,)``: its openings against the envelope of all apertures that are given.

    Parameters
    ----------
    is_open
        ``(k, m)``.
    low, high
        ``(k, m)`` ends of the pairs.
    """
    envelope = np.where(is_open, high, -np.inf).max(axis=0) - np.where(is_open, low, np.inf).min(axis=0)
    whole = float(envelope[is_open.any(axis=0)].sum())
    if whole <= 0:
        return np.zeros(len(is_open))
    result: FloatArray = np.where(is_open, high - low, 0.0).sum(axis=1) / whole
    return result
