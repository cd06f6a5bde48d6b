"""Text for people: the level and why first, then what it rests on and what only a human can say.

Written from the contract's data, so that it shows what `--identifiers` allows and nothing that JSON does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.layout import WIDTH, pad, width
from rtcode.outputs.page import Page
from rtcode.outputs.words import (
    beam_marks,
    cited,
    clipped,
    describe_plan,
    evidence_beams,
    gantry,
    isocenters,
    kind_and_energy,
    level_word,
    motion,
    outcome_word,
    plan_mark,
    points,
    short_path,
    sources,
    technique_word,
    value_word,
)

if TYPE_CHECKING:
    from rtcode.outputs.contract import (
        AnalysisDict,
        BeamDict,
        CriterionDict,
        PlanDict,
        QuestionDict,
        SessionDict,
        SuggestionDict,
    )

CLOSING = "suggestion, human confirms"
_STATUS_STYLE = {"supported": "good", "provisional": "open", "out_of_scope": "out", "not_assessable": "none"}
#: Evidence lines shown for a criterion; JSON holds all.
_MOST_EVIDENCE = 6
#: Oddities of a file that are listed.
_MOST_WARNINGS = 12


def render_text(data: AnalysisDict, *, color: bool = False) -> str:
    """The report of ``--format text``, 80 columns wide.

    Parameters
    ----------
    color
        Whether to use a terminal's colors.
    """
    page = Page(color)
    sessions = data["sessions"]
    if len(sessions) > 1:
        _overview(page, data)
    by_hash = {plan["sha256"]: plan for plan in data["plans"]}
    for place, session in enumerate(sessions, 1):
        if place > 1 or len(sessions) > 1:
            page.rule(f"Session {place} of {len(sessions)}")
        _session(page, session, by_hash, data)
    if not sessions:
        page.line(_nothing(data), "strong")
    _not_used(page, data)
    _sources(page, data)
    page.blank()
    _closing(page, data)
    return page.text()


def _nothing(data: AnalysisDict) -> str:
    if data["failures"]:
        return "No plan could be read."
    count = len(data["skipped"])
    return f"No RT Plan among {count} {_plural('object', count)}." if count else "No RT Plan was found."


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"


def _overview(page: Page, data: AnalysisDict) -> None:
    plans, sessions, failures = len(data["plans"]), len(data["sessions"]), len(data["failures"])
    text = f"{plans} {_plural('plan', plans)}, {sessions} {_plural('session', sessions)}"
    if failures:
        text += f", {failures} {_plural('input', failures)} that could not be used"
    page.line(text, "strong")
    by_hash = {plan["sha256"]: plan for plan in data["plans"]}
    rows = [["", "Level", "Status", "Group", "Plan"]]
    for place, session in enumerate(data["sessions"], 1):
        found = session["suggestion"]
        groups = ["-" if p["fraction_group"] is None else str(p["fraction_group"]) for p in session["parts"]]
        plan = by_hash[session["parts"][0]["sha256"]]
        name = (plan["label"] or plan["path"]) + (" and others" if len(session["parts"]) > 1 else "")
        rows.append([str(place), level_word(found, short=True), value_word(found["status"]), ",".join(groups), name])
    page.table(rows, [4, 11, 14, 9, 30], right=(0,))


# ---------------------------------------------------------------------------------------------------------- a session


def _session(page: Page, session: SessionDict, by_hash: dict[str, PlanDict], data: AnalysisDict) -> None:
    found = session["suggestion"]
    page.line(f"{level_word(found)}: {value_word(found['status'])}", _STATUS_STYLE[found["status"]])
    page.line(found["reason"], first="  ")
    _floor_and_ceiling(page, found)
    page.blank()
    _head(page, session, by_hash, data)
    _beams(page, session, by_hash)
    _evidence(page, session, by_hash)
    _unknown(page, session)
    _questions(page, session, data)
    _remarks(page, session, by_hash)


def _floor_and_ceiling(page: Page, found: SuggestionDict) -> None:
    """What is supported, what more could follow, and what leads to it."""
    floor, ceiling = found["floor"], found["ceiling"]
    if floor is None or ceiling is None:
        return
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
    page.line(f"{text}. Decided by {', '.join(found['decided_by']) or 'nothing in the plan'}.", first="  ")


def _head(page: Page, session: SessionDict, by_hash: dict[str, PlanDict], data: AnalysisDict) -> None:
    plans = _plans(session)
    for part in session["parts"]:
        plan = by_hash[part["sha256"]]
        page.field(f"Plan {plan_mark(plans.index(part['sha256']), len(plans))}".rstrip(" /"), plan["path"])
        patient = plan.get("patient")
        if patient is not None:
            known = [f"{key.replace('_', ' ')} {clipped(str(value))}" for key, value in patient.items() if value]
            page.field("Patient", ", ".join(known) or "not named in the plan")
        page.field("", describe_plan(plan))
        group = "no fraction group" if part["fraction_group"] is None else f"fraction group {part['fraction_group']}"
        numbers = [g["fractions_planned"] for g in plan["fraction_groups"] if g["number"] == part["fraction_group"]]
        fractions = numbers[0] if len(numbers) == 1 else None
        if part["fraction_group"] is not None:
            count = "unknown number of" if fractions is None else str(fractions)
            group += f", {count} {_plural('fraction', fractions or 0)} planned"
        page.field("", group)
    if session["joined_by"] is not None:
        why = "the plans name one another as concurrent" if session["joined_by"] == "concurrent" else "--same-session"
        page.field("", f"judged as one session ({why})")
    radiations = session["features"]["radiations"]
    page.field("Isocenters", isocenters(session["features"]["isocenters"], radiations))
    page.fields("", points(session["features"]["isocenters"]))
    open_to_motion = radiations if session["suggestion"]["level"] is not None else []
    page.fields("Motion", motion(session["features"]["motion"], open_to_motion))
    if session["answers"]:
        page.field("Answers", ", ".join(f"{question}={value}" for question, value in session["answers"].items()))
    if data["date_of_service"]:
        page.field("Date", f"of service {data['date_of_service']}")


def _beams(page: Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
    plans = _plans(session)
    rows = [["No." if len(plans) == 1 else "Plan/No.", "Name", "Beam", "Technique", "Gantry", "MU"]]
    notes: list[str] = []
    others: list[str] = []
    unread = False
    for part in session["parts"]:
        plan = by_hash[part["sha256"]]
        which = plan_mark(plans.index(part["sha256"]), len(plans))
        by_index = {beam["index"]: beam for beam in plan["beams"]}
        beams = zip(part["beam_indexes"], part["roles"], part["metersets_mu"], strict=True)
        for index, role, meterset in beams:
            beam = by_index[index]
            if role != "treatment":
                others.append(f"{which}{_beam_name(beam)} ({role})")
                continue
            mu = "?" if meterset is None else f"{meterset:.1f}"
            rows.append([which + ("?" if beam["number"] is None else str(beam["number"])), beam["name"] or ""])
            if plan["kind"] == "rt_ion_plan":
                unread = True
                rows[-1] += [beam["radiation"], "not read", "not read", mu]
                notes.append("")
            else:
                rows[-1] += [kind_and_energy(beam), technique_word(beam), gantry(beam["gantry_deg"]), mu]
                notes.append(beam_marks(beam))
        if part["missing_beams"]:
            missing = ", ".join(f"{which}{number}" for number in part["missing_beams"])
            others.append(f"{missing} (named by the fraction group, not in the file)")
    if len(rows) > 1:
        page.heading(f"Treatment {_plural('beam', len(rows) - 1)} ({len(rows) - 1})")
        page.table(rows, [8, 14, 14, 15, 20, 12], right=(0, 5), notes=notes)
    if unread:
        page.line("The control points of ion beams are not read: other codes apply to them.", first="  ")
    if others:
        page.line("Not counted: beam " + ", ".join(others), first="  ")


def _beam_name(beam: BeamDict) -> str:
    number = "without number" if beam["number"] is None else str(beam["number"])
    return f"{number} {clipped(beam['name'])}" if beam["name"] else number


def _plans(session: SessionDict) -> list[str]:
    """The hashes of a session's plans, each once, in the order in which they are shown."""
    return list(dict.fromkeys(part["sha256"] for part in session["parts"]))


