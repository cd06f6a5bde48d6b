"""The JSON contract as types: the keys of every output of ``rtcode analyze``.

The features of a session are in `contract_features`, words and values that recur in `contract_values`.

Type checkers hold the writers to these names, ``rtcode schema`` turns them into JSON Schema. Everywhere ``None`` (JSON
``null``) is *unknown*, never zero and never "no". Keys may be added within a schema number; none is renamed or removed.
"""

from __future__ import annotations

from typing import Literal, NotRequired

# pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from rtcode.outputs.contract_features import FeaturesDict
from rtcode.outputs.contract_values import (
    EvidenceDict,
    EvidenceValueJson,
    IdentifierLevel,
    MetricsJson,
    PointJson,
    StatusWord,
    TruthWord,
)

SCHEMA = "rtcode.analysis/1"


class SourceDict(TypedDict):
    title: str
    where: str


class CodeSetRef(TypedDict):
    """The code set that decided; ``sources`` says what its citations name, by what stands before their colon."""

    id: str
    revision: int
    effective_from: str
    effective_through: str
    sources: dict[str, SourceDict]


class PolicyRef(TypedDict):
    """The site's policy that was applied: its name and the SHA-256 of its file."""

    name: str
    sha256: str


class WarningDict(TypedDict):
    """A readable defect of a plan."""

    code: str
    message: str
    where: str


class PatientDict(TypedDict):
    """Only with ``--identifiers full``."""

    id: str | None
    name: str | None
    birth_date: str | None


class FractionGroupDict(TypedDict):
    number: int | None
    fractions_planned: int | None
    beams: list[int]


class MlcDict(TypedDict):
    """``apertures``: shapes that receive meterset; ``modulated``: the leaves move between or during them."""

    present: bool
    modulated: bool
    apertures: int


class WedgeDict(TypedDict):
    type: Literal["standard", "motorized", "dynamic", "unknown"]
    angle_deg: float | None
    used: bool | None


class BeamMotionDict(TypedDict):
    """A coded motion synchronization item of the set-up that a beam refers to."""

    technique: str | None
    signal: str | None


class MetersetDict(TypedDict):
    """A meterset in the beam's own dosimeter unit."""

    value: float | None
    unit: str | None


class BeamDict(TypedDict):
    number: int | None
    name: str | None
    role: Literal["treatment", "setup", "portfilm", "unused"]
    radiation: Literal["photon", "electron", "proton", "ion", "neutron", "unknown"]
    energy_mev: list[float] | None
    fff: bool | None
    technique: Literal[
        "static_open",
        "static_shaped",
        "field_in_field",
        "step_and_shoot",
        "sliding_window",
        "static_arc",
        "conformal_arc",
        "vmat",
        "helical",
        "robotic",
        "electron",
        "setup",
        "unknown",
    ]
    control_points: int
    meterset_mu: float | None
    gantry_deg: list[float] | None
    collimator_deg: float | None
    couch_deg: float | None
    ssd_mm: float | None
    isocenters_mm: list[PointJson]
    mlc: MlcDict | None
    wedges: list[WedgeDict]
    blocks: int | None
    compensators: int | None
    boluses: int | None
    applicator: str | None
    motion: list[BeamMotionDict]
    metrics: MetricsJson | None
    index: int
    meterset: MetersetDict
    role_reason: str
    technique_reason: str
    arc_deg: float | None
    shaped: TruthWord
    unusable: str | None


class FindingDict(TypedDict):
    """Something that an integrity check found; ``plugin`` names whose check it is, null for rtcode's own."""

    check: str
    severity: Literal["error", "warning", "note"]
    message: str
    explanation: str
    where: list[str]
    beams: list[int]
    values: dict[str, EvidenceValueJson]
    plugin: str | None


class NotAssessedDict(TypedDict):
    """What an integrity check could not look at, and why."""

    check: str
    reason: str
    where: list[str]
    beams: list[int]
    plugin: str | None


class IntegrityDict(TypedDict):
    """What the integrity checks say: ``passed`` found nothing, ``off`` are switched off by the policy."""

    findings: list[FindingDict]
    not_assessed: list[NotAssessedDict]
    passed: list[str]
    off: list[str]


class PluginDict(TypedDict):
    """A plug-in whose checks were run; its version is null where its distribution names none."""

    name: str
    version: str | None
    checks: list[str]


class MachineLimitsDict(TypedDict):
    """What the metrics of moving beams assume of the machine."""

    beam: int | None
    gantry_speed_deg_s: float | None
    dose_rate_mu_min: float | None
    leaf_speed_mm_s: float | None
    jaw_speed_mm_s: float | None
    source: str


