"""Worked cases of `rtcode.integrity.checks.weights`."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.dicom.checks import check
from rtcode.dicom.warnings import MESSAGES, Notes
from rtcode.integrity.checks import weights
from rtcode.plan.model import Missing, RTPlan
from rtcode.truth import PlanWarning
from tests import factory as f
from tests.integrity.support import Case, check_case, good, holds


def second(**fields: Any) -> Any:
    """A plan of two beams, the second with these fields."""
    return good(beams=(f.beam(1), f.beam(2, gantry=180.0, **fields)))


def warned(code: str) -> Any:
    """A plan of which the reader said this of its second beam."""
    where = "BeamSequence[1].ControlPointSequence[0].ControlPointIndex (300A,0112)"
    return good(warnings=(PlanWarning(code, MESSAGES[code], where),))


CASES = (
    Case("weights_missing", second(weights=None, count=2), True, "absent", ("beam 2",), (2,)),
    Case("weights_missing", second(weights=(0.0, Missing.INVALID, 1.0)), True, "one is unreadable"),
    Case("weights_missing", second(weights=None, count=2, delivery_type="SETUP"), False, "of a set-up field"),
    Case("weights_missing", good(), False, "given"),
    Case("weights_decrease", second(weights=(0.0, 0.6, 0.4, 1.0)), True, "one falls", ("decrease",), (2,)),
    Case("weights_decrease", second(weights=(0.0, 0.4, 0.4, 1.0)), False, "one stays"),
    Case("weights_never_rise", second(weights=(0.0, 0.0)), True, "all 0", ("never rise",), (2,)),
    Case("weights_never_rise", good(), False, "0 to 1"),
    Case("weights_start", second(weights=(0.1, 1.0)), True, "0.1", ("start at 0",), (2,)),
    Case("weights_start", second(weights=(0.00001, 1.0)), False, "rounding"),
    Case("weights_end", second(weights=(0.0, 0.9)), True, "0.9 of 1", ("final weight",), (2,)),
    Case("weights_end", second(weights=(0.0, 100.0), final=100.0), False, "100 of 100"),
    Case("weights_end", second(weights=(0.0, 0.99999)), False, "rounding"),
    Case("final_weight_missing", second(final=Missing.ABSENT), True, "absent", (), (2,)),
    Case("final_weight_missing", second(final=0.0), True, "0"),
    Case("final_weight_missing", good(), False, "1"),
    Case("control_points_declared", second(declared_control_points=3), True, "3, and has 2", (), (2,)),
    Case("control_points_declared", second(declared_control_points=Missing.ABSENT), False, "not declared"),
    Case("control_points_declared", good(), False, "as declared"),
    Case("control_points_too_few", second(weights=(0.0,)), True, "one", ("fewer than two",), (2,)),
    Case("control_points_too_few", good(), False, "two"),
    Case("control_points_undeclared", second(declared_control_points=Missing.EMPTY), True, "empty", (), (2,)),
    Case("control_points_undeclared", good(), False, "declared"),
    Case("control_point_order", warned("control_point_order"), True, "kept", ("beam 2", "order of the file"), (2,)),
    Case("control_point_order", warned("control_point_sorted"), True, "sorted", ("were sorted",), (2,)),
    Case("control_point_order", warned("control_points_excess"), False, "another warning"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, weights.CHECKS)


def found_in(plan: RTPlan) -> set[str]:
    """Ids of the checks of weights that find something."""
    return {check.id for check in weights.CHECKS if list(check().find(check_case(plan, check)))}


def test_one_beam_has_one_finding_for_its_weights() -> None:
    """Weights that fall say nothing else, so that the other checks leave them alone."""
    assert found_in(second(weights=(0.3, 0.2, 0.1))) == {"weights_decrease"}


@pytest.mark.parametrize(
    "fields",
    [
        {"weights": (0.0, 1.0)},
        {"weights": (0.1, 1.0)},
        {"weights": (0.0, 0.9)},
        {"weights": (0.0, 0.6, 0.4, 1.0)},
        {"weights": (0.0, 0.50001, 0.5, 1.0)},
        {"weights": (0.0, 0.0), "final": 1.0},
        {"weights": (0.0, Missing.INVALID, 1.0)},
        {"weights": (0.0, 1.0), "final": Missing.ABSENT},
    ],
)
def test_the_reader_warns_of_what_a_check_finds(fields: Any) -> None:
    """Where the reader says that weights are irregular a check says how, and the other way round."""
    plan, notes = second(**fields), Notes()
    check(plan.beams or (), plan.fraction_groups or (), plan.setups, notes)
    covering = {one.id for one in weights.CHECKS if "weights_irregular" in one.covers}
    warned = any(warning.code == "weights_irregular" for warning in notes.all())
    assert warned is bool(found_in(plan) & covering)
