"""A scan's tables as Parquet: what goes in comes out, whole or not at all, and docs/archives.md can be asked of it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtcode import __version__
from rtcode.archive import parquet
from rtcode.archive.columns import FILES, SESSIONS
from rtcode.archive.dataset import FileRow
from rtcode.archive.parquet import read_sessions, require_pyarrow, write_files, write_sessions
from rtcode.errors import UsageError
from rtcode.outputs.json import dumps
from tests.archive.test_columns import fixture_lines
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "archives.md").read_text("utf-8")
EXAMPLES = re.findall(r"^(\S[^\n]*):\n\n```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HEADER: dict[str, Any] = {
    "schema": "rtcode.scan/1",
    "tool_version": __version__,
    "code_set": {"id": "us-cms-2026", "revision": 1},
    "policy": {"name": "clinic", "sha256": "ab"},
    "identifiers": "uid",
    "date_of_service": "2026-03-02",
    "answers": {"same_session": "no"},
    "shard": None,
    "key": "fingerprint of the key of pseudonyms",
}


@pytest.fixture(scope="module", autouse=True)
def pyarrow() -> Any:
    """pyarrow, without which nothing here can be tested."""
    try:
        return require_pyarrow()
    except UsageError as error:
        pytest.skip(error.message)


def file_rows() -> list[FileRow]:
    """The fixtures' files with a copy, two that failed and one that was passed over."""
    sessions = Counter(line["plan"]["path"] for line in fixture_lines())
    plans = {line["plan"]["path"]: line["plan"] for line in fixture_lines()}
    rows = [
        FileRow(
            path, "plan", None, None, None, p["size"], 10**18 + i, p["sha256"], p["sop_instance_uid"], sessions[path]
        )
        for i, (path, p) in enumerate(plans.items())
    ]
    first = next(iter(plans.values()))
    copy = "copy.dcm", "duplicate", "duplicate", None, None, first["size"], None, first["sha256"], None, 0
    return [
        *rows,
        FileRow(*copy),
        FileRow("cut.dcm", "failure", "truncated", "the file ends early", "copy it again", 99, 10**18, None, None, 0),
        FileRow("x.zip!a", "failure", "not_dicom", "no DICOM file", "give a plan", None, None, None, None, 0),
        FileRow("ct.dcm", "skipped", "not_a_plan", None, None, 5000, 10**18, None, None, 0),
    ]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both tables, made from the fixtures."""
    folder = tmp_path_factory.mktemp("dataset")
    write_sessions(folder / "sessions.parquet", fixture_lines(), HEADER)
    write_files(folder / "files.parquet", file_rows(), HEADER)
    return folder


# ------------------------------------------------------------------------------------------------------------ the files


def test_lines_come_out_as_they_went_in(dataset: Path) -> None:
    assert list(read_sessions(dataset / "sessions.parquet")) == list(fixture_lines())


def test_lines_may_be_given_as_texts_and_are_kept_as_they_are(pyarrow: Any, tmp_path: Path, dataset: Path) -> None:
    texts = [json.dumps(line, indent=1) for line in fixture_lines()]
    write_sessions(tmp_path / "s.parquet", texts, HEADER)
    written, same = (pyarrow.parquet.read_table(p) for p in (tmp_path / "s.parquet", dataset / "sessions.parquet"))
    assert written["line"].to_pylist() == texts
    assert written.drop_columns(["line"]).equals(same.drop_columns(["line"]))


def test_values_are_those_of_the_columns(pyarrow: Any, dataset: Path) -> None:
    rows = pyarrow.parquet.read_table(dataset / "sessions.parquet").to_pylist()
    for row, line in zip(rows, fixture_lines(), strict=True):
        assert row == {column.name: column.of(line) for column in SESSIONS}
    found = pyarrow.parquet.read_table(dataset / "files.parquet")
    for name in ("path", "outcome", "code", "size_bytes", "sessions"):
        (column,) = [column for column in FILES if column.name == name]
        assert found[name].to_pylist() == [column.of(row) for row in file_rows()]
    assert found["modified"].cast("int64").to_pylist()[0] == 10**15


def test_metadata_say_how_the_table_was_made(pyarrow: Any, dataset: Path) -> None:
    for table, columns in (("sessions", SESSIONS), ("files", FILES)):
        schema = pyarrow.parquet.read_schema(dataset / f"{table}.parquet")
        about = json.loads(schema.metadata[b"rtcode"])
        assert about.pop("table") == table
        told = about.pop("columns")
        assert about == {key: value for key, value in HEADER.items() if key != "key"}
        assert schema.names == list(told) == [column.name for column in columns]
        for column in columns:
            field = schema.field(column.name)
            assert field.nullable is column.nullable
            assert field.metadata[b"meaning"].decode() == told[column.name]["meaning"] == column.meaning
            assert field.metadata.get(b"unit", b"").decode() == (told[column.name]["unit"] or "") == column.unit
            assert told[column.name]["since"] == 1
    schema = pyarrow.parquet.read_schema(dataset / "files.parquet")
    assert schema.field("modified").type == pyarrow.timestamp("us", tz="UTC")
    assert b"fingerprint" not in (dataset / "files.parquet").read_bytes()


def test_empty_tables_are_valid_and_have_all_columns(pyarrow: Any, tmp_path: Path, dataset: Path) -> None:
    write_sessions(tmp_path / "sessions.parquet", [], HEADER)
    write_files(tmp_path / "files.parquet", [], HEADER)
    for name in ("sessions.parquet", "files.parquet"):
        empty = pyarrow.parquet.read_table(tmp_path / name)
        assert empty.num_rows == 0
        assert empty.schema.equals(pyarrow.parquet.read_schema(dataset / name), check_metadata=True)
    assert list(read_sessions(tmp_path / "sessions.parquet")) == []


def test_rows_are_written_in_groups_and_not_all_kept(
    pyarrow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_ROWS", 5)
    monkeypatch.setattr(parquet, "_IN_GROUP", 4)
    path = tmp_path / "s.parquet"
    lines = fixture_lines()
    part = tmp_path / ".s.parquet.part"
    sizes = []

    def watched() -> Iterator[str]:
        for line in lines:
            sizes.append(part.stat().st_size)
            yield dumps(line)

    write_sessions(path, watched(), HEADER)
    file = pyarrow.parquet.ParquetFile(path)
    groups = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    assert groups == [20] * (len(lines) // 20) + [len(lines) % 20]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert [line["id"] for line in read_sessions(path)] == [line["id"] for line in lines]
    assert 0 < sizes[40] < sizes[-1], "what is complete is on the disk before the last line is asked for"


def test_a_table_that_is_not_finished_leaves_the_old_one(tmp_path: Path, dataset: Path) -> None:
    path = tmp_path / "sessions.parquet"
    path.write_bytes((dataset / "sessions.parquet").read_bytes())
    before = path.read_bytes()

    def broken() -> Iterator[str]:
        yield from map(dumps, fixture_lines()[:10])
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_sessions(path, broken(), HEADER)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_table_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_files(tmp_path / "none" / "files.parquet", file_rows(), HEADER)


def test_what_is_no_table_of_sessions_is_told(pyarrow: Any, tmp_path: Path, dataset: Path) -> None:
    (tmp_path / "text.parquet").write_text("no table")
    pyarrow.parquet.write_table(pyarrow.table({"line": ["{}"]}), tmp_path / "other.parquet")
    (tmp_path / "cut.parquet").write_bytes((dataset / "sessions.parquet").read_bytes()[:-100])
    for name in ("text", "other", "cut", "missing"):
        with pytest.raises(UsageError, match="table") as caught:
            next(read_sessions(tmp_path / f"{name}.parquet"))
        assert str(tmp_path) not in caught.value.line(), "no path, which may name a patient"
    with pytest.raises(UsageError, match="no table of sessions"):
        next(read_sessions(dataset / "files.parquet"))


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError) as caught:
        write_files(tmp_path / "f.parquet", [], HEADER)
    assert "rtcode[parquet]" in caught.value.line()
    assert list(tmp_path.iterdir()) == []


def test_pyarrow_is_imported_only_to_write_or_read() -> None:
    script = "import sys, rtcode.archive.parquet; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# ------------------------------------------------------------------------------------------------- the page's examples


def asked(query: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What DuckDB answers in the folder of a dataset."""
    duckdb = pytest.importorskip("duckdb", reason="the examples need DuckDB")
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        answer = connection.execute(query)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def example(word: str) -> str:
    (query,) = [query for title, query in EXAMPLES if word in title]
    return query


