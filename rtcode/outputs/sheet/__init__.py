"""The sheet: one self-contained page for each treatment session, on screen, on paper and as PDF.

It is what a physicist reads and signs before the first fraction. Texts come from the contract's data, so that
``--identifiers`` holds; the results give what pictures are drawn from. `sheet.view` puts both into one tree, the
templates write it down and compute nothing.
"""

from __future__ import annotations

from rtcode.outputs.sheet.pdf import render_pdf
from rtcode.outputs.sheet.render import render_html

__all__ = ["render_html", "render_pdf"]
