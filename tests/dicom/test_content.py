"""Text and character sets, private attributes, the enhanced encoding, and the other parts of a plan."""

from __future__ import annotations

import numpy as np
import pydicom.datadict
import pytest
from pydicom.dataset import Dataset

from rtcode.dicom import read_plan
from rtcode.dicom import scan as scan_module
from rtcode.dicom.elements import _PLAIN
from rtcode.dicom.vocabulary import BINARY, SEQUENCES, TAGS, VALUES
from rtcode.dicom.warnings import MESSAGES
from rtcode.plan.model import Beam, Code, Missing, RTPlan, State
from tests.dicom.plans import (
    ENCODINGS,
    Encoding,
    beam,
    control_point,
    device,
    encode,
    first_point,
    item,
    name_of,
    plan,
    positions,
)

TWO = [Encoding(), Encoding("explicit", True)]


def first_beam(read: RTPlan) -> Beam:
    assert read.beams
    return read.beams[0]


# ------------------------------------------------------------------------------------------------ the vocabulary


def test_the_vocabulary_is_the_standards() -> None:
    """Tags, which of them are sequences, and which are binary, against pydicom's dictionary."""
    for keyword, tag in TAGS.items():
        assert pydicom.datadict.tag_for_keyword(keyword) == tag, keyword
        vr = pydicom.datadict.dictionary_VR(tag)
        assert (vr == "SQ") == (tag in SEQUENCES), keyword
        sizes = {"FL": 4, "FD": 8, "US": 2}
        assert BINARY.get(tag) == sizes.get(vr), keyword
        if tag in VALUES and vr in ("CS", "UI", "DA"):
            assert tag in _PLAIN or keyword in ("SpecificCharacterSet",), keyword
        if tag in _PLAIN:
            assert vr in ("CS", "UI", "DA", "UR"), keyword


def test_messages_are_one_line() -> None:
    assert all("\n" not in message and message for message in MESSAGES.values())


# ------------------------------------------------------------------------------------------------ text


@pytest.mark.parametrize(
    ("character_set", "label"),
    [
        ("ISO_IR 100", "Thérapie"),
        ("ISO_IR 192", "前立腺 тест"),
        ("GB18030", "放射治疗计划"),
        ("ISO_IR 144", "План"),
        ("ISO_IR 126", "Πλάνο"),
        ("ISO_IR 166", "แผน"),
        ("ISO_IR 13", "ｱｲｳ"),
        (["ISO 2022 IR 6", "ISO 2022 IR 87"], "山田 A"),
        (["", "ISO 2022 IR 149"], "계획"),
        (["ISO 2022 IR 100", "ISO 2022 IR 144"], "Änderung План"),
    ],
)
def test_character_sets(character_set: str | list[str], label: str) -> None:
    made = plan([beam(1, BeamName=label)], SpecificCharacterSet=character_set, RTPlanLabel=label)
    for encoding in TWO:
        read = read_plan(encode(made, encoding))
        assert read.label == label
        assert first_beam(read).name == label
        assert not read.warnings


def test_character_set_of_an_item() -> None:
    inner = beam(1, BeamName="План")
    inner.SpecificCharacterSet = "ISO_IR 144"
    read = read_plan(encode(plan([inner, beam(2, BeamName="Änderung")])))
    assert [b.name for b in read.beams or ()] == ["План", "Änderung"]


def test_text_that_does_not_follow_its_character_set() -> None:
    data = encode(plan(SpecificCharacterSet="ISO_IR 192", RTPlanLabel="abcdef"))
    read = read_plan(data.replace(b"abcdef", b"ab\xff\xfeef"))
    assert read.label is not None
    assert read.label.startswith("ab")
    assert read.label.endswith("ef")
    assert [w.code for w in read.warnings] == ["text_undecodable"]


def test_absent_character_set_and_padding() -> None:
    made = plan(RTPlanLabel="A ", SeriesDescription=None)
    del made.SpecificCharacterSet
    read = read_plan(encode(made))
    assert read.label == "A"
    assert read.series_description == ""
    assert read.name is None


