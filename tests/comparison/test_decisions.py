"""What becomes of the suggestion, of a confirmation and of findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rtcode.comparison.tolerances import TOLERANCES, Tolerances, tolerances_from, values_of
from rtcode.comparison.types import Verdict
from rtcode.errors import UsageError
from rtcode.records import fields
from tests.comparison.support import BASE, METERSETS, base, compared
from tests.factory import group, motion, setup


def test_gating_that_is_lost_touches_the_suggestion() -> None:
    gated = {"setups": (setup(motion=(motion("GATING"),)),)}
    comparison = compared(base(**gated), base())
    (session,) = comparison.sessions
    assert session.old is not None and session.new is not None
    assert (session.old.suggestion.level, session.new.suggestion.level) == (3, 2)
    assert comparison.touched and "the suggested level changes" in session.why
    assert "active_motion_management" in {c.id for c in session.criteria}
    assert "decision" in comparison.confirmation.broken_by


def test_a_word_that_only_asks_touches_the_questions() -> None:
    comparison = compared(base(), base(label="L breast DIBH"))
    (session,) = comparison.sessions
    assert comparison.touched and session.questions_added == ("motion_management",)


def test_another_meterset_leaves_the_suggestion_alone() -> None:
    comparison = compared(base(), base(group_fields={"metersets": METERSETS | {1: 101.5}}))
    assert comparison.verdict is Verdict.DIFFERENT and not comparison.touched
    assert comparison.confirmation.broken_by == ("bytes",)


def test_sessions_are_matched_by_their_fraction_group() -> None:
    groups = [group(n, (n,), index=n - 1, metersets=METERSETS, dose_gy=0.7) for n in (1, 2)]
    turned = [replace(one, index=i) for i, one in enumerate(reversed(groups))]
    comparison = compared(base(groups=groups), base(groups=turned))
    assert not comparison.touched and len(comparison.sessions) == 2
    assert "fraction_groups" in comparison.confirmation.broken_by


def test_a_group_that_is_gone() -> None:
    groups = [group(n, (n,), index=n - 1, metersets=METERSETS, dose_gy=0.7) for n in (1, 2)]
    comparison = compared(base(groups=groups), base(groups=groups[:1]))
    gone = [s for s in comparison.sessions if s.new is None]
    assert len(gone) == 1 and comparison.touched


@pytest.mark.parametrize(
    ("new", "broken"),
    [
        ({"sop_instance_uid": "1.2.3.4.88"}, {"bytes", "sop_instance_uid"}),
        ({"group_fields": {"number": 2}}, {"bytes", "fraction_groups"}),
        ({"dose_references": ()}, {"bytes"}),
    ],
)
def test_what_breaks_a_confirmation(new: dict[str, Any], broken: set[str]) -> None:
    changed = dict(new)
    if "group_fields" in changed:
        number = changed.pop("group_fields")["number"]
        changed["groups"] = (group(number, (1, 2, 3), metersets=METERSETS, dose_gy=0.7),)
    assert set(compared(base(), base(**changed)).confirmation.broken_by) == broken


# ----------------------------------------------------------------------------------------------------------- tolerances


def test_every_tolerance_is_documented() -> None:
    assert {one.name for one in fields(Tolerances)} == set(TOLERANCES) == set(values_of(Tolerances()))


@pytest.mark.parametrize(
    ("fields_", "name"),
    [
        ({"gantry": 0.1}, "angle_deg"),
        ({"jaws_x": (-50.0, 49.9)}, "jaw_mm"),
        ({"isocenter": (0.06, 0.08, 0.0)}, "isocenter_mm"),
        ({"ssd": 900.1}, "ssd_mm"),
        ({"energy": 6.01}, "energy_mev"),
    ],
)
def test_at_the_tolerance_is_the_same_and_beyond_it_is_not(fields_: dict[str, Any], name: str) -> None:
    old, new = base(), base({1: fields_})
    assert compared(old, new).verdict is Verdict.WITHIN_TOLERANCE
    assert len(compared(old, new).within) == 1
    smaller = tolerances_from([(name, "0.001")])
    assert compared(old, new, smaller).verdict is Verdict.DIFFERENT


def test_a_meterset_is_the_same_by_either_tolerance() -> None:
    def verdict(value: float, **settings: str) -> Verdict:
        new = base(group_fields={"metersets": METERSETS | {3: value}})
        return compared(base(), new, tolerances_from(list(settings.items()))).verdict

    assert verdict(300.25) is Verdict.WITHIN_TOLERANCE, "0.08 percent"
    assert verdict(300.35) is Verdict.DIFFERENT
    assert verdict(300.25, meterset_percent="0") is Verdict.DIFFERENT
    assert verdict(300.25, meterset_percent="0", meterset_mu="0.5") is Verdict.WITHIN_TOLERANCE


@pytest.mark.parametrize("setting", [("leaf", "1"), ("leaf_mm", "x"), ("leaf_mm", "-1"), ("leaf_mm", "nan")])
def test_a_wrong_tolerance_is_refused(setting: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        tolerances_from([setting])


# ------------------------------------------------------------------------------------------------------------- findings


def test_a_finding_that_appears_and_one_that_goes() -> None:
    new = base(group_fields={"metersets": METERSETS}, approval="REJECTED")
    forward, back = compared(base(), new), compared(new, base())
    assert forward.findings.checked
    assert [f.check for f in forward.findings.appeared] == [f.check for f in back.findings.disappeared]
    assert forward.findings.appeared, "a rejected plan is no plan to treat"
    assert not compared(base(), base(label="X")).findings.appeared


def test_metrics_that_changed() -> None:
    leaves = [one * 0.8 for one in BASE[3]["leaves"]]
    comparison = compared(base(), base({3: {"leaves": leaves}}))
    assert {m.beam for m in comparison.metrics} == {2}
    assert "masi2013" in {m.profile for m in comparison.metrics}
    assert not compared(base(), base(label="X")).metrics
