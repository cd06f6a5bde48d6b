"""Energies, fluence modes, dose rates, kind of radiation."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, first, number_of, put, text_of, written
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes


def _energy(beam: Dataset) -> float:
    value = first(beam).get("NominalBeamEnergy")
    if not value:
        raise Unfit
    return float(value)


def swapped_photon(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.photons() if _energy(b) in (6.0, 10.0, 15.0)])
    new = draft.rng.choice([e for e in (6.0, 10.0, 15.0) if e != _energy(beam)])
    put(beam, "NominalBeamEnergy", text_of(new))
    return Mark((number_of(beam),), f"{_energy(beam):g} MV in one beam now")


def swapped_electron(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("RadiationType") == "ELECTRON"])
    new = draft.rng.choice([e for e in (6.0, 9.0, 12.0, 15.0) if abs(e - _energy(beam)) > 2])
    put(beam, "NominalBeamEnergy", text_of(new))
    return Mark((number_of(beam),), f"electron energy {new:g} MeV")


def all_swapped(draft: Draft) -> Mark:
    beams = draft.photons()
    if not beams or any(_energy(b) != 6.0 for b in beams):
        raise Unfit
    for beam in beams:
        put(beam, "NominalBeamEnergy", "10")
    return Mark(tuple(number_of(b) for b in beams), "10 MV in all beams instead of 6")


def typo(draft: Draft) -> Mark:
    beam = draft.a_beam()
    new = _energy(beam) * 10
    put(beam, "NominalBeamEnergy", text_of(new))
    return Mark((number_of(beam),), f"energy {new:g}")


def zero(draft: Draft) -> Mark:
    beam = draft.a_beam()
    put(beam, "NominalBeamEnergy", "0")
    return Mark((number_of(beam),), "energy 0")


def lost(draft: Draft) -> Mark:
    beam = draft.a_beam()
    for point in written(beam, "NominalBeamEnergy"):
        del point["NominalBeamEnergy"]
    return Mark((number_of(beam),), "energy absent")


def within_beam(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if len(b.ControlPointSequence) > 4])
    new = 10.0 if _energy(beam) != 10.0 else 6.0
    points = list(beam.ControlPointSequence)
    at = draft.rng.randrange(2, len(points) - 1)
    for point in points[at:]:
        point.NominalBeamEnergy = text_of(new)
    return Mark((number_of(beam),), f"energy changes at control point {at}")


def mode_lost(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if _fff(b)], at_least=2)
    del beam.PrimaryFluenceModeSequence
    return Mark((number_of(beam),), "FFF flag of one beam gone")


def mode_lost_everywhere(draft: Draft) -> Mark:
    beams = [b for b in draft.treatment if _fff(b)]
    if not beams:
        raise Unfit
    for beam in beams:
        del beam.PrimaryFluenceModeSequence
    return Mark(tuple(number_of(b) for b in beams), "FFF flag of all beams gone")


def mode_added(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.photons() if not _fff(b) and _energy(b) in (6.0, 10.0)], at_least=2)
    mode = Dataset()
    mode.FluenceMode = "NON_STANDARD"
    mode.FluenceModeID = "FFF"
    beam.PrimaryFluenceModeSequence = Items([mode])
    return Mark((number_of(beam),), "one beam FFF")


def _fff(beam: Dataset) -> bool:
    return any(m.get("FluenceMode") == "NON_STANDARD" for m in beam.get("PrimaryFluenceModeSequence") or [])


def electrons_for_photons(draft: Draft) -> Mark:
    draft.leveled()
    beam = draft.one(draft.photons(), at_least=2)
    if len(draft.photons()) != len(draft.treatment):
        raise Unfit
    beam.RadiationType = "ELECTRON"
    return Mark((number_of(beam),), "one photon beam typed ELECTRON")


def photons_for_electrons(draft: Draft) -> Mark:
    draft.leveled()
    electrons = [b for b in draft.treatment if b.get("RadiationType") == "ELECTRON"]
    beam = draft.one([b for b in electrons if b.get("ApplicatorSequence")])
    beam.RadiationType = "PHOTON"
    return Mark((number_of(beam),), "an electron beam typed PHOTON")


def radiation_lost(draft: Draft) -> Mark:
    draft.leveled()
    beam = draft.a_beam()
    beam.RadiationType = ""
    return Mark((number_of(beam),), "RadiationType empty")


def _rated(draft: Draft) -> Dataset:
    return draft.one([b for b in draft.treatment if all(float(p.DoseRateSet) > 0 for p in written(b, "DoseRateSet"))])


def rate_changed(draft: Draft) -> Mark:
    beam = _rated(draft)
    put(beam, "DoseRateSet", text_of(float(first(beam).DoseRateSet) / 3))
    return Mark((number_of(beam),), "dose rate a third")


def rate_zero(draft: Draft) -> Mark:
    beam = _rated(draft)
    put(beam, "DoseRateSet", "0")
    return Mark((number_of(beam),), "dose rate 0")


def rate_too_high(draft: Draft) -> Mark:
    beam = _rated(draft)
    put(beam, "DoseRateSet", text_of(float(first(beam).DoseRateSet) * 10))
    return Mark((number_of(beam),), "dose rate ten times as high")


KINDS = (
    Kind(
        id="energy_one_photon_beam",
        family="energy",
        harm=Harm.SERIOUS,
        notice="one beam has another photon energy than it was planned with",
        topics=topics("energy"),
        integrity=no("plans mix photon energies on purpose"),
        plant=swapped_photon,
    ),
    Kind(
        id="energy_electron_beam",
        family="energy",
        harm=Harm.SERIOUS,
        notice="an electron beam has another energy, and so another depth",
        topics=topics("energy"),
        integrity=no("any clinical electron energy is possible"),
        plant=swapped_electron,
    ),
    Kind(
        id="energy_all_beams",
        family="energy",
        harm=Harm.SERIOUS,
        notice="the whole plan is at another energy",
        topics=topics("energy"),
        integrity=no("the plan agrees with itself"),
        plant=all_swapped,
    ),
    Kind(
        id="energy_typo",
        family="energy",
        harm=Harm.STOPS,
        notice="an energy that no linear accelerator has",
        topics=topics("energy"),
        integrity=yes("60 MV and more is out of every machine's range"),
        plant=typo,
    ),
    Kind(
        id="energy_zero",
        family="energy",
        harm=Harm.STOPS,
        notice="the energy is 0",
        topics=topics("energy"),
        integrity=yes("a treated beam has an energy"),
        plant=zero,
    ),
    Kind(
        id="energy_absent",
        family="energy",
        harm=Harm.STOPS,
        notice="a treated beam has no energy",
        topics=topics("energy"),
        integrity=yes("a treated beam has an energy"),
        plant=lost,
    ),
    Kind(
        id="energy_changes_within_beam",
        family="energy",
        harm=Harm.SERIOUS,
        notice="the energy is another from some control point on",
        topics=topics("energy"),
        integrity=yes("a beam has one energy"),
        plant=within_beam,
    ),
    Kind(
        id="fff_lost_one_beam",
        family="energy",
        harm=Harm.SERIOUS,
        notice="one beam of a flattening-filter-free plan has lost the flag",
        topics=topics("fluence", "energy"),
        integrity=yes("one nominal energy with two fluence modes in one plan is hardly ever meant"),
        plant=mode_lost,
    ),
    Kind(
        id="fff_lost_all_beams",
        family="energy",
        harm=Harm.SERIOUS,
        notice="a plan calculated without flattening filter no longer says so",
        topics=topics("fluence", "energy"),
        integrity=no("the plan agrees with itself"),
        plant=mode_lost_everywhere,
    ),
    Kind(
        id="fff_one_beam_added",
        family="energy",
        harm=Harm.SERIOUS,
        notice="one beam is flattening-filter-free and its neighbors are not",
        topics=topics("fluence", "energy"),
        integrity=yes("one nominal energy with two fluence modes in one plan is hardly ever meant"),
        plant=mode_added,
    ),
    Kind(
        id="radiation_electron_for_photon",
        family="energy",
        harm=Harm.STOPS,
        notice="a photon beam is typed as electrons, without an applicator",
        topics=topics("radiation", "applicator", "energy"),
        integrity=yes("an electron beam has an applicator or at least no leaf aperture of a photon beam"),
        analyze=yes("photons and electrons in one session decide the level"),
        plant=electrons_for_photons,
    ),
    Kind(
        id="radiation_photon_for_electron",
        family="energy",
        harm=Harm.STOPS,
        notice="a beam with an electron applicator is typed as photons",
        topics=topics("radiation", "applicator"),
        integrity=yes("an electron applicator on a photon beam is a contradiction"),
        analyze=yes("the level of electrons only, or of the mixture, no longer holds"),
        plant=photons_for_electrons,
    ),
    Kind(
        id="radiation_empty",
        family="energy",
        harm=Harm.STOPS,
        notice="the kind of radiation is not given",
        topics=topics("radiation"),
        integrity=yes("a treated beam without kind of radiation cannot be delivered"),
        analyze=yes("what the session consists of is not known any more"),
        plant=radiation_lost,
    ),
    Kind(
        id="dose_rate_changed",
        family="dose rate",
        harm=Harm.MINOR,
        notice="a beam runs at a third of its dose rate",
        topics=topics("dose_rate"),
        integrity=no("machines have many dose rates"),
        plant=rate_changed,
    ),
    Kind(
        id="dose_rate_zero",
        family="dose rate",
        harm=Harm.STOPS,
        notice="the dose rate is 0",
        topics=topics("dose_rate"),
        integrity=yes("no beam is delivered at dose rate 0"),
        plant=rate_zero,
    ),
    Kind(
        id="dose_rate_too_high",
        family="dose rate",
        harm=Harm.STOPS,
        notice="a dose rate that no machine has",
        topics=topics("dose_rate"),
        integrity=yes("a conventional linear accelerator does not reach it"),
        plant=rate_too_high,
    ),
)
