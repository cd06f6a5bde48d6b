"""What the commands that analyze plans have in common: answers, gates, identifiers and the site's key."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from rtcode.errors import AnswerError, UsageError


class IdentifierChoice(StrEnum):
    NONE = "none"
    UID = "uid"
    FULL = "full"


#: What ``--fail-on`` knows; ``mismatch`` belongs to comparisons and matches there only.
FAIL_ON = ("provisional", "out_of_scope", "not_assessable", "warning", "mismatch")


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
