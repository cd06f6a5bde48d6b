"""Reading takes about ten times the memory of the file at most, also where somebody tries to make it more."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from rtcode.dicom import read_plan
from rtcode.errors import InputError
from tests.dicom.plans import Encoding, beam, control_point, encode, first_point, plan, positions
from tests.dicom.test_malformed import HEADER, bomb, element, many_beams, many_items, nested

#: What the reader needs for itself: tables, compiled patterns, room for numbers.
OWN = 1_500_000


def peak(data: bytes) -> int:
    """Most bytes allocated at once while the file is read (or refused)."""
    read_plan(encode(plan()))
    tracemalloc.start()
    try:
        read_plan(data)
    except InputError:
        pass
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


def modulated(encoding: Encoding) -> bytes:
    points = [first_point()]
    for i in range(1, 4000):
        leaves = [f"{-20 - i / 100:.2f}"] * 3 + [f"{20 + i / 100:.2f}"] * 3
        points.append(
            control_point(i, f"{i / 3999:.6f}", BeamLimitingDevicePositionSequence=[positions("MLCX", leaves)])
        )
    return encode(plan([beam(1, points)]), encoding)


def many_small_items() -> bytes:
    one = element(0xFFFEE000, b"", element(0x300A0182, b"", b"12"))
    return HEADER + element(0x300A0180, b"", one * 60_000)


def many_small_control_points() -> bytes:
    one = element(0xFFFEE000, b"", element(0x300A0112, b"", b"1 "))
    return HEADER + element(0x300A00B0, b"", element(0xFFFEE000, b"", element(0x300A0111, b"", one * 60_000)))


def few_elements() -> bytes:
    return HEADER + struct.pack("<HHL", 0x300B, 0x1001, 0) * 200_000


def deep() -> bytes:
    return nested(0x300A9999, 50_000)


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_ordinary_plans(syntax: str, undefined: bool) -> None:
    data = modulated(Encoding(syntax, undefined))
    assert peak(data) < 10 * len(data) + OWN


@pytest.mark.parametrize(
    "make",
    [
        many_beams,
        many_items,
        few_elements,
        many_small_items,
        many_small_control_points,
        deep,
    ],
)
def test_hostile_files(make: Callable[[], bytes]) -> None:
    data = make()
    assert peak(data) < 10 * len(data) + OWN


def test_a_bomb_is_not_kept() -> None:
    data = bomb()
    assert peak(data) < 20 * len(data) + OWN


def test_real_plans(real_plans_dir: Path) -> None:
    for path in sorted(real_plans_dir.glob("*.dcm"))[::5]:
        data = path.read_bytes()
        assert peak(data) < 10 * len(data) + OWN, path.name


def test_lengths_cost_nothing_before_they_are_there() -> None:
    """A length of 4 GB in a small file must not be allocated."""
    data = HEADER + struct.pack("<HHL", 0x300A, 0x0004, 0x7FFFFFF0) + b"x" * 100
    assert peak(data) < OWN
