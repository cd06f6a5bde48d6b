"""What takes a word back: "no DIBH", "DIBH not used", "DIBH, FB backup", and phrases inside which no word counts.

Looked at only where a word was found, on at most `REACH` characters around it and within its clause. The same entries
serve for what puts a word into another course or phase ("prior SRS", "boost to follow").
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from rtcode.plan.spellings import IndexedText, Span, key_and_breaks, runs, without_overlaps, word_list
from rtcode.records import record

#: How far around a word a negation is looked for (characters).
REACH = 80
#: A full stop ends a clause, but not behind an abbreviation or a single letter: "no resp. gating", "Z.n. SRS".
_ABBREVIATIONS_TEXT = (
    "resp abd insp exp comp cont approx pt pts prev hx tx rx incl vs prox dist sup inf ant lat bilat esp inh exh ggf "
    "bzw inkl entspr"
)
_ABBREVIATIONS = frozenset(_ABBREVIATIONS_TEXT.split())
CLAUSE_END = re.compile(r"[,;|()\[\]\r\n]|\.(?=\s|$)")
SENTENCE_END = re.compile(r"[;|\r\n]|\.(?=\s|$)")
#: Small words that may stand between a negation and the word it takes back, on either side.
_SMALL_WORDS_TEXT = (
    "a an the any active able candidate do done eligible for good in is of or nor longer motion need needed on "
    "planned possible required resp respiratory suitable tolerate tolerated to use used using was were with will be "
    "been has treatment plan technique currently patient pt im mit con avec de la el le met"
)
_SMALL_WORDS = frozenset(_SMALL_WORDS_TEXT.split())
#: Before the word only: what kind of it is meant, and what is not done, needed or gained.
_BEFORE_TEXT = (
    "abd abdominal adequate additional amp amplitude apply applied attempt audio based beam belt benefit benefits "
    "breast breath breathing candidates chest clinical coached cooperate comply compliant complete consistent "
    "continuous daily deep device dosimetric employ end exhale exp expiration expiratory external follow form forms "
    "formal free from further gain get guided image imaging indication indicated inhale insp inspiration inspiratory "
    "internal intra intrafraction kind kv left lt maintain management method moderate monitoring mv optical other "
    "perform performed performing phase planning real reproduce reproducible requirement right routine rt shallow "
    "sort special specific successfully surface system target time tolerating train trained triggered tumor tumour "
    "type visual voluntary w want advantage achieve able wish any some tolera tolere tolerar tollera realizar "
    "realizado posible possivel mehr weitere aktive actieve meer atemgesteuerte respiratorio respiratoria "
    "respiratoire require requires need needs gk ck lul lll rul rll rml lung brain liver spine multiple several recent "
    "initial"
)
_BEFORE = _SMALL_WORDS | frozenset(_BEFORE_TEXT.split())
#: Behind the word only: what was done with it before it was given up.
_BEHIND_TEXT = (
    "scan scans scanned ct sim simulation image images acquired set only attempted attempt considered evaluated "
    "discussed tried trial coaching training trained offered but however however also therefore so that it this as "
    "since because due currently being clearly really system device mode today at time reproducible feasible by md "
    "physician dr he she they ist wurde war wird werden est ete era fue foi e wordt werd and"
)
_BEHIND = _SMALL_WORDS | frozenset(_BEHIND_TEXT.split())
#: Where nothing else moves: "no motion with compression" says that compression is used.
_AT_WORK = frozenset(("with", "w", "in", "on", "under", "during", "mit", "con", "avec", "met"))
#: Numbers and doses may stand between a word and the course it is put into ("SRS x3 in 2021", "SBRT 50 Gy in 5 fx").
_AMOUNT = r"x?\d[\d.,/x]*(?:gy|cgy|fx|x|mm|cm)?|gy|cgy|fx|frx?|fractions?|boost|course|to|l|r"
#: What belongs to an entry with dots ("prior ... *"): at most so many words, and none that starts something else.
_LONGEST_DISTANCE = 5
_STARTS_ANEW_TEXT = (
    "now current currently this today present presents presenting here for then plan planned planning needs op "
    "operative surgery surgical resection chemo chemotherapy immunotherapy tace turp rp transplant trial protocol ca "
    "cancer carcinoma adenocarcinoma nsclc sclc hcc rcc melanoma lymphoma sarcoma tumor tumour disease recurrence "
    "recurrent progression new jetzt aktuell heute ahora actual agora atual maintenant attuale nu and und y et e "
    "smoking tobacco"
)
_STARTS_ANEW = frozenset(_STARTS_ANEW_TEXT.split())
_OPERATIONS = ("ectomy", "otomy", "ostomy", "plasty", "section", "ektomie", "ectomia", "ectomie")
#: A past year: "SRS in 2021", "SBRT from 03/2020".
_IN_A_YEAR = (
    r"\b(?:in|from|since|en|em|im|nel|van|du|de)[^\w]{1,3}(?:\d{1,2}[/.]|[a-z]{3,9}\.?\s?)?(?:19|20)\d\d\b"
)  # fmt: skip
#: What may stand between a word and what takes it back behind it, at most four of them; no line break, no full stop.
_NOT_LEAD = re.compile(r"([^ \t_\-–—:=,;?(]+)")
_LONGEST_LEAD = 4
#: Where a phrase of a negation may begin and end: letters and digits in a row (the dotless i has no plain form). Each
#: letter of another script stands alone, since some write without blanks.
_RUN = re.compile(r"[A-Za-z0-9ı]+|[^\W_]")
_WORD = re.compile(r"\w+")
#: What has to follow a phrase with a final full stop.
_END = re.compile(r"\s*(?:$|[,;|()\[\]\r\n.])")
_OR = r"\s{0,4}(?:/|,?\s{0,2}\b(?:or|nor|oder|ou|o|ni|noch)\b)\s{0,4}"
#: "no deep inspiration breath hold": the next word of the same thing; "no gating, DIBH or compression": a list.
_ADJOINED = " \t-–—"
_LONGEST_JOINT = 3
_LISTED = r"\s{0,2},\s{0,4}"
_LIST_GOES_ON = r"[^,;.()\r\n]{0,30},?\s{0,2}\b(?:or|nor|oder)\b"
_AND_OR = r"\s{0,4}(?:/|&|\+|\b(?:and|or|nor|und|oder|y|e|et|ou|o)\b)\s{0,4}"
#: "DIBH: N", "Gating = no", "DIBH? 0".
_ANSWERED_NO = r"\s{0,2}[:=?]\s{0,4}(?:n|no|none|0|false|off|nein|non|nee|nao)(?!\w)"
_ARROWS = ("->", "=>", "→", "⇒", "➔")
#: Words in the patterns above and below.
_CONNECTING_TEXT = (
    "gy cgy fx mm cm fr frx fraction fractions boost course to in from since en em im nel van du de or nor oder ou o "
    "ni noch und y e et n l r no none false off nein non nee nao with w plus mit con avec met"
)
#: Every word, and every end of a word, that decides how far a phrase reaches.
CONTEXT_WORDS = _BEFORE | _BEHIND | _STARTS_ANEW | _ABBREVIATIONS | frozenset(_CONNECTING_TEXT.split())
CONTEXT_ENDINGS = _OPERATIONS


@lru_cache(maxsize=16)
def _rarely(pattern: str) -> re.Pattern[str]:
    """A pattern that most calls never need, compiled when one does."""
    return re.compile(pattern, re.IGNORECASE)


def edge(separator: re.Pattern[str], text: str, index: int, step: int) -> int:
    """The nearest separator before (``step`` -1) or after the index, as a slice bound; at most `REACH` away."""
    if step > 0:
        high = min(len(text), index + REACH)
        ends = (match.start() for match in separator.finditer(text, index, high) if _separates(text, match))
        return next(ends, high)
    last = low = max(0, index - REACH)
    for match in separator.finditer(text, low, index):
        if _separates(text, match):
            last = match.end()
    return last


def _separates(text: str, match: re.Match[str]) -> bool:
    """Whether a separator is none of the full stops of abbreviations."""
    if match.group() != ".":
        return True
    begin = end = match.start()
    while begin > 0 and text[begin - 1].isalpha():
        begin -= 1
    return end - begin != 1 and text[begin:end].lower() not in _ABBREVIATIONS


def continues(text: str, previous_end: int, start: int, end: int) -> bool:
    """Whether a word goes on with one that was taken back: an "or" between them, nothing, or a list that ends so."""
    between = text[previous_end:start]
    if len(between) <= _LONGEST_JOINT and not between.strip(_ADJOINED):
        return True
    if _rarely(_OR).fullmatch(between):
        return True
    return bool(_rarely(_LISTED).fullmatch(between) and _rarely(_LIST_GOES_ON).match(text, end))


def joined(text: str, end: int, start: int) -> bool:
    """Whether an "and" or "or" joins two words, so that what follows them is about both."""
    return _rarely(_AND_OR).fullmatch(text[end:start]) is not None


@record(eq=False)
class _Phrases:
    """Phrases by their letters: for each spelling where its parts end, where they have to, and what must follow."""

    spellings: dict[str, list[tuple[frozenset[int], frozenset[int], str]]]
    #: how the keys begin, the keys themselves included
    starts: frozenset[str]
    longest: int

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and kind (see `_phrases`) wherever a phrase stands in a part of a text."""
        if not self.spellings:
            return []
        pieces = [(run.start(), run.end(), True, True) for run in _RUN.finditer(text)]
        found: dict[str, list[Span]] = runs(text, pieces, self.longest, self.starts)
        return [
            (start, end, kind)
            for key in found.keys() & self.spellings.keys()
            for start, end, breaks in found[key]
            for parts, needed, kind in self.spellings[key]
            if parts.issuperset(breaks) and needed.issubset(breaks) and (kind != "." or _END.match(text, end))
        ]


