"""Control points that are read side by side: taken where they are alike, and never read otherwise than by the walk."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataset import Dataset

from rtcode.dicom import DEFAULT_LIMITS, read_plan
from rtcode.dicom import scan as scan_module
from rtcode.dicom.framing import Frame, frame
from rtcode.dicom.headers import BIG, LITTLE
from rtcode.dicom.scan import Scanner
from rtcode.dicom.scanned import ScannedControlPoints
from rtcode.dicom.vocabulary import TAGS
from rtcode.dicom.walk import CONTROL_POINTS, Walk
from rtcode.errors import InputError
from rtcode.plan.model import RTPlan
from tests.dicom.plans import (
    ENCODINGS,
    Encoding,
    beam,
    control_point,
    encode,
    first_point,
    item,
    name_of,
    plan,
    positions,
)
from tests.dicom.test_fuzz import damage
from tests.support import differences

COUNT = 40


def mlc(i: int) -> Dataset:
    return positions("MLCX", [-20 - i, f"{-i / 7:.2f}", -1, f"{i / 3:.3f}", 1, 20])


def ordinary(i: int) -> Dataset:
    """As an arc has them: another length of the values at each."""
    return control_point(
        i,
        f"{i / (COUNT - 1):.8f}".rstrip("0"),
        GantryAngle=f"{180 + i * 1.7:.4f}".rstrip("0"),
        BeamLimitingDevicePositionSequence=[mlc(i)],
        ReferencedDoseReferenceSequence=[
            item(CumulativeDoseReferenceCoefficient=f"{i / 40:.3f}", ReferencedDoseReferenceNumber=1)
        ],
    )


def arc(make: Callable[[int], Dataset] = ordinary) -> list[Dataset]:
    return [first_point(), *(make(i) for i in range(1, COUNT))]


def changed(where: set[int], **attributes: Any) -> list[Dataset]:
    """An arc, some of whose control points write more."""
    points = arc()
    for i in where:
        for keyword, value in attributes.items():
            setattr(points[i], keyword, value)
    return points


def with_private() -> Dataset:
    point = ordinary(20)
    point.private_block(0x300D, "SOMEBODY", create=True).add_new(0x10, "LO", "1")
    return point


def encoded(points: list[Dataset], encoding: Encoding | None = None) -> bytes:
    return encode(plan([beam(1, points), beam(2, points)]), encoding)


def walk(framed: Frame, *, shortcut: bool) -> list[Any]:
    order = BIG if framed.big_endian else LITTLE
    read = Walk(framed.data, DEFAULT_LIMITS, order, shortcut=shortcut).read(framed.start, explicit=framed.explicit)
    return [beam_item[CONTROL_POINTS] for beam_item in read[TAGS["BeamSequence"]]]  # type: ignore[union-attr, index]


def by_attribute(items: list[dict[int, Any]]) -> tuple[dict[int, Any], dict[bytes, Any]]:
    """What the walk gives, in the form of `ScannedControlPoints`."""
    columns: dict[int, Any] = {}
    devices: dict[bytes, Any] = {}
    for i, found in enumerate(items):
        for tag, value in found.items():
            if isinstance(value, bytes):
                column = columns.setdefault(tag, ([], []))
                column[0].append(i)
                column[1].append(value)
        for place, entry in enumerate(found.get(TAGS["BeamLimitingDevicePositionSequence"], [])):
            written = devices.setdefault(entry.get(TAGS["RTBeamLimitingDeviceType"], b""), ([], [], []))
            for values, one in zip(written, (i, place, entry.get(TAGS["LeafJawPositions"], b"")), strict=True):
                values.append(one)
    return columns, devices


ALIKE: dict[str, list[Dataset]] = {
    "an arc": arc(),
    # Step and shoot: positions at every second control point.
    "two layouts by turns": arc(lambda i: ordinary(i) if i % 2 else control_point(i, "0.5", GantryAngle="7")),
    "others between": changed({7, 20, COUNT - 1}, TableTopPitchAngle=1.5, SourceToSurfaceDistance="900"),
    "empty sequences and values": changed(
        {3, 4, 30}, BeamLimitingDevicePositionSequence=[], GantryAngle=None, ReferencedDoseReferenceSequence=[]
    ),
    "binary numbers": arc(lambda i: control_point(i, "0.5", TableTopPitchAngle=i / 3, TableTopRollAngle=-1.25)),
    "twins and jaws": arc(
        lambda i: control_point(
            i,
            "0.5",
            BeamLimitingDevicePositionSequence=[positions("X", [-i, 5]), mlc(i), mlc(i + 1), positions("Y", [-i, i])],
        )
    ),
    "devices change places": arc(
        lambda i: control_point(
            i, "0.5", BeamLimitingDevicePositionSequence=[mlc(i), positions("X", [-i, 5])][:: 1 if i % 3 else -1]
        )
    ),
    "an entry without a type or positions": arc(
        lambda i: control_point(
            i,
            "0.5",
            BeamLimitingDevicePositionSequence=[
                item(LeafJawPositions=["1", "2"]),
                item(RTBeamLimitingDeviceType="X"),
                item(),
            ],
        )
    ),
}
LEFT: dict[str, list[Dataset]] = {
    "few": arc()[: scan_module.WORTHWHILE - 1],
    "indices do not count": [*arc()[:-1], ordinary(COUNT)],
    "a wedge": changed({20}, WedgePositionSequence=[item(WedgePosition="IN", ReferencedWedgeNumber=1)]),
    "wedges": arc(lambda i: control_point(i, "0.5", WedgePositionSequence=[item(WedgePosition="IN")])),
    "private attributes": [*arc()[:20], with_private(), *arc()[21:]],
}


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
@pytest.mark.parametrize("name", [*ALIKE, *LEFT])
def test_as_the_walk_reads_them(name: str, encoding: Encoding) -> None:
    framed = frame(encoded((ALIKE | LEFT)[name], encoding), DEFAULT_LIMITS)
    for found, items in zip(walk(framed, shortcut=True), walk(framed, shortcut=False), strict=True):
        assert isinstance(items, list)
        assert isinstance(found, list if name in LEFT else ScannedControlPoints)
        if isinstance(found, ScannedControlPoints):
            assert len(found) == COUNT
            assert (found.columns, found.devices) == by_attribute(items)
        else:
            assert found == items


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_values_that_look_like_control_points(encoding: Encoding) -> None:
    """Items without a length are searched for: what is found in a text must not be taken for one."""
    order = BIG if encoding.syntax == "big" else LITTLE
    text = order.pack(order.item, 0xFFFFFFFF) + order.pack(order.raw(TAGS["ControlPointIndex"]), 2)[:4] + b"IS\2\0000 "
    points = arc()
    for i in (5, 6):
        points[i].add_new(0x300A9998, "UN", text)
    framed = frame(encoded(points, encoding), DEFAULT_LIMITS)
    for found, items in zip(walk(framed, shortcut=True), walk(framed, shortcut=False), strict=True):
        if isinstance(found, ScannedControlPoints):
            assert (found.columns, found.devices) == by_attribute(items)
        else:
            assert found == items


def test_searching_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sequences that seem to go on to the end of the file cost no more than a few passes over it."""
    framed = frame(encoded(arc(), Encoding("implicit", undefined=True)), DEFAULT_LIMITS)
    monkeypatch.setattr(scan_module, "_SEARCHES", 0.5)
    first, second = walk(framed, shortcut=True)
    assert isinstance(first, ScannedControlPoints)
    assert isinstance(second, list)


