"""Shape of code set and policy files. `rtcode.coding.strict` builds these from TOML and refuses anything else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from rtcode.coding.strict import ShapeError
from rtcode.integrity.settings import Setting
from rtcode.metrics.machines import MachineEntry
from rtcode.records import field, record

SCHEMA = "rtcode.codeset/1"

Scalar = bool | int | float | str
#: What an open value may be: one scalar, or a list of words.
Value = bool | int | float | str | tuple[str, ...]


@record
class SourceEntry:
    """A source that citations name by its key."""

    title: str
    where: str


@record
class LevelEntry:
    """A delivery level: the code set's number, our own description and what the record should hold."""

    code: str
    text: str
    documentation: tuple[str, ...]


@record
class CriterionEntry:
    supports_level: int
    text: str
    cannot_see: str
    citations: tuple[str, ...]
    documentation: tuple[str, ...] = ()


@record
class ScopeEntry:
    """A gate that takes a session out of these codes, and the family that it belongs to instead."""

    text: str
    family: str
    citations: tuple[str, ...]


@record
class QuestionEntry:
    text: str
    why: str
    values: tuple[str, ...]
    citations: tuple[str, ...]


@record
class FlagEntry:
    text: str


@record
class DoubtEntry:
    """A sign or doubt that makes a suggestion provisional; a policy may take it off the list."""

    text: str
    citations: tuple[str, ...]
    question: str | None = None


@record
class ValueEntry:
    """An open value of the detectors: default, unit, what it does and why the default is what it is."""

    default: Value
    unit: str
    text: str
    basis: str
    minimum: float | None = None
    maximum: float | None = None


@record
class ReadingEntry:
    """How a gap in the sources is read; ``choices`` names the alternatives."""

    default: Scalar
    choices: Mapping[str, str]
    text: str
    basis: str


@record
class RelatedCodeEntry:
    """A code that is reported apart from the delivery level; for information only."""

    text: str
    citations: tuple[str, ...]


@record
class CodeSetFile:
    """A code set file: one year of rules for one country and payer."""

    schema: str
    id: str
    revision: int
    title: str
    note: str
    effective_from: date
    effective_through: date
    checked_on: date
    sources: Mapping[str, SourceEntry]
    levels: Mapping[str, LevelEntry]
    criteria: Mapping[str, CriterionEntry]
    scope: Mapping[str, ScopeEntry]
    questions: Mapping[str, QuestionEntry]
    doubts: Mapping[str, DoubtEntry]
    flags: Mapping[str, FlagEntry]
    values: Mapping[str, ValueEntry]
    readings: Mapping[str, ReadingEntry]
    related_codes: Mapping[str, RelatedCodeEntry]

    def check(self) -> None:
        """What types cannot say: formats, ranges, and references between the tables.

        Raises
        ------
        ShapeError
            The first inconsistency.
        """
        if self.schema != SCHEMA:
            raise ShapeError(f"schema: must be {SCHEMA}")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", self.id):
            raise ShapeError("id: must be lower case letters, digits and hyphens")
        if self.revision < 1:
            raise ShapeError("revision: must be 1 or more")
        if self.effective_from > self.effective_through:
            raise ShapeError("effective_from: is after effective_through")
        if set(self.levels) != {"1", "2", "3"}:
            raise ShapeError("levels: must be 1, 2 and 3")
        for key, level in self.levels.items():
            if not re.fullmatch(r"[0-9A-Z]{5}", level.code):
                raise ShapeError(f"levels.{key}.code: must be five digits or capital letters")
        for key, criterion in self.criteria.items():
            if criterion.supports_level not in (1, 2, 3):
                raise ShapeError(f"criteria.{key}.supports_level: must be 1, 2 or 3")
        for key, question in self.questions.items():
            if len(set(question.values)) < 2:
                raise ShapeError(f"questions.{key}.values: must be two or more different values")
        for key, reading in self.readings.items():
            if str(reading.default) not in reading.choices:
                raise ShapeError(f"readings.{key}.default: is not among its choices")
        for key, doubt in self.doubts.items():
            if doubt.question is not None and doubt.question not in self.questions:
                raise ShapeError(f"doubts.{key}.question: names a question that does not exist")
        self._check_citations()

    def _check_citations(self) -> None:
        for name, table in (
            ("criteria", self.criteria),
            ("scope", self.scope),
            ("questions", self.questions),
            ("doubts", self.doubts),
            ("related_codes", self.related_codes),
        ):
            for key, entry in table.items():
                citations = entry.citations
                if not citations:
                    raise ShapeError(f"{name}.{key}.citations: must name at least one source")
                if any(citation.split(":", 1)[0] not in self.sources for citation in citations):
                    raise ShapeError(f"{name}.{key}.citations: names a source that is not listed under sources")


@record
class PluginsEntry:
    """Which plug-ins may run; none does without being named here."""

    allow: tuple[str, ...] = ()


@record
class PolicyFile:
    """A site's policy: a name, values and readings by the ids of the code set, and what holds for integrity checks."""

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    readings: Mapping[str, Scalar] = field(default_factory=dict)
    #: doubts that shall not make a suggestion provisional
    not_provisional: tuple[str, ...] = ()
    #: severity and limits of integrity checks, by the check's id
    checks: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    #: by TreatmentMachineName
    machines: Mapping[str, MachineEntry] = field(default_factory=dict)
    plugins: PluginsEntry = field(default_factory=PluginsEntry)
