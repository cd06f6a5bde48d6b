"""Meterset weights and indices of control points compared: which share of its meterset a beam has given where.

The meterset at a control point is the beam's meterset times the cumulative weight over the final one (PS3.3
C.8.8.14.1). Weights are therefore compared over the final weight: both scaled by one factor are the same, one of them
alone is not.
"""

from __future__ import annotations

import numpy as np

from rtcode.comparison.alignment import Alignment, known_values, shares_of
from rtcode.comparison.columns import compare_steps, compare_values
from rtcode.comparison.recorder import Recorder, one_sided
from rtcode.comparison.tolerances import NOISE, equal, within
from rtcode.comparison.types import Presence
from rtcode.plan.model import FloatArray, known
from rtcode.plan.sessions import PlannedBeam


def compare_weights(record: Recorder, old: PlannedBeam, new: PlannedBeam, at: Alignment | None) -> None:
    """Final weights, and cumulative ones in percent of them."""
    before, after = _final(old), _final(new)
    written = _written(old), _written(new)
    if before is None or after is None:
        record.number("final_meterset_weight", old.beam.final_meterset_weight, new.beam.final_meterset_weight)
    elif not equal(before, after):
        followed = _follow(*written, record.limit("meterset_weight"))
        record.add("final_meterset_weight", before, after, counts=not followed)
    a, b = shares_of(old), shares_of(new)
    if at is None:
        return  # nothing says which control points correspond, and that is told
    if a is None and b is None:
        same = [x.shape for x in written] == [written[0].shape] * 2 and np.allclose(
            *written, rtol=0.0, atol=NOISE, equal_nan=True
        )
        if same:
            record.cannot("meterset_weight", "the weights are unusable in both plans")
        else:
            record.add("meterset_weight", None, None, note="the weights of both plans are unusable, and not the same")
    elif a is None or b is None:
        side = "OLD" if a is None else "NEW"
        presence = one_sided(new=a is None, other=Presence.INVALID)
        record.add("meterset_weight", None, None, presence=presence, note=f"the weights of {side} are unusable")
    elif at.shares is not None:
        _ends(record, *written, known_final=before is not None and after is not None)
    elif before is None or after is None:
        # Of what they rise by: what the final weight would make of it is told by the final weight.
        compare_values(record, "meterset_weight", 100 * a, 100 * b, at, None, None)
    else:
        compare_values(record, "meterset_weight", *written, at, None, None)


def _final(planned: PlannedBeam) -> float | None:
    """The final weight, ``None`` where it is unknown or nothing can be divided by it."""
    final = known(planned.beam.final_meterset_weight)
    return final if final is not None and final > 0 else None


def _written(planned: PlannedBeam) -> FloatArray:
    """Cumulative weights in percent of the final one; as they are where that is unknown."""
    points = planned.beam.control_points
    return 100.0 * known_values(points.meterset_weight, points.count) / (_final(planned) or 100.0)


def _follow(a: FloatArray, b: FloatArray, limit: float) -> bool:
    """Whether the last weights are the same share of two final weights: then only their scale is another one."""
    return bool(a.size and b.size and within(abs(float(a[-1] - b[-1])), limit))


def _ends(record: Recorder, a: FloatArray, b: FloatArray, *, known_final: bool) -> None:
    """Where weights begin and end; between that they are what the beams were laid side by side by."""
    if not known_final:
        return
    for place, where in ((0, "first"), (-1, "last")):
        before, after = float(a[place]), float(b[place])
        amount = abs(after - before)
        if amount > NOISE:
            record.add(
                "meterset_weight",
                before,
                after,
                within=within(amount, record.limit("meterset_weight")),
                amount=amount,
                note=f"at the {where} control point",
            )


def compare_indices(record: Recorder, old: PlannedBeam, new: PlannedBeam, at: Alignment | None) -> None:
    """Indices of the control points; where those differ in number, whether the indices count them."""
    columns = old.beam.control_points.number, new.beam.control_points.number
    if at is not None and at.shares is None:
        compare_steps(record, "control_point_index", *columns, at)
        return
    counting = [
        np.array_equal(known_values(planned.beam.control_points.number, n), np.arange(n))
        for planned in (old, new)
        for n in [planned.beam.control_points.count]
    ]
    if not all(counting):
        sides = " and ".join(side for side, fine in zip(("OLD", "NEW"), counting, strict=True) if not fine)
        record.add("control_point_index", None, None, note=f"the indices of {sides} do not count the control points")
