"""A comparison as one self-contained HTML page: side by side, with beam's-eye views where leaves or jaws moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.types import Comparison, Difference, Shown
from rtcode.outputs.comparison_words import (
    KIND_HEADINGS,
    beam_label,
    beams_label,
    cells,
    largest_first,
    patient_line,
    side_text,
    untold,
)
from rtcode.outputs.layout import safe
from rtcode.outputs.words import clipped

if TYPE_CHECKING:
    from rtcode.outputs.comparison_contract import ComparedBeamDict, ComparedPlanDict, ComparisonDict, DifferenceDict

_TEMPLATES = (Path(__file__).with_name("comparison_page"), Path(__file__).with_name("sheet") / "templates")
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
    import jinja2

    from rtcode.outputs.pictures import STYLE

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )
    return environment.get_template("comparison.html").render(**_view(data, comparison), picture_style=STYLE)


def _written(value: Any) -> Any:
    """What a template writes: markup as it is, texts on one line with nothing hidden in them."""
    return value if hasattr(value, "__html__") else safe(" ".join(str(value).split()))


def _view(data: ComparisonDict, comparison: Comparison) -> dict[str, Any]:
    differences = data["differences"]
    beyond = [d for d in differences if d["counts"] and not d["within_tolerance"]]
    tables = [("What matters for the treatment", [d for d in beyond if d["matters"]])]
    for kind, heading in KIND_HEADINGS.items():
        tables.append((heading, [d for d in beyond if not d["matters"] and d["kind"] == kind]))
    tables.append(("Within tolerance", [d for d in differences if d["counts"] and d["within_tolerance"]]))
    tables.append(("Other in the file, same in meaning", [d for d in differences if not d["counts"]]))
    hidden = data["identifiers"] != "full"
    rules = data["code_set"]
    policy = data["policy"]
    found = data["integrity"]
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
                "more": len(found) - _MOST_ROWS,
            }
            for heading, found in tables
            if found
        ],
        "pictures": _pictures(data, comparison),
        "touched": data["suggestion"]["touched"],
        "sessions": [_session(change) for change in data["suggestion"]["sessions"]],
        "confirmation": data["confirmation"]["text"],
        "beams": [
            {
                "old": _number(pair["old"]),
                "new": _number(pair["new"]),
                "name": _beam_name(pair["new"] or pair["old"]),
                "by": "added" if pair["old"] is None else "removed" if pair["new"] is None else ", ".join(pair["by"]),
                "changed": "yes" if pair["delivery_changed"] else "no",
            }
            for pair in data["beams"][:_MOST_ROWS]
        ],
        "findings": [
            {"heading": heading, "findings": findings or [], "oddities": untold(oddities, findings)}
            for heading, findings, oddities in (
                ("New findings and oddities", found["appeared"], found["warnings_appeared"]),
                ("Findings and oddities that are gone", found["disappeared"], found["warnings_disappeared"]),
            )
        ],
        "metrics": [
            {
                "beam": beam_label(data["beams"][m["beam"]]),
                "profile": m["profile"],
                "metric": m["metric"],
                "old": _metric(m["old"]),
                "new": _metric(m["new"]),
            }
            for m in largest_first(data["metrics"])[:_MOST_METRICS]
        ],
        "more_metrics": len(data["metrics"]) - _MOST_METRICS,
        "not_compared": [
            f"{beams_label(data, n['beams'])} {n['what']}: {n['reason']}".strip() for n in data["not_compared"]
        ],
        "not_read": [] if data["verdict"] == "identical" else data["not_read"],
        "tolerances": [f"{name} {value:g}" for name, value in data["tolerances"].items()],
        "closing": f"rtcode {data['tool_version']}, {rules['id']} revision {rules['revision']}"
        + ("" if policy is None else f", policy {policy['name']} ({policy['sha256'][:16]})")
        + ": suggestions, human confirms",
    }


def _plan(name: str, plan: ComparedPlanDict) -> dict[str, Any]:
    kind = {"rt_plan": "RT Plan", "rt_ion_plan": "RT Ion Plan", "brachy": "brachytherapy plan"}[plan["kind"]]
    patient = plan.get("patient")
    rows = [
        ("file", plan["path"]),
        ("label", clipped(plan["label"] or "")),
        ("kind", f"{kind}, {plan['beams']} {'beam' if plan['beams'] == 1 else 'beams'}"),
        ("system", clipped(" ".join(word for word in (plan["manufacturer"], plan["model"]) if word))),
        ("SOP Instance UID", plan["sop_instance_uid"] or "not given"),
        ("SHA-256", plan["sha256"][:16]),
    ]
    if patient is not None:
        rows.append(("patient", ", ".join(clipped(str(value)) for value in patient.values() if value)))
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


def _session(change: Any) -> dict[str, Any]:
    side = change["new"] or change["old"]
    group = None if side is None else side["fraction_group"]
    words = (
        ("questions_added", "asked now"),
        ("questions_removed", "no longer asked"),
        ("questions_changed", "asked, with other consequences"),
        ("flags_added", "flagged now"),
        ("flags_removed", "no longer flagged"),
    )
    criteria = [
        f"{c['id']}: {(c['old'] or 'not there').replace('_', ' ')} to {(c['new'] or 'not there').replace('_', ' ')}"
        for c in change["criteria"]
    ]
    return {
        "group": "none" if group is None else str(group),
        "old": side_text(change["old"]),
        "new": side_text(change["new"]),
        "why": ", ".join(change["why"]) or "as before",
        "more": [*criteria, *(f"{word}: {', '.join(change[key])}" for key, word in words if change[key])],
    }


def _number(beam: Any) -> str:
    return "none" if beam is None else "without number" if beam["number"] is None else str(beam["number"])


def _beam_name(beam: ComparedBeamDict | None) -> str:
    return "" if beam is None else clipped(beam["name"] or "")


def _metric(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


# ----------------------------------------------------------------------------------------------------------- pictures


def _pictures(data: ComparisonDict, comparison: Comparison) -> list[dict[str, str]]:
    """Before and after of the beams whose leaves or jaws moved, at the control point of the largest move."""
    largest: dict[int, Difference] = {}
    for difference in comparison.beyond:
        place = difference.details.get("control_point")
        if difference.attribute not in ("leaves", "jaws") or not isinstance(place, int):
            continue
        for beam in difference.beams:
            before = largest.get(beam)
            if before is None or (difference.amount or 0.0) > (before.amount or 0.0):
                largest[beam] = difference
    found = []
    for beam, difference in sorted(largest.items(), key=lambda item: -(item[1].amount or 0.0))[:_MOST_PICTURES]:
        pair = comparison.beams[beam]
        if pair.old is None or pair.new is None:
            continue
        from rtcode.outputs.pictures import beams_eye_view

        place = difference.details["control_point"]
        assert isinstance(place, int)
        found.append(
            {
                "title": f"{beam_label(data['beams'][beam])}, control point {place}: {difference.note}",
                "old": beams_eye_view(pair.old, place),
                "new": beams_eye_view(pair.new, place),
            }
        )
    return found
