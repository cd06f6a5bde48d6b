"""The good plans: synthetic ones of every technique, and real ones of different systems where they are at hand."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from benchmarks.seeded.draft import Draft, Unfit, first, leaves_written, moves, number_of, text_of

ROOT = Path(__file__).resolve().parents[2]

#: synthetic plans, each with what it stands for
SYNTHETIC = {
    "V29_breast_tangents_wedge": "tangents with physical wedges",
    "V21_iliac_wedges": "opposed fields with wedges",
    "V34_rectum_prone": "three fields, prone, wedges",
    "V30_breast_field_in_field": "field-in-field",
    "V49_dynamic_wedges": "field-in-field with dynamic wedges",
    "V18_whole_brain_shielded": "opposed shaped fields",
    "V31_breast_scv_one_isocenter": "three fields, one isocenter",
    "V50_compensators": "five fields with compensators",
    "V01_electron_cheek": "electron field with cut-out",
    "V06_electron_bolus": "electron field with cut-out and bolus",
    "example_prostate_vmat": "two arcs",
    "V24_prostate_vmat": "two arcs, two leaf layers, FFF, set-up field",
    "V27_oropharynx": "three arcs",
    "V98_brain_srs": "two arcs, one fraction, stereotactic",
    "V43_pelvis_split_windows": "sliding windows",
    "V42_parotid_step_and_shoot": "step and shoot",
    "V55_breast_breath_hold": "tangents in breath-hold",
    "V58_lung_gated": "two gated arcs",
    "V71_open_breath_hold": "opposed open fields in breath-hold",
    "V09_emergency_cord": "one field at SSD 1000",
    "V51_tbi_laterals": "total body at SSD 4000",
    "V17_knees_two_isocenters": "two isocenters, opposed fields",
    "V79_breast_scv_two_isocenters": "breast and supraclavicular, two isocenters",
    "V72_csi_three_isocenters": "craniospinal, three isocenters",
    "V46_imaging_isocenter": "two arcs with a set-up field elsewhere",
    "V67_lung_cbct": "two arcs with a set-up field",
    "example": "tangents with wedges and a set-up field",
    "V40_pelvis_two_groups": "two fraction groups of arcs",
    "V85_breast_electron_boost_group": "photons, then an electron group",
    "V82_chest_wall_mixed": "photons and electrons in one session",
    "V69_pancreas_mr_linac": "MR linac, two leaf layers, no jaws",
    "V47_helical_csi": "helical",
}

#: real plans by their number in the catalog, each with what it stands for; none is ever copied
REAL = {
    "006": "ARIA, two arcs, set-up field",
    "007": "ARIA, nine windows, set-up field",
    "010": "Brainlab, two arcs",
    "011": "Monaco, one beam of arcs",
    "012": "MRIdian, thirty beams",
    "013": "Pinnacle, two arcs",
    "018": "Monaco, nine windows",
    "034": "ARIA, four arcs",
    "041": "RayStation, helical",
    "083": "Monaco, three electron fields",
    "102": "eleven static beams",
    "104": "RayStation, eight arcs, set-up fields",
    "105": "ARIA, eleven beams, two isocenters",
    "106": "ARIA, two beams, set-up fields",
    "107": "iPlan, three arcs",
    "112": "ARIA, tangents in breath-hold",
    "115": "Monaco, three windows",
    "116": "Pinnacle, twelve segmented fields",
}


@dataclass(frozen=True)
class Good:
    """A plan to plant errors in: its bytes, and what it stands for."""

    name: str
    about: str
    data: bytes
    real: bool


def synthetic() -> list[Good]:
    """The synthetic plans, made as full as a clinic's export: metersets that differ, tables, couch values, codes."""
    found = []
    for name, about in SYNTHETIC.items():
        data = (ROOT / "fixtures" / "plans" / f"{name}.dcm").read_bytes()
        found.append(Good(name, about, complete(name, data), real=False))
    return found


def real_folder() -> Path | None:
    folder = ROOT.parent / "shared" / "realplans" / "plans"
    return folder if folder.is_dir() else None


def real() -> list[Good]:
    folder = real_folder()
    if folder is None:
        return []
    found = []
    for number, about in REAL.items():
        for path in sorted(folder.glob(f"{number}_*.dcm")):
            found.append(Good(f"real {number}", about, path.read_bytes(), real=True))
    return found


