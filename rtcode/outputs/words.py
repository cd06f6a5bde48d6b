"""The contract's terms in the words of a report; every function takes data and gives one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rtcode.outputs.layout import cut

if TYPE_CHECKING:
    from rtcode.outputs.comparison_contract import ComparedPlanDict
    from rtcode.outputs.contract import BeamDict, CodeSetRef, OutcomeDict, PatientDict, PlanDict, SuggestionDict
    from rtcode.outputs.contract_features import IsocentersDict, SessionMotionDict
    from rtcode.outputs.contract_values import EvidenceDict, EvidenceValueJson

#: Characters of a text from a file that a report shows: two lines.
_LONGEST_SHOWN = 150
#: Hints of motion management that a report lists.
_MOST_HINTS = 6

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
PLAN_KINDS = {"rt_plan": "RT Plan", "rt_ion_plan": "RT Ion Plan", "brachy": "brachytherapy plan"}
_CODED = {
    "active": "",
    "sign": ", a sign",
    "indecisive": ", proves nothing",
    "none": "",
    "elsewhere": ", on a set-up of no treatment beam",
}
_HINTS = {
    "coded_sign": "coded sign",
    "setup_missing": "unknown",
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
        return value.replace("_", " ") if value in _STATUSES else (clipped(value) or "empty")
    if isinstance(value, list):
        return ", ".join("not given" if part is None else value_word(part) for part in value) or "empty"
    return decimal(value) if isinstance(value, float) else str(value)


def clipped(text: str) -> str:
    """A text from a file as a report shows it: its beginning, where it is long; JSON has more of it."""
    return cut(text, _LONGEST_SHOWN)


def decimal(value: float, digits: int = 4) -> str:
    """A number with at most so many decimals (four is all that the data has), without trailing zeros."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def more(count: int) -> str:
    """That a list goes on; empty where it does not."""
    return f"and {count} more (--format json shows all)" if count > 0 else ""


def short_path(where: str) -> str:
    """A path by its ends, ``BeamSequence[0]..LeafJawPositions (300A,011C)``; JSON has all of it."""
    parts = re.split(r"\.(?=[A-Z])", where)
    return f"{parts[0]}..{parts[-1]}" if len(parts) > 2 else where


_STATUSES = frozenset({"supported", "provisional", "out_of_scope", "not_assessable"})


def level_word(found: SuggestionDict, *, short: bool = False) -> str:
    """``Level 2 (CODE)``, or that there is none."""
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
    label = f'"{clipped(plan["label"])}"' if plan["label"] else "no label" if plan["label"] == "" else ""
    parts = [label, PLAN_KINDS[plan["kind"]], system_of(plan)]
    standing = [clipped(word.lower()) for word in (plan["intent"], plan["approval"]) if word]
    return ", ".join(part for part in (*parts, *standing) if part)


def system_of(plan: PlanDict | ComparedPlanDict) -> str:
    """The planning system's manufacturer and model."""
    return clipped(" ".join(word for word in (plan["manufacturer"], plan["model"]) if word))


def patient_words(patient: PatientDict) -> str:
    """``id 12, name A^B``: what is known of whose plan it is; empty where nothing is."""
    return ", ".join(f"{key.replace('_', ' ')} {clipped(str(value))}" for key, value in patient.items() if value)


def patient_values(patient: PatientDict) -> str:
    """The same without saying which is which."""
    return ", ".join(clipped(str(value)) for value in patient.values() if value)


def kind_and_energy(beam: BeamDict) -> str:
    """``6 MV FFF``, ``9 MeV e``, ``photon ?``."""
    energies = "/".join(decimal(energy) for energy in beam["energy_mev"] or [])
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
    shown = [decimal(round(angle, 1)) for angle in path]
    return " to ".join(shown) if len(shown) <= 3 else f"{shown[0]} .. {shown[-1]}"


