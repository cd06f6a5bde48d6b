"""The aperture metrics: by hand, against the formulas written out as loops, and under changes that must not matter."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from rtcode.metrics.apertures import BeamApertures, apertures_of
from rtcode.metrics.profiles import APERTURE_PROFILES, aperture_values
from rtcode.plan.model import Beam
from tests import factory as f
from tests.metrics import shapes
from tests.metrics.shapes import KINDS, SEQUENCES, random_beam
from tests.metrics.test_apertures import cases, known

Values = dict[str, dict[str, float | None]]


def values(beam: Beam) -> Values:
    return aperture_values(apertures_of(f.session(beam).beams[0]))


def leaves(*pairs: tuple[float, float]) -> np.ndarray:
    """Ends of the middle pairs of eight, each 5 mm wide; the others are closed."""
    ends = np.zeros((2, 8))
    start = 4 - (len(pairs) + 1) // 2
    ends[:, start : start + len(pairs)] = np.array(pairs, dtype=float).T
    return ends.ravel()


# ------------------------------------------------------------------------------------------------------------ by hand


def test_an_open_square() -> None:
    """100 mm by 100 mm: the perimeter is 400 mm, leaf sides 200 mm of it."""
    found = values(f.beam(leaves=f.rectangle(-50, 50, -50, 50), jaws_x=(-80, 80), jaws_y=(-80, 80)))
    assert found["mcniven2010"] == pytest.approx({"lsv": 1, "aav": 1, "mcs": 1})
    assert found["mcniven2010_arcs"] == pytest.approx({"lsv": 1, "aav": 1, "mcs": 1})
    assert found["mcniven2010_n"] == pytest.approx({"lsv": 1, "mcs": 1})
    assert found["younge2012"] == pytest.approx(
        {"em_per_mm": 0.02, "em_all_edges_per_mm": 0.04, "em_half_perimeter_per_mm": 0.02}
    )
    assert found["du2014"] == pytest.approx({"ba_mm2": 1e4, "bi": 4 / math.pi, "bm": 0, "union_mm2": 1e4})
    assert found["crowe2014"] == {"sas_2mm": 0, "sas_5mm": 0, "sas_10mm": 0, "sas_20mm": 0}
    assert found["masi2013"] == {"mcsv": None, "lt_mm": None, "ltmcs": None}  # no arc


def test_jaws_shape_the_same_square() -> None:
    """Leaves that stand wide open behind jaws: nothing but the jaws is seen."""
    wide = values(f.beam(leaves=f.rectangle(-90, 80, -100, 100), jaws_x=(-50, 50), jaws_y=(-50, 50)))
    close = values(f.beam(leaves=f.rectangle(-50, 50, -50, 50), jaws_x=(-80, 80), jaws_y=(-80, 80)))
    for name in ("mcniven2010", "younge2012", "du2014", "crowe2014", "crowe2014_visible"):
        assert wide[name] == pytest.approx(close[name]), name


def test_a_step_of_three_pairs() -> None:
    """McNiven worked out: pairs (-10, 10), (-10, 20), (-20, 20), 5 mm each, one aperture.

    Left: range 10, steps 0 and 10: (10 + 0) / (2 * 10) = 0.5. Right: range 10, steps 10 and 0: 0.5. LSV 0.25.
    Area (20 + 30 + 40) * 5 = 450. Ends 6 * 5 = 30 mm; sides 20 + 10 + 10 + 40 = 80 mm.
    """
    found = values(f.beam(leaves=leaves((-10, 10), (-10, 20), (-20, 20))))
    assert found["mcniven2010"] == pytest.approx({"lsv": 0.25, "aav": 1, "mcs": 0.25})
    # 10 / (3 * 10) on each side
    assert found["mcniven2010_n"] == pytest.approx({"lsv": 1 / 9, "mcs": 1 / 9})
    # the largest step is the range here; one of two steps is as large: mean of (1, 0)
    assert found["rtplan_complexity"]["lsv"] == pytest.approx(0.25)
    assert found["younge2012"] == pytest.approx(
        {"em_per_mm": 80 / 450, "em_all_edges_per_mm": 110 / 450, "em_half_perimeter_per_mm": 55 / 450}
    )
    assert found["du2014"] == pytest.approx(
        {"ba_mm2": 450, "bi": 110**2 / (4 * math.pi * 450), "bm": 0, "union_mm2": 450}
    )
    # Eight pairs inside jaws of 100 mm, five closed at 0: left -10 -10 -20 among zeros, range 20, steps 10 0 10 20:
    # (7 * 20 - 40) / (7 * 20) = 5/7; right 10 20 20, steps 10 10 0 20: the same.
    assert found["mcniven2010_all"]["lsv"] == pytest.approx(25 / 49)


def test_two_unequal_segments() -> None:
    """A quarter of the meterset through (-10, 0), the rest through (0, 20), in one pair: LSV 1, envelope 30."""
    narrow, wide = leaves((-10, 0)), leaves((0, 20))
    found = values(f.beam(leaves=[narrow, narrow, wide, wide], weights=[0, 1, 1, 4], final=4.0))
    assert found["mcniven2010"] == pytest.approx({"lsv": 1, "aav": 7 / 12, "mcs": 7 / 12})
    # 10/30 * 1/4 + 20/30 * 3/4
    assert found["du2014"] == pytest.approx(
        {
            "ba_mm2": 0.25 * 50 + 0.75 * 100,
            "bi": (0.25 * 30**2 / 50 + 0.75 * 50**2 / 100) / (4 * math.pi),
            "bm": 1 - 87.5 / 150,
            "union_mm2": 150,
        }
    )
    assert found["younge2012"]["em_per_mm"] == pytest.approx(0.25 * 20 / 50 + 0.75 * 40 / 100)
    assert found["crowe2014"] == pytest.approx({"sas_2mm": 0, "sas_5mm": 0, "sas_10mm": 0, "sas_20mm": 0.25})
    # The sum of largest openings is no union: 20 for both, so that the first has 1/2.
    assert found["rtplan_complexity"]["aav"] == pytest.approx(0.25 * 0.5 + 0.75)


def test_equal_segments_are_one() -> None:
    shape = leaves((-10, 10), (-10, 20), (-20, 20))
    one, several = values(f.beam(leaves=shape)), values(f.beam(leaves=shape, weights=[0, 0.2, 0.2, 0.7, 1]))
    assert_same(one, several)


def test_a_slit() -> None:
    """1 mm by 40 mm: thin, not closed."""
    found = values(f.beam(leaves=leaves(*[(3.0, 4.0)] * 8)))
    assert found["mcniven2010"] == pytest.approx({"lsv": 1, "aav": 1, "mcs": 1})
    assert found["du2014"]["bi"] == pytest.approx(82**2 / (4 * math.pi * 40))
    assert found["younge2012"]["em_per_mm"] == pytest.approx(2 / 40)
    assert found["crowe2014"] == {"sas_2mm": 1, "sas_5mm": 1, "sas_10mm": 1, "sas_20mm": 1}


def test_a_sliding_slit() -> None:
    """Both ends of a sweep from -20..-10 to 10..20; the union counts what is open at control points."""
    fields: dict[str, Any] = {"leaves": [leaves((-20, -10)), leaves((10, 20))]}
    found = values(f.beam(**fields))
    assert found["mcniven2010"]["aav"] == pytest.approx(10 / 40)
    assert found["du2014"]["bm"] == pytest.approx(1 - 50 / 100)
    # in the middle there is one aperture, (-5, 5), and nothing to compare it with
    assert found["mcniven2010_arcs"] == pytest.approx({"lsv": 1, "aav": 1, "mcs": 1})


def test_gap_of_exactly_the_size_is_not_smaller() -> None:
    # 7.3 - 2.3 is less than 5 in binary
    found = values(f.beam(leaves=leaves((2.3, 7.3), (2.3, 7.2))))
    assert found["crowe2014"]["sas_5mm"] == pytest.approx(0.5)


def test_a_gap_partly_behind_a_jaw() -> None:
    found = values(f.beam(leaves=leaves((-30, 30), (45, 60)), jaws_x=(-50, 50)))
    assert found["crowe2014"]["sas_10mm"] == pytest.approx(0.0)
    assert found["crowe2014_visible"]["sas_10mm"] == pytest.approx(0.5)


def test_closed_throughout_is_unknown() -> None:
    found = values(f.beam(leaves=np.zeros(80)))
    assert {value for group in found.values() for value in group.values()} == {None}


def test_without_an_mlc_everything_is_unknown() -> None:
    found = values(f.beam())
    assert {value for group in found.values() for value in group.values()} == {None}
    assert found.keys() == APERTURE_PROFILES.keys()


def test_a_closed_control_point_has_no_shape() -> None:
    """Half of the meterset of a segment whose end is closed: no LSV, AI or EM, an area and an AAV of 0."""
    step = leaves((-10, 10), (-10, 20), (-20, 20))
    found = values(f.beam(leaves=[step, np.zeros(16)]))
    assert found["mcniven2010"] == pytest.approx({"lsv": 0.25, "aav": 0.5, "mcs": 0.125})
    assert found["du2014"]["ba_mm2"] == pytest.approx(225)
    assert found["du2014"]["bi"] == pytest.approx(110**2 / (4 * math.pi * 450))
    assert found["du2014"]["bm"] == pytest.approx(0.5)
    assert found["younge2012"]["em_per_mm"] == pytest.approx(80 / 450)


def test_an_arc_by_hand() -> None:
    """One pair opens from (-10, 10) to (-10, 30), another stays at (-10, 10): two segments of 1 and 3 MU.

    Envelope 40 + 20 = 60. AAV 40/60, 50/60, 60/60. Left ends straight; right ends: LSV 1, 0, 0 (two pairs that differ).
    MCSv = 1/4 * (45/60) * 1/2 + 3/4 * (55/60) * 0 = 0.09375. One leaf moves, 20 mm.
    """
    still = (-10, 10)
    ends = [leaves((-10, x), still) for x in (10, 20, 30)]
    beam = f.beam(leaves=ends, weights=[0, 1, 4], final=4.0, gantry=[0, 10, 20], direction="CW")
    assert values(beam)["masi2013"] == pytest.approx({"mcsv": 0.09375, "lt_mm": 20, "ltmcs": 0.09375 * 0.98})
    # The same arc twice in one beam, there and back: by arc nothing changes.
    back = f.beam(
        leaves=[*ends, ends[1], ends[0]],
        weights=[0, 1, 4, 7, 8],
        final=8.0,
        gantry=[0, 10, 20, 10, 0],
        direction=["CW", "CW", "CC", "CC", "NONE"],
    )
    assert values(back)["masi2013"] == pytest.approx({"mcsv": 0.09375, "lt_mm": 20, "ltmcs": 0.09375 * 0.98})
    # As one arc it would have twice the travel.
    on = f.beam(leaves=[*ends, ends[1], ends[0]], weights=[0, 1, 4, 7, 8], final=8.0,
                gantry=[0, 10, 20, 30, 40], direction="CW")  # fmt: skip
    assert values(on)["masi2013"]["lt_mm"] == pytest.approx(40)


def test_an_arc_whose_leaves_stand_still() -> None:
    found = values(f.beam(leaves=leaves((-10, 10)), gantry=[0, 40], direction="CW"))
    assert found["masi2013"] == {"mcsv": 1, "lt_mm": 0, "ltmcs": 1}


def test_more_travel_than_ltmcs_knows() -> None:
    ends = [leaves((-10 - 30 * (i % 2), 10)) for i in range(36)]
    beam = f.beam(leaves=ends, weights=list(range(36)), final=35.0, gantry=list(range(36)), direction="CW")
    found = values(beam)["masi2013"]
    assert found["lt_mm"] == pytest.approx(35 * 30)
    assert found["mcsv"] is not None
    assert found["ltmcs"] is None


def test_parked_leaves_do_not_travel() -> None:
    """Pairs behind the jaws, and those that are closed throughout, are not in the field."""
    first, second = f.rectangle(-20, 20, -40, 40, park=0.0), f.rectangle(-20, 26, -40, 40, park=17.0)
    found = values(f.beam(leaves=[first, second], gantry=[0, 5], direction="CW"))
    assert found["masi2013"]["lt_mm"] == pytest.approx(6.0)


def test_a_rectangle_of_the_jaws_is_open_whatever_stands_behind_them() -> None:
    """Three pairs (-20, 30), (-30, 30), (-40, 30) under X jaws of -10 and 10: a rectangle of 20 mm by 15 mm.

    As planned: left range 20, steps 10 and 10, LSV (10 + 10) / 40.
    """
    beam = f.beam(leaves=leaves((-20, 30), (-30, 30), (-40, 30)), jaws_x=(-10, 10))
    assert values(beam)["mcniven2010"] == pytest.approx({"lsv": 1, "aav": 1, "mcs": 1})
    assert values(beam)["mcniven2010_raw"] == pytest.approx({"lsv": 0.5, "aav": 1, "mcs": 0.5})


def test_openings_as_planned_and_inside_the_jaws() -> None:
    """A pair at (-10, 10), then at (-10, 30), each half of the meterset, under an upper jaw of 20.

    Inside the jaws 20 and 30 of an envelope of 30; as planned 20 and 40 of 40.
    """
    first, second = leaves((-10, 10)), leaves((-10, 30))
    found = values(f.beam(leaves=[first, first, second, second], weights=[0, 0.5, 0.5, 1], jaws_x=(-50, 20)))
    assert found["mcniven2010"]["aav"] == pytest.approx((20 / 30 + 1) / 2)
    assert found["mcniven2010_raw"]["aav"] == pytest.approx((20 / 40 + 1) / 2)


def test_travel_of_two_layers_is_that_of_their_leaves() -> None:
    """Two layers of one leaf pair of 10 mm each, offset by 5 mm: between 0 and 5 both limit the beam.

    One leaf goes 10 mm there and 10 mm back, one of the other layer 15 mm: 17.5 mm in the mean. The left end of the
    strip, where the inner of the two is, goes 10 mm and 5 mm. A pair that never lets beam pass moves by 40 mm.
    """
    front = [np.array([left, -60.0, 30.0, -60.0]) for left in (-20.0, -10.0, -20.0)]
    back = [np.array([left, 30.0]) for left in (-30.0, -30.0, -15.0)]
    front[2][[1, 3]] = -20.0
    beam = f.beam(
        weights=[0, 1, 2],
        final=2.0,
        gantry=[0, 10, 20],
        direction="CW",
        more_devices=[("MLCX1", front, [-5, 5, 15]), ("MLCX2", back, [0, 10])],
        jaws_x=None,
        jaws_y=None,
    )
    assert values(beam)["masi2013"]["lt_mm"] == pytest.approx((20 + 15) / 2)


def test_leaves_that_cross_say_nothing() -> None:
    ends = f.rectangle(-20, 20, -40, 40)
    ends[[20, 60]] = ends[[60, 20]]
    found = values(f.beam(leaves=ends))
    assert {value for group in found.values() for value in group.values()} == {None}


def test_two_layers_are_one_aperture_of_common_strips() -> None:
    """Leaves of 10 mm, offset by 5 mm: the beam sees strips of 5 mm, each with the tighter end of two leaves."""
    front = np.array([[-10.0, -20.0], [10.0, 20.0]]).ravel()  # y -10..0 and 0..10
    back = np.array([[-30.0, -15.0, -30.0], [30.0, 15.0, 30.0]]).ravel()  # y -15..-5, -5..5, 5..15
    beam = f.beam(
        more_devices=[("MLCX1", [front], [-10, 0, 10]), ("MLCX2", [back], [-15, -5, 5, 15])],
        jaws_x=None,
        jaws_y=None,
    )
    found = known(beam)
    assert found.points.strips is not None
    # strips of 5 mm from -15 to 15; the outermost are covered by one layer only
    right = found.points.strips.opening_mm[0] / 2
    assert right.tolist() == [0.0, 10.0, 10.0, 15.0, 20.0, 0.0]
    assert found.points.area_mm2[0] == pytest.approx(2 * (10 + 10 + 15 + 20) * 5)
    # LSV of strips: range 10, steps 0, 5, 5: (3 * 10 - 10) / (3 * 10) on each side
    assert values(beam)["mcniven2010"]["lsv"] == pytest.approx((2 / 3) ** 2)


def test_leaves_along_both_axes_have_areas_only() -> None:
    found = values(cases("crossed", 4)[0])
    assert found["du2014"].keys() == {"ba_mm2", "bi", "bm", "union_mm2"}
    assert None not in found["du2014"].values()
    assert found["younge2012"]["em_per_mm"] is None
    assert found["younge2012"]["em_all_edges_per_mm"] is not None
    for name in ("mcniven2010", "mcniven2010_n", "mcniven2010_all", "mcniven2010_arcs", "mcniven2010_raw",
                 "rtplan_complexity", "masi2013", "crowe2014", "crowe2014_visible"):  # fmt: skip
        assert set(found[name].values()) == {None}


# ------------------------------------------------------------------------------------------ against written-out loops


@pytest.mark.parametrize("kind", SEQUENCES)
def test_mcniven_and_crowe_as_loops(kind: str) -> None:
    for beam in cases(kind):
        found = values(beam)
        assert found["mcniven2010"] == pytest.approx(shapes.mcniven(beam), abs=1e-9)
        for name, loop in (
            ("mcniven2010_n", shapes.mcniven(beam, divisor=0)),
            ("mcniven2010_all", shapes.mcniven(beam, closed_too=True)),
        ):
            assert found[name] == pytest.approx({"lsv": loop["lsv"], "mcs": loop["mcs"]}, abs=1e-9)
        for size in (2, 5, 10, 20):
            assert found["crowe2014"][f"sas_{size}mm"] == pytest.approx(shapes.crowe(beam, size, False))
            assert found["crowe2014_visible"][f"sas_{size}mm"] == pytest.approx(shapes.crowe(beam, size, True))


@pytest.mark.parametrize("kind", SEQUENCES)
def test_control_arcs_are_step_and_shoot_through_their_middles(kind: str) -> None:
    compared = 0
    for beam in cases(kind):
        found, middles = values(beam), shapes.at_middles(beam)
        assert found["rtplan_complexity"] == pytest.approx(shapes.largest_steps(beam), abs=1e-9)
        if any(shape.area for shape, _ in shapes.outlines(middles)):
            assert found["mcniven2010_arcs"] == pytest.approx(shapes.mcniven(middles), abs=1e-9)
            assert found["mcniven2010_arcs"] == pytest.approx(values(middles)["mcniven2010"], abs=1e-9)
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "crossed"])
def test_younge_and_du_as_polygons(kind: str) -> None:
    for beam in cases(kind, 20):
        found = values(beam)
        assert found["younge2012"] == pytest.approx(shapes.younge(beam, along_x=kind != "MLCY"))
        assert found["du2014"] == pytest.approx(shapes.du(beam), abs=1e-9)


@pytest.mark.parametrize("kind", SEQUENCES)
def test_masi_as_loops(kind: str) -> None:
    """Arcs with and without a turn; segments that deliver nothing lie between."""
    for seed in range(20):
        rng = np.random.default_rng([seed, 99])
        count = 9
        turn = int(rng.integers(2, count - 1)) if seed % 2 else count - 1
        angles = [10.0 * (i if i <= turn else 2 * turn - i) for i in range(count)]
        directions = ["CW" if i < turn else "CC" for i in range(count)]
        beam = random_beam(rng, kind, control_points=count, gantry=angles, direction=directions)
        column = beam.control_points.meterset_weight
        assert column is not None
        delivering = np.flatnonzero(np.diff(column.values) > 0).tolist()
        parts = [[n for n, i in enumerate(delivering) if i < turn], [n for n, i in enumerate(delivering) if i >= turn]]
        if not isinstance(apertures_of(f.session(beam).beams[0]), BeamApertures):
            continue
        assert values(beam)["masi2013"] == pytest.approx(shapes.masi(beam, [p for p in parts if p]), abs=1e-9)


# --------------------------------------------------------------------------------------------------------- invariances


def moved(beam_fields: dict[str, Any], change: Any) -> dict[str, Any]:
    """The fields of a beam with every position along x changed."""
    return {
        **beam_fields,
        "leaves": [change(np.asarray(e).reshape(2, -1)).ravel() for e in beam_fields["leaves"]],
        "jaws_x": tuple(sorted(change(np.array(beam_fields["jaws_x"])))),
    }


def fields_of(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    steps = rng.random(5)
    return {
        "leaves": shapes.random_leaves(rng, 6, 8, True),
        "weights": np.concatenate([[0.0], np.cumsum(steps)]).tolist(),
        "final": float(steps.sum()),
        "jaws_x": (-17.0, 22.0),
        "jaws_y": (-13.0, 14.0),
        "gantry": [10.0 * i for i in range(6)],
        "direction": "CW",
    }


def assert_same(a: Values, b: Values, *, but: tuple[str, ...] = ()) -> None:
    for name in a:
        if name not in but:
            assert a[name] == pytest.approx(b[name], abs=1e-9), name


@pytest.mark.parametrize("seed", range(10))
def test_shift_and_mirror_change_nothing(seed: int) -> None:
    fields = fields_of(seed)
    plain = values(f.beam(**fields))
    assert_same(plain, values(f.beam(**moved(fields, lambda x: x + 12.5))))
    assert_same(plain, values(f.beam(**moved(fields, lambda x: -x[::-1]))))
    upside = {
        **fields,
        "leaves": [e.reshape(2, 8)[:, ::-1].ravel() for e in fields["leaves"]],
        "jaws_y": (-14.0, 13.0),
    }
    assert_same(plain, values(f.beam(**upside)))


@pytest.mark.parametrize("seed", range(10))
def test_quarter_turn_changes_nothing(seed: int) -> None:
    """Leaves along y under jaws that are exchanged: the same beam turned."""
    fields = fields_of(seed)
    turned = {**fields, "mlc": "MLCY", "jaws_x": fields["jaws_y"], "jaws_y": fields["jaws_x"]}
    assert_same(values(f.beam(**fields)), values(f.beam(**turned)))


@pytest.mark.parametrize("seed", range(10))
def test_time_runs_backward(seed: int) -> None:
    fields = fields_of(seed)
    weights = np.array(fields["weights"])
    back = {
        **fields,
        "leaves": fields["leaves"][::-1],
        "weights": (weights[-1] - weights[::-1]).tolist(),
        "gantry": fields["gantry"][::-1],
        "direction": "CC",
    }
    assert_same(values(f.beam(**fields)), values(f.beam(**back)))


@pytest.mark.parametrize("seed", range(10))
def test_splitting_static_segments_changes_nothing(seed: int) -> None:
    """Step and shoot: each segment in two of half the meterset."""
    rng = np.random.default_rng(seed)
    entries = shapes.random_leaves(rng, 4, 8, True)
    shares = rng.random(4)
    once = {
        "leaves": [e for e in entries for _ in range(2)],
        "weights": [w for i in range(4) for w in (shares[:i].sum(), shares[: i + 1].sum())],
    }
    twice = {
        "leaves": [e for e in entries for _ in range(3)],
        "weights": [w for i in range(4) for w in (shares[:i].sum(), shares[:i].sum() + shares[i] / 2,
                                                 shares[: i + 1].sum())],
    }  # fmt: skip
    total = float(shares.sum())
    one, two = (values(f.beam(**fields, final=total)) for fields in (once, twice))
    assert_same(one, two)
    # Standing still, both readings of a dynamic beam are one.
    assert one["mcniven2010"] == pytest.approx(one["mcniven2010_arcs"], abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_scale_of_meterset_changes_nothing(seed: int) -> None:
    fields = fields_of(seed)
    larger = {**fields, "weights": [37 * w for w in fields["weights"]], "final": 37 * fields["final"]}
    assert_same(values(f.beam(**fields)), values(f.beam(**larger)))


@pytest.mark.parametrize("seed", range(10))
def test_sampling_of_motion(seed: int) -> None:
    """A control point in the middle of each segment: travel stays, the union grows, means change a little."""
    fields = fields_of(seed)

    def between(values_: list[Any]) -> list[Any]:
        doubled = [values_[0]]
        for a, b in itertools.pairwise(values_):
            doubled += [(np.asarray(a) + np.asarray(b)) / 2, b]
        return doubled

    def halved(some: dict[str, Any]) -> dict[str, Any]:
        finer = {key: between(some[key]) for key in ("leaves", "weights", "gantry")}
        return {**some, **finer}

    coarse, fine = values(f.beam(**fields)), values(f.beam(**halved(fields)))
    finest = values(f.beam(**halved(halved(halved(fields)))))
    first, second = coarse["masi2013"], fine["masi2013"]
    assert first["lt_mm"] == pytest.approx(second["lt_mm"])
    union = [v["du2014"]["union_mm2"] or 0.0 for v in (coarse, fine, finest)]
    assert union == sorted(union)
    # What a tool prints still depends on how finely the plan is written.
    assert first["mcsv"] != pytest.approx(second["mcsv"], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_ranges(kind: str) -> None:
    for beam in cases(kind):
        found = values(beam)
        within_one = [
            value
            for profile in ("mcniven2010", "mcniven2010_n", "mcniven2010_all", "mcniven2010_arcs", "mcniven2010_raw",
                            "rtplan_complexity", "crowe2014", "crowe2014_visible")
            for value in found[profile].values()
        ] + [found["du2014"]["bm"]]  # fmt: skip
        assert all(value is None or -1e-12 <= value <= 1 + 1e-12 for value in within_one)
        irregularity = found["du2014"]["bi"]
        assert irregularity is not None
        assert irregularity >= 1.0
