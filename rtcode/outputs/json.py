"""The contract's JSON: results as plain data, and that data as text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from rtcode.coding.codeset import CodeSet
from rtcode.coding.decision import Criterion, Decision, Outcome, Suggestion
from rtcode.coding.results import Failure, PlanReport, Results
from rtcode.features.types import BeamFacts
from rtcode.metrics.types import BeamMetrics
from rtcode.outputs.angles import gantry_path
from rtcode.outputs.assessment import beam_metrics_of, integrity_dict, machine_limits, metrics_dict, plugin_dict
from rtcode.outputs.features import features_dict
from rtcode.outputs.identifiers import Identifiers, number
from rtcode.plan.model import Column, FractionGroup, Missing, PlanKind, known, known_int
from rtcode.plan.sessions import SessionPart
from rtcode.truth import PlanWarning, Truth

if TYPE_CHECKING:
    from rtcode.outputs.contract import (
        AnalysisDict,
        BeamDict,
        CodeSetRef,
        CriterionDict,
        FailureDict,
        FractionGroupDict,
        OutcomeDict,
        PartDict,
        PlanDict,
        PolicyRef,
        SessionDict,
        SuggestionDict,
        WarningDict,
    )
    from rtcode.outputs.contract_values import IdentifierLevel


def analysis_dict(results: Results, *, identifiers: IdentifierLevel = "uid", key: bytes | None = None) -> AnalysisDict:
    """Results as the contract's ``rtcode.analysis/1``, ready for `json.dumps`.

    Parameters
    ----------
    identifiers
        What of the plans' identity is shown; see `rtcode.outputs.identifiers`.
    key
        The site's key for the pseudonyms of ``none``; without one they hold for this call only.
    """
    shown = Identifiers(identifiers, (report.plan for report in results.plans), key)
    return {
        "schema": "rtcode.analysis/1",
        "tool_version": results.tool_version,
        "code_set": code_set_dict(results.code_set),
        "policy": policy_dict(results.code_set),
        "plugins": [plugin_dict(plugin) for plugin in results.plugins],
        "identifiers": identifiers,
        "date_of_service": results.date_of_service,
        "answers": answers_dict(results),
        "plans": [_plan(report, shown) for report in results.plans],
        "sessions": [session_dict(decision, shown) for decision in results.sessions],
        "failures": [failure_dict(failure, shown) for failure in results.failures],
        "skipped": [{"path": shown.path(s.path), "code": s.code} for s in results.skipped],
    }


def code_set_dict(rules: CodeSet) -> CodeSetRef:
    """What decided."""
    return {
        "id": rules.id,
        "revision": rules.revision,
        "effective_from": rules.effective_from.isoformat(),
        "effective_through": rules.effective_through.isoformat(),
        "sources": {name: {"title": s.title, "where": s.where} for name, s in rules.sources.items()},
    }


def policy_dict(rules: CodeSet) -> PolicyRef | None:
    return None if rules.policy is None else {"name": rules.policy.name, "sha256": rules.policy.sha256}


def answers_dict(results: Results) -> dict[str, str]:
    """The answers that were taken into account in any session."""
    return {question: value for decision in results.sessions for question, value in decision.answers}


def failure_dict(failure: Failure, shown: Identifiers) -> FailureDict:
    return {
        "path": shown.path(failure.path),
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
    }


def dumps(value: Any, *, indent: int | None = None) -> str:
    """JSON text in UTF-8 characters; NaN and infinity are refused."""
    separators = (",", ":") if indent is None else None
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def render_json(data: AnalysisDict) -> str:
    """The document of ``--format json``."""
    return dumps(data, indent=2) + "\n"


# -------------------------------------------------------------------------------------------------------------- plans


def _plan(report: PlanReport, shown: Identifiers) -> PlanDict:
    plan = report.plan
    result: PlanDict = {
        "path": shown.path(plan.source.path),
        "sha256": plan.source.sha256,
        "sop_class_uid": shown.sop_class(plan.sop_class_uid),
        "sop_instance_uid": shown.uid(plan.sop_instance_uid),
        "kind": plan.kind.value,
        "label": shown.text(plan.label),
        "manufacturer": shown.equipment(plan.manufacturer),
        "model": shown.equipment(plan.model),
        "geometry": shown.term("RTPlanGeometry", plan.geometry),
        "intent": shown.term("PlanIntent", plan.intent),
        "approval": shown.term("ApprovalStatus", plan.approval),
        "fraction_groups": [_group(group) for group in plan.fraction_groups or ()],
        "beams": [
            _beam(facts, metrics, shown) for facts, metrics in zip(report.beams, beam_metrics_of(report), strict=True)
        ],
        "warnings": [warning_dict(warning) for warning in plan.warnings],
        "integrity": integrity_dict(report.integrity, shown),
        "metrics": metrics_dict(None if report.metrics is None else report.metrics.values),
        "machine_limits": machine_limits(report),
        "reader": plan.source.reader,
    }
    if shown.level == "full":
        result["patient"] = shown.patient(plan.patient)
    return result


def warning_dict(warning: PlanWarning) -> WarningDict:
    return {"code": warning.code, "message": warning.message, "where": warning.where}


def _group(group: FractionGroup) -> FractionGroupDict:
    numbers = (known_int(beam.number) for beam in group.beams)
    return {
        "number": known_int(group.number),
        "fractions_planned": known_int(group.fractions_planned),
        "beams": [n for n in numbers if n is not None],
    }


def _beam(facts: BeamFacts, metrics: BeamMetrics | None, shown: Identifiers) -> BeamDict:
    planned = facts.planned
    beam = planned.beam
    points = beam.control_points
    technique = facts.technique
    shaping = facts.shaping
    mlc = technique.mlc
    return {
        "number": known_int(beam.number),
        "name": shown.text(beam.name),
        "role": planned.role.value,
        "radiation": facts.radiation.radiation.value,
        "energy_mev": _numbers(facts.radiation.energies_mev) or None,
        "fff": facts.radiation.fff,
        "technique": technique.technique.value,
        "control_points": points.count,
        "meterset_mu": number(planned.meterset_mu),
        "gantry_deg": gantry_path(points),
        "collimator_deg": _first(points.collimator_deg),
        "couch_deg": _first(points.couch_deg),
        "ssd_mm": _distance(_first(points.ssd_mm)),
        "isocenters_mm": [_numbers(point) for point in facts.isocenters_mm],
        "mlc": None
        if mlc is None
        else {"present": mlc.present, "modulated": mlc.modulated, "apertures": int(mlc.apertures)},
        "wedges": [
            {"type": w.type.value, "angle_deg": number(w.angle_deg), "used": truth_bool(w.used)} for w in facts.wedges
        ],
        "blocks": shaping.blocks,
        "compensators": shaping.compensators,
        "boluses": shaping.boluses,
        "applicator": shown.text(shaping.applicator),
        "motion": [
            {
                "technique": shown.term("RespiratoryMotionCompensationTechnique", motion.technique),
                "signal": shown.term("RespiratorySignalSource", motion.signal),
            }
            for motion in facts.motion
        ],
        "metrics": metrics_dict(None if metrics is None else metrics.values),
        "index": beam.index,
        "meterset": {
            "value": number(known(planned.meterset)),
            "unit": shown.term("PrimaryDosimeterUnit", beam.dosimeter_unit),
        },
        "role_reason": planned.finding.reason,
        "technique_reason": technique.reason,
        "arc_deg": number(technique.arc_deg),
        # What shapes an ion beam stands in its control points, which are not read.
        "shaped": "unknown" if planned.plan.kind is PlanKind.RT_ION_PLAN else shaping.shaped.value,
        "unusable": technique.unusable,
    }


def _numbers(values: Iterable[float]) -> list[float]:
    return [rounded for rounded in (number(value) for value in values) if rounded is not None]


def _first(column: Column | None) -> float | None:
    """The value at the first control point that has one."""
    if column is None:
        return None
    index = column.first_known()
    return None if index is None else number(float(column.values[index]))


def _distance(value: float | None) -> float | None:
    """A distance from the source: nothing at or behind it is one, so such a number is no known value."""
    return value if value is not None and value > 0 else None


def truth_bool(truth: Truth) -> bool | None:
    """Three-valued truth where the contract has a boolean or null."""
    return None if truth is Truth.UNKNOWN else truth is Truth.MET


# ----------------------------------------------------------------------------------------------------------- sessions


def session_dict(decision: Decision, shown: Identifiers) -> SessionDict:
    """One session of the contract."""
    session = decision.session
    joined: Literal["concurrent", "request"] | None = None
    if session.joined_by == "concurrent":
        joined = "concurrent"
    elif session.joined_by == "request":
        joined = "request"
    together = decision.together
    return {
        "id": session.id,
        "parts": [_part(part, shown) for part in session.parts],
        "features": features_dict(session, decision.features, shown),
        "criteria": [_criterion(criterion, shown) for criterion in decision.criteria],
        "suggestion": _suggestion(decision.suggestion),
        "no_delivery": None if session.no_delivery is None else session.no_delivery.value,
        "joined_by": joined,
        "answers": dict(decision.answers),
        "together": None
        if together is None
        else {
            "sessions": list(decision.together_with),
            "level": together.level,
            "status": together.status.value,
        },
    }


def _part(part: SessionPart, shown: Identifiers) -> PartDict:
    numbers = (known_int(planned.beam.number) for planned in part.beams)
    group = part.group
    return {
        "sop_instance_uid": shown.uid(part.plan.sop_instance_uid),
        "fraction_group": None if group is None or isinstance(group.number, Missing) else group.number,
        "beams": [n for n in numbers if n is not None],
        "sha256": part.plan.source.sha256,
        "beam_indexes": [planned.beam.index for planned in part.beams],
        "roles": [planned.role.value for planned in part.beams],
        "metersets_mu": [number(planned.meterset_mu) for planned in part.beams],
        "missing_beams": list(part.dangling),
    }


def _criterion(criterion: Criterion, shown: Identifiers) -> CriterionDict:
    return {
        "id": criterion.id,
        "status": criterion.status.value,
        "supports_level": criterion.supports_level,
        "reason": criterion.reason,
        "evidence": [shown.evidence(e) for e in criterion.evidence],
        "citations": list(criterion.citations),
    }


def _outcome(outcome: Outcome) -> OutcomeDict:
    """A supported level stands alone; else the status says what kind of answer that is."""
    if outcome.level is not None and outcome.status.value == "supported":
        return {"level": outcome.level}
    return {"level": outcome.level, "status": outcome.status.value}


def _suggestion(suggestion: Suggestion) -> SuggestionDict:
    return {
        "status": suggestion.status.value,
        "level": suggestion.level,
        "code": suggestion.code,
        "floor": suggestion.floor,
        "ceiling": suggestion.ceiling,
        "reason": suggestion.reason,
        "decided_by": list(suggestion.decided_by),
        "questions": [
            {
                "id": question.id,
                "text": question.text,
                "why": question.why,
                "answers": {value: _outcome(outcome) for value, outcome in question.answers},
            }
            for question in suggestion.questions
        ],
        "flags": [{"id": flag.id, "text": flag.text} for flag in suggestion.flags],
        "documentation": list(suggestion.documentation),
    }