def beam_marks(beam: BeamDict) -> str:
    """What stands in the beam's way or makes it special: wedges, blocks, bolus, couch turns, applicator."""
    marks: list[str] = []
    for wedge in beam["wedges"]:
        if wedge["used"] is False:
            continue
        angle = "" if wedge["angle_deg"] is None else f" {decimal(wedge['angle_deg'])}"
        marks.append(f"wedge{angle}" + ("?" if wedge["used"] is None else ""))
    for key, word in (("blocks", "block"), ("compensators", "compensator"), ("boluses", "bolus")):
        count = beam[key]  # type: ignore[literal-required]
        if count:
            marks.append(word if count == 1 else f"{count} {word}s" if word != "bolus" else f"{count} boluses")
    if beam["applicator"]:
        marks.append(beam["applicator"])
    if beam["couch_deg"] is not None and beam["couch_deg"] not in (0.0, 360.0):
        marks.append(f"couch {decimal(beam['couch_deg'])}")
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
    left = len(found["positions_mm"]) - len(shown)
    return [*shown, f"and {left} more"] if left > 0 else shown


def motion(found: SessionMotionDict, radiations: list[str]) -> list[str]:
    """What the plan says about motion management, one line an item."""
    lines: list[str] = []
    for item in found["coded"]:
        by = f" by {item['signal']}" if item["signal"] else ""
        what = _CODED[item["term"]]
        of = f" for the {item['radiation']} beams" if item["radiation"] else ""
        lines.append(f"coded: {clipped(item['technique'] or 'not given')}{clipped(by)}{of}{what}")
    for hint in found["hints"]:
        lines.append(f"{_HINTS[hint['strength']]}: {hint['word']} in {hint['evidence']['where']}")
    lines = list(dict.fromkeys(lines))
    if len(lines) > _MOST_HINTS:
        return [*lines[:_MOST_HINTS], more(len(lines) - _MOST_HINTS)]
    if lines or not radiations:
        return lines
    return ["not recorded in the plan, which does not rule it out"]


#: Sequences whose items are beams, as evidence names them.
_BEAM = re.compile(r"BeamSequence\[([0-9]+)\]")


def evidence_beams(evidence: EvidenceDict, plans: list[PlanDict]) -> str:
    """The beams that a piece of evidence is about, as the table of beams names them: ``beam 18``, or nothing.

    Evidence counts the items of a sequence from 0, which is rarely the number of a beam.
    """
    found = list(dict.fromkeys(int(index) for index in _BEAM.findall(evidence["where"])))
    holders = [place for place, plan in enumerate(plans) if plan["sop_instance_uid"] == evidence["plan"]]
    if not found or len(holders) != 1:
        return ""
    by_index = {beam["index"]: beam for beam in plans[holders[0]]["beams"]}
    which = plan_mark(holders[0], len(plans))
    names = [which + beam_name(by_index[index]) for index in found if index in by_index]
    return f"beam{'s' if len(names) > 1 else ''} {' and '.join(names)}" if names else ""


def plan_mark(place: int, plans: int) -> str:
    """What stands before a beam's number in a session of several plans, which may all have a beam 1: ``2/``."""
    return f"{place + 1}/" if plans > 1 else ""


def beam_name(beam: BeamDict) -> str:
    """A beam's number, or its name where it has none."""
    return clipped(beam["name"] or "") or "without number" if beam["number"] is None else str(beam["number"])


def cited(citations: Iterable[str]) -> str:
    """``paper 50, 64; rules S7``: citations by source; `sources` gives the key."""
    places: dict[str, list[str]] = {}
    for citation in citations:
        source, _, place = citation.partition(":")
        places.setdefault(source, []).append(place)
    return "; ".join(f"{source} {', '.join(filter(None, where))}".rstrip() for source, where in places.items())


def sources(citations: Iterable[str], code_set: CodeSetRef) -> list[str]:
    """What the sources of these citations are, one line each."""
    names = dict.fromkeys(citation.partition(":")[0] for citation in citations)
    known = ((name, code_set["sources"][name]) for name in names if name in code_set["sources"])
    return [f"{name}: {source['where']}" for name, source in known]
