"""Random beams, and the judges of their apertures: shapely for geometry, plain loops for the papers' formulas.

The judges read leaf and jaw positions as they were written and share nothing with the program. They know no noise:
random positions lie on a grid coarse enough that nothing is smaller than 0.05 mm but 0.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from rtcode.plan.model import Beam, DevicePositions
from tests import factory as f

KINDS = ("plain", "narrow jaws", "moving jaws", "no jaws", "MLCY", "two layers", "twin layers", "crossed")
SEQUENCES = tuple(kind for kind in KINDS if kind not in ("two layers", "twin layers", "crossed"))


def random_beam(rng: np.random.Generator, kind: str, *, control_points: int = 6, pairs: int = 8, **more: Any) -> Beam:
    """A beam whose pairs are open, closed, interdigitated and apart, some segments of which deliver nothing."""
    steps = rng.choice([0.0, 1.0, 2.0, 3.0], control_points - 1, p=[0.25, 0.25, 0.25, 0.25])
    steps[rng.integers(len(steps))] = 1.5
    fields: dict[str, Any] = {
        "weights": np.concatenate([[0.0], np.cumsum(steps)]).tolist(),
        "final": float(steps.sum()),
    }
    fields |= {"jaws_x": (-31.0, 33.0), "jaws_y": (-18.0, 17.5), "leaf_mm": 5.0}
    moved = rng.random() < 0.7
    leaves = random_leaves(rng, control_points, pairs, moved)
    if kind == "narrow jaws":
        fields |= {"jaws_x": (-6.0, 4.5), "jaws_y": (-7.5, 12.25)}
    elif kind == "moving jaws":
        fields["jaws_x"] = [tuple(np.sort(rng.integers(-60, 60, 2) / 2)) for _ in range(control_points)]
        fields["jaws_y"] = [tuple(np.sort(rng.integers(-80, 80, 2) / 4)) for _ in range(control_points)]
    elif kind == "no jaws":
        fields |= {"jaws_x": None, "jaws_y": None}
    elif kind == "MLCY":
        fields["mlc"] = "MLCY"
    if kind in ("two layers", "twin layers"):
        second = random_leaves(rng, control_points, pairs + 1, moved)
        edges = (f.boundaries(pairs + 1, 5.0), f.boundaries(pairs, 5.0))
        names = ("MLCX1", "MLCX2") if kind == "two layers" else ("MLCX", "MLCX")
        fields |= {"more_devices": [(names[0], second, edges[0]), (names[1], leaves, edges[1])]}
        fields |= {"jaws_x": None, "jaws_y": None}
    elif kind == "crossed":
        fields |= {"leaves": leaves, "more_devices": [("MLCY", random_leaves(rng, control_points, pairs, moved),
                                                       f.boundaries(pairs, 5.0))]}  # fmt: skip
    else:
        fields["leaves"] = leaves
    return f.beam(**{**fields, **more})


def random_leaves(rng: np.random.Generator, count: int, pairs: int, moved: bool) -> list[np.ndarray]:
    entries = []
    for index in range(count):
        if index and not moved:
            entries.append(entries[0])
            continue
        ends = np.sort(rng.integers(-400, 400, (2, pairs)) / rng.choice([10, 20]), axis=0)
        closed = rng.random(pairs) < 0.25
        ends[1, closed] = ends[0, closed]
        entries.append(ends.ravel())
    return entries


# ----------------------------------------------------------------------------------------------------------- geometry


def positions(device: DevicePositions, control_point: int) -> np.ndarray:
    return np.sort(device.rows[device.index[control_point]].reshape(2, device.pairs), axis=0)


def polygon(beam: Beam, control_point: int) -> Any:
    """What jaws and leaves leave open."""
    outline: Any = shapely.box(-1000, -1000, 1000, 1000)
    for device in beam.control_points.devices:
        low, high = positions(device, control_point)
        along_x = "X" in device.type
        if device.pairs == 1:
            opening: Any = [(low[0], -1000, high[0], 1000) if along_x else (-1000, low[0], 1000, high[0])]
        else:
            assert device.declared is not None
            edges = beam.devices[device.declared].boundaries_mm
            opening = [
                (a, near, b, far) if along_x else (near, a, far, b)
                for a, b, near, far in zip(low, high, edges[:-1], edges[1:], strict=True)
                if b > a
            ]
        outline = outline.intersection(shapely.unary_union([shapely.box(*one) for one in opening if one[2] > one[0]]))
    # Where two openings only touch, a line is no opening.
    return shapely.unary_union([part for part in shapely.get_parts(outline) if part.geom_type == "Polygon"])


def edges_mm(outline: Any) -> tuple[float, float]:
    """Length of the outline along x and along y."""
    along_x = along_y = 0.0
    for part in shapely.get_parts(outline):
        for ring in (part.exterior, *part.interiors):
            steps = np.abs(np.diff(np.asarray(ring.coords), axis=0))
            along_x, along_y = along_x + steps[:, 0].sum(), along_y + steps[:, 1].sum()
    return float(along_x), float(along_y)


# ----------------------------------------------------------------------------------------------------------- formulas


@dataclass
class Pair:
    """A pair at one control point: ends as planned and inside the jaws, the visible part of its width."""

    planned: tuple[float, float]
    inside: tuple[float, float]
    width: float

    @property
    def is_open(self) -> bool:
        return self.width > 0 and self.inside[1] > self.inside[0]


@dataclass
class Scalar:
    """A beam with one layer of leaves, for loops over control points and pairs."""

    #: by control point, all pairs of the MLC
    pairs: list[list[Pair]]
    #: (first control point, second, meterset)
    segments: list[tuple[int, int, float]]
    weights: dict[int, float] = field(default_factory=dict)


def scalar(beam: Beam) -> Scalar:
    points = beam.control_points
    mlc = next(device for device in points.devices if device.pairs > 1)
    jaws = {("X" if "X" in d.type else "Y"): d for d in points.devices if d.pairs == 1}
    axis = "X" if "X" in mlc.type else "Y"
    assert mlc.declared is not None
    edges = beam.devices[mlc.declared].boundaries_mm
    unlimited = np.array([[-math.inf], [math.inf]])
    rows = []
    for index in range(points.count):
        low, high = positions(mlc, index)
        travel, across = (
            positions(jaws[a], index) if a in jaws else unlimited for a in (axis, "Y" if axis == "X" else "X")
        )
        near, far = np.maximum(edges[:-1], across[0, 0]), np.minimum(edges[1:], across[1, 0])
        rows.append(
            [_pair(float(low[n]), float(high[n]), travel, max(0.0, float(far[n] - near[n]))) for n in range(mlc.pairs)]
        )
    assert points.meterset_weight is not None
    cumulative = points.meterset_weight.values
    total = cumulative[-1] - cumulative[0]
    segments = [
        (i, i + 1, float(cumulative[i + 1] - cumulative[i]) / float(total))
        for i in range(points.count - 1)
        if cumulative[i + 1] > cumulative[i]
    ]
    weights: dict[int, float] = {}
    for first, second, share in segments:
        weights[first] = weights.get(first, 0.0) + share / 2
        weights[second] = weights.get(second, 0.0) + share / 2
    return Scalar(rows, segments, weights)


def _pair(low: float, high: float, travel: np.ndarray, width: float) -> Pair:
    inside = tuple(min(max(end, float(travel[0, 0])), float(travel[1, 0])) for end in (low, high))
    return Pair((low, high), (inside[0], inside[1]), float(width))


def lsv(pairs: list[Pair], divisor: int = 1) -> float | None:
    """LSV of the pairs given; ``divisor`` is subtracted from N."""
    if not pairs:
        return None
    product = 1.0
    for bank in (0, 1):
        ends = [pair.inside[bank] for pair in pairs]
        extent = max(ends) - min(ends)
        if len(ends) > 1 and extent > 1e-6:
            total = sum(extent - abs(a - b) for a, b in itertools.pairwise(ends))
            product *= total / ((len(ends) - divisor) * extent)
    return product


def envelope(rows: list[list[Pair]]) -> float:
    """Sum over pairs of the largest right end less the smallest left end of those that are open."""
    total = 0.0
    for pairs in zip(*rows, strict=True):
        ends = [pair.inside for pair in pairs if pair.is_open]
        if ends:
            total += max(end[1] for end in ends) - min(end[0] for end in ends)
    return total


def aav(pairs: list[Pair], whole: float) -> float:
    return sum(pair.inside[1] - pair.inside[0] for pair in pairs if pair.is_open) / whole


def mean(values: list[tuple[float | None, float]]) -> float | None:
    """Weighted mean of those that are known."""
    there = [(value, weight) for value, weight in values if value is not None]
    total = sum(weight for _, weight in there)
    return sum(value * weight for value, weight in there) / total if total else None


def mcniven(beam: Beam, divisor: int = 1, closed_too: bool = False) -> dict[str, float | None]:
    whole = scalar(beam)
    used = [whole.pairs[i] for i in whole.weights]
    around = envelope(used)
    scores, areas, products = [], [], []
    for i, weight in whole.weights.items():
        pairs = [pair for pair in whole.pairs[i] if (pair.width > 0 if closed_too else pair.is_open)]
        score, area = lsv(pairs, divisor), aav(whole.pairs[i], around)
        scores.append((score, weight))
        areas.append((area, weight))
        products.append(((score or 0.0) * area, weight))
    return {"lsv": mean(scores), "aav": mean(areas), "mcs": mean(products)}


def largest_steps(beam: Beam) -> dict[str, float | None]:
    """What rtplan-complexity prints: middles of control arcs, largest step, sum of largest openings."""
    middle = scalar(at_middles(beam))
    # Two control points of the beam of middles for each segment; the first is enough.
    rows = [middle.pairs[2 * n] for n in range(len(middle.segments))]
    used = [pair for i in scalar(beam).weights for pair in scalar(beam).pairs[i]]
    least = min(pair.planned[1] - pair.planned[0] for pair in used)
    counted = [[p.width > 0 and p.planned[1] - p.planned[0] > max(least, 0.0) for p in row] for row in rows]
    if not any(any(row) for row in counted):
        return {"lsv": None, "aav": None, "mcs": None}
    areas = [
        [(p.planned[1] - p.planned[0]) * p.width if c else 0.0 for p, c in zip(row, c_row, strict=True)]
        for row, c_row in zip(rows, counted, strict=True)
    ]
    whole = sum(max(column) for column in zip(*areas, strict=True))
    total = {"lsv": 0.0, "aav": 0.0, "mcs": 0.0}
    for row, c_row, area, (_, _, share) in zip(rows, counted, areas, middle.segments, strict=True):
        score = 1.0
        for bank in (0, 1):
            ends = [p.planned[bank] for p, c in zip(row, c_row, strict=True) if c]
            steps = [abs(a - b) for a, b in itertools.pairwise(ends)]
            if steps and max(steps) > 0:
                score *= sum(1 - step / max(steps) for step in steps) / len(steps)
        for name, value in (("lsv", score), ("aav", sum(area) / whole), ("mcs", score * sum(area) / whole)):
            total[name] += value * share
    return dict(total)


def at_middles(beam: Beam) -> Beam:
    """Step and shoot through the middles of the delivering segments: every aperture at two control points."""
    points = beam.control_points
    assert points.meterset_weight is not None
    cumulative = points.meterset_weight.values
    starts = np.flatnonzero(np.diff(cumulative) > 0)

    def middles(device: DevicePositions) -> list[np.ndarray]:
        means = [(positions(device, i) + positions(device, i + 1)) / 2 for i in starts.tolist()]
        return [mean.ravel() for mean in means for _ in range(2)]

    devices = []
    for device in points.devices:
        edges = None if device.pairs == 1 or device.declared is None else beam.devices[device.declared].boundaries_mm
        devices.append((device.type, middles(device), edges))
    sums = np.concatenate([[0.0], np.cumsum(np.diff(cumulative)[starts])])
    weights = [w for a, b in itertools.pairwise(sums.tolist()) for w in (a, b)]
    return f.beam(weights=weights, final=weights[-1], jaws_x=None, jaws_y=None, more_devices=devices)


def masi(beam: Beam, arcs: list[list[int]]) -> dict[str, float | None]:
    """By arc: the numbers of its delivering segments."""
    whole = scalar(beam)
    mcsv = lt = ltmcs = 0.0
    for arc in arcs:
        segments = [whole.segments[s] for s in arc]
        bounds = sorted({i for first, second, _ in segments for i in (first, second)})
        around = envelope([whole.pairs[i] for i in bounds])
        score = 0.0
        for first, second, share in segments:
            known = [
                s for s in (lsv([p for p in whole.pairs[i] if p.is_open]) for i in (first, second)) if s is not None
            ]
            area = (aav(whole.pairs[first], around) + aav(whole.pairs[second], around)) / 2 if around else 0.0
            score += (sum(known) / len(known) if known else 0.0) * area * share
        travels = []
        for n in range(len(whole.pairs[0])):
            if any(whole.pairs[i][n].is_open for i in bounds):
                for bank in (0, 1):
                    way = sum(
                        abs(whole.pairs[b][n].planned[bank] - whole.pairs[a][n].planned[bank]) for a, b, _ in segments
                    )
                    travels += [way] if way > 0.01 else []
        length = sum(travels) / len(travels) if travels else 0.0
        share = sum(s for _, _, s in segments)
        mcsv, lt, ltmcs = mcsv + score, lt + length * share, ltmcs + score * (1000 - length) / 1000
    return {"mcsv": mcsv, "lt_mm": lt, "ltmcs": ltmcs}


def crowe(beam: Beam, size: float, visible: bool) -> float | None:
    whole = scalar(beam)
    values: list[tuple[float | None, float]] = []
    for i, weight in whole.weights.items():
        ends = [(p.inside if visible else p.planned) for p in whole.pairs[i] if p.is_open]
        gaps = [b - a for a, b in ends]
        values.append((sum(gap < size - 1e-6 for gap in gaps) / len(gaps) if gaps else None, weight))
    return mean(values)


def outlines(beam: Beam) -> list[tuple[Any, float]]:
    """Polygon and weight of every control point that bounds a delivering segment."""
    points = beam.control_points
    assert points.meterset_weight is not None
    steps = np.diff(points.meterset_weight.values)
    halves = np.zeros(points.count)
    halves[:-1] += steps / 2
    halves[1:] += steps / 2
    return [(polygon(beam, int(i)), float(halves[i] / steps.sum())) for i in np.flatnonzero(halves)]


def du(beam: Beam) -> dict[str, float | None]:
    shapes = outlines(beam)
    area = sum(shape.area * weight for shape, weight in shapes)
    union = shapely.unary_union([shape for shape, _ in shapes]).area
    irregular = [(shape.length**2 / (4 * math.pi * shape.area) if shape.area else None, w) for shape, w in shapes]
    return {"ba_mm2": area, "bi": mean(irregular), "bm": 1 - area / union, "union_mm2": union}


def younge(beam: Beam, along_x: bool) -> dict[str, float | None]:
    sides, all_edges = [], []
    for shape, weight in outlines(beam):
        x, y = edges_mm(shape)
        sides.append(((x if along_x else y) / shape.area if shape.area else None, weight))
        all_edges.append(((x + y) / shape.area if shape.area else None, weight))
    whole = mean(all_edges)
    return {
        "em_per_mm": mean(sides),
        "em_all_edges_per_mm": whole,
        "em_half_perimeter_per_mm": None if whole is None else whole / 2,
    }
