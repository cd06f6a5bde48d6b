"""The seven level criteria, each a small function from a case and its answers to a finding.

A finding holds the criterion as it is shown, and the level that it contributes here, which a reading of the sources may
keep below the criterion's own. What a criterion cannot see stands in the code set's ``cannot_see``.
"""

from __future__ import annotations

from rtcode.coding.case import SHOWN_BEAMS, Answers, Case, Shown3d, attested, beam_names
from rtcode.coding.codeset import CodeSet
from rtcode.coding.decision import Criterion
from rtcode.records import record
from rtcode.truth import Evidence, Truth


@record
class Finding:
    """A criterion and the level that it contributes to the floor, ``None`` for none."""

    criterion: Criterion
    level: int | None


def shown_3d(case: Case, answers: Answers) -> Shown3d:
    """Evidence that the photons of a session are 3D or IMRT, from the plan.

    Answers do not count as such evidence; one that there is a single isocenter tells which directions belong together.
    """
    shown, directions = case.shown_3d, case.features.directions
    if (
        case.photons
        and directions.three_dimensional is not Truth.MET
        and directions.if_one_isocenter is Truth.MET
        and answers.says("separate_isocenters", "no")
    ):
        return Shown3d(
            (*shown.reasons, "several directions at what is attested to be one isocenter"),
            (*shown.evidence, attested("separate_isocenters", "no"), *directions.evidence),
        )
    return shown


def findings(case: Case, answers: Answers, rules: CodeSet) -> tuple[Finding, ...]:
    """All level criteria of a session, highest level first."""
    shown = shown_3d(case, answers)
    planned = _photon_3d_or_imrt(case, answers, rules, shown)
    is_3d = planned.criterion.status
    return (
        _active_motion_management(case, answers, rules, is_3d),
        _multiple_isocenters(case, answers, rules, shown),
        _mixed_photon_electron(case, answers, rules),
        _total_skin_electron(case, answers, rules),
        planned,
        _electrons_only(case, answers, rules),
        _photon_2d(case, answers, rules, is_3d),
    )


def _finding(
    rules: CodeSet,
    name: str,
    status: Truth,
    reason: str,
    evidence: tuple[Evidence, ...] = (),
    *,
    level: int | None = None,
) -> Finding:
    entry = rules.criteria[name]
    criterion = Criterion(name, status, entry.supports_level, reason, evidence, tuple(entry.citations))
    return Finding(criterion, level)


def _active_motion_management(case: Case, answers: Answers, rules: CodeSet, is_3d: Truth) -> Finding:
    name = "active_motion_management"
    motion = case.features.motion
    coded = motion.coded_photon + motion.coded_electron
    shown = tuple(e for item in coded for e in item.evidence)
    answer = answers.get("motion_management")
    if answer == "no":
        return _finding(
            rules, name, Truth.NOT_MET, "attested: motion was not actively managed",
            (attested("motion_management", "no"), *shown),
        )  # fmt: skip
    decisive = bool(case.photons) and is_3d is Truth.MET
    if answer == "yes" and (case.photons or case.electrons):
        evidence = (attested("motion_management", "yes"), *shown)
        if decisive or rules.reading("motion_without_3d") == "attested_is_3":
            return _finding(rules, name, Truth.MET, "attested: motion was actively managed", evidence, level=3)
        return _finding(
            rules, name, Truth.MET,
            "attested, but under the reading in force it counts only with 3D or IMRT photons", evidence,
        )  # fmt: skip
    if motion.coded_photon and decisive:
        terms = sorted({item.technique for item in motion.coded_photon})
        return _finding(
            rules, name, Truth.MET, f"coded for a treatment beam's set-up: {', '.join(terms)}", shown, level=3
        )
    if coded:
        return _finding(
            rules, name, Truth.UNKNOWN,
            "coded, but for electrons or possibly two-dimensional photons it does not decide alone", shown,
        )  # fmt: skip
    signs = motion_signs(case)
    if signs:
        return _finding(rules, name, Truth.UNKNOWN, "hinted at, not coded", signs)
    if motion.setup_missing:
        return _finding(
            rules, name, Truth.UNKNOWN, "the set-up that may say so is not in the file", motion.setup_missing
        )
    other = tuple(e for item in motion.coded_indecisive + motion.coded_none for e in item.evidence)
    if other:
        return _finding(rules, name, Truth.UNKNOWN, "the coded entry proves nothing", other)
    return _finding(rules, name, Truth.UNKNOWN, "not recorded in the plan, which does not rule it out")


