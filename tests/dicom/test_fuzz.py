"""Damaged files: any answer is a plan or a typed error, it comes soon, and the readers give the same one."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from rtcode.dicom import read_plan
from rtcode.dicom import scan as scan_module
from rtcode.dicom.triage import triage
from rtcode.errors import InputError
from rtcode.plan.model import RTPlan
from tests.dicom.plans import ENCODINGS, encode, plan
from tests.support import differences

#: What is put in at random: delimiters, lengths, tags, VRs, and characters of numbers.
PIECES = [
    b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0", b"\xff\xff\xff\xff", b"\0\0\0\0",
    b"\x0a\x30\x11\x01", b"\x0a\x30\x1a\x01", b"SQ\0\0", b"UN\0\0", b"\x0a\x30", b"\\", b" ", b"\0", b"e", b"9" * 8,
]  # fmt: skip


def damage(rng: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 5, 20])):
        if not damaged:
            break
        kind, place = rng.random(), rng.randrange(len(damaged))
        if kind < 0.35:
            damaged[place] = rng.randrange(256)
        elif kind < 0.5:
            damaged[place] ^= 1 << rng.randrange(8)
        elif kind < 0.68:
            piece = rng.choice(PIECES)
            damaged[place : place + len(piece)] = piece
        elif kind < 0.76:
            del damaged[place : place + rng.randrange(1, 40)]
        elif kind < 0.84:
            damaged[place:place] = damaged[place : place + rng.randrange(1, 200)]
        elif kind < 0.92:
            damaged[place:place] = rng.choice(PIECES)
        else:
            del damaged[place:]
    return bytes(damaged)


def answer(data: bytes, reader: str = "auto") -> RTPlan | InputError:
    try:
        return read_plan(data, reader=reader)  # type: ignore[arg-type]
    except InputError as error:
        return error


def campaign(seed: int, originals: list[bytes], rounds: int) -> int:
    """Returns how many damaged files were still read as plans."""
    rng = random.Random(seed)
    plans = 0
    for _ in range(rounds):
        data = damage(rng, rng.choice(originals))
        begin = time.perf_counter()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(scan_module, "WORTHWHILE", 0)
            triage(data[: rng.choice([100, 600, 16_384])])
            short = answer(data)
            patched.setattr(scan_module, "WORTHWHILE", 1 << 40)
            long = answer(data)
        assert time.perf_counter() - begin < 4.0
        if isinstance(short, InputError) or isinstance(long, InputError):
            assert getattr(short, "code", None) == getattr(long, "code", None)
            continue
        plans += 1
        assert differences(short, long) == []
        if rng.random() < 0.3:
            reference = answer(data, "reference")
            assert isinstance(reference, RTPlan)
            assert differences(short, reference) == []
    return plans


@pytest.mark.parametrize("seed", range(4))
def test_damaged_plans(seed: int) -> None:
    originals = [encode(plan(), encoding) for encoding in ENCODINGS]
    assert campaign(seed, originals, 250) > 20


def test_damaged_real_plans(real_plans_dir: Path) -> None:
    originals = [path.read_bytes() for path in sorted(real_plans_dir.glob("*.dcm")) if path.stat().st_size < 40_000]
    assert campaign(100, originals, 150) > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 14))
def test_damaged_plans_at_length(seed: int, real_plans_dir: Path) -> None:
    originals = [encode(plan(), encoding) for encoding in ENCODINGS]
    originals += [path.read_bytes() for path in sorted(real_plans_dir.glob("*.dcm"))]
    campaign(seed, originals, 600)
