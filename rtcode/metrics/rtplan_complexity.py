"""LSV, AAV and MCS as the program rtplan-complexity (1.1.0) prints them, to compare numbers with it.

At the middle of each control arc, with its meterset. It departs from McNiven's definitions (`mcniven2010`)::

    LSV_bank = mean over neighbors (1 - |p_n - p_n+1| / S)      S the largest step of that bank in that aperture
    AAV = A / sum over pairs of each one's largest open area    A the area between the leaves inside the jaws across

A pair counts where its gap is more than the smallest gap of the whole beam (0 or more) and the jaws across the
travel leave some of it visible; jaws along the travel play no part. With S in place of the range, an edge of equal
steps has an LSV of 0, and two pairs that differ have 0 whatever the difference.

The program says that it follows UCoMX (Cavinato et al., 2024), whose source is not public; other programs read the
manual of UCoMX otherwise. Here, unlike there, segments that deliver nothing do not count, and positions of
any device are inherited.
"""

from __future__ import annotations

import numpy as np

from rtcode.metrics.apertures import BeamApertures, weighted_mean
from rtcode.plan.model import FloatArray


def rtplan_complexity(beam: BeamApertures) -> dict[str, float | None]:
    """``lsv``, ``aav``, ``mcs``.

    ``None`` where leaves travel along both axes, and where all gaps are the same, so that no pair counts at all: the
    program prints 1, 0 and 0 then.
    """
    arcs = beam.arcs
    strips = arcs.strips
    if strips is None:
        return {"lsv": None, "aav": None, "mcs": None}
    gap = strips.high - strips.low
    counted = strips.visible & (gap > max(beam.smallest_gap_mm, 0.0))
    if not counted.any():
        return {"lsv": None, "aav": None, "mcs": None}
    area = np.where(counted, gap * strips.width_mm, 0.0)
    aav = area.sum(axis=1) / float(area.max(axis=0).sum())
    lsv = np.ones(len(area))
    rows, columns = np.nonzero(counted)
    for ends in (strips.low, strips.high):
        lsv *= _step_variability(rows, ends[rows, columns], len(area))
    return {
        "lsv": weighted_mean(lsv, arcs.weights),
        "aav": weighted_mean(aav, arcs.weights),
        "mcs": weighted_mean(lsv * aav, arcs.weights),
    }


def _step_variability(rows: np.ndarray, positions: FloatArray, count: int) -> FloatArray:
    """For each aperture the mean over neighbors of 1 - step / largest step; 1 where no step is."""
    result = np.ones(count)
    within = rows[1:] == rows[:-1]
    steps, at = np.abs(np.diff(positions))[within], rows[1:][within]
    if not at.size:
        return result
    first = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
    number = np.diff(np.concatenate([first, [at.size]]))
    largest = np.maximum.reduceat(steps, first)
    uneven = largest > 0
    mean = np.add.reduceat(steps, first) / number
    result[at[first]] = np.where(uneven, 1.0 - mean / np.where(uneven, largest, 1.0), 1.0)
    return result
