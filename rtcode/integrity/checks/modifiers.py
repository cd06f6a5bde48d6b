"""Checks of what is put into the beam beside wedges: blocks, compensators, bolus, applicators."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts, Radiation
from rtcode.integrity.checks.shared import (
    FAR_SSD_MM,
    SAME_ISOCENTER,
    first_isocenter,
    found,
    named,
    numbers,
    of_kind,
    session_beams,
    term,
    text,
    unknown,
)
from rtcode.integrity.checks.words import count
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import FloatArray, known, known_int
from rtcode.plan.tags import at


class ModifiersDeclared(Check):
    id = "modifiers_declared"
    title = "number of blocks, compensators or boli that differs from what is described"
    severity = Severity.WARNING
    explanation = (
        "The beam counts another number of blocks, compensators or boli than it describes. Systems take one or the "
        "other, so that a modifier may be lost or be asked for that does not exist."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            for one, many, keyword, number, described in (
                ("block", None, "NumberOfBlocks", beam.number_of_blocks, len(beam.blocks)),
                (
                    "compensator",
                    "compensators",
                    "NumberOfCompensators",
                    beam.number_of_compensators,
                    len(beam.compensators),
                ),
                ("bolus", "boli", "NumberOfBoli", beam.number_of_boli, beam.boluses),
            ):
                declared = known_int(number)
                if declared is not None and declared != described:
                    message = f"declares {count(declared, one, many)} and describes {described}"
                    yield found(facts, message, at(beam.path, keyword), declared=declared, described=described)


class BlockOutline(Check):
    id = "block_outline"
    title = "block outlines that cannot be"
    severity = Severity.ERROR
    explanation = (
        "A block has no usable outline, encloses nothing, or lies wholly outside the jaws. The field that it shapes "
        "is not the planned one, or the block is a leftover."
    )
    covers = frozenset({"block_data_unreadable"})
    limits: ClassVar = {
        "area_mm2": Limit(25.0, "mm2", "smallest area that an outline encloses", "eye blocks and cut-outs are larger"),
        "outside_mm": Limit(1.0, "mm", "distance from the jaws that counts as outside", "rounding"),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            for block in facts.planned.beam.blocks:
                where = at(block.path, "BlockData")
                outline = block.outline_mm
                if len(outline) < 3:
                    kind = "APERTURE" if term(block.type) == "APERTURE" else "SHIELDING"
                    if len(outline) or kind == "APERTURE":
                        yield found(facts, f"a block has an outline of {len(outline)} points", where)
                    else:
                        yield unknown(facts, "a block has no outline", where)
                    continue
                area = _area(outline)
                if area < case.limits["area_mm2"]:
                    message = f"the outline of a block encloses {text(area)} mm2"
                    yield found(facts, message, where, area_mm2=round(area, 3))
                    continue
                distance = _outside(facts, outline)
                if distance is not None and distance > case.limits["outside_mm"]:
                    message = f"a block lies {text(distance)} mm outside the jaws"
                    yield found(facts, message, where, distance_mm=round(distance, 3))


class BlockShieldsField(Check):
    id = "block_type_contradicts"
    title = "electron insert that is typed as a shielding block"
    severity = Severity.WARNING
    explanation = (
        "SHIELDING means that the block is inside its outline, APERTURE that it is open there (PS3.3 C.8.8.14). An "
        "electron field whose only outline is a shielding block around the beam axis would be shielded where it should "
        "treat; the insert has the wrong type."
    )
    cannot_see = "an insert that lies beside the beam axis, and the type of photon blocks, which have both."

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in of_kind(case.treatment, Radiation.ELECTRON):
            blocks = facts.planned.beam.blocks
            if len(blocks) != 1 or term(blocks[0].type) != "SHIELDING" or len(blocks[0].outline_mm) < 3:
                continue
            if _holds_axis(blocks[0].outline_mm):
                message = "its only block is typed SHIELDING and lies around the beam axis"
                yield found(facts, message, at(blocks[0].path, "BlockType"))


def _holds_axis(outline_mm: FloatArray) -> bool:
    """Whether a polygon encloses the origin: a line from there crosses its sides an odd number of times."""
    x, y = outline_mm[:, 0], outline_mm[:, 1]
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > 0) != (next_y > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        right = x - y * (next_x - x) / (next_y - y) > 0
    return bool((crosses & right).sum() % 2)


def _area(outline_mm: FloatArray) -> float:
    """Area that a polygon encloses."""
    x, y = outline_mm[:, 0], outline_mm[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def _outside(facts: BeamFacts, outline_mm: FloatArray) -> float | None:
    """How far an outline lies wholly outside the widest jaw window; negative inside, ``None`` where not known."""
    delivery = facts.planned.delivery
    distances = []
    for column, jaws in enumerate((delivery.collimation.jaws_x, delivery.collimation.jaws_y)):
        if jaws is None or not delivery.bounding.size:
            continue
        window = jaws[delivery.bounding]
        if np.isnan(window).any():
            return None
        low, high = float(window[:, 0].min()), float(window[:, 1].max())
        distances += [float(outline_mm[:, column].min()) - high, low - float(outline_mm[:, column].max())]
    return max(distances, default=None)


# --------------------------------------------------------------------------------------------------------- applicators


class ElectronApplicatorMissing(Check):
    id = "electron_applicator_missing"
    title = "electron beam without applicator"
    severity = Severity.WARNING
    explanation = (
        "Electrons are given through an applicator, total skin irradiation apart. Without one in the plan the console"
        " does not check which is mounted, and the field size is unknown."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in of_kind(case.treatment, Radiation.ELECTRON):
            beam = facts.planned.beam
            column = beam.control_points.ssd_mm
            # Total skin set-ups stand meters away from the source and have none.
            if column is not None and (column.values >= FAR_SSD_MM).any():
                continue
            if not beam.applicators:
                yield found(facts, "an electron beam without applicator", at(beam.path, "ApplicatorSequence"))


class ApplicatorContradicts(Check):
    id = "applicator_contradicts"
    title = "applicator that does not fit the radiation, or several of them"
    severity = Severity.ERROR
    explanation = (
        "An electron applicator on a photon beam, a photon applicator on an electron beam, or two at once: the beam "
        "cannot be given so. The radiation type or the applicator is wrong."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam, kind = facts.planned.beam, facts.radiation.radiation
            if len(beam.applicators) > 1:
                message = f"{len(beam.applicators)} applicators at once"
                yield found(facts, message, at(beam.path, "ApplicatorSequence"))
            for applicator in beam.applicators:
                where = at(applicator.path, "ApplicatorType")
                if kind is Radiation.PHOTON and term(applicator.type).startswith("ELECTRON_"):
                    yield found(facts, "an electron applicator on a photon beam", where)
                elif kind is Radiation.ELECTRON and term(applicator.type).startswith("PHOTON_"):
                    yield found(facts, "a photon applicator on an electron beam", where)


class BolusDiffers(Check):
    id = "bolus_differs"
    title = "bolus on some beams of one isocenter only"
    severity = Severity.NOTE
    explanation = (
        "Bolus lies on the patient for all beams that pass it, unless staff take it off in between. Make sure that "
        "the beams without it are meant to have none."
    )
    limits: ClassVar = {"same_isocenter_mm": SAME_ISOCENTER}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = session_beams(case, session)
            with_bolus = [f for f in beams if f.shaping.boluses]
            for facts in with_bolus[:1]:
                without = [f for f in beams if not f.shaping.boluses and _near(facts, f, case)]
                if without:
                    message = f"{named(with_bolus)} with bolus, {named(without)} at the same isocenter without"
                    where = tuple(at(f.planned.beam.path, "NumberOfBoli") for f in (facts, without[0]))
                    yield Found(message, where, tuple(sorted(numbers((*with_bolus, *without)))))


def _near(a: BeamFacts, b: BeamFacts, case: CheckCase) -> bool:
    place_a, place_b = first_isocenter(a), first_isocenter(b)
    if a.radiation.radiation is not b.radiation.radiation or place_a is None or place_b is None:
        return False
    return math.dist(place_a, place_b) <= case.limits["same_isocenter_mm"]


class CutoutBeyondApplicator(Check):
    id = "cutout_beyond_applicator"
    title = "electron cut-out larger than the applicator's opening"
    severity = Severity.WARNING
    explanation = (
        "The cut-out reaches beyond the opening that the plan gives for the applicator, so that it cannot be mounted "
        "in it. Applicator or cut-out belong to another beam."
    )
    limits: ClassVar = {
        "beyond_mm": Limit(2.0, "mm", "distance beyond the opening that counts", "scaling and rounding")
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in of_kind(case.treatment, Radiation.ELECTRON):
            beam = facts.planned.beam
            for applicator in beam.applicators:
                both = known(applicator.opening_mm)
                x, y = (known(v) or both for v in (applicator.opening_x_mm, applicator.opening_y_mm))
                outlines = [b.outline_mm for b in beam.blocks if term(b.type) == "APERTURE" and len(b.outline_mm) > 2]
                if x is None or y is None or not outlines:
                    continue
                reach = np.abs(np.concatenate(outlines)).max(axis=0) - np.array([x, y]) / 2.0
                beyond = float(reach.max())
                if beyond > case.limits["beyond_mm"]:
                    message = f"the cut-out reaches {text(beyond)} mm beyond the opening of {text(x)} x {text(y)} mm"
                    yield found(facts, message, at(applicator.path, "ApplicatorOpening"), beyond_mm=round(beyond, 3))


CHECKS = (
    ModifiersDeclared,
    BlockOutline,
    BlockShieldsField,
    ElectronApplicatorMissing,
    ApplicatorContradicts,
    BolusDiffers,
    CutoutBeyondApplicator,
)
