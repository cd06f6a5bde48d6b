"""Reading a plan: find the data set, make sure that it is a plan, read it, build the domain model."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

from rtcode.dicom.build import build_plan
from rtcode.dicom.framing import Frame, frame
from rtcode.dicom.headers import BIG, LITTLE
from rtcode.dicom.limits import DEFAULT_LIMITS, Limits
from rtcode.dicom.triage import PLAN_CLASSES, ObjectKind, is_other_class, kind_of, triage_frame
from rtcode.dicom.vocabulary import TAGS, Item
from rtcode.dicom.walk import UnknownVRError, Walk
from rtcode.dicom.warnings import Notes
from rtcode.errors import (
    MalformedError,
    NotAPlanError,
    NotDicomError,
    TooLargeError,
    TransferSyntaxError,
    UnreadableError,
)
from rtcode.plan.model import PlanKind, RTPlan, Source

Reader = Literal["auto", "plan", "reference"]

_RECORD_HINT = "give its RT Plan; comparing records with a plan is for `rtcode reconcile`, not in this version yet"


def read_plan(
    source: bytes | bytearray | memoryview | str | os.PathLike[str],
    *,
    path: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    reader: Reader = "auto",
) -> RTPlan:
    """Read an RT Plan, RT Ion Plan or brachytherapy plan.

    Parameters
    ----------
    source
        The bytes of the file, or its path.
    path
        How the plan's `Source` names the file; by default the given path, ``-`` for bytes.
    limits
        What the input may cost.
    reader
        ``plan`` is the fast reader, ``reference`` is pydicom. ``auto`` takes the plan reader, and the reference reader
        for what that one declines (unknown value representations). Both give the same plan.

    Raises
    ------
    EmptyFileError, NotDicomError, NotAPlanError, TruncatedError, MalformedError, TransferSyntaxError, TooLargeError,
    UnreadableError
    """
    data, name = _load(source, limits)
    framed = frame(data, limits)
    notes = Notes()
    for code in framed.notes:
        notes.add(code, "file")
    seen = triage_frame(framed)
    if not seen.kind.is_plan and seen.kind is not ObjectKind.OTHER_DICOM:
        raise refusal(seen.kind)
    if not framed.supported:
        if not seen.kind.is_plan:
            raise refusal(seen.kind)
        raise TransferSyntaxError("the transfer syntax is not one that plans are read in")
    try:
        data_set, used = _read(framed, limits, reader)
    except MalformedError:
        if seen.kind.is_plan:
            raise
        # Nothing said that it is a plan; other objects may hold what this reader does not know (encapsulated images).
        raise refusal(seen.kind) from None
    kind = _plan_kind(data_set, framed, notes)
    plan_source = Source(
        path=path if path is not None else name,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        transfer_syntax=framed.transfer_syntax,
        reader=used,
    )
    return build_plan(data_set, kind, plan_source, notes, limits)


def _load(source: bytes | bytearray | memoryview | str | os.PathLike[str], limits: Limits) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        if len(source) > limits.file_bytes:
            raise TooLargeError(f"the file has more than {limits.file_bytes} bytes")
        return bytes(source), "-"
    try:
        with Path(source).open("rb") as file:
            # One byte more than allowed is enough to know; sizes of pipes and special files cannot be trusted.
            data = file.read(limits.file_bytes + 1)
    except OSError as problem:
        raise UnreadableError(f"cannot read the file ({type(problem).__name__})") from None
    if len(data) > limits.file_bytes:
        raise TooLargeError(f"the file has more than {limits.file_bytes} bytes")
    return data, os.fspath(source)


def _read(framed: Frame, limits: Limits, reader: Reader) -> tuple[Item, str]:
    if reader != "reference":
        order = BIG if framed.big_endian else LITTLE
        try:
            return Walk(framed.data, limits, order).read(framed.start, explicit=framed.explicit), "plan"
        except UnknownVRError:
            if reader == "plan":
                raise
    # pydicom takes long to import, and ordinary plans do not need it.
    from rtcode.dicom.reference import read_data_set

    return read_data_set(framed, limits), "reference"


def _plan_kind(data_set: Item, framed: Frame, notes: Notes) -> PlanKind:
    """Which plan it is, by content; refuses a data set that is none after all."""
    sop_class = _text(data_set, "SOPClassUID") or None
    modality = _text(data_set, "Modality").upper() or None
    content = any(
        TAGS[keyword] in data_set
        for keyword in ("BeamSequence", "IonBeamSequence", "FractionGroupSequence", "ApplicationSetupSequence")
    )
    kind = kind_of(sop_class, modality)
    if not kind.is_plan and not (kind is ObjectKind.OTHER_DICOM and content):
        raise refusal(kind, bare=not framed.preamble and sop_class is None)
    if not content:
        _refuse_without_content(data_set, kind, framed, modality)
    if modality != "RTPLAN":
        notes.add("modality_unusual", "Modality (0008,0060)")
    if sop_class and (framed.meta_sop_class not in (None, sop_class) or is_other_class(sop_class)):
        notes.add("sop_class_mismatch", "SOPClassUID (0008,0016)")
    if TAGS["IonBeamSequence"] in data_set or PLAN_CLASSES.get(sop_class or "") is ObjectKind.RT_ION_PLAN:
        return PlanKind.RT_ION_PLAN
    if data_set.get(TAGS["ApplicationSetupSequence"]) and not data_set.get(TAGS["BeamSequence"]):
        return PlanKind.BRACHY
    return PlanKind.RT_PLAN


def _refuse_without_content(data_set: Item, kind: ObjectKind, framed: Frame, modality: str | None) -> None:
    """What has neither beams nor setups nor fraction groups is no plan, or only the beginning of one.

    A file may have been cut where one element ends, which its bytes do not show: its header then says that it is a
    plan, and nothing says that there is nothing to treat. Only an ion plan is one by its class, whatever it holds.
    """
    started = any(tag >> 16 == 0x300A for tag in data_set)
    if not started and (modality != "RTPLAN" or not framed.preamble):
        raise refusal(ObjectKind.OTHER_DICOM, bare=not framed.preamble)
    if not started or kind is not ObjectKind.RT_ION_PLAN:
        raise MalformedError("the plan has neither beams nor a fraction group; the file may have been cut")


def _text(data_set: Item, keyword: str) -> str:
    value = data_set.get(TAGS[keyword], b"")
    return value.decode("latin-1").strip(" \0") if isinstance(value, bytes) else ""


def refusal(kind: ObjectKind, *, bare: bool = False) -> NotAPlanError | NotDicomError:
    """The error of an object that is no plan."""
    if kind is ObjectKind.NOT_DICOM or (bare and kind is ObjectKind.OTHER_DICOM):
        return NotDicomError("no DICOM preamble, and the bytes are not those of a plan")
    hint = _RECORD_HINT if kind is ObjectKind.TREATMENT_RECORD else None
    return NotAPlanError(f"this is {kind.words}", hint, kind=kind.value)
