"""Detector: kind of radiation and energy of a beam.

What it does (docs/plans.md 2.2 and 2.10, docs/rules.md S2 and S4). RadiationType (300A,00C6) decides, in upper case and
without blanks: PHOTON, ELECTRON, PROTON, ION, NEUTRON; another particle's name is reported as such. An empty, absent,
multi-valued or odd type is unknown; an electron or photon applicator (300A,0109) is then given as a hint, which never
decides. Energies are the known positive NominalBeamEnergy (300A,0114) values of the control points: 0 is no energy but
a placeholder. FFF comes from the primary fluence mode (3002,0051) and its ID alone.

Kilovoltage. NominalBeamEnergy is in MV; a photon energy between 0 and 1 is kilovoltage. Where a file writes a number
of kilovolts (more than 30, up to 400), one sign must go with it: a photon applicator, a source-axis distance under
600 mm, a source-surface distance of 150 to 500 mm without an MLC, or a machine's name. Without a sign it stays
unknown, as does a kilovoltage unit's name without any energy, or with a low number that could be either.

What it cannot see: whether the energy written is the one delivered, filters and half-value layers, flattening filter
free beams of systems that do not write a fluence mode, and the nature of a beam whose type is missing.
"""

from __future__ import annotations

import numpy as np

from rtcode.features.settings import DetectorSettings
from rtcode.features.types import Radiation, RadiationFact
from rtcode.plan.model import Beam, known, terms
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.tags import at
from rtcode.plan.texts import mentions
from rtcode.truth import Evidence, EvidenceKind, Truth

_KINDS = {
    "PHOTON": Radiation.PHOTON,
    "ELECTRON": Radiation.ELECTRON,
    "PROTON": Radiation.PROTON,
    "ION": Radiation.ION,
    "NEUTRON": Radiation.NEUTRON,
}
#: Words for particles that no enumerated value names; anything else is an odd value, not a particle.
_OTHER_PARTICLES = frozenset(
    {
        "ALPHA", "ANTIPROTON", "CARBON", "DEUTERON", "HEAVY", "HELIUM", "LITHIUM", "MUON", "NEON", "OXYGEN",
        "PI_MESON", "PION", "POSITRON",
    }
)  # fmt: skip
#: What is looked for beside the lists of the code set and DICOM's defined terms.
TEXT_WORDS = tuple(sorted(_OTHER_PARTICLES))
#: No photon field of a linac has more MV (docs/plans.md 2.10: above it, kilovolts); no therapy tube has more kV.
_MOST_MV = 30.0
_MOST_KV = 400.0
_SHORT_SAD_MM = 600.0
_TUBE_SSD_MM = (150.0, 500.0)
#: Up to this number of "MV", a machine with a kilovoltage unit's name may have written kilovolts (Grenz rays).
_AMBIGUOUS_KV = (5.0, _MOST_MV)


def radiation_of(planned: PlannedBeam, settings: DetectorSettings) -> RadiationFact:
    """Kind of radiation, energies and kilovoltage of one beam; never raises."""
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    kind, other = _kind(beam.radiation_type)
    energies, energy_evidence = _energies(beam, uid)
    kilovoltage, signs = _kilovoltage(planned, kind, energies, settings)
    shown = (Evidence(EvidenceKind.CODED, at(beam.path, "RadiationType"), beam.radiation_type, uid), *energy_evidence)
    fff, fluence = _fluence(beam, uid)
    return RadiationFact(
        radiation=kind,
        energies_mev=energies,
        fff=fff,
        kilovoltage=kilovoltage,
        evidence=(*shown, *fluence),
        kilovoltage_evidence=(*energy_evidence, *signs) if kilovoltage is not Truth.NOT_MET else (),
        other=other,
        hint=_hint(beam) if kind is Radiation.UNKNOWN and other is None else None,
    )


def _kind(written: str | None) -> tuple[Radiation, str | None]:
    term = (written or "").strip().upper()
    if term in _KINDS:
        return _KINDS[term], None
    name = term.replace(" ", "_").replace("-", "_").removesuffix("S").removesuffix("_ION")
    if name in _OTHER_PARTICLES or term in _OTHER_PARTICLES:
        return Radiation.UNKNOWN, term
    return Radiation.UNKNOWN, None


def _hint(beam: Beam) -> Radiation | None:
    """What a value that is no defined term, or an applicator, makes likely."""
    kinds = terms(beam.radiation_type)
    named = {_KINDS[k.removesuffix("S")] for k in kinds if k.removesuffix("S") in _KINDS}
    for applicator in beam.applicators:
        term = (applicator.type or "").strip().upper()
        if term.startswith("ELECTRON_"):
            named.add(Radiation.ELECTRON)
        elif term.startswith("PHOTON_"):
            named.add(Radiation.PHOTON)
    return named.pop() if len(named) == 1 else None


