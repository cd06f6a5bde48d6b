"""The sheet as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcode.coding.results import Results
from rtcode.outputs.html import environment
from rtcode.outputs.layout import one_line
from rtcode.outputs.sheet.distribution import Distribution
from rtcode.outputs.sheet.view import sheet_view

if TYPE_CHECKING:
    from rtcode.outputs.contract import AnalysisDict


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
    from rtcode.outputs.pictures import STYLE

    templates = environment()
    templates.filters["css_string"] = css_string
    view = sheet_view(results, data, distribution)
    return templates.get_template("page.html").render(**view, picture_style=STYLE, page_size=page_size or "")


def css_string(text: str) -> str:
    """A text as a CSS string; all but letters and digits of ASCII is escaped, so that nothing can end it."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in one_line(text)) + '"'
