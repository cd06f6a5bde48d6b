"""The sheet as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.coding.results import Results
from rtcode.outputs.layout import safe
from rtcode.outputs.sheet.distribution import Distribution
from rtcode.outputs.sheet.view import sheet_view

if TYPE_CHECKING:
    from rtcode.outputs.contract import AnalysisDict

_TEMPLATES = Path(__file__).with_name("templates")


def render_html(
    results: Results, data: AnalysisDict, *, distribution: Distribution | None = None, page_size: str | None = None
) -> str:
    """One self-contained page: no script, no network, no external font.

    Parameters
    ----------
    results
        What pictures are drawn from.
    data
        The same results as the contract's data, from which all texts come, so that ``--identifiers`` holds.
    distribution
        The site's own distribution, where metrics are to be compared with it.
    page_size
        A CSS page size for paged output; by default the printer's paper decides.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )
    environment.filters["css_string"] = css_string
    from rtcode.outputs.pictures import STYLE

    view = sheet_view(results, data, distribution)
    return environment.get_template("page.html").render(**view, picture_style=STYLE, page_size=page_size or "")


def _written(value: Any) -> Any:
    """What a template writes: markup as it is, texts on one line with nothing hidden in them, nothing else."""
    if hasattr(value, "__html__"):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a template would write a {type(value).__name__}")
    return safe(" ".join(value.split()))


def css_string(text: str) -> str:
    """A text as a CSS string; all but letters and digits of ASCII is escaped, so that nothing can end it."""
    shown = safe(" ".join(text.split()))
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in shown) + '"'
