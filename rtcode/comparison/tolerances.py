"""Up to where two numbers count as the same.

A difference within its tolerance is not forgotten: it is counted and listed as such. Defaults are what rounding by
another system leaves, not what a machine may be off by: a comparison is to find what somebody changed.
"""

from __future__ import annotations

import math
from typing import TypeVar

from rtcode.errors import UsageError
from rtcode.plan.model import FloatArray
from rtcode.records import fields, record, replace

#: Below this a difference is rounding in binary: of whatever unit, and as a share of the larger number.
NOISE = 1e-9
Angles = TypeVar("Angles", float, FloatArray)


@record
class Tolerance:
    """What one tolerance is for, and why its default is what it is."""

    unit: str
    text: str
    basis: str


@record
class Tolerances:
    """All tolerances, each the largest difference that still counts as the same."""

    angle_deg: float = 0.1
    leaf_mm: float = 0.1
    jaw_mm: float = 0.1
    isocenter_mm: float = 0.1
    ssd_mm: float = 0.1
    table_mm: float = 0.1
    displacement_mm: float = 0.1
    distance_mm: float = 0.1
    boundary_mm: float = 0.01
    block_mm: float = 0.1
    meterset_mu: float = 0.1
    meterset_percent: float = 0.1
    weight_percent: float = 0.1
    dose_gy: float = 0.01
    dose_rate_mu_per_min: float = 1.0
    energy_mev: float = 0.01
    leaf_open_fraction: float = 0.001


TOLERANCES: dict[str, Tolerance] = {
    "angle_deg": Tolerance(
        "deg",
        "Gantry, collimator, couch, table pitch and roll, wedge angles; compared on the circle",
        "systems write tenths of a degree",
    ),
    "leaf_mm": Tolerance("mm", "Each leaf end at each control point", "systems write tenths of a millimeter"),
    "jaw_mm": Tolerance("mm", "Each jaw at each control point", "systems write tenths of a millimeter"),
    "isocenter_mm": Tolerance("mm", "Length of the isocenter's shift", "systems write tenths of a millimeter"),
    "ssd_mm": Tolerance("mm", "Source to surface distance, and the point of entry", "as for positions"),
    "table_mm": Tolerance("mm", "Table top positions", "as for positions"),
    "displacement_mm": Tolerance("mm", "Set-up displacements of the table", "as for positions"),
    "distance_mm": Tolerance("mm", "Distances from the source, openings of applicators", "as for positions"),
    "boundary_mm": Tolerance("mm", "Boundaries between leaves", "they belong to the machine and are written exactly"),
    "block_mm": Tolerance("mm", "Hausdorff distance of two block outlines", "as for positions"),
    "meterset_mu": Tolerance(
        "MU", "Meterset of a beam; within it or within meterset_percent is the same", "machines set tenths of a MU"
    ),
    "meterset_percent": Tolerance("%", "The same, relative to the larger meterset", "rounding of large metersets"),
    "weight_percent": Tolerance(
        "%", "Cumulative meterset weight at a control point, of the beam's whole", "six digits and fewer are written"
    ),
    "dose_gy": Tolerance("Gy", "Doses of beams, targets and limits", "systems write hundredths of a gray"),
    "dose_rate_mu_per_min": Tolerance("MU/min", "Dose rate", "machines set whole MU/min"),
    "energy_mev": Tolerance("MeV", "Nominal energy (MV for photons)", "energies are names of beam qualities"),
    "leaf_open_fraction": Tolerance("1", "Share of a projection that a tomotherapy leaf is open", "three digits"),
}


def tolerances_from(settings: list[tuple[str, str]]) -> Tolerances:
    """The defaults with some tolerances set, each as ``(name, value)``; the last one holds.

    Raises
    ------
    UsageError
        A name that there is none of, or a value that is no number from 0 up.
    """
    changes: dict[str, float] = {}
    for name, text in settings:
        if name not in TOLERANCES:
            raise UsageError(f"there is no tolerance {name!r}", f"the names are {', '.join(TOLERANCES)}")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0):
            raise UsageError(f"the tolerance {name} is no number from 0 up", f"write --tolerance {name}=NUMBER")
        changes[name] = value
    return replace(Tolerances(), **changes)


def values_of(tolerances: Tolerances) -> dict[str, float]:
    """All tolerances by name."""
    return {one.name: float(getattr(tolerances, one.name)) for one in fields(Tolerances)}


def equal(a: float, b: float) -> bool:
    """Whether two numbers are the same but for rounding in binary."""
    return a == b or abs(a - b) <= NOISE * max(abs(a), abs(b))


def within(amount: float, tolerance: float) -> bool:
    """Whether an amount is not beyond a tolerance, rounding in binary aside (10.1 - 10.0 is more than 0.1)."""
    return amount <= tolerance * (1 + NOISE) + NOISE


def turn(a: Angles, b: Angles) -> Angles:
    """Signed way from one angle to another, the shorter one, in [-180, 180) degrees."""
    return (b - a + 180.0) % 360.0 - 180.0
