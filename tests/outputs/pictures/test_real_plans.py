"""Every picture of real plans of different systems: well-formed, small, and as open as the analysis says."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtcode.coding.codeset import choose
from rtcode.dicom import read_plan
from rtcode.features import describe
from rtcode.metrics.machines import Machines
from rtcode.outputs.pictures import (
    arc_strip,
    beams_eye_view,
    chosen_control_points,
    isocenter_marks,
    isocenter_views,
    map_and_notes,
)
from rtcode.outputs.pictures.meterset import meterset_grid
from rtcode.outputs.pictures.outlines import why_not_drawn
from rtcode.plan.sessions import sessions_of
from tests.outputs.pictures.reading import read

#: sliding window, electrons, Halcyon, VMAT of several systems, MRIdian, Tomo, wedge, MLCY, several isocenters
FILES = ("001", "005", "006", "008", "010", "011", "012", "013", "018", "037", "083", "089", "102", "107", "117", "116")


@pytest.mark.parametrize("number", FILES)
def test_pictures_of_a_real_plan(number: str, real_plans_dir: Path) -> None:
    (path,) = real_plans_dir.glob(f"{number}_*")
    settings, machines = choose().settings, Machines()
    for session in sessions_of(read_plan(path)):
        facts = tuple(describe(planned, settings) for planned in session.beams)
        marks = isocenter_marks(session, facts, settings)
        if marks is not None:
            views = isocenter_views(session, marks, settings.same_isocenter_mm)
            assert len(views.encode()) < 40_000
            read(views)
        for planned in session.treatment_beams[:3]:
            chosen = chosen_control_points(planned)
            assert chosen and len(chosen) <= 6 and list(chosen) == sorted(set(chosen))
            for index in chosen[:2]:
                svg = beams_eye_view(planned, index)
                assert len(svg.encode()) < 25_000
                picture = read(svg)
                plain = not planned.beam.blocks and not planned.beam.applicators
                if plain and why_not_drawn(planned, index) is None:
                    area = planned.delivery.collimation.shape(index).area_mm2
                    assert picture.area("rtp-open").area == pytest.approx(area, rel=2e-3, abs=3.0)
                elif plain:
                    assert not picture.paths("rtp-open")
            drawn = map_and_notes(planned)
            if drawn is not None:
                assert len(drawn[0].encode()) < 60_000
                read(drawn[0])
            found = meterset_grid(planned)
            if found is not None and planned.delivery.shapes and not planned.delivery.leaves_moving.any():
                x, y, grid = found
                total = float((grid * (x[1:] - x[:-1])[None, :] * (y[1:] - y[:-1])[:, None]).sum())
                areas = sum(share * (shape.area_mm2 or 0) for shape, share in planned.delivery.shapes)
                assert total == pytest.approx(areas * float(planned.meterset or 0), rel=1e-3)
            strip = arc_strip(planned, machines.limits_of(planned.beam))
            if strip is not None:
                assert len(strip.encode()) < 60_000
                read(strip)
