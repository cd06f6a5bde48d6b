"""The summary of an archive in words, which its text and its page share; each fact is said in one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtcode.outputs.tree import plural
from rtcode.outputs.words import clipped, technique_word

if TYPE_CHECKING:
    from rtcode.outputs.summary_contract import (
        ChangeDict,
        GroupDict,
        LookDict,
        LookFirstDict,
        LookKind,
        ShareDict,
        SummaryDict,
    )

NOT_GIVEN = "not given"
BY_FRACTIONS = "By fractions: each session as often as it is planned to be given."
AT_MOST = "At most: each session at the highest level that an answer could lead to, asked or not."
KINDS: dict[LookKind, str] = {
    "not_assessable": "not assessable",
    "provisional": "provisional",
    "out_of_scope": "out of scope, with a question",
    "conflict": "conflict",
    "failure": "failed, may be a plan",
}
_STATUSES = ("supported", "provisional", "out_of_scope", "not_assessable")


def headline(data: SummaryDict) -> str:
    files = data["files"]
    return (
        f"{counted(data['sessions'], 'treatment session')} in {counted(files['plans'], 'plan')}, "
        f"from {counted(files['files'], 'file')}"
    )


def counted(count: int, word: str) -> str:
    """``1 plan``, ``12,000 plans``."""
    return f"{count:,} {plural(word, count)}"


def proof(data: SummaryDict) -> str:
    """That nothing was dropped, or that something was."""
    files = data["files"]
    sums = (
        f"{counted(files['files'], 'file')} = {files['plans']:,} plans + {files['failures']:,} failures + "
        f"{files['skipped']:,} passed over; {files['listed']:,} were listed, {files['with_outcome']:,} of them have an "
        "outcome"
    )
    if files["in_equals_out"]:
        return f"Nothing was dropped: {sums}."
    return f"THE COUNTS DO NOT ADD UP, while a scan is writing or by a defect: {sums}."


def file_rows(data: SummaryDict) -> list[tuple[str, int]]:
    """What came of the files, one row each."""
    files = data["files"]
    others = files["skipped"] - files["duplicates"]
    rows = [
        ("plans", files["plans"]),
        ("further copies of a plan", files["duplicates"]),
        ("other objects and files, passed over", others),
        ("failures", files["failures"]),
    ]
    if data["parts"]["of"]:
        rows += [
            ("of the copies: of a plan in another part", files["copies_across_parts"]),
            ("of the failures: same UID, other content in another part", files["conflicts_across_parts"]),
        ]
    return rows


def parts_line(data: SummaryDict) -> str:
    """Which parts of an archive were read; empty where it is not divided."""
    parts = data["parts"]
    return f"{parts['read']:,} of {parts['of']:,} parts" if parts["of"] else ""


def made_with(data: SummaryDict) -> list[tuple[str, str]]:
    """What the dataset was decided under."""
    rules, policy = data["code_set"], data["policy"]
    rows = [
        ("rtcode", data["tool_version"]),
        ("code set", f"{rules['id']} revision {rules['revision']}"),
        ("policy", "" if policy is None else f"{policy['name']} ({policy['sha256'][:16]})"),
        ("date of service", data["date_of_service"] or NOT_GIVEN),
        ("answers", ", ".join(f"{question}={value}" for question, value in data["answers"].items())),
        ("identifiers", data["identifiers"]),
        ("parts", parts_line(data)),
    ]
    return [(name, value) for name, value in rows if value]


def percent_text(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %"


def status_columns(data: SummaryDict) -> list[str]:
    """The statuses that occur, the surest first."""
    return [status for status in _STATUSES if status in data["by_status"]]


def level_rows(data: SummaryDict) -> list[tuple[str, list[int]]]:
    """For each level, and for none, the sessions by status."""
    columns = status_columns(data)
    counts: dict[tuple[int | None, str], int] = {
        (one["level"], one["status"]): one["sessions"] for one in data["by_level_and_status"]
    }
    levels: list[int | None] = [*(share["level"] for share in data["mix"]["levels"]), None]
    rows: list[tuple[str, list[int]]] = []
    for level in levels:
        name = "no level" if level is None else f"level {level}"
        rows.append((name, [counts.get((level, status), 0) for status in columns]))
    return rows


def expected_text(share: ShareDict) -> str:
    """``generally less than 5 % (paper 62)``."""
    expected = share["expected"]
    return "" if expected is None else f"{expected['text']} ({expected['citation'].replace(':', ' ')})"


def source_line(data: SummaryDict) -> str:
    """What the expectations' citations name; empty where nothing is expected."""
    keys = {s["expected"]["citation"].partition(":")[0] for s in data["mix"]["levels"] if s["expected"] is not None}
    sources = data["code_set"]["sources"]
    return "; ".join(f"{key}: {sources[key]['title']}; {sources[key]['where']}" for key in sorted(keys & {*sources}))


