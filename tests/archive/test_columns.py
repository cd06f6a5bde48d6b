"""The columns of a scan's tables: every fixture gives values of their types, and the same as other formats."""

from __future__ import annotations

import copy
import csv
import io
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rtcode.analysis import analyze
from rtcode.archive.column_types import Column, Listed, Scalar, Struct, Type, type_name
from rtcode.archive.columns import FILES, LINE, SESSIONS, TABLES
from rtcode.archive.dataset import FileRow
from rtcode.outputs.contract_features import FeaturesDict
from rtcode.outputs.contract_values import IdentifierLevel
from rtcode.outputs.csv import COLUMNS, render_csv
from rtcode.outputs.identifiers import Identifiers
from rtcode.outputs.json import dumps
from rtcode.outputs.scan_contract import ScanSessionLine
from rtcode.outputs.scan_lines import session_lines
from rtcode.outputs.schema import json_schema
from tests.conftest import PLANS

KEY = b"a key for tests"
BY_NAME = {column.name: column for column in SESSIONS}
_OF_SCALARS: dict[Scalar, type] = {
    Scalar.TEXT: str,
    Scalar.INTEGER: int,
    Scalar.NUMBER: float,
    Scalar.BOOLEAN: bool,
    Scalar.DATE: date,
    Scalar.TIME: int,
}


@lru_cache(maxsize=3)
def fixture_lines(level: IdentifierLevel = "uid") -> tuple[ScanSessionLine, ...]:
    """The lines of every synthetic plan, each scanned by itself."""
    found: list[ScanSessionLine] = []
    for path in sorted(PLANS.rglob("*.dcm")):
        results = analyze(path, integrity=False, metrics=False).results
        found += session_lines(results, Identifiers(level, [results.plans[0].plan], KEY))
    return tuple(found)


def line_of(name: str, group: int = 1) -> ScanSessionLine:
    """A copy of a fixture's line, by the beginning of the file's name and the fraction group."""
    (found,) = [
        line
        for line in fixture_lines()
        if line["plan"]["path"].rpartition("/")[2].startswith(f"{name}_")
        and line["parts"][0]["fraction_group"] == group
    ]
    return copy.deepcopy(found)


def value(name: str, line: ScanSessionLine) -> Any:
    return BY_NAME[name].of(line)


def fits(found: Any, type: Type) -> bool:
    """Whether a value is of a type: inside structs anything may be null, inside lists nothing."""
    if isinstance(type, Listed):
        return isinstance(found, list) and all(fits(one, type.of) for one in found)
    if isinstance(type, Struct):
        names = [name for name, _ in type.fields]
        return list(found) == names and all(
            found[name] is None or fits(found[name], inner) for name, inner in type.fields
        )
    if type is Scalar.INTEGER and isinstance(found, bool):
        return False
    return isinstance(found, _OF_SCALARS[type])


@pytest.mark.parametrize("column", SESSIONS, ids=lambda column: column.name)
def test_every_session_has_a_value_of_the_columns_type(column: Column) -> None:
    for level in ("uid", "none"):
        for line in fixture_lines(level):  # type: ignore[arg-type]
            found = column.of(line)
            if found is None:
                assert column.nullable, line["plan"]["path"]
            else:
                assert fits(found, column.type), (line["plan"]["path"], found)


def test_real_plans_fit_the_columns(real_plans_dir: Path) -> None:
    sessions = 0
    for path in sorted(real_plans_dir.rglob("*.dcm")):
        results = analyze(path, integrity=False, metrics=False).results
        for report in results.plans:
            for line in session_lines(results, Identifiers("uid", [report.plan], KEY)):
                sessions += 1
                for column in SESSIONS:
                    found = column.of(line)
                    fit = column.nullable if found is None else fits(found, column.type)
                    assert fit, f"{column.name} of {path.name}"
    assert sessions > 50


