"""Active motion management: what a plan records, what only points to it, and what merely sounds like it.

How. The only standard record is MotionSynchronizationSequence (PS3.3 C.8.8.12). It hangs on a patient setup, so an
item counts only for treatment beams whose ReferencedPatientSetupNumber leads to that setup. BREATH_HOLD, GATING and
TRACKING are active techniques. NONE, UNKNOWN and the imaging terms (PHASE_ORDERING, PHASE_RESCANNING, RETROSPECTIVE,
CORRECTION) prove nothing, nor does an item on a setup that only other beams use. REALTIME, vendor terms, coded
preparation procedures, private attributes, an active item that no treatment beam leads to because the beams name no
setup, and items of one setup that contradict one another are signs. Words in the session's texts are signs too; the
ambiguous ones ("BH", "ABC") are kept apart as weak. Surface guidance that is named for set-up only is no sign, nor is
the compression of a spinal cord. A motion-managing MR linac is a sign by its name.

Source: docs/plans.md 1.4, 2.11; docs/rules.md 1.3, 1.4 (L3-A), 1.8, G1, G2, G9, G10, G16.

What it cannot see: whether motion was managed on any day, beam-on monitoring by surface cameras, 4D cone-beam CT that
no set-up field names, and whatever a record-and-verify system holds outside the plan. It never says that there was
none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, MotionFact, MotionFeature, MotionTerm, Radiation, TextHit
from rtcode.plan.model import Code, Missing, MotionSynchronization, PatientSetup
from rtcode.plan.sessions import PlannedBeam, SessionPart, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import (
    TextItem,
    TextScope,
    WordMatch,
    find_matches,
    find_words,
    machine_texts,
    mentions,
    session_texts,
    spelling_key,
)
from rtcode.records import replace
from rtcode.truth import Evidence, EvidenceKind

_ACTIVE = frozenset({"BREATH_HOLD", "GATING", "TRACKING"})
#: Terms about imaging, or that the technique is unknown; DISABLED and OFF are what planning systems call "not set".
_INDECISIVE = frozenset(
    {"", "UNKNOWN", "PHASE_ORDERING", "PHASE_RESCANNING", "RETROSPECTIVE", "CORRECTION", "DISABLED", "OFF"}
)
#: Coded preparation (PS3.16 CID 9577, 9573, 9578) that concerns motion, by code value in scheme DCM.
_PREPARATION = {
    "130639": "coded motion management procedure",
    "130650": "coded coaching device",
    "130654": "coded abdominal compression",
    "130655": "coded abdominal compression",
    "OSS": "coded optical surface scanner",
}
#: Scopes in which motion words count. Names of set-up beams are looked at apart, names of machines not at all.
_SCOPES = frozenset(TextScope) - {TextScope.IMAGING_BEAM, TextScope.MACHINE, TextScope.ORGAN_AT_RISK}
#: Words that take surface guidance out of "set-up only": it watches while the beam is on.
_BEAM_ON_WORDS = (
    "beam hold",
    "hold",
    "holds",
    "held",
    "holding",
    "monitor",
    "monitored",
    "monitoring",
    "intra fraction",
    "real time",
    "continuous",
    "continuously",
    "during treatment",
    "during delivery",
    "during tx",
    "during beam",
    "during RT",
    "throughout",
    "beam on",
)
#: What a compression is of where it has nothing to do with motion.
_SPINAL_WORDS = ("cord", "spine", "spinal", "vertebra", "vertebrae", "vertebral", "fracture", "cauda", "myelopathy")
_LEVEL = re.compile(r"(?<![A-Za-z0-9])(?:[CTL]|Th)\d{1,2}(?![A-Za-z0-9])", re.IGNORECASE)
#: Characters of a private value that are shown; the reader bounds only the standard texts.
_SHOWN = 64
#: Records a sign: its reason, and where it was seen.
_Sign: TypeAlias = Callable[[str, Iterable[Evidence]], None]
_SWITCHED_OFF = frozenset({"", "0", "NO", "NONE", "OFF", "FALSE", "DISABLED"})
#: What is looked for beside the lists of the code set and DICOM's defined terms.
TEXT_WORDS = (*_BEAM_ON_WORDS, *_SPINAL_WORDS, *sorted(_INDECISIVE | _SWITCHED_OFF), *_PREPARATION)


def motion_of(planned: PlannedBeam) -> tuple[MotionFact, ...]:
    """Motion synchronization items of the setup that a beam refers to, as the plan has them.

    Items of one setup may contradict one another; what holds for a session is `detect`'s to say.
    """
    if planned.setup is None or not planned.setup.motion:
        return ()
    uid = planned.plan.sop_instance_uid
    link = Evidence(
        EvidenceKind.CODED,
        at(planned.beam.path, "ReferencedPatientSetupNumber"),
        _shown(planned.beam.setup_number),
        uid,
    )
    return tuple(_fact(item, (link,), uid) for item in planned.setup.motion)


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> MotionFeature:
    """Signs of active motion management in a session.

    Parameters
    ----------
    beams
        Facts of the session's beams; those of treatment beams say whether an item is a photon or an electron beam's.
    """
    coded: dict[Radiation, dict[tuple[str | None, str], MotionFact]] = {}
    links: dict[tuple[Radiation, str | None, str], dict[Evidence, None]] = {}
    indecisive: dict[tuple[str | None, str], MotionFact] = {}
    none: dict[tuple[str | None, str], MotionFact] = {}
    signs: dict[tuple[str, str, str | None], tuple[str, Evidence]] = {}
    missing: list[Evidence] = []

    def sign(reason: str, evidence: Iterable[Evidence]) -> None:
        for entry in evidence:
            signs.setdefault((reason, entry.where, entry.plan_uid), (reason, entry))

    radiation = {id(facts.planned): facts.radiation.radiation for facts in beams}
    for part in session.parts:
        for planned in part.treatment_beams:
            facts = motion_of(planned)
            terms = {fact.term for fact in facts}
            contradicting = MotionTerm.ACTIVE in terms and MotionTerm.NONE in terms
            kind = radiation.get(id(planned), Radiation.UNKNOWN)
            for item, fact in zip(planned.setup.motion if planned.setup else (), facts, strict=True):
                key = (planned.plan.sop_instance_uid, item.path)
                if contradicting and fact.term in (MotionTerm.ACTIVE, MotionTerm.NONE):
                    sign("motion items of one patient setup contradict one another", fact.evidence[:1])
                elif fact.term is MotionTerm.SIGN:
                    sign("a coded motion term that is no standard proof", fact.evidence[:1])
                elif fact.term is MotionTerm.INDECISIVE:
                    indecisive.setdefault(key, fact)
                elif fact.term is MotionTerm.NONE:
                    none.setdefault(key, fact)
                elif kind in (Radiation.PHOTON, Radiation.ELECTRON):
                    coded.setdefault(kind, {}).setdefault(key, fact)
                    links.setdefault((kind, *key), {}).update(dict.fromkeys(fact.evidence))
                else:
                    sign("an active motion item of a beam whose radiation is not known", fact.evidence[:1])
        missing += [
            Evidence(
                EvidenceKind.CODED,
                at(planned.beam.path, "ReferencedPatientSetupNumber"),
                _shown(planned.beam.setup_number),
                planned.plan.sop_instance_uid,
            )
            for planned in part.treatment_beams
            if planned.setup is None
            and not isinstance(planned.beam.setup_number, Missing)
            and radiation.get(id(planned)) is Radiation.PHOTON
        ]
        unlinked = any(planned.setup is None for planned in part.treatment_beams)
        for item in _items_without_beam(part):
            fact = _fact(item, (), part.plan.sop_instance_uid)
            if unlinked and fact.term in (MotionTerm.ACTIVE, MotionTerm.SIGN):
                sign("an active motion item, but treatment beams name no patient setup", fact.evidence[:1])
            elif not unlinked and fact.term is not MotionTerm.NONE:
                # It is about imaging or another fraction group: no sign, but worth the question.
                elsewhere = replace(fact, term=MotionTerm.ELSEWHERE)
                indecisive.setdefault((part.plan.sop_instance_uid, item.path), elsewhere)
        _coded_and_private_signs(part, sign)
    strong, setup_only = _words(session, settings)
    items = [item for item in session_texts(session) if item.scope in _SCOPES]
    for hit in find_words(machine_texts(session), settings.mr_linac_words):
        sign("an MR linac that can manage motion", (hit.evidence,))

    def facts_of(kind: Radiation) -> tuple[MotionFact, ...]:
        """One fact an item, with the links of all beams that lead to it."""
        found = coded.get(kind, {}).items()
        return tuple(replace(fact, evidence=tuple(links[kind, *key])) for key, fact in found)

    return MotionFeature(
        coded_photon=facts_of(Radiation.PHOTON),
        coded_electron=facts_of(Radiation.ELECTRON),
        coded_indecisive=tuple(indecisive.values()),
        coded_none=tuple(none.values()),
        setup_missing=tuple(missing),
        signs=tuple(signs.values()),
        strong=strong,
        weak=find_words(items, settings.weak_motion_words, negations=settings.negation_words),
        setup_only=setup_only,
        free_breathing=find_words(items, settings.free_breathing_words, negations=settings.negation_words),
    )


def _term(technique: str) -> MotionTerm:
    if technique in _ACTIVE:
        return MotionTerm.ACTIVE
    if technique == "NONE":
        return MotionTerm.NONE
    return MotionTerm.INDECISIVE if technique in _INDECISIVE else MotionTerm.SIGN


def _fact(item: MotionSynchronization, links: tuple[Evidence, ...], uid: str | None) -> MotionFact:
    # a blank or hyphen for the underscore is the same term; several values are a term of nobody's
    technique = "_".join((item.technique or "").upper().replace("-", " ").replace("_", " ").split())
    signal = (item.signal or "").strip().upper()
    where = at(item.path, "RespiratoryMotionCompensationTechnique")
    evidence = [Evidence(EvidenceKind.CODED, where, item.technique, uid)]
    if item.signal is not None:
        evidence.append(Evidence(EvidenceKind.CODED, at(item.path, "RespiratorySignalSource"), item.signal, uid))
    return MotionFact(technique, signal, _term(technique), (*evidence, *links))


def _items_without_beam(part: SessionPart) -> tuple[MotionSynchronization, ...]:
    """Items of setups that no treatment beam leads to."""
    reached = {id(planned.setup) for planned in part.treatment_beams}
    return tuple(item for setup in part.plan.setups if id(setup) not in reached for item in setup.motion)


def _coded_and_private_signs(part: SessionPart, sign: _Sign) -> None:
    uid = part.plan.sop_instance_uid
    setups: dict[int, PatientSetup] = {}
    for planned in part.treatment_beams:
        if planned.setup is not None:
            setups.setdefault(id(planned.setup), planned.setup)
        for name, value in planned.beam.private_signs:
            if _private_sign(name, value):
                sign(
                    "a private attribute about gating or tracking",
                    (Evidence(EvidenceKind.CODED, f"{planned.beam.path} private {name}", value[:_SHOWN], uid),),
                )
    for setup in setups.values():
        for code in setup.preparation_codes:
            reason = _preparation(code)
            if reason is not None:
                where = at(f"{setup.path}.PatientTreatmentPreparationSequence", "CodeValue")
                sign(reason, (Evidence(EvidenceKind.CODED, where, code.value, uid),))


def _preparation(code: Code) -> str | None:
    if (code.scheme or "DCM").strip().upper() != "DCM":
        return None
    return _PREPARATION.get((code.value or "").strip().upper())


def _private_sign(name: str, value: str) -> bool:
    """IMPAC's gating duty cycle is a percentage, of which 0 and 100 gate nothing; Brainlab says that it tracks.

    Several percentages ("30\\70": a window of the breathing cycle) gate where one of them lies between.
    """
    if name == "DYNAMIC_TRACKING":
        return value.strip().upper() not in _SWITCHED_OFF
    if name != "GATING_DUTY_CYCLE":
        return False
    return any(0.0 < percentage < 100.0 for percentage in map(_number, value.split("\\")))


def _number(text: str) -> float:
    """The number, NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _words(
    session: TreatmentSession, settings: DetectorSettings
) -> tuple[tuple[TextHit, ...], tuple[TextHit, ...]]:  # fmt: skip
    """Hits that are signs, and surface guidance named for set-up only.

    On names of set-up fields only what they image counts: a 4D cone-beam CT, or a breath hold (who is imaged in it is
    treated in it). Surface guidance there is for set-up.
    """
    strong: dict[tuple[str, str, str | None, str], TextHit] = {}
    setup_only: dict[tuple[str, str, str | None, str], TextHit] = {}
    words, surface, others = _lists(settings.motion_words, settings.surface_guidance_words, settings.four_d_cbct_words)
    items = [item for item in session_texts(session) if item.scope in _SCOPES or item.scope is TextScope.IMAGING_BEAM]
    for match in find_matches(items, words, negations=settings.negation_words):
        if _of_the_spine(match):
            continue
        hit = match.hit()
        key = (hit.evidence.where, match.item.text, hit.evidence.plan_uid, hit.word)
        if spelling_key(match.word) in surface and _for_setup(match, others, settings):
            setup_only.setdefault(key, hit)
        else:
            strong.setdefault(key, hit)
    for key in strong:
        setup_only.pop(key, None)
    return tuple(strong.values()), tuple(setup_only.values())


