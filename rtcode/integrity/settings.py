"""What a site sets for the integrity checks: severities and limits by the id of the check.

The policy file has one table a check, ``[checks.<id>]`` with ``severity`` and the check's own limits; a check of a
plug-in is named in quotes, ``[checks."plugin.id"]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rtcode.errors import PolicyError
from rtcode.integrity.types import Check, Limit, Severity
from rtcode.records import field, record

#: What a policy may write in a check's table.
Setting = bool | int | float | str


@record
class CheckSettings:
    """Severities and limits that a policy sets; for everything else the check's own hold."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def severity_of(self, id: str, check: type[Check]) -> Severity:
        """The severity that holds for the check that outputs call ``id``."""
        return self.severities.get(id, check.severity)

    def limits_of(self, id: str, check: type[Check]) -> Mapping[str, float]:
        """All limits of the check by their ids."""
        changed = self.limits.get(id, {})
        return MappingProxyType({name: changed.get(name, limit.default) for name, limit in check.limits.items()})


def check_settings(
    tables: Mapping[str, Mapping[str, Setting]], checks: Iterable[tuple[str, type[Check]]], *, name: str
) -> CheckSettings:
    """Settings from the ``checks`` tables of a policy.

    Parameters
    ----------
    checks
        Every check that there is, with the id that outputs call it.
    name
        The policy file, for messages.

    Raises
    ------
    PolicyError
        An id that no check has, a limit that the check does not have, a wrong type, or a number out of its range.
    """
    known = dict(checks)
    severities: dict[str, Severity] = {}
    limits: dict[str, Mapping[str, float]] = {}
    for id, table in tables.items():
        check = known.get(id)
        if check is None:
            raise PolicyError(f"{name}: there is no integrity check {id!r}", _hint(id))
        place = f'{name}: checks."{id}"' if "." in id else f"{name}: checks.{id}"
        values: dict[str, float] = {}
        for key, value in table.items():
            if key == "severity":
                severities[id] = _severity(value, place)
            elif key in check.limits:
                values[key] = _number(value, check.limits[key], f"{place}.{key}")
            else:
                there = ", ".join(["severity", *check.limits])
                raise PolicyError(f"{place}: has nothing called {key!r}", f"it takes {there}")
        limits[id] = MappingProxyType(values)
    return CheckSettings(MappingProxyType(severities), MappingProxyType(limits))


def _hint(id: str) -> str | None:
    if "." in id:
        return f'list its plug-in under [plugins] allow = ["{id.split(".", 1)[0]}"], or correct the id'
    return None


def _severity(value: Setting, place: str) -> Severity:
    try:
        return Severity(value)  # type: ignore[arg-type]  # anything but one of its words is refused here
    except ValueError:
        words = ", ".join(Severity)
        raise PolicyError(f"{place}.severity must be one of {words}") from None


def _number(value: Setting, limit: Limit, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PolicyError(f"{place} must be a number ({limit.unit})")
    # Written so that NaN is refused too.
    if not (limit.minimum <= value and (limit.maximum is None or value <= limit.maximum)):
        high = "" if limit.maximum is None else f" and at most {limit.maximum:g}"
        raise PolicyError(f"{place} must be at least {limit.minimum:g}{high} ({limit.unit})")
    return float(value)
