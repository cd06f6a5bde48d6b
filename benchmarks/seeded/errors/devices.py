"""Jaws, and the declaration of jaws and leaves."""

from __future__ import annotations

from pydicom.dataset import Dataset

from benchmarks.seeded.draft import Draft, Unfit, jaws, number_of, open_pairs, positions, set_values, text_of, values
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

JAWS = topics("jaws")


def _jawed(draft: Draft, axis: str = "X") -> list[Dataset]:
    found = []
    for beam in draft.treatment:
        try:
            items = jaws(beam, axis)
        except Unfit:
            continue
        if all(len(i.LeafJawPositions) == 2 and values(i)[0] < values(i)[1] for i in items):
            found.append(beam)
    return found


def wider(draft: Draft) -> Mark:
    beam = draft.one([b for b in _jawed(draft, "Y") if all(values(i)[1] < 150 for i in jaws(b, "Y"))])
    for item in jaws(beam, "Y"):
        low, high = values(item)
        set_values(item, (low, high + 25))
    return Mark((number_of(beam),), "Y2 jaw 25 mm further out")


def closed_over_leaves(draft: Draft) -> Mark:
    """A digit lost: the jaw covers most of what the leaves leave open."""
    fits = []
    for beam in _jawed(draft, "X"):
        if beam not in draft.static() or not any(True for _ in positions(beam)):
            continue
        left = [min(values(i)[p] for p in open_pairs(values(i))) for i in positions(beam) if open_pairs(values(i))]
        if left and min(left) < -25 and all(values(i)[0] < -25 for i in jaws(beam, "X")):
            fits.append(beam)
    beam = draft.one(fits)
    for item in jaws(beam, "X"):
        low, high = values(item)
        set_values(item, (low / 10, max(high, low / 10 + 5)))
    return Mark((number_of(beam),), "X1 jaw a tenth: over the open leaves")


def crossed(draft: Draft) -> Mark:
    beam = draft.one(_jawed(draft))
    for item in jaws(beam, "X"):
        low, high = values(item)
        set_values(item, (high, low))
    return Mark((number_of(beam),), "X jaws exchanged")


def sign(draft: Draft) -> Mark:
    """The sign of X1 lost: -50 becomes 50, beyond X2."""
    beam = draft.one([b for b in _jawed(draft) if all(-values(i)[0] > max(0.0, values(i)[1]) for i in jaws(b, "X"))])
    for item in jaws(beam, "X"):
        low, high = values(item)
        set_values(item, (-low, high))
    return Mark((number_of(beam),), "sign of X1 lost")


def out_of_travel(draft: Draft) -> Mark:
    beam = draft.one(_jawed(draft, "Y"))
    for item in jaws(beam, "Y"):
        low, _ = values(item)
        set_values(item, (low, 320.0))
    return Mark((number_of(beam),), "Y2 jaw at 320 mm")


def exchanged_axes(draft: Draft) -> Mark:
    beam = draft.one([b for b in _jawed(draft) if b in _jawed(draft, "Y") and b in draft.static()])
    across, along = jaws(beam, "X"), jaws(beam, "Y")
    widths = [values(items[0])[1] - values(items[0])[0] for items in (across, along)]
    if len(across) != len(along) or abs(widths[0] - widths[1]) < 15:
        raise Unfit
    for x, y in zip(across, along, strict=True):
        x.LeafJawPositions, y.LeafJawPositions = list(y.LeafJawPositions), list(x.LeafJawPositions)
    return Mark((number_of(beam),), "X and Y jaws exchanged")


def _mlc(draft: Draft) -> tuple[Dataset, Dataset]:
    beam = draft.one([b for b in draft.photons() if any(True for _ in positions(b))])
    for device in beam.BeamLimitingDeviceSequence:
        if str(device.RTBeamLimitingDeviceType).startswith("MLC"):
            return beam, device
    raise Unfit


def boundary_typo(draft: Draft) -> Mark:
    beam, device = _mlc(draft)
    edges = list(device.LeafPositionBoundaries)
    at = len(edges) // 2 + 2
    edges[at] = text_of(float(edges[at]) * 10)
    device.LeafPositionBoundaries = edges
    return Mark((number_of(beam),), f"boundary {at + 1} ten times as large")


def boundaries_of_another(draft: Draft) -> Mark:
    """Leaves of another width: everything at the isocenter half as wide."""
    beam, device = _mlc(draft)
    if len(draft.photons()) < 2:
        raise Unfit
    device.LeafPositionBoundaries = [text_of(float(v) / 2) for v in device.LeafPositionBoundaries]
    return Mark((number_of(beam),), "leaves of one beam half as wide")


