"""What a case works out once, however many answers are tried on it."""

from __future__ import annotations

from rtcode.coding.case import Answers
from rtcode.coding.criteria import shown_3d
from rtcode.features.types import DirectionsFeature
from rtcode.truth import Evidence, EvidenceKind, Truth
from tests.coding import cases as c

SEEN = Evidence(EvidenceKind.GEOMETRIC, "GantryAngle (300A,011E)", 90.0)


def directions(three_dimensional: Truth, if_one: Truth) -> DirectionsFeature:
    return DirectionsFeature(three_dimensional, 2, "two directions", (SEEN,), if_one)


def test_the_plans_own_evidence_is_gathered_once() -> None:
    case = c.case(c.features(c.beam(technique="vmat"), c.beam(wedge=True)))
    shown = shown_3d(case, Answers({}))
    assert [reason.split(" (")[0] for reason in shown.reasons] == ["intensity modulated or rotating delivery", "wedge"]
    assert shown_3d(case, Answers({"motion_management": "no"})) is shown


def test_a_modulated_beam_is_not_told_again() -> None:
    case = c.case(c.features(*(c.beam(technique="vmat", shaped=True) for _ in range(2))))
    assert len(case.shown_3d.reasons) == 1


def test_an_answer_about_the_isocenter_adds_directions_without_changing_the_case() -> None:
    case = c.case(c.features(c.beam(), directions=directions(Truth.UNKNOWN, Truth.MET)))
    assert not shown_3d(case, Answers({}))
    attested = shown_3d(case, Answers({"separate_isocenters": "no"}))
    assert attested.reasons == ("several directions at what is attested to be one isocenter",)
    assert [e.kind for e in attested.evidence] == [EvidenceKind.ATTESTED, EvidenceKind.GEOMETRIC]
    assert not case.shown_3d


def test_directions_that_the_plan_shows_need_no_answer() -> None:
    case = c.case(c.features(c.beam(), directions=directions(Truth.MET, Truth.MET)))
    assert shown_3d(case, Answers({"separate_isocenters": "no"})).reasons == ("two directions",)
