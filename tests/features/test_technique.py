"""Every technique from what moves, and what keeps one unknown."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcode.dicom.reader import read_plan
from rtcode.errors import RtcodeError
from rtcode.features.radiation import radiation_of
from rtcode.features.shaping import shaping_of
from rtcode.features.technique import technique_of
from rtcode.features.types import MlcFact, Technique, TechniqueFact
from rtcode.features.wedges import wedges_of
from rtcode.plan.model import Missing, PlanKind
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, planned_beams, sessions_of
from rtcode.truth import EvidenceKind, Truth
from tests import factory as f
from tests.features.wordlists import shipped

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
T = Technique

WIDE = f.rectangle(-40, 40, -40, 40)
HALF = f.rectangle(-40, 0, -40, 40)
OTHER_HALF = f.rectangle(0, 40, -40, 40)
NESTED = f.rectangle(-30, 30, -30, 30)
SLIT = f.rectangle(-40, -30, -40, 40)
#: a field whose leaves lie outside the jaws
OPEN = f.rectangle(-90, 90, -90, 90)


def judge(planned: PlannedBeam) -> TechniqueFact:
    return technique_of(planned, radiation_of(planned, shipped()), shipped())


def run(plan_fields: dict[str, Any] | None = None, **fields: Any) -> TechniqueFact:
    return judge(f.planned(plan_fields=plan_fields, **fields))


def segments(*shapes: Any, shares: list[float] | None = None) -> dict[str, Any]:
    """Step-and-shoot as systems write it: two control points a segment, a zero-weight step between segments."""
    shares = shares or [1.0 / len(shapes)] * len(shapes)
    ends = np.cumsum([0.0, *shares])
    weights = [w for a, b in pairwise(ends) for w in (float(a), float(b))]
    return {"leaves": [s for shape in shapes for s in (shape, None)], "weights": weights}


def arc(count: int, start: float, step: float, shapes: list[Any], weights: list[float] | None = None) -> dict[str, Any]:
    angles = [start + i * step for i in range(count)]
    direction = ["CW" if step > 0 else "CC", *[None] * (count - 2), "NONE"]
    if weights is None:
        weights = list(np.linspace(0, 1, count))
    leaves = {"leaves": [shapes[i % len(shapes)] for i in range(count)]} if shapes else {}
    return {"gantry": angles, "direction": direction, "weights": weights, "beam_type": "DYNAMIC", **leaves}


def uneven(count: int) -> list[float]:
    """Cumulative weights whose steps vary by a few percent, as in a modulated arc."""
    steps = 1.0 + 0.1 * np.cos(np.arange(count - 1))
    return [0.0, *(np.cumsum(steps) / steps.sum()).tolist()]


# ------------------------------------------------------------------------------------------------------ static fields


@pytest.mark.parametrize(
    ("fields", "technique"),
    [
        ({}, T.STATIC_OPEN),
        ({"leaves": OPEN}, T.STATIC_OPEN),  # MLC fully outside the jaws
        ({"leaves": WIDE}, T.STATIC_SHAPED),  # leaves inside the jaws, though a rectangle
        ({"leaves": f.rectangle(-50, 50, -90, 90)}, T.STATIC_OPEN),  # leaves at the jaws
        ({"leaves": f.rectangle(-90, 90, -40, 90)}, T.STATIC_SHAPED),  # closed rows inside the jaws
        # no jaw along the leaves (Agility): a rectangle is what a jaw would make
        ({"leaves": f.rectangle(-60, 60, -90, 90), "jaws_x": None}, T.STATIC_OPEN),
        ({"leaves": HALF + np.linspace(0, 20, 80), "jaws_x": None}, T.STATIC_SHAPED),
        # no jaws at all (MRIdian)
        ({"leaves": WIDE, "jaws_x": None, "jaws_y": None}, T.STATIC_OPEN),
        ({"number_of_blocks": 1, "blocks": (f.block("SHIELDING"),)}, T.STATIC_SHAPED),
        ({"number_of_blocks": 0, "blocks": (f.block("SHIELDING"),)}, T.STATIC_OPEN),
        # BeamType says DYNAMIC, nothing moves (V108, Monaco)
        ({"beam_type": "DYNAMIC"}, T.STATIC_OPEN),
        ({"beam_type": "DYNAMIC", "leaves": WIDE, "weights": [0, 0.5, 1]}, T.STATIC_SHAPED),
        # a motorized wedge that leaves on a zero-weight step
        (
            {
                "wedges": [f.wedge(kind="MOTORIZED")],
                "wedge_positions": {1: ["IN", "IN", "OUT", "OUT"]},
                "weights": [0, 0.4, 0.4, 1],
            },
            T.STATIC_OPEN,
        ),
        # a dynamic wedge whose jaw is in the file (V49): jaws move, no leaf does
        ({"jaws_y": [(-50, 50), (-50, 20), (-50, -40)], "weights": [0, 0.5, 1], "leaves": OPEN}, T.STATIC_OPEN),
        ({"jaws_y": [(-50, 50), (-50, 20), (-50, -40)], "weights": [0, 0.5, 1], "leaves": WIDE}, T.STATIC_SHAPED),
        # leaves that move only before the beam is on, or after
        ({"leaves": [HALF, WIDE, WIDE], "weights": [0, 0, 1]}, T.STATIC_SHAPED),
        # a split segment with one shape
        ({"leaves": WIDE, "weights": [0, 0.3, 0.3, 1]}, T.STATIC_SHAPED),
        # gantry motion with the beam off
        (
            {"gantry": [0, 0, 90, 90], "direction": ["NONE", "CW", "NONE", None], "weights": [0, 0.5, 0.5, 1]},
            T.STATIC_OPEN,
        ),
    ],
)
def test_static_fields(fields: dict[str, Any], technique: Technique) -> None:
    found = run(**fields)
    assert found.technique is technique
    assert found.intensity_modulated is NOT
    assert found.field_in_field is NOT
    assert found.unusable is None


# --------------------------------------------------------------------------------------------------- several segments


@pytest.mark.parametrize(
    ("fields", "technique", "modulated", "nested"),
    [
        (segments(WIDE, NESTED, shares=[0.8, 0.2]), T.FIELD_IN_FIELD, NOT, MET),
        (segments(NESTED, WIDE, shares=[0.2, 0.8]), T.FIELD_IN_FIELD, NOT, MET),
        (segments(WIDE, NESTED, HALF, shares=[0.7, 0.2, 0.1]), T.FIELD_IN_FIELD, NOT, MET),
        (segments(WIDE, HALF, OTHER_HALF, NESTED, SLIT, shares=[0.6, 0.1, 0.1, 0.1, 0.1]), T.FIELD_IN_FIELD, NOT, MET),
        # a shape that comes back is one
        (segments(WIDE, NESTED, WIDE, shares=[0.4, 0.2, 0.4]), T.FIELD_IN_FIELD, NOT, MET),
        # six segments, or no main field: IMRT likely
        (
            segments(WIDE, HALF, OTHER_HALF, NESTED, SLIT, f.rectangle(-5, 5, -5, 5), shares=[0.6, *[0.08] * 5]),
            T.STEP_AND_SHOOT, MET, NOT,
        ),
        (segments(HALF, OTHER_HALF, WIDE, shares=[0.35, 0.35, 0.3]), T.STEP_AND_SHOOT, MET, NOT),
        # between the two: segmented, undetermined
        (segments(WIDE, NESTED, HALF, shares=[0.45, 0.3, 0.25]), T.STEP_AND_SHOOT, UNKNOWN, UNKNOWN),
        # the heaviest is not the largest (Monaco), or one does not lie within it
        (segments(WIDE, NESTED, shares=[0.1, 0.9]), T.STEP_AND_SHOOT, UNKNOWN, UNKNOWN),
        (segments(WIDE, f.rectangle(20, 48, -40, 40), shares=[0.8, 0.2]), T.STEP_AND_SHOOT, UNKNOWN, UNKNOWN),
        # segments made by jaws
        (
            {"jaws_x": [(-50, 50), None, (-30, 30), None], "weights": [0, 0.8, 0.8, 1]},
            T.FIELD_IN_FIELD, NOT, MET,
        ),
    ],
)  # fmt: skip
def test_segments(fields: dict[str, Any], technique: Technique, modulated: Truth, nested: Truth) -> None:
    found = run(**fields)
    assert found.technique is technique
    assert found.intensity_modulated is modulated
    assert found.field_in_field is nested


def test_many_beams_are_no_field_in_field() -> None:
    """MRIdian IMRT: 24 beams of few, nested apertures."""
    shape = segments(WIDE, NESTED, shares=[0.8, 0.2])
    for count, technique in ((12, T.FIELD_IN_FIELD), (13, T.STEP_AND_SHOOT)):
        session = f.session(*(f.beam(n, **shape) for n in range(1, count + 1)))
        assert judge(session.beams[0]).technique is technique
    # Beams without meterset do not make a plan of many beams.
    beams = [f.beam(n, **shape) for n in range(1, 14)]
    group = f.group(1, range(1, 14), metersets={13: 0.0})
    assert judge(f.session(*beams, groups=(group,)).beams[0]).technique is T.FIELD_IN_FIELD


# ------------------------------------------------------------------------------------------------- moving leaves, arcs


def test_sliding_window() -> None:
    window = [f.rectangle(x, x + 15, -40, 40) for x in np.linspace(-45, 30, 20)]
    found = run(leaves=window, weights=list(np.linspace(0, 1, 20)), beam_type="DYNAMIC")
    assert found.technique is T.SLIDING_WINDOW
    assert found.intensity_modulated is MET
    assert found.mlc == MlcFact(present=True, modulated=True, apertures=19)
    assert found.arc_deg == 0.0


def test_a_sweep_between_two_control_points_is_no_imrt() -> None:
    found = run(leaves=[SLIT, f.rectangle(30, 40, -40, 40)], beam_type="DYNAMIC")
    assert found.technique is T.SLIDING_WINDOW
    assert found.intensity_modulated is UNKNOWN
    assert found.mlc == MlcFact(present=True, modulated=True, apertures=1)


@pytest.mark.parametrize(
    ("fields", "technique"),
    [
        (arc(90, 181, 4, []), T.STATIC_ARC),
        (arc(90, 181, 4, [WIDE]), T.STATIC_ARC),
        (arc(90, 181, 4, [WIDE]) | {"collimator": list(np.linspace(0, 90, 90))}, T.STATIC_ARC),
        (arc(36, 10, 10, [WIDE, HALF]), T.CONFORMAL_ARC),
        (arc(36, 350, -10, [WIDE, HALF]), T.CONFORMAL_ARC),
        # constant meterset per degree, but fine control points; and coarse ones with varying meterset
        (arc(178, 181, 2, [WIDE, HALF]), T.VMAT),
        (arc(36, 10, 10, [WIDE, HALF], uneven(36)), T.VMAT),
        (arc(178, 181, 2, [WIDE, HALF], uneven(178)), T.VMAT),
        # jaws alone
        (arc(36, 10, 10, []) | {"jaws_x": [(-50, 50 - i) for i in range(36)]}, T.CONFORMAL_ARC),
        # zero-weight leaf moves at both ends do not make it step-and-shoot
        (
            {
                "gantry": [181, 181, *np.linspace(181, 179 + 360, 60), 179],
                "direction": ["NONE", "CW", *["CW"] * 59, "NONE", "NONE"],
                "weights": [0, 0, *uneven(60), 1],
                "leaves": [SLIT, WIDE, *[WIDE, HALF] * 30, SLIT],
            },
            T.VMAT,
        ),
        # leaves only between arcs of one beam: two apertures
        (
            {
                "gantry": [0, 90, 90, 0], "direction": ["CW", "CW", "CC", "NONE"], "weights": [0, 0.5, 0.5, 1],
                "leaves": [WIDE, WIDE, HALF, HALF],
            },
            T.CONFORMAL_ARC,
        ),
        ({"gantry": [5, 5], "direction": ["CW", "NONE"], "beam_type": "DYNAMIC"}, T.STATIC_ARC),
    ],
)  # fmt: skip
def test_arcs(fields: dict[str, Any], technique: Technique) -> None:
    found = run(**fields)
    assert found.technique is technique
    assert found.intensity_modulated is MET  # rotation alone is rule L2-A
    assert found.field_in_field is NOT
    assert found.arc_deg is not None
    assert found.arc_deg > 0


def test_an_arc_that_turns_back() -> None:
    found = run(
        gantry=[181, 0, 179, 0, 181],
        direction=["CW", "CW", "CC", "CC", "NONE"],
        weights=[0, 0.2, 0.5, 0.9, 1],
        leaves=[WIDE, HALF, WIDE, HALF, WIDE],
    )
    assert found.technique is T.VMAT
    assert found.arc_deg == pytest.approx(716)
    where = "BeamSequence[0].ControlPointSequence[*].GantryAngle (300A,011E): travel while meterset accrues (deg)"
    assert (where, 716.0) in [(e.where, e.value) for e in found.evidence]


def test_a_missing_direction_is_said() -> None:
    found = run(gantry=[350, 10, 30], weights=[0, 0.5, 1])
    assert found.technique is T.STATIC_ARC
    assert found.arc_deg == pytest.approx(40)
    assert "shorter way" in found.reason


# --------------------------------------------------------------------------------------------- helical, robotic, others

SINOGRAM = [None, *[np.linspace(0, 1, 64)] * 101]


def tomo(**fields: Any) -> dict[str, Any]:
    n = 102
    return {
        "gantry": [i * 7.0 % 360 for i in range(n)],
        "direction": ["CW"],
        "weights": list(np.linspace(0, 1, n)),
        "isocenter": [(0.0, 0.0, i * 0.5) for i in range(n)],
        "beam_type": "DYNAMIC",
        "source_axis_distance_mm": 850.0,
        "sinogram": SINOGRAM,
        "private_creators": ("TOMO_HA_01",),
        **fields,
    }


def test_helical() -> None:
    found = run(**tomo())
    assert found.technique is T.HELICAL
    assert found.intensity_modulated is MET
    assert found.mlc == MlcFact(present=True, modulated=True, apertures=101)
    # RayStation writes the isocenter only once.
    assert run(**tomo(isocenter=(0.0, 0.0, 0.0))).technique is T.HELICAL
    # Without the private part the leaves are not known; with it gone entirely, the moving table tells.
    unread = run(**tomo(sinogram=None))
    assert (unread.technique, unread.mlc) == (T.HELICAL, None)
    anonymized = run(**tomo(sinogram=None, private_creators=()))
    assert (anonymized.technique, anonymized.mlc) == (T.HELICAL, None)
    turning_on = tomo(sinogram=None, private_creators=(), isocenter=(0.0, 0.0, 0.0))
    assert run(**turning_on).technique is T.HELICAL


def test_an_arc_of_a_c_arm_is_not_helical() -> None:
    assert run(**arc(90, 181, 4, [])).technique is T.STATIC_ARC
    moving_table = arc(90, 181, 4, [WIDE, HALF], uneven(90)) | {"isocenter": [(0, 0, i) for i in range(90)]}
    assert run(**moving_table).technique is T.VMAT


def test_fixed_angle_tomo_is_not_helical() -> None:
    found = run(**tomo(gantry=90.0, direction=None, private_signs=(("GEOMETRY", "FIXED_ANGLE"),)))
    assert found.technique is T.SLIDING_WINDOW
    assert found.intensity_modulated is MET


def test_fixed_angle_tomo_that_lost_its_private_part() -> None:
    bare = {"gantry": 90.0, "direction": None, "sinogram": None, "private_creators": (), "dosimeter_unit": "MINUTE"}
    found = run(**tomo(**bare, manufacturer="TomoTherapy Incorporated"))
    assert found.technique is T.SLIDING_WINDOW
    assert found.mlc is None, "there are leaves, in no public attribute"
    counting = bare | {"dosimeter_unit": "MU"}
    assert run(**tomo(**counting, machine_name="Radixact 1")).technique is T.SLIDING_WINDOW
    # Minutes and a moving table alone make no tomotherapy, nor does its name on a machine with none of its traits.
    assert run(**tomo(**bare)).technique is T.STATIC_OPEN
    still = counting | {"isocenter": (0.0, 0.0, 0.0), "source_axis_distance_mm": 1000.0}
    assert run(**(tomo(**counting) | still), machine_name="Radixact 1").technique is T.STATIC_OPEN


def test_helical_with_unreadable_weights() -> None:
    found = run(**tomo(weights=None, count=102))
    assert found.technique is T.HELICAL
    assert found.mlc is None


@pytest.mark.parametrize(
    ("fields", "plan_fields"),
    [
        ({"machine_name": "CyberKnife 1"}, {}),
        ({"model": "CYBERKNIFE M6"}, {}),
        ({}, {"model": "CyberKnife"}),
    ],
)
def test_robotic(fields: dict[str, Any], plan_fields: dict[str, Any]) -> None:
    found = run(plan_fields, **fields)
    assert found.technique is T.ROBOTIC
    assert found.evidence
    assert all(e.kind is EvidenceKind.TEXT and "yber" in str(e.value).lower() for e in found.evidence)
    # A robot has no gantry that turns.
    assert run(plan_fields, **fields, **arc(90, 181, 4, [])).technique is not T.ROBOTIC


ROBOT = {"source_axis_distance_mm": 800.0}


@pytest.mark.parametrize(
    ("fields", "plan_fields", "robotic"),
    [
        # Sites call these machines by their serial number or in short; their maker builds tomotherapy too (850 mm).
        (ROBOT | {"machine_name": "C0254"}, {"manufacturer": "Accuray Inc."}, True),
        (ROBOT | {"machine_name": "CK_M6"}, {}, True),
        (ROBOT | {"machine_name": "CYBER1"}, {}, True),
        (ROBOT | {"machine_name": "CKS"}, {}, False),
        (ROBOT | {"machine_name": "Theratron"}, {}, False),
        ({"machine_name": "CK_M6"}, {}, False),
        ({"source_axis_distance_mm": 850.0, "machine_name": "0210462"}, {"manufacturer": "Accuray Inc."}, False),
    ],
)
def test_robotic_by_maker_or_short_name_and_distance(
    fields: dict[str, Any], plan_fields: dict[str, Any], robotic: bool
) -> None:
    found = run(plan_fields, **fields)
    assert (found.technique is T.ROBOTIC) is robotic
    if robotic:
        assert found.evidence[0].where == "BeamSequence[0].SourceAxisDistance (300A,00B4)"


def test_electrons_and_imaging() -> None:
    electron = run(radiation="ELECTRON", energy=9.0)
    assert (electron.technique, electron.intensity_modulated) == (T.ELECTRON, NOT)
    assert run(delivery_type="SETUP").technique is T.SETUP
    assert run(delivery_type="IMAGE_BEAM").technique is T.SETUP
    assert run(delivery_type="OPEN_PORTFILM").technique is T.SETUP
    assert run(delivery_type="SETUP", radiation="ELECTRON").technique is T.SETUP
    unused = f.planned(plan_fields={"groups": (f.group(1, (1,), meterset=0.0),)}, leaves=WIDE)
    assert unused.role is Role.UNUSED
    assert judge(unused).technique is T.STATIC_SHAPED


@pytest.mark.parametrize("radiation", ["PROTON", "NEUTRON", "CARBON"])
def test_particles_have_no_technique(radiation: str) -> None:
    found = run(radiation=radiation)
    assert (found.technique, found.intensity_modulated) == (T.UNKNOWN, UNKNOWN)


def test_ion_plans_have_no_technique() -> None:
    found = run({"kind": PlanKind.RT_ION_PLAN}, weights=None, count=10)
    assert (found.technique, found.mlc) == (T.UNKNOWN, None)


def test_unknown_radiation() -> None:
    """What rotates or modulates is no electron field; a still field with an electron applicator may be one."""
    assert run(radiation="").technique is T.STATIC_OPEN
    hinted = run(radiation="", applicators=(f.applicator("ELECTRON_SQUARE"),))
    assert (hinted.technique, hinted.intensity_modulated) == (T.UNKNOWN, UNKNOWN)


# ------------------------------------------------------------------------------------------------------------ unknown


@pytest.mark.parametrize(
    "weights",
    [None, [Missing.EMPTY] * 4, [0.0, Missing.INVALID, 0.5, 1.0], [0.0, 0.5, 0.4, 1.0], [0.0] * 4],
)
@pytest.mark.parametrize("fields", [{}, {"leaves": [WIDE, HALF, WIDE, HALF]}, {"gantry": [0, 10, 20, 30]}])
def test_unreadable_weights_leave_the_technique_unknown(weights: Any, fields: dict[str, Any]) -> None:
    """Field guide 4, cases 27 and 28: the technique is unknown, while isocenters and radiation can still be judged."""
    found = run(weights=weights, count=4, **fields)
    assert found.technique is T.UNKNOWN
    assert found.intensity_modulated is found.field_in_field is UNKNOWN
    assert found.unusable is None
    assert "weights" in found.reason or "weight" in found.reason


@pytest.mark.parametrize("fields", [{"weights": []}, {"weights": [0.0]}, {"weights": None, "count": 0}])
def test_fewer_than_two_control_points_are_unusable(fields: dict[str, Any]) -> None:
    """Field guide 4, case 30."""
    found = run(**fields)
    assert found.technique is T.UNKNOWN
    assert found.unusable == "it has fewer than two control points"
    assert found.mlc is None
    electron = run(radiation="ELECTRON", **fields)
    assert electron.unusable is not None
    assert run(delivery_type="SETUP", **fields).unusable is None


def test_weights_that_are_merely_off_are_remarked() -> None:
    found = run(weights=[0.0, 0.9])
    assert found.technique is T.STATIC_OPEN
    assert "do not end at the final one" in found.reason


@pytest.mark.parametrize(
    ("fields", "modulated"),
    [
        ({"leaves": [WIDE, Missing.EMPTY]}, UNKNOWN),
        ({"more_devices": [("MLCX", None, f.boundaries())]}, UNKNOWN),
        ({"jaws_x": None, "jaws_y": None, "enhanced_encoding": True}, UNKNOWN),
        ({"jaws_x": [Missing.EMPTY]}, UNKNOWN),
        ({"gantry": None}, UNKNOWN),
        ({"gantry": [0.0, Missing.INVALID]}, UNKNOWN),
        # a turning gantry is never two-dimensional, whatever the leaves do
        (arc(10, 0, 10, []) | {"more_devices": [("MLCX", None, f.boundaries())]}, MET),
    ],
)
def test_unknown_positions(fields: dict[str, Any], modulated: Truth) -> None:
    found = run(**fields)
    assert found.technique is T.UNKNOWN
    assert found.intensity_modulated is modulated
    assert found.unusable is None
    if "gantry" not in fields and fields.get("jaws_x") != [Missing.EMPTY]:
        assert found.mlc is None


def test_mlc_facts() -> None:
    assert run().mlc == MlcFact(present=False, modulated=False, apertures=0)
    assert run(leaves=WIDE).mlc == MlcFact(present=True, modulated=False, apertures=1)
    assert run(**segments(WIDE, HALF, SLIT)).mlc == MlcFact(present=True, modulated=True, apertures=3)
    assert run(leaves=WIDE, weights=None, count=2).mlc == MlcFact(present=True, modulated=False, apertures=1)
    assert run(leaves=[WIDE, HALF], weights=None, count=2).mlc is None


# ---------------------------------------------------------------------------------------------------- coded technique


@pytest.mark.parametrize(
    ("value", "fields", "technique", "contradicts"),
    [
        ("130102", {}, T.STATIC_OPEN, False),
        ("130102", {"leaves": WIDE}, T.STATIC_SHAPED, False),
        ("130102", segments(WIDE, NESTED, shares=[0.8, 0.2]), T.FIELD_IN_FIELD, False),
        ("130102", segments(WIDE, HALF), T.FIELD_IN_FIELD, False),
        ("130102", arc(36, 10, 10, [WIDE, HALF]), T.STATIC_SHAPED, True),
        ("130103", arc(36, 10, 10, [WIDE]), T.STATIC_ARC, False),
        ("130103", arc(178, 181, 2, [WIDE, HALF], uneven(178)), T.VMAT, False),
        ("130104", arc(178, 181, 2, [WIDE, HALF], uneven(178)), T.CONFORMAL_ARC, False),
        ("130105", segments(WIDE, NESTED, shares=[0.8, 0.2]), T.STEP_AND_SHOOT, False),
        ("130105", {}, T.STEP_AND_SHOOT, True),
        ("130106", {"leaves": [WIDE, HALF, SLIT], "weights": [0, 0.5, 1]}, T.SLIDING_WINDOW, False),
        ("130107", arc(36, 10, 10, [WIDE, HALF]), T.VMAT, False),
        ("130107", {}, T.VMAT, True),
        ("130108", tomo(), T.HELICAL, False),
        ("130109", tomo(gantry=90.0, direction=None), T.SLIDING_WINDOW, False),
        # leaves not known: the code is what is left
        ("130107", arc(36, 10, 10, []) | {"more_devices": [("MLCX", None, f.boundaries())]}, T.VMAT, False),
        ("130102", {"leaves": [WIDE, Missing.EMPTY]}, T.UNKNOWN, False),
    ],
)
def test_coded_technique(value: str, fields: dict[str, Any], technique: Technique, contradicts: bool) -> None:
    found = run(technique_codes=(f.code(value, "meaning"),), **fields)
    assert found.technique is technique
    assert found.reason.startswith("coded as ")
    assert ("contradict" in found.reason) is contradicts
    first = found.evidence[0]
    assert first.where == "BeamSequence[0].RTTreatmentTechniqueCodeSequence[0].CodeValue (0008,0100)"
    assert first.kind is EvidenceKind.CODED


def test_a_contradicted_code_does_not_hide_modulation() -> None:
    found = run(technique_codes=(f.code("130102"),), **arc(36, 10, 10, [WIDE, HALF]))
    assert found.intensity_modulated is MET


def test_a_robot_stays_a_robot_whatever_its_nodes_are_coded_as() -> None:
    found = run(technique_codes=(f.code("130105"),), machine_name="CYBERKNIFE")
    assert (found.technique, found.intensity_modulated) == (T.ROBOTIC, MET)
    static = run(technique_codes=(f.code("130102"),), machine_name="CYBERKNIFE")
    assert (static.technique, static.intensity_modulated) == (T.ROBOTIC, UNKNOWN)


def test_codes_of_other_schemes_say_nothing() -> None:
    assert run(technique_codes=(f.code("130107", scheme="99SITE"),)).technique is T.STATIC_OPEN
    assert run(technique_codes=(f.code("999"), f.code("130103"))).technique is T.STATIC_ARC
    # Imaging and electron beams are what they are.
    assert run(technique_codes=(f.code("130107"),), delivery_type="SETUP").technique is T.SETUP
    assert run(technique_codes=(f.code("130102"),), radiation="ELECTRON").technique is T.ELECTRON


# ----------------------------------------------------------------------------------------------------- damaged beams

_NUMBERS = st.one_of(
    st.floats(-400, 400), st.none(), st.sampled_from([Missing.EMPTY, Missing.INVALID, 0.0, 5.0, 180.0])
)
_LEAVES = st.sampled_from([WIDE, HALF, OPEN, SLIT, None, Missing.EMPTY, np.full(80, np.nan), np.zeros(80)])
_JAWS = st.sampled_from([(-50, 50), (0, 50), (50, -50), (0, 0), None, Missing.EMPTY, (np.nan, 50)])


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(0, 6))
    column = st.lists(_NUMBERS, min_size=n, max_size=n)
    weights = st.one_of(st.none(), column, st.just([i / max(n - 1, 1) for i in range(n)]))
    fields: dict[str, Any] = {
        "count": n,
        "weights": draw(weights),
        "final": draw(st.sampled_from([1.0, 0.0, -1.0, 100.0, Missing.ABSENT])),
        "gantry": draw(st.one_of(st.none(), column)),
        "direction": draw(st.one_of(st.none(), st.lists(st.sampled_from(["CW", "CC", "NONE", "?", None]), max_size=n))),
        "energy": draw(st.one_of(st.none(), column)),
        "jaws_x": draw(st.one_of(st.none(), st.lists(_JAWS, min_size=1, max_size=max(n, 1)))),
        "jaws_y": draw(st.one_of(st.none(), st.lists(_JAWS, min_size=1, max_size=max(n, 1)))),
        "wedge_positions": draw(st.sampled_from([None, {1: ["IN", "OUT"]}, {2: ["?"]}, {Missing.ABSENT: ["IN"]}])),
        "wedges": draw(st.sampled_from([(), (f.wedge(),), (f.wedge(kind=None, angle=Missing.EMPTY),)])),
        "number_of_wedges": draw(st.sampled_from([0, 1, -1, Missing.ABSENT])),
        "radiation": draw(st.sampled_from(["PHOTON", "ELECTRON", "", None, "PROTON"])),
        "technique_codes": draw(st.sampled_from([(), (f.code("130102"),), (f.code("130107"),), (f.code("130108"),)])),
        "machine_name": draw(st.sampled_from([None, "LINAC", "CyberKnife"])),
    }
    leaves = draw(st.lists(_LEAVES, min_size=1, max_size=max(n, 1)))
    if any(isinstance(entry, np.ndarray) for entry in leaves):
        fields |= {"leaves": leaves, "mlc": draw(st.sampled_from(["MLCX", "MLCY", "MLCX1", "OTHER"]))}
    return fields


@pytest.mark.filterwarnings("error")
@settings(max_examples=150, deadline=None)
@given(damaged())
def test_damaged_beams_never_raise_and_contradict_nothing(fields: dict[str, Any]) -> None:
    planned = f.planned(**fields)
    found = judge(planned)
    shaping_of(planned, shipped())
    wedges_of(planned)
    assert (found.unusable is not None) is (planned.beam.control_points.count < 2 and planned.role is Role.TREATMENT)
    if planned.delivery.delivering is None and not planned.beam.technique_codes:
        assert found.technique in (T.UNKNOWN, T.ELECTRON, T.ROBOTIC)
        assert found.arc_deg is None
    if found.mlc is not None and not found.mlc.present:
        assert (found.mlc.modulated, found.mlc.apertures) == (False, 0)
    if found.technique is T.UNKNOWN:
        assert found.intensity_modulated is not NOT


# --------------------------------------------------------------------------------------------------------- real plans

#: What a plain walk over the public attributes guesses, and the techniques that may stand for it.
_GUESSES = {
    "STATIC_noMLC": {T.STATIC_OPEN, T.STATIC_SHAPED},
    "STATIC_MLC": {T.STATIC_OPEN, T.STATIC_SHAPED},
    "SMLC/FiF(<=5seg)": {T.FIELD_IN_FIELD, T.STEP_AND_SHOOT},
    "SMLC/FiF(>5seg)": {T.STEP_AND_SHOOT},
    "DMLC(sliding)": {T.SLIDING_WINDOW},
    "ARC+MLCstatic": {T.STATIC_ARC},
    "ARC+MLCmove": {T.VMAT, T.CONFORMAL_ARC},
    "TOMO": {T.HELICAL},
    "ELECTRON": {T.ELECTRON},
}


def test_real_plans_agree_with_the_catalog(real_plans_dir: Path) -> None:
    catalog = real_plans_dir.parent / "CATALOG.csv"
    if not catalog.is_file():
        pytest.skip("the catalog of the real plans is not here")
    compared = 0
    for row in csv.DictReader(catalog.open(encoding="utf-8")):
        guesses = dict(re.findall(r"([^|]+?)x(\d+)(?:\||$)", row["technique_guess"]))
        if not guesses or not guesses.keys() <= _GUESSES.keys():
            continue
        try:
            plan = read_plan(real_plans_dir.parent / row["file"])
        except RtcodeError:
            continue
        beams = planned_beams(plan, sessions_of(plan))
        found = [judge(b).technique for b in beams if b.role is Role.TREATMENT]
        for guess, count in guesses.items():
            # Several guesses may stand for one technique: together they have to be enough.
            wanted = sum(int(c) for g, c in guesses.items() if _GUESSES[g] & _GUESSES[guess])
            assert sum(t in _GUESSES[guess] for t in found) >= int(count), row["file"]
            assert sum(t in _GUESSES[guess] for t in found) <= wanted, row["file"]
        assert len(found) == sum(map(int, guesses.values())), row["file"]
        compared += 1
    assert compared > 80
