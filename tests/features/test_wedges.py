"""Which wedges are in the beam while it delivers."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.types import WedgeFact, WedgeType
from rtcode.features.wedges import wedges_of
from rtcode.plan.model import Missing
from rtcode.truth import Truth
from tests import factory as f

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
TWO_STEP = [0.0, 0.4, 0.4, 1.0]


def run(*wedges: Any, positions: Any = None, **fields: Any) -> tuple[WedgeFact, ...]:
    return wedges_of(f.planned(wedges=wedges, wedge_positions=positions, **fields))


@pytest.mark.parametrize(
    ("kind", "positions", "fields", "used"),
    [
        ("STANDARD", ["IN"], {}, MET),
        ("STANDARD", ["OUT"], {}, NOT),
        ("MOTORIZED", ["IN", "IN", "OUT", "OUT"], {"weights": TWO_STEP}, MET),
        ("MOTORIZED", ["OUT", "OUT", "IN", "IN"], {"weights": TWO_STEP}, MET),
        ("MOTORIZED", ["IN", "OUT", "OUT"], {"weights": [0.0, 0.0, 1.0]}, NOT),  # all its weight is zero
        ("MOTORIZED", ["OUT", "IN"], {}, NOT),  # the last control point starts nothing
        ("DYNAMIC", ["IN"], {}, MET),
        ("DYNAMIC", ["OUT"], {}, NOT),
        ("DYNAMIC", None, {}, MET),  # Varian's enhanced dynamic wedge: no motion in the file
        ("STANDARD", None, {}, UNKNOWN),
        ("MOTORIZED", None, {}, UNKNOWN),
        ("STANDARD", ["?"], {}, UNKNOWN),
        ("MOTORIZED", ["?", "?", "IN"], {"weights": TWO_STEP}, MET),
        ("MOTORIZED", ["OUT", "OUT", "?"], {"weights": TWO_STEP}, UNKNOWN),
        # weights that say nothing: only what holds at every control point is certain
        ("STANDARD", ["IN"], {"weights": None, "count": 2}, MET),
        ("STANDARD", ["OUT"], {"weights": None, "count": 2}, NOT),
        ("MOTORIZED", ["IN", "OUT"], {"weights": None, "count": 2}, UNKNOWN),
        ("MOTORIZED", ["IN", "IN", "OUT", "OUT"], {"weights": [0.0, 0.5, 0.4, 1.0]}, UNKNOWN),
    ],
)
def test_use(kind: str, positions: list[str] | None, fields: dict[str, Any], used: Truth) -> None:
    (found,) = run(f.wedge(kind=kind), positions=None if positions is None else {1: positions}, **fields)
    assert found.used is used
    assert found.type is WedgeType(kind.lower())
    assert found.angle_deg == 30.0
    assert found.evidence[0].where == "BeamSequence[0].WedgeSequence[0].WedgeType (300A,00D3)"
    assert found.evidence[0].value == kind


def test_a_motorized_wedge_says_for_how_much() -> None:
    (found,) = run(f.wedge(kind="MOTORIZED", angle=60.0), positions={1: ["IN", None, "OUT"]}, weights=TWO_STEP)
    assert found.reason == "in the beam for 40% of the meterset"
    position = found.evidence[-1]
    assert position.where == (
        "BeamSequence[0].ControlPointSequence[0].WedgePositionSequence[*].WedgePosition (300A,0118)"
    )
    assert position.value == "IN"


@pytest.mark.parametrize(
    ("wedge", "used", "kind", "angle"),
    [
        (f.wedge(kind=None, angle=Missing.EMPTY), NOT, WedgeType.UNKNOWN, None),
        (f.wedge(kind="", angle=0.0), NOT, WedgeType.UNKNOWN, 0.0),
        (f.wedge(kind="", angle=30.0), MET, WedgeType.UNKNOWN, 30.0),
        (f.wedge(kind="standard ", angle=30.0), MET, WedgeType.STANDARD, 30.0),
        (f.wedge(kind="VIRTUAL", angle=30.0), MET, WedgeType.UNKNOWN, 30.0),
        (f.wedge(kind="STANDARD", angle=Missing.EMPTY), MET, WedgeType.STANDARD, None),
        (f.wedge(kind="MOTORIZED", angle=0.0, effective_angle_deg=22.5), MET, WedgeType.MOTORIZED, 22.5),
        (f.wedge(kind="STANDARD", angle=0.0), UNKNOWN, WedgeType.STANDARD, 0.0),
    ],
)
def test_placeholders(wedge: Any, used: Truth, kind: WedgeType, angle: float | None) -> None:
    (found,) = run(wedge, positions={1: ["IN"]})
    assert (found.used, found.type, found.angle_deg) == (used, kind, angle)


def test_a_leftover_sequence_is_not_used() -> None:
    (found,) = run(f.wedge(), positions={1: ["IN"]}, number_of_wedges=0)
    assert found.used is NOT
    assert found.evidence[-1].where == "BeamSequence[0].NumberOfWedges (300A,00D0)"


def test_no_wedge() -> None:
    assert run() == ()
    assert run(number_of_wedges=Missing.ABSENT) == ()
    assert run(number_of_wedges=Missing.EMPTY) == ()


def test_a_declared_wedge_without_a_sequence_is_unknown() -> None:
    (found,) = run(number_of_wedges=1)
    assert (found.used, found.type, found.angle_deg) == (UNKNOWN, WedgeType.UNKNOWN, None)


def test_a_sequence_counts_where_the_number_is_missing_or_wrong() -> None:
    (found,) = run(f.wedge(), positions={1: ["IN"]}, number_of_wedges=Missing.ABSENT)
    assert found.used is MET
    (found,) = run(f.wedge(), positions={1: ["IN"]}, number_of_wedges=2)
    assert found.used is MET
    assert "not the one declared" in found.reason


def test_a_position_of_another_wedge_is_dangling() -> None:
    wedge, stray = run(f.wedge(1), positions={2: ["IN"]})
    assert (wedge.used, wedge.type) == (UNKNOWN, WedgeType.STANDARD)
    assert (stray.used, stray.type) == (UNKNOWN, WedgeType.UNKNOWN)
    # Something that is out needs no description.
    assert len(run(f.wedge(1), positions={1: ["IN"], 2: ["OUT"]})) == 1
    (only,) = run(positions={1: ["IN"]}, number_of_wedges=1)
    assert only.used is UNKNOWN


def test_each_wedge_by_its_own_number() -> None:
    first, second = run(f.wedge(1, index=0), f.wedge(2, "MOTORIZED", 60.0, index=1), positions={2: ["IN"], 1: ["OUT"]})
    assert (first.used, second.used) == (NOT, MET)
    (unnumbered,) = run(f.wedge(Missing.ABSENT), positions={Missing.ABSENT: ["OUT"]})
    assert unnumbered.used is UNKNOWN
