"""One session as the engine sees it, and what a human attested about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from rtcode.features.types import BeamFacts, FeatureSet, Radiation, Technique
from rtcode.plan.references import ReferenceDefect
from rtcode.plan.sessions import TreatmentSession
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind, Truth

#: Techniques that are segmented or rotate, so that they are never planned in two dimensions (docs/rules.md L2-A, L2-B).
#: A sliding window counts by its modulation: one sweep between two control points may be a quality assurance field.
_PLANNED_ON_COMPUTER = frozenset(
    {
        Technique.STEP_AND_SHOOT,
        Technique.STATIC_ARC,
        Technique.CONFORMAL_ARC,
        Technique.VMAT,
        Technique.HELICAL,
        Technique.ROBOTIC,
    }
)
#: Beams whose evidence is shown for one reason; more would only repeat it.
SHOWN_BEAMS = 4


@record
class Shown3d:
    """What the plan itself shows of three-dimensional planning or intensity modulation (docs/rules.md L2-A to L2-F)."""

    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    def __bool__(self) -> bool:
        return bool(self.reasons)


@record
class Case:
    """A session with its features, and its treatment beams sorted by whether they can be judged."""

    session: TreatmentSession
    features: FeatureSet
    photons: tuple[BeamFacts, ...]
    electrons: tuple[BeamFacts, ...]
    #: treatment beams whose kind of radiation, meterset or control points are unusable
    unjudged: tuple[BeamFacts, ...]

    @classmethod
    def of(cls, session: TreatmentSession, features: FeatureSet) -> Case:
        photons: list[BeamFacts] = []
        electrons: list[BeamFacts] = []
        unjudged: list[BeamFacts] = []
        for beam in features.treatment:
            kind = beam.radiation.radiation
            meterset = beam.planned.finding.meterset_usable or not session.fraction_scheme
            if not meterset or beam.technique.unusable is not None:
                unjudged.append(beam)
            elif kind is Radiation.PHOTON:
                photons.append(beam)
            elif kind is Radiation.ELECTRON:
                electrons.append(beam)
            else:
                unjudged.append(beam)
        return cls(session, features, tuple(photons), tuple(electrons), tuple(unjudged))

    @cached_property
    def shown_3d(self) -> Shown3d:
        """What the plan shows of 3D or IMRT photons, whatever is answered (each answer is tried out)."""
        reasons: list[str] = []
        evidence: list[Evidence] = []

        def add(beams: tuple[BeamFacts, ...], what: str, items: list[tuple[Evidence, ...]]) -> None:
            if beams:
                reasons.append(f"{what} ({beam_names(beams)})")
                for shown in items[:SHOWN_BEAMS]:
                    evidence.extend(shown)

        def pick(test: Callable[[BeamFacts], bool]) -> tuple[BeamFacts, ...]:
            return tuple(b for b in self.photons if test(b))

        modulated = pick(
            lambda b: b.technique.technique in _PLANNED_ON_COMPUTER or b.technique.intensity_modulated is Truth.MET
        )
        add(modulated, "intensity modulated or rotating delivery", [b.technique.evidence for b in modulated])
        told = {id(b) for b in modulated}
        compensated = pick(lambda b: bool(b.shaping.compensators))
        add(compensated, "physical compensator", [b.shaping.compensator_evidence for b in compensated])
        segmented = pick(
            lambda b: (
                id(b) not in told
                and (b.technique.technique is Technique.FIELD_IN_FIELD or b.technique.field_in_field is Truth.MET)
            )
        )
        add(segmented, "field-in-field", [b.technique.evidence for b in segmented])
        wedged = pick(lambda b: b.wedge_used is Truth.MET)
        add(wedged, "wedge", [w.evidence for b in wedged for w in b.wedges if w.used is Truth.MET])
        # Leaves that modulate shape the field too; to say so would only repeat it.
        shaped = pick(lambda b: b.shaping.shaped is Truth.MET and id(b) not in told)
        if len(shaped) >= 2:
            add(shaped, "shaped fields", [b.shaping.evidence for b in shaped])
        if self.photons and self.features.planning.normal_tissue_constraint is Truth.MET:
            reasons.append("normal tissue limit")
            evidence.extend(self.features.planning.constraint_evidence)
        if self.photons and self.features.directions.three_dimensional is Truth.MET:
            reasons.append(self.features.directions.reason)
            evidence.extend(self.features.directions.evidence)
        return Shown3d(tuple(reasons), tuple(evidence))

    @property
    def missing_beams(self) -> tuple[ReferenceDefect, ...]:
        """What shows that a beam of a fraction group may not be in the file."""
        return tuple(defect for part in self.session.parts for defect in part.missing_beams)

    @property
    def doubtful(self) -> tuple[BeamFacts, ...]:
        """Judged beams of which something is unknown that a level could rest on."""
        return tuple(b for b in (*self.photons, *self.electrons) if b.technique.doubt is not None)

    @property
    def mixed(self) -> bool:
        return bool(self.photons and self.electrons)


def attested(question: str, value: str) -> Evidence:
    """A human's answer as evidence."""
    return Evidence(EvidenceKind.ATTESTED, f"answer {question}", value)


@record
class Answers:
    """What a human attested, by question; ``get`` gives ``None`` where nothing was said."""

    given: Mapping[str, str]

    def get(self, question: str) -> str | None:
        return self.given.get(question)

    def says(self, question: str, value: str) -> bool:
        return self.given.get(question) == value

    def plus(self, question: str, value: str) -> Answers:
        return Answers({**self.given, question: value})


def beam_names(beams: tuple[BeamFacts, ...], *, limit: int = 6) -> str:
    """``beam 1``, ``beams 1, 2 and 3``: how reasons name beams, by number."""
    labels = [b.planned.label for b in beams]
    if not labels:
        return "no beam"
    if len(labels) > limit:
        return f"{len(labels)} beams"
    if all(label.removeprefix("beam ").isdigit() for label in labels):
        numbers = [label.removeprefix("beam ") for label in labels]
        if len(numbers) == 1:
            return f"beam {numbers[0]}"
        return f"beams {', '.join(numbers[:-1])} and {numbers[-1]}"
    return ", ".join(labels)
