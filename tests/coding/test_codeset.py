"""Code set and policy files: what is shipped is complete, what is wrong is refused with its place."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from rtcode.coding.codeset import check_answers, choose, load_policy, parse, parse_policy, shipped, with_policy
from rtcode.errors import AnswerError, CodeSetError, NoCodeSetError, PolicyError

SHIPPED = (resources.files("rtcode.coding") / "codesets" / "us_cms_2026.toml").read_bytes()


def test_shipped_set():
    rules = choose()
    assert rules.id == "us-cms-2026"
    assert (rules.effective_from, rules.effective_through) == (date(2026, 1, 1), date(2026, 12, 31))
    assert sorted(rules.levels) == [1, 2, 3]
    assert len({level.code for level in rules.levels.values()}) == 3


def test_every_doubt_and_value_is_argued():
    rules = choose()
    assert all(entry.basis and entry.text for entry in rules.values.values())
    assert all(entry.citations for entry in rules.doubts.values())


def test_rule_citations_resolve_in_the_rules_page():
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    rules = choose()
    cited = {
        citation.split(":", 1)[1]
        for table in (rules.criteria, rules.scope, rules.questions, rules.doubts)
        for entry in table.values()
        for citation in entry.citations
        if citation.startswith("rules:")
    }
    assert cited
    for number in cited:
        assert re.search(
            rf"(?m)(^\| {re.escape(number)} \||^#+ {re.escape(number)} |^- {re.escape(number)}\b)", page
        ) or (re.search(rf"\b{re.escape(number)}\b", page)), f"rule {number} is not in docs/rules.md"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ((b'id = "us-cms-2026"', b'id = "US 2026"'), "id"),
        ((b"revision = 1", b"revision = 0"), "revision"),
        ((b"revision = 1", b'revision = "1"'), "revision"),
        ((b"revision = 1", b"revision = true"), "revision"),
        ((b"revision = 1", b"revision = 1\nrevisions = 2"), "revisions"),
        ((b"effective_from = 2026-01-01", b"effective_from = 2027-01-01"), "effective_from"),
        ((b"effective_from = 2026-01-01", b"effective_from = 2026-01-01T00:00:00"), "effective_from"),
        ((b"[levels.3]", b"[levels.4]"), "levels"),
        ((b"supports_level = 2", b"supports_level = 5"), "supports_level"),
        ((b"[scope.ion_therapy]", b"[scope.ion_treatment]"), "scope.ion_therapy"),
        ((b'"paper:74", "paper:76"', b'"somewhere:74", "paper:76"'), "citations"),
        ((b'values = ["3d", "2d"]', b'values = ["3d"]'), "planning_2d_3d"),
        ((b'question = "total_skin"', b'question = "skin"'), "total_skin_sign"),
        ((b'default = "attested_is_3"', b'default = "attested_is_9"'), "motion_without_3d"),
        ((b"[values.same_isocenter_mm]", b"[values.same_isocentre_mm]"), "same_isocentre_mm"),
    ],
)
def test_wrong_code_sets_are_refused_with_the_place(change, where):
    assert change[0] in SHIPPED, "the test changes something that is there"
    with pytest.raises(CodeSetError) as caught:
        parse(SHIPPED.replace(*change, 1), name="x.toml")
    assert where in caught.value.message


def test_not_toml():
    with pytest.raises(CodeSetError, match="TOML"):
        parse(b"\xff\xfe", name="x.toml")
    with pytest.raises(CodeSetError, match="TOML"):
        parse(b"[a\n", name="x.toml")


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_dates_outside_are_refused(day):
    with pytest.raises(NoCodeSetError):
        choose(None, day)
    with pytest.raises(NoCodeSetError):
        choose("us-cms-2026", day)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_first_and_last_day_are_covered(day):
    assert choose(None, day).id == "us-cms-2026"


def test_unknown_id():
    with pytest.raises(NoCodeSetError):
        choose("eu-2026")


def test_policy_sets_values_and_readings(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(
        'name = "Clinic A"\nnot_provisional = ["motion_words"]\n'
        "[values]\ndistinct_isocenter_mm = 5\n[readings]\nabutting_electrons = 2\n"
    )
    rules = load_policy(path, choose())
    assert rules.settings.distinct_isocenter_mm == 5.0
    assert rules.settings.same_isocenter_mm == choose().settings.same_isocenter_mm
    assert rules.reading("abutting_electrons") == "2"
    assert rules.reading("electron_constraints") == "1"
    assert not rules.makes_provisional("motion_words")
    assert rules.policy is not None
    assert rules.policy.name == "Clinic A"
    assert re.fullmatch(r"[0-9a-f]{64}", rules.policy.sha256)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[values]\nsame_isocenter_mm = 1\n", "name"),
        ('name = "x"\n[values]\nsame_iso = 1\n', "same_iso"),
        ('name = "x"\n[values]\nsame_isocenter_mm = "1"\n', "same_isocenter_mm"),
        ('name = "x"\n[values]\nsame_isocenter_mm = -1\n', "same_isocenter_mm"),
        ('name = "x"\n[values]\nsame_isocenter_mm = 50\n', "same_isocenter_mm"),
        ('name = "x"\n[values]\nmotion_words = "DIBH"\n', "motion_words"),
        ('name = "x"\n[readings]\nabutting_electrons = 3\n', "abutting_electrons"),
        ('name = "x"\n[readings]\nabutting = 1\n', "abutting"),
        ('name = "x"\nnot_provisional = ["nothing"]\n', "nothing"),
        ('name = "x"\ncode = "99999"\n', "code"),
    ],
)
def test_wrong_policies(text, where):
    rules = choose()
    with pytest.raises(PolicyError) as caught:
        with_policy(rules, parse_policy(text.encode(), rules, name="p.toml"), name="p.toml")
    assert where in caught.value.message


def test_missing_policy_file(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.toml", choose())


def test_answers():
    rules = choose()
    assert check_answers(rules, [("planning_2d_3d", "3d")]) == {"planning_2d_3d": "3d"}
    assert check_answers(rules, [("stereotactic", "no"), ("stereotactic", "no")]) == {"stereotactic": "no"}
    for wrong in (
        [("motion", "yes")],
        [("motion_management", "maybe")],
        [("stereotactic", "no"), ("stereotactic", "yes")],
    ):
        with pytest.raises(AnswerError):
            check_answers(rules, wrong)


def test_only_one_file_decides_a_day():
    sets = shipped()
    for a in sets:
        for b in sets:
            if a is not b:
                assert a.effective_through < b.effective_from or b.effective_through < a.effective_from
