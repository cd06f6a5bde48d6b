"""The 40 malformed and hostile inputs of docs/plans.md (section 4), each with what the reader has to make of it.

What follows from it for a level is not the reader's: here count the typed error, or warnings and what stays unknown.
"""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from rtcode.dicom import Limits, read_plan
from rtcode.errors import (
    EmptyFileError,
    InputError,
    MalformedError,
    NotAPlanError,
    NotDicomError,
    TooLargeError,
    TransferSyntaxError,
    TruncatedError,
    UnreadableError,
)
from rtcode.plan.model import Missing, PlanKind, RTPlan, State, WedgeState
from rtcode.plan.units import looks_like_centimeters
from tests.dicom.plans import (
    RT_ION_PLAN,
    Encoding,
    beam,
    control_point,
    data_set_bytes,
    device,
    encode,
    first_point,
    group,
    item,
    meta_bytes,
    patch,
    plan,
    positions,
)

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
RT_RECORD = "1.2.840.10008.5.1.4.1.1.481.4"
DICOMDIR = "1.2.840.10008.1.3.10"
SECRET = b"Mallory^Secret"


def codes(read: RTPlan) -> set[str]:
    return {warning.code for warning in read.warnings}


def where(read: RTPlan, code: str) -> list[str]:
    return [warning.where for warning in read.warnings if warning.code == code]


def first_beam(read: RTPlan):  # type: ignore[no-untyped-def]
    assert read.beams
    return read.beams[0]


def without(ds: Dataset, *keywords: str) -> Dataset:
    for keyword in keywords:
        del ds[keyword]
    return ds


def other(sop_class: str, modality: str) -> Dataset:
    return item(SOPClassUID=sop_class, SOPInstanceUID="1.2.3", Modality=modality, PatientName="Mallory^Secret")


# ------------------------------------------------------------------------------------------------ refused inputs


def pdf() -> bytes:
    return b"%PDF-1.7\n" + b"1 0 obj << /Type /Catalog >> endobj\n" * 40


def compressed() -> bytes:
    meta = meta_bytes("1.2", "1.2.840.10008.1.2.4.70")
    return bytes(128) + b"DICM" + meta + data_set_bytes(plan(), explicit=True)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("plan.dcm", encode(plan()))
    return out.getvalue()


REFUSED: list[tuple[str, Callable[[], bytes], type[InputError]]] = [
    ("1 empty file", lambda: b"", EmptyFileError),
    ("2 text", lambda: b"Treatment plan of somebody\n" * 50, NotDicomError),
    ("2 short text", lambda: b"hello", NotDicomError),
    ("2 PDF", pdf, NotDicomError),
    ("2 ZIP", archive, NotDicomError),
    ("2 zeros", lambda: bytes(4096), NotDicomError),
    (
        "2 plausible first element, then nothing of a plan",
        lambda: b"\x08\0\x05\0\x04\0\0\0ISO " + bytes(8),
        NotDicomError,
    ),
    ("5 cut inside a control point", lambda: encode(plan())[:-700], TruncatedError),
    ("5 cut inside its meta information", lambda: encode(plan())[:180], TruncatedError),
    (
        "5 fewer control points than declared",
        lambda: encode(plan([beam(1, NumberOfControlPoints=4)])),
        TruncatedError,
    ),
    ("6 meta says plan, the data set is a dose", lambda: encode(other(RT_DOSE, "RTDOSE")), NotAPlanError),
    ("7 structure set", lambda: encode(other(RT_STRUCTURE_SET, "RTSTRUCT")), NotAPlanError),
    ("7 treatment record", lambda: encode(other(RT_RECORD, "RTRECORD")), NotAPlanError),
    ("7 CT without meta", lambda: data_set_bytes(other("1.2.840.10008.5.1.4.1.1.2", "CT")), NotAPlanError),
    ("8 DICOMDIR", lambda: encode(other(DICOMDIR, "")), NotAPlanError),
    ("15 duplicate BeamNumber", lambda: encode(plan([beam(1), beam(1)])), MalformedError),
    ("compressed transfer syntax", compressed, TransferSyntaxError),
]


