"""Dose references and fraction groups compared: what is prescribed, in how many fractions, by which beams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.recorder import Recorder
from rtcode.comparison.tolerances import equal, within
from rtcode.comparison.types import BeamPair, Presence, numbers_in_new
from rtcode.plan.model import DoseReference, FractionGroup, Missing, ReferencedBeam, RTPlan, known_int
from rtcode.records import record, replace

_DOSES = {
    "target_prescription": "target_prescription_gy",
    "target_maximum": "target_maximum_gy",
    "delivery_maximum": "delivery_maximum_gy",
    "oar_full_volume": "oar_full_volume_gy",
    "oar_limit": "oar_limit_gy",
    "oar_maximum": "oar_maximum_gy",
    "oar_overdose": "oar_overdose_fraction",
}
_UNITS = {"": "MU", "MU": "MU", "MINUTE": "min"}


@record(eq=False)
class GroupPair:
    """A fraction group of OLD with its counterpart in NEW."""

    old: FractionGroup | None
    new: FractionGroup | None


# ------------------------------------------------------------------------------------------------------ dose references


def compare_dose_references(record: Recorder, old: RTPlan, new: RTPlan) -> dict[str, str]:
    """Targets and limits; UIDs that were replaced throughout mean nothing.

    Returns
    -------
    dict
        UID in OLD → UID in NEW of the same dose reference.
    """
    uids: dict[str, str] = {}
    for a, b in _paired_references(old.dose_references, new.dose_references):
        one = a or b
        assert one is not None
        if a is None or b is None:
            dose = one.target_prescription_gy
            what = "dose reference" if isinstance(dose, Missing) else f"dose reference of {dose:g} Gy"
            target = (one.type or "").strip().upper() == "TARGET"
            record.inside(one.path, one.path).only_one("dose_reference", what, added=a is None, matters=target)
            continue
        if a.uid and b.uid:
            uids[a.uid] = b.uid
        inner = record.inside(a.path, b.path)
        number = known_int(b.number)
        note = "" if number is None else f"dose reference {number}"
        inner.number("dose_reference_number", a.number, b.number)
        inner.text("dose_reference_uid", a.uid, b.uid, note)
        inner.text("dose_reference_type", a.type, b.type, note)
        inner.text("dose_reference_structure", a.structure_type, b.structure_type, note)
        inner.text("dose_reference_description", a.description, b.description, note)
        inner.number("dose_reference_roi", a.roi_number, b.roi_number, note)
        for attribute, name in _DOSES.items():
            inner.number(attribute, getattr(a, name), getattr(b, name), note)
    return uids


def _paired_references(
    old: Sequence[DoseReference], new: Sequence[DoseReference]
) -> list[tuple[DoseReference | None, DoseReference | None]]:
    keys: tuple[Callable[[DoseReference], object], ...] = (
        lambda r: r.uid or None,
        lambda r: (known_int(r.number), r.description) if r.description else None,
        lambda r: known_int(r.number),
        lambda r: (r.description, r.type) if r.description else None,
    )
    left_old, left_new = list(old), list(new)
    pairs: list[tuple[DoseReference | None, DoseReference | None]] = []
    for key in keys:
        by_key: dict[object, list[DoseReference]] = {}
        for one in left_new:
            by_key.setdefault(key(one), []).append(one)
        for a in list(left_old):
            candidates = by_key.get(key(a)) if key(a) is not None else None
            if candidates:
                b = candidates.pop(0)
                pairs.append((a, b))
                left_old.remove(a)
                left_new.remove(b)
    return [*pairs, *((a, None) for a in left_old), *((None, b) for b in left_new)]


# ------------------------------------------------------------------------------------------------------ fraction groups


def pair_groups(old: RTPlan, new: RTPlan, beams: Sequence[BeamPair]) -> tuple[GroupPair, ...]:
    """Fraction groups by their number, then by the beams that they name, then in order."""
    a, b = list(old.fraction_groups or ()), list(new.fraction_groups or ())
    renumbered = numbers_in_new(beams)
    pairs: list[GroupPair] = []

    def take(same: Callable[[FractionGroup, FractionGroup], bool]) -> None:
        for one in list(a):
            other = next((g for g in b if same(one, g)), None)
            if other is not None:
                pairs.append(GroupPair(one, other))
                a.remove(one)
                b.remove(other)

    def number(one: FractionGroup, other: FractionGroup) -> bool:
        return known_int(one.number) is not None and one.number == other.number

    def named(group: FractionGroup) -> set[int]:
        return set(_by_number(group))

    take(number)
    take(lambda one, other: {renumbered.get(n, n) for n in named(one)} == named(other))
    take(lambda one, other: True)
    return (*pairs, *(GroupPair(one, None) for one in a), *(GroupPair(None, one) for one in b))


def compare_groups(
    record: Recorder,
    old: RTPlan,
    new: RTPlan,
    beams: Sequence[BeamPair],
    groups: Sequence[GroupPair],
    uids: Mapping[str, str],
) -> None:
    """Fractions, and which beams each group gives with which meterset and dose."""
    absent = [plan.fraction_groups is None for plan in (old, new)]
    if absent[0] != absent[1] and not any((plan.fraction_groups or ()) for plan in (old, new)):
        presence = [Presence.ABSENT if one else Presence.EMPTY for one in absent]
        record.add("fraction_group_added", None, None, presence=(presence[0], presence[1]), counts=False)
    several = len(groups) > 1
    for pair in groups:
        one = pair.new or pair.old
        assert one is not None
        number = known_int(one.number)
        what = "without number" if number is None else f"number {number}"
        if pair.old is None or pair.new is None:
            record.inside(one.path, one.path).only_one("fraction_group", what, added=pair.old is None)
            continue
        note = f"fraction group {number}" if several and number is not None else ""
        _group(record.inside(pair.old.path, pair.new.path), pair.old, pair.new, note)
        _references(record, pair.old, pair.new, beams, note, uids)


def _group(record: Recorder, old: FractionGroup, new: FractionGroup, note: str) -> None:
    record.number("fraction_group_number", old.number, new.number)
    record.text("fraction_group_description", old.description, new.description, note)
    record.number("fractions", old.fractions_planned, new.fractions_planned, note)
    record.number("digits_per_day", old.digits_per_day, new.digits_per_day, note)
    record.number("cycle_length", old.cycle_length_weeks, new.cycle_length_weeks, note)
    record.text("fraction_pattern", old.pattern, new.pattern, note)
    record.text("beam_dose_meaning", old.beam_dose_meaning, new.beam_dose_meaning, note)
    beams = (old.declared_beams, len(old.beams)), (new.declared_beams, len(new.beams))
    record.declared("declared_beams", *beams, note)
    setups = (old.declared_brachy_setups, old.brachy_setups), (new.declared_brachy_setups, new.brachy_setups)
    record.declared("declared_brachy_setups", *setups, note)
    record.plain("group_brachy_setups", old.brachy_setups, new.brachy_setups, note)


def _references(
    record: Recorder,
    old: FractionGroup,
    new: FractionGroup,
    beams: Sequence[BeamPair],
    note: str,
    uids: Mapping[str, str],
) -> None:
    a, b = _by_number(old), _by_number(new)
    known: tuple[set[int], set[int]] = (set(), set())
    for place, pair in enumerate(beams):
        numbers = [None if p is None else known_int(p.beam.number) for p in (pair.old, pair.new)]
        references = [
            None if number is None else found.get(number) for number, found in zip(numbers, (a, b), strict=True)
        ]
        for seen, number in zip(known, numbers, strict=True):
            if number is not None:
                seen.add(number)
        first, second = references
        if pair.old is None or pair.new is None or (first is None and second is None):
            continue
        paths = [old.path if first is None else first.path, new.path if second is None else second.path]
        inner = record.of_beams(paths[0], paths[1], place, treats=pair.treats)
        if first is None or second is None:
            added = first is None
            inner.only_one("group_beam", "named", added=added, note=note, where=paths[1 if added else 0])
            continue
        _meterset(inner, first, second, [p.beam.dosimeter_unit for p in (pair.old, pair.new)], note)
        inner.number("beam_dose", first.dose_gy, second.dose_gy, note)
        target = first.dose_reference_uid
        translated = uids.get(target, target) if target else target
        inner.text("beam_dose_reference", translated, second.dose_reference_uid, note)
    dangling = [tuple(sorted(n for n in found if n not in seen)) for found, seen in zip((a, b), known, strict=True)]
    record.plain("reference_defects", _defects(old), _defects(new), note)
    record.inside(old.path, new.path).plain("dangling_beams", dangling[0], dangling[1], note)


def _by_number(group: FractionGroup) -> dict[int, ReferencedBeam]:
    """The first reference to each number; one that is named twice, differently, has no usable meterset."""
    found: dict[int, ReferencedBeam] = {}
    for reference in group.beams:
        number = known_int(reference.number)
        if number is None:
            continue
        first = found.setdefault(number, reference)
        if first.meterset != reference.meterset:
            found[number] = replace(first, meterset=Missing.INVALID)
    return found


def _defects(group: FractionGroup) -> tuple[str, ...]:
    """Beams that the group names more than once, and how many references have no number."""
    counts = Counter(known_int(reference.number) for reference in group.beams)
    repeated = [f"{number} ({count} times)" for number, count in counts.items() if number is not None and count > 1]
    return (*sorted(repeated), *([f"{counts[None]} without a number"] if counts[None] else []))


def _meterset(
    record: Recorder, old: ReferencedBeam, new: ReferencedBeam, units: Sequence[str | None], note: str
) -> None:
    a, b = old.meterset, new.meterset
    if isinstance(a, Missing) or isinstance(b, Missing):
        record.number("meterset", a, b, note)
        return
    amount = abs(b - a)
    if equal(a, b):
        return
    share = 100.0 * amount / max(abs(a), abs(b))
    limits = record.limit("meterset"), record.tolerances.meterset_percent
    unit = _UNITS.get((units[1] or "").strip().upper(), "")
    record.add(
        "meterset",
        a,
        b,
        within=within(amount, limits[0]) or within(share, limits[1]),
        amount=amount,
        unit=unit if units[0] == units[1] else ATTRIBUTES["meterset"].unit,
        note=note,
    )