@pytest.mark.parametrize("level", ["none", "uid", "full"])
def test_lines_follow_the_schema(level: IdentifierLevel) -> None:
    schema = json_schema("scan")
    validator = jsonschema.Draft202012Validator(schema)
    session = validator.evolve(schema={"$ref": "#/$defs/ScanSessionLine", "$defs": schema["$defs"]})
    for line in fixture_lines(level):
        session.validate(line)
        validator.validate(line)
    wrong: dict[str, Any] = {**line_of("V01"), "plan": {"path": "a.dcm"}}
    assert not validator.is_valid(wrong) and not validator.is_valid({"type": "session"})
    assert validator.is_valid({"type": "skipped", "path": "a.dcm", "code": "duplicate"})


def test_unknown_is_null_and_none_is_zero() -> None:
    assert value("isocenters", line_of("V01")) == 0, "electrons only"
    assert value("isocenters", line_of("V107")) is None, "not in the file"
    assert value("isocenters", line_of("V17")) == 2
    assert value("nearest_isocenters_mm", line_of("V10")) is None, "there is one"
    proton = line_of("V92")
    assert value("status", proton) == "out_of_scope"
    assert [value(name, proton) for name in ("level", "code", "floor", "ceiling")] == [None] * 4
    hidden = [value("plan_label", line) for line in fixture_lines("none")]
    assert set(hidden) == {None}


def test_names_are_unique_and_say_their_unit() -> None:
    endings = {"_mm": "mm", "_gy": "Gy", "_mu": "MU", "_bytes": "bytes"}
    for columns in TABLES.values():
        assert len({column.name for column in columns}) == len(columns)
        for column in columns:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
            units = [unit for ending, unit in endings.items() if column.name.endswith(ending)]
            assert [column.unit] == (units or [""]), column.name
            assert column.type is not Scalar.NUMBER or column.unit, f"{column.name} is a number without a unit"
            assert not (column.nullable and isinstance(column.type, Listed)), f"{column.name}: an empty list says none"


def test_every_feature_has_a_column() -> None:
    """Every value of a feature that is no list of evidence can be asked for without parsing the line."""
    aside = {"evidence", "signs", "support"}
    names = set(BY_NAME)
    other_names = {
        "isocenters_count": "isocenters",
        "isocenters_nearest_mm": "nearest_isocenters_mm",
        "isocenters_farthest_mm": "farthest_isocenters_mm",
        "stereotactic_dose_per_fraction_gy": "dose_per_fraction_gy",
        "stereotactic_robotic": "robotic",
        "phase_words": "phase_boost",
    }
    features = line_of("V01")["features"]
    assert set(features) == set(FeaturesDict.__annotations__)
    for feature, held in features.items():
        keys = [f"{feature}_{key}" for key in held if key not in aside] if isinstance(held, dict) else [feature]
        assert {other_names.get(key, key) for key in keys} <= names, feature


def test_the_line_is_last_and_whole() -> None:
    assert SESSIONS[-1] is LINE
    line = line_of("V58")
    assert LINE.of(line) == dumps(line)


def test_values_are_those_of_csv() -> None:
    """Columns that ``rtcode analyze --format csv`` has, too, say the same there."""
    shared = [name for name in COLUMNS if name in BY_NAME and name != "answers"]
    assert len(shared) >= 18
    compared = 0
    for path in sorted(PLANS.glob("*.dcm")):
        data = analyze(path, integrity=False, metrics=False).to_dict()
        rows = {row["session"]: row for row in csv.DictReader(io.StringIO(render_csv(data)))}
        for line in fixture_lines():
            if line["plan"]["path"] != str(path):
                continue
            row = rows[line["id"]]
            for name in shared:
                found = value(name, line)
                told = "" if found is None else "; ".join(sorted(found)) if isinstance(found, list) else str(found)
                there = "; ".join(sorted(row[name].split("; "))) if isinstance(found, list) else row[name]
                assert told == there, (path.name, name)
                compared += 1
    assert compared > 1000


