"""A packed plan comes back with every value, type and bit, or it is refused with an error that tells nothing."""

from __future__ import annotations

import json
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtcode import read_plan
from rtcode.errors import RtcodeError
from rtcode.plan import columns, model, packed
from rtcode.plan.model import Column, ControlPoints, Missing, RTPlan
from rtcode.plan.packed import PackedError, PackedVersionError, pack, unpack
from rtcode.records import fields, is_record, replace
from tests.conftest import PLANS
from tests.support import differences

FIXTURES = sorted(PLANS.rglob("*.dcm"))
EXAMPLE = read_plan((PLANS / "example.dcm").read_bytes(), path="example.dcm")


def exactly(a: Any, b: Any) -> bool:
    """Equal to the bit: negative zeros and types of scalars too."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and bool(a.tobytes() == b.tobytes())
    if is_record(a):
        return all(exactly(getattr(a, one.name), getattr(b, one.name)) for one in fields(type(a)))
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(exactly, a, b))
    if isinstance(a, float):
        return repr(a) == repr(b)
    return bool(a == b)


def with_column(values: Any) -> RTPlan:
    """The example with an array in the place of its first beam's gantry angles."""
    beam = (EXAMPLE.beams or ())[0]
    column = Column(values, np.zeros(len(values), np.uint8))
    changed = replace(beam, control_points=replace(beam.control_points, gantry_deg=column))
    return replace(EXAMPLE, beams=(changed,))


def column_of(plan: RTPlan) -> Any:
    column = (plan.beams or ())[0].control_points.gantry_deg
    assert column is not None
    return column.values


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_come_back(path: Path) -> None:
    plan = read_plan(path.read_bytes(), path=str(path))
    back = unpack(pack(plan))
    assert not differences(plan, back, ignore=frozenset())
    assert exactly(plan, back)


def test_real_plans_come_back_in_a_quarter_of_their_size(real_plans_dir: Path) -> None:
    sizes = []
    for path in sorted(real_plans_dir.rglob("*")):
        try:
            content = path.read_bytes()
            plan = read_plan(content, path=str(path))
        except (RtcodeError, OSError):
            continue
        data = pack(plan)
        assert exactly(plan, unpack(data)), path.name
        sizes.append(len(data) / len(content))
    assert len(sizes) > 50
    assert sum(sizes) / len(sizes) < 0.25


def test_every_class_of_the_model_is_registered() -> None:
    """A class that is missing would fail on the first plan that has one."""
    there = {
        cls
        for module in (model, columns)
        for cls in vars(module).values()
        if isinstance(cls, type) and is_record(cls)
    }  # fmt: skip
    assert there - set(packed._RECORDS) == set()


@pytest.mark.parametrize(
    "value", [0, 1, -1, 2**70, 0.0, -0.0, 1.0, 0.1, float("nan"), float("inf"), -float("inf"), 5e-324, *Missing]
)
def test_numbers_keep_their_type(value: Any) -> None:
    plan = replace(EXAMPLE, brachy_setups=value)
    assert exactly(unpack(pack(plan)).brachy_setups, value)


@pytest.mark.parametrize(
    "text", [None, "", " ", "\\", "\x00\x1b", "Müller 山田", "\udc80", "\ud83d\ude00", "😀", "[0]"]
)
def test_texts_come_back(text: str | None) -> None:
    plan = replace(EXAMPLE, label=text, software_versions=() if text is None else (text, text))
    back = unpack(pack(plan))
    assert back.label == text and back.software_versions == plan.software_versions
    assert type(back.software_versions) is tuple


def test_nothing_and_no_items_are_different() -> None:
    assert unpack(pack(replace(EXAMPLE, beams=None, fraction_groups=()))).beams is None
    assert unpack(pack(replace(EXAMPLE, beams=(), fraction_groups=None))).beams == ()


SPECIAL = [
    np.empty(0),
    np.empty((0, 120)),
    np.zeros(200),
    -np.zeros(200),
    np.full(200, np.nan),
    np.arange(200.0),
    np.arange(200, dtype=np.int64) * 2**40,
    np.arange(200, dtype=np.int64) - 100,
    np.full(200, np.iinfo(np.int64).min),
    np.array([np.iinfo(np.int64).min, *range(199)]),
    np.arange(200) / 10,
    np.arange(200) / 100 - 1.0,
    np.arange(200) / 3,
    np.linspace(-1e300, 1e300, 200),
    np.array([1e9, *np.arange(199.0)]),
    np.array([np.inf, *np.arange(199) / 10]),
    np.array([np.nan, -0.0, *np.arange(198) / 100]),
    np.array([1.0] * 100 + [1.05] * 100),
    np.tile([-(2.0**31), 2.0**31 - 1], 100),
    np.array([5e-324] * 100 + [0.0] * 100),
    np.arange(600.0).reshape(200, 3) / 4,
    np.asfortranarray(np.arange(600.0).reshape(200, 3)),
    np.arange(400.0)[::2],
]


@pytest.mark.parametrize("values", SPECIAL, ids=lambda values: f"{values.dtype}{values.shape}{values.ravel()[:2]}")
def test_special_arrays_come_back(values: Any) -> None:
    assert exactly(column_of(unpack(pack(with_column(values)))), values)


def test_a_nan_with_other_bits_comes_back() -> None:
    odd = np.frombuffer(struct.pack("<Q", 0x7FF8_0000_DEAD_BEEF) * 100 + struct.pack("<d", 1.5) * 100, "<f8")
    assert exactly(column_of(unpack(pack(with_column(odd)))), odd)


