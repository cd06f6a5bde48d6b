"""JSON Schema (2020-12) of what rtcode reads and writes, made from the types; the only place that asks pydantic for it.

The schemas are open: a reader has to accept keys that it does not know, for keys may be added within a schema number.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from rtcode.coding.schema import CodeSetFile, PolicyFile
from rtcode.outputs.case_contract import CasesDict, CasesLine
from rtcode.outputs.comparison_contract import ComparisonDict
from rtcode.outputs.contract import AnalysisDict, Line
from rtcode.outputs.diff_contract import CodeSetDiffDict
from rtcode.outputs.scan_contract import ScanLine
from rtcode.outputs.summary_contract import SummaryDict

#: name → (type, ``$id``, title)
_SCHEMAS: dict[str, tuple[Any, str, str]] = {
    "analysis": (AnalysisDict, "urn:rtcode:schema:analysis:1", "rtcode analyze --format json"),
    "stream": (Line, "urn:rtcode:schema:stream:1", "one line of rtcode analyze --format ndjson"),
    "scan": (ScanLine, "urn:rtcode:schema:scan:1", "one line of scan.ndjson, which rtcode scan writes"),
    "summary": (SummaryDict, "urn:rtcode:schema:summary:1", "rtcode summary --format json"),
    "cases": (
        CasesDict | CasesLine,
        "urn:rtcode:schema:cases:1",
        "rtcode cases --format json, or one line of --format ndjson",
    ),
    "comparison": (ComparisonDict, "urn:rtcode:schema:comparison:1", "rtcode compare --format json"),
    "codeset-diff": (CodeSetDiffDict, "urn:rtcode:schema:codeset-diff:1", "rtcode codeset diff --format json"),
    "codeset": (CodeSetFile, "urn:rtcode:schema:codeset:1", "a code set file, as data"),
    "policy": (PolicyFile, "urn:rtcode:schema:policy:1", "a policy file, as data"),
}

NAMES = tuple(_SCHEMAS)


def json_schema(name: str) -> dict[str, Any]:
    """The schema of that name.

    Raises
    ------
    KeyError
        The name is not one of `NAMES`.
    """
    what, identity, title = _SCHEMAS[name]
    schema = TypeAdapter(what).json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": identity, "title": title}
    return {**head, **{k: v for k, v in schema.items() if k != "title"}}
