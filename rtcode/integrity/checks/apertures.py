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
    open_extents,
    positions_at,
    text,
    unknown_of,
    without_positions,
)
from rtcode.integrity.checks.words import count
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.apertures import CLOSED_MM, Bank, LeafData
from rtcode.plan.delivery import BoolArray, Part
from rtcode.plan.model import FloatArray


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
        open_ = [f for f in case.treatment if f.planned.delivery.shares is None]
        yield from unknown_of(open_, "the meterset weights do not say when the beam is on")
        for facts in case.treatment:
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
    for strips in collimation.strips(np.arange(collimation.count)):
        closed |= (strips[..., 1] <= strips[..., 0]).all(axis=1)  # NaN is not
    return closed


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
        for facts in case.treatment:
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
                    f"{count(pairs, 'leaf pair')} open by more than {text(limits['gap_mm'])} mm, "
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
        for facts in case.treatment:
            delivery = facts.planned.delivery
            collimation = delivery.collimation
            if collimation.leaf_data is not LeafData.KNOWN or len(collimation.banks) != 1 or is_helical(facts):
                continue
            extents = open_extents(collimation, delivery.bounding)
            if extents is None:
                continue
            distances = {}
            for axis, (low, high) in extents.items():
                window = collimation.window(axis)[delivery.bounding]
                sides = (low - float(window[:, 0].max()), float(window[:, 1].min()) - high)
                distances[axis] = max(side if math.isfinite(side) else 0.0 for side in sides)
            axis = max(distances, key=lambda one: distances[one])
            if distances[axis] > case.limits["distance_mm"]:
                distance = text(distances[axis])
                message = f"the {axis} jaws stay up to {distance} mm outside the widest opening of the leaves"
                where = positions_at(facts.planned.beam, int(delivery.bounding[0]))
                yield found(facts, message, where, distance_mm=round(distances[axis], 3))


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
            "in real beams with jumps above 10 mm the largest is at most 1.5 times the next",
            minimum=1.0,
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
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
