"""Values as a plan has them: numbers that may be missing, and the attributes of control points as columns.

Three things stay apart to the end: an attribute that is *absent*, one that is present but *empty*, and one whose value
cannot be read (*invalid*). Single numbers say so with `Missing`, columns with a `State` for every control point.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rtcode.records import record

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
StateArray: TypeAlias = npt.NDArray[np.uint8]


class Missing(Enum):
    """Why there is no number."""

    ABSENT = "absent"
    EMPTY = "empty"
    INVALID = "invalid"

    def __bool__(self) -> bool:
        return False


Number: TypeAlias = float | Missing
Integer: TypeAlias = int | Missing
#: ``None`` is absent, ``""`` present but empty. Padding is stripped, nothing else is changed.
#: Several values of one attribute are joined by a backslash, as in the file.
Text: TypeAlias = str | None


def known(value: float | int | Missing) -> float | None:
    """The number, or ``None`` where there is none. Zero stays zero."""
    return None if isinstance(value, Missing) else float(value)


def known_int(value: int | Missing) -> int | None:
    """The integer, or ``None`` where there is none. Zero stays zero."""
    return None if isinstance(value, Missing) else value


def terms(value: Text) -> frozenset[str]:
    """The terms of a coded attribute, upper case; several are joined by a backslash. Absent is one empty term."""
    return frozenset(term.strip().upper() for term in (value or "").split("\\"))


class State(IntEnum):
    """Where a control point's value comes from."""

    ABSENT = 0
    #: written at this control point
    GIVEN = 1
    #: not written here; the value of an earlier control point holds
    INHERITED = 2
    #: written but empty (unknown from here on), or inheriting that
    EMPTY = 3
    #: written but not readable as a finite number (unknown from here on), or inheriting that
    INVALID = 4


#: As plain numbers, since numpy compares with a member of an enumeration several times as slowly.
_GIVEN, _INHERITED = int(State.GIVEN), int(State.INHERITED)


class Direction(IntEnum):
    """Rotation direction of the segment *after* a control point (PS3.3 C.8.8.14.8)."""

    UNKNOWN = -2
    COUNTER_CLOCKWISE = -1
    NONE = 0
    CLOCKWISE = 1


def never_changes(values: FloatArray) -> bool:
    """Whether all rows of an array are the same, with no NaN among them; of no rows nothing is known."""
    return len(values) > 0 and not np.count_nonzero(values != values[0])


@record(eq=False)
class Column:
    """One attribute of a beam's control points, inheritance done.

    Attributes
    ----------
    values
        Shape ``(n,)`` or ``(n, 3)``; NaN where the value is not known (`state` says why).
        Direction columns hold `Direction` numbers.
    state
        Shape ``(n,)``, a `State` for each control point.
    """

    values: FloatArray
    state: StateArray

    def is_given(self) -> npt.NDArray[np.bool_]:
        """Shape ``(n,)``: at which control points a value is written."""
        given: npt.NDArray[np.bool_] = self.state == _GIVEN
        return given

    def is_known(self) -> npt.NDArray[np.bool_]:
        """Shape ``(n,)``: at which control points a value holds, written there or before."""
        known: npt.NDArray[np.bool_] = (self.state == _GIVEN) | (self.state == _INHERITED)
        return known

    def is_constant(self) -> bool:
        """Whether one value is known to hold throughout."""
        return never_changes(self.values)

    def first_known(self) -> int | None:
        """Index of the first control point with a known value."""
        ok = self.is_known().nonzero()[0]
        return int(ok[0]) if ok.size else None

    def source(self, index: int) -> int | None:
        """The control point at which the value that holds at ``index`` was written."""
        given = (self.state[: index + 1] == _GIVEN).nonzero()[0]
        return int(given[-1]) if given.size else None


@record(eq=False)
class DevicePositions:
    """Positions of one beam limiting device over a beam, inheritance done.

    Real files list two devices of one type (MRIdian: two ``MLCX`` with 34 and 35 pairs), so a device is keyed by
    ``(type, pairs, ordinal)``, the ordinal counting devices of the same type and pair count.

    Attributes
    ----------
    type
        RTBeamLimitingDeviceType as written, upper case: ``X Y ASYMX ASYMY MLCX MLCY MLCX1 MLCX2`` or a vendor's word.
    pairs
        Number of leaf or jaw pairs that the positions have.
    rows
        Shape ``(k, 2 * pairs)``: the distinct entries in the order they were written, bank 1 then bank 2 (mm, NaN where
        a number is unreadable).
    index
        Shape ``(n,)``: for each control point the row that holds there, or -1 where nothing is known.
    given
        Shape ``(n,)`` bool: written at this control point.
    declared
        Index into `Beam.devices` of the declaration that these positions belong to, or ``None``.
    """

    type: str
    pairs: int
    ordinal: int
    rows: FloatArray
    index: IntArray
    given: npt.NDArray[np.bool_]
    declared: int | None = None

    def at(self, control_point: int) -> FloatArray | None:
        """Positions at a control point, shape ``(2, pairs)`` (bank, pair), or ``None`` where unknown."""
        row = int(self.index[control_point])
        return None if row < 0 else self.rows[row].reshape(2, self.pairs)


class WedgeState(IntEnum):
    UNKNOWN = -1
    OUT = 0
    IN = 1


@record(eq=False)
class WedgePositions:
    """WedgePosition of one wedge at every control point, inherited: shape ``(n,)`` of `WedgeState`."""

    number: Integer
    states: npt.NDArray[np.int8]


@record(eq=False)
class ControlPoints:
    """The control points of one beam as columns; a column is ``None`` where the attribute is nowhere in the beam.

    Everything is inherited from the last control point that wrote it, except `meterset_weight` and `number`, which
    every control point has to bring itself. Present-but-empty is unknown from there on, not "as before".
    """

    count: int
    #: ControlPointIndex as written
    number: Column | None = None
    meterset_weight: Column | None = None
    energy: Column | None = None
    dose_rate: Column | None = None
    gantry_deg: Column | None = None
    gantry_direction: Column | None = None
    collimator_deg: Column | None = None
    collimator_direction: Column | None = None
    couch_deg: Column | None = None
    couch_direction: Column | None = None
    table_eccentric_deg: Column | None = None
    table_pitch_deg: Column | None = None
    table_roll_deg: Column | None = None
    table_vertical_mm: Column | None = None
    table_longitudinal_mm: Column | None = None
    table_lateral_mm: Column | None = None
    #: ``(n, 3)``
    isocenter_mm: Column | None = None
    #: ``(n, 3)``
    surface_entry_mm: Column | None = None
    ssd_mm: Column | None = None
    devices: tuple[DevicePositions, ...] = ()
    wedges: tuple[WedgePositions, ...] = ()
    #: Tomo: private sinogram, one row a control point that has one (leaf open fraction 0..1); type ``SINOGRAM``
    sinogram: DevicePositions | None = None
