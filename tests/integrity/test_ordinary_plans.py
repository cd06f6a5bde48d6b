"""What is ordinary must not alarm: the checks of what moves and where, on whole files."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rtcode.dicom import read_plan
from rtcode.errors import RtcodeError
from rtcode.integrity.checks import (
    apertures,
    couch,
    delivery,
    distances,
    energy,
    gantry,
    isocenters,
    leaves,
    modifiers,
    names,
    setup,
    siblings,
    wedges,
)
from rtcode.integrity.types import CheckCase, Found, Severity
from rtcode.metrics.machines import Machines
from rtcode.plan.model import RTPlan
from rtcode.plan.sessions import sessions_of
from tests import factory as f
from tests.conftest import PLANS
from tests.integrity.support import check_case, facts_of

#: What `test_any_plan` looks at is not among them.
MODULES = (
    *(gantry, couch, distances, leaves, apertures, isocenters, setup, wedges, modifiers),
    *(energy, delivery, names, siblings),
)
CHECKS = tuple(check for module in MODULES for check in module.CHECKS)


def alarms(plan: RTPlan) -> set[str]:
    """Ids of the checks that find an error or a warning in a plan, with the default machines and limits."""
    facts, sessions, machines = facts_of(plan), sessions_of(plan), Machines()
    limits = tuple(machines.limits_of(one.planned.beam) for one in facts)
    found = set()
    for check in CHECKS:
        if check.severity not in (Severity.ERROR, Severity.WARNING) or plan.kind not in check.kinds:
            continue
        defaults = {name: limit.default for name, limit in check.limits.items()}
        case = CheckCase(plan, facts, sessions, defaults, limits)
        if any(isinstance(one, Found) for one in check().find(case)):
            found.add(check.id)
    return found


def by_check(folder: Path) -> dict[str, set[str]]:
    """For each check that alarms, the files in which it does."""
    found = defaultdict(set)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            plan = read_plan(path)
        except RtcodeError:
            continue
        for id in alarms(plan):
            found[id].add(path.name)
    return dict(found)


def test_fixtures_alarm_where_they_were_made_to() -> None:
    assert by_check(PLANS) == {
        "isocenters_near": {"V44_isocenters_0p4_mm.dcm", "V45_isocenters_8_mm.dcm"},
        "isocenter_missing": {"V107_isocenters_missing.dcm"},
        "setup_field_elsewhere": {"V46_imaging_isocenter.dcm"},
    }


def test_real_plans_hardly_alarm(real_plans_dir: Path) -> None:
    """One plan writes its leaves pair by pair, and one was made from another without moving its entry points."""
    found = by_check(real_plans_dir)
    assert {id: len(files) for id, files in found.items()} == {"leaves_cross": 1, "entry_point_contradicts": 1}


def arc(start_deg: float, travel_deg: float) -> RTPlan:
    """An arc in steps of at most 10 degrees."""
    steps = max(2, int(abs(travel_deg) // 10) + 1)
    gantry = [(start_deg + travel_deg * i / steps) % 360.0 for i in range(steps + 1)]
    direction = ["CW" if travel_deg > 0 else "CC", *[None] * (steps - 1), "NONE"]
    weights = tuple(i / steps for i in range(steps + 1))
    return f.plan(f.beam(1, gantry=gantry, direction=direction, weights=weights, beam_type="DYNAMIC"))


@given(low=st.floats(-180.0, 180.0), high=st.floats(-180.0, 180.0))
def test_an_arc_between_the_stops_is_in_range(low: float, high: float) -> None:
    """Whichever way it goes: it passes the top, or stays on one side."""
    if abs(high - low) < 1.0:
        return
    case = check_case(arc(low, high - low), gantry.GantryRange, machine={"gantry_range_deg": (-181.0, 181.0)})
    assert list(gantry.GantryRange().find(case)) == []


@given(start=st.floats(-175.0, 175.0), past=st.floats(2.0, 90.0), clockwise=st.booleans())
def test_an_arc_through_the_stop_is_not(start: float, past: float, clockwise: bool) -> None:
    travel = 181.0 + past - start if clockwise else -181.0 - past - start
    case = check_case(arc(start, travel), gantry.GantryRange, machine={"gantry_range_deg": (-181.0, 181.0)})
    (one,) = gantry.GantryRange().find(case)
    assert isinstance(one, Found)
    assert abs(float(str(one.values["beyond_deg"])) - past) < 0.01


@given(name=st.text(max_size=40))
def test_no_name_is_too_strange(name: str) -> None:
    plan = f.plan(f.beam(1, name=name))
    for check in names.CHECKS:
        for one in check().find(check_case(plan, check)):
            assert isinstance(one, Found)
