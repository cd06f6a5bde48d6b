"""The tree that the templates write down: everything decided, worded and drawn, nothing left to compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtcode.coding.decision import Decision
from rtcode.coding.results import PlanReport, Results
from rtcode.features.settings import DetectorSettings
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.layout import safe, shorten
from rtcode.outputs.sheet import beams, checks, drawings, evidence, metrics, prescription
from rtcode.outputs.sheet.distribution import Distribution
from rtcode.outputs.sheet.figures import NONE, Row, text_or, words
from rtcode.outputs.tree import (
    CLOSING,
    failure_text,
    flags,
    floor_and_ceiling,
    group_line,
    integrity_counts,
    joined_line,
    nothing,
    oddities,
    overview,
    plural,
    session_plans,
    together_line,
    untold,
)
from rtcode.outputs.words import (
    cited,
    clipped,
    describe_plan,
    isocenters,
    level_word,
    more,
    motion,
    outcome_word,
    patient_values,
    patient_words,
    plan_mark,
    sources,
    value_word,
)
from rtcode.plan.placement import comparable_frame

if TYPE_CHECKING:
    from rtcode.outputs.contract import (
        AnalysisDict,
        CriterionDict,
        PartDict,
        PlanDict,
        QuestionDict,
        SessionDict,
    )
    from rtcode.outputs.pictures.marks import Mark

#: Pieces of evidence shown for a criterion; JSON holds all.
_MOST_EVIDENCE = 6
_MOST_EVIDENCE_AGAINST = 2
#: What fits beside the code set at the foot of a page.
_FOOTER_COLUMNS = 34
#: How the tree is ordered: what holds first, then what is open.
_STATUS_ORDER = ("met", "unknown", "not_met")


def sheet_view(results: Results, data: AnalysisDict, distribution: Distribution | None) -> dict[str, Any]:
    """Everything that the templates need.

    Parameters
    ----------
    results, data
        Of the same call: ``data`` is what `rtcode.outputs.json.analysis_dict` made of ``results``.
    """
    # Under "none" texts are left out and UIDs come from `data`, so no key is needed here.
    shown = Identifiers(data["identifiers"], (report.plan for report in results.plans), key=b"-")
    reports = {report.plan.source.sha256: report for report in results.plans}
    by_hash = {plan["sha256"]: plan for plan in data["plans"]}
    count = len(data["sessions"])
    rules = data["code_set"]
    settings = results.code_set.settings
    used = f"{rules['id']} revision {rules['revision']}"
    views = [
        _Session(place, session, decision, data, by_hash, reports, shown, distribution, settings).view(count)
        for place, (session, decision) in enumerate(zip(data["sessions"], results.sessions, strict=True), 1)
    ]
    policy = data["policy"]
    answers = ", ".join(f"{question}={value}" for question, value in data["answers"].items())
    given = [("Answers given", answers)] if answers else []
    return {
        "title": "Plan sheet" if count == 1 else "Plan sheets",
        "overview": overview(data),
        "nothing": "" if count else nothing(data),
        "several": count > 1,
        "sessions": views,
        "failures": [
            {
                "path": failure["path"],
                "code": failure["code"],
                "message": failure_text(failure),
            }
            for failure in data["failures"]
        ],
        "skipped": data["skipped"],
        "made_with": [
            ("Code set", f"{used}, in force {rules['effective_from']} to {rules['effective_through']}"),
            ("Policy", f"{policy['name']} ({policy['sha256'][:16]})" if policy else "none"),
            ("rtcode", data["tool_version"]),
            (
                "Plug-ins",
                ", ".join(f"{p['name']} {p['version'] or ''}".strip() for p in data["plugins"]) or "none",
            ),
            ("Date of service", data["date_of_service"] or "not given"),
            *given,
        ],
        "closing": f"{used}: {CLOSING}",
    }


class _Session:
    """One treatment session's part of the tree."""

    def __init__(
        self,
        place: int,
        session: SessionDict,
        decision: Decision,
        data: AnalysisDict,
        by_hash: dict[str, PlanDict],
        reports: dict[str, PlanReport],
        shown: Identifiers,
        distribution: Distribution | None,
        settings: DetectorSettings,
    ) -> None:
        self._place = place
        self._session = session
        self._decision = decision
        self._data = data
        self._reports = reports
        self._shown = shown
        self._distribution = distribution
        self._settings = settings
        self._plans = [by_hash[sha256] for sha256 in session_plans(session)]
        self._marks = self._marked()
        self._numbers = self._numbered()
        self._tried = 0

    def view(self, count: int) -> Row:
        session, found = self._session, self._session["suggestion"]
        unknown, unseen = untold(session)
        label = self._plans[0]["label"]
        parts = [self._part(part, i) for i, part in enumerate(session["parts"])]
        cited_at = [place for criterion in session["criteria"] for place in criterion["citations"]]
        checked = [self._checks(plan, i) for i, plan in enumerate(self._plans)]
        return {
            "number": str(self._place),
            "anchor": f"session-{self._place}",
            "page": f"sheet{self._place}",
            "hashes": ", ".join(plan["sha256"][:16] for plan in self._plans),
            "heading": f"Session {self._place} of {count}" if count > 1 else "Treatment session",
            "id": session["id"],
            "name": clipped(label or self._plans[0]["path"]) + (" and others" if len(self._plans) > 1 else ""),
            "patient": self._patient(),
            "groups": ", ".join(
                NONE if part["fraction_group"] is None else str(part["fraction_group"]) for part in session["parts"]
            ),
            "footer": shorten(safe(label or session["id"]), _FOOTER_COLUMNS),
            "level": level_word(found),
            "level_short": level_word(found, short=True),
            "status": found["status"],
            "status_word": value_word(found["status"]),
            "reason": found["reason"],
            "floor": floor_and_ceiling(found),
            "plans": [self._plan(plan) for plan in self._plans],
            "opened": ", ".join(question["id"] for question in found["questions"]),
            "looked": self._looked(),
            "joined": joined_line(session),
            "sources": sources(cited_at, self._data["code_set"]),
            "answers": ", ".join(f"{question}={value}" for question, value in session["answers"].items()),
            "criteria": [
                self._criterion(criterion)
                for status in _STATUS_ORDER
                for criterion in session["criteria"]
                if criterion["status"] == status
            ],
            "untold": [{"id": c["id"], "text": c["reason"]} for c in unknown]
            + [{"id": flag["id"], "text": flag["text"]} for flag in unseen],
            "questions": [_question(question) for question in found["questions"]],
            "together": together_line(session, self._data),
            "flags": flags(found),
            "documentation": found["documentation"],
            "motion": self._motion(),
            "parts": parts,
            "others": beams.others(self._decision.session, session["parts"], self._plans),
            "isocenters": isocenters(session["features"]["isocenters"], session["features"]["radiations"]),
            "isocenter_rows": self._numbers.rows(),
            "isocenter_svg": self._isocenter_svg(),
            "isocenter_frame": self._isocenter_frame(),
            "checks": checked,
            "drawn": any(part["drawings"] for part in parts),
            "not_drawn": self._not_drawn(parts),
        }

    def _marked(self) -> tuple[Mark, ...] | None:
        """The points of the picture of isocenters, or ``None`` where there is no picture."""
        from rtcode.outputs.pictures import isocenter_marks

        return isocenter_marks(self._decision.session, self._decision.features.treatment, self._settings)

    def _numbered(self) -> beams.IsocenterNumbers:
        by_hash = {plan["sha256"]: plan for plan in self._plans}
        found = [beam for part in self._session["parts"] for beam in beams.treated(part, by_hash[part["sha256"]])]
        return beams.IsocenterNumbers(self._marks, found, self._settings.same_isocenter_mm)

    def _plan(self, plan: PlanDict) -> Row:
        source = self._reports[plan["sha256"]].plan
        pairs = [("File", plan["path"]), ("Plan", describe_plan(plan))]
        patient = plan.get("patient")
        if patient is not None:
            pairs.insert(0, ("Patient", patient_words(patient) or "not named in the plan"))
        machines = [self._shown.text(beam.machine_name) for beam in source.beams or ()]
        pairs += [
            ("Machine", ", ".join(dict.fromkeys(clipped(name) for name in machines if name)) or "not named"),
            ("UID", text_or(plan["sop_instance_uid"], "none")),
            ("SHA-256", plan["sha256"][:16]),
        ]
        pairs += [
            ("Group", group_line(part, plan)) for part in self._session["parts"] if part["sha256"] == plan["sha256"]
        ]
        names = dict.fromkeys(name for name, _ in pairs)
        return {name: "; ".join(value for other, value in pairs if other == name) for name in names}

    def _patient(self) -> str:
        """Whose plans these are, where ``--identifiers full`` lets it be told; else empty."""
        told = [patient_values(patient) for plan in self._plans if (patient := plan.get("patient")) is not None]
        return "; ".join(dict.fromkeys(filter(None, told)))

    def _looked(self) -> list[Row]:
        """What the checks say in short, plans of which they say the same together."""
        together: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
        for place, plan in enumerate(self._plans):
            severity, messages = checks.told_first(plan)
            key = (severity, tuple(messages), "" if severity else integrity_counts(plan))
            together.setdefault(key, []).append(plan_mark(place, len(self._plans)).rstrip("/"))
        return [
            {
                "mark": f"{plural('Plan', len(marks))} {', '.join(marks)}" if len(self._plans) > 1 else "",
                "severity": severity,
                "word": severity.capitalize(),
                "counts": counts,
                "messages": list(messages),
            }
            for (severity, messages, counts), marks in together.items()
        ]

    def _not_drawn(self, parts: list[Row]) -> list[str]:
        lines = [] if any(part["drawings"] for part in parts) else ["No treatment beam can be drawn."]
        treating = len(self._decision.session.treatment_beams)
        if treating > drawings.MOST_DRAWN:
            lines.append(f"Drawn are the first {drawings.MOST_DRAWN} of {treating} treatment beams.")
        return lines

    def _criterion(self, criterion: CriterionDict) -> Row:
        against = criterion["status"] == "not_met"
        most = _MOST_EVIDENCE_AGAINST if against else _MOST_EVIDENCE
        lines, left = evidence.rows(criterion["evidence"], self._plans, most)
        supports = criterion["supports_level"]
        return {
            "id": criterion["id"],
            "status": criterion["status"],
            "status_word": words(criterion["status"]),
            "decides": criterion["id"] in self._session["suggestion"]["decided_by"] and criterion["status"] == "met",
            "supports": "scope" if supports is None else str(supports),
            "reason": criterion["reason"],
            "evidence": lines,
            "more": more(left),
            "sources": cited(criterion["citations"]),
        }

    def _motion(self) -> list[str]:
        features = self._session["features"]
        in_scope = self._session["suggestion"]["level"] is not None
        return motion(features["motion"], features["radiations"] if in_scope else [])

    def _part(self, part: PartDict, place: int) -> Row:
        plan = next(plan for plan in self._plans if plan["sha256"] == part["sha256"])
        which = plan_mark(self._plans.index(plan), len(self._plans))
        mark = which.rstrip("/")
        source = self._decision.session.parts[place]
        report = self._reports[part["sha256"]]
        alone = len(self._session["parts"]) == 1
        dose = self._session["features"]["stereotactic"]["dose_per_fraction_gy"] if alone else None
        references, left = prescription.references(source, self._shown)
        beam_rows = beams.rows(part, plan, source, self._numbers, self._shown, which)
        beam_tables, beam_lines = beams.columns(beam_rows)
        tables = metrics.tables(part, plan, which, self._distribution)
        compared: tuple[list[Row], list[str]] = ([], [])
        if self._distribution is not None:
            compared = metrics.places(part, plan, which, self._distribution)
        return {
            "heading": ""
            if alone
            else ", ".join(filter(None, (f"Plan {mark}" if mark else "", group_line(part, plan)))),
            "references": references,
            "more_references": f"{left} further dose references without a dose, or not shown" if left > 0 else "",
            "prescription": text_or(self._shown.text(source.plan.prescription_description), ""),
            "fractions": prescription.fractions(source, part, dose),
            "beams": beam_rows,
            "unread": plan["kind"] == "rt_ion_plan",
            "metrics": tables,
            "metric_sources": metrics.sources(tables),
            "places": compared[0],
            "too_few": compared[1],
            "compared": self._distribution is not None,
            "beam_tables": beam_tables,
            "beam_lines": beam_lines,
            "unknown_metrics": metrics.unknown(part, plan, report, which),
            "assumed": metrics.assumed(plan, part, which) if tables else [],
            "drawings": self._drawings(part, plan, report, source, which),
        }

    def _drawings(self, part: PartDict, plan: PlanDict, report: PlanReport, source: Any, which: str) -> list[Row]:
        treated = [role == "treatment" for session_part in self._session["parts"] for role in session_part["roles"]]
        by_index = {beam["index"]: beam for beam in plan["beams"]}
        drawn = []
        for planned, role in zip(source.beams, part["roles"], strict=True):
            if role != "treatment":
                continue
            self._tried += 1
            if self._tried > drawings.MOST_DRAWN:
                break
            found = None if report.metrics is None else report.metrics.beams[planned.beam.index]
            limits = None if found is None else found.limits
            one = drawings.beam_drawings(planned, by_index[planned.beam.index], limits, which, among=sum(treated))
            if one is not None:
                drawn.append(one)
        return drawn

    def _isocenter_svg(self) -> str | None:
        from rtcode.outputs.pictures import isocenter_views

        if self._marks is None:
            return None
        return isocenter_views(self._decision.session, self._marks, self._settings.same_isocenter_mm)

    def _isocenter_frame(self) -> str:
        """What the coordinates of isocenters are of: those of a plan on a device are no places in a patient."""
        if any(comparable_frame(part.plan) is None for part in self._decision.session.parts):
            return "Coordinates as written, in mm (not of a patient)"
        return "Patient coordinates (LPS) in mm"

    def _checks(self, plan: PlanDict, place: int) -> Row:
        mark = plan_mark(place, len(self._plans)).rstrip("/")
        return {
            "heading": f"Plan {mark}" if mark else "",
            "integrity": checks.integrity(plan),
            "warnings": oddities(plan),
        }


def _question(question: QuestionDict) -> Row:
    return {
        "id": question["id"],
        "text": question["text"],
        "why": question["why"],
        "answers": [
            {"value": value, "leads": f"leads {outcome_word(outcome)}", "typed": f"--answer {question['id']}={value}"}
            for value, outcome in question["answers"].items()
        ],
    }
