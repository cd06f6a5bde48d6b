"""A comparison in words: the verdict, one line for each difference, what a confirmation is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtcode.comparison.types import Comparison, Confirmation, Difference, Kind, PatientRelation, Verdict
from rtcode.outputs.layout import cut
from rtcode.outputs.tree import untold_warnings
from rtcode.outputs.words import decimal

if TYPE_CHECKING:
    from rtcode.outputs.comparison_contract import (
        BeamPairDict,
        ComparedBeamDict,
        ComparisonDict,
        CriterionChangeDict,
        DifferenceDict,
        FindingChangesDict,
        MetricChangeDict,
        SessionChangeDict,
        SuggestionSideDict,
        ValueJson,
    )
    from rtcode.outputs.contract import FindingDict, WarningDict

#: Characters of a text that a line shows.
_LONGEST = 70
_INCOMPLETE = "Not all of the delivery could be compared (see below), so that more may differ."
_PRESENCE_WORDS = {"absent": "not given", "empty": "empty", "invalid": "not readable"}
_KINDS = {
    Kind.IDENTITY: "identity and names",
    Kind.DELIVERY: "delivery",
    Kind.PRESCRIPTION: "prescription",
    Kind.SETUP: "set-up",
    Kind.ADMINISTRATIVE: "administrative data",
}
#: Headings of differences that do not matter for delivery, by kind.
_KIND_HEADINGS = {
    "identity": "Names and numbers",
    "delivery": "Delivery, of less weight",
    "prescription": "Prescription and fractions",
    "setup": "Set-up and references",
    "administrative": "Administrative",
}
_BROKEN = {
    "bytes": "the file's bytes are not the same",
    "sop_instance_uid": "the SOP Instance UID is another one",
    "fraction_groups": "the fraction groups are not the same",
    "decision": "the decision is not the same",
}


def headline(comparison: Comparison) -> str:
    """The verdict in one sentence."""
    return {
        Verdict.IDENTICAL: _identical,
        Verdict.DIFFERENT_PATIENT: lambda _: "Not the same patient: the patient IDs differ.",
        Verdict.DIFFERENT: _different,
        Verdict.WITHIN_TOLERANCE: _within,
        Verdict.SAME_CONTENT: _same,
    }[comparison.verdict](comparison) + ("" if comparison.complete else f" {_INCOMPLETE}")


def _identical(_: Comparison) -> str:
    return "The same file: all bytes are equal."


def _different(comparison: Comparison) -> str:
    beyond = comparison.beyond
    if not comparison.matters:
        return f"Different, but nothing that changes the treatment: only {_kinds(beyond)}."
    important = [d for d in beyond if d.matters]
    others = [d for d in beyond if not d.matters]
    count = len(important)
    text = f"Different: {count} {'change matters' if count == 1 else 'changes matter'} for the treatment"
    return f"{text} ({_kinds(important)})" + (f"; {len(others)} other ({_kinds(others)})." if others else ".")


def _kinds(differences: Sequence[Difference]) -> str:
    """What differences are about, in the order in which they are listed."""
    return _and([_KINDS[kind] for kind in Kind if any(d.kind is kind for d in differences)])


def _within(comparison: Comparison) -> str:
    count = len(comparison.within)
    differences = "1 difference" if count == 1 else f"{count} differences"
    return f"The same within tolerances: {differences}, none beyond its tolerance."


def _same(comparison: Comparison) -> str:
    uids = any(d.attribute == "sop_instance_uid" for d in comparison.differences)
    what = "under another SOP Instance UID" if uids else "in other bytes"
    return f"The same content {what}: everything that rtcode reads is equal."


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def patient_line(comparison: ComparisonDict) -> str:
    """What is known about whose plans these are."""
    identity = [
        d["title"] for d in comparison["differences"] if d["attribute"] in ("patient_name", "patient_birth_date")
    ]
    if comparison["patient"] == PatientRelation.DIFFERENT.value:
        return "NOT THE SAME: the patient IDs differ."
    if comparison["patient"] == PatientRelation.UNKNOWN.value:
        known = "a plan has no patient ID"
        return f"not known: {known}" + (f"; {_and(identity)} not the same" if identity else "")
    return "the same patient ID" + (f", but {_and(identity)} not the same" if identity else "")


def broken_text(confirmation: Confirmation) -> str:
    """Whether a confirmation of OLD would hold, and why not."""
    if confirmation.holds:
        return "A confirmation of OLD holds for NEW."
    why = _and([_BROKEN[name] for name in confirmation.broken_by])
    text = f"A confirmation of OLD does not hold for NEW: {why}."
    if "decision" not in confirmation.broken_by:
        return f"{text} The decision itself is the same, so that it can be confirmed anew without another question."
    return text


# -------------------------------------------------------------------------------------------------------- differences


def difference_text(difference: DifferenceDict, *, hidden: bool = False) -> str:
    """One difference in a line, without the beams that it concerns.

    Parameters
    ----------
    hidden
        Values may be left out at this level of identifiers: where they are, the line says so.
    """
    d = difference
    title = d["title"]
    left_out = hidden and d["old"] is None and d["new"] is None
    if d["attribute"].endswith(("_added", "_removed")):
        value = d["new"] if d["new"] is not None else d["old"]
        plain = value in (None, "named", "block", "applicator", "set-up") or d["attribute"].startswith("beam_")
        text = title if plain else f"{title}: {_word(value)}"
    elif "shift_lps_mm" in d["details"]:
        text = f"{title} moved {_number(d['amount'])} mm{_vector(d['details']['shift_lps_mm'])}"
    elif d["attribute"] == "leaves" and d["amount"] is not None:
        mean = d["details"].get("mean_mm")
        text = f"{title}: largest move {_number(d['amount'])} mm, mean {_number(mean)} mm"
    elif d["attribute"] == "block_outline" and d["amount"] is not None:
        text = f"{title}: up to {_number(d['amount'])} mm apart"
    elif left_out and "given" in (d["old_presence"], d["new_presence"]):
        text = f"{title}: {_hidden(d)}"
    elif d["old"] is None and d["new"] is None and d["old_presence"] == d["new_presence"] == "given":
        text = title
    else:
        text = f"{title}: {_side(d, 'old')} to {_side(d, 'new')}"
        aside = "; ".join(part for part in (_change(d), d["note"]) if part)
        return f"{text} ({aside})" if aside else text
    return f"{text} ({d['note']})" if d["note"] else text


def cells(difference: DifferenceDict, *, hidden: bool) -> tuple[str, str, str]:
    """A difference side by side: OLD, NEW, and how large the change is."""
    d = difference
    if d["old"] is None and d["new"] is None and "given" in (d["old_presence"], d["new_presence"]):
        word = "not shown" if hidden else ""
        old, new = (word if d[f"{side}_presence"] == "given" else _side(d, side) for side in ("old", "new"))  # type: ignore[literal-required]
    else:
        old, new = _side(d, "old"), _side(d, "new")
    size = ""
    if "shift_lps_mm" in d["details"]:
        size = f"{_number(d['amount'])} mm{_vector(d['details']['shift_lps_mm'])}"
    elif d["amount"] is not None and d["unit"]:
        size = f"{_number(d['amount'])} {d['unit']}"
        if d["percent"] is not None:
            size += f" ({d['percent']:+.1f} %)"
    if d["attribute"] == "leaves" and "mean_mm" in d["details"]:
        size = f"largest {size}, mean {_number(d['details']['mean_mm'])} mm"
    return old, new, "; ".join(part for part in (size, d["note"]) if part)


def headed(differences: list[DifferenceDict]) -> list[tuple[str, list[DifferenceDict]]]:
    """Differences under the headings of a report: what matters, the rest by kind, within tolerance, not counting."""
    beyond = [d for d in differences if d["counts"] and not d["within_tolerance"]]
    return [
        ("What matters for the treatment", [d for d in beyond if d["matters"]]),
        *(
            (heading, [d for d in beyond if not d["matters"] and d["kind"] == kind])
            for kind, heading in _KIND_HEADINGS.items()
        ),
        ("Within tolerance", [d for d in differences if d["counts"] and d["within_tolerance"]]),
        ("Other in the file, same in meaning", [d for d in differences if not d["counts"]]),
    ]


def finding_sides(found: FindingChangesDict) -> list[tuple[str, list[FindingDict], list[WarningDict]]]:
    """Heading, findings and oddities that no finding tells, of NEW and of OLD."""
    return [
        (heading, findings or [], untold_warnings(warnings, findings or []))
        for heading, findings, warnings in (
            ("New findings and oddities", found["appeared"], found["warnings_appeared"]),
            ("Findings and oddities that are gone", found["disappeared"], found["warnings_disappeared"]),
        )
    ]


def not_compared_lines(data: ComparisonDict) -> list[str]:
    """What the plans leave open, a line each."""
    lines = []
    for entry in data["not_compared"]:
        who = beams_label(data, entry["beams"])
        lines.append(f"{who + ': ' if who else ''}{entry['what']}: {entry['reason']}")
    return lines


def asked_lines(change: SessionChangeDict) -> list[str]:
    """Which questions and flags of a session are not what they were."""
    named = (
        ("asked now", change["questions_added"]),
        ("no longer asked", change["questions_removed"]),
        ("asked, with other consequences", change["questions_changed"]),
        ("flagged now", change["flags_added"]),
        ("no longer flagged", change["flags_removed"]),
    )
    return [f"{word}: {', '.join(names)}" for word, names in named if names]


def criterion_words(criterion: CriterionChangeDict) -> tuple[str, str]:
    """The status of a criterion in OLD and in NEW."""
    before, after = (word.replace("_", " ") if word else "not there" for word in (criterion["old"], criterion["new"]))
    return before, after


def metric_word(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def matched_by(pair: BeamPairDict) -> str:
    """How a beam was matched, or that it was not."""
    return "added" if pair["old"] is None else "removed" if pair["new"] is None else ", ".join(pair["by"])


def largest_first(metrics: list[MetricChangeDict]) -> list[MetricChangeDict]:
    """Metrics that changed, what is known in one plan only first, then by how much relative to the larger value."""

    def share(change: MetricChangeDict) -> float:
        old, new = change["old"], change["new"]
        if old is None or new is None:
            return math.inf
        return abs(new - old) / max(abs(old), abs(new), 1e-30)

    return sorted(metrics, key=share, reverse=True)


def _hidden(d: DifferenceDict) -> str:
    if d["old_presence"] == d["new_presence"]:
        return "not the same (values not shown)"
    return f"{_presence(d['old_presence'])} to {_presence(d['new_presence'])} (values not shown)"


def _presence(word: str) -> str:
    return _PRESENCE_WORDS.get(word, word)


def _side(d: DifferenceDict, side: str) -> str:
    value: ValueJson = d[side]  # type: ignore[literal-required]
    presence = str(d[f"{side}_presence"])  # type: ignore[literal-required]
    if presence != "given":
        return _presence(presence)
    if value is None:
        return "given"
    # Of an outline the values are areas, and the amount is how far the outlines lie apart.
    unit = "mm2" if d["attribute"] == "block_outline" and d["unit"] and d["amount"] is not None else d["unit"]
    return f"{_word(value)} {unit}".rstrip() if isinstance(value, int | float) else _word(value)


def _change(d: DifferenceDict) -> str:
    if d["within_tolerance"] and d["amount"] is not None:
        return f"{_number(d['amount'])} {d['unit']}, within tolerance".replace(" ,", ",")
    if d["percent"] is not None:
        return f"{d['percent']:+.1f} %"
    if d["amount"] is not None and d["unit"]:
        return f"by {_number(d['amount'])} {d['unit']}"
    return ""


def _word(value: ValueJson) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        return ", ".join(_word(part) if part is not None else "unknown" for part in value) or "none"
    text = value or "empty"
    return cut(text.replace("\\", ", "), _LONGEST)


def _number(value: object) -> str:
    if not isinstance(value, int | float):
        return "?"
    return decimal(value)


def _vector(value: object) -> str:
    if not isinstance(value, list):
        return ""
    return " by (" + ", ".join(f"{part:.2f}" if isinstance(part, float) else "?" for part in value) + ") mm LPS"


# ------------------------------------------------------------------------------------------------- beams, suggestion


def beam_label(pair: BeamPairDict) -> str:
    """``beam 3``, ``beam 3 (was 2)``, ``beam 4 of OLD``."""
    old, new = pair["old"], pair["new"]
    if new is None:
        return f"{_beam(old)} of OLD"
    if old is None or old["number"] == new["number"]:
        return _beam(new)
    return f"{_beam(new)} (was {_beam(old).removeprefix('beam ')})"


def _beam(beam: ComparedBeamDict | None) -> str:
    if beam is None:
        return "no beam"
    return f"beam at position {beam['index'] + 1}" if beam["number"] is None else f"beam {beam['number']}"


def beams_label(data: ComparisonDict, places: list[int]) -> str:
    """The beams of a difference: ``all beams``, ``beams 1, 2``; empty for the plan itself."""
    pairs = data["beams"]
    matched = [k for k, pair in enumerate(pairs) if pair["old"] is not None and pair["new"] is not None]
    if not places:
        return ""
    if len(matched) > 2 and set(matched) <= set(places):
        return "all beams"
    labels = [beam_label(pairs[place]) for place in places]
    if len(labels) == 1:
        return labels[0]
    if all(label.startswith("beam ") for label in labels):
        return "beams " + ", ".join(label.removeprefix("beam ") for label in labels)
    return ", ".join(labels)


def side_text(side: SuggestionSideDict | None) -> str:
    """``level 2 (CODE), supported``."""
    if side is None:
        return "no such session"
    status = side["status"].replace("_", " ")
    if side["level"] is None:
        return f"no level, {status}"
    upto = f", up to {side['ceiling']}" if side["status"] == "provisional" and side["ceiling"] != side["level"] else ""
    return f"level {side['level']} ({side['code']}), {status}{upto}"
