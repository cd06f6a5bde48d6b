"""What relates a plan to others of its patient: kept beside the packed plan, so that plans are found without unpacking.

All of it is as the level of identifiers allows. Under ``none`` days are counted from another day for each patient, so
that the days between plans stay and dates do not.
"""

from __future__ import annotations

import hmac
import re
from datetime import date
from typing import TYPE_CHECKING

from rtcode.outputs.identifiers import Identifiers
from rtcode.plan.model import RTPlan, Text
from rtcode.records import record

if TYPE_CHECKING:
    from rtcode.outputs.contract_values import IdentifierLevel

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
#: How labels say that a file is a part of something ("Breast 1of2", "CSI part 2"), and which version it is ("Breast:1",
#: "Pelvis rev2", "Lung v3"): only what says so in so many words, since "Brain_1" and "Brain_2" may be two targets.
_PART = re.compile(
    r"[\s_.-]*(?<![A-Z0-9])(?:PART|TEIL)[\s_.-]*[0-9]{1,2}$|[\s_.(-]*(?<![0-9/])[1-9]\s?(?:OF|/)\s?[2-9]\)?$"
)
_VERSION = re.compile(r"\s*:\s*[0-9]{1,3}$|[\s_.-]*(?<![A-Z0-9])(?:REV|V|VERSION|COPY)[\s_.-]*[0-9]{0,3}$")
#: Days by which the days of one patient are moved under ``none``: about ten years.
_MOST_DAYS = 3653


@record
class Links:
    """What relates a plan to others.

    Attributes
    ----------
    day
        RTPlanDate as a number of days; ``None`` where there is none, and under ``none`` also without a PatientID.
    study, frame
        Study instance UID and frame of reference UID.
    concurrent
        UIDs of the plans that it names as CONCURRENT, with blanks between.
    label
        A pseudonym of the label without what makes it one of several parts or versions.
    part
        The label says that the plan is one of several parts.
    """

    day: int | None
    study: Text
    frame: Text
    concurrent: str
    label: Text
    part: bool


def links_of(plan: RTPlan, kept: RTPlan, level: IdentifierLevel, shown: Identifiers, key: bytes) -> Links:
    """The links of a plan.

    Parameters
    ----------
    kept
        The plan as it is kept at this level (`rtcode.archive.kept`).
    shown, key
        Make pseudonyms.
    """
    stem, part = label_stem(plan.label or "")
    named = (
        related.sop_instance_uid
        for related in kept.related_plans
        if (related.relationship or "").strip().upper() == "CONCURRENT" and related.sop_instance_uid
    )
    return Links(
        day=_day(plan, level, key),
        study=kept.study_instance_uid or None,
        frame=kept.frame_of_reference_uid or None,
        concurrent=" ".join(dict.fromkeys(uid.replace(" ", "") for uid in named)),
        label=shown.pseudonym(f"label {stem}") if stem else None,
        part=part,
    )


def label_stem(label: str) -> tuple[str, bool]:
    """A label in capitals without its part and version, and whether it named a part."""
    text = " ".join(label.upper().split())
    whole = _VERSION.sub("", text) or text
    without = _PART.sub("", whole)
    return (without, without != whole) if without else (whole, False)


def _day(plan: RTPlan, level: IdentifierLevel, key: bytes) -> int | None:
    found = _DATE.fullmatch((plan.date or "").strip())
    if found is None:
        return None
    try:
        day = date(*map(int, found.groups())).toordinal()
    except ValueError:
        return None
    if level != "none":
        return day
    if not plan.patient.id:
        return None
    digest = hmac.new(key, f"days of {plan.patient.id}".encode("utf-8", "surrogatepass"), "sha256").digest()
    return day + int.from_bytes(digest[:4], "big") % _MOST_DAYS
