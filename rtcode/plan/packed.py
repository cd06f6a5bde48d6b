"""A plan's model as few bytes, and back: so that a plan can be judged again without its file.

Layout: a version byte; a fingerprint of the model's classes and their fields, so that a model of another form is
noticed and never misread; then, compressed by zlib, the length of a JSON text, that text, and the bytes of all arrays.
In the JSON a list begins with a number that says what it is: a record's class with its fields in order, a tuple, a
member of an enumeration, or an array. Only what is registered here can come out, and nothing is ever executed.

Arrays are kept once each. Numbers that are decimals of up to four digits, as plans write them, are kept as integers,
for control points as the change from one to the next; what would not come back bit by bit from that is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rtcode.plan import model
from rtcode.plan.model import Missing, PlanKind, RTPlan
from rtcode.records import fields
from rtcode.truth import PlanWarning

Array = npt.NDArray[Any]

_VERSION = 1
#: Every class that a plan consists of.
_RECORDS: tuple[type, ...] = (
    model.RTPlan,
    model.Source,
    model.PatientIdentity,
    model.Code,
    model.RelatedPlan,
    model.DoseReference,
    model.ToleranceTable,
    model.PatientSetup,
    model.MotionSynchronization,
    model.FixationDevice,
    model.FractionGroup,
    model.ReferencedBeam,
    model.Beam,
    model.LimitingDevice,
    model.Wedge,
    model.Block,
    model.Compensator,
    model.Applicator,
    model.Accessory,
    model.ControlPoints,
    model.Column,
    model.DevicePositions,
    model.WedgePositions,
    PlanWarning,
)
_MEMBERS: tuple[Enum, ...] = (*Missing, *PlanKind)
_DTYPES = tuple(np.dtype(name) for name in ("<f8", "<i8", "|u1", "|i1", "|b1"))
_DTYPE_PLACE = {dtype: place for place, dtype in enumerate(_DTYPES)}
#: What a list in the JSON text begins with: these two, then the members, then the records.
_TUPLE, _ARRAY, _FIRST_MEMBER = 0, 1, 2
_FIRST_RECORD = _FIRST_MEMBER + len(_MEMBERS)
_MEMBER_ITEM = {member: [_FIRST_MEMBER + place] for place, member in enumerate(_MEMBERS)}
_RECORD_TAG = {cls: _FIRST_RECORD + place for place, cls in enumerate(_RECORDS)}

#: How an array's bytes are written: as they are, one value for all, or as scaled integers of so many bytes.
_RAW, _CONSTANT = 0, -1
_INTEGERS: dict[int, np.dtype[Any]] = {width: np.dtype(f"<i{width}") for width in (1, 2, 4)}
#: Most decimals of a number that is kept as an integer.
_MOST_DECIMALS = 4
#: Looking for a shorter form of fewer numbers costs more than it saves.
_FEW = 24
#: Numbers of an array, evenly spread, that tell how many decimals it has.
_SAMPLE = 32
#: One in so many numbers may be written beside the integers.
_FEWEST_AS_WRITTEN = 8
_LARGEST_INTEGER = 2**31 - 1
_HEAD = struct.Struct("<B8s")
_LENGTH = struct.Struct("<I")
#: No plan that is read is near this size; more is an attack on the memory.
_LARGEST_BYTES = 1 << 29


class PackedError(ValueError):
    """Bytes that are no packed plan, or damaged ones. The message holds nothing of their content."""


class PackedVersionError(PackedError):
    """A plan that another version of rtcode packed, whose model has other classes or fields: read its file again."""


def pack(plan: RTPlan) -> bytes:
    """The plan as bytes from which `unpack` makes an equal one, whatever its values and their types are.

    Raises
    ------
    TypeError
        The plan holds an object of a class that the model does not have.
    """
    writer = _Writer()
    item = writer.item(plan)
    text = json.dumps([item, writer.forms], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    body = b"".join((_LENGTH.pack(len(text)), text, *writer.parts))
    return _HEAD.pack(_VERSION, fingerprint()) + zlib.compress(body, 1)


def unpack(data: bytes) -> RTPlan:
    """The plan that was packed. Its arrays cannot be written to: equal ones are one object.

    Raises
    ------
    PackedVersionError
        It was packed by a version of rtcode with another format or another model.
    PackedError
        The bytes are damaged, or no packed plan.
    """
    if len(data) < _HEAD.size:
        raise PackedError("this is no packed plan: it is too short")
    version, form = _HEAD.unpack_from(data)
    if version != _VERSION or form != fingerprint():
        raise PackedVersionError("this plan was packed by another version of rtcode")
    try:
        body = _decompressed(data)
        (length,) = _LENGTH.unpack_from(body)
        start = _LENGTH.size + length
        item, forms = json.loads(body[_LENGTH.size : start].decode("utf-8", "surrogatepass"))
        plan = _Reader(_arrays(forms, body, start)).made(item)
    except (zlib.error, struct.error, ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError):
        raise PackedError("this packed plan is damaged") from None
    if not isinstance(plan, RTPlan):
        raise PackedError("this packed plan is damaged")
    return plan


@lru_cache(maxsize=1)
def fingerprint() -> bytes:
    """8 bytes that change with the classes of the model, their fields and their types, and with the enumerations."""
    known = [[cls.__name__, [[one.name, str(one.type)] for one in fields(cls)]] for cls in _RECORDS]
    members = [[type(member).__name__, member.name] for member in _MEMBERS]
    return hashlib.sha256(json.dumps([known, members]).encode()).digest()[:8]


# ------------------------------------------------------------------------------------------------------- structure


class _Writer:
    """Turns values into what JSON can hold, arrays put aside."""

    def __init__(self) -> None:
        #: of each array: place of its dtype, its form (see `_RAW`), decimals, whether changes are written, how many
        #: numbers are written beside them, shape
        self.forms: list[list[int]] = []
        self.parts: list[bytes] = []
        self._places: dict[tuple[int, tuple[int, ...], bytes], int] = {}

    def item(self, value: Any) -> Any:
        cls = type(value)
        if value is None or cls in (str, int, float, bool):
            return value
        if cls is tuple:
            return [_TUPLE, *map(self.item, value)]
        if cls is np.ndarray:
            return [_ARRAY, self._array(value)]
        tag = _RECORD_TAG.get(cls)
        if tag is not None:
            item = self.item
            return [tag, *[item(getattr(value, name)) for name in cls.__match_args__]]
        if isinstance(value, Enum) and value in _MEMBER_ITEM:
            return _MEMBER_ITEM[value]
        raise TypeError(f"a plan's model holds no {cls.__name__}")

    def _array(self, array: Array) -> int:
        kind = _DTYPE_PLACE.get(array.dtype)
        if kind is None:
            raise TypeError(f"a plan's model holds no array of {array.dtype}")
        content = array.tobytes()
        key = (kind, array.shape, content)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.forms)
            form, written = _written(array, content)
            self.forms.append([kind, *form, *array.shape])
            self.parts.append(written)
        return place


class _Reader:
    """Makes values again from what JSON held."""

    def __init__(self, arrays: list[Array]) -> None:
        self._arrays = arrays

    def made(self, item: Any) -> Any:
        if type(item) is not list:
            return item
        tag = item[0]
        if tag >= _FIRST_RECORD:
            cls: Any = _RECORDS[tag - _FIRST_RECORD]
            if len(item) - 1 != len(cls.__match_args__):
                raise ValueError
            made = self.made
            return cls(*[made(one) if type(one) is list else one for one in item[1:]])
        if tag >= _FIRST_MEMBER:
            return _MEMBERS[tag - _FIRST_MEMBER]
        if tag == _ARRAY:
            return self._arrays[item[1]]
        if tag != _TUPLE:
            raise ValueError
        return tuple([self.made(one) for one in item[1:]])


def _decompressed(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    body = stream.decompress(memoryview(data)[_HEAD.size :], _LARGEST_BYTES)
    if not stream.eof or stream.unused_data:
        raise ValueError
    return body


# ---------------------------------------------------------------------------------------------------------- arrays


def _written(array: Array, content: bytes) -> tuple[list[int], bytes]:
    """How an array is written (see `_Writer.forms`), and its bytes."""
    if array.size < _FEW:
        return [_RAW, 0, 0, 0], content
    width = array.dtype.itemsize
    if content == content[:width] * array.size:
        return [_CONSTANT, 0, 0, 0], content[:width]
    if width == 8:
        sample = array.ravel()[:: -(-array.size // _SAMPLE)]
        for decimals in range(_MOST_DECIMALS + 1) if array.dtype.kind == "f" else (0,):
            if _has_decimals(sample, decimals):
                shorter = _as_integers(array, decimals)
                if shorter is not None:
                    return shorter
    return [_RAW, 0, 0, 0], content


def _has_decimals(sample: Array, decimals: int) -> bool:
    """Whether most of the numbers have no more decimals than that."""
    scale = 10.0**decimals
    return 2 * int((np.rint(sample * scale) / scale == sample).sum()) > len(sample)


def _as_integers(array: Array, decimals: int) -> tuple[list[int], bytes] | None:
    """The array as scaled integers; ``None`` where too many numbers would not come back bit by bit.

    The few that would not (a negative zero, a number that is unknown) are written beside them as they are.
    """
    scaled: Array = array
    if array.dtype.kind == "f":
        scaled = np.rint(array * 10.0**decimals)
    beyond = ~((scaled >= -_LARGEST_INTEGER) & (scaled <= _LARGEST_INTEGER))
    if beyond.any():
        scaled = np.where(beyond, 0, scaled)
    whole = scaled.astype(np.int64)
    others = np.flatnonzero((_scaled_back(whole, array.dtype, decimals).view(np.int64) != array.view(np.int64)).ravel())
    if len(others) * _FEWEST_AS_WRITTEN > array.size:
        return None
    changed = whole.copy()
    changed[1:] -= whole[:-1]
    width, width_of_changes = _width(whole), _width(changed[1:])
    changes = len(array) > 1 and width_of_changes <= width
    if changes:
        # the first row by itself: it need not be as small as the changes
        numbers = changed[:1].astype("<i4").tobytes() + _planes(changed[1:].astype(_INTEGERS[width_of_changes]))
        width = width_of_changes
    else:
        numbers = _planes(whole.astype(_INTEGERS[width]))
    exact = others.astype("<i4").tobytes() + array.ravel()[others].tobytes()
    return [width, decimals, int(changes), len(others)], numbers + exact


def _width(numbers: Array) -> int:
    """Bytes of the smallest integer that holds all of them."""
    low, high = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    return next(w for w, dtype in _INTEGERS.items() if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max)


def _planes(numbers: Array) -> bytes:
    """The integers' bytes, the low ones of all of them first: those above are mostly alike."""
    return numbers.reshape(-1).view(np.uint8).reshape(-1, numbers.itemsize).T.tobytes()


