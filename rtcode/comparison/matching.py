"""Which beam of NEW is which beam of OLD.

A pair is worth what agrees: its number, its name, its geometry (radiation and energy, gantry, collimator, couch,
isocenter, aperture, meterset). All pairs are chosen together so that the whole is worth most. A beam whose number
changed is then still found by its name and geometry, and two beams that swapped their numbers are told as that: name
and geometry together outweigh a number, and so does geometry alone where the numbers lead to beams that are nothing
alike. A pair that only a number holds together, with another name and hardly anything alike, is no pair: one beam was
removed and another one got its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rtcode.comparison.alignment import known_values
from rtcode.comparison.tolerances import turn
from rtcode.features.types import BeamFacts, Radiation
from rtcode.plan.apertures import LeafData
from rtcode.plan.model import FloatArray, known, known_int
from rtcode.plan.roles import Role
from rtcode.records import record

#: Less known geometry than this (of ion beams, whose control points are not read, 0.3 is known) tells no beams apart.
_ENOUGH = 0.35
#: What agreement is worth. Number and name together outweigh what geometry can differ by, name and geometry outweigh a
#: number.
_NUMBER, _NAME, _GEOMETRY = 1.0, 0.9, 1.5
#: What geometry without any difference is worth beyond that: it hardly comes by chance.
_EXACT, _EXACTLY = 0.7, 0.995
#: Geometry from this similarity on is named as agreeing.
ALIKE = 0.9
#: A pair held together by its geometry alone has to be this similar, one held by its number alone (with two names that
#: differ) at least that much.
_GEOMETRY_ALONE = 0.75
_NUMBER_ALONE = 0.35
#: More beams than this that no clear counterpart takes are matched one by one, best first: choosing together takes time
#: with the cube of their number, and no plan with a person's beams has so many.
_MOST_TOGETHER = 400

#: Differences at which a component of the geometry is worth nothing any more: kinds, deg, mm, and metersets relative.
_FAR = {
    "radiation": 0.5,
    "gantry": 30.0,
    "collimator": 30.0,
    "couch": 30.0,
    "isocenter": 50.0,
    "aperture": 40.0,
    "meterset": 0.5,
}
#: Weights of the components.
_COMPONENTS = {
    "radiation": 0.20,
    "gantry": 0.25,
    "collimator": 0.10,
    "couch": 0.10,
    "isocenter": 0.10,
    "aperture": 0.15,
    "meterset": 0.10,
}


BoolArray: TypeAlias = npt.NDArray[np.bool_]

_RADIATIONS, _ROLES = list(Radiation), list(Role)


@record
class Match:
    """Places of two beams in their plans, what agrees, and how similar their geometry is (``None``: hardly known)."""

    old: int
    new: int
    by: tuple[str, ...]
    similarity: float | None


def match_beams(old: Sequence[BeamFacts], new: Sequence[BeamFacts]) -> tuple[Match, ...]:
    """Pairs of beams, in the order of NEW; beams that are in none were removed or added."""
    if not old or not new:
        return ()
    numbers = _same(_numbers(old), _numbers(new))
    old_names, new_names = _names(old), _names(new)
    names = _same(old_names, new_names)
    similar, known = _similarity(old, new)
    telling = known >= _ENOUGH
    worth = _NUMBER * numbers + _NAME * names + _GEOMETRY * similar + _EXACT * (similar >= _EXACTLY)
    renamed = np.outer([name is not None for name in old_names], [name is not None for name in new_names]) & ~names
    possible = (
        (numbers & ~(renamed & (similar < _NUMBER_ALONE)))
        | (names & ((similar >= _NUMBER_ALONE) | ~_ambiguous(names)))
        | (telling & (similar >= _GEOMETRY_ALONE))
    )
    worth = np.where(possible, worth, 0.0)
    chosen = _clear(numbers & names & (similar >= ALIKE))
    taken_old, taken_new = {i for i, _ in chosen}, {j for _, j in chosen}
    rest_old = [i for i in range(len(old)) if i not in taken_old]
    rest_new = [j for j in range(len(new)) if j not in taken_new]
    if rest_old and rest_new:
        part = worth[np.ix_(rest_old, rest_new)]
        together = max(part.shape) <= _MOST_TOGETHER
        found = best_assignment(part) if together else _one_by_one(part)
        chosen += [(rest_old[i], rest_new[j]) for i, j in found if part[i, j] > 0]
    pairs = []
    for i, j in sorted(chosen, key=lambda pair: pair[1]):
        agreeing = {"number": numbers[i, j], "name": names[i, j], "geometry": telling[i, j] and similar[i, j] >= ALIKE}
        by = tuple(word for word, yes in agreeing.items() if yes) or ("geometry",)
        pairs.append(Match(i, j, by, float(similar[i, j]) if telling[i, j] else None))
    return tuple(pairs)


def _numbers(beams: Sequence[BeamFacts]) -> list[int | None]:
    return [known_int(facts.planned.beam.number) for facts in beams]


def _names(beams: Sequence[BeamFacts]) -> list[str | None]:
    return [(facts.planned.beam.name or "").strip().casefold() or None for facts in beams]


def _same(
    old: Sequence[int | None] | Sequence[str | None], new: Sequence[int | None] | Sequence[str | None]
) -> BoolArray:
    """Which values are known and equal, ``(n, m)``."""
    ids: dict[int | str, int] = {}
    a, b = (np.array([-1 if v is None else ids.setdefault(v, len(ids)) for v in side]) for side in (old, new))
    return np.asarray((a[:, None] == b[None, :]) & (a >= 0)[:, None])


def _ambiguous(names: BoolArray) -> BoolArray:
    """Where a name stands for more than one beam on either side."""
    return np.asarray((names.sum(axis=1) > 1)[:, None] | (names.sum(axis=0) > 1)[None, :])


def _clear(agreeing: BoolArray) -> list[tuple[int, int]]:
    """Pairs in which everything agrees, where that holds for no other beam of either side."""
    alone = agreeing & (agreeing.sum(axis=1) == 1)[:, None] & (agreeing.sum(axis=0) == 1)[None, :]
    return [(int(i), int(j)) for i, j in zip(*np.nonzero(alone), strict=True)]


# ----------------------------------------------------------------------------------------------------------- geometry


def _similarity(old: Sequence[BeamFacts], new: Sequence[BeamFacts]) -> tuple[FloatArray, FloatArray]:
    """How alike the geometry of each two beams is, and how much of it is known, both ``(n, m)`` from 0 to 1.

    What neither beam has does not count.
    """
    a, b = _table(old), _table(new)
    total = np.zeros((len(old), len(new)))
    weight = np.zeros_like(total)
    for name, far in _FAR.items():
        x, y = a[name], b[name]
        known = np.zeros_like(total)
        alike = np.zeros_like(total)
        for k in range(x.shape[1]):
            one, other = x[:, k, None], y[None, :, k]
            apart = np.abs(one - other)
            # The last column of the gantry is its travel, which is no angle on the circle.
            if name in ("collimator", "couch") or (name == "gantry" and k < x.shape[1] - 1):
                apart = np.abs(turn(one, other))
            if name == "meterset":
                apart = apart / np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-9)
            counted = ~(np.isnan(one) & np.isnan(other))
            known += counted
            # Known in one beam only: nothing alike.
            alike += np.where(np.isnan(apart), 0.0, 1.0 - np.minimum(apart / far, 1.0))
        share = known / x.shape[1]
        total += _COMPONENTS[name] * share * alike / np.maximum(known, 1)
        weight += _COMPONENTS[name] * share
    return total / np.maximum(weight, 1e-9), weight


def _table(beams: Sequence[BeamFacts]) -> dict[str, FloatArray]:
    """Numbers of each beam by component, ``(n, k)`` with NaN where unknown."""
    rows: dict[str, list[list[float]]] = {name: [] for name in _COMPONENTS}
    for facts in beams:
        planned = facts.planned
        points = planned.beam.control_points
        energies = facts.radiation.energies_mev
        kinds = _RADIATIONS.index(facts.radiation.radiation), _ROLES.index(planned.role)
        rows["radiation"].append([*map(float, kinds), energies[0] if energies else np.nan])
        angles = known_values(points.gantry_deg, points.count)
        travel = planned.delivery.gantry
        travelled = float(np.nansum(travel.steps_deg)) if travel is not None and travel.steps_deg.size else 0.0
        first, last = (float(angles[0]), float(angles[-1])) if angles.size else (np.nan, np.nan)
        rows["gantry"].append([first, last, travelled])
        rows["collimator"].append([_first(known_values(points.collimator_deg, points.count))])
        rows["couch"].append([_first(known_values(points.couch_deg, points.count))])
        place = known_values(points.isocenter_mm, points.count, 3)
        rows["isocenter"].append([float(v) for v in place[0]] if len(place) else [np.nan] * 3)
        rows["aperture"].append(_aperture(facts))
        meterset = known(planned.meterset)
        rows["meterset"].append([np.nan if meterset is None else meterset])
    return {name: np.array(values, dtype=np.float64) for name, values in rows.items()}


def _first(values: FloatArray) -> float:
    return float(values[0]) if values.size else np.nan


#: Control points at which apertures are looked at, as shares of their number.
_LOOKS = (0.0, 0.25, 0.5, 0.75)


def _aperture(facts: BeamFacts) -> list[float]:
    """Edges and middle of what jaws and leaves leave open, at some control points."""
    collimation = facts.planned.delivery.collimation
    row: list[float] = []
    for share in _LOOKS:
        index = int(share * max(collimation.count - 1, 0))
        for jaws in (collimation.jaws_x, collimation.jaws_y):
            row += [np.nan, np.nan] if jaws is None or not len(jaws) else [float(v) for v in jaws[index]]
        if collimation.leaf_data is LeafData.KNOWN and collimation.count and collimation.banks:
            bank = collimation.banks[0]
            low, high = bank.low[index], bank.high[index]
            row += [float(np.mean(low)), float(np.mean(high)), float(np.mean(high - low))]
        else:
            row += [np.nan] * 3
    return row


# --------------------------------------------------------------------------------------------------------- assignment


def best_assignment(worth: FloatArray) -> list[tuple[int, int]]:
    """Pairs ``(row, column)``, each row and column at most once, whose sum is the largest.

    The Hungarian method with potentials (Kuhn 1955; Munkres 1957): rows are added one after the other, each along the
    cheapest augmenting path. ``O(n^2 m)`` for ``n`` rows and ``m >= n`` columns.
    """
    if worth.shape[0] > worth.shape[1]:
        return [(row, column) for column, row in best_assignment(worth.T)]
    cost = -worth
    rows, columns = cost.shape
    u, v = np.zeros(rows), np.zeros(columns)
    row_of = np.full(columns, -1)
    for row in range(rows):
        shortest = np.full(columns, np.inf)
        before = np.full(columns, -1)
        done = np.zeros(columns, dtype=np.bool_)
        reached = np.zeros(rows, dtype=np.bool_)
        current, column, length = row, -1, 0.0
        while True:
            reached[current] = True
            along = length + cost[current] - u[current] - v
            better = ~done & (along < shortest)
            shortest[better] = along[better]
            before[better] = column
            open_ones = np.where(done, np.inf, shortest)
            column = int(np.argmin(open_ones))
            length = float(open_ones[column])
            done[column] = True
            if row_of[column] < 0:
                break
            current = int(row_of[column])
        u[row] += length
        for other in np.flatnonzero(reached):
            if other != row:
                u[other] += length - shortest[np.flatnonzero(row_of == other)[0]]
        v[done] -= length - shortest[done]
        while True:
            previous = int(before[column])
            row_of[column] = row if previous < 0 else row_of[previous]
            if previous < 0:
                break
            column = previous
    return [(int(row_of[column]), int(column)) for column in np.flatnonzero(row_of >= 0)]


def _one_by_one(worth: FloatArray) -> list[tuple[int, int]]:
    """Pairs chosen best first."""
    order = np.argsort(-worth, axis=None, kind="stable")
    free_rows, free_columns = np.ones(worth.shape[0], np.bool_), np.ones(worth.shape[1], np.bool_)
    pairs = []
    for flat in order.tolist():
        i, j = divmod(flat, worth.shape[1])
        if worth[i, j] <= 0:
            break
        if free_rows[i] and free_columns[j]:
            free_rows[i] = free_columns[j] = False
            pairs.append((i, j))
    return pairs
