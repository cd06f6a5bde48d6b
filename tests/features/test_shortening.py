"""Long evidence lists keep their first entries and say how many follow."""

from __future__ import annotations

import pytest

from rtcode.features import describe, detect
from rtcode.features.shortening import MOST, shortened
from rtcode.features.types import ImagingFeature, IsocenterFeature, MotionFeature, PhaseFeature, TextHit
from rtcode.truth import Evidence, EvidenceKind, Truth
from tests import factory as f
from tests.features.wordlists import shipped


def seen(count: int) -> tuple[Evidence, ...]:
    return tuple(Evidence(EvidenceKind.CODED, f"place {i}", i, "1.2") for i in range(count))


@pytest.mark.parametrize("count", [0, 1, MOST])
def test_short_lists_stay_as_they_are(count: int) -> None:
    feature = ImagingFeature(Truth.MET, seen(count))
    assert shortened(feature) is feature


@pytest.mark.parametrize("count", [MOST + 1, 5 * MOST])
def test_long_lists_end_with_how_many_more(count: int) -> None:
    feature = shortened(ImagingFeature(Truth.MET, seen(count)))
    assert feature.seen is Truth.MET
    assert len(feature.evidence) == MOST
    assert feature.evidence[:-1] == seen(count)[: MOST - 1]
    assert feature.evidence[-1] == Evidence(EvidenceKind.CODED, f"and {count - MOST + 1} more", None, "1.2")


def test_lists_of_words_and_of_signs_too() -> None:
    hits = tuple(TextHit("boost", entry) for entry in seen(MOST + 4))
    phase = shortened(PhaseFeature(hits, Truth.MET))
    assert (len(phase.words), phase.words[-1].evidence.where) == (MOST, "and 5 more")
    motion = shortened(MotionFeature(signs=tuple(("a sign", entry) for entry in seen(MOST + 4))))
    assert (len(motion.signs), motion.signs[-1][1].where) == (MOST, "and 5 more")


def test_what_is_no_evidence_is_not_cut() -> None:
    points = tuple((float(i), 0.0, 0.0) for i in range(MOST + 1))
    feature = IsocenterFeature(Truth.MET, len(points), points, 1.0, 1.0, True, (), Truth.NOT_MET, "", ())
    assert shortened(feature).positions_mm == points


def test_one_motion_item_of_many_beams() -> None:
    """Its evidence links every beam: a list in a list."""
    beams = [f.beam(i + 1) for i in range(MOST + 10)]
    session = f.session(*beams, setups=(f.setup(1, motion=(f.motion("GATING"),)),))
    settings = shipped()
    features = detect(session, [describe(planned, settings) for planned in session.beams], settings)
    (fact,) = features.motion.coded_photon
    assert len(fact.evidence) == MOST
    assert fact.evidence[-1].where == "and 12 more"
    assert all(len(evidence) <= MOST for evidence in (features.isocenters.evidence, features.directions.evidence))
    assert len(features.beams) == len(features.treatment) == len(beams)
