"""What the readers warn of: one short message for each code, never with a value from the file."""

from __future__ import annotations

from rtcode.truth import PlanWarning

#: Code of a warning and what it says. The place stands beside it in `PlanWarning.where`.
MESSAGES: dict[str, str] = {
    # how the file is written
    "preamble_missing": "the file has no DICOM preamble",
    "transfer_syntax_assumed": "the file names no transfer syntax; it was recognized by its first element",
    "transfer_syntax_corrected": "the data set is not encoded as its transfer syntax says; it was read as it is",
    "sop_class_mismatch": "the object classes that the file names contradict one another; its content counts",
    "modality_unusual": "Modality is not RTPLAN; the data set was recognized as a plan by what it holds",
    "character_set_unknown": "the character set is unknown or contradictory; text was read as Latin-1",
    "text_undecodable": "text does not follow the character set that the file names; unreadable characters are marked",
    # numbers
    "number_unreadable": "not a finite decimal number; the value is unknown",
    "number_long": "a decimal number is longer than the 16 characters that DICOM allows; it was read all the same",
    "integer_with_point": "an integer is written with a decimal point; it was read all the same",
    "integer_unreadable": "not an integer; the value is unknown",
    "vector_length": "the number of values is wrong for this attribute; the value is unknown",
    "out_of_range": "a number is beyond anything that this attribute can have; the value is unknown",
    # beams and control points
    "beam_sequence_missing": "the plan has no beam sequence",
    "beam_sequence_empty": "the beam sequence has no items",
    "beam_number_missing": "a beam has no usable number, so that nothing can refer to it",
    "fraction_scheme_missing": "the plan has no fraction group, so that nothing says which beams are given together",
    "control_points_too_few": "a beam needs two control points or more; this beam cannot be judged",
    "control_points_undeclared": "the number of control points is not declared, so that missing ones go unnoticed",
    "control_points_excess": "the beam has more control points than it declares; all were read",
    "control_point_order": "ControlPointIndex does not count the control points; the order of the file was kept",
    "control_point_sorted": "the control points were not in the order of their indices; they were sorted",
    "units_cm": "lengths look like centimeters, where DICOM has millimeters; geometry of this beam is doubtful",
    "direction_unknown": "a rotation direction is no DICOM term; it is unknown",
    "device_positions_count": "the number of leaf or jaw positions does not fit the device; they are unknown",
    "device_positions_empty": "leaf or jaw positions are empty; those of the device are unknown from there on",
    "device_repeated": "a beam limiting device of one type and number of pairs is declared twice",
    "device_undeclared": "leaf or jaw positions name a device that the beam does not declare",
    "device_mapped": "leaf or jaw positions name the device otherwise than its declaration; matched by axis and count",
    "wedge_unknown": "a wedge position is neither IN nor OUT; it is unknown",
    "block_data_unreadable": "the outline of a block cannot be read; it is unknown",
    "enhanced_devices": "beam limiting devices are in the enhanced encoding",
    "enhanced_device_unread": "a device in the enhanced encoding could not be mapped; its positions are unknown",
    "enhanced_opening_unread": "an opening in the enhanced encoding cannot be read, or names no device; it is unknown",
    "sinogram_unreadable": "a private sinogram cannot be read; it is unknown",
    # references and counts
    "beams_declared": "the fraction group declares another number of beams than it names",
    "beam_reference_unreadable": "a fraction group names a beam without a usable number",
    "beam_reference_repeated": "a fraction group names a beam twice, perhaps for another one",
    "beam_reference_dangling": "a fraction group names a beam that the plan does not have",
    "beam_not_referenced": "no fraction group names this beam",
    "meterset_negative": "a meterset is negative",
    "meterset_large": "a meterset is larger than any field is given in one fraction",
    "setup_reference_dangling": "the beam names a patient setup that the plan does not have, or has twice",
    "wedges_declared": "the beam declares another number of wedges than it describes",
    "wedge_reference_dangling": "a control point names a wedge that the beam does not describe",
    "weights_irregular": "cumulative meterset weights do not rise from 0 to their final value",
    "more_of_the_same": "there are more warnings of this kind; only the first ones are listed",
}  # fmt: skip

#: Warnings of one code that are listed one by one.
_LISTED = 100


class Notes:
    """Collects the warnings of one plan; many of one kind are cut short."""

    def __init__(self) -> None:
        self._warnings: list[PlanWarning] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, where: str) -> None:
        count = self._counts.get(code, 0) + 1
        self._counts[code] = count
        if count <= _LISTED:
            self._warnings.append(PlanWarning(code, MESSAGES[code], where))
        elif count == _LISTED + 1:
            self._warnings.append(PlanWarning("more_of_the_same", MESSAGES["more_of_the_same"], code))

    def once(self, code: str, where: str) -> None:
        """Warn of the first occurrence only."""
        if code not in self._counts:
            self.add(code, where)

    def all(self) -> tuple[PlanWarning, ...]:
        return tuple(self._warnings)
