"""Defaults for machines that a site's policy does not name, and how one is chosen.

Basis of the numbers (``-`` is none that could be found, so the default is ``None``):

| kind | gantry deg/s | leaf mm/s | jaw mm/s | MU/min, flattened; FFF by MV | basis |
|---|---|---|---|---|---|
| Varian TrueBeam family | 6 | 25 | 25* | 600; 6: 1400, 10: 2400 | Park 2014; open plan generators use the same; DoseRateSet of real plans |
| Varian C-series | 4.8 | 25 | - | 600; - | Park 2014 and open implementations for Trilogy; DoseRateSet of real plans |
| Varian Halcyon, Ethos | 24 | 50 | - | -; 6: 800 | 4 turns a minute, 5 cm/s, 800 MU/min (Med Dosim 2018, PubMed 30197035) |
| Elekta Agility | 6 | 35 | 90* | 600; 6: 1400*, 10: 2200* | Bedford 2014 (leaf 3.5 cm/s); open programs use 6 degrees/s |
| Elekta MLCi | 6* | 20* | - | 600*; - | gantry and dose rate assumed to be Agility's |
| Elekta Beam Modulator | 6* | - | - | 600*; - | gantry and dose rate assumed to be Agility's |
| ViewRay MRIdian | - | - | - | -; 6: 600 | DoseRateSet of real plans; delivers with the gantry and leaves at rest |
| other C-arm linac | 6* | 25* | 25* | 600*; - | typical values, no machine's |

``*``: commonly quoted for the machine, or assumed from a similar one; no document stands behind it here. A site that relies on times says its own.

Agility leaves ride on guides that add up to 30 mm/s to all of a bank, so that single leaves reach 65 mm/s; 35 is what a
leaf does by itself, and what planning systems are set to.

Ranges: a C-arm's field is at most 400 mm wide, and leaves park a little behind its edge, so leaf ends stay within 205 mm;
the ring's within 145 mm of its 280 mm field. Varian jaws pass the axis by 20 mm (X) and 100 mm (Y), Agility's
diaphragms and leaves by up to 150 mm (Cosgrove 2009). Leaves of a Varian bank are at most 150 mm apart, which real plans reach. C-arm gantries turn
185 degrees to both sides; no real plan at hand goes past 180.
"""  # noqa: E501  (a table)

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rtcode.metrics.machine_limits import MachineLimits
from rtcode.plan.model import Beam, Missing, known
from rtcode.records import record, replace


@record
class MachineKind:
    """A kind of machine that defaults are known for.

    Attributes
    ----------
    flattened_mu_min, unflattened_mu_min
        Largest dose rate with a flattening filter, and without by nominal energy in MV.
    known
        Its limits but the dose rate, which depends on the beam.
    """

    id: str
    name: str
    flattened_mu_min: float | None = None
    unflattened_mu_min: tuple[tuple[float, float], ...] = ()
    known: MachineLimits = MachineLimits()

    def limits(self, dose_rate_mu_min: float | None, reason: str) -> MachineLimits:
        source = f"assumed default for {self.name}, chosen by {reason}"
        return replace(self.known, dose_rate_mu_min=dose_rate_mu_min, source=source, kind=self.id)


_FIELD = (-205.0, 205.0)
_TURN = (-185.0, 185.0)
_C_ARM_RANGES = MachineLimits(
    leaf_travel_mm=_FIELD, jaw_travel_x_mm=_FIELD, jaw_travel_y_mm=_FIELD, gantry_range_deg=_TURN
)
_VARIAN_RANGES = replace(_C_ARM_RANGES, leaf_span_mm=150.0, jaw_overtravel_x_mm=20.0, jaw_overtravel_y_mm=100.0)

