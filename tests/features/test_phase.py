"""Phase words."""

from __future__ import annotations

import pytest

from rtcode.features.phase import detect
from rtcode.features.types import PhaseFeature
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped


def run(session: TreatmentSession) -> PhaseFeature:
    return detect(session, all_facts(session), shipped())


@pytest.mark.parametrize(
    ("label", "boost"),
    [
        ("breast boost", True),  # V05
        ("L Brst BST", True),
        ("cone-down", True),
        ("Aufsättigung", True),
        ("initial", False),
        ("Phase 2", False),
        ("PH1", False),
        ("PM BID", False),  # V81
        ("Prostata fase 1", False),
    ],
)
def test_phases(label: str, boost: bool) -> None:
    feature = run(f.session(f.beam(), label=label))
    assert feature.words
    assert feature.boost is Truth.of(boost)


@pytest.mark.parametrize(
    "label",
    [
        "simultaneous integrated boost",
        "SIB boost",
        "no boost",
        "without boost",
        "phase 50%",
        "phase 10",
        "rabid",
        "L breast",
    ],
)
def test_no_phases(label: str) -> None:
    assert run(f.session(f.beam(), label=label)) == PhaseFeature((), Truth.NOT_MET)


def test_paragraphs_tell_the_whole_course() -> None:
    session = f.session(f.beam(), description="boost to follow", prescription_description="50 Gy + boost 10 Gy")
    assert run(session).words == ()


def test_a_groups_own_words() -> None:
    # the boost's group and target say nothing about the first phase
    plan = f.plan(
        f.beam(1),
        f.beam(2, name="boost e-"),
        groups=(
            f.group(1, (1,), dose_reference_uid=f"{f.UID}.9.1"),
            f.group(2, (2,), index=1, description="boost", dose_reference_uid=f"{f.UID}.9.2"),
        ),
        dose_references=(
            f.dose_reference(1, description="breast"),
            f.dose_reference(2, index=1, description="boost"),
        ),
    )
    first, second = (run(session) for session in sessions_of(plan))
    assert (first.boost, len(first.words)) == (Truth.NOT_MET, 0)
    assert (second.boost, len(second.words)) == (Truth.MET, 3)
