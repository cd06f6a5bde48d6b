"""Typed access to the raw attributes of an item: text with its character set, numbers, and nested items.

Nothing is guessed here: absent, empty and unreadable stay apart, and what is unreadable is noted with its path.
"""

from __future__ import annotations

import math
from struct import Struct
from typing import cast

from rtcode.dicom.numbers import LONGEST, decimal, integer
from rtcode.dicom.ranges import RANGES
from rtcode.dicom.vocabulary import BINARY, TAGS, Item
from rtcode.dicom.warnings import Notes
from rtcode.plan.model import Code, Integer, Missing, Number, Text

_CHARSET = 0x00080005
#: Defined terms of SpecificCharacterSet without code extensions (PS3.3 C.12.1.1.2), and the Python codec of each.
_CODECS = {
    "": "latin-1",
    "ISO_IR 6": "latin-1",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 166": "tis-620",
    "ISO_IR 192": "utf-8",
    "ISO_IR 203": "iso8859-15",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
#: Attributes whose text is of the default repertoire, whatever the character set is (code strings, UIDs, dates).
_PLAIN = frozenset(
    TAGS[keyword]
    for keyword in (
        "SOPClassUID",
        "SOPInstanceUID",
        "Modality",
        "PatientPosition",
        "RespiratoryMotionCompensationTechnique",
        "RespiratorySignalSource",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "FrameOfReferenceUID",
        "ReferencedSOPInstanceUID",
        "PatientBirthDate",
        "FluenceMode",
        "RTPlanDate",
        "StudyDate",
        "ReviewDate",
        "PlanIntent",
        "RTPlanGeometry",
        "DoseReferenceUID",
        "DoseReferenceStructureType",
        "DoseReferenceType",
        "RTPlanRelationship",
        "ReferencedDoseReferenceUID",
        "BeamDoseMeaning",
        "PrimaryDosimeterUnit",
        "RTBeamLimitingDeviceType",
        "BeamType",
        "RadiationType",
        "HighDoseTechniqueType",
        "TreatmentDeliveryType",
        "WedgeType",
        "CompensatorType",
        "CompensatorDivergence",
        "CompensatorMountingPosition",
        "BlockType",
        "BlockDivergence",
        "BlockMountingPosition",
        "ApplicatorType",
        "WedgePosition",
        "GantryRotationDirection",
        "BeamLimitingDeviceRotationDirection",
        "PatientSupportRotationDirection",
        "FixationDeviceType",
        "ShieldingDeviceType",
        "SetupTechnique",
        "BrachyTreatmentTechnique",
        "BrachyTreatmentType",
        "GeneralAccessoryType",
        "ApplicatorApertureShape",
        "EnhancedRTBeamLimitingDeviceDefinitionFlag",
        "ApprovalStatus",
        "URNCodeValue",
    )
)
_PADDING = b" \0"
_FLOAT = Struct("<f").unpack
_SHORT = Struct("<H").unpack


class Decoder:
    """Turns bytes into text by a SpecificCharacterSet value."""

    def __init__(self, character_set: bytes, notes: Notes, path: str) -> None:
        self._notes = notes
        self._where = f"{path}.SpecificCharacterSet (0008,0005)" if path else "SpecificCharacterSet (0008,0005)"
        terms = [term.strip() for term in character_set.decode("latin-1").replace("\0", "").split("\\")]
        self._terms = terms
        #: code extensions (ISO 2022 escape sequences): several terms, or one of that kind
        self._extended = len(terms) > 1 or terms[0].startswith("ISO 2022")
        self._codec = _CODECS.get(terms[0], "latin-1")
        if self._extended:
            self._codec = _CODECS.get(terms[0].replace("ISO 2022 IR", "ISO_IR"), "latin-1")
            known = all(term.replace("ISO 2022 IR", "ISO_IR") in _CODECS or term in _MULTIBYTE for term in terms)
        else:
            known = terms[0] in _CODECS
        if not known:
            notes.add("character_set_unknown", self._where)

    def __call__(self, value: bytes) -> str:
        if value.isascii() and (not self._extended or b"\x1b" not in value):
            return value.decode("ascii")
        if self._extended:
            # Code extensions are rare; pydicom knows them all.
            from rtcode.dicom.reference import decode_extended

            text = decode_extended(value, self._terms)
            if text is None:
                self._notes.once("text_undecodable", self._where)
                return value.decode("latin-1")
            return text
        try:
            return value.decode(self._codec)
        except UnicodeDecodeError:
            self._notes.once("text_undecodable", self._where)
            return value.decode(self._codec, "replace")


_MULTIBYTE = frozenset({"ISO 2022 IR 87", "ISO 2022 IR 149", "ISO 2022 IR 159", "ISO 2022 IR 58", "ISO 2022 GBK"})


class View:
    """One data set or sequence item, read by keyword.

    Attributes
    ----------
    path
        ``""`` for the data set, else ``BeamSequence[0]`` and so on: what evidence and warnings name.
    """

    __slots__ = ("decoder", "item", "notes", "path")

    def __init__(self, item: Item, path: str, notes: Notes, decoder: Decoder | None = None) -> None:
        self.item = item
        self.path = path
        self.notes = notes
        own = item.get(_CHARSET)
        if decoder is None or own:
            decoder = Decoder(own if isinstance(own, bytes) else b"", notes, path)
        self.decoder = decoder

    def has(self, keyword: str) -> bool:
        return TAGS[keyword] in self.item

    def raw(self, keyword: str) -> bytes | None:
        """The bytes of a value, or ``None`` where it is absent."""
        return cast("bytes | None", self.item.get(TAGS[keyword]))

    def where(self, keyword: str) -> str:
        tag = TAGS[keyword]
        prefix = f"{self.path}." if self.path else ""
        return f"{prefix}{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"

    def items(self, keyword: str) -> list[View]:
        """The items of a sequence; none where it is absent or empty (`has` tells these apart)."""
        found = cast("list[Item] | None", self.item.get(TAGS[keyword]))
        if not found:
            return []
        prefix = f"{self.path}.{keyword}" if self.path else keyword
        return [View(item, f"{prefix}[{i}]", self.notes, self.decoder) for i, item in enumerate(found)]

    def count(self, keyword: str) -> int:
        found = self.item.get(TAGS[keyword])
        return len(found) if found else 0

    def text(self, keyword: str) -> Text:
        """Text without trailing padding; ``None`` absent, ``""`` empty, values joined by backslash as in the file."""
        tag = TAGS[keyword]
        value = cast("bytes | None", self.item.get(tag))
        if value is None:
            return None
        value = value.rstrip(_PADDING)
        if tag in _PLAIN:
            return value.decode("latin-1")
        return self.decoder(value).rstrip(" \0")

    def texts(self, keyword: str) -> tuple[str, ...]:
        """The non-empty values of a multi-valued text."""
        value = self.text(keyword)
        return tuple(part for v in value.split("\\") if (part := v.strip(" \0"))) if value else ()

    def number(self, keyword: str) -> Number:
        """A decimal string or a binary float, by the attribute."""
        tag = TAGS[keyword]
        value = cast("bytes | None", self.item.get(tag))
        if value is None:
            return Missing.ABSENT
        if tag in BINARY:
            result: Number = binary_float(value)
        else:
            result = decimal(value)
            if len(value.strip(_PADDING)) > LONGEST and result is not Missing.INVALID:
                self.notes.once("number_long", self.where(keyword))
        if isinstance(result, Missing):
            if result is Missing.INVALID:
                self.notes.add("number_unreadable", self.where(keyword))
            return result
        return result if self._plausible(keyword, result) else Missing.INVALID

    def integer(self, keyword: str) -> Integer:
        tag = TAGS[keyword]
        value = cast("bytes | None", self.item.get(tag))
        if value is None:
            return Missing.ABSENT
        if tag in BINARY:
            if len(value) == 2:
                return int(_SHORT(value)[0])
            result: Integer = Missing.INVALID if value else Missing.EMPTY
        else:
            result, with_point = integer(value)
            if with_point:
                self.notes.add("integer_with_point", self.where(keyword))
        if isinstance(result, Missing):
            if result is Missing.INVALID:
                self.notes.add("integer_unreadable", self.where(keyword))
            return result
        return result if self._plausible(keyword, result) else Missing.INVALID

    def _plausible(self, keyword: str, value: float) -> bool:
        limits = RANGES.get(keyword)
        if limits is None or value in limits:
            return True
        self.notes.add("out_of_range", self.where(keyword))
        return False

    def code(self) -> Code:
        """The code of a code sequence's item; long and URN values where the short one is absent."""
        value = self.text("CodeValue") or self.text("LongCodeValue") or self.text("URNCodeValue")
        if value is None:
            value = self.text("CodeValue")
        return Code(value, self.text("CodingSchemeDesignator"), self.text("CodeMeaning"))


def binary_float(value: bytes) -> Number:
    """An FL value; EMPTY for no bytes, INVALID for anything but one finite number."""
    if not value:
        return Missing.EMPTY
    if len(value) != 4:
        return Missing.INVALID
    number = float(_FLOAT(value)[0])
    return number if math.isfinite(number) else Missing.INVALID
