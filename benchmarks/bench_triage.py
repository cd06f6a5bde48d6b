"""Telling what a file is: rtcode's triage against pydicom, on the same files in one run.

    python benchmarks/bench_triage.py [--files 100000] [--seed 1] [--folder FOLDER]

Writes images of its own into a temporary folder: CT, MR, PET and CR with headers of 60 to 120 elements, some with
private groups and with sequences before the pixel data, explicit and implicit, most with a preamble and some as bare
data sets; also some of usual size, and plans. Then all contenders take turns, a thousand files at a time, each from the
path to the SOP class: ``triage_file``, ``pydicom.dcmread`` with ``specific_tags=["SOPClassUID"]`` and
``stop_before_pixels=True`` (for bare data sets also ``force=True``), and ``pydicom.filereader.read_file_meta_info``,
which sees only the file meta information. The order is reversed from turn to turn. The files are in the page cache:
they were read once before.

Microseconds are those of all turns; a ratio is that of these sums, with the range of nine in ten turns. "Read" is the
part of the files' bytes that triage reads.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from unittest import mock

import pydicom
from make_vmat import ENCODINGS, encode, make_plan
from pydicom.datadict import dictionary_is_retired, dictionary_VR, keyword_dict
from pydicom.filereader import read_file_meta_info

from rtcode.dicom.triage import triage_file

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
TURN = 1000
FEWEST_TURNS = 5
#: Pixels in a row of the small images.
SMALL = 64
#: A series has about so many images with the same header, but for what is of each image.
SERIES = 40

#: Attributes that images have beside the usual ones, and their VRs.
FURTHER = {
    tag: dictionary_VR(tag)
    for tag in keyword_dict.values()
    if 0x00080080 <= tag < 0x00290000
    and dictionary_VR(tag) in ("LO", "SH", "CS", "DS", "IS", "US", "DA", "TM", "UI")
    and not dictionary_is_retired(tag)
}
WORDS = (b"", b"N", b"YES", b"AXIAL", b"ABC_1", b"HEAD FIRST", b"Soft tissue 2.0")
IMAGE_TYPES = (rb"ORIGINAL\PRIMARY\AXIAL", rb"DERIVED\SECONDARY\MPR", rb"ORIGINAL\PRIMARY\M\ND\NORM\DIS2D\FM\FIL")
PRIVATE = (("LO", b"value"), ("OB", bytes(64)), ("DS", b"1.5"))
SEQUENCES = (0x00081032, 0x00081110, 0x00081140, 0x00082112, 0x00082218, 0x00400275)


@dataclass
class Sort:
    """A sort of image: its modality, what its header and its pixels are like, and the files that were made."""

    name: str
    modality: str
    sop_class: str
    share: float
    explicit: bool = True
    bare: bool = False
    #: Mean and deviation of stored values: those of air or background fill much of real images.
    stored: tuple[float, float] = (24, 12)
    side: int = SMALL
    paths: list[str] = field(default_factory=list)


def sorts() -> list[Sort]:
    storage = "1.2.840.10008.5.1.4.1.1."
    return [
        Sort("CT, explicit", "CT", storage + "2", 0.4),
        Sort("MR, explicit", "MR", storage + "4", 0.25, stored=(12, 8)),
        Sort("PET, explicit", "PT", storage + "128", 0.1, stored=(2, 6)),
        Sort("CR, explicit", "CR", storage + "1", 0.05, stored=(400, 90)),
        Sort("CT, implicit", "CT", storage + "2", 0.1, explicit=False),
        Sort("MR, bare, implicit", "MR", storage + "4", 0.06, explicit=False, bare=True, stored=(12, 8)),
        Sort("CT, bare, explicit", "CT", storage + "2", 0.04, bare=True),
    ]


def element(tag: int, vr: str, value: bytes, explicit: bool) -> bytes:
    head = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little")
    value += b"" if len(value) % 2 == 0 else b"\0" if vr in ("UI", "OB") else b" "
    if not explicit:
        return head + len(value).to_bytes(4, "little") + value
    if vr in ("SQ", "OB", "OW", "UN"):
        return head + vr.encode() + b"\0\0" + len(value).to_bytes(4, "little") + value
    return head + vr.encode() + len(value).to_bytes(2, "little") + value


def uid(rng: random.Random) -> bytes:
    return b"1.2.826.0.1.3680043.%d.%d" % (rng.randrange(10**4), rng.randrange(10 ** rng.randint(6, 30)))


def text(vr: str, rng: random.Random) -> bytes:
    match vr:
        case "UI":
            return uid(rng)
        case "DA":
            return b"20%02d%02d%02d" % (rng.randrange(10, 27), rng.randint(1, 12), rng.randint(1, 28))
        case "TM":
            return b"%02d%02d%02d.%03d" % tuple(rng.randrange(n) for n in (24, 60, 60, 1000))
        case "DS":
            return b"\\".join(
                b"%.*f" % (rng.randint(0, 6), rng.uniform(-500, 500)) for _ in range(rng.choice((1, 1, 2, 3, 6)))
            )
        case "IS":
            return b"%d" % rng.randrange(2000)
        case "US":
            return rng.randrange(600).to_bytes(2, "little")
        case _:
            return rng.choice(WORDS)


def series(sort: Sort, rng: random.Random) -> dict[int, tuple[str, bytes]]:
    """The header of a series: tag to VR and value."""
    header: dict[int, tuple[str, bytes]] = {
        0x00080005: ("CS", b"ISO_IR 100"),
        0x00080008: ("CS", rng.choice(IMAGE_TYPES)),
        0x00080016: ("UI", sort.sop_class.encode()),
        0x00080060: ("CS", sort.modality.encode()),
        0x00080070: ("LO", b"Maker"),
        0x00080090: ("PN", b"Doe^Synthetic"),
        0x00100010: ("PN", b"Phantom^Synthetic"),
        0x00100020: ("LO", b"BENCH"),
        0x00280010: ("US", sort.side.to_bytes(2, "little")),
        0x00280011: ("US", sort.side.to_bytes(2, "little")),
        0x00280100: ("US", b"\x10\0"),
    }
    for tag in (0x00080020, 0x00080021, 0x00080022, 0x00080023, 0x00080030, 0x00080031, 0x00080050):
        if rng.random() < 0.9:
            vr = dictionary_VR(tag)
            header[tag] = (vr, text(vr, rng))
    if rng.random() < 0.3:
        header[0x00080000] = ("UL", b"\0\2\0\0")
    wanted = rng.randint(60, 120)
    if rng.random() < 0.4:
        block = rng.choice((0x00090000, 0x00190000, 0x00290000))
        header[block | 0x10] = ("LO", b"MAKER PRIVATE 1")
        for number in range(rng.randint(1, 12)):
            header[block | 0x1000 + number] = rng.choice(PRIVATE)
    if rng.random() < 0.7:
        for tag in rng.sample(SEQUENCES, rng.randint(1, 4)):
            header[tag] = ("SQ", b"")
    for tag in rng.sample(sorted(FURTHER), 120):
        if len(header) < wanted:
            header.setdefault(tag, (FURTHER[tag], text(FURTHER[tag], rng)))
    return header


def sequence(tag: int, explicit: bool, rng: random.Random) -> bytes:
    """Of one to three items, of defined or undefined length."""
    inner = b"".join(
        element(inner_tag, vr, text(vr, rng), explicit)
        for inner_tag, vr in ((0x00080100, "SH"), (0x00080102, "SH"), (0x00081150, "UI"), (0x00081155, "UI"))
    )
    items = (b"\xfe\xff\0\xe0" + len(inner).to_bytes(4, "little") + inner) * rng.randint(1, 3)
    whole = element(tag, "SQ", items, explicit)
    if rng.random() < 0.5:
        return whole
    at = 8 if explicit else 4
    return whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :] + b"\xfe\xff\xdd\xe0\0\0\0\0"


def images(sort: Sort, count: int, rng: random.Random) -> Iterator[bytes]:
    for start in range(0, count, SERIES):
        header = series(sort, rng)
        encoded = {
            tag: sequence(tag, sort.explicit, rng) if vr == "SQ" else element(tag, vr, value, sort.explicit)
            for tag, (vr, value) in header.items()
        }
        pixels = b"".join(
            max(0, min(4095, round(rng.gauss(*sort.stored)))).to_bytes(2, "little")
            for _ in range(sort.side * sort.side)
        )
        encoded[0x7FE00010] = element(0x7FE00010, "OW", pixels, sort.explicit)
        for _ in range(start, min(start + SERIES, count)):
            own = uid(rng)
            encoded[0x00080018] = element(0x00080018, "UI", own, sort.explicit)
            encoded[0x00080033] = element(0x00080033, "TM", text("TM", rng), sort.explicit)
            body = b"".join(encoded[tag] for tag in sorted(encoded))
            yield body if sort.bare else file_meta(sort, own) + body


def file_meta(sort: Sort, own: bytes) -> bytes:
    parts = b"".join(
        element(tag, vr, value, True)
        for tag, vr, value in (
            (0x00020001, "OB", b"\0\1"),
            (0x00020002, "UI", sort.sop_class.encode()),
            (0x00020003, "UI", own),
            (0x00020010, "UI", (EXPLICIT if sort.explicit else IMPLICIT).encode()),
            (0x00020012, "UI", b"1.2.826.0.1.3680043.1"),
            (0x00020013, "SH", b"BENCH 1"),
        )
    )
    return bytes(128) + b"DICM" + element(0x00020000, "UL", len(parts).to_bytes(4, "little"), True) + parts


def write(folder: Path, files: int, rng: random.Random) -> list[Sort]:
    made = sorts()
    made.append(Sort("CT, 512 x 512 pixels", "CT", made[0].sop_class, 0.01, side=512))
    for sort in made:
        place = folder / f"{len(sort.name)}-{sort.modality}-{sort.side}-{sort.explicit}-{sort.bare}"
        for number, data in enumerate(images(sort, max(1, round(files * sort.share)), rng)):
            # As archives are: a folder for each series.
            parent = place / f"{number // SERIES:05d}"
            if number % SERIES == 0:
                parent.mkdir(parents=True)
            path = parent / f"IM{number % SERIES:04d}.dcm"
            path.write_bytes(data)
            sort.paths.append(str(path))
    plans = Sort("plans, two arcs of VMAT", "RTPLAN", "1.2.840.10008.5.1.4.1.1.481.5", 0)
    for number, encoding in enumerate(2 * [e for e in ENCODINGS if "deflated" not in e.name]):
        path = folder / f"RP{number}.dcm"
        path.write_bytes(encode(make_plan(seed=number), encoding))
        plans.paths.append(str(path))
    return [*made, plans]


def with_triage(paths: Sequence[str]) -> list[str | None]:
    return [triage_file(path).sop_class_uid for path in paths]


def with_dcmread(paths: Sequence[str]) -> list[str | None]:
    return [pydicom.dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True).SOPClassUID for path in paths]


def with_dcmread_forced(paths: Sequence[str]) -> list[str | None]:
    return [
        pydicom.dcmread(path, force=True, specific_tags=["SOPClassUID"], stop_before_pixels=True).SOPClassUID
        for path in paths
    ]


def with_meta(paths: Sequence[str]) -> list[str | None]:
    return [read_file_meta_info(path).MediaStorageSOPClassUID for path in paths]


def measure(sort: Sort) -> list[list[float]]:
    """Microseconds a file of each contender in each turn; the last one has no turns where it cannot read the files."""
    jobs = [with_triage, with_dcmread_forced] if sort.bare else [with_triage, with_dcmread, with_meta]
    times: list[list[float]] = [[], [], []]
    turns = [sort.paths[start : start + TURN] for start in range(0, len(sort.paths), TURN)]
    turns *= max(1, FEWEST_TURNS // len(turns))
    for number, paths in enumerate(turns):
        for job, taken in list(zip(jobs, times, strict=False))[:: -1 if number % 2 else 1]:
            start = time.perf_counter()
            classes = job(paths)
            taken.append(1e6 * (time.perf_counter() - start) / len(paths))
            assert set(classes) == {sort.sop_class}, sort.name
    return times


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> str:
    """Of all turns together, and the range of nine in ten turns."""
    turns = sorted(t / o for t, o in zip(theirs, ours, strict=True))
    cut = len(turns) // 20
    return f"{sum(theirs) / sum(ours):.1f} ({turns[cut]:.1f}-{turns[-1 - cut]:.1f})"


def part_read(paths: Sequence[str]) -> float:
    """The part of the files' bytes that triage reads, by counting its reads."""
    read, sizes = os.read, []

    def counted(descriptor: int, size: int) -> bytes:
        data = read(descriptor, size)
        sizes.append(len(data))
        return data

    with mock.patch("os.read", counted):
        with_triage(paths)
    return sum(sizes) / sum(Path(path).stat().st_size for path in paths)


