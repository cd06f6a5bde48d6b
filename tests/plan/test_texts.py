"""Which texts belong to a session, and which words count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rtcode.plan.model import FixationDevice, Missing, ToleranceTable
from rtcode.plan.sessions import sessions_of
from rtcode.plan.spellings import IndexedText, indexed, runs
from rtcode.plan.texts import (
    TextItem,
    TextScope,
    beam_texts,
    find_matches,
    find_words,
    free_texts,
    machine_texts,
    mentions,
    plan_texts,
    session_texts,
    setup_texts,
)
from rtcode.plan.words import _outside
from rtcode.truth import EvidenceKind
from tests import factory as f

WORDS = ("DIBH", "gated", "gating", "breath hold", "trig img", "compression", "4D CBCT", "BH", "Atemanhalt")
NEGATIONS = (
    "no *",
    "non *",
    "not *",
    "without *",
    "w/o *",
    "ohne *",
    "instead of *",
    "* declined",
    "* not used",
    "* no.",
    "* none.",
    "* n/a.",
    "* FB backup *",
    "cord compression",
)


def words_in(text: str) -> list[str]:
    item = TextItem("RTPlanLabel (300A,0002)", text, TextScope.PLAN)
    return [hit.word for hit in find_words((item,), WORDS, negations=NEGATIONS)]


# -------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DIBH", ["DIBH"]),
        ("L_DIBH", ["DIBH"]),
        ("dibh left", ["DIBH"]),
        ("L.Brst/DIBH", ["DIBH"]),
        ("DIBH1", ["DIBH"]),
        ("2DIBH", ["DIBH"]),
        ("BrstDIBH", ["DIBH"]),  # lower case to capital
        ("vDIBH", ["DIBH"]),
        ("DIBHleft", ["DIBH"]),  # an acronym that runs into lower case
        ("DIBHBreast", ["DIBH"]),  # or into another word
        ("LBRSTDIBH", ["DIBH"]),  # letters that no word holds
        ("ltgated", ["gated"]),  # a side
        ("LBREATH HOLD", ["breath hold"]),
        ("lgated", []),  # no side in lower case
        ("DIBH照射", ["DIBH"]),  # another script
        ("XDIBH", []),  # one run of capitals is one word
        ("DIBHX", []),
        ("investigated", []),
        ("investigated, then gated", ["gated"]),
        ("bhang", []),
        ("BHam", []),  # too short to cut out of a name
        ("breath hold", ["breath hold"]),
        ("Breath-Hold", ["breath hold"]),
        ("BREATH_HOLD", ["breath hold"]),
        ("breathhold 3", ["breath hold"]),
        ("breath with hold", []),
        ("trigimg", ["trig img"]),
        ("Trig. Img", ["trig img"]),
        ("4DCBCT", ["4D CBCT"]),
        ("4D-CBCT", ["4D CBCT"]),
        ("14D CBCT", []),  # another number
        ("4DCT", []),
        ("ATEMANHALT links", ["Atemanhalt"]),
        ("DIBH and DIBH", ["DIBH"]),  # once a text
        ("gated BH", ["gated", "BH"]),
        ("", []),
    ],
)
def test_whole_words(text: str, found: list[str]) -> None:
    assert words_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no DIBH", []),
        ("noDIBH", []),
        ("non-gated", []),
        ("ungated", []),
        ("not gated", []),
        ("without breath hold", []),
        ("w/o DIBH", []),
        ("no resp. gating", []),  # the full stop of an abbreviation
        ("no active DIBH breath hold", []),  # one thing by two words
        ("no gating, DIBH or compression", []),
        ("DIBH and gating not used", []),
        ("DIBH: N", []),
        ("DIBH? No.", []),
        ("gating = off", []),
        ("ohne DIBH", []),
        ("not able to tolerate DIBH", []),
        ("not planned for DIBH", []),
        ("no DIBH or gating", []),
        ("no DIBH/gating", []),
        ("instead of DIBH", []),
        ("DIBH not used", []),
        ("DIBH (not used)", []),
        ("DIBH was declined", []),
        ("DIBH, declined by patient", []),
        ("DIBH: no", []),
        ("Gating: none", []),
        ("gating = N/A", []),
        ("FB backup DIBH", []),
        ("DIBH free breathing", ["DIBH"]),
        ("cord compression", []),
        ("abd compression", ["compression"]),
        # what is taken back is something else
        ("no bolus DIBH", ["DIBH"]),
        ("no bolus, DIBH", ["DIBH"]),
        ("no bolus, DIBH or FB", ["DIBH"]),
        ("DIBH: new", ["DIBH"]),
        ("no motion with compression", ["compression"]),
        ("DIBH. gating not used", ["DIBH"]),
        ("DIBH no bolus", ["DIBH"]),
        ("DIBH\nno bolus", ["DIBH"]),
        ("DIBH. No bolus", ["DIBH"]),
        ("DIBH, FB backup avail.", ["DIBH"]),
        ("No. 3 DIBH", ["DIBH"]),
        ("not only DIBH", ["DIBH"]),
        ("DIBH not FB", ["DIBH"]),
        ("no DIBH; gated", ["gated"]),
        ("no DIBH, then DIBH", ["DIBH"]),
        ("casino DIBH", ["DIBH"]),  # "no" as a part of a word
    ],
)
def test_negation(text: str, found: list[str]) -> None:
    assert words_in(text) == found


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("prior SRS", False),
        ("prior left frontal SRS", False),
        ("prior brain ca SRS", True),  # the history is the disease's
        ("prior WBRT, SRS", True),
        ("s/p SRS", False),
        ("SP SRS", True),  # a spine
        ("post SRS", False),
        ("post op SRS", True),
        ("SRS post op", True),
        ("SRS to follow", False),
        ("SRS 18 Gy x1 to follow", False),
        ("SRS in 2021", False),
        ("SRS in 5 fx", True),
        ("Z.n. SRS", False),
        ("SRS bag", False),
    ],
)
def test_another_course(text: str, here: bool) -> None:
    item = TextItem("x", text, TextScope.PLAN)
    elsewhere = ("prior ... *", "s/p ... *", "post *", "* to follow", "Z.n. *", "SRS bag")
    assert bool(find_words((item,), ("SRS",), elsewhere=elsewhere)) is here


def test_a_hyphen_before_the_star_has_to_stand_there() -> None:
    item = TextItem("x", "un-gated; un gating", TextScope.PLAN)
    assert [hit.word for hit in find_words((item,), ("gated", "gating"), negations=("un-*",))] == ["gating"]


def test_accents_and_sharp_s_do_not_matter() -> None:
    item = TextItem("x", "Schädel / APNÉE / Großhirn", TextScope.PLAN)
    assert [hit.word for hit in find_words((item,), ("schadel", "apnee", "Grosshirn"))] == [
        "schadel",
        "apnee",
        "Grosshirn",
    ]


def test_a_longer_phrase_hides_the_words_in_it() -> None:
    item = TextItem("x", "thoracic spine", TextScope.PLAN)
    assert [hit.word for hit in find_words((item,), ("thoracic", "thoracic spine"))] == ["thoracic spine"]


def test_a_shorter_word_stands_where_the_longer_one_does_not() -> None:
    item = TextItem("x", "breast Sternum", TextScope.PLAN)
    assert [hit.word for hit in find_words((item,), ("breast s", "breast"))] == ["breast"]


def test_hit_keeps_the_whole_text_and_the_lists_spelling() -> None:
    item = TextItem("RTPlanLabel (300A,0002)", "l brst dibh", TextScope.PLAN, "1.2")
    (hit,) = find_words((item,), ("DIBH",))
    assert hit.word == "DIBH"
    assert (hit.evidence.kind, hit.evidence.where) == (EvidenceKind.TEXT, "RTPlanLabel (300A,0002)")
    assert (hit.evidence.value, hit.evidence.plan_uid) == ("l brst dibh", "1.2")


def test_clause_and_sentence() -> None:
    item = TextItem("x", "Left breast; tattooless setup, SGRT daily. DIBH", TextScope.PLAN)
    (match,) = find_matches((item,), ("SGRT",))
    assert match.clause.strip() == "SGRT daily"
    assert match.sentence.strip() == "tattooless setup, SGRT daily"


def test_no_words_find_nothing() -> None:
    item = TextItem("x", "anything", TextScope.PLAN)
    assert find_words((item,), ()) == ()
    assert find_words((item,), ("", "--")) == ()
    assert not mentions("anything", ())


@given(st.text(max_size=200))
def test_any_text_is_searched_without_error(text: str) -> None:
    item = TextItem("x", text, TextScope.PLAN)
    for match in find_matches((item,), WORDS, negations=NEGATIONS):
        assert match.word in WORDS
        assert match.clause in match.sentence or len(match.sentence) >= len(match.word)


@given(st.text(alphabet=" _-./,;()\n", max_size=8), st.text(alphabet=" _-./,;()\n", max_size=8))
def test_separators_never_hide_a_word(before: str, after: str) -> None:
    assert words_in(f"{before}DIBH{after}") == ["DIBH"]


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6))
def test_letters_of_the_same_case_do(letters: str) -> None:
    assume(letters not in ("lt", "rt"))  # sides
    assert words_in(f"{letters}gated") == []
    assert words_in(f"gated{letters}") == []


# ---------------------------------------------------------------------------------------------------- where they stand


def texts_of(items: object) -> list[tuple[str, str, str]]:
    return [(item.where, item.text, item.scope.value) for item in items]  # type: ignore[attr-defined]


def test_plan_texts() -> None:
    plan = f.plan(
        label="LABEL",
        name="NAME",
        description="TEXT",
        treatment_protocols=("P1", ""),
        sites=(("TreatmentSites", "OLD"), ("TreatmentSite", "NEW")),
        site_codes=(f.code("1", "CODED"), f.code("2", None)),
        prescription_description="  ",
        series_description="SERIES",
        dose_references=(
            f.dose_reference(1, description="PTV"),
            f.dose_reference(2, index=1, kind="ORGAN_AT_RISK", description="Cord"),
            f.dose_reference(3, index=2, kind="ORGAN_AT_RISK", structure_type="SITE", description="LT CW"),
        ),
    )
    assert texts_of(plan_texts(plan)) == [
        ("RTPlanLabel (300A,0002)", "LABEL", "plan"),
        ("RTPlanName (300A,0003)", "NAME", "plan"),
        ("TreatmentProtocols (300A,0009)", "P1", "plan"),
        ("RTPlanDescription (300A,0004)", "TEXT", "description"),
        ("TreatmentSites (300A,000B)", "OLD", "site"),
        ("TreatmentSite (3010,0077)", "NEW", "site"),
        ("TreatmentSiteCodeSequence[0].CodeMeaning (0008,0104)", "CODED", "site"),
        ("DoseReferenceSequence[0].DoseReferenceDescription (300A,0016)", "PTV", "dose_reference"),
        ("DoseReferenceSequence[1].DoseReferenceDescription (300A,0016)", "Cord", "organ_at_risk"),
        ("DoseReferenceSequence[2].DoseReferenceDescription (300A,0016)", "LT CW", "dose_reference"),
        ("SeriesDescription (0008,103E)", "SERIES", "series"),
    ]


def test_beam_and_setup_texts() -> None:
    session = f.session(f.beam(name="B", long_label="LONG", description="DESC"))
    assert texts_of(beam_texts(session.beams[0])) == [
        ("BeamSequence[0].BeamName (300A,00C2)", "B", "beam"),
        ("BeamSequence[0].EntityLongLabel (3010,0038)", "LONG", "beam"),
        ("BeamSequence[0].BeamDescription (300A,00C3)", "DESC", "beam"),
    ]
    setup = f.setup(
        label="S",
        additional_position="standing",
        technique_description="NOTE",
        reference_descriptions=("LASER",),
        fixation_devices=(FixationDevice("PatientSetupSequence[0].FixationDeviceSequence[0]", "MASK", "M", "open"),),
        motion=(f.motion("GATING", description="phase", signal_id="RGSC"),),
    )
    assert [(text, scope) for _, text, scope in texts_of(setup_texts(setup, None))] == [
        ("S", "setup"),
        ("standing", "setup"),
        ("NOTE", "setup"),
        ("LASER", "setup"),
        ("M", "setup"),
        ("open", "setup"),
        ("phase", "motion"),
        ("RGSC", "motion"),
    ]


def session_words(session: object) -> set[tuple[str, str]]:
    return {(item.text, item.scope.value) for item in session_texts(session)}  # type: ignore[arg-type]


def test_only_the_setups_and_tables_of_treatment_beams() -> None:
    plan = f.plan(
        f.beam(1, setup_number=1, tolerance_table_number=1),
        f.beam(2, setup_number=2, delivery_type="SETUP", name="CBCT", tolerance_table_number=2),
        setups=(
            f.setup(1, technique_description="treated"),
            f.setup(2, index=1, technique_description="imaged"),
            f.setup(3, index=2, technique_description="unused"),
        ),
        tolerance_tables=(
            ToleranceTable("ToleranceTableSequence[0]", 1, "T TREAT"),
            ToleranceTable("ToleranceTableSequence[1]", 2, "T IMAGE"),
        ),
    )
    found = session_words(sessions_of(plan)[0])
    assert ("treated", "setup") in found
    assert ("T TREAT", "tolerance") in found
    assert ("CBCT", "imaging_beam") in found
    assert {text for text, _ in found}.isdisjoint({"imaged", "unused", "T IMAGE"})


def test_a_setup_that_nobody_refers_to_counts_where_treatment_beams_name_none() -> None:
    plan = f.plan(
        f.beam(1, setup_number=Missing.ABSENT),
        f.beam(2, setup_number=2, delivery_type="SETUP"),
        setups=(f.setup(1, technique_description="shared"), f.setup(2, index=1, technique_description="imaged")),
    )
    found = {text for text, _ in session_words(sessions_of(plan)[0])}
    assert "shared" in found
    assert "imaged" not in found


def test_set_up_beams_outside_all_groups_are_texts_of_the_session() -> None:
    plan = f.plan(f.beam(1), f.beam(2, name="4D-CBCT", delivery_type="SETUP"), groups=(f.group(1, (1,)),))
    assert ("4D-CBCT", "imaging_beam") in session_words(sessions_of(plan)[0])


def test_each_group_has_its_own_texts() -> None:
    plan = f.plan(
        f.beam(1, name="FIRST"),
        f.beam(2, name="SECOND"),
        groups=(
            f.group(1, (1,), description="INITIAL", dose_reference_uid=f"{f.UID}.9.1"),
            f.group(2, (2,), index=1, description="LATER", dose_reference_uid=f"{f.UID}.9.2"),
        ),
        dose_references=(
            f.dose_reference(1, description="PTV A"),
            f.dose_reference(2, index=1, description="PTV B"),
            f.dose_reference(3, index=2, description="POINT"),
        ),
    )
    first, second = (session_words(session) for session in sessions_of(plan))
    texts = {text for text, _ in first}
    assert {"FIRST", "INITIAL", "PTV A", "POINT", "PLAN"} <= texts
    assert texts.isdisjoint({"SECOND", "LATER", "PTV B"})
    assert {"SECOND", "LATER", "PTV B", "POINT"} <= {text for text, _ in second}


def test_shared_texts_come_once() -> None:
    session = f.session(f.beam(1), f.beam(2), setups=(f.setup(1, technique_description="note"),))
    assert [item.text for item in session_texts(session)].count("note") == 1


def test_machines_are_apart_and_only_of_treatment_beams() -> None:
    session = f.session(
        f.beam(1, machine_name="Unity", manufacturer="Elekta"),
        f.beam(2, machine_name="Unity"),
        f.beam(3, machine_name="CT", delivery_type="SETUP"),
    )
    assert [item.text for item in machine_texts(session)] == ["Maker", "System", "Unity", "Elekta"]
    assert "Unity" not in {item.text for item in session_texts(session)}


# ------------------------------------------------------------------------------------------------------------- cost


def test_every_text_that_is_searched_is_counted() -> None:
    """`free_texts` bounds what the detectors look at: a text that is in no count would cost without a limit."""
    device = FixationDevice("PatientSetupSequence[0].FixationDeviceSequence[0]", "MASK", "fix label", "fix description")
    named = f.beam(
        1,
        name="beam",
        long_label="long label",
        description="beam description",
        manufacturer="beam maker",
        model="beam model",
        technique_codes=(f.code("1", "technique"),),
        tolerance_table_number=1,
    )
    plan = f.plan(
        named,
        f.beam(2, delivery_type="SETUP", name="set-up beam"),
        groups=(f.group(1, (1,), description="group"),),
        setups=(
            f.setup(
                1,
                label="setup",
                additional_position="position",
                technique_description="technique description",
                reference_descriptions=("reference",),
                fixation_devices=(device,),
                motion=(f.motion("GATING", description="motion", signal_id="signal"),),
            ),
        ),
        name="name",
        description="description",
        series_description="series",
        treatment_protocols=("protocol",),
        sites=(("TreatmentSites", "site"),),
        site_codes=(f.code("1", "coded site"),),
        prescription_description="prescription",
        dose_references=(f.dose_reference(1, description="dose"),),
        tolerance_tables=(ToleranceTable("ToleranceTableSequence[0]", 1, "tolerance"),),
    )
    (session,) = sessions_of(plan)
    searched = [item.text for item in (*session_texts(session), *machine_texts(session))]
    assert {"set-up beam", "tolerance", "signal", "group", "beam model"} < set(searched)
    assert set(searched) <= set(free_texts(plan))
    assert "technique" in set(free_texts(plan))  # the stereotactic detector reads it


def test_a_text_of_several_sessions_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(text: str, longest: int) -> IndexedText:
        calls.append(text)
        return indexed(text, longest)

    monkeypatch.setattr("rtcode.plan.words.indexed", counted)
    item = TextItem("x", "a text that no other test has, gated", TextScope.PLAN)
    for _ in range(3):
        assert [hit.word for hit in find_words((item,), WORDS, negations=NEGATIONS)] == ["gated"]
    assert calls == [item.text]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12),
)
def test_masked_places(masks: list[tuple[int, int]], words: list[tuple[int, int]]) -> None:
    """A word does not count where it lies in a masked part as a whole."""
    masked = [(start, start + length) for start, length in masks]
    places = sorted((start, start + length, "x") for start, length in words)
    kept = [p for p in places if not any(low <= p[0] and p[1] <= high for low, high in masked)]
    assert _outside(masked, places) == kept


@pytest.mark.parametrize("count", [50, 400])
def test_negations_are_followed_no_further_than_a_phrase_goes(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work for a text grows with its length: so many runs of letters for each word, however many words."""
    made = 0

    def counted(*arguments: Any) -> Any:
        nonlocal made
        found = runs(*arguments)
        made += sum(map(len, found.values()))
        return found

    monkeypatch.setattr("rtcode.plan.negations.runs", counted)
    text = " ".join(f"no DIBH gating {i}" for i in range(count))
    words_in(text)
    assert made <= 20 * count
