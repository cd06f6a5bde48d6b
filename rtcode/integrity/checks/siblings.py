"""Checks that compare the beams of a plan with one another: copies, other leaves, an aperture of another scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts, Radiation
from rtcode.integrity.checks.shared import (
    SAME_ISOCENTER,
    first_isocenter,
    found,
    is_helical,
    named,
    numbers,
    open_extents,
    point,
    positions_at,
    session_beams,
    term,
    text,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.apertures import LeafData
from rtcode.plan.delivery import Part
from rtcode.plan.model import Column, ControlPoints, FloatArray, known_int
from rtcode.plan.placement import first_delivering
from rtcode.plan.tags import at

#: Columns in which a copy is like its original.
_COLUMNS = ("energy", "gantry_deg", "gantry_direction", "collimator_deg", "couch_deg", "isocenter_mm")


class BeamsAlike(Check):
    id = "beams_alike"
    title = "modulated beams that are copies of one another"
    severity = Severity.WARNING
    explanation = (
        "Optimization gives no two arcs or modulated fields the same leaf positions. One was copied over another, or an"
        " arc was divided on purpose so that each part stays below a meterset limit: compare with the planning system."
    )
    cannot_see = "copies of static fields, which are made on purpose, and copies in which anything was changed."

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            groups: list[list[BeamFacts]] = []
            for facts in session_beams(case, session):
                if Part.MLC not in facts.planned.delivery.on or is_helical(facts):
                    continue
                same = next((group for group in groups if _alike(group[0], facts)), None)
                if same is None:
                    groups.append([facts])
                else:
                    same.append(facts)
            for group in groups:
                if len(group) > 1:
                    message = f"{named(group)} are the same at every control point: angles, isocenter, jaws and leaves"
                    where = tuple(f"{f.planned.beam.path}.ControlPointSequence[*]" for f in group)
                    yield Found(message, where, numbers(group))


def _alike(a: BeamFacts, b: BeamFacts) -> bool:
    """Whether nothing but name, number and meterset tells two beams apart."""
    one, other = a.planned.beam, b.planned.beam
    first, second = one.control_points, other.control_points
    if first.count != second.count or len(first.devices) != len(second.devices) or _around(a) != _around(b):
        return False
    if not all(_same_column(getattr(first, name), getattr(second, name)) for name in _COLUMNS):
        return False
    return _same_column(first.meterset_weight, second.meterset_weight) and _same_devices(first, second)


def _around(facts: BeamFacts) -> tuple[object, ...]:
    """What is put into the beam, which may be why it is given twice."""
    beam = facts.planned.beam
    modes = tuple(term(mode) for mode, _ in beam.fluence_modes)
    return (len(beam.wedges), len(beam.blocks), len(beam.compensators), beam.boluses, term(beam.machine_name), *modes)


def _same_column(a: Column | None, b: Column | None) -> bool:
    if a is None or b is None:
        return a is b
    return np.array_equal(a.values, b.values, equal_nan=True)


def _same_devices(a: ControlPoints, b: ControlPoints) -> bool:
    return all(
        one.type == other.type
        and one.pairs == other.pairs
        and np.array_equal(one.index, other.index)
        and np.array_equal(one.rows, other.rows, equal_nan=True)
        for one, other in zip(a.devices, b.devices, strict=True)
    )


class LeafBoundariesDiffer(Check):
    id = "leaf_boundaries_differ"
    title = "beams of one machine with different leaves"
    severity = Severity.WARNING
    explanation = (
        "A machine has one MLC, so the leaf boundaries of its beams agree. Where they differ, the leaves of one beam "
        "lie elsewhere than drawn: it was planned for another machine, or its description was changed."
    )
    limits: ClassVar = {
        "difference_mm": Limit(0.1, "mm", "difference of boundaries that counts", "boundaries are round numbers")
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        machines: dict[str, list[tuple[tuple[FloatArray, ...], list[BeamFacts]]]] = {}
        for facts in case.treatment:
            edges = _leaf_edges(facts)
            if not edges:
                continue
            groups = machines.setdefault(term(facts.planned.beam.machine_name), [])
            same = next((members for known, members in groups if self._same(known, edges, case)), None)
            if same is None:
                groups.append((edges, [facts]))
            else:
                same.append(facts)
        for groups in machines.values():
            if len(groups) > 1:
                sides = [members for _, members in sorted(groups, key=lambda group: -len(group[1]))]
                message = f"leaf boundaries differ between beams of one machine: {' against '.join(map(named, sides))}"
                where = tuple(
                    at(f"{members[0].planned.beam.path}.BeamLimitingDeviceSequence[*]", "LeafPositionBoundaries")
                    for members in sides
                )
                # The common ones are first; of a tie either may be wrong.
                odd = sides if len(sides[0]) == len(sides[-1]) else sides[1:]
                yield Found(message, where, numbers([f for members in odd for f in members]))

    def _same(self, a: tuple[FloatArray, ...], b: tuple[FloatArray, ...], case: CheckCase) -> bool:
        return len(a) == len(b) and all(
            one.size == other.size and float(np.abs(one - other).max()) <= case.limits["difference_mm"]
            for one, other in zip(a, b, strict=True)
        )


def _leaf_edges(facts: BeamFacts) -> tuple[FloatArray, ...]:
    """Boundaries of each MLC with several pairs, in rising order; nothing where one is not known."""
    devices = [d for d in facts.planned.beam.devices if (known_int(d.pairs) or 1) > 1]
    if any(d.boundaries_mm.size < 2 or not np.isfinite(d.boundaries_mm).all() for d in devices):
        return ()
    edges = [d.boundaries_mm if d.boundaries_mm[0] < d.boundaries_mm[-1] else d.boundaries_mm[::-1] for d in devices]
    return tuple(edges) if len(edges) < 2 else tuple(sorted(edges, key=lambda one: (one.size, float(one[0]))))


class ApertureTenth(Check):
    id = "aperture_of_other_scale"
    title = "aperture a tenth as large as those of the other beams"
    severity = Severity.WARNING
    explanation = (
        "Along both axes this beam opens about a tenth of what every other beam of the isocenter opens. Positions in "
        "centimeters where DICOM has millimeters look like this: compare the aperture with the planning system."
    )
    cannot_see = "an aperture in centimeters where it is the only beam, or where other beams are small, too."
    limits: ClassVar = {
        "share_percent": Limit(
            13.0,
            "%",
            "share of the smallest other beam's width along either axis",
            "10 % for centimeters, and beams differ a little; the smallest of 250 real beams has 67 %",
            maximum=100.0,
        ),
        "same_isocenter_mm": SAME_ISOCENTER,
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = session_beams(case, session)
            sizes = [
                (facts, place, size)
                for facts in beams
                if len(beams) > 1
                and facts.radiation.radiation is Radiation.PHOTON
                and not is_helical(facts)
                and (place := first_isocenter(facts)) is not None
                and (size := _opening(facts)) is not None
            ]
            for facts, place, (width, height) in sizes:
                others = [
                    size
                    for other, there, size in sizes
                    if other is not facts and math.dist(place, there) <= case.limits["same_isocenter_mm"]
                ]
                if not others:
                    continue
                least = min(w for w, _ in others), min(h for _, h in others)
                share = case.limits["share_percent"] / 100.0
                if width <= share * least[0] and height <= share * least[1]:
                    message = (
                        f"opens {text(width)} x {text(height)} mm, where the other beams of its isocenter open "
                        f"{text(least[0])} x {text(least[1])} mm or more"
                    )
                    where = positions_at(facts.planned.beam, first_delivering(facts.planned))
                    yield found(facts, message, where, width_mm=round(width, 3), height_mm=round(height, 3))


#: Control points of a beam that tell how far it opens: what is a tenth of it needs no more.
_SAMPLED = 8


def _opening(facts: BeamFacts) -> tuple[float, float] | None:
    """How far a beam opens along X and Y, from jaws and leaves; ``None`` where that is not known."""
    delivery = facts.planned.delivery
    indices = delivery.bounding
    if len(indices) > _SAMPLED:
        indices = indices[np.linspace(0, len(indices) - 1, _SAMPLED).astype(np.int64)]
    if delivery.collimation.leaf_data is LeafData.UNKNOWN:
        return None
    extents = open_extents(delivery.collimation, indices)
    if extents is None:
        return None
    width, height = (extents[axis][1] - extents[axis][0] for axis in ("X", "Y"))
    return (width, height) if 0 < width < math.inf and 0 < height < math.inf else None


class DoseRateZero(Check):
    id = "dose_rate_zero"
    title = "dose rate set of 0 for a whole beam, where other beams have one"
    severity = Severity.WARNING
    explanation = (
        "No beam is given at a dose rate of 0. Some systems write 0 in all beams of a plan and leave the rate to the "
        "machine; in one beam beside others it was lost or changed."
    )
    cannot_see = "a dose rate of 0 in every beam of a plan."

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        zero, given = [], 0
        for facts in case.treatment:
            column = facts.planned.beam.control_points.dose_rate
            if column is None or is_helical(facts):
                continue
            if (column.values > 0).any():
                given += 1
            elif (column.values == 0).any():
                zero.append(facts)
        if zero and given:
            where = tuple(at(point(f.planned.beam, 0), "DoseRateSet") for f in zero)
            verb = "has" if len(zero) == 1 else "have"
            others = "another beam has one" if given == 1 else f"{given} other beams have one"
            yield Found(f"{named(zero)} {verb} a dose rate set of 0, where {others} above 0", where, numbers(zero))


CHECKS = (
    BeamsAlike,
    LeafBoundariesDiffer,
    ApertureTenth,
    DoseRateZero,
)
