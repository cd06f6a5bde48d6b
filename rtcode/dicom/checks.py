"""What is odd about a plan that was read whole: references that lead nowhere, counts that do not add up.

Nothing is corrected here; each finding is a warning, and the model says the same without it (a dangling reference finds
nothing, weights that fall cannot be judged). See docs/plans.md 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rtcode.dicom.warnings import Notes
from rtcode.plan.model import (
    Beam,
    FractionGroup,
    Missing,
    PatientSetup,
    known,
    known_int,
)
from rtcode.plan.references import reference_defects
from rtcode.plan.tags import at
from rtcode.plan.weights import WeightProblem, cumulative_weights

#: More than any treatment field is given in one fraction (MU).
_LARGE_METERSET = 3000.0
_IRREGULAR = frozenset({WeightProblem.DECREASING, WeightProblem.START_NOT_ZERO, WeightProblem.END_NOT_FINAL})


def check(beams: Sequence[Beam], groups: Sequence[FractionGroup], setups: Sequence[PatientSetup], notes: Notes) -> None:
    """Note what does not add up between the parts of a plan."""
    _references(beams, groups, notes)
    numbers = Counter(known_int(setup.number) for setup in setups)
    for beam in beams:
        number = known_int(beam.setup_number)
        if number is not None and numbers[number] != 1:
            notes.add("setup_reference_dangling", at(beam.path, "ReferencedPatientSetupNumber"))
        _devices(beam, notes)
        _wedges(beam, notes)
        _weights(beam, notes)


def _references(beams: Sequence[Beam], groups: Sequence[FractionGroup], notes: Notes) -> None:
    numbers = {number for beam in beams if (number := known_int(beam.number)) is not None}
    named: set[int | None] = set()
    for group in groups:
        for defect in reference_defects(group, numbers):
            notes.add(defect.problem.value, defect.where)
        for reference in group.beams:
            named.add(known_int(reference.number))
            meterset = known(reference.meterset)
            if meterset is not None and meterset < 0:
                notes.add("meterset_negative", at(reference.path, "BeamMeterset"))
            elif meterset is not None and meterset > _LARGE_METERSET:
                notes.add("meterset_large", at(reference.path, "BeamMeterset"))
    if groups:
        for beam in beams:
            number = known_int(beam.number)
            if number is None or number not in named:
                notes.add("beam_not_referenced", at(beam.path, "BeamNumber"))


def _devices(beam: Beam, notes: Notes) -> None:
    """Two devices of one type are real where they have different numbers of pairs (docs/plans.md 1.7, 8)."""
    seen: set[tuple[str, int | Missing]] = set()
    for device in beam.devices:
        if (device.type, device.pairs) in seen:
            notes.add("device_repeated", at(device.path, "RTBeamLimitingDeviceType"))
        seen.add((device.type, device.pairs))


def _wedges(beam: Beam, notes: Notes) -> None:
    declared = known_int(beam.number_of_wedges)
    if declared is not None and declared != len(beam.wedges):
        notes.add("wedges_declared", at(beam.path, "NumberOfWedges"))
    numbers = {known_int(wedge.number) for wedge in beam.wedges}
    if any(isinstance(w.number, Missing) or w.number not in numbers for w in beam.control_points.wedges):
        notes.add("wedge_reference_dangling", at(f"{beam.path}.ControlPointSequence", "WedgePositionSequence"))


def _weights(beam: Beam, notes: Notes) -> None:
    """Weights begin at 0, never fall and end at the final one; unreadable ones were noted on reading."""
    problems, _ = cumulative_weights(beam)
    # Set-up fields are written with 0 throughout, the final weight included.
    never_rise = WeightProblem.NEVER_RISE in problems and known(beam.final_meterset_weight)
    if never_rise or not _IRREGULAR.isdisjoint(problems):
        notes.add("weights_irregular", at(f"{beam.path}.ControlPointSequence", "CumulativeMetersetWeight"))
