"""rtcode suggests the radiotherapy delivery level that a DICOM RT Plan supports, with the evidence.

The public interface is small:

- `read_plan` reads one plan into the domain model,
- `analyze` reads plans and suggests a level for each treatment session,
- `CodeSet` is one dated set of rules.

A suggestion is never a bill: a human confirms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["Analysis", "CodeSet", "__version__", "analyze", "read_plan"]

if TYPE_CHECKING:
    from rtcode.analysis import Analysis, analyze
    from rtcode.coding.codeset import CodeSet
    from rtcode.dicom import read_plan

_HOMES = {
    "Analysis": "rtcode.analysis",
    "analyze": "rtcode.analysis",
    "CodeSet": "rtcode.coding.codeset",
    "read_plan": "rtcode.dicom",
}


def __getattr__(name: str) -> object:
    # Loaded when first used: the command line must not pay for numpy to print its help.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
