"""Cases: plans of one patient that together may be one session, and what they would become.

A scan judges every plan alone. Here its dataset is gone through patient by patient: candidates come from a few columns
and the sessions' lines (`rtcode.archive.candidates`), and only those are unpacked and judged as one, the way
`rtcode.analysis.judge` does it. What comes out as it was is counted, what comes out different is a case.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from rtcode import __version__
from rtcode.archive.candidates import MOST_TOGETHER, Candidate, Member, candidates, newest
from rtcode.archive.dataset import Dataset
from rtcode.archive.engines import in_order
from rtcode.archive.joined import Group, Problem, Verdict, look
from rtcode.archive.patients import MOST_PLANS, PatientPlans, Patients
from rtcode.archive.settings import job_of_dataset
from rtcode.archive.work import Job, rules_of
from rtcode.errors import UsageError
from rtcode.outputs.json import code_set_dict
from rtcode.records import record

if TYPE_CHECKING:
    from typing import Literal

    from rtcode.outputs.case_contract import (
        CaseDifferenceDict,
        CaseLine,
        CaseMemberDict,
        CaseReason,
        CaseSessionDict,
        CasesLine,
        CaseTogetherDict,
        NotJudgedLine,
    )
    from rtcode.outputs.scan_contract import ScanSessionLine


_MOST_PATHS = MOST_TOGETHER


@record
class _Patient:
    """A patient's plans while they are looked at."""

    pseudonym: str | None
    members: tuple[Member, ...]
    versions: dict[int, list[int]]


_Looked = tuple["_Patient", Candidate, "tuple[Verdict, ...] | Problem"]


def case_lines(datasets: Sequence[Dataset], *, days: int, workers: int = 0) -> Iterator[CasesLine]:
    """The lines of a dataset, or of its shards: a header, cases, what could not be judged, a summary.

    Parameters
    ----------
    days
        At most so many lie between the dates of a photon and an electron plan.
    workers
        Processes that judge; 0 judges in this one.

    Raises
    ------
    UsageError
        The shards do not belong together, or the dataset was not made by this version of rtcode and its rules.
    """
    job = _job(datasets)
    header = datasets[0].header
    yield {
        "type": "header",
        "schema": "rtcode.case/1",
        "tool_version": __version__,
        "code_set": header["code_set"],
        "policy": header["policy"],
        "identifiers": header["identifiers"],
        "date_of_service": header["date_of_service"],
        "answers": header["answers"],
        "days": days,
    }
    counts = _Counts()
    with closing(Patients(datasets)) as patients:
        looked = in_order(_looked, None, _groups(datasets, patients, job, days, counts), workers)
        for one in looked:
            if isinstance(one, tuple):
                yield from counts.told(_rows(*one), judged=not isinstance(one[2], str))
            else:
                yield from counts.told([one], judged=False)
        yield {
            "type": "summary",
            "plans": patients.plans,
            "patients": counts.patients,
            "groups": counts.groups,
            "cases": counts.cases,
            "not_judged": counts.not_judged,
            "by_reason": dict(sorted(counts.by_reason.items())),
            "by_same_day": dict(sorted(counts.by_same_day.items())),
            "by_change": dict(sorted(counts.by_change.items())),
        }


def _job(datasets: Sequence[Dataset]) -> Job:
    header = {**datasets[0].header, "shard": None}
    if any({**dataset.header, "shard": None} != header for dataset in datasets):
        raise UsageError("the shards were scanned with different settings", "scan them with the same")
    if header["tool_version"] != __version__:
        raise UsageError(
            "the dataset was made by another version of rtcode", "run the same scan again, which reads anew"
        )
    job = job_of_dataset(datasets[0])
    rules, _ = rules_of(job)
    if code_set_dict(rules) != header["code_set"]:
        raise UsageError(
            "the dataset was decided by a code set that does not come with rtcode", "decide it by one that does"
        )
    return job


class _Counts:
    def __init__(self) -> None:
        self.patients = self.groups = self.cases = self.not_judged = 0
        self.by_reason: Counter[str] = Counter()
        self.by_same_day: Counter[str] = Counter()
        self.by_change: Counter[str] = Counter()

    def told(self, rows: Iterable[CaseLine | NotJudgedLine], *, judged: bool) -> Iterator[CaseLine | NotJudgedLine]:
        self.groups += judged
        for row in rows:
            if row["type"] == "case":
                self.cases += 1
                self.by_reason.update(row["reasons"])
                self.by_same_day[row["same_day"]] += 1
                self.by_change[row["difference"]["change"]] += 1
            else:
                self.not_judged += 1
            yield row


# ------------------------------------------------------------------------------------------------------ groups to judge

_ToLook = tuple["_Patient", Candidate, "Group | Problem"]


