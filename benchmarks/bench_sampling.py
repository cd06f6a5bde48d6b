"""What every metric does when a plan is written with twice as many segments of the same delivery.

    python benchmarks/bench_sampling.py

Over the photon beams of the real plans in which leaves move, where these plans are beside the project: change in
percent, first and third quartile and extremes. The catalog's column `sampling` (docs/metrics.md) is taken from here.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from rtcode import read_plan  # noqa: E402
from rtcode.errors import InputError  # noqa: E402
from rtcode.metrics import beam_metrics  # noqa: E402
from rtcode.metrics.machines import Machines  # noqa: E402
from rtcode.plan.model import Column, DevicePositions, State  # noqa: E402
from rtcode.plan.sessions import PlannedBeam, planned_beams, sessions_of  # noqa: E402

REAL = ROOT.parent / "shared" / "realplans" / "plans"


def refined(planned: PlannedBeam, parts: int = 2) -> PlannedBeam:
    """The same delivery written with ``parts`` times as many segments: everything in between on straight lines."""
    beam = planned.beam
    points = beam.control_points
    old = np.arange(points.count, dtype=float)
    new = np.linspace(0.0, points.count - 1.0, (points.count - 1) * parts + 1)
    held = np.minimum(np.floor(new + 1e-9).astype(int), points.count - 1)

    def straight(column: Column | None) -> Column | None:
        if column is None:
            return None
        values = np.interp(new, old, column.values)
        return Column(values, np.full(len(new), State.GIVEN, dtype=np.uint8))

    def steps(column: Column | None) -> Column | None:
        return None if column is None else Column(column.values[held], column.state[held])

    gantry = points.gantry_deg
    travel = planned.delivery.gantry
    if gantry is not None and travel is not None:
        unwrapped = gantry.values[0] + np.concatenate([[0.0], np.cumsum(travel.steps_deg)])
        gantry = straight(Column(unwrapped, gantry.state))
    devices = []
    for device in points.devices:
        rows = device.rows[device.index]
        table = np.stack([np.interp(new, old, rows[:, i]) for i in range(rows.shape[1])], axis=1)
        index = np.arange(len(new), dtype=np.int64)
        devices.append(
            DevicePositions(
                device.type, device.pairs, device.ordinal, table, index, np.ones(len(new), np.bool_), device.declared
            )
        )
    changed = replace(
        points,
        count=len(new),
        number=None,
        meterset_weight=straight(points.meterset_weight),
        gantry_deg=gantry,
        gantry_direction=steps(points.gantry_direction),
        devices=tuple(devices),
        **{name: steps(getattr(points, name)) for name in _AS_THEY_ARE},
    )
    finer = replace(beam, control_points=changed, declared_control_points=len(new))
    return PlannedBeam(planned.plan, finer, planned.finding, planned.group, planned.reference)


#: Columns that `refined` repeats.
_AS_THEY_ARE = (
    "energy",
    "dose_rate",
    "collimator_deg",
    "collimator_direction",
    "couch_deg",
    "couch_direction",
    "table_eccentric_deg",
    "table_pitch_deg",
    "table_roll_deg",
    "table_vertical_mm",
    "table_longitudinal_mm",
    "table_lateral_mm",
    "isocenter_mm",
    "surface_entry_mm",
    "ssd_mm",
)


def moves_leaves(planned: PlannedBeam) -> bool:
    delivery = planned.delivery
    return delivery.delivering is not None and bool((delivery.leaves_moving & delivery.delivering).any())


def main() -> None:
    changes: dict[tuple[str, str], list[float]] = defaultdict(list)
    beams = 0
    for path in sorted(REAL.iterdir()):
        try:
            plan = read_plan(path)
        except InputError:
            continue
        for planned in planned_beams(plan, sessions_of(plan)):
            limits = Machines().limits_of(planned.beam)
            before = beam_metrics(planned, limits)
            if before is None or before.unknown is not None or not moves_leaves(planned):
                continue
            after = beam_metrics(refined(planned), limits)
            assert after is not None
            beams += 1
            for profile, values in before.values.items():
                for name, value in values.items():
                    finer = after.values[profile][name]
                    if value and finer is not None:
                        changes[profile, name].append(100.0 * (finer / value - 1.0))
    print(f"{beams} beams")
    print(f"{'metric':44} {'beams':>5} {'quartiles, %':>18} {'extremes, %':>18}")
    for (profile, name), found in changes.items():
        low, first, third, high = np.percentile(found, [0, 25, 75, 100])
        print(f"{profile + '.' + name:44} {len(found):5} {first:8.2f} {third:8.2f}  {low:8.2f} {high:8.2f}")


if __name__ == "__main__":
    main()
