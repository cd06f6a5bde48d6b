"""Which beams of a session a detector looks at, and how reasons name them."""

from __future__ import annotations

from collections.abc import Sequence

from rtcode.features.types import BeamFacts, Radiation
from rtcode.plan.model import known_int
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession


def treatment_beams(
    session: TreatmentSession, beams: Sequence[BeamFacts], *kinds: Radiation
) -> tuple[BeamFacts, ...]:  # fmt: skip
    """Treatment beams of the session with a usable meterset, of these kinds of radiation (of any, where none is named).

    A beam whose meterset is no positive number is not known to be delivered, so nothing is proven with it; the decision
    lists it as a doubt of its own. Without a fraction scheme there are no metersets, and every beam typed as treatment
    is looked at.
    """
    return tuple(
        b
        for b in beams
        if b.planned.role is Role.TREATMENT
        and (b.planned.finding.meterset_usable or not session.fraction_scheme)
        and (not kinds or b.radiation.radiation in kinds)
    )


def name_beams(planned: Sequence[PlannedBeam]) -> str:
    """Beams by number, shortened: ``beams 1, 2, 3, 4, 5, 6 and 4 more``."""
    labels = []
    for beam in planned:
        number = known_int(beam.beam.number)
        labels.append(str(number) if number is not None else f"at position {beam.beam.index + 1}")
    shown = ", ".join(labels[:6]) + (f" and {len(labels) - 6} more" if len(labels) > 6 else "")
    return f"beam {shown}" if len(labels) == 1 else f"beams {shown}"