def row(name: str, paths: Sequence[str], times: list[list[float]]) -> str:
    ours, dcmread, meta = times
    size = sum(Path(path).stat().st_size for path in paths) / len(paths)
    cells = [name, f"{len(paths):,}", f"{size / 1e3:.1f}", *(f"{mean(one):.1f}" if one else "-" for one in times)]
    cells += [ratio(dcmread, ours), ratio(meta, ours) if meta else "-", f"{100 * part_read(paths):.0f} %"]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000, help="small images; beside them one large in a hundred")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to put the files for the time of the run")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, pydicom {pydicom.__version__}, seed {options.seed}\n")
    print("| files | number | kB | triage us | dcmread us | meta us | dcmread / triage | meta / triage | read |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        made = write(Path(folder), options.files, random.Random(options.seed))
        for sort in made:
            for path in sort.paths:
                Path(path).read_bytes()
        small: tuple[list[str], list[list[float]]] = ([], [[], [], []])
        for sort in made:
            times = measure(sort)
            print(row(sort.name, sort.paths, times), flush=True)
            if sort.side == SMALL and sort.share:
                small[0].extend(sort.paths)
                for taken, more in zip(small[1], times, strict=True):
                    taken.extend(more)
        paths, times = small
        # Without the last contender, which cannot read the bare data sets.
        print(row("all small images", paths, [*times[:2], []]))


if __name__ == "__main__":
    main()
