"""Prescription and fractions: what the plan's dose references and fraction group say, and the sums of its beams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.sheet.figures import NONE, Row, fixed, text_or, total, trimmed, words
from rtcode.outputs.tree import plural
from rtcode.outputs.words import clipped
from rtcode.plan.model import DoseReference, known, known_int
from rtcode.plan.sessions import Role, SessionPart, is_remaining_fractions

if TYPE_CHECKING:
    from rtcode.outputs.contract import PartDict

#: Dose references that are listed; plans with a hundred of them exist.
_MOST_REFERENCES = 24


def references(part: SessionPart, shown: Identifiers) -> tuple[list[Row], int]:
    """The dose references of a plan that name a dose, targets first, and how many more there are."""
    found = [r for r in part.plan.dose_references if _doses(r) or (r.type or "").upper() == "TARGET"]
    found.sort(key=lambda r: (r.type or "").upper() != "TARGET")
    rows = [
        {
            "number": trimmed(known_int(reference.number)),
            "type": words((shown.term("DoseReferenceType", reference.type) or NONE).lower()),
            "structure": words((shown.term("DoseReferenceStructureType", reference.structure_type) or NONE).lower()),
            "description": clipped(text_or(shown.text(reference.description))),
            "doses": _doses(reference) or [("no dose", "")],
        }
        for reference in found[:_MOST_REFERENCES]
    ]
    return rows, len(part.plan.dose_references) - len(rows)


def _doses(reference: DoseReference) -> list[tuple[str, str]]:
    named = (
        ("prescribed", reference.target_prescription_gy),
        ("at most", reference.delivery_maximum_gy),
        ("full volume", reference.oar_full_volume_gy),
        ("limit", reference.oar_limit_gy),
        ("organ at most", reference.oar_maximum_gy),
    )
    return [(name, f"{trimmed(known(dose), 4)} Gy") for name, dose in named if known(dose) is not None]


def fractions(part: SessionPart, given: PartDict, dose_per_fraction_gy: float | None) -> list[tuple[str, str]]:
    """What one fraction group plans, as pairs of a name and a value.

    Parameters
    ----------
    dose_per_fraction_gy
        As the features of the session have it, of the target dose and the fractions.
    """
    group = part.group
    pairs: list[tuple[str, str]] = []
    if group is not None:
        planned = known_int(group.fractions_planned)
        name = "Fractions that remain" if is_remaining_fractions(part.plan) else "Fractions planned"
        pairs.append((name, "unknown" if planned is None else str(planned)))
    pairs.append(
        ("Dose per fraction", "unknown" if dose_per_fraction_gy is None else f"{trimmed(dose_per_fraction_gy, 3)} Gy")
    )
    beams = part.treatment_beams
    dose, count, unknown = total(beam.dose_gy for beam in beams)
    if unknown < count:
        pairs.append(("Beam doses, sum for one fraction", _sum(dose, count, unknown, "Gy", 3)))
        if dose is not None and group is not None and (planned := known_int(group.fractions_planned)):
            pairs.append(
                (f"Beam doses, sum for {planned} {plural('fraction', planned)}", f"{trimmed(dose * planned, 3)} Gy")
            )
    metersets = [
        mu for mu, role in zip(given["metersets_mu"], given["roles"], strict=True) if role == Role.TREATMENT.value
    ]
    meterset, count, unknown = total(metersets)
    if count:
        pairs.append(("Metersets, sum for one fraction", _sum(meterset, count, unknown, "MU", 1)))
    return pairs


def _sum(value: float | None, count: int, unknown: int, unit: str, digits: int) -> str:
    if value is None:
        return f"unknown: {unknown} of {count} {plural('beam', count)} {'has' if unknown == 1 else 'have'} none"
    return f"{fixed(value, digits)} {unit} ({count} treatment {plural('beam', count)})"