def test_treatment_beams_and_meterset_are_those_of_the_session() -> None:
    """A plan of two groups: each session has its own beams, the plan has all of them."""
    photons, electrons = line_of("V85", 1), line_of("V85", 2)
    own = [value("treatment_beams", line) for line in (photons, electrons)]
    assert all(count > 0 for count in own)
    assert sum(own) == value("plan_treatment_beams", photons) == value("plan_treatment_beams", electrons)
    part = photons["parts"][0]
    assert value("meterset_mu", photons) == pytest.approx(
        sum(mu or 0 for mu, role in zip(part["metersets_mu"], part["roles"], strict=True) if role == "treatment")
    )


def test_setup_beams_count_neither_as_beams_nor_as_meterset() -> None:
    line = line_of("V16")
    before = value("treatment_beams", line), value("meterset_mu", line)
    part = line["parts"][0]
    part["roles"].append("setup")
    part["metersets_mu"].append(1000.0)
    assert (value("treatment_beams", line), value("meterset_mu", line)) == before


def test_meterset_is_unknown_where_that_of_one_beam_is() -> None:
    line = line_of("V58")
    part = line["parts"][0]
    assert value("meterset_mu", line) > 0
    part["metersets_mu"] = [None, *part["metersets_mu"][1:]]
    assert part["roles"][0] == "treatment" and value("meterset_mu", line) is None
    part["roles"] = ["setup"] * len(part["roles"])
    assert value("treatment_beams", line) == 0
    assert value("meterset_mu", line) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-02-28", date(2026, 2, 28)), ("2026-02-30", None), ("2026-13-01", None), (None, None), ("0000-01-01", None)],
)
def test_a_date_that_no_calendar_has_is_null(text: str | None, expected: date | None) -> None:
    line = line_of("V01")
    line["plan"]["date"] = text
    assert value("plan_date", line) == expected


def test_questions_lead_where_the_line_says() -> None:
    line = line_of("V99")
    details = value("question_details", line)
    assert [one["id"] for one in details] == value("questions", line)
    asked = [line for line in fixture_lines() if "stereotactic" in value("questions", line)]
    leads = {
        (answer["answer"], answer["level"], answer["status"])
        for line in asked
        for one in value("question_details", line)
        if one["id"] == "stereotactic"
        for answer in one["answers"]
    }
    assert ("yes", None, "out_of_scope") in leads and ("no", 2, None) in leads


def test_motion_is_what_is_coded_and_what_hints() -> None:
    gated = line_of("V58")
    assert value("motion_coded", gated) == ["GATING"] and value("motion_terms", gated) == ["active"]
    named = line_of("V56")
    assert value("motion_coded", named) == [] and "DIBH" in value("motion_hints", named)
    gated["features"]["motion"]["coded"][0]["technique"] = None
    assert value("motion_coded", gated) == [], "a list holds no null"


def test_criteria_are_listed_by_what_they_came_to() -> None:
    for line in fixture_lines():
        every = {one["id"]: one["status"] for one in value("criteria", line)}
        assert set(value("criteria_met", line)) == {name for name, status in every.items() if status == "met"}
        assert set(value("criteria_unknown", line)) == {name for name, status in every.items() if status == "unknown"}
        assert "not_met" in every.values() or line["suggestion"]["status"] != "supported"


def test_types_are_written_as_duckdb_writes_them() -> None:
    assert type_name(BY_NAME["techniques"].type) == "text[]"
    assert type_name(BY_NAME["isocenters_positions_mm"].type) == "struct(x number, y number, z number)[]"
    assert type_name(BY_NAME["plan_date"].type) == "date"


def test_a_file_has_values_of_its_columns_types() -> None:
    whole = FileRow("a.dcm", "plan", None, None, None, 10, 1_767_225_600_123_456_789, "ab", "1.2", 2)
    bare = FileRow("b.dcm", "failure", "truncated", "the file ends early", "copy it again", None, None, None, None, 0)
    for row in (whole, bare):
        for column in FILES:
            found = column.of(row)
            assert column.nullable if found is None else fits(found, column.type), column.name
    times = {column.name: column for column in FILES}["modified"]
    assert times.of(whole) == 1_767_225_600_123_456 and times.of(bare) is None
