"""Values that the detectors take from the code set or a site's policy: distances, angles and word lists.

The defaults have one home, the code set's TOML file; there are none here.
"""

from __future__ import annotations

from rtcode.records import record


@record
class DetectorSettings:
    """All open values that detectors use. Distances mm, angles degrees, doses Gy, energies MeV."""

    #: isocenters at most this far apart are one point
    same_isocenter_mm: float
    #: isocenters further apart than this are distinct; between the two a human is asked
    distinct_isocenter_mm: float
    #: SSD set-ups whose beam axes pass this near to one another aim at one target
    ssd_axis_mm: float
    #: helical targets longer than this are asked about
    long_target_mm: float
    #: leaf ends of one bank that differ by more than this inside the jaws make a shaped aperture
    shaped_leaf_mm: float
    #: two fields within this angle of parallel-opposed (or parallel) count as such
    opposed_deg: float
    #: photon and electron points this near to one another are one site
    same_site_mm: float
    #: electron fields whose gap is at most this touch; up to `close_gap_mm` they are close
    touching_gap_mm: float
    close_gap_mm: float
    #: electron fields whose axes differ by more than this are not compared
    abutting_axis_deg: float
    #: smallest SSD of a total skin set-up
    total_skin_ssd_mm: float
    #: stereotactic courses have at most this many fractions
    stereotactic_fractions: int
    #: dose per fraction that raises a doubt with modulated delivery, and that is asked about with shaped fields
    stereotactic_doubt_gy: float
    stereotactic_ask_gy: float
    #: from this many directions on, a static delivery counts as stereotactic-like
    stereotactic_directions: int
    motion_words: tuple[str, ...]
    weak_motion_words: tuple[str, ...]
    free_breathing_words: tuple[str, ...]
    surface_guidance_words: tuple[str, ...]
    setup_only_words: tuple[str, ...]
    negation_words: tuple[str, ...]
    elsewhere_words: tuple[str, ...]
    moving_site_words: tuple[str, ...]
    still_site_words: tuple[str, ...]
    craniospinal_words: tuple[str, ...]
    stereotactic_words: tuple[str, ...]
    total_skin_words: tuple[str, ...]
    intraoperative_words: tuple[str, ...]
    phantom_words: tuple[str, ...]
    boost_words: tuple[str, ...]
    phase_words: tuple[str, ...]
    target_words: tuple[str, ...]
    mr_linac_words: tuple[str, ...]
    robotic_words: tuple[str, ...]
    kilovoltage_words: tuple[str, ...]
    mobile_iort_words: tuple[str, ...]
    four_d_cbct_words: tuple[str, ...]
