"""Private attributes that say something about delivery, found by their creator, never by a fixed block number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from rtcode.dicom.vocabulary import PRIVATE_GROUPS, Item

TOMO = "TOMO_HA_01"
TOMO_GROUP = 0x300D
TOMO_SINOGRAM = 0xA7
_IMPAC = "IMPAC"
_BRAINLAB = "Brainlab - ONC - Multi-axial treatmentmachine"

#: Group, creator, element in the creator's block, and the name that `Beam.private_signs` gives it.
_SIGNS = (
    (TOMO_GROUP, TOMO, 0xA4, "GEOMETRY"),
    (TOMO_GROUP, TOMO, 0x40, "GANTRY_PERIOD"),
    (TOMO_GROUP, TOMO, 0x60, "PITCH"),
    (TOMO_GROUP, TOMO, 0x80, "COUCH_SPEED"),
    (0x300B, _IMPAC, 0x20, "GATING_DUTY_CYCLE"),
    (0x320B, _BRAINLAB, 0x01, "DYNAMIC_TRACKING"),
)
_PADDING = b" \0"


def private_value(item: Item, group: int, creator: str, element: int) -> bytes | None:
    """The value of a private element in the block that its creator reserved in this item."""
    for block in _blocks(item, group, creator):
        value = item.get(group << 16 | block << 8 | element)
        if isinstance(value, bytes):
            return value
    return None


def private_creators(items: Iterator[Item]) -> tuple[str, ...]:
    """The creators of the private groups that rtcode reads, in the order they are met."""
    found: dict[str, None] = {}
    for item in items:
        for tag, value in item.items():
            if tag >> 16 in PRIVATE_GROUPS and 0x10 <= tag & 0xFFFF <= 0xFF and isinstance(value, bytes):
                found[_text(value)] = None
    return tuple(found)


def private_signs(items: Iterator[Item]) -> tuple[tuple[str, str], ...]:
    """Name and value of every private sign, equal ones once."""
    found: dict[tuple[str, str], None] = {}
    for item in items:
        for group, creator, element, name in _SIGNS:
            value = private_value(item, group, creator, element)
            if value is not None and (text := _text(value)):
                found[name, text] = None
    return tuple(found)


def nested(item: Item) -> Iterator[Item]:
    """An item and all items in it (their depth was bounded on reading)."""
    yield item
    for value in item.values():
        if isinstance(value, list):
            for inner in value:
                yield from nested(inner)


def has_private(item: Item) -> bool:
    return any(tag >> 16 in PRIVATE_GROUPS for tag in item)


def _blocks(item: Item, group: int, creator: str) -> Iterator[int]:
    for tag, value in item.items():
        if tag >> 16 == group and 0x10 <= tag & 0xFFFF <= 0xFF and _text(cast(bytes, value)) == creator:
            yield tag & 0xFF


def _text(value: bytes) -> str:
    return value.strip(_PADDING).decode("latin-1")
