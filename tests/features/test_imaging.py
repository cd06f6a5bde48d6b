"""Image guidance that a plan shows; its absence is never a no."""

from __future__ import annotations

import pytest

from rtcode.features.imaging import detect
from rtcode.features.types import ImagingFeature
from rtcode.plan.sessions import TreatmentSession
from rtcode.truth import Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped


def run(session: TreatmentSession) -> ImagingFeature:
    return detect(session, all_facts(session), shipped())


@pytest.mark.parametrize(
    ("session", "where"),
    [
        (f.session(f.beam(1), f.beam(2, delivery_type="SETUP")), "BeamSequence[1].TreatmentDeliveryType (300A,00CE)"),
        (
            f.session(f.beam(1), f.beam(2, delivery_type="IMAGE_BEAM")),
            "BeamSequence[1].TreatmentDeliveryType (300A,00CE)",
        ),
        (
            f.session(f.beam(1), f.beam(2, delivery_type="TRMT_PORTFILM")),
            "BeamSequence[1].TreatmentDeliveryType (300A,00CE)",
        ),
        (
            f.session(f.beam(1), f.beam(2, delivery_type="SETUP"), groups=(f.group(1, (1,)),)),
            "BeamSequence[1].TreatmentDeliveryType (300A,00CE)",
        ),
        (f.session(f.beam(verification_images=1)), "BeamSequence[0].PlannedVerificationImageSequence (300A,00CA)"),
        (f.session(f.beam(reference_images=2)), "BeamSequence[0].ReferencedReferenceImageSequence (300C,0042)"),
        (
            f.session(f.beam(), setups=(f.setup(1, setup_images=1),)),
            "PatientSetupSequence[0].ReferencedSetupImageSequence (300A,0401)",
        ),
    ],
)
def test_seen(session: TreatmentSession, where: str) -> None:
    feature = run(session)
    assert feature.seen is Truth.MET
    assert feature.evidence[0].where == where


def test_nothing_seen_is_unknown() -> None:
    assert run(f.session(f.beam())) == ImagingFeature(Truth.UNKNOWN, ())


def test_a_beam_left_over_by_the_optimizer_is_no_imaging() -> None:
    session = f.session(f.beam(1), f.beam(2), groups=(f.group(1, (1, 2), metersets={2: 0.0}),))
    assert run(session).seen is Truth.UNKNOWN
