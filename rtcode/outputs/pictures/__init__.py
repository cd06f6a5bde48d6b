"""Pictures of plans as SVG: beam's-eye views, meterset maps, strips along arcs, isocenters, places in distributions.

Each function returns one ``<svg>`` element with a view box only, so that the page decides on its size: no ids, no
scripts, no references, texts as ``<text>``, a ``<title>`` and a ``<desc>`` that say the numbers. Colors are attributes;
`STYLE` adds dark screens. Texts of the plan never stand in a picture; beams are told by their numbers.
"""

from rtcode.outputs.pictures.beams_eye import beams_eye_view, view_and_notes
from rtcode.outputs.pictures.distribution import place_in_distribution
from rtcode.outputs.pictures.isocenters import isocenter_views
from rtcode.outputs.pictures.marks import isocenter_marks
from rtcode.outputs.pictures.meterset_map import map_and_notes
from rtcode.outputs.pictures.plane import chosen_control_points
from rtcode.outputs.pictures.strips import arc_strip
from rtcode.outputs.pictures.style import STYLE

__all__ = [
    "STYLE",
    "arc_strip",
    "beams_eye_view",
    "chosen_control_points",
    "isocenter_marks",
    "isocenter_views",
    "map_and_notes",
    "place_in_distribution",
    "view_and_notes",
]
