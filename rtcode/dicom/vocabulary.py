"""The attributes that rtcode reads from a plan: which are values and which are sequences.

Implicit VR files do not say which attribute is a sequence, so the plan reader has to know. Attributes that are not
listed are skipped unread, private ones excepted whose groups are named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rtcode.plan.tags import keywords

if TYPE_CHECKING:
    from rtcode.dicom.scanned import ScannedControlPoints

#: Attributes beside those of `rtcode.plan.tags` that the reader needs to build a plan, but that no evidence names.
_FURTHER: dict[str, int] = {
    "LongCodeValue": 0x00080119,
    "URNCodeValue": 0x00080120,
    "ReferencedSOPInstanceUID": 0x00081155,
    "PatientName": 0x00100010,
    "PatientBirthDate": 0x00100030,
    "WedgeFactor": 0x300A00D6,
    "SourceToWedgeTrayDistance": 0x300A00DA,
    "MaterialID": 0x300A00E1,
    "TotalCompensatorTrayFactor": 0x300A00E2,
    "CompensatorID": 0x300A00E5,
    "SourceToCompensatorTrayDistance": 0x300A00E6,
    "CompensatorRows": 0x300A00E7,
    "CompensatorColumns": 0x300A00E8,
    "CompensatorPixelSpacing": 0x300A00E9,
    "CompensatorPosition": 0x300A00EA,
    "CompensatorTransmissionData": 0x300A00EB,
    "CompensatorThicknessData": 0x300A00EC,
    "CompensatorTrayID": 0x300A00EF,
    "TotalBlockTrayFactor": 0x300A00F2,
    "SourceToBlockTrayDistance": 0x300A00F6,
    "BlockDivergence": 0x300A00FA,
    "BlockMountingPosition": 0x300A00FB,
    "BlockName": 0x300A00FE,
    "BlockThickness": 0x300A0100,
    "BlockTransmission": 0x300A0102,
    "ApplicatorDescription": 0x300A010A,
    "CompensatorDivergence": 0x300A02E0,
    "CompensatorMountingPosition": 0x300A02E1,
    "SourceToCompensatorDistance": 0x300A02E2,
    "EnhancedRTBeamLimitingDeviceDefinitionFlag": 0x300800A3,
    "ReferencedDeviceIndex": 0x300A0607,
    "ParallelRTBeamDelimiterDeviceOrientationLabelCodeSequence": 0x300A0644,
    "BeamModifierOrientationAngle": 0x300A0645,
    "ParallelRTBeamDelimiterDeviceSequence": 0x300A0647,
    "NumberOfParallelRTBeamDelimiters": 0x300A0648,
    "ParallelRTBeamDelimiterBoundaries": 0x300A0649,
    "ParallelRTBeamDelimiterPositions": 0x300A064A,
    "RTBeamLimitingDeviceOffset": 0x300A064B,
    "PatientTreatmentPreparationMethodCodeSequence": 0x300A078D,
    "PatientTreatmentPreparationDeviceSequence": 0x300A078F,
    "PatientTreatmentPreparationProcedureSequence": 0x300A0790,
    "PatientTreatmentPreparationProcedureCodeSequence": 0x300A0791,
    "DeviceTypeCodeSequence": 0x3010002E,
    "DeviceIndex": 0x30100039,
}

TAGS: dict[str, int] = keywords() | _FURTHER

#: Private groups that say something about delivery: Accuray, IMPAC, Brainlab.
PRIVATE_GROUPS: frozenset[int] = frozenset({0x300B, 0x300D, 0x320B})

#: Numbers in binary, little endian in the readers' common form, with their size in bytes.
BINARY: dict[int, int] = {
    TAGS[keyword]: size
    for keyword, size in {
        "TableTopPitchAngle": 4,
        "TableTopRollAngle": 4,
        "SourceToExternalContourDistance": 4,
        "ExternalContourEntryPoint": 4,
        "ApplicatorOpening": 4,
        "ApplicatorOpeningX": 4,
        "ApplicatorOpeningY": 4,
        "ReferencedDeviceIndex": 2,
        "DeviceIndex": 2,
        "NumberOfParallelRTBeamDelimiters": 2,
        "BeamModifierOrientationAngle": 8,
        "ParallelRTBeamDelimiterBoundaries": 8,
        "ParallelRTBeamDelimiterPositions": 8,
        "RTBeamLimitingDeviceOffset": 8,
    }.items()
}

SEQUENCES: frozenset[int] = frozenset(tag for keyword, tag in TAGS.items() if keyword.endswith("Sequence"))
VALUES: frozenset[int] = frozenset(TAGS.values()) - SEQUENCES

#: The attributes of a data set or item that rtcode reads: raw bytes (little endian), or the items of a sequence.
#: Control points may come sorted by attribute already (`rtcode.dicom.scan`).
Value: TypeAlias = "bytes | list[Item] | ScannedControlPoints"
Item: TypeAlias = "dict[int, Value]"

#: Column of `ControlPoints`, keyword: decimal strings with one value.
DECIMAL_COLUMNS = {
    "meterset_weight": "CumulativeMetersetWeight",
    "energy": "NominalBeamEnergy",
    "dose_rate": "DoseRateSet",
    "gantry_deg": "GantryAngle",
    "collimator_deg": "BeamLimitingDeviceAngle",
    "couch_deg": "PatientSupportAngle",
    "table_eccentric_deg": "TableTopEccentricAngle",
    "table_vertical_mm": "TableTopVerticalPosition",
    "table_longitudinal_mm": "TableTopLongitudinalPosition",
    "table_lateral_mm": "TableTopLateralPosition",
    "ssd_mm": "SourceToSurfaceDistance",
}
#: The same for binary numbers.
BINARY_COLUMNS = {"table_pitch_deg": "TableTopPitchAngle", "table_roll_deg": "TableTopRollAngle"}
