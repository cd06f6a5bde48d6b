"""A code set as text: what decides, what is asked, and what a policy may set."""

from __future__ import annotations

from rtcode.coding.codeset import CodeSet
from rtcode.integrity import all_checks
from rtcode.integrity.plugins import GROUP
from rtcode.integrity.types import Limit
from rtcode.metrics.machines import MachineEntry
from rtcode.outputs.layout import wrap
from rtcode.records import fields


def render_rules(rules: CodeSet) -> str:
    """The page of ``rtcode codeset show``, 80 columns wide; every id that a policy may name is on it."""
    lines = [
        f"{rules.id} revision {rules.revision}: {rules.title}",
        f"In force {rules.effective_from} to {rules.effective_through}; sources checked on {rules.checked_on}.",
        *wrap(rules.note),
    ]
    if rules.policy is not None:
        lines += wrap(f"Shown under the policy {rules.policy.name} ({rules.policy.sha256[:16]}).")

    def section(title: str) -> None:
        lines.extend(["", title])

    def entry(head: str, *texts: str) -> None:
        lines.extend(wrap(head, first="  ", rest="    "))
        for text in texts:
            if text:
                lines.extend(wrap(text, first="    "))

    section("Levels")
    for level, found in rules.levels.items():
        entry(f"{level} = {found.code}: {found.text}", *(f"record: {item}" for item in found.documentation))
    section("Criteria")
    for name, criterion in rules.criteria.items():
        entry(
            f"{name} (level {criterion.supports_level}): {criterion.text}",
            f"cannot see: {criterion.cannot_see}",
            _sources(criterion.citations),
        )
    section("Scope: what belongs to other codes, or to none")
    for name, gate in rules.scope.items():
        entry(f"{name}: {gate.text}", f"instead: {gate.family}", _sources(gate.citations))
    section("Questions (--answer QUESTION=VALUE)")
    for name, question in rules.questions.items():
        entry(
            f"{name}={'|'.join(question.values)}: {question.text}",
            f"why: {question.why}",
            _sources(question.citations),
        )
    section("Flags")
    for name, flag in rules.flags.items():
        entry(f"{name}: {flag.text}")
    lines.extend(["", "What a policy may set", "", "[readings]"])
    for name, reading in rules.readings.items():
        held = rules.reading(name)
        entry(
            f'{name} = "{reading.default}": {reading.text}',
            *(f"{_mark(choice == held)} {choice}: {t}" for choice, t in reading.choices.items()),
            f"basis: {reading.basis}",
        )
    lines.extend(["", "[values]"])
    for name, value in rules.values.items():
        default = value.default
        setting = getattr(rules.settings, name)
        shown = ", ".join(default) if isinstance(default, tuple | list) else str(default)
        unit = f" {value.unit}" if value.unit else ""
        changed = isinstance(setting, int | float) and setting != default
        limits = _limits(value.minimum, value.maximum)
        entry(
            f"{name} = {shown}{unit}: {value.text}",
            f"set to {setting}" if changed else "",
            limits,
            f"basis: {value.basis}",
        )
    lines.extend(["", "not_provisional = [...]: signs and doubts that make a suggestion provisional"])
    for name, doubt in rules.doubts.items():
        asks = f" (asks {doubt.question})" if doubt.question else ""
        off = "" if rules.makes_provisional(name) else "taken off by the policy"
        entry(f"{name}{asks}: {doubt.text}", off, _sources(doubt.citations))
    lines.extend(["", "[checks.<id>]: severity (error, warning, note, off) and limits of a check"])
    for id, check in all_checks(rules.plugins):
        severity, in_force = rules.checks.severity_of(id, check), rules.checks.limits_of(id, check)
        entry(
            f"{id} = {check.severity}: {check.title}",
            f"set to {severity}" if severity != check.severity else "",
            *(_check_limit(key, limit, in_force[key]) for key, limit in check.limits.items()),
        )
    lines.extend(["", '[machines."NAME"]: what a machine can do, by TreatmentMachineName'])
    lines.extend(wrap(f"any of {', '.join(MachineEntry.__match_args__)}", first="  "))
    for machine, of_machine in rules.machines.entries.items():
        given = {f.name: getattr(of_machine, f.name) for f in fields(MachineEntry)}
        entry(f"{machine}: {', '.join(f'{key} {value}' for key, value in given.items() if value is not None)}")
    lines.extend(["", f"[plugins] allow = [...]: entry points of {GROUP} whose checks are run"])
    for plugin in rules.plugins:
        entry(f"{plugin.ref.name} {plugin.ref.version or ''}".strip())
    section("Related codes, for information only")
    for code, related in rules.related_codes.items():
        entry(f"{code}: {related.text}", _sources(related.citations))
    section("Sources")
    for name, source in rules.sources.items():
        entry(f"{name}: {source.title}", source.where)
    return "\n".join(lines) + "\n"


def _check_limit(key: str, limit: Limit, held: float) -> str:
    unit = f" {limit.unit}" if limit.unit else ""
    changed = f"; set to {held:g}" if held != limit.default else ""
    return f"{key} = {limit.default:g}{unit}: {limit.text}{changed}; basis: {limit.basis}"


def _mark(held: bool) -> str:
    """A star before the choice that holds."""
    return "*" if held else "-"


def _sources(citations: tuple[str, ...]) -> str:
    return f"source: {'; '.join(citations)}"


def _limits(minimum: float | None, maximum: float | None) -> str:
    parts = []
    if minimum is not None:
        parts.append(f"at least {minimum:g}")
    if maximum is not None:
        parts.append(f"at most {maximum:g}")
    return ", ".join(parts)
