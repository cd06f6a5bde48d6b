"""What an object is, from its first bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rtcode.dicom.triage import FIRST_BYTES, ObjectKind, triage, triage_file
from rtcode.errors import UnreadableError
from tests.dicom.plans import (
    ENCODINGS,
    HALCYON,
    RT_ION_PLAN,
    VIEWRAY,
    Encoding,
    data_set_bytes,
    encode,
    item,
    name_of,
    plan,
)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_a_plan_in_every_encoding(encoding: Encoding) -> None:
    found = triage(encode(plan(), encoding)[:600])
    assert found.kind is ObjectKind.RT_PLAN
    assert found.sop_class_uid == "1.2.840.10008.5.1.4.1.1.481.5"
    assert found.sop_instance_uid == "1.2.3.4.5"
    assert found.modality == "RTPLAN"


@pytest.mark.parametrize(
    ("sop_class", "modality", "kind"),
    [
        (HALCYON, "RTPLAN", ObjectKind.RT_PLAN),
        (VIEWRAY, "RTPLAN", ObjectKind.RT_PLAN),
        ("1.2.3.999", "RTPLAN", ObjectKind.RT_PLAN),
        (RT_ION_PLAN, "RT Ion Plan IOD", ObjectKind.RT_ION_PLAN),
        ("1.2.840.10008.5.1.4.1.1.481.5", "RTDOSE", ObjectKind.DOSE),
        ("1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT", ObjectKind.STRUCTURE_SET),
        ("1.2.840.10008.5.1.4.1.1.481.9", "RTRECORD", ObjectKind.TREATMENT_RECORD),
        ("1.2.840.10008.5.1.4.1.1.481.7", "", ObjectKind.TREATMENT_RECORD),
        ("1.2.840.10008.5.1.4.1.1.481.1", "RTIMAGE", ObjectKind.IMAGE),
        ("1.2.840.10008.5.1.4.1.1.2", "CT", ObjectKind.IMAGE),
        ("1.2.840.10008.5.1.4.34.7", "", ObjectKind.DELIVERY_INSTRUCTION),
        ("1.2.840.10008.5.1.4.1.1.481.22", "OTHER", ObjectKind.SECOND_GENERATION),
        ("1.2.840.10008.5.1.4.1.1.104.1", "DOC", ObjectKind.OTHER_DICOM),
    ],
)
def test_kinds(sop_class: str, modality: str, kind: ObjectKind) -> None:
    made = item(SOPClassUID=sop_class, SOPInstanceUID="1.2.3", Modality=modality)
    for encoding in (Encoding(), Encoding("explicit"), Encoding("big"), Encoding("deflated")):
        found = triage(encode(made, encoding), complete=True)
        assert (found.kind, found.sop_class_uid, found.sop_instance_uid) == (kind, sop_class, "1.2.3")


def test_brachy_and_ion_by_content() -> None:
    brachy = item(Modality="RTPLAN", SOPInstanceUID="1.2", ApplicationSetupSequence=[item()])
    assert triage(encode(brachy)).kind is ObjectKind.BRACHY
    ion = item(Modality="RTPLAN", SOPInstanceUID="1.2", IonBeamSequence=[item()])
    assert triage(encode(ion)).kind is ObjectKind.RT_ION_PLAN


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ObjectKind.EMPTY),
        (b"x", ObjectKind.NOT_DICOM),
        (b"some text, and more of it" * 20, ObjectKind.NOT_DICOM),
        (b"\x89PNG\r\n\x1a\n" + bytes(600), ObjectKind.NOT_DICOM),
        (bytes(128) + b"DICM", ObjectKind.OTHER_DICOM),
        (bytes(128) + b"DICM\x02\0", ObjectKind.OTHER_DICOM),
        (data_set_bytes(item(InstanceCreationDate="20260101", PatientName="A")), ObjectKind.NOT_DICOM),
    ],
)
def test_what_is_no_object(data: bytes, kind: ObjectKind) -> None:
    assert triage(data, complete=True).kind is kind


def test_never_raises_on_any_beginning() -> None:
    for encoding in (Encoding(), Encoding("explicit", True), Encoding("deflated"), Encoding("big")):
        data = encode(plan(), encoding)
        for size in range(0, len(data), 13):
            assert isinstance(triage(data[:size]).kind, ObjectKind)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(encode(plan()) + bytes(4 * FIRST_BYTES))
    assert triage_file(path).kind is ObjectKind.RT_PLAN
    with pytest.raises(UnreadableError):
        triage_file(tmp_path / "none")


def test_real_files(real_plans_dir: Path) -> None:
    assert {triage_file(path).kind for path in real_plans_dir.glob("*.dcm")} <= {
        ObjectKind.RT_PLAN,
        ObjectKind.RT_ION_PLAN,
        ObjectKind.BRACHY,
    }
    negatives = sorted((real_plans_dir.parent / "negatives").iterdir())
    assert negatives
    for path in negatives:
        found = triage_file(path)
        assert found.kind.is_dicom, path.name
        assert not found.kind.is_plan, path.name


def test_triage_and_readers_are_imported_only_when_needed() -> None:
    """A folder scan needs no numpy, the plan reader no pydicom."""
    code = (
        "import sys, rtcode.dicom, rtcode.dicom.triage\n"
        "assert not {'numpy', 'pydicom'} & set(sys.modules)\n"
        "from rtcode.dicom import read_plan\n"
        "read_plan(sys.stdin.buffer.read())\n"
        "assert 'pydicom' not in sys.modules\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], input=encode(plan()), cwd=root, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
