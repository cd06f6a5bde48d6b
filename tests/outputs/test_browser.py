"""The pages in a real browser: nothing is cut, nothing overflows, and printing gives pages of the paper's size.

Needs Chromium (Debian's package ``chromium``), which `.ci/run` installs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PLANS, Runner

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, Debian's package chromium")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=2000",
]
#: Written to a copy of the page: what the browser measures, as the page's title.
MEASURE = """
<script>
addEventListener("load", () => {
  const cut = [];
  for (const svg of document.querySelectorAll("svg")) {
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const t = text.getBoundingClientRect();
      if (t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1 || t.bottom > box.bottom + 1)
        cut.push(text.textContent);
    }
  }
  document.title = "measured " + JSON.stringify({
    wide: document.documentElement.scrollWidth, window: innerWidth, cut,
    pictures: document.querySelectorAll("svg").length,
    empty: [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().height < 10).length,
  });
});
</script>
"""
#: Plans that show every kind of picture: static with wedges, arcs, several isocenters, electrons with a cut-out.
SHEETS = ("example.dcm", "V24", "V72", "V06")


def plan(name: str) -> Path:
    (path, *_) = sorted(PLANS.rglob(name if name.endswith(".dcm") else f"{name}*.dcm"))
    return path


def browse(page: Path, profile: Path, *flags: str) -> str:
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return ran.stdout


def measured(page: Path, profile: Path, width: int) -> dict[str, Any]:
    copy = page.with_suffix(".measured.html")
    text = page.read_text("utf-8")
    assert "</body>" in text
    copy.write_text(text.replace("</body>", MEASURE + "</body>"), "utf-8")
    shown = browse(copy, profile, f"--window-size={width},3000", "--dump-dom")
    found = re.search(r"<title>measured (.*?)</title>", shown, re.DOTALL)
    assert found, shown[:300]
    result: dict[str, Any] = json.loads(found.group(1))
    return result


def check(page: Path, profile: Path, width: int) -> dict[str, Any]:
    found = measured(page, profile, width)
    assert found["wide"] <= found["window"], f"the page is {found['wide']} px wide in a window of {found['window']}"
    assert not found["cut"], "texts that lie outside their picture"
    assert not found["empty"]
    return found


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_fits_a_screen_and_a_tablet(rtcode: Runner, tmp_path: Path, name: str) -> None:
    page = tmp_path / "sheet.html"
    assert rtcode("analyze", plan(name), "--format", "html", "-o", page).code == 0
    for width in (1024, 820):
        assert check(page, tmp_path / "profile", width)["pictures"] > 1


def test_a_comparison_fits_a_screen(rtcode: Runner, tmp_path: Path) -> None:
    page = tmp_path / "comparison.html"
    assert rtcode("compare", plan("V24"), plan("V27"), "--format", "html", "-o", page).code == 0
    check(page, tmp_path / "profile", 1024)


def test_the_browser_prints_a_sheet(rtcode: Runner, tmp_path: Path) -> None:
    pdfinfo = shutil.which("pdfinfo")
    if pdfinfo is None:
        pytest.skip("needs pdfinfo, Debian's package poppler-utils")
    page, paper = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    assert rtcode("analyze", plan("example.dcm"), "--format", "html", "-o", page).code == 0
    browse(page, tmp_path / "profile", f"--print-to-pdf={paper}")
    told = subprocess.run([pdfinfo, str(paper)], capture_output=True, text=True, check=True).stdout
    pages = re.search(r"Pages:\s+(\d+)", told)
    assert pages is not None and 1 < int(pages.group(1)) <= 8
