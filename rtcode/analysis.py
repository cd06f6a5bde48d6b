"""The main job from end to end: sources in, sessions with suggestions out.

``analyze`` reads every plan, keeps what cannot be used apart with its typed error, detects the features of each session
and lets the engine decide. Nothing here judges anything itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rtcode import __version__
from rtcode.coding.case import Answers, Case
from rtcode.coding.codeset import CodeSet, check_answers, choose, load_policy
from rtcode.coding.decision import Decision
from rtcode.coding.engine import decide
from rtcode.coding.evaluate import out_of_scope
from rtcode.coding.results import Failure, PlanReport, Results, Skipped
from rtcode.dicom import read_plan
from rtcode.errors import (
    DefectError,
    DuplicateConflictError,
    ExitCode,
    InputError,
    NotAPlanError,
    NotDicomError,
    RtcodeError,
    UsageError,
)
from rtcode.features import BeamFacts, DetectorSettings, describe, detect
from rtcode.integrity import assess
from rtcode.outputs.json import analysis_dict
from rtcode.plan.joining import join, sessions_of_call
from rtcode.plan.model import RTPlan
from rtcode.plan.sessions import PlannedBeam, TreatmentSession, planned_beams, sessions_of
from rtcode.records import record
from rtcode.sources.expand import expand, label_of
from rtcode.sources.files import SourceFile, not_dicom_by_name

if TYPE_CHECKING:
    from rtcode.outputs.contract import AnalysisDict

Source = str | os.PathLike[str] | RTPlan

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@record
class Analysis:
    """What `analyze` found.

    Attributes
    ----------
    results
        Plans with their beams, sessions with criteria and suggestion, failures and skipped inputs.
    exit_code
        The contract's exit code for what was found: 0, 3 (an input could not be used), 4 (a source could not be
        reached) or 70 (rtcode itself failed on an input).
    """

    results: Results
    exit_code: ExitCode

    def to_dict(self, identifiers: Literal["none", "uid", "full"] = "uid") -> AnalysisDict:
        """The contract's ``rtcode.analysis/1`` as plain data."""
        return analysis_dict(self.results, identifiers=identifiers)


def analyze(
    sources: Source | Iterable[Source],
    *,
    code_set: str | None = None,
    date_of_service: date | str | None = None,
    answers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    same_session: bool = False,
    policy: str | os.PathLike[str] | None = None,
    integrity: bool = True,
    metrics: bool = True,
    probe: Callable[[Results], object] | None = None,
) -> Analysis:
    """Read plans and suggest a level for each treatment session, with evidence and open questions.

    Parameters
    ----------
    sources
        Files, folders, archives or URLs, ``"-"`` for standard input, or plans that were read with `rtcode.read_plan`.
    code_set
        Id of a code set; by default the newest, or the one that covers ``date_of_service``.
    date_of_service
        A date, or its ISO form.
    answers
        ``{question: value}``; an answer holds for every session of the call.
    same_session
        Judge all plans, with every fraction group, as one treatment session.
    policy
        A TOML file that sets values and readings which the code set leaves open.
    integrity
        Run the integrity checks.
    metrics
        Compute the modulation metrics of photon treatment beams; without them an archive is read faster.
    probe
        Called with the results. A plan on which it fails becomes a failure like one on which the analysis fails: the
        command line makes its output here, so that one plan cannot cost the others their answers.

    Raises
    ------
    UsageError
        A wrong option, answer, date or policy, or plans of different patients with ``same_session``. Inputs that cannot
        be used, and those on which rtcode itself fails, are no exception: they stand in ``results.failures``.
    """
    day = day_of(date_of_service)
    rules = choose(code_set, day)
    if policy is not None:
        rules = load_policy(Path(policy), rules)
    pairs = list(answers.items()) if isinstance(answers, Mapping) else list(answers or ())
    given = Answers(check_answers(rules, pairs))
    if isinstance(sources, str | os.PathLike | RTPlan):
        sources = [sources]
    plans, failures, skipped, exit_code = _read_all(sources)

    def judged(plans: Sequence[RTPlan], defects: Sequence[Failure]) -> Results:
        results = judge(
            plans,
            rules,
            given,
            day,
            same_session=same_session,
            integrity=integrity,
            metrics=metrics,
            failures=(*failures, *defects),
            skipped=tuple(skipped),
        )
        if probe is not None:
            probe(results)
        return results

    results = _without_defects(plans, judged)
    if any(failure.code == DefectError.code for failure in results.failures):
        exit_code = ExitCode.DEFECT
    return Analysis(results, exit_code)