def _deciding(session: SessionDict) -> list[CriterionDict]:
    return [c for c in session["criteria"] if c["status"] == "met" and c["id"] in session["suggestion"]["decided_by"]]


def _evidence(page: Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
    shown = _deciding(session)
    if not shown:
        return
    plans = [by_hash[h] for h in _plans(session)]
    page.heading("Evidence")
    for criterion in shown:
        same = criterion["reason"] == session["suggestion"]["reason"]
        page.line(criterion["id"] + ("" if same else f": {criterion['reason']}"), first="  ")
        _evidence_lines(page, criterion, plans)


def _evidence_lines(page: Page, criterion: CriterionDict, plans: list[PlanDict]) -> None:
    for evidence in criterion["evidence"][:_MOST_EVIDENCE]:
        beams = evidence_beams(evidence, plans)
        head = f"{beams}, {evidence['kind']}: " if beams else f"{evidence['kind']}: "
        value = value_word(evidence["value"])
        where = evidence["where"]
        # A long path hides what was found; its ends are enough to look it up, and JSON holds all of it.
        fits = len(head) + len(where) + len(" = ") + width(value) < WIDTH - len("    - ")
        page.item(f"{head}{where if fits else short_path(where)} = {value}", indent=4)
    more = len(criterion["evidence"]) - _MOST_EVIDENCE
    if more > 0:
        page.line(f"and {more} more (--format json shows all)", first="      ")
    if criterion["citations"]:
        page.line(f"source: {cited(criterion['citations'])}", first="      ")


#: Flag about what a plan file cannot hold; it stands with what the plan cannot tell.
_UNSEEN = "other_plans_not_seen"


def _unknown(page: Page, session: SessionDict) -> None:
    unknown = [c for c in session["criteria"] if c["status"] == "unknown" and not _said_elsewhere(c, session)]
    unseen = [flag["text"] for flag in session["suggestion"]["flags"] if flag["id"] == _UNSEEN]
    if session["suggestion"]["status"] == "out_of_scope" or not (unknown or unseen):
        return
    page.heading("What the plan cannot tell")
    for criterion in unknown:
        page.item(f"{criterion['id']}: {criterion['reason']}")
    for text in unseen:
        page.item(f"{text} [{_UNSEEN}]")


def _said_elsewhere(criterion: CriterionDict, session: SessionDict) -> bool:
    """Whether an unknown is told by another line already: motion by its own and its question, 2D by 3D."""
    if criterion["id"] == "active_motion_management":
        asked = any(question["id"] == "motion_management" for question in session["suggestion"]["questions"])
        return asked or not criterion["evidence"]
    if criterion["id"] == "photon_2d":
        return any(c["id"] == "photon_3d_or_imrt" and c["status"] == "unknown" for c in session["criteria"])
    return False


def _questions(page: Page, session: SessionDict, data: AnalysisDict) -> None:
    questions = session["suggestion"]["questions"]
    if questions:
        page.heading(_plural("Question", len(questions)))
        for question in questions:
            _question(page, question)
    together = session["together"]
    found = session["suggestion"]
    # Sessions that lead nowhere else together need no word.
    if together is not None and (together["level"], together["status"]) != (found["level"], found["status"]):
        ids = [s["id"] for s in data["sessions"]]
        others = [str(ids.index(other) + 1) for other in together["sessions"] if other in ids]
        where = f"{_plural('session', len(others))} {', '.join(others)}" if others else "the patient's others"
        lead = outcome_word({"level": together["level"], "status": together["status"]})
        page.heading("Together")
        page.line(f"One session with {where} leads {lead} (--same-session judges it so).", first="  ")


def _question(page: Page, question: QuestionDict) -> None:
    page.line(question["text"], first="  ? ")
    page.line(question["why"], first="    ")
    typed = [(f"--answer {question['id']}={value}", outcome) for value, outcome in question["answers"].items()]
    columns = max(width(text) for text, _ in typed)
    for text, outcome in typed:
        page.line(f"leads {outcome_word(outcome)}", first=f"    {pad(text, columns)}  ")


def _remarks(page: Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
    found = session["suggestion"]
    flags = [flag for flag in found["flags"] if flag["id"] != _UNSEEN]
    if flags:
        page.heading("Worth a look")
        for flag in flags:
            page.item(f"{flag['text']} [{flag['id']}]")
    if found["documentation"]:
        page.heading(f"What the record should hold for level {found['level']}")
        for text in found["documentation"]:
            page.item(text)
    warnings = [warning for h in _plans(session) for warning in by_hash[h]["warnings"]]
    if warnings:
        page.heading("Oddities in the file")
        for warning in warnings[:_MOST_WARNINGS]:
            where = f"{warning['where']}: " if warning["where"] else ""
            page.item(f"{where}{warning['message']} [{warning['code']}]")
        more = len(warnings) - _MOST_WARNINGS
        if more > 0:
            page.line(f"and {more} more (--format json shows all)", first="    ")


# ------------------------------------------------------------------------------------------------------------ the end


def _not_used(page: Page, data: AnalysisDict) -> None:
    if data["failures"]:
        page.heading("Could not be used")
        for failure in data["failures"]:
            hint = f"; {failure['hint']}" if failure["hint"] else ""
            page.item(f"{failure['path']}: {failure['message']}{hint} [{failure['code']}]")
    if data["skipped"]:
        page.heading("Passed over")
        for skipped in data["skipped"]:
            page.item(f"{skipped['path']} [{skipped['code']}]")


def _sources(page: Page, data: AnalysisDict) -> None:
    """The key to the citations above."""
    citations = [place for session in data["sessions"] for c in _deciding(session) for place in c["citations"]]
    lines = sources(citations, data["code_set"])
    if lines:
        page.heading("Sources")
        for line in lines:
            page.line(line, first="  ", rest="    ")


def _closing(page: Page, data: AnalysisDict) -> None:
    rules = data["code_set"]
    text = f"{rules['id']} revision {rules['revision']}"
    if data["policy"] is not None:
        page.line(f"Policy {data['policy']['name']} ({data['policy']['sha256'][:16]}) applied.")
    page.line(f"{text}: {CLOSING}")
