"""Lengths that cannot be meant: beyond any room, or centimeters where DICOM has millimeters (docs/plans.md 4)."""

from __future__ import annotations

import numpy as np

from rtcode.plan.model import Beam, known

#: A coordinate beyond this is no place in a treatment room.
FARTHEST_MM = 5000.0
#: A source-axis distance in this range (mm) is one in centimeters.
_SAD_CM = (80.0, 150.0)
#: So are leaf boundaries that all lie within this distance of the axis: the smallest MLC has a field of 100 mm.
_BOUNDARY_CM = 30.0


def looks_like_centimeters(beam: Beam) -> bool:
    """Whether lengths of a beam make sense only in centimeters, so that its positions must not be compared.

    Either sign is enough. A file in which only some lengths were converted is no better than one in which none was.
    """
    sad = known(beam.source_axis_distance_mm)
    if sad is not None and _SAD_CM[0] <= sad <= _SAD_CM[1]:
        return True
    # Two boundaries are those of a pair of jaws, which may be small.
    boundaries = [device.boundaries_mm for device in beam.devices if device.boundaries_mm.size > 2]
    return bool(boundaries) and all(float(np.abs(b).max()) <= _BOUNDARY_CM for b in boundaries)