@pytest.mark.parametrize(("make", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(make: Callable[[], bytes], error: type[InputError]) -> None:
    data = make()
    for reader in ("auto", "reference"):
        with pytest.raises(error) as raised:
            read_plan(data, reader=reader)
        assert type(raised.value) is error
        assert "Mallory" not in str(raised.value)
        assert "\n" not in raised.value.line()


def test_1_says_how_many_bytes() -> None:
    with pytest.raises(EmptyFileError, match="0 bytes"):
        read_plan(b"")


def test_6_meta_against_data_set() -> None:
    with pytest.raises(NotAPlanError) as raised:
        read_plan(encode(other(RT_DOSE, "RTDOSE"), meta_class="1.2.840.10008.5.1.4.1.1.481.5"))
    assert raised.value.kind == "dose"
    # The other way round: a plan in a file that says dose.
    read = read_plan(encode(plan(), meta_class=RT_DOSE))
    assert "sop_class_mismatch" in codes(read)
    assert first_beam(read).control_points.count == 3


@pytest.mark.parametrize(
    ("sop_class", "modality", "kind", "words"),
    [
        (RT_STRUCTURE_SET, "RTSTRUCT", "structure_set", "RT Structure Set"),
        (RT_RECORD, "RTRECORD", "treatment_record", "RT Treatment Record"),
        (RT_DOSE, "RTDOSE", "dose", "RT Dose"),
        ("1.2.840.10008.5.1.4.1.1.2", "CT", "image", "an image"),
        ("1.2.840.10008.5.1.4.34.7", "", "delivery_instruction", "Delivery Instruction"),
        ("1.2.840.10008.5.1.4.1.1.481.12", "RTRAD", "second_generation", "second-generation"),
        (DICOMDIR, "", "dicomdir", "DICOMDIR"),
        ("1.2.840.10008.5.1.4.1.1.88.11", "SR", "other_dicom", "another DICOM object"),
    ],
)
def test_7_names_the_object(sop_class: str, modality: str, kind: str, words: str) -> None:
    with pytest.raises(NotAPlanError, match=words) as raised:
        read_plan(encode(other(sop_class, modality)))
    assert raised.value.kind == kind
    assert ("rtcode reconcile" in raised.value.line()) == (kind == "treatment_record")


@pytest.mark.parametrize(
    ("sop_class", "warned"),
    [(RT_DOSE, True), ("1.2.840.10008.5.1.4.1.1.99", True), ("1.2.246.352.70.1.70", False), ("1.3.6.1.4.1.5", False)],
)
def test_6_a_plan_under_the_class_of_another_object(sop_class: str, warned: bool) -> None:
    """Also where the meta information agrees with it. Private classes may be those of plans."""
    read = read_plan(encode(plan(SOPClassUID=sop_class), meta_class=sop_class))
    assert ("sop_class_mismatch" in codes(read)) is warned
    assert len(read.beams or ()) == 2


def test_7_an_unknown_object_that_cannot_be_walked_is_no_damaged_plan() -> None:
    made = other("1.2.840.10008.5.1.4.1.1.99999", "")
    fragments = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + b"\xfe\xff\0\xe0\x04\0\0\0abcd"
    fragments += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    with pytest.raises(NotAPlanError):
        read_plan(encode(made, Encoding("explicit")) + fragments)
    # The same behind a plan is damage.
    with pytest.raises(MalformedError):
        read_plan(encode(plan(), Encoding("explicit")) + fragments)


def test_7_ion_and_brachy_are_plans() -> None:
    ion = without(plan(SOPClassUID=RT_ION_PLAN), "BeamSequence")
    point = item(ControlPointIndex=0)
    ion.IonBeamSequence = [
        item(BeamNumber=1, RadiationType="PROTON", NumberOfControlPoints=2, IonControlPointSequence=[point, point])
    ]
    read = read_plan(encode(ion))
    assert read.kind is PlanKind.RT_ION_PLAN
    assert first_beam(read).radiation_type == "PROTON"
    assert first_beam(read).control_points.count == 2
    brachy = without(plan([]), "BeamSequence")
    brachy.ApplicationSetupSequence = [item(), item()]
    brachy.BrachyTreatmentType = "HDR"
    read = read_plan(encode(brachy))
    assert (read.kind, read.brachy_setups, read.brachy_treatment_type) == (PlanKind.BRACHY, 2, "HDR")
    assert read.beams is None


def test_8_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        read_plan(tmp_path)
    with pytest.raises(UnreadableError):
        read_plan(tmp_path / "missing.dcm")


def test_9_and_10_are_told_apart_by_uid_and_bytes() -> None:
    one, same, changed = (read_plan(encode(p)) for p in (plan(), plan(), plan(RTPlanLabel="Other")))
    assert one.source.sha256 == same.source.sha256 != changed.source.sha256
    assert one.sop_instance_uid == changed.sop_instance_uid


# ------------------------------------------------------------------------------------------------ read with warnings


def test_3_meta_without_preamble() -> None:
    read = read_plan(encode(plan(), Encoding(form="meta")))
    assert "preamble_missing" in codes(read)
    assert read.source.transfer_syntax == "1.2.840.10008.1.2"


@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_4_bare_data_set(syntax: str) -> None:
    read = read_plan(encode(plan(), Encoding(syntax, form="bare")))
    assert "transfer_syntax_assumed" in codes(read)
    assert read.source.transfer_syntax is None
    assert first_beam(read).control_points.count == 3


def test_11_no_beams() -> None:
    read = read_plan(encode(without(plan(), "BeamSequence")))
    assert read.beams is None
    assert {"beam_sequence_missing", "beam_reference_dangling"} <= codes(read)
    read = read_plan(encode(plan([])))
    assert read.beams == ()
    assert "beam_sequence_empty" in codes(read)


def test_12_no_fraction_groups() -> None:
    read = read_plan(encode(without(plan(), "FractionGroupSequence")))
    assert read.fraction_groups is None
    assert "fraction_scheme_missing" in codes(read)
    assert first_beam(read).control_points.count == 3
    assert read_plan(encode(plan(FractionGroupSequence=[]))).fraction_groups == ()


def test_13_counts_and_dangling_references() -> None:
    read = read_plan(encode(plan([beam(1)], FractionGroupSequence=[group([1, 7], NumberOfBeams=3)])))
    assert read.fraction_groups is not None
    assert [reference.number for reference in read.fraction_groups[0].beams] == [1, 7]
    assert read.fraction_groups[0].declared_beams == 3
    assert where(read, "beams_declared") == ["FractionGroupSequence[0].NumberOfBeams (300A,0080)"]
    assert where(read, "beam_reference_dangling") == [
        "FractionGroupSequence[0].ReferencedBeamSequence[1].ReferencedBeamNumber (300C,0006)"
    ]


@pytest.mark.parametrize(
    ("numbers", "declared", "expected"),
    [
        ([1], 1, []),
        ([1], 3, ["beams_declared"]),
        ([1, 2], 1, ["beams_declared", "beam_reference_dangling"]),
        ([1, 1], 2, ["beam_reference_repeated"]),
        ([1, None], 2, ["beam_reference_unreadable"]),
        ([1, 99], 2, ["beam_reference_dangling"]),
    ],
)
def test_13_each_defect_of_a_reference(numbers: list[int], declared: int, expected: list[str]) -> None:
    read = read_plan(encode(plan([beam(1)], FractionGroupSequence=[group(numbers, NumberOfBeams=declared)])))
    assert [warning.code for warning in read.warnings] == expected


def test_14_beam_in_no_group() -> None:
    read = read_plan(encode(plan(FractionGroupSequence=[group([2])])))
    assert where(read, "beam_not_referenced") == ["BeamSequence[0].BeamNumber (300A,00C0)"]


def test_15_names_both_beams() -> None:
    with pytest.raises(MalformedError, match=r"BeamSequence\[0\] and BeamSequence\[2\]"):
        read_plan(encode(plan([beam(5), beam(6), beam(5)])))


def test_16_duplicate_names_are_fine() -> None:
    read = read_plan(encode(plan([beam(1, BeamName="A"), beam(2, BeamName="A")])))
    assert [b.name for b in read.beams or ()] == ["A", "A"]
    assert not read.warnings


def test_17_radiation_type_as_written() -> None:
    values = [None, "photon", "PHOTON\\ELECTRON"]
    read = read_plan(encode(plan([beam(i, RadiationType=value) for i, value in enumerate(values)])))
    assert [b.radiation_type for b in read.beams or ()] == ["", "photon", "PHOTON\\ELECTRON"]
    missing = read_plan(encode(plan([without(beam(1), "RadiationType")])))
    assert first_beam(missing).radiation_type is None


def test_18_delivery_type_absent_is_none() -> None:
    read = read_plan(encode(plan([without(beam(1), "TreatmentDeliveryType"), beam(2, TreatmentDeliveryType="")])))
    assert [b.delivery_type for b in read.beams or ()] == [None, ""]


def test_19_setup_field_without_meterset() -> None:
    made = plan()
    references = made.FractionGroupSequence[0].ReferencedBeamSequence
    del references[0].BeamMeterset
    references[1].BeamMeterset = "0.000"
    read = read_plan(encode(made))
    assert read.fraction_groups is not None
    assert [reference.meterset for reference in read.fraction_groups[0].beams] == [Missing.ABSENT, 0.0]


def test_20_metersets() -> None:
    made = plan([beam(i) for i in range(4)])
    for reference, value in zip(
        made.FractionGroupSequence[0].ReferencedBeamSequence, ["0", "-5", "5000", "99.99"], strict=True
    ):
        reference.BeamMeterset = value
    read = read_plan(patch(encode(made), b"99.99", b"much "))
    assert read.fraction_groups is not None
    assert [reference.meterset for reference in read.fraction_groups[0].beams] == [0.0, -5.0, 5000.0, Missing.INVALID]
    base = "FractionGroupSequence[0].ReferencedBeamSequence"
    assert where(read, "meterset_negative") == [f"{base}[1].BeamMeterset (300A,0086)"]
    assert where(read, "meterset_large") == [f"{base}[2].BeamMeterset (300A,0086)"]
    assert where(read, "number_unreadable") == [f"{base}[3].BeamMeterset (300A,0086)"]


def test_21_all_zero_is_read() -> None:
    made = plan()
    for reference in made.FractionGroupSequence[0].ReferencedBeamSequence:
        reference.BeamMeterset = "0"
    read = read_plan(encode(made))
    assert read.fraction_groups is not None
    assert [reference.meterset for reference in read.fraction_groups[0].beams] == [0.0, 0.0]


def test_22_isocenter_missing_or_empty() -> None:
    missing = beam(1, [without(first_point(), "IsocenterPosition"), control_point(1, "1")])
    read = read_plan(encode(plan([missing])))
    assert first_beam(read).control_points.isocenter_mm is None
    empty = beam(1, [first_point(IsocenterPosition=None), control_point(1, "1")])
    column = first_beam(read_plan(encode(plan([empty])))).control_points.isocenter_mm
    assert column.state.tolist() == [State.EMPTY, State.EMPTY]
    assert np.isnan(column.values).all()
    assert column.values.shape == (2, 3)


@pytest.mark.parametrize("values", [["1"], ["1", "2"], ["1", "2", "3", "4"]])
def test_23_isocenter_with_another_number_of_values(values: list[str]) -> None:
    read = read_plan(encode(plan([beam(1, [first_point(IsocenterPosition=values), control_point(1, "1")])])))
    column = first_beam(read).control_points.isocenter_mm
    assert column.state.tolist() == [State.INVALID, State.INVALID]
    assert np.isnan(column.values).all()
    assert where(read, "vector_length") == ["BeamSequence[0].ControlPointSequence[0].IsocenterPosition (300A,012C)"]


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"NaN    ", "number_unreadable"), (b"inf    ", "number_unreadable"), (b"1e400  ", "number_unreadable"),
     (b"1e308  ", "out_of_range"), (b"5000.01", "out_of_range"), (b"-5001  ", "out_of_range")],
)  # fmt: skip
def test_24_isocenter_not_finite_or_far_away(text: bytes, code: str) -> None:
    data = patch(encode(plan([beam(1)])), b"-101.37", text)
    read = read_plan(data)
    column = first_beam(read).control_points.isocenter_mm
    assert column.state.tolist() == [State.INVALID] * 3
    assert np.isnan(column.values).all()
    assert code in codes(read)
    # 5000 mm itself is still a coordinate.
    fine = read_plan(patch(data, text, b"-5000.0"))
    assert first_beam(fine).control_points.isocenter_mm.state.tolist() == [
        State.GIVEN,
        State.INHERITED,
        State.INHERITED,
    ]


