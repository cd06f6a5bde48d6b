"""Worked cases of `rtcode.integrity.checks.meterset`."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.integrity.checks import meterset
from rtcode.plan.model import Missing, ReferencedBeam
from rtcode.records import replace
from tests import factory as f
from tests.integrity.support import Case, good, holds


def metersets(first: Any, second: Any, *, dose_gy: Any = 1.0, **fields: Any) -> Any:
    """Two beams with these metersets."""
    return good(groups=(f.group(1, (1, 2), metersets={1: first, 2: second}, dose_gy=dose_gy),), **fields)


def doses(first: Any, second: Any, mu: float = 120.0) -> Any:
    """Two beams with these doses."""
    whole = f.group(1, (1, 2), fractions=25, meterset=mu)
    beams = tuple(
        ReferencedBeam(r.path, r.number, r.meterset, dose, None)
        for r, dose in zip(whole.beams, (first, second), strict=True)
    )
    return good(groups=(replace(whole, beams=beams),))


def nominal(count: int, **fields: Any) -> Any:
    """Beams with one dose, the last with few MU."""
    numbers = tuple(range(1, count + 1))
    group = f.group(1, numbers, metersets={count: 5.0}, meterset=100.0, dose_gy=0.2, **fields)
    return good(beams=tuple(f.beam(n) for n in numbers), groups=(group,))


SLIDING = f.beam(
    2,
    weights=(0.0, 0.5, 1.0),
    leaves=[f.rectangle(-40, -20, -40, 40), f.rectangle(-10, 10, -40, 40), f.rectangle(20, 40, -40, 40)],
    beam_type="DYNAMIC",
)
MINUTES = (f.beam(1, dosimeter_unit="MINUTE"), f.beam(2, dosimeter_unit="MINUTE"))
NONE = Missing.ABSENT

FILM = f.beam(2, delivery_type="OPEN_PORTFILM")


def filmed(meterset_mu: float, dose_gy: Any = Missing.ABSENT) -> Any:
    """A treatment beam and a port film with this meterset and dose."""
    whole = f.group(1, (1, 2), metersets={2: meterset_mu}, meterset=120.0, dose_gy=2.0)
    beams = (whole.beams[0], replace(whole.beams[1], dose_gy=dose_gy))
    return good(beams=(f.beam(1), FILM), groups=(replace(whole, beams=beams),))


CASES = (
    Case("port_film_meterset", filmed(120.0, 1.0), True, "a treatment field by its type", ("beam 2", "120", "1 Gy")),
    Case("port_film_meterset", filmed(120.0), True, "more than an image takes", ("beam 2",), (2,)),
    Case("port_film_meterset", filmed(3.0), False, "an image"),
    Case("port_film_meterset", filmed(3.0, 0.02), True, "an image whose dose is counted"),
    Case("port_film_meterset", good(), False, "no port film"),
    Case("meterset_missing", metersets(NONE, NONE, dose_gy=NONE), True, "no beam has one", ("no meterset",), (1, 2)),
    Case("meterset_missing", metersets(100.0, Missing.INVALID), True, "unreadable", ("an unreadable meterset",), (2,)),
    Case("meterset_missing", metersets(100.0, NONE), False, "beside others it is another"),
    Case("meterset_missing", good(), False, "given"),
    Case(
        "meterset_missing_beside_others",
        metersets(100.0, NONE, dose_gy=NONE),
        True,
        "a set-up field or a lost one",
        ("beam 2 is typed as treatment",),
        (2,),
    ),
    Case(
        "meterset_missing_beside_others",
        metersets(100.0, NONE, beams=(f.beam(1), f.beam(2, delivery_type="SETUP"))),
        False,
        "a set-up field that is typed as one",
    ),
    Case("meterset_missing_beside_others", good(), False, "given"),
    Case("dose_without_meterset", metersets(100.0, NONE), True, "none", ("1 Gy", "no meterset"), (2,)),
    Case("dose_without_meterset", metersets(100.0, 0.0), True, "0", ("a meterset of 0",), (2,)),
    Case("dose_without_meterset", metersets(100.0, 0.0, dose_gy=0.0), False, "gives nothing"),
    Case("dose_without_meterset", good(), False, "given"),
    Case("meterset_zero", metersets(100.0, 0.0), True, "0", ("beam 2 has",), (2,)),
    Case("meterset_zero", metersets(0.0, 0.0), True, "both", ("beams 1 and 2 have",), (1, 2)),
    Case(
        "meterset_zero",
        metersets(100.0, 0.0, beams=(f.beam(1), f.beam(2, delivery_type="SETUP"))),
        False,
        "of a set-up field",
    ),
    Case("meterset_zero", good(), False, "given"),
    Case("meterset_negative", metersets(100.0, -3.0), True, "negative", ("-3",), (2,)),
    Case("meterset_negative", good(), False, "positive"),
    Case("meterset_large", metersets(100.0, 3001.0), True, "above 3000", ("3001 MU", "3000 MU"), (2,)),
    Case("meterset_large", metersets(100.0, 3000.0), False, "3000"),
    Case("meterset_large", metersets(100.0, 900.0), True, "a site's limit", limits={"beam_mu": 800.0}),
    Case("meterset_large", metersets(100.0, 3001.0, beams=MINUTES), False, "not in MU"),
    Case("session_meterset_large", metersets(20_000.0, 6_000.0), True, "together", ("26000 MU",), (1, 2)),
    Case("session_meterset_large", metersets(15_000.0, 6_000.0), False, "radiosurgery"),
    Case("meterset_per_dose", metersets(12.0, 12.0), True, "a tenth", ("12 MU/Gy, less than 40",), (1, 2)),
    Case("meterset_per_dose", metersets(9000.0, 100.0), True, "too many", ("4550 MU/Gy, more than 4000",)),
    Case("meterset_per_dose", metersets(300.0, 500.0), False, "modulated"),
    Case("meterset_per_dose", metersets(12.0, 12.0, dose_gy=NONE), False, "no dose to compare with"),
    Case("meterset_per_dose", metersets(3.0, 3.0, beams=MINUTES), False, "not in MU"),
    Case("meterset_per_dose", metersets(100.0, 12.0), True, "one beam's tenth", ("beam 2 has 12 MU/Gy",), (2,)),
    Case(
        "meterset_per_dose", metersets(100.0, 1200.0), True, "one beam's tenfold", ("1200 MU/Gy, more than 800",), (2,)
    ),
    Case("meterset_per_dose", doses(2.0, 0.01), False, "the point of the doses is outside its field"),
    Case(
        "meterset_per_dose",
        metersets(100.0, 1200.0, beams=(f.beam(1), f.beam(2, ssd=3000.0))),
        False,
        "an extended distance",
    ),
    Case(
        "meterset_per_dose",
        metersets(100.0, 1200.0, beams=(f.beam(1), SLIDING)),
        False,
        "a modulated field needs more",
    ),
    Case("meterset_per_dose", nominal(5), False, "doses are nominal: five beams with the same one"),
    Case("meterset_per_dose", nominal(4), True, "four may have the same one", ("beam 4",)),
    Case("meterset_per_dose", nominal(2, beam_dose_meaning="FRACTION_LEVEL"), False, "doses are said to be nominal"),
    Case("beam_dose_missing", doses(2.0, Missing.INVALID), True, "unreadable", ("beam 2 has an unreadable",), (2,)),
    Case("beam_dose_missing", doses(2.0, NONE), True, "absent", ("beam 2 has", "1 other beam has one"), (2,)),
    Case("beam_dose_missing", doses(2.0, 0.0), True, "0", (), (2,)),
    Case("beam_dose_missing", doses(NONE, NONE), False, "none has one"),
    Case("beam_dose_missing", metersets(100.0, 0.0, dose_gy=2.0), False, "gives nothing"),
    Case("beam_dose_missing", good(), False, "all have one"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, meterset.CHECKS)
