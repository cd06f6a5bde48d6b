"""Numbers: what is one, and that the fast conversion is bit for bit what `float` gives."""

from __future__ import annotations

import math
import re
import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rtcode.dicom import numbers as numbers_module
from rtcode.dicom.numbers import decimal, decimals, integer, short_list
from rtcode.plan.model import Missing

#: Of the docs/plans.md, section 5; written down again on purpose.
PATTERN = re.compile(rb"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


def expected(text: bytes) -> float | Missing:
    """What one number has to be, by Python's own conversion."""
    stripped = text.strip(b" \0")
    if not stripped:
        return Missing.EMPTY
    if b"\n" in stripped or not PATTERN.match(stripped) or not math.isfinite(float(stripped)):
        return Missing.INVALID
    return float(stripped)


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"0", 0.0),
        (b"-0.0 ", -0.0),
        (b"+1.5", 1.5),
        (b".5", 0.5),
        (b"5.", 5.0),
        (b"  12.25\0", 12.25),
        (b"1.0e0", 1.0),
        (b"-3E+2", -300.0),
        (b"0.12345678901234567890123456789012", 0.12345678901234568),
        (b"1e-400", 0.0),
    ],
)
def test_decimal_reads(text: bytes, value: float) -> None:
    read = decimal(text)
    assert isinstance(read, float)
    assert bits(read) == bits(value)


@pytest.mark.parametrize(
    "text",
    [b"66 .0", b"12,5", b"1_0", b"NaN", b"nan", b"inf", b"-Infinity", b"1e400", b"-1E999", b"abc", b"1.2.3", b"--1",
     b"+-1", b"1-", b".", b"-", b"+.", b"e5", b"1e", b"0x10", b"1\n", b"\t1", "１".encode(), b"1.5f", b"1 2"],
)  # fmt: skip
def test_decimal_refuses(text: bytes) -> None:
    assert decimal(text) is Missing.INVALID


@pytest.mark.parametrize("text", [b"", b" ", b"\0", b"  \0"])
def test_nothing_is_empty_not_zero(text: bytes) -> None:
    assert decimal(text) is Missing.EMPTY
    assert integer(text) == (Missing.EMPTY, False)


@pytest.mark.parametrize(
    ("text", "value", "pointed"),
    [
        (b"25", 25, False),
        (b" +7 ", 7, False),
        (b"-3", -3, False),
        (b"25.0", 25, True),
        (b"25.", 25, True),
        (b"25.5", Missing.INVALID, False),
        (b"abc", Missing.INVALID, False),
        (b"1_0", Missing.INVALID, False),
        (b"1e2", Missing.INVALID, False),
        (b"9" * 40, Missing.INVALID, False),
    ],
)
def test_integers(text: bytes, value: int | Missing, pointed: bool) -> None:
    assert integer(text) == (value, pointed)


plain = st.from_regex(rb"-?[0-9]{0,9}(\.[0-9]{0,9})?", fullmatch=True)
signed = st.from_regex(rb"[ ]?[+-]?[0-9]{0,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,4})?[ \0]{0,2}", fullmatch=True)
junk = st.text("0123456789.+-eE _,\0xNaif\t\x1f/:", max_size=20).map(str.encode)
text_values = st.lists(st.one_of(plain, plain, signed, junk), min_size=1, max_size=8)


@settings(deadline=None, max_examples=120)
@given(st.lists(text_values, max_size=12), st.integers(1, 9), st.integers(1, 80))
@example([[b"9007199254740993", b"9007199254740992", b"0.000000000000001", b"-99999999"]], 1, 1)
@example([[b"1\x1f2", b"1/2", b"..", b"1..2", b".1.", b"-.", b"-.5", b"5.-", b"12345678.12345678"]], 3, 1)
def test_many_at_once_are_exact(texts: list[list[bytes]], block: int, characters: int) -> None:
    joined = [b"\\".join(values) for values in texts]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(numbers_module, "_BLOCK", block)
        patched.setattr(numbers_module, "_CHARACTERS", characters)
        patched.setattr(numbers_module, "_KEPT", __import__("threading").local())
        found = decimals(joined)
    assert len(found.starts) == len(texts) + 1
    for i, values in enumerate(texts):
        ours = found.of(i)
        theirs = [expected(value) for value in values]
        assert len(ours) == len(theirs)
        for x, y in zip(ours.tolist(), theirs, strict=True):
            assert math.isnan(x) if isinstance(y, Missing) else bits(x) == bits(y)
        assert (i in found.unreadable) == any(isinstance(value, Missing) for value in theirs)
    long = [i for i, values in enumerate(texts) if any(len(v.rstrip(b" \0")) > 17 for v in values)]
    if long:
        assert found.long is not None
        assert found.long <= long[0]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(0, 14))
def test_formatted_floats_are_exact(values: list[float], digits: int) -> None:
    texts = [f"{value:.{digits}f}".encode() for value in values]
    assert decimals([b"\\".join(texts)]).values.tobytes() == np.array([float(t) for t in texts]).tobytes()


@given(text_values)
def test_short_lists(values: list[bytes]) -> None:
    theirs = [expected(value) for value in values]
    ours = short_list(b"\\".join(values))
    if any(isinstance(value, Missing) for value in theirs):
        assert ours is None
    else:
        assert ours is not None
        assert ours.tolist() == theirs


def test_threads_do_not_share_memory() -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [[b"\\".join(b"%d.%d" % (k, i) for i in range(500)) for _ in range(20)] for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for k, found in enumerate(pool.map(decimals, texts)):
            assert np.floor(found.values).tolist() == [float(k)] * 10_000


def test_no_texts() -> None:
    found = decimals([])
    assert found.values.size == 0
    assert found.starts.tolist() == [0]
