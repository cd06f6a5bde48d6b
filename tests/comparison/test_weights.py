"""Meterset weights are compared over the final weight: how much of its meterset a beam has given where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rtcode.comparison.types import Comparison, Difference, Verdict
from rtcode.plan.model import Missing, RTPlan
from tests.comparison.support import BASE, base, compared, found
from tests.factory import weight_column

WEIGHTS = np.array(BASE[3]["weights"])


def told(new: dict[str, Any], old: dict[str, Any] | None = None) -> Comparison:
    """The arc with other weights, against the arc as it is."""
    return compared(base({3: old or {}}), base({3: new}))


def one(comparison: Comparison, name: str) -> Difference:
    (difference,) = [d for d in comparison.differences if d.attribute == name]
    return difference


def test_weights_and_final_weight_scaled_together_are_the_same() -> None:
    comparison = told({"weights": tuple(100 * WEIGHTS), "final": 100.0})
    assert comparison.verdict is Verdict.SAME_CONTENT
    scale = one(comparison, "final_meterset_weight")
    assert (scale.old, scale.new, scale.counts, scale.matters) == (1.0, 100.0, False, False)


def test_a_final_weight_of_hundred_over_weights_up_to_one() -> None:
    """Every control point then has a hundredth of the meterset that it had."""
    comparison = told({"final": 100.0})
    assert comparison.verdict is Verdict.DIFFERENT and comparison.matters
    assert found(comparison) == {"meterset_weight", "final_meterset_weight"}, "the cause beside what follows"
    weight = one(comparison, "meterset_weight")
    assert (weight.old, weight.new, weight.amount) == pytest.approx((100.0, 1.0, 99.0))
    assert "largest at control point 4" in weight.note


def test_weights_of_hundred_over_a_final_weight_of_one() -> None:
    assert found(told({"weights": tuple(100 * WEIGHTS)})) == {"meterset_weight"}


@pytest.mark.parametrize(
    ("weights", "place"), [((0.0, 0.2, 0.5, 0.8, 0.9), 4), ((0.05, 0.2, 0.5, 0.8, 1.0), 0), (tuple(0.9 * WEIGHTS), 4)]
)
def test_weights_that_do_not_end_or_begin_where_they_did(weights: tuple[float, ...], place: int) -> None:
    comparison = told({"weights": weights})
    assert found(comparison) == {"meterset_weight"} and comparison.matters
    assert f"control point {place};" in one(comparison, "meterset_weight").note


@pytest.mark.parametrize("final", [Missing.ABSENT, Missing.EMPTY, Missing.INVALID, 0.0])
def test_an_unknown_final_weight_against_a_known_one(final: Any) -> None:
    for old, new in (({}, {"final": final}), ({"final": final}, {})):
        comparison = told(new, old)
        assert found(comparison) == {"final_meterset_weight"} and comparison.matters
    both = told({"final": final}, {"final": final})
    assert both.verdict is Verdict.SAME_CONTENT


def test_an_unknown_final_weight_does_not_hide_other_weights() -> None:
    comparison = told({"final": Missing.ABSENT, "weights": (0.0, 0.4, 0.5, 0.8, 1.0)})
    assert found(comparison) == {"final_meterset_weight", "meterset_weight"}


def test_weights_that_are_unusable_in_both_plans() -> None:
    falling = {"weights": (0.0, 0.5, 0.2, 0.8, 1.0)}
    same = told({"weights": tuple(100 * np.array(falling["weights"])), "final": 100.0}, falling)
    assert same.verdict is Verdict.SAME_CONTENT and not same.complete
    assert [n.what for n in same.not_compared] == ["cumulative meterset weight"]
    assert found(told({"weights": (0.0, 0.5, 0.3, 0.8, 1.0)}, falling)) == {"meterset_weight"}
    assert found(told({**falling, "final": 100.0}, falling)) == {"meterset_weight", "final_meterset_weight"}


def fine(scale: float = 1.0) -> dict[str, Any]:
    """The arc sampled twice as finely, with all weights scaled."""
    weights = np.interp(np.arange(9) / 2, np.arange(5), WEIGHTS)
    turn = np.interp(weights, WEIGHTS, [-179.0, -90.0, 0.0, 90.0, 179.0])
    leaves = BASE[3]["leaves"]
    rows = [np.array([np.interp(w, WEIGHTS, [row[i] for row in leaves]) for i in range(80)]) for w in weights]
    return {
        "weights": tuple(scale * weights),
        "gantry": [float(a % 360.0) for a in turn],
        "direction": ["CW"] * 8 + ["NONE"],
        "leaves": rows,
    }


def test_beams_of_other_control_points_are_compared_at_their_ends_too() -> None:
    assert found(told(fine())) == {"control_points"}
    comparison = told(fine(0.9))
    assert found(comparison) == {"control_points", "meterset_weight"} and comparison.matters
    weight = one(comparison, "meterset_weight")
    assert weight.note == "at the last control point" and weight.amount == pytest.approx(10.0)
    assert found(told({**fine(100.0), "final": 100.0})) == {"control_points"}


# -------------------------------------------------------------------------------------------------------------- indices


def indexed(indices: Any, plan: RTPlan | None = None) -> RTPlan:
    """The plan with other indices in its arc."""
    plan = plan or base()
    assert plan.beams is not None
    arc = plan.beams[2]
    points = replace(arc.control_points, number=weight_column(indices, arc.control_points.count))
    return replace(plan, beams=(*plan.beams[:2], replace(arc, control_points=points)))


def test_an_index_that_is_repeated() -> None:
    comparison = compared(base(), indexed([0, 1, 1, 3, 4]))
    assert found(comparison) == {"control_point_index"} and comparison.matters
    index = one(comparison, "control_point_index")
    assert (index.old, index.new) == (2.0, 1.0) and "ControlPointSequence[2].ControlPointIndex" in index.where


@pytest.mark.parametrize("indices", [[0, 1, Missing.EMPTY, 3, 4], [0, 1, None, 3, 4], None])
def test_an_index_that_is_lost(indices: Any) -> None:
    assert found(compared(base(), indexed(indices))) == {"control_point_index"}


def test_indices_that_do_not_count_where_the_numbers_of_control_points_differ() -> None:
    comparison = compared(base(), indexed([0, 1, 2, 3, 3, 5, 6, 7, 8], base({3: fine()})))
    assert found(comparison) == {"control_points", "control_point_index"} and comparison.matters
    assert "indices of NEW" in one(comparison, "control_point_index").note
