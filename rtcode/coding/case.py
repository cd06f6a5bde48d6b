"""One session as the engine sees it, and what a human attested about it."""

from __future__ import annotations

from collections.abc import Mapping

from rtcode.features.types import BeamFacts, FeatureSet, Radiation
from rtcode.plan.sessions import TreatmentSession
from rtcode.records import record
from rtcode.truth import Evidence, EvidenceKind


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

    @property
    def dangling(self) -> tuple[int, ...]:
        """Beam numbers that a fraction group names and the file does not have."""
        return tuple(number for part in self.session.parts for number in part.dangling)

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
