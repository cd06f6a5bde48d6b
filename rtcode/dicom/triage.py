"""What an object is, from its first bytes: cheap enough for every file of a folder, without numpy and pydicom.

The data set's own SOPClassUID and Modality decide, not the file meta information, which may say otherwise. Plans are
known by Modality and content too, because some systems write plans under private SOP classes.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from struct import Struct, error

from rtcode.dicom.framing import LONG_VR, SHORT_VR, Frame, frame
from rtcode.dicom.limits import DEFAULT_LIMITS
from rtcode.errors import EmptyFileError, InputError, NotDicomError, UnreadableError
from rtcode.records import record

#: Enough for the header of any plan; more is not read by `triage_file`.
FIRST_BYTES = 16 * 1024


class ObjectKind(StrEnum):
    """Kinds of objects that are told apart; values of plans are those of `rtcode.plan.model.PlanKind`."""

    RT_PLAN = "rt_plan"
    RT_ION_PLAN = "rt_ion_plan"
    BRACHY = "brachy"
    TREATMENT_RECORD = "treatment_record"
    DELIVERY_INSTRUCTION = "delivery_instruction"
    STRUCTURE_SET = "structure_set"
    DOSE = "dose"
    IMAGE = "image"
    SECOND_GENERATION = "second_generation"
    DICOMDIR = "dicomdir"
    OTHER_DICOM = "other_dicom"
    NOT_DICOM = "not_dicom"
    EMPTY = "empty"

    @property
    def is_plan(self) -> bool:
        return self in _PLANS

    @property
    def is_dicom(self) -> bool:
        return self not in (ObjectKind.NOT_DICOM, ObjectKind.EMPTY)

    @property
    def words(self) -> str:
        """The kind in words, with its article."""
        return _WORDS[self]


_PLANS = frozenset({ObjectKind.RT_PLAN, ObjectKind.RT_ION_PLAN, ObjectKind.BRACHY})
_WORDS = {
    ObjectKind.RT_PLAN: "an RT Plan",
    ObjectKind.RT_ION_PLAN: "an RT Ion Plan",
    ObjectKind.BRACHY: "a brachytherapy plan",
    ObjectKind.TREATMENT_RECORD: "an RT Treatment Record",
    ObjectKind.DELIVERY_INSTRUCTION: "an RT Delivery Instruction",
    ObjectKind.STRUCTURE_SET: "an RT Structure Set",
    ObjectKind.DOSE: "an RT Dose",
    ObjectKind.IMAGE: "an image",
    ObjectKind.SECOND_GENERATION: "a second-generation radiotherapy object",
    ObjectKind.DICOMDIR: "a DICOMDIR",
    ObjectKind.OTHER_DICOM: "another DICOM object",
    ObjectKind.NOT_DICOM: "no DICOM",
    ObjectKind.EMPTY: "empty",
}

_STORAGE = "1.2.840.10008.5.1.4.1.1."
PLAN_CLASSES = {
    _STORAGE + "481.5": ObjectKind.RT_PLAN,
    _STORAGE + "481.8": ObjectKind.RT_ION_PLAN,
    # Private classes with the modules of RT Plan: Varian Halcyon and Ethos, ViewRay.
    "1.2.246.352.70.1.70": ObjectKind.RT_PLAN,
    "2.16.840.1.114493.1.2.1.4.1.1.481.5": ObjectKind.RT_PLAN,
}
_OTHER_CLASSES = {
    _STORAGE + "481.1": ObjectKind.IMAGE,
    _STORAGE + "481.2": ObjectKind.DOSE,
    _STORAGE + "481.3": ObjectKind.STRUCTURE_SET,
    _STORAGE + "481.4": ObjectKind.TREATMENT_RECORD,
    _STORAGE + "481.6": ObjectKind.TREATMENT_RECORD,
    _STORAGE + "481.7": ObjectKind.TREATMENT_RECORD,
    _STORAGE + "481.9": ObjectKind.TREATMENT_RECORD,
    "1.2.840.10008.5.1.4.34.7": ObjectKind.DELIVERY_INSTRUCTION,
    "1.2.840.10008.5.1.4.34.10": ObjectKind.DELIVERY_INSTRUCTION,
    "1.2.840.10008.1.3.10": ObjectKind.DICOMDIR,
}
_MODALITIES = {
    "RTPLAN": ObjectKind.RT_PLAN,
    "RTRECORD": ObjectKind.TREATMENT_RECORD,
    "RTSTRUCT": ObjectKind.STRUCTURE_SET,
    "RTDOSE": ObjectKind.DOSE,
    "RTIMAGE": ObjectKind.IMAGE,
    "RTINTENT": ObjectKind.SECOND_GENERATION,
    "RTRAD": ObjectKind.SECOND_GENERATION,
    "RTSEGANN": ObjectKind.SECOND_GENERATION,
}
_IMAGES = frozenset(
    ("CT", "MR", "PT", "NM", "US", "CR", "DX", "MG", "XA", "RF", "OT", "SC", "OP", "ES", "XC", "GM", "SM", "IO", "PX")
)

_SOP_CLASS, _SOP_INSTANCE, _MODALITY = 0x00080016, 0x00080018, 0x00080060
_ION_BEAMS, _BEAMS, _BRACHY_SETUPS = 0x300A03A2, 0x300A00B0, 0x300A0230
_UNDEFINED = 0xFFFFFFFF


@record
class Triage:
    """What an object is. ``sop_class_uid`` and ``sop_instance_uid`` are ``None`` where not known."""

    kind: ObjectKind
    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    modality: str | None = None


def triage_file(path: str | os.PathLike[str]) -> Triage:
    """Triage a file by its first `FIRST_BYTES` bytes.

    Raises
    ------
    UnreadableError
        The file cannot be opened or read.
    """
    try:
        with Path(path).open("rb") as file:
            first = file.read(FIRST_BYTES)
    except OSError as problem:
        raise UnreadableError(f"cannot read the file ({type(problem).__name__})") from None
    return triage(first, complete=len(first) < FIRST_BYTES)


def triage(first: bytes, *, complete: bool = False) -> Triage:
    """Triage an object by its first bytes; never raises.

    Parameters
    ----------
    first
        The file's first bytes, better some kilobytes than some hundred.
    complete
        Whether these are all bytes of the file.
    """
    try:
        return triage_frame(frame(first, DEFAULT_LIMITS, complete=complete))
    except EmptyFileError:
        return Triage(ObjectKind.EMPTY)
    except NotDicomError:
        return Triage(ObjectKind.NOT_DICOM)
    except InputError:
        # DICOM by its preamble, but cut or damaged before the data set.
        return Triage(ObjectKind.OTHER_DICOM)


def triage_frame(framed: Frame) -> Triage:
    """Triage an object whose data set was found already."""
    header = _header(framed)
    sop_class = header.get(_SOP_CLASS) or None
    modality = (header.get(_MODALITY) or "").upper() or None
    kind = kind_of(sop_class or framed.meta_sop_class, modality)
    if kind is ObjectKind.RT_PLAN and _ION_BEAMS in header:
        kind = ObjectKind.RT_ION_PLAN
    elif kind is ObjectKind.RT_PLAN and _BRACHY_SETUPS in header and _BEAMS not in header:
        kind = ObjectKind.BRACHY
    if kind is ObjectKind.OTHER_DICOM and not framed.preamble and sop_class is None and framed.meta_sop_class is None:
        # Nothing but a plausible first element speaks for DICOM.
        kind = ObjectKind.NOT_DICOM
    return Triage(
        kind,
        sop_class or framed.meta_sop_class,
        header.get(_SOP_INSTANCE) or framed.meta_sop_instance,
        modality,
    )


def kind_of(sop_class: str | None, modality: str | None) -> ObjectKind:
    """Kind by the header alone. Modality RTPLAN decides for a plan; else the class, else the modality."""
    if modality == "RTPLAN":
        return PLAN_CLASSES.get(sop_class or "", ObjectKind.RT_PLAN)
    by_modality = ObjectKind.IMAGE if modality in _IMAGES else _MODALITIES.get(modality or "")
    if by_modality is not None and sop_class in PLAN_CLASSES:
        # The class says plan, the modality another object: the modality counts, as it does the other way round.
        return by_modality
    if sop_class in PLAN_CLASSES:
        return PLAN_CLASSES[sop_class]
    if sop_class in _OTHER_CLASSES:
        return _OTHER_CLASSES[sop_class]
    if sop_class is not None and sop_class.startswith(_STORAGE + "481."):
        return ObjectKind.SECOND_GENERATION
    return by_modality or ObjectKind.OTHER_DICOM


def is_other_class(sop_class: str) -> bool:
    """Whether a SOP class is that of another kind of object: private classes may be those of plans."""
    return sop_class not in PLAN_CLASSES and sop_class.startswith("1.2.840.10008.")


def _header(framed: Frame) -> dict[int, str]:
    """The texts of the identifying attributes, and an empty text for each beam or setup sequence that is reached."""
    mark = ">" if framed.big_endian else "<"
    explicit_header = Struct(f"{mark}HH2sH").unpack_from
    implicit_header = Struct(f"{mark}HHL").unpack_from
    long_length = Struct(f"{mark}L").unpack_from
    data, pos, explicit = framed.data, framed.start, framed.explicit
    found: dict[int, str] = {}
    try:
        while pos + 8 <= len(data):
            group, element, length = implicit_header(data, pos)
            size = 8
            if explicit:
                _, _, vr, short = explicit_header(data, pos)
                if vr in SHORT_VR:
                    length = short
                elif vr in LONG_VR:
                    (length,) = long_length(data, pos + 8)
                    size = 12
            tag = group << 16 | element
            if tag > _ION_BEAMS:
                break
            if tag in (_SOP_CLASS, _SOP_INSTANCE, _MODALITY):
                value = data[pos + size : pos + size + min(length, 256)]
                found[tag] = value.decode("latin-1").strip(" \0")
            elif tag in (_ION_BEAMS, _BEAMS, _BRACHY_SETUPS):
                found[tag] = ""
            if length == _UNDEFINED:
                pos = _end_of_sequence(data, pos + size, mark)
            else:
                pos += size + length
    except error:
        pass
    return found


def _end_of_sequence(data: bytes, pos: int, mark: str) -> int:
    """Past the delimiter of a sequence of undefined length, near enough for triage: sequences in it are counted."""
    delimiter = Struct(f"{mark}HHL").pack(0xFFFE, 0xE0DD, 0)
    end = data.find(delimiter, pos)
    return end + 8 if end >= 0 else len(data)
