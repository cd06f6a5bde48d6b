"""The lines of a scan (``rtcode.scan/1``): a header, sessions, what was passed over or failed, and a summary."""

from __future__ import annotations

from typing import Literal

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract import CodeSetRef, FailureLine, PolicyRef, SessionDict, SkippedLine
from rtcode.outputs.contract_values import IdentifierLevel


class ScanPlanDict(TypedDict):
    """The plan of a scanned session: what an archive is counted by. Beams are in ``rtcode analyze``.

    ``path`` is the first file with this content, in the order of names; ``patient`` a keyed pseudonym, the same for
    all plans of one patient; ``year``, ``month`` (``2026-03``) and ``date`` are those of RTPlanDate (300A,0006), as far
    as the level of identifiers allows; ``warnings`` the codes of what is odd about the file.
    """

    path: str
    sha256: str
    size: int
    sop_class_uid: str | None
    sop_instance_uid: str | None
    kind: Literal["rt_plan", "rt_ion_plan", "brachy"]
    label: str | None
    manufacturer: str | None
    model: str | None
    software: list[str]
    machines: list[str]
    patient: str | None
    year: int | None
    month: str | None
    date: str | None
    geometry: str | None
    intent: str | None
    approval: str | None
    treatment_beams: int
    warnings: list[str]
    reader: str


class ScanSessionLine(SessionDict):
    """One treatment session of the archive with its plan."""

    type: Literal["session"]
    plan: ScanPlanDict


class ScanHeaderLine(TypedDict):
    """The first line of a scan."""

    type: Literal["header"]
    schema: Literal["rtcode.scan/1"]
    tool_version: str
    code_set: CodeSetRef
    policy: PolicyRef | None
    identifiers: IdentifierLevel
    date_of_service: str | None
    answers: dict[str, str]
    shard: str | None


class ScanSummaryLine(TypedDict):
    """The last line of a scan; a stream without it was cut short.

    Every file that was met has one line's worth of counting: ``files`` is the sum of ``plans``, ``failures`` and
    ``skipped``, and ``duplicates`` says how many of the skipped are further copies of a plan. A member of a zip or tar
    archive counts as a file.
    """

    type: Literal["summary"]
    files: int
    plans: int
    sessions: int
    failures: int
    skipped: int
    duplicates: int
    by_status: dict[str, int]
    by_level: dict[str, int]
    by_failure: dict[str, int]


ScanLine = ScanHeaderLine | ScanSessionLine | FailureLine | SkippedLine | ScanSummaryLine
