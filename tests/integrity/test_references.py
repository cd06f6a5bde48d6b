"""Worked cases of `rtcode.integrity.checks.references`."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.integrity.checks import references
from rtcode.plan.model import Missing, PlanKind, ToleranceTable
from tests import factory as f
from tests.integrity.support import Case, good, holds

SETUP_FIELD = f.beam(3, delivery_type="SETUP")


def groups(*named: Any, **fields: Any) -> Any:
    """The plan's two beams, with one fraction group that names these."""
    return good(groups=(f.group(1, named, **fields),))


def second(**fields: Any) -> Any:
    """A plan of two beams, the second with these fields."""
    return good(beams=(f.beam(1), f.beam(2, gantry=180.0, **fields)))


def two_groups(first: tuple[int, ...], other: tuple[int, ...]) -> Any:
    return good(groups=(f.group(1, first), f.group(2, other, index=1)))


TABLE = ToleranceTable("ToleranceTableSequence[0]", 1, "T TREAT")

CASES = (
    Case("beams_missing", good(beams=(), groups=None), True, "an empty sequence", ("an empty beam sequence",)),
    Case("beams_missing", good(beams=(), kind=PlanKind.RT_ION_PLAN), True, "ion beams", ("ion beam sequence",)),
    Case("beams_missing", good(), False, "two"),
    Case("fraction_scheme_missing", good(groups=None), True, "absent"),
    Case("fraction_scheme_missing", good(groups=()), True, "empty"),
    Case("fraction_scheme_missing", good(), False, "one group"),
    Case(
        "beam_number_missing",
        good(beams=(f.beam(1), f.beam(Missing.ABSENT, index=1))),
        True,
        "absent",
        ("beam at position 2",),
        (),
    ),
    Case("beam_number_missing", good(), False, "numbered"),
    Case("beams_declared", groups(1, 2, declared_beams=3), True, "one was lost", ("declares 3 beams and names 2",)),
    Case("beams_declared", groups(1, 2, declared_beams=1), True, "one was added", ("declares 1 beam and names 2",)),
    Case("beams_declared", groups(1, 2, declared_beams=Missing.ABSENT), False, "not declared"),
    Case("beams_declared", good(), False, "as declared"),
    Case("beam_reference_dangling", groups(1, 2, 7), True, "beam 7 is not there", ("beam 7",), (7,)),
    Case("beam_reference_dangling", good(), False, "both there"),
    Case("beam_reference_dangling", good(beams=()), False, "no beam at all is another finding"),
    Case("beam_reference_repeated", groups(1, 2, 2), True, "twice", ("beam 2 twice",), (2,)),
    Case("beam_reference_repeated", good(), False, "once"),
    Case(
        "beam_reference_unreadable", groups(1, 2, Missing.INVALID), True, "no number", ("without a usable number",), ()
    ),
    Case("beam_reference_unreadable", good(), False, "numbers"),
    Case("beam_not_referenced", groups(1), True, "left out", ("beam 2 is named by no",), (2,)),
    Case("beam_not_referenced", good(groups=None), False, "no group names any"),
    Case("beam_not_referenced", good(beams=(f.beam(1), f.beam(2), SETUP_FIELD)), False, "a set-up field is another"),
    Case("setup_beam_not_referenced", good(beams=(f.beam(1), f.beam(2), SETUP_FIELD)), True, "left out", (), (3,)),
    Case("setup_beam_not_referenced", groups(1), False, "a treatment beam is another"),
    Case(
        "beam_in_several_groups",
        two_groups((1, 2), (2,)),
        True,
        "in both",
        ("beam 2 is named by fraction group 1 and fraction group 2",),
        (2,),
    ),
    Case("beam_in_several_groups", two_groups((1,), (2,)), False, "one each"),
    Case("beam_in_several_groups", groups(1, 2, 2), False, "twice in one group is another"),
    Case("setup_reference_dangling", second(setup_number=9), True, "not there", ("setup 9", "not in the plan"), (2,)),
    Case(
        "setup_reference_dangling",
        good(setups=(f.setup(1), f.setup(1, index=1))),
        True,
        "there twice",
        ("has twice",),
        (1, 2),
    ),
    Case("setup_reference_dangling", second(setup_number=Missing.ABSENT), False, "names none"),
    Case("setup_reference_dangling", good(), False, "there"),
    Case("tolerance_table_dangling", second(tolerance_table_number=3), True, "not there", ("table 3",), (2,)),
    Case(
        "tolerance_table_dangling",
        good(beams=(f.beam(1, tolerance_table_number=1), f.beam(2)), tolerance_tables=(TABLE,)),
        False,
        "there",
    ),
    Case(
        "wedge_reference_dangling",
        second(wedges=(f.wedge(1),), wedge_positions={2: ["IN"]}),
        True,
        "another wedge's position",
        ("wedge 2",),
        (2,),
    ),
    Case("wedge_reference_dangling", second(wedge_positions={1: ["OUT"]}), True, "no wedge described", ("wedge 1",)),
    Case("wedge_reference_dangling", second(wedges=(f.wedge(1),), wedge_positions={1: ["IN"]}), False, "described"),
    Case(
        "dose_reference_dangling",
        groups(1, 2, dose_reference_uid="1.2.3.9"),
        True,
        "another plan's target",
        ("2 beams refer",),
        (1, 2),
    ),
    Case("dose_reference_dangling", groups(1, 2, dose_reference_uid=f"{f.UID}.9.1"), False, "there"),
    Case("dose_reference_dangling", good(), False, "names none"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, references.CHECKS)