def test_several_values_stay_as_in_the_file() -> None:
    read = read_plan(
        encode(plan(SoftwareVersions=["1.0", "", "b"], TreatmentSites=["LUNG", "SPINE"], TreatmentSite="X"))
    )
    assert read.software_versions == ("1.0", "b")
    assert read.sites == (("TreatmentSites", "LUNG"), ("TreatmentSites", "SPINE"), ("TreatmentSite", "X"))


# ------------------------------------------------------------------------------------------------ parts of a plan


def test_declared_devices_wedges_blocks_applicators() -> None:
    made = beam(
        1,
        WedgeSequence=[
            item(WedgeNumber=1, WedgeType="DYNAMIC", WedgeID="EDW60IN", WedgeAngle="60", WedgeOrientation=None)
        ],
        NumberOfWedges=1,
        BlockSequence=[item(BlockType="APERTURE", BlockTrayID="T", BlockData=["-1", "-2", "3", "4.5"])],
        CompensatorSequence=[item(CompensatorType="OPTIMAL")],
        ApplicatorSequence=[
            item(
                ApplicatorID="10x10",
                ApplicatorType="ELECTRON_SQUARE",
                ApplicatorGeometrySequence=[item(ApplicatorApertureShape="SYM_SQUARE", ApplicatorOpening=100.0)],
            ),
            item(ApplicatorID="C"),
        ],
        GeneralAccessorySequence=[item(GeneralAccessoryID="G", GeneralAccessoryType="RETICLE")],
        PrimaryFluenceModeSequence=[item(FluenceMode="NON_STANDARD", FluenceModeID="FFF")],
        RTTreatmentTechniqueCodeSequence=[item(CodeValue="130107", CodingSchemeDesignator="DCM", CodeMeaning="VMAT")],
        ReferencedBolusSequence=[item(), item()],
        PlannedVerificationImageSequence=[item()],
    )
    for encoding in TWO:
        read = first_beam(read_plan(encode(plan([made]), encoding)))
        assert [(d.type, d.pairs) for d in read.devices] == [("ASYMX", 1), ("ASYMY", 1), ("MLCX", 3)]
        assert read.devices[2].boundaries_mm.tolist() == [-60, -20, 20, 60]
        assert read.devices[0].source_distance_mm is Missing.ABSENT
        wedge = read.wedges[0]
        assert (wedge.type, wedge.id, wedge.angle_deg, wedge.orientation_deg) == (
            "DYNAMIC",
            "EDW60IN",
            60,
            Missing.EMPTY,
        )
        assert wedge.effective_angle_deg is Missing.ABSENT
        assert wedge.path == "BeamSequence[0].WedgeSequence[0]"
        assert read.blocks[0].outline_mm.tolist() == [[-1, -2], [3, 4.5]]
        assert read.compensators[0].type == "OPTIMAL"
        assert (read.applicators[0].aperture_shape, read.applicators[0].opening_mm) == ("SYM_SQUARE", 100.0)
        assert (read.applicators[1].aperture_shape, read.applicators[1].opening_mm) == (None, Missing.ABSENT)
        assert (read.accessories[0].id, read.accessories[0].type) == ("G", "RETICLE")
        assert read.fluence_modes == (("NON_STANDARD", "FFF"),)
        assert read.technique_codes == (Code("130107", "DCM", "VMAT"),)
        assert (read.boluses, read.verification_images, read.reference_images) == (2, 1, 0)


def test_block_data_with_an_odd_number_of_values() -> None:
    made = beam(1, BlockSequence=[item(BlockType="APERTURE", BlockData=["1", "2", "3"])])
    read = read_plan(encode(plan([made])))
    assert first_beam(read).blocks[0].outline_mm.shape == (0, 2)
    assert [w.code for w in read.warnings] == ["block_data_unreadable"]


