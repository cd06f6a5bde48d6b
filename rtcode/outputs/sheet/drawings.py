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

#: Up to so many treatment beams, each gets several views; of more than the second number, two beams stand side by side.
_FEW_ARCS, _FEW_BEAMS = 4, 9
_ARCS = frozenset({"vmat", "conformal_arc", "static_arc", "helical"})


def layout(technique: str, beams: int) -> tuple[int, str]:
    """How many beam's eye views a beam gets among so many treatment beams, and how its pictures are set."""
    if technique in _ARCS:
        return (3, "") if beams <= _FEW_ARCS else (1, "row")
    return (2, "") if beams <= _FEW_BEAMS else (1, "pair")


def given_before(delivery: Delivery, control_point: int) -> float | None:
    """Share of the beam's meterset that is given before a control point."""
    return None if delivery.shares is None else float(delivery.shares[:control_point].sum())


def beam_drawings(
    planned: PlannedBeam, beam: BeamDict, limits: MachineLimits | None, which: str, *, among: int
) -> Row | None:
    """The pictures of one treatment beam; ``None`` where its control points are not read."""
    from rtcode.outputs.pictures import arc_strip, beams_eye_view, chosen_control_points, meterset_map

    if planned.plan.kind is not PlanKind.RT_PLAN:
        return None
    delivery = planned.delivery
    most_views, setting = layout(beam["technique"], among)
    points = chosen_control_points(planned, most_views)
    views = [
        {"svg": beams_eye_view(planned, point), "caption": _caption(delivery, point) if len(points) > 1 else ""}
        for point in points
    ]
    meterset = meterset_map(planned)
    strip = arc_strip(planned, limits) if limits is not None and beam["technique"] in _ARCS else None
    if not views and meterset is None and strip is None:
        return None
    if len(views) + (meterset is not None) + (strip is not None) == 1:
        setting = "single"
    return {
        "title": f"Beam {number_of(beam, which)}: {kind_and_energy(beam)}, {technique_word(beam)}",
        "setting": setting,
        "views": views,
        "shown": _shown(beam, len(views)),
        "meterset": meterset,
        "strip": strip,
    }


def _caption(delivery: Delivery, point: int) -> str:
    share = given_before(delivery, point)
    return "" if share is None else f"{trimmed(100 * share, 1)} % of the meterset given before"


def _shown(beam: BeamDict, views: int) -> str:
    mlc = beam["mlc"]
    if mlc is None or not mlc["present"] or mlc["apertures"] <= views:
        return ""
    return f"{views} of {mlc['apertures']} {plural('aperture', mlc['apertures'])} shown"
