"""The benchmark of planted errors on the synthetic plans: what is found today stays found, and no alarm is false.

One plan for each kind of error; the whole benchmark takes more. What a finder should find is said in
`benchmarks/seeded/errors`, what it is known not to find in `benchmarks/seeded/misses.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.seeded import plans, topics
from benchmarks.seeded.controls import CONTROLS
from benchmarks.seeded.draft import Draft, Unfit
from benchmarks.seeded.errors import KINDS
from benchmarks.seeded.kinds import Finder
from benchmarks.seeded.misses import KNOWN, known
from benchmarks.seeded.plans import Good
from benchmarks.seeded.score import Bench, Hit, Planted
from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.integrity import ALL_CHECKS

#: Several hundred plans are analyzed and compared.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(plans.synthetic(), tmp_path_factory.mktemp("seeded"))


@pytest.fixture(scope="module")
def planted(bench: Bench) -> list[Planted]:
    return list(bench.plant_all(synthetic=1, real=0))


def test_enough_is_planted(planted: list[Planted]) -> None:
    assert len(planted) >= 160
    assert len({p.kind.family for p in planted}) >= 25
    assert len({p.good.name for p in planted}) >= 20


@pytest.mark.parametrize("finder", Finder)
def test_what_should_be_found_is_found(planted: list[Planted], finder: Finder) -> None:
    lost = {
        f"{p.kind.id} in {p.good.name}": (p.hits[finder], p.said[finder])
        for p in planted
        if p.kind.claim(finder).should and not p.hits[finder].counts and known(p.kind.id, finder) is None
    }
    assert lost == {}


def test_most_is_found_loudly(planted: list[Planted]) -> None:
    """A note is easily passed over: of what the plan alone should show, most is an error or a warning."""
    should = [p for p in planted if p.kind.integrity.should]
    loud = [p for p in should if p.hits[Finder.INTEGRITY] in {Hit.FOUND, Hit.REFUSED}]
    assert len(loud) >= 0.8 * len(should)


def test_known_misses_name_kinds_that_claim() -> None:
    by_id = {kind.id: kind for kind in KINDS}
    for id, finders in KNOWN.items():
        for finder, reason in finders.items():
            assert by_id[id].claim(finder).should, f"{finder} need not find {id}"
            assert reason


def test_harmless_changes_raise_no_alarm(bench: Bench) -> None:
    wrong = {}
    count = 0
    for h in bench.change_all(synthetic=2, real=0):
        count += 1
        said = {"integrity": h.alarms, "note": h.notes, "analyze": h.moved, "compare": h.different}
        if any(said.values()):
            wrong[f"{h.control.id} in {h.good.name}"] = said
    assert wrong == {}
    assert count >= 40


def test_good_plans_are_good(bench: Bench) -> None:
    """Nothing but what is planted is to be found: the plans themselves have no finding above a note, but for one."""
    found = {
        good.name: [a.id for a in bench.unchanged(good).alarms if a.severity in {"error", "warning"}]
        for good in bench.goods
    }
    assert {name: ids for name, ids in found.items() if ids} == {"V46_imaging_isocenter": ["setup_field_elsewhere"]}


def test_every_check_and_attribute_has_topics() -> None:
    assert [check.id for check in ALL_CHECKS if check.id not in topics.CHECKS] == []
    assert [id for id in ATTRIBUTES if id not in topics.ATTRIBUTES] == []
    assert sorted(set(topics.CHECKS) - {check.id for check in ALL_CHECKS}) == []
    assert sorted(set(topics.ATTRIBUTES) - set(ATTRIBUTES)) == []


def test_ids_are_unique_and_claims_have_reasons() -> None:
    ids = [kind.id for kind in KINDS] + [control.id for control in CONTROLS]
    assert len(ids) == len(set(ids))
    for kind in KINDS:
        assert kind.topics
        for finder in Finder:
            assert kind.claim(finder).why


def _drafts(goods: Sequence[Good]) -> Iterator[tuple[str, bytes]]:
    for kind in KINDS[::10]:
        for good in goods:
            draft = Draft(good.data, random.Random(kind.id))
            try:
                draft.apply(kind.plant)
            except Unfit:
                continue
            assert draft.to_bytes() != good.data
            draft.renew(kind.id)
            yield kind.id, draft.to_bytes()
            break


def test_a_seed_makes_the_same_files(bench: Bench) -> None:
    assert plans.complete("V29", bench.goods[0].data) == plans.complete("V29", bench.goods[0].data)
    assert list(_drafts(bench.goods)) == list(_drafts(bench.goods))


def test_real_plans_are_only_read(real_plans_dir: Path, tmp_path: Path) -> None:
    """A few errors in a real plan, which is mutated in memory and written to the temporary folder only."""
    before = {path.name: path.stat().st_mtime_ns for path in real_plans_dir.rglob("*.dcm")}
    real = [good for good in plans.real() if good.name in {"real 106", "real 116"}]
    bench = Bench(real, tmp_path)
    made = list(bench.plant_all(synthetic=0, real=1, kinds=KINDS[:20]))
    assert len(made) >= 10
    assert {path.name: path.stat().st_mtime_ns for path in real_plans_dir.rglob("*.dcm")} == before
