"""Metersets: whether each beam says how much it gives, and whether that can be.

BeamMeterset (300A,0086) stands with the fraction group (PS3.3 C.8.8.13). Of beams for set-up and imaging nothing is
wanted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rtcode.features.types import Technique
from rtcode.integrity.checks.groups import group_label
from rtcode.integrity.checks.shared import in_monitor_units, meterset_unit, named, numbers
from rtcode.integrity.checks.words import count, short
from rtcode.integrity.types import Check, CheckCase, Found, Limit, Severity
from rtcode.plan.model import FractionGroup, Missing, known, terms
from rtcode.plan.placement import ssd_mm
from rtcode.plan.roles import Role, types_as_treatment
from rtcode.plan.sessions import PlannedBeam, SessionPart
from rtcode.plan.tags import at


def _parts(case: CheckCase) -> Iterator[SessionPart]:
    """The plan's fraction groups that name beams."""
    for session in case.sessions:
        yield from (part for part in session.parts if part.group is not None)


def _where_meterset(planned: PlannedBeam) -> tuple[str, ...]:
    return () if planned.reference is None else (at(planned.reference.path, "BeamMeterset"),)


class MetersetMissing(Check):
    id = "meterset_missing"
    title = "treatment beam without a meterset"
    severity = Severity.ERROR
    explanation = (
        "Without a readable meterset a beam cannot be delivered. Templates and exports from before dose calculation"
        " look like this too; export the calculated plan."
    )

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            for planned in part.treatment_beams:
                value = planned.meterset
                if isinstance(value, Missing):
                    what = "an unreadable meterset" if value is Missing.INVALID else "no meterset"
                    yield Found(
                        f"{planned.label} is to treat and has {what}",
                        _where_meterset(planned),
                        numbers([planned]),
                    )


class MetersetMissingBesideOthers(Check):
    id = "meterset_missing_beside_others"
    title = "beam typed as treatment without a meterset, where other beams have one"
    severity = Severity.WARNING
    explanation = (
        "Some systems type set-up fields as treatment and leave their meterset out; rtcode takes such a beam for one of"
        " these. Make sure that it is none whose meterset was lost."
    )
    cannot_see = "which of the two it is: nothing in the file tells them apart."

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            for planned in part.beams:
                missing = planned.meterset in (Missing.ABSENT, Missing.EMPTY)
                if planned.role is Role.SETUP and types_as_treatment(planned.beam) and missing:
                    yield Found(
                        f"{planned.label} is typed as treatment and has no meterset, as set-up fields of some systems",
                        _where_meterset(planned),
                        numbers([planned]),
                    )


class DoseWithoutMeterset(Check):
    id = "dose_without_meterset"
    title = "beam with a dose and no meterset, or a meterset of 0"
    severity = Severity.ERROR
    explanation = (
        "A beam that gives a dose needs a meterset: one of the two numbers is wrong. Compare with the planning system."
    )

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            for planned in part.beams:
                dose, value = planned.dose_gy, planned.meterset
                if dose and dose > 0 and (value == 0 or value in (Missing.ABSENT, Missing.EMPTY)):
                    yield Found(
                        f"{planned.label} gives {short(dose)} Gy in a fraction with "
                        f"{'a meterset of 0' if value == 0 else 'no meterset'}",
                        _where_meterset(planned),
                        numbers([planned]),
                        {"beam_dose_gy": dose, "meterset": known(value)},
                    )


class MetersetZero(Check):
    id = "meterset_zero"
    title = "beam typed as treatment with a meterset of 0"
    severity = Severity.NOTE
    explanation = (
        "The beam is in the fraction group and gives nothing. Some systems write set-up fields, or beams that"
        " optimization left empty, like this."
    )

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            empty = [b for b in part.beams if types_as_treatment(b.beam) and b.meterset == 0]
            if empty:
                where = tuple(place for b in empty for place in _where_meterset(b))
                verb = "has" if len(empty) == 1 else "have"
                yield Found(f"{named(empty)} {verb} a meterset of 0", where, numbers(empty))


class PortFilmMeterset(Check):
    id = "port_film_meterset"
    title = "port film with the meterset or the dose of a treatment field"
    severity = Severity.WARNING
    explanation = (
        "A beam typed as port film takes an image and counts in no dose. One with a dose, or with more meterset than an"
        " image needs, may be a treatment field that has lost its type."
    )
    limits: ClassVar = {
        "image_mu": Limit(
            20.0,
            "MU",
            "largest meterset of an image",
            "portal images are said to take 1 to 10 MU; none was among the real plans",
            minimum=0.1,
        )
    }

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            for planned in part.beams:
                if planned.role is not Role.PORTFILM:
                    continue
                value, dose = known(planned.meterset) or 0.0, planned.dose_gy or 0.0
                if value > case.limits["image_mu"] or (value > 0 and dose > 0):
                    gives = meterset_unit(planned) + (f" and a dose of {short(dose)} Gy" if dose > 0 else "")
                    yield Found(
                        f"{planned.label} is typed as port film and has a meterset of {short(value)}{gives}",
                        _where_meterset(planned),
                        numbers([planned]),
                        {"meterset": value, "beam_dose_gy": dose or None},
                    )


