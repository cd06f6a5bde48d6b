"""What the detectors report: facts of physics, with evidence, and without any code or payer's rule in them.

Beam facts are computed once for each beam of a plan, session features once for each treatment session. Every truth is
three-valued; evidence says where anybody can look. Reasons name beams by number only: labels and names are free text
and stay in evidence values, where outputs can leave them out.
"""

from __future__ import annotations

from enum import StrEnum

from rtcode.plan.sessions import PlannedBeam
from rtcode.plan.texts import TextHit as TextHit
from rtcode.records import field, record
from rtcode.truth import Evidence, Truth

Point = tuple[float, float, float]


class Radiation(StrEnum):
    PHOTON = "photon"
    ELECTRON = "electron"
    PROTON = "proton"
    ION = "ion"
    NEUTRON = "neutron"
    UNKNOWN = "unknown"


class Technique(StrEnum):
    """How a beam is delivered (contract names)."""

    STATIC_OPEN = "static_open"
    STATIC_SHAPED = "static_shaped"
    FIELD_IN_FIELD = "field_in_field"
    STEP_AND_SHOOT = "step_and_shoot"
    SLIDING_WINDOW = "sliding_window"
    STATIC_ARC = "static_arc"
    CONFORMAL_ARC = "conformal_arc"
    VMAT = "vmat"
    HELICAL = "helical"
    ROBOTIC = "robotic"
    ELECTRON = "electron"
    SETUP = "setup"
    UNKNOWN = "unknown"


class WedgeType(StrEnum):
    """Contract names of wedge types, after WedgeType (300A,00D3)."""

    STANDARD = "standard"
    MOTORIZED = "motorized"
    DYNAMIC = "dynamic"
    UNKNOWN = "unknown"


# ---------------------------------------------------------------------------------------------- facts of one beam


@record
class RadiationFact:
    """Kind of radiation and energy of one beam.

    ``other`` names a particle that is none of `Radiation` (the value as written, upper case), else ``None``.
    ``energies_mev`` are the distinct known positive energies of its control points, ascending. ``fff`` is ``None``
    where the fluence mode is not recorded. ``kilovoltage`` is MET for 0 < energy < 1 or kV signs (docs/plans.md 2.10).
    """

    radiation: Radiation
    energies_mev: tuple[float, ...]
    fff: bool | None
    kilovoltage: Truth
    evidence: tuple[Evidence, ...]
    kilovoltage_evidence: tuple[Evidence, ...] = ()
    other: str | None = None
    #: what hints at the kind where RadiationType does not say it (an applicator, say); never decides
    hint: Radiation | None = None


@record
class MlcFact:
    """What the leaves do over a beam.

    ``apertures``: shapes that receive meterset (a step in which leaves move is one); ``modulated``: leaves move between
    or during them.
    """

    present: bool
    modulated: bool
    apertures: int


@record
class TechniqueFact:
    """Technique from what moves while meterset accrues, never from BeamType alone.

    ``mlc`` is ``None`` where leaf data are unknown. ``arc_deg`` is the summed absolute gantry travel during beam-on.
    ``field_in_field`` is UNKNOWN where segments could be that or intensity modulation.
    """

    technique: Technique
    mlc: MlcFact | None
    reason: str
    evidence: tuple[Evidence, ...]
    arc_deg: float | None = None
    #: intensity modulated (step-and-shoot, sliding window, any arc or helical delivery, per docs/rules.md L2-A)
    intensity_modulated: Truth = Truth.UNKNOWN
    field_in_field: Truth = Truth.UNKNOWN
    #: control points are unusable: the beam cannot be judged
    unusable: str | None = None
    #: its meterset weights are unusable: what moves during beam-on is unknown, its places and directions are judged
    doubt: str | None = None


@record
class WedgeFact:
    type: WedgeType
    angle_deg: float | None
    used: Truth
    reason: str
    evidence: tuple[Evidence, ...]


@record
class ShapingFact:
    """How a beam's field is shaped.

    ``shaped``: a block, or an MLC aperture whose leaf ends of one bank differ by more than the configured distance
    inside the jaws. ``blocks``, ``compensators`` (physical ones only) and ``boluses`` are ``None`` where the plan does
    not say.
    """

    shaped: Truth
    blocks: int | None
    compensators: int | None
    boluses: int | None
    applicator: str | None
    evidence: tuple[Evidence, ...]
    compensator_evidence: tuple[Evidence, ...] = ()
    #: an edge of the delivered field lies on the central axis (half-beam)
    half_beam: Truth = Truth.UNKNOWN
    half_beam_evidence: tuple[Evidence, ...] = ()


