"""Genuine constraints and their false friends, and the plain 2D set-up."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.planning import detect
from rtcode.features.types import PlanningFeature, Technique, WedgeFact, WedgeType
from rtcode.plan.model import Missing
from rtcode.plan.sessions import TreatmentSession
from rtcode.truth import Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
TARGET = f.dose_reference(1, description="PTV", target_prescription_gy=50.0, delivery_maximum_gy=55.0)


def run(session: TreatmentSession, **over: Any) -> PlanningFeature:
    return detect(session, all_facts(session, **over), shipped())


def organ(**fields: Any) -> PlanningFeature:
    values = {"structure_type": "VOLUME", "roi_number": 5, "description": "Sensitive Structure"} | fields
    reference = f.dose_reference(2, index=1, kind="ORGAN_AT_RISK", **values)
    return run(f.session(f.beam(), dose_references=(TARGET, reference)))


@pytest.mark.parametrize(
    "fields",
    [
        {"oar_full_volume_gy": 20.0, "oar_maximum_gy": 45.0, "oar_overdose_fraction": 5.0},  # TomoTherapy
        {"oar_maximum_gy": 45.0, "description": "bowel"},  # V23
        {"oar_limit_gy": 20.0, "description": None},
        {"oar_limit_gy": 20.0, "roi_number": 0},
        {"oar_maximum_gy": 50.0, "oar_limit_gy": 20.0},  # one of two is its own
        {"oar_maximum_gy": 20.0, "description": "Lungs-GTV"},  # what is left of the lungs
        {"oar_maximum_gy": 20.0, "description": "Liver minus PTV"},
        {"oar_maximum_gy": 20.0, "description": "Lung", "structure_type": "volume"},
    ],
)
def test_genuine_constraints(fields: dict[str, Any]) -> None:
    feature = organ(**fields)
    assert feature.normal_tissue_constraint is MET
    assert feature.constraint_evidence[0].where == "DoseReferenceSequence[1].ReferencedROINumber (3006,0084)"
    assert feature.false_friends == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"oar_maximum_gy": 45.0, "structure_type": "SITE"},  # Varian dose tracking
        {"oar_maximum_gy": 45.0, "structure_type": "COORDINATES"},
        {"oar_maximum_gy": 45.0, "structure_type": "POINT"},
        {"oar_maximum_gy": 45.0, "structure_type": None},
        {"oar_maximum_gy": 45.0, "roi_number": Missing.ABSENT},
        {"oar_maximum_gy": 45.0, "roi_number": Missing.INVALID},
        {"oar_maximum_gy": 45.0, "description": "iso"},
        {"oar_maximum_gy": 45.0, "description": "MUREF"},
        {"oar_maximum_gy": 45.0, "description": "ref IK03"},
        {"oar_maximum_gy": 45.0, "description": "PTV_60"},
        {"oar_maximum_gy": 45.0, "description": "Calc Pt"},
        {"oar_maximum_gy": 50.0},  # the prescription
        {"oar_maximum_gy": 50.004},  # the prescription, rounded
        {"oar_maximum_gy": 55.0},  # the target's delivery limit
        {"oar_maximum_gy": 45.0, "delivery_maximum_gy": 45.0},  # its own delivery limit
        {"oar_maximum_gy": 0.0},
        {"oar_maximum_gy": Missing.EMPTY},
        {"oar_overdose_fraction": 5.0},  # a fraction of nothing
        {},
    ],
)
def test_false_friends(fields: dict[str, Any]) -> None:
    feature = organ(**fields)
    assert feature.normal_tissue_constraint is UNKNOWN
    assert [e.where for e in feature.false_friends] == ["DoseReferenceSequence[1].DoseReferenceType (300A,0020)"]


def test_a_target_is_neither() -> None:
    feature = run(f.session(f.beam(), dose_references=(TARGET,)))
    assert (feature.normal_tissue_constraint, feature.false_friends) == (UNKNOWN, ())


@pytest.mark.parametrize(
    ("geometry", "uid", "patient", "structures"),
    [
        ("PATIENT", "1.2", MET, MET),
        ("TREATMENT_DEVICE", None, NOT, NOT),
        ("PATIENT", "", MET, UNKNOWN),
        (None, None, UNKNOWN, NOT),
        ("SOMETHING", "1.2", UNKNOWN, MET),
    ],
)
def test_geometry(geometry: str | None, uid: str | None, patient: Truth, structures: Truth) -> None:
    feature = run(f.session(f.beam(), geometry=geometry, structure_set_uid=uid))
    assert (feature.patient_geometry, feature.structure_set) == (patient, structures)


def simple(*beams: Any, over: dict[str, Any] | None = None, **plan: Any) -> Truth:
    values = {"geometry": "TREATMENT_DEVICE", "structure_set_uid": None} | plan
    feature = run(f.session(*(beams or (f.beam(),)), **values), **(over or {}))
    assert bool(feature.simple_2d_evidence) is (feature.simple_2d_setup is MET)
    return feature.simple_2d_setup


def test_one_or_two_open_fields_in_device_geometry() -> None:
    assert simple() is MET  # V09
    assert simple(f.beam(1), f.beam(2, gantry=180.0)) is MET  # V12
    assert simple(f.beam(1), f.beam(2), f.beam(3)) is NOT
    assert simple(f.beam(1), f.beam(2, delivery_type="SETUP"), f.beam(3, delivery_type="SETUP")) is MET


@pytest.mark.parametrize(
    "plan",
    [{"geometry": "PATIENT"}, {"structure_set_uid": "1.2"}],  # V10, V11
)
def test_patient_images_speak_against_it(plan: dict[str, Any]) -> None:
    assert simple(**plan) is NOT


@pytest.mark.parametrize(
    ("over", "truth"),
    [
        ({"technique": Technique.STATIC_SHAPED}, NOT),
        ({"technique": Technique.FIELD_IN_FIELD}, NOT),
        ({"technique": Technique.VMAT}, NOT),
        ({"technique": Technique.UNKNOWN}, UNKNOWN),
        ({"shaped": MET}, NOT),
        ({"shaped": UNKNOWN}, UNKNOWN),
        ({"blocks": 1}, NOT),
        ({"blocks": None}, UNKNOWN),
        ({"compensators": 1}, NOT),
        ({"compensators": None}, UNKNOWN),
        ({"wedges": (WedgeFact(WedgeType.STANDARD, 30.0, MET, "", ()),)}, NOT),
        ({"wedges": (WedgeFact(WedgeType.STANDARD, 30.0, NOT, "", ()),)}, MET),
        ({"wedges": (WedgeFact(WedgeType.STANDARD, 30.0, UNKNOWN, "", ()),)}, UNKNOWN),
    ],
)
def test_what_is_in_the_beam(over: dict[str, Any], truth: Truth) -> None:
    assert simple(over=over) is truth


def test_unknowns_stay_unknown() -> None:
    assert simple(geometry=None) is UNKNOWN
    assert simple(structure_set_uid="") is UNKNOWN
    assert simple(f.beam(1), f.beam(2, radiation="")) is UNKNOWN


def test_a_constraint_ends_it() -> None:
    reference = f.dose_reference(1, kind="ORGAN_AT_RISK", description="bowel", roi_number=3, oar_maximum_gy=45.0)
    assert simple(dose_references=(reference,)) is NOT


def test_electrons_are_no_2d_photons() -> None:
    assert simple(f.beam(radiation="ELECTRON")) is NOT
