"""The scope gates: what takes a session out of the delivery levels. The first gate that is met decides."""

from __future__ import annotations

from collections.abc import Callable

from rtcode.coding.case import Answers, Case, attested
from rtcode.coding.codeset import CodeSet
from rtcode.coding.decision import Criterion
from rtcode.features.types import BeamFacts, Radiation
from rtcode.plan.model import PlanKind, known_int
from rtcode.plan.sessions import NoDelivery
from rtcode.plan.tags import at
from rtcode.truth import Evidence, EvidenceKind, Truth

_Gate = tuple[Truth, str, tuple[Evidence, ...]]

_NOTHING: dict[NoDelivery, str] = {
    NoDelivery.NO_BEAMS: "the session has no treatment beam",
    NoDelivery.ZERO_FRACTIONS: "the fraction group plans 0 fractions",
    NoDelivery.ALL_ZERO_METERSET: "no treatment beam has a meterset above 0",
}


def gates(case: Case, answers: Answers, rules: CodeSet) -> tuple[Criterion, ...]:
    """Gates that are met or in doubt, in the order in which they were tried; the first one met ends the trying."""
    result: list[Criterion] = []
    for name, gate in _GATES:
        truth, reason, evidence = gate(case, answers, rules)
        if truth is Truth.NOT_MET:
            continue
        result.append(Criterion(name, truth, None, reason, evidence, tuple(rules.scope[name].citations)))
        if truth is Truth.MET:
            break
    return tuple(result)


def _no() -> _Gate:
    return Truth.NOT_MET, "", ()


def _beams(case: Case, *kinds: Radiation) -> tuple[BeamFacts, ...]:
    return case.features.of(*kinds)


def _ion_therapy(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    plans = [p for p in case.session.plans if p.kind is PlanKind.RT_ION_PLAN]
    if plans:
        evidence = tuple(
            Evidence(EvidenceKind.CODED, at("", "SOPClassUID"), p.sop_class_uid, p.sop_instance_uid) for p in plans
        )
        return Truth.MET, "the plan is an ion plan", evidence
    found = _beams(case, Radiation.PROTON, Radiation.ION)
    if found:
        return Truth.MET, "proton or ion treatment beams", found[0].radiation.evidence
    return _no()


def _other_particles(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    found = [b for b in case.features.treatment if b.radiation.radiation is Radiation.NEUTRON or b.radiation.other]
    if found:
        return Truth.MET, "treatment beams of neutrons or another particle", found[0].radiation.evidence
    return _no()


def _brachytherapy(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    if case.session.no_delivery is not NoDelivery.BRACHYTHERAPY:
        return _no()
    part = case.session.parts[0]
    uid = part.plan.sop_instance_uid
    evidence = [
        Evidence(EvidenceKind.CODED, at("", "BrachyTreatmentType"), part.plan.brachy_treatment_type, uid),
        Evidence(EvidenceKind.CODED, f"{at('', 'ApplicationSetupSequence')}: items", part.plan.brachy_setups, uid),
    ]
    if part.group is not None:
        where = at(part.group.path, "NumberOfBrachyApplicationSetups")
        evidence.append(Evidence(EvidenceKind.CODED, where, known_int(part.group.declared_brachy_setups), uid))
    return Truth.MET, "the session plans brachytherapy", tuple(evidence)


def _kilovoltage(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    found = [b for b in case.features.treatment if b.radiation.kilovoltage is Truth.MET]
    if found:
        return Truth.MET, "kilovoltage treatment beams", found[0].radiation.kilovoltage_evidence
    return _no()


def _stereotactic(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    feature = case.features.stereotactic
    answer = answers.get("stereotactic")
    shown = (*feature.signs, *feature.support)
    few = feature.fractions is not None and feature.fractions <= rules.settings.stereotactic_fractions
    many = feature.fractions is not None and not few
    if answer == "no":
        return _no()
    if answer == "yes" and not many:
        return Truth.MET, "attested: a stereotactic course", (attested("stereotactic", "yes"), *shown)
    if feature.any_fractions:
        return Truth.MET, "a system for stereotactic treatment only", feature.signs
    if feature.signs and few:
        return Truth.MET, f"stereotactic signs and {_fractions(feature.fractions)}", shown
    if feature.signs and not many:
        return Truth.UNKNOWN, "stereotactic signs, the number of fractions is unknown", shown
    if feature.high_dose_modulated is Truth.MET:
        return Truth.UNKNOWN, f"{_fractions(feature.fractions)} of a high dose by modulated or many beams", shown
    return _no()


def _fractions(count: int | None) -> str:
    return "1 fraction" if count == 1 else f"{count} fractions"


def _intraoperative(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    feature = case.features.intraoperative
    if feature.intraoperative is Truth.MET:
        return Truth.MET, "signs of intraoperative treatment", feature.evidence
    return _no()


def _not_for_treatment(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    feature = case.features.purpose
    if feature.not_for_treatment is Truth.MET:
        return Truth.MET, "the plan's intent is not to treat a patient", feature.evidence
    answer = answers.get("plan_status")
    if answer == "yes":
        return _no()
    if feature.rejected:
        return Truth.MET, "the plan was rejected", feature.rejected
    signs = (*feature.research, *(hit.evidence for hit in feature.phantom_words))
    if answer == "no":
        return Truth.MET, "attested: not the plan that was delivered", (attested("plan_status", "no"), *signs)
    if signs:
        return Truth.UNKNOWN, "intent or words suggest research, a phantom or quality assurance", signs
    return _no()


def _no_treatment_beam(case: Case, answers: Answers, rules: CodeSet) -> _Gate:
    reason = _NOTHING.get(case.session.no_delivery) if case.session.no_delivery else None
    if reason is None:
        return _no()
    part = case.session.parts[0]
    beams = tuple(e for b in part.beams for e in b.finding.evidence)[:6]
    where = at(part.group.path, "NumberOfFractionsPlanned") if part.group else at("", "BeamSequence")
    return Truth.MET, reason, beams or (Evidence(EvidenceKind.CODED, where, None, part.plan.sop_instance_uid),)


_GATES: tuple[tuple[str, Callable[[Case, Answers, CodeSet], _Gate]], ...] = (
    ("ion_therapy", _ion_therapy),
    ("other_particles", _other_particles),
    ("brachytherapy", _brachytherapy),
    ("kilovoltage", _kilovoltage),
    ("stereotactic", _stereotactic),
    ("intraoperative", _intraoperative),
    ("not_for_treatment", _not_for_treatment),
    ("no_treatment_beam", _no_treatment_beam),
)