def _from_planes(data: memoryview, width: int, count: int) -> Array:
    planes = np.frombuffer(data, np.uint8, count * width).reshape(width, count)
    numbers: Array = planes.T.copy().view(_INTEGERS[width])
    return numbers[:, 0]


def _scaled_back(whole: Array, dtype: np.dtype[Any], decimals: int) -> Array:
    read: Array = whole.astype(dtype)
    if decimals:
        read /= 10.0**decimals
    return read


def _arrays(forms: list[list[int]], body: bytes, start: int) -> list[Array]:
    """All arrays, from the bytes behind the JSON text."""
    made: list[Array] = []
    view = memoryview(body)
    for kind, form, decimals, changes, others, *shape in forms:
        dtype = _DTYPES[kind]
        count = 1
        for length in shape:
            count *= length
        if min((others, *shape)) < 0 or count * dtype.itemsize > _LARGEST_BYTES:
            raise ValueError
        row = count // shape[0] if changes else 0
        if form == _RAW:
            size = count * dtype.itemsize
        elif form == _CONSTANT:
            size = dtype.itemsize
        else:
            size = 4 * row + (count - row) * form + others * (4 + dtype.itemsize)
        part = view[start : start + size]
        if len(part) != size:
            raise ValueError
        start += size
        array: Array
        if form == _RAW:
            array = np.frombuffer(bytes(part), dtype).reshape(shape)
        elif form == _CONSTANT:
            array = np.full(shape, np.frombuffer(part, dtype)[0], dtype)
        else:
            array = _from_integers(part, dtype, form, decimals, row, others, tuple(shape))
        array.flags.writeable = False
        made.append(array)
    if start != len(body):
        raise ValueError
    return made


def _from_integers(
    part: memoryview, dtype: np.dtype[Any], width: int, decimals: int, row: int, others: int, shape: tuple[int, ...]
) -> Array:
    """The array that `_as_integers` wrote; ``row`` numbers come before the changes, 0 where there are none."""
    count = 1
    for length in shape:
        count *= length
    end = 4 * row + (count - row) * width
    numbers = _from_planes(part[4 * row :], width, count - row)
    if row:
        whole = np.empty((shape[0], row), np.int64)
        whole[0] = np.frombuffer(part, "<i4", row)
        whole[1:] = numbers.reshape(-1, row)
        np.cumsum(whole, axis=0, out=whole)
    else:
        whole = numbers.astype(np.int64)
    array = _scaled_back(whole.reshape(shape), dtype, decimals)
    if others:
        places = np.frombuffer(part, "<i4", others, end)
        array.reshape(-1)[places] = np.frombuffer(part, dtype, others, end + 4 * others)
    return array
