"""Checks of the positions of jaws and leaves: whether they can be where the plan wants them.

Positions are looked at as they are written: `rtcode.plan.collimation` puts the ends of each pair in order, which hides
the leaves that cross.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.shared import (
    found,
    is_helical,
    known_by,
    named,
    numbers,
    positions_at,
    text,
    treatment_machines,
    unknown_of,
    without_positions,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.metrics.machines import MachineLimits
from rtcode.plan.collimation import axis_of, has_leaves
from rtcode.plan.leaf_order import CROSS_MM, overlaps_mm
from rtcode.plan.model import DevicePositions, LimitingDevice, known_int
from rtcode.plan.tags import at
from rtcode.records import record

#: Pairs that cross at one control point where leaves are written pair by pair.
_PAIRWISE = 4


def _written(facts: BeamFacts, *, leaves: bool) -> Iterator[DevicePositions]:
    """The MLCs, or the jaws, of a beam that have positions."""
    for device in facts.planned.beam.control_points.devices:
        if has_leaves(device) is leaves and device.rows.size:
            yield device


def _control_point(device: DevicePositions, row: int) -> int:
    """The first control point at which an entry holds."""
    return int((device.index == row).argmax())


@record(eq=False)
class _Overlap:
    """Where the ends of a pair lie furthest past one another, and how many pairs of the device do."""

    size_mm: float
    device: DevicePositions
    control_point: int
    pair: int
    pairs: int


def _widest(facts: BeamFacts, limit_mm: float, *, leaves: bool) -> _Overlap | None:
    """The widest overlap of a beam, whatever number of devices and entries has some."""
    widest: _Overlap | None = None
    for device in _written(facts, leaves=leaves):
        overlap = overlaps_mm(device)
        crossing = overlap > limit_mm  # NaN is not
        if crossing.any():
            row, pair = np.unravel_index(int(np.where(crossing, overlap, -np.inf).argmax()), overlap.shape)
            size = float(overlap[row, pair])
            if widest is None or size > widest.size_mm:
                at_point, pairs = _control_point(device, int(row)), int(crossing.any(axis=0).sum())
                widest = _Overlap(size, device, at_point, int(pair), pairs)
    return widest


class LeavesCross(Check):
    id = "leaves_cross"
    title = "leaves of one pair that cross"
    severity = Severity.ERROR
    explanation = (
        "A leaf of the first bank lies beyond its opposite leaf, which is impossible. Positions were edited, or the "
        "banks are written in the wrong order: readers that sort them show an aperture that is not the planned one."
    )
    limits: ClassVar = {
        "overlap_mm": Limit(CROSS_MM, "mm", "overlap that counts", "closed pairs may overlap by rounding; none was met")
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        yield from unknown_of(without_positions(case), "leaf positions are not known")
        limit = case.limits["overlap_mm"]
        crossing = [
            (facts, widest, _reads_pair_by_pair(facts, limit))
            for facts in case.treatment
            if (widest := _widest(facts, limit, leaves=True)) is not None
        ]
        pairwise = [(facts, widest) for facts, widest, by_pair in crossing if by_pair]
        if len(pairwise) > 1:
            # One habit of the system that wrote the plan, not an error a beam.
            size = max(widest.size_mm for _, widest in pairwise)
            beams = [facts for facts, _ in pairwise]
            message = (
                f"{named(beams)}: leaves overlap by up to {text(size, 2)} mm in the order of DICOM, bank by bank; "
                "read pair by pair none would"
            )
            where = tuple(positions_at(facts.planned.beam, widest.control_point) for facts, widest in pairwise)
            yield Found(message, where, numbers(beams), {"overlap_mm": round(size, 3)})
            crossing = [one for one in crossing if not one[2]]
        for facts, widest, by_pair in crossing:
            message = (
                f"leaves of pair {widest.pair + 1} overlap by {text(widest.size_mm, 2)} mm at control point "
                f"{widest.control_point}; {widest.pairs} of {widest.device.pairs} pairs cross"
            )
            if by_pair:
                message += "; read pair by pair, which is not the order of DICOM, none would"
            yield _crossing(facts, widest, message)


def _reads_pair_by_pair(facts: BeamFacts, limit_mm: float) -> bool:
    """Whether many leaves cross, and none would if both leaves of a pair stood side by side, as some systems write."""
    many = [device for device in _written(facts, leaves=True) if device.pairs > 1]
    for device in many:
        pairs = device.rows.reshape(-1, device.pairs, 2)
        if (pairs[..., 0] - pairs[..., 1] > limit_mm).any():
            return False
    # A single leaf out of place can look the same.
    return any(int((overlaps_mm(device) > limit_mm).sum(axis=1).max()) >= _PAIRWISE for device in many)


class JawsCross(Check):
    id = "jaws_cross"
    title = "jaws that cross"
    severity = Severity.ERROR
    explanation = (
        "The first jaw lies beyond the second one, which is impossible. Signs of the jaw positions were lost or "
        "exchanged: the field as written is not the one that was planned."
    )
    limits: ClassVar = {"overlap_mm": Limit(CROSS_MM, "mm", "overlap that counts", "rounding; none was met")}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            # Tomotherapy writes its dynamic jaws past one another where the field is closed.
            widest = None if is_helical(facts) else _widest(facts, case.limits["overlap_mm"], leaves=False)
            if widest is not None:
                message = (
                    f"the {axis_of(widest.device.type)} jaws overlap by {text(widest.size_mm, 2)} mm at control point "
                    f"{widest.control_point}"
                )
                yield _crossing(facts, widest, message)


def _crossing(facts: BeamFacts, widest: _Overlap, message: str) -> Found:
    where = positions_at(facts.planned.beam, widest.control_point)
    return found(facts, message, where, overlap_mm=round(widest.size_mm, 3), control_point=widest.control_point)


class LeafTravel(Check):
    id = "leaf_travel"
    title = "leaves beyond their travel"
    severity = Severity.ERROR
    explanation = (
        "A leaf end is planned where the machine cannot bring it. The console refuses the beam; the plan is for "
        "another machine, in wrong units, or a position was changed."
    )
    limits: ClassVar = {
        "tolerance_mm": Limit(0.5, "mm", "how far beyond its travel a leaf counts as at its end", "rounding on export"),
        "farthest_mm": Limit(
            220.0,
            "mm",
            "distance from the axis that no leaf reaches, where the machine's travel is not known",
            "fields are at most 400 mm wide; leaves park a little behind their edge",
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        yield from unknown_of(without_positions(case), "leaf positions are not known")
        for facts, machine in treatment_machines(case):
            for device in _written(facts, leaves=True):
                travel, past = machine.leaf_travel_mm, machine.leaf_overtravel_mm
                yield from _too_far(facts, device, case.limits, machine, travel, past)


class JawTravel(Check):
    id = "jaw_travel"
    title = "jaws beyond their travel"
    severity = Severity.ERROR
    explanation = (
        "A jaw is planned where the machine cannot bring it. The console refuses the beam; the plan is for another "
        "machine, in wrong units, or a position was changed."
    )
    limits: ClassVar = {
        "tolerance_mm": Limit(0.5, "mm", "how far beyond its travel a jaw counts as at its end", "rounding on export"),
        "farthest_mm": Limit(
            220.0,
            "mm",
            "distance from the axis that no jaw reaches, where the machine's travel is not known",
            "the largest field is 400 mm wide",
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts, machine in treatment_machines(case):
            travel = {"X": machine.jaw_travel_x_mm, "Y": machine.jaw_travel_y_mm}
            past = {"X": machine.jaw_overtravel_x_mm, "Y": machine.jaw_overtravel_y_mm}
            for device in _written(facts, leaves=False):
                axis = axis_of(device.type)
                if axis:
                    yield from _too_far(facts, device, case.limits, machine, travel[axis], past[axis])


def _too_far(
    facts: BeamFacts,
    device: DevicePositions,
    limits: Mapping[str, float],
    machine: MachineLimits,
    travel_mm: tuple[float, float] | None,
    past_mm: float | None,
) -> Iterator[Found]:
    """The position of a device that is furthest beyond its travel, or beyond what is allowed past the axis."""
    low, high = travel_mm or (-limits["farthest_mm"], limits["farthest_mm"])
    rows = device.rows.reshape(-1, 2, device.pairs)
    beyond = np.maximum(low - rows, rows - high)
    reach = f"it reaches from {text(low)} to {text(high)} mm"
    if past_mm is not None:
        # The first bank comes from the low side: it passes the axis upwards, the second downwards.
        beyond = np.maximum(beyond, np.stack([rows[:, 0] - past_mm, -past_mm - rows[:, 1]], axis=1))
        reach += f" and {text(past_mm)} mm past the axis"
    reach += f" ({known_by(machine)})" if travel_mm else " (no machine reaches further)"
    too_far = beyond > limits["tolerance_mm"]  # NaN is not
    if not too_far.any():
        return
    furthest = int(np.where(too_far, beyond, -np.inf).argmax())
    row, bank, pair = (int(i) for i in np.unravel_index(furthest, beyond.shape))
    position, index = float(rows[row, bank, pair]), _control_point(device, row)
    what, rest = f"{axis_of(device.type)} jaw {bank + 1}", ""
    if has_leaves(device):
        what = f"leaf {pair + 1} of bank {bank + 1}"
        leaves = int(too_far.any(axis=0).sum())
        rest = f"; {leaves} leaves are too far" if leaves > 1 else ""
    message = f"{what} is at {text(position)} mm at control point {index}, {reach}{rest}"
    where = positions_at(facts.planned.beam, index)
    yield found(facts, message, where, position_mm=position, beyond_mm=round(float(beyond[row, bank, pair]), 3))


class LeafSpan(Check):
    id = "leaf_span"
    title = "leaves of one bank too far apart"
    severity = Severity.ERROR
    explanation = (
        "The leaves of a bank move on a carriage and can only be so far apart. Such a shape has to be split into "
        "fields; the console refuses it as it is."
    )
    limits: ClassVar = {
        "tolerance_mm": Limit(1.0, "mm", "how far beyond the span counts", "rounding; leaf offsets of the export")
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts, machine in treatment_machines(case):
            if machine.leaf_span_mm is None:
                continue  # most machines have no such limit
            for device in _written(facts, leaves=True):
                rows = device.rows.reshape(-1, 2, device.pairs)
                if np.isnan(rows).any():
                    continue
                spans = np.ptp(rows, axis=2)
                widest = float(spans.max())
                if widest > machine.leaf_span_mm + case.limits["tolerance_mm"]:
                    row, bank = (int(i) for i in np.unravel_index(int(spans.argmax()), spans.shape))
                    index = _control_point(device, row)
                    message = (
                        f"leaves of bank {bank + 1} are {text(widest)} mm apart at control point {index}, at most "
                        f"{text(machine.leaf_span_mm)} mm are possible ({known_by(machine)})"
                    )
                    yield found(facts, message, positions_at(facts.planned.beam, index), span_mm=round(widest, 3))


# -------------------------------------------------------------------------------------------------------- description


class LeafPositionsCount(Check):
    id = "leaf_positions_count"
    title = "leaf or jaw positions that do not fit the device"
    severity = Severity.ERROR
    explanation = (
        "A device has another number of positions than it declares leaves or jaws, or none where it needs them. "
        "Nobody can say which leaf a position is for; the file is damaged or was edited."
    )
    covers = frozenset({"device_positions_count", "device_positions_empty"})

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        words = {
            "device_positions_count": "the number of leaf or jaw positions does not fit the device",
            "device_positions_empty": "leaf or jaw positions are empty",
        }
        for facts in case.treatment:
            start = f"{facts.planned.beam.path}."
            for code, what in words.items():
                where = [w.where for w in case.plan.warnings if w.code == code and w.where.startswith(start)]
                if where:
                    yield found(facts, what, *where[:3], places=len(where))


class LeafBoundaries(Check):
    id = "leaf_boundaries"
    title = "leaf boundaries missing or out of order"
    severity = Severity.ERROR
    explanation = (
        "The boundaries say how wide each leaf is and where it lies. Without them, or where they do not rise, the "
        "shape of the field across the leaves is unknown: compare with the machine's MLC model."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            for device in facts.planned.beam.devices:
                problem = _boundary_problem(device)
                if problem:
                    yield found(facts, problem, at(device.path, "LeafPositionBoundaries"))


def _boundary_problem(device: LimitingDevice) -> str | None:
    pairs, edges = known_int(device.pairs), device.boundaries_mm
    if pairs is None or pairs < 2:
        return None
    if not edges.size:
        return f"an MLC of {pairs} pairs without leaf boundaries"
    if edges.size != pairs + 1:
        return f"an MLC of {pairs} pairs has {edges.size} leaf boundaries instead of {pairs + 1}"
    if np.isfinite(edges).all():
        steps = np.diff(edges)
        if not (steps > 0).all() and not (steps < 0).all():
            place = int((steps <= 0).argmax() if (steps > 0).sum() > (steps < 0).sum() else (steps >= 0).argmax())
            return f"leaf boundaries do not rise after leaf {place + 1} ({text(float(edges[place + 1]))} mm)"
    return None


def _declares_leaves(device: LimitingDevice) -> bool:
    return (known_int(device.pairs) or 1) > 1 or device.type.upper().startswith("MLC")


class DeviceUndeclared(Check):
    id = "device_undeclared"
    title = "positions of a device that the beam does not declare, or no positions for one that it declares"
    severity = Severity.WARNING
    explanation = (
        "Leaf or jaw positions and the declared devices do not match, so that a system may drop one of them: the "
        "field would be larger than planned. Compare the aperture in the treatment system with the plan."
    )
    covers = frozenset({"device_undeclared"})

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            if is_helical(facts) or not beam.control_points.devices:
                continue
            for device in beam.control_points.devices:
                axis, leaves = axis_of(device.type), has_leaves(device)
                # A declaration of its kind that names the device otherwise is enough.
                if device.declared is None and not any(
                    axis_of(d.type) == axis and _declares_leaves(d) is leaves for d in beam.devices
                ):
                    index = int(device.given.argmax())
                    kind = "leaf" if leaves else "jaw"
                    yield found(facts, f"{kind} positions of a device that is not declared", positions_at(beam, index))
            placed = {device.declared for device in beam.control_points.devices}
            if any(device.declared is None for device in beam.control_points.devices):
                continue
            for place, declared in enumerate(beam.devices):
                if place not in placed:
                    kind = "MLC" if _declares_leaves(declared) else f"{axis_of(declared.type)} jaw".strip()
                    message = f"a declared device ({kind}) has no positions"
                    yield found(facts, message, at(declared.path, "RTBeamLimitingDeviceType"))


CHECKS = (
    LeavesCross,
    JawsCross,
    LeafTravel,
    JawTravel,
    LeafSpan,
    LeafPositionsCount,
    LeafBoundaries,
    DeviceUndeclared,
)
