"""The detectors: facts of physics about a treatment session, each with its evidence.

One module a detector, listed here and nowhere else. A detector is a pure function; detectors do not import one another
(what two of them need lives in `rtcode.plan`). To add one: write its module, its type in `types`, one line below.
"""

from __future__ import annotations

from collections.abc import Sequence

from rtcode.features import (
    directions,
    electrons,
    imaging,
    intraoperative,
    isocenters,
    mixed,
    motion,
    phase,
    planning,
    purpose,
    radiation,
    shaping,
    site,
    stereotactic,
    technique,
    total_skin,
    wedges,
)
from rtcode.features.machines import TEXT_PARTS as MACHINE_PARTS
from rtcode.features.settings import DetectorSettings
from rtcode.features.shortening import shortened
from rtcode.features.types import BeamFacts, FeatureSet
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession

__all__ = ["TEXT_PARTS", "TEXT_WORDS", "BeamFacts", "DetectorSettings", "FeatureSet", "describe", "detect"]

#: What detectors look for in texts beside the lists of the code set: words, and parts of the names of equipment.
TEXT_WORDS = (
    *motion.TEXT_WORDS,
    *planning.TEXT_WORDS,
    *purpose.TEXT_WORDS,
    *radiation.TEXT_WORDS,
    *shaping.TEXT_WORDS,
    *stereotactic.TEXT_WORDS,
)
TEXT_PARTS = (*MACHINE_PARTS, *total_skin.TEXT_PARTS)


def describe(planned: PlannedBeam, settings: DetectorSettings) -> BeamFacts:
    """All facts of one beam."""
    kind = radiation.radiation_of(planned, settings)
    return BeamFacts(
        planned=planned,
        radiation=kind,
        technique=technique.technique_of(planned, kind, settings),
        wedges=wedges.wedges_of(planned),
        shaping=shaping.shaping_of(planned, settings),
        motion=motion.motion_of(planned),
        isocenters_mm=isocenters.isocenters_of(planned),
    )


def detect(session: TreatmentSession, beams: Sequence[BeamFacts], settings: DetectorSettings) -> FeatureSet:
    """All features of one session from the facts of its beams, in the session's order."""
    facts = tuple(beams)
    found = FeatureSet(
        beams=facts,
        isocenters=isocenters.detect(session, facts, settings),
        directions=directions.detect(session, facts, settings),
        motion=motion.detect(session, facts, settings),
        site=site.detect(session, facts, settings),
        planning=planning.detect(session, facts, settings),
        mixed_site=mixed.detect(session, facts, settings),
        electron_fields=electrons.detect(session, facts, settings),
        total_skin=total_skin.detect(session, facts, settings),
        stereotactic=stereotactic.detect(session, facts, settings),
        intraoperative=intraoperative.detect(session, facts, settings),
        purpose=purpose.detect(session, facts, settings),
        imaging=imaging.detect(session, facts, settings),
        phase=phase.detect(session, facts, settings),
        treatment=tuple(b for b in facts if b.planned.role is Role.TREATMENT),
    )
    return shortened(found)
