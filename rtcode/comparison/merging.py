"""What several differences have in common, told once: swapped numbers, a plan that moved, equal changes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.recorder import Recorder
from rtcode.comparison.types import BeamPair, Difference, Kind
from rtcode.plan.model import known_int
from rtcode.plan.sessions import PlannedBeam
from rtcode.records import replace

_KINDS = list(Kind)
#: Numbers that two beams may have exchanged by mistake.
_EXCHANGED = frozenset({"gantry_angle", "collimator_angle", "couch_angle", "energy", "meterset", "ssd"})
#: Metersets whose ratios differ by less than this were scaled by one factor: rounding to tenths of a MU leaves more
#: than that only for metersets of a few MU, which are then told one by one.
_SAME_FACTOR = 1e-3


def names_and_numbers(record: Recorder, beams: Sequence[BeamPair]) -> None:
    """Beams that were renumbered or renamed; two that swapped are one difference."""
    for attribute, swapped in (("beam_number", "beam_numbers_swapped"), ("beam_name", "beam_names_swapped")):
        values = [
            None if pair.old is None or pair.new is None else tuple(_value(attribute, p) for p in (pair.old, pair.new))
            for pair in beams
        ]
        told: set[int] = set()
        for place, value in enumerate(values):
            if value is None or place in told or value[0] == value[1]:
                continue
            other = next(
                (k for k, v in enumerate(values) if k > place and k not in told and v == value[::-1] and all(value)),
                None,
            )
            pair = beams[place]
            assert pair.old is not None and pair.new is not None
            old, new = pair.old.beam, pair.new.beam
            if other is not None:
                told.add(other)
                record.of_beams(old.path, new.path, place, other).add(swapped, value[0], value[1])
                continue
            inner = record.of_beams(old.path, new.path, place)
            if attribute == "beam_number":
                inner.number(attribute, old.number, new.number)
            else:
                inner.text(attribute, old.name, new.name)


def _value(attribute: str, planned: PlannedBeam) -> int | str | None:
    return known_int(planned.beam.number) if attribute == "beam_number" else planned.beam.name


def merged(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same change in several beams as one difference, and all of them ordered: what matters first."""
    found: dict[Hashable, Difference] = {}
    for difference in differences:
        key = _key(difference)
        before = found.get(key)
        if before is None:
            found[key] = difference
            continue
        same = (before.old, before.new) == (difference.old, difference.new)
        found[key] = replace(
            before,
            beams=tuple(dict.fromkeys((*before.beams, *difference.beams))),
            old=before.old if same else None,
            new=before.new if same else None,
            within=before.within and difference.within,
        )
    order = list(ATTRIBUTES)
    return tuple(
        sorted(
            found.values(),
            key=lambda d: (
                not d.counts,
                d.within,
                not d.matters,
                _KINDS.index(d.kind),
                order.index(d.attribute),
                d.beams,
            ),
        )
    )


def _key(difference: Difference) -> Hashable:
    """What makes two differences of different beams the same change."""
    d = difference
    shift = d.details.get("shift_lps_mm")
    if d.attribute == "isocenter" and isinstance(shift, tuple) and d.details.get("steady"):
        # Moved by the same vector, wherever from; a hundredth of a millimeter is rounding of the two positions.
        return (d.attribute, d.kind, d.within, tuple(round(float(value), 2) + 0.0 for value in shift))
    if not d.beams or d.attribute in ("leaves", "beam_added", "beam_removed", "meterset"):
        return id(d)
    return (d.attribute, d.kind, d.matters, d.counts, d.within, d.old, d.new, d.old_presence, d.new_presence, d.note)


def remarks_of(differences: Sequence[Difference], beams: Sequence[BeamPair]) -> list[str]:
    """What many differences have in common, in words."""
    treating = [k for k, pair in enumerate(beams) if pair.treats and pair.old is not None and pair.new is not None]
    remarks = []
    frames = any(d.attribute == "frame_of_reference" for d in differences)
    unlike = (
        " The frames of reference are not the same, so that this need be no shift in the patient." if frames else ""
    )
    for d in differences:
        shift = d.details.get("shift_lps_mm")
        if d.attribute != "isocenter" or not isinstance(shift, tuple) or len(d.beams) < 2:
            continue
        x, y, z = (float(value) for value in shift)
        whole = set(treating) <= set(d.beams)
        who = "The whole plan" if whole else f"{len(d.beams)} beams"
        by = f"by ({x:.2f}, {y:.2f}, {z:.2f}) mm in patient coordinates (LPS), {d.amount or 0.0:.2f} mm"
        remarks.append(f"{who} moved {by}{': within tolerance' if d.within else ''}.{unlike}")
    scaled = [
        d for d in differences if d.attribute == "meterset" and isinstance(d.old, float) and d.percent is not None
    ]
    if len(scaled) > 1 and {k for d in scaled for k in d.beams} >= set(treating):
        factors = np.array([1.0 + (d.percent or 0.0) / 100.0 for d in scaled])
        if float(np.ptp(factors)) <= _SAME_FACTOR:
            remarks.append(f"All metersets are scaled by the same factor, {float(factors.mean()):.4f}.")
    return remarks + _exchanged(differences, beams)


def _exchanged(differences: Sequence[Difference], beams: Sequence[BeamPair]) -> list[str]:
    """Two beams that each have a value that the other one had, over the whole beam."""
    remarks = []
    values = [
        d
        for d in differences
        if d.attribute in _EXCHANGED and not d.within and len(d.beams) == 1 and not d.note.startswith("largest")
    ]
    for k, one in enumerate(values):
        for other in values[k + 1 :]:
            if one.attribute != other.attribute or one.note != other.note:
                continue
            numbers = isinstance(one.old, int | float) and isinstance(one.new, int | float)
            if numbers and (one.old, one.new) == (other.new, other.old):
                names = [pair.new.label for d in (one, other) for pair in [beams[d.beams[0]]] if pair.new is not None]
                what = f"{ATTRIBUTES[one.attribute].title} {one.old:g} and {one.new:g} {one.unit}"
                remarks.append(f"{' and '.join(names).capitalize()} exchanged values: {what}.")
    return remarks
