"""`tdl dashboards` as a workshop uses it: one server for all, the network off, the keyboard only."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tdl_course.pages.dashboards import scripts
from tdl_course.pages.server import free_port
from tests.browser.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sim]

SHOTS = ROOT / "build" / "screenshots"
# What is pressed, on which control, and what the sentence says then.
MOVES: dict[str, tuple[str, str, str, str]] = {
    "quantization": ("slider", "bits", "ArrowLeft", "at 7 bits"),
    "pruning": ("slider", "sparsity", "ArrowRight", "55% sparse"),
    "fit": ("combobox", "weights", "ArrowDown", "4-bit weights"),
    "spotting": ("slider", "smoothing", "ArrowRight", "with 4 outputs averaged"),
    "irrigation": ("slider", "timer, days between", "ArrowRight", "of every 4 days"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """The address of `tdl dashboards`, which prepares what it shows before it serves, and its process."""
    folder, port = tmp_path_factory.mktemp("dashboards"), free_port()
    command = [sys.executable, "-m", "tdl_course.cli", "dashboards", "--port", str(port), "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(folder / "jupyter")}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        address, end = f"http://127.0.0.1:{port}/", time.monotonic() + 280
        while time.monotonic() < end and server.poll() is None:
            try:
                urllib.request.urlopen(address, timeout=10).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            server.kill()
            pytest.fail((folder / "server.log").read_text("utf-8", "replace")[-2000:])
        yield address, psutil.Process(server.pid)
        server.send_signal(signal.SIGTERM)
        server.wait(30)


@pytest.fixture(scope="module")
def tab(launch: Callable[..., Browser]) -> Iterator[Page]:
    """A page that notes errors on its console, and what it asks of others than this computer."""
    browser = launch()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.wrong, page.asked = [], []
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    browser.close()


def opened(page: Page, served: tuple[str, psutil.Process], name: str) -> None:
    """Dashboard `name` with its picture; "" is the page that lists all."""
    page.wrong.clear()
    page.asked.clear()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(served[0] + (f"voila/render/{name}.ipynb" if name else ""), timeout=120_000)
    if name:
        expect(page.locator("figure img")).to_be_visible(timeout=120_000)


def elsewhere(page: Page) -> list[str]:
    """Addresses outside loopback that the page asked for."""
    return [url for url in page.asked if urlsplit(url).scheme in ("http", "ws") and "//127.0.0.1:" not in url] + [
        url for url in page.asked if url.startswith("https:")
    ]


def keep_shots(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in ((1280, 800), (800, 1000)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        page.screenshot(path=SHOTS / f"dashboard_{name}_{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} px is too narrow"


def test_all_dashboards_are_there_and_listed(served, tab: Page):
    assert {script.name for script in scripts()} == set(MOVES)
    opened(tab, served, "")
    keep_shots(tab, "index")
    for script in scripts():
        assert tab.get_by_role("link", name=script.title).get_attribute("href") == f"voila/render/{script.name}.ipynb"
    assert not elsewhere(tab) and not tab.wrong


@pytest.fixture(scope="module", params=list(MOVES))
def shown(request: pytest.FixtureRequest, served, tab: Page) -> str:
    """Each dashboard, opened once for all tests of it."""
    opened(tab, served, request.param)
    return request.param


def test_a_key_changes_the_picture_and_its_sentence(shown: str, tab: Page):
    role, label, key, said = MOVES[shown]
    image, caption = tab.locator("figure img"), tab.locator("figcaption")
    before = image.get_attribute("src"), image.get_attribute("alt")
    assert before[1] and before[1] in caption.inner_text()
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight"), "scrolls at 1280x800"
    assert (
        tab.locator(".jp-CodeCell .jp-InputArea:visible, [data-mime-type='application/vnd.jupyter.stderr']").count()
        == 0
    )
    control = tab.get_by_role(role, name=label, exact=True)
    expect(control).to_have_count(1)
    control.focus()
    tab.keyboard.press(key)
    expect(caption).to_contain_text(said, timeout=30_000)
    assert image.get_attribute("src") != before[0]
    assert image.get_attribute("alt") != before[1]
    expect(tab.get_by_role("status").filter(has_text=said)).to_have_count(1, timeout=10_000)
    keep_shots(tab, shown)
    assert not elsewhere(tab)
    assert not tab.wrong


def test_axe_finds_nothing_serious_in_a_dashboard(shown: str, tab: Page, axe):
    expect(tab.locator("#tdl-said[data-sentence]")).to_have_count(1, timeout=10_000)
    assert axe(tab) == []


def test_axe_finds_nothing_serious_in_the_list(served, tab: Page, axe):
    opened(tab, served, "")
    assert axe(tab) == []


def test_the_whole_of_fit_by_tab_and_arrow_and_a_network_that_does_not_fit(served, tab: Page):
    opened(tab, served, "fit")
    tab.get_by_role("link", name="All dashboards").focus()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("combobox", name="network", exact=True)).to_be_focused()
    for letter in "leaf":
        tab.keyboard.press(letter)
    said = re.compile(r"on tiny32k: does not fit, RAM is [\d,]+ bytes too small; the largest in RAM are tdl_arena")
    expect(tab.locator("figcaption")).to_contain_text(said, timeout=30_000)
    for _ in range(3):
        tab.keyboard.press("Tab")
    expect(tab.get_by_role("combobox", name="board", exact=True)).to_be_focused()
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("figcaption")).to_contain_text(
        "on stm32f405: over budget in energy and battery life; flash", timeout=30_000
    )


def test_a_closed_page_ends_its_kernel(served, tab: Page):
    opened(tab, served, "fit")
    tab.goto("about:blank")

    def kernels() -> int:
        found = 0
        for child in served[1].children(recursive=True):
            with suppress(psutil.Error):  # one that has just ended
                found += "ipykernel_launcher" in " ".join(child.cmdline())
        return found

    end = time.monotonic() + 60
    while kernels() != len(MOVES) and time.monotonic() < end:
        time.sleep(0.5)
    assert kernels() == len(MOVES), "one waits for each dashboard; all others ended with their pages"
