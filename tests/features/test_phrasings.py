"""Whether each text of the tables in `phrasings` is read as it is meant."""

from __future__ import annotations

import pytest

from rtcode.features import intraoperative, motion, phase, purpose, site, stereotactic, total_skin
from rtcode.truth import Truth
from tests import factory as f
from tests.features.phrasings import BOOSTS, INTRAOPERATIVE, MOTION, PURPOSE, SITES, STEREOTACTIC, TOTAL_SKIN
from tests.features.wordlists import all_facts, shipped


@pytest.mark.parametrize(("text", "meaning", "why"), MOTION)
def test_motion(text: str, meaning: str, why: str) -> None:
    session = f.session(f.beam(), setups=(f.setup(1, technique_description=text),))
    feature = motion.detect(session, all_facts(session), shipped())
    found = "sign" if feature.strong else "setup" if feature.setup_only else "weak" if feature.weak else "none"
    assert found == meaning, (why, feature.strong, feature.weak)


@pytest.mark.parametrize(("text", "here"), STEREOTACTIC)
@pytest.mark.parametrize("home", ["label", "description", "prescription_description"])
def test_stereotactic(text: str, here: bool, home: str) -> None:
    session = f.session(f.beam(), **{home: text})
    feature = stereotactic.detect(session, all_facts(session), shipped())
    assert bool(feature.words) is here
    assert bool(feature.signs) is here


def test_another_courses_stereotactic_words_stay_to_be_seen() -> None:
    session = f.session(f.beam(), description="s/p SRS 2022")
    assert "s/p SRS 2022" in {e.value for e in stereotactic.detect(session, all_facts(session), shipped()).support}


@pytest.mark.parametrize(("label", "moves"), SITES)
def test_sites(label: str, moves: bool | None) -> None:
    session = f.session(f.beam(), label=label)
    assert site.detect(session, all_facts(session), shipped()).moves is Truth.of(moves)


@pytest.mark.parametrize(("text", "in_label", "in_description"), PURPOSE)
def test_purpose(text: str, in_label: bool, in_description: bool) -> None:
    for home, asks in (("label", in_label), ("description", in_description)):
        session = f.session(f.beam(), **{home: text})
        assert bool(purpose.detect(session, all_facts(session), shipped()).phantom_words) is asks, home


def test_a_paragraph_about_the_patient_is_not_the_plans_name() -> None:
    text = "66 y, PSA 5, RTOG benchmark case in the study arm; phantom of the lens was contoured to test the margin"
    session = f.session(f.beam(), description=text)
    assert purpose.detect(session, all_facts(session), shipped()).phantom_words == ()


@pytest.mark.parametrize(("text", "boost"), BOOSTS)
def test_boosts(text: str, boost: bool) -> None:
    session = f.session(f.beam(radiation="ELECTRON"), description=text)
    assert phase.detect(session, all_facts(session), shipped()).boost is Truth.of(boost)


@pytest.mark.parametrize(("text", "once"), INTRAOPERATIVE)
def test_intraoperative(text: str, once: bool) -> None:
    session = f.session(f.beam(), description=text, groups=(f.group(1, (1,), fractions=1),))
    assert intraoperative.detect(session, all_facts(session), shipped()).intraoperative is Truth.of(once)


@pytest.mark.parametrize(("text", "skin"), TOTAL_SKIN)
@pytest.mark.parametrize("home", ["plan", "beam"])
def test_total_skin(text: str, skin: bool, home: str) -> None:
    beam = f.beam(radiation="ELECTRON", ssd=1000.0, description=text if home == "beam" else None)
    session = f.session(beam, description=text if home == "plan" else None)
    assert total_skin.detect(session, all_facts(session), shipped()).text is Truth.of(skin)
