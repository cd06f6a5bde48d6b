"""Arcs and what must agree with the motion."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, copy_of, first, number_of, text_of, written
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

TOPICS = topics("gantry", "direction")
OTHER = {"CW": "CC", "CC": "CW", "CCW": "CW"}


def _turning(draft: Draft) -> Dataset:
    return draft.one([b for b in draft.arcs() if len(written(b, "GantryAngle")) > 5])


def reversed_direction(draft: Draft) -> Mark:
    beam = _turning(draft)
    for point in written(beam, "GantryRotationDirection"):
        point.GantryRotationDirection = OTHER.get(point.GantryRotationDirection, point.GantryRotationDirection)
    return Mark((number_of(beam),), "direction of rotation the other way round, angles as before")


def direction_none(draft: Draft) -> Mark:
    beam = _turning(draft)
    for point in written(beam, "GantryRotationDirection"):
        point.GantryRotationDirection = "NONE"
    return Mark((number_of(beam),), "direction of rotation NONE, angles as before")


def mirrored(draft: Draft) -> Mark:
    """Angles run backward and the direction with them: a sound arc that gives each segment from the wrong side."""
    beam = _turning(draft)
    points = written(beam, "GantryAngle")
    angles = [p.GantryAngle for p in points]
    for point, angle in zip(points, reversed(angles), strict=True):
        point.GantryAngle = angle
    for point in written(beam, "GantryRotationDirection"):
        point.GantryRotationDirection = OTHER.get(point.GantryRotationDirection, point.GantryRotationDirection)
    return Mark((number_of(beam),), "angles and direction run backward")


def one_angle(draft: Draft) -> Mark:
    beam = _turning(draft)
    points = written(beam, "GantryAngle")
    at = draft.rng.randrange(2, len(points) - 2)
    points[at].GantryAngle = text_of((float(points[at].GantryAngle) + 100) % 360)
    return Mark((number_of(beam),), f"gantry angle of control point {at} 100 degrees on")


def copied(draft: Draft) -> Mark:
    """The second arc is a copy of the first, in its own number and name."""
    arcs = draft.arcs()
    if len(arcs) < 2:
        raise Unfit
    one, other = arcs[0], arcs[1]
    made = copy_of(one, number_of(other), str(other.get("BeamName") or ""))
    draft.ds.BeamSequence = Items([made if b is other else b for b in draft.beams])
    return Mark((number_of(one), number_of(other)), "second arc has the control points of the first")


def typed_static(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.arcs() if b.get("BeamType") == "DYNAMIC"])
    beam.BeamType = "STATIC"
    return Mark((number_of(beam),), "an arc typed STATIC")


def typed_dynamic(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.static() if len(b.ControlPointSequence) == 2])
    beam.BeamType = "DYNAMIC"
    return Mark((number_of(beam),), "a static beam typed DYNAMIC")


def type_lost(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("BeamType")])
    beam.BeamType = ""
    return Mark((number_of(beam),), "BeamType empty")


def code_wrong(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("RTTreatmentTechniqueCodeSequence")])
    code = beam.RTTreatmentTechniqueCodeSequence[0]
    if code.CodeValue == "130107":
        code.CodeValue, code.CodeMeaning = "130102", "Static Beam"
    else:
        code.CodeValue, code.CodeMeaning = "130107", "VMAT"
    return Mark((number_of(beam),), f"technique code {code.CodeMeaning}")


def shortened(draft: Draft) -> Mark:
    """The arc ends early: the last third of it stands still."""
    beam = _turning(draft)
    points = written(beam, "GantryAngle")
    at = 2 * len(points) // 3
    for point in points[at:]:
        point.GantryAngle = points[at].GantryAngle
    return Mark((number_of(beam),), "gantry stands still for the last third")


def start_moved(draft: Draft) -> Mark:
    beam = _turning(draft)
    for point in written(beam, "GantryAngle"):
        point.GantryAngle = text_of((float(point.GantryAngle) + 10) % 360)
    return Mark((number_of(beam),), f"whole arc 10 degrees on, from {float(first(beam).GantryAngle):g}")


KINDS = (
    Kind(
        id="arc_direction_reversed",
        family="arcs",
        harm=Harm.STOPS,
        notice="the gantry would go the long way round between any two control points",
        topics=TOPICS,
        integrity=yes("every step would be nearly a whole turn"),
        plant=reversed_direction,
    ),
    Kind(
        id="arc_direction_none",
        family="arcs",
        harm=Harm.STOPS,
        notice="the gantry angle changes and the direction says that it does not",
        topics=TOPICS,
        integrity=yes("angles that change contradict NONE"),
        plant=direction_none,
    ),
    Kind(
        id="arc_runs_backward",
        family="arcs",
        harm=Harm.SERIOUS,
        notice="the arc runs backward, and each aperture comes from the wrong side",
        topics=TOPICS,
        integrity=no("the arc agrees with itself"),
        plant=mirrored,
    ),
    Kind(
        id="arc_one_angle_off",
        family="arcs",
        harm=Harm.STOPS,
        notice="one control point of an arc is 100 degrees away from its neighbors",
        topics=TOPICS,
        integrity=yes("the gantry would have to go there and back, or round more than once"),
        plant=one_angle,
    ),
    Kind(
        id="arc_ends_early",
        family="arcs",
        harm=Harm.SERIOUS,
        notice="the gantry stands still for the last third of the arc",
        topics=TOPICS,
        integrity=no("partial arcs with a stationary end exist, if rarely"),
        plant=shortened,
    ),
    Kind(
        id="arc_whole_moved",
        family="arcs",
        harm=Harm.SERIOUS,
        notice="the whole arc is turned by 10 degrees",
        topics=TOPICS,
        integrity=no("where the arc starts is free, unless it crosses the end of the machine's range"),
        plant=start_moved,
    ),
    Kind(
        id="arc_copied_over_second",
        family="arcs",
        harm=Harm.SERIOUS,
        notice="both arcs have the same control points",
        topics=topics("gantry", "direction", "leaves", "weights", "duplicates"),
        integrity=yes("two arcs of a plan are never alike to the last leaf"),
        plant=copied,
    ),
    Kind(
        id="arc_typed_static",
        family="technique",
        harm=Harm.STOPS,
        notice="a beam that turns is typed STATIC",
        topics=topics("beam_type", "technique"),
        integrity=yes("STATIC says that nothing moves while the beam is on"),
        plant=typed_static,
    ),
    Kind(
        id="static_typed_dynamic",
        family="technique",
        harm=Harm.STOPS,
        notice="a beam in which nothing moves is typed DYNAMIC",
        topics=topics("beam_type", "technique"),
        integrity=yes("nothing moves in it"),
        plant=typed_dynamic,
    ),
    Kind(
        id="beam_type_empty",
        family="technique",
        harm=Harm.STOPS,
        notice="a beam has no type",
        topics=topics("beam_type", "technique"),
        integrity=yes("BeamType is required to have a value"),
        plant=type_lost,
    ),
    Kind(
        id="technique_code_wrong",
        family="technique",
        harm=Harm.MINOR,
        notice="the coded technique is not what the beam does",
        topics=topics("technique", "beam_type"),
        integrity=yes("the code contradicts what moves"),
        plant=code_wrong,
    ),
)