def test_25_centimeters() -> None:
    assert where(read_plan(encode(plan([beam(1, SourceAxisDistance="100")]))), "units_cm") == [
        "BeamSequence[0].SourceAxisDistance (300A,00B4)"
    ]
    small = device("MLCX", 3, LeafPositionBoundaries=["-20", "-5", "5", "20"])
    assert "units_cm" in codes(read_plan(encode(plan([beam(1, BeamLimitingDeviceSequence=[small])]))))
    # What is warned of is what is not compared.
    for sad in ("100", "1000"):
        assert looks_like_centimeters(
            first_beam(read_plan(encode(plan([beam(1, SourceAxisDistance=sad, BeamLimitingDeviceSequence=[small])]))))
        )
    for sad in ("850", "1000", "1435"):
        wide = device("MLCX", 3, LeafPositionBoundaries=["-200", "-50", "50", "200"])
        read = read_plan(encode(plan([beam(1, SourceAxisDistance=sad, BeamLimitingDeviceSequence=[wide])])))
        assert "units_cm" not in codes(read)


@pytest.mark.parametrize("text", [b"27,0", b"2 70", b"2_70", b"270f", b"2-70"])
def test_26_numbers_that_are_none(text: bytes) -> None:
    made = plan([beam(1)])
    made.BeamSequence[0].ControlPointSequence[1].GantryAngle = "2700"
    read = read_plan(patch(encode(made), b"2700", text))
    column = first_beam(read).control_points.gantry_deg
    assert column.state.tolist() == [State.GIVEN, State.INVALID, State.GIVEN]
    assert np.isnan(column.values[1])
    assert where(read, "number_unreadable") == ["BeamSequence[0].ControlPointSequence[1].GantryAngle (300A,011E)"]
    assert all(text.decode() not in warning.message for warning in read.warnings)


