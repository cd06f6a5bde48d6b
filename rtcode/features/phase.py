"""Words that name a phase of a course: initial, boost, cone-down, twice a day.

How. Whole words in what names the plan, its site, the session's fraction group, its own targets and its treatment
beams. Paragraphs (plan description, prescription, setup notes) are left out: they tell the whole course. Only where
electrons alone are given does a boost in the description count, since electrons alone are most often one. A boost that
is another plan's ("boost to follow") names a phase and makes no boost of this one; a simultaneous integrated boost is
no phase.

Source: docs/rules.md 1.8 (row of `same_session`), G19; docs/plans.md 1.5.

What it cannot see: the calendar. FractionPattern, the only standard one, is not written by planning systems.
"""

from __future__ import annotations

from rtcode.features.selection import treatment_beams
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, PhaseFeature, Radiation
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.texts import TextScope, find_words, session_texts
from rtcode.truth import Truth

_SCOPES = frozenset(
    {TextScope.PLAN, TextScope.SITE, TextScope.DOSE_REFERENCE, TextScope.GROUP, TextScope.BEAM}
)  # fmt: skip


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> PhaseFeature:
    """Phase words of the session; ``boost`` is MET where one of them calls the session's own treatment a boost."""
    texts = session_texts(session)
    names = [item for item in texts if item.scope in _SCOPES]
    words = tuple(dict.fromkeys(settings.phase_words + settings.boost_words))
    hits = find_words(names, words, negations=settings.negation_words)
    if _electrons_alone(session, beams):
        names += [item for item in texts if item.scope is TextScope.DESCRIPTION]
    own = find_words(names, settings.boost_words, negations=settings.negation_words, elsewhere=settings.elsewhere_words)
    return PhaseFeature(tuple(dict.fromkeys(hits + own)), Truth.of(bool(own)))


def _electrons_alone(session: TreatmentSession, beams: tuple[BeamFacts, ...]) -> bool:
    treatment = treatment_beams(session, beams)
    return bool(treatment) and all(facts.radiation.radiation is Radiation.ELECTRON for facts in treatment)
