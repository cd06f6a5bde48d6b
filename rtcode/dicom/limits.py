"""What one input may cost: sizes, counts and depths that no real plan comes near."""

from __future__ import annotations

from rtcode.records import record

_MIB = 1024 * 1024


@record
class Limits:
    """Upper bounds for one input; more is `rtcode.errors.TooLargeError`.

    The defaults leave ample room for what real systems write: the largest plans known have some megabytes, 90 beams,
    1700 control points in a beam, and sequences seven deep. All free texts of a plan together have at most 500
    characters, where the longest of these attributes may have 1024.

    What a plan costs beyond reading grows with more than its bytes: texts and beams are looked at again for each
    fraction group. So these are counted where they are looked at.

    Attributes
    ----------
    file_bytes
        Size of the file.
    inflated_bytes
        Size of a deflated data set after inflating.
    inflation_ratio, inflation_floor_bytes
        A deflated data set may also not grow to more than ``ratio`` times the file, except that anything up to the
        floor is accepted. Plans inflate 3 to 30 times. A bomb is inflated to the limit, but not kept.
    depth
        Nested sequences.
    elements
        Data elements and items of the whole file, also those that are skipped.
    items
        Items of one sequence.
    item_bytes, items_floor
        Items of all sequences that are read: one for so many bytes of the data set, and some more. Plans have one in
        about 100 bytes or more; what a file of nothing but items costs in memory is bounded by this.
    beams
        Items of BeamSequence (or IonBeamSequence).
    control_points
        Control points of the whole plan.
    entries
        Items of each of DoseReferenceSequence, PatientSetupSequence and ToleranceTableSequence.
    fraction_groups, references
        Items of FractionGroupSequence, and the beams that all of them name together.
    texts, characters
        Texts in which words are looked for, each once for every fraction group; characters of all that differ. Longer
        ones are never searched in part: what was not searched could not be called absent.
    """

    file_bytes: int = 256 * _MIB
    inflated_bytes: int = 64 * _MIB
    inflation_ratio: int = 64
    inflation_floor_bytes: int = 8 * _MIB
    depth: int = 32
    elements: int = 2_000_000
    items: int = 100_000
    item_bytes: int = 48
    items_floor: int = 1_000
    beams: int = 2_000
    control_points: int = 100_000
    entries: int = 2_000
    fraction_groups: int = 100
    references: int = 2_000
    texts: int = 30_000
    characters: int = 65_536

    def inflation_limit(self, file_size: int) -> int:
        """Bytes that a deflated data set of a file of this size may inflate to."""
        return min(self.inflated_bytes, max(self.inflation_floor_bytes, self.inflation_ratio * file_size))


DEFAULT_LIMITS = Limits()
