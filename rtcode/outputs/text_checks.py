"""Integrity findings and modulation metrics in the text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.page import Page
from rtcode.outputs.tree import finding_line, integrity_counts
from rtcode.outputs.words import plan_mark

if TYPE_CHECKING:
    from rtcode.outputs.contract import PlanDict
    from rtcode.outputs.contract_values import MetricsJson

#: Findings that are listed; JSON and the sheet have all, with explanations.
_MOST_FINDINGS = 12

#: (heading, profile, metric, digits): the few that most centers look at; JSON and the sheet have all.
_COLUMNS = (
    ("Area mm2", "delivery", "mean_area_mm2", 0),
    ("MCS", "mcniven2010", "mcs", 3),
    ("MCSv", "masi2013", "mcsv", 3),
    ("LT mm", "masi2013", "lt_mm", 0),
    ("EM 1/mm", "younge2012", "em_per_mm", 4),
    ("BM", "du2014", "bm", 3),
    ("SAS10", "crowe2014", "sas_10mm", 3),
    ("MU/Gy", "delivery", "mu_per_gy", 0),
)


def integrity_lines(page: Page, plans: list[PlanDict]) -> None:
    """What the integrity checks found, errors first."""
    checked = [plan for plan in plans if plan["integrity"] is not None]
    if not checked:
        return
    page.heading("Integrity of the plan")
    for plan in checked:
        mark = plan_mark(plans.index(plan), len(plans)).rstrip("/")
        page.line(f"{f'plan {mark}: ' if mark else ''}{integrity_counts(plan)}", first="  ")
        found = plan["integrity"]
        findings = found["findings"] if found is not None else []
        page.items([finding_line(finding) for finding in findings], _MOST_FINDINGS)


def metrics_table(page: Page, plans: list[PlanDict]) -> None:
    """Modulation metrics of the beams that have some, and of each plan."""
    rows = [["Beam", *(heading for heading, *_ in _COLUMNS)]]
    for place, plan in enumerate(plans):
        mark = plan_mark(place, len(plans))
        for beam in plan["beams"]:
            if beam["metrics"] is not None:
                number = "?" if beam["number"] is None else str(beam["number"])
                rows.append([f"{mark}{number}", *_cells(beam["metrics"], of_plan=False)])
        if plan["metrics"] is not None and len(rows) > 1:
            rows.append([f"plan {mark}".rstrip(" /"), *_cells(plan["metrics"], of_plan=True)])
    if len(rows) > 1:
        page.heading("Modulation")
        page.table(rows, [8, 9, 7, 7, 7, 8, 7, 7, 7], right=tuple(range(1, len(_COLUMNS) + 1)))
        page.line("Unknown is -. --format json has all metrics, docs/metrics.md what they mean.", first="  ")


def _cells(metrics: MetricsJson, *, of_plan: bool) -> list[str]:
    from rtcode.metrics.catalog import CATALOG

    names = {(one.profile, one.name): one.in_plan if of_plan else one.name for one in CATALOG}
    cells = []
    for _, profile, name, digits in _COLUMNS:
        value = metrics.get(profile, {}).get(names[profile, name] or "")
        cells.append("-" if value is None else f"{value:.{digits}f}")
    return cells
