"""Jaws and leaves compared: which devices there are, and by how much each leaf end and jaw moved.

Devices are told apart by what they have: one pair makes jaws, more an MLC. Jaws typed ``X`` and ``ASYMX`` are the same
jaws written in two ways; the layers of an MLC are those of the same type and number of pairs, in their order.
"""

from __future__ import annotations

import numpy as np

from rtcode.comparison.alignment import Alignment
from rtcode.comparison.hidden import behind_jaws, closed
from rtcode.comparison.recorder import Recorder, one_sided
from rtcode.comparison.tolerances import NOISE, within
from rtcode.comparison.types import Presence, Value
from rtcode.plan.collimation import axis_of
from rtcode.plan.model import DevicePositions, FloatArray, LimitingDevice, Missing
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.tags import at as tag_path

#: Jaws whose type names no more than their axis.
_JAWS = frozenset({"X", "Y", "ASYMX", "ASYMY"})
#: (jaws or leaves, axis or type, pairs, which of them)
Key = tuple[str, str, int, int]


def compare_devices(record: Recorder, old: PlannedBeam, new: PlannedBeam, at: Alignment | None) -> None:
    """Declared devices and the positions of all of them; positions only where control points correspond."""
    _declared(record, old, new)
    a, b = _by_key(old), _by_key(new)
    for key in dict.fromkeys([*a, *b]):
        if key not in a or key not in b:
            other = "another MLC" if key[0] == "leaves" and _replaced(key, a, b) else ""
            _only_one(record, key, added=key in b, note=other)
        elif at is not None:
            _positions(record, key, (old, new), (a[key], b[key]), at)
    sinograms = old.beam.control_points.sinogram, new.beam.control_points.sinogram
    _sinogram(record, *sinograms, at)


# ------------------------------------------------------------------------------------------------------- declarations


def _declared(record: Recorder, old: PlannedBeam, new: PlannedBeam) -> None:
    a, b = _declared_by_key(old), _declared_by_key(new)
    positioned = _by_key(old).keys(), _by_key(new).keys()
    for key in sorted(a.keys() ^ b.keys()):
        if key not in positioned[0] | positioned[1]:
            _only_one(record, key, added=key in b, note="declared, without positions")
        elif key in positioned[0] & positioned[1]:
            record.add("device_declaration", _name(key), _name(key), presence=one_sided(new=key in b))
    for key in sorted(a.keys() & b.keys()):
        inner = record.inside(a[key].path, b[key].path)
        inner.number("device_distance", a[key].source_distance_mm, b[key].source_distance_mm)
        inner.text("device_type", a[key].type, b[key].type)
        if key[0] == "leaves":
            _boundaries(inner, a[key].boundaries_mm, b[key].boundaries_mm)


def _boundaries(record: Recorder, old: FloatArray, new: FloatArray) -> None:
    if old.size != new.size:
        given = [Presence.GIVEN if one.size else Presence.ABSENT for one in (old, new)]
        record.add("leaf_boundaries", old.size, new.size, presence=(given[0], given[1]), note="number of boundaries")
        return
    amounts = np.abs(new - old)
    if old.size and not float(np.max(amounts)) <= NOISE:
        place = int(np.argmax(amounts))
        largest = float(amounts[place])
        limit = record.limit("leaf_boundaries")
        record.add(
            "leaf_boundaries",
            float(old[place]),
            float(new[place]),
            within=within(largest, limit),
            amount=largest,
            note=f"largest at boundary {place + 1} of {old.size}",
        )


def _declared_by_key(planned: PlannedBeam) -> dict[Key, LimitingDevice]:
    found: dict[Key, LimitingDevice] = {}
    for device in planned.beam.devices:
        pairs = 0 if isinstance(device.pairs, Missing) else device.pairs
        found.setdefault(_free(found, device.type, pairs), device)
    return found


def _by_key(planned: PlannedBeam) -> dict[Key, DevicePositions]:
    found: dict[Key, DevicePositions] = {}
    for device in planned.beam.control_points.devices:
        found[_free(found, device.type, device.pairs)] = device
    return found


def _free(found: dict[Key, LimitingDevice] | dict[Key, DevicePositions], kind: str, pairs: int) -> Key:
    jaws = pairs == 1 and not kind.startswith("MLC")
    name = axis_of(kind) if jaws and kind in _JAWS else kind
    ordinal = 0
    while (key := ("jaws" if jaws else "leaves", name, pairs, ordinal)) in found:
        ordinal += 1
    return key


def _replaced(key: Key, a: dict[Key, DevicePositions], b: dict[Key, DevicePositions]) -> bool:
    """Whether both plans have an MLC of this type, with different numbers of pairs."""
    return all(any(k[:2] == key[:2] for k in keys) for keys in (a, b))


def _name(key: Key) -> str:
    return f"{key[1]} of {key[2]} pairs" if key[0] == "leaves" else f"{key[1]} jaws"


def _only_one(record: Recorder, key: Key, *, added: bool, note: str) -> None:
    record.only_one("jaw" if key[0] == "jaws" else "mlc", _name(key), added=added, note=note)


# ---------------------------------------------------------------------------------------------------------- positions


