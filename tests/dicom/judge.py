"""The independent judge: compares an `RTPlan` value for value with what pydicom's public interface says of the file.

Nothing of `rtcode.dicom` is used here. Where the readers work with columns and batches, this goes through the control
points one by one and keeps in plain dictionaries what holds; a number is a decimal string by a pattern of its own.
"""

from __future__ import annotations

import math
import re
import warnings
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import DSfloat

from rtcode.plan.model import Beam, Column, Direction, Missing, RTPlan, State

DECIMAL = re.compile(r"[ \0]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \0]*")
TEXTS = {
    "sop_class_uid": "SOPClassUID",
    "sop_instance_uid": "SOPInstanceUID",
    "modality": "Modality",
    "study_instance_uid": "StudyInstanceUID",
    "series_instance_uid": "SeriesInstanceUID",
    "series_description": "SeriesDescription",
    "frame_of_reference_uid": "FrameOfReferenceUID",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "label": "RTPlanLabel",
    "name": "RTPlanName",
    "description": "RTPlanDescription",
    "date": "RTPlanDate",
    "intent": "PlanIntent",
    "geometry": "RTPlanGeometry",
    "approval": "ApprovalStatus",
    "study_date": "StudyDate",
    "review_date": "ReviewDate",
    "prescription_description": "PrescriptionDescription",
    "brachy_treatment_type": "BrachyTreatmentType",
}
BEAM_TEXTS = {
    "name": "BeamName",
    "long_label": "EntityLongLabel",
    "description": "BeamDescription",
    "beam_type": "BeamType",
    "radiation_type": "RadiationType",
    "high_dose_technique": "HighDoseTechniqueType",
    "machine_name": "TreatmentMachineName",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "dosimeter_unit": "PrimaryDosimeterUnit",
    "delivery_type": "TreatmentDeliveryType",
}
BEAM_INTEGERS = {
    "number": "BeamNumber",
    "number_of_wedges": "NumberOfWedges",
    "number_of_compensators": "NumberOfCompensators",
    "number_of_boli": "NumberOfBoli",
    "number_of_blocks": "NumberOfBlocks",
    "setup_number": "ReferencedPatientSetupNumber",
    "tolerance_table_number": "ReferencedToleranceTableNumber",
    "declared_control_points": "NumberOfControlPoints",
}
TOLERANCES = {
    "gantry_deg": "GantryAngleTolerance",
    "collimator_deg": "BeamLimitingDeviceAngleTolerance",
    "couch_deg": "PatientSupportAngleTolerance",
    "table_vertical_mm": "TableTopVerticalPositionTolerance",
    "table_longitudinal_mm": "TableTopLongitudinalPositionTolerance",
    "table_lateral_mm": "TableTopLateralPositionTolerance",
}
BEAM_COUNTS = {
    "boluses": "ReferencedBolusSequence",
    "verification_images": "PlannedVerificationImageSequence",
    "reference_images": "ReferencedReferenceImageSequence",
}
SCALARS = {
    "meterset_weight": "CumulativeMetersetWeight",
    "energy": "NominalBeamEnergy",
    "dose_rate": "DoseRateSet",
    "gantry_deg": "GantryAngle",
    "collimator_deg": "BeamLimitingDeviceAngle",
    "couch_deg": "PatientSupportAngle",
    "table_eccentric_deg": "TableTopEccentricAngle",
    "table_pitch_deg": "TableTopPitchAngle",
    "table_roll_deg": "TableTopRollAngle",
    "table_vertical_mm": "TableTopVerticalPosition",
    "table_longitudinal_mm": "TableTopLongitudinalPosition",
    "table_lateral_mm": "TableTopLateralPosition",
    "ssd_mm": "SourceToSurfaceDistance",
}
VECTORS = {"isocenter_mm": "IsocenterPosition", "surface_entry_mm": "SurfaceEntryPoint"}
DIRECTIONS = {
    "gantry_direction": "GantryRotationDirection",
    "collimator_direction": "BeamLimitingDeviceRotationDirection",
    "couch_direction": "PatientSupportRotationDirection",
}
TERMS = {
    "CW": Direction.CLOCKWISE,
    "CC": Direction.COUNTER_CLOCKWISE,
    "CCW": Direction.COUNTER_CLOCKWISE,
    "NONE": Direction.NONE,
}
ANGLE, ROOM, OPENING, DOSE = (-3600, 3600, 0), (-5000, 5000, 0), (1, 1000, 0), (0, 1000, 0)
#: Lowest, highest and least number other than 0 that is taken as one; without an entry there is no limit.
LIMITS = {
    "SourceAxisDistance": (80, 5000, 0),
    "SourceToSurfaceDistance": (10, 10_000, 0),
    "GantryAngle": ANGLE,
    "BeamLimitingDeviceAngle": ANGLE,
    "PatientSupportAngle": ANGLE,
    "TableTopEccentricAngle": ANGLE,
    "TableTopPitchAngle": ANGLE,
    "TableTopRollAngle": ANGLE,
    "WedgeAngle": ANGLE,
    "WedgeOrientation": ANGLE,
    "TableTopVerticalPosition": ROOM,
    "TableTopLongitudinalPosition": ROOM,
    "TableTopLateralPosition": ROOM,
    "TableTopLateralSetupDisplacement": ROOM,
    "LeafJawPositions": (-1000, 1000, 0),
    "LeafPositionBoundaries": (-1000, 1000, 0),
    "BlockData": (-1000, 1000, 0),
    "ApplicatorOpening": OPENING,
    "NominalBeamEnergy": (0, 1000, 0.001),
    "DoseRateSet": (0, 1_000_000, 0),
    "BeamMeterset": (-10_000_000, 10_000_000, 0.000001),
    "CumulativeMetersetWeight": (-1_000_000_000, 1_000_000_000, 0),
    "FinalCumulativeMetersetWeight": (-1_000_000_000, 1_000_000_000, 0),
    "BeamDose": DOSE,
    "DeliveryMaximumDose": DOSE,
    "TargetPrescriptionDose": DOSE,
    "TargetMaximumDose": DOSE,
    "OrganAtRiskMaximumDose": DOSE,
    "NumberOfFractionsPlanned": (0, 1000, 0),
}


