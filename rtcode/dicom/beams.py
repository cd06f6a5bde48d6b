"""Beams and what they declare: devices, wedges, blocks, applicators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from rtcode.dicom import enhanced
from rtcode.dicom.control_points import collect_control_points, sorted_control_points
from rtcode.dicom.decimal_batch import Batch
from rtcode.dicom.elements import View
from rtcode.dicom.limits import Limits
from rtcode.dicom.numbers import short_list
from rtcode.dicom.private import has_private, nested, private_creators, private_signs
from rtcode.dicom.ranges import RANGES, plausible
from rtcode.dicom.scanned import ScannedControlPoints
from rtcode.dicom.vocabulary import TAGS, Item
from rtcode.errors import MalformedError, TooLargeError, TruncatedError
from rtcode.plan.model import (
    Accessory,
    Applicator,
    Beam,
    Block,
    Compensator,
    ControlPoints,
    FloatArray,
    Integer,
    LimitingDevice,
    Missing,
    Wedge,
    known_int,
)
from rtcode.plan.tags import at
from rtcode.plan.units import looks_like_centimeters

#: What is kept of a beam and of its modifiers as it is written.
_TRAYS = ("TotalBlockTrayFactor", "TotalCompensatorTrayFactor")
_MODIFIER_DETAILS = {
    "WedgeSequence": ("WedgeFactor", "SourceToWedgeTrayDistance"),
    "BlockSequence": (
        "BlockName",
        "MaterialID",
        "BlockThickness",
        "BlockTransmission",
        "BlockDivergence",
        "BlockMountingPosition",
        "SourceToBlockTrayDistance",
    ),
    "CompensatorSequence": (
        "CompensatorID",
        "MaterialID",
        "CompensatorRows",
        "CompensatorColumns",
        "CompensatorPixelSpacing",
        "CompensatorPosition",
        "CompensatorThicknessData",
        "CompensatorTransmissionData",
        "CompensatorDivergence",
        "CompensatorMountingPosition",
        "CompensatorTrayID",
        "SourceToCompensatorTrayDistance",
        "SourceToCompensatorDistance",
    ),
    "ReferencedBolusSequence": ("BolusID", "ReferencedROINumber"),
}
#: Leaf boundaries of a device that does not say how many pairs it has, and corners of a block: more are none.
_MOST_BOUNDARIES = 1_000
_MOST_CORNERS = 50_000


def build_beams(top: View, limits: Limits) -> tuple[Beam, ...] | None:
    """The items of BeamSequence, or ``None`` where it is absent.

    Raises
    ------
    TruncatedError
        A beam has fewer control points than it declares.
    MalformedError
        Two beams have the same number.
    TooLargeError
        More beams or control points than the limits allow.
    """
    if not top.has("BeamSequence"):
        return None
    views = _checked_beams(top, "BeamSequence", "ControlPointSequence", limits)
    # What a private attribute of the plan itself says holds for all its beams.
    without = {tag: value for tag, value in top.item.items() if tag != TAGS["BeamSequence"]}
    plan_sources = [item for item in nested(without) if has_private(item)]
    # The numbers of all beams are converted together: most of what that costs does not depend on how many there are.
    batch = Batch(top.notes)
    collected = [_collect(view, batch) for view in views]
    batch.convert()
    return tuple(
        _beam(view, i, plan_sources, *parts) for i, (view, parts) in enumerate(zip(views, collected, strict=True))
    )


def build_ion_beams(top: View, limits: Limits) -> tuple[Beam, ...] | None:
    """The items of IonBeamSequence; of their control points only the number is read."""
    if not top.has("IonBeamSequence"):
        return None
    views = _checked_beams(top, "IonBeamSequence", "IonControlPointSequence", limits)
    return tuple(_ion_beam(view, i) for i, view in enumerate(views))


def _checked_beams(top: View, sequence: str, control_points: str, limits: Limits) -> list[View]:
    if top.count(sequence) > limits.beams:
        raise TooLargeError(f"the plan has more than {limits.beams} beams")
    views = top.items(sequence)
    if sum(view.count(control_points) for view in views) > limits.control_points:
        raise TooLargeError(f"the plan has more than {limits.control_points} control points")
    numbers: dict[int, str] = {}
    for view in views:
        number = known_int(view.integer("BeamNumber"))
        if number is None:
            top.notes.add("beam_number_missing", view.where("BeamNumber"))
        elif number in numbers:
            raise MalformedError(f"{numbers[number]} and {view.path} have the same BeamNumber (300A,00C0)")
        else:
            numbers[number] = view.path
        _check_count(view, control_points)
    return views


def _check_count(view: View, sequence: str) -> None:
    """NumberOfControlPoints is how a missing rest of a beam is noticed (docs/plans.md 4, cases 5 and 30)."""
    declared = known_int(view.integer("NumberOfControlPoints"))
    found = view.count(sequence)
    where = view.where("NumberOfControlPoints")
    if declared is None:
        view.notes.add("control_points_undeclared", where)
    elif found < declared:
        raise TruncatedError(f"{view.path} has fewer control points than NumberOfControlPoints (300A,0110) declares")
    elif found > declared >= 2:
        view.notes.add("control_points_excess", where)
    if found < 2 or (declared is not None and declared < 2):
        view.notes.add("control_points_too_few", where)


def _collect(
    view: View, batch: Batch
) -> tuple[tuple[LimitingDevice, ...], list[Item] | ScannedControlPoints, Callable[[], ControlPoints]]:
    """A beam's declared devices, its control points in order, and what makes columns of them after the batch."""
    found = cast("list[Item] | ScannedControlPoints", view.item.get(TAGS["ControlPointSequence"], []))
    found = sorted_control_points(found, view.path, view.notes) if found else found
    devices = tuple(_device(device) for device in view.items("BeamLimitingDeviceSequence"))
    return devices, found, collect_control_points(found, view.path, devices, batch, view.notes)


