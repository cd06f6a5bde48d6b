"""Worked cases of the checks in `rtcode.integrity.checks.names`: what each finds and leaves alone."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import names
from tests import factory as f
from tests.integrity.support import Case, check_case, holds

ARC = {"gantry": [181.0, 179.0], "direction": ["CW", "NONE"], "beam_type": "DYNAMIC"}


def called(name: str, **fields):
    return f.plan(f.beam(1, name=name, **fields))


def wedge(id: str | None, angle: float, **fields):
    return f.plan(
        f.beam(1, wedges=(f.wedge(1, "STANDARD", angle, id=id, **fields),), wedge_positions={1: ["IN", "IN"]})
    )


CASES = (
    Case("name_contradicts_angle", called("G120", gantry=90.0), True, "gantry", ("gantry 120", "90 degrees"), (1,)),
    Case("name_contradicts_angle", called("1A G90 T10", gantry=90.0), True, "couch", ("couch 10", "0 degrees")),
    Case("name_contradicts_angle", called("LT_G90_C30", gantry=90.0), True, "collimator", ("collimator 30",)),
    Case("name_contradicts_angle", called("G181-179", gantry=90.0), True, "an arc's name on a fixed field"),
    Case("name_contradicts_angle", called("G120", gantry=120.4), False, "rounded"),
    Case("name_contradicts_angle", called("G181-179", **ARC), False, "both ends of an arc"),
    Case("name_contradicts_angle", called("G60", gantry=120.0), False, "Varian's own scale"),
    Case("name_contradicts_angle", called("G0 T10", couch=350.0), False, "the other sense of the couch"),
    Case("name_contradicts_angle", called("T4 AP"), False, "a vertebra"),
    Case("name_contradicts_angle", called("SPINE C5"), False, "a vertebra of the neck"),
    Case("name_contradicts_angle", called("LAO 45", gantry=30.0), False, "an oblique, whatever its number"),
    Case("name_contradicts_angle", called("PTV2 ARC1", gantry=30.0), False, "numbers that are no angles"),
    Case("name_contradicts_angle", called("G900", gantry=30.0), False, "no angle"),
    Case("name_contradicts_energy", called("AP 10X"), True, "photons", ("10 MV", "6 MV"), (1,)),
    Case("name_contradicts_energy", called("BOOST 6 MeV"), True, "the other particle", ("6 MeV electrons",)),
    Case("name_contradicts_energy", called("10FFF"), True, "FFF", ("10 MV",)),
    Case("name_contradicts_energy", called("ARC 06FFF"), False, "written with a zero"),
    Case("name_contradicts_energy", called("PA 6MV"), False, "the same"),
    Case("name_contradicts_energy", called("9e boost", energy=9.0, radiation="ELECTRON"), False, "electrons"),
    Case("name_contradicts_energy", called("6X to 10X"), False, "two energies state none"),
    Case("name_contradicts_energy", called("BOX 4X4"), False, "a field size"),
    Case("name_contradicts_energy", called("FIELD 3"), False, "a number alone"),
    Case("wedge_id_contradicts_angle", wedge("W30R", 60.0), True, "a hard wedge", ("states 30", "60 degrees"), (1,)),
    Case("wedge_id_contradicts_angle", wedge("EDW45IN", 30.0), True, "a dynamic one", ("states 45",)),
    Case("wedge_id_contradicts_angle", wedge("45-OUT", 60.0), True, "the number first"),
    Case("wedge_id_contradicts_angle", wedge("W30R", 30.0), False, "the same"),
    Case("wedge_id_contradicts_angle", wedge("W60", 60.0, effective_angle_deg=22.0), False, "a motorized wedge"),
    Case("wedge_id_contradicts_angle", wedge("W1", 60.0), False, "a count"),
    Case("wedge_id_contradicts_angle", wedge("W3015", 60.0), False, "a part number"),
    Case("wedge_id_contradicts_angle", wedge("T4-60", 30.0), False, "another form"),
    Case("wedge_id_contradicts_angle", wedge(None, 30.0), False, "no identifier"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, names.CHECKS)


def test_a_name_is_never_shown() -> None:
    plan = called("Doe G120 10X", gantry=90.0)
    for check in names.CHECKS:
        for one in check().find(check_case(plan, check)):
            assert "doe" not in str(one).lower()
