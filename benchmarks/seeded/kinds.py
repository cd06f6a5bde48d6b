"""What is planted: kinds of error and of harmless change, each with what should come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.seeded.draft import Draft


class Harm(StrEnum):
    """What would happen if nobody noticed."""

    #: a dose at the wrong place or wrong by far more than a plan tolerates
    SERIOUS = "serious"
    #: a few percent or millimeters, or part of the course
    MODERATE = "moderate"
    #: hardly any dose; confusion, or a safety net that is gone
    MINOR = "minor"
    #: the machine or the record-and-verify system would refuse it: a delay
    STOPS = "stops"


class Finder(StrEnum):
    INTEGRITY = "integrity"
    COMPARE = "compare"
    ANALYZE = "analyze"


@dataclass(frozen=True)
class Claim:
    """Whether a finder should find a kind of error, and why."""

    should: bool
    why: str


def yes(why: str) -> Claim:
    return Claim(True, why)


def no(why: str) -> Claim:
    return Claim(False, why)


SEEN_BESIDE = yes("the good version has it otherwise")
NO_CRITERION = no("no criterion of the level, question or flag rests on it")


@dataclass(frozen=True)
class Mark:
    """Where an error was planted: numbers of the beams concerned, and what was done (no identifying text)."""

    beams: tuple[int, ...]
    what: str
    #: the beams are no longer in the plan, so that no check can name them
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of error.

    Attributes
    ----------
    id, family
        ``family`` is the class under which the score is summed.
    harm
        What it would do.
    notice
        What a person would have to notice.
    integrity, compare, analyze
        Who should find it.
    topics
        What a finding has to speak of to count as found (`benchmarks.seeded.topics`).
    plant
        Changes the draft and says where; raises `Unfit` where the plan gives no occasion for it.
    """

    id: str
    family: str
    harm: Harm
    notice: str
    topics: frozenset[str]
    integrity: Claim
    plant: Callable[[Draft], Mark]
    compare: Claim = SEEN_BESIDE
    analyze: Claim = NO_CRITERION
    #: keeps the SOP Instance UID, where the error is about that
    same_uid: bool = False
    #: analyze is given both versions, as in a folder that holds them
    together: bool = False

    def claim(self, finder: Finder) -> Claim:
        return {Finder.INTEGRITY: self.integrity, Finder.COMPARE: self.compare, Finder.ANALYZE: self.analyze}[finder]


@dataclass(frozen=True, kw_only=True)
class Control:
    """A change that is no error.

    ``topics`` is what a comparison may speak of: empty where the content is the same and it has to say so. Integrity
    and analysis must stay as they were, except that ``may_move`` allows the suggestion, a question or a flag to move.
    """

    id: str
    what: str
    topics: frozenset[str]
    change: Callable[[Draft], Mark]
    may_move: bool = False
    #: makes the old version, where that is not the good plan itself
    before: Callable[[Draft], object] | None = None
    #: writes the file, where the encoding is the change
    encode: Callable[[Draft], bytes] | None = None
    #: what was added to every beam number
    renumbered: int = 0


def topics(*names: str) -> frozenset[str]:
    return frozenset(names)
