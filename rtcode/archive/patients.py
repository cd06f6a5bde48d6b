"""Which plans of an archive are one patient's: found in a database of a few columns, which lies on the disk.

Plans with a PatientID are of one patient where it is the same. A plan without one is of the patient whose plans share
its study or frame of reference, as `rtcode.plan.joining.same_patient` has it; where those are of several patients, it
stays with the others that have no PatientID and share one of the two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from rtcode.archive.dataset import Dataset
from rtcode.errors import UsageError
from rtcode.records import record

#: More plans of one patient are one ID that many share ("ANONYMOUS", quality assurance).
MOST_PLANS = 500

_TABLES = """
CREATE TABLE plan (
    place INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id INTEGER NOT NULL, sha256 BLOB NOT NULL UNIQUE, uid TEXT,
    patient TEXT, day INTEGER, study TEXT, frame TEXT, concurrent TEXT NOT NULL, label TEXT, part INTEGER NOT NULL
);
CREATE INDEX plan_patient ON plan (patient);
CREATE INDEX plan_study ON plan (study) WHERE study IS NOT NULL;
CREATE INDEX plan_frame ON plan (frame) WHERE frame IS NOT NULL;
"""
_COLUMNS = "shard, id, sha256, uid, patient, day, study, frame, concurrent, label, part"
_LINKS = ("study", "frame")


@record
class PlanRow:
    """What is known of a plan without its content; see `rtcode.archive.links.Links`."""

    shard: int
    id: int
    sha256: str
    uid: str | None
    #: pseudonym
    patient: str | None
    day: int | None
    study: str | None
    frame: str | None
    concurrent: tuple[str, ...]
    label: str | None
    part: bool


@record
class PatientPlans:
    """The plans of one patient, by SHA-256; of a patient who has more than `MOST_PLANS` only the first few."""

    patient: str | None
    plans: int
    rows: tuple[PlanRow, ...]


class Patients:
    """The patients of a dataset's parts.

    Raises
    ------
    UsageError
        The parts were scanned with different keys, so that their pseudonyms cannot be compared.
    """

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        if len({dataset.key for dataset in datasets}) > 1:
            raise UsageError(
                "the shards have different keys, so that their patients cannot be compared",
                "scan them with one key (RTCODE_SITE_KEY)",
            )
        # without a name it is a file that SQLite removes
        self._db = sqlite3.connect("")
        self._db.executescript(_TABLES)
        marks = ",".join("?" * len(_COLUMNS.split(",")))
        for shard, dataset in enumerate(datasets):
            rows = ((shard, *row) for row in dataset.links())
            self._db.executemany(f"INSERT OR IGNORE INTO plan ({_COLUMNS}) VALUES ({marks})", rows)
        if len(datasets) > 1:
            self._db.execute(
                "DELETE FROM plan WHERE uid IN"
                " (SELECT uid FROM plan WHERE uid IS NOT NULL GROUP BY uid HAVING count(*) > 1)"
            )
        #: plans in all
        self.plans: int = self._db.execute("SELECT count(*) FROM plan").fetchone()[0]

    def several(self) -> Iterator[PatientPlans]:
        """Patients with more than one plan."""
        extra, others = self._nameless()
        patients = self._db.execute("SELECT patient, count(*) FROM plan WHERE patient IS NOT NULL GROUP BY patient")
        for patient, count in patients:
            places = extra.get(patient, [])
            if count + len(places) > 1:
                rows = self._rows("patient = ?", patient, MOST_PLANS + 1) + self._at(places)
                yield _patient(patient, count + len(places), rows)
        for places in others:
            yield _patient(None, len(places), self._at(places))

    def _nameless(self) -> tuple[dict[str, list[int]], list[list[int]]]:
        """Plans without PatientID: those that belong to a patient, and groups of the others."""
        extra: dict[str, list[int]] = {}
        others: list[list[int]] = []
        seen: set[int] = set()
        for (place,) in self._db.execute("SELECT place FROM plan WHERE patient IS NULL ORDER BY sha256"):
            if place in seen:
                continue
            group, patients = self._linked(place)
            seen.update(group)
            if len(patients) == 1:
                extra.setdefault(patients.pop(), []).extend(group)
            elif len(group) > 1:
                others.append(group)
        return extra, others

    def _linked(self, first: int) -> tuple[list[int], set[str]]:
        """Plans without PatientID that studies and frames of reference link to one, and patients with the same."""
        group, patients = {first: None}, set()
        asked: set[tuple[str, str]] = set()
        waiting = [first]
        while waiting:
            values = self._db.execute("SELECT study, frame FROM plan WHERE place = ?", (waiting.pop(),)).fetchone()
            for link in zip(_LINKS, values, strict=True):
                if link[1] is None or link in asked:
                    continue
                asked.add(link)
                for place, patient in self._db.execute(
                    f"SELECT place, patient FROM plan WHERE {link[0]} = ? ORDER BY sha256", (link[1],)
                ):
                    if patient is not None:
                        patients.add(patient)
                    elif place not in group:
                        group[place] = None
                        waiting.append(place)
        return list(group), patients

    def _rows(self, which: str, value: str | int, most: int) -> list[PlanRow]:
        found = self._db.execute(
            f"SELECT {_COLUMNS} FROM plan WHERE {which} ORDER BY sha256 LIMIT {most}", (value,)
        ).fetchall()
        return [
            PlanRow(
                shard, number, digest.hex(), uid, patient, day, study, frame, tuple(named.split()), label, bool(part)
            )
            for shard, number, digest, uid, patient, day, study, frame, named, label, part in found
        ]

    def _at(self, places: Sequence[int]) -> list[PlanRow]:
        return [row for place in places[: MOST_PLANS + 1] for row in self._rows("place = ?", place, 1)]

    def close(self) -> None:
        self._db.close()


def _patient(patient: str | None, plans: int, rows: list[PlanRow]) -> PatientPlans:
    # the order of places depends on which worker was first
    return PatientPlans(patient, plans, tuple(sorted(rows, key=lambda row: row.sha256)))
