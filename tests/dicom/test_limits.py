"""Counts and lengths beyond which a plan is refused, since its cost would grow faster than its bytes."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.dicom import read_plan
from rtcode.dicom.limits import DEFAULT_LIMITS, Limits
from rtcode.errors import TooLargeError
from tests.dicom.plans import beam, encode, group, item, plan

READERS = ("auto", "reference")


def read(limits: Limits = DEFAULT_LIMITS, reader: Any = "auto", **fields: Any) -> Any:
    return read_plan(encode(plan([beam(1), beam(2)], **fields)), limits=limits, reader=reader)


def references(count: int, text: str) -> list[Any]:
    return [
        item(DoseReferenceNumber=i, DoseReferenceDescription=f"{text}{i}", DoseReferenceType="TARGET")
        for i in range(count)
    ]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("limits", "fields", "named"),
    [
        (Limits(fraction_groups=2), {"FractionGroupSequence": [group([1]), group([2]), group([1])]}, "(300A,0070)"),
        (Limits(references=3), {"FractionGroupSequence": [group([1, 2]), group([1, 2])]}, "more than 3 beams"),
        (Limits(entries=4), {"DoseReferenceSequence": references(5, "PTV")}, "(300A,0010)"),
        (Limits(characters=2_000), {"RTPlanDescription": "x" * 2_001}, "2000 characters"),
        (Limits(characters=2_000), {"DoseReferenceSequence": references(500, "PTV")}, "2000 characters"),
        (Limits(texts=100), {"DoseReferenceSequence": references(100, "PTV")}, "more than 100 labels"),
        (
            # every group looks at the texts of the plan again
            Limits(texts=100),
            {
                "DoseReferenceSequence": references(40, "PTV"),
                "FractionGroupSequence": [group([1]), group([2]), group([1, 2])],
            },
            "more than 100 labels",
        ),
    ],
)
def test_refused(limits: Limits, fields: dict[str, Any], named: str, reader: str) -> None:
    with pytest.raises(TooLargeError) as caught:
        read(limits, reader, **fields)
    assert named in caught.value.message
    read(reader=reader, **fields)  # the limits that hold leave room for it


def test_one_text_in_many_places_is_counted_once() -> None:
    same = [item(DoseReferenceNumber=i, DoseReferenceDescription="x" * 60) for i in range(100)]
    assert len(read(Limits(characters=2_000), DoseReferenceSequence=same).dose_references) == 100


def test_a_message_quotes_no_text() -> None:
    with pytest.raises(TooLargeError) as caught:
        read(RTPlanDescription="SECRET " * 10_000)
    assert "SECRET" not in caught.value.line()


def test_limits_leave_room_for_the_largest_plausible_plans() -> None:
    """Ninety beams with names and descriptions, in thirty groups of an adapted course, and long paragraphs."""
    beams = [beam(i, BeamName=f"arc {i} of the day", BeamDescription=f"field {i}") for i in range(1, 91)]
    groups = [group([3 * g + 1, 3 * g + 2, 3 * g + 3], FractionGroupNumber=g + 1) for g in range(30)]
    found = read_plan(encode(plan(beams, FractionGroupSequence=groups, RTPlanDescription="word " * 2_000)))
    assert len(found.fraction_groups or ()) == 30