def test_26_a_blank_inside_a_leaf_position() -> None:
    """Seen in a real file: the other leaves of the entry stay, this one is unknown."""
    made = plan([beam(1)])
    entry = made.BeamSequence[0].ControlPointSequence[1].BeamLimitingDevicePositionSequence[0]
    entry.LeafJawPositions = ["-9", "-8", "-7", "66.0", "8", "7"]
    read = read_plan(patch(encode(made), b"66.0", b"66 0"))
    mlc = first_beam(read).control_points.devices[2]
    values = mlc.at(1)
    assert np.isnan(values[1, 0])
    assert np.isfinite(values).sum() == 5
    assert where(read, "number_unreadable") == [
        "BeamSequence[0].ControlPointSequence[1].BeamLimitingDevicePositionSequence[0].LeafJawPositions (300A,011C)"
    ]


def test_27_weights_null_or_absent() -> None:
    points = [first_point(CumulativeMetersetWeight=None), without(control_point(1, "1"), "CumulativeMetersetWeight")]
    column = first_beam(read_plan(encode(plan([beam(1, points)])))).control_points.meterset_weight
    # Weights are never inherited: the empty one does not reach the next control point.
    assert column.state.tolist() == [State.EMPTY, State.ABSENT]
    assert np.isnan(column.values).all()
    points = [without(first_point(), "CumulativeMetersetWeight")] * 2
    points[1] = without(control_point(1, "1"), "CumulativeMetersetWeight")
    assert first_beam(read_plan(encode(plan([beam(1, points)])))).control_points.meterset_weight is None


