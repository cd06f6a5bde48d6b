"""Words in texts: whole words only, in any case and with or without accents, and not where the clause takes them back.

What a plan says in words may raise a question, never a level, so a word counts only where a reader would agree: as a
whole word (`DIBH` in ``L_DIBH``, ``DIBH1``, ``BrstDIBH`` and ``DIBHBreast``, `breast` in ``RTBREAST``, but no `gated`
in ``investigated``), not where the same clause takes it back ("no DIBH", "non-gated", "DIBH declined"), and, where a
caller asks for it, not where it is put into another course or phase ("prior SRS", "boost to follow").

Not seen: other words run together in one case (``gatedbreast``), and negations in other words than the list's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, KeysView
from enum import StrEnum
from functools import cached_property, lru_cache

from rtcode.plan.negations import CLAUSE_END, SENTENCE_END, Negations, continues, edge, joined, negations_of
from rtcode.plan.spellings import USUAL_LETTERS, WordList, indexed, usual_keys, without_overlaps, word_list
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind


class TextScope(StrEnum):
    """What a text is about."""

    #: RTPlanLabel, RTPlanName, TreatmentProtocols
    PLAN = "plan"
    #: RTPlanDescription: often a paragraph, less to the point than a label
    DESCRIPTION = "description"
    SITE = "site"
    PRESCRIPTION = "prescription"
    #: DoseReferenceDescription of a target, a point or a site
    DOSE_REFERENCE = "dose_reference"
    #: DoseReferenceDescription of an organ-at-risk volume
    ORGAN_AT_RISK = "organ_at_risk"
    GROUP = "group"
    SETUP = "setup"
    MOTION = "motion"
    TOLERANCE = "tolerance"
    #: a treatment beam
    BEAM = "beam"
    #: a beam of the session that treats nothing
    IMAGING_BEAM = "imaging_beam"
    SERIES = "series"
    MACHINE = "machine"


@record
class TextItem:
    """One non-empty text of a plan; ``where`` is the attribute path that `rtcode.plan.tags.at` makes."""

    where: str
    text: str
    scope: TextScope
    plan_uid: str | None = None

    @cached_property
    def keys(self) -> KeysView[str]:
        """What a word of a usual length could be in the text, see `usual_keys`."""
        return usual_keys(self.text)

    def may_have(self, listed: WordList) -> bool:
        """Whether a word of a list may stand in the text: most words stand in no text of a plan."""
        return listed.longest > USUAL_LETTERS or not self.keys.isdisjoint(listed.keys)


@record
class TextHit:
    """A word found in a plan's text; ``word`` is the list's spelling, the evidence holds where and the whole text."""

    word: str
    evidence: Evidence


@record
class WordMatch:
    """One place where a word stands: offsets into the plain form of the text (see `plain`), and its surroundings.

    ``clause`` ends at commas, brackets, semicolons, line breaks and full stops; ``sentence`` runs over commas.
    """

    word: str
    item: TextItem
    start: int
    end: int
    clause: str
    sentence: str

    def hit(self) -> TextHit:
        item = self.item
        return TextHit(self.word, Evidence(EvidenceKind.TEXT, item.where, item.text, item.plan_uid))


def find_words(
    items: Iterable[TextItem],
    words: tuple[str, ...],
    *,
    negations: tuple[str, ...] = (),
    elsewhere: tuple[str, ...] = (),
) -> tuple[TextHit, ...]:
    """Words of a list in texts, one hit for each text and word, in the order of the texts.

    Parameters
    ----------
    items
        Texts, from `session_texts` and the like.
    words
        Words and phrases; case and accents do not matter, and a blank in a phrase stands for any separator or none.
    negations
        What takes a word back, with ``*`` for the word: ``"no *"`` before it and ``"* declined"`` after it (small words
        may stand between), ``"* FB backup *"`` anywhere in the clause. An entry without ``*`` is a phrase inside
        which no word counts ("cord compression"); ``"un-*"`` has to stand at the word.
    elsewhere
        What puts a word into another course or phase, in the same form; with ``...`` before the star
        (``"prior ... *"``) a few other words may stand between.

    Returns
    -------
    tuple of TextHit
        Evidence of kind ``TEXT`` with the whole text as value.
    """
    hits: dict[tuple[str, str, str | None, str], TextHit] = {}
    for match in find_matches(items, words, negations=negations, elsewhere=elsewhere):
        item = match.item
        hits.setdefault((item.where, item.text, item.plan_uid, match.word), match.hit())
    return tuple(hits.values())


def find_matches(
    items: Iterable[TextItem],
    words: tuple[str, ...],
    *,
    negations: tuple[str, ...] = (),
    elsewhere: tuple[str, ...] = (),
) -> Iterator[WordMatch]:
    """Every place where a word stands and is not taken back; a longer phrase hides the shorter ones in it."""
    listed = word_list(words)
    worth = [item for item in items if item.may_have(listed)]
    if not worth:
        return
    negation, other_courses = negations_of(negations), negations_of(elsewhere)
    for item in worth:
        for word, start, end, clause, sentence in _found(item.text, listed, negation, other_courses):
            yield WordMatch(word, item, start, end, clause, sentence)


@lru_cache(maxsize=4096)
def _found(
    text: str, listed: WordList, negation: Negations, other_courses: Negations
) -> tuple[tuple[str, int, int, str, str], ...]:
    """Word, start, end, clause and sentence of each match. The texts of a plan are those of all its sessions."""
    index = indexed(text, max(listed.longest, negation.longest_mask, other_courses.longest_mask))
    places = listed.places(index)
    if not places:
        return ()
    masked = [*negation.masked(index), *other_courses.masked(index)]
    kept = _outside(masked, list(without_overlaps(places)))
    simple = index.plain
    return tuple(
        (
            listed.words[key],
            start,
            end,
            _around(CLAUSE_END, simple, start, end),
            _around(SENTENCE_END, simple, start, end),
        )
        for start, end, key in _standing(_standing(kept, simple, negation), simple, other_courses)
    )


def _outside(
    masked: list[tuple[int, int]], places: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:  # fmt: skip
    """The places, which come by their start, that lie in none of the masked parts of the text."""
    parts = sorted(masked)
    kept: list[tuple[int, int, str]] = []
    reached = following = 0
    for place in places:
        while following < len(parts) and parts[following][0] <= place[0]:
            reached = max(reached, parts[following][1])
            following += 1
        if place[1] > reached:
            kept.append(place)
    return kept


def _standing(places: list[tuple[int, int, str]], text: str, negation: Negations) -> list[tuple[int, int, str]]:
    """The places that nothing takes back: neither a phrase beside them, nor one that they share with a neighbor."""
    if negation.empty:
        return places
    sides = [negation.side(text, start, end) for start, end, _ in places]
    taken = [side != 0 for side in sides]
    for index in range(1, len(places)):  # "no DIBH or gating"
        start, end, _ = places[index]
        taken[index] = taken[index] or (taken[index - 1] and continues(text, places[index - 1][1], start, end))
    for index in range(len(places) - 2, -1, -1):  # "DIBH and gating not used"
        behind = taken[index + 1] and sides[index + 1] > 0
        if not taken[index] and behind and joined(text, places[index][1], places[index + 1][0]):
            taken[index], sides[index] = True, 1
    return [place for place, back in zip(places, taken, strict=True) if not back]


@lru_cache(maxsize=1024)
def mentions(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text has one of the words, negated or not."""
    listed = word_list(words)
    return bool(listed.keys) and bool(listed.places(indexed(text, listed.longest)))


def _around(separator: re.Pattern[str], text: str, start: int, end: int) -> str:
    return text[edge(separator, text, start, -1) : edge(separator, text, end, 1)]
