"""From what the caller asks to what a dataset is scanned with: rules, answers, and the key of its pseudonyms."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode import __version__
from rtcode.analysis import day_of
from rtcode.archive.dataset import store_path
from rtcode.archive.work import Job, rules_of
from rtcode.coding.codeset import check_answers, choose
from rtcode.errors import PolicyError, UsageError
from rtcode.outputs.json import code_set_dict, policy_dict

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
    content = None
    if policy is not None:
        path = Path(policy)
        try:
            content = (path.name, path.read_bytes())
        except OSError as error:
            raise PolicyError(f"the policy file cannot be read ({type(error).__name__})", "check its path") from None
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
