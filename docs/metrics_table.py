"""The table of all metrics in ``docs/metrics.md``, from `rtcode.metrics.catalog`: ``python docs/metrics_table.py``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from rtcode.metrics.catalog import CATALOG, Combination, profiles  # noqa: E402

PAGE = ROOT / "docs" / "metrics.md"
_BEGIN, _END = "<!-- begin: written by docs/metrics_table.py -->\n", "<!-- end -->\n"
_PLAN = {
    Combination.MEAN: "mean by MU",
    Combination.LARGEST: "largest",
    Combination.SMALLEST: "smallest",
    Combination.SUM: "sum",
    Combination.NONE: "",
}


def with_table(page: str) -> str:
    """The page with the table as the catalog has it now."""
    begin, end = page.index(_BEGIN) + len(_BEGIN), page.index(_END)
    return page[:begin] + _tables() + page[end:]


def _tables() -> str:
    lines: list[str] = []
    for profile in profiles():
        entries = [one for one in CATALOG if one.profile == profile]
        sources = list(dict.fromkeys(one.source for one in entries))
        lines += ["", f"### `{profile}`", ""]
        if len(sources) == 1:
            lines += [f"{sources[0]}.", ""]
        lines += [
            "| name | metric | unit | what it is | more modulated | plan | twice as many segments |",
            "|" + "---|" * 7,
        ]
        for one in entries:
            plan = _PLAN[one.combination]
            if one.in_plan not in (None, one.name):
                plan = f"{plan}: `{one.in_plan}`"
            elif one.in_plan is not None and not plan:
                plan = "of its own"
            text = one.text if len(sources) == 1 else f"{one.text.rstrip('.')} ({one.source})"
            cells = (f"`{one.name}`", one.label, one.unit, text, one.sense.value, plan, one.sampling)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines).lstrip("\n") + "\n\n"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
