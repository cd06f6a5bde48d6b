"""What an object is, from its first bytes: cheap enough for every file of a folder, without numpy and pydicom.

The data set's own SOPClassUID and Modality decide, not the file meta information, which may say otherwise. Plans are
known by Modality and content too, because some systems write plans under private SOP classes.

Nearly all files of an archive are images with much the same first elements. What such headers say is found by one
regular expression, at a tenth of the cost of the walk (`_usual`). It says what the walk would say, and nothing where
the walk might find more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from struct import Struct, error
from typing import Literal

from rtcode.dicom.framing import DEFLATED_LITTLE, EXPLICIT_BIG, LONG_VR, SHORT_VR, Frame, frame
from rtcode.dicom.limits import DEFAULT_LIMITS
from rtcode.errors import EmptyFileError, InputError, NotDicomError, UnreadableError
from rtcode.records import record

#: Enough for the header of any plan; more is not read by `triage_file`.
FIRST_BYTES = 16 * 1024
#: What is read at first: the header of most images.
_START_BYTES = 4 * 1024
_STEP_BYTES = 1 << 20
#: Windows would otherwise read text.
_READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0)


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
    """Triage a file by its first `FIRST_BYTES` bytes; fewer are read where these settle it.

    Raises
    ------
    UnreadableError
        The file cannot be opened or read.
    """
    try:
        descriptor = os.open(path, _READ_ONLY)
        try:
            return _first(descriptor)[1]
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise _unreadable(problem) from None


def triage_and_read(
    path: str | os.PathLike[str], wanted: Callable[[Triage], bool], *, most_bytes: int = DEFAULT_LIMITS.file_bytes
) -> tuple[Triage, bytes | None]:
    """Triage a file as `triage_file` does and, where it is wanted, read it whole: the file is opened once.

    Parameters
    ----------
    wanted
        Whether the content of a file with this triage is wanted.
    most_bytes
        Of a file that is larger, one byte more than this is given, which is enough to know.

    Returns
    -------
    The triage, and the file's content, or ``None`` where that is not wanted.

    Raises
    ------
    UnreadableError
        The file cannot be opened or read.
    """
    try:
        descriptor = os.open(path, _READ_ONLY)
        try:
            first, found = _first(descriptor)
            if not wanted(found):
                return found, None
            return found, _read(descriptor, most_bytes + 1, first)[: most_bytes + 1]
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise _unreadable(problem) from None


def _first(descriptor: int) -> tuple[bytes, Triage]:
    """The first bytes of a file that was just opened, at most `FIRST_BYTES`, and its triage by so many."""
    first = os.read(descriptor, _START_BYTES)
    usual = _usual(first, len(first) == _START_BYTES)
    if usual is not None:
        return first, usual
    first = _read(descriptor, FIRST_BYTES, first)
    return first, triage(first, complete=len(first) < FIRST_BYTES)


def _read(descriptor: int, size: int, before: bytes) -> bytes:
    """Bytes up to a size, with those that were read before: a pipe, for one, may give them little by little."""
    parts, count = [before], len(before)
    while count < size and (more := os.read(descriptor, min(size - count, _STEP_BYTES))):
        parts.append(more)
        count += len(more)
    return b"".join(parts)


def _unreadable(problem: OSError) -> UnreadableError:
    return UnreadableError(f"cannot read the file ({type(problem).__name__})")


def triage(first: bytes, *, complete: bool = False) -> Triage:
    """Triage an object by its first bytes; never raises.

    Parameters
    ----------
    first
        The file's first bytes, better some kilobytes than some hundred.
    complete
        Whether these are all bytes of the file.
    """
    return _usual(first, False) or _walked(first, complete)


def _walked(first: bytes, complete: bool) -> Triage:
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


def may_be_plan(kind: ObjectKind) -> bool:
    """Whether an object of this kind has to be read to know whether it is a plan, or what is wrong with it."""
    return kind.is_plan or kind in (ObjectKind.OTHER_DICOM, ObjectKind.EMPTY)


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
                found[tag] = _text(value)
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


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")


#: What stands between tag and value: VR and a length of two bytes, or a length of four.
_BEFORE_VALUE = 4
#: The longest values that the expression passes over, in bytes: those of some image types.
_LONGEST, _LONGEST_UID = 126, 64
# The tags of SOPClassUID, SOPInstanceUID and Modality; those of pixel data, which end the walk. Expressions find them
# several times faster than `bytes.find`.
_identifying = re.compile(rb"\x08\x00[\x16\x18\x60]\x00").search
_pixel_data = re.compile(rb"\xe0\x7f[\x00-\x10]\x00").search


def _usual(first: bytes, more: bool) -> Triage | None:
    """What the walk says of an object that begins as nearly all do and is no RT Plan, ``None`` for others.

    The elements that match are those that the walk comes to first, with whole values. Where they hold all identifying
    attributes, what they say is final unless one of these is written again, out of order. So none of their tags may
    stand in the bytes behind, up to the pixel data, where all bytes occur. (A tag of pixel data may also be that of an
    icon: an attribute that is written again behind an icon is the one thing that only the walk would see.)

    Parameters
    ----------
    more
        Whether further bytes can be had: they are wanted where the pixel data are not reached.
    """
    match = _beginning("explicit")(first) or _beginning("implicit")(first)
    if match is None:
        return None
    sop_class_value, sop_instance_value, modality_value = match.groups()
    if sop_class_value is None or sop_instance_value is None or modality_value is None:
        return None
    pixels = _pixel_data(first, match.end())
    if pixels is None and more:
        return None
    if _identifying(first, match.end(), pixels.start() if pixels else len(first)):
        return None
    kind, sop_class, modality = _identified(sop_class_value, modality_value)
    sop_instance = _text(sop_instance_value[_BEFORE_VALUE:])
    if not sop_class or not sop_instance or kind is ObjectKind.RT_PLAN:
        # The file meta information stands in for what is empty; further elements tell which plan it is.
        return None
    return Triage(kind, sop_class, sop_instance, modality)


@lru_cache(maxsize=256)
def _identified(sop_class_value: bytes, modality_value: bytes) -> tuple[ObjectKind, str, str | None]:
    sop_class = _text(sop_class_value[_BEFORE_VALUE:])
    modality = _text(modality_value[_BEFORE_VALUE:]).upper() or None
    return kind_of(sop_class or None, modality), sop_class, modality


@lru_cache(maxsize=2)
def _beginning(encoding: Literal["explicit", "implicit"]) -> Callable[[bytes], re.Match[bytes] | None]:
    """Matches file meta information, if any, and the data set's first elements, at most up to Modality.

    Groups are SOPClassUID, SOPInstanceUID and Modality, with the `_BEFORE_VALUE` bytes before the value. Compiling
    takes some milliseconds: not to be done on import.
    """
    # Another byte order and deflated data sets are left to the walk.
    other = "|".join(re.escape(syntax) for syntax in (EXPLICIT_BIG, DEFLATED_LITTLE)).encode()
    meta = rb"\x02\x00(?:\x01\x00OB\x00\x00\x02\x00\x00\x00..|(?!\x10\x00....(?:%b))[^\x01]\x00(?:UI|UL|SH|AE)%b)"
    meta %= other, _values(2, _LONGEST_UID)
    # The VRs that attributes up to Modality have, frequent ones first.
    vr, length_bytes = (b"(?:CS|UI|DA|TM|SH|UL|LO|DT)", 2) if encoding == "explicit" else (b"", 4)
    uid = vr + _values(length_bytes, _LONGEST_UID)
    element = rb"\x08\x00(?:\x16\x00(%b)|\x18\x00(%b)|\x60\x00(%b)|[\x00-\x15\x17\x19-\x5f]\x00%b)"
    element %= uid, uid, uid, vr + _values(length_bytes, _LONGEST)
    # Counts are bounded so that nothing that is made to cost much does.
    start = b"(?:.{128}DICM(?:%b){1,32}|(?!.{128}DICM))" % meta
    return re.compile(start + b"(?:%b){1,64}" % element, re.DOTALL).match


def _values(length_bytes: int, longest: int) -> bytes:
    """Matches a length and a value of that length: an alternative for each, since an expression cannot count."""
    lengths = range(0, longest + 2, 2)
    return b"(?:%b)" % b"|".join(re.escape(n.to_bytes(length_bytes, "little")) + b".{%d}" % n for n in lengths)
