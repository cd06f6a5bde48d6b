"""The synthetic arc of docs/metrics.md, and the numbers that other conventions give for it.

180 degrees in 90 segments under jaws of 120 mm by 120 mm: an ellipse of 100 mm by 80 mm whose leaf ends go in and out
by up to 12 mm in waves that run along it; pairs of 5 mm, those beyond the ellipse closed on the axis, meterset uneven.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rtcode.metrics.apertures import BeamApertures, apertures_of
from rtcode.metrics.profiles import aperture_values
from rtcode.plan.model import Beam
from tests import factory as f

PAIRS = 40


def ends_at(turn: float) -> np.ndarray:
    """Leaf ends when a share ``turn`` of the arc is behind, 0 to 1."""
    centers = f.boundaries(PAIRS)[:-1] + 2.5
    half = 50.0 * np.sqrt(np.clip(1.0 - (centers / 40.0) ** 2, 0.0, None))
    waves = 12.0 * np.sin(2 * math.pi * (3 * turn + centers / 35.0))
    others = 12.0 * np.sin(2 * math.pi * (2 * turn - centers / 22.0))
    is_open = half > 12.0
    return np.concatenate([np.where(is_open, waves - half, 0.0), np.where(is_open, half + others, 0.0)])


def parked_apart(ends: np.ndarray, gap: float = 1.0) -> np.ndarray:
    """The ends with closed pairs a little open, as machines leave those that must not touch."""
    low, high = ends.reshape(2, PAIRS)
    return np.concatenate([np.where(low == high, low - gap / 2, low), np.where(low == high, high + gap / 2, high)])


def arc(segments: int = 90, *, there_and_back: bool = False, **more: Any) -> Beam:
    """The arc; ``there_and_back`` writes it twice in one beam, as Monaco does."""
    turns = np.linspace(0.0, 1.0, segments + 1)
    cumulative = turns + 0.1 * np.sin(2 * math.pi * turns) / (2 * math.pi)
    directions = ["CW"] * segments
    if there_and_back:
        turns, cumulative = np.concatenate([turns, turns[-2::-1]]), np.concatenate([cumulative, 2 - cumulative[-2::-1]])
        directions += ["CC"] * segments
    fields: dict[str, Any] = {
        "leaves": [ends_at(turn) for turn in turns],
        "weights": (cumulative / cumulative[-1]).tolist(),
        "gantry": (180.0 * turns).tolist(),
        "direction": [*directions, "NONE"],
        "jaws_x": (-60.0, 60.0),
        "jaws_y": (-60.0, 60.0),
    }
    return f.beam(**{**fields, **more})


def sliding_slit() -> Beam:
    """Ten apertures of equal meterset beside one another, 10 mm each; the outermost pairs are closed."""
    entries = []
    for place in range(10):
        ends = np.zeros((2, PAIRS))
        ends[:, 10:30] = [[10.0 * place - 50.0], [10.0 * place - 40.0]]
        entries += [ends.ravel()] * 2
    weights = [w / 10 for place in range(10) for w in (place, place + 1)]
    return f.beam(leaves=entries, weights=weights, jaws_x=(-60.0, 60.0), jaws_y=(-60.0, 60.0))


def values(beam: Beam) -> dict[str, dict[str, float | None]]:
    return aperture_values(apertures_of(f.session(beam).beams[0]))


def known(beam: Beam) -> BeamApertures:
    found = apertures_of(f.session(beam).beams[0])
    assert isinstance(found, BeamApertures)
    return found


def numbers() -> dict[str, float]:
    """By the row of the page's table that they stand in."""
    beam = arc()
    found, apertures = values(beam), known(beam)
    points = apertures.points
    strips = points.strips
    assert strips is not None
    area, weights, is_open = points.area_mm2, points.weights, strips.is_open
    largest = (strips.opening_mm * strips.width_mm).max(axis=0).sum()
    middle = np.flatnonzero(is_open.any(axis=0))
    signed = np.ones(len(area))
    for ends in (strips.left[:, middle], strips.right[:, middle]):
        extent, n = np.ptp(ends, axis=1), len(middle)
        signed *= ((n - 1) * extent + np.diff(ends, axis=1).sum(axis=1)) / (n * extent)
    again = values(arc(there_and_back=True))
    coarse, fine = values(arc(45)), values(arc(180))
    gaps = np.where(is_open, strips.opening_mm, np.inf)

    def of(group: dict[str, dict[str, float | None]], profile: str, name: str) -> float:
        value = group[profile][name]
        assert value is not None
        return value

    slit, sweep = values(sliding_slit()), known(sliding_slit()).points
    openings = sweep.strips
    assert openings is not None
    apart = values(arc(leaves=[parked_apart(ends_at(turn)) for turn in np.linspace(0, 1, 91)]))
    split = arc(leaves=[np.repeat(e.reshape(2, PAIRS), 2, axis=1).ravel() for e in map(ends_at, np.linspace(0, 1, 91))],
                leaf_mm=2.5)  # fmt: skip
    doubled = known(arc(there_and_back=True))
    travel = doubled.points.strips
    assert travel is not None
    moved = np.concatenate([np.abs(np.diff(e, axis=0)).sum(axis=0) for e in (travel.low, travel.high)])
    return {
        "LSV, N - 1 (`mcniven2010`)": of(found, "mcniven2010", "lsv"),
        "LSV, N (`mcniven2010_n`)": of(found, "mcniven2010_n", "lsv"),
        "LSV, closed pairs count (`mcniven2010_all`)": of(found, "mcniven2010_all", "lsv"),
        "LSV, middle of control arcs (`mcniven2010_arcs`)": of(found, "mcniven2010_arcs", "lsv"),
        "LSV, largest step for the range (`rtplan_complexity`)": of(found, "rtplan_complexity", "lsv"),
        "LSV, steps with their sign, N": float(np.dot(signed, weights)),
        "AAV, envelope of the ends (`mcniven2010`)": of(found, "mcniven2010", "aav"),
        "AAV, middle of control arcs (`mcniven2010_arcs`)": of(found, "mcniven2010_arcs", "aav"),
        "AAV, sum of largest openings (`rtplan_complexity`)": of(found, "rtplan_complexity", "aav"),
        "AAV, largest single aperture": float(np.dot(area, weights) / area.max()),
        "MCS (`mcniven2010`)": of(found, "mcniven2010", "mcs"),
        "MCS, N (`mcniven2010_n`)": of(found, "mcniven2010_n", "mcs"),
        "MCS, middle of control arcs (`mcniven2010_arcs`)": of(found, "mcniven2010_arcs", "mcs"),
        "MCS of `rtplan_complexity`": of(found, "rtplan_complexity", "mcs"),
        "mean LSV times mean AAV": of(found, "mcniven2010", "lsv") * of(found, "mcniven2010", "aav"),
        "MCSv, 45 segments (`masi2013`)": of(coarse, "masi2013", "mcsv"),
        "MCSv, 90 segments": of(found, "masi2013", "mcsv"),
        "MCSv, 180 segments": of(fine, "masi2013", "mcsv"),
        "MCS, middle of arcs, 45 segments": of(coarse, "mcniven2010_arcs", "mcs"),
        "MCS, middle of arcs, 180 segments": of(fine, "mcniven2010_arcs", "mcs"),
        "LT, 45 segments (`masi2013`)": of(coarse, "masi2013", "lt_mm"),
        "LT, 90 segments": of(found, "masi2013", "lt_mm"),
        "LT, 180 segments": of(fine, "masi2013", "lt_mm"),
        "LT, there and back in one beam, by arc": of(again, "masi2013", "lt_mm"),
        "LT, there and back taken as one arc": float(moved[moved > 0].mean()),
        "EM, leaf sides (`em_per_mm`)": of(found, "younge2012", "em_per_mm"),
        "EM, all edges (`em_all_edges_per_mm`)": of(found, "younge2012", "em_all_edges_per_mm"),
        "EM, half perimeter (`em_half_perimeter_per_mm`)": of(found, "younge2012", "em_half_perimeter_per_mm"),
        "BI, full perimeter (`du2014`)": of(found, "du2014", "bi"),
        "BI, leaf sides for the perimeter": float(
            np.dot(
                (points.side_edges_mm if points.side_edges_mm is not None else area) ** 2 / (4 * math.pi * area),
                weights,
            )
        ),
        "BM, union (`du2014`)": of(found, "du2014", "bm"),
        "BM, sum of largest openings": 1 - float(np.dot(area, weights) / largest),
        "BM, largest single aperture": 1 - float(np.dot(area, weights) / area.max()),
        "SAS 20 mm, share of pairs (`crowe2014`)": of(found, "crowe2014", "sas_20mm"),
        "SAS 20 mm, share of apertures that hold any": float(np.mean((gaps < 20).any(axis=1))),
        "BM of a sliding slit, union (`du2014`)": of(slit, "du2014", "bm"),
        "BM of a sliding slit, sum of largest openings": 1
        - float(np.dot(sweep.area_mm2, sweep.weights) / (openings.opening_mm * openings.width_mm).max(axis=0).sum()),
        "AAV of a sliding slit, envelope (`mcniven2010`)": of(slit, "mcniven2010", "aav"),
        "AAV of a sliding slit, sum of largest openings (`rtplan_complexity`)": of(slit, "rtplan_complexity", "aav"),
        "LSV, closed pairs parked 1 mm apart (`mcniven2010`)": of(apart, "mcniven2010", "lsv"),
        "SAS 20 mm, closed pairs parked 1 mm apart (`crowe2014`)": of(apart, "crowe2014", "sas_20mm"),
        "BI, closed pairs parked 1 mm apart (`du2014`)": of(apart, "du2014", "bi"),
        "LSV, every pair written as two strips (as two layers are)": of(values(split), "mcniven2010", "lsv"),
    }


def row(what: str, value: float) -> str:
    """A row of the page's table."""
    value = 0.0 if abs(value) < 1e-12 else value  # no -0.000
    shown = (
        f"{value:.1f} mm" if what.startswith("LT") else f"{value:.4f} /mm" if what.startswith("EM") else f"{value:.3f}"
    )
    return f"| {what} | {shown} |"
