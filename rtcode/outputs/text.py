"""Text for people: the level and why first, then what it rests on and what only a human can say.

Written from the contract's data, so that it shows what `--identifiers` allows and nothing that JSON does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.layout import WIDTH, columns_of, pad, style, width, wrap
from rtcode.outputs.words import (
    beam_marks,
    describe_plan,
    gantry,
    isocenters,
    kind_and_energy,
    level_word,
    motion,
    outcome_word,
    points,
    short_path,
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
_LABEL = 12


def render_text(data: AnalysisDict, *, color: bool = False) -> str:
    """The report of ``--format text``, 80 columns wide.

    Parameters
    ----------
    color
        Whether to use a terminal's colors.
    """
    page = _Page(color)
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
    page.blank()
    _closing(page, data)
    return page.text()


class _Page:
    """Collects lines. All text goes through `wrap` or `columns_of`, which make it harmless, before it is styled."""

    def __init__(self, color: bool) -> None:
        self._color = color
        self._lines: list[str] = []

    def line(self, text: str, style_name: str | None = None, *, first: str = "", rest: str | None = None) -> None:
        lines = wrap(text, first=first, rest=rest)
        if style_name is not None:
            lines = [style(line, style_name, color=self._color) for line in lines]
        self._lines += lines

    def field(self, label: str, text: str) -> None:
        self.line(text, first=pad(label, _LABEL), rest=" " * _LABEL)

    def fields(self, label: str, texts: list[str]) -> None:
        """One label for several items, each on lines of its own."""
        for text in texts:
            self.field(label, text)
            label = ""

    def item(self, text: str, *, indent: int = 2) -> None:
        self.line(text, first=" " * indent + "- ")

    def heading(self, text: str) -> None:
        self.blank()
        self.line(text, "strong")

    def table(
        self, rows: list[list[str]], limits: list[int], right: tuple[int, ...] = (), notes: list[str] | None = None
    ) -> None:
        """Aligned columns under a header row; a row's note follows it on the same line where there is room."""
        lines = ["  " + line for line in columns_of(rows, limits, right)]
        self._lines.append(style(lines[0], "dim", color=self._color))
        for line, note in zip(lines[1:], notes or [""] * len(lines), strict=False):
            if note and width(line) + 2 + width(note) <= WIDTH:
                self._lines += wrap(note, first=line + "  ")
            else:
                self._lines += [line, *(wrap(note, first=" " * 8) if note else [])]

    def rule(self, text: str) -> None:
        self.blank()
        self.line(text + " " + "-" * (79 - width(text)), "dim")

    def blank(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def _nothing(data: AnalysisDict) -> str:
    if data["failures"]:
        return "No plan could be read."
    count = len(data["skipped"])
    return f"No RT Plan among {count} {_plural('object', count)}." if count else "No RT Plan was found."


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"


def _overview(page: _Page, data: AnalysisDict) -> None:
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


def _session(page: _Page, session: SessionDict, by_hash: dict[str, PlanDict], data: AnalysisDict) -> None:
    found = session["suggestion"]
    page.line(f"{level_word(found)}: {value_word(found['status'])}", _STATUS_STYLE[found["status"]])
    page.line(found["reason"], first="  ")
    _floor_and_ceiling(page, found)
    page.blank()
    _head(page, session, by_hash, data)
    _beams(page, session, by_hash)
    _evidence(page, session)
    _unknown(page, session)
    _questions(page, session, data)
    _remarks(page, session, by_hash)


def _floor_and_ceiling(page: _Page, found: SuggestionDict) -> None:
    floor, ceiling = found["floor"], found["ceiling"]
    if floor is None or ceiling is None:
        return
    text = f"Floor {floor}, ceiling {ceiling}"
    if floor < ceiling:
        asked = [q["id"] for q in found["questions"] if any(a["level"] == ceiling for a in q["answers"].values())]
        lead = f"an answer to {' or '.join(asked)}" if asked else "motion management, which no plan can rule out,"
        text += f": {lead} could lead to level {ceiling}"
    page.line(f"{text}. Decided by {', '.join(found['decided_by']) or 'nothing in the plan'}.", first="  ")


def _head(page: _Page, session: SessionDict, by_hash: dict[str, PlanDict], data: AnalysisDict) -> None:
    for part in session["parts"]:
        plan = by_hash[part["sha256"]]
        page.field("Plan", plan["path"])
        patient = plan.get("patient")
        if patient is not None:
            known = [f"{key.replace('_', ' ')} {value}" for key, value in patient.items() if value]
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


def _beams(page: _Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
    rows = [["No.", "Name", "Beam", "Technique", "Gantry", "MU"]]
    notes: list[str] = []
    others: list[str] = []
    for part in session["parts"]:
        by_index = {beam["index"]: beam for beam in by_hash[part["sha256"]]["beams"]}
        beams = zip(part["beam_indexes"], part["roles"], part["metersets_mu"], strict=True)
        for index, role, meterset in beams:
            beam = by_index[index]
            if role != "treatment":
                others.append(f"{_beam_name(beam)} ({role})")
                continue
            mu = "?" if meterset is None else f"{meterset:.1f}"
            rows.append(
                [
                    "?" if beam["number"] is None else str(beam["number"]),
                    beam["name"] or "",
                    kind_and_energy(beam),
                    technique_word(beam),
                    gantry(beam["gantry_deg"]),
                    mu,
                ]
            )
            notes.append(beam_marks(beam))
        if part["missing_beams"]:
            missing = ", ".join(map(str, part["missing_beams"]))
            others.append(f"{missing} (named by the fraction group, not in the file)")
    if len(rows) > 1:
        page.heading(f"Treatment {_plural('beam', len(rows) - 1)} ({len(rows) - 1})")
        page.table(rows, [6, 14, 14, 15, 20, 12], right=(0, 5), notes=notes)
    if others:
        page.line("Not counted: beam " + ", ".join(others), first="  ")


def _beam_name(beam: BeamDict) -> str:
    number = "without number" if beam["number"] is None else str(beam["number"])
    return f"{number} {beam['name']}" if beam["name"] else number


def _evidence(page: _Page, session: SessionDict) -> None:
    shown = [c for c in session["criteria"] if c["status"] == "met" and c["id"] in session["suggestion"]["decided_by"]]
    if not shown:
        return
    page.heading("Evidence")
    for criterion in shown:
        same = criterion["reason"] == session["suggestion"]["reason"]
        page.line(criterion["id"] + ("" if same else f": {criterion['reason']}"), first="  ")
        _evidence_lines(page, criterion)


def _evidence_lines(page: _Page, criterion: CriterionDict) -> None:
    for evidence in criterion["evidence"][:_MOST_EVIDENCE]:
        text = f"{evidence['kind']}: {{}} = {value_word(evidence['value'])}"
        where = evidence["where"]
        # A long path hides what was found; its ends are enough to look it up, and JSON holds all of it.
        page.item(text.format(where if width(text) + width(where) < WIDTH else short_path(where)), indent=4)
    more = len(criterion["evidence"]) - _MOST_EVIDENCE
    if more > 0:
        page.line(f"and {more} more (--format json shows all)", first="      ")
    if criterion["citations"]:
        page.line("source: " + "; ".join(criterion["citations"]), first="      ")


#: Flag about what a plan file cannot hold; it stands with what the plan cannot tell.
_UNSEEN = "other_plans_not_seen"


def _unknown(page: _Page, session: SessionDict) -> None:
    unknown = [c for c in session["criteria"] if c["status"] == "unknown"]
    unseen = [flag["text"] for flag in session["suggestion"]["flags"] if flag["id"] == _UNSEEN]
    if session["suggestion"]["status"] == "out_of_scope" or not (unknown or unseen):
        return
    page.heading("What the plan cannot tell")
    for criterion in unknown:
        page.item(f"{criterion['id']}: {criterion['reason']}")
    for text in unseen:
        page.item(f"{text} [{_UNSEEN}]")


def _questions(page: _Page, session: SessionDict, data: AnalysisDict) -> None:
    questions = session["suggestion"]["questions"]
    if questions:
        page.heading(_plural("Question", len(questions)))
        for question in questions:
            _question(page, question)
    together = session["together"]
    if together is not None:
        ids = [s["id"] for s in data["sessions"]]
        others = [str(ids.index(other) + 1) for other in together["sessions"] if other in ids]
        where = f"{_plural('session', len(others))} {', '.join(others)}" if others else "the patient's others"
        lead = outcome_word({"level": together["level"], "status": together["status"]})
        page.heading("Together")
        page.line(f"One session with {where} leads {lead} (--same-session judges it so).", first="  ")


def _question(page: _Page, question: QuestionDict) -> None:
    page.line(question["text"], first="  ? ")
    page.line(question["why"], first="    ")
    typed = [(f"--answer {question['id']}={value}", outcome) for value, outcome in question["answers"].items()]
    columns = max(width(text) for text, _ in typed)
    for text, outcome in typed:
        page.line(f"leads {outcome_word(outcome)}", first=f"    {pad(text, columns)}  ")


def _remarks(page: _Page, session: SessionDict, by_hash: dict[str, PlanDict]) -> None:
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
    warnings = [w for h in dict.fromkeys(p["sha256"] for p in session["parts"]) for w in by_hash[h]["warnings"]]
    if warnings:
        page.heading("Oddities in the file")
        for warning in warnings:
            where = f"{warning['where']}: " if warning["where"] else ""
            page.item(f"{where}{warning['message']} [{warning['code']}]")


# ------------------------------------------------------------------------------------------------------------ the end


def _not_used(page: _Page, data: AnalysisDict) -> None:
    if data["failures"]:
        page.heading("Could not be used")
        for failure in data["failures"]:
            hint = f"; {failure['hint']}" if failure["hint"] else ""
            page.item(f"{failure['path']}: {failure['message']}{hint} [{failure['code']}]")
    if data["skipped"]:
        page.heading("Passed over")
        for skipped in data["skipped"]:
            page.item(f"{skipped['path']} [{skipped['code']}]")


def _closing(page: _Page, data: AnalysisDict) -> None:
    rules = data["code_set"]
    text = f"{rules['id']} revision {rules['revision']}"
    if data["policy"] is not None:
        page.line(f"Policy {data['policy']['name']} ({data['policy']['sha256'][:16]}) applied.")
    page.line(f"{text}: {CLOSING}")
