"""All checks on whole files, and on plans in which anything may be missing: no check may fail, few may alarm."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtcode.dicom import read_plan
from rtcode.errors import RtcodeError
from rtcode.integrity import ALL_CHECKS, CheckSettings, assess
from rtcode.integrity.types import IntegrityReport, Severity
from rtcode.metrics.machines import Machines
from rtcode.plan.model import Missing, PlanKind, RTPlan
from rtcode.plan.sessions import sessions_of
from rtcode.records import fields, is_record, replace
from tests import factory as f
from tests.conftest import PLANS
from tests.integrity.support import facts_of

SETTINGS, MACHINES = CheckSettings(), Machines()
#: These look at what moves and where: `test_ordinary_plans` says in which files they alarm.
MINE = {
    check.id
    for check in ALL_CHECKS
    if check.__module__.rpartition(".")[2]
    in {"status", "dates", "prescription", "fractions", "references", "agreement", "meterset", "weights"}
}


def report_of(plan: RTPlan) -> IntegrityReport:
    return assess(plan, facts_of(plan), sessions_of(plan), SETTINGS, MACHINES)


def alarms(folder: Path) -> Counter[str]:
    """In how many files of a folder each check finds an error or a warning."""
    found: Counter[str] = Counter()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            plan = read_plan(path)
        except RtcodeError:
            continue
        report = report_of(plan)
        for one in report.findings:
            assert one.found.message.isprintable()
        found.update({one.check for one in report.findings if one.severity is not Severity.NOTE} & MINE)
    return found


def test_fixtures() -> None:
    """The metersets of the synthetic plans are round numbers: in nine they do not fit the dose."""
    assert alarms(PLANS) == {"unapproved": 1, "not_for_treatment": 1, "meterset_per_dose": 9}


def test_real_plans(real_plans_dir: Path) -> None:
    """None of these has an error; most were exported before approval, and many are phantoms and anonymized files.

    The sums that do not fit are those of phantom plans of Monaco, all with a prescription that nobody filled in.
    """
    assert alarms(real_plans_dir) == {
        "unapproved": 100,
        "prescription_above_maximum": 16,
        "not_for_treatment": 14,
        "prescription_sum": 11,
        "patient_id_missing": 11,
        "tolerance_table_dangling": 9,
        "beam_name_repeated": 2,
        "beams_missing": 1,
        "meterset_large": 1,
        "fraction_dose_large": 1,
        "fraction_scheme_missing": 1,
        "structure_set_missing": 1,
    }


# ------------------------------------------------------------------------------------------- anything may be missing

WHOLE = f.plan(
    f.beam(
        1,
        gantry=[181.0, 90.0, 179.0],
        direction=["CW", "CW", "NONE"],
        weights=(0.0, 0.5, 1.0),
        beam_type="DYNAMIC",
        leaves=[f.rectangle(-30, 30, -40, 40), f.rectangle(-20, 30, -40, 40), f.rectangle(-20, 10, -40, 40)],
        entry=(0.0, -100.0, 0.0),
        points={"dose_rate": 600.0, "table_vertical_mm": 10.0},
        tolerance_table_number=1,
    ),
    f.beam(
        2,
        wedges=(f.wedge(1), f.wedge(2, "MOTORIZED", 60.0, index=1)),
        wedge_positions={1: ["IN"], 2: ["OUT"]},
        blocks=(f.block(outline=[[0, 0], [10, 0], [10, 10]]),),
        number_of_blocks=1,
        compensators=(f.compensator(),),
        number_of_compensators=1,
    ),
    f.beam(3, radiation="ELECTRON", energy=9.0, applicators=(f.applicator(),), setup_number=2),
    f.beam(4, delivery_type="SETUP", weights=(0.0, 0.0)),
    groups=(
        f.group(1, (1, 2, 4), dose_reference_uid=f"{f.UID}.9.1", pattern="1111100", digits_per_day=1),
        f.group(2, (3,), index=1),
    ),
    setups=(f.setup(1, motion=(f.motion("GATING"),)), f.setup(2, index=1)),
    dose_references=(
        f.dose_reference(1, target_prescription_gy=50.0, delivery_maximum_gy=55.0),
        f.dose_reference(2, index=1, kind="ORGAN_AT_RISK", oar_maximum_gy=45.0),
    ),
    study_date="20251201",
    review_date="20260102",
)

TEXTS = (None, "", "?", "\N{SNOWMAN}", "TREATMENT", "SETUP", "PHOTON", "19000101", "A" * 70)
NUMBERS = (Missing.ABSENT, Missing.EMPTY, Missing.INVALID, 0.0, -1.0, 1e-6, 1e7, 45.5)
INTEGERS = (Missing.ABSENT, Missing.EMPTY, Missing.INVALID, 0, -1, 1, 2, 99)
#: What the reader always gives.
KEPT = {"path", "index", "count", "type", "ordinal", "kind", "source", "warnings", "given", "rows", "pairs"}


def places(record: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field of a record and of those in it, as a way of names and positions."""
    for one in fields(record):
        if one.name in KEPT:
            continue
        value = getattr(record, one.name)
        if one.name != "devices":  # positions refer to them by their place
            yield (*path, one.name)
        if is_record(value):
            yield from places(value, (*path, one.name))
        elif isinstance(value, tuple):
            for i, entry in enumerate(value):
                if is_record(entry):
                    yield from places(entry, (*path, one.name, i))


def changed(record: Any, path: tuple[Any, ...], chance: random.Random) -> Any:
    """The record with something else at one place."""
    name, *rest = path
    value = getattr(record, name)
    if rest and isinstance(rest[0], int):
        if rest[0] >= len(value):
            return record
        entry = changed(value[rest[0]], tuple(rest[1:]), chance)
        return replace(record, **{name: (*value[: rest[0]], entry, *value[rest[0] + 1 :])})
    if rest:
        return record if value is None else replace(record, **{name: changed(value, tuple(rest), chance)})
    kind = next(str(one.type) for one in fields(record) if one.name == name)
    return replace(record, **{name: other(value, kind, chance)})


def other(value: Any, kind: str, chance: random.Random) -> Any:
    """Something else of the kind."""
    if kind == "Text":
        return chance.choice(TEXTS)
    if kind == "Number":
        return chance.choice(NUMBERS)
    if kind == "Integer":
        return chance.choice(INTEGERS)
    if isinstance(value, tuple):
        # One left out, one twice, or none.
        return chance.choice((value[1:], value + value[:1], ()))
    if "Column | None" in kind or kind == "str | None":
        return None
    return value


@pytest.mark.parametrize("seed", range(40))
def test_no_check_fails_whatever_is_missing(seed: int) -> None:
    """A built-in check that raises would cost a plan its answers."""
    chance = random.Random(seed)
    ways = list(places(WHOLE))
    assert len(ways) > 300
    for _ in range(8):
        plan = WHOLE
        for way in chance.sample(ways, chance.randint(1, 12)):
            plan = changed(plan, way, chance)
        if chance.random() < 0.05:
            plan = replace(plan, kind=chance.choice(list(PlanKind)))
        report = report_of(plan)
        for one in report.findings:
            assert one.found.message and all(isinstance(n, int) for n in one.found.beams)
