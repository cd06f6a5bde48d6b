"""Collects differences: one value against another, with absent, empty, invalid and zero kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.tolerances import NOISE, Tolerances, equal, turn, values_of, within
from rtcode.comparison.types import Difference, Kind, NotCompared, Presence, Shown, Value
from rtcode.plan.model import Integer, Missing, Text
from rtcode.plan.tags import at

#: What still matters about a beam that only images or sets up.
_MATTERS_FOR_SETUP = frozenset({"isocenter", "role", "delivery_type", "patient_position"})

#: Units of amounts that make sense relative to what was there before; a position in percent does not.
_RELATIVE = frozenset({"MU", "Gy", "MU/min"})

_PRESENCE = {Missing.ABSENT: Presence.ABSENT, Missing.EMPTY: Presence.EMPTY, Missing.INVALID: Presence.INVALID}


class Recorder:
    """Collects what differs between two places, one in OLD and one in NEW.

    Parameters
    ----------
    tolerances
        Up to where numbers count as the same.
    old_path, new_path
        Paths of the items that are compared; empty for the data sets themselves.
    beams
        Places in the list of matched beams that a difference concerns.
    treats
        False for a pair of beams that both only image or set up: what differs is about set-up.
    """

    def __init__(
        self,
        tolerances: Tolerances,
        *,
        old_path: str = "",
        new_path: str = "",
        beams: tuple[int, ...] = (),
        treats: bool = True,
        into: Recorder | None = None,
    ) -> None:
        self.tolerances = tolerances
        self._limits = values_of(tolerances)
        self.old_path, self.new_path, self.beams, self.treats = old_path, new_path, beams, treats
        self.differences: list[Difference] = [] if into is None else into.differences
        self.not_compared: list[NotCompared] = [] if into is None else into.not_compared

    def inside(self, old_path: str, new_path: str) -> Recorder:
        """A recorder for items inside these, which adds to the same lists."""
        return Recorder(
            self.tolerances, old_path=old_path, new_path=new_path, beams=self.beams, treats=self.treats, into=self
        )

    def of_beams(self, old_path: str, new_path: str, *beams: int, treats: bool = True) -> Recorder:
        """A recorder for what concerns some of the matched beams."""
        return Recorder(self.tolerances, old_path=old_path, new_path=new_path, beams=beams, treats=treats, into=self)

    # ------------------------------------------------------------------------------------------------- single values

    def number(self, attribute: str, old: float | int | Missing, new: float | int | Missing, note: str = "") -> None:
        """Two numbers, by the attribute's tolerance; angles on the circle."""
        if self._missing(attribute, _presence(old), _presence(new), _plain(old), _plain(new), note):
            return
        assert not isinstance(old, Missing) and not isinstance(new, Missing)
        about = ATTRIBUTES[attribute]
        amount = abs(turn(old, new) if about.unit == "deg" else new - old)
        if equal(old, new) or amount <= NOISE:
            return
        self.add(attribute, old, new, within=within(amount, self.limit(attribute)), amount=amount, note=note)

    def text(self, attribute: str, old: Text, new: Text, note: str = "") -> None:
        """Two texts; coded values without regard to case and blanks around them."""
        a, b = _text_presence(old), _text_presence(new)
        if self._missing(attribute, a, b, old, new, note):
            return
        assert old is not None and new is not None
        coded = ATTRIBUTES[attribute].shown is Shown.TERM
        if old != new and not (coded and old.strip().upper() == new.strip().upper()):
            self.add(attribute, old, new, note=note)

    def texts(self, attribute: str, old: Iterable[str], new: Iterable[str], note: str = "") -> None:
        """Two collections of texts whose order means nothing."""
        a, b = tuple(old), tuple(new)
        if sorted(a) != sorted(b):
            self.add(attribute, a, b, note=note)

    def plain(self, attribute: str, old: Value, new: Value, note: str = "") -> None:
        """Two of rtcode's own words or counts."""
        if old != new:
            self.add(attribute, old, new, note=note)

    def declared(self, attribute: str, old: tuple[Integer, int], new: tuple[Integer, int], note: str = "") -> None:
        """Declared counts beside what is there: a count that follows what is there is told by that."""
        if old[0] != old[1] or new[0] != new[1]:
            self.number(attribute, old[0], new[0], note)

    def _missing(self, attribute: str, a: Presence, b: Presence, old: Value, new: Value, note: str) -> bool:
        """Whether a value is missing; records what that means."""
        if a is Presence.GIVEN and b is Presence.GIVEN:
            return False
        if a is b:
            if a is Presence.INVALID:
                self.cannot(attribute, "it cannot be read in either plan")
            return True
        # Neither gives a value: written in another way. A value that cannot be read might be any.
        counts = ATTRIBUTES[attribute].counts and (Presence.GIVEN in (a, b) or Presence.INVALID in (a, b))
        self.add(attribute, old, new, presence=(a, b), counts=counts, note=note)
        return True

    # -------------------------------------------------------------------------------------------------------- records

    def limit(self, attribute: str) -> float:
        """The tolerance of an attribute; 0 where only equal is the same."""
        name = ATTRIBUTES[attribute].tolerance
        return self._limits[name] if name else 0.0

    def add(
        self,
        attribute: str,
        old: Value,
        new: Value,
        *,
        within: bool = False,
        counts: bool | None = None,
        matters: bool | None = None,
        amount: float | None = None,
        note: str = "",
        details: Mapping[str, Value] | None = None,
        presence: tuple[Presence, Presence] = (Presence.GIVEN, Presence.GIVEN),
        unit: str | None = None,
        where: str | None = None,
    ) -> None:
        """Record a difference; what is ``None`` is as the attribute has it."""
        about = ATTRIBUTES[attribute]
        counts = about.counts if counts is None else counts
        kind, important = about.kind, about.matters if matters is None else matters
        if not self.treats and kind is Kind.DELIVERY:
            kind, important = Kind.SETUP, important and attribute in _MATTERS_FOR_SETUP
        old, new = (
            value if there is Presence.GIVEN else None for value, there in zip((old, new), presence, strict=True)
        )
        self.differences.append(
            Difference(
                attribute=attribute,
                kind=kind,
                matters=important and counts,
                counts=counts,
                within=within,
                old=old,
                new=new,
                old_presence=presence[0],
                new_presence=presence[1],
                amount=amount,
                percent=_percent(old, new) if about.unit in _RELATIVE else None,
                unit=about.unit if unit is None else unit,
                where=self.where(attribute, presence) if where is None else where,
                note=note,
                details=dict(details or {}),
                beams=self.beams,
                shown=about.shown,
                keyword=about.keyword,
            )
        )

    def only_one(
        self,
        stem: str,
        what: Value,
        *,
        added: bool,
        note: str = "",
        matters: bool | None = None,
        where: str | None = None,
    ) -> None:
        """Record what only one plan has, under the attributes ``stem_added`` and ``stem_removed``."""
        name = f"{stem}_{'added' if added else 'removed'}"
        self.add(name, what, what, presence=one_sided(new=added), note=note, matters=matters, where=where)

    def where(
        self, attribute: str, presence: tuple[Presence, Presence] = (Presence.GIVEN, Presence.GIVEN), within: str = ""
    ) -> str:
        """Path and tag in NEW, or in OLD where it is only there; ``within`` is a path below the items."""
        keyword = ATTRIBUTES[attribute].keyword
        only_old = presence[0] is Presence.GIVEN and presence[1] is not Presence.GIVEN
        path = (self.old_path if only_old else self.new_path) or self.old_path
        path = ".".join(part for part in (path, within) if part)
        return at(path, keyword) if keyword else path

    def cannot(self, attribute: str, reason: str) -> None:
        """Record that something could not be compared."""
        self.not_compared.append(NotCompared(ATTRIBUTES[attribute].title, reason, self.where(attribute), self.beams))


def one_sided(*, new: bool, other: Presence = Presence.ABSENT) -> tuple[Presence, Presence]:
    """The presences of what only NEW gives, or only OLD; in the other plan it is as ``other`` says."""
    return (other, Presence.GIVEN) if new else (Presence.GIVEN, other)


def _presence(value: float | int | Missing) -> Presence:
    return _PRESENCE[value] if isinstance(value, Missing) else Presence.GIVEN


def _percent(old: Value, new: Value) -> float | None:
    if not (isinstance(old, int | float) and isinstance(new, int | float)):
        return None
    return 100.0 * (new - old) / old if old else None


def _plain(value: float | int | Missing) -> Value:
    return None if isinstance(value, Missing) else value


def _text_presence(value: Text) -> Presence:
    if value is None:
        return Presence.ABSENT
    return Presence.EMPTY if value == "" else Presence.GIVEN
