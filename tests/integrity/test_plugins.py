"""Plug-ins: distributions with an entry point, as a site would install them, in a folder on the path."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rtcode.coding.codeset import CodeSet, choose, parse_policy, with_policy
from rtcode.errors import PolicyError
from rtcode.integrity import assess
from rtcode.integrity.types import Severity
from rtcode.plan.sessions import sessions_of
from tests import factory as f
from tests.conftest import PLANS, ROOT, Runner, run_process
from tests.integrity.support import facts_of, good

#: The worked example of the documentation.
EXAMPLE = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "integrity.md").read_text("utf-8"), re.M | re.S)[0]

DUCK = '''
class Duck:
    """Not derived from rtcode's class, with what it needs and no more."""
    id = "duck"
    title = "a duck"
    severity = "note"
    explanation = "It walks like a check."

    def find(self, case):
        from rtcode.integrity.types import Found
        yield Found(f"{len(case.beams)} beams")
'''

Installer = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """Puts a distribution into a folder on the path, as an installer leaves it there."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(source: str, *, name: str = "clinic", target: str = "CHECKS", module: str = "clinic_checks") -> Path:
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[rtcode.checks]\n{name} = {module}:{target}\n")
        return tmp_path

    yield write
    for name in set(sys.modules) - before:
        if "_checks" in name:
            del sys.modules[name]


def rules_under(text: str) -> CodeSet:
    rules = choose()
    policy = parse_policy(f'name = "Clinic"\n{text}'.encode(), rules, name="site.toml")
    return with_policy(rules, policy, name="site.toml")


ALLOW = '[plugins]\nallow = ["clinic"]\n'


def test_the_example_of_the_documentation_works(install: Installer) -> None:
    install(EXAMPLE)
    rules = rules_under(ALLOW + '[checks."clinic.dose_rate_low"]\nseverity = "error"\nlowest_mu_min = 500\n')
    (plugin,) = rules.plugins
    assert (plugin.ref.name, plugin.ref.version, plugin.ref.checks) == ("clinic", "1.2", ("clinic.dose_rate_low",))
    slow = f.beam(1, points={"dose_rate": 400.0})
    plan = good(beams=(slow, f.beam(2, gantry=180.0)))
    report = assess(plan, facts_of(plan), sessions_of(plan), rules.checks, rules.machines, rules.plugins)
    assert (report.findings[0].check, report.findings[0].severity) == ("clinic.dose_rate_low", Severity.ERROR)
    assert report.findings[0].found.message == "beam 1: dose rate of 400 MU/min"
    assert report.findings[0].plugin == "clinic"
    assert ("clinic.dose_rate_low", "beam 2 has no dose rate") in [(n.check, n.reason) for n in report.not_assessed]


def test_nothing_is_imported_that_the_policy_does_not_allow(install: Installer) -> None:
    install("raise SystemExit('imported')")
    assert rules_under("").plugins == ()
    assert "clinic_checks" not in sys.modules


def test_looking_for_plugins_costs_nothing_without_one() -> None:
    """`importlib.metadata` takes longer to import than all the checks."""
    code = (
        "import sys, rtcode\nrtcode.analyze('fixtures/plans/example.dcm')\n"
        "assert 'importlib.metadata' not in sys.modules"
    )
    import subprocess

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_class_that_only_looks_like_a_check(install: Installer) -> None:
    install(DUCK, target="Duck")
    rules = rules_under(ALLOW + '[checks."clinic.duck"]\nseverity = "warning"\n')
    plan = good()
    report = assess(plan, facts_of(plan), sessions_of(plan), rules.checks, rules.machines, rules.plugins)
    assert [(x.check, x.severity, x.found.message) for x in report.findings if x.plugin] == [
        ("clinic.duck", Severity.WARNING, "2 beams")
    ]


def test_plugins_are_loaded_in_the_policys_order_and_once(install: Installer) -> None:
    install(DUCK, target="Duck")
    install(EXAMPLE, name="other", module="other_checks")
    rules = rules_under('[plugins]\nallow = ["other", "clinic", "other"]\n')
    assert [plugin.ref.name for plugin in rules.plugins] == ["other", "clinic"]


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("import nothing_of_this_name", "CHECKS", "cannot be imported (ModuleNotFoundError)"),
        ("raise ValueError('Doe^Test')", "CHECKS", "cannot be imported (ValueError)"),
        ("import sys\nsys.exit(3)", "CHECKS", "cannot be imported (SystemExit)"),
        ("", "CHECKS", "cannot be imported (AttributeError)"),
        ("CHECKS = []", "CHECKS", "has no checks"),
        ("CHECKS = 3", "CHECKS", "is no class"),
        (f"{DUCK}\nCHECKS = [Duck()]", "CHECKS", "check 'duck' is no class"),
        ("class A: pass", "A", "has no id"),
        (DUCK.replace('id = "duck"', 'id = "Duck 1"'), "Duck", "has no id of lower case"),
        (DUCK.replace("title =", "titel ="), "Duck", "check 'duck' has no title"),
        (DUCK.replace("It walks like a check.", " "), "Duck", "has no explanation"),
        (DUCK.replace('"note"', '"mild"'), "Duck", "has no severity (error, warning, note, off)"),
        (DUCK.replace("def find", "def look"), "Duck", "has no method find"),
        (DUCK.replace('id = "duck"', 'id = "unapproved"'), "Duck", "'unapproved' has the id of a check"),
        (f"{DUCK}\nCHECKS = [Duck, Duck]", "CHECKS", "two checks have the id 'duck'"),
        (DUCK.replace('title = "a duck"', 'title = "a duck"\n    limits = {"x": 3}'), "Duck", "limits that are not"),
        (DUCK.replace('title = "a duck"', 'title = "a duck"\n    limits = 3'), "Duck", "limits that are no mapping"),
        (DUCK.replace('title = "a duck"', 'title = "a duck"\n    kinds = "all"'), "Duck", "kinds that are not"),
        ("from rtcode.integrity.types import Check, Severity\nclass A(Check):\n    id = 'a'\n    title = 't'\n"
         "    severity = Severity.NOTE\n    explanation = 'e'", "A", "has no method find"),
        (DUCK.replace("def find", "find = 3\n    def look"), "Duck", "has no method find"),
        ("from abc import ABC, abstractmethod\n" + DUCK.replace("class Duck", "class Duck(ABC)")
         + "\n    @abstractmethod\n    def site(self): ...\n", "Duck", "leaves a method open (site)"),
    ],
)  # fmt: skip
def test_what_is_no_check_is_refused(install: Installer, source: str, target: str, says: str) -> None:
    install(source, target=target)
    with pytest.raises(PolicyError) as caught:
        rules_under(ALLOW)
    line = caught.value.line()
    assert "site.toml: plugins.allow: the plug-in 'clinic'" in line and says in line
    assert "Doe" not in line
    assert caught.value.hint


def test_a_name_that_is_not_installed(install: Installer) -> None:
    install(DUCK, name="klinik", target="Duck")
    with pytest.raises(PolicyError, match="'clinic' is not installed") as caught:
        rules_under(ALLOW)
    assert "installed: klinik" in caught.value.hint


def test_a_name_that_two_distributions_declare(install: Installer) -> None:
    install(DUCK, target="Duck")
    install(DUCK, target="Duck", module="other_checks")
    with pytest.raises(PolicyError, match="declared by several distributions"):
        rules_under(ALLOW)


def test_a_plugin_is_named_in_every_result(install: Installer, rtcode: Runner, tmp_path: Path) -> None:
    install(DUCK, target="Duck")
    policy = tmp_path / "site.toml"
    policy.write_text(f'name = "Clinic"\n{ALLOW}')
    data = json.loads(rtcode("analyze", PLANS / "example.dcm", "--policy", policy, "--format", "json").out)
    assert data["plugins"] == [{"name": "clinic", "version": "1.2", "checks": ["clinic.duck"]}]
    found = [x for x in data["plans"][0]["integrity"]["findings"] if x["plugin"]]
    assert [(x["check"], x["severity"], x["plugin"]) for x in found] == [("clinic.duck", "note", "clinic")]
    assert "clinic" in rtcode("analyze", PLANS / "example.dcm", "--policy", policy).out
    assert "clinic.duck = note: a duck" in rtcode("codeset", "show", "--policy", policy).out


def test_a_plugin_that_fails_costs_no_answer(install: Installer, tmp_path: Path) -> None:
    folder = install(DUCK.replace("yield Found", "raise KeyError('Doe^Test'); yield Found"), target="Duck")
    policy = tmp_path / "site.toml"
    policy.write_text(f'name = "Clinic"\n{ALLOW}')
    environment = {"PYTHONPATH": f"{ROOT}:{folder}"}
    ran = run_process(
        "analyze", PLANS / "example.dcm", "--policy", policy, "--format", "json", env=environment
    )  # fmt: skip
    assert ran.code == 0 and "Doe" not in ran.out + ran.err
    (plan,) = json.loads(ran.out)["plans"]
    assert {"check": "clinic.duck", "reason": "the plug-in's check failed (KeyError)"}.items() <= next(
        one for one in plan["integrity"]["not_assessed"] if one["plugin"]
    ).items()
    policy.write_text('name = "Clinic"\n[plugins]\nallow = ["klinik"]\n')
    ran = run_process("analyze", PLANS / "example.dcm", "--policy", policy, env=environment)
    assert ran.code == 2 and "'klinik' is not installed" in ran.err and "Traceback" not in ran.err
