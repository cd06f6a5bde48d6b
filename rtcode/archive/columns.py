"""The columns of a scan's tables, declared once: the Parquet files, their metadata and docs/archives.md follow them.

Names are those of the line's keys; what lies inside a feature has the feature's name in front
(``features.planning.directions`` is ``planning_directions``). Where ``rtcode analyze --format csv`` has the same, the
name is that of its column. ``null`` is unknown or absent, never zero; lists are never null.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from rtcode.archive.column_types import Column, Listed, Scalar, Struct, Type
from rtcode.outputs.json import dumps

if TYPE_CHECKING:
    from rtcode.archive.dataset import FileRow
    from rtcode.outputs.contract import CriterionDict, QuestionDict
    from rtcode.outputs.contract_values import PointJson
    from rtcode.outputs.scan_contract import ScanPlanDict, ScanSessionLine

#: Rises when a column is renamed, removed or changes its meaning; columns may be added within a number.
SCHEMA = "rtcode.scan/1"


def _plan(
    key: str, type: Type, meaning: str, *, name: str | None = None, unit: str = "", nullable: bool = False
) -> Column:
    """A value of the line's plan."""
    return Column(name or key, type, meaning, lambda line: line["plan"][key], unit, nullable)


def _suggested(key: str, type: Type, meaning: str, *, nullable: bool = False) -> Column:
    """A value of the line's suggestion."""
    return Column(key, type, meaning, lambda line: line["suggestion"][key], "", nullable)


def _found(
    feature: str,
    key: str,
    type: Type,
    meaning: str,
    *,
    name: str | None = None,
    unit: str = "",
    nullable: bool = False,
) -> Column:
    """A value inside one of the line's features."""
    own = f"{feature}_{key}" if name is None else name
    return Column(own, type, meaning, lambda line: line["features"][feature][key], unit, nullable)


def _truth(feature: str, key: str, meaning: str) -> Column:
    """A truth inside one of the line's features."""
    return _found(feature, key, Scalar.TEXT, f"{meaning}: `met`, `not_met`, `unknown`")


# -------------------------------------------------------------------------------------------------- how values are made


def _date(plan: ScanPlanDict) -> date | None:
    try:
        return date.fromisoformat(plan["date"] or "")
    except ValueError:
        return None


def _metersets_mu(line: ScanSessionLine) -> list[float | None]:
    """Of the treatment beams."""
    return [
        meterset
        for part in line["parts"]
        for role, meterset in zip(part["roles"], part["metersets_mu"], strict=True)
        if role == "treatment"
    ]


def _meterset_mu(line: ScanSessionLine) -> float | None:
    every = _metersets_mu(line)
    known = [meterset for meterset in every if meterset is not None]
    return math.fsum(known) if every and len(known) == len(every) else None


def _criterion(criterion: CriterionDict) -> dict[str, object]:
    """Without the evidence, so that a table under way does not keep it."""
    return {
        "id": criterion["id"],
        "status": criterion["status"],
        "supports_level": criterion["supports_level"],
        "reason": criterion["reason"],
    }


def _question(question: QuestionDict) -> dict[str, object]:
    answers = [
        {"answer": answer, "level": leads["level"], "status": leads.get("status")}
        for answer, leads in question["answers"].items()
    ]
    return {"id": question["id"], "text": question["text"], "why": question["why"], "answers": answers}


def _point(point: PointJson) -> dict[str, float]:
    return dict(zip("xyz", point, strict=True))


def _each(values: Iterable[str | None]) -> list[str]:
    """Every text once, in order."""
    return list(dict.fromkeys(value for value in values if value))


def _of_status(line: ScanSessionLine, status: str) -> list[str]:
    return [criterion["id"] for criterion in line["criteria"] if criterion["status"] == status]


# ------------------------------------------------------------------------------------------------------------- sessions

