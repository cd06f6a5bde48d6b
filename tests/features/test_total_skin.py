"""Signs of total skin electrons."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.features.total_skin import detect
from rtcode.features.types import TotalSkinFeature
from rtcode.plan.sessions import TreatmentSession, sessions_of
from rtcode.truth import Truth
from tests.factory import applicator, beam, block, code, group, plan, session, setup
from tests.features.geometric import all_facts, settings

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
OPEN = {"jaws_x": (-200.0, 200.0), "jaws_y": (-200.0, 200.0)}


def found(of: TreatmentSession, **values: Any) -> TotalSkinFeature:
    return detect(of, all_facts(of), settings(**values))


def skin(count: int = 12, first: int = 1, **fields: Any) -> list[Any]:
    """Tilted pairs at 3.8 m."""
    values: dict[str, Any] = {"ssd": 3800.0, **OPEN, **fields}
    return [
        beam(i, radiation="ELECTRON", gantry=72.5 if i % 2 else 107.5, **values) for i in range(first, first + count)
    ]


def small(number: int = 1, **fields: Any) -> Any:
    values: dict[str, Any] = {"ssd": 1000.0, "applicators": (applicator(id="6x6"),), **fields}
    return beam(number, radiation="ELECTRON", **values)


def signs(of: TreatmentSession) -> tuple[Truth, Truth]:
    feature = found(of)
    return feature.text, feature.geometry


def test_words_and_geometry() -> None:
    """V89."""
    feature = found(session(*skin(), label="TSET"))
    assert (feature.text, feature.geometry) == (MET, MET)
    assert feature.text_evidence[0].where == "RTPlanLabel (300A,0002)"
    assert feature.geometry_evidence[0].value == 3800.0
    shown = " ".join(e.where for e in feature.geometry_evidence)
    assert "tilted pair" in shown and "opening" in shown


def test_geometry_without_words() -> None:
    """V90."""
    assert signs(session(*skin(6))) == (NOT_MET, MET)


def test_words_without_geometry() -> None:
    assert signs(session(small(), label="TSET")) == (MET, NOT_MET)


def test_neither() -> None:
    assert signs(session(small())) == (NOT_MET, NOT_MET)
    assert signs(session(small(), label="no TSET")) == (NOT_MET, NOT_MET)


@pytest.mark.parametrize(
    "fields",
    [
        {"fluence_modes": (("NON_STANDARD", "HDTSe-"),)},
        {"fluence_modes": (("NON_STANDARD", "hdtse6"),)},
        {"high_dose_technique": "TSEI"},
        {"description": "6 MeV HDTSe"},
        {"applicators": (applicator("ELECTRON_OPEN", "HDTSe"),)},
        {"technique_codes": (code("130342"),)},
    ],
)
def test_modes_count_as_words(fields: dict[str, Any]) -> None:
    feature = found(session(*skin(2, **fields)))
    assert feature.text is MET
    assert len(feature.text_evidence) == 1


def test_other_modes_do_not() -> None:
    assert found(session(*skin(2, fluence_modes=(("NON_STANDARD", "FFF"),), high_dose_technique="HDR"))).text is NOT_MET


@pytest.mark.parametrize(("ssd", "truth"), [(2500.0, MET), (2499.0, NOT_MET), (1100.0, NOT_MET)])
def test_distance(ssd: float, truth: Truth) -> None:
    assert found(session(small(ssd=ssd))).geometry is truth


def test_far_fields_beside_a_near_one() -> None:
    assert found(session(*skin(4), small(5))).geometry is MET


@pytest.mark.parametrize(
    ("position", "fields", "truth", "why"),
    [
        ("standing AP", {"ssd": None, **OPEN}, MET, "standing in an open field"),
        ("standing AP", {"ssd": 1000.0, **OPEN}, MET, "a distance that the planning system could not enter"),
        ("upright", {"ssd": None, "applicators": (applicator("ELECTRON_OPEN", "x"),)}, MET, "open applicator"),
        ("standing", {"ssd": 1000.0, "applicators": (applicator(id="6x6"),)}, NOT_MET, "standing before a cone"),
        ("standing", {"ssd": 1000.0, "blocks": (block("APERTURE", [(0, 0), (9, 0), (9, 9)]),)}, NOT_MET, "a cut-out"),
        (None, {"ssd": None, **OPEN}, UNKNOWN, "open field, distance not known"),
        (None, {"ssd": None}, UNKNOWN, "nothing known"),
        (None, {"ssd": None, "applicators": (applicator(id="10x10"),)}, NOT_MET, "a cone"),
        (None, {"ssd": 1000.0, **OPEN}, NOT_MET, "wide jaws at an ordinary distance"),
    ],
)
def test_standing_and_unknown_distance(position: str | None, fields: dict[str, Any], truth: Truth, why: str) -> None:
    of = session(beam(1, radiation="ELECTRON", **fields), setups=(setup(additional_position=position),))
    assert found(of).geometry is truth, why


def test_stances_support() -> None:
    setups = [setup(i, index=i - 1, additional_position=f"standing {i}") for i in range(1, 7)]
    beams = [beam(i, radiation="ELECTRON", ssd=3800.0, setup_number=i, **OPEN) for i in range(1, 7)]
    shown = found(session(*beams, setups=setups)).geometry_evidence
    assert any(e.value == 6 for e in shown)


def test_photons_are_not_meant() -> None:
    """Total body photons at 4 m, and photons beside electrons."""
    assert signs(session(beam(1, ssd=4000.0), label="TSET")) == (NOT_MET, NOT_MET)
    assert found(session(*skin(2), beam(3))).geometry is NOT_MET
    assert found(session(*skin(2), beam(3, radiation=None))).geometry is UNKNOWN
    assert found(session(*skin(2), beam(3, delivery_type="SETUP"))).geometry is MET


def two_groups(**fields: Any) -> list[TotalSkinFeature]:
    of = plan(
        *skin(), small(13),
        groups=[group(1, tuple(range(1, 13)), fractions=18), group(2, (13,), index=1, fractions=7)], **fields,
    )  # fmt: skip
    return [found(s) for s in sessions_of(of)]


def test_boost_in_a_group_of_its_own() -> None:
    """V91: the plan is a total skin treatment, the soles have an ordinary field on other days."""
    main, boost = two_groups(label="TSET")
    assert (main.text, main.geometry) == (MET, MET)
    assert (boost.text, boost.geometry) == (NOT_MET, NOT_MET)
    assert boost.text_evidence  # the words stay to be seen


def test_boost_in_a_plan_of_its_own() -> None:
    assert signs(session(small(), label="TSET boost")) == (NOT_MET, NOT_MET)
    assert signs(session(*skin(), label="TSET boost")) == (MET, MET)


def test_ordinary_fields_without_a_reason_to_be_another_session_are_asked() -> None:
    assert signs(session(small(ssd=None), label="TSET boost")) == (MET, NOT_MET)
    assert signs(session(beam(1, radiation="ELECTRON", ssd=1000.0, **OPEN), label="TSET boost")) == (MET, NOT_MET)
