"""The engine alone: floors, ceilings, status and questions from features, each case with its rule."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcode.coding.codeset import Policy, choose, with_policy
from rtcode.coding.decision import Status
from rtcode.features import types as t
from rtcode.plan.references import ReferenceDefect, ReferenceProblem
from rtcode.plan.sessions import NoDelivery
from tests.coding.cases import (
    MET,
    NOT,
    UNKNOWN,
    E,
    asked,
    beam,
    case,
    features,
    hit,
    isocenters,
    motion_item,
    one,
    plan,
    planning,
    run,
)

VMAT = beam(technique="vmat", modulated=True)
OPEN = beam()
ELECTRON = beam("electron", "electron")
MOVES = t.SiteFeature(MET, (E,))


def shape(s):
    return (s.status.value, s.level, s.ceiling)


# ---------------------------------------------------------------------------------------------------------- level 2


@pytest.mark.parametrize(
    ("beams", "over", "why"),
    [
        ((VMAT,), {}, "L2-A rotating, modulated"),
        ((beam(technique="helical"),), {}, "L2-A helical"),
        ((beam(technique="robotic"),), {}, "L2-A robotic"),
        ((beam(compensators=1),), {}, "L2-A compensator"),
        ((beam(technique="field_in_field"),), {}, "L2-B"),
        ((beam(wedge=True),), {}, "L2-C"),
        ((beam(shaped=True), beam(shaped=True, number=2)), {}, "L2-D on two fields"),
        ((OPEN,), {"planning": planning(constraint=MET)}, "L2-E one genuine limit"),
        ((OPEN,), {"directions": t.DirectionsFeature(MET, 3, "three directions", (E,))}, "L2-F"),
    ],
)
def test_each_kind_of_level_2_evidence_is_enough(beams, over, why):
    s = one(features(*beams, **over))
    assert shape(s) == ("supported", 2, 3), why
    assert s.decided_by == ("photon_3d_or_imrt",)
    assert asked(s) == {}, "a still or unknown site is not asked about motion"


def test_one_shaped_field_is_no_level_2():
    s = one(features(beam(shaped=True)))
    assert shape(s) == ("provisional", 1, 2)
    assert asked(s) == {"planning_2d_3d": {"3d": (2, "supported"), "2d": (1, "supported")}}


def test_moving_site_asks_about_motion_without_doubt():
    s = one(features(VMAT, site=MOVES))
    assert shape(s) == ("supported", 2, 3)
    assert asked(s) == {"motion_management": {"yes": (3, "supported"), "no": (2, "supported")}}


# ------------------------------------------------------------------------------------------------- photons, maybe 2D


def test_complete_2d_setup_is_supported_and_asked():
    s = one(features(OPEN, planning=planning(simple_2d=MET)))
    assert shape(s) == ("supported", 1, 2)
    assert list(asked(s)) == ["planning_2d_3d"]
    assert s.decided_by == ("photon_2d",)


@pytest.mark.parametrize(("answer", "expected"), [("3d", ("supported", 2, 3)), ("2d", ("supported", 1, 1))])
def test_answering_2d_3d_settles(answer, expected):
    s = one(features(OPEN), answers={"planning_2d_3d": answer})
    assert shape(s) == expected
    assert "planning_2d_3d" not in asked(s)


def test_2d_attested_against_a_wedge_changes_nothing_and_is_flagged():
    s = one(features(beam(wedge=True)), answers={"planning_2d_3d": "2d"})
    assert s.level == 2
    assert "answer_contradicts_plan" in {f.id for f in s.flags}


# ------------------------------------------------------------------------------------------------------------ motion


def test_coded_motion_on_imrt_is_level_3_and_confirmed():
    s = one(features(VMAT, motion=t.MotionFeature(coded_photon=(motion_item(),))))
    assert shape(s) == ("supported", 3, 3)
    assert asked(s) == {"motion_management": {"yes": (3, "supported"), "no": (2, "supported")}}


def test_attested_no_lowers_coded_motion():
    s = one(features(VMAT, motion=t.MotionFeature(coded_photon=(motion_item(),))), answers={"motion_management": "no"})
    assert shape(s) == ("supported", 2, 2)


@pytest.mark.parametrize(
    "motion",
    [
        t.MotionFeature(strong=(hit("DIBH"),)),
        t.MotionFeature(signs=(("vendor term", E),)),
        t.MotionFeature(strong=(hit("DIBH"),), coded_none=(motion_item("NONE", t.MotionTerm.NONE),)),
    ],
)
def test_signs_make_it_provisional(motion):
    s = one(features(VMAT, motion=motion))
    assert shape(s) == ("provisional", 2, 3)
    assert list(asked(s)) == ["motion_management"]


@pytest.mark.parametrize(("site", "expected"), [(MOVES, "provisional"), (t.SiteFeature(NOT, ()), "supported")])
def test_weak_words_are_signs_only_where_the_site_moves(site, expected):
    s = one(features(VMAT, site=site, motion=t.MotionFeature(weak=(hit("BH"),))))
    assert s.status.value == expected


@pytest.mark.parametrize(
    "motion",
    [
        t.MotionFeature(setup_only=(hit("SGRT"),)),
        t.MotionFeature(coded_indecisive=(motion_item("UNKNOWN", t.MotionTerm.INDECISIVE),)),
    ],
)
def test_asked_without_doubt(motion):
    s = one(features(VMAT, motion=motion))
    assert shape(s) == ("supported", 2, 3)
    assert list(asked(s)) == ["motion_management"]


def test_coded_none_alone_asks_nothing_at_a_still_site():
    s = one(features(VMAT, motion=t.MotionFeature(coded_none=(motion_item("NONE", t.MotionTerm.NONE),))))
    assert asked(s) == {}


def test_coded_motion_on_electrons_does_not_decide():
    s = one(features(ELECTRON, motion=t.MotionFeature(coded_electron=(motion_item(),))))
    assert shape(s) == ("provisional", 1, 3)
    assert "coded_motion_not_decisive" in {f.id for f in s.flags}


def test_coded_motion_on_possibly_2d_photons_asks_both():
    s = one(features(OPEN, motion=t.MotionFeature(coded_photon=(motion_item("BREATH_HOLD"),))))
    assert shape(s) == ("provisional", 1, 3)
    assert set(asked(s)) == {"planning_2d_3d", "motion_management"}
    assert asked(s)["planning_2d_3d"]["3d"] == (3, "supported")


def test_policy_may_hold_electrons_with_motion_at_1():
    rules = with_policy(choose(), Policy("p", "0", {}, {"motion_without_3d": "hold_1"}, frozenset()))
    s = one(features(ELECTRON, motion=t.MotionFeature(coded_electron=(motion_item(),))), rules=rules)
    assert shape(s) == ("supported", 1, 1)
    assert asked(s) == {}, "both answers lead to level 1, so nothing is asked"


# -------------------------------------------------------------------------------------------------------- isocenters


def test_several_isocenters_of_3d_fields_ask_nothing():
    s = one(features(VMAT, isocenters=isocenters(MET, 2)))
    assert shape(s) == ("supported", 3, 3)
    assert asked(s) == {}


def test_several_isocenters_of_open_fields_are_confirmed_and_flagged():
    s = one(features(OPEN, isocenters=isocenters(MET, 2)))
    assert shape(s) == ("supported", 3, 3)
    assert asked(s) == {"planning_2d_3d": {"3d": (3, "supported"), "2d": (1, "supported")}}
    assert "multiple_isocenters_2d" in {f.id for f in s.flags}


def test_policy_keeps_several_2d_isocenters_at_3():
    rules = with_policy(choose(), Policy("p", "0", {}, {"multiple_isocenters_2d": "keep_3"}, frozenset()))
    s = one(features(OPEN, isocenters=isocenters(MET, 2)), rules=rules)
    assert asked(s) == {}
    assert one(features(OPEN, isocenters=isocenters(MET, 2)), rules=rules, answers={"planning_2d_3d": "2d"}).level == 3


@pytest.mark.parametrize(
    ("doubt", "beams", "expected"),
    [
        (t.IsocenterDoubt.NEAR, 2, "provisional"),
        (t.IsocenterDoubt.MISSING, 2, "provisional"),
        (t.IsocenterDoubt.MISSING, 1, "supported"),
        (t.IsocenterDoubt.NOT_COMPARABLE, 2, "provisional"),
        (t.IsocenterDoubt.SEPARATE_SSD_AXES, 2, "provisional"),
    ],
)
def test_isocenter_doubts_at_level_2(doubt, beams, expected):
    fields = tuple(beam(technique="vmat", number=i) for i in range(beams))
    s = one(features(*fields, isocenters=isocenters(UNKNOWN, None, (doubt,))))
    assert (s.status.value, s.level) == (expected, 2)
    assert ("separate_isocenters" in asked(s)) is (expected == "provisional")


def test_unknown_isocenters_of_open_fields_ask_about_planning_only():
    s = one(features(OPEN, beam(number=2), isocenters=isocenters(UNKNOWN, None, (t.IsocenterDoubt.NOT_COMPARABLE,))))
    assert list(asked(s)) == ["planning_2d_3d"]


def test_one_isocenter_attested_tells_which_directions_belong_together():
    # Two of four directions at each of two near points: a box, if they are one point.
    directions = t.DirectionsFeature(NOT, 2, "parallel-opposed pair", (E,), if_one_isocenter=MET)
    feature_set = features(OPEN, directions=directions, isocenters=isocenters(MET, 2))
    assert one(feature_set).level == 3
    assert one(feature_set, answers={"separate_isocenters": "no"}).level == 2


def test_a_single_sweep_of_the_leaves_does_not_show_planning():
    s = one(features(beam(technique="sliding_window")))
    assert shape(s) == ("provisional", 1, 2)


def test_unusable_weights_open_the_ceiling():
    s = one(features(beam(doubt="its weights decrease", wedge=True)))
    assert shape(s) == ("provisional", 2, 3)
    assert "beam_not_judged" in {f.id for f in s.flags}


def test_missing_concurrent_plan_cannot_raise_level_3():
    s = one(features(VMAT, isocenters=isocenters(MET, 2)), missing_concurrent=True)
    assert shape(s) == ("supported", 3, 3)
    assert asked(s) == {}


def test_long_helical_target_is_asked_without_doubt():
    s = one(features(beam(technique="helical"), isocenters=isocenters(long=MET)))
    assert s.status is Status.SUPPORTED
    assert list(asked(s)) == ["separate_isocenters"]


# ------------------------------------------------------------------------------------------------------ mixed, TSET


@pytest.mark.parametrize(
    ("same", "answers", "expected"),
    [
        (MET, {}, ("supported", 3, 3)),
        (NOT, {}, ("provisional", 2, 3)),
        (UNKNOWN, {}, ("provisional", 2, 3)),
        (UNKNOWN, {"same_volume": "yes"}, ("supported", 3, 3)),
        (MET, {"same_volume": "no"}, ("supported", 2, 3)),
    ],
)
def test_mixed_beams(same, answers, expected):
    s = one(features(VMAT, ELECTRON, mixed_site=t.MixedSiteFeature(same, 20.0, (E,))), answers=answers)
    assert shape(s) == expected
    assert ("same_volume" in asked(s)) is (not answers)


def test_policy_any_volume():
    rules = with_policy(choose(), Policy("p", "0", {}, {"mixed_same_volume": "any_volume"}, frozenset()))
    s = one(features(VMAT, ELECTRON), rules=rules)
    assert shape(s) == ("supported", 3, 3)
    assert asked(s) == {}


@pytest.mark.parametrize(
    ("text", "geometry", "expected"),
    [(MET, MET, ("supported", 3, 3)), (MET, NOT, ("provisional", 1, 3)), (NOT, MET, ("provisional", 1, 3))],
)
def test_total_skin_takes_words_and_geometry(text, geometry, expected):
    s = one(features(ELECTRON, total_skin=t.TotalSkinFeature(text, geometry, (E,), (E,))))
    assert shape(s) == expected
    assert asked(s)["total_skin"] == {"yes": (3, "supported"), "no": (1, "supported")}


def test_electrons_with_limits_and_touching_fields_stay_at_1_with_flags():
    s = one(
        features(
            ELECTRON,
            beam("electron", "electron", number=2),
            planning=planning(constraint=MET),
            electron_fields=t.ElectronFieldsFeature(MET, NOT, 0.0, "beams 1 and 2 touch", (E,)),
        )
    )
    assert shape(s) == ("supported", 1, 1)
    assert {"abutting_electrons", "electron_constraints"} <= {f.id for f in s.flags}
    assert asked(s) == {}


def test_policy_moves_touching_electrons_and_then_asks():
    rules = with_policy(choose(), Policy("p", "0", {}, {"abutting_electrons": "2"}, frozenset()))
    fields = t.ElectronFieldsFeature(MET, NOT, 0.0, "beams 1 and 2 touch", (E,))
    s = one(features(ELECTRON, beam("electron", "electron", number=2), electron_fields=fields), rules=rules)
    assert s.level == 2
    assert asked(s) == {"abutting_electrons": {"yes": (2, "supported"), "no": (1, "supported")}}


# ------------------------------------------------------------------------------------------------------------- scope


@pytest.mark.parametrize(
    ("feature_set", "gate"),
    [
        (features(beam("proton")), "ion_therapy"),
        (features(beam("neutron")), "other_particles"),
        (features(beam("unknown", other="MUON")), "other_particles"),
        (features(beam(kilovoltage=True)), "kilovoltage"),
        (features(VMAT, intraoperative=t.IntraoperativeFeature(MET, (E,))), "intraoperative"),
        (features(VMAT, purpose=t.PurposeFeature(MET, (E,))), "not_for_treatment"),
    ],
)
def test_scope_gates(feature_set, gate):
    s = one(feature_set)
    assert (s.status, s.level, s.code, s.floor, s.ceiling) == (Status.OUT_OF_SCOPE, None, None, None, None)
    assert s.decided_by == (gate,)
    assert asked(s) == {}


def test_stereotactic_sign_with_few_fractions_is_out_and_confirmed():
    s = one(features(VMAT, stereotactic=t.StereotacticFeature(1, 20.0, (E,), (), False, MET, MET)))
    assert s.status is Status.OUT_OF_SCOPE
    assert asked(s) == {"stereotactic": {"yes": (None, "out_of_scope"), "no": (2, "supported")}}


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (t.StereotacticFeature(30, 2.0, (E,), (), False, NOT, NOT), ("supported", False)),
        (t.StereotacticFeature(None, None, (E,), (), False, NOT, NOT), ("provisional", True)),
        (t.StereotacticFeature(5, 10.0, (), (), False, MET, MET), ("provisional", True)),
        (t.StereotacticFeature(5, 5.2, (), (), False, NOT, MET), ("supported", True)),
        (t.StereotacticFeature(5, 4.0, (), (), False, NOT, NOT), ("supported", False)),
    ],
)
def test_stereotactic_doubts(feature, expected):
    s = one(features(VMAT, stereotactic=feature))
    assert (s.status.value, "stereotactic" in asked(s)) == expected
    assert s.level == 2


def test_rejected_plan_is_out_until_a_human_says_otherwise():
    feature_set = features(VMAT, purpose=t.PurposeFeature(NOT, (), rejected=(E,)))
    s = one(feature_set)
    assert s.status is Status.OUT_OF_SCOPE
    assert asked(s) == {"plan_status": {"yes": (2, "supported"), "no": (None, "out_of_scope")}}
    assert one(feature_set, answers={"plan_status": "yes"}).level == 2


def test_research_is_judged_provisionally():
    s = one(features(VMAT, purpose=t.PurposeFeature(NOT, (), research=(E,))))
    assert shape(s) == ("provisional", 2, 3)
    assert asked(s) == {"plan_status": {"yes": (2, "supported"), "no": (None, "out_of_scope")}}


@pytest.mark.parametrize(
    ("reason", "status", "decided"),
    [
        (NoDelivery.NO_BEAMS, "out_of_scope", ("no_treatment_beam",)),
        (NoDelivery.ALL_ZERO_METERSET, "out_of_scope", ("no_treatment_beam",)),
        (NoDelivery.ZERO_FRACTIONS, "out_of_scope", ("no_treatment_beam",)),
        (NoDelivery.BRACHYTHERAPY, "out_of_scope", ("brachytherapy",)),
        (NoDelivery.NO_METERSET, "not_assessable", ()),
        (NoDelivery.MISSING_BEAMS, "not_assessable", ()),
    ],
)
def test_nothing_to_deliver(reason, status, decided):
    s = one(features(), no_delivery=reason)
    assert (s.status.value, s.level, s.decided_by) == (status, None, decided)


# ----------------------------------------------------------------------------------------------- unjudgeable, missing


@pytest.mark.parametrize(
    "bad", [beam("unknown", number=2), beam(number=2, unusable="no weights"), beam(number=2, meterset_usable=False)]
)
def test_a_beam_that_cannot_be_judged_opens_the_ceiling(bad):
    s = one(features(ELECTRON, bad))
    assert shape(s) == ("provisional", 1, 3)
    assert "beam_not_judged" in {f.id for f in s.flags}


@pytest.mark.parametrize("problem", list(ReferenceProblem))
def test_missing_beam_opens_the_ceiling(problem):
    defect = ReferenceDefect(problem, "FractionGroupSequence[0].NumberOfBeams (300A,0080)", 7)
    s = one(features(ELECTRON), missing=(defect,))
    assert shape(s) == ("provisional", 1, 3)
    assert any(f.id == "beam_missing" and defect.words in f.text for f in s.flags)


def test_no_beam_that_can_be_judged():
    s = one(features(beam("unknown")))
    assert s.status is Status.NOT_ASSESSABLE
    assert s.level is None


# ---------------------------------------------------------------------------------------------------- other sessions


def two(first, second, union, *, counts=(25, 25), **over):
    cases = (case(first, fractions=counts[0]), case(second, fractions=counts[1], index=1))
    return [d.suggestion for d in run(*cases, union=case(union), **over)]


PHASE = t.PhaseFeature((hit("BOOST"),), MET)


@pytest.mark.parametrize(
    ("counts", "phase", "expected"),
    [
        ((10, 10), t.PhaseFeature(()), "provisional"),
        ((25, 5), t.PhaseFeature(()), "supported"),
        ((10, 10), PHASE, "supported"),
        ((10, None), t.PhaseFeature(()), "provisional"),
    ],
)
def test_two_groups_that_would_be_level_3_together(counts, phase, expected):
    first, second = two(
        features(VMAT), features(VMAT, phase=phase), features(VMAT, isocenters=isocenters(MET, 2)), counts=counts
    )
    for s in (first, second):
        assert (s.status.value, s.level) == (expected, 2)
        assert asked(s) == {"same_session": {"yes": (3, "supported"), "no": (2, "supported")}}


def test_a_successor_is_not_given_beside_its_predecessor():
    related = (SimpleNamespace(relationship="PREDECESSOR", sop_instance_uid="1.2.9"),)
    old, new = plan(sop_instance_uid="1.2.9"), plan(related_plans=related)
    cases = (case(features(VMAT), of=old), case(features(VMAT), of=new))
    union = case(features(VMAT, isocenters=isocenters(MET, 2)))
    for s in (d.suggestion for d in run(*cases, union=union)):
        assert (s.status.value, s.level) == ("supported", 2)
        assert "same_session" in asked(s), "asked, without doubt"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("1110000", "0000011"), "supported"),
        (("1010100", "0010000"), "provisional"),
        # weeks take turns
        (("1111100" + "0000000", "0000000" + "1111100"), "supported"),
        (("1111100", "0000000" + "1111100"), "provisional"),
        # no calendar, or none of the other
        (("1110000", None), "provisional"),
        (("111000", "0000011"), "provisional"),
        (("Mo We Fr", "0000011"), "provisional"),
    ],
)
def test_patterns_of_treatment_days(patterns, expected):
    cases = [case(features(VMAT), index=i, pattern=p) for i, p in enumerate(patterns)]
    union = case(features(VMAT, isocenters=isocenters(MET, 2)))
    for s in (d.suggestion for d in run(*cases, union=union)):
        assert s.status.value == expected
        assert "same_session" in asked(s), "a pattern is a plan, and a day may be moved"


def test_counts_that_add_up_share_days():
    # 13 + 12 = 25: the long group shares every day with one of the short ones.
    same = features(VMAT)
    cases = [case(same, fractions=n, index=i) for i, n in enumerate((13, 12, 25))]
    union = case(features(VMAT, isocenters=isocenters(MET, 2)))
    found = [d.suggestion for d in run(*cases, union=union)]
    assert [s.status.value for s in found] == ["provisional"] * 3


def test_same_session_attested_gives_the_union():
    first, second = two(
        features(VMAT),
        features(VMAT),
        features(VMAT, isocenters=isocenters(MET, 2)),
        answers={"same_session": "yes"},
    )
    assert [first.level, second.level] == [3, 3]


def test_equal_union_is_not_asked():
    first, second = two(features(VMAT), features(VMAT), features(VMAT))
    assert asked(first) == asked(second) == {}


def test_only_the_lower_session_is_asked():
    first, second = two(
        features(OPEN, planning=planning(simple_2d=MET)), features(VMAT), features(OPEN, VMAT), counts=(2, 8)
    )
    assert set(asked(first)) == {"planning_2d_3d", "same_session"}
    assert first.status is Status.SUPPORTED
    assert asked(second) == {}


def test_other_patients_are_never_related():
    cases = (case(features(VMAT)), case(features(VMAT), of=plan("P2")))
    assert [asked(d.suggestion) for d in run(*cases)] == [{}, {}]


def test_lone_electron_boost_asks_about_its_photons():
    s = one(features(ELECTRON, phase=PHASE))
    assert shape(s) == ("supported", 1, 3)
    assert asked(s) == {"same_session": {"yes": (3, "supported"), "no": (1, "supported")}}


def test_electrons_in_another_frame_still_ask():
    # Together the beams are mixed, but nothing shows one volume: yes leads on to the next question.
    cases = (case(features(VMAT)), case(features(ELECTRON), index=1))
    union = case(features(VMAT, ELECTRON, mixed_site=t.MixedSiteFeature(UNKNOWN, None, ())))
    photons, electrons = (d.suggestion for d in run(*cases, union=union))
    assert shape(photons) == ("provisional", 2, 3)
    assert "same_session" in asked(photons)
    assert shape(electrons) == ("provisional", 1, 3)
    assert asked(electrons)["same_session"]["yes"] == (2, "provisional")  # one volume or not is then asked


def test_without_fraction_scheme_isocenters_and_mixing_raise_only_the_ceiling():
    feature_set = features(VMAT, isocenters=isocenters(MET, 2))
    s = one(feature_set, fraction_scheme=False)
    assert shape(s) == ("provisional", 2, 3)
    assert "same_session" in asked(s)
    assert one(feature_set, fraction_scheme=False, answers={"same_session": "yes"}).level == 3


def test_concurrent_plan_that_is_missing():
    s = one(features(VMAT), missing_concurrent=True)
    assert shape(s) == ("provisional", 2, 3)
    assert asked(s) == {"same_session": {"yes": (2, "provisional"), "no": (2, "supported")}}
    # What the other plan adds stays unknown until it is given: a yes raises nothing by itself.
    assert shape(one(features(VMAT), missing_concurrent=True, answers={"same_session": "yes"})) == ("provisional", 2, 3)
    assert one(features(VMAT), missing_concurrent=True, answers={"same_session": "no"}).status is Status.SUPPORTED


# --------------------------------------------------------------------------------------------------- what always holds


_TRUTHS = st.sampled_from([MET, NOT, UNKNOWN])
_BEAMS = st.lists(
    st.builds(
        beam,
        st.sampled_from(["photon", "electron", "unknown", "proton"]),
        st.sampled_from(["static_open", "vmat", "field_in_field", "unknown"]),
        wedge=st.booleans(),
        shaped=st.booleans(),
        meterset_usable=st.booleans(),
    ),
    min_size=0,
    max_size=4,
)


@st.composite
def _features(draw):
    return features(
        *draw(_BEAMS),
        isocenters=isocenters(
            draw(_TRUTHS), draw(st.sampled_from([None, 1, 2])), tuple(draw(st.sets(st.sampled_from(t.IsocenterDoubt))))
        ),
        site=t.SiteFeature(draw(_TRUTHS), ()),
        planning=planning(constraint=draw(_TRUTHS), simple_2d=draw(_TRUTHS)),
        mixed_site=t.MixedSiteFeature(draw(_TRUTHS), None, ()),
        total_skin=t.TotalSkinFeature(draw(_TRUTHS), draw(_TRUTHS), (), ()),
        motion=t.MotionFeature(
            coded_photon=draw(st.sampled_from([(), (motion_item(),)])),
            strong=draw(st.sampled_from([(), (hit("DIBH"),)])),
            weak=draw(st.sampled_from([(), (hit("BH"),)])),
        ),
        stereotactic=t.StereotacticFeature(
            draw(st.sampled_from([None, 1, 5, 25])),
            None,
            draw(st.sampled_from([(), (E,)])),
            (),
            False,
            draw(_TRUTHS),
            draw(_TRUTHS),
        ),
        phase=draw(st.sampled_from([t.PhaseFeature(()), PHASE])),
    )


_ANSWERS = st.fixed_dictionaries(
    {},
    optional={name: st.sampled_from(entry.values) for name, entry in choose().questions.items()},
)


@settings(max_examples=300, deadline=None)
@given(_features(), _ANSWERS, st.booleans())
def test_what_always_holds(feature_set, answers, scheme):
    subject = case(feature_set, fraction_scheme=scheme)
    s = run(subject, answers=answers)[0].suggestion
    if s.status in (Status.OUT_OF_SCOPE, Status.NOT_ASSESSABLE):
        assert (s.level, s.code, s.floor, s.ceiling) == (None, None, None, None)
    else:
        assert s.level == s.floor
        assert s.code == choose().levels[s.level].code
        assert s.floor <= s.ceiling <= 3
        leads_out = any(o.status is Status.OUT_OF_SCOPE for q in s.questions for _, o in q.answers)
        if s.status is Status.PROVISIONAL:
            assert s.floor < s.ceiling or leads_out
    for question in s.questions:
        assert question.id not in answers, "an answered question is not asked again"
        assert len({outcome for _, outcome in question.answers}) > 1 or question.id == "same_session"
        for value, outcome in question.answers:
            # What a question promises is what its answer gives.
            again = run(subject, answers={**answers, question.id: value})[0].suggestion
            assert again.level == outcome.level
            if outcome.level is None:
                assert again.status is outcome.status


@settings(max_examples=200, deadline=None)
@given(_features())
def test_text_never_raises_the_floor(feature_set):
    bare = replace(feature_set, motion=replace(feature_set.motion, strong=(), weak=()))
    with_words = one(feature_set)
    without = one(bare)
    assert with_words.level == without.level
    assert with_words.decided_by == without.decided_by
