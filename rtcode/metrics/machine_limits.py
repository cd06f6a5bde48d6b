"""The limits of one machine, and the form in which a site's policy gives them."""

from __future__ import annotations

from math import isfinite

from rtcode.records import record


@record
class MachineLimits:
    """Limits of one machine for one beam. ``None`` is not known: nothing is compared with it or worked out from it.

    Attributes
    ----------
    gantry_speed_deg_s
        Largest gantry speed.
    dose_rate_mu_min
        Largest dose rate for the beam; where the plan has DoseRateSet (300A,0115), that is used instead.
    leaf_speed_mm_s, jaw_speed_mm_s
        Largest speeds at the isocenter plane.
    leaf_travel_mm
        Lowest and highest position that a leaf end of either bank can have, ``(low, high)``.
    leaf_overtravel_mm
        How far a leaf end can pass the central axis.
    leaf_span_mm
        Largest distance between the most extended and the most retracted leaf of a bank.
    jaw_travel_x_mm, jaw_travel_y_mm
        As `leaf_travel_mm`, of jaws along an axis.
    jaw_overtravel_x_mm, jaw_overtravel_y_mm
        How far a jaw along an axis can pass the central axis.
    gantry_range_deg
        Lowest and highest gantry position, counted from 0 clockwise and not wrapped: ``(-185, 185)`` is a machine
        that turns past 180 degrees by 5 from both sides. ``None`` for a ring or where not known.
    source
        ``policy``, or how the default was chosen.
    kind
        The default's short name (`MachineKind.id`).
    assumed
        At least one speed or rate is a default and not the site's word.
    """

    gantry_speed_deg_s: float | None = None
    dose_rate_mu_min: float | None = None
    leaf_speed_mm_s: float | None = None
    jaw_speed_mm_s: float | None = None
    leaf_travel_mm: tuple[float, float] | None = None
    leaf_overtravel_mm: float | None = None
    leaf_span_mm: float | None = None
    jaw_travel_x_mm: tuple[float, float] | None = None
    jaw_travel_y_mm: tuple[float, float] | None = None
    jaw_overtravel_x_mm: float | None = None
    jaw_overtravel_y_mm: float | None = None
    gantry_range_deg: tuple[float, float] | None = None
    source: str = ""
    kind: str = "unknown"
    assumed: bool = True


@record
class MachineEntry:
    """What a site says of one of its machines: the table ``[machines."NAME"]`` of a policy. All fields are optional.

    Ranges are lists of two numbers, low and high. See the same names in `MachineLimits` for what each means.
    """

    gantry_speed_deg_s: float | None = None
    dose_rate_mu_min: float | None = None
    leaf_speed_mm_s: float | None = None
    jaw_speed_mm_s: float | None = None
    leaf_travel_mm: tuple[float, ...] | None = None
    leaf_overtravel_mm: float | None = None
    leaf_span_mm: float | None = None
    jaw_travel_x_mm: tuple[float, ...] | None = None
    jaw_travel_y_mm: tuple[float, ...] | None = None
    jaw_overtravel_x_mm: float | None = None
    jaw_overtravel_y_mm: float | None = None
    gantry_range_deg: tuple[float, ...] | None = None

    def problem(self) -> str | None:
        """What is wrong with the entry, as ``key: what``, or ``None``. To be asked before it is used."""
        for name in self.__match_args__:
            value = getattr(self, name)
            if isinstance(value, tuple):
                if len(value) != 2:
                    return f"{name}: must be two numbers, low and high"
                if not all(map(isfinite, value)) or not value[0] < value[1]:
                    return f"{name}: low must be less than high"
            elif value is not None:
                may_be_0 = "overtravel" in name or "span" in name
                if not isfinite(value) or value < 0 or (value == 0 and not may_be_0):
                    return f"{name}: must be a positive number"
        return None