def _groups(
    datasets: Sequence[Dataset], patients: Patients, job: Job, days: int, counts: _Counts
) -> Iterator[_ToLook | NotJudgedLine]:
    same_mm = rules_of(job)[0].settings.same_isocenter_mm
    for found in patients.several():
        counts.patients += 1
        if found.plans > MOST_PLANS:
            yield _crowd(datasets, found)
            continue
        members = tuple(_members(datasets, found))
        patient = _Patient(found.patient, members, newest(members, same_mm))
        for candidate in candidates(members, patient.versions, days, same_mm):
            yield patient, candidate, _group(datasets, patient, candidate, job)


def _members(datasets: Sequence[Dataset], found: PatientPlans) -> Iterator[Member]:
    for row in found.rows:
        dataset = datasets[row.shard]
        path = dataset.path_of(row.id)
        if path is not None:
            lines: list[ScanSessionLine] = [json.loads(line) for line in dataset.lines(row.id, path)]
            if lines:
                yield Member.of(row, path, lines)


def _group(datasets: Sequence[Dataset], patient: _Patient, candidate: Candidate, job: Job) -> Group | Problem:
    if len(candidate.members) > MOST_TOGETHER:
        return "too_many_plans"
    rows = [patient.members[place].row for place in candidate.members]
    packed = [datasets[row.shard].packed_of(row.id) for row in rows]
    kept = tuple(one for one in packed if one is not None)
    if len(kept) < len(packed):
        return "not_kept"
    return Group(job, kept, candidate.named, "photons_and_electrons" in candidate.reasons)


def _crowd(datasets: Sequence[Dataset], found: PatientPlans) -> NotJudgedLine:
    paths = [datasets[row.shard].path_of(row.id) for row in found.rows[:_MOST_PATHS]]
    return {
        "type": "not_judged",
        "code": "too_many_plans",
        "patient": found.patient,
        "reasons": [],
        "plans": found.plans,
        "paths": sorted(path for path in paths if path is not None),
    }


def _looked(_: None, one: _ToLook | NotJudgedLine) -> _Looked | NotJudgedLine:
    """A group with what came of it."""
    if not isinstance(one, tuple):
        return one
    patient, candidate, group = one
    return patient, candidate, look(group) if isinstance(group, Group) else group


# ----------------------------------------------------------------------------------------------------------------- rows


def _rows(
    patient: _Patient, candidate: Candidate, outcome: tuple[Verdict, ...] | Problem
) -> Iterator[CaseLine | NotJudgedLine]:
    reasons: list[CaseReason] = list(candidate.reasons)
    if isinstance(outcome, str):
        paths = sorted(patient.members[place].path for place in candidate.members)
        yield {
            "type": "not_judged",
            "code": outcome,
            "patient": patient.pseudonym,
            "reasons": reasons,
            "plans": len(paths),
            "paths": paths[:_MOST_PATHS],
        }
        return
    for verdict in outcome:
        places = [candidate.members[place] for place in verdict.members]
        members = [patient.members[place] for place in places]
        sessions = {one["id"]: one for member in members for one in member.sessions}
        differences = [
            found for one in verdict.together if (found := _difference([sessions[id] for id in one["sessions"]], one))
        ]
        if not differences:
            continue
        days = [member.row.day for member in members if member.row.day is not None]
        ids = ";".join(sorted(id for one in verdict.together for id in one["sessions"]))
        yield {
            "type": "case",
            "id": hashlib.sha256(f"{verdict.same_day == 'named'}:{ids}".encode()).hexdigest()[:16],
            "patient": patient.pseudonym,
            "reasons": reasons,
            "joined_by": "concurrent" if verdict.same_day == "named" else "request",
            "same_day": verdict.same_day,
            "days_apart": max(days) - min(days) if len(days) == len(members) else None,
            "members": [_member(patient, place) for place in sorted(places, key=lambda one: patient.members[one].path)],
            "together": list(verdict.together),
            "difference": max(differences, key=lambda found: found["level_together"] or 0),
        }


def _difference(alone: Sequence[CaseSessionDict], together: CaseTogetherDict) -> CaseDifferenceDict | None:
    """Between the highest of the sessions and what they become; ``None`` where there is none."""
    highest = max((one["level"] for one in alone if one["level"] is not None), default=None)
    if highest is None:
        return None
    statuses = [one["status"] for one in alone if one["level"] == highest]
    level, status = together["level"], together["status"]
    if level == highest and status in statuses:
        return None
    change: Literal["higher", "lower", "out", "status"] = "status"
    if level is None:
        change = "out"
    elif level != highest:
        change = "higher" if level > highest else "lower"
    return {
        "level_alone": highest,
        "status_alone": statuses[0],
        "level_together": level,
        "status_together": status,
        "change": change,
    }


def _member(patient: _Patient, place: int) -> CaseMemberDict:
    member = patient.members[place]
    plan = member.plan
    return {
        "path": member.path,
        "sha256": plan["sha256"],
        "sop_instance_uid": plan["sop_instance_uid"],
        "label": plan["label"],
        "date": plan["date"],
        "machines": plan["machines"],
        "approval": plan["approval"],
        "sessions": list(member.sessions),
        "versions": sorted(patient.members[other].path for other in patient.versions.get(place, ())),
    }
