"""Programs that simulate: each in a process group of its own, and none of them outlives its use.

In: a command. Out: a `Popen` whose whole group `end_group` kills, or a `PipeLink`: the program's stdin and stdout as a
`Link`. What is still running when Python ends is killed then; Ctrl-C reaches Python alone, whose `with` and `finally`
end the program. This module knows no simulator.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import Any

from tdl_course.sim.result import SimulatorError

CHUNK = 1 << 16
END_SECONDS = 10.0  # a killed process is gone by then
SEND_SECONDS = 10.0  # a pipe that stays full for so long has no reader
_running: set[subprocess.Popen[bytes]] = set()


def find_program(name: str, install: str) -> str:
    """The path of a program. Raises SimulatorError, which says how to `install` it, where there is none."""
    path = shutil.which(name)
    if path is None:
        raise SimulatorError(f'{name} is not installed. {install}. sim="unicorn" needs nothing but pip')
    return path


def start_group(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a program as the leader of a new process group; `options` are those of Popen. `end_group` ends it."""
    own = {"creationflags": 0x200} if sys.platform == "win32" else {"start_new_session": True}
    try:
        process = subprocess.Popen(list(command), **{**own, **options})
    except OSError as error:
        raise SimulatorError(f"{command[0]} does not start: {error.strerror}") from None
    _running.add(process)
    return process


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything that it started, and wait until it is gone. May be called again."""
    if process not in _running:
        return
    _running.discard(process)
    if sys.platform == "win32":
        process.kill()
    else:
        # Gone already; macOS says "not permitted" of a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(END_SECONDS)


@atexit.register
def _end_all() -> None:
    for process in list(_running):
        end_group(process)


class PipeLink:
    """A program as a `Link`: what is sent goes to its stdin, what it writes to stdout is received."""

    def __init__(self, command: Sequence[str]) -> None:
        self._name = os.path.basename(command[0])
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115, close() closes it
        self._process = start_group(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0
        )
        assert self._process.stdin is not None
        if sys.platform != "win32":  # there, a pipe that is full blocks
            os.set_blocking(self._process.stdin.fileno(), False)
        self._arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._ended = False
        # A thread, because waiting for a pipe with a timeout is not to be had on every system.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises SimulatorError when the program is gone, or takes nothing for SEND_SECONDS."""
        stdin = self._process.stdin
        assert stdin is not None
        rest = memoryview(data)
        try:
            while rest:
                written = stdin.write(rest)
                rest = rest[written or 0 :]
                if written is None and not select.select([], [stdin], [], SEND_SECONDS)[1]:
                    raise SimulatorError(f"{self._name} reads none of the {len(rest):,} bytes that it is sent")
        except (OSError, ValueError):  # a broken pipe; a closed file
            raise self._gone() from None

    def receive(self, timeout: float) -> bytes:
        """At least one byte, or b"" after `timeout` seconds. Raises SimulatorError at the program's end."""
        if self._ended:
            raise self._gone()
        try:
            data = self._arrived.get(timeout=timeout)
        except queue.Empty:
            return b""
        if not data:
            self._ended = True
            raise self._gone()
        return data

    def exit_status(self, timeout: float) -> int | None:
        """The program's exit status; None where it still runs after `timeout` seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """Kill the program. May be called again."""
        end_group(self._process)
        self._reader.join(END_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def __enter__(self) -> PipeLink:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read(CHUNK):
            self._arrived.put(data)
        self._arrived.put(b"")

    def _gone(self) -> SimulatorError:
        if self._errors.closed:
            return SimulatorError(f"{self._name}: this link is closed")
        status = self.exit_status(END_SECONDS)
        self._errors.seek(0)
        said = self._errors.read(4096).decode("utf-8", "replace").strip()
        how = "closed its output" if status is None else f"ended with status {status}"
        return SimulatorError(f"{self._name} {how}" + (f"; it said: {said}" if said else " and said nothing"))