def _beam(
    view: View,
    index: int,
    plan_sources: Sequence[Item],
    devices: tuple[LimitingDevice, ...],
    found: list[Item] | ScannedControlPoints,
    finish: Callable[[], ControlPoints],
) -> Beam:
    notes = view.notes
    control_points = finish()
    # Control points that were scanned hold nothing but the ordinary attributes.
    items = found if isinstance(found, list) else []
    enhanced_encoding = enhanced.is_used(view, items)
    if enhanced_encoding:
        devices, control_points = enhanced.read(view, items, devices, control_points)
    control_points = plausible(control_points, view.path, notes)
    _note_lost_positions(control_points, found, view)
    sources = [*plan_sources, *_private_sources(view.item, items)]
    beam = Beam(
        **_common(view, index),  # type: ignore[arg-type]
        fluence_modes=tuple(
            (mode.text("FluenceMode"), mode.text("FluenceModeID")) for mode in view.items("PrimaryFluenceModeSequence")
        ),
        source_axis_distance_mm=view.number("SourceAxisDistance"),
        devices=devices,
        technique_codes=tuple(code.code() for code in view.items("RTTreatmentTechniqueCodeSequence")),
        number_of_wedges=view.integer("NumberOfWedges"),
        wedges=tuple(_wedge(wedge) for wedge in view.items("WedgeSequence")),
        number_of_compensators=view.integer("NumberOfCompensators"),
        compensators=tuple(
            Compensator(item.path, item.text("CompensatorType")) for item in view.items("CompensatorSequence")
        ),
        number_of_boli=view.integer("NumberOfBoli"),
        boluses=view.count("ReferencedBolusSequence"),
        number_of_blocks=view.integer("NumberOfBlocks"),
        blocks=tuple(_block(block) for block in view.items("BlockSequence")),
        applicators=tuple(_applicator(item) for item in view.items("ApplicatorSequence")),
        accessories=tuple(
            Accessory(item.path, item.text("GeneralAccessoryID"), item.text("GeneralAccessoryType"))
            for item in view.items("GeneralAccessorySequence")
        ),
        verification_images=view.count("PlannedVerificationImageSequence"),
        reference_images=view.count("ReferencedReferenceImageSequence"),
        control_points=control_points,
        enhanced_encoding=enhanced_encoding,
        private_creators=private_creators(iter(sources)),
        private_signs=private_signs(iter(sources)),
        modifier_details=_modifier_details(view),
    )
    if looks_like_centimeters(beam):
        notes.add("units_cm", view.where("SourceAxisDistance"))
    return beam


def _note_lost_positions(points: ControlPoints, found: list[Item] | ScannedControlPoints, view: View) -> None:
    """Warn of device positions that are written, but empty; a number that does not fit was noted on reading."""
    if not any((device.given & (device.index < 0)).any() for device in points.devices):
        return
    if isinstance(found, list):
        written = [
            (point, place, cast(bytes, entry.get(TAGS["LeafJawPositions"], b"")))
            for point, item in enumerate(found)
            for place, entry in enumerate(cast("list[Item]", item.get(TAGS["BeamLimitingDevicePositionSequence"], [])))
        ]
    else:
        written = sorted(entry for entries in found.devices.values() for entry in zip(*entries, strict=True))
    for point, place, text in written:
        if not text.strip(b" \0"):
            where = f"{view.path}.ControlPointSequence[{point}].BeamLimitingDevicePositionSequence[{place}]"
            view.notes.add("device_positions_empty", at(where, "LeafJawPositions"))


def _ion_beam(view: View, index: int) -> Beam:
    """An ion beam: what it has in common with other beams. Ion plans are never given a level."""
    return Beam(
        **_common(view, index),  # type: ignore[arg-type]
        fluence_modes=(),
        source_axis_distance_mm=Missing.ABSENT,
        devices=(),
        technique_codes=tuple(code.code() for code in view.items("RTTreatmentTechniqueCodeSequence")),
        number_of_wedges=view.integer("NumberOfWedges"),
        wedges=(),
        number_of_compensators=view.integer("NumberOfCompensators"),
        compensators=(),
        number_of_boli=view.integer("NumberOfBoli"),
        boluses=view.count("ReferencedBolusSequence"),
        number_of_blocks=view.integer("NumberOfBlocks"),
        blocks=(),
        applicators=(),
        accessories=(),
        verification_images=view.count("PlannedVerificationImageSequence"),
        reference_images=view.count("ReferencedReferenceImageSequence"),
        control_points=ControlPoints(view.count("IonControlPointSequence")),
    )


