"""From plans to treatment sessions: the unit that a delivery code is reported for.

A fraction group is one session: all its beams are given in the same fraction. Whether two groups, or two plan files,
share a day is not in a plan, so groups are merged only for plans that name one another as CONCURRENT, or on request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, TypeVar

from rtcode.plan.delivery import Delivery, analyze_delivery
from rtcode.plan.model import (
    Beam,
    FractionGroup,
    Missing,
    Number,
    PatientSetup,
    PlanKind,
    ReferencedBeam,
    RTPlan,
    known,
    known_int,
)
from rtcode.plan.references import ReferenceDefect, reference_defects
from rtcode.plan.roles import Role, RoleFinding, role_in_group, role_without_group, types_as_treatment
from rtcode.records import record, replace

__all__ = [
    "NoDelivery",
    "PlannedBeam",
    "Role",
    "SessionPart",
    "TreatmentSession",
    "is_remaining_fractions",
    "once_a_beam",
    "planned_beams",
    "sessions_of",
]

T = TypeVar("T")

#: DosimeterUnit (300A,00B3) that metersets are in where none is written.
_MONITOR_UNIT = "MU"
#: Varian's private plan class for Halcyon and Ethos.
_VARIAN_PRIVATE_CLASS = "1.2.246.352.70.1.70"
#: What tells Ethos from Halcyon there, in the names of system and machine.
ETHOS = "ETHOS"


class NoDelivery(StrEnum):
    """Why a session has no beam that could be judged."""

    #: no treatment beam in the group (or no beams at all)
    NO_BEAMS = "no_beams"
    ZERO_FRACTIONS = "zero_fractions"
    ALL_ZERO_METERSET = "all_zero_meterset"
    #: beams typed as treatment, none with a meterset: a template, or delivery data kept elsewhere
    NO_METERSET = "no_meterset"
    #: no treatment beam is in the file, but the group counts or names a beam that is not there
    MISSING_BEAMS = "missing_beams"
    BRACHYTHERAPY = "brachytherapy"


@record(eq=False)
class PlannedBeam:
    """A beam as a fraction group plans it. Compared by identity; `delivery` is computed once, when first asked for."""

    plan: RTPlan
    beam: Beam
    finding: RoleFinding
    group: FractionGroup | None = None
    reference: ReferencedBeam | None = None

    @property
    def role(self) -> Role:
        return self.finding.role

    @property
    def meterset(self) -> Number:
        """BeamMeterset per fraction, in the beam's dosimeter unit."""
        return Missing.ABSENT if self.reference is None else self.reference.meterset

    @property
    def meterset_mu(self) -> float | None:
        """BeamMeterset (300A,0086) per fraction in MU, ``None`` where it is unknown or in another unit."""
        # Where no unit is written it is MU (docs/plans.md 1.3).
        unit = (self.beam.dosimeter_unit or _MONITOR_UNIT).strip().upper()
        return known(self.meterset) if unit == _MONITOR_UNIT else None

    @property
    def dose_gy(self) -> float | None:
        """BeamDose (300A,0084) per fraction, ``None`` where it is unknown."""
        return None if self.reference is None else known(self.reference.dose_gy)

    @cached_property
    def setup(self) -> PatientSetup | None:
        """The patient setup that the beam refers to, or ``None``."""
        return self.plan.setup_by_number(self.beam.setup_number)

    @cached_property
    def delivery(self) -> Delivery:
        """What moves while meterset accrues."""
        return analyze_delivery(self.beam)

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What `once_a_beam` keeps."""
        return {}

    @property
    def label(self) -> str:
        """How reasons name the beam: by its number, else by its place in the file."""
        number = known_int(self.beam.number)
        return f"beam {number}" if number is not None else f"beam at position {self.beam.index + 1}"


def once_a_beam(compute: Callable[[PlannedBeam], T]) -> Callable[[PlannedBeam], T]:
    """Keep what a function computes of a beam, of which several detectors ask, for as long as there is the beam."""

    @wraps(compute)
    def kept(planned: PlannedBeam) -> T:
        name = compute.__name__
        if name not in planned.kept:
            planned.kept[name] = compute(planned)
        found: T = planned.kept[name]
        return found

    return kept


@record(eq=False)
class SessionPart:
    """What one fraction group of one plan contributes to a session."""

    plan: RTPlan
    group: FractionGroup | None
    beams: tuple[PlannedBeam, ...]
    #: beam numbers that the group names and the file does not have
    dangling: tuple[int, ...] = ()
    #: set-up and imaging beams of the plan that none of its groups names
    loose: tuple[PlannedBeam, ...] = ()
    #: what shows that a beam of the group may not be in the file
    missing_beams: tuple[ReferenceDefect, ...] = ()

    @cached_property
    def treatment_beams(self) -> tuple[PlannedBeam, ...]:
        return tuple(b for b in self.beams if b.role is Role.TREATMENT)


@record(eq=False)
class TreatmentSession:
    """One treatment session.

    Attributes
    ----------
    no_delivery
        Why nothing can be judged, or ``None``.
    fraction_scheme
        False where the plan has no fraction group, so that nothing says which beams are given together.
    joined_by
        ``None``, ``"concurrent"`` or ``"request"`` where parts of several groups or plans were put together.
    missing_concurrent
        A plan of the session names a CONCURRENT plan that was not given.
    incomplete
        An input that the caller wanted in the session could not be used.
    mixed_with_brachytherapy
        The group plans brachytherapy setups beside beams, or another group of the file does.
    """

    parts: tuple[SessionPart, ...]
    no_delivery: NoDelivery | None
    fraction_scheme: bool = True
    joined_by: str | None = None
    missing_concurrent: bool = False
    incomplete: bool = False
    mixed_with_brachytherapy: bool = False

    @cached_property
    def beams(self) -> tuple[PlannedBeam, ...]:
        return tuple(b for part in self.parts for b in part.beams)

    @cached_property
    def treatment_beams(self) -> tuple[PlannedBeam, ...]:
        return tuple(b for part in self.parts for b in part.treatment_beams)

    @cached_property
    def plans(self) -> tuple[RTPlan, ...]:
        """Distinct plans, in order."""
        return tuple({id(part.plan): part.plan for part in self.parts}.values())

    @cached_property
    def fractions(self) -> int | None:
        """NumberOfFractionsPlanned where all parts agree; Ethos counts what remains, which is no total: unknown."""
        counts = {
            None if part.group is None or is_remaining_fractions(part.plan) else known_int(part.group.fractions_planned)
            for part in self.parts
        }
        return counts.pop() if len(counts) == 1 else None

    @cached_property
    def id(self) -> str:
        """Stable for the same bytes and groups in any order; holds no identifier of the patient or the plan."""
        digest = hashlib.sha256()
        for part in sorted(f"{p.plan.source.sha256}:{'-' if p.group is None else p.group.index};" for p in self.parts):
            digest.update(part.encode())
        return digest.hexdigest()[:16]


def is_remaining_fractions(plan: RTPlan) -> bool:
    """Whether NumberOfFractionsPlanned counts the fractions that remain (Ethos, docs/plans.md 1.5)."""
    if plan.sop_class_uid != _VARIAN_PRIVATE_CLASS:
        return False
    words = f"{plan.model or ''} {' '.join(plan.software_versions)}".upper()
    machines = " ".join((b.machine_name or "") + " " + (b.model or "") for b in plan.beams or ()).upper()
    return ETHOS in f"{words} {machines}"


def planned_beams(plan: RTPlan, sessions: Sequence[TreatmentSession]) -> tuple[PlannedBeam, ...]:
    """Every beam of a plan once, in file order, with the role that counts most among its fraction groups.

    Parameters
    ----------
    sessions
        Sessions that may hold beams of this plan (those of other plans are passed over). Their `PlannedBeam` objects
        are reused, so that nothing is computed twice.
    """
    best: dict[int, PlannedBeam] = {}
    order = list(Role)
    for session in sessions:
        for planned in session.beams:
            if planned.plan is not plan:
                continue
            seen = best.get(planned.beam.index)
            if seen is None or order.index(planned.role) < order.index(seen.role):
                best[planned.beam.index] = planned
    scheme = bool(plan.fraction_groups)
    uid = plan.sop_instance_uid
    return tuple(
        best.get(beam.index) or PlannedBeam(plan, beam, role_without_group(beam, fraction_scheme=scheme, plan_uid=uid))
        for beam in plan.beams or ()
    )


def sessions_of(plan: RTPlan) -> tuple[TreatmentSession, ...]:
    """The sessions of one plan: one a fraction group, or one for everything where there is no fraction scheme."""
    groups = plan.fraction_groups or ()
    if not groups:
        return (_session_without_scheme(plan),)
    brachy = any(_is_brachy(group) for group in groups)
    by_number: dict[int, Beam] = {}
    for beam in plan.beams or ():
        number = known_int(beam.number)
        if number is not None:
            by_number[number] = beam
    loose = _loose_beams(plan, groups)
    return tuple(_session_of_group(plan, group, by_number, loose, brachy) for group in groups)


def _loose_beams(plan: RTPlan, groups: Sequence[FractionGroup]) -> tuple[PlannedBeam, ...]:
    """Beams that no group names and whose type says all the same what they are for."""
    named = {reference.number for group in groups for reference in group.beams}
    loose = (
        PlannedBeam(plan, beam, role_without_group(beam, fraction_scheme=True, plan_uid=plan.sop_instance_uid))
        for beam in plan.beams or ()
        if isinstance(beam.number, Missing) or beam.number not in named
    )
    return tuple(planned for planned in loose if planned.role is not Role.UNUSED)


def _session_without_scheme(plan: RTPlan) -> TreatmentSession:
    uid = plan.sop_instance_uid
    beams = tuple(
        PlannedBeam(plan, beam, role_without_group(beam, fraction_scheme=False, plan_uid=uid))
        for beam in plan.beams or ()
    )
    part = SessionPart(plan, None, beams)
    reason: NoDelivery | None = None
    if not part.treatment_beams:
        reason = NoDelivery.BRACHYTHERAPY if plan.kind is PlanKind.BRACHY else NoDelivery.NO_BEAMS
    return TreatmentSession((part,), reason, fraction_scheme=False)


def _is_brachy(group: FractionGroup) -> bool:
    declared = known_int(group.declared_brachy_setups) or 0
    return declared > 0 or group.brachy_setups > 0


def _session_of_group(
    plan: RTPlan,
    group: FractionGroup,
    by_number: Mapping[int, Beam],
    loose: tuple[PlannedBeam, ...],
    brachy_in_file: bool,
) -> TreatmentSession:
    named: list[tuple[Beam, ReferencedBeam]] = []
    dangling: list[int] = []
    references: dict[int, ReferencedBeam] = {}
    for reference in group.beams:
        number = known_int(reference.number)
        if number is None:
            continue
        first = references.setdefault(number, reference)
        if first.meterset != reference.meterset:
            # Named twice with different metersets: which one holds is unknown, and the beam cannot be judged by it.
            references[number] = replace(first, meterset=Missing.INVALID)
    for number, reference in references.items():
        if number in by_number:
            named.append((by_number[number], reference))
        else:
            dangling.append(number)
    with_meterset = {
        beam.index
        for beam, reference in named
        if types_as_treatment(beam) and not isinstance(reference.meterset, Missing)
    }
    uid = plan.sop_instance_uid
    beams = tuple(
        PlannedBeam(
            plan,
            beam,
            role_in_group(
                beam,
                reference,
                sibling_has_meterset=len(with_meterset) > (beam.index in with_meterset),
                plan_uid=uid,
            ),
            group,
            reference,
        )
        for beam, reference in named
    )  # fmt: skip
    missing = tuple(defect for defect in reference_defects(group, by_number) if defect.hides_beam)
    part = SessionPart(plan, group, beams, tuple(dangling), loose, missing)
    return TreatmentSession((part,), _no_delivery(part, group), mixed_with_brachytherapy=brachy_in_file)


def _no_delivery(part: SessionPart, group: FractionGroup) -> NoDelivery | None:
    if not group.beams and _is_brachy(group):
        return NoDelivery.BRACHYTHERAPY
    treatment = part.treatment_beams
    if not treatment and part.missing_beams:
        # The beam that is missing may be the one that treats.
        return NoDelivery.MISSING_BEAMS
    if not treatment:
        zero = any(b.meterset == 0 for b in part.beams)
        return NoDelivery.ALL_ZERO_METERSET if zero else NoDelivery.NO_BEAMS
    if known_int(group.fractions_planned) == 0 and not is_remaining_fractions(part.plan):
        return NoDelivery.ZERO_FRACTIONS
    if all(b.meterset in (Missing.ABSENT, Missing.EMPTY) for b in treatment):
        return NoDelivery.NO_METERSET
    return None
