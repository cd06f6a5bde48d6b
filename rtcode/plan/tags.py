"""DICOM keywords that rtcode names in evidence, with their tags.

A small table of our own, because importing pydicom for its dictionary would cost more than reading a plan.
A test compares every entry with pydicom's dictionary.
"""

from __future__ import annotations

from functools import cache

_TAGS: dict[str, int] = {
    "SpecificCharacterSet": 0x00080005,
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "StudyDate": 0x00080020,
    "Modality": 0x00080060,
    "Manufacturer": 0x00080070,
    "SeriesDescription": 0x0008103E,
    "ManufacturerModelName": 0x00081090,
    "PatientID": 0x00100020,
    "SoftwareVersions": 0x00181020,
    "PatientPosition": 0x00185100,
    "RespiratoryMotionCompensationTechnique": 0x00189170,
    "RespiratorySignalSource": 0x00189171,
    "RespiratoryMotionCompensationTechniqueDescription": 0x00189185,
    "RespiratorySignalSourceID": 0x00189186,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "FrameOfReferenceUID": 0x00200052,
    "CodeValue": 0x00080100,
    "CodingSchemeDesignator": 0x00080102,
    "CodeMeaning": 0x00080104,
    "FluenceMode": 0x30020051,
    "FluenceModeID": 0x30020052,
    "PrimaryFluenceModeSequence": 0x30020050,
    "EnhancedRTBeamLimitingDeviceSequence": 0x300800A1,
    "EnhancedRTBeamLimitingOpeningSequence": 0x300800A2,
    "ReferencedROINumber": 0x30060084,
    "RTPlanLabel": 0x300A0002,
    "RTPlanName": 0x300A0003,
    "RTPlanDescription": 0x300A0004,
    "RTPlanDate": 0x300A0006,
    "TreatmentProtocols": 0x300A0009,
    "PlanIntent": 0x300A000A,
    "TreatmentSites": 0x300A000B,
    "RTPlanGeometry": 0x300A000C,
    "PrescriptionDescription": 0x300A000E,
    "DoseReferenceSequence": 0x300A0010,
    "DoseReferenceNumber": 0x300A0012,
    "DoseReferenceUID": 0x300A0013,
    "DoseReferenceStructureType": 0x300A0014,
    "DoseReferenceDescription": 0x300A0016,
    "DoseReferenceType": 0x300A0020,
    "DeliveryMaximumDose": 0x300A0023,
    "TargetPrescriptionDose": 0x300A0026,
    "TargetMaximumDose": 0x300A0027,
    "OrganAtRiskFullVolumeDose": 0x300A002A,
    "OrganAtRiskLimitDose": 0x300A002B,
    "OrganAtRiskMaximumDose": 0x300A002C,
    "OrganAtRiskOverdoseVolumeFraction": 0x300A002D,
    "ToleranceTableSequence": 0x300A0040,
    "ToleranceTableNumber": 0x300A0042,
    "ToleranceTableLabel": 0x300A0043,
    "GantryAngleTolerance": 0x300A0044,
    "BeamLimitingDeviceAngleTolerance": 0x300A0046,
    "PatientSupportAngleTolerance": 0x300A004C,
    "TableTopVerticalPositionTolerance": 0x300A0051,
    "TableTopLongitudinalPositionTolerance": 0x300A0052,
    "TableTopLateralPositionTolerance": 0x300A0053,
    "RTPlanRelationship": 0x300A0055,
    "FractionGroupSequence": 0x300A0070,
    "FractionGroupNumber": 0x300A0071,
    "FractionGroupDescription": 0x300A0072,
    "NumberOfFractionsPlanned": 0x300A0078,
    "NumberOfFractionPatternDigitsPerDay": 0x300A0079,
    "RepeatFractionCycleLength": 0x300A007A,
    "FractionPattern": 0x300A007B,
    "NumberOfBeams": 0x300A0080,
    "ReferencedDoseReferenceUID": 0x300A0083,
    "BeamDose": 0x300A0084,
    "BeamMeterset": 0x300A0086,
    "BeamDoseMeaning": 0x300A008B,
    "NumberOfBrachyApplicationSetups": 0x300A00A0,
    "BeamSequence": 0x300A00B0,
    "TreatmentMachineName": 0x300A00B2,
    "PrimaryDosimeterUnit": 0x300A00B3,
    "SourceAxisDistance": 0x300A00B4,
    "BeamLimitingDeviceSequence": 0x300A00B6,
    "RTBeamLimitingDeviceType": 0x300A00B8,
    "SourceToBeamLimitingDeviceDistance": 0x300A00BA,
    "NumberOfLeafJawPairs": 0x300A00BC,
    "LeafPositionBoundaries": 0x300A00BE,
    "BeamNumber": 0x300A00C0,
    "BeamName": 0x300A00C2,
    "BeamDescription": 0x300A00C3,
    "BeamType": 0x300A00C4,
    "RadiationType": 0x300A00C6,
    "HighDoseTechniqueType": 0x300A00C7,
    "PlannedVerificationImageSequence": 0x300A00CA,
    "TreatmentDeliveryType": 0x300A00CE,
    "NumberOfWedges": 0x300A00D0,
    "WedgeSequence": 0x300A00D1,
    "WedgeNumber": 0x300A00D2,
    "WedgeType": 0x300A00D3,
    "WedgeID": 0x300A00D4,
    "WedgeAngle": 0x300A00D5,
    "WedgeOrientation": 0x300A00D8,
    "BolusID": 0x300A00DC,
    "EffectiveWedgeAngle": 0x300A00DE,
    "NumberOfCompensators": 0x300A00E0,
    "CompensatorSequence": 0x300A00E3,
    "NumberOfBoli": 0x300A00ED,
    "CompensatorType": 0x300A00EE,
    "NumberOfBlocks": 0x300A00F0,
    "BlockSequence": 0x300A00F4,
    "BlockTrayID": 0x300A00F5,
    "BlockType": 0x300A00F8,
    "BlockNumberOfPoints": 0x300A0104,
    "BlockData": 0x300A0106,
    "ApplicatorSequence": 0x300A0107,
    "ApplicatorID": 0x300A0108,
    "ApplicatorType": 0x300A0109,
    "ApplicatorDescription": 0x300A010A,
    "FinalCumulativeMetersetWeight": 0x300A010E,
    "NumberOfControlPoints": 0x300A0110,
    "ControlPointSequence": 0x300A0111,
    "ControlPointIndex": 0x300A0112,
    "NominalBeamEnergy": 0x300A0114,
    "DoseRateSet": 0x300A0115,
    "WedgePositionSequence": 0x300A0116,
    "WedgePosition": 0x300A0118,
    "BeamLimitingDevicePositionSequence": 0x300A011A,
    "LeafJawPositions": 0x300A011C,
    "GantryAngle": 0x300A011E,
    "GantryRotationDirection": 0x300A011F,
    "BeamLimitingDeviceAngle": 0x300A0120,
    "BeamLimitingDeviceRotationDirection": 0x300A0121,
    "PatientSupportAngle": 0x300A0122,
    "PatientSupportRotationDirection": 0x300A0123,
    "TableTopEccentricAngle": 0x300A0125,
    "TableTopVerticalPosition": 0x300A0128,
    "TableTopLongitudinalPosition": 0x300A0129,
    "TableTopLateralPosition": 0x300A012A,
    "IsocenterPosition": 0x300A012C,
    "SurfaceEntryPoint": 0x300A012E,
    "SourceToSurfaceDistance": 0x300A0130,
    "SourceToExternalContourDistance": 0x300A0132,
    "ExternalContourEntryPoint": 0x300A0133,
    "CumulativeMetersetWeight": 0x300A0134,
    "TableTopPitchAngle": 0x300A0140,
    "TableTopRollAngle": 0x300A0144,
    "PatientSetupSequence": 0x300A0180,
    "PatientSetupNumber": 0x300A0182,
    "PatientSetupLabel": 0x300A0183,
    "PatientAdditionalPosition": 0x300A0184,
    "FixationDeviceSequence": 0x300A0190,
    "FixationDeviceType": 0x300A0192,
    "FixationDeviceLabel": 0x300A0194,
    "FixationDeviceDescription": 0x300A0196,
    "ShieldingDeviceSequence": 0x300A01A0,
    "ShieldingDeviceType": 0x300A01A2,
    "SetupTechnique": 0x300A01B0,
    "SetupTechniqueDescription": 0x300A01B2,
    "SetupDeviceSequence": 0x300A01B4,
    "SetupReferenceDescription": 0x300A01D0,
    "TableTopVerticalSetupDisplacement": 0x300A01D2,
    "TableTopLongitudinalSetupDisplacement": 0x300A01D4,
    "TableTopLateralSetupDisplacement": 0x300A01D6,
    "BrachyTreatmentTechnique": 0x300A0200,
    "BrachyTreatmentType": 0x300A0202,
    "ApplicationSetupSequence": 0x300A0230,
    "IonBeamSequence": 0x300A03A2,
    "IonControlPointSequence": 0x300A03A8,
    "ReferencedSetupImageSequence": 0x300A0401,
    "MotionSynchronizationSequence": 0x300A0410,
    "GeneralAccessorySequence": 0x300A0420,
    "GeneralAccessoryID": 0x300A0421,
    "GeneralAccessoryType": 0x300A0423,
    "ApplicatorGeometrySequence": 0x300A0431,
    "ApplicatorApertureShape": 0x300A0432,
    "ApplicatorOpening": 0x300A0433,
    "ApplicatorOpeningX": 0x300A0434,
    "ApplicatorOpeningY": 0x300A0435,
    "PatientTreatmentPreparationSequence": 0x300A079F,
    "ReferencedRTPlanSequence": 0x300C0002,
    "ReferencedBeamSequence": 0x300C0004,
    "ReferencedBeamNumber": 0x300C0006,
    "ReferencedBrachyApplicationSetupSequence": 0x300C000A,
    "ReferencedReferenceImageSequence": 0x300C0042,
    "ReferencedStructureSetSequence": 0x300C0060,
    "ReferencedPatientSetupNumber": 0x300C006A,
    "ReferencedToleranceTableNumber": 0x300C00A0,
    "ReferencedBolusSequence": 0x300C00B0,
    "ReferencedWedgeNumber": 0x300C00C0,
    "ApprovalStatus": 0x300E0002,
    "ReviewDate": 0x300E0004,
    "EntityLongLabel": 0x30100038,
    "TreatmentSite": 0x30100077,
    "TreatmentSiteCodeSequence": 0x30100078,
    "RTTreatmentTechniqueCodeSequence": 0x30100080,
}


def tag_of(keyword: str) -> int:
    """The tag of a keyword as ``0xGGGGEEEE``.

    Raises
    ------
    KeyError
        For a keyword that rtcode does not use.
    """
    return _TAGS[keyword]


def keywords() -> dict[str, int]:
    """A copy of the whole table, for tests and documentation."""
    return dict(_TAGS)


def at(path: str, keyword: str) -> str:
    """Where a value stands: ``at("BeamSequence[0]", "RadiationType")`` → ``BeamSequence[0].RadiationType (300A,00C6)``.

    Parameters
    ----------
    path
        Path of the item that holds the attribute; empty for the data set itself.
    keyword
        DICOM keyword of the attribute.
    """
    named = _named(keyword)
    return f"{path}.{named}" if path else named


@cache
def _named(keyword: str) -> str:
    tag = _TAGS[keyword]
    return f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"
