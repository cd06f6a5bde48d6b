"""The tables of beams: what is delivered, through what, and from where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtcode.metrics.delivery import beam_mu_per_gy
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.sheet.figures import NONE, UNKNOWN, Row, counted, fixed, joined, text_or, trimmed, words
from rtcode.outputs.words import clipped, gantry, kind_and_energy, plan_mark, technique_word
from rtcode.plan.model import known_int
from rtcode.plan.sessions import PlannedBeam, SessionPart, TreatmentSession

if TYPE_CHECKING:
    from rtcode.outputs.contract import BeamDict, PartDict, PlanDict, WedgeDict
    from rtcode.outputs.pictures.marks import Mark


class IsocenterNumbers:
    """Numbers of the points that a session's beams are set up at, as the picture of isocenters has them.

    Parameters
    ----------
    marks
        Points of that picture, or ``None`` where there is none; beams are then numbered by their own points.
    """

    def __init__(self, marks: Sequence[Mark] | None, found: list[BeamDict], same_mm: float) -> None:
        self.points: list[tuple[float, ...]] = [mark.point for mark in marks or ()]
        self._same_mm = same_mm
        if marks is None:
            for beam in found:
                for point in map(tuple, beam["isocenters_mm"]):
                    if len(point) == 3 and not self._near(point):
                        self.points.append(point)

    def of(self, beam: BeamDict) -> str:
        """``1``, ``1, 2``, or ``?`` where the beam has none."""
        places = [self._nearest(tuple(point)) for point in beam["isocenters_mm"] if len(point) == 3]
        return ", ".join(dict.fromkeys(str(place + 1) for place in places if place is not None)) or UNKNOWN

    def rows(self) -> list[Row]:
        return [
            {"number": str(number), "point": "(" + ", ".join(fixed(value, 1) for value in point) + ")"}
            for number, point in enumerate(self.points, 1)
        ]

    def _near(self, point: tuple[float, ...]) -> bool:
        return any(math.dist(other, point) <= self._same_mm for other in self.points)

    def _nearest(self, point: tuple[float, ...]) -> int | None:
        # A mark is the center of its points, which may be a little further from it than from one another.
        near = [(math.dist(other, point), place) for place, other in enumerate(self.points)]
        return min(near)[1] if near and min(near)[0] <= 5 * self._same_mm else None


def treated(part: PartDict, plan: PlanDict) -> list[BeamDict]:
    """The treatment beams of a part."""
    by_index = {beam["index"]: beam for beam in plan["beams"]}
    return [by_index[i] for i, role in zip(part["beam_indexes"], part["roles"], strict=True) if role == "treatment"]


def number_of(beam: BeamDict, which: str = "") -> str:
    """A beam's number as every table and picture names it."""
    return which + (UNKNOWN if beam["number"] is None else str(beam["number"]))


def rows(
    part: PartDict,
    plan: PlanDict,
    source: SessionPart,
    numbers: IsocenterNumbers,
    shown: Identifiers,
    which: str,
) -> list[Row]:
    """A row for every treatment beam of a part, with the columns of both tables."""
    by_index = {beam["index"]: beam for beam in plan["beams"]}
    found = []
    of_beams = zip(part["beam_indexes"], part["roles"], part["metersets_mu"], source.beams, strict=True)
    for index, role, meterset, planned in of_beams:
        if role != "treatment":
            continue
        beam = by_index[index]
        read = plan["kind"] != "rt_ion_plan"
        found.append(
            {
                "number": number_of(beam, which),
                "name": clipped(text_or(beam["name"])),
                "beam": kind_and_energy(beam) if read else beam["radiation"],
                "technique": technique_word(beam) if read else "not read",
                "control_points": str(beam["control_points"]) if read else "not read",
                "gantry": _gantry(beam) if read else "not read",
                "collimator": trimmed(beam["collimator_deg"], 1),
                "couch": trimmed(beam["couch_deg"], 1),
                "ssd": trimmed(beam["ssd_mm"], 1),
                "mu": fixed(meterset, 1),
                "dose": trimmed(planned.dose_gy, 3),
                "mu_per_gy": fixed(beam_mu_per_gy(planned), 1),
                "machine": clipped(text_or(shown.text(planned.beam.machine_name))),
                "mlc": _mlc(beam),
                "wedges": _wedges(beam["wedges"]),
                "blocks": counted(beam["blocks"]),
                "compensators": counted(beam["compensators"]),
                "boluses": counted(beam["boluses"]),
                "applicator": clipped(text_or(beam["applicator"])),
                "motion": joined(
                    dict.fromkeys(
                        words(clipped(motion["technique"] or "not given").lower())
                        + (f" by {words(clipped(motion['signal']).lower())}" if motion["signal"] else "")
                        for motion in beam["motion"]
                    )
                ),
                "isocenter": numbers.of(beam),
                "setup": _setup(planned, shown),
                "setup_words": _setup_words(planned, shown),
                "note": beam["unusable"] or "",
            }
        )
    return found


def _gantry(beam: BeamDict) -> str:
    text = gantry(beam["gantry_deg"])
    path = beam["gantry_deg"]
    if path is not None and len(path) > 1 and beam["arc_deg"] is not None:
        text += f" ({trimmed(beam['arc_deg'], 1)}\u00b0)"
    return text


def _mlc(beam: BeamDict) -> str:
    mlc = beam["mlc"]
    if mlc is None:
        return UNKNOWN
    if not mlc["present"]:
        return NONE
    return f"{mlc['apertures']}{', moves' if mlc['modulated'] else ''}"


def _wedges(found: list[WedgeDict]) -> str:
    parts = []
    for wedge in found:
        angle = "" if wedge["angle_deg"] is None else f" {trimmed(wedge['angle_deg'], 1)}\u00b0"
        use = {True: "", False: " (not used)", None: " (use unknown)"}[wedge["used"]]
        parts.append(f"{wedge['type']}{angle}{use}")
    return joined(parts)