class MetersetNegative(Check):
    id = "meterset_negative"
    title = "negative meterset"
    severity = Severity.ERROR
    explanation = "A meterset cannot be negative; the file was damaged or edited."
    covers = frozenset({"meterset_negative"})

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            for planned in part.beams:
                value = known(planned.meterset)
                if value is not None and value < 0:
                    yield Found(
                        f"{planned.label} has a meterset of {short(value)}{meterset_unit(planned)}",
                        _where_meterset(planned),
                        numbers([planned]),
                        {"meterset": value},
                    )


class MetersetLarge(Check):
    id = "meterset_large"
    title = "very large meterset of one beam"
    severity = Severity.WARNING
    explanation = (
        "More than a beam gives in one fraction. Radiosurgery with flattening-filter-free beams reaches it; otherwise"
        " look at the dose, the energy and the field size."
    )
    limits: ClassVar = {
        "beam_mu": Limit(
            3000.0,
            "MU",
            "largest meterset of one beam in one fraction",
            "most machines stop below it; radiosurgery plans reach some 3500 MU",
            minimum=1.0,
        )
    }
    covers = frozenset({"meterset_large"})

    def find(self, case: CheckCase) -> Iterator[Found]:
        limit = case.limits["beam_mu"]
        for part in _parts(case):
            for planned in part.beams:
                value = known(planned.meterset)
                if value is not None and value > limit and in_monitor_units(planned.beam):
                    yield Found(
                        f"{planned.label} has {short(value)} MU in a fraction, more than {short(limit)} MU",
                        _where_meterset(planned),
                        numbers([planned]),
                        {"meterset_mu": value, "limit_mu": limit},
                    )


class SessionMetersetLarge(Check):
    id = "session_meterset_large"
    title = "very large meterset of all beams of a fraction"
    severity = Severity.WARNING
    explanation = (
        "All beams of a fraction group together give more than any fraction does. Look for a wrong number of fractions"
        " or a dose in another unit."
    )
    limits: ClassVar = {
        "session_mu": Limit(
            25_000.0,
            "MU",
            "largest meterset of all treatment beams of one fraction group",
            "a radiosurgery plan of 20 Gy with small fields has 20600 MU",
            minimum=1.0,
        )
    }

    def find(self, case: CheckCase) -> Iterator[Found]:
        limit = case.limits["session_mu"]
        for part in _parts(case):
            beams = [b for b in part.treatment_beams if in_monitor_units(b.beam)]
            total = sum(known(b.meterset) or 0.0 for b in beams)
            if total > limit and part.group is not None:
                yield Found(
                    f"the beams of {group_label(part.group)} have {short(total)} MU in a fraction, "
                    f"more than {short(limit)} MU",
                    (at(part.group.path, "ReferencedBeamSequence"),),
                    numbers(beams),
                    {"meterset_mu": total, "limit_mu": limit},
                )