def pairs_wrong(draft: Draft) -> Mark:
    beam, device = _mlc(draft)
    device.NumberOfLeafJawPairs = str(int(device.NumberOfLeafJawPairs) - 1)
    return Mark((number_of(beam),), "one leaf pair fewer declared")


def undeclared(draft: Draft) -> Mark:
    beam, device = _mlc(draft)
    kept = [d for d in beam.BeamLimitingDeviceSequence if d is not device]
    beam.BeamLimitingDeviceSequence = type(beam.BeamLimitingDeviceSequence)(kept)
    return Mark((number_of(beam),), "leaves not declared, positions as before")


def positions_lost(draft: Draft) -> Mark:
    """The leaves are declared, and no control point says where they are."""
    beam, device = _mlc(draft)
    kind = device.RTBeamLimitingDeviceType
    for point in beam.ControlPointSequence:
        items = point.get("BeamLimitingDevicePositionSequence")
        if items:
            kept = [i for i in items if i.RTBeamLimitingDeviceType != kind]
            point.BeamLimitingDevicePositionSequence = type(items)(kept)
    return Mark((number_of(beam),), "positions of the declared leaves gone")


KINDS = (
    Kind(
        id="jaw_25mm_wider",
        family="jaws",
        harm=Harm.MODERATE,
        notice="one jaw is 25 mm further out",
        topics=JAWS,
        integrity=no("any position within the travel is possible"),
        plant=wider,
    ),
    Kind(
        id="jaw_over_open_leaves",
        family="jaws",
        harm=Harm.SERIOUS,
        notice="a jaw covers most of the aperture of the leaves",
        topics=JAWS | topics("leaves"),
        integrity=yes("an aperture that leaves form and a jaw hides was not meant"),
        plant=closed_over_leaves,
    ),
    Kind(
        id="jaws_exchanged",
        family="jaws",
        harm=Harm.STOPS,
        notice="the jaws of a pair overlap",
        topics=JAWS,
        integrity=yes("jaws cannot pass one another"),
        plant=crossed,
    ),
    Kind(
        id="jaw_sign_lost",
        family="jaws",
        harm=Harm.STOPS,
        notice="a jaw is on the wrong side and overlaps the other",
        topics=JAWS,
        integrity=yes("jaws cannot pass one another"),
        plant=sign,
    ),
    Kind(
        id="jaw_out_of_travel",
        family="jaws",
        harm=Harm.STOPS,
        notice="a jaw stands where it cannot reach",
        topics=JAWS,
        integrity=yes("no field is that large"),
        plant=out_of_travel,
    ),
    Kind(
        id="jaw_axes_exchanged",
        family="jaws",
        harm=Harm.SERIOUS,
        notice="field width and length are exchanged",
        topics=JAWS | topics("leaves"),
        integrity=no("any rectangle is possible; with leaves it may show"),
        plant=exchanged_axes,
    ),
    Kind(
        id="leaf_boundary_typo",
        family="devices",
        harm=Harm.STOPS,
        notice="the boundaries between leaves do not rise",
        topics=topics("collimator_geometry", "leaves"),
        integrity=yes("boundaries rise"),
        plant=boundary_typo,
    ),
    Kind(
        id="leaf_boundaries_of_another_machine",
        family="devices",
        harm=Harm.STOPS,
        notice="one beam has leaves of another width than the others of the same machine",
        topics=topics("collimator_geometry", "leaves", "machine"),
        integrity=yes("one machine has one leaf geometry"),
        plant=boundaries_of_another,
    ),
    Kind(
        id="leaf_pairs_declared_wrong",
        family="devices",
        harm=Harm.STOPS,
        notice="the number of leaf pairs is not that of the positions and boundaries",
        topics=topics("collimator_geometry", "leaves"),
        integrity=yes("the numbers contradict one another"),
        plant=pairs_wrong,
    ),
    Kind(
        id="leaves_not_declared",
        family="devices",
        harm=Harm.STOPS,
        notice="positions of leaves that the beam does not declare",
        topics=topics("collimator_geometry", "leaves", "references"),
        integrity=yes("the positions refer to a device that is not there"),
        plant=undeclared,
    ),
    Kind(
        id="leaf_positions_lost",
        family="devices",
        harm=Harm.SERIOUS,
        notice="the beam declares leaves and never says where they are",
        topics=topics("collimator_geometry", "leaves"),
        integrity=yes("a declared device needs positions at the first control point"),
        plant=positions_lost,
    ),
)
