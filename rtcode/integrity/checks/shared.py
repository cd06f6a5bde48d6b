"""What several checks need: which beams count, how they are named, and where their values stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rtcode.features.types import BeamFacts, Point, Radiation, Technique
from rtcode.integrity.checks.words import NAMED, listing
from rtcode.integrity.types import CheckCase, Found, Limit, Unknown
from rtcode.plan.apertures import Collimation, LeafData
from rtcode.plan.model import Beam, IntArray, PlanKind, known_int
from rtcode.plan.placement import isocenters
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.plan.tags import at

if TYPE_CHECKING:
    from rtcode.metrics.machines import MachineLimits

#: Kinds of plan with beams from outside.
EXTERNAL = frozenset({PlanKind.RT_PLAN, PlanKind.RT_ION_PLAN})
#: A limit of the checks that compare beams of one isocenter.
SAME_ISOCENTER = Limit(1.0, "mm", "isocenters that are one", "as `same_isocenter_mm` of the code set")
#: Beams this far from the source are those of total skin or total body set-ups.
FAR_SSD_MM = 2500.0


def treatment_machines(case: CheckCase) -> Iterator[tuple[BeamFacts, MachineLimits]]:
    """The treatment beams with the limits of their machines."""
    for facts, machine in zip(case.beams, case.machines, strict=True):
        if facts.planned.role is Role.TREATMENT:
            yield facts, machine


def session_beams(case: CheckCase, session: TreatmentSession) -> tuple[BeamFacts, ...]:
    """Facts of the treatment beams of a session."""
    indices = {planned.beam.index for planned in session.treatment_beams}
    return tuple(facts for facts in case.beams if facts.planned.beam.index in indices)


def of_kind(beams: Iterable[BeamFacts], kind: Radiation) -> tuple[BeamFacts, ...]:
    return tuple(facts for facts in beams if facts.radiation.radiation is kind)


def is_helical(facts: BeamFacts) -> bool:
    """Whether gantry and table are meant to move together: its angles and places are a path."""
    return facts.technique.technique is Technique.HELICAL


def numbers(beams: Iterable[BeamFacts | PlannedBeam]) -> tuple[int, ...]:
    """Numbers of the beams that have one."""
    planned = (b if isinstance(b, PlannedBeam) else b.planned for b in beams)
    return tuple(n for p in planned if (n := known_int(p.beam.number)) is not None)


def named(beams: Sequence[BeamFacts | PlannedBeam]) -> str:
    """``beam 1``, or ``beams 1, 2 and 5``; beams without a usable number by their place in the file."""
    planned = [b if isinstance(b, PlannedBeam) else b.planned for b in beams]
    if len(planned) == 1:
        return planned[0].label
    if len(planned) > NAMED:
        return f"{len(planned)} beams"
    return f"beams {listing([p.label.removeprefix('beam ') for p in planned])}"


def point(beam: Beam, control_point: int) -> str:
    """Path of a control point."""
    return f"{beam.path}.ControlPointSequence[{control_point}]"


def positions_at(beam: Beam, control_point: int) -> str:
    """Where the leaf and jaw positions of a control point stand."""
    return at(f"{point(beam, control_point)}.BeamLimitingDevicePositionSequence[*]", "LeafJawPositions")


def found(
    facts: BeamFacts | PlannedBeam, message: str, *where: str, **values: float | int | str | bool | None
) -> Found:
    """A finding on one beam; the message is put behind its name."""
    planned = facts if isinstance(facts, PlannedBeam) else facts.planned
    return Found(f"{planned.label}: {message}", where, numbers((planned,)), values)


def unknown(facts: BeamFacts | PlannedBeam, reason: str, *where: str) -> Unknown:
    planned = facts if isinstance(facts, PlannedBeam) else facts.planned
    return Unknown(f"{planned.label}: {reason}", where, numbers((planned,)))


def unknown_of(beams: Sequence[BeamFacts | PlannedBeam], reason: str, *where: str) -> Iterator[Unknown]:
    """One `Unknown` for all these beams, if there are any."""
    if beams:
        yield Unknown(f"{named(beams)}: {reason}", where, numbers(beams))


def without_positions(case: CheckCase) -> list[BeamFacts]:
    """Treatment beams whose MLC has no usable positions."""
    return [f for f in case.treatment if f.planned.delivery.collimation.leaf_data is LeafData.UNKNOWN]


def open_extents(collimation: Collimation, indices: IntArray) -> dict[str, tuple[float, float]] | None:
    """How far jaws and leaves open along X and Y at any of some control points; ``None`` where that is not known."""
    low, high = {"X": -math.inf, "Y": -math.inf}, {"X": math.inf, "Y": math.inf}
    for bank, strips in zip(collimation.shaped_banks, collimation.strips(indices), strict=True):
        open_ = strips[~(strips[..., 1] <= strips[..., 0])]  # what is not known may be open
        if not len(open_) or np.isnan(open_).any():
            return None
        least, greatest = open_.min(axis=0).tolist(), open_.max(axis=0).tolist()
        for axis, first, last in ((bank.axis, 0, 1), ("Y" if bank.axis == "X" else "X", 2, 3)):
            low[axis], high[axis] = max(low[axis], least[first]), min(high[axis], greatest[last])
    return {axis: (low[axis], high[axis]) for axis in ("X", "Y")}


def text(value: float, digits: int = 1) -> str:
    """A number for a message: rounded, without trailing zeros, never ``-0``."""
    shown = f"{value:.{digits}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown


def term(value: str | None) -> str:
    """A coded term for comparing: upper case, without blanks around it; absent and empty are ``""``."""
    return (value or "").strip().upper()


def known_by(machine: MachineLimits) -> str:
    """Whose word a machine's limits are, in a few words."""
    if machine.source.startswith("policy"):
        return "policy, or a default where it says nothing" if ";" in machine.source else "policy"
    return machine.source.split(", chosen by")[0]


def turned(a_deg: float, b_deg: float) -> float:
    """Smallest angle between two angles, 0 to 180."""
    return abs((a_deg - b_deg + 180.0) % 360.0 - 180.0)


def first_isocenter(facts: BeamFacts | PlannedBeam) -> Point | None:
    planned = facts if isinstance(facts, PlannedBeam) else facts.planned
    points = isocenters(planned).points
    return points[0] if points else None


def by_isocenter(beams: Iterable[BeamFacts], limit_mm: float) -> list[tuple[Point, list[BeamFacts]]]:
    """Beams that have an isocenter by it: each joins the first group whose first beam's is near enough."""
    groups: list[tuple[Point, list[BeamFacts]]] = []
    for facts in beams:
        place = first_isocenter(facts)
        if place is None:
            continue
        for center, members in groups:
            if math.dist(center, place) <= limit_mm:
                members.append(facts)
                break
        else:
            groups.append((place, [facts]))
    return groups


def in_monitor_units(beam: Beam) -> bool:
    """Where no unit is given, MU: the other one, MINUTE, is written by the machines that use it."""
    return term(beam.dosimeter_unit) in ("", "MU")


def meterset_unit(planned: PlannedBeam) -> str:
    """`` MU``, or nothing where the unit is another one."""
    return " MU" if in_monitor_units(planned.beam) else ""


def energy_unit(facts: BeamFacts) -> str:
    """``MeV`` for electrons, ``MV`` for photons."""
    return "MeV" if facts.radiation.radiation is Radiation.ELECTRON else "MV"
