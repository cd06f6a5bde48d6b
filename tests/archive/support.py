"""Archives for tests, and scans of them within this process."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from rtcode.archive.engines import Engine, InProcess
from rtcode.archive.listing import list_source
from rtcode.archive.scan import Progress, Scanned, fill
from rtcode.archive.settings import header_of, job_of
from rtcode.sources.expand import label_of
from tests.conftest import PLANS

KEY = b"a key of the tests"
NDJSON = frozenset({"ndjson"})


def image(path: Path) -> Path:
    """A small CT image."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(path)])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = Dataset()
    data.file_meta = meta
    data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    data.Modality = "CT"
    data.PatientName = "CANARY^Image"
    data.Rows = data.Columns = 8
    data.BitsAllocated = 16
    data.PixelData = bytes(128)
    data.save_as(path, enforce_file_format=True)
    return path


def archive(folder: Path) -> Path:
    """A small mixed archive: plans, a copy, a conflict, images, a zip, other files, broken ones."""
    (folder / "b" / "deep").mkdir(parents=True)
    (folder / "a").mkdir()
    for name in ("V01_electron_cheek", "V10_single_pa", "V24_prostate_vmat", "V40_pelvis_two_groups", "example"):
        shutil.copy(PLANS / f"{name}.dcm", folder / "b" / f"{name}.dcm")
    shutil.copy(folder / "b" / "example.dcm", folder / "b" / "deep" / "copy of example.dcm")
    for name in ("V17_knees_two_isocenters", "V30_breast_field_in_field"):
        shutil.copy(PLANS / f"{name}.dcm", folder / "b" / "deep" / name)
    changed = pydicom.dcmread(PLANS / "V30_breast_field_in_field.dcm")
    changed.RTPlanLabel = "changed"
    changed.save_as(folder / "a" / "conflict.dcm")
    for number in range(12):
        image(folder / "a" / f"CT{number}")
    with zipfile.ZipFile(folder / "b" / "more.zip", "w") as packed:
        packed.write(PLANS / "V27_oropharynx.dcm", "in/V27.dcm")
        packed.write(folder / "a" / "CT0", "in/CT0")
        packed.writestr("in/README.txt", "nothing")
        packed.writestr("in/broken.dcm", b"no plan at all")
    (folder / "notes.txt").write_text("nothing")
    (folder / "b" / "cut.dcm").write_bytes((PLANS / "example.dcm").read_bytes()[:2000])
    (folder / "b" / "empty.dcm").write_bytes(b"")
    (folder / "nothing").mkdir()
    return folder


#: What `archive` holds.
FILES, PLANS_IN, SESSIONS = 28, 7, 8


def scan(
    output: Path,
    *sources: Path | str,
    engine: Engine | None = None,
    identifiers: Any = "uid",
    formats: frozenset[str] = NDJSON,
    **rules: Any,
) -> Scanned:
    """A scan within this process."""
    output.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {"code_set": None, "date_of_service": None, "answers": (), "policy": None, **rules}
    job = job_of(output, identifiers=identifiers, site_key=KEY, **settings)
    status = output.stat()
    listings = [
        (label_of(str(one)), list_source(str(one), frozenset({(status.st_dev, status.st_ino)}))) for one in sources
    ]
    return fill(output, listings, job, header_of(job, None), engine or InProcess(), Progress(), formats)


def lines(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "scan.ndjson").read_text("utf-8").splitlines()]


def rows(output: Path, kind: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if line["type"] == kind]


def said(line: dict[str, Any]) -> tuple[Any, ...]:
    """What a session's line says of the decision, for comparing."""
    suggestion = line["suggestion"]
    return (
        suggestion["status"],
        suggestion["level"],
        suggestion["floor"],
        suggestion["ceiling"],
        tuple(question["id"] for question in suggestion["questions"]),
        tuple(flag["id"] for flag in suggestion["flags"]),
        tuple((one["id"], one["status"]) for one in line["criteria"]),
    )


def touch(path: Path, seconds: float) -> None:
    """Give a file another time of its last change."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + int(seconds * 1e9)))


def everything_below(folder: Path) -> Iterable[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def labels(found: Sequence[dict[str, Any]]) -> list[str]:
    return [line["path"] for line in found]
