"""Two matched beams compared, attribute by attribute."""

from __future__ import annotations

from rtcode.comparison.alignment import align
from rtcode.comparison.columns import (
    compare_angles,
    compare_directions,
    compare_gantry,
    compare_lengths,
    compare_points,
    compare_steps,
    compare_wedge_positions,
)
from rtcode.comparison.devices import compare_devices
from rtcode.comparison.modifiers import compare_modifiers
from rtcode.comparison.recorder import Recorder
from rtcode.comparison.setups import code_text, compare_setups
from rtcode.comparison.weights import compare_indices, compare_weights
from rtcode.features.types import BeamFacts
from rtcode.plan.model import Beam, PlanKind

_ANGLES = {
    "collimator_angle": "collimator_deg",
    "couch_angle": "couch_deg",
    "table_eccentric": "table_eccentric_deg",
    "table_pitch": "table_pitch_deg",
    "table_roll": "table_roll_deg",
}
_LENGTHS = {
    "table_vertical": "table_vertical_mm",
    "table_longitudinal": "table_longitudinal_mm",
    "table_lateral": "table_lateral_mm",
    "ssd": "ssd_mm",
}
_STEPS = {"energy": "energy", "dose_rate": "dose_rate"}
_POINTS = {"isocenter": "isocenter_mm", "surface_entry": "surface_entry_mm"}


def compare_beams(record: Recorder, old: BeamFacts, new: BeamFacts) -> None:
    """Everything that two matched beams say, except what fraction groups say of them.

    Parameters
    ----------
    record
        A recorder at the two beams.
    """
    a, b = old.planned.beam, new.planned.beam
    _head(record, old, new)
    ion = PlanKind.RT_ION_PLAN in (old.planned.plan.kind, new.planned.plan.kind)
    if not ion:
        _control_points(record, old, new)
    else:
        record.number("final_meterset_weight", a.final_meterset_weight, b.final_meterset_weight)
        if a.control_points.count != b.control_points.count:
            record.add("control_points", a.control_points.count, b.control_points.count)
    declared = (a.declared_control_points, a.control_points.count), (b.declared_control_points, b.control_points.count)
    record.declared("declared_control_points", *declared)
    compare_modifiers(record, a, b)
    compare_setups(record, old.planned, new.planned)
    _texts(record, a, b)


def _head(record: Recorder, old: BeamFacts, new: BeamFacts) -> None:
    a, b = old.planned.beam, new.planned.beam
    record.plain("role", old.planned.role.value, new.planned.role.value)
    record.text("delivery_type", a.delivery_type, b.delivery_type)
    record.text("radiation_type", a.radiation_type, b.radiation_type)
    record.text("beam_type", a.beam_type, b.beam_type)
    record.plain("technique", old.technique.technique.value, new.technique.technique.value)
    record.text("fluence_mode", _fluence(a, 0), _fluence(b, 0))
    record.text("fluence_mode_id", _fluence(a, 1), _fluence(b, 1))
    record.text("high_dose_technique", a.high_dose_technique, b.high_dose_technique)
    record.texts("technique_codes", map(code_text, a.technique_codes), map(code_text, b.technique_codes))
    record.text("machine", a.machine_name, b.machine_name)
    record.text("machine_manufacturer", a.manufacturer, b.manufacturer)
    record.text("machine_model", a.model, b.model)
    record.text("dosimeter_unit", a.dosimeter_unit, b.dosimeter_unit)
    record.number("source_axis_distance", a.source_axis_distance_mm, b.source_axis_distance_mm)
    record.plain("verification_images", a.verification_images, b.verification_images)
    record.plain("reference_images", a.reference_images, b.reference_images)
    record.texts("private_signs", map("=".join, a.private_signs), map("=".join, b.private_signs))
    record.texts("private_creators", a.private_creators, b.private_creators)
    record.plain("encoding", *("enhanced" if one.enhanced_encoding else "basic" for one in (a, b)))


def _fluence(beam: Beam, which: int) -> str | None:
    """Modes of the fluence, or their IDs, joined as several values of an attribute are; ``None`` where absent."""
    words = [mode[which] for mode in beam.fluence_modes if mode[which] is not None]
    return "\\".join(word for word in words if word) if words else None


def _control_points(record: Recorder, old: BeamFacts, new: BeamFacts) -> None:
    a, b = old.planned.beam.control_points, new.planned.beam.control_points
    at = align(old.planned, new.planned)
    if a.count != b.count:
        how = (
            "nothing says how they correspond: their positions are not compared"
            if at is None
            else "both are compared at equal shares of the meterset"
        )
        record.add("control_points", a.count, b.count, note=how, matters=None if at is None else False)
    if at is not None and at.count:
        for name in ("collimator", "couch"):
            directions = [getattr(one, f"{name}_direction") for one in (a, b)]
            angles = [getattr(one, f"{name}_deg") for one in (a, b)]
            compare_directions(record, f"{name}_direction", directions, angles, at)
        compare_gantry(record, old.planned, new.planned, at)
        for attribute, column in _ANGLES.items():
            compare_angles(record, attribute, getattr(a, column), getattr(b, column), at)
        for attribute, column in _LENGTHS.items():
            compare_lengths(record, attribute, getattr(a, column), getattr(b, column), at)
        for attribute, column in _STEPS.items():
            compare_steps(record, attribute, getattr(a, column), getattr(b, column), at)
        for attribute, column in _POINTS.items():
            compare_points(record, attribute, getattr(a, column), getattr(b, column), at)
        compare_wedge_positions(record, old.planned, new.planned, at)
    elif at is None:
        record.cannot(
            "control_points", "they differ in number, and the meterset weights that could relate them are unusable"
        )
    compare_weights(record, old.planned, new.planned, at)
    compare_indices(record, old.planned, new.planned, at)
    compare_devices(record, old.planned, new.planned, at if at is not None and at.count else None)


def _texts(record: Recorder, a: Beam, b: Beam) -> None:
    record.text("beam_long_label", a.long_label, b.long_label)
    record.text("beam_description", a.description, b.description)
