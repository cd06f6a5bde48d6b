"""Metersets."""

from __future__ import annotations

from collections.abc import Callable

from pydicom.dataset import Dataset

from benchmarks.seeded.draft import Draft, Unfit, number_of, raw, text_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

MU = topics("meterset")


def _scaled(factor: float, fits: Callable[[Draft, Dataset], bool]) -> Callable[[Draft], Mark]:
    def plant(draft: Draft) -> Mark:
        beam = draft.one([b for b in draft.treatment if fits(draft, b)])
        reference = draft.reference(beam)
        reference.BeamMeterset = text_of(float(reference.BeamMeterset) * factor)
        return Mark((number_of(beam),), f"meterset times {factor:g}")

    return plant


def any_beam(draft: Draft, beam: Dataset) -> bool:
    return str(beam.get("PrimaryDosimeterUnit", "MU")) == "MU"


def _dosed(draft: Draft, beam: Dataset) -> bool:
    """A static beam with a dose, at a usual distance: what one monitor unit gives is known well enough."""
    if beam not in draft.static() or not any_beam(draft, beam):
        return False
    dose = float(draft.reference(beam).get("BeamDose") or 0)
    return dose > 0.2 and 50 < draft.meterset(beam) / dose < 400


def zero(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    draft.reference(beam).BeamMeterset = "0"
    return Mark((number_of(beam),), "meterset 0")


def absent(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    del draft.reference(beam).BeamMeterset
    return Mark((number_of(beam),), "meterset absent")


def empty(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    draft.reference(beam).BeamMeterset = None
    return Mark((number_of(beam),), "meterset empty")


def negative(draft: Draft) -> Mark:
    beam = draft.a_beam()
    reference = draft.reference(beam)
    reference.BeamMeterset = text_of(-float(reference.BeamMeterset))
    return Mark((number_of(beam),), "meterset negative")


def comma(draft: Draft) -> Mark:
    beam = draft.a_beam()
    reference = draft.reference(beam)
    raw(reference, "BeamMeterset", "DS", f"{float(reference.BeamMeterset):.1f}".replace(".", ","))
    return Mark((number_of(beam),), "decimal comma in the meterset")


def all_absent(draft: Draft) -> Mark:
    for reference in draft.references:
        if "BeamMeterset" in reference:
            del reference["BeamMeterset"]
    return Mark(tuple(number_of(b) for b in draft.beams), "no meterset at all")


def swapped(draft: Draft) -> Mark:
    beams = [b for b in draft.treatment if any_beam(draft, b)]
    if len(beams) < 2:
        raise Unfit
    a, b = draft.rng.sample(beams, 2)
    one, other = draft.reference(a), draft.reference(b)
    if abs(float(one.BeamMeterset) - float(other.BeamMeterset)) < 2:
        raise Unfit
    one.BeamMeterset, other.BeamMeterset = other.BeamMeterset, one.BeamMeterset
    return Mark((number_of(a), number_of(b)), "metersets of two beams exchanged")


def minutes(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("PrimaryDosimeterUnit") == "MU"], at_least=2)
    beam.PrimaryDosimeterUnit = "MINUTE"
    return Mark((number_of(beam),), "one beam in minutes")


def duration_limit(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if any_beam(draft, b) and draft.meterset(b) < 1000])
    draft.reference(beam).BeamMeterset = text_of(draft.meterset(beam) + 5000)
    return Mark((number_of(beam),), "5000 MU added")


KINDS = (
    Kind(
        id="meterset_zero",
        family="meterset",
        harm=Harm.SERIOUS,
        notice="a beam that is to treat has 0 MU",
        topics=MU,
        integrity=yes("a treatment beam with dose and without meterset is not delivered"),
        plant=zero,
    ),
    Kind(
        id="meterset_absent",
        family="meterset",
        harm=Harm.STOPS,
        notice="a beam that is to treat has no meterset",
        topics=MU,
        integrity=yes("a treatment beam without meterset cannot be delivered"),
        plant=absent,
    ),
    Kind(
        id="meterset_empty",
        family="meterset",
        harm=Harm.STOPS,
        notice="the meterset of a beam is empty",
        topics=MU,
        integrity=yes("a treatment beam without meterset cannot be delivered"),
        plant=empty,
    ),
    Kind(
        id="meterset_negative",
        family="meterset",
        harm=Harm.STOPS,
        notice="the meterset is below 0",
        topics=MU,
        integrity=yes("no meterset is below 0"),
        plant=negative,
    ),
    Kind(
        id="meterset_decimal_comma",
        family="meterset",
        harm=Harm.STOPS,
        notice="the meterset is written with a decimal comma",
        topics=MU,
        integrity=yes("the value cannot be read"),
        plant=comma,
    ),
    Kind(
        id="metersets_all_absent",
        family="meterset",
        harm=Harm.STOPS,
        notice="no beam has a meterset: a template",
        topics=MU,
        integrity=yes("a plan without metersets cannot be delivered"),
        analyze=yes("no level can be given for what is not delivered"),
        plant=all_absent,
    ),
    Kind(
        id="metersets_swapped",
        family="meterset",
        harm=Harm.SERIOUS,
        notice="two beams have each other's meterset",
        topics=MU,
        integrity=no("both metersets are plausible; without recalculation nobody can tell"),
        plant=swapped,
    ),
    Kind(
        id="meterset_times_ten",
        family="meterset",
        harm=Harm.SERIOUS,
        notice="a simple field has ten times the meterset that its dose needs",
        topics=MU,
        integrity=yes("a static field at a usual distance needs some 100 MU for a gray, not 1000"),
        plant=_scaled(10.0, _dosed),
    ),
    Kind(
        id="meterset_tenth",
        family="meterset",
        harm=Harm.SERIOUS,
        notice="a simple field has a tenth of the meterset that its dose needs",
        topics=MU,
        integrity=yes("no field gives a gray with 14 MU"),
        plant=_scaled(0.1, _dosed),
    ),
    Kind(
        id="meterset_percent",
        family="meterset",
        harm=Harm.MODERATE,
        notice="a beam has 12 % more meterset than planned",
        topics=MU,
        integrity=no("12 % is within what depth and wedges do"),
        plant=_scaled(1.12, any_beam),
    ),
    Kind(
        id="meterset_five_thousand",
        family="meterset",
        harm=Harm.SERIOUS,
        notice="5000 MU more than planned",
        topics=MU,
        integrity=yes("more than any conventional field has, and far too much for its dose"),
        plant=duration_limit,
    ),
    Kind(
        id="dosimeter_unit_minutes",
        family="meterset",
        harm=Harm.STOPS,
        notice="one beam counts minutes, the others monitor units",
        topics=topics("unit", "meterset"),
        integrity=yes("beams of one machine have one unit"),
        plant=minutes,
    ),
)
