"""Detector: what shapes a field besides its jaws: blocks, cut-outs, leaves, compensators, bolus, applicator.

What it does (docs/rules.md L2-A, L2-D and L2-F, docs/plans.md 1.6, 2.3). A field is shaped where it has a block, or
where in some delivered aperture the leaf ends of one bank differ by more than ``shaped_leaf_mm`` inside the jaws, or
open leaves lie on both sides of closed ones. Leaves parked outside the jaws, closed pairs and what lies behind a jaw
do not count: a rectangle made of leaves is not shaped. Blocks and compensators count as NumberOfBlocks (300A,00F0)
and NumberOfCompensators (300A,00E0) say; an electron cut-out is a block of type APERTURE.

Compensators are physical ones only: CompensatorType OPTIMAL and TOTAL_ACTUAL are how ARIA 11 exports a fluence, and
DYNAMIC is DICOM's word for leaves that stand in for a compensator (PS3.3 C.8.8.14). A half-beam has an edge within 1
mm of the central axis: a jaw, or the leaf ends where there is no jaw along their travel.

What it cannot see: what a block is for, blocks that were mounted without being planned, bolus that is only in the
structure set, and the shapes of a helical plan, whose leaves are in a private sinogram.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import ShapingFact
from rtcode.plan.apertures import BoolArray, Collimation, LeafData, Openings
from rtcode.plan.delivery import Part
from rtcode.plan.geometry import NOISE
from rtcode.plan.model import Beam, FloatArray, IntArray, Integer, known_int
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.tags import at
from rtcode.truth import Evidence, EvidenceKind, Truth

_NOT_PHYSICAL = frozenset({"DYNAMIC", "OPTIMAL", "TOTAL_ACTUAL"})
#: What is looked for beside the lists of the code set and DICOM's defined terms.
TEXT_WORDS = tuple(sorted(_NOT_PHYSICAL))
#: An edge this near to the central axis lies on it.
_ON_AXIS_MM = 1.0
#: Control points whose leaves are compared at once.
_TOGETHER = 64


def shaping_of(planned: PlannedBeam, settings: DetectorSettings) -> ShapingFact:
    """What shapes one beam's field; never raises."""
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    blocks = _count(beam.number_of_blocks, len(beam.blocks))
    compensators, compensator_evidence = _compensators(beam, uid)
    by_leaves, leaf_evidence = _shaped_by_leaves(planned, settings.shaped_leaf_mm)
    half_beam, half_evidence = _half_beam(planned)
    block_evidence: tuple[Evidence, ...] = ()
    if blocks:
        first = at(beam.blocks[0].path, "BlockType") if beam.blocks else at(beam.path, "NumberOfBlocks")
        value = beam.blocks[0].type if beam.blocks else blocks
        block_evidence = (Evidence(EvidenceKind.CODED, first, value, uid),)
    applicator = next(((a.type or a.id) for a in beam.applicators if a.type or a.id), None)
    return ShapingFact(
        shaped=Truth.any((Truth.of(None if blocks is None else blocks > 0), by_leaves)),
        blocks=blocks,
        compensators=compensators,
        boluses=_count(beam.number_of_boli, beam.boluses),
        applicator=applicator,
        evidence=(*block_evidence, *leaf_evidence),
        compensator_evidence=compensator_evidence,
        half_beam=half_beam,
        half_beam_evidence=half_evidence,
    )


def _count(declared: Integer, items: int) -> int | None:
    """The declared number, 0 included (a sequence beside it is then a leftover); else the items, if there are any."""
    number = known_int(declared)
    if number is not None and number >= 0:
        return number
    return items or None


def _compensators(beam: Beam, uid: str | None) -> tuple[int | None, tuple[Evidence, ...]]:
    """Physical compensators; ``None`` where the plan has some but does not say of which kind."""
    declared = known_int(beam.number_of_compensators)
    if declared == 0:
        return 0, ()
    if not beam.compensators:
        return None, ()
    shown = tuple(Evidence(EvidenceKind.CODED, at(c.path, "CompensatorType"), c.type, uid) for c in beam.compensators)
    kinds = [(c.type or "").strip().upper() for c in beam.compensators]
    physical = sum(kind in ("", "STANDARD") for kind in kinds)
    if not physical and any(kind not in _NOT_PHYSICAL for kind in kinds):
        return None, shown
    return physical, shown


# ------------------------------------------------------------------------------------------------------------ leaves