def _positions(
    record: Recorder,
    key: Key,
    planned: tuple[PlannedBeam, PlannedBeam],
    devices: tuple[DevicePositions, DevicePositions],
    at: Alignment,
) -> None:
    """``(m, 2 pairs)`` positions of both beams, and where they differ most."""
    attribute = key[0]
    a, b = (_rows(device) for device in devices)
    if a is None or b is None:
        if (a is None) != (b is None):
            presence = one_sided(new=a is None, other=Presence.INVALID)
            side = "OLD" if a is None else "NEW"
            record.add(attribute, None, None, presence=presence, note=f"{key[1]}: no position is known in {side}")
        else:
            record.cannot(attribute, f"no position of {key[1]} is known in either plan")
        return
    a, b = at.old(a), at.new(b)
    known = ~np.isnan(a) & ~np.isnan(b)
    _unknown(record, attribute, key, a, b, at)
    if (np.isnan(a) & np.isnan(b)).any():
        record.cannot(attribute, f"some positions of {key[1]} are known in neither plan")
    amounts = np.where(known, np.abs(b - a), 0.0)
    if not amounts.size or not (amounts > NOISE).any():
        return
    place, column = np.unravel_index(int(np.argmax(amounts)), amounts.shape)
    largest = float(amounts[place, column])
    limit = record.limit(attribute)
    bank, pair = divmod(int(column), key[2])
    beyond = amounts > (limit * (1 + NOISE) + NOISE if largest > limit else NOISE)
    where = f"{key[1]}{bank + 1} jaw" if attribute == "jaws" else f"{key[1]} pair {pair + 1}, bank {bank + 1}"
    several = at.count > 1 and not (amounts == amounts[0]).all()
    note = f"{where}{', ' + at.place(int(place)) if several else ''}"
    if attribute == "leaves":
        leaf_ends = int(beyond.any(axis=0).sum())
        note += f"; {leaf_ends} of {2 * key[2]} leaf ends, {at.how_many(int(beyond.any(axis=1).sum()))}"
    details: dict[str, Value] = {
        "mean_mm": float(amounts[known].mean()),
        "device": key[1],
        "bank": bank + 1,
        "pair": pair + 1,
        "positions_changed": int(beyond.sum()),
        "positions": int(known.sum()),
        "control_point": int(place) if at.shares is None else None,
    }
    if attribute == "jaws":
        moves = (b - a)[int(place)]
        details |= {"move_1_mm": float(moves[0]), "move_2_mm": float(moves[1])}
    else:
        behind = behind_jaws(planned, devices, (a, b), at)[beyond]
        shut = behind | closed((a, b))[beyond]
        details |= {"behind_jaws": bool(behind.all()), "closed": bool(shut.all())}
        if behind.all():
            note += "; behind the jaws in both plans"
        elif shut.all():
            note += "; closed in both plans, so that only where the leaves meet has moved"
    record.add(
        attribute,
        float(a[place, column]),
        float(b[place, column]),
        within=within(largest, limit),
        amount=largest,
        note=note,
        details=details,
        where=_where(record, at, int(place)),
        # Nothing comes through there, before or after.
        matters=False if details.get("behind_jaws") else None,
    )


def _unknown(record: Recorder, attribute: str, key: Key, a: FloatArray, b: FloatArray, at: Alignment) -> None:
    """Positions that only one of the plans has."""
    for side, only in (("NEW", ~np.isnan(a) & np.isnan(b)), ("OLD", np.isnan(a) & ~np.isnan(b))):
        places = np.flatnonzero(only.any(axis=1))
        if places.size:
            note = f"{key[1]}: not known in {side} {at.place(int(places[0]))}; {at.how_many(places.size)}"
            presence = one_sided(new=side == "OLD", other=Presence.INVALID)
            record.add(attribute, None, None, presence=presence, note=note)


def _rows(device: DevicePositions) -> FloatArray | None:
    """Positions at every control point, NaN where unknown; ``None`` where none is known anywhere."""
    if not device.rows.size or not (device.index >= 0).any():
        return None
    rows: FloatArray = device.rows[device.index]
    if (device.index < 0).any():
        rows[device.index < 0] = np.nan
    return rows


def _where(record: Recorder, at: Alignment, place: int) -> str:
    path = record.new_path or record.old_path
    below = "ControlPointSequence" if at.shares is not None else f"ControlPointSequence[{place}]"
    return tag_path(f"{path}.{below}.BeamLimitingDevicePositionSequence", "LeafJawPositions")


def _sinogram(record: Recorder, old: DevicePositions | None, new: DevicePositions | None, at: Alignment | None) -> None:
    """How long each leaf of a tomotherapy machine is open; sinograms are compared projection by projection."""
    if old is None and new is None:
        return
    if old is None or new is None:
        record.add("leaf_open_times", "sinogram", "sinogram", presence=one_sided(new=old is None))
        return
    if at is None or at.shares is not None or old.pairs != new.pairs:
        record.cannot("leaf_open_times", "the projections do not correspond one by one")
        return
    a, b = _rows(old), _rows(new)
    if a is None or b is None or a.shape != b.shape:
        record.cannot("leaf_open_times", "the sinogram is not known, or has another shape")
        return
    unknown = np.isnan(a) != np.isnan(b)
    if unknown.any():
        places = np.flatnonzero(unknown.any(axis=1))
        side = "OLD" if np.isnan(a[places[0]]).any() else "NEW"
        presence = one_sided(new=side == "OLD", other=Presence.INVALID)
        note = f"not known in {side} {at.place(int(places[0]))}; {at.how_many(places.size)}"
        record.add("leaf_open_times", None, None, presence=presence, note=note)
    amounts = np.nan_to_num(np.abs(b - a))
    if not (amounts > NOISE).any():
        return
    place, leaf = np.unravel_index(int(np.argmax(amounts)), amounts.shape)
    largest = float(amounts[place, leaf])
    limit = record.limit("leaf_open_times")
    record.add(
        "leaf_open_times",
        float(a[place, leaf]),
        float(b[place, leaf]),
        within=within(largest, limit),
        amount=largest,
        note=f"leaf {int(leaf) + 1}, {at.place(int(place))}; {at.how_many(int((amounts > NOISE).any(axis=1).sum()))}",
        details={"mean": float(amounts.mean())},
    )
