"""Beams that stand in for none: named so, with an energy of 0 (docs/plans.md 3, and 4, case 19)."""

from __future__ import annotations

import pytest

from rtcode.plan.model import Missing, Number, ReferencedBeam
from rtcode.plan.roles import Role, is_placeholder, role_in_group, role_without_group
from tests.factory import beam


def role(name: str | None, energy: float | None, meterset: Number, *, sibling: bool = True) -> tuple[Role, bool]:
    made = beam(name=name, energy=energy)
    reference = ReferencedBeam("FractionGroupSequence[0].ReferencedBeamSequence[0]", 1, meterset, 2.0, None)
    finding = role_in_group(made, reference, sibling_has_meterset=sibling, plan_uid=None)
    return finding.role, finding.meterset_usable


@pytest.mark.parametrize(
    ("name", "energy", "expected"),
    [
        ("bogus name", 0.0, True),
        ("BOGUS NAME", 0.0, True),
        ("Dummy_1", 0.0, True),
        ("bogus name", 6.0, False),  # a real energy: somebody's odd name
        ("bogus name", None, False),
        ("AP", 0.0, False),  # an energy that was not filled in
        (None, 0.0, False),
        ("Dummyfield", 0.0, False),
    ],
)
def test_name_and_energy_both(name: str | None, energy: float | None, expected: bool) -> None:
    assert is_placeholder(beam(name=name, energy=energy)) is expected


@pytest.mark.parametrize("meterset", [Missing.ABSENT, Missing.EMPTY, 0.0])
def test_without_meterset_it_is_unused(meterset: Number) -> None:
    for sibling in (True, False):
        assert role("bogus name", 0.0, meterset, sibling=sibling)[0] is Role.UNUSED


@pytest.mark.parametrize("meterset", [100.0, -5.0, Missing.INVALID])
def test_with_a_meterset_it_is_neither_counted_nor_dropped(meterset: Number) -> None:
    assert role("bogus name", 0.0, meterset) == (Role.TREATMENT, False)
    assert role("AP", 0.0, 100.0) == (Role.TREATMENT, True)


def test_in_no_group() -> None:
    for scheme in (True, False):
        found = role_without_group(beam(name="bogus name", energy=0.0), fraction_scheme=scheme, plan_uid=None)
        assert found.role is Role.UNUSED
    assert role_without_group(beam(name="AP"), fraction_scheme=False, plan_uid=None).role is Role.TREATMENT
