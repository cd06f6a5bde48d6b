"""Text for people: the level and why first, then what it rests on and what only a human can say.

Written from the contract's data, so that it shows what `--identifiers` allows and nothing that JSON does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.layout import WIDTH, pad, width
from rtcode.outputs.page import Page
from rtcode.outputs.text_checks import integrity_lines, metrics_table
from rtcode.outputs.tree import (
    CLOSING,
    deciding,
    failure_text,
    flags,
    floor_and_ceiling,
    group_line,
    joined_line,
    nothing,
    oddities,
    oddity_line,
    overview,
    plural,
    session_plans,
    together_line,
    untold,
)
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
    patient_words,
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
    )

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
        page.line(nothing(data), "strong")
    _not_used(page, data)
    _sources(page, data)
    page.blank()
    _closing(page, data)
    return page.text()


def _overview(page: Page, data: AnalysisDict) -> None:
    page.line(overview(data), "strong")
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
    if levels := floor_and_ceiling(found):
        page.line(levels, first="  ")
    page.blank()
    _head(page, session, by_hash, data)
    _beams(page, session, by_hash)
    _evidence(page, session, by_hash)
    _unknown(page, session)
    _questions(page, session, data)
    _remarks(page, session, by_hash)


def _head(page: Page, session: SessionDict, by_hash: dict[str, PlanDict], data: AnalysisDict) -> None:
    plans = session_plans(session)
    for part in session["parts"]:
        plan = by_hash[part["sha256"]]
        page.field(f"Plan {plan_mark(plans.index(part['sha256']), len(plans))}".rstrip(" /"), plan["path"])
        patient = plan.get("patient")
        if patient is not None:
            page.field("Patient", patient_words(patient) or "not named in the plan")
        page.field("", describe_plan(plan))
        page.field("", group_line(part, plan))
    if joined := joined_line(session):
        page.field("", joined)
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
    plans = session_plans(session)
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
        page.heading(f"Treatment {plural('beam', len(rows) - 1)} ({len(rows) - 1})")
        page.table(rows, [8, 14, 14, 15, 20, 12], right=(0, 5), notes=notes)
    if unread:
        page.line("The control points of ion beams are not read: other codes apply to them.", first="  ")
    if others:
        page.line("Not counted: beam " + ", ".join(others), first="  ")


def _beam_name(beam: BeamDict) -> str:
    number = "without number" if beam["number"] is None else str(beam["number"])
    return f"{number} {clipped(beam['name'])}" if beam["name"] else number


def _evidence(page: Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
    shown = deciding(session)
    if not shown:
        return
    plans = [by_hash[h] for h in session_plans(session)]
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
    page.more(len(criterion["evidence"]) - _MOST_EVIDENCE, indent=6)
    if criterion["citations"]:
        page.line(f"source: {cited(criterion['citations'])}", first="      ")


def _unknown(page: Page, session: SessionDict) -> None:
    unknown, unseen = untold(session)
    if not (unknown or unseen):
        return
    page.heading("What the plan cannot tell")
    for criterion in unknown:
        page.item(f"{criterion['id']}: {criterion['reason']}")
    for flag in unseen:
        page.item(f"{flag['text']} [{flag['id']}]")


def _questions(page: Page, session: SessionDict, data: AnalysisDict) -> None:
    questions = session["suggestion"]["questions"]
    if questions:
        page.heading(plural("Question", len(questions)))
        for question in questions:
            _question(page, question)
    if together := together_line(session, data):
        page.heading("Together")
        page.line(together, first="  ")


def _question(page: Page, question: QuestionDict) -> None:
    page.line(question["text"], first="  ? ")
    page.line(question["why"], first="    ")
    typed = [(f"--answer {question['id']}={value}", outcome) for value, outcome in question["answers"].items()]
    columns = max(width(text) for text, _ in typed)
    for text, outcome in typed:
        page.line(f"leads {outcome_word(outcome)}", first=f"    {pad(text, columns)}  ")


def _remarks(page: Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
    found = session["suggestion"]
    if remarks := flags(found):
        page.heading("Worth a look")
        for flag in remarks:
            page.item(f"{flag['text']} [{flag['id']}]")
    if found["documentation"]:
        page.heading(f"What the record should hold for level {found['level']}")
        for text in found["documentation"]:
            page.item(text)
    plans = [by_hash[h] for h in session_plans(session)]
    integrity_lines(page, plans)
    metrics_table(page, plans)
    lines = [oddity_line(warning) for plan in plans for warning in oddities(plan)]
    if lines:
        page.heading("Oddities in the file")
        page.items(lines, _MOST_WARNINGS)


# ------------------------------------------------------------------------------------------------------------ the end


def _not_used(page: Page, data: AnalysisDict) -> None:
    if data["failures"]:
        page.heading("Could not be used")
        for failure in data["failures"]:
            page.item(f"{failure['path']}: {failure_text(failure)} [{failure['code']}]")
    if data["skipped"]:
        page.heading("Passed over")
        for skipped in data["skipped"]:
            page.item(f"{skipped['path']} [{skipped['code']}]")


def _sources(page: Page, data: AnalysisDict) -> None:
    """The key to the citations above."""
    citations = [place for session in data["sessions"] for c in deciding(session) for place in c["citations"]]
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
    for plugin in data["plugins"]:
        version = f" {plugin['version']}" if plugin["version"] else ""
        page.line(f"Checks of plug-in {plugin['name']}{version} applied.")
    page.line(f"{text}: {CLOSING}")
