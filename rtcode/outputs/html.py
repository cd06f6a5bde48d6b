"""Pages from templates: the one way in which the sheet and the page of a comparison are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtcode.outputs.layout import one_line

if TYPE_CHECKING:
    import jinja2

#: The sheet's templates, with the style of all pages.
SHEET = Path(__file__).with_name("sheet") / "templates"


def environment(*folders: Path) -> jinja2.Environment:
    """What renders the templates in these folders and in the sheet's; they may write texts and markup only."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader((*folders, SHEET)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )


def _written(value: Any) -> Any:
    """Markup as it is, texts on one line with nothing hidden in them; anything else is a defect of a template."""
    if hasattr(value, "__html__"):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a template would write a {type(value).__name__}")
    return one_line(value)
