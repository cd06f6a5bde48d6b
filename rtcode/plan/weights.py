"""Cumulative meterset weights: whether they can say which segments of a beam deliver.

Weights should start at 0, end at FinalCumulativeMetersetWeight (300A,010E), whatever that is, and never decrease (PS3.3
C.8.8.14.1). Absent, unreadable, decreasing or constant ones say nothing (docs/plans.md 4, cases 27 and 28); of fewer
than two control points no beam can be made (case 30). A start or end that is merely off is a remark: differences still
hold.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from rtcode.plan.model import Beam, FloatArray, Missing, State, known

#: A segment delivers when its step is more than this share of the final weight (docs/plans.md 1.7).
WEIGHT_STEP = 1e-7
#: Start and end may be off by this share before it is worth a remark (rounding on export).
_ROUNDING = 1e-4


class WeightProblem(StrEnum):
    """What is wrong with the control points or the cumulative meterset weights of a beam."""

    TOO_FEW_CONTROL_POINTS = "too_few_control_points"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    DECREASING = "decreasing"
    NEVER_RISE = "never_rise"
    START_NOT_ZERO = "start_not_zero"
    END_NOT_FINAL = "end_not_final"
    FINAL_UNKNOWN = "final_unknown"
    COUNT_MISMATCH = "count_mismatch"


#: Problems that leave open which segments deliver; the others are only worth a remark.
UNUSABLE = frozenset(
    {
        WeightProblem.TOO_FEW_CONTROL_POINTS,
        WeightProblem.ABSENT,
        WeightProblem.UNREADABLE,
        WeightProblem.DECREASING,
        WeightProblem.NEVER_RISE,
    }
)


def cumulative_weights(beam: Beam) -> tuple[tuple[WeightProblem, ...], FloatArray | None]:
    """Problems of a beam's control points and weights, and its weights, shape ``(n,)``, or ``None`` where unusable.

    Usable weights never decrease (by more than rounding) and rise; the problems of unusable ones begin with why.
    """
    points = beam.control_points
    problems: list[WeightProblem] = []
    declared = beam.declared_control_points
    if not isinstance(declared, Missing) and declared != points.count:
        problems.append(WeightProblem.COUNT_MISMATCH)
    if points.count < 2 or (not isinstance(declared, Missing) and declared < 2):
        return (WeightProblem.TOO_FEW_CONTROL_POINTS, *problems), None
    column = points.meterset_weight
    if column is None:
        return (WeightProblem.ABSENT, *problems), None
    weights = column.values
    if not (column.is_given() & np.isfinite(weights)).all():
        written = column.is_given() | (column.state == int(State.INVALID))
        return (WeightProblem.UNREADABLE if written.any() else WeightProblem.ABSENT, *problems), None
    last = float(weights[-1])
    recorded = known(beam.final_meterset_weight)
    if recorded is None or recorded <= 0:
        problems.append(WeightProblem.FINAL_UNKNOWN)
    final = max(recorded or 0.0, last)
    steps = weights[1:] - weights[:-1]
    if steps.min() < -WEIGHT_STEP * abs(final):
        return (WeightProblem.DECREASING, *problems), None
    if final <= 0 or steps.max() <= WEIGHT_STEP * final:
        return (WeightProblem.NEVER_RISE, *problems), None
    if abs(float(weights[0])) > _ROUNDING * final:
        problems.append(WeightProblem.START_NOT_ZERO)
    if recorded is not None and recorded > 0 and abs(last - recorded) > _ROUNDING * final:
        problems.append(WeightProblem.END_NOT_FINAL)
    return tuple(problems), weights
