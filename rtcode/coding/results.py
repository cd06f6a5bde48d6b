"""The result of one call, as data: what outputs render."""

from __future__ import annotations

from rtcode.coding.codeset import CodeSet
from rtcode.coding.decision import Decision
from rtcode.features.types import BeamFacts
from rtcode.plan.model import RTPlan
from rtcode.records import record


@record
class PlanReport:
    """A plan that was read, with the facts of each of its beams in file order."""

    plan: RTPlan
    beams: tuple[BeamFacts, ...]


@record
class Failure:
    """An input that could not be used; ``message`` holds no value from the file, ``hint`` says what to do."""

    path: str
    code: str
    message: str
    hint: str = ""


@record
class Skipped:
    """An input that was passed over on purpose: another DICOM object in a folder, or a duplicate."""

    path: str
    code: str


@record
class Results:
    """Everything that one call found. ``date_of_service`` is ISO or ``None`` where none was given."""

    tool_version: str
    code_set: CodeSet
    date_of_service: str | None
    plans: tuple[PlanReport, ...]
    sessions: tuple[Decision, ...]
    failures: tuple[Failure, ...]
    skipped: tuple[Skipped, ...]
