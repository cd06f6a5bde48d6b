"""Leaves."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from pydicom.dataset import Dataset

from benchmarks.seeded.draft import (
    Draft,
    Unfit,
    moves,
    number_of,
    open_pairs,
    positions,
    set_values,
    shaped_items,
    text_of,
    values,
    written,
)
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

LEAVES = topics("leaves")


def _shaped(draft: Draft) -> list[Dataset]:
    found = []
    for beam in draft.photons():
        try:
            shaped_items(beam)
        except Unfit:
            continue
        found.append(beam)
    return found


def _one_leaf(by: float) -> Callable[[Draft], Mark]:
    """One leaf of one aperture further out (so that no pair crosses)."""

    def plant(draft: Draft) -> Mark:
        beam = draft.one(_shaped(draft))
        item = draft.rng.choice(shaped_items(beam))
        numbers = values(item)
        pair = draft.rng.choice(open_pairs(numbers))
        numbers[pair] -= by
        set_values(item, numbers)
        return Mark((number_of(beam),), f"one leaf of pair {pair + 1} {by:g} mm further out, in one entry")

    return plant


def one_leaf_in_arc(draft: Draft) -> Mark:
    """One leaf flies out for one control point of a finely sampled arc and back again."""
    fits = []
    for beam in draft.arcs():
        if beam not in _shaped(draft) or not moves(beam, "GantryAngle"):
            continue
        angles = [float(p.GantryAngle) for p in written(beam, "GantryAngle")]
        steps = [min(abs(a - b), 360 - abs(a - b)) for a, b in itertools.pairwise(angles)]
        if max(steps) <= 4.1:
            fits.append(beam)
    beam = draft.one(fits)
    items = shaped_items(beam)
    item = items[draft.rng.randrange(len(items) // 4, 3 * len(items) // 4)]
    numbers = values(item)
    pair = draft.rng.choice(open_pairs(numbers))
    numbers[pair] -= 60.0
    set_values(item, numbers)
    return Mark((number_of(beam),), f"one leaf of pair {pair + 1} 60 mm out at one control point")


def crossed(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    item = draft.rng.choice(shaped_items(beam))
    numbers = values(item)
    pair = draft.rng.choice(open_pairs(numbers, 4.0) or open_pairs(numbers))
    half = len(numbers) // 2
    numbers[pair], numbers[half + pair] = numbers[half + pair] + 1, numbers[pair] - 1
    set_values(item, numbers)
    return Mark((number_of(beam),), f"leaves of pair {pair + 1} cross")


def _crosses(numbers: list[float]) -> bool:
    half = len(numbers) // 2
    return any(a > b for a, b in zip(numbers[:half], numbers[half:], strict=True))


def out_of_travel(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    item = draft.rng.choice(shaped_items(beam))
    numbers = values(item)
    pair = draft.rng.choice(open_pairs(numbers))
    numbers[pair] *= 10
    if abs(numbers[pair]) < 250:
        numbers[pair] = -380.0
    set_values(item, numbers)
    return Mark((number_of(beam),), f"a leaf at {numbers[pair]:g} mm")


def banks_exchanged(draft: Draft) -> Mark:
    beam = draft.one([b for b in _shaped(draft) if not any(_crosses(values(item)) for item in positions(b))])
    for item in positions(beam):
        numbers = values(item)
        half = len(numbers) // 2
        set_values(item, [*numbers[half:], *numbers[:half]])
    return Mark((number_of(beam),), "banks exchanged in the whole beam")


def mirrored(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    for item in positions(beam):
        numbers = values(item)
        half = len(numbers) // 2
        set_values(item, [*(-v for v in numbers[half:]), *(-v for v in numbers[:half])])
    return Mark((number_of(beam),), "aperture mirrored in the whole beam")


def rows_shifted(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    for item in positions(beam):
        numbers = values(item)
        half = len(numbers) // 2
        a, b = numbers[:half], numbers[half:]
        set_values(item, [*a[-1:], *a[:-1], *b[-1:], *b[:-1]])
    return Mark((number_of(beam),), "every leaf pair has its neighbor's position")


def all_leaves(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    for item in positions(beam):
        set_values(item, [v + 4.0 if abs(v) < 190 else v for v in values(item)])
    return Mark((number_of(beam),), "all leaves 4 mm to one side")


def one_lost(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    item = draft.rng.choice(shaped_items(beam))
    item.LeafJawPositions = list(item.LeafJawPositions)[:-1]
    return Mark((number_of(beam),), "one leaf position short")


def shape_lost(draft: Draft) -> Mark:
    """The leaves of a static field are retracted: an open field."""
    beam = draft.one([b for b in _shaped(draft) if b in draft.static() and len(b.ControlPointSequence) == 2])
    for item in positions(beam):
        half = len(item.LeafJawPositions) // 2
        set_values(item, [-200.0] * half + [200.0] * half)
    return Mark((number_of(beam),), "leaves of one field retracted")


def closed(draft: Draft) -> Mark:
    beam = draft.one(_shaped(draft))
    for item in positions(beam):
        half = len(item.LeafJawPositions) // 2
        set_values(item, [0.0] * (2 * half))
    return Mark((number_of(beam),), "leaves of one beam closed")


def frozen(draft: Draft) -> Mark:
    """Every control point has the leaves of the first: the modulation is gone."""
    beam = draft.one([b for b in _shaped(draft) if len(b.ControlPointSequence) > 5])
    start: dict[str, list[str]] = {}
    for item in positions(beam):
        kind = f"{item.RTBeamLimitingDeviceType}/{len(item.LeafJawPositions)}"
        start.setdefault(kind, list(item.LeafJawPositions))
        item.LeafJawPositions = start[kind]
    return Mark((number_of(beam),), "leaves stand as at the first control point")


def in_centimeters(draft: Draft) -> Mark:
    beam = draft.one([b for b in _shaped(draft) if b in draft.static()])
    for item in positions(beam, ""):
        item.LeafJawPositions = [text_of(v / 10) for v in values(item)]
    return Mark((number_of(beam),), "leaves and jaws of one beam in centimeters")


def _exchanged(draft: Draft) -> Mark:
    """Apertures of two segments exchanged."""
    beam = draft.one([b for b in _shaped(draft) if len(shaped_items(b)) > 5])
    shaped = shaped_items(beam)
    items = [i for i in shaped if i.RTBeamLimitingDeviceType == shaped[0].RTBeamLimitingDeviceType]
    at = draft.rng.randrange(1, len(items) - 2)
    one, other = items[at], items[-1]
    if len(one.LeafJawPositions) != len(other.LeafJawPositions) or list(one.LeafJawPositions) == list(
        other.LeafJawPositions
    ):
        raise Unfit
    one.LeafJawPositions, other.LeafJawPositions = list(other.LeafJawPositions), list(one.LeafJawPositions)
    return Mark((number_of(beam),), "apertures of two control points exchanged")


KINDS = (
    Kind(
        id="leaf_3mm",
        family="leaves",
        harm=Harm.MINOR,
        notice="one leaf of one aperture is 3 mm off",
        topics=LEAVES,
        integrity=no("any position within the travel is possible"),
        plant=_one_leaf(3.0),
    ),
    Kind(
        id="leaf_25mm",
        family="leaves",
        harm=Harm.MODERATE,
        notice="one leaf of one aperture is 25 mm off",
        topics=LEAVES,
        integrity=no("any position within the travel is possible"),
        plant=_one_leaf(25.0),
    ),
    Kind(
        id="leaf_jumps_in_arc",
        family="leaves",
        harm=Harm.STOPS,
        notice="one leaf would have to move 60 mm and back between neighboring control points",
        topics=LEAVES,
        integrity=yes("no leaf is that fast, or the gantry would have to stop for it"),
        plant=one_leaf_in_arc,
    ),
    Kind(
        id="leaves_cross",
        family="leaves",
        harm=Harm.STOPS,
        notice="the two leaves of a pair overlap",
        topics=LEAVES,
        integrity=yes("leaves of a pair cannot pass one another"),
        plant=crossed,
    ),
    Kind(
        id="leaf_out_of_travel",
        family="leaves",
        harm=Harm.STOPS,
        notice="a leaf stands where it cannot reach",
        topics=LEAVES,
        integrity=yes("it is beyond any leaf's travel"),
        plant=out_of_travel,
    ),
    Kind(
        id="leaf_banks_exchanged",
        family="leaves",
        harm=Harm.STOPS,
        notice="the banks are exchanged, so that open pairs cross",
        topics=LEAVES,
        integrity=yes("leaves of a pair cannot pass one another"),
        plant=banks_exchanged,
    ),
    Kind(
        id="leaves_mirrored",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="the aperture is its mirror image",
        topics=LEAVES,
        integrity=no("a mirrored aperture is an aperture"),
        plant=mirrored,
    ),
    Kind(
        id="leaf_rows_shifted",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="every leaf pair has its neighbor's position",
        topics=LEAVES,
        integrity=no("jaws are not set to the leaf, so the aperture looks sound"),
        plant=rows_shifted,
    ),
    Kind(
        id="leaves_all_4mm",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="the whole aperture is 4 mm to one side",
        topics=LEAVES,
        integrity=no("any position within the travel is possible"),
        plant=all_leaves,
    ),
    Kind(
        id="leaf_position_missing",
        family="leaves",
        harm=Harm.STOPS,
        notice="there is one leaf position fewer than leaves",
        topics=LEAVES,
        integrity=yes("the count must be twice the number of pairs"),
        plant=one_lost,
    ),
    Kind(
        id="leaf_shape_lost",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="the leaves of a shaped field are retracted",
        topics=LEAVES,
        integrity=no("open fields exist"),
        plant=shape_lost,
    ),
    Kind(
        id="leaves_closed",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="meterset is given through closed leaves",
        topics=LEAVES,
        integrity=yes("a beam with meterset and no opening gives no dose"),
        plant=closed,
    ),
    Kind(
        id="leaves_frozen",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="the leaves of a modulated beam do not move",
        topics=LEAVES,
        integrity=no("arcs and segments with one aperture exist"),
        plant=frozen,
    ),
    Kind(
        id="leaves_in_centimeters",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="one beam's aperture is a tenth of its size",
        topics=LEAVES | topics("jaws", "unit"),
        integrity=yes("an aperture smaller than any clinical field, beside others of normal size"),
        plant=in_centimeters,
    ),
    Kind(
        id="apertures_exchanged",
        family="leaves",
        harm=Harm.SERIOUS,
        notice="two segments have each other's aperture",
        topics=LEAVES,
        integrity=no("each aperture is possible"),
        plant=_exchanged,
    ),
)
