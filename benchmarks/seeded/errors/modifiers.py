"""Wedges, blocks, applicators, boluses, compensators."""

from __future__ import annotations

from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, number_of, text_of
from benchmarks.seeded.kinds import Harm, Kind, Mark, no, topics, yes

WEDGE = topics("wedge")


def _wedged(draft: Draft) -> list[Dataset]:
    return [b for b in draft.treatment if b.get("WedgeSequence")]


def wedge_lost(draft: Draft) -> Mark:
    beam = draft.one(_wedged(draft))
    beam.NumberOfWedges = "0"
    del beam["WedgeSequence"]
    for point in beam.ControlPointSequence:
        if "WedgePositionSequence" in point:
            del point["WedgePositionSequence"]
    return Mark((number_of(beam),), "wedge gone without a trace")


def _lost(sequence: str, said: str, *, count: str = "") -> Callable[[Draft], Mark]:
    """What is put into a beam is described no more; with ``count`` the number of it is 0, so that nothing is missed."""

    def plant(draft: Draft) -> Mark:
        beam = draft.one([b for b in draft.treatment if b.get(sequence)])
        del beam[sequence]
        if count:
            setattr(beam, count, "0")
        return Mark((number_of(beam),), said)

    return plant


def wedge_number_zero(draft: Draft) -> Mark:
    beam = draft.one(_wedged(draft))
    beam.NumberOfWedges = "0"
    return Mark((number_of(beam),), "number of wedges 0, item as before")


def wedge_out(draft: Draft) -> Mark:
    beam = draft.one(_wedged(draft))
    found = False
    for point in beam.ControlPointSequence:
        for item in point.get("WedgePositionSequence") or []:
            item.WedgePosition = "OUT"
            found = True
    if not found:
        raise Unfit
    return Mark((number_of(beam),), "wedge OUT at every control point")


def wedge_angle(draft: Draft) -> Mark:
    beam = draft.one([b for b in _wedged(draft) if all(w.get("WedgeType") == "STANDARD" for w in b.WedgeSequence)])
    wedge = beam.WedgeSequence[0]
    old = int(wedge.WedgeAngle)
    new = {15: 45, 30: 60, 45: 15, 60: 30}.get(old)
    if new is None or str(old) not in str(wedge.get("WedgeID") or ""):
        raise Unfit
    wedge.WedgeAngle = str(new)
    return Mark((number_of(beam),), f"wedge angle {old} to {new}, identifier as before")


def wedge_turned(draft: Draft) -> Mark:
    beam = draft.one([b for b in _wedged(draft) if b.WedgeSequence[0].get("WedgeOrientation") not in (None, "")])
    wedge = beam.WedgeSequence[0]
    wedge.WedgeOrientation = text_of((float(wedge.WedgeOrientation) + 180) % 360)
    return Mark((number_of(beam),), "wedge turned by 180 degrees")


def wedge_dangling(draft: Draft) -> Mark:
    beam = draft.one(_wedged(draft))
    for point in beam.ControlPointSequence:
        for item in point.get("WedgePositionSequence") or []:
            item.ReferencedWedgeNumber = "7"
            return Mark((number_of(beam),), "wedge position of a wedge that there is not")
    raise Unfit


def wedge_added(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.static() if b in draft.photons() and not b.get("WedgeSequence")])
    wedge = Dataset()
    wedge.WedgeNumber = "1"
    wedge.WedgeType = "STANDARD"
    wedge.WedgeID = "W45R"
    wedge.WedgeAngle = "45"
    wedge.WedgeFactor = None
    wedge.WedgeOrientation = "90"
    beam.WedgeSequence = Items([wedge])
    beam.NumberOfWedges = "1"
    position = Dataset()
    position.WedgePosition = "IN"
    position.ReferencedWedgeNumber = "1"
    beam.ControlPointSequence[0].WedgePositionSequence = Items([position])
    return Mark((number_of(beam),), "a wedge that was not planned")


