"""A comparison as text for people: the verdict first, then what matters for delivery, then the rest.

Written from the contract's data, so that it shows what `--identifiers` allows and nothing that JSON does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.comparison_words import (
    KIND_HEADINGS,
    beam_label,
    beams_label,
    largest_first,
    patient_line,
    side_text,
    untold,
)
from rtcode.outputs.page import Page
from rtcode.outputs.words import clipped

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
    beyond = [d for d in data["differences"] if d["counts"] and not d["within_tolerance"]]
    _differences(page, "What matters for the treatment", [d for d in beyond if d["matters"]], data)
    _suggestion(page, data)
    for kind, heading in KIND_HEADINGS.items():
        _differences(page, heading, [d for d in beyond if not d["matters"] and d["kind"] == kind], data)
    within = [d for d in data["differences"] if d["counts"] and d["within_tolerance"]]
    _differences(page, f"Within tolerance ({len(within)})", within, data)
    _findings(page, data)
    _metrics(page, data)
    _beams(page, data)
    _differences(page, "Other in the file, same in meaning", [d for d in data["differences"] if not d["counts"]], data)
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
            known = [f"{key.replace('_', ' ')} {clipped(str(value))}" for key, value in patient.items() if value]
            page.field("", ", ".join(known) or "patient not named")
    page.field("Patient", patient_line(data))
    if data["answers"]:
        page.field("Answers", ", ".join(f"{question}={value}" for question, value in data["answers"].items()))


def _plan(side: ComparedPlanDict) -> str:
    kind = {"rt_plan": "RT Plan", "rt_ion_plan": "RT Ion Plan", "brachy": "brachytherapy plan"}[side["kind"]]
    label = f'"{clipped(side["label"])}", ' if side["label"] else ""
    system = clipped(" ".join(word for word in (side["manufacturer"], side["model"]) if word))
    beams = f"{side['beams']} {'beam' if side['beams'] == 1 else 'beams'}"
    return ", ".join(part for part in (f"{label}{kind}", system, beams) if part)


def _differences(page: Page, heading: str, found: list[DifferenceDict], data: ComparisonDict) -> None:
    if not found:
        return
    page.heading(heading)
    for difference in found[:_MOST]:
        who = beams_label(data, difference["beams"])
        page.item(f"{who}: {difference['text']}" if who else difference["text"])
    if len(found) > _MOST:
        page.line(f"and {len(found) - _MOST} more (--format json shows all)", first="    ")


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
        before, after = (
            word.replace("_", " ") if word else "not there" for word in (criterion["old"], criterion["new"])
        )
        page.line(f"{criterion['id']}: {before} -> {after}: {criterion['reason']}", first="      ")
    for key, word in (
        ("questions_added", "asked now"),
        ("questions_removed", "no longer asked"),
        ("questions_changed", "asked, with other consequences"),
        ("flags_added", "flagged now"),
        ("flags_removed", "no longer flagged"),
    ):
        names: list[str] = change[key]  # type: ignore[literal-required]
        if names:
            page.line(f"{word}: {', '.join(names)}", first="      ")


def _findings(page: Page, data: ComparisonDict) -> None:
    found = data["integrity"]
    for word, findings, oddities in (
        ("New findings and oddities", found["appeared"], found["warnings_appeared"]),
        ("Findings and oddities that are gone", found["disappeared"], found["warnings_disappeared"]),
    ):
        oddities = untold(oddities, findings)
        if findings or oddities:
            page.heading(word)
            for finding in (findings or [])[:_MOST]:
                page.item(f"{finding['severity']}: {finding['message']} [{finding['check']}]")
            for oddity in oddities[:_MOST]:
                page.item(f"{oddity['where'] + ': ' if oddity['where'] else ''}{oddity['message']} [{oddity['code']}]")


def _metrics(page: Page, data: ComparisonDict) -> None:
    if not data["metrics"]:
        return
    page.heading("Modulation metrics that changed, most first")
    rows = [["Beam", "Profile", "Metric", "OLD", "NEW"]]
    for change in largest_first(data["metrics"])[:_MOST_METRICS]:
        values = ("unknown" if v is None else f"{v:.4g}" for v in (change["old"], change["new"]))
        beam = beam_label(data["beams"][change["beam"]]).removeprefix("beam ")
        rows.append([beam, change["profile"], change["metric"], *values])
    page.table(rows, [10, 26, 20, 9, 9], right=(3, 4))
    more = len(data["metrics"]) - _MOST_METRICS
    if more > 0:
        page.line(f"and {more} more (--format json shows all)", first="  ")


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
        by = "added" if old is None else "removed" if new is None else ", ".join(pair["by"])
        rows.append([*numbers, name, by, "delivery" if pair["delivery_changed"] else ""])
    page.table(rows, [6, 6, 24, 24, 10], right=(0, 1))
    if len(pairs) > _MOST:
        page.line(f"and {len(pairs) - _MOST} more (--format json shows all)", first="  ")


def _limits(page: Page, data: ComparisonDict) -> None:
    page.heading("Not compared")
    for entry in data["not_compared"][:_MOST]:
        who = beams_label(data, entry["beams"])
        page.item(f"{who + ': ' if who else ''}{entry['what']}: {entry['reason']}")
    if data["verdict"] == "identical":
        page.line("Nothing is left out: the files are the same.", first="  ")
        return
    for text in data["not_read"]:
        page.item(text)
