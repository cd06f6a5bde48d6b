"""Whatever of a plan is read takes part: each field changed alone is reported, so that "equal" can be believed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from rtcode.plan.model import (
    Applicator,
    Beam,
    DoseReference,
    FractionGroup,
    Missing,
    MotionSynchronization,
    PatientSetup,
    ReferencedBeam,
    RTPlan,
    ToleranceTable,
    Wedge,
)  # fmt: skip
from tests.comparison.support import BASE, METERSETS, base, compared
from tests.factory import DIRECTIONS, applicator, dose_reference, group, motion, setup, wedge

#: Where a record lies in the file says nothing; what has no place in a file of this kind cannot change alone.
LEFT_OUT = {"index", "path", "kind", "source", "patient", "warnings"}
REACH: dict[type, Any] = {
    RTPlan: lambda plan, change: change(plan),
    Beam: lambda plan, change: dataclasses.replace(plan, beams=(change(plan.beams[0]), *plan.beams[1:])),
    Wedge: lambda plan, change: _in_beam(plan, "wedges", change),
    Applicator: lambda plan, change: _in_beam(plan, "applicators", change),
    PatientSetup: lambda plan, change: dataclasses.replace(plan, setups=(change(plan.setups[0]),)),
    MotionSynchronization: lambda plan, change: dataclasses.replace(
        plan, setups=(dataclasses.replace(plan.setups[0], motion=(change(plan.setups[0].motion[0]),)),)
    ),
    DoseReference: lambda plan, change: dataclasses.replace(plan, dose_references=(change(plan.dose_references[0]),)),
    ToleranceTable: lambda plan, change: dataclasses.replace(
        plan, tolerance_tables=(change(plan.tolerance_tables[0]),)
    ),
    FractionGroup: lambda plan, change: dataclasses.replace(plan, fraction_groups=(change(plan.fraction_groups[0]),)),
    ReferencedBeam: lambda plan, change: dataclasses.replace(
        plan,
        fraction_groups=(
            dataclasses.replace(
                plan.fraction_groups[0],
                beams=(change(plan.fraction_groups[0].beams[0]), *plan.fraction_groups[0].beams[1:]),
            ),
        ),
    ),
}


def _in_beam(plan: RTPlan, name: str, change: Any) -> RTPlan:
    assert plan.beams is not None
    first = plan.beams[0]
    return dataclasses.replace(
        plan, beams=(dataclasses.replace(first, **{name: (change(getattr(first, name)[0]),)}), *plan.beams[1:])
    )


def whole() -> RTPlan:
    return base(
        {1: {"wedges": (wedge(),), "applicators": (applicator(),), "tolerance_table_number": 1}},
        tolerance_tables=(ToleranceTable("ToleranceTableSequence[0]", 1, "T1", gantry_deg=1.0),),
        setups=(setup(motion=(motion("GATING", "BELT"),)),),
        dose_references=(dose_reference(target_prescription_gy=50.0, description="PTV"),),
        groups=(group(1, (1, 2, 3), metersets=METERSETS, dose_gy=0.7),),
    )


SIMPLE = [
    (cls, field.name, str(field.type))
    for cls in REACH
    for field in dataclasses.fields(cls)
    if field.name not in LEFT_OUT and str(field.type) in ("Text", "Number", "Integer", "int")
]


def other(kind: str, value: Any) -> Any:
    if kind == "Text":
        return "SOMETHING ELSE"
    if isinstance(value, Missing):
        return 17
    return value + 13


@pytest.mark.parametrize(("cls", "name", "kind"), SIMPLE, ids=lambda v: v if isinstance(v, str) else v.__name__)
def test_a_field_that_changes_is_reported(cls: type, name: str, kind: str) -> None:
    old = whole()
    new = REACH[cls](old, lambda record: dataclasses.replace(record, **{name: other(kind, getattr(record, name))}))
    assert compared(old, new).differences, f"{cls.__name__}.{name}"


def test_there_is_enough_of_it() -> None:
    assert len(SIMPLE) > 90


@pytest.mark.parametrize("name", ["collimator", "couch"])
def test_the_way_that_a_collimator_or_couch_turns(name: str) -> None:
    from tests.factory import column

    def arc(way: str) -> RTPlan:
        turning = column([DIRECTIONS[way], DIRECTIONS["NONE"]], 2)
        return base(
            {1: {name: [0.0, 90.0], "points": {f"{name}_direction": turning.values.tolist() if turning else None}}}
        )

    assert {d.attribute for d in compared(arc("CW"), arc("CC")).beyond} == {f"{name}_direction"}


def test_a_setup_that_no_beam_refers_to() -> None:
    one, other_one = (
        base({n: {"setup_number": Missing.ABSENT} for n in (1, 2, 3)}, setups=(setup(position=position),))
        for position in ("HFS", "FFS")
    )
    assert {d.attribute for d in compared(one, other_one).beyond} == {"patient_position"}


def test_a_beam_that_is_named_twice() -> None:
    twice = group(1, (1, 2, 3), metersets=METERSETS, dose_gy=0.7)
    again = dataclasses.replace(twice.beams[1], meterset=150.0)
    new = base(groups=(dataclasses.replace(twice, beams=(*twice.beams, again)),))
    assert {"reference_defects", "meterset"} <= {d.attribute for d in compared(base(), new).beyond}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("source_distance_mm", 500.0, "device_distance"),
        ("boundaries_mm", np.arange(-41.0, 40.0), "leaf_boundaries"),
        ("pairs", 30, "device_declaration"),
        ("type", "MLCY", "device_declaration"),
    ],
)
def test_a_declaration_that_changes(name: str, value: Any, told: str) -> None:
    old = base()
    assert old.beams is not None
    first = old.beams[0]
    (leaves,) = [d for d in first.devices if d.type == "MLCX"]
    changed = tuple(dataclasses.replace(d, **{name: value}) if d is leaves else d for d in first.devices)
    new = dataclasses.replace(old, beams=(dataclasses.replace(first, devices=changed), *old.beams[1:]))
    comparison = compared(old, new)
    assert told in {d.attribute for d in comparison.beyond} and comparison.matters


@pytest.mark.parametrize("kind", ["MLCX", "ASYMY"])
def test_positions_whose_device_is_no_longer_declared(kind: str) -> None:
    old = base()
    assert old.beams is not None
    first = old.beams[0]
    left = tuple(d for d in first.devices if d.type != kind)
    positions = tuple(
        dataclasses.replace(p, declared=next((i for i, d in enumerate(left) if d.type == p.type), None))
        for p in first.control_points.devices
    )
    points = dataclasses.replace(first.control_points, devices=positions)
    changed = dataclasses.replace(first, devices=left, control_points=points)
    new = dataclasses.replace(old, beams=(changed, *old.beams[1:]))
    for comparison in (compared(old, new), compared(new, old)):
        assert "device_declaration" in {d.attribute for d in comparison.beyond} and comparison.matters


def test_an_mlc_that_is_only_declared() -> None:
    new = base({1: {"leaves": None, "more_devices": [("MLCX", None, list(range(-40, 41)))]}})
    old = base({1: {"leaves": None}})
    assert "mlc_added" in {d.attribute for d in compared(old, new).beyond}


@pytest.mark.parametrize("name", ["collimator", "couch"])
def test_the_way_it_turns_where_the_numbers_of_control_points_differ(name: str) -> None:
    """A collimator that turns by 180 degrees one way or the other, sampled more finely in NEW."""

    def turning(way: str, angles: list[float]) -> RTPlan:
        n = len(angles)
        directions = [DIRECTIONS[way]] * (n - 1) + [DIRECTIONS["NONE"]]
        weights = tuple(np.linspace(0, 1, n).tolist())
        return base({1: {name: angles, "weights": weights, "points": {f"{name}_direction": directions}}})

    coarse = turning("CW", [0.0, 90.0])
    for way, told in (("CW", {"control_points"}), ("CC", {"control_points", f"{name}_direction"})):
        assert {d.attribute for d in compared(coarse, turning(way, [0.0, 45.0, 90.0])).beyond} == told


def test_a_projection_of_a_sinogram_that_only_one_plan_has() -> None:
    def helical(projections: list[Any]) -> RTPlan:
        return base({3: {"sinogram": projections}})

    rows = [np.full(64, 0.5) for _ in range(5)]
    for lost in (2, 4):
        other = [None if k == lost else row for k, row in enumerate(rows)]
        for comparison in (compared(helical(rows), helical(other)), compared(helical(other), helical(rows))):
            assert "leaf_open_times" in {d.attribute for d in comparison.beyond} and comparison.matters


def test_what_is_unknown_at_some_control_points_of_both_plans_is_not_compared() -> None:
    leaves = [*BASE[3]["leaves"][:2], Missing.INVALID, *BASE[3]["leaves"][3:]]
    angles = [0.0, 0.0, Missing.INVALID, 0.0, 0.0]
    for changes in ({"leaves": leaves}, {"collimator": angles}):
        comparison = compared(base({3: changes}), base({3: changes}, label="OTHER"))
        assert len(comparison.not_compared) == 1 and not comparison.complete
