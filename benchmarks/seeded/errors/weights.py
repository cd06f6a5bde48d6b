"""Cumulative meterset weights and control points."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, number_of, text_of, written
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

WEIGHTS = topics("weights", "meterset")
POINTS = topics("control_points", "weights")


def not_ending(draft: Draft) -> Mark:
    beam = draft.a_beam()
    last = beam.ControlPointSequence[-1]
    last.CumulativeMetersetWeight = text_of(round(float(last.CumulativeMetersetWeight) * 0.9, 5))
    return Mark((number_of(beam),), "last weight 10 % short of the final one")


def final_hundred(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("FinalCumulativeMetersetWeight") == 1])
    beam.FinalCumulativeMetersetWeight = "100"
    return Mark((number_of(beam),), "final weight 100, weights up to 1")


def final_lost(draft: Draft) -> Mark:
    beam = draft.a_beam()
    if "FinalCumulativeMetersetWeight" not in beam:
        raise Unfit
    del beam.FinalCumulativeMetersetWeight
    return Mark((number_of(beam),), "final weight absent")


def _long(draft: Draft) -> Dataset:
    return draft.one([b for b in draft.treatment if len(written(b, "CumulativeMetersetWeight")) >= 6])


def decreasing(draft: Draft) -> Mark:
    beam = _long(draft)
    points = written(beam, "CumulativeMetersetWeight")
    steps = [i for i in range(2, len(points) - 1) if _weight(points[i]) - _weight(points[i - 1]) > 1e-4]
    at = draft.rng.choice(steps or [2])
    points[at].CumulativeMetersetWeight = text_of(_weight(points[at - 1]) * 0.5)
    return Mark((number_of(beam),), f"weight falls at control point {at}")


def _weight(point: Dataset) -> float:
    return float(point.CumulativeMetersetWeight)


def not_from_zero(draft: Draft) -> Mark:
    beam = draft.a_beam()
    points = written(beam, "CumulativeMetersetWeight")
    points[0].CumulativeMetersetWeight = text_of(min(0.05, _weight(points[1]) or 0.05) if len(points) > 1 else 0.05)
    return Mark((number_of(beam),), "first weight not 0")


def redistributed(draft: Draft) -> Mark:
    beam = _long(draft)
    points = written(beam, "CumulativeMetersetWeight")
    final = _weight(points[-1])
    fits = [i for i in range(1, len(points) - 1) if _weight(points[i + 1]) - _weight(points[i]) > 0.02 * final]
    if not fits:
        raise Unfit
    at = draft.rng.choice(fits)
    points[at].CumulativeMetersetWeight = text_of((_weight(points[at]) + 3 * _weight(points[at + 1])) / 4)
    return Mark((number_of(beam),), f"weight of control point {at} moved to the next")


def weight_empty(draft: Draft) -> Mark:
    beam = _long(draft)
    points = written(beam, "CumulativeMetersetWeight")
    at = draft.rng.randrange(1, len(points) - 1)
    points[at].CumulativeMetersetWeight = None
    return Mark((number_of(beam),), f"weight of control point {at} empty")


def last_points_lost(draft: Draft) -> Mark:
    beam = _long(draft)
    beam.ControlPointSequence = Items(list(beam.ControlPointSequence)[:-2])
    return Mark((number_of(beam),), "two control points at the end lost, count as before")


def middle_point_lost(draft: Draft) -> Mark:
    beam = _long(draft)
    points = list(beam.ControlPointSequence)
    del points[draft.rng.randrange(2, len(points) - 2)]
    beam.ControlPointSequence = Items(points)
    return Mark((number_of(beam),), "a control point in the middle lost, count and indices as before")


def middle_point_closed_up(draft: Draft) -> Mark:
    beam = _long(draft)
    points = list(beam.ControlPointSequence)
    # Only a point that repeats what it inherits may go without taking values of the later ones with it.
    keywords = [{e.keyword for e in point} for point in points]
    fits = [i for i in range(2, len(points) - 2) if keywords[i] == keywords[i + 1]]
    if not fits:
        raise Unfit
    del points[draft.rng.choice(fits)]
    for index, point in enumerate(points):
        point.ControlPointIndex = str(index)
    beam.ControlPointSequence = Items(points)
    beam.NumberOfControlPoints = str(len(points))
    return Mark((number_of(beam),), "a control point in the middle lost, count and indices adjusted")


def index_repeated(draft: Draft) -> Mark:
    beam = _long(draft)
    points = list(beam.ControlPointSequence)
    at = draft.rng.randrange(2, len(points) - 1)
    points[at].ControlPointIndex = str(at - 1)
    return Mark((number_of(beam),), f"control point {at} has the index of the one before")


def one_point_left(draft: Draft) -> Mark:
    beam = draft.a_beam()
    beam.ControlPointSequence = Items(list(beam.ControlPointSequence)[:1])
    beam.NumberOfControlPoints = "1"
    return Mark((number_of(beam),), "one control point left")


KINDS = (
    Kind(
        id="weights_not_ending",
        family="weights",
        harm=Harm.SERIOUS,
        notice="the weights end before the final weight",
        topics=WEIGHTS,
        integrity=yes("the last cumulative weight is the final one, by definition"),
        plant=not_ending,
    ),
    Kind(
        id="final_weight_hundred",
        family="weights",
        harm=Harm.SERIOUS,
        notice="the final weight is 100 and the weights run up to 1",
        topics=WEIGHTS,
        integrity=yes("the last cumulative weight is the final one, by definition"),
        plant=final_hundred,
    ),
    Kind(
        id="final_weight_absent",
        family="weights",
        harm=Harm.STOPS,
        notice="a beam has no final weight",
        topics=WEIGHTS,
        integrity=yes("without it the metersets of the control points are not defined"),
        plant=final_lost,
    ),
    Kind(
        id="weights_decreasing",
        family="weights",
        harm=Harm.SERIOUS,
        notice="a cumulative weight falls",
        topics=WEIGHTS,
        integrity=yes("cumulative weights never fall"),
        plant=decreasing,
    ),
    Kind(
        id="weights_not_from_zero",
        family="weights",
        harm=Harm.MODERATE,
        notice="the first weight is not 0",
        topics=WEIGHTS,
        integrity=yes("meterset before the first control point is not described"),
        plant=not_from_zero,
    ),
    Kind(
        id="weights_redistributed",
        family="weights",
        harm=Harm.MODERATE,
        notice="meterset has moved from one segment to its neighbor",
        topics=WEIGHTS,
        integrity=no("any rising course of weights is possible"),
        plant=redistributed,
    ),
    Kind(
        id="weight_empty",
        family="weights",
        harm=Harm.STOPS,
        notice="a control point has no weight",
        topics=WEIGHTS,
        integrity=yes("a moving beam needs a weight at every control point"),
        plant=weight_empty,
    ),
    Kind(
        id="control_points_lost_at_end",
        family="control points",
        harm=Harm.SERIOUS,
        notice="fewer control points than declared, the end is missing",
        topics=POINTS,
        integrity=yes("the count differs and the weights do not end"),
        plant=last_points_lost,
    ),
    Kind(
        id="control_point_lost_in_middle",
        family="control points",
        harm=Harm.SERIOUS,
        notice="fewer control points than declared",
        topics=POINTS,
        integrity=yes("the count differs and an index is missing"),
        plant=middle_point_lost,
    ),
    Kind(
        id="control_point_lost_and_closed_up",
        family="control points",
        harm=Harm.MODERATE,
        notice="one control point fewer, everything renumbered",
        topics=topics("control_points", "weights", "leaves", "gantry"),
        integrity=no("the beam agrees with itself"),
        plant=middle_point_closed_up,
    ),
    Kind(
        id="control_point_index_repeated",
        family="control points",
        harm=Harm.STOPS,
        notice="two control points have the same index",
        topics=topics("control_points"),
        integrity=yes("indices count up from 0"),
        plant=index_repeated,
    ),
    Kind(
        id="one_control_point",
        family="control points",
        harm=Harm.STOPS,
        notice="a beam with a single control point",
        topics=topics("control_points", "weights", "meterset"),
        integrity=yes("a beam has at least two"),
        plant=one_point_left,
    ),
)
