"""RenodeLink: the serial line to a firmware in a Renode that stays, for `serve` and `wire`.

In: an `Elf`. Out: a `Link`. Renode is driven through its server for Robot Framework (`--robot-server-port 0`, XML-RPC;
`run_keyword ExecuteCommand`), the one way to command a Renode without a console that needs no more than Python.

Where that server listens is Renode's choice. On Windows it is loopback. On Linux and macOS it is ALL addresses of this
computer, at a port from 49152 on (HttpServer.cs of renode: the prefix is http://*:port/), and whoever reaches it
may command Renode: use a session on a computer whose network you trust, or behind a firewall. `run_renode` opens no
socket at all.

The firmware runs only while `receive` waits: in slices of virtual time, made as long as takes SLICE_SECONDS of this
computer's. Between them the machine is paused, and only then is something put into its serial port, because Renode's
model of the USART is not made for two threads. A firmware that waits polls its port: while somebody listens, a session
keeps one processor of this computer busy.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
import xmlrpc.client
from pathlib import Path
from xml.parsers.expat import ExpatError

from tdl_course.elf import Elf
from tdl_course.sim.renode_program import Workspace
from tdl_course.sim.renode_script import BOOT, load_platform, path, run_for, send
from tdl_course.sim.result import SimulatorError

START_SECONDS = 60.0  # a portable build unpacks itself at its first start
COMMAND_SECONDS = 60.0
SLICE_SECONDS = 0.05
SHORTEST, LONGEST = 0.0002, 0.1  # virtual seconds of a slice
MOST_COMMANDS = 8  # more than so many are written to a script: one request instead of thousands
LOOK_SECONDS = 0.02
LISTENING = re.compile(r"remote server is listening on port (\d+)")
FAILURES = (OSError, http.client.HTTPException, xmlrpc.client.Error, ExpatError)


class RenodeLink:
    """A firmware that has booted in Renode, at the other end of its serial port. Raises SimulatorError."""

    def __init__(self, elf: Elf) -> None:
        self._workspace = Workspace(elf)
        self._lock = threading.Lock()
        self._read = 0
        self._slice = SHORTEST
        try:
            self._workspace.start(["--robot-server-port", "0"])
            self._server = xmlrpc.client.ServerProxy(
                f"http://127.0.0.1:{self._port()}/", transport=_Transport(), allow_none=True
            )
            folder = self._workspace.folder
            for command in load_platform(self._workspace.variables, folder / "run.resc", self._workspace.uart):
                self._execute(command)
            self._execute(run_for(BOOT))
        except BaseException:  # Ctrl-C, too: nothing may be left
            self.close()
            raise

    def send(self, data: bytes) -> None:
        """Put all of `data` into the firmware's serial port."""
        commands = send(data)
        with self._lock:
            if len(commands) > MOST_COMMANDS:
                commands = [f"include {path(self._workspace.write_script('send.resc', commands))}"]
            for command in commands:
                self._execute(command)

    def receive(self, timeout: float) -> bytes:
        """What the firmware has printed: at least one byte, or b"" when nothing came within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            with self._lock:
                data = self._workspace.read_uart(self._read)
                self._read += len(data)
                if not data:
                    self._run()
            if data or time.monotonic() >= deadline:
                return data
            time.sleep(0.001)  # let `send` have the lock

    def close(self) -> None:
        """End Renode; nothing of it is left. May be called again."""
        self._workspace.close()

    def __enter__(self) -> RenodeLink:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        began = time.monotonic()
        self._execute(run_for(f"{self._slice:.6f}"))
        took = max(time.monotonic() - began, 1e-6)
        self._slice = min(LONGEST, max(SHORTEST, self._slice * min(2.0, SLICE_SECONDS / took)))

    def _execute(self, command: str) -> None:
        """One command of the monitor."""
        if self._workspace.exit_status is not None:
            raise SimulatorError(f"Renode has ended. {self._workspace.said()}")
        try:
            answer = self._server.run_keyword("ExecuteCommand", [command])
        except FAILURES as error:
            raise SimulatorError(
                f"Renode does not answer {command[:80]!r} ({type(error).__name__}: {error}). {self._workspace.said()}"
            ) from None
        if not isinstance(answer, dict) or answer.get("status") != "PASS":
            why = answer.get("error") if isinstance(answer, dict) else answer
            raise SimulatorError(f"Renode refuses {command[:80]!r}: {str(why).strip()}")

    def _port(self) -> int:
        """The port of Renode's server, from the file or the log line that tells it."""
        deadline = time.monotonic() + START_SECONDS
        while self._workspace.exit_status is None and time.monotonic() < deadline:
            for file in self._workspace.folder.rglob("robot_port"):
                number = _text(file).strip()
                if number.isdigit():
                    return int(number)
            listening = LISTENING.search(self._workspace.log())
            if listening:
                return int(listening[1])
            time.sleep(LOOK_SECONDS)
        raise SimulatorError(f"Renode does not start its server within {START_SECONDS:g} s. {self._workspace.said()}")


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except OSError:  # being written, or gone with its Renode
        return ""


class _Transport(xmlrpc.client.Transport):
    """XML-RPC that waits no longer than COMMAND_SECONDS for an answer."""

    def make_connection(self, host: tuple[str, dict[str, str]] | str) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = COMMAND_SECONDS
        return connection
