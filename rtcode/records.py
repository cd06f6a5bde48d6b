"""Immutable classes with slots, as ``@dataclass(frozen=True, slots=True)`` makes them, at a tenth of the import cost.

A dataclass has each of its methods compiled from text when its module is imported: 0.5 ms to 1 ms a class (CPython
3.11), some 65 ms for the hundred classes of rtcode, a fifth of a whole call of ``rtcode analyze``. Here all classes
share methods that were compiled once: a class costs about 0.02 ms. An instance costs what one of a frozen dataclass
does, and a microsecond more where fields are named or left to their defaults.

For everything else a record *is* a dataclass: type checkers know it by `dataclass_transform`, and
``dataclasses.fields``, ``replace``, ``asdict`` and ``is_dataclass`` work on it. Not offered: ordering, keyword-only
fields, ``__post_init__``, records that inherit from records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    # Type checkers know the names and types of a class's fields for this one function only.
    from dataclasses import replace
else:

    def replace(record, /, **changes):
        """A copy with some fields changed, as ``dataclasses.replace``."""
        kept = {name: getattr(record, name) for name in record.__match_args__ if name not in changes}
        return type(record)(**kept, **changes)


__all__ = ["MISSING", "Field", "field", "fields", "is_record", "record", "replace"]

T = TypeVar("T")


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


#: There is no default.
MISSING: Any = _Missing()


class Field:
    """A field of a record: its name, its type as written, its default, and whether ``repr`` shows it."""

    __slots__ = ("default", "default_factory", "name", "repr", "type")

    def __init__(self, default: Any, default_factory: Any, repr: bool) -> None:
        self.name = ""
        self.type = ""
        self.default = default
        self.default_factory = default_factory
        self.repr = repr

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.default_factory is MISSING

    def made_default(self) -> Any:
        return self.default if self.default_factory is MISSING else self.default_factory()


def field(*, default: Any = MISSING, default_factory: Callable[[], Any] = MISSING, repr: bool = True) -> Any:
    """A field with a default, with one that is made anew for each record, or that ``repr`` leaves out."""
    return Field(default, default_factory, repr)


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T] | None = None, /, *, eq: bool = True) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class with annotated fields an immutable record.

    Parameters
    ----------
    eq
        Compare and hash by value (the default), or by identity: for classes that hold arrays.

    Notes
    -----
    A class with a ``cached_property`` also gets the dictionary that this needs.
    """
    if cls is None:
        return lambda decorated: _made(decorated, eq)
    return _made(cls, eq)  # type: ignore[no-any-return]


def fields(cls: Any) -> tuple[Field, ...]:
    """The fields of a record or of its class, in order."""
    found: tuple[Field, ...] = cls.__record_fields__
    return found


def is_record(value: object) -> bool:
    """Whether this is a record or the class of one."""
    return hasattr(value, "__record_fields__")


def _made(cls: Any, eq: bool) -> Any:
    """The class once more, with slots: these can only be given to a class when it is created."""
    content = dict(cls.__dict__)
    found = tuple(_fields(cls, content))
    names = tuple(one.name for one in found)
    cached = any(isinstance(value, cached_property) for value in content.values())
    for name in (*names, "__dict__", "__weakref__"):
        content.pop(name, None)
    content.update(_SHARED)
    if eq:
        content.update(_BY_VALUE)
    content.update(
        __slots__=(*names, "__dict__") if cached else names,
        __match_args__=names,
        __record_fields__=found,
        __qualname__=cls.__qualname__,
    )
    made = type(cls)(cls.__name__, cls.__bases__, content)
    made.__init__ = _initializer(made, found)
    return made


def _fields(cls: type, content: dict[str, Any]) -> Iterator[Field]:
    before = ""
    for name, annotation in cls.__annotations__.items():
        given = content.get(name, MISSING)
        one = given if isinstance(given, Field) else Field(given, MISSING, True)
        one.name, one.type = name, annotation
        if not one.required:
            before = name
        elif before:
            raise TypeError(f"{cls.__name__}: field {name} without a default follows {before}, which has one")
        if type(one.default).__hash__ is None:
            raise TypeError(f"{cls.__name__}: the default of {name} can be changed; give a default_factory")
        yield one


def _initializer(cls: Any, found: tuple[Field, ...]) -> Callable[..., None]:
    """The constructor. Slots are filled by their descriptors, since ``__setattr__`` refuses."""
    fill = tuple(getattr(cls, one.name).__set__ for one in found)
    names = tuple(one.name for one in found)
    count = len(fill)

    def __init__(self: object, *values: Any, **named: Any) -> None:
        if named or len(values) != count:
            if not values and len(named) == count:
                try:
                    values = tuple([named[name] for name in names])
                except KeyError:
                    values = _completed(cls, found, (), named)
            else:
                values = _completed(cls, found, values, named)
        for set_value, value in zip(fill, values):  # noqa: B905  (both have `count` entries; strict costs a tenth)
            set_value(self, value)

    return __init__


def _completed(cls: type, found: tuple[Field, ...], values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Values for all fields from positions, names and defaults."""
    if len(values) > len(found):
        raise TypeError(f"{cls.__name__}() takes {len(found)} values, not {len(values)}")
    complete = list(values)
    taken = 0
    for one in found[len(values) :]:
        if one.name in named:
            taken += 1
            complete.append(named[one.name])
        elif one.required:
            raise TypeError(f"{cls.__name__}() lacks a value for {one.name}")
        else:
            complete.append(one.made_default())
    if taken != len(named):
        rest = {one.name for one in found[len(values) :]}
        raise TypeError(f"{cls.__name__}() cannot take {', '.join(name for name in named if name not in rest)}")
    return tuple(complete)


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])


def _refuse(self: object, name: str, value: object = None) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be set or deleted")


def _repr(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in self.__record_fields__ if one.repr)
    return f"{type(self).__qualname__}({shown})"


def _equal(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
    """For ``pickle`` and ``copy``: what a cached property keeps is left out and computed again."""
    return type(self), _values(self)


class _DataclassFields:
    """What ``dataclasses`` asks of a class, made when it asks: importing that module is a part of the cost saved."""

    def __get__(self, instance: object, owner: Any) -> dict[str, Any]:
        import dataclasses

        found: tuple[Field, ...] = owner.__record_fields__
        twin = dataclasses.make_dataclass(
            owner.__name__,
            [(one.name, one.type, _dataclass_field(one)) for one in found],
            init=False,
            repr=False,
            eq=False,
        )
        return {one.name: one for one in dataclasses.fields(twin)}


def _dataclass_field(one: Field) -> Any:
    import dataclasses

    if one.default_factory is not MISSING:
        return dataclasses.field(default_factory=one.default_factory, repr=one.repr)
    if one.default is not MISSING:
        return dataclasses.field(default=one.default, repr=one.repr)
    return dataclasses.field(repr=one.repr)


_SHARED: dict[str, Any] = {
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__repr__": _repr,
    "__reduce__": _reduce,
    "__replace__": replace,
    "__dataclass_fields__": _DataclassFields(),
}
_BY_VALUE: dict[str, Any] = {"__eq__": _equal, "__hash__": _hash}