TRUEBEAM = MachineKind(
    "varian_truebeam",
    "the Varian TrueBeam family",
    600.0,
    ((6.0, 1400.0), (10.0, 2400.0)),
    replace(_VARIAN_RANGES, gantry_speed_deg_s=6.0, leaf_speed_mm_s=25.0, jaw_speed_mm_s=25.0),
)
C_SERIES = MachineKind(
    "varian_c_series",
    "the Varian C-series (Clinac, Trilogy)",
    600.0,
    (),
    replace(_VARIAN_RANGES, gantry_speed_deg_s=4.8, leaf_speed_mm_s=25.0),
)
HALCYON = MachineKind(
    "varian_ring",
    "Varian Halcyon and Ethos",
    None,
    ((6.0, 800.0),),
    MachineLimits(gantry_speed_deg_s=24.0, leaf_speed_mm_s=50.0, leaf_travel_mm=(-145.0, 145.0)),
)
AGILITY = MachineKind(
    "elekta_agility",
    "Elekta Agility (Versa HD, Infinity, Synergy)",
    600.0,
    ((6.0, 1400.0), (10.0, 2200.0)),
    replace(
        _C_ARM_RANGES,
        gantry_speed_deg_s=6.0,
        leaf_speed_mm_s=35.0,
        jaw_speed_mm_s=90.0,
        leaf_overtravel_mm=150.0,
        jaw_overtravel_y_mm=150.0,
    ),
)
MLCI = MachineKind(
    "elekta_mlci",
    "Elekta MLCi",
    600.0,
    (),
    replace(_C_ARM_RANGES, gantry_speed_deg_s=6.0, leaf_speed_mm_s=20.0),
)
BEAM_MODULATOR = MachineKind(
    "elekta_beam_modulator",
    "Elekta Beam Modulator",
    600.0,
    (),
    MachineLimits(gantry_speed_deg_s=6.0, gantry_range_deg=_TURN),
)
MRIDIAN = MachineKind("viewray_mridian", "ViewRay MRIdian", unflattened_mu_min=((6.0, 600.0),))
UNITY = MachineKind("elekta_unity", "Elekta Unity")
TOMOTHERAPY = MachineKind("tomotherapy", "tomotherapy (no limits that apply to its beams)")
CYBERKNIFE = MachineKind("cyberknife", "CyberKnife (no limits that apply to its beams)")
C_ARM = MachineKind(
    "c_arm",
    "a C-arm linac of unknown make, with typical values",
    600.0,
    (),
    MachineLimits(gantry_speed_deg_s=6.0, leaf_speed_mm_s=25.0, jaw_speed_mm_s=25.0),
)
UNKNOWN = MachineKind("unknown", "a machine of unknown kind (no limits known)")

KINDS = (
    TRUEBEAM, C_SERIES, HALCYON, AGILITY, MLCI, BEAM_MODULATOR, MRIDIAN, UNITY, TOMOTHERAPY, CYBERKNIFE, C_ARM, UNKNOWN,
)  # fmt: skip

_MAKER, _NAME = "manufacturer or model", "machine name"
#: Words that tell a kind, in this order: (kind, in Manufacturer or ManufacturerModelName, in TreatmentMachineName too).
_TELLING: tuple[tuple[MachineKind, tuple[str, ...], tuple[str, ...]], ...] = (
    (TOMOTHERAPY, (), ("TOMO", "HI-ART", "RADIXACT")),
    (CYBERKNIFE, (), ("CYBERKNIFE", "CYBER KNIFE")),
    (HALCYON, ("=RDS",), ("HALCYON", "ETHOS")),
    (MRIDIAN, (), ("VIEWRAY", "MRIDIAN")),
    (UNITY, (), ("UNITY", "MR-LINAC", "MRLINAC")),
    (TRUEBEAM, ("=TDS",), ("TRUEBEAM", "VITALBEAM")),
    (
        C_SERIES,
        ("2300IX", "2100C", "2300C", "21EX", "23EX", "6EX", "600C", "CLINAC", "TRILOGY", "=IX"),
        ("CLINAC", "TRILOGY"),
    ),
)
_ELEKTA = ("ELEKTA", "VERSA", "AGILITY", "SYNERGY", "INFINITY", "AXESSE")
_VARIAN = ("VARIAN",)
_OTHER_MAKERS = ("SIEMENS", "ARTISTE", "ONCOR", "PRIMUS", "BRAINLAB", "MITSUBISHI", "=VERO", "UNITED IMAGING", "=UIH")
_SAD_TOLERANCE_MM = 5.0


