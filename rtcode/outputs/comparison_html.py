"""A comparison as one self-contained HTML page: side by side, with beam's-eye views where leaves or jaws moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.types import Comparison, Shown
from rtcode.outputs.comparison_words import (
    asked_lines,
    beam_label,
    beams_label,
    cells,
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
from rtcode.outputs.html import environment
from rtcode.outputs.tree import plural
from rtcode.outputs.words import PLAN_KINDS, clipped, patient_values, system_of

if TYPE_CHECKING:
    from rtcode.outputs.comparison_contract import (
        ComparedBeamDict,
        ComparedPlanDict,
        ComparisonDict,
        DifferenceDict,
        SessionChangeDict,
    )

_TEMPLATES = Path(__file__).with_name("comparison_page")
#: The sheet's classes of the verdict's box, by how it is meant.
_CLASSES = {
    "identical": "supported",
    "same_content": "supported",
    "within_tolerance": "supported",
    "different": "provisional",
    "different_patient": "mismatch",
}
_VERDICTS = {
    "identical": "Identical",
    "same_content": "Same content",
    "within_tolerance": "Same within tolerances",
    "different": "Different",
    "different_patient": "NOT THE SAME PATIENT",
}
#: Beams of which before and after are drawn.
_MOST_PICTURES = 8
#: Metrics that changed most.
_MOST_METRICS = 30
#: Rows of one table; JSON has all.
_MOST_ROWS = 200


def render_comparison_html(data: ComparisonDict, comparison: Comparison) -> str:
    """The page of ``--format html``: no script, no network, no external font.

    Parameters
    ----------
    data
        The comparison as the contract has it, from which all texts come, so that ``--identifiers`` holds.
    comparison
        What pictures are drawn from.
    """
    from rtcode.outputs.pictures import STYLE

    page = environment(_TEMPLATES).get_template("comparison.html")
    return page.render(**_view(data, comparison), picture_style=STYLE)


def _view(data: ComparisonDict, comparison: Comparison) -> dict[str, Any]:
    hidden = data["identifiers"] != "full"
    rules = data["code_set"]
    policy = data["policy"]
    moved = _moved(comparison)
    return {
        "verdict": _VERDICTS[data["verdict"]],
        "verdict_class": _CLASSES[data["verdict"]],
        "headline": data["headline"],
        "patient": patient_line(data),
        "plans": [_plan("OLD", data["old"]), _plan("NEW", data["new"])],
        "remarks": data["remarks"],
        "tables": [
            {
                "heading": f"{heading} ({len(found)})",
                "rows": [_row(d, data, hidden=hidden) for d in found[:_MOST_ROWS]],
                "more": _more(len(found) - _MOST_ROWS),
            }
            for heading, found in headed(data["differences"])
            if found
        ],
        "pictures": [_picture(data, comparison, *one) for one in moved[:_MOST_PICTURES]],
        "more_pictures": _more(len(moved) - _MOST_PICTURES),
        "touched": data["suggestion"]["touched"],
        "sessions": [_session(change) for change in data["suggestion"]["sessions"]],
        "confirmation": data["confirmation"]["text"],
        "beams": [
            {
                "old": _number(pair["old"]),
                "new": _number(pair["new"]),
                "name": _beam_name(pair["new"] or pair["old"]),
                "by": matched_by(pair),
                "changed": "yes" if pair["delivery_changed"] else "no",
            }
            for pair in data["beams"][:_MOST_ROWS]
        ],
        "more_beams": _more(len(data["beams"]) - _MOST_ROWS),
        "findings": [
            {"heading": heading, "findings": findings, "oddities": oddities}
            for heading, findings, oddities in finding_sides(data["integrity"])
        ],
        "metrics": [
            {
                "beam": beam_label(data["beams"][m["beam"]]),
                "profile": m["profile"],
                "metric": m["metric"],
                "old": metric_word(m["old"]),
                "new": metric_word(m["new"]),
            }
            for m in largest_first(data["metrics"])[:_MOST_METRICS]
        ],
        "more_metrics": _more(len(data["metrics"]) - _MOST_METRICS),
        "left_out": [*not_compared_lines(data), *([] if data["verdict"] == "identical" else data["not_read"])],
        "tolerances": [f"{name} {value:g}" for name, value in data["tolerances"].items()],
        "closing": f"rtcode {data['tool_version']}, {rules['id']} revision {rules['revision']}"
        + ("" if policy is None else f", policy {policy['name']} ({policy['sha256'][:16]})")
        + ": suggestions, human confirms",
    }


def _more(count: int) -> str:
    return f"and {count} more; the JSON has all." if count > 0 else ""


def _plan(name: str, plan: ComparedPlanDict) -> dict[str, Any]:
    patient = plan.get("patient")
    rows = [
        ("file", plan["path"]),
        ("label", clipped(plan["label"] or "")),
        ("kind", f"{PLAN_KINDS[plan['kind']]}, {plan['beams']} {plural('beam', plan['beams'])}"),
        ("system", system_of(plan)),
        ("SOP Instance UID", plan["sop_instance_uid"] or "not given"),
        ("SHA-256", plan["sha256"][:16]),
    ]
    if patient is not None:
        rows.append(("patient", patient_values(patient)))
    return {"name": name, "rows": [{"name": key, "value": value} for key, value in rows if value]}


def _row(difference: DifferenceDict, data: ComparisonDict, *, hidden: bool) -> dict[str, str]:
    about = ATTRIBUTES[difference["attribute"]]
    old, new, change = cells(difference, hidden=hidden and about.shown is not Shown.PLAIN)
    return {
        "title": difference["title"],
        "beams": beams_label(data, difference["beams"]) or "plan",
        "old": old,
        "new": new,
        "change": change,
        "where": difference["where"],
    }


def _session(change: SessionChangeDict) -> dict[str, Any]:
    side = change["new"] or change["old"]
    group = None if side is None else side["fraction_group"]
    criteria = [f"{c['id']}: {' to '.join(criterion_words(c))}" for c in change["criteria"]]
    return {
        "group": "none" if group is None else str(group),
        "old": side_text(change["old"]),
        "new": side_text(change["new"]),
        "why": ", ".join(change["why"]) or "as before",
        "more": [*criteria, *asked_lines(change)],
    }


def _number(beam: ComparedBeamDict | None) -> str:
    return "none" if beam is None else "without number" if beam["number"] is None else str(beam["number"])


def _beam_name(beam: ComparedBeamDict | None) -> str:
    return "" if beam is None else clipped(beam["name"] or "")


# ----------------------------------------------------------------------------------------------------------- pictures


def _moved(comparison: Comparison) -> list[tuple[int, int, str]]:
    """Matched beams whose leaves or jaws moved, most first, with the control point of the largest move and its note."""
    largest: dict[int, tuple[float, int, str]] = {}
    for difference in comparison.beyond:
        point = difference.details.get("control_point")
        if difference.attribute not in ("leaves", "jaws") or not isinstance(point, int):
            continue
        for beam in difference.beams:
            amount = difference.amount or 0.0
            if beam not in largest or amount > largest[beam][0]:
                largest[beam] = (amount, point, difference.note)
    ordered = sorted(largest.items(), key=lambda item: -item[1][0])
    return [(beam, point, note) for beam, (_, point, note) in ordered]


def _picture(data: ComparisonDict, comparison: Comparison, beam: int, point: int, note: str) -> dict[str, str]:
    """A beam before and after, at one control point."""
    from rtcode.outputs.pictures import beams_eye_view

    pair = comparison.beams[beam]
    # Leaves and jaws are compared of matched beams only.
    assert pair.old is not None and pair.new is not None
    return {
        "title": f"{beam_label(data['beams'][beam])}, control point {point}: {note}",
        "old": beams_eye_view(pair.old, point),
        "new": beams_eye_view(pair.new, point),
    }