def outcome(data: bytes) -> RTPlan | InputError:
    try:
        return read_plan(data)
    except InputError as problem:
        return problem


@pytest.mark.parametrize("encoding", [e for e in ENCODINGS if e.form == "file" and e.syntax != "deflated"], ids=name_of)
def test_damage_is_seen_as_the_walk_sees_it(encoding: Encoding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths, tags and VRs in control points changed at random: the same plan, or the same complaint."""
    rng = random.Random(7)
    names = list(ALIKE)
    taken = 0
    usual = Scanner.control_points

    def counted(*positional: Any, **named: Any) -> Any:
        nonlocal taken
        found = usual(*positional, **named)
        taken += found is not None
        return found

    monkeypatch.setattr(Scanner, "control_points", counted)
    for round_ in range(60):
        data = encoded(ALIKE[names[round_ % len(names)]], encoding)
        begin = data.find(b"MLCX")
        broken = data[:begin] + damage(rng, data[begin:])
        short = outcome(broken)
        with monkeypatch.context() as patched:
            patched.setattr(scan_module, "WORTHWHILE", 1 << 40)
            long = outcome(broken)
        if isinstance(short, InputError) or isinstance(long, InputError):
            assert (type(short), str(short)) == (type(long), str(long))
        else:
            assert differences(short, long) == []
    assert taken > 20


def element(tag: int, value: bytes, length: int | None = None) -> bytes:
    """Implicit VR, little endian; with a false length on request."""
    return LITTLE.pack(LITTLE.raw(tag), len(value) if length is None else length) + value


UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
END_OF_ITEM, END_OF_SEQUENCE = element(ITEM_END, b""), element(SEQUENCE_END, b"")
GANTRY = element(TAGS["GantryAngle"], b"90")
ENTRY = element(ITEM, element(TAGS["RTBeamLimitingDeviceType"], b"X ") + element(TAGS["LeafJawPositions"], b"-1\\1 "))
DEVICES = TAGS["BeamLimitingDevicePositionSequence"]

#: What all control points but the first hold behind their indices (in an item without a length), how they then end, and
#: whether the shortcut takes them.
ODD: dict[str, tuple[bytes, bytes, bool]] = {
    "nothing odd": (GANTRY + element(DEVICES, ENTRY) + element(DEVICES + 1, b"ab"), END_OF_ITEM, True),
    "sequences that are not read": (
        element(0x300A9990, ENTRY + END_OF_SEQUENCE, UNDEFINED) + element(DEVICES, ENTRY + END_OF_SEQUENCE, UNDEFINED),
        END_OF_ITEM,
        True,
    ),
    # The walk keeps the last one.
    "an attribute twice": (GANTRY + element(TAGS["GantryAngle"], b"91"), END_OF_ITEM, False),
    "devices twice": (element(DEVICES, ENTRY) + element(DEVICES, ENTRY[:-2] + b"5 "), END_OF_ITEM, False),
    "a private attribute": (element(0x300D0010, b"ME") + element(0x300D1001, b"1 "), END_OF_ITEM, False),
    "a value without a length": (element(TAGS["GantryAngle"], END_OF_SEQUENCE, UNDEFINED), END_OF_ITEM, False),
    "the end of a sequence for that of an item": (GANTRY, END_OF_SEQUENCE, False),
    "the end of an item for that of a sequence": (element(DEVICES, ENTRY + END_OF_ITEM, UNDEFINED), END_OF_ITEM, False),
    "a delimiter where lengths end": (element(DEVICES, ENTRY + END_OF_SEQUENCE), END_OF_ITEM, False),
    "the end of an item that has a length": (element(DEVICES, ENTRY[:4] + b"\x08\0\0\0" + END_OF_ITEM), b"", False),
    # It has a length, and is passed over as any other element.
    "an item in an item": (element(ITEM, b""), END_OF_ITEM, True),
    "an element in a sequence": (element(DEVICES, GANTRY), END_OF_ITEM, False),
    "an empty element in a sequence without a length": (
        element(DEVICES, ENTRY + element(0x300A9998, b""), UNDEFINED),
        END_OF_ITEM,
        False,
    ),
    "an entry longer than its sequence": (element(DEVICES, ENTRY, len(ENTRY) - 2), END_OF_ITEM, False),
    "sequences too deep": (element(0x300A9990, element(ITEM, b"", UNDEFINED), UNDEFINED) * 20, END_OF_ITEM, False),
}


@pytest.mark.parametrize("stray", [b"", element(0x300A9999, b"")], ids=["closed", "not closed"])
@pytest.mark.parametrize("name", ODD)
def test_what_all_control_points_do(name: str, stray: bytes) -> None:
    """Odd in the same way, they are alike to the shortcut, too."""
    content, end, taken = ODD[name]
    # The walk reads the first one in any case.
    points = [element(ITEM, element(TAGS["ControlPointIndex"], b"0 ") + END_OF_ITEM, UNDEFINED)]
    points += [
        element(ITEM, element(TAGS["ControlPointIndex"], b"%-2d" % i) + content + end, UNDEFINED)
        for i in range(1, COUNT)
    ]
    sequence = element(CONTROL_POINTS, b"".join(points) + (stray or END_OF_SEQUENCE), UNDEFINED)
    data = element(TAGS["BeamSequence"], element(ITEM, sequence))

    def read(shortcut: bool) -> Any:
        try:
            return Walk(data, DEFAULT_LIMITS, shortcut=shortcut).read(0, explicit=False)
        except InputError as problem:
            return type(problem), str(problem)

    short, long = read(True), read(False)
    if isinstance(short, tuple) or isinstance(long, tuple):
        assert short == long
        assert not taken or stray
        return
    (found,), (items,) = ([one[CONTROL_POINTS] for one in each[TAGS["BeamSequence"]]] for each in (short, long))
    assert isinstance(found, ScannedControlPoints) == taken
    if taken:
        assert (found.columns, found.devices) == by_attribute(items)
    else:
        assert found == items
