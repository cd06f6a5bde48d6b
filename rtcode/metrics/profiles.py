"""The profiles that rest on apertures, and their values for a beam."""

from __future__ import annotations

from collections.abc import Callable

from rtcode.metrics.apertures import Apertures, BeamApertures, NoApertures
from rtcode.metrics.catalog_apertures import APERTURE_DEFINITIONS
from rtcode.metrics.crowe2014 import crowe2014, crowe2014_visible
from rtcode.metrics.du2014 import du2014
from rtcode.metrics.masi2013 import masi2013
from rtcode.metrics.mcniven2010 import (
    mcniven2010,
    mcniven2010_all,
    mcniven2010_arcs,
    mcniven2010_n,
    mcniven2010_raw,
)
from rtcode.metrics.rtplan_complexity import rtplan_complexity
from rtcode.metrics.younge2012 import younge2012

#: By the name of the profile; a paper whose definition was published in several ways has one for each.
APERTURE_PROFILES: dict[str, Callable[[BeamApertures], dict[str, float | None]]] = {
    "mcniven2010": mcniven2010,
    "mcniven2010_n": mcniven2010_n,
    "mcniven2010_all": mcniven2010_all,
    "mcniven2010_arcs": mcniven2010_arcs,
    "mcniven2010_raw": mcniven2010_raw,
    "rtplan_complexity": rtplan_complexity,
    "masi2013": masi2013,
    "younge2012": younge2012,
    "du2014": du2014,
    "crowe2014": crowe2014,
    "crowe2014_visible": crowe2014_visible,
}

#: Why there are no values, in words.
REASONS = {
    NoApertures.NO_MLC: "the beam has no MLC",
    NoApertures.LEAVES_UNKNOWN: "leaf positions or boundaries are not known",
    NoApertures.LEAVES_CROSS: "leaves of one pair cross, so that the aperture is not known",
    NoApertures.JAWS_UNKNOWN: "jaw positions are not known",
    NoApertures.WEIGHTS_UNUSABLE: "the meterset weights do not say which segments deliver",
    NoApertures.CLOSED: "nothing is open while the beam delivers",
}


def aperture_values(apertures: Apertures) -> dict[str, dict[str, float | None]]:
    """Values by profile and name; all ``None`` where the apertures are not known."""
    if isinstance(apertures, BeamApertures):
        return {name: compute(apertures) for name, compute in APERTURE_PROFILES.items()}
    unknown: dict[str, dict[str, float | None]] = {}
    for one in APERTURE_DEFINITIONS:
        unknown.setdefault(one.profile, {})[one.name] = None
    return unknown
