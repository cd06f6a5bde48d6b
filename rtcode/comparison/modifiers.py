"""Wedges, blocks, boluses, compensators, applicators and accessories of two beams compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

import numpy as np

from rtcode.comparison.recorder import Recorder, one_sided
from rtcode.comparison.tolerances import NOISE, equal, within
from rtcode.plan.model import Applicator, Beam, Block, FloatArray, Missing, Text, Wedge

#: Outlines of more corners are compared by their corners only: exact distances would take too long.
_MOST_CORNERS = 20_000

#: Sequence → attribute of what else is written in its items, and how many a beam has.
_DETAILS: dict[str, tuple[str, Callable[[Beam], int]]] = {
    "": ("tray_details", lambda beam: 1),
    "WedgeSequence": ("wedge_details", lambda beam: len(beam.wedges)),
    "BlockSequence": ("block_details", lambda beam: len(beam.blocks)),
    "CompensatorSequence": ("compensator_details", lambda beam: len(beam.compensators)),
    "ReferencedBolusSequence": ("bolus_details", lambda beam: beam.boluses),
}
Item = TypeVar("Item", Wedge, Block, Applicator)


def compare_modifiers(record: Recorder, old: Beam, new: Beam) -> None:
    """Everything that stands in the beams' way, except jaws and leaves."""
    _wedges(record, old, new)
    record.declared("block_count", (old.number_of_blocks, len(old.blocks)), (new.number_of_blocks, len(new.blocks)))
    for a, b in _paired(old.blocks, new.blocks, lambda block: (block.type, block.tray_id)):
        _block(record, a, b)
    record.plain("bolus", old.boluses, new.boluses)
    record.declared("bolus_count", (old.number_of_boli, old.boluses), (new.number_of_boli, new.boluses))
    record.declared(
        "compensator_count",
        (old.number_of_compensators, len(old.compensators)),
        (new.number_of_compensators, len(new.compensators)),
    )
    record.texts("compensators", (c.type or "" for c in old.compensators), (c.type or "" for c in new.compensators))
    for x, y in _paired(old.applicators, new.applicators, lambda applicator: (applicator.id, applicator.type)):
        _applicator(record, x, y)
    record.texts("accessories", _accessories(old), _accessories(new))
    _details(record, old, new)


def _details(record: Recorder, old: Beam, new: Beam) -> None:
    """What else is written of wedges, blocks, compensators, boluses and trays, item by item in any order."""
    a, b = _items(old), _items(new)
    for sequence, (attribute, count) in _DETAILS.items():
        left, right = a.get(sequence, []), b.get(sequence, [])
        for one in list(left):
            same = next((other for other in right if _alike(one, other)), None)
            if same is not None:
                left.remove(one)
                right.remove(same)
        for x, y in zip_longest(left, right, fillvalue=dict[str, str]()):
            if count(old) != count(new) and not (x and y):
                continue  # an item that only one beam has is told as that
            for keyword in dict.fromkeys([*x, *y]):
                _detail(record, attribute, keyword, x.get(keyword), y.get(keyword))


def _detail(record: Recorder, attribute: str, keyword: str, old: Text, new: Text) -> None:
    if old is not None and new is not None and _same(old, new):
        return
    a, b = _numbers(old), _numbers(new)
    if a is None or b is None or len(a) <= 1 or len(a) != len(b):
        record.text(attribute, old, new, keyword)
        return
    amounts = np.abs(np.subtract(b, a))
    place = int(np.argmax(amounts))
    note = f"{keyword}: {int((amounts > 0).sum())} of {len(a)} values, largest at the {place + 1}. of them"
    record.add(attribute, f"{a[place]:g}", f"{b[place]:g}", amount=float(amounts[place]), note=note)


def _items(beam: Beam) -> dict[str, list[dict[str, str]]]:
    """Sequence → its items, keyword → text; the beam's own attributes under an empty sequence."""
    items: dict[str, dict[str, str]] = {}
    for path, text in beam.modifier_details:
        item, _, keyword = path.rpartition(".")
        items.setdefault(item, {})[keyword] = text
    found: dict[str, list[dict[str, str]]] = {}
    for item, values in items.items():
        found.setdefault(item.partition("[")[0], []).append(values)
    return found


def _alike(old: dict[str, str], new: dict[str, str]) -> bool:
    return old.keys() == new.keys() and all(_same(text, new[keyword]) for keyword, text in old.items())


def _same(old: str, new: str) -> bool:
    """Whether two texts are the same, or the same numbers written in two ways."""
    if old.strip() == new.strip():
        return True
    a, b = _numbers(old), _numbers(new)
    return a is not None and b is not None and len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))


