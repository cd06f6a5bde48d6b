"""The domain model: an RT Plan as the file says it, with inheritance between control points already done.

Three things stay apart to the end: an attribute that is *absent*, one that is present but *empty*, and one whose value
cannot be read (*invalid*). Numbers say so with `Missing`; texts are ``None`` when absent and ``""`` when empty. Columns
carry a state for every control point. Nothing here decides anything: see `rtcode.features`.

Lengths are millimetres, angles degrees as the file has them (not normalized), metersets MU unless the dosimeter unit
says otherwise, energies MeV (or MV), doses Gy. Patient coordinates are LPS (PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from rtcode.plan.columns import (
    Column,
    ControlPoints,
    DevicePositions,
    Direction,
    FloatArray,
    IntArray,
    Integer,
    Missing,
    Number,
    State,
    StateArray,
    Text,
    WedgePositions,
    WedgeState,
    known,
    known_int,
    never_changes,
    terms,
)
from rtcode.records import field, record
from rtcode.truth import PlanWarning

#: The model is imported from here as a whole.
__all__ = [
    "Accessory",
    "Applicator",
    "Beam",
    "Block",
    "Code",
    "Column",
    "Compensator",
    "ControlPoints",
    "DevicePositions",
    "Direction",
    "DoseReference",
    "FixationDevice",
    "FloatArray",
    "FractionGroup",
    "IntArray",
    "Integer",
    "LimitingDevice",
    "Missing",
    "MotionSynchronization",
    "Number",
    "PatientIdentity",
    "PatientSetup",
    "PlanKind",
    "RTPlan",
    "ReferencedBeam",
    "RelatedPlan",
    "Source",
    "State",
    "StateArray",
    "Text",
    "ToleranceTable",
    "Wedge",
    "WedgePositions",
    "WedgeState",
    "known",
    "known_int",
    "never_changes",
    "terms",
]


class PlanKind(StrEnum):
    """What the data set is, by its content; the SOP class only refines (private plan classes exist)."""

    RT_PLAN = "rt_plan"
    RT_ION_PLAN = "rt_ion_plan"
    BRACHY = "brachy"


@record
class Code:
    """A coded entry: value, scheme, meaning."""

    value: Text
    scheme: Text
    meaning: Text


@record(eq=False)
class LimitingDevice:
    """A declared jaw or MLC (BeamLimitingDeviceSequence or its enhanced form)."""

    path: str
    type: str
    pairs: Integer
    #: N + 1 boundaries across the leaves' direction of travel; empty where not given
    boundaries_mm: FloatArray
    source_distance_mm: Number
    enhanced: bool = False


@record
class Wedge:
    path: str
    number: Integer
    type: Text
    id: Text
    angle_deg: Number
    effective_angle_deg: Number
    orientation_deg: Number


@record(eq=False)
class Block:
    path: str
    type: Text
    tray_id: Text
    #: BlockData as ``(m, 2)`` vertices at the isocenter plane; shape ``(0, 2)`` where not given or unreadable
    outline_mm: FloatArray


@record
class Compensator:
    path: str
    type: Text


@record
class Applicator:
    path: str
    id: Text
    type: Text
    description: Text
    #: ApplicatorGeometrySequence, where present
    aperture_shape: Text
    opening_mm: Number
    opening_x_mm: Number
    opening_y_mm: Number


@record
class Accessory:
    path: str
    id: Text
    type: Text


@record(eq=False)
class Beam:
    """One item of BeamSequence (or IonBeamSequence; its control points are then not read)."""

    #: position in the sequence, from 0; `path` is ``BeamSequence[index]``
    index: int
    path: str
    number: Integer
    name: Text
    long_label: Text
    description: Text
    beam_type: Text
    radiation_type: Text
    #: FluenceMode and FluenceModeID of each PrimaryFluenceModeSequence item
    fluence_modes: tuple[tuple[Text, Text], ...]
    high_dose_technique: Text
    machine_name: Text
    manufacturer: Text
    model: Text
    dosimeter_unit: Text
    source_axis_distance_mm: Number
    devices: tuple[LimitingDevice, ...]
    delivery_type: Text
    technique_codes: tuple[Code, ...]
    number_of_wedges: Integer
    wedges: tuple[Wedge, ...]
    number_of_compensators: Integer
    compensators: tuple[Compensator, ...]
    number_of_boli: Integer
    #: items of ReferencedBolusSequence
    boluses: int
    number_of_blocks: Integer
    blocks: tuple[Block, ...]
    applicators: tuple[Applicator, ...]
    accessories: tuple[Accessory, ...]
    setup_number: Integer
    tolerance_table_number: Integer
    #: items of PlannedVerificationImageSequence and ReferencedReferenceImageSequence
    verification_images: int
    reference_images: int
    final_meterset_weight: Number
    declared_control_points: Integer
    control_points: ControlPoints
    #: the beam-limiting devices or openings use the enhanced encoding
    enhanced_encoding: bool = False
    #: private creators with something to say about this beam, e.g. ``TOMO_HA_01``
    private_creators: tuple[str, ...] = ()
    #: ``GEOMETRY`` of a Tomo beam (private, HELICAL or FIXED_ANGLE), Brainlab DynamicTracking, IMPAC duty cycle...
    private_signs: tuple[tuple[str, str], ...] = ()
    #: what else is written of wedges, blocks, compensators, boluses and trays (thickness, material...), as text: each
    #: ``("BlockSequence[0].BlockThickness", "70")``; only comparing two plans makes use of it
    modifier_details: tuple[tuple[str, str], ...] = ()


@record
class ReferencedBeam:
    path: str
    number: Integer
    meterset: Number
    dose_gy: Number
    dose_reference_uid: Text


@record
class FractionGroup:
    index: int
    path: str
    number: Integer
    description: Text
    fractions_planned: Integer
    digits_per_day: Integer
    cycle_length_weeks: Integer
    pattern: Text
    beam_dose_meaning: Text
    declared_beams: Integer
    declared_brachy_setups: Integer
    beams: tuple[ReferencedBeam, ...]
    #: items of ReferencedBrachyApplicationSetupSequence
    brachy_setups: int


@record
class MotionSynchronization:
    path: str
    technique: Text
    signal: Text
    description: Text
    signal_id: Text


@record
class FixationDevice:
    path: str
    type: Text
    label: Text
    description: Text


@record
class PatientSetup:
    path: str
    number: Integer
    label: Text
    position: Text
    additional_position: Text
    technique: Text
    technique_description: Text
    #: SetupReferenceDescription of each setup device
    reference_descriptions: tuple[str, ...]
    fixation_devices: tuple[FixationDevice, ...]
    #: ShieldingDeviceType of each item
    shielding_devices: tuple[str, ...]
    vertical_displacement_mm: Number
    longitudinal_displacement_mm: Number
    lateral_displacement_mm: Number
    motion: tuple[MotionSynchronization, ...]
    #: coded procedures and devices of PatientTreatmentPreparationSequence
    preparation_codes: tuple[Code, ...]
    setup_images: int


@record
class DoseReference:
    path: str
    number: Integer
    uid: Text
    structure_type: Text
    description: Text
    type: Text
    roi_number: Integer
    delivery_maximum_gy: Number
    target_prescription_gy: Number
    oar_full_volume_gy: Number
    oar_limit_gy: Number
    oar_maximum_gy: Number
    oar_overdose_fraction: Number
    target_maximum_gy: Number = Missing.ABSENT


@record
class ToleranceTable:
    path: str
    number: Integer
    label: Text
    gantry_deg: Number = Missing.ABSENT
    collimator_deg: Number = Missing.ABSENT
    couch_deg: Number = Missing.ABSENT
    table_vertical_mm: Number = Missing.ABSENT
    table_longitudinal_mm: Number = Missing.ABSENT
    table_lateral_mm: Number = Missing.ABSENT


@record
class RelatedPlan:
    path: str
    sop_instance_uid: Text
    relationship: Text


@record
class PatientIdentity:
    """Identity, kept apart and out of ``repr``: only for grouping plans of a patient and for ``--identifiers full``."""

    id: Text = field(repr=False)
    name: Text = field(repr=False)
    birth_date: Text = field(repr=False)


@record
class Source:
    """The bytes that a plan was read from."""

    #: as the caller named it; never built from a tag
    path: str
    sha256: str
    size: int
    #: UID, or ``None`` where the file names none and implicit little endian was assumed
    transfer_syntax: str | None
    reader: str


@record(eq=False)
class RTPlan:
    """One RT Plan, RT Ion Plan or brachytherapy plan."""

    source: Source
    kind: PlanKind
    sop_class_uid: Text
    sop_instance_uid: Text
    modality: Text
    study_instance_uid: Text
    series_instance_uid: Text
    series_description: Text
    frame_of_reference_uid: Text
    patient: PatientIdentity
    manufacturer: Text
    model: Text
    software_versions: tuple[str, ...]
    label: Text
    name: Text
    description: Text
    date: Text
    intent: Text
    geometry: Text
    treatment_protocols: tuple[str, ...]
    #: retired TreatmentSites and its replacement TreatmentSite, each with the keyword it came from
    sites: tuple[tuple[str, str], ...]
    site_codes: tuple[Code, ...]
    structure_set_uid: Text
    approval: Text
    prescription_description: Text
    related_plans: tuple[RelatedPlan, ...]
    dose_references: tuple[DoseReference, ...]
    tolerance_tables: tuple[ToleranceTable, ...]
    setups: tuple[PatientSetup, ...]
    #: ``None`` where FractionGroupSequence is absent; empty where it has no items
    fraction_groups: tuple[FractionGroup, ...] | None
    #: ``None`` where BeamSequence (for ion plans IonBeamSequence) is absent
    beams: tuple[Beam, ...] | None
    #: items of ApplicationSetupSequence
    brachy_setups: int
    brachy_treatment_type: Text
    warnings: tuple[PlanWarning, ...]
    #: DICOM dates as written, as `date` is: of the study that it was planned on, and of its approval or rejection
    study_date: Text = None
    review_date: Text = None

    def setup_by_number(self, number: Integer) -> PatientSetup | None:
        """The patient setup with this number, or ``None`` where there is none or it is ambiguous."""
        return self._setups_by_number.get(number)

    def tolerance_table_by_number(self, number: Integer) -> ToleranceTable | None:
        return self._tolerance_tables_by_number.get(number)

    @cached_property
    def _setups_by_number(self) -> dict[Integer, PatientSetup]:
        return _by_number(self.setups)

    @cached_property
    def _tolerance_tables_by_number(self) -> dict[Integer, ToleranceTable]:
        return _by_number(self.tolerance_tables)


_Numbered = TypeVar("_Numbered", PatientSetup, ToleranceTable)


def _by_number(items: Iterable[_Numbered]) -> dict[Integer, _Numbered]:
    """The items whose number is known and no other's."""
    found: dict[Integer, list[_Numbered]] = {}
    for item in items:
        if not isinstance(item.number, Missing):
            found.setdefault(item.number, []).append(item)
    return {number: same[0] for number, same in found.items() if len(same) == 1}
