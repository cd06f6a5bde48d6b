"""What is known not to be found although it should be, and known false alarms, with the reason.

Expectations are not bent to what rtcode does: what is listed here counts as missed. An entry goes when its reason goes;
`bench_seeded.py` says which are no longer needed.
"""

from __future__ import annotations

from benchmarks.seeded.kinds import Finder

#: kind of error → finder → why it is not found, or not in every plan
KNOWN: dict[str, dict[Finder, str]] = {
    "radiation_electron_for_photon": {
        Finder.INTEGRITY: "at an SSD of 2.5 m and more a field without applicator passes for total skin electrons"
    },
    "dose_rate_zero": {
        Finder.INTEGRITY: "dose rates are checked for being too high and for changing, not for being 0 throughout"
    },
    "dose_rate_too_high": {
        Finder.INTEGRITY: "electron and helical beams are not checked, and flattening-filter-free ones to 2400 MU/min"
    },
    "meterset_times_ten": {
        Finder.INTEGRITY: "modulated fields are judged only together, up to 4000 MU/Gy, and without beam doses none is"
    },
    "dosimeter_unit_minutes": {
        Finder.INTEGRITY: "of two beams that differ, the finding names one, which may be the other"
    },
    "fractions_wrong_with_prescription": {
        Finder.INTEGRITY: "Halcyon and Ethos plans count the fractions that remain, so that the sum is not judged"
    },
    "beam_lost_with_prescription": {
        Finder.INTEGRITY: "Halcyon and Ethos plans count the fractions that remain, so that the sum is not judged"
    },
    "couch_vertical_5mm": {Finder.INTEGRITY: "5 mm is the tolerance, and not beyond it"},
    "couch_pitch_one_beam": {
        Finder.INTEGRITY: "a pitch that the other beams do not write at all is compared with nothing"
    },
    "arc_copied_over_second": {Finder.INTEGRITY: "no check compares beams with one another"},
    "static_typed_dynamic": {
        Finder.INTEGRITY: "an attribute of unknown value (empty table positions) leaves open whether it moves"
    },
    "leaf_jumps_in_arc": {
        Finder.INTEGRITY: "a jump is judged against the largest other one of the beam, not against the leaf speed"
    },
    "leaves_in_centimeters": {
        Finder.INTEGRITY: "units are judged by distances and boundaries, and no check looks at the size of apertures"
    },
    "jaw_over_open_leaves": {Finder.INTEGRITY: "an aperture is judged only where the jaw closes it altogether"},
    "leaf_boundaries_of_another_machine": {Finder.INTEGRITY: "no check compares the leaves of beams of one machine"},
    "leaves_not_declared": {
        Finder.INTEGRITY: "leaves count as declared where jaws of the same axis are; the reader's warning says it",
        Finder.COMPARE: "positions are compared, declarations are not",
    },
    "weights_not_ending": {
        Finder.COMPARE: "weights are compared as shares of what they rise by, whatever the final weight says"
    },
    "weights_not_from_zero": {
        Finder.COMPARE: "weights are compared as shares of what they rise by, whatever they begin with"
    },
    "final_weight_hundred": {
        Finder.COMPARE: "weights are compared as shares of what they rise by, whatever the final weight says"
    },
    "final_weight_absent": {
        Finder.COMPARE: "weights are compared as shares of what they rise by, whatever the final weight says"
    },
    "control_point_index_repeated": {
        Finder.COMPARE: "control points are compared in their order; the index itself is not"
    },
    "sop_instance_uid_empty": {Finder.COMPARE: "the object's own UID does not count, whether new or empty"},
    "wedge_angle_other": {Finder.INTEGRITY: "identifiers of wedges are not read for angles"},
    "block_corners_lost": {Finder.INTEGRITY: "BlockNumberOfPoints is not read"},
    "block_typed_shielding": {Finder.INTEGRITY: "the type of a block is not checked against the radiation"},
    "tolerance_reference_lost": {
        Finder.INTEGRITY: "beams are compared within photons and within electrons, and it was the only electron beam"
    },
    "setup_beams_lost": {
        Finder.INTEGRITY: "the check is off unless a site asks for it: many systems never write set-up fields"
    },
    "treatment_typed_portfilm": {
        Finder.INTEGRITY: "portal films may have a meterset, and without a prescription nothing misses the dose"
    },
    "plan_date_in_future": {
        Finder.INTEGRITY: "no result depends on today's date; seen only beside a review date or a date of service"
    },
    "sop_class_of_ion_plan": {
        Finder.INTEGRITY: "a file without meta information names its class once; as an ion plan it has no beams"
    },
    "course_in_five_fractions": {
        Finder.ANALYZE: "not asked in a Halcyon plan, whose number of fractions is that of those which remain"
    },
}

#: harmless change → why it raises an alarm
FALSE_ALARMS: dict[str, str] = {}


def known(kind: str, finder: Finder) -> str | None:
    return KNOWN.get(kind, {}).get(finder)
