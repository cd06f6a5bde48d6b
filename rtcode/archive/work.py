"""What a worker does: a batch of files in, what came of each out.

Most files of an archive are images, so their first bytes are looked at first; only what may be a plan is read whole,
judged, and packed into what the scan's tables and later decisions need. What goes in and comes out can be pickled,
since this runs in other processes and on other machines.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rtcode.analysis import day_of, judge, read_source
from rtcode.archive.fetching import fetched
from rtcode.archive.kept import kept_plan, same_reading
from rtcode.archive.links import Links, links_of
from rtcode.archive.listing import SPECIAL
from rtcode.coding.case import Answers
from rtcode.coding.codeset import CodeSet, choose, parse, parse_policy, with_policy
from rtcode.dicom.reader import refusal
from rtcode.dicom.triage import may_be_plan, triage_and_read
from rtcode.errors import DefectError, InputError, NotAPlanError, RtcodeError, SourceError, UnreadableError
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.json import dumps
from rtcode.outputs.scan_lines import session_lines
from rtcode.plan.model import RTPlan
from rtcode.plan.packed import pack
from rtcode.records import record
from rtcode.sources.archives import kind_by_name
from rtcode.sources.expand import is_local, local_file
from rtcode.sources.files import MAX_FILE_BYTES, SourceFile
from rtcode.sources.remote import filesystem_of, remote_file

if TYPE_CHECKING:
    from rtcode.outputs.contract_values import IdentifierLevel
    from rtcode.outputs.scan_contract import ScanSessionLine

#: How a stored line begins: the path is filled in when the tables are written, since copies come and go.
LINE_START = '{"type":"session","plan":{"path":""'


@record
class Job:
    """What holds for every file of a scan.

    Attributes
    ----------
    code_set
        The code set's id.
    policy
        Name and content of the policy file.
    day
        The date of service in ISO form.
    answers
        Pairs of question and value, checked.
    identifiers
        ``none``, ``uid`` or ``full``.
    key
        What pseudonyms are keyed with.
    code_set_file
        Name and content of a code set file that does not come with rtcode.
    """

    code_set: str
    policy: tuple[str, bytes] | None
    day: str | None
    answers: tuple[tuple[str, str], ...]
    identifiers: IdentifierLevel
    key: bytes
    code_set_file: tuple[str, bytes] | None = None


@record
class Item:
    """A file of a batch: what opens it, how outputs show it, its size, and whether the caller named it."""

    address: str
    label: str
    size: int
    named: bool


@record
class Judged:
    """A plan that was judged.

    Attributes
    ----------
    sha256, uid
        Of the file; the SOPInstanceUID as outputs show it, or ``None``.
    patient
        A keyed pseudonym, ``None`` where the plan has no PatientID.
    packed
        The model, to decide again (`rtcode.plan.packed`); ``None`` where its texts cannot be kept as they were read.
    lines
        Its sessions' lines (`rtcode.outputs.scan_contract.ScanSessionLine`) as JSON, compressed.
    decided
        Status and level of each.
    warned
        Whether the reader found something odd.
    links
        What relates it to other plans of its patient.
    """

    sha256: str
    uid: str | None
    patient: str | None
    packed: bytes | None
    lines: tuple[bytes, ...]
    decided: tuple[tuple[str, int | None], ...]
    warned: bool
    links: Links


@record
class Outcome:
    """What came of one file.

    Attributes
    ----------
    item
        Its place in the batch.
    member
        Where in an archive, ``""`` for the file itself.
    code
        Of a failure or of what was passed over; ``""`` for a plan, and for an archive that was opened.
    failed
        Whether the code is that of a failure; then with ``message`` and ``hint``.
    plan
        The plan.
    opened
        An archive, whose members have outcomes of their own.
    passing
        A failure that another run may not meet (no access, a source out of reach).
    """

    item: int
    member: str = ""
    code: str = ""
    failed: bool = False
    message: str = ""
    hint: str = ""
    plan: Judged | None = None
    opened: bool = False
    passing: bool = False


@record
class Done:
    """What came of a batch: places of items that are other DICOM objects, and the outcomes of the rest."""

    passed_over: tuple[int, ...]
    outcomes: tuple[Outcome, ...]


def work(job: Job, items: tuple[Item, ...]) -> Done:
    """Look at a batch of files; nothing that is wrong with a file gets out of here as an exception."""
    passed_over: list[int] = []
    outcomes: list[Outcome] = []
    elsewhere: list[int] = []
    for place, item in enumerate(items):
        if item.named or kind_by_name(item.address):
            outcomes.extend(_outcomes(job, place, item))
        elif not is_local(item.address):
            elsewhere.append(place)
        elif (file := _looked_at(item)) is None:
            passed_over.append(place)
        else:
            outcomes.append(_outcome(job, place, "", file))
    for place, fetched_file in zip(elsewhere, fetched([items[place] for place in elsewhere]), strict=True):
        if fetched_file is None:
            passed_over.append(place)
        else:
            outcomes.append(_outcome(job, place, "", fetched_file))
    return Done(tuple(passed_over), tuple(outcomes))


def _looked_at(item: Item) -> SourceFile | None:
    """A file that was met, with its content if it may be a plan; ``None`` for another DICOM object, and no file."""
    if item.size == SPECIAL:
        return None
    try:
        seen, content = triage_and_read(item.address, lambda seen: may_be_plan(seen.kind), most_bytes=MAX_FILE_BYTES)
    except RtcodeError as error:
        return SourceFile(item.label, named=False, error=error)
    if content is not None:
        return SourceFile(item.label, named=False, content=content)
    return None if seen.kind.is_dicom else SourceFile(item.label, named=False, error=refusal(seen.kind))


def _outcomes(job: Job, place: int, item: Item) -> Iterator[Outcome]:
    own = False
    try:
        for file in _files(item):
            member = file.label[len(item.label) :] if file.label.startswith(item.label + "!") else ""
            own = own or not member
            yield _outcome(job, place, member, file)
            # A member of an archive is in memory: not to be kept while the next one is unpacked.
            del file
    except Exception as error:  # noqa: BLE001  (a defect may raise anything)
        if not own:
            yield failure(place, "", DefectError.of(error))
        return
    if not own:
        yield Outcome(place, opened=True)


def _files(item: Item) -> Iterator[SourceFile]:
    if is_local(item.address):
        yield from local_file(Path(item.address), item.label, named=item.named)
        return
    filesystem, path_there = filesystem_of(item.address)
    yield from remote_file(filesystem, path_there, item.label, named=item.named)


def _outcome(job: Job, place: int, member: str, file: SourceFile) -> Outcome:
    try:
        plan = read_source(file)
        return Outcome(place, member, plan=judged(plan, job))
    except RtcodeError as error:
        if isinstance(error, InputError) and file.only_skipped(error):
            return Outcome(place, member, code=NotAPlanError.code)
        # What is wrong with an archive or in it stays as long as the archive does.
        may_pass = isinstance(error, UnreadableError) and not member and not kind_by_name(file.label)
        passing = may_pass or isinstance(error, SourceError)
        return failure(place, member, error, passing=passing)
    except Exception as error:  # noqa: BLE001  (a defect may raise anything)
        return failure(place, member, DefectError.of(error))


def failure(place: int, member: str, error: RtcodeError, *, passing: bool = False) -> Outcome:
    """The outcome of a file that could not be used."""
    return Outcome(place, member, error.code, failed=True, message=error.message, hint=error.hint, passing=passing)


def judged(plan: RTPlan, job: Job) -> Judged:
    """A plan with what its sessions' lines say, and its model for later."""
    rules, answers = rules_of(job)
    results = judge([plan], rules, answers, day_of(job.day))
    shown = Identifiers(job.identifiers, [plan], job.key)
    lines = session_lines(results, shown)
    kept = kept_plan(plan, job.identifiers, job.key)
    return Judged(
        sha256=plan.source.sha256,
        uid=shown.uid(plan.sop_instance_uid) or None,
        patient=lines[0]["plan"]["patient"] if lines else None,
        packed=pack(kept) if same_reading(plan, kept) else None,
        lines=tuple(map(stored, lines)),
        decided=tuple(map(decided_of, lines)),
        warned=bool(plan.warnings),
        links=links_of(plan, kept, job.identifiers, shown, job.key),
    )


def decided_of(line: ScanSessionLine) -> tuple[str, int | None]:
    """Status and level of a session."""
    return line["suggestion"]["status"], line["suggestion"]["level"]


def stored(line: ScanSessionLine) -> bytes:
    """A session's line as the store has it: without the path of its file."""
    line["plan"]["path"] = ""
    text = dumps(line)
    assert text.startswith(LINE_START)
    return zlib.compress(text.encode(), 1)


@lru_cache(maxsize=4)
def rules_of(job: Job) -> tuple[CodeSet, Answers]:
    """The rules and answers of a job, made once in each process."""
    if job.code_set_file is not None:
        name, content = job.code_set_file
        rules = parse(content, name=name)
    else:
        rules = choose(job.code_set, day_of(job.day))
    if job.policy is not None:
        name, content = job.policy
        rules = with_policy(rules, parse_policy(content, rules, name=name), name=name)
    return rules, Answers(dict(job.answers))
