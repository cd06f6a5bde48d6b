"""A small SVG writer: escaped texts, short numbers, colors from the table in `style`, no ids, no scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rtcode.outputs.pictures.style import attributes

#: Fonts of one width on most systems, and as wide as `text_width` expects.
_FONTS = "Helvetica, Arial, Liberation Sans, sans-serif"
#: Characters that XML 1.0 does not allow at all, not even escaped.
_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def number(value: float) -> str:
    """At most two decimals, no trailing zeros, no negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def escape(text: str) -> str:
    """Text for an element or attribute."""
    clean = text.translate(_FORBIDDEN)
    clean = clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return clean.encode("utf-8", "replace").decode("utf-8")


def rectangle(x0: float, x1: float, y0: float, y1: float) -> str:
    """Path data of a rectangle."""
    return f"M{number(x0)} {number(y0)}H{number(x1)}V{number(y1)}H{number(x0)}Z"


def polygon(corners: Iterable[Sequence[float]], *, closed: bool = True) -> str:
    """Path data of a polygon or polyline."""
    places = [f"{number(x)} {number(y)}" for x, y in corners]
    return "M" + "L".join(places) + ("Z" if closed else "") if places else ""


class Svg:
    """Collects elements in the order they are drawn."""

    def __init__(self, width: float, title: str) -> None:
        self.width = width
        self._title = title
        self._parts: list[str] = []

    def path(self, data: str, name: str, *, width: float | None = None, dash: str | None = None) -> None:
        """A path of a class; ``width`` of its stroke in the units around it."""
        if data:
            self._parts.append(f'<path class="{name}"{_colors(name)}{_stroke(width, dash)} d="{data}"/>')

    def line(
        self, x0: float, y0: float, x1: float, y1: float, name: str, *, width: float = 0.6, dash: str | None = None
    ) -> None:
        self.path(f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}", name, width=width, dash=dash)

    def circle(self, x: float, y: float, radius: float, name: str, *, width: float = 0.8) -> None:
        place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
        self._parts.append(f'<circle class="{name}"{_colors(name)}{_stroke(width, None)} {place}/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        name: str = "rtp-text",
        *,
        anchor: str = "start",
        size: float | None = None,
        bold: bool = False,
        upright: bool = True,
    ) -> None:
        """A line of text; ``upright=False`` turns it to be read from below."""
        place = f'x="{number(x)}" y="{number(y)}"'
        turned = "" if upright else f' transform="rotate(-90 {number(x)} {number(y)})"'
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        height = "" if size is None else f' font-size="{number(size)}"'
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text class="{name}"{_colors(name)} {place}{where}{height}{weight}{turned}>{escape(text)}</text>'
        )

    def begin(self, transform: str) -> None:
        """Open a group with coordinates of its own; ``end`` closes it."""
        self._parts.append(f'<g transform="{transform}">')

    def end(self) -> None:
        self._parts.append("</g>")

    def render(self, height: float, description: str) -> str:
        """The whole picture; title and description are what a screen reader says."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="rtp" viewBox="0 0 {number(self.width)} {number(height)}"'
            f' role="img" font-family="{_FONTS}" font-size="8.5">'
            f"<title>{escape(self._title)}</title><desc>{escape(description)}</desc>"
            # A ground of its own: a dark picture must not write light texts on a page that stayed light.
            f'<path class="rtp-ground"{_colors("rtp-ground")} d="{rectangle(0, self.width, 0, height)}"/>'
            + "".join(self._parts)
            + "</svg>"
        )


def _colors(name: str) -> str:
    return "".join(f' {key}="{value}"' for key, value in attributes(name).items())


def _stroke(width: float | None, dash: str | None) -> str:
    return ("" if width is None else f' stroke-width="{number(width)}"') + (
        "" if dash is None else f' stroke-dasharray="{dash}"'
    )


def capital(text: str) -> str:
    """With a capital letter first."""
    return text[:1].upper() + text[1:]


def text_width(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif font: enough to keep texts apart."""
    return 0.55 * size * len(text)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """A text in lines of about a width."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        longer = f"{current} {word}".strip()
        if current and text_width(longer, size) > width:
            lines.append(current)
            current = word
        else:
            current = longer
    return [*lines, current] if current else lines


def tick_step(span: float, most: int = 8) -> float:
    """A round step (1, 2, 5 times a power of ten) that gives at most so many ticks over a span."""
    if not span > 0:
        return 1.0
    step = 10.0**-6
    while step < 1e9:
        for factor in (1, 2, 5):
            if span / (step * factor) <= most:
                return step * factor
        step *= 10.0
    return step


def ticks(low: float, high: float, step: float) -> list[float]:
    """Multiples of the step within an interval."""
    result = []
    index = math.ceil(low / step)
    while index * step <= high + step * 1e-9:
        result.append(round(index * step, 9))
        index += 1
    return result
