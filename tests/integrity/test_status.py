"""Worked cases of `rtcode.integrity.checks.status`."""

from __future__ import annotations

import pytest

from rtcode.integrity.checks import status
from rtcode.plan.model import PatientIdentity, PlanKind, RelatedPlan
from tests.integrity.support import Case, good, holds


def related(kind: str):
    return (RelatedPlan("ReferencedRTPlanSequence[0]", "1.2.9", kind),)


CASES = (
    Case("rejected", good(approval="REJECTED"), True, "rejected", ("REJECTED",)),
    Case("rejected", good(approval="rejected "), True, "in small letters"),
    Case("rejected", good(), False, "approved"),
    Case("unapproved", good(approval="UNAPPROVED"), True, "unapproved"),
    Case("unapproved", good(), False, "approved"),
    Case("unapproved", good(approval=None), False, "unknown is another check"),
    Case("approval_unknown", good(approval=None), True, "absent", ("not given",)),
    Case("approval_unknown", good(approval=""), True, "empty", ("not given",)),
    Case("approval_unknown", good(approval="CHECKED"), True, "no DICOM term", ("none that DICOM defines",)),
    Case("approval_unknown", good(approval="UNAPPROVED"), False, "a DICOM term"),
    Case("not_for_treatment", good(intent="VERIFICATION"), True, "verification", ("VERIFICATION",)),
    Case("not_for_treatment", good(intent="MACHINE QA"), True, "with a blank", ("MACHINE_QA",)),
    Case("not_for_treatment", good(intent="RESEARCH"), True, "research"),
    Case("not_for_treatment", good(related_plans=related("VERIFIED_PLAN")), True, "verifies a plan"),
    Case("not_for_treatment", good(related_plans=related("PREDECESSOR")), False, "replaces a plan"),
    Case("not_for_treatment", good(intent=None), False, "intent is optional"),
    Case("intent_unknown", good(intent="BOOST"), True, "a site's word"),
    Case("intent_unknown", good(intent="PALLIATIVE"), False, "a DICOM term"),
    Case("intent_unknown", good(intent=""), False, "optional"),
    Case("patient_id_missing", good(patient=PatientIdentity("", "Doe^Test", None)), True, "empty"),
    Case("patient_id_missing", good(patient=PatientIdentity(None, None, None)), True, "absent"),
    Case("patient_id_missing", good(), False, "given"),
    Case("structure_set_missing", good(structure_set_uid=None), True, "none"),
    Case("structure_set_missing", good(structure_set_uid=None, geometry="TREATMENT_DEVICE"), False, "needs none"),
    Case("structure_set_missing", good(), False, "given"),
    Case("device_geometry", good(geometry="TREATMENT_DEVICE"), True, "no patient's images"),
    Case("device_geometry", good(), False, "of a patient"),
    Case("geometry_unknown", good(geometry=None), True, "absent", ("not given",)),
    Case("geometry_unknown", good(geometry="PHANTOM"), True, "no DICOM term", ("none that DICOM defines",)),
    Case("geometry_unknown", good(geometry="TREATMENT_DEVICE"), False, "a DICOM term"),
    Case("software_missing", good(software_versions=()), True, "none"),
    Case("software_missing", good(), False, "given"),
    Case("label_missing", good(label=""), True, "empty"),
    Case("label_missing", good(), False, "given"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, status.CHECKS)


def test_other_kinds_of_plans_are_looked_at_too() -> None:
    assert all(check.kinds == frozenset(PlanKind) for check in status.CHECKS)
