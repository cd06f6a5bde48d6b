"""A plan to change, and comparing two plans as the command does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rtcode.analysis import analyze
from rtcode.comparison.compare import compare
from rtcode.comparison.tolerances import Tolerances
from rtcode.comparison.types import Comparison
from rtcode.plan.model import RTPlan
from tests.factory import beam, dose_reference, group, plan, rectangle

BASE: dict[int, dict[str, Any]] = {
    1: {"name": "AP", "gantry": 0.0, "leaves": rectangle(-40, 30, -50, 50), "machine_name": "LA1"},
    2: {"name": "LAT", "gantry": 90.0, "leaves": rectangle(-20, 20, -60, 60), "machine_name": "LA1"},
    3: {
        "name": "ARC",
        "gantry": [181.0, 270.0, 0.0, 90.0, 179.0],
        "direction": ["CW", "CW", "CW", "CW", "NONE"],
        "weights": (0.0, 0.2, 0.5, 0.8, 1.0),
        "leaves": [rectangle(-10 - 5 * k, 12 + 3 * k, -30, 30) for k in range(5)],
        "machine_name": "LA1",
    },
}
METERSETS = {1: 100.0, 2: 120.0, 3: 300.0}


def base(
    changes: dict[int, dict[str, Any]] | None = None,
    *,
    without: tuple[int, ...] = (),
    more: dict[int, dict[str, Any]] | None = None,
    order: tuple[int, ...] | None = None,
    group_fields: dict[str, Any] | None = None,
    **fields: Any,
) -> RTPlan:
    """Three beams in one fraction group; ``changes`` by beam number, further keywords as for `factory.plan`."""
    wanted = {n: {**values, **(changes or {}).get(n, {})} for n, values in BASE.items() if n not in without}
    wanted.update(more or {})
    numbers = list(order or wanted)
    beams = [beam(wanted[n].pop("number", n), index=place, **wanted[n]) for place, n in enumerate(numbers)]
    given = {"metersets": METERSETS, "dose_gy": 0.7, **(group_fields or {})}
    named = sorted(b.number for b in beams if isinstance(b.number, int))
    fields.setdefault("groups", (group(1, named, **given),))
    fields.setdefault("dose_references", (dose_reference(target_prescription_gy=50.0),))
    return plan(*beams, **fields)


def compared(old: RTPlan, new: RTPlan, tolerances: Tolerances | None = None) -> Comparison:
    """Both plans analyzed and compared; NEW is from other bytes unless both are the same object."""
    if new is not old and new.source.sha256 == old.source.sha256:
        new = replace(new, source=replace(new.source, sha256="f" * 64))
    a, b = analyze(old).results, analyze(new).results
    return compare(a.plans[0], b.plans[0], a.sessions, b.sessions, tolerances)


def found(comparison: Comparison) -> set[str]:
    """Ids of what differs beyond its tolerance."""
    return {d.attribute for d in comparison.beyond}
