"""What of a plan's identity an output may show.

``full``
    Everything, with the patient's name, ID and birth date under a key of their own.
``uid`` (the default)
    UIDs, paths, labels and beam names. The patient's name, ID and birth date are never written, and where a label or
    another text of the plan repeats one of them, that part is replaced (`rtcode.outputs.identity`).
``none``
    UIDs and paths are replaced by pseudonyms (HMAC-SHA256 under a key of the site, 16 hex digits), free text is left
    out. Numbers stay, and of texts only defined terms of coded attributes and names that consist of vendors' words
    (`rtcode.outputs.terms`).

At every level a text is cut at `LONGEST_TEXT` characters.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rtcode.outputs.identity import IdentityFinder
from rtcode.outputs.layout import CUT, cut
from rtcode.outputs.terms import has_terms, is_equipment, is_term
from rtcode.plan.model import PatientIdentity, RTPlan
from rtcode.truth import Evidence, EvidenceKind, EvidenceValue

if TYPE_CHECKING:
    from rtcode.outputs.contract import PatientDict
    from rtcode.outputs.contract_values import EvidenceDict, EvidenceValueJson, IdentifierLevel

#: What replaces a part of a text that repeats the patient's name, ID or birth date.
REMOVED = "[removed]"
#: Characters of a text that outputs show; no attribute that is read may be longer, by the standard (VR ST).
LONGEST_TEXT = 1024
#: Read beyond that, so that a name across the cut is still recognized.
_BEYOND = 256

_UID = re.compile(r"[0-9]+(\.[0-9]+){3,}")
_LONGEST_UID = 64
#: The root of the UIDs that DICOM itself gives out, those of SOP classes among them.
_DICOM_ROOT = "1.2.840.10008."
_KEYWORD = re.compile(r"(\w+) \([0-9A-F]{4},[0-9A-F]{4}\)$")


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
        self._finder = None if level == "full" else IdentityFinder(plan.patient for plan in plans)
        self._cleaned: dict[str, str] = {}

    def pseudonym(self, value: str) -> str:
        """16 hex digits that stand for a value."""
        import hmac

        return hmac.new(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:16]

    def uid(self, value: str | None) -> str | None:
        """A UID, or its pseudonym under ``none``. What stands where a UID belongs and is none is taken as text."""
        if not value:
            return value
        if self.level == "none":
            return self.pseudonym(value)
        return value if _is_uid(value) else self._clean(value)

    def sop_class(self, value: str | None) -> str | None:
        """A SOP class names a kind of object and no instance: those of DICOM stay at every level."""
        if value and value.startswith(_DICOM_ROOT) and _is_uid(value):
            return value
        return self.uid(value)

    def path(self, value: str) -> str:
        """A path as the caller gave it, or its pseudonym; ``-`` (standard input) names nobody."""
        return self.pseudonym(value) if self.level == "none" and value != "-" else value

    def text(self, value: str | None) -> str | None:
        """Free text: left out under ``none``."""
        if value is None or self.level == "none":
            return None
        return self._clean(value)

    def term(self, keyword: str, value: str | None) -> str | None:
        """The value of a coded attribute: its defined terms stay, anything else is free text."""
        return value if value is not None and is_term(keyword, value) else self.text(value)

    def equipment(self, value: str | None) -> str | None:
        """A manufacturer or model: names of vendors' words stay, anything else is free text."""
        return value if value is not None and is_equipment(value) else self.text(value)

    def patient(self, identity: PatientIdentity) -> PatientDict:
        """The identity itself, which only ``full`` shows."""
        values = (None if v is None else self._clean(v) for v in (identity.id, identity.name, identity.birth_date))
        number, name, birth_date = values
        return {"id": number, "name": name, "birth_date": birth_date}

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
        found = _KEYWORD.search(evidence.where)
        keyword = found.group(1) if found else ""
        if keyword == "SOPClassUID":
            return self.sop_class(value)
        if _is_uid(value):
            return self.uid(value)
        if has_terms(keyword):
            return self.term(keyword, value)
        if keyword in ("Manufacturer", "ManufacturerModelName"):
            return self.equipment(value)
        return self.text(value)

    def _clean(self, value: str) -> str:
        """The text without the patient's identity, cut where it is too long."""
        if self._finder is None:
            return cut(value, LONGEST_TEXT)
        if value not in self._cleaned:
            self._cleaned[value] = self._without_identity(self._finder, value)
        return self._cleaned[value]

    def _without_identity(self, finder: IdentityFinder, value: str) -> str:
        head = value[: LONGEST_TEXT + _BEYOND]
        # Composed, so that a Korean syllable is one character.
        text = head if head.isascii() else unicodedata.normalize("NFC", head)
        spans = finder.spans(text)
        if not spans:
            text = head
        parts: list[str] = []
        at = 0
        for begin, end in spans:
            if begin >= LONGEST_TEXT:
                break
            parts += [text[at:begin], REMOVED]
            at = end
        parts.append(text[at : max(at, LONGEST_TEXT)])
        return "".join(parts) + (CUT if len(value) > LONGEST_TEXT else "")


def _is_uid(value: str) -> bool:
    return len(value) <= _LONGEST_UID and _UID.fullmatch(value) is not None


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