def provisional_line(data: SummaryDict) -> str:
    found = data["provisional"]
    if not found["sessions"]:
        return "No session is provisional."
    of_all = f"{counted(found['sessions'], 'session')} ({percent_text(found['percent'])} of all) "
    verb = "is" if found["sessions"] == 1 else "are"
    return f"{of_all}{verb} provisional: an open doubt could change the level."


def without_question_line(data: SummaryDict) -> str:
    """Of provisional sessions that nobody is asked about; empty where there are none."""
    count = data["provisional"]["without_question"]
    if not count:
        return ""
    return (
        f"{counted(count, 'provisional session')} without a question: "
        "no answer settles their doubt, mostly a beam that cannot be judged (see the flags)."
    )


def change_text(change: ChangeDict | LookDict) -> str:
    """``1 to 3``, ``2``, or nothing."""
    floor, ceiling = change["floor"], change["ceiling"]
    if floor is None and ceiling is None:
        return ""
    return f"{floor}" if floor == ceiling else f"{floor or 'none'} to {ceiling or 'none'}"


def change_line(change: ChangeDict) -> str:
    if change["floor"] == change["ceiling"]:
        return f"level {change['floor']}, an answer could lead to another status, not to a higher level"
    return f"level {change['floor'] or 'none'}, an answer could lead to {change['ceiling'] or 'none'}"


def group_name(group: GroupDict) -> str:
    return NOT_GIVEN if group["name"] is None else clipped(group["name"]) or "empty"


def technique_name(group: GroupDict) -> str:
    """The technique in the words of the reports."""
    name = group["name"]
    return NOT_GIVEN if name is None else technique_word({"technique": name})  # type: ignore[typeddict-item]


def provisional_share(group: GroupDict) -> str:
    """The share of a group's sessions that is provisional."""
    return f"{100 * group['provisional'] / group['sessions']:.0f} %"


def period_groups(data: SummaryDict, most: int) -> tuple[str, list[GroupDict]]:
    """The months or, where they are more than so many, the years, with what they are."""
    months = data["by_month"]
    if all(group["name"] is None or len(group["name"]) != 7 for group in months):
        return "year", months
    if len(months) <= most:
        return "month", months
    years: dict[str | None, GroupDict] = {}
    for group in months:
        # What is no month stays as it is: unknown ones, and what was counted together.
        name = group["name"][:4] if group["name"] and len(group["name"]) == 7 else group["name"]
        year = years.setdefault(
            name,
            {"name": name, "sessions": 0, "levels": dict.fromkeys(group["levels"], 0), "no_level": 0, "provisional": 0},
        )
        year["sessions"] += group["sessions"]
        year["no_level"] += group["no_level"]
        year["provisional"] += group["provisional"]
        for level, count in group["levels"].items():
            year["levels"][level] += count
    return "year", [*years.values()]


def looked_at(look: LookFirstDict, most: int) -> list[LookDict]:
    """At most so many of the list, in its order; no kind crowds out the others, since each has its places first."""
    by_kind = {kind["kind"]: [item for item in look["items"] if item["kind"] == kind["kind"]] for kind in look["kinds"]}
    room = dict.fromkeys(by_kind, most // max(1, len(by_kind)))
    taken = {kind: min(len(items), room[kind]) for kind, items in by_kind.items()}
    for kind, items in by_kind.items():
        taken[kind] += min(len(items) - taken[kind], most - sum(taken.values()))
    return [item for kind, items in by_kind.items() for item in items[: taken[kind]]]


def look_head(look: LookFirstDict) -> str:
    """How many there are of each kind."""
    kinds: Sequence[str] = [f"{kind['found']:,} {KINDS[kind['kind']]}" for kind in look["kinds"] if kind["found"]]
    return "; ".join(kinds) + "." if kinds else "There is nothing that has to be looked at first."


def more_line(shown: int, look: LookFirstDict) -> str:
    """That the list goes on; empty where it does not."""
    found = sum(kind["found"] for kind in look["kinds"])
    if found <= shown:
        return ""
    return f"and {found - shown:,} more (--format json lists up to {look['most_of_a_kind']:,} of each kind)"
