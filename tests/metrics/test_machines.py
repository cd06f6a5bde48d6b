"""Which limits hold for which beam, and that no real plan is outside those that are assumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtcode.dicom.reader import read_plan
from rtcode.errors import RtcodeError
from rtcode.metrics.machine_defaults import KINDS
from rtcode.metrics.machines import MachineEntry, MachineLimits, Machines
from rtcode.plan.collimation import has_leaves
from rtcode.plan.model import Beam, Missing, RTPlan
from rtcode.plan.sessions import planned_beams, sessions_of
from tests import factory as f

MILLENNIUM = np.concatenate([np.arange(-200, -100, 10), np.arange(-100, 100, 5), np.arange(100, 201, 10)])
HD120 = np.concatenate([np.arange(-110, -40, 5), np.arange(-40, 40, 2.5), np.arange(40, 111, 5)])
AGILITY = np.arange(-200, 201, 5)


def beam(edges: Any = None, **fields: Any) -> Beam:
    more = [] if edges is None else [("MLCX", None, np.asarray(edges, dtype=float))]
    fields.setdefault("more_devices", more)
    return f.beam(**fields)


@pytest.mark.parametrize(
    ("fields", "kind", "because"),
    [
        ({"manufacturer": "Varian Medical Systems", "model": "TDS", "edges": MILLENNIUM}, "varian_truebeam", "model"),
        ({"manufacturer": "Varian Medical Systems", "model": "TDS", "edges": HD120}, "varian_truebeam", "model"),
        ({"manufacturer": "Varian Medical Systems", "model": "2300IX", "edges": HD120}, "varian_c_series", "model"),
        ({"manufacturer": "Varian Medical Systems", "model": "2100C/D"}, "varian_c_series", "model"),
        ({"manufacturer": "Varian Medical Systems", "model": "RDS"}, "varian_ring", "model"),
        ({"machine_name": "Halcyon_2"}, "varian_ring", "machine name"),
        ({"manufacturer": "Varian", "edges": MILLENNIUM}, "varian_truebeam", "Varian's widths"),
        ({"edges": AGILITY}, "elekta_agility", "80 leaf pairs"),
        # Siemens built a collimator with leaves like Agility's.
        ({"edges": AGILITY, "manufacturer": "SIEMENS"}, "c_arm", "distance"),
        ({"edges": np.arange(-200, 201, 10), "manufacturer": "Elekta"}, "elekta_mlci", "40 leaf pairs"),
        # Millennium 80 has the same leaves.
        ({"edges": np.arange(-200, 201, 10)}, "c_arm", "distance"),
        ({"edges": np.arange(-80, 81, 4), "manufacturer": "Elekta"}, "elekta_beam_modulator", "40 leaf pairs"),
        # An add-on collimator on a Clinac: not the limits that are known for it.
        (
            {"edges": np.linspace(-51, 51, 27), "manufacturer": "Varian", "model": "600CD", "machine_name": "600CD+m3"},
            "c_arm",
            "distance",
        ),
        ({"manufacturer": "ViewRay, Inc.", "source_axis_distance_mm": 900.0}, "viewray_mridian", "manufacturer"),
        ({"source_axis_distance_mm": 1435.0}, "elekta_unity", "distance"),
        ({"source_axis_distance_mm": 850.0}, "tomotherapy", "distance"),
        ({"private_creators": ("TOMO_HA_01",)}, "tomotherapy", "private"),
        ({"machine_name": "TomoTherapy 1"}, "tomotherapy", "machine name"),
        ({"source_axis_distance_mm": 800.0}, "cyberknife", "distance"),
        ({}, "c_arm", "distance"),
        ({"source_axis_distance_mm": 700.0}, "unknown", "no known machine"),
        ({"source_axis_distance_mm": Missing.ABSENT}, "unknown", "nothing"),
        # A short name inside another word says nothing.
        ({"manufacturer": "WORDS", "model": "OUTDS"}, "c_arm", "distance"),
    ],
)
def test_default_by_what_the_beam_shows(fields: dict[str, Any], kind: str, because: str) -> None:
    limits = Machines().limits_of(beam(**fields))
    assert limits.kind == kind
    assert because in limits.source
    assert limits.source.startswith("assumed default")
    assert limits.assumed


def test_layers_tell_the_ring_and_the_mr_linac() -> None:
    ring = beam(
        more_devices=[("MLCX1", None, np.linspace(-140, 140, 29)), ("MLCX2", None, np.linspace(-145, 145, 30))],
        jaws_x=None,
        jaws_y=None,
    )
    assert Machines().limits_of(ring).kind == "varian_ring"
    mridian = beam(
        more_devices=[("MLCX", None, np.linspace(-141, 141, 35)), ("MLCX", None, np.linspace(-145, 145, 36))]
    )
    assert Machines().limits_of(mridian).kind == "viewray_mridian"


@pytest.mark.parametrize(
    ("model", "energy", "mode", "rate"),
    [
        ("TDS", 6.0, "STANDARD", 600.0),
        ("TDS", 6.0, None, 600.0),
        ("TDS", 6.0, "NON_STANDARD", 1400.0),
        ("TDS", 10.0, "NON_STANDARD", 2400.0),
        # nothing is known of an unflattened beam of another energy
        ("TDS", 15.0, "NON_STANDARD", None),
        ("TDS", Missing.EMPTY, "NON_STANDARD", None),
        ("2300IX", 6.0, "NON_STANDARD", None),
        ("RDS", 6.0, None, 800.0),
    ],
)
def test_dose_rate_follows_energy_and_filter(model: str, energy: Any, mode: str | None, rate: float | None) -> None:
    modes = () if mode is None else ((mode, "FFF"),)
    made = beam(manufacturer="Varian Medical Systems", model=model, energy=[energy], fluence_modes=modes)
    assert Machines().limits_of(made).dose_rate_mu_min == rate


def test_site_entry_by_exact_name_completes_from_the_default() -> None:
    machines = Machines({" Linac 1 ": MachineEntry(gantry_speed_deg_s=5.5, jaw_travel_x_mm=(-200.0, 200.0))})
    named = machines.limits_of(beam(machine_name="LINAC 1", model="TDS", manufacturer="Varian"))
    assert named.gantry_speed_deg_s == 5.5
    assert named.leaf_speed_mm_s == 25.0
    assert named.jaw_travel_x_mm == (-200.0, 200.0) and named.jaw_travel_y_mm == (-205.0, 205.0)
    assert named.source.startswith("policy; dose_rate_mu_min, leaf_speed_mm_s, jaw_speed_mm_s from the assumed default")
    assert named.assumed
    for other in ("LINAC 10", "LINAC", "", None):
        assert not machines.limits_of(beam(machine_name=other)).source.startswith("policy")


def test_site_entry_that_says_all_speeds_assumes_nothing() -> None:
    entry = MachineEntry(
        gantry_speed_deg_s=6.0,
        dose_rate_mu_min=600.0,
        leaf_speed_mm_s=25.0,
        jaw_speed_mm_s=20.0,
        gantry_range_deg=(-180.0, 180.0),
        leaf_travel_mm=(-200.0, 200.0),
        leaf_overtravel_mm=150.0,
        jaw_overtravel_y_mm=90.0,
    )
    limits = Machines({"LINAC": entry}).limits_of(beam(model="TDS", manufacturer="Varian"))
    assert (limits.source, limits.assumed) == ("policy", False)
    assert limits.gantry_range_deg == (-180.0, 180.0)
    assert limits.leaf_travel_mm == (-200.0, 200.0)
    assert (limits.jaw_overtravel_x_mm, limits.jaw_overtravel_y_mm) == (20.0, 90.0)


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (MachineEntry(gantry_speed_deg_s=0.0), "gantry_speed_deg_s"),
        (MachineEntry(leaf_speed_mm_s=-1.0), "leaf_speed_mm_s"),
        (MachineEntry(dose_rate_mu_min=float("nan")), "dose_rate_mu_min"),
        (MachineEntry(leaf_travel_mm=(1.0,)), "leaf_travel_mm"),
        (MachineEntry(gantry_range_deg=(180.0, -180.0)), "gantry_range_deg"),
        (MachineEntry(jaw_travel_x_mm=(-200.0, float("inf"))), "jaw_travel_x_mm"),
    ],
)
def test_entry_says_what_is_wrong_with_it(entry: MachineEntry, key: str) -> None:
    assert (entry.problem() or "").startswith(f"{key}: ")


def test_good_entries_have_no_problem() -> None:
    assert MachineEntry().problem() is None
    assert MachineEntry(jaw_overtravel_x_mm=0.0, gantry_range_deg=(-185.0, 185.0)).problem() is None


def test_kinds_have_names_of_their_own() -> None:
    assert len({kind.id for kind in KINDS}) == len(KINDS)


def test_no_real_plan_is_outside_the_limits_that_are_assumed(real_plans_dir: Path) -> None:
    """Plans that machines have delivered: one outside would show a wrong limit."""
    seen = 0
    for path in sorted(real_plans_dir.rglob("*.dcm")):
        try:
            plan = read_plan(path)
        except RtcodeError:
            continue
        seen += 1
        assert list(_outside(plan)) == [], path.name
    if not seen:
        pytest.skip("no plan could be read")


def _outside(plan: RTPlan) -> Any:
    for planned in planned_beams(plan, sessions_of(plan)):
        limits = Machines().limits_of(planned.beam)
        for device in filter(has_leaves, planned.beam.control_points.devices):
            rows, pairs = device.rows, device.pairs
            if limits.leaf_travel_mm is not None and (
                rows.min() < limits.leaf_travel_mm[0] or rows.max() > limits.leaf_travel_mm[1]
            ):
                yield "leaf travel"
            spans = [np.ptp(bank, axis=1).max() for bank in (rows[:, :pairs], rows[:, pairs:])]
            if limits.leaf_span_mm is not None and max(spans) > limits.leaf_span_mm:
                yield "leaf span"
            over = max(rows[:, :pairs].max(), -rows[:, pairs:].min())
            if limits.leaf_overtravel_mm is not None and over > limits.leaf_overtravel_mm:
                yield "leaf overtravel"
        yield from _jaws_outside(planned.delivery.collimation.jaws_x, "x", limits)
        yield from _jaws_outside(planned.delivery.collimation.jaws_y, "y", limits)
        gantry, points = planned.delivery.gantry, planned.beam.control_points
        if gantry is None or points.gantry_deg is None or limits.gantry_range_deg is None:
            continue
        path = points.gantry_deg.values[0] + np.concatenate([[0.0], np.cumsum(gantry.steps_deg)])
        low, high = limits.gantry_range_deg
        if not any(low <= (path + turn).min() and (path + turn).max() <= high for turn in (-360, 0, 360)):
            yield "gantry range"


def _jaws_outside(jaws: Any, axis: str, limits: MachineLimits) -> Any:
    if jaws is None:
        return
    travel, beyond = getattr(limits, f"jaw_travel_{axis}_mm"), getattr(limits, f"jaw_overtravel_{axis}_mm")
    if travel is not None and (jaws.min() < travel[0] or jaws.max() > travel[1]):
        yield "jaw travel"
    if beyond is not None and (jaws[:, 0].max() > beyond or jaws[:, 1].min() < -beyond):
        yield "jaw overtravel"
