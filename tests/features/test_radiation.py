"""Kind of radiation, energies, flattening filter and kilovoltage."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.radiation import radiation_of
from rtcode.features.types import Radiation, RadiationFact
from rtcode.plan.model import Missing
from rtcode.truth import EvidenceKind, Truth
from tests import factory as f
from tests.features.wordlists import shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def run(**fields: Any) -> RadiationFact:
    return radiation_of(f.planned(**fields), shipped())


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("PHOTON", Radiation.PHOTON),
        (" photon ", Radiation.PHOTON),
        ("Electron", Radiation.ELECTRON),
        ("PROTON", Radiation.PROTON),
        ("ION", Radiation.ION),
        ("NEUTRON", Radiation.NEUTRON),
        (None, Radiation.UNKNOWN),
        ("", Radiation.UNKNOWN),
        ("PHOTON\\ELECTRON", Radiation.UNKNOWN),
        ("PHOTON\\PHOTON", Radiation.UNKNOWN),
        ("X", Radiation.UNKNOWN),
        ("6X", Radiation.UNKNOWN),
    ],
)
def test_kinds(written: str | None, kind: Radiation) -> None:
    found = run(radiation=written)
    assert found.radiation is kind
    assert found.other is None
    assert found.evidence[0].where == "BeamSequence[0].RadiationType (300A,00C6)"
    assert found.evidence[0].value == written
    assert found.evidence[0].kind is EvidenceKind.CODED
    assert found.evidence[0].plan_uid == "1.2.3.4.1"


@pytest.mark.parametrize("written", ["carbon", "CARBON_ION", "Carbon Ions", "HELIUM", "ALPHA", "PION", "HEAVY ION"])
def test_other_particles_are_named(written: str) -> None:
    found = run(radiation=written)
    assert found.radiation is Radiation.UNKNOWN
    assert found.other == written.upper()
    assert found.hint is None


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"radiation": "", "applicators": (f.applicator("ELECTRON_SQUARE"),)}, Radiation.ELECTRON),
        ({"radiation": None, "applicators": (f.applicator("PHOTON_CIRC"),)}, Radiation.PHOTON),
        ({"radiation": "PHOTONS"}, Radiation.PHOTON),
        ({"radiation": "PHOTON\\PHOTON"}, Radiation.PHOTON),
        ({"radiation": "PHOTON\\ELECTRON"}, None),
        ({"radiation": "PHOTONS", "applicators": (f.applicator("ELECTRON_SQUARE"),)}, None),
        ({"radiation": "", "applicators": (f.applicator("INTRAOPERATIVE"),)}, None),
        ({"radiation": "PHOTON", "applicators": (f.applicator("ELECTRON_SQUARE"),)}, None),
    ],
)
def test_hints_never_decide(fields: dict[str, Any], hint: Radiation | None) -> None:
    found = run(**fields)
    assert found.hint is hint
    if fields["radiation"] != "PHOTON":
        assert found.radiation is Radiation.UNKNOWN


@pytest.mark.parametrize(
    ("energy", "energies"),
    [
        (6.0, (6.0,)),
        ([6.0, None], (6.0,)),
        ([10.0, 6.0], (6.0, 10.0)),
        (0.0, ()),
        ([0.0, 6.0], (6.0,)),
        (-6.0, ()),
        (None, ()),
        (Missing.EMPTY, ()),
        (Missing.INVALID, ()),
    ],
)
def test_energies(energy: Any, energies: tuple[float, ...]) -> None:
    assert run(energy=energy).energies_mev == energies


def test_a_placeholder_energy_is_shown_but_is_no_kilovoltage() -> None:
    found = run(energy=0.0)
    assert found.evidence[1].value == 0.0
    assert found.kilovoltage is NOT


@pytest.mark.parametrize(
    ("modes", "fff"),
    [
        ((), None),
        ((("STANDARD", None),), False),
        ((("NON_STANDARD", "FFF"),), True),
        ((("non_standard", "6FFF"),), True),
        ((("NON_STANDARD", "SRS"),), False),
        ((("NON_STANDARD", None),), None),
        (((None, None),), None),
        ((("OTHER", "FFF"),), None),
    ],
)
def test_flattening_filter(modes: tuple[tuple[str | None, str | None], ...], fff: bool | None) -> None:
    assert run(fluence_modes=modes).fff is fff


@pytest.mark.parametrize(
    ("fields", "truth"),
    [
        ({"energy": 0.1}, MET),  # V97
        ({"energy": 0.999}, MET),
        ({"energy": 1.0}, NOT),
        ({"energy": 6.0}, NOT),
        ({"energy": 25.0}, NOT),
        # a kilovolt number needs a sign
        ({"energy": 100.0}, UNKNOWN),
        ({"energy": 100.0, "applicators": (f.applicator("PHOTON_CIRC"),)}, MET),
        ({"energy": 100.0, "source_axis_distance_mm": 250.0}, MET),
        ({"energy": 100.0, "ssd": 250.0}, MET),
        ({"energy": 100.0, "ssd": 250.0, "leaves": f.rectangle(-20, 20, -20, 20)}, UNKNOWN),
        ({"energy": 100.0, "model": "Xstrahl 150"}, MET),
        ({"energy": 100.0, "machine_name": "SRT-100"}, MET),
        # 100 is not a distance of a tube: a linac whose SAD is in centimeters
        ({"energy": 100.0, "source_axis_distance_mm": 100.0}, UNKNOWN),
        ({"energy": 6000.0}, UNKNOWN),
        # the machine's name without an energy, or with a number that could be kV or MV
        ({"energy": 0.0, "model": "Xstrahl 150"}, UNKNOWN),
        ({"energy": None, "model": "Xstrahl 150"}, UNKNOWN),
        ({"energy": 20.0, "model": "Xstrahl 150", "source_axis_distance_mm": 250.0}, UNKNOWN),
        ({"energy": 6.0, "model": "Xstrahl 150"}, NOT),
        ({"energy": 6.0, "source_axis_distance_mm": 250.0}, NOT),
        # other radiation is not judged by its number
        ({"energy": 0.1, "radiation": "ELECTRON"}, NOT),
        ({"energy": 150.0, "radiation": "PROTON"}, NOT),
        ({"energy": 0.1, "radiation": ""}, MET),
    ],
)
def test_kilovoltage(fields: dict[str, Any], truth: Truth) -> None:
    found = run(**fields)
    assert found.kilovoltage is truth
    if truth is NOT:
        assert found.kilovoltage_evidence == ()
    elif fields["energy"] is not None:
        assert "NominalBeamEnergy (300A,0114)" in found.kilovoltage_evidence[0].where


def test_an_energy_that_changes_is_shown_with_all_values() -> None:
    found = run(energy=[6.0, 10.0])
    assert found.evidence[1].where == "BeamSequence[0].ControlPointSequence[*].NominalBeamEnergy (300A,0114)"
    assert found.evidence[1].value == (6.0, 10.0)
    later = run(energy=[None, 6.0])
    assert later.evidence[1].where == "BeamSequence[0].ControlPointSequence[1].NominalBeamEnergy (300A,0114)"
