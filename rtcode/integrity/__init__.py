"""Integrity checks: what a chart check looks for and a plan file can show.

One class a check, in the modules of `rtcode.integrity.checks`, listed here and nowhere else. A check says what it
found, that it could not look, or nothing; it never changes a suggestion. To add one: its class, its name in its
module's ``CHECKS``, and cases in ``tests/integrity`` that find it and that pass it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rtcode.features.types import BeamFacts
from rtcode.integrity.checks import (
    agreement,
    apertures,
    couch,
    dates,
    delivery,
    distances,
    energy,
    fractions,
    gantry,
    isocenters,
    leaves,
    meterset,
    modifiers,
    names,
    prescription,
    references,
    setup,
    siblings,
    status,
    wedges,
    weights,
)
from rtcode.integrity.engine import run_checks
from rtcode.integrity.plugins import Plugin, load_plugins
from rtcode.integrity.settings import CheckSettings, Setting, check_settings
from rtcode.integrity.types import Check, IntegrityReport
from rtcode.plan.model import RTPlan
from rtcode.plan.sessions import TreatmentSession

if TYPE_CHECKING:
    from rtcode.metrics.machines import Machines

__all__ = [
    "ALL_CHECKS",
    "CheckSettings",
    "Plugin",
    "Setting",
    "all_checks",
    "assess",
    "check_settings",
    "load_plugins",
]

#: Every check that comes with rtcode, in the order in which results list them.
ALL_CHECKS: tuple[type[Check], ...] = (
    *status.CHECKS,
    *dates.CHECKS,
    *prescription.CHECKS,
    *fractions.CHECKS,
    *references.CHECKS,
    *agreement.CHECKS,
    *meterset.CHECKS,
    *weights.CHECKS,
    *delivery.CHECKS,
    *energy.CHECKS,
    *gantry.CHECKS,
    *couch.CHECKS,
    *distances.CHECKS,
    *leaves.CHECKS,
    *apertures.CHECKS,
    *siblings.CHECKS,
    *isocenters.CHECKS,
    *setup.CHECKS,
    *wedges.CHECKS,
    *modifiers.CHECKS,
    *names.CHECKS,
)


def all_checks(plugins: Sequence[Plugin] = ()) -> tuple[tuple[str, type[Check]], ...]:
    """Every check with the id that outputs and policies call it, those of the allowed plug-ins last."""
    built_in = tuple((check.id, check) for check in ALL_CHECKS)
    return (*built_in, *(named for plugin in plugins for named in plugin.checks))


def assess(
    plan: RTPlan,
    beams: tuple[BeamFacts, ...],
    sessions: tuple[TreatmentSession, ...],
    settings: CheckSettings,
    machines: Machines,
    plugins: Sequence[Plugin] = (),
    date_of_service: date | None = None,
) -> IntegrityReport:
    """What the integrity checks say of one plan.

    Parameters
    ----------
    beams
        Facts of every beam in file order.
    sessions
        The plan's own sessions, one a fraction group.
    settings, machines, plugins
        What holds at this site (`rtcode.coding.codeset.CodeSet` has them).
    date_of_service
        The day for which the caller asks, or ``None``.

    Raises
    ------
    Exception
        Whatever a built-in check raises: that is a defect of rtcode. Checks of plug-ins raise nothing.
    """
    return run_checks(ALL_CHECKS, plan, beams, sessions, settings, machines, plugins, date_of_service)
