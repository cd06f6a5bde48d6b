"""Random single changes are found with their size; comparing is symmetric and says nothing of a plan and itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcode.comparison.types import Verdict
from tests.comparison.support import BASE, METERSETS, base, compared, found

#: field of `factory.beam` → attribute, the base value, largest change, tolerance
NUMBERS = {
    "gantry": ("gantry_angle", 0.0, 20.0, 0.1),
    "collimator": ("collimator_angle", 0.0, 20.0, 0.1),
    "couch": ("couch_angle", 0.0, 20.0, 0.1),
    "ssd": ("ssd", 900.0, 50.0, 0.1),
    "energy": ("energy", 6.0, 12.0, 0.01),
}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(NUMBERS)), st.floats(0.0, 1.0), st.booleans())
def test_a_random_change_of_a_number(name: str, share: float, down: bool) -> None:
    attribute, value, largest, tolerance = NUMBERS[name]
    amount = share * largest
    new = value - amount if down and name == "ssd" else value + amount
    comparison = compared(base(), base({1: {name: new}}))
    if amount == 0 or value + amount == value:
        assert not comparison.differences
        return
    amount = abs(new - value)
    if amount <= 1e-9:
        return
    told = [d for d in comparison.differences if d.attribute == attribute]
    assert len(told) == 1 and told[0].amount == pytest.approx(amount, abs=1e-9)
    if abs(amount - tolerance) > 1e-6:
        assert told[0].within is (amount < tolerance)
        assert comparison.verdict is (Verdict.WITHIN_TOLERANCE if amount < tolerance else Verdict.DIFFERENT)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 79), st.integers(0, 4), st.floats(0.2, 30.0), st.booleans())
def test_a_random_leaf(column: int, point: int, by: float, inward: bool) -> None:
    leaves = [np.array(one) for one in BASE[3]["leaves"]]
    leaves[point][column] += -by if inward else by
    comparison = compared(base(), base({3: {"leaves": leaves}}))
    told = [d for d in comparison.beyond if d.attribute == "leaves"]
    assert len(told) == 1
    bank, pair = divmod(column, 40)
    details = told[0].details
    assert (details["bank"], details["pair"], details["control_point"]) == (bank + 1, pair + 1, point)
    assert told[0].amount == pytest.approx(by) and details["positions_changed"] == 1
    # What kind of delivery it is may follow from where the leaf stands.
    assert found(comparison) <= {"leaves", "technique"}


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(-20.0, 20.0)] * 3), st.sets(st.sampled_from([1, 2, 3]), min_size=1))
def test_a_random_shift(shift: tuple[float, float, float], beams: set[int]) -> None:
    length = float(np.linalg.norm(shift))
    new = base({n: {"isocenter": shift} for n in beams})
    comparison = compared(base(), new)
    if length < 0.2:
        return
    told = [d for d in comparison.beyond if d.attribute == "isocenter"]
    assert len(told) == 1 and told[0].amount == pytest.approx(length)
    assert {k + 1 for k in told[0].beams} == beams
    assert any("The whole plan moved" in text for text in comparison.remarks) is (len(beams) == 3)


@settings(max_examples=25, deadline=None)
@given(st.permutations([1, 2, 3]), st.permutations([1, 2, 3]))
def test_any_order_and_numbering_finds_the_same_beams(order: Any, numbers: Any) -> None:
    from tests.factory import group

    renumber = dict(zip((1, 2, 3), numbers, strict=True))
    metersets = {renumber[n]: value for n, value in METERSETS.items()}
    new = base(
        {n: {"number": m} for n, m in renumber.items()},
        order=tuple(order),
        groups=(group(1, (1, 2, 3), metersets=metersets, dose_gy=0.7),),
    )
    comparison = compared(base(), new)
    assert {(p.old.beam.name, p.new.beam.name) for p in comparison.beams if p.old and p.new} == {
        (values["name"], values["name"]) for values in BASE.values()
    }
    assert found(comparison) <= {"beam_number", "beam_numbers_swapped"}
    assert not comparison.matters and not comparison.touched
