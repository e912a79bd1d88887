"""Programs as links: what they say arrives, and they end, with all that they started, whatever ends the session."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.sim import process
from tdl_course.sim.process import PipeLink, find_program
from tdl_course.sim.result import SimulatorError
from tests.sim.processes import commands, within

PYTHON = sys.executable
ECHO = [PYTHON, "-u", "-c", "import os\nwhile data := os.read(0, 999): os.write(1, data)"]
# A program that starts another, which only a group is killed with, and says both of their numbers.
FAMILY = (
    "import os, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "os.write(1, f'{os.getpid()} {child.pid}\\n'.encode())\n"
    "time.sleep(600)\n"
)


def receive(link: PipeLink, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := link.receive(20)):
        data += more
    return data


def gone(*pids: int) -> bool:
    return within(10, lambda: not commands().keys() & set(pids))


@pytest.fixture(scope="module")
def echo():
    with PipeLink(ECHO) as link:
        yield link


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=5000), max_size=5))
def test_everything_sent_arrives(echo, parts):
    for part in parts:
        echo.send(part)
    sent = b"".join(parts)
    assert receive(echo, len(sent)) == sent


def test_more_than_a_pipe_holds_arrives(echo):
    """The echo reads on while it is sent to, and a thread takes what it answers."""
    data = bytes(range(256)) * 4000
    echo.send(data)
    assert receive(echo, len(data)) == data


def test_silence_is_no_error(echo):
    assert echo.receive(0.05) == b""


def test_the_end_is_an_error_that_says_what_the_program_said():
    program = "import sys; print('out'); print('oops', file=sys.stderr); sys.exit(3)"
    with PipeLink([PYTHON, "-c", program]) as link:
        assert receive(link, 4).strip() == b"out"
        for _ in range(2):
            with pytest.raises(SimulatorError, match="ended with status 3; it said: oops"):
                link.receive(20)
        with pytest.raises(SimulatorError, match="ended with status 3"):
            link.send(b"x")
    with pytest.raises(SimulatorError, match="closed"):
        link.send(b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="a full pipe blocks there")
def test_a_program_that_reads_nothing_blocks_nobody(monkeypatch):
    monkeypatch.setattr(process, "SEND_SECONDS", 0.1)
    with (
        PipeLink([PYTHON, "-c", "import time; time.sleep(600)"]) as link,
        pytest.raises(SimulatorError, match="reads none of the"),
    ):
        link.send(bytes(1 << 20))


def test_a_missing_program_is_named():
    with pytest.raises(SimulatorError, match=r"no-such is not installed. apt install it\. .*unicorn"):
        find_program("no-such", "apt install it")
    with pytest.raises(SimulatorError, match="no-such does not start: No such file"):
        PipeLink(["no-such"])


posix = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")


@posix
def test_close_kills_the_program_and_its_children():
    link = PipeLink([PYTHON, "-c", FAMILY])
    family = [int(word) for word in link.receive(20).split()]
    assert len(family) == 2 and within(10, lambda: commands().keys() >= set(family))
    link.close()
    link.close()
    assert gone(*family)


@posix
@pytest.mark.parametrize("end", ["exit", "error", "ctrl-c"])
def test_however_python_ends_nothing_is_left(tmp_path: Path, end: str):
    last = {"exit": "sys.exit(0)", "error": "1 / 0", "ctrl-c": "time.sleep(600)"}[end]
    script = tmp_path / "session.py"
    script.write_text(
        "import sys, time\n"
        "from tdl_course.sim.process import PipeLink\n"
        f"link = PipeLink([sys.executable, '-c', {FAMILY!r}])\n"
        "print(link.receive(20).decode(), flush=True)\n"
        f"{last}\n"
    )
    session = subprocess.Popen([PYTHON, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert session.stdout is not None
    with session:
        family = [int(word) for word in session.stdout.readline().split()]
        if end == "ctrl-c":
            os.kill(session.pid, signal.SIGINT)
        session.wait(20)
    assert len(family) == 2 and gone(*family)
