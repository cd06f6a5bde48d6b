"""Code sets: dated rule data in TOML, loaded strictly, chosen by the date of service, and opened by a policy file.

A code set holds every value, word list, reading, citation and text of one year's rules. What a site may set otherwise
stands under ``values`` (detector settings), ``readings`` (how a gap in the sources is read) and ``doubts`` (which signs
make a suggestion provisional). A policy sets them by id; its name and hash stand in every output.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rtcode.coding.schema import (
    CodeSetFile,
    CriterionEntry,
    DoubtEntry,
    FlagEntry,
    LevelEntry,
    PolicyFile,
    QuestionEntry,
    ReadingEntry,
    RelatedCodeEntry,
    ScopeEntry,
    SourceEntry,
    Value,
    ValueEntry,
)
from rtcode.coding.strict import ShapeError, build
from rtcode.errors import AnswerError, CodeSetError, NoCodeSetError, PolicyError
from rtcode.features.settings import DetectorSettings
from rtcode.integrity import ALL_CHECKS, CheckSettings, Plugin, Setting, all_checks, check_settings, load_plugins
from rtcode.metrics.machines import MachineEntry, Machines
from rtcode.records import field, fields, record, replace

#: What the engine and the detectors ask a code set for, by name; a code set without one of them is refused.
_REQUIRED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "criteria": frozenset(
            {
                "active_motion_management",
                "multiple_isocenters",
                "mixed_photon_electron",
                "total_skin_electron",
                "photon_3d_or_imrt",
                "electrons_only",
                "photon_2d",
            }
        ),
        "scope": frozenset(
            {
                "ion_therapy",
                "other_particles",
                "brachytherapy",
                "kilovoltage",
                "stereotactic",
                "intraoperative",
                "not_for_treatment",
                "no_treatment_beam",
            }
        ),
        "questions": frozenset(
            {
                "motion_management",
                "separate_isocenters",
                "same_session",
                "same_volume",
                "planning_2d_3d",
                "abutting_electrons",
                "stereotactic",
                "total_skin",
                "plan_status",
            }
        ),
        "readings": frozenset(
            {
                "multiple_isocenters_2d",
                "abutting_electrons",
                "electron_constraints",
                "motion_without_3d",
                "mixed_same_volume",
            }
        ),
    }
)


@record
class Policy:
    """A site's policy as applied: its name, the SHA-256 of its bytes, and what it sets."""

    name: str
    sha256: str
    values: Mapping[str, Value]
    readings: Mapping[str, str]
    not_provisional: frozenset[str]
    checks: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    machines: Mapping[str, MachineEntry] = field(default_factory=dict)
    #: names of the plug-ins that may run
    plugins: tuple[str, ...] = ()


@record
class CodeSet:
    """One dated set of rules, with a policy applied where one was given.

    Attributes
    ----------
    values, readings
        The code set's own entries, with their defaults; `settings` and `reading` give what holds under the policy.
    """

    id: str
    revision: int
    title: str
    note: str
    effective_from: date
    effective_through: date
    checked_on: date
    sha256: str
    sources: Mapping[str, SourceEntry]
    levels: Mapping[int, LevelEntry]
    criteria: Mapping[str, CriterionEntry]
    scope: Mapping[str, ScopeEntry]
    questions: Mapping[str, QuestionEntry]
    doubts: Mapping[str, DoubtEntry]
    flags: Mapping[str, FlagEntry]
    values: Mapping[str, ValueEntry]
    readings: Mapping[str, ReadingEntry]
    related_codes: Mapping[str, RelatedCodeEntry]
    settings: DetectorSettings
    policy: Policy | None = None
    #: what the site sets for the integrity checks, its machines, and the plug-ins that it allows
    checks: CheckSettings = field(default_factory=CheckSettings)
    machines: Machines = field(default_factory=Machines)
    plugins: tuple[Plugin, ...] = ()

    def covers(self, day: date) -> bool:
        return self.effective_from <= day <= self.effective_through

    def reading(self, name: str) -> str:
        """How a gap is read under this code set and policy, as the choice's name."""
        if self.policy is not None and name in self.policy.readings:
            return self.policy.readings[name]
        return str(self.readings[name].default)

    def makes_provisional(self, doubt: str) -> bool:
        """Whether this sign or doubt makes a suggestion provisional (a policy may take it off)."""
        return self.policy is None or doubt not in self.policy.not_provisional


