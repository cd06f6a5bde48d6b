"""A scan's tables as Parquet files, written and read a few thousand rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rtcode.archive.column_types import Column, Listed, Scalar, Struct, Type
from rtcode.archive.columns import FILES, LINE, SCHEMA, SESSIONS
from rtcode.archive.tables import replacing
from rtcode.errors import UsageError
from rtcode.outputs.json import dumps
from rtcode.outputs.scan_contract import ScanHeaderLine

if TYPE_CHECKING:
    from rtcode.archive.dataset import FileRow
    from rtcode.outputs.scan_contract import ScanSessionLine

#: Rows that are Python objects at a time: few, since the garbage collector looks through all that are alive.
_ROWS = 128
#: As many times more are a row group, which is compressed as one: of lines of some 7 kB about 30 MB.
_IN_GROUP = 32

#: Name of our entry in a file's metadata.
_KEY = b"rtcode"

Row = TypeVar("Row")


def require_pyarrow() -> Any:
    """The package pyarrow.

    Raises
    ------
    UsageError
        It is not installed.
    """
    try:
        import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]
        import pyarrow.parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise UsageError(
            "Parquet needs the package pyarrow", "install rtcode[parquet], or use --format ndjson"
        ) from None
    return pyarrow


def write_sessions(path: Path, lines: Iterable[ScanSessionLine | str], header: dict[str, Any]) -> None:
    """Write the table ``sessions``, whole or not at all.

    Parameters
    ----------
    lines
        Lines of a scan, or their JSON texts, which is faster and keeps each text as it is.
    header
        The scan's header (`ScanHeaderLine`); it becomes the file's metadata, further keys do not.

    Raises
    ------
    UsageError
        The file cannot be written, or pyarrow is not installed.
    """
    *columns, last = SESSIONS
    assert last is LINE

    def values(some: list[ScanSessionLine | str]) -> Iterator[Sequence[Any]]:
        kept, texts = [], []
        for one in some:
            text, line = (one, json.loads(one)) if isinstance(one, str) else (dumps(one), one)
            kept.append([column.of(line) for column in columns])
            texts.append(text)
        yield from zip(*kept, strict=True)
        yield texts

    _write(path, "sessions", SESSIONS, map(values, _some(lines)), header)


def write_files(path: Path, rows: Iterable[FileRow], header: dict[str, Any]) -> None:
    """Write the table ``files``, whole or not at all.

    Parameters
    ----------
    rows
        Every file that was met.
    header
        As in `write_sessions`.

    Raises
    ------
    UsageError
        The file cannot be written, or pyarrow is not installed.
    """
    values = ([list(map(column.of, some)) for column in FILES] for some in _some(rows))
    _write(path, "files", FILES, values, header)


def read_sessions(path: Path) -> Iterator[ScanSessionLine]:
    """The lines of a table ``sessions``, in its order.

    Raises
    ------
    UsageError
        There is no such file, it is none of these tables, or pyarrow is not installed.
    """
    pyarrow = require_pyarrow()
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            about = json.loads((file.schema_arrow.metadata or {}).get(_KEY, b"{}"))
            if (about.get("schema"), about.get("table")) != (SCHEMA, "sessions"):
                raise UsageError(f"the file is no table of sessions of {SCHEMA}", "give sessions.parquet of a scan")
            for batch in file.iter_batches(batch_size=_ROWS, columns=[LINE.name]):
                yield from map(json.loads, batch.column(0).to_pylist())
    except (OSError, pyarrow.ArrowException) as error:
        # pyarrow's own text may name a path.
        raise UsageError(
            f"the table of sessions cannot be read ({type(error).__name__})", "check its path, or scan again"
        ) from None


def _some(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while some := list(islice(remaining, _ROWS)):
        yield some


def _write(
    path: Path,
    table: str,
    columns: tuple[Column, ...],
    values: Iterable[Iterable[Sequence[Any]]],
    header: dict[str, Any],
) -> None:
    """Write a table from the values of some rows at a time, column by column."""
    pyarrow = require_pyarrow()
    schema = pyarrow.schema([_field(pyarrow, column) for column in columns], {_KEY: _about(table, columns, header)})
    # Of long texts that are all different, a dictionary and the least and greatest are of no use.
    others = [name for name in _leaves(columns) if name != LINE.name]
    with (
        replacing(path) as stream,
        pyarrow.parquet.ParquetWriter(
            stream, schema, compression="zstd", use_dictionary=others, write_statistics=others
        ) as writer,
    ):
        batches = (
            pyarrow.record_batch(
                [pyarrow.array(own, kind) for own, kind in zip(some, schema.types, strict=True)], schema
            )
            for some in values
        )
        while group := list(islice(batches, _IN_GROUP)):
            writer.write_table(pyarrow.Table.from_batches(group))


def _about(table: str, columns: tuple[Column, ...], header: dict[str, Any]) -> str:
    """What the metadata say of a table."""
    about = {key: value for key, value in header.items() if key in ScanHeaderLine.__annotations__ and key != "type"}
    meanings = {c.name: {"meaning": c.meaning, "unit": c.unit or None, "since": c.since} for c in columns}
    return dumps({**about, "schema": SCHEMA, "table": table, "columns": meanings})


def _field(pyarrow: Any, column: Column) -> Any:
    about = {"meaning": column.meaning, **({"unit": column.unit} if column.unit else {})}
    return pyarrow.field(column.name, _arrow(pyarrow, column.type), nullable=column.nullable, metadata=about)


def _arrow(pyarrow: Any, type: Type) -> Any:
    if isinstance(type, Listed):
        return pyarrow.list_(pyarrow.field("element", _arrow(pyarrow, type.of), nullable=False))
    if isinstance(type, Struct):
        return pyarrow.struct([(name, _arrow(pyarrow, inner)) for name, inner in type.fields])
    match type:
        case Scalar.TEXT:
            return pyarrow.string()
        case Scalar.INTEGER:
            return pyarrow.int64()
        case Scalar.NUMBER:
            return pyarrow.float64()
        case Scalar.BOOLEAN:
            return pyarrow.bool_()
        case Scalar.DATE:
            return pyarrow.date32()
        case Scalar.TIME:
            return pyarrow.timestamp("us", tz="UTC")


def _leaves(columns: Iterable[Column]) -> Iterator[str]:
    """The paths of a file's own columns: a list of structs has one for each of their values."""
    for column in columns:
        yield from _paths(column.name, column.type)


def _paths(path: str, type: Type) -> Iterator[str]:
    if isinstance(type, Listed):
        yield from _paths(f"{path}.list.element", type.of)
    elif isinstance(type, Struct):
        for name, inner in type.fields:
            yield from _paths(f"{path}.{name}", inner)
    else:
        yield path