_TEXT, _INTEGER, _NUMBER, _BOOLEAN = Scalar.TEXT, Scalar.INTEGER, Scalar.NUMBER, Scalar.BOOLEAN
_TEXTS = Listed(_TEXT)
_ANSWERS = Listed(Struct((("answer", _TEXT), ("level", _INTEGER), ("status", _TEXT))))
_QUESTIONS = Listed(Struct((("id", _TEXT), ("text", _TEXT), ("why", _TEXT), ("answers", _ANSWERS))))
_CRITERIA = Listed(Struct((("id", _TEXT), ("status", _TEXT), ("supports_level", _INTEGER), ("reason", _TEXT))))
_WEDGES = Listed(Struct((("beam", _INTEGER), ("type", _TEXT), ("angle_deg", _NUMBER), ("used", _BOOLEAN))))
_POINTS = Listed(Struct((("x", _NUMBER), ("y", _NUMBER), ("z", _NUMBER))))


def _session(
    name: str,
    type: Type,
    meaning: str,
    of: Callable[[ScanSessionLine], object],
    *,
    unit: str = "",
    nullable: bool = False,
) -> Column:
    return Column(name, type, meaning, of, unit, nullable)


_IDS = (
    _session("session", _TEXT, "id of the session, the same for the same bytes and fraction group", lambda s: s["id"]),
    _plan("path", _TEXT, "the first file with this content, in the order of names"),
    _plan("sha256", _TEXT, "SHA-256 of the file"),
    _plan("size", _INTEGER, "size of the file", name="size_bytes", unit="bytes"),
    _plan("sop_class_uid", _TEXT, "SOP class of the plan", nullable=True),
    _plan("sop_instance_uid", _TEXT, "UID of the plan", nullable=True),
    _session(
        "fraction_group",
        _INTEGER,
        "number of the fraction group; null where the plan has none",
        lambda s: s["parts"][0]["fraction_group"],
        nullable=True,
    ),
    _plan("patient", _TEXT, "pseudonym of the patient, the same for all of a patient's plans", nullable=True),
)

_PLAN = (
    _plan("kind", _TEXT, "`rt_plan`, `rt_ion_plan` or `brachy`", name="plan_kind"),
    _plan("label", _TEXT, "RTPlanLabel", name="plan_label", nullable=True),
    _plan("manufacturer", _TEXT, "manufacturer of the system that wrote the plan", nullable=True),
    _plan("model", _TEXT, "the system that wrote the plan", nullable=True),
    _plan("software", _TEXTS, "its software versions"),
    _plan("machines", _TEXTS, "machines of the plan's treatment beams"),
    _plan("year", _INTEGER, "year of RTPlanDate", name="plan_year", nullable=True),
    _plan("month", _TEXT, "month of RTPlanDate (`2026-03`)", name="plan_month", nullable=True),
    _session(
        "plan_date",
        Scalar.DATE,
        "RTPlanDate; null also where no calendar has that day",
        lambda s: _date(s["plan"]),
        nullable=True,
    ),
    _plan("geometry", _TEXT, "RTPlanGeometry", nullable=True),
    _plan("intent", _TEXT, "PlanIntent", nullable=True),
    _plan("approval", _TEXT, "ApprovalStatus", nullable=True),
    _plan("warnings", _TEXTS, "codes of what is odd about the file"),
    _plan("reader", _TEXT, "which of the two readers read it"),
)

