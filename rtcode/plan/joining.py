"""Which sessions of a call are one: plans that name one another as CONCURRENT, or all of them where the caller says so.

What other codes apply to stays apart, so that one plan out of scope does not take the others' level away
(docs/rules.md 1.1: the scope gates come first, for each plan).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtcode.errors import SessionJoinError
from rtcode.plan.model import RTPlan, known_int
from rtcode.plan.sessions import NoDelivery, TreatmentSession, sessions_of
from rtcode.records import replace


def same_patient(a: RTPlan, b: RTPlan) -> bool:
    """One patient: the same non-empty PatientID; where one is empty, the same study or frame of reference.

    A plan is always of the patient of that plan, whatever it says of him.
    """
    if a is b:
        return True
    if a.patient.id and b.patient.id:
        return a.patient.id == b.patient.id
    return bool(
        (a.study_instance_uid and a.study_instance_uid == b.study_instance_uid)
        or (a.frame_of_reference_uid and a.frame_of_reference_uid == b.frame_of_reference_uid)
    )


def join(sessions: Sequence[TreatmentSession], *, by: str) -> TreatmentSession:
    """Several sessions as one: the union of their parts.

    Parameters
    ----------
    by
        ``"concurrent"`` or ``"request"``.

    Raises
    ------
    SessionJoinError
        Where two plans are not known to be of one patient.
    """
    parts = tuple(part for session in sessions for part in session.parts)
    _check_one_patient([part.plan for part in parts])
    usable = [s.no_delivery for s in sessions]
    reason = None if None in usable else usable[0]
    return TreatmentSession(
        parts,
        reason,
        fraction_scheme=by == "request" or all(s.fraction_scheme for s in sessions),
        joined_by=by if len(sessions) > 1 else None,
        missing_concurrent=any(s.missing_concurrent for s in sessions),
        mixed_with_brachytherapy=any(s.mixed_with_brachytherapy for s in sessions),
    )


def _never(session: TreatmentSession) -> bool:
    return False


def sessions_of_call(
    plans: Sequence[RTPlan],
    *,
    same_session: bool = False,
    all_usable: bool = True,
    apart: Callable[[TreatmentSession], bool] = _never,
) -> tuple[TreatmentSession, ...]:
    """The sessions of all plans of a call: groups apart, plans joined that name one another as CONCURRENT.

    Parameters
    ----------
    same_session
        Judge everything as one session.
    all_usable
        False where an input of the call could not be used: what was to be one session may lack a part.
    apart
        Whether a session is joined with no other, asked only where it otherwise would be. Brachytherapy groups stay
        apart in any case: they are no beam delivery.

    Raises
    ------
    SessionJoinError
        With ``same_session``, where two plans are not known to be of one patient.
    """
    sessions = [s for plan in plans for s in sessions_of(plan)]
    if not same_session:
        return _join_concurrent(sessions, plans, apart)
    _check_one_patient(plans)
    together: list[TreatmentSession] = []
    others: list[TreatmentSession] = []
    for session in sessions:
        alone = session.no_delivery is NoDelivery.BRACHYTHERAPY or (len(sessions) > 1 and apart(session))
        (others if alone else together).append(session)
    if not together:
        return tuple(others)
    return (replace(join(together, by="request"), incomplete=not all_usable), *others)


def _check_one_patient(plans: Sequence[RTPlan]) -> None:
    if any(not same_patient(plans[0], plan) for plan in plans[1:]):
        raise SessionJoinError("the plans are not known to be of one patient")


def _join_concurrent(
    sessions: Sequence[TreatmentSession], plans: Sequence[RTPlan], apart: Callable[[TreatmentSession], bool]
) -> tuple[TreatmentSession, ...]:
    """Sessions joined along CONCURRENT relations. Related plans of other patients are missing ones."""
    given = {plan.sop_instance_uid: plan for plan in plans if plan.sop_instance_uid}
    component = {id(plan): id(plan) for plan in plans}

    def root(key: int) -> int:
        while component[key] != key:
            component[key] = component[component[key]]
            key = component[key]
        return key

    missing: set[int] = set()
    for plan in plans:
        for related in plan.related_plans:
            if (related.relationship or "").strip().upper() != "CONCURRENT" or not related.sop_instance_uid:
                continue
            other = given.get(related.sop_instance_uid)
            if other is None or not same_patient(plan, other):
                missing.add(id(plan))
            else:
                component[root(id(plan))] = root(id(other))
    members: dict[int, list[RTPlan]] = {}
    for plan in plans:
        members.setdefault(root(id(plan)), []).append(plan)
    groups_of: dict[int, int] = {}
    for session in sessions:
        groups_of[id(session.parts[0].plan)] = groups_of.get(id(session.parts[0].plan), 0) + 1
    result: list[TreatmentSession] = []
    buckets: dict[tuple[int, int | None], list[TreatmentSession]] = {}
    for session in sessions:
        part = session.parts[0]
        key = root(id(part.plan))
        if any(id(p) in missing for p in members[key]):
            session = replace(session, missing_concurrent=True)
        if len(members[key]) == 1 or session.no_delivery is NoDelivery.BRACHYTHERAPY or apart(session):
            result.append(session)
            continue
        # With one group each, the groups are the parallel ones; with several, those of the same number.
        several = any(groups_of[id(p)] > 1 for p in members[key])
        number = known_int(part.group.number) if several and part.group else None
        bucket = buckets.setdefault((key, number), [])
        if not bucket:
            result.append(session)  # keeps the place; replaced below
        bucket.append(session)
    places = {id(bucket[0]): bucket for bucket in buckets.values()}
    return tuple(join(places[id(s)], by="concurrent") if id(s) in places else s for s in result)
