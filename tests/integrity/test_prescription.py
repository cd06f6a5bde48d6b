"""Worked cases of `rtcode.integrity.checks.prescription`."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.integrity.checks import prescription
from rtcode.plan.model import Missing, ReferencedBeam
from rtcode.records import replace
from tests import factory as f
from tests.integrity.support import Case, good, holds

TARGET = f.dose_reference(1, target_prescription_gy=50.0)
#: as Monaco writes it: a point for the beam doses beside the prescription
POINT = f.dose_reference(2, index=1, structure_type="COORDINATES")


def prescribed(dose_gy: Any, **fields: Any) -> Any:
    return good(dose_references=(f.dose_reference(1, target_prescription_gy=dose_gy, **fields),))


def given(dose_gy: float, fractions: Any = 25, **fields: Any) -> Any:
    """Two beams of this dose each."""
    return good(groups=(f.group(1, (1, 2), fractions=fractions, dose_gy=dose_gy, meterset=120.0),), **fields)


def linked(*groups: tuple[int, float, str, int]) -> tuple[Any, ...]:
    """Fraction groups of one beam each: beam, dose, UID of its target, fractions."""
    return tuple(
        f.group(i + 1, (beam,), index=i, fractions=fractions, dose_gy=dose, dose_reference_uid=uid, meterset=120.0)
        for i, (beam, dose, uid, fractions) in enumerate(groups)
    )


def doses(*values: Any) -> Any:
    """One group in which each beam has its own dose."""
    whole = f.group(1, (1, 2), fractions=25, meterset=120.0)
    beams = tuple(
        ReferencedBeam(r.path, r.number, r.meterset, dose, None) for r, dose in zip(whole.beams, values, strict=True)
    )
    return replace(whole, beams=beams)


FIRST, SECOND = f"{f.UID}.9.1", f"{f.UID}.9.2"
TWO_TARGETS = (
    f.dose_reference(1, target_prescription_gy=50.0),
    f.dose_reference(2, index=1, target_prescription_gy=16.0),
)

CASES = (
    Case("prescription_sum", good(), False, "2 x 1 Gy x 25 = 50 Gy"),
    Case(
        "prescription_sum",
        given(1.0, 28),
        True,
        "three fractions more",
        ("2 Gy x 28 = 56 Gy", "50 Gy are prescribed", "12 % too much"),
        (1, 2),
    ),
    Case("prescription_sum", given(1.0, 24), True, "one fraction less", ("48 Gy", "4 % too little")),
    Case("prescription_sum", given(1.009), False, "less than 2 %"),
    Case("prescription_sum", given(1.009), True, "a site that wants 0.5 %", limits={"tolerance_percent": 0.5}),
    Case("prescription_sum", given(0.9, dose_references=(TARGET, POINT)), False, "another point for the beam doses"),
    Case("prescription_sum", given(0.7, dose_references=(TARGET, POINT)), True, "too far for another point"),
    Case("prescription_sum", given(0.32, dose_references=TWO_TARGETS), False, "the second target's prescription"),
    Case("prescription_sum", given(0.8, dose_references=TWO_TARGETS), True, "neither", ("50 Gy and 16 Gy",)),
    Case("prescription_sum", good(dose_references=()), None, "no prescription", ("no prescription",)),
    Case("prescription_sum", prescribed(0.0), None, "0 is not filled in"),
    Case("prescription_sum", given(1.0, Missing.EMPTY), None, "no number of fractions", ("no number of fractions",)),
    Case(
        "prescription_sum", good(groups=(doses(2.0, Missing.ABSENT),)), None, "a beam without dose", ("beam 2",), (2,)
    ),
    Case("prescription_sum", good(groups=(doses(2.0, 0.0),)), None, "0 with a meterset is no dose", ("beam 2",), (2,)),
    Case(
        "prescription_sum",
        good(groups=linked((1, 2.0, FIRST, 25), (2, 2.0, SECOND, 8)), dose_references=TWO_TARGETS),
        False,
        "two targets, each its own group",
    ),
    Case(
        "prescription_sum",
        good(groups=linked((1, 2.0, FIRST, 25), (2, 2.0, SECOND, 5)), dose_references=TWO_TARGETS),
        True,
        "the boost lacks three fractions",
        ("2 Gy x 5 = 10 Gy", "16 Gy", "37.5 % too little"),
        (2,),
    ),
    Case(
        "prescription_sum",
        good(groups=(f.group(1, (1,), fractions=15), f.group(2, (2,), index=1, fractions=10))),
        False,
        "two phases of one course",
    ),
    Case(
        "prescription_sum",
        good(groups=(f.group(1, (1,), fractions=25), f.group(2, (2,), index=1, fractions=25))),
        False,
        "two targets with the same prescription",
    ),
    Case(
        "prescription_sum",
        good(groups=(f.group(1, (1,), fractions=25), f.group(2, (2,), index=1, fractions=5))),
        None,
        "which group gives what is not known",
        ("which fraction groups",),
    ),
    Case(
        "prescription_sum",
        good(groups=(f.group(1, (1, 2), fractions=25, dose_gy=0.5, beam_dose_meaning="BEAM_LEVEL"),)),
        None,
        "doses of single beams",
        ("not meant to be added",),
    ),
    Case(
        "prescription_sum",
        good(
            groups=(f.group(1, (1, 2), fractions=20, dose_gy=1.0),),
            sop_class_uid="1.2.246.352.70.1.70",
            model="Ethos",
        ),
        None,
        "Ethos counts what remains",
        ("remain",),
    ),
    Case(
        "prescription_sum",
        good(
            groups=(f.group(1, (1, 2), fractions=31, dose_gy=1.0),),
            sop_class_uid="1.2.246.352.70.1.70",
            model="Ethos",
        ),
        True,
        "no more remains than was prescribed",
        ("62 Gy", "24 % too much"),
    ),
    Case(
        "prescription_sum",
        good(groups=(f.group(1, (1, 2), fractions=20, dose_gy=1.0), f.group(2, (), index=1, brachy_setups=1))),
        None,
        "brachytherapy gives the rest",
        ("brachytherapy",),
    ),
    Case(
        "prescription_above_maximum", prescribed(50.0, delivery_maximum_gy=40.0), True, "above it", ("50 Gy", "40 Gy")
    ),
    Case("prescription_above_maximum", prescribed(50.0, target_maximum_gy=45.0), True, "the target's", ("45 Gy",)),
    Case("prescription_above_maximum", prescribed(50.0, delivery_maximum_gy=50.0), False, "the same, as Eclipse"),
    Case("prescription_above_maximum", prescribed(50.0), False, "no maximum"),
    Case("prescription_missing", prescribed(Missing.ABSENT), True, "absent"),
    Case("prescription_missing", prescribed(0.0), True, "0 is not filled in"),
    Case("prescription_missing", good(dose_references=(TARGET, POINT)), False, "one of two has it"),
    Case("prescription_missing", good(dose_references=()), False, "no target is another check"),
    Case("target_missing", good(dose_references=()), True, "none"),
    Case("target_missing", good(dose_references=(f.dose_reference(kind="ORGAN_AT_RISK"),)), True, "organs only"),
    Case("target_missing", good(), False, "one"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, prescription.CHECKS)


def test_the_numbers_that_were_compared_are_given() -> None:
    from tests.integrity.support import run

    (found,) = run(Case("prescription_sum", given(1.0, 28), True, ""), prescription.CHECKS)
    assert dict(found.values) == {"sum_gy": 56.0, "prescription_gy": 50.0}  # type: ignore[union-attr]
    assert found.where == (
        "FractionGroupSequence[0].NumberOfFractionsPlanned (300A,0078)",
        "DoseReferenceSequence[0].TargetPrescriptionDose (300A,0026)",
    )