@pytest.mark.parametrize("weights", [["0", "0.7", "0.5", "1"], ["0.1", "0.5", "1"], ["0", "0.5", "0.9"]])
def test_28_odd_weights(weights: list[str]) -> None:
    points = [first_point(CumulativeMetersetWeight=weights[0])]
    points += [control_point(i, weight) for i, weight in enumerate(weights) if i]
    read = read_plan(encode(plan([beam(1, points)])))
    assert "weights_irregular" in codes(read)
    assert first_beam(read).control_points.meterset_weight.values.tolist() == [float(w) for w in weights]


def test_29_control_point_index() -> None:
    a, b, c = first_point(), control_point(1, "0.5", GantryAngle="200"), control_point(2, "1", GantryAngle="210")
    read = read_plan(encode(plan([beam(1, [a, c, b])])))
    assert "control_point_sorted" in codes(read)
    assert first_beam(read).control_points.gantry_deg.values.tolist() == [180.1, 200, 210]
    b.ControlPointIndex = 2
    read = read_plan(encode(plan([beam(1, [a, c, b])])))
    assert "control_point_order" in codes(read)
    assert first_beam(read).control_points.gantry_deg.values.tolist() == [180.1, 210, 200]
    assert first_beam(read).control_points.number.values.tolist() == [0, 2, 2]


@pytest.mark.parametrize("points", [[], [first_point()]])
def test_30_too_few_control_points(points: list[Dataset]) -> None:
    read = read_plan(encode(plan([beam(1, points), beam(2)])))
    assert where(read, "control_points_too_few") == ["BeamSequence[0].NumberOfControlPoints (300A,0110)"]
    assert [b.control_points.count for b in read.beams or ()] == [len(points), 3]


def test_more_control_points_than_declared() -> None:
    read = read_plan(encode(plan([beam(1, NumberOfControlPoints=2)])))
    assert "control_points_excess" in codes(read)
    assert first_beam(read).control_points.count == 3


def test_31_leaf_positions_do_not_fit() -> None:
    wrong = control_point(1, "0.5", BeamLimitingDevicePositionSequence=[positions("MLCX", [-9, -8, 9, 8])])
    read = read_plan(encode(plan([beam(1, [first_point(), wrong, control_point(2, "1")])])))
    mlc = first_beam(read).control_points.devices[2]
    assert (mlc.type, mlc.pairs, mlc.declared) == ("MLCX", 3, 2)
    # Unknown from there on, not what was before.
    assert mlc.index.tolist() == [0, -1, -1]
    assert mlc.given.tolist() == [True, True, False]
    assert "device_positions_count" in codes(read)
    empty = control_point(1, "0.5", BeamLimitingDevicePositionSequence=[positions("MLCX", None)])
    read = read_plan(encode(plan([beam(1, [first_point(), empty, control_point(2, "1")])])))
    assert first_beam(read).control_points.devices[2].index.tolist() == [0, -1, -1]


@pytest.mark.parametrize("count", ["-60", "0", "99999999"])
def test_31_a_number_of_pairs_that_describes_no_device(count: str) -> None:
    data = plan([beam(1, [first_point(), control_point(1, "1")])])
    for declared in data.BeamSequence[0].BeamLimitingDeviceSequence:
        declared.NumberOfLeafJawPairs = count
    read = read_plan(encode(data))
    assert all((d.index == -1).all() for d in first_beam(read).control_points.devices)
    assert "device_positions_count" in codes(read)