@pytest.mark.parametrize("seed", range(60))
def test_random_arrays_come_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 60)), *([int(rng.integers(1, 90))] if seed % 2 else []))
    values = np.round(np.cumsum(rng.normal(scale=10.0 ** rng.integers(-2, 5), size=shape), axis=0), int(seed % 6))
    values[rng.random(shape) < rng.choice([0.0, 0.05, 0.5])] = rng.choice([np.nan, -0.0, np.inf, 1e200])
    assert exactly(column_of(unpack(pack(with_column(values)))), values)


def test_decimals_are_kept_short() -> None:
    steps = np.random.default_rng(1).integers(-40, 40, (178, 120))
    values = np.cumsum(steps, axis=0) / 100.0
    assert len(pack(with_column(values))) - len(pack(with_column(values[:1]))) < values.nbytes / 7


def test_equal_arrays_are_kept_once() -> None:
    beam = (EXAMPLE.beams or ())[0]
    noise = np.random.default_rng(2).random(2000)
    column = Column(noise, np.zeros(2000, np.uint8))
    points = ControlPoints(2000, gantry_deg=column, couch_deg=Column(noise.copy(), column.state))
    both = pack(replace(EXAMPLE, beams=(replace(beam, control_points=points),)))
    one = pack(replace(EXAMPLE, beams=(replace(beam, control_points=replace(points, couch_deg=None)),)))
    assert len(both) - len(one) < 200


def test_a_foreign_object_is_refused() -> None:
    foreign: list[Any] = [object(), [1], {"a": 1}, np.float64(1.0), np.arange(3, dtype=np.float32)]
    for value in foreign:
        with pytest.raises(TypeError):
            pack(replace(EXAMPLE, label=value))


# ------------------------------------------------------------------------------------------------------------- damage


def test_another_model_or_format_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(EXAMPLE)
    with pytest.raises(PackedVersionError):
        unpack(bytes([data[0] + 1]) + data[1:])
    before = packed.fingerprint()
    packed.fingerprint.cache_clear()
    monkeypatch.setattr(packed, "_RECORDS", packed._RECORDS[:-1])
    assert packed.fingerprint() != before
    with pytest.raises(PackedVersionError):
        unpack(data)
    monkeypatch.undo()
    packed.fingerprint.cache_clear()
    assert unpack(data).label == EXAMPLE.label


def test_damage_gives_one_error_without_content() -> None:
    plan = replace(EXAMPLE, label="CANARY")
    data = pack(plan)
    rng = random.Random(3)
    refused = 0
    for _ in range(400):
        broken = bytearray(data)
        kind = rng.randrange(3)
        if kind == 0:
            broken = broken[: rng.randrange(len(broken))]
        elif kind == 1:
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        else:
            broken += bytes(rng.randrange(1, 5))
        try:
            back = unpack(bytes(broken))
        except PackedError as error:
            refused += 1
            assert "CANARY" not in f"{error!r} {error.__cause__!r}"
        else:
            assert exactly(plan, back), "a bit of the padding at the end of the compressed data"
    assert refused > 390


def made_up(item: Any, forms: Any, parts: bytes = b"") -> bytes:
    text = json.dumps([item, forms]).encode()
    head = packed._HEAD.pack(packed._VERSION, packed.fingerprint())
    return head + zlib.compress(packed._LENGTH.pack(len(text)) + text + parts)


@pytest.mark.parametrize(
    ("item", "forms", "parts"),
    [
        (None, [], b""),
        ([0, 1], [], b""),
        ([], [], b""),
        ([-1], [], b""),
        (["os.system"], [], b""),
        ([10_000], [], b""),
        ({"a": 1}, [], b""),
        ([packed._RECORD_TAG[RTPlan]], [], b""),
        ([packed._RECORD_TAG[model.Code], "a"], [], b""),
        ([1, 0], [], b""),
        ([1, 0], [[0, 0, 0, 0, 0, 2**40]], b""),
        ([1, 0], [[0, -1, 0, 0, 0, 2**40]], b"\0" * 8),
        ([1, 0], [[0, -1, 0, 0, 0, -1, -1]], b"\0" * 8),
        ([1, 0], [[0, 1, 0, 1, 0, 0]], b""),
        ([1, 0], [[0, 3, 0, 0, 0, 4]], b"\0" * 12),
        ([1, 0], [[0, 1, 0, 0, 1, 4]], b"\0" * 4 + b"\xff\xff\xff\x7f" + b"\0" * 8),
        ([1, 0], [[99, 0, 0, 0, 0, 0]], b""),
        ([1, 0], [["<f8", 0, 0, 0, 0, 0]], b""),
        ([1, 0], [[0, 0, 0, 0, 0, 1]], b"\0" * 9),
    ],
)
def test_made_up_content_is_refused(item: Any, forms: Any, parts: bytes) -> None:
    with pytest.raises(PackedError):
        unpack(made_up(item, forms, parts))


def test_deep_and_huge_content_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = b"[" * 100_000
    body = packed._LENGTH.pack(len(deep)) + deep
    head = packed._HEAD.pack(packed._VERSION, packed.fingerprint())
    with pytest.raises(PackedError):
        unpack(head + zlib.compress(body))
    nested: Any = None
    for _ in range(900):
        nested = [0, nested]
    with pytest.raises(PackedError):
        unpack(made_up(nested, []))
    data = pack(EXAMPLE)
    monkeypatch.setattr(packed, "_LARGEST_BYTES", 1000)
    with pytest.raises(PackedError):
        unpack(data)
