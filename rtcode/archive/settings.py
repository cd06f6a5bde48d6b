"""From what the caller asks to what a dataset is scanned with: rules, answers, and the key of its pseudonyms."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode import __version__
from rtcode.analysis import day_of
from rtcode.archive.dataset import Dataset, store_path
from rtcode.archive.wording import lists_other_words
from rtcode.archive.work import Job, rules_of
from rtcode.coding.codeset import check_answers, choose, parse
from rtcode.errors import CodeSetError, PolicyError, UsageError
from rtcode.outputs.json import code_set_dict, policy_dict
from rtcode.records import replace

if TYPE_CHECKING:
    from rtcode.outputs.contract_values import IdentifierLevel


def job_of(
    folder: Path,
    *,
    code_set: str | None,
    date_of_service: str | None,
    answers: Sequence[tuple[str, str]],
    policy: str | None,
    identifiers: IdentifierLevel,
    site_key: bytes | None,
) -> Job:
    """What holds for every file of a scan into a folder.

    Parameters
    ----------
    site_key
        The site's key of pseudonyms. Without one the dataset gets a key of its own, beside its store.

    Raises
    ------
    UsageError
        A wrong date, code set, answer or policy, or a key that cannot be written.
    """
    day = day_of(date_of_service)
    rules = choose(code_set, day)
    content = None if policy is None else _content(Path(policy), PolicyError, "policy")
    job = Job(
        code_set=rules.id,
        policy=content,
        day=None if day is None else day.isoformat(),
        answers=tuple(check_answers(rules, answers).items()),
        identifiers=identifiers,
        key=site_key or _own_key(store_path(folder).parent),
    )
    rules_of(job)
    return job


def header_of(job: Job, shard: str | None) -> dict[str, Any]:
    """What has to be the same for all files of a dataset; outputs show it but for the key's fingerprint."""
    rules, answers = rules_of(job)
    return {
        "schema": "rtcode.scan/1",
        "tool_version": __version__,
        "code_set": code_set_dict(rules),
        "policy": policy_dict(rules),
        "identifiers": job.identifiers,
        "date_of_service": job.day,
        "answers": dict(answers.given),
        "shard": shard,
        "key": hashlib.sha256(job.key).hexdigest()[:16],
    }


def job_of_dataset(dataset: Dataset) -> Job:
    """What a dataset was scanned with; without the key of its pseudonyms, which are made."""
    header = dataset.header
    return Job(
        code_set=header["code_set"]["id"],
        policy=dataset.policy,
        day=header["date_of_service"],
        answers=tuple(header["answers"].items()),
        identifiers=header["identifiers"],
        key=b"",
        code_set_file=dataset.code_set_file,
    )


def job_again(
    dataset: Dataset,
    *,
    code_set: str | None = None,
    policy: str | None = None,
    date_of_service: str | None = None,
    answers: Sequence[tuple[str, str]] = (),
) -> Job:
    """A dataset's job under other rules; what is not given stays.

    Parameters
    ----------
    code_set
        Id of a code set that comes with rtcode, or a code set file.
    policy
        A policy file.

    Raises
    ------
    UsageError
        A wrong code set, policy, date or answer.
    """
    job = job_of_dataset(dataset)
    if code_set is not None and code_set.endswith(".toml"):
        name, content = _content(Path(code_set), CodeSetError, "code set")
        job = replace(job, code_set=parse(content, name=name).id, code_set_file=(name, content))
    elif code_set is not None or date_of_service is not None:
        job = replace(job, code_set=choose(code_set, day_of(date_of_service)).id, code_set_file=None)
    if date_of_service is not None:
        job = replace(job, day=str(day_of(date_of_service)))
    if policy is not None:
        job = replace(job, policy=_content(Path(policy), PolicyError, "policy"))
    if answers:
        job = replace(job, answers=tuple(answers))
    rules, given = rules_of(job)
    if job.identifiers == "none" and lists_other_words(rules.settings):
        raise UsageError(
            "a policy adds words, and a dataset of --identifiers none keeps no other words than the code sets list",
            "scan the archive under this policy",
        )
    return replace(job, answers=tuple(check_answers(rules, list(given.given.items())).items()))


def header_again(dataset: Dataset, job: Job) -> dict[str, Any]:
    """The header of a dataset that is decided again: its pseudonyms stay."""
    return {**header_of(job, dataset.header["shard"]), "key": dataset.key}


def _content(path: Path, error: type[PolicyError] | type[CodeSetError], what: str) -> tuple[str, bytes]:
    try:
        return path.name, path.read_bytes()
    except OSError as problem:
        raise error(f"the {what} file cannot be read ({type(problem).__name__})", "check its path") from None


def _own_key(private: Path) -> bytes:
    path = private / "key"
    try:
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            part = private / "key.part"
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(os.urandom(32))
            part.replace(path)
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the dataset's folder cannot be written ({type(error).__name__}, errno {error.errno})",
            "give another folder after --output",
        ) from None
