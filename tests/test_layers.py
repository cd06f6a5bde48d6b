"""Who imports whom: by import-linter with the contracts of pyproject.toml, and start-up by what gets imported."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import CURRENT_TYPER, ROOT


def modules_after(code: str) -> set[str]:
    """The modules that are imported when ``code`` has run in a new process."""
    script = f"import sys\n{code}\nsys.stdout.flush()\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("\n", 2)[1].split())


def test_imports_point_one_way() -> None:
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_its_layer() -> None:
    """A new package that no contract names would be held by none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (c["layers"] for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    named = {name.strip() for layer in layers for name in layer.split("|")}
    there = {
        f"rtcode.{path.stem}"
        for path in (ROOT / "rtcode").iterdir()
        if (path.suffix == ".py" and not path.stem.startswith("__")) or (path / "__init__.py").is_file()
    }
    assert there <= named


def test_single_detectors_are_independent_by_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (named,) = (c["modules"] for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "independence")
    package = ast.parse((ROOT / "rtcode" / "features" / "__init__.py").read_text("utf-8"))
    detectors = {
        f"rtcode.features.{alias.name}"
        for node in ast.walk(package)
        if isinstance(node, ast.ImportFrom) and node.module == "rtcode.features"
        for alias in node.names
    }
    assert len(detectors) > 10
    assert detectors <= set(named), "a detector that the contract does not name may import any other"


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["analize"]])
def test_help_needs_neither_numpy_nor_pydicom(arguments: list[str]) -> None:
    loaded = modules_after(f"from rtcode.cli.app import run\nrun({arguments!r})")
    unwanted = {"numpy", "pydicom", "pydantic", "shapely", "rtcode.analysis"} | ({"rich"} if CURRENT_TYPER else set())
    assert not loaded & unwanted


def test_importing_rtcode_is_cheap() -> None:
    assert not modules_after("import rtcode") & {"numpy", "pydicom", "pydantic", "shapely", "typer"}


def test_analyzing_a_plan_needs_neither_pydicom_nor_pydantic() -> None:
    code = "from rtcode.cli.app import run\nassert run(['analyze', 'fixtures/plans/example.dcm']) == 0"
    loaded = modules_after(code)
    assert "numpy" in loaded
    assert not loaded & {"pydicom", "pydantic", "shapely", "urllib.request", "tarfile", "importlib.resources"}


def test_analyzing_a_plan_imports_little_beside_numpy() -> None:
    """Without the option parser: what rtcode itself needs of the standard library, each some milliseconds."""
    loaded = modules_after("import rtcode\nrtcode.analyze('fixtures/plans/example.dcm')")
    needless = {"dataclasses", "inspect", "importlib.resources", "tempfile", "random", "zipfile", "tarfile", "uuid"}
    needless |= {"csv", "hmac", "html", "subprocess", "platform", "typer", "pydicom", "pydantic", "shapely"}
    assert not (loaded - modules_after("import numpy")) & needless


def test_errors_need_no_numpy() -> None:
    assert "numpy" not in modules_after("import rtcode.errors")
