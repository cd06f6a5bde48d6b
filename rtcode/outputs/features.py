"""The features of a session as the contract names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from rtcode.features.types import BeamFacts, FeatureSet, IsocenterFeature, MotionFact, MotionFeature, TextHit
from rtcode.outputs.identifiers import Identifiers, number
from rtcode.plan.model import known_int
from rtcode.plan.sessions import TreatmentSession
from rtcode.truth import Evidence, Truth

if TYPE_CHECKING:
    from rtcode.outputs.contract_features import (
        CodedMotionDict,
        ElectronsDict,
        FeaturesDict,
        HitDict,
        IsocentersDict,
        MotionHintDict,
        PlanningDict,
        SessionMotionDict,
        StereotacticDict,
    )
    from rtcode.outputs.contract_values import EvidenceDict

Strength = Literal["coded_sign", "setup_missing", "strong", "weak", "setup_only", "free_breathing"]


def features_dict(session: TreatmentSession, features: FeatureSet, shown: Identifiers) -> FeaturesDict:
    """All features of a session; lists of kinds and techniques are those of its treatment beams."""
    treatment = features.treatment
    return {
        "isocenters": _isocenters(features.isocenters),
        "radiations": _distinct(beam.radiation.radiation.value for beam in treatment),
        "techniques": _distinct(beam.technique.technique.value for beam in treatment),
        "mlc_modulated": _modulated(treatment),
        "wedges": [
            {
                "beam": known_int(beam.planned.beam.number),
                "type": wedge.type.value,
                "angle_deg": number(wedge.angle_deg),
                "used": None if wedge.used is Truth.UNKNOWN else wedge.used is Truth.MET,
            }
            for beam in treatment
            for wedge in beam.wedges
        ],
        "motion": _motion(features.motion, shown),
        "fractions": session.fractions,
        "site": {
            "moves": features.site.moves.value,
            "words": list(features.site.words),
            "evidence": _evidence((*features.site.evidence, *(h.evidence for h in features.site.craniospinal)), shown),
        },
        "planning": _planning(features, shown),
        "electrons": _electrons(features, shown),
        "stereotactic": _stereotactic(features, shown),
        "purpose": {
            "not_for_treatment": features.purpose.not_for_treatment.value,
            "intraoperative": features.intraoperative.intraoperative.value,
            "evidence": _evidence(
                (
                    *features.purpose.evidence,
                    *features.purpose.rejected,
                    *features.purpose.research,
                    *(hit.evidence for hit in features.purpose.phantom_words),
                    *features.purpose.unapproved,
                    *features.intraoperative.evidence,
                ),
                shown,
            ),
        },
        "imaging": {
            "seen": features.imaging.seen.value,
            "evidence": _evidence(features.imaging.evidence, shown),
        },
        "phase": {"boost": features.phase.boost.value, "words": [_hit(hit, shown) for hit in features.phase.words]},
    }


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _evidence(found: Iterable[Evidence], shown: Identifiers) -> list[EvidenceDict]:
    """Evidence once each, in the order found."""
    return [shown.evidence(evidence) for evidence in dict.fromkeys(found)]


def _modulated(treatment: tuple[BeamFacts, ...]) -> bool | None:
    """True where any beam's leaves move, false where all are known not to, else unknown."""
    known = [None if b.technique.mlc is None else b.technique.mlc.modulated for b in treatment]
    if True in known:
        return True
    return None if None in known or not known else False


def _isocenters(feature: IsocenterFeature) -> IsocentersDict:
    return {
        "count": feature.count,
        "positions_mm": [
            [value for value in (number(coordinate) for coordinate in point) if value is not None]
            for point in feature.positions_mm
        ],
        "nearest_mm": number(feature.nearest_mm),
        "comparable": feature.comparable,
        "farthest_mm": number(feature.farthest_mm),
        "doubts": [doubt.value for doubt in feature.doubts],
        "reason": feature.reason,
    }


def _motion(motion: MotionFeature, shown: Identifiers) -> SessionMotionDict:
    coded: list[CodedMotionDict] = []
    groups: tuple[tuple[tuple[MotionFact, ...], Literal["photon", "electron"] | None], ...] = (
        (motion.coded_photon, "photon"),
        (motion.coded_electron, "electron"),
        (motion.coded_indecisive, None),
        (motion.coded_none, None),
    )
    for facts, radiation in groups:
        for fact in facts:
            coded.append(
                {
                    "technique": shown.term("RespiratoryMotionCompensationTechnique", fact.technique),
                    "signal": shown.term("RespiratorySignalSource", fact.signal),
                    "term": fact.term.value,
                    "radiation": radiation,
                    "evidence": _evidence(fact.evidence, shown),
                }
            )
    hints: list[MotionHintDict] = [
        {"strength": "coded_sign", "word": name, "evidence": shown.evidence(evidence)}
        for name, evidence in motion.signs
    ]
    hints += [
        {"strength": "setup_missing", "word": "set-up not in the file", "evidence": shown.evidence(evidence)}
        for evidence in motion.setup_missing
    ]
    texts: tuple[tuple[Strength, tuple[TextHit, ...]], ...] = (
        ("strong", motion.strong),
        ("weak", motion.weak),
        ("setup_only", motion.setup_only),
        ("free_breathing", motion.free_breathing),
    )
    for strength, hits in texts:
        hints += [{"strength": strength, "word": h.word, "evidence": shown.evidence(h.evidence)} for h in hits]
    return {"coded": coded, "hints": hints}


def _hit(hit: TextHit, shown: Identifiers) -> HitDict:
    return {"word": hit.word, "evidence": shown.evidence(hit.evidence)}


def _planning(features: FeatureSet, shown: Identifiers) -> PlanningDict:
    planning = features.planning
    return {
        "normal_tissue_constraint": planning.normal_tissue_constraint.value,
        "structure_set": planning.structure_set.value,
        "patient_geometry": planning.patient_geometry.value,
        "simple_2d_setup": planning.simple_2d_setup.value,
        "three_dimensional_directions": features.directions.three_dimensional.value,
        "directions": features.directions.directions,
        "evidence": _evidence(
            (
                *planning.constraint_evidence,
                *planning.false_friends,
                *planning.simple_2d_evidence,
                *features.directions.evidence,
            ),
            shown,
        ),
    }


def _electrons(features: FeatureSet, shown: Identifiers) -> ElectronsDict:
    fields = features.electron_fields
    return {
        "touching": fields.touching.value,
        "close": fields.close.value,
        "gap_mm": number(fields.gap_mm),
        "same_site_as_photons": features.mixed_site.same_site.value,
        "distance_to_photons_mm": number(features.mixed_site.distance_mm),
        "total_skin_text": features.total_skin.text.value,
        "total_skin_geometry": features.total_skin.geometry.value,
        "evidence": _evidence(
            (
                *fields.evidence,
                *features.mixed_site.evidence,
                *features.total_skin.text_evidence,
                *features.total_skin.geometry_evidence,
            ),
            shown,
        ),
    }


def _stereotactic(features: FeatureSet, shown: Identifiers) -> StereotacticDict:
    found = features.stereotactic
    return {
        "dose_per_fraction_gy": number(found.dose_per_fraction_gy),
        "high_dose_modulated": found.high_dose_modulated.value,
        "high_dose_shaped": found.high_dose_shaped.value,
        "robotic": found.robotic,
        "signs": _evidence((*found.signs, *(hit.evidence for hit in found.words)), shown),
        "support": _evidence(found.support, shown),
    }
