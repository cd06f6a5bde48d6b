"""Beams and references: lost, added, counted wrong, pointing to nothing."""

from __future__ import annotations

import copy

from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, copy_of, first, iso_of, number_of, set_iso, shift, text_of, uid_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

BEAMS = topics("beams", "references", "prescription")


def beam_lost_prescribed(draft: Draft) -> Mark:
    if draft.prescribed is None:
        raise Unfit
    return _beam_lost(draft)


def beam_lost_unprescribed(draft: Draft) -> Mark:
    if draft.prescribed is not None:
        raise Unfit
    return _beam_lost(draft)


def _beam_lost(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=3 if draft.prescribed is None else 2)
    draft.drop_beam(beam)
    return Mark((number_of(beam),), "a treatment beam gone without a trace", gone=True)


def beam_item_lost(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    draft.drop_beam(beam, reference=False)
    return Mark((number_of(beam),), "a beam that the fraction group refers to is not there")


def reference_lost(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    draft.drop_reference(beam, declared=False)
    return Mark((number_of(beam),), "a beam is in no fraction group, count as before")


def reference_lost_closed_up(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    draft.drop_reference(beam)
    return Mark((number_of(beam),), "a beam is in no fraction group, count adjusted")


def count_wrong(draft: Draft) -> Mark:
    group = draft.rng.choice(draft.groups)
    group.NumberOfBeams = str(int(group.NumberOfBeams) + 1)
    return Mark((), "one beam more declared")


def referenced_twice(draft: Draft) -> Mark:
    beam = draft.a_beam()
    for group in draft.groups:
        items = list(group.ReferencedBeamSequence)
        for item in items:
            if item.ReferencedBeamNumber == beam.BeamNumber:
                group.ReferencedBeamSequence = Items([*items, copy.deepcopy(item)])
                group.NumberOfBeams = str(len(group.ReferencedBeamSequence))
                return Mark((number_of(beam),), "a beam twice in its fraction group")
    raise Unfit


def extra_with_dose(draft: Draft) -> Mark:
    if draft.prescribed is None:
        raise Unfit
    beam = draft.a_beam()
    made = copy_of(beam, draft.free_number(), "F9")
    dose = float(draft.reference(beam).get("BeamDose") or 0)
    draft.add_beam(made, draft.meterset(beam), dose)
    return Mark((number_of(made),), "a beam once more under another number")


def extra_without_dose(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.static() if draft.reference(b).get("BeamDose")])
    made = copy_of(beam, draft.free_number(), "F9")
    if not any(p.get("GantryAngle") not in (None, "") for p in made.ControlPointSequence):
        raise Unfit
    shift(made, "GantryAngle", 40.0)
    draft.add_beam(made, draft.meterset(beam), None)
    return Mark((number_of(made),), "a beam more, without a dose")


def extra_elsewhere(draft: Draft) -> Mark:
    draft.one_isocenter()
    beam = draft.one(draft.photons())
    ssd = first(beam).get("SourceToSurfaceDistance")
    if ssd and float(ssd) > float(beam.get("SourceAxisDistance") or 1000) - 20:
        raise Unfit
    made = copy_of(beam, draft.free_number(), "F9")
    x, y, z = iso_of(made)
    set_iso(made, (x + 60, y, z))
    draft.add_beam(made, draft.meterset(beam), None)
    return Mark((number_of(made),), "a beam more at a second isocenter")


def split(draft: Draft) -> Mark:
    """A beam in two halves of its meterset: dose as before, delivered otherwise than planned."""
    beam = draft.one(draft.static())
    reference = draft.reference(beam)
    made = copy_of(beam, draft.free_number(), "F1b")
    mu, dose = draft.meterset(beam), reference.get("BeamDose")
    reference.BeamMeterset = text_of(mu / 2)
    half = None
    if dose:
        half = float(dose) / 2
        reference.BeamDose = text_of(half)
    draft.add_beam(made, mu / 2, half)
    return Mark((number_of(beam), number_of(made)), "a beam split in two of half the meterset")


def number_twice(draft: Draft) -> Mark:
    beams = draft.treatment
    if len(beams) < 2:
        raise Unfit
    a, b = draft.rng.sample(beams, 2)
    number, other = a.BeamNumber, b.BeamNumber
    for reference in draft.references:
        if reference.ReferencedBeamNumber == other:
            reference.ReferencedBeamNumber = number
    b.BeamNumber = number
    return Mark((number_of(a),), "two beams with one number")


def number_empty(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    old = number_of(beam)
    beam.BeamNumber = None
    return Mark((old,), "beam number empty")


def name_twice(draft: Draft) -> Mark:
    beams = draft.treatment
    if len(beams) < 2:
        raise Unfit
    a, b = draft.rng.sample(beams, 2)
    if not a.get("BeamName") or a.get("BeamName") == b.get("BeamName"):
        raise Unfit
    b.BeamName = a.BeamName
    return Mark((number_of(a), number_of(b)), "two beams with one name")


def names_swapped(draft: Draft) -> Mark:
    beams = [b for b in draft.treatment if b.get("BeamName")]
    if len(beams) < 2:
        raise Unfit
    a, b = draft.rng.sample(beams, 2)
    if a.BeamName == b.BeamName:
        raise Unfit
    a.BeamName, b.BeamName = b.BeamName, a.BeamName
    return Mark((number_of(a), number_of(b)), "names of two beams exchanged")


def numbers_swapped(draft: Draft) -> Mark:
    """Two beams have each other's number and name: metersets go to the wrong fields."""
    beams = draft.treatment
    if len(beams) < 2:
        raise Unfit
    a, b = draft.rng.sample(beams, 2)
    if abs(draft.meterset(a) - draft.meterset(b)) < 2:
        raise Unfit
    a.BeamNumber, b.BeamNumber = b.BeamNumber, a.BeamNumber
    a.BeamName, b.BeamName = b.BeamName, a.BeamName
    return Mark((number_of(a), number_of(b)), "numbers and names of two beams exchanged, metersets not")


def group_number_twice(draft: Draft) -> Mark:
    groups = draft.groups
    if len(groups) < 2:
        raise Unfit
    groups[1].FractionGroupNumber = groups[0].FractionGroupNumber
    return Mark((), "two fraction groups with one number")


def group_lost(draft: Draft) -> Mark:
    if len(draft.groups) < 2:
        raise Unfit
    gone = draft.groups[1]
    draft.ds.FractionGroupSequence = Items([g for g in draft.groups if g is not gone])
    return Mark(tuple(int(r.ReferencedBeamNumber) for r in gone.ReferencedBeamSequence), "second fraction group gone")


def groups_gone(draft: Draft) -> Mark:
    del draft.ds.FractionGroupSequence
    return Mark((), "no fraction group")


def dose_reference_dangling(draft: Draft) -> Mark:
    if not any(r.get("DoseReferenceUID") for r in draft.ds.get("DoseReferenceSequence") or []):
        raise Unfit
    beam = draft.a_beam()
    draft.reference(beam).ReferencedDoseReferenceUID = uid_of("nothing", number_of(beam))
    return Mark((number_of(beam),), "beam refers to a dose reference that there is not")


def bolus_dangling(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if not b.get("ReferencedBolusSequence")])
    beam.NumberOfBoli = "1"
    return Mark((number_of(beam),), "a bolus announced, none referred to")


KINDS = (
    Kind(
        id="beam_lost_with_prescription",
        family="beams",
        harm=Harm.SERIOUS,
        notice="a beam is missing, and the doses no longer add up",
        topics=BEAMS | topics("beam_dose"),
        integrity=yes("beam doses times fractions against the target dose"),
        plant=beam_lost_prescribed,
    ),
    Kind(
        id="beam_lost_without_prescription",
        family="beams",
        harm=Harm.SERIOUS,
        notice="a beam is missing in a plan that holds no target dose",
        topics=BEAMS,
        integrity=no("nothing in the plan says that there was one more"),
        plant=beam_lost_unprescribed,
    ),
    Kind(
        id="beam_item_lost",
        family="beams",
        harm=Harm.SERIOUS,
        notice="the fraction group refers to a beam that is not in the plan",
        topics=BEAMS,
        integrity=yes("a reference to nothing"),
        analyze=yes("what the missing beam would have been is not known"),
        plant=beam_item_lost,
    ),
    Kind(
        id="beam_reference_lost",
        family="beams",
        harm=Harm.SERIOUS,
        notice="a beam is in no fraction group, and the group announces one more",
        topics=BEAMS | topics("meterset"),
        integrity=yes("the count is wrong and a beam is never given"),
        plant=reference_lost,
    ),
    Kind(
        id="beam_reference_lost_closed_up",
        family="beams",
        harm=Harm.SERIOUS,
        notice="a treatment beam is in no fraction group",
        topics=BEAMS | topics("meterset"),
        integrity=yes("a treatment beam that is never given"),
        plant=reference_lost_closed_up,
    ),
    Kind(
        id="beam_count_wrong",
        family="beams",
        harm=Harm.STOPS,
        notice="the fraction group announces another number of beams than it lists",
        topics=BEAMS,
        integrity=yes("the numbers contradict one another"),
        plant=count_wrong,
    ),
    Kind(
        id="beam_referenced_twice",
        family="beams",
        harm=Harm.SERIOUS,
        notice="a beam is given twice in each fraction",
        topics=BEAMS | topics("duplicates", "beam_dose", "meterset"),
        integrity=yes("a group refers to each beam once"),
        plant=referenced_twice,
    ),
    Kind(
        id="beam_extra_with_dose",
        family="beams",
        harm=Harm.SERIOUS,
        notice="one beam more than planned, a copy of another, and too much dose",
        topics=BEAMS | topics("duplicates", "beam_dose"),
        integrity=yes("the doses add up to more than the prescription, and two beams are alike"),
        plant=extra_with_dose,
    ),
    Kind(
        id="beam_extra_without_dose",
        family="beams",
        harm=Harm.SERIOUS,
        notice="one beam more than planned, with meterset and without a dose",
        topics=BEAMS | topics("beam_dose", "meterset"),
        integrity=yes("it is the only beam with a meterset and no dose"),
        plant=extra_without_dose,
    ),
    Kind(
        id="beam_extra_at_second_isocenter",
        family="beams",
        harm=Harm.SERIOUS,
        notice="one beam more than planned, somewhere else",
        topics=BEAMS | topics("beam_dose", "meterset", "isocenter"),
        integrity=no("two isocenters and a beam without a dose are possible"),
        analyze=yes("a second isocenter appears"),
        plant=extra_elsewhere,
    ),
    Kind(
        id="beam_split",
        family="beams",
        harm=Harm.MINOR,
        notice="a beam has become two of half the meterset",
        topics=BEAMS | topics("duplicates", "meterset"),
        integrity=no("split beams are made on purpose"),
        plant=split,
    ),
    Kind(
        id="beam_number_twice",
        family="beams",
        harm=Harm.STOPS,
        notice="two beams have the same number",
        topics=BEAMS | topics("duplicates"),
        integrity=yes("references are ambiguous"),
        analyze=yes("no level can be given for a plan with ambiguous references"),
        plant=number_twice,
    ),
    Kind(
        id="beam_number_empty",
        family="beams",
        harm=Harm.STOPS,
        notice="a beam has no number",
        topics=BEAMS,
        integrity=yes("a reference leads nowhere"),
        analyze=yes("a beam that the fraction group counts cannot be found"),
        plant=number_empty,
    ),
    Kind(
        id="beam_name_twice",
        family="names",
        harm=Harm.MINOR,
        notice="two beams have the same name",
        topics=topics("duplicates", "names"),
        integrity=yes("therapists know beams by their names"),
        plant=name_twice,
    ),
    Kind(
        id="beam_names_swapped",
        family="names",
        harm=Harm.MODERATE,
        notice="two beams have each other's name",
        topics=topics("names"),
        integrity=no("names are free text"),
        plant=names_swapped,
    ),
    Kind(
        id="beam_numbers_swapped",
        family="names",
        harm=Harm.SERIOUS,
        notice="two beams have each other's meterset, because numbers and names were exchanged",
        topics=topics("meterset", "gantry", "leaves", "names", "beams"),
        integrity=no("every beam has a plausible meterset"),
        plant=numbers_swapped,
    ),
    Kind(
        id="fraction_group_number_twice",
        family="fractions",
        harm=Harm.STOPS,
        notice="two fraction groups have the same number",
        topics=topics("groups", "duplicates", "references"),
        integrity=yes("group numbers are unique"),
        plant=group_number_twice,
    ),
    Kind(
        id="fraction_group_lost",
        family="fractions",
        harm=Harm.SERIOUS,
        notice="the boost is no longer in any fraction group",
        topics=topics("groups", "beams", "references", "prescription", "fractions"),
        integrity=yes("treatment beams that are never given"),
        analyze=yes("a session disappears"),
        plant=group_lost,
    ),
    Kind(
        id="fraction_groups_gone",
        family="fractions",
        harm=Harm.STOPS,
        notice="the plan has no fraction scheme",
        topics=topics("groups", "beams", "references", "fractions", "meterset"),
        integrity=yes("no metersets, no fractions: nothing to deliver"),
        analyze=yes("what a session consists of is not known"),
        plant=groups_gone,
    ),
    Kind(
        id="dose_reference_dangling",
        family="references",
        harm=Harm.MINOR,
        notice="a beam counts its dose to a reference that does not exist",
        topics=topics("references", "prescription"),
        integrity=yes("a reference to nothing"),
        plant=dose_reference_dangling,
    ),
    Kind(
        id="bolus_announced",
        family="boluses",
        harm=Harm.MODERATE,
        notice="a bolus is announced and not referred to",
        topics=topics("bolus", "references"),
        integrity=yes("the number contradicts the items"),
        plant=bolus_dangling,
    ),
)
