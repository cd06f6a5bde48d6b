"""Isocenters in the wrong place."""

from __future__ import annotations

from collections.abc import Callable

from pydicom.dataset import Dataset

from benchmarks.seeded.draft import Draft, Unfit, first, iso_of, number_of, put, raw, set_iso, text_of, written
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

AXES = ("left-right", "front-back", "head-foot")
TOPICS = topics("isocenter")


def _isocentric(beam: Dataset) -> bool:
    """Not set up by distance to the skin, where every field has a point of its own."""
    start = first(beam)
    ssd, sad = start.get("SourceToSurfaceDistance"), beam.get("SourceAxisDistance")
    return beam.get("RadiationType") == "PHOTON" and (not ssd or float(ssd) < float(sad or 1000) - 20)


def one_beam_off(distance: float) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        draft.one_isocenter()
        beam = draft.one([b for b in draft.treatment if _isocentric(b)], at_least=2)
        axis = draft.rng.randrange(3)
        point = list(iso_of(beam))
        point[axis] += distance * draft.rng.choice((-1, 1))
        set_iso(beam, point)
        return Mark((number_of(beam),), f"isocenter of one beam {distance:g} mm off, {AXES[axis]}")

    return plant


def whole_plan_off(draft: Draft) -> Mark:
    axis = draft.rng.randrange(3)
    by = draft.rng.choice((-10.0, 10.0, 20.0))
    for beam in draft.beams:
        point = list(iso_of(beam))
        point[axis] += by
        set_iso(beam, point)
    return Mark(tuple(number_of(b) for b in draft.treatment), f"all isocenters {by:g} mm off, {AXES[axis]}")


def sign_lost(draft: Draft) -> Mark:
    axis = next((i for i in range(3) if all(abs(iso_of(b)[i]) > 5 for b in draft.beams)), None)
    if axis is None:
        raise Unfit
    for beam in draft.beams:
        point = list(iso_of(beam))
        point[axis] = -point[axis]
        set_iso(beam, point)
    return Mark(tuple(number_of(b) for b in draft.treatment), f"sign of the {AXES[axis]} coordinate turned")


def coordinates_swapped(draft: Draft) -> Mark:
    draft.one_isocenter()
    beam = draft.one([b for b in draft.treatment if _isocentric(b)], at_least=2)
    x, y, z = iso_of(beam)
    if abs(y - z) < 20:
        raise Unfit
    set_iso(beam, (x, z, y))
    return Mark((number_of(beam),), "y and z of one beam's isocenter swapped")


def origin(draft: Draft) -> Mark:
    if max(abs(v) for v in draft.one_isocenter()) < 20:
        raise Unfit
    beam = draft.a_beam(at_least=2)
    set_iso(beam, (0.0, 0.0, 0.0))
    return Mark((number_of(beam),), "isocenter of one beam reset to the origin")


def emptied(draft: Draft) -> Mark:
    draft.one_isocenter()
    draft.collimated()
    beam = draft.one([b for b in draft.photons() if written(b, "IsocenterPosition")])
    put(beam, "IsocenterPosition", None)
    return Mark((number_of(beam),), "isocenter of one beam empty")


def two_numbers(draft: Draft) -> Mark:
    draft.one_isocenter()
    draft.collimated()
    beam = draft.one([b for b in draft.photons() if written(b, "IsocenterPosition")])
    put(beam, "IsocenterPosition", [text_of(v) for v in iso_of(beam)[:2]])
    return Mark((number_of(beam),), "isocenter of one beam with two numbers")


def not_a_number(draft: Draft) -> Mark:
    draft.one_isocenter()
    draft.collimated()
    beam = draft.one([b for b in draft.photons() if written(b, "IsocenterPosition")])
    x, y, _ = (text_of(v) for v in iso_of(beam))
    for point in written(beam, "IsocenterPosition"):
        raw(point, "IsocenterPosition", "DS", f"{x}\\{y}\\NaN")
    return Mark((number_of(beam),), "isocenter with NaN")


