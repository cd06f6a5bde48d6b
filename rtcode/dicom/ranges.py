"""What a number can be at all, for each attribute: beyond it, a number says nothing and is unknown, with a warning.

A number may be written correctly and still be none (docs/plans.md 4): a source-axis distance of 0, an energy of 1e-320,
a gantry angle of a million degrees. Taken as they are, they turn into definite answers: a photon energy of 1e-320 MV
is below that of any X-ray tube, so the plan would be one of kilovoltage. The limits are wide: they leave out what no
machine and no room can have, not what is unusual. Lengths in centimeters stay inside, since these are recognized as
such (`rtcode.plan.units`). The limits hold for both readers, since they are applied where plans are built.

Zero is kept where it is said on purpose (a meterset of 0, an energy that is not filled in).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rtcode.dicom.vocabulary import BINARY_COLUMNS, DECIMAL_COLUMNS
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import Column, ControlPoints, DevicePositions, FloatArray, State
from rtcode.plan.tags import at
from rtcode.records import record, replace

BoolArray = npt.NDArray[np.bool_]


@record
class Range:
    """Plausible numbers: ``low`` to ``high``, both included, and 0 or at least ``least`` from zero."""

    low: float
    high: float
    least: float = 0.0

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high and (value == 0 or abs(value) >= self.least)

    def spans(self, low: float, high: float) -> bool:
        """Whether all numbers between these two, as the least and the greatest of some, are plausible.

        False also where that is open; NaN (no number at all) is plausible.
        """
        near_zero = bool(self.least) and low < self.least and high > -self.least
        return not (low < self.low or high > self.high or near_zero)

    def of(self, values: FloatArray) -> BoolArray:
        """Which numbers are plausible; NaN is not."""
        inside = (values >= self.low) & (values <= self.high)
        return inside & ((values == 0) | (np.abs(values) >= self.least)) if self.least else inside


#: Ten turns. DICOM does not restrict angles (PS3.3 C.8.8.14.13), and arcs of two turns in one beam are real.
_ANGLE = Range(-3600.0, 3600.0)
#: No treatment room is wider (docs/plans.md 4, case 24).
_ROOM = Range(-5000.0, 5000.0)
#: Five times the largest field, at the isocenter plane.
_FIELD = Range(-1000.0, 1000.0)
#: More Gy than any course has; doses in cGy are mostly beyond it.
_DOSE = Range(0.0, 1000.0)
_WEIGHT = Range(-1e9, 1e9)

RANGES: dict[str, Range] = {
    # From 80 mm on a distance may be one in centimeters; Unity has 1435 mm.
    "SourceAxisDistance": Range(80.0, 5000.0),
    # Contact therapy begins at a few centimeters, total skin set-ups reach some meters.
    "SourceToSurfaceDistance": Range(10.0, 10_000.0),
    "SourceToBeamLimitingDeviceDistance": Range(0.0, 5000.0),
    "TableTopVerticalPosition": _ROOM,
    "TableTopLongitudinalPosition": _ROOM,
    "TableTopLateralPosition": _ROOM,
    "TableTopVerticalSetupDisplacement": _ROOM,
    "TableTopLongitudinalSetupDisplacement": _ROOM,
    "TableTopLateralSetupDisplacement": _ROOM,
    "GantryAngle": _ANGLE,
    "BeamLimitingDeviceAngle": _ANGLE,
    "PatientSupportAngle": _ANGLE,
    "TableTopEccentricAngle": _ANGLE,
    "TableTopPitchAngle": _ANGLE,
    "TableTopRollAngle": _ANGLE,
    "WedgeAngle": _ANGLE,
    "EffectiveWedgeAngle": _ANGLE,
    "WedgeOrientation": _ANGLE,
    "LeafJawPositions": _FIELD,
    "LeafPositionBoundaries": _FIELD,
    "BlockData": _FIELD,
    "ApplicatorOpening": Range(1.0, 1000.0),
    "ApplicatorOpeningX": Range(1.0, 1000.0),
    "ApplicatorOpeningY": Range(1.0, 1000.0),
    # MV, MeV, or kilovolts that stand in for them; Grenz rays are 0.005 MV.
    "NominalBeamEnergy": Range(0.0, 1000.0, least=1e-3),
    "DoseRateSet": Range(0.0, 1e6),
    # Monitor units or minutes; ion plans have millions. A negative one is a finding of its own (docs/plans.md 4, 20).
    "BeamMeterset": Range(-1e7, 1e7, least=1e-6),
    "CumulativeMetersetWeight": _WEIGHT,
    "FinalCumulativeMetersetWeight": _WEIGHT,
    "BeamDose": _DOSE,
    "DeliveryMaximumDose": _DOSE,
    "TargetPrescriptionDose": _DOSE,
    "TargetMaximumDose": _DOSE,
    "OrganAtRiskFullVolumeDose": _DOSE,
    "OrganAtRiskLimitDose": _DOSE,
    "OrganAtRiskMaximumDose": _DOSE,
    "OrganAtRiskOverdoseVolumeFraction": Range(0.0, 100.0),
    "NumberOfFractionsPlanned": Range(0.0, 1000.0),
}

#: Columns of `ControlPoints` whose numbers are checked once the column is made, and their keywords. Points in the
#: patient are checked where their three coordinates are read (`rtcode.dicom.control_points`).
_COLUMNS = DECIMAL_COLUMNS | BINARY_COLUMNS


def plausible(points: ControlPoints, path: str, notes: Notes) -> ControlPoints:
    """The control points of a beam without implausible numbers: these are unknown, as unreadable ones are.

    Parameters
    ----------
    points
        Columns with inheritance done: what is inherited from an implausible number is unknown too.
    path
        Of the beam.
    """
    sequence = f"{path}.ControlPointSequence"
    changed: dict[str, Any] = {}
    columns = [(name, column) for name in _COLUMNS if (column := getattr(points, name)) is not None]
    if columns and points.count:
        # All columns at once: nearly always nothing is wrong, and this has to cost nearly nothing.
        values = np.array([column.values for _, column in columns])
        bounds = zip(np.fmin.reduce(values, axis=1).tolist(), np.fmax.reduce(values, axis=1).tolist(), strict=True)
        for (name, column), (low, high) in zip(columns, bounds, strict=True):
            keyword = _COLUMNS[name]
            if not RANGES[keyword].spans(low, high):
                changed[name] = _column(column, keyword, sequence, notes)
    limit = RANGES["LeafJawPositions"]
    if any(
        device.rows.size
        and not limit.spans(
            float(np.fmin.reduce(device.rows, axis=None)), float(np.fmax.reduce(device.rows, axis=None))
        )
        for device in points.devices
    ):
        changed["devices"] = tuple(_device(device, limit, sequence, notes) for device in points.devices)
    return replace(points, **changed) if changed else points


def _column(column: Column, keyword: str, sequence: str, notes: Notes) -> Column:
    wrong = ~RANGES[keyword].of(column.values) & np.isfinite(column.values)
    if not wrong.any():
        return column
    for index in np.flatnonzero(wrong & column.is_given()).tolist():
        notes.add("out_of_range", at(f"{sequence}[{index}]", keyword))
    values, state = column.values.copy(), column.state.copy()
    values[wrong] = np.nan
    state[wrong] = State.INVALID
    return Column(values, state)


def _device(device: DevicePositions, limit: Range, sequence: str, notes: Notes) -> DevicePositions:
    """Single positions become unknown, as a single unreadable one does; the others of the entry stay."""
    wrong = ~limit.of(device.rows) & np.isfinite(device.rows)
    if not wrong.any():
        return device
    for row in np.flatnonzero(wrong.any(axis=1)).tolist():
        index = int(np.flatnonzero(device.index == row)[0])
        notes.add("out_of_range", at(f"{sequence}[{index}].BeamLimitingDevicePositionSequence", "LeafJawPositions"))
    return replace(device, rows=np.where(wrong, np.nan, device.rows))
