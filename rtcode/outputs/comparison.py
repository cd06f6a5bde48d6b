"""A comparison as the contract's ``rtcode.comparison/1``: plain data, with what the level of identifiers allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.coding.decision import Decision
from rtcode.coding.results import PlanReport, Results
from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.tolerances import values_of
from rtcode.comparison.types import BeamPair, Comparison, Difference, SessionChange, Shown, Value
from rtcode.integrity.types import Finding
from rtcode.outputs.assessment import finding_dict
from rtcode.outputs.comparison_words import broken_text, difference_text, headline
from rtcode.outputs.identifiers import Identifiers, number
from rtcode.outputs.json import answers_dict, code_set_dict, policy_dict, warning_dict
from rtcode.plan.model import known_int
from rtcode.plan.sessions import PlannedBeam

if TYPE_CHECKING:
    from rtcode.outputs.comparison_contract import (
        BeamPairDict,
        ComparedBeamDict,
        ComparedPlanDict,
        ComparisonDict,
        DifferenceDict,
        FindingChangesDict,
        SessionChangeDict,
        SuggestionSideDict,
        ValueJson,
    )
    from rtcode.outputs.contract import FindingDict
    from rtcode.outputs.contract_values import IdentifierLevel


def comparison_dict(
    comparison: Comparison, results: Results, *, identifiers: IdentifierLevel = "uid", key: bytes | None = None
) -> ComparisonDict:
    """A comparison ready for `json.dumps`.

    Parameters
    ----------
    results
        Those of NEW: code set, policy and answers, which hold for both.
    identifiers
        What of the plans' identity is shown; see `rtcode.outputs.identifiers`. Texts are searched for both patients.
    key
        The site's key for the pseudonyms of ``none``.
    """
    shown = Identifiers(identifiers, (comparison.old.plan, comparison.new.plan), key)
    by_beam: list[list[int]] = [[] for _ in comparison.beams]
    for i, difference in enumerate(comparison.differences):
        for place in difference.beams:
            by_beam[place].append(i)
    return {
        "schema": "rtcode.comparison/1",
        "tool_version": results.tool_version,
        "code_set": code_set_dict(results.code_set),
        "policy": policy_dict(results.code_set),
        "identifiers": identifiers,
        "date_of_service": results.date_of_service,
        "answers": answers_dict(results),
        "old": _plan(comparison.old, shown),
        "new": _plan(comparison.new, shown),
        "verdict": comparison.verdict.value,
        "headline": headline(comparison),
        "delivery_changed": comparison.matters,
        "complete": comparison.complete,
        "patient": comparison.patient.value,
        "suggestion": {
            "touched": comparison.touched,
            "sessions": [_session(change) for change in comparison.sessions],
        },
        "confirmation": {
            "holds": comparison.confirmation.holds,
            "broken_by": list(comparison.confirmation.broken_by),  # type: ignore[arg-type]
            "text": broken_text(comparison.confirmation),
        },
        "remarks": list(comparison.remarks),
        "differences": [_difference(d, shown) for d in comparison.differences],
        "beams": [_pair(pair, own, comparison, shown) for pair, own in zip(comparison.beams, by_beam, strict=True)],
        "integrity": _findings(comparison, shown),
        "metrics": [
            {
                "beam": change.beam,
                "profile": change.profile,
                "metric": change.metric,
                "old": number(change.old, 6),
                "new": number(change.new, 6),
            }
            for change in comparison.metrics
        ],
        "not_compared": [
            {"what": n.what, "reason": n.reason, "where": n.where, "beams": list(n.beams)}
            for n in comparison.not_compared
        ],
        "not_read": list(comparison.unread),
        "tolerances": values_of(comparison.tolerances),
    }


def _plan(report: PlanReport, shown: Identifiers) -> ComparedPlanDict:
    plan = report.plan
    result: ComparedPlanDict = {
        "path": shown.path(plan.source.path),
        "sha256": plan.source.sha256,
        "sop_instance_uid": shown.uid(plan.sop_instance_uid),
        "kind": plan.kind.value,
        "label": shown.text(plan.label),
        "manufacturer": shown.equipment(plan.manufacturer),
        "model": shown.equipment(plan.model),
        "transfer_syntax": shown.sop_class(plan.source.transfer_syntax),
        "reader": plan.source.reader,
        "beams": len(plan.beams or ()),
    }
    if shown.level == "full":
        result["patient"] = shown.patient(plan.patient)
    return result


def _pair(pair: BeamPair, own: list[int], comparison: Comparison, shown: Identifiers) -> BeamPairDict:
    return {
        "old": _beam(pair.old, shown),
        "new": _beam(pair.new, shown),
        "by": list(pair.by),  # type: ignore[arg-type]
        "similarity": number(pair.similarity),
        "differences": own,
        "delivery_changed": any(d.matters and not d.within for d in (comparison.differences[i] for i in own)),
    }


def _beam(planned: PlannedBeam | None, shown: Identifiers) -> ComparedBeamDict | None:
    if planned is None:
        return None
    beam = planned.beam
    return {
        "number": known_int(beam.number),
        "name": shown.text(beam.name),
        "index": beam.index,
        "role": planned.role.value,
    }


# -------------------------------------------------------------------------------------------------------- differences


def _difference(difference: Difference, shown: Identifiers) -> DifferenceDict:
    d = difference
    result: DifferenceDict = {
        "attribute": d.attribute,
        "title": ATTRIBUTES[d.attribute].title,
        "kind": d.kind.value,
        "matters": d.matters,
        "counts": d.counts,
        "within_tolerance": d.within,
        "old": _value(d, d.old, shown),
        "new": _value(d, d.new, shown),
        "old_presence": d.old_presence.value,
        "new_presence": d.new_presence.value,
        "amount": number(d.amount),
        "percent": number(d.percent, 3),
        "unit": d.unit,
        "where": d.where,
        "note": d.note,
        "details": {name: _plain(value) for name, value in d.details.items()},
        "beams": list(d.beams),
        "text": "",
    }
    hidden = d.shown is not Shown.PLAIN and (d.old is not None or d.new is not None) and shown.level != "full"
    result["text"] = difference_text(result, hidden=hidden)
    return result


def _value(difference: Difference, value: Value, shown: Identifiers) -> ValueJson:
    """A value as the level of identifiers allows."""
    if difference.shown is Shown.PLAIN or value is None:
        return _plain(value)
    if isinstance(value, tuple):
        parts = [_text(difference, str(part), shown) for part in value]
        return None if any(part is None for part in parts) else [part or "" for part in parts]
    return _text(difference, str(value), shown)


def _text(difference: Difference, text: str, shown: Identifiers) -> str | None:
    if difference.shown is Shown.PATIENT:
        return shown.text(text) if shown.level == "full" else None
    if difference.shown is Shown.UID:
        # A relation to another plan has its kind behind the UID.
        uid, mark, relationship = text.partition("\\")
        term = shown.term("RTPlanRelationship", relationship) or ""
        return f"{shown.uid(uid) or ''}{' ' if mark and term else ''}{term}"
    if difference.shown is Shown.TERM:
        return shown.term(difference.keyword, text)
    if difference.shown is Shown.EQUIPMENT:
        return shown.equipment(text)
    return shown.text(text)


def _plain(value: Value) -> ValueJson:
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, float):
        return number(value)
    texts = [part for part in value if isinstance(part, str)]
    return texts if texts else [number(part) for part in value if not isinstance(part, str)]


# ----------------------------------------------------------------------------------------------- suggestion, findings


def _session(change: SessionChange) -> SessionChangeDict:
    return {
        "old": _side(change.old),
        "new": _side(change.new),
        "touched": change.touched,
        "why": list(change.why),
        "criteria": [
            {
                "id": c.id,
                "old": None if c.old is None else c.old.value,
                "new": None if c.new is None else c.new.value,
                "reason": c.reason,
            }
            for c in change.criteria
        ],
        "questions_added": list(change.questions_added),
        "questions_removed": list(change.questions_removed),
        "questions_changed": list(change.questions_changed),
        "flags_added": list(change.flags_added),
        "flags_removed": list(change.flags_removed),
    }


def _side(decision: Decision | None) -> SuggestionSideDict | None:
    if decision is None:
        return None
    group = decision.session.parts[0].group
    found = decision.suggestion
    return {
        "session": decision.session.id,
        "fraction_group": None if group is None else known_int(group.number),
        "status": found.status.value,
        "level": found.level,
        "code": found.code,
        "floor": found.floor,
        "ceiling": found.ceiling,
        "decided_by": list(found.decided_by),
        "reason": found.reason,
    }


def _findings(comparison: Comparison, shown: Identifiers) -> FindingChangesDict:
    changes = comparison.findings

    def listed(findings: tuple[Finding, ...]) -> list[FindingDict] | None:
        return [finding_dict(finding, shown) for finding in findings] if changes.checked else None

    return {
        "appeared": listed(changes.appeared),
        "disappeared": listed(changes.disappeared),
        "warnings_appeared": [warning_dict(warning) for warning in changes.warnings_appeared],
        "warnings_disappeared": [warning_dict(warning) for warning in changes.warnings_disappeared],
    }
