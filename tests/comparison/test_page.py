"""The page about comparisons names everything that is compared, with the tolerances that hold."""

from __future__ import annotations

import re

from rtcode.comparison.attributes import ATTRIBUTES
from rtcode.comparison.tolerances import TOLERANCES, Tolerances, values_of
from rtcode.comparison.types import Verdict
from rtcode.outputs import comparison_contract
from rtcode.plan.tags import keywords
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "compare.md").read_text("utf-8")
OUTPUT = (ROOT / "docs" / "output.md").read_text("utf-8")


def test_every_attribute_is_documented_as_it_is() -> None:
    for name, about in ATTRIBUTES.items():
        words = (about.kind.value, "yes" if about.matters else "no", "yes" if about.counts else "no")
        tolerance = f"`{about.tolerance}`" if about.tolerance else ""
        assert f"| `{name}` | {about.title} | {' | '.join(words)} | {tolerance} |" in PAGE, name


def test_every_tolerance_is_documented_with_its_default() -> None:
    for name, value in values_of(Tolerances()).items():
        about = TOLERANCES[name]
        assert f"| `{name}` | {value:g} | {about.unit} | {about.text} | {about.basis} |" in PAGE, name


def test_every_verdict_and_key_is_documented() -> None:
    assert all(f"| `{verdict}` |" in PAGE for verdict in Verdict)
    for name in ("ComparisonDict", "ComparedPlanDict", "BeamPairDict", "DifferenceDict", "SessionChangeDict"):
        for key in getattr(comparison_contract, name).__annotations__:
            assert f"`{key}`" in OUTPUT, f"{name}.{key}"


def test_attributes_name_keywords_and_tolerances_that_exist() -> None:
    for name, about in ATTRIBUTES.items():
        assert not about.keyword or about.keyword in keywords(), name
        assert not about.tolerance or about.tolerance in TOLERANCES, name
        assert re.fullmatch(r"[a-z0-9_]+", name)
    used = {about.tolerance for about in ATTRIBUTES.values()} | {"meterset_percent"}
    assert set(TOLERANCES) <= used