def _phrases(entries: list[tuple[str, str]]) -> _Phrases:
    """Entries with their kinds; a slash in an entry ("s/p") has to separate in the text too ("SP" is a spine)."""
    spellings: dict[str, list[tuple[frozenset[int], frozenset[int], str]]] = {}
    for entry, kind in entries:
        key, parts = key_and_breaks(entry)
        if key:
            spellings.setdefault(key, []).append((parts, parts if "/" in entry else frozenset(), kind))
    starts = frozenset(key[:length] for key in spellings for length in range(1, len(key) + 1))
    return _Phrases(spellings, starts, max(map(len, spellings), default=0))


@record(eq=False)
class Negations:
    """The entries of a list of negations, by where they stand."""

    before: _Phrases
    after: _Phrases
    anywhere: _Phrases
    masks: tuple[str, ...]
    #: whether the list is about other courses: amounts and years may stand in between
    distant: bool

    @property
    def empty(self) -> bool:
        return not (self.before.longest or self.after.longest or self.anywhere.longest)

    @property
    def longest_mask(self) -> int:
        return word_list(self.masks).longest

    def masked(self, text: IndexedText) -> tuple[tuple[int, int], ...]:
        """Where phrases stand inside which no word counts; they may overlap ("spinal cord", "cord compression")."""
        places = word_list(self.masks).places(text)
        by_mask: dict[str, list[tuple[int, int, str]]] = {}
        for place in places:
            by_mask.setdefault(place[2], []).append(place)
        return tuple((start, end) for same in by_mask.values() for start, end, _ in without_overlaps(same))

    def side(self, text: str, start: int, end: int) -> int:
        """Where a phrase takes the word between two offsets of a plain text back: -1 before it, 1 behind it, else 0."""
        low, high = edge(CLAUSE_END, text, start, -1), edge(CLAUSE_END, text, end, 1)
        ahead = text[low:start]
        if any(_reaches(kind, ahead[end_of:]) for _, end_of, kind in self.before.spans(ahead)):
            return -1
        # what follows at once may stand behind a comma or in brackets: "DIBH (not used)"
        behind = text[end : end + REACH]
        if any(arrow in behind for arrow in _ARROWS):
            behind = _without_arrows(behind)
        if any(_only_leads(behind[:start_of], self.distant) for start_of, _, _ in self.after.spans(behind)):
            return 1
        if self.distant:
            return 1 if _in_a_year(behind) else 0
        answered = _rarely(_ANSWERED_NO).match(behind)
        if answered and _END.match(behind, answered.end()):
            return 1
        # "DIBH with FB backup" is treated, "DIBH FB backup" is the plan that is not
        spans = self.anywhere.spans(text[low:high])
        return 1 if any(not _accompanies(text[end : low + begin]) for begin, _, _ in spans) else 0


