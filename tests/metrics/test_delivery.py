"""MU per Gy, areas, gaps, speeds and dose rates: by hand, against a judge, and on real plans."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.bench_sampling import refined
from rtcode.dicom.reader import read_plan
from rtcode.errors import RtcodeError
from rtcode.metrics import beam_metrics, plan_metrics
from rtcode.metrics.apertures import apertures_of
from rtcode.metrics.catalog_motion import MOTION_DEFINITIONS
from rtcode.metrics.delivery import (
    NAMES,
    delivery_metrics,
    group_mu_per_gy,
    plan_mu_per_gy,
)
from rtcode.metrics.machines import Machines
from rtcode.metrics.park2014 import metric_names
from rtcode.metrics.timing import segment_times
from rtcode.plan.model import Missing
from rtcode.plan.sessions import PlannedBeam, planned_beams, sessions_of
from tests import factory as f
from tests.metrics.motion import LIMITS, arc, judge_times, moved, random_arc, sliding


def values(planned: PlannedBeam) -> dict[str, float | None]:
    return delivery_metrics(planned, apertures_of(planned), segment_times(planned, LIMITS))


def test_a_small_arc_by_hand() -> None:
    """Two pairs of 20 mm. 10 and 40 MU; 12 degrees each; the first takes 2 s by its gantry, the second 4 s by dose."""
    ends = [[-20, -20, 20, 20], [-20, -20, 20, 10], [-10, -20, 20, 10]]
    beam = arc(ends, gantry=[0, 12, 24], weights=[0, 10, 50], meterset=50.0, leaf_mm=20.0, jaws_x=(-25.0, 25.0))
    found = values(beam)
    assert found["beam_on_s"] == pytest.approx(6.0)
    assert found["arc_deg"] == pytest.approx(24.0)
    assert found["mean_gantry_speed_deg_s"] == pytest.approx(4.0)
    assert found["max_gantry_speed_deg_s"] == pytest.approx(6.0)
    assert found["mean_dose_rate_mu_min"] == pytest.approx(500.0)
    assert found["max_dose_rate_mu_min"] == pytest.approx(600.0)
    # 300 MU/min for 2 s and 600 for 4 s
    assert found["dose_rate_variation"] == pytest.approx(math.sqrt((200**2 * 2 + 100**2 * 4) / 6) / 500)
    assert found["min_mu_per_deg"] == pytest.approx(10 / 12)
    assert found["max_mu_per_deg"] == pytest.approx(40 / 12)
    # two leaf ends go 10 mm each in 6 s, the faster in 2 s
    assert found["mean_leaf_speed_mm_s"] == pytest.approx(20 / 2 / 6)
    assert found["max_leaf_speed_mm_s"] == pytest.approx(5.0)
    # control points stand for 5, 25 and 20 MU
    areas = np.array([1600.0, 1400.0, 1200.0])
    assert found["mean_area_mm2"] == pytest.approx(float(areas @ [0.1, 0.5, 0.4]))
    assert (found["min_area_mm2"], found["max_area_mm2"]) == pytest.approx((1200.0, 1600.0))
    assert found["mean_gap_mm"] == pytest.approx(float(np.array([40.0, 35.0, 30.0]) @ [0.1, 0.5, 0.4]))
    assert found["smallest_gap_mm"] == pytest.approx(30.0)
    assert found["mu_per_gy"] == pytest.approx(25.0)


def test_static_beam_stands_still() -> None:
    found = values(f.planned(leaves=f.rectangle(-20, 20, -30, 30)))
    for name in ("mean_gantry_speed_deg_s", "max_gantry_speed_deg_s", "mean_leaf_speed_mm_s", "max_leaf_speed_mm_s"):
        assert found[name] == 0.0
    assert found["arc_deg"] == 0.0
    assert found["min_mu_per_deg"] is found["max_mu_per_deg"] is None
    assert found["dose_rate_variation"] == 0.0
    assert found["beam_on_s"] == pytest.approx(10.0)
    assert found["mean_area_mm2"] == pytest.approx(40 * 60)


def test_jaws_alone_make_an_area_and_no_gap() -> None:
    found = values(f.planned(jaws_x=[(-10.0, 20.0), (-10.0, 40.0)], jaws_y=(-5.0, 5.0), beam_type="DYNAMIC"))
    assert found["mean_area_mm2"] == pytest.approx((300 + 500) / 2)
    assert (found["min_area_mm2"], found["max_area_mm2"]) == (300.0, 500.0)
    assert found["mean_gap_mm"] is found["smallest_gap_mm"] is None
    assert found["mean_leaf_speed_mm_s"] is found["max_leaf_speed_mm_s"] is None
    assert values(f.planned(jaws_x=None))["mean_area_mm2"] is None
    assert values(f.planned(jaws_x=Missing.INVALID))["mean_area_mm2"] is None


def test_closed_beam_has_no_area_and_no_gap() -> None:
    found = values(f.planned(leaves=f.rectangle(0, 0, -30, 30)))
    for name in ("mean_area_mm2", "min_area_mm2", "max_area_mm2", "mean_gap_mm", "smallest_gap_mm"):
        assert found[name] is None


def test_unknown_is_not_zero() -> None:
    timed = {name for name in NAMES if "speed" in name or "rate" in name or name == "beam_on_s"}
    no_meterset = values(sliding([[-5.0, 5.0]] * 3, meterset=Missing.ABSENT))
    assert {name for name in timed if no_meterset[name] is not None} == set()
    assert no_meterset["mu_per_gy"] is None
    assert no_meterset["arc_deg"] == 0.0
    no_gantry = values(f.planned(gantry=None))
    assert no_gantry["arc_deg"] is no_gantry["mean_gantry_speed_deg_s"] is None
    assert no_gantry["beam_on_s"] == pytest.approx(10.0)
    leaves = values(f.planned(more_devices=[("MLCX", None, f.boundaries())]))
    assert {name for name in timed if leaves[name] is not None} == set()
    assert leaves["mean_area_mm2"] is None
    assert leaves["mu_per_gy"] == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("dose", "meaning", "expected"),
    [
        (2.0, None, 50.0),
        (2.0, "BEAM_LEVEL", 50.0),
        # a nominal share of the fraction's dose
        (2.0, "FRACTION_LEVEL", None),
        (0.0, None, None),
        (-1.0, None, None),
        (Missing.ABSENT, None, None),
    ],
)
def test_mu_per_gy_of_a_beam(dose: Any, meaning: str | None, expected: float | None) -> None:
    groups = (f.group(1, [1], dose_gy=dose, beam_dose_meaning=meaning),)
    found = values(f.planned(plan_fields={"groups": groups}))["mu_per_gy"]
    assert found == (None if expected is None else pytest.approx(expected))


def test_mu_per_gy_of_a_plan() -> None:
    def plan(**fields: Any) -> float | None:
        group_fields = {"metersets": {1: 100.0, 2: 150.0}, "dose_gy": 1.0, **fields}
        references = [f.dose_reference(target_prescription_gy=50.0)]
        return plan_mu_per_gy(
            sessions_of(
                f.plan(f.beam(1), f.beam(2), groups=(f.group(1, [1, 2], **group_fields),), dose_references=references)
            )
        )

    assert plan() == pytest.approx(125.0)
    # beam doses that do not add up, or are not there: 50 Gy in 25 fractions
    assert plan(beam_dose_meaning="BEAM_LEVEL") == pytest.approx(125.0)
    assert plan(dose_gy=Missing.ABSENT) == pytest.approx(125.0)
    assert plan(dose_gy=Missing.ABSENT, fractions=Missing.EMPTY) is None
    assert plan(metersets={1: 100.0, 2: Missing.INVALID}) is None


def test_mu_per_gy_of_a_plan_that_has_no_single_answer() -> None:
    two = f.plan(f.beam(1), f.beam(2), groups=(f.group(1, [1]), f.group(2, [2], index=1)))
    assert plan_mu_per_gy(sessions_of(two)) is None
    assert [group_mu_per_gy(s.parts[0]) for s in sessions_of(two)] == pytest.approx([50.0, 50.0])
    mixed = f.plan(f.beam(1), f.beam(2, radiation="ELECTRON"))
    assert plan_mu_per_gy(sessions_of(mixed)) is None


def test_series_say_what_happens_in_each_segment() -> None:
    ends = [[-20, -20, 20, 20], [-20, -20, 20, 10], [-20, -20, 20, 10], [-10, -20, 20, 10]]
    beam = arc(ends, gantry=[350, 2, 10, 10], weights=[0, 10, 10, 50], meterset=50.0, leaf_mm=20.0)
    series = segment_times(beam, LIMITS)
    assert series is not None
    assert series.delivering.tolist() == [True, False, True]
    assert series.durations_s.tolist() == pytest.approx([2.0, 8 / 6, 4.0])
    assert series.meterset_mu.tolist() == pytest.approx([10.0, 0.0, 40.0])
    assert series.gantry_steps_deg.tolist() == [12.0, 8.0, 0.0]
    for array, expected in (
        (series.gantry_speed_deg_s, [6.0, math.nan, 0.0]),
        (series.dose_rate_mu_min, [300.0, math.nan, 600.0]),
        (series.meterset_per_deg, [10 / 12, math.nan, math.nan]),
        (series.leaf_speed_mm_s, [5.0, math.nan, 2.5]),
    ):
        assert array.tolist() == pytest.approx(expected, nan_ok=True)


def test_series_without_leaves_or_meterset() -> None:
    open_field = segment_times(f.planned(), LIMITS)
    assert open_field is not None and np.isnan(open_field.leaf_speed_mm_s).all()
    assert segment_times(f.planned(dosimeter_unit="MINUTE"), LIMITS) is None


@pytest.mark.parametrize("seed", range(8))
def test_speeds_are_those_of_the_judge(seed: int) -> None:
    planned = random_arc(np.random.default_rng(seed))
    found, t = values(planned), judge_times(planned, LIMITS)
    points = planned.beam.control_points
    assert points.meterset_weight is not None and points.gantry_deg is not None
    w, g = points.meterset_weight.values.tolist(), points.gantry_deg.values.tolist()
    on = [i for i in range(len(t)) if w[i + 1] > w[i]]
    total = sum(t[i] for i in on)
    mu = {i: float(planned.meterset) * (w[i + 1] - w[i]) / w[-1] for i in on}
    turned = {i: (g[i + 1] - g[i]) % 360.0 for i in on}
    leaves = points.devices[-1]
    rows = [leaves.rows[r].tolist() for r in leaves.index]
    travel = {i: [abs(b - a) for a, b in zip(rows[i], rows[i + 1], strict=True)] for i in on}
    movers = [e for e in range(len(rows[0])) if any(travel[i][e] > 0 for i in on)]
    assert found["beam_on_s"] == pytest.approx(total)
    assert found["mean_gantry_speed_deg_s"] == pytest.approx(sum(turned.values()) / total)
    assert found["max_gantry_speed_deg_s"] == pytest.approx(max(turned[i] / t[i] for i in on))
    assert found["max_dose_rate_mu_min"] == pytest.approx(max(mu[i] / t[i] * 60 for i in on))
    assert found["min_mu_per_deg"] == pytest.approx(min(mu[i] / turned[i] for i in on))
    assert found["max_leaf_speed_mm_s"] == pytest.approx(max(max(travel[i]) / t[i] for i in on))
    mean = sum(sum(travel[i]) for i in on) / len(movers) / total
    assert found["mean_leaf_speed_mm_s"] == pytest.approx(mean)


def test_invariances_and_sampling() -> None:
    """Mirroring changes nothing; neither does a finer sampling, but for the smallest gap and what is met half open."""
    planned = random_arc(np.random.default_rng(4), jaws_x=None)
    plain, fine = values(planned), values(refined(planned, 3))
    assert values(moved(planned, mirror=True, shift_mm=3.0)) == pytest.approx(plain)
    for name, value in plain.items():
        if name == "mean_gap_mm":
            assert fine[name] == pytest.approx(value, rel=0.05)
        elif name != "smallest_gap_mm":
            assert fine[name] == pytest.approx(value)


def test_names_are_those_of_the_catalog() -> None:
    defined = [one.name for one in MOTION_DEFINITIONS if one.profile == "delivery"]
    assert defined == list(NAMES)
    assert [one.name for one in MOTION_DEFINITIONS if one.profile == "park2014"] == list(metric_names())


def test_values_of_a_plan() -> None:
    """Times and arcs add up, areas are weighted by meterset, extremes stay; MU per Gy is the plan's own."""
    beams = [f.beam(1, jaws_y=(-10.0, 10.0)), f.beam(2, jaws_y=(-20.0, 20.0))]
    sessions = sessions_of(f.plan(*beams, groups=(f.group(1, [1, 2], metersets={1: 100.0, 2: 300.0}),)))
    metrics = [beam_metrics(planned, LIMITS) for planned in sessions[0].beams]
    found = plan_metrics(metrics, plan_mu_per_gy(sessions)).values["delivery"]
    assert found["beam_on_s"] == pytest.approx(40.0)
    assert found["mean_area_mm2"] == pytest.approx((2000 * 100 + 4000 * 300) / 400)
    assert (found["min_area_mm2"], found["max_area_mm2"]) == (2000.0, 4000.0)
    assert found["mu_per_gy"] == pytest.approx(100.0)
    assert plan_metrics(metrics).values["delivery"]["mu_per_gy"] is None


def test_real_plans(real_plans_dir: Path) -> None:
    """Finite or unknown, and no faster than the machine that the times were worked out with."""
    timed = 0
    for path in sorted(real_plans_dir.rglob("*.dcm")):
        try:
            plan = read_plan(path)
        except RtcodeError:
            continue
        for planned in planned_beams(plan, sessions_of(plan)):
            limits = Machines().limits_of(planned.beam)
            metrics = beam_metrics(planned, limits)
            if metrics is None:
                continue
            for profile in ("park2014", "park2014_mean", "park2014_in_field", "delivery"):
                for name, value in metrics.values[profile].items():
                    assert value is None or (math.isfinite(value) and value >= 0), (path.name, profile, name)
            found = metrics.values["delivery"]
            for name, limit in (
                ("max_gantry_speed_deg_s", limits.gantry_speed_deg_s),
                ("max_leaf_speed_mm_s", limits.leaf_speed_mm_s),
            ):
                value = found[name]
                assert not value or (limit is not None and value <= limit * (1 + 1e-9)), (path.name, name)
            timed += found["beam_on_s"] is not None
    if not timed:
        pytest.skip("no plan with times could be read")