def judge(
    plans: Sequence[RTPlan],
    rules: CodeSet,
    answers: Answers,
    day: date | None,
    *,
    same_session: bool = False,
    integrity: bool = False,
    metrics: bool = False,
    failures: tuple[Failure, ...] = (),
    skipped: tuple[Skipped, ...] = (),
) -> Results:
    """Judge plans that were read, under rules that were chosen.

    Parameters
    ----------
    day
        The date of service, where one was given.
    failures, skipped
        The other inputs of the call: what was to be one session may lack a part.

    Raises
    ------
    SessionJoinError
        With ``same_session``, plans of different patients.
    """
    facts = _Facts(rules.settings)
    sessions = sessions_of_call(
        plans,
        same_session=same_session,
        all_usable=not failures,
        apart=lambda session: out_of_scope(facts.case(session), answers, rules),
    )
    of_plan = _by_plan(sessions)
    reports = tuple(
        _report(plan, of_plan.get(id(plan), []), facts, rules, day, integrity=integrity, metrics=metrics)
        for plan in plans
    )
    return Results(
        tool_version=__version__,
        code_set=rules,
        date_of_service=None if day is None else day.isoformat(),
        plans=reports,
        sessions=_decide(sessions, facts, answers, rules, date_given=day is not None),
        failures=failures,
        skipped=skipped,
        plugins=tuple(plugin.ref for plugin in rules.plugins),
    )


def _without_defects(
    plans: Sequence[RTPlan], judge: Callable[[Sequence[RTPlan], Sequence[Failure]], Results]
) -> Results:
    """All plans judged together, without those on which rtcode itself fails.

    An exception does not say which plan is behind it, so halves are added to what is known to succeed, down to single
    plans. Where plans fail only together, it is the later one that is left out.
    """
    kept: list[RTPlan] = []
    defects: list[Failure] = []
    results: Results | None = None
    waiting: list[Sequence[RTPlan]] = [plans]
    while waiting:
        some = waiting.pop()
        try:
            results = judge([*kept, *some], defects)
        except RtcodeError:
            raise
        except Exception as error:
            if not some:
                raise
            if len(some) == 1:
                defects.append(_failure(some[0].source.path, DefectError.of(error)))
                results = None
            else:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
        else:
            kept += some
    return judge(kept, defects) if results is None else results


def _failure(label: str, error: RtcodeError) -> Failure:
    return Failure(label, error.code, error.message, error.hint)


def day_of(value: date | str | None) -> date | None:
    """A date of service as a date.

    Raises
    ------
    UsageError
        A text that is none.
    """
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        # Alone, `fromisoformat` would also take 20260302 and the days of weeks.
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise UsageError("the date of service is not a date", "write it as YYYY-MM-DD")


