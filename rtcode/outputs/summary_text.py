"""The summary of an archive as text for people, 80 columns wide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rtcode.outputs.layout import safe, width
from rtcode.outputs.page import Page
from rtcode.outputs.summary_words import (
    AT_MOST,
    BY_FRACTIONS,
    KINDS,
    change_line,
    change_text,
    expected_text,
    file_rows,
    group_name,
    headline,
    level_rows,
    look_head,
    looked_at,
    made_with,
    more_line,
    percent_text,
    period_groups,
    proof,
    provisional_line,
    provisional_share,
    source_line,
    status_columns,
    technique_name,
    without_question_line,
)
from rtcode.outputs.words import clipped, more

if TYPE_CHECKING:
    from rtcode.outputs.summary_contract import GroupDict, SummaryDict

#: Rows of one table; JSON has all.
_MOST_ROWS = 12
_MOST_PERIODS = 24
_LONGEST_NAME = 18
#: Plans and files to look at first.
_MOST_LOOKS = 20


def render_summary_text(data: SummaryDict, *, color: bool = False) -> str:
    """The report of ``rtcode summary``."""
    page = Page(color)
    page.line(headline(data), "strong")
    page.blank()
    for name, value in made_with(data):
        page.line(value, first=f"{name:17}")
    for note in data["notes"]:
        page.line(note, first="  ! ")
    _files(page, data)
    if data["sessions"]:
        _levels(page, data)
        _mix(page, data)
        _provisional(page, data)
        _flags(page, data)
        name, periods = period_groups(data, _MOST_PERIODS)
        _groups(page, f"By {name} of the plan's date", name.capitalize(), periods, _MOST_PERIODS)
        _groups(page, "By machine", "Machine", data["by_machine"])
        _groups(page, "By planning system", "System", data["by_system"])
        _groups(page, "By technique", "Technique", data["by_technique"], named=technique_name)
    _failures(page, data)
    _look_first(page, data)
    page.blank()
    page.line("Levels are suggestions; a human confirms.")
    return page.text()


def _files(page: Page, data: SummaryDict) -> None:
    page.heading("Files: what went in came out")
    page.line(proof(data), None if data["files"]["in_equals_out"] else "none")
    page.table([["Outcome", "Files"], *([name, f"{count:,}"] for name, count in file_rows(data))], [58, 14], right=(1,))


def _levels(page: Page, data: SummaryDict) -> None:
    columns = status_columns(data)
    page.heading("Sessions by level and status")
    head = ["Level", *(status.replace("_", " ") for status in columns), "all"]
    rows = [[name, *(f"{count:,}" for count in counts), f"{sum(counts):,}"] for name, counts in level_rows(data)]
    sums = [f"{data['by_status'][status]:,}" for status in columns]
    page.table([head, *rows, ["all", *sums, f"{data['sessions']:,}"]], [10] + [14] * (len(columns) + 1), _last(columns))


def _last(columns: Sequence[object]) -> tuple[int, ...]:
    return tuple(range(1, len(columns) + 2))


def _mix(page: Page, data: SummaryDict) -> None:
    page.heading("Mix of levels, of the sessions that have one")
    rows = [["Level", "Suggested", "By fractions", "At most", "Published expectation"]]
    for share in data["mix"]["levels"]:
        shares = (share["percent"], share["percent_of_fractions"], share["percent_at_ceiling"])
        rows.append([str(share["level"]), *map(percent_text, shares), expected_text(share)])
    page.table(rows, [6, 10, 12, 10, 40], right=(1, 2, 3))
    page.line(BY_FRACTIONS, first="  ")
    page.line(AT_MOST, first="  ")
    for note in data["mix"]["notes"]:
        page.line(note, first="  ! ")
    if source := source_line(data):
        page.line(source, "dim", first="  ")


def _provisional(page: Page, data: SummaryDict) -> None:
    page.heading("Provisional sessions")
    page.line(provisional_line(data), first="  ")
    for change in data["provisional"]["changes"]:
        page.item(f"{change['sessions']:,}: {change_line(change)}")
    if line := without_question_line(data):
        page.line(line, first="  ")
    if not data["questions"]:
        return
    page.heading("Open questions")
    rows = [["Question", "Provisional", "Others"]]
    rows += [[one["id"], f"{one['provisional']:,}", f"{one['others']:,}"] for one in data["questions"]]
    page.table(rows, [40, 12, 12], (1, 2), [one["text"] for one in data["questions"]])


def _flags(page: Page, data: SummaryDict) -> None:
    if not data["flags"]:
        return
    page.heading("Flags")
    rows = [["Flag", "Sessions"], *([one["id"], f"{one['sessions']:,}"] for one in data["flags"])]
    page.table(rows, [40, 12], (1,), [one["text"] or "" for one in data["flags"]])


def _groups(
    page: Page,
    heading: str,
    title: str,
    groups: Sequence[GroupDict],
    most: int = _MOST_ROWS,
    named: Callable[[GroupDict], str] = group_name,
) -> None:
    page.heading(heading)
    levels = list(groups[0]["levels"])
    rows = [[title, "Sessions", *(f"Level {level}" for level in levels), "No level", "Provisional"]]
    names = [safe(named(group)) for group in groups[:most]]
    for name, group in zip(names, groups, strict=False):
        counts = [group["sessions"], *group["levels"].values(), group["no_level"]]
        rows.append([name, *(f"{count:,}" for count in counts), provisional_share(group)])
    # A name that is too long for its column stands below it as a whole.
    notes = [name if width(name) > _LONGEST_NAME else "" for name in names]
    page.table(rows, [_LONGEST_NAME, 9, *[9] * len(levels), 8, 11], tuple(range(1, len(levels) + 4)), notes)
    if line := more(len(groups) - most):
        page.line(line, first="  ")


def _failures(page: Page, data: SummaryDict) -> None:
    if not data["failures"]:
        return
    page.heading("Failures")
    rows = [["Code", "Files"], *([one["code"], f"{one['files']:,}"] for one in data["failures"])]
    notes = [f"{one['hint']}; for example {one['example']}" for one in data["failures"]]
    page.table(rows, [30, 12], (1,), notes)


def _look_first(page: Page, data: SummaryDict) -> None:
    look = data["look_first"]
    page.heading("To look at first")
    page.line(look_head(look), first="  ")
    items = looked_at(look, _MOST_LOOKS)
    for item in items:
        label = f' "{clipped(item["label"])}"' if item["label"] else ""
        change = change_text(item)
        page.item(
            "".join(
                (
                    item["path"],
                    f" ({item['session']})" if item["session"] else "",
                    label,
                    f": {KINDS[item['kind']]}",
                    f", level {change}" if change else "",
                    f" [{item['code']}]" if item["code"] else "",
                )
            )
        )
        page.line(item["reason"], first="      ")
        if item["question_text"]:
            page.line(f"? {item['question_text']}", first="      ")
    if line := more_line(len(items), look):
        page.line(line, first="  ")