@lru_cache(maxsize=8)
def _lists(
    motion: tuple[str, ...], surface_guidance: tuple[str, ...], imaging: tuple[str, ...]
) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]:
    """All words that are looked for, the keys of those for surface guidance, and the other words."""
    surface = frozenset(spelling_key(word) for word in surface_guidance)
    words = tuple(dict.fromkeys(motion + surface_guidance + imaging))
    return words, surface, tuple(word for word in words if spelling_key(word) not in surface)


def _for_setup(match: WordMatch, others: tuple[str, ...], settings: DetectorSettings) -> bool:
    sentence = TextItem(match.item.where, match.sentence, match.item.scope)
    # "set-up only, no beam hold": what is negated watches nothing
    watching = find_matches((sentence,), _BEAM_ON_WORDS + others, negations=settings.negation_words)
    if next(watching, None) is not None:
        return False
    return match.item.scope is TextScope.IMAGING_BEAM or mentions(match.sentence, settings.setup_only_words)


def _of_the_spine(match: WordMatch) -> bool:
    """Whether a compression is that of a cord or vertebra by the words around it: "T8 compression"."""
    if spelling_key(match.word) != "compression":
        return False
    return mentions(match.clause, _SPINAL_WORDS) or _LEVEL.search(match.clause) is not None


def _shown(value: int | Missing) -> int | None:
    return None if isinstance(value, Missing) else value
