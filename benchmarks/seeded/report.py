"""The tables of a run, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.seeded.finders import Looked
from benchmarks.seeded.kinds import Finder, Harm
from benchmarks.seeded.misses import KNOWN, known
from benchmarks.seeded.plans import Good
from benchmarks.seeded.score import Harmless, Hit, Planted


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(c) for c in cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|" + "---|" * len(cells)]


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def summary(planted: Sequence[Planted]) -> list[str]:
    """One row for each finder: what it should find, what it found, how loudly."""
    lines = _head(
        "finder", "should find", "found", "", "of it only as a note", "of it refused", "only aside",
        "of something else", "missed", "found beyond that",
    )  # fmt: skip
    for finder in Finder:
        should = [p for p in planted if p.kind.claim(finder).should]
        others = [p for p in planted if not p.kind.claim(finder).should]
        hits = Counter(p.hits[finder] for p in should)
        found = sum(n for hit, n in hits.items() if hit.counts)
        lines.append(
            _row(
                finder,
                len(should),
                found,
                _percent(found, len(should)),
                hits[Hit.NOTE],
                hits[Hit.REFUSED],
                hits[Hit.ASIDE],
                hits[Hit.ELSEWHERE],
                hits[Hit.MISSED],
                _share(sum(p.hits[finder].counts for p in others), len(others)),
            )
        )
    return lines


def one_plan_alone(planted: Sequence[Planted]) -> str:
    """Integrity and analysis together: what the plan shows without an earlier version."""
    found = [p for p in planted if p.hits[Finder.INTEGRITY].counts or p.hits[Finder.ANALYZE].counts]
    loud = [p for p in planted if p.hits[Finder.INTEGRITY] in {Hit.FOUND, Hit.REFUSED} or p.hits[Finder.ANALYZE].counts]
    serious = [p for p in planted if p.kind.harm is Harm.SERIOUS]
    of_serious = [p for p in serious if p in found]
    none = [p for p in planted if not any(p.hits[f].counts for f in Finder)]
    return (
        f"Without an earlier version (integrity or analysis): {len(found)} of {len(planted)} errors "
        f"({_percent(len(found), len(planted))}), {len(loud)} of them by more than a note; of the {len(serious)} with "
        f"serious consequences {len(of_serious)} ({_percent(len(of_serious), len(serious))}). "
        f"Found by none of the three: {len(none)}."
    )


def families(planted: Sequence[Planted]) -> list[str]:
    """By class of error: errors, and found of those that should be, for each finder."""
    lines = _head("class", "errors", *(f"{f}: found/should" for f in Finder), "plan alone: found/errors", "none")
    order = dict.fromkeys(p.kind.family for p in planted)
    for family in order:
        own = [p for p in planted if p.kind.family == family]
        cells = []
        for finder in Finder:
            should = [p for p in own if p.kind.claim(finder).should]
            cells.append(_share(sum(p.hits[finder].counts for p in should), len(should)))
        alone = sum(p.hits[Finder.INTEGRITY].counts or p.hits[Finder.ANALYZE].counts for p in own)
        none = sum(not any(p.hits[f].counts for f in Finder) for p in own)
        lines.append(_row(family, len(own), *cells, _share(alone, len(own)), none or ""))
    return lines


def missed(planted: Sequence[Planted]) -> list[str]:
    """Every kind that a finder should have found and did not, in how many of its plans, and why."""
    lines = _head("not found", "by", "in plans", "why it should be", "why it is not", "said instead")
    for finder in Finder:
        for kind in dict.fromkeys(p.kind for p in planted if p.kind.claim(finder).should):
            own = [p for p in planted if p.kind is kind]
            bad = [p for p in own if not p.hits[finder].counts]
            if not bad:
                continue
            said = Counter(s for p in bad for s in p.said[finder] if s not in {"same_content", "sop_instance_uid"})
            warned = Counter(f"reader: {w}" for p in bad for w in p.warned)
            instead = ", ".join(name for name, _ in (said + warned).most_common(4))
            lines.append(
                _row(
                    kind.id,
                    finder,
                    _share(len(bad), len(own)),
                    kind.claim(finder).why,
                    known(kind.id, finder) or "?",
                    instead,
                )
            )
    return lines


def no_longer_missed(planted: Sequence[Planted]) -> str:
    """Entries of the known misses that nothing of this run needs."""
    missed_now = {(p.kind.id, f) for p in planted for f in Finder if not p.hits[f].counts}
    asked = {p.kind.id for p in planted}
    free = [f"{id} ({f})" for id, why in KNOWN.items() for f in why if id in asked and (id, f) not in missed_now]
    return f"Known misses that this run does not need: {', '.join(free) or 'none'}."


def invisible(planted: Sequence[Planted]) -> list[str]:
    """Kinds that the plan alone cannot show, with the reason; comparing is the only way."""
    lines = _head("error", "class", "harm", "why the plan alone does not show it", "seen anyway")
    for kind in dict.fromkeys(p.kind for p in planted if not p.kind.integrity.should and not p.kind.analyze.should):
        own = [p for p in planted if p.kind is kind]
        seen = sum(p.hits[Finder.INTEGRITY].counts or p.hits[Finder.ANALYZE].counts for p in own)
        lines.append(_row(kind.id, kind.family, kind.harm, kind.integrity.why, _share(seen, len(own)) if seen else ""))
    return lines


def by_system(planted: Sequence[Planted], what: str) -> str:
    parts = []
    for finder in Finder:
        should = [p for p in planted if p.kind.claim(finder).should]
        found = sum(p.hits[finder].counts for p in should)
        parts.append(f"{finder} {_share(found, len(should))} ({_percent(found, len(should))})")
    return f"{what}: {len(planted)} errors; " + ", ".join(parts) + "."


def controls(harmless: Sequence[Harmless]) -> list[str]:
    """Harmless changes and the alarms about them."""
    lines = _head("harmless change", "plans", "integrity: error or warning", "integrity: note", "analyze", "compare")
    for control in dict.fromkeys(h.control for h in harmless):
        own = [h for h in harmless if h.control is control]
        cells = []
        for attribute in ("alarms", "notes", "moved", "different"):
            wrong = [h for h in own if getattr(h, attribute)]
            names = sorted({name for h in wrong for name in getattr(h, attribute)})
            cells.append(f"{len(wrong)} ({', '.join(names)})" if wrong else "0")
        lines.append(_row(control.what, len(own), *cells))
    return lines


def control_sum(harmless: Sequence[Harmless]) -> str:
    wrong = {a: sum(bool(getattr(h, a)) for h in harmless) for a in ("alarms", "notes", "moved", "different")}
    return (
        f"False alarms about {len(harmless)} harmless changes: integrity {wrong['alarms']} "
        f"(and {wrong['notes']} notes), analyze {wrong['moved']}, compare {wrong['different']}."
    )


def unchanged(looked: Iterable[tuple[Good, Looked]]) -> list[str]:
    """What the checks say of the plans as they are."""
    lines = _head("unchanged plan", "what it is", "errors", "warnings", "notes")
    for good, said in looked:
        by: dict[str, Counter[str]] = {}
        for alarm in said.alarms:
            by.setdefault(alarm.severity, Counter())[alarm.id] += 1
        cells = [
            ", ".join(id if n == 1 else f"{id} ×{n}" for id, n in sorted(by.get(severity, Counter()).items()))
            for severity in ("error", "warning", "note")
        ]
        lines.append(_row(good.name, good.about, *cells))
    return lines
