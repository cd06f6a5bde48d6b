"""Worked cases of `rtcode.integrity.checks.agreement`."""

from __future__ import annotations

from typing import Any

import pytest

from rtcode.dicom.warnings import MESSAGES
from rtcode.integrity.checks import agreement
from rtcode.plan.model import Missing, PlanKind, RelatedPlan, ToleranceTable
from rtcode.truth import PlanWarning
from tests import factory as f
from tests.integrity.support import Case, good, holds


def beams(*of: dict[str, Any]) -> Any:
    """A plan with a beam for each of these fields."""
    made = tuple(f.beam(i + 1, **fields) for i, fields in enumerate(of))
    return good(beams=made, groups=(f.group(1, range(1, len(made) + 1)),))


def tables(*numbers: Any) -> Any:
    found = tuple(ToleranceTable(f"ToleranceTableSequence[{i}]", n, "T") for i, n in enumerate(numbers))
    return good(tolerance_tables=found)


def related(uid: str) -> Any:
    return good(related_plans=(RelatedPlan("ReferencedRTPlanSequence[0]", uid, "PREDECESSOR"),))


def warned(code: str) -> Any:
    """A plan of which the reader said this."""
    return good(warnings=(PlanWarning(code, MESSAGES[code], "SOPClassUID (0008,0016)"),))


SAME, OTHER = {"machine_name": "TB1"}, {"machine_name": "TB2"}

CASES = (
    Case(
        "group_number_repeated",
        good(groups=(f.group(1, (1,)), f.group(1, (2,), index=1))),
        True,
        "two of them",
        ("2 fraction groups have the number 1",),
    ),
    Case("group_number_repeated", good(groups=(f.group(1, (1,)), f.group(2, (2,), index=1))), False, "1 and 2"),
    Case("setup_number_repeated", good(setups=(f.setup(1), f.setup(1, index=1))), True, "two of them", ("number 1",)),
    Case("setup_number_repeated", good(setups=(f.setup(1), f.setup(2, index=1))), False, "1 and 2"),
    Case(
        "setup_number_repeated",
        good(setups=(f.setup(1), *(f.setup(Missing.ABSENT, index=i) for i in (1, 2)))),
        False,
        "none is no number",
    ),
    Case(
        "wedge_number_repeated",
        beams({}, {"wedges": (f.wedge(1), f.wedge(1, index=1))}),
        True,
        "two of them",
        ("2 wedges of beam 2 have the number 1",),
        (2,),
    ),
    Case("wedge_number_repeated", beams({"wedges": (f.wedge(1),)}, {"wedges": (f.wedge(1),)}), False, "of two beams"),
    Case("tolerance_table_repeated", tables(1, 1), True, "two of them"),
    Case("tolerance_table_repeated", tables(1, 2), False, "1 and 2"),
    Case(
        "dose_reference_repeated",
        good(dose_references=(f.dose_reference(1), f.dose_reference(1, index=1, uid=None))),
        True,
        "the number",
        ("have the number 1",),
    ),
    Case(
        "dose_reference_repeated",
        good(dose_references=(f.dose_reference(1), f.dose_reference(2, index=1, uid=f"{f.UID}.9.1"))),
        True,
        "the UID",
        ("have the same UID",),
    ),
    Case(
        "dose_reference_repeated",
        good(dose_references=(f.dose_reference(1), f.dose_reference(2, index=1))),
        False,
        "two targets",
    ),
    Case("beam_name_repeated", beams({"name": "AP"}, {"name": " ap"}), True, "but for capitals", ("beams 1 and 2",)),
    Case("beam_name_repeated", beams({"name": "AP"}, {"name": "PA"}), False, "two names"),
    Case("beam_name_repeated", beams({"name": ""}, {"name": None}), False, "none at all"),
    Case(
        "beam_name_repeated",
        beams({"name": "AP"}, {"name": "AP", "delivery_type": "SETUP"}),
        False,
        "of a set-up field",
    ),
    Case("machine_missing", beams({}, {"machine_name": ""}), True, "empty", ("beam 2 names no",), (2,)),
    Case("machine_missing", beams({}, {"machine_name": None, "delivery_type": "SETUP"}), False, "of a set-up field"),
    Case("machine_missing", good(), False, "named"),
    Case("machines_mixed", beams(SAME, SAME, OTHER), True, "one differs", ("beams 1 and 2 against beam 3",), (3,)),
    Case("machines_mixed", beams(OTHER, SAME, SAME), True, "the first differs", ("2 machines",), (1,)),
    Case("machines_mixed", beams(SAME, {"machine_name": "tb1 "}), False, "but for capitals"),
    Case("machines_mixed", beams(SAME, {"machine_name": None}), False, "unknown is another"),
    Case("machines_mixed", beams(SAME, {**OTHER, "delivery_type": "SETUP"}), False, "of a set-up field"),
    Case("manufacturers_mixed", beams({"manufacturer": "A"}, {"manufacturer": "B"}), True, "two makers", (), (1, 2)),
    Case("manufacturers_mixed", beams({"model": "M1"}, {"model": "M2"}), True, "two models"),
    Case("manufacturers_mixed", beams({"model": "M1"}, {}), False, "not given"),
    Case(
        "dosimeter_units_mixed", beams({}, {"dosimeter_unit": "MINUTE"}), True, "MU and minutes", ("2 units",), (1, 2)
    ),
    Case("dosimeter_units_mixed", beams({}, {"dosimeter_unit": None}), False, "not given"),
    Case("frame_of_reference_missing", good(frame_of_reference_uid=None), True, "absent"),
    Case(
        "frame_of_reference_missing",
        good(frame_of_reference_uid=None, geometry="TREATMENT_DEVICE"),
        False,
        "the machine's geometry has none",
    ),
    Case("frame_of_reference_missing", good(), False, "given"),
    Case("identifier_malformed", good(sop_instance_uid=""), True, "empty", ("SOPInstanceUID is missing",)),
    Case("identifier_malformed", good(study_instance_uid="1.2.x"), True, "letters", ("StudyInstanceUID is no UID",)),
    Case("identifier_malformed", good(series_instance_uid="1." * 32 + "11"), True, "66 characters"),
    Case("identifier_malformed", good(frame_of_reference_uid=None), False, "a frame may be missing"),
    Case("identifier_malformed", good(), False, "UIDs"),
    Case("object_class_contradicts", warned("sop_class_mismatch"), True, "two classes", ("contradict one another",)),
    Case("object_class_contradicts", warned("modality_unusual"), True, "another modality"),
    Case("object_class_contradicts", warned("preamble_missing"), False, "another warning"),
    Case(
        "object_class_contradicts",
        good(kind=PlanKind.RT_ION_PLAN, beams=()),
        True,
        "an ion plan by its class only",
        ("no ion beams",),
    ),
    Case("object_class_contradicts", good(kind=PlanKind.RT_ION_PLAN), False, "an ion plan"),
    Case("related_to_itself", related(f"{f.UID}.1"), True, "its own UID"),
    Case("related_to_itself", related(f"{f.UID}.77"), False, "another plan's"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    holds(case, agreement.CHECKS)
