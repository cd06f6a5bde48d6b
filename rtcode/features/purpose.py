"""What a plan is for, and where it stands: treatment, verification, machine service, research, rejected, unapproved.

How. Not for treatment: PlanIntent VERIFICATION, MACHINE_QA or SERVICE (a blank or hyphen for the underscore is
accepted), or a VERIFIED_PLAN reference. ApprovalStatus REJECTED is reported apart, because it is asked about. RESEARCH
may be a trial patient, and phantom or QA words alone may be a label that was never changed: neither decides.

Such words are about the plan where they name it: in its label and name, its site, fraction group, targets and beams. A
description or prescription also tells of the patient and of the quality assurance of the plan, so there they count
only in a text of a few words, or as a phrase that names a plan ("QA plan", "not for treatment"). A clause that tells a
result ("QA: passed", "IMRT QA required", "Delta4 98%") is about a plan that was checked, and does not count anywhere.

Source: docs/rules.md S7, S8; docs/plans.md 1.1, 1.8; PS3.3 C.8.8.9, C.8.8.16.

What it cannot see: whether the plan was ever delivered, or approved after the file was made. UNAPPROVED is how most
files are exported, and the attribute may be absent, so any status but APPROVED is a remark.
"""

from __future__ import annotations

import re
from itertools import islice

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, PurposeFeature
from rtcode.plan.model import Text
from rtcode.plan.sessions import TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import TextHit, TextScope, WordMatch, find_matches, mentions, session_texts
from rtcode.truth import Evidence, EvidenceKind, Truth

_NOT_TREATMENT = frozenset({"VERIFICATION", "MACHINE_QA", "SERVICE"})
#: Tolerance tables are named for the table ("QA physics"), setup notes for what is done ("QA image").
_SCOPES = frozenset(
    {
        TextScope.PLAN,
        TextScope.DESCRIPTION,
        TextScope.SITE,
        TextScope.PRESCRIPTION,
        TextScope.DOSE_REFERENCE,
        TextScope.GROUP,
        TextScope.BEAM,
        TextScope.SERIES,
    }
)

_PARAGRAPHS = frozenset({TextScope.DESCRIPTION, TextScope.PRESCRIPTION})
#: A paragraph of at most this many words is a name rather than a tale.
_FEW_WORDS = 3
#: What a phrase has to hold to say what the plan is, wherever it stands.
_PLAN_WORDS = ("plan", "treat", "treatment", "use")
#: Here verification means the plan; a dose point or a series of that name is the planning system's.
_OWN_NAMES = frozenset({TextScope.PLAN, TextScope.DESCRIPTION, TextScope.GROUP, TextScope.BEAM})
_VERIFICATION = "verif"
#: Quality assurance that was or will be done for a plan that treats.
_RESULTS = (
    "passed", "pass", "passes", "passing", "failed", "fail", "ok", "okay", "done", "complete", "completed", "performed",
    "reviewed", "approved", "accepted", "required", "needed", "needs", "need", "pending", "due", "ordered", "requested",
    "scheduled", "result", "results", "report", "measured", "checked", "gamma", "before treatment", "before tx",
    "prior to treatment", "prior to tx", "negative", "positive", "peer", "chart", "bestanden", "erfolgt", "realizado",
    "aprobado", "aprovado",
)  # fmt: skip
#: What is looked for beside the lists of the code set and DICOM's defined terms.
TEXT_WORDS = _PLAN_WORDS + _RESULTS
_PERCENT = re.compile(r"\d\s?%")
_WORD = re.compile(r"[^\W\d_]+")


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> PurposeFeature:
    """Purpose and status of the session's plans; one plan that is no treatment makes the session none.

    ``not_for_treatment`` is about intent and relationship alone. A rejected plan is listed in ``rejected``: it is out
    as well, but a human may say that it was the plan that was treated.
    """
    against: list[Evidence] = []
    rejected: list[Evidence] = []
    research: list[Evidence] = []
    unapproved: list[Evidence] = []
    for plan in session.plans:
        uid = plan.sop_instance_uid
        intent = Evidence(EvidenceKind.CODED, at("", "PlanIntent"), plan.intent, uid)
        if _term(plan.intent) in _NOT_TREATMENT:
            against.append(intent)
        elif _term(plan.intent) == "RESEARCH":
            research.append(intent)
        against.extend(
            Evidence(EvidenceKind.CODED, at(related.path, "RTPlanRelationship"), related.relationship, uid)
            for related in plan.related_plans
            if _term(related.relationship) == "VERIFIED_PLAN"
        )
        approval = Evidence(EvidenceKind.CODED, at("", "ApprovalStatus"), plan.approval, uid)
        if _term(plan.approval) == "REJECTED":
            rejected.append(approval)
        elif _term(plan.approval) != "APPROVED":
            unapproved.append(approval)
    return PurposeFeature(
        not_for_treatment=Truth.of(bool(against)),
        evidence=tuple(against),
        rejected=tuple(rejected),
        research=tuple(research),
        phantom_words=_phantom_words(session, settings),
        unapproved=tuple(unapproved),
    )


def _phantom_words(session: TreatmentSession, settings: DetectorSettings) -> tuple[TextHit, ...]:
    items = [item for item in session_texts(session) if item.scope in _SCOPES]
    matches = find_matches(items, settings.phantom_words, negations=settings.negation_words)
    return tuple(dict.fromkeys(match.hit() for match in matches if _about_the_plan(match)))


def _about_the_plan(match: WordMatch) -> bool:
    """Whether a phantom or QA word says what the plan is, rather than what was done with it or with the patient."""
    item = match.item
    if match.word.lower().startswith(_VERIFICATION) and item.scope not in _OWN_NAMES:
        return False
    if item.scope in _PARAGRAPHS and _is_long(item.text):
        return mentions(match.word, _PLAN_WORDS)
    return not (mentions(match.clause, _RESULTS) or _PERCENT.search(match.clause))


def _is_long(text: str) -> bool:
    return next(islice(_WORD.finditer(text), _FEW_WORDS, None), None) is not None


def _term(value: Text) -> str:
    """A coded term in upper case, with one underscore for blanks and hyphens."""
    return "_".join((value or "").upper().replace("-", " ").replace("_", " ").split())
