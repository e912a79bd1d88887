"""Screenshots for the README of what a learner sees, from a headless Chromium and the course's own servers on loopback.

In: the repository, its data (real ones in `TDL_DATA`), a Chromium. Out: `pictures/*.png`, and on stdout the lines of
the README that show them.

    python tools/screenshots.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tdl_course.files import write_atomically
from tdl_course.pages.server import free_port
from tdl_course.picture import Picture

ROOT = Path(__file__).resolve().parent.parent
START_S = 300  # a server's first start prepares what its pages show
LAB_OPTIONS = ("--allow-root", "--IdentityProvider.token=", "--ip=127.0.0.1", "--no-browser")
LAB_SETTINGS = {
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # all cells are in the page
    "apputils-extension/notification": '{"fetchNews": "false"}',
}
LESSON, HEADING = "11_keyword_spotting.ipynb", "Exercise 11.2"


def lesson() -> Picture:
    """A part of lesson 11, executed, as JupyterLab shows it."""

    def find(page: Page) -> None:
        page.locator(".jp-Notebook .jp-MarkdownCell").first.wait_for()
        page.get_by_role("button", name="File Browser").or_(page.get_by_title("File Browser")).first.click()
        heading = page.get_by_role("heading", name=HEADING).first
        heading.scroll_into_view_if_needed()
        heading.evaluate("heading => heading.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(1500)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "solutions" / LESSON, folder)
        for place, setting in LAB_SETTINGS.items():
            path = folder / "settings" / "@jupyterlab" / f"{place}.jupyterlab-settings"
            path.parent.mkdir(parents=True)
            path.write_text(setting)
        command = ("jupyterlab", *LAB_OPTIONS, f"--LabApp.user_settings_dir={folder / 'settings'}")
        png = screenshot(command, f"lab/tree/{LESSON}", folder, find)
    words = "Lesson 11 in JupyterLab: an exercise, its answer, the check that says correct, and what comes next."
    return Picture(png, words)


def dashboard() -> Picture:
    """The dashboard "Does it fit?", as it opens."""
    png = screenshot(
        ("tdl_course.cli", "dashboards", "fit", "--no-browser"),
        "",
        ROOT,
        lambda page: page.locator("figure img").first.wait_for(timeout=120_000),
    )
    return Picture(
        png,
        'The dashboard "Does it fit?": knobs for model, bits, sparsity and board; flash, RAM, time against budgets.',
    )


def screenshot(module: tuple[str, ...], path: str, folder: Path, ready: Callable[[Page], None]) -> bytes:
    """PNG of the page at `path` of a server, once `ready(page)` returns."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise RuntimeError("no Chromium is installed. Next: apt install chromium")
    with server(module, folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/{path}", timeout=120_000)
        ready(page)
        png = page.screenshot()
        browser.close()
    return png


@contextmanager
def server(module: tuple[str, ...], folder: Path) -> Iterator[str]:
    """`python -m module` in `folder`: its address while it runs."""
    port = free_port()
    started = subprocess.Popen([sys.executable, "-m", *module, "--port", str(port)], cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_S
        while time.monotonic() < end and started.poll() is None:
            try:
                urllib.request.urlopen(address, timeout=30)
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        started.terminate()
        started.wait(30)


def main() -> None:
    for make in (lesson, dashboard):
        made = make()
        path = ROOT / "pictures" / f"{make.__name__}.png"
        write_atomically(path, made.png)
        print(f"![{made.words}]({path.relative_to(ROOT)})")


if __name__ == "__main__":
    main()
