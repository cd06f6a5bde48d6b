"""Which pictures a sheet shows: isocenters, beam's eye views at chosen control points, meterset maps and arc strips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.outputs.sheet.beams import number_of
from rtcode.outputs.sheet.figures import Row, trimmed
from rtcode.outputs.tree import plural
from rtcode.outputs.words import kind_and_energy, technique_word
from rtcode.plan.delivery import Delivery
from rtcode.plan.model import PlanKind
from rtcode.plan.sessions import PlannedBeam

if TYPE_CHECKING:
    from rtcode.metrics.machines import MachineLimits
    from rtcode.outputs.contract import BeamDict

#: Up to so many treatment beams that do not turn, each gets several views; of more two stand side by side.
_FEW_BEAMS = 4
#: Small pictures that fit side by side on paper.
_IN_A_ROW = 4
#: Beams that are drawn; a page with thousands of pictures is of use to nobody.
MOST_DRAWN = 100
_ARCS = frozenset({"vmat", "conformal_arc", "static_arc", "helical"})


def _views_of(technique: str, beams: int) -> int:
    """How many beam's eye views a beam gets among so many treatment beams."""
    if technique in _ARCS:
        return _IN_A_ROW - 1 if beams == 1 else 1
    return _IN_A_ROW - 1 if beams <= _FEW_BEAMS else 1


def _given_before(delivery: Delivery, control_point: int) -> float | None:
    """Share of the beam's meterset that is given before a control point."""
    return None if delivery.shares is None else float(delivery.shares[:control_point].sum())


def beam_drawings(
    planned: PlannedBeam, beam: BeamDict, limits: MachineLimits | None, which: str, *, among: int
) -> Row | None:
    """The pictures of one treatment beam; ``None`` where its control points are not read."""
    from rtcode.outputs.pictures import arc_strip, chosen_control_points, map_and_notes, view_and_notes

    if planned.plan.kind is not PlanKind.RT_PLAN:
        return None
    delivery = planned.delivery
    points = chosen_control_points(planned, _views_of(beam["technique"], among))
    views = []
    for point in points:
        svg, notes = view_and_notes(planned, point)
        before = _before(delivery, point) if len(points) > 1 else ""
        views.append({"svg": svg, "caption": f"{before}{notes}"})
    shown = len(views)
    found = map_and_notes(planned)
    if found is not None:
        views.append({"svg": found[0], "caption": found[1]})
    strip = arc_strip(planned, limits) if limits is not None and beam["technique"] in _ARCS else None
    if not views and strip is None:
        return None
    small = len(views) if strip is None else len(views) + _IN_A_ROW // 2
    setting = "single" if small == 1 else "pair" if small == 2 else "row"
    return {
        "title": f"Beam {number_of(beam, which)}: {kind_and_energy(beam)}, {technique_word(beam)}",
        "setting": setting,
        "views": views,
        "shown": _shown(beam, shown),
        "strip": strip,
    }


def _before(delivery: Delivery, point: int) -> str:
    share = _given_before(delivery, point)
    return "" if share is None else f"{trimmed(100 * share, 1)} % of the meterset given before. "


def _shown(beam: BeamDict, views: int) -> str:
    mlc = beam["mlc"]
    if mlc is None or not mlc["present"] or mlc["apertures"] <= views:
        return ""
    return f"{views} of {mlc['apertures']} {plural('aperture', mlc['apertures'])} shown"
