"""Synthetic VMAT plans for measuring: two arcs, 60 leaf pairs, written with pydicom in every encoding that matters.

Made up from nothing but a random seed; the layout follows what a common planning system exports: jaws ``ASYMX`` and
``ASYMY`` at the first control point only, leaf positions at each, dose reference coefficients beside the weights.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)

RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
PAIRS = 60


@dataclass(frozen=True)
class Encoding:
    name: str
    syntax: str
    undefined_length: bool


ENCODINGS = (
    Encoding("implicit, defined lengths", ImplicitVRLittleEndian, False),
    Encoding("implicit, undefined lengths", ImplicitVRLittleEndian, True),
    Encoding("explicit, defined lengths", ExplicitVRLittleEndian, False),
    Encoding("explicit, undefined lengths", ExplicitVRLittleEndian, True),
    Encoding("deflated explicit", DeflatedExplicitVRLittleEndian, False),
    Encoding("explicit big endian", ExplicitVRBigEndian, False),
)


def make_plan(*, seed: int = 1, arcs: int = 2, control_points: int = 178, long_decimals: bool = False) -> Dataset:
    """A VMAT plan as a data set.

    Parameters
    ----------
    control_points
        For each arc.
    long_decimals
        Leaf positions with up to 16 characters, as some systems write them, instead of a tenth or hundredth of a mm.
    """
    rng = random.Random(seed)
    plan = Dataset()
    plan.SpecificCharacterSet = "ISO_IR 100"
    plan.SOPClassUID = RT_PLAN
    plan.SOPInstanceUID = generate_uid(entropy_srcs=[f"plan{seed}"])
    plan.StudyDate = "20260105"
    plan.Modality = "RTPLAN"
    plan.Manufacturer = "Synthetic"
    plan.StationName = "BENCH"
    plan.ManufacturerModelName = "Benchmark"
    plan.PatientName = "Phantom^Synthetic"
    plan.PatientID = "BENCH"
    plan.SoftwareVersions = ["1.0", "1"]
    plan.StudyInstanceUID = generate_uid(entropy_srcs=[f"study{seed}"])
    plan.SeriesInstanceUID = generate_uid(entropy_srcs=[f"series{seed}"])
    plan.FrameOfReferenceUID = generate_uid(entropy_srcs=[f"frame{seed}"])
    plan.RTPlanLabel = "VMAT"
    plan.RTPlanDate = "20260105"
    plan.PlanIntent = "CURATIVE"
    plan.RTPlanGeometry = "PATIENT"
    plan.DoseReferenceSequence = Sequence([_dose_reference(seed)])
    plan.FractionGroupSequence = Sequence([_fraction_group(arcs)])
    plan.BeamSequence = Sequence(
        [_arc(rng, number + 1, control_points, long_decimals) for number in range(arcs)]
    )  # fmt: skip
    plan.PatientSetupSequence = Sequence([_setup(number + 1) for number in range(arcs)])
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    reference.ReferencedSOPInstanceUID = generate_uid(entropy_srcs=[f"structures{seed}"])
    plan.ReferencedStructureSetSequence = Sequence([reference])
    plan.ApprovalStatus = "APPROVED"
    return plan


def _dose_reference(seed: int) -> Dataset:
    item = Dataset()
    item.DoseReferenceNumber = 1
    item.DoseReferenceUID = generate_uid(entropy_srcs=[f"dose{seed}"])
    item.DoseReferenceStructureType = "SITE"
    item.DoseReferenceDescription = "PTV"
    item.DoseReferenceType = "TARGET"
    item.TargetPrescriptionDose = "60"
    return item


def _fraction_group(arcs: int) -> Dataset:
    group = Dataset()
    group.FractionGroupNumber = 1
    group.NumberOfFractionsPlanned = 30
    group.NumberOfBeams = arcs
    group.NumberOfBrachyApplicationSetups = 0
    references = []
    for number in range(1, arcs + 1):
        beam = Dataset()
        beam.BeamDose = "1.0"
        beam.BeamMeterset = "250.123456"
        beam.ReferencedBeamNumber = number
        references.append(beam)
    group.ReferencedBeamSequence = Sequence(references)
    return group


def _setup(number: int) -> Dataset:
    item = Dataset()
    item.PatientPosition = "HFS"
    item.PatientSetupNumber = number
    item.SetupTechnique = "ISOCENTRIC"
    return item


def _device(kind: str, pairs: int, distance: str) -> Dataset:
    item = Dataset()
    item.RTBeamLimitingDeviceType = kind
    item.SourceToBeamLimitingDeviceDistance = distance
    item.NumberOfLeafJawPairs = pairs
    if pairs > 1:
        outer = [-200 + 10 * i for i in range(11)]
        inner = [-100 + 5 * i for i in range(1, 41)]
        item.LeafPositionBoundaries = [str(b) for b in [*outer, *inner, *(110 + 10 * i for i in range(10))]]
    return item


def _arc(rng: random.Random, number: int, count: int, long_decimals: bool) -> Dataset:
    beam = Dataset()
    beam.TreatmentMachineName = "LINAC"
    beam.PrimaryDosimeterUnit = "MU"
    beam.SourceAxisDistance = "1000"
    beam.BeamLimitingDeviceSequence = Sequence(
        [_device("ASYMX", 1, "367"), _device("ASYMY", 1, "279"), _device("MLCX", PAIRS, "510")]
    )
    beam.BeamNumber = number
    beam.BeamName = f"Arc {number}"
    beam.BeamType = "DYNAMIC"
    beam.RadiationType = "PHOTON"
    beam.TreatmentDeliveryType = "TREATMENT"
    beam.NumberOfWedges = 0
    beam.NumberOfCompensators = 0
    beam.NumberOfBoli = 0
    beam.NumberOfBlocks = 0
    beam.FinalCumulativeMetersetWeight = "1"
    beam.NumberOfControlPoints = count
    beam.ReferencedPatientSetupNumber = number
    left = [rng.uniform(-60, -5) for _ in range(PAIRS)]
    right = [rng.uniform(5, 60) for _ in range(PAIRS)]
    points = []
    for index in range(count):
        left = [_clamp(x + rng.uniform(-3, 3)) for x in left]
        right = [max(low + 0.5, _clamp(x + rng.uniform(-3, 3))) for low, x in zip(left, right, strict=True)]
        points.append(_control_point(index, count, number, [_written(x, long_decimals) for x in (*left, *right)]))
    beam.ControlPointSequence = Sequence(points)
    return beam


def _clamp(value: float) -> float:
    return max(-150.0, min(150.0, value))


def _written(value: float, long_decimals: bool) -> str:
    return repr(value)[:16] if long_decimals else f"{value:.2f}".rstrip("0").rstrip(".")


def _control_point(index: int, count: int, number: int, leaves: list[str]) -> Dataset:
    point = Dataset()
    point.ControlPointIndex = index
    forward = number % 2 == 1
    turn = 358.0 * index / (count - 1)
    point.GantryAngle = f"{(181 + turn if forward else 179 - turn) % 360:.4f}".rstrip("0").rstrip(".")
    direction = "CW" if forward else "CC"
    positions = []
    if index == 0:
        point.NominalBeamEnergy = "6"
        point.DoseRateSet = "600"
        for kind, values in (("ASYMX", ["-60", "60"]), ("ASYMY", ["-105", "110.5"])):
            jaws = Dataset()
            jaws.RTBeamLimitingDeviceType = kind
            jaws.LeafJawPositions = values
            positions.append(jaws)
        point.BeamLimitingDeviceAngle = "30"
        point.BeamLimitingDeviceRotationDirection = "NONE"
        point.PatientSupportAngle = "0"
        point.PatientSupportRotationDirection = "NONE"
        point.TableTopEccentricAngle = "0"
        point.TableTopEccentricRotationDirection = "NONE"
        point.TableTopVerticalPosition = None
        point.TableTopLongitudinalPosition = None
        point.TableTopLateralPosition = None
        point.IsocenterPosition = ["12.5", "-101.37", "-345.2"]
        point.SourceToSurfaceDistance = "893.1"
    mlc = Dataset()
    mlc.RTBeamLimitingDeviceType = "MLCX"
    mlc.LeafJawPositions = leaves
    positions.append(mlc)
    point.BeamLimitingDevicePositionSequence = Sequence(positions)
    point.GantryRotationDirection = direction if index < count - 1 else "NONE"
    weight = f"{index / (count - 1):.12f}".rstrip("0").rstrip(".") or "0"
    point.CumulativeMetersetWeight = weight
    reference = Dataset()
    reference.CumulativeDoseReferenceCoefficient = weight
    reference.ReferencedDoseReferenceNumber = 1
    point.ReferencedDoseReferenceSequence = Sequence([reference])
    return point


def encode(plan: Dataset, encoding: Encoding) -> bytes:
    """The plan as a DICOM file."""
    _set_lengths(plan, encoding.undefined_length)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = plan.SOPClassUID
    meta.MediaStorageSOPInstanceUID = plan.SOPInstanceUID
    meta.TransferSyntaxUID = encoding.syntax
    meta.ImplementationClassUID = "1.2.826.0.1.3680043.8.498.1"
    # A data set of pydicom's own making has no encoding yet, so that any can be given to it.
    plain = Dataset(plan)
    file = FileDataset(
        "",
        plain,
        file_meta=meta,
        preamble=b"\0" * 128,
        is_implicit_VR=encoding.syntax == ImplicitVRLittleEndian,
        is_little_endian=encoding.syntax != ExplicitVRBigEndian,
    )
    buffer = BytesIO()
    dcmwrite(buffer, file, enforce_file_format=True)
    return buffer.getvalue()


def _set_lengths(data_set: Dataset, undefined: bool) -> None:
    for element in data_set:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
                _set_lengths(item, undefined)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for encoding in ENCODINGS:
        path = arguments.folder / (encoding.name.replace(", ", "_").replace(" ", "_") + ".dcm")
        path.write_bytes(encode(make_plan(seed=arguments.seed), encoding))
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
