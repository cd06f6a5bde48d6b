"""One JSON object a line: a header, the sessions, what could not be used or was passed over, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rtcode.outputs.json import dumps

if TYPE_CHECKING:
    from rtcode.outputs.contract import AnalysisDict, Line


def lines(data: AnalysisDict) -> Iterator[Line]:
    """The objects of the stream in order; a stream without its last, the summary, was cut short."""
    yield {
        "type": "header",
        "schema": data["schema"],
        "tool_version": data["tool_version"],
        "code_set": data["code_set"],
        "policy": data["policy"],
        "plugins": data["plugins"],
        "identifiers": data["identifiers"],
        "date_of_service": data["date_of_service"],
        "answers": data["answers"],
    }
    by_hash = {plan["sha256"]: plan for plan in data["plans"]}
    for session in data["sessions"]:
        hashes = dict.fromkeys(part["sha256"] for part in session["parts"])
        yield {"type": "session", **session, "plans": [by_hash[h] for h in hashes]}
    for failure in data["failures"]:
        yield {"type": "failure", **failure}
    for skipped in data["skipped"]:
        yield {"type": "skipped", **skipped}
    found = [session["suggestion"] for session in data["sessions"]]
    yield {
        "type": "summary",
        "plans": len(data["plans"]),
        "sessions": len(data["sessions"]),
        "failures": len(data["failures"]),
        "skipped": len(data["skipped"]),
        "by_status": dict(Counter(s["status"] for s in found)),
        "by_level": dict(sorted(Counter(str(s["level"]) for s in found if s["level"] is not None).items())),
    }


def render_ndjson(data: AnalysisDict) -> str:
    """The stream of ``--format ndjson``."""
    return "".join(dumps(line) + "\n" for line in lines(data))
