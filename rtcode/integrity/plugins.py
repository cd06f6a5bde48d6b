"""Checks that a site brings along: entry points of the group ``rtcode.checks``, off unless the policy names them.

A distribution declares one, and the policy allows it by its name::

    [project.entry-points."rtcode.checks"]
    clinic = "clinic_checks:CHECKS"

    [plugins]
    allow = ["clinic"]

The entry point is a class like `rtcode.integrity.types.Check`, a subclass or not, or a list of such classes. In outputs
and policies the ids of its checks begin with the entry point's name: ``clinic.couch_inserted``. Code of a plug-in runs
with all rights of rtcode; that is why nothing is imported that a policy does not name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from rtcode.errors import PolicyError
from rtcode.integrity.types import Check, Limit, PluginRef, Severity
from rtcode.plan.model import PlanKind
from rtcode.records import record

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "rtcode.checks"


@record(eq=False)
class Plugin:
    """A plug-in that was loaded: what results name, and its checks with the ids that outputs call them."""

    ref: PluginRef
    checks: tuple[tuple[str, type[Check]], ...]


def load_plugins(allowed: Sequence[str], built_in: Collection[str], *, name: str) -> tuple[Plugin, ...]:
    """Load the plug-ins that a policy allows, in its order.

    Parameters
    ----------
    allowed
        Names of entry points.
    built_in
        Ids of the checks that come with rtcode; a plug-in may not repeat one.
    name
        The policy file, for messages.

    Raises
    ------
    PolicyError
        A name that is not installed or not unique, a plug-in that cannot be imported, or one that is no check.
    """
    if not allowed:
        return ()
    from importlib.metadata import entry_points

    there: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        there.setdefault(entry.name, []).append(entry)
    loaded: list[Plugin] = []
    for wanted in dict.fromkeys(allowed):
        place = f"{name}: plugins.allow: the plug-in {wanted!r}"
        entries = there.get(wanted, [])
        if not entries:
            installed = ", ".join(sorted(there)) or "none"
            raise PolicyError(
                f"{place} is not installed",
                f"install it for the Python that runs rtcode, or take it off the list; installed: {installed}",
            )
        if len({(entry.value, _distribution(entry)) for entry in entries}) > 1:
            raise PolicyError(f"{place} is declared by several distributions", "uninstall all but one of them")
        loaded.append(_load(entries[0], built_in, place))
    return tuple(loaded)


def _distribution(entry: EntryPoint) -> str | None:
    return None if entry.dist is None else entry.dist.name


def _load(entry: EntryPoint, built_in: Collection[str], place: str) -> Plugin:
    hint = "correct the plug-in, or take it off the list"
    try:
        found = entry.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001  (importing strange code may raise anything)
        raise PolicyError(f"{place} cannot be imported ({type(error).__name__})", hint) from None
    classes = list(found) if isinstance(found, list | tuple) else [found]
    if not classes:
        raise PolicyError(f"{place} has no checks", hint)
    checks: dict[str, type[Check]] = {}
    for one in classes:
        wrong = _what_is_wrong(one)
        if wrong is not None:
            called = f"check {_shown(one.id)}" if isinstance(getattr(one, "id", None), str) else "a check"
            raise PolicyError(f"{place}: {called} {wrong}", hint)
        if one.id in built_in:
            raise PolicyError(f"{place}: check {one.id!r} has the id of a check that comes with rtcode", hint)
        if one.id in checks:
            raise PolicyError(f"{place}: two checks have the id {one.id!r}", hint)
        try:
            checks[one.id] = _as_check(one)
        except TypeError:
            raise PolicyError(f"{place}: check {one.id!r} cannot be used as a class", hint) from None
    version = None if entry.dist is None else entry.dist.version
    named = tuple((f"{entry.name}.{id}", check) for id, check in checks.items())
    return Plugin(PluginRef(entry.name, version, tuple(id for id, _ in named)), named)


def _shown(id: str) -> str:
    return repr(id[:40])


def _what_is_wrong(one: object) -> str | None:
    """Why an object cannot be used as a check, or ``None``."""
    if not isinstance(one, type):
        return "is no class"
    id = getattr(one, "id", None)
    if not isinstance(id, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", id):
        return "has no id of lower case letters, digits and underscores"
    for name in ("title", "explanation"):
        text = getattr(one, name, None)
        if not isinstance(text, str) or not text.strip():
            return f"has no {name}"
    if getattr(one, "severity", None) not in list(Severity):
        return f"has no severity ({', '.join(Severity)})"
    open_: Collection[str] = getattr(one, "__abstractmethods__", ())
    if not callable(getattr(one, "find", None)) or "find" in open_:
        return "has no method find"
    if open_:
        return f"leaves a method open ({', '.join(sorted(open_))})"
    limits = getattr(one, "limits", {})
    if not isinstance(limits, Mapping) or not all(isinstance(key, str) for key in limits):
        return "has limits that are no mapping"
    if not all(isinstance(limit, Limit) for limit in limits.values()) or "severity" in limits:
        return "has limits that are not of rtcode.integrity.types.Limit, or one called severity"
    kinds: object = getattr(one, "kinds", frozenset())
    if not isinstance(kinds, frozenset | set) or not all(isinstance(kind, PlanKind) for kind in kinds):
        return "has kinds that are not of rtcode.plan.model.PlanKind"
    return None


def _as_check(one: type) -> type[Check]:
    """The class with everything that `Check` has; its severity may be written as a word."""
    bases = (one,) if issubclass(one, Check) else (one, Check)
    made: type[Check] = type(one.__name__, bases, {"severity": Severity(one.severity), "covers": frozenset()})  # type: ignore[attr-defined]
    return made
