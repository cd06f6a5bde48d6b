"""Archives for measuring: made in a temporary folder, every plan in them distinct."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from bench_triage import images, sorts
from make_vmat import ENCODINGS, encode, make_plan

from rtcode.dicom import read_plan
from rtcode.errors import InputError

#: Encodings that archives use: little endian, not deflated.
USUAL = ENCODINGS[:4]
#: The part of an archive that is scanned on its own is every so-manieth plan.
PART = 4
#: A file of ext4 may have 65,000 names.
MOST_LINKS = 50_000
FILES_OF_FOLDER = 1_000
PLAN_AMONG = 1_000


def vmat(number: int) -> bytes:
    """A two-arc VMAT plan (356 control points, 60 leaf pairs), with leaf positions and UIDs of its own."""
    plan = make_plan(seed=number + 1)
    # Of no other text a part: a plan is kept for later decisions only where its texts are nobody's name or ID.
    plan.PatientID = f"X{number:07d}"
    return encode(plan, USUAL[number % len(USUAL)])


def vmat_plans(folder: Path, count: int) -> None:
    """Distinct VMAT plans in all usual encodings."""
    with ProcessPoolExecutor() as pool:
        place(folder, pool.map(vmat, range(count), chunksize=4))


def real_plans(source: Path) -> list[bytes]:
    """Plans of a folder that rtcode reads, in the order of their names."""
    usable = []
    for path in sorted(source.glob("*.dcm")):
        data = path.read_bytes()
        try:
            read_plan(data)
        except InputError:
            continue
        usable.append(data)
    return usable


def copies(folder: Path, plans: Sequence[bytes], times: int) -> int:
    """Plans so many times, each copy with a SOPInstanceUID of its own; gives back how many files there are."""
    known = [(data, uid_of(data)) for data in plans]
    return place(
        folder,
        (
            with_uid(data, uid, turn * len(known) + number)
            for turn in range(times)
            for number, (data, uid) in enumerate(known)
        ),
    )


def place(folder: Path, plans: Iterator[bytes]) -> int:
    """Plans as files of two folders, ``part`` with every fourth and ``rest``, read once so that they are in memory."""
    count = 0
    for kind in ("part", "rest"):
        (folder / kind).mkdir(parents=True)
    for count, data in enumerate(plans, 1):
        path = folder / ("rest" if (count - 1) % PART else "part") / f"RP{count:06d}.dcm"
        path.write_bytes(data)
        path.read_bytes()
    return count


def uid_of(data: bytes) -> str:
    uid = read_plan(data).sop_instance_uid
    if uid is None or uid.encode() not in data:
        raise ValueError("this plan's SOPInstanceUID cannot be changed in place")
    return uid


def with_uid(data: bytes, uid: str, number: int) -> bytes:
    """The file with another SOPInstanceUID of the same length, so that all else stays as it was written."""
    digits = len(uid) - len("1.2.")
    return data.replace(uid.encode(), f"1.2.{10 ** (digits - 1) + number}".encode())


def many(folder: Path, entries: int) -> int:
    """An archive of small images, hard links of some dozen different ones, and a distinct plan in a thousand.

    Returns
    -------
    int
        How many of the files are plans.
    """
    small = [sort for sort in sorts() if not sort.bare]
    sources = folder.with_name(folder.name + "-sources")
    sources.mkdir()
    different = max(24, -(-entries // MOST_LINKS))
    originals = []
    for number in range(different):
        (data,) = islice(images(small[number % len(small)], 1, random.Random(number)), 1)
        path = sources / f"{number}.dcm"
        path.write_bytes(data)
        originals.append(str(path))
    made = [(data, uid_of(data)) for data in map(vmat, range(8))]
    plans = 0
    for start in range(0, entries, FILES_OF_FOLDER):
        number = start // FILES_OF_FOLDER
        # Archives have folders in folders.
        own = folder / f"{number // 100:03d}" / f"{number % 100:02d}"
        own.mkdir(parents=True)
        for place in range(start, min(start + FILES_OF_FOLDER, entries)):
            name = f"{own}/IM{place % FILES_OF_FOLDER:04d}.dcm"
            if place % PLAN_AMONG == PLAN_AMONG // 2:
                data, uid = made[plans % len(made)]
                Path(name).write_bytes(with_uid(data, uid, plans))
                plans += 1
            else:
                os.link(originals[place % different], name)
    return plans
