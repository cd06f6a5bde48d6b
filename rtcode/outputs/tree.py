"""What reports take from the result tree, as sentences: text, HTML and PDF have them from here and say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.integrity import ALL_CHECKS
from rtcode.integrity.types import Severity
from rtcode.outputs.words import outcome_word

if TYPE_CHECKING:
    from rtcode.outputs.contract import (
        AnalysisDict,
        CriterionDict,
        FailureDict,
        FindingDict,
        FlagDict,
        PartDict,
        PlanDict,
        SessionDict,
        SuggestionDict,
        WarningDict,
    )

CLOSING = "suggestion, human confirms"
#: Flag about what a plan file cannot hold; it stands with what the plan cannot tell.
UNSEEN = "other_plans_not_seen"


#: Severities of findings, the gravest first.
SEVERITIES = tuple(severity.value for severity in Severity if severity is not Severity.OFF)


def plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"


def nothing(data: AnalysisDict) -> str:
    """What is said where there is no session."""
    if data["failures"]:
        return "No plan could be read."
    count = len(data["skipped"])
    return f"No RT Plan among {count} {plural('object', count)}." if count else "No RT Plan was found."


def overview(data: AnalysisDict) -> str:
    """How much there is, in one line."""
    plans, sessions, failures = len(data["plans"]), len(data["sessions"]), len(data["failures"])
    text = f"{plans} {plural('plan', plans)}, {sessions} {plural('session', sessions)}"
    return text + (f", {failures} {plural('input', failures)} that could not be used" if failures else "")


def session_plans(session: SessionDict) -> list[str]:
    """The hashes of a session's plans, each once, in the order in which they are shown."""
    return list(dict.fromkeys(part["sha256"] for part in session["parts"]))


def group_line(part: PartDict, plan: PlanDict) -> str:
    """``fraction group 1, 25 fractions planned``."""
    if part["fraction_group"] is None:
        return "no fraction group"
    numbers = [g["fractions_planned"] for g in plan["fraction_groups"] if g["number"] == part["fraction_group"]]
    fractions = numbers[0] if len(numbers) == 1 else None
    count = "unknown number of" if fractions is None else str(fractions)
    return f"fraction group {part['fraction_group']}, {count} {plural('fraction', fractions or 0)} planned"


def joined_line(session: SessionDict) -> str:
    """Why several groups or plans are one session; empty where they are not."""
    if session["joined_by"] is None:
        return ""
    why = "the plans name one another as concurrent" if session["joined_by"] == "concurrent" else "--same-session"
    return f"judged as one session ({why})"


def floor_and_ceiling(found: SuggestionDict) -> str:
    """What is supported, what more could follow, and what leads to it; empty where there is no level."""
    floor, ceiling = found["floor"], found["ceiling"]
    if floor is None or ceiling is None:
        return ""
    answers = {question["id"]: list(question["answers"].values()) for question in found["questions"]}
    leads = []
    if floor < ceiling:
        asked = [name for name, outcomes in answers.items() if any(o["level"] == ceiling for o in outcomes)]
        if asked:
            lead = f"an answer to {' or '.join(asked)}"
        elif any(flag["id"] in ("beam_missing", "beam_not_judged") for flag in found["flags"]):
            lead = "a beam that may be missing, or cannot be judged,"
        else:
            lead = "motion management, which no plan can rule out,"
        leads.append(f"{lead} could lead to level {ceiling}")
    out = [name for name, outcomes in answers.items() if any(o.get("status") == "out_of_scope" for o in outcomes)]
    if out:
        one = "one" if leads and leads[0].startswith("an answer") else "an answer"
        leads.append(f"{one} to {' or '.join(out)} could lead out of these codes")
    text = f"Floor {floor}, ceiling {ceiling}{': ' if leads else ''}{'; '.join(leads)}"
    return f"{text}. Decided by {', '.join(found['decided_by']) or 'nothing in the plan'}."


