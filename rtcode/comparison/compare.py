"""Two analyzed plans in, everything that changed between them out."""

from __future__ import annotations

from collections.abc import Sequence

from rtcode.coding.decision import Decision
from rtcode.coding.results import PlanReport
from rtcode.comparison.beams import compare_beams
from rtcode.comparison.decisions import compare_sessions, confirmation
from rtcode.comparison.findings import compare_findings, compare_metrics, contradictions
from rtcode.comparison.matching import match_beams
from rtcode.comparison.merging import merged, names_and_numbers, remarks_of
from rtcode.comparison.plans import compare_plans, patient_relation, relation_to, unread_parts
from rtcode.comparison.prescription import compare_dose_references, compare_groups, pair_groups
from rtcode.comparison.recorder import Recorder
from rtcode.comparison.setups import compare_other_setups
from rtcode.comparison.tolerances import Tolerances
from rtcode.comparison.types import BeamPair, Comparison, Difference, PatientRelation, Verdict
from rtcode.features.types import BeamFacts


def compare(
    old: PlanReport,
    new: PlanReport,
    old_sessions: Sequence[Decision] = (),
    new_sessions: Sequence[Decision] = (),
    tolerances: Tolerances | None = None,
) -> Comparison:
    """Compare two versions of a plan by meaning.

    Parameters
    ----------
    old, new
        The plans with the facts of their beams, each analyzed by itself.
    old_sessions, new_sessions
        Their treatment sessions with what was decided, under one code set and one policy.
    tolerances
        Up to where numbers count as the same; the defaults otherwise.

    Returns
    -------
    Comparison
        Never raises for what a plan holds: what cannot be compared is listed as that.
    """
    limits = Tolerances() if tolerances is None else tolerances
    beams, matched = _matched(old.beams, new.beams)
    record = Recorder(limits)
    compare_plans(record, old.plan, new.plan)
    names_and_numbers(record, beams)
    for place, (a, b) in matched.items():
        at_both = record.of_beams(a.planned.beam.path, b.planned.beam.path, place, treats=beams[place].treats)
        compare_beams(at_both, a, b)
    _without_counterpart(record, beams)
    compare_other_setups(record, old.plan, new.plan, beams)
    uids = compare_dose_references(record, old.plan, new.plan)
    groups = pair_groups(old.plan, new.plan, beams)
    compare_groups(record, old.plan, new.plan, beams, groups, uids)
    findings = compare_findings(old, new, beams)
    contradictions(record, findings)
    differences = merged(record.differences)
    sessions = compare_sessions(old_sessions, new_sessions, groups)
    patient = patient_relation(old.plan.patient, new.plan.patient)
    return Comparison(
        old=old,
        new=new,
        verdict=_verdict(old, new, patient, differences),
        patient=patient,
        tolerances=limits,
        beams=beams,
        differences=differences,
        not_compared=tuple(dict.fromkeys(record.not_compared)),
        unread=unread_parts(old.plan, new.plan),
        remarks=(*remarks_of(differences, beams), *_files(old, new, differences)),
        sessions=sessions,
        confirmation=confirmation(old.plan, new.plan, sessions),
        findings=findings,
        metrics=compare_metrics(old, new, beams),
    )


def _matched(
    old: Sequence[BeamFacts], new: Sequence[BeamFacts]
) -> tuple[tuple[BeamPair, ...], dict[int, tuple[BeamFacts, BeamFacts]]]:
    """All beams of both plans: those of NEW in its order, with their counterparts, then those that were removed."""
    matches = {match.new: match for match in match_beams(old, new)}
    pairs: list[BeamPair] = []
    facts: dict[int, tuple[BeamFacts, BeamFacts]] = {}
    for place, beam in enumerate(new):
        match = matches.get(place)
        if match is None:
            pairs.append(BeamPair(None, beam.planned, (), None))
            continue
        facts[len(pairs)] = (old[match.old], beam)
        pairs.append(BeamPair(old[match.old].planned, beam.planned, match.by, match.similarity))
    seen = {match.old for match in matches.values()}
    pairs += [BeamPair(beam.planned, None, (), None) for place, beam in enumerate(old) if place not in seen]
    return tuple(pairs), facts


def _without_counterpart(record: Recorder, beams: Sequence[BeamPair]) -> None:
    """Beams that only one plan has, and the order of the others in the file."""
    for place, pair in enumerate(beams):
        one = pair.new or pair.old
        assert one is not None
        if pair.old is not None and pair.new is not None:
            continue
        path = one.beam.path
        inner = record.of_beams(path, path, place, treats=pair.treats)
        inner.only_one("beam", one.label, added=pair.old is None, where=path)
    order = [pair.old.beam.index for pair in beams if pair.old is not None and pair.new is not None]
    if order != sorted(order):
        record.add("beam_order", None, None)


def _verdict(old: PlanReport, new: PlanReport, patient: PatientRelation, differences: Sequence[Difference]) -> Verdict:
    if old.plan.source.sha256 == new.plan.source.sha256:
        return Verdict.IDENTICAL
    if patient is PatientRelation.DIFFERENT:
        return Verdict.DIFFERENT_PATIENT
    counted = [d for d in differences if d.counts]
    if any(not d.within for d in counted):
        return Verdict.DIFFERENT
    return Verdict.WITHIN_TOLERANCE if counted else Verdict.SAME_CONTENT


def _files(old: PlanReport, new: PlanReport, differences: Sequence[Difference]) -> list[str]:
    """How the two files relate to one another."""
    remarks = []
    a, b = old.plan.source, new.plan.source
    if a.sha256 == b.sha256 and a.path == b.path:
        remarks.append("OLD and NEW were given under the same name: nothing could differ.")
    if a.sha256 != b.sha256 and not differences:
        equal = "The bytes differ and everything that rtcode reads is equal: "
        if a.transfer_syntax != b.transfer_syntax:
            remarks.append(
                f"{equal}the files are encoded in different transfer syntaxes, and may also differ outside of what "
                "rtcode reads."
            )
        else:
            remarks.append(
                f"{equal}there are differences outside of what rtcode reads, or the same values are written in another "
                "way."
            )
    forward, back = relation_to(old.plan, new.plan), relation_to(new.plan, old.plan)
    if forward is not None:
        remarks.append(f"NEW names OLD as a related plan{_as(forward)}.")
    if back is not None:
        remarks.append(f"OLD names NEW as a related plan{_as(back)}: they may be given the wrong way round.")
    return remarks


#: Terms of RTPlanRelationship (PS3.3 C.8.8.9); another word is text of the plan and not repeated.
_RELATIONSHIPS = frozenset({"PRIOR", "ALTERNATIVE", "PREDECESSOR", "VERIFIED_PLAN", "CONCURRENT"})


def _as(relationship: str) -> str:
    word = relationship.strip().upper()
    return f" ({word})" if word in _RELATIONSHIPS else ""
