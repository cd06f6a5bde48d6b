"""The apertures that a beam delivers through, as the aperture metrics need them.

All in the beam limiting device frame at the isocenter plane, mm. What counts as open here is geometry and nothing else:
a pair is open where its leaves are apart and some of the gap is inside the jaws. That is not the rule by which
`rtcode.plan.apertures` tells techniques apart (there a gap of 1 mm is closed).

Only control points that bound a delivering segment are here, so that leaves that move with the beam off change no
metric. A number that is not known there makes all metrics of the beam unknown (`NoApertures` says why), never 0.

Two readings of a dynamic beam are offered, since tools differ in it: apertures *at control points*, each with half
the meterset of the segments that it bounds, and apertures at the *middle of each segment* (control arc), ends and
jaws being the mean of both control points, with the meterset of the segment. For beams whose leaves stand still while
they deliver the two are the same.

Layers that travel along one axis (Halcyon, Ethos, MRIdian) arrive as one bank of common strips (`plan.collimation`):
a strip is open where every layer leaves it open. Areas, edges and unions are those of the beam. Where a metric counts
leaf pairs, a strip stands for a pair: two neighboring strips may be bounded by one physical leaf, and the step
between them is then 0. With leaves along both axes there is no sequence of pairs; only areas and outlines are known.

Where leaves and jaws stand still while the beam delivers, both ends of a segment have one aperture, and it is here
once, with the meterset of the segment.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np

from rtcode.metrics.outlines import Outlines, cell_outlines, cells, strip_outlines, union_area, union_area_crossed
from rtcode.metrics.strips import NOISE_MM, Strips
from rtcode.metrics.variability import Variability, aperture_area_variability, leaf_sequence_variability
from rtcode.plan.apertures import Bank, BoolArray, Collimation, LeafData, other_axis
from rtcode.plan.leaf_order import leaves_cross
from rtcode.plan.model import FloatArray, IntArray
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import record

__all__ = [
    "NOISE_MM",
    "ApertureSet",
    "Apertures",
    "BeamApertures",
    "NoApertures",
    "Strips",
    "apertures_of",
    "weighted_mean",
]


class NoApertures(StrEnum):
    """Why the apertures of a beam are not known."""

    NO_MLC = "no_mlc"
    #: an MLC is declared and its positions are missing, unreadable, or without leaf boundaries
    LEAVES_UNKNOWN = "leaves_unknown"
    #: a leaf lies beyond its opposite one, so that the positions are not those of the leaves they are written for
    LEAVES_CROSS = "leaves_cross"
    #: a jaw position is missing or unreadable
    JAWS_UNKNOWN = "jaws_unknown"
    #: it is not known which segments deliver
    WEIGHTS_UNUSABLE = "weights_unusable"
    #: nothing is open at any control point that delivers
    CLOSED = "closed"


@record(eq=False)
class ApertureSet:
    """``k`` apertures with their weights.

    Attributes
    ----------
    weights
        ``(k,)`` share of the beam's meterset that each stands for; they sum to 1.
    banks
        One entry an axis along which leaves travel.
    """

    weights: FloatArray
    banks: tuple[Strips, ...]

    @property
    def strips(self) -> Strips | None:
        """The leaf pairs, or ``None`` where leaves travel along both axes and make no single sequence."""
        return self.banks[0] if len(self.banks) == 1 else None

    @cached_property
    def area_mm2(self) -> FloatArray:
        """``(k,)`` open area."""
        return self._outlines.area_mm2

    @cached_property
    def is_open(self) -> BoolArray:
        """``(k,)`` whether anything is open."""
        if self.strips is not None:
            any_open: BoolArray = np.any(self.strips.is_open, axis=1)
            return any_open
        has_area: BoolArray = self.area_mm2 > 0
        return has_area

    @cached_property
    def side_edges_mm(self) -> FloatArray | None:
        """``(k,)`` length of the outline along the travel: leaf sides, or jaws in their place."""
        return None if self.strips is None else self._outlines.along_mm

    @cached_property
    def perimeter_mm(self) -> FloatArray:
        """``(k,)`` length of the whole outline; sides that two open strips share are not part of it."""
        return self._outlines.across_mm + self._outlines.along_mm

    @cached_property
    def variability(self) -> Variability | None:
        """LSV over the open pairs, their ends no further out than the jaws; ``None`` without a sequence of pairs."""
        strips = self.strips
        return None if strips is None else leaf_sequence_variability(strips.is_open, strips.left, strips.right)

    @cached_property
    def aav(self) -> FloatArray | None:
        """``(k,)`` AAV, the envelope being that of these apertures; ``None`` without a sequence of pairs."""
        strips = self.strips
        return None if strips is None else aperture_area_variability(strips.is_open, strips.left, strips.right)

    @cached_property
    def union_area_mm2(self) -> float:
        """Area that is open in at least one of the apertures."""
        if len(self.weights) == 1:
            return float(self.area_mm2[0])
        if self.strips is not None:
            return union_area(self.strips)
        return union_area_crossed(*cells(*self.banks))

    @cached_property
    def _outlines(self) -> Outlines:
        return strip_outlines(self.banks[0]) if len(self.banks) == 1 else cell_outlines(*cells(*self.banks))


@record(eq=False)
class BeamApertures:
    """What a beam delivers through.

    Attributes
    ----------
    control_points
        ``(k,)`` indices of the control points that `points` are of: those that bound a delivering segment, or where
        leaves and jaws stand still while the beam delivers, those that start one.
    first, second
        ``(s,)`` row of `points` at which each delivering segment starts and ends; the same where all stands still.
    shares
        ``(s,)`` share of the beam's meterset in each delivering segment; they sum to 1.
    points
        The apertures at those control points, with half the meterset of the segments beside each.
    layers
        The leaves themselves at the rows of `points`, where several layers make its strips; empty for a single layer.
    smallest_gap_mm
        Smallest gap of any pair at any of those control points, also behind jaws.
    turns
        ``(s,)`` number of the arc that each segment belongs to, one more each time the gantry turns back; ``None``
        where the gantry does not rotate while the beam delivers, or its angle is not known.
    """

    control_points: IntArray
    first: IntArray
    second: IntArray
    shares: FloatArray
    points: ApertureSet
    layers: tuple[Bank, ...]
    smallest_gap_mm: float
    turns: IntArray | None

    @cached_property
    def arcs(self) -> ApertureSet:
        """The apertures at the middle of each delivering segment, with its meterset."""
        first, second = self.first, self.second
        if first is second:
            return self.points

        def middle(values: FloatArray) -> FloatArray:
            result: FloatArray = (values[first] + values[second]) / 2
            return result

        banks = tuple(
            Strips(b.axis, b.edges, middle(b.low), middle(b.high), middle(b.travel), middle(b.across))
            for b in self.points.banks
        )
        return ApertureSet(self.shares, banks)


Apertures: TypeAlias = BeamApertures | NoApertures


def apertures_of(planned: PlannedBeam) -> Apertures:
    """The apertures that a beam delivers through, or why they are not known.

    Parameters
    ----------
    planned
        Any beam; what it is for plays no part here.
    """
    delivery = planned.delivery
    collimation = delivery.collimation
    if collimation.leaf_data is LeafData.NONE:
        return NoApertures.NO_MLC
    if collimation.leaf_data is LeafData.UNKNOWN or not collimation.banks:
        return NoApertures.LEAVES_UNKNOWN
    if delivery.delivering is None or delivery.shares is None:
        return NoApertures.WEIGHTS_UNUSABLE
    segments = np.flatnonzero(delivery.delivering)
    first = second = np.arange(len(segments))
    rows = segments
    still = not (delivery.leaves_moving | delivery.jaws_moving)[segments].any() and _same_at(collimation, segments)
    if not still:
        rows = delivery.bounding
        first = np.searchsorted(rows, segments)
        second = first + 1
    if leaves_cross(planned.beam, rows):
        return NoApertures.LEAVES_CROSS
    banks, smallest = [], np.inf
    for bank in collimation.banks:
        strips = _strips(collimation, bank, rows)
        if isinstance(strips, NoApertures):
            return strips
        banks.append(strips[0])
        smallest = min(smallest, strips[1])
    shares = delivery.shares[segments] / delivery.shares.sum()
    weights = shares if still else point_shares(delivery.shares)[rows] / delivery.shares.sum()
    points = ApertureSet(weights, tuple(banks))
    if not points.is_open.any():
        return NoApertures.CLOSED
    return BeamApertures(
        rows, first, second, shares, points, _layers(collimation, rows), smallest, _turns(planned, segments)
    )


def point_shares(shares: FloatArray) -> FloatArray:
    """Share of the meterset that each control point stands for, ``(n,)``: half of the segments beside it.

    Parameters
    ----------
    shares
        ``(n - 1,)`` of the segments.
    """
    halves = np.zeros(len(shares) + 1)
    halves[:-1] += shares / 2
    halves[1:] += shares / 2
    return halves


def weighted_mean(values: FloatArray, weights: FloatArray) -> float | None:
    """Mean over the apertures that have a value.

    Parameters
    ----------
    values
        ``(k,)``; NaN where an aperture has none, as a closed one has no shape.
    weights
        ``(k,)``.

    Returns
    -------
    The mean over the meterset of those that have one; ``None`` where no meterset is.
    """
    mean = float(weights.dot(values))
    if mean == mean:  # no NaN: the weights of all apertures sum to 1
        return mean
    there = ~np.isnan(values)
    total = float(weights[there].sum())
    return float(np.dot(values[there], weights[there])) / total if total > 0 else None


# ---------------------------------------------------------------------------------------------------- from a beam


def _strips(collimation: Collimation, bank: Bank, rows: IntArray) -> tuple[Strips, float] | NoApertures:
    """The strips of a bank that the jaws ever uncover, and the smallest gap of the whole bank."""
    travel, across = collimation.window(bank.axis)[rows], collimation.window(other_axis(bank.axis))[rows]
    if np.isnan(travel).any() or np.isnan(across).any():
        return NoApertures.JAWS_UNKNOWN
    if np.isnan(bank.edges).any():
        return NoApertures.LEAVES_UNKNOWN
    # A strip counts from the first to the last control point, also while a moving jaw covers it.
    uncovered = (bank.edges[:, 1] - across[:, 0].min() > NOISE_MM) & (across[:, 1].max() - bank.edges[:, 0] > NOISE_MM)
    kept = np.flatnonzero(uncovered & (bank.edges[:, 1] - bank.edges[:, 0] > NOISE_MM))
    low, high = bank.low[rows], bank.high[rows]
    gaps = high - low
    smallest = float(np.nanmin(gaps)) if not np.isnan(gaps).all() else np.inf
    strips = Strips(bank.axis, bank.edges[kept], low[:, kept], high[:, kept], travel, across)
    if np.isnan(strips.low).any() or np.isnan(strips.high).any():
        return NoApertures.LEAVES_UNKNOWN
    return strips, smallest


def _same_at(collimation: Collimation, segments: IntArray) -> bool:
    """Whether leaves and jaws are at both ends of each segment at the very same positions."""
    columns = [jaws for jaws in (collimation.jaws_x, collimation.jaws_y) if jaws is not None]
    columns += [ends for bank in collimation.banks for ends in (bank.low, bank.high)]
    return all(np.array_equal(one[segments], one[segments + 1], equal_nan=True) for one in columns)


def _layers(collimation: Collimation, rows: IntArray) -> tuple[Bank, ...]:
    layers = collimation.layers if len(collimation.layers) > 1 else ()
    return tuple(Bank(one.axis, one.edges, one.low[rows], one.high[rows]) for one in layers)


def _turns(planned: PlannedBeam, segments: IntArray) -> IntArray | None:
    gantry = planned.delivery.gantry
    if gantry is None or not gantry.arc_deg:
        return None
    signs = np.sign(gantry.steps_deg[segments])
    # A pause belongs to the arc before it, one at the start to the first.
    moving = np.flatnonzero(signs)
    held = np.searchsorted(moving, np.arange(len(signs)), side="right") - 1
    signs = signs[moving[np.maximum(held, 0)]]
    return np.concatenate([[0], np.cumsum(signs[1:] != signs[:-1])]).astype(np.int64)
