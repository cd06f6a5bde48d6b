"""Beam facts and settings for the tests of the geometric detectors."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from rtcode.features.isocenters import isocenters_of
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Radiation, RadiationFact, ShapingFact, Technique, TechniqueFact
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.truth import Truth

_VALUES: dict[str, Any] = {
    "same_isocenter_mm": 1.0,
    "distinct_isocenter_mm": 10.0,
    "ssd_axis_mm": 10.0,
    "long_target_mm": 400.0,
    "opposed_deg": 2.0,
    "same_site_mm": 150.0,
    "touching_gap_mm": 5.0,
    "close_gap_mm": 20.0,
    "abutting_axis_deg": 30.0,
    "total_skin_ssd_mm": 2500.0,
    "total_skin_words": ("TSET", "TSEB", "total skin"),
    "craniospinal_words": ("CSI", "craniospinal"),
    "boost_words": ("boost",),
    "negation_words": ("no *", "not *"),
}

#: What the geometric detectors read has its usual value; everything else is inert.
SETTINGS = DetectorSettings(
    **{
        f.name: _VALUES[f.name] if f.name in _VALUES else () if "tuple" in str(f.type) else 0
        for f in fields(DetectorSettings)
    }
)

_RADIATIONS = {"PHOTON": Radiation.PHOTON, "ELECTRON": Radiation.ELECTRON}


def facts(
    planned: PlannedBeam, *, technique: Technique | None = None, half_beam: Truth = Truth.NOT_MET
) -> BeamFacts:  # fmt: skip
    """Facts of a beam as the other detectors would give them, as far as the geometric ones look at them."""
    kind = _RADIATIONS.get(planned.beam.radiation_type or "", Radiation.UNKNOWN)
    usual = Technique.ELECTRON if kind is Radiation.ELECTRON else Technique.STATIC_OPEN
    return BeamFacts(
        planned=planned,
        radiation=RadiationFact(kind, (6.0,), None, Truth.NOT_MET, ()),
        technique=TechniqueFact(technique or usual, None, "test", ()),
        wedges=(),
        shaping=ShapingFact(Truth.NOT_MET, 0, 0, 0, None, (), half_beam=half_beam),
        motion=(),
        isocenters_mm=isocenters_of(planned),
    )


def all_facts(session: TreatmentSession, **kinds: Any) -> tuple[BeamFacts, ...]:
    return tuple(facts(planned, **kinds) for planned in session.beams)


def settings(**values: Any) -> DetectorSettings:
    return replace(SETTINGS, **values)
