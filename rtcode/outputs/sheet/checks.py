"""Integrity findings and oddities of a file, by severity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.sheet.figures import Row
from rtcode.outputs.tree import integrity_counts
from rtcode.outputs.words import value_word

if TYPE_CHECKING:
    from rtcode.outputs.contract import PlanDict

#: severity → how it is headed; the order is that of the sheet
SEVERITIES = {"error": "Error", "warning": "Warning", "note": "Note"}
#: Attribute paths shown for a finding; JSON has all.
_MOST_PATHS = 4


def integrity(plan: PlanDict) -> Row | None:
    """What the checks say of one plan; ``None`` where they were not run."""
    found = plan["integrity"]
    if found is None:
        return None
    return {
        "summary": integrity_counts(plan),
        "findings": [
            {
                "severity": finding["severity"],
                "word": SEVERITIES[finding["severity"]],
                "check": finding["check"] + (f" ({finding['plugin']})" if finding["plugin"] else ""),
                "message": _sentence(finding["message"]),
                "explanation": finding["explanation"],
                "where": _paths(finding["where"]),
                "values": [f"{name} = {value_word(value)}" for name, value in finding["values"].items()],
            }
            for key in SEVERITIES
            for finding in found["findings"]
            if finding["severity"] == key
        ],
        "not_assessed": [
            {
                "check": entry["check"] + (f" ({entry['plugin']})" if entry["plugin"] else ""),
                "reason": entry["reason"],
                "where": _paths(entry["where"]),
            }
            for entry in found["not_assessed"]
        ],
        "passed": found["passed"],
        "off": found["off"],
    }


def _sentence(text: str) -> str:
    """With a capital, and a full stop: more follows on the line."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


def _paths(where: list[str]) -> list[str]:
    more = len(where) - _MOST_PATHS
    return where if more <= 0 else [*where[:_MOST_PATHS], f"and {more} more"]
