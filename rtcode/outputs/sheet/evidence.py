"""Lines of evidence: what several beams have alike stands on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtcode.outputs.sheet.figures import Row
from rtcode.outputs.words import evidence_beams, short_path, value_word

if TYPE_CHECKING:
    from rtcode.outputs.contract import PlanDict
    from rtcode.outputs.contract_values import EvidenceDict

#: An item of a sequence in a path.
_ITEM = re.compile(r"\[([0-9]+)\]")
#: Beams told on one line, and full paths behind it; JSON has all.
_MOST_BEAMS, _MOST_PATHS = 12, 6


def rows(found: Sequence[EvidenceDict], plans: list[PlanDict], most: int) -> tuple[list[Row], int]:
    """The first lines of evidence, and how many pieces of evidence stand on none of them."""
    together = alike(found)
    return [_row(same, plans) for same in together[:most]], sum(len(same) for same in together[most:])


def alike(found: Sequence[EvidenceDict]) -> list[list[EvidenceDict]]:
    """Pieces of evidence that differ only in the item of their first sequence, that is in the beam, together."""
    together: dict[tuple[object, ...], list[EvidenceDict]] = {}
    for place, evidence in enumerate(found):
        path = _ITEM.sub("[]", evidence["where"], count=1)
        # Without an item nothing would tell two of them apart.
        apart = None if _ITEM.search(evidence["where"]) else place
        key = (apart, evidence["kind"], evidence["plan"], path, value_word(evidence["value"]))
        together.setdefault(key, []).append(evidence)
    return list(together.values())


def _row(same: list[EvidenceDict], plans: list[PlanDict]) -> Row:
    first = same[0]
    names = dict.fromkeys(filter(None, (evidence_beams(evidence, plans) for evidence in same)))
    numbers = [name.removeprefix("beams ").removeprefix("beam ") for name in names]
    head: str = first["kind"]
    if numbers:
        several = len(numbers) > 1 or " and " in numbers[0]
        head = f"beam{'s' if several else ''} {', '.join(_few(numbers))}, {head}"
    where = short_path(first["where"])
    if len(same) > 1:
        items = dict.fromkeys(_ITEM.findall(evidence["where"])[0] for evidence in same)
        where = _ITEM.sub(f"[{', '.join(_few(list(items)))}]", where, count=1)
    paths = [evidence["where"] for evidence in same]
    return {
        "head": head,
        "where": where,
        "path": "; ".join(paths[:_MOST_PATHS]) + (" ..." if len(paths) > _MOST_PATHS else ""),
        "value": value_word(first["value"]),
    }


def _few(names: list[str]) -> list[str]:
    more = len(names) - _MOST_BEAMS
    return names if more <= 0 else [*names[:_MOST_BEAMS], f"{more} more"]