def merged(draft: Draft) -> Mark:
    """The fields of the second isocenter were copied to the first."""
    beams = draft.photons()
    if len(draft.groups) != 1 or len(beams) != len(draft.treatment):
        raise Unfit
    found = list(dict.fromkeys(iso_of(b) for b in beams))
    if len(found) != 2:
        raise Unfit
    moved = [b for b in beams if iso_of(b) == found[1]]
    for beam in moved:
        set_iso(beam, found[0])
    return Mark(tuple(number_of(b) for b in moved), "second isocenter set to the first")


KINDS = (
    Kind(
        id="isocenter_one_beam_1mm",
        family="isocenter",
        harm=Harm.MODERATE,
        notice="one of several beams that share an isocenter has it 0.8 mm away",
        topics=TOPICS,
        integrity=yes("nobody plans a second isocenter less than a millimeter from the first"),
        plant=one_beam_off(0.8),
    ),
    Kind(
        id="isocenter_one_beam_5mm",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="one of several beams that share an isocenter has it 5 mm away",
        topics=TOPICS,
        integrity=yes("5 mm is too near for a second isocenter and too far for rounding"),
        analyze=yes("points 1 to 10 mm apart need confirmation, so the session asks"),
        plant=one_beam_off(5.0),
    ),
    Kind(
        id="isocenter_one_beam_30mm",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="one beam is centered 30 mm from all others",
        topics=TOPICS,
        integrity=no("a plan with two isocenters 30 mm apart is a plan that people make"),
        analyze=yes("a second isocenter appears, which decides the level"),
        plant=one_beam_off(30.0),
    ),
    Kind(
        id="isocenter_whole_plan_shifted",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="every beam is centered 1 to 2 cm from where it was planned",
        topics=TOPICS,
        integrity=no("the plan agrees with itself; only the images or the earlier version tell"),
        plant=whole_plan_off,
    ),
    Kind(
        id="isocenter_sign_lost",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="the whole plan is mirrored to the other side of the origin",
        topics=TOPICS,
        integrity=no("the plan agrees with itself; only the images or the earlier version tell"),
        plant=sign_lost,
    ),
    Kind(
        id="isocenter_coordinates_swapped",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="two coordinates of one beam's isocenter are exchanged",
        topics=TOPICS,
        integrity=no("it looks like a second isocenter"),
        analyze=yes("a second isocenter appears"),
        plant=coordinates_swapped,
    ),
    Kind(
        id="isocenter_reset_to_origin",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="one beam of several is centered at 0, 0, 0",
        topics=TOPICS,
        integrity=no("the origin may be a real point of the patient"),
        analyze=yes("a second isocenter appears"),
        plant=origin,
    ),
    Kind(
        id="isocenter_empty",
        family="isocenter",
        harm=Harm.STOPS,
        notice="a treatment beam has no isocenter",
        topics=TOPICS,
        integrity=yes("a treated beam without an isocenter cannot be set up"),
        analyze=yes("the isocenter criterion cannot be judged any more"),
        plant=emptied,
    ),
    Kind(
        id="isocenter_two_numbers",
        family="isocenter",
        harm=Harm.STOPS,
        notice="an isocenter has two coordinates",
        topics=TOPICS,
        integrity=yes("a point has three coordinates"),
        analyze=yes("the isocenter criterion cannot be judged any more"),
        plant=two_numbers,
    ),
    Kind(
        id="isocenter_nan",
        family="isocenter",
        harm=Harm.STOPS,
        notice="a coordinate is not a number",
        topics=TOPICS,
        integrity=yes("the value cannot be read"),
        analyze=yes("the isocenter criterion cannot be judged any more"),
        plant=not_a_number,
    ),
    Kind(
        id="isocenters_merged",
        family="isocenter",
        harm=Harm.SERIOUS,
        notice="fields of the second region are centered on the first",
        topics=TOPICS,
        integrity=no("one isocenter for all beams is the usual plan"),
        analyze=yes("one isocenter instead of two decides the level"),
        plant=merged,
    ),
)
