"""Plants the errors, asks the finders, and says what was found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from benchmarks.seeded.controls import CONTROLS
from benchmarks.seeded.draft import Draft, Unfit
from benchmarks.seeded.errors import KINDS
from benchmarks.seeded.finders import SAME, Alarm, Looked, conflict, differences, look, moved, new_alarms
from benchmarks.seeded.kinds import Control, Finder, Kind, Mark
from benchmarks.seeded.plans import Good


class Hit(StrEnum):
    FOUND = "found"
    #: only as a note, among what is often right as it is (integrity)
    NOTE = "note"
    #: shown beside a verdict of same content (compare)
    ASIDE = "aside"
    #: rtcode refuses the plan and says why
    REFUSED = "refused"
    #: something was said, but of another matter or other beams
    ELSEWHERE = "elsewhere"
    MISSED = "missed"

    @property
    def counts(self) -> bool:
        return self in {Hit.FOUND, Hit.NOTE, Hit.REFUSED}


@dataclass(frozen=True)
class Planted:
    """One error in one plan, and what came of it. ``said`` holds ids of what each finder said anew."""

    kind: Kind
    good: Good
    mark: Mark
    hits: dict[Finder, Hit]
    said: dict[Finder, tuple[str, ...]]
    warned: tuple[str, ...]


@dataclass(frozen=True)
class Harmless:
    """One harmless change in one plan, and the false alarms about it."""

    control: Control
    good: Good
    alarms: tuple[str, ...]
    notes: tuple[str, ...]
    moved: tuple[str, ...]
    different: tuple[str, ...]


@dataclass
class Bench:
    """Goods, a folder for the files, and what is known of the unchanged plans."""

    goods: Sequence[Good]
    folder: Path
    seed: int = 2026
    _files: int = 0
    _looked: dict[str, tuple[Path, Looked]] = field(default_factory=dict)

    def plant_all(self, *, synthetic: int, real: int, kinds: Sequence[Kind] = KINDS) -> Iterator[Planted]:
        """Every kind of error in so many synthetic and real plans (fewer where fewer give occasion)."""
        for kind in kinds:
            for good, draft, mark in self._drafts(kind.id, kind.plant, synthetic, real):
                yield self._plant(kind, good, draft, mark)

    def change_all(self, *, synthetic: int, real: int) -> Iterator[Harmless]:
        for control in CONTROLS:
            for good, draft, mark in self._drafts(control.id, control.change, synthetic, real):
                yield self._change(control, good, draft, mark)

    def unchanged(self, good: Good) -> Looked:
        return self._old(good)[1]

    def _drafts(
        self, key: str, act: Callable[[Draft], Mark], synthetic: int, real: int
    ) -> Iterator[tuple[Good, Draft, Mark]]:
        """Plans in an order of their own for each kind, until enough of each sort have taken the change."""
        # Each sort in an order of its own, so that a run without real plans plants the same in the others.
        order: list[Good] = []
        for sort in (False, True):
            some = [good for good in self.goods if good.real is sort]
            random.Random(f"{self.seed}/{key}").shuffle(some)
            order += some
        left = {False: synthetic, True: real}
        for good in order:
            if left[good.real] <= 0:
                continue
            draft = Draft(good.data, random.Random(f"{self.seed}/{key}/{good.name}"))
            try:
                mark = draft.apply(act)
            except Unfit:
                continue
            left[good.real] -= 1
            yield good, draft, mark

    def _old(self, good: Good) -> tuple[Path, Looked]:
        if good.name not in self._looked:
            path = self._write(good.data)
            looked = look(path)
            if looked.refused:
                raise RuntimeError(f"{good.name} is refused: {looked.refused}")
            self._looked[good.name] = (path, looked)
        return self._looked[good.name]

    def _write(self, data: bytes) -> Path:
        self._files += 1
        path = self.folder / f"{self._files:05d}.dcm"
        path.write_bytes(data)
        return path

    def _plant(self, kind: Kind, good: Good, draft: Draft, mark: Mark) -> Planted:
        old_path, old = self._old(good)
        if not kind.same_uid:
            draft.renew(self.seed, kind.id, good.name)
        path = self._write(draft.to_bytes())
        new = look(path)
        hits: dict[Finder, Hit] = {}
        said: dict[Finder, tuple[str, ...]] = {}
        if new.refused:
            hits = dict.fromkeys(Finder, Hit.REFUSED)
            said = dict.fromkeys(Finder, (new.refused,))
        else:
            fresh = new_alarms(old, new)
            compared = differences(old, new)
            changes = moved(old, new)
            if kind.together and conflict(old_path, path):
                changes = (*changes, "duplicate_conflict")
            loud = [a for a in fresh if a.severity in {"error", "warning"}]
            alone = replace(mark, beams=()) if mark.gone else mark
            hits[Finder.INTEGRITY] = _hit(kind, alone, loud)
            if not hits[Finder.INTEGRITY].counts:
                quiet = _hit(kind, alone, fresh)
                hits[Finder.INTEGRITY] = Hit.NOTE if quiet is Hit.FOUND else quiet
            hits[Finder.COMPARE] = _hit(kind, mark, compared.differences)
            only_shown = hits[Finder.COMPARE] is Hit.FOUND and compared.verdict in SAME
            only_appeared = not hits[Finder.COMPARE].counts and _hit(kind, alone, compared.appeared) is Hit.FOUND
            if only_shown or only_appeared:
                hits[Finder.COMPARE] = Hit.ASIDE
            hits[Finder.ANALYZE] = Hit.FOUND if changes else Hit.MISSED
            said[Finder.INTEGRITY] = tuple(f"{a.id} ({a.severity})" for a in fresh)
            said[Finder.COMPARE] = (compared.verdict, *dict.fromkeys(a.id for a in compared.differences))
            said[Finder.ANALYZE] = changes
        path.unlink()
        return Planted(kind, good, mark, hits, said, tuple(sorted(new.warnings - old.warnings)))

    def _change(self, control: Control, good: Good, draft: Draft, mark: Mark) -> Harmless:
        old = self._old(good)[1]
        if control.before is not None:
            earlier = Draft(good.data, random.Random(0))
            earlier.apply(control.before)
            old = look(self._write(earlier.to_bytes()))
        draft.renew(self.seed, control.id, good.name)
        path = self._write(draft.apply(control.encode) if control.encode else draft.to_bytes())
        new = look(path)
        path.unlink()
        if new.refused:
            return Harmless(control, good, (new.refused,), (), (), (new.refused,))
        fresh = new_alarms(old, new, renumbered=control.renumbered)
        compared = differences(old, new)
        told = [a for a in compared.differences if a.severity != "not counted"]
        wrong = () if compared.verdict in SAME else tuple(a.id for a in told if not a.topics & control.topics)
        if not control.topics and compared.verdict not in SAME:
            wrong = wrong or (compared.verdict,)
        return Harmless(
            control,
            good,
            tuple(a.id for a in fresh if a.severity in {"error", "warning"}),
            tuple(a.id for a in fresh if a.severity == "note"),
            () if control.may_move else moved(old, new),
            tuple(dict.fromkeys(wrong)),
        )


def _hit(kind: Kind, mark: Mark, alarms: Sequence[Alarm]) -> Hit:
    if any(a.topics & kind.topics and _there(a, mark) for a in alarms):
        return Hit.FOUND
    return Hit.ELSEWHERE if any(a.severity != "not counted" for a in alarms) else Hit.MISSED


def _there(alarm: Alarm, mark: Mark) -> bool:
    """Whether the alarm can be about the marked beams: one of them does not name any, or both name one."""
    return not mark.beams or not alarm.beams or bool(alarm.beams & set(mark.beams))
