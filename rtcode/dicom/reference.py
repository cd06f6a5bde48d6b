"""The reference reader: pydicom, for what the plan reader declines, and as a second opinion.

The only module that imports pydicom, and imported only when it is needed. Structure is checked by the same walk as in
the plan reader first, because pydicom takes a file that was cut without a word; pydicom then reads the values.
"""

from __future__ import annotations

import warnings
from io import BytesIO

import pydicom.charset
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from rtcode.dicom.framing import Frame
from rtcode.dicom.headers import BIG, LITTLE, little_endian
from rtcode.dicom.limits import Limits
from rtcode.dicom.vocabulary import BINARY, PRIVATE_GROUPS, SEQUENCES, VALUES, Item
from rtcode.dicom.walk import Walk
from rtcode.errors import MalformedError

#: Characters that end the reach of an escape sequence in text (PS3.5 6.1.2.5.3): CR, LF, FF, TAB and backslash.
_DELIMITERS = {0x0D, 0x0A, 0x09, 0x0C, 0x5C}


def read_data_set(framed: Frame, limits: Limits) -> Item:
    """The wanted attributes of a data set, as the plan reader gives them (binary values little endian).

    Raises
    ------
    TruncatedError, MalformedError, TooLargeError
    """
    walk = Walk(framed.data, limits, BIG if framed.big_endian else LITTLE, lenient=True)
    walk.read(framed.start, explicit=framed.explicit)
    with warnings.catch_warnings():
        # pydicom's warnings quote values; what matters of them is found and noted by the builder.
        warnings.simplefilter("ignore")
        try:
            data_set = read_dataset(
                BytesIO(memoryview(framed.data)[framed.start :]),
                is_implicit_VR=not framed.explicit,
                is_little_endian=not framed.big_endian,
            )
            return _item(data_set, framed.big_endian)
        except (MalformedError, MemoryError):
            raise
        except Exception as problem:  # noqa: BLE001 - pydicom raises whatever the bytes lead it into
            raise MalformedError(f"the data set cannot be read ({type(problem).__name__})") from None


def _item(data_set: Dataset, big_endian: bool) -> Item:
    item: Item = {}
    for tag in tuple(data_set.keys()):
        number = int(tag)
        if number in SEQUENCES:
            element = data_set[tag]
            if element.VR != "SQ":
                raise MalformedError("a sequence cannot be read as one")
            item[number] = [_item(inner, big_endian) for inner in element.value or ()]
        elif number in VALUES or number >> 16 in PRIVATE_GROUPS:
            value = _bytes(data_set, number)
            if value is not None:
                item[number] = little_endian(value, BINARY[number]) if big_endian and number in BINARY else value
    return item


def _bytes(data_set: Dataset, tag: int) -> bytes | None:
    """The value as it stands in the file; ``None`` for a private sequence."""
    element = data_set.get_item(tag)
    if isinstance(element, RawDataElement) and element.VR != "SQ":
        return element.value or b""
    if element.VR == "SQ":
        if tag in VALUES:
            raise MalformedError("a value is written as a sequence")
        return None
    # pydicom converts the character set on reading.
    value = element.value
    texts = [value] if isinstance(value, str) else list(value or ())
    return "\\".join(texts).encode("latin-1", "replace")


def decode_extended(value: bytes, terms: list[str]) -> str | None:
    """Text with ISO 2022 code extensions, ``None`` where it cannot be decoded that way."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            encodings = pydicom.charset.convert_encodings(terms)
            return pydicom.charset.decode_bytes(value, encodings, _DELIMITERS)
        except (UserWarning, LookupError, UnicodeError):
            return None