def test_32_undeclared_and_unknown_devices() -> None:
    first = first_point(
        BeamLimitingDevicePositionSequence=[
            positions("Y", [-50, 50]),
            positions("MLCX1", [-1, -2, 1, 2]),
            positions("SPECIAL", [3, 4]),
        ]
    )
    declared = [device("ASYMY", 1), device("MLCX", 2)]
    points = [first, control_point(1, "1", BeamLimitingDevicePositionSequence=[positions("ASYMY", [-40, 40])])]
    read = read_plan(encode(plan([beam(1, points, BeamLimitingDeviceSequence=declared)])))
    found = {d.type: d for d in first_beam(read).control_points.devices}
    assert {(d.type, d.pairs, d.declared) for d in found.values()} == {
        ("Y", 1, 0),
        ("MLCX1", 2, 1),
        ("SPECIAL", 1, None),
    }
    # One device under two names is one device.
    assert found["Y"].at(1).tolist() == [[-40], [40]]
    assert {"device_mapped", "device_undeclared"} <= codes(read)


def test_32_a_device_declared_twice() -> None:
    def warned(*devices: Dataset) -> list[str]:
        return where(read_plan(encode(plan([beam(1, BeamLimitingDeviceSequence=list(devices))]))), "device_repeated")

    assert warned(device("ASYMX", 1), device("MLCX", 3), device("MLCX", 3)) == [
        "BeamSequence[0].BeamLimitingDeviceSequence[2].RTBeamLimitingDeviceType (300A,00B8)"
    ]
    # Two layers of one type with different numbers of leaf pairs are real.
    assert warned(device("MLCX", 34), device("MLCX", 35)) == []


@pytest.mark.parametrize("count", [3, 40])
def test_31_empty_positions_are_said(count: int) -> None:
    """Also where the control points are read side by side."""
    points = [first_point()]
    points += [control_point(i, str(i / count), GantryAngle=str(i)) for i in range(1, count)]
    points[1].BeamLimitingDevicePositionSequence = [positions("ASYMX", [-1, 1]), positions("MLCX", None)]
    read = read_plan(encode(plan([beam(1, points)])))
    assert where(read, "device_positions_empty") == [
        "BeamSequence[0].ControlPointSequence[1].BeamLimitingDevicePositionSequence[1].LeafJawPositions (300A,011C)"
    ]
    assert "device_positions_empty" not in codes(read_plan(encode(plan())))


def test_33_enhanced_encoding_is_said() -> None:
    points = [without(first_point(), "BeamLimitingDevicePositionSequence"), control_point(1, "1")]
    made = without(beam(1, points), "BeamLimitingDeviceSequence")
    made.EnhancedRTBeamLimitingDeviceSequence = [item(DeviceIndex=1)]
    read = read_plan(encode(plan([made])))
    assert first_beam(read).enhanced_encoding
    assert [d.type for d in first_beam(read).devices] == ["ENHANCED"]
    assert first_beam(read).control_points.devices == ()
    assert {"enhanced_devices", "enhanced_device_unread"} <= codes(read)


def test_34_directions_and_angles() -> None:
    points = [
        first_point(GantryAngle="540", GantryRotationDirection="CCW"),
        control_point(1, "0.5", GantryAngle="-10", GantryRotationDirection=""),
        control_point(2, "0.8", GantryRotationDirection="UP"),
        control_point(3, "1", GantryRotationDirection="cw"),
    ]
    read = read_plan(encode(plan([beam(1, points)])))
    columns = first_beam(read).control_points
    # Angles as the file has them, the direction by its meaning, empty and unknown apart.
    assert columns.gantry_deg.values[:2].tolist() == [540, -10]
    assert columns.gantry_direction.state.tolist() == [State.GIVEN, State.EMPTY, State.INVALID, State.GIVEN]
    assert columns.gantry_direction.values[[0, 3]].tolist() == [-1, 1]
    assert where(read, "direction_unknown") == [
        "BeamSequence[0].ControlPointSequence[2].GantryRotationDirection (300A,011F)"
    ]


def test_35_wedges() -> None:
    wedge = item(WedgeNumber=1, WedgeType="MOTORIZED", WedgeID="W60", WedgeAngle=60, WedgeOrientation="0")
    points = [
        first_point(WedgePositionSequence=[item(ReferencedWedgeNumber=1, WedgePosition="IN")]),
        control_point(1, "0.5", WedgePositionSequence=[item(ReferencedWedgeNumber=9, WedgePosition="OUT")]),
        control_point(2, "1", WedgePositionSequence=[item(ReferencedWedgeNumber=1)]),
    ]
    read = read_plan(encode(plan([beam(1, points, NumberOfWedges=2, WedgeSequence=[wedge])])))
    assert {"wedges_declared", "wedge_reference_dangling"} <= codes(read)
    found = {w.number: w.states.tolist() for w in first_beam(read).control_points.wedges}
    assert found == {
        1: [WedgeState.IN, WedgeState.IN, WedgeState.UNKNOWN],
        9: [WedgeState.UNKNOWN, WedgeState.OUT, WedgeState.OUT],
    }
    assert first_beam(read).wedges[0].angle_deg == 60.0