def _numbers(text: Text) -> list[float] | None:
    try:
        numbers = [] if text is None else [float(part) for part in text.split("\\")]
    except ValueError:
        return None
    return numbers if text is not None and all(map(math.isfinite, numbers)) else None


def _accessories(beam: Beam) -> list[str]:
    return [" ".join(filter(None, (one.id, one.type))) for one in beam.accessories]


def _paired(old: Sequence[Item], new: Sequence[Item], key: Any) -> list[tuple[Item | None, Item | None]]:
    """Items with the same key first, then the rest in order; what is left over has no counterpart."""
    left, rest = list(new), list[Item]()
    pairs: list[tuple[Item | None, Item | None]] = []
    for item in old:
        same = next((other for other in left if key(other) == key(item)), None)
        if same is None:
            rest.append(item)
        else:
            left.remove(same)
            pairs.append((item, same))
    pairs += zip_longest(rest, left)
    return pairs


def _only_one(record: Recorder, name: str, old: Item | None, new: Item | None, what: str) -> bool:
    """Records an item that only one beam has; False where both have it."""
    if old is not None and new is not None:
        return False
    record.only_one(name, what, added=old is None)
    return True


def _wedges(record: Recorder, old: Beam, new: Beam) -> None:
    record.declared("wedge_count", (old.number_of_wedges, len(old.wedges)), (new.number_of_wedges, len(new.wedges)))
    for a, b in _paired(old.wedges, new.wedges, lambda wedge: wedge.number):
        one = a or b
        assert one is not None
        angle = "unknown angle" if isinstance(one.angle_deg, Missing) else f"{one.angle_deg:g} deg"
        if _only_one(record, "wedge", a, b, angle):
            continue
        assert a is not None and b is not None
        inner = record.inside(a.path, b.path)
        inner.number("wedge_number", a.number, b.number)
        inner.text("wedge_type", a.type, b.type)
        inner.text("wedge_id", a.id, b.id)
        inner.number("wedge_angle", a.angle_deg, b.angle_deg)
        inner.number("wedge_effective_angle", a.effective_angle_deg, b.effective_angle_deg)
        inner.number("wedge_orientation", a.orientation_deg, b.orientation_deg)


def _applicator(record: Recorder, old: Applicator | None, new: Applicator | None) -> None:
    if _only_one(record, "applicator", old, new, "applicator"):
        return
    assert old is not None and new is not None
    inner = record.inside(old.path, new.path)
    inner.text("applicator_id", old.id, new.id)
    inner.text("applicator_type", old.type, new.type)
    inner.text("applicator_description", old.description, new.description)
    inner.text("applicator_shape", old.aperture_shape, new.aperture_shape)
    inner.number("applicator_opening", old.opening_mm, new.opening_mm)
    inner.number("applicator_opening_x", old.opening_x_mm, new.opening_x_mm)
    inner.number("applicator_opening_y", old.opening_y_mm, new.opening_y_mm)


# ------------------------------------------------------------------------------------------------------------- blocks


def _block(record: Recorder, old: Block | None, new: Block | None) -> None:
    if _only_one(record, "block", old, new, "block"):
        return
    assert old is not None and new is not None
    inner = record.inside(old.path, new.path)
    inner.text("block_type", old.type, new.type)
    inner.text("block_tray", old.tray_id, new.tray_id)
    a, b = old.outline_mm, new.outline_mm
    if not a.size and not b.size:
        return
    if not a.size or not b.size:
        inner.add("block_outline", len(a), len(b), presence=one_sided(new=not a.size), note="number of corners")
        return
    if a.shape == b.shape and np.array_equal(a, b):
        return
    _outlines(inner, a, b)


def _outlines(record: Recorder, old: FloatArray, new: FloatArray) -> None:
    """How far two outlines lie from one another, and how much area changed."""
    limit = record.limit("block_outline")
    if max(len(old), len(new)) > _MOST_CORNERS or min(len(old), len(new)) < 3:
        record.add("block_outline", len(old), len(new), note="number of corners; the outlines are not the same")
        return
    import shapely

    rings = [shapely.LinearRing(outline) for outline in (old, new)]
    distance = float(shapely.hausdorff_distance(*rings))
    if distance <= NOISE:
        return  # begun at another corner, or the other way round
    areas = [float(shapely.Polygon(outline).area) for outline in (old, new)]
    shapes = [shapely.make_valid(shapely.Polygon(outline)) for outline in (old, new)]
    changed = float(shapely.symmetric_difference(*shapes).area)
    record.add(
        "block_outline",
        areas[0],
        areas[1],
        unit="mm",
        within=within(distance, limit),
        amount=distance,
        note=f"area {areas[0]:.1f} to {areas[1]:.1f} mm2, {changed:.1f} mm2 changed sides",
        details={"area_old_mm2": areas[0], "area_new_mm2": areas[1], "changed_mm2": changed},
    )
