"""Integrity findings and modulation metrics as the contract has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rtcode.coding.results import PlanReport
from rtcode.integrity.types import Finding, IntegrityReport, NotAssessed, PluginRef, Severity
from rtcode.metrics.types import BeamMetrics, Values
from rtcode.outputs.identifiers import Identifiers, number, scalar
from rtcode.plan.model import known_int
from rtcode.truth import EvidenceValue

if TYPE_CHECKING:
    from rtcode.outputs.contract import FindingDict, IntegrityDict, MachineLimitsDict, NotAssessedDict, PluginDict
    from rtcode.outputs.contract_values import EvidenceValueJson, MetricsJson

#: A check that is off was not run, so no finding has that severity.
_SEVERITY: dict[Severity, Literal["error", "warning", "note"]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}
#: Digits after the point: complexity indices are a few hundredths a millimeter.
_DIGITS = 6


def integrity_dict(report: IntegrityReport | None, shown: Identifiers) -> IntegrityDict | None:
    """What the checks say of one plan; ``None`` where they were not run."""
    if report is None:
        return None
    return {
        "findings": [finding_dict(finding, shown) for finding in report.findings],
        "not_assessed": [_not_assessed(entry, shown) for entry in report.not_assessed],
        "passed": list(report.passed),
        "off": list(report.off),
    }


def finding_dict(finding: Finding, shown: Identifiers) -> FindingDict:
    found = finding.found
    own = finding.plugin is None
    return {
        "check": finding.check,
        "severity": _SEVERITY[finding.severity],
        "message": found.message if own else _foreign(found.message, shown),
        "explanation": finding.explanation,
        "where": list(found.where),
        "beams": list(found.beams),
        "values": {name: _value(value, shown) for name, value in found.values.items()},
        "plugin": finding.plugin,
    }


def _not_assessed(entry: NotAssessed, shown: Identifiers) -> NotAssessedDict:
    return {
        "check": entry.check,
        "reason": entry.reason if entry.plugin is None else _foreign(entry.reason, shown),
        "where": list(entry.where),
        "beams": list(entry.beams),
        "plugin": entry.plugin,
    }


def _foreign(text: str, shown: Identifiers) -> str:
    """A plug-in's words, which may quote the plan: treated as a text of the plan."""
    return shown.text(text) or "a text of the plug-in, left out"


def _value(value: EvidenceValue, shown: Identifiers) -> EvidenceValueJson:
    if isinstance(value, str):
        return shown.text(value)
    if not isinstance(value, tuple):
        return scalar(value)
    texts = [shown.text(part) or "" for part in value if isinstance(part, str)]
    return texts or [number(part) for part in value if not isinstance(part, str)]


def metrics_dict(values: Values | None) -> MetricsJson | None:
    """Metrics by profile and name; ``None`` where there are none."""
    if values is None:
        return None
    return {
        profile: {name: number(value, _DIGITS) for name, value in metrics.items()}
        for profile, metrics in values.items()
    }


def beam_metrics_of(report: PlanReport) -> tuple[BeamMetrics | None, ...]:
    """The metrics of each beam of a plan, in file order."""
    return report.metrics.beams if report.metrics is not None else (None,) * len(report.beams)


def machine_limits(report: PlanReport) -> list[MachineLimitsDict]:
    """What was assumed of the machine, a row for each beam with metrics."""
    return [
        {
            "beam": known_int(facts.planned.beam.number),
            "gantry_speed_deg_s": metrics.limits.gantry_speed_deg_s,
            "dose_rate_mu_min": metrics.limits.dose_rate_mu_min,
            "leaf_speed_mm_s": metrics.limits.leaf_speed_mm_s,
            "jaw_speed_mm_s": metrics.limits.jaw_speed_mm_s,
            "source": metrics.limits.source,
        }
        for facts, metrics in zip(report.beams, beam_metrics_of(report), strict=True)
        if metrics is not None
    ]


def plugin_dict(plugin: PluginRef) -> PluginDict:
    return {"name": plugin.name, "version": plugin.version, "checks": list(plugin.checks)}
