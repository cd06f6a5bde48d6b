"""The sheet as PDF, by WeasyPrint, which is optional."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from rtcode.coding.results import Results
from rtcode.errors import UsageError
from rtcode.outputs.sheet.distribution import Distribution
from rtcode.outputs.sheet.render import render_html

if TYPE_CHECKING:
    from rtcode.outputs.contract import AnalysisDict

Paper = Literal["a4", "letter"]
_SIZES: dict[str, str] = {"a4": "A4", "letter": "letter"}
_LOGGERS = ("weasyprint", "weasyprint.progress", "fontTools", "fontTools.subset", "fontTools.ttLib")


def require_weasyprint() -> Any:
    """The package WeasyPrint.

    Raises
    ------
    UsageError
        It is not installed, or a library that it needs is not.
    """
    with _silent():
        try:
            import weasyprint  # type: ignore[import-not-found,import-untyped,unused-ignore]
        except ImportError:
            raise UsageError(
                "a PDF needs the package WeasyPrint", "install rtcode[pdf], or print the page of --format html"
            ) from None
        except OSError:
            raise UsageError(
                "WeasyPrint does not find the library Pango", "install Pango, or print the page of --format html"
            ) from None
    return weasyprint


def render_pdf(
    results: Results, data: AnalysisDict, *, distribution: Distribution | None = None, paper: Paper = "a4"
) -> bytes:
    """The sheet as a PDF with tags for screen readers (PDF/UA); the same input gives the same bytes.

    Raises
    ------
    UsageError
        WeasyPrint is not installed.
    """
    weasyprint = require_weasyprint()
    page = render_html(results, data, distribution=distribution, page_size=_SIZES[paper])
    with _silent():
        document = weasyprint.HTML(string=page, url_fetcher=_refuse, base_url="about:blank")
        written: bytes = document.write_pdf(
            pdf_identifier=hashlib.sha256(page.encode("utf-8", "backslashreplace")).hexdigest()[:32].encode(),
            pdf_variant="pdf/ua-1",
            presentational_hints=False,
        )
    return written


def _refuse(url: str, *arguments: Any, **named: Any) -> Any:
    """The sheet refers to nothing outside; whatever would be fetched is a defect."""
    raise ValueError("the sheet refers to something outside of it")


@contextmanager
def _silent() -> Iterator[None]:
    """WeasyPrint logs to standard error what it does not know in a style sheet; that is no news for a user."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate
