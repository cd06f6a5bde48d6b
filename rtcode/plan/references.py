"""What is wrong with the beams that a fraction group names: each defect once, for warnings and for doubts alike.

A group says which beams it gives by their numbers, and how many there are (PS3.3 C.8.8.13). Where these do not agree,
or a reference leads nowhere, a beam may be missing: the others then show a floor, not all that is given (docs/plans.md
4, case 13).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from enum import StrEnum

from rtcode.plan.model import FractionGroup, known_int
from rtcode.plan.tags import at
from rtcode.records import record


class ReferenceProblem(StrEnum):
    """Kinds of defects; the values are the codes of the warnings."""

    #: NumberOfBeams is not the number of beams named
    DECLARED = "beams_declared"
    #: a reference without a usable number
    UNREADABLE = "beam_reference_unreadable"
    #: a number that the group has named already
    REPEATED = "beam_reference_repeated"
    #: a number that no beam of the plan has
    DANGLING = "beam_reference_dangling"


@record
class ReferenceDefect:
    """One defect.

    Attributes
    ----------
    where
        Path of the attribute that shows it.
    number
        What stands there, if it is a number.
    hides_beam
        A beam of the group may be missing. Not so where more beams are named than declared: all are there.
    """

    problem: ReferenceProblem
    where: str
    number: int | None
    hides_beam: bool = True

    @property
    def words(self) -> str:
        """What it says of the beam that may be missing."""
        if self.problem is ReferenceProblem.DANGLING:
            return f"number {self.number}"
        if self.problem is ReferenceProblem.REPEATED:
            return f"number {self.number} named twice"
        return "a reference without a number" if self.number is None else "more beams counted than named"


def reference_defects(group: FractionGroup, numbers: Container[int]) -> Iterator[ReferenceDefect]:
    """The defects of a group's references, in the order of the file.

    Parameters
    ----------
    numbers
        The numbers that beams of the plan have.
    """
    declared = known_int(group.declared_beams)
    if declared is not None and declared != len(group.beams):
        where = at(group.path, "NumberOfBeams")
        yield ReferenceDefect(ReferenceProblem.DECLARED, where, declared, declared > len(group.beams))
    seen: set[int] = set()
    for reference in group.beams:
        number = known_int(reference.number)
        where = at(reference.path, "ReferencedBeamNumber")
        if number is None:
            yield ReferenceDefect(ReferenceProblem.UNREADABLE, where, None)
        elif number in seen:
            yield ReferenceDefect(ReferenceProblem.REPEATED, where, number)
        elif number not in numbers:
            yield ReferenceDefect(ReferenceProblem.DANGLING, where, number)
        if number is not None:
            seen.add(number)
