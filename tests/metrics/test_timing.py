"""How long segments take: by hand, and against a judge that works them out one by one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.bench_sampling import refined
from rtcode.metrics.leaves import jaw_steps, leaf_steps
from rtcode.metrics.machines import MachineLimits
from rtcode.metrics.timing import beam_meterset_mu, segment_times
from rtcode.plan.model import Missing
from rtcode.plan.sessions import PlannedBeam
from tests import factory as f
from tests.metrics.motion import LIMITS, arc, judge_times, random_arc, sliding

STILL = [-10.0, -10.0, 10.0, 10.0]


def seconds(planned: PlannedBeam, limits: MachineLimits = LIMITS) -> list[float]:
    times = segment_times(planned, limits)
    assert times is not None
    return times.durations_s.tolist()


def test_slowest_part_decides() -> None:
    """100 MU in two halves: 5 s by dose rate (10 MU/s); 60 degrees take 10 s (6 degrees/s); 200 mm of leaf 8 s."""
    assert seconds(arc([STILL] * 3, gantry=[0, 6, 12])) == [5.0, 5.0]
    assert seconds(arc([STILL] * 3, gantry=[0, 6, 66])) == [5.0, 10.0]
    far = [-10.0, -10.0, 210.0, 10.0]
    assert seconds(sliding([STILL, far, far])) == [8.0, 5.0]


def test_jaws_take_their_time() -> None:
    """400 mm at 50 mm/s take 8 s."""
    jaws = [(-10.0, 10.0), (-10.0, 10.0), (-10.0, 410.0)]
    assert seconds(sliding([STILL] * 3, jaws_y=jaws)) == [5.0, 8.0]


def test_leaves_behind_jaws_take_their_time() -> None:
    """The pair lies outside the jaws; it has to get there all the same."""
    ends = [[-10, -10, 10, 10], [-10, -10, 10, 260], [-10, -10, 10, 260]]
    assert seconds(sliding(ends, jaws_y=(-5.0, 0.0))) == [10.0, 5.0]


def test_planned_dose_rate_where_there_is_one() -> None:
    beam = sliding([STILL] * 4, dose_rate=[300.0, 1200.0, 0.0, 0.0], meterset=90.0)
    times = segment_times(beam, LIMITS)
    assert times is not None
    assert times.durations_s.tolist() == pytest.approx([6.0, 1.5, 3.0])
    assert times.dose_rate_mu_min.tolist() == pytest.approx([300.0, 1200.0, 600.0])
    assert times.largest_dose_rate_mu_min == 1200.0
    assert not times.dose_rate_planned
    whole = segment_times(sliding([STILL] * 4, dose_rate=[300.0]), LIMITS)
    assert whole is not None and whole.dose_rate_planned


def test_no_dose_rate_anywhere_leaves_times_unknown() -> None:
    times = segment_times(sliding([STILL] * 3), replace(LIMITS, dose_rate_mu_min=None))
    assert times is not None
    assert np.isnan(times.durations_s).all()
    assert times.largest_dose_rate_mu_min is None


@pytest.mark.parametrize(
    ("limit", "beam"),
    [
        ("gantry_speed_deg_s", arc([STILL] * 3, gantry=[0, 0, 10])),
        ("leaf_speed_mm_s", sliding([STILL, STILL, [-10, -10, 10, 11]])),
        ("jaw_speed_mm_s", sliding([STILL] * 3, jaws_x=[(-5.0, 5.0), None, (-5.0, 6.0)])),
    ],
)
def test_motion_without_known_speed_takes_unknown_time(limit: str, beam: PlannedBeam) -> None:
    found = seconds(beam, replace(LIMITS, **{limit: None}))
    assert found[0] == 5.0
    assert np.isnan(found[1])
    # the same limit is not needed where nothing moves
    assert seconds(sliding([STILL] * 3), replace(LIMITS, **{limit: None})) == [5.0, 5.0]


def test_segments_without_meterset_take_the_time_of_their_travel() -> None:
    ends = [STILL, STILL, [-10, -10, 10, 60], [-10, -10, 10, 60]]
    assert seconds(sliding(ends, weights=[0.0, 0.5, 0.5, 1.0])) == [5.0, 2.0, 5.0]


def test_turning_couch_or_collimator_has_no_limit_here() -> None:
    found = seconds(sliding([STILL] * 3, couch=[0.0, 0.0, 10.0]))
    assert found[0] == 5.0 and np.isnan(found[1])
    assert np.isnan(seconds(sliding([STILL] * 3, collimator=[0.0, 5.0, 5.0]))[0])
    off = sliding([STILL] * 4, weights=[0.0, 0.5, 0.5, 1.0], couch=[0.0, 0.0, 10.0, 10.0])
    assert seconds(off) == pytest.approx([5.0, math.nan, 5.0], nan_ok=True)
    assert seconds(sliding([STILL] * 3, couch=[0.0, Missing.EMPTY, 0.0])) == pytest.approx([math.nan] * 2, nan_ok=True)
    # 359.999 and 0 degrees are one angle
    assert seconds(sliding([STILL] * 3, couch=[359.999, 0.0, 0.0])) == [5.0, 5.0]


@pytest.mark.parametrize(
    ("fields", "meterset"),
    [
        ({"meterset": 100.0}, 100.0),
        ({"meterset": 0.0}, None),
        ({"meterset": Missing.ABSENT}, None),
        ({"meterset": Missing.INVALID}, None),
        ({"meterset": -1.0}, None),
        ({"meterset": 100.0, "dosimeter_unit": "MINUTE"}, None),
        ({"meterset": 100.0, "dosimeter_unit": None}, 100.0),
    ],
)
def test_meterset_has_to_be_known_in_mu(fields: dict[str, Any], meterset: float | None) -> None:
    beam = sliding([STILL] * 2, **fields)
    assert beam_meterset_mu(beam) == meterset
    assert (segment_times(beam, LIMITS) is None) == (meterset is None)


def test_unusable_weights_give_no_times() -> None:
    assert segment_times(sliding([STILL] * 2, weights=[0.0, 0.0]), LIMITS) is None


def test_unknown_leaves_give_unknown_times() -> None:
    declared_only = f.planned(more_devices=[("MLCX", None, f.boundaries())], beam_type="DYNAMIC")
    assert np.isnan(seconds(declared_only)).all()
    some = f.planned(leaves=[STILL, Missing.INVALID, STILL], weights=[0.0, 0.5, 1.0], leaf_mm=50.0)
    assert np.isnan(seconds(some)).all()


def test_dynamic_beam_without_gantry_angle_takes_unknown_time() -> None:
    assert np.isnan(seconds(f.planned(gantry=None, beam_type="DYNAMIC"))).all()
    assert np.isnan(seconds(f.planned(gantry=None, beam_type=None))).all()
    assert seconds(f.planned(gantry=None)) == [10.0]


def test_leaf_steps_hold_every_leaf_of_every_layer() -> None:
    upper = [[-5.0, 5.0], [-6.0, 5.0]]
    lower = [[-9.0, -9.0, 9.0, 9.0], [-9.0, -9.0, 9.0, 9.005]]
    beam = f.planned(
        jaws_x=None,
        jaws_y=None,
        more_devices=[("MLCX1", upper, [-10.0, 10.0]), ("MLCX2", lower, [-10.0, 0.0, 10.0])],
    )
    # changes of up to 0.01 mm are noise
    assert leaf_steps(beam).tolist() == [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]  # type: ignore[union-attr]
    assert leaf_steps(f.planned()) is None
    assert jaw_steps(beam).tolist() == [0.0]


@pytest.mark.parametrize("seed", range(10))
def test_times_are_those_of_the_judge(seed: int) -> None:
    planned = random_arc(np.random.default_rng(seed))
    assert seconds(planned) == pytest.approx(judge_times(planned, LIMITS))


@pytest.mark.parametrize("parts", [2, 5])
def test_sampling_does_not_change_the_total(parts: int) -> None:
    """On straight lines every part of a segment is slowed by the same thing."""
    planned = random_arc(np.random.default_rng(3))
    assert sum(seconds(refined(planned, parts))) == pytest.approx(sum(seconds(planned)))
