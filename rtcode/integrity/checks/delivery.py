"""Checks of types, codes and terms against what a beam does."""

from __future__ import annotations

from collections.abc import Iterable

from rtcode.features.types import Radiation
from rtcode.integrity.checks.shared import (
    found,
    is_helical,
    meterset_unit,
    named,
    numbers,
    session_beams,
    term,
    text,
    unknown,
    unknown_of,
)
from rtcode.integrity.checks.words import listing
from rtcode.integrity.types import Check, CheckCase, Found, Severity, Unknown
from rtcode.plan.delivery import Part
from rtcode.plan.model import known
from rtcode.plan.roles import Role, delivery_term
from rtcode.plan.tags import at

_PARTS = {
    Part.GANTRY: "the gantry turns",
    Part.COLLIMATOR: "the collimator turns",
    Part.COUCH: "the couch turns",
    Part.TABLE_TOP: "the table top moves",
    Part.JAWS: "jaws move",
    Part.MLC: "leaves move",
    Part.WEDGE: "the wedge moves",
}
_STILL = {Part.GANTRY: "the gantry stands still", Part.MLC: "the leaves stand still"}


class StaticMoves(Check):
    id = "static_beam_moves"
    title = "beam called STATIC in which something moves while it is on"
    severity = Severity.ERROR
    explanation = (
        "STATIC says that nothing changes while the beam is on, but positions change between control points with "
        "meterset. A machine may give the beam with the first positions only; type or positions are wrong."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            delivery, beam = facts.planned.delivery, facts.planned.beam
            if term(beam.beam_type) != "STATIC":
                continue
            if delivery.delivering is None:
                yield unknown(facts, "the meterset weights do not say when the beam is on", at(beam.path, "BeamType"))
                continue
            moving = [words for part, words in _PARTS.items() if part in delivery.on]
            if moving:
                yield found(facts, f"called STATIC, but {listing(moving)} while it is on", at(beam.path, "BeamType"))


class DynamicStill(Check):
    id = "dynamic_beam_still"
    title = "beam called DYNAMIC in which nothing moves while it is on"
    severity = Severity.NOTE
    explanation = (
        "Some systems call every beam of an intensity-modulated plan dynamic. Where an arc or moving leaves were "
        "planned, the movement has been lost. Dynamic wedges are left out: their moving jaw is not in the file."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        called = [f for f in case.treatment if term(f.planned.beam.beam_type) == "DYNAMIC"]
        open_ = [f for f in called if f.planned.delivery.delivering is None]
        yield from unknown_of(open_, "the meterset weights do not say when the beam is on")
        for facts in called:
            delivery, beam = facts.planned.delivery, facts.planned.beam
            # Most systems export empty table positions: what is not written does not make a beam dynamic.
            if delivery.delivering is None or delivery.on or delivery.unknown - {Part.TABLE_TOP}:
                continue
            if any(term(wedge.type) == "DYNAMIC" for wedge in beam.wedges) or is_helical(facts):
                continue
            yield found(facts, "called DYNAMIC, but nothing moves while it is on", at(beam.path, "BeamType"))


class BeamTypeUnknown(Check):
    id = "beam_type_unknown"
    title = "beam type missing or not defined"
    severity = Severity.NOTE
    explanation = "DICOM wants STATIC or DYNAMIC. Systems that go by it may refuse the beam or take it for static."

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            if term(beam.beam_type) not in ("STATIC", "DYNAMIC"):
                what = "a beam type that DICOM does not define" if term(beam.beam_type) else "no beam type"
                yield found(facts, what, at(beam.path, "BeamType"))


#: CID 9583 (DCM): what each technique is called, what has to move while the beam is on, and what must not.
_CODED: dict[str, tuple[str, frozenset[Part], frozenset[Part]]] = {
    "130102": ("static", frozenset(), frozenset({Part.GANTRY, Part.MLC})),
    "130103": ("arc", frozenset({Part.GANTRY}), frozenset()),
    "130104": ("conformal arc", frozenset({Part.GANTRY}), frozenset()),
    "130105": ("step and shoot", frozenset(), frozenset({Part.GANTRY, Part.MLC})),
    "130106": ("sliding window", frozenset({Part.MLC}), frozenset({Part.GANTRY})),
    "130107": ("VMAT", frozenset({Part.GANTRY, Part.MLC}), frozenset()),
    "130108": ("helical", frozenset({Part.GANTRY}), frozenset()),
}


class TechniqueCodeContradicts(Check):
    id = "technique_code_contradicts"
    title = "technique code that contradicts what moves"
    severity = Severity.ERROR
    explanation = (
        "The beam is coded as one technique and delivers another: movement was added or lost after it was planned, or"
        " the code is of another beam."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            delivery = facts.planned.delivery
            where = at(facts.planned.beam.path, "RTTreatmentTechniqueCodeSequence")
            for code in facts.planned.beam.technique_codes:
                if code.value not in _CODED:
                    continue
                name, needed, barred = _CODED[code.value]
                if delivery.delivering is None or not delivery.unknown.isdisjoint(needed | barred):
                    yield unknown(facts, "what moves while it is on is not known", where)
                    continue
                lacking = [_STILL[part] for part in sorted(needed - delivery.on)]
                moving = [words for part, words in _PARTS.items() if part in barred & delivery.on]
                if lacking or moving:
                    yield found(facts, f"coded as {name}, but {listing([*lacking, *moving])} while it is on", where)


class ElectronModulated(Check):
    id = "electron_beam_modulated"
    title = "electron beam that is shaped or modulated by leaves"
    severity = Severity.WARNING
    explanation = (
        "Electrons are shaped by applicators and cut-outs; leaves and gantry stand still. An electron beam that moves"
        " them is mostly a photon beam with a wrong radiation type."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            if facts.radiation.radiation is not Radiation.ELECTRON:
                continue
            delivery = facts.planned.delivery
            changes = delivery.changes & {Part.GANTRY, Part.MLC, Part.JAWS}
            if changes:
                moving = [words for part, words in _PARTS.items() if part in changes]
                where = at(facts.planned.beam.path, "RadiationType")
                yield found(facts, f"an electron beam in which {listing(moving)}", where)


class RadiationTypeMissing(Check):
    id = "radiation_type_missing"
    title = "radiation type missing or not defined"
    severity = Severity.ERROR
    explanation = (
        "The beam does not say whether it is photons or electrons, and many energies exist as both. It cannot be "
        "delivered as written."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for facts in case.treatment:
            beam = facts.planned.beam
            if facts.radiation.radiation is Radiation.UNKNOWN and facts.radiation.other is None:
                what = (
                    "a radiation type that DICOM does not define" if term(beam.radiation_type) else "no radiation type"
                )
                yield found(facts, what, at(beam.path, "RadiationType"))


class HighDoseTechnique(Check):
    id = "high_dose_technique_differs"
    title = "high-dose technique on some beams only, or one that DICOM does not define"
    severity = Severity.NOTE
    explanation = (
        "A high-dose technique lets the machine give more than its usual limits. It belongs to all beams of a "
        "treatment that needs it; NORMAL and SRS are terms of single vendors."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            beams = session_beams(case, session)
            coded = [f for f in beams if term(f.planned.beam.high_dose_technique) not in ("", "NORMAL")]
            if coded and len(coded) < len(beams):
                rest = [f for f in beams if f not in coded]
                where = tuple(at(some[0].planned.beam.path, "HighDoseTechniqueType") for some in (coded, rest))
                message = f"{named(coded)} with a high-dose technique, {named(rest)} without"
                yield Found(message, where, tuple(sorted(numbers(beams))))
            odd = [f for f in coded if term(f.planned.beam.high_dose_technique) not in ("TBI", "HDR", "SRS")]
            if odd:
                where = tuple(at(f.planned.beam.path, "HighDoseTechniqueType") for f in odd)
                yield Found(f"{named(odd)}: a high-dose technique that DICOM does not define", where, numbers(odd))


class SetupBeamMeterset(Check):
    id = "setup_beam_meterset"
    title = "set-up field with a meterset"
    severity = Severity.WARNING
    explanation = (
        "A field that is typed as set-up gives dose. Either a treatment field has lost its type, and would not be "
        "treated, or an imaging field is treated. Vendors' imaging beams are left out."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        for session in case.sessions:
            for planned in session.beams:
                meterset = known(planned.meterset)
                if delivery_term(planned.beam) == "SETUP" and meterset:
                    where = () if planned.reference is None else (at(planned.reference.path, "BeamMeterset"),)
                    message = f"typed as set-up, but has a meterset of {text(meterset, 2)}{meterset_unit(planned)}"
                    yield found(planned, message, *where, meterset=meterset)


class DeliveryTypeUnusual(Check):
    id = "delivery_type_unusual"
    title = "delivery type missing, unknown, or a continuation"
    severity = Severity.NOTE
    explanation = (
        "Systems sort treatment, set-up and port film fields by this term. A continuation is the rest of an "
        "interrupted fraction: as a plan for several fractions it would repeat only that rest."
    )

    def find(self, case: CheckCase) -> Iterable[Found | Unknown]:
        known_terms = {"TREATMENT", "OPEN_PORTFILM", "TRMT_PORTFILM", "CONTINUATION", "SETUP", "IMAGE_BEAM"}
        terms = [(facts, delivery_term(facts.planned.beam)) for facts in case.beams]
        some = any(value for _, value in terms)
        for facts, value in terms:
            where = at(facts.planned.beam.path, "TreatmentDeliveryType")
            if value == "CONTINUATION":
                yield found(facts, "a continuation of an interrupted fraction", where)
            elif value and value not in known_terms:
                yield found(facts, "a delivery type that DICOM does not define", where)
            elif not value and some and facts.planned.role is Role.TREATMENT:
                yield found(facts, "no delivery type, while other beams have one", where)


CHECKS = (
    StaticMoves,
    DynamicStill,
    BeamTypeUnknown,
    TechniqueCodeContradicts,
    ElectronModulated,
    RadiationTypeMissing,
    HighDoseTechnique,
    SetupBeamMeterset,
    DeliveryTypeUnusual,
)
