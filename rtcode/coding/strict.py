"""TOML tables into records, strictly: an unknown or missing key or a wrong type is an error with its place.

A few lines of our own instead of pydantic models: building those models takes half of a whole cold call of
``rtcode analyze``, and the shapes needed here are few (text, numbers, dates, lists of words, tables of these).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from rtcode.records import fields, is_record

T = TypeVar("T")


class ShapeError(ValueError):
    """Data that does not have the expected shape; the message is ``where: what`` and quotes no value."""


def build(cls: type[T], raw: object, where: str = "") -> T:
    """An instance of a record class from a TOML table.

    Field types: ``str`` (not blank), ``int``, ``float`` (whole numbers too), ``bool``, ``date``, ``tuple[X, ...]``
    (from a list), ``Mapping[str, X]``, records, unions of these. A field with a default may be absent.

    Raises
    ------
    ShapeError
        The first thing that is wrong.
    """
    if not isinstance(raw, dict):
        raise ShapeError(f"{where or 'file'}: must be a table")
    known = _shape(cls)  # type: ignore[arg-type]  # classes are hashable
    for key in raw:
        if key not in known:
            raise ShapeError(f"{_join(where, key)}: is not a known key")
    arguments: dict[str, Any] = {}
    for name, (hint, required) in known.items():
        if name in raw:
            arguments[name] = _value(hint, raw[name], _join(where, name))
        elif required:
            raise ShapeError(f"{_join(where, name)}: is missing")
    return cls(**arguments)


@lru_cache(maxsize=64)
def _shape(cls: type) -> dict[str, tuple[Any, bool]]:
    """Type and "must be given" of each field: resolving types takes long, and most classes are built many times."""
    hints = get_type_hints(cls)
    return {field.name: (hints[field.name], field.required) for field in fields(cls)}


def _join(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)


def _value(hint: Any, raw: object, where: str) -> object:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _union(get_args(hint), raw, where)
    if origin is tuple:
        if not isinstance(raw, list):
            raise ShapeError(f"{where}: must be a list")
        return tuple(_value(get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(raw))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(raw, dict):
            raise ShapeError(f"{where}: must be a table")
        return MappingProxyType({str(k): _value(get_args(hint)[1], v, _join(where, k)) for k, v in raw.items()})
    if is_record(hint):
        return build(hint, raw, where)
    return _scalar(hint, raw, where)


def _union(hints: tuple[Any, ...], raw: object, where: str) -> object:
    for hint in hints:
        if hint is type(None):
            continue
        try:
            return _value(hint, raw, where)
        except ShapeError:
            continue
    raise ShapeError(f"{where}: has a wrong type")


def _scalar(hint: Any, raw: object, where: str) -> object:
    # bool is a subclass of int, and a TOML date-time one of date: neither may pass for the other.
    if hint is bool and isinstance(raw, bool):
        return raw
    if hint is int and isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if hint is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if hint is date and type(raw) is date:
        return raw
    if hint is str and isinstance(raw, str):
        if not raw.strip():
            raise ShapeError(f"{where}: is blank")
        return raw
    wanted = {bool: "true or false", int: "a whole number", float: "a number", date: "a date", str: "text"}
    raise ShapeError(f"{where}: must be {wanted.get(hint, 'something else')}")
