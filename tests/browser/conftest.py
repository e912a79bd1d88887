"""A headless Chromium, and real servers of this package's notebooks on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import axe as accessibility

ROOT = Path(__file__).resolve().parents[2]
# No connection but to loopback: a page that needs the network fails here.
OFFLINE = [
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


axe = accessibility.axe


@pytest.fixture(scope="session")
def launch(need: Callable[[str], str]) -> Iterator[Callable[..., Browser]]:
    """`launch("--a-flag")`: a Chromium without a network. A process can have one Playwright, so all tests share it."""
    chromium = need("chromium")
    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(executable_path=chromium, args=[*OFFLINE, *flags])


@pytest.fixture(scope="session")
def page(launch: Callable[..., Browser]) -> Iterator[Page]:
    browser = launch()
    yield browser.new_page(viewport={"width": 1200, "height": 900})
    browser.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """`serve("voila", "notebook.ipynb")` starts the server in `tmp_path` and returns its address when it answers."""
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, *arguments: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", module, *arguments, "--port", str(port), "--no-browser"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}
        log = (tmp_path / "server.log").open("wb")
        server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        started.append(server)
        end = time.monotonic() + 60
        while time.monotonic() < end and server.poll() is None:
            try:
                urllib.request.urlopen(address, timeout=30)
                return address
            except OSError:
                time.sleep(0.2)
        pytest.fail((tmp_path / "server.log").read_text("utf-8", "replace")[-2000:])

    yield start
    for server in started:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
