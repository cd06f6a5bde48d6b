"""Every metric that rtcode gives, in the order of its output: one `Definition` a profile and name.

Pages, the sheet and the JSON Schema are made from it, and `plan_metrics` combines beams as it says.
"""

from __future__ import annotations

from rtcode.metrics.catalog_apertures import APERTURE_DEFINITIONS
from rtcode.metrics.catalog_motion import MOTION_DEFINITIONS
from rtcode.metrics.definition import Combination, Definition, Sense

__all__ = ["CATALOG", "Combination", "Definition", "Sense", "names_of", "profiles"]

CATALOG: tuple[Definition, ...] = (*APERTURE_DEFINITIONS, *MOTION_DEFINITIONS)


def profiles() -> tuple[str, ...]:
    """The profiles, in order."""
    return tuple(dict.fromkeys(one.profile for one in CATALOG))


def names_of(profile: str) -> tuple[str, ...]:
    """The names of a profile's values of a beam, in order."""
    return tuple(one.name for one in CATALOG if one.profile == profile)
