"""Cumulative meterset weights and the number of control points: which segment of a beam gives how much.

Only treatment beams are looked at: port films are written with weights of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from rtcode.integrity.checks.shared import numbers
from rtcode.integrity.checks.words import count, short
from rtcode.integrity.types import Check, CheckCase, Found, Severity
from rtcode.plan.model import Beam, Missing, known, known_int
from rtcode.plan.tags import at
from rtcode.plan.weights import WeightProblem


class _Weights(Check):
    """A check that looks for one kind of problem with the control points or weights of treatment beams."""

    severity = Severity.ERROR
    problems: ClassVar[frozenset[WeightProblem]]
    says: ClassVar[str]
    #: attribute of the beam, or of its control points, that shows it
    keyword = "CumulativeMetersetWeight"

    def find(self, case: CheckCase) -> Iterator[Found]:
        for facts in case.treatment:
            beam = facts.planned.beam
            if not self.problems.isdisjoint(facts.planned.delivery.problems):
                place = beam.path
                if self.keyword == "CumulativeMetersetWeight":
                    place = f"{beam.path}.ControlPointSequence[*]"
                yield Found(
                    f"{facts.planned.label}: {self.words(self.compared(beam))}",
                    (at(place, self.keyword),),
                    numbers([facts]),
                    self.compared(beam),
                )

    def words(self, compared: Mapping[str, float | None]) -> str:
        """The message, with what was compared where it says more than `says`."""
        return self.says

    def compared(self, beam: Beam) -> dict[str, float | None]:
        """What is compared."""
        column = beam.control_points.meterset_weight
        if column is None or not column.values.size:
            return {}
        first, last = float(column.values[0]), float(column.values[-1])
        return {
            "first_weight": first if first == first else None,
            "last_weight": last if last == last else None,
            "final_weight": known(beam.final_meterset_weight),
        }


class WeightsMissing(_Weights):
    id = "weights_missing"
    title = "cumulative meterset weights missing or unreadable"
    explanation = (
        "Without its weights nothing says which segment gives how much; the beam cannot be delivered as planned."
    )
    problems = frozenset({WeightProblem.ABSENT, WeightProblem.UNREADABLE})
    says = "a control point has no readable cumulative meterset weight"


class WeightsDecrease(_Weights):
    id = "weights_decrease"
    title = "cumulative meterset weights that decrease"
    explanation = "Cumulative weights can only rise. Control points may be out of order, or the file was edited."
    problems = frozenset({WeightProblem.DECREASING})
    says = "its cumulative meterset weights decrease"
    covers = frozenset({"weights_irregular"})


class WeightsNeverRise(_Weights):
    id = "weights_never_rise"
    title = "cumulative meterset weights that never rise"
    explanation = "No segment of the beam gives anything, while the beam has a meterset or is to treat."
    problems = frozenset({WeightProblem.NEVER_RISE})
    says = "its cumulative meterset weights never rise"
    covers = frozenset({"weights_irregular"})


class WeightsStart(_Weights):
    id = "weights_start"
    title = "cumulative meterset weights that do not start at 0"
    explanation = (
        "The first control point is where nothing has been given yet (PS3.3 C.8.8.14.1). The first one may be missing."
    )
    problems = frozenset({WeightProblem.START_NOT_ZERO})
    says = "its cumulative meterset weights do not start at 0"
    covers = frozenset({"weights_irregular"})

    def words(self, compared: Mapping[str, float | None]) -> str:
        first = compared.get("first_weight")
        return self.says if first is None else f"its cumulative meterset weights start at {short(first)}, not at 0"


class WeightsEnd(_Weights):
    id = "weights_end"
    title = "cumulative meterset weights that do not end at the final weight"
    explanation = (
        "The last weight and FinalCumulativeMetersetWeight (300A,010E) are the same by definition. The last control"
        " points may be missing, or only a part of the meterset would be given."
    )
    cannot_see = "weights that were changed in between and still rise to the final one."
    problems = frozenset({WeightProblem.END_NOT_FINAL})
    says = "its cumulative meterset weights do not end at the final weight"
    covers = frozenset({"weights_irregular"})

    def words(self, compared: Mapping[str, float | None]) -> str:
        last, final = compared.get("last_weight"), compared.get("final_weight")
        if last is None or final is None:
            return self.says
        return f"its cumulative meterset weights end at {short(last)}, the final weight is {short(final)}"


class FinalWeightMissing(_Weights):
    id = "final_weight_missing"
    title = "final cumulative meterset weight missing, unreadable or not positive"
    explanation = (
        "Metersets of segments are worked out with FinalCumulativeMetersetWeight (300A,010E); a delivery system refuses"
        " a beam without it."
    )
    problems = frozenset({WeightProblem.FINAL_UNKNOWN})
    says = "its final cumulative meterset weight is missing, unreadable or not positive"
    keyword = "FinalCumulativeMetersetWeight"


class ControlPointsDeclared(_Weights):
    id = "control_points_declared"
    title = "number of control points not as declared"
    explanation = (
        "The beam declares another number of control points than it has; one of the two was changed. A beam with fewer"
        " than it declares is refused as incomplete on reading."
    )
    problems = frozenset({WeightProblem.COUNT_MISMATCH})
    says = "its number of control points is not the one declared"
    keyword = "NumberOfControlPoints"
    covers = frozenset({"control_points_excess"})

    def words(self, compared: Mapping[str, float | None]) -> str:
        declared, present = compared["declared"], compared["present"]
        if declared is None or present is None:
            return self.says
        return f"declares {count(int(declared), 'control point')} and has {int(present)}"

    def compared(self, beam: Beam) -> dict[str, float | None]:
        return {"declared": known_int(beam.declared_control_points), "present": beam.control_points.count}


class ControlPointsTooFew(_Weights):
    id = "control_points_too_few"
    title = "beam with fewer than two control points"
    explanation = "A beam needs a control point to start and one to end; this one cannot be delivered."
    problems = frozenset({WeightProblem.TOO_FEW_CONTROL_POINTS})
    says = "it has fewer than two control points"
    keyword = "NumberOfControlPoints"
    covers = frozenset({"control_points_too_few"})

    def compared(self, beam: Beam) -> dict[str, float | None]:
        return {"declared": known_int(beam.declared_control_points), "present": beam.control_points.count}


class ControlPointsUndeclared(Check):
    id = "control_points_undeclared"
    title = "number of control points not declared"
    severity = Severity.WARNING
    explanation = (
        "NumberOfControlPoints (300A,0110) is how missing control points are noticed; without it they are not."
    )
    covers = frozenset({"control_points_undeclared"})

    def find(self, case: CheckCase) -> Iterator[Found]:
        for facts in case.beams:
            beam = facts.planned.beam
            if isinstance(beam.declared_control_points, Missing):
                yield Found(
                    f"{facts.planned.label} does not declare its number of control points",
                    (at(beam.path, "NumberOfControlPoints"),),
                    numbers([facts]),
                )


class ControlPointOrder(Check):
    id = "control_point_order"
    title = "control points out of order"
    severity = Severity.ERROR
    explanation = (
        "ControlPointIndex (300A,0112) has to count from 0 in the order of the file; a control point is missing,"
        " repeated or out of place."
    )
    covers = frozenset({"control_point_order", "control_point_sorted"})

    def find(self, case: CheckCase) -> Iterator[Found]:
        # The model has the control points in order already, so that only the reader knows.
        by_path = {facts.planned.beam.path: facts for facts in case.beams}
        for warning in case.plan.warnings:
            if warning.code in self.covers:
                facts = by_path.get(warning.where.split(".", 1)[0])
                label = "a beam" if facts is None else facts.planned.label
                how = "were sorted" if warning.code == "control_point_sorted" else "are in the order of the file"
                yield Found(
                    f"{label}: the indices of its control points do not count from 0 in their order; they {how}",
                    (warning.where,),
                    () if facts is None else numbers([facts]),
                )


CHECKS: tuple[type[Check], ...] = (
    WeightsMissing,
    WeightsDecrease,
    WeightsNeverRise,
    WeightsStart,
    WeightsEnd,
    FinalWeightMissing,
    ControlPointsDeclared,
    ControlPointsTooFew,
    ControlPointsUndeclared,
    ControlPointOrder,
)
