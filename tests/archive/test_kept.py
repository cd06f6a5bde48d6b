"""What is kept of a plan is judged as the plan is, and names nobody."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtcode import analyze, read_plan
from rtcode.archive import kept, wording
from rtcode.archive.kept import kept_plan, same_reading
from rtcode.archive.wording import Wording, masked, read_alike
from rtcode.coding.codeset import shipped
from rtcode.errors import RtcodeError
from rtcode.outputs.contract_values import IdentifierLevel
from rtcode.outputs.identifiers import LONGEST_TEXT, REMOVED, Identifiers
from rtcode.plan import columns, model
from rtcode.plan.model import PatientIdentity, RTPlan
from rtcode.plan.packed import pack, unpack
from rtcode.plan.spellings import plain
from rtcode.records import fields, is_record, replace
from tests.conftest import PLANS
from tests.features import phrasings
from tests.support import differences

FIXTURES = sorted(PLANS.rglob("*.dcm"))
LEVELS: tuple[IdentifierLevel, ...] = ("none", "uid", "full")
HIDING: tuple[IdentifierLevel, ...] = ("none", "uid")
KEY = b"our key"
POLICIES = {
    "near": """
        name = "near"
        [values]
        same_isocenter_mm = 0.1
        distinct_isocenter_mm = 2.0
        same_site_mm = 20.0
        touching_gap_mm = 0.0
        close_gap_mm = 5.0
        opposed_deg = 0.1
        stereotactic_fractions = 8
        stereotactic_ask_gy = 3.0
        stereotactic_doubt_gy = 4.0
        [readings]
        multiple_isocenters_2d = "keep_3"
        abutting_electrons = 2
        """,
    "far": """
        name = "far"
        [values]
        same_isocenter_mm = 5.0
        distinct_isocenter_mm = 80.0
        same_site_mm = 400.0
        opposed_deg = 25.0
        abutting_axis_deg = 80.0
        shaped_leaf_mm = 40.0
        total_skin_ssd_mm = 1500.0
        stereotactic_fractions = 1
        [readings]
        electron_constraints = 2
        """,
}


def read(path: Path) -> RTPlan:
    return read_plan(path.read_bytes(), path=str(path))


EXAMPLE = read(PLANS / "example.dcm")


def decisions(plan: RTPlan, policy: Path | None = None) -> list[Any]:
    """What was decided of each session: criteria, the whole suggestion with questions and flags, and why not."""
    found = analyze(plan, policy=policy, integrity=False, metrics=False)
    assert not found.results.failures
    return [
        (
            session["id"],
            [(c["id"], c["status"], c["supports_level"], c["reason"]) for c in session["criteria"]],
            session["suggestion"],
            session["no_delivery"],
            session["together"],
        )
        for session in found.to_dict("none")["sessions"]
    ]


def stored(plan: RTPlan, level: IdentifierLevel) -> RTPlan:
    return unpack(pack(kept_plan(plan, level, KEY)))


@pytest.fixture
def policies(tmp_path: Path) -> list[Path | None]:
    written: list[Path | None] = [None]
    for name, text in POLICIES.items():
        path = tmp_path / f"{name}.toml"
        path.write_text("\n".join(line.strip() for line in text.splitlines()), "utf-8")
        written.append(path)
    return written


# ------------------------------------------------------------------------------------------------ the same decisions


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_are_judged_alike(path: Path, policies: list[Path | None]) -> None:
    plan = read(path)
    copies = [stored(plan, level) for level in LEVELS]
    for policy in policies:
        expected = decisions(plan, policy)
        for copy in copies:
            assert same_reading(plan, copy)
            assert decisions(copy, policy) == expected, policy


def test_the_policies_change_decisions(policies: list[Path | None]) -> None:
    """Else the test above would compare the same thing three times."""
    for policy in policies[1:]:
        assert any(decisions(read(path), policy) != decisions(read(path)) for path in FIXTURES)


def test_words_of_a_policy_are_found_where_texts_are_kept(tmp_path: Path) -> None:
    policy = tmp_path / "words.toml"
    policy.write_text('name = "words"\n[values]\nmotion_words = ["snorkel"]\n', "utf-8")
    plan = with_text(EXAMPLE, "snorkel for Canary")
    assert decisions(plan, policy) != decisions(with_text(EXAMPLE, "for Canary"), policy)
    for level in ("uid", "full"):
        assert decisions(stored(plan, level), policy) == decisions(plan, policy)


@pytest.mark.slow
def test_real_plans_are_judged_alike(real_plans_dir: Path, policies: list[Path | None]) -> None:
    count = 0
    for path in sorted(real_plans_dir.rglob("*")):
        try:
            plan = read(path)
        except (RtcodeError, OSError):
            continue
        count += 1
        copies = [stored(plan, level) for level in LEVELS]
        assert all(same_reading(plan, copy) for copy in copies), path.name
        for policy in policies:
            expected = decisions(plan, policy)
            for copy in copies:
                assert decisions(copy, policy) == expected, (path.name, policy)
    assert count > 50


def with_text(plan: RTPlan, text: str, rng: random.Random | None = None) -> RTPlan:
    """The plan with a text in all places where people write, or in some of them."""

    def here(before: str | None) -> str | None:
        return text if rng is None or rng.random() < 0.4 else before

    setups = tuple(replace(s, label=here(s.label), technique_description=here(None)) for s in plan.setups)
    beams = tuple(replace(b, name=here(b.name), description=here(b.description)) for b in plan.beams or ())
    references = tuple(replace(r, description=here(r.description)) for r in plan.dose_references)
    return replace(
        plan,
        label=here(plan.label),
        name=here(plan.name),
        description=here(plan.description),
        prescription_description=here(plan.prescription_description),
        setups=setups,
        beams=beams,
        dose_references=references,
    )


def all_phrasings() -> Iterator[str]:
    tables: list[Any] = [
        phrasings.MOTION,
        phrasings.STEREOTACTIC,
        phrasings.SITES,
        phrasings.PURPOSE,
        phrasings.BOOSTS,
        phrasings.INTRAOPERATIVE,
        phrasings.TOTAL_SKIN,
    ]
    for table in tables:
        yield from (row[0] for row in table)


def test_phrasings_read_the_same_when_masked() -> None:
    changed = 0
    for text in all_phrasings():
        hidden = masked(text)
        changed += hidden != plain(text)
        assert wording._sight(plain(text), Wording.FREE) == wording._sight(hidden, Wording.FREE), text
        assert wording._hits(plain(text)) == wording._hits(hidden), text
        assert len(hidden) == len(plain(text)) and masked(hidden) == hidden
    assert changed > 100


@pytest.mark.slow
@pytest.mark.parametrize("name", ["example.dcm", "V98_brain_srs.dcm", "V05_electron_boost.dcm"])
def test_phrasings_are_judged_alike(name: str) -> None:
    plan = read(PLANS / name)
    for text in all_phrasings():
        changed = with_text(plan, text)
        assert decisions(kept_plan(changed, "none", KEY)) == decisions(changed), text


NAMES = (
    "Canary^Zoe",
    "Smith^Jo",
    "O'Brien^Li",
    "M\u00fcller^J\u00f6rg",
    "Wu^Li",
    "\u5c71\u7530^\u592a\u90ce",
    "van der Berg^An",
)
WORD_NAMES = ("Boost^Ann", "Lung^Wei", "Breast^X", "Hand^No", "Gate^Bill", "Brown^Phantom", "May^Not", "Hipp^Will")
TALK = (
    "{n} DIBH",
    "no {n} DIBH",
    "DIBH {n} not used",
    "L_DIBH_{n}",
    "{n}DIBH",
    "DIBH{n}",
    "prior {n} SRS",
    "QA {n} passed",
    "phantom {n}",
    "{n}-GTV",
    "boost to follow, Dr. {n}",
    "{i} lung SBRT",
    "born {d}, breast",
    "T8 {n} compression",
    "SGRT for set-up, {n}",
    "abd. compression ({n})",
)


@pytest.mark.parametrize("seed", range(40))
def test_texts_with_the_patient_are_judged_alike(seed: int) -> None:
    """Or the plan is marked, which only a name that is a word of the vocabulary may lead to."""
    rng = random.Random(seed)
    names = WORD_NAMES if seed % 2 else NAMES
    plan = read(rng.choice(FIXTURES))
    name = rng.choice(names)
    family, given = name.split("^")
    identity = PatientIdentity(id="MRN77312", name=name, birth_date="19510317")
    written = rng.choice((family, family.upper(), given, f"{family} {given}", f"{family}, {given}"))
    text = rng.choice(TALK).format(n=written, i="MRN77312", d=rng.choice(("17.03.1951", "1951-03-17")))
    plan = with_text(replace(plan, patient=identity), text, rng)
    expected = decisions(plan)
    for level in HIDING:
        copy = stored(plan, level)
        alike = same_reading(plan, copy)
        assert not alike or decisions(copy) == expected, text
        assert alike or names is WORD_NAMES or text.startswith("born"), text
        shown = content(copy).lower()
        assert not [secret for secret in ("mrn77312", "1951-03-17", "17.03.1951", name.lower()) if secret in shown]
        assert names is WORD_NAMES or len(family) < 5 or family.lower() not in shown


@pytest.mark.parametrize("level", HIDING)
def test_a_name_that_is_looked_for_marks_the_plan(level: IdentifierLevel) -> None:
    for name, text in (("Boost^Ann", "Ann Boost"), ("Lung^Wei", "Lung, W"), ("Gating^X", "gating")):
        plan = replace(EXAMPLE, patient=PatientIdentity("1", name, None), label=text)
        assert not same_reading(plan, kept_plan(plan, level, KEY)), name
    plan = replace(EXAMPLE, patient=PatientIdentity("1", "Canary^Ann", None), label="Canary DIBH")
    assert same_reading(plan, kept_plan(plan, level, KEY))


@pytest.mark.parametrize(
    ("text", "other", "alike"),
    [
        ("DIBH", "DIBH", True),
        ("L breast", "R breast", True),
        ("DIBH", "dibh x", True),
        ("DIBH", "", False),
        ("", " ", True),
        ("note", "", False),
        ("DIBH", "no DIBH", False),
        ("breast", "brain", False),
        ("T8", "T99", False),
        ("QA", "QA passed", False),
        ("QA", "QA 98%", False),
        ("Lungs-GTV", "GTV", False),
        ("prior SRS", "SRS", False),
        ("test of a long note on it", "test", False),
    ],
)
def test_reading_alike(text: str, other: str, alike: bool) -> None:
    assert read_alike(text, other) is alike and read_alike(other, text) is alike


# ------------------------------------------------------------------------------------------------------- what stays


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Smith-DIBH 12/44", "Jjjjj-DIBH 99/99"),
        ("RTBREAST Hubert", "RTBREAST Jjjjjj"),
        ("SMITHDIBH", "JJJJJDIBH"),
        ("T12 T2 N1, 3 x 8 Gy", "T12 T2 N1, 3 x 8 Gy"),
        ("s/p cystectomy in 2021", "s/p jjjjectomy in 2099"),
        ("Dr. Tomoko Accurayson", "Dr. Jjjjjj Jjjjjjjjjj"),
        ("\u5de6\u4e73\u623f \u5c71\u7530", "\u5de6\u4e73\u623f \u9fa5\u9fa5"),
        ("\u0418\u0432\u0430\u043d", "\u046e\u046f\u046f\u046f"),
        ("Br\u00fcste \ud55c", "Jjjjjj \u01c2\u01c2\u01c2"),
        ("", ""),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("text", "how", "shown"),
    [
        ("TomoHD Smith", Wording.TERMS, "TomoJJ Jjjjj"),
        ("Smith 10x10 77312", Wording.SIZES, "Jjjjj 10x10 99999"),
        ("MLCX9 Smith", Wording.DEVICE, "MLCX9 Jjjjj"),
        ("IMAGE_BEAM", Wording.TERMS, "IMAGE_BEAM"),
        ("upright Smith", Wording.TERMS, "upright Jjjjj"),
    ],
)
def test_masked_equipment(text: str, how: Wording, shown: str) -> None:
    assert masked(text, how) == shown


def test_every_word_of_the_lists_stays() -> None:
    for code_set in shipped():
        for listed in wording._lists(code_set.settings).values():
            for word in listed:
                bare = plain(word.strip("* ").rstrip(".- "))
                assert masked(bare) == bare, word
    keys = wording._vocabulary(True).keys
    assert not [key for key in keys if "jj" in key or "99" in key], "what stands for letters is no word"


def test_full_keeps_everything() -> None:
    assert kept_plan(EXAMPLE, "full") is EXAMPLE


def test_uid_is_what_outputs_show() -> None:
    plan = replace(
        EXAMPLE,
        patient=PatientIdentity("MRN77312", "Smith^Jo", "19510317"),
        label="Smith DIBH",
        date="19510317",
        description="x" * (LONGEST_TEXT + 5) + " Smith",
        intent="CURATIVE",
    )
    copy = kept_plan(plan, "uid")
    shown = Identifiers("uid", [plan])
    assert copy.label == shown.text(plan.label) == f"{REMOVED} DIBH"
    assert copy.date == REMOVED, "a date that is the patient's"
    assert copy.description == "x" * (LONGEST_TEXT + 5) + f" {REMOVED}", "not cut, for detection reads all of it"
    assert copy.patient == PatientIdentity(None, None, None)
    ignored = frozenset({"plan.patient.id", "plan.patient.name", "plan.patient.birth_date"})
    changed = ignored | {"plan.label", "plan.date", "plan.description"}
    assert not differences(plan, copy, ignore=changed)
    assert (copy.beams or ())[0].control_points is (plan.beams or ())[0].control_points


def targets(plan: RTPlan) -> list[str]:
    """Of each beam dose the place of the dose reference that it names."""
    places: dict[str | None, str] = {reference.uid: reference.path for reference in plan.dose_references}
    named = (beam.dose_reference_uid for group in plan.fraction_groups or () for beam in group.beams)
    return [places[uid] for uid in named if uid]


def test_none_keeps_references_between_objects() -> None:
    plan = read(PLANS / "V25_prostate_nodes.dcm")
    references = tuple(replace(r, uid=f"1.2.3.4.9.{place}") for place, r in enumerate(plan.dose_references))
    groups = tuple(
        replace(g, beams=tuple(replace(beam, dose_reference_uid=references[-1].uid) for beam in g.beams))
        for g in plan.fraction_groups or ()
    )
    plan = replace(plan, dose_references=references, fraction_groups=groups)
    uid = "1.2.3.4.5"
    related = model.RelatedPlan("ReferencedRTPlanSequence[0]", uid, "CONCURRENT")
    first, second = replace(plan, related_plans=(related,)), replace(plan, sop_instance_uid=uid)
    a, b = kept_plan(first, "none", KEY), kept_plan(second, "none", KEY)
    assert a.related_plans[0].sop_instance_uid == b.sop_instance_uid == Identifiers("none", [], KEY).uid(uid)
    assert a.related_plans[0].relationship == "CONCURRENT"
    assert a.frame_of_reference_uid == b.frame_of_reference_uid != plan.frame_of_reference_uid
    assert targets(a) == targets(plan) != []
    assert a.sop_class_uid == plan.sop_class_uid and a.source.sha256 == plan.source.sha256
    assert a.source.path == Identifiers("none", [], KEY).path(plan.source.path)
    assert (a.date, a.study_date, a.review_date) == (None, None, None)
    ethos = replace(plan, sop_class_uid="1.2.246.352.70.1.70")
    assert kept_plan(ethos, "none", KEY).sop_class_uid == ethos.sop_class_uid, "a private class of plans names nobody"


def test_absent_and_empty_stay_apart() -> None:
    plan = replace(EXAMPLE, label="", name=None, date="", sop_instance_uid="", frame_of_reference_uid=None)
    for level in HIDING:
        copy = kept_plan(plan, level, KEY)
        assert (copy.label, copy.name, copy.sop_instance_uid, copy.frame_of_reference_uid) == ("", None, "", None)


def test_different_positions_stay_different() -> None:
    plan = read(PLANS / "V90_total_skin_geometry.dcm")
    setups = plan.setups
    positions = ("standing RAO", "standing LPO", "STANDING RAO ", "", None, "on a chair")
    plan = replace(plan, setups=tuple(replace(setups[0], additional_position=p) for p in positions))
    copy = kept_plan(plan, "none", KEY)
    shown = [(setup.additional_position or "").strip().upper() for setup in copy.setups]
    assert len({*shown}) == 4 and shown[0] == shown[2] != shown[1] and "RAO" not in shown[0]
    assert same_reading(plan, copy)


# ----------------------------------------------------------------------------------------------------------- privacy


def content(plan: RTPlan) -> str:
    """Everything that the packed form of a plan holds."""
    data = pack(plan)
    return zlib.decompress(data[9:]).decode("utf-8", "replace")


@pytest.mark.parametrize("level", HIDING)
def test_no_fixture_gives_its_patient_away(level: IdentifierLevel) -> None:
    for path in FIXTURES:
        plan = read(path)
        shown = content(kept_plan(plan, level, KEY)).lower()
        assert plan.patient.name and "canary" in plan.patient.name.lower()
        for secret in ("canary", "19010203", (plan.patient.id or "").lower()):
            assert secret and secret not in shown, path.name


def test_none_has_no_text_uid_or_path_of_a_fixture() -> None:
    hidden = 0
    for path in FIXTURES:
        plan = read(path)
        shown = content(kept_plan(plan, "none", KEY))
        assert str(path) not in shown and path.name not in shown
        beams = plan.beams or ()
        named = (plan.sites, *(b.private_signs for b in beams), *(b.modifier_details for b in beams))
        public = {name for pairs in named for name, _ in pairs}
        public |= {text for where, text in kept._texts(plan) if text and kept._is_public(where, text)}
        for where, text in kept._texts(plan):
            how = kept._WORDINGS.get(where, Wording.FREE)
            if where in kept._UIDS:
                assert not text or text not in shown, where
            elif where in kept._OWN or where == "RTPlan.sop_class_uid" or text in public or not text:
                continue
            elif plain(text) != masked(text, how):
                hidden += 1
                assert f'"{text}"' not in shown, (path.name, where)
    assert hidden > 500


def records_of_the_model() -> Iterator[type]:
    for module in (model, columns):
        yield from (cls for cls in vars(module).values() if isinstance(cls, type) and is_record(cls))


def filled(value: Any, where: str = "") -> Any:
    """The value with a name in every text of the model, and one text in each place that has none."""
    if type(value) is str or (value is None and where in TEXT_FIELDS):
        return value if where in kept._OWN or where.endswith((".path", ".patient")) else "Zqfree of Dr Zqfree"
    if type(value) is tuple:
        if where in kept._NAMED_PAIRS and len(value) == 2 and isinstance(value[0], str):
            return (value[0], filled(value[1], where))
        return tuple(filled(one, where) for one in value)
    if not is_record(value):
        return value
    names = [one.name for one in fields(type(value))]
    return replace(value, **{n: filled(getattr(value, n), f"{type(value).__name__}.{n}") for n in names})


TEXT_FIELDS = {
    f"{cls.__name__}.{one.name}" for cls in records_of_the_model() for one in fields(cls) if str(one.type) == "Text"
}


def test_every_text_of_the_model_is_masked() -> None:
    """Texts are found by type: what is listed as something else has to be a field of the model."""
    assert len(TEXT_FIELDS) > 70
    for path in FIXTURES:
        plan = replace(filled(read(path)), patient=PatientIdentity("77", "Zqfree^Zqfree", "19510317"))
        assert "Zqfree" not in content(kept_plan(plan, "uid", KEY)), path.name
        plan = replace(plan, patient=PatientIdentity(None, None, None))
        shown = content(kept_plan(plan, "none", KEY))
        assert "zqfree" not in shown.lower(), path.name
    everything = {f"{cls.__name__}.{one.name}" for cls in records_of_the_model() for one in fields(cls)}
    listed = {*kept._UIDS, *kept._DATES, *kept._CODED, *kept._EQUIPMENT, *kept._WORDINGS, *kept._NAMED_PAIRS}
    assert {*listed, kept._PATTERN} <= everything
    textless = {str(one.type) for cls in records_of_the_model() for one in fields(cls)} & kept._TEXTLESS
    assert textless == kept._TEXTLESS, "no type is listed that the model does not have"