def test_patient_setup_with_preparation_codes() -> None:
    code = item(CodeValue="130639", CodingSchemeDesignator="DCM", CodeMeaning="Motion")
    procedure = item(PatientTreatmentPreparationProcedureCodeSequence=[code])
    setup = item(
        PatientSetupNumber=1,
        PatientTreatmentPreparationSequence=[item(PatientTreatmentPreparationProcedureSequence=[procedure])],
        FixationDeviceSequence=[item(FixationDeviceType="MASK", FixationDeviceLabel="M")],
        SetupDeviceSequence=[item(SetupReferenceDescription="tattoo"), item()],
        ShieldingDeviceSequence=[item(ShieldingDeviceType="EYE")],
        TableTopVerticalSetupDisplacement="-3",
    )
    read = read_plan(encode(plan(PatientSetupSequence=[setup])))
    found = read.setups[0]
    assert found.preparation_codes == (Code("130639", "DCM", "Motion"),)
    assert found.fixation_devices[0].type == "MASK"
    assert found.reference_descriptions == ("tattoo",)
    assert found.shielding_devices == ("EYE",)
    assert (found.vertical_displacement_mm, found.lateral_displacement_mm) == (-3, Missing.ABSENT)


def test_inheritance_of_an_empty_value() -> None:
    points = [
        first_point(GantryAngle="10"),
        control_point(1, "0.2"),
        control_point(2, "0.4", GantryAngle=None),
        control_point(3, "0.6"),
        control_point(4, "1", GantryAngle="30"),
    ]
    column = first_beam(read_plan(encode(plan([beam(1, points)])))).control_points.gantry_deg
    assert column is not None
    assert column.state.tolist() == [State.GIVEN, State.INHERITED, State.EMPTY, State.EMPTY, State.GIVEN]
    assert np.array_equal(column.values, [10, 10, np.nan, np.nan, 30], equal_nan=True)
    assert column.source(1) == 0


def test_a_value_that_is_first_written_later() -> None:
    points = [first_point(), control_point(1, "0.5", TableTopRollAngle=1.5), control_point(2, "1")]
    column = first_beam(read_plan(encode(plan([beam(1, points)])))).control_points.table_roll_deg
    assert column is not None
    assert column.state.tolist() == [State.ABSENT, State.GIVEN, State.INHERITED]
    assert np.array_equal(column.values, [np.nan, 1.5, 1.5], equal_nan=True)


def test_rows_are_distinct_entries() -> None:
    first = first_point()
    same = positions("MLCX", [-20, -21, -22, 20, 21, 22])
    other = positions("MLCX", [-1, -1, -1, 1, 1, 1])
    points = [first] + [
        control_point(i, "1", BeamLimitingDevicePositionSequence=[entry])
        for i, entry in enumerate((other, same, other), start=1)
    ]
    mlc = first_beam(read_plan(encode(plan([beam(1, points)])))).control_points.devices[2]
    assert mlc.rows.shape == (2, 6)
    assert mlc.index.tolist() == [0, 1, 0, 1]
    assert mlc.given.all()


# ------------------------------------------------------------------------------------------------ private attributes


def tomo_points(block: int) -> list[Dataset]:
    points = []
    for index in range(4):
        point = first_point() if index == 0 else control_point(index, str(index / 3))
        if index:
            private = Dataset()
            private.add_new(0x300D0000 + block, "LO", "TOMO_HA_01")
            if index != 2:
                opened = b"\\".join(b"%.1f" % (0.1 * (i % 4 + index)) for i in range(64))
                private.add_new(0x300D00A7 | block << 8, "UN", opened)
            point.update(private)
        points.append(point)
    return points


@pytest.mark.parametrize("block", [0x10, 0x2B])
@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_tomo(block: int, encoding: Encoding) -> None:
    made = beam(1, tomo_points(block))
    made.add_new(0x300D0000 + block, "LO", "TOMO_HA_01")
    made.add_new(0x300D00A4 | block << 8, "UN", b"HELICAL ")
    made.add_new(0x300D0060 | block << 8, "UN", b"0.287 ")
    read = first_beam(read_plan(encode(plan([made]), encoding)))
    assert read.private_creators == ("TOMO_HA_01",)
    assert set(read.private_signs) == {("GEOMETRY", "HELICAL"), ("PITCH", "0.287")}
    sinogram = read.control_points.sinogram
    assert sinogram is not None
    assert (sinogram.type, sinogram.pairs, sinogram.rows.shape) == ("SINOGRAM", 32, (2, 64))
    assert sinogram.index.tolist() == [-1, 0, -1, 1]
    row = sinogram.at(1)
    assert row is not None
    assert row[0, :4].tolist() == [0.1, 0.2, 0.3, 0.4]