def default_kind(beam: Beam) -> tuple[MachineKind, str]:
    """The kind of machine that a beam is for, and what it was told by (in words, without quoting the plan).

    In this order: an unmistakable source-axis distance or private attribute, a telling word in manufacturer, model or
    machine name, the leaves. Words and leaves that do not fit together give a C-arm with typical values.
    """
    sad = known(beam.source_axis_distance_mm)
    made = f"{beam.manufacturer or ''} {beam.model or ''}".upper()
    name = (beam.machine_name or "").upper()
    if beam.control_points.sinogram is not None or any("TOMO" in one.upper() for one in beam.private_creators):
        return TOMOTHERAPY, "its private attributes"
    leaves = _leaves(beam)
    for kind, in_made, in_both in _TELLING:
        where = _found(made, in_made + in_both), _found(name, in_both)
        if not any(where):
            continue
        reason = _MAKER if where[0] else _NAME
        if kind is C_SERIES and (sad is None or abs(sad - 1000.0) > _SAD_TOLERANCE_MM or leaves == "other"):
            continue  # another collimator or distance: not the machine whose limits are known
        if kind is TRUEBEAM and leaves in ("agility", "mlci", "beam modulator", "other"):
            continue
        return kind, reason
    if sad is not None and abs(sad - 1435.0) <= _SAD_TOLERANCE_MM:
        return UNITY, "source-axis distance"
    if leaves == "ring":
        return HALCYON, "leaves in two layers"
    if leaves == "mridian":
        return MRIDIAN, "leaves in two layers"
    if sad is not None and abs(sad - 850.0) <= _SAD_TOLERANCE_MM:
        return TOMOTHERAPY, "source-axis distance"
    if sad is not None and abs(sad - 800.0) <= _SAD_TOLERANCE_MM:
        return CYBERKNIFE, "source-axis distance"
    if sad is not None and abs(sad - 1000.0) > _SAD_TOLERANCE_MM:
        return UNKNOWN, "source-axis distance, which is no known machine's"
    return _c_arm(made, name, leaves, sad)


def _c_arm(made: str, name: str, leaves: str, sad: float | None) -> tuple[MachineKind, str]:
    elekta, varian = (_found(made, words) or _found(name, words) for words in (_ELEKTA, _VARIAN))
    if not _found(made, _OTHER_MAKERS) and not _found(name, _OTHER_MAKERS):
        if leaves == "agility" and not varian:
            return AGILITY, "80 leaf pairs of 5 mm"
        if leaves == "mlci" and elekta:
            return MLCI, "maker's name and 40 leaf pairs of 10 mm"
        if leaves == "beam modulator" and elekta:
            return BEAM_MODULATOR, "maker's name and 40 leaf pairs of 4 mm"
        if leaves == "millennium" and not elekta:
            return TRUEBEAM, "60 leaf pairs of Varian's widths (C-series machines have them too)"
    if sad is None and not leaves:
        return UNKNOWN, "nothing that tells it"
    return C_ARM, "source-axis distance" if sad is not None else "its leaves"


@lru_cache(maxsize=512)  # the beams of a plan, and the plans of an archive, name few machines
def _found(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words stands in a text; those that begin with ``=`` only as words of their own."""
    parts = "".join(c if c.isalnum() else " " for c in text).split()
    return any(word[1:] in parts if word.startswith("=") else word in text for word in words)


def _leaves(beam: Beam) -> str:
    """Which collimator the declared leaves look like; empty without an MLC."""
    found = [
        (device.pairs, device.boundaries_mm)
        for device in beam.devices
        if not isinstance(device.pairs, Missing) and device.pairs > 1
    ]
    pairs = sorted(count for count, _ in found)
    if not pairs:
        return ""
    if pairs == [28, 29]:
        return "ring"
    if pairs == [34, 35]:
        return "mridian"
    if len(pairs) == 1 and found[0][1].size == pairs[0] + 1:
        return _collimator(pairs[0], found[0][1].tobytes())
    return "other"


@lru_cache(maxsize=512)
def _collimator(pairs: int, boundaries_mm: bytes) -> str:
    """Name of a collimator of one layer, by the widths of its leaves."""
    widths = np.abs(np.diff(np.frombuffer(boundaries_mm)))
    for name, count, allowed in _COLLIMATORS:
        if pairs == count and (np.abs(widths[:, None] - np.array(allowed)).min(axis=1) < 0.1).all():
            return name
    return "other"


_COLLIMATORS: tuple[tuple[str, int, tuple[float, ...]], ...] = (
    ("agility", 80, (5.0,)),
    ("mlci", 40, (10.0,)),
    ("beam modulator", 40, (4.0,)),
    # Millennium 120 and HD120; some planning systems make the outermost leaves as wide as what they shield
    ("millennium", 60, (2.5, 5.0, 10.0, 14.0)),
)


def dose_rate_of(kind: MachineKind, beam: Beam) -> float | None:
    """Largest dose rate of a kind of machine for a beam's energy and filter (MU/min), or ``None``."""
    column = beam.control_points.energy
    first = None if column is None else column.first_known()
    energy = None if column is None or first is None else float(column.values[first])
    modes = {(mode or "").strip().upper() for mode, _ in beam.fluence_modes}
    # machines without a filter do not always say that their beams have none
    if "NON_STANDARD" in modes or (kind.flattened_mu_min is None and kind.unflattened_mu_min):
        return next(
            (rate for mv, rate in kind.unflattened_mu_min if energy is not None and abs(mv - energy) < 0.5), None
        )
    return kind.flattened_mu_min
