"""Promises that hold for every decision, whatever the plans: of the fixtures and of real plans, alone and together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom

import rtcode
from rtcode.outputs.text import render_text
from tests.conftest import PLANS


def suggestions(sources: list[Path], **options: Any) -> Iterator[dict[str, Any]]:
    for session in rtcode.analyze(sources, integrity=False, metrics=False, **options).to_dict()["sessions"]:
        yield dict(session["suggestion"])


def check(suggestion: dict[str, Any]) -> None:
    status, level, floor, ceiling = (suggestion[name] for name in ("status", "level", "floor", "ceiling"))
    if status in ("out_of_scope", "not_assessable"):
        assert (level, suggestion["code"], floor, ceiling) == (None, None, None, None)
    else:
        assert level == floor
        assert 1 <= floor <= ceiling <= 3
        leads_out = any(
            answer["level"] is None for question in suggestion["questions"] for answer in question["answers"].values()
        )
        assert status == "supported" or floor < ceiling or leads_out
    for question in suggestion["questions"]:
        places = {(answer["level"], answer.get("status")) for answer in question["answers"].values()}
        assert len(places) > 1, f"{question['id']}: every answer leads to the same place"
        if ceiling is not None:
            assert all(answer["level"] is None or answer["level"] <= ceiling for answer in question["answers"].values())
    assert suggestion["decided_by"] or status == "not_assessable"


def test_fixtures_in_one_call() -> None:
    found = list(suggestions([PLANS]))
    assert len(found) > 100
    for suggestion in found:
        check(suggestion)


def test_real_plans_in_one_call(real_plans_dir: Path) -> None:
    found = list(suggestions([real_plans_dir]))
    assert len(found) > 100
    for suggestion in found:
        check(suggestion)


def test_an_answer_leads_where_its_question_said() -> None:
    for path in sorted(PLANS.glob("V*.dcm")):
        (before, *others) = suggestions([path])
        if others:
            continue
        for question in before["questions"]:
            for value, announced in question["answers"].items():
                after = next(suggestions([path], answers={question["id"]: value}))
                assert after["level"] == announced["level"], (path.name, question["id"], value)
                if announced.get("status") == "out_of_scope":
                    assert after["status"] == "out_of_scope", (path.name, question["id"], value)


def test_the_order_of_plans_does_not_matter() -> None:
    paths = sorted((PLANS / "V75").glob("*.dcm"))
    assert len(paths) == 2
    for same in (False, True):
        forth, back = (
            {s["id"]: s["suggestion"]["level"] for s in rtcode.analyze(order, same_session=same).to_dict()["sessions"]}
            for order in (paths, paths[::-1])
        )
        assert forth == back


def test_what_may_be_missing_is_said_at_the_top(tmp_path: Path) -> None:
    plan = pydicom.dcmread(PLANS / "V24_prostate_vmat.dcm")
    plan.FractionGroupSequence[0].NumberOfBeams = 9
    del plan.PatientSetupSequence
    path = tmp_path / "plan.dcm"
    plan.save_as(path)
    text = render_text(rtcode.analyze(path).to_dict())
    head = " ".join(text.split("Plan  ")[0].split())
    assert head.startswith("Level 2 (77407): provisional")
    assert "an answer to motion_management could lead to level 3" in head
    assert "unknown: set-up not in the file" in text
    answered = rtcode.analyze(path, answers={"motion_management": "no"}).to_dict()
    head = " ".join(render_text(answered).split("Plan  ")[0].split())
    assert "a beam that may be missing, or cannot be judged, could lead to level 3" in head
