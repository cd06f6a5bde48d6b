"""Every row of the rules' vignette table, through the public interface: the committed files, and seeded variations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import rtcode
from fixtures.build import ROOT, vignette_paths
from fixtures.rows.base import NAMED_FLAGS, Expected, Vignette
from fixtures.variants import build_variant
from fixtures.vignettes import VIGNETTES, expected_json

#: variations of each row in the quick run and in the slow one
QUICK = int(os.environ.get("RTCODE_VARIANTS", "2"))
SLOW = int(os.environ.get("RTCODE_VARIANTS_SLOW", "25"))


def said(suggestion: dict[str, Any], named: frozenset[str]) -> dict[str, Any]:
    """The part of a suggestion that a row speaks of; of the flags only those that some row names."""
    return {
        "status": suggestion["status"],
        "level": suggestion["level"],
        "floor": suggestion["floor"],
        "ceiling": suggestion["ceiling"],
        "decided_by": list(suggestion["decided_by"]),
        "asked": sorted(q["id"] for q in suggestion["questions"]),
        "flags": sorted({f["id"] for f in suggestion["flags"]} & named),
    }


def outcome(paths: dict[str, Path]) -> dict[tuple[str, int], dict[str, Any]]:
    """What the tool says about the plans in one call, by (file stem, fraction group)."""
    result = rtcode.analyze([paths[stem] for stem in sorted(paths)], integrity=False, metrics=False).to_dict()
    assert result["failures"] == []
    assert result["skipped"] == []
    stems = {Path(plan["path"]).resolve(): plan["sop_instance_uid"] for plan in result["plans"]}
    uids = {stems[path.resolve()]: stem for stem, path in paths.items()}
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for session in result["sessions"]:
        (part,) = session["parts"]
        key = (uids[part["sop_instance_uid"]], int(part["fraction_group"]))
        assert key not in found
        found[key] = said(session["suggestion"], NAMED_FLAGS)
    return found


def wanted(sessions: dict[tuple[str, int], Expected]) -> dict[tuple[str, int], dict[str, Any]]:
    return {key: expected_json(expected) for key, expected in sessions.items()}


def check_variant(vignette: Vignette, seed: int, folder: Path) -> None:
    made = build_variant(vignette, seed)
    paths = {}
    for stem, data in made.files:
        paths[stem] = folder / f"{stem}.dcm"
        paths[stem].write_bytes(data)
    assert outcome(paths) == wanted(vignette.sessions), f"{vignette.id} seed {seed}: {made.changes}"


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v.id)
def test_row(vignette: Vignette) -> None:
    paths = {stem: ROOT / "plans" / path for stem, path in vignette_paths(vignette).items()}
    assert outcome(paths) == wanted(vignette.sessions), vignette.reason


@pytest.mark.parametrize("seed", range(QUICK))
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v.id)
def test_variation(vignette: Vignette, seed: int, tmp_path: Path) -> None:
    check_variant(vignette, seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda v: v.id)
def test_many_variations(vignette: Vignette, tmp_path: Path) -> None:
    for seed in range(QUICK, QUICK + SLOW):
        check_variant(vignette, seed, tmp_path)
