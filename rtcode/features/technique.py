"""Detector: how a beam is delivered, from what moves while meterset accrues.

What it does (docs/plans.md 2.3 and 2.4, docs/rules.md L2-A and L2-B). A coded technique (3010,0080), CID 9583, is
believed first; a contradiction with what moves stands in the reason. Else, in this order, so that a zero-weight move
of an arc's leaves does not make it step-and-shoot:

1. ``helical``: the gantry turns under a private Tomo creator or a sinogram, or without an MLC either while the table
   moves along or through more than a turn and a half in one direction. Fixed-angle Tomo beams are ``sliding_window``:
   a slit that the target moves through, modulated.
2. ``robotic``: a robotic machine by its names and source-axis distance, and no gantry motion.
3. Arcs: the gantry turns. ``static_arc`` with one aperture; ``conformal_arc`` where the aperture changes, every
   degree gets the same meterset (coefficient of variation under 0.01) and control points are 4 degrees or more apart;
   else ``vmat``.
4. ``sliding_window``: leaves move while the beam is on.
5. Several apertures, changed with the beam off. ``field_in_field`` where one open field has half of the meterset or
   more, the others lie within it (95 % of their area), there are at most five, and the fraction group has at most 12
   beams; else ``step_and_shoot``.
6. ``static_shaped`` with a block or leaves inside the jaws, else ``static_open``. A wedge that moves out, and jaws
   that move without leaves (dynamic wedge), change neither.

Electron beams are ``electron``, imaging and port film beams ``setup``, whatever moves in them. BeamType is not asked:
it says DYNAMIC where nothing moves, and STATIC is right for many segments.

``unknown`` stays where the weights do not say which segments deliver, where the gantry angle or leaf positions are
not readable, and for particles. Only a beam with fewer than two control points is *unusable*: of one with unreadable
weights the radiation, the isocenters, the directions and the field edges still hold, so it is judged by those.

What it cannot see: how the plan was made (forward or inverse, against which limits), which is how payers tell IMRT
from field-in-field; whether an arc's aperture follows the target (that needs the structures); robotic nodes; and the
leaves of a helical plan beyond its private sinogram.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rtcode.features.machines import is_tomo, robotic_evidence
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import MlcFact, Radiation, RadiationFact, Technique, TechniqueFact
from rtcode.plan.apertures import LeafData
from rtcode.plan.delivery import STILL_DEG, Delivery, Part
from rtcode.plan.model import PlanKind, known, known_int
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.shapes import Shape, nesting
from rtcode.plan.tags import at
from rtcode.plan.weights import WeightProblem
from rtcode.records import record, replace
from rtcode.truth import Evidence, EvidenceKind, EvidenceValue, Truth

#: CID 9583, DICOM control terminology.
_CODED = {
    "130102": "static",
    "130103": "arc",
    "130104": "conformal arc",
    "130105": "step and shoot",
    "130106": "sliding window",
    "130107": "VMAT",
    "130108": "helical",
    "130109": "topographic",
}
_CODED_TECHNIQUE = {
    "static": Technique.STATIC_OPEN,
    "arc": Technique.STATIC_ARC,
    "conformal arc": Technique.CONFORMAL_ARC,
    "step and shoot": Technique.STEP_AND_SHOOT,
    "sliding window": Technique.SLIDING_WINDOW,
    "VMAT": Technique.VMAT,
    "helical": Technique.HELICAL,
    # a slit that the table moves the target through, with the gantry still
    "topographic": Technique.SLIDING_WINDOW,
}
_STATIC = frozenset({Technique.STATIC_OPEN, Technique.STATIC_SHAPED, Technique.FIELD_IN_FIELD})
_ARCS = frozenset({Technique.STATIC_ARC, Technique.CONFORMAL_ARC, Technique.VMAT})
_MODULATED = frozenset({Technique.SLIDING_WINDOW, Technique.HELICAL, *_ARCS})

#: One direction without turning back and without an MLC: no C-arm does that (docs/plans.md 2.3, helical).
_HELICAL_DEG = 540.0
#: Meterset per degree varies by less in a dynamic conformal arc, whose control points are this far apart at least.
_CONFORMAL_CV = 0.01
_COARSE_DEG = 4.0
#: Field-in-field (docs/plans.md 2.4).
_MAIN_SHARE = 0.5
_IMRT_SHARE = 0.4
_NESTED = 0.95
_MOST_SEGMENTS = 5
_MANY_BEAMS = 12
_PROBLEMS = {
    WeightProblem.TOO_FEW_CONTROL_POINTS: "it has fewer than two control points",
    WeightProblem.ABSENT: "it has no cumulative meterset weights",
    WeightProblem.UNREADABLE: "a cumulative meterset weight is not readable",
    WeightProblem.DECREASING: "its cumulative meterset weights decrease",
    WeightProblem.NEVER_RISE: "its cumulative meterset weights never rise",
    WeightProblem.START_NOT_ZERO: "its weights do not start at 0",
    WeightProblem.END_NOT_FINAL: "its weights do not end at the final one",
    WeightProblem.FINAL_UNKNOWN: "its final weight is not recorded",
    WeightProblem.COUNT_MISMATCH: "it does not have the declared number of control points",
}


@record
class _Found:
    """A technique with its reason, and what it says about modulation."""

    technique: Technique
    reason: str
    modulated: Truth
    field_in_field: Truth = Truth.NOT_MET


def technique_of(planned: PlannedBeam, radiation: RadiationFact, settings: DetectorSettings) -> TechniqueFact:
    """Technique of one beam; never raises.

    Parameters
    ----------
    radiation
        What `rtcode.features.radiation` found on the beam.
    """
    delivery = planned.delivery
    found = _without_motion(planned, radiation)
    arc = None if delivery.gantry is None else delivery.gantry.arc_deg
    if found is None:
        found = _from_motion(planned, settings)
        coded = _coded(planned)
        if coded is not None:
            found = _believe(coded[0], found, planned)
        if found.technique in _STATIC and radiation.hint is Radiation.ELECTRON:
            found = _Found(
                Technique.UNKNOWN, "the kind of radiation is unknown, with an electron applicator", Truth.UNKNOWN
            )
    remarks = [_PROBLEMS[p] for p in delivery.problems if p is not delivery.problem and p in _PROBLEMS]
    if delivery.gantry is not None and delivery.gantry.assumed and found.technique in _ARCS:
        remarks.append("a direction of rotation is not recorded, the shorter way is taken")
    judged = planned.role is Role.TREATMENT and delivery.problem is WeightProblem.TOO_FEW_CONTROL_POINTS
    return TechniqueFact(
        technique=found.technique,
        mlc=_mlc(planned, found.technique),
        reason="; ".join([found.reason, *remarks]),
        evidence=_evidence(planned, found, settings),
        arc_deg=arc,
        intensity_modulated=found.modulated,
        field_in_field=found.field_in_field,
        unusable=_PROBLEMS[WeightProblem.TOO_FEW_CONTROL_POINTS] if judged else None,
        doubt=_weights_doubt(planned),
    )


def _weights_doubt(planned: PlannedBeam) -> str | None:
    """Why what moves during beam-on is unknown, for a treatment beam that is otherwise judged."""
    problem = planned.delivery.problem
    if planned.role is not Role.TREATMENT or problem is None or planned.plan.kind is PlanKind.RT_ION_PLAN:
        return None
    return _PROBLEMS[problem]


def _without_motion(planned: PlannedBeam, radiation: RadiationFact) -> _Found | None:
    """Techniques that the role or the radiation decide."""
    if planned.role in (Role.SETUP, Role.PORTFILM):
        return _Found(Technique.SETUP, planned.finding.reason, Truth.NOT_MET)
    if planned.plan.kind is PlanKind.RT_ION_PLAN:
        return _Found(Technique.UNKNOWN, "the control points of ion beams are not read", Truth.UNKNOWN, Truth.UNKNOWN)
    if radiation.radiation is Radiation.ELECTRON:
        return _Found(Technique.ELECTRON, "electron beam", Truth.NOT_MET)
    if radiation.other or radiation.radiation not in (Radiation.PHOTON, Radiation.UNKNOWN):
        return _Found(Technique.UNKNOWN, "neither photons nor electrons", Truth.UNKNOWN, Truth.UNKNOWN)
    return None


# ---------------------------------------------------------------------------------------------------- what moves


def _from_motion(planned: PlannedBeam, settings: DetectorSettings) -> _Found:
    delivery = planned.delivery
    problem = delivery.problem
    if problem is WeightProblem.TOO_FEW_CONTROL_POINTS:
        return _unknown(_PROBLEMS[problem])
    tomo = is_tomo(planned)
    robotic = bool(robotic_evidence(planned, settings))
    if robotic and Part.GANTRY not in delivery.changes:
        return _Found(Technique.ROBOTIC, "a robotic machine by its name, no gantry motion", Truth.UNKNOWN)
    if problem is not None:
        if tomo and Part.GANTRY in delivery.changes:
            return _Found(Technique.HELICAL, f"helical by its private attributes; {_PROBLEMS[problem]}", Truth.MET)
        return _unknown(_PROBLEMS[problem])
    if Part.GANTRY in delivery.unknown and Part.GANTRY not in delivery.on:
        found = _unknown("its gantry angle is not known")
        # Leaves that move through many control points are modulation whatever the gantry does.
        sweeping = Part.MLC in delivery.on and delivery.control_points > 2
        return replace(found, modulated=Truth.MET, reason=f"{found.reason}, but leaves move") if sweeping else found
    turning = Part.GANTRY in delivery.on
    if turning and (tomo or _is_helical(delivery)):
        return _Found(Technique.HELICAL, "the gantry turns on and on under a modulated slit", Truth.MET)
    if tomo:
        return _Found(Technique.SLIDING_WINDOW, "a Tomo beam with a fixed gantry", Truth.MET)
    if delivery.collimation.leaf_data is LeafData.UNKNOWN or Part.MLC in delivery.unknown - delivery.on:
        found = _unknown("its leaf positions are not known")
        # Whatever the leaves do, a turning gantry is never planned in two dimensions.
        return replace(found, modulated=Truth.MET, reason=f"{found.reason}, but the gantry turns") if turning else found
    if turning:
        return _arc(delivery)
    if Part.MLC in delivery.on:
        if delivery.control_points == 2:
            reason = "leaves sweep once between two control points, as in quality assurance"
            return _Found(Technique.SLIDING_WINDOW, reason, Truth.UNKNOWN)
        return _Found(Technique.SLIDING_WINDOW, "leaves move while the beam is on, the gantry does not", Truth.MET)
    return _fixed(planned)


def _unknown(reason: str) -> _Found:
    return _Found(Technique.UNKNOWN, reason, Truth.UNKNOWN, Truth.UNKNOWN)


def _is_helical(delivery: Delivery) -> bool:
    """Turning without an MLC under a moving table, or further round than a C-arm goes."""
    if delivery.collimation.leaf_data is not LeafData.NONE or delivery.gantry is None:
        return False
    if not {Part.ISOCENTER, Part.TABLE_TOP}.isdisjoint(delivery.on):
        return True
    arc, signed = delivery.gantry.arc_deg, delivery.gantry.signed_deg
    return arc is not None and signed is not None and abs(signed) > _HELICAL_DEG and arc - abs(signed) < STILL_DEG


def _arc(delivery: Delivery) -> _Found:
    apertures = delivery.mlc_apertures or 0
    leaves = Part.MLC in delivery.on or apertures > 1
    if not leaves and Part.JAWS not in delivery.on and _jaw_shapes(delivery) <= 1:
        return _Found(Technique.STATIC_ARC, "the gantry turns around one aperture", Truth.MET)
    spread, spacing = _meterset_per_degree(delivery)
    what = "leaves" if leaves else "jaws"
    if spread is not None and spacing is not None and spread < _CONFORMAL_CV and spacing >= _COARSE_DEG:
        reason = f"gantry and {what} move, every degree gets the same meterset: dynamic conformal arc likely"
        return _Found(Technique.CONFORMAL_ARC, reason, Truth.MET)
    return _Found(Technique.VMAT, f"gantry and {what} move while the beam is on", Truth.MET)


def _jaw_shapes(delivery: Delivery) -> int:
    """Distinct apertures that stand still, where there are only jaws; with leaves, those are counted already."""
    if delivery.collimation.leaf_data is not LeafData.NONE or delivery.shapes is None:
        return 1
    return len(delivery.shapes)


def _meterset_per_degree(delivery: Delivery) -> tuple[float | None, float | None]:
    """Coefficient of variation of the meterset per degree, and the mean spacing of control points (degrees)."""
    if delivery.gantry is None or delivery.shares is None or delivery.delivering is None:
        return None, None
    degrees = np.abs(delivery.gantry.steps_deg)
    turning = delivery.delivering & (degrees > STILL_DEG)
    if not turning.any():
        return None, None
    rate = delivery.shares[turning] / degrees[turning]
    return float(rate.std() / rate.mean()), float(degrees[turning].mean())


# ------------------------------------------------------------------------------------------------- fixed gantry


def _fixed(planned: PlannedBeam) -> _Found:
    """Nothing but jaws moves while the beam is on."""
    delivery = planned.delivery
    if delivery.standing is None or not delivery.positions_known:
        return _unknown("its jaw positions are not known")
    if len(delivery.standing) > 1:
        return _segmented(planned, [share for _, share in delivery.standing])
    moving = "jaws move as for a dynamic wedge, " if Part.JAWS in delivery.on else ""
    blocks = known_int(planned.beam.number_of_blocks)
    if blocks or (blocks is None and planned.beam.blocks):
        return _Found(Technique.STATIC_SHAPED, f"{moving}one aperture with a block", Truth.NOT_MET)
    index = int(delivery.bounding[0])
    if delivery.collimation.leaves_inside(index):
        return _Found(Technique.STATIC_SHAPED, f"{moving}one aperture, leaves inside the jaws", Truth.NOT_MET)
    return _Found(Technique.STATIC_OPEN, f"{moving}one aperture of the jaws alone", Truth.NOT_MET)


def _segmented(planned: PlannedBeam, shares: list[float]) -> _Found:
    """Field-in-field or step-and-shoot (docs/plans.md 2.4); both are one level, so no more effort than this."""
    count, most = len(shares), max(shares)
    few = count <= _MOST_SEGMENTS and _beams_of_group(planned) <= _MANY_BEAMS
    if few and most >= _MAIN_SHARE and _lie_within(planned.delivery.shapes or (), shares.index(most)):
        main = f"{most:.0%} of the meterset through the largest"
        reason = f"{count} nested apertures, {main}: field-in-field likely"
        return _Found(Technique.FIELD_IN_FIELD, reason, Truth.NOT_MET, Truth.MET)
    reason = f"{count} apertures, changed with the beam off"
    if not few or most < _IMRT_SHARE:
        return _Found(Technique.STEP_AND_SHOOT, f"{reason}: IMRT likely", Truth.MET, Truth.NOT_MET)
    return _Found(Technique.STEP_AND_SHOOT, f"{reason}: segmented, undetermined", Truth.UNKNOWN, Truth.UNKNOWN)


def _lie_within(shapes: Sequence[tuple[Shape, float]], main: int) -> bool:
    """Whether one aperture is the largest, and the others lie within it."""
    areas = [area for shape, _ in shapes if (area := shape.area_mm2) is not None]
    if len(areas) < len(shapes) or main != max(range(len(areas)), key=lambda i: (areas[i], shapes[i][1])):
        return False
    return (nesting([shape for shape, _ in shapes], main) or 0.0) >= _NESTED


def _beams_of_group(planned: PlannedBeam) -> int:
    """Beams with meterset that are given together with this one (all of the plan, without a fraction group)."""
    if planned.group is None:
        return len(planned.plan.beams or ())
    return sum((known(reference.meterset) or 0.0) > 0 for reference in planned.group.beams)


# ------------------------------------------------------------------------------------------------ coded technique


def _coded(planned: PlannedBeam) -> tuple[str, Evidence] | None:
    beam = planned.beam
    for place, code in enumerate(beam.technique_codes):
        name = _CODED.get((code.value or "").strip())
        if name is not None and (code.scheme or "").strip().upper() in ("DCM", ""):
            path = f"{beam.path}.RTTreatmentTechniqueCodeSequence[{place}]"
            value = (code.meaning or code.value or "").strip()
            return name, Evidence(EvidenceKind.CODED, at(path, "CodeValue"), value, planned.plan.sop_instance_uid)
    return None


def _believe(coded: str, moved: _Found, planned: PlannedBeam) -> _Found:
    """The coded technique, in its finest form that agrees with what moves; a contradiction is noted."""
    technique = _CODED_TECHNIQUE[coded]
    modulated = technique in _MODULATED or technique is Technique.STEP_AND_SHOOT
    if moved.technique is Technique.ROBOTIC:
        # The codes have no robot: they say what happens at its nodes.
        truth = Truth.MET if modulated else moved.modulated
        return replace(moved, reason=f"coded as {coded}; {moved.reason}", modulated=truth)
    if moved.technique is Technique.UNKNOWN:
        truth = Truth.MET if modulated else Truth.UNKNOWN
        kept = Technique.UNKNOWN if coded == "static" else technique
        return _Found(kept, f"coded as {coded}; {moved.reason}", truth, moved.field_in_field)
    agrees = (
        (coded == "static" and moved.technique in _STATIC)
        or (coded == "arc" and moved.technique in _ARCS)
        or technique is moved.technique
    )
    if agrees:
        return replace(moved, reason=f"coded as {coded}; {moved.reason}")
    if coded == "static" and moved.technique is Technique.STEP_AND_SHOOT:
        # Several apertures without motion during beam-on are no contradiction to a static beam.
        return _Found(Technique.FIELD_IN_FIELD, f"coded as static; {moved.reason}", moved.modulated, Truth.MET)
    if technique is Technique.STEP_AND_SHOOT and moved.technique is Technique.FIELD_IN_FIELD:
        return _Found(technique, f"coded as {coded}; {moved.reason}", Truth.MET, Truth.NOT_MET)
    close = technique in _ARCS and moved.technique in _ARCS
    note = moved.reason if close else f"its control points contradict that: {moved.reason}"
    if coded == "static":
        delivery = planned.delivery
        inside = bool(planned.beam.blocks) or delivery.collimation.leaves_inside(int(delivery.bounding[0]))
        technique = Technique.STATIC_SHAPED if inside else Technique.STATIC_OPEN
    truth = Truth.any((Truth.of(modulated), moved.modulated))
    return _Found(technique, f"coded as {coded}; {note}", truth, Truth.NOT_MET)


# -------------------------------------------------------------------------------------------------------- MLC, evidence


def _mlc(planned: PlannedBeam, technique: Technique) -> MlcFact | None:
    """What the leaves do; ``None`` where leaf positions, or with moving leaves the weights, are not known."""
    delivery = planned.delivery
    sinogram = planned.beam.control_points.sinogram
    if sinogram is not None:
        if delivery.delivering is None:
            return None
        # One binary pattern a segment: the leaves open and close while the slit delivers.
        used = sinogram.index[:-1][delivery.delivering]
        used = np.where(used < 0, sinogram.index[1:][delivery.delivering], used)
        return MlcFact(present=True, modulated=True, apertures=int(np.sum(used >= 0)))
    hidden = technique is Technique.HELICAL or is_tomo(planned)  # binary leaves, in no public attribute
    if delivery.control_points < 2 or hidden or planned.plan.kind is PlanKind.RT_ION_PLAN:
        return None
    if delivery.collimation.leaf_data is LeafData.NONE:
        return MlcFact(present=False, modulated=False, apertures=0)
    if delivery.mlc_apertures is None:
        return None
    modulated = delivery.mlc_apertures > 1 or Part.MLC in delivery.on
    return MlcFact(present=True, modulated=modulated, apertures=delivery.mlc_apertures)


def _evidence(planned: PlannedBeam, found: _Found, settings: DetectorSettings) -> tuple[Evidence, ...]:
    """What the technique rests on, most telling first."""
    beam, delivery, uid = planned.beam, planned.delivery, planned.plan.sop_instance_uid
    points = f"{beam.path}.ControlPointSequence[*]"
    result: list[Evidence] = []

    def add(kind: EvidenceKind, where: str, value: EvidenceValue) -> None:
        result.append(Evidence(kind, where, value, uid))

    if found.technique is Technique.SETUP:
        return planned.finding.evidence
    if found.technique is Technique.ELECTRON:
        add(EvidenceKind.CODED, at(beam.path, "RadiationType"), beam.radiation_type)
        return tuple(result)
    coded = _coded(planned)
    if coded is not None:
        result.append(coded[1])
    if found.technique is Technique.ROBOTIC:
        result += robotic_evidence(planned, settings)
        return tuple(result)
    if delivery.gantry is not None and delivery.gantry.arc_deg:
        where = f"{at(points, 'GantryAngle')}: travel while meterset accrues (deg)"
        add(EvidenceKind.GEOMETRIC, where, round(delivery.gantry.arc_deg, 1))
    if delivery.mlc_apertures:
        where = f"{at(f'{points}.BeamLimitingDevicePositionSequence[*]', 'LeafJawPositions')}"
        add(EvidenceKind.GEOMETRIC, f"{where}: leaf shapes that receive meterset", delivery.mlc_apertures)
    elif delivery.segments is not None:
        where = f"{at(points, 'CumulativeMetersetWeight')}: segments that receive meterset"
        add(EvidenceKind.GEOMETRIC, where, delivery.segments)
    if delivery.problem is not None:
        add(EvidenceKind.CODED, at(points, "CumulativeMetersetWeight"), None)
    return tuple(result)