def test_the_block_of_another_creator_is_not_read() -> None:
    made = beam(1)
    made.add_new(0x300D0010, "LO", "SOMEBODY ELSE")
    made.add_new(0x300D10A4, "UN", b"HELICAL ")
    read = first_beam(read_plan(encode(plan([made]))))
    assert read.private_signs == ()
    assert read.private_creators == ("SOMEBODY ELSE",)


def test_gating_and_tracking_signs() -> None:
    made = beam(1)
    made.add_new(0x300B0010, "LO", "IMPAC")
    made.add_new(0x300B1020, "UN", b"30\\70 ")
    tracked = beam(2)
    tracked.add_new(0x320B0010, "LO", "Brainlab - ONC - Multi-axial treatmentmachine")
    tracked.add_new(0x320B1001, "UN", b"YES ")
    read = read_plan(encode(plan([made, tracked])))
    assert read.beams is not None
    assert read.beams[0].private_signs == (("GATING_DUTY_CYCLE", "30\\70"),)
    assert read.beams[1].private_signs == (("DYNAMIC_TRACKING", "YES"),)


# ------------------------------------------------------------------------------------------------ enhanced encoding


def code(value: str) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator="DCM", CodeMeaning="-")


def enhanced_device(index: int, kind: str, label: str, angle: float, pairs: int) -> Dataset:
    return item(
        DeviceIndex=index,
        DeviceTypeCodeSequence=[code(kind)],
        BeamModifierOrientationAngle=angle,
        ParallelRTBeamDelimiterDeviceSequence=[
            item(
                NumberOfParallelRTBeamDelimiters=pairs,
                ParallelRTBeamDelimiterDeviceOrientationLabelCodeSequence=[code(label)],
                ParallelRTBeamDelimiterBoundaries=[float(i) for i in range(pairs + 1)],
            )
        ],
    )


def opening(index: int, values: list[float], **more: object) -> Dataset:
    return item(ReferencedDeviceIndex=index, ParallelRTBeamDelimiterPositions=values, **more)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=name_of)
def test_enhanced_devices(encoding: Encoding) -> None:
    points = [
        item(
            ControlPointIndex=0,
            CumulativeMetersetWeight="0",
            EnhancedRTBeamLimitingOpeningSequence=[opening(1, [-40.0, 40.0]), opening(2, [-1.0, -2.0, 1.0, 2.0])],
        ),
        item(
            ControlPointIndex=1,
            CumulativeMetersetWeight="1",
            EnhancedRTBeamLimitingOpeningSequence=[opening(2, [-3.0, -4.0, 3.0, 4.0])],
        ),
    ]
    made = beam(1, points)
    del made.BeamLimitingDeviceSequence
    made.EnhancedRTBeamLimitingDeviceSequence = [
        enhanced_device(1, "130330", "130335", 90.0, 1),
        enhanced_device(2, "130331", "130334", 0.0, 2),
        enhanced_device(3, "130331", "130334", 45.0, 2),
    ]
    read = read_plan(encode(plan([made]), encoding))
    found = first_beam(read)
    assert found.enhanced_encoding
    assert [(d.type, d.pairs, d.enhanced) for d in found.devices] == [
        ("ASYMY", 1, True),
        ("MLCX", 2, True),
        ("ENHANCED", 2, True),
    ]
    assert found.devices[1].boundaries_mm.tolist() == [0, 1, 2]
    jaws, mlc = found.control_points.devices
    assert (jaws.declared, jaws.index.tolist(), jaws.rows.tolist()) == (0, [0, 0], [[-40, 40]])
    assert (mlc.declared, mlc.index.tolist()) == (1, [0, 1])
    last = mlc.at(1)
    assert last is not None
    assert last.tolist() == [[-3, -4], [3, 4]]
    assert {"enhanced_devices", "enhanced_device_unread"} <= {w.code for w in read.warnings}


