"""Cases as text for people: what there is, then the plans of each case with what they are alone and together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rtcode.outputs.page import Page
from rtcode.outputs.tree import plural

if TYPE_CHECKING:
    from rtcode.outputs.case_contract import CaseLine, CaseSessionDict, CasesLine, CaseSummaryLine, NotJudgedLine
    from rtcode.outputs.contract_values import StatusWord

#: Cases that are shown, the likeliest first; NDJSON holds all.
MOST_CASES = 40
_LIKELIEST = ("named", "possible", "unlikely")
_REASONS = {
    "concurrent": "the plans name one another as concurrent",
    "photons_and_electrons": "photons in one plan, electrons in another",
    "parts": "parts of one plan in several files",
    "isocenters": "plans of one date and machine with other isocenters",
}
_SAME_DAY = {
    "named": "given together, as the plans say",
    "possible": "may be given on one day",
    "unlikely": "unlikely on one day: fractions, a word for a phase, days or a replaced plan speak against it",
}
_PROBLEMS = {
    "too_many_plans": "more plans than one patient, or one session, has",
    "not_kept": "the dataset lacks the content of one",
    "other_version": "kept by another version of rtcode",
    "defect": "rtcode itself failed on them",
}


def render_cases_text(lines: Iterable[CasesLine], *, color: bool = False) -> str:
    """The report of ``rtcode cases``, 80 columns wide."""
    kept: dict[str, list[CaseLine]] = {word: [] for word in _LIKELIEST}
    not_judged: list[NotJudgedLine] = []
    summary: CaseSummaryLine | None = None
    for line in lines:
        if line["type"] == "case":
            if len(kept[line["same_day"]]) < MOST_CASES:
                kept[line["same_day"]].append(line)
        elif line["type"] == "not_judged":
            if len(not_judged) < MOST_CASES:
                not_judged.append(line)
        elif line["type"] == "summary":
            summary = line
    assert summary is not None
    page = Page(color)
    _head(page, summary)
    shown = [case for word in _LIKELIEST for case in kept[word]][:MOST_CASES]
    for case in shown:
        _case(page, case)
    if len(shown) < summary["cases"]:
        page.blank()
        page.more(summary["cases"] - len(shown), indent=0)
    if not_judged:
        page.heading("Not judged together")
        for line in not_judged:
            page.item(f"{line['plans']:,} plans ({_PROBLEMS[line['code']]}): {', '.join(line['paths'])}")
        page.more(summary["not_judged"] - len(not_judged), indent=4)
    page.blank()
    page.line("A case is a question: whether the plans are given in one session is not in them. A human confirms.")
    return page.text()


def _head(page: Page, summary: CaseSummaryLine) -> None:
    page.line(
        f"{summary['plans']:,} plans; {summary['patients']:,} patients have several; {summary['groups']:,} groups of"
        f" plans were judged as one session; {summary['cases']:,} would be something else than alone."
    )
    for word in _LIKELIEST:
        if word in summary["by_same_day"]:
            page.item(f"{summary['by_same_day'][word]:,} {_SAME_DAY[word]}")


def _case(page: Page, case: CaseLine) -> None:
    found = case["difference"]
    alone = _level(found["level_alone"], found["status_alone"])
    together = _level(found["level_together"], found["status_together"])
    page.heading(f"Case {case['id']}: {alone} alone, {together} together")
    page.field("why", "; ".join(_REASONS[reason] for reason in case["reasons"]))
    page.field("one day", _SAME_DAY[case["same_day"]])
    for member in case["members"]:
        what = ", ".join(text for text in (member["label"], member["date"], member["approval"]) if text)
        page.field("plan", member["path"])
        page.field("", "; ".join([*([what] if what else []), *map(_session, member["sessions"])]))
        if member["versions"]:
            page.field("", f"stands also for {', '.join(member['versions'])}")
    for joined in case["together"]:
        page.field("together", f"{_level(joined['level'], joined['status'])}: {joined['reason']}")
        page.fields("to answer", [question["text"] for question in joined["questions"]])


def _session(session: CaseSessionDict) -> str:
    count = session["fractions"]
    fractions = "unknown fractions" if count is None else f"{count} {plural('fraction', count)}"
    kinds = " and ".join(session["radiations"]) or "no beams"
    return f"{kinds}, {fractions}, {_level(session['level'], session['status'])}"


def _level(level: int | None, status: StatusWord) -> str:
    if level is None:
        return status.replace("_", " ")
    return f"level {level}" if status == "supported" else f"level {level} ({status.replace('_', ' ')})"
