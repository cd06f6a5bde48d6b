"""What a column of a table is, and the types that its values may have."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from rtcode.records import record


class Scalar(StrEnum):
    """What one value is."""

    TEXT = "text"
    #: of 64 bits, as numbers are
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    #: in UTC; as a value microseconds since 1970
    TIME = "time"


@record
class Listed:
    """Any number of values."""

    of: Type


@record
class Struct:
    """Values with names; any of them may be null."""

    fields: tuple[tuple[str, Type], ...]


Type = Scalar | Listed | Struct


@record
class Column:
    """A column of a table.

    Attributes
    ----------
    of
        From a line (`ScanSessionLine`) or a row (`FileRow`) to the value.
    unit
        ``""`` where it has none.
    since
        The number of `SCHEMA` that had it first.
    """

    name: str
    type: Type
    meaning: str
    of: Callable[[Any], Any]
    unit: str = ""
    nullable: bool = False
    since: int = 1


def type_name(type: Type) -> str:
    """A type as DuckDB writes it, with our words for single values: ``struct(id text, level integer)[]``."""
    if isinstance(type, Listed):
        return f"{type_name(type.of)}[]"
    if isinstance(type, Struct):
        return f"struct({', '.join(f'{name} {type_name(inner)}' for name, inner in type.fields)})"
    return type.value
