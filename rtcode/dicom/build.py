"""From raw attributes to an `RTPlan`: the part that both readers share. Beams are built in `rtcode.dicom.beams`."""

from __future__ import annotations

from collections.abc import Iterable

from rtcode.dicom.beams import build_beams, build_ion_beams
from rtcode.dicom.checks import check
from rtcode.dicom.elements import View
from rtcode.dicom.limits import Limits
from rtcode.dicom.vocabulary import TAGS, Item
from rtcode.dicom.warnings import Notes
from rtcode.errors import TooLargeError
from rtcode.plan.model import (
    Code,
    DoseReference,
    FixationDevice,
    FractionGroup,
    MotionSynchronization,
    PatientIdentity,
    PatientSetup,
    PlanKind,
    ReferencedBeam,
    RelatedPlan,
    RTPlan,
    Source,
    ToleranceTable,
)
from rtcode.plan.texts import free_texts


def build_plan(data_set: Item, kind: PlanKind, source: Source, notes: Notes, limits: Limits) -> RTPlan:
    """Build the plan from the attributes of a data set.

    Raises
    ------
    TruncatedError
        A beam has fewer control points than it declares.
    MalformedError
        Two beams have the same number.
    TooLargeError
        More beams, control points, fraction groups or texts than the limits allow.
    """
    top = View(data_set, "", notes)
    _check_counts(top, limits)
    if kind is PlanKind.RT_ION_PLAN:
        beams = build_ion_beams(top, limits)
    else:
        beams = build_beams(top, limits)
    if beams is None and kind is PlanKind.RT_PLAN:
        notes.add("beam_sequence_missing", top.where("BeamSequence"))
    elif beams is not None and not beams:
        notes.add("beam_sequence_empty", top.where("BeamSequence"))
    groups = None
    if top.has("FractionGroupSequence"):
        groups = tuple(_fraction_group(view, i) for i, view in enumerate(top.items("FractionGroupSequence")))
    if not groups:
        notes.add("fraction_scheme_missing", top.where("FractionGroupSequence"))
    setups = tuple(_setup(view) for view in top.items("PatientSetupSequence"))
    if kind is not PlanKind.RT_ION_PLAN:
        check(beams or (), groups or (), setups, notes)
    structure_sets = top.items("ReferencedStructureSetSequence")
    plan = RTPlan(
        source=source,
        kind=kind,
        sop_class_uid=top.text("SOPClassUID"),
        sop_instance_uid=top.text("SOPInstanceUID"),
        modality=top.text("Modality"),
        study_instance_uid=top.text("StudyInstanceUID"),
        series_instance_uid=top.text("SeriesInstanceUID"),
        series_description=top.text("SeriesDescription"),
        frame_of_reference_uid=top.text("FrameOfReferenceUID"),
        patient=PatientIdentity(
            id=top.text("PatientID"), name=top.text("PatientName"), birth_date=top.text("PatientBirthDate")
        ),
        manufacturer=top.text("Manufacturer"),
        model=top.text("ManufacturerModelName"),
        software_versions=top.texts("SoftwareVersions"),
        label=top.text("RTPlanLabel"),
        name=top.text("RTPlanName"),
        description=top.text("RTPlanDescription"),
        date=top.text("RTPlanDate"),
        intent=top.text("PlanIntent"),
        geometry=top.text("RTPlanGeometry"),
        treatment_protocols=top.texts("TreatmentProtocols"),
        sites=tuple((keyword, text) for keyword in ("TreatmentSites", "TreatmentSite") for text in top.texts(keyword)),
        site_codes=_codes(top.items("TreatmentSiteCodeSequence")),
        structure_set_uid=structure_sets[0].text("ReferencedSOPInstanceUID") if structure_sets else None,
        approval=top.text("ApprovalStatus"),
        prescription_description=top.text("PrescriptionDescription"),
        related_plans=tuple(
            RelatedPlan(view.path, view.text("ReferencedSOPInstanceUID"), view.text("RTPlanRelationship"))
            for view in top.items("ReferencedRTPlanSequence")
        ),
        dose_references=tuple(_dose_reference(view) for view in top.items("DoseReferenceSequence")),
        tolerance_tables=tuple(_tolerance_table(view) for view in top.items("ToleranceTableSequence")),
        setups=setups,
        fraction_groups=groups,
        beams=beams,
        brachy_setups=top.count("ApplicationSetupSequence"),
        brachy_treatment_type=top.text("BrachyTreatmentType"),
        study_date=top.text("StudyDate"),
        review_date=top.text("ReviewDate"),
        warnings=notes.all(),
    )
    _check_texts(plan, limits)
    return plan


def _check_counts(top: View, limits: Limits) -> None:
    """Refuse what would be looked at again and again: see `Limits`."""
    for keyword, limit in (
        ("DoseReferenceSequence", limits.entries),
        ("PatientSetupSequence", limits.entries),
        ("ToleranceTableSequence", limits.entries),
        ("FractionGroupSequence", limits.fraction_groups),
    ):
        if top.count(keyword) > limit:
            raise TooLargeError(f"{top.where(keyword)} has more than {limit} items")
    if sum(group.count("ReferencedBeamSequence") for group in top.items("FractionGroupSequence")) > limits.references:
        raise TooLargeError(f"the fraction groups name more than {limits.references} beams")


def _check_texts(plan: RTPlan, limits: Limits) -> None:
    texts = [text for text in free_texts(plan) if text]
    if len(texts) * max(1, len(plan.fraction_groups or ())) > limits.texts:
        raise TooLargeError(f"the plan has more than {limits.texts} labels, names and descriptions to look at")
    if sum(map(len, set(texts))) > limits.characters:
        raise TooLargeError(f"the plan's labels, names and descriptions have more than {limits.characters} characters")


