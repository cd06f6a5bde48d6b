"""Checks of energy, fluence mode and dose rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np

from rtcode.features.types import BeamFacts, Radiation, Technique
from rtcode.integrity.checks.shared import (
    SAME_ISOCENTER,
    by_isocenter,
    energy_unit,
    found,
    is_helical,
    named,
    numbers,
    of_kind,
    point,
    session_beams,
    term,
    text,
    treatment_machines,
    unknown_of,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.delivery import Part
from rtcode.plan.roles import is_placeholder
from rtcode.plan.tags import at
from rtcode.truth import Truth


class EnergyChanges(Check):
    id = "energy_changes"
    title = "energy that changes within a beam"
    severity = Severity.ERROR
    explanation = (
        "Control points of one beam have different energies; no linac changes the energy within a beam. Which one was"
        " used for the dose is open: do not treat."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            energies = facts.radiation.energies_mev
            if len(energies) > 1:
                shown = ", ".join(text(energy, 3) for energy in energies)
                where = at(f"{facts.planned.beam.path}.ControlPointSequence[*]", "NominalBeamEnergy")
                yield found(facts, f"{len(energies)} energies in one beam: {shown} {energy_unit(facts)}", where)


class EnergyMissing(Check):
    id = "energy_missing"
    title = "treatment beams without energy"
    severity = Severity.ERROR
    explanation = "The beam does not say with which energy it is given, or only for a part of its control points."

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            planned = facts.planned
            column = planned.beam.control_points.energy
            if is_placeholder(planned.beam):
                continue
            indices = planned.delivery.bounding
            values = np.zeros(0) if column is None else column.values[indices]
            given = values > 0  # NaN is not
            if not values.size or not given.all():
                some = bool(given.any())
                index = int(indices[int(given.argmin())]) if values.size else 0
                what = f"no energy at control point {index}" if some else "no energy"
                yield found(facts, what, at(point(planned.beam, index), "NominalBeamEnergy"))


class EnergyUnusual(Check):
    id = "energy_unusual"
    title = "energy that linacs do not have"
    severity = Severity.WARNING
    explanation = (
        "The nominal energy is outside what linacs offer for this radiation. Wrong units, or the radiation type and "
        "the energy of different beams, are likely."
    )
    limits: ClassVar = {
        "photon_low_mv": Limit(
            2.0, "MV", "lowest photon energy", "2.5 MV are imaging, 4 MV the lowest treatment beams"
        ),
        "photon_high_mv": Limit(25.0, "MV", "highest photon energy", "machines were built for up to 25 MV"),
        "electron_low_mev": Limit(3.0, "MeV", "lowest electron energy", "4 MeV and more are usual"),
        "electron_high_mev": Limit(25.0, "MeV", "highest electron energy", "machines were built for up to 22 MeV"),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            kind = facts.radiation.radiation
            if kind not in (Radiation.PHOTON, Radiation.ELECTRON) or facts.radiation.kilovoltage is Truth.MET:
                continue
            name, unit = ("photon", "mv") if kind is Radiation.PHOTON else ("electron", "mev")
            low, high = case.limits[f"{name}_low_{unit}"], case.limits[f"{name}_high_{unit}"]
            wrong = [energy for energy in facts.radiation.energies_mev if not low <= energy <= high]
            if wrong:
                where = at(point(facts.planned.beam, 0), "NominalBeamEnergy")
                unit = energy_unit(facts)
                message = f"{name} energy of {text(wrong[0], 3)} {unit}, outside {text(low)} to {text(high)} {unit}"
                yield found(facts, message, where, energy_mev=wrong[0])


_ARCS = frozenset({Technique.STATIC_ARC, Technique.CONFORMAL_ARC, Technique.VMAT})


class EnergyDiffersBetweenArcs(Check):
    id = "energy_differs_between_arcs"
    title = "arcs of one isocenter with different energies"
    severity = Severity.WARNING
    explanation = (
        "The arcs of one target share one photon energy in nearly all plans. One that differs was changed, or copied "
        "from another plan: compare with the prescription."
    )
    limits: ClassVar = {"same_isocenter_mm": SAME_ISOCENTER}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        yield from _energies_differ(case, arcs=True)


class EnergyDiffersBetweenFields(Check):
    id = "energy_differs_between_fields"
    title = "fixed fields of one isocenter with different energies"
    severity = Severity.NOTE
    explanation = (
        "Fixed photon fields of one target are sometimes given with several energies on purpose. The list shows which"
        " field has which, so that an exchanged one is seen."
    )
    limits: ClassVar = {"same_isocenter_mm": SAME_ISOCENTER}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        yield from _energies_differ(case, arcs=False)


def _energies_differ(case: CheckCase, *, arcs: bool) -> Iterator[Found]:
    for session in case.sessions:
        alike = [
            facts
            for facts in of_kind(session_beams(case, session), Radiation.PHOTON)
            if not is_helical(facts) and (facts.technique.technique in _ARCS) is arcs
        ]
        for _, members in by_isocenter(alike, case.limits["same_isocenter_mm"]):
            qualities: dict[str, list[BeamFacts]] = {}
            for facts in members:
                if len(facts.radiation.energies_mev) == 1:
                    quality = f"{text(facts.radiation.energies_mev[0], 3)} {energy_unit(facts)}"
                    qualities.setdefault(quality, []).append(facts)
            if len(qualities) > 1:
                parts = "; ".join(f"{quality} for {named(some)}" for quality, some in qualities.items())
                where = tuple(at(point(some[0].planned.beam, 0), "NominalBeamEnergy") for some in qualities.values())
                yield Found(f"energies differ: {parts}", where, tuple(sorted(numbers(members))))


class FluenceContradicts(Check):
    id = "fluence_contradicts"
    title = "fluence mode that contradicts itself"
    severity = Severity.WARNING
    explanation = (
        "A non-standard fluence needs an identifier that says which, and a standard one has none. Beams with and "
        "without flattening filter have one nominal energy, so this decides which beam is given."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            for place, (mode, mode_id) in enumerate(beam.fluence_modes):
                path = f"{beam.path}.PrimaryFluenceModeSequence[{place}]"
                kind, name = term(mode), term(mode_id)
                if kind == "NON_STANDARD" and not name:
                    yield found(facts, "a non-standard fluence that is not identified", at(path, "FluenceModeID"))
                elif kind == "STANDARD" and "FFF" in name:
                    yield found(facts, "a standard fluence that is identified as FFF", at(path, "FluenceModeID"))
                elif kind not in ("STANDARD", "NON_STANDARD"):
                    yield found(facts, "a fluence mode that DICOM does not define", at(path, "FluenceMode"))
            if len({term(mode) for mode, _ in beam.fluence_modes}) > 1:
                yield found(facts, "several fluence modes", at(beam.path, "PrimaryFluenceModeSequence"))


class FluenceDiffers(Check):
    id = "fluence_differs"
    title = "beams of one energy with and without flattening filter"
    severity = Severity.WARNING
    explanation = (
        "Photon beams of one session and energy are given both with and without flattening filter. Few plans mix "
        "them; mostly the mode of one beam was lost or changed."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = [f for f in session_beams(case, session) if f.radiation.radiation is Radiation.PHOTON]
            for energies in dict.fromkeys(f.radiation.energies_mev for f in beams):
                same = [f for f in beams if f.radiation.energies_mev == energies]
                free = [f for f in same if f.radiation.fff is True]
                # Some systems write the mode only where it is not standard: absent beside FFF is flattened, or lost.
                flat = [f for f in same if f.radiation.fff is not True]
                if free and flat:
                    where = tuple(at(some[0].planned.beam.path, "PrimaryFluenceModeSequence") for some in (free, flat))
                    message = f"{named(free)} without flattening filter, {named(flat)} of the same energy with it"
                    if all(f.radiation.fff is None for f in flat):
                        message = f"{named(free)} without flattening filter, {named(flat)} with no fluence mode"
                    yield Found(message, where, tuple(sorted(numbers(same))))


# ---------------------------------------------------------------------------------------------------------- dose rate


class DoseRateChanges(Check):
    id = "dose_rate_changes"
    title = "dose rate set that changes in a fixed field, or is 0 for a part of a beam"
    severity = Severity.WARNING
    explanation = (
        "In a field in which nothing moves the dose rate set is one number, and 0 for a part of a beam gives no dose "
        "there. Where gantry or leaves move it may vary."
    )
    limits: ClassVar = {"change_percent": Limit(1.0, "%", "change that counts", "rounding")}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            planned = facts.planned
            beam, delivery = planned.beam, planned.delivery
            column = beam.control_points.dose_rate
            if column is None or is_helical(facts) or not len(column.values):
                continue
            starts = (
                np.arange(delivery.control_points)
                if delivery.delivering is None
                else np.flatnonzero(delivery.delivering)
            )
            values = column.values[starts]
            # 0 throughout is how Monaco says that it leaves the dose rate to the machine.
            if (values == 0).any() and (values > 0).any():
                index = int(starts[int((values == 0).argmax())])
                message = f"dose rate set is 0 at control point {index}, from which meterset is given"
                yield found(facts, message, at(point(beam, index), "DoseRateSet"), control_point=index)
                continue
            values = values[np.isfinite(values)]
            if not values.size or Part.GANTRY in delivery.on or Part.MLC in delivery.on:
                continue
            low, high = float(values.min()), float(values.max())
            if high - low > case.limits["change_percent"] / 100.0 * high:
                message = f"dose rate set changes from {text(low)} to {text(high)} MU/min in a fixed field"
                where = at(f"{beam.path}.ControlPointSequence[*]", "DoseRateSet")
                yield found(facts, message, where, least_mu_min=low, greatest_mu_min=high)


class DoseRateHigh(Check):
    id = "dose_rate_high"
    title = "dose rate set that the beam cannot have"
    severity = Severity.WARNING
    explanation = (
        "Only beams without flattening filter reach such dose rates. Energy mode and dose rate were not changed "
        "together, and one of them is wrong."
    )
    limits: ClassVar = {
        "flattened_mu_min": Limit(
            1000.0,
            "MU/min",
            "highest dose rate with a flattening filter",
            "600 to 660 on C-arms, 1000 in SRS modes; met: 650",
        ),
        "photon_mu_min": Limit(2400.0, "MU/min", "highest dose rate of photons", "10 MV without flattening filter"),
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        photons = of_kind(case.treatment, Radiation.PHOTON)
        rates = ((f, f.planned.beam.control_points.dose_rate) for f in photons if not is_helical(f))
        bare = [f for f, column in rates if column is None or not np.isfinite(column.values).any()]
        yield from unknown_of(bare, "no dose rate set is written")
        for facts, machine in treatment_machines(case):
            column = facts.planned.beam.control_points.dose_rate
            if facts.radiation.radiation is not Radiation.PHOTON or column is None or is_helical(facts):
                continue
            if not np.isfinite(column.values).any():
                continue
            highest = float(np.nanmax(column.values))
            index = int(np.nanargmax(column.values))
            where = at(point(facts.planned.beam, index), "DoseRateSet")
            limit = machine.dose_rate_mu_min
            # Some systems write the fluence mode only where it is not standard.
            if facts.radiation.fff is not True and highest > case.limits["flattened_mu_min"]:
                mode = "no fluence mode" if facts.radiation.fff is None else "a standard fluence"
                message = f"dose rate set of {text(highest)} MU/min with {mode}, more than "
                message += f"{text(case.limits['flattened_mu_min'])} MU/min"
                yield found(facts, message, where, dose_rate_mu_min=highest)
            elif highest > case.limits["photon_mu_min"]:
                message = (
                    f"dose rate set of {text(highest)} MU/min, more than {text(case.limits['photon_mu_min'])} MU/min"
                )
                yield found(facts, message, where, dose_rate_mu_min=highest)
            elif limit is not None and not machine.assumed and highest > limit + 0.5:
                message = f"dose rate set of {text(highest)} MU/min, the machine has at most {text(limit)} MU/min"
                yield found(facts, message, where, dose_rate_mu_min=highest)


CHECKS = (
    EnergyChanges,
    EnergyMissing,
    EnergyUnusual,
    EnergyDiffersBetweenArcs,
    EnergyDiffersBetweenFields,
    FluenceContradicts,
    FluenceDiffers,
    DoseRateChanges,
    DoseRateHigh,
)
