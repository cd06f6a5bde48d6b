"""Stereotactic signs, and what a high dose in few fractions looks like.

How. Signs are words (SRS, SBRT, SABR and their likes) in what names the plan, its site, prescription, targets, fraction
group or treatment beams; HighDoseTechniqueType SRS; a stereotactic or conical photon applicator; a head frame; a
stereotactic technique or setup code; a robotic machine. GammaPlan is stereotactic whatever the fractions. Words in
setup notes and tolerance tables only support: an "SBRT bag" and an "SRS" table serve other patients too; and so do
words about another course ("prior SRS", "SRS boost to follow"), whose texts are shown. Few
fractions of a high dose are no sign: the feature says where they come with arcs, modulation or many directions, and
where only with shaped fields.

The dose of a fraction is the sum of BeamDose of a group's treatment beams, target by target where the plan links
them, the largest of these; where the beam doses are not meant to be added (BeamDoseMeaning BEAM_LEVEL) or not
written, the target prescription over the fractions of a plan with a single fraction group. Otherwise it stays
unknown.

Source: docs/rules.md S5, 1.8, G22; docs/plans.md 1.5, 2.9; PS3.3 C.8.8.13, C.8.8.14.

What it cannot see: whether the course is ordered and reported as stereotactic, and the shots of a Gamma Knife.
"""

from __future__ import annotations

from rtcode.features.machines import robotic_evidence
from rtcode.features.settings import DetectorSettings
from rtcode.features.types import BeamFacts, Radiation, StereotacticFeature, Technique, TextHit
from rtcode.plan.doses import dose_per_fraction
from rtcode.plan.model import terms
from rtcode.plan.roles import Role
from rtcode.plan.sessions import SessionPart, TreatmentSession
from rtcode.plan.tags import at
from rtcode.plan.texts import TextScope, find_words, machine_texts, mentions, session_texts, setups_in_use
from rtcode.truth import Evidence, EvidenceKind, Truth

_NAMES = frozenset(
    {
        TextScope.PLAN,
        TextScope.DESCRIPTION,
        TextScope.SITE,
        TextScope.PRESCRIPTION,
        TextScope.DOSE_REFERENCE,
        TextScope.GROUP,
        TextScope.BEAM,
    }
)
#: An "SBRT bag" or an "SRS" tolerance table serves other patients too.
_SUPPORT = frozenset({TextScope.SETUP, TextScope.TOLERANCE})
_GAMMA_WORDS = ("gammaplan", "gamma knife", "leksell")
#: What is looked for beside the lists of the code set and DICOM's defined terms.
TEXT_WORDS = _GAMMA_WORDS
#: Coded preparation, PS3.16 CID 9571 and 9573: stereotactic set-up, head frame.
_PREPARATION_CODES = frozenset({"130633", "130110"})
_CONES = frozenset({"STEREOTACTIC", "PHOTON_CIRC"})
_MODULATED = frozenset(
    {
        Technique.STEP_AND_SHOOT,
        Technique.SLIDING_WINDOW,
        Technique.STATIC_ARC,
        Technique.CONFORMAL_ARC,
        Technique.VMAT,
        Technique.HELICAL,
        Technique.ROBOTIC,
    }
)
_SHAPED = _MODULATED | {Technique.STATIC_SHAPED, Technique.FIELD_IN_FIELD}
#: Gantry or couch angles nearer than this are one direction (degrees).
_SAME_DIRECTION_DEG = 1.0


def detect(session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings) -> StereotacticFeature:
    """Stereotactic signs of a session, its fractions and the dose of one of them (Gy, ``None`` where unknown)."""
    photon = tuple(
        facts
        for facts in beams
        if facts.planned.role is Role.TREATMENT and facts.radiation.radiation is Radiation.PHOTON
    )
    texts = session_texts(session)
    mentioned = find_words(
        [item for item in texts if item.scope in _NAMES or item.scope in _SUPPORT],
        settings.stereotactic_words,
        negations=settings.negation_words,
    )
    words: tuple[TextHit, ...] = ()
    if mentioned:
        words = find_words(
            [item for item in texts if item.scope in _NAMES],
            settings.stereotactic_words,
            negations=settings.negation_words,
            elsewhere=settings.elsewhere_words,
        )
    named = frozenset(words)
    notes = tuple(hit for hit in mentioned if hit not in named)
    robots = tuple(entry for facts in photon for entry in robotic_evidence(facts.planned, settings))
    gamma = find_words(machine_texts(session), _GAMMA_WORDS)
    dose, dose_evidence = _dose_per_fraction(session)
    few = Truth.of(None if session.fractions is None else 1 <= session.fractions <= settings.stereotactic_fractions)
    signs = (
        *(hit.evidence for hit in words),
        *_coded_signs(session, beams, settings),
        *robots,
        *(hit.evidence for hit in gamma),
    )
    return StereotacticFeature(
        fractions=session.fractions,
        dose_per_fraction_gy=dose,
        signs=tuple(dict.fromkeys(signs)),
        words=words,
        any_fractions=bool(gamma),
        high_dose_modulated=Truth.all(
            (few, _at_least(dose, settings.stereotactic_doubt_gy), _modulated(photon, settings.stereotactic_directions))
        ),
        high_dose_shaped=Truth.all((few, _at_least(dose, settings.stereotactic_ask_gy), _shaped(photon))),
        robotic=bool(robots),
        support=dose_evidence + _note_evidence(notes),
    )


