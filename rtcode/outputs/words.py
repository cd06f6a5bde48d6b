"""The contract's terms in the words of a report; every function takes data and gives one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtcode.outputs.contract import (
        BeamDict,
        EvidenceValueJson,
        IsocentersDict,
        OutcomeDict,
        PlanDict,
        SessionMotionDict,
        SuggestionDict,
    )

_TECHNIQUES = {
    "static_open": "static, open",
    "static_shaped": "static, shaped",
    "field_in_field": "field-in-field",
    "step_and_shoot": "step-and-shoot",
    "sliding_window": "sliding window",
    "static_arc": "arc, open",
    "conformal_arc": "conformal arc",
    "vmat": "VMAT",
}
_HINTS = {
    "coded_sign": "coded sign",
    "strong": "text",
    "weak": "text (weak)",
    "setup_only": "text (set-up only)",
    "free_breathing": "text (against)",
}


def value_word(value: EvidenceValueJson) -> str:
    """A value as a report shows it; nothing at all is said in words."""
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ") if value in _STATUSES else (value or "empty")
    if isinstance(value, list):
        return ", ".join("not given" if part is None else value_word(part) for part in value) or "empty"
    return _decimal(value) if isinstance(value, float) else str(value)


def _decimal(value: float) -> str:
    """All digits that the data has (four decimals), without trailing zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def short_path(where: str) -> str:
    """A path by its ends, ``BeamSequence[0]..LeafJawPositions (300A,011C)``; JSON has all of it."""
    parts = re.split(r"\.(?=[A-Z])", where)
    return f"{parts[0]}..{parts[-1]}" if len(parts) > 2 else where


_STATUSES = frozenset({"supported", "provisional", "out_of_scope", "not_assessable"})


def level_word(found: SuggestionDict, *, short: bool = False) -> str:
    """``Level 2 (77407)``, or that there is none."""
    if found["level"] is None:
        return "-" if short else "No level"
    return f"{found['level']} ({found['code']})" if short else f"Level {found['level']} ({found['code']})"


def outcome_word(outcome: OutcomeDict) -> str:
    """Where an answer leads, after "leads"."""
    if outcome["level"] is not None:
        open_still = ", still provisional" if outcome.get("status") == "provisional" else ""
        return f"to level {outcome['level']}{open_still}"
    return "out of the scope of these codes" if outcome.get("status") == "out_of_scope" else "to no level"


def describe_plan(plan: PlanDict) -> str:
    """Label, system and standing of a plan in one line."""
    kind = {"rt_plan": "RT Plan", "rt_ion_plan": "RT Ion Plan", "brachy": "brachytherapy plan"}[plan["kind"]]
    parts = [f'"{plan["label"]}"' if plan["label"] else "no label" if plan["label"] == "" else "", kind]
    system = " ".join(word for word in (plan["manufacturer"], plan["model"]) if word)
    standing = [word.lower() for word in (plan["intent"], plan["approval"]) if word]
    return ", ".join(part for part in (*parts, system, *standing) if part)


def kind_and_energy(beam: BeamDict) -> str:
    """``6 MV FFF``, ``9 MeV e``, ``photon ?``."""
    energies = "/".join(_decimal(energy) for energy in beam["energy_mev"] or [])
    radiation = beam["radiation"]
    if not energies:
        return "unknown" if radiation == "unknown" else f"{radiation} ?"
    if radiation == "photon":
        return f"{energies} MV" + (" FFF" if beam["fff"] else "")
    if radiation == "electron":
        return f"{energies} MeV e"
    return f"{energies} MeV" if radiation == "unknown" else f"{energies} MeV {radiation}"


def technique_word(beam: BeamDict) -> str:
    return _TECHNIQUES.get(beam["technique"], beam["technique"])


def gantry(path: list[float] | None) -> str:
    """``0``, ``181 to 179``, ``181 to 179 to 181``; long paths by their ends."""
    if path is None:
        return "?"
    shown = [_decimal(round(angle, 1)) for angle in path]
    return " to ".join(shown) if len(shown) <= 3 else f"{shown[0]} .. {shown[-1]}"


def beam_marks(beam: BeamDict) -> str:
    """What stands in the beam's way or makes it special: wedges, blocks, bolus, couch turns, applicator."""
    marks: list[str] = []
    for wedge in beam["wedges"]:
        if wedge["used"] is False:
            continue
        angle = "" if wedge["angle_deg"] is None else f" {_decimal(wedge['angle_deg'])}"
        marks.append(f"wedge{angle}" + ("?" if wedge["used"] is None else ""))
    for key, word in (("blocks", "block"), ("compensators", "compensator"), ("boluses", "bolus")):
        count = beam[key]  # type: ignore[literal-required]
        if count:
            marks.append(word if count == 1 else f"{count} {word}s" if word != "bolus" else f"{count} boluses")
    if beam["applicator"]:
        marks.append(beam["applicator"])
    if beam["couch_deg"] is not None and beam["couch_deg"] not in (0.0, 360.0):
        marks.append(f"couch {_decimal(beam['couch_deg'])}")
    mlc = beam["mlc"]
    if mlc is not None and mlc["present"] and mlc["apertures"] > 1:
        marks.append(f"{mlc['apertures']} apertures")
    return ", ".join(marks)


def isocenters(found: IsocentersDict, radiations: list[str]) -> str:
    """How many isocenters the photon beams have, or why that is not known."""
    count = found["count"]
    if "photon" not in radiations and "unknown" not in radiations:
        return "not counted: no photon treatment beam"
    if count is None:
        return f"unknown: {found['reason']}"
    if count == 0:
        return "none"
    if count == 1:
        return "1"
    text = f"{count} different points"
    if found["nearest_mm"] is not None:
        text += f", the nearest two {found['nearest_mm']:.1f} mm apart"
    if count > 2 and found["farthest_mm"] is not None:
        text += f", the farthest {found['farthest_mm']:.1f} mm"
    return text


def points(found: IsocentersDict) -> list[str]:
    """The points' coordinates, at most eight."""
    shown = [f"({', '.join(f'{value:.1f}' for value in point)}) mm" for point in found["positions_mm"][:8]]
    more = len(found["positions_mm"]) - len(shown)
    return [*shown, f"and {more} more"] if more > 0 else shown


def motion(found: SessionMotionDict, radiations: list[str]) -> list[str]:
    """What the plan says about motion management, one line an item."""
    lines: list[str] = []
    for item in found["coded"]:
        by = f" by {item['signal']}" if item["signal"] else ""
        what = {"active": "", "sign": ", a sign", "indecisive": ", proves nothing", "none": ""}[item["term"]]
        of = f" for the {item['radiation']} beams" if item["radiation"] else ""
        lines.append(f"coded: {item['technique'] or 'not given'}{by}{of}{what}")
    for hint in found["hints"]:
        lines.append(f"{_HINTS[hint['strength']]}: {hint['word']} in {hint['evidence']['where']}")
    lines = list(dict.fromkeys(lines))
    if lines or not radiations:
        return lines
    return ["nothing in the plan speaks of motion management; no plan can rule it out"]
