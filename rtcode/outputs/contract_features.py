"""The features of a session in the JSON contract: facts of physics, independent of a code set's rules."""

from __future__ import annotations

from typing import Literal

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract_values import EvidenceDict, PointJson, TruthWord


class IsocentersDict(TypedDict):
    """Distinct isocenters of the photon treatment beams; ``count`` is null where they cannot be known or compared."""

    count: int | None
    positions_mm: list[PointJson]
    nearest_mm: float | None
    comparable: bool
    farthest_mm: float | None
    doubts: list[str]
    reason: str


class SessionWedgeDict(TypedDict):
    beam: int | None
    type: Literal["standard", "motorized", "dynamic", "unknown"]
    angle_deg: float | None
    used: bool | None


class CodedMotionDict(TypedDict):
    """``term``: what the coded technique is worth (``active``, ``sign``, ``indecisive``, ``none``), or that it is on a
    set-up of other beams (``elsewhere``).
    """

    technique: str | None
    signal: str | None
    term: Literal["active", "sign", "indecisive", "none", "elsewhere"]
    radiation: Literal["photon", "electron"] | None
    evidence: list[EvidenceDict]


class MotionHintDict(TypedDict):
    """A sign of motion management that proves nothing by itself."""

    strength: Literal["coded_sign", "setup_missing", "strong", "weak", "setup_only", "free_breathing"]
    word: str
    evidence: EvidenceDict


class SessionMotionDict(TypedDict):
    coded: list[CodedMotionDict]
    hints: list[MotionHintDict]


class HitDict(TypedDict):
    """A word of the code set's lists that was found in a text of the plan."""

    word: str
    evidence: EvidenceDict


class SiteDict(TypedDict):
    """Whether the treated site moves with breathing, by its names."""

    moves: TruthWord
    words: list[str]
    evidence: list[EvidenceDict]


class PlanningDict(TypedDict):
    """Evidence for and against three-dimensional planning."""

    normal_tissue_constraint: TruthWord
    structure_set: TruthWord
    patient_geometry: TruthWord
    simple_2d_setup: TruthWord
    three_dimensional_directions: TruthWord
    directions: int | None
    evidence: list[EvidenceDict]


class ElectronsDict(TypedDict):
    """How electron fields lie to one another and to photon fields; total skin signs, text and geometry apart."""

    touching: TruthWord
    close: TruthWord
    gap_mm: float | None
    same_site_as_photons: TruthWord
    distance_to_photons_mm: float | None
    total_skin_text: TruthWord
    total_skin_geometry: TruthWord
    evidence: list[EvidenceDict]


class StereotacticDict(TypedDict):
    dose_per_fraction_gy: float | None
    high_dose_modulated: TruthWord
    high_dose_shaped: TruthWord
    robotic: bool
    signs: list[EvidenceDict]
    support: list[EvidenceDict]


class PurposeDict(TypedDict):
    not_for_treatment: TruthWord
    intraoperative: TruthWord
    evidence: list[EvidenceDict]


class ImagingDict(TypedDict):
    """Image guidance that the plan shows; it never moves the level."""

    seen: TruthWord
    evidence: list[EvidenceDict]


class PhaseDict(TypedDict):
    boost: TruthWord
    words: list[HitDict]


class FeaturesDict(TypedDict):
    """Facts of physics about a session; nothing here depends on a code set's rules."""

    isocenters: IsocentersDict
    radiations: list[str]
    techniques: list[str]
    mlc_modulated: bool | None
    wedges: list[SessionWedgeDict]
    motion: SessionMotionDict
    fractions: int | None
    site: SiteDict
    planning: PlanningDict
    electrons: ElectronsDict
    stereotactic: StereotacticDict
    purpose: PurposeDict
    imaging: ImagingDict
    phase: PhaseDict
