"""What follows for a level from damaged plans (docs/plans.md 4): a defect in one beam leaves no confident level."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

import rtcode
from tests.dicom.plans import beam, control_point, device, encode, first_point, group, item, plan


def electrons(number: int = 1, **more: Any) -> Dataset:
    """An electron field: alone it is level 1 without a doubt."""
    points = [first_point(GantryRotationDirection="NONE"), control_point(1, "1")]
    return beam(number, points, BeamType="STATIC", RadiationType="ELECTRON", **more)


def decided(made: Dataset, folder: Path) -> tuple[str, int | None, int | None]:
    path = folder / "plan.dcm"
    path.write_bytes(encode(made))
    found = rtcode.analyze([path]).to_dict()
    assert found["failures"] == []
    suggestion = found["sessions"][0]["suggestion"]
    return suggestion["status"], suggestion["level"], suggestion["ceiling"]


def of_group(*numbers: int | None, **more: Any) -> Dataset:
    return plan([electrons(1), electrons(2)], FractionGroupSequence=[group(numbers, **more)])  # type: ignore[arg-type]


def without_meterset(made: Dataset, place: int) -> Dataset:
    del made.FractionGroupSequence[0].ReferencedBeamSequence[place].BeamMeterset
    return made


def zero_meterset(made: Dataset, place: int) -> Dataset:
    made.FractionGroupSequence[0].ReferencedBeamSequence[place].BeamMeterset = "0"
    return made


def placeholder(number: int) -> Dataset:
    made = electrons(number, BeamName="bogus name")
    made.ControlPointSequence[0].NominalBeamEnergy = "0"
    return made


def setups(made: Dataset, *numbers: int) -> Dataset:
    made.PatientSetupSequence = [item(PatientSetupNumber=n, PatientPosition="HFS") for n in numbers]
    return made


OPEN, NOTHING = ("provisional", 1, 3), ("not_assessable", None, None)
SURE, EMPTY = ("supported", 1, 1), ("out_of_scope", None, None)
ROWS: list[tuple[str, Callable[[], Dataset], tuple[str, int | None, int | None]]] = [
    ("as it should be", lambda: of_group(1, 2), SURE),
    ("11 no beam named", lambda: plan([], FractionGroupSequence=[group([])]), EMPTY),
    ("13 more beams declared", lambda: of_group(1, 2, NumberOfBeams=5), OPEN),
    ("13 fewer beams declared: all named ones are there", lambda: of_group(1, 2, NumberOfBeams=1), SURE),
    ("13 a reference without a number", lambda: of_group(1, 2, None), OPEN),
    ("13 nothing but that", lambda: of_group(None), NOTHING),
    ("13 a beam named twice", lambda: of_group(1, 1), OPEN),
    ("13 a beam that is not there", lambda: of_group(1, 2, 99), OPEN),
    ("13 beside it only one of 0 MU", lambda: zero_meterset(of_group(1, 99), 0), NOTHING),
    ("14 a beam in no group", lambda: of_group(1), SURE),
    ("19 a placeholder with a meterset", lambda: plan([electrons(1), placeholder(2)]), OPEN),
    ("19 nothing but that", lambda: plan([placeholder(1)]), NOTHING),
    ("19 a placeholder without", lambda: without_meterset(plan([electrons(1), placeholder(2)]), 1), SURE),
    ("19 nothing but that", lambda: without_meterset(plan([placeholder(1)]), 0), EMPTY),
    ("20 a meterset that cannot be", lambda: _with_meterset("1e-320"), OPEN),
    # A setup says of motion what it says, or nothing: that is unknown either way, and decides nothing for electrons.
    ("36 setups that are not there", lambda: setups(of_group(1, 2)), SURE),
    ("36 another setup", lambda: setups(of_group(1, 2), 7), SURE),
    ("36 a setup twice", lambda: setups(of_group(1, 2), 1, 1), SURE),
]  # fmt: skip


def _with_meterset(value: str) -> Dataset:
    made = of_group(1, 2)
    made.FractionGroupSequence[0].ReferencedBeamSequence[1].BeamMeterset = value
    return made


@pytest.mark.parametrize(("make", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_level(make: Callable[[], Dataset], expected: tuple[str, int | None, int | None], tmp_path: Path) -> None:
    assert decided(make(), tmp_path) == expected


def test_25_isocenters_in_centimeters_are_not_compared(tmp_path: Path) -> None:
    """A distance of 1000 with leaves that fit into 30 mm: one of them is in another unit, and so may the points be."""

    def fields(edge: str) -> Dataset:
        mlc = device("MLCX", 3, LeafPositionBoundaries=[f"-{edge}", "-5", "5", edge])
        devices = [device("ASYMX", 1), device("ASYMY", 1), mlc]
        points = [["0", "0", "0"], ["0", "0", "100"]]
        return plan(
            [
                beam(
                    i + 1,
                    [first_point(IsocenterPosition=p), control_point(1, "1", GantryAngle="270")],
                    BeamLimitingDeviceSequence=devices,
                )
                for i, p in enumerate(points)
            ]
        )

    assert decided(fields("200"), tmp_path) == ("supported", 3, 3)
    assert decided(fields("20"), tmp_path) == ("provisional", 2, 3)
