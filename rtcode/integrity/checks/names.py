"""Checks of what names of beams and identifiers of wedges state; neither is ever shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from rtcode.features.types import Radiation
from rtcode.integrity.checks.shared import (
    energy_unit,
    found,
    is_helical,
    point,
    term,
    text,
    turned,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import known
from rtcode.plan.placement import known_at
from rtcode.plan.tags import at


class NameContradictsAngle(Check):
    id = "name_contradicts_angle"
    title = "beam name that states an angle which the beam does not have"
    severity = Severity.NOTE
    explanation = (
        "Names such as G120, C30 or T90 state gantry, collimator and couch angles. Where the number differs, the beam"
        " was changed or copied and its name was not. Other scales than IEC are allowed for."
    )
    limits: ClassVar = {"difference_deg": Limit(3.0, "deg", "difference that counts", "names are rounded")}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        columns = {
            "G": ("gantry_deg", "GantryAngle", "gantry"),
            "C": ("collimator_deg", "BeamLimitingDeviceAngle", "collimator"),
            "T": ("couch_deg", "PatientSupportAngle", "couch"),
        }
        for facts in case.treatment:
            beam = facts.planned.beam
            stated: dict[str, list[float]] = {}
            for letter, number in _stated_angles(beam.name or ""):
                stated.setdefault(letter, []).append(number)
            for letter, values in stated.items():
                name, keyword, called = columns[letter]
                column = getattr(beam.control_points, name)
                if column is None or is_helical(facts):
                    continue
                angles = [a for a in (known_at(column, 0), known_at(column, len(column.values) - 1)) if a is not None]
                if not angles or any(_fits(angle, values, case.limits["difference_deg"]) for angle in angles):
                    continue
                shown = " and ".join(dict.fromkeys(text(angle) for angle in angles))
                message = f"its name states {called} {text(values[0])}, the beam has {shown} degrees"
                yield found(facts, message, at(point(beam, 0), keyword), stated_deg=values[0], angle_deg=angles[0])


def _stated_angles(name: str) -> Iterator[tuple[str, float]]:
    """Angles in a name: a single G, C or T before a number that stands alone (``G120``, ``T 90``, ``1_G181-179``).

    Without a gantry angle beside them, C1 to C7 and T1 to T12 are vertebrae.
    """
    matches = re.findall(r"(?<![A-Z0-9])([GCT]) ?(\d{1,3}(?:\.\d)?)(?![\dA-Z.])", name.upper())
    angles = [(letter, float(number)) for letter, number in matches if float(number) <= 360.0]
    vertebra = {"C": 7.0, "T": 12.0}
    with_gantry = any(letter == "G" for letter, _ in angles)
    return ((a, n) for a, n in angles if with_gantry or not 1.0 <= n <= vertebra.get(a, 0.0))


def _fits(angle_deg: float, stated: list[float], limit_deg: float) -> bool:
    """Whether a stated angle is this one in IEC 61217, in the opposite sense, or in Varian's own scale."""
    return any(min(turned(angle_deg, s) for s in (v, -v, 180.0 - v)) <= limit_deg for v in stated)


class NameContradictsEnergy(Check):
    id = "name_contradicts_energy"
    title = "beam name that states an energy which the beam does not have"
    severity = Severity.NOTE
    explanation = (
        "Names such as 6X, 10 MV, 6FFF or 9 MeV state the energy. Where the number differs, the beam was changed or "
        "copied and its name was not."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            energies = facts.radiation.energies_mev
            stated = _stated_energies(facts.planned.beam.name or "")
            if len(energies) != 1 or len(stated) != 1:
                continue
            (number, particle), energy = stated[0], energies[0]
            kind = facts.radiation.radiation
            other = (particle == "X" and kind is Radiation.ELECTRON) or (particle == "E" and kind is Radiation.PHOTON)
            if number != energy or other:
                what = {"X": "photons", "E": "electrons"}.get(particle, "")
                message = (
                    f"its name states {text(number)} {'MeV' if particle == 'E' else 'MV'}{f' {what}' if what else ''}"
                )
                message += f", the beam has {text(energy, 3)} {energy_unit(facts)}"
                if other:
                    message += f" {kind.value}s"
                where = at(point(facts.planned.beam, 0), "NominalBeamEnergy")
                yield found(facts, message, where, stated_mev=number, energy_mev=energy)


def _stated_energies(name: str) -> list[tuple[float, str]]:
    """Distinct energies in a name, with ``X`` for photons and ``E`` for electrons where it says so."""
    result: dict[tuple[float, str], None] = {}
    pattern = r"(?<![A-Z0-9.])(\d{1,2}) ?(MV|X|FFF|XFFF|MEV|E)(?![A-Z0-9])"
    for match in re.finditer(pattern, name.upper().replace("-", " ").replace("_", " ")):
        result[float(match[1]), "E" if match[2] in ("MEV", "E") else "X"] = None
    return list(result)


class WedgeIdContradicts(Check):
    id = "wedge_id_contradicts_angle"
    title = "wedge identifier that states another angle"
    severity = Severity.NOTE
    explanation = (
        "Identifiers such as W30R, EDW45IN or 60-OUT state the wedge's angle. Where the number differs, another wedge"
        " would be mounted or chosen than the one that was calculated."
    )
    cannot_see = "identifiers of other forms, and numbers in them that are no usual wedge angle."

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            for wedge in facts.planned.beam.wedges:
                stated = _stated_angle(wedge.id)
                angles = [a for a in (known(wedge.angle_deg), known(wedge.effective_angle_deg)) if a]
                if stated is None or not angles or any(abs(angle - stated) < 0.5 for angle in angles):
                    continue
                message = f"a wedge's identifier states {stated} degrees, its angle is {text(angles[0])} degrees"
                where = (at(wedge.path, "WedgeID"), at(wedge.path, "WedgeAngle"))
                yield found(facts, message, *where, stated_deg=stated, angle_deg=angles[0])


def _stated_angle(id: str | None) -> int | None:
    """The angle in a wedge's identifier, where its form leaves no doubt."""
    match = re.match(r"(?:[EDUVMO]*W|WEDGE)?[ _-]?(10|15|20|25|30|45|60)(?![0-9.])", term(id))
    return None if match is None else int(match[1])


CHECKS = (
    NameContradictsAngle,
    NameContradictsEnergy,
    WedgeIdContradicts,
)