def _common(view: View, index: int) -> dict[str, object]:
    return {
        "index": index,
        "path": view.path,
        "number": view.integer("BeamNumber"),
        "name": view.text("BeamName"),
        "long_label": view.text("EntityLongLabel"),
        "description": view.text("BeamDescription"),
        "beam_type": view.text("BeamType"),
        "radiation_type": view.text("RadiationType"),
        "high_dose_technique": view.text("HighDoseTechniqueType"),
        "machine_name": view.text("TreatmentMachineName"),
        "manufacturer": view.text("Manufacturer"),
        "model": view.text("ManufacturerModelName"),
        "dosimeter_unit": view.text("PrimaryDosimeterUnit"),
        "delivery_type": view.text("TreatmentDeliveryType"),
        "setup_number": view.integer("ReferencedPatientSetupNumber"),
        "tolerance_table_number": view.integer("ReferencedToleranceTableNumber"),
        "final_meterset_weight": view.number("FinalCumulativeMetersetWeight"),
        "declared_control_points": view.integer("NumberOfControlPoints"),
    }


def _device(view: View) -> LimitingDevice:
    pairs = view.integer("NumberOfLeafJawPairs")
    return LimitingDevice(
        path=view.path,
        type=(view.text("RTBeamLimitingDeviceType") or "").strip().upper(),
        pairs=pairs,
        boundaries_mm=_boundaries(view, pairs),
        source_distance_mm=view.number("SourceToBeamLimitingDeviceDistance"),
    )


def _boundaries(view: View, pairs: Integer) -> FloatArray:
    """LeafPositionBoundaries where there are as many as the leaf pairs need; counted before they are converted."""
    keyword = "LeafPositionBoundaries"
    count = (view.raw(keyword) or b"").count(b"\\") + 1
    if isinstance(pairs, Missing):
        fits = count <= _MOST_BOUNDARIES
    else:
        fits = count == pairs + 1 or not (view.raw(keyword) or b"").strip(b" \0")
    if fits:
        return number_list(view, keyword)
    view.notes.add("vector_length", view.where(keyword))
    return np.empty(0)


def number_list(view: View, keyword: str) -> FloatArray:
    """All values of a multi-valued decimal string; empty where absent, empty, or one of them is none."""
    text = (view.raw(keyword) or b"").strip(b" \0")
    if not text:
        return np.empty(0)
    values = short_list(text)
    if values is None:
        view.notes.add("number_unreadable", view.where(keyword))
        return np.empty(0)
    if not RANGES[keyword].of(values).all():
        view.notes.add("out_of_range", view.where(keyword))
        return np.empty(0)
    return values


def _wedge(view: View) -> Wedge:
    return Wedge(
        path=view.path,
        number=view.integer("WedgeNumber"),
        type=view.text("WedgeType"),
        id=view.text("WedgeID"),
        angle_deg=view.number("WedgeAngle"),
        effective_angle_deg=view.number("EffectiveWedgeAngle"),
        orientation_deg=view.number("WedgeOrientation"),
    )


def _modifier_details(view: View) -> tuple[tuple[str, str], ...]:
    found = [(name, text) for name in _TRAYS if (text := view.text(name)) is not None]
    for sequence, keywords in _MODIFIER_DETAILS.items():
        for place, item in enumerate(view.items(sequence)):
            for name in keywords:
                if (text := item.text(name)) is not None:
                    found.append((f"{sequence}[{place}].{name}", text))
    return tuple(found)


def _block(view: View) -> Block:
    many = (view.raw("BlockData") or b"").count(b"\\") >= 2 * _MOST_CORNERS
    data = np.empty(0) if many else number_list(view, "BlockData")
    if many or data.size % 2:
        view.notes.add("block_data_unreadable", view.where("BlockData"))
        data = np.empty(0)
    return Block(view.path, view.text("BlockType"), view.text("BlockTrayID"), data.reshape(-1, 2))


def _applicator(view: View) -> Applicator:
    geometry = (view.items("ApplicatorGeometrySequence") or [View({}, view.path, view.notes, view.decoder)])[0]
    return Applicator(
        path=view.path,
        id=view.text("ApplicatorID"),
        type=view.text("ApplicatorType"),
        description=view.text("ApplicatorDescription"),
        aperture_shape=geometry.text("ApplicatorApertureShape"),
        opening_mm=geometry.number("ApplicatorOpening"),
        opening_x_mm=geometry.number("ApplicatorOpeningX"),
        opening_y_mm=geometry.number("ApplicatorOpeningY"),
    )


def _private_sources(beam: Item, items: Sequence[Item]) -> list[Item]:
    """Where private signs can stand: the beam with what it holds, and its first control point."""
    without = {tag: value for tag, value in beam.items() if tag != TAGS["ControlPointSequence"]}
    return [item for item in (*nested(without), *items[:1]) if has_private(item)]
