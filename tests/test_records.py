"""Records behave as the frozen, slotted dataclasses that they stand in for: each property is checked beside one."""

from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcode.plan.model import PatientIdentity
from rtcode.records import field, fields, is_record, record, replace
from tests.conftest import ROOT


@record
class Point:
    """A point."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = field(default=(), repr=False)
    seen: list[int] = field(default_factory=list)

    def sum(self) -> int:
        return self.x + self.y


@dataclasses.dataclass(frozen=True, slots=True)
class Twin:
    x: int
    y: int = 2
    tags: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    seen: list[int] = dataclasses.field(default_factory=list)


@record(eq=False)
class Counted:
    start: int

    @cached_property
    def next(self) -> int:
        return self.start + 1


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 3), {}),
    ((1,), {"y": 5}),
    ((), {"y": 5, "x": 1}),
    ((1, 2, ("a",), [3]), {}),
    ((1,), {"seen": [1], "tags": ("b",)}),
]
REFUSED: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((), {"y": 1}),
    ((1, 2, (), [], 5), {}),
    ((1,), {"z": 1}),
    ((1,), {"x": 1}),
    ((1, 2, (), []), {"y": 1}),
]


@pytest.mark.parametrize(("values", "named"), CALLS)
def test_made_as_a_dataclass_is(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    made, twin = Point(*values, **named), Twin(*values, **named)
    assert dataclasses.asdict(made) == dataclasses.asdict(twin)
    assert repr(made) == repr(twin).replace("Twin", "Point")


@pytest.mark.parametrize(("values", "named"), REFUSED)
def test_refused_as_a_dataclass_refuses(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    for cls in (Point, Twin):
        with pytest.raises(TypeError, match=cls.__name__):
            cls(*values, **named)


def test_a_default_factory_is_called_for_each() -> None:
    assert Point(1).seen is not Point(1).seen


def test_nothing_can_be_changed() -> None:
    point = Point(1)
    for change in (
        lambda: setattr(point, "x", 2),
        lambda: setattr(point, "other", 2),
        lambda: delattr(point, "x"),
    ):
        with pytest.raises(AttributeError):
            change()
    assert point.x == 1
    assert not hasattr(point, "__dict__")


@given(st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2))
def test_compared_and_hashed_by_value(a: int, b: int, c: int, d: int) -> None:
    one, other = Point(a, b, seen=()), Point(c, d, seen=())  # type: ignore[arg-type]  (so that it can be hashed)
    assert (one == other) is ((a, b) == (c, d))
    assert (len({one, other}) == 1) is ((a, b) == (c, d))
    assert one != Twin(a, b)


def test_compared_by_identity_on_request() -> None:
    one = Counted(1)
    same = one
    assert one == same
    assert one != Counted(1)
    assert len({one, Counted(1)}) == 2


def test_a_cached_property_is_computed_once() -> None:
    one = Counted(1)
    assert "next" not in vars(one)
    assert one.next == 2
    assert vars(one) == {"next": 2}
    with pytest.raises(AttributeError):
        one.start = 5  # type: ignore[misc]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copied_and_pickled(copied: Any) -> None:
    point = Point(1, 3, ("a",), [4])
    assert copied(point) == point
    counted = Counted(7)
    assert counted.next == 8
    assert copied(counted).start == 7
    assert copied(counted).next == 8
    with pytest.raises(AttributeError):
        copied(point).x = 2


def test_replace() -> None:
    assert replace(Point(1, 3), y=4) == dataclasses.replace(Point(1, 3), y=4) == Point(1, 4)
    with pytest.raises(TypeError):
        replace(Point(1), z=4)  # type: ignore[call-arg]


def test_known_to_the_dataclasses_module() -> None:
    assert dataclasses.is_dataclass(Point)
    assert is_record(Point) and is_record(Point(1)) and not is_record(Twin(1))
    ours, theirs = dataclasses.fields(Point), dataclasses.fields(Twin)
    for attribute in ("name", "type", "default", "default_factory", "repr", "init"):
        assert [getattr(f, attribute) for f in ours] == [getattr(f, attribute) for f in theirs], attribute
    assert [f.name for f in fields(Point)] == [f.name for f in ours]
    assert Point.__match_args__ == Twin.__match_args__
    assert (Point.__doc__, Point.__module__, Point.__qualname__) == ("A point.", __name__, "Point")
    assert Point(1).sum() == 3


def test_wrong_classes_are_refused_when_made() -> None:
    with pytest.raises(TypeError, match="without a default"):

        @record
        class _Order:
            a: int = 1
            b: int  # type: ignore[misc]

    with pytest.raises(TypeError, match="default_factory"):

        @record
        class _Mutable:
            a: list[int] = []  # noqa: RUF012


def test_identity_stays_out_of_repr() -> None:
    assert "SECRET" not in repr(PatientIdentity("SECRET", "SECRET", "SECRET"))


def test_no_class_pays_for_dataclass() -> None:
    """Each ``@dataclass`` costs some 0.6 ms of every call."""
    users = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "rtcode").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
    ]
    assert users == ["rtcode/records.py"]
