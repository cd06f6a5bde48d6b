"""What plans cost that were made to cost much: each near a limit, or beyond it.

    python benchmarks/bench_hostile.py [--only WORD]

For each plan prints its size, the time to read it, the time for all features and the decision, the time to write the
result as JSON and its size, or the error by which the plan is refused. No plan should take longer than two seconds in
all. None of them is like a real plan; `bench_analyze.py` measures those.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import struct
import time
from collections.abc import Callable, Iterable, Sequence

from rtcode import analyze, read_plan
from rtcode.coding.codeset import choose
from rtcode.errors import InputError

RT_PLAN = b"1.2.840.10008.5.1.4.1.1.481.5\0"


def element(group: int, number: int, value: bytes | str) -> bytes:
    """An element in implicit VR little endian."""
    data = value.encode() if isinstance(value, str) else value
    data += b" " * (len(data) % 2)
    return struct.pack("<HHL", group, number, len(data)) + data


def sequence(group: int, number: int, items: Iterable[bytes]) -> bytes:
    return element(group, number, b"".join(struct.pack("<HHL", 0xFFFE, 0xE000, len(item)) + item for item in items))


def plan(*parts: bytes) -> bytes:
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", 18) + b"1.2.840.10008.1.2\0"
    head = b"\0" * 128 + b"DICM" + struct.pack("<HH2sHL", 2, 0, b"UL", 4, len(meta)) + meta
    return head + element(8, 0x16, RT_PLAN) + element(8, 0x60, "RTPLAN") + b"".join(parts)


def beam(
    number: int,
    points: Sequence[bytes],
    *,
    radiation: str = "PHOTON",
    kind: str = "STATIC",
    setup: int | None = 1,
    name: str = "",
    blocks: bytes = b"",
) -> bytes:
    return (
        element(0x300A, 0xB3, "MU")
        + element(0x300A, 0xB4, "1000")
        + element(0x300A, 0xC0, str(number))
        + (element(0x300A, 0xC2, name) if name else b"")
        + element(0x300A, 0xC4, kind)
        + element(0x300A, 0xC6, radiation)
        + element(0x300A, 0xCE, "TREATMENT")
        + blocks
        + element(0x300A, 0x10E, "1")
        + element(0x300A, 0x110, str(len(points)))
        + sequence(0x300A, 0x111, points)
        + (b"" if setup is None else element(0x300C, 0x6A, str(setup)))
    )


def point(index: int, weight: float, *more: bytes) -> bytes:
    return element(0x300A, 0x112, str(index)) + b"".join(sorted(more)) + element(0x300A, 0x134, f"{weight:.6f}")


def static(gantry: float, isocenter: tuple[float, float, float], *, ssd: float | None = None) -> list[bytes]:
    first = (
        element(0x300A, 0x114, "6")
        + sequence(0x300A, 0x11A, [element(0x300A, 0xB8, "X") + element(0x300A, 0x11C, "-50\\50")])
        + element(0x300A, 0x11E, f"{gantry:g}")
        + element(0x300A, 0x120, "0")
        + element(0x300A, 0x122, "0")
        + element(0x300A, 0x12C, "\\".join(f"{value:g}" for value in isocenter))
        + (b"" if ssd is None else element(0x300A, 0x130, f"{ssd:g}"))
    )
    return [element(0x300A, 0x112, "0") + first + element(0x300A, 0x134, "0"), point(1, 1)]


def group(number: int, beams: Iterable[int], *, fractions: int = 25) -> bytes:
    named = list(beams)
    return (
        element(0x300A, 0x71, str(number))
        + element(0x300A, 0x78, str(fractions))
        + element(0x300A, 0x80, str(len(named)))
        + sequence(
            0x300C, 4, [element(0x300A, 0x86, "100") + element(0x300C, 6, str(beam_number)) for beam_number in named]
        )
    )


def setups(count: int = 1, *, more: bytes = b"") -> bytes:
    return sequence(
        0x300A, 0x180, [element(0x18, 0x5100, "HFS") + element(0x300A, 0x182, str(i + 1)) + more for i in range(count)]
    )


def groups(*members: Iterable[int]) -> bytes:
    return sequence(0x300A, 0x70, [group(i + 1, beams) for i, beams in enumerate(members)])


def label(text: str) -> bytes:
    return plan(element(0x300A, 2, text), groups([1]), sequence(0x300A, 0xB0, [beam(1, static(0, (0, 0, 0)))]))


def words(characters: int, seed: int = 1) -> str:
    """Words and negations of all lists in any order."""
    settings = choose().settings
    known = [
        word.replace("*", "").replace("...", "").partition("=")[0]
        for name in settings.__match_args__
        if isinstance(found := getattr(settings, name), tuple)
        for word in found
    ]
    chosen = random.Random(seed)
    text = ""
    while len(text) < characters:
        text += chosen.choice(known) + chosen.choice((" ", " ", ", ", " or ", " no ", "_", ". "))
    return text.encode("ascii", "ignore").decode()[:characters]


def static_beams(
    count: int, place: Callable[[int], tuple[float, float, float]], gantry: Callable[[int], float], **fields: object
) -> list[bytes]:
    return [beam(i + 1, static(gantry(i), place(i)), **fields) for i in range(count)]  # type: ignore[arg-type]


def arcs(count: int, points: int) -> list[bytes]:
    return [
        beam(
            k + 1,
            [
                point(
                    i,
                    i / (points - 1),
                    element(0x300A, 0x11E, str((i + k) % 360)),
                    element(0x300A, 0x12C, f"{k % 4000}\\{-(k % 977)}\\{i % 13}"),
                )
                for i in range(points)
            ],
            kind="DYNAMIC",
        )
        for k in range(count)
    ]


def one_group(beams: Sequence[bytes], *parts: bytes) -> bytes:
    return plan(groups(range(1, len(beams) + 1)), sequence(0x300A, 0xB0, beams), setups(), *parts)


def many_groups(count: int, each: int, beams: Sequence[bytes], *parts: bytes) -> bytes:
    members = [[(g * each + i) % len(beams) + 1 for i in range(each)] for g in range(count)]
    return plan(*parts, groups(*members), sequence(0x300A, 0xB0, beams), setups())


def dose_references(count: int, text: str, *, organ: bool = False) -> bytes:
    return sequence(
        0x300A,
        0x10,
        [
            element(0x300A, 0x12, str(i))
            + element(0x300A, 0x14, "VOLUME")
            + element(0x300A, 0x16, f"{text}{i}" if text else "")
            + element(0x300A, 0x20, "ORGAN_AT_RISK" if organ else "TARGET")
            + element(0x300A, 0x26, f"{i % 70 + 1.5 * organ:g}")
            + (element(0x300A, 0x2A, f"{i % 60 + 0.7:g}") + element(0x3006, 0x84, str(i)) if organ else b"")
            for i in range(count)
        ],
    )


def ssd_beams(count: int, angles: int, *, moving: bool = False) -> list[bytes]:
    """Fields on the skin whose gantry stands at many angles, turning with the beam off, and their points with it."""

    def points(k: int) -> list[bytes]:
        found: list[bytes] = []
        for i in range(angles):
            angle = element(0x300A, 0x11E, f"{(i * 0.7 + k) % 360:.2f}")
            found.append(
                point(
                    2 * i,
                    i / angles,
                    angle,
                    *([element(0x300A, 0x12C, f"{i * 0.02:g}\\{k * 0.02:g}\\0")] if moving or i == 0 else []),
                    *([element(0x300A, 0x130, "1000")] if i == 0 else []),
                )
            )
            found.append(point(2 * i + 1, (i + 1) / angles, angle))
        return found

    return [beam(k + 1, points(k)) for k in range(count)]


def cut_out(number: int, corners: int) -> bytes:
    outline = "\\".join(
        f"{40 * math.cos(math.tau * i / corners):.4f}\\{40 * math.sin(math.tau * i / corners) + 30 * number:.4f}"
        for i in range(corners)
    )
    block = (
        element(0x300A, 0xF8, "APERTURE")
        + element(0x300A, 0xFC, "1")
        + element(0x300A, 0x104, str(corners))
        + element(0x300A, 0x106, outline)
    )
    return beam(
        number,
        static(0, (10.0 * number, 0, 0), ssd=1000),
        radiation="ELECTRON",
        blocks=sequence(0x300A, 0xF4, [block]),
    )


def apart(i: int) -> tuple[float, float, float]:
    return (i % 20 * 60.0 - 600, i // 20 % 20 * 60.0 - 600, i // 400 * 60.0)


def near(i: int) -> tuple[float, float, float]:
    return (i % 13 * 0.7, i // 13 % 13 * 0.7, i // 169 * 0.7)


def origin(i: int) -> tuple[float, float, float]:
    return (0.0, 0.0, 0.0)


def around(i: int) -> float:
    return i * 7 % 360


CASES: dict[str, Callable[[], bytes]] = {
    "label, 1 MB of one phrase": lambda: label("no DIBH gating SBRT " * 50_000),
    "label, 50 MB of one letter": lambda: label("A" * 50_000_000),
    "label, 64 kB of one phrase": lambda: label("no DIBH gating SBRT " * 3_276),
    "label, 64 kB of one word": lambda: label("SGRT " * 13_100),
    "label, 64 kB of list words": lambda: label(words(65_400)),
    "label, 64 kB of QA words": lambda: label("QA phantom, " * 5_400),
    "label, 64 kB of single letters": lambda: label("a 1 " * 16_380),
    "label, 64 kB of target words": lambda: one_group(
        [beam(1, static(0, (0, 0, 0)))], dose_references(1, "Lung-PTV " * 7_200, organ=True)
    ),
    "names, 2,000 beams of list words": lambda: one_group(
        [beam(i + 1, static(0, (0, 0, 0)), name=words(30, i)) for i in range(2_000)]
    ),
    "60,000 dose references": lambda: label("x") + dose_references(60_000, "DIBH gating no DIBH stereotactic "),
    "2,000 dose references": lambda: plan(
        dose_references(2_000, "DIBH no SBRT boost lung "),
        groups([1]),
        sequence(0x300A, 0xB0, [beam(1, static(0, (0, 0, 0)))]),
    ),
    "2,000 organs, 14 groups": lambda: many_groups(
        14, 4, static_beams(4, origin, around), dose_references(2_000, "Lung ", organ=True)
    ),
    "100 groups of 20 beams": lambda: many_groups(100, 20, static_beams(20, apart, around)),
    "100 groups of 20 beams of 2,000": lambda: many_groups(100, 20, static_beams(2_000, apart, around)),
    "100 groups of 20 beams, words": lambda: many_groups(
        100, 20, static_beams(20, origin, around, name="DIBH SBRT lung"), element(0x300A, 2, words(2_000))
    ),
    "100 groups of 20 electron beams": lambda: many_groups(
        100, 20, static_beams(20, apart, around, radiation="ELECTRON")
    ),
    "100 groups, total skin": lambda: many_groups(
        100,
        20,
        [beam(i + 1, static(0, (0, 0, 0), ssd=1000), radiation="ELECTRON", name="boost") for i in range(250)],
        element(0x300A, 2, "TSET"),
    ),
    "1,500 groups": lambda: many_groups(1_500, 1, static_beams(90, apart, around)),
    "one group, 2,000 references of 90 beams": lambda: plan(
        groups([i % 90 + 1 for i in range(2_000)]), sequence(0x300A, 0xB0, static_beams(90, apart, around))
    ),
    "2,000 missing beams": lambda: plan(
        groups(range(1, 2_001)), sequence(0x300A, 0xB0, [beam(1, static(0, (0, 0, 0)))])
    ),
    "2,000 beams, isocenters apart": lambda: one_group(static_beams(2_000, apart, around)),
    "2,000 beams, isocenters near": lambda: one_group(static_beams(2_000, near, around)),
    "500 beams, isocenters near": lambda: one_group(static_beams(500, near, around)),
    "500 beams, isocenters apart": lambda: one_group(static_beams(500, apart, around)),
    "2,000 beams, one isocenter": lambda: one_group(static_beams(2_000, origin, around)),
    "2,000 beams of 50 moving points": lambda: one_group(arcs(2_000, 50)),
    "90 beams of 1,000 moving points": lambda: one_group(arcs(90, 1_000)),
    "2,000 electron beams": lambda: one_group(static_beams(2_000, near, around, radiation="ELECTRON")),
    "200 electron beams": lambda: one_group(static_beams(200, near, around, radiation="ELECTRON")),
    "1,000 photon and 1,000 electron beams": lambda: one_group(
        [beam(i + 1, static(0, near(i)), radiation="ELECTRON" if i % 2 else "PHOTON") for i in range(2_000)]
    ),
    "200 beams on the skin": lambda: one_group([beam(i + 1, static(around(i), near(i), ssd=1000)) for i in range(200)]),
    "200 beams on the skin, 100 angles": lambda: one_group(ssd_beams(200, 100)),
    "200 beams on the skin, 20 points each": lambda: one_group(ssd_beams(200, 19, moving=True)),
    "20 beams, 2,000 angles": lambda: one_group(ssd_beams(20, 2_000)),
    "one beam of 99,999 control points": lambda: one_group(
        [beam(1, [point(i, i / 99_998, element(0x300A, 0x11E, str(i % 360))) for i in range(99_999)])]
    ),
    "two electron cut-outs of 30,000 corners": lambda: one_group([cut_out(1, 30_000), cut_out(2, 30_000)]),
    "2,000 beams of a gated set-up": lambda: plan(
        groups(range(1, 2_001)),
        sequence(0x300A, 0xB0, static_beams(2_000, origin, around)),
        setups(more=sequence(0x300A, 0x410, [element(0x18, 0x9170, "GATING")])),
    ),
    "2,000 set-ups": lambda: plan(
        groups(range(1, 2_001)),
        sequence(0x300A, 0xB0, [beam(i + 1, static(0, (0, 0, 0)), setup=i % 2_000 + 1) for i in range(2_000)]),
        setups(2_000),
    ),
    "2,000 set-ups, none referred to": lambda: plan(
        groups(range(1, 2_001)),
        sequence(0x300A, 0xB0, static_beams(2_000, origin, around, setup=None)),
        setups(2_000, more=sequence(0x300A, 0x410, [element(0x18, 0x9170, "GATING")])),
    ),
}


def row(name: str, data: bytes) -> None:
    start = time.perf_counter()
    try:
        read = read_plan(data)
    except InputError as error:
        took = time.perf_counter() - start
        print(f"| {name} | {len(data) / 1e3:,.0f} | {took:.2f} | {error.code} | | | {took:.2f} |", flush=True)
        return
    middle = time.perf_counter()
    found = analyze(read)
    decided = time.perf_counter()
    written = len(json.dumps(found.to_dict()))
    end = time.perf_counter()
    print(
        f"| {name} | {len(data) / 1e3:,.0f} | {middle - start:.2f} | {decided - middle:.2f} | {end - decided:.2f} "
        f"| {written / 1e3:,.0f} | {end - start:.2f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    only = parser.parse_args().only
    choose()
    analyze(read_plan(label("x")))
    print("| plan | kB | read s | features and decision s | JSON s | JSON kB | all s |")
    print("|---|---|---|---|---|---|---|")
    for name, make in CASES.items():
        if only in name:
            row(name, make())


if __name__ == "__main__":
    main()
