"""axe-core: what it finds wrong with the accessibility of a page.

`axe(page)` returns the violations of impact serious or critical, as lines of text. axe.min.js is `$TDL_AXE`, or comes
from npm, once, into build/axe. Where it cannot be had the test is skipped, or fails where TDL_REQUIRE names axe.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"
ROOT = Path(__file__).resolve().parents[2]
BAD = ("serious", "critical")
RUN = """async (exclude) => {
    const found = await axe.run({exclude}, {resultTypes: ["violations"]});
    return found.violations.map((v) => [v.impact, v.id, v.help, v.nodes.map((n) => n.html.slice(0, 160))]);
}"""


def find_axe() -> tuple[Path | None, str]:
    """axe.min.js, or None and why it cannot be had."""
    if named := os.environ.get("TDL_AXE"):
        path = Path(named)
        return (path, "") if path.is_file() else (None, f"TDL_AXE={named} is no file")
    folder = ROOT / "build" / "axe"
    path = folder / "node_modules" / "axe-core" / "axe.min.js"
    if path.is_file():
        return path, ""
    npm = shutil.which("npm")
    if npm is None:
        return None, "npm is not installed, and TDL_AXE names no axe.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", f"axe-core@{VERSION}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return None, "npm did not get axe-core within two minutes"
    last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
    return (path, "") if path.is_file() else (None, f"npm could not get axe-core: {last}")


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """`axe(page, exclude=[".a-part"])`: serious and critical violations, one line each."""
    path, reason = find_axe()
    if path is None:
        if "axe" in os.environ.get("TDL_REQUIRE", "").split(","):
            pytest.fail(f"{reason}, and TDL_REQUIRE={os.environ['TDL_REQUIRE']} asks for axe")
        pytest.skip(reason)
    code = path.read_text(encoding="utf-8")

    def check(page: Page, exclude: list[str] | None = None) -> list[str]:
        page.evaluate(code)
        found = page.evaluate(RUN, exclude or [])
        return [f"{impact}: {rule}: {what}: {nodes}" for impact, rule, what, nodes in found if impact in BAD]

    return check
