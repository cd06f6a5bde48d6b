"""What is compared, by id: its title, what it is about, whether it matters for delivery, and its tolerance.

The one list: records refer to it, texts and documentation take titles from it.
"""

from __future__ import annotations

from rtcode.comparison.types import Kind, Shown
from rtcode.records import record


@record
class Attribute:
    """One thing that is compared.

    Attributes
    ----------
    title
        As reports say it, lower case.
    matters
        Whether it changes what is delivered, where, to whom or how often.
    keyword
        DICOM keyword it stands in, where it is one attribute.
    tolerance
        Name of the tolerance that holds for it, or empty: then only equal is the same.
    unit
        Of its amounts.
    counts
        False where two exports of one plan may differ in it.
    """

    title: str
    kind: Kind
    matters: bool
    keyword: str = ""
    tolerance: str = ""
    unit: str = ""
    shown: Shown = Shown.PLAIN
    counts: bool = True


_I, _D, _P, _S, _A = Kind.IDENTITY, Kind.DELIVERY, Kind.PRESCRIPTION, Kind.SETUP, Kind.ADMINISTRATIVE
_TEXT, _TERM, _UID = Shown.TEXT, Shown.TERM, Shown.UID

ATTRIBUTES: dict[str, Attribute] = {
    # ----------------------------------------------------------------------------------------------- who and which
    "patient_id": Attribute("patient ID", _I, True, "PatientID", shown=Shown.PATIENT),
    "patient_name": Attribute("patient name", _I, True, shown=Shown.PATIENT),
    "patient_birth_date": Attribute("birth date", _I, True, shown=Shown.PATIENT),
    "sop_instance_uid": Attribute("SOP Instance UID", _A, False, "SOPInstanceUID", shown=_UID, counts=False),
    "series_instance_uid": Attribute("series UID", _A, False, "SeriesInstanceUID", shown=_UID, counts=False),
    "study_instance_uid": Attribute("study UID", _A, False, "StudyInstanceUID", shown=_UID, counts=False),
    "plan_kind": Attribute("kind of plan", _D, True),
    "sop_class_uid": Attribute("SOP class", _A, False, "SOPClassUID", shown=_UID),
    "modality": Attribute("modality", _A, False, "Modality", shown=_TERM),
    "label": Attribute("plan label", _I, False, "RTPlanLabel", shown=_TEXT),
    "plan_name": Attribute("plan name", _I, False, "RTPlanName", shown=_TEXT),
    "plan_description": Attribute("plan description", _A, False, "RTPlanDescription", shown=_TEXT),
    "series_description": Attribute("series description", _A, False, "SeriesDescription", shown=_TEXT),
    "date": Attribute("plan date", _A, False, "RTPlanDate", shown=_TEXT),
    "manufacturer": Attribute("manufacturer", _A, False, "Manufacturer", shown=Shown.EQUIPMENT),
    "model": Attribute("model", _A, False, "ManufacturerModelName", shown=Shown.EQUIPMENT),
    "software_versions": Attribute("software versions", _A, False, "SoftwareVersions", shown=_TEXT),
    "study_date": Attribute("study date", _A, False, "StudyDate", shown=_TEXT),
    "review_date": Attribute("review date", _A, False, "ReviewDate", shown=_TEXT),
    "approval": Attribute("approval", _A, False, "ApprovalStatus", shown=_TERM),
    "intent": Attribute("intent", _P, False, "PlanIntent", shown=_TERM),
    "geometry": Attribute("geometry", _S, True, "RTPlanGeometry", shown=_TERM),
    "structure_set": Attribute("structure set", _S, True, "ReferencedStructureSetSequence", shown=_UID),
    "frame_of_reference": Attribute("frame of reference", _S, True, "FrameOfReferenceUID", shown=_UID),
    "treatment_protocols": Attribute("treatment protocols", _A, False, "TreatmentProtocols", shown=_TEXT),
    "sites": Attribute("treatment sites", _A, False, "TreatmentSite", shown=_TEXT),
    "site_codes": Attribute("coded treatment sites", _A, False, "TreatmentSiteCodeSequence", shown=_TEXT),
    "findings": Attribute("findings of checks", _D, True),
    "unreadable": Attribute("values that cannot be read", _D, True),
    "related_plans": Attribute("relations to other plans", _A, False, "ReferencedRTPlanSequence", shown=_UID),
    "brachy_setups": Attribute("brachytherapy setups", _D, True, "ApplicationSetupSequence"),
    "brachy_treatment_type": Attribute("brachytherapy type", _D, True, "BrachyTreatmentType", shown=_TERM),
    # ------------------------------------------------------------------------------------ prescription and fractions
    "prescription_description": Attribute("prescription text", _P, False, "PrescriptionDescription", shown=_TEXT),
    "dose_reference_removed": Attribute("dose reference removed", _P, False, "DoseReferenceSequence"),
    "dose_reference_added": Attribute("dose reference added", _P, False, "DoseReferenceSequence"),
    "target_prescription": Attribute(
        "target prescription dose", _P, True, "TargetPrescriptionDose", "dose_gy", "Gy"
    ),
    "target_maximum": Attribute("target maximum dose", _P, False, "TargetMaximumDose", "dose_gy", "Gy"),
    "delivery_maximum": Attribute("delivery maximum dose", _P, False, "DeliveryMaximumDose", "dose_gy", "Gy"),
    "oar_full_volume": Attribute("organ full volume dose", _P, False, "OrganAtRiskFullVolumeDose", "dose_gy", "Gy"),
    "oar_limit": Attribute("organ limit dose", _P, False, "OrganAtRiskLimitDose", "dose_gy", "Gy"),
    "oar_maximum": Attribute("organ maximum dose", _P, False, "OrganAtRiskMaximumDose", "dose_gy", "Gy"),
    "oar_overdose": Attribute("organ overdose volume fraction", _P, False, "OrganAtRiskOverdoseVolumeFraction"),
    "dose_reference_type": Attribute("dose reference type", _P, False, "DoseReferenceType", shown=_TERM),
    "dose_reference_structure": Attribute(
        "dose reference structure type", _P, False, "DoseReferenceStructureType", shown=_TERM
    ),
    "dose_reference_description": Attribute(
        "dose reference description", _P, False, "DoseReferenceDescription", shown=_TEXT
    ),
    "dose_reference_roi": Attribute("dose reference's ROI number", _P, False, "ReferencedROINumber"),
    "dose_reference_number": Attribute("dose reference number", _P, False, "DoseReferenceNumber"),
    "dose_reference_uid": Attribute("dose reference UID", _A, False, "DoseReferenceUID", shown=_UID, counts=False),
    "fraction_group_removed": Attribute("fraction group removed", _P, True, "FractionGroupSequence"),
    "fraction_group_added": Attribute("fraction group added", _P, True, "FractionGroupSequence"),
    "fraction_group_number": Attribute("fraction group number", _I, False, "FractionGroupNumber"),
    "fraction_group_description": Attribute(
        "fraction group description", _A, False, "FractionGroupDescription", shown=_TEXT
    ),
    "fractions": Attribute("fractions planned", _P, True, "NumberOfFractionsPlanned"),
    "digits_per_day": Attribute("fraction pattern digits per day", _P, True, "NumberOfFractionPatternDigitsPerDay"),
    "cycle_length": Attribute("repeat fraction cycle length", _P, True, "RepeatFractionCycleLength", unit="weeks"),
    "fraction_pattern": Attribute("fraction pattern", _P, True, "FractionPattern", shown=_TEXT),
    "beam_dose_meaning": Attribute("meaning of beam doses", _P, False, "BeamDoseMeaning", shown=_TERM),
    "declared_beams": Attribute("number of beams declared", _P, True, "NumberOfBeams"),
    "declared_brachy_setups": Attribute(
        "number of brachytherapy setups declared", _P, True, "NumberOfBrachyApplicationSetups"
    ),
    "group_brachy_setups": Attribute(
        "brachytherapy setups of the group", _P, True, "ReferencedBrachyApplicationSetupSequence"
    ),
    "group_beam_removed": Attribute("beam no longer in the fraction group", _P, True, "ReferencedBeamSequence"),
    "group_beam_added": Attribute("beam newly in the fraction group", _P, True, "ReferencedBeamSequence"),
    "dangling_beams": Attribute("beams named and not in the file", _P, True, "ReferencedBeamSequence"),
    "reference_defects": Attribute(
        "beams named twice, or by no number", _P, True, "ReferencedBeamSequence"
    ),
    "meterset": Attribute("meterset", _D, True, "BeamMeterset", "meterset_mu", "MU"),
    "beam_dose": Attribute("beam dose", _P, True, "BeamDose", "dose_gy", "Gy"),
    "beam_dose_reference": Attribute("dose reference of the beam dose", _P, False, "ReferencedDoseReferenceUID"),
    # ----------------------------------------------------------------------------------------------------- the beams
    "beam_removed": Attribute("beam removed", _D, True, "BeamSequence"),
    "beam_added": Attribute("beam added", _D, True, "BeamSequence"),
    "beam_order": Attribute("order of the beams in the file", _A, False, "BeamSequence", counts=False),
    "beam_numbers_swapped": Attribute("beam numbers swapped", _I, False, "BeamNumber"),
    "beam_names_swapped": Attribute("beam names swapped", _I, False, "BeamName", shown=_TEXT),
    "beam_number": Attribute("beam number", _I, False, "BeamNumber"),
    "beam_name": Attribute("beam name", _I, False, "BeamName", shown=_TEXT),
    "beam_long_label": Attribute("beam long label", _I, False, "EntityLongLabel", shown=_TEXT),
    "beam_description": Attribute("beam description", _A, False, "BeamDescription", shown=_TEXT),
    "role": Attribute("role of the beam", _D, True),
    "technique": Attribute("technique, from what moves", _D, True),
    "delivery_type": Attribute("delivery type", _D, True, "TreatmentDeliveryType", shown=_TERM),
    "beam_type": Attribute("beam type", _D, True, "BeamType", shown=_TERM),
    "radiation_type": Attribute("radiation type", _D, True, "RadiationType", shown=_TERM),
    "energy": Attribute("energy", _D, True, "NominalBeamEnergy", "energy_mev", "MeV"),
    "fluence_mode": Attribute("fluence mode", _D, True, "FluenceMode", shown=_TERM),
    "fluence_mode_id": Attribute("fluence mode ID (FFF)", _D, True, "FluenceModeID", shown=_TERM),
    "high_dose_technique": Attribute("high dose technique", _D, True, "HighDoseTechniqueType", shown=_TERM),
    "technique_codes": Attribute(
        "coded treatment technique", _D, True, "RTTreatmentTechniqueCodeSequence", shown=_TEXT
    ),
    "machine": Attribute("treatment machine", _D, True, "TreatmentMachineName", shown=_TEXT),
    "machine_manufacturer": Attribute("machine's manufacturer", _D, True, "Manufacturer", shown=Shown.EQUIPMENT),
    "machine_model": Attribute("machine's model", _D, True, "ManufacturerModelName", shown=Shown.EQUIPMENT),
    "dosimeter_unit": Attribute("dosimeter unit", _D, True, "PrimaryDosimeterUnit", shown=_TERM),
    "source_axis_distance": Attribute(
        "source-axis distance", _D, True, "SourceAxisDistance", "distance_mm", "mm"
    ),
    "control_points": Attribute("number of control points", _D, True, "ControlPointSequence"),
    "declared_control_points": Attribute(
        "number of control points declared", _D, False, "NumberOfControlPoints"
    ),
    "meterset_weight": Attribute(
        "cumulative meterset weight", _D, True, "CumulativeMetersetWeight", "weight_percent", "%"
    ),
    "final_meterset_weight": Attribute("final meterset weight", _D, True, "FinalCumulativeMetersetWeight"),
    "control_point_index": Attribute("control point index", _D, True, "ControlPointIndex"),
    "dose_rate": Attribute("dose rate", _D, True, "DoseRateSet", "dose_rate_mu_per_min", "MU/min"),
    "gantry_angle": Attribute("gantry angle", _D, True, "GantryAngle", "angle_deg", "deg"),
    "gantry_direction": Attribute("gantry rotation direction", _D, True, "GantryRotationDirection"),
    "collimator_angle": Attribute("collimator angle", _D, True, "BeamLimitingDeviceAngle", "angle_deg", "deg"),
    "couch_angle": Attribute("couch angle", _D, True, "PatientSupportAngle", "angle_deg", "deg"),
    "collimator_direction": Attribute(
        "collimator rotation direction", _D, True, "BeamLimitingDeviceRotationDirection"
    ),
    "couch_direction": Attribute(
        "couch rotation direction", _D, True, "PatientSupportRotationDirection"
    ),
    "table_eccentric": Attribute("table eccentric angle", _D, True, "TableTopEccentricAngle", "angle_deg", "deg"),
    "table_pitch": Attribute("table pitch", _D, True, "TableTopPitchAngle", "angle_deg", "deg"),
    "table_roll": Attribute("table roll", _D, True, "TableTopRollAngle", "angle_deg", "deg"),
    "table_vertical": Attribute("table vertical", _S, True, "TableTopVerticalPosition", "table_mm", "mm"),
    "table_longitudinal": Attribute(
        "table longitudinal", _S, True, "TableTopLongitudinalPosition", "table_mm", "mm"
    ),
    "table_lateral": Attribute("table lateral", _S, True, "TableTopLateralPosition", "table_mm", "mm"),
    "isocenter": Attribute("isocenter", _D, True, "IsocenterPosition", "isocenter_mm", "mm"),
    "surface_entry": Attribute("surface entry point", _D, False, "SurfaceEntryPoint", "ssd_mm", "mm"),
    "ssd": Attribute("source to surface distance", _D, True, "SourceToSurfaceDistance", "ssd_mm", "mm"),
    "jaw_added": Attribute("jaws added", _D, True, "RTBeamLimitingDeviceType"),
    "jaw_removed": Attribute("jaws removed", _D, True, "RTBeamLimitingDeviceType"),
    "jaws": Attribute("jaws", _D, True, "LeafJawPositions", "jaw_mm", "mm"),
    "mlc_added": Attribute("MLC added", _D, True, "RTBeamLimitingDeviceType"),
    "mlc_removed": Attribute("MLC removed", _D, True, "RTBeamLimitingDeviceType"),
    "leaves": Attribute("leaf positions", _D, True, "LeafJawPositions", "leaf_mm", "mm"),
    "leaf_boundaries": Attribute("leaf boundaries", _D, True, "LeafPositionBoundaries", "boundary_mm", "mm"),
    "device_declaration": Attribute(
        "declaration of jaws or leaves", _D, True, "BeamLimitingDeviceSequence"
    ),
    "device_distance": Attribute(
        "source to device distance", _D, True, "SourceToBeamLimitingDeviceDistance", "distance_mm", "mm"
    ),
    "device_type": Attribute("declared device type", _D, False, "RTBeamLimitingDeviceType", shown=_TERM, counts=False),
    "leaf_open_times": Attribute("tomotherapy leaf open times", _D, True, "", "leaf_open_fraction", ""),
    "wedge_removed": Attribute("wedge removed", _D, True, "WedgeSequence"),
    "wedge_added": Attribute("wedge added", _D, True, "WedgeSequence"),
    "wedge_count": Attribute("number of wedges declared", _D, True, "NumberOfWedges"),
    "wedge_number": Attribute("wedge number", _I, False, "WedgeNumber"),
    "wedge_type": Attribute("wedge type", _D, True, "WedgeType", shown=_TERM),
    "wedge_id": Attribute("wedge ID", _D, True, "WedgeID", shown=_TEXT),
    "wedge_angle": Attribute("wedge angle", _D, True, "WedgeAngle", "angle_deg", "deg"),
    "wedge_effective_angle": Attribute(
        "effective wedge angle", _D, True, "EffectiveWedgeAngle", "angle_deg", "deg"
    ),
    "wedge_orientation": Attribute("wedge orientation", _D, True, "WedgeOrientation", "angle_deg", "deg"),
    "wedge_position": Attribute("wedge position", _D, True, "WedgePosition"),
    "wedge_details": Attribute("further data of the wedge", _D, True, "WedgeSequence", shown=_TEXT),
    "block_removed": Attribute("block removed", _D, True, "BlockSequence"),
    "block_added": Attribute("block added", _D, True, "BlockSequence"),
    "block_count": Attribute("number of blocks declared", _D, True, "NumberOfBlocks"),
    "block_type": Attribute("block type", _D, True, "BlockType", shown=_TERM),
    "block_tray": Attribute("block tray ID", _D, True, "BlockTrayID", shown=_TEXT),
    "block_outline": Attribute("block outline", _D, True, "BlockData", "block_mm", "mm"),
    "block_details": Attribute("further data of the block", _D, True, "BlockSequence", shown=_TEXT),
    "tray_details": Attribute("tray factors", _D, True, shown=_TEXT),
    "bolus": Attribute("boluses", _D, True, "ReferencedBolusSequence"),
    "bolus_count": Attribute("number of boluses declared", _D, True, "NumberOfBoli"),
    "bolus_details": Attribute("further data of the bolus", _D, True, "ReferencedBolusSequence", shown=_TEXT),
    "compensators": Attribute("compensators", _D, True, "CompensatorType", shown=_TERM),
    "compensator_count": Attribute("number of compensators declared", _D, True, "NumberOfCompensators"),
    "compensator_details": Attribute(
        "further data of the compensator", _D, True, "CompensatorSequence", shown=_TEXT
    ),
    "applicator_removed": Attribute("applicator removed", _D, True, "ApplicatorSequence"),
    "applicator_added": Attribute("applicator added", _D, True, "ApplicatorSequence"),
    "applicator_id": Attribute("applicator ID", _D, True, "ApplicatorID", shown=_TEXT),
    "applicator_type": Attribute("applicator type", _D, True, "ApplicatorType", shown=_TERM),
    "applicator_description": Attribute("applicator description", _A, False, "ApplicatorDescription", shown=_TEXT),
    "applicator_shape": Attribute("applicator aperture", _D, True, "ApplicatorApertureShape", shown=_TERM),
    "applicator_opening": Attribute("applicator opening", _D, True, "ApplicatorOpening", "distance_mm", "mm"),
    "applicator_opening_x": Attribute("applicator opening X", _D, True, "ApplicatorOpeningX", "distance_mm", "mm"),
    "applicator_opening_y": Attribute("applicator opening Y", _D, True, "ApplicatorOpeningY", "distance_mm", "mm"),
    "accessories": Attribute("accessories", _D, True, "GeneralAccessoryID", shown=_TEXT),
    "private_signs": Attribute("private attributes that rtcode reads", _D, True, shown=_TEXT),
    "private_creators": Attribute("private creators", _A, False, shown=_TEXT),
    "encoding": Attribute("encoding of the beam limiting devices", _A, False, counts=False),
    # -------------------------------------------------------------------------------------------------------- set-up
    "setup_removed": Attribute("patient set-up no longer given", _S, True, "ReferencedPatientSetupNumber"),
    "setup_added": Attribute("patient set-up newly given", _S, True, "ReferencedPatientSetupNumber"),
    "setup_number": Attribute("patient set-up number", _A, False, "ReferencedPatientSetupNumber", counts=False),
    "patient_position": Attribute("patient position", _S, True, "PatientPosition", shown=_TERM),
    "additional_position": Attribute(
        "additional patient position", _S, True, "PatientAdditionalPosition", shown=_TEXT
    ),
    "setup_technique": Attribute("set-up technique", _S, True, "SetupTechnique", shown=_TERM),
    "setup_technique_description": Attribute(
        "set-up technique description", _S, False, "SetupTechniqueDescription", shown=_TEXT
    ),
    "setup_label": Attribute("set-up label", _S, False, "PatientSetupLabel", shown=_TEXT),
    "setup_references": Attribute("set-up device references", _S, False, "SetupReferenceDescription", shown=_TEXT),
    "setup_images": Attribute("set-up images referenced", _S, False, "ReferencedSetupImageSequence"),
    "fixation_devices": Attribute("fixation devices", _S, True, "FixationDeviceType", shown=_TEXT),
    "shielding_devices": Attribute("shielding devices", _S, True, "ShieldingDeviceType", shown=_TERM),
    "displacement_vertical": Attribute(
        "vertical set-up displacement", _S, True, "TableTopVerticalSetupDisplacement", "displacement_mm", "mm"
    ),
    "displacement_longitudinal": Attribute(
        "longitudinal set-up displacement", _S, True, "TableTopLongitudinalSetupDisplacement", "displacement_mm", "mm"
    ),
    "displacement_lateral": Attribute(
        "lateral set-up displacement", _S, True, "TableTopLateralSetupDisplacement", "displacement_mm", "mm"
    ),
    "motion": Attribute(
        "motion management", _S, True, "RespiratoryMotionCompensationTechnique", shown=_TERM
    ),
    "motion_signal": Attribute("signal of motion management", _S, True, "RespiratorySignalSource", shown=_TERM),
    "motion_signal_id": Attribute("device of motion management", _S, False, "RespiratorySignalSourceID", shown=_TEXT),
    "motion_description": Attribute(
        "motion management description", _S, False, "RespiratoryMotionCompensationTechniqueDescription", shown=_TEXT
    ),
    "preparation": Attribute(
        "coded treatment preparation", _S, True, "PatientTreatmentPreparationSequence", shown=_TEXT
    ),
    "tolerance_table": Attribute("tolerance table", _S, False, "ToleranceTableLabel", shown=_TEXT),
    "tolerance_values": Attribute("values of the tolerance table", _S, False, "ToleranceTableSequence"),
    "tolerance_table_number": Attribute(
        "tolerance table number", _A, False, "ReferencedToleranceTableNumber", counts=False
    ),
    "verification_images": Attribute("planned verification images", _S, False, "PlannedVerificationImageSequence"),
    "reference_images": Attribute("reference images", _S, False, "ReferencedReferenceImageSequence"),
}  # fmt: skip
