"""Stereotactic signs, and few fractions of a high dose."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.stereotactic import detect
from rtcode.features.types import StereotacticFeature, Technique
from rtcode.plan.model import FixationDevice, Missing, ToleranceTable
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import EvidenceKind, Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def run(session: TreatmentSession, **over: Any) -> StereotacticFeature:
    return detect(session, all_facts(session, **over), shipped())


@pytest.mark.parametrize(
    "label",
    ["SRS", "srs 1fx", "LUL SBRT", "ProstateSBRT", "SABR", "STX", "fSRT", "stereotactic radiosurgery", "Radiocirurgia"],
)
def test_words(label: str) -> None:
    feature = run(f.session(f.beam(), label=label))
    assert feature.words
    assert feature.signs[0].kind is EvidenceKind.TEXT


@pytest.mark.parametrize("label", ["SRSX", "SRT", "non-SBRT", "no SBRT", "SBRT not used", "5x5Gy", "steroids", "plan"])
def test_no_words(label: str) -> None:
    feature = run(f.session(f.beam(), label=label))
    assert (feature.words, feature.signs) == ((), ())


def test_words_in_notes_and_tolerance_tables_only_support() -> None:
    session = f.session(
        f.beam(tolerance_table_number=1),
        setups=(f.setup(1, technique_description="SBRT bag"),),
        tolerance_tables=(ToleranceTable("ToleranceTableSequence[0]", 1, "SRS"),),
    )
    feature = run(session)
    assert (feature.words, feature.signs) == ((), ())
    assert {"SBRT bag", "SRS"} <= {e.value for e in feature.support}


@pytest.mark.parametrize(
    ("beam", "sign"),
    [
        ({"high_dose_technique": "SRS"}, True),
        ({"high_dose_technique": "HDR"}, False),  # MRIdian on ordinary beams
        ({"high_dose_technique": "NORMAL"}, False),
        ({"applicators": (f.applicator("STEREOTACTIC"),)}, True),
        ({"applicators": (f.applicator("PHOTON_CIRC"),)}, True),
        ({"applicators": (f.applicator("PHOTON_SQUARE"),)}, False),
        ({"technique_codes": (f.code("1", "Stereotactic arc"),)}, True),
        ({"technique_codes": (f.code("130107", "VMAT"),)}, False),
        ({"machine_name": "CyberKnife"}, True),
        ({"delivery_type": "SETUP", "high_dose_technique": "SRS"}, False),
    ],
)
def test_beam_signs(beam: dict[str, Any], sign: bool) -> None:
    assert bool(run(f.session(f.beam(1, **beam), f.beam(2))).signs) is sign


def test_round_applicator_of_a_superficial_unit_is_no_cone() -> None:
    session = f.session(f.beam(applicators=(f.applicator("PHOTON_CIRC"),)))
    assert run(session, kilovoltage=MET).signs == ()


def test_setup_signs() -> None:
    frame = FixationDevice("PatientSetupSequence[0].FixationDeviceSequence[0]", "HEADFRAME", None, None)
    mask = FixationDevice("PatientSetupSequence[0].FixationDeviceSequence[0]", "MASK", None, None)
    assert run(f.session(f.beam(), setups=(f.setup(1, fixation_devices=(frame,)),))).signs
    assert run(f.session(f.beam(), setups=(f.setup(1, preparation_codes=(f.code("130633"),)),))).signs
    assert not run(f.session(f.beam(), setups=(f.setup(1, fixation_devices=(mask,)),))).signs


def test_robotic_machine() -> None:
    assert run(f.session(f.beam(machine_name="CyberKnife M6"))).robotic
    short = run(f.session(f.beam(machine_name="CK_M6", source_axis_distance_mm=800.0)))
    assert short.robotic
    assert short.signs
    assert not run(f.session(f.beam())).robotic


def test_gamma_plan_whatever_the_fractions() -> None:
    feature = run(f.session(f.beam(), model="Leksell GammaPlan®"))
    assert feature.any_fractions
    assert feature.signs
    assert not run(f.session(f.beam())).any_fractions


# ------------------------------------------------------------------------------------------------- dose and fractions


def dose(*groups: Any, beams: int = 2, **plan: Any) -> float | None:
    session = sessions_of(f.plan(*(f.beam(n + 1) for n in range(beams)), groups=groups, **plan))[0]
    return run(session).dose_per_fraction_gy


def test_dose_is_the_sum_of_the_treatment_beams() -> None:
    assert dose(f.group(1, (1, 2), dose_gy=2.6)) == pytest.approx(5.2)


def test_dose_of_two_targets_is_that_of_the_larger() -> None:
    group = f.group(1, (1, 2), dose_gy=5.0)
    apart = [
        type(reference)(reference.path, reference.number, reference.meterset, reference.dose_gy, uid)
        for reference, uid in zip(group.beams, ("1.1", "1.2"), strict=True)
    ]
    changed = f.group(1, (1, 2))
    plan = f.plan(f.beam(1), f.beam(2), groups=(changed,))
    fields = {name: getattr(changed, name) for name in changed.__dataclass_fields__} | {"beams": tuple(apart)}
    session = sessions_of(f.plan(*(plan.beams or ()), groups=(type(changed)(**fields),)))[0]
    assert run(session).dose_per_fraction_gy == pytest.approx(5.0)


@pytest.mark.parametrize("missing", [Missing.ABSENT, Missing.EMPTY, Missing.INVALID, 0.0])
def test_without_beam_doses_the_prescription_over_the_fractions(missing: Any) -> None:
    target = (f.dose_reference(target_prescription_gy=50.0),)
    assert dose(f.group(1, (1, 2), fractions=5, dose_gy=missing), dose_references=target) == pytest.approx(10.0)
    assert dose(f.group(1, (1, 2), fractions=5, dose_gy=missing)) is None


def test_beam_level_doses_are_not_added() -> None:
    group = f.group(1, (1, 2), fractions=5, dose_gy=5.0, beam_dose_meaning="BEAM_LEVEL")
    assert dose(group) is None
    assert dose(group, dose_references=(f.dose_reference(target_prescription_gy=25.0),)) == pytest.approx(5.0)


def test_fraction_level_doses_are() -> None:
    assert dose(f.group(1, (1, 2), dose_gy=5.0, beam_dose_meaning="FRACTION_LEVEL")) == pytest.approx(10.0)


def test_the_prescription_of_two_groups_belongs_to_neither() -> None:
    groups = (f.group(1, (1,), dose_gy=Missing.ABSENT), f.group(2, (2,), index=1, dose_gy=Missing.ABSENT))
    assert dose(*groups, dose_references=(f.dose_reference(target_prescription_gy=50.0),)) is None


@pytest.mark.parametrize(
    ("fractions", "gy", "over", "modulated", "shaped"),
    [
        (5, 10.0, {"technique": Technique.VMAT}, MET, MET),  # V100
        (5, 5.2, {"technique": Technique.FIELD_IN_FIELD}, NOT, MET),  # V53
        (1, 8.0, {"shaped": MET, "technique": Technique.STATIC_SHAPED}, NOT, MET),  # V54
        (1, 7.0, {}, NOT, NOT),  # V15
        (5, 4.0, {"technique": Technique.VMAT}, NOT, NOT),
        (6, 10.0, {"technique": Technique.VMAT}, NOT, NOT),
        (25, 2.0, {"technique": Technique.VMAT}, NOT, NOT),
        (5, 6.0, {"technique": Technique.CONFORMAL_ARC}, MET, MET),
        (5, 5.9, {"technique": Technique.VMAT}, NOT, MET),
        (5, 10.0, {"technique": Technique.UNKNOWN, "intensity_modulated": UNKNOWN}, UNKNOWN, NOT),
        (Missing.EMPTY, 10.0, {"technique": Technique.VMAT}, UNKNOWN, UNKNOWN),
        (5, Missing.ABSENT, {"technique": Technique.VMAT}, UNKNOWN, UNKNOWN),
        (5, 10.0, {"intensity_modulated": MET}, MET, NOT),
    ],
)
def test_high_dose(fractions: Any, gy: Any, over: dict[str, Any], modulated: Truth, shaped: Truth) -> None:
    session = f.session(f.beam(), groups=(f.group(1, (1,), fractions=fractions, dose_gy=gy),))
    feature = run(session, **over)
    assert (feature.high_dose_modulated, feature.high_dose_shaped) == (modulated, shaped)


@pytest.mark.parametrize(
    ("gantry", "couch", "looks"),
    [
        ((0, 72, 144, 216, 288), (0, 0, 0, 0, 0), MET),
        ((0, 72, 144, 216), (0, 0, 0, 0), NOT),
        ((0, 0, 0, 0, 0), (0, 20, 40, 60, 80), MET),  # couch kicks are directions
        ((0, 360, 0.5, 180, 180), (0, 0, 0, 0, 0), NOT),
    ],
)
def test_many_directions(gantry: tuple[float, ...], couch: tuple[float, ...], looks: Truth) -> None:
    beams = [f.beam(n + 1, gantry=g, couch=c) for n, (g, c) in enumerate(zip(gantry, couch, strict=True))]
    numbers = [beam.number for beam in beams]
    session = f.session(*beams, groups=(f.group(1, numbers, fractions=3, dose_gy=4.0),))
    assert run(session).high_dose_modulated is looks


def test_electrons_of_a_high_dose_do_not_look_stereotactic() -> None:
    session = f.session(f.beam(radiation="ELECTRON"), groups=(f.group(1, (1,), fractions=1, dose_gy=10.0),))
    feature = run(session, technique=Technique.ELECTRON, shaped=MET)
    assert (feature.high_dose_modulated, feature.high_dose_shaped) == (NOT, NOT)
