"""A file that was cut is never read as a smaller plan."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcode.dicom import read_plan
from rtcode.dicom import walk as walk_module
from rtcode.errors import InputError, NotDicomError, TruncatedError
from rtcode.plan.model import RTPlan
from tests.dicom.plans import ENCODINGS, Encoding, encode, name_of, plan
from tests.support import differences

LITTLE = [encoding for encoding in ENCODINGS if encoding.form in ("file", "bare")]


def top_level_ends(data: bytes, encoding: Encoding) -> set[int]:
    """Where the elements of the data set itself end, by a walk of this test's own (implicit, defined lengths only)."""
    assert encoding == Encoding()
    position = 132
    group = 2
    while group == 2:
        start = position
        group, _, vr, length = struct.unpack_from("<HH2sH", data, position)
        position += 12 + struct.unpack_from("<L", data, position + 8)[0] if vr == b"OB" else 8 + length
    position, ends = start, {start}
    while position < len(data):
        position += 8 + struct.unpack_from("<L", data, position + 4)[0]
        ends.add(position)
    assert position == len(data)
    return ends


def claims_less(cut: RTPlan, whole: RTPlan) -> bool:
    """Whether a plan of a cut file says something about its beams without a warning that parts are missing."""
    if cut.beams is not None:
        # BeamSequence is whole or absent, never partly there.
        return bool(differences(cut.beams, whole.beams, ignore=frozenset()))
    codes = {warning.code for warning in cut.warnings}
    return "beam_sequence_missing" not in codes


@pytest.mark.parametrize("encoding", LITTLE, ids=name_of)
def test_every_cut_is_noticed(encoding: Encoding) -> None:
    data = encode(plan(), encoding)
    whole = read_plan(data)
    step = 1 if encoding in (Encoding(), Encoding("explicit", undefined=True)) else 7
    for size in range(1, len(data), step):
        try:
            cut = read_plan(data[:size])
        except InputError as error:
            assert isinstance(error, (TruncatedError, NotDicomError)) or "not_a_plan" in error.code, (size, error)
            continue
        assert not claims_less(cut, whole), size


def test_only_a_cut_between_elements_is_read() -> None:
    data = encode(plan())
    ends = top_level_ends(data, Encoding())
    for size in range(400, len(data)):
        try:
            read_plan(data[:size])
        except InputError:
            continue
        assert size in ends


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(LITTLE), st.booleans())
def test_cuts_inside_beams_are_truncated(data: st.DataObject, encoding: Encoding, shortcut: bool) -> None:
    """Between the first and the last byte of the beam sequence there is no cut that goes unnoticed."""
    whole = encode(plan(), encoding)
    if encoding.syntax == "deflated":
        begin, end = 400, len(whole) - 2
    else:
        begin, end = whole.index(b"LINAC"), whole.rindex(b"Field 2")
    size = data.draw(st.integers(begin, end))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(walk_module, "WORTHWHILE_BYTES", 0 if shortcut else 1 << 40)
        for reader in ("auto", "reference"):
            with pytest.raises(TruncatedError):
                read_plan(whole[:size], reader=reader)


def test_real_plans_cut(real_plans_dir: Path) -> None:
    for path in sorted(real_plans_dir.glob("*.dcm"))[::6]:
        data = path.read_bytes()
        whole = read_plan(data)
        for part in (0.3, 0.6, 0.95, 0.999):
            try:
                cut = read_plan(data[: int(len(data) * part)])
            except InputError as error:
                assert error.code in ("truncated", "not_dicom", "not_a_plan"), path.name
                continue
            assert not claims_less(cut, whole), path.name
