"""Words and values that recur in the JSON contract."""

from __future__ import annotations

from typing import Literal

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

TruthWord = Literal["met", "not_met", "unknown"]
StatusWord = Literal["supported", "provisional", "out_of_scope", "not_assessable"]
IdentifierLevel = Literal["none", "uid", "full"]
EvidenceValueJson = str | int | float | bool | None | list[float | None] | list[str]
PointJson = list[float]
#: profile → metric → value; null is unknown. `docs/metrics.md` defines each.
MetricsJson = dict[str, dict[str, float | None]]


class EvidenceDict(TypedDict):
    """One observed value and the place where it stands; ``plan`` is the SOPInstanceUID of the plan."""

    kind: Literal["coded", "geometric", "text", "attested", "delivered"]
    where: str
    value: EvidenceValueJson
    plan: str | None
