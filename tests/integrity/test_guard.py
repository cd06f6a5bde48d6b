"""Strangers' checks: what they cannot do to the plan, to the output and to the other checks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from rtcode.dicom import read_plan
from rtcode.features import BeamFacts
from rtcode.integrity.engine import run_checks
from rtcode.integrity.guard import freeze
from rtcode.integrity.plugins import Plugin
from rtcode.integrity.settings import CheckSettings
from rtcode.integrity.types import Check, CheckCase, Found, IntegrityReport, PluginRef, Severity, Unknown
from rtcode.metrics import beam_metrics
from rtcode.metrics.machines import Machines
from rtcode.plan.model import PatientIdentity
from rtcode.plan.sessions import sessions_of
from tests import factory as f
from tests.conftest import PLANS
from tests.integrity.support import facts_of, good

ARC = f.beam(
    1,
    gantry=[181.0, 0.0, 179.0],
    direction=["CW", None, "NONE"],
    weights=(0.0, 0.5, 1.0),
    leaves=[f.rectangle(-40, 40, -40, 40), f.rectangle(-20, 40, -40, 40), f.rectangle(-20, 10, -40, 40)],
)
PATIENT = PatientIdentity("ID-4711", "Doe^Jane^^Dr", "19500101")


def run(find: Any, plan: Any = None, **fields: Any) -> IntegrityReport:
    """A plan under one check of a plug-in."""
    plan = plan or good(patient=PATIENT)
    values = {"id": "x", "title": "t", "explanation": "Why.", "severity": Severity.NOTE, "find": find, **fields}
    check = type("X", (Check,), values)
    plugin = Plugin(PluginRef("clinic", "1", ("clinic.x",)), (("clinic.x", check),))
    return run_checks((), plan, facts_of(plan), sessions_of(plan), CheckSettings(), Machines(), (plugin,))


def yields(*these: Any) -> Any:
    def find(self: Check, case: CheckCase) -> Iterator[Any]:
        yield from these

    return find


def weights(case: CheckCase) -> Any:
    return case.plan.beams[0].control_points.meterset_weight.values


def leaf_rows(case: CheckCase) -> Any:
    return case.plan.beams[0].control_points.devices[-1].rows


def shares(case: CheckCase) -> Any:
    return case.beams[0].planned.delivery.shares


def strips(case: CheckCase) -> Any:
    return case.beams[0].planned.delivery.collimation.banks[0].low


@pytest.mark.parametrize("array_of", [weights, leaf_rows, shares, strips])
def test_arrays_cannot_be_changed(array_of: Any) -> None:
    def find(self: Check, case: CheckCase) -> Iterator[Found]:
        array_of(case)[0] = 7.0
        yield Found("changed")

    plan = f.plan(ARC)
    report = run(find, plan)
    assert [n.reason for n in report.not_assessed] == ["the plug-in's check failed (ValueError)"]
    assert plan.beams is not None and plan.beams[0].control_points.meterset_weight is not None
    assert plan.beams[0].control_points.meterset_weight.values.tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda case: setattr(case.plan, "label", "x"), "AttributeError"),
        (lambda case: setattr(case, "beams", ()), "AttributeError"),
        (lambda case: case.limits.update(a=1.0), "AttributeError"),
    ],
)
def test_records_cannot_be_changed(change: Any, error: str) -> None:
    def find(self: Check, case: CheckCase) -> Iterator[Found]:
        change(case)
        yield Found("changed")

    assert [n.reason for n in run(find).not_assessed] == [f"the plug-in's check failed ({error})"]


def test_what_is_worked_out_for_one_check_is_not_shared_with_others() -> None:
    def find(self: Check, case: CheckCase) -> Iterator[Found]:
        yield Found(str(len(case.treatment)))
        case.__dict__["treatment"] = ()

    first = type("A", (Check,), {"id": "a", "title": "t", "explanation": "e", "severity": Severity.NOTE, "find": find})
    plugin = Plugin(PluginRef("clinic", "1", ("clinic.a", "clinic.b")), (("clinic.a", first), ("clinic.b", first)))
    plan = good()
    report = run_checks((), plan, facts_of(plan), sessions_of(plan), CheckSettings(), Machines(), (plugin,))
    assert [one.found.message for one in report.findings] == ["2", "2"]


@pytest.mark.parametrize("name", ["example_prostate_vmat.dcm", "V24_prostate_vmat.dcm", "V47_helical_csi.dcm"])
def test_a_frozen_plan_can_still_be_worked_with(name: str) -> None:
    """Nothing in rtcode changes an array of the model after it was made."""
    plan = read_plan(next(PLANS.rglob(name)))
    facts: tuple[BeamFacts, ...] = facts_of(plan)
    limits = tuple(Machines().limits_of(one.planned.beam) for one in facts)
    freeze(plan, facts, sessions_of(plan))
    assert plan.beams is not None
    assert not plan.beams[0].control_points.devices[0].rows.flags.writeable
    assert [beam_metrics(one.planned, machine) for one, machine in zip(facts, limits, strict=True)]
    assert facts_of(plan)


def test_what_it_prints_does_not_stand_among_the_results(capsys: pytest.CaptureFixture[str]) -> None:
    def find(self: Check, case: CheckCase) -> Iterator[Found]:
        print("hello")
        sys.stdout = sys.__stderr__
        yield Found("m")

    before = sys.stdout
    assert len(run(find).findings) == 1
    assert sys.stdout is before
    said = capsys.readouterr()
    assert "hello" not in said.out and "hello" in said.err


def test_the_patients_identity_is_taken_out() -> None:
    one = Found(
        "plan of DOE, Jane (id-4711), born 19500101; Doering is another, Doe's too",
        ("Jane.x",),
        values={"who": "Doe^Jane^^Dr", "who else": ("jane", "x")},
    )
    report = run(yields(one, Unknown("no data of Jane")))
    (finding,) = report.findings
    assert finding.found.message == (
        "plan of [patient], [patient] ([patient]), born [patient]; Doering is another, [patient]'s too"
    )
    assert finding.found.where == ("[patient].x",)
    assert dict(finding.found.values) == {"who": "[patient]", "who else": ("[patient]", "x")}
    assert report.not_assessed[0].reason == "no data of [patient]"


def test_a_patient_without_a_name_hides_nothing() -> None:
    report = run(yields(Found("m of 12")), good(patient=PatientIdentity("12", "", None)))
    assert report.findings[0].found.message == "m of 12"


def test_a_message_is_one_line_of_ordinary_length() -> None:
    values = {f"v{i}": 1.0 for i in range(2_000)}
    (finding,) = run(yields(Found("a\x1b[31m\nb\u202e " + "x" * 10**6, ("w",) * 5_000, (1,), values))).findings
    assert finding.found.message.startswith("a [31m b x") and len(finding.found.message) <= 1_000
    assert finding.found.message.isprintable()
    assert len(finding.found.values) == 1_000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), (1.0, float("nan")), np.float64(1.0), [1], {}, b"x"])
def test_values_that_json_cannot_hold_are_no_finding(value: Any) -> None:
    report = run(yields(Found("m", values={"x": value})))
    assert report.findings == () and "no finding" in report.not_assessed[0].reason


class Odd(BaseException):
    pass


@pytest.mark.parametrize("error", [Odd, GeneratorExit, SystemExit, RecursionError, MemoryError, AssertionError])
def test_whatever_it_raises_costs_only_itself(error: type[BaseException]) -> None:
    def find(self: Check, case: CheckCase) -> Iterator[Found]:
        yield Found("before")
        raise error("Doe")

    report = run(find)
    assert [one.found.message for one in report.findings] == ["before"]
    assert report.not_assessed[0].reason == f"the plug-in's check failed ({error.__name__})"


def test_only_the_person_at_the_keyboard_stops_everything() -> None:
    def find(self: Check, case: CheckCase) -> Iterator[Found]:
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        run(find)


def test_an_empty_message_is_no_finding() -> None:
    assert "no finding" in run(yields(Found("  "))).not_assessed[0].reason