@lru_cache(maxsize=64)
def negations_of(entries: tuple[str, ...]) -> Negations:
    """The list sorted by where the ``*`` stands, made once.

    A final ``.`` in an entry ("* no.") means that the clause ends there, ``...`` before the star that other words may
    stand between, and a hyphen before it that nothing may.
    """
    before: list[tuple[str, str]] = []
    after: list[tuple[str, str]] = []
    anywhere: list[tuple[str, str]] = []
    masks: list[str] = []
    for entry in entries:
        stripped = entry.strip()
        phrase = stripped.strip("*").strip()
        if stripped.startswith("*") and stripped.endswith("*"):
            anywhere.append((phrase, ""))
        elif stripped.endswith("*"):
            kind = "..." if phrase.endswith("...") else "-" if phrase.endswith("-") else ""
            before.append((phrase.rstrip(".-"), kind))
        elif stripped.startswith("*"):
            after.append((phrase, "." if phrase.endswith(".") else ""))
        else:
            masks.append(stripped)
    distant = any(kind == "..." for _, kind in before)
    return Negations(_phrases(before), _phrases(after), _phrases(anywhere), tuple(masks), distant)


def _reaches(kind: str, between: str) -> bool:
    """Whether a phrase before a word takes it back over what stands between; an underscore binds ("no_the")."""
    if kind == "-":
        return between in ("-", "‐", "–")
    words = [word.lower() for word in _WORD.findall(between) if word.strip("_")]
    if kind == "...":
        return len(words) <= _LONGEST_DISTANCE and not any(
            word in _STARTS_ANEW or word.endswith(_OPERATIONS) for word in words
        )
    if any(first == "motion" and second in _AT_WORK for first, second in pairwise(words)):
        return False
    return all(word in _BEFORE for word in words)


def _only_leads(between: str, distant: bool) -> bool:
    """Whether nothing but small words stands here, with a few blanks, dashes or an opening bracket around them."""
    first, *rest = _NOT_LEAD.split(between)
    leads, words = rest[1::2], rest[::2]
    return (
        len(first) <= _LONGEST_LEAD
        and all(word.lower() in _BEHIND or (distant and _rarely(_AMOUNT).fullmatch(word)) for word in words)
        and all(0 < len(lead) <= _LONGEST_LEAD and lead[0] != "_" for lead in leads)
    )


def _accompanies(between: str) -> bool:
    return any(word.lower() in ("with", "w", "plus", "mit", "con", "avec", "met") for word in _WORD.findall(between))


def _in_a_year(behind: str) -> bool:
    """Whether a year follows, amounts between: "SRS x3 in 2021"."""
    return any(_only_leads(behind[: found.start()], True) for found in _rarely(_IN_A_YEAR).finditer(behind))


def _without_arrows(text: str) -> str:
    """The same in words: "DIBH -> FB" is "DIBH to FB"."""
    for arrow in _ARROWS:
        text = text.replace(arrow, " to ")
    return text
