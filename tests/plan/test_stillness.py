"""What is told once because it never changes gives what looking at every control point gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.plan.collimation import collimation_of
from rtcode.plan.model import never_changes
from rtcode.plan.placement import isocenters
from rtcode.plan.sessions import PlannedBeam, once_a_beam
from rtcode.plan.shapes import first_alike
from tests import factory as f

WIDE, NARROW = f.rectangle(-40, 40, -40, 40), f.rectangle(-20, 20, -40, 40)
_ENDS = st.sampled_from([0.0, 0.005, 0.009, 0.011, 0.02, 5.0, -5.0, np.nan, np.inf, -np.inf])


@pytest.mark.parametrize(
    ("values", "constant"),
    [([], False), ([1.0], True), ([1.0, 1.0], True), ([1.0, 2.0], False), ([np.nan, np.nan], False), ([np.nan], False)],
)
def test_never_changes(values: list[float], constant: bool) -> None:
    assert never_changes(np.array(values)) is constant


@given(st.lists(st.tuples(_ENDS, _ENDS, _ENDS), max_size=12))
def test_rows_are_alike_as_when_each_is_compared(rows: list[tuple[float, float, float]]) -> None:
    states = np.array(rows, dtype=np.float64).reshape(-1, 3)
    expected: list[int] = []
    for index, row in enumerate(states):
        with np.errstate(invalid="ignore"):
            leaders = (
                other
                for other in sorted({*expected})
                if not ((np.abs(row - states[other]) > 0.01) | (np.isnan(row) != np.isnan(states[other]))).any()
            )
            expected.append(next(leaders, index))
    assert first_alike(states, 0.01).tolist() == expected


def test_still_collimation_is_that_of_its_first_control_point() -> None:
    still, moving = collimation_of(f.beam(leaves=[WIDE, WIDE])), collimation_of(f.beam(leaves=[WIDE, NARROW]))
    assert still.still
    assert not moving.still
    both = np.arange(2)
    assert still.differing(both).tolist() == [0]
    assert moving.differing(both).tolist() == [0, 1]
    for one in still.strips(both):
        assert one.shape[0] == 2
        assert (one[0] == one[1]).all()
    assert still.leaf_extents(both) == still.leaf_extents(both[:1]) == moving.leaf_extents(both)
    assert moving.leaf_extents(both[1:])["X"] == (-20.0, 20.0)


def test_once_a_beam() -> None:
    calls = []

    @once_a_beam
    def counted(planned: PlannedBeam) -> int:
        calls.append(planned)
        return len(calls)

    first, second = f.planned(), f.planned()
    assert [counted(first), counted(first), counted(second), counted(first)] == [1, 1, 2, 1]
    assert isocenters(first) is isocenters(first)
