"""Detector: wedges of a beam, and whether they are in the beam while it delivers.

What it does (docs/plans.md 2.5, docs/rules.md L2-C). Each item of WedgeSequence (300A,00D1) is a wedge. It is used
where its WedgePosition (300A,0118) is IN at some control point that starts a segment with meterset, and not used where
it is OUT at all of them: a motorized wedge that moves out on a zero-weight step is used for the share before. A dynamic
wedge without positions counts as used: the jaw that makes it is not in the file (Varian's enhanced dynamic wedge has
two control points and still jaws). Not used are the items of a leftover sequence beside NumberOfWedges 0, and
placeholders with neither type nor angle.

Unknown stays: a physical or motorized wedge without positions, a position that is empty or of a wedge number that is
not in the sequence, NumberOfWedges above 0 without a sequence, positions that differ where the weights do not say
which counts. CompensatorType DYNAMIC or OPTIMAL is no wedge.

What it cannot see: wedges made of leaves or of segments (see technique), the effective angle of a motorized wedge
beyond the share of meterset that it is in for, and whether somebody put the wedge in.
"""

from __future__ import annotations

import numpy as np

from rtcode.features.types import WedgeFact, WedgeType
from rtcode.plan.model import Missing, Wedge, WedgePositions, WedgeState, known, known_int
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.tags import at
from rtcode.truth import Evidence, EvidenceKind, EvidenceValue, Truth

_TYPES = {"STANDARD": WedgeType.STANDARD, "MOTORIZED": WedgeType.MOTORIZED, "DYNAMIC": WedgeType.DYNAMIC}


def wedges_of(planned: PlannedBeam) -> tuple[WedgeFact, ...]:
    """The wedges of one beam in file order, used or not; one of unknown type where only a count or position shows."""
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    count = known_int(beam.number_of_wedges)
    if not count and not beam.wedges and not beam.control_points.wedges:
        return ()
    declared = Evidence(EvidenceKind.CODED, at(beam.path, "NumberOfWedges"), count, uid)
    if count == 0:
        return tuple(
            _fact(wedge, Truth.NOT_MET, "the beam declares that it has no wedge", (declared,), uid)
            for wedge in beam.wedges
        )
    facts = [_judge(planned, wedge) for wedge in beam.wedges]
    mismatch = count is not None and count != len(beam.wedges)
    if mismatch and beam.wedges:
        facts = [
            WedgeFact(
                f.type,
                f.angle_deg,
                f.used,
                f"{f.reason}; the number of wedges is not the one declared",
                (*f.evidence, declared),
            )
            for f in facts
        ]
    dangling = _dangling(planned)
    if dangling:
        facts += dangling
    elif mismatch and not beam.wedges:
        reason = "the beam declares a wedge, but does not describe it"
        facts.append(WedgeFact(WedgeType.UNKNOWN, None, Truth.UNKNOWN, reason, (declared,)))
    return tuple(facts)


def _fact(wedge: Wedge, used: Truth, reason: str, evidence: tuple[Evidence, ...], uid: str | None) -> WedgeFact:
    angle = known(wedge.angle_deg)
    if not angle:
        effective = known(wedge.effective_angle_deg)
        angle = effective if effective else angle
    kind = Evidence(EvidenceKind.CODED, at(wedge.path, "WedgeType"), wedge.type, uid)
    return WedgeFact(_TYPES.get(_term(wedge.type), WedgeType.UNKNOWN), angle, used, reason, (kind, *evidence))


def _term(text: str | None) -> str:
    return (text or "").strip().upper()


def _judge(planned: PlannedBeam, wedge: Wedge) -> WedgeFact:
    uid = planned.plan.sop_instance_uid
    angle, effective = known(wedge.angle_deg), known(wedge.effective_angle_deg)
    shown = (Evidence(EvidenceKind.CODED, at(wedge.path, "WedgeAngle"), angle, uid),)
    unreadable = Missing.INVALID in (wedge.angle_deg, wedge.effective_angle_deg)
    if not _term(wedge.type) and not angle and not effective and not unreadable:
        return _fact(wedge, Truth.NOT_MET, "a placeholder with neither type nor angle", shown, uid)
    track = track_of(planned, wedge)
    if track is None:
        if _term(wedge.type) == "DYNAMIC":
            reason = "a dynamic wedge without positions: its moving jaw is not in the plan, taken as used"
            return _fact(wedge, Truth.MET, reason, shown, uid)
        return _fact(wedge, Truth.UNKNOWN, "its position is not recorded", shown, uid)
    used, reason, positions = _use(planned, track)
    if used is Truth.MET and angle == 0 and not effective:
        return _fact(wedge, Truth.UNKNOWN, "in the beam, but its angle is 0", (*shown, *positions), uid)
    return _fact(wedge, used, reason, (*shown, *positions), uid)


def track_of(planned: PlannedBeam, wedge: Wedge) -> WedgePositions | None:
    """The positions of a wedge at the control points of its beam, or ``None`` where none are recorded."""
    if isinstance(wedge.number, Missing):
        return None
    same = [t for t in planned.beam.control_points.wedges if t.number == wedge.number]
    return same[0] if same else None


def _use(planned: PlannedBeam, track: WedgePositions) -> tuple[Truth, str, tuple[Evidence, ...]]:
    """Whether a wedge is in the beam at a control point that starts a segment with meterset."""
    delivery = planned.delivery
    if delivery.delivering is None or delivery.shares is None:
        starts = np.arange(len(track.states))
        shares = np.zeros(0)
    else:
        starts = np.flatnonzero(delivery.delivering)
        shares = delivery.shares[starts]
    states = track.states[starts]
    inside = states == int(WedgeState.IN)
    if shares.size and inside.any():
        share = float(shares[inside].sum())
        shown = _position(planned, track, int(starts[int(inside.argmax())]))
        where = "the whole meterset" if inside.all() else f"{share:.0%} of the meterset"
        return Truth.MET, f"in the beam for {where}", (shown,)
    first = _position(planned, track, int(starts[0]) if starts.size else 0)
    if not states.size or (states == int(WedgeState.UNKNOWN)).any():
        return Truth.UNKNOWN, "its position is not readable while the beam is on", (first,)
    if inside.all():
        return Truth.MET, "in the beam at every control point", (first,)
    if not inside.any():
        return Truth.NOT_MET, "out of the beam while it is on", (first,)
    return Truth.UNKNOWN, "moves in or out, and the weights do not say when the beam is on", (first,)


def _position(planned: PlannedBeam, track: WedgePositions, index: int) -> Evidence:
    points = f"{planned.beam.path}.ControlPointSequence[{index}].WedgePositionSequence[*]"
    names = {WedgeState.IN: "IN", WedgeState.OUT: "OUT"}
    value: EvidenceValue = names.get(WedgeState(int(track.states[index]))) if index < len(track.states) else None
    return Evidence(EvidenceKind.CODED, at(points, "WedgePosition"), value, planned.plan.sop_instance_uid)


def _dangling(planned: PlannedBeam) -> list[WedgeFact]:
    """Positions of wedges that the sequence does not have: something may be in the beam, nobody can say what."""
    numbers = {wedge.number for wedge in planned.beam.wedges}
    facts = []
    for track in planned.beam.control_points.wedges:
        if track.number in numbers and not isinstance(track.number, Missing):
            continue
        used, _, evidence = _use(planned, track)
        if used is Truth.NOT_MET:
            continue
        reason = "a position refers to a wedge that the beam does not describe"
        facts.append(WedgeFact(WedgeType.UNKNOWN, None, Truth.UNKNOWN, reason, evidence))
    return facts
