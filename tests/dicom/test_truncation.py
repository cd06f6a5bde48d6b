"""A file that was cut is never read as a smaller plan."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rtcode
from rtcode.dicom import read_plan
from rtcode.dicom import scan as scan_module
from rtcode.errors import InputError, TruncatedError
from rtcode.plan.model import RTPlan
from tests.dicom.judge import load
from tests.dicom.plans import ENCODINGS, RT_ION_PLAN, Encoding, beam, encode, group, item, name_of, plan
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
            # Before there is anything of a plan, a file that is cut between elements has too little to be one.
            assert error.code in ("truncated", "not_dicom", "not_a_plan", "malformed"), (size, error)
            assert error.code != "malformed" or size < data.index(b"LINAC")
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
        patched.setattr(scan_module, "WORTHWHILE", 0 if shortcut else 1 << 40)
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
                assert error.code in ("truncated", "not_dicom", "not_a_plan", "malformed"), path.name
                continue
            assert not claims_less(cut, whole), path.name


# ------------------------------------------------------------------------------------------------ cut between elements


def element_starts(data: bytes) -> list[tuple[int, int]]:
    """Place and tag of each element of the data set itself, by pydicom."""
    data_set = load(data)
    explicit = not data_set.original_encoding[0]
    starts = []
    for tag in list(data_set.keys()):
        element = data_set.get_item(tag)
        begin = getattr(element, "value_tell", None) or getattr(element, "file_tell", None)
        assert begin
        long = explicit and element.VR in ("SQ", "UN", "OB", "UT", "OW")
        starts.append((begin - (12 if long else 8), int(tag)))
    return sorted(starts)


def answers(data: bytes, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    path = folder / "cut.dcm"
    path.write_bytes(data)
    found = rtcode.analyze([path]).to_dict()
    return [session["suggestion"] for session in found["sessions"]], [f["code"] for f in found["failures"]]


#: Behind the patient setups nothing stands that raises a level, except words in the treatment site and other plans.
SETUPS = 0x300A0180
#: What may decide before everything was read: what is out of scope by it stays out, whatever comes behind.
BY_WHAT_WAS_READ = {"ion_therapy", "brachytherapy", "not_for_treatment", "stereotactic"}


def check_cuts(data: bytes, folder: Path) -> int:
    """No cut file says for certain which level it is, or that there is nothing to treat."""
    count = 0
    for place, tag in element_starts(data)[1:]:
        if tag > SETUPS:
            break
        for suggestion in answers(data[:place], folder)[0]:
            count += 1
            # Whether motion was managed, which stands in the setups, never decides for electrons.
            electrons = suggestion["decided_by"] == ["electrons_only"]
            assert suggestion["status"] != "supported" or electrons, f"cut before {tag:08X}"
            if suggestion["status"] == "out_of_scope":
                assert set(suggestion["decided_by"]) <= BY_WHAT_WAS_READ, f"cut before {tag:08X}"
    return count


@pytest.mark.parametrize(
    "encoding", [Encoding(), Encoding("explicit", undefined=True), Encoding("implicit", form="bare")]
)
def test_a_plan_cut_between_elements_gives_no_definite_answer(encoding: Encoding, tmp_path: Path) -> None:
    data = encode(plan(), encoding)
    assert answers(data, tmp_path)[0][0]["status"] in ("supported", "provisional")
    assert check_cuts(data, tmp_path) >= 2


@pytest.mark.slow
def test_real_plans_cut_between_elements(real_plans_dir: Path, tmp_path: Path) -> None:
    for path in sorted(real_plans_dir.glob("*.dcm"))[::6]:
        check_cuts(path.read_bytes(), tmp_path)


def keywords_without(*keywords: str) -> bytes:
    made = plan()
    for keyword in keywords:
        del made[keyword]
    return encode(made)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x08\0\x60\0\x06\0\0\0RTPLAN", "not_dicom"),
        (keywords_without("BeamSequence", "FractionGroupSequence"), "malformed"),
        (
            keywords_without(
                *("BeamSequence", "FractionGroupSequence", "RTPlanLabel", "RTPlanGeometry", "PatientSetupSequence"),
            ),
            "malformed",
        ),
    ],
    ids=["nothing but a modality", "neither beams nor groups", "a header"],
)
def test_what_has_nothing_of_a_plan(data: bytes, code: str, tmp_path: Path) -> None:
    assert answers(data, tmp_path) == ([], [code])


def brachy() -> bytes:
    made = plan([], FractionGroupSequence=[group([], NumberOfBrachyApplicationSetups=1)])
    del made.BeamSequence
    made.ApplicationSetupSequence = [item()]
    return encode(made)


def ion() -> bytes:
    made = plan(SOPClassUID=RT_ION_PLAN)
    del made.BeamSequence, made.FractionGroupSequence
    return encode(made)


@pytest.mark.parametrize(
    ("data", "status", "decided_by"),
    [
        (brachy(), "out_of_scope", "brachytherapy"),
        (ion(), "out_of_scope", "ion_therapy"),
        (encode(plan([])), "out_of_scope", "no_treatment_beam"),
        (encode(plan([], FractionGroupSequence=[group([1])])), "not_assessable", None),
        (keywords_without("BeamSequence"), "not_assessable", None),
        (keywords_without("FractionGroupSequence"), "supported", "photon_3d_or_imrt"),
        (encode(plan([beam(1)])), "supported", "photon_3d_or_imrt"),
    ],
    ids=["brachytherapy", "ion", "empty beams", "empty beams, one named", "no beams", "no groups", "whole"],
)
def test_what_is_whole_keeps_its_answer(data: bytes, status: str, decided_by: str | None, tmp_path: Path) -> None:
    (suggestion,), failures = answers(data, tmp_path)
    assert failures == []
    assert suggestion["status"] == status
    assert suggestion["decided_by"] == ([decided_by] if decided_by else [])
