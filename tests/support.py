"""What tests of several parts need: comparing plans value for value, and skipping what is not installed."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

import numpy as np
import pytest

from rtcode.errors import UsageError
from rtcode.outputs.sheet.pdf import require_weasyprint
from rtcode.plan.model import RTPlan


def differences(a: Any, b: Any, *, ignore: frozenset[str] = frozenset({"plan.source.reader"})) -> list[str]:
    """Where two plans (or parts of them) differ; empty where they are the same.

    Arrays are compared by shape, type and value, with NaN equal to NaN; absent, empty and invalid are all different.

    Parameters
    ----------
    ignore
        Paths that may differ.
    """
    found: list[str] = []
    _compare("plan", a, b, ignore, found)
    return found


def same_plan(a: RTPlan, b: RTPlan) -> bool:
    return not differences(a, b)


def _compare(path: str, a: Any, b: Any, ignore: frozenset[str], found: list[str]) -> None:
    if path in ignore:
        return
    if type(a) is not type(b):
        found.append(f"{path}: {a!r} is not {b!r}")
    elif isinstance(a, np.ndarray):
        same = a.shape == b.shape and a.dtype == b.dtype
        if not same or not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            found.append(f"{path}: {a!r} is not {b!r}")
    elif isinstance(a, Enum):
        if a is not b:
            found.append(f"{path}: {a!r} is not {b!r}")
    elif dataclasses.is_dataclass(a):
        for field in dataclasses.fields(a):
            _compare(f"{path}.{field.name}", getattr(a, field.name), getattr(b, field.name), ignore, found)
    elif isinstance(a, tuple):
        if len(a) != len(b):
            found.append(f"{path}: {len(a)} entries are not {len(b)}")
        for i, (x, y) in enumerate(zip(a, b, strict=False)):
            _compare(f"{path}[{i}]", x, y, ignore, found)
    elif a != b:
        found.append(f"{path}: {a!r} is not {b!r}")


def needs_weasyprint() -> None:
    """Skip a test where the extra `pdf`, or a library that it needs, is absent."""
    try:
        require_weasyprint()
    except UsageError as error:
        pytest.skip(error.message)
