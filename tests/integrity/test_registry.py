"""Every integrity check is listed once, explained, documented, and has a case that it finds and one that it passes."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import rtcode.integrity.checks
from rtcode.dicom.warnings import MESSAGES
from rtcode.integrity import ALL_CHECKS, CheckSettings, assess
from rtcode.integrity.types import Check, Limit, Severity
from rtcode.metrics.machines import Machines
from rtcode.plan.model import PlanKind
from rtcode.plan.sessions import sessions_of
from tests.conftest import ROOT
from tests.integrity.support import Case, facts_of, good

#: Modules of `rtcode.integrity.checks` with checks in them.
MODULES = sorted({check.__module__.rpartition(".")[2] for check in ALL_CHECKS})
CASES: tuple[Case, ...] = tuple(
    case for name in MODULES for case in importlib.import_module(f"tests.integrity.test_{name}").CASES
)


def test_every_check_of_every_module_is_listed() -> None:
    folder = Path(rtcode.integrity.checks.__path__[0])
    for path in folder.glob("*.py"):
        module = importlib.import_module(f"rtcode.integrity.checks.{path.stem}")
        classes = {
            one
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, Check) and one.__module__ == module.__name__
        }
        listed = {one for one in classes if "id" in vars(one)}
        assert listed == {one for one in ALL_CHECKS if one.__module__ == module.__name__}, path.stem


def test_ids_are_stable_names_and_no_two_are_the_same() -> None:
    ids = [check.id for check in ALL_CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z][a-z0-9_]*", id) for id in ids)
    assert not set(ids) & {"severity"}


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_every_check_says_what_it_is(check: type[Check]) -> None:
    assert check.title and not check.title.endswith(".") and len(check.title) < 100
    assert check.title[0].islower() or check.title.split()[0].isupper() or check.title[:3] in ("SSD", "MLC")
    assert len(check.explanation) > 40 and check.explanation.endswith(".")
    assert not check.cannot_see or check.cannot_see.endswith(".")
    assert check.severity in list(Severity)
    assert check.covers <= set(MESSAGES)
    assert check.kinds and check.kinds <= frozenset(PlanKind)
    assert "severity" not in check.limits
    for limit in check.limits.values():
        assert isinstance(limit, Limit) and limit.text and limit.basis
        assert limit.minimum <= limit.default and (limit.maximum is None or limit.default <= limit.maximum)


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_case_that_it_finds_and_one_that_it_passes(check: type[Check]) -> None:
    results = {case.finds for case in CASES if case.id == check.id}
    assert {True, False} <= results


def test_no_case_is_of_a_check_that_is_not_there() -> None:
    assert {case.id for case in CASES} == {check.id for check in ALL_CHECKS}


def test_a_good_plan_passes() -> None:
    plan = good(
        frame_of_reference_uid="1.2.3.5",
        software_versions=("1.0",),
    )
    report = assess(plan, facts_of(plan), sessions_of(plan), CheckSettings(), Machines())
    assert [f.check for f in report.findings if f.severity is not Severity.NOTE] == []
    looked = {f.check for f in report.findings} | {n.check for n in report.not_assessed} | {*report.passed, *report.off}
    assert looked == {check.id for check in ALL_CHECKS}


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_every_check_and_limit_is_documented(check: type[Check]) -> None:
    page = (ROOT / "docs" / "integrity.md").read_text("utf-8")
    section = page.split(f"\n#### {check.id}\n")[1].split("\n#### ")[0]
    assert check.explanation in section and check.title in section
    for key, limit in check.limits.items():
        assert f"| `{key}` | {limit.default:g}" in section


def test_warnings_of_the_reader_that_tell_of_an_error_are_covered() -> None:
    """What a reader warns of and a chart check looks for has a check; how the file is written has none."""
    covered = frozenset().union(*(check.covers for check in ALL_CHECKS))
    for code in ("beams_declared", "beam_reference_dangling", "beam_not_referenced", "setup_reference_dangling"):
        assert code in covered
    for code in ("meterset_negative", "meterset_large", "weights_irregular", "control_points_excess", "units_cm"):
        assert code in covered
    assert not covered & {"preamble_missing", "transfer_syntax_assumed", "number_long", "more_of_the_same"}
