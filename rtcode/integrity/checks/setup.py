"""Checks of patient set-up: position, displacement, motion management and tolerance tables, beam by beam."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeAlias

from rtcode.features.types import BeamFacts, MotionTerm
from rtcode.integrity.checks.shared import (
    SAME_ISOCENTER,
    first_isocenter,
    named,
    numbers,
    session_beams,
    term,
    text,
    unknown,
    unknown_of,
)
from rtcode.integrity.checks.words import count
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity, Unknown
from rtcode.plan.model import Missing, PatientSetup, known, known_int
from rtcode.plan.roles import Role
from rtcode.plan.tags import at

#: PatientPosition (0018,5100): what PS3.3 defines, seated positions included.
_POSITIONS = frozenset(
    {"HFP", "HFS", "HFDR", "HFDL", "FFDR", "FFDL", "FFP", "FFS", "LFP", "LFS", "RFP", "RFS", "AFDR", "AFDL", "PFDR"}
    | {"PFDL", "SITTING"}
)
#: Those that patients lie in for treatment.
_USUAL = frozenset({"HFS", "HFP", "FFS", "FFP"})

_Placed: TypeAlias = tuple[BeamFacts, PatientSetup, tuple[float, float, float]]


def _placed(beams: Iterable[BeamFacts]) -> list[_Placed]:
    """Beams with their setup and isocenter, looked up once a beam; those without either are left out."""
    return [
        (facts, setup, place)
        for facts in beams
        if (setup := facts.planned.setup) is not None and (place := first_isocenter(facts)) is not None
    ]


def _by_value(beams: Iterable[BeamFacts], value_of: dict[int, str]) -> Iterator[tuple[str, list[BeamFacts]]]:
    """Beams grouped by a value; those without one are left out."""
    groups: dict[str, list[BeamFacts]] = {}
    for facts in beams:
        value = value_of.get(facts.planned.beam.index)
        if value is not None:
            groups.setdefault(value, []).append(facts)
    yield from groups.items()


class SetupUnnamed(Check):
    id = "setup_unnamed"
    title = "treatment beams without a patient setup"
    severity = Severity.WARNING
    explanation = (
        "The beam does not say which patient setup holds for it, and the plan has several or other beams name one. "
        "Patient position and motion management of this beam are unknown."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        beams = case.treatment
        without = [f for f in beams if isinstance(f.planned.beam.setup_number, Missing)]
        if not without:
            return
        # One setup and no beam that names it: some systems leave the reference out, and nothing is open.
        if len(without) == len(beams) and len(case.plan.setups) == 1:
            return
        where = tuple(at(f.planned.beam.path, "ReferencedPatientSetupNumber") for f in without)
        yield Found(f"{named(without)}: no patient setup named", where, numbers(without))


class PatientPositionDiffers(Check):
    id = "patient_position_differs"
    title = "patient position that differs between beams of one plan"
    severity = Severity.WARNING
    explanation = (
        "Beams of one plan are computed on one set of images, in one position. Where their setups have different "
        "positions, the patient would lie the other way round for some of them."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        beams = [f for f in case.beams if f.planned.role in (Role.TREATMENT, Role.SETUP)]
        open_ = [f for f in beams if f.planned.setup is None or not term(f.planned.setup.position)]
        if len(beams) > 1:
            yield from unknown_of(open_, "the patient position is not known")
        given = {
            f.planned.beam.index: term(f.planned.setup.position)
            for f in beams
            if f.planned.setup is not None and term(f.planned.setup.position) in _POSITIONS
        }
        groups = sorted(_by_value(beams, given), key=lambda group: -len(group[1]))
        if len(groups) > 1:
            parts = [f"{position} for {named(members)}" for position, members in groups]
            members = [f for _, group in groups for f in group]
            where = tuple(
                at(group[0].planned.setup.path, "PatientPosition") for _, group in groups if group[0].planned.setup
            )
            yield Found(f"patient position differs: {'; '.join(parts)}", where, tuple(sorted(numbers(members))))


class PatientPositionUnusual(Check):
    id = "patient_position_unusual"
    title = "patient position missing, unknown or unusual"
    severity = Severity.NOTE
    explanation = (
        "Nearly all patients lie head or feet first, supine or prone. Another position is right for few treatments; a"
        " missing one leaves open how the patient lies, and with it where every coordinate is."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        seen: set[str] = set()
        for facts in case.treatment:
            setup = facts.planned.setup
            if setup is None or setup.path in seen:
                continue
            seen.add(setup.path)
            position = term(setup.position)
            if position in _USUAL or (not position and term(setup.additional_position)):
                continue
            members = [f for f in case.treatment if f.planned.setup is setup]
            what = (
                "no patient position"
                if not position
                else f"patient position {position}"
                if position in _POSITIONS
                else "a patient position that DICOM does not define"
            )
            yield Found(f"{named(members)}: {what}", (at(setup.path, "PatientPosition"),), numbers(members))


#: Displacements: field, keyword, how messages call it.
_DISPLACEMENTS = (
    ("vertical_displacement_mm", "TableTopVerticalSetupDisplacement", "vertical"),
    ("longitudinal_displacement_mm", "TableTopLongitudinalSetupDisplacement", "longitudinal"),
    ("lateral_displacement_mm", "TableTopLateralSetupDisplacement", "lateral"),
)


class SetupDisplacementDiffers(Check):
    id = "setup_displacement_differs"
    title = "different shifts from the marks for beams of one isocenter"
    severity = Severity.WARNING
    explanation = (
        "The setups of beams with one isocenter tell the staff to shift the patient by different amounts. One shift "
        "is wrong, or a second isocenter hides behind it."
    )
    limits: ClassVar = {
        "difference_mm": Limit(1.0, "mm", "difference of shifts", "marks and lasers are read to 1 mm"),
        "same_isocenter_mm": SAME_ISOCENTER,
    }

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = _placed(session_beams(case, session))
            for i, a in enumerate(beams):
                for b in beams[i + 1 :]:
                    difference = self._difference(a, b, case)
                    if difference is not None:
                        yield difference
                        break

    def _difference(self, one: _Placed, other: _Placed, case: CheckCase) -> Found | None:
        (a, setup_a, place_a), (b, setup_b, place_b) = one, other
        if setup_a is setup_b or math.dist(place_a, place_b) > case.limits["same_isocenter_mm"]:
            return None
        for name, keyword, called in _DISPLACEMENTS:
            first, second = known(getattr(setup_a, name)), known(getattr(setup_b, name))
            if first is None or second is None or abs(first - second) <= case.limits["difference_mm"]:
                continue
            message = (
                f"{named((a, b))} have one isocenter, but {called} shifts of {text(first)} and {text(second)} mm from "
                "the marks"
            )
            where = tuple(at(setup.path, keyword) for setup in (setup_a, setup_b))
            return Found(message, where, numbers((a, b)), {"difference_mm": round(abs(first - second), 3)})
        return None


class MotionOnSomeBeams(Check):
    id = "motion_on_some_beams"
    title = "motion management on some beams of a session only"
    severity = Severity.WARNING
    explanation = (
        "Some beams of the session are planned with gating, breath-hold or tracking, others without. That is right "
        "where the other beams treat what does not move; otherwise they would be given in free breathing."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = session_beams(case, session)
            with_motion = [f for f in beams if _techniques(f)]
            without = [f for f in beams if not _techniques(f)]
            open_ = [f for f in without if f.planned.setup is None]
            without = [f for f in without if f.planned.setup is not None]
            if with_motion and without:
                setup = without[0].planned.setup
                where = () if setup is None else (at(setup.path, "MotionSynchronizationSequence"),)
                message = f"{named(with_motion)} with motion management, {named(without)} without"
                yield Found(message, where, tuple(sorted(numbers((*with_motion, *without)))))
            if with_motion:
                for facts in open_:
                    where_open = at(facts.planned.beam.path, "ReferencedPatientSetupNumber")
                    yield unknown(facts, "the patient setup is not known", where_open)


class MotionTechniqueDiffers(Check):
    id = "motion_technique_differs"
    title = "motion management that contradicts itself or differs between beams"
    severity = Severity.WARNING
    explanation = (
        "A setup says both that motion is managed and that it is not, or beams of one session use different "
        "techniques. The patient is coached and the machine set for one of them only."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        seen: set[str] = set()
        for facts in case.treatment:
            setup = facts.planned.setup
            if setup is None or setup.path in seen:
                continue
            seen.add(setup.path)
            kinds = {m.term for m in facts.motion}
            if MotionTerm.ACTIVE in kinds and MotionTerm.NONE in kinds:
                members = [f for f in case.treatment if f.planned.setup is setup]
                message = f"{named(members)}: one setup codes motion management and NONE"
                yield Found(message, (at(setup.path, "MotionSynchronizationSequence"),), numbers(members))
        for session in case.sessions:
            beams = session_beams(case, session)
            values = {f.planned.beam.index: " and ".join(sorted(_techniques(f))) for f in beams if _techniques(f)}
            groups = list(_by_value(beams, values))
            if len(groups) > 1:
                parts = "; ".join(f"{value} for {named(members)}" for value, members in groups)
                members = [f for _, group in groups for f in group]
                yield Found(f"motion management differs: {parts}", (), tuple(sorted(numbers(members))))


def _techniques(facts: BeamFacts) -> frozenset[str]:
    """Coded active techniques of a beam: defined terms only, so that no text of the plan is shown."""
    return frozenset(term(m.technique) for m in facts.motion if m.term is MotionTerm.ACTIVE)


class ToleranceTableDiffers(Check):
    id = "tolerance_table_differs"
    title = "tolerance table that differs between beams, or is missing on some"
    severity = Severity.WARNING
    explanation = (
        "The beams of a session are set up once, but the machine would check them against different tolerances, or "
        "one of them against none. Electron and photon beams may have tables of their own."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = session_beams(case, session)
            for kind in dict.fromkeys(f.radiation.radiation for f in beams):
                same = [f for f in beams if f.radiation.radiation is kind]
                given = [f for f in same if known_int(f.planned.beam.tolerance_table_number) is not None]
                without = [f for f in same if f not in given]
                if given and without:
                    where = tuple(at(f.planned.beam.path, "ReferencedToleranceTableNumber") for f in without)
                    message = f"{named(without)} without tolerance table, while other beams of the session have one"
                    yield Found(message, where, numbers(without))
                tables: dict[int | None, list[BeamFacts]] = {}
                for facts in given:
                    tables.setdefault(known_int(facts.planned.beam.tolerance_table_number), []).append(facts)
                if len(tables) > 1:
                    parts = "; ".join(f"table {number} for {named(members)}" for number, members in tables.items())
                    where = tuple(
                        at(members[0].planned.beam.path, "ReferencedToleranceTableNumber")
                        for members in tables.values()
                    )
                    yield Found(f"tolerance tables differ: {parts}", where, numbers(given))


class SetupTechniqueDiffers(Check):
    id = "setup_technique_differs"
    title = "set-up technique that differs between beams of one isocenter"
    severity = Severity.NOTE
    explanation = (
        "One isocenter is set up either isocentrically or by a fixed SSD. Systems fill the term in carelessly, so "
        "look at the SSD of these beams before trusting either."
    )
    limits: ClassVar = {"same_isocenter_mm": SAME_ISOCENTER}

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            placed = _placed(session_beams(case, session))
            beams = [(*one, technique) for one in placed if (technique := _technique(one[1]))]
            for i, (a, setup_a, place_a, technique_a) in enumerate(beams):
                for b, setup_b, place_b, technique_b in beams[i + 1 :]:
                    if technique_a == technique_b:
                        continue
                    if math.dist(place_a, place_b) <= case.limits["same_isocenter_mm"]:
                        where = tuple(at(setup.path, "SetupTechnique") for setup in (setup_a, setup_b))
                        message = f"{named((a, b))} have one isocenter and different set-up techniques"
                        yield Found(message, where, numbers((a, b)))
                        break


def _technique(setup: PatientSetup | None) -> str:
    return term(None if setup is None else setup.technique)


class FixationDiffers(Check):
    id = "fixation_differs"
    title = "immobilization that differs between beams of one session"
    severity = Severity.NOTE
    explanation = (
        "The patient is immobilized once for a session. Where the setups of its beams name different devices, or one "
        "names none, some beams were planned in another set-up."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = [f for f in session_beams(case, session) if f.planned.setup is not None]
            groups: dict[tuple[str, ...], list[BeamFacts]] = {}
            for facts in beams:
                setup = facts.planned.setup
                if setup is not None:
                    devices = tuple(sorted(term(device.type) for device in setup.fixation_devices))
                    groups.setdefault(devices, []).append(facts)
            if len(groups) > 1:
                parts = "; ".join(
                    f"{count(len(devices), 'device')} for {named(members)}" for devices, members in groups.items()
                )
                where = tuple(
                    at(members[0].planned.setup.path, "FixationDeviceSequence")
                    for members in groups.values()
                    if members[0].planned.setup is not None
                )
                yield Found(f"immobilization differs: {parts}", where, numbers(beams))


CHECKS = (
    SetupUnnamed,
    PatientPositionDiffers,
    PatientPositionUnusual,
    SetupDisplacementDiffers,
    MotionOnSomeBeams,
    MotionTechniqueDiffers,
    ToleranceTableDiffers,
    SetupTechniqueDiffers,
    FixationDiffers,
)
