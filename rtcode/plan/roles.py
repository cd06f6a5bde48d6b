"""What each beam of a plan is for, seen from a fraction group (docs/rules.md 1.2, docs/plans.md 2.1 steps 1 to 3)."""

from __future__ import annotations

import re
from enum import StrEnum

from rtcode.plan.model import Beam, Missing, Number, ReferencedBeam
from rtcode.plan.tags import at
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind


class Role(StrEnum):
    """Only `TREATMENT` beams count toward a level."""

    TREATMENT = "treatment"
    SETUP = "setup"
    PORTFILM = "portfilm"
    UNUSED = "unused"


#: Delivery terms whose beams treat when they have a meterset; an absent or empty term is taken with them.
_TREATING = frozenset({"TREATMENT", "CONTINUATION", ""})
IMAGING_TERMS = frozenset({"SETUP", "IMAGE_BEAM"})
_PORTFILM = frozenset({"OPEN_PORTFILM", "TRMT_PORTFILM"})
#: Names of beams that stand in for none; "bogus name" is what GammaPlan writes.
PLACEHOLDER_WORDS = frozenset({"bogus", "dummy", "placeholder"})
_PLACEHOLDER_REASON = "its name and an energy of 0 say that it is a placeholder"


@record
class RoleFinding:
    """A role with its reason. ``meterset_usable`` is false for a treatment beam without a positive meterset."""

    role: Role
    reason: str
    evidence: tuple[Evidence, ...]
    meterset_usable: bool = True
    delivery_type_assumed: bool = False


def delivery_term(beam: Beam) -> str:
    """TreatmentDeliveryType in upper case without blanks; absent and empty both give ``""``."""
    return (beam.delivery_type or "").strip().upper()


def types_as_treatment(beam: Beam) -> bool:
    return delivery_term(beam) in _TREATING


def role_without_group(beam: Beam, *, fraction_scheme: bool, plan_uid: str | None) -> RoleFinding:
    """Role of a beam that no fraction group names, or of any beam of a plan without a fraction scheme."""
    evidence = (_delivery_evidence(beam, plan_uid),)
    term = delivery_term(beam)
    if term in IMAGING_TERMS:
        return RoleFinding(Role.SETUP, "its delivery type is for imaging or set-up", evidence)
    if term in _PORTFILM:
        return RoleFinding(Role.PORTFILM, "its delivery type is a port film", evidence)
    if is_placeholder(beam):
        return RoleFinding(Role.UNUSED, _PLACEHOLDER_REASON, _placeholder_evidence(beam, plan_uid))
    if fraction_scheme:
        return RoleFinding(
            Role.UNUSED,
            "no fraction group names it",
            (Evidence(EvidenceKind.CODED, "FractionGroupSequence (300A,0070)", None, plan_uid),),
        )
    if term in _TREATING:
        return RoleFinding(
            Role.TREATMENT,
            "typed as treatment; the plan has no fraction scheme",
            evidence,
            delivery_type_assumed=term == "",
        )
    return RoleFinding(Role.UNUSED, "its delivery type is neither treatment nor a known imaging term", evidence)


def role_in_group(
    beam: Beam, reference: ReferencedBeam, *, sibling_has_meterset: bool, plan_uid: str | None
) -> RoleFinding:
    """Role of a beam that a fraction group names.

    Parameters
    ----------
    sibling_has_meterset
        Another beam of the group that is typed as treatment has a meterset: one without is then a set-up field
        (older ARIA exports set-up fields as TREATMENT). Where none has one, nothing tells them apart.
    """
    term = delivery_term(beam)
    delivery = _delivery_evidence(beam, plan_uid)
    meterset = _meterset_evidence(reference, plan_uid)
    if term in IMAGING_TERMS:
        return RoleFinding(Role.SETUP, "its delivery type is for imaging or set-up", (delivery,))
    if term in _PORTFILM:
        return RoleFinding(Role.PORTFILM, "its delivery type is a port film", (delivery,))
    if term not in _TREATING:
        return RoleFinding(Role.UNUSED, "its delivery type is neither treatment nor a known imaging term", (delivery,))
    assumed = term == ""
    value = reference.meterset
    if is_placeholder(beam):
        named = _placeholder_evidence(beam, plan_uid)
        if value in (Missing.ABSENT, Missing.EMPTY, 0):
            return RoleFinding(Role.UNUSED, _PLACEHOLDER_REASON, (*named, meterset))
        # Against its name and energy stands a meterset: not counted, and not passed over either.
        reason = "its name and energy are those of a placeholder, but it has a meterset"
        return RoleFinding(Role.TREATMENT, reason, (*named, meterset), False, assumed)
    if isinstance(value, Missing):
        if value is Missing.INVALID:
            return RoleFinding(
                Role.TREATMENT,
                "its meterset is not a number, or given twice, differently",
                (delivery, meterset),
                False,
                assumed,
            )
        if sibling_has_meterset:
            return RoleFinding(
                Role.SETUP, "it has no meterset while other beams of its fraction group have one", (delivery, meterset)
            )
        return RoleFinding(
            Role.TREATMENT, "typed as treatment; no beam of its fraction group has a meterset", (delivery, meterset),
            False, assumed,
        )  # fmt: skip
    if value == 0:
        return RoleFinding(Role.UNUSED, "its meterset is 0", (delivery, meterset))
    if value < 0:
        return RoleFinding(Role.TREATMENT, "its meterset is negative", (delivery, meterset), False, assumed)
    return RoleFinding(Role.TREATMENT, "treatment beam with meterset", (delivery, meterset), True, assumed)


def is_placeholder(beam: Beam) -> bool:
    """Whether a beam stands in for none: an energy of 0 throughout, and a name that says so.

    GammaPlan writes one (docs/plans.md 3). An energy of 0 alone is one that was not filled in.
    """
    column = beam.control_points.energy
    if column is None or not column.values.size or column.values.any():
        return False
    words = re.findall(r"[a-z]+", f"{beam.name or ''} {beam.long_label or ''}".lower())
    return not PLACEHOLDER_WORDS.isdisjoint(words)


def _placeholder_evidence(beam: Beam, plan_uid: str | None) -> tuple[Evidence, ...]:
    energy = at(f"{beam.path}.ControlPointSequence[0]", "NominalBeamEnergy")
    return (
        Evidence(EvidenceKind.CODED, energy, 0.0, plan_uid),
        Evidence(EvidenceKind.TEXT, at(beam.path, "BeamName"), beam.name, plan_uid),
    )


def _delivery_evidence(beam: Beam, plan_uid: str | None) -> Evidence:
    return Evidence(EvidenceKind.CODED, at(beam.path, "TreatmentDeliveryType"), beam.delivery_type, plan_uid)


def _meterset_evidence(reference: ReferencedBeam, plan_uid: str | None) -> Evidence:
    value: Number = reference.meterset
    shown = None if isinstance(value, Missing) else value
    return Evidence(EvidenceKind.CODED, at(reference.path, "BeamMeterset"), shown, plan_uid)
