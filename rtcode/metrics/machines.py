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

from rtcode.metrics.machine_defaults import default_kind, dose_rate_of
from rtcode.metrics.machine_limits import MachineEntry, MachineLimits
from rtcode.plan.model import Beam
from rtcode.records import field, fields, record, replace

__all__ = ["MachineEntry", "MachineLimits", "Machines"]

_SPEEDS = ("gantry_speed_deg_s", "dose_rate_mu_min", "leaf_speed_mm_s", "jaw_speed_mm_s")


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
    given = {one.name: value for one in fields(entry) if (value := getattr(entry, one.name)) is not None}
    open_ = [name for name in _SPEEDS if name not in given and getattr(default, name) is not None]
    source = "policy"
    if open_:
        source = f"policy; {', '.join(open_)} from the {default.source}"
    return replace(default, **given, source=source, assumed=bool(open_))