def test_36_setup_references() -> None:
    read = read_plan(encode(plan([beam(1, ReferencedPatientSetupNumber=7)])))
    assert where(read, "setup_reference_dangling") == ["BeamSequence[0].ReferencedPatientSetupNumber (300C,006A)"]
    assert read.setup_by_number(first_beam(read).setup_number) is None
    assert "setup_reference_dangling" in codes(read_plan(encode(without(plan(), "PatientSetupSequence"))))


def test_37_motion_terms_as_written() -> None:
    terms = [("GATING", "EXTERNAL_MARKER"), ("NONE", ""), ("", None), ("Vendor Gating", "X")]
    setup = item(
        PatientSetupNumber=1,
        MotionSynchronizationSequence=[
            item(RespiratoryMotionCompensationTechnique=technique, RespiratorySignalSource=signal)
            for technique, signal in terms
        ],
    )
    read = read_plan(encode(plan(PatientSetupSequence=[setup])))
    found = [(motion.technique, motion.signal) for motion in read.setups[0].motion]
    assert found == [("GATING", "EXTERNAL_MARKER"), ("NONE", ""), ("", ""), ("Vendor Gating", "X")]


def test_38_anonymized() -> None:
    blank = plan(
        [beam(1, BeamName="")],
        PatientName="",
        PatientID=None,
        PatientBirthDate="19000101",
        RTPlanLabel="",
        Manufacturer="",
    )
    read = read_plan(encode(blank))
    assert (read.patient.name, read.patient.id, read.label, first_beam(read).name) == ("", "", "", "")
    assert not read.warnings


# ------------------------------------------------------------------------------------------------ hostile size


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    """One implicit VR element."""
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value)) + value