class MotionTerm(StrEnum):
    """Class of a coded RespiratoryMotionCompensationTechnique (docs/plans.md 2.11)."""

    ACTIVE = "active"
    #: vendor terms and REALTIME: worth a question and a doubt
    SIGN = "sign"
    #: imaging-side terms, UNKNOWN, empty: asked, no doubt
    INDECISIVE = "indecisive"
    #: an explicit NONE
    NONE = "none"
    #: on a setup of no treatment beam (imaging, another fraction group): asked, no doubt
    ELSEWHERE = "elsewhere"


@record
class MotionFact:
    """One MotionSynchronizationSequence item of the setup that a beam refers to."""

    technique: str
    signal: str
    term: MotionTerm
    evidence: tuple[Evidence, ...]


@record
class BeamFacts:
    """Everything that the beam detectors found on one beam."""

    planned: PlannedBeam
    radiation: RadiationFact
    technique: TechniqueFact
    wedges: tuple[WedgeFact, ...]
    shaping: ShapingFact
    motion: tuple[MotionFact, ...]
    #: distinct isocenters at control points that deliver, in the order they occur (LPS, mm)
    isocenters_mm: tuple[Point, ...]

    @property
    def wedge_used(self) -> Truth:
        return Truth.any(w.used for w in self.wedges)


# ------------------------------------------------------------------------------------------ features of one session


class IsocenterDoubt(StrEnum):
    """Why the number of isocenters may be higher than counted."""

    #: two points further apart than one point's tolerance, nearer than distinct ones
    NEAR = "near"
    MISSING = "missing"
    NOT_COMPARABLE = "not_comparable"
    DIFFERENT_FRAMES = "different_frames"
    SEPARATE_SSD_AXES = "separate_ssd_axes"
    #: two trajectories that start apart
    TRAJECTORIES = "trajectories"


@record
class IsocenterFeature:
    """Distinct isocenters of the photon treatment beams of a session.

    ``multiple`` is MET where two clusters are further apart than the "distinct" distance. ``count``, ``positions_mm``,
    ``nearest_mm`` and ``comparable`` are the contract's. ``long_target`` is MET for a helical target longer than the
    configured length or named craniospinal (asked, no doubt).
    """

    multiple: Truth
    count: int | None
    positions_mm: tuple[Point, ...]
    nearest_mm: float | None
    farthest_mm: float | None
    comparable: bool
    doubts: tuple[IsocenterDoubt, ...]
    long_target: Truth
    reason: str
    evidence: tuple[Evidence, ...]
    #: remarks for a reader ("beam 3: isocenter equals the entry point, counted as an SSD set-up"); (flag id, text)
    notes: tuple[tuple[str, str], ...] = ()


@record
class DirectionsFeature:
    """Directions of the photon treatment beams at one isocenter (docs/rules.md L2-F).

    ``three_dimensional`` is MET for three or more directions (couch kicks count), or two that are off parallel-opposed
    by more than the configured angle, or two that are half-beams on the axis. ``if_one_isocenter`` is the same with all
    fields taken at one isocenter, which holds where a human says that there is only one.
    """

    three_dimensional: Truth
    directions: int | None
    reason: str
    evidence: tuple[Evidence, ...]
    if_one_isocenter: Truth = Truth.UNKNOWN


@record
class MotionFeature:
    """Signs of active motion management in a session; never "absent".

    Attributes
    ----------
    coded_photon, coded_electron
        Active coded techniques on the setup that a photon (electron) treatment beam refers to.
    coded_indecisive, coded_none
        Coded items that prove nothing or stand on a setup of no treatment beam, and explicit NONE items.
    setup_missing
        Photon treatment beams that name a setup which the file does not have, or has twice: what it says is unknown.
    signs
        Coded signs that are no proof (docs/rules.md 1.3): REALTIME, vendor terms, private tags, the coded procedure
        130639, an active item where treatment beams name no setup, contradicting items of one setup.
    strong, weak
        Text hits; weak words are signs only where the site moves.
    setup_only
        Surface guidance named for set-up only: asked, no sign.
    free_breathing
        Words that speak against motion management ("FB", "free breathing").
    """

    coded_photon: tuple[MotionFact, ...] = ()
    coded_electron: tuple[MotionFact, ...] = ()
    coded_indecisive: tuple[MotionFact, ...] = ()
    coded_none: tuple[MotionFact, ...] = ()
    setup_missing: tuple[Evidence, ...] = ()
    signs: tuple[tuple[str, Evidence], ...] = ()
    strong: tuple[TextHit, ...] = ()
    weak: tuple[TextHit, ...] = ()
    setup_only: tuple[TextHit, ...] = ()
    free_breathing: tuple[TextHit, ...] = ()


