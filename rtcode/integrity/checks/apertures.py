"""Checks of what jaws and leaves leave open while the beam is on, and of leaves that move on their own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.shared import (
    found,
    is_helical,
    positions_at,
    text,
    treatment,
    unknown_of,
    without_positions,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.apertures import CLOSED_MM, STILL_MM, Bank, Collimation, LeafData
from rtcode.plan.delivery import BoolArray, Part
from rtcode.plan.model import FloatArray, IntArray


class ApertureClosed(Check):
    id = "aperture_closed"
    title = "meterset given through closed leaves or jaws"
    severity = Severity.ERROR
    explanation = (
        "Nothing is open while a part of the meterset is given: it would reach the patient as leakage only. Leaf or "
        "jaw positions are wrong, or the whole aperture lies behind a jaw."
    )
    limits: ClassVar = {
        "share_percent": Limit(
            1.0,
            "%",
            "share of the beam's meterset",
            "a sliding window may begin and end closed; none was met in which that takes meterset",
            maximum=100.0,
        )
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        yield from unknown_of(without_positions(case), "leaf positions are not known")
        open_ = [f for f in treatment(case) if f.planned.delivery.shares is None]
        yield from unknown_of(open_, "the meterset weights do not say when the beam is on")
        for facts in treatment(case):
            delivery = facts.planned.delivery
            collimation = delivery.collimation
            if is_helical(facts) or not collimation.count:
                continue
            if delivery.shares is None or collimation.leaf_data is LeafData.UNKNOWN:
                continue
            if collimation.leaf_data is LeafData.NONE and not _has_jaws(facts):
                continue
            closed = _closed(facts)
            both = closed[:-1] & closed[1:]
            share = 100.0 * float(delivery.shares[both].sum())
            if share <= case.limits["share_percent"]:
                continue
            first = int((both & (delivery.shares > 0)).argmax())
            behind = any(bool(np.any((bank.high - bank.low)[first] > CLOSED_MM)) for bank in collimation.banks)
            what = "the whole leaf aperture lies behind the jaws" if behind else "nothing is open"
            message = f"{what} while {text(share)} % of the meterset is given, first from control point {first}"
            yield found(facts, message, positions_at(facts.planned.beam, first), share_percent=round(share, 3))


def _has_jaws(facts: BeamFacts) -> bool:
    collimation = facts.planned.delivery.collimation
    return collimation.jaws_x is not None or collimation.jaws_y is not None


def _closed(facts: BeamFacts) -> BoolArray:
    """At which control points nothing is open; where a position is not known, something may be."""
    collimation = facts.planned.delivery.collimation
    closed = np.zeros(collimation.count, np.bool_)
    for axis in ("X", "Y"):
        window = collimation.window(axis)
        with np.errstate(invalid="ignore"):
            closed |= window[:, 1] - window[:, 0] <= STILL_MM
    for bank in collimation.banks:
        closed |= ~_openings(collimation, bank, STILL_MM).any(axis=1)
    return closed


def _openings(collimation: Collimation, bank: Bank, least_mm: float) -> BoolArray:
    """``(n, m)``: which pairs are open by more than this within the jaws, or may be where something is not known."""
    travel, across = collimation.window(bank.axis), collimation.window("Y" if bank.axis == "X" else "X")
    gap = np.minimum(bank.high, travel[:, 1:]) - np.maximum(bank.low, travel[:, :1])
    reach = np.minimum(bank.edges[:, 1], across[:, 1:]) - np.maximum(bank.edges[:, 0], across[:, :1])
    result: BoolArray = ~(gap <= least_mm) & ~(reach <= 0.0)  # NaN is neither
    return result


class LeavesOpenBeyondJaws(Check):
    id = "leaves_open_beyond_jaws"
    title = "leaf pairs open where only a jaw shields"
    severity = Severity.NOTE
    explanation = (
        "Leaf pairs stand open although their whole width lies behind a jaw. The jaw alone shields there, which is "
        "ordinary for open fields; after a change of a jaw it can mean that the field has lost a part."
    )
    limits: ClassVar = {
        "beyond_mm": Limit(30.0, "mm", "distance of the pair's nearer edge from the jaw", "a few leaves' width"),
        "gap_mm": Limit(20.0, "mm", "gap of the pair", "parked pairs have minimum gaps of a few mm"),
        "share_percent": Limit(50.0, "%", "share of the beam's meterset", "moving leaves pass by", maximum=100.0),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        limits = case.limits
        for facts in treatment(case):
            delivery = facts.planned.delivery
            if delivery.shares is None or not facts.technique.mlc or not facts.technique.mlc.modulated:
                continue
            for bank in delivery.collimation.banks:
                open_ = self._open_beyond(bank, delivery.collimation.window("Y" if bank.axis == "X" else "X"), limits)
                starts = open_[:-1].any(axis=1)
                share = 100.0 * float(delivery.shares[starts].sum())
                if share <= limits["share_percent"]:
                    continue
                first = int((starts & (delivery.shares > 0)).argmax())
                pairs = int(open_[first].sum())
                message = (
                    f"{pairs} leaf pair{'s' if pairs > 1 else ''} open by more than {text(limits['gap_mm'])} mm, "
                    f"{text(limits['beyond_mm'])} mm or more behind a jaw, for {text(share)} % of the meterset"
                )
                yield found(facts, message, positions_at(facts.planned.beam, first), share_percent=round(share, 3))

    def _open_beyond(self, bank: Bank, window: FloatArray, limits: Mapping[str, float]) -> BoolArray:
        with np.errstate(invalid="ignore"):
            outside = np.maximum(window[:, :1] - bank.edges[:, 1], bank.edges[:, 0] - window[:, 1:])
            result: BoolArray = (outside > limits["beyond_mm"]) & (bank.high - bank.low > limits["gap_mm"])
        return result


class JawsWideOfLeaves(Check):
    id = "jaws_wide_of_leaves"
    title = "jaws far wider than the leaves ever open"
    severity = Severity.NOTE
    explanation = (
        "Between the jaw and the widest leaf opening only the leaves shield, for the whole beam. Systems without jaw "
        "tracking do this to some extent; a large distance is dose outside the target that tighter jaws would save."
    )
    limits: ClassVar = {
        "distance_mm": Limit(
            60.0, "mm", "distance from a jaw to the outermost leaf end that opens", "6 of 105 real plans have more"
        )
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in treatment(case):
            delivery = facts.planned.delivery
            collimation = delivery.collimation
            if collimation.leaf_data is not LeafData.KNOWN or len(collimation.banks) != 1 or is_helical(facts):
                continue
            worst: tuple[float, str] | None = None
            bounding = delivery.bounding
            for axis, extent in _extents(collimation, bounding):
                window = collimation.window(axis)[bounding]
                distances = (extent[0] - float(window[:, 0].max()), float(window[:, 1].min()) - extent[1])
                distance = max(d if math.isfinite(d) else 0.0 for d in distances)
                if worst is None or distance > worst[0]:
                    worst = (distance, axis)
            if worst is not None and worst[0] > case.limits["distance_mm"]:
                message = f"the {worst[1]} jaws stay up to {text(worst[0])} mm outside the widest opening of the leaves"
                where = positions_at(facts.planned.beam, int(bounding[0]))
                yield found(facts, message, where, distance_mm=round(worst[0], 3))


def _extents(collimation: Collimation, indices: IntArray) -> Iterator[tuple[str, tuple[float, float]]]:
    """How far the leaves ever open along each axis, with the axis; nothing where something is not known."""
    bank = collimation.banks[0]
    open_ = _openings(collimation, bank, CLOSED_MM)[indices]
    if not open_.any():
        return
    low, high = np.where(open_, bank.low[indices], np.inf), np.where(open_, bank.high[indices], -np.inf)
    pairs = open_.any(axis=0)
    yield bank.axis, (float(low.min()), float(high.max()))
    yield "Y" if bank.axis == "X" else "X", (float(bank.edges[pairs, 0].min()), float(bank.edges[pairs, 1].max()))


class LeafJumps(Check):
    id = "leaf_jumps"
    title = "a leaf that jumps out and back"
    severity = Severity.WARNING
    explanation = (
        "At one control point a leaf stands far from where it is before and after, in a beam whose leaves otherwise "
        "move smoothly. The machine slows down to follow; more likely a position was changed. Look at the aperture "
        "there."
    )
    limits: ClassVar = {
        "jump_mm": Limit(10.0, "mm", "way out and back of one leaf", "smaller ones change little"),
        "times": Limit(
            2.0,
            "",
            "how many times the next largest jump of the beam",
            "in real beams with jumps above 5 mm the largest is at most 1.5 times the next",
            minimum=1.0,
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in treatment(case):
            delivery = facts.planned.delivery
            if Part.MLC not in delivery.on or delivery.control_points < 5:
                continue
            for bank in delivery.collimation.banks:
                yield from self._of_bank(facts, bank, case)

    def _of_bank(self, facts: BeamFacts, bank: Bank, case: CheckCase) -> Iterator[Found]:
        ends = np.concatenate([bank.low, bank.high], axis=1)
        step = np.diff(ends, axis=0)
        back = np.sign(step[:-1]) != np.sign(step[1:])
        jumps = np.where(back, np.minimum(np.abs(step[:-1]), np.abs(step[1:])), 0.0)
        jumps[np.isnan(jumps)] = 0.0
        by_point = jumps.max(axis=1)
        place = int(by_point.argmax())
        largest = float(by_point[place])
        rest = float(np.delete(by_point, place).max(initial=0.0))
        if largest <= case.limits["jump_mm"] or largest <= case.limits["times"] * rest:
            return
        index = place + 1
        leaf = int(jumps[place].argmax())
        pairs = bank.low.shape[1]
        which = f"leaf {leaf % pairs + 1} of bank {leaf // pairs + 1}"
        message = (
            f"{which} goes {text(largest)} mm out and back at control point {index}; "
            f"elsewhere in the beam no leaf does so by more than {text(rest)} mm"
        )
        yield found(facts, message, positions_at(facts.planned.beam, index), jump_mm=round(largest, 3))


CHECKS = (
    ApertureClosed,
    LeavesOpenBeyondJaws,
    JawsWideOfLeaves,
    LeafJumps,
)