def load(data: bytes) -> Dataset:
    """The file as pydicom reads it; its values are checked here, not there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set = pydicom.dcmread(BytesIO(data), force=True)
        # Sequences are converted while warnings are off; values are converted when asked for.
        data_set.walk(lambda _, element: element.value)
    return data_set


def disagreements(plan: RTPlan, data_set: Dataset) -> list[str]:
    """Where a plan says something else than the data set."""
    kept = config.settings.reading_validation_mode
    config.settings.reading_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            judge = _Judge()
            judge.plan(plan, data_set)
            return judge.found
    finally:
        config.settings.reading_validation_mode = kept


class _Judge:
    def __init__(self) -> None:
        self.found: list[str] = []

    def same(self, where: str, ours: Any, theirs: Any) -> None:
        if isinstance(ours, float) and isinstance(theirs, float) and math.isnan(ours) and math.isnan(theirs):
            return
        if ours != theirs or isinstance(ours, Missing) != isinstance(theirs, Missing):
            self.found.append(f"{where}: {ours!r}, pydicom has {theirs!r}")

    def count(self, where: str, ours: Any, theirs: Any) -> bool:
        self.same(f"{where}: number of items", len(ours), len(theirs))
        return len(ours) == len(theirs)

    # --------------------------------------------------------------------------------------------------- the plan

    def plan(self, plan: RTPlan, ds: Dataset) -> None:
        for name, keyword in TEXTS.items():
            self.same(name, trimmed(getattr(plan, name)), text(ds, keyword))
        self.same("patient.id", plan.patient.id, text(ds, "PatientID"))
        self.same("patient.name", plan.patient.name, text(ds, "PatientName"))
        self.same("patient.birth_date", plan.patient.birth_date, text(ds, "PatientBirthDate"))
        self.same("software_versions", plan.software_versions, tuple(values(ds, "SoftwareVersions")))
        self.same("treatment_protocols", plan.treatment_protocols, tuple(values(ds, "TreatmentProtocols")))
        sites = [(k, v) for k in ("TreatmentSites", "TreatmentSite") for v in values(ds, k)]
        self.same("sites", list(plan.sites), sites)
        sets = items(ds, "ReferencedStructureSetSequence")
        self.same("structure set", plan.structure_set_uid, text(sets[0], "ReferencedSOPInstanceUID") if sets else None)
        self.same("brachy setups", plan.brachy_setups, len(items(ds, "ApplicationSetupSequence")))
        for ours, theirs in self.pairs("related", plan.related_plans, items(ds, "ReferencedRTPlanSequence")):
            self.same("related uid", ours.sop_instance_uid, text(theirs, "ReferencedSOPInstanceUID"))
            self.same("relationship", ours.relationship, text(theirs, "RTPlanRelationship"))
        for ours, theirs in self.pairs("dose references", plan.dose_references, items(ds, "DoseReferenceSequence")):
            self.same("dose number", ours.number, integer(theirs, "DoseReferenceNumber"))
            self.same("dose type", ours.type, text(theirs, "DoseReferenceType"))
            self.same("dose structure", ours.structure_type, text(theirs, "DoseReferenceStructureType"))
            self.same("dose description", ours.description, text(theirs, "DoseReferenceDescription"))
            self.same("roi", ours.roi_number, integer(theirs, "ReferencedROINumber"))
            self.same("prescription", ours.target_prescription_gy, number(theirs, "TargetPrescriptionDose"))
            self.same("delivery maximum", ours.delivery_maximum_gy, number(theirs, "DeliveryMaximumDose"))
            self.same("oar maximum", ours.oar_maximum_gy, number(theirs, "OrganAtRiskMaximumDose"))
            self.same("target maximum", ours.target_maximum_gy, number(theirs, "TargetMaximumDose"))
        for ours, theirs in self.pairs("tolerances", plan.tolerance_tables, items(ds, "ToleranceTableSequence")):
            self.same("tolerance number", ours.number, integer(theirs, "ToleranceTableNumber"))
            self.same("tolerance label", ours.label, text(theirs, "ToleranceTableLabel"))
            for name, keyword in TOLERANCES.items():
                self.same(f"tolerance {name}", getattr(ours, name), number(theirs, keyword))
        for ours, theirs in self.pairs("setups", plan.setups, items(ds, "PatientSetupSequence")):
            self.setup(ours, theirs)
        self.same("has groups", plan.fraction_groups is not None, "FractionGroupSequence" in ds)
        for ours, theirs in self.pairs("groups", plan.fraction_groups or (), items(ds, "FractionGroupSequence")):
            self.group(ours, theirs)
        ion = "IonBeamSequence" in ds
        keyword = "IonBeamSequence" if ion else "BeamSequence"
        self.same("has beams", plan.beams is not None, keyword in ds)
        for beam, theirs in self.pairs("beams", plan.beams or (), items(ds, keyword)):
            self.beam(beam, theirs, ion)

    def pairs(self, where: str, ours: Any, theirs: Any) -> Any:
        return zip(ours, theirs, strict=True) if self.count(where, ours, theirs) else ()

    def setup(self, ours: Any, theirs: Dataset) -> None:
        self.same("setup number", ours.number, integer(theirs, "PatientSetupNumber"))
        self.same("setup label", ours.label, text(theirs, "PatientSetupLabel"))
        self.same("setup position", ours.position, text(theirs, "PatientPosition"))
        self.same("setup technique", ours.technique, text(theirs, "SetupTechnique"))
        self.same("setup notes", ours.technique_description, text(theirs, "SetupTechniqueDescription"))
        self.same("setup shift", ours.lateral_displacement_mm, number(theirs, "TableTopLateralSetupDisplacement"))
        for motion, item in self.pairs("motion", ours.motion, items(theirs, "MotionSynchronizationSequence")):
            self.same("motion", motion.technique, text(item, "RespiratoryMotionCompensationTechnique"))
            self.same("signal", motion.signal, text(item, "RespiratorySignalSource"))

    def group(self, ours: Any, theirs: Dataset) -> None:
        self.same("group number", ours.number, integer(theirs, "FractionGroupNumber"))
        self.same("group description", ours.description, text(theirs, "FractionGroupDescription"))
        self.same("fractions", ours.fractions_planned, integer(theirs, "NumberOfFractionsPlanned"))
        self.same("declared beams", ours.declared_beams, integer(theirs, "NumberOfBeams"))
        self.same("declared brachy", ours.declared_brachy_setups, integer(theirs, "NumberOfBrachyApplicationSetups"))
        for reference, item in self.pairs("referenced", ours.beams, items(theirs, "ReferencedBeamSequence")):
            self.same("referenced number", reference.number, integer(item, "ReferencedBeamNumber"))
            self.same("meterset", reference.meterset, number(item, "BeamMeterset"))
            self.same("dose", reference.dose_gy, number(item, "BeamDose"))

    # --------------------------------------------------------------------------------------------------- one beam

    def beam(self, ours: Beam, theirs: Dataset, ion: bool) -> None:
        where = ours.path
        for name, keyword in BEAM_TEXTS.items():
            self.same(f"{where}.{name}", trimmed(getattr(ours, name)), text(theirs, keyword))
        for name, keyword in BEAM_INTEGERS.items():
            self.same(f"{where}.{name}", getattr(ours, name), integer(theirs, keyword))
        self.same(
            f"{where}.final", ours.final_meterset_weight, number(theirs, "FinalCumulativeMetersetWeight")
        )  # fmt: skip
        points = items(theirs, "IonControlPointSequence" if ion else "ControlPointSequence")
        self.same(f"{where}: control points", ours.control_points.count, len(points))
        if ion or ours.control_points.count != len(points):
            return
        self.same(f"{where}.sad", ours.source_axis_distance_mm, number(theirs, "SourceAxisDistance"))
        for name, keyword in BEAM_COUNTS.items():
            self.same(f"{where}.{name}", getattr(ours, name), len(items(theirs, keyword)))
        fluence = [
            (text(f, "FluenceMode"), text(f, "FluenceModeID")) for f in items(theirs, "PrimaryFluenceModeSequence")
        ]
        self.same(f"{where}.fluence", list(ours.fluence_modes), fluence)
        for wedge, item in self.pairs(f"{where}.wedges", ours.wedges, items(theirs, "WedgeSequence")):
            self.same("wedge number", wedge.number, integer(item, "WedgeNumber"))
            self.same("wedge type", wedge.type, text(item, "WedgeType"))
            self.same("wedge id", wedge.id, text(item, "WedgeID"))
            self.same("wedge angle", wedge.angle_deg, number(item, "WedgeAngle"))
            self.same("wedge orientation", wedge.orientation_deg, number(item, "WedgeOrientation"))
        for block, item in self.pairs(f"{where}.blocks", ours.blocks, items(theirs, "BlockSequence")):
            self.same("block type", block.type, text(item, "BlockType"))
            self.same("block outline", block.outline_mm.ravel().tolist(), numbers(item, "BlockData"))
        for applicator, item in self.pairs(
            f"{where}.applicators", ours.applicators, items(theirs, "ApplicatorSequence")
        ):
            self.same("applicator id", applicator.id, text(item, "ApplicatorID"))
            self.same("applicator type", applicator.type, text(item, "ApplicatorType"))
        ordinary = tuple(device for device in ours.devices if not device.enhanced)
        for device, item in self.pairs(f"{where}.devices", ordinary, items(theirs, "BeamLimitingDeviceSequence")):
            self.same("device type", device.type, (text(item, "RTBeamLimitingDeviceType") or "").strip().upper())
            self.same("device pairs", device.pairs, integer(item, "NumberOfLeafJawPairs"))
            self.same("boundaries", device.boundaries_mm.tolist(), numbers(item, "LeafPositionBoundaries"))
        points = in_order(points)
        for name, keyword in SCALARS.items():
            column = getattr(ours.control_points, name)
            self.column(f"{where}.{name}", column, points, keyword, number, name != "meterset_weight")
        self.column(f"{where}.number", ours.control_points.number, points, "ControlPointIndex", integer, False)
        for name, keyword in DIRECTIONS.items():
            self.column(f"{where}.{name}", getattr(ours.control_points, name), points, keyword, direction, True)
        for name, keyword in VECTORS.items():
            self.column(f"{where}.{name}", getattr(ours.control_points, name), points, keyword, vector, True)
        self.devices(ours, points)
        self.wedge_positions(ours, points)

    def column(self, where: str, column: Column | None, points: Any, keyword: str, read: Any, inherited: bool) -> None:
        """Walk through the control points with the value that holds."""
        self.same(f"{where}: present", column is not None, any(keyword in point for point in points))
        if column is None:
            return
        held: Any = Missing.ABSENT
        for i, point in enumerate(points):
            written = keyword in point
            if written:
                held = read(point, keyword)
            elif not inherited:
                held = Missing.ABSENT
            state = {
                Missing.ABSENT: State.ABSENT,
                Missing.EMPTY: State.EMPTY,
                Missing.INVALID: State.INVALID,
            }.get(held if isinstance(held, Missing) else None, State.GIVEN if written else State.INHERITED)  # type: ignore[arg-type]
            self.same(f"{where}[{i}] state", State(int(column.state[i])), state)
            ours = column.values[i].tolist()
            if isinstance(held, Missing):
                self.same(f"{where}[{i}]", bool(np.isnan(column.values[i]).all()), True)
            else:
                self.same(f"{where}[{i}]", ours, held)

    def devices(self, beam: Beam, points: Any) -> None:
        """Positions that hold at each control point, by type, number of values and place among equals."""
        held: dict[tuple[str, int, int], list[float] | None] = {}
        for i, point in enumerate(points):
            seen: dict[tuple[str, int], int] = {}
            for entry in items(point, "BeamLimitingDevicePositionSequence"):
                kind = (text(entry, "RTBeamLimitingDeviceType") or "").strip().upper()
                listed = lenient_numbers(entry, "LeafJawPositions")
                if listed is None:
                    # Empty or absent: what any device of this type had does not hold any more.
                    for key in [k for k in held if k[0] == kind]:
                        held[key] = None
                    continue
                ordinal = seen.get((kind, len(listed)), 0)
                seen[kind, len(listed)] = ordinal + 1
                held[kind, len(listed), ordinal] = listed
            mapped = {(d.type, 2 * d.pairs, d.ordinal): d for d in beam.control_points.devices}
            for (kind, size, ordinal), theirs in held.items():
                device = mapped.get((kind, size, ordinal))
                if device is None:
                    known = [d for d in beam.devices if d.type == kind]
                    # A type that is declared with another number of pairs is unknown, never a claim.
                    if not known or any(d.pairs == size // 2 for d in known):
                        self.found.append(f"{beam.path}: no device for {kind} with {size} values")
                    continue
                now = device.at(i)
                where = f"{beam.path}[{i}] {kind}"
                if theirs is None:
                    self.same(where, now, None)
                elif now is None:
                    self.found.append(f"{where}: unknown, pydicom has positions")
                else:
                    for x, y in zip(now.ravel().tolist(), theirs, strict=True):
                        self.same(where, x, y)

    def wedge_positions(self, beam: Beam, points: Any) -> None:
        held: dict[Any, int] = {}
        mapped = {wedge.number: wedge for wedge in beam.control_points.wedges}
        for i, point in enumerate(points):
            for entry in items(point, "WedgePositionSequence"):
                term = (text(entry, "WedgePosition") or "").strip().upper()
                held[integer(entry, "ReferencedWedgeNumber")] = {"IN": 1, "OUT": 0}.get(term, -1)
            for key, state in held.items():
                self.same(f"{beam.path}[{i}] wedge", int(mapped[key].states[i]), state)


# ------------------------------------------------------------------------------------------------ values of pydicom


def items(ds: Dataset, keyword: str) -> list[Dataset]:
    return list(ds[keyword].value or ()) if keyword in ds else []


def in_order(points: list[Dataset]) -> list[Dataset]:
    indices = [integer(point, "ControlPointIndex") for point in points]
    if any(isinstance(i, Missing) for i in indices) or sorted(indices) != list(range(len(points))):  # type: ignore[type-var]
        return points
    return [point for _, point in sorted(zip(indices, points, strict=True), key=lambda pair: pair[0])]  # type: ignore[arg-type, return-value]


def listed(ds: Dataset, keyword: str) -> list[Any]:
    value = ds[keyword].value
    if value is None:
        return []
    return list(value) if isinstance(value, (MultiValue, list)) else [value]


def text(ds: Dataset, keyword: str) -> str | None:
    if keyword not in ds:
        return None
    return "\\".join(str(value).rstrip(" \0") for value in listed(ds, keyword))


def trimmed(value: str | None) -> str | None:
    """Padding at the end of each value is no part of it, and pydicom drops it."""
    return None if value is None else "\\".join(part.rstrip(" \0") for part in value.split("\\"))


def values(ds: Dataset, keyword: str) -> list[str]:
    return [str(v).strip(" \0") for v in listed(ds, keyword) if str(v).strip(" \0")] if keyword in ds else []


def one_number(value: Any) -> float | Missing:
    if isinstance(value, float) and not isinstance(value, DSfloat):
        return value if math.isfinite(value) else Missing.INVALID
    original = getattr(value, "original_string", None) or str(value)
    if not original.strip(" \0"):
        return Missing.EMPTY
    if not DECIMAL.fullmatch(original) or not math.isfinite(float(original.strip(" \0"))):
        return Missing.INVALID
    return float(original.strip(" \0"))


def number(ds: Dataset, keyword: str) -> float | Missing:
    if keyword not in ds:
        return Missing.ABSENT
    found = listed(ds, keyword)
    if not found:
        return Missing.EMPTY
    return possible(keyword, one_number(found[0])) if len(found) == 1 else Missing.INVALID


def possible(keyword: str, value: float | Missing) -> float | Missing:
    """The number, where the attribute can have it at all."""
    if isinstance(value, Missing) or keyword not in LIMITS:
        return value
    low, high, least = LIMITS[keyword]
    return value if low <= value <= high and not 0 < abs(value) < least else Missing.INVALID


def integer(ds: Dataset, keyword: str) -> int | Missing:
    if keyword not in ds:
        return Missing.ABSENT
    found = listed(ds, keyword)
    if not found:
        return Missing.EMPTY
    if len(found) > 1:
        return Missing.INVALID
    value = found[0]
    if isinstance(value, str):
        return Missing.INVALID if value.strip(" \0") else Missing.EMPTY
    return Missing.INVALID if isinstance(possible(keyword, float(value)), Missing) else int(value)


def numbers(ds: Dataset, keyword: str) -> list[float]:
    found = [possible(keyword, one_number(value)) for value in listed(ds, keyword)] if keyword in ds else []
    return [] if any(isinstance(value, Missing) for value in found) else found  # type: ignore[return-value]


def lenient_numbers(ds: Dataset, keyword: str) -> list[float] | None:
    if keyword not in ds:
        return None
    found = [possible(keyword, one_number(value)) for value in listed(ds, keyword)]
    if not found or found == [Missing.EMPTY]:
        return None
    return [math.nan if isinstance(value, Missing) else value for value in found]


def vector(ds: Dataset, keyword: str) -> list[float] | Missing:
    found = [one_number(value) for value in listed(ds, keyword)]
    if not found or found == [Missing.EMPTY]:
        return Missing.EMPTY
    if len(found) != 3 or any(isinstance(value, Missing) or abs(value) > 5000 for value in found):
        return Missing.INVALID
    return found  # type: ignore[return-value]


def direction(ds: Dataset, keyword: str) -> float | Missing:
    value = (text(ds, keyword) or "").strip().upper()
    if not value:
        return Missing.EMPTY
    return float(TERMS[value]) if value in TERMS else Missing.INVALID
