"""The patient set-ups of two beams compared: what a set-up says, whatever its number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rtcode.comparison.recorder import Recorder
from rtcode.comparison.types import BeamPair
from rtcode.plan.model import Code, Missing, PatientSetup, RTPlan, ToleranceTable, known_int
from rtcode.plan.sessions import PlannedBeam

#: attribute → field of a motion synchronization item
_MOTION = {
    "motion": "technique",
    "motion_signal": "signal",
    "motion_signal_id": "signal_id",
    "motion_description": "description",
}
_TOLERANCES = (
    ("gantry", "gantry_deg", "deg"),
    ("collimator", "collimator_deg", "deg"),
    ("couch", "couch_deg", "deg"),
    ("table vertical", "table_vertical_mm", "mm"),
    ("table longitudinal", "table_longitudinal_mm", "mm"),
    ("table lateral", "table_lateral_mm", "mm"),
)
_CODED = frozenset({"technique", "signal"})


def compare_setups(record: Recorder, old: PlannedBeam, new: PlannedBeam) -> None:
    """The set-ups that two beams refer to, and the tolerance tables."""
    record.number("setup_number", old.beam.setup_number, new.beam.setup_number)
    a, b = old.setup, new.setup
    if a is not None and b is not None:
        _setup(record.inside(a.path, b.path), a, b)
    elif a is not None or b is not None:
        record.only_one("setup", "set-up", added=a is None)
    record.number("tolerance_table_number", old.beam.tolerance_table_number, new.beam.tolerance_table_number)
    _tolerance_table(record, old, new)


def compare_other_setups(record: Recorder, old: RTPlan, new: RTPlan, beams: Sequence[BeamPair]) -> None:
    """Set-ups that no matched beam refers to: by number, then in order."""
    used = {
        id(planned.setup)
        for pair in beams
        if pair.old is not None and pair.new is not None
        for planned in (pair.old, pair.new)
    }
    left = [[setup for setup in plan.setups if id(setup) not in used] for plan in (old, new)]
    pairs: list[tuple[PatientSetup | None, PatientSetup | None]] = []
    for setup in list(left[0]):
        same = next((s for s in left[1] if s.number == setup.number and known_int(s.number) is not None), None)
        if same is not None:
            pairs.append((setup, same))
            left[0].remove(setup)
            left[1].remove(same)
    for a, b in (*pairs, *zip_longest(*left)):
        if a is not None and b is not None:
            _setup(record.inside(a.path, b.path), a, b)
            continue
        one = a or b
        assert one is not None
        note = "no beam that both plans have refers to it"
        record.only_one("setup", "set-up", added=a is None, note=note, matters=False, where=one.path)


def _setup(record: Recorder, old: PatientSetup, new: PatientSetup) -> None:
    record.text("patient_position", old.position, new.position)
    record.text("additional_position", old.additional_position, new.additional_position)
    record.text("setup_technique", old.technique, new.technique)
    record.text("setup_technique_description", old.technique_description, new.technique_description)
    record.text("setup_label", old.label, new.label)
    record.texts("setup_references", old.reference_descriptions, new.reference_descriptions)
    record.texts("fixation_devices", _fixation(old), _fixation(new))
    record.texts("shielding_devices", old.shielding_devices, new.shielding_devices)
    record.number("displacement_vertical", old.vertical_displacement_mm, new.vertical_displacement_mm)
    record.number("displacement_longitudinal", old.longitudinal_displacement_mm, new.longitudinal_displacement_mm)
    record.number("displacement_lateral", old.lateral_displacement_mm, new.lateral_displacement_mm)
    for attribute, name in _MOTION.items():
        record.texts(attribute, _motion(old, name), _motion(new, name))
    record.texts("preparation", map(code_text, old.preparation_codes), map(code_text, new.preparation_codes))
    record.plain("setup_images", old.setup_images, new.setup_images)


def _fixation(setup: PatientSetup) -> list[str]:
    return [" ".join(filter(None, (d.type, d.label, d.description))) for d in setup.fixation_devices]


def _motion(setup: PatientSetup, name: str) -> list[str]:
    """One attribute of all motion synchronization items; coded ones without regard to case."""
    values = [getattr(motion, name) for motion in setup.motion]
    return [value.strip().upper() if name in _CODED else value for value in values if value]


def code_text(code: Code) -> str:
    """Value, scheme and meaning of a coded entry as one text."""
    return " ".join(filter(None, (code.value, code.scheme, code.meaning)))


def _tolerance_table(record: Recorder, old: PlannedBeam, new: PlannedBeam) -> None:
    tables = [p.plan.tolerance_table_by_number(p.beam.tolerance_table_number) for p in (old, new)]
    labels = [None if table is None else table.label for table in tables]
    record.text("tolerance_table", labels[0], labels[1])
    values = [() if table is None else _tolerances(table) for table in tables]
    record.plain("tolerance_values", values[0], values[1])


def _tolerances(table: ToleranceTable) -> tuple[str, ...]:
    """``gantry 1 deg``: what a table says, in the order of `_TOLERANCES`."""
    found = ((name, getattr(table, field), unit) for name, field, unit in _TOLERANCES)
    return tuple(f"{name} {value:g} {unit}" for name, value, unit in found if not isinstance(value, Missing))
