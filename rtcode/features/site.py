"""Which site is treated, by its names, and whether it moves with breathing.

How. Words of two lists, sites that move (breast and chest wall, lung, ribs, esophagus, upper abdomen) and sites that
hardly do (brain, head and neck, spine, pelvis, limbs, skin), plus vertebral levels ("T6", "L2-L4"). They are looked
for in coded and free treatment sites, label, name, prescription, fraction group, targets, treatment beams and
tolerance tables; where those are silent, in the plan's description and the setup notes, of which only moving sites
count (a "knee rest" is no site). One moving site is enough, since a session may treat two; a longer phrase hides the
words in it ("thoracic spine" holds no thorax, nor does "thoracic" beside any other word for the spine), and the name
of a spared organ is no site. A list entry may end in ``=site``, the name that all spellings of one site share.

The answer only decides whether a human is asked about motion management. Source: the paper, lines 69 to 79
(docs/rules.md 1.7); docs/plans.md 1.1 and PS3.3 C.8.8.9 for the attributes of the site.

What it cannot see: the anatomy. Labels without a site word leave the site UNKNOWN.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, SiteFeature, TextHit
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.texts import TextItem, TextScope, find_matches, find_words, plain, session_texts, spelling_key
from rtcode.truth import Evidence, EvidenceKind, Truth

_NAMES = frozenset(
    {
        TextScope.PLAN,
        TextScope.SITE,
        TextScope.PRESCRIPTION,
        TextScope.DOSE_REFERENCE,
        TextScope.GROUP,
        TextScope.BEAM,
        TextScope.TOLERANCE,
    }
)
_NOTES = frozenset({TextScope.DESCRIPTION, TextScope.SETUP})
#: Vertebral levels are too short for beam names and tolerance tables, where "T1" and "L1" mean other things.
_LEVEL_SCOPES = frozenset(
    {TextScope.PLAN, TextScope.SITE, TextScope.PRESCRIPTION, TextScope.DOSE_REFERENCE, TextScope.GROUP}
)
#: A thoracic or lumbar level ("C1" is course one); no longer number ("T1.1"), no tumor stage ("T2 N1", "T3a").
_LEVEL = re.compile(r"(?<![A-Za-z0-9.])(Th|T|L)(\d{1,2})(?![A-Za-z0-9]|\.\d|[ _]?N\d)", re.IGNORECASE)
_LEVELS = {"TH": 12, "T": 12, "L": 5}
_SPINE = "spine"
#: Sites whose words also name a part of the spine.
_REGIONS = frozenset({"thoracic"})
#: A chest wall in a label, the turn of an arc in the name of a beam.
_CLOCKWISE = "cw"


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> SiteFeature:
    """Whether the treated site moves with breathing: MET, NOT_MET by the name of a still site, else UNKNOWN."""
    moving, still, words = _sites(settings.moving_site_words, settings.still_site_words)
    texts = session_texts(session)
    names = [item for item in texts if item.scope in _NAMES]
    moving_hits, still_hits = _search(names, words, moving, settings.negation_words)
    levels = _levels([item for item in texts if item.scope in _LEVEL_SCOPES])
    moving_hits = _without_regions_of_the_spine(moving_hits, still_hits, levels, moving, still)
    if not (moving_hits or still_hits or levels):
        notes = [item for item in texts if item.scope in _NOTES]
        moving_hits, _ = _search(notes, words, moving, settings.negation_words)
    if moving_hits:
        moves, evidence = Truth.MET, tuple(hit.evidence for hit in moving_hits)
    elif still_hits or levels:
        moves, evidence = Truth.NOT_MET, tuple(hit.evidence for hit in still_hits) + levels
    else:
        moves, evidence = Truth.UNKNOWN, ()
    sites = {moving[hit.word] for hit in moving_hits} | {still[hit.word] for hit in still_hits}
    craniospinal = find_words(
        [item for item in texts if item.scope in _NAMES or item.scope is TextScope.DESCRIPTION],
        settings.craniospinal_words,
        negations=settings.negation_words,
    )
    return SiteFeature(
        moves=moves,
        evidence=tuple(dict.fromkeys(evidence)),
        craniospinal=craniospinal,
        words=tuple(sorted(sites | ({_SPINE} if levels else set()))),
    )


@lru_cache(maxsize=8)
def _sites(moving: tuple[str, ...], still: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """The sites of both lists by their spellings, and all spellings."""
    sites = _aliases(moving), _aliases(still)
    return (*sites, (*sites[0], *sites[1]))


def _aliases(words: tuple[str, ...]) -> dict[str, str]:
    """Spelling to site: ``"brst=breast"`` is a spelling of breast, ``"breast"`` one of its own."""
    pairs = (word.partition("=") for word in words)
    return {spelling.strip(): (site or spelling).strip() for spelling, _, site in pairs}


def _search(
    items: list[TextItem], words: tuple[str, ...], moving: dict[str, str], negations: tuple[str, ...]
) -> tuple[tuple[TextHit, ...], tuple[TextHit, ...]]:
    """Hits of both lists at once, so that a longer phrase of one hides a word of the other in it."""
    moving_hits: dict[tuple[str, str], TextHit] = {}
    still_hits: dict[tuple[str, str], TextHit] = {}
    for match in find_matches(items, words, negations=negations):
        if match.item.scope is TextScope.BEAM and spelling_key(match.word) == _CLOCKWISE:
            continue
        found = moving_hits if match.word in moving else still_hits
        found.setdefault((match.item.where, match.word), match.hit())
    return tuple(moving_hits.values()), tuple(still_hits.values())


def _without_regions_of_the_spine(
    moving_hits: tuple[TextHit, ...],
    still_hits: tuple[TextHit, ...],
    levels: tuple[Evidence, ...],
    moving: dict[str, str],
    still: dict[str, str],
) -> tuple[TextHit, ...]:
    """Moving sites without "thoracic" where the same text names the spine: it then says which part of it."""
    spinal = {hit.evidence for hit in still_hits if still[hit.word] == _SPINE} | set(levels)
    return tuple(hit for hit in moving_hits if moving[hit.word] not in _REGIONS or hit.evidence not in spinal)


def _levels(items: list[TextItem]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(EvidenceKind.TEXT, item.where, item.text, item.plan_uid)
        for item in items
        if any(1 <= int(number) <= _LEVELS[region.upper()] for region, number in _LEVEL.findall(plain(item.text)))
    )
