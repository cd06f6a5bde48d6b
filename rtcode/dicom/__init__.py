"""Reading DICOM: the only place that knows bytes, tags, value representations and transfer syntaxes.

`read_plan` gives a plan, `rtcode.dicom.triage` says what an object is from its first bytes. Importing this package is
cheap: the readers, and numpy with them, are imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtcode.dicom.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from rtcode.dicom.reader import read_plan

__all__ = ["DEFAULT_LIMITS", "Limits", "read_plan"]


def __getattr__(name: str) -> Any:
    if name == "read_plan":
        from rtcode.dicom.reader import read_plan

        return read_plan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
