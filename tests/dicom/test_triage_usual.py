"""The short way of triage against a judge that walks through everything: the same for any bytes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from rtcode.dicom.framing import LONG_VR, SHORT_VR, Frame, frame
from rtcode.dicom.limits import DEFAULT_LIMITS
from rtcode.dicom.triage import FIRST_BYTES, ObjectKind, Triage, _usual, kind_of, triage, triage_and_read, triage_file
from rtcode.errors import EmptyFileError, InputError, NotDicomError, UnreadableError
from tests.conftest import PLANS
from tests.dicom.plans import ENCODINGS, RT_PLAN, Encoding, data_set_bytes, encode, item, meta_bytes, name_of, plan

CT = "1.2.840.10008.5.1.4.1.1.2"
SOP_CLASS, SOP_INSTANCE, MODALITY = 0x00080016, 0x00080018, 0x00080060
IDENTIFYING = (SOP_CLASS, SOP_INSTANCE, MODALITY)
ION_BEAMS, BEAMS, SETUPS = 0x300A03A2, 0x300A00B0, 0x300A0230


def judge(data: bytes, *, complete: bool) -> Triage:
    """What triage has to say: all elements of the first level, one after the other; the last of several counts."""
    try:
        framed = frame(data, DEFAULT_LIMITS, complete=complete)
    except EmptyFileError:
        return Triage(ObjectKind.EMPTY)
    except NotDicomError:
        return Triage(ObjectKind.NOT_DICOM)
    except InputError:
        return Triage(ObjectKind.OTHER_DICOM)
    values = {tag: value for _, tag, value in elements(framed)}
    texts = {tag: value[:256].decode("latin-1").strip(" \0") for tag, value in values.items()}
    sop_class = texts.get(SOP_CLASS) or framed.meta_sop_class
    modality = texts.get(MODALITY, "").upper() or None
    kind = kind_of(sop_class, modality)
    if kind is ObjectKind.RT_PLAN and ION_BEAMS in values:
        kind = ObjectKind.RT_ION_PLAN
    elif kind is ObjectKind.RT_PLAN and SETUPS in values and BEAMS not in values:
        kind = ObjectKind.BRACHY
    elif kind is ObjectKind.OTHER_DICOM and not framed.preamble and sop_class is None:
        kind = ObjectKind.NOT_DICOM
    return Triage(kind, sop_class, texts.get(SOP_INSTANCE) or framed.meta_sop_instance, modality)


def elements(framed: Frame) -> Iterator[tuple[int, int, bytes]]:
    """Place, tag and value of each."""
    data, pos = framed.data, framed.start

    def number(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], "big" if framed.big_endian else "little")

    while pos + 8 <= len(data):
        tag = number(pos, 2) << 16 | number(pos + 2, 2)
        vr = data[pos + 4 : pos + 6] if framed.explicit else b""
        if vr in LONG_VR and pos + 12 > len(data):
            return
        if vr in SHORT_VR:
            start, length = pos + 8, number(pos + 6, 2)
        elif vr in LONG_VR:
            start, length = pos + 12, number(pos + 8, 4)
        else:
            start, length = pos + 8, number(pos + 4, 4)
        if tag > ION_BEAMS:
            return
        yield pos, tag, data[start : start + length]
        if length == 0xFFFFFFFF:
            tag_bytes = b"\xff\xfe\xe0\xdd" if framed.big_endian else b"\xfe\xff\xdd\xe0"
            end = data.find(tag_bytes + bytes(4), start)
            if end < 0:
                return
            pos = end + 8
        else:
            pos = start + length


def repeated_behind_pixel_data(data: bytes) -> bool:
    """Whether an identifying attribute follows the tag of pixel data: the one thing that the short way does not see."""
    try:
        framed = frame(data, DEFAULT_LIMITS, complete=False)
    except InputError:
        return False
    last = max((pos for pos, tag, _ in elements(framed) if tag in IDENTIFYING), default=0)
    return any(b"\xe0\x7f%c\0" % n in framed.data[:last] for n in range(0x11))


def agree(data: bytes) -> None:
    if repeated_behind_pixel_data(data):
        return
    for complete in (True, False):
        assert triage(data, complete=complete) == judge(data, complete=complete), data[:2048].hex()


def image(**more: Any) -> Dataset:
    return item(
        **{
            "SpecificCharacterSet": "ISO_IR 100",
            "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
            "SOPClassUID": CT,
            "SOPInstanceUID": "1.2.826.0.1.3680043.9.1234",
            "StudyDate": "20200102",
            "StudyTime": "101112.5",
            "AccessionNumber": "12",
            "Modality": "CT",
            "Manufacturer": "Maker",
            "StudyDescription": "Thorax",
            "PatientID": "T1",
            "SliceThickness": "2",
            "RequestAttributesSequence": [item(ScheduledProcedureStepID="1")],
        }
        | more
    )


def image_bytes(encoding: Encoding, **more: Any) -> bytes:
    pixels = b"\xe0\x7f\x10\0" + (b"OW\0\0" if encoding.syntax == "explicit" else b"") + b"\0\1\0\0" + bytes(256)
    return encode(image(**more), encoding) + pixels


SHORT_WAY = [e for e in ENCODINGS if e.syntax in ("implicit", "explicit") and e.form in ("file", "bare", "wrong")]


@pytest.mark.parametrize("encoding", SHORT_WAY, ids=name_of)
def test_images_take_the_short_way(encoding: Encoding) -> None:
    """Otherwise the comparisons with the judge would compare the walk with itself."""
    found = _usual(image_bytes(encoding), False)
    assert found == Triage(ObjectKind.IMAGE, CT, "1.2.826.0.1.3680043.9.1234", "CT")


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_plans_never_take_it(encoding: Encoding) -> None:
    assert _usual(encode(plan(), encoding), False) is None


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"SOPClassUID": RT_PLAN},
        {"SOPClassUID": RT_PLAN, "Modality": ""},
        {"Modality": "RTPLAN"},
        {"Modality": "rtplan"},
        {"Modality": ""},
        {"Modality": "DOC"},
        {"SOPClassUID": ""},
        {"SOPInstanceUID": ""},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.8", "Modality": "OTHER"},
        {"SOPClassUID": "2.16.840.1.114493.1.2.1.4.1.1.481.5", "Modality": "RTPLAN"},
        {"ImageType": ["DERIVED", "SECONDARY"] + ["LONG VALUE"] * 30},
        {"IssuerOfAccessionNumberSequence": [item(LocalNamespaceEntityID="A")]},
        {"RequestAttributesSequence": [item(Modality="RTPLAN", SOPClassUID=RT_PLAN)]},
        {"InstanceCoercionDateTime": "20200101", "Manufacturer": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_headers(encoding: Encoding, more: dict[str, Any]) -> None:
    data = image_bytes(encoding, **more)
    agree(data)
    contradicting = encode(image(**more), encoding, meta_class=RT_PLAN)
    agree(contradicting)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
@pytest.mark.parametrize("make", [image, plan])
def test_cut_anywhere(make: Callable[[], Dataset], encoding: Encoding) -> None:
    data = encode(make(), encoding)
    for size in range(min(len(data), 2048)):
        agree(data[:size])


def test_group_lengths_and_sequences_before_modality() -> None:
    start, end = data_set_bytes(item(SOPClassUID=CT), explicit=True), data_set_bytes(image(), explicit=True)
    group_length = b"\x08\0\0\0UL\4\0" + len(start + end).to_bytes(4, "little")
    inner = data_set_bytes(item(Modality="RTPLAN", SOPClassUID=RT_PLAN), explicit=True)
    for length in (len(inner) + 8, 0xFFFFFFFF):
        opened = b"\xfe\xff\0\xe0" + len(inner).to_bytes(4, "little") + inner
        closed = b"\xfe\xff\xdd\xe0\0\0\0\0" if length == 0xFFFFFFFF else b""
        sequence = b"\x08\0\x51\0SQ\0\0" + length.to_bytes(4, "little") + opened + closed
        for data in (group_length + end, sequence + end, group_length + start + sequence + end, end + sequence + end):
            agree(data)
            agree(bytes(128) + b"DICM" + meta_bytes(CT, "1.2.840.10008.1.2.1") + data)


def test_what_stands_further_behind_counts() -> None:
    """Attributes written twice, or out of order, within the first bytes: as the walk sees them."""
    data = encode(image(), Encoding("explicit"))
    assert triage(data).kind is ObjectKind.IMAGE
    again = data_set_bytes(item(SOPClassUID=RT_PLAN, Modality="RTPLAN"), explicit=True)
    filler = b"\x09\0\0\x10OB\0\0" + (9000).to_bytes(4, "little") + bytes(9000)
    assert triage(data + filler + again).kind is ObjectKind.RT_PLAN
    agree(data + filler + again)


def test_what_stands_behind_an_icon_does_not() -> None:
    """A second Modality behind the tag of pixel data is left out, where it has no place: documented, not wanted."""
    icon = b"\x88\0\0\2SQ\0\0\x14\0\0\0\xfe\xff\0\xe0\x0c\0\0\0\xe0\x7f\x10\0OB\0\0\0\0\0\0"
    data = image_bytes(Encoding("explicit"))[:-268] + icon
    again = data_set_bytes(item(Modality="RTPLAN"), explicit=True)
    assert triage(data) == judge(data, complete=True)
    assert repeated_behind_pixel_data(data + again)
    assert judge(data + again, complete=True).kind is ObjectKind.RT_PLAN
    assert triage(data + again).kind is ObjectKind.IMAGE


def test_low_noise_is_not_taken_for_attributes() -> None:
    noise = b"\x08\0\x60\0\x08\0\x16\0" * 100
    for encoding in (Encoding("explicit"), Encoding("implicit")):
        data = image_bytes(encoding)
        assert _usual(data + noise, True) == _usual(data, False) is not None


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.70", ""])
@pytest.mark.parametrize("explicit", [True, False])
def test_a_transfer_syntax_that_is_not_followed(syntax: str, explicit: bool) -> None:
    body = data_set_bytes(image(), explicit=explicit)
    agree(bytes(128) + b"DICM" + meta_bytes(CT, syntax) + body)


def test_headers_that_only_look_usual() -> None:
    start = data_set_bytes(item(SOPClassUID=CT, SOPInstanceUID="1.2"), explicit=True)
    rest = data_set_bytes(item(SOPInstanceUID="1.3", Modality="MR"), explicit=True)
    meta = bytes(128) + b"DICM" + meta_bytes(CT, "1.2.840.10008.1.2.1")
    for between in (
        # Of long VRs the two bytes are no length.
        *(b"\x08\0\x05\0" + vr + b"\2\0ab" for vr in sorted(LONG_VR)),
        # Of VRs that do not exist neither.
        b"\x08\0\x05\0zz\2\0ab",
        # Passed over by nobody.
        b"\x08\0\x18\0UI\x46\0" + b"1." * 35,
        b"\x08\0\x18\0UT\0\0\2\0\0\x001.",
        b"\x08\0\x18\0UN\2\0\2\0\0\x001.",
        b"\x08\0\x16\0UI\0\0",
        b"\x08\0\x20\0DA\7\x001234567",
    ):
        for data in (start + between + rest, between + start + rest, start + rest + between, start + between):
            agree(meta + data)
            agree(data)


def test_a_preamble_that_is_a_data_set() -> None:
    bare = data_set_bytes(item(SOPClassUID=CT, SOPInstanceUID="1.2", Modality="CT"), explicit=True)
    preamble = bare + b"\x09\0\0\x10LO" + (128 - len(bare) - 8).to_bytes(2, "little") + bytes(128 - len(bare) - 8)
    unusual = b"\2\0\1\0OB\0\0\xff\0\0\0" + bytes(255)
    for meta in (meta_bytes(RT_PLAN, "1.2.840.10008.1.2.1"), unusual, b"", unusual[:40]):
        for data_set in (plan(), item(PatientID="1")):
            agree(preamble + b"DICM" + meta + data_set_bytes(data_set, explicit=True))


def test_real_and_synthetic_plans_cut_and_damaged(real_plans_dir: Path) -> None:
    rng = random.Random(4)
    paths = sorted(real_plans_dir.glob("*.dcm")) + sorted((real_plans_dir.parent / "negatives").iterdir())
    for path in paths + sorted(PLANS.glob("*.dcm")):
        data = path.read_bytes()[:FIRST_BYTES]
        agree(data)
        for size in rng.sample(range(4096), 40):
            agree(data[:size])
        for _ in range(10):
            agree(damaged(data, rng))


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_damaged_images(encoding: Encoding) -> None:
    rng = random.Random(name_of(encoding))
    data = image_bytes(encoding)
    for _ in range(400):
        agree(damaged(data, rng))


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, preferably to those that headers are made of, or a piece left out or repeated."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(min(len(made), 1200))
        match rng.randrange(4):
            case 0:
                made[at] = rng.choice(b"\0\2\x08\x10\x16\x18\x60\x64\xff")
            case 1:
                made[at] ^= 1 << rng.randrange(8)
            case 2:
                del made[at : at + rng.randint(1, 30)]
            case _:
                made[at:at] = made[max(0, at - 40) : at][-rng.randint(1, 40) :]
    return bytes(made)


UIDS = st.sampled_from([CT, RT_PLAN, "1.2.840.10008.5.1.4.1.1.481.8", "1.2.3", "", "1.2.246.352.70.1.70", "9" * 64])
TEXTS = st.one_of(
    UIDS, st.sampled_from(["CT", "RTPLAN", "MR", " ct", "\0", "RTDOSE"]), st.text("A\\ 1\0", max_size=140)
)
VRS = st.sampled_from([b"CS", b"UI", b"DA", b"TM", b"SH", b"LO", b"UL", b"UN", b"OB", b"UT", b"zz", b"\0\0"])
TAGS = st.sampled_from(
    [0x00080000, 0x00080005, 0x00080008, 0x00080020, 0x00080051, 0x00080061, 0x00080160, 0x00081140, 0x00090010]
    + 2 * [SOP_CLASS, SOP_INSTANCE, MODALITY]
    + [0x00100010, BEAMS, SETUPS, ION_BEAMS, 0x7FE00010, 0xFFFEE00D]
)


@st.composite
def data_elements(draw: st.DrawFn, explicit: bool, big: bool, depth: int = 2) -> bytes:
    """One element; its VR mostly, and its length nearly always, as it should be."""
    order = "big" if big else "little"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "big" if order == "big" else "little")

    tag = draw(TAGS)
    usual = {SOP_CLASS: b"UI", SOP_INSTANCE: b"UI", MODALITY: b"CS"}.get(tag, b"LO")
    sequence = depth > 0 and tag not in (SOP_CLASS, SOP_INSTANCE, MODALITY) and draw(st.integers(0, 4)) == 0
    if sequence:
        vr, undefined = b"SQ", draw(st.booleans())
        inner = b"".join(draw(st.lists(data_elements(explicit, big, depth - 1), max_size=3)))
        value = number(0xFFFE, 2) + number(0xE000, 2) + number(len(inner), 4) + inner
        length = 0xFFFFFFFF if undefined else len(value)
        value += number(0xFFFE, 2) + number(0xE0DD, 2) + bytes(4) if undefined else b""
    else:
        vr = draw(st.one_of(st.just(usual), st.just(usual), VRS))
        text = draw(TEXTS).encode("latin-1")
        value = text + b" " * (len(text) % 2 if draw(st.integers(0, 9)) else 0)
        length = len(value) + (draw(st.sampled_from([0, 0, 0, 0, 0, 2, 300])))
    header = number(tag >> 16, 2) + number(tag & 0xFFFF, 2)
    if not explicit:
        return header + number(length, 4) + value
    if vr in LONG_VR:
        return header + vr + b"\0\0" + number(length, 4) + value
    if vr in SHORT_VR:
        return header + vr + number(length & 0xFFFF, 2) + value
    return header + vr + b"\0\0" + value


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    explicit, big = draw(st.booleans()), draw(st.integers(0, 5)) == 0
    parts = draw(st.lists(data_elements(explicit, big), max_size=14))
    if draw(st.integers(0, 3)):
        parts.sort(key=lambda part: (int.from_bytes(part[:2], "little"), int.from_bytes(part[2:4], "little")))
    body = b"".join(parts)
    syntax = draw(st.sampled_from(["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.70", None]))
    if draw(st.integers(0, 5)) == 0 or big:
        syntax = draw(st.sampled_from(["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"]))
    match draw(st.integers(0, 3)):
        case 0:
            whole = body
        case 1:
            whole = meta_bytes(CT, syntax) + body
        case _:
            preamble = draw(st.sampled_from([bytes(128), (body + bytes(128))[:128]]))
            whole = preamble + b"DICM" + meta_bytes(draw(st.sampled_from([CT, RT_PLAN])), syntax) + body
    cut = draw(st.one_of(st.none(), st.none(), st.integers(0, len(whole))))
    return whole[:cut]


@settings(max_examples=600, deadline=None)
@given(objects())
def test_any_object(data: bytes) -> None:
    agree(data)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(data_elements(explicit=True, big=False), max_size=5),
    st.sampled_from([Encoding("explicit"), Encoding("explicit", form="bare")]),
)
def test_an_image_and_any_elements_behind(more: list[bytes], encoding: Encoding) -> None:
    agree(encode(item(SOPClassUID=CT, SOPInstanceUID="1.2", Modality="CT"), encoding) + b"".join(more))


def test_files_are_judged_by_their_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    start = encode(item(SOPClassUID=CT, SOPInstanceUID="1.2", Modality="CT"), Encoding("explicit"))
    again = data_set_bytes(item(SOPClassUID=RT_PLAN, Modality="RTPLAN"), explicit=True)
    for room in (100, FIRST_BYTES - len(start) - 60, FIRST_BYTES - len(start) - 12, FIRST_BYTES):
        data = start + b"\x09\0\0\x10OB\0\0" + room.to_bytes(4, "little") + bytes(room) + again
        path.write_bytes(data)
        assert triage_file(path) == judge(data[:FIRST_BYTES], complete=len(data) < FIRST_BYTES)


@pytest.mark.parametrize("padding", [0, FIRST_BYTES, 3 << 20])
def test_triage_and_read(tmp_path: Path, padding: int) -> None:
    path = tmp_path / "a"
    for data in (encode(plan()) + bytes(padding), image_bytes(Encoding("explicit")) + bytes(padding), bytes(padding)):
        path.write_bytes(data)
        expected = triage_file(path)
        assert triage_and_read(path, lambda found: found != expected) == (expected, None)  # noqa: B023
        assert triage_and_read(str(path), lambda _: True) == (expected, data)
        for most in {0, 100, max(0, len(data) - 1), len(data)}:
            assert triage_and_read(path, lambda _: True, most_bytes=most)[1] == data[: most + 1]


def test_triage_and_read_closes_what_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(encode(plan()))

    def refuse(_: Triage) -> bool:
        raise KeyError

    free = os.dup(0)
    os.close(free)
    for _ in range(3):
        with pytest.raises(KeyError):
            triage_and_read(path, refuse)
        with pytest.raises(UnreadableError):
            triage_and_read(tmp_path, refuse)
        with pytest.raises(UnreadableError):
            triage_file(tmp_path)
    after = os.dup(0)
    os.close(after)
    assert after == free


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_gives_little_by_little(tmp_path: Path) -> None:
    import threading

    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = encode(plan()) + bytes(FIRST_BYTES)

    def feed() -> None:
        with path.open("wb", buffering=0) as pipe:
            for start in range(0, len(data), 500):
                pipe.write(data[start : start + 500])

    feeder = threading.Thread(target=feed)
    feeder.start()
    found, content = triage_and_read(path, lambda found: found.kind.is_plan)
    feeder.join()
    assert found.kind is ObjectKind.RT_PLAN
    assert content == data
