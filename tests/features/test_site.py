"""Sites that move with breathing, by their names."""

from __future__ import annotations

import pytest

from rtcode.features.site import detect
from rtcode.features.types import SiteFeature
from rtcode.plan.model import ToleranceTable
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import Truth
from tests import factory as f
from tests.features.wordlists import all_facts, shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def run(session: TreatmentSession) -> SiteFeature:
    return detect(session, all_facts(session), shipped())


@pytest.mark.parametrize(
    ("label", "moves", "words"),
    [
        ("L breast tangents", MET, ("breast",)),
        ("RtBreast", MET, ("breast",)),
        ("Mamma li", MET, ("breast",)),
        ("MAMADIR", MET, ("breast",)),
        ("1LT CW BOL NJ", MET, ("chest wall",)),
        ("chestwall", MET, ("chest wall",)),
        ("Thoraxwand", MET, ("chest wall",)),
        ("RUL 50Gy", MET, ("lung",)),
        ("Leber SBRT", MET, ("liver",)),
        ("Ösophagus", MET, ("esophagus",)),
        ("rib met", MET, ("rib",)),
        ("Pankreas", MET, ("pancreas",)),
        ("brain + lung", MET, ("brain", "lung")),  # one moving site is enough
        ("L breast boost", MET, ("breast",)),
        ("Whole brain", NOT, ("brain",)),
        ("HN_TB_7F", NOT, ("head and neck",)),
        ("H&N", NOT, ("head and neck",)),
        ("Prostata_RA", NOT, ("prostate",)),
        ("iliac wing", NOT, ("iliac",)),
        ("ILIACO D", NOT, ("iliac",)),
        ("thoracic spine", NOT, ("spine",)),
        ("T6 spine", NOT, ("spine",)),
        ("Thoracic rachis", NOT, ("spine",)),  # a part of the spine
        ("T9 thoracic", NOT, ("spine",)),
        ("Thorax + L2", MET, ("spine", "thorax")),  # a region of its own
        ("lung + T6", MET, ("lung", "spine")),
        ("chest wall, spine", MET, ("chest wall", "spine")),
        ("Spinal cord", NOT, ("spine",)),
        ("T11-L2", NOT, ("spine",)),
        ("Th8", NOT, ("spine",)),
        ("L3", NOT, ("spine",)),
        ("Wirbelsäule", NOT, ("spine",)),
        ("RT EAR", NOT, ("skin",)),
        ("femur L", NOT, ("femur",)),
        ("boost", UNKNOWN, ()),
        ("VMAT", UNKNOWN, ()),
        ("T1.1_PF", UNKNOWN, ()),
        ("T2 N1 M0", UNKNOWN, ()),  # a stage
        ("T13", UNKNOWN, ()),
        ("L6", UNKNOWN, ()),
        ("C1", UNKNOWN, ()),  # course one
        ("PTV70", UNKNOWN, ()),
        ("", UNKNOWN, ()),
    ],
)
def test_labels(label: str, moves: Truth, words: tuple[str, ...]) -> None:
    feature = run(f.session(f.beam(), label=label))
    assert (feature.moves, feature.words) == (moves, words)
    assert bool(feature.evidence) is (moves is not UNKNOWN)


def test_clockwise_is_no_chest_wall() -> None:
    assert run(f.session(f.beam(name="HN Arc1 CW"))).words == ("head and neck",)
    assert run(f.session(f.beam(name="1CW Col0"))).moves is UNKNOWN
    assert run(f.session(f.beam(), label="CW photon")).words == ("chest wall",)


@pytest.mark.parametrize(
    "session",
    [
        f.session(f.beam(), sites=(("TreatmentSite", "Lung"),)),
        f.session(f.beam(), site_codes=(f.code("1", "Lung structure"),)),
        f.session(f.beam(), name="lung"),
        f.session(f.beam(), prescription_description="lung 60 Gy"),
        f.session(f.beam(), dose_references=(f.dose_reference(description="PTV lung"),)),
        f.session(f.beam(), groups=(f.group(1, (1,), description="lung"),)),
        f.session(f.beam(name="lung AP")),
        f.session(f.beam(tolerance_table_number=1), tolerance_tables=(ToleranceTable("T[0]", 1, "LUNG"),)),
        f.session(f.beam(), description="lung"),
        f.session(f.beam(), setups=(f.setup(1, technique_description="lung board"),)),
    ],
)
def test_homes(session: TreatmentSession) -> None:
    assert run(session).moves is MET


@pytest.mark.parametrize(
    "session",
    [
        f.session(f.beam(), dose_references=(f.dose_reference(kind="ORGAN_AT_RISK", description="Lungs"),)),  # spared
        f.session(f.beam(), setups=(f.setup(1, technique_description="knee rest"),)),
        f.session(f.beam(1), f.beam(2, name="breast kV", delivery_type="SETUP")),
        f.session(f.beam(), series_description="thorax CT"),
        f.session(f.beam(name="T1"), label="VMAT"),
    ],
)
def test_what_names_no_site(session: TreatmentSession) -> None:
    assert run(session).moves is UNKNOWN


def test_notes_are_asked_only_where_names_are_silent() -> None:
    note = (f.setup(1, technique_description="breast board"),)
    assert run(f.session(f.beam(), label="brain", setups=note)).moves is NOT
    assert run(f.session(f.beam(), label="P1", setups=note)).moves is MET


def test_sites_of_two_groups_stay_apart() -> None:
    plan = f.plan(f.beam(1, name="lung"), f.beam(2, name="femur"), groups=(f.group(1, (1,)), f.group(2, (2,), index=1)))
    assert [run(session).words for session in sessions_of(plan)] == [("lung",), ("femur",)]


@pytest.mark.parametrize("label", ["CSI", "Cranio-Spinal", "craniospinal axis", "neuraxis"])
def test_craniospinal(label: str) -> None:
    assert run(f.session(f.beam(), label=label)).craniospinal


def test_no_craniospinal_in_a_word() -> None:
    assert run(f.session(f.beam(), label="CSIRO")).craniospinal == ()