def motion_signs(case: Case) -> tuple[Evidence, ...]:
    """Signs that make the motion question a doubt: coded signs, words, and weak words where the site moves."""
    motion = case.features.motion
    signs = [e for _, e in motion.signs] + [hit.evidence for hit in motion.strong]
    if case.features.site.moves is Truth.MET:
        signs += [hit.evidence for hit in motion.weak]
    return tuple(signs)


def _multiple_isocenters(case: Case, answers: Answers, rules: CodeSet, shown: Shown3d) -> Finding:
    name = "multiple_isocenters"
    feature = case.features.isocenters
    if not case.photons:
        return _finding(rules, name, Truth.NOT_MET, "no photon treatment beam")
    answer = answers.get("separate_isocenters")
    if answer == "no":
        evidence = (attested("separate_isocenters", "no"), *feature.evidence)
        return _finding(rules, name, Truth.NOT_MET, "attested: one isocenter", evidence)
    if answer == "yes":
        status, reason = Truth.MET, "attested: separate isocenters in one session"
        evidence = (attested("separate_isocenters", "yes"), *feature.evidence)
    elif feature.multiple is Truth.MET and not case.session.fraction_scheme and not answers.says("same_session", "yes"):
        return _finding(
            rules, name, Truth.UNKNOWN,
            f"{feature.reason}; without a fraction scheme nothing says that they are given together",
            feature.evidence,
        )  # fmt: skip
    else:
        status, reason, evidence = feature.multiple, feature.reason, feature.evidence
    if status is not Truth.MET:
        return _finding(rules, name, status, reason, evidence)
    if not shown and answers.says("planning_2d_3d", "2d") and rules.reading("multiple_isocenters_2d") != "keep_3":
        return _finding(
            rules, name, Truth.NOT_MET, "several isocenters, but attested as two-dimensional photons",
            (attested("planning_2d_3d", "2d"), *evidence),
        )  # fmt: skip
    return _finding(rules, name, Truth.MET, reason, evidence, level=3)


def _mixed_photon_electron(case: Case, answers: Answers, rules: CodeSet) -> Finding:
    name = "mixed_photon_electron"
    if not case.mixed:
        if (
            answers.says("same_session", "yes")
            and case.electrons
            and case.features.phase.boost is Truth.MET
            and case.session.joined_by is None
        ):
            return _finding(
                rules, name, Truth.MET, "attested: the electron boost is given in the photons' session",
                (attested("same_session", "yes"),), level=3,
            )  # fmt: skip
        return _finding(rules, name, Truth.NOT_MET, "not both photon and electron treatment beams in this session")
    kinds = tuple(e for b in (case.photons[0], case.electrons[0]) for e in b.radiation.evidence[:1])
    site = case.features.mixed_site
    both = f"photons ({beam_names(case.photons)}) and electrons ({beam_names(case.electrons)})"
    if not case.session.fraction_scheme and not answers.says("same_session", "yes"):
        return _finding(
            rules, name, Truth.UNKNOWN, f"{both}; without a fraction scheme nothing says that they are given together",
            (*kinds, *site.evidence),
        )  # fmt: skip
    answer = answers.get("same_volume")
    if rules.reading("mixed_same_volume") == "any_volume":
        return _finding(rules, name, Truth.MET, f"{both} in one session", kinds, level=3)
    if answer == "no":
        evidence = (attested("same_volume", "no"), *kinds, *site.evidence)
        return _finding(rules, name, Truth.NOT_MET, "attested: photons and electrons treat different volumes", evidence)
    if answer == "yes":
        evidence = (attested("same_volume", "yes"), *kinds)
        return _finding(rules, name, Truth.MET, f"{both}, attested to treat one volume", evidence, level=3)
    if site.same_site is Truth.MET:
        return _finding(rules, name, Truth.MET, f"{both} at one site", (*kinds, *site.evidence), level=3)
    return _finding(
        rules, name, Truth.UNKNOWN, f"{both} in one session, not shown to treat one volume", (*kinds, *site.evidence)
    )