def _setup(planned: PlannedBeam, shown: Identifiers) -> str:
    number = known_int(planned.beam.setup_number)
    setup = planned.setup
    if setup is None:
        return UNKNOWN if number is None else f"{number} (not in the file)"
    return f"{number}: {_setup_words(planned, shown)}"


def _setup_words(planned: PlannedBeam, shown: Identifiers) -> str:
    """``HFS isocentric``, or ``?``."""
    setup = planned.setup
    if setup is None:
        return UNKNOWN
    terms = (
        shown.term("PatientPosition", setup.position),
        words((shown.term("SetupTechnique", setup.technique) or "").lower()),
    )
    return " ".join(clipped(term) for term in terms if term) or UNKNOWN


#: Columns of the table of beams: key, heading, whether it holds numbers.
_DELIVERED = (
    ("name", "Name", False),
    ("beam", "Radiation", False),
    ("technique", "Technique", False),
    ("gantry", "Gantry \u00b0", False),
    ("collimator", "Coll. \u00b0", True),
    ("couch", "Couch \u00b0", True),
    ("ssd", "SSD mm", True),
    ("mu", "MU", True),
    ("dose", "Beam dose Gy", True),
    ("mu_per_gy", "MU/Gy", True),
)
_THROUGH = (
    ("mlc", "Apertures", False),
    ("control_points", "Control points", True),
    ("wedges", "Wedges", False),
    ("blocks", "Blocks", False),
    ("compensators", "Compensators", False),
    ("boluses", "Boluses", False),
    ("applicator", "Applicator", False),
    ("motion", "Motion", False),
    ("isocenter", "Isocenter", False),
    ("setup", "Set-up", False),
    ("machine", "Machine", False),
)
#: Headings that may stand on two lines.
_LONG = frozenset({"dose", "control_points"})
#: Values that stand on one line.
_KEPT = frozenset({"gantry", "mlc"})
#: What is said in a line where no beam has it.
_ABSENT = {
    "wedges": "wedges",
    "blocks": "blocks",
    "compensators": "compensators",
    "boluses": "boluses",
    "applicator": "applicators",
    "motion": "motion management",
}
#: What is said in a line where it is recorded for no beam.
_UNRECORDED = {"ssd": "SSD", "dose": "beam dose", "mu_per_gy": "MU/Gy"}
#: Columns of one table on paper.
_MOST_COLUMNS = 15


def columns(found: list[Row]) -> tuple[list[list[Row]], list[str]]:
    """The columns that these beams need, as one table or two, and sentences on what needs none.

    A column in which every beam has a dash or a question mark is said in a sentence: absent and unknown apart.
    """
    if not found:
        return [], []
    absent = [key for key in _ABSENT if all(row[key] == NONE for row in found)]
    unrecorded = [key for key in _UNRECORDED if all(row[key] == UNKNOWN for row in found)]
    same_setup = len({row["setup_words"] for row in found}) == 1 and found[0]["setup_words"] != UNKNOWN
    same_machine = len({row["machine"] for row in found}) == 1
    left_out = {*absent, *unrecorded, *(["setup"] if same_setup else []), *(["machine"] if same_machine else [])}
    lines = []
    if same_setup:
        lines.append(f"Set-up of {'all beams' if len(found) > 1 else 'the beam'}: {found[0]['setup_words']}.")
    if absent:
        lines.append(f"None planned: {', '.join(_ABSENT[key] for key in absent)}.")
    if unrecorded:
        lines.append(f"Not recorded: {', '.join(_UNRECORDED[key] for key in unrecorded)}.")
    tables = [
        [
            {"key": key, "head": head, "number": number, "wrap": key in _LONG, "keep": key in _KEPT}
            for key, head, number in wanted
            if key not in left_out
        ]
        for wanted in (_DELIVERED, _THROUGH)
    ]
    if sum(map(len, tables)) < _MOST_COLUMNS:
        tables = [[*tables[0], *tables[1]]]
    return tables, lines


def others(session: TreatmentSession, parts: list[PartDict], plans: list[PlanDict]) -> list[Row]:
    """Beams of the session's plans that give no treatment in it: set-up, imaging, unused, and missing ones."""
    found = []
    seen: dict[str, set[int]] = {}
    for part in parts:
        treats = [i for i, role in zip(part["beam_indexes"], part["roles"], strict=True) if role == "treatment"]
        seen.setdefault(part["sha256"], set()).update(treats)
    for place, plan in enumerate(plans):
        which = plan_mark(place, len(plans))
        named = {i for part in parts if part["sha256"] == plan["sha256"] for i in part["beam_indexes"]}
        for beam in plan["beams"]:
            if beam["index"] in seen.get(plan["sha256"], set()):
                continue
            elsewhere = beam["index"] not in named and beam["role"] == "treatment"
            found.append(
                {
                    "number": number_of(beam, which),
                    "name": clipped(text_or(beam["name"])),
                    "role": "of another fraction group" if elsewhere else beam["role"],
                    "beam": kind_and_energy(beam),
                    "gantry": gantry(beam["gantry_deg"]),
                    "reason": "" if elsewhere else beam["role_reason"],
                }
            )
    for part in parts:
        which = plan_mark([plan["sha256"] for plan in plans].index(part["sha256"]), len(plans))
        for number in part["missing_beams"]:
            found.append(
                {
                    "number": f"{which}{number}",
                    "name": UNKNOWN,
                    "role": "missing",
                    "beam": UNKNOWN,
                    "gantry": UNKNOWN,
                    "reason": "named by the fraction group, not in the file",
                }
            )
    return found
