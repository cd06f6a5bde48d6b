"""What a treatment machine can do: the limits that speeds and segment times are worked out with.

A plan says what a machine shall do, not what it can. A site names its machines in its policy, by
TreatmentMachineName (300A,00B2); for others a default is chosen by what the beam shows: names, source-axis distance
and leaves. Every `MachineLimits` says in `source` where it comes from, and a default that it is assumed.

Speeds and dose rates of the defaults are published or commonly quoted ones; ranges of travel are wide enough
that no plan which a machine can deliver is outside. What has neither is ``None``: a time that would
need it is then unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from rtcode.metrics.machine_defaults import MachineKind, default_kind, dose_rate_of
from rtcode.metrics.machine_limits import MachineEntry, MachineLimits
from rtcode.plan.model import Beam
from rtcode.records import field, record, replace

__all__ = ["MachineEntry", "MachineKind", "MachineLimits", "Machines"]

_NUMBERS = (
    "gantry_speed_deg_s",
    "dose_rate_mu_min",
    "leaf_speed_mm_s",
    "jaw_speed_mm_s",
    "leaf_overtravel_mm",
    "leaf_span_mm",
)


@record(eq=False)
class Machines:
    """The machines of a site, and defaults for all others.

    Attributes
    ----------
    entries
        The site's entries by TreatmentMachineName; capitals and outer blanks do not matter.
    """

    entries: Mapping[str, MachineEntry] = field(default_factory=dict)

    def limits_of(self, beam: Beam) -> MachineLimits:
        """Limits of the machine that a beam is planned for.

        The site's entry for its TreatmentMachineName (300A,00B2) where there is one, completed by the default that
        fits the beam; else that default.
        """
        kind, reason = default_kind(beam)
        default = kind.limits(dose_rate_of(kind, beam), reason)
        entry = self._entry_of(beam)
        return default if entry is None else _completed(entry, default)

    def _entry_of(self, beam: Beam) -> MachineEntry | None:
        wanted = (beam.machine_name or "").strip().casefold()
        if not wanted:
            return None
        return next((entry for name, entry in self.entries.items() if name.strip().casefold() == wanted), None)


def _completed(entry: MachineEntry, default: MachineLimits) -> MachineLimits:
    """A site's entry; what it leaves open is the default's, and `source` says so."""
    given: dict[str, object] = {name: value for name in _NUMBERS if (value := getattr(entry, name)) is not None}
    if entry.leaf_travel_mm is not None:
        given["leaf_travel_mm"] = _pair(entry.leaf_travel_mm)
    if entry.gantry_range_deg is not None:
        given["gantry_range_deg"] = _pair(entry.gantry_range_deg)
    travel = {axis: (low, high) for axis, low, high in default.jaw_travel_mm}
    beyond = dict(default.jaw_overtravel_mm)
    for axis, of_axis, over in (
        ("X", entry.jaw_travel_x_mm, entry.jaw_overtravel_x_mm),
        ("Y", entry.jaw_travel_y_mm, entry.jaw_overtravel_y_mm),
    ):
        if of_axis is not None:
            travel[axis] = _pair(of_axis)
            given["jaw_travel_mm"] = True
        if over is not None:
            beyond[axis] = over
            given["jaw_overtravel_mm"] = True
    if "jaw_travel_mm" in given:
        given["jaw_travel_mm"] = tuple((axis, *travel[axis]) for axis in sorted(travel))
    if "jaw_overtravel_mm" in given:
        given["jaw_overtravel_mm"] = tuple(sorted(beyond.items()))
    speeds = _NUMBERS[:4]
    open_ = [name for name in speeds if name not in given and getattr(default, name) is not None]
    source = "policy"
    if open_:
        source = f"policy; {', '.join(open_)} from the {default.source}"
    return replace(default, **given, source=source, assumed=bool(open_))  # type: ignore[arg-type]


def _pair(values: tuple[float, ...]) -> tuple[float, float]:
    return values[0], values[1]