_DECISION = (
    _suggested("status", _TEXT, "`supported`, `provisional`, `out_of_scope` or `not_assessable`"),
    _suggested("level", _INTEGER, "the suggested level", nullable=True),
    _suggested("code", _TEXT, "its code in the code set", nullable=True),
    _suggested("floor", _INTEGER, "the level that the evidence already supports", nullable=True),
    _suggested("ceiling", _INTEGER, "the highest level that one more answer could lead to", nullable=True),
    _suggested("reason", _TEXT, "the suggestion's reason in words"),
    _suggested("decided_by", _TEXTS, "ids of the criteria that decided"),
    _session(
        "questions", _TEXTS, "ids of the open questions", lambda s: [q["id"] for q in s["suggestion"]["questions"]]
    ),
    _session(
        "flags", _TEXTS, "ids of what deserves a look", lambda s: _each(f["id"] for f in s["suggestion"]["flags"])
    ),
    _session(
        "criteria_met", _TEXTS, "ids of the criteria and scope gates that are met", lambda s: _of_status(s, "met")
    ),
    _session("criteria_unknown", _TEXTS, "ids of those that are unknown", lambda s: _of_status(s, "unknown")),
    _session(
        "criteria",
        _CRITERIA,
        "the criteria and scope gates that the line lists",
        lambda s: list(map(_criterion, s["criteria"])),
    ),
    _session(
        "question_details",
        _QUESTIONS,
        "the open questions, with why they are asked and where each answer leads",
        lambda s: list(map(_question, s["suggestion"]["questions"])),
    ),
    _session(
        "answers",
        _TEXTS,
        "answers that were taken into account (`motion_management=yes`)",
        lambda s: [f"{question}={value}" for question, value in s["answers"].items()],
    ),
    _session("no_delivery", _TEXT, "why there is nothing to judge", lambda s: s["no_delivery"], nullable=True),
    _session(
        "together_sessions",
        _TEXTS,
        "ids of the plan's other sessions that have a level",
        lambda s: s["together"]["sessions"] if s["together"] else [],
    ),
    _session(
        "together_level",
        _INTEGER,
        "the level if these were given together",
        lambda s: s["together"]["level"] if s["together"] else None,
        nullable=True,
    ),
    _session(
        "together_status",
        _TEXT,
        "the status if these were given together",
        lambda s: s["together"]["status"] if s["together"] else None,
        nullable=True,
    ),
)

_BEAMS = (
    _session("treatment_beams", _INTEGER, "treatment beams of the session", lambda s: len(_metersets_mu(s))),
    _plan("treatment_beams", _INTEGER, "treatment beams of the whole plan", name="plan_treatment_beams"),
    _session(
        "meterset_mu",
        _NUMBER,
        "meterset of all treatment beams for one fraction; null where that of one is unknown",
        _meterset_mu,
        unit="MU",
        nullable=True,
    ),
    _session("fractions", _INTEGER, "fractions that are planned", lambda s: s["features"]["fractions"], nullable=True),
    _found(
        "stereotactic",
        "dose_per_fraction_gy",
        _NUMBER,
        "dose of one fraction",
        name="dose_per_fraction_gy",
        unit="Gy",
        nullable=True,
    ),
    _session("radiations", _TEXTS, "kinds of radiation", lambda s: s["features"]["radiations"]),
    _session("techniques", _TEXTS, "techniques of the treatment beams", lambda s: s["features"]["techniques"]),
    _session(
        "mlc_modulated",
        _BOOLEAN,
        "leaves move between or during the shapes of a beam",
        lambda s: s["features"]["mlc_modulated"],
        nullable=True,
    ),
    _session("wedges", _WEDGES, "wedges of the treatment beams", lambda s: s["features"]["wedges"]),
    _found("stereotactic", "robotic", _BOOLEAN, "a robotic machine", name="robotic"),
)

