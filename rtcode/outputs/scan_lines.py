"""The lines that a scan writes of one plan: its sessions, each with what an archive counts the plan by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rtcode.coding.results import PlanReport, Results
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.json import session_dict
from rtcode.plan.model import Text
from rtcode.plan.roles import Role

if TYPE_CHECKING:
    from rtcode.outputs.scan_contract import ScanPlanDict, ScanSessionLine

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def session_lines(results: Results, shown: Identifiers) -> list[ScanSessionLine]:
    """The sessions of a scanned plan.

    Parameters
    ----------
    results
        Of one plan, without integrity and metrics.
    """
    (report,) = results.plans
    plan = plan_dict(report, shown)
    return [{"type": "session", "plan": plan, **session_dict(decision, shown)} for decision in results.sessions]


def plan_dict(report: PlanReport, shown: Identifiers) -> ScanPlanDict:
    plan = report.plan
    treatment = [facts.planned.beam for facts in report.beams if facts.planned.role is Role.TREATMENT]
    found = _DATE.fullmatch((plan.date or "").strip())
    year, month, day = found.groups() if found else (None, None, None)
    machines = dict.fromkeys(_machine(beam.machine_name, shown) for beam in treatment)
    return {
        "path": shown.path(plan.source.path),
        "sha256": plan.source.sha256,
        "size": plan.source.size,
        "sop_class_uid": shown.sop_class(plan.sop_class_uid),
        "sop_instance_uid": shown.uid(plan.sop_instance_uid),
        "kind": plan.kind.value,
        "label": shown.text(plan.label),
        "manufacturer": shown.equipment(plan.manufacturer),
        "model": shown.equipment(plan.model),
        "software": [text for text in map(shown.text, plan.software_versions) if text],
        "machines": [machine for machine in machines if machine],
        "patient": shown.pseudonym(f"patient {plan.patient.id}") if plan.patient.id else None,
        "year": None if year is None else int(year),
        # Of the dates of a person's care, only years may stand in what is to be free of identity.
        "month": None if year is None or shown.level == "none" else f"{year}-{month}",
        "date": None if year is None or shown.level == "none" else f"{year}-{month}-{day}",
        "geometry": shown.term("RTPlanGeometry", plan.geometry),
        "intent": shown.term("PlanIntent", plan.intent),
        "approval": shown.term("ApprovalStatus", plan.approval),
        "treatment_beams": len(treatment),
        "warnings": sorted({warning.code for warning in plan.warnings}),
        "reader": plan.source.reader,
    }


def _machine(name: Text, shown: Identifiers) -> Text:
    """A machine's name, which names no patient: under ``none`` a pseudonym, so that machines can still be counted."""
    return shown.pseudonym(f"machine {name}") if name and shown.level == "none" else shown.text(name)