def test_enhanced_positions_with_an_offset_or_another_count_are_unknown() -> None:
    points = [
        item(
            ControlPointIndex=i,
            CumulativeMetersetWeight=str(i),
            EnhancedRTBeamLimitingOpeningSequence=[entry],
        )
        for i, entry in enumerate(
            [
                opening(1, [-1.0, -2.0, 1.0, 2.0]),
                opening(1, [-1.0, 1.0]),
                opening(1, [-1.0, -2.0, 1.0, 2.0], RTBeamLimitingDeviceOffset=[0.0, 0.0]),
                opening(1, [-1.0, -2.0, 1.0, 2.0], RTBeamLimitingDeviceOffset=[5.0, 0.0]),
            ]
        )
    ]
    made = beam(1, points)
    del made.BeamLimitingDeviceSequence
    made.EnhancedRTBeamLimitingDeviceSequence = [enhanced_device(1, "130331", "130335", 90.0, 2)]
    read = first_beam(read_plan(encode(plan([made]))))
    assert read.control_points.devices[0].type == "MLCY"
    assert read.control_points.devices[0].index.tolist() == [0, -1, 0, -1]


# ------------------------------------------------------------------------------------------------ structure


def test_sequences_written_as_unknown_are_read() -> None:
    """An explicit writer that does not know an attribute writes UN, with the content in implicit VR."""
    data = encode(plan(), Encoding("explicit"))
    tag = b"\x0c\x30\x60\x00"
    place = data.index(tag + b"SQ")
    length = int.from_bytes(data[place + 8 : place + 12], "little")
    content = data[place + 12 : place + 12 + length]
    uid = content[content.index(b"UI") + 4 :]
    inner = b"\x08\0\x55\x11" + len(uid).to_bytes(4, "little") + uid
    whole = b"\xfe\xff\0\xe0" + len(inner).to_bytes(4, "little") + inner
    for size, end in ((len(whole), b""), (0xFFFFFFFF, b"\xfe\xff\xdd\xe0\0\0\0\0")):
        made = data[:place] + tag + b"UN\0\0" + size.to_bytes(4, "little") + whole + end + data[place + 12 + length :]
        for reader in ("auto", "reference"):
            assert read_plan(made, reader=reader).structure_set_uid == "1.2.3.4.9"


def test_unknown_vr_goes_to_the_reference_reader() -> None:
    data = encode(plan(), Encoding("explicit"))
    changed = data.replace(b"\x10\0\x10\0PN", b"\x10\0\x10\0ZZ")
    assert changed != data
    assert read_plan(changed).source.reader == "reference"
    with pytest.raises(Exception, match="unknown value representation"):
        read_plan(changed, reader="plan")


def test_text_that_looks_like_headers() -> None:
    """A line break before a zero is, as bytes, the group of a plan's attributes; the shortcut has to cope."""
    points = [first_point()]
    for i in range(1, 40):
        point = control_point(i, "1", BeamLimitingDevicePositionSequence=[positions("MLCX", [-i, -1, -1, i, 1, 1])])
        point.add_new(0x300A9998, "LT", "\n0\n0\n0 \r\n0")
        points.append(point)
    data = encode(plan([beam(1, points)]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scan_module, "WORTHWHILE", 0)
        short = first_beam(read_plan(data))
    mlc = short.control_points.devices[2]
    assert mlc.index.tolist() == list(range(40))
    assert [mlc.rows[i, 0] for i in range(1, 40)] == [-i for i in range(1, 40)]


def test_declared_pairs_missing_takes_what_is_there() -> None:
    declared = device("MLCX", 3)
    declared.NumberOfLeafJawPairs = None
    del declared.LeafPositionBoundaries
    read = first_beam(read_plan(encode(plan([beam(1, BeamLimitingDeviceSequence=[declared])]))))
    assert read.devices[0].pairs is Missing.EMPTY
    mlc = next(d for d in read.control_points.devices if d.type == "MLCX")
    assert (mlc.pairs, mlc.declared) == (3, 0)
