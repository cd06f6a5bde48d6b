"""``rtcode codeset diff``: two sets of rules side by side, and what they make of a scanned archive."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rtcode.cli.options import NoColor, Output, Quiet, Version, Workers
from rtcode.cli.streams import check_output, write
from rtcode.errors import CodeSetError

if TYPE_CHECKING:
    from rtcode.archive.dataset import Dataset, Kept
    from rtcode.archive.diff import Differences, Pair
    from rtcode.archive.work import Job
    from rtcode.coding.codeset import CodeSet
    from rtcode.outputs.diff_contract import CodeSetDiffDict, DatasetDifferenceDict, RulesDict

#: Sessions that the text lists.
_MOST_SHOWN = 40
_BATCH = 32


_SIDES: tuple[Literal["before"], Literal["after"]] = ("before", "after")


class DiffFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def diff(
    a: Annotated[str, typer.Argument(metavar="A", show_default=False, help="Code set: an id, or a file.")],
    b: Annotated[str, typer.Argument(metavar="B", show_default=False, help="Another, or a policy file for A.")],
    dataset: Annotated[
        str | None, typer.Argument(metavar="[DATASET]", show_default=False, help="Folder of a scan.")
    ] = None,
    format: Annotated[DiffFormat, typer.Option("--format", help="Form of the output.")] = DiffFormat.TEXT,
    workers: Workers = None,
    output: Output = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
    version: Version = False,
) -> None:
    """What differs between two sets of rules, and which sessions of a scanned archive that changes, which way and why.

    Example: rtcode codeset diff us-cms-2026 codes-2027.toml dataset
    """
    from rtcode.outputs.json import dumps

    check_output(output, [one for one in (a, b) if one.endswith(".toml")])
    rules = _rules(a, None), _rules(b, None if _names_policy(a) else a)
    data = _data(rules)
    if dataset is not None:
        data["dataset"] = _of_dataset(Path(dataset), (a, b), workers)
    text = dumps(data, indent=2) + "\n" if format is DiffFormat.JSON else _text(data)
    write(text, output, terminal=format is DiffFormat.TEXT)


def _rules(name: str, base: str | None) -> CodeSet:
    """A code set by id or file; a policy file holds for the code set ``base``, or the newest."""
    from rtcode.coding.codeset import choose, load_policy, parse

    if _names_policy(name):
        return load_policy(Path(name), choose(None) if base is None else _rules(base, None))
    if name.endswith(".toml"):
        return parse(_read(Path(name)), name=Path(name).name)
    return choose(name)


def _names_policy(name: str) -> bool:
    """Whether this is a policy file: it has no levels. What is neither is told as a code set."""
    import tomllib

    try:
        return name.endswith(".toml") and "levels" not in tomllib.loads(_read(Path(name)).decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError:
        return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CodeSetError(f"the file cannot be read ({type(error).__name__})", "check its path") from None


def _data(rules: tuple[CodeSet, CodeSet]) -> CodeSetDiffDict:
    from rtcode.archive.diff import rule_differences
    from rtcode.cli.codeset import as_data

    def who(one: CodeSet) -> RulesDict:
        return {"id": one.id, "revision": one.revision, "policy": None if one.policy is None else one.policy.name}

    before, after = (as_data(one) for one in rules)
    for one in (before, after):
        # What holds is compared; the policy's own text and the file's hash say the same again.
        del one["policy"], one["sha256"]
    return {
        "schema": "rtcode.codeset-diff/1",
        "a": who(rules[0]),
        "b": who(rules[1]),
        "rules": [
            {"where": where, "before": one, "after": other} for where, one, other in rule_differences(before, after)
        ],
        "dataset": None,
    }


def _of_dataset(folder: Path, names: tuple[str, str], workers: int | None) -> DatasetDifferenceDict:
    from rtcode.archive.dataset import open_all
    from rtcode.archive.diff import differences

    opened = open_all(folder)
    try:
        found = differences(chain.from_iterable(_batches(one, names, workers) for one in opened))
    finally:
        for one in opened:
            one.close()
    return _dataset_dict(found)


def _jobs(dataset: Dataset, names: tuple[str, str]) -> tuple[Job, Job]:
    """The dataset's job under both; its own policy does not count, since A and B say what holds."""
    from rtcode.archive.settings import job_again
    from rtcode.records import replace

    def under(name: str, base: str | None) -> Job:
        if _names_policy(name):
            return job_again(dataset, code_set=base, policy=name)
        return replace(job_again(dataset, code_set=name), policy=None)

    a, b = names
    return under(a, None), under(b, None if _names_policy(a) else a)


def _batches(dataset: Dataset, names: tuple[str, str], workers: int | None) -> Iterator[list[Pair]]:
    from rtcode.archive.diff import decide_both
    from rtcode.archive.engines import in_order, processors

    jobs = _jobs(dataset, names)
    waiting: Iterator[tuple[Kept, str]] = dataset.kept()
    batches = iter(lambda: list(islice(waiting, _BATCH)), [])
    yield from in_order(decide_both, jobs, batches, processors() if workers is None else workers)


def _dataset_dict(found: Differences) -> DatasetDifferenceDict:
    return {
        "sessions": found.sessions,
        "changed": sum(number for _, _, number in found.ways),
        "undecided": found.undecided,
        "ways": [{"from": before, "to": after, "sessions": number} for before, after, number in found.ways],
        "criteria": dict(found.reasons),
        "changes": list(found.changes),
    }


def _text(data: CodeSetDiffDict) -> str:
    from rtcode.archive.diff import shown_value
    from rtcode.outputs.layout import safe

    def who(one: RulesDict) -> str:
        return f"{one['id']} revision {one['revision']}" + (f" under {one['policy']}" if one["policy"] else "")

    lines = [f"A: {who(data['a'])}", f"B: {who(data['b'])}", ""]
    lines.append(f"{len(data['rules'])} differences in the rules")
    lines += [
        f"  {one['where']}: {shown_value(one['before'])} -> {shown_value(one['after'])}"
        for one in data["rules"][:_MOST_SHOWN]
    ]
    if len(data["rules"]) > _MOST_SHOWN:
        lines.append(f"  and {len(data['rules']) - _MOST_SHOWN} more; --format json has all")
    found = data["dataset"]
    if found is not None:
        lines += ["", f"{found['changed']:,} of {found['sessions']:,} sessions change"]
        lines += [f"  {way['sessions']:>8,}  {way['from']} -> {way['to']}" for way in found["ways"]]
        if found["criteria"]:
            lines += ["", "Criteria that change in them"]
            lines += [f"  {number:>8,}  {name}" for name, number in found["criteria"].items()]
        if found["undecided"]:
            lines += ["", f"{found['undecided']:,} plans cannot be decided from what is kept; scan them again"]
        for change in found["changes"][:_MOST_SHOWN]:
            lines += ["", f"{change['path']}, session {change['session']}"]
            lines += [f"  A: {change['reason_before']}", f"  B: {change['reason_after']}"]
            asked = [", ".join(change[side]["questions"]) or "nothing" for side in _SIDES]
            if asked[0] != asked[1]:
                lines.append(f"  asks {asked[0]} -> {asked[1]}")
            lines += [
                f"  {one['id']}: {one['before'] or 'none'} -> {one['after']}: {one['reason']}"
                for one in change["criteria"]
            ]
        if found["changed"] > _MOST_SHOWN:
            lines += ["", f"and {found['changed'] - _MOST_SHOWN:,} more; --format json has up to 1,000"]
    return "\n".join(map(safe, lines)) + "\n\nLevels are suggestions; a human confirms.\n"