HEADER = (
    element(0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.481.5\0")
    + element(0x00080018, b"UI", b"1.2.3\0")
    + element(0x00080060, b"CS", b"RTPLAN")
)


def nested(tag: int, depth: int) -> bytes:
    """Sequences of undefined length in one another."""
    opening = struct.pack("<HHL", tag >> 16, tag & 0xFFFF, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    closing = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return HEADER + opening * depth + closing * depth


def bomb() -> bytes:
    explicit = data_set_bytes(plan(RTPlanDescription="x"), explicit=True)
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    body = deflater.compress(explicit)
    filler = struct.pack("<HH2sHL", 0x300B, 0x1001, b"OB", 0, 200 * 1024 * 1024)
    body += deflater.compress(filler)
    for _ in range(200):
        body += deflater.compress(bytes(1024 * 1024))
    body += deflater.flush()
    return bytes(128) + b"DICM" + meta_bytes("1.2", "1.2.840.10008.1.2.1.99") + body


def many_beams() -> bytes:
    one = element(0xFFFEE000, b"", element(0x300A00C0, b"IS", b"1 "))
    return HEADER + element(0x300A00B0, b"SQ", one * 50_000)


def many_items() -> bytes:
    return HEADER + element(0x300A0180, b"SQ", struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 2_000_000)


def many_elements() -> bytes:
    return HEADER + struct.pack("<HHL", 0x300B, 0x1001, 0) * 5_000_000


def large_item() -> bytes:
    return HEADER + element(0x300A00B0, b"", struct.pack("<HHL", 0xFFFE, 0xE000, 99)) + bytes(200)


HOSTILE: list[tuple[str, Callable[[], bytes], type[InputError]]] = [
    ("deflate bomb", bomb, TooLargeError),
    ("50 000 beams", many_beams, TooLargeError),
    ("nested sequences, known", lambda: nested(0x300A00B0, 3000), TooLargeError),
    ("nested sequences, unknown", lambda: nested(0x300A9999, 3000), TooLargeError),
    ("nested 100 000 deep", lambda: nested(0x300A9999, 100_000), TooLargeError),
    ("two million items", many_items, TooLargeError),
    ("five million elements", many_elements, TooLargeError),
    ("a value of 4 GB", lambda: HEADER + struct.pack("<HHL", 0x300A, 0x0004, 0xFFFFFFF0) + b"x" * 100, TruncatedError),
    ("an item larger than its sequence", large_item, MalformedError),
    ("junk in the beam sequence", lambda: HEADER + element(0x300A00B0, b"", b"junk" * 30), MalformedError),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
@pytest.mark.parametrize("reader", ["auto", "reference"])
def test_39_hostile(make: Callable[[], bytes], error: type[InputError], reader: str) -> None:
    data = make()
    begin = time.perf_counter()
    with pytest.raises(error):
        read_plan(data, reader=reader)  # type: ignore[arg-type]
    assert time.perf_counter() - begin < 10.0


def test_39_limits_are_settings() -> None:
    data = encode(plan())
    with pytest.raises(TooLargeError):
        read_plan(data, limits=Limits(file_bytes=len(data) - 1))
    with pytest.raises(TooLargeError):
        read_plan(data, limits=Limits(beams=1))
    with pytest.raises(TooLargeError):
        read_plan(data, limits=Limits(control_points=5))
    with pytest.raises(TooLargeError):
        read_plan(data, limits=Limits(elements=50))
    with pytest.raises(TooLargeError):
        read_plan(data, limits=Limits(depth=2))
    with pytest.raises(TooLargeError):
        read_plan(data, limits=Limits(items=2))
    deflated = encode(plan(), Encoding("deflated"))
    with pytest.raises(TooLargeError):
        read_plan(deflated, limits=Limits(inflated_bytes=1000))
    assert read_plan(data, limits=Limits(file_bytes=len(data), beams=2, control_points=6, depth=4, items=3))


def test_39_size_of_a_file_is_checked_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "plan.dcm"
    path.write_bytes(encode(plan()))
    with pytest.raises(TooLargeError):
        read_plan(path, limits=Limits(file_bytes=100))
    assert read_plan(path).source.path == str(path)


# ------------------------------------------------------------------------------------------------ odd text


def test_40_hostile_text_is_kept_and_never_quoted() -> None:
    evil = "=cmd|'/c calc'!A1\x1b[31m<script>\x07"
    made = plan([beam(1, BeamName=evil)], RTPlanLabel="../../etc", PatientName="Mallory^Secret")
    made.BeamSequence[0].ControlPointSequence[1].GantryAngle = "1234"
    read = read_plan(patch(encode(made), b"1234", b"Mal "))
    assert first_beam(read).name == evil
    assert read.label == "../../etc"
    assert "Mallory" not in repr(read.patient)
    assert not any("Mal" in warning.message + warning.where for warning in read.warnings)


def test_40_unknown_character_set() -> None:
    data = encode(plan(RTPlanLabel="Bl\xe4tt"))
    read = read_plan(patch(data, b"ISO_IR 100", b"ISO_IR 999"))
    assert "character_set_unknown" in codes(read)
    assert read.label == "Bl\xe4tt"


# ------------------------------------------------------------------------------------------------ other defects


@pytest.mark.parametrize("missing", ["BeamNumber", "NumberOfControlPoints"])
def test_missing_counts_and_numbers(missing: str) -> None:
    read = read_plan(encode(plan([without(beam(1), missing), beam(2)], FractionGroupSequence=[group([2])])))
    assert len(read.beams or ()) == 2
    expected = {"BeamNumber": "beam_number_missing", "NumberOfControlPoints": "control_points_undeclared"}
    assert expected[missing] in codes(read)


def test_integers() -> None:
    made = plan([beam(31)], FractionGroupSequence=[group([31], NumberOfFractionsPlanned=57)])
    data = patch(encode(made), b"57", b"2.")
    read = read_plan(data)
    assert read.fraction_groups is not None
    assert read.fraction_groups[0].fractions_planned == 2
    assert "integer_with_point" in codes(read)
    read = read_plan(patch(encode(made), b"57", b"x1"))
    assert read.fraction_groups is not None
    assert read.fraction_groups[0].fractions_planned is Missing.INVALID
    assert where(read, "integer_unreadable") == ["FractionGroupSequence[0].NumberOfFractionsPlanned (300A,0078)"]


def test_long_decimals_are_read_and_noted_once() -> None:
    long = "0.12345678901234567890123456789012"
    made = plan([beam(1, [first_point(), control_point(1, long), control_point(2, "1")]), beam(2)])
    read = read_plan(encode(made))
    assert first_beam(read).control_points.meterset_weight.values[1] == float(long)
    assert len(where(read, "number_long")) == 1


def test_many_warnings_of_one_kind_are_cut_short() -> None:
    points = [first_point()] + [control_point(i, "1", GantryRotationDirection="UP") for i in range(1, 400)]
    read = read_plan(encode(plan([beam(1, points)])))
    assert len(where(read, "direction_unknown")) == 100
    assert where(read, "more_of_the_same") == ["direction_unknown"]


@pytest.mark.parametrize("padding", [1, 2, 7, 8, 500])
@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_zeros_behind_the_data_set_are_padding(padding: int, syntax: str) -> None:
    read = read_plan(encode(plan(), Encoding(syntax)) + bytes(padding))
    assert len(read.beams or ()) == 2


def test_data_set_trailing_padding_is_skipped() -> None:
    data = encode(plan()) + struct.pack("<HHL", 0xFFFC, 0xFFFC, 100) + bytes(100)
    assert len(read_plan(data).beams or ()) == 2