@pytest.mark.parametrize("query", [query for _, query in EXAMPLES], ids=[title[:40] for title, _ in EXAMPLES])
def test_every_example_of_the_page_has_an_answer(query: str, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(query, dataset, monkeypatch)


def test_all_examples_are_run() -> None:
    assert len(EXAMPLES) == PAGE.count("```sql") >= 12


def test_examples_count_what_is_there(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = fixture_lines()
    by_level = asked(example("by status and level"), dataset, monkeypatch)
    expected = Counter((line["suggestion"]["status"], line["suggestion"]["level"]) for line in lines)
    assert {(row["status"], row["level"]): row["sessions"] for row in by_level} == expected
    assert sum(row["percent"] for row in by_level) == pytest.approx(100, abs=0.5)

    (counts,) = asked(example("went in came out"), dataset, monkeypatch)
    assert counts["met"] == len(file_rows())
    assert counts["every_file_counted"] and counts["every_session_counted"]
    assert (counts["duplicates"], counts["skipped"], counts["failures"]) == (1, 1, 2)

    (copies,) = asked(example("several copies"), dataset, monkeypatch)
    assert copies["paths"] == [lines[0]["plan"]["path"], "copy.dcm"]

    first = asked(example("look at first"), dataset, monkeypatch)
    assert {row["status"] for row in first} == {"provisional"}
    raises = [row["ceiling"] - row["level"] for row in first]
    assert raises == sorted(raises, reverse=True) and raises[0] > 0

    joined = asked(example("file that they come from"), dataset, monkeypatch)
    assert len(joined) == len(lines)

    apart = {Path(row["path"]).name[:3]: row for row in asked(example("Several isocenters"), dataset, monkeypatch)}
    assert apart["V17"]["nearest_isocenters_mm"] == 250.0
    assert apart["V12"]["isocenters"] is None and apart["V12"]["isocenters_doubts"] == ["not_comparable"]

    mixed = {Path(row["path"]).name[:3]: row for row in asked(example("Electrons with"), dataset, monkeypatch)}
    assert mixed["V82"]["in_one_session"] is True
    assert mixed["V85"]["in_one_session"] is False and mixed["V85"]["level_if_together"] == 3
    assert "V01" not in mixed and "V24" not in mixed


def test_a_conflict_of_counts_would_be_seen(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sessions(tmp_path / "sessions.parquet", fixture_lines()[1:], HEADER)
    write_files(tmp_path / "files.parquet", file_rows(), HEADER)
    (counts,) = asked(example("went in came out"), tmp_path, monkeypatch)
    assert counts["every_file_counted"] and not counts["every_session_counted"]


def test_the_exported_csv_has_every_session(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(example("spreadsheet"), dataset, monkeypatch)
    with (dataset / "sessions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["session"] for row in rows) == sorted(line["id"] for line in fixture_lines())
    assert "line" not in rows[0] and "motion_management" in {row["questions"] for row in rows}
