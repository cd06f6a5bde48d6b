"""Wedges, blocks, boluses, compensators, applicators and accessories of two beams compared."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, TypeVar

import numpy as np

from rtcode.comparison.recorder import Recorder
from rtcode.comparison.tolerances import within
from rtcode.comparison.types import Presence
from rtcode.plan.model import Applicator, Beam, Block, FloatArray, Missing, Wedge

#: Outlines of more corners are compared by their corners only: exact distances would take too long.
_MOST_CORNERS = 20_000

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
    added = old is None
    presence = (Presence.ABSENT, Presence.GIVEN) if added else (Presence.GIVEN, Presence.ABSENT)
    record.add(f"{name}_{'added' if added else 'removed'}", what, what, presence=presence)
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
        presence = (Presence.ABSENT, Presence.GIVEN) if not a.size else (Presence.GIVEN, Presence.ABSENT)
        inner.add("block_outline", len(a), len(b), presence=presence, note="number of corners")
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
    if distance <= 1e-9:
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
