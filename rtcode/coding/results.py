"""The result of one call, as data: what outputs render."""

from __future__ import annotations

from rtcode.coding.codeset import CodeSet
from rtcode.coding.decision import Decision
from rtcode.features.types import BeamFacts
from rtcode.integrity.types import IntegrityReport, PluginRef
from rtcode.metrics.types import PlanMetrics
from rtcode.plan.model import RTPlan
from rtcode.records import field, record


@record
class PlanReport:
    """A plan that was read.

    Attributes
    ----------
    beams
        The facts of each beam in file order.
    integrity
        What the integrity checks say; ``None`` where they were not run.
    metrics
        Modulation metrics; ``None`` where they were not computed.
    """

    plan: RTPlan
    beams: tuple[BeamFacts, ...]
    integrity: IntegrityReport | None = None
    metrics: PlanMetrics | None = None


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
    #: plug-ins whose checks were run
    plugins: tuple[PluginRef, ...] = field(default=())