_FEATURES = (
    _found(
        "isocenters",
        "count",
        _INTEGER,
        "distinct isocenters of the photon treatment beams; null where they cannot be known or compared",
        name="isocenters",
        nullable=True,
    ),
    _found(
        "isocenters",
        "nearest_mm",
        _NUMBER,
        "smallest distance between two isocenters",
        name="nearest_isocenters_mm",
        unit="mm",
        nullable=True,
    ),
    _found(
        "isocenters",
        "farthest_mm",
        _NUMBER,
        "largest distance between two isocenters",
        name="farthest_isocenters_mm",
        unit="mm",
        nullable=True,
    ),
    _found("isocenters", "comparable", _BOOLEAN, "the points can be compared with one another"),
    _found("isocenters", "doubts", _TEXTS, "why there may be more isocenters than are counted"),
    _found("isocenters", "reason", _TEXT, "the count's reason in words"),
    _session(
        "isocenters_positions_mm",
        _POINTS,
        "the isocenters in the patient's coordinates (LPS)",
        lambda s: list(map(_point, s["features"]["isocenters"]["positions_mm"])),
        unit="mm",
    ),
    _session(
        "motion_coded",
        _TEXTS,
        "coded techniques of motion management",
        lambda s: _each(one["technique"] for one in s["features"]["motion"]["coded"]),
    ),
    _session(
        "motion_terms",
        _TEXTS,
        "what these are worth: `active`, `sign`, `indecisive`, `none`, or `elsewhere` (on a set-up of other beams)",
        lambda s: _each(one["term"] for one in s["features"]["motion"]["coded"]),
    ),
    _session(
        "motion_hints",
        _TEXTS,
        "words and other signs that hint at motion management and prove nothing",
        lambda s: _each(one["word"] for one in s["features"]["motion"]["hints"]),
    ),
    _truth("site", "moves", "the treated site moves with breathing, by its names"),
    _found("site", "words", _TEXTS, "words that name the treated site"),
    _truth("planning", "normal_tissue_constraint", "a limit for an organ at risk"),
    _truth("planning", "structure_set", "the plan refers to a structure set"),
    _truth("planning", "patient_geometry", "planned on the patient's images"),
    _truth("planning", "simple_2d_setup", "simple fields, as planned without images"),
    _truth("planning", "three_dimensional_directions", "directions that take three-dimensional planning"),
    _found("planning", "directions", _INTEGER, "directions of the photon treatment beams", nullable=True),
    _truth("electrons", "touching", "electron fields touch"),
    _truth("electrons", "close", "electron fields come close"),
    _found("electrons", "gap_mm", _NUMBER, "smallest gap between electron fields", unit="mm", nullable=True),
    _truth("electrons", "same_site_as_photons", "electrons and photons treat one site"),
    _found(
        "electrons",
        "distance_to_photons_mm",
        _NUMBER,
        "distance between electrons and photons",
        unit="mm",
        nullable=True,
    ),
    _truth("electrons", "total_skin_text", "words of a total skin treatment"),
    _truth("electrons", "total_skin_geometry", "fields like those of a total skin treatment"),
    _truth("stereotactic", "high_dose_modulated", "few fractions of a high dose by arcs, IMRT or many directions"),
    _truth("stereotactic", "high_dose_shaped", "few fractions of a high dose by shaped fields"),
    _truth("purpose", "not_for_treatment", "a plan that is not for treatment"),
    _truth("purpose", "intraoperative", "an intraoperative treatment"),
    _truth("imaging", "seen", "the plan shows image guidance"),
    _truth("phase", "boost", "words name a boost"),
)

#: The whole line: what no column has.
LINE = _session("line", _TEXT, "the line of `scan.ndjson`: also evidence, citations and documentation", dumps)

#: ``sessions``: a row for every treatment session.
SESSIONS: tuple[Column, ...] = (*_IDS, *_PLAN, *_DECISION, *_BEAMS, *_FEATURES, LINE)

# ---------------------------------------------------------------------------------------------------------------- files


def _file(
    name: str, type: Type, meaning: str, of: Callable[[FileRow], object], *, unit: str = "", nullable: bool = False
) -> Column:
    return Column(name, type, meaning, of, unit, nullable)


#: ``files``: a row for every file that was met.
FILES: tuple[Column, ...] = (
    _file("path", _TEXT, "the file; `export.zip!inner/plan.dcm` in an archive", lambda f: f.path),
    _file(
        "outcome",
        _TEXT,
        "`plan` (its sessions are in the other table), `duplicate` (a further copy), `skipped` or `failure`",
        lambda f: f.outcome,
    ),
    _file("code", _TEXT, "what was wrong, or why it was passed over; null for a plan", lambda f: f.code, nullable=True),
    _file("message", _TEXT, "what was wrong, in words", lambda f: f.message, nullable=True),
    _file("hint", _TEXT, "what to do about it", lambda f: f.hint, nullable=True),
    _file("size_bytes", _INTEGER, "size; null where it is not known", lambda f: f.size, unit="bytes", nullable=True),
    _file(
        "modified",
        Scalar.TIME,
        "when the file was last changed, in UTC; null where that is not known",
        lambda f: None if f.stamp is None else f.stamp // 1000,
        nullable=True,
    ),
    _file("sha256", _TEXT, "SHA-256 of a file that is a plan", lambda f: f.sha256, nullable=True),
    _file("sop_instance_uid", _TEXT, "UID of the plan", lambda f: f.uid, nullable=True),
    _file("sessions", _INTEGER, "rows of the other table that are this file's", lambda f: f.sessions),
)

TABLES: dict[str, tuple[Column, ...]] = {"sessions": SESSIONS, "files": FILES}
