"""Modulation indices: by hand, against numerical integration, and what must not change them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bench_sampling import refined
from rtcode.metrics.park2014 import K_VALUES, metric_names, park2014
from rtcode.metrics.timing import segment_times
from rtcode.plan.model import Missing
from rtcode.plan.sessions import PlannedBeam
from tests import factory as f
from tests.metrics.motion import LIMITS, arc, judge_park, moved, random_arc, sliding


def indices(planned: PlannedBeam, profile: str = "park2014", ks: Any = K_VALUES) -> dict[str, float | None]:
    return park2014(planned, segment_times(planned, LIMITS), ks)[profile]


def one_leaf(*positions: float, **fields: Any) -> PlannedBeam:
    """One leaf end moves, the others stay; each segment takes 1 s unless told."""
    fields.setdefault("meterset", 10.0 * (len(positions) - 1))
    return sliding([[-20.0, -20.0, p, 20.0] for p in positions], leaf_mm=20.0, **fields)


def test_names() -> None:
    names = metric_names()
    assert names[:5] == ("mis_k0_02", "mis_k0_2", "mis_k0_5", "mis_k1", "mis_k2")
    assert names[5] == "mia_k0_02" and names[-1] == "mit_k2"


def test_speeds_one_two_three() -> None:
    """v = 1, 2, 3 mm/s, sigma 1. Both accelerations are 1, so that theirs is 0 and they count throughout."""
    found = indices(one_leaf(0.0, 1.0, 3.0, 6.0))
    assert found["mis_k0_5"] == pytest.approx(0.5)
    assert found["mis_k1"] == pytest.approx(1.0)
    assert found["mis_k2"] == pytest.approx((1 + 2 + 2) / 3)
    for k, name in zip(K_VALUES, metric_names()[5:10], strict=True):
        assert found[name] == pytest.approx(k)
        # no gantry, one dose rate: nothing to weight
        assert found[name.replace("mia", "mit")] == pytest.approx(k)


def test_speed_or_acceleration_whichever_reaches_farther() -> None:
    """v = 0, 3, 1 mm/s in 1 s each: sigma sqrt(7/3); a = 3, 2: sigma sqrt(1/2), alpha 1."""
    found = indices(one_leaf(0.0, 0.0, 3.0, 4.0), ks=(1.0, 4.0))
    sigma_v, sigma_a = math.sqrt(7 / 3), math.sqrt(1 / 2)
    assert found["mis_k1"] == pytest.approx((1.0 + 1 / sigma_v) / 3)
    assert found["mis_k4"] == pytest.approx((3 / sigma_v + 1 / sigma_v) / 3)
    assert found["mia_k1"] == pytest.approx(1.0)
    assert found["mia_k4"] == pytest.approx((4.0 + 2 / sigma_a) / 2)


def test_alpha_is_one_over_the_mean_time() -> None:
    """The same way in segments of 2 s: v halves, a is a quarter, both sigmas with them; alpha halves."""
    slow = indices(one_leaf(0.0, 0.0, 3.0, 4.0, meterset=60.0), ks=(1.0, 4.0))
    assert slow["mis_k4"] == pytest.approx(indices(one_leaf(0.0, 0.0, 3.0, 4.0), ks=(4.0,))["mis_k4"])
    sigma_a = math.sqrt(1 / 2) / 4
    assert slow["mia_k4"] == pytest.approx((4.0 + min(4.0, 2 / 4 / (sigma_a / 2))) / 2)


def test_weights_of_dose_rate_and_gantry() -> None:
    """Gantry 2 degrees and 5, 10, 20 MU in segments of 1 s, 1 s, 2 s."""
    beam = arc(
        [[-20.0, -20.0, p, 20.0] for p in (0.0, 1.0, 3.0, 6.0)],
        gantry=[0.0, 2.0, 4.0, 6.0],
        weights=[0.0, 5.0, 15.0, 35.0],
        meterset=35.0,
        dose_rate=[300.0, 600.0, 600.0, 600.0],
        leaf_mm=20.0,
    )
    times = segment_times(beam, LIMITS)
    assert times is not None and times.durations_s.tolist() == pytest.approx([1.0, 1.0, 2.0])
    found = indices(beam, ks=(0.02,))

    def weight(change: float) -> float:
        return 2 / (1 + math.exp(-change / 2))

    first = weight(0.0) * weight(10.0 - 5.0)
    second = weight((2.0 - 1.0) / 2.0) * weight(0.0)
    # v = 1, 2, 1.5; a = 1, 0.25: all of them count up to the small k
    assert found["mia_k0_02"] == pytest.approx(0.02)
    assert found["mit_k0_02"] == pytest.approx(0.02 * (first + second) / 2)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [0.2, 2.0])
def test_exact_integral_is_that_of_counting_at_many_f(seed: int, k: float) -> None:
    planned = random_arc(np.random.default_rng(seed))
    found = indices(planned, ks=(k,))
    for name, judged in zip(found, judge_park(planned, LIMITS, k), strict=True):
        assert found[name] == pytest.approx(judged, rel=2e-3)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_bounds(seed: int) -> None:
    """Every term is at most k; more k adds more, and MIt weights MIa with 1 to 4."""
    planned = random_arc(np.random.default_rng(seed), n=12, pairs=4)
    found, mean = indices(planned), indices(planned, "park2014_mean")
    # of 4 pairs one is parked
    for index in ("mis", "mia", "mit"):
        values = [found[f"{index}_k{k}"] for k in ("0_02", "0_2", "0_5", "1", "2")]
        assert None not in values and values == sorted(values)  # type: ignore[type-var]
        assert all(mean[name] == pytest.approx(value / 6) for name, value in found.items() if value is not None)
    for k, name in zip(K_VALUES, metric_names()[5:10], strict=True):
        mia, mit = found[name], found[name.replace("mia", "mit")]
        assert mia is not None and mit is not None
        assert mia <= 6 * k + 1e-12
        assert mia - 1e-12 <= mit <= 4 * mia + 1e-12


@pytest.mark.parametrize("change", [{"shift_mm": 7.5}, {"mirror": True}, {"shift_mm": -3.0, "mirror": True}])
def test_shift_and_mirror_change_nothing(change: dict[str, Any]) -> None:
    planned = random_arc(np.random.default_rng(5))
    for profile in ("park2014", "park2014_mean", "park2014_in_field"):
        assert indices(moved(planned, **change), profile) == pytest.approx(indices(planned, profile))


def test_leaf_with_one_speed_counts_throughout() -> None:
    """Shifted by a number without a short binary form, so that its speeds differ by rounding."""
    steady = one_leaf(*(0.1 + 0.7 * i for i in range(12)))
    found = indices(steady)
    assert found["mis_k2"] == pytest.approx(2.0)
    # no acceleration, but the speed alone counts in MIa too
    assert found["mia_k2"] == pytest.approx(2.0)


def test_parked_leaves_add_nothing() -> None:
    few = sliding([[-9, 5], [-8, 7], [-4, 9], [0, 9]], leaf_mm=10.0, meterset=30.0)
    more = sliding([[-9, 0, 5, 0], [-8, 0, 7, 0], [-4, 0, 9, 0], [0, 0, 9, 0]], leaf_mm=10.0, meterset=30.0)
    for profile in ("park2014", "park2014_mean"):
        assert indices(few, profile) == pytest.approx(indices(more, profile))


def test_in_field_leaves_out_what_jaws_hide() -> None:
    """Two pairs of 20 mm; the upper one lies outside the jaws."""
    ends = [[-9, -9, 5, 5], [-8, -5, 7, 6], [-4, -5, 9, 9], [0, 0, 9, 14]]
    hidden = sliding(ends, leaf_mm=20.0, jaws_y=(-20.0, 0.0), meterset=30.0)
    lower = sliding([[one[0], one[2]] for one in ends], leaf_mm=20.0, jaws_y=(-10.0, 10.0), meterset=30.0)
    assert indices(hidden, "park2014_in_field") == pytest.approx(indices(lower))
    all_of_them, inside = indices(hidden)["mis_k1"], indices(hidden, "park2014_in_field")["mis_k1"]
    assert all_of_them is not None and inside is not None and all_of_them > inside


def test_without_leaf_boundaries_the_field_is_unknown() -> None:
    ends = [[-9.0, 5.0], [-8.0, 7.0], [-4.0, 9.0], [0.0, 9.0]]
    beam = f.planned(
        weights=[0.0, 0.3, 0.6, 1.0],
        more_devices=[("MLCX", ends, "undeclared")],
        jaws_y=(-5.0, 5.0),
        beam_type="DYNAMIC",
    )
    assert None in indices(beam, "park2014_in_field").values()


def test_layers_add_up() -> None:
    upper = [[-9, 5], [-8, 7], [-4, 9], [0, 9]]
    lower = [[-5, -5, 5, 5], [-4, -3, 5, 5], [-4, -3, 6, 9], [-1, -3, 9, 9]]
    edges = {"MLCX1": [-5.0, 5.0], "MLCX2": [-10.0, 0.0, 10.0]}

    def beam(**layers: Any) -> PlannedBeam:
        more = [(kind, [np.asarray(e, dtype=float) for e in ends], edges[kind]) for kind, ends in layers.items()]
        return f.planned(
            weights=[0.0, 0.3, 0.6, 1.0], jaws_x=None, jaws_y=None, more_devices=more, beam_type="DYNAMIC"
        )  # 100 MU: times are those of the dose rate

    both, first, second = (
        indices(beam(**m)) for m in ({"MLCX1": upper, "MLCX2": lower}, {"MLCX1": upper}, {"MLCX2": lower})
    )
    for name, value in both.items():
        assert value == pytest.approx(first[name] + second[name])  # type: ignore[operator]


def test_segments_before_and_after_the_meterset_do_not_count() -> None:
    ends = [[-9.0, 5.0], [-8.0, 7.0], [-4.0, 9.0], [0.0, 9.0]]
    plain = sliding(ends, weights=[0.0, 0.3, 0.6, 1.0], leaf_mm=10.0)
    longer = sliding([[-50.0, 50.0], *ends, [-50.0, 50.0]], weights=[0.0, 0.0, 0.3, 0.6, 1.0, 1.0], leaf_mm=10.0)
    assert indices(longer) == pytest.approx(indices(plain))


def test_control_points_written_twice_do_not_count() -> None:
    ends = [[-9.0, 5.0], [-8.0, 7.0], [-4.0, 9.0], [0.0, 9.0]]
    plain = sliding(ends, weights=[0.0, 0.3, 0.6, 1.0], leaf_mm=10.0)
    twice = sliding([ends[0], ends[1], ends[1], *ends[2:]], weights=[0.0, 0.3, 0.3, 0.6, 1.0], leaf_mm=10.0)
    assert indices(twice) == pytest.approx(indices(plain))


def test_beam_off_in_between_takes_the_time_of_its_travel() -> None:
    """v = 2, 25 (75 mm at full speed, 3 s), 4 mm/s."""
    beam = one_leaf(0.0, 2.0, 77.0, 81.0, weights=[0.0, 0.5, 0.5, 1.0], meterset=20.0)
    found = indices(beam, ks=(9.0,))
    sigma = np.std([2.0, 25.0, 4.0], ddof=1)
    assert found["mis_k9"] == pytest.approx((2 + 25 + 4) / sigma / 3)


def test_arc_that_turns_back_is_split_and_weighted_by_meterset() -> None:
    rng = np.random.default_rng(8)
    ends = [np.round(np.concatenate([-rng.uniform(0, 30, 3), rng.uniform(0, 30, 3)]), 1) for _ in range(11)]
    there, back = [float(3 * i) for i in range(6)], [float(15 - 3 * i) for i in range(1, 6)]
    weights = [0, 1, 2, 4, 5, 6, 10, 11, 13, 14, 18]
    way = ["CW"] + [None] * 4 + ["CC"] + [None] * 4 + ["NONE"]
    whole = arc(ends, gantry=[*there, *back], weights=weights, direction=way, meterset=90.0, leaf_mm=10.0)
    first = arc(ends[:6], gantry=there, weights=weights[:6], meterset=30.0, leaf_mm=10.0)
    second = arc(
        ends[5:], gantry=[15.0, *back], weights=[w - 6 for w in weights[5:]], meterset=60.0, leaf_mm=10.0,
        direction=["CC"] + [None] * 4 + ["NONE"],
    )  # fmt: skip
    assert whole.delivery.gantry is not None and whole.delivery.gantry.turns_back == 1
    for profile in ("park2014", "park2014_in_field"):
        parts = indices(first, profile), indices(second, profile)
        for name, value in indices(whole, profile).items():
            assert value == pytest.approx(parts[0][name] / 3 + parts[1][name] * 2 / 3)  # type: ignore[operator]


MOVING = [[-9.0, 5.0], [-8.0, 7.0], [-4.0, 9.0], [0.0, 9.0]]


@pytest.mark.parametrize(
    "beam",
    [
        pytest.param(f.planned(), id="no MLC"),
        pytest.param(sliding([MOVING[0]] * 4), id="leaves that stand still"),
        pytest.param(sliding(MOVING, weights=[0.0, 0.0, 0.0, 1.0]), id="one segment"),
        pytest.param(sliding(MOVING[:3]), id="two segments"),
        pytest.param(sliding(MOVING, weights=[0.0, 0.0, 0.0, 0.0]), id="unusable weights"),
        pytest.param(sliding(MOVING, meterset=Missing.ABSENT), id="no meterset"),
        pytest.param(sliding(MOVING, dosimeter_unit="MINUTE"), id="minutes"),
        pytest.param(sliding(MOVING, couch=[0.0, 1.0, 2.0, 3.0]), id="a couch that turns"),
        pytest.param(
            f.planned(leaves=[*map(np.array, MOVING[:3]), Missing.INVALID], weights=[0, 0.3, 0.6, 1.0]), id="leaves"
        ),
        pytest.param(
            arc(MOVING, gantry=[0.0, 1.0, Missing.EMPTY, 3.0]), id="gantry angle"  # type: ignore[list-item]
        ),
    ],
)  # fmt: skip
def test_unknown_is_not_zero(beam: PlannedBeam) -> None:
    for values in park2014(beam, segment_times(beam, LIMITS)).values():
        assert set(values) == set(metric_names())
        assert set(values.values()) == {None}


def test_unknown_machine_leaves_only_what_needs_it_unknown() -> None:
    beam = sliding(MOVING, leaf_mm=10.0)
    without_gantry = replace(LIMITS, gantry_speed_deg_s=None)
    assert park2014(beam, segment_times(beam, without_gantry))["park2014"] == indices(beam)
    without_leaves = replace(LIMITS, leaf_speed_mm_s=None)
    assert set(park2014(beam, segment_times(beam, without_leaves))["park2014"].values()) == {None}


def test_what_sampling_does() -> None:
    """Twice as many segments of one delivery: MIs stays, MIa and MIt fall, since half of the accelerations are 0."""
    planned = random_arc(np.random.default_rng(12), n=100, pairs=10)
    coarse, fine = indices(planned), indices(refined(planned))
    for name, value in coarse.items():
        other = fine[name]
        assert value is not None and other is not None
        if name.startswith("mis"):
            assert other == pytest.approx(value, rel=0.01)
        else:
            assert 0.6 * value < other < value
