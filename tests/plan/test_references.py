"""Defects of the beams that a fraction group names, each once and in the order of the file."""

from __future__ import annotations

import pytest

from rtcode.plan.model import FractionGroup, Integer, Missing, ReferencedBeam
from rtcode.plan.references import ReferenceProblem, reference_defects

DECLARED, UNREADABLE = ReferenceProblem.DECLARED, ReferenceProblem.UNREADABLE
REPEATED, DANGLING = ReferenceProblem.REPEATED, ReferenceProblem.DANGLING


def group(declared: Integer, numbers: list[Integer]) -> FractionGroup:
    return FractionGroup(
        index=0,
        path="FractionGroupSequence[0]",
        number=1,
        description=None,
        fractions_planned=25,
        digits_per_day=Missing.ABSENT,
        cycle_length_weeks=Missing.ABSENT,
        pattern=None,
        beam_dose_meaning=None,
        declared_beams=declared,
        declared_brachy_setups=0,
        beams=tuple(
            ReferencedBeam(f"FractionGroupSequence[0].ReferencedBeamSequence[{i}]", number, 100.0, 2.0, None)
            for i, number in enumerate(numbers)
        ),
        brachy_setups=0,
    )


@pytest.mark.parametrize(
    ("declared", "numbers", "problems", "missing"),
    [
        (2, [1, 2], [], False),
        (Missing.ABSENT, [1, 2], [], False),
        (Missing.INVALID, [1], [], False),
        (3, [1, 2], [DECLARED], True),
        (1, [1, 2], [DECLARED], False),  # more named than counted: all of them are there
        (0, [], [], False),
        (2, [], [DECLARED], True),
        (2, [1, Missing.EMPTY], [UNREADABLE], True),
        (2, [1, Missing.INVALID], [UNREADABLE], True),
        (2, [1, 1], [REPEATED], True),
        (3, [1, 2, 2], [REPEATED], True),
        (2, [1, 99], [DANGLING], True),
        (2, [99, 99], [DANGLING, REPEATED], True),
        (5, [99, Missing.ABSENT, 1, 1], [DECLARED, DANGLING, UNREADABLE, REPEATED], True),
    ],
)
def test_defects(declared: Integer, numbers: list[Integer], problems: list[ReferenceProblem], missing: bool) -> None:
    found = list(reference_defects(group(declared, numbers), {1, 2}))
    assert [defect.problem for defect in found] == problems
    assert any(defect.hides_beam for defect in found) is missing
    assert len({defect.where for defect in found}) == len(found)


def test_words_name_the_beam_where_there_is_a_number() -> None:
    found = reference_defects(group(5, [99, Missing.EMPTY, 1, 1]), {1})
    assert [defect.words for defect in found] == [
        "more beams counted than named",
        "number 99",
        "a reference without a number",
        "number 1 named twice",
    ]
