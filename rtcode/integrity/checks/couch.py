"""Checks of the couch: its movement while the beam is on, and table top values that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks.shared import (
    SAME_ISOCENTER,
    by_isocenter,
    found,
    is_helical,
    named,
    numbers,
    point,
    session_beams,
    text,
    turned,
    unknown_of,
)
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.delivery import Part
from rtcode.plan.placement import first_delivering, known_at
from rtcode.plan.tags import at


class CouchMoves(Check):
    id = "couch_moves_during_beam"
    title = "couch or table top that moves while the beam is on"
    severity = Severity.WARNING
    explanation = (
        "The couch moves during beam-on. Few machines can do this, and only when they are commissioned for it; a "
        "single different value is more often an error. Compare the beam with the planning system."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        parts = {Part.COUCH: "the couch turns", Part.TABLE_TOP: "the table top moves"}
        for facts in case.treatment:
            if is_helical(facts):
                continue
            for part, words in parts.items():
                if part in facts.planned.delivery.on:
                    yield found(
                        facts, f"{words} while the beam is on", f"{facts.planned.beam.path}.ControlPointSequence[*]"
                    )


#: Table top values: column, keyword, how messages call it, unit.
_TABLE = (
    ("table_vertical_mm", "TableTopVerticalPosition", "vertical", "mm"),
    ("table_longitudinal_mm", "TableTopLongitudinalPosition", "longitudinal", "mm"),
    ("table_lateral_mm", "TableTopLateralPosition", "lateral", "mm"),
    ("table_pitch_deg", "TableTopPitchAngle", "pitch", "degrees"),
    ("table_roll_deg", "TableTopRollAngle", "roll", "degrees"),
)


class CouchDiffers(Check):
    id = "couch_differs"
    title = "table top values that differ between beams of one isocenter"
    severity = Severity.WARNING
    explanation = (
        "Beams of one isocenter are given without moving the patient, so their table top values agree (couch kicks "
        "apart). Where they differ, one beam would be treated with a shift that nobody planned, or stops at the "
        "console."
    )
    limits: ClassVar = {
        "table_mm": Limit(
            5.0, "mm", "smallest difference of table top positions", "values captured at treatment vary by less"
        ),
        "tilt_deg": Limit(
            0.5, "deg", "smallest difference of pitch and roll", "six-axis couches correct to some 0.1 deg"
        ),
        "same_isocenter_mm": SAME_ISOCENTER,
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = [f for f in session_beams(case, session) if not is_helical(f)]
            for _, group in by_isocenter(beams, case.limits["same_isocenter_mm"]):
                if len(group) < 2:
                    continue
                bare = [f for f in group if not any(_table_value(f, name) is not None for name, _, _, _ in _TABLE)]
                if len(bare) == len(group):
                    yield from unknown_of(group, "no table top values are written")
                else:
                    yield from self._compare(group, case)

    def _compare(self, beams: list[BeamFacts], case: CheckCase) -> Iterator[Found]:
        for name, keyword, called, unit in _TABLE:
            limit = case.limits["table_mm" if unit == "mm" else "tilt_deg"]
            values = [(value, facts) for facts in beams if (value := _table_value(facts, name)) is not None]
            if unit == "degrees" and 0 < len(values) < len(beams):
                yield from self._on_some(beams, values, (name, keyword, called), limit)
            if len(values) < 2:
                continue
            values.sort(key=lambda pair: pair[0])
            (low, first), (high, last) = values[0], values[-1]
            difference = turned(low, high) if unit == "degrees" else high - low
            if difference >= limit - 1e-6:  # what is written to 0.1 is not exact in binary
                pair = (first, last)
                message = (
                    f"{named(pair)}: table top {called} differs by {text(difference)} {unit} at one isocenter "
                    f"({text(low)} and {text(high)} {unit})"
                )
                where = tuple(at(point(f.planned.beam, 0), keyword) for f in pair)
                key = "difference_mm" if unit == "mm" else "difference_deg"
                yield Found(message, where, numbers(pair), {key: round(difference, 3)})

    def _on_some(
        self, beams: list[BeamFacts], values: list[tuple[float, BeamFacts]], names: tuple[str, str, str], limit: float
    ) -> Iterator[Found]:
        """A tilt that some beams have and others do not write at all: a correction holds for all of a set-up."""
        name, keyword, called = names
        tilted = [(value, facts) for value, facts in values if turned(value, 0.0) >= limit]
        without = [facts for facts in beams if _table_value(facts, name) is None]
        if tilted and without:
            value, facts = max(tilted, key=lambda pair: turned(pair[0], 0.0))
            message = (
                f"{facts.planned.label} has a table top {called} of {text(value, 2)} degrees, {named(without)} none"
            )
            where = (at(point(facts.planned.beam, 0), keyword),)
            yield Found(message, where, numbers([f for _, f in tilted]), {"angle_deg": round(value, 3)})


def _table_value(facts: BeamFacts, name: str) -> float | None:
    """A table top value where the beam begins."""
    return known_at(getattr(facts.planned.beam.control_points, name), first_delivering(facts.planned))


CHECKS = (
    CouchMoves,
    CouchDiffers,
)
