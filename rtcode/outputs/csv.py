"""One row for every session, and one for every input that could not be used or was passed over."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING
from unicodedata import category

from rtcode.outputs.layout import hides

if TYPE_CHECKING:
    from rtcode.outputs.contract import AnalysisDict, PlanDict, SessionDict

COLUMNS = (
    "type",
    "path",
    "sop_instance_uid",
    "plan_label",
    "fraction_groups",
    "session",
    "status",
    "level",
    "code",
    "floor",
    "ceiling",
    "reason",
    "decided_by",
    "questions",
    "flags",
    "isocenters",
    "nearest_isocenters_mm",
    "radiations",
    "techniques",
    "fractions",
    "warnings",
    "error_code",
    "error_message",
    "code_set",
    "code_set_revision",
    "policy",
    "date_of_service",
    "answers",
    "identifiers",
    "tool_version",
    "patient_id",
    "patient_name",
    "patient_birth_date",
)

Cell = str | int | float | None


def render_csv(data: AnalysisDict) -> str:
    """The table of ``--format csv`` with a header row; unknown is empty, several values are joined by ``; ``."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns = COLUMNS if data["identifiers"] == "full" else COLUMNS[:-3]
    writer.writerow(columns)
    rules = data["code_set"]
    common: dict[str, Cell] = {
        "code_set": rules["id"],
        "code_set_revision": rules["revision"],
        "policy": None if data["policy"] is None else data["policy"]["name"],
        "date_of_service": data["date_of_service"],
        "answers": _joined(f"{q}={v}" for q, v in data["answers"].items()),
        "identifiers": data["identifiers"],
        "tool_version": data["tool_version"],
    }
    by_hash = {plan["sha256"]: plan for plan in data["plans"]}
    rows: list[dict[str, Cell]] = [_session(session, by_hash) for session in data["sessions"]]
    rows += [
        {"type": "failure", "path": f["path"], "error_code": f["code"], "error_message": f["message"]}
        for f in data["failures"]
    ]
    rows += [{"type": "skipped", "path": s["path"], "error_code": s["code"]} for s in data["skipped"]]
    for row in rows:
        row |= common
        writer.writerow([_harmless(row.get(column)) for column in columns])
    return stream.getvalue()


def _session(session: SessionDict, by_hash: dict[str, PlanDict]) -> dict[str, Cell]:
    found = session["suggestion"]
    features = session["features"]
    plans = [by_hash[h] for h in dict.fromkeys(part["sha256"] for part in session["parts"])]
    patient = plans[0].get("patient")
    groups = ("" if part["fraction_group"] is None else str(part["fraction_group"]) for part in session["parts"])
    row: dict[str, Cell] = {
        "type": "session",
        "path": _joined(plan["path"] for plan in plans),
        "sop_instance_uid": _joined(plan["sop_instance_uid"] or "" for plan in plans),
        "plan_label": _joined(plan["label"] or "" for plan in plans),
        "fraction_groups": _joined(groups),
        "session": session["id"],
        "status": found["status"],
        "level": found["level"],
        "code": found["code"],
        "floor": found["floor"],
        "ceiling": found["ceiling"],
        "reason": found["reason"],
        "decided_by": _joined(found["decided_by"]),
        "questions": _joined(question["id"] for question in found["questions"]),
        "flags": _joined(dict.fromkeys(flag["id"] for flag in found["flags"])),
        "isocenters": features["isocenters"]["count"],
        "nearest_isocenters_mm": features["isocenters"]["nearest_mm"],
        "radiations": _joined(features["radiations"]),
        "techniques": _joined(features["techniques"]),
        "fractions": features["fractions"],
        "warnings": _joined(dict.fromkeys(w["code"] for plan in plans for w in plan["warnings"])),
    }
    if patient is not None:
        row |= {
            "patient_id": patient["id"],
            "patient_name": patient["name"],
            "patient_birth_date": patient["birth_date"],
        }
    return row


def _joined(values: Iterable[str]) -> str:
    return "; ".join(values)


#: What begins a formula; spreadsheets take the wide forms for the same signs.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def _harmless(value: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula gets an apostrophe; control characters become blanks.

    Some spreadsheets pass over blanks, and all over what cannot be seen, before they look for a formula.
    """
    if not isinstance(value, str):
        return value
    clean = "".join(" " if category(character) == "Cc" else character for character in value)
    if clean.isascii():
        begin = clean.lstrip()
    else:
        begin = next((clean[i:] for i, c in enumerate(clean) if not (c.isspace() or hides(c))), "")
    return f"'{clean}" if begin.startswith(_FORMULA) else clean
