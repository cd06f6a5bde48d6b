"""Small plans as pydicom data sets, and every way to write them down."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
RT_ION_PLAN = "1.2.840.10008.5.1.4.1.1.481.8"
HALCYON = "1.2.246.352.70.1.70"
VIEWRAY = "2.16.840.1.114493.1.2.1.4.1.1.481.5"

SYNTAXES = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "big": ExplicitVRBigEndian,
}


@dataclass(frozen=True)
class Encoding:
    """How a plan is written.

    Attributes
    ----------
    syntax
        A key of `SYNTAXES`.
    undefined
        Sequences and items of undefined length.
    form
        ``file`` with preamble and file meta information, ``meta`` without the preamble, ``bare`` without both,
        ``wrong`` with a transfer syntax of the other VR.
    """

    syntax: str = "implicit"
    undefined: bool = False
    form: str = "file"


ENCODINGS = [
    Encoding(syntax, undefined, form)
    for syntax, forms in {
        "implicit": ("file", "meta", "bare", "wrong"),
        "explicit": ("file", "meta", "bare", "wrong"),
        "deflated": ("file", "meta"),
        "big": ("file", "meta"),
    }.items()
    for form in forms
    for undefined in (False, True)
]


def name_of(encoding: Encoding) -> str:
    return f"{encoding.syntax}-{encoding.form}-{'undefined' if encoding.undefined else 'defined'}"


def item(**attributes: Any) -> Dataset:
    """A data set from keywords; a list of data sets becomes a sequence."""
    ds = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for keyword, value in attributes.items():
            sequence = (
                isinstance(value, list) and (not value or isinstance(value[0], Dataset)) and keyword.endswith("e")
            )
            setattr(ds, keyword, Items(value) if sequence else value)
    return ds


def device(kind: str, pairs: int, **more: Any) -> Dataset:
    if pairs > 1:
        more.setdefault("LeafPositionBoundaries", [str(40 * i - 20 * pairs) for i in range(pairs + 1)])
    return item(RTBeamLimitingDeviceType=kind, NumberOfLeafJawPairs=pairs, **more)


def positions(kind: str, values: Sequence[Any] | None) -> Dataset:
    return item(
        RTBeamLimitingDeviceType=kind, LeafJawPositions=None if values is None else [str(v) for v in values]
    )  # fmt: skip


def control_point(index: int, weight: float | str | None, **more: Any) -> Dataset:
    return item(ControlPointIndex=index, CumulativeMetersetWeight=weight, **more)


def first_point(**more: Any) -> Dataset:
    """A first control point with everything on it."""
    return item(
        **{
            "ControlPointIndex": 0,
            "CumulativeMetersetWeight": "0",
            "NominalBeamEnergy": "6",
            "DoseRateSet": "600",
            "BeamLimitingDevicePositionSequence": [
                positions("ASYMX", [-50, 50]),
                positions("ASYMY", [-60.5, 60]),
                positions("MLCX", [-20, -21, -22, 20, 21, 22]),
            ],
            "GantryAngle": "180.1",
            "GantryRotationDirection": "CW",
            "BeamLimitingDeviceAngle": "10",
            "BeamLimitingDeviceRotationDirection": "NONE",
            "PatientSupportAngle": "0",
            "PatientSupportRotationDirection": "NONE",
            "TableTopVerticalPosition": None,
            "TableTopLongitudinalPosition": None,
            "TableTopLateralPosition": None,
            "IsocenterPosition": ["12.5", "-101.37", "-345.2"],
            "SurfaceEntryPoint": ["12.5", "-1.37", "-345.2"],
            "SourceToSurfaceDistance": "893.1",
        }
        | more,
    )


def beam(number: int = 1, points: list[Dataset] | None = None, **more: Any) -> Dataset:
    """A beam of three leaf pairs; ``points`` default to an arc of three control points."""
    if points is None:
        points = [
            first_point(),
            control_point(
                1,
                "0.5",
                GantryAngle="270",
                BeamLimitingDevicePositionSequence=[positions("MLCX", [-9, -8, -7, 9, 8, 7])],
            ),
            control_point(2, "1", GantryAngle="0", GantryRotationDirection="NONE"),
        ]
    return item(
        **{
            "TreatmentMachineName": "LINAC",
            "PrimaryDosimeterUnit": "MU",
            "SourceAxisDistance": "1000",
            "BeamLimitingDeviceSequence": [device("ASYMX", 1), device("ASYMY", 1), device("MLCX", 3)],
            "BeamNumber": number,
            "BeamName": f"Field {number}",
            "BeamType": "DYNAMIC",
            "RadiationType": "PHOTON",
            "TreatmentDeliveryType": "TREATMENT",
            "NumberOfWedges": 0,
            "NumberOfCompensators": 0,
            "NumberOfBoli": 0,
            "NumberOfBlocks": 0,
            "FinalCumulativeMetersetWeight": "1",
            "NumberOfControlPoints": len(points),
            "ControlPointSequence": points,
            "ReferencedPatientSetupNumber": 1,
        }
        | more
    )


def group(numbers: Sequence[int], **more: Any) -> Dataset:
    return item(
        **{
            "FractionGroupNumber": 1,
            "NumberOfFractionsPlanned": 25,
            "NumberOfBeams": len(numbers),
            "NumberOfBrachyApplicationSetups": 0,
            "ReferencedBeamSequence": [
                item(BeamDose="2", BeamMeterset="123.4", ReferencedBeamNumber=number) for number in numbers
            ],
        }
        | more
    )


def plan(beams: list[Dataset] | None = None, **more: Any) -> Dataset:
    beams = [beam(1), beam(2)] if beams is None else beams
    numbers = [b.BeamNumber for b in beams if "BeamNumber" in b and b.BeamNumber is not None]
    return item(
        **{
            "SpecificCharacterSet": "ISO_IR 100",
            "SOPClassUID": RT_PLAN,
            "SOPInstanceUID": "1.2.3.4.5",
            "Modality": "RTPLAN",
            "Manufacturer": "Maker",
            "ManufacturerModelName": "Model",
            "PatientName": "Test^Phantom",
            "PatientID": "T1",
            "PatientBirthDate": "19000101",
            "SoftwareVersions": ["1.0", "2"],
            "StudyInstanceUID": "1.2.3.4.6",
            "SeriesInstanceUID": "1.2.3.4.7",
            "FrameOfReferenceUID": "1.2.3.4.8",
            "RTPlanLabel": "Label",
            "RTPlanGeometry": "PATIENT",
            "FractionGroupSequence": [group(numbers)],
            "BeamSequence": beams,
            "PatientSetupSequence": [item(PatientSetupNumber=1, PatientPosition="HFS", SetupTechnique="ISOCENTRIC")],
            "ReferencedStructureSetSequence": [item(ReferencedSOPInstanceUID="1.2.3.4.9")],
            "ApprovalStatus": "APPROVED",
        }
        | more
    )


def encode(ds: Dataset, encoding: Encoding | None = None, *, meta_class: str | None = None) -> bytes:
    """The data set as the bytes of a file."""
    encoding = encoding or Encoding()
    set_lengths(ds, encoding.undefined)
    body = data_set_bytes(ds, explicit=encoding.syntax != "implicit", big=encoding.syntax == "big")
    if encoding.syntax == "deflated":
        import zlib

        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = deflater.compress(body) + deflater.flush()
        body += b"\0" * (len(body) % 2)
    if encoding.form == "bare":
        return body
    syntax = SYNTAXES[encoding.syntax]
    if encoding.form == "wrong":
        syntax = SYNTAXES["explicit" if encoding.syntax == "implicit" else "implicit"]
    meta = meta_bytes(meta_class or ds.get("SOPClassUID") or RT_PLAN, syntax)
    return meta + body if encoding.form == "meta" else b"\0" * 128 + b"DICM" + meta + body


def data_set_bytes(ds: Dataset, *, explicit: bool = False, big: bool = False) -> bytes:
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = not big, not explicit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A copy without the memory of an earlier encoding.
        write_dataset(out, Dataset(ds), [ds.get("SpecificCharacterSet") or "iso8859"])
    return out.getvalue()


def meta_bytes(sop_class: str, syntax: str | None) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    if syntax is not None:
        meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = "1.2.3.4.10"
    out = BytesIO()
    write_file_meta_info(out, meta, enforce_standard=False)
    return out.getvalue()


def set_lengths(ds: Dataset, undefined: bool) -> None:
    for element in ds:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for inner in element.value:
                inner.is_undefined_length_sequence_item = undefined
                set_lengths(inner, undefined)


def patch(data: bytes, old: bytes, new: bytes, *, count: int = 1) -> bytes:
    """Replace bytes by others of the same length: values that pydicom would not write."""
    assert len(old) == len(new)
    assert data.count(old) >= 1, old
    return data.replace(old, new, count)
