"""What a scan says when it is done: a few lines for the one who started it."""

from __future__ import annotations

from pathlib import Path

from rtcode.archive.scan import Scanned
from rtcode.outputs.layout import safe


def scan_text(scanned: Scanned, folder: Path) -> str:
    """Counts of the dataset, of this run, and where the tables are."""
    run = f"In this run {scanned.read:,} were read; {scanned.unchanged:,} were as they had been."
    return _text(scanned, folder, run)


def redecided_text(scanned: Scanned, folder: Path) -> str:
    """The same for a dataset that was decided again."""
    return _text(scanned, folder, f"In this run {scanned.read:,} plans were decided again; none was read.")


def _text(scanned: Scanned, folder: Path, run: str) -> str:
    counts = scanned.counts
    others = counts.skipped - counts.duplicates
    lines = [
        f"{counts.files:,} files: {counts.plans:,} plans, {counts.duplicates:,} copies, {others:,} other objects, "
        f"{counts.failures:,} failures",
        run,
        "",
        f"{counts.sessions:,} treatment sessions",
    ]
    lines += [f"  {f'level {level}':22}{number:>12,}" for level, number in counts.by_level.items()]
    lines += [f"  {status.replace('_', ' '):22}{number:>12,}" for status, number in counts.by_status.items()]
    if counts.by_failure:
        lines += ["", f"{counts.failures:,} failures"]
        lines += [f"  {code:22}{number:>12,}" for code, number in counts.by_failure.items()]
    lines += ["", "Tables", *(f"  {safe(str(path))}" for path in scanned.tables)]
    lines += [f"{safe(str(folder / 'private'))} holds plans: keep it to yourself, and for the next run.", ""]
    return "\n".join(lines) + "Levels are suggestions; a human confirms.\n"
