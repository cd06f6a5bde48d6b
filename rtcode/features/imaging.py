"""Image guidance that a plan shows.

How. Set-up and imaging beams, port films, planned verification images of treatment beams, reference images (DRRs),
and set-up images of patient setups. Reported for a reader only: no imaging moves the level, a 4D cone-beam CT
excepted, which is a motion sign (`rtcode.features.motion`).

Source: docs/rules.md 1.3, G1, G15; docs/plans.md 2.12; the paper, lines 46, 58 and 89.

What it cannot see: imaging that the machine or the record-and-verify system adds. Its absence from a plan proves
nothing, so the answer is MET or UNKNOWN, never NOT_MET.
"""

from __future__ import annotations

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, ImagingFeature
from rtcode.plan.roles import Role
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import imaging_beams, setups_in_use
from rtcode.truth import Evidence, EvidenceKind, Truth


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> ImagingFeature:
    """Image guidance of the session's plans."""
    evidence: list[Evidence] = []
    for part in session.parts:
        uid = part.plan.sop_instance_uid
        for planned in imaging_beams(part):
            if planned.role in (Role.SETUP, Role.PORTFILM):
                evidence.extend(planned.finding.evidence)
        for planned in part.treatment_beams:
            beam = planned.beam
            for count, keyword in (
                (beam.verification_images, "PlannedVerificationImageSequence"),
                (beam.reference_images, "ReferencedReferenceImageSequence"),
            ):
                if count:
                    evidence.append(Evidence(EvidenceKind.CODED, at(beam.path, keyword), count, uid))
        for setup in setups_in_use(part):
            if setup.setup_images:
                where = at(setup.path, "ReferencedSetupImageSequence")
                evidence.append(Evidence(EvidenceKind.CODED, where, setup.setup_images, uid))
    unique = tuple(dict.fromkeys(evidence))
    return ImagingFeature(Truth.MET if unique else Truth.UNKNOWN, unique)
