"""Motion management: coded items through the right setup, signs, words, and what is none of them."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.motion import detect, motion_of
from rtcode.features.types import MotionFeature, MotionTerm
from rtcode.plan.model import Missing, ToleranceTable
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import EvidenceKind
from tests import factory as f
from tests.features.wordlists import all_facts, shipped


def run(session: TreatmentSession) -> MotionFeature:
    return detect(session, all_facts(session), shipped())


def coded(*items: Any, **beam: Any) -> MotionFeature:
    return run(f.session(f.beam(**beam), setups=(f.setup(1, motion=items),)))


def reasons(feature: MotionFeature) -> list[str]:
    return [reason for reason, _ in feature.signs]


def in_label(text: str) -> MotionFeature:
    return run(f.session(f.beam(), label=text))


# ------------------------------------------------------------------------------------------------------- coded items


@pytest.mark.parametrize(
    ("technique", "term"),
    [
        ("BREATH_HOLD", MotionTerm.ACTIVE),
        ("GATING", MotionTerm.ACTIVE),
        ("TRACKING", MotionTerm.ACTIVE),
        ("gating", MotionTerm.ACTIVE),
        ("BREATH HOLD", MotionTerm.ACTIVE),
        ("NONE", MotionTerm.NONE),
        ("UNKNOWN", MotionTerm.INDECISIVE),
        ("", MotionTerm.INDECISIVE),
        (None, MotionTerm.INDECISIVE),
        ("RETROSPECTIVE", MotionTerm.INDECISIVE),
        ("CORRECTION", MotionTerm.INDECISIVE),
        ("PHASE_ORDERING", MotionTerm.INDECISIVE),
        ("PHASE_RESCANNING", MotionTerm.INDECISIVE),
        ("REALTIME", MotionTerm.SIGN),
        ("INTERVAL_IMAGING", MotionTerm.SIGN),
        ("GATING\\NONE", MotionTerm.SIGN),
    ],
)
def test_terms(technique: str | None, term: MotionTerm) -> None:
    planned = f.planned(plan_fields={"setups": (f.setup(1, motion=(f.motion(technique),)),)})
    (fact,) = motion_of(planned)
    assert fact.term is term


def test_evidence_names_the_item_its_signal_and_the_beam_that_leads_to_it() -> None:
    feature = coded(f.motion("GATING", "EXTERNAL_MARKER"))
    (fact,) = feature.coded_photon
    assert (fact.technique, fact.signal) == ("GATING", "EXTERNAL_MARKER")
    item = "PatientSetupSequence[0].MotionSynchronizationSequence[0]"
    assert [(e.where, e.value, e.kind) for e in fact.evidence] == [
        (f"{item}.RespiratoryMotionCompensationTechnique (0018,9170)", "GATING", EvidenceKind.CODED),
        (f"{item}.RespiratorySignalSource (0018,9171)", "EXTERNAL_MARKER", EvidenceKind.CODED),
        ("BeamSequence[0].ReferencedPatientSetupNumber (300C,006A)", 1, EvidenceKind.CODED),
    ]
    assert feature.signs == ()


def test_one_item_of_two_beams_is_one_fact_with_both_beams() -> None:
    feature = run(f.session(f.beam(1), f.beam(2), setups=(f.setup(1, motion=(f.motion("GATING"),)),)))
    (fact,) = feature.coded_photon
    assert [e.where.split(".")[0] for e in fact.evidence] == [
        "PatientSetupSequence[0]",
        "BeamSequence[0]",
        "BeamSequence[1]",
    ]


def test_electrons_are_apart() -> None:
    feature = coded(f.motion("GATING"), radiation="ELECTRON")
    assert feature.coded_photon == ()
    assert len(feature.coded_electron) == 1


def test_unknown_radiation_makes_a_sign_of_an_active_item() -> None:
    feature = coded(f.motion("GATING"), radiation="")
    assert (feature.coded_photon, feature.coded_electron) == ((), ())
    assert reasons(feature) == ["an active motion item of a beam whose radiation is not known"]


def test_gated_breast_beside_an_ungated_field_counts() -> None:
    plan = f.plan(
        f.beam(1, setup_number=1),
        f.beam(2, setup_number=2),
        setups=(f.setup(1, motion=(f.motion("GATING"),)), f.setup(2, index=1, motion=(f.motion("NONE", setup=1),))),
    )
    feature = run(sessions_of(plan)[0])
    assert len(feature.coded_photon) == len(feature.coded_none) == 1
    assert feature.signs == ()


def test_a_setup_that_is_not_there_leaves_motion_unknown() -> None:
    def missing(*numbers: int, radiation: str = "PHOTON") -> list[str]:
        setups = tuple(f.setup(n, index=i) for i, n in enumerate(numbers))
        plan = f.plan(f.beam(1, setup_number=1, radiation=radiation), setups=setups)
        return [evidence.where for evidence in run(sessions_of(plan)[0]).setup_missing]

    assert missing(1) == []
    assert missing() == missing(2) == ["BeamSequence[0].ReferencedPatientSetupNumber (300C,006A)"]
    # Electrons: motion decides nothing there.
    assert missing(radiation="ELECTRON") == []
    # A beam that names none says nothing that could be missing.
    silent = f.plan(f.beam(1, setup_number=Missing.ABSENT), setups=())
    assert run(sessions_of(silent)[0]).setup_missing == ()


def test_item_on_the_setup_of_an_imaging_beam_only_is_asked_about() -> None:
    # V63: no sign, but a coded item other than NONE
    plan = f.plan(
        f.beam(1, setup_number=1),
        f.beam(2, setup_number=2, delivery_type="SETUP"),
        setups=(f.setup(1), f.setup(2, index=1, motion=(f.motion("BREATH_HOLD", setup=1),))),
    )
    feature = run(sessions_of(plan)[0])
    (item,) = feature.coded_indecisive
    assert item.term is MotionTerm.ELSEWHERE
    assert feature == MotionFeature(coded_indecisive=(item,))
    none = f.setup(2, index=1, motion=(f.motion("NONE", setup=1),))
    silent = f.plan(f.beam(1, setup_number=1), setups=(f.setup(1), none))
    assert run(sessions_of(silent)[0]) == MotionFeature()


@pytest.mark.parametrize(
    ("number", "setups"),
    [
        (Missing.ABSENT, (1,)),
        (Missing.EMPTY, (1,)),
        (7, (1,)),  # dangling
        (1, (1, 1)),  # ambiguous
    ],
)
def test_item_that_no_treatment_beam_leads_to_is_a_sign(number: Any, setups: tuple[int, ...]) -> None:
    made = tuple(
        f.setup(n, index=i, motion=(f.motion("GATING", setup=i),) if i == 0 else ()) for i, n in enumerate(setups)
    )
    feature = run(f.session(f.beam(setup_number=number), setups=made))
    assert feature.coded_photon == ()
    assert reasons(feature) == ["an active motion item, but treatment beams name no patient setup"]


def test_inactive_items_without_a_beam_are_nothing() -> None:
    feature = run(
        f.session(f.beam(setup_number=Missing.ABSENT), setups=(f.setup(1, motion=(f.motion("RETROSPECTIVE"),)),))
    )
    assert feature == MotionFeature()


def test_contradicting_items_of_one_setup_are_a_sign_and_no_proof() -> None:
    feature = coded(f.motion("NONE"), f.motion("GATING", item=1))
    assert (feature.coded_photon, feature.coded_none) == ((), ())
    assert [(r, e.value) for r, e in feature.signs] == [
        ("motion items of one patient setup contradict one another", "NONE"),
        ("motion items of one patient setup contradict one another", "GATING"),
    ]


def test_two_active_items_of_one_setup_agree() -> None:
    # RayStation lists several settings of one delivery
    feature = coded(f.motion("TRACKING", "IMAGE"), f.motion("REALTIME", "EXTERNAL_MARKER", item=1))
    assert [fact.technique for fact in feature.coded_photon] == ["TRACKING"]
    assert reasons(feature) == ["a coded motion term that is no standard proof"]


@pytest.mark.parametrize(
    ("value", "scheme", "sign"),
    [
        ("130639", "DCM", True),
        ("130639", None, True),
        ("130655", "DCM", True),
        ("130654", "DCM", True),
        ("OSS", "DCM", True),
        ("130112", "DCM", False),  # a mask
        ("130639", "99LOCAL", False),
    ],
)
def test_coded_preparation(value: str, scheme: str | None, sign: bool) -> None:
    code = f.code(value, scheme=scheme)
    feature = run(f.session(f.beam(), setups=(f.setup(1, preparation_codes=(code,)),)))
    assert bool(feature.signs) is sign


@pytest.mark.parametrize(
    ("name", "value", "sign"),
    [
        ("GATING_DUTY_CYCLE", "30.0", True),
        ("GATING_DUTY_CYCLE", "100", False),
        ("GATING_DUTY_CYCLE", "0", False),
        ("GATING_DUTY_CYCLE", "n/a", False),
        ("GATING_DUTY_CYCLE", "30\\70", True),  # a window of the breathing cycle
        ("GATING_DUTY_CYCLE", " 0 \\ 50 ", True),
        ("GATING_DUTY_CYCLE", "0\\100", False),
        ("GATING_DUTY_CYCLE", "0\\0", False),
        ("GATING_DUTY_CYCLE", "100\\n/a", False),
        ("GATING_DUTY_CYCLE", "nan\\inf", False),
        ("DYNAMIC_TRACKING", "YES", True),
        ("DYNAMIC_TRACKING", "NONE", False),
        ("PITCH", "0.43", False),
    ],
)
def test_private_attributes(name: str, value: str, sign: bool) -> None:
    feature = run(f.session(f.beam(private_signs=((name, value),))))
    assert bool(feature.signs) is sign


def test_of_a_long_private_value_the_start_is_shown() -> None:
    ((_, evidence),) = run(f.session(f.beam(private_signs=(("DYNAMIC_TRACKING", "x" * 1000),)))).signs
    assert evidence.value == "x" * 64


@pytest.mark.parametrize(
    "fields",
    [{"manufacturer": "ViewRay, Inc."}, {"model": "MRIdian 5.5"}, {"model": "Unity"}],
)
def test_mr_linac_is_a_sign(fields: dict[str, str]) -> None:
    assert reasons(run(f.session(f.beam(), **fields))) == ["an MR linac that can manage motion"]


def test_machine_name_of_a_beam_counts_for_the_mr_linac() -> None:
    assert reasons(run(f.session(f.beam(machine_name="MRL1")))) == ["an MR linac that can manage motion"]


# -------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    "text",
    [
        "L Brst DIBH",  # V56
        "DIBH w/ AlignRT",  # V57
        "SGRT open mask",  # V28
        "SGRT beam hold 3 mm",  # V65
        "Calypso",
        "trig img hold",  # V26
        "abd comp",  # V33
        "compression belt",
        "Synchrony",  # V102
        "4D-CBCT",  # V66
        "lung gated",
        "breathhold",
        "VisionRT",
        "ExacTrac Dynamic",
        "RGSC",
        "kV tracking",
        "MV cine",
        "Atemanhalt links",
        "mama apnea",
        "DIBH (FB not used)",
    ],
)
def test_strong_words(text: str) -> None:
    feature = in_label(text)
    assert feature.strong
    assert all(hit.evidence.kind is EvidenceKind.TEXT for hit in feature.strong)
    assert feature.setup_only == ()


@pytest.mark.parametrize(
    "text",
    [
        "ITV 4DCT AVG",  # V32
        "MIP, fiducials x3",
        "CBCT daily",  # V67
        "mask no. 3",
        "no DIBH",
        "non-gated",
        "ungated",
        "DIBH declined",
        "FB backup DIBH",
        "pain to be investigated",
        "tattooless",
        "spinal cord compression T6",
        "T12 compression fracture",
        "ExacTrac x-ray",
        "delegated",
        "aggregate",
    ],
)
def test_no_signs(text: str) -> None:
    feature = in_label(text)
    assert (feature.strong, feature.setup_only, feature.signs) == ((), (), ())


@pytest.mark.parametrize("text", ["BH", "ABC", "SDX", "RPM rx", "INSP", "exp 3cm"])
def test_weak_words_are_kept_apart(text: str) -> None:
    feature = in_label(text)
    assert (len(feature.weak), feature.strong) == (1, ())


@pytest.mark.parametrize(
    ("text", "setup_only"),
    [
        ("tattooless SGRT setup", True),  # V64
        ("AlignRT for setup only", True),
        ("SGRT set-up", True),
        ("SGRT tattooless, daily", True),
        ("SGRT setup and monitoring", False),
        ("SGRT setup + beam hold 3 mm", False),
        ("SGRT setup, DIBH", False),
        ("SGRT setup, no DIBH", True),
        ("SGRT", False),
    ],
)
def test_surface_guidance(text: str, setup_only: bool) -> None:
    feature = in_label(text)
    assert bool(feature.setup_only) is setup_only
    assert bool(feature.strong) is not setup_only


def test_surface_guidance_named_twice_counts_where_it_is_more() -> None:
    setup = f.setup(1, technique_description="SGRT setup; AlignRT during treatment")
    feature = run(f.session(f.beam(), setups=(setup,)))
    assert {hit.word for hit in feature.strong} == {"align RT"}
    assert {hit.word for hit in feature.setup_only} == {"SGRT"}


@pytest.mark.parametrize(
    ("name", "strong", "setup_only"),
    [
        ("4D-CBCT", True, False),  # V66
        ("4DCBCT 1", True, False),
        ("CBCT", False, False),  # V67
        ("kV DIBH", True, False),  # imaged in breath hold
        ("AlignRT ref", False, True),  # a camera for set-up
    ],
)
def test_names_of_set_up_fields(name: str, strong: bool, setup_only: bool) -> None:
    feature = run(f.session(f.beam(1), f.beam(2, name=name, delivery_type="SETUP")))
    assert (bool(feature.strong), bool(feature.setup_only)) == (strong, setup_only)


def test_words_of_every_home_count() -> None:
    homes: list[TreatmentSession] = [
        f.session(f.beam(), name="DIBH"),
        f.session(f.beam(), description="DIBH"),
        f.session(f.beam(), prescription_description="DIBH"),
        f.session(f.beam(), sites=(("TreatmentSite", "DIBH"),)),
        f.session(f.beam(name="DIBH")),
        f.session(f.beam(description="DIBH")),
        f.session(f.beam(), setups=(f.setup(1, technique_description="DIBH"),)),
        f.session(f.beam(), setups=(f.setup(1, label="DIBH"),)),
        f.session(f.beam(), setups=(f.setup(1, motion=(f.motion("UNKNOWN", description="DIBH"),)),)),
        f.session(f.beam(), groups=(f.group(1, (1,), description="DIBH"),)),
        f.session(f.beam(), dose_references=(f.dose_reference(description="PTV DIBH"),)),
        f.session(
            f.beam(tolerance_table_number=3), tolerance_tables=(ToleranceTable("ToleranceTableSequence[0]", 3, "DIBH"),)
        ),
    ]
    assert all([hit.word for hit in run(session).strong] == ["DIBH"] for session in homes)


def test_words_on_setups_that_nobody_treats_with_do_not() -> None:
    session = f.session(f.beam(), setups=(f.setup(1), f.setup(2, index=1, technique_description="DIBH")))
    assert run(session) == MotionFeature()


def test_free_breathing_is_reported_and_does_not_undo_anything() -> None:
    # V70
    feature = run(f.session(f.beam(), label="lung FB", setups=(f.setup(1, motion=(f.motion("GATING"),)),)))
    assert [hit.word for hit in feature.free_breathing] == ["FB"]
    assert len(feature.coded_photon) == 1


def test_coded_none_stays_beside_the_words() -> None:
    # V60
    feature = run(f.session(f.beam(), label="DIBH", setups=(f.setup(1, motion=(f.motion("NONE"),)),)))
    assert len(feature.coded_none) == len(feature.strong) == 1


@pytest.mark.parametrize("technique", ["UNKNOWN", "RETROSPECTIVE"])
def test_indecisive_items_are_no_signs(technique: str) -> None:
    # V61, V62
    feature = coded(f.motion(technique))
    assert len(feature.coded_indecisive) == 1
    assert (feature.signs, feature.coded_photon) == ((), ())
