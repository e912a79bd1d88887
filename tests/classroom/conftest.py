"""A real hub on loopback, as classroom/README.md starts it: proxy, hub, culler, and a sandbox for each student."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
import requests

from tdl_course.boards import board
from tdl_course.firmware_project import build_project
from tests.golden_vectors import golden_vector

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "classroom" / "jupyterhub_config.py"
MEMORY_GB = "2"


@dataclass
class Hub:
    """A running hub: its address, its process, the folder of all it writes, the repository that students pull."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path
    repository: str

    def all_processes(self) -> list[psutil.Process]:
        """The hub and everything below it."""
        hub = psutil.Process(self.process.pid)
        return [hub, *hub.children(recursive=True)]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


@pytest.fixture(scope="module")
def hub(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    need("jupyterhub")
    proxy, git, bwrap = need("configurable-http-proxy"), need("git"), need("bwrap")
    box = subprocess.run([bwrap, "--unshare-user", "--ro-bind", "/", "/", "true"], capture_output=True, text=True)
    if box.returncode and "bwrap" not in os.environ.get("TDL_REQUIRE", "").split(","):
        pytest.skip(f"this computer allows no sandbox: {box.stderr.strip()}")
    top = tmp_path_factory.mktemp("classroom")
    folder = top / "hub"
    course_repository(git, top / "notebooks", folder / "course")
    (top / "roster.txt").write_text("ana\nben\nCho\n", encoding="utf-8")
    port = three_free_ports()
    environment = os.environ | {
        "TDL_HUB_DIR": str(folder),
        "TDL_HUB_URL": f"http://127.0.0.1:{port}",
        "TDL_HUB_ROSTER": str(top / "roster.txt"),
        "TDL_HUB_MEMORY_GB": MEMORY_GB,
        "TDL_HUB_AS_ROOT": "1",
        "PATH": os.pathsep.join([str(Path(proxy).parent), os.environ["PATH"]]),
    }
    command = [sys.executable, "-m", "jupyterhub", "--config", str(CONFIG)]
    with (top / "hub.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=top, env=environment, stdout=log, stderr=log)
        running = Hub(environment["TDL_HUB_URL"], process, folder, f"file://{folder / 'course'}")
        try:
            wait_for(running, top / "hub.log")
            yield running
        finally:
            left = running.all_processes() if process.poll() is None else []
            running.stop()
            for each in left:
                if each.is_running():
                    each.kill()


def course_repository(git: str, work: Path, bare: Path) -> None:
    """The repository that students pull, bare, with the branch main: a lesson, and the firmware of one convolution."""
    model, x, _ = golden_vector("conv_2d")
    (work / "firmware").mkdir(parents=True)
    (work / "firmware" / "conv.tflite").write_bytes(model)
    np.save(work / "firmware" / "x.npy", x)
    build_project(work / "firmware" / "conv.tflite", work / "firmware", board("stm32f405"))
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", work)
    author = ("-c", "user.name=teacher", "-c", "user.email=teacher@localhost")
    for step in (("init", "-q", "-b", "main"), ("add", "-A"), (*author, "commit", "-q", "-m", "Lesson 00")):
        subprocess.run([git, *step], cwd=work, check=True)
    subprocess.run([git, "clone", "-q", "--bare", str(work), str(bare)], check=True)


def three_free_ports() -> int:
    """The first of three free ports in a row: page, hub, proxy."""
    for first in range(18000, 28000, 7):
        try:
            for port in range(first, first + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    pytest.fail("no three free ports in a row")


def wait_for(hub: Hub, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and hub.process.poll() is None:
        try:
            if requests.get(f"{hub.url}/hub/login", timeout=30).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    pytest.fail(log.read_text("utf-8", "replace")[-3000:])