class PlanDict(TypedDict):
    path: str
    sha256: str
    sop_class_uid: str | None
    sop_instance_uid: str | None
    kind: Literal["rt_plan", "rt_ion_plan", "brachy"]
    label: str | None
    manufacturer: str | None
    model: str | None
    geometry: str | None
    intent: str | None
    approval: str | None
    fraction_groups: list[FractionGroupDict]
    beams: list[BeamDict]
    warnings: list[WarningDict]
    integrity: IntegrityDict | None
    metrics: MetricsJson | None
    machine_limits: list[MachineLimitsDict]
    reader: str
    patient: NotRequired[PatientDict]


class CriterionDict(TypedDict):
    id: str
    status: TruthWord
    supports_level: int | None
    reason: str
    evidence: list[EvidenceDict]
    citations: list[str]


class OutcomeDict(TypedDict):
    """Where an answer leads: a level (with a ``status`` where it stays provisional), or null with the ``status``."""

    level: int | None
    status: NotRequired[StatusWord]


class QuestionDict(TypedDict):
    id: str
    text: str
    why: str
    answers: dict[str, OutcomeDict]


class FlagDict(TypedDict):
    id: str
    text: str


class SuggestionDict(TypedDict):
    """``level`` equals ``floor``; without a level, ``level``, ``code``, ``floor`` and ``ceiling`` are null."""

    status: StatusWord
    level: int | None
    code: str | None
    floor: int | None
    ceiling: int | None
    reason: str
    decided_by: list[str]
    questions: list[QuestionDict]
    flags: list[FlagDict]
    documentation: list[str]


class PartDict(TypedDict):
    """What one fraction group of one plan contributes; ``fraction_group`` is null where the plan has none.

    ``beam_indexes`` (``index`` of the plan's beams), ``roles`` and ``metersets_mu`` belong together, one a beam.
    """

    sop_instance_uid: str | None
    fraction_group: int | None
    beams: list[int]
    sha256: str
    beam_indexes: list[int]
    roles: list[Literal["treatment", "setup", "portfilm", "unused"]]
    metersets_mu: list[float | None]
    missing_beams: list[int]


class TogetherDict(TypedDict):
    """What would follow if this session and the patient's others of the call were given together."""

    sessions: list[str]
    level: int | None
    status: StatusWord


class SessionDict(TypedDict):
    """One treatment session, the unit that a delivery code is reported for."""

    id: str
    parts: list[PartDict]
    features: FeaturesDict
    criteria: list[CriterionDict]
    suggestion: SuggestionDict
    no_delivery: str | None
    joined_by: Literal["concurrent", "request"] | None
    answers: dict[str, str]
    together: TogetherDict | None


class FailureDict(TypedDict):
    """An input that could not be used."""

    path: str
    code: str
    message: str
    hint: str


class SkippedDict(TypedDict):
    """An input that was passed over on purpose."""

    path: str
    code: str


class AnalysisDict(TypedDict):
    """Everything that one call of ``rtcode analyze`` found."""

    schema: Literal["rtcode.analysis/1"]
    tool_version: str
    code_set: CodeSetRef
    policy: PolicyRef | None
    plugins: list[PluginDict]
    identifiers: IdentifierLevel
    date_of_service: str | None
    answers: dict[str, str]
    plans: list[PlanDict]
    sessions: list[SessionDict]
    failures: list[FailureDict]
    skipped: list[SkippedDict]


class HeaderLine(TypedDict):
    """The first line of a stream."""

    type: Literal["header"]
    schema: Literal["rtcode.analysis/1"]
    tool_version: str
    code_set: CodeSetRef
    policy: PolicyRef | None
    plugins: list[PluginDict]
    identifiers: IdentifierLevel
    date_of_service: str | None
    answers: dict[str, str]


class SessionLine(SessionDict):
    """A session with the plans that it draws on, so that a line stands by itself."""

    type: Literal["session"]
    plans: list[PlanDict]


class FailureLine(FailureDict):
    type: Literal["failure"]


class SkippedLine(SkippedDict):
    type: Literal["skipped"]


class SummaryLine(TypedDict):
    """The last line of a stream; a stream without it was cut short."""

    type: Literal["summary"]
    plans: int
    sessions: int
    failures: int
    skipped: int
    by_status: dict[str, int]
    by_level: dict[str, int]


Line = HeaderLine | SessionLine | FailureLine | SkippedLine | SummaryLine