def _total_skin_electron(case: Case, answers: Answers, rules: CodeSet) -> Finding:
    name = "total_skin_electron"
    feature = case.features.total_skin
    if not case.electrons:
        return _finding(rules, name, Truth.NOT_MET, "no electron treatment beam")
    evidence = (*feature.text_evidence, *feature.geometry_evidence)
    answer = answers.get("total_skin")
    if answer == "no":
        return _finding(
            rules, name, Truth.NOT_MET, "attested: not total skin", (attested("total_skin", "no"), *evidence)
        )
    if answer == "yes":
        return _finding(
            rules, name, Truth.MET, "attested: total skin electrons", (attested("total_skin", "yes"), *evidence),
            level=3,
        )  # fmt: skip
    if feature.text is Truth.MET and feature.geometry is Truth.MET:
        return _finding(rules, name, Truth.MET, "words and geometry of a total skin treatment", evidence, level=3)
    if feature.text is Truth.MET or feature.geometry is Truth.MET:
        which = "words" if feature.text is Truth.MET else "geometry"
        return _finding(rules, name, Truth.UNKNOWN, f"only the {which} of a total skin treatment", evidence)
    return _finding(rules, name, Truth.NOT_MET, "no sign of a total skin treatment")


def _photon_3d_or_imrt(case: Case, answers: Answers, rules: CodeSet, shown: Shown3d) -> Finding:
    name = "photon_3d_or_imrt"
    if not case.photons:
        return _finding(rules, name, Truth.NOT_MET, "no photon treatment beam")
    if shown:
        return _finding(rules, name, Truth.MET, "; ".join(shown.reasons), shown.evidence, level=2)
    answer = answers.get("planning_2d_3d")
    if answer == "3d":
        return _finding(
            rules, name, Truth.MET, "attested: planned in three dimensions", (attested("planning_2d_3d", "3d"),),
            level=2,
        )  # fmt: skip
    if answer == "2d":
        return _finding(
            rules, name, Truth.NOT_MET, "attested: planned in two dimensions", (attested("planning_2d_3d", "2d"),)
        )
    return _finding(rules, name, Truth.UNKNOWN, "nothing in the fields shows three-dimensional planning")


def _electrons_only(case: Case, answers: Answers, rules: CodeSet) -> Finding:
    name = "electrons_only"
    if not case.electrons:
        return _finding(rules, name, Truth.NOT_MET, "no electron treatment beam")
    if case.photons:
        return _finding(rules, name, Truth.NOT_MET, "the session has photon treatment beams too")
    evidence = tuple(e for b in case.electrons[:SHOWN_BEAMS] for e in b.radiation.evidence[:1])
    reason = f"only electrons ({beam_names(case.electrons)})"
    level = 1
    fields = case.features.electron_fields
    answer = answers.get("abutting_electrons")
    several = len(case.electrons) > 1
    touching = several and (fields.touching is Truth.MET if answer is None else answer == "yes")
    if touching and rules.reading("abutting_electrons") == "2":
        level, reason = 2, f"{reason}, fields that touch"
        evidence += (attested("abutting_electrons", "yes"),) if answer else fields.evidence
    planning = case.features.planning
    if planning.normal_tissue_constraint is Truth.MET and rules.reading("electron_constraints") == "2":
        level, reason = 2, f"{reason}, planned against normal tissue limits"
        evidence += planning.constraint_evidence
    return _finding(rules, name, Truth.MET, reason, evidence, level=level)


def _photon_2d(case: Case, answers: Answers, rules: CodeSet, is_3d: Truth) -> Finding:
    name = "photon_2d"
    if not case.photons:
        return _finding(rules, name, Truth.NOT_MET, "no photon treatment beam")
    if is_3d is Truth.MET:
        return _finding(rules, name, Truth.NOT_MET, "three-dimensional planning or intensity modulation is shown")
    if answers.says("planning_2d_3d", "2d"):
        evidence = (attested("planning_2d_3d", "2d"),)
        return _finding(rules, name, Truth.MET, "attested: planned in two dimensions", evidence, level=1)
    planning = case.features.planning
    if planning.simple_2d_setup is Truth.MET:
        return _finding(
            rules, name, Truth.MET, "open fields in device geometry, without structures or shaping",
            planning.simple_2d_evidence, level=1,
        )  # fmt: skip
    return _finding(
        rules, name, Truth.UNKNOWN, "photons, and nothing shows three-dimensional planning", level=1
    )  # fmt: skip