def _energies(beam: Beam, uid: str | None) -> tuple[tuple[float, ...], tuple[Evidence, ...]]:
    column = beam.control_points.energy
    if column is None:
        return (), ()
    first = column.first_known()
    known_values = column.values[:1] if column.is_constant() else np.unique(column.values[column.is_known()])
    values = tuple(v for v in known_values.tolist() if v > 0)
    source: int | str | None = None if first is None else column.source(first)
    if len(values) > 1:
        source = "*"
    where = at(f"{beam.path}.ControlPointSequence[{0 if source is None else source}]", "NominalBeamEnergy")
    shown = None if first is None else float(column.values[first])
    value = values if len(values) > 1 else values[0] if values else shown
    return values, (Evidence(EvidenceKind.CODED, where, value, uid),)


def _fluence(beam: Beam, uid: str | None) -> tuple[bool | None, tuple[Evidence, ...]]:
    """Whether the beam is flattening filter free; ``None`` where the fluence mode does not say."""
    answers: list[bool | None] = []
    for mode, mode_id in beam.fluence_modes:
        term, name = (mode or "").strip().upper(), (mode_id or "").strip().upper()
        if term == "STANDARD":
            answers.append(False)
        elif term == "NON_STANDARD":
            answers.append("FFF" in name if name else None)
    if True not in answers and (not answers or None in answers):
        return None, ()
    fff = True in answers
    if not fff:
        return False, ()
    path = f"{beam.path}.PrimaryFluenceModeSequence[0]"
    return True, (Evidence(EvidenceKind.CODED, at(path, "FluenceModeID"), beam.fluence_modes[0][1], uid),)


def _kilovoltage(
    planned: PlannedBeam, kind: Radiation, energies: tuple[float, ...], settings: DetectorSettings
) -> tuple[Truth, tuple[Evidence, ...]]:
    if kind not in (Radiation.PHOTON, Radiation.UNKNOWN):
        return Truth.NOT_MET, ()
    signs, words = _signs(planned), _machine_words(planned, settings)
    if any(energy < 1.0 for energy in energies):
        return Truth.MET, (*signs, *words)
    if any(_MOST_MV < energy <= _MOST_KV for energy in energies):
        return (Truth.MET if signs or words else Truth.UNKNOWN), (*signs, *words)
    if any(energy > _MOST_KV for energy in energies):
        return Truth.UNKNOWN, (*signs, *words)
    ambiguous = all(_AMBIGUOUS_KV[0] <= energy <= _AMBIGUOUS_KV[1] for energy in energies)
    if words and (not energies or (ambiguous and signs)):
        return Truth.UNKNOWN, (*signs, *words)
    return Truth.NOT_MET, ()


def _signs(planned: PlannedBeam) -> tuple[Evidence, ...]:
    """Geometry of an X-ray tube: a photon applicator, a short source-axis distance, a short SSD without an MLC."""
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    found = []
    for applicator in beam.applicators:
        if (applicator.type or "").strip().upper().startswith("PHOTON_"):
            found.append(Evidence(EvidenceKind.CODED, at(applicator.path, "ApplicatorType"), applicator.type, uid))
    sad = known(beam.source_axis_distance_mm)
    # A distance under 150 mm on a linac is one in centimeters, not a tube's.
    if sad is not None and _TUBE_SSD_MM[0] < sad < _SHORT_SAD_MM:
        found.append(Evidence(EvidenceKind.GEOMETRIC, at(beam.path, "SourceAxisDistance"), sad, uid))
    column = beam.control_points.ssd_mm
    first = None if column is None else column.first_known()
    if column is not None and first is not None and not any(_has_leaves(d.type) for d in beam.devices):
        ssd = float(column.values[first])
        if _TUBE_SSD_MM[0] <= ssd <= _TUBE_SSD_MM[1]:
            where = at(f"{beam.path}.ControlPointSequence[{first}]", "SourceToSurfaceDistance")
            found.append(Evidence(EvidenceKind.GEOMETRIC, where, ssd, uid))
    return tuple(found)


def _has_leaves(device_type: str) -> bool:
    return device_type.startswith("MLC")


def _machine_words(planned: PlannedBeam, settings: DetectorSettings) -> tuple[Evidence, ...]:
    beam, uid = planned.beam, planned.plan.sop_instance_uid
    texts = (
        ("TreatmentMachineName", beam.machine_name),
        ("Manufacturer", beam.manufacturer),
        ("ManufacturerModelName", beam.model),
    )
    return tuple(
        Evidence(EvidenceKind.TEXT, at(beam.path, keyword), text, uid)
        for keyword, text in texts
        if text and mentions(text, settings.kilovoltage_words)
    )