class MetersetPerDose(Check):
    id = "meterset_per_dose"
    title = "unusual meterset for the dose"
    severity = Severity.WARNING
    explanation = (
        "The MU of a fraction, or of a beam, do not fit its dose: a meterset, a beam dose or its unit may be wrong."
        " Small fields, a beam dose at a point outside the field and extended distances are harmless reasons."
    )
    cannot_see = (
        "a wrong meterset within the usual range; the dose calculation is not repeated. Beams are not judged one by one"
        " where their doses are a nominal share of the fraction's."
    )
    limits: ClassVar = {
        "lowest_mu_per_gy": Limit(
            40.0,
            "MU/Gy",
            "lowest meterset per dose of a fraction group and of a beam",
            "an open field needs 100 MU/Gy at the depth of maximum dose; the lowest that was met is 60",
        ),
        "highest_mu_per_gy": Limit(
            4000.0,
            "MU/Gy",
            "highest meterset per dose of a fraction group",
            "the highest that was met is 2100, of segmented fields",
        ),
        "highest_static_mu_per_gy": Limit(
            800.0,
            "MU/Gy",
            "highest meterset per dose of a static field with one aperture",
            "met: up to 270 MU/Gy in patients, 670 in a phantom; a wedge of 60 degrees takes 3 to 4 times as many",
        ),
        "judged_share_percent": Limit(
            20.0,
            "%",
            "share of the fraction's dose from which on a static field is judged",
            "fields beside the point of the beam doses give little there, whatever their meterset",
            maximum=100.0,
        ),
        "farthest_ssd_mm": Limit(
            1300.0, "mm", "SSD beyond which a static field is not judged", "total body and total skin set-ups"
        ),
    }

    def find(self, case: CheckCase) -> Iterator[Found]:
        low, high = case.limits["lowest_mu_per_gy"], case.limits["highest_mu_per_gy"]
        static = {
            facts.planned.beam.index
            for facts in case.beams
            if facts.technique.technique in (Technique.STATIC_OPEN, Technique.STATIC_SHAPED)
        }
        for part in _parts(case):
            beams = [b for b in part.treatment_beams if in_monitor_units(b.beam)]
            given = [(b, known(b.meterset) or 0.0, b.dose_gy or 0.0) for b in beams]
            # A beam without dose or meterset is a finding of other checks; the ratio says nothing then.
            if not beams or any(mu <= 0 or dose <= 0 for _, mu, dose in given) or part.group is None:
                continue
            total_gy = sum(dose for _, _, dose in given)
            ratio = sum(mu for _, mu, _ in given) / total_gy
            if not low <= ratio <= high:
                word, limit = ("less", low) if ratio < low else ("more", high)
                yield Found(
                    f"the beams of {group_label(part.group)} have {short(ratio)} MU/Gy, {word} than "
                    f"{short(limit)} MU/Gy",
                    (at(part.group.path, "ReferencedBeamSequence"),),
                    numbers(beams),
                    {"mu_per_gy": ratio, "limit_mu_per_gy": limit},
                )
            elif not _is_nominal(part.group, [dose for _, _, dose in given]):
                for planned, mu, dose in given:
                    if mu / dose < low:
                        yield _beam_found(planned, mu / dose, "less", low)
                    elif planned.beam.index in static and dose >= case.limits["judged_share_percent"] / 100 * total_gy:
                        far = (ssd_mm(planned) or 0.0) > case.limits["farthest_ssd_mm"]
                        most = case.limits["highest_static_mu_per_gy"]
                        if mu / dose > most and not far:
                            yield _beam_found(planned, mu / dose, "more", most)


def _is_nominal(group: FractionGroup, doses_gy: Sequence[float]) -> bool:
    """Whether beam doses only share out the fraction's: said so, or many beams with the same one (as Eclipse does)."""
    said = "FRACTION_LEVEL" in terms(group.beam_dose_meaning)
    return said or (len(doses_gy) >= 5 and max(doses_gy) - min(doses_gy) <= 1e-6 * max(doses_gy))


def _beam_found(planned: PlannedBeam, ratio: float, word: str, limit: float) -> Found:
    return Found(
        f"{planned.label} has {short(ratio)} MU/Gy, {word} than {short(limit)} MU/Gy",
        (*_where_meterset(planned), *(() if planned.reference is None else (at(planned.reference.path, "BeamDose"),))),
        numbers([planned]),
        {"mu_per_gy": ratio, "limit_mu_per_gy": limit},
    )


class BeamDoseMissing(Check):
    id = "beam_dose_missing"
    title = "treatment beam without a readable dose, where other beams have one"
    severity = Severity.WARNING
    explanation = (
        "The beam has a meterset and no dose, unlike the others of its fraction: the doses no longer add up to the"
        " prescription, and a beam may have been changed after the calculation."
    )

    def find(self, case: CheckCase) -> Iterator[Found]:
        for part in _parts(case):
            doses = {b.beam.index: b.dose_gy or 0.0 for b in part.treatment_beams if (known(b.meterset) or 0.0) > 0}
            unreadable = [
                b for b in part.treatment_beams if b.reference is not None and b.reference.dose_gy is Missing.INVALID
            ]
            if unreadable:
                yield Found(
                    f"{named(unreadable)} {'has' if len(unreadable) == 1 else 'have'} an unreadable dose, or one that "
                    "no beam can have",
                    tuple(at(b.reference.path, "BeamDose") for b in unreadable if b.reference is not None),
                    numbers(unreadable),
                )
            without = [b for b in part.treatment_beams if b not in unreadable and doses.get(b.beam.index) == 0.0]
            if without and len(without) < len(doses):
                others = len(doses) - len(without)
                yield Found(
                    f"{named(without)} {'has' if len(without) == 1 else 'have'} a meterset and no dose, "
                    f"where {count(others, 'other beam has one', 'other beams have one')}",
                    tuple(at(b.reference.path, "BeamDose") for b in without if b.reference is not None),
                    numbers(without),
                )


CHECKS: tuple[type[Check], ...] = (
    MetersetMissing,
    MetersetMissingBesideOthers,
    DoseWithoutMeterset,
    MetersetNegative,
    MetersetZero,
    PortFilmMeterset,
    MetersetLarge,
    SessionMetersetLarge,
    MetersetPerDose,
    BeamDoseMissing,
)