def parse(data: bytes, *, name: str) -> CodeSet:
    """A code set from the bytes of its TOML file.

    Raises
    ------
    CodeSetError
        Not TOML, an unknown or missing key, a wrong type, or an entry that the engine needs and the file lacks.
    """
    raw = _toml(data, name, CodeSetError)
    try:
        file = build(CodeSetFile, raw)
        file.check()
    except ShapeError as error:
        raise CodeSetError(f"{name}: {error}") from None
    for table, ids in _REQUIRED.items():
        missing = sorted(ids - set(getattr(file, table)))
        if missing:
            raise CodeSetError(f"{name}: {table}.{missing[0]} is missing")
    return CodeSet(
        id=file.id,
        revision=file.revision,
        title=file.title,
        note=file.note,
        effective_from=file.effective_from,
        effective_through=file.effective_through,
        checked_on=file.checked_on,
        sha256=hashlib.sha256(data).hexdigest(),
        sources=file.sources,
        levels=MappingProxyType({int(k): v for k, v in file.levels.items()}),
        criteria=file.criteria,
        scope=file.scope,
        questions=file.questions,
        doubts=file.doubts,
        flags=file.flags,
        values=file.values,
        readings=file.readings,
        related_codes=file.related_codes,
        settings=_settings(file.values, {}, CodeSetError, name),
    )


#: Where the TOML parser stopped, as it ends its messages; the rest of a message may quote the file.
_PLACE = re.compile(r"\(at (line [0-9]+, column [0-9]+)\)$")


def _toml(data: bytes, name: str, error: type[CodeSetError] | type[PolicyError]) -> dict[str, Any]:
    """The tables of a TOML file; what is wrong with it is told with its place."""
    hint = "correct this place in the file"
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error(f"{name}: line {line} is not in UTF-8, as TOML wants it", hint) from None
    except tomllib.TOMLDecodeError as problem:
        place = _PLACE.search(str(problem))
        what = f"{place.group(1)} is not as TOML wants it" if place else "it ends before its TOML does"
        raise error(f"{name}: {what}", hint) from None
    except RecursionError:
        raise error(f"{name}: lists or tables are nested too deep", hint) from None


def _settings(
    entries: Mapping[str, ValueEntry],
    overrides: Mapping[str, Value],
    error: type[CodeSetError] | type[PolicyError],
    name: str,
) -> DetectorSettings:
    """Detector settings from a code set's values, a policy's overrides first."""
    wanted = {f.name: str(f.type) for f in fields(DetectorSettings)}
    unknown = sorted(set(entries) - set(wanted))
    if unknown:
        raise error(f"{name}: values.{unknown[0]} is not a value that any detector knows")
    arguments: dict[str, Any] = {}
    for key, annotation in wanted.items():
        if key not in entries:
            raise error(f"{name}: values.{key} is missing")
        entry = entries[key]
        value = overrides.get(key, entry.default)
        arguments[key] = _converted(value, annotation, entry, error, f"{name}: values.{key}")
    if arguments["same_isocenter_mm"] > arguments["distinct_isocenter_mm"]:
        raise error(f"{name}: values.same_isocenter_mm is greater than values.distinct_isocenter_mm")
    if arguments["touching_gap_mm"] > arguments["close_gap_mm"]:
        raise error(f"{name}: values.touching_gap_mm is greater than values.close_gap_mm")
    return DetectorSettings(**arguments)


def _converted(
    value: Value, annotation: str, entry: ValueEntry, error: type[CodeSetError] | type[PolicyError], where: str
) -> object:
    if annotation.startswith("tuple"):
        if not isinstance(value, tuple):
            raise error(f"{where} must be a list of words")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise error(f"{where} must be a number")
    if annotation == "int" and not float(value).is_integer():
        raise error(f"{where} must be a whole number")
    low = 0.0 if entry.minimum is None else entry.minimum
    if not (low <= value and (entry.maximum is None or value <= entry.maximum)):
        high = "" if entry.maximum is None else f" and at most {entry.maximum:g}"
        raise error(f"{where} must be at least {low:g}{high}")
    return int(value) if annotation == "int" else float(value)


@lru_cache(maxsize=1)
def shipped() -> tuple[CodeSet, ...]:
    """All shipped code sets, oldest first."""
    # Not importlib.resources: it imports tempfile, zipfile and random, and a package that needs numpy is never run from
    # inside an archive.
    folder = Path(__file__).parent / "codesets"
    sets = [parse(path.read_bytes(), name=path.name) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(sets, key=lambda s: (s.effective_from, s.id)))


