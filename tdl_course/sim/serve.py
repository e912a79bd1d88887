"""serve: a device's serial line for other programs, through ports; MLCommons' runner, a terminal, your own script.

In: a `Link` and `Port`s. Out: nothing; it serves until the device ends or Ctrl-C. One client at a time, others wait.
A client meets a device that has booted and waits for a command: there is no greeting, as on a board that is not reset
when its port is opened. When a client leaves, what it had begun is ended: half a command is closed, an inference runs
to its end, and none of the answers reach the next client.
This module knows of the protocol that '%' ends a command, and how an unknown one is answered.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from tdl_course.elf import Elf
from tdl_course.sim.link import Link
from tdl_course.sim.ports import GONE, Port, TcpPort
from tdl_course.sim.pty_port import PtyPort
from tdl_course.sim.result import SimulatorError

LINKS = {
    "unicorn": ("unicorn_link", "UnicornLink"),
    "qemu": ("qemu", "open_qemu"),
    "renode": ("renode", "open_renode"),
}
READY = b"m-ready\r\n"
BOOT_SECONDS = 60.0
WAIT_SECONDS = 0.2  # the longest wait without a look around: Windows notices Ctrl-C only between waits
LOOK_SECONDS = 0.02  # between two looks for a client of a pseudo-terminal, which cannot be waited for
LAST_WORDS_SECONDS = 0.5  # for a client to read what the device said before it ended
MOST_UNREAD = 1 << 20  # bytes that a client may leave unread before its commands are read no further


def serve_elf(elf: Elf, simulator: str, pty: bool = False, tcp: int | None = None, link: Path | None = None) -> None:
    """Serve a board with `elf` in its flash, and print where, until Ctrl-C or the end of the device."""
    with contextlib.ExitStack() as stack:
        ports = open_ports(pty, tcp, link)
        for port in ports:
            stack.callback(port.close)
        device = open_link(elf, simulator)
        stack.callback(device.close)

        def announce() -> None:
            for port in ports:
                print(f"{elf.path.name} in {simulator} on {port.name}", flush=True)
            print("115200 8N1 or any other speed; one client at a time. Ctrl-C ends it.", flush=True)

        serve(device, ports, announce)


def open_link(elf: Elf, simulator: str) -> Link:
    """A device just reset, with `elf` in its flash. Raises SimulatorError for a simulator that has no serial line."""
    if simulator not in LINKS:
        raise SimulatorError(f"simulator {simulator!r} cannot be served; those that can are {', '.join(LINKS)}")
    module, name = LINKS[simulator]
    link: Link = getattr(import_module(f"tdl_course.sim.{module}"), name)(elf)
    return link


def open_ports(pty: bool, tcp: int | None, link: Path | None = None) -> list[Port]:
    """The ports asked for; when neither is, a pseudo-terminal where the system has them, else a free TCP port."""
    if not pty and tcp is None and link is None:
        pty, tcp = (True, None) if hasattr(os, "openpty") else (False, 0)
    ports: list[Port] = []
    try:
        if pty or link is not None:
            ports.append(PtyPort(link))
        if tcp is not None:
            ports.append(TcpPort(tcp))
    except SimulatorError:
        for port in ports:
            port.close()
        raise
    return ports


def serve(link: Link, ports: Sequence[Port], announce: Callable[[], None] = lambda: None) -> None:
    """Connect one client after the other to the device; `announce` is called when it has booted.

    Returns never: it ends by KeyboardInterrupt, or by a SimulatorError that says why the device has ended. The caller
    closes the link and the ports.
    """
    line = Line(link)
    try:
        line.boot()
        announce()
        while True:
            port = next_client(line, ports)
            farewell = b""
            try:
                session(line, port)
                farewell = line.settle()
            finally:
                port.hang_up(farewell)
    finally:
        line.close()


def next_client(line: Line, ports: Sequence[Port]) -> Port:
    """The first port with a client."""
    waitable = [port for port in ports if not isinstance(port, PtyPort)]
    wait = WAIT_SECONDS if len(waitable) == len(ports) else LOOK_SECONDS
    while True:
        for port in ports:
            if port.client():
                return port
        line.take()
        _wait(waitable, [], wait)


def session(line: Line, port: Port) -> None:
    """Carry bytes both ways until the client sends no more, or is gone."""
    unread = b""
    while True:
        sources: list[Port | Line] = [line, port] if len(unread) < MOST_UNREAD else [line]
        said = port.read() if port in sources else None
        if said == GONE:
            return
        if said:
            line.send(said)
        try:
            unread += line.take()
        except SimulatorError:
            time.sleep(LAST_WORDS_SECONDS)
            raise
        if unread:
            written = port.write(unread)
            if written is None:
                return
            unread = unread[written:]
        if not said:
            _wait(sources, [port] if unread else [], WAIT_SECONDS)


class Line:
    """The device's end: a thread collects what it sends, and a socket says when to look."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._here, self._there = socket.socketpair()
        self._here.setblocking(False)
        self._there.setblocking(False)
        self._lock = threading.Lock()
        self._arrived = bytearray()
        self._error: SimulatorError | None = None
        self._half = False  # a command has begun that no '%' has ended
        self._number = 0
        self._closing = False
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Readable when `take` has something to give."""
        return self._here.fileno()

    def send(self, data: bytes) -> None:
        self._link.send(data)
        self._half = not data.endswith(b"%")

    def take(self) -> bytes:
        """What the device has sent since the last call. Raises SimulatorError when it has ended and nothing is left."""
        with contextlib.suppress(BlockingIOError):
            while self._here.recv(4096):
                pass
        with self._lock:
            data = bytes(self._arrived)
            self._arrived.clear()
            if not data and self._error is not None:
                raise self._error
        return data

    def boot(self) -> None:
        """Wait until the device is ready for its first command; what arrives earlier may be lost."""
        said = self._until(READY, time.monotonic() + BOOT_SECONDS)
        if not said.endswith(READY):
            raise SimulatorError(
                f"the device did not print 'm-ready' within {BOOT_SECONDS:g} s of its reset; it printed {said[-200:]!r}"
            )

    def settle(self) -> bytes:
        """Let the device finish what it was told, half a command included, and wait; returns what it said."""
        self._number += 1
        mark = f"x-settle-{self._number}"
        self.send((b"%" if self._half else b"") + f"{mark}%".encode())
        answer = f"e-[Unknown command: {mark}]\r\n".encode() + READY
        return self._until(answer).removesuffix(answer)

    def close(self) -> None:
        """Stop listening to the device."""
        self._closing = True
        self._thread.join()
        self._here.close()
        self._there.close()

    def _until(self, end: bytes, deadline: float = float("inf")) -> bytes:
        said = b""
        while not said.endswith(end) and time.monotonic() < deadline:
            _wait([self], [], WAIT_SECONDS)
            said += self.take()
        return said

    def _collect(self) -> None:
        while not self._closing:
            try:
                data = self._link.receive(WAIT_SECONDS)
            except SimulatorError as error:
                data, self._error = b"", error
            with self._lock:
                self._arrived += data
            if data or self._error:
                with contextlib.suppress(BlockingIOError):  # full: it is readable anyway
                    self._there.send(b"!")
            if self._error:
                return


def _wait(sources: Sequence[Port | Line], sinks: Sequence[Port], seconds: float) -> None:
    """Until a source can be read, a sink written, or the time is over."""
    if sources or sinks:
        select.select(sources, sinks, [], seconds)
    else:
        time.sleep(seconds)
