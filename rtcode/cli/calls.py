"""What the commands that analyze plans have in common: answers, gates, identifiers and the site's key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rtcode.cli.streams import error_line
from rtcode.errors import AnswerError, UsageError

if TYPE_CHECKING:
    from rtcode.coding.results import PlanReport, Results
    from rtcode.outputs.contract import FailureDict


class IdentifierChoice(StrEnum):
    NONE = "none"
    UID = "uid"
    FULL = "full"


#: What ``--fail-on`` knows; ``mismatch`` belongs to comparisons and matches there only.
FAIL_ON = ("provisional", "out_of_scope", "not_assessable", "warning", "mismatch")
#: Inputs that standard error names one by one.
MOST_ERROR_LINES = 20


def answer_of(text: str) -> tuple[str, str]:
    """A ``QUESTION=VALUE`` in its parts."""
    question, sign, value = text.partition("=")
    if not sign:
        raise AnswerError("an answer has no value")
    return question.strip(), value.strip()


def gates_of(values: Iterable[str]) -> frozenset[str]:
    """The words of all ``--fail-on``, which may hold several with commas between."""
    gates = {word.strip() for value in values for word in value.split(",")}
    if "" in gates:
        # From a variable that is not set: without an error the gate would be gone and nobody would know.
        raise UsageError("--fail-on has an empty value", f"it knows {', '.join(FAIL_ON)}")
    unknown = sorted(gates - set(FAIL_ON))
    if unknown:
        raise UsageError(f"--fail-on does not know {unknown[0]!r}", f"it knows {', '.join(FAIL_ON)}")
    return frozenset(gates)


def matches(results: Results, gates: frozenset[str]) -> bool:
    """Whether a gate matches: the status of a session, or a plan with something odd."""
    statuses = {decision.suggestion.status.value for decision in results.sessions}
    return bool(gates & statuses) or ("warning" in gates and any(map(_warned, results.plans)))


def _warned(report: PlanReport) -> bool:
    """Whether the reader found the file odd, or an integrity check found more than something to note."""
    from rtcode.integrity.types import Severity

    findings = () if report.integrity is None else report.integrity.findings
    return bool(report.plan.warnings) or any(finding.severity is not Severity.NOTE for finding in findings)


def tell_failures(failures: Sequence[FailureDict], side: str = "") -> None:
    """Inputs that could not be used, on standard error.

    Parameters
    ----------
    side
        Which of two plans they were given for; an output of two plans does not name them.
    """
    from rtcode.outputs.tree import failure_text

    # One line more than allowed is not worth a line that says so.
    told = failures if len(failures) <= MOST_ERROR_LINES + 1 else failures[:MOST_ERROR_LINES]
    whose = f"{side}: " if side else ""
    for failure in told:
        error_line(f"{failure['code']}: {whose}{failure['path']}: {failure_text(failure)}")
    if len(told) < len(failures):
        more = f"{len(failures) - len(told)} more inputs could not be used"
        error_line(f"note: {whose}{more}{'' if side else '; the output names all of them'}")


def site_key() -> bytes | None:
    """The key of pseudonyms: from the environment, or from the file that the environment names."""
    value = os.environ.get("RTCODE_SITE_KEY")
    if value:
        return value.encode("utf-8", "surrogateescape")
    path = os.environ.get("RTCODE_SITE_KEY_FILE")
    if not path:
        return None
    try:
        key = Path(path).read_bytes().strip()
    except OSError as error:
        raise UsageError(
            f"the file that RTCODE_SITE_KEY_FILE names cannot be read ({type(error).__name__})", "check its path"
        ) from None
    if not key:
        raise UsageError("the file that RTCODE_SITE_KEY_FILE names is empty", "put the site's key into it")
    return key
