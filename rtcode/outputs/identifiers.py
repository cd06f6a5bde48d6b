"""What of a plan's identity an output may show.

``full``
    Everything, with the patient's name, ID and birth date under a key of their own.
``uid`` (the default)
    UIDs, paths, labels and beam names. The patient's name, ID and birth date are never written, and where a label or
    another text of the plan repeats one of them, that part is replaced.
``none``
    UIDs and paths are replaced by pseudonyms (HMAC-SHA256 under a key of the site, 16 hex digits), free text is left
    out. Values of coded attributes and numbers stay.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rtcode.plan.model import PatientIdentity, RTPlan
from rtcode.truth import Evidence, EvidenceKind, EvidenceValue

if TYPE_CHECKING:
    from rtcode.outputs.contract import EvidenceDict, EvidenceValueJson, IdentifierLevel

#: What replaces a part of a text that repeats the patient's name, ID or birth date.
REMOVED = "[removed]"

_UID = re.compile(r"[0-9]+(\.[0-9]+){3,}")
#: A DICOM code string; `_CODED` says which attributes are of that kind.
_CODE_STRING = re.compile(r"[A-Z0-9_ ]{0,32}")
_KEYWORD = re.compile(r"(\w+) \([0-9A-F]{4},[0-9A-F]{4}\)$")

#: Attributes with defined terms, and codes of coding schemes: no place for free text.
_CODED = frozenset(
    {
        "ApplicatorApertureShape",
        "ApplicatorType",
        "ApprovalStatus",
        "BeamDoseMeaning",
        "BeamType",
        "BlockType",
        "BrachyTreatmentTechnique",
        "BrachyTreatmentType",
        "CodeValue",
        "CodingSchemeDesignator",
        "CompensatorType",
        "DoseReferenceStructureType",
        "DoseReferenceType",
        "FixationDeviceType",
        "FluenceMode",
        "GantryRotationDirection",
        "GeneralAccessoryType",
        "HighDoseTechniqueType",
        "Modality",
        "PatientPosition",
        "PlanIntent",
        "PrimaryDosimeterUnit",
        "RTBeamLimitingDeviceType",
        "RTPlanGeometry",
        "RTPlanRelationship",
        "RadiationType",
        "RespiratoryMotionCompensationTechnique",
        "RespiratorySignalSource",
        "SetupTechnique",
        "ShieldingDeviceType",
        "TreatmentDeliveryType",
        "WedgePosition",
        "WedgeType",
    }
)


class Identifiers:
    """Applies one level of identifiers to the values of an output.

    Parameters
    ----------
    level
        ``none``, ``uid`` or ``full``.
    plans
        The plans of the call: their patients' names, IDs and birth dates are what texts are searched for.
    key
        The site's key for pseudonyms; without one a new key is drawn, so that calls cannot be joined by pseudonyms.
    """

    def __init__(self, level: IdentifierLevel, plans: Iterable[RTPlan], key: bytes | None = None) -> None:
        self.level = level
        self._key = key if key else os.urandom(32)
        self._identity = None if level == "full" else _pattern(plan.patient for plan in plans)

    def pseudonym(self, value: str) -> str:
        """16 hex digits that stand for a value."""
        import hmac

        return hmac.new(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:16]

    def uid(self, value: str | None) -> str | None:
        """A UID, or its pseudonym. What stands where a UID belongs and is none gets a pseudonym at any level."""
        if value is None or value == "":
            return value
        if self.level == "none":
            return self.pseudonym(value)
        return value if self.level == "full" or _UID.fullmatch(value) else self._clean(value)

    def path(self, value: str) -> str:
        """A path as the caller gave it, or its pseudonym; ``-`` (standard input) names nobody."""
        return self.pseudonym(value) if self.level == "none" and value != "-" else value

    def text(self, value: str | None) -> str | None:
        """Free text: left out under ``none``."""
        if value is None or self.level == "none":
            return None
        return self._clean(value)

    def term(self, value: str | None) -> str | None:
        """The value of an attribute with defined terms; what does not look like a term is free text."""
        if value is None:
            return None
        return self._clean(value) if _CODE_STRING.fullmatch(value) else self.text(value)

    def equipment(self, value: str | None) -> str | None:
        """Manufacturer and model: they name no person and stay at every level, within reason."""
        return None if value is None else self._clean(value)[:64]

    def evidence(self, evidence: Evidence) -> EvidenceDict:
        """One piece of evidence, its value as the level allows."""
        return {
            "kind": evidence.kind.value,
            "where": evidence.where,
            "value": self._value(evidence),
            "plan": self.uid(evidence.plan_uid),
        }

    def _value(self, evidence: Evidence) -> EvidenceValueJson:
        value = evidence.value
        if isinstance(value, tuple):
            if evidence.kind is EvidenceKind.TEXT and self.level == "none":
                return None
            parts: list[str] = []
            numbers: list[float | None] = []
            for part in value:
                if isinstance(part, str):
                    parts.append(self._word(evidence, part) or "")
                else:
                    numbers.append(number(part))
            return parts if parts else numbers
        if isinstance(value, str):
            return self._word(evidence, value)
        return scalar(value)

    def _word(self, evidence: Evidence, value: str) -> str | None:
        if evidence.kind is EvidenceKind.ATTESTED:
            return value
        if evidence.kind is EvidenceKind.TEXT:
            return self.text(value)
        if _UID.fullmatch(value):
            return self.uid(value)
        found = _KEYWORD.search(evidence.where)
        keyword = found.group(1) if found else ""
        if keyword in _CODED:
            return self.term(value)
        if keyword in ("Manufacturer", "ManufacturerModelName"):
            return self.equipment(value)
        return self.text(value)

    def _clean(self, value: str) -> str:
        return value if self._identity is None else self._identity.sub(REMOVED, value)


def _pattern(patients: Iterable[PatientIdentity]) -> re.Pattern[str] | None:
    """Finds what the patients' attributes say, whole or part by part, wherever a text repeats it as words of its own.

    Parts of fewer than three characters are too common to mean anything.
    """
    secret: set[str] = set()
    for patient in patients:
        for whole in (patient.id, patient.name, patient.birth_date):
            if whole:
                secret.update((whole, *re.split(r"[\^=\\,\s]+", whole)))
    words = sorted((s for s in secret if len(s.strip()) >= 3), key=lambda s: (-len(s), s))
    if not words:
        return None
    choice = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<![^\W_])(?:{choice})(?![^\W_])", re.IGNORECASE)


def number(value: float | int | None, digits: int = 4) -> float | None:
    """A number that JSON can hold: rounded, no NaN and no infinity (both are unknown), no negative zero."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0


def scalar(value: EvidenceValue) -> EvidenceValueJson:
    """A scalar evidence value; integers stay integers."""
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    assert isinstance(value, float)
    return number(value)
