"""Checks of isocenters: near misses, what is missing, and set-up fields that belong to none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts, Point, Radiation, Technique
from rtcode.integrity.checks.shared import (
    SAME_ISOCENTER,
    by_isocenter,
    first_isocenter,
    found,
    is_helical,
    named,
    numbers,
    of_kind,
    session_beams,
    term,
    text,
    unknown_of,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.delivery import Part
from rtcode.plan.placement import first_delivering, is_path, isocenter_path, isocenters, ssd_setup
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.units import looks_like_centimeters


def _in_patient(case: CheckCase) -> bool:
    return term(case.plan.geometry) != "TREATMENT_DEVICE"


def _isocentric(beams: Iterable[BeamFacts]) -> list[BeamFacts]:
    """Photon beams that turn about a point; set-ups by SSD, paths and robotic nodes have none to compare."""
    result = []
    for facts in of_kind(beams, Radiation.PHOTON):
        if facts.technique.technique is Technique.ROBOTIC:
            continue
        placed = isocenters(facts.planned)
        if not placed.points or is_path(facts.planned, placed, helical=is_helical(facts)):
            continue
        if ssd_setup(facts.planned, placed) is None and not looks_like_centimeters(facts.planned.beam):
            result.append(facts)
    return result


def _where(planned: PlannedBeam) -> str:
    return isocenter_path(planned.beam, first_delivering(planned))


def _nearest(places: Sequence[Point], noise_mm: float, near_mm: float) -> list[tuple[int, int]]:
    """Pairs of places of which one is the nearest to the other and near; every place that has one near is in a pair."""
    pairs: dict[tuple[int, int], None] = {}
    if len(places) < 2:
        return []
    points = np.array(places)
    for i, place in enumerate(points):
        distances = np.sqrt(((points - place) ** 2).sum(axis=1))
        distances[distances <= noise_mm] = np.inf
        j = int(distances.argmin())
        if distances[j] <= near_mm:
            pairs[min(i, j), max(i, j)] = None
    return sorted(pairs)


class IsocentersNear(Check):
    id = "isocenters_near"
    title = "isocenters that differ by a little"
    severity = Severity.WARNING
    explanation = (
        "Isocenters that are meant to differ lie centimeters apart. A small difference is mostly one that was moved "
        "or rounded for some beams only: they would be treated with a shift of their own, or beside the target."
    )
    limits: ClassVar = {
        "noise_mm": Limit(
            0.1, "mm", "difference that is none", "exports are exact to some 0.001 mm, displays to 0.1 mm"
        ),
        "near_mm": Limit(
            15.0,
            "mm",
            "distance up to which two isocenters look like one that was moved",
            "separate isocenters of one plan that were met are 82 mm and more apart",
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        bare = [f for f in of_kind(case.treatment, Radiation.PHOTON) if first_isocenter(f) is None]
        yield from unknown_of(bare, "the isocenter is not known")
        groups = by_isocenter(_isocentric(case.treatment), case.limits["noise_mm"])
        for i, j in _nearest([place for place, _ in groups], case.limits["noise_mm"], case.limits["near_mm"]):
            (place, members), (other, others) = groups[i], groups[j]
            distance = math.dist(place, other)
            shift = ", ".join(text(b - a, 2) for a, b in zip(place, other, strict=True))
            message = (
                f"isocenters of {named(members)} and {named(others)} are {text(distance, 2)} mm apart "
                f"(x, y, z: {shift} mm)"
            )
            where = (_where(members[0].planned), _where(others[0].planned))
            beams = numbers((*members, *others))
            yield Found(message, where, beams, {"distance_mm": round(distance, 3)})


class IsocenterMoves(Check):
    id = "isocenter_moves"
    title = "isocenter that changes within a beam"
    severity = Severity.WARNING
    explanation = (
        "Control points of one beam have different isocenters. Only machines that move the table through the beam do "
        "this; on a linac, a single changed value would shift the patient in mid-beam or stop the beam."
    )
    limits: ClassVar = {"noise_mm": Limit(0.1, "mm", "difference that is none", "exports are exact to some 0.001 mm")}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            column = beam.control_points.isocenter_mm
            if column is None or is_helical(facts) or Part.ISOCENTER not in facts.planned.delivery.changes:
                continue
            values = column.values[np.isfinite(column.values).all(axis=1)]
            distances = np.linalg.norm(values - values[0], axis=1)
            if float(distances.max()) > case.limits["noise_mm"]:
                message = f"its isocenter moves by up to {text(float(distances.max()), 2)} mm between control points"
                where = at(f"{beam.path}.ControlPointSequence[*]", "IsocenterPosition")
                yield found(facts, message, where, distance_mm=round(float(distances.max()), 3))


class IsocenterMissing(Check):
    id = "isocenter_missing"
    title = "treatment beams without isocenter"
    severity = Severity.ERROR
    explanation = (
        "Nothing says where in the patient the beam is aimed. The patient cannot be set up from this file; export the"
        " plan again. Plans in device geometry (test plans) have none and are left out."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        if not _in_patient(case):
            return
        for facts in case.treatment:
            placed = isocenters(facts.planned)
            if placed.points and placed.complete:
                continue
            what = "some control points have no usable isocenter" if placed.points else "no usable isocenter"
            yield found(facts, what, _where(facts.planned))


class LengthsInCentimeters(Check):
    id = "lengths_in_centimeters"
    title = "lengths that look like centimeters"
    severity = Severity.ERROR
    explanation = (
        "The source-axis distance or the leaf boundaries make sense only in centimeters, where DICOM has millimeters."
        " Every length of the beam may be ten times too small: do not use the file."
    )
    covers = frozenset({"units_cm"})

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.beams:
            beam = facts.planned.beam
            if facts.planned.role in (Role.TREATMENT, Role.SETUP) and looks_like_centimeters(beam):
                yield found(facts, "its lengths look like centimeters", at(beam.path, "SourceAxisDistance"))


class IsocenterAtOrigin(Check):
    id = "isocenter_at_origin"
    title = "isocenter at the origin of the patient coordinates"
    severity = Severity.NOTE
    explanation = (
        "All coordinates are exactly 0. That is right where the origin was put at the isocenter (phantoms, MR-guided "
        "machines), and also what a converter writes that had no isocenter."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        if not _in_patient(case):
            return
        beams = [f for f in case.treatment if not is_helical(f) and first_isocenter(f) == (0.0, 0.0, 0.0)]
        beams = [f for f in beams if f.technique.technique is not Technique.ROBOTIC]
        if beams:
            others = len(case.treatment) - len(beams)
            message = f"{named(beams)}: isocenter exactly at (0, 0, 0)"
            if others:
                message += ", unlike the other beams" if others > 1 else ", unlike the other beam"
            yield Found(message, tuple(_where(f.planned) for f in beams), numbers(beams))


class IsocenterFar(Check):
    id = "isocenter_far"
    title = "isocenter outside any scanner"
    severity = Severity.WARNING
    explanation = (
        "The origin of patient coordinates lies in the bore of the scanner, so that x and y of a place in the patient "
        "are a few hundred millimeters at most. Wrong units, an exchanged axis or a changed digit are likely."
    )
    cannot_see = "a wrong z: the origin along the table is wherever the scanner counts from."
    limits: ClassVar = {
        "farthest_mm": Limit(
            500.0, "mm", "largest x or y of an isocenter", "beyond any bore; the farthest that was met is 304 mm"
        )
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        if not _in_patient(case):
            return
        for facts in case.treatment:
            place = first_isocenter(facts)
            if place is None or is_helical(facts) or facts.technique.technique is Technique.ROBOTIC:
                continue
            axis = "x" if abs(place[0]) >= abs(place[1]) else "y"
            value = place[0] if axis == "x" else place[1]
            if abs(value) > case.limits["farthest_mm"]:
                message = f"its isocenter is at {axis} = {text(value)} mm in patient coordinates"
                yield found(facts, message, _where(facts.planned), coordinate_mm=round(value, 3))


# ------------------------------------------------------------------------------------------------------ set-up fields


def _setup_fields(session: TreatmentSession) -> list[PlannedBeam]:
    """Set-up fields of a session, those that no group names included."""
    beams = {beam.beam.index: beam for beam in session.beams if beam.role is Role.SETUP}
    for part in session.parts:
        for beam in part.loose:
            if beam.role is Role.SETUP:
                beams.setdefault(beam.beam.index, beam)
    return [beams[index] for index in sorted(beams)]


class SetupFieldElsewhere(Check):
    id = "setup_field_elsewhere"
    title = "set-up field on an isocenter where nothing is treated"
    severity = Severity.WARNING
    explanation = (
        "The set-up field would position the patient at another point than the one that is treated. Either its "
        "isocenter or that of the treatment beams was not moved along."
    )
    limits: ClassVar = {"same_isocenter_mm": SAME_ISOCENTER}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        targets: list[Point] = [
            place for f in case.treatment if not is_helical(f) for place in isocenters(f.planned).points
        ]
        if not targets:
            return
        seen: set[int] = set()
        for session in case.sessions:
            for planned in _setup_fields(session):
                if planned.beam.index in seen:
                    continue
                seen.add(planned.beam.index)
                place = first_isocenter(planned)
                if place is None:
                    yield from unknown_of([planned], "the isocenter is not known", _where(planned))
                    continue
                distance = min(math.dist(place, target) for target in targets)
                if distance > case.limits["same_isocenter_mm"]:
                    message = f"set-up field whose isocenter is {text(distance, 2)} mm from the nearest treated one"
                    yield found(planned, message, _where(planned), distance_mm=round(distance, 3))


class SetupFieldMissing(Check):
    id = "setup_field_missing"
    title = "treated isocenter without a set-up field, beside others that have one"
    severity = Severity.WARNING
    explanation = (
        "Some isocenters of the session have set-up fields, this one has none. Image guidance for it may have been "
        "forgotten, or its set-up field stands at another isocenter."
    )
    limits: ClassVar = {"same_isocenter_mm": SAME_ISOCENTER}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            fields = [p for f in _setup_fields(session) if (p := first_isocenter(f)) is not None]
            beams = [f for f in session_beams(case, session) if not is_helical(f)]
            targets = by_isocenter(beams, case.limits["same_isocenter_mm"])
            if not fields or len(targets) < 2:
                continue
            without = [
                (place, members)
                for place, members in targets
                if all(math.dist(place, field) > case.limits["same_isocenter_mm"] for field in fields)
            ]
            if len(without) == len(targets):
                continue
            for _, members in without:
                message = f"no set-up field at the isocenter of {named(members)}, while other isocenters have one"
                yield Found(message, (_where(members[0].planned),), numbers(members))


class SetupFieldsNone(Check):
    id = "setup_fields_none"
    title = "no set-up fields"
    # 101 of 105 real plans have none: worth a line only where a department always plans them.
    severity = Severity.OFF
    explanation = (
        "The plan has no set-up or imaging field. Most systems never write one, so the check is off; a department "
        "that always plans them sets its severity."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        if case.treatment and all(f.planned.role is not Role.SETUP for f in case.beams):
            yield Found("no set-up field in the plan", (at("", "BeamSequence"),))


CHECKS = (
    IsocentersNear,
    IsocenterMoves,
    IsocenterMissing,
    LengthsInCentimeters,
    IsocenterAtOrigin,
    IsocenterFar,
    SetupFieldElsewhere,
    SetupFieldMissing,
    SetupFieldsNone,
)
