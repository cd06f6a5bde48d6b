"""What a statement about a plan is worth: three-valued truth, evidence and citations.

The words are those of the output contract, so that nothing has to be translated on the way out.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rtcode.records import record

#: A value as evidence shows it: what the file says, or what was computed from it.
EvidenceValue = str | int | float | bool | None | tuple[float, ...] | tuple[str, ...]


class Truth(StrEnum):
    """Kleene's three values. ``UNKNOWN`` is an answer of its own, never a weak "no"."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool | None) -> Truth:
        """``True`` → MET, ``False`` → NOT_MET, ``None`` → UNKNOWN."""
        if value is None:
            return cls.UNKNOWN
        return cls.MET if value else cls.NOT_MET

    @classmethod
    def any(cls, values: Iterable[Truth]) -> Truth:
        """Kleene "or": one MET decides, else one UNKNOWN keeps it open."""
        result = cls.NOT_MET
        for value in values:
            if value is cls.MET:
                return cls.MET
            if value is cls.UNKNOWN:
                result = cls.UNKNOWN
        return result

    @classmethod
    def all(cls, values: Iterable[Truth]) -> Truth:
        """Kleene "and": one NOT_MET decides, else one UNKNOWN keeps it open."""
        result = cls.MET
        for value in values:
            if value is cls.NOT_MET:
                return cls.NOT_MET
            if value is cls.UNKNOWN:
                result = cls.UNKNOWN
        return result


class EvidenceKind(StrEnum):
    """Where a fact comes from, strongest claim first to be checked by a reader.

    ``TEXT`` may raise a ceiling and ask; alone it never raises a floor.
    """

    CODED = "coded"
    GEOMETRIC = "geometric"
    TEXT = "text"
    ATTESTED = "attested"
    DELIVERED = "delivered"


@record
class Evidence:
    """One observed value and the place where anybody can look it up.

    Attributes
    ----------
    kind
        How strong the observation is; see `EvidenceKind`.
    where
        Attribute path with tag, such as ``BeamSequence[0].RadiationType (300A,00C6)``
        (made by `rtcode.plan.tags.at`), or ``answer motion_management`` for a human's answer.
    value
        The value as the file has it, or what was computed from it (units belong in ``where`` or the reason).
        Free text from the plan may stand here only with kind ``TEXT`` or ``CODED``; outputs decide whether it is shown.
    plan_uid
        SOPInstanceUID of the plan it was seen in, where known.
    """

    kind: EvidenceKind
    where: str
    value: EvidenceValue = None
    plan_uid: str | None = None


@record
class PlanWarning:
    """A readable defect of an input: what is odd, where, and what was therefore left unknown.

    ``message`` never quotes a value from the file (it may be a patient's name).
    """

    code: str
    message: str
    where: str