def block_points(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("BlockSequence") and b.BlockSequence[0].get("BlockData")])
    block = beam.BlockSequence[0]
    data = list(block.BlockData)
    if len(data) < 16:
        raise Unfit
    block.BlockData = data[: 2 * (len(data) * 3 // 8)]
    return Mark((number_of(beam),), "the last quarter of the outline gone, number as before")


def block_outside(draft: Draft) -> Mark:
    beam = draft.one(
        [b for b in draft.treatment if b.get("BlockSequence") and b.get("ApplicatorSequence") and _opening(b)]
    )
    block = beam.BlockSequence[0]
    block.BlockData = [text_of(float(v) * 2.5) for v in block.BlockData]
    return Mark((number_of(beam),), "cut-out two and a half times as large, beyond the applicator")


def _opening(beam: Dataset) -> float:
    for geometry in beam.ApplicatorSequence[0].get("ApplicatorGeometrySequence") or []:
        return float(geometry.get("ApplicatorOpening") or 0)
    return 0.0


def block_kind(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("BlockSequence") and b.get("ApplicatorSequence")])
    beam.BlockSequence[0].BlockType = "SHIELDING"
    return Mark((number_of(beam),), "electron cut-out typed SHIELDING")


def applicator_other(draft: Draft) -> Mark:
    beam = draft.one([b for b in draft.treatment if b.get("ApplicatorSequence") and _opening(b)])
    applicator = beam.ApplicatorSequence[0]
    applicator.ApplicatorID = "A25"
    applicator.ApplicatorGeometrySequence[0].ApplicatorOpening = 250.0
    return Mark((number_of(beam),), "another applicator, 25 cm")


COUNT = "the number contradicts the items"

KINDS = (
    Kind(
        id="wedge_lost",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="a field that was planned with a wedge has none",
        topics=WEDGE,
        integrity=no("fields without a wedge exist, beside fields with one too"),
        plant=wedge_lost,
    ),
    Kind(
        id="wedge_item_lost",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="the wedge is announced and positioned and not described",
        topics=WEDGE | topics("references"),
        integrity=yes(COUNT),
        plant=_lost("WedgeSequence", "wedge item gone, number and positions as before"),
    ),
    Kind(
        id="wedge_number_zero",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="a wedge is described and the number says that there is none",
        topics=WEDGE,
        integrity=yes(COUNT),
        plant=wedge_number_zero,
    ),
    Kind(
        id="wedge_always_out",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="the wedge is declared and never in the beam",
        topics=WEDGE,
        integrity=yes("a wedge that is never used should not be declared"),
        plant=wedge_out,
    ),
    Kind(
        id="wedge_angle_other",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="the wedge angle is not that of the wedge's identifier",
        topics=WEDGE,
        integrity=yes("identifier and angle contradict one another"),
        plant=wedge_angle,
    ),
    Kind(
        id="wedge_turned",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="the thick end of the wedge is on the other side",
        topics=WEDGE,
        integrity=no("both orientations are possible"),
        plant=wedge_turned,
    ),
    Kind(
        id="wedge_reference_dangling",
        family="wedges",
        harm=Harm.STOPS,
        notice="a position is given for a wedge that does not exist",
        topics=WEDGE | topics("references"),
        integrity=yes("a reference to nothing"),
        plant=wedge_dangling,
    ),
    Kind(
        id="wedge_added",
        family="wedges",
        harm=Harm.SERIOUS,
        notice="a field has a wedge that was not planned",
        topics=WEDGE,
        integrity=no("the beam agrees with itself"),
        plant=wedge_added,
    ),
    Kind(
        id="block_lost",
        family="blocks",
        harm=Harm.SERIOUS,
        notice="the electron field has no cut-out",
        topics=topics("block"),
        integrity=no("a standard insert needs none"),
        plant=_lost("BlockSequence", "cut-out gone without a trace", count="NumberOfBlocks"),
    ),
    Kind(
        id="block_item_lost",
        family="blocks",
        harm=Harm.SERIOUS,
        notice="a cut-out is announced and not described",
        topics=topics("block"),
        integrity=yes(COUNT),
        plant=_lost("BlockSequence", "cut-out gone, number as before"),
    ),
    Kind(
        id="block_corners_lost",
        family="blocks",
        harm=Harm.MODERATE,
        notice="the outline has fewer corners than announced",
        topics=topics("block"),
        integrity=yes("the number of points contradicts the data"),
        plant=block_points,
    ),
    Kind(
        id="block_beyond_applicator",
        family="blocks",
        harm=Harm.STOPS,
        notice="the cut-out is larger than the applicator that holds it",
        topics=topics("block", "applicator"),
        integrity=yes("it does not fit"),
        plant=block_outside,
    ),
    Kind(
        id="block_typed_shielding",
        family="blocks",
        harm=Harm.SERIOUS,
        notice="the cut-out of an electron field is typed as a shield: the opposite is open",
        topics=topics("block"),
        integrity=yes("an electron insert is an aperture"),
        plant=block_kind,
    ),
    Kind(
        id="applicator_lost",
        family="applicators",
        harm=Harm.STOPS,
        notice="an electron field has no applicator",
        topics=topics("applicator"),
        integrity=yes("electrons are hardly ever given without one"),
        plant=_lost("ApplicatorSequence", "applicator gone"),
    ),
    Kind(
        id="applicator_other",
        family="applicators",
        harm=Harm.STOPS,
        notice="another applicator than planned",
        topics=topics("applicator"),
        integrity=no("the cut-out fits in larger ones"),
        plant=applicator_other,
    ),
    Kind(
        id="bolus_lost",
        family="boluses",
        harm=Harm.SERIOUS,
        notice="the bolus that was planned is gone",
        topics=topics("bolus"),
        integrity=no("most fields have none"),
        plant=_lost("ReferencedBolusSequence", "bolus gone without a trace", count="NumberOfBoli"),
    ),
    Kind(
        id="bolus_item_lost",
        family="boluses",
        harm=Harm.SERIOUS,
        notice="a bolus is announced and not described",
        topics=topics("bolus"),
        integrity=yes(COUNT),
        plant=_lost("ReferencedBolusSequence", "bolus gone, number as before"),
    ),
    Kind(
        id="compensator_lost",
        family="compensators",
        harm=Harm.SERIOUS,
        notice="the compensator that was planned is gone",
        topics=topics("compensator"),
        integrity=no("most fields have none"),
        plant=_lost("CompensatorSequence", "compensator gone without a trace", count="NumberOfCompensators"),
    ),
    Kind(
        id="compensator_item_lost",
        family="compensators",
        harm=Harm.SERIOUS,
        notice="a compensator is announced and not described",
        topics=topics("compensator"),
        integrity=yes(COUNT),
        plant=_lost("CompensatorSequence", "compensator gone, number as before"),
    ),
)
