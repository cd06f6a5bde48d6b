"""The engine: what becomes of what checks yield, and of checks that fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from rtcode.integrity.engine import MOST, run_checks
from rtcode.integrity.plugins import Plugin
from rtcode.integrity.settings import CheckSettings
from rtcode.integrity.types import Check, Found, IntegrityReport, Limit, PluginRef, Severity, Unknown
from rtcode.metrics.machines import Machines
from rtcode.plan.model import PlanKind
from rtcode.plan.sessions import sessions_of
from tests.integrity.support import facts_of, good


def check(id: str, *yields: Any, severity: Severity = Severity.WARNING, **more: Any) -> type[Check]:
    """A check that yields these, whatever the plan; an exception among them is raised."""

    def find(self: Check, case: Any) -> Iterator[Any]:
        for one in yields:
            if isinstance(one, BaseException):
                raise one
            yield one(case) if callable(one) else one

    fields = {"id": id, "title": "t", "explanation": "Why.", "severity": severity, "find": find, **more}
    return type(id, (Check,), fields)


def run(*checks: type[Check], plan: Any = None, strange: tuple[type[Check], ...] = (), **more: Any) -> IntegrityReport:
    plan = plan or good()
    settings = more.pop("settings", CheckSettings())
    if strange:
        named = tuple((f"clinic.{one.id}", one) for one in strange)
        more["plugins"] = (Plugin(PluginRef("clinic", "1", tuple(id for id, _ in named)), named),)
    return run_checks(checks, plan, facts_of(plan), sessions_of(plan), settings, Machines(), **more)


A, B = Found("a"), Found("b")


def test_each_answer_has_its_place() -> None:
    report = run(
        check("finds", A),
        check("cannot_look", Unknown("no data", ("where",), (3,))),
        check("passes"),
        check("both", B, Unknown("partly")),
        check("is_off", A, severity=Severity.OFF),
    )
    assert [(f.check, f.found, f.severity, f.explanation, f.plugin) for f in report.findings] == [
        ("finds", A, Severity.WARNING, "Why.", None),
        ("both", B, Severity.WARNING, "Why.", None),
    ]
    assert [(n.check, n.reason, n.where, n.beams) for n in report.not_assessed] == [
        ("cannot_look", "no data", ("where",), (3,)),
        ("both", "partly", (), ()),
    ]
    assert report.passed == ("passes",)
    assert report.off == ("is_off",)


def test_findings_are_sorted_by_severity_then_as_listed() -> None:
    report = run(
        check("n", A, severity=Severity.NOTE),
        check("w1", A, B),
        check("e", A, severity=Severity.ERROR),
        check("w2", A),
    )
    assert [f.check for f in report.findings] == ["e", "w1", "w1", "w2", "n"]
    assert [f.found.message for f in report.findings[1:3]] == ["a", "b"]


def test_a_site_sets_severities_and_limits() -> None:
    limits = {"x": Limit(1.0, "mm", "t", "b"), "y": Limit(2.0, "mm", "t", "b")}
    shown = check("shows", lambda case: Found(f"{case.limits['x']:g} {case.limits['y']:g}"), limits=limits)
    settings = CheckSettings({"shows": Severity.ERROR, "loud": Severity.OFF}, {"shows": {"x": 7.0}})
    report = run(shown, check("loud", A), settings=settings)
    assert [(f.found.message, f.severity) for f in report.findings] == [("7 2", Severity.ERROR)]
    assert report.off == ("loud",)


def test_a_check_that_is_off_by_default_can_be_switched_on() -> None:
    quiet = check("quiet", A, severity=Severity.OFF)
    assert run(quiet).off == ("quiet",)
    assert run(quiet, settings=CheckSettings({"quiet": Severity.NOTE})).findings[0].severity is Severity.NOTE


def test_checks_get_what_they_need() -> None:
    def looks(case: Any) -> Found:
        assert len(case.beams) == len(case.machines) == 2
        assert case.sessions[0].beams[0].beam is case.beams[0].planned.beam
        return Found(str(case.date_of_service))

    report = run(check("looks", looks), date_of_service=date(2026, 3, 2))
    assert report.findings[0].found.message == "2026-03-02"


def test_other_kinds_of_plans_are_not_looked_at() -> None:
    every = check("every", A, kinds=frozenset(PlanKind))
    report = run(check("photons", A), every, plan=good(kind=PlanKind.RT_ION_PLAN))
    assert [f.check for f in report.findings] == ["every"]
    assert "photons" not in report.passed + report.off


def test_very_many_findings_are_cut_with_a_count() -> None:
    many = [Found(f"{i}", tuple(map(str, range(MOST + 5)))) for i in range(MOST + 50)]
    report = run(check("many", *many), check("blind", *(Unknown(str(i)) for i in range(MOST + 1))))
    assert len(report.findings) == len(report.not_assessed) == MOST
    assert report.findings[-1].found.message == "and 51 more findings of this check"
    assert report.not_assessed[-1].reason == "and 2 more that could not be looked at"
    assert len(report.findings[0].found.where) == MOST
    exactly = run(check("many", *many[:MOST]))
    assert [f.found.message for f in exactly.findings] == [str(i) for i in range(MOST)]


def test_a_built_in_check_that_fails_is_a_defect() -> None:
    with pytest.raises(ZeroDivisionError):
        run(check("fails", ZeroDivisionError()))


@pytest.mark.parametrize(
    ("yields", "reason"),
    [
        ((A, ValueError("Doe^Test")), "failed (ValueError)"),
        ((A, SystemExit("Doe^Test")), "failed (SystemExit)"),
        ((A, "Doe^Test"), "no finding"),
        ((A, Found(3)), "no finding"),
        ((A, Found("m", ["x"])), "no finding"),
        ((A, Found("m", (), ("1",))), "no finding"),
        ((A, Found("m", values={"x": object()})), "no finding"),
        ((A, Found("m", values={"x": (1.0, "y")})), "no finding"),
        ((A, Unknown(None)), "no finding"),
    ],
)
def test_a_plugin_that_misbehaves_costs_only_itself(yields: tuple[Any, ...], reason: str) -> None:
    """Also its neighbor of the same plug-in is run; what it had found before it failed stays."""
    report = run(check("own", B), strange=(check("bad", *yields), check("fine", A)))
    assert [(f.check, f.found, f.plugin) for f in report.findings] == [
        ("own", B, None),
        ("clinic.bad", A, "clinic"),
        ("clinic.fine", A, "clinic"),
    ]
    ((check_id, said, plugin),) = [(n.check, n.reason, n.plugin) for n in report.not_assessed]
    assert (check_id, plugin) == ("clinic.bad", "clinic")
    assert reason in said
    assert "Doe" not in repr(report)
    assert report.passed == ()


def test_a_plugin_that_returns_nothing_has_failed() -> None:
    broken = check("broken", find=lambda self, case: None)
    report = run(strange=(broken,))
    assert report.not_assessed[0].reason == "the plug-in's check failed (TypeError)"


def test_a_plugin_that_never_ends_is_stopped() -> None:
    def find(self: Check, case: Any) -> Iterator[Found]:
        while True:
            yield A

    report = run(strange=(check("endless", find=find),))
    assert len(report.findings) == MOST
    assert "stopped" in report.not_assessed[0].reason


def test_sound_values_of_a_plugin_are_kept() -> None:
    values = {"a": None, "b": 1, "c": 1.5, "d": "x", "e": True, "f": (1.0, 2), "g": ("x", "y"), "h": ()}
    report = run(strange=(check("fine", Found("m", ("w",), (1,), values)),))
    assert report.findings[0].found.values == values
    assert report.not_assessed == ()
