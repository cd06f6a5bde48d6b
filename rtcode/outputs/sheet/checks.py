"""Integrity findings and oddities of a file, by severity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.sheet.figures import Row
from rtcode.outputs.tree import integrity_counts, plural
from rtcode.outputs.words import value_word

if TYPE_CHECKING:
    from rtcode.outputs.contract import FindingDict, PlanDict

#: Findings told beside the suggestion; all stand in the table.
_MOST_TOLD = 3
#: Findings of one check that are told whole, and attribute paths of each; JSON has all.
_MOST_FINDINGS, _MOST_PATHS = 4, 3


def integrity(plan: PlanDict) -> Row | None:
    """What the checks say of one plan; ``None`` where they were not run."""
    found = plan["integrity"]
    if found is None:
        return None
    return {
        "summary": integrity_counts(plan),
        "findings": [_row(same) for same in _by_check(found["findings"])],
        "not_assessed": [
            {
                "check": entry["check"] + (f" ({entry['plugin']})" if entry["plugin"] else ""),
                "reason": entry["reason"],
                "where": _paths(entry["where"]),
            }
            for entry in found["not_assessed"]
        ],
        "off": found["off"],
    }


def told_first(plan: PlanDict) -> tuple[str, list[str]]:
    """The gravest severity of a plan's findings, and what those of that severity say, a few of them."""
    found = plan["integrity"]
    gravest = found["findings"][0]["severity"] if found is not None and found["findings"] else "note"
    if found is None or gravest == "note":
        return "", []
    together = [same for same in _by_check(found["findings"]) if same[0]["severity"] == gravest]
    told = [_sentence(same[0]["message"]) for same in together[:_MOST_TOLD]]
    more = sum(map(len, together)) - len(told)
    return gravest, [*told, *([f"And {more} more."] if more else [])]


def _by_check(findings: list[FindingDict]) -> list[list[FindingDict]]:
    """Findings of one check and severity together, in the order of the first: the gravest first."""
    together: dict[tuple[str, str, str | None], list[FindingDict]] = {}
    for finding in findings:
        together.setdefault((finding["severity"], finding["check"], finding["plugin"]), []).append(finding)
    return list(together.values())


def _row(same: list[FindingDict]) -> Row:
    """What one check found: the first findings whole, of more the count and the beams."""
    first, rest = same[0], same[_MOST_FINDINGS:]
    beams = dict.fromkeys(beam for finding in rest for beam in finding["beams"])
    more = f"And {len(rest)} more" if rest else ""
    if beams:
        more += f": {plural('beam', len(beams))} {', '.join(map(str, beams))}"
    return {
        "severity": first["severity"],
        "word": first["severity"].capitalize(),
        "check": first["check"] + (f" ({first['plugin']})" if first["plugin"] else ""),
        "explanation": first["explanation"],
        "found": [
            {
                "message": _sentence(finding["message"]),
                "where": _paths(finding["where"]),
                "values": [f"{name} = {value_word(value)}" for name, value in finding["values"].items()],
            }
            for finding in same[:_MOST_FINDINGS]
        ],
        "more": f"{more}." if more else "",
    }


def _sentence(text: str) -> str:
    """With a capital, and a full stop: more follows on the line."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


def _paths(where: list[str]) -> list[str]:
    more = len(where) - _MOST_PATHS
    return where if more <= 0 else [*where[:_MOST_PATHS], f"and {more} more"]
