"""What a plan is for."""

from __future__ import annotations

import pytest

from rtcode.features.purpose import detect
from rtcode.features.types import PurposeFeature
from rtcode.plan.model import RelatedPlan, ToleranceTable
from rtcode.plan.sessions import TreatmentSession
from rtcode.truth import Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped


def run(session: TreatmentSession) -> PurposeFeature:
    return detect(session, all_facts(session), shipped())


@pytest.mark.parametrize(
    ("intent", "against", "research"),
    [
        ("VERIFICATION", True, False),
        ("MACHINE_QA", True, False),
        ("MACHINE QA", True, False),
        ("machine-qa", True, False),
        ("SERVICE", True, False),
        ("RESEARCH", False, True),
        ("CURATIVE", False, False),
        ("PALLIATIVE", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_intent(intent: str | None, against: bool, research: bool) -> None:
    feature = run(f.session(f.beam(), intent=intent))
    assert (feature.not_for_treatment is Truth.MET) is against
    assert bool(feature.research) is research
    if against:
        assert feature.evidence[0].where == "PlanIntent (300A,000A)"


@pytest.mark.parametrize(
    ("relationship", "against"),
    [("VERIFIED_PLAN", True), ("PREDECESSOR", False), ("CONCURRENT", False), ("PRIOR", False), (None, False)],
)
def test_relationship(relationship: str | None, against: bool) -> None:
    related = RelatedPlan("ReferencedRTPlanSequence[0]", "1.2.3", relationship)
    feature = run(f.session(f.beam(), related_plans=(related,)))
    assert (feature.not_for_treatment is Truth.MET) is against


def test_status() -> None:
    rejected = run(f.session(f.beam(), approval="REJECTED"))
    assert len(rejected.rejected) == 1
    assert rejected.not_for_treatment is Truth.NOT_MET  # asked about, so it is kept apart
    for approval in ("UNAPPROVED", None, ""):
        assert len(run(f.session(f.beam(), approval=approval)).unapproved) == 1
    assert run(f.session(f.beam(), approval="APPROVED")) == PurposeFeature(Truth.NOT_MET, ())


@pytest.mark.parametrize(
    "label",
    ["Phantom Test.2", "QA_arc", "plan_test", "ArcCheck", "Testplan", "Winston-Lutz", "fantoma", "commissioning 6X"],
)
def test_phantom_words(label: str) -> None:
    feature = run(f.session(f.beam(), label=label))
    assert feature.phantom_words
    assert feature.not_for_treatment is Truth.NOT_MET


@pytest.mark.parametrize("label", ["testis", "L breast", "physics QA done", "Aquamarin", "contest", "QAL", "Iqaluit"])
def test_no_phantom_words(label: str) -> None:
    assert run(f.session(f.beam(), label=label)).phantom_words == ()


def test_tolerance_tables_and_setup_notes_are_not_the_plans_purpose() -> None:
    session = f.session(
        f.beam(tolerance_table_number=1),
        setups=(f.setup(1, technique_description="QA image first"),),
        tolerance_tables=(ToleranceTable("ToleranceTableSequence[0]", 1, "QA physics"),),
    )
    assert run(session).phantom_words == ()
