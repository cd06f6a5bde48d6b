"""Where a value lies among those of other plans: quartiles, a marker, the percentile in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rtcode.outputs.pictures.svg import Svg, number, rectangle

#: Shares at which a plain sequence of five quantiles is taken.
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def percentile_of(value: float, sample_quantiles: Mapping[float, float]) -> tuple[float, float] | None:
    """Between which percentages of a sample a value lies, from the sample's quantiles.

    Parameters
    ----------
    sample_quantiles
        Share of the sample (0 to 1) → value that this share does not exceed; finite, at least two.

    Returns
    -------
    ``(low, high)`` in percent, equal where the value can be placed between two neighboring quantiles by a straight
    line; below the lowest quantile ``(0, lowest)``, above the highest ``(highest, 100)``; a value that several
    quantiles share lies between the first and the last of them. ``None`` without usable quantiles.
    """
    known = _usable(sample_quantiles)
    if len(known) < 2 or not math.isfinite(value):
        return None
    same = [share for share, at in known if at == value]
    if same:
        return 100 * same[0], 100 * same[-1]
    if value < known[0][1]:
        return 0.0, 100 * known[0][0]
    if value > known[-1][1]:
        return 100 * known[-1][0], 100.0
    for (share, at), (next_share, next_at) in pairwise(known):
        if at < value < next_at:
            place = 100 * (share + (next_share - share) * (value - at) / (next_at - at))
            return place, place
    return None


def _usable(sample_quantiles: Mapping[float, float]) -> list[tuple[float, float]]:
    """Quantiles in order; nothing where they are no shares or fall."""
    known = sorted(sample_quantiles.items())
    if any(not (0 <= share <= 1 and math.isfinite(at)) for share, at in known):
        return []
    falls = any(a[1] > b[1] for a, b in pairwise(known))
    return [] if falls else known


def place_in_distribution(
    value: float | None,
    sample_quantiles: Mapping[float, float] | Sequence[float],
    label: str = "",
    unit: str = "",
    *,
    percentile: float | None = None,
) -> str:
    """A strip with the quantiles of a sample, and where a value lies.

    Parameters
    ----------
    value
        ``None`` is unknown, and said.
    sample_quantiles
        As for `percentile_of`, or five values at `SHARES`; ``0.25``, ``0.5`` and ``0.75`` make the box.
    label, unit
        What is measured, such as a metric's name; never a text of the plan. Without a label the strip is small and has
        no texts but those for a screen reader.
    percentile
        Percentage of the sample below the value, where the caller counted it; else it is read from the quantiles.
    """
    if not isinstance(sample_quantiles, Mapping):
        sample_quantiles = dict(zip(SHARES, sample_quantiles, strict=True)) if sample_quantiles else {}
    if value is not None and not math.isfinite(value):
        value = None
    shown = "unknown" if value is None else f"{_few(value)}{' ' + unit if unit else ''}"
    known = _usable(sample_quantiles)
    words = _words(value, known, percentile)
    told = ", ".join(f"{number(100 * share)} %: {_few(at)}" for share, at in known)
    description = f"{words}." + (f" Quantiles of the sample: {told}." if told else "")
    if label:
        svg = Svg(300.0, f"{label}: {shown}", font_size=8)
        svg.text(10, 12, f"{label}: {shown}", bold=True, size=10.5)
        if len(known) < 2:
            svg.text(150, 26, words, "rtp-muted", anchor="middle", size=10)
            return svg.render(32, description)
        low, high = _strip(svg, value, known, 14.0, 286.0, 25.0)
        svg.text(10, 46, _few(low), "rtp-muted", size=10)
        svg.text(150, 46, words, "rtp-muted", anchor="middle", size=10)
        svg.text(290, 46, _few(high), "rtp-muted", anchor="end", size=10)
        return svg.render(51, description)
    svg = Svg(120.0, shown, font_size=8)
    if len(known) >= 2:
        _strip(svg, value, known, 6.0, 114.0, 8.0)
    return svg.render(20, description)


def _strip(
    svg: Svg, value: float | None, known: list[tuple[float, float]], left: float, right: float, middle: float
) -> tuple[float, float]:
    """Draw whiskers, box, median and marker; the values at both ends."""
    low, high = known[0][1], known[-1][1]
    if value is not None:
        low, high = min(low, value), max(high, value)
    span = high - low

    def at(v: float) -> float:
        return left + (right - left) * ((v - low) / span if span > 0 else 0.5)

    svg.line(at(known[0][1]), middle, at(known[-1][1]), middle, "rtp-line", width=1.2)
    for _, edge in (known[0], known[-1]):
        svg.line(at(edge), middle - 3, at(edge), middle + 3, "rtp-line", width=1.0)
    quartiles = dict(known)
    if 0.25 in quartiles and 0.75 in quartiles:
        svg.path(rectangle(at(quartiles[0.25]), at(quartiles[0.75]), middle - 5, middle + 5), "rtp-box", width=0.8)
    if 0.5 in quartiles:
        svg.line(at(quartiles[0.5]), middle - 5, at(quartiles[0.5]), middle + 5, "rtp-line", width=1.6)
    if value is not None:
        svg.path(f"M{number(at(value))} {number(middle + 2)}l4.5 8h-9z", "rtp-wedge", width=0.6)
    return low, high


def _few(value: float) -> str:
    if value and not 1e-4 <= abs(value) < 1e4:
        return f"{value:.0f}" if abs(value) >= 1e4 else f"{value:.1g}"
    return f"{value:.4g}"


def _words(value: float | None, known: list[tuple[float, float]], percentile: float | None) -> str:
    if len(known) < 2:
        return "no distribution to compare with"
    if value is None:
        return "not placed: value unknown"
    if percentile is not None:
        return f"percentile {number(round(percentile))}"
    place = percentile_of(value, dict(known))
    if place is None:
        return "not placed"
    low, high = place
    if value < known[0][1]:
        return "below all of the sample" if known[0][0] == 0 else f"below percentile {number(round(high))}"
    if value > known[-1][1]:
        return "above all of the sample" if known[-1][0] == 1 else f"above percentile {number(round(low))}"
    if round(high) - round(low) >= 1:
        return f"percentile {number(round(low))} to {number(round(high))}"
    return f"percentile {number(round(low))}"
