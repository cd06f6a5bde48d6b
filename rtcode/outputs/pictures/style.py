"""Colors of the pictures: one table from which attributes (light) and the style sheet (dark) are made.

Renderers differ in what reaches an inline SVG: browsers apply the page's style sheet, WeasyPrint 70 does not (neither
rules by class nor variables nor media queries). So each element carries its light colors as presentation attributes,
which hold everywhere and on paper, and a class, by which `STYLE` changes them on dark screens. Every pair of neighbors
differs in lightness too, so that a grey print shows the same.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Steps of the meterset maps and their color bar.
LEVELS = 12


def _ramp(first: tuple[int, int, int], last: tuple[int, int, int], count: int) -> list[str]:
    """Colors in equal steps between two, both included."""
    steps = [i / (count - 1) for i in range(count)]
    mixed = [tuple(round(a + (b - a) * t) for a, b in zip(first, last, strict=True)) for t in steps]
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in mixed]


#: class → (attributes on light ground and paper, what differs on a dark screen)
CLASSES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "rtp-ground": ({"fill": "#ffffff", "stroke": "none"}, {"fill": "#14181d"}),
    "rtp-frame": ({"fill": "none", "stroke": "#4a5560"}, {"stroke": "#9aa7b4"}),
    "rtp-grid": ({"fill": "none", "stroke": "#d4d9de"}, {"stroke": "#333c46"}),
    "rtp-axis": ({"fill": "none", "stroke": "#111111"}, {"stroke": "#f2f4f6"}),
    "rtp-text": ({"fill": "#14181d", "stroke": "none"}, {"fill": "#eef1f4"}),
    "rtp-muted": ({"fill": "#4a5560", "stroke": "none"}, {"fill": "#aab6c2"}),
    "rtp-alert": ({"fill": "#a01818", "stroke": "none"}, {"fill": "#ff9a8f"}),
    "rtp-open": (
        {"fill": "#ffe9a8", "fill-rule": "evenodd", "stroke": "#a86a00"},
        {"fill": "#7d6420", "stroke": "#ffd873"},
    ),
    "rtp-cutout-material": (
        {"fill": "#8a7a66", "fill-opacity": "0.5", "fill-rule": "evenodd", "stroke": "none"},
        {"fill": "#a08c70"},
    ),
    "rtp-jaw": (
        {"fill": "#39424c", "fill-opacity": "0.3", "stroke": "none"},
        {"fill": "#c3ced9", "fill-opacity": "0.25"},
    ),
    "rtp-jaw-edge": ({"fill": "none", "stroke": "#14181d"}, {"stroke": "#f2f4f6"}),
    "rtp-leaf-0": (
        {"fill": "#8fb4d9", "fill-opacity": "0.65", "stroke": "#34618f"},
        {"fill": "#3c6c9c", "stroke": "#9cc4ee"},
    ),
    "rtp-leaf-1": (
        {"fill": "#c9a0c4", "fill-opacity": "0.55", "stroke": "#7a2f72"},
        {"fill": "#7c3f76", "stroke": "#eaa9e2"},
    ),
    "rtp-shield": (
        {"fill": "#39424c", "fill-opacity": "0.75", "stroke": "#14181d"},
        {"fill": "#c3ced9", "stroke": "#f2f4f6"},
    ),
    "rtp-cutout": ({"fill": "none", "stroke": "#7a3d00"}, {"stroke": "#ffc98a"}),
    "rtp-hatch": ({"fill": "none", "stroke": "#9a6a6a"}, {"stroke": "#b98080"}),
    "rtp-wedge": ({"fill": "#b4501e", "stroke": "#5e2408"}, {"fill": "#e48a55", "stroke": "#ffd2b3"}),
    "rtp-area": ({"fill": "#8fb4d9", "stroke": "#1f4e7d"}, {"fill": "#2c557f", "stroke": "#9cc4ee"}),
    "rtp-line": ({"fill": "none", "stroke": "#1f4e7d"}, {"stroke": "#9cc4ee"}),
    "rtp-limit": ({"fill": "none", "stroke": "#a01818"}, {"stroke": "#ff9a8f"}),
    "rtp-photon": ({"fill": "#1f4e7d", "stroke": "#ffffff"}, {"fill": "#9cc4ee", "stroke": "#14181d"}),
    "rtp-surface": ({"fill": "#ffffff", "stroke": "#1f4e7d"}, {"fill": "#14181d", "stroke": "#9cc4ee"}),
    "rtp-electron": ({"fill": "#a86a00", "stroke": "#ffffff"}, {"fill": "#ffd873", "stroke": "#14181d"}),
    "rtp-arrow": ({"fill": "none", "stroke": "#5b6670"}, {"stroke": "#aab6c2"}),
    "rtp-arrow-head": ({"fill": "#5b6670", "stroke": "none"}, {"fill": "#aab6c2"}),
    "rtp-link": ({"fill": "none", "stroke": "#8b95a0"}, {"stroke": "#77828d"}),
    "rtp-box": ({"fill": "#c9d8e8", "stroke": "#1f4e7d"}, {"fill": "#2c4560", "stroke": "#9cc4ee"}),
    **{
        f"rtp-level-{i}": ({"fill": light, "stroke": "none"}, {"fill": dark})
        for i, (light, dark) in enumerate(
            zip(
                _ramp((222, 235, 247), (8, 40, 92), LEVELS),
                _ramp((28, 46, 66), (214, 234, 255), LEVELS),
                strict=True,
            )
        )
    },
}


def attributes(name: str) -> Mapping[str, str]:
    """Light colors of a class as presentation attributes."""
    return CLASSES[name][0]


_DARK_RULES = "".join(
    f".rtp .{name}{{" + ";".join(f"{key}:{value}" for key, value in dark.items()) + "}"
    for name, (_, dark) in CLASSES.items()
)
#: Style sheet for pages that follow the reader's choice of light or dark; print is always light.
STYLE = (
    ".rtp{display:block;max-width:100%;height:auto}@media screen and (prefers-color-scheme:dark){" + _DARK_RULES + "}"
)
