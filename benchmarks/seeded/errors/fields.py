"""Motion management, set-up fields, delivery types."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, iso_of, number_of, set_iso
from benchmarks.seeded.errors.setup import setups_of_treatment
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

MOTION = topics("motion", "setup")
ACTIVE = {"GATING", "BREATH_HOLD", "TRACKING"}


def _moving(draft: Draft) -> list[Dataset]:
    """Set-ups of treated beams with active motion management, where no beam has another."""
    found = [
        s
        for s in setups_of_treatment(draft)
        if any(
            m.get("RespiratoryMotionCompensationTechnique") in ACTIVE
            for m in s.get("MotionSynchronizationSequence") or []
        )
    ]
    if not found:
        raise Unfit
    return found


def _only_reason(draft: Draft) -> None:
    """The motion management is what decides the level: one isocenter, photons only."""
    draft.one_isocenter()


def motion_lost(draft: Draft) -> Mark:
    found = _moving(draft)
    _only_reason(draft)
    for setup in found:
        del setup.MotionSynchronizationSequence
    return Mark((), "motion management gone")


def motion_none(draft: Draft) -> Mark:
    found = _moving(draft)
    _only_reason(draft)
    for setup in found:
        for item in setup.MotionSynchronizationSequence:
            item.RespiratoryMotionCompensationTechnique = "NONE"
            item.RespiratorySignalSource = "NONE"
    return Mark((), "motion management NONE")


def motion_one_lost(draft: Draft) -> Mark:
    found = _moving(draft)
    if len(found) < 2:
        raise Unfit
    setup = draft.rng.choice(found)
    del setup.MotionSynchronizationSequence
    beams = [b for b in draft.treatment if b.get("ReferencedPatientSetupNumber") == setup.PatientSetupNumber]
    return Mark(tuple(number_of(b) for b in beams), "motion management of one beam gone")


def motion_added(draft: Draft) -> Mark:
    if any(s.get("MotionSynchronizationSequence") for s in draft.setups):
        raise Unfit
    draft.one_isocenter()
    if not setups_of_treatment(draft):
        raise Unfit
    for setup in draft.setups:
        item = Dataset()
        item.RespiratoryMotionCompensationTechnique = "GATING"
        item.RespiratorySignalSource = "EXTERNAL_MARKER"
        setup.MotionSynchronizationSequence = Items([item])
    return Mark((), "gating that was not planned")


def motion_signal(draft: Draft) -> Mark:
    setup = draft.one(_moving(draft))
    for item in setup.MotionSynchronizationSequence:
        item.RespiratorySignalSource = "BELT"
    return Mark((), "another signal source")


def setup_beam_moved(draft: Draft) -> Mark:
    treated = draft.points()
    beam = draft.one([b for b in draft.setup_beams if iso_of(b) in treated])
    x, y, z = iso_of(beam)
    set_iso(beam, (x, y, z + 35))
    return Mark((number_of(beam),), "set-up field 35 mm from the treatment isocenter")


def setup_beams_lost(draft: Draft) -> Mark:
    beams = draft.setup_beams
    if not beams:
        raise Unfit
    for beam in beams:
        draft.drop_beam(beam)
    return Mark((), "set-up fields gone")


def setup_beam_treats(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.setup_beams if not draft.meterset(b)])
    reference = draft.reference(beam)
    reference.BeamMeterset = "40"
    return Mark((number_of(beam),), "set-up field with 40 MU")


def treatment_typed_setup(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    beam.TreatmentDeliveryType = "SETUP"
    return Mark((number_of(beam),), "a treatment beam typed SETUP, meterset as before")


def setup_typed_treatment(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.setup_beams if not draft.meterset(b)])
    beam.TreatmentDeliveryType = "TREATMENT"
    return Mark((number_of(beam),), "a set-up field typed TREATMENT, without meterset")


def delivery_type_wrong(draft: Draft) -> Mark:
    beam = draft.a_beam(at_least=2)
    beam.TreatmentDeliveryType = "OPEN_PORTFILM"
    # What does not treat is in no sum: a check of doses names the other beams.
    return Mark((number_of(beam),), "a treatment beam typed OPEN_PORTFILM", gone=True)


KINDS = (
    Kind(
        id="motion_lost",
        family="motion",
        harm=Harm.SERIOUS,
        notice="a plan for gating or breath-hold no longer says so",
        topics=MOTION,
        integrity=no("most plans have none"),
        analyze=yes("active motion management decides the level"),
        plant=motion_lost,
    ),
    Kind(
        id="motion_set_to_none",
        family="motion",
        harm=Harm.SERIOUS,
        notice="a plan for gating or breath-hold says NONE",
        topics=MOTION,
        integrity=no("NONE is a statement that plans make"),
        analyze=yes("active motion management decides the level"),
        plant=motion_none,
    ),
    Kind(
        id="motion_lost_one_beam",
        family="motion",
        harm=Harm.SERIOUS,
        notice="one beam of a gated plan is not gated",
        topics=MOTION,
        integrity=no("gated tangents with an ungated supraclavicular field exist"),
        analyze=no("one gated beam is enough for the session"),
        plant=motion_one_lost,
    ),
    Kind(
        id="motion_added",
        family="motion",
        harm=Harm.MINOR,
        notice="a plan in free breathing says gating",
        topics=MOTION,
        integrity=no("gating is possible anywhere"),
        analyze=yes("active motion management decides the level"),
        plant=motion_added,
    ),
    Kind(
        id="motion_signal_other",
        family="motion",
        harm=Harm.MINOR,
        notice="the signal for gating comes from another device",
        topics=MOTION,
        integrity=no("any signal is possible"),
        plant=motion_signal,
    ),
    Kind(
        id="setup_beam_moved",
        family="set-up fields",
        harm=Harm.SERIOUS,
        notice="the set-up field is centered 35 mm from the treatment",
        topics=topics("setup_beams", "isocenter"),
        integrity=yes("imaging is to be at the treated isocenter"),
        plant=setup_beam_moved,
    ),
    Kind(
        id="setup_beams_lost",
        family="set-up fields",
        harm=Harm.MINOR,
        notice="there are no set-up fields",
        topics=topics("setup_beams", "beams"),
        integrity=yes("a chart check asks for them, although some departments image without"),
        plant=setup_beams_lost,
    ),
    Kind(
        id="setup_beam_with_meterset",
        family="set-up fields",
        harm=Harm.SERIOUS,
        notice="a set-up field has 40 MU",
        topics=topics("setup_beams", "meterset", "delivery_type"),
        integrity=yes("a set-up field is not to treat"),
        plant=setup_beam_treats,
    ),
    Kind(
        id="treatment_typed_setup",
        family="delivery type",
        harm=Harm.SERIOUS,
        notice="a beam with meterset and dose is typed SETUP",
        topics=topics("setup_beams", "meterset", "delivery_type"),
        integrity=yes("a set-up field has no meterset"),
        plant=treatment_typed_setup,
    ),
    Kind(
        id="setup_typed_treatment",
        family="delivery type",
        harm=Harm.STOPS,
        notice="a set-up field is typed TREATMENT and has no meterset",
        topics=topics("setup_beams", "meterset", "delivery_type"),
        integrity=yes("a treatment beam has a meterset"),
        plant=setup_typed_treatment,
    ),
    Kind(
        id="treatment_typed_portfilm",
        family="delivery type",
        harm=Harm.SERIOUS,
        notice="a treatment beam is typed as a portal film",
        topics=topics("setup_beams", "meterset", "delivery_type", "prescription", "beam_dose"),
        integrity=yes("its dose counts in the prescription, or it has far more meterset than a film needs"),
        plant=delivery_type_wrong,
    ),
)
