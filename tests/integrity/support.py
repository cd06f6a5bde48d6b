"""Cases of integrity checks as data: a plan, what one check has to make of it, and why.

Each ``tests/integrity/test_<module>.py`` has a tuple ``CASES`` for the checks of a module of
``rtcode/integrity/checks`` and runs them with `holds`; ``test_registry.py`` collects them and wants, for every check,
one that finds and one that passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rtcode.coding.codeset import choose
from rtcode.features import BeamFacts, describe
from rtcode.integrity.types import Check, CheckCase, Found, Unknown
from rtcode.metrics.machines import MachineLimits
from rtcode.plan.model import RTPlan
from rtcode.plan.sessions import planned_beams, sessions_of
from rtcode.records import field, record
from tests import factory as f


@record(eq=False)
class Case:
    """One worked case of a check.

    Attributes
    ----------
    id
        The check.
    plan
        A plan made with `tests.factory`.
    finds
        True: at least one `Found` and no `Unknown`; False: nothing at all; None: only `Unknown`.
    why
        The reason, as a test's name can show it.
    says
        Parts of the message (or of the reason, where ``finds`` is None) that have to be there: numbers, beams.
    beams
        Numbers of the beams that the findings name altogether, ascending, where the case says.
    limits
        The check's limits as a site has set them; the others have their defaults.
    machine
        Fields of `MachineLimits` for all beams, on top of `MACHINE`.
    day
        The date of service.
    """

    id: str
    plan: RTPlan
    finds: bool | None
    why: str
    says: tuple[str, ...] = ()
    beams: tuple[int, ...] | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    day: date | None = None

    @property
    def name(self) -> str:
        return f"{self.id}: {self.why}"


#: A C-arm linac as most are.
MACHINE: Mapping[str, Any] = {
    "gantry_speed_deg_s": 6.0,
    "dose_rate_mu_min": 600.0,
    "leaf_speed_mm_s": 25.0,
    "jaw_speed_mm_s": 25.0,
    "leaf_travel_mm": (-200.0, 200.0),
    "jaw_travel_x_mm": (-200.0, 200.0),
    "jaw_travel_y_mm": (-200.0, 200.0),
    "gantry_range_deg": (-185.0, 185.0),
    "source": "test",
}


def facts_of(plan: RTPlan) -> tuple[BeamFacts, ...]:
    """Facts of every beam in file order, with the settings of the shipped code set."""
    settings = choose().settings
    return tuple(describe(planned, settings) for planned in planned_beams(plan, sessions_of(plan)))


def check_case(
    plan: RTPlan,
    check: type[Check],
    *,
    limits: Mapping[str, float] | None = None,
    machine: Mapping[str, Any] | None = None,
    day: date | None = None,
) -> CheckCase:
    """What the engine gives a check."""
    sessions = sessions_of(plan)
    settings = choose().settings
    beams = tuple(describe(planned, settings) for planned in planned_beams(plan, sessions))
    values = {name: limit.default for name, limit in check.limits.items()}
    assert set(limits or {}) <= set(values), "the case sets a limit that the check does not have"
    machine_limits = MachineLimits(**{**MACHINE, **(machine or {})})
    return CheckCase(plan, beams, sessions, {**values, **(limits or {})}, tuple(machine_limits for _ in beams), day)


def run(case: Case, checks: tuple[type[Check], ...]) -> list[Found | Unknown]:
    """What the case's check yields."""
    (check,) = (one for one in checks if one.id == case.id)
    return list(check().find(check_case(case.plan, check, limits=case.limits, machine=case.machine, day=case.day)))


def holds(case: Case, checks: tuple[type[Check], ...]) -> None:
    """Assert that the check makes of the plan what the case says."""
    yielded = run(case, checks)
    found = [one for one in yielded if isinstance(one, Found)]
    unknown = [one for one in yielded if isinstance(one, Unknown)]
    assert len(found) + len(unknown) == len(yielded)
    assert (bool(found), bool(unknown)) == {
        True: (True, False),
        False: (False, False),
        None: (False, True),
    }[case.finds], (case.name, yielded)
    text = " ".join([one.message for one in found] + [one.reason for one in unknown])
    for part in case.says:
        assert part in text, (case.name, text)
    if case.beams is not None:
        assert tuple(sorted({n for one in yielded for n in one.beams})) == case.beams, (case.name, yielded)
    for one in found:
        assert one.message.strip() and not one.message.endswith("."), "a message is a phrase"
    for forbidden in forbidden_texts(case.plan):
        assert forbidden not in text, "a message never quotes a text of the plan"


def forbidden_texts(plan: RTPlan) -> tuple[str, ...]:
    """Texts and identifiers of a plan of the factory that no message may show."""
    patient = plan.patient
    names = [patient.name, patient.birth_date, *(beam.name for beam in plan.beams or ())]
    return tuple(name for name in names if name and len(name) > 2)


def good(**fields: Any) -> RTPlan:
    """A plan in which no check should find anything: two opposed photon beams, 25 x 2 Gy, prescribed 50 Gy."""
    values: dict[str, Any] = {
        "groups": (f.group(1, (1, 2), fractions=25, meterset=120.0, dose_gy=1.0),),
        "dose_references": (f.dose_reference(1, target_prescription_gy=50.0),),
        "review_date": "20260102",
    }
    values.update(fields)
    beams = values.pop("beams", (f.beam(1, gantry=0.0), f.beam(2, gantry=180.0)))
    return f.plan(*beams, **values)
