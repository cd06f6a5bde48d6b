"""Angles and distances of beams."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.seeded.draft import Draft, Unfit, first, number_of, put, shift, text_of, written
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

GANTRY = topics("gantry", "direction")


def _angle(keyword: str, by: float, word: str) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        beam = draft.one([b for b in draft.treatment if written(b, keyword)])
        shift(beam, keyword, by)
        return Mark((number_of(beam),), f"{word} {by:g} degrees on")

    return plant


def gantry_digits(draft: Draft) -> Mark:
    """Two digits of a static gantry angle exchanged."""
    fits = []
    for beam in draft.static():
        text = f"{float(first(beam).GantryAngle):.0f}"
        turned = text[:-2] + text[-1] + text[-2] if len(text) > 1 else text
        if len(turned) > 1 and turned != text and not turned.startswith("0") and float(turned) < 360:
            fits.append((beam, turned))
    if not fits:
        raise Unfit
    beam, turned = draft.rng.choice(fits)
    old = first(beam).GantryAngle
    put(beam, "GantryAngle", turned)
    return Mark((number_of(beam),), f"gantry {float(old):g} to {turned}")


def gantry_opposed(draft: Draft) -> Mark:
    beam = draft.one(draft.static())
    shift(beam, "GantryAngle", 180.0)
    return Mark((number_of(beam),), "gantry on the opposite side")


def gantry_over_360(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.static() if 36 < float(first(b).GantryAngle) < 360])
    put(beam, "GantryAngle", text_of(float(first(beam).GantryAngle) * 10))
    return Mark((number_of(beam),), f"gantry {float(first(beam).GantryAngle):g}")


def gantry_moves_in_static(draft: Draft) -> Mark:
    beam = draft.one(draft.static())
    beam.ControlPointSequence[-1].GantryAngle = text_of((float(first(beam).GantryAngle) + 20) % 360)
    return Mark((number_of(beam),), "last control point of a static beam 20 degrees on")


def collimator_moves_in_static(draft: Draft) -> Mark:
    beam = draft.one(draft.static())
    start = float(first(beam).get("BeamLimitingDeviceAngle") or 0)
    beam.ControlPointSequence[-1].BeamLimitingDeviceAngle = text_of((start + 90) % 360)
    return Mark((number_of(beam),), "last control point of a static beam with the collimator turned")


def couch_kicked(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if written(b, "PatientSupportAngle")], at_least=2)
    shift(beam, "PatientSupportAngle", draft.rng.choice((10.0, 90.0, 270.0)))
    return Mark((number_of(beam),), f"couch angle {float(first(beam).PatientSupportAngle):g}")


def all_gantries(draft: Draft) -> Mark:
    """The plan was made on another orientation: every gantry angle mirrored."""
    beams = draft.static()
    if not beams or len(beams) != len(draft.treatment):
        raise Unfit
    for beam in beams:
        put(beam, "GantryAngle", text_of((-float(first(beam).GantryAngle)) % 360))
    if all(float(first(b).GantryAngle) % 180 == 0 for b in beams):
        raise Unfit
    return Mark(tuple(number_of(b) for b in beams), "all gantry angles mirrored")


def _table(keyword: str, by: float) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        draft.one_isocenter()
        beam = draft.one([b for b in draft.treatment if written(b, keyword)], at_least=2)
        put(beam, keyword, text_of(float(first(beam).get(keyword)) + by))
        return Mark((number_of(beam),), f"table {by:g} mm elsewhere for one beam of the isocenter")

    return plant


def ssd_changed(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.static() if written(b, "SourceToSurfaceDistance")])
    put(beam, "SourceToSurfaceDistance", text_of(float(first(beam).SourceToSurfaceDistance) - 45))
    return Mark((number_of(beam),), "SSD 45 mm shorter")


def ssd_in_centimeters(draft: Draft) -> Mark:
    fits = [b for b in draft.static() if written(b, "SourceToSurfaceDistance")]
    beam = draft.one([b for b in fits if float(first(b).SourceToSurfaceDistance) < 2000])
    put(beam, "SourceToSurfaceDistance", text_of(float(first(beam).SourceToSurfaceDistance) / 10))
    return Mark((number_of(beam),), "SSD in centimeters")


def sad_in_centimeters(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("SourceAxisDistance")])
    beam.SourceAxisDistance = text_of(float(beam.SourceAxisDistance) / 10)
    return Mark((number_of(beam),), "SAD in centimeters")


def sad_of_another_machine(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("SourceAxisDistance")], at_least=2)
    beam.SourceAxisDistance = text_of(float(beam.SourceAxisDistance) + 150)
    return Mark((number_of(beam),), "SAD of one beam 150 mm longer")


def pitch_appears(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    first(beam).TableTopPitchAngle = 3.0
    return Mark((number_of(beam),), "table pitch of 3 degrees in one beam")


KINDS = (
    Kind(
        id="gantry_digits_exchanged",
        family="gantry",
        harm=Harm.SERIOUS,
        notice="two digits of a gantry angle are exchanged",
        topics=GANTRY,
        integrity=no("any gantry angle is possible"),
        plant=gantry_digits,
    ),
    Kind(
        id="gantry_opposed",
        family="gantry",
        harm=Harm.SERIOUS,
        notice="a beam comes from the opposite side",
        topics=GANTRY,
        integrity=no("any gantry angle is possible"),
        plant=gantry_opposed,
    ),
    Kind(
        id="gantry_mirrored_everywhere",
        family="gantry",
        harm=Harm.SERIOUS,
        notice="the beams come from the other side of the patient",
        topics=GANTRY,
        integrity=no("the plan agrees with itself"),
        plant=all_gantries,
    ),
    Kind(
        id="gantry_out_of_range",
        family="gantry",
        harm=Harm.STOPS,
        notice="a gantry angle of more than 360 degrees",
        topics=GANTRY,
        integrity=yes("no gantry goes there"),
        plant=gantry_over_360,
    ),
    Kind(
        id="gantry_moves_in_static_beam",
        family="gantry",
        harm=Harm.SERIOUS,
        notice="a static beam ends at another gantry angle",
        topics=GANTRY | topics("technique", "beam_type"),
        integrity=yes("STATIC says that nothing moves while the beam is on"),
        plant=gantry_moves_in_static,
    ),
    Kind(
        id="collimator_90",
        family="collimator",
        harm=Harm.SERIOUS,
        notice="the collimator of one beam is turned by 90 degrees",
        topics=topics("collimator"),
        integrity=no("any collimator angle is possible"),
        plant=_angle("BeamLimitingDeviceAngle", 90.0, "collimator"),
    ),
    Kind(
        id="collimator_5",
        family="collimator",
        harm=Harm.MODERATE,
        notice="the collimator of one beam is turned by 5 degrees",
        topics=topics("collimator"),
        integrity=no("any collimator angle is possible"),
        plant=_angle("BeamLimitingDeviceAngle", 5.0, "collimator"),
    ),
    Kind(
        id="collimator_moves_in_static_beam",
        family="collimator",
        harm=Harm.SERIOUS,
        notice="a static beam ends at another collimator angle",
        topics=topics("collimator", "technique", "beam_type"),
        integrity=yes("STATIC says that nothing moves while the beam is on"),
        plant=collimator_moves_in_static,
    ),
    Kind(
        id="couch_angle_one_beam",
        family="couch",
        harm=Harm.SERIOUS,
        notice="one beam has a couch angle that it was not planned with",
        topics=topics("couch"),
        integrity=no("non-coplanar beams exist"),
        plant=couch_kicked,
    ),
    Kind(
        id="couch_lateral_40mm",
        family="couch",
        harm=Harm.SERIOUS,
        notice="for one beam the table stands 40 mm to the side, at the same isocenter",
        topics=topics("tabletop"),
        integrity=yes("beams with one isocenter and one couch angle have one table position"),
        plant=_table("TableTopLateralPosition", 40.0),
    ),
    Kind(
        id="couch_vertical_5mm",
        family="couch",
        harm=Harm.MODERATE,
        notice="for one beam the table stands 5 mm higher, at the same isocenter",
        topics=topics("tabletop"),
        integrity=yes("beams with one isocenter and one couch angle have one table position"),
        plant=_table("TableTopVerticalPosition", 5.0),
    ),
    Kind(
        id="couch_longitudinal_120mm",
        family="couch",
        harm=Harm.SERIOUS,
        notice="for one beam the table stands 12 cm further in, at the same isocenter",
        topics=topics("tabletop"),
        integrity=yes("beams with one isocenter and one couch angle have one table position"),
        plant=_table("TableTopLongitudinalPosition", 120.0),
    ),
    Kind(
        id="couch_pitch_one_beam",
        family="couch",
        harm=Harm.MODERATE,
        notice="one beam has the table pitched by 3 degrees",
        topics=topics("couch", "tabletop"),
        integrity=yes("a correction of the table holds for all beams of a set-up"),
        plant=pitch_appears,
    ),
    Kind(
        id="ssd_shorter",
        family="distances",
        harm=Harm.MODERATE,
        notice="an SSD is 45 mm shorter than planned",
        topics=topics("ssd"),
        integrity=no("the depth is not in the plan"),
        plant=ssd_changed,
    ),
    Kind(
        id="ssd_in_centimeters",
        family="distances",
        harm=Harm.STOPS,
        notice="an SSD in centimeters",
        topics=topics("ssd", "sad", "unit"),
        integrity=yes("an SSD of 90 mm puts the patient inside the head of the machine"),
        plant=ssd_in_centimeters,
    ),
    Kind(
        id="sad_in_centimeters",
        family="distances",
        harm=Harm.STOPS,
        notice="a source-axis distance in centimeters",
        topics=topics("sad", "unit"),
        integrity=yes("no machine has an axis 100 mm from its source"),
        plant=sad_in_centimeters,
    ),
    Kind(
        id="sad_one_beam",
        family="distances",
        harm=Harm.STOPS,
        notice="one beam has another source-axis distance than the others of the machine",
        topics=topics("sad", "machine"),
        integrity=yes("one machine has one source-axis distance"),
        plant=sad_of_another_machine,
    ),
)