def _codes(views: Iterable[View]) -> tuple[Code, ...]:
    return tuple(view.code() for view in views)


def _dose_reference(view: View) -> DoseReference:
    return DoseReference(
        path=view.path,
        number=view.integer("DoseReferenceNumber"),
        uid=view.text("DoseReferenceUID"),
        structure_type=view.text("DoseReferenceStructureType"),
        description=view.text("DoseReferenceDescription"),
        type=view.text("DoseReferenceType"),
        roi_number=view.integer("ReferencedROINumber"),
        delivery_maximum_gy=view.number("DeliveryMaximumDose"),
        target_prescription_gy=view.number("TargetPrescriptionDose"),
        oar_full_volume_gy=view.number("OrganAtRiskFullVolumeDose"),
        oar_limit_gy=view.number("OrganAtRiskLimitDose"),
        oar_maximum_gy=view.number("OrganAtRiskMaximumDose"),
        oar_overdose_fraction=view.number("OrganAtRiskOverdoseVolumeFraction"),
        target_maximum_gy=view.number("TargetMaximumDose"),
    )


def _tolerance_table(view: View) -> ToleranceTable:
    return ToleranceTable(
        path=view.path,
        number=view.integer("ToleranceTableNumber"),
        label=view.text("ToleranceTableLabel"),
        gantry_deg=view.number("GantryAngleTolerance"),
        collimator_deg=view.number("BeamLimitingDeviceAngleTolerance"),
        couch_deg=view.number("PatientSupportAngleTolerance"),
        table_vertical_mm=view.number("TableTopVerticalPositionTolerance"),
        table_longitudinal_mm=view.number("TableTopLongitudinalPositionTolerance"),
        table_lateral_mm=view.number("TableTopLateralPositionTolerance"),
    )


def _fraction_group(view: View, index: int) -> FractionGroup:
    return FractionGroup(
        index=index,
        path=view.path,
        number=view.integer("FractionGroupNumber"),
        description=view.text("FractionGroupDescription"),
        fractions_planned=view.integer("NumberOfFractionsPlanned"),
        digits_per_day=view.integer("NumberOfFractionPatternDigitsPerDay"),
        cycle_length_weeks=view.integer("RepeatFractionCycleLength"),
        pattern=view.text("FractionPattern"),
        beam_dose_meaning=view.text("BeamDoseMeaning"),
        declared_beams=view.integer("NumberOfBeams"),
        declared_brachy_setups=view.integer("NumberOfBrachyApplicationSetups"),
        beams=tuple(
            ReferencedBeam(
                path=reference.path,
                number=reference.integer("ReferencedBeamNumber"),
                meterset=reference.number("BeamMeterset"),
                dose_gy=reference.number("BeamDose"),
                dose_reference_uid=reference.text("ReferencedDoseReferenceUID"),
            )
            for reference in view.items("ReferencedBeamSequence")
        ),
        brachy_setups=view.count("ReferencedBrachyApplicationSetupSequence"),
    )


def _setup(view: View) -> PatientSetup:
    return PatientSetup(
        path=view.path,
        number=view.integer("PatientSetupNumber"),
        label=view.text("PatientSetupLabel"),
        position=view.text("PatientPosition"),
        additional_position=view.text("PatientAdditionalPosition"),
        technique=view.text("SetupTechnique"),
        technique_description=view.text("SetupTechniqueDescription"),
        reference_descriptions=tuple(
            text for device in view.items("SetupDeviceSequence") if (text := device.text("SetupReferenceDescription"))
        ),
        fixation_devices=tuple(
            FixationDevice(
                device.path,
                device.text("FixationDeviceType"),
                device.text("FixationDeviceLabel"),
                device.text("FixationDeviceDescription"),
            )
            for device in view.items("FixationDeviceSequence")
        ),
        shielding_devices=tuple(
            text for device in view.items("ShieldingDeviceSequence") if (text := device.text("ShieldingDeviceType"))
        ),
        vertical_displacement_mm=view.number("TableTopVerticalSetupDisplacement"),
        longitudinal_displacement_mm=view.number("TableTopLongitudinalSetupDisplacement"),
        lateral_displacement_mm=view.number("TableTopLateralSetupDisplacement"),
        motion=tuple(
            MotionSynchronization(
                item.path,
                item.text("RespiratoryMotionCompensationTechnique"),
                item.text("RespiratorySignalSource"),
                item.text("RespiratoryMotionCompensationTechniqueDescription"),
                item.text("RespiratorySignalSourceID"),
            )
            for item in view.items("MotionSynchronizationSequence")
        ),
        preparation_codes=tuple(_nested_codes(view.items("PatientTreatmentPreparationSequence"))),
        setup_images=view.count("ReferencedSetupImageSequence"),
    )


_PREPARATION = (
    "PatientTreatmentPreparationMethodCodeSequence",
    "PatientTreatmentPreparationDeviceSequence",
    "PatientTreatmentPreparationProcedureSequence",
    "PatientTreatmentPreparationProcedureCodeSequence",
    "DeviceTypeCodeSequence",
)


def _nested_codes(views: Iterable[View]) -> Iterable[Code]:
    """The codes of preparation methods, procedures and devices, at any depth (which was bounded on reading)."""
    for view in views:
        if TAGS["CodeValue"] in view.item or TAGS["LongCodeValue"] in view.item or TAGS["URNCodeValue"] in view.item:
            yield view.code()
        for keyword in _PREPARATION:
            yield from _nested_codes(view.items(keyword))
