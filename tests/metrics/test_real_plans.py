"""All metrics of public plans; skipped where the plans are not at hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import shapely

from rtcode.dicom.reader import read_plan
from rtcode.errors import RtcodeError
from rtcode.metrics import beam_metrics, beams_without, plan_metrics
from rtcode.metrics.apertures import BeamApertures, apertures_of
from rtcode.metrics.machines import Machines
from rtcode.plan.sessions import PlannedBeam, planned_beams, sessions_of
from tests.metrics.shapes import outlines, polygon

#: profiles and names whose values lie in 0 to 1
SHARES = ("lsv", "aav", "mcs", "mcsv", "ltmcs", "bm", "sas_2mm", "sas_5mm", "sas_10mm", "sas_20mm")


def plans(folder: Path) -> list[tuple[str, tuple[PlannedBeam, ...]]]:
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            plan = read_plan(path)
        except RtcodeError:
            continue
        found.append((path.name, planned_beams(plan, sessions_of(plan))))
    return found


@pytest.fixture(scope="module")
def public(real_plans_dir: Path) -> list[tuple[str, tuple[PlannedBeam, ...]]]:
    found = plans(real_plans_dir)
    assert len(found) > 50
    return found


def test_values_are_finite_and_in_range(public: list[tuple[str, tuple[PlannedBeam, ...]]]) -> None:
    beams = 0
    for name, planned in public:
        metrics = [beam_metrics(one, Machines().limits_of(one.beam)) for one in planned]
        for one in metrics:
            if one is None:
                continue
            beams += 1
            for profile, group in one.values.items():
                for metric, value in group.items():
                    if value is None:
                        continue
                    where = (name, profile, metric, value)
                    assert math.isfinite(value), where
                    assert value >= 0.0, where
                    if metric in SHARES:
                        assert value <= 1.0 + 1e-12, where
            irregularity = one.values["du2014"]["bi"]
            assert (irregularity is None) == (one.unknown is not None)
            assert irregularity is None or irregularity >= 1.0, (name, irregularity)
        whole = plan_metrics(metrics)
        for profile, group in whole.values.items():
            for metric in group:
                for place in beams_without(whole, profile, metric):
                    assert metrics[place] is not None
    assert beams > 200


def test_areas_and_unions_against_polygons(public: list[tuple[str, tuple[PlannedBeam, ...]]]) -> None:
    """One beam of every third plan, where the judge can read its jaws and leaves."""
    compared = 0
    for name, planned in public[::3]:
        for one in planned:
            found = apertures_of(one)
            types = [device.type for device in one.beam.control_points.devices]
            declared = all(d.declared is not None for d in one.beam.control_points.devices if d.pairs > 1)
            # What vendors call jaws beside two layers are none, which the judge does not know.
            if not isinstance(found, BeamApertures) or "MLCX1" in types or not declared or len(found.first) > 100:
                continue
            shapes = [polygon(one.beam, int(i)) for i in found.control_points]
            assert found.points.area_mm2 == pytest.approx([shape.area for shape in shapes], abs=1e-3), name
            assert found.points.perimeter_mm == pytest.approx([shape.length for shape in shapes], abs=1e-3), name
            union = shapely.unary_union([shape for shape, _ in outlines(one.beam)]).area
            assert found.points.union_area_mm2 == pytest.approx(union, rel=1e-6), name
            compared += 1
            break
    assert compared > 15
