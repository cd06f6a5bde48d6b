"""Blocks, leaves, compensators, bolus, applicators and half-beams."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rtcode.features.shaping import shaping_of
from rtcode.features.types import ShapingFact
from rtcode.plan.model import Missing
from rtcode.truth import EvidenceKind, Truth
from tests import factory as f
from tests.features.wordlists import shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def run(**fields: Any) -> ShapingFact:
    return shaping_of(f.planned(**fields), shipped())


def notch(depth_mm: float, rows: slice = slice(20, 24), bank: int = 0) -> np.ndarray:
    """A rectangle with some leaves of one bank pushed in."""
    leaves = f.rectangle(-40, 40, -40, 40).reshape(2, 40)
    leaves[bank, rows] += depth_mm if bank == 0 else -depth_mm
    return leaves.ravel()


@pytest.mark.parametrize(
    ("fields", "shaped"),
    [
        ({}, NOT),
        ({"leaves": f.rectangle(-40, 40, -40, 40)}, NOT),  # a rectangle of leaves inside the jaws
        ({"leaves": f.rectangle(-90, 90, -90, 90)}, NOT),  # leaves outside the jaws
        ({"leaves": notch(5.0)}, NOT),  # exactly the limit
        ({"leaves": notch(5.1)}, MET),
        ({"leaves": notch(5.1, bank=1)}, MET),
        ({"leaves": notch(20.0)}, MET),
        ({"leaves": notch(20.0), "mlc": "MLCY"}, MET),
        # behind a jaw, across and along the travel
        ({"leaves": notch(20.0), "jaws_y": (-40, -10)}, NOT),
        ({"leaves": notch(20.0), "jaws_x": (-10, 40)}, NOT),
        # a closed row between open ones is a block made of leaves; outside them it is the field's edge
        ({"leaves": notch(80.0)}, MET),
        ({"leaves": notch(80.0, slice(12, 14))}, NOT),
        # only what receives meterset
        (
            {"leaves": [notch(0.0), notch(0.0), notch(20.0)], "weights": [0.0, 1.0, 1.0]},
            NOT,
        ),
        ({"leaves": [notch(0.0), notch(0.0), notch(20.0), None], "weights": [0.0, 0.5, 0.5, 1.0]}, MET),
        # unknown leaves
        ({"leaves": [notch(0.0), Missing.EMPTY]}, UNKNOWN),
        ({"leaves": [notch(20.0), Missing.EMPTY]}, MET),
        ({"more_devices": [("MLCX", None, f.boundaries())]}, UNKNOWN),
        ({"weights": [], "leaves": None}, UNKNOWN),
        # with unusable weights every control point may deliver
        ({"leaves": [notch(0.0), notch(20.0)], "weights": None, "count": 2}, MET),
        # blocks
        ({"number_of_blocks": 1, "blocks": (f.block("SHIELDING"),)}, MET),
        ({"number_of_blocks": 2}, MET),
        ({"number_of_blocks": 0, "blocks": (f.block(),)}, NOT),
        ({"number_of_blocks": Missing.ABSENT, "blocks": (f.block(),)}, MET),
        ({"number_of_blocks": Missing.ABSENT}, UNKNOWN),
        ({"number_of_blocks": Missing.ABSENT, "leaves": notch(20.0)}, MET),
    ],
)
def test_shaped(fields: dict[str, Any], shaped: Truth) -> None:
    found = run(**fields)
    assert found.shaped is shaped
    assert bool(found.evidence) is (shaped is MET)


def test_the_shape_is_shown_where_it_is() -> None:
    found = run(leaves=notch(20.0))
    (evidence,) = found.evidence
    assert evidence.kind is EvidenceKind.GEOMETRIC
    assert evidence.where.startswith(
        "BeamSequence[0].ControlPointSequence[0].BeamLimitingDevicePositionSequence[*].LeafJawPositions (300A,011C)"
    )
    assert evidence.value == 20.0


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"number_of_compensators": 0}, 0),
        ({"number_of_compensators": 1, "compensators": (f.compensator("STANDARD"),)}, 1),
        ({"number_of_compensators": 1, "compensators": (f.compensator(None),)}, 1),
        ({"number_of_compensators": 1, "compensators": (f.compensator("OPTIMAL"),)}, 0),
        ({"number_of_compensators": 1, "compensators": (f.compensator("TOTAL_ACTUAL"),)}, 0),
        ({"number_of_compensators": 1, "compensators": (f.compensator("DYNAMIC"),)}, 0),
        ({"number_of_compensators": 1, "compensators": (f.compensator("optimal "),)}, 0),
        ({"number_of_compensators": 2, "compensators": (f.compensator("OPTIMAL"), f.compensator())}, 1),
        ({"number_of_compensators": 0, "compensators": (f.compensator(),)}, 0),
        ({"number_of_compensators": 1, "compensators": (f.compensator("SOMETHING"),)}, None),
        ({"number_of_compensators": 1}, None),
        ({"number_of_compensators": Missing.ABSENT}, None),
        ({"number_of_compensators": Missing.ABSENT, "compensators": (f.compensator(),)}, 1),
    ],
)
def test_compensators(fields: dict[str, Any], count: int | None) -> None:
    assert run(**fields).compensators == count


def test_counts_keep_zero_and_unknown_apart() -> None:
    found = run(number_of_blocks=0, number_of_boli=0)
    assert (found.blocks, found.boluses) == (0, 0)
    found = run(number_of_blocks=Missing.EMPTY, number_of_boli=Missing.ABSENT)
    assert (found.blocks, found.boluses) == (None, None)
    assert run(number_of_boli=Missing.ABSENT, boluses=2).boluses == 2
    assert run(number_of_boli=1).boluses == 1


@pytest.mark.parametrize(
    ("applicators", "shown"),
    [
        ((), None),
        ((f.applicator("ELECTRON_SQUARE", "A10"),), "ELECTRON_SQUARE"),
        ((f.applicator(None, "A10"),), "A10"),
        ((f.applicator("", ""),), None),
    ],
)
def test_applicators(applicators: tuple[Any, ...], shown: str | None) -> None:
    assert run(applicators=applicators).applicator == shown


@pytest.mark.parametrize(
    ("fields", "half"),
    [
        ({}, NOT),
        ({"jaws_x": (0.0, 50.0)}, MET),
        ({"jaws_x": (-1.0, 50.0)}, MET),
        ({"jaws_x": (-1.2, 50.0)}, NOT),
        ({"jaws_y": (-50.0, 0.5)}, MET),
        # a sub-field that stops at the axis is no half-beam
        ({"jaws_x": [(-50, 50), (-50, 50), (0, 50), (0, 50)], "weights": [0, 0.8, 0.8, 1]}, NOT),
        ({"jaws_x": [(0, 50), (0, 50), (10, 50), (10, 50)], "weights": [0, 0.8, 0.8, 1]}, MET),
        # no jaw along the leaves: their ends are the edge
        ({"jaws_x": None, "leaves": f.rectangle(0.0, 60.0, -40, 40)}, MET),
        ({"jaws_x": None, "leaves": f.rectangle(-60.0, 60.0, -40, 40)}, NOT),
        ({"jaws_x": None}, UNKNOWN),
        ({"jaws_x": [(Missing.EMPTY)]}, UNKNOWN),
        ({"weights": []}, UNKNOWN),
    ],
)
def test_half_beam(fields: dict[str, Any], half: Truth) -> None:
    found = run(**fields)
    assert found.half_beam is half
    assert bool(found.half_beam_evidence) is (half is MET)
