"""Where the data set starts in the bytes of a file, and how it is encoded.

Real plans come with preamble and file meta information, without the preamble, without both (older Monaco, XiO), with a
transfer syntax that the data set does not follow, and deflated. Whatever was assumed or corrected is noted.
"""

from __future__ import annotations

import zlib
from struct import Struct

from rtcode.dicom.limits import Limits
from rtcode.errors import EmptyFileError, MalformedError, NotDicomError, TooLargeError, TruncatedError

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"

#: Value representations with a length of two bytes, and with two reserved bytes and a length of four.
SHORT_VR = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG_VR = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())

_PREAMBLE = 128
_U16_U16_VR_U16 = Struct("<HH2sH").unpack_from
_U32 = Struct("<L").unpack_from
_U16_U16_U32 = Struct("<HHL").unpack_from
#: Groups that a data set can begin with where nothing else says that it is DICOM.
_FIRST_GROUP = 0x0008
_INFLATE_STEP = 1 << 16
_USUAL_RATIO = 8


class Frame:
    """A data set's bytes and encoding.

    Attributes
    ----------
    data, start
        The data set begins at ``data[start]`` (``data`` is the file, or the inflated data set).
    explicit, big_endian
        How the data set is really encoded.
    transfer_syntax
        As the file names it, ``None`` where it names none.
    meta_sop_class
        MediaStorageSOPClassUID, where there is file meta information.
    notes
        Warning codes of `rtcode.dicom.warnings` for what was assumed or corrected.
    """

    def __init__(
        self,
        data: bytes,
        start: int,
        explicit: bool,
        *,
        transfer_syntax: str | None = None,
        preamble: bool = True,
        notes: list[str] | None = None,
    ) -> None:
        self.data = data
        self.start = start
        self.explicit = explicit
        self.big_endian = False
        self.transfer_syntax = transfer_syntax
        self.meta_sop_class: str | None = None
        self.meta_sop_instance: str | None = None
        self.preamble = preamble
        self.notes = notes or []

    @property
    def supported(self) -> bool:
        """Whether the transfer syntax is one that plans are written in (uncompressed)."""
        return self.transfer_syntax in (None, IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED_LITTLE, EXPLICIT_BIG)


def frame(data: bytes, limits: Limits, *, complete: bool = True) -> Frame:
    """Find the data set in the bytes of a file.

    Parameters
    ----------
    complete
        False where ``data`` are only the first bytes of a file: a deflated data set is then inflated as far as it goes.

    Raises
    ------
    EmptyFileError, NotDicomError, TruncatedError, MalformedError, TooLargeError
    """
    if not data:
        raise EmptyFileError("the file has 0 bytes")
    if data[_PREAMBLE : _PREAMBLE + 4] == b"DICM":
        return _after_meta(data, _PREAMBLE + 4, limits, complete, preamble=True)
    if data[:2] == b"\x02\x00" and data[4:6] in SHORT_VR | LONG_VR:
        return _after_meta(data, 0, limits, complete, preamble=False)
    return _bare(data)


def _after_meta(data: bytes, position: int, limits: Limits, complete: bool, *, preamble: bool) -> Frame:
    meta, start = _read_meta(data, position)
    syntax = meta.get(0x0010) or None
    result = Frame(data, start, True, transfer_syntax=syntax, preamble=preamble)
    result.meta_sop_class = meta.get(0x0002) or None
    result.meta_sop_instance = meta.get(0x0003) or None
    if not preamble:
        result.notes.append("preamble_missing")
    if syntax == EXPLICIT_BIG:
        result.big_endian = True
        return result
    if syntax == DEFLATED_LITTLE:
        inflated = _inflate(data[start:], limits.inflation_limit(len(data)), complete)
        result.data, result.start = inflated, 0
        start = 0
    looks_explicit = _looks_explicit(result.data, start)
    if syntax is None:
        result.notes.append("transfer_syntax_assumed")
    elif looks_explicit != (syntax != IMPLICIT_LITTLE) and len(result.data) - start >= 8:
        result.notes.append("transfer_syntax_corrected")
    result.explicit = looks_explicit
    return result


def _read_meta(data: bytes, position: int) -> tuple[dict[int, str], int]:
    """File meta information (always explicit little endian): texts by element number, and where the data set starts."""
    meta: dict[int, str] = {}
    size = len(data)
    while position + 8 <= size:
        group, element, vr, length = _U16_U16_VR_U16(data, position)
        if group != 0x0002:
            break
        position += 8
        if vr in LONG_VR:
            if position + 4 > size:
                raise TruncatedError("the file ends inside its file meta information")
            (length,) = _U32(data, position)
            position += 4
        elif vr not in SHORT_VR:
            raise MalformedError("the file meta information cannot be read")
        if position + length > size:
            raise TruncatedError("the file ends inside its file meta information")
        if element in (0x0002, 0x0003, 0x0010):
            meta[element] = data[position : position + length].rstrip(b"\0 ").decode("ascii", "replace")
        position += length
    if size - position < 8:
        raise TruncatedError("the file ends before its data set")
    return meta, position


def _bare(data: bytes) -> Frame:
    """A data set without preamble and file meta information: accepted where its first element is plausible."""
    if len(data) < 8:
        raise NotDicomError(f"too short for DICOM ({len(data)} bytes)")
    group, _, length = _U16_U16_U32(data, 0)
    explicit = _looks_explicit(data, 0)
    if group != _FIRST_GROUP or not (explicit or length <= 1024):
        raise NotDicomError("no DICOM preamble, and the bytes do not begin with a DICOM data set")
    return Frame(data, 0, explicit, preamble=False, notes=["transfer_syntax_assumed"])


def _looks_explicit(data: bytes, start: int) -> bool:
    """Whether a value representation stands where explicit VR has it in the first element."""
    vr = data[start + 4 : start + 6]
    return vr in SHORT_VR or vr in LONG_VR


def _inflate(data: bytes, limit: int, complete: bool) -> bytes:
    """The deflated data set (PS3.5 A.5): at most ``limit`` bytes, and no more memory than it needs."""
    try:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        usual = min(limit, _USUAL_RATIO * len(data) + _INFLATE_STEP)
        inflated = inflater.decompress(data, usual)
        if inflater.eof or not complete:
            return inflated
        if inflater.unconsumed_tail:
            # It grows more than plans do: find out how much, without keeping it.
            size = len(inflated)
            del inflated
            while size <= limit and not inflater.eof and inflater.unconsumed_tail:
                size += len(inflater.decompress(inflater.unconsumed_tail, _INFLATE_STEP))
            if size > limit:
                raise TooLargeError(f"the deflated data set inflates to more than {limit} bytes")
            if inflater.eof:
                return zlib.decompress(data, -zlib.MAX_WBITS, size)
    except zlib.error:
        raise MalformedError("the deflated data set cannot be inflated") from None
    raise TruncatedError("the deflated data set ends early")