class _Facts:
    """Facts of beams and cases of sessions, each computed once."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._known: dict[int, tuple[PlannedBeam, BeamFacts]] = {}
        self._cases: dict[int, Case] = {}

    def of(self, planned: PlannedBeam) -> BeamFacts:
        found = self._known.get(id(planned))
        if found is None:
            found = (planned, describe(planned, self._settings))
            self._known[id(planned)] = found
        return found[1]

    def case(self, session: TreatmentSession) -> Case:
        found = self._cases.get(id(session))
        # A case holds its session, so that no other one can have its identity.
        if found is None:
            features = detect(session, [self.of(b) for b in session.beams], self._settings)
            found = self._cases[id(session)] = Case.of(session, features)
        return found


def _by_plan(sessions: Sequence[TreatmentSession]) -> dict[int, list[TreatmentSession]]:
    """Sessions by the identity of the plans that have a part in them."""
    found: dict[int, list[TreatmentSession]] = {}
    for session in sessions:
        for plan in dict.fromkeys(id(part.plan) for part in session.parts):
            found.setdefault(plan, []).append(session)
    return found


def _report(
    plan: RTPlan,
    sessions: Sequence[TreatmentSession],
    facts: _Facts,
    rules: CodeSet,
    day: date | None,
    *,
    integrity: bool,
    metrics: bool,
) -> PlanReport:
    beams = tuple(facts.of(planned) for planned in planned_beams(plan, sessions))
    own = sessions_of(plan) if any(session.joined_by for session in sessions) else tuple(sessions)
    checks = rules.checks, rules.machines, rules.plugins
    said = assess(plan, beams, own, *checks, day) if integrity else None
    if not metrics:
        return PlanReport(plan, beams, said, None)
    # Only formats that show metrics need them, and their modules take time to import.
    from rtcode.metrics import metrics_of

    return PlanReport(plan, beams, said, metrics_of([facts.planned for facts in beams], own, rules.machines))


def _decide(
    sessions: Sequence[TreatmentSession], facts: _Facts, answers: Answers, rules: CodeSet, *, date_given: bool
) -> tuple[Decision, ...]:
    combined: dict[tuple[int, ...], Case] = {}

    def combine(members: tuple[int, ...]) -> Case:
        if members not in combined:
            combined[members] = facts.case(join([sessions[i] for i in members], by="request"))
        return combined[members]

    cases = [facts.case(session) for session in sessions]
    return decide(cases, answers, rules, combine, date_given=date_given)


def _read_all(
    sources: Iterable[Source],
) -> tuple[list[RTPlan], list[Failure], list[Skipped], ExitCode]:
    """Read every plan; what cannot be used becomes a failure, another DICOM object met on the way is skipped."""
    plans: list[RTPlan] = []
    failures: list[Failure] = []
    skipped: list[Skipped] = []
    exit_code = ExitCode.DONE
    for source in sources:
        if isinstance(source, RTPlan):
            plans.append(source)
            continue
        files = other_kinds = 0
        for file in _expand(source):
            files += 1
            try:
                plans.append(read_source(file))
            except RtcodeError as error:
                if isinstance(error, InputError) and file.only_skipped(error):
                    skipped.append(Skipped(file.label, "not_a_plan"))
                    other_kinds += not isinstance(error, NotAPlanError) or file.error is not None
                else:
                    failures.append(_failure(file.label, error))
                    exit_code = max(exit_code, error.exit_code)
            # A member of an archive is in memory: not to be kept while the next one is unpacked.
            del file
        if files == other_kinds:
            nothing = NotDicomError("there is no DICOM object in it", "check that this is the right folder or archive")
            failures.append(_failure(label_of(source), nothing))
            exit_code = max(exit_code, nothing.exit_code)
    kept = _without_duplicates(plans, failures, skipped)
    if len(kept) < len(plans) and any(f.code == DuplicateConflictError.code for f in failures):
        exit_code = max(exit_code, ExitCode.INPUT)
    return kept, failures, skipped, exit_code


def _expand(source: str | os.PathLike[str]) -> Iterator[SourceFile]:
    try:
        yield from expand([source])
    except RtcodeError:
        raise
    except Exception as error:  # noqa: BLE001  (a defect may raise anything)
        yield SourceFile(label_of(source), named=True, error=DefectError.of(error))


def read_source(file: SourceFile) -> RTPlan:
    """The plan in a file of a source.

    Raises
    ------
    RtcodeError
        It cannot be used; also `DefectError`, for whatever else may be raised.
    """
    try:
        if file.other_kind():
            raise not_dicom_by_name()
        return read_plan(file.read(), path=file.label)
    except RtcodeError:
        raise
    except Exception as error:  # noqa: BLE001  (a defect may raise anything)
        raise DefectError.of(error) from None


def _without_duplicates(plans: list[RTPlan], failures: list[Failure], skipped: list[Skipped]) -> list[RTPlan]:
    """Copies are skipped; one UID with different bytes is a conflict, and none of its files is judged."""
    by_uid: dict[str, list[RTPlan]] = {}
    for plan in plans:
        by_uid.setdefault(plan.sop_instance_uid or plan.source.sha256, []).append(plan)
    kept: list[RTPlan] = []
    for plan in plans:
        group = by_uid[plan.sop_instance_uid or plan.source.sha256]
        if len({p.source.sha256 for p in group}) > 1:
            error = DuplicateConflictError(
                f"{len(group)} files have the same SOPInstanceUID (0008,0018) and different content"
            )
            failures.append(_failure(plan.source.path, error))
        elif plan is group[0]:
            kept.append(plan)
        else:
            skipped.append(Skipped(plan.source.path, "duplicate"))
    return kept
