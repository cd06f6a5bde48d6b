"""The summary of an archive as one self-contained HTML page, to show and to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.outputs.html import environment
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
    from rtcode.outputs.summary_contract import GroupDict, LookDict, SummaryDict

_TEMPLATES = Path(__file__).with_name("summary_page")
#: Rows of one table; JSON has all.
_MOST_ROWS = 25
#: Columns of the plot by time: more months than these are shown as years.
_MOST_PERIODS = 60
#: Rows of the table by time, likewise.
_MOST_MONTHS = 14
#: Plans and files to look at first.
_MOST_LOOKS = 100


def render_summary_html(data: SummaryDict) -> str:
    """The page of ``--format html``: no script, no network, no external font."""
    from rtcode.outputs.pictures import STYLE
    from rtcode.outputs.sheet.render import css_string

    templates = environment(_TEMPLATES)
    templates.filters["css_string"] = css_string
    return templates.get_template("summary.html").render(**_view(data), picture_style=STYLE)


def _view(data: SummaryDict) -> dict[str, Any]:
    from rtcode.outputs import summary_pictures as pictures

    look = data["look_first"]
    items = looked_at(look, _MOST_LOOKS)
    columns = status_columns(data)
    period, periods = period_groups(data, _MOST_PERIODS)
    row_period, row_periods = period_groups(data, _MOST_MONTHS)
    rules = data["code_set"]
    return {
        "headline": headline(data),
        "made_with": made_with(data),
        "notes": data["notes"],
        "tiles": _tiles(data),
        "proof": proof(data),
        "files": [(name, f"{count:,}") for name, count in file_rows(data)],
        "any": bool(data["sessions"]),
        "statuses": [status.replace("_", " ") for status in columns],
        "levels": [(name, [f"{count:,}" for count in counts], f"{sum(counts):,}") for name, counts in level_rows(data)],
        "sums": [f"{data['by_status'][status]:,}" for status in columns],
        "sessions": f"{data['sessions']:,}",
        "shares": pictures.shares(data["mix"]["levels"]),
        "mix": [
            {
                "level": str(share["level"]),
                "sessions": f"{share['sessions']:,}",
                "percent": percent_text(share["percent"]),
                "fractions": percent_text(share["percent_of_fractions"]),
                "ceiling": percent_text(share["percent_at_ceiling"]),
                "expected": expected_text(share),
            }
            for share in data["mix"]["levels"]
        ],
        "columns": f"{BY_FRACTIONS} {AT_MOST}",
        "mix_notes": data["mix"]["notes"],
        "source": source_line(data),
        "provisional": provisional_line(data),
        "changes": [(f"{change['sessions']:,}", change_line(change)) for change in data["provisional"]["changes"]],
        "without_question": without_question_line(data),
        "questions": [
            (one["id"], one["text"], f"{one['provisional']:,}", f"{one['others']:,}") for one in data["questions"]
        ],
        "period": period,
        "periods": pictures.periods(periods, period),
        "swatches": [pictures.swatch(name) for name in pictures.STACK],
        "groups": [
            _groups("By the plan's date", row_period, row_periods, _MOST_PERIODS),
            _groups("By machine", "machine", data["by_machine"]),
            _groups("By planning system", "manufacturer and model", data["by_system"]),
            _groups("By technique", "technique", data["by_technique"], named=technique_name),
        ],
        "flags": [(one["id"], one["text"] or "", f"{one['sessions']:,}") for one in data["flags"]],
        "failures": [
            {
                "code": one["code"],
                "files": f"{one['files']:,}",
                "may_be_plan": "yes" if one["may_be_plan"] else "no",
                "hint": one["hint"],
                "example": one["example"],
            }
            for one in data["failures"]
        ],
        "look_head": look_head(look),
        "look": [_look(item) for item in items],
        "look_more": more_line(len(items), look),
        "closing": f"rtcode {data['tool_version']}, {rules['id']} revision {rules['revision']}: "
        "levels are suggestions, a human confirms",
    }


def _tiles(data: SummaryDict) -> list[dict[str, str]]:
    """What has to be known at a glance."""
    files, found = data["files"], data["provisional"]
    looks = sum(kind["found"] for kind in data["look_first"]["kinds"])
    return [
        {
            "class": "supported" if files["in_equals_out"] else "bad",
            "value": f"{files['files']:,}",
            "name": "files, each with one outcome" if files["in_equals_out"] else "files, which do not add up",
        },
        {"class": "plain", "value": f"{data['sessions']:,}", "name": f"treatment sessions in {files['plans']:,} plans"},
        {
            "class": "provisional" if found["sessions"] else "supported",
            "value": percent_text(found["percent"]),
            "name": f"of the sessions are provisional ({found['sessions']:,})",
        },
        {
            "class": "not_assessable" if looks else "supported",
            "value": f"{looks:,}",
            "name": "sessions and files to look at first",
        },
    ]


def _groups(
    heading: str,
    title: str,
    groups: Sequence[GroupDict],
    most: int = _MOST_ROWS,
    named: Callable[[GroupDict], str] = group_name,
) -> dict[str, Any]:
    from rtcode.outputs.summary_pictures import bar

    largest = max((group["sessions"] for group in groups), default=1)
    return {
        "heading": heading,
        "title": title.capitalize(),
        "levels": [f"Level {level}" for level in groups[0]["levels"]] if groups else [],
        "rows": [
            {
                "name": named(group),
                "sessions": f"{group['sessions']:,}",
                "bar": bar(group, largest),
                "levels": [f"{count:,}" for count in group["levels"].values()],
                "no_level": f"{group['no_level']:,}",
                "provisional": provisional_share(group),
            }
            for group in groups[:most]
        ],
        "more": more(len(groups) - most),
    }


def _look(item: LookDict) -> dict[str, str]:
    status = item["status"] or item["kind"]
    return {
        "class": status if item["status"] else "error",
        "kind": KINDS[item["kind"]],
        "change": change_text(item),
        "path": item["path"],
        "session": item["session"] or "",
        "label": clipped(item["label"] or ""),
        "date": item["date"] or "",
        "code": item["code"] or "",
        "reason": item["reason"],
        "question": item["question_text"] or "",
    }
