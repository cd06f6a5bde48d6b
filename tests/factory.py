"""Plans in memory from few keyword arguments, for tests of the model's users.

Everything has a plain default: one 6 MV photon beam of 100 x 100 mm jaws at gantry 0, 100 MU, 25 fractions, HFS.
A value that varies over control points is given as a list, one entry a control point; ``None`` in a list means "not
written here" (inherited, as a reader does it), a `Missing` member means written but empty or invalid.

    planned(gantry=[181, 179], direction=["CW", "NONE"], leaves=[rectangle(...), rectangle(...)])
    session(beam(1), beam(2, radiation="ELECTRON", energy=9))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rtcode.plan.model import (
    Applicator,
    Beam,
    Block,
    Code,
    Column,
    Compensator,
    ControlPoints,
    DevicePositions,
    Direction,
    DoseReference,
    FractionGroup,
    LimitingDevice,
    Missing,
    MotionSynchronization,
    PatientIdentity,
    PatientSetup,
    PlanKind,
    ReferencedBeam,
    RTPlan,
    Source,
    State,
    Wedge,
    WedgePositions,
    WedgeState,
)
from rtcode.plan.sessions import PlannedBeam, TreatmentSession, sessions_of

DIRECTIONS = {
    "CW": Direction.CLOCKWISE,
    "CC": Direction.COUNTER_CLOCKWISE,
    "NONE": Direction.NONE,
    "?": Direction.UNKNOWN,
}
PAIRS, LEAF_MM = 40, 5.0
UID = "1.2.3.4"


def column(values: Any, count: int, width: int | None = None) -> Column | None:
    """A column with inheritance done. A scalar (or one point) is written at the first control point only."""
    if values is None:
        return None
    if width is None:
        rows = list(values) if isinstance(values, list | tuple | np.ndarray) else [values]
    else:
        nested = isinstance(values, list | tuple) and any(
            v is None or isinstance(v, list | tuple | Missing | np.ndarray) for v in values
        )
        rows = list(values) if nested else [values]
    rows += [None] * (count - len(rows))
    shape = (count,) if width is None else (count, width)
    data, state = np.full(shape, np.nan), np.full(count, State.ABSENT, dtype=np.uint8)
    for i, row in enumerate(rows[:count]):
        if row is None or row is Missing.ABSENT:
            if i:
                data[i] = data[i - 1]
                state[i] = State.INHERITED if state[i - 1] == State.GIVEN else state[i - 1]
        elif isinstance(row, Missing):
            state[i] = State.EMPTY if row is Missing.EMPTY else State.INVALID
        else:
            data[i], state[i] = row, State.GIVEN
    return Column(data, state)


def weight_column(values: Any, count: int) -> Column | None:
    """As `column`, without inheritance: every control point has to bring its own weight."""
    if values is None:
        return None
    data, state = np.full(count, np.nan), np.full(count, State.ABSENT, dtype=np.uint8)
    for i, value in enumerate(values):
        if isinstance(value, Missing):
            state[i] = {Missing.EMPTY: State.EMPTY, Missing.INVALID: State.INVALID}.get(value, State.ABSENT)
        elif value is not None:
            data[i], state[i] = value, State.GIVEN
    return Column(data, state)


def positions(
    kind: str,
    entries: Sequence[Any],
    count: int,
    *,
    ordinal: int = 0,
    declared: int | None = None,
    inherit: bool = True,
) -> DevicePositions:
    """Positions of one device: a flat entry (bank 1, then bank 2), ``None`` or `Missing` for each control point."""
    rows: list[np.ndarray] = []
    index = np.full(count, -1, dtype=np.int64)
    given = np.zeros(count, dtype=np.bool_)
    for i in range(count):
        entry = entries[i] if i < len(entries) else None
        if isinstance(entry, Missing):
            given[i] = True
        elif entry is not None:
            row = np.asarray(entry, dtype=np.float64).ravel()
            if not rows or not np.array_equal(rows[-1], row):
                rows.append(row)
            index[i], given[i] = len(rows) - 1, True
        elif i and inherit:
            index[i] = index[i - 1]
    table = np.stack(rows) if rows else np.empty((0, 2))
    return DevicePositions(kind, table.shape[1] // 2, ordinal, table, index, given, declared)


def boundaries(pairs: int = PAIRS, leaf_mm: float = LEAF_MM) -> np.ndarray:
    """Leaf boundaries centered on the axis."""
    return (np.arange(pairs + 1) - pairs / 2) * leaf_mm


def rectangle(
    x1: float, x2: float, y1: float, y2: float, *, pairs: int = PAIRS, leaf_mm: float = LEAF_MM, park: float = 0.0
) -> np.ndarray:
    """Leaf positions of a rectangular opening; pairs whose center lies outside y1..y2 are closed at ``park``."""
    centers = boundaries(pairs, leaf_mm)[:-1] + leaf_mm / 2
    inside = (centers > y1) & (centers < y2)
    return np.concatenate([np.where(inside, x1, park), np.where(inside, x2, park)])


def device(
    kind: str, pairs: int = 1, edges: Any = None, *, path: str = "BeamSequence[0]", index: int = 0
) -> LimitingDevice:
    return LimitingDevice(
        f"{path}.BeamLimitingDeviceSequence[{index}]",
        kind,
        pairs,
        np.asarray([] if edges is None else edges, dtype=np.float64),
        Missing.ABSENT,
    )


def _entries(value: Any) -> list[Any]:
    """One entry for the first control point, or a list of entries."""
    if isinstance(value, list):
        return value
    return [value]


def beam(
    number: int = 1,
    *,
    index: int | None = None,
    radiation: str | None = "PHOTON",
    energy: Any = 6.0,
    weights: Any = (0.0, 1.0),
    count: int | None = None,
    final: Any = 1.0,
    gantry: Any = 0.0,
    direction: Any = None,
    collimator: Any = 0.0,
    couch: Any = 0.0,
    isocenter: Any = (0.0, 0.0, 0.0),
    ssd: Any = 900.0,
    entry: Any = None,
    jaws_x: Any = (-50.0, 50.0),
    jaws_y: Any = (-50.0, 50.0),
    jaw_types: tuple[str, str] = ("ASYMX", "ASYMY"),
    leaves: Any = None,
    mlc: str = "MLCX",
    leaf_mm: float = LEAF_MM,
    more_devices: Sequence[tuple[str, Any, Any]] = (),
    wedges: Sequence[Wedge] = (),
    wedge_positions: Any = None,
    sinogram: Any = None,
    points: dict[str, Any] | None = None,
    **fields: Any,
) -> Beam:
    """One beam.

    Parameters
    ----------
    jaws_x, jaws_y
        ``(low, high)``, or a list with one entry (or ``None``) a control point; ``None`` for no such jaw.
    leaves
        Flat positions, or a list of them, for one MLC of type ``mlc`` centered on the axis.
    more_devices
        ``(type, entries, boundaries)`` of further devices; declared only where ``entries`` is ``None``, positions
        without a declaration where ``boundaries`` is the string ``"undeclared"``.
    wedge_positions
        ``{wedge number: ["IN", "OUT", None, ...]}``.
    points
        Further columns of `ControlPoints` by name, ``{"table_vertical_mm": [...]}``.
    fields
        Any other field of `Beam`.
    """
    place = number - 1 if index is None else index
    path = f"BeamSequence[{place}]"
    n = count if count is not None else len(weights) if weights is not None else 2
    wanted: list[tuple[str, Any, Any]] = []
    if jaws_x is not None:
        wanted.append((jaw_types[0], _entries(jaws_x), None))
    if jaws_y is not None:
        wanted.append((jaw_types[1], _entries(jaws_y), None))
    if leaves is not None:
        entries = _entries(leaves)
        first = next(e for e in entries if e is not None and not isinstance(e, Missing))
        wanted.append((mlc, entries, boundaries(len(first) // 2, leaf_mm)))
    wanted += list(more_devices)
    declared: list[LimitingDevice] = []
    devices: list[DevicePositions] = []
    seen: dict[tuple[str, int], int] = {}
    for kind, entries, edges in wanted:
        given = [e for e in entries or () if e is not None and not isinstance(e, Missing)]
        pairs = len(np.ravel(given[0])) // 2 if given else (len(edges) - 1 if edges is not None else 1)
        where: int | None = None
        if not isinstance(edges, str):
            where = len(declared)
            declared.append(device(kind, pairs, edges, path=path, index=where))
        if entries is not None:
            ordinal = seen.get((kind, pairs), 0)
            seen[kind, pairs] = ordinal + 1
            devices.append(positions(kind, entries, n, ordinal=ordinal, declared=where))
    turning = direction if direction is None or isinstance(direction, list) else [direction]
    columns = {
        "energy": column(energy, n),
        "gantry_deg": column(gantry, n),
        "gantry_direction": column(turning and [d if d is None else DIRECTIONS[d] for d in turning], n),
        "collimator_deg": column(collimator, n),
        "couch_deg": column(couch, n),
        "isocenter_mm": column(isocenter, n, 3),
        "ssd_mm": column(ssd, n),
        "surface_entry_mm": column(entry, n, 3),
    }
    for name, values in (points or {}).items():
        columns[name] = column(values, n)
    states = {"IN": WedgeState.IN, "OUT": WedgeState.OUT, "?": WedgeState.UNKNOWN}
    wedge_tracks = []
    for wedge_number, values in (wedge_positions or {}).items():
        track, last = np.full(n, WedgeState.UNKNOWN, dtype=np.int8), WedgeState.UNKNOWN
        for i in range(n):
            value = values[i] if i < len(values) else None
            last = last if value is None else states[value]
            track[i] = last
        wedge_tracks.append(WedgePositions(wedge_number, track))
    control_points = ControlPoints(
        count=n,
        number=column(list(range(n)), n),
        meterset_weight=weight_column(weights, n),
        devices=tuple(devices),
        wedges=tuple(wedge_tracks),
        sinogram=None if sinogram is None else positions("SINOGRAM", sinogram, n, inherit=False),
        **columns,
    )
    values: dict[str, Any] = {
        "name": f"field {number}",
        "long_label": None,
        "description": None,
        "beam_type": "STATIC",
        "fluence_modes": (),
        "high_dose_technique": None,
        "machine_name": "LINAC",
        "manufacturer": None,
        "model": None,
        "dosimeter_unit": "MU",
        "source_axis_distance_mm": 1000.0,
        "delivery_type": "TREATMENT",
        "technique_codes": (),
        "number_of_wedges": len(wedges),
        "number_of_compensators": 0,
        "compensators": (),
        "number_of_boli": 0,
        "boluses": 0,
        "number_of_blocks": 0,
        "blocks": (),
        "applicators": (),
        "accessories": (),
        "setup_number": 1,
        "tolerance_table_number": Missing.ABSENT,
        "verification_images": 0,
        "reference_images": 0,
        "declared_control_points": n,
    }
    values.update(fields)
    return Beam(
        index=place,
        path=path,
        number=number,
        radiation_type=radiation,
        devices=tuple(declared),
        wedges=tuple(wedges),
        final_meterset_weight=final,
        control_points=control_points,
        **values,
    )


def wedge(number: int = 1, kind: str | None = "STANDARD", angle: Any = 30.0, *, index: int = 0, **fields: Any) -> Wedge:
    values: dict[str, Any] = {
        "id": f"W{number}",
        "effective_angle_deg": Missing.ABSENT,
        "orientation_deg": 0.0,
    }
    values.update(fields)
    path = f"BeamSequence[0].WedgeSequence[{index}]"
    return Wedge(path=path, number=number, type=kind, angle_deg=angle, **values)


def block(kind: str | None = "APERTURE", outline: Any = None) -> Block:
    shape = np.empty((0, 2)) if outline is None else np.asarray(outline, dtype=np.float64)
    return Block("BeamSequence[0].BlockSequence[0]", kind, None, shape)


def compensator(kind: str | None = "STANDARD") -> Compensator:
    return Compensator("BeamSequence[0].CompensatorSequence[0]", kind)


def applicator(kind: str | None = "ELECTRON_SQUARE", id: str | None = "A10", **fields: Any) -> Applicator:
    values: dict[str, Any] = {
        "description": None,
        "aperture_shape": None,
        "opening_mm": Missing.ABSENT,
        "opening_x_mm": Missing.ABSENT,
        "opening_y_mm": Missing.ABSENT,
    }
    values.update(fields)
    return Applicator("BeamSequence[0].ApplicatorSequence[0]", id, kind, **values)


def code(value: str, meaning: str | None = None, scheme: str | None = "DCM") -> Code:
    return Code(value, scheme, meaning)


def motion(
    technique: str | None, signal: str | None = None, *, setup: int = 0, item: int = 0, **fields: Any
) -> MotionSynchronization:
    values: dict[str, Any] = {"description": None, "signal_id": None}
    values.update(fields)
    path = f"PatientSetupSequence[{setup}].MotionSynchronizationSequence[{item}]"
    return MotionSynchronization(path, technique, signal, **values)


def setup(number: Any = 1, *, index: int = 0, position: str | None = "HFS", **fields: Any) -> PatientSetup:
    values: dict[str, Any] = {
        "label": None,
        "additional_position": None,
        "technique": "ISOCENTRIC",
        "technique_description": None,
        "reference_descriptions": (),
        "fixation_devices": (),
        "shielding_devices": (),
        "vertical_displacement_mm": Missing.ABSENT,
        "longitudinal_displacement_mm": Missing.ABSENT,
        "lateral_displacement_mm": Missing.ABSENT,
        "motion": (),
        "preparation_codes": (),
        "setup_images": 0,
    }
    values.update(fields)
    return PatientSetup(f"PatientSetupSequence[{index}]", number, position=position, **values)


def dose_reference(number: int = 1, *, index: int = 0, kind: str | None = "TARGET", **fields: Any) -> DoseReference:
    values: dict[str, Any] = {
        "uid": f"{UID}.9.{number}",
        "structure_type": "VOLUME",
        "description": None,
        "roi_number": Missing.ABSENT,
        "delivery_maximum_gy": Missing.ABSENT,
        "target_prescription_gy": Missing.ABSENT,
        "oar_full_volume_gy": Missing.ABSENT,
        "oar_limit_gy": Missing.ABSENT,
        "oar_maximum_gy": Missing.ABSENT,
        "oar_overdose_fraction": Missing.ABSENT,
    }
    values.update(fields)
    return DoseReference(path=f"DoseReferenceSequence[{index}]", number=number, type=kind, **values)


def group(
    number: Any = 1,
    beams: Sequence[int] = (1,),
    *,
    index: int = 0,
    fractions: Any = 25,
    meterset: Any = 100.0,
    metersets: dict[int, Any] | None = None,
    dose_gy: Any = 2.0,
    dose_reference_uid: str | None = None,
    **fields: Any,
) -> FractionGroup:
    """A fraction group; ``meterset`` holds for all beams that ``metersets`` does not name."""
    path = f"FractionGroupSequence[{index}]"
    values: dict[str, Any] = {
        "description": None,
        "digits_per_day": Missing.ABSENT,
        "cycle_length_weeks": Missing.ABSENT,
        "pattern": None,
        "beam_dose_meaning": None,
        "declared_beams": len(beams),
        "declared_brachy_setups": 0,
        "brachy_setups": 0,
    }
    values.update(fields)
    references = tuple(
        ReferencedBeam(
            f"{path}.ReferencedBeamSequence[{i}]", n, (metersets or {}).get(n, meterset), dose_gy, dose_reference_uid
        )
        for i, n in enumerate(beams)
    )
    return FractionGroup(index, path, number, fractions_planned=fractions, beams=references, **values)


def plan(
    *beams: Beam,
    groups: Sequence[FractionGroup] | str | None = "one",
    setups: Sequence[PatientSetup] | None = None,
    **fields: Any,
) -> RTPlan:
    """A plan; by default one fraction group that names all beams, and one HFS setup."""
    values: dict[str, Any] = {
        "kind": PlanKind.RT_PLAN,
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.481.5",
        "sop_instance_uid": f"{UID}.1",
        "modality": "RTPLAN",
        "study_instance_uid": f"{UID}.2",
        "series_instance_uid": f"{UID}.3",
        "series_description": None,
        "frame_of_reference_uid": f"{UID}.4",
        "patient": PatientIdentity("P1", "Doe^Test", "19500101"),
        "manufacturer": "Maker",
        "model": "System",
        "software_versions": ("1.0",),
        "label": "PLAN",
        "name": None,
        "description": None,
        "date": "20260101",
        "intent": "CURATIVE",
        "geometry": "PATIENT",
        "treatment_protocols": (),
        "sites": (),
        "site_codes": (),
        "structure_set_uid": f"{UID}.5",
        "approval": "APPROVED",
        "prescription_description": None,
        "related_plans": (),
        "dose_references": (),
        "tolerance_tables": (),
        "brachy_setups": 0,
        "brachy_treatment_type": None,
        "warnings": (),
    }
    values.update(fields)
    uid = values["sop_instance_uid"]
    values.setdefault("source", Source("plan.dcm", f"{uid}".encode().hex().ljust(64, "0")[:64], 1000, None, "test"))
    scheme: Any = groups
    if groups == "one":
        scheme = (group(1, [b.number for b in beams]),)
    return RTPlan(
        beams=beams,
        fraction_groups=None if scheme is None else tuple(scheme),
        setups=(setup(),) if setups is None else tuple(setups),
        **values,
    )


def session(*beams: Beam, **fields: Any) -> TreatmentSession:
    """The first session of a plan with these beams."""
    return sessions_of(plan(*beams, **fields))[0]


def planned(number: int = 1, *, plan_fields: dict[str, Any] | None = None, **fields: Any) -> PlannedBeam:
    """One beam as the only fraction group of its plan plans it; keywords as for `beam`."""
    return session(beam(number, **fields), **(plan_fields or {})).beams[0]


def with_source(of: RTPlan, **fields: Any) -> RTPlan:
    """The same plan from another file."""
    return replace(of, source=replace(of.source, **fields))
