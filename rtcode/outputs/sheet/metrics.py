"""The table of metrics: by beam and for the plan, with units, and where they stand in the site's own distribution."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from rtcode.coding.results import PlanReport
from rtcode.metrics.catalog import CATALOG, Definition
from rtcode.outputs.sheet.beams import number_of, treated
from rtcode.outputs.sheet.distribution import FEWEST, Distribution
from rtcode.outputs.sheet.figures import NONE, Row, significant, words
from rtcode.outputs.tree import plural
from rtcode.outputs.words import technique_word

if TYPE_CHECKING:
    from rtcode.outputs.contract import BeamDict, PartDict, PlanDict
    from rtcode.outputs.contract_values import MetricsJson

#: Beams side by side in one table.
_BEAMS_WIDE = 10
_OTHER_PROGRAMS = frozenset({"rtplan_complexity"})
#: One metric of each paper is drawn in the site's distribution.
_ALWAYS_DRAWN = frozenset(
    {
        ("mcniven2010", "mcs"),
        ("masi2013", "mcsv"),
        ("masi2013", "lt_mm"),
        ("younge2012", "em_per_mm"),
        ("du2014", "bi"),
        ("du2014", "bm"),
        ("crowe2014", "sas_10mm"),
        ("park2014", "mit_k1"),
        ("delivery", "mu_per_gy"),
        ("delivery", "mean_area_mm2"),
    }
)
#: And every other value below or above so many percent of the site's, up to so many.
_TAIL, _MOST_UNUSUAL = 5.0, 12
#: Up to so many beams, three or two columns of tables fit side by side.
_BEAMS_NARROW, _BEAMS_HALF = 2, 5


def tables(part: PartDict, plan: PlanDict, which: str, distribution: Distribution | None) -> list[Row]:
    """Metrics of a part's treatment beams, so many beams side by side as a page holds; empty where there are none."""
    beams = [beam for beam in treated(part, plan) if beam["metrics"] is not None]
    if not beams:
        return []
    tables_needed = -(-len(beams) // _BEAMS_WIDE)
    wide = -(-len(beams) // tables_needed)
    chunks = [beams[start : start + wide] for start in range(0, len(beams), wide)]
    return [_table(chunk, plan, which, distribution) for chunk in chunks]


def _table(beams: list[BeamDict], plan: PlanDict, which: str, distribution: Distribution | None) -> Row:
    whole = plan["metrics"]
    names: dict[str, dict[str, None]] = {}
    for beam in beams:
        for profile, metrics in (beam["metrics"] or {}).items():
            names.setdefault(profile, {}).update(dict.fromkeys(metrics))
    columns = 3 if len(beams) <= _BEAMS_NARROW else 2 if len(beams) <= _BEAMS_HALF else 1
    profiles = [
        {
            "name": profile,
            "rows": [
                _row(profile, metric, beams, plan, whole, distribution)
                for metric in metrics
                if _anything(profile, beams, metric)
            ],
        }
        for profile, metrics in names.items()
        if not _is_variant(profile, names) and _anything(profile, beams)
    ]
    return {
        "beams": [number_of(beam, which) for beam in beams],
        "plan": whole is not None,
        "width": str(1 + len(beams) + (whole is not None)),
        "elsewhere": [profile for profile in names if _is_variant(profile, names)],
        "setting": {3: "three", 2: "two", 1: "one"}[columns],
        "profiles": profiles,
        "columns": _side_by_side(profiles, columns),
        "unknown": [profile for profile in names if not _is_variant(profile, names) and not _anything(profile, beams)]
        + [
            _words(profile, metric)["label"]
            for profile, metrics in names.items()
            for metric in metrics
            if not _is_variant(profile, names) and _anything(profile, beams) and not _anything(profile, beams, metric)
        ],
    }


def _side_by_side(profiles: list[Row], columns: int) -> list[list[Row]]:
    """Tables in so many columns, in order, the highest as low as it goes.

    The balanced columns of a style sheet would do the same, at ten times the cost of setting the whole PDF.
    """
    heights = [len(profile["rows"]) + 2 for profile in profiles]
    best = [profiles]
    lowest = sum(heights)
    for cuts in combinations(range(1, len(profiles)), min(columns, len(profiles)) - 1):
        ends = [0, *cuts, len(profiles)]
        height = max(sum(heights[a:b]) for a, b in pairwise(ends))
        if height < lowest:
            best, lowest = [profiles[a:b] for a, b in pairwise(ends)], height
    return best


def _is_variant(profile: str, names: Iterable[str]) -> bool:
    """Whether it is another reading of a profile (``mcniven2010_n``), or another program's: JSON has those."""
    return profile in _OTHER_PROGRAMS or any(profile.startswith(f"{name}_") for name in names)


def _anything(profile: str, beams: list[BeamDict], metric: str | None = None) -> bool:
    """Whether a profile, or one metric of it, has any known value; question marks alone are said in a line."""
    return any(
        value is not None
        for beam in beams
        for name, value in (beam["metrics"] or {}).get(profile, {}).items()
        if metric in (None, name)
    )


def _row(
    profile: str,
    metric: str,
    beams: list[BeamDict],
    plan: PlanDict,
    whole: MetricsJson | None,
    distribution: Distribution | None,
) -> Row:
    one = _definitions().get((profile, metric))
    in_plan = metric if one is None else one.in_plan
    of_plan = NONE if whole is None or in_plan is None else significant(_value(whole, profile, in_plan))
    return {
        **_words(profile, metric),
        "values": [
            _cell(_value(beam["metrics"], profile, metric), profile, metric, beam, plan, distribution) for beam in beams
        ],
        "plan": of_plan,
    }


def _cell(
    value: float | None, profile: str, metric: str, beam: BeamDict, plan: PlanDict, distribution: Distribution | None
) -> Row:
    place = None
    if distribution is not None and value is not None:
        place = distribution.place(beam["technique"], f"{profile}.{metric}", value, plan["sha256"])
    rank = None if place is None else place.rank
    return {"value": significant(value), "rank": "" if rank is None else f"{rank:.0f} %"}


def _value(metrics: MetricsJson | None, profile: str, metric: str) -> float | None:
    return None if metrics is None else metrics.get(profile, {}).get(metric)


def places(part: PartDict, plan: PlanDict, which: str, distribution: Distribution) -> tuple[list[Row], list[str]]:
    """Each beam's place in the site's distribution: by technique, one metric a paper and whatever is unusual.

    Returns
    -------
    groups, too_few
        Pictures by technique; sentences about techniques with fewer values than can be compared.
    """
    by_technique: dict[str, list[BeamDict]] = {}
    for beam in treated(part, plan):
        if beam["metrics"] is not None:
            by_technique.setdefault(beam["technique"], []).append(beam)
    found: list[Row] = []
    too_few: list[str] = []
    for technique, beams in by_technique.items():
        word = technique_word(beams[0])
        count, of = distribution.beams(technique, plan["sha256"])
        if count < FEWEST:
            beams_word = plural("beam", count)
            too_few.append(f"Too few beams to compare with: {count} other {word} {beams_word}, {FEWEST} are needed.")
            continue
        drawn, more = _drawn(beams, plan, which, distribution)
        sample = "" if of == count else f" (a sample of {of})"
        found.append(
            {
                "title": f"{word}, {count} other {plural('beam', count)}{sample}",
                "pictures": drawn,
                "more": f"{more} further values outside the middle 90 %; the table has their ranks." if more else "",
            }
        )
    return found, too_few


def _drawn(beams: list[BeamDict], plan: PlanDict, which: str, distribution: Distribution) -> tuple[list[str], int]:
    from rtcode.outputs.pictures import place_in_distribution

    always: list[str] = []
    unusual: list[str] = []
    listed = {profile for profile, _ in _definitions()}
    for profile, name in _definitions():
        if _is_variant(profile, listed):
            continue
        for beam in beams:
            value = _value(beam["metrics"], profile, name)
            if value is None:
                continue
            place = distribution.place(beam["technique"], f"{profile}.{name}", value, plan["sha256"])
            if place.rank is None:
                continue
            middle = _TAIL <= place.rank <= 100 - _TAIL
            if middle and (profile, name) not in _ALWAYS_DRAWN:
                continue
            one = _words(profile, name)
            label = f"Beam {number_of(beam, which)}, {one['label']}"
            svg = place_in_distribution(value, place.quantiles, label, one["unit"], percentile=place.rank)
            (always if (profile, name) in _ALWAYS_DRAWN else unusual).append(svg)
    return [*always, *unusual[:_MOST_UNUSUAL]], max(0, len(unusual) - _MOST_UNUSUAL)


@cache
def _definitions() -> dict[tuple[str, str], Definition]:
    return {(one.profile, one.name): one for one in CATALOG}


def _words(profile: str, metric: str) -> Row:
    """How a metric is called, its unit and its definition."""
    one = _definitions().get((profile, metric))
    if one is None:
        return {"label": words(metric), "unit": "", "text": ""}
    return {"label": one.label, "unit": one.unit.replace("mm2", "mm\u00b2").replace("deg", "\u00b0"), "text": one.text}


def sources(tables: list[Row]) -> list[str]:
    """Where the definitions of the profiles come from, a sentence each."""
    used = {profile["name"] for table in tables for profile in table["profiles"]}
    by_profile: dict[str, dict[str, None]] = {}
    for one in CATALOG:
        if one.profile in used:
            by_profile.setdefault(one.profile, {})[one.source] = None
    return [f"{profile}: {', '.join(found)}" for profile, found in by_profile.items()]


def unknown(part: PartDict, plan: PlanDict, report: PlanReport, which: str) -> list[str]:
    """Why values of beams are unknown, a sentence for each reason."""
    if report.metrics is None:
        return []
    by_reason: dict[str, list[str]] = {}
    for beam in treated(part, plan):
        found = report.metrics.beams[beam["index"]]
        if found is not None and found.unknown is not None:
            by_reason.setdefault(found.unknown, []).append(number_of(beam, which))
    return [f"Unknown for beam {', '.join(beams)}: {reason}." for reason, beams in by_reason.items()]


def assumed(plan: PlanDict, part: PartDict, which: str) -> list[str]:
    """What metrics of moving beams assume of the machine, once for beams that are alike."""
    numbers = set(part["beams"])
    alike: dict[str, list[str]] = {}
    for limits in plan["machine_limits"]:
        if limits["beam"] is not None and limits["beam"] not in numbers:
            continue
        text = (
            f"gantry {significant(limits['gantry_speed_deg_s'])} \u00b0/s, "
            f"dose rate {significant(limits['dose_rate_mu_min'])} MU/min, "
            f"leaves {significant(limits['leaf_speed_mm_s'])} mm/s, jaws {significant(limits['jaw_speed_mm_s'])} mm/s "
            f"({limits['source']})"
        )
        alike.setdefault(text, []).append(which + ("?" if limits["beam"] is None else str(limits["beam"])))
    return [f"Beam {', '.join(beams)}: at most {text}" for text, beams in alike.items()]
