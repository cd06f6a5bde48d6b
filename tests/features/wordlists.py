"""The shipped word lists and values, and beam facts, for the tests of the detectors that read texts and codes."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from rtcode.features.motion import motion_of
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Radiation, RadiationFact, ShapingFact, Technique, TechniqueFact
from rtcode.plan.sessions import PlannedBeam, TreatmentSession
from rtcode.truth import Truth

_CODE_SETS = Path(__file__).resolve().parents[2] / "rtcode" / "coding" / "codesets"
_KINDS = {"PHOTON": Radiation.PHOTON, "ELECTRON": Radiation.ELECTRON}


@lru_cache(maxsize=1)
def shipped() -> DetectorSettings:
    """The defaults of the newest code set file that has values."""
    files = sorted(_CODE_SETS.glob("*.toml"), key=lambda path: (not path.name.startswith("draft"), path.name))
    tables = [tomllib.loads(path.read_text("utf-8")).get("values") for path in files]
    values = [table for table in tables if table][-1]
    return DetectorSettings(
        **{
            name: tuple(entry["default"]) if isinstance(entry["default"], list) else entry["default"]
            for name, entry in values.items()
        }
    )


def facts(planned: PlannedBeam, **over: Any) -> BeamFacts:
    """Facts of a beam: an open static field unless told otherwise by the names of `TechniqueFact` and `ShapingFact`."""
    kind = _KINDS.get(planned.beam.radiation_type or "", Radiation.UNKNOWN)
    technique = TechniqueFact(Technique.STATIC_OPEN, None, "test", (), intensity_modulated=Truth.NOT_MET)
    shaping = ShapingFact(Truth.NOT_MET, 0, 0, 0, None, ())
    made = BeamFacts(
        planned=planned,
        radiation=RadiationFact(kind, (6.0,), None, Truth.NOT_MET, ()),
        technique=technique,
        wedges=over.pop("wedges", ()),
        shaping=shaping,
        motion=motion_of(planned),
        isocenters_mm=((0.0, 0.0, 0.0),),
    )
    for name, value in over.items():
        if name in {"technique", "intensity_modulated"}:
            made = replace(made, technique=replace(made.technique, **{name: value}))
        elif name == "kilovoltage":
            made = replace(made, radiation=replace(made.radiation, kilovoltage=value))
        else:
            made = replace(made, shaping=replace(made.shaping, **{name: value}))
    return made


def all_facts(session: TreatmentSession, **over: Any) -> tuple[BeamFacts, ...]:
    return tuple(facts(planned, **over) for planned in session.beams)
