"""What is said of a metric: the record that the catalog is made of."""

from __future__ import annotations

from enum import StrEnum

from rtcode.records import record


class Sense(StrEnum):
    """Where more modulation moves a metric."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Combination(StrEnum):
    """How the values of beams make that of a plan."""

    #: mean by meterset
    MEAN = "mean"
    LARGEST = "largest"
    SMALLEST = "smallest"
    SUM = "sum"
    #: makes no sense for a plan
    NONE = "none"


@record
class Definition:
    """One metric of one profile.

    Attributes
    ----------
    profile, name
        As in the values of a beam.
    label
        How pages call it.
    unit
        ``""`` where it has none.
    text
        One line.
    source
        Paper with DOI, or whose convention it is.
    sense
        Where more modulation moves it.
    sampling
        What a finer sampling of the same delivery does to it.
    combination
        How beams make the plan's value.
    in_plan
        Its name in the values of a plan; ``None`` where a plan has none.
    """

    profile: str
    name: str
    label: str
    unit: str
    text: str
    source: str
    sense: Sense
    sampling: str
    combination: Combination
    in_plan: str | None
