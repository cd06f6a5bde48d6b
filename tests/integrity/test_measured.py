"""What the limits say was met in real plans, counted again: each claim by the check that it is a reason for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from rtcode.dicom import read_plan
from rtcode.features import BeamFacts
from rtcode.integrity import ALL_CHECKS
from rtcode.integrity.types import CheckCase, Found
from rtcode.metrics.machines import Machines
from rtcode.plan.model import PlanKind, RTPlan, known_int
from rtcode.plan.sessions import TreatmentSession, sessions_of
from tests.integrity.support import facts_of

CHECKS = {check.id: check for check in ALL_CHECKS}
Read = tuple[str, RTPlan, tuple[BeamFacts, ...], tuple[TreatmentSession, ...]]


@pytest.fixture(scope="module")
def real(real_plans_dir: Path) -> list[Read]:
    found = []
    for path in sorted(real_plans_dir.glob("[0-9]*.dcm")):
        plan = read_plan(path)
        found.append((path.name[:3], plan, facts_of(plan), sessions_of(plan)))
    return found


def findings(real: list[Read], id: str, limits: Mapping[str, float]) -> dict[str, list[Found]]:
    """What a check finds with these limits, by the plan's number in the catalog; the machines are the defaults."""
    check, machines, result = CHECKS[id], Machines(), {}
    assert set(limits) <= set(check.limits)
    values = {name: limit.default for name, limit in check.limits.items()} | dict(limits)
    for number, plan, facts, sessions in real:
        if plan.kind in check.kinds:
            of_beams = tuple(machines.limits_of(one.planned.beam) for one in facts)
            yielded = check().find(CheckCase(plan, facts, sessions, values, of_beams))
            found = [one for one in yielded if isinstance(one, Found)]
            if found:
                result[number] = found
    return result


def test_how_many_there_are(real: list[Read]) -> None:
    assert len(real) == 118
    assert sum(plan.kind is PlanKind.RT_PLAN for _, plan, _, _ in real) == 105


@pytest.mark.parametrize(
    ("id", "limits", "plans", "claim"),
    [
        ("aperture_closed", {"share_percent": 0.0}, 0, "none was met in which that takes meterset"),
        ("jaws_wide_of_leaves", {}, 6, "6 of 105 real plans have more"),
        ("leaf_jumps", {"jump_mm": 10.0, "times": 1.5}, 0, "the largest is at most 1.5 times the next"),
        ("leaf_jumps", {"jump_mm": 10.0, "times": 1.4}, 1, "and it is that once"),
        ("ssd_implausible", {"deepest_mm": 248.0}, 0, "the deepest met is 247 mm"),
        ("ssd_implausible", {"deepest_mm": 247.0}, 1, "and it is that"),
        ("ssd_changes", {"difference_mm": 0.0}, 0, "none was met"),
        ("ssd_contradicts", {"difference_mm": 0.0}, 0, "all groups of real beams agree"),
        ("entry_point_contradicts", {"off_axis_mm": 0.1, "along_axis_mm": 0.1}, 1, "within 0.1 mm but for one plan"),
        ("dose_rate_high", {"flattened_mu_min": 650.0}, 0, "met: 650"),
        ("gantry_direction_contradicts", {"long_step_deg": 82.6}, 0, "the widest step is 82.5 degrees"),
        ("gantry_direction_contradicts", {"long_step_deg": 82.4}, 5, "and it is that"),
        ("arc_over_full_turn", {"longest_deg": 360.1}, 0, "the longest arc met is 360 degrees"),
        ("isocenters_near", {"near_mm": 82.0}, 0, "82 mm and more apart"),
        ("isocenters_near", {"near_mm": 83.0}, 1, "and they are that"),
        ("isocenter_far", {"farthest_mm": 305.0}, 0, "the farthest that was met is 304 mm"),
        ("isocenter_far", {"farthest_mm": 304.0}, 1, "and it is that"),
        ("setup_fields_none", {}, 101, "101 of 105 real plans have none"),
        ("leaves_cross", {"overlap_mm": 0.0}, 1, "none was met, but for the plan that is written pair by pair"),
        ("jaws_cross", {"overlap_mm": 0.0}, 0, "none was met"),
        ("meterset_large", {"beam_mu": 3500.0}, 1, "radiosurgery plans reach some 3500 MU"),
        ("meterset_large", {"beam_mu": 3600.0}, 0, "and no more"),
        ("session_meterset_large", {"session_mu": 20_500.0}, 1, "a radiosurgery plan has 20600 MU"),
        ("session_meterset_large", {"session_mu": 20_600.0}, 0, "and no more"),
        ("aperture_of_other_scale", {"share_percent": 66.0}, 0, "the smallest has 67 %"),
        ("aperture_of_other_scale", {"share_percent": 67.0}, 2, "and it is that"),
        ("plan_date_far", {}, 15, "15 of 118 real plans are beyond it"),
    ],
)
def test_what_was_met(real: list[Read], id: str, limits: Mapping[str, float], plans: int, claim: str) -> None:
    assert len(findings(real, id, limits)) == plans, claim


def test_entry_points_of_two_beams_are_off(real: list[Read]) -> None:
    """Of 66 that have one; the two are of a plan that was made from another."""
    found = findings(real, "entry_point_contradicts", {"off_axis_mm": 0.1, "along_axis_mm": 0.1})
    assert [len(ones) for ones in found.values()] == [2]


@pytest.mark.parametrize("limits", [{"lowest_mu_per_gy": 61.0}, {"highest_mu_per_gy": 2100.0}])
def test_meterset_for_the_dose(real: list[Read], limits: Mapping[str, float]) -> None:
    """60 MU/Gy in one beam of one plan, 2100 in another plan."""
    assert len(findings(real, "meterset_per_dose", limits)) == 1
    assert findings(real, "meterset_per_dose", {"lowest_mu_per_gy": 60.0, "highest_mu_per_gy": 2101.0}) == {}


def test_static_fields_above_270_mu_per_gy_are_of_phantoms(real: list[Read]) -> None:
    found = findings(real, "meterset_per_dose", {"highest_static_mu_per_gy": 270.0})
    geometry = {number: plan.geometry for number, plan, _, _ in real}
    assert found and {geometry[number] for number in found} == {"TREATMENT_DEVICE"}
    assert findings(real, "meterset_per_dose", {"highest_static_mu_per_gy": 670.0}) == {}


def test_sums_of_beam_doses(real: list[Read]) -> None:
    """Eclipse and iPlan agree within 0.1 %; four courses of Monaco differ by 1, 9, 11 and 17 %."""
    exact = {"tolerance_percent": 0.1, "point_tolerance_percent": 0.1}
    found = findings(real, "prescription_sum", exact)
    plans = {number: plan for number, plan, _, _ in real if number in found}
    assert {plan.model for plan in plans.values()} == {"Monaco"}
    off = []
    for number, plan in plans.items():
        if all(known_int(group.fractions_planned) != 1 for group in plan.fraction_groups or ()):
            values = found[number][0].values
            off.append(round(100 * abs(float(str(values["sum_gy"])) / float(str(values["prescription_gy"])) - 1)))
    assert sorted(off)[:4] == [1, 9, 11, 17]