def _shaped_by_leaves(planned: PlannedBeam, limit_mm: float) -> tuple[Truth, tuple[Evidence, ...]]:
    delivery = planned.delivery
    collimation = delivery.collimation
    if delivery.control_points == 0:
        return Truth.UNKNOWN, ()
    if collimation.leaf_data is not LeafData.KNOWN:
        none = collimation.leaf_data is LeafData.NONE and planned.beam.control_points.sinogram is None
        return Truth.of(False if none else None), ()
    unknown = Part.MLC in delivery.unknown
    for index, difference in _unevenness(collimation, delivery.bounding):
        if math.isnan(difference):
            unknown = True
        elif difference > limit_mm + NOISE:
            points = f"{planned.beam.path}.ControlPointSequence[{index}].BeamLimitingDevicePositionSequence[*]"
            where = f"{at(points, 'LeafJawPositions')}: leaf ends of one bank inside the jaws differ by (mm)"
            uid = planned.plan.sop_instance_uid
            return Truth.MET, (Evidence(EvidenceKind.GEOMETRIC, where, round(difference, 1), uid),)
    return Truth.of(None if unknown else False), ()


def _unevenness(collimation: Collimation, indices: IntArray) -> Iterator[tuple[int, float]]:
    """By how much the leaf ends of one bank differ at each control point, mm, the largest of several banks.

    Where closed leaves between open ones are wider than that, their width; NaN where an end is not known. Most beams
    are settled by their first control points, so those are looked at alone.
    """
    indices = collimation.differing(indices)
    begin, count = 0, 1
    while begin < len(indices):
        some = indices[begin : begin + count]
        worst = np.zeros(len(some))
        for openings in collimation.openings(some):
            worst = np.maximum(worst, _differences(openings))  # NaN stays
        yield from zip(some.tolist(), worst.tolist(), strict=True)
        begin, count = begin + count, min(4 * count, _TOGETHER)


def _differences(found: Openings) -> FloatArray:
    """`_unevenness` of one bank, ``(k,)``."""
    is_open = found.is_open
    worst: FloatArray = np.zeros(len(is_open))
    for ends in (found.low, found.high):
        least = np.where(is_open, ends, np.inf).min(axis=1)
        most = np.where(is_open, ends, -np.inf).max(axis=1)
        worst = np.maximum(worst, most - least)  # less than 0 where nothing is open
    # A closed stretch lies between one open strip's top and the bottom of the next one above it.
    stretches = is_open[:, 0] + (is_open[:, 1:] & ~is_open[:, :-1]).sum(axis=1)
    several = stretches > 1
    if several.any():
        near, far = (np.broadcast_to(edge, is_open.shape)[several] for edge in (found.near, found.far))
        worst[several] = np.maximum(worst[several], _widest_gaps(near, far, is_open[several]))
    unknown = (np.isnan(found.low) | np.isnan(found.high)) & ~found.closed
    worst[unknown.any(axis=1)] = np.nan
    return worst


def _widest_gaps(near: FloatArray, far: FloatArray, is_open: BoolArray) -> FloatArray:
    """Widest stretch of closed leaves between open ones at each control point; 0 where their edges are not known."""
    near = np.where(is_open, near, np.inf)
    order = np.argsort(near, axis=1)
    near, far = np.take_along_axis(near, order, axis=1), np.take_along_axis(far, order, axis=1)
    gaps = np.where(np.isfinite(near[:, 1:]), near[:, 1:] - far[:, :-1], 0.0)
    result: FloatArray = np.where(np.isnan(gaps), 0.0, gaps).max(axis=1)
    return result


# --------------------------------------------------------------------------------------------------------- half-beam


def _half_beam(planned: PlannedBeam) -> tuple[Truth, tuple[Evidence, ...]]:
    """Whether an edge of the widest delivered field lies on the central axis."""
    delivery = planned.delivery
    indices = delivery.bounding
    if delivery.control_points == 0 or not indices.size:
        return Truth.UNKNOWN, ()
    unknown = False
    for axis, edges in _field_edges(planned):
        if edges is None:
            unknown = True
            continue
        for value in edges:
            if abs(value) <= _ON_AXIS_MM + NOISE:
                points = (
                    f"{planned.beam.path}.ControlPointSequence[{int(indices[0])}].BeamLimitingDevicePositionSequence[*]"
                )
                where = f"{at(points, 'LeafJawPositions')}: edge of the field along {axis} (mm)"
                uid = planned.plan.sop_instance_uid
                return Truth.MET, (Evidence(EvidenceKind.GEOMETRIC, where, round(value, 2), uid),)
    return Truth.of(None if unknown else False), ()


def _field_edges(planned: PlannedBeam) -> Iterator[tuple[str, tuple[float, float] | None]]:
    """Outermost edges of the field along both axes: jaws, else open leaves; ``None`` where not known."""
    bounding, collimation = planned.delivery.bounding, planned.delivery.collimation
    leaves: dict[str, tuple[float, float] | None] | None = None
    for axis, jaws in (("X", collimation.jaws_x), ("Y", collimation.jaws_y)):
        if jaws is not None:
            window = jaws[bounding]
            known = not np.isnan(window).any()
            yield axis, (float(window[:, 0].min()), float(window[:, 1].max())) if known else None
        elif not collimation.banks or collimation.leaf_data is not LeafData.KNOWN:
            yield axis, None
        else:
            leaves = leaves or collimation.leaf_extents(bounding)
            yield axis, leaves[axis]