def deciding(session: SessionDict) -> list[CriterionDict]:
    """The criteria that decided."""
    return [c for c in session["criteria"] if c["status"] == "met" and c["id"] in session["suggestion"]["decided_by"]]


def untold(session: SessionDict) -> tuple[list[CriterionDict], list[FlagDict]]:
    """What the plan cannot tell: unknown criteria that no other line tells of, and flags about what it cannot hold."""
    found = session["suggestion"]
    if found["status"] == "out_of_scope":
        return [], []
    unknown = [c for c in session["criteria"] if c["status"] == "unknown" and not _said_elsewhere(c, session)]
    return unknown, [flag for flag in found["flags"] if flag["id"] == UNSEEN]


def _said_elsewhere(criterion: CriterionDict, session: SessionDict) -> bool:
    """Whether an unknown is told by another line already: motion by its own and its question, 2D by 3D."""
    if criterion["id"] == "active_motion_management":
        asked = any(question["id"] == "motion_management" for question in session["suggestion"]["questions"])
        return asked or not criterion["evidence"]
    if criterion["id"] == "photon_2d":
        return any(c["id"] == "photon_3d_or_imrt" and c["status"] == "unknown" for c in session["criteria"])
    return False


def flags(found: SuggestionDict) -> list[FlagDict]:
    """Flags that are worth a look."""
    return [flag for flag in found["flags"] if flag["id"] != UNSEEN]


def together_line(session: SessionDict, data: AnalysisDict) -> str:
    """Where the patient's sessions of the call would lead as one; empty where that is nowhere else."""
    together, found = session["together"], session["suggestion"]
    if together is None or (together["level"], together["status"]) == (found["level"], found["status"]):
        return ""
    ids = [s["id"] for s in data["sessions"]]
    others = [str(ids.index(other) + 1) for other in together["sessions"] if other in ids]
    where = f"{plural('session', len(others))} {', '.join(others)}" if others else "the patient's others"
    lead = outcome_word({"level": together["level"], "status": together["status"]})
    return f"One session with {where} leads {lead} (--same-session judges it so)."


def integrity_counts(plan: PlanDict) -> str:
    """How many findings of each severity, and how many checks found nothing or could not look."""
    found = plan["integrity"]
    if found is None:
        return "integrity checks were not run"
    severities: list[str] = [finding["severity"] for finding in found["findings"]]
    said = [f"{count} {plural(word, count)}" for word in SEVERITIES if (count := severities.count(word))]
    parts = [
        ", ".join(said) or "nothing found",
        f"{len(found['passed'])} {plural('check', len(found['passed']))} passed",
    ]
    blind = len({entry["check"] for entry in found["not_assessed"]})
    if blind:
        parts.append(f"{blind} could not look at everything")
    if found["off"]:
        parts.append(f"{len(found['off'])} switched off")
    return "; ".join(parts)


def untold_warnings(warnings: list[WarningDict], findings: list[FindingDict]) -> list[WarningDict]:
    """Oddities of a file that no integrity finding beside them tells already."""
    finders = {finding["check"] for finding in findings}
    told = {code for check in ALL_CHECKS if check.id in finders for code in check.covers}
    return [warning for warning in warnings if warning["code"] not in told]


def oddities(plan: PlanDict) -> list[WarningDict]:
    """What is odd in the file of a plan, and told by no integrity finding."""
    found = plan["integrity"]
    return untold_warnings(plan["warnings"], [] if found is None else found["findings"])


def finding_line(finding: FindingDict) -> str:
    """A finding with its severity and its check."""
    whose = f", plug-in {finding['plugin']}" if finding["plugin"] else ""
    return f"{finding['severity']}: {finding['message']} [{finding['check']}{whose}]"


def oddity_line(warning: WarningDict) -> str:
    """Where something is odd, and what."""
    return f"{warning['where'] + ': ' if warning['where'] else ''}{warning['message']} [{warning['code']}]"


def failure_text(failure: FailureDict) -> str:
    """What is wrong with an input, and what to do."""
    return failure["message"] + (f"; {failure['hint']}" if failure["hint"] else "")
