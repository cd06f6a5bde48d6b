"""Which beam is which: renumbered, renamed, swapped, removed, added, alike."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rtcode.comparison.matching import best_assignment
from rtcode.comparison.types import Comparison, Verdict
from rtcode.plan.model import Missing
from tests.comparison.support import BASE, METERSETS, base, compared, found
from tests.factory import group


def pairs(comparison: Comparison) -> dict[int | None, int | None]:
    """Number in OLD → number in NEW."""

    def number(planned: object) -> int | None:
        return None if planned is None else planned.beam.number  # type: ignore[attr-defined]

    return {number(p.old): number(p.new) for p in comparison.beams}


def renumbered(numbers: dict[int, int]) -> dict[str, object]:
    """The same beams under other numbers; the fraction group follows."""
    metersets = {numbers.get(n, n): value for n, value in METERSETS.items()}
    return {
        "changes": {n: {"number": m} for n, m in numbers.items()},
        "groups": (group(1, sorted(numbers.get(n, n) for n in BASE), metersets=metersets, dose_gy=0.7),),
    }


def test_unchanged_beams_agree_in_everything() -> None:
    comparison = compared(base(), base(label="OTHER"))
    assert {p.by for p in comparison.beams} == {("number", "name", "geometry")}
    assert all(p.similarity == pytest.approx(1.0) for p in comparison.beams)


def test_two_beams_that_swapped_their_numbers_are_told_as_that() -> None:
    comparison = compared(base(), base(**renumbered({1: 2, 2: 1})))
    assert pairs(comparison) == {1: 2, 2: 1, 3: 3}
    (one,) = comparison.beyond
    assert one.attribute == "beam_numbers_swapped" and {one.old, one.new} == {1, 2} and not comparison.matters
    assert all("name" in p.by and "geometry" in p.by for p in comparison.beams)


def test_swapped_numbers_without_names_are_found_by_geometry() -> None:
    nameless = {n: {"name": None} for n in BASE}
    swapped = renumbered({1: 3, 3: 1})
    swapped["changes"] = {n: {**nameless[n], **swapped["changes"].get(n, {})} for n in BASE}  # type: ignore[attr-defined]
    comparison = compared(base(nameless), base(**swapped))  # type: ignore[arg-type]
    assert found(comparison) == {"beam_numbers_swapped"}


def test_swapped_names() -> None:
    comparison = compared(base(), base({1: {"name": "LAT"}, 2: {"name": "AP"}}))
    assert pairs(comparison) == {1: 1, 2: 2, 3: 3} and found(comparison) == {"beam_names_swapped"}


def test_swapped_gantry_angles_under_kept_numbers_and_names_are_gantry_angles() -> None:
    comparison = compared(base(), base({1: {"gantry": 90.0}, 2: {"gantry": 0.0}}))
    assert pairs(comparison) == {1: 1, 2: 2, 3: 3} and found(comparison) == {"gantry_angle"}


@pytest.mark.parametrize("name", [None, "FIELD"])
def test_exchanged_gantry_angles_without_names_are_told_as_that(name: str | None) -> None:
    old, new = ({1: {"gantry": a, "name": name}, 2: {"gantry": b, "name": name}} for a, b in ((0.0, 90.0), (90.0, 0.0)))
    comparison = compared(base(old), base(new))
    assert pairs(comparison) == {1: 1, 2: 2, 3: 3} and found(comparison) == {"gantry_angle"}
    assert comparison.remarks == ("Beam 1 and beam 2 exchanged values: gantry angle 0 and 90 deg.",)


def test_exchanged_metersets() -> None:
    new = base(group_fields={"metersets": METERSETS | {1: METERSETS[2], 2: METERSETS[1]}})
    assert compared(base(), new).remarks == ("Beam 1 and beam 2 exchanged values: meterset 100 and 120 MU.",)


def test_beams_that_turned_by_the_same_angle_exchanged_nothing() -> None:
    assert compared(base(), base({1: {"gantry": 90.0}, 2: {"gantry": 180.0}})).remarks == ()


def test_renumbered_beams() -> None:
    comparison = compared(base(), base(**renumbered({1: 11, 2: 12, 3: 13})))
    assert pairs(comparison) == {1: 11, 2: 12, 3: 13}
    assert found(comparison) == {"beam_number"} and not comparison.matters


def test_renumbered_and_renamed_beams_are_found_by_geometry() -> None:
    new = renumbered({1: 11, 2: 12, 3: 13})
    new["changes"] = {n: {"number": n + 10, "name": f"field {n}"} for n in BASE}
    comparison = compared(base(), base(**new))  # type: ignore[arg-type]
    assert pairs(comparison) == {1: 11, 2: 12, 3: 13}
    assert {p.by for p in comparison.beams} == {("geometry",)}
    assert found(comparison) == {"beam_number", "beam_name"}


def test_a_removed_beam_whose_followers_move_up() -> None:
    new = base(
        without=(1,),
        changes={2: {"number": 1}, 3: {"number": 2}},
        groups=(group(1, (1, 2), metersets={1: 120.0, 2: 300.0}, dose_gy=0.7),),
    )
    comparison = compared(base(), new)
    assert pairs(comparison) == {1: None, 2: 1, 3: 2}
    assert found(comparison) == {"beam_removed", "beam_number"}


def test_another_beam_under_a_number_that_became_free() -> None:
    other = {
        "number": 2, "name": "BOOST", "radiation": "ELECTRON", "energy": 9.0, "gantry": 300.0, "collimator": 45.0,
        "couch": 40.0, "isocenter": (80.0, 70.0, 60.0), "jaws_x": (-10.0, 10.0), "jaws_y": (-10.0, 10.0),
    }  # fmt: skip
    new = base(without=(2,), more={2: other}, group_fields={"metersets": METERSETS | {2: 400.0}})
    assert {"beam_removed", "beam_added"} <= found(compared(base(), new))


def test_order_in_the_file_means_nothing_and_is_told() -> None:
    comparison = compared(base(), base(order=(3, 1, 2)))
    assert comparison.verdict is Verdict.SAME_CONTENT
    assert [d.attribute for d in comparison.differences] == ["beam_order"]


def test_beams_that_are_all_alike_keep_their_numbers() -> None:
    twins = {n: {"name": "FIELD", "gantry": 0.0, "leaves": BASE[1]["leaves"]} for n in (1, 2)}
    comparison = compared(base(twins), base(twins, label="OTHER"))
    assert pairs(comparison) == {1: 1, 2: 2, 3: 3} and found(comparison) == {"label"}


def test_beams_without_numbers() -> None:
    none = {n: {"number": Missing.ABSENT} for n in BASE}
    plans = [base(none, groups=None, label=label) for label in ("A", "B")]
    comparison = compared(*plans)
    assert found(comparison) == {"label"}
    assert {p.by for p in comparison.beams} == {("name", "geometry")}


def test_no_beams() -> None:
    empty = {"without": (1, 2, 3), "groups": ()}
    assert compared(base(**empty), base(**empty, label="X")).beams == ()
    assert found(compared(base(**empty), base())) >= {"beam_added"}


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.integers(1, 5)),
        elements=st.floats(0, 9, allow_nan=False),
    )
)
def test_the_assignment_is_the_best_of_all(worth: np.ndarray) -> None:
    rows, columns = worth.shape
    chosen = best_assignment(worth)
    assert len({i for i, _ in chosen}) == len({j for _, j in chosen}) == len(chosen) == min(rows, columns)
    short, long = sorted((rows, columns))
    table = worth if rows <= columns else worth.T
    best = max(sum(table[i, j] for i, j in enumerate(order)) for order in permutations(range(long), short))
    assert sum(worth[i, j] for i, j in chosen) == pytest.approx(best)


def test_very_many_beams_are_matched_in_time() -> None:
    fields = {"leaves": None, "machine_name": "LA1"}
    many = {n: {"name": None, "gantry": float(n % 360), **fields} for n in range(1, 451)}
    old = base(without=(1, 2, 3), more=many, group_fields={"metersets": {}})
    new = base(
        without=(1, 2, 3),
        more={n: {**v, "number": n + 1000} for n, v in many.items()},
        groups=(group(1, [n + 1000 for n in many], dose_gy=0.7),),
    )
    assert all(p.old is not None and p.new is not None for p in compared(old, new).beams)
