"""Intraoperative radiotherapy."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.intraoperative import detect
from rtcode.features.types import IntraoperativeFeature
from rtcode.plan.model import Missing
from rtcode.plan.sessions import TreatmentSession
from rtcode.truth import Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def run(session: TreatmentSession) -> IntraoperativeFeature:
    return detect(session, all_facts(session), shipped())


def once(fractions: Any = 1, *, label: str = "P", **beam: Any) -> TreatmentSession:
    return f.session(f.beam(**beam), label=label, groups=(f.group(1, (1,), fractions=fractions),))


@pytest.mark.parametrize(
    ("session", "truth"),
    [
        (once(applicators=(f.applicator("INTRAOPERATIVE"),)), MET),
        (once(10, applicators=(f.applicator("INTRAOPERATIVE"),)), MET),  # coded, whatever the fractions
        (once(applicators=(f.applicator("ELECTRON_SQUARE"),)), NOT),
        (once(machine_name="Mobetron"), MET),  # V103
        (once(10, machine_name="Mobetron"), NOT),
        (once(Missing.EMPTY, machine_name="Mobetron"), UNKNOWN),
        (once(label="IORT breast"), MET),
        (once(label="intra-operative"), MET),
        (once(label="no IORT"), NOT),
        (once(5, label="IORT boost done"), NOT),
        (once(), NOT),
    ],
)
def test_intraoperative(session: TreatmentSession, truth: Truth) -> None:
    feature = run(session)
    assert feature.intraoperative is truth
    if truth is not NOT:
        assert feature.evidence


def test_evidence_of_a_name_shows_the_fractions() -> None:
    where = [entry.where for entry in run(once(machine_name="Mobetron")).evidence]
    assert where == [
        "BeamSequence[0].TreatmentMachineName (300A,00B2)",
        "FractionGroupSequence[0].NumberOfFractionsPlanned (300A,0078)",
    ]