def complete(name: str, data: bytes) -> bytes:
    """The fixture with what its writer leaves plain: every beam of it has 100 MU, no table and no couch values.

    Metersets fit the dose and the technique and differ between beams; beam doses are shared in the same proportion, so
    that they still add up. All of it depends on the plan's name only.
    """
    rng = random.Random(f"complete/{name}")
    draft = Draft(data, rng)
    draft.apply(_fill)
    return draft.to_bytes()


def _fill(draft: Draft) -> None:
    for group in draft.groups:
        _metersets(draft, group, draft.rng)
    if draft.rng.random() < 0.6:
        _tolerance_table(draft)
    if draft.rng.random() < 0.5:
        _couch(draft)
    if draft.rng.random() < 0.6:
        _technique_codes(draft)


def mu_per_gy(draft: Draft, beam: Dataset) -> float:
    """A usual meterset for one gray from this beam alone."""
    if beam.get("RadiationType") == "ELECTRON":
        return 112.0
    try:
        ssd = float(first(beam).get("SourceToSurfaceDistance") or 900)
    except Unfit:
        ssd = 900.0
    if moves(beam, "GantryAngle"):
        return 230.0
    if leaves_written(beam) > 3:
        return 260.0
    return 135.0 * max(1.0, ssd / 1000) ** 2


def _metersets(draft: Draft, group: Dataset, rng: random.Random) -> None:
    beams = {number_of(b): b for b in draft.treatment}
    refs = [r for r in group.get("ReferencedBeamSequence") or [] if int(r.ReferencedBeamNumber) in beams]
    refs = [r for r in refs if r.get("BeamDose") and r.get("BeamMeterset")]
    total = round(sum(float(r.BeamDose) for r in refs), 6)
    shares = [rng.uniform(0.8, 1.25) for _ in refs]
    for ref, share in zip(refs, shares, strict=True):
        beam = beams[int(ref.ReferencedBeamNumber)]
        dose = round(total * share / sum(shares), 4)
        ref.BeamDose = text_of(dose)
        if beam.get("PrimaryDosimeterUnit", "MU") == "MU":
            ref.BeamMeterset = text_of(round(dose * mu_per_gy(draft, beam), 2))
    if refs:
        refs[-1].BeamDose = text_of(round(total - sum(float(r.BeamDose) for r in refs[:-1]), 6))


def _tolerance_table(draft: Draft) -> None:
    if draft.ds.get("ToleranceTableSequence"):
        return
    table = Dataset()
    table.ToleranceTableNumber = "1"
    table.ToleranceTableLabel = "GENERAL"
    table.TableTopVerticalPositionTolerance = "20"
    table.TableTopLongitudinalPositionTolerance = "20"
    table.TableTopLateralPositionTolerance = "20"
    draft.ds.ToleranceTableSequence = Items([table])
    for beam in draft.beams:
        beam.ReferencedToleranceTableNumber = "1"


def _couch(draft: Draft) -> None:
    """Absolute table positions: one for each isocenter, as after the first localization."""
    known: dict[tuple[float, ...], tuple[float, float, float]] = {}
    for beam in draft.beams:
        start = first(beam)
        iso = start.get("IsocenterPosition")
        if not iso or "TableTopVerticalPosition" not in start:
            continue
        key = tuple(float(v) for v in iso)
        x, y, z = key
        known.setdefault(key, (120.0 + y, 900.0 - z, 0.0 - x))
        vertical, longitudinal, lateral = known[key]
        start.TableTopVerticalPosition = text_of(vertical)
        start.TableTopLongitudinalPosition = text_of(longitudinal)
        start.TableTopLateralPosition = text_of(lateral)


def _technique_codes(draft: Draft) -> None:
    for beam in draft.treatment:
        if beam.get("RadiationType") != "PHOTON" or beam.get("RTTreatmentTechniqueCodeSequence"):
            continue
        if moves(beam, "GantryAngle") and leaves_written(beam) > 2:
            technique = ("130107", "VMAT")
        elif beam.get("BeamType") == "STATIC" and leaves_written(beam) <= 1:
            technique = ("130102", "Static Beam")
        else:
            continue
        beam.RTTreatmentTechniqueCodeSequence = Items([code_item(*technique)])


def code_item(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue = value
    code.CodingSchemeDesignator = "DCM"
    code.CodeMeaning = meaning
    return code
