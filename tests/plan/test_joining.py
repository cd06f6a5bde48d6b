"""Which sessions of a call are one: CONCURRENT relations, the caller's word, and what stays apart."""

from __future__ import annotations

import pytest

from rtcode.errors import SessionJoinError
from rtcode.plan.joining import sessions_of_call
from rtcode.plan.model import PatientIdentity, RelatedPlan, RTPlan
from tests import factory as f


def concurrent(number: int, other: int, patient: str = "P1") -> RTPlan:
    """Plan ``number``, which names plan ``other`` as given beside it."""
    return f.plan(
        f.beam(),
        sop_instance_uid=f"1.2.{number}",
        related_plans=(RelatedPlan("ReferencedRTPlanSequence[0]", f"1.2.{other}", "CONCURRENT"),),
        patient=PatientIdentity(patient, None, None),
    )


def test_concurrent_plans_are_one_session_in_any_order() -> None:
    plans = [concurrent(1, 2), concurrent(2, 3), concurrent(3, 1)]
    (session,) = sessions_of_call(plans)
    assert (session.joined_by, len(session.parts), session.missing_concurrent) == ("concurrent", 3, False)
    (turned,) = sessions_of_call(plans[::-1])
    assert turned.id == session.id


def test_a_related_plan_that_is_not_given_is_missing() -> None:
    (session,) = sessions_of_call([concurrent(1, 2)])
    assert session.missing_concurrent


def test_a_related_plan_of_another_patient_is_missing_too() -> None:
    # Giving more files must not settle what one alone leaves open.
    for session in sessions_of_call([concurrent(1, 2), concurrent(2, 1, patient="P2")]):
        assert session.joined_by is None
        assert session.missing_concurrent


def test_what_is_out_of_scope_is_joined_with_nothing() -> None:
    plans = [concurrent(1, 2), concurrent(2, 1), concurrent(3, 1)]
    for same_session in (False, True):
        joined, alone = sessions_of_call(
            plans, same_session=same_session, apart=lambda s: s.plans[0].sop_instance_uid == "1.2.2"
        )
        if joined.joined_by is None:
            joined, alone = alone, joined
        assert [p.sop_instance_uid for p in joined.plans] == ["1.2.1", "1.2.3"]
        assert [p.sop_instance_uid for p in alone.plans] == ["1.2.2"]
        assert not joined.missing_concurrent


def test_nobody_is_asked_about_a_session_that_is_alone() -> None:
    def never(session: object) -> bool:
        raise AssertionError

    assert len(sessions_of_call([f.plan(f.beam())], apart=never)) == 1
    assert len(sessions_of_call([f.plan(f.beam())], same_session=True, apart=never)) == 1


def test_patients_are_never_mixed() -> None:
    with pytest.raises(SessionJoinError):
        sessions_of_call([concurrent(1, 2), concurrent(2, 1, patient="P2")], same_session=True)


def test_a_lost_part_is_remembered_only_where_all_is_one_session() -> None:
    plans = [concurrent(1, 2), concurrent(2, 1)]
    (one,) = sessions_of_call(plans, same_session=True, all_usable=False)
    assert one.incomplete
    (named,) = sessions_of_call(plans, all_usable=False)
    assert not named.incomplete
