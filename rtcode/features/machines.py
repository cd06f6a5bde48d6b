"""Which machine a beam is for, where that decides what its numbers mean: tomotherapy and robotic linacs.

Names differ from site to site (a CyberKnife may be called by its serial number), so a name counts together with what
the machine leaves in its beams: the distance of its source from the axis, and whether there is a public MLC
(docs/plans.md 1.6 and 3).
"""

from __future__ import annotations

import re

from rtcode.features.settings import DetectorSettings
from rtcode.plan.apertures import LeafData
from rtcode.plan.delivery import Part
from rtcode.plan.model import known
from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.tags import at
from rtcode.plan.texts import mentions
from rtcode.truth import Evidence, EvidenceKind

#: Source-axis distances in mm that no C-arm linac has.
_TOMO_SAD_MM = 850.0
_ROBOTIC_SAD_MM = 800.0
_SAD_TOLERANCE_MM = 2.0

#: Names of tomotherapy systems, as they stand in manufacturer, model and machine.
_TOMO_NAMES = ("TOMO", "HI-ART", "RADIXACT")
#: The maker of robotic and tomotherapy systems, and how machines of the former are called at sites.
_ROBOTIC_NAMES = re.compile(r"ACCURAY|(?<![A-Z])CK(?![A-Z])|(?<![A-Z])CYBER")
#: What is looked for anywhere in names of systems and machines.
TEXT_PARTS = (*_TOMO_NAMES, "ACCURAY", "CK", "CYBER")


def machine_names(planned: PlannedBeam) -> tuple[tuple[str, str, str | None], ...]:
    """Names of the machine, with the path and keyword of the attributes that they stand in."""
    beam, plan = planned.beam, planned.plan
    return (
        (beam.path, "TreatmentMachineName", beam.machine_name),
        (beam.path, "Manufacturer", beam.manufacturer),
        (beam.path, "ManufacturerModelName", beam.model),
        ("", "ManufacturerModelName", plan.model),
        ("", "Manufacturer", plan.manufacturer),
    )


def is_tomo(planned: PlannedBeam) -> bool:
    """Tomotherapy by its private attributes or, where an export lost them, by name and what its beams look like."""
    beam, delivery = planned.beam, planned.delivery
    if beam.control_points.sinogram is not None or any("TOMO" in c.upper() for c in beam.private_creators):
        return True
    if delivery.collimation.leaf_data is not LeafData.NONE:
        return False
    named = any(word in (text or "").upper() for *_, text in machine_names(planned) for word in _TOMO_NAMES)
    timed = (beam.dosimeter_unit or "").strip().upper() == "MINUTE"
    moved = not {Part.ISOCENTER, Part.TABLE_TOP}.isdisjoint(delivery.on)
    return named and (timed or moved or _axis_at(planned, _TOMO_SAD_MM))


def robotic_evidence(planned: PlannedBeam, settings: DetectorSettings) -> tuple[Evidence, ...]:
    """What shows a robotic linac; empty where nothing does.

    Its name, or its maker's or a short name together with the source-axis distance that only robots have.
    """
    uid = planned.plan.sop_instance_uid
    names = [(path, keyword, text) for path, keyword, text in machine_names(planned) if text]
    told = [name for name in names if mentions(name[2], settings.robotic_words)]
    if told:
        return tuple(Evidence(EvidenceKind.TEXT, at(path, keyword), text, uid) for path, keyword, text in told)
    if not _axis_at(planned, _ROBOTIC_SAD_MM):
        return ()
    short = [name for name in names if _ROBOTIC_NAMES.search(name[2].upper())]
    if not short:
        return ()
    distance = known(planned.beam.source_axis_distance_mm)
    return (
        Evidence(EvidenceKind.CODED, at(planned.beam.path, "SourceAxisDistance"), distance, uid),
        *(Evidence(EvidenceKind.TEXT, at(path, keyword), text, uid) for path, keyword, text in short),
    )


def _axis_at(planned: PlannedBeam, distance_mm: float) -> bool:
    found = known(planned.beam.source_axis_distance_mm)
    return found is not None and abs(found - distance_mm) <= _SAD_TOLERANCE_MM
