"""The oldest versions that pyproject.toml allows, as constraints for pip."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def oldest(requirement: str) -> str:
    """``numpy>=2.0`` → ``numpy==2.0``; a requirement without a lower bound is an error."""
    found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*>=\s*([0-9][0-9.]*)", requirement)
    if found is None:
        raise SystemExit(f"{requirement}: no lower bound")
    return f"{found.group(1)}=={found.group(2)}"


if __name__ == "__main__":
    project = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
    print("\n".join(oldest(requirement) for requirement in project["dependencies"]))