@record
class SiteFeature:
    """Whether the treated site moves with breathing, by its names; UNKNOWN where no name says."""

    moves: Truth
    evidence: tuple[Evidence, ...]
    craniospinal: tuple[TextHit, ...] = ()
    #: site words found, canonical ("breast", "lung"), for showing which site two sessions share
    words: tuple[str, ...] = ()


@record
class PlanningFeature:
    """Evidence for and against three-dimensional planning.

    ``normal_tissue_constraint``: a genuine organ-at-risk limit (docs/plans.md 1.2). ``false_friends``: dose references
    typed ORGAN_AT_RISK that are dose points. ``simple_2d_setup``: MET where the whole 2D proxy L1-D holds.
    """

    normal_tissue_constraint: Truth
    constraint_evidence: tuple[Evidence, ...]
    false_friends: tuple[Evidence, ...]
    structure_set: Truth
    patient_geometry: Truth
    simple_2d_setup: Truth
    simple_2d_evidence: tuple[Evidence, ...]


@record
class MixedSiteFeature:
    """Whether photon and electron beams of a session treat the same site.

    MET by a shared target dose reference or points near one another, NOT_MET by points far apart, UNKNOWN otherwise or
    where there are no two kinds of beams.
    """

    same_site: Truth
    distance_mm: float | None
    evidence: tuple[Evidence, ...]


@record
class ElectronFieldsFeature:
    """Whether electron fields of a session touch. ``gap_mm`` is the smallest gap of comparable fields."""

    touching: Truth
    close: Truth
    gap_mm: float | None
    reason: str
    evidence: tuple[Evidence, ...]


@record
class TotalSkinFeature:
    """Total skin electron signs: ``text`` and ``geometry`` apart (together they decide, either alone asks)."""

    text: Truth
    geometry: Truth
    text_evidence: tuple[Evidence, ...]
    geometry_evidence: tuple[Evidence, ...]


@record
class StereotacticFeature:
    """Stereotactic signs and what only supports them.

    ``signs``: words, codes, devices, robotic machine (docs/rules.md S5). ``words`` are the text hits among them.
    ``any_fractions``: a machine whose plans are stereotactic whatever the fractions (GammaPlan).
    ``high_dose_modulated``: at most 5 fractions of at least 6 Gy by arcs, IMRT or five or more directions.
    ``high_dose_shaped``: at most 5 fractions of at least 5 Gy with shaped fields.
    """

    fractions: int | None
    dose_per_fraction_gy: float | None
    signs: tuple[Evidence, ...]
    words: tuple[TextHit, ...]
    any_fractions: bool
    high_dose_modulated: Truth
    high_dose_shaped: Truth
    robotic: bool = False
    support: tuple[Evidence, ...] = ()


@record
class PurposeFeature:
    """What the plan is for and where it stands."""

    not_for_treatment: Truth
    evidence: tuple[Evidence, ...]
    rejected: tuple[Evidence, ...] = ()
    research: tuple[Evidence, ...] = ()
    phantom_words: tuple[TextHit, ...] = ()
    unapproved: tuple[Evidence, ...] = ()


@record
class IntraoperativeFeature:
    intraoperative: Truth
    evidence: tuple[Evidence, ...]


@record
class ImagingFeature:
    """Image guidance that the plan shows. Reported only: it never moves the level."""

    seen: Truth
    evidence: tuple[Evidence, ...]


@record
class PhaseFeature:
    """Words that name a phase (boost, initial, twice a day), from the plan's and the session's own texts."""

    words: tuple[TextHit, ...]
    boost: Truth = Truth.NOT_MET


@record
class FeatureSet:
    """All features of one treatment session."""

    beams: tuple[BeamFacts, ...]
    isocenters: IsocenterFeature
    directions: DirectionsFeature
    motion: MotionFeature
    site: SiteFeature
    planning: PlanningFeature
    mixed_site: MixedSiteFeature
    electron_fields: ElectronFieldsFeature
    total_skin: TotalSkinFeature
    stereotactic: StereotacticFeature
    intraoperative: IntraoperativeFeature
    purpose: PurposeFeature
    imaging: ImagingFeature
    phase: PhaseFeature
    #: beams of the session that count (role treatment); the same objects as in `beams`
    treatment: tuple[BeamFacts, ...] = field(default=())

    def of(self, *kinds: Radiation) -> tuple[BeamFacts, ...]:
        """Treatment beams of these kinds of radiation."""
        return tuple(b for b in self.treatment if b.radiation.radiation in kinds)
