"""A comparison as text for people: the verdict first, then what matters for delivery, then the rest.

Written from the contract's data, so that it shows what `--identifiers` allows and nothing that JSON does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.comparison_words import (
    asked_lines,
    beam_label,
    beams_label,
    criterion_words,
    finding_sides,
    headed,
    largest_first,
    matched_by,
    metric_word,
    not_compared_lines,
    patient_line,
    side_text,
)
from rtcode.outputs.page import Page
from rtcode.outputs.tree import finding_line, oddity_line, plural
from rtcode.outputs.words import PLAN_KINDS, clipped, patient_words, system_of

if TYPE_CHECKING:
    from rtcode.outputs.comparison_contract import ComparedPlanDict, ComparisonDict, DifferenceDict, SessionChangeDict

_STYLES = {
    "identical": "good",
    "same_content": "good",
    "within_tolerance": "good",
    "different": "open",
    "different_patient": "none",
}
#: Differences of one heading that are listed; JSON holds all.
_MOST = 40
_MOST_METRICS = 12


def render_comparison_text(data: ComparisonDict, *, color: bool = False) -> str:
    """The report of ``rtcode compare``, 80 columns wide."""
    page = Page(color)
    if data["patient"] == "different":
        page.line("NOT THE SAME PATIENT: the patient IDs of the two plans differ.", "none")
        page.blank()
    if data["verdict"] != "different_patient":
        page.line(data["headline"], _STYLES[data["verdict"]])
    _head(page, data)
    for remark in data["remarks"]:
        page.line(remark, first="  ! ")
    matters, *kinds, within, other = headed(data["differences"])
    _differences(page, *matters, data)
    _suggestion(page, data)
    for kind in kinds:
        _differences(page, *kind, data)
    _differences(page, f"{within[0]} ({len(within[1])})", within[1], data)
    _findings(page, data)
    _metrics(page, data)
    _beams(page, data)
    _differences(page, *other, data)
    _limits(page, data)
    page.blank()
    rules = data["code_set"]
    if data["policy"] is not None:
        page.line(f"Policy {data['policy']['name']} ({data['policy']['sha256'][:16]}) applied.")
    page.line(f"{rules['id']} revision {rules['revision']}: suggestions, human confirms")
    return page.text()


def _head(page: Page, data: ComparisonDict) -> None:
    page.blank()
    for label, side in (("OLD", data["old"]), ("NEW", data["new"])):
        page.field(label, side["path"])
        page.field("", _plan(side))
        patient = side.get("patient")
        if patient is not None:
            page.field("", patient_words(patient) or "patient not named")
    page.field("Patient", patient_line(data))
    if data["answers"]:
        page.field("Answers", ", ".join(f"{question}={value}" for question, value in data["answers"].items()))


def _plan(side: ComparedPlanDict) -> str:
    label = f'"{clipped(side["label"])}"' if side["label"] else ""
    beams = f"{side['beams']} {plural('beam', side['beams'])}"
    return ", ".join(part for part in (label, PLAN_KINDS[side["kind"]], system_of(side), beams) if part)


def _differences(page: Page, heading: str, found: list[DifferenceDict], data: ComparisonDict) -> None:
    if not found:
        return
    page.heading(heading)
    lines = []
    for difference in found:
        who = beams_label(data, difference["beams"])
        lines.append(f"{who}: {difference['text']}" if who else difference["text"])
    page.items(lines, _MOST)


def _suggestion(page: Page, data: ComparisonDict) -> None:
    touched = data["suggestion"]["touched"]
    page.heading(f"Suggestion: {'TOUCHED' if touched else 'not touched'}")
    for change in data["suggestion"]["sessions"]:
        _session(page, change)
    page.line(data["confirmation"]["text"], first="  ")


def _session(page: Page, change: SessionChangeDict) -> None:
    side = change["new"] or change["old"]
    group = None if side is None else side["fraction_group"]
    who = "no fraction group" if group is None else f"fraction group {group}"
    if not change["touched"]:
        page.item(f"{who}: {side_text(side)}, as before")
    else:
        page.item(f"{who}: {side_text(change['old'])} -> {side_text(change['new'])}")
        page.line(f"because {', '.join(change['why'])}", first="      ")
    for criterion in change["criteria"]:
        before, after = criterion_words(criterion)
        page.line(f"{criterion['id']}: {before} -> {after}: {criterion['reason']}", first="      ")
    for line in asked_lines(change):
        page.line(line, first="      ")


def _findings(page: Page, data: ComparisonDict) -> None:
    for heading, findings, oddities in finding_sides(data["integrity"]):
        if findings or oddities:
            page.heading(heading)
            page.items([*map(finding_line, findings), *map(oddity_line, oddities)], _MOST)


def _metrics(page: Page, data: ComparisonDict) -> None:
    if not data["metrics"]:
        return
    page.heading("Modulation metrics that changed, most first")
    rows = [["Beam", "Profile", "Metric", "OLD", "NEW"]]
    for change in largest_first(data["metrics"])[:_MOST_METRICS]:
        values = map(metric_word, (change["old"], change["new"]))
        beam = beam_label(data["beams"][change["beam"]]).removeprefix("beam ")
        rows.append([beam, change["profile"], change["metric"], *values])
    page.table(rows, [10, 26, 20, 9, 9], right=(3, 4))
    page.more(len(data["metrics"]) - _MOST_METRICS, indent=2)


def _beams(page: Page, data: ComparisonDict) -> None:
    """How beams were matched: all of them only where something is not plain."""
    pairs = data["beams"]
    plain = [p for p in pairs if p["old"] is not None and p["new"] is not None and {"number", "geometry"} <= {*p["by"]}]
    if not pairs:
        return
    page.heading(f"Beams ({len(pairs)})")
    if len(plain) == len(pairs):
        page.line("All beams have a counterpart with the same number and the same geometry.", first="  ")
        return
    rows = [["OLD", "NEW", "Name", "Matched by", "Changes"]]
    for pair in pairs[:_MOST]:
        old, new = pair["old"], pair["new"]
        numbers = ["-" if b is None else "?" if b["number"] is None else str(b["number"]) for b in (old, new)]
        one = new or old
        name = (one["name"] if one is not None else None) or ""
        rows.append([*numbers, name, matched_by(pair), "delivery" if pair["delivery_changed"] else ""])
    page.table(rows, [6, 6, 24, 24, 10], right=(0, 1))
    page.more(len(pairs) - _MOST, indent=2)


def _limits(page: Page, data: ComparisonDict) -> None:
    page.heading("Not compared")
    page.items(not_compared_lines(data), _MOST)
    if data["verdict"] == "identical":
        page.line("Nothing is left out: the files are the same.", first="  ")
        return
    for text in data["not_read"]:
        page.item(text)
