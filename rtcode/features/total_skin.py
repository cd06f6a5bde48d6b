"""Detector: signs of total skin electron therapy, words and geometry apart.

What it does (docs/plans.md 2.7, docs/rules.md L3-D). No attribute of an RT Plan names total skin electrons, so two
kinds of sign are kept apart, for only both together decide:

* words: total-skin words in the session's texts that are not about another course ("s/p TSET"), or a total-skin mode
  of the machine (HDTSe and the like) in the fluence mode, technique code, applicator or beam texts;
* geometry: electrons only, and a patient far from the source (SSD of at least ``total_skin_ssd_mm``) or standing in a
  field without a cone. Paired gantry tilts about 90 or 270, the largest open field and several stances support it.

A plan that is labelled as total skin may hold a boost of its own (soles, scalp): an ordinary electron field, with a
cone at an ordinary distance, that calls itself a boost or stands beside a group that has the geometry. There the
words are about the other sessions and do not count.

What it cannot see: most total skin treatments are never planned in a system that exports a plan, so no sign proves
nothing. Photon total body irradiation is not meant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from rtcode.features.selection import treatment_beams
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Radiation, TotalSkinFeature
from rtcode.plan.geometry import NOISE
from rtcode.plan.model import RTPlan
from rtcode.plan.placement import first_delivering, known_at, ssd_mm
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, TreatmentSession, sessions_of
from rtcode.plan.tags import at
from rtcode.plan.texts import find_words, session_texts
from rtcode.truth import Evidence, EvidenceKind, Truth

#: Total Skin Irradiation of CID 9543 (second-generation objects), should a technique code carry it.
_TOTAL_SKIN_CODE = "130342"
#: Starts of the names that machines give their total skin modes ("HDTSe-", "HDTSE6").
_MODES = ("HDTSE", "HDTSI", "TSEI", "TSET", "TSEBT")
#: In names and descriptions of beams, where the others are words like any (`DetectorSettings.total_skin_words`).
_MACHINE_MODES = ("HDTSE", "HDTSI")
_STANDING = ("STAND", "UPRIGHT")
#: What is looked for anywhere in a position, and in names of applicators and modes.
TEXT_PARTS = _STANDING + _MODES
#: Jaws this wide are the largest open field.
_OPEN_MM = 360.0
#: Tilts of a dual field about the horizontal (published: 15 to 22 degrees).
_TILT_DEG = (10.0, 25.0)
#: Six stances are usual; this many set-ups with a position of their own are several.
_STANCES = 4


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> TotalSkinFeature:
    """Signs of total skin electrons in one session.

    Parameters
    ----------
    beams
        Facts of all beams of the session; only treatment beams count.
    """
    treatment = treatment_beams(session, beams)
    electrons = [b.planned for b in treatment if b.radiation.radiation is Radiation.ELECTRON]
    if not electrons:
        return TotalSkinFeature(Truth.NOT_MET, Truth.NOT_MET, (), ())
    kinds = {b.radiation.radiation for b in treatment}
    geometry, geometry_evidence = _geometry(electrons, settings.total_skin_ssd_mm)
    if kinds - {Radiation.ELECTRON, Radiation.UNKNOWN}:
        geometry = Truth.NOT_MET
    elif Radiation.UNKNOWN in kinds and geometry is Truth.MET:
        geometry = Truth.UNKNOWN
    words = (*_words(session, settings), *_modes(electrons))
    if not words:
        return TotalSkinFeature(Truth.NOT_MET, geometry, (), geometry_evidence)
    other = () if geometry is not Truth.NOT_MET else _about_another_session(session, electrons, settings)
    if other:
        return TotalSkinFeature(Truth.NOT_MET, geometry, (*words, *other), geometry_evidence)
    return TotalSkinFeature(Truth.MET, geometry, words, geometry_evidence)


# --------------------------------------------------------------------------------------------------- words


def _words(session: TreatmentSession, settings: DetectorSettings) -> tuple[Evidence, ...]:
    hits = find_words(
        session_texts(session),
        settings.total_skin_words,
        negations=settings.negation_words,
        elsewhere=settings.elsewhere_words,
    )
    return tuple(dict.fromkeys(hit.evidence for hit in hits))


def _modes(electrons: Sequence[PlannedBeam]) -> tuple[Evidence, ...]:
    """Total skin modes and codes of the beams; one entry for a mode, however many beams have it."""
    found: dict[str, Evidence] = {}
    for planned in electrons:
        beam, uid = planned.beam, planned.plan.sop_instance_uid
        named = [
            (at(f"{beam.path}.PrimaryFluenceModeSequence[{i}]", keyword), value)
            for i, (mode, mode_id) in enumerate(beam.fluence_modes)
            for keyword, value in (("FluenceMode", mode), ("FluenceModeID", mode_id))
        ]
        named.append((at(beam.path, "HighDoseTechniqueType"), beam.high_dose_technique))
        for applicator in beam.applicators:
            named += [
                (at(applicator.path, "ApplicatorID"), applicator.id),
                (at(applicator.path, "ApplicatorDescription"), applicator.description),
            ]
        texts = [
            (at(beam.path, keyword), value)
            for keyword, value in (("BeamName", beam.name), ("BeamDescription", beam.description))
        ]
        modes = [(where, value) for where, value in named if _is_mode(value, _MODES)]
        modes += [(where, value) for where, value in texts if _is_mode(value, _MACHINE_MODES)]
        for where, value in modes:
            found.setdefault((value or "").strip().upper(), Evidence(EvidenceKind.TEXT, where, value, uid))
        for code in beam.technique_codes:
            if code.value == _TOTAL_SKIN_CODE:
                where = at(beam.path, "RTTreatmentTechniqueCodeSequence")
                found.setdefault(_TOTAL_SKIN_CODE, Evidence(EvidenceKind.CODED, where, code.value, uid))
    return tuple(found.values())


def _is_mode(value: str | None, modes: tuple[str, ...]) -> bool:
    """Whether a word of the text begins with the name of a total skin mode."""
    tokens = "".join(c if c.isalnum() else " " for c in (value or "").upper()).split()
    return any(token.startswith(modes) for token in tokens)


def _about_another_session(
    session: TreatmentSession, electrons: Sequence[PlannedBeam], settings: DetectorSettings
) -> tuple[Evidence, ...]:
    """Why total skin words of the plan are not about this session: all its fields are ordinary ones with a cone, and it
    calls itself a boost, or another fraction group of the plan has the geometry."""
    if not all(_is_ordinary(planned, settings) for planned in electrons):
        return ()
    boost = find_words(
        session_texts(session),
        settings.boost_words,
        negations=settings.negation_words,
        elsewhere=settings.elsewhere_words,
    )
    if boost:
        return (boost[0].evidence,)
    own = {id(planned.beam) for planned in electrons}
    for plan in session.plans:
        for beams, evidence in _groups_with_geometry(plan, settings.total_skin_ssd_mm):
            if own.isdisjoint(beams):
                return (evidence,)
    return ()


@lru_cache(maxsize=1)
def _groups_with_geometry(plan: RTPlan, total_skin_ssd_mm: float) -> tuple[tuple[frozenset[int], Evidence], ...]:
    """The electron beams of each of the plan's sessions that has the geometry, by identity, with what shows it.

    The sessions of a plan come one after another and all ask for the same.
    """
    found = []
    for session in sessions_of(plan):
        beams = [
            b for b in session.beams
            if b.role is Role.TREATMENT and (b.beam.radiation_type or "").strip().upper() == "ELECTRON"
        ]  # fmt: skip
        if beams:
            truth, evidence = _geometry(beams, total_skin_ssd_mm)
            if truth is Truth.MET:
                found.append((frozenset(id(b.beam) for b in beams), evidence[0]))
    return tuple(found)


def _is_ordinary(planned: PlannedBeam, settings: DetectorSettings) -> bool:
    """An electron field at an ordinary distance, with a cone or cut-out where the plan says so."""
    ssd = ssd_mm(planned)
    return ssd is not None and ssd < settings.total_skin_ssd_mm and not (_is_open(planned) and not _has_cone(planned))


# ------------------------------------------------------------------------------------------------ geometry


def _geometry(electrons: Sequence[PlannedBeam], total_skin_ssd_mm: float) -> tuple[Truth, tuple[Evidence, ...]]:
    """Whether electron beams have the geometry of a total skin treatment, with what supports it."""
    distances = [(planned, ssd_mm(planned)) for planned in electrons]
    far = [(p, d) for p, d in distances if d is not None and d >= total_skin_ssd_mm - NOISE]
    support = (*_standing(electrons), *_open_fields(electrons), *_paired_tilts(electrons), *_stances(electrons))
    if far:
        planned, distance = far[0]
        path = f"{planned.beam.path}.ControlPointSequence[{first_delivering(planned)}]"
        where = at(path, "SourceToSurfaceDistance")
        evidence = Evidence(EvidenceKind.GEOMETRIC, where, distance, planned.plan.sop_instance_uid)
        return Truth.MET, (evidence, *support)
    coneless = [p for p in electrons if not _has_cone(p)]
    if _standing(coneless):
        return Truth.MET, support
    unknown = any(d is None for _, d in distances)
    if unknown and coneless and (_open_fields(coneless) or _paired_tilts(coneless)):
        return Truth.UNKNOWN, support
    if all(d is None for _, d in distances) and len(coneless) == len(electrons):
        return Truth.UNKNOWN, support
    return Truth.NOT_MET, ()


def _has_cone(planned: PlannedBeam) -> bool:
    """A cone or cut-out other than the open total skin frame."""
    beam = planned.beam
    cones = [a for a in beam.applicators if (a.type or "").strip().upper() != "ELECTRON_OPEN"]
    return bool(cones) or any(len(block.outline_mm) for block in beam.blocks)


def _is_open(planned: PlannedBeam) -> bool:
    """The largest open field: an open applicator, or both jaws at least 360 mm apart."""
    if any((a.type or "").strip().upper() == "ELECTRON_OPEN" for a in planned.beam.applicators):
        return True
    widths = _jaw_widths(planned)
    return len(widths) == 2 and min(widths.values()) >= _OPEN_MM - NOISE


def _jaw_widths(planned: PlannedBeam) -> dict[str, float]:
    widths: dict[str, float] = {}
    for device in planned.beam.control_points.devices:
        axis = device.type.upper().removeprefix("ASYM")
        if axis in ("X", "Y") and device.pairs == 1 and planned.beam.control_points.count:
            ends = device.at(first_delivering(planned))
            if ends is not None and np.isfinite(ends).all():
                widths[axis] = float(ends[1, 0] - ends[0, 0])
    return widths


def _standing(electrons: Sequence[PlannedBeam]) -> tuple[Evidence, ...]:
    for planned in electrons:
        setup = planned.setup
        text = "" if setup is None else setup.additional_position or ""
        if setup is not None and any(word in text.upper() for word in _STANDING):
            where = at(setup.path, "PatientAdditionalPosition")
            return (Evidence(EvidenceKind.TEXT, where, text, planned.plan.sop_instance_uid),)
    return ()


def _open_fields(electrons: Sequence[PlannedBeam]) -> tuple[Evidence, ...]:
    for planned in electrons:
        if _is_open(planned):
            beam, uid = planned.beam, planned.plan.sop_instance_uid
            path = f"{beam.path}.ControlPointSequence[{first_delivering(planned)}].BeamLimitingDevicePositionSequence"
            widths = tuple(sorted(_jaw_widths(planned).values()))
            if widths:
                where = f"{at(path, 'LeafJawPositions')}: opening (mm)"
                return (Evidence(EvidenceKind.GEOMETRIC, where, widths, uid),)
            return (Evidence(EvidenceKind.CODED, at(beam.applicators[0].path, "ApplicatorType"), "ELECTRON_OPEN", uid),)
    return ()


def _paired_tilts(electrons: Sequence[PlannedBeam]) -> tuple[Evidence, ...]:
    """Two gantry angles the same tilt above and below the horizontal, as a dual field has."""
    angles: dict[float, PlannedBeam] = {}
    for planned in electrons:
        angle = known_at(planned.beam.control_points.gantry_deg, first_delivering(planned))
        if angle is not None:
            angles.setdefault(angle % 360.0, planned)
    for angle, planned in angles.items():
        for horizontal in (90.0, 270.0):
            tilt = angle - horizontal
            if not _TILT_DEG[0] <= tilt <= _TILT_DEG[1]:
                continue
            mirrored = [a for a in angles if math.isclose(horizontal - a, tilt, abs_tol=1.0)]
            if mirrored:
                path = f"{planned.beam.path}.ControlPointSequence[{first_delivering(planned)}]"
                where = f"{at(path, 'GantryAngle')}: tilted pair (deg)"
                value = (mirrored[0], angle)
                return (Evidence(EvidenceKind.GEOMETRIC, where, value, planned.plan.sop_instance_uid),)
    return ()


def _stances(electrons: Sequence[PlannedBeam]) -> tuple[Evidence, ...]:
    """Several set-ups, each with a position of its own."""
    setups = {id(p.setup): p.setup for p in electrons if p.setup is not None}
    texts = {(s.additional_position or "").strip().upper() for s in setups.values()} - {""}
    if len(texts) < _STANCES:
        return ()
    uid = electrons[0].plan.sop_instance_uid
    where = f"{at('PatientSetupSequence[*]', 'PatientAdditionalPosition')}: different positions"
    return (Evidence(EvidenceKind.GEOMETRIC, where, len(texts), uid),)
