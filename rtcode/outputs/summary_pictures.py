"""The plots of an archive's summary: shares of levels beside what is expected, sessions by time, and bars in tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtcode.outputs.pictures.svg import Svg, polygon, rectangle, tick_step, ticks

if TYPE_CHECKING:
    from rtcode.outputs.summary_contract import GroupDict, ShareDict

#: Level → class: darker is higher on paper, brighter on a dark screen, so that a grey print shows the same.
LEVEL_CLASSES = {"1": "rtp-level-2", "2": "rtp-level-6", "3": "rtp-level-11"}
NO_LEVEL_CLASS = "rtp-surface"
#: All of them in the order of a stacked bar.
STACK = (*LEVEL_CLASSES.values(), NO_LEVEL_CLASS)


def shares(levels: Sequence[ShareDict]) -> str:
    """A bar for each level's share as suggested, a line on to its share if answers led as high as they can, and what is
    expected.
    """
    width, left, right, row = 350.0, 46.0, 14.0, 33.0
    scale = (width - left - right) / 100
    bottom = 8 + row * len(levels)
    picture = Svg(width, "Shares of the levels beside the published expectation")
    for tick in range(0, 101, 20):
        x = left + tick * scale
        picture.line(x, 4, x, bottom, "rtp-grid")
        picture.text(x, bottom + 11, f"{tick} %", "rtp-muted", anchor="middle")
    said = []
    for place, share in enumerate(levels):
        top = 8 + place * row
        picture.text(left - 6, top + 16, f"Level {share['level']}", anchor="end", bold=True)
        suggested, ceiling = share["percent"] or 0.0, share["percent_at_ceiling"] or 0.0
        end = left + suggested * scale
        picture.path(rectangle(left, max(end, left + 0.5), top + 4, top + 17), LEVEL_CLASSES[str(share["level"])])
        picture.path(rectangle(left, max(end, left + 0.5), top + 4, top + 17), "rtp-jaw-edge", width=0.5)
        said.append(f"level {share['level']}: {suggested:.1f} % suggested, {ceiling:.1f} % at most")
        other = left + ceiling * scale
        picture.line(end, top + 10.5, other, top + 10.5, "rtp-link", width=1.2, dash="2 2")
        picture.path(_diamond(other, top + 10.5, 3.6), "rtp-surface", width=1.2)
        expected = share["expected"]
        if expected is not None:
            low, high = left + expected["from_percent"] * scale, left + expected["to_percent"] * scale
            y = top + 23.5
            if high > low:
                picture.line(low, y, high, y, "rtp-limit", width=2.4)
            else:
                picture.line(low, y - 4, low, y + 4, "rtp-limit", width=2.4)
            said[-1] += f", expected {expected['text']}"
    picture.line(left, 4, left, bottom, "rtp-frame")
    y = bottom + 26
    legend = [("bar", "suggested"), ("diamond", "at most"), ("limit", "expected, as published")]
    if all(share["expected"] is None for share in levels):
        legend.pop()
    x = left
    for mark, text in legend:
        if mark == "bar":
            picture.path(rectangle(x, x + 12, y - 6.5, y), LEVEL_CLASSES["2"])
        elif mark == "diamond":
            picture.path(_diamond(x + 6, y - 3.2, 3.6), "rtp-surface", width=1.2)
        else:
            picture.line(x, y - 3.2, x + 12, y - 3.2, "rtp-limit", width=2.4)
        picture.text(x + 16, y, text, "rtp-muted")
        x += 16 + 4.6 * len(text) + 16
    return picture.render(y + 8, "; ".join(said))


def _diamond(x: float, y: float, half: float) -> str:
    return polygon([(x - half, y), (x, y - half), (x + half, y), (x, y + half)])


def periods(groups: Sequence[GroupDict], period: str) -> str:
    """A column for each month or year, its sessions stacked by level."""
    named = [group for group in groups if group["name"] is not None]
    width, left, right, high = 720.0, 44.0, 8.0, 150.0
    most = max((group["sessions"] for group in named), default=1)
    step = max(1.0, tick_step(most, 5))
    top = math.ceil(most / step) * step
    bottom = 8 + high
    picture = Svg(width, f"Sessions by {period} of the plan's date, stacked by level")
    for tick in ticks(0, top, step):
        y = bottom - high * tick / top
        picture.line(left, y, width - right, y, "rtp-grid")
        picture.text(left - 5, y + 3, f"{tick:,.0f}", "rtp-muted", anchor="end")
    each = (width - left - right) / max(1, len(named))
    column = min(each * 0.78, 34.0)
    # Labels are turned; where columns are narrow only every second or third has one.
    every = max(1, math.ceil(10 / each))
    for place, group in enumerate(named):
        x = left + each * (place + 0.5)
        y = bottom
        for name, count in _stack(group):
            upper = y - high * count / top
            picture.path(rectangle(x - column / 2, x + column / 2, upper, y), name, width=0.5)
            y = upper
        if place % every == 0:
            picture.text(x + 3, bottom + 42, group["name"] or "", "rtp-muted", upright=False)
    picture.line(left, bottom, width - right, bottom, "rtp-frame")
    said = f"{len(named)} {period}s that have sessions, at most {most:,} in one"
    return picture.render(bottom + 48, said)


def bar(group: GroupDict, most: int) -> str:
    """The sessions of one row of a table, stacked by level; ``most`` is as long as the column is wide."""
    width = 150.0
    picture = Svg(width, "Sessions by level")
    x = 0.5
    for name, count in _stack(group):
        end = x + (width - 1) * count / most
        picture.path(rectangle(x, end, 1, 10), name, width=0.5)
        x = end
    said = ", ".join(f"level {level}: {count}" for level, count in group["levels"].items())
    return picture.render(11, f"{said}, no level: {group['no_level']}")


def swatch(name: str) -> str:
    """The color of a level in stacked bars, for the head of its column."""
    picture = Svg(12.0, "color in the bars")
    picture.path(rectangle(1, 11, 1, 11), name, width=0.8)
    return picture.render(12, "from light to dark on paper: level 1, level 2, level 3; white: no level")


def _stack(group: GroupDict) -> list[tuple[str, int]]:
    """Classes and counts from the lowest level up."""
    parts = [(LEVEL_CLASSES[level], count) for level, count in group["levels"].items()]
    return [(name, count) for name, count in (*parts, (NO_LEVEL_CLASS, group["no_level"])) if count]
