"""The free text of a plan: which texts there are, where they stand, and which of them belong to a treatment session.

A session's texts are the plan's own, those of the session's fraction groups and beams, and those of the patient setups
and tolerance tables that its treatment beams refer to. Texts of set-up and imaging beams are kept apart
(`TextScope.IMAGING_BEAM`), names of machines are no free text (`machine_texts`), and a patient setup that no treatment
beam uses says nothing about the session. The attributes are those of PS3.3 C.8.8.9 to C.8.8.14 that hold
free text. Words are looked for by `rtcode.plan.words`, whose names are offered here too.

Not seen: text in private attributes, and in the images or structures that the plan refers to.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rtcode.plan.model import DoseReference, FractionGroup, Missing, PatientSetup, RTPlan, Text, ToleranceTable
from rtcode.plan.roles import Role
from rtcode.plan.sessions import PlannedBeam, SessionPart, TreatmentSession
from rtcode.plan.spellings import plain, spelling_key
from rtcode.plan.tags import at
from rtcode.plan.words import TextHit, TextItem, TextScope, WordMatch, find_matches, find_words, mentions

__all__ = [
    "TextHit",
    "TextItem",
    "TextScope",
    "WordMatch",
    "beam_texts",
    "dose_reference_texts",
    "find_matches",
    "find_words",
    "free_texts",
    "group_texts",
    "imaging_beams",
    "machine_texts",
    "mentions",
    "plain",
    "plan_texts",
    "session_texts",
    "setup_texts",
    "setups_in_use",
    "spelling_key",
    "tolerance_texts",
]


def free_texts(plan: RTPlan) -> Iterator[Text]:
    """Every text of a plan in which words are looked for, whatever its sessions are; names of machines included.

    For counting them: where they stand and to which session they belong is what the others say.
    """
    yield from (plan.label, plan.name, plan.description, plan.prescription_description, plan.series_description)
    yield from (plan.manufacturer, plan.model, *plan.treatment_protocols)
    yield from (text for _, text in plan.sites)
    yield from (code.meaning for code in plan.site_codes)
    yield from (reference.description for reference in plan.dose_references)
    yield from (group.description for group in plan.fraction_groups or ())
    yield from (table.label for table in plan.tolerance_tables)
    for beam in plan.beams or ():
        yield from (beam.name, beam.long_label, beam.description)
        yield from (beam.machine_name, beam.manufacturer, beam.model)
        yield from (code.meaning for code in beam.technique_codes)
    for setup in plan.setups:
        yield from (setup.label, setup.additional_position, setup.technique_description)
        yield from setup.reference_descriptions
        for device in setup.fixation_devices:
            yield from (device.label, device.description)
        for item in setup.motion:
            yield from (item.description, item.signal_id)


def plan_texts(plan: RTPlan) -> Iterator[TextItem]:
    """Texts of the plan as a whole, those of all its dose references included."""
    uid = plan.sop_instance_uid
    yield from _items("", uid, TextScope.PLAN, ("RTPlanLabel", plan.label), ("RTPlanName", plan.name))
    for protocol in plan.treatment_protocols:
        yield from _items("", uid, TextScope.PLAN, ("TreatmentProtocols", protocol))
    yield from _items("", uid, TextScope.DESCRIPTION, ("RTPlanDescription", plan.description))
    for keyword, text in plan.sites:
        yield from _items("", uid, TextScope.SITE, (keyword, text))
    for index, code in enumerate(plan.site_codes):
        yield from _items(f"TreatmentSiteCodeSequence[{index}]", uid, TextScope.SITE, ("CodeMeaning", code.meaning))
    yield from _items("", uid, TextScope.PRESCRIPTION, ("PrescriptionDescription", plan.prescription_description))
    for reference in plan.dose_references:
        yield from dose_reference_texts(reference, uid)
    yield from _items("", uid, TextScope.SERIES, ("SeriesDescription", plan.series_description))


def dose_reference_texts(reference: DoseReference, plan_uid: str | None) -> Iterator[TextItem]:
    """The description of a dose reference.

    An organ-at-risk *volume* gets a scope of its own: it names what is spared. Dose points are commonly typed as organ
    at risk and named after the target (measured on real files), so those stay with the targets.
    """
    organ = (reference.type or "").strip().upper() == "ORGAN_AT_RISK"
    volume = (reference.structure_type or "").strip().upper() == "VOLUME"
    scope = TextScope.ORGAN_AT_RISK if organ and volume else TextScope.DOSE_REFERENCE
    yield from _items(reference.path, plan_uid, scope, ("DoseReferenceDescription", reference.description))


def group_texts(group: FractionGroup, plan_uid: str | None) -> Iterator[TextItem]:
    yield from _items(group.path, plan_uid, TextScope.GROUP, ("FractionGroupDescription", group.description))


def beam_texts(planned: PlannedBeam) -> Iterator[TextItem]:
    """Name, long label and description of a beam."""
    beam = planned.beam
    scope = TextScope.BEAM if planned.role is Role.TREATMENT else TextScope.IMAGING_BEAM
    yield from _items(
        beam.path,
        planned.plan.sop_instance_uid,
        scope,
        ("BeamName", beam.name),
        ("EntityLongLabel", beam.long_label),
        ("BeamDescription", beam.description),
    )


def setup_texts(setup: PatientSetup, plan_uid: str | None) -> Iterator[TextItem]:
    """Labels and notes of a patient setup, its devices and its motion synchronization items."""
    yield from _items(
        setup.path,
        plan_uid,
        TextScope.SETUP,
        ("PatientSetupLabel", setup.label),
        ("PatientAdditionalPosition", setup.additional_position),
        ("SetupTechniqueDescription", setup.technique_description),
    )
    for text in setup.reference_descriptions:
        yield from _items(
            f"{setup.path}.SetupDeviceSequence", plan_uid, TextScope.SETUP, ("SetupReferenceDescription", text)
        )
    for device in setup.fixation_devices:
        yield from _items(
            device.path,
            plan_uid,
            TextScope.SETUP,
            ("FixationDeviceLabel", device.label),
            ("FixationDeviceDescription", device.description),
        )
    for item in setup.motion:
        yield from _items(
            item.path,
            plan_uid,
            TextScope.MOTION,
            ("RespiratoryMotionCompensationTechniqueDescription", item.description),
            ("RespiratorySignalSourceID", item.signal_id),
        )


def tolerance_texts(table: ToleranceTable, plan_uid: str | None) -> Iterator[TextItem]:
    yield from _items(table.path, plan_uid, TextScope.TOLERANCE, ("ToleranceTableLabel", table.label))


@lru_cache(maxsize=1)
def session_texts(session: TreatmentSession) -> tuple[TextItem, ...]:
    """All texts that belong to a session, each once (see the module's text for which do).

    One detector after the other asks for those of one session, so these are kept.
    """
    found: dict[tuple[int, str, str], TextItem] = {}
    for part in session.parts:
        for item in _part_texts(part):
            found.setdefault((id(part.plan), item.where, item.text), item)
    return tuple(found.values())


@lru_cache(maxsize=1)
def machine_texts(session: TreatmentSession) -> tuple[TextItem, ...]:
    """Manufacturer and model of the plans, and manufacturer, model and machine name of the treatment beams.

    Kept as `session_texts` are.
    """
    found: dict[tuple[str, str], TextItem] = {}
    for part in session.parts:
        plan, uid = part.plan, part.plan.sop_instance_uid
        header = (("Manufacturer", plan.manufacturer), ("ManufacturerModelName", plan.model))
        items = list(_items("", uid, TextScope.MACHINE, *header))
        for planned in part.treatment_beams:
            beam = planned.beam
            items += _items(
                beam.path,
                uid,
                TextScope.MACHINE,
                ("TreatmentMachineName", beam.machine_name),
                ("Manufacturer", beam.manufacturer),
                ("ManufacturerModelName", beam.model),
            )
        for item in items:
            # fifty beams of one machine say it once
            found.setdefault((item.where.rsplit(".", 1)[-1], item.text), item)
    return tuple(found.values())


def imaging_beams(part: SessionPart) -> tuple[PlannedBeam, ...]:
    """Beams of the part that treat nothing, and the plan's set-up beams that no fraction group names."""
    return (*(planned for planned in part.beams if planned.role is not Role.TREATMENT), *part.loose)


def setups_in_use(part: SessionPart) -> tuple[PatientSetup, ...]:
    """Patient setups that the part's treatment beams refer to.

    Where a treatment beam names none, the setups that no beam of the plan refers to are added: some systems write one
    setup and no reference (Pinnacle).
    """
    treatment = part.treatment_beams
    used: dict[int, PatientSetup] = {}
    for planned in treatment:
        if planned.setup is not None:
            used.setdefault(id(planned.setup), planned.setup)
    if any(isinstance(planned.beam.setup_number, Missing) for planned in treatment):
        referred = {beam.setup_number for beam in part.plan.beams or ()}
        for setup in part.plan.setups:
            if setup.number not in referred or isinstance(setup.number, Missing):
                used.setdefault(id(setup), setup)
    return tuple(used.values())


def _part_texts(part: SessionPart) -> Iterator[TextItem]:
    plan, uid = part.plan, part.plan.sop_instance_uid
    foreign = _dose_references_of_other_groups(part)
    left_out = {at(reference.path, "DoseReferenceDescription") for reference in foreign}
    yield from (item for item in plan_texts(plan) if item.where not in left_out)
    if part.group is not None:
        yield from group_texts(part.group, uid)
    for planned in part.treatment_beams:
        yield from beam_texts(planned)
    for planned in imaging_beams(part):
        yield from beam_texts(planned)
    for setup in setups_in_use(part):
        yield from setup_texts(setup, uid)
    for planned in part.treatment_beams:
        table = plan.tolerance_table_by_number(planned.beam.tolerance_table_number)
        if table is not None:
            yield from tolerance_texts(table, uid)


def _dose_references_of_other_groups(part: SessionPart) -> tuple[DoseReference, ...]:
    """Dose references that only beams of other fraction groups name: the boost's target is not that of phase one."""
    own = {reference.dose_reference_uid for reference in (part.group.beams if part.group else ())}
    other_groups = [group for group in part.plan.fraction_groups or () if group is not part.group]
    if not other_groups:
        return ()
    foreign = {reference.dose_reference_uid for group in other_groups for reference in group.beams} - own
    return tuple(r for r in part.plan.dose_references if r.uid and r.uid in foreign)


def _items(path: str, plan_uid: str | None, scope: TextScope, *pairs: tuple[str, Text]) -> Iterator[TextItem]:
    for keyword, text in pairs:
        if text and text.strip():
            yield TextItem(at(path, keyword), text, scope, plan_uid)