def _coded_signs(
    session: TreatmentSession, beams: tuple[BeamFacts, ...], settings: DetectorSettings
) -> tuple[Evidence, ...]:  # fmt: skip
    signs: list[Evidence] = []
    for facts in beams:
        planned = facts.planned
        if planned.role is not Role.TREATMENT:
            continue
        beam, uid = planned.beam, planned.plan.sop_instance_uid
        if "SRS" in terms(beam.high_dose_technique):
            where = at(beam.path, "HighDoseTechniqueType")
            signs.append(Evidence(EvidenceKind.CODED, where, beam.high_dose_technique, uid))
        # a round applicator of a superficial unit is no stereotactic cone
        cones = _CONES if facts.radiation.kilovoltage is Truth.NOT_MET else _CONES - {"PHOTON_CIRC"}
        signs.extend(
            Evidence(EvidenceKind.CODED, at(applicator.path, "ApplicatorType"), applicator.type, uid)
            for applicator in beam.applicators
            if cones.intersection(terms(applicator.type))
        )
        signs.extend(
            Evidence(
                EvidenceKind.CODED,
                at(f"{beam.path}.RTTreatmentTechniqueCodeSequence", "CodeMeaning"),
                code.meaning,
                uid,
            )
            for code in beam.technique_codes
            if mentions(code.meaning or "", settings.stereotactic_words)
        )
    for part in session.parts:
        signs.extend(_setup_signs(part))
    return tuple(signs)


def _setup_signs(part: SessionPart) -> tuple[Evidence, ...]:
    uid = part.plan.sop_instance_uid
    signs: list[Evidence] = []
    for setup in setups_in_use(part):
        signs.extend(
            Evidence(EvidenceKind.CODED, at(device.path, "FixationDeviceType"), device.type, uid)
            for device in setup.fixation_devices
            if "HEADFRAME" in terms(device.type)
        )
        signs.extend(
            Evidence(
                EvidenceKind.CODED,
                at(f"{setup.path}.PatientTreatmentPreparationSequence", "CodeValue"),
                code.value,
                uid,
            )
            for code in setup.preparation_codes
            if (code.scheme or "DCM").strip().upper() == "DCM" and code.value in _PREPARATION_CODES
        )
    return tuple(signs)


def _dose_per_fraction(session: TreatmentSession) -> tuple[float | None, tuple[Evidence, ...]]:
    """The largest dose that a fraction group of the session gives to one target (Gy); one unknown leaves it unknown."""
    found: list[float] = []
    evidence: list[Evidence] = []
    for part in session.parts:
        if not part.treatment_beams:
            continue
        dose, where = dose_per_fraction(part)
        if dose is None:
            return None, ()
        found.append(dose)
        evidence.append(Evidence(EvidenceKind.CODED, where, round(dose, 4), part.plan.sop_instance_uid))
    return (max(found), tuple(evidence)) if found else (None, ())


def _at_least(dose: float | None, limit: float) -> Truth:
    # beam doses are rounded on export: five fields of 1.2 Gy are 6 Gy
    return Truth.of(None if dose is None else dose >= limit - 1e-3)


def _modulated(photon: tuple[BeamFacts, ...], directions: int) -> Truth:
    """Arcs, intensity modulation, or a static delivery from many directions."""
    by_beam = Truth.any(
        Truth.any((Truth.of(facts.technique.technique in _MODULATED), facts.technique.intensity_modulated))
        for facts in photon
    )
    return Truth.any((by_beam, Truth.of(len(_directions(photon, directions)) >= directions)))


def _shaped(photon: tuple[BeamFacts, ...]) -> Truth:
    return Truth.any(
        Truth.any((Truth.of(facts.technique.technique in _SHAPED), facts.shaping.shaped)) for facts in photon
    )


def _directions(photon: tuple[BeamFacts, ...], enough: int) -> list[tuple[float, float]]:
    """Distinct pairs of gantry and couch angle at the beams' first control points, as many as are enough."""
    found: list[tuple[float, float]] = []
    for facts in photon:
        points = facts.planned.beam.control_points
        angles = []
        for column in (points.gantry_deg, points.couch_deg):
            first = None if column is None else column.first_known()
            angles.append(0.0 if column is None or first is None else float(column.values[first]))
        if points.gantry_deg is None or points.gantry_deg.first_known() is None:
            continue
        if all(_apart(angles[0], gantry) or _apart(angles[1], couch) for gantry, couch in found):
            found.append((angles[0], angles[1]))
            if len(found) == enough:
                break
    return found


def _apart(a: float, b: float) -> bool:
    difference = abs(a - b) % 360.0
    return min(difference, 360.0 - difference) > _SAME_DIRECTION_DEG


def _note_evidence(notes: tuple[TextHit, ...]) -> tuple[Evidence, ...]:
    return tuple(hit.evidence for hit in notes)