def choose(code_set_id: str | None = None, date_of_service: date | None = None) -> CodeSet:
    """The code set that decides.

    Without id and date the newest shipped one, whatever today is. With a date the one that covers it. With both, the
    named one must cover the date.

    Raises
    ------
    NoCodeSetError
        Unknown id, or a date that no (or not the named) code set covers.
    """
    sets = shipped()
    if code_set_id is not None:
        named = [s for s in sets if s.id == code_set_id]
        if not named:
            raise NoCodeSetError("there is no code set with this id")
        chosen = named[-1]
        if date_of_service is not None and not chosen.covers(date_of_service):
            raise NoCodeSetError(
                f"code set {chosen.id} covers {chosen.effective_from} to {chosen.effective_through}, "
                f"not {date_of_service}"
            )
        return chosen
    if date_of_service is None:
        return sets[-1]
    covering = [s for s in sets if s.covers(date_of_service)]
    if not covering:
        raise NoCodeSetError(f"no code set covers {date_of_service}")
    return covering[-1]


def parse_policy(data: bytes, code_set: CodeSet, *, name: str) -> Policy:
    """A policy file, checked against what the code set marks as open.

    Raises
    ------
    PolicyError
        Not TOML, an unknown id, a wrong type, or a reading that is not among the choices.
    """
    raw = _toml(data, name, PolicyError)
    try:
        file = build(PolicyFile, raw)
    except ShapeError as error:
        raise PolicyError(f"{name}: {error}") from None
    for table, given, open_ids in (
        ("values", file.values, code_set.values),
        ("readings", file.readings, code_set.readings),
        ("not_provisional", file.not_provisional, code_set.doubts),
    ):
        for key in given:
            if key not in open_ids:
                raise PolicyError(f"{name}: code set {code_set.id} has no id {key!r} under {table}")
    readings: dict[str, str] = {}
    for key, value in file.readings.items():
        choices = code_set.readings[key].choices
        if isinstance(value, bool) or str(value) not in choices:
            raise PolicyError(f"{name}: readings.{key} must be one of {', '.join(choices)}")
        readings[key] = str(value)
    for machine, entry in file.machines.items():
        problem = entry.problem()
        if problem is not None:
            raise PolicyError(f'{name}: machines."{machine}".{problem}')
    return Policy(
        name=file.name,
        sha256=hashlib.sha256(data).hexdigest(),
        values=file.values,
        readings=MappingProxyType(readings),
        not_provisional=frozenset(file.not_provisional),
        checks=file.checks,
        machines=file.machines,
        plugins=file.plugins.allow,
    )


def with_policy(code_set: CodeSet, policy: Policy, *, name: str = "policy") -> CodeSet:
    """The code set as the policy opens it, with the plug-ins that it allows.

    Raises
    ------
    PolicyError
        A value of the wrong type or out of its range, a check or limit that does not exist, or a plug-in that is not
        installed or cannot be used.
    """
    settings = _settings(code_set.values, policy.values, PolicyError, name)
    plugins = load_plugins(policy.plugins, [check.id for check in ALL_CHECKS], name=name)
    return replace(
        code_set,
        settings=settings,
        policy=policy,
        checks=check_settings(policy.checks, all_checks(plugins), name=name),
        machines=Machines(policy.machines),
        plugins=plugins,
    )


def load_policy(path: Path, code_set: CodeSet) -> CodeSet:
    """Read a policy file and apply it.

    Raises
    ------
    PolicyError
        The file cannot be read, or is no policy for this code set.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"the policy file cannot be read ({type(error).__name__})", "check its path") from None
    return with_policy(code_set, parse_policy(data, code_set, name=path.name), name=path.name)


def check_answers(code_set: CodeSet, answers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Answers as ``{question: value}``, checked against the code set.

    Raises
    ------
    AnswerError
        An unknown question or value, or one question with two different values.
    """
    checked: dict[str, str] = {}
    for question, value in answers:
        entry = code_set.questions.get(question)
        if entry is None:
            raise AnswerError(f"there is no question {question!r}", f"questions: {', '.join(code_set.questions)}")
        if value not in entry.values:
            raise AnswerError(
                f"{value!r} is no answer to {question}", f"answer it with {' or '.join(entry.values)}"
            )  # fmt: skip
        if checked.setdefault(question, value) != value:
            raise AnswerError(f"{question} is answered twice, differently", "give one answer")
    return checked
