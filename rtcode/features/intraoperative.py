"""Intraoperative radiotherapy: another code family.

How. MET for a treatment beam whose ApplicatorType is INTRAOPERATIVE, or for one single fraction on a machine known
for intraoperative use or in a plan whose text says so. A name alone never decides over several fractions.

A word about another course ("prior IORT") does not count.

Source: docs/rules.md S6; PS3.3 C.8.8.14 (ApplicatorType).

What it cannot see: where the treatment was given. Most intraoperative treatments have no DICOM plan.
"""

from __future__ import annotations

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, IntraoperativeFeature
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import TextScope, find_words, machine_texts, session_texts
from rtcode.truth import Evidence, EvidenceKind, Truth

_SCOPES = frozenset(
    {
        TextScope.PLAN,
        TextScope.DESCRIPTION,
        TextScope.SITE,
        TextScope.PRESCRIPTION,
        TextScope.DOSE_REFERENCE,
        TextScope.GROUP,
        TextScope.SETUP,
        TextScope.BEAM,
        TextScope.TOLERANCE,
    }
)


def detect(
    session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings
) -> IntraoperativeFeature:  # fmt: skip
    """Whether the session is intraoperative; UNKNOWN where a name says so and the number of fractions is not known."""
    coded = tuple(
        Evidence(EvidenceKind.CODED, at(a.path, "ApplicatorType"), a.type, planned.plan.sop_instance_uid)
        for planned in session.treatment_beams
        for a in planned.beam.applicators
        if (a.type or "").strip().upper() == "INTRAOPERATIVE"
    )
    if coded:
        return IntraoperativeFeature(Truth.MET, coded)
    items = [item for item in session_texts(session) if item.scope in _SCOPES]
    hits = find_words(machine_texts(session), settings.mobile_iort_words) + find_words(
        items,
        settings.intraoperative_words,
        negations=settings.negation_words,
        elsewhere=settings.elsewhere_words,
    )
    if not hits:
        return IntraoperativeFeature(Truth.NOT_MET, ())
    counts = tuple(
        Evidence(
            EvidenceKind.CODED,
            at(part.group.path, "NumberOfFractionsPlanned"),
            session.fractions,
            part.plan.sop_instance_uid,
        )
        for part in session.parts
        if part.group is not None
    )
    single = Truth.of(None if session.fractions is None else session.fractions == 1)
    return IntraoperativeFeature(single, tuple(hit.evidence for hit in hits) + counts)
