"""Many viewers of a dashboard at once: errors, time to the first view, memory of a kernel.

    python benchmarks/viewers.py [NAME] [--viewers 30] [--ready 1] [--pages 3]

Starts `tdl dashboards NAME`, and opens so many views at the same moment. A view asks for the page and takes its
kernel's widgets over a websocket, as a browser does; its first view is there when the picture is. Then it changes the
first dropdown and waits for the new picture. Some of the views are real pages of Chromium. `--ready` is how many
kernels wait beforehand (`--viewers` of the command). Exit status 1 where a view failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
from playwright.async_api import async_playwright
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tdl_course.pages.server import free_port
from tdl_course.table import Table

PATIENCE_S = 180
KERNEL = re.compile(r'"kernelId": "([0-9a-f-]+)"')
DRAWN = "<figcaption"
CONTROL = "1.0.0"  # the protocol in which ipywidgets hands over all states at once


@dataclass(frozen=True)
class View:
    """Seconds until the picture is there, and until it has followed a change; `error` is empty where both came."""

    first: float
    change: float
    error: str = ""


def message(kind: str, content: dict[str, Any]) -> str:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": "", "date": "", "version": "5.3"}
    parts = {"header": header, "parent_header": {}, "metadata": {"version": CONTROL}, "content": content, "buffers": []}
    return json.dumps({**parts, "channel": "shell"})


async def hear(socket: WebSocketClientConnection, text: str) -> str:
    """The next message with `text` in it."""
    while True:
        heard = await asyncio.wait_for(socket.read_message(), PATIENCE_S)
        if heard is None:
            raise RuntimeError("the websocket was closed")
        read = heard if isinstance(heard, str) else heard.decode("utf-8", "replace")
        if text in read:
            return read


async def view(address: str, everybody: asyncio.Event, seen: asyncio.Event) -> View:
    """One viewer, who stays until `everybody` is there."""
    await everybody.wait()
    started, first, change = time.monotonic(), 0.0, 0.0
    try:
        page = await AsyncHTTPClient().fetch(
            HTTPRequest(address, request_timeout=PATIENCE_S, connect_timeout=PATIENCE_S)
        )
        kernel = KERNEL.search(page.body.decode())
        if kernel is None:
            raise RuntimeError("the page names no kernel")
        socket = await websocket_connect(f"{address.replace('http', 'ws')}api/kernels/{kernel[1]}/channels")
        control = {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}}
        await socket.write_message(message("comm_open", control))
        await socket.write_message(message("comm_msg", {"comm_id": "control", "data": {"method": "request_states"}}))
        states = json.loads(await hear(socket, DRAWN))["content"]["data"]["states"]
        first = time.monotonic() - started
        dropdown = next(key for key, each in states.items() if each["model_name"] == "DropdownModel")
        moved = {"method": "update", "state": {"index": 1}, "buffer_paths": []}
        started = time.monotonic()
        await socket.write_message(message("comm_msg", {"comm_id": dropdown, "data": moved}))
        await hear(socket, DRAWN)
        change = time.monotonic() - started
        await seen.wait()
        socket.close()
    except Exception as error:  # whatever went wrong is what is counted
        return View(first, change, f"{type(error).__name__}: {error}"[:200])
    return View(first, change)


async def browse(browser: Any, address: str, everybody: asyncio.Event, seen: asyncio.Event) -> View:
    """One page of a real browser."""
    page = await browser.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await everybody.wait()
    started, first, change = time.monotonic(), 0.0, 0.0
    try:
        await page.goto(address, timeout=1000 * PATIENCE_S)
        caption = page.locator("figcaption")
        before = await caption.inner_text(timeout=1000 * PATIENCE_S)
        first = time.monotonic() - started
        started = time.monotonic()
        await page.locator("select").first.select_option(index=1)
        await page.wait_for_function(
            "before => document.querySelector('figcaption').innerText !== before", arg=before, timeout=1000 * PATIENCE_S
        )
        change = time.monotonic() - started
        await seen.wait()
        await page.close(run_before_unload=True)
    except Exception as error:
        return View(first, change, f"{type(error).__name__}: {error}"[:200])
    return View(first, change, wrong[0][:200] if wrong else "")


def kernels(server: psutil.Process) -> list[psutil.Process]:
    """The processes of kernels that the server has started."""
    found = []
    for child in server.children(recursive=True):
        with suppress(psutil.Error):  # one that has just ended
            if "ipykernel_launcher" in " ".join(child.cmdline()):
                found.append(child)
    return found


def wait_until_ready(server: psutil.Process, address: str, ready: int) -> float:
    """Until `ready` kernels have run their notebook and rest. Returns the seconds since the server answers."""
    end = time.monotonic() + 1800
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}voila/static/voila.js", timeout=5).close()
            break
        except OSError:
            time.sleep(0.2)
    answered = time.monotonic()
    quiet, before = 0, 0.0
    while time.monotonic() < end and quiet < 8:  # seconds of rest
        time.sleep(1)
        waiting = kernels(server)
        with suppress(psutil.Error):
            worked = sum(sum(process.cpu_times()[:2]) for process in (server, *waiting))
            quiet = quiet + 1 if len(waiting) == ready and worked - before < 0.01 * ready + 0.1 else 0
            before = worked
    return time.monotonic() - answered


async def measure(
    address: str, viewers: int, pages: int, server: psutil.Process
) -> tuple[list[View], list[View], list]:
    """All views at the same moment: light ones, real pages, and the memory (MB) of each kernel while all are open."""
    AsyncHTTPClient.configure(None, max_clients=viewers + 1)
    everybody, seen = asyncio.Event(), asyncio.Event()
    async with async_playwright() as playwright:
        program = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        light = [asyncio.create_task(view(address, everybody, seen)) for _ in range(viewers - pages)]
        real = [asyncio.create_task(browse(browser, address, everybody, seen)) for _ in range(pages)]
        await asyncio.sleep(2)
        everybody.set()
        memory: list = []
        await asyncio.sleep(1)
        while not all(task.done() or waits(task) for task in (*light, *real)):
            await asyncio.sleep(0.5)
        for child in kernels(server):
            facts = child.memory_full_info()
            memory.append((facts.rss / 2**20, getattr(facts, "pss", facts.rss) / 2**20))
        seen.set()
        result = await asyncio.gather(*light), await asyncio.gather(*real), memory
        await browser.close()
    return result


def waits(task: asyncio.Task) -> bool:
    """True for a view that has seen all and waits for the others."""
    return any("seen.wait()" in line for line in map(_line, task.get_stack(limit=1)))


def _line(frame: Any) -> str:
    import linecache

    return linecache.getline(frame.f_code.co_filename, frame.f_lineno)


def report(name: str, ready: int, light: list[View], real: list[View], memory: list, warm_s: float) -> Table:
    views = [*light, *real]

    def spread(values: list[float]) -> str:
        return f"{np.median(values):.1f} s, 95 %: {np.percentile(values, 95):.1f} s" if values else "none"

    fine = [each for each in views if not each.error]
    rss, pss = zip(*memory, strict=True)
    rows = (
        ("views that failed", f"{len(views) - len(fine)} of {len(views)}"),
        ("kernels kept ready, and until they were", f"{ready}, {warm_s:.0f} s"),
        ("first view, all", spread([each.first for each in fine])),
        ("first view, pages of Chromium", spread([each.first for each in real if not each.error])),
        ("a change, all", spread([each.change for each in fine])),
        ("kernels while all look", f"{len(memory)}"),
        ("resident memory of a kernel", f"{np.median(rss):.0f} MB, most {max(rss):.0f} MB"),
        ("its share of memory, shared pages divided", f"{np.median(pss):.0f} MB"),
        ("all kernels", f"{sum(pss) / 1024:.1f} GB"),
    )
    cores, total = os.cpu_count(), psutil.virtual_memory().total / 2**30
    note = f"Measured on {cores} cores with {total:.0f} GB, load {os.getloadavg()[0]:.1f} at the end."
    return Table(f"{len(views)} viewers of {name} at once", ("what", "measured"), rows, note)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="fit")
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--ready", type=int, default=1, help="kernels that wait beforehand (default: %(default)s)")
    parser.add_argument("--pages", type=int, default=3, help="how many views are pages of Chromium")
    options = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "tdl_course.cli", "dashboards", options.name, "--viewers", str(options.ready)]
    server = psutil.Popen([*command, "--port", str(port), "--no-browser"], stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/"
        warm_s = wait_until_ready(server, address, options.ready)
        light, real, memory = asyncio.run(measure(address, options.viewers, options.pages, server))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    print(report(options.name, options.ready, light, real, memory, warm_s))
    failed = [each.error for each in (*light, *real) if each.error]
    print(*sorted(set(failed)), sep="\n", end="\n" if failed else "")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
