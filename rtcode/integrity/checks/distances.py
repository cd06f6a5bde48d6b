"""Checks of the distances along the beam axis: source to axis, source to surface, and the entry point."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.shared import (
    FAR_SSD_MM,
    first_isocenter,
    found,
    is_helical,
    named,
    numbers,
    point,
    term,
    text,
    turned,
    unknown,
    unknown_of,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.delivery import Part
from rtcode.plan.geometry import beam_axis
from rtcode.plan.model import known
from rtcode.plan.placement import entry_point, first_delivering, known_at, ssd_mm
from rtcode.plan.tags import at


class SourceAxisDistanceDiffers(Check):
    id = "source_axis_distance_differs"
    title = "source-axis distance that differs between beams"
    severity = Severity.ERROR
    explanation = (
        "A machine has one source-axis distance. Where the beams of a plan have two, one is wrong or the beams are "
        "for different machines, and every size and dose that was scaled with it is in doubt."
    )
    limits: ClassVar = {
        "difference_mm": Limit(1.0, "mm", "difference that counts", "written as a round number everywhere")
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        beams = case.treatment
        values = [(known(f.planned.beam.source_axis_distance_mm), f) for f in beams]
        given = sorted(((v, f) for v, f in values if v is not None), key=lambda pair: pair[0])
        if given and len(given) < len(values):
            for value, facts in values:
                if value is None:
                    beam = facts.planned.beam
                    yield unknown(facts, "the source-axis distance is not known", at(beam.path, "SourceAxisDistance"))
        if len(given) > 1 and given[-1][0] - given[0][0] > case.limits["difference_mm"]:
            (low, first), (high, last) = given[0], given[-1]
            message = (
                f"source-axis distance {text(low)} mm in {first.planned.label}, {text(high)} mm in {last.planned.label}"
            )
            where = tuple(at(f.planned.beam.path, "SourceAxisDistance") for f in (first, last))
            yield Found(message, where, numbers((first, last)), {"least_mm": low, "greatest_mm": high})


class SsdImplausible(Check):
    id = "ssd_implausible"
    title = "source-to-surface distance that no set-up has"
    severity = Severity.WARNING
    explanation = (
        "The distance puts the isocenter deeper than patients are, or the skin far beyond it. Wrong units, a couch or"
        " immobilization device taken as skin, or an isocenter outside the body are the usual reasons."
    )
    limits: ClassVar = {
        "deepest_mm": Limit(
            450.0,
            "mm",
            "depth of the isocenter under the surface",
            "half the width of the widest patients; the deepest met is 247 mm",
        ),
        "beyond_mm": Limit(
            150.0,
            "mm",
            "distance of the surface beyond the isocenter",
            "extended SSD set-ups of 1100 mm are common; total body and total skin set-ups are left out",
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        beams = [f for f in case.treatment if not is_helical(f) and not _whole_body(f)]
        open_ = [f for f in beams if None in (ssd_mm(f.planned), known(f.planned.beam.source_axis_distance_mm))]
        yield from unknown_of(open_, "SSD or source-axis distance is not known")
        for facts in beams:
            planned = facts.planned
            ssd, sad = ssd_mm(planned), known(planned.beam.source_axis_distance_mm)
            if ssd is None or sad is None:
                continue
            where = at(point(planned.beam, first_delivering(planned)), "SourceToSurfaceDistance")
            if sad - ssd > case.limits["deepest_mm"]:
                message = f"SSD {text(ssd)} mm puts the isocenter {text(sad - ssd)} mm under the surface"
                yield found(facts, message, where, ssd_mm=ssd, depth_mm=sad - ssd)
            elif ssd - sad > case.limits["beyond_mm"]:
                message = f"SSD {text(ssd)} mm puts the surface {text(ssd - sad)} mm beyond the isocenter"
                yield found(facts, message, where, ssd_mm=ssd, depth_mm=sad - ssd)


def _whole_body(facts: BeamFacts) -> bool:
    """Total body and total skin set-ups stand far from the source."""
    setup = facts.planned.setup
    standing = setup is not None and bool(term(setup.additional_position))
    technique = term(None if setup is None else setup.technique)
    far = ssd_mm(facts.planned)
    return "TBI" in (term(facts.planned.beam.high_dose_technique), technique) or standing or (far or 0.0) >= FAR_SSD_MM


class SsdChanges(Check):
    id = "ssd_changes"
    title = "source-to-surface distance that changes in a fixed field"
    severity = Severity.WARNING
    explanation = (
        "Nothing moves the patient or the source in a fixed field, so its distance to the skin cannot change. Control"
        " points of another beam, or an edited file, are likely."
    )
    limits: ClassVar = {"difference_mm": Limit(1.0, "mm", "difference that counts", "above rounding; none was met")}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        moving = {Part.GANTRY, Part.COUCH, Part.TABLE_TOP, Part.ISOCENTER}
        for facts in case.treatment:
            beam, delivery = facts.planned.beam, facts.planned.delivery
            column = beam.control_points.ssd_mm
            if column is None or not moving.isdisjoint(delivery.changes):
                continue
            values = column.values[np.isfinite(column.values)]
            if values.size and float(np.ptp(values)) > case.limits["difference_mm"]:
                low, high = float(values.min()), float(values.max())
                message = f"SSD changes from {text(low)} to {text(high)} mm while gantry and couch stand still"
                where = at(f"{beam.path}.ControlPointSequence[*]", "SourceToSurfaceDistance")
                yield found(facts, message, where, least_mm=low, greatest_mm=high)


class SsdMissing(Check):
    id = "ssd_missing"
    title = "source-to-surface distance on some beams only"
    severity = Severity.NOTE
    explanation = (
        "Other beams of the plan have an SSD to check at the machine; this one does not. Some systems leave it out of"
        " beams that were copied or whose dose was not computed."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        beams = [f for f in case.treatment if not is_helical(f)]
        without = [f for f in beams if ssd_mm(f.planned) is None]
        if without and len(without) < len(beams):
            where = tuple(at(point(f.planned.beam, 0), "SourceToSurfaceDistance") for f in without)
            yield Found(f"{named(without)} without SSD, while other beams have one", where, numbers(without))


class SsdContradicts(Check):
    id = "ssd_contradicts"
    title = "beams from one direction with different distances to the skin"
    severity = Severity.WARNING
    explanation = (
        "Beams with one isocenter, gantry and couch angle meet the skin at one point, so their SSD agree. Where they "
        "do not, one was computed for another isocenter or angle, or with a bolus or couch that the other lacks."
    )
    limits: ClassVar = {
        "difference_mm": Limit(
            5.0, "mm", "difference that counts", "bolus of 5 mm is common; all 13 groups of real beams agree"
        ),
        "angle_deg": Limit(0.1, "deg", "angles that are equal", "angles are written to 0.1"),
        "same_isocenter_mm": Limit(0.5, "mm", "isocenters that are one", "below what moves the skin by the limit"),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        fixed = []
        for facts in case.treatment:
            planned = facts.planned
            ssd, place = ssd_mm(planned), first_isocenter(facts)
            index, points = first_delivering(planned), planned.beam.control_points
            gantry, couch = known_at(points.gantry_deg, index), known_at(points.couch_deg, index)
            if None not in (ssd, place, gantry) and not is_helical(facts):
                fixed.append((facts, ssd or 0.0, place or (0.0, 0.0, 0.0), gantry or 0.0, couch or 0.0))
        limit = case.limits
        for i, (a, ssd_a, place_a, gantry_a, couch_a) in enumerate(fixed):
            for b, ssd_b, place_b, gantry_b, couch_b in fixed[i + 1 :]:
                if abs(ssd_a - ssd_b) <= limit["difference_mm"]:
                    continue
                angles = max(turned(gantry_a, gantry_b), turned(couch_a, couch_b))
                if angles > limit["angle_deg"] or math.dist(place_a, place_b) > limit["same_isocenter_mm"]:
                    continue
                message = (
                    f"{named((a, b))} come from gantry {text(gantry_a)}, couch {text(couch_a)} degrees at one "
                    f"isocenter, but have SSD {text(ssd_a)} and {text(ssd_b)} mm"
                )
                where = tuple(at(point(f.planned.beam, 0), "SourceToSurfaceDistance") for f in (a, b))
                yield Found(message, where, numbers((a, b)), {"difference_mm": round(abs(ssd_a - ssd_b), 3)})
                break


class EntryPointContradicts(Check):
    id = "entry_point_contradicts"
    title = "entry point that does not fit isocenter, angles and SSD"
    severity = Severity.WARNING
    explanation = (
        "The point where the beam axis enters the skin has to lie on the axis, at the SSD from the source. Here it "
        "does not: the isocenter, gantry or couch angle, patient position or SSD was changed after the dose was "
        "computed."
    )
    limits: ClassVar = {
        "off_axis_mm": Limit(
            5.0,
            "mm",
            "distance of the entry point from the axis",
            "within 0.1 mm in 64 of 66 real beams that have one; the others were edited",
        ),
        "along_axis_mm": Limit(
            5.0,
            "mm",
            "difference between the SSD and where the entry point lies",
            "within 0.1 mm in 64 of 66 real beams that have both",
        ),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        bare = [f for f in case.treatment if entry_point(f.planned) is None and not is_helical(f)]
        yield from unknown_of(bare, "no entry point is written")
        for facts in case.treatment:
            planned = facts.planned
            entry, place = entry_point(planned), first_isocenter(facts)
            if entry is None or is_helical(facts):
                continue
            index, points = first_delivering(planned), planned.beam.control_points
            where = at(point(planned.beam, index), "SurfaceEntryPoint")
            gantry, couch = known_at(points.gantry_deg, index), known_at(points.couch_deg, index)
            position = None if planned.setup is None else planned.setup.position
            if place is None or gantry is None or not term(position):
                yield unknown(facts, "isocenter, gantry angle or patient position is not known", where)
                continue
            tilt = [
                known_at(getattr(points, f"table_{name}_deg"), index) or 0.0 for name in ("eccentric", "pitch", "roll")
            ]
            axis = beam_axis(gantry, couch or 0.0, position, eccentric_deg=tilt[0], pitch_deg=tilt[1], roll_deg=tilt[2])
            if axis is None:
                yield unknown(facts, "the patient position is not one whose axes are defined", where)
                continue
            offset = np.array(entry) - np.array(place)
            depth = -float(offset @ axis)
            off_axis = float(np.linalg.norm(offset + depth * axis))
            if off_axis > case.limits["off_axis_mm"]:
                message = f"its entry point lies {text(off_axis)} mm beside the axis through the isocenter"
                yield found(facts, message, where, off_axis_mm=round(off_axis, 3))
                continue
            ssd, sad = ssd_mm(planned), known(planned.beam.source_axis_distance_mm)
            if ssd is None or sad is None:
                continue
            if abs(sad - ssd - depth) > case.limits["along_axis_mm"]:
                message = (
                    f"its entry point lies {_from_isocenter(depth)}, by its SSD of {text(ssd)} mm it would lie "
                    f"{_from_isocenter(sad - ssd)}"
                )
                yield found(facts, message, where, depth_mm=round(depth, 3), depth_by_ssd_mm=round(sad - ssd, 3))


def _from_isocenter(depth_mm: float) -> str:
    return f"{text(abs(depth_mm))} mm {'before' if depth_mm >= 0 else 'behind'} the isocenter"


CHECKS = (
    SourceAxisDistanceDiffers,
    SsdImplausible,
    SsdChanges,
    SsdMissing,
    SsdContradicts,
    EntryPointContradicts,
)
