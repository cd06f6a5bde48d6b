"""Cases for the engine without any file: features as the detectors would report them, built from a few keywords."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rtcode.coding.case import Answers, Case
from rtcode.coding.codeset import CodeSet, choose
from rtcode.coding.decision import Decision
from rtcode.coding.engine import decide
from rtcode.features import types as t
from rtcode.plan.references import ReferenceDefect
from rtcode.plan.roles import Role, RoleFinding
from rtcode.plan.sessions import NoDelivery, SessionPart, TreatmentSession
from rtcode.truth import Evidence, EvidenceKind, Truth

MET, NOT, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
E = Evidence(EvidenceKind.CODED, "BeamSequence[0].RadiationType (300A,00C6)", "PHOTON")


def plan(patient: str = "P1", **over: Any) -> Any:
    base = {
        "kind": "rt_plan",
        "patient": SimpleNamespace(id=patient),
        "study_instance_uid": None,
        "frame_of_reference_uid": None,
        "sop_instance_uid": "1.2.3",
        "sop_class_uid": "1.2",
        "model": "X",
        "software_versions": (),
        "beams": (),
        "related_plans": (),
        "brachy_treatment_type": None,
        "brachy_setups": 1,
        "source": SimpleNamespace(sha256="00"),
    }
    return SimpleNamespace(**{**base, **over})


def beam(
    kind: str = "photon",
    technique: str = "static_open",
    *,
    number: int = 1,
    wedge: bool = False,
    shaped: bool = False,
    compensators: int = 0,
    modulated: bool = False,
    kilovoltage: bool = False,
    other: str | None = None,
    unusable: str | None = None,
    doubt: str | None = None,
    meterset_usable: bool = True,
) -> t.BeamFacts:
    planned: Any = SimpleNamespace(
        role=Role.TREATMENT,
        finding=RoleFinding(Role.TREATMENT, "treatment beam with meterset", (E,), meterset_usable),
        label=f"beam {number}",
        beam=SimpleNamespace(path=f"BeamSequence[{number - 1}]", setup_number=1),
    )
    return t.BeamFacts(
        planned=planned,
        radiation=t.RadiationFact(
            t.Radiation(kind), (6.0,), None, Truth.of(kilovoltage), (E,), (E,) if kilovoltage else (), other
        ),
        technique=t.TechniqueFact(
            t.Technique(technique),
            None,
            "",
            (E,),
            intensity_modulated=Truth.of(modulated),
            unusable=unusable,
            doubt=doubt,
        ),
        wedges=(t.WedgeFact(t.WedgeType.STANDARD, 30.0, MET, "", (E,)),) if wedge else (),
        shaping=t.ShapingFact(Truth.of(shaped), 0, compensators, 0, None, (E,), (E,)),
        motion=(),
        isocenters_mm=((0.0, 0.0, 0.0),),
    )


def features(*beams: t.BeamFacts, **over: Any) -> t.FeatureSet:
    base: dict[str, Any] = {
        "isocenters": isocenters(),
        "directions": t.DirectionsFeature(NOT, 1, "", ()),
        "motion": t.MotionFeature(),
        "site": t.SiteFeature(UNKNOWN, ()),
        "planning": planning(),
        "mixed_site": t.MixedSiteFeature(UNKNOWN, None, ()),
        "electron_fields": t.ElectronFieldsFeature(NOT, NOT, None, "", ()),
        "total_skin": t.TotalSkinFeature(NOT, NOT, (), ()),
        "stereotactic": t.StereotacticFeature(25, 2.0, (), (), False, NOT, NOT),
        "intraoperative": t.IntraoperativeFeature(NOT, ()),
        "purpose": t.PurposeFeature(NOT, ()),
        "imaging": t.ImagingFeature(UNKNOWN, ()),
        "phase": t.PhaseFeature(()),
    }
    return t.FeatureSet(beams=beams, treatment=beams, **{**base, **over})


def isocenters(
    multiple: Truth = NOT, count: int | None = 1, doubts: tuple[t.IsocenterDoubt, ...] = (), long: Truth = NOT
) -> t.IsocenterFeature:
    return t.IsocenterFeature(
        multiple, count, (), None, None, count is not None, doubts, long, f"{count} isocenters", (E,)
    )


def planning(*, constraint: Truth = NOT, simple_2d: Truth = NOT) -> t.PlanningFeature:
    return t.PlanningFeature(constraint, (E,), (), UNKNOWN, UNKNOWN, simple_2d, (E,))


def motion_item(technique: str = "GATING", term: t.MotionTerm = t.MotionTerm.ACTIVE) -> t.MotionFact:
    return t.MotionFact(technique, "", term, (E,))


def hit(word: str) -> t.TextHit:
    return t.TextHit(word, Evidence(EvidenceKind.TEXT, "RTPlanLabel (300A,0002)", word))


def session(
    *,
    of: Any = None,
    fractions: int | None = 25,
    no_delivery: NoDelivery | None = None,
    missing: tuple[ReferenceDefect, ...] = (),
    index: int = 0,
    pattern: str | None = None,
    digits: int = 1,
    **over: Any,
) -> TreatmentSession:
    group: Any = SimpleNamespace(
        index=index,
        path=f"FractionGroupSequence[{index}]",
        fractions_planned=fractions,
        number=index + 1,
        declared_brachy_setups=1,
        pattern=pattern,
        digits_per_day=digits,
    )
    if fractions is None:
        from rtcode.plan.model import Missing

        group.fractions_planned = Missing.EMPTY
    return TreatmentSession((SessionPart(of or plan(), group, (), missing_beams=missing),), no_delivery, **over)


def case(feature_set: t.FeatureSet, **over: Any) -> Case:
    return Case.of(session(**over), feature_set)


def run(
    *cases: Case,
    answers: dict[str, str] | None = None,
    rules: CodeSet | None = None,
    union: Case | None = None,
    unions: dict[tuple[int, ...], Case] | None = None,
    date_given: bool = True,
) -> tuple[Decision, ...]:
    def combine(members: tuple[int, ...]) -> Case:
        if unions is not None:
            return unions[members]
        assert union is not None, "these cases were not expected to be combined"
        return union

    return decide(cases, Answers(answers or {}), rules or choose(), combine, date_given=date_given)


def one(feature_set: t.FeatureSet, *, answers: dict[str, str] | None = None, rules: CodeSet | None = None, **over: Any):
    """Decide a single case and give its suggestion."""
    return run(case(feature_set, **over), answers=answers, rules=rules)[0].suggestion


def asked(suggestion: Any) -> dict[str, dict[str, tuple[int | None, str]]]:
    return {
        q.id: {value: (outcome.level, outcome.status.value) for value, outcome in q.answers}
        for q in suggestion.questions
    }
