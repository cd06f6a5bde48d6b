"""Where a value lies among those of other plans: quantiles, a marker, the percentile in words."""

from __future__ import annotations

from collections.abc import Mapping

from rtcode.outputs.pictures.svg import Svg, number, rectangle

_LEFT, _RIGHT, _MIDDLE = 14.0, 286.0, 25.0


def place_in_distribution(
    value: float, sample_quantiles: Mapping[float, float], label: str, unit: str, percentile: float
) -> str:
    """A strip with the quantiles of a sample, and where a value lies.

    Parameters
    ----------
    sample_quantiles
        Share of the sample (0 to 1) → value that this share does not exceed, in rising order: the outermost make the
        whiskers, ``0.25``, ``0.5`` and ``0.75`` the box.
    label, unit
        What is measured, such as a metric's name; never a text of the plan.
    percentile
        Percentage of the sample below the value.
    """
    title = f"{label}: {_few(value)}{' ' + unit if unit else ''}"
    words = f"percentile {number(round(percentile))}"
    told = ", ".join(f"{number(100 * share)} %: {_few(at)}" for share, at in sample_quantiles.items())
    first, *_, last = sample_quantiles.values()
    low, high = min(first, value), max(last, value)
    span = high - low

    def at(v: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * ((v - low) / span if span > 0 else 0.5)

    svg = Svg(300.0, title)
    svg.text(10, 12, title, bold=True, size=10.5)
    svg.line(at(first), _MIDDLE, at(last), _MIDDLE, "rtp-line", width=1.2)
    for edge in (first, last):
        svg.line(at(edge), _MIDDLE - 3, at(edge), _MIDDLE + 3, "rtp-line", width=1.0)
    lower, median, upper = (at(sample_quantiles[share]) for share in (0.25, 0.5, 0.75))
    svg.path(rectangle(lower, upper, _MIDDLE - 5, _MIDDLE + 5), "rtp-box", width=0.8)
    svg.line(median, _MIDDLE - 5, median, _MIDDLE + 5, "rtp-line", width=1.6)
    svg.path(f"M{number(at(value))} {number(_MIDDLE + 2)}l4.5 8h-9z", "rtp-wedge", width=0.6)
    svg.text(10, 46, _few(low), "rtp-muted", size=10)
    svg.text(150, 46, words, "rtp-muted", anchor="middle", size=10)
    svg.text(290, 46, _few(high), "rtp-muted", anchor="end", size=10)
    return svg.render(51, f"{words}. Quantiles of the sample: {told}.")


def _few(value: float) -> str:
    if value and not 1e-4 <= abs(value) < 1e4:
        return f"{value:.0f}" if abs(value) >= 1e4 else f"{value:.1g}"
    return f"{value:.4g}"
