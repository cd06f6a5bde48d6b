"""Leaves and jaws that are written past one another, and what of it leaves the aperture in doubt."""

from __future__ import annotations

import numpy as np
import pytest

from rtcode.plan.leaf_order import CROSS_MM, crossing_devices, leaves_cross, overlaps_mm
from rtcode.plan.model import Beam
from tests import factory as f

OPEN = np.array([-30.0, -20.0, 0.0, 30.0, 20.0, 0.0])
#: the first pair crosses by 5 mm, the second is open, the third closed
ONE = np.array([25.0, -20.0, 0.0, 20.0, 20.0, 0.0])
EXCHANGED = np.array([30.0, 20.0, 0.0, -30.0, -20.0, 0.0])


def beam(*shapes: np.ndarray, **fields: object) -> Beam:
    return f.beam(1, more_devices=[("MLCX", list(shapes), f.boundaries(3))], **fields)


def crossing(one: Beam, *control_points: int) -> list[tuple[str, bool]]:
    return [(device.type, exchanged) for device, exchanged in crossing_devices(one, np.array(control_points))]


@pytest.mark.parametrize(
    ("shape", "devices", "doubt", "why"),
    [
        (OPEN, [], False, "in order"),
        (ONE, [("MLCX", False)], True, "one pair"),
        (EXCHANGED, [("MLCX", True)], False, "banks exchanged as a whole: in order they are the aperture"),
        (OPEN + np.array([0, 0, CROSS_MM / 2, 0, 0, 0]), [], False, "a closed pair overlaps by rounding"),
        (OPEN + np.array([0, 0, CROSS_MM * 2, 0, 0, 0]), [("MLCX", False)], True, "by more than that"),
        (np.array([np.nan, -20.0, 0.0, 30.0, 20.0, 0.0]), [], False, "what is not known crosses nothing"),
    ],
)
def test_what_crosses(shape: np.ndarray, devices: list[tuple[str, bool]], doubt: bool, why: str) -> None:
    one = beam(shape, shape)
    assert crossing(one, 0, 1) == devices, why
    assert leaves_cross(one, np.array([0, 1])) is doubt, why


def test_only_the_control_points_asked_for_count() -> None:
    one = beam(OPEN, ONE, OPEN, weights=(0.0, 0.5, 1.0))
    assert crossing(one, 0, 2) == [] and crossing(one, 1) == [("MLCX", False)]
    assert [leaves_cross(one, np.array([i])) for i in range(3)] == [False, True, False]


def test_banks_have_to_be_exchanged_at_all_of_them() -> None:
    one = beam(OPEN, EXCHANGED)
    assert crossing(one, 1) == [("MLCX", True)]
    assert leaves_cross(one, np.array([0, 1])), "some in order, some not: either may be wrong"


def test_jaws_cross_and_leave_the_leaves_alone() -> None:
    one = beam(OPEN, OPEN, jaws_x=(50.0, -50.0))
    assert [exchanged for _, exchanged in crossing(one, 0)] == [True]
    assert not leaves_cross(one, np.array([0, 1]))


def test_overlaps_are_as_written() -> None:
    (device,) = (d for d in beam(ONE, OPEN).control_points.devices if d.type == "MLCX")
    assert overlaps_mm(device).tolist() == [[5.0, -40.0, 0.0], [-60.0, -40.0, 0.0]]
    assert overlaps_mm(device, np.array([1])).tolist() == [[-60.0, -40.0, 0.0]]
