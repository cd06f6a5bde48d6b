"""The domain model: an RT Plan as the file says it, with inheritance between control points already done.

Three things stay apart to the end: an attribute that is *absent*, one that is present but *empty*, and one whose value
cannot be read (*invalid*). Numbers say so with `Missing`; texts are ``None`` when absent and ``""`` when empty. Columns
carry a state for every control point. Nothing here decides anything: see `rtcode.features`.

Lengths are millimetres, angles degrees as the file has them (not normalized), metersets MU unless the dosimeter unit
says otherwise, energies MeV (or MV), doses Gy. Patient coordinates are LPS (PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rtcode.records import field, record
from rtcode.truth import PlanWarning

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
StateArray: TypeAlias = npt.NDArray[np.uint8]


class Missing(Enum):
    """Why there is no number."""

    ABSENT = "absent"
    EMPTY = "empty"
    INVALID = "invalid"

    def __bool__(self) -> bool:
        return False


Number: TypeAlias = float | Missing
Integer: TypeAlias = int | Missing
#: ``None`` is absent, ``""`` present but empty. Padding is stripped, nothing else is changed.
#: Several values of one attribute are joined by a backslash, as in the file.
Text: TypeAlias = str | None


def known(value: float | int | Missing) -> float | None:
    """The number, or ``None`` where there is none. Zero stays zero."""
    return None if isinstance(value, Missing) else float(value)


def known_int(value: int | Missing) -> int | None:
    """The integer, or ``None`` where there is none. Zero stays zero."""
    return None if isinstance(value, Missing) else value


class PlanKind(StrEnum):
    """What the data set is, by its content; the SOP class only refines (private plan classes exist)."""

    RT_PLAN = "rt_plan"
    RT_ION_PLAN = "rt_ion_plan"
    BRACHY = "brachy"


class State(IntEnum):
    """Where a control point's value comes from."""

    ABSENT = 0
    #: written at this control point
    GIVEN = 1
    #: not written here; the value of an earlier control point holds
    INHERITED = 2
    #: written but empty (unknown from here on), or inheriting that
    EMPTY = 3
    #: written but not readable as a finite number (unknown from here on), or inheriting that
    INVALID = 4


class Direction(IntEnum):
    """Rotation direction of the segment *after* a control point (PS3.3 C.8.8.14.8)."""

    UNKNOWN = -2
    COUNTER_CLOCKWISE = -1
    NONE = 0
    CLOCKWISE = 1


@record(eq=False)
class Column:
    """One attribute of a beam's control points, inheritance done.

    Attributes
    ----------
    values
        Shape ``(n,)`` or ``(n, 3)``; NaN where the value is not known (`state` says why).
        Direction columns hold `Direction` numbers.
    state
        Shape ``(n,)``, a `State` for each control point.
    """

    values: FloatArray
    state: StateArray

    def first_known(self) -> int | None:
        """Index of the first control point with a known value."""
        ok = np.flatnonzero((self.state == State.GIVEN) | (self.state == State.INHERITED))
        return int(ok[0]) if ok.size else None

    def source(self, index: int) -> int | None:
        """The control point at which the value that holds at ``index`` was written."""
        given = np.flatnonzero(self.state[: index + 1] == State.GIVEN)
        return int(given[-1]) if given.size else None


@record(eq=False)
class DevicePositions:
    """Positions of one beam limiting device over a beam, inheritance done.

    Real files list two devices of one type (MRIdian: two ``MLCX`` with 34 and 35 pairs), so a device is keyed by
    ``(type, pairs, ordinal)``, the ordinal counting devices of the same type and pair count.

    Attributes
    ----------
    type
        RTBeamLimitingDeviceType as written, upper case: ``X Y ASYMX ASYMY MLCX MLCY MLCX1 MLCX2`` or a vendor's word.
    pairs
        Number of leaf or jaw pairs that the positions have.
    rows
        Shape ``(k, 2 * pairs)``: the distinct entries in the order they were written, bank 1 then bank 2 (mm, NaN where
        a number is unreadable).
    index
        Shape ``(n,)``: for each control point the row that holds there, or -1 where nothing is known.
    given
        Shape ``(n,)`` bool: written at this control point.
    declared
        Index into `Beam.devices` of the declaration that these positions belong to, or ``None``.
    """

    type: str
    pairs: int
    ordinal: int
    rows: FloatArray
    index: IntArray
    given: npt.NDArray[np.bool_]
    declared: int | None = None

    def at(self, control_point: int) -> FloatArray | None:
        """Positions at a control point, shape ``(2, pairs)`` (bank, pair), or ``None`` where unknown."""
        row = int(self.index[control_point])
        return None if row < 0 else self.rows[row].reshape(2, self.pairs)


class WedgeState(IntEnum):
    UNKNOWN = -1
    OUT = 0
    IN = 1


@record(eq=False)
class WedgePositions:
    """WedgePosition of one wedge at every control point, inherited: shape ``(n,)`` of `WedgeState`."""

    number: Integer
    states: npt.NDArray[np.int8]


@record(eq=False)
class ControlPoints:
    """The control points of one beam as columns; a column is ``None`` where the attribute is nowhere in the beam.

    Everything is inherited from the last control point that wrote it, except `meterset_weight` and `number`, which
    every control point has to bring itself. Present-but-empty is unknown from there on, not "as before".
    """

    count: int
    #: ControlPointIndex as written
    number: Column | None = None
    meterset_weight: Column | None = None
    energy: Column | None = None
    dose_rate: Column | None = None
    gantry_deg: Column | None = None
    gantry_direction: Column | None = None
    collimator_deg: Column | None = None
    collimator_direction: Column | None = None
    couch_deg: Column | None = None
    couch_direction: Column | None = None
    table_eccentric_deg: Column | None = None
    table_pitch_deg: Column | None = None
    table_roll_deg: Column | None = None
    table_vertical_mm: Column | None = None
    table_longitudinal_mm: Column | None = None
    table_lateral_mm: Column | None = None
    #: ``(n, 3)``
    isocenter_mm: Column | None = None
    #: ``(n, 3)``
    surface_entry_mm: Column | None = None
    ssd_mm: Column | None = None
    devices: tuple[DevicePositions, ...] = ()
    wedges: tuple[WedgePositions, ...] = ()
    #: Tomo: private sinogram, one row a control point that has one (leaf open fraction 0..1); type ``SINOGRAM``
    sinogram: DevicePositions | None = None


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


@record
class ToleranceTable:
    path: str
    number: Integer
    label: Text


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

    def setup_by_number(self, number: Integer) -> PatientSetup | None:
        """The patient setup with this number, or ``None`` where there is none or it is ambiguous."""
        found = [s for s in self.setups if s.number == number and not isinstance(number, Missing)]
        return found[0] if len(found) == 1 else None

    def tolerance_table_by_number(self, number: Integer) -> ToleranceTable | None:
        found = [t for t in self.tolerance_tables if t.number == number and not isinstance(number, Missing)]
        return found[0] if len(found) == 1 else None
